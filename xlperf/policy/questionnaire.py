"""Eight questions that lead to a scheme of one's own, and what their answers come to.

Every answer is a line of text that one can type into a terminal, a file or a cell; it is read here alone, so that all
three say the same of a slip. The scheme that comes of them stands on the sheets of the workbook, to be changed.

Nouns: a ``Question``, the ``Answers`` as read. A further question is an entry of ``QUESTIONS`` and its reader here.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from xlperf.core.numbers import SHARE_TOLERANCE, fraction_of, parse_number
from xlperf.core.periods import Period, parse_period
from xlperf.core.problems import Lang, Problem, Text
from xlperf.core.spelling import similar
from xlperf.core.vocabulary import WORDS, fold
from xlperf.policy.scheme import Scheme
from xlperf.policy.schemes import BLANK, from_records, text_of
from xlperf.policy.scorecard import NO_UNIT, codes_of
from xlperf.policy.validation import check_scheme

NONE = ("无", "没有", "none", "no", "-", "–", "—")  # how one says that there is nothing of the kind
USUAL_DIMENSION = Text("业绩", "Results")
USUAL_SCALE = (1.0, 5.0)
CAP = "cap = 120%; floor = 0%"  # of a figure with a target; it stands on Indicators


@dataclass(frozen=True)
class Question:
    """One question: what is asked, how one answers, an answer that fits, and the one that an empty line stands for.

    ``usual`` is empty where there is no usual answer; ``{name}`` and ``{period}`` in it are those of answers before.
    """

    code: str
    asks: Text
    how: Text
    example: Text
    usual: Text = Text("", "")


QUESTIONS: tuple[Question, ...] = (
    Question(
        "for_whom",
        Text("考核谁？", "For whom is it?"),
        Text("部门或岗位的名称，写在标题上。", "The department or the position; it becomes the title."),
        Text("客服部", "Service desk"),
    ),
    Question(
        "period",
        Text("多久考核一次，从哪一期开始？", "How often, and from which period on?"),
        Text("写第一期：2026-11 按月，2026Q4 按季，2026H2 按半年，2026 按年。",
             "Write the first period: 2026-11 is monthly, 2026Q4 quarterly, 2026H2 half-yearly, 2026 yearly."),
        Text("2026-11", "2026-11"),
    ),
    Question(
        "scored",
        Text("考核什么？", "What is scored?"),
        Text(
            "维度：指标（怎样计量）、指标（…）；下一个维度：… 。括号里写：评分 1-5；扣分；"
            "或单位和目标，如 万元，目标 50；或单位和“最差..最优”，如 次，4..0。",
            "Dimension: indicator (how), indicator (how); next dimension: … How: rated 1-5; deductions; a unit and a "
            "target, such as thousand, target 50; or a unit and worst..best, such as count, 4..0.",
        ),
        Text("业绩：销售额（万元，目标 50）、投诉（次，4..0）；态度：服务（评分 1-5）、纪律（扣分）",
             "Results: Sales (thousand, target 50), Complaints (count, 4..0); "
             "Conduct: Service (rated 1-5), Order (deductions)"),
    ),
    Question(
        "weights",
        Text("各占多少？", "With which weights?"),
        Text("各指标的百分数，合计 100；或各维度的百分数，维度内平分。",
             "Per cent of each indicator, 100 together; or of each dimension, shared equally inside it."),
        Text("销售额 40、投诉 20、服务 30、纪律 10", "Sales 40, Complaints 20, Service 30, Order 10"),
        Text("平均", "equal"),
    ),
    Question(
        "raters",
        Text("谁来评分？", "Who rates?"),
        Text("评价关系及其比例，合计 100：自评、直接上级、间接上级、下属、同事、客户；没有评分项时写“无”。",
             "Relations with their shares, 100 together: self, direct superior, indirect superior, subordinate, peer, "
             "client; none where nothing is rated."),
        Text("直接上级 60、同事 30、自评 10", "direct superior 60, peer 30, self 10"),
        Text("直接上级 100", "direct superior 100"),
    ),
    Question(
        "grades",
        Text("怎样评等？", "How do grades come about?"),
        Text("从好到差。按分数写最低分：A 90、B 75、C 0；按名额写比例：A 20%、B 70%、C 10%，合计 100%。"
             "分开排名的写在分号后：部门、人员类别、岗位类别或团队。",
             "From best to worst. By score, the lowest total: A 90, B 75, C 0; by quota, shares: A 20%, B 70%, C 10%, "
             "100% together. Who is ranked apart, after a semicolon: department, staff class, position group or team."),
        Text("A 20%、B 70%、C 10%；部门", "A 20%, B 70%, C 10%; department"),
        Text("A 90、B 75、C 60、D 0", "A 90, B 75, C 60, D 0"),
    ),
    Question(
        "follows",
        Text("结果怎样用？", "What follows from the grades?"),
        Text("奖金写“奖金”和各等级系数（乘以员工表的绩效工资基数）；名单写名称和条件；之间用分号；没有时写“无”。",
             "A bonus: bonus and each grade's coefficient (times Performance base on Employees); a list: its name and "
             "condition; semicolons between; none where nothing does."),
        Text("奖金：A 1.2、B 1、C 0.5；评优：前 10%", "bonus: A 1.2, B 1, C 0.5; Award: top 10%"),
        Text("无", "none"),
    ),
    Question(
        "save",
        Text("用什么语言，存到哪里？", "In which language, and where is it saved?"),
        Text("文件名（.xlsx，带按钮的用 .xlsm）；语言写在分号后：中文或英文。",
             "The file (.xlsx, or .xlsm with buttons); the language after a semicolon: English or Chinese."),
        Text("客服部-2026-11.xlsx；中文", "Service desk-2026-11.xlsx; English"),
        Text("{name}-{period}.xlsx；中文", "{name}-{period}.xlsx; English"),
    ),
)  # fmt: skip
BY_CODE: dict[str, Question] = {each.code: each for each in QUESTIONS}


@dataclass(frozen=True)
class Item:
    """One indicator as it was answered: figures on a straight line, figures with a target, ratings, or deductions."""

    name: str
    dimension: str
    how: str
    unit: str
    ends: tuple[float, float] = USUAL_SCALE  # worst and best of figures, lowest and highest of ratings
    target: float | None = None
    less: bool = False


@dataclass(frozen=True)
class Answers:
    """What the answers come to; what was not answered yet is empty."""

    name: str = ""
    period: Period | None = None
    items: tuple[Item, ...] = ()
    weights: Mapping[str, Fraction] = field(default_factory=dict)
    relations: Mapping[str, float] = field(default_factory=dict)
    grades: Mapping[str, float] = field(default_factory=dict)
    by_quota: bool = False
    pools: tuple[str, ...] = ("all",)
    bonus: Mapping[str, float] = field(default_factory=dict)
    lists: Mapping[str, str] = field(default_factory=dict)
    file: str = ""
    lang: Lang = "en"


class Unanswered(Exception):  # noqa: N818 - an answer that cannot be taken, which asking again mends
    """Ends the reading of an answer: why it cannot be taken."""

    def __init__(self, code: str, **details: Any) -> None:
        self.code, self.details = code, details
        super().__init__(code)


def usual_answer(question: Question, known: Answers, lang: Lang) -> str:
    """Return what an empty line stands for; "" where something must be said.

    >>> usual_answer(BY_CODE["save"], Answers(name="Desk", period=parse_period("2026-11")), "en")
    'Desk-2026-11.xlsx; English'
    """
    if question.code == "raters" and not any(each.how == "rated" for each in known.items):
        return NONE[0 if lang == "zh" else 3]
    period = known.period.code if known.period else ""
    return question.usual(lang).format(name=re.sub(r'[\\/:*?"<>|]+', "-", known.name), period=period)


def read_answer(code: str, text: str, known: Answers, lang: Lang) -> tuple[Answers, Problem | None]:
    """Read one answer on top of those before it.

    Parameters
    ----------
    code : of the question
    text : what was answered; an empty one is the usual answer
    known : the answers to the questions before
    lang : of the one who answers

    Returns
    -------
    The answers with this one, and None; or those before, and why this one cannot be taken.

    Examples
    --------
    >>> known, _ = read_answer("scored", "Sales (yuan, target 50)", Answers(), "en")
    >>> known.items[0].dimension, known.items[0].target
    ('Results', 50.0)
    >>> _, problem = read_answer("weights", "Sals 100", known, "en")
    >>> problem.code, problem.details["near"]
    ('begin-name-unknown', ['Sales'])
    """
    question = BY_CODE[code]
    said = text.strip() or usual_answer(question, known, lang)
    if not said:
        return known, Problem("begin-blank", details={"question": question.asks, "example": question.example})
    try:
        return replace(known, **_READERS[code](said, known, lang)), None
    except Unanswered as why:
        details = {"question": question.asks, "cell": said, "example": question.example, "how": question.how}
        return known, Problem(why.code, details=details | why.details)


def read_answers(
    said: Mapping[str, str], places: Mapping[str, tuple[str, str]], lang: Lang
) -> tuple[Answers, list[Problem]]:
    """Read all answers; whatever cannot be taken is reported at its place, all at once.

    Parameters
    ----------
    said : the answers by the code of the question
    places : for each, the sheet and the cell, or the file and the key, where the answer stands
    lang : of the one who answers

    Returns
    -------
    Answers, and the problems; an answer that rests on one that could not be read is not reported beside it.
    """
    known, problems, lost = Answers(), [], set[str]()
    for question in QUESTIONS:
        if lost & _RESTS_ON.get(question.code, set()):
            continue
        known, problem = read_answer(question.code, said.get(question.code, ""), known, lang)
        if problem is not None:
            lost.add(question.code)
            problems.append(replace_place(problem, places.get(question.code, ("", ""))))
    return known, problems


def replace_place(problem: Problem, place: tuple[str, str]) -> Problem:
    """Return a problem as one of another place."""
    return replace(problem, sheet=place[0], cells=place[1])


# What each answer says ---------------------------------------------------------------------------------------------

_SPACE = r"[\s=:：＝]*"
_NAMED_NUMBER = re.compile(
    r"(?P<name>.+?)(?:[\s=:：＝]+|(?<=[^\d\s.=:：＝-]))(?P<number>-?\d+(?:\.\d+)?)\s*(?P<percent>[%％]?)"
)
_RANGE = re.compile(r"(?P<first>-?[\d.,]+\s*[%％]?)\s*(?:\.\.|…|~|～|至|-|–)\s*(?P<last>-?[\d.]+\s*[%％]?)")
_TARGET = re.compile(rf"(?:target|goal|目标值?){_SPACE}(?P<number>.+)", re.IGNORECASE)
_RATED = re.compile(rf"(?:rated|ratings?|评分|打分){_SPACE}(?P<scale>.*)", re.IGNORECASE)
_DEDUCTIONS = ("deductions", "deduction", "deduct", "扣分")
_LESS = ("less", "less is better", "lower", "lower is better", "越低越好", "越少越好", "反向")
_MORE = ("more", "more is better", "higher", "higher is better", "越高越好", "越多越好", "正向")
_BONUS = ("bonus", "奖金", "绩效工资", "绩效奖金")


def _parts(text: str, between: str) -> list[str]:
    """Split at signs that stand outside brackets.

    >>> _parts("a (b, c), d", ",")
    ['a (b, c)', 'd']
    """
    depth, parts = 0, [""]
    for sign in text:
        depth += (sign in "(（") - (sign in ")）")
        if sign in between and depth <= 0:
            parts.append("")
        else:
            parts[-1] += sign
    return [each.strip() for each in parts if each.strip()]


def _clauses(text: str) -> list[str]:
    return _parts(text, ";；\n\r")


def _list(text: str) -> list[str]:
    return _parts(text, ",，、")


def _name(text: str, known: Answers, lang: Lang) -> dict[str, Any]:
    return {"name": text}


def _period(text: str, known: Answers, lang: Lang) -> dict[str, Any]:
    found = parse_period(text)
    if found is None or found.kind == "week":
        raise Unanswered("begin-unreadable")
    return {"period": found}


def _items(text: str, known: Answers, lang: Lang) -> dict[str, Any]:
    items: list[Item] = []
    for clause in _clauses(text):
        dimension, colon, listed = _at_colon(clause)
        named = dimension if colon else (items[-1].dimension if items else USUAL_DIMENSION(lang))
        items += [_item(each, named, lang) for each in _list(listed if colon else clause)]
    names = [fold(each.name) for each in items]
    for each in items:
        if names.count(fold(each.name)) > 1 or fold(each.name) in {fold(one.dimension) for one in items}:
            raise Unanswered("begin-name-twice", cell=each.name)
    if not items:
        raise Unanswered("begin-unreadable")
    return {"items": tuple(items)}


def _at_colon(clause: str) -> tuple[str, str, str]:
    """Split a clause at its first colon outside brackets."""
    parts = _parts(clause, ":：")
    first = parts[0] if parts else ""
    rest = clause[clause.index(first) + len(first) :].lstrip() if first else ""
    return (first, rest[0], rest[1:].strip()) if rest[:1] in (":", "：") and rest else ("", "", clause)


def _item(text: str, dimension: str, lang: Lang) -> Item:
    found = re.fullmatch(r"(?P<name>[^()（）]+?)\s*(?:[(（](?P<how>.*)[)）])?", text)
    if found is None:
        raise Unanswered("begin-unreadable", cell=text)
    name, points = found["name"].strip(), Text("分", "points")(lang)
    item = Item(name, dimension, "figures", "")
    ends: tuple[float, float] | None = None
    words = _list(found["how"] or "")
    for word in words:
        if rated := _RATED.fullmatch(word):
            scale = _range(rated["scale"]) if rated["scale"].strip() else USUAL_SCALE
            if scale is None or scale[0] >= scale[1]:
                raise Unanswered("begin-unreadable", cell=word)
            item = replace(item, how="rated", ends=scale, unit=points)
        elif fold(word) in map(fold, _DEDUCTIONS):
            item = replace(item, how="deductions", unit=points)
        elif target := _TARGET.fullmatch(word):
            number = parse_number(target["number"])
            if number.kind not in ("number", "percent") or number.value <= 0:
                raise Unanswered("begin-unreadable", cell=word)
            item = replace(item, target=float(number.value))
        elif (straight := _range(word)) is not None:
            ends = straight
        elif fold(word) in map(fold, (*_LESS, *_MORE)):
            item = replace(item, less=fold(word) in map(fold, _LESS))
        elif not item.unit:
            item = replace(item, unit=word)
        else:
            raise Unanswered("begin-unreadable", cell=word)
    if not words:
        item = replace(item, how="rated", unit=points)
    if item.how == "figures":
        if (ends is None) == (item.target is None) or (ends is not None and ends[0] == ends[1]):
            raise Unanswered("begin-figure", cell=name)
        if ends is not None:
            item = replace(item, ends=ends, less=ends[0] > ends[1])
    elif ends is not None or item.target is not None:
        raise Unanswered("begin-figure", cell=name)
    return replace(item, unit=item.unit or NO_UNIT(lang))


def _range(text: str) -> tuple[float, float] | None:
    found = _RANGE.fullmatch(text.strip())
    ends = [parse_number(found[name]) for name in ("first", "last")] if found else []
    if not ends or any(each.kind not in ("number", "percent") for each in ends):
        return None
    return float(ends[0].value), float(ends[1].value)


def _numbers(text: str) -> dict[str, tuple[float, bool]]:
    """Read names with numbers: by name the number, and whether it is a percentage."""
    found: dict[str, tuple[float, bool]] = {}
    for part in _list(text):
        named = _NAMED_NUMBER.fullmatch(part)
        if named is None:
            raise Unanswered("begin-unreadable", cell=part)
        name = named["name"].strip()
        if fold(name) in map(fold, found):
            raise Unanswered("begin-name-twice", cell=name)
        found[name] = (float(named["number"]), bool(named["percent"]))
    return found


def _demand_100(shares: Mapping[str, float]) -> None:
    for name, share in shares.items():
        if share <= 0:
            raise Unanswered("begin-unreadable", cell=f"{name} {share:.10g}")
    total = sum(map(fraction_of, shares.values()), Fraction(0))
    if abs(total - 100) > SHARE_TOLERANCE:
        listed = " + ".join(f"{name} {share:.10g}" for name, share in shares.items())
        raise Unanswered("begin-not-100", listed=listed, sum=float(total), gap=f"{float(100 - total):+.10g}")


def _weights(text: str, known: Answers, lang: Lang) -> dict[str, Any]:
    items = {fold(each.name): each for each in known.items}
    dimensions = {fold(each.dimension): each.dimension for each in known.items}
    if fold(text) in map(fold, BY_CODE["weights"].usual):
        return {"weights": {each.name: Fraction(100, len(items)) for each in items.values()}}
    shares = {name: share for name, (share, _) in _numbers(text).items()}
    groups = dimensions if shares and all(fold(name) in dimensions for name in shares) else items
    names = [each.name for each in known.items] if groups is items else [*dimensions.values()]
    for name in shares:
        if fold(name) not in groups:
            raise Unanswered("begin-name-unknown", cell=name, names=names, near=similar(name, names))
    by_name = {fold(name): share for name, share in shares.items()}
    lacking = [name for name in names if fold(name) not in by_name]
    if lacking:
        raise Unanswered("begin-lacking", names=lacking)
    _demand_100(shares)
    if groups is items:
        return {"weights": {each.name: fraction_of(by_name[word]) for word, each in items.items()}}
    sizes = {word: sum(fold(each.dimension) == word for each in known.items) for word in dimensions}
    return {
        "weights": {
            each.name: fraction_of(by_name[fold(each.dimension)]) / sizes[fold(each.dimension)] for each in known.items
        }
    }


def _is_none(text: str) -> bool:
    return fold(text) in map(fold, NONE)


def _relations(text: str, known: Answers, lang: Lang) -> dict[str, Any]:
    rated = [each.name for each in known.items if each.how == "rated"]
    if _is_none(text):
        if rated:
            raise Unanswered("begin-raters-needed", names=rated)
        return {"relations": {}}
    if not rated:
        raise Unanswered("begin-raters-idle")
    shares: dict[str, float] = {}
    for name, (share, _) in _numbers(text).items():
        code = WORDS["relation"].find(name)
        if code is None:
            names = [word(lang) for word in WORDS["relation"].values()]
            raise Unanswered("begin-name-unknown", cell=name, names=names, near=similar(name, names))
        if code in shares:
            raise Unanswered("begin-name-twice", cell=name)
        shares[code] = share
    _demand_100(shares)
    return {"relations": shares}


def _grades(text: str, known: Answers, lang: Lang) -> dict[str, Any]:
    listed, *apart = _clauses(text)
    found = _numbers(listed)
    pools: list[str] = []
    for word in (each for clause in apart for each in _list(clause)):
        code = WORDS["pool_by"].find(word)
        if code is None:
            names = [each(lang) for each in WORDS["pool_by"].values()]
            raise Unanswered("begin-name-unknown", cell=word, names=names, near=similar(word, names))
        pools.append(code)
    by_quota = any(is_share for _, is_share in found.values())
    numbers = {name: number for name, (number, _) in found.items()}
    if by_quota and not all(is_share for _, is_share in found.values()):
        raise Unanswered("begin-unreadable", cell=listed)
    if by_quota:
        _demand_100(numbers)
    elif sorted(numbers.values(), reverse=True) != [*numbers.values()] or len({*numbers.values()}) < len(numbers):
        raise Unanswered("begin-grades-order", cell=listed)
    elif [*numbers.values()][-1] != 0:
        raise Unanswered("begin-grades-lowest", cell=listed, grade=[*numbers][-1])
    return {"grades": numbers, "by_quota": by_quota, "pools": tuple(dict.fromkeys(pools)) or ("all",)}


def _follows(text: str, known: Answers, lang: Lang) -> dict[str, Any]:
    bonus: dict[str, float] = {}
    lists: dict[str, str] = {}
    for clause in [] if _is_none(text) else _clauses(text):
        name, colon, rest = _at_colon(clause)
        if not colon:
            name, _, rest = clause.partition(" ")
        if fold(name) in map(fold, _BONUS):
            bonus = {grade: number / 100 if percent else number for grade, (number, percent) in _numbers(rest).items()}
        elif colon and name and rest:
            lists[name] = rest
        else:
            raise Unanswered("begin-unreadable", cell=clause)
    grades = {fold(each): each for each in known.grades}
    for grade in bonus:
        if fold(grade) not in grades:
            raise Unanswered("begin-name-unknown", cell=grade, names=[*known.grades], near=similar(grade, known.grades))
    lacking = [each for each in known.grades if bonus and fold(each) not in map(fold, bonus)]
    if lacking:
        raise Unanswered("begin-lacking", names=lacking)
    return {"bonus": {grades[fold(grade)]: number for grade, number in bonus.items()}, "lists": lists}


def _save(text: str, known: Answers, lang: Lang) -> dict[str, Any]:
    file, *said = _clauses(text)
    word = said[0] if said else WORDS["language"][lang](lang)
    code = WORDS["language"].find(word)
    if code not in ("zh", "en") or len(said) > 1:
        raise Unanswered("begin-unreadable")
    return {"file": file, "lang": code}


_READERS: Mapping[str, Callable[[str, Answers, Lang], dict[str, Any]]] = {
    "for_whom": _name,
    "period": _period,
    "scored": _items,
    "weights": _weights,
    "raters": _relations,
    "grades": _grades,
    "follows": _follows,
    "save": _save,
}
_RESTS_ON: Mapping[str, set[str]] = {
    "weights": {"scored"},
    "raters": {"scored"},
    "follows": {"grades"},
    "save": {"for_whom", "period"},
}


# The scheme ----------------------------------------------------------------------------------------------------------

_ASKED_BY = {"grades": "grades", "raters": "raters", "outcomes": "follows", "pay": "follows"}  # by policy sheet


def scheme_of_answers(answers: Answers) -> tuple[Scheme, list[tuple[str, Problem]]]:
    """Return the scheme that answers come to, and what is wrong with it, with the code of the question to mend.

    Parameters
    ----------
    answers : all of them, as read

    Examples
    --------
    >>> said = {"for_whom": "Desk", "period": "2026-11", "scored": "Service (rated 1-5)", "save": "desk.xlsx"}
    >>> answers, _ = read_answers(said, {}, "en")
    >>> scheme, problems = scheme_of_answers(answers)
    >>> [(each.code, each.rule, each.weight) for each in scheme.indicators], problems
    ([('service', 'rating_scale', 100.0)], [])
    """
    lang = answers.lang
    assert answers.period is not None
    dimensions = list(dict.fromkeys(each.dimension for each in answers.items))
    codes = dict(zip(dimensions, codes_of(dimensions), strict=True))
    shares = {
        name: sum((answers.weights[each.name] for each in answers.items if each.dimension == name), Fraction(0))
        for name in dimensions
    }
    own = {
        "scheme": codes_of([answers.name])[0],
        "name": answers.name,
        "name_en": answers.name,
        "period": answers.period.code,
        "period_kind": answers.period.kind,
        "grading": "quota" if answers.by_quota else "bands",
        "pool_by": list(answers.pools),
    }
    records: dict[str, Any] = {
        "settings": tomllib.loads(text_of(BLANK))["settings"] | own,
        "dimensions": [{"code": codes[name], "name": name, "weight": float(shares[name])} for name in dimensions],
        "indicators": [
            _indicator(item, code, codes[item.dimension], answers.weights[item.name], lang)
            for item, code in zip(answers.items, codes_of([each.name for each in answers.items]), strict=True)
        ],
        "grades": _grade_records(answers),
        "raters": [{"relation": relation, "weight": share} for relation, share in answers.relations.items()],
        "outcomes": [
            {"code": code, "name": name, "where": answers.lists[name]}
            for name, code in zip(answers.lists, codes_of([*answers.lists]), strict=True)
        ],
    }
    if answers.bonus:
        name = Text("奖金", "Bonus")(lang)
        records["pay"] = [{"code": "bonus", "name": name, "way": "coefficient", "base": "performance_base"}]
    scheme, problems = from_records({code: rows for code, rows in records.items() if rows}, answers.name)
    found = [*problems, *check_scheme(scheme)]
    return scheme, [(_question_of(each), each) for each in found if each.level == "error"]


def _question_of(problem: Problem) -> str:
    sheet = problem.sheet.rpartition("[")[2].rstrip("]")
    return _ASKED_BY.get(sheet, "scored")


def _indicator(item: Item, code: str, dimension: str, weight: Fraction, lang: Lang) -> dict[str, Any]:
    """Return the row of an indicator on its sheet."""
    low, high = (f"{each:.15g}" for each in item.ends)
    ways: dict[str, dict[str, Any]] = {
        "rated": {"source": "ratings", "measure": "mean", "column": "score", "rule": "rating_scale",
                  "kind": "qualitative", "parameters": f"low = {low}; high = {high}"},
        "deductions": {"source": "checks", "measure": "sum", "column": "deduction", "where": "date in period",
                       "rule": "deduct_per_occurrence", "kind": "qualitative",
                       "parameters": f"points_each = {float(100 / weight):.15g}; floor = 0%",
                       "note": Text(f"满分 {float(weight):.10g} 分，按检查表的扣分扣减，扣完为止。",
                                    f"{float(weight):.10g} points less the deductions on Checks, not below 0.")(lang)},
        "figures": {"source": "actuals", "measure": "given", "kind": "quantitative"},
    }  # fmt: skip
    row = {"code": code, "name": item.name, "dimension": dimension, "weight": float(weight), "levels": "employee",
           "unit": item.unit, "direction": "lower" if item.less or item.how == "deductions" else "higher"}  # fmt: skip
    row |= ways[item.how]
    if item.how == "figures" and item.target is not None:
        row |= {"rule": "proportional", "target": item.target, "parameters": CAP}
    elif item.how == "figures":
        row |= {"rule": "range_scale", "parameters": f"worst = {low}; best = {high}"}
    return row


def _grade_records(answers: Answers) -> Iterable[dict[str, Any]]:
    names: Sequence[str] = [*answers.grades]
    rows = []
    for name in names:
        row: dict[str, Any] = {"code": name, "name": name}
        row |= {"share": answers.grades[name] / 100} if answers.by_quota else {"lower": answers.grades[name]}
        row |= {"coefficient": answers.bonus[name]} if answers.bonus else {}
        rows.append(row)
    return rows
