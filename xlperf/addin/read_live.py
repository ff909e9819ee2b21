"""Reads a workbook that is open in Excel, unsaved changes included, into the same records as a file."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xlperf.core.problems import Lang
from xlperf.schema import SHEETS
from xlperf.workbook.read.book import Book, book_from_grids, is_read
from xlperf.workbook.read.headers import sheet_titled
from xlperf.xlsx.reader.workbook import UNCALCULATED, Area, Grid

if TYPE_CHECKING:
    import xlwings as xw

    from xlperf.workbook.run_mark import RunOptions

EXCEL = "excel"  # the engine that calculates: its formulas have results
_DAY_OF_TIMES = dt.date(1899, 12, 30)
_LARGEST_EXACT = 1 << 53
_CODE_FORMAT = re.compile("00+")

Rows = list[list[Any]]


def read_live(book: xw.Book, facts: Mapping[str, str] | None = None) -> Book:
    """Read a workbook that is open: its tables, its scheme, and everything that is wrong with them.

    The same as :func:`xlperf.workbook.read.book.read_book` of the file, had it been saved.
    """
    titles = tuple(sheet.name for sheet in book.sheets)
    outside = {sheet_titled(word) for word in facts or ()}
    read = [each for each in book.sheets if is_read(each.name) and sheet_titled(each.name) not in outside]
    return book_from_grids(Path(book.fullname), titles, [grid_of(sheet) for sheet in read], (), facts)


def live_language(book: xw.Book) -> Lang:
    """Return the language of a workbook that is open, as :func:`read_live` would, from the sheet of its settings."""
    home = [grid_of(sheet) for sheet in book.sheets if sheet_titled(sheet.name) is SHEETS["settings"]]
    return book_from_grids(Path(book.fullname), tuple(book.sheet_names), home).lang


def live_mark(book: xw.Book, options: RunOptions, lang: Lang) -> str:
    """Return the mark of a workbook that is open, in a language, as a run with some options leaves it."""
    from xlperf.workbook.run_mark import mark_of

    known = [each for each in book.sheets if sheet_titled(each.name) is not None]
    grids = (grid_of(each) if is_read(each.name) else _cells_of(each.name, each.used_range)[0] for each in known)
    return mark_of([each.name for each in book.sheets], grids, options, lang)


def grid_of(sheet: xw.Sheet) -> Grid:
    """Return the filled rows of a sheet as columns of raw cells."""
    used = sheet.used_range
    grid, cells = _cells_of(sheet.name, used, as_shown=True)
    hidden_rows, hidden_columns = _hidden(used)
    return replace(
        grid,
        merged=list(_merged(used, cells)),
        hidden_rows=hidden_rows,
        hidden_columns=hidden_columns,
        visible=sheet.visible in (True, -1),
    )


def _cells_of(title: str, used: xw.Range, as_shown: bool = False) -> tuple[Grid, Rows]:
    """Return the filled rows of some cells, and all of them row by row; codes with leading zeros as they are shown."""
    values: Rows = used.options(ndim=2, err_to_str=True).value
    _mark_waiting(used, values)
    cells = [[_as_in_file(value) for value in row] for row in values]
    if as_shown:
        _write_codes(used, cells)
    filled = [at for at, row in enumerate(cells) if any(value is not None for value in row)]
    columns = {
        used.column + at: [cells[row][at] for row in filled]
        for at in range(len(cells[0]))
        if any(cells[row][at] is not None for row in filled)
    }
    blank = used.row + len(cells) - 1 - len(filled)
    return Grid(title, [used.row + at for at in filled], columns, blank=blank), cells


def _as_in_file(value: Any) -> Any:
    """Return a value of Excel's as it is read from a file: whole numbers, times of day, and no text of blanks."""
    if isinstance(value, str):
        return value if value and not value.isspace() else None
    if isinstance(value, bool) or value is None or value is UNCALCULATED:
        return value
    if isinstance(value, dt.datetime):
        return value.time() if value.date() == _DAY_OF_TIMES else value
    number = float(value)  # amounts come as decimals
    return int(number) if number.is_integer() and abs(number) < _LARGEST_EXACT else number


def _mark_waiting(used: xw.Range, values: Rows) -> None:
    """Mark the formulas that nobody has calculated yet; Excel itself has calculated all of them."""
    if used.sheet.book.app.engine.name == EXCEL:
        return
    raw = used.raw_value
    if not any(value is None for row in raw for value in row):
        return
    for row, formulas in enumerate(_as_rows(used.formula)):
        for column, formula in enumerate(formulas):
            if raw[row][column] is None and formula.startswith("="):
                values[row][column] = UNCALCULATED


def _as_rows(found: Any) -> Sequence[Sequence[str]]:
    return [[found]] if isinstance(found, str) else found


# Formats ----------------------------------------------------------------------------------------------------------


def _write_codes(used: xw.Range, cells: Rows) -> None:
    """Write numbers the way they are shown where the format gives codes of a fixed length, such as 00000."""
    for column in range(len(cells[0])):
        whole = [row for row, values in enumerate(cells) if type(values[column]) is int]
        if not whole:
            continue
        for first, last, shown in _formats(used, column, whole[0], whole[-1]):
            if _CODE_FORMAT.fullmatch(shown):
                for row in range(first, last + 1):
                    value = cells[row][column]
                    if type(value) is int and value >= 0:
                        cells[row][column] = str(value).zfill(len(shown))


def _formats(used: xw.Range, column: int, first: int, last: int) -> Iterator[tuple[int, int, str]]:
    """Yield runs of rows with one number format: a range answers only where all of its cells agree, so it is halved."""
    shown: Any = used[first : last + 1, column].number_format
    if shown is not None:
        yield first, last, shown
    elif first < last:
        middle = (first + last) // 2
        yield from _formats(used, column, first, middle)
        yield from _formats(used, column, middle + 1, last)


def _hidden(used: xw.Range) -> tuple[frozenset[int], frozenset[int]]:
    """Return the numbers of the rows and columns that are hidden."""
    areas: Any = used.get_special_cells("visible")
    rows = {number for area in areas for number in range(area.row, area.row + area.shape[0])}
    columns = {number for area in areas for number in range(area.column, area.column + area.shape[1])}
    (top, left), (height, width) = (used.row, used.column), used.shape
    return frozenset(range(top, top + height)) - rows, frozenset(range(left, left + width)) - columns


def _merged(used: xw.Range, cells: Rows) -> Iterator[Area]:
    """Yield the merged ranges; only a filled cell with an empty one below or beside it can begin one."""
    if used.merge_cells is False:
        return
    for row, column in _beginnings(cells, lambda row, column: cells[row][column] is None):
        area = used[row, column].merge_area
        height, width = area.shape
        if (height, width) != (1, 1):
            yield Area(area.row, area.column, area.row + height - 1, area.column + width - 1)


def _beginnings(cells: Rows, empty: Callable[[int, int], bool]) -> Iterator[tuple[int, int]]:
    height, width = len(cells), len(cells[0])
    for row in range(height):
        for column in range(width):
            below = row + 1 < height and empty(row + 1, column)
            beside = column + 1 < width and empty(row, column + 1)
            if not empty(row, column) and (below or beside):
                yield row, column
