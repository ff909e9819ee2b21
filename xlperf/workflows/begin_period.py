"""Begins the next period: results become history, inputs are emptied, policy is kept."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from xlperf.core.problems import Problem, Text
from xlperf.workflows.appraise_book import graded
from xlperf.workflows.result import OnStep, Refused, Result, no_step, refusing, workflow
from xlperf.workflows.store import BookOrPath, WorkbookStore, file_of, store_of

if TYPE_CHECKING:
    from xlperf.core.periods import Period
    from xlperf.reporting.next_period import Rolled
    from xlperf.workbook.read.book import Book


@dataclass(frozen=True)
class PeriodPlan(Result):
    """What beginning the next period will do.

    ``ended`` and ``begun`` are the periods, ``carried`` the titles of the sheets that will change, Past results among
    them; ``emptied`` those of them that lose their rows of the old period. The workbook goes to ``target``; where it is
    the workbook itself, a ``copy`` of it is kept first.
    """

    store: WorkbookStore
    book: Book
    rolled: Rolled
    ended: Period
    begun: Period
    target: Path | None
    copy: Path | None

    @property
    def carried(self) -> tuple[str, ...]:
        """The titles of the sheets that will change."""
        return tuple(table.title for table in self.rolled.tables.values())

    @property
    def emptied(self) -> dict[str, str]:
        """The sheets that begin without what was typed for the old period: code and title."""
        return {code: table.title for code, table in self.rolled.tables.items() if code != "history"}


@dataclass(frozen=True)
class PeriodResult(Result):
    """The next period has begun, as it was planned."""

    plan: PeriodPlan


@workflow
def plan_period(
    book: BookOrPath, output: str | Path | None = None, *, period: str | None = None, on_step: OnStep = no_step
) -> PeriodPlan:
    """Tell what beginning the next period will do; nothing is written.

    Parameters
    ----------
    book : the file, or a workbook that is open in Excel
    output : the workbook of the next period; the workbook itself, if none is given, of which a copy is kept
    period : the period to begin; the one that follows, if none is given
    on_step : called with a sentence at each step

    Returns
    -------
    PeriodPlan, for :func:`begin_period`; Refusal where there are no results, or no such period.
    """
    from xlperf.reporting.next_period import rolled
    from xlperf.scoring.stages import Locked

    store, target = store_of(book), Path(output) if output is not None else None
    ours, appraisal = graded(store, None, None, on_step)
    begun, problems = rolled(ours.tables, appraisal, ours.lang, period or "")
    if appraisal.calibration is not None and not (appraisal.calibration.final or isinstance(appraisal, Locked)):
        details = {"period": Text(appraisal.period.label("zh"), appraisal.period.label("en"))}
        problems.append(Problem("calibration-open", details=details))
    copy = None
    if target is None:
        path = file_of(store, ours.lang)
        copy = path.with_name(f"{path.stem}-{appraisal.period.code}{path.suffix}")
        if copy.exists():
            problems.append(Problem("period-copy-there", details={"file": copy.name}))
    elif target.resolve() == store.path.resolve():
        problems = [Problem("roll-onto-itself", details={"cell": store.path.name})]
    if begun is None or problems:
        raise Refused(problems, ours.lang)
    return PeriodPlan(
        tuple(appraisal.problems), ours.lang, (), store, ours, begun, appraisal.period, begun.period, target, copy
    )


@workflow
def begin_period(plan: PeriodPlan, on_step: OnStep = no_step) -> PeriodResult:
    """Begin the next period as it was planned. The file of an open workbook must have been saved: it is copied.

    Returns
    -------
    PeriodResult; Refusal where a file cannot be written.
    """
    from xlperf.workbook.write.next_period import begin_period as begin
    from xlperf.workbook.write.update import looked_at_in_full
    from xlperf.xlsx.atomic_save import FileSnapshot, write_atomically

    on_step(Text("写入新周期", "writing the next period"))
    copied: tuple[Path, ...] = ()
    if plan.copy is not None:
        absent = FileSnapshot(plan.copy, None)
        with refusing(plan.lang):
            write_atomically(plan.store.path.read_bytes(), plan.copy, keep_backup=False, unchanged=absent)
        copied = (plan.copy,)
    try:
        written = plan.store.change(
            looked_at_in_full("settings", *plan.rolled.tables),
            lambda workbook: begin(workbook, plan.book, plan.rolled),
            plan.target,
        )
    except BaseException:
        for each in copied:  # the period has not ended: the copy would stand in the way of the next attempt
            each.unlink(missing_ok=True)
        raise
    return PeriodResult(plan.problems, plan.lang, (*copied, *written), plan)


@workflow
def roll(
    book: BookOrPath, output: str | Path | None = None, *, period: str | None = None, on_step: OnStep = no_step
) -> PeriodResult:
    """Begin the next period at once.

    Parameters
    ----------
    book, output, period, on_step : as for :func:`plan_period`

    Returns
    -------
    PeriodResult; Refusal where there are no results or no such period, or a file cannot be written.
    """
    plan = plan_period(book, output, period=period, on_step=on_step)
    if not isinstance(plan, PeriodPlan):
        raise Refused(plan.problems, plan.lang)
    begun = begin_period(plan, on_step)
    if not isinstance(begun, PeriodResult):
        raise Refused(begun.problems, begun.lang)
    return begun
