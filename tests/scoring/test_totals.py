"""Totals by hand-checkable properties: weights in force, sums, missing figures, and rounding once."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.small import scheme, tables
from xlperf.core.numbers import fraction_of, round_half_up
from xlperf.scoring.pipeline import appraise
from xlperf.scoring.totals import total_scores, weighted, within_dimensions

SMALL = scheme()
points = st.none() | st.integers(0, 12000).map(lambda n: n / 100)
people = st.lists(st.tuples(points, points, points), min_size=1, max_size=8)


def totals(rows, policy=SMALL, adjustment=0.0):
    values = np.array([[np.nan if x is None else x for x in row] for row in rows], float)
    every = np.ones(values.shape, bool)
    none = np.zeros(values.shape, bool)
    return total(
        values, every, none, policy.indicators, policy.dimensions, policy.settings, np.full(len(rows), adjustment)
    )


def total(values, applies, filled, indicators, dimensions, settings, adjustment):
    scores = weighted(values, applies, filled, indicators, dimensions, settings)
    return total_scores(scores, scores.own, adjustment, settings)


@given(people)
def test_a_total_is_the_weighted_mean_of_what_was_measured(rows):
    """The referee adds exact fractions: dimension by dimension, the weight of a gap going to its own dimension first."""
    found = totals(rows)
    for i, row in enumerate(rows):
        expected = by_hand(row)
        if expected is None:
            assert np.isnan(found.total[i])
        else:
            assert found.total[i] == pytest.approx(float(expected), abs=0.0050001)
            assert found.base[i] == pytest.approx(float(expected), rel=1e-12, abs=1e-9)


def by_hand(row):
    dimensions = {"work": [(40, row[0]), (30, row[1])], "ability": [(30, row[2])]}
    means = {}
    for members in dimensions.values():
        stated = sum(weight for weight, _ in members)
        measured = [(weight, fraction_of(value)) for weight, value in members if value is not None]
        if measured:
            mean = sum(weight * value for weight, value in measured) / Fraction(sum(weight for weight, _ in measured))
            means[stated] = mean
    if not means:
        return None
    return sum(stated * mean for stated, mean in means.items()) / Fraction(sum(means))


@given(people)
def test_weights_in_force_total_one_and_contributions_the_base(rows):
    found = totals(rows)
    measured = ~np.isnan(found.base)
    assert found.weights.sum(axis=1)[measured] == pytest.approx(1.0)
    assert found.contribution.sum(axis=1)[measured] == pytest.approx(found.base[measured], abs=1e-9)
    gaps = np.array([[x is None for x in row] for row in rows])
    assert (found.weights[gaps] == 0).all()


@given(people)
def test_more_points_never_make_a_smaller_total(rows):
    better = [tuple(None if x is None else x + 1 for x in row) for row in rows]
    low, high = totals(rows).total, totals(better).total
    assert (high[~np.isnan(low)] >= low[~np.isnan(low)]).all()


def test_a_total_is_rounded_once_and_half_up():
    """40 % × 80.0125 + 30 % × 80.0125 + 30 % × 80.0125 = 80.0125, shown as 80.01; 80.005 becomes 80.01 and not 80.00."""
    assert totals([(80.0125,) * 3]).total[0] == 80.01
    assert totals([(80.005,) * 3]).total[0] == 80.01
    assert totals([(80.0049,) * 3]).total[0] == 80.0


def test_an_adjustment_is_added_before_rounding():
    assert totals([(80.0,) * 3], adjustment=0.125).total[0] == round_half_up(80.125)


def test_nothing_measured_is_not_zero():
    assert np.isnan(totals([(None, None, None)]).total[0])


def test_weights_within_dimensions_give_the_same_totals():
    """57 1/7 % and 42 6/7 % of a dimension of 70 % are 40 % and 30 % of the total."""
    within = scheme(weight_basis="dimension")
    weights = [400 / 7, 300 / 7, 100.0]
    indicators = tuple(
        type(each)(**{**vars(each), "weight": weight}) for each, weight in zip(within.indicators, weights, strict=True)
    )
    values = np.array([[81.5, 63.25, 90.0]])
    every, none = np.ones((1, 3), bool), np.zeros((1, 3), bool)
    found = total(values, every, none, indicators, within.dimensions, within.settings, np.zeros(1))
    assert found.total[0] == totals([(81.5, 63.25, 90.0)]).total[0]


def test_an_indicator_without_weight_adds_nothing():
    """It is shown for information, also where points are added up and its rule gives points of its own."""
    for method in ("weighted", "sum"):
        policy = scheme(total_method=method)
        first, *others = policy.indicators
        free = (type(first)(**{**vars(first), "weight": 0.0}), *others)
        every, none = np.ones((1, 3), bool), np.zeros((1, 3), bool)
        found = total(
            np.array([[77.0, 30.0, 30.0]]), every, none, free, policy.dimensions, policy.settings, np.zeros(1)
        )
        assert found.contribution[0, 0] == 0
        assert found.weights[0, 0] == 0


def test_the_weight_of_a_gap_in_equal_parts():
    """80, -, 90, 70 and 60 with 30, 20, 20, 15 and 15 %: 35 x 80 + 25 x 90 + 20 x 70 + 20 x 60 is 76.5 %."""
    stated, there = np.array([[30.0, 20.0, 20.0, 15.0, 15.0]]), np.array([[True, False, True, True, True]])
    weights = within_dimensions(stated, stated * there, np.ones((1, 5), bool), ~there)
    assert weights.tolist() == [[35, 0, 25, 20, 20]]


def test_gaps_in_equal_parts_stay_in_their_dimension_and_an_empty_one_goes_to_the_others():
    """Nothing of the dimension "ability" is rated: its 30 % go to the others; a gap in "work" goes to what is there."""
    found = appraise(tables(tasks=[], ratings=None), scheme(if_not_applicable="equal", if_missing="equal"), "2026-10")
    assert found.totals.weights.tolist() == [pytest.approx([0, 0.7, 0.3])] * 5
    nobody = appraise(tables(ratings=[]), scheme(if_missing="equal"), "2026-10")
    assert nobody.totals.weights.tolist() == [pytest.approx([4 / 7, 3 / 7, 0])] * 5
