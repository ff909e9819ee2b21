"""The parts of the Excel formulas of scoring rules: the same steps as ``comparison``, with cells for columns.

Every argument is the text of a cell or of a number, and so is every result. Only functions that each spreadsheet
application knows are used, and a comparison settles its numbers to twelve significant digits as the rules do.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from xlperf.core.curves import Curve
from xlperf.core.intervals import Interval, overlaps, settled

MOST_DIGITS = 1e15  # whole numbers up to here are written without an exponent, as Excel does

NOTHING = '""'
WITHOUT_END = "1E+300"  # target ÷ actual where the actual is 0
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


class CurveCells(NamedTuple):
    """A curve as it was read, and the texts of its anchors' values and points."""

    curve: Curve
    values: tuple[str, ...]
    points: tuple[str, ...]


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
    """Return whether one number is more than another; True where either is a cell, whose number only Excel knows.

    Parameters
    ----------
    text, other : texts of a number or of a cell

    Examples
    --------
    >>> is_above("2", "1"), is_above("1", "1"), is_above("H5", "1")
    (True, False, True)
    """
    one, two = number_in(text), number_in(other)
    return one is None or two is None or one > two


def unless(condition: str, text: str) -> str:
    """Return a formula that is blank where a condition holds, and the given text elsewhere.

    Parameters
    ----------
    condition, text : of a formula, without the sign of equality

    Examples
    --------
    >>> unless("H5<0", "100*H5")
    'IF(H5<0,"",100*H5)'
    """
    return f'IF({condition},"",{text})'


def when_known(cells: Sequence[str], text: str) -> str:
    """Return a formula that is blank where one of the cells is, and the given text elsewhere.

    Parameters
    ----------
    cells : texts of cells or numbers; a number is always known
    text : of a formula, without the sign of equality

    Examples
    --------
    >>> when_known(["H5", "I5", "80"], "H5/I5")
    'IF(OR(H5="",I5=""),"",H5/I5)'
    >>> when_known(["80"], "H5")
    'H5'
    """
    blanks = [f'{each}=""' for each in cells if number_in(each) is None]
    if not blanks:
        return text
    return unless(blanks[0] if len(blanks) == 1 else f"OR({','.join(blanks)})", text)


def when_ratio(actual: str, target: str, text: str, caught: bool = True, inverse: bool = False) -> str:
    """Return a formula that is blank where actual ÷ target makes no sense, and the given text elsewhere.

    Parameters
    ----------
    actual, target : texts of their cells
    text : of a formula, without the sign of equality
    caught : whether a limit of the points catches an actual below zero; blank there where none does
    inverse : whether the ratio is target ÷ actual: never of a figure below zero, of 0 only where a limit catches it

    Notes
    -----
    The same cases in which ``comparison.attainment`` and ``comparison.bounded_below_zero`` are NaN.

    Examples
    --------
    >>> when_ratio("H5", "I5", "MAX(0,H5/I5)"), when_ratio("H5", "I5", "H5/I5", caught=False)
    ('IF(OR(H5="",I5="",I5<=0),"",MAX(0,H5/I5))', 'IF(OR(H5="",I5="",I5<=0,H5<0),"",H5/I5)')
    """
    refused = {(True, True): "<0", (True, False): "<=0", (False, False): "<0"}.get((inverse, caught))
    below_zero = f",{actual}{refused}" if refused else ""
    return unless(f'OR({actual}="",{target}="",{target}<=0{below_zero})', text)


def is_inverse(direction: str, lower_by: str | None) -> bool:
    """Return whether the attainment is target ÷ actual.

    Parameters
    ----------
    direction, lower_by : the direction of the indicator, and the choice of the rule or None

    Examples
    --------
    >>> is_inverse("lower", "quotient"), is_inverse("higher", "quotient"), is_inverse("lower", None)
    (True, False, False)
    """
    return direction == "lower" and lower_by == "quotient"


def attainment(actual: str, target: str, direction: str, lower_by: str | None = None) -> str:
    """Return the formula of actual ÷ target; where less is better of 2 − actual ÷ target, or of target ÷ actual.

    Parameters
    ----------
    actual, target : texts of their cells
    direction : "lower" where less is better; more is better with any other
    lower_by : where less is better, "quotient" for target ÷ actual

    Examples
    --------
    >>> attainment("H5", "I5", "higher"), attainment("H5", "I5", "lower")
    ('(H5/I5)', '(2-H5/I5)')
    >>> attainment("H5", "I5", "lower", "quotient")
    'IF(H5=0,1E+300,I5/H5)'
    """
    if is_inverse(direction, lower_by):
        return f"IF({actual}=0,{WITHOUT_END},{target}/{actual})"
    return f"(2-{actual}/{target})" if direction == "lower" else f"({actual}/{target})"


def rounded(text: str, size: str = "") -> str:
    """Return the formula of a figure rounded to twelve significant digits, or at the twelfth digit of another number.

    Parameters
    ----------
    text : of a cell, a number or an expression; a number alone is rounded at once
    size : of a difference, the size of its two numbers, whose twelfth digit counts; the figure's own if empty

    Examples
    --------
    >>> rounded("0.30000000000000004"), rounded("H5")
    ('0.3', 'ROUND(H5,11-INT(LOG10(ABS(H5)+(H5=0))))')
    >>> rounded("H5-I5", "I5")
    'ROUND(H5-I5,11-INT(LOG10(ABS(I5)+(I5=0))))'
    """
    number = number_in(text)
    if number is not None and not size:
        return literal(float(settled(number)))
    of = size or text
    return f"ROUND({text},11-INT(LOG10(ABS({of})+({of}=0))))"


def meets(actual: str, mark: str, operator: str) -> str:
    """Return the formula that is true where the actual meets the mark, compared at twelve significant digits.

    Parameters
    ----------
    actual, mark : texts of cells or numbers
    operator : a key of ``SIGNS``: "at_least", "above", "at_most" or "below"

    Examples
    --------
    >>> meets("0.9", "0.8", "at_least")
    '0.9>=0.8'
    """
    return f"{rounded(actual)}{SIGNS[operator]}{rounded(mark)}"


def as_good_as(actual: str, mark: str, direction: str) -> str:
    """Return the formula that is true where the actual is at least as good as the mark.

    Parameters
    ----------
    actual, mark : texts of cells or numbers
    direction : "lower" where less is better; more is better with any other

    Examples
    --------
    >>> as_good_as("3", "4", "lower"), as_good_as("3", "4", "higher")
    ('3<=4', '3>=4')
    """
    return meets(actual, mark, "at_most" if direction == "lower" else "at_least")


def shortfall(actual: str, target: str, direction: str) -> str:
    """Return the formula of how much the actual is worse than the target, 0 where it is as good or better.

    Parameters
    ----------
    actual, target : texts of their cells
    direction : "lower" where less is better; more is better with any other

    Examples
    --------
    >>> shortfall("H5", "I5", "higher"), shortfall("H5", "I5", "lower")
    ('MAX(I5-H5,0)', 'MAX(H5-I5,0)')
    """
    return f"MAX({actual}-{target},0)" if direction == "lower" else f"MAX({target}-{actual},0)"


def steps_in(distance: str, size: str, step: str, steps: str) -> str:
    """Return the formula of the number of steps in a distance: completed ones, begun ones, or in proportion.

    Parameters
    ----------
    distance : text of a difference of two figures, not below zero
    size : text of the size of these figures, whose floating-point dust must not begin a step
    step : text of the length of a step, in the same unit
    steps : "linear" for a fraction of a step, "whole" for completed steps, any other for begun ones

    Notes
    -----
    Counts as ``comparison.count_steps`` does.

    Examples
    --------
    >>> steps_in("(I5-H5)", "I5", "J5", "linear")
    '(I5-H5)/J5'
    >>> steps_in("(I5-H5)", "I5", "J5", "whole")
    'INT(ROUND((I5-H5)/J5,11-INT(LOG10(ABS((I5/J5))+((I5/J5)=0)))))'
    """
    exact = f"{distance}/{step}"
    if steps == "linear":
        return exact
    counted = rounded(exact, f"({size}/{step})")
    return f"INT({counted})" if steps == "whole" else f"(-INT(-{counted}))"


def larger(actual: str, target: str) -> str:
    """Return the formula of the larger of two figures, both without their sign.

    Parameters
    ----------
    actual, target : texts of their cells

    Examples
    --------
    >>> larger("H5", "I5")
    'MAX(ABS(H5),ABS(I5))'
    """
    return f"MAX(ABS({actual}),ABS({target}))"


def outside(figure: str, low: str, high: str) -> str:
    """Return the formula of how far a figure lies outside a range, 0 inside it.

    Parameters
    ----------
    figure : text of its cell
    low, high : texts of the ends of the range, both of which belong to it

    Examples
    --------
    >>> outside("H5", "40", "60")
    'MAX(40-H5,H5-60,0)'
    """
    return f"MAX({low}-{figure},{figure}-{high},0)"


def part_of(full: str, fraction: str | None) -> str | None:
    """Return the formula of a fraction of the full points, None where there is no fraction and so no limit.

    Parameters
    ----------
    full : text of the cell with the full points
    fraction : text of a cell or number, 1.2 for 120 %

    Examples
    --------
    >>> part_of("O5", "1.2"), part_of("O5", None)
    ('1.2*O5', None)
    """
    return None if fraction is None else f"{fraction}*{full}"


def bounded(text: str, low: str | None, high: str | None) -> str:
    """Return the formula of points held between two limits.

    Parameters
    ----------
    text : of the formula of the points
    low, high : texts of the limits, in points; None for no limit

    Examples
    --------
    >>> bounded("O5*H5", "0", "O5"), bounded("O5*H5", None, None)
    ('MIN(O5,MAX(0,O5*H5))', 'O5*H5')
    """
    text = text if low is None else f"MAX({low},{text})"
    return text if high is None else f"MIN({high},{text})"


def shares(reached: str) -> str:
    """Return the formula of an attainment held between 0 and 1: a share of the full points.

    >>> shares("H5/I5")
    'MIN(1,MAX(0,H5/I5))'
    """
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
    """Return the formula of place ÷ members of the group; equal figures share the better place.

    Parameters
    ----------
    actual, group : texts of the cells with the figure and the group of one person
    actuals, groups : texts of the ranges with those of everybody
    direction : "lower" where less is better; more is better with any other

    Notes
    -----
    Somebody is better by more than 1E-12 of the figure, so that floating-point dust makes no place. The members are
    those with a number.

    Examples
    --------
    >>> place_share("H5", "G5", "H5:H9", "G5:G9", "higher").startswith('ROUND((COUNTIFS(G5:G9,G5,H5:H9,">"&(H5+')
    True
    """
    dust = f"1E-12*ABS({actual})"
    better = f'"<"&({actual}-{dust})' if direction == "lower" else f'">"&({actual}+{dust})'
    place = f"(COUNTIFS({groups},{group},{actuals},{better})+1)"
    return f"ROUND({place}/COUNTIFS({groups},{group},{actuals},{NUMBERS}),12)"
