"""Makes the tasks of a period by the task rules, closes and cancels what is due to be."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from xlperf.core.problems import Text, in_order
from xlperf.workflows.appraise_book import READING
from xlperf.workflows.result import OnStep, Refused, Result, no_step, refuse_errors, workflow
from xlperf.workflows.store import BookOrPath, read_from, store_of

if TYPE_CHECKING:
    import pandas as pd

    from xlperf.core.periods import Period
    from xlperf.policy.scheme import Scheme


@dataclass(frozen=True)
class TasksResult(Result):
    """What the task rules did.

    ``counts`` has a row for each rule, with how many tasks are ``new``, ``there`` already, ``closed``, ``cancelled``,
    ``moved`` to another owner and ``dated`` anew. Where ``changed`` is False, the tasks were as they must be.
    """

    period: Period
    scheme: Scheme
    counts: pd.DataFrame
    changed: bool


@workflow
def tasks(
    book: BookOrPath, output: str | Path | None = None, *, period: str | None = None, on_step: OnStep = no_step
) -> TasksResult:
    """Make the tasks of a period by the task rules, close and cancel what is due to be.

    Parameters
    ----------
    book : the file, or a workbook that is open in Excel
    output : another file to write; the workbook itself, if none is given, and only where a task changes
    period : such as ``2026-10``; the one on Home, if none is given
    on_step : called with a sentence at each step

    Returns
    -------
    TasksResult; Refusal where the period, the calendar, the rules or a sheet forbid it.
    """
    from xlperf.policy.calendars import calendar_of
    from xlperf.reporting.task_run import refusals, tasks_of
    from xlperf.workbook.write.scheme_workbook import fill_inputs
    from xlperf.workbook.write.update import looked_at_in_full

    store = store_of(book)
    on_step(READING)
    ours = read_from(store)
    calendar, problems = calendar_of(ours.scheme)
    now = calendar.find(period or ours.scheme.settings.period)
    problems = [*problems, *refusals(ours.scheme, ours.problems, now, calendar, period)]
    refuse_errors(problems, ours.lang)
    if now is None:
        raise Refused(problems, ours.lang)
    on_step(Text("生成任务", "making tasks"))
    made = tasks_of(ours.tables, ours.scheme, now, calendar, ours.lang)
    problems = in_order([*problems, *made.problems])
    refuse_errors(problems, ours.lang)
    written: tuple[Path, ...] = ()
    if made.changed or output is not None:
        on_step(Text("写入任务", "writing the tasks"))
        written = store.change(
            looked_at_in_full("tasks"),
            lambda workbook: fill_inputs(workbook, {"tasks": made.tasks}, ours.lang),
            Path(output) if output is not None else None,
        )
    return TasksResult(tuple(problems), ours.lang, written, now, ours.scheme, made.counts, made.changed)
