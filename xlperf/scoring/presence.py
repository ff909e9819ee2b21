"""Who was there on which days of a period, and what that makes of their targets.

Days between hiring and leaving are days of service; days between two assignments, in which somebody held no post, are
not. An indicator states whether its target follows calendar days or working days, and whether absences are taken off.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from xlperf.core.problems import Problem
from xlperf.policy.conditions import When
from xlperf.policy.scheme import IN_WORKDAYS, LESS_ABSENCES, Indicator, Scheme
from xlperf.policy.validation.addressing import report
from xlperf.schema import SHEETS
from xlperf.schema.settings import Settings
from xlperf.schema.tables import Table
from xlperf.scoring.absences import (
    HALVES,
    absences_of,
    check_absence_kinds,
    check_absences,
    half_days_away,
)
from xlperf.scoring.assignments import Spells, days_without_post

SHARES = {"calendar": "service"} | {
    way: f"service by {way}" for way in ("workdays", "calendar_present", "workdays_present")
}  # by proration, the column of people with the share of the period's days


@dataclass(frozen=True)
class Presence:
    """The days of a period, which of them are working days, and by person who is in service and who is away.

    ``days`` and ``works`` have d entries; ``there`` is n × d, and ``away`` the n × d half days of absence.
    """

    days: np.ndarray
    works: np.ndarray
    there: np.ndarray
    away: np.ndarray

    def share(self, way: str) -> np.ndarray:
        """Return the share of the period's days that each person is there, as a proration counts them."""
        halves = self.there * np.int16(HALVES)
        if way in LESS_ABSENCES:
            halves = np.maximum(halves - self.away, 0)
        counted = self.works if way in IN_WORKDAYS else np.ones(len(self.days), bool)
        return np.asarray(halves[:, counted].sum(axis=1) / HALVES / max(counted.sum(), 1))

    def in_posts(self, spells: Spells) -> Presence:
        """Return the presence in each post, whose rows have its first and last day."""
        first, last = (spells.posts[code].to_numpy("datetime64[D]")[:, None] for code in ("first", "last"))
        held = (self.days >= first) & (self.days <= last)
        return replace(self, there=self.there[spells.person] & held, away=self.away[spells.person])


def presence_of(
    people: pd.DataFrame, assignments: Table, absences: Table, settings: Settings, when: When
) -> tuple[Presence, list[Problem]]:
    """Find out who was there on which days of the period, and report what the sheet of absences leaves open.

    Parameters
    ----------
    people : n rows with ``employee_id``, ``hire_date`` and ``leave_date``
    assignments, absences : the sheets; days between two posts of a person are no days of service
    settings : which kinds of absences count
    when : the period, and the working days

    Examples
    --------
    >>> from datetime import date
    >>> from xlperf.policy.schemes import load
    >>> from xlperf.schema.tables import empty, table_of
    >>> hired, left = [pd.Timestamp("2026-10-05")], [pd.NaT]
    >>> people = pd.DataFrame({"employee_id": ["E1"], "hire_date": hired, "leave_date": left})
    >>> rows = [{"employee_id": "E1", "start": "2026-10-30", "end": "2026-11-03"}]
    >>> october = When(date(2026, 10, 1), date(2026, 10, 31), date(2026, 9, 1), date(2026, 9, 30))
    >>> asked = (empty("assignments"), table_of("absences", rows), load("service-team").settings, october)
    >>> found, _ = presence_of(people, *asked)
    >>> [round(float(found.share(way)[0] * 31), 4) for way in ("calendar", "calendar_present")]  # 5–31; not 30, 31
    [27.0, 25.0]
    >>> round(float(found.share("workdays_present")[0] * 22), 4)                # 20 working days from the 5th, less one
    19.0
    """
    days = np.arange(np.datetime64(when.start), np.datetime64(when.end) + 1)
    work, ids = when.calendar.work, pd.Index(people["employee_id"])
    hired, left = (people[column].to_numpy("datetime64[D]")[:, None] for column in ("hire_date", "leave_date"))
    there = ~(days < hired) & ~(days > left) & ~days_without_post(ids, assignments, days)
    counted, problems = absences_of(absences, work, settings.absence_kinds)
    problems += check_absence_kinds(absences, settings.absence_kinds)
    problems += check_absences(absences, counted, ids, there, when)
    return Presence(days, work.holds(days), there, half_days_away(counted, ids, days)), problems


def absences_unused(absences: Table, scheme: Scheme) -> list[Problem]:
    """Return a note where there are absences and no target or figure of the scheme asks for them.

    Parameters
    ----------
    absences : the sheet
    scheme : its indicators
    """
    asked = any(each.sheet == "absences" or each.proration in LESS_ABSENCES for each in scheme.indicators)
    if asked or not len(absences):
        return []
    column = SHEETS["indicators"]["proration"]
    ways = [column.vocabulary[way] for way in LESS_ABSENCES]
    return [Problem("absences-unused", absences.title, details={"column": column.name, "ways": ways})]


def days_lacking(scheme: Scheme, when: When) -> Iterator[Problem]:
    """Report indicators whose targets follow working days in a period that has none.

    Parameters
    ----------
    scheme : its indicators
    when : the period, and the working days
    """
    rows = [row for row, each in enumerate(scheme.indicators) if each.proration in IN_WORKDAYS]
    if rows and not days_of_period("workdays", when):
        yield from report(scheme, "proration-no-workdays", "indicators", "proration", rows,
                          first=f"{when.start}", last=f"{when.end}", sheet=SHEETS["calendar"].title)  # fmt: skip


def with_shares(people: pd.DataFrame, presence: Presence, ways: Iterable[str]) -> pd.DataFrame:
    """Add a column of ``SHARES`` for each proration that is not by plain calendar days, whose share is there already.

    Parameters
    ----------
    people : n rows, of people or of their posts
    presence : of the same rows
    ways : the prorations that the indicators state
    """
    return people.assign(**{SHARES[way]: presence.share(way) for way in ways if way in SHARES and way != "calendar"})


def prorations(people: pd.DataFrame, indicators: Sequence[Indicator], settings: Settings) -> np.ndarray:
    """Return what the target of each person on each indicator is multiplied by.

    Parameters
    ----------
    people : n rows, with ``service`` and the columns of :func:`with_shares`; units are there for the whole period
    indicators : k indicators
    settings : what holds for indicators that state nothing

    Returns
    -------
    n × k factors, 1 where the target does not follow the days.
    """
    ways = [each.proration_under(settings) for each in indicators]
    whole = np.ones(len(people))
    columns = [people.get(SHARES[way], people["service"]).to_numpy(np.float64) if way in SHARES else whole
               for way in ways]  # fmt: skip
    return np.column_stack(columns) if columns else np.ones((len(people), 0))


def days_of_period(way: str, when: When) -> int:
    """Return how many days of the period a proration counts.

    Parameters
    ----------
    way : the proration
    when : the period, and the working days
    """
    if way in IN_WORKDAYS:
        return int(when.calendar.work.count(when.start, when.end))
    return (when.end - when.start).days + 1
