"""The whole appraisal of one period: who is there, what was measured, points, totals, places, grades, lists and pay.

Start reading here. Every step is pure: it takes tables and the scheme, and gives its result with the problems it found.
Problems are collected from all steps; where one of them is an error, nothing is graded and nothing may be written.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pandas as pd

from xlperf.core.periods import Period
from xlperf.core.problems import Problem, has_errors, in_order
from xlperf.policy.calendars import calendar_of
from xlperf.policy.conditions import When
from xlperf.policy.scheme import Indicator, Scheme
from xlperf.policy.validation import check_scheme
from xlperf.schema.keys import drop_repeated_rows
from xlperf.schema.tables import Tables
from xlperf.scoring.assignments import by_person, doubtful, home_posts, spells_of, together
from xlperf.scoring.clients import classified, lifecycle, owned
from xlperf.scoring.cross_sheet import asked_before, conditions_of, counted, looked_up
from xlperf.scoring.data_quality import gaps, inspect, without_data, without_indicators
from xlperf.scoring.facts import measure, when_of
from xlperf.scoring.outcomes import on_lists, streaks_of
from xlperf.scoring.pay import pay
from xlperf.scoring.period_rows import history_labels, prepared, rows_of_period, with_period_codes
from xlperf.scoring.points import score, targets_of
from xlperf.scoring.ranking import make_pools, rank
from xlperf.scoring.raters import weigh
from xlperf.scoring.result_rows import result_rows, standing, with_roster
from xlperf.scoring.rollup import differences, is_locked, roll_up
from xlperf.scoring.roster import roster
from xlperf.scoring.stages import Appraisal
from xlperf.scoring.totals import adjustments, finished, scores_of
from xlperf.scoring.unit_scores import appraise_units
from xlperf.scoring.units import units_of

__all__ = ["Appraisal", "appraise"]


def appraise(
    tables: Tables, scheme: Scheme, period: str | None = None, found_before: Iterable[Problem] = ()
) -> Appraisal:
    """Appraise the employees and units of one period.

    Parameters
    ----------
    tables : the input sheets by code, as ``read_book`` reads them or ``table_of`` makes them; an ID that stands in two
        rows is an error however they were made
    scheme : what HR decides
    period : such as ``2026-10``; the one on the Home sheet where it is not given
    found_before : problems of reading the workbook; an error among them forbids grading as any other

    Returns
    -------
    Appraisal, with every problem of every step. Nothing is raised for what stands in a workbook.
    """
    before = list(found_before)
    if not tables and has_errors(before):  # what a workbook lacks that could not be read is not known
        return Appraisal(scheme, tables, None, in_order(before))
    calendar, problems = calendar_of(scheme)
    now = calendar.find(period or scheme.settings.period)
    tables, repeated = _without_repeated_rows(tables)
    so_far = Appraisal(scheme, tables, now, [*problems, *before, *repeated], calendar)
    if now is None:
        return _with(so_far, [_no_period(scheme, period or scheme.settings.period), *check_scheme(scheme)])
    listed = scheme.table("targets")
    targets, found = with_period_codes(listed, calendar, now)
    if targets is not listed:
        scheme = replace(scheme, tables={**scheme.tables, "targets": targets})
    measured = _measure(_gather(_with(so_far, found, scheme=scheme)))
    scored = _score(measured) if not measured.failed else measured
    return _follow(_place(scored)) if not scored.failed else scored


def _without_repeated_rows(tables: Tables) -> tuple[Tables, list[Problem]]:
    checked = {code: drop_repeated_rows(table) for code, table in tables.items() if table.sheet.role == "input"}
    problems = [problem for _, found in checked.values() for problem in found]
    return {**tables, **{code: table for code, (table, _) in checked.items()}}, problems


def _with(appraisal: Appraisal, problems: Iterable[Problem], **found: object) -> Appraisal:
    """Return the appraisal with what a step found."""
    return replace(appraisal, problems=in_order([*appraisal.problems, *problems]), **found)  # type: ignore[arg-type]


def _gather(so_far: Appraisal) -> Appraisal:
    """Who is there, in which posts and units; and whether the scheme and the sheets are sound."""
    assert so_far.period is not None
    scheme, settings, period = so_far.scheme, so_far.scheme.settings, so_far.period
    when = when_of(period, so_far.calendar, scheme.table("calendar"))
    people, found = roster(so_far.tables, settings, period)
    posts = so_far.table("assignments")
    people = replace(
        people,
        frame=home_posts(people.frame, posts, settings, period),
        position_names={each.group: each.name for each in scheme.positions},
    )
    units, more = units_of(people.frame, people.ancestors, people.department_names, scheme.unit_levels())
    problems = [
        *found,
        *more,
        *doubtful(people.frame, posts, period),
        *check_scheme(scheme, people.groups()),
        *history_labels(so_far.table("history"), so_far.calendar, period, _counts_history(so_far)),
        *inspect(so_far.tables, scheme, scheme.indicators, when),
    ]
    spells = spells_of(people.frame, posts, settings, period)
    indicators = scheme.of_level("employee") if _appraised(so_far) else ()
    tables, more = _clients(so_far, when)
    problems += more
    return _with(
        so_far, problems, tables=tables, when=when, people=people, spells=spells, units=units, indicators=indicators
    )


def _counts_history(so_far: Appraisal) -> bool:
    """Whether the totals or the lists of this period rest on the results of earlier ones."""
    rolls = any(part.source == "periods" for part in so_far.parts)
    return rolls or any(True for outcome in so_far.outcomes for _ in streaks_of(outcome))


def _clients(so_far: Appraisal, when: When) -> tuple[Tables, list[Problem]]:
    """What conditions ask across sheets, the classes of the clients, and whose they are on the days that count."""
    scheme = so_far.scheme
    asked, before = conditions_of(scheme), asked_before(scheme)
    tables = counted(so_far.tables, asked, when, before)
    problems: list[Problem] = []
    if "clients" in tables:
        clients, problems = classified(tables["clients"], scheme, when)
        tables = {**tables, "clients": clients}
        problems += lifecycle(so_far.table("clients"), when)
    tables, found = owned(looked_up(tables, asked, when), scheme, when)
    return tables, [*problems, *found]


def _appraised(so_far: Appraisal) -> bool:
    """Whether the period is appraised by itself: it may be made of smaller periods and checks alone."""
    return not so_far.parts or any(part.source == "appraisal" for part in so_far.parts)


def _measure(so_far: Appraisal) -> Appraisal:
    """What was measured of people and units, and which figures are missing."""
    assert so_far.when is not None
    assert so_far.people is not None
    assert so_far.spells is not None
    assert so_far.units is not None
    scheme, people, spells, when = so_far.scheme, so_far.people, so_far.spells, so_far.when
    indicators, settings = so_far.indicators, scheme.settings
    every = scheme.indicators if _appraised(so_far) else ()
    rated, problems = prepared(so_far.table("ratings"), scheme.indicators, when, so_far.calendar)
    ratings, found = weigh(rated, every, scheme, when)
    owners = people.ids.append(pd.Index(so_far.units.names, dtype=people.ids.dtype))
    weighed = {**so_far.tables, "ratings": ratings.table}
    measured, more = measure(weighed, every, owners, when, so_far.calendar)
    facts = measured.only(indicators)
    applies = _applies(indicators, spells.posts)
    problems += [
        *found,
        *more,
        *gaps(facts.of(spells.person), applies, settings),
        *without_data(so_far.tables, indicators, people.frame, settings),
        *(without_indicators(spells.posts, applies, so_far.table("employees")) if indicators else ()),
    ]
    mine = facts.of(np.arange(len(people)))
    return _with(so_far, problems, ratings=ratings, measured=measured, facts=mine, applies=by_person(applies, spells))


def _score(so_far: Appraisal) -> Appraisal:
    """Points, and what they total: post by post, with the parts of a longer period, and with adjustments."""
    assert so_far.when is not None
    assert so_far.people is not None
    assert so_far.spells is not None
    assert so_far.facts is not None
    assert so_far.period is not None
    scheme, people, spells, when, period = so_far.scheme, so_far.people, so_far.spells, so_far.when, so_far.period
    indicators, settings = so_far.indicators, scheme.settings
    facts, applies = so_far.facts.of(spells.person), _applies(indicators, spells.posts)
    targets = np.where(applies, _targets(so_far), np.nan)
    pools, _ = make_pools(people, people.frame["scored"].to_numpy(bool), settings)
    points, problems = score(facts, targets, applies, scheme, pools.code[spells.person], when)

    given, found = rows_of_period(so_far.table("adjustments"), when, so_far.calendar, exactly=_kept_apart(so_far))
    adjustment, zeroed = adjustments(given, people.ids, indicators)
    scores = scores_of(points, facts.state, applies, zeroed[spells.person], scheme, indicators)
    points, scores = together(points, spells), together(scores, spells)

    history, checks = so_far.table("history"), so_far.table("checks")
    rolled, more = roll_up(scores.own, people.frame, scheme, period, so_far.calendar, history, checks)
    if rolled.of:
        scores = replace(scores, measured=rolled.measured)
    totals = finished(scores, rolled.base, adjustment, settings, rolled.parts, rolled.weights)
    return _with(so_far, [*problems, *found, *more], points=points, totals=totals)


def _kept_apart(so_far: Appraisal) -> Period | None:
    """The one period whose adjustments count, where those of smaller periods are inside their totals already."""
    return so_far.period if any(part.source == "periods" for part in so_far.parts) else None


def _place(so_far: Appraisal) -> Appraisal:
    """Places and grades of people, and the scores of units."""
    assert so_far.when is not None
    assert so_far.people is not None
    assert so_far.units is not None
    assert so_far.period is not None
    assert so_far.measured is not None
    assert so_far.points is not None
    assert so_far.totals is not None
    scheme, people = so_far.scheme, so_far.people
    ranking, problems = rank(scheme, people, so_far.indicators, so_far.points, so_far.totals)
    shared = (so_far.indicators, so_far.applies, so_far.points.targets)
    of_units, found = appraise_units(
        scheme, people, so_far.units, so_far.measured, shared, ranking.total, so_far.when, so_far.period.code
    )
    return _with(so_far, [*problems, *found], ranking=ranking, of_units=tuple(of_units))


def _follow(so_far: Appraisal) -> Appraisal:
    """What follows: lists and pay; of a locked period only what would differ."""
    assert so_far.when is not None
    assert so_far.people is not None
    assert so_far.period is not None
    scheme, people, period, history = so_far.scheme, so_far.people, so_far.period, so_far.table("history")
    rows = result_rows(so_far, scheme.settings.language)
    if is_locked(scheme.table("periods"), period, so_far.calendar):
        changed, problems = differences(history, rows, scheme, period, so_far.calendar)
        return _with(so_far, problems, results=rows, differences=changed)
    where = standing(so_far, rows)
    funds, problems = rows_of_period(so_far.table("funds"), so_far.when, so_far.calendar, exactly=period)
    paid, found = pay(
        with_roster(rows, people), scheme, funds, people.ancestors, people.department_names, where.when, period.kind
    )
    rows["pay"] = rows["employee_id"].map(paid.totals)
    return _with(so_far, [*problems, *found], results=rows, lists=on_lists(where, so_far.outcomes), pay=paid)


def _targets(so_far: Appraisal) -> np.ndarray:
    """Return the targets of each post: counts of the post's own indicators shrink to the days in it."""
    assert so_far.people is not None
    assert so_far.spells is not None
    assert so_far.period is not None
    scheme, indicators, people, spells = so_far.scheme, so_far.indicators, so_far.people, so_far.spells
    of_posts = targets_of(scheme, indicators, spells.posts, people.ancestors, so_far.period.code)
    if not spells.split:
        return of_posts
    of_people = targets_of(scheme, indicators, people.frame, people.ancestors, so_far.period.code)
    common = np.array([each.group == "" for each in indicators], bool)
    return np.where(common, of_people[spells.person], of_posts)


def _applies(indicators: tuple[Indicator, ...], posts: pd.DataFrame) -> np.ndarray:
    """Tell which indicators belong to which post: everybody's, and those of its position group, if one is scored."""
    group = posts["group"].fillna("").to_numpy(object)
    scored = posts["scored"].to_numpy(bool)
    columns = [scored & ((each.group == "") | (group == each.group)) for each in indicators]
    return np.column_stack(columns) if columns else np.zeros((len(posts), 0), bool)


def _no_period(scheme: Scheme, text: str) -> Problem:
    title = scheme.table("settings").title
    return Problem("period-unreadable", title, details={"cell": text}) if text else Problem("period-missing", title)
