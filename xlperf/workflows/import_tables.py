"""Brings foreign workbooks and CSV files into the input sheets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from xlperf.core.problems import Problem, in_order
from xlperf.workflows.result import Result, refuse_errors, workflow
from xlperf.workflows.sheet_catalogue import sheet_named
from xlperf.workflows.store import BookOrPath, read_from, store_of

if TYPE_CHECKING:
    from xlperf.workbook.read.import_results import FileSummary
    from xlperf.workbook.write.preview import TablePreview


@dataclass(frozen=True)
class ImportResult(Result):
    """What became of each table of the files; for a dry run, also the cells that it would write."""

    summaries: tuple[FileSummary, ...]
    previews: tuple[TablePreview, ...] = ()


@workflow
def import_files(
    book: BookOrPath,
    files: Sequence[str | Path],
    output: str | Path | None = None,
    *,
    sheet: str | None = None,
    headings: Mapping[str, str] | None = None,
    words: Mapping[str, str] | None = None,
    encoding: str | None = None,
    separator: str | None = None,
    dry_run: bool = False,
    list_words: bool = False,
) -> ImportResult:
    """Bring foreign workbooks and CSV files into the input sheets of a workbook.

    Parameters
    ----------
    book : the file, or a workbook that is open in Excel
    files : CSV files and workbooks
    output : another file to write; the workbook itself, if none is given
    sheet : the sheet that they belong to, by code or title; found out from their headings, if none is given
    headings : for columns of ours the headings of theirs, where they are not alike
    words : for words of theirs in columns of codes and choices those of ours; they are kept on the Foreign words sheet
    encoding : of text files, where their contents do not decide
    separator : of text files: one sign, or comma, semicolon, tab, pipe
    dry_run : return what would be written, with its cells, and write nothing
    list_words : add the words that nothing explains to the Foreign words sheet, for HR to complete, and no rows; where
        all are explained, import as usual

    Returns
    -------
    ImportResult; Refusal where a file cannot be read, or it is not clear what belongs where.
    """
    from xlperf.workbook.read import importing
    from xlperf.workbook.read.import_results import Imported
    from xlperf.workbook.write.preview import preview
    from xlperf.workbook.write.scheme_workbook import fill_inputs
    from xlperf.workbook.write.update import looked_at_in_full

    store = store_of(book)
    ours = read_from(store)
    code = sheet_named(sheet, ours.lang).code if sheet is not None else None
    paths = [Path(each) for each in files]
    imported = importing.import_files(
        ours, paths, code, dict(headings or {}), words=words, encoding=encoding, separator=separator
    )
    lacking = imported.to_complete if list_words else None
    if lacking is not None:
        new = lacking.frame.iloc[len(ours.scheme.table("foreign_words")) :]
        listed = Problem("words-listed", lacking.title, details={"words": new["word"].tolist()})
        imported = Imported({lacking.sheet.code: lacking}, [], [listed])
    refuse_errors(imported.problems, ours.lang)
    if dry_run:
        shown = tuple(preview(ours, imported))
        return ImportResult(tuple(in_order(imported.problems)), ours.lang, (), tuple(imported.done), shown)
    written = store.change(
        looked_at_in_full(*imported.tables),
        lambda workbook: fill_inputs(workbook, imported.tables, ours.lang),
        Path(output) if output is not None else None,
    )
    return ImportResult(tuple(in_order(imported.problems)), ours.lang, written, tuple(imported.done))
