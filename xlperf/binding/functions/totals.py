"""Worksheet functions that add points up: totals, roll-up of periods, and ratings by several people."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from xlperf.binding.functions.arguments import (
    Cells,
    cells_of,
    column,
    given,
    needed,
    number,
    numbers,
    rows_of,
    same_length,
    spread,
    texts,
    whole,
    word,
)
from xlperf.binding.functions.errors import NOT_AVAILABLE, ExcelError, wrong
from xlperf.binding.functions.registry import a_range, a_value, either, worksheet_function
from xlperf.binding.functions.schemes import rating, totalling
from xlperf.core.problems import Problem, Text
from xlperf.core.vocabulary import WORDS

Mask = NDArray[np.bool_]

IF_MISSING = a_value(
    "缺项：redistribute 由其余分担（省略时）、zero 按零分、block 不允许",
    "A missing figure: redistribute, the others count for it (if omitted); zero; or block, which is #N/A",
)


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
        "缺项：redistribute 权重按比例分给同维度（省略时）、equal 平均分给同维度、full 满分、zero 零分、block 不允许",
        "A missing figure: redistribute to the rest of its dimension (if omitted), equal parts to it, full, zero, or "
        "block, which is #N/A",
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
    >>> total([[80, None, 90, 70, 60]], [[0.3, 0.2, 0.2, 0.15, 0.15]], 2, if_missing="equal")
    76.5
    """
    from xlperf.scoring.totals import fill_gaps, total_scores, weighted

    scored, listed = numbers(points, "points"), column(weights, "weights")
    named = texts(dimensions, "dimensions") if given(dimensions) else [""] * len(listed)
    same_length(points=scored[0], weights=listed, dimensions=named)
    added = column(adjustments, "adjustments") if given(adjustments) else np.zeros(len(scored))
    same_length(points=scored, adjustments=added)
    policy = word(if_missing, "if_missing", WORDS["gap_policy"], "redistribute")
    capped = word(cap, "cap", WORDS["yes_no"], "no")
    how = word(method, "method", WORDS["total_method"], "weighted")
    full = number(full_points, "full_points")
    if capped == "yes" or (policy == "full" and how == "weighted"):
        needed(full, "full_points")
    switches = (how, capped, full or 1.0, int(needed(whole(digits, "digits"), "digits")))  # any, where none are needed
    stated = tuple(np.nan_to_num(listed).tolist())
    scheme = totalling(stated, tuple(named), _of_dimensions(dimension_weights, named), switches)
    applies: Mask = np.broadcast_to(~np.isnan(listed), scored.shape)
    missing: Mask = np.isnan(scored) & applies
    most = listed if how == "sum" else np.full(len(listed), switches[2])
    values, filled = fill_gaps(scored, most, [(policy, missing)])
    scores = weighted(values, applies, filled, scheme.indicators, scheme.dimensions, scheme.settings,
                      missing & (policy == "equal"))  # fmt: skip
    found = total_scores(scores, scores.own, np.nan_to_num(added), scheme.settings)
    blocked = np.asarray(missing.any(axis=1)) & (policy == "block")
    return spread(found.total[:, None], _missing(missing, "gap_policy"), blocked[:, None])


def _of_dimensions(cells: Cells, used: Sequence[str]) -> tuple[tuple[str, float], ...]:
    """Read the weights of the dimensions; each one that is used must be there."""
    if not given(cells):
        return ()
    rows = rows_of(cells)
    if {len(row) for row in rows} != {2}:
        columns = Text("维度、权重", "dimension, weight")
        raise wrong("function-columns", argument="dimension_weights", count=len(rows[0]), columns=columns)
    names = texts([[row[0]] for row in rows], "dimension_weights")
    for each in used:
        if each not in names:
            raise wrong("function-word", argument="dimensions", cell=each, allowed=names)
    return tuple(zip(names, column([[row[1]] for row in rows], "dimension_weights").tolist(), strict=True))


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
    from xlperf.scoring.rollup import weighed

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

    from xlperf.schema.tables import table_of
    from xlperf.scoring.period_rows import RATER_WEIGHT
    from xlperf.scoring.raters import weigh

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
    scheme, when = rating(tuple(relation), tuple(stated))
    rows = {"employee_id": rated, "indicator": "item", "rater_id": by_whom, "relation": said, "score": given_scores}
    weighed, _ = weigh(table_of("ratings", rows), scheme.indicators, scheme, when)
    frame = weighed.table.frame
    parts = frame["score"] * frame[RATER_WEIGHT]
    of_each = parts.where(frame[RATER_WEIGHT] > 0).groupby(frame["employee_id"]).sum(min_count=1)
    return spread(of_each.reindex(pd.Index(wanted)).to_numpy().reshape(len(rows_of(people)), -1))
