"""Intervals with explicit ends, and what a table of them leaves open or covers twice.

The boundary words of a policy decide whether an end belongs to the interval: 以上, 以内, 不低于 and 不超过
include the number, 高于, 低于, 超过 and 不足 do not. Numbers are compared without float dust, so that 0.28 ÷ 0.35
lies at 0.8 and not a hair beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import inf

import numpy as np
from numpy.typing import ArrayLike, NDArray

DIGITS = 12  # significant digits that count in a comparison; float arithmetic keeps 15 to 17
_TENS = np.array([float(f"1e{exponent}") for exponent in range(300)])


def settled(values: ArrayLike, size: ArrayLike | None = None) -> NDArray[np.float64]:
    """Return the values rounded to twelve significant digits, as they are to be compared.

    A difference keeps the dust of the numbers it was taken from: give their ``size`` to round at their
    twelfth digit instead.

    >>> settled([0.1 + 0.2, 0.28 / 0.35, 19.99]).tolist()
    [0.3, 0.8, 19.99]
    >>> settled(1000000.2 - 1000000.1, size=1000000.2).tolist()
    0.1
    """
    numbers = np.asarray(values, dtype=np.float64)
    magnitude = np.abs(numbers if size is None else np.asarray(size, dtype=np.float64))
    with np.errstate(divide="ignore"):
        decimals = DIGITS - 1 - np.floor(np.log10(magnitude))
    limit = len(_TENS) - 1
    decimals = np.clip(np.nan_to_num(decimals, nan=0, posinf=limit, neginf=-limit), -limit, limit)
    ten = _TENS[np.abs(decimals).astype(int)]
    with np.errstate(over="ignore"):
        rounded = np.where(decimals < 0, np.round(numbers / ten) * ten, np.round(numbers * ten) / ten)
    return np.asarray(rounded, dtype=np.float64)


@dataclass(frozen=True)
class Interval:
    """The numbers from ``low`` to ``high``; an end without limit is ``-inf`` or ``inf`` and never included."""

    low: float
    low_included: bool
    high: float
    high_included: bool

    def __post_init__(self) -> None:
        for end in ("low", "high"):
            bound = float(settled(getattr(self, end)))
            object.__setattr__(self, end, bound)
            object.__setattr__(self, f"{end}_included", bool(getattr(self, f"{end}_included")) and abs(bound) < inf)

    @property
    def empty(self) -> bool:
        """Whether no number at all lies in it, as between 100 and 80 or between 80 and 80 without both ends.

        >>> Interval(100, True, 80, True).empty, Interval(80, True, 80, True).empty
        (True, False)
        """
        return not (self.low < self.high or (self.low == self.high and self.low_included and self.high_included))

    def contains(self, values: ArrayLike) -> NDArray[np.bool_]:
        """Whether each of the values lies in the interval; a missing value (NaN) lies nowhere.

        >>> Interval(60, True, 80, False).contains([60, 79.5, 80, float("nan")]).tolist()
        [True, True, False, False]
        """
        numbers = settled(values)
        above = numbers >= self.low if self.low_included else numbers > self.low
        below = numbers <= self.high if self.high_included else numbers < self.high
        return np.asarray(above & below)

    def meet(self, other: Interval) -> Interval:
        """Return what both intervals have in common, which may be empty.

        >>> Interval(60, True, 80, True).meet(Interval(80, True, 100, True)).show()
        '= 80'
        """
        low, low_excluded = max((part.low, not part.low_included) for part in (self, other))
        high, high_included = min((part.high, part.high_included) for part in (self, other))
        return Interval(low, not low_excluded, high, high_included)

    def show(self) -> str:
        """Write the interval as a person reads it; a square bracket includes the end, a round one does not.

        >>> Interval(80, True, 100, False).show(), Interval(90, True, inf, False).show()
        ('[80, 100)', '≥ 90')
        """
        low, high = f"{self.low:.{DIGITS}g}", f"{self.high:.{DIGITS}g}"
        if self.low == -inf and self.high == inf:
            return "(-∞, ∞)"
        if self.high == inf:
            return f"{'≥' if self.low_included else '>'} {low}"
        if self.low == -inf:
            return f"{'≤' if self.high_included else '<'} {high}"
        if self.low == self.high and not self.empty:
            return f"= {low}"
        return f"{'[' if self.low_included else '('}{low}, {high}{']' if self.high_included else ')'}"


Bands = Sequence[tuple[Interval, float]]
EVERYTHING = Interval(-inf, False, inf, False)


def uncovered(intervals: Iterable[Interval], domain: Interval = EVERYTHING) -> list[Interval]:
    """Return the parts of the domain that no interval covers, from low to high.

    >>> scores = Interval(0, True, 100, True)
    >>> [part.show() for part in uncovered([Interval(60, True, 79, True), Interval(80, True, 99, True)], scores)]
    ['[0, 60)', '(79, 80)', '(99, 100]']
    """
    parts = []
    rest = domain
    for interval in _ascending(intervals):
        parts.append(rest.meet(Interval(-inf, False, interval.low, not interval.low_included)))
        rest = rest.meet(Interval(interval.high, not interval.high_included, inf, False))
    return [part for part in (*parts, rest) if not part.empty]


def holes(intervals: Iterable[Interval]) -> list[Interval]:
    """Return the parts between the lowest and the highest end that no interval covers, from low to high.

    >>> [hole.show() for hole in holes([Interval(80, True, 100, True), Interval(60, True, 79, True)])]
    ['(79, 80)']
    >>> [hole.show() for hole in holes([Interval(0, True, 60, False), Interval(60, False, 80, True)])]
    ['= 60']
    """
    ascending = _ascending(intervals)
    if not ascending:
        return []
    lowest = ascending[0]
    high, high_included = max((interval.high, interval.high_included) for interval in ascending)
    return uncovered(ascending, Interval(lowest.low, lowest.low_included, high, high_included))


def overlaps(intervals: Iterable[Interval]) -> list[tuple[Interval, Interval]]:
    """Return every pair of intervals that share at least one number, from low to high.

    >>> [(a.show(), b.show()) for a, b in overlaps([Interval(80, True, 100, True), Interval(60, True, 80, True)])]
    [('[60, 80]', '[80, 100]')]
    """
    return [(lower, upper) for lower, upper in combinations(_ascending(intervals), 2) if not lower.meet(upper).empty]


def band_values(values: ArrayLike, bands: Bands) -> NDArray[np.float64]:
    """Return what the one band around each value is worth; NaN where no band, or more than one, holds the value.

    Parameters
    ----------
    values : n numbers; NaN lies in no band
    bands : intervals with what each is worth, in any order

    Examples
    --------
    >>> band_values([79, 79.5], [(Interval(60, True, 79, True), 60.0), (Interval(80, True, 100, True), 80.0)]).tolist()
    [60.0, nan]
    """
    numbers = np.asarray(values, dtype=np.float64)
    worth, hits = np.zeros(numbers.shape), np.zeros(numbers.shape)
    for interval, value in bands:
        inside = interval.contains(numbers)
        worth[inside] += value
        hits += inside
    return np.where(hits == 1, worth, np.nan)


def _ascending(intervals: Iterable[Interval]) -> list[Interval]:
    """Sort the intervals that are not empty by their ends."""
    return sorted(
        (interval for interval in intervals if not interval.empty),
        key=lambda interval: (interval.low, not interval.low_included, interval.high, interval.high_included),
    )
