"""A sheet of openpyxl whose many cells are kept as columns of values, and written as a whole rather than one by one."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
from lxml import etree  # type: ignore[import-untyped]
from openpyxl.cell import Cell
from openpyxl.cell._writer import etree_write_cell
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.comments.comment_sheet import CommentRecord
from openpyxl.drawing.spreadsheet_drawing import SpreadsheetDrawing
from openpyxl.styles.cell_style import StyleArray
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import MAC_EPOCH, to_excel
from openpyxl.workbook import Workbook
from openpyxl.worksheet._writer import WorksheetWriter
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter
from openpyxl.xml.functions import Element, SubElement

from xlperf.xlsx.formula import Formula, put, results_of
from xlperf.xlsx.package.cell_xml import content, spelt_text, text_xml
from xlperf.xlsx.package.sheet_xml import Row

StyleOf = Callable[[int], int]


@dataclass(frozen=True)
class CellColumn:
    """Cells of one column: the row, the value, the number of the format and the place that is linked to of each."""

    number: int
    rows: Sequence[int]
    values: Sequence[Any]
    styles: Sequence[int]
    links: Sequence[str | None] | None = None


class ColumnSheet(Worksheet):
    """A sheet that is written on by whole columns, and by single cells as any sheet of openpyxl.

    Whoever looks at its cells as at those of any sheet finds those of the columns too: they are made then. Only
    ``written_rows`` and ``links`` tell what is on it without making them.

    Examples
    --------
    >>> workbook = Workbook()
    >>> sheet = add_column_sheet(workbook, "Results", 1)
    >>> sheet["A1"] = "Total"
    >>> sheet.write_column(CellColumn(1, [2, 3], [80.5, "=x"], [0, 0]))
    >>> [row.raw for row in sheet.written_rows(lambda number: number)][1:]
    ['<c r="A2" t="n"><v>80.5</v></c>', '<c r="A3" t="inlineStr"><is><t>=x</t></is></c>']
    >>> sheet["A3"].value
    '=x'
    """

    def __init__(self, parent: Any, title: str | None = None) -> None:
        self._columns: list[CellColumn] = []
        self._current_row = 0
        self._taken: dict[int, set[int]] = defaultdict(set)  # the rows of each column that the columns fill
        self._single: dict[tuple[int, int], Any] = {}
        super().__init__(parent, title)

    def write_column(self, column: CellColumn) -> None:
        """Write the cells of a column; none of them may have been written before."""
        if len(column.rows):
            self._columns.append(column)
            self._current_row = max(max(column.rows), self._current_row)
            self._taken[column.number].update(column.rows)

    @property
    def _cells(self) -> dict[tuple[int, int], Any]:
        self._make_cells()
        return self._single

    @_cells.setter
    def _cells(self, cells: dict[tuple[int, int], Any]) -> None:
        self._single = cells

    def _get_cell(self, row: int, column: int) -> Any:
        if (row, column) not in self._single:
            if self._columns and row in self._taken[column]:
                self._make_cells()
            else:
                self._single[row, column] = Cell(self, row=row, column=column)
                self._current_row = max(row, self._current_row)
        return self._single[row, column]

    def _make_cells(self) -> None:
        formats: Any = self.parent
        columns, self._columns = self._columns, []
        for column in columns:
            links = column.links or [None] * len(column.rows)
            for row, value, style, target in zip(column.rows, column.values, column.styles, links, strict=True):
                cell: Any = self._get_cell(row, column.number)
                put(cell, value)
                cell._style = StyleArray(formats._cell_styles[style])
                if target is not None:
                    cell.hyperlink = Hyperlink(ref=cell.coordinate, location=target)

    @property
    def single_cells(self) -> Mapping[tuple[int, int], Any]:
        """The cells that were written one by one."""
        return self._single

    def extent(self) -> tuple[int, int, int, int]:
        """Return the area of the cells: left, top, right, bottom."""
        rows = [row for row, _ in self._single]
        columns = [column for _, column in self._single]
        for each in self._columns:
            rows += [min(each.rows), max(each.rows)]
            columns.append(each.number)
        return (min(columns), min(rows), max(columns), max(rows)) if rows else (1, 1, 1, 1)

    min_column = property(lambda self: self.extent()[0])
    min_row = property(lambda self: self.extent()[1])
    max_column = property(lambda self: self.extent()[2])
    max_row = property(lambda self: self.extent()[3])

    def calculate_dimension(self) -> str:
        """Return the area of the cells as an address."""
        left, top, right, bottom = self.extent()
        return f"{get_column_letter(left)}{top}:{get_column_letter(right)}{bottom}"

    def formula_results(self) -> dict[str, object]:
        """Return the results of the formulas by the address of the cell."""
        found = results_of(self, self._single)
        for each in self._columns:
            letter = get_column_letter(each.number)
            found |= {
                f"{letter}{row}": value.value
                for row, value in zip(each.rows, each.values, strict=True)
                if isinstance(value, Formula)
            }
        return found

    def links(self) -> list[tuple[str, str]]:
        """Return the cells that lead to a place in the workbook, with that place, row by row."""
        found = {place: cell.hyperlink.location for place, cell in self._single.items() if cell.hyperlink is not None}
        for each in self._columns:
            if each.links is not None:
                found |= {(row, each.number): to for row, to in zip(each.rows, each.links, strict=True) if to}
        return [(f"{get_column_letter(column)}{row}", to) for (row, column), to in sorted(found.items())]

    # Rows ---------------------------------------------------------------------------------------------------------

    def written_rows(self, style_of: StyleOf) -> list[Row]:
        """Return the rows as XML.

        Parameters
        ----------
        style_of : returns the number that a format has in the workbook which the rows are for
        """
        workbook: Any = self.parent
        epoch = workbook.epoch
        inner: list[str] = []
        places: list[np.ndarray] = []
        styles: list[np.ndarray] = []
        texts: dict[str, str] = {}
        for each in self._columns:
            places.append(np.column_stack((each.rows, np.full(len(each.rows), each.number))))
            styles.append(np.asarray(each.styles, dtype=np.int64))
            inner += [_inner(value, texts, epoch) for value in each.values]
        shown = [each for each in self._single.items() if _is_written(each[1])]
        if shown:
            formulas = results_of(self, self._single)
            places.append(np.array([place for place, _ in shown]))
            styles.append(np.array([cell.style_id if cell.has_style else 0 for _, cell in shown], dtype=np.int64))
            inner += [_inner_of(cell, formulas, texts, epoch) for _, cell in shown]
        made = _joined(np.concatenate(places), np.concatenate(styles), inner, style_of) if places else {}
        numbers = sorted({*made, *(number for number, each in self.row_dimensions.items() if dict(each))})
        return [Row(number, self._attributes(number, style_of), made.get(number, "")) for number in numbers]

    def _attributes(self, number: int, style_of: StyleOf) -> str:
        found = self.row_dimensions.get(number)
        attributes = {"r": str(number), **(dict(found) if found is not None else {})}
        if "s" in attributes:
            if "customFormat" in attributes:
                attributes["s"] = str(style_of(int(attributes["s"])))
            else:
                del attributes["s"]  # a format that does not apply
        return "".join(f' {name}="{value}"' for name, value in attributes.items())


def add_column_sheet(workbook: Workbook, title: str, position: int) -> ColumnSheet:
    """Add an empty sheet to a workbook and return it."""
    sheet = ColumnSheet(workbook, title)
    sheets: Any = workbook
    sheets._add_sheet(sheet, position)
    return sheet


def single_cells(sheet: Any) -> Mapping[tuple[int, int], Any]:
    """Return the cells of a sheet that were written one by one: all of them, where it has no columns."""
    return sheet.single_cells if isinstance(sheet, ColumnSheet) else sheet._cells


def _joined(places: np.ndarray, styles: np.ndarray, inner: list[str], style_of: StyleOf) -> dict[int, str]:
    """Return the cells of each row, in the order of the columns."""
    order = np.lexsort((places[:, 1], places[:, 0]))
    rows, columns, styles = places[order, 0], places[order, 1], styles[order]
    used, first = np.unique(styles, return_index=True)
    in_order = used[np.argsort(first)].tolist()  # so that formats are entered in the order in which cells need them
    styled = {number: f' s="{style_of(number)}"' if number else "" for number in in_order}
    letters = {number: get_column_letter(number) for number in np.unique(columns).tolist()}
    cells = [
        f'<c r="{letters[column]}{row}"{styled[style]}{inner[at]}'
        for row, column, style, at in zip(rows.tolist(), columns.tolist(), styles.tolist(), order.tolist(), strict=True)
    ]
    starts = [0, *(np.flatnonzero(np.diff(rows)) + 1).tolist(), len(cells)]
    return {int(rows[start]): "".join(cells[start:end]) for start, end in pairwise(starts) if end}


def _is_written(cell: Any) -> bool:
    return cell._value is not None or cell.has_style or cell._comment is not None


def _inner_of(cell: Any, formulas: Mapping[str, object], texts: dict[str, str], epoch: datetime) -> str:
    """Return what follows the format of a cell that was written by itself."""
    value = cell._value
    if cell.data_type == "f":
        if isinstance(value, str):
            return _inner(Formula(value[1:], formulas.get(cell.coordinate)), texts, epoch)
        return _written_by_openpyxl(cell)
    if cell.data_type == "e" or (cell.data_type == "s" and not isinstance(value, str)):
        return _written_by_openpyxl(cell)
    return _inner(value, texts, epoch)


def _inner(value: Any, texts: dict[str, str], epoch: datetime) -> str:
    """Return what follows the format of a cell: its type, and what it holds."""
    if value is None or value != value:  # nothing was measured
        return ' t="n"/>'
    if isinstance(value, str):
        found = texts.get(value)
        if found is None:
            kept = ' xml:space="preserve"' if value != value.strip() else ""
            found = f' t="inlineStr"><is><t{kept}>{text_xml(value)}</t></is></c>' if value else ' t="inlineStr"/>'
            texts[value] = found
        return found
    if isinstance(value, bool):
        return f' t="b"><v>{value:d}</v></c>'
    if isinstance(value, (datetime, date, time, timedelta)):
        value = to_excel(value, epoch)  # type: ignore[no-untyped-call]
    elif isinstance(value, Formula):
        kind, inside = content(value, mac_dates=epoch == MAC_EPOCH)
        return f"{f' t={chr(34)}{kind}{chr(34)}' if kind else ''}>{inside}</c>"
    return f' t="n"><v>{value:.16g}</v></c>' if math.isfinite(value) else ' t="n"/>'


def _written_by_openpyxl(cell: Any) -> str:
    """Return what follows the format of a cell with several formats, or with a formula of many cells."""
    held: list[Any] = []

    class Holder:
        write = staticmethod(held.append)

    if isinstance(value := cell._value, CellRichText):
        cell._value = spelt_rich_text(value)
    etree_write_cell(Holder, cell.parent, cell, False)
    cell._value = value
    element = held[0]
    kind = f' t="{element.get("t")}"' if element.get("t") else ""
    return f"{kind}>{''.join(etree.tostring(each, encoding='unicode') for each in element)}</c>"


def spelt_rich_text(value: CellRichText) -> CellRichText:
    """Return a text in several formats as a file spells it; see :func:`xlperf.xlsx.package.cell_xml.spelt_text`."""
    spelt = (
        TextBlock(run.font, spelt_text(run.text)) if isinstance(run, TextBlock) else spelt_text(run) for run in value
    )
    return CellRichText(*spelt)


# What openpyxl writes around the rows -----------------------------------------------------------------------------


class FrameWriter(ExcelWriter):
    """Writes a workbook of openpyxl, its column sheets without their rows."""

    _archive: Any

    def write_worksheet(self, ws: Any) -> None:
        """Write a sheet, and everything but the rows of a column sheet."""
        if not isinstance(ws, ColumnSheet):
            super().write_worksheet(ws)
            return
        sheet: Any = ws
        sheet._drawing = SpreadsheetDrawing()
        sheet._drawing.charts, sheet._drawing.images = sheet._charts, sheet._images
        writer = _SheetFrameWriter(sheet)
        writer.write()
        sheet._rels = writer._rels
        self._archive.write(writer.out, ws.path[1:])
        self.manifest.append(ws)
        writer.cleanup()


class _SheetFrameWriter(WorksheetWriter):
    ws: Any
    _rels: Any

    def rows(self) -> list[Any]:
        for _, cell in sorted(self.ws.single_cells.items()):
            if cell._comment is not None:
                self.ws._comments.append(CommentRecord.from_cell(cell))
            _ = cell.style_id  # enters the format of the cell among those that are written
        return []

    def write_hyperlinks(self) -> None:
        links = self.ws.links()
        if links:
            listed = Element("hyperlinks")
            for ref, location in links:
                SubElement(listed, "hyperlink", {"ref": ref, "location": location})
            self.xf.send(listed)
