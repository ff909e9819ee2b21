"""Writes the output tables of a run as CSV files, for other programs to read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from xlperf.core.problems import Lang, Problem, Text, in_order
from xlperf.workflows.appraise_book import graded, output_sheets
from xlperf.workflows.result import OnStep, Refused, Result, no_step, refusing, workflow
from xlperf.workflows.store import BookOrPath, store_of


@dataclass(frozen=True)
class ExportResult(Result):
    """The files were written, one for each output table that has something to show."""


@workflow
def export(
    book: BookOrPath,
    folder: str | Path,
    *,
    period: str | None = None,
    bom: bool = True,
    lang: Lang | None = None,
    on_step: OnStep = no_step,
) -> ExportResult:
    """Write every output table as a CSV file: what a run would write into the workbook now, which stays as it is.

    Parameters
    ----------
    book : the file, or a workbook that is open in Excel
    folder : where the files are written, each named like its sheet; it is made if need be, other files in it stay
    period : such as ``2026-10``; the one on Home, if none is given
    bom : whether each file begins with the mark by which Excel knows UTF-8
    lang : of headings, words and file names; that of the workbook, if none is given
    on_step : called with a sentence at each step

    Returns
    -------
    ExportResult; Refusal where there are no results, or a file cannot be written.
    """
    from xlperf.workbook.write.csv_tables import csv_files
    from xlperf.xlsx.atomic_save import write_atomically

    target = Path(folder)
    ours, appraisal = graded(store_of(book), period, None, on_step)
    said = lang or ours.lang
    files = csv_files(output_sheets(ours, appraisal, said), appraisal.scheme, said, bom)
    on_step(Text("写入 CSV", "writing CSV"))
    if target.exists() and not target.is_dir():
        raise Refused([Problem("file-exists", details={"cell": target.name})], ours.lang)
    with refusing(ours.lang):
        target.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            write_atomically(content, target / name, keep_backup=False)
    return ExportResult(tuple(in_order(appraisal.problems)), ours.lang, tuple(target / name for name in files))
