"""Tells where an import would write: the first new value of each column, with its cell in the file and on our sheet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from xlperf.core.problems import Lang, Text, has_errors
from xlperf.workbook.read.book import Book
from xlperf.workbook.read.import_results import FileSummary, Imported
from xlperf.workbook.write.fill_rows import cells_of_records
from xlperf.workbook.write.scheme_workbook import fill_inputs
from xlperf.workbook.write.table_sheet import sheet_in


class ColumnPreview(NamedTuple):
    """One column of a file: its heading, what it was taken for, and the first new value, with cells of both sides.

    The cell of the workbook is empty where nothing of the column is new, or where a problem forbids to write.
    """

    heading: str
    heading_cell: str
    column: Text
    value: str
    source: str
    target: str


class TablePreview(NamedTuple):
    """One table of a file: what became of it, and its columns."""

    summary: FileSummary
    columns: tuple[ColumnPreview, ...]

    def in_words(self, lang: Lang) -> str:
        """Return the preview as the paragraph of its summary and one line for each column."""
        lines = [self.summary.in_words(lang)]
        for each in self.columns:
            heading = f"{each.heading_cell} {each.heading}".strip() or "–"
            value = f"{each.source} {each.value} → {each.target}" if each.value else "–"
            lines.append(f"  {heading} → {each.column(lang)}: {value}")
        return "\n".join(lines)

    def as_dict(self, lang: Lang) -> dict[str, Any]:
        """Return the preview as plain words and numbers."""
        columns = [each._asdict() | {"column": each.column(lang)} for each in self.columns]
        return self.summary.as_dict(lang) | {"columns": columns}


def preview(book: Book, imported: Imported) -> list[TablePreview]:
    """Return what an import understood and where it would write, without writing.

    The rows are put into a copy of the workbook in memory by the code that writes them, so that the cells are those
    that an import fills. A workbook that is only in memory gives no cells of its own.
    """
    places: dict[str, tuple[list[int], dict[str, int], str]] = {}
    if not has_errors(imported.problems) and book.path.is_file():
        workbook = load_workbook(book.path, rich_text=True)
        fill_inputs(workbook, imported.tables, book.lang)
        for code, table in imported.tables.items():
            if (ws := sheet_in(workbook, code)) is not None:
                places[code] = *cells_of_records(ws, table.sheet), ws.title
    return [TablePreview(each, tuple(_columns(each, places.get(each.code)))) for each in imported.done]


def _columns(summary: FileSummary, place: tuple[Sequence[int], dict[str, int], str] | None) -> list[ColumnPreview]:
    found = []
    for each in summary.columns:
        target = ""
        if place and each.value and summary.first_new is not None and each.code in place[1]:
            rows, numbers, title = place
            target = f"{title}!{get_column_letter(numbers[each.code])}{rows[summary.first_new]}"
        found.append(ColumnPreview(each.heading, each.heading_cell, each.name, each.value, each.cell, target))
    return found
