"""Points taken from the full points, or from a base, by steps, occurrences or cases."""

from __future__ import annotations

from dataclasses import replace
from math import nan

import numpy as np

from xlperf.core.problems import Text
from xlperf.policy.rules import formulas as f
from xlperf.policy.rules.comparison import bounded, count_steps, part_of, upward
from xlperf.policy.rules.definition import Column, Parameter, rule
from xlperf.policy.rules.parameters import CAP, FLOOR, POINTS_EACH, STEP, STEPS


def _less_steps(
    actual: str, target: str, full: str, direction: str, step: str, points_each: str, steps: str, floor: str | None
) -> str:
    if not f.is_above(step, "0"):
        return f.NOTHING
    short = f.shortfall(actual, target, direction)
    deducted = f"{points_each}*{f.steps_in(short, f.larger(actual, target), step, steps)}"
    return f.when_known([actual, target], f.bounded(f"{full}-{deducted}", f.part_of(full, floor), None))


@rule(
    name=Text("每差一步扣分", "Deduct per step"),
    summary=Text(
        "达标得满分，比目标每差一步扣若干分，可设保底。",
        "Full points when the target is met, points off for each step that the actual is worse. A floor is optional.",
    ),
    words=Text(
        "实际 {actual}，目标 {target}，满分 {full}；比目标每差 {step} 扣 {points_each} 分，{steps}；得 {points} 分"
        "（保底 {floor}）。",
        "Actual {actual} against target {target}; {points_each} points off for each {step} worse, {steps}: "
        "{points} of {full} points (floor {floor}).",
    ),
    parameters=(STEP, POINTS_EACH, STEPS, FLOOR),
    directions=("higher", "lower"),
    target="number",
    native=_less_steps,
)
def deduct_per_step(
    actual: Column,
    target: Column,
    full: Column,
    direction: str,
    step: float,
    points_each: float,
    steps: str,
    floor: float | None = None,
) -> Column:
    """Full points, less a fixed number of points for each step short of the target.

    Use it for clauses such as "2 points off for each percentage point below". It works on the plain difference,
    so a target of zero and negative figures are fine. To reward what lies beyond the target use
    ``bonus_over_target``.

    Parameters
    ----------
    actual, target : columns, in the unit of the indicator; a rate is a fraction, so a percentage point is 0.01
    full : column, points for meeting the target
    direction : "higher" or "lower"
    step : size of a step, in the unit of the indicator, above 0
    points_each : points deducted for each step
    steps : "whole", "begun" or "linear"
    floor : fraction of the full points, optional

    Returns
    -------
    Column of points up to ``full``; NaN where the actual or the target is missing.

    Notes
    -----
    points = full − points_each × steps in (target − actual), or in (actual − target) where lower is better.

    Source
    ------
    Adviser scorecards on max.book118.com and renrendoc.com: deduction per percentage point or unit

    Examples
    --------
    >>> deduct_per_step([0.95, 0.9, 0.885], 0.95, 20, "higher", step=0.01, points_each=2, steps="whole", floor=0)
    array([20., 10.,  8.])
    >>> deduct_per_step(0.885, 0.95, 20, "higher", step=0.01, points_each=2, steps="begun")
    array([6.])
    """
    short = np.maximum(upward(target, direction) - upward(actual, direction), 0)
    deducted = points_each * count_steps(short, np.maximum(abs(actual), abs(target)), step, steps)
    return bounded(full - deducted, part_of(full, floor), None)


def _up_and_down(
    actual: str,
    target: str,
    full: str,
    direction: str,
    step: str,
    points_down: str,
    step_up: str,
    points_up: str,
    steps: str,
    cap: str | None,
    floor: str | None,
) -> str:
    if not f.is_above(step, "0") or not f.is_above(step_up, "0"):
        return f.NOTHING
    size = f.larger(actual, target)
    down = f"{points_down}*{f.steps_in(f.shortfall(actual, target, direction), size, step, steps)}"
    up = f"{points_up}*{f.steps_in(f.shortfall(target, actual, direction), size, step_up, steps)}"
    points = f.bounded(f"{full}+{up}-{down}", f.part_of(full, floor), f.part_of(full, cap))
    return f.when_known([actual, target], points)


@rule(
    name=Text("按步加减分", "Up and down by steps"),
    summary=Text(
        "达标得满分，比目标每好一步加若干分，每差一步扣若干分，两边的步长和分值可以不同；可设封顶和保底。",
        "Full points at the target, points added for each step better and taken off for each step worse, which may "
        "differ. Cap and floor are optional.",
    ),
    words=Text(
        "实际 {actual}，目标 {target}，满分 {full}；每差 {step} 扣 {points_down} 分，每好 {step_up} 加 {points_up} 分，"
        "{steps}；得 {points} 分（封顶 {cap}，保底 {floor}）。",
        "Actual {actual} against target {target}, {full} points at the target; {points_down} points off for each "
        "{step} worse, {points_up} more for each {step_up} better, {steps}: {points} points (cap {cap}, floor "
        "{floor}).",
    ),
    parameters=(
        STEP,
        Parameter(
            "points_down",
            Text("每步扣分", "Points down"),
            "points",
            Text("每差一步扣的分数，写正数", "Points off for each step worse, written without a minus sign"),
            bound="not_negative",
        ),
        Parameter(
            "step_up",
            Text("加分步长", "Step up"),
            "number",
            Text(
                "比目标好的一边一步的大小，与指标同单位，大于 0",
                "Size of a step on the better side, in the unit of the indicator, above 0",
            ),
            bound="positive",
        ),
        Parameter(
            "points_up",
            Text("每步加分", "Points up"),
            "points",
            Text("每好一步加的分数，写正数", "Points more for each step better, written without a sign"),
            bound="not_negative",
        ),
        STEPS,
        CAP,
        FLOOR,
    ),
    directions=("higher", "lower"),
    target="number",
    native=_up_and_down,
)
def up_and_down(
    actual: Column,
    target: Column,
    full: Column,
    direction: str,
    step: float,
    points_down: float,
    step_up: float,
    points_up: float,
    steps: str,
    cap: float | None = None,
    floor: float | None = None,
) -> Column:
    """Full points at the target, points for each step better, and other points off for each step worse.

    Use it for clauses such as "15 points at +0.5 points; each 0.1 more adds 1, each 0.1 less costs 0.5". It works on
    the plain difference, so a target of zero and negative figures are fine. Where only one side counts use
    ``deduct_per_step`` or ``bonus_over_target``.

    Parameters
    ----------
    actual, target : columns, in the unit of the indicator; a rate is a fraction, so a percentage point is 0.01
    full : column, points for exactly meeting the target
    direction : "higher" or "lower"
    step : size of a step on the worse side, in the unit of the indicator, above 0
    points_down : points deducted for each step worse
    step_up : size of a step on the better side, above 0
    points_up : points added for each step better
    steps : "whole", "begun" or "linear", on both sides
    cap, floor : fractions of the full points, optional

    Returns
    -------
    Column of points; NaN where the actual or the target is missing.

    Notes
    -----
    points = full + points_up × steps better − points_down × steps worse, held between floor × full and cap × full.

    Source
    ------
    Regional client managers and account management schemes: points up and down by steps of the figure

    Examples
    --------
    >>> growth = [0.002, 0.005, 0.007, 0, 0.0055]
    >>> up_and_down(growth, 0.005, 15, "higher", 0.001, points_down=0.5, step_up=0.001, points_up=1, steps="linear")
    array([13.5, 15. , 17. , 12.5, 15.5])
    >>> up_and_down([60, 55, 64, 65, 200], 60, 100, "lower", 5, points_down=5, step_up=5, points_up=5, steps="whole")
    array([100., 105., 100.,  95., -40.])
    """
    size = np.maximum(abs(actual), abs(target))
    better = upward(actual, direction) - upward(target, direction)
    down = points_down * count_steps(np.maximum(-better, 0), size, step, steps)
    up = points_up * count_steps(np.maximum(better, 0), size, step_up, steps)
    return bounded(full + up - down, part_of(full, floor), part_of(full, cap))


def _less_occurrences(actual: str, full: str, points_each: str, floor: str | None) -> str:
    points = f.bounded(f"{full}-{points_each}*{actual}", f.part_of(full, floor), None)
    return f.unless(f'OR({actual}="",{actual}<0)', points)


@rule(
    name=Text("按次扣分", "Deduct per occurrence"),
    summary=Text(
        "从满分起每发生一次扣若干分，可设保底；实际值本身是扣分合计时，每次扣分填 1。",
        "Full points, less a fixed number of points for each occurrence. A floor is optional. Where the actual is "
        "itself a total of points to deduct, take 1 point each.",
    ),
    words=Text(
        "实际 {actual}，满分 {full}；每次扣 {points_each} 分；得 {points} 分（保底 {floor}）。",
        "Actual {actual}; {points_each} points off for each occurrence: {points} of {full} points (floor {floor}).",
    ),
    parameters=(
        replace(
            POINTS_EACH,
            name=Text("每次扣分", "Points each"),
            note=Text(
                "每发生一次扣的分数，写正数；实际值本身是扣分合计时填 1",
                "Points off for each occurrence, written without a minus sign; 1 where the actual is itself a total "
                "of points to deduct",
            ),
        ),
        FLOOR,
    ),
    directions=("lower",),
    target="none",
    native=_less_occurrences,
)
def deduct_per_occurrence(actual: Column, full: Column, points_each: float, floor: float | None = None) -> Column:
    """Full points, less a fixed number of points for each occurrence.

    Use it for complaints, violations, errors. Where occurrences differ in weight, let the fact add up their points
    and deduct 1 each. For a number of occurrences that is still tolerated use ``deduct_per_step``.

    Parameters
    ----------
    actual : column, number of occurrences or sum of their points, from 0
    full : column, points without any occurrence
    points_each : points deducted for each occurrence
    floor : fraction of the full points, optional

    Returns
    -------
    Column of points up to ``full``; NaN where the actual is missing or below zero.

    Notes
    -----
    points = full − actual × points_each.

    Source
    ------
    Customer service manager scheme (客户服务经理绩效考核方案), conduct, diligence, ability and results: scored by
    deduction

    Examples
    --------
    >>> deduct_per_occurrence([0, 3, 12, None], full=20, points_each=2, floor=0)
    array([20., 14.,  0., nan])
    """
    occurrences = np.where(actual >= 0, actual, nan)
    return bounded(full - points_each * occurrences, part_of(full, floor), None)


def _plus_and_minus(
    numerator: str,
    denominator: str,
    base: str,
    plus_points: str,
    minus_points: str,
    low: str | None,
    high: str | None,
) -> str:
    bad_cases = f'IF({denominator}="",0,{denominator}-{numerator})'
    points = f.bounded(f"{base}+{plus_points}*{numerator}-{minus_points}*{bad_cases}", low, high)
    too_many = f'AND({denominator}<>"",{denominator}<{numerator})'
    return f.unless(f'OR({numerator}="",{numerator}<0,{too_many})', points)


@rule(
    name=Text("基础分与事例加减分", "Base with good and bad cases"),
    summary=Text(
        "基础分，每件正面事例加若干分，每件负面事例减若干分；分子为正面事例，分母为全部事例。可设最低分和最高分。",
        "A base, plus points for each good case, minus points for each bad one. The numerator counts the good cases, "
        "the denominator all of them. Limits are optional.",
    ),
    words=Text(
        "基础分 {base}；全部事例 {denominator} 件，其中正面 {numerator} 件，每件加 {plus_points} 分，"
        "其余每件减 {minus_points} 分；得 {points} 分（最低 {low}，最高 {high}）。",
        "Base {base}; cases {denominator}, of which good {numerator}, {plus_points} points added for each, "
        "{minus_points} taken for each of the others: {points} points (fewest {low}, most {high}).",
    ),
    parameters=(
        Parameter(
            "base",
            Text("基础分", "Base"),
            "points",
            Text("没有事例时的分数", "Points without any case"),
            synonyms=("base_points",),
            usual=80.0,
        ),
        Parameter(
            "plus_points",
            Text("正面事例加分", "Plus for a good case"),
            "points",
            Text("每件正面事例加的分数", "Points added for each good case"),
        ),
        Parameter(
            "minus_points",
            Text("负面事例减分", "Minus for a bad case"),
            "points",
            Text("每件负面事例减的分数，写正数", "Points taken for each bad case, written without a minus sign"),
        ),
        Parameter(
            "low",
            Text("最低分", "Fewest points"),
            "points",
            Text("空白表示不限", "Blank: no limit"),
            required=False,
            usual=0.0,
        ),
        Parameter(
            "high",
            Text("最高分", "Most points"),
            "points",
            Text("空白表示不限", "Blank: no limit"),
            required=False,
            usual=100.0,
        ),
    ),
    directions=("higher",),
    target="none",
    native=_plus_and_minus,
)
def base_plus_minus(
    numerator: Column,
    denominator: Column,
    base: float,
    plus_points: float,
    minus_points: float,
    low: float | None = None,
    high: float | None = None,
) -> Column:
    """A base, plus points for each good case and minus points for each bad one.

    Use it for recorded cases (critical incidents). Not for shares of a large number of events: use
    ``proportional`` there.

    Parameters
    ----------
    numerator : column, number of good cases, from 0
    denominator : column, number of all cases; NaN where only good cases are recorded
    base, plus_points, minus_points : points
    low, high : points, optional

    Returns
    -------
    Column of points; NaN where the good cases are missing or below zero, or more than all cases.

    Notes
    -----
    points = base + plus_points × numerator − minus_points × (denominator − numerator), held between low and high.

    Source
    ------
    Common practice in critical-incident appraisal: base 80, plus and minus per case, between 0 and 100

    Examples
    --------
    >>> base_plus_minus([3, 2, 0], [4, None, 30], base=80, plus_points=2, minus_points=3, low=0, high=100)
    array([83., 84.,  0.])
    """
    bad_cases = np.where(np.isnan(denominator), 0, denominator - numerator)
    points = base + plus_points * numerator - minus_points * bad_cases
    return bounded(np.where((numerator >= 0) & (bad_cases >= 0), points, nan), low, high)
