"""Shows who moved between two workbooks, and what moved them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from xlperf.core.problems import Lang, Problem, Text, in_order
from xlperf.workflows.appraise_book import appraised, graded
from xlperf.workflows.result import OnStep, Refused, Result, no_step, workflow
from xlperf.workflows.store import BookOrPath, store_of

if TYPE_CHECKING:
    import pandas as pd

    from xlperf.analysis.diff import Moves
    from xlperf.scoring.stages import Appraisal
    from xlperf.workbook.read.book import Book


@dataclass(frozen=True)
class DiffResult(Result):
    """Who moved: ``people`` are those asked for, ``moves`` has everybody, the causes and the policy that changed."""

    moves: Moves
    people: pd.DataFrame
    after: Appraisal


@workflow
def diff(
    old: BookOrPath,
    new: BookOrPath,
    person: str | None = None,
    *,
    lang: Lang | None = None,
    on_step: OnStep = no_step,
) -> DiffResult:
    """Show who moved between two workbooks, and the fact, target, rule or weight that moved them.

    Parameters
    ----------
    old, new : the files, or workbooks that are open in Excel
    person : only this employee, by ID or name
    lang : of the words among the moves; that of the later workbook, if none is given
    on_step : called with a sentence at each step

    Returns
    -------
    DiffResult; Refusal where one of the workbooks has no results.
    """
    from xlperf.analysis.diff import moves
    from xlperf.scoring.stages import Finished

    ours, before = graded(store_of(old), None, None, on_step)
    theirs, after = appraised(store_of(new), None, None, on_step)
    if not (isinstance(after, Finished) and after.done):
        waiting = _is_empty_yet(ours, before, theirs, after)
        raise Refused([_nothing_yet(theirs, after)] if waiting else after.problems, theirs.lang)
    found = moves(before, after, lang or theirs.lang)
    people = found.people
    if person is not None:
        people = people[(people["employee_id"] == person) | (people["name"] == person)]
    return DiffResult(tuple(in_order(after.problems)), theirs.lang, (), found, people, after)


def _is_empty_yet(ours: Book, before: Appraisal, theirs: Book, after: Appraisal) -> bool:
    """Whether a workbook is that of a later period, for which nothing was typed of what the earlier one holds."""
    from xlperf.reporting.next_period import EMPTIED

    if before.period is None or after.period is None or after.period.start <= before.period.end:
        return False
    typed, since = ([sheet for sheet in EMPTIED if len(book.tables.get(sheet, ()))] for book in (ours, theirs))
    return bool(typed) and not since


def _nothing_yet(theirs: Book, after: Appraisal) -> Problem:
    assert after.period is not None
    period = Text(after.period.label("zh"), after.period.label("en"))
    return Problem("diff-nothing-yet", details={"file": theirs.path.name, "period": period})
