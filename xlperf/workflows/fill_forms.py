"""Fills in the printable forms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from xlperf.core.problems import Lang, Problem, Text, in_order
from xlperf.workflows.appraise_book import graded
from xlperf.workflows.result import OnStep, Refused, Result, no_step, refuse_errors, refusing, workflow
from xlperf.workflows.store import BookOrPath, store_of

if TYPE_CHECKING:
    from xlperf.reporting.forms import Form


@dataclass(frozen=True)
class FormsResult(Result):
    """The forms as they were filled in, and how many pages of paper each of them takes."""

    forms: tuple[Form, ...]
    pages: tuple[int, ...]


@workflow
def forms(
    book: BookOrPath,
    output: str | Path | None = None,
    *,
    form: Sequence[str] = (),
    person: Sequence[str] = (),
    period: str | None = None,
    lang: Lang | None = None,
    on_step: OnStep = no_step,
) -> FormsResult:
    """Fill in the forms to print, all of them for everybody unless some are named.

    Parameters
    ----------
    book : the file, or a workbook that is open in Excel
    output : the workbook of the forms; ``NAME-forms.xlsx`` beside the workbook, if none is given
    form : forms by code, title or number
    person : employees by ID or name
    period, lang, on_step : as for :func:`xlperf.run`

    Returns
    -------
    FormsResult; Refusal where there are no results, or a form or a person is not known.
    """
    from xlperf.reporting.forms import fill_forms
    from xlperf.scoring.stages import Completed
    from xlperf.workbook.write.print_forms import write_forms

    store = store_of(book)
    target = target_beside(store.path, output, "forms", "forms-into-book")
    ours, appraisal = graded(store, period, None, on_step)
    if not isinstance(appraisal, Completed):
        raise Refused([*appraisal.problems, Problem("publish-locked")], ours.lang)
    said = lang or ours.lang
    on_step(Text("填写表格", "filling in the forms"))
    filled, problems = fill_forms(appraisal, said, form, person)
    refuse_errors(problems, ours.lang)
    if not filled:
        raise Refused(problems, ours.lang)
    on_step(Text("写入表格", "writing the forms"))
    with refusing(ours.lang):
        pages = write_forms(filled, target, said)
    return FormsResult(tuple(in_order(problems)), ours.lang, (target,), tuple(filled), tuple(pages))


def target_beside(path: Path, output: str | Path | None, ending: str, code: str) -> Path:
    """Return where a workbook with something else than the appraisal goes; refuse the appraisal's own file.

    Parameters
    ----------
    path : the file of the appraisal
    output : the file that was asked for; ``NAME-ending.xlsx`` beside ``path``, if None
    code : of the problem where both are the same

    Raises
    ------
    Refused
        Where the name is not that of an .xlsx file, or both are the same.
    """
    target = Path(output) if output is not None else path.with_name(f"{path.stem}-{ending}.xlsx")
    if target.suffix.lower() != ".xlsx":
        raise Refused([Problem("file-kind", details={"cell": target.name})], None)
    if target.resolve() == path.resolve():
        raise Refused([Problem(code, details={"cell": target.name})], None)
    return target
