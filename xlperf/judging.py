"""Weights from judgement: pairwise comparison (AHP), and second opinions from the spread of the points.

Weights that HR has decided already, but that do not total what they must, are scaled here too.

The analytic hierarchy process turns "this is three times as important as that" into weights, and tells how far the
judgements agree with each other. Entropy and CRITIC ask the points instead: what does not tell people apart has
little to say. They are opinions on weights that HR decides, never weights by themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from xlperf.checks.addressing import TOLERANCE, at
from xlperf.checks.basics import ALL_POSITIONS, dimension_weights, weights_of_groups
from xlperf.checks.pairs import ALL_DIMENSIONS, ComparisonSet, comparison_sets, ratio_text, rows_of_pair, set_name
from xlperf.figures import Matrix
from xlperf.numbers import fraction_of
from xlperf.problems import Problem, Text
from xlperf.scheme import Indicator, Scheme

Floats = npt.NDArray[np.float64]
Key = TypeVar("Key", int, str)

RANDOM_INDEX = (0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.48, 1.56, 1.57, 1.59)
"""Mean consistency index of random judgements of 1 to 15 items: T. L. Saaty, The Analytic Hierarchy Process, 1980."""
MOST_INCONSISTENT = 0.1  # the consistency ratio up to which judgements are usable: Saaty, the same
_SAME = 1e-9  # of logarithms of ratios


@dataclass(frozen=True)
class Disagreement:
    """A judgement that does not go with the rest: ``agreeing`` is the ratio that the other judgements imply."""

    first: int
    second: int
    ratio: float
    agreeing: float


@dataclass(frozen=True)
class Weights:
    """What judgements of n items amount to.

    ``weights`` are n shares of 1. ``consistency_ratio`` is 0 for judgements that agree in everything, NaN for more
    items than there are random indices. ``worst`` are the judgements furthest from the rest: several where they are
    equally far, as among three items always; none where all agree.
    """

    weights: Floats
    consistency_ratio: float
    lambda_max: float
    worst: tuple[Disagreement, ...]

    @property
    def consistent(self) -> bool:
        """Whether the judgements agree well enough to be used."""
        return not self.consistency_ratio > MOST_INCONSISTENT


@dataclass(frozen=True)
class Judged:
    """A comparison set with the weights that its judgements give; None where they are not complete."""

    compared: ComparisonSet
    found: Weights | None


# Pairwise comparison -------------------------------------------------------------------------------------------------


def ahp(pairs: npt.ArrayLike) -> Weights:
    """Return the weights that pairwise judgements amount to.

    Parameters
    ----------
    pairs : n × n positive numbers
        How many times as important the item of the row is as the item of the column; reciprocal: ``pairs[j, i]`` is
        ``1 / pairs[i, j]``.

    Returns
    -------
    Weights
        The principal eigenvector as shares of 1, and how consistent the judgements are.

    Raises
    ------
    ValueError
        "pairs must be a square matrix", "pairs must be positive and reciprocal".

    Notes
    -----
    The value that would agree with the rest is the ratio of the weights when the judgement is left out (P. T. Harker,
    Incomplete pairwise comparisons in the analytic hierarchy process, 1987).

    Examples
    --------
    >>> found = ahp([[1, 2, 6], [1/2, 1, 3], [1/6, 1/3, 1]])
    >>> found.weights.round(3).tolist(), found.consistency_ratio < 1e-9
    ([0.6, 0.3, 0.1], True)
    """
    matrix = np.asarray(pairs, dtype=np.float64)
    if matrix.ndim != 2 or len(matrix) != matrix.shape[1] or not len(matrix):
        raise ValueError("pairs must be a square matrix")
    if not (matrix > 0).all() or not np.allclose(matrix * matrix.T, 1.0):
        raise ValueError("pairs must be positive and reciprocal")
    lambda_max, weights = _principal(matrix)
    return Weights(weights, _consistency_ratio(float(lambda_max), len(matrix)), float(lambda_max), _worst(matrix))


def _principal(matrices: Floats) -> tuple[Floats, Floats]:
    """Return the largest eigenvalue of each matrix, and its eigenvector as shares of 1."""
    values, vectors = np.linalg.eig(matrices)
    largest = values.real.argmax(axis=-1)
    vector = np.abs(np.take_along_axis(vectors, largest[..., None, None], axis=-1)[..., 0])
    return np.take_along_axis(values.real, largest[..., None], axis=-1)[..., 0], vector / vector.sum(-1, keepdims=True)


def _consistency_ratio(lambda_max: float, size: int) -> float:
    if size <= 2:
        return 0.0
    if size > len(RANDOM_INDEX):
        return float("nan")
    return max(0.0, (lambda_max - size) / (size - 1)) / RANDOM_INDEX[size - 1]


def _worst(matrix: Floats) -> tuple[Disagreement, ...]:
    """Return the judgements furthest from the ratio that all the others imply."""
    if len(matrix) <= 2:
        return ()
    first, second = np.triu_indices(len(matrix), 1)
    case = np.arange(len(first))
    without = np.repeat(matrix[None], len(first), axis=0)
    without[case, first, second] = without[case, second, first] = 0.0
    without[case, first, first] = without[case, second, second] = 2.0
    _, weights = _principal(without)
    agreeing = weights[case, first] / weights[case, second]
    distance = np.abs(np.log(matrix[first, second] / agreeing))
    furthest = distance.max()
    if furthest < _SAME:
        return ()
    return tuple(
        Disagreement(int(first[k]), int(second[k]), float(matrix[first[k], second[k]]), float(agreeing[k]))
        for k in np.flatnonzero(distance > furthest - _SAME)
    )


def matrix_of(compared: ComparisonSet) -> Floats:
    """Return the matrix of a complete set of judgements, the reciprocals filled in.

    >>> from xlperf.problems import Text
    >>> from xlperf.scheme import Dimension
    >>> items = (Dimension("a", Text("甲", "A"), 50), Dimension("b", Text("乙", "B"), 50))
    >>> matrix_of(ComparisonSet("", Text("", ""), "", items, (0, 1), {(0, 1): (Fraction(4),)})).tolist()
    [[1.0, 4.0], [0.25, 1.0]]
    """
    matrix = np.eye(len(compared.items))
    for i, j in combinations(range(len(compared.items)), 2):
        ratio = compared.ratios[i, j][0]
        matrix[i, j], matrix[j, i] = float(ratio), float(1 / ratio)
    return matrix


def judge(scheme: Scheme) -> tuple[list[Judged], list[Problem]]:
    """Return the weights of every comparison set whose judgements are complete, and warn where they disagree."""
    judged = [Judged(each, ahp(matrix_of(each)) if each.complete else None) for each in comparison_sets(scheme)]
    return judged, [_inconsistent(scheme, each) for each in judged if each.found and not each.found.consistent]


def _inconsistent(scheme: Scheme, judged: Judged) -> Problem:
    compared, found = judged.compared, judged.found
    assert found is not None
    items = compared.items
    rows = [
        row
        for each in found.worst
        for row in rows_of_pair(scheme, compared.within, {items[each.first].code, items[each.second].code})
    ]
    return at(
        scheme, "pairs-inconsistent", "pairs", "judgement", rows, set=set_name(compared),
        ratio=f"{found.consistency_ratio:.2f}", most=f"{MOST_INCONSISTENT:.2f}",
        worst=[_in_words(each, compared) for each in found.worst],
    )  # fmt: skip


def _in_words(each: Disagreement, compared: ComparisonSet) -> Text:
    first, second = compared.items[each.first].name, compared.items[each.second].name
    now, agreeing = ratio_text(each.ratio), ratio_text(each.agreeing)
    return Text(
        f"“{first.zh}”比“{second.zh}”现为 {now}，其余判断意味着约 {agreeing}",
        f'"{first.en}" to "{second.en}" is {now}, where the others imply about {agreeing}',
    )


# The spread of the points --------------------------------------------------------------------------------------------


def entropy_weights(points: npt.ArrayLike) -> Floats:
    """Weigh each column by how unevenly it is spread over people: one less its entropy (C. E. Shannon, 1948).

    Parameters
    ----------
    points : n people × k columns, at least 0; NaN where not measured

    Returns
    -------
    k shares of 1; NaN for a column without spread, or with points below 0, of which no share can be taken.

    Examples
    --------
    >>> entropy_weights([[50, 10, 80], [50, 90, 80]]).tolist()
    [nan, 1.0, nan]
    """
    values = np.asarray(points, dtype=np.float64)
    usable = _varies(values) & ~(values < 0).any(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = values / np.nansum(values, axis=0)
        terms = np.where(shares > 0, shares * np.log(shares), 0.0)  # nothing adds nothing
        evenness = -terms.sum(axis=0) / np.log((~np.isnan(values)).sum(axis=0))
    return _as_shares(np.where(usable, 1.0 - evenness, np.nan))


def critic_weights(points: npt.ArrayLike) -> Floats:
    """Weigh each column by its spread and by how little it repeats the others (CRITIC).

    Parameters
    ----------
    points : n people × k columns, more being better; NaN where not measured

    Returns
    -------
    k shares of 1; NaN for a column without spread, and for all where none says anything that the others do not.

    Notes
    -----
    Standard deviation between the worst and the best, times the sum of one less the correlation with each other column
    (D. Diakoulaki, G. Mavrotas, L. Papayannakis, Determining objective weights in multiple criteria problems: the
    CRITIC method, 1995). A correlation is taken over the people who have both.

    Examples
    --------
    >>> critic_weights([[0, 100, 7], [50, 0, 7], [100, 50, 7]]).tolist()
    [0.5, 0.5, nan]
    """
    values = np.asarray(points, dtype=np.float64)
    usable = np.flatnonzero(_varies(values))
    information = np.full(values.shape[1], np.nan)
    if len(usable):
        varied = values[:, usable]
        lowest, highest = np.nanmin(varied, axis=0), np.nanmax(varied, axis=0)
        spread = np.nanstd((varied - lowest) / (highest - lowest), axis=0)
        alike = np.clip(pd.DataFrame(varied).corr().to_numpy(), -1.0, 1.0)
        information[usable] = spread * np.nansum(1.0 - alike, axis=1)
    return _as_shares(information)


def points_on(compared: ComparisonSet, indicators: Sequence[Indicator], applies: Matrix, scores: Matrix) -> Floats:
    """Return the points that people have on the items of a comparison set.

    Parameters
    ----------
    compared : the set, of m items
    indicators : the k indicators of the appraisal
    applies : n × k, whether the indicator belongs to the person's position
    scores : n × k points where the items are indicators, n × d dimension scores where they are dimensions

    Returns
    -------
    Points of the people whose position has all the items, one column an item.
    """
    owners = [each.code if compared.within else each.dimension for each in indicators]
    columns = [[k for k, owner in enumerate(owners) if owner == item.code] for item in compared.items]
    theirs = np.column_stack([applies[:, each].any(axis=1) for each in columns]).all(axis=1)
    places = [each[0] for each in columns] if compared.within else list(compared.positions)
    return np.asarray(scores[theirs][:, places], np.float64)


def _varies(values: Floats) -> npt.NDArray[np.bool_]:
    known = ~np.isnan(values)
    lowest: Floats = np.min(values, axis=0, initial=np.inf, where=known)
    highest: Floats = np.max(values, axis=0, initial=-np.inf, where=known)
    return np.greater(highest, lowest)


def _as_shares(amounts: Floats) -> Floats:
    total = np.nansum(amounts)
    return amounts / total if total > _SAME else np.full(len(amounts), np.nan)


# Weights for the sheets ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Proposal:
    """The weights that would stand on the sheets: ``total`` for all items of a set, and a weight for each.

    ``weights`` is None where nothing follows from the judgements. Weights are exact decimals that add up to ``total``.
    """

    judged: Judged
    total: Fraction | None
    weights: tuple[Fraction, ...] | None


def propose(scheme: Scheme, judged: Sequence[Judged]) -> list[Proposal]:
    """Turn judgements into weights that keep every total of the scheme, rounded to two decimals.

    Dimensions share 100 % (or the full points). The indicators of a dimension share what the dimension has: where only
    the dimensions were judged, its indicators keep their proportions.
    """
    settings = scheme.settings
    apart = settings.weight_basis == "dimension"
    outer = [_proposal(each, _whole(scheme), rescale=False) for each in judged if not each.compared.within]
    decided = {
        item.code: weight
        for each in outer
        for item, weight in zip(each.judged.compared.items, each.weights or (), strict=False)
    }
    of_dimension = {each.code: _exact(each.weight) for each in scheme.dimensions} | decided
    inside = [each for each in judged if each.compared.within]
    if apart:
        return outer + [_proposal(each, Fraction(100), rescale=False) for each in inside]
    codes = [each.compared.within for each in inside]
    return outer + [
        _proposal(each, of_dimension[code], rescale=code in decided) for each, code in zip(inside, codes, strict=True)
    ]


def _whole(scheme: Scheme) -> Fraction:
    """Return what the weights total: 100 %, or the full points where points are added up."""
    return fraction_of(scheme.settings.full_points) if scheme.settings.total_method == "sum" else Fraction(100)


def _proposal(judged: Judged, total: Fraction | None, rescale: bool) -> Proposal:
    """Share a total by the judgements; where there are none, in the proportions of today or not at all.

    An only item without a weight takes everything.
    """
    if total is None:
        return Proposal(judged, total, None)
    now = [_exact(each.weight) for each in judged.compared.items]
    shares: list[Fraction] = []
    if judged.found is not None:
        shares = [Fraction(f"{share:.12g}") for share in judged.found.weights]
    elif now == [None]:
        shares = [Fraction(1)]
    elif rescale:
        shares = [weight for weight in now if weight is not None]
    known = len(shares) == len(now) and any(shares)
    return Proposal(judged, total, tuple(shared_out(total, shares)) if known else None)


def _exact(weight: float) -> Fraction | None:
    return fraction_of(weight) if weight == weight else None


def shared_out(total: Fraction, shares: Sequence[Fraction], digits: int = 2) -> list[Fraction]:
    """Share a total out in decimals that add up to it exactly (largest remainder; the earlier of equals comes first).

    A total with more decimals than ``digits`` is shared out in as many as it has.

    >>> [float(each) for each in shared_out(Fraction(100), [Fraction(1)] * 3)]
    [33.34, 33.33, 33.33]
    """
    unit = Fraction(1, 10**digits)
    while total % unit:
        unit /= 10
    exact = [total / unit * share / sum(shares) for share in shares]
    whole = [int(each) for each in exact]
    left = int(total / unit) - sum(whole)
    first = sorted(range(len(shares)), key=lambda k: (whole[k] - exact[k], k))[:left]
    return [(each + (k in first)) * unit for k, each in enumerate(whole)]


def changes(scheme: Scheme, proposals: Sequence[Proposal]) -> tuple[dict[str, dict[int, Fraction]], list[Problem]]:
    """Return the weights to write, by sheet and row; what two position groups weigh differently is a problem."""
    wanted: dict[str, dict[int, Fraction]] = {"dimensions": {}, "indicators": {}}
    problems = []
    for each in proposals:
        compared = each.judged.compared
        for position, item, weight in zip(compared.positions, compared.items, each.weights or (), strict=False):
            column = wanted[compared.sheet]
            if column.setdefault(position, weight) != weight:
                problems.append(
                    at(scheme, "weight-of-several-groups", compared.sheet, "weight", [position], item=item.name,
                       weights=[f"{float(w):.10g}" for w in (column[position], weight)])
                )  # fmt: skip
    return {sheet: column for sheet, column in wanted.items() if column}, problems


def unweighted(scheme: Scheme, proposals: Sequence[Proposal]) -> list[Problem]:
    """Report dimensions without a weight whose indicators were compared: their share is a share of nothing."""
    codes = [each.code for each in scheme.dimensions]
    return [
        at(scheme, "dimension-unweighted", "dimensions", "weight", [codes.index(each.judged.compared.within)],
           dimension=each.judged.compared.name)
        for each in proposals
        if each.judged.found is not None and each.total is None
    ]  # fmt: skip


# Weights that do not total what they must ----------------------------------------------------------------------------


@dataclass(frozen=True)
class _Row:
    """An indicator of employees; ``side`` is its dimension where that has a weight to agree with, otherwise empty."""

    position: int
    weight: Fraction
    group: str
    side: str


Groups = Mapping[str, Sequence[_Row]]  # the rows that make up one total, by position group: its own and the shared
Amounts = Mapping[str, Mapping[str, Fraction]]  # what they weigh, by position group and side


class _Impossible(Exception):  # noqa: N818 - weights that no factors can mend
    """Weights that cannot be scaled, for the reason that the problem gives."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


def normalise(scheme: Scheme, groups: Iterable[str] = ()) -> tuple[dict[str, dict[int, Fraction]], list[Problem]]:
    """Scale the weights so that every position group totals 100 % and the dimensions agree with their indicators.

    Where points are added up the groups total the full points; where weights are shares of their dimension, each
    dimension totals 100 %. All indicators of a position group are scaled by one factor. Those that groups share follow
    the group that needs the least change; the others make up the difference with their own. Weights are rounded to two
    decimals that add up exactly; what needs no change stays as it is.

    Parameters
    ----------
    scheme : what HR decides
    groups : the position groups that employees have; those of the indicators are known

    Returns
    -------
    The weights that change, by sheet and row; or why they cannot be scaled, in which case none change.

    Examples
    --------
    >>> from xlperf.schemes import load
    >>> normalise(load("service-team"))
    ({}, [])
    """
    held = list(groups)
    empty = {i: each.name for i, each in enumerate(scheme.indicators) if _scored(each) and each.weight != each.weight}
    if empty:
        return {}, [at(scheme, "weights-unknown", "indicators", "weight", empty, indicators=list(empty.values()))]
    rows = _rows(scheme)
    names = sorted({each.group for each in rows if each.group} | {each for each in held if each}) or [""]
    try:
        new, sides = _scaled_within(scheme, rows, names) if _apart(scheme) else _scaled(scheme, rows, names)
    except _Impossible as reason:
        return {}, [reason.problem]
    indicators = {
        each.position: new[each.position] for each in rows if new.get(each.position, each.weight) != each.weight
    }
    dimensions = {
        i: sides[each.code]
        for i, each in enumerate(scheme.dimensions)
        if each.code in sides and abs(sides[each.code] - fraction_of(each.weight)) > TOLERANCE
    }
    sound = _with_weights(scheme, dimensions, indicators)
    problems = [*weights_of_groups(sound, held), *dimension_weights(sound)]
    if problems:
        return {}, problems
    wanted = {"dimensions": dimensions, "indicators": indicators}
    return {sheet: column for sheet, column in wanted.items() if column}, []


def _apart(scheme: Scheme) -> bool:
    return scheme.settings.weight_basis == "dimension"


def _scored(indicator: Indicator) -> bool:
    return "employee" in indicator.levels


def _rows(scheme: Scheme) -> list[_Row]:
    stated = {each.code for each in scheme.dimensions if each.weight == each.weight and not _apart(scheme)}
    return [
        _Row(i, fraction_of(each.weight), each.group, each.dimension if each.dimension in stated else "")
        for i, each in enumerate(scheme.indicators)
        if _scored(each)
    ]


def _scaled_within(
    scheme: Scheme, rows: Sequence[_Row], names: Sequence[str]
) -> tuple[dict[int, Fraction], dict[str, Fraction]]:
    """Return the new weights of indicators by row, which total 100 % in each dimension, and those of dimensions."""
    new: dict[int, Fraction] = {}
    for dimension in scheme.dimensions:
        inside = [each for each in rows if scheme.indicators[each.position].dimension == dimension.code]
        new |= _scaled(scheme, inside, names, Fraction(100))[0]
    stated = {each.code: fraction_of(each.weight) for each in scheme.dimensions if each.weight == each.weight}
    total = sum(stated.values(), Fraction(0))
    if abs(total - 100) <= TOLERANCE:
        return new, stated
    if not _can_be_scaled(stated.values()):
        positions = range(len(scheme.dimensions))
        raise _Impossible(at(scheme, "weights-not-scalable", "dimensions", "weight", positions, names=ALL_DIMENSIONS))
    return new, dict(zip(stated, shared_out(Fraction(100), list(stated.values())), strict=True))


def _scaled(
    scheme: Scheme, rows: Sequence[_Row], names: Sequence[str], total: Fraction | None = None
) -> tuple[dict[int, Fraction], dict[str, Fraction]]:
    """Return the new weights of indicators by row, and what they total on each side."""
    total = _whole(scheme) if total is None else total
    groups = {name: [each for each in rows if each.group in ("", name)] for name in names}
    groups = {name: members for name, members in groups.items() if members}
    if not groups:
        return {}, {}
    factors = _factors(scheme, groups, total)
    exact = {each.position: each.weight * factors[each.group] for each in rows}
    amounts = _amounts(groups, exact)
    _must_agree(scheme, amounts)
    kept = [name for name in groups if factors[name] == factors[""] == 1]
    sides = _rounded_sides(amounts, kept, total)
    new = {each.position: each.weight for each in rows if factors[each.group] == 1}
    for side in dict.fromkeys(each.side for each in rows):
        using = [name for name in groups if side in amounts[name]]
        room = {
            name: sides[side] if side else total - _sum(sides[each] for each in amounts[name] if each) for name in using
        }
        shared = {each.position: exact[each.position] for each in rows if (each.side, each.group) == (side, "")}
        alone = all(each.side != side or each.group == "" or not each.weight for each in rows)
        _fill(new, shared, min(room.values()) if alone else min(round(_sum(shared.values()), 2), *room.values()))
        for name in using:
            _fill(new, {each.position: exact[each.position] for each in groups[name] if each.side == side}, room[name])
    return new, sides


def _factors(scheme: Scheme, groups: Groups, total: Fraction) -> dict[str, Fraction]:
    """Return the factor of each position group's own indicators, and that of the shared ones, of group ""."""
    idle = [name for name, rows in groups.items() if not _can_be_scaled(each.weight for each in rows)]
    if idle:
        rows = [each.position for name in idle for each in groups[name]]
        raise _Impossible(
            at(scheme, "weights-not-scalable", "indicators", "weight", sorted(set(rows)), names=_named(idle))
        )
    sums = {name: _sum(each.weight for each in rows) for name, rows in groups.items()}
    needs = {name: Fraction(1) if abs(sums[name] - total) <= TOLERANCE else total / sums[name] for name in groups}
    own = {name: _sum(each.weight for each in rows if each.group) for name, rows in groups.items()}
    bound = [name for name in groups if not own[name]]
    of_shared = min((needs[name] for name in bound or groups), key=lambda need: (max(need, 1 / need), need))
    factors = {
        name: need if need == of_shared else (total - of_shared * (sums[name] - own[name])) / own[name]
        for name, need in needs.items()
    }
    crowded = [name for name in groups if factors[name] <= 0]
    if crowded:
        rows = [each.position for each in groups[bound[0]]]
        raise _Impossible(
            at(
                scheme,
                "weights-shared-only",
                "indicators",
                "weight",
                rows,
                groups=_named(bound),
                others=_named(crowded),
            )
        )
    return {**factors, "": of_shared}


def _can_be_scaled(weights: Iterable[Fraction]) -> bool:
    amounts = list(weights)
    return any(amounts) and min(amounts) >= 0


def _named(groups: Iterable[str]) -> list[Text]:
    return [Text(name, name) if name else ALL_POSITIONS for name in groups]


def _sum(amounts: Iterable[Fraction]) -> Fraction:
    return sum(amounts, Fraction(0))


def _amounts(groups: Groups, exact: Mapping[int, Fraction]) -> dict[str, dict[str, Fraction]]:
    amounts: dict[str, dict[str, Fraction]] = {name: {} for name in groups}
    for name, rows in groups.items():
        for each in rows:
            amounts[name][each.side] = amounts[name].get(each.side, Fraction(0)) + exact[each.position]
    return amounts


def _must_agree(scheme: Scheme, amounts: Amounts) -> None:
    """A dimension has one weight; the position groups that use it must come to the same."""
    for position, dimension in enumerate(scheme.dimensions):
        found = {name: sides[dimension.code] for name, sides in amounts.items() if dimension.code in sides}
        if found and max(found.values()) - min(found.values()) > TOLERANCE:
            shares = [Text(*(f"{name}: {float(amount):.4g}",) * 2) for name, amount in found.items()]
            raise _Impossible(
                at(scheme, "weights-of-groups-apart", "dimensions", "weight", [position], dimension=dimension.name,
                   groups=_named(found), shares=shares)
            )  # fmt: skip


def _rounded_sides(amounts: Amounts, kept: Sequence[str], total: Fraction) -> dict[str, Fraction]:
    """Round what each side has; a position group that stays as it is decides on its sides first."""
    sides: dict[str, Fraction] = {}
    for name in kept:
        sides |= {side: amount for side, amount in amounts[name].items() if side}
    for of_group in amounts.values():
        stated = {side: amount for side, amount in of_group.items() if side}
        _fill(sides, stated, round(_sum(stated.values()), 2) if "" in of_group else total)
    return sides


def _fill(found: dict[Key, Fraction], exact: Mapping[Key, Fraction], total: Fraction) -> None:
    """Share out what is left of a total among those that have nothing yet."""
    open_ = [key for key in exact if key not in found]
    left = total - _sum(found[key] for key in exact if key in found)
    if any(exact[key] for key in open_):
        found |= zip(open_, shared_out(left, [exact[key] for key in open_]), strict=True)


def _with_weights(scheme: Scheme, dimensions: Mapping[int, Fraction], indicators: Mapping[int, Fraction]) -> Scheme:
    return replace(
        scheme,
        dimensions=tuple(
            replace(each, weight=float(dimensions.get(i, each.weight))) for i, each in enumerate(scheme.dimensions)
        ),
        indicators=tuple(
            replace(each, weight=float(indicators.get(i, each.weight))) for i, each in enumerate(scheme.indicators)
        ),
    )
