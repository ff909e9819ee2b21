"""Checks the Curves sheet: every value has one reading, and what uses a curve names one that is there."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from xlperf.core.curves import curve_values, segments
from xlperf.core.intervals import settled
from xlperf.core.problems import Problem
from xlperf.core.spelling import similar
from xlperf.core.vocabulary import WORDS
from xlperf.policy.scheme import CurveRows, Scheme
from xlperf.policy.validation.addressing import Check, at, report

PERCENTAGES = 10  # an attainment from here on, 1,000 %, is a percentage without its sign


def check_curves_named(scheme: Scheme) -> Iterator[Problem]:
    """The curves that indicators name are on the sheet, also where another parameter of the cell was not understood."""
    for position, each in enumerate(scheme.indicators):
        name = each.parameters.get("curve")
        if name is not None and name not in scheme.curves:
            near = similar(name, scheme.curves)
            yield at(scheme, "curve-missing", "indicators", "parameters", [position], curve=name, near=near)


def check_anchors_rise(scheme: Scheme) -> Iterator[Problem]:
    """The values of a curve rise from row to row, none of them twice."""
    for name, found in scheme.curves.items():
        values = [float(settled(each.value)) for each in found.curve.anchors]
        for (low, first), (high, second) in pairwise(zip(values, found.rows, strict=True)):
            if low == high:
                yield from report(scheme, "curve-value-twice", "curves", "value", [first, second], curve=name,
                                  value=high)  # fmt: skip
            elif low > high:
                yield from report(scheme, "curve-order", "curves", "value", [second], curve=name, value=high, above=low)


def check_curves_read(scheme: Scheme) -> Iterator[Problem]:
    """It is stated how a curve is read, in one way where it has slices; a line has two ends."""
    for name, found in scheme.curves.items():
        readings = {each.reading: row for each, row in zip(found.curve.anchors, found.rows, strict=True)}
        if "" in readings:
            yield from report(scheme, "curve-reading-missing", "curves", "reading", found.rows[:1], curve=name,
                              allowed=list(WORDS["curve_reading"].values()))  # fmt: skip
        elif "slice" in readings and len(readings) > 1:
            yield from report(scheme, "curve-slices-mixed", "curves", "reading", found.rows, curve=name)
        elif readings.keys() == {"line"} and len(found.rows) == 1:
            yield from report(scheme, "curve-short", "curves", "value", found.rows, curve=name)


def check_ends_stated(scheme: Scheme) -> Iterator[Problem]:
    """It is stated what holds beyond both ends, and nowhere else."""
    column = scheme.table("curves")["beyond"]
    allowed = list(WORDS["curve_end"].values())
    for name, found in scheme.curves.items():
        curve, first, last = found.curve, found.rows[0], found.rows[-1]
        if not curve.below:
            yield from report(scheme, "curve-open-below", "curves", "beyond", [first], curve=name, allowed=allowed,
                              value=curve.anchors[0].value)  # fmt: skip
        if not curve.above and curve.anchors[-1].reading == "line" and len(found.rows) > 1:
            yield from report(scheme, "curve-open-above", "curves", "beyond", [last], curve=name, allowed=allowed,
                              value=curve.anchors[-1].value)  # fmt: skip
        inside = [row for row in found.rows[1:-1] if isinstance(column[row], str) and column[row]]
        if inside:
            yield from report(scheme, "curve-end-inside", "curves", "beyond", inside, curve=name)


def check_curves_fit(scheme: Scheme) -> Iterator[Problem]:
    """A curve has the unit of what is held against it, and doing better does not earn less."""
    for position, each in enumerate(scheme.indicators):
        name = each.parameters.get("curve")
        found = scheme.curves.get(name or "")
        if found is None or not found.curve.is_sound():
            continue
        by_attainment = each.parameters.get("of") == "attainment"
        if by_attainment and found.curve.anchors[-1].value >= PERCENTAGES:
            value = found.curve.anchors[-1].value
            yield from report(scheme, "curve-in-percent", "curves", "value", found.rows, curve=name,
                              indicator=each.name, value=value, percent=f"{value:,.0%}",
                              meant=f"{value:.10g}%")  # fmt: skip
        if by_attainment and each.target != each.target and each.code not in set(scheme.table("targets")["indicator"]):
            yield from report(scheme, "curve-without-target", "indicators", "target", [position],
                              indicator=each.name, curve=name)  # fmt: skip
        rising = each.direction == "higher" or (by_attainment and each.direction != "range")
        if each.direction != "range" and _turns(found, rising):
            yield from report(scheme, "curve-turns", "curves", "points", found.rows, curve=name, indicator=each.name,
                              direction=WORDS["direction"][each.direction])  # fmt: skip


def _turns(found: CurveRows, rising: bool) -> bool:
    """Tell whether a better value earns less somewhere on the curve."""
    curve = found.curve
    values = [each.value for each in curve.anchors]
    points = curve_values(values, curve).tolist()
    rises = [piece.rise for piece in segments(curve) if piece is not None]
    steps = [*rises, *(high - low for low, high in pairwise(points))]
    return any(step < 0 for step in steps) if rising else any(step > 0 for step in steps)


CHECKS: tuple[Check, ...] = (
    check_curves_named,
    check_anchors_rise,
    check_curves_read,
    check_ends_stated,
    check_curves_fit,
)
