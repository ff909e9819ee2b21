"""The forms of one person: targets, feedback card, questionnaire and the record of the period."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan

from xlperf.core.problems import Text
from xlperf.core.vocabulary import WORDS
from xlperf.policy.scheme import Part, part_column
from xlperf.reporting.forms.form_data import CONTENT, DATE, ITEM, NOTHING, SCORE, STANDARD, TARGET, FormData, titled
from xlperf.reporting.forms.paper import Block, Cell, Column, Fields, Figure, Form, Page, Passage, Remark, Row, Rows
from xlperf.reporting.forms.people import Item, Person, figure_text, text_of
from xlperf.reporting.forms.scoring import how_scored

TARGETS_TITLE = Text("绩效评估目标", "Appraisal targets")
CARD_TITLE = Text("主管副总反馈卡", "Feedback card")
QUESTIONNAIRE_TITLE = Text("外部调查问卷", "External questionnaire")
RECORD_TITLE = ("员工{}绩效考核记录表", "{} appraisal record")

DEPARTMENT, NAME = Text("部门", "Department"), Text("姓名", "Name")
ID, POSITION = Text("工号", "ID"), Text("岗位", "Position")
APPRAISER, PERIOD = Text("考核人", "Appraiser"), Text("考核周期", "Period")
APPRAISEE_SIGNS = Text("被考核人签字", "Appraisee")
APPRAISER_SIGNS = Text("考核人签字", "Appraiser")
ASKED = ("survey", "ratings")  # sources of indicators that people are asked about
FIVE_LEVELS = (1, 5)  # of a questionnaire where the indicators are on no scale that can be ticked
MOST_BOXES = 10
MOST_NAMED = 3  # strengths, and weaknesses


# Targets ----------------------------------------------------------------------------------------------------------


def targets(data: FormData) -> Form | Text:
    """What somebody is to achieve: each indicator with its weight, its target and how it is scored."""
    lang = data.lang
    columns = (
        Column(ITEM(lang), 14, "center"),
        Column(CONTENT(lang), 20),
        Column(data.weight_name(lang), 12, "center"),
        Column(data.say("评分办法", "How it is scored"), 32),
        Column(data.say("指标方向", "Better is"), 10, "center"),
        Column(TARGET(lang), 16, "center"),
    )
    return data.form("targets", TARGETS_TITLE, columns, [_targets(data, each) for each in data.people])


def _targets(data: FormData, person: Person) -> Page:
    rows = [
        (
            each.dimension,
            each.name,
            data.weight(each.weight, each.indicator),
            how_scored(each.indicator, data.appraisal.scheme, data.lang),
            WORDS["direction"][each.indicator.direction](data.lang),
            data.figure(each.target, each.indicator),
        )
        for each in person.items
    ]
    whole = data.whole([each.weight for each in person.items], [each.indicator for each in person.items])
    total = Row((data.say("合计", "Total"), None, whole, "", "", ""), strong=True)
    return _page(
        person,
        _header(data, person),
        Rows((*map(Row, rows), total), grouped=1),
        Passage(data.say("备注", "Remarks"), lines=2),
        data.signatures(APPRAISEE_SIGNS, APPRAISER_SIGNS, DATE),
    )


# Feedback ---------------------------------------------------------------------------------------------------------


def feedback_card(data: FormData) -> Form | Text:
    """What a superior tells somebody: the result, what was strongest and weakest, and what both agree on."""
    lang = data.lang
    columns = (
        Column(ITEM(lang), 14, "center"),
        Column(CONTENT(lang), 24),
        Column(TARGET(lang), 14, "center"),
        Column(data.say("实际", "Actual"), 16, "center"),
        Column(STANDARD(lang), 12, "center"),
        Column(SCORE(lang), 11, "center"),
        Column(data.say("得分率", "Rate"), 11, "center"),
    )
    return data.form("feedback-card", CARD_TITLE, columns, [_card(data, each) for each in data.people])


def _card(data: FormData, person: Person) -> Page:
    say, lang = data.say, data.lang
    header = (
        (say("被评估人", "Appraisee"), _who(person)),
        (say("评估时间", "Date"), ""),
        (say("评估人", "Appraiser"), person.appraiser),
        (DEPARTMENT(lang), person.department),
        (PERIOD(lang), data.period),
        (POSITION(lang), person.position),
    )
    strong, weak = strengths_and_weaknesses(person.items)
    result = person.result
    outcome = (
        (say("总分", "Total"), data.points(result["total"])),
        (say("等级", "Grade"), text_of(result["grade_name"]) or NOTHING),
        (say("名次", "Place"), _place(data, person)),
    )
    return _page(
        person,
        Fields((header[:3], header[3:])),
        Rows(tuple(Row(_card_row(data, each)) for each in person.items), grouped=1),
        Fields((outcome,)),
        Passage(say("做得好的", "Strengths"), _named(data, strong)),
        Passage(say("需要改进的", "Weaknesses"), _named(data, weak)),
        Passage(say("改进措施", "Measures agreed"), lines=3),
        Passage(say("本人意见", "Appraisee's comment"), lines=2),
        data.signatures(Text("被评估人签字", "Appraisee"), Text("评估人签字", "Appraiser"), DATE),
    )


def _card_row(data: FormData, each: Item) -> tuple[Cell, ...]:
    figures = (data.figure(each.target, each.indicator), _actual(data, each))
    return (each.dimension, each.name, *figures, *_scores(data, each), _rate(each))


def _actual(data: FormData, each: Item) -> Cell:
    if isnan(each.actual):
        return WORDS["fact_status"][each.state](data.lang)
    return data.figure(each.actual, each.indicator)


def _scores(data: FormData, each: Item) -> tuple[Cell, Cell]:
    if not each.counts:
        return NOTHING, NOTHING
    return Figure(each.standard), data.points(each.score)


def _rate(each: Item) -> Cell:
    return Figure(each.rate, 0, percent=True) if each.counts else NOTHING


def strengths_and_weaknesses(items: Sequence[Item]) -> tuple[list[Item], list[Item]]:
    """Return the best scored items and the worst, a few of each, by what was scored of their standard.

    A strength is not below the person's own mean and a weakness is; equal rates go by the larger standard, then by the
    order of the Indicators sheet. Where everything is at full marks nothing is weak.
    """
    counted = [each for each in items if each.counts]
    whole = sum(each.standard for each in counted)
    mean = sum(each.score for each in counted) / whole if whole else 0.0
    best = sorted(counted, key=lambda each: (-round(each.rate, 9), -each.standard))
    worst = sorted(counted, key=lambda each: (round(each.rate, 9), -each.standard))
    strong = [each for each in best if each.rate >= mean - 1e-9]
    weak = [each for each in worst if each.rate < mean - 1e-9]
    return strong[:MOST_NAMED], weak[:MOST_NAMED]


def _named(data: FormData, items: Sequence[Item]) -> str:
    named = (f"{each.name} {figure_text(round(each.rate, 2), '%', data.lang)}" for each in items)
    return data.say("；", "; ").join(named) or data.say("无", "None")


def _place(data: FormData, person: Person) -> str:
    place, size = person.result["place"], person.result["pool_size"]
    if isnan(place):
        return NOTHING
    pool = person.result["pool"]
    return data.say(f"{place:.0f}/{size:.0f}（{pool}）", f"{place:.0f} of {size:.0f} ({pool})")


# Questionnaire ----------------------------------------------------------------------------------------------------


def questionnaire(data: FormData) -> Form | Text:
    """What clients and other departments are asked about somebody, with boxes to tick."""
    lowest, highest = _levels([item for each in data.people for item in _asked(each)])
    levels = range(highest, lowest - 1, -1)
    columns = (
        Column(data.say("序号", "No."), 7, "center"),
        Column(ITEM(data.lang), 16, "center"),
        Column(data.say("调查内容", "What we ask about"), 40),
        *(Column(str(level), 37 / len(levels), "center") for level in levels),
    )
    pages = [_questions(data, each, levels) for each in data.people]
    return data.form("questionnaire", QUESTIONNAIRE_TITLE, columns, pages)


def _asked(person: Person) -> list[Item]:
    """Return what others can judge: what surveys and ratings measure, else the qualitative items, else all."""
    asked = [each for each in person.items if each.indicator.source in ASKED]
    return asked or [each for each in person.items if each.indicator.kind == "qualitative"] or [*person.items]


def _levels(items: Sequence[Item]) -> tuple[int, int]:
    """Return the rating scale that all of the items share, if it can be ticked."""
    scales = {
        (int(each.indicator.parameters["low"]), int(each.indicator.parameters["high"]))
        for each in items
        if each.indicator.rule == "rating_scale"
    }
    fits = len(scales) == 1 and all(0 < high - low < MOST_BOXES for low, high in scales)
    return scales.pop() if fits else FIVE_LEVELS


def _questions(data: FormData, person: Person, levels: range) -> Page:
    say = data.say
    header = (
        (say("被评价人", "About"), person.name or person.employee_id),
        (
            say("部门与岗位", "Department, position"),
            say("　", ", ").join(filter(None, (person.department, person.position))),
        ),
        (PERIOD(data.lang), data.period),
    )
    boxes = ("□",) * len(levels)
    rows = [
        Row((f"{number}", each.dimension, each.name, *boxes)) for number, each in enumerate(_asked(person), start=1)
    ]
    return _page(
        person,
        Fields(tuple((each,) for each in header)),
        Remark(
            say(
                f"请您根据实际感受，在每一项的一个□内打“√”：{levels[0]} 最满意，{levels[-1]} 最不满意。谢谢！",
                f"Please tick one box in each line: {levels[0]} is very satisfied, {levels[-1]} not satisfied at all. "
                "Thank you for your help.",
            )
        ),
        Rows(tuple(rows)),
        Passage(say("意见与建议", "Suggestions"), lines=5),
        Remark(say("以下内容可不填写。", "You need not fill in the following.")),
        Fields(
            (
                ((say("单位或部门", "Company or department"), ""),),
                ((say("填表人与联系方式", "Your name, how to reach you"), ""),),
                ((DATE(data.lang), ""),),
            )
        ),
    )


# Record -----------------------------------------------------------------------------------------------------------


def record(data: FormData) -> Form | Text:
    """How somebody's total came about: every item with what was deducted and why, adjustments, and the total."""
    if not data.appraisal.scheme.is_appraised(data.appraisal.period.kind):
        return Text(
            "本周期的总分全部由下级周期和检查汇总而成",
            "the total of this period comes from smaller periods and checks only",
        )
    lang = data.lang
    columns = (
        Column(ITEM(lang), 13, "center"),
        Column(CONTENT(lang), 19),
        Column(STANDARD(lang), 11, "center"),
        Column(data.say("扣分事项及条款", "Deductions and clauses"), 36),
        Column(data.say("扣分", "Deducted"), 11, "center"),
        Column(SCORE(lang), 16, "center"),
    )
    title = titled(*RECORD_TITLE, data.kind)
    return data.form("monthly-record", title, columns, [_record(data, each) for each in data.people])


def _record(data: FormData, person: Person) -> Page:
    say, settings, result = data.say, data.settings, person.result
    parts = data.appraisal.parts
    rows = [Row(_record_row(data, each)) for each in person.items]
    own = result["own"] if parts else result["base"]
    lost = sum(each.lost for each in person.items)
    standard = sum(each.standard for each in person.items)
    subtotal = (say("小计", "Subtotal"), None, Figure(standard), "", data.points(lost), data.points(own))
    rows.append(Row(subtotal, strong=True))
    rows += [Row(_part_row(data, person, each)) for each in parts if each.source != "appraisal"]
    commended = f"{settings.commendation_least:g}–{settings.commendation_most:g}"
    reasons = "\n".join(person.adjustments)
    added = Figure(result["adjustment"], settings.decimals, signed=True)
    rows.append(Row((say(f"加分（{commended}）与依据", f"Added ({commended}), and why"), None, "", reasons, "", added)))
    remark = text_of(result["remark"])
    rows.append(Row((say("合计", "Total"), None, "", remark, "", data.points(result["total"])), strong=True))
    return _page(
        person,
        _header(data, person),
        Rows(tuple(rows), grouped=1),
        data.signatures(APPRAISEE_SIGNS, APPRAISER_SIGNS, DATE),
    )


def _record_row(data: FormData, each: Item) -> tuple[Cell, ...]:
    standard, score = _scores(data, each)
    lost = data.points(each.lost) if each.counts and each.lost > 1e-9 else ""
    return (each.dimension, each.name, standard, _reason(data, each), lost, score)


def _reason(data: FormData, each: Item) -> str:
    """Say what was deducted and why, or how the actual compares with the target."""
    if each.events:
        return "\n".join(each.events)
    if isnan(each.actual):
        return WORDS["fact_status"][each.state](data.lang)
    if each.indicator.source == "checks" and isnan(each.target):
        return ""
    actual = figure_text(each.actual, each.indicator.unit, data.lang)
    if isnan(each.target):
        return data.say(f"实际 {actual}", f"Actual {actual}")
    target = figure_text(each.target, each.indicator.unit, data.lang)
    whole = f" ({each.proration})" if each.proration else ""
    return data.say(f"实际 {actual}，目标 {target}{whole}", f"Actual {actual}, target {target}{whole}")


def _part_row(data: FormData, person: Person, part: Part) -> tuple[Cell, ...]:
    share = f"{part.weight:g}%"
    score = data.points(person.result[part_column(part).code])
    return (part.name(data.lang), None, "", data.say(f"权重 {share}", f"Weight {share}"), "", score)


# Shared -----------------------------------------------------------------------------------------------------------


def _page(person: Person, *blocks: Block) -> Page:
    return Page(person.employee_id, blocks)


def _who(person: Person) -> str:
    return f"{person.name} {person.employee_id}".strip()


def _header(data: FormData, person: Person) -> Fields:
    lang = data.lang
    when = {"month": Text("考核月份", "Month"), "year": Text("考核年度", "Year")}.get(data.kind, PERIOD)
    return Fields(
        (
            ((DEPARTMENT(lang), person.department), (NAME(lang), person.name), (ID(lang), person.employee_id)),
            ((POSITION(lang), person.position), (APPRAISER(lang), person.appraiser), (when(lang), data.period)),
        )
    )
