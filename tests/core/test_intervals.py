"""Intervals: ends, notation, and holes and overlaps checked by probing every number that matters."""

from __future__ import annotations

from math import inf, nan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xlperf.core.intervals import Interval, band_values, holes, overlaps, settled, uncovered


def closed(low: float, high: float) -> Interval:
    return Interval(low, True, high, True)


@pytest.mark.parametrize(
    ("interval", "inside", "out", "shown"),
    [
        (Interval(80, True, 100, False), [80, 99.99], [79.99, 100], "[80, 100)"),
        (Interval(60, False, 80, True), [60.01, 80], [60, 80.01], "(60, 80]"),
        (Interval(60, True, 79.5, True), [60, 79.5], [59, 80], "[60, 79.5]"),
        (Interval(90, True, inf, False), [90, 1e9], [89.9], "≥ 90"),
        (Interval(90, False, inf, True), [90.1], [90, inf], "> 90"),
        (Interval(-inf, True, 60, True), [-1e9, 60], [60.1, -inf], "≤ 60"),
        (Interval(-inf, False, 60, False), [59], [60], "< 60"),
        (Interval(0, True, 0, True), [0, -0.0], [0.1, -0.1], "= 0"),
        (Interval(-inf, False, inf, False), [-1e300, 0, 1e300], [], "(-∞, ∞)"),
        (Interval(0.7 + 0.1, True, 1, False), [0.28 / 0.35, 0.8], [0.7999, 1], "[0.8, 1)"),
        (Interval(1e-5, True, 12345678.25, True), [1e-5, 12345678.25], [0, 12345678.26], "[1e-05, 12345678.25]"),
    ],
)
def test_ends_and_notation(interval: Interval, inside: list[float], out: list[float], shown: str) -> None:
    assert interval.contains(inside).all()
    assert not interval.contains([*out, nan]).any()
    assert interval.show() == shown


def test_one_value_is_a_column_of_one() -> None:
    assert Interval(1, True, 2, True).contains(1.5).item() is True
    assert band_values(1.5, [(Interval(1, True, 2, True), 7.0)]).item() == 7


@pytest.mark.parametrize(
    ("interval", "empty"),
    [
        (closed(80, 80), False),
        (Interval(80, True, 80, False), True),
        (Interval(80, False, 80, False), True),
        (closed(100, 80), True),
        (Interval(-inf, True, -inf, True), True),
        (Interval(nan, True, 80, True), True),
        (Interval(0.1 + 0.2, False, 0.3, True), True),
        (Interval(0.1 + 0.2, True, 0.3, True), False),
    ],
)
def test_empty(interval: Interval, empty: bool) -> None:
    assert interval.empty is empty


@pytest.mark.parametrize(
    ("bands", "found"),
    [
        ([closed(80, 100), closed(60, 79)], ["(79, 80)"]),
        ([Interval(60, True, 80, False), closed(80, 100)], []),
        ([Interval(60, True, 80, False), Interval(80, False, 100, True)], ["= 80"]),
        ([closed(60, 80), closed(80, 100)], []),
        ([closed(0, 10), closed(2, 3), closed(20, 30)], ["(10, 20)"]),
        ([closed(0, 0.7 + 0.1), Interval(0.8, False, 1, True)], []),
        ([Interval(-inf, False, 60, False), Interval(60, False, inf, False)], ["= 60"]),
        ([closed(0, 50), Interval(60, False, 80, True), closed(60, 70)], ["(50, 60)"]),
        ([closed(0, 100)], []),
        ([], []),
        ([closed(100, 0)], []),
    ],
)
def test_holes(bands: list[Interval], found: list[str]) -> None:
    assert [hole.show() for hole in holes(bands)] == found
    assert [hole.show() for hole in holes(bands[::-1])] == found


def test_uncovered_sees_the_open_ends_as_well() -> None:
    bands = [closed(80, 100), closed(60, 79)]
    assert [part.show() for part in uncovered(bands)] == ["< 60", "(79, 80)", "> 100"]
    assert [part.show() for part in uncovered(bands, Interval(0, True, inf, False))] == ["[0, 60)", "(79, 80)", "> 100"]
    assert uncovered(bands, closed(80, 90)) == []
    assert uncovered([], closed(0, 1)) == [closed(0, 1)]


def test_overlaps_are_named_in_pairs() -> None:
    low, middle, high = closed(0, 60), closed(60, 80), Interval(70, True, 90, False)
    assert overlaps([high, middle, low]) == [(low, middle), (middle, high)]
    assert low.meet(middle).show() == "= 60"
    assert middle.meet(high).show() == "[70, 80]"
    assert low.meet(high).empty
    assert overlaps([Interval(0, True, 60, False), middle]) == []
    assert overlaps([low, low]) == [(low, low)]


def test_a_value_in_two_bands_or_in_none_has_no_worth() -> None:
    bands = [(closed(60, 80), 1.0), (closed(80, 100), 2.0)]
    for order in (bands, bands[::-1]):
        np.testing.assert_array_equal(band_values([70, 80, 90, 101, nan], order), [1, nan, 2, nan, nan])


BOUND = st.integers(0, 4) | st.sampled_from([-inf, inf])
INTERVALS = st.lists(st.builds(Interval, BOUND, st.booleans(), BOUND, st.booleans()), max_size=6)
PROBES = np.arange(-2, 11) / 2  # with whole bounds from 0 to 4, whole and half numbers reach every part


@settings(deadline=None)
@given(INTERVALS, st.builds(Interval, BOUND, st.booleans(), BOUND, st.booleans()))
def test_every_number_is_covered_or_reported(intervals: list[Interval], domain: Interval) -> None:
    covered = np.any([interval.contains(PROBES) for interval in intervals] or [np.zeros(len(PROBES), bool)], axis=0)
    parts = uncovered(intervals, domain)
    reported = np.sum([part.contains(PROBES) for part in parts] or [np.zeros(len(PROBES))], axis=0)
    np.testing.assert_array_equal(reported, domain.contains(PROBES) & ~covered)
    assert not any(part.empty for part in parts)
    assert uncovered(intervals[::-1], domain) == parts


@settings(deadline=None)
@given(INTERVALS)
def test_holes_lie_between_covered_numbers(intervals: list[Interval]) -> None:
    covered = np.any([interval.contains(PROBES) for interval in intervals] or [np.zeros(len(PROBES), bool)], axis=0)
    between = np.maximum.accumulate(covered) & np.maximum.accumulate(covered[::-1])[::-1]
    reported = np.any([hole.contains(PROBES) for hole in holes(intervals)] or [np.zeros(len(PROBES), bool)], axis=0)
    np.testing.assert_array_equal(reported, between & ~covered)


@settings(deadline=None)
@given(INTERVALS)
def test_an_overlap_is_a_shared_number(intervals: list[Interval]) -> None:
    inside = [interval.contains(PROBES) for interval in intervals]
    shared = sum(bool((a & b).any()) for i, a in enumerate(inside) for b in inside[i + 1 :])
    pairs = overlaps(intervals)
    assert len(pairs) == shared
    assert overlaps(intervals[::-1]) == pairs


@given(st.integers(-(10**11), 10**11), st.integers(0, 8), st.integers(-4, 4))
def test_twelve_digits_survive_and_dust_does_not(digits: int, decimals: int, dust: int) -> None:
    typed = digits / 10**decimals
    dusty = typed * (1 + dust * 2e-16)
    assert settled(dusty).item() == typed


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=2))
def test_settling_keeps_the_order(numbers: list[float]) -> None:
    in_order = settled(sorted(numbers))
    assert (np.diff(in_order[np.isfinite(in_order)]) >= 0).all()
    np.testing.assert_allclose(in_order, sorted(numbers), rtol=1e-11, atol=1e-280)


def test_settling_leaves_the_odd_numbers_alone() -> None:
    np.testing.assert_array_equal(settled([nan, inf, -inf, 0.0, -0.0]), [nan, inf, -inf, 0, 0])
    assert settled([]).shape == (0,)
