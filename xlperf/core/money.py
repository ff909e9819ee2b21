"""Exact money, a column at a time: decimals of sheets, shares of pools, and whole cents that add up.

Nothing here is rounded before its end. A column is of Python's own whole numbers, which have any size, over one
denominator; the shares of a pool are over one denominator too, so that fractions of a cent are compared as whole
numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from math import lcm
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from xlperf.core.numbers import fraction_of

Whole = npt.NDArray[Any]  # Python's own whole numbers
Pools = npt.NDArray[np.intp]  # the number of everybody's pool: 0, 1, 2 and so on

CENTS = 100
MOST_PLACES = 15  # as many significant digits as a sheet keeps
MOST_WHOLE = 10.0**MOST_PLACES


@dataclass(frozen=True)
class Exact:
    """A column of exact numbers: whole ``numerators`` over one ``denominator``."""

    numerators: Whole
    denominator: int = 1

    def __mul__(self, other: Exact) -> Exact:
        return Exact(self.numerators * other.numerators, self.denominator * other.denominator)

    def cents(self, unit: int = 1) -> Whole:
        """Return the amounts in cents, rounded to whole units of so many cents, halves away from zero.

        >>> (decimals([6000.15]) * ratios([1 / 30], 31)).cents().tolist()  # 200.005
        [20001]
        """
        return half_up(self.numerators * CENTS, self.denominator * unit) * unit


def decimals(values: npt.ArrayLike) -> Exact:
    """Read each number as the decimal that a sheet shows, to fifteen significant digits.

    >>> decimals([6000.15, 1.2])
    Exact(numerators=array([600015, 120], dtype=object), denominator=100)
    >>> decimals([0.1 + 0.2])
    Exact(numerators=array([3], dtype=object), denominator=10)

    Notes
    -----
    A whole number below 10^15, divided by a power of ten, is the float nearest to a decimal of at most fifteen digits;
    a float that equals it is shown as that decimal. Columns with other floats are read number by number.
    """
    numbers = np.asarray(values, np.float64)
    for places in range(MOST_PLACES + 1):
        whole = np.rint(numbers * 10.0**places)
        if (np.abs(whole) >= MOST_WHOLE).any():
            break
        if (whole / 10.0**places == numbers).all():
            return Exact(whole.astype(np.int64).astype(object), 10**places)
    return _over_one_denominator(numbers, fraction_of)


def ratios(values: npt.ArrayLike, largest: int) -> Exact:
    """Read each number as the nearest ratio whose denominator is at most ``largest``.

    >>> ratios([0.3225806451612903, 1.0], 366)
    Exact(numerators=array([10, 31], dtype=object), denominator=31)
    """
    return _over_one_denominator(values, lambda each: Fraction(each).limit_denominator(largest))


def _over_one_denominator(values: npt.ArrayLike, read: Callable[[float], Fraction]) -> Exact:
    distinct, position = np.unique(np.asarray(values, np.float64), return_inverse=True)
    fractions = [read(each) for each in distinct.tolist()]
    denominator = lcm(*(each.denominator for each in fractions))
    return Exact(whole_numbers([int(each * denominator) for each in fractions])[position], denominator)


@dataclass(frozen=True)
class Shares:
    """What everybody gets of the pool that they are in: ``numerators`` over the ``denominators`` of the pools."""

    numerators: Whole
    denominators: Whole
    pool: Pools

    def as_floats(self) -> npt.NDArray[np.float64]:
        """Return the floats nearest to the shares."""
        return np.asarray(self.numerators / self.denominators[self.pool], np.float64)


def shares_by_weight(weights: Whole, pool: Pools, pools: int) -> Shares:
    """Divide each pool in proportion to whole weights; nobody gets anything where they add up to nothing.

    Parameters
    ----------
    weights : n whole numbers, exact however large
    pool, pools : n numbers of pools, and how many pools there are

    Examples
    --------
    >>> shares_by_weight(whole_numbers([2, 1, 0]), np.array([0, 0, 1]), 2).as_floats().round(4).tolist()
    [0.6667, 0.3333, 0.0]
    """
    sums = sums_of(weights, pool, pools)
    return Shares(weights, np.where(sums == 0, 1, sums), pool)


def shares_by_place(
    totals: npt.ArrayLike, pool: Pools, pools: int, earned: Sequence[Fraction], remainder: str
) -> Shares:
    """Divide each pool by the places that totals have in it.

    Parameters
    ----------
    totals : n numbers, none missing
    pool, pools : n numbers of pools, and how many pools there are
    earned : what the first, the second, the third place and so on earn
        People with equal totals add up the shares of the places that they occupy, and divide them equally.
    remainder : "unallocated", "equal" or "by_score"
        What the people beyond these places get of the rest: nothing, equal parts, or parts in proportion to their
        totals (a total below zero counts as zero).

    Examples
    --------
    >>> all_in_one, earned = np.zeros(4, np.intp), [Fraction(3, 10), Fraction(2, 10)]
    >>> shares_by_place([95, 90, 80, 70], all_in_one, 1, earned, "equal").as_floats().tolist()
    [0.3, 0.2, 0.25, 0.25]
    >>> shares_by_place([95, 95, 80, 70], all_in_one, 1, earned, "unallocated").as_floats().tolist()
    [0.25, 0.25, 0.0, 0.0]
    """
    place, tied = places(totals, pool)
    listed, unit = len(earned), lcm(*(each.denominator for each in earned))
    so_far = whole_numbers([int(each * unit) for each in accumulate(earned, initial=Fraction(0))])
    together = so_far[np.minimum(place - 1 + tied, listed)] - so_far[np.minimum(place - 1, listed)]
    earning = together > 0
    divided = whole_numbers([1] * pools)
    np.lcm.at(divided, pool[earning], tied[earning].astype(object))
    shares = Shares(together * (divided[pool] // tied), divided * unit, pool)
    if remainder not in ("equal", "by_score"):
        return shares
    merit = decimals(np.maximum(totals, 0.0) if remainder == "by_score" else np.ones(len(pool))).numerators
    rest = shares.denominators - sums_of(shares.numerators, pool, pools)
    parts = shares_by_weight(np.where(place > listed, merit, 0), pool, pools)
    numerators = shares.numerators * parts.denominators[pool] + rest[pool] * parts.numerators
    return Shares(numerators, shares.denominators * parts.denominators, pool)


def places(totals: npt.ArrayLike, pool: Pools) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Return everybody's place in the pool (1, 2, 2, 4), and how many people share it."""
    frame = pd.DataFrame({"pool": pool, "total": np.asarray(totals, np.float64)})
    place = frame.groupby("pool")["total"].rank(method="min", ascending=False)
    tied = frame.groupby(["pool", "total"])["total"].transform("size")
    return place.to_numpy(np.intp), tied.to_numpy(np.intp)


def in_cents(amounts: Whole, shares: Shares, order: npt.ArrayLike, unit: int = 1) -> Whole:
    """Divide the amounts of pools, in cents, into whole units that add up to what the exact parts add up to.

    That sum is rounded half up, and never above the whole units of the amount. Everybody gets the whole units of the
    exact part; the units that remain go to the largest fractions of one, of equal fractions to the one that comes first
    in ``order``. Shares are not below zero; ``unit`` is in cents, so that 100 divides into whole yuan.

    Examples
    --------
    >>> thirds = shares_by_weight(whole_numbers([1, 1, 1]), np.zeros(3, np.intp), 1)
    >>> in_cents(whole_numbers([10_000]), thirds, [2, 0, 1]).tolist()
    [3333, 3334, 3333]
    >>> in_cents(whole_numbers([10_000]), thirds, [2, 0, 1], unit=100).tolist()
    [3300, 3400, 3300]
    """
    pool, pools = shares.pool, len(shares.denominators)
    denominators = shares.denominators * unit
    exact, one = shares.numerators * amounts[pool], denominators[pool]
    whole = exact // one
    sums = sums_of(exact, pool, pools)
    together = half_up(sums, denominators)
    beyond = (together * unit > amounts) & (sums <= amounts * shares.denominators)
    spare = np.where(beyond, amounts // unit, together) - sums_of(whole, pool, pools)
    largest_first = np.lexsort((np.asarray(order), whole * one - exact, pool))
    in_turn = pool[largest_first]
    turn = np.empty(len(pool), np.intp)
    turn[largest_first] = np.arange(len(pool)) - np.searchsorted(in_turn, in_turn)
    return np.asarray((whole + (turn < spare[pool])) * unit)


def half_up(numerators: Whole, denominators: Whole | int) -> Whole:
    """Round to whole numbers, halves away from zero.

    >>> half_up(whole_numbers([5, -5, 4]), 10).tolist()
    [1, -1, 0]
    """
    size = (2 * abs(numerators) + denominators) // (2 * denominators)
    return np.where(numerators < 0, -size, size)


def sums_of(values: Whole, pool: Pools, pools: int) -> Whole:
    """Return the sum of the values of each pool, exactly.

    Parameters
    ----------
    values : n whole numbers
    pool, pools : n numbers of pools from 0, and how many pools there are

    Examples
    --------
    >>> sums_of(whole_numbers([1, 2, 4]), np.array([0, 1, 0]), 3).tolist()
    [5, 2, 0]
    """
    sums = whole_numbers([0] * pools)
    np.add.at(sums, pool, values)
    return sums


def as_money(cents: Whole) -> npt.NDArray[np.float64]:
    """Return amounts in the unit of the currency."""
    return np.asarray(cents, np.float64) / CENTS


def whole_numbers(values: Sequence[int]) -> Whole:
    """Return Python's own whole numbers as a column."""
    return np.fromiter(values, object, len(values))
