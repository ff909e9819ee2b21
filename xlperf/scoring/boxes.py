"""The nine-box: two scores of a person become levels, and the two levels a box with its name and its share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, floor

import numpy as np
import numpy.typing as npt
import pandas as pd

from xlperf.core.numbers import fraction_of, round_half_up
from xlperf.core.problems import Problem, between, some
from xlperf.policy.scheme import Box, BoxAxis, Indicator, Scheme
from xlperf.policy.validation.addressing import at
from xlperf.scoring.matrices import Points, Totals
from xlperf.scoring.ranking import Ranking

LEVELS = ("low", "middle", "high")  # the numbers 1, 2 and 3
Scores = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Boxes:
    """The scores of everybody on both axes, NaN where there is none, and the levels 1 to 3; 0 is in no box."""

    axes: tuple[BoxAxis, BoxAxis]
    scores: tuple[Scores, Scores]
    levels: tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]

    @property
    def placed(self) -> npt.NDArray[np.bool_]:
        """Who is in a box."""
        return np.asarray((self.levels[0] > 0) & (self.levels[1] > 0))

    def count(self, across: int, up: int) -> int:
        """Return the people of a box.

        Parameters
        ----------
        across, up : levels from 1 to 3
        """
        return int(((self.levels[0] == across) & (self.levels[1] == up)).sum())


def place_in_boxes(
    scheme: Scheme,
    indicators: Sequence[Indicator],
    points: Points,
    totals: Totals,
    ranking: Ranking,
    ids: pd.Index,
) -> tuple[Boxes, list[Problem]]:
    """Place everybody who is ranked in a box, and report boxes with too many or too few, and who lacks a score.

    Parameters
    ----------
    scheme : its axes, both there, and the boxes
    indicators, points, totals, ranking : of n people
    ids : the employee IDs
    """
    axes = sorted(scheme.box_axes, key=lambda each: each.axis)  # across, up
    figures = (_scores(each, scheme, indicators, points, totals, ranking) for each in axes)
    shown = (round_half_up(each, scheme.settings.decimals) for each in figures)  # 90 points are 90, as HR reads them
    scores = [np.where(ranking.ranked, each, np.nan) for each in shown]
    levels = [level_of(score, axis) for score, axis in zip(scores, axes, strict=True)]
    found = Boxes((axes[0], axes[1]), (scores[0], scores[1]), (levels[0], levels[1]))
    lacking = ids[ranking.ranked & ~found.placed]
    problems = list(_broken(scheme, found))
    if len(lacking):
        details = {"count": len(lacking), "people": some(lacking)}
        problems.append(Problem("box-not-placed", scheme.table("box_axes").title, "", details))
    return found, problems


def level_of(scores: Scores, axis: BoxAxis) -> npt.NDArray[np.intp]:
    """Return the level of each score: 1 low, 2 middle, 3 high; a limit belongs to the higher level.

    Parameters
    ----------
    scores : NaN gives 0
    axis : where its levels begin

    Examples
    --------
    >>> from xlperf.core.problems import Text
    >>> performance = BoxAxis("across", Text("业绩", "Performance"), "total", 72.0, 84.0)
    >>> level_of(np.array([71.99, 72.0, 84.0, np.nan]), performance).tolist()
    [1, 2, 3, 0]
    """
    level = 1 + (scores >= axis.middle).astype(np.intp) + (scores >= axis.high)
    return np.where(np.isnan(scores), 0, level)


def _scores(
    axis: BoxAxis,
    scheme: Scheme,
    indicators: Sequence[Indicator],
    points: Points,
    totals: Totals,
    ranking: Ranking,
) -> Scores:
    dimensions, codes = [each.code for each in scheme.dimensions], [each.code for each in indicators]
    if axis.score in dimensions:
        return totals.dimensions[:, dimensions.index(axis.score)]
    return points.points[:, codes.index(axis.score)] if axis.score in codes else ranking.total


def box_at(across: int, up: int, scheme: Scheme) -> Box | None:
    """Return the row of the sheet Boxes for two levels from 1 to 3; None where there is none.

    Parameters
    ----------
    across, up : the levels
    scheme : whose boxes they are
    """
    wanted = (LEVELS[across - 1], LEVELS[up - 1])
    return next((each for each in scheme.boxes if (each.across, each.up) == wanted), None)


def people_of(box: Box, placed: int) -> tuple[int, int]:
    """Return how many of the people placed a box may have, at least and at most, never beyond its shares.

    Parameters
    ----------
    box : with its shares, NaN for any
    placed : people in all boxes

    Examples
    --------
    >>> from xlperf.core.problems import Text
    >>> people_of(Box("high", "high", Text("明星", "Stars"), Text("", ""), float("nan"), 0.2), 21)      # 4.2
    (0, 4)
    """
    least = ceil(placed * fraction_of(box.least)) if box.least == box.least else 0
    return least, floor(placed * fraction_of(box.most)) if box.most == box.most else placed


def _broken(scheme: Scheme, found: Boxes) -> Iterator[Problem]:
    placed = int(found.placed.sum())
    for position, box in enumerate(scheme.boxes):
        if box.across not in LEVELS or box.up not in LEVELS:
            continue
        count = found.count(LEVELS.index(box.across) + 1, LEVELS.index(box.up) + 1)
        least, most = people_of(box, placed)
        if not least <= count <= most:
            yield at(scheme, "box-quota", "boxes", "least", [position], box=box.name, count=count,
                     wanted=between(least, most), placed=placed)  # fmt: skip
