"""Turns conditions into column expressions that find the rows, on any data frame library that Narwhals knows."""

from __future__ import annotations

import operator
from calendar import isleap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache, reduce
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from xlperf.core.periods import BusinessDays, WorkCalendar, period_of
from xlperf.policy.conditions.parser import needs_results
from xlperf.policy.conditions.tree import (
    All,
    Among,
    Anniversary,
    Any_,
    Calc,
    Compare,
    Condition,
    Contains,
    CountOf,
    Edge,
    Empty,
    Filled,
    InPeriod,
    Lookup,
    MovedBy,
    Not,
    Operand,
    Operator,
    Placed,
    Ref,
    Relation,
    Shift,
    Streak,
    Value,
    Within,
    Word,
    WorkdaysBetween,
    counts_working_days,
    kind,
    parts_of,
)
from xlperf.policy.conditions.wording import to_text
from xlperf.schema import ZERO_IF_BLANK

if TYPE_CHECKING:
    import narwhals as nw
    import pandas as pd

_DAYS_BEFORE_1970 = date(1970, 1, 1).toordinal()


@dataclass(frozen=True)
class When:
    """What "period", "working day", "top 5 %" and "for 3 periods" mean in a run.

    ``holidays`` are working days off, ``extra_workdays`` are days of a weekend that are worked. ``places`` gives the
    column expression of ``top``/``last`` shares where a ranking exists, ``streaks`` that of consecutive periods where
    earlier results are known.
    """

    start: date
    end: date
    previous_start: date
    previous_end: date
    holidays: tuple[date, ...] = ()
    extra_workdays: tuple[date, ...] = ()
    places: Callable[[Placed], nw.Expr] | None = None
    streaks: Callable[[Streak], nw.Expr] | None = None

    @cached_property
    def calendar(self) -> WorkCalendar:
        """The working days and the trading days."""
        return WorkCalendar(frozenset(self.holidays), frozenset(self.extra_workdays))

    def before(self) -> When:
        """Return the same with the previous period as the period."""
        return replace(self, start=self.previous_start, end=self.previous_end)

    def edge(self, edge: Edge) -> date:
        """Return the day that an edge means.

        >>> october = When(date(2026, 10, 1), date(2026, 10, 31), date(2026, 9, 1), date(2026, 9, 30))
        >>> str(october.edge(Edge(end=True, of="quarter"))), str(october.edge(Edge(end=False, previous=True)))
        ('2026-12-31', '2026-09-01')
        """
        if edge.of != "period":
            span = period_of(edge.of, self.end)
            span = span.previous() if edge.previous else span
            return span.end if edge.end else span.start
        if edge.previous:
            return self.previous_end if edge.end else self.previous_start
        return self.end if edge.end else self.start


def rows_meeting(condition: Condition, when: When) -> nw.Expr:
    """Return the column expression that is true for the rows meeting a condition and false, never empty, elsewhere.

    It works on every data frame library that Narwhals knows: pandas in a workbook, DuckDB or Spark beyond.
    """
    return _Compiler(when).test(condition)


def figure(operand: Operand, when: When) -> nw.Expr:
    """Return the column expression of an operand as a number; the difference of two dates counts days."""
    return _Compiler(when).number(operand)


def days_of(operand: Operand, frame: pd.DataFrame, when: When) -> np.ndarray:
    """Return a day for each row, as ``datetime64[D]``; working days are counted by the calendar.

    For a frame in memory, and for steps of any kind in any order; as column expressions, months cannot follow working
    days.
    """
    import narwhals as nw
    import pandas as pd

    if isinstance(operand, Shift):
        start = days_of(operand.start, frame, when)
        match operand.unit:
            case "workdays":
                return when.calendar.work.add(start, operand.amount)
            case "trading":
                return when.calendar.trade.add(start, operand.amount)
        frame = pd.DataFrame({"start": start.astype("datetime64[s]")})
        operand = replace(operand, start=Ref("start", "date"))
    if isinstance(operand, MovedBy):
        numbers = nw.from_native(frame).with_columns(day=_Compiler(when).days(operand))["day"].to_numpy()
        return _days_by_number(numbers.astype(np.float64))
    found = nw.from_native(frame).with_columns(day=figure(operand, when))["day"]
    return np.asarray(found.to_numpy().astype("datetime64[D]"))


def column_of(relation: Relation, when: When) -> str:
    """Name the column that holds what a condition looks up on another sheet.

    What depends on the period is named by its first and last day, so that two periods stand beside each other.

    >>> column_of(Lookup(Ref("m_level", "choice")), When(date(2026, 10, 1), date(2026, 10, 31), date.min, date.min))
    'client.m_level'
    """
    text = to_text(relation, "en")
    dated = any(isinstance(part, (Anniversary, Edge, InPeriod)) for part in parts_of(relation))
    return f"{text} [{when.start} – {when.end}]" if dated else text


class _Compiler:
    def __init__(self, when: When) -> None:
        import narwhals as nw

        self.nw = nw
        self.when = when

    def test(self, node: Condition) -> nw.Expr:
        match node:
            case Compare(left, sign, right):
                return self.compare(left, sign, right)
            case Among(left, values):
                plain = [value.code if isinstance(value, Word) else value.value for value in values]  # type: ignore[union-attr]
                if kind(left) == "date":
                    return reduce(operator.or_, (self.compare(left, "=", value) for value in values))
                return self.value(left).is_in(plain).fill_null(False)
            case InPeriod(left, previous):
                low, high = Edge(end=False, previous=previous), Edge(end=True, previous=previous)
                return self.compare(left, ">=", low) & self.compare(left, "<=", high)
            case Within(left, amount, unit, anchor):
                return self.compare(left, ">=", anchor) & self.compare(left, "<=", Shift(anchor, amount, unit))
            case Filled(columns):
                return reduce(operator.and_, (self.filled(column) for column in columns))
            case Empty(columns):
                return reduce(operator.and_, (~self.filled(column) for column in columns))
            case Contains(left, part):
                return self.value(left).str.contains(part, literal=True).fill_null(False)
            case Placed() if self.when.places:
                return self.when.places(node)
            case Streak() if self.when.streaks:
                return self.when.streaks(node)
            case Placed() | Streak():
                raise needs_results(node)
            case Not(item):
                return ~self.test(item)
            case All(()):
                return self.nw.lit(True)
            case All(items):
                return reduce(operator.and_, map(self.test, items))
            case Any_(items):
                return reduce(operator.or_, map(self.test, items))
        raise TypeError(node)

    def compare(self, left: Operand, sign: Operator, right: Operand) -> nw.Expr:
        if sign == "<>":
            return ~self.compare(left, "=", right)
        side = self.days if counts_working_days(left) or counts_working_days(right) else self.value
        met: nw.Expr = _SIGN_FUNCTIONS[sign](side(left), side(right))
        return met.fill_null(False)

    def days(self, node: Operand) -> nw.Expr:
        """Number the days as Python's ``date.toordinal`` does: not every engine has durations, but all have these."""
        fixed = self.fixed_day(node)
        if fixed is not None:
            return self.nw.lit(fixed.toordinal())
        match node:
            case Shift(start, amount, "days"):
                return self.days(start) + amount
            case MovedBy(start, amount, "days"):
                return self.days(start) + self.days_moved(amount)
            case MovedBy() | Shift(_, _, "workdays" | "trading"):
                return self.after_working_days(*_steps_forward(node))
        moment = self.moment(node)
        year = moment.dt.year() - 1
        leap_days = _times(year, 4) - _times(year, 100) + _times(year, 400)
        return year * 365 + leap_days + moment.dt.ordinal_day()

    def working_day(self, start: nw.Expr, amount: int, trading: bool) -> nw.Expr:
        """Return the n-th working day after a day, before it where n is negative; days are given by their numbers.

        It is the day that plain weeks give, moved by what the calendar changes between the two. For 0 it is the last
        working day up to and including the day itself.
        """
        number = self.weekdays_until(start - 1) + amount + 1 if amount < 0 else self.weekdays_until(start) + amount
        found = number + _times(number - 1, 5) * 2
        moved = _moved_by(self.when, amount, trading)
        if not moved:
            return found
        return found + start.cast(self.nw.Float64).replace_strict(moved, default=0, return_dtype=self.nw.Int64)

    def after_working_days(self, first: Operand, amount: int, columns: Sequence[Operand], trading: bool) -> nw.Expr:
        """Return the day that is so many working days later, more by what columns say; 0 is the day itself."""
        start = self.days(first)
        if not columns:
            return self.working_day(start, amount, trading)
        steps = reduce(operator.add, map(self.days_moved, columns)) + amount
        later = self.working_day_numbered(self.working_days_until(start, trading) + steps, trading)
        return later if amount else self.nw.when(steps > 0).then(later).otherwise(start)

    def days_moved(self, column: Operand) -> nw.Expr:
        """Return by how many days a row is moved; a blank moves nothing."""
        return self.value(column).fill_null(0).cast(self.nw.Int64)

    def working_days_until(self, day: nw.Expr, trading: bool = False) -> nw.Expr:
        """Count the working days through all time up to and including a day: its weekdays, and what differs."""
        more, _, _ = _beside_weekdays(self.when, trading)
        return self.weekdays_until(day) + self.from_table(day, more) if more else self.weekdays_until(day)

    def working_day_numbered(self, number: nw.Expr, trading: bool) -> nw.Expr:
        """Return the day that :meth:`working_days_until` gives a number."""
        _, more, later = _beside_weekdays(self.when, trading)
        weekday = number - self.from_table(number, more) if more else number
        found = weekday + _times(weekday - 1, 5) * 2
        return found + self.from_table(number, later) if later else found

    def from_table(self, number: nw.Expr, table: Mapping[int, int]) -> nw.Expr:
        """Look a whole number up in a table without gaps; what lies beyond an end counts as the end."""
        low, high = (self.nw.lit(end) for end in (min(table), max(table)))
        within = self.nw.max_horizontal(self.nw.min_horizontal(number, high), low)
        return within.cast(self.nw.Float64).replace_strict(table, default=0, return_dtype=self.nw.Int64)

    def weekdays_until(self, day: nw.Expr) -> nw.Expr:
        """Count the days from Monday to Friday up to and including a day; the first day of all is a Monday."""
        return _times(day - 1, 7) * 5 + self.nw.min_horizontal((day - 1) % 7, self.nw.lit(4)) + 1

    def seconds(self, node: Operand) -> nw.Expr:
        """Count the seconds of a moment, in its day and in all days before; a day that is counted out has none."""
        if counts_working_days(node):
            return self.days(node) * 86_400.0
        moment = self.moment(node)
        minutes = moment.dt.hour() * 60 + moment.dt.minute()
        return self.days(node) * 86_400.0 + minutes * 60 + moment.dt.second()

    def filled(self, column: Operand) -> nw.Expr:
        if isinstance(column, Ref):
            return ~self.nw.col(column.code).is_null()
        return ~(self.days if counts_working_days(column) else self.value)(column).is_null()

    def value(self, node: Operand) -> nw.Expr:
        fixed = self.fixed_day(node)
        if fixed is not None:
            return self.nw.lit(_moment(fixed))
        match node:
            case Ref(code, "date"):
                return self.nw.col(code).dt.truncate("1d")
            case Lookup(Ref(_, "date")):
                return self.moment(node).dt.truncate("1d")
            case Lookup() | CountOf():
                return self.moment(node)
            case Anniversary(start):
                return self.anniversary(self.value(start))
            case Ref(code) if code in ZERO_IF_BLANK:
                return self.nw.col(code).fill_null(0.0)
            case Ref(code):
                return self.nw.col(code)
            case Word(code):
                return self.nw.lit(code)
            case Value(value):
                return self.nw.lit(value)
            case Shift(start, amount, unit) if not counts_working_days(node):
                return self.value(start).dt.offset_by(f"{amount}{'mo' if unit == 'months' else 'd'}")
            case Calc() | WorkdaysBetween():
                return self.number(node)
        raise TypeError(node)

    def fixed_day(self, node: Operand) -> date | None:
        """Return the day that is the same for all rows."""
        match node:
            case Value(date() as day):
                return day
            case Edge():
                return self.when.edge(node)
            case Shift(start, amount, ("days" | "workdays" | "trading") as unit):
                first = self.fixed_day(start)
                if first is None or unit == "days":
                    return first and first + timedelta(days=amount)
                counted = self.when.calendar.trade if unit == "trading" else self.when.calendar.work
                nth: date = _nth(counted, np.datetime64(first), amount).item()
                return nth
        return None

    def number(self, node: Operand) -> nw.Expr:
        match node:
            case WorkdaysBetween(first, last):
                days = self.working_days_until(self.days(last)) - self.working_days_until(self.days(first))
                return days.cast(self.nw.Float64)
            case Calc("-", left, right) if kind(left) == "date":
                return (self.seconds(left) - self.seconds(right)) / 86_400.0
            case Calc(sign, left, right):
                result: nw.Expr = _CALC_FUNCTIONS[sign](self.number(left), self.number(right))
                return result
            case _:
                return self.value(node)

    def moment(self, node: Operand) -> nw.Expr:
        """Return a date with its time of day, for durations, and other columns as they are."""
        match node:
            case Ref(code):
                return self.nw.col(code)
            case CountOf() | Lookup():
                return self.nw.col(column_of(node, self.when))
            case _:
                return self.value(node)

    def anniversary(self, day: nw.Expr) -> nw.Expr:
        """Return the day of the period with the same month and day, if its year is a later one."""
        month_and_day = day.dt.month().cast(self.nw.Float64) * 100 + day.dt.day()
        comes_round = month_and_day.replace_strict(
            _days_by_month_and_day(self.when.start, self.when.end), default=None, return_dtype=self.nw.Datetime("us")
        )
        return self.nw.when(comes_round > day).then(comes_round)


@lru_cache(maxsize=256)
def _moved_by(when: When, amount: int, trading: bool) -> dict[int, int]:
    """Tell how many days later than in plain weeks the n-th working day lies, by the number of the day it is after.

    Days without a difference are left out: those whose working day lies before all holidays, or that lie behind them.
    """
    exceptions = np.array([*when.holidays, *when.extra_workdays], "M8[D]")
    if not len(exceptions):
        return {}
    reach = 2 * (abs(amount) + len(exceptions)) + 7
    days = np.arange(exceptions.min() - reach, exceptions.max() + reach)
    counted = when.calendar.trade if trading else when.calendar.work
    later = _nth(counted, days, amount) - _nth(BusinessDays(), days, amount)
    numbers = days.astype(np.int64) + _DAYS_BEFORE_1970
    differs = later != np.timedelta64(0)
    return dict(zip(numbers[differs].tolist(), later[differs].astype(np.int64).tolist(), strict=True))


def _steps_forward(node: Shift | MovedBy) -> tuple[Operand, int, list[Operand], bool]:
    """Put the steps forward in working days that follow each other together.

    Returns
    -------
    Where they start, how many days they are, the columns that say how many more, and whether trading days count. A step
    back is alone.
    """
    start, amount, columns, trading = cast("Operand", node), 0, list[Operand](), node.unit == "trading"
    if isinstance(node, Shift) and node.amount <= 0:
        return node.start, node.amount, columns, trading
    while isinstance(start, (Shift, MovedBy)) and start.unit == node.unit:
        if isinstance(start, MovedBy):
            columns.append(start.amount)
        elif start.amount > 0:
            amount += start.amount
        else:
            break
        start = start.start
    return start, amount, columns, trading


@lru_cache(maxsize=64)
def _beside_weekdays(when: When, trading: bool) -> tuple[dict[int, int], dict[int, int], dict[int, int]]:
    """Tell in what working days differ from the days from Monday to Friday, around the exceptions of the calendar.

    Returns
    -------
    By the number of a day: how many more working days than weekdays there are up to it. By the number of a working day:
    the same, and how many days it lies behind the weekday with the number that is left. Nothing where there are no
    exceptions.
    """
    exceptions = np.array([*when.holidays, *when.extra_workdays], "M8[D]")
    if not len(exceptions):
        return {}, {}, {}
    counted = when.calendar.trade if trading else when.calendar.work
    days = np.arange(exceptions.min() - 7, exceptions.max() + 8)  # a week more on either side, in which nothing differs
    numbers = days.astype(np.int64) + _DAYS_BEFORE_1970
    weekdays = (numbers - 1) // 7 * 5 + np.minimum((numbers - 1) % 7, 4) + 1
    works = counted.holds(days)
    working_days = weekdays[0] - works[0] + np.cumsum(works)
    more = working_days - weekdays
    left = weekdays[works]  # the weekday of a working day, the Friday before where it lies on a weekend
    later = numbers[works] - (left + (left - 1) // 5 * 2)
    tables = (numbers, more), (working_days[works], more[works]), (working_days[works], later)
    by_day, by_working_day, behind = (dict(zip(a.tolist(), b.tolist(), strict=True)) for a, b in tables)
    return by_day, by_working_day, behind


def _days_by_number(numbers: np.ndarray) -> np.ndarray:
    """Return the days of some numbers, as Python's ``date.fromordinal`` does; NaN is no day."""
    known = np.where(np.isnan(numbers), _DAYS_BEFORE_1970, numbers).astype(np.int64) - _DAYS_BEFORE_1970
    return np.where(np.isnan(numbers), np.datetime64("NaT"), known.astype("datetime64[D]"))


def _nth(counted: BusinessDays, days: Any, amount: int) -> np.ndarray:
    """Return the n-th working day after each day; for 0 the last one up to and including the day itself."""
    return counted.add(days, amount) if amount else counted.add(days + np.timedelta64(1), -1)


def _times(number: nw.Expr, part: int) -> nw.Expr:
    """Tell how often a part goes into a whole number: ``//``, of which databases are given a long expression."""
    return (number - number % part) / part


def _moment(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)


def _days_by_month_and_day(start: date, end: date) -> dict[int, datetime]:
    """Return the days from one to another, the first of each kind, by month × 100 + day.

    29 February is the 28th in a year that has none.

    >>> found = _days_by_month_and_day(date(2026, 2, 28), date(2026, 3, 1))
    >>> [f"{number}: {day:%d.%m.}" for number, day in found.items()]
    ['228: 28.02.', '229: 28.02.', '301: 01.03.']
    """
    found: dict[int, datetime] = {}
    for day in (start + timedelta(days=n) for n in range((end - start).days + 1)):
        found.setdefault(day.month * 100 + day.day, _moment(day))
        if (day.month, day.day) == (2, 28) and not isleap(day.year):
            found.setdefault(229, _moment(day))
    return found


_SIGN_FUNCTIONS: Mapping[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_CALC_FUNCTIONS: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv,
}  # fmt: skip
