"""Worksheet functions that rank and grade: grades by bounds, places, quotas, forced distribution, streaks, rounding."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import inf
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from xlperf.binding.functions.arguments import (
    Cells,
    Matrix,
    cells_of,
    column,
    down,
    given,
    needed,
    numbers,
    rows_of,
    same_length,
    spread,
    text,
    texts,
    whole,
    word,
)
from xlperf.binding.functions.errors import wrong
from xlperf.binding.functions.registry import a_range, a_value, either, worksheet_function
from xlperf.binding.functions.schemes import every_day
from xlperf.core.numbers import SHARE_TOLERANCE, clean_key, fraction_of, round_half_up
from xlperf.core.problems import Text
from xlperf.core.vocabulary import WORDS
from xlperf.scoring import distribution
from xlperf.scoring.distribution import Rounding, Ties
from xlperf.scoring.grades import NO_GRADE, grade_by_band, limit_grade

SCORES = a_range("总分，每人一格；空白不参加", "The totals, one a person. Blank: does not take part")
GROUPS = a_range(
    "每人所在的组，例如部门；省略表示同一组", "Everybody's group, for example the department. Omitted: one group"
)
TIE_KEYS = a_range(
    "同分时依次比较的列，数大者在前；省略表示并列",
    "Columns that tell equal totals apart, the first one first, higher wins. Omitted: they stay equal",
)
SHARES = a_range("各等级的比例，最好的在前，合计 100%", "The share of each grade, the best first, 100% in total")
GRADES = a_range("各等级的名称，最好的在前", "The names of the grades, the best first")
ROUNDING = a_value(
    "人数取整：lines 累计比例四舍五入（省略时）、largest_remainder 最大余数法、floor 舍去、ceiling 进位",
    "How shares become whole people: lines (if omitted), largest_remainder, floor or ceiling",
)


@worksheet_function(
    category="results",
    gives="like the input",
    text=Text(
        "按分数评等：总分达到哪个等级的下限（含本数）就是哪个等级；低于最后一个下限时为空白。",
        "The grade of each total by lower bounds; a bound belongs to its own grade. Blank below the last bound.",
    ),
    totals=either("总分，已四舍五入", "The totals, rounded already"),
    lower_bounds=a_range(
        "各等级的下限，最好的在前；最后一个空白表示没有下限",
        "The lower bound of each grade, the best first. The last may be blank: no bound",
    ),
    grades=GRADES,
    best_allowed=either(
        "最高等级限制，例如否决后；空白表示没有", "The best grade allowed, for example after a veto. Blank: any"
    ),
)
def grade(totals: Cells, lower_bounds: Cells, grades: Cells, best_allowed: Cells = None) -> Cells:
    """The grade of each total by lower bounds.

    Examples
    --------
    >>> grade([[95], [89.9], [None], [30]], [[90], [60]], [["A"], ["B"]])
    [['A'], ['B'], [None], [None]]
    >>> grade(95, [[90, 80, None]], [["优", "良", "中"]], "良")
    '良'
    """
    points, bounds, names = numbers(totals, "totals"), column(lower_bounds, "lower_bounds"), texts(grades, "grades")
    same_length(lower_bounds=bounds, grades=names)
    if np.isnan(bounds[-1]):
        bounds[-1] = -inf
    try:
        found = grade_by_band(points.ravel(), bounds.tolist())
    except ValueError:
        raise wrong("function-bounds", bounds=[f"{each:g}" for each in bounds]) from None
    limits = [_position(each, names) for each in texts(best_allowed, "best_allowed")]
    if len(limits) not in (1, len(found)):
        same_length(totals=points.ravel(), best_allowed=limits)
    held = limit_grade(found, np.array(limits), "not_better")
    return spread(_named(held, names).reshape(points.shape))


def _position(name: str, grades: Sequence[str]) -> int:
    if name and name not in grades:
        raise wrong("function-one-grade", cell=name, known=list(grades))
    return list(grades).index(name) if name else NO_GRADE


def _named(grade: NDArray[np.intp], names: Sequence[str]) -> NDArray[Any]:
    return np.array([*names, None], object)[grade]


@worksheet_function(
    category="results",
    gives="one a row",
    text=Text(
        "组内名次，与 Excel 的 RANK 相同：1、2、2、4；没有总分的人没有名次，也不计入人数。",
        "The place of each total in its group, as Excel's RANK: 1, 2, 2, 4. Who has no total has no place and is not "
        "counted.",
    ),
    scores=SCORES,
    groups=GROUPS,
    ties=a_value(
        "同分：better 取较好名次（省略时）、worse 取较差名次、dense 名次连续不留空（1、2、2、3）",
        "Equal totals share the better place (if omitted) or the worse; dense: places without gaps, 1, 2, 2, 3",
    ),
    tie_keys=TIE_KEYS,
)
def rank(scores: Cells, groups: Cells = None, ties: Cells = None, tie_keys: Cells = None) -> Cells:
    """The place of each total in its group.

    Examples
    --------
    >>> rank([[80], [95], [80], [None], [60]], [["N"], ["N"], ["N"], ["N"], ["S"]])
    [[2.0], [1.0], [2.0], [None], [1.0]]
    >>> rank([[95], [95], [90], [88], [88], [80]], ties="dense")
    [[1.0], [1.0], [2.0], [3.0], [3.0], [4.0]]
    """
    totals = column(scores, "scores")
    way = word(ties, "ties", WORDS["rank_ties"], "better")
    who, keys = _groups(groups, len(totals)), _keys(tie_keys, len(totals))
    if way == "dense":
        place = distribution.dense_ranks(totals, who, keys)
    else:
        place = distribution.competition_ranks(totals, who, way == "worse", keys)
    return down(np.where(place > 0, place, np.nan))


def _groups(cells: Cells, people: int) -> NDArray[np.intp]:
    """Number the groups; a blank group is nobody's."""
    if not given(cells):
        return np.zeros(people, np.intp)
    names = texts(cells, "groups")
    same_length(scores=[None] * people, groups=names)
    codes = {name: code for code, name in enumerate(sorted(set(names) - {""}))}
    return np.array([codes.get(name, -1) for name in names], np.intp)


def _keys(cells: Cells, people: int) -> list[Matrix]:
    if not given(cells):
        return []
    keys = numbers(cells, "tie_keys")
    same_length(scores=[None] * people, tie_keys=keys)
    return list(keys.T)


@worksheet_function(
    category="results",
    gives="table",
    text=Text(
        "各等级名额：按比例把人数分成整数，合计恰为总人数；可一次算多个组，每组一行。",
        "How many people each grade foresees: whole people that add up to the size. Several groups at once: "
        "one row each.",
    ),
    sizes=either("人数；多个组时每组一格", "The head-count, one cell for each group"),
    shares=SHARES,
    rounding=ROUNDING,
)
def quotas(sizes: Cells, shares: Cells, rounding: Cells = None) -> Cells:
    """How many people each grade foresees.

    Examples
    --------
    >>> quotas([[30], [7]], [[0.1, 0.2, 0.4, 0.2, 0.1]])
    [[3, 6, 12, 6, 3], [1, 1, 3, 1, 1]]
    >>> quotas(6, [[0.1], [0.45], [0.45]], "最大余数法")
    [[0], [3], [3]]
    >>> quotas(10, [[1 / 3, 11 / 33, 0.333333]])  # as on the Grades sheet, the sum is whole to a millionth
    [[3, 4, 3]]
    """
    exact, how = _shares(shares), _rounding(rounding)
    people = [needed(whole(each, "sizes"), "sizes") for each in cells_of(sizes)]
    counts = np.array([distribution.head_counts(size, exact, how) for size in people], object)
    lies_down = len(rows_of(shares)) > 1 and len(people) == 1
    return spread(counts.T if lies_down else counts)


def _shares(cells: Cells) -> list[Fraction]:
    values = column(cells, "shares")
    stated = [fraction_of(each) for each in values.tolist() if each == each]
    whole_of_them = sum(stated, Fraction(0))
    if len(stated) < len(values) or abs(whole_of_them - 1) > SHARE_TOLERANCE or min(stated) < 0:
        raise wrong("function-shares", sum=f"{float(whole_of_them):.10g}")
    return [each / whole_of_them for each in stated]


def _rounding(cells: Cells) -> Rounding:
    code = word(cells, "rounding", WORDS["rounding"], "lines")
    return next(each for each in get_args(Rounding) if each == code)


@worksheet_function(
    category="results",
    gives="one a row",
    text=Text(
        "强制分布：组内按名次把人分到各等级，人数符合规定比例；没有总分的人为空白。",
        "Forced distribution: the grade of each person by place in the group, so that each grade has its "
        "share of people. Blank without a total.",
    ),
    scores=SCORES,
    shares=SHARES,
    grades=GRADES,
    groups=GROUPS,
    rounding=ROUNDING,
    ties=a_value(
        "同分：better 取较好等级（省略时）、worse 取较差等级、chain 依次比较各列",
        "Equal totals share the better grade (if omitted) or the worse; chain: tie_keys tell them apart",
    ),
    tie_keys=TIE_KEYS,
)
def distribute(
    scores: Cells,
    shares: Cells,
    grades: Cells,
    groups: Cells = None,
    rounding: Cells = None,
    ties: Cells = None,
    tie_keys: Cells = None,
) -> Cells:
    """The grade of each person by place in the group.

    Examples
    --------
    >>> distribute([[91], [74], [88], [62], [None], [79]], [[0.2, 0.6, 0.2]], [["A", "B", "C"]])
    [['A'], ['B'], ['B'], ['C'], [None], ['B']]
    """
    totals, exact, names = column(scores, "scores"), _shares(shares), texts(grades, "grades")
    same_length(shares=exact, grades=names)
    code = word(ties, "ties", WORDS["ties"], "better")
    how = next(each for each in get_args(Ties) if each == code)
    people = len(totals)
    found = distribution.distribute(
        totals, _groups(groups, people), exact, _rounding(rounding), how, _keys(tie_keys, people)
    )
    return down(_named(found.grade, names))


@worksheet_function(
    category="results",
    gives="one a row",
    text=Text(
        "连续周期条件，例如“连续2期 总分 >= 90”：每人 TRUE 或 FALSE；中断一期即不算，当期没有结果时为空白。",
        "Whether each person meets a condition on consecutive periods, such as: total >= 90 for 2 periods. A missing "
        "period breaks the run; blank without a result in the period.",
    ),
    people=either("员工工号", "The employees"),
    period=a_value("当期，例如 2026Q4 或 2026-10", "The period, for example 2026Q4 or 2026-10"),
    condition=a_value("条件，写法与“结果应用”表相同", "The condition, written as on the Outcomes sheet"),
    headings=a_range(
        "历史数据的标题行：周期、工号、总分、等级、名次",
        "The headings of the results: period, employee ID, total, grade, place",
    ),
    history=a_range("历史数据，含当期，不含标题", "The results of all periods, this one included, without headings"),
)
def streak(people: Cells, period: Cells, condition: Cells, headings: Cells, history: Cells) -> Cells:
    """Whether each person meets a condition on consecutive periods.

    Examples
    --------
    >>> rows = [["2026Q3", "E1", 91], ["2026Q4", "E1", 95], ["2026Q4", "E2", 99]]
    >>> streak([["E1"], ["E2"], ["E3"]], "2026Q4", "连续2期 总分 >= 90", [["周期", "工号", "总分"]], rows)
    [[True], [False], [None]]
    """
    from xlperf.binding.functions.measurement import condition_read, table_in
    from xlperf.core.periods import Periods
    from xlperf.policy.conditions import Scope, columns_in, read
    from xlperf.schema import SHEETS
    from xlperf.scoring.outcomes import standing_of

    table, _ = table_in(SHEETS["history"], headings, history)
    calendar = Periods()
    said = needed(text(period, "period"), "period")
    now = calendar.find(said)
    if now is None:
        raise wrong("period-unreadable", cell=said)
    frame = table.frame
    meant = calendar.resolve(frame["period"].dropna().unique(), now)
    for unreadable in sorted(set(frame["period"].dropna()) - meant.keys()):
        raise wrong("period-unreadable", cell=unreadable)
    codes = {label: found.code for label, found in meant.items()}
    current = frame[frame["period"].map(codes).eq(now.code) & frame["total"].notna()].reset_index(drop=True)
    asked = condition_read(lambda: read(needed(text(condition, "condition"), "condition"), Scope.of_sheet("results")))
    rows = current[["employee_id", "total", "grade", "place"]].assign(pool="")
    if "place" not in {each.code for each in columns_in(asked)} and rows["place"].isna().all():
        rows["place"] = 1.0  # nobody's place was handed over: a total is enough, as in earlier periods
    where = standing_of(rows, (), every_day(), _half_up_share, frame, now, calendar)
    met = dict(zip(rows["employee_id"], where.meeting(asked).tolist(), strict=True))
    wanted = rows_of(people)
    return spread(np.array([[met.get(clean_key(each)) for each in row] for row in wanted], object))


def _half_up_share(share: float, size: int) -> int:
    return distribution.top_places(size, fraction_of(share), size + 1)


@worksheet_function(
    category="results",
    gives="like the input",
    text=Text(
        "四舍五入，与 Excel 的 ROUND 相同；空白仍为空白，不会变成 0。",
        "Rounds half up, exactly as Excel's ROUND. Blank stays blank and never becomes 0.",
    ),
    value=either("数字", "The numbers"),
    digits=a_value("保留几位小数", "Decimals"),
)
def round_(value: Cells, digits: Cells) -> Cells:
    """Rounds half up, exactly as Excel's ROUND.

    Examples
    --------
    >>> round_([[2.675], [None], [-1.005]], 2)
    [[2.68], [None], [-1.01]]
    """
    return spread(round_half_up(numbers(value, "value"), needed(whole(digits, "digits"), "digits")))
