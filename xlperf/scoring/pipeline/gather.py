"""From the tables to who is there: people, their posts and units, and whether the scheme and the sheets are sound."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from xlperf.core.periods import Period
from xlperf.core.problems import Problem, has_errors
from xlperf.policy.conditions import When
from xlperf.policy.scheme import Scheme
from xlperf.policy.validation import check_scheme
from xlperf.policy.validation.addressing import at
from xlperf.schema import SHEETS
from xlperf.schema.tables import Tables
from xlperf.scoring.appeals import check_appeals, with_decisions
from xlperf.scoring.assignments import Spells, check_assignments, home_posts, spells_of
from xlperf.scoring.clients import assign_owners, check_client_dates, classify_clients
from xlperf.scoring.cross_sheet import add_client_columns, add_task_counts, conditions_of, relations_on_previous_period
from xlperf.scoring.data_quality import check_inputs, sources_missing, targets_of_nobody
from xlperf.scoring.facts import when_of
from xlperf.scoring.outcomes import streaks_of
from xlperf.scoring.owner_shares import with_owner_shares
from xlperf.scoring.period_rows import history_labels, rows_of_period
from xlperf.scoring.presence import absences_unused, days_lacking, presence_of, with_shares
from xlperf.scoring.roster import Roster, roster
from xlperf.scoring.stages import Appraisal, Gathered
from xlperf.scoring.units import units_of


def gather(asked: Appraisal, period: Period) -> Gathered:
    """Find who is there, in which posts and units; and whether the scheme and the sheets are sound.

    It goes on after errors, so that the problems of measuring are reported with them.

    Parameters
    ----------
    asked : the tables and the scheme
    period : the one that is appraised
    """
    scheme = asked.scheme
    when = when_of(period, asked.calendar, scheme.table("calendar"))
    people, found = _people(asked, period)
    people, spells, of_posts = _posts(asked, people, period, when)
    units, of_units = units_of(people.frame, people.ancestors, people.department_names, scheme.unit_levels())
    problems = [*asked.problems, *found, *of_posts, *of_units, *_unsound(asked, people, period, when)]
    lacking, without = sources_missing(asked.tables, scheme, scheme.measured_in(period.kind))
    problems += lacking
    if not has_errors(problems):
        problems += not_understood(scheme)
    scheme = _with_not_understood(scheme, without)
    tables, of_clients = _clients(asked, when)
    tables, of_appeals = _with_appeals(replace(asked, tables=tables), people, period, when)
    return Gathered(
        scheme=scheme,
        tables=tables,
        period=period,
        problems=[*problems, *of_clients, *of_appeals],
        calendar=asked.calendar,
        indicators=tuple(each for each in scheme.measured_in(period.kind) if "employee" in each.levels),
        when=when,
        people=people,
        spells=spells,
        units=units,
    )


def not_understood(scheme: Scheme) -> Iterator[Problem]:
    """Report the cells of a scheme that were not understood, to a caller who left out the problems of reading it.

    Parameters
    ----------
    scheme : as it was read
    """
    for sheet, columns in scheme.unread.items():
        for column, rows in columns.items():
            if rows:
                yield at(scheme, "cell-not-understood", sheet, column, rows, column=SHEETS[sheet][column].name)


def _people(asked: Appraisal, period: Period) -> tuple[Roster, list[Problem]]:
    """Return the people of the period, each in the post where its results belong, and the names of the positions."""
    settings = asked.scheme.settings
    people, problems = roster(asked.tables, settings, period)
    at_home = home_posts(people.frame, asked.table("assignments"), settings, period)
    names = {each.group: each.name for each in asked.scheme.positions}
    return replace(people, frame=at_home, position_names=names), problems


def _posts(asked: Appraisal, people: Roster, period: Period, when: When) -> tuple[Roster, Spells, list[Problem]]:
    """Return the posts of the people, and beside both the shares of the period that prorated targets ask for."""
    scheme, settings = asked.scheme, asked.scheme.settings
    posts, absences = asked.table("assignments"), asked.table("absences")
    spells, ways = spells_of(people.frame, posts, settings, period), scheme.prorations()
    problems = [*check_assignments(people.frame, posts, period), *absences_unused(absences, scheme)]
    if not ways:
        return people, spells, problems
    presence, found = presence_of(people.frame, posts, absences, settings, when)
    people = replace(people, frame=with_shares(people.frame, presence, ways))
    of_posts = with_shares(spells.posts, presence.in_posts(spells), ways) if spells.split else people.frame
    return people, replace(spells, posts=of_posts), [*problems, *found, *days_lacking(scheme, when)]


def _unsound(asked: Appraisal, people: Roster, period: Period, when: When) -> Iterator[Problem]:
    """Report what is wrong with the scheme, and what is doubtful on the sheets."""
    scheme, history = asked.scheme, asked.table("history")
    yield from check_scheme(scheme, people.groups())
    yield from history_labels(history, asked.calendar, period, _counts_history(scheme, period))
    yield from check_inputs(asked.tables, scheme, scheme.understood, when)
    yield from targets_of_nobody(scheme, _scopes(scheme, people))


def _with_not_understood(scheme: Scheme, without: frozenset[int]) -> Scheme:
    """Return the scheme with the indicators in some places as not understood: what they count is not known."""
    if not without:
        return scheme
    every = enumerate(scheme.indicators)
    known = (replace(each, is_understood=False) if place in without else each for place, each in every)
    return replace(scheme, indicators=tuple(known))


def _with_appeals(asked: Appraisal, people: Roster, period: Period, when: When) -> tuple[Tables, list[Problem]]:
    """Add what was decided on appeals to the adjustments."""
    appeals, problems = rows_of_period(asked.table("appeals"), when, asked.calendar, exactly=period)
    problems += check_appeals(appeals, asked.scheme, people.ids)
    if not len(appeals):
        return asked.tables, problems
    adjustments = with_decisions(asked.table("adjustments"), appeals, period.code)
    return {**asked.tables, "adjustments": adjustments}, problems


def _clients(asked: Appraisal, when: When) -> tuple[Tables, list[Problem]]:
    """Add what conditions ask across sheets, the classes of the clients, and whose they are on the days that count."""
    scheme = asked.scheme
    questions, before = conditions_of(scheme), relations_on_previous_period(scheme)
    tables = add_task_counts(asked.tables, questions, when, before)
    problems: list[Problem] = []
    if "clients" in tables:
        clients, problems = classify_clients(tables["clients"], scheme, when)
        tables = {**tables, "clients": clients}
        problems += check_client_dates(asked.table("clients"), when)
    tables, shared = with_owner_shares(add_client_columns(tables, questions, when), scheme, when)
    tables, found = assign_owners(tables, scheme, when)
    return tables, [*problems, *shared, *found]


def _counts_history(scheme: Scheme, period: Period) -> bool:
    """Tell whether the totals or the lists of a period rest on the results of earlier ones."""
    rolls = any(part.source == "periods" for part in scheme.parts_of(period.kind))
    return rolls or any(True for outcome in scheme.outcomes_of(period.kind) for _ in streaks_of(outcome))


def _scopes(scheme: Scheme, people: Roster) -> dict[str, set[str]]:
    """Return the departments, position groups and employees that a target may be for."""
    return {
        "department": {*people.ancestors, *people.department_names, *people.frame["department"].dropna()},
        "group": {*people.groups(), *(each.group for each in scheme.positions)},
        "employee": set(people.ids),
    }
