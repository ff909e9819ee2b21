"""Points by where a figure lies between two ends: from worst to best, or inside a range."""

from __future__ import annotations

import numpy as np

from xlperf.core.problems import Text
from xlperf.policy.rules import formulas as f
from xlperf.policy.rules.comparison import bounded, count_steps, outside, part_of, positive, upward
from xlperf.policy.rules.definition import Column, Parameter, rule
from xlperf.policy.rules.parameters import FLOOR, HIGH, LOW, POINTS_EACH, STEP, STEPS


def _on_the_way(actual: str, full: str, direction: str, worst: str, best: str) -> str:
    if not f.is_above(*((worst, best) if direction == "lower" else (best, worst))):
        return f.NOTHING
    return f.when_known([actual], f"{full}*{f.shares(f'({actual}-{worst})/({best}-{worst})')}")


@rule(
    name=Text("最差至最优", "Worst to best"),
    summary=Text(
        "最差值及更差得 0 分，最优值及更优得满分，之间按直线计分。",
        "No points at the worst value or beyond, full points at the best value or beyond, a straight line between.",
    ),
    words=Text(
        "实际 {actual}，最差 {worst}，最优 {best}，满分 {full}；得 {points} 分。",
        "Actual {actual} on the line from worst {worst} to best {best}: {points} of {full} points.",
    ),
    parameters=(
        Parameter("worst", Text("最差值", "Worst"), "number", Text("得 0 分的值", "The value that earns nothing")),
        Parameter("best", Text("最优值", "Best"), "number", Text("得满分的值", "The value that earns the full points")),
    ),
    directions=("higher", "lower"),
    target="none",
    native=_on_the_way,
)
def range_scale(actual: Column, full: Column, direction: str, worst: float, best: float) -> Column:
    """A straight line from nothing at the worst value to full points at the best.

    Use it where there is no target but a known span, also for figures around zero or below. Where only one ideal
    span is good use ``target_range``.

    Parameters
    ----------
    actual : column, in the unit of the indicator
    full : column, points for the best value
    direction : "higher" or "lower"
    worst, best : in the unit of the indicator; best lies on the good side of worst

    Returns
    -------
    Column of points from 0 to ``full``; NaN where the actual is missing, and everywhere if worst and best contradict
    the direction.

    Notes
    -----
    points = full × (worst − actual) ÷ (worst − best), held between 0 and full.

    Source
    ------
    inContact help, Scorecard Calculations: scaling between worst and best

    Examples
    --------
    >>> range_scale([70, 30, 5], full=100, direction="lower", worst=60, best=10)
    array([  0.,  60., 100.])
    """
    way_up = upward(best, direction) - upward(worst, direction)
    way_made = upward(actual, direction) - upward(worst, direction)
    return full * bounded(way_made / positive(way_up), 0, 1)


def _inside_range(
    actual: str,
    full: str,
    low: str,
    high: str,
    step: str,
    points_each: str,
    steps: str,
    floor: str | None,
) -> str:
    if f.is_above(low, high) or not f.is_above(step, "0"):
        return f.NOTHING
    size = f"MAX(ABS({actual}),ABS({low}),ABS({high}))"
    deducted = f"{points_each}*{f.steps_in(f.outside(actual, low, high), size, step, steps)}"
    return f.when_known([actual], f.bounded(f"{full}-{deducted}", f.part_of(full, floor), None))


@rule(
    name=Text("目标区间（趋中）", "Target range"),
    summary=Text(
        "实际值在目标区间内（含两端）得满分，每偏离一步扣若干分，可设保底。",
        "Full points inside the range, both ends included, points off for each step outside it. A floor is optional.",
    ),
    words=Text(
        "实际 {actual}，目标区间 {low} 至 {high}，满分 {full}；每偏离 {step} 扣 {points_each} 分，{steps}；"
        "得 {points} 分（保底 {floor}）。",
        "Actual {actual}, range {low} to {high}; {points_each} points off for each {step} outside, {steps}: {points} "
        "of {full} points (floor {floor}).",
    ),
    parameters=(LOW, HIGH, STEP, POINTS_EACH, STEPS, FLOOR),
    directions=("range",),
    target="none",
    native=_inside_range,
)
def target_range(
    actual: Column,
    full: Column,
    low: float,
    high: float,
    step: float,
    points_each: float,
    steps: str,
    floor: float | None = None,
) -> Column:
    """Full points inside a range, less a fixed number of points for each step outside it.

    Use it where too much is as bad as too little: debt ratio, budget use, stock. Where only one side is bad use
    ``deduct_per_step``.

    Parameters
    ----------
    actual : column, in the unit of the indicator
    full : column, points
    low, high : ends of the range, in the unit of the indicator, included
    step : size of a step, in the unit of the indicator, above 0
    points_each : points deducted for each step
    steps : "whole", "begun" or "linear"
    floor : fraction of the full points, optional

    Returns
    -------
    Column of points up to ``full``; NaN where the actual is missing, and everywhere if low is above high.

    Notes
    -----
    points = full − points_each × steps in the distance from the range.

    Source
    ------
    Enterprise business evaluation (经营业绩评价方案): the debt ratio has no single good direction

    Examples
    --------
    >>> target_range([0.5, 0.4, 0.66], 100, low=0.4, high=0.6, step=0.05, points_each=10, steps="whole", floor=0)
    array([100., 100.,  90.])
    """
    size = np.maximum(abs(actual), max(abs(low), abs(high)))
    deducted = points_each * count_steps(outside(actual, low, high), size, step, steps)
    return bounded(full - deducted, part_of(full, floor), None)
