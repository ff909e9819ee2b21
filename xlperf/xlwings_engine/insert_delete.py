"""Inserting and deleting rows and columns, so that what refers to cells follows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from openpyxl.formula.tokenizer import Token, Tokenizer
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.formula import ArrayFormula

from xlperf.xlsx.dynamic_arrays import DynamicArray
from xlperf.xlwings_engine.addresses import LAST_COLUMN, LAST_ROW, Place, place_of, split_address
from xlperf.xlwings_engine.arrays import ArrayFormulas
from xlperf.xlwings_engine.cells import AnyCell, AnySheet
from xlperf.xlwings_engine.stored_values import StoredValues

LOST = "#REF!"

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


def insert(workbook: Workbook, worksheet: AnySheet, place: Place, stored: StoredValues, arrays: ArrayFormulas) -> None:
    """Insert whole rows or columns."""
    _shift(workbook, worksheet, _of(worksheet, place, sign=1), stored, arrays)


def delete(workbook: Workbook, worksheet: AnySheet, place: Place, stored: StoredValues, arrays: ArrayFormulas) -> None:
    """Delete whole rows or columns."""
    _shift(workbook, worksheet, _of(worksheet, place, sign=-1), stored, arrays)


def _of(worksheet: AnySheet, place: Place, sign: int) -> Shift:
    if place.whole_rows:
        return Shift(worksheet.title, True, place.top, sign * place.height)
    if place.whole_columns:
        return Shift(worksheet.title, False, place.left, sign * place.width)
    raise NotImplementedError("inserting or deleting less than whole rows or columns")


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
    _move_tables(worksheet, shift)
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


def _move_tables(worksheet: AnySheet, shift: Shift) -> None:
    for name, table in list(zip(worksheet.tables, worksheet.tables.values(), strict=True)):
        old = place_of(table.ref)
        new = shift.place(old) if old is not None else None
        if new is None:
            del worksheet.tables[name]
            continue
        if not shift.rows and old is not None and new.width < old.width:
            kept = [n for n in range(old.width) if shift.number(old.left + n) is not None]
            table.tableColumns = [table.tableColumns[n] for n in kept]
        table.ref = new.address(False, False)
        if table.autoFilter is not None:
            table.autoFilter.ref = table.ref


def _move_rules(worksheet: AnySheet, shift: Shift) -> None:
    """Let validations, conditional formats and filters reach over the same cells."""
    for validation in list(worksheet.data_validations.dataValidation):
        moved = _moved_list(str(validation.sqref), shift)
        if moved:
            validation.sqref = moved
        else:
            worksheet.data_validations.dataValidation.remove(validation)
    formats = worksheet.conditional_formatting
    rules = [(str(each.sqref), each.rules) for each in formats]
    formats._cf_rules.clear()
    for cells, each in rules:
        moved = _moved_list(cells, shift)
        for rule in each if moved else ():
            formats.add(moved, rule)
    if worksheet.auto_filter.ref:
        worksheet.auto_filter.ref = _moved_list(str(worksheet.auto_filter.ref), shift) or None


def _moved_list(addresses: str, shift: Shift) -> str:
    places = (shift.place(place) for each in addresses.split() if (place := place_of(each)) is not None)
    return " ".join(place.address(False, False) for place in places if place is not None)


# References -------------------------------------------------------------------------------------------------------


def _move_references(workbook: Any, shift: Shift, stored: StoredValues) -> None:
    """Let formulas and defined names refer to the same cells."""
    for worksheet in workbook.worksheets:
        for cell in worksheet._cells.values():
            if cell.data_type == "f":
                _follow(stored, cell, shift, worksheet.title)
    holders = [workbook, *workbook.worksheets]
    for name in (name for holder in holders for name in holder.defined_names.values()):
        name.attr_text = followed(f"={name.attr_text}", shift, "")[1:]


def _follow(stored: StoredValues, cell: AnyCell, shift: Shift, title: str) -> None:
    if isinstance(cell.value, ArrayFormula):
        if title == shift.title:
            cell.value.ref = _moved_list(cell.value.ref, shift) or cell.coordinate
        cell.value.text = followed(cell.value.text or "", shift, title)
    elif isinstance(cell.value, str):
        new = followed(cell.value, shift, title)
        if new != cell.value:
            stored.reword(cell, new)


def followed(formula: str, shift: Shift, title: str) -> str:
    """Return a formula on a sheet as it reads after rows or columns were inserted or deleted.

    >>> two_more_rows = Shift("Data", True, 3, 2)
    >>> followed("=SUM(A1:A5)+Data!$B$3+Other!A9", two_more_rows, "Data")
    '=SUM(A1:A7)+Data!$B$5+Other!A9'
    >>> followed("=A3", Shift("Data", True, 3, -1), "Data")
    '=#REF!'
    """
    if not formula.startswith("="):
        return formula
    tokens = Tokenizer(formula).items
    return "=" + "".join(_token(each, shift, title) for each in tokens)


def _token(token: Token, shift: Shift, title: str) -> str:
    text = str(token.value)
    if token.type != Token.OPERAND or token.subtype != Token.RANGE:
        return text
    sheet, address = split_address(text)
    place = place_of(address)
    if place is None or (sheet or title) != shift.title:
        return text
    new = shift.place(place)
    before = text[: len(text) - len(address)]
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
