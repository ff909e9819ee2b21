"""What the rules share: which figure is better, how far apart two figures are, and where points end."""

from __future__ import annotations

from math import inf, nan

import numpy as np

from xlperf.core.intervals import settled
from xlperf.policy.rules.definition import Column


def upward(numbers: Column | float, direction: str) -> Column:
    """Return the numbers with a sign that makes more better: negated where less is better.

    Parameters
    ----------
    numbers : column, or one number, in the unit of the indicator
    direction : "lower", where less is better; any other leaves them as they are

    Examples
    --------
    >>> upward(np.array([2.0, 5.0]), "lower")
    array([-2., -5.])
    """
    return np.asarray(numbers, np.float64) * (-1 if direction == "lower" else 1)


def attainment(actual: Column, target: Column, direction: str, lower_by: str | None = None) -> Column:
    """Return actual ÷ target; where less is better its mirror image 2 − actual ÷ target, or target ÷ actual.

    Parameters
    ----------
    actual, target : columns, in the unit of the indicator
    direction : "higher" or "lower"
    lower_by : where less is better, "quotient" for target ÷ actual; the mirror image with any other

    Returns
    -------
    Column of shares of the target, 1 for exactly met; below 0, or above 2 where less is better, where the actual is
    below zero. NaN where the actual is missing, or the target missing or not above zero: no ratio makes sense there.
    A quotient is infinite where the actual is 0, which only a limit catches, and NaN where it is below zero.

    Examples
    --------
    >>> attainment(np.array([45.0, 60.0]), np.array([50.0, 50.0]), "higher")
    array([0.9, 1.2])
    >>> attainment(np.array([45.0, 60.0]), np.array([50.0, 50.0]), "lower")
    array([1.1, 0.8])
    >>> attainment(np.array([40.0, 62.5]), np.array([50.0, 50.0]), "lower", "quotient")
    array([1.25, 0.8 ])
    """
    if direction == "lower" and lower_by == "quotient":
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where((target > 0) & (actual >= 0), target / (actual + 0.0), nan)
    ratio = np.where(target > 0, actual / target, nan)
    return 2 - ratio if direction == "lower" else ratio


WITHOUT_END = 1e300  # stands for target ÷ actual where the actual is 0, as in formulas


def within_end(shares: Column) -> Column:
    """Return shares of a target of which an infinite one is the largest number that a band or a level can hold.

    >>> within_end(np.array([0.5, inf, nan]))
    array([5.e-001, 1.e+300,     nan])
    """
    return np.where(np.isposinf(shares), WITHOUT_END, shares)


COMPARISONS = {"at_least": np.greater_equal, "above": np.greater, "at_most": np.less_equal, "below": np.less}


def meets(actual: Column, mark: Column | float, operator: str) -> Column:
    """Return 1 where the actual meets the mark, 0 where it does not, NaN where either is missing.

    Parameters
    ----------
    actual : column, in the unit of the indicator
    mark : column, or one number for everybody, in the same unit
    operator : a key of ``COMPARISONS``: "at_least", "above", "at_most" or "below"

    Notes
    -----
    Both are compared at twelve significant digits, so that 0.1 + 0.2 is at least 0.3 and not above it.

    Examples
    --------
    >>> meets(np.array([0.1 + 0.2, 0.4, nan]), 0.3, "above")
    array([ 0.,  1., nan])
    """
    unknown = np.isnan(actual) | np.isnan(mark)
    return np.where(unknown, nan, COMPARISONS[operator](settled(actual), settled(mark)))


def as_good_as(actual: Column, mark: Column | float, direction: str) -> Column:
    """Return 1 where the actual is at least as good as the mark, 0 where it is not, NaN where either is missing.

    Parameters
    ----------
    actual : column, in the unit of the indicator
    mark : column, or one number for everybody, in the same unit
    direction : "lower" where less is better; more is better with any other

    Examples
    --------
    >>> as_good_as(np.array([3.0, 5.0]), 4, "lower"), as_good_as(np.array([3.0, 5.0]), 4, "higher")
    (array([1., 0.]), array([0., 1.]))
    """
    return meets(actual, mark, "at_most" if direction == "lower" else "at_least")


def count_steps(distance: Column, size: Column, step: Column | float, steps: str) -> Column:
    """Return how many steps a distance holds: completed ones, begun ones, or in proportion.

    ``size`` is the size of the numbers whose difference the distance is; their dust must not begin a step.
    """
    exact = distance / positive(step)
    if steps == "linear":
        return exact
    counted = settled(exact, size / step)
    return np.floor(counted) if steps == "whole" else np.ceil(counted)


def outside(numbers: Column, low: float, high: float) -> Column:
    """Return how far the numbers lie outside ``[low, high]``; NaN everywhere if the ends are the wrong way round."""
    if low > high:
        return np.full_like(numbers, nan)
    return np.maximum(np.maximum(low - numbers, numbers - high), 0)


def bounded(points: Column, low: Column | float | None, high: Column | float | None) -> Column:
    """Return the points held between two limits, of which either may be absent."""
    return np.clip(points, -inf if low is None else low, inf if high is None else high)


def bounded_below_zero(
    points: Column, low: Column | None, high: Column | None, actual: Column, direction: str
) -> Column:
    """Return the points held between two limits; NaN where the actual is below zero and no limit catches it.

    Parameters
    ----------
    points : column, in proportion to a ratio
    low, high : columns of points, or None for no limit
    actual : column, in the unit of the indicator
    direction : "lower", where a figure below zero is better than any; with any other it is worse

    Examples
    --------
    >>> points = np.array([-50.0, 80.0])
    >>> bounded_below_zero(points, np.zeros(2), None, points, "higher")
    array([ 0., 80.])
    >>> bounded_below_zero(points, None, None, points, "higher")
    array([nan, 80.])
    """
    caught = (high if direction == "lower" else low) is not None
    return bounded(points if caught else np.where(actual < 0, nan, points), low, high)


def part_of(full: Column, fraction: float | None) -> Column | None:
    """Return a fraction of the full points, or no limit where there is no fraction."""
    return None if fraction is None else fraction * full


def place_share(values: Column, group: Column) -> Column:
    """Return place ÷ members within each group: the highest value has place 1, equal values share the better place.

    A row without a value or without a group (NaN or below 0) is not ranked and not counted.
    """
    known = np.flatnonzero(~np.isnan(values) & (group >= 0))
    order = known[np.lexsort((-values[known], group[known]))]
    value, member_of, index = values[order], group[order], np.arange(order.size)
    opens_group = np.diff(member_of, prepend=nan) != 0
    opens_place = opens_group | (np.diff(value, prepend=nan) != 0)
    group_start = np.maximum.accumulate(np.where(opens_group, index, 0))
    place_start = np.maximum.accumulate(np.where(opens_place, index, 0))
    _, which, members = np.unique(member_of, return_inverse=True, return_counts=True)
    share = np.full_like(values, nan)
    share[order] = (place_start - group_start + 1) / members[which]
    return share


def positive(step: Column | float) -> Column:
    """Return the size of a step, NaN where it is not above zero: nothing can be counted in such steps."""
    return np.where(np.asarray(step) > 0, step, nan)
