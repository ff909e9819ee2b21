"""The forms of a position and of everybody: job descriptions, and the statistics of a period."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from xlperf.core.numbers import fraction_of
from xlperf.core.problems import Text
from xlperf.core.vocabulary import WORDS
from xlperf.policy.scheme import Dimension, Indicator, Part, Position, part_column
from xlperf.reporting.forms.form_data import CONTENT, DATE, ITEM, TARGET, FormData, titled
from xlperf.reporting.forms.paper import Cell, Column, Fields, Figure, Form, Page, Passage, Row, Rows
from xlperf.reporting.forms.people import records, text_of
from xlperf.scoring.totals import shares_of_total

JOB_TITLE = Text("岗位说明书", "Job description")
STATISTICS_TITLE = ("员工{}绩效考核情况统计表", "{} appraisal statistics")
NO_POSITIONS = Text("方案没有“岗位”表", "the scheme has no Positions sheet")
NO_HOLDERS = Text("所选员工的岗位没有岗位说明", "the positions of these people are not described")
NO_PARTS = Text("本周期的总分不由几个部分汇总而成", "the total of this period is not made of parts")
OF_EVERYBODY = Text("统计表只为全体员工生成", "statistics are made of everybody only")
HAS_PARTS = Text(
    "本周期的总分由几个部分汇总而成，见年统计表", "the total of this period is made of parts: see the yearly statistics"
)

_BETWEEN = re.compile(r"[；;]|(?:^|\s)[0-9]{1,2}[.、．)）]\s*(?=\D)")

# Job descriptions -------------------------------------------------------------------------------------------------


def job_descriptions(data: FormData) -> Form | Text:
    """What each position is for: duties, requirements, and what its holders are appraised on."""
    positions = data.appraisal.scheme.positions
    held = {each.group for each in data.people}
    wanted = [each for each in positions if each.group in held]
    if not wanted:
        return NO_HOLDERS if positions else NO_POSITIONS
    lang = data.lang
    columns = (
        Column(ITEM(lang), 20, "center"),
        Column(CONTENT(lang), 40),
        Column(data.weight_name(lang), 20, "center"),
        Column(TARGET(lang), 20, "center"),
    )
    return data.form("job-description", JOB_TITLE, columns, [_job(data, each) for each in wanted])


def _job(data: FormData, position: Position) -> Page:
    say, lang = data.say, data.lang
    names = {each.group: each.name(lang) for each in data.appraisal.scheme.positions}
    holders = data.appraisal.people.frame.query("scored")
    header = (
        (say("岗位名称", "Position"), position.name(lang)),
        (say("岗位编号", "Position code"), position.group),
        (say("人员类别", "Staff class"), _word("staff_class", position.staff_class, data)),
        (say("层级", "Level"), _word("tier", position.tier, data)),
        (say("直接上级", "Reports to"), names.get(position.reports_to, position.reports_to)),
        (say("在岗人数", "People"), Figure(int((holders["group"] == position.group).sum()), 0)),
    )
    signs = (
        Text("任职人签字", "Holder"),
        Text("直接上级签字", "Superior"),
        Text("人力资源部", "Human resources"),
        DATE,
    )
    return Page(
        position.group,
        (
            Fields((header[:2], header[2:4], header[4:])),
            Passage(say("岗位职责", "Duties"), listed(position.duties(lang)), lines=6),
            Passage(say("任职要求", "Requirements"), listed(position.requirements(lang)), lines=4),
            Rows(tuple(Row(each) for each in _appraised_on(data, position)), grouped=1),
            data.signatures(*signs),
        ),
    )


def listed(text: str) -> str:
    """Number the parts of a text that semicolons, or numbers of its own, keep apart.

    >>> print(listed("Answers calls; handles tickets."))
    1. Answers calls
    2. handles tickets.
    >>> listed("1. 接听来电 2. 处理工单"), listed("接听来电。")
    ('1. 接听来电\\n2. 处理工单', '接听来电。')
    """
    parts = [each.strip() for each in _BETWEEN.split(text) if each and each.strip()]
    return "\n".join(f"{number}. {part}" for number, part in enumerate(parts, start=1)) if len(parts) > 1 else text


def _word(words: str, code: str, data: FormData) -> str:
    return WORDS[words][code](data.lang) if code else ""


def _appraised_on(data: FormData, position: Position) -> Iterator[tuple[Cell, ...]]:
    scheme, lang = data.appraisal.scheme, data.lang
    own = [each for each in scheme.of_level("employee") if each.counts and each.group in ("", position.group)]
    shares = shares_of_total(own, scheme.dimensions, scheme.settings)
    names = {each.code: each.name(lang) for each in scheme.dimensions}
    for each, share in zip(own, shares, strict=True):
        weight = data.weight(share / (shares.sum() or 1.0), each)
        yield names.get(each.dimension, each.dimension), each.name(lang), weight, _target(data, each)


def _target(data: FormData, each: Indicator) -> Cell:
    return data.figure(each.target, each)


# Statistics -------------------------------------------------------------------------------------------------------


def monthly_statistics(data: FormData) -> Form | Text:
    """Everybody's dimension scores, total, place and grade, pool by pool."""
    if data.appraisal.parts or not data.everybody:
        return HAS_PARTS if data.appraisal.parts else OF_EVERYBODY
    scores = [
        (each.code, Column(_dimension_heading(data, each), 12, "center")) for each in data.appraisal.scheme.dimensions
    ]
    title = titled(*STATISTICS_TITLE, data.kind)
    return _statistics(data, "monthly-statistics", title, [each for each in scores if each[0] in data.results])


def yearly_statistics(data: FormData) -> Form | Text:
    """Everybody's total of a longer period and the parts that it is made of, pool by pool."""
    parts = data.appraisal.parts
    if not parts or not data.everybody:
        return OF_EVERYBODY if parts else NO_PARTS
    scores = [(part_column(each).code, Column(_part_heading(data, each), 13, "center")) for each in parts]
    return _statistics(data, "yearly-statistics", titled(*STATISTICS_TITLE, data.kind), scores)


def _dimension_heading(data: FormData, each: Dimension) -> str:
    if each.weight != each.weight:
        return each.name(data.lang)
    in_points = data.say(f"{each.weight:g} 分", f"{each.weight:g} points")
    return f"{each.name(data.lang)}\n{in_points if data.settings.total_method == 'sum' else f'{each.weight:g}%'}"


def _part_heading(data: FormData, each: Part) -> str:
    return f"{each.name(data.lang)}\n{each.weight:g}%"


def _statistics(data: FormData, code: str, title: Text, scores: Sequence[tuple[str, Column]]) -> Form:
    """Return a running table: a page a pool, and below each what the pool comes to."""
    say, results = data.say, data.results
    departments = sorted(set(results["department_name"].dropna()))
    several = len(departments) > 1
    columns = (
        Column(say("序号", "No."), 6, "center"),
        Column(say("工号", "ID"), 10, "center"),
        Column(say("姓名", "Name"), 17),
        *([Column(say("部门", "Department"), 18)] if several else []),
        *(column for _, column in scores),
        Column(say("加分", "Added"), 10, "center"),
        Column(say("总分", "Total"), 10, "center"),
        Column(say("排名", "Place"), 7, "center"),
        Column(say("等级", "Grade"), 12, "center"),
        Column(say("处理意见", "What follows"), 34),
    )
    unit = (say("部门", "Department"), say("、", ", ").join(departments) if not several else say("全部", "All"))
    people = (say("人数", "People"), Figure(len(results), 0))
    heading = Fields(((unit, (say("考核周期", "Period"), data.period), people),))
    pools = results["pool"].where(results["place"].notna(), "")
    order = dict.fromkeys([*(pool for pool in pools if pool), *pools])
    pages = [
        _pool(data, pool, results[(pools == pool).to_numpy()], [name for name, _ in scores], several, len(columns))
        for pool in order
    ]
    return data.form(code, title, columns, pages, heading)


def _pool(data: FormData, pool: str, members: pd.DataFrame, scores: Sequence[str], several: bool, width: int) -> Page:
    say = data.say
    size = say(f"{len(members)} 人", f"{len(members)} people")
    name = say(f"排名范围：{pool}", f"Ranked among: {pool}") if pool else say("不参加排名", "Not ranked")
    title = Row((say(f"{name}（{size}）", f"{name} ({size})"), *[None] * (width - 1)), strong=True)
    rows = [_line(data, number, row, scores, several) for number, row in enumerate(records(members), start=1)]
    names = 4 if several else 3  # columns that say who it is
    figures = [members[each].dropna() for each in (*scores, "total")]
    summaries = (
        (say("平均分", "Mean"), [_mean(each) for each in figures]),
        (say("最高", "Highest"), [each.max() for each in figures]),
        (say("最低", "Lowest"), [each.min() for each in figures]),
    )
    footer = [_summary(data, label, values, names) for label, values in summaries]
    count = (say("人数", "People"), *[None] * (names - 1), Figure(len(members), 0), *[None] * (width - names - 1))
    return Page(
        pool,
        (
            Rows((title, *rows, *footer, Row(count, strong=True)), headed=False),
            data.signatures(Text("制表人", "Prepared by"), Text("审核人", "Checked by"), DATE),
        ),
    )


def _line(data: FormData, number: int, row: dict[str, Any], scores: Sequence[str], several: bool) -> Row:
    def points(code: str) -> Cell:
        return data.points(float(row[code]))

    place = row["place"]
    follows = filter(None, (text_of(row["outcome"]), text_of(row["remark"])))
    added = Figure(float(row["adjustment"]), data.settings.decimals, signed=True)
    cells: tuple[Cell, ...] = (
        Figure(number, 0),
        text_of(row["employee_id"]),
        text_of(row["name"]),
        *([text_of(row["department_name"])] if several else []),
        *(points(each) for each in scores),
        added,
        points("total"),
        Figure(place, 0) if isinstance(place, float) and place == place else "",
        text_of(row["grade_name"]),
        data.say("；", "; ").join(follows),
    )
    return Row(cells)


def _summary(data: FormData, label: str, values: Sequence[float], names: int) -> Row:
    """Return a line that sums up each score and the total."""
    *scores, total = map(data.points, values)
    return Row((label, *[None] * (names - 1), *scores, "", total, "", "", ""), strong=True)


def _mean(points: pd.Series) -> float:
    """Return the mean of some points, free of float dust."""
    return float(sum(map(fraction_of, points)) / len(points)) if len(points) else float("nan")
