"""Absences: on which days of a period somebody was away, as the rows of the sheet say, in half days.

A row has a first day, and a last day or a number of working days. Days that lie over each other count once, and those
outside the period do not count. What a row does not say clearly is reported at its cell and takes nothing off.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
import pandas as pd

from xlperf.core.periods import BusinessDays
from xlperf.core.problems import Problem, some
from xlperf.core.spelling import similar
from xlperf.core.vocabulary import fold
from xlperf.policy.conditions import When
from xlperf.schema.tables import Table, among

ONE_DAY = np.timedelta64(1, "D")
HALVES = 2  # of a day
FAULTS = {  # what a row may lack or contradict, and the column where it is reported
    "absence-length": "days",
    "absence-backward": "end",
    "absence-days": "days",
    "absence-days-differ": "days",
}


@dataclass(frozen=True)
class Absence:
    """One row of the sheet: from the first to the last day, of which ``half`` counts half, if any does."""

    position: int
    employee_id: str
    first: np.datetime64
    last: np.datetime64
    half: np.datetime64 | None


def absences_of(table: Table, work: BusinessDays, kinds: Sequence[str] = ()) -> tuple[list[Absence], list[Problem]]:
    """Read the rows of the sheet, and report those that do not say clearly which days are meant.

    Parameters
    ----------
    table : the sheet; rows without person or first day, and cells that could not be read, are reported by its reader
    work : the working days
    kinds : those that count; empty for all

    Examples
    --------
    >>> from xlperf.schema.tables import table_of
    >>> rows = [{"employee_id": "E1", "start": "2026-10-09", "days": 2.5}]          # Friday, Monday, half of Tuesday
    >>> (found,), _ = absences_of(table_of("absences", rows), BusinessDays())
    >>> str(found.last), str(found.half)
    ('2026-10-13', '2026-10-13')
    """
    counted = {fold(kind) for kind in kinds}
    frame = table.frame.assign(position=np.arange(len(table)))
    unread = {row for column in ("start", "end", "days") for row in table.unread.get(column, ())}
    frame = frame[frame["employee_id"].notna() & frame["start"].notna() & ~frame["position"].isin(unread)]
    if counted:
        frame = frame[frame["absence_kind"].fillna("").map(fold).isin(counted)]
    found: list[Absence] = []
    faults: dict[str, list[int]] = {code: [] for code in FAULTS}
    starts, ends = (frame[column].to_numpy("datetime64[D]") for column in ("start", "end"))
    rows = zip(frame["position"], frame["employee_id"], starts, ends, frame["days"], strict=True)
    for position, person, start, end, days in rows:
        fault = _fault(start, end, days, work)
        if fault:
            faults[fault].append(position)
        else:
            found.append(Absence(position, person, *_span(start, end, days, work)))
    return found, [
        Problem(code, table.title, table.cells(FAULTS[code], rows), {"people": _people(table, rows)})
        for code, rows in faults.items()
        if rows
    ]


def _fault(start: np.datetime64, end: np.datetime64, days: float, work: BusinessDays) -> str:
    """Name what a row lacks or contradicts, as the code of its message; empty where it is sound."""
    if np.isnat(end) and days != days:
        return "absence-length"
    if end < start:
        return "absence-backward"
    if days == days and (days <= 0 or (days * HALVES) % 1):
        return "absence-days"
    if days == days and not np.isnat(end) and days not in _lengths(start, end, work):
        return "absence-days-differ"
    return ""


def _lengths(start: np.datetime64, end: np.datetime64, work: BusinessDays) -> set[float]:
    """Return the numbers of days that agree with two dates: calendar or working days, or half a day less."""
    whole = {float((end - start) / ONE_DAY) + 1, float(work.count(start, end))}
    return whole | {each - 0.5 for each in whole}


def _span(
    start: np.datetime64, end: np.datetime64, days: float, work: BusinessDays
) -> tuple[np.datetime64, np.datetime64, np.datetime64 | None]:
    """Return the first and last day of a sound row, and the day that counts half."""
    if np.isnat(end):
        end = _workday_from(start - ONE_DAY, ceil(days), work)
    if days != days or days % 1 == 0:
        return start, end, None
    last_workday = _workday_from(end + ONE_DAY, -1, work)
    return start, end, last_workday if last_workday >= start else end


def _workday_from(day: np.datetime64, number: int, work: BusinessDays) -> np.datetime64:
    return np.datetime64(work.add(day, number).item(), "D")


def half_days_away(absences: Sequence[Absence], ids: pd.Index, days: np.ndarray) -> np.ndarray:
    """Add up the half days that people are away, also beyond the two that a day has.

    Parameters
    ----------
    absences : those of anybody else are left out
    ids : n people
    days : d days of the period, in order

    Returns
    -------
    n × d whole numbers.

    Examples
    --------
    >>> day = np.arange("2026-10-01", "2026-10-04", dtype="datetime64[D]")
    >>> half_days_away([Absence(0, "E1", day[0] - 5, day[1], day[1])], pd.Index(["E1"]), day).tolist()
    [[2, 1, 0]]
    """
    away = np.zeros((len(ids), len(days)), np.int16)
    for each, who in zip(absences, _places(absences, ids), strict=True):
        if who >= 0:
            inside = (days >= each.first) & (days <= each.last)
            away[who, inside] += HALVES
            if each.half is not None:
                away[who, days == each.half] -= 1
    return away


def _places(absences: Sequence[Absence], ids: pd.Index) -> np.ndarray:
    return np.asarray(ids.get_indexer(pd.Index([each.employee_id for each in absences], dtype=ids.dtype)))


def check_absences(
    table: Table, absences: Sequence[Absence], ids: pd.Index, there: np.ndarray, when: When
) -> Iterator[Problem]:
    """Report absences of nobody, those that lie over each other, and those of days on which somebody is not in service.

    Parameters
    ----------
    table, absences : the sheet, and its rows as they were read
    ids, there : n people, and n × d booleans: who is in service on which day of the period
    """
    on_days_off = [
        each.position
        for each in absences
        if pd.isna(table["end"].iloc[each.position]) and not when.calendar.work.holds(np.array([each.first]))[0]
    ]
    if on_days_off:
        people = _people(table, on_days_off)
        yield Problem("absence-from-day-off", table.title, table.cells("start", on_days_off), {"people": people})
    unknown = np.flatnonzero(table["employee_id"].notna() & ~among(table["employee_id"], ids))
    if len(unknown):
        code = str(table["employee_id"].iloc[unknown[0]])
        details = {"people": _people(table, unknown), "near": similar(code, ids)}
        yield Problem("absence-of-nobody", table.title, table.cells("employee_id", unknown), details)
    days = np.arange(np.datetime64(when.start), np.datetime64(when.end) + 1)
    twice = half_days_away(absences, ids, days) > HALVES
    overlapping, outside = [], []
    for each, who in zip(absences, _places(absences, ids), strict=True):
        inside = (days >= each.first) & (days <= each.last)
        if who >= 0 and inside.any():
            overlapping += [each.position] if (twice[who] & inside).any() else []
            outside += [] if (there[who] & inside).any() else [each.position]
    for code, rows in (("absences-overlap", overlapping), ("absence-not-in-service", outside)):
        if rows:
            yield Problem(code, table.title, table.cells("start", rows), {"people": _people(table, rows)})


def check_absence_kinds(table: Table, kinds: Sequence[str]) -> Iterator[Problem]:
    """Report kinds on Home that no row has, and tell which kinds of the sheet do not count."""
    given = table["absence_kind"].dropna()
    known = {fold(kind): kind for kind in given}
    if not kinds or not len(table):
        return
    for kind in kinds:
        if fold(kind) not in known:
            yield Problem("absence-kind-unknown", table.title, details={"cell": kind, "known": sorted(known.values())})
    counted = {fold(kind) for kind in kinds}
    left = np.flatnonzero(~table["absence_kind"].fillna("").map(fold).isin(counted))
    if len(left):
        details = {"count": len(left), "kinds": list(kinds)}
        yield Problem("absences-not-counted", table.title, table.cells("absence_kind", left), details)


def _people(table: Table, rows: Sequence[int] | np.ndarray) -> object:
    return some(sorted(set(table["employee_id"].iloc[np.asarray(rows)])))
