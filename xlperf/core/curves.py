"""Curves through anchors: straight lines, jumps, or progressive slices, and what is held against them.

Nouns: an **anchor** is a value with its points and the way in which the points run from it up to the next anchor; a
**curve** is anchors in rising order with what holds below the first and above the last.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from xlperf.core.intervals import settled

Reading = Literal["line", "jump", "slice", ""]
Beyond = Literal["hold", "continue", "none", ""]


@dataclass(frozen=True)
class Anchor:
    """A value and its points, or its rate where the curve is read as slices.

    ``reading`` says how the points run from here up to the next value: on a straight line, level until the jump there,
    or as a slice of which every unit earns the rate.
    """

    value: float
    points: float
    reading: Reading


@dataclass(frozen=True)
class Curve:
    """Anchors from the lowest value to the highest; ``below`` and ``above`` say what holds beyond them.

    ``hold`` keeps the points of the end, ``continue`` follows the nearest line or slice further, ``none`` leaves the
    figure unscored. Above a last anchor that is read as a jump or a slice, that reading goes on without an end.
    """

    anchors: tuple[Anchor, ...]
    below: Beyond
    above: Beyond

    @property
    def in_slices(self) -> bool:
        """Whether the points of an anchor are a rate that is earned by each unit above it."""
        return any(each.reading == "slice" for each in self.anchors)

    def is_sound(self) -> bool:
        """Whether every value has one reading: anchors rise, slices stand alone, and both ends are stated.

        >>> Curve((Anchor(0, 1, "jump"), Anchor(0, 2, "jump")), "hold", "").is_sound()
        False
        """
        values = [each.value for each in self.anchors]
        readings = {each.reading for each in self.anchors}
        last = self.anchors[-1].reading if self.anchors else ""
        return (
            bool(values)
            and all(settled(low) < settled(high) for low, high in pairwise(values))
            and "" not in readings
            and not (len(readings) > 1 and "slice" in readings)
            and all(np.isfinite(each.value) and np.isfinite(each.points) for each in self.anchors)
            and self.below != ""
            and (self.above != "" or last != "line")
            and not (len(values) == 1 and "line" in readings)
        )


@dataclass(frozen=True)
class Segment:
    """The values from ``start`` (included) to the next segment: the points there, and ``rise`` more for each ``run``.

    ``anchor`` is the position of the anchor at the start, ``along`` that of the anchor whose line or slice it follows,
    None where the points stay level.
    """

    start: float
    points: float
    rise: float
    run: float
    anchor: int
    along: int | None

    def level(self) -> Segment:
        """Return the segment without its rise."""
        return Segment(self.start, self.points, 0.0, 1.0, self.anchor, None)

    def following(self, other: Segment) -> Segment:
        """Return the segment with the rise of another."""
        return Segment(self.start, self.points, other.rise, other.run, self.anchor, other.along)


def segments(curve: Curve) -> list[Segment | None]:
    """Return the pieces of a sound curve from low to high: first what is below the anchors, last what is above them.

    None stands for values that are not scored. What is below has the start of the first anchor: its points run from
    there downward.

    >>> threshold = Curve((Anchor(0.8, 50, "line"), Anchor(1, 100, "jump")), "none", "")
    >>> [piece and (piece.start, piece.points, piece.rise) for piece in segments(threshold)]
    [None, (0.8, 50, 50), (1, 100, 0.0)]
    """
    anchors = curve.anchors
    points = _earned_below(anchors) if curve.in_slices else [each.points for each in anchors]
    found = []
    for position, (each, here) in enumerate(zip(anchors, points, strict=True)):
        level = Segment(each.value, here, 0.0, 1.0, position, None)
        if each.reading == "slice":
            found.append(Segment(each.value, here, each.points, 1.0, position, position))
        elif each.reading == "line" and position + 1 < len(anchors):
            further = anchors[position + 1]
            rise, run = further.points - each.points, further.value - each.value
            found.append(Segment(each.value, here, rise, run, position, position))
        else:
            found.append(level)
    last = found.pop()
    if anchors[-1].reading == "line" and found:
        last = last.following(found[-1])
    return [_beyond(curve.below, found[0] if found else last), *found, _beyond(curve.above or "continue", last)]


def segment_at(value: float, curve: Curve | None) -> Segment | None:
    """Return the piece of a curve that a value lies on; None where there is none, or where the value is not scored.

    >>> plan = Curve((Anchor(0.8, 50, "line"), Anchor(1.0, 100, "jump")), "none", "")
    >>> [piece and piece.points for piece in (segment_at(0.7, plan), segment_at(0.9, plan), segment_at(1, plan))]
    [None, 50, 100]
    """
    if curve is None or not curve.is_sound() or np.isnan(value):
        return None
    starts = settled([each.value for each in curve.anchors])
    return segments(curve)[int(np.searchsorted(starts, settled(value), side="right"))]


def _earned_below(anchors: Sequence[Anchor]) -> list[float]:
    """Return what the slices below each anchor come to."""
    sums = [0.0]
    for lower, upper in pairwise(anchors):
        sums.append(sums[-1] + lower.points * (upper.value - lower.value))
    return sums


def _beyond(way: Beyond, nearest: Segment) -> Segment | None:
    """Return the piece beyond an end of the curve, where the nearest piece would run on."""
    return None if way == "none" else nearest if way == "continue" else nearest.level()


def curve_values(values: ArrayLike, curve: Curve | None) -> NDArray[np.float64]:
    """Return the points of each value on a curve.

    Parameters
    ----------
    values : n numbers; NaN has no points, infinity those of the end
    curve : its anchors; where it is absent or not sound nothing is scored

    Returns
    -------
    n numbers; NaN where the value is missing or lies beyond an end that is not scored.

    Notes
    -----
    An anchor belongs to the piece that begins at it. Values are placed at twelve significant digits.

    Examples
    --------
    >>> threshold = Curve((Anchor(0.8, 50, "line"), Anchor(1.0, 100, "line"), Anchor(1.2, 150, "line")), "none", "hold")
    >>> curve_values([0.79, 0.8, 0.9, 1.2, 2.0], threshold).tolist()
    [nan, 50.0, 75.0, 150.0, 150.0]
    >>> commission = Curve((Anchor(0, 0.03, "slice"), Anchor(1000, 0.05, "slice")), "hold", "")
    >>> curve_values([-10, 1000, 3000], commission).tolist()          # 1000 × 3% + 2000 × 5%
    [0.0, 30.0, 130.0]
    """
    numbers = np.asarray(values, dtype=np.float64)
    if curve is None or not curve.is_sound():
        return np.full(numbers.shape, np.nan)
    pieces = segments(curve)
    starts = settled([each.value for each in curve.anchors])
    finite = np.where(np.isnan(numbers), 0.0, numbers)
    which = np.searchsorted(starts, settled(finite), side="right")
    points = np.full(numbers.shape, np.nan)
    for position, piece in enumerate(pieces):
        inside = (which == position) & ~np.isnan(numbers)
        if piece is not None and inside.any():
            along = piece.rise * (numbers[inside] - piece.start) / piece.run if piece.rise else 0.0
            points[inside] = piece.points + along
    return points
