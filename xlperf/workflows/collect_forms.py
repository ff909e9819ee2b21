"""Brings filled forms back into the workbook, with where each figure came from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from xlperf.core.problems import Problem, Text, in_order
from xlperf.workflows.appraise_book import appraised
from xlperf.workflows.result import OnStep, Refused, Result, no_step, refuse_errors, refusing, workflow
from xlperf.workflows.store import BookOrPath, file_of, store_of


@dataclass(frozen=True)
class CollectResult(Result):
    """What came back: from how many ``forms``, and how many ``answers`` of each kind of form."""

    forms: int
    answers: Mapping[str, int]


@workflow
def collect(
    book: BookOrPath,
    files: str | Path | Sequence[str | Path] | None = None,
    output: str | Path | None = None,
    *,
    period: str | None = None,
    on_step: OnStep = no_step,
) -> CollectResult:
    """Bring filled forms back into the workbook that they were published from.

    Parameters
    ----------
    book : the file, or a workbook that is open in Excel; its key stands beside it
    files : a form or a folder of forms, or several of them; the folder ``NAME-returned`` beside the workbook, if none
        are given
    output : another file to write; the workbook itself, if none is given
    period : such as ``2026-10``; the one on Home, if none is given
    on_step : called with a sentence at each step

    Returns
    -------
    CollectResult; Refusal where nothing came back, or a form is not one of this workbook and period.
    """
    from xlperf.scoring.stages import Gathered
    from xlperf.workbook.read.returned_forms import collected, files_in, of_this_period, read_return
    from xlperf.workbook.write.scheme_workbook import fill_inputs
    from xlperf.workbook.write.update import looked_at_in_full
    from xlperf.xlsx.encryption import key_beside, key_path

    store = store_of(book)
    ours, appraisal = appraised(store, period, None, on_step)
    if not isinstance(appraisal, Gathered):
        raise Refused(appraisal.problems, ours.lang)
    path = file_of(store, ours.lang)
    folder = path.with_name(f"{path.stem}-returned")
    given = [files] if isinstance(files, (str, Path)) else files
    paths = files_in([folder] if given is None else map(Path, given)) if given is not None or folder.is_dir() else []
    problems = [each for each in ours.problems if each.code == "book-open"]
    if not paths:
        nothing = Problem("return-no-folder", details={"folder": folder.name})
        problems.append(nothing if files is None else Problem("return-nothing"))
    if not key_path(path).exists():
        problems.append(Problem("return-no-key", details={"file": key_path(path).name}))
    refuse_errors(problems, ours.lang)
    with refusing(ours.lang):
        key = key_beside(path)
    returned = []
    for each in paths:
        on_step(Text("读取交回的表", "reading the forms"))
        form, found = read_return(each, key, appraisal.scheme)
        problems += found
        if form is not None:
            problems += of_this_period(form, appraisal.period.code, appraisal.scheme.settings.scheme)
            returned.append(form)
    tables, answers, found = collected(appraisal, returned, ours.lang)
    problems += found
    refuse_errors(problems, ours.lang)
    on_step(Text("写入", "writing"))
    written = store.change(
        looked_at_in_full(*tables),
        lambda workbook: fill_inputs(workbook, tables, ours.lang),
        Path(output) if output is not None else None,
    )
    return CollectResult(tuple(in_order(problems)), ours.lang, written, len(returned), answers)
