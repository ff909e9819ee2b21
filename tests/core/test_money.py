"""Exact money: decimals as sheets show them, shares that fill their pool, and whole cents next to the exact parts."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlperf.core.money import (
    Exact,
    Shares,
    decimals,
    half_up,
    in_cents,
    places,
    ratios,
    shares_by_place,
    shares_by_weight,
    sums_of,
    whole_numbers,
)

LONG = Context(prec=200)
totals = st.sampled_from([0.0, 60.0, 74.5, 80.0, 80.5, 91.0])
amounts = st.integers(0, 10**11).map(lambda cents: cents / 100)
coefficients = st.integers(0, 3 * 10**6).map(lambda millionths: millionths / 10**6)
typed = st.one_of(amounts, coefficients, amounts.map(lambda each: -each), amounts.map(lambda each: each * 1.1 + 0.2))
anything = st.floats(allow_nan=False, allow_infinity=False, width=64)
places_earn = st.lists(st.integers(0, 40), min_size=1, max_size=4).map(
    lambda parts: [Fraction(part, 200) for part in sorted(parts, reverse=True)]
)
remainders = st.sampled_from(["unallocated", "equal", "by_score"])


def fractions(column):
    return [Fraction(each, column.denominator) for each in column.numerators]


def fractions_of_pool(shares):
    below = shares.denominators[shares.pool]
    return [Fraction(top, bottom) for top, bottom in zip(shares.numerators, below, strict=True)]


def shown(number):
    """Return the decimal that a sheet shows."""
    return Decimal(f"{number:.15g}")


@given(st.lists(st.one_of(typed, anything), max_size=8))
def test_a_column_is_read_as_its_sheet_shows_it(values):
    for read, value in zip(fractions(decimals(values)), values, strict=True):
        assert read == Fraction(shown(value)) or (read.denominator <= 1000 and shown(float(read)) == shown(value))


@pytest.mark.parametrize("value", [1.7976931348623151e308, -1e300, 5e-324, 123456789012345678])
def test_the_largest_and_the_smallest_numbers_are_read(value):
    assert fractions(decimals([value])) == [Fraction(shown(value))]


@given(st.lists(typed, max_size=8))
def test_a_column_of_typed_numbers_holds_whole_numbers_of_any_size(values):
    squared = decimals(values) * decimals(values) * decimals(values) * decimals(values)
    assert fractions(squared) == [Fraction(shown(each)) ** 4 for each in values]


@given(st.lists(st.tuples(typed, coefficients, coefficients), max_size=8))
def test_a_product_is_rounded_half_up_once(rows):
    columns = [decimals(list(column)) for column in zip(*rows, strict=True)] or [Exact(whole_numbers([]))] * 3
    cents = (columns[0] * columns[1] * columns[2]).cents()
    exact = [LONG.multiply(LONG.multiply(shown(a), shown(b)), shown(c)) for a, b, c in rows]
    assert cents.tolist() == [each.scaleb(2, LONG).quantize(Decimal(1), ROUND_HALF_UP, LONG) for each in exact]


@pytest.mark.parametrize("days", [28, 30, 31, 92, 366])
def test_days_over_the_days_of_a_period_are_exact(days):
    served = np.arange(days + 1)
    assert fractions(ratios(served / days, 10_000)) == [Fraction(int(each), days) for each in served]


@pytest.mark.parametrize(
    ("tenths", "whole"), [(0, 0), (4, 0), (5, 1), (14, 1), (15, 2), (-4, 0), (-5, -1), (-15, -2), (10**30 + 5, 10**29 + 1)]
)  # fmt: skip
def test_halves_go_away_from_zero(tenths, whole):
    assert half_up(whole_numbers([tenths]), 10).tolist() == [whole]


def referee(scores, shares, remainder):
    """Give the shares of a pool out place by place, counting everybody against everybody."""
    earned = []
    for score in scores:
        ahead, equal = sum(other > score for other in scores), scores.count(score)
        held = [shares[place] if place < len(shares) else Fraction(0) for place in range(ahead, ahead + equal)]
        earned.append(sum(held, Fraction(0)) / equal)
    rest = 1 - sum(earned)
    others = [n for n, score in enumerate(scores) if sum(other > score for other in scores) >= len(shares)]
    weight = {n: Fraction(str(scores[n])) if remainder == "by_score" else Fraction(1) for n in others}
    if remainder == "unallocated" or not sum(weight.values()):
        return earned
    return [part + rest * weight.get(n, 0) / sum(weight.values()) for n, part in enumerate(earned)]


@given(st.lists(totals, min_size=1, max_size=12), places_earn, remainders)
def test_places_earn_what_a_plain_count_gives(scores, shares, remainder):
    one = np.zeros(len(scores), np.intp)
    found = shares_by_place(scores, one, 1, shares, remainder)
    assert fractions_of_pool(found) == referee(scores, shares, remainder)


@given(st.lists(st.tuples(totals, st.integers(0, 2)), min_size=1, max_size=12), places_earn, remainders)
def test_pools_do_not_touch_each_other(people, shares, remainder):
    scores, pools = (list(each) for each in zip(*people, strict=True))
    together = fractions_of_pool(shares_by_place(scores, np.array(pools, np.intp), 3, shares, remainder))
    for pool in set(pools):
        alone = [score for score, own in people if own == pool]
        mine = [part for part, own in zip(together, pools, strict=True) if own == pool]
        assert mine == referee(alone, shares, remainder)


@given(st.lists(totals, max_size=12))
def test_a_place_counts_who_is_ahead(scores):
    place, tied = places(scores, np.zeros(len(scores), np.intp))
    assert place.tolist() == [1 + sum(other > score for other in scores) for score in scores]
    assert tied.tolist() == [scores.count(score) for score in scores]


weighed = st.lists(st.tuples(st.integers(0, 10**20), st.integers(0, 2)), max_size=20)


@given(weighed)
def test_shares_by_weight_are_the_weights_and_fill_each_pool(people):
    weights, pools = [each for each, _ in people], [pool for _, pool in people]
    found = fractions_of_pool(shares_by_weight(whole_numbers(weights), np.array(pools, np.intp), 3))
    for pool in range(3):
        mine = [n for n, own in enumerate(pools) if own == pool]
        whole = sum(weights[n] for n in mine)
        assert sum(found[n] for n in mine) == (1 if whole else 0)
        assert all(found[n] * whole == weights[n] for n in mine)


def largest_remainder(exact, order):
    """Hand the missing cents of one pool out one by one."""
    whole = [math.floor(each) for each in exact]
    spare = math.floor(sum(exact) + Fraction(1, 2)) - sum(whole)
    queue = sorted(range(len(exact)), key=lambda n: (whole[n] - exact[n], order[n]))
    return [part + (n in queue[:spare]) for n, part in enumerate(whole)]


@given(
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 2)), max_size=20),
    st.lists(st.integers(1, 500), min_size=3, max_size=3),
    st.lists(st.integers(0, 10**13), min_size=3, max_size=3),
    st.randoms(use_true_random=False),
)
def test_whole_cents_stay_next_to_the_exact_parts(people, denominators, funds, random):
    tops, pools = [top for top, _ in people], [pool for _, pool in people]
    order = random.sample(range(len(people)), len(people))
    shares = Shares(whole_numbers(tops), whole_numbers(denominators), np.array(pools, np.intp))
    whole = in_cents(whole_numbers(funds), shares, order).tolist()
    exact = [Fraction(funds[pool] * top, denominators[pool]) for top, pool in people]
    assert all(abs(part - each) < 1 for part, each in zip(whole, exact, strict=True))
    for pool in range(3):
        mine = [n for n, own in enumerate(pools) if own == pool]
        expected = largest_remainder([exact[n] for n in mine], [order[n] for n in mine])
        assert [whole[n] for n in mine] == expected


@given(weighed, st.lists(st.integers(0, 10**13), min_size=3, max_size=3), st.randoms(use_true_random=False))
def test_cents_fill_each_pool_that_has_weights_in_any_order_of_rows(people, funds, random):
    def paid(rows):
        weights, pool = whole_numbers([people[n][0] for n in rows]), np.array([people[n][1] for n in rows], np.intp)
        cents = in_cents(whole_numbers(funds), shares_by_weight(weights, pool, 3), rows)
        return dict(zip(rows, cents.tolist(), strict=True)), sums_of(cents, pool, 3).tolist()

    found, sums = paid(list(range(len(people))))
    assert sums == [fund * any(weight for weight, own in people if own == pool) for pool, fund in enumerate(funds)]
    assert paid(random.sample(range(len(people)), len(people)))[0] == found


def test_whole_units_never_add_up_to_more_than_the_pool():
    """613.80 in whole yuan are 613; a pool below one unit pays nobody."""
    thirds = shares_by_weight(whole_numbers([1, 1, 1]), np.zeros(3, np.intp), 1)
    assert in_cents(whole_numbers([61_380]), thirds, [0, 1, 2], unit=100).tolist() == [20_500, 20_400, 20_400]
    assert in_cents(whole_numbers([99]), thirds, [0, 1, 2], unit=100).tolist() == [0, 0, 0]
