"""A rectangle of cells of a worksheet, read, written and formatted at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from copy import copy
from typing import Any, cast

from openpyxl.cell import Cell, MergedCell

from xlperf.xlwings_engine import sizes
from xlperf.xlwings_engine.addresses import LAST_COLUMN, LAST_ROW, Place
from xlperf.xlwings_engine.arrays import ArrayFormulas
from xlperf.xlwings_engine.cells import PLAIN, AnyCell, AnySheet, Styles, cell_at, used_place
from xlperf.xlwings_engine.formula_syntax import to_stored_formula, translate_formula
from xlperf.xlwings_engine.stored_values import StoredValues
from xlperf.xlwings_engine.values import read_value

Rows = list[list[Any]]


class Block:
    """The cells of a rectangle.

    Parameters
    ----------
    worksheet : the openpyxl worksheet
    place : the rectangle
    stored : the values of the formulas of the book
    arrays : the array formulas of the worksheet

    Raises
    ------
    IndexError
        Where the rectangle reaches over the edge of the sheet.

    Examples
    --------
    >>> from openpyxl import Workbook
    >>> workbook = Workbook()
    >>> worksheet = workbook.worksheets[0]
    >>> block = Block(worksheet, Place(1, 1, 2, 2), StoredValues(workbook, b""), ArrayFormulas(worksheet))
    >>> block.write([[1, None], ["x", 2]], lambda cell, value: setattr(cell, "value", value))
    >>> block.values()
    [[1.0, None], ['x', 2.0]]
    """

    def __init__(self, worksheet: AnySheet, place: Place, stored: StoredValues, arrays: ArrayFormulas) -> None:
        if place.bottom > LAST_ROW or place.right > LAST_COLUMN or place.top < 1 or place.left < 1:
            raise IndexError(f"{place} lies outside the sheet")
        self.worksheet, self.place, self.stored, self.arrays = worksheet, place, stored, arrays

    def __len__(self) -> int:
        return self.place.height * self.place.width

    @property
    def first(self) -> AnyCell:
        """The openpyxl cell at the top left, made where there was none."""
        return self.cell(1, 1)

    def cell(self, row: int, column: int) -> AnyCell:
        """Return an openpyxl cell by its row and column in the rectangle, from 1, made where there was none."""
        return cell_at(self.worksheet, self.place.top + row - 1, self.place.left + column - 1)

    def used(self) -> Place:
        """Return the rectangle; of whole rows and columns only what the sheet uses."""
        if not (self.place.whole_rows or self.place.whole_columns):
            return self.place
        used = used_place(self.worksheet)
        return self.place.within(used._replace(top=1, left=1)) or self.place._replace(
            bottom=self.place.top, right=self.place.left
        )

    def existing(self) -> Iterator[AnyCell]:
        """Yield the cells that the sheet holds, those hidden behind merged ones left out."""
        cells = self.worksheet._cells
        if len(self) > len(cells):
            yield from [
                cell for (row, column), cell in cells.items()
                if self.place.holds(row, column) and not isinstance(cell, MergedCell)
            ]  # fmt: skip
        else:
            found = (cells.get(place) for place in self.place.cells())
            yield from (cell for cell in found if cell is not None and not isinstance(cell, MergedCell))

    def all(self) -> Iterator[AnyCell]:
        """Yield every cell, made where there was none; whole rows and columns as far as the sheet is used."""
        styles = Styles(self.worksheet)
        for row, column in self.used().cells():
            cell = cell_at(self.worksheet, row, column, styles)
            if not isinstance(cell, MergedCell):
                yield cell

    # Contents -----------------------------------------------------------------------------------------------------

    def values(self) -> Rows:
        """Return rows of the values that Excel would answer; those of formulas as they are stored."""
        return self.read(lambda cell: read_value(cell, self.stored.value), None)

    def read(self, of: Callable[[AnyCell], Any], nothing: Any) -> Rows:
        """Return rows of what a function gives for each cell, and ``nothing`` where there is no cell."""
        cells, (top, left, bottom, right) = self.worksheet._cells, self.place
        lines = range(left, right + 1)
        if len(self) > len(cells):
            return self._read_sparsely(of, nothing)
        return [
            [of(cell) if (cell := cells.get((row, column))) is not None else nothing for column in lines]
            for row in range(top, bottom + 1)
        ]

    def _read_sparsely(self, of: Callable[[AnyCell], Any], nothing: Any) -> Rows:
        """Read a rectangle that is larger than what the sheet holds, such as whole columns."""
        top, left, _, _ = self.place
        rows = [[nothing] * self.place.width for _ in range(self.place.height)]
        for (row, column), cell in self.worksheet._cells.items():
            if self.place.holds(row, column):
                rows[row - top][column - left] = of(cell)
        return rows

    def write(self, data: Any, give: Callable[[AnyCell, Any], None]) -> None:
        """Give every cell its value; a single one goes into all cells, and a formula is filled like in Excel.

        Raises
        ------
        ValueError
            Where a part of an array formula would be written over.
        """
        if not isinstance(data, (list, tuple)):
            self._fill(data, give)
            return
        rows = data if data and isinstance(data[0], (list, tuple)) else [data]
        top, left, _, _ = self.place
        width = max(map(len, rows), default=0)
        self.arrays.prepare_change(Place(top, left, top + len(rows) - 1, left + width - 1))
        cells, worksheet, styles = self.worksheet._cells, self.worksheet, Styles(self.worksheet)
        for row, values in enumerate(cast("Sequence[Sequence[Any]]", rows), start=self.place.top):
            for column, value in enumerate(values, start=self.place.left):
                cell = cells.get((row, column))
                if cell is None:
                    if value is None or value == "":
                        continue
                    cells[row, column] = cell = Cell(worksheet, row, column, style_array=styles.at(row, column))
                if not isinstance(cell, MergedCell):
                    give(cell, None if value == "" else value)

    def clear(self, wipe: Callable[[AnyCell], None]) -> None:
        """Empty cells in a way of one's own.

        Raises
        ------
        ValueError
            Where a part of an array formula would be cleared.
        """
        self.arrays.prepare_change(self.place)
        for cell in self.existing():
            wipe(cell)

    def _fill(self, value: Any, give: Callable[[AnyCell, Any], None]) -> None:
        top, left, bottom, right = self.place
        if isinstance(value, str) and value.startswith("=") and len(self) > 1:
            lines, filled = range(left, right + 1), range(top, bottom + 1)
            formula = to_stored_formula(value)
            self.write(
                [[translate_formula(formula, (top, left), (row, column)) for column in lines] for row in filled], give
            )
        else:
            self.write([[value] * self.place.width] * self.place.height, give)

    # Formats ------------------------------------------------------------------------------------------------------

    def formats(self, of: Callable[[AnyCell], Any]) -> Iterator[Any]:
        """Yield what a property is for each cell; cells that do not exist look like their row or column."""
        cells, styles = self.worksheet._cells, Styles(self.worksheet)
        for row, column in self.used().cells():
            cell = cells.get((row, column))
            yield of(cell if cell is not None else styles.example(row, column))

    def format(self, change: Callable[[Any], None]) -> None:
        """Format every cell; whole columns and rows also where there is no cell yet."""
        if self.place.whole_columns:
            for number in range(self.place.left, self.place.right + 1):
                change(sizes.column_of(self.worksheet, number))
        elif self.place.whole_rows:
            for number in range(self.place.top, self.place.bottom + 1):
                change(self.worksheet.row_dimensions[number])
        by_style: dict[bytes, Any] = {}
        for cell in self.all():
            before = (cell._style or PLAIN).tobytes()
            if before not in by_style:
                change(cell)
                by_style[before] = cell._style
            else:
                cell._style = copy(by_style[before])

    def rows(self) -> range:
        """Return the numbers of its rows; of whole columns those that the sheet uses."""
        used = self.used() if self.place.whole_columns else self.place
        return range(used.top, used.bottom + 1)

    def columns(self) -> range:
        """Return the numbers of its columns; of whole rows those that the sheet uses."""
        used = self.used() if self.place.whole_rows else self.place
        return range(used.left, used.right + 1)
