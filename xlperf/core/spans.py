"""Cumulative lines under limits of the spans between them: whether such lines exist, and the ones nearest to a wish.

Lines are numbers that never fall, from 0 to a whole; a limit says how far apart two of them are at least and at most.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import NamedTuple

Number = int | Fraction
Room = list[list[Number]]  # by two lines: how far the second may be above the first


class Span(NamedTuple):
    """The lines ``start`` and ``end`` are at least and at most so far apart."""

    start: int
    end: int
    least: Number
    most: Number


def room(count: int, whole: Number, spans: Iterable[Span]) -> Room | None:
    """Return how far each line may be above each other one when all limits hold; None where they contradict.

    Parameters
    ----------
    count : how many lines there are above line 0; the last one is ``whole``
    whole : what line ``count`` is
    spans : the limits, each between two of the lines 0 to ``count``

    Source
    ------
    A system of difference constraints; Cormen, Leiserson, Rivest & Stein, Introduction to Algorithms, section 22.4.

    Examples
    --------
    >>> room(2, 10, [Span(0, 1, 3, 5)])[0]          # line 1 is at most 5, line 2 is 10
    [0, 5, 10]
    >>> room(2, 10, [Span(0, 1, 6, 10), Span(1, 2, 5, 10)]) is None      # 6 + 5 > 10
    True
    """
    lines = range(count + 1)
    most: Room = [[0 if one >= other else whole for other in lines] for one in lines]
    most[count][0] = -whole
    for start, end, least, greatest in spans:
        most[start][end] = min(most[start][end], greatest)
        most[end][start] = min(most[end][start], -least)
    for via in lines:
        for one in lines:
            for other in lines:
                most[one][other] = min(most[one][other], most[one][via] + most[via][other])
    return None if any(most[line][line] < 0 for line in lines) else most


def nearest(wanted: Sequence[int], within: Room) -> tuple[int, ...]:
    """Return the lines under the limits that are nearest to the wanted ones, the first line first.

    Each line moves no further than the limits and the lines before it demand; the lines after it follow.

    Parameters
    ----------
    wanted : the lines 1, 2, ... that one would like
    within : what :func:`room` returns

    Examples
    --------
    >>> nearest((3, 8, 10), room(3, 10, [Span(0, 1, 0, 2)]))      # at most 2 up to line 1; line 2 stays
    (2, 8, 10)
    >>> nearest((1, 4, 10), room(3, 10, [Span(2, 3, 0, 3)]))      # at most 3 above line 2: line 2 follows
    (1, 7, 10)
    """
    lines: list[int] = [0]
    for number, wish in enumerate(wanted, start=1):
        lowest = max(line - within[number][before] for before, line in enumerate(lines))
        highest = min(line + within[before][number] for before, line in enumerate(lines))
        lines.append(int(min(max(wish, lowest), highest)))
    return tuple(lines[1:])


def contradicting(count: int, whole: Number, spans: Sequence[Span]) -> list[int]:
    """Return the positions of limits that contradict each other, none of which could be left out; none where all hold.

    Parameters
    ----------
    count, whole, spans : as for :func:`room`

    Examples
    --------
    >>> contradicting(3, 10, [Span(0, 1, 6, 10), Span(1, 2, 0, 3), Span(1, 3, 5, 10)])
    [0, 2]
    """
    if room(count, whole, spans) is not None:
        return []
    kept = list(range(len(spans)))
    for each in range(len(spans)):
        others = [other for other in kept if other != each]
        if room(count, whole, [spans[other] for other in others]) is None:
            kept = others
    return kept
