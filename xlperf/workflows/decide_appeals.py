"""Appeals: forms to hand out, the effect that a decision would have, and the decision itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xlperf.core.problems import Lang, Problem, Text
from xlperf.workflows.appraise_book import WRITING, graded, graded_again, output_sheets, write_outputs
from xlperf.workflows.decisions import Decision
from xlperf.workflows.policy_record import policy_record
from xlperf.workflows.result import OnStep, Refused, Result, no_step, refuse_errors, refusing, workflow
from xlperf.workflows.store import BookOrPath, file_of, store_of

if TYPE_CHECKING:
    import pandas as pd

    from xlperf.schema.tables import Table
    from xlperf.scoring.stages import Completed

DECISIONS = ("upheld", "rejected", "withdrawn")  # of the words of the column State
FORM = Text(
    "编号（--id）、决定（--decide）、理由（--reason）、处理人（--by）和日期（--date）都要写",
    "a decision needs --id, --decide, --reason, --by and --date",
)
COMPARED = ("total", "place", "grade_name", "pay")


@dataclass(frozen=True)
class AppealsResult(Result):
    """The appeals of the period, and whose result a decision changes.

    ``appeals`` are rows of the sheet; ``effect`` has one row a person whose total, place, grade or pay would be
    another, with the columns ``*_before`` and ``*_after``; it is empty where nothing was asked or nothing changes.
    """

    period: str
    appeals: pd.DataFrame
    effect: pd.DataFrame


@dataclass(frozen=True)
class AppealFormsResult(Result):
    """The folder of the forms, and how many there are."""

    folder: Path
    forms: int


@workflow
def appeals(
    book: BookOrPath,
    output: str | Path | None = None,
    *,
    appeal: str | None = None,
    decide: str | None = None,
    points: float | None = None,
    reason: str | None = None,
    by: str | None = None,
    date: str | None = None,
    take: bool = False,
    period: str | None = None,
    lang: Lang | None = None,
    on_step: OnStep = no_step,
) -> AppealsResult:
    """Tell which appeals there are, and what a decision would change; it is written only where it is taken.

    Parameters
    ----------
    book : the file, or a workbook that is open in Excel; it has a sheet Appeals
    output : another file to write; the workbook itself, if none is given
    appeal : the number of one appeal of the period
    decide : upheld, rejected or withdrawn, in either language
    points : added to the total of who appealed, if upheld
    reason, by, date : why, who decided, and on which day
    take : take the decision: write it, and the results that follow
    period, lang, on_step : as for :func:`xlperf.run`

    Returns
    -------
    AppealsResult; Refusal where something is missing or wrong, or the period is locked.
    """
    import numpy as np
    import pandas as pd

    from xlperf.scoring.appeals import SHEET, appeals_of
    from xlperf.scoring.stages import Completed, Locked
    from xlperf.workbook.run_mark import RunOptions
    from xlperf.workbook.write.scheme_workbook import fill_inputs

    store = store_of(book)
    ours, before = graded(store, period, None, on_step)
    if isinstance(before, Locked):
        raise Refused([Problem("appeal-locked", details={"period": before.period.code})], ours.lang)
    assert isinstance(before, Completed)
    table, mine = before.table(SHEET), appeals_of(before)
    said = lang or ours.lang
    if decide is None and appeal is None and not any((points, reason, by, date, take)):
        return AppealsResult(tuple(before.problems), ours.lang, (), before.period.code, mine.frame, pd.DataFrame())
    why = Decision(reason, by, date)
    refuse_errors(why.problems({"--id": appeal, "--decide": decide, **why.options}, FORM), ours.lang)
    outcome = {
        "state": _state(str(decide), ours.lang),
        "points": np.nan if points is None else float(points),
        **why.cells,
    }
    changed = _decided(table, mine, str(appeal), outcome, ours.lang)
    theirs = replace(ours, tables={**ours.tables, SHEET: changed})
    after = graded_again(theirs, period)
    effect = _effect(before, after, said)
    written: tuple[Path, ...] = ()
    if take:
        on_step(WRITING)
        sheets = output_sheets(theirs, after, said)
        target = Path(output) if output is not None else None
        written = write_outputs(
            store, after, sheets, said, target, inputs=(SHEET,), record=policy_record(store, theirs, after),
            options=RunOptions(period=period, lang=lang),
            edit_inputs=lambda workbook: fill_inputs(workbook, {SHEET: changed}, ours.lang),
        )  # fmt: skip
    now = appeals_of(after).frame
    return AppealsResult(tuple(after.problems), ours.lang, written, after.period.code, now, effect)


def _state(word: str, lang: Lang) -> str:
    """Return the decision that a word means.

    Raises
    ------
    Refused
        Where it means none.
    """
    from xlperf.core.vocabulary import WORDS

    states = WORDS["appeal_state"]
    state = states.find(word)
    if state in DECISIONS:
        return state
    allowed = [states[each] for each in DECISIONS]
    form = Text("、".join(each.zh for each in allowed), ", ".join(each.en for each in allowed))
    raise Refused([Problem("option-unreadable", details={"option": "--decide", "cell": word, "form": form})], lang)


def _decided(table: Table, mine: Table, appeal: str, outcome: Mapping[str, Any], lang: Lang) -> Table:
    """Return the sheet with the decision in the row of the appeal.

    Raises
    ------
    Refused
        Where the period has no such appeal.
    """
    import numpy as np

    from xlperf.core.spelling import similar

    rows = np.flatnonzero((table["appeal_id"] == appeal).to_numpy(bool) & np.isin(table.rows, mine.rows))
    if not len(rows):
        near = similar(appeal, list(mine["appeal_id"]))
        raise Refused([Problem("appeal-unknown", details={"cell": appeal, "near": near})], lang)
    frame = table.frame.copy()
    at = frame.index[rows[0]]
    for column, value in outcome.items():
        frame.loc[at, column] = value
    letters = {code: table.letters.get(code, "") for code in outcome}
    return replace(table, frame=frame, letters={**letters, **table.letters})


def _effect(before: Completed, after: Completed, lang: Lang) -> pd.DataFrame:
    """Return whose result is another, with both results side by side, by ID."""
    import pandas as pd

    from xlperf.reporting.output_tables import results_in

    old, new = (results_in(each, lang).set_index("employee_id") for each in (before, after))
    pairs = {
        f"{column}_{side}": rows[column].reindex(new.index)
        for column in COMPARED
        for side, rows in (("before", old), ("after", new))
    }
    both = pd.DataFrame({"name": new["name"], **pairs})
    differ = pd.Series(False, both.index)
    for column in COMPARED:
        one, other = both[f"{column}_before"], both[f"{column}_after"]
        differ |= ~(one.eq(other) | (one.isna() & other.isna()))
    return both[differ].sort_index().reset_index()


@workflow
def appeal_forms(
    book: BookOrPath,
    folder: str | Path | None = None,
    *,
    period: str | None = None,
    lang: Lang | None = None,
    on_step: OnStep = no_step,
) -> AppealFormsResult:
    """Write a form for everybody who is scored, signed; filled in, :func:`xlperf.collect` takes it back.

    Parameters
    ----------
    book : the file, or a workbook that is open in Excel
    folder : of the forms; ``NAME-appeals`` beside the workbook, if none is given
    period, lang, on_step : as for :func:`xlperf.run`

    Returns
    -------
    AppealFormsResult; Refusal where there are no results, or a file cannot be written.
    """
    from xlperf.workbook.write.appeal_forms import appeal_form
    from xlperf.xlsx.atomic_save import write_what_differs
    from xlperf.xlsx.encryption import key_beside

    store = store_of(book)
    ours, appraisal = graded(store, period, None, on_step)
    path = file_of(store, ours.lang)
    target = Path(folder) if folder is not None else path.with_name(f"{path.stem}-appeals")
    on_step(Text("写入申诉表", "writing the forms"))
    with refusing(ours.lang):
        key = key_beside(path)
        files = (appeal_form(appraisal, row, key, lang or ours.lang) for row in appraisal.results.to_dict("records"))
        written = write_what_differs(target, files)
    return AppealFormsResult(tuple(appraisal.problems), ours.lang, tuple(written), target, len(appraisal.results))
