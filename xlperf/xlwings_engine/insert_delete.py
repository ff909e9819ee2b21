"""Inserting and deleting rows and columns, so that what refers to cells follows."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from itertools import count
from typing import Any

from openpyxl.formula.tokenizer import TokenizerError
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.table import TableColumn

from xlperf.xlsx.dynamic_arrays import DynamicArray
from xlperf.xlwings_engine.addresses import LAST_COLUMN, LAST_ROW, Place, read_place, read_places, split_address
from xlperf.xlwings_engine.arrays import ArrayFormulas
from xlperf.xlwings_engine.cells import AnySheet
from xlperf.xlwings_engine.formula_syntax import translate_formula
from xlperf.xlwings_engine.references import LOST, change_formulas, change_references, rename_columns, rename_table
from xlperf.xlwings_engine.stored_values import StoredValues

_CORNER = re.compile(r"(\$?)([A-Za-z]{0,3})(\$?)(\d*)")


@dataclass(frozen=True)
class Shift:
    """Rows or columns that are inserted or deleted on a sheet: ``by`` more from number ``at`` on, or fewer."""

    title: str
    rows: bool
    at: int
    by: int

    def number(self, number: int) -> int | None:
        """Return the new number of a row or column; None where it is deleted."""
        if number < self.at:
            return number
        return None if number < self.at - self.by else number + self.by

    def place(self, place: Place) -> Place | None:
        """Return where a rectangle is afterwards; None where it is deleted."""
        first, last = (place.top, place.bottom) if self.rows else (place.left, place.right)
        if self.number(first) is None and self.number(last) is None and first >= self.at:
            return None
        new_first = self.number(first) or self.at
        new_last = self.number(last) or self.at - 1
        most = LAST_ROW if self.rows else LAST_COLUMN
        if last == most and first == 1:
            return place
        if self.rows:
            return place._replace(top=new_first, bottom=min(new_last, most))
        return place._replace(left=new_first, right=min(new_last, most))


def insert_cells(
    workbook: Workbook, worksheet: AnySheet, place: Place, stored: StoredValues, arrays: ArrayFormulas
) -> None:
    """Insert whole rows or columns."""
    _shift(workbook, worksheet, _of(worksheet, place, sign=1), stored, arrays)


def delete_cells(
    workbook: Workbook, worksheet: AnySheet, place: Place, stored: StoredValues, arrays: ArrayFormulas
) -> None:
    """Delete whole rows or columns."""
    _shift(workbook, worksheet, _of(worksheet, place, sign=-1), stored, arrays)


def _of(worksheet: AnySheet, place: Place, sign: int) -> Shift:
    if place.whole_rows:
        return Shift(worksheet.title, True, place.top, sign * place.height)
    if place.whole_columns:
        return Shift(worksheet.title, False, place.left, sign * place.width)
    raise NotImplementedError(
        "inserting or deleting less than whole rows or columns: take whole ones, such as 3:4 or B:C, "
        "or copy the cells and clear those that are left"
    )


def _shift(workbook: Workbook, worksheet: AnySheet, shift: Shift, stored: StoredValues, arrays: ArrayFormulas) -> None:
    _check_arrays(arrays, shift)
    merged = [Place(each.min_row, each.min_col, each.max_row, each.max_col) for each in worksheet.merged_cells.ranges]
    for place in merged:
        worksheet.unmerge_cells(place.address(False, False))
    _move_cells(worksheet, shift)
    for place in filter(None, map(shift.place, merged)):
        if (place.height, place.width) != (1, 1):
            worksheet.merge_cells(place.address(False, False))
    _move_dimensions(worksheet, shift)
    _move_tables(worksheet, shift, stored)
    _move_rules(worksheet, shift)
    _move_references(workbook, shift, stored)


def _check_arrays(arrays: ArrayFormulas, shift: Shift) -> None:
    """Refuse to cut an array formula; a dynamic one spills again."""
    for cell, place in arrays:
        first, last = (place.top, place.bottom) if shift.rows else (place.left, place.right)
        cut = [number for number in (first, last) if shift.number(number) is None]
        whole = len(cut) == 2 or not (cut or first < shift.at <= last)
        if not whole and isinstance(cell.value, DynamicArray):
            arrays.collapse(cell, place)
        elif not whole:
            raise ValueError(f"You can't change part of an array: {place.address()} holds one formula; clear it first")


def _move_cells(worksheet: AnySheet, shift: Shift) -> None:
    cells = dict(worksheet._cells)
    worksheet._cells.clear()
    for (row, column), cell in cells.items():
        new = shift.number(row if shift.rows else column)
        if new is not None:
            cell.row, cell.column = (new, column) if shift.rows else (row, new)
            worksheet._cells[cell.row, cell.column] = cell
            if cell._hyperlink is not None:
                cell._hyperlink.ref = cell.coordinate
            if isinstance(cell.value, ArrayFormula):
                cell.value.ref = _moved_list(cell.value.ref, shift) or cell.coordinate
    worksheet._current_row = worksheet.max_row


def _move_dimensions(worksheet: AnySheet, shift: Shift) -> None:
    if shift.rows:
        rows = dict(worksheet.row_dimensions.items())
        worksheet.row_dimensions.clear()
        for number, row in sorted(rows.items()):
            new = shift.number(number)
            if new is not None:
                row.index = row.r = new
                worksheet.row_dimensions[new] = row
        return
    columns = [(dimension.min, dimension.max, dimension) for dimension in worksheet.column_dimensions.values()]
    worksheet.column_dimensions.clear()
    for first, last, column in columns:
        place = shift.place(Place(1, first, 1, last)) if first else None
        if place is not None:
            column.min, column.max, column.index = place.left, place.right, get_column_letter(place.left)
            worksheet.column_dimensions[column.index] = column


def _move_tables(worksheet: Any, shift: Shift, stored: StoredValues) -> None:
    for name, table in list(zip(worksheet.tables, worksheet.tables.values(), strict=True)):
        old = read_place(table.ref)
        new = shift.place(old) if old is not None else None
        if old is None or new is None:
            del worksheet.tables[name]
            rename_table(worksheet.parent, stored, table.displayName, None)
            continue
        if not shift.rows and new.width != old.width:
            _move_columns(worksheet, table, old, shift, stored)
        table.ref = new.address(False, False)
        if table.autoFilter is not None:
            table.autoFilter.ref = table.ref


def _move_columns(worksheet: Any, table: Any, old: Place, shift: Shift, stored: StoredValues) -> None:
    """Let a table lose the columns that are deleted, or have new ones where they are inserted."""
    headings = [str(each.name) for each in table.tableColumns]
    new = {column: shift.number(old.left + number) for number, column in enumerate(headings)}
    table.tableColumns = [each for each in table.tableColumns if new[str(each.name)] is not None]
    at = shift.at - old.left
    for number in range(max(shift.by, 0)):
        table.tableColumns.insert(at + number, new_column(at + number + 1, {str(c.name) for c in table.tableColumns}))
    if shift.by < 0:
        lost = {name: name if number is not None else None for name, number in new.items()}
        rename_columns(worksheet.parent, stored, table.displayName, headings, lost)


def new_column(number: int, taken: Collection[str]) -> Any:
    """Return a new column of a table, with a heading that no other column has."""
    known = {each.casefold() for each in taken}
    heading = next(each for n in count(number) if (each := f"Column{n}").casefold() not in known)
    make: Any = TableColumn
    return make(id=number, name=heading)


def _move_rules(worksheet: AnySheet, shift: Shift) -> None:
    """Let validations, conditional formats and filters reach over the same cells."""
    for validation in list(worksheet.data_validations.dataValidation):
        moved = _moved_list(str(validation.sqref), shift)
        if moved:
            for name in ("formula1", "formula2"):
                text = getattr(validation, name)
                setattr(validation, name, _from_survivor(text, str(validation.sqref), shift) if text else text)
            validation.sqref = moved
        else:
            worksheet.data_validations.dataValidation.remove(validation)
    formats = worksheet.conditional_formatting
    rules = [(str(each.sqref), each.rules) for each in formats]
    formats._cf_rules.clear()
    for cells, each in rules:
        moved = _moved_list(cells, shift)
        for rule in each if moved else ():
            rule.formula = [_from_survivor(text, cells, shift) for text in rule.formula]
            formats.add(moved, rule)
    if worksheet.auto_filter.ref:
        worksheet.auto_filter.ref = _moved_list(str(worksheet.auto_filter.ref), shift) or None


def _from_survivor(formula: str, addresses: str, shift: Shift) -> str:
    """Return the formula of a rule as it reads from the first of its cells that is not deleted."""
    places = read_places(addresses)
    first = (min(each.top for each in places), min(each.left for each in places))
    survivor = (_survivor(first[0], shift), first[1]) if shift.rows else (first[0], _survivor(first[1], shift))
    if survivor == first:
        return formula
    try:
        return translate_formula(f"={formula}", first, survivor)[1:]
    except TokenizerError:
        return formula


def _survivor(number: int, shift: Shift) -> int:
    return number if shift.number(number) is not None else shift.at - shift.by


def _moved_list(addresses: str, shift: Shift) -> str:
    places = (shift.place(place) for each in addresses.split() if (place := read_place(each)) is not None)
    return " ".join(place.address(False, False) for place in places if place is not None)


# References -------------------------------------------------------------------------------------------------------


def _move_references(workbook: Any, shift: Shift, stored: StoredValues) -> None:
    """Let formulas refer to the same cells, wherever they stand."""
    change_formulas(workbook, stored, lambda formula, title: shift_formula(formula, shift, title))
    for worksheet in workbook.worksheets:
        area = str(worksheet.print_area or "")
        if area:
            moved = shift_formula(f"={area}", shift, worksheet.title)[1:]
            worksheet.print_area = split_address(moved)[1] if LOST not in moved else None


def shift_formula(formula: str, shift: Shift, title: str) -> str:
    """Return a formula on a sheet as it reads after rows or columns were inserted or deleted.

    >>> two_more_rows = Shift("Data", True, 3, 2)
    >>> shift_formula("=SUM(A1:A5)+Data!$B$3+Other!A9", two_more_rows, "Data")
    '=SUM(A1:A7)+Data!$B$5+Other!A9'
    >>> shift_formula("=A3", Shift("Data", True, 3, -1), "Data")
    '=#REF!'
    """
    return change_references(formula, lambda reference: _followed(reference, shift, title))


def _followed(reference: str, shift: Shift, title: str) -> str:
    sheet, address = split_address(reference)
    place = read_place(address)
    if place is None or (sheet or title).casefold() != shift.title.casefold():
        return reference
    new = shift.place(place)
    before = reference[: len(reference) - len(address)]
    return before + (_written(address, new) if new is not None else LOST)


def _written(address: str, place: Place) -> str:
    """Write an address with the dollar signs of another one."""
    corners = [(place.top, place.left), (place.bottom, place.right)]
    parts = address.split(":")
    written = []
    for part, (row, column) in zip(parts, corners, strict=False):
        found = _CORNER.fullmatch(part)
        assert found is not None
        dollar, letters, second, digits = found.groups()
        written.append(dollar + (get_column_letter(column) if letters else "") + second + (str(row) if digits else ""))
    return ":".join(written)
