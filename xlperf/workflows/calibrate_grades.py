"""Calibrates grades: changes one with its reason, undoes it, signs an exception, closes the calibration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xlperf.core.problems import Lang, Problem, Text, between
from xlperf.workflows.appraise_book import WRITING, graded, graded_again, output_sheets, write_outputs
from xlperf.workflows.decisions import Decision
from xlperf.workflows.policy_record import policy_record
from xlperf.workflows.result import OnStep, Refused, Result, no_step, refuse_errors, workflow
from xlperf.workflows.store import BookOrPath, store_of

if TYPE_CHECKING:
    import pandas as pd

    from xlperf.scoring.stages import Completed
    from xlperf.workbook.read.book import Book

FORM = Text(
    "人员（--person）、等级（--grade）、理由（--reason）、调整人（--by）和日期（--date）都要写",
    "a change needs --person, --grade, --reason, --by and --date",
)


@dataclass(frozen=True)
class CalibrationResult(Result):
    """Where the calibration stands, after what was asked for.

    ``log`` are the entries of the period, by column of their sheet; ``pay_before`` and ``pay_after`` what is paid in
    all without and with the changes of grades.
    """

    period: str
    appraisal: Completed
    log: pd.DataFrame
    pay_before: float
    pay_after: float


@workflow
def calibrate(
    book: BookOrPath,
    output: str | Path | None = None,
    *,
    person: str | None = None,
    grade: str | None = None,
    reason: str | None = None,
    by: str | None = None,
    date: str | None = None,
    undo: bool = False,
    sign: bool = False,
    finalise: bool = False,
    period: str | None = None,
    facts: Mapping[str, str] | None = None,
    lang: Lang | None = None,
    on_step: OnStep = no_step,
) -> CalibrationResult:
    """Change a grade, undo a change, sign an exception or close the calibration; without any of them only tell.

    What is done is written like a run: results, pay and lists follow the final grades, and the log gets an entry.

    Parameters
    ----------
    book : the file, or a workbook that is open in Excel; it has a sheet Calibration
    output : another file to write; the workbook itself, if none is given
    person : an employee ID, or a name that only one employee has
    grade : the code or the name of the grade that the person gets
    reason, by, date : why, who decided, and on which day; each action needs all three, closing no reason
    undo : take the person's change back
    sign : sign for every quota that does not hold now
    finalise : close the calibration: refused while a quota does not hold and nobody has signed for it
    period, facts, lang, on_step : as for :func:`xlperf.run`

    Returns
    -------
    CalibrationResult; Refusal where something is missing or wrong, the period is locked, or a quota does not hold.
    """
    from xlperf.scoring.calibration import LOG, entries_of
    from xlperf.scoring.stages import Completed, Locked

    store = store_of(book)
    ours, appraisal = graded(store, period, facts, on_step)
    if isinstance(appraisal, Locked):
        raise Refused([Problem("calibration-locked", details={"period": appraisal.period.code})], ours.lang)
    assert isinstance(appraisal, Completed)
    if appraisal.calibration is None:
        raise Refused([Problem("calibration-no-sheet")], ours.lang)
    asked = _Asked(person, grade, Decision(reason, by, date), undo, sign, finalise)
    refuse_errors(asked.problems(), ours.lang)
    written: tuple[Path, ...] = ()
    if asked.acts:
        old = appraisal.table(LOG)
        ours, appraisal = _done(ours, appraisal, asked, period)
        on_step(WRITING)
        said = lang or ours.lang
        found = appraisal.calibration
        assert found is not None
        whole = appraisal.table(LOG)
        made = whole.frame.iloc[len(old) :]
        to_write = replace(appraisal, calibration=replace(found, log=old, new_entries=made))
        sheets = output_sheets(ours, to_write, said)
        record, target = policy_record(store, ours, to_write), Path(output) if output is not None else None
        written = write_outputs(store, to_write, sheets, said, target, record=record)
    return _told(ours, appraisal, written, entries_of(appraisal.table(LOG), appraisal.period, appraisal.calendar))


def _told(ours: Book, appraisal: Completed, written: tuple[Path, ...], log: pd.DataFrame) -> CalibrationResult:
    from xlperf.reporting.calibration_board import total_pay

    before, after = (total_pay(each.totals) for each in (appraisal.pay_before, appraisal.pay))
    problems = tuple(appraisal.problems)
    return CalibrationResult(problems, ours.lang, written, appraisal.period.code, appraisal, log, before, after)


@dataclass(frozen=True)
class _Asked:
    """What was asked for."""

    person: str | None
    grade: str | None
    decision: Decision
    undo: bool
    sign: bool
    finalise: bool

    @property
    def acts(self) -> bool:
        """Whether anything is to be done."""
        return self.grade is not None or self.undo or self.sign or self.finalise

    def problems(self) -> list[Problem]:
        """What is missing or wrong of what was typed on the command line."""
        actions = [self.grade is not None, self.undo, self.sign, self.finalise]
        found = [Problem("calibration-one-action")] if sum(actions) > 1 else []
        needed = self.decision.options
        if self.finalise and not (self.grade or self.undo or self.sign):
            needed.pop("--reason")
        elif not any(actions):
            needed = {"--grade": None} if self.person or any(needed.values()) else {}
        elif self.grade is not None or self.undo:
            needed = {"--person": self.person, **needed}
        return [*found, *self.decision.problems(needed, FORM)]


def _done(ours: Book, appraisal: Completed, asked: _Asked, period: str | None) -> tuple[Book, Completed]:
    """Return the book and its appraisal after what was asked for, with the entries in the log."""
    from xlperf.scoring.calibration import LOG, SHEET, grade_codes, next_number, numbered
    from xlperf.scoring.roster import find_person

    found = appraisal.calibration
    assert found is not None
    ours, appraisal = _logged(ours, appraisal, found.new_entries, period)  # what was typed in Excel before
    if asked.grade is not None or asked.undo:
        at, problems = find_person(appraisal.people.frame, str(asked.person))
        if at is None:
            raise Refused(problems, ours.lang)
        employee = str(appraisal.people.ids[at])
        if asked.undo and not any(each.employee_id == employee for each in _found(appraisal).changes):
            raise Refused([Problem("calibration-nothing-to-undo", details={"person": employee})], ours.lang)
        table = _with_row(appraisal, employee, asked)
        changed = replace(ours, tables={**ours.tables, SHEET: table})
        appraisal = graded_again(changed, period)
        entries = _found(appraisal).new_entries
        if asked.undo:
            entries = entries.assign(**asked.decision.cells)
        return _logged(changed, appraisal, entries, period)
    number = next_number(appraisal.table(LOG))
    broken = _found(appraisal).open_deviations
    if asked.finalise:
        refuse_errors([Problem("calibration-not-held", details={"pool": each.pool, "words": each.words,
                               "count": each.count, "wanted": between(each.least, each.most)})
                       for each in broken], ours.lang)  # fmt: skip
        rows: Sequence[Mapping[str, Any]] = [
            {"action": "finalise", "count": len(_found(appraisal).changes), **asked.decision.cells}
        ]
    else:
        if not broken:
            raise Refused([Problem("calibration-nothing-to-sign")], ours.lang)
        rows = [
            {"action": "sign", "pool": each.pool(ours.lang), "grade_to": grade_codes(each, appraisal.scheme),
             "count": each.count, **asked.decision.cells}
            for each in broken
        ]  # fmt: skip
    return _logged(ours, appraisal, numbered(rows, appraisal.period, number), period)


def _found(appraisal: Completed) -> Any:
    assert appraisal.calibration is not None
    return appraisal.calibration


def _logged(ours: Book, appraisal: Completed, entries: pd.DataFrame, period: str | None) -> tuple[Book, Completed]:
    """Add entries to the log of a book."""
    from xlperf.schema.tables import table_of
    from xlperf.scoring.calibration import LOG

    if entries.empty:
        return ours, appraisal
    log = appraisal.table(LOG).append(table_of(LOG, entries, ours.lang))
    changed = replace(ours, tables={**ours.tables, LOG: log})
    return changed, graded_again(changed, period)


def _with_row(appraisal: Completed, employee: str, asked: _Asked) -> Any:
    """Return the sheet Calibration with a person's change, or without it."""
    import numpy as np

    from xlperf.reporting.calibration_board import TYPED
    from xlperf.schema.tables import table_of
    from xlperf.scoring.calibration import SHEET
    from xlperf.scoring.period_rows import rows_of_period

    table = appraisal.table(SHEET)
    mine, _ = rows_of_period(table, appraisal.when, appraisal.calendar, exactly=appraisal.period)
    theirs = (table["employee_id"] == employee).to_numpy(bool) & np.isin(table.rows, mine.rows)
    others = table.where(~theirs)
    if asked.undo:
        return others
    assert set(TYPED) == {"adjusted", *asked.decision.cells}
    row = {"employee_id": employee, "period": appraisal.period.code, "adjusted": asked.grade, **asked.decision.cells}
    return others.append(table_of(SHEET, [row]))
