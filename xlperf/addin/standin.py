"""Lets the code that writes files write into a workbook that is open in Excel.

The sheets are written by openpyxl, but into a stand-in that has the sheets of the open workbook by name and only the
cells that somebody looks at. What is new or different in it afterwards is carried over through xlwings, in blocks.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openpyxl import Workbook
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.table import Table
from openpyxl.worksheet.worksheet import Worksheet

from xlperf.addin import sync_to_excel as carrying
from xlperf.schema import Sheet
from xlperf.workbook.read.headers import sheet_titled
from xlperf.workbook.write.home import NAMES
from xlperf.workbook.write.kept_layout import arrangement_of
from xlperf.xlsx.atomic_save import save_atomically
from xlperf.xlsx.formula import put

if TYPE_CHECKING:
    import xlwings as xw

WORDS = "Words"  # the hidden sheet of lists
COPY = "xlperf-new.xlsx"

Cells = dict[tuple[int, int], Any]


class StandIn:
    """A workbook of openpyxl that stands in for one that is open in Excel.

    Write into ``workbook`` as into any workbook of openpyxl, then ``carry`` what was written.

    Parameters
    ----------
    book : the open workbook
    looked_at : tells for a sheet of the layout how many rows of its cells are needed: 0 for all, None for none at all
    """

    def __init__(self, book: xw.Book, looked_at: Callable[[Sheet], int | None]) -> None:
        self.book, self.workbook = book, Workbook()
        self.workbook.remove(self.workbook.worksheets[0])
        self._before: dict[str, Cells] = {}
        for sheet in book.sheets:
            ws = self.workbook.create_sheet(sheet.name)
            kind = sheet_titled(sheet.name)
            rows = looked_at(kind) if kind is not None else 0 if sheet.name == WORDS else None
            if rows is not None:
                _fill(ws, sheet, rows)
            if rows == 0:
                self._before[sheet.name] = _values(ws)
        for name in NAMES:
            if name in book.names:
                _define(self.workbook, name, str(book.names[name].refers_to))
        self._old = {ws.title: ws for ws in self.workbook.worksheets}

    @property
    def written(self) -> set[str]:
        """The titles of the sheets that are written, or may be."""
        return {ws.title for ws in self.workbook.worksheets if self._old.get(ws.title) is not ws} | {*self._before}

    def carry(self) -> None:
        """Bring what was written into the open workbook."""
        app, shown = self.book.app, self.workbook.active
        with (
            app.properties(screen_updating=False, display_alerts=False),
            tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        ):
            if any(self._old.get(ws.title) is not ws for ws in self.workbook.worksheets):
                path = Path(folder) / COPY
                save_atomically(self.workbook, path, keep_backup=False)
                written = app.books.open(path)
                try:
                    self._carry_sheets(written)
                finally:
                    written.close()
            for title, before in self._before.items():
                if self._old[title] in self.workbook.worksheets:
                    carrying.change(self.book.sheets[title], self._old[title], before)
        self.book.activate()
        if isinstance(shown, Worksheet) and self._old.get(shown.title) is not shown:
            self.book.sheets[shown.title].activate()

    def _carry_sheets(self, written: xw.Book) -> None:
        """Add the sheets that are new, renew in their place those that were there, and let them know each other."""
        before: xw.Sheet | None = None
        first = self.book.sheets[0]
        live, sources = _by_title(self.book), _by_title(written)
        fresh = [ws for ws in self.workbook.worksheets if self._old.get(ws.title) is not ws]
        for ws in self.workbook.worksheets:
            if ws in fresh and ws.title in live:
                carrying.renew(live[ws.title], ws, sources[ws.title], arrangement_of(ws), _key_of(ws))
            elif ws in fresh:
                _copy(sources[ws.title], before, first)
                live[ws.title] = self.book.sheets[ws.title]
            before = live[ws.title]
        for ws in fresh:
            carrying.mend(live[ws.title], ws)


def _copy(source: xw.Sheet, after: xw.Sheet | None, first: xw.Sheet) -> None:
    """Copy a sheet behind another one, or before the first: in one call, where ``copy`` asks for all titles twice."""
    beside: Any = {"before": None, "after": after.impl} if after is not None else {"before": first.impl, "after": None}
    source.impl.copy(**beside)


def _by_title(book: xw.Book) -> dict[str, xw.Sheet]:
    return {sheet.name: sheet for sheet in book.sheets}


def _key_of(ws: Worksheet) -> Sequence[str]:
    sheet = sheet_titled(ws.title)
    return sheet.key if sheet is not None else ()


def _fill(ws: Worksheet, sheet: xw.Sheet, rows: int) -> None:
    """Copy the values, formulas and tables of a sheet, of the first rows only where a number of them is given."""
    used = sheet.used_range
    (height, width), top, left = used.shape, used.row, used.column
    if rows:
        height = min(height, max(rows - top + 1, 1))
    part = sheet.range((top, left), (top + height - 1, left + width - 1))
    formulas: Any = part.formula if (height, width) != (1, 1) else ((part.formula,),)
    values: list[list[Any]] = part.options(ndim=2, err_to_str=True).value
    for row, (line, texts) in enumerate(zip(values, formulas, strict=True), start=top):
        for column, (value, text) in enumerate(zip(line, texts, strict=True), start=left):
            if value is None and not text:
                continue
            cell: Any = ws.cell(row, column)
            if text.startswith("=") and text != value:
                cell.value = text
            else:
                put(cell, value)
    for table in sheet.tables:
        ws.tables[table.name] = Table(
            displayName=table.name, name=table.name, ref=table.range.get_address(False, False)
        )


def _values(ws: Worksheet) -> Cells:
    sheet: Any = ws
    cells: Mapping[tuple[int, int], Any] = sheet._cells
    return {place: cell.value for place, cell in cells.items() if cell.value is not None}


def _define(workbook: Workbook, name: str, refers_to: str) -> None:
    workbook.defined_names[name] = DefinedName(name, attr_text=refers_to.removeprefix("="))
