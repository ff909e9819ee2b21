"""What the steps hand to each other: facts, points and totals of people, as matrices of people and indicators."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from xlperf.scheme import Indicator

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
class Totals:
    """Totals of n people.

    ``weights`` (n × k) are the shares of the total in force after what was not measured; ``contribution`` (n × k) what
    each indicator adds to the base; ``dimensions`` (n × d) the score of each dimension; ``base``, ``adjustment`` and
    ``total`` are n points, the total rounded; ``measured`` is the share of the weight that was measured.
    """

    weights: Matrix
    contribution: Matrix
    dimensions: Matrix
    base: np.ndarray
    adjustment: np.ndarray
    total: np.ndarray
    measured: np.ndarray
