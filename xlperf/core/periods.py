"""The calendar of appraisals: years, halves, quarters, months, weeks, periods of a scheme's own, and working days.

Nothing here asks what day it is. Start and end of a period both belong to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import combinations
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from xlperf.core.numbers import clean_key, parse_date
from xlperf.core.problems import Lang, Text

Kind = Literal["year", "half", "quarter", "month", "week", "custom"]
Days = NDArray[np.datetime64]
DaysLike = ArrayLike | date | Sequence[date]
Whole = NDArray[np.int64]
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

_MONTHS_IN: dict[Kind, int] = {"year": 12, "half": 6, "quarter": 3, "month": 1}
_PARENT_KIND: dict[Kind, Kind] = {"half": "year", "quarter": "half", "month": "quarter", "week": "month"}
_MONTH_NAMES = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_LABELS: dict[Kind, Text] = {
    "year": Text("{year}年", "{year}"),
    "half": Text("{year}年{half}半年", "{year} H{number}"),
    "quarter": Text("{year}年第{number}季度", "{year} Q{number}"),
    "month": Text("{year}年{number}月", "{month} {year}"),
    "week": Text("{year}年第{number}周", "{year} week {number}"),
}


@dataclass(frozen=True)
class Period:
    """A stretch of days that is appraised as one; ``start`` and ``end`` both belong to it.

    Codes are 2026, 2026H2, 2026Q4, 2026-10 and, for ISO weeks, 2026-W43. A ``custom`` period has the scheme's own
    code, and may name the period it belongs to.
    """

    code: str
    kind: Kind
    start: date
    end: date
    parent_code: str = ""

    @property
    def days(self) -> int:
        """The number of calendar days.

        >>> period_of("month", date(2024, 2, 10)).days
        29
        """
        return (self.end - self.start).days + 1

    @property
    def months(self) -> float:
        """The number of calendar months; of a month that is not there as a whole, its share of the days.

        >>> half_of_february = Period("P", "custom", date(2026, 1, 1), date(2026, 2, 14))
        >>> period_of("quarter", date(2026, 10, 1)).months, half_of_february.months
        (3.0, 1.5)
        """
        month = period_of("month", self.start)
        count = 0.0
        while month.start <= self.end:
            inside = (min(month.end, self.end) - max(month.start, self.start)).days + 1
            count += inside / month.days
            month = month.next()
        return count

    def contains(self, day: date) -> bool:
        """Whether a date, or a moment, falls into the period."""
        return self.start <= (day.date() if isinstance(day, datetime) else day) <= self.end

    def covers(self, days: DaysLike) -> Mask:
        """Tell of each date of a column whether it falls into the period; a missing date (NaT) does not.

        >>> period_of("year", date(2026, 1, 1)).covers(np.array(["2026-12-31T23:59", "2027-01-01", "NaT"], "M8[s]"))
        array([ True, False, False])
        """
        whole_days = _whole_days(days)
        return np.asarray((whole_days >= np.datetime64(self.start)) & (whole_days <= np.datetime64(self.end)))

    def next(self) -> Period:
        """Return the period of the same kind that follows; `Periods` knows the neighbours of custom ones."""
        return period_of(self.kind, self.end + timedelta(days=1))

    def previous(self) -> Period:
        """Return the period of the same kind before this one; `Periods` knows the neighbours of custom ones."""
        return period_of(self.kind, self.start - timedelta(days=1))

    def comes_after(self, other: Period) -> bool:
        """Whether a period is appraised after another: it ends later, or with it and is the longer one.

        >>> month, quarter, half = (parse_period(code) for code in ("2026-12", "2026Q4", "2026H2"))
        >>> quarter.comes_after(month), month.comes_after(quarter), half.comes_after(quarter), half.comes_after(half)
        (True, False, True, False)
        """
        return (self.end, other.start) > (other.end, self.start)

    def parent(self) -> Period | None:
        """Return the next larger period of the calendar: week, month, quarter, half, year; a year has none.

        A week belongs to the month that holds its Thursday, as an ISO week belongs to its year.
        """
        larger = _PARENT_KIND.get(self.kind)
        return period_of(larger, self._middle) if larger else None

    def children(self, kind: Kind) -> tuple[Period, ...]:
        """Return the calendar periods of a smaller kind that belong to this one, in order.

        >>> [month.code for month in parse_period("2026Q4").children("month")]
        ['2026-10', '2026-11', '2026-12']
        """
        found = []
        child = period_of(kind, self.start)
        while child.start <= self.end:
            if self._holds(child):
                found.append(child)
            child = child.next()
        return tuple(found)

    def label(self, lang: Lang) -> str:
        """Name the period for readers.

        >>> parse_period("2026Q4").label("zh"), parse_period("2026-10").label("en")
        ('2026年第4季度', 'October 2026')
        """
        if self.kind == "custom":
            return self.code
        year, number = _year_and_number(self.kind, self._middle)
        half = "上" if number == 1 else "下"
        return _LABELS[self.kind](lang).format(
            year=year, number=number, half=half, month=_MONTH_NAMES[self.start.month - 1]
        )

    @property
    def _middle(self) -> date:
        """The day that decides which larger period this one belongs to."""
        return self.start + timedelta(days=3) if self.kind == "week" else self.start

    def _holds(self, child: Period) -> bool:
        if child.kind == self.kind:
            return False
        if child.kind == "week":
            return self.contains(child._middle)
        return self.start <= child.start and child.end <= self.end


def period_of(kind: Kind, day: date) -> Period:
    """Return the calendar period of a kind that holds a day.

    Raises
    ------
    ValueError
        "custom periods are not made from a calendar day": they are known to `Periods` only.

    Examples
    --------
    >>> period_of("quarter", date(2026, 11, 5)).code, period_of("week", date(2027, 1, 1)).code
    ('2026Q4', '2026-W53')
    """
    year, number = _year_and_number(kind, day)
    if kind == "week":
        start = day - timedelta(days=day.weekday())
        return Period(f"{year}-W{number:02}", kind, start, start + timedelta(days=6))
    months = _MONTHS_IN[kind]
    last_month = number * months
    following = date(year + last_month // 12, last_month % 12 + 1, 1)
    code = str(year) + {"year": "", "half": f"H{number}", "quarter": f"Q{number}"}.get(kind, f"-{number:02}")
    return Period(code, kind, date(year, last_month - months + 1, 1), following - timedelta(days=1))


def _year_and_number(kind: Kind, day: date) -> tuple[int, int]:
    """Return the year of the period of a kind that holds a day, and its number in that year."""
    if kind == "custom":
        raise ValueError("custom periods are not made from a calendar day")
    if kind == "week":
        year, week, _ = day.isocalendar()
        return year, week
    return day.year, (day.month - 1) // _MONTHS_IN[kind] + 1


_YEAR = "(?P<year>(?:19|20|21)[0-9]{2})"
_WHOLE_YEAR = re.compile(f"{_YEAR} ?(年度?)?")
_YEAR_THEN_PART = re.compile(f"{_YEAR}(?: ?(?:年度?|[-/.])| |(?![0-9]$))(?P<part>.+)")
_PART_THEN_YEAR = re.compile(f"(?P<part>.+?)[ ,./-]+{_YEAR}")
_PARTS: dict[Kind, re.Pattern[str]] = {
    "half": re.compile("h([12])|([上下])半年度?"),
    "quarter": re.compile("q([1-4])|第?([1-4一二三四])季度?"),
    "week": re.compile("w(?:eek)?([0-9]{1,2})|第?([0-9]{1,2})周"),
    "month": re.compile("([0-9]{1,2})(?:月份?)?|([一二三四五六七八九十]{1,2})月份?|([a-z]{3,9})[.]?"),
}
_NUMERALS = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")
_ORDINALS = {"上": 1, "下": 2, "sept": 9}
for _number, _name in enumerate(_MONTH_NAMES, start=1):
    _ORDINALS |= {_NUMERALS[_number - 1]: _number, _name.casefold(): _number, _name[:3].casefold(): _number}


def parse_period(text: object, year: int | None = None) -> Period | None:
    """Read the label of a calendar period in any of the ways people write it, or return None.

    Parameters
    ----------
    text : object
        2026, 2026年, 2026H2, 下半年, 2026Q4, 第四季度, 2026-10, 202610, 2026年10月, 九月, 9, October 2026, 2026-W43;
        or a date cell that holds the first of a month.
    year : int or None
        The year of labels that name none, such as 九月 or Q4; without it they are not read.

    Examples
    --------
    >>> parse_period("２０２６年第四季度").code, parse_period("九月", year=2026).code, parse_period("九月")
    ('2026Q4', '2026-09', None)
    >>> parse_period(2026.1)        # October, typed as a number, or January? Not for us to say
    """
    if isinstance(text, float) and not text.is_integer():
        return None
    if isinstance(text, date):
        return _month_from_first_day(text)
    label = clean_key(text).casefold()
    if whole := _WHOLE_YEAR.fullmatch(label):
        return period_of("year", date(int(whole["year"]), 1, 1))
    if dated := _YEAR_THEN_PART.fullmatch(label) or _PART_THEN_YEAR.fullmatch(label):
        return _part_of_year(int(dated["year"]), dated["part"]) or _month_from_first_day(parse_date(text))
    return None if year is None else _part_of_year(year, label)


def _part_of_year(year: int, part: str) -> Period | None:
    for kind, pattern in _PARTS.items():
        if found := pattern.fullmatch(part.replace(" ", "")):
            word = next(filter(None, found.groups()))
            return _numbered(kind, year, _ORDINALS.get(word) or (int(word) if word.isdecimal() else 0))
    return None


def _numbered(kind: Kind, year: int, number: int) -> Period | None:
    """Return the period of a year by its number, or None where the year has no such period."""
    try:
        if kind == "week":
            return period_of(kind, date.fromisocalendar(year, number, 1))
        return period_of(kind, date(year, (number - 1) * _MONTHS_IN[kind] + 1, 1))
    except ValueError:
        return None


def _month_from_first_day(day: date | None) -> Period | None:
    return period_of("month", day) if day and day.day == 1 else None


@dataclass(frozen=True)
class Periods:
    """The calendar of a scheme: its own periods, of any length, before those of the ordinary calendar.

    Examples
    --------
    >>> peak = Period("旺季1", "custom", date(2026, 9, 16), date(2026, 9, 30), parent_code="2026Q3")
    >>> calendar = Periods((peak,))
    >>> calendar.find("旺季1").days, calendar.parent(peak).code, calendar.find("2026-10").days
    (15, '2026Q3', 31)
    """

    custom: Sequence[Period] = ()

    def find(self, text: object, year: int | None = None) -> Period | None:
        """Return the period that a label names: a code of the scheme, else as `parse_period` reads it."""
        return self._by_code.get(_code_key(text)) or parse_period(text, year)

    def resolve(self, labels: Iterable[object], run: Period) -> dict[object, Period]:
        """Return the periods that labels on the sheets of a run mean, by label: the one place that decides it.

        A label without a year, such as 9月 or Q4, means the period of that name within the run's; where there is none,
        that of the year in which the run's period ends. Labels that cannot be read, and blanks, are left out.

        Examples
        --------
        >>> found = Periods().resolve(["9月", "2025Q4", "soon", None], parse_period("2026-10"))
        >>> {label: period.code for label, period in found.items()}
        {'9月': '2026-09', '2025Q4': '2025Q4'}
        """
        found = {label: self._within(label, run) for label in dict.fromkeys(labels)}
        return {label: period for label, period in found.items() if period is not None}

    def _within(self, label: object, run: Period) -> Period | None:
        first, last = (self.find(label, year) for year in (run.start.year, run.end.year))
        return first if first is not None and run.start <= first.start and first.end <= run.end else last

    def previous(self, period: Period) -> Period | None:
        """Return the period before; of custom ones the one that ends last before this one starts, if any."""
        if period.kind != "custom":
            return period.previous()
        earlier = [other for other in self.custom if other.end < period.start]
        return max(earlier, key=lambda other: (other.end, other.start, other.code), default=None)

    def next(self, period: Period) -> Period | None:
        """Return the period after; of custom ones the one that starts first after this one ends, if any."""
        if period.kind != "custom":
            return period.next()
        later = [other for other in self.custom if other.start > period.end]
        return min(later, key=lambda other: (other.start, other.end, other.code), default=None)

    def parent(self, period: Period) -> Period | None:
        """Return the larger period that this one belongs to; a custom one says so itself, or has none."""
        if period.kind != "custom":
            return period.parent()
        return self.find(period.parent_code) if period.parent_code else None

    def children(self, period: Period, kind: Kind) -> tuple[Period, ...]:
        """Return the periods of a kind that belong to this one, in order; custom ones are those that say so."""
        if kind != "custom":
            return period.children(kind)
        own = [child for child in self.custom if self.parent(child) == period]
        return tuple(sorted(own, key=lambda child: (child.start, child.end, child.code)))

    @cached_property
    def _by_code(self) -> dict[str, Period]:
        return {_code_key(period.code): period for period in self.custom}


def _code_key(code: object) -> str:
    return clean_key(code).casefold()


def backward(periods: Iterable[Period]) -> list[Period]:
    """Return the periods that end before they start."""
    return [period for period in periods if period.end < period.start]


def overlaps(periods: Sequence[Period]) -> list[tuple[Period, Period]]:
    """Return the pairs of periods that share days although neither belongs to the other, earliest first.

    >>> july = Period("P1", "custom", date(2026, 7, 1), date(2026, 7, 31))
    >>> peak = Period("P2", "custom", date(2026, 7, 20), date(2026, 8, 10))
    >>> [(one.code, other.code) for one, other in overlaps([peak, july])]
    [('P1', 'P2')]
    """
    calendar = Periods(periods)
    in_order = sorted(periods, key=lambda period: (period.start, period.end, period.code))
    return [
        (one, other)
        for one, other in combinations(in_order, 2)
        if max(one.start, other.start) <= min(one.end, other.end)
        and one not in _line(calendar, other)
        and other not in _line(calendar, one)
    ]


def cumulative(periods: Sequence[Period]) -> list[tuple[Period, Period]]:
    """Return the pairs of which the first begins with the second and ends before it, such as two years to date.

    Only periods that belong to no larger one can be meant so: of those that do, both would count towards it.

    >>> one, other = (Period(f"YTD{end:02}", "custom", date(2026, 1, 1), date(2026, end, 30)) for end in (4, 6))
    >>> [(short.code, long.code) for short, long in cumulative([other, one])]
    [('YTD04', 'YTD06')]
    """
    alone = sorted((each for each in periods if not each.parent_code), key=lambda each: (each.end, each.code))
    return [(one, other) for one, other in combinations(alone, 2) if one.start == other.start and one.end < other.end]


def _line(calendar: Periods, period: Period) -> list[Period]:
    """Return the custom periods that a period belongs to, nearest first; a circle of parents ends where it closes."""
    line: list[Period] = []
    larger = calendar.parent(period)
    while larger and larger.kind == "custom" and larger not in line:
        line.append(larger)
        larger = calendar.parent(larger)
    return line


class BusinessDays:
    """Monday to Friday without some days off, and with some days more: counted and added over whole columns.

    Every method takes one day or an array of ``datetime64`` and returns an array of the same shape (of no dimension
    for one day).

    Examples
    --------
    >>> days = BusinessDays(off=[date(2024, 10, 1)], extra=[date(2024, 10, 5)])
    >>> starts = np.array(["2024-09-30", "2024-10-04", "NaT"], "datetime64[D]")
    >>> days.add(starts, 1).astype(str).tolist()
    ['2024-10-02', '2024-10-05', 'NaT']
    >>> days.count(starts, date(2024, 10, 7)).tolist()
    [6.0, 3.0, nan]
    """

    def __init__(self, off: Iterable[date] = (), extra: Iterable[date] = ()) -> None:
        self._calendar = np.busdaycalendar(holidays=_whole_days(sorted(off)))
        more = _whole_days(sorted(extra))
        self._extra: Days = more[~np.is_busday(more, busdaycal=self._calendar)]

    def holds(self, days: DaysLike) -> Mask:
        """Whether each day is one of these days; a missing one is not."""
        days = _whole_days(days)
        return np.asarray(np.is_busday(days, busdaycal=self._calendar) | np.isin(days, self._extra))

    def count(self, starts: DaysLike, ends: DaysLike) -> Floats:
        """Count the days from start to end, both included; negative when the end comes first, NaN if one is missing."""
        start, end = np.broadcast_arrays(_whole_days(starts), _whole_days(ends))
        missing = np.isnat(start) | np.isnat(end)
        first = np.where(missing, _DAY_ONE, np.minimum(start, end))
        last = np.where(missing, _DAY_ONE, np.maximum(start, end))
        number = self._up_to(last) - self._before(first)
        return np.where(missing, np.nan, np.where(end < start, -number, number))

    def add(self, days: DaysLike, number: ArrayLike) -> Days:
        """Return the ``number``-th of these days after each day (before it when negative); 0 is the day itself."""
        day, number = np.broadcast_arrays(_whole_days(days), np.asarray(number))
        known = np.where(np.isnat(day), _DAY_ONE, day)
        counted = np.where(number > 0, self._up_to(known), self._before(known) + 1) + number
        return np.where(np.isnat(day) | (number == 0), day, self._numbered(counted))

    def _up_to(self, days: Days) -> Whole:
        """Number the days through all time: how many there are up to and including each."""
        return self._before(days + 1)

    def _before(self, days: Days) -> Whole:
        usual = np.busday_count(_DAY_ONE, days, busdaycal=self._calendar)
        return np.asarray(usual + np.searchsorted(self._extra, days))

    def _numbered(self, number: Whole) -> Days:
        """Return the days that `_up_to` numbers so: extra ones by their own number, the others without them."""
        extra_numbers = self._up_to(self._extra)
        extras_before = np.searchsorted(extra_numbers, number)
        usual = np.busday_offset(_DAY_ONE, number - extras_before - 1, roll="forward", busdaycal=self._calendar)
        extra = np.append(self._extra, np.datetime64("NaT"))[extras_before]
        return np.where(np.isin(number, extra_numbers), extra, usual)


_DAY_ONE = np.datetime64("0001-01-01")  # a Monday


def _whole_days(days: DaysLike) -> Days:
    return np.asarray(days, dtype="datetime64[D]")


@dataclass(frozen=True)
class WorkCalendar:
    """Working days and trading days: Monday to Friday without holidays, and for work the days worked instead.

    Parameters
    ----------
    holidays : frozenset of date
        Days off. Weekends need not be listed.
    extra_workdays : frozenset of date
        Days that are worked although they are weekends (调休) or listed as holidays. Markets stay closed on them.

    Notes
    -----
    The methods take one date; ``work`` and ``trade`` do the same for columns (`BusinessDays`). Adding follows Excel's
    WORKDAY, which returns the day itself for 0, and counting Excel's NETWORKDAYS, which includes both ends.

    Examples
    --------
    >>> week_off = frozenset(date(2024, 10, day) for day in range(1, 8))
    >>> calendar = WorkCalendar(week_off, frozenset([date(2024, 9, 29), date(2024, 10, 12)]))
    >>> calendar.count_workdays(date(2024, 10, 1), date(2024, 10, 31))
    19
    >>> print(calendar.add_workdays(date(2024, 9, 30), 5), calendar.trade.add(date(2024, 9, 30), 5))
    2024-10-12 2024-10-14
    """

    holidays: frozenset[date] = frozenset()
    extra_workdays: frozenset[date] = frozenset()

    @cached_property
    def work(self) -> BusinessDays:
        """The working days, for columns."""
        return BusinessDays(self.holidays, self.extra_workdays)

    @cached_property
    def trade(self) -> BusinessDays:
        """The trading days, for columns."""
        return BusinessDays(self.holidays)

    def is_workday(self, day: date) -> bool:
        """Whether people work on a day."""
        return bool(self.work.holds(day))

    def count_workdays(self, start: date, end: date) -> int:
        """Count the working days from start to end, both included; negative when the end comes first."""
        return int(self.work.count(start, end))

    def add_workdays(self, day: date, number: int) -> date:
        """Return the ``number``-th working day after a day, before it when negative."""
        return _one_date(self.work.add(day, number))


def _one_date(day: Days) -> date:
    return date.fromordinal(int((day - _DAY_ONE).astype(int)) + 1)
