"""A range of cells as macros meet it: xlwings' Range on a rectangle of a worksheet."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NoReturn, cast

from openpyxl.comments import Comment
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.hyperlink import Hyperlink
from xlwings import base_classes

from xlperf.xlsx.dynamic_arrays import DynamicArray
from xlperf.xlwings_engine import copy_paste, find, insert_delete, sizes
from xlperf.xlwings_engine.addresses import Place, quote_title
from xlperf.xlwings_engine.block import Block, Rows
from xlperf.xlwings_engine.borders import Borders
from xlperf.xlwings_engine.cells import AnyCell, AnySheet, wipe_cell, wipe_formats
from xlperf.xlwings_engine.formats import (
    ALIGNED,
    ALIGNED_BACK,
    Characters,
    RangeFont,
    align_cell,
    fill_cell,
    read_fill,
    shared_value,
    to_file_colour,
)
from xlperf.xlwings_engine.formula_syntax import is_dynamic, to_dynamic_formula, to_stored_formula
from xlperf.xlwings_engine.interfaces import SheetOwner
from xlperf.xlwings_engine.limits import check_formula, check_height, check_link
from xlperf.xlwings_engine.notes import AUTHOR, Note
from xlperf.xlwings_engine.validation import DataValidation
from xlperf.xlwings_engine.values import assign_value, formula_text


def _refused(what: str, instead: str) -> Callable[..., Any]:
    """Return a method that says what to do where there is no Excel."""

    def refuse(*_: Any, **__: Any) -> NoReturn:
        raise NotImplementedError(f"{what} needs Excel: {instead}")

    return refuse


class Range(base_classes.Range):
    """A rectangle of cells of a sheet.

    Parameters
    ----------
    sheet : the sheet that the cells are on
    place : the rectangle

    Raises
    ------
    IndexError
        Where the rectangle reaches over the edge of the sheet.
    """

    options: Any = None

    def __init__(self, sheet: SheetOwner, place: Place) -> None:
        self.sheet, self.place = sheet, place
        self.block = Block(sheet.worksheet, place, sheet.book.stored, sheet.arrays)

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
        return self.block.first

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
        return self.block.values()

    @raw_value.setter
    def raw_value(self, data: Any) -> None:
        self.block.write(data, assign_value)

    @property
    def formula(self) -> Any:
        """The formulas, and constants as text: one text for one cell, else rows of them."""
        rows = self.block.read(formula_text, "")
        for cell, each in self.block.arrays.fixed():
            cut = each.within(self.place)
            for row, column in cut.cells() if cut is not None else ():
                rows[row - self.row][column - self.column] = formula_text(cell)
        return rows[0][0] if len(self) == 1 else tuple(tuple(row) for row in rows)

    @formula.setter
    def formula(self, value: Any) -> None:
        self.block.write(value, assign_value)

    @property
    def formula2(self) -> Any:
        """The formulas; one with many values is a dynamic array, and where it spills to is for Excel to find out."""
        return self.formula

    @formula2.setter
    def formula2(self, value: Any) -> None:
        self.block.write(value, self._assign_formula2)

    def _assign_formula2(self, cell: AnyCell, value: Any) -> None:
        assign_value(cell, value)
        if cell.data_type == "f" and is_dynamic(formula := to_stored_formula(value)):
            self.block.arrays.put(cell, DynamicArray(cell.coordinate, to_dynamic_formula(formula)))

    @property
    def formula_array(self) -> str | None:
        """The array formula of the range, else the formula of its one cell."""
        array = self.block.arrays.find_anchor(self.place)
        if array is not None:
            return formula_text(array)
        return formula_text(self.cell) or None if len(self) == 1 else None

    @formula_array.setter
    def formula_array(self, value: str) -> None:
        self.clear_contents()
        formula = ArrayFormula(self.place.address(False, False), check_formula(to_stored_formula(value)))
        self.block.arrays.put(self.cell, formula)

    @property
    def has_array(self) -> bool:
        """Whether the cells belong to an array formula."""
        return self.block.arrays.find_anchor(self.place) is not None

    def clear_contents(self) -> None:
        """Remove values and formulas; formats stay."""
        self.block.clear(lambda cell: setattr(cell, "value", None))

    def clear_formats(self) -> None:
        """Remove formats; values stay."""
        for cell in self.block.existing():
            wipe_formats(cell)

    def clear(self) -> None:
        """Remove values, formulas, formats, notes and links."""
        self.block.clear(wipe_cell)

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
        return f"{quote_title(f'[{self.sheet.book.name}]{self.sheet.name}')}!{address}" if external else address

    @property
    def address(self) -> str:
        """The address, such as $A$1:$B$2."""
        return self.place.address()

    def end(self, direction: str) -> Range:
        """Return the cell that Ctrl and an arrow key lead to."""
        row, column = find.find_end(self.worksheet, self.row, self.column, direction)
        return Range(self.sheet, Place(row, column, row, column))

    @property
    def current_region(self) -> Range:
        """The rectangle around that is bounded by empty rows and columns."""
        return Range(self.sheet, find.find_region(self.worksheet, self.place))

    def get_special_cells(self, cell_type: str, value_type: str | None) -> list[Range]:
        """Return the rectangles of blank, constant, formula or visible cells."""
        used = self.place.within(self.sheet.used_range.place) if cell_type != "visible" else self.place
        places = find.find_special(self.worksheet, used, cell_type, value_type) if used is not None else []
        return [Range(self.sheet, place) for place in places]

    def find(self, text: str, whole: bool, direction: str, order: str, match_case: bool) -> Range | None:
        """Return the first cell whose value shows a text."""
        used = self.place.within(self.sheet.used_range.place)
        if used is None:
            return None
        rows = Range(self.sheet, used).raw_value
        place = find.find_text(rows, used, text, whole, direction, order, match_case)
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
        self.sheet.book.names.add(value, f"={quote_title(self.sheet.name)}!{self.address}")

    @property
    def table(self) -> Any:
        """The table that the first cell belongs to, if any."""
        return next((each for each in self.sheet.tables if each.place.holds(self.row, self.column)), None)

    # Formats --------------------------------------------------------------------------------------------------------

    @property
    def number_format(self) -> str | None:
        """The number format; None where the cells differ."""
        return cast("str | None", shared_value(self.block.formats(lambda cell: cell.number_format)))

    @number_format.setter
    def number_format(self, value: str) -> None:
        self.block.format(lambda cell: setattr(cell, "number_format", value))

    @property
    def color(self) -> tuple[int, int, int] | None:
        """The colour of the fill; None where there is none or the cells differ."""
        return cast("tuple[int, int, int] | None", shared_value(self.block.formats(read_fill)))

    @color.setter
    def color(self, color_or_rgb: Any) -> None:
        colour = to_file_colour(color_or_rgb)
        self.block.format(lambda cell: fill_cell(cell, colour))

    def set_colors(self, colors: Sequence[Sequence[Any]]) -> None:
        """Colour cells one by one; an ellipsis leaves a cell as it is."""
        for row, line in enumerate(colors, start=1):
            for column, colour in enumerate(line, start=1):
                if colour is not ...:
                    self(row, column).color = colour

    @property
    def font(self) -> RangeFont:
        """The font of the cells."""
        return RangeFont(self.block)

    @property
    def borders(self) -> Borders:
        """The lines around and between the cells."""
        return Borders(self.block)

    @property
    def characters(self) -> Characters:
        """The characters of the first cell."""
        return Characters(self.block)

    @property
    def wrap_text(self) -> bool | None:
        """Whether long text is broken into lines; None where the cells differ."""
        return cast("bool | None", shared_value(self.block.formats(lambda cell: bool(cell.alignment.wrap_text))))

    @wrap_text.setter
    def wrap_text(self, value: bool) -> None:
        self._align(wrap_text=value)

    @property
    def horizontal_alignment(self) -> str | None:
        """How text stands between left and right."""
        shown = shared_value(self.block.formats(lambda cell: cell.alignment.horizontal or "general"))
        return cast("str | None", ALIGNED_BACK.get(shown, shown))

    @horizontal_alignment.setter
    def horizontal_alignment(self, value: str) -> None:
        self._align(horizontal=ALIGNED.get(value, value))

    @property
    def vertical_alignment(self) -> str | None:
        """How text stands between top and bottom."""
        return cast("str | None", shared_value(self.block.formats(lambda cell: cell.alignment.vertical or "bottom")))

    @vertical_alignment.setter
    def vertical_alignment(self, value: str) -> None:
        self._align(vertical=value)

    def adjust_indent(self, amount: int) -> None:
        """Move text away from the edge, by so many steps more or fewer."""
        self.block.format(lambda cell: align_cell(cell, indent=max(0, int(cell.alignment.indent or 0) + amount)))

    def _align(self, **how: Any) -> None:
        self.block.format(lambda cell: align_cell(cell, **how))

    # Sizes ----------------------------------------------------------------------------------------------------------

    @property
    def column_width(self) -> float | None:
        """The width of the columns in characters; None where they differ."""
        widths = (sizes.read_characters(self.worksheet, number) for number in self.block.columns())
        return cast("float | None", shared_value(widths))

    @column_width.setter
    def column_width(self, value: float) -> None:
        for number in self.block.columns():
            sizes.set_characters(self.worksheet, number, value)

    @property
    def row_height(self) -> float | None:
        """The height of the rows in points; None where they differ."""
        return cast(
            "float | None", shared_value(sizes.read_row_height(self.worksheet, number) for number in self.block.rows())
        )

    @row_height.setter
    def row_height(self, value: float) -> None:
        check_height(value)
        for number in self.block.rows():
            self.worksheet.row_dimensions[number].height = value

    @property
    def width(self) -> float:
        """The width in points."""
        return sizes.width_of_columns(self.worksheet, self.place.left, self.place.right)

    @property
    def height(self) -> float:
        """The height in points."""
        return sizes.height_of_rows(self.worksheet, self.place.top, self.place.bottom)

    @property
    def left(self) -> float:
        """How far the left edge is from that of the sheet, in points."""
        return sizes.width_of_columns(self.worksheet, 1, self.place.left - 1)

    @property
    def top(self) -> float:
        """How far the upper edge is from that of the sheet, in points."""
        return sizes.height_of_rows(self.worksheet, 1, self.place.top - 1)

    def autofit(self, axis: str | None = None) -> None:
        """Fit columns, rows or both to what stands in them."""
        used = self.place.within(self.sheet.used_range.place)
        if used is not None and axis not in ("rows", "r"):
            sizes.fit_columns(self.worksheet, used)
        if used is not None and axis not in ("columns", "c"):
            sizes.fit_rows(self.worksheet, used)

    @property
    def row_hidden(self) -> bool | None:
        """Whether the rows are hidden; None where some are."""
        return cast(
            "bool | None", shared_value(sizes.is_row_hidden(self.worksheet, number) for number in self.block.rows())
        )

    @row_hidden.setter
    def row_hidden(self, value: bool) -> None:
        for number in self.block.rows():
            self.worksheet.row_dimensions[number].hidden = value

    @property
    def column_hidden(self) -> bool | None:
        """Whether the columns are hidden; None where some are."""
        hidden = (sizes.is_column_hidden(self.worksheet, number) for number in self.block.columns())
        return cast("bool | None", shared_value(hidden))

    @column_hidden.setter
    def column_hidden(self, value: bool) -> None:
        for number in self.block.columns():
            sizes.column_of(self.worksheet, number).hidden = value

    # Moving, merging, links and notes -----------------------------------------------------------------------------

    def insert(self, shift: str | None = None, copy_origin: str | None = None) -> None:
        """Insert whole rows or columns; whatever refers to cells behind them follows."""
        insert_delete.insert_cells(
            self.sheet.book.workbook, self.worksheet, self.place, self.block.stored, self.sheet.arrays
        )

    def delete(self, shift: str | None = None) -> None:
        """Delete whole rows or columns; whatever refers to cells behind them follows."""
        insert_delete.delete_cells(
            self.sheet.book.workbook, self.worksheet, self.place, self.block.stored, self.sheet.arrays
        )

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
            raise NotImplementedError(
                "arithmetic while pasting, and pasting what was not copied: copy a range first, or write its values"
            )
        self.copy_from(self.sheet.book.app.clipboard, paste or "all", skip_blanks, transpose)

    def copy_from(
        self, source_range: Any, copy_type: str = "all", skip_blanks: bool = False, transpose: bool = False
    ) -> None:
        """Copy from another range: all, values, formulas or formats."""
        source = getattr(source_range, "impl", source_range)
        copy_paste.copy_cells(source.block, self.block, copy_type, skip_blanks, transpose)

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
        self._check_merge()
        self.unmerge()
        for place in lines if across else [self.place]:
            if (place.height, place.width) != (1, 1):
                self.worksheet.merge_cells(place.address(False, False))

    def _check_merge(self) -> None:
        """Refuse what Excel refuses: to merge a part of merged cells, or cells of a table."""
        for _, each in self.block.arrays.fixed():
            if each.within(self.place):
                raise ValueError(f"cells of the array formula in {each.address()} cannot be merged")
        for each in self._merged():
            if each.within(self.place) not in (None, each):
                raise ValueError(f"{each.address()} is merged and lies only partly in {self.address}: unmerge it first")
        for table in self.sheet.tables:
            if table.place.within(self.place):
                raise ValueError(f"cells of the table {table.name} cannot be merged")

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
        check_link(target)
        check_link(location)
        cell = self.cell
        Range(self.sheet, Place(self.row, self.column, self.row, self.column)).raw_value = text_to_display
        link = Hyperlink(ref=cell.coordinate, target=target or None, location=location or None, tooltip=screen_tip)
        cell._hyperlink = link

    @property
    def data_validation(self) -> DataValidation:
        """What may be typed into the cells."""
        return DataValidation(self.block)

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

    # What is left to Excel ----------------------------------------------------------------------------------------

    sort = _refused("sorting", "read the values, sort them in Python and write them back")
    remove_duplicates = _refused("removing duplicates", "read the values, drop some in Python and write them back")
    replace_all = _refused("replacing", "read the formulas, replace in Python and write them back")
    move = _refused("moving", "copy the range and clear where it was; what refers to it stays")
    autofill = _refused("filling", "write one formula into the whole range, or the values")
    group = ungroup = _refused("grouping", "hide rows or columns, or group them in Excel")
    add_comment = _refused("a threaded comment", "add a note")
    copy_picture = to_png = to_pdf = _refused("drawing cells", "save the book and let LibreOffice or Excel draw it")
    autofilter = property(_refused("filtering", "filter the values in Python, or make the range a table"))
    conditional_formats = property(_refused("conditional formats", "edit those of openpyxl's sheet: sheet.api"))
