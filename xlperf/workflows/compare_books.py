"""Shows who moved between two workbooks, and what moved them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from xlperf.core.problems import Lang, in_order
from xlperf.workflows.appraise_book import graded
from xlperf.workflows.result import OnStep, Result, no_step, workflow
from xlperf.workflows.store import BookOrPath, store_of

if TYPE_CHECKING:
    import pandas as pd

    from xlperf.analysis.diff import Moves
    from xlperf.scoring.stages import Appraisal


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
    on_step : told what is being done

    Returns
    -------
    DiffResult; Refusal where one of the workbooks has no results.
    """
    from xlperf.analysis.diff import moves

    _, before = graded(store_of(old), None, None, on_step)
    theirs, after = graded(store_of(new), None, None, on_step)
    found = moves(before, after, lang or theirs.lang)
    people = found.people
    if person is not None:
        people = people[(people["employee_id"] == person) | (people["name"] == person)]
    return DiffResult(tuple(in_order(after.problems)), theirs.lang, (), found, people, after)
