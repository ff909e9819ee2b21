"""Weights from judgement: pairwise comparison (AHP), and second opinions from the spread of the points.

What these weights come to on the sheets is worked out in :mod:`xlperf.policy.weights`.

The analytic hierarchy process turns "this is three times as important as that" into weights, and tells how far the
judgements agree with each other. Entropy and CRITIC ask the points instead: what does not tell people apart has
little to say. They are opinions on weights that HR decides, never weights by themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from xlperf.core.problems import Problem, Text
from xlperf.policy.scheme import Indicator, Scheme
from xlperf.policy.validation.addressing import at
from xlperf.policy.validation.pairs import ComparisonSet, comparison_sets, ratio_text, rows_of_pair, set_name

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

    >>> from fractions import Fraction
    >>> from xlperf.core.problems import Text
    >>> from xlperf.policy.scheme import Dimension
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


def points_on(
    compared: ComparisonSet, indicators: Sequence[Indicator], applies: np.ndarray, scores: np.ndarray
) -> Floats:
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
