"""Tells conditions that no row can meet: what they ask contradicts itself.

Words are compared by the values that a column may have. Numbers and days are compared by their differences: each
comparison says by how much one may exceed another at most, and where these limits lead round in a circle to less than
nothing, no row can meet all of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, get_args

from xlperf.core.periods import Period
from xlperf.core.vocabulary import fold
from xlperf.policy.conditions.tree import (
    All,
    Among,
    Any_,
    Calc,
    Compare,
    Condition,
    Contains,
    Edge,
    Empty,
    Filled,
    InPeriod,
    MovedBy,
    Node,
    Not,
    Operand,
    Operator,
    Ref,
    Shift,
    Span,
    Value,
    Within,
    Word,
    WorkdaysBetween,
    columns_in,
    kind,
)

MOST_BRANCHES = 64  # of alternatives that are tried: beyond them nothing is claimed
ORIGIN = Value(0.0)  # numbers and days are so far from it
START, END = Edge(end=False), Edge(end=True)
_OPPOSITE: dict[Operator, Operator] = {"=": "<>", "<>": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_TURNED: dict[Operator, Operator] = {">": "<", ">=": "<="}


@dataclass(frozen=True)
class _Limit:
    """What exceeds another by ``most`` at most; by less than that where ``strict``."""

    what: Operand
    other: Operand
    most: float
    strict: bool = False


@dataclass
class _Asked:
    """What is asked of one column: one of some values, none of others, and whether it is filled."""

    among: set[Any] | None = None
    excluded: set[Any] = field(default_factory=set)
    filled: bool = False
    empty: bool = False

    def narrow(self, values: set[Any]) -> None:
        self.among = values if self.among is None else self.among & values

    def is_contradictory(self) -> bool:
        if self.empty and self.filled:
            return True
        return self.among is not None and not self.among - self.excluded


def is_never_met(*conditions: Condition, period: Period | None = None) -> bool:
    """Tell whether no row can meet all of some conditions; False where that cannot be said.

    Parameters
    ----------
    conditions : on the columns of one sheet, as the parser gives them
    period : the days that "period" means; without it only their order is known

    Examples
    --------
    >>> from xlperf.policy.conditions.parser import Scope, read
    >>> done, cancelled = (read(f"status = {word}", Scope.of_sheet("tasks")) for word in ("done", "cancelled"))
    >>> is_never_met(done, cancelled), is_never_met(Not(done), Any_((done, cancelled))), is_never_met(Not(done), done)
    (True, False, True)
    """
    return _is_never(list(_parts(All(conditions))), [*_calendar(period)], MOST_BRANCHES)


def _is_never(parts: list[Condition], known: list[_Limit], branches: int) -> bool:
    if any(isinstance(part, Not) and part.item in parts for part in parts):
        return True
    asked = _asked(parts)
    if any(each.is_contradictory() for each in asked.values()):
        return True
    if _is_circle_below_zero([*known, *_limits(parts, {column for column, each in asked.items() if each.filled})]):
        return True
    for position, part in enumerate(parts):
        if isinstance(part, Any_) and part.items:
            if len(part.items) > branches:
                return False
            others, left = parts[:position] + parts[position + 1 :], branches // len(part.items)
            return all(_is_never([*others, *_parts(item)], known, left) for item in part.items)
    return False


def _parts(condition: Condition, opposite: bool = False) -> Iterator[Condition]:
    """Yield what must hold together for a condition to hold, or for it not to hold."""
    match condition:
        case Not(item):
            yield from _parts(item, not opposite)
        case All(items) if not opposite:
            for each in items:
                yield from _parts(each)
        case Any_(items) if opposite:
            for each in items:
                yield from _parts(each, opposite=True)
        case All(items) if items:
            yield Any_(tuple(Not(each) for each in items))
        case _:
            yield Not(condition) if opposite else condition


# Words ---------------------------------------------------------------------------------------------------------------


def _asked(parts: list[Condition]) -> dict[Operand, _Asked]:
    asked: dict[Operand, _Asked] = defaultdict(_Asked)
    for part in parts:
        inner, opposite = (part.item, True) if isinstance(part, Not) else (part, False)
        match inner:
            case Filled(columns) | Empty(columns):
                if not opposite:
                    for each in columns:
                        asked[each].filled |= isinstance(inner, Filled)
                        asked[each].empty |= isinstance(inner, Empty)
                continue
            case Compare(Ref() as column, "=" | "<>" as sign, Word() | Value() as right):
                if (sign == "=") is not opposite:
                    asked[column].narrow({_plain(right)})
                else:
                    asked[column].excluded.add(_plain(right))
            case Among(Ref() as column, values) if all(isinstance(each, (Word, Value)) for each in values):
                if opposite:
                    asked[column].excluded |= {_plain(each) for each in values}
                else:
                    asked[column].narrow({_plain(each) for each in values})
            case Compare(Ref() as column, "<>", right) if right == column and not opposite:
                asked[column].empty = True
        unequal = isinstance(inner, Compare) and inner.sign == "<>"
        for each in _needed(inner) if unequal is opposite else ():
            asked[each].filled = True
    return asked


def _needed(node: Node) -> Iterator[Operand]:
    """Yield the columns that must be filled for a comparison to be met: with an empty cell it never is."""
    match node:
        case Ref():
            yield node
        case MovedBy(operand) | Shift(operand) | Among(operand) | InPeriod(operand) | Contains(operand):
            yield from _needed(operand)
        case Compare(one, _, other) | Calc(_, one, other) | WorkdaysBetween(one, other) | Within(one, _, _, other):
            yield from (*_needed(one), *_needed(other))


def _plain(operand: Operand) -> Any:
    value = operand.code if isinstance(operand, Word) else operand.value if isinstance(operand, Value) else operand
    return fold(value) if isinstance(value, str) else value


# Numbers and days ----------------------------------------------------------------------------------------------------


def _calendar(period: Period | None) -> Iterator[_Limit]:
    """Yield what is known of the days that conditions name."""
    for span in get_args(Span):
        start, end = Edge(end=False, of=span), Edge(end=True, of=span)
        yield from (_Limit(start, end, 0), _Limit(END, end, 0), _Limit(start, END, 0))
        before = Edge(end=True, previous=True, of=span)
        yield from (_Limit(before, start, -1), _Limit(start, before, 1))
        yield _Limit(Edge(end=False, previous=True, of=span), before, 0)
    for edge, day in ((START, period.start), (END, period.end)) if period is not None else ():
        yield from (_Limit(edge, ORIGIN, day.toordinal()), _Limit(ORIGIN, edge, -day.toordinal()))


def _limits(parts: Iterable[Condition], filled: set[Operand]) -> Iterator[_Limit]:
    for part in parts:
        match part:
            case Compare(left, sign, right):
                yield from _compared(left, sign, right)
            case Not(Compare(Ref() | Edge() | Value() as left, sign, Ref() | Edge() | Value() as right)) if (
                filled.issuperset(columns_in(part))
            ):
                yield from _compared(left, _OPPOSITE[sign], right)
            case InPeriod(day, previous):
                yield from _compared(Edge(end=False, previous=previous), "<=", day)
                yield from _compared(day, "<=", Edge(end=True, previous=previous))
            case Within(day, amount, unit, anchor):
                yield from _compared(anchor, "<=", day)
                if unit == "days":
                    yield from _compared(day, "<=", Shift(anchor, amount, unit))


def _compared(left: Operand, sign: Operator, right: Operand) -> Iterator[_Limit]:
    if sign in _TURNED:
        yield from _compared(right, _TURNED[sign], left)
    elif sign == "=":
        yield from (*_compared(left, "<=", right), *_compared(right, "<=", left))
    elif sign in ("<", "<=") and kind(left) == kind(right) != "text":
        (what, more), (other, most) = _placed(left), _placed(right)
        match what, other:  # the days between two days are so many at most, or at least
            case (Calc("-", last, first), _) if other == ORIGIN and kind(last) == "date":
                (what, more), (other, least) = _placed(last), _placed(first)
                most += least
            case (_, Calc("-", last, first)) if what == ORIGIN and kind(last) == "date":
                (what, least), (other, most) = _placed(first), _placed(last)
                more += least
        whole = kind(what) == kind(other) == "date" or (ORIGIN in (what, other) and "date" in (kind(what), kind(other)))
        yield _Limit(what, other, most - more - (sign == "<" and whole), strict=sign == "<" and not whole)


def _placed(operand: Operand) -> tuple[Operand, float]:
    """Return what an operand is counted from, and how far it is from there."""
    match operand:
        case Value(float(number)):
            return ORIGIN, number
        case Value(date() as day):
            return ORIGIN, day.toordinal()
        case Shift(start, amount, "days"):
            what, distance = _placed(start)
            return what, distance + amount
        case _:
            return operand, 0


def _is_circle_below_zero(limits: Iterable[_Limit]) -> bool:
    """Tell whether something would exceed itself by less than nothing; or by nothing, where it must be less."""
    steps = {(each.what, each.other, each.most, -int(each.strict)) for each in limits}
    reach: dict[Operand, tuple[float, int]] = defaultdict(lambda: (0.0, 0))
    for _ in range(len({each for what, other, *_ in steps for each in (what, other)}) + 1):
        nearer = False
        for what, other, most, strict in steps:
            most, strict = reach[other][0] + most, reach[other][1] + strict
            if (most, strict) < reach[what]:
                reach[what], nearer = (most, strict), True
        if not nearer:
            return False
    return True
