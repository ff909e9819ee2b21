"""A block of cells: its values and formulas, read and written at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, cast

from openpyxl.cell import Cell, MergedCell
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.formula import ArrayFormula
from xlwings import base_classes

from xlperf.xlwings_engine.addresses import LAST_COLUMN, LAST_ROW, Place, place_of
from xlperf.xlwings_engine.cells import AnyCell, AnySheet, Styles, cell_at, used_place, wipe_formats
from xlperf.xlwings_engine.values import assign, formula_text, raw, translated

if TYPE_CHECKING:
    from xlperf.xlwings_engine.sheet import Sheet

Rows = list[list[Any]]


class Block(base_classes.Range):
    """A rectangle of cells of a sheet, and what stands in them."""

    options: Any = None

    def __init__(self, sheet: Sheet, place: Place) -> None:
        if place.bottom > LAST_ROW or place.right > LAST_COLUMN or place.top < 1 or place.left < 1:
            raise IndexError(f"{place} lies outside the sheet")
        self.sheet, self.place = sheet, place

    @property
    def worksheet(self) -> AnySheet:
        """The openpyxl worksheet."""
        return self.sheet.worksheet

    @property
    def api(self) -> CellRange:
        """The range as openpyxl describes one."""
        top, left, bottom, right = self.place
        return CellRange(min_row=top, min_col=left, max_row=bottom, max_col=right, title=self.worksheet.title)

    @property
    def cell(self) -> AnyCell:
        """The openpyxl cell at the top left."""
        return cell_at(self.worksheet, self.place.top, self.place.left)

    @property
    def coords(self) -> tuple[Any, int, int, int, int]:
        """The worksheet, the first row and column, and the numbers of rows and columns."""
        return self.worksheet, self.row, self.column, *self.shape

    @property
    def row(self) -> int:
        """The first row."""
        return self.place.top

    @property
    def column(self) -> int:
        """The first column."""
        return self.place.left

    @property
    def shape(self) -> tuple[int, int]:
        """The numbers of rows and columns."""
        return self.place.height, self.place.width

    @property
    def max_cells_per_read(self) -> None:
        """Any number of cells is read at once."""

    @property
    def max_cells_per_write(self) -> None:
        """Any number of cells is written at once."""

    def __len__(self) -> int:
        return self.place.height * self.place.width

    # Values -------------------------------------------------------------------------------------------------------

    @property
    def raw_value(self) -> Rows:
        """The values, always as rows of cells."""
        stored = self.sheet.book.stored
        return self._read(lambda cell: raw(cell, stored), None)

    @raw_value.setter
    def raw_value(self, data: Any) -> None:
        self._write(data, assign)

    def _read(self, of: Callable[[AnyCell], Any], nothing: Any) -> Rows:
        cells, (top, left, bottom, right) = self.worksheet._cells, self.place
        lines = range(left, right + 1)
        if len(self) > len(cells):
            return self._read_sparsely(of, nothing)
        return [
            [of(cell) if (cell := cells.get((row, column))) is not None else nothing for column in lines]
            for row in range(top, bottom + 1)
        ]

    def _read_sparsely(self, of: Callable[[AnyCell], Any], nothing: Any) -> Rows:
        """Read a range that is larger than what the sheet holds, such as whole columns."""
        top, left, _, width = self.place.top, self.place.left, self.place.bottom, self.place.width
        rows = [[nothing] * width for _ in range(self.place.height)]
        for (row, column), cell in self.worksheet._cells.items():
            if self.place.holds(row, column):
                rows[row - top][column - left] = of(cell)
        return rows

    def _write(self, data: Any, give: Callable[[AnyCell, Any], None]) -> None:
        """Give every cell its value; a single one goes into all cells, and a formula is filled like in Excel."""
        if not isinstance(data, (list, tuple)):
            self._fill(data, give)
            return
        rows = data if data and isinstance(data[0], (list, tuple)) else [data]
        cells, worksheet, styles = self.worksheet._cells, self.worksheet, Styles(self.worksheet)
        for row, values in enumerate(cast("Sequence[Sequence[Any]]", rows), start=self.row):
            for column, value in enumerate(values, start=self.column):
                cell = cells.get((row, column))
                if cell is None:
                    if value is None or value == "":
                        continue
                    cells[row, column] = cell = Cell(worksheet, row, column, style_array=styles.at(row, column))
                if not isinstance(cell, MergedCell):
                    give(cell, None if value == "" else value)

    def _fill(self, value: Any, give: Callable[[AnyCell, Any], None]) -> None:
        if isinstance(value, str) and value.startswith("=") and len(self) > 1:
            origin, lines = (self.row, self.column), range(self.place.left, self.place.right + 1)
            filled = range(self.place.top, self.place.bottom + 1)
            self._write([[translated(value, origin, (row, column)) for column in lines] for row in filled], give)
        else:
            self._write([[value] * self.place.width] * self.place.height, give)

    @property
    def formula(self) -> Any:
        """The formulas, and constants as text: one text for one cell, else rows of them."""
        rows = self._read(formula_text, "")
        return rows[0][0] if len(self) == 1 else tuple(tuple(row) for row in rows)

    @formula.setter
    def formula(self, value: Any) -> None:
        self._write(value, assign)

    @property
    def formula2(self) -> Any:
        """The formulas; where they spill to is for Excel to find out."""
        return self.formula

    @formula2.setter
    def formula2(self, value: Any) -> None:
        self.formula = value

    @property
    def formula_array(self) -> str | None:
        """The array formula of the range, else the formula of its one cell."""
        value = self.cell.value
        if isinstance(value, ArrayFormula):
            return value.text
        return formula_text(self.cell) or None if len(self) == 1 else None

    @formula_array.setter
    def formula_array(self, value: str) -> None:
        self.clear_contents()
        self.cell.value = ArrayFormula(self.place.address(False, False), value)

    @property
    def has_array(self) -> bool:
        """Whether the cells belong to an array formula."""
        arrays = (each.value for each in self.worksheet._cells.values() if isinstance(each.value, ArrayFormula))
        return any(place.within(self.place) == self.place for each in arrays if (place := place_of(each.ref)))

    def clear_contents(self) -> None:
        """Remove values and formulas; formats stay."""
        for cell in self._existing():
            cell.value = None

    def clear_formats(self) -> None:
        """Remove formats; values stay."""
        for cell in self._existing():
            wipe_formats(cell)

    def clear(self) -> None:
        """Remove values, formulas, formats, notes and links."""
        for cell in self._existing():
            cell.value = None
            wipe_formats(cell)
            cell._hyperlink = None
            if cell._comment is not None:
                cell.comment = None

    def _existing(self) -> Iterator[AnyCell]:
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

    def _all(self) -> Iterator[AnyCell]:
        """Yield every cell, made where there was none; whole rows and columns as far as the sheet is used."""
        place = self._used()
        styles = Styles(self.worksheet)
        for row, column in place.cells():
            cell = cell_at(self.worksheet, row, column, styles)
            if not isinstance(cell, MergedCell):
                yield cell

    def _used(self) -> Place:
        if not (self.place.whole_rows or self.place.whole_columns):
            return self.place
        used = used_place(self.worksheet)
        return self.place.within(used._replace(top=1, left=1)) or self.place._replace(
            bottom=self.place.top, right=self.place.left
        )
