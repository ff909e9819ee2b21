"""What the steps hand to each other: facts, points and totals of people, as matrices of people and indicators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from xlperf.core.vocabulary import STATES
from xlperf.policy.scheme import Indicator

Matrix = np.ndarray


@dataclass(frozen=True)
class Facts:
    """What was measured: one row a person (or unit), one column an indicator.

    ``numerator``, ``denominator`` and ``actual`` are NaN where there is none; ``state`` is a position in ``STATES``.
    """

    ids: pd.Index
    indicators: tuple[Indicator, ...]
    numerator: Matrix
    denominator: Matrix
    actual: Matrix
    state: Matrix

    def of(self, rows: np.ndarray) -> Facts:
        """The facts of some people only, or of one person several times."""
        figures = (self.numerator[rows], self.denominator[rows], self.actual[rows], self.state[rows])
        return Facts(self.ids[rows], self.indicators, *figures)

    def only(self, indicators: Sequence[Indicator]) -> Facts:
        """The facts on some indicators only."""
        columns = np.array([self.column(each.code) for each in indicators], np.intp)
        figures = (self.numerator, self.denominator, self.actual, self.state)
        return Facts(self.ids, tuple(indicators), *(each[:, columns] for each in figures))

    def without(self, mask: Matrix) -> Facts:
        """The same facts, of which those under an n × k mask do not apply."""
        numerator, denominator, actual = (
            np.where(mask, np.nan, each) for each in (self.numerator, self.denominator, self.actual)
        )
        state = np.where(mask, STATES.index("not_applicable"), self.state).astype(self.state.dtype)
        return Facts(self.ids, self.indicators, numerator, denominator, actual, state)

    def column(self, code: str) -> int:
        """The position of an indicator."""
        return [each.code for each in self.indicators].index(code)


@dataclass(frozen=True)
class Points:
    """Points of n people and k indicators; NaN where nothing can be scored.

    ``full`` are the full points of each indicator. A veto indicator has no points: ``vetoed`` tells where its
    requirement is not met.
    """

    points: Matrix
    targets: Matrix
    full: np.ndarray
    vetoed: Matrix
    unscorable: Matrix


@dataclass(frozen=True)
class Scores:
    """What the points of n people come to, before roll-up and adjustments.

    ``weights`` (n × k) are the shares of the total in force after what was not measured; ``contribution`` (n × k) what
    each indicator adds to ``own`` (n points); ``dimensions`` (n × d) the score of each dimension; ``measured`` is the
    share of the weight that was measured.
    """

    weights: Matrix
    contribution: Matrix
    dimensions: Matrix
    own: np.ndarray
    measured: np.ndarray


@dataclass(frozen=True)
class Totals(Scores):
    """Totals of n people: ``base`` is their own score, or what the parts of a longer period come to with it.

    ``parts`` (n × p) are the scores of the parts and ``part_weights`` (n × p) what they count for; there are none where
    the period is its own appraisal. ``total`` is base and ``adjustment``, rounded.
    """

    parts: Matrix
    part_weights: Matrix
    base: np.ndarray
    adjustment: np.ndarray
    total: np.ndarray
