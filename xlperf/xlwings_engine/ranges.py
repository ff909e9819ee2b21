"""A range of cells as macros meet it: with its values, its looks, and the ways to other ranges."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from openpyxl.comments import Comment
from openpyxl.worksheet.hyperlink import Hyperlink

from xlperf.xlwings_engine import copy_paste as copying
from xlperf.xlwings_engine import find as finding
from xlperf.xlwings_engine import insert_delete as moving
from xlperf.xlwings_engine.addresses import Place, quoted
from xlperf.xlwings_engine.formatting import Dressed
from xlperf.xlwings_engine.notes import AUTHOR, Note
from xlperf.xlwings_engine.validation import DataValidation
from xlperf.xlwings_engine.values import assign

if TYPE_CHECKING:
    from xlperf.xlwings_engine.tables import Table


class Range(Dressed):
    """A rectangle of cells of a sheet."""

    def __call__(self, arg1: int, arg2: int | None = None) -> Range:
        """Return a cell by its row and column in the range, from 1, or by its number, row by row."""
        if arg2 is None:
            row, column = divmod(arg1 - 1, self.place.width)
            return self(row + 1, column + 1)
        if arg1 == 0 or arg2 == 0:
            raise IndexError("Attempted to access 0-based Range. xlwings/Excel Ranges are 1-based.")
        row, column = self.row + arg1 - 1, self.column + arg2 - 1
        return Range(self.sheet, Place(row, column, row, column))

    @property
    def rows(self) -> Range:
        """The range itself, as rows."""
        return self

    @property
    def columns(self) -> Range:
        """The range itself, as columns."""
        return self

    # From one range to another --------------------------------------------------------------------------------------

    def get_address(self, row_absolute: bool, col_absolute: bool, external: bool) -> str:
        """Write the address, with book and sheet where it is for another book."""
        address = self.place.address(row_absolute, col_absolute)
        return f"{quoted(f'[{self.sheet.book.name}]{self.sheet.name}')}!{address}" if external else address

    @property
    def address(self) -> str:
        """The address, such as $A$1:$B$2."""
        return self.place.address()

    def end(self, direction: str) -> Range:
        """Return the cell that Ctrl and an arrow key lead to."""
        row, column = finding.end(self.worksheet, self.row, self.column, direction)
        return Range(self.sheet, Place(row, column, row, column))

    @property
    def current_region(self) -> Range:
        """The rectangle around that is bounded by empty rows and columns."""
        return Range(self.sheet, finding.region(self.worksheet, self.place))

    def get_special_cells(self, cell_type: str, value_type: str | None) -> list[Range]:
        """Return the rectangles of blank, constant, formula or visible cells."""
        used = self.place.within(self.sheet.used_range.place) if cell_type != "visible" else self.place
        places = finding.special(self.worksheet, used, cell_type, value_type) if used is not None else []
        return [Range(self.sheet, place) for place in places]

    def find(self, text: str, whole: bool, direction: str, order: str, match_case: bool) -> Range | None:
        """Return the first cell whose value shows a text."""
        used = self.place.within(self.sheet.used_range.place)
        if used is None:
            return None
        rows = Range(self.sheet, used).raw_value
        place = finding.find(rows, used, text, whole, direction, order, match_case)
        return Range(self.sheet, place) if place is not None else None

    def select(self) -> None:
        """Select the cells, on the sheet that is shown."""
        self.sheet.select_place(self.place)

    @property
    def name(self) -> Any:
        """The defined name that stands for exactly these cells, if any."""
        wanted = f"={self.sheet.name}!{self.address}".lower()
        known = self.sheet.book.names.known()
        return next((each for each in known if each.refers_to.lower().replace("'", "") == wanted), None)

    @name.setter
    def name(self, value: str) -> None:
        self.sheet.book.names.add(value, f"={quoted(self.sheet.name)}!{self.address}")

    @property
    def table(self) -> Table | None:
        """The table that the first cell belongs to, if any."""
        return next((each for each in self.sheet.tables if each.place.holds(self.row, self.column)), None)

    # Moving, merging, links and notes -----------------------------------------------------------------------------

    def insert(self, shift: str | None = None, copy_origin: str | None = None) -> None:
        """Insert whole rows or columns; whatever refers to cells behind them follows."""
        moving.insert(self.sheet.book, self.worksheet, self.place)

    def delete(self, shift: str | None = None) -> None:
        """Delete whole rows or columns; whatever refers to cells behind them follows."""
        moving.delete(self.sheet.book, self.worksheet, self.place)

    def copy(self, destination: Any = None) -> None:
        """Copy values, formulas and formats to another place, or remember them for ``paste``."""
        if destination is None:
            self.sheet.book.app.clipboard = self
        else:
            destination.impl.copy_from(self, "all", False, False)

    def paste(
        self, paste: str | None = None, operation: str | None = None, skip_blanks: bool = False, transpose: bool = False
    ) -> None:
        """Paste what was copied last."""
        if operation is not None or self.sheet.book.app.clipboard is None:
            raise NotImplementedError("arithmetic while pasting, and pasting what was not copied")
        self.copy_from(self.sheet.book.app.clipboard, paste or "all", skip_blanks, transpose)

    def copy_from(
        self, source_range: Any, copy_type: str = "all", skip_blanks: bool = False, transpose: bool = False
    ) -> None:
        """Copy from another range: all, values, formulas or formats."""
        source = getattr(source_range, "impl", source_range)
        copying.copy_cells(source, self, copy_type, skip_blanks, transpose)

    @property
    def merge_cells(self) -> bool | None:
        """Whether the cells are merged; None where some are."""
        touched = [each for each in self._merged() if each.within(self.place)]
        if not touched:
            return False
        return True if any(each.within(self.place) == self.place for each in touched) else None

    @property
    def merge_area(self) -> Range:
        """The merged cells that the first cell belongs to, else that cell."""
        found = (each for each in self._merged() if each.holds(self.row, self.column))
        one = Place(self.row, self.column, self.row, self.column)
        return Range(self.sheet, next(found, one))

    def _merged(self) -> Iterator[Place]:
        for each in self.worksheet.merged_cells.ranges:
            yield Place(each.min_row, each.min_col, each.max_row, each.max_col)

    def merge(self, across: bool) -> None:
        """Merge the cells into one, or those of each row."""
        lines = [self.place._replace(top=row, bottom=row) for row in range(self.place.top, self.place.bottom + 1)]
        for place in lines if across else [self.place]:
            if len(Range(self.sheet, place)) > 1:
                self.worksheet.merge_cells(place.address(False, False))

    def unmerge(self) -> None:
        """Take merged cells apart."""
        for place in [each for each in self._merged() if each.within(self.place)]:
            self.worksheet.unmerge_cells(place.address(False, False))

    @property
    def hyperlink(self) -> str:
        """Where the cell leads to."""
        link = self.cell.hyperlink
        if link is None:
            raise Exception("The cell doesn't seem to contain a hyperlink!")
        return str(link.target or "") + (f"#{link.location}" if link.location else "")

    def add_hyperlink(self, address: str, text_to_display: str | None = None, screen_tip: str | None = None) -> None:
        """Let the cell lead to an address; what follows a # is a place in the workbook."""
        target, _, location = address.partition("#")
        cell = self.cell
        assign(cell, text_to_display)
        link = Hyperlink(ref=cell.coordinate, target=target or None, location=location or None, tooltip=screen_tip)
        cell._hyperlink = link

    @property
    def data_validation(self) -> DataValidation:
        """What may be typed into the cells."""
        return DataValidation(self)

    @property
    def note(self) -> Note | None:
        """The note on the first cell."""
        return Note(self) if self.cell.comment is not None else None

    def add_note(self, text: str) -> Note:
        """Put a note on the cell."""
        self.cell.comment = Comment(text, AUTHOR)
        return Note(self)

    @property
    def comment(self) -> None:
        """Threaded comments are kept in the file and not shown here."""
