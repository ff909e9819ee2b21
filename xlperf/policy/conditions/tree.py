"""What a condition is made of, once read: a small tree of frozen values."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from xlperf.core.problems import Text
from xlperf.schema import Kind

Unit = Literal["days", "workdays", "trading", "months"]
Span = Literal["period", "quarter", "half", "year"]
FunctionName = Literal["min", "max", "abs", "round"]
Operator = Literal["=", "<>", "<", "<=", ">", ">="]


@dataclass(frozen=True)
class Name:
    """A word as written, before it is known to be a column or a value."""

    word: str


@dataclass(frozen=True)
class Ref:
    """A column of the sheet."""

    code: str
    kind: Kind = "text"


@dataclass(frozen=True)
class Word:
    """A word of a column's vocabulary."""

    code: str
    words: str


@dataclass(frozen=True)
class Value:
    """A number, a day or a text; a percentage remembers that it was written as one."""

    value: float | date | str
    percent: bool = False


@dataclass(frozen=True)
class Edge:
    """The first or last day of the period, or of the one before it.

    Of a quarter, half-year or year it is the one that holds the last day of the period.
    """

    end: bool
    previous: bool = False
    of: Span = "period"


@dataclass(frozen=True)
class Shift:
    """A day moved by so many days, working days, trading days or months."""

    start: Operand
    amount: int
    unit: Unit


@dataclass(frozen=True)
class MovedBy:
    """A day moved later by the days that a column of its row holds, such as days on hold; none where it is empty."""

    start: Operand
    amount: Ref | Name
    unit: Unit


@dataclass(frozen=True)
class WorkdaysBetween:
    """The working days after the first day up to the last, itself included; none from a day to the same day."""

    first: Operand
    last: Operand


@dataclass(frozen=True)
class Calc:
    """Arithmetic on columns and numbers."""

    sign: Literal["+", "-", "*", "/"]
    left: Operand
    right: Operand


@dataclass(frozen=True)
class Anniversary:
    """The day of the period on which a day comes round again, in a later year; 29 February does so on the 28th."""

    start: Operand


@dataclass(frozen=True)
class CountOf:
    """How many of a client's tasks meet a condition on the columns of Tasks."""

    where: Condition


@dataclass(frozen=True)
class Lookup:
    """A column of a task's client."""

    column: Ref | Name


@dataclass(frozen=True)
class Function:
    """A function of numbers: the least or the greatest of several, a size without its sign, or a rounded number."""

    name: FunctionName
    operands: tuple[Operand, ...]
    digits: int = 0  # decimals of a rounded number


@dataclass(frozen=True)
class Choice:
    """One number where a condition is met, another one where it is not."""

    condition: Condition
    then: Operand
    otherwise: Operand


Operand = (
    Name
    | Ref
    | Word
    | Value
    | Edge
    | Shift
    | MovedBy
    | WorkdaysBetween
    | Calc
    | Anniversary
    | CountOf
    | Lookup
    | Function
    | Choice
)
Relation = CountOf | Lookup


@dataclass(frozen=True)
class Compare:
    """``left op right``."""

    left: Operand
    sign: Operator
    right: Operand


@dataclass(frozen=True)
class Among:
    """One of several values."""

    left: Operand
    values: tuple[Operand, ...]


@dataclass(frozen=True)
class InPeriod:
    """A day within the period, or within the one before it."""

    left: Operand
    previous: bool = False


@dataclass(frozen=True)
class Within:
    """A day not before the anchor and not more than so many days after it."""

    left: Operand
    amount: int
    unit: Unit
    anchor: Operand


@dataclass(frozen=True)
class Filled:
    """All of the columns hold something."""

    columns: tuple[Operand, ...]


@dataclass(frozen=True)
class Empty:
    """All of the columns are blank."""

    columns: tuple[Operand, ...]


@dataclass(frozen=True)
class Contains:
    """A text with another inside."""

    left: Operand
    part: str


@dataclass(frozen=True)
class Placed:
    """Among the first or last so many per cent of the ranking."""

    end: Literal["top", "last"]
    share: float


@dataclass(frozen=True)
class Streak:
    """Met in this period and in each of the periods right before it, ``count`` periods in all."""

    item: Condition
    count: int


@dataclass(frozen=True)
class Not:
    """The opposite."""

    item: Condition


@dataclass(frozen=True)
class All:
    """Every one of the conditions."""

    items: tuple[Condition, ...]


@dataclass(frozen=True)
class Any_:  # noqa: N801 - "Any" is taken
    """At least one of the conditions."""

    items: tuple[Condition, ...]


Condition = Compare | Among | InPeriod | Within | Filled | Empty | Contains | Placed | Streak | Not | All | Any_
Node = Operand | Condition
ALWAYS = All(())


class Misread(ValueError):  # noqa: N818 - what HR wrote is misread, it is not an error of theirs
    """A text that is not a condition: which message tells so, and its details."""

    def __init__(self, code: str, **details: Any) -> None:
        super().__init__(code)
        self.code = code
        self.details = details


def kind(operand: Operand) -> Literal["number", "date", "text"]:
    """Tell whether an operand is a number, a day or a text."""
    match operand:
        case Ref(_, column_kind):
            return "date" if column_kind == "date" else "number" if column_kind in _NUMBERS else "text"
        case Value(value):
            return "text" if isinstance(value, str) else "number" if isinstance(value, float) else "date"
        case Edge() | Shift() | MovedBy() | Anniversary():
            return "date"
        case Calc() | CountOf() | WorkdaysBetween() | Function() | Choice():
            return "number"
        case Lookup(Ref() as column):
            return kind(column)
        case _:
            return "text"


_NUMBERS = ("number", "fraction", "money")


KIND_NAMES: dict[str, Text] = {
    "number": Text("数字", "a number"),
    "date": Text("日期", "a date"),
    "text": Text("文字", "a text"),
}


def parts_of(node: Node, elsewhere: bool = True) -> Iterator[Node]:
    """Yield a tree and every part of it, each before its own parts.

    Parameters
    ----------
    node : the tree, or a part of one
    elsewhere : whether the parts of what is counted or looked up on another sheet belong too

    Examples
    --------
    >>> [type(each).__name__ for each in parts_of(Compare(Ref("amount", "money"), ">", Value(5.0)))]
    ['Compare', 'Ref', 'Value']
    """
    yield node
    if isinstance(node, (CountOf, Lookup)) and not elsewhere:
        return
    for value in vars(node).values():
        for each in value if isinstance(value, tuple) else (value,):
            if hasattr(each, "__dataclass_fields__"):
                yield from parts_of(each, elsewhere)


def counts_working_days(operand: Operand) -> bool:
    """Whether an operand is a day that is counted out, by the calendar or by a column, at whatever depth."""
    return isinstance(operand, MovedBy) or (
        isinstance(operand, Shift) and (operand.unit in ("workdays", "trading") or counts_working_days(operand.start))
    )


def columns_in(node: Node) -> Iterator[Ref]:
    """Yield the columns of the tree's own sheet that it names."""
    return (each for each in parts_of(node, elsewhere=False) if isinstance(each, Ref))


def relations_in(node: Node) -> Iterator[Relation]:
    """Yield the parts of a tree that look at another sheet: counts of tasks, and columns of a task's client."""
    return (each for each in parts_of(node) if isinstance(each, (CountOf, Lookup)))


def duration_of(operand: Operand) -> tuple[Operand, Operand] | None:
    """Return the first and last day of a duration, in days or in working days; None for anything else.

    >>> duration_of(Calc("-", Ref("done_date", "date"), Ref("created_date", "date")))
    (Ref(code='created_date', kind='date'), Ref(code='done_date', kind='date'))
    """
    match operand:
        case Calc("-", last, first) if kind(last) == "date":
            return first, last
        case WorkdaysBetween(first, last):
            return first, last
    return None


def streaks_in(node: Node) -> Iterator[Streak]:
    """Yield the streaks of a tree."""
    return (each for each in parts_of(node) if isinstance(each, Streak))


def literals_in(node: Node) -> Iterator[tuple[Ref, str]]:
    """Yield the texts that a tree compares with a column of its own sheet, so that misspelt ones can be found."""
    return (each for part in parts_of(node, elsewhere=False) for each in _texts_beside(part, Ref))


def numbers_beside(node: Node, codes: Collection[str]) -> Iterator[tuple[str, float, bool]]:
    """Yield the numbers that a tree compares with some columns: the column, the number, whether it is a percentage.

    ``codes`` are those of the columns.

    >>> list(numbers_beside(Not(Compare(Ref("share", "fraction"), ">=", Value(0.8))), ["share"]))
    [('share', 0.8, False)]
    """
    for part in parts_of(node, elsewhere=False):
        match part:
            case Compare(Ref(code), _, Value() as value) | Compare(Value() as value, _, Ref(code)):
                values: tuple[Operand, ...] = (value,)
            case Among(Ref(code), values):
                pass
            case _:
                continue
        for each in values if code in codes else ():
            if isinstance(each, Value) and isinstance(each.value, float):
                yield code, each.value, each.percent


def literals_by_sheet(node: Node, sheet: str) -> Iterator[tuple[str, Ref, str]]:
    """Yield the texts that a condition of a sheet compares with a column, with the sheet that the column is of.

    >>> vip = Compare(Lookup(Ref("client_class", "key")), "=", Value("3"))
    >>> [(sheet, column.code, text) for sheet, column, text in literals_by_sheet(vip, "tasks")]
    [('clients', 'client_class', '3')]
    """
    yield from ((sheet, column, text) for column, text in literals_in(node))
    for part in parts_of(node):
        yield from (("clients", lookup.column, text) for lookup, text in _texts_beside(part, Lookup))
        if isinstance(part, CountOf):
            yield from (("tasks", column, text) for column, text in literals_in(part.where))


def _texts_beside(node: Node, what: type[Any]) -> Iterator[tuple[Any, str]]:
    match node:
        case Compare(left, _, Value(str(text))) if isinstance(left, what):
            yield left, text
        case Among(left, values) if isinstance(left, what):
            yield from (
                (left, each.value) for each in values if isinstance(each, Value) and isinstance(each.value, str)
            )


def with_literals(condition: Condition, change: Callable[[Ref, str], str]) -> Condition:
    """Return a tree with the texts changed that it compares with a column.

    >>> grade = Compare(Ref("grade"), "=", Value("Excellent"))
    >>> with_literals(Not(grade), lambda column, text: text[0]).item.right
    Value(value='E', percent=False)
    """
    match condition:
        case Compare(Ref() as column, sign, Value(str(text))):
            return Compare(column, sign, Value(change(column, text)))
        case Among(Ref() as column, values):
            return Among(column, tuple(_changed(each, column, change) for each in values))
        case Not(item):
            return Not(with_literals(item, change))
        case Streak(item, count):
            return Streak(with_literals(item, change), count)
        case All(items):
            return All(tuple(with_literals(item, change) for item in items))
        case Any_(items):
            return Any_(tuple(with_literals(item, change) for item in items))
        case _:
            return condition


def _changed(operand: Operand, column: Ref, change: Callable[[Ref, str], str]) -> Operand:
    match operand:
        case Value(str(text)):
            return Value(change(column, text))
        case _:
            return operand
