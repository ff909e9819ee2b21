"""The whole appraisal of one period: who is there, what was measured, points, totals, places, grades and lists.

Start reading here. Every step is pure: it takes tables and the scheme, and gives its result with the problems it found.
Problems are collected from all steps; where one of them is an error, nothing is graded and nothing may be written.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np

from xlperf.checks import check_scheme
from xlperf.conditions import When
from xlperf.facts import measure, rows_of_period, when_of
from xlperf.figures import Facts, Points, Totals
from xlperf.inspection import gaps, inspect, without_data, without_indicators
from xlperf.periods import Period, Periods, backward, overlaps
from xlperf.points import score, targets_of
from xlperf.problems import Problem, has_errors, in_order
from xlperf.ranking import Ranking, make_pools, rank
from xlperf.roster import Roster, roster
from xlperf.scheme import Indicator, Scheme
from xlperf.tables import Tables, empty
from xlperf.totals import totals_of


@dataclass(frozen=True)
class Appraisal:
    """What one run found, step by step; ``ranking`` is None where an error forbids grading."""

    scheme: Scheme
    tables: Tables
    period: Period | None
    problems: list[Problem]
    indicators: tuple[Indicator, ...] = ()
    when: When | None = None
    people: Roster | None = None
    applies: np.ndarray = field(default_factory=lambda: np.zeros((0, 0), bool))
    facts: Facts | None = None
    points: Points | None = None
    totals: Totals | None = None
    ranking: Ranking | None = None

    @property
    def done(self) -> bool:
        """Whether everybody could be graded, so that results may be written."""
        return self.ranking is not None and not has_errors(self.problems)


def appraise(
    tables: Tables, scheme: Scheme, period: str | None = None, found_before: Iterable[Problem] = ()
) -> Appraisal:
    """Appraise the employees of one period.

    Parameters
    ----------
    tables : the input sheets by code, as ``read_book`` reads them or ``table_of`` makes them
    scheme : what HR decides
    period : such as ``2026-10``; the one on the Home sheet where it is not given
    found_before : problems of reading the workbook; an error among them forbids grading as any other

    Returns
    -------
    Appraisal, with every problem of every step. Nothing is raised for what stands in a workbook.
    """
    settings = scheme.settings
    calendar, problems = _calendar(scheme)
    problems += found_before
    now = calendar.find(period or settings.period)
    if now is None:
        problems.append(_no_period(scheme, period or settings.period))
        return Appraisal(scheme, tables, None, in_order(problems + check_scheme(scheme)))

    when = when_of(now, calendar, scheme.table("calendar"))
    indicators = scheme.of_level("employee")
    people, found = roster(tables, settings, now)
    applies = _applies(indicators, people)
    problems += found + check_scheme(scheme, people.groups()) + inspect(tables, scheme, indicators, when)

    facts, found = measure(tables, indicators, people.ids, when, calendar)
    problems += found + gaps(facts, applies, settings) + without_data(tables, indicators, people.frame, settings)
    problems += without_indicators(people.frame, applies, tables.get("employees") or empty("employees"))
    so_far = Appraisal(scheme, tables, now, in_order(problems), indicators, when, people, applies, facts)
    if has_errors(problems):
        return so_far

    targets = targets_of(scheme, indicators, people.frame, people.ancestors, now.code)
    pools, _ = make_pools(people, people.frame["scored"].to_numpy(bool), settings)
    points, found = score(facts, targets, applies, scheme, pools.code, when)
    adjustments, more = rows_of_period(tables.get("adjustments") or empty("adjustments"), when, calendar)
    totals = totals_of(points, facts.state, applies, people.ids, scheme, indicators, adjustments)
    problems += found + more
    so_far = replace(so_far, problems=in_order(problems), points=points, totals=totals)
    if has_errors(problems):
        return so_far

    ranking, found = rank(scheme, people, indicators, points, totals)
    return replace(so_far, problems=in_order(problems + found), ranking=ranking)


def _applies(indicators: tuple[Indicator, ...], people: Roster) -> np.ndarray:
    """Tell which indicators belong to whom: those of everybody's and of one's own position group, if one is scored."""
    group = people.frame["group"].fillna("").to_numpy(object)
    scored = people.frame["scored"].to_numpy(bool)
    columns = [scored & ((each.group == "") | (group == each.group)) for each in indicators]
    return np.column_stack(columns) if columns else np.zeros((len(people), 0), bool)


def _calendar(scheme: Scheme) -> tuple[Periods, list[Problem]]:
    table = scheme.table("periods")
    rows = table.frame.dropna(subset=["period", "start", "end"])
    own = [
        Period(code, "custom", start.date(), end.date(), parent)
        for code, start, end, parent in zip(
            rows["period"], rows["start"], rows["end"], rows["parent"].fillna(""), strict=True
        )
    ]
    wrong = [(each, each) for each in backward(own)] + overlaps(own)
    return Periods(own), [
        Problem("periods-overlap", table.title, details={"first": first.code, "second": second.code})
        for first, second in wrong
    ]


def _no_period(scheme: Scheme, text: str) -> Problem:
    title = scheme.table("settings").title
    return Problem("period-unreadable", title, details={"cell": text}) if text else Problem("period-missing", title)
