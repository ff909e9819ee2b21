"""A worksheet: its cells by address, its place among the others, how it is shown and printed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from openpyxl.utils import get_column_letter
from xlwings import base_classes

from xlperf.xlwings_engine.addresses import LAST_COLUMN, LAST_ROW, Place, enclose_places, read_place, split_address
from xlperf.xlwings_engine.arrays import ArrayFormulas
from xlperf.xlwings_engine.cells import AnySheet, used_place
from xlperf.xlwings_engine.copy_paste import copy_sheet
from xlperf.xlwings_engine.drawings import Charts, Pictures, Shapes
from xlperf.xlwings_engine.interfaces import BookOwner
from xlperf.xlwings_engine.limits import check_title
from xlperf.xlwings_engine.names import Names
from xlperf.xlwings_engine.notes import Note
from xlperf.xlwings_engine.ranges import Range
from xlperf.xlwings_engine.references import retitle_sheet
from xlperf.xlwings_engine.tables import Tables, part_of_table

EVERYTHING = Place(1, 1, LAST_ROW, LAST_COLUMN)


class Sheet(base_classes.Sheet):
    """An openpyxl worksheet, and which of its cells are selected."""

    def __init__(self, book: BookOwner, worksheet: AnySheet) -> None:
        self._book, self.worksheet = book, worksheet
        self._selected: Place | None = None
        self.arrays = ArrayFormulas(worksheet)
        self.drawing_names: dict[int, str] = {}

    @property
    def book(self) -> BookOwner:
        """The book that it belongs to."""
        return self._book

    @property
    def api(self) -> AnySheet:
        """The openpyxl worksheet."""
        return self.worksheet

    @property
    def name(self) -> str:
        """The title."""
        return str(self.worksheet.title)

    @name.setter
    def name(self, value: str) -> None:
        others = [title for title in self.book.workbook.sheetnames if title != self.name]
        check_title(value, others)
        retitle_sheet(self.book.workbook, self.book.stored, self.name, value)
        if value.casefold() == self.name.casefold():  # openpyxl would take it for the title of another sheet
            self.worksheet.title = "\N{EN DASH}"
        self.worksheet.title = value

    @property
    def names(self) -> Names:
        """The names that belong to this sheet."""
        return Names(self.book, self.worksheet)

    @property
    def index(self) -> int:
        """The place among the worksheets, from 1."""
        return self.book.workbook.worksheets.index(self.worksheet) + 1

    # Cells --------------------------------------------------------------------------------------------------------

    def range(self, arg1: Any, arg2: Any = None) -> Range:
        """Return the cells between two corners: addresses, names, tables, pairs of numbers, or ranges."""
        if isinstance(arg1, int) and isinstance(arg2, int):
            arg1, arg2 = (arg1, arg2), None
        first = self._found(arg1)
        return first if arg2 is None else Range(first.sheet, enclose_places(first.place, self._found(arg2).place))

    def _found(self, corner: Any) -> Range:
        if isinstance(corner, Range):
            return corner
        if isinstance(corner, tuple):
            if 0 in corner:
                raise IndexError("Attempted to access 0-based Range. xlwings/Excel Ranges are 1-based.")
            row, column, *size = corner
            height, width = size or (1, 1)
            return Range(self, Place(row, column, row + height - 1, column + width - 1))
        place = read_place(corner)
        return Range(self, place) if place is not None else self._named(corner)

    def _named(self, word: str) -> Range:
        title, address = split_address(word)
        place = read_place(address)
        if title and place is not None:
            return Range(self.book.sheets(title), place)
        if (name := self.book.names.visible_from(self.worksheet, word)) is not None:
            return cast("Range", name.refers_to_range)
        found = part_of_table(self.book, word)
        if found is None:
            raise ValueError(f"'{word}' is neither an address nor a name")
        return found

    @property
    def cells(self) -> Range:
        """All cells of the sheet."""
        return Range(self, EVERYTHING)

    @property
    def used_range(self) -> Range:
        """The smallest rectangle that holds every cell with a value or a format."""
        return Range(self, used_place(self.worksheet))

    @property
    def selection(self) -> Range:
        """The cells selected, as the file says until others are."""
        if self._selected is None:
            view = self.worksheet.sheet_view
            first = str(view.selection[-1].sqref or "A1").split(" ")[0] if view.selection else "A1"
            self._selected = read_place(first) or Place(1, 1, 1, 1)
        return Range(self, self._selected)

    def select_place(self, place: Place) -> None:
        """Select cells."""
        self._selected = place
        for each in self.worksheet.sheet_view.selection:
            each.activeCell, each.sqref = f"{get_column_letter(place.left)}{place.top}", place.address(False, False)

    def clear_contents(self) -> None:
        """Remove all values."""
        self.used_range.clear_contents()

    def clear_formats(self) -> None:
        """Remove all formats."""
        self.used_range.clear_formats()

    def clear(self) -> None:
        """Remove all values and formats."""
        self.used_range.clear()

    def autofit(self, axis: str | None = None) -> None:
        """Fit columns, rows or both to what stands in them."""
        self.used_range.autofit(axis)

    # The sheet among the others -----------------------------------------------------------------------------------

    def activate(self) -> None:
        """Show the sheet, and select no other: Excel would type into all that are."""
        workbook = self.book.workbook
        workbook.active = workbook.index(self.worksheet)
        for each in workbook.worksheets:
            each.sheet_view.tabSelected = each is self.worksheet

    def select(self) -> None:
        """Show the sheet."""
        self.activate()

    def delete(self) -> None:
        """Remove the sheet, if it is not the only one."""
        if len(self.book.sheets) == 1:
            raise ValueError("A workbook must contain at least one sheet.")
        title = self.name
        self.book.workbook.remove(self.worksheet)
        retitle_sheet(self.book.workbook, self.book.stored, title, None)

    def copy(self, before: Sheet | None, after: Sheet | None) -> None:
        """Copy the sheet beside another one, of this book or of another that is open."""
        beside = before or after
        assert beside is not None
        workbook = beside.book.workbook
        taken = {each.title.lower() for each in workbook.worksheets}
        numbered = (f"{self.name} ({number})" for number in range(2, len(taken) + 3))
        title = next(each for each in (self.name, *numbered) if each.lower() not in taken)
        fresh: AnySheet = workbook.create_sheet(title)
        copy_sheet(self.worksheet, fresh, lambda old, new: beside.book.stored.adopt(new, self.book.stored.value(old)))
        fresh.sheet_view.tabSelected = False
        beside._place(fresh, before, after)

    def move(self, before: Sheet | None, after: Sheet | None) -> None:
        """Put the sheet before or after another one."""
        self._place(self.worksheet, before, after)

    def _place(self, worksheet: AnySheet, before: Sheet | None, after: Sheet | None) -> None:
        workbook: Any = self.book.workbook
        shown = workbook.active
        order = workbook._sheets
        order.remove(worksheet)
        beside = (before or after).worksheet  # type: ignore[union-attr]
        order.insert(order.index(beside) + (after is not None), worksheet)
        if shown is not None:
            workbook.active = workbook.index(shown)

    # How it is shown ----------------------------------------------------------------------------------------------

    @property
    def visible(self) -> bool:
        """Whether its tab is shown."""
        return bool(self.worksheet.sheet_state == "visible")

    @visible.setter
    def visible(self, value: bool) -> None:
        self.worksheet.sheet_state = "visible" if value else "hidden"

    @property
    def show_gridlines(self) -> bool:
        """Whether the lines between cells are shown."""
        return self.worksheet.sheet_view.showGridLines is not False

    @show_gridlines.setter
    def show_gridlines(self, value: bool) -> None:
        self.worksheet.sheet_view.showGridLines = bool(value)

    @property
    def freeze_panes(self) -> FreezePanes:
        """The rows and columns that stay in view."""
        return FreezePanes(self.worksheet)

    @property
    def page_setup(self) -> PageSetup:
        """What is printed."""
        return PageSetup(self.worksheet)

    # What lies on it ----------------------------------------------------------------------------------------------

    @property
    def notes(self) -> list[Note]:
        """The notes on cells, row by row."""
        noted = sorted(place for place, cell in self.worksheet._cells.items() if cell._comment is not None)
        return [Note(Range(self, Place(row, column, row, column))) for row, column in noted]

    @property
    def comments(self) -> Iterable[Any]:
        """Threaded comments are kept in the file and not shown here."""
        return []

    @property
    def tables(self) -> Tables:
        """The Excel tables."""
        return Tables(self)

    @property
    def pictures(self) -> Pictures:
        """The pictures."""
        return Pictures(self)

    @property
    def charts(self) -> Charts:
        """The charts."""
        return Charts(self)

    @property
    def shapes(self) -> Shapes:
        """Pictures and charts together; other shapes are kept in the file and not shown here."""
        return Shapes(self)


class FreezePanes(base_classes.FreezePanes):
    """The rows and columns that stay in view."""

    def __init__(self, worksheet: AnySheet) -> None:
        self._worksheet = worksheet

    def freeze_at(self, frozen_range: str) -> None:
        """Freeze the rows and columns of a range, all of the rows above and the columns to the left included."""
        place = read_place(frozen_range)
        if place is None:
            raise ValueError(f"'{frozen_range}' is not an address")
        row = 1 if place.whole_columns else place.bottom + 1
        column = 1 if place.whole_rows else place.right + 1
        self._worksheet.freeze_panes = f"{get_column_letter(column)}{row}"

    def unfreeze(self) -> None:
        """Let everything move."""
        self._worksheet.freeze_panes = None


class PageSetup(base_classes.PageSetup):
    """What is printed."""

    def __init__(self, worksheet: AnySheet) -> None:
        self._worksheet = worksheet

    @property
    def api(self) -> Any:
        """The page set-up as openpyxl keeps it."""
        return self._worksheet.page_setup

    @property
    def print_area(self) -> str | None:
        """The address that is printed; None where everything is."""
        area = str(self._worksheet.print_area or "")
        return split_address(area)[1] or None

    @print_area.setter
    def print_area(self, value: str | None) -> None:
        self._worksheet.print_area = value
