"""Tells conditions that no row can meet: what they ask of one column contradicts itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from xlperf.core.vocabulary import fold
from xlperf.policy.conditions.tree import (
    All,
    Among,
    Any_,
    Compare,
    Condition,
    Empty,
    Filled,
    Not,
    Operand,
    Operator,
    Ref,
    Value,
    Word,
)

MOST_BRANCHES = 64  # of alternatives that are tried: beyond them nothing is claimed
_OPPOSITE: dict[Operator, Operator] = {"=": "<>", "<>": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


@dataclass
class _Asked:
    """What is asked of one column: one of some values, none of others, bounds, and whether it is filled."""

    among: set[Any] | None = None
    excluded: set[Any] = field(default_factory=set)
    least: list[tuple[Any, bool]] = field(default_factory=list)  # the bound, and whether it counts itself
    most: list[tuple[Any, bool]] = field(default_factory=list)
    filled: bool = False
    empty: bool = False

    def narrow(self, values: set[Any]) -> None:
        self.among = values if self.among is None else self.among & values
        self.filled = True

    def is_contradictory(self) -> bool:
        if self.empty and self.filled:
            return True
        if self.among is not None and not self.among - self.excluded:
            return True
        bounds = [(low, high, a and b) for low, a in self.least for high, b in self.most if type(low) is type(high)]
        return any(low > high or (low == high and not both) for low, high, both in bounds)


def is_never_met(*conditions: Condition) -> bool:
    """Tell whether no row can meet all of some conditions; False where that cannot be said.

    Parameters
    ----------
    conditions : on the columns of one sheet, as the parser gives them

    Examples
    --------
    >>> from xlperf.policy.conditions.parser import Scope, read
    >>> done, cancelled = (read(f"status = {word}", Scope.of_sheet("tasks")) for word in ("done", "cancelled"))
    >>> is_never_met(done, cancelled), is_never_met(Not(done), Any_((done, cancelled))), is_never_met(Not(done), done)
    (True, False, True)
    """
    return _is_never(list(_parts(All(conditions))), MOST_BRANCHES)


def _is_never(parts: list[Condition], branches: int) -> bool:
    if any(each.is_contradictory() for each in _asked(parts).values()):
        return True
    for position, part in enumerate(parts):
        if isinstance(part, Any_) and part.items:
            if len(part.items) > branches:
                return False
            others, left = parts[:position] + parts[position + 1 :], branches // len(part.items)
            return all(_is_never([*others, *_parts(item)], left) for item in part.items)
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
        case _:
            yield Not(condition) if opposite else condition


def _asked(parts: list[Condition]) -> dict[Operand, _Asked]:
    asked: dict[Operand, _Asked] = defaultdict(_Asked)
    for part in parts:
        inner, opposite = (part.item, True) if isinstance(part, Not) else (part, False)
        match inner:
            case Compare(Ref() as column, sign, Word() | Value() as right):
                _compare(asked[column], sign, right, opposite)
            case Among(Ref() as column, values) if all(isinstance(each, (Word, Value)) for each in values):
                if opposite:
                    asked[column].excluded |= {_plain(each) for each in values}
                else:
                    asked[column].narrow({_plain(each) for each in values})
            case Filled(columns) if not opposite:
                for each in columns:
                    asked[each].filled = True
            case Empty(columns) if not opposite:
                for each in columns:
                    asked[each].empty = True
            case _:
                pass  # nothing is known of it
    return asked


def _compare(asked: _Asked, sign: Operator, right: Operand, opposite: bool) -> None:
    value = _plain(right)
    if opposite and sign not in ("=", "<>"):
        return  # the opposite of a comparison holds for blank cells too
    match _OPPOSITE[sign] if opposite else sign:
        case "=":
            asked.narrow({value})
        case "<>":
            asked.excluded.add(value)
        case "<" | "<=" as less:
            asked.filled = True
            asked.most.append((value, less == "<="))
        case ">" | ">=" as more:
            asked.filled = True
            asked.least.append((value, more == ">="))


def _plain(operand: Operand) -> Any:
    value = operand.code if isinstance(operand, Word) else operand.value if isinstance(operand, Value) else operand
    return fold(value) if isinstance(value, str) else value
