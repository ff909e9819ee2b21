"""A pool's totals and shares to grades by rank: places, head-counts, ties and pools that are too small.

A pool (*group*) is the set of people who compete for the same places; a *line* is the last place of a grade.
Grades are positions in the scheme's list, best first: 0 is the best grade, -1 means no grade.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, pairwise
from math import ceil, floor
from numbers import Rational
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

Rounding = Literal["lines", "largest_remainder", "floor", "ceiling"]
Ties = Literal["better", "worse", "chain"]
Path = tuple[str, ...]
Integers = npt.NDArray[np.intp]
Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Distribution:
    """Everybody's grade and place, and for each group what the shares allowed and what they came to."""

    grade: Integers
    """One per person: 0 is the best grade, -1 without a score or a group."""
    place: Integers
    """One per person: 1 is the best of the group, equal people share the better place, 0 means no place."""
    sizes: Integers
    """One per group: the people who have a score."""
    lines: Integers
    """Groups x grades: the last place of each grade."""
    counts: Integers
    """Groups x grades: the people who got the grade."""

    @property
    def quotas(self) -> Integers:
        """Groups x grades: the people whom the shares foresee."""
        return np.diff(self.lines, axis=1, prepend=0)

    @property
    def overshoot(self) -> Integers:
        """Groups x grades: people above the quota (below it, if negative), which only ties can cause."""
        return self.counts - self.quotas


def distribute(
    scores: npt.ArrayLike,
    groups: npt.ArrayLike,
    shares: Sequence[Fraction],
    rounding: Rounding = "lines",
    ties: Ties = "better",
    tie_keys: Sequence[npt.ArrayLike] = (),
) -> Distribution:
    """Grade each group by rank so that each grade gets its agreed share of people.

    Use it for a forced distribution; where a grade depends on a person's own total, bands decide instead.

    Parameters
    ----------
    scores : n numbers, points
        Totals, already rounded as shown to HR, so that equal means equal. NaN is left out of the group.
    groups : n integers
        The group of each person: 0, 1, 2 and so on; -1 for people outside every group.
    shares : sequence of k fractions of the group, best grade first
        Exact, and exactly 1 in total.
    rounding : "lines", "largest_remainder", "floor" or "ceiling"
        How shares become whole people: see `last_places`.
    ties : "better", "worse" or "chain"
        Equal totals across a line all get the better grade, or all the worse one, or are told apart by `tie_keys`.
    tie_keys : sequence of columns of n numbers
        For "chain" only: the first key that differs decides, higher wins, NaN comes last. People who are equal
        in every key share the better place and grade.

    Returns
    -------
    Distribution
        In the order of `scores`; groups in the order of their numbers.

    Raises
    ------
    ValueError
        "shares must add up to 1 with none below 0, got 0.2 + 0.7 = 0.9"; 'ties must be one of …, got "both"'.
    TypeError
        "a share must be an exact fraction, got 0.2".

    Notes
    -----
    A better score never gets a worse grade, and row order never decides. Without ties each count equals its quota.

    Source
    ------
    Effects on people: Scullen, Bergey & Aiman-Smith, Personnel Psychology 58 (2005).

    Examples
    --------
    >>> shares = [Fraction(1, 5), Fraction(3, 5), Fraction(1, 5)]
    >>> distribute([91, 74, 88, 62, 79], [0] * 5, shares).grade.tolist()
    [0, 1, 1, 2, 1]
    >>> tied = distribute([91, 91, 88, 62, float("nan"), 79], [0] * 6, shares)   # two share the one first place
    >>> tied.grade.tolist(), tied.place.tolist()
    ([0, 0, 1, 2, -1, 1], [1, 1, 3, 5, 0, 4])
    >>> tied.quotas.tolist(), tied.overshoot.tolist()
    ([[1, 3, 1]], [[1, -1, 0]])
    """
    points, group = np.asarray(scores, dtype=float), np.asarray(groups, dtype=np.intp)
    return grade_by_lines(points, group, lines_of_groups(group_sizes(points, group), shares, rounding), ties, tie_keys)


def grade_by_lines(
    scores: npt.ArrayLike,
    groups: npt.ArrayLike,
    lines: Integers,
    ties: Ties = "better",
    tie_keys: Sequence[npt.ArrayLike] = (),
) -> Distribution:
    """Grade each group by rank where the last place of each grade is given.

    Parameters
    ----------
    scores, groups, ties, tie_keys : as for :func:`distribute`
    lines : groups × grades, the last place of each grade; they never fall, and the last one is the group's size

    Raises
    ------
    ValueError
        'ties must be one of …, got "both"'.

    Examples
    --------
    >>> grade_by_lines([91, 74, 88], [0, 0, 0], np.array([[2, 3]])).grade.tolist()
    [0, 1, 0]
    """
    _require(ties, Ties, "ties")
    points, group = np.asarray(scores, dtype=float), np.asarray(groups, dtype=np.intp)
    first, last = _first_and_last_places(points, group, tie_keys if ties == "chain" else ())
    placed = first > 0
    deciding = (last if ties == "worse" else first)[placed]
    grade = np.full(len(points), -1, dtype=np.intp)
    grade[placed] = (lines[group[placed]] < deciding[:, np.newaxis]).sum(axis=1)
    counts = np.bincount(group[placed] * lines.shape[1] + grade[placed], minlength=lines.size).reshape(lines.shape)
    return Distribution(grade, place=first, sizes=group_sizes(points, group), lines=lines, counts=counts)


def last_places(size: int, shares: Sequence[Fraction], rounding: Rounding = "lines") -> tuple[int, ...]:
    """Return the line of each grade: its last place in a group of `size` people. The last line is `size`.

    Parameters
    ----------
    size : int, people
    shares : sequence of fractions of the group, best grade first
        Exact, and exactly 1 in total.
    rounding : "lines", "largest_remainder", "floor" or "ceiling"
        "lines" rounds size times the shares so far half up; "floor" and "ceiling" round it down and up, so that the
        better grades together get at most, or at least, their share. "largest_remainder" (Hare) rounds every share
        down and gives the people left over to the grades with the largest remainders, of equal ones to the better.

    Raises
    ------
    ValueError
        "shares must add up to 1 with none below 0, got 0.2 + 0.7 = 0.9"; 'rounding must be one of …, got "half"'.
    TypeError
        "a share must be an exact fraction, got 0.2".

    Notes
    -----
    In all four the head-count of a grade is size times share, rounded either down or up: less than one person away.
    With "lines", "floor" and "ceiling" no line moves up when the group grows, so hiring a colleague never takes a
    place away. "largest_remainder" cannot promise that: see the last two examples.

    Source
    ------
    Balinski & Young, Fair Representation, 2nd ed. 2001: quota, and the paradoxes of the method of Hamilton (Hare).

    Examples
    --------
    >>> shares = [Fraction("0.10"), Fraction("0.45"), Fraction("0.45")]
    >>> last_places(5, shares), last_places(6, shares)
    ((1, 3, 5), (1, 3, 6))
    >>> last_places(5, shares, "largest_remainder")
    (1, 3, 5)
    >>> last_places(6, shares, "largest_remainder")     # one more colleague, and nobody is first class
    (0, 3, 6)
    """
    _require(rounding, Rounding, "rounding")
    _require_exact(*shares)
    if sum(shares) != 1 or min(shares) < 0:
        listed = " + ".join(f"{float(share):g}" for share in shares)
        raise ValueError(f"shares must add up to 1 with none below 0, got {listed} = {float(sum(shares)):g}")
    if rounding == "largest_remainder":
        return tuple(accumulate(_hare_counts(size, shares)))
    whole = _WHOLE_PEOPLE[rounding]
    return tuple(whole(size * so_far) for so_far in accumulate(shares))


def head_counts(size: int, shares: Sequence[Fraction], rounding: Rounding = "lines") -> tuple[int, ...]:
    """Return how many of `size` people belong to each grade, best grade first: the differences of `last_places`.

    Parameters
    ----------
    size : int, people
    shares : sequence of fractions of the group, best grade first; exact, and exactly 1 in total
    rounding : "lines", "largest_remainder", "floor" or "ceiling", see `last_places`

    Raises
    ------
    ValueError, TypeError
        As `last_places` does.

    Examples
    --------
    >>> head_counts(6, [Fraction("0.10"), Fraction("0.45"), Fraction("0.45")])
    (1, 2, 3)
    """
    lines = last_places(size, shares, rounding)
    return tuple(line - line_above for line_above, line in pairwise((0, *lines)))


def top_places(size: int, share: Fraction, minimum_pool: int) -> int:
    """Return how many people "the top x %" of a group are: rounded half up, at least 1 from `minimum_pool` people on.

    Parameters
    ----------
    size : int, people
    share : fraction of the group
        Exact, from 0 to 1; 0 stays nobody in a group of any size.
    minimum_pool : int, people
        Policy: from this size on a group has a winner even if its share is less than half a person.

    Raises
    ------
    ValueError
        "share must be from 0 to 1, got 5".
    TypeError
        "a share must be an exact fraction, got 0.2".

    Examples
    --------
    >>> [top_places(size, Fraction("0.05"), minimum_pool=10) for size in (9, 10, 29, 30)]
    [0, 1, 1, 2]
    """
    _require_exact(share)
    if not 0 <= share <= 1:
        raise ValueError(f"share must be from 0 to 1, got {float(share):g}")
    places = _half_up(size * share)
    has_a_winner = share > 0 and size >= max(minimum_pool, 1)
    return max(places, 1) if has_a_winner else places


def competition_ranks(
    scores: npt.ArrayLike,
    groups: npt.ArrayLike,
    worst: bool = False,
    tie_keys: Sequence[npt.ArrayLike] = (),
) -> Integers:
    """Return each person's place in the group as Excel's RANK counts it: 1, 2, 2, 4.

    Parameters
    ----------
    scores : n numbers, points
        The highest is first. NaN has no place.
    groups : n integers
        The group of each person: 0, 1, 2 and so on; -1 for people outside every group.
    worst : bool
        Equal people share the last of their places (1, 3, 3, 4) instead of the first.
    tie_keys : sequence of columns of n numbers
        Tell equal scores apart: the first key that differs decides, higher wins, NaN comes last.

    Returns
    -------
    n integers from 1; 0 where there is no place.

    Examples
    --------
    >>> competition_ranks([80, 95, 80, 70, float("nan"), 60], [0, 0, 0, 0, 0, 1]).tolist()
    [2, 1, 2, 4, 0, 1]
    >>> competition_ranks([80, 95, 80, 70], [0] * 4, worst=True).tolist()
    [3, 1, 3, 4]
    """
    first, last = _first_and_last_places(np.asarray(scores, dtype=float), np.asarray(groups, dtype=np.intp), tie_keys)
    return last if worst else first


def dense_ranks(scores: npt.ArrayLike, groups: npt.ArrayLike, tie_keys: Sequence[npt.ArrayLike] = ()) -> Integers:
    """Return each person's place in the group, without gaps behind equal scores: 1, 2, 2, 3.

    Parameters
    ----------
    scores, groups, tie_keys : as for :func:`competition_ranks`

    Returns
    -------
    n integers from 1; 0 where there is no place.

    Examples
    --------
    >>> dense_ranks([80, 95, 80, 70, float("nan"), 60], [0, 0, 0, 0, 0, 1]).tolist()
    [2, 1, 2, 3, 0, 1]
    """
    first, group = competition_ranks(scores, groups, tie_keys=tie_keys), np.asarray(groups, dtype=np.intp)
    people = np.flatnonzero(first)
    order = people[np.lexsort((first[people], group[people]))]
    opens_group = _differs_from_above(group[order])
    so_far = np.cumsum(opens_group | _differs_from_above(first[order]))
    ranks = np.zeros_like(first)
    ranks[order] = so_far - so_far[np.flatnonzero(opens_group)][np.cumsum(opens_group) - 1] + 1
    return ranks


@dataclass(frozen=True)
class PlaceFigures:
    """What a place says besides: the place without gaps, and where it lies in the pool; NaN without a place.

    ``percent_rank`` is the share of the others who are behind, as PERCENTRANK.INC counts it, 1 where there are no
    others; ``percentile`` the share of all who are not ahead.
    """

    dense_place: npt.NDArray[np.float64]
    percent_rank: npt.NDArray[np.float64]
    percentile: npt.NDArray[np.float64]


def place_figures(places: npt.ArrayLike, groups: npt.ArrayLike) -> PlaceFigures:
    """Return what the places of people in their groups say besides.

    Parameters
    ----------
    places : n places from 1, equal people sharing the better one; 0 where there is none
    groups : the group of each person: 0, 1, 2 and so on; -1 for people outside every group

    Notes
    -----
    Quotients of whole numbers: four of five is exactly 80 %. Whoever is tied has the same figures.

    Examples
    --------
    >>> found = place_figures([1, 2, 2, 4, 5], [0] * 5)
    >>> found.dense_place.tolist(), found.percent_rank.tolist(), found.percentile.tolist()
    ([1.0, 2.0, 2.0, 3.0, 4.0], [1.0, 0.5, 0.5, 0.25, 0.0], [1.0, 0.8, 0.8, 0.4, 0.2])
    """
    place, group = np.asarray(places, dtype=float), np.asarray(groups, dtype=np.intp)
    scores = np.where(place > 0, -place, np.nan)
    sizes = np.append(group_sizes(scores, group), 0)[group]
    dense, behind = dense_ranks(scores, group), sizes - competition_ranks(scores, group, worst=True)
    there = dense > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(sizes > 1, behind / (sizes - 1), 1.0)
        not_ahead = (sizes - competition_ranks(scores, group) + 1) / sizes
    found = (dense.astype(float), share, not_ahead)
    return PlaceFigures(*(np.where(there, each, np.nan) for each in found))


def group_sizes(scores: npt.ArrayLike, groups: npt.ArrayLike) -> Integers:
    """Return the head-count of groups 0, 1, 2 and so on: people who have a score.

    >>> group_sizes([80, float("nan"), 70, 60, 50], [0, 0, 0, 2, -1]).tolist()
    [2, 0, 1]
    """
    points, group = np.asarray(scores, dtype=float), np.asarray(groups, dtype=np.intp)
    return np.bincount(group[_competes(points, group)], minlength=group.max(initial=-1) + 1)


def merge_small(paths: Sequence[Path], minimum: int) -> list[Path]:
    """Merge pools that are too small for a distribution with their relatives; return each person's final pool.

    Parameters
    ----------
    paths : sequence of n paths
        Each person's units from the widest to the narrowest, e.g. ``("front line", "Branch 1")``. People with
        the same path are one pool.
    minimum : int, people
        A pool below this size moves up to its parent, where it joins the parent's own people and the other small
        children; children that are large enough stay on their own. So on, up to the root ``()``. People left at
        the root who are still too few join the smallest other pool (of equal ones the first by path), if any.

    Returns
    -------
    list of n paths
        Every pool has `minimum` people or more, unless all people are in one.

    Examples
    --------
    >>> staff = [("office", "A")] * 2 + [("office", "B")] * 1 + [("office", "C")] * 4
    >>> sorted(Counter(merge_small(staff, minimum=3)).items())
    [(('office',), 3), (('office', 'C'), 4)]
    """
    sizes = Counter(paths)
    merged: dict[Path, Path] = {}
    for depth in range(max(map(len, sizes), default=0), 0, -1):
        for pool in [path for path, size in sizes.items() if len(path) == depth and size < minimum]:
            merged[pool] = pool[:-1]
            sizes[pool[:-1]] += sizes.pop(pool)
    if 0 < sizes[()] < minimum and len(sizes) > 1:
        merged[()] = min((size, path) for path, size in sizes.items() if path)[1]
    final = {path: _follow(merged, path) for path in set(paths)}
    return [final[path] for path in paths]


def _follow(merged: dict[Path, Path], pool: Path) -> Path:
    while pool in merged:
        pool = merged[pool]
    return pool


def _half_up(people: Fraction) -> int:
    return floor(people + Fraction(1, 2))


_WHOLE_PEOPLE: dict[Rounding, Callable[[Fraction], int]] = {"lines": _half_up, "floor": floor, "ceiling": ceil}


def _hare_counts(size: int, shares: Sequence[Fraction]) -> list[int]:
    exact = [size * share for share in shares]
    counts = [floor(people) for people in exact]
    largest_remainder_first = sorted(range(len(shares)), key=lambda grade: counts[grade] - exact[grade])
    for grade in largest_remainder_first[: size - sum(counts)]:
        counts[grade] += 1
    return counts


def lines_of_groups(sizes: Integers, shares: Sequence[Fraction], rounding: Rounding) -> Integers:
    """Return the last place of each grade (groups × grades) for groups of some sizes.

    ``shares`` become whole people by ``rounding``, as :func:`last_places` says.


    >>> lines_of_groups(np.array([5, 6]), [Fraction(1, 5), Fraction(4, 5)], "lines").tolist()
    [[1, 5], [1, 6]]
    """
    distinct, row = np.unique(sizes, return_inverse=True)
    lines = [last_places(int(size), shares, rounding) for size in distinct]
    return np.array(lines, dtype=np.intp).reshape(len(distinct), len(shares))[row]


def _competes(scores: Numbers, groups: Integers) -> npt.NDArray[np.bool_]:
    return (groups >= 0) & ~np.isnan(scores)


def _first_and_last_places(
    scores: Numbers, groups: Integers, tie_keys: Sequence[npt.ArrayLike]
) -> tuple[Integers, Integers]:
    """Return the first and the last of the places that each person shares with equals; 0 without a place."""
    people = np.flatnonzero(_competes(scores, groups))
    lower_is_better = [-np.asarray(column, dtype=float)[people] for column in (scores, *tie_keys)]
    order = np.lexsort((*reversed(lower_is_better), groups[people]))

    opens_group = _differs_from_above(groups[people][order])
    opens_tie = np.logical_or.reduce([opens_group, *(_differs_from_above(column[order]) for column in lower_is_better)])
    above_group = np.flatnonzero(opens_group)[np.cumsum(opens_group) - 1]
    tie = np.cumsum(opens_tie) - 1
    ties_open = np.flatnonzero(opens_tie)
    ties_end = np.append(ties_open[1:], len(people))

    first, last = np.zeros((2, len(scores)), dtype=np.intp)
    first[people[order]] = ties_open[tie] + 1 - above_group
    last[people[order]] = ties_end[tie] - above_group
    return first, last


def _differs_from_above(column: Numbers | Integers) -> npt.NDArray[np.bool_]:
    """Mark the rows of a sorted column whose value is not that of the row above; NaN equals NaN."""
    above, below = column[:-1], column[1:]
    same = (above == below) | (np.isnan(above) & np.isnan(below))
    return np.append(True, ~same)[: len(column)]


def _require_exact(*shares: Fraction) -> None:
    """Refuse floats, with which 15 people x (0.2 + 0.7) is just below 13.5 and rounds to the wrong side."""
    for share in shares:
        if not isinstance(share, Rational):
            raise TypeError(f"a share must be an exact fraction, got {share}")


def _require(value: str, choices: object, name: str) -> None:
    if value not in get_args(choices):
        raise ValueError(f'{name} must be one of {", ".join(get_args(choices))}, got "{value}"')
