"""All or nothing: requirements that are met or not, for one item or for the total."""

from __future__ import annotations

import numpy as np

from xlperf.core.problems import Text
from xlperf.policy.rules import formulas as f
from xlperf.policy.rules.comparison import meets
from xlperf.policy.rules.definition import Column, Parameter, rule
from xlperf.policy.rules.parameters import OPERATOR


def _passed(actual: str, target: str, full: str, operator: str) -> str:
    return f.when_known([actual, target], f"IF({f.meets(actual, target, operator)},{full},0)")


@rule(
    name=Text("达标得满分", "Pass or fail"),
    summary=Text(
        "达到目标要求得满分，否则得 0 分；是否含目标值由比较方式决定。",
        "Full points when the target is met, otherwise none; the comparison says whether the target itself counts.",
    ),
    words=Text(
        "实际 {actual}，要求{operator} {target}，满分 {full}；得 {points} 分。",
        "Actual {actual}, required {operator} {target}: {points} of {full} points.",
    ),
    parameters=(OPERATOR,),
    directions=("higher", "lower"),
    target="number",
    native=_passed,
)
def pass_fail(actual: Column, target: Column, full: Column, operator: str) -> Column:
    """Full points when the target is met, otherwise none.

    Use it for requirements without degrees. Where missing by little should cost little use ``deduct_per_step``.

    Parameters
    ----------
    actual, target : columns, in the unit of the indicator
    full : column, points
    operator : "at_least" (以上, 不低于), "above" (超过, 高于), "at_most" (以下, 不超过) or "below" (低于, 不足)

    Returns
    -------
    Column with ``full`` or 0; NaN where the actual or the target is missing.

    Notes
    -----
    points = full where the comparison of actual and target holds, else 0.

    Source
    ------
    Back-office indicators (后台管理绩效考核指标): failures below 3, repair within 1 hour, tickets 90 % or more

    Examples
    --------
    >>> pass_fail([2, 3], 3, full=10, operator="below")
    array([10.,  0.])
    >>> pass_fail([0.9, 0.899], 0.9, full=10, operator="at_least")
    array([10.,  0.])
    """
    return full * meets(actual, target, operator)


def _all_met(met: str, full: str) -> str:
    return f.when_known([met], f"{full}*{met}")


@rule(
    name=Text("多条件同时满足", "All conditions"),
    summary=Text(
        "所有条件同时满足得满分，否则得 0 分。",
        "Full points when every condition holds at the same time, otherwise none.",
    ),
    words=Text(
        "满分的条件：{condition}；满分 {full}，得 {points} 分。",
        "Full points where {condition}: {points} of {full} points.",
    ),
    parameters=(
        Parameter(
            "condition",
            Text("条件", "Condition"),
            "condition",
            Text("对各指标的要求，用“且”连接", 'What is required of the indicators, joined with "and"'),
        ),
    ),
    directions=("higher", "lower", "range"),
    target="none",
    native=_all_met,
)
def all_of(met: Column, full: Column) -> Column:
    """Full points when all conditions hold, otherwise none.

    Use it where quantity and quality must both be right. For a single condition on one figure use ``pass_fail``.

    Parameters
    ----------
    met : column, 1 where the condition holds, 0 where it does not, NaN where that is not known
    full : column, points

    Returns
    -------
    Column with ``full`` or 0; NaN where it is not known whether the condition holds.

    Notes
    -----
    points = full × met.

    Source
    ------
    How back-office indicators are made (制定有效的后台管理绩效考核指标): 100 records a day and 98 % accuracy

    Examples
    --------
    >>> all_of([1, 0, None], full=10)
    array([10.,  0., nan])
    """
    return full * met


def _not_exceeded(actual: str, full: str, limit: str) -> str:
    return f.when_known([actual], f"IF({f.meets(actual, limit, 'at_most')},{full},0)")


@rule(
    name=Text("扣完该项", "Lose the whole item"),
    summary=Text(
        "实际值不超过限值得满分，超过限值该项得 0 分。",
        "Full points up to a limit, itself included; no points at all above it.",
    ),
    words=Text(
        "实际 {actual}，限值 {limit}，满分 {full}；得 {points} 分。",
        "Actual {actual} with a limit of {limit}: {points} of {full} points.",
    ),
    parameters=(
        Parameter(
            "limit",
            Text("限值", "Limit"),
            "number",
            Text(
                "与指标同单位；超过它即扣完该项，恰好等于它不扣",
                "In the unit of the indicator; anything above it costs the whole item, the limit itself costs nothing",
            ),
            usual=0.0,
        ),
    ),
    directions=("lower",),
    target="none",
    native=_not_exceeded,
)
def zero_item(actual: Column, full: Column, limit: float) -> Column:
    """Full points as long as a limit is not exceeded, otherwise none.

    Use it for conduct so serious that the item is lost. If the whole total is at stake use ``veto``.

    Parameters
    ----------
    actual : column, in the unit of the indicator
    full : column, points
    limit : in the unit of the indicator, itself still allowed

    Returns
    -------
    Column with ``full`` or 0; NaN where the actual is missing.

    Notes
    -----
    points = full where actual ≤ limit, else 0.

    Source
    ------
    Customer service manager scheme (客户服务经理绩效考核方案), penalties: the corresponding item is lost

    Examples
    --------
    >>> zero_item([0, 1, None], full=5, limit=0)
    array([ 5.,  0., nan])
    """
    return full * meets(actual, limit, "at_most")


def _broken(actual: str, target: str, operator: str, met: str | None = None) -> str:
    broken = f.when_known([actual, target], f"IF({f.meets(actual, target, operator)},0,1)")
    if met is None:
        return broken
    return f'IF({broken}=0,0,IF({met}=1,0,IF(OR({broken}="",{met}=""),"",1)))'


@rule(
    name=Text("一票否决", "Veto"),
    summary=Text(
        "不计分：未达到要求即触发否决，总分归零、总分受限或等级受限；可设免责条件。",
        "Earns no points: when the requirement is not met, the total becomes zero or is limited, or the grade is "
        "limited. A condition may lift the veto.",
    ),
    words=Text(
        "实际 {actual}，要求{operator} {target}，免责条件：{unless}；否决：{points}（1 触发，0 未触发）；后果：{effect}"
        "（总分上限 {limit_points}，等级上限 {limit_grade}）。",
        "Actual {actual}, required {operator} {target}, lifted by: {unless}; veto: {points} (1 in force, 0 not); "
        "effect: {effect} (total at most {limit_points}, grade at most {limit_grade}).",
    ),
    parameters=(
        OPERATOR,
        Parameter(
            "effect",
            Text("后果", "Effect"),
            "choice",
            Text("触发否决后如何处理", "What follows when the veto is in force"),
            choices={
                "zero_total": Text("总分归零", "total becomes zero"),
                "limit_total": Text("总分受限", "total is limited"),
                "limit_grade": Text("等级受限", "grade is limited"),
            },
        ),
        Parameter(
            "limit_points",
            Text("总分上限", "Total at most"),
            "points",
            Text("后果为总分受限时的最高总分", "The highest total where the total is limited"),
            required=False,
        ),
        Parameter(
            "limit_grade",
            Text("等级上限", "Grade at most"),
            "code",
            Text("后果为等级受限时的最高等级，写等级编号", "The code of the best grade where the grade is limited"),
            required=False,
        ),
        Parameter(
            "unless",
            Text("免责条件", "Unless"),
            "condition",
            Text("满足时不触发否决；空白表示没有", "Where it holds there is no veto. Blank: none"),
            required=False,
        ),
    ),
    directions=("higher", "lower"),
    target="number",
    native=_broken,
    veto=True,
)
def veto(actual: Column, target: Column, operator: str, met: Column | None = None) -> Column:
    """Whether a requirement that stands above all points was not met.

    Use it for gates: serious incidents, mandatory training. It earns no points and has no weight; the total or the
    grade is limited afterwards. If only the item is at stake use ``zero_item``.

    Parameters
    ----------
    actual, target : columns, in the unit of the indicator
    operator : "at_least", "above", "at_most" or "below": how the actual must compare with the target
    met : column, optional; 1 where the compensating condition holds, 0 where it does not, NaN where not known

    Returns
    -------
    Column with 1 (veto in force) or 0; NaN where that cannot be known.

    Notes
    -----
    1 where the requirement is not met and no compensating condition holds, else 0. Either one known to be in order
    settles the question, even where the other is missing.

    Source
    ------
    Customer service manager scheme (客户服务经理绩效考核方案), training as a gate; adviser scorecard with gates on
    renrendoc.com

    Examples
    --------
    >>> veto([0, 1, None], 0, operator="at_most")
    array([ 0.,  1., nan])
    >>> veto([1, 1], 0, operator="at_most", met=[1, 0])
    array([0., 1.])
    """
    broken = 1 - meets(actual, target, operator)
    if met is None:
        return broken
    return np.where((broken == 0) | (met == 1), 0, broken * (1 - met))
