"""Checks the sheets Box axes and Boxes."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from xlperf.core.numbers import fraction_of
from xlperf.core.problems import Problem
from xlperf.core.vocabulary import WORDS
from xlperf.policy.scheme import Scheme
from xlperf.policy.validation.addressing import Check, as_percent, report


def check_axes(scheme: Scheme) -> Iterator[Problem]:
    """The nine-box has both axes, and levels that rise."""
    there = {each.axis for each in scheme.box_axes}
    for axis, name in WORDS["box_axis"].items() if there else ():
        if axis not in there:
            yield from report(scheme, "box-axis-missing", "box_axes", "axis", range(len(scheme.box_axes)), axis=name)
    for position, each in enumerate(scheme.box_axes):
        if each.high <= each.middle:
            yield from report(scheme, "box-limits", "box_axes", "high_from", [position], axis=each.name,
                              middle=each.middle, high=each.high)  # fmt: skip


def check_shares(scheme: Scheme) -> Iterator[Problem]:
    """The shares of boxes lie between 0 % and 100 %, and the least ones do not exceed it together."""
    total = Fraction(0)
    for position, each in enumerate(scheme.boxes):
        least = fraction_of(each.least) if each.least == each.least else Fraction(0)
        most = fraction_of(each.most) if each.most == each.most else Fraction(1)
        if not 0 <= least <= most <= 1:
            yield from report(scheme, "box-shares", "boxes", "least", [position], box=each.name,
                              least=as_percent(least), most=as_percent(most))  # fmt: skip
        total += least
    if total > 1:
        rows = range(len(scheme.boxes))
        yield from report(scheme, "boxes-over-100", "boxes", "least", rows, sum=as_percent(total))


CHECKS: tuple[Check, ...] = (check_axes, check_shares)
