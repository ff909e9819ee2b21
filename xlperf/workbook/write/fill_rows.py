"""Puts new rows into a sheet that exists, and leaves everything else on it as HR staff have it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from openpyxl.cell.rich_text import CellRichText
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from xlperf.core.problems import Lang
from xlperf.schema import Sheet
from xlperf.schema.tables import Table
from xlperf.workbook.area import Area
from xlperf.workbook.read.headers import Lexicon, find_header, match, records
from xlperf.workbook.write import style
from xlperf.workbook.write.table_sheet import (
    TableLook,
    cell_values,
    columns_of,
    is_formula_like,
    stretch_table,
    write_heading,
    write_sheet,
)
from xlperf.xlsx.formula import put
from xlperf.xlsx.reader.workbook import Area as Merged
from xlperf.xlsx.reader.workbook import Grid


def refill(ws: Worksheet, table: Table, lang: Lang) -> None:
    """Put the rows of a table in place of the records of its sheet.

    The first record goes where the first one stood, and so on; the rows that become free are emptied, new records go
    behind the last one, and what stands below the table moves down. Formulas, formats and other columns stay.
    """
    grid = _grid(ws)
    lexicon = Lexicon(table.sheet)
    header = find_header(grid, lexicon.knows)
    if header is None:
        below = grid.rows[-1] + 2 if len(grid) else 1
        look = TableLook(marks=table.not_applicable)
        write_sheet(ws, table.sheet, table.frame, lang, corner=(below, 1), look=look)
        return
    body, heading_row = grid.below(header.last), grid.rows[header.last]
    found = match(header, body, lexicon)
    places = _with_new_headings(ws, table, found.known | found.own, max(header.headings), heading_row, lang)
    old_rows = [body.rows[each] for each in records(body, header, found, table.sheet)[0]]
    rows = _rows_for(ws, len(table), old_rows, heading_row)
    for column in columns_of(table.sheet, table.frame):
        if column.code in places:
            values = cell_values(table[column.code], column, lang, table.not_applicable.get(column.code))
            spelt = table.spelt.get(column.code, {})
            values = [spelt.get(row, value) for row, value in zip(table.rows.tolist(), values, strict=True)]
            _refill_column(ws, places[column.code], values, rows, old_rows, heading_row + 1)
    stretch_table(ws, heading_row, rows[-1] if rows else heading_row, max(places.values()))


def append(ws: Worksheet, table: Table, lang: Lang) -> None:
    """Put the records of a table that its sheet does not have yet behind those it has, which stay as they are typed."""
    grid = _grid(ws)
    header = find_header(grid, Lexicon(table.sheet).knows)
    if header is None:
        refill(ws, table, lang)
        return
    heading_row = grid.rows[header.last]
    old_rows, places = cells_of_records(ws, table.sheet)
    new = ~np.isin(table.rows, old_rows)
    if not new.any():
        return
    places = _with_new_headings(ws, table, places, max(header.headings), heading_row, lang)
    rows = _rows_for(ws, len(old_rows) + int(new.sum()), old_rows, heading_row)[len(old_rows) :]
    for column in columns_of(table.sheet, table.frame):
        if column.code in places:
            marks = table.not_applicable.get(column.code)
            values = cell_values(table[column.code][new], column, lang, None if marks is None else marks[new])
            _refill_column(ws, places[column.code], values, rows, old_rows[:1], heading_row + 1)
    stretch_table(ws, heading_row, rows[-1], max(places.values()))


def cells_of_records(ws: Worksheet, sheet: Sheet) -> tuple[list[int], dict[str, int]]:
    """Return the row numbers of the records on a sheet, and the number of each column by code or heading."""
    grid, lexicon = _grid(ws), Lexicon(sheet)
    header = find_header(grid, lexicon.knows)
    if header is None:
        return [], {}
    body = grid.below(header.last)
    found = match(header, body, lexicon)
    return [body.rows[each] for each in records(body, header, found, sheet)[0]], found.known | found.own


def area_on(ws: Worksheet, sheet: Sheet) -> Area | None:
    """Return where the table of a sheet stands, by its headings; None where it has none."""
    grid, lexicon = _grid(ws), Lexicon(sheet)
    header = find_header(grid, lexicon.knows)
    if header is None:
        return None
    places = match(header, grid.below(header.last), lexicon).known
    row = grid.rows[header.last]
    return Area(row, max(ws.max_row, row), {code: get_column_letter(number) for code, number in places.items()})


def _grid(ws: Worksheet) -> Grid:
    rows = [
        (number, [str(cell) if isinstance(cell, CellRichText) else cell for cell in cells])
        for number, cells in enumerate(ws.iter_rows(values_only=True), start=1)
        if any(cell is not None for cell in cells)
    ]
    columns = {
        number: list(values)
        for number, values in enumerate(zip(*(cells for _, cells in rows), strict=True), start=1)
        if any(value is not None for value in values)
    }
    merged = [Merged(each.min_row, each.min_col, each.max_row, each.max_col) for each in ws.merged_cells.ranges]
    return Grid(ws.title, [number for number, _ in rows], columns, merged)


def _with_new_headings(
    ws: Worksheet, table: Table, places: Mapping[str, int], last: int, heading_row: int, lang: Lang
) -> dict[str, int]:
    """Return the column number of each code; columns that hold something and have no heading get one on the right."""
    new = [
        column
        for column in columns_of(table.sheet, table.frame)
        if column.code not in places and table[column.code].notna().any()
    ]
    for number, column in enumerate(new, start=last + 1):
        letter, neighbour = get_column_letter(number), get_column_letter(number - 1)
        write_heading(ws, f"{letter}{heading_row}", column, table.sheet, lang)
        style.CellStyle.of(ws[f"{neighbour}{heading_row}"]).apply_to(ws[f"{letter}{heading_row}"])
        ws.column_dimensions[letter].width = max(column.width, 16)
    return {**places, **{column.code: number for number, column in enumerate(new, start=last + 1)}}


def _rows_for(ws: Worksheet, count: int, old_rows: Sequence[int], heading_row: int) -> list[int]:
    """Return the rows for some records: those that held records before, then new ones; totals below move down."""
    last = old_rows[-1] if old_rows else heading_row
    more = count - len(old_rows)
    if more <= 0:
        return list(old_rows[:count])
    if any(cell.value is not None for row in ws.iter_rows(min_row=last + 1) for cell in row):
        ws.move_range(f"A{last + 1}:{get_column_letter(ws.max_column)}{ws.max_row}", rows=more, translate=True)
        for merged in ws.merged_cells.ranges:
            if merged.min_row > last:
                merged.shift(row_shift=more)
    return [*old_rows, *range(last + 1, last + 1 + more)]


def _refill_column(
    ws: Worksheet, column: int, values: Sequence[Any], rows: Sequence[int], old_rows: Sequence[int], pattern_row: int
) -> None:
    pattern = style.CellStyle.of(ws.cell(old_rows[0] if old_rows else pattern_row, column))
    formulas = {row for row in old_rows if ws.cell(row, column).data_type == "f"}
    for row in old_rows[len(rows) :]:
        ws.cell(row, column).value = None
    for row, value in zip(rows, values, strict=True):
        cell: Any = ws.cell(row, column)
        if row in formulas:
            continue
        if not cell.has_style:
            pattern.apply_to(cell)
        put(cell, value)
        if is_formula_like(value):
            cell.quotePrefix = True
