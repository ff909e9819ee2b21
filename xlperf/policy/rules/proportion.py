"""Points in proportion to the attainment of a target, and what is given beyond it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from xlperf.core.problems import Text
from xlperf.policy.rules import formulas as f
from xlperf.policy.rules.comparison import (
    as_good_as,
    attainment,
    bounded,
    bounded_below_zero,
    count_steps,
    outside,
    part_of,
    positive,
    upward,
)
from xlperf.policy.rules.definition import Column, Parameter, rule
from xlperf.policy.rules.parameters import CAP, FLOOR, HIGH, LOW, LOWER_BY, POINTS_EACH, STEP, STEPS


def _in_proportion(
    actual: str,
    target: str,
    full: str,
    direction: str,
    cap: str | None,
    floor: str | None,
    lower_by: str | None = None,
) -> str:
    points = f"{full}*{f.attainment(actual, target, direction, lower_by)}"
    caught = (cap if direction == "lower" else floor) is not None
    points = f.bounded(points, f.part_of(full, floor), f.part_of(full, cap))
    return f.when_ratio(actual, target, points, caught, f.is_inverse(direction, lower_by))


@rule(
    name=Text("按比例得分", "Proportional"),
    summary=Text(
        "按完成率得分：满分 × 实际 ÷ 目标；越低越好时为满分 ×（2 − 实际 ÷ 目标），或按所选算法为满分 × 目标 ÷ 实际。"
        "可设封顶和保底。",
        "Points in proportion: full points × actual ÷ target; where less is better × (2 − actual ÷ target), or "
        "× target ÷ actual if so chosen. Cap and floor are optional.",
    ),
    words=Text(
        "实际 {actual}，目标 {target}，完成率 {attained}，满分 {full}；得 {points} 分（封顶 {cap}，保底 {floor}）。",
        "Actual {actual} against target {target}, attainment {attained}: {points} of {full} points (cap {cap}, floor "
        "{floor}).",
    ),
    parameters=(CAP, FLOOR, LOWER_BY),
    directions=("higher", "lower"),
    target="ratio",
    native=_in_proportion,
)
def proportional(
    actual: Column,
    target: Column,
    full: Column,
    direction: str,
    cap: float | None = None,
    floor: float | None = None,
    lower_by: str | None = None,
) -> Column:
    """Points in proportion to the share of the target that was reached.

    Use it where every bit counts: sales, visits, rates. Figures that can be negative need a floor. Not for a target of
    zero: use ``deduct_per_step`` or ``range_scale`` there.

    Parameters
    ----------
    actual, target : columns, in the unit of the indicator
    full : column, points for exactly meeting the target
    direction : "higher" or "lower"
    cap, floor : fractions of the full points, optional
    lower_by : where less is better, "mirror" (as without it) or "quotient"

    Returns
    -------
    Column of points; NaN where the actual is missing, or the target missing or not above zero; and where the actual is
    below zero and no floor catches it, or no cap where less is better. As a quotient an actual below zero is NaN, and
    0 earns the cap.

    Notes
    -----
    higher: points = full × actual ÷ target. lower: points = full × (2 − actual ÷ target), the mirror image:
    10 % above the target costs what 10 % below it costs elsewhere. As a quotient: full × target ÷ actual, which
    doubles where the actual is halved. Then held between floor × full and cap × full.

    Source
    ------
    Client administrator scheme (客户管理员绩效方案), scoring section: below target, deduction in proportion

    Examples
    --------
    >>> proportional([45, 80, None], 50, full=100, direction="higher", cap=1.2)
    array([ 90., 120.,  nan])
    >>> proportional([40, 50, 60], 50, full=100, direction="lower", cap=1)
    array([100., 100.,  80.])
    >>> proportional([40, 50, 62.5, 0], 50, full=100, direction="lower", cap=1.5, lower_by="quotient")
    array([125., 100.,  80., 150.])
    """
    points = full * attainment(actual, target, direction, lower_by)
    return bounded_below_zero(points, part_of(full, floor), part_of(full, cap), actual, direction)


def _with_bonus(
    actual: str,
    target: str,
    full: str,
    direction: str,
    step: str,
    points_each: str,
    unit: str,
    steps: str,
    max_bonus: str | None,
    lower_by: str | None = None,
) -> str:
    if not f.is_above(step, "0"):
        return f.NOTHING
    beyond = f.shortfall(target, actual, direction)
    one_step = f"({step}*{target})" if unit == "share" else step
    bonus = f"{points_each}*{f.steps_in(beyond, f.larger(actual, target), one_step, steps)}"
    reached = f.shares(f.attainment(actual, target, direction, lower_by))
    points = f"{full}*{reached}+{f.bounded(bonus, None, max_bonus)}"
    return f.when_ratio(actual, target, points, inverse=f.is_inverse(direction, lower_by))


@rule(
    name=Text("超额加分", "Bonus over target"),
    summary=Text(
        "未达标按完成率得分，达标得满分；比目标每好一步另加若干分，可设加分上限。",
        "In proportion below the target, full points at the target, and bonus points for each step better than that. "
        "A limit to the bonus is optional.",
    ),
    words=Text(
        "实际 {actual}，目标 {target}，完成率 {attained}；达标前按完成率得 0 至 {full} 分；"
        "比目标每好 {step}（{unit}）加 {points_each} 分，{steps}，加分上限 {max_bonus}；得 {points} 分。",
        "Actual {actual} against target {target}, attainment {attained}; up to the target in proportion, 0 to {full} "
        "points; {points_each} points more for each {step} ({unit}) better than the target, {steps} (bonus limit "
        "{max_bonus}): {points} points.",
    ),
    parameters=(
        replace(
            STEP,
            note=Text(
                "一步的大小，大于 0，单位由“步长单位”决定；目标的十分之一写 10%",
                "Size of one step, above 0; the step unit says of what. A tenth of the target is written 10%",
            ),
        ),
        POINTS_EACH,
        Parameter(
            "unit",
            Text("步长单位", "Step unit"),
            "choice",
            Text(
                "步长是目标的若干比例，还是与指标同单位",
                "Whether the step is a share of the target or in the unit of the indicator",
            ),
            usual="share",
            choices={
                "share": Text("目标的比例", "share of the target"),
                "value": Text("指标的单位", "unit of the indicator"),
            },
        ),
        STEPS,
        Parameter(
            "max_bonus",
            Text("加分上限", "Bonus limit"),
            "points",
            Text("最多加多少分；空白表示不限", "Most points added on top of the full points. Blank: no limit"),
            required=False,
        ),
        LOWER_BY,
    ),
    directions=("higher", "lower"),
    target="ratio",
    native=_with_bonus,
)
def bonus_over_target(
    actual: Column,
    target: Column,
    full: Column,
    direction: str,
    step: float,
    points_each: float,
    unit: str,
    steps: str,
    max_bonus: float | None = None,
    lower_by: str | None = None,
) -> Column:
    """Proportional points up to the target, bonus points for every step beyond it.

    Use it where more than the target deserves a fixed reward per unit or per percent. For a single reward at a
    second, better target use ``extra_threshold``.

    Parameters
    ----------
    actual, target : columns, in the unit of the indicator
    full : column, points for exactly meeting the target
    direction : "higher" or "lower"
    step : size of a step, as a fraction of the target or in its unit (see ``unit``), above 0
    points_each : points for each step
    unit : "share" or "value"
    steps : "whole", "begun" or "linear"
    max_bonus : points, optional
    lower_by : where less is better, how what is short of the target is scored: "mirror" (as without it) or "quotient"

    Returns
    -------
    Column of points from 0; NaN where the actual is missing, or the target missing or not above zero.

    Notes
    -----
    points = full × attainment held between 0 and 1 + min(max_bonus, points_each × steps beyond the target), with
    attainment = actual ÷ target, or 2 − actual ÷ target where lower is better.

    Source
    ------
    Client administrator scheme (客户管理员绩效方案), scoring section: bonus points for exceeding the target

    Examples
    --------
    >>> bonus_over_target([8, 10, 13, 30], 10, 100, "higher", step=1, points_each=2, unit="value", steps="whole",
    ...     max_bonus=20)
    array([ 80., 100., 106., 120.])
    """
    beyond = np.maximum(upward(actual, direction) - upward(target, direction), 0)
    one_step = step * target if unit == "share" else step
    bonus = points_each * count_steps(beyond, np.maximum(abs(actual), abs(target)), one_step, steps)
    return full * bounded(attainment(actual, target, direction, lower_by), 0, 1) + bounded(bonus, None, max_bonus)


def _with_extra(
    actual: str,
    target: str,
    full: str,
    direction: str,
    value2: str,
    extra_points: str,
    lower_by: str | None = None,
) -> str:
    extra = f"IF({f.as_good_as(actual, value2, direction)},{extra_points},0)"
    points = f"{full}*{f.shares(f.attainment(actual, target, direction, lower_by))}+{extra}"
    return f.when_ratio(actual, target, points, inverse=f.is_inverse(direction, lower_by))


@rule(
    name=Text("达到更优值额外加分", "Extra for a better target"),
    summary=Text(
        "按完成率得分，最高为满分；达到另设的更优值时再加固定分数。",
        "In proportion up to the full points, plus fixed extra points when a second, better target is met.",
    ),
    words=Text(
        "实际 {actual}，目标 {target}，完成率 {attained}；按完成率得 0 至 {full} 分；"
        "达到更优值 {value2} 另加 {extra_points} 分；得 {points} 分。",
        "Actual {actual} against target {target}, attainment {attained}; in proportion, 0 to {full} points; "
        "reaching {value2} adds {extra_points}: {points} points.",
    ),
    parameters=(
        Parameter(
            "value2",
            Text("更优值", "Better target"),
            "number",
            Text(
                "比目标更优的值，与指标同单位；恰好达到也加分",
                "A second target, better than the first, in the unit of the indicator; just reaching it counts",
            ),
        ),
        Parameter(
            "extra_points",
            Text("额外加分", "Extra points"),
            "points",
            Text("达到更优值时加的分数", "Points added when the better target is met"),
        ),
        LOWER_BY,
    ),
    directions=("higher", "lower"),
    target="ratio",
    native=_with_extra,
)
def extra_threshold(
    actual: Column,
    target: Column,
    full: Column,
    direction: str,
    value2: float,
    extra_points: float,
    lower_by: str | None = None,
) -> Column:
    """Proportional points up to the full points, and a fixed extra at a second, better target.

    Use it for one stretch goal. For a reward that grows with every step use ``bonus_over_target``.

    Parameters
    ----------
    actual, target : columns, in the unit of the indicator
    full : column, points for exactly meeting the target
    direction : "higher" or "lower"
    value2 : the better target, in the unit of the indicator, itself included
    extra_points : points
    lower_by : where less is better, "mirror" (as without it) or "quotient"

    Returns
    -------
    Column of points from 0; NaN where the actual is missing, or the target missing or not above zero.

    Notes
    -----
    points = full × attainment held between 0 and 1, + extra_points where the actual is at least as good as value2.

    Source
    ------
    Client administrator scheme (客户管理员绩效方案), churn rate: extra points at the lower value

    Examples
    --------
    >>> extra_threshold([0.06, 0.05, 0.03], 0.05, 100, "lower", value2=0.03, extra_points=10)
    array([ 80., 100., 110.])
    """
    proportion = bounded(attainment(actual, target, direction, lower_by), 0, 1)
    return full * proportion + extra_points * as_good_as(actual, value2, direction)


def _around_target(
    actual: str,
    target: str,
    full: str,
    direction: str,
    step: str,
    points_each: str,
    cap: str | None,
    floor: str | None,
    low: str | None,
    high: str | None,
    lower_by: str | None = None,
) -> str:
    low, high = low or "1", high or "1"
    if not f.is_above(step, "0") or (direction == "range" and f.is_above(low, high)):
        return f.NOTHING
    reached = f.attainment(actual, target, direction, lower_by)
    gain = f"(-{f.outside(reached, low, high)})" if direction == "range" else f"({reached}-1)"
    points = f"{full}+{points_each}*{gain}/{step}"
    caught = (cap if direction == "lower" else floor) is not None
    points = f.bounded(points, f.part_of(full, floor), f.part_of(full, cap))
    return f.when_ratio(actual, target, points, caught, f.is_inverse(direction, lower_by))


@rule(
    name=Text("按完成率加减分", "Plus or minus by attainment"),
    summary=Text(
        "恰好达标得满分；完成率每高一步加若干分，每低一步扣若干分，不足一步按比例计。趋中指标在区间内得满分，偏离即扣分。"
        "可设封顶和保底。",
        "Full points at the target; each step of attainment above it adds points, each step below costs them, in "
        "proportion. With a range as direction: full points inside it, less outside. Cap and floor are optional.",
    ),
    words=Text(
        "实际 {actual}，目标 {target}，完成率 {attained}，满分 {full}；完成率每变动 {step} 加减 {points_each} 分；"
        "得 {points} 分（封顶 {cap}，保底 {floor}）。",
        "Actual {actual} against target {target}, attainment {attained}; {full} points at the target, {points_each} "
        "more or less for each {step} of attainment: {points} points (cap {cap}, floor {floor}).",
    ),
    parameters=(
        replace(
            STEP,
            kind="fraction",
            note=Text("完成率一步的大小，大于 0，例如 5%", "Size of one step of attainment, above 0, for example 5%"),
            usual=0.05,
        ),
        replace(POINTS_EACH, usual=5.0),
        replace(CAP, usual=1.2),
        FLOOR,
        *(
            replace(
                end,
                kind="fraction",
                note=Text(
                    "只用于趋中指标：占目标的比例，例如 95% 或 105%；空白表示目标本身",
                    "Only for a range: a share of the target, for example 95% or 105%. Blank: the target itself",
                ),
                required=False,
            )
            for end in (LOW, HIGH)
        ),
        LOWER_BY,
    ),
    directions=("higher", "lower", "range"),
    target="ratio",
    native=_around_target,
)
def symmetric_120(
    actual: Column,
    target: Column,
    full: Column,
    direction: str,
    step: float,
    points_each: float,
    cap: float | None = None,
    floor: float | None = None,
    low: float | None = None,
    high: float | None = None,
    lower_by: str | None = None,
) -> Column:
    """Full points at the target, and the same number of points more or less per step of attainment.

    Use it where doing better than the target pays as much as doing worse costs. Where doing better pays nothing use
    ``deduct_per_step``.

    Parameters
    ----------
    actual, target : columns, in the unit of the indicator
    full : column, points for exactly meeting the target
    direction : "higher", "lower" or "range" (the nearer to the target the better)
    step : attainment, fraction, above 0
    points_each : points for each step
    cap, floor : fractions of the full points, optional
    low, high : fractions of the target, optional; the ends of the range that earns the full points
    lower_by : where less is better, "mirror" (as without it) or "quotient"

    Returns
    -------
    Column of points; NaN where the actual is missing, or the target missing or not above zero; and where the actual is
    below zero and no floor catches it, or no cap where less is better.

    Notes
    -----
    points = full + points_each × (attainment − 1) ÷ step, in proportion; for a range the distance of actual ÷ target
    from [low, high] is deducted instead. Then held between floor × full and cap × full.

    Source
    ------
    Indicator scoring rules of a car maker on iklangarut.com: 5 points per 5 %, at most 120

    Examples
    --------
    >>> symmetric_120([90, 100, 150], 100, 100, "higher", step=0.05, points_each=5, cap=1.2, floor=0)
    array([ 90., 100., 120.])
    >>> symmetric_120([90, 100, 125], 100, 100, "range", step=0.05, points_each=5, low=0.95, high=1.05)
    array([ 95., 100.,  80.])
    """
    reached = attainment(actual, target, direction, lower_by)
    if direction == "range":
        gain = -outside(reached, 1 if low is None else low, 1 if high is None else high)
    else:
        gain = reached - 1
    points = full + points_each * gain / positive(step)
    return bounded_below_zero(points, part_of(full, floor), part_of(full, cap), actual, direction)
