"""Worksheet functions from points to grades: totals, roll-up, raters, grades, places, quotas, streaks, rounding."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from math import inf
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
from numpy.typing import NDArray

from xlperf import distribution
from xlperf.distribution import Rounding, Ties
from xlperf.excel.errors import NOT_AVAILABLE, ExcelError, wrong
from xlperf.excel.registry import a_range, a_value, either, worksheet_function
from xlperf.excel.values import (
    Cells,
    Matrix,
    cells_of,
    column,
    down,
    given,
    needed,
    number,
    numbers,
    rows_of,
    same_length,
    spread,
    text,
    texts,
    whole,
    word,
)
from xlperf.grades import NO_GRADE, grade_by_band, limit_grade
from xlperf.numbers import clean_key, fraction_of, round_half_up
from xlperf.problems import Problem, Text
from xlperf.vocabulary import WORDS

if TYPE_CHECKING:
    from xlperf.scheme import Scheme

Mask = NDArray[np.bool_]

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
    "人数取整：累计比例四舍五入 lines（省略时）、最大余数法、舍去 floor、进位 ceiling",
    "How shares become whole people: lines (if omitted), largest_remainder, floor or ceiling",
)
IF_MISSING = a_value(
    "缺项：redistribute 由其余分担（省略时）、zero 按零分、block 不允许",
    "A missing figure: redistribute, the others count for it (if omitted); zero; or block, which is #N/A",
)


# Totals --------------------------------------------------------------------------------------------------------------


@worksheet_function(
    category="results",
    gives="one a row",
    text=Text(
        "加权总分，每行一个：各指标得分按权重合计，缺项按规定处理，加上加减分，封顶后四舍五入一次。",
        "The weighted total of each row of points: missing figures are treated as stated, adjustments are "
        "added, then it is capped and rounded once, half up.",
    ),
    points=a_range(
        "得分，每行一人，每列一个指标；空白表示没有得分",
        "Points, one row a person and one column an indicator. Blank: none",
    ),
    weights=a_range(
        "各指标的权重或满分，与列对应", "The weight (or full points) of each indicator, in the order of the columns"
    ),
    digits=a_value("总分保留几位小数", "Decimals of the total"),
    dimensions=a_range(
        "各指标所属的维度；省略表示不分维度", "The dimension of each indicator. Omitted: there are none"
    ),
    dimension_weights=a_range(
        "维度权重表，两列：维度、权重；此时指标权重是占维度的比例",
        "Weights of the dimensions, two columns (dimension, weight); weights of indicators are then shares "
        "of their own",
    ),
    method=a_value(
        "weighted 加权百分制（省略时）或 sum 分值累加", "weighted percentages (if omitted), or sum: points are added up"
    ),
    if_missing=a_value(
        "缺项：redistribute 权重分给同维度（省略时）、full 满分、zero 零分、block 不允许",
        "A missing figure: redistribute to the rest of its dimension (if omitted), full, zero, or block, which is #N/A",
    ),
    adjustments=a_range("加减分，每行一个", "Points added or taken off, one a row"),
    full_points=a_value(
        "每个指标的满分，例如 100；封顶或按满分时需要", "Full points, for example 100; needed to cap and for full marks"
    ),
    cap=a_value(
        "总分是否以满分封顶：是或否（省略时）", "Whether totals end at the full points: yes, or no (if omitted)"
    ),
)
def total(
    points: Cells,
    weights: Cells,
    digits: Cells,
    dimensions: Cells = None,
    dimension_weights: Cells = None,
    method: Cells = None,
    if_missing: Cells = None,
    adjustments: Cells = None,
    full_points: Cells = None,
    cap: Cells = None,
) -> Cells:
    """The weighted total of each row of points.

    Examples
    --------
    >>> total([[80, 90], [None, 90], [None, None]], [[40, 60]], 2)
    [[86.0], [90.0], [None]]
    >>> total([[80, 90]], [[0.4, 0.6]], 2, if_missing="zero", adjustments=20, full_points=100, cap="是")
    100.0
    """
    from xlperf.totals import fill_gaps, finished, weighted

    scored = numbers(points, "points")
    listed = column(weights, "weights")
    named = texts(dimensions, "dimensions") if given(dimensions) else [""] * len(listed)
    same_length(points=scored[0], weights=listed, dimensions=named)
    policy = word(if_missing, "if_missing", WORDS["gap_policy"], "redistribute")
    capped = word(cap, "cap", WORDS["yes_no"], "no") == "yes"
    how = word(method, "method", WORDS["total_method"], "weighted")
    full = number(full_points, "full_points")
    if full is None and (capped or (policy == "full" and how == "weighted")):
        raise wrong("function-lacks", argument="full_points")
    places = int(needed(whole(digits, "digits"), "digits"))
    switches = (how, "yes" if capped else "no", full or 0.0, places)
    scheme = _totalling(
        tuple(np.nan_to_num(listed).tolist()), tuple(named), _of_dimensions(dimension_weights), switches
    )
    applies = np.broadcast_to(~np.isnan(listed), scored.shape)
    missing: Mask = np.isnan(scored) & applies
    blocked = np.asarray(missing.any(axis=1)) & (policy == "block")
    most = listed if how == "sum" else np.full(len(listed), full or 0.0)
    values, filled = fill_gaps(scored, most, [(policy, missing)])
    scores = weighted(values, applies, filled, scheme.indicators, scheme.dimensions, scheme.settings)
    added = column(adjustments, "adjustments") if given(adjustments) else np.zeros(len(scored))
    same_length(points=scored, adjustments=added)
    found = finished(scores, scores.own, np.nan_to_num(added), scheme.settings)
    return spread(found.total[:, None], _missing(missing, "gap_policy"), blocked[:, None])


def _of_dimensions(cells: Cells) -> tuple[tuple[str, float], ...]:
    if not given(cells):
        return ()
    rows = rows_of(cells)
    if {len(row) for row in rows} != {2}:
        columns = Text("维度、权重", "dimension, weight")
        raise wrong("function-columns", argument="dimension_weights", count=len(rows[0]), columns=columns)
    names = texts([[row[0]] for row in rows], "dimension_weights")
    return tuple(zip(names, column([[row[1]] for row in rows], "dimension_weights").tolist(), strict=True))


@lru_cache(maxsize=64)
def _totalling(
    weights: tuple[float, ...],
    dimensions: tuple[str, ...],
    of_dimensions: tuple[tuple[str, float], ...],
    switches: tuple[str, str, float, int],
) -> Scheme:
    """Return a scheme of these indicators and dimensions; ``switches`` are method, cap, full points and decimals."""
    from xlperf.scheme import scheme_of
    from xlperf.tables import table_of

    known = dict(of_dimensions) or dict.fromkeys(dimensions, 0.0)
    basis = "dimension" if of_dimensions else "total"
    names = ["total_method", "cap_total", "full_points", "decimals", "weight_basis"]
    codes = [f"i{k}" for k in range(len(weights))]
    return scheme_of(
        {
            "settings": table_of("settings", {"setting": names, "value": [*switches, basis]}),
            "dimensions": table_of("dimensions", {"code": list(known), "weight": list(known.values())}),
            "indicators": table_of("indicators", {"code": codes, "dimension": dimensions, "weight": weights}),
        }
    )[0]


def _missing(missing: Mask, words: str) -> ExcelError:
    others = [each for code, each in WORDS[words].items() if code != "block"]
    details = {"count": int(missing.sum()), "allowed": others}
    return ExcelError(NOT_AVAILABLE, Problem("function-missing-figure", details=details))


@worksheet_function(
    category="results",
    gives="one a row",
    text=Text(
        "汇总得分，每行一个：把检查、月度、季度等部分按权重合成较长周期的得分；缺少的部分按规定处理，不取整。",
        "The score of a longer period from its parts, one a row: checks, months, quarters by their weights. "
        "A missing part is treated as stated; nothing is rounded.",
    ),
    scores=a_range(
        "各部分的得分，每行一人，每列一部分", "The scores of the parts, one row a person and one column a part"
    ),
    weights=a_range("各部分的权重，与列对应", "The weight of each part, in the order of the columns"),
    if_missing=IF_MISSING,
)
def rollup(scores: Cells, weights: Cells, if_missing: Cells = None) -> Cells:
    """The score of a longer period from its parts.

    Examples
    --------
    >>> rollup([[80, 90, 100], [None, 90, 100]], [[20, 30, 50]])
    [[93.0], [96.25]]
    """
    from xlperf.rollup import weighed

    parts, stated = numbers(scores, "scores"), column(weights, "weights")
    same_length(scores=parts[0], weights=stated)
    policy = word(if_missing, "if_missing", WORDS["part_gap"], "redistribute")
    missing: Mask = np.isnan(parts) & (np.nan_to_num(stated) > 0)
    blocked = np.asarray(missing.any(axis=1)) & (policy == "block")
    something = np.asarray((~np.isnan(parts)).any(axis=1))
    there = np.where(missing & something[:, None], 0.0, parts) if policy == "zero" else parts
    _, base = weighed(there, np.nan_to_num(stated))
    return spread(base[:, None], _missing(missing, "part_gap"), blocked[:, None])


@worksheet_function(
    category="results",
    gives="one a row",
    text=Text(
        "多方评分，每人一个：同一关系的评价人平分该关系的权重，没有评价的关系把权重让给其他关系。",
        "The figure of each person from ratings by several people: raters of a relation share its weight equally, a "
        "relation without ratings leaves its weight to the others.",
    ),
    people=either("要计算的员工工号", "The employees whose figure is wanted"),
    employees=a_range("评分表：被评价人工号", "The ratings: who is rated"),
    relations=a_range("评分表：评价关系，例如直接上级", "The ratings: the relation, for example direct superior"),
    scores=a_range("评分表：评分", "The ratings: the score"),
    weights=a_range("关系权重表，两列：关系、权重", "The weights of the relations, two columns: relation, weight"),
    raters=a_range(
        "评分表：评价人工号；同一人多次评分取平均",
        "The ratings: who rates; several ratings by one rater count with their mean",
    ),
)
def raters(
    people: Cells, employees: Cells, relations: Cells, scores: Cells, weights: Cells, raters: Cells = None
) -> Cells:
    """The figure of each person from ratings by several people.

    Examples
    --------
    A superior weighs 60, two colleagues 40 together: (4 × 60 + (5 + 2) ÷ 2 × 40) ÷ 100 = 3.8.

    >>> raters("E1", [["E1"]] * 3, [["直接上级"], ["同事"], ["peer"]], [[4], [5], [2]], [["上级", 60], ["同事", 40]])
    3.8
    """
    import pandas as pd

    from xlperf.raters import weigh
    from xlperf.rows import RATER_WEIGHT
    from xlperf.tables import table_of

    rated, given_scores = texts(employees, "employees"), column(scores, "scores")
    said = [word(each, "relations", WORDS["relation"]) or None for each in cells_of(relations)]
    by_whom = [each or None for each in texts(raters, "raters")] if given(raters) else [None] * len(rated)
    same_length(employees=rated, relations=said, scores=given_scores, raters=by_whom)
    wanted = texts(people, "people")
    if {len(row) for row in rows_of(weights)} != {2}:
        columns = Text("关系、权重", "relation, weight")
        raise wrong("function-columns", argument="weights", count=len(rows_of(weights)[0]), columns=columns)
    relation = [word(row[0], "weights", WORDS["relation"]) for row in rows_of(weights)]
    stated = column([[row[1]] for row in rows_of(weights)], "weights").tolist()
    scheme, when = _rating(tuple(relation), tuple(stated))
    rows = {"employee_id": rated, "indicator": "item", "rater_id": by_whom, "relation": said, "score": given_scores}
    weighed, _ = weigh(table_of("ratings", rows), scheme.indicators, scheme, when)
    frame = weighed.table.frame
    parts = frame["score"] * frame[RATER_WEIGHT]
    of_each = parts.where(frame[RATER_WEIGHT] > 0).groupby(frame["employee_id"]).sum(min_count=1)
    return spread(of_each.reindex(pd.Index(wanted)).to_numpy().reshape(len(rows_of(people)), -1))


@lru_cache(maxsize=16)
def _rating(relations: tuple[str, ...], weights: tuple[float, ...]) -> tuple[Scheme, Any]:
    """Return a scheme with one rated item, and a period that holds every day."""
    from xlperf.scheme import scheme_of
    from xlperf.tables import table_of

    item = {"code": "item", "source": "ratings", "measure": "mean", "column": "score"}
    tables = {
        "indicators": table_of("indicators", [item]),
        "raters": table_of("raters", {"relation": relations, "weight": weights}),
    }
    return scheme_of(tables)[0], every_day()


def every_day() -> Any:
    """Return a period that holds every day of a workbook."""
    from datetime import date

    from xlperf.conditions import When

    first, last = date(1900, 1, 1), date(2199, 12, 31)
    return When(first, last, first, last)


# Grades and places ---------------------------------------------------------------------------------------------------


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
        "同分：better 取较好名次（省略时）或 worse 取较差名次",
        "Equal totals share the better place (if omitted) or the worse",
    ),
    tie_keys=TIE_KEYS,
)
def rank(scores: Cells, groups: Cells = None, ties: Cells = None, tie_keys: Cells = None) -> Cells:
    """The place of each total in its group.

    Examples
    --------
    >>> rank([[80], [95], [80], [None], [60]], [["N"], ["N"], ["N"], ["N"], ["S"]])
    [[2.0], [1.0], [2.0], [None], [1.0]]
    """
    totals = column(scores, "scores")
    worst = word(ties, "ties", WORDS["ties"], "better") == "worse"
    place = distribution.competition_ranks(totals, _groups(groups, len(totals)), worst, _keys(tie_keys, len(totals)))
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
    if len(stated) < len(values) or whole_of_them != 1 or min(stated) < 0:
        raise wrong("function-shares", sum=f"{float(whole_of_them):.10g}")
    return stated


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
    from xlperf.conditions import Scope, columns_in, read
    from xlperf.excel.functions.facts import condition_read, table_in
    from xlperf.layout import SHEETS
    from xlperf.outcomes import standing_of
    from xlperf.periods import Periods

    table, _ = table_in(SHEETS["history"], headings, history)
    calendar = Periods()
    said = needed(text(period, "period"), "period")
    now = calendar.find(said)
    if now is None:
        raise wrong("period-unreadable", cell=said)
    frame = table.frame
    codes = {label: found.code for label in frame["period"].dropna().unique() if (found := calendar.find(label))}
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


# Rounding ------------------------------------------------------------------------------------------------------------


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
