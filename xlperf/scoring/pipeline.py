"""The whole appraisal of one period: who is there, what was measured, points, totals, places, grades, lists and pay.

Start reading here. Every step is pure: it takes tables and the scheme, and gives its result with the problems it found.
Problems are collected from all steps; where one of them is an error, nothing is graded and nothing may be written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from xlperf.core.periods import Period, Periods
from xlperf.core.problems import Problem, Text, has_errors, in_order
from xlperf.policy.calendars import calendar_of
from xlperf.policy.conditions import When
from xlperf.policy.policy_log import BASIS, LOG, check_policy_log
from xlperf.policy.scheme import Indicator, Scheme
from xlperf.policy.validation import check_scheme
from xlperf.policy.validation.addressing import at
from xlperf.schema import SHEETS
from xlperf.schema.keys import drop_repeated_rows
from xlperf.schema.tables import Tables
from xlperf.scoring.appeals import check_appeals, with_decisions
from xlperf.scoring.assignments import applies_by_person, check_assignments, home_posts, merge_posts, spells_of
from xlperf.scoring.boxes import place_in_boxes
from xlperf.scoring.calibration import Calibration, calibrated
from xlperf.scoring.clients import assign_owners, check_client_dates, classify_clients
from xlperf.scoring.cross_sheet import add_client_columns, add_task_counts, conditions_of, relations_on_previous_period
from xlperf.scoring.data_quality import (
    check_inputs,
    report_gaps,
    sources_missing,
    targets_of_nobody,
    targets_shrunk,
    without_data,
    without_deductions,
    without_indicators,
)
from xlperf.scoring.facts import measure, when_of
from xlperf.scoring.formula_facts import typed_figures, with_formulas
from xlperf.scoring.outcomes import on_lists, streaks_of
from xlperf.scoring.owner_shares import with_owner_shares
from xlperf.scoring.pay import Pay, figure_column, paid_before, pay
from xlperf.scoring.period_rows import history_labels, key_aliases, prepared, rows_of_period, with_period_codes
from xlperf.scoring.plausibility import slips_of_unit
from xlperf.scoring.points import score, targets_of, without_days
from xlperf.scoring.presence import SHARES, absences_unused, days_lacking, presence_of, with_shares
from xlperf.scoring.quota_limits import results_of_departments
from xlperf.scoring.ranking import Ranking, after_vetoes, comparison_groups, over_quota, rank
from xlperf.scoring.raters import weigh
from xlperf.scoring.result_rows import result_rows, standing, with_roster
from xlperf.scoring.rollup import differences, is_locked, roll_up
from xlperf.scoring.roster import Roster, roster
from xlperf.scoring.stages import (
    Appraisal,
    Completed,
    Gathered,
    Locked,
    Measured,
    Ranked,
    Scored,
    advance,
)
from xlperf.scoring.totals import adjustments, score_dimensions, total_scores
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
    The stage that the run reached (see ``xlperf.scoring.stages``): ``Completed``, or ``Locked`` for a period that was
    closed before; an earlier one where an error forbids going on. It holds every problem of every step. Nothing is
    raised for what stands in a workbook.
    """
    before = list(found_before)
    if not tables and has_errors(before):  # what a workbook lacks that could not be read is not known
        return Appraisal(scheme=scheme, tables=tables, period=None, problems=in_order(before), calendar=Periods())
    calendar, problems = calendar_of(scheme)
    now = calendar.find(period or scheme.settings.period)
    tables, repeated = _without_repeated_rows(tables, scheme, calendar, now)
    found = [*problems, *before, *repeated]
    asked = Appraisal(scheme=scheme, tables=tables, period=now, problems=found, calendar=calendar)
    asked = asked.with_problems(check_policy_log(asked.table(LOG), asked.table(BASIS)))
    if now is None:
        asked = asked.with_problems([*_no_period(scheme, period or scheme.settings.period), *check_scheme(scheme)])
        return asked if asked.failed else asked.with_problems(_not_understood(scheme))
    measured = _measure(_gather(_with_targets(asked, now), now))
    scored = _score(measured) if isinstance(measured, Measured) else measured
    ranked = _rank(scored) if isinstance(scored, Scored) else scored
    return _finish(ranked) if isinstance(ranked, Ranked) else ranked


def _without_repeated_rows(
    tables: Tables, scheme: Scheme, calendar: Periods, now: Period | None
) -> tuple[Tables, list[Problem]]:
    checked = {
        code: drop_repeated_rows(table, key_aliases(table, scheme, calendar, now))
        for code, table in tables.items()
        if table.sheet.role == "input"
    }
    problems = [problem for _, found in checked.values() for problem in found]
    return {**tables, **{code: table for code, (table, _) in checked.items()}}, problems


def _with_targets(asked: Appraisal, period: Period) -> Appraisal:
    """Name the periods of targets by their codes."""
    scheme, listed = asked.scheme, asked.scheme.table("targets")
    targets, problems = with_period_codes(listed, asked.calendar, period)
    if targets is not listed:
        scheme = replace(scheme, tables={**scheme.tables, "targets": targets})
    return replace(asked.with_problems(problems), scheme=scheme)


def _gather(asked: Appraisal, period: Period) -> Gathered:
    """Find who is there, in which posts and units; and whether the scheme and the sheets are sound.

    It goes on after errors, so that those of the next step are told with them.
    """
    scheme, settings = asked.scheme, asked.scheme.settings
    when = when_of(period, asked.calendar, scheme.table("calendar"))
    people, found = roster(asked.tables, settings, period)
    posts = asked.table("assignments")
    people = replace(
        people,
        frame=home_posts(people.frame, posts, settings, period),
        position_names={each.group: each.name for each in scheme.positions},
    )
    spells, ways = spells_of(people.frame, posts, settings, period), scheme.prorations()
    absences = asked.table("absences")
    absent = absences_unused(absences, scheme)
    if ways:
        presence, doubtful = presence_of(people.frame, posts, absences, settings, when)
        absent += [*doubtful, *days_lacking(scheme, when)]
        people = replace(people, frame=with_shares(people.frame, presence, ways))
        posts_of_people = with_shares(spells.posts, presence.in_posts(spells), ways) if spells.split else people.frame
        spells = replace(spells, posts=posts_of_people)
    units, more = units_of(people.frame, people.ancestors, people.department_names, scheme.unit_levels())
    lacking, without = sources_missing(asked.tables, scheme, _measurable(scheme, period))
    problems = [
        *asked.problems,
        *found,
        *more,
        *absent,
        *check_assignments(people.frame, posts, period),
        *check_scheme(scheme, people.groups()),
        *history_labels(asked.table("history"), asked.calendar, period, _counts_history(scheme, period)),
        *check_inputs(asked.tables, scheme, scheme.understood, when),
        *targets_of_nobody(scheme, _scopes(scheme, people)),
        *lacking,
    ]
    if not has_errors(problems):
        problems += _not_understood(scheme)
    if without:
        every = enumerate(scheme.indicators)
        known = (replace(each, is_understood=False) if place in without else each for place, each in every)
        scheme = replace(scheme, indicators=tuple(known))
    tables, more = _clients(asked, when)
    appeals, found = rows_of_period(asked.table("appeals"), when, asked.calendar, exactly=period)
    problems += [*found, *check_appeals(appeals, scheme, people.ids)]
    if len(appeals):
        decided = with_decisions(asked.table("adjustments"), appeals, period.code)
        tables = {**tables, "adjustments": decided}
    return Gathered(
        scheme=scheme,
        tables=tables,
        period=period,
        problems=[*problems, *more],
        calendar=asked.calendar,
        indicators=_measurable(scheme, period, "employee"),
        when=when,
        people=people,
        spells=spells,
        units=units,
    )


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


def _is_appraised(scheme: Scheme, period: Period) -> bool:
    """Tell whether the period is appraised by itself: it may be made of smaller periods and checks alone."""
    parts = scheme.parts_of(period.kind)
    return not parts or any(part.source == "appraisal" for part in parts)


def _measurable(scheme: Scheme, period: Period, level: str = "") -> tuple[Indicator, ...]:
    """Return the indicators of a level, or of all, that the period measures and whose definition was understood."""
    every = scheme.understood if _is_appraised(scheme, period) else ()
    return tuple(each for each in every if not level or level in each.levels)


def _measure(stage: Gathered) -> Gathered | Measured:
    """Measure people and units, and report which figures are missing."""
    scheme, people, spells, when = stage.scheme, stage.people, stage.spells, stage.when
    indicators, settings = stage.indicators, scheme.settings
    every = _measurable(scheme, stage.period)
    theirs = scheme.of_level("employee") if _is_appraised(scheme, stage.period) else ()
    rated, problems = prepared(stage.table("ratings"), scheme.indicators, when, stage.calendar)
    ratings, found = weigh(rated, every, scheme, when)
    owners = people.ids.append(pd.Index(stage.units.names, dtype=people.ids.dtype))
    weighed = {**stage.tables, "ratings": ratings.table}
    measured, more = measure(weighed, every, owners, when, stage.calendar, scheme.indicators)
    measured = with_formulas(measured, when)
    more += typed_figures(stage.tables.get("actuals"), scheme.indicators)
    named = {"employee_id": stage.units.names, "department": stage.units.names, "group": ""}
    as_people = named | dict.fromkeys((column for column in SHARES.values() if column in people.frame), 1.0)
    roll = pd.concat([people.frame[[*as_people]], pd.DataFrame(as_people)], ignore_index=True)
    measured = measured.without(without_days(scheme, every, roll, people.ancestors, stage.period.code))
    facts = measured.only(indicators)
    applies = _applies(indicators, spells.posts)
    problems += [
        *found,
        *more,
        *report_gaps(facts.of(spells.person), applies, settings, stage.tables),
        *without_data(stage.tables, indicators, people.frame, settings),
        *(without_indicators(spells.posts, _applies(theirs, spells.posts), stage.table("employees")) if theirs else ()),
    ]
    problems += without_deductions(measured, stage.tables, [*stage.problems, *problems])
    goals = targets_of(scheme, every, roll, people.ancestors, stage.period.code)
    problems += slips_of_unit(stage.tables.get("actuals"), scheme, measured, goals, len(people), when, stage.calendar)
    mine = facts.of(np.arange(len(people)))
    return advance(
        stage,
        Measured,
        problems,
        {"ratings": ratings, "measured": measured, "facts": mine, "applies": applies_by_person(applies, spells)},
    )


def _score(stage: Measured) -> Measured | Scored:
    """Score and total: post by post, with the parts of a longer period, and with adjustments."""
    scheme, people, spells, when, period = stage.scheme, stage.people, stage.spells, stage.when, stage.period
    indicators, settings = stage.indicators, scheme.settings
    facts, applies = stage.facts.of(spells.person), _applies(indicators, spells.posts)
    targets = np.where(applies, _targets(stage), np.nan)
    groups = comparison_groups(people, settings)
    points, problems = score(facts, targets, applies, scheme, groups[spells.person], when)
    problems += targets_shrunk(people.frame, indicators, _shrunk(stage), stage.table("employees"))

    given, found = rows_of_period(stage.table("adjustments"), when, stage.calendar, exactly=_kept_apart(stage))
    adjustment, zeroed = adjustments(given, people.ids, indicators)
    scores = score_dimensions(points, facts.state, applies, zeroed[spells.person], scheme, indicators)
    points, scores = merge_posts(points, spells), merge_posts(scores, spells)

    history, checks = stage.table("history"), stage.table("checks")
    rolled, more = roll_up(scores.own, people.frame, scheme, period, stage.calendar, history, checks)
    if rolled.of:
        scores = replace(scores, measured=rolled.measured)
    totals = total_scores(scores, rolled.base, adjustment, settings, rolled.parts, rolled.weights)
    return advance(stage, Scored, [*problems, *found, *more], {"points": points, "totals": totals})


def _kept_apart(stage: Gathered) -> Period | None:
    """Return the one period whose adjustments count, where those of smaller periods are inside their totals already."""
    return stage.period if any(part.source == "periods" for part in stage.parts) else None


def _rank(stage: Scored) -> Scored | Ranked:
    """Rank and grade people, and score units."""
    scheme, people = stage.scheme, stage.people
    shared = (stage.indicators, stage.applies, stage.points.targets)
    total = after_vetoes(stage.totals.total, stage.points.vetoed, stage.indicators, scheme.settings)
    of_units, found = appraise_units(
        scheme, people, stage.units, stage.measured, shared, total, stage.when, stage.period.code
    )
    departments = results_of_departments(scheme, of_units)
    ranking, problems = rank(scheme, people, stage.facts, stage.points, stage.totals, departments)
    ranking, calibration, more = _calibrated(stage, ranking)
    if calibration is None or not calibration.changes:
        more += over_quota(scheme, ranking)
    made = {"ranking": ranking, "of_units": tuple(of_units), "calibration": calibration}
    return advance(stage, Ranked, [*problems, *found, *more], made)


def _calibrated(stage: Scored, ranking: Ranking) -> tuple[Ranking, Calibration | None, list[Problem]]:
    """Put the grades that somebody decided in place of the computed ones, where the book has a sheet for them."""
    if "calibration" not in stage.tables and stage.scheme.settings.calibration == "no":
        return ranking, None, []
    given, problems = rows_of_period(stage.table("calibration"), stage.when, stage.calendar, exactly=stage.period)
    log = stage.table("calibration_log")
    final, found, more = calibrated(ranking, stage.scheme, stage.people, given, log, stage.period, stage.calendar)
    if not found.final:
        details = {"period": _label(stage.period), "count": len(found.changes)}
        more.append(Problem("calibration-draft", given.title, "", details))
    return final, found, [*problems, *more]


def _finish(stage: Ranked) -> Ranked | Completed | Locked:
    """Add what follows from the results: lists and pay; of a locked period only what would differ."""
    scheme, people, period, history = stage.scheme, stage.people, stage.period, stage.table("history")
    rows = result_rows(stage, scheme.settings.language)
    if is_locked(scheme.table("periods"), period, stage.calendar):
        changed, problems = differences(history, rows, scheme, period, stage.calendar)
        return advance(stage, Locked, problems, {"results": rows, "differences": changed})
    where = standing(stage, rows)
    funds, problems = rows_of_period(stage.table("funds"), stage.when, stage.calendar, exactly=period)

    def paid_for(rows: pd.DataFrame, when: When) -> tuple[Pay, list[Problem]]:
        figures = _with_figures(stage, with_roster(rows, people))
        return pay(figures, scheme, funds, people.ancestors, people.department_names, when, period.kind)

    paid, found = paid_for(rows, where.when)
    found += paid_before(scheme, period, stage.calendar.resolve(history["period"].dropna().unique(), period).values())
    before = paid
    if stage.calibration is not None and stage.calibration.changes:
        computed = replace(stage, ranking=stage.calibration.computed)
        as_computed = result_rows(computed, scheme.settings.language)
        before, _ = paid_for(as_computed, standing(computed, as_computed).when)
    rows["pay"] = rows["employee_id"].map(paid.totals)
    lists = on_lists(where, stage.outcomes)
    boxes, more = None, list[Problem]()
    if scheme.box_axes:
        boxes, more = place_in_boxes(scheme, stage.indicators, stage.points, stage.totals, stage.ranking, people.ids)
    done = {"results": rows, "lists": lists, "pay": paid, "pay_before": before, "boxes": boxes}
    return advance(stage, Completed, [*problems, *found, *more], done)


def _label(period: Period) -> Text:
    return Text(period.label("zh"), period.label("en"))


def _with_figures(stage: Ranked, people: pd.DataFrame) -> pd.DataFrame:
    """Add the figures that pay is looked up by."""
    codes = {each.code for each in stage.facts.indicators}
    asked = dict.fromkeys(item.figure for item in stage.scheme.pay if item.figure in codes)
    facts = pd.DataFrame({figure_column(code): stage.facts.actual[:, stage.facts.column(code)] for code in asked},
                         index=stage.facts.ids)  # fmt: skip
    return people.join(facts, on="employee_id") if asked else people


def _targets(stage: Gathered) -> np.ndarray:
    """Return the targets of each post: counts of the post's own indicators shrink to the days in it."""
    scheme, indicators, people, spells = stage.scheme, stage.indicators, stage.people, stage.spells
    of_posts = targets_of(scheme, indicators, spells.posts, people.ancestors, stage.period.code)
    if not spells.split:
        return of_posts
    of_people = targets_of(scheme, indicators, people.frame, people.ancestors, stage.period.code)
    common = np.array([each.group == "" for each in indicators], bool)
    return np.where(common, of_people[spells.person], of_posts)


def _shrunk(stage: Measured) -> np.ndarray:
    """Tell whose targets (n people × k indicators) are prorated."""
    asked = (stage.indicators, stage.people.frame, stage.people.ancestors, stage.period.code)
    return np.asarray(stage.applies & (targets_of(stage.scheme, *asked) < targets_of(stage.scheme, *asked, whole=True)))


def _applies(indicators: tuple[Indicator, ...], posts: pd.DataFrame) -> np.ndarray:
    """Tell which indicators belong to which post: everybody's, and those of its position group, if one is scored."""
    group = posts["group"].fillna("").to_numpy(object)
    scored = posts["scored"].to_numpy(bool)
    columns = [scored & ((each.group == "") | (group == each.group)) for each in indicators]
    return np.column_stack(columns) if columns else np.zeros((len(posts), 0), bool)


def _not_understood(scheme: Scheme) -> Iterator[Problem]:
    """Report the cells of a scheme that were not understood, to a caller who left out the problems of reading it."""
    for sheet, columns in scheme.unread.items():
        for column, rows in columns.items():
            if rows:
                yield at(scheme, "cell-not-understood", sheet, column, rows, column=SHEETS[sheet][column].name)


def _no_period(scheme: Scheme, text: str) -> Iterator[Problem]:
    """Report that the period cannot be read, or is missing, unless its row on the Home sheet has an error already."""
    table = scheme.table("settings")
    rows = [i for i, name in enumerate(table["setting"]) if name == "period"]
    if text:
        yield Problem("period-unreadable", table.title, details={"cell": text})
    elif scheme.is_read("settings", range(len(table)), "setting") and scheme.is_read("settings", rows, "value"):
        yield Problem("period-missing", table.title, table.cells("value", rows) if rows else "")
