"""Points and weights become totals: per dimension, in all, and with adjustments.

An indicator that was not measured leaves the total the way the scheme says; its weight goes to the rest of its
dimension first, and to the other dimensions when nothing in its own was measured. Sums run in the order of the
Indicators sheet, so that every engine adds in the same order; rounding happens once, at the end.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from xlperf.core.numbers import round_half_up
from xlperf.core.vocabulary import STATES
from xlperf.policy.scheme import Dimension, Indicator, Scheme
from xlperf.schema.settings import Settings
from xlperf.schema.tables import Table
from xlperf.scoring.matrices import Matrix, Points, Scores, Totals

ADDING = ("commendation", "issue_reward")


def shares_of_total(indicators: Sequence[Indicator], dimensions: Sequence[Dimension], settings: Settings) -> np.ndarray:
    """Return each indicator's share of the total as the scheme states it, in per cent or in points.

    >>> from xlperf.policy.schemes import load
    >>> scheme = load("service-team")
    >>> float(shares_of_total(scheme.indicators, scheme.dimensions, scheme.settings).sum())
    100.0
    """
    weights: np.ndarray = np.nan_to_num(np.array([each.weight for each in indicators], np.float64))
    if settings.weight_basis == "dimension":
        of_dimension = {each.code: each.weight for each in dimensions}
        weights = weights * np.array([of_dimension.get(each.dimension, 0.0) for each in indicators]) / 100.0
    return weights


def score_dimensions(
    points: Points, state: Matrix, applies: Matrix, zeroed: Matrix, scheme: Scheme, indicators: Sequence[Indicator]
) -> Scores:
    """Return the scores of n people on k indicators, what was not measured being treated as the scheme says.

    Parameters
    ----------
    points : n × k, NaN where nothing can be scored
    state : n × k positions in ``STATES``: what each fact is, such as measured or missing
    applies : n × k, whether the indicator belongs to the person's position
    zeroed : n × k, which items an adjustment sets to zero
    scheme, indicators : what says how gaps and weights count, and the k indicators
    """
    values, filled = counted_points(points, state, applies, zeroed, scheme.settings)
    equally = shared_equally(state, applies & ~zeroed, scheme.settings)
    return weighted(values, applies, filled, indicators, scheme.dimensions, scheme.settings, equally)


def shared_equally(state: Matrix, concerned: Matrix, settings: Settings) -> Matrix:
    """Return which of the figures concerned are gaps whose weight goes in equal parts to the rest of the dimension.

    Parameters
    ----------
    state : n × k positions in ``STATES``
    concerned : n × k, whether the indicator belongs to the person's position and is not set to zero
    settings : what is done with a missing figure and with one that does not apply
    """
    gaps = _gaps(state, concerned, settings)
    return np.asarray(np.logical_or.reduce([cells & (policy == "equal") for policy, cells in gaps]))


def _gaps(state: Matrix, concerned: Matrix, settings: Settings) -> tuple[tuple[str, Matrix], ...]:
    """Return which figures are gaps, with what the scheme does about them."""
    return (
        (settings.if_missing, concerned & (state == STATES.index("missing"))),
        (settings.if_not_applicable, concerned & (state == STATES.index("not_applicable"))),
    )


def counted_points(
    points: Points, state: Matrix, applies: Matrix, zeroed: Matrix, settings: Settings
) -> tuple[Matrix, Matrix]:
    """Return the points that count, items set to zero and gaps filled as the scheme says, and where it filled them.

    Parameters
    ----------
    points : of n people and k indicators
    state : n × k positions in ``STATES``: what each fact is, such as measured or missing
    applies : n × k, whether the indicator belongs to the person's position
    zeroed : n × k, which items an adjustment sets to zero
    settings : what is done with a missing figure and with one that does not apply

    Returns
    -------
    two n × k matrices: points (NaN where the weight goes to other indicators), and booleans

    Examples
    --------
    >>> from dataclasses import replace
    >>> from xlperf.policy.schemes import load
    >>> none, yes = np.zeros((1, 2), bool), np.ones((1, 2), bool)
    >>> points = Points(np.array([[18.0, np.nan]]), np.full((1, 2), np.nan), np.array([20.0, 30.0]), none, none)
    >>> state = np.array([[STATES.index("measured"), STATES.index("missing")]])
    >>> counted_points(points, state, yes, none, replace(load("service-team").settings, if_missing="zero"))
    (array([[18.,  0.]]), array([[False,  True]]))
    """
    values = np.where(zeroed & applies, 0.0, points.points)
    return fill_gaps(values, points.full, _gaps(state, applies & ~zeroed, settings))


def weighted(
    points: Matrix,
    applies: Matrix,
    filled: Matrix,
    indicators: Sequence[Indicator],
    dimensions: Sequence[Dimension],
    settings: Settings,
    equally: Matrix | None = None,
) -> Scores:
    """Add weighted points up to scores.

    Parameters
    ----------
    points : n × k points; NaN where there is nothing to score, and the weight is to be redistributed
    applies : n × k, whether the indicator belongs to the person's position at all
    filled : n × k, whether the points were put in by policy (full marks, zero) and not measured
    equally : n × k, whose weight goes in equal parts to the rest of the dimension; that of others in proportion
    """
    points, applies = np.asfortranarray(points), np.asfortranarray(applies)  # whole columns lie together
    stated = shares_of_total(indicators, dimensions, settings) * applies
    counted = applies & ~np.isnan(points)
    member = np.array([[each.dimension == d.code for each in indicators] for d in dimensions], bool)
    member = member.reshape(len(dimensions), len(indicators))
    in_force = _redistributed(stated, stated * counted, member, equally)
    values = np.where(counted, points, 0.0)
    if settings.total_method == "sum":
        with np.errstate(divide="ignore", invalid="ignore"):
            contribution = np.where(stated > 0, values * in_force / stated, 0.0)
        weights = in_force / settings.full_points
    else:
        whole = _added(in_force)
        with np.errstate(divide="ignore", invalid="ignore"):
            weights = np.where(whole[:, None] > 0, in_force / whole[:, None], 0.0)
        contribution = weights * values
    by_dimension, share = (
        np.column_stack([_added(each[:, cols]) for cols in member]) for each in (contribution, weights)
    )
    nothing = ~counted.any(axis=1)
    own = np.where(nothing, np.nan, _added(by_dimension))
    with np.errstate(divide="ignore", invalid="ignore"):
        dimension_scores = by_dimension if settings.total_method == "sum" else by_dimension / share
        measured = _added(stated * (counted & ~filled)) / _added(stated)
    dimension_scores = np.where(share > 0, dimension_scores, np.nan)
    return Scores(weights, contribution, dimension_scores, own, measured)


def total_scores(
    scores: Scores,
    base: np.ndarray,
    adjustment: np.ndarray,
    settings: Settings,
    parts: Matrix | None = None,
    part_weights: Matrix | None = None,
) -> Totals:
    """Return the totals: base and adjustment, cut at the full points if the scheme does so, and rounded once, half up.

    Parameters
    ----------
    scores : of n people
    base : n points: the own score, or what the parts of a longer period come to
    adjustment : n points, negative for deductions
    settings : the full points, whether they are the most, and the decimals of a total
    parts, part_weights : n × p points of the parts and what they count for; none where the period is its own appraisal

    Examples
    --------
    >>> from dataclasses import replace
    >>> from xlperf.policy.schemes import load
    >>> settings = replace(load("service-team").settings, cap_total="no", decimals=1)
    >>> scores = Scores(*[np.zeros((1, 0))] * 3, np.array([88.25]), np.array([1.0]))
    >>> total_scores(scores, scores.own, np.array([3.0]), settings).total
    array([91.3])
    """
    whole = base + adjustment
    if settings.cap_total == "yes":
        whole = np.minimum(whole, settings.full_points)
    none = np.zeros((len(base), 0))
    return Totals(
        **vars(scores),
        parts=none if parts is None else parts,
        part_weights=none if part_weights is None else part_weights,
        base=base,
        adjustment=adjustment,
        total=np.asarray(round_half_up(whole, settings.decimals)),
    )


def _added(parts: Matrix) -> np.ndarray:
    """Add the columns of a matrix from left to right, the same in every engine."""
    sums = np.zeros(len(parts))
    for column in parts.T:
        sums += column
    return sums


def _redistributed(stated: Matrix, measured: Matrix, member: Matrix, equally: Matrix | None) -> Matrix:
    """Give the weight of what was not measured to the rest of its dimension, of an empty dimension to the others."""
    result = within_dimensions(stated, measured, member, equally)
    have, want = _added(result), _added(stated)
    missing = (have > 0) & (want - have > 1e-9 * want)
    factor = np.ones(len(have))
    np.divide(want, have, out=factor, where=missing)
    return result * factor[:, None]


def within_dimensions(stated: Matrix, measured: Matrix, member: Matrix, equally: Matrix | None = None) -> Matrix:
    """Return the weights with those of gaps given to the rest of their dimension; an empty dimension keeps none.

    Parameters
    ----------
    stated : n × k weights
    measured : n × k, the same, and 0 where there are no points
    member : d × k, which indicators belong to which dimension
    equally : n × k, gaps whose weight goes in equal parts; that of the others goes in proportion

    Examples
    --------
    >>> stated, measured = np.array([[30.0, 20.0, 10.0]]), np.array([[30.0, 0.0, 10.0]])
    >>> whole, gap = np.ones((1, 3), bool), np.array([[False, True, False]])
    >>> within_dimensions(stated, measured, whole), within_dimensions(stated, measured, whole, gap)
    (array([[45.,  0., 15.]]), array([[40.,  0., 20.]]))
    """
    result = measured.astype(np.float64).copy()
    for columns in member:
        if equally is not None and equally[:, columns].any():
            there = measured[:, columns] > 0
            spare = _added(stated[:, columns] * equally[:, columns]) / np.maximum(there.sum(axis=1), 1)
            result[:, columns] += there * spare[:, None]
        have, want = _added(result[:, columns]), _added(stated[:, columns])
        short = (have > 0) & (have != want)
        factor = np.ones(len(have))
        np.divide(want, have, out=factor, where=short)
        result[:, columns] *= factor[:, None]
    return result


def adjustments(table: Table, ids: pd.Index, indicators: Sequence[Indicator]) -> tuple[np.ndarray, Matrix]:
    """Return the points added to each person, and the items set to zero.

    Parameters
    ----------
    table : the Adjustments sheet, with its rows of the period; those of people without an ID in ``ids`` are left out
    ids : n employee IDs
    indicators : k indicators; a row that sets an item to zero names one by code or name

    Returns
    -------
    points : n sums; commendations and rewards for solved problems add, every other kind takes its points away
    zeroed : n × k booleans

    Examples
    --------
    >>> from xlperf.policy.schemes import load
    >>> from xlperf.schema.tables import table_of
    >>> rows = {"adjustment_id": ["1", "2"], "employee_id": "E1", "adjustment_kind": ["commendation", "penalty"]}
    >>> table = table_of("adjustments", {**rows, "points": [5.0, 2.0], "indicator": None})
    >>> adjustments(table, pd.Index(["E1", "E2"]), load("service-team").indicators)[0].tolist()
    [3.0, 0.0]
    """
    points = np.zeros(len(ids))
    zeroed = np.zeros((len(ids), len(indicators)), bool)
    codes = {name: k for k, each in reversed(list(enumerate(indicators))) for name in (*each.name, each.code)}
    frame = table.frame.sort_values("adjustment_id", kind="stable")
    person = ids.get_indexer(pd.Index(frame["employee_id"]))
    for i, kind, amount, indicator in zip(
        person, frame["adjustment_kind"], frame["points"], frame["indicator"], strict=True
    ):
        if i < 0:
            continue
        if kind == "zero_item":
            if indicator in codes:
                zeroed[i, codes[indicator]] = True
        elif amount == amount:
            points[i] += amount if kind in ADDING else -abs(amount)
    return points, zeroed


def fill_gaps(points: Matrix, full: np.ndarray, gaps: Sequence[tuple[str, Matrix]]) -> tuple[Matrix, Matrix]:
    """Put full marks or zero where the policy says so; return the points and where they were put in.

    ``gaps`` pairs a policy (``full``, ``zero``, ``redistribute``, ``equal``, ``block``) with the cells it concerns.
    """
    values = {"full": np.broadcast_to(full, points.shape), "zero": np.zeros(points.shape)}
    filled = np.zeros(points.shape, bool)
    for policy, cells in gaps:
        if policy in values:
            points = np.where(cells, values[policy], points)
            filled |= cells
    return points, filled
