"""Single cells of openpyxl: found or made, with the formats that Excel would give a new one."""

from __future__ import annotations

from copy import copy
from typing import Any

from openpyxl.cell import Cell
from openpyxl.styles.cell_style import StyleArray
from openpyxl.utils import column_index_from_string

from xlperf.xlwings_engine.addresses import Place

AnyCell = Any  # openpyxl's cells and sheets: their types do not tell the members that make whole blocks fast
AnySheet = Any
PLAIN = StyleArray()


class Styles:
    """The styles that cells without one of their own have: that of their row, else that of their column."""

    def __init__(self, worksheet: AnySheet) -> None:
        self._worksheet = worksheet
        self._rows = {
            number: dimension._style
            for number, dimension in worksheet.row_dimensions.items()
            if dimension._style is not None and dimension._style != PLAIN
        }
        self._columns = {
            number: dimension._style
            for letter, dimension in worksheet.column_dimensions.items()
            if dimension._style is not None and dimension._style != PLAIN
            for number in _numbers(letter, dimension)
        }

    def at(self, row: int, column: int) -> StyleArray | None:
        """Return the style of a new cell."""
        style = self._rows.get(row) or self._columns.get(column)
        return copy(style) if style is not None else None

    def example(self, row: int, column: int) -> AnyCell:
        """Return a cell formatted like a new one, without putting it on the sheet."""
        return Cell(self._worksheet, row, column, style_array=self.at(row, column))


def _numbers(letter: str, dimension: Any) -> range:
    first = dimension.min or column_index_from_string(letter)
    return range(first, (dimension.max or first) + 1)


def cell_at(worksheet: AnySheet, row: int, column: int, styles: Styles | None = None) -> AnyCell:
    """Return a cell, made with the formats of its row or column where there was none."""
    cell = worksheet._cells.get((row, column))
    if cell is None:
        style = (styles or Styles(worksheet)).at(row, column)
        cell = worksheet._cells[row, column] = Cell(worksheet, row, column, style_array=style)
    return cell


def wipe_formats(cell: AnyCell) -> None:
    """Remove the formats of a cell."""
    cell._style = StyleArray()


def wipe_cell(cell: AnyCell) -> None:
    """Take everything from a cell: its value, its formats, its link and its note."""
    cell.value, cell._hyperlink = None, None
    wipe_formats(cell)
    if cell._comment is not None:
        cell.comment = None


def used_place(worksheet: AnySheet) -> Place:
    """Return the smallest rectangle that holds every cell with a value or a format; A1 on an empty sheet.

    >>> from openpyxl import Workbook
    >>> worksheet = Workbook().active
    >>> worksheet["C2"] = worksheet["D7"] = 1
    >>> used_place(worksheet)
    Place(top=2, left=3, bottom=7, right=4)
    """
    used = worksheet._cells.keys()
    rows, columns = {row for row, _ in used} or {1}, {column for _, column in used} or {1}
    return Place(min(rows), min(columns), max(rows), max(columns))
