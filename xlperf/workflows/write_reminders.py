"""Writes reminders for those who have not answered; nothing is sent."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from xlperf.core.problems import Lang, Problem, Text, in_order
from xlperf.workflows.appraise_book import appraised
from xlperf.workflows.result import OnStep, Refused, Result, no_step, refusing, workflow
from xlperf.workflows.store import BookOrPath, file_of, store_of

if TYPE_CHECKING:
    from xlperf.reporting.reminders import Reminder

LIST = "reminders.csv"  # who is reminded by which files; what an earlier list names and this one lacks is deleted
HEADINGS = ("employee_id", "name", "address", "files")


@dataclass(frozen=True)
class RemindersResult(Result):
    """Who is reminded, and the folder with the files; ``removed`` are those of people who have answered since."""

    folder: Path
    reminders: tuple[Reminder, ...]
    removed: tuple[Path, ...]


@workflow
def reminders(
    book: BookOrPath,
    folder: str | Path | None = None,
    *,
    period: str | None = None,
    lang: Lang | None = None,
    on_step: OnStep = no_step,
) -> RemindersResult:
    """Write a text, a mail and an entry for the calendar to everybody who still has to rate or to report.

    Parameters
    ----------
    book : the file, or a workbook that is open in Excel
    folder : of the files; ``NAME-reminders`` beside the workbook, if none is given
    period : such as ``2026-10``; the one on Home, if none is given
    lang : of the texts; that of the workbook, if none is given
    on_step : called with a sentence at each step

    Returns
    -------
    RemindersResult; Refusal where the workbook cannot be read, or a file cannot be written.
    """
    from xlperf.reporting.reminders import due_day, files_of, reminders_of
    from xlperf.scoring.stages import Gathered
    from xlperf.xlsx.atomic_save import write_what_differs

    store = store_of(book)
    ours, appraisal = appraised(store, period, None, on_step)
    if not isinstance(appraisal, Gathered):
        raise Refused(appraisal.problems, ours.lang)
    path = file_of(store, ours.lang)
    target = Path(folder) if folder is not None else path.with_name(f"{path.stem}-reminders")
    found = reminders_of(appraisal, lang or ours.lang)
    settings, problems = appraisal.scheme.settings, []
    if found and due_day(settings.return_by) is None:
        problems.append(Problem("reminder-no-due"))
    lacking = [each.employee_id for each in found if not each.address]
    if lacking:
        problems.append(Problem("reminder-no-address", details={"count": len(lacking)}))
    on_step(Text("写入提醒", "writing the reminders"))
    files: dict[str, bytes] = {}
    rows = []
    for each in found:
        mine = files_of(each, settings.scheme, appraisal.period.code)
        files |= mine
        rows.append([each.employee_id, each.name, each.address, " ".join(sorted(mine))])
    with refusing(ours.lang):
        removed = tuple(sorted(target / name for name in _listed(target) - files.keys() if (target / name).is_file()))
        for old in removed:
            old.unlink()
        written = write_what_differs(target, {LIST: _list(rows), **files}.items())
    return RemindersResult(tuple(in_order(problems)), ours.lang, tuple(written), target, tuple(found), removed)


def _list(rows: list[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([HEADINGS, *rows])
    return text.getvalue().encode("utf-8-sig")


def reminded_people(folder: Path) -> int:
    """Return how many people the list of a folder of reminders names.

    >>> reminded_people(Path("no such folder"))
    0
    """
    return len(_list_in(folder))


def _listed(folder: Path) -> set[str]:
    """Return the names of the files that an earlier list names."""
    return {Path(name).name for row in _list_in(folder) for name in (row.get("files") or "").split()}


def _list_in(folder: Path) -> list[dict[str, str]]:
    if not (folder / LIST).is_file():
        return []
    return list(csv.DictReader(io.StringIO((folder / LIST).read_text("utf-8-sig"))))
