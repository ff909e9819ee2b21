"""Copying cells and sheets, within a book or into another one."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy, deepcopy
from itertools import product
from typing import Any, NamedTuple

from openpyxl.cell import Cell, MergedCell
from openpyxl.styles.cell_style import StyleArray
from openpyxl.worksheet.formula import ArrayFormula

from xlperf.xlsx.dynamic_arrays import DynamicArray
from xlperf.xlwings_engine.addresses import Place, read_places, subtract_place
from xlperf.xlwings_engine.block import Block, Rows
from xlperf.xlwings_engine.cells import PLAIN, AnyCell, AnySheet, cell_at
from xlperf.xlwings_engine.formula_syntax import translate_formula
from xlperf.xlwings_engine.values import ErrorValue

_PARTS = ("font", "fill", "border", "alignment", "protection", "number_format")


class StyleCopier:
    """Gives cells of one book the formats of those of another; cells that are formatted alike share the work."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, bytes], StyleArray] = {}

    def copy_style(self, new: Any, old: Any) -> None:
        """Give a cell, a row or a column the formats of one of another sheet."""
        same_book = old.parent.parent is new.parent.parent
        style = old._style or PLAIN
        if same_book:
            new._style = copy(style)
            return
        key = (id(old.parent.parent), style.tobytes())
        if key not in self._known:
            for name in _PARTS:
                setattr(new, name, copy(getattr(old, name)))
            new.quotePrefix = old.quotePrefix
            self._known[key] = new._style
        new._style = copy(self._known[key])


def copy_cells(source: Block, target: Block, what: str, skip_blanks: bool, transpose: bool) -> None:
    """Copy all, values, formulas or formats from one range to another that begins where the target does.

    A target that is a multiple of the source is filled with it.
    """
    if what not in _COPIES:
        raise NotImplementedError(f"copying {what}: copy one of {', '.join(_COPIES)}")
    copies, styles, (top, left, bottom, right) = _COPIES[what], StyleCopier(), source.used()
    height, width = (right - left + 1, bottom - top + 1) if transpose else (bottom - top + 1, right - left + 1)
    values = source.values() if what == "values" else None
    arrays = _ArrayCopies(source) if what in ("all", "formulas") else None
    found = source.worksheet._cells
    old = {place: (copy(cell), _stored(source, cell)) for place in source.used().cells()
           if (cell := found.get(place)) is not None and not isinstance(cell, MergedCell)}  # fmt: skip
    tall, wide = height * max(1, target.place.height // height), width * max(1, target.place.width // width)
    if transpose and arrays is not None:
        arrays.check_transposed()
    covered = Place(target.place.top, target.place.left, target.place.top + tall - 1, target.place.left + wide - 1)
    merged = _merged(source.worksheet, source.used()) if what in ("all", "formats") and not transpose else []
    if what != "formats":
        target.arrays.prepare_change(covered)
    if what in ("all", "formats"):
        _unmerge(target.worksheet, covered)
    for down in range(tall):
        for across in range(wide):
            at = (across % width, down % height) if transpose else (down % height, across % width)
            cell, stored = old.get((top + at[0], left + at[1]), (None, None))
            if skip_blanks and (cell is None or cell.value is None):
                continue
            new = cell_at(target.worksheet, target.place.top + down, target.place.left + across)
            if not isinstance(new, MergedCell):
                copies(cell, new, values[at[0]][at[1]] if values is not None else None, styles)
                if stored is not None and new.value == cell.value:
                    target.stored.adopt(new, stored)
    if arrays is not None:
        for down, across in product(range(0, tall, height), range(0, wide, width)):
            arrays.paste(target, target.place.top + down, target.place.left + across)
    for down, across, place in product(range(0, tall, height), range(0, wide, width), merged):
        moved = _moved(place, target.place.top + down - top, target.place.left + across - left)
        target.worksheet.merge_cells(moved.address(False, False))
    if what == "all" and source.worksheet is not target.worksheet and not transpose:
        move_rules(source, target)


def _merged(worksheet: AnySheet, place: Place) -> list[Place]:
    """Return the merged cells that lie in a place as a whole."""
    ranges = (Place(each.min_row, each.min_col, each.max_row, each.max_col) for each in worksheet.merged_cells.ranges)
    return [each for each in ranges if each.within(place) == each]


def _unmerge(worksheet: AnySheet, place: Place) -> None:
    """Take the cells apart that a copy covers; those that it would cut are refused, as in Excel."""
    for each in list(worksheet.merged_cells.ranges):
        merged = Place(each.min_row, each.min_col, each.max_row, each.max_col)
        if merged.within(place) == merged:
            worksheet.unmerge_cells(each.coord)
        elif merged.within(place) and (place.height, place.width) != (1, 1):
            raise ValueError(
                f"{merged.address()} is merged and lies only partly in {place.address()}: unmerge it first"
            )


class _ArrayCopies:
    """The array formulas of a range that is copied, as they were before anything was written."""

    def __init__(self, source: Block) -> None:
        self._place = source.used()
        self._copies: list[_ArrayCopy] = []
        for cell, place in source.arrays:
            cut = place.within(self._place)
            spills = isinstance(cell.value, DynamicArray)
            if cut is not None and (not spills or self._place.holds(cell.row, cell.column)):
                whole = Block(source.worksheet, place, source.stored, source.arrays)
                self._copies.append(_ArrayCopy(cell.value, place if spills else cut, place, whole.values()))

    def check_transposed(self) -> None:
        """Refuse to turn formulas of several cells."""
        if any((each.place.height, each.place.width) != (1, 1) for each in self._copies):
            raise NotImplementedError("transposing an array formula: paste its values, or write the formula anew")

    def paste(self, target: Block, top: int, left: int) -> None:
        """Write the formulas into a copy of the range that begins at a cell."""
        down, across = top - self._place.top, left - self._place.left
        for each in self._copies:
            first, place = each.place, _moved(each.place, down, across)
            text = translate_formula(each.formula.text, (first.top, first.left), (place.top, place.left))
            cell = cell_at(target.worksheet, place.top, place.left)
            same = text == each.formula.text
            if isinstance(each.formula, DynamicArray):
                free = self._spill(each, target, (down, across), same)
                target.arrays.put(cell, DynamicArray(place.address(False, False) if free else cell.coordinate, text))
            else:
                formula: Any = ArrayFormula
                target.arrays.put(cell, formula(place.address(False, False), text))
            if same:
                target.stored.adopt(cell, each.value(first.top, first.left))
            else:  # nothing is known of its values
                _empty(target.worksheet, place, cell)

    def _spill(self, each: _ArrayCopy, target: Block, by: tuple[int, int], same: bool) -> bool:
        """Show what a dynamic array has spilled beside its copy too; tell whether nothing stands in its way."""
        beyond = [at for at in each.whole.cells() if not self._place.holds(*at)]
        cells = target.worksheet._cells
        new = [(row + by[0], column + by[1]) for row, column in beyond]
        if any((cell := cells.get(at)) is not None and cell.value is not None for at in new):
            return False
        for (row, column), at in zip(beyond, new, strict=True) if same else ():
            if (value := each.value(row, column)) is not None:
                assign_constant(cell_at(target.worksheet, *at), value)
        return True


class _ArrayCopy(NamedTuple):
    """An array formula: the cells of it that are copied, all of its cells, and their values."""

    formula: Any
    place: Place
    whole: Place
    values: Rows

    def value(self, row: int, column: int) -> Any:
        """Return the value of one of its cells."""
        return self.values[row - self.whole.top][column - self.whole.left]


def _empty(worksheet: AnySheet, place: Place, but: AnyCell) -> None:
    for at in place.cells():
        cell = worksheet._cells.get(at)
        if cell is not None and cell is not but:
            cell.value = None


def _moved(place: Place, down: int, across: int) -> Place:
    top, left, bottom, right = place
    return Place(top + down, left + across, bottom + down, right + across)


def _stored(source: Block, cell: AnyCell) -> Any:
    return source.stored.value(cell) if cell.data_type == "f" else None


def move_rules(source: Block, target: Block) -> None:
    """Let the conditional formats of a range hold where it was copied to, in place of those that were there."""
    down, across = target.place.top - source.place.top, target.place.left - source.place.left
    covered = source.place._replace(
        top=target.place.top, left=target.place.left,
        bottom=target.place.top + source.place.height - 1, right=target.place.left + source.place.width - 1,
    )  # fmt: skip
    formats = target.worksheet.conditional_formatting
    kept = [(piece, rule) for cells in formats for rule in cells.rules
            for place in read_places(cells.sqref) for piece in subtract_place(place, covered)]  # fmt: skip
    added = [
        (Place(cut.top + down, cut.left + across, cut.bottom + down, cut.right + across), copy(rule))
        for cells in source.worksheet.conditional_formatting
        for rule in cells.rules
        for place in read_places(cells.sqref)
        if (cut := place.within(source.place)) is not None
    ]
    formats._cf_rules.clear()
    for place, rule in (*kept, *added):
        formats.add(place.address(False, False), rule)


def _copy_values(_: AnyCell | None, new: AnyCell, value: Any, __: StyleCopier) -> None:
    assign_constant(new, value)


def assign_constant(cell: AnyCell, value: Any) -> None:
    """Give a cell a value that is no formula, whatever it begins with."""
    cell.value = value
    if isinstance(value, str) and not isinstance(value, ErrorValue):
        cell.data_type = "s"


def _copy_formulas(cell: AnyCell | None, new: AnyCell, _: Any, __: StyleCopier) -> None:
    new.value = None
    if cell is not None and cell.data_type == "f" and isinstance(cell.value, str):
        new.value = translate_formula(cell.value, (cell.row, cell.column), (new.row, new.column))
    elif cell is not None and not isinstance(cell.value, ArrayFormula):
        new._value, new.data_type = cell.value, cell.data_type


def _copy_formats(cell: AnyCell | None, new: AnyCell, _: Any, styles: StyleCopier) -> None:
    if cell is None:
        new._style = StyleArray()
    else:
        styles.copy_style(new, cell)


def _copy_all(cell: AnyCell | None, new: AnyCell, value: Any, styles: StyleCopier) -> None:
    _copy_formulas(cell, new, value, styles)
    _copy_formats(cell, new, value, styles)
    new._hyperlink = None
    if cell is not None:
        _copy_extras(cell, new)


def _copy_extras(cell: AnyCell, new: AnyCell) -> None:
    """Copy the link and the note of a cell."""
    if cell._hyperlink is not None:
        new._hyperlink = copy(cell._hyperlink)
        new._hyperlink.ref = new.coordinate
    if cell._comment is not None:
        new.comment = copy(cell._comment)


_COPIES: dict[str, Callable[[AnyCell | None, AnyCell, Any, StyleCopier], None]] = {
    "all": _copy_all, "values": _copy_values, "formulas": _copy_formulas, "formats": _copy_formats,
}  # fmt: skip


# Sheets -----------------------------------------------------------------------------------------------------------


def copy_sheet(source: AnySheet, target: AnySheet, carry: Callable[[AnyCell, AnyCell], None]) -> None:
    """Copy everything that openpyxl knows of a sheet onto an empty one, of the same book or of another.

    ``carry`` is called with each formula and its copy.
    """
    styles = StyleCopier()
    for (row, column), old in source._cells.items():
        if isinstance(old, MergedCell):
            continue
        new: AnyCell = Cell(target, row, column)
        target._cells[row, column] = new
        new._value, new.data_type = copy(old.value), old.data_type
        styles.copy_style(new, old)
        _copy_extras(old, new)
        if old.data_type == "f":
            carry(old, new)
    for name in ("row_dimensions", "column_dimensions"):
        for key, dimension in getattr(source, name).items():
            fresh = copy(dimension)
            fresh.parent = target
            styles.copy_style(fresh, dimension)
            getattr(target, name)[key] = fresh
    for merged in source.merged_cells.ranges:
        target.merge_cells(merged.coord)
    _copy_rules(source, target)
    _copy_tables(source, target)
    _copy_frame(source, target)
    for name in ("_charts", "_images"):
        setattr(target, name, [deepcopy(each) for each in getattr(source, name)])


def _copy_rules(source: AnySheet, target: AnySheet) -> None:
    for rule in source.data_validations.dataValidation:
        target.add_data_validation(copy(rule))
    for cells in source.conditional_formatting:
        for rule in cells.rules:
            target.conditional_formatting.add(str(cells.sqref), copy(rule))
    if source.auto_filter.ref:
        target.auto_filter = copy(source.auto_filter)


def _copy_tables(source: AnySheet, target: AnySheet) -> None:
    """Copy the tables; one whose name is taken in the book gets another."""
    taken = {each.displayName.casefold() for sheet in target.parent.worksheets for each in sheet.tables.values()}
    for table in source.tables.values():
        fresh = deepcopy(table)
        numbered = (f"{table.displayName}{number}" for number in range(2, len(taken) + 3))
        name = next(each for each in (table.displayName, *numbered) if each.casefold() not in taken)
        fresh.name = fresh.displayName = name
        taken.add(name.casefold())
        target.tables[name] = fresh


def _copy_frame(source: AnySheet, target: AnySheet) -> None:
    """Copy how the sheet is shown and printed."""
    target.sheet_format = copy(source.sheet_format)
    target.sheet_properties = deepcopy(source.sheet_properties)
    target.page_margins, target.print_options = copy(source.page_margins), copy(source.print_options)
    target.page_setup = copy(source.page_setup)
    target.page_setup._parent = target
    target.HeaderFooter = deepcopy(source.HeaderFooter)
    target.sheet_state = source.sheet_state
    target.views = deepcopy(source.views)
    for name in ("print_title_rows", "print_title_cols"):
        if getattr(source, name):
            setattr(target, name, getattr(source, name))
    target.row_breaks, target.col_breaks = deepcopy(source.row_breaks), deepcopy(source.col_breaks)
