"""The whole appraisal of one period: who is there, what was measured, points, totals, places, grades, lists and pay.

Start reading here. Every step is pure: it takes tables and the scheme, and gives its result with the problems it found.
Problems are collected from all steps; where one of them is an error, nothing is graded and nothing may be written.

Noun: a stage (``xlperf.scoring.stages``). A module of this folder takes one stage to the next: it calls the steps that
lie beside the folder and hands what they found from one to the other. A change of a step goes into the step.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from xlperf.core.periods import Period, Periods
from xlperf.core.problems import Problem, has_errors, in_order
from xlperf.policy.calendars import calendar_of
from xlperf.policy.policy_log import BASIS, LOG, check_policy_log
from xlperf.policy.scheme import Scheme
from xlperf.policy.validation import check_scheme
from xlperf.schema.keys import drop_repeated_rows
from xlperf.schema.tables import Tables
from xlperf.scoring.period_rows import key_aliases, with_period_codes
from xlperf.scoring.pipeline.finish import finish
from xlperf.scoring.pipeline.gather import gather, not_understood
from xlperf.scoring.pipeline.measure import measure
from xlperf.scoring.pipeline.rank import rank
from xlperf.scoring.pipeline.score import score
from xlperf.scoring.stages import Appraisal, Measured, Ranked, Scored

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
        return asked if asked.failed else asked.with_problems(not_understood(scheme))
    measured = measure(gather(_with_targets(asked, now), now))
    scored = score(measured) if isinstance(measured, Measured) else measured
    ranked = rank(scored) if isinstance(scored, Scored) else scored
    return finish(ranked) if isinstance(ranked, Ranked) else ranked


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
    targets, twice = drop_repeated_rows(targets)
    problems += [each for each in twice if each not in asked.problems]
    if targets is not listed:
        scheme = replace(scheme, tables={**scheme.tables, "targets": targets})
    return replace(asked.with_problems(problems), scheme=scheme)


def _no_period(scheme: Scheme, text: str) -> Iterator[Problem]:
    """Report that the period cannot be read, or is missing, unless its row on the Home sheet has an error already."""
    table = scheme.table("settings")
    rows = [i for i, name in enumerate(table["setting"]) if name == "period"]
    if text:
        yield Problem("period-unreadable", table.title, details={"cell": text})
    elif scheme.is_read("settings", range(len(table)), "setting") and scheme.is_read("settings", rows, "value"):
        yield Problem("period-missing", table.title, table.cells("value", rows) if rows else "")
