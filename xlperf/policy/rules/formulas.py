"""The words in which rules say themselves as Excel formulas: the mirror of ``comparing``, with cells for columns.

Every argument is the text of a cell or of a number, and so is every result. Only functions that each spreadsheet
application knows are used, and a comparison settles its numbers to twelve significant digits as the kernel does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from xlperf.core.intervals import Interval, overlaps, settled

MOST_DIGITS = 1e15  # whole numbers up to here are written without an exponent, as Excel does

NOTHING = '""'
NUMBERS = '">-1E+300"'  # the criterion that every number meets and no text does
SIGNS = {"at_least": ">=", "above": ">", "at_most": "<=", "below": "<"}
_LITERAL = re.compile(r"[0-9.]+(E[+-]?[0-9]+)?|\(-[0-9.]+(E[+-]?[0-9]+)?\)")
LEVELS = ("1", "0.75", "0.5", "0.25")


class BandCells(NamedTuple):
    """One band: the interval as it was read, the texts of its ends (empty without one), and of its points."""

    interval: Interval
    low: str
    high: str
    points: str


def literal(number: float) -> str:
    """Write a number as it stands in a formula.

    >>> literal(1.2), literal(5.0), literal(-0.5)
    ('1.2', '5', '(-0.5)')
    """
    text = repr(int(number)) if number == int(number) and abs(number) < MOST_DIGITS else repr(float(number)).upper()
    return f"({text})" if number < 0 else text


def number_in(text: str) -> float | None:
    """Return the number that a text writes, None where it writes anything else, such as a cell.

    >>> number_in("(-0.5)"), number_in("H5")
    (-0.5, None)
    """
    return float(text.strip("()")) if _LITERAL.fullmatch(text) else None


def is_above(text: str, other: str) -> bool:
    """Tell of two literals whether the first is more; of a cell nobody knows, and it passes."""
    one, two = number_in(text), number_in(other)
    return one is None or two is None or one > two


def unless(condition: str, text: str) -> str:
    """Show nothing where a condition holds, else the text."""
    return f'IF({condition},"",{text})'


def when_known(cells: Sequence[str], text: str) -> str:
    """Show nothing where one of the cells is blank."""
    blanks = [f'{each}=""' for each in cells if number_in(each) is None]
    if not blanks:
        return text
    return unless(blanks[0] if len(blanks) == 1 else f"OR({','.join(blanks)})", text)


def when_ratio(actual: str, target: str, text: str) -> str:
    """Show nothing where actual ÷ target makes no sense: see ``comparing.attainment``."""
    return unless(f'OR({actual}="",{target}="",{target}<=0,{actual}<0)', text)


def attainment(actual: str, target: str, direction: str) -> str:
    """Return actual ÷ target, or its mirror image where less is better."""
    return f"(2-{actual}/{target})" if direction == "lower" else f"({actual}/{target})"


def rounded(text: str, size: str = "") -> str:
    """Return a figure rounded to twelve significant digits, or at the twelfth digit of a size."""
    number = number_in(text)
    if number is not None and not size:
        return literal(float(settled(number)))
    of = size or text
    return f"ROUND({text},11-INT(LOG10(ABS({of})+({of}=0))))"


def meets(actual: str, mark: str, operator: str) -> str:
    """Return the comparison of two figures."""
    return f"{rounded(actual)}{SIGNS[operator]}{rounded(mark)}"


def as_good_as(actual: str, mark: str, direction: str) -> str:
    """Return whether the actual is at least as good as the mark."""
    return meets(actual, mark, "at_most" if direction == "lower" else "at_least")


def shortfall(actual: str, target: str, direction: str) -> str:
    """Return by how much the actual is worse than the target, or 0."""
    return f"MAX({actual}-{target},0)" if direction == "lower" else f"MAX({target}-{actual},0)"


def steps_in(distance: str, size: str, step: str, steps: str) -> str:
    """Return how many steps a distance holds: see ``comparing.count_steps``."""
    exact = f"{distance}/{step}"
    if steps == "linear":
        return exact
    counted = rounded(exact, f"({size}/{step})")
    return f"INT({counted})" if steps == "whole" else f"(-INT(-{counted}))"


def larger(actual: str, target: str) -> str:
    """Return the size of the larger of two figures."""
    return f"MAX(ABS({actual}),ABS({target}))"


def outside(figure: str, low: str, high: str) -> str:
    """Return how far a figure lies outside a range."""
    return f"MAX({low}-{figure},{figure}-{high},0)"


def part_of(full: str, fraction: str | None) -> str | None:
    """Return a fraction of the full points, or no limit."""
    return None if fraction is None else f"{fraction}*{full}"


def bounded(text: str, low: str | None, high: str | None) -> str:
    """Hold points between two limits, of which either may be absent."""
    text = text if low is None else f"MAX({low},{text})"
    return text if high is None else f"MIN({high},{text})"


def shares(reached: str) -> str:
    """Hold an attainment between nothing and all."""
    return bounded(reached, "0", "1")


def band_points(figure: str, bands: Sequence[BandCells]) -> str:
    """Return the points of the one band that holds a figure, nothing where none does, or more than one."""
    if overlaps(each.interval for each in bands):
        hits = "+".join(f"({_inside(figure, each)})" for each in bands)
        worth = "+".join(f"({_inside(figure, each)})*{each.points}" for each in bands)
        return f'IF({hits}=1,{worth},"")'
    text = NOTHING
    for each in reversed(bands):
        text = f"IF({_inside(figure, each)},{each.points},{text})"
    return text


def _inside(figure: str, band: BandCells) -> str:
    ends = []
    if band.low:
        ends.append(f"{figure}{'>=' if band.interval.low_included else '>'}{band.low}")
    if band.high:
        ends.append(f"{figure}{'<=' if band.interval.high_included else '<'}{band.high}")
    return f"AND({','.join(ends)})" if ends else "TRUE"


def place_share(actual: str, group: str, actuals: str, groups: str, direction: str) -> str:
    """Return place ÷ members of the group; who is better is so by more than float dust."""
    dust = f"1E-12*ABS({actual})"
    better = f'"<"&({actual}-{dust})' if direction == "lower" else f'">"&({actual}+{dust})'
    place = f"(COUNTIFS({groups},{group},{actuals},{better})+1)"
    return f"ROUND({place}/COUNTIFS({groups},{group},{actuals},{NUMBERS}),12)"
