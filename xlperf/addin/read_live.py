"""Reads a workbook that is open in Excel, unsaved changes included, into the same records as a file."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
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
Place = tuple[int, int]


class LiveSheets:
    """The sheets of a workbook that is open, each read once: Excel takes its time to answer.

    Parameters
    ----------
    book : the workbook
    """

    def __init__(self, book: xw.Book) -> None:
        self.book = book
        self._grids: dict[str, Grid] = {}

    @cached_property
    def _sheets(self) -> dict[str, xw.Sheet]:
        return {sheet.name: sheet for sheet in self.book.sheets}

    @property
    def titles(self) -> tuple[str, ...]:
        """Those of all worksheets, in the order of their tabs."""
        return tuple(self._sheets)

    def grid(self, title: str) -> Grid:
        """Return the cells of a sheet; of results, which no run reads, neither formats nor what is merged or hidden."""
        if title not in self._grids:
            sheet = self._sheets[title]
            self._grids[title] = grid_of(sheet) if is_read(title) else _cells_of(title, _Used.of(sheet))[0]
        return self._grids[title]

    def reread(self, changed: Collection[str]) -> LiveSheets:
        """Return the sheets of which those that were changed or added will be read again, and the others will not."""
        now = LiveSheets(self.book)
        now._grids = {title: grid for title, grid in self._grids.items() if title not in changed}
        return now

    def read(self, facts: Mapping[str, str] | None = None) -> Book:
        """Read the tables of the workbook, its scheme, and everything that is wrong with them.

        The same as :func:`xlperf.workbook.read.book.read_book` of the file, had it been saved.
        """
        outside = {sheet_titled(word) for word in facts or ()}
        read = [each for each in self.titles if is_read(each) and sheet_titled(each) not in outside]
        return book_from_grids(Path(self.book.fullname), self.titles, [self.grid(each) for each in read], (), facts)

    def mark(self, options: RunOptions, lang: Lang) -> str:
        """Return the mark of the workbook, which is in a language, as a run with some options leaves it."""
        from xlperf.workbook.run_mark import mark_of

        known = (self.grid(title) for title in self.titles if sheet_titled(title) is not None)
        return mark_of(self.titles, known, options, lang)


def read_live(book: xw.Book, facts: Mapping[str, str] | None = None) -> Book:
    """Read the tables of a workbook that is open, once; see :meth:`LiveSheets.read`."""
    return LiveSheets(book).read(facts)


def live_language(book: xw.Book) -> Lang:
    """Return the language of a workbook that is open, from the sheet of its settings."""
    home = [grid_of(sheet) for sheet in book.sheets if sheet_titled(sheet.name) is SHEETS["settings"]]
    return book_from_grids(Path(book.fullname), tuple(book.sheet_names), home).lang


@dataclass(frozen=True)
class _Used:
    """The used cells of a sheet, with the first row and column, for which Excel is asked once."""

    cells: xw.Range
    row: int
    column: int

    @classmethod
    def of(cls, sheet: xw.Sheet) -> _Used:
        cells = sheet.used_range
        return cls(cells, cells.row, cells.column)

    def part(self, top: int, left: int, bottom: int, right: int) -> xw.Range:
        """Return the cells from one to another one, both counted from the first used cell, from 0."""
        first, last = (self.row + top, self.column + left), (self.row + bottom, self.column + right)
        return self.cells.sheet.range(first, last)


def grid_of(sheet: xw.Sheet) -> Grid:
    """Return the filled rows of a sheet as columns of raw cells."""
    used = _Used.of(sheet)
    grid, cells = _cells_of(sheet.name, used, as_shown=True)
    hidden_rows, hidden_columns = _hidden(used, cells)
    return replace(
        grid,
        merged=list(_merged(used, cells)),
        hidden_rows=hidden_rows,
        hidden_columns=hidden_columns,
        visible=sheet.visible in (True, -1),
    )


def _cells_of(title: str, used: _Used, as_shown: bool = False) -> tuple[Grid, Rows]:
    """Return the filled rows of some cells, and all of them row by row; codes with leading zeros as they are shown."""
    values: Rows = used.cells.options(ndim=2, err_to_str=True).value
    _mark_waiting(used.cells, values)
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


def _write_codes(used: _Used, cells: Rows) -> None:
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


def _formats(used: _Used, column: int, first: int, last: int) -> Iterator[tuple[int, int, str]]:
    """Yield runs of rows with one number format: a range answers only where all of its cells agree, so it is halved."""
    shown: Any = used.part(first, column, last, column).number_format
    if shown is not None:
        yield first, last, shown
    elif first < last:
        middle = (first + last) // 2
        yield from _formats(used, column, first, middle)
        yield from _formats(used, column, middle + 1, last)


def _hidden(used: _Used, cells: Rows) -> tuple[frozenset[int], frozenset[int]]:
    """Return the numbers of the rows and columns that are hidden."""
    rows, columns = set[int](), set[int]()
    areas: Any = used.cells.get_special_cells("visible")
    for area in areas:
        (top, left), (height, width) = (area.row, area.column), area.shape
        rows.update(range(top, top + height))
        columns.update(range(left, left + width))
    every_row, every_column = range(used.row, used.row + len(cells)), range(used.column, used.column + len(cells[0]))
    return frozenset(every_row) - rows, frozenset(every_column) - columns


def _merged(used: _Used, cells: Rows) -> Iterator[Area]:
    """Yield the merged ranges; only a filled cell with an empty one below or beside it can begin one."""
    beginnings = list(_beginnings(cells, lambda row, column: cells[row][column] is None))
    for row, column in _merged_among(used, beginnings, 0, len(cells) - 1, len(cells[0]) - 1):
        area = used.part(row, column, row, column).merge_area
        height, width = area.shape
        if (height, width) != (1, 1):
            top, left = used.row + row, used.column + column
            yield Area(top, left, top + height - 1, left + width - 1)


def _merged_among(used: _Used, places: Sequence[Place], first: int, last: int, right: int) -> Iterator[Place]:
    """Yield those of some places that may be merged; rows in which nothing is are ruled out by halves."""
    inside = [place for place in places if first <= place[0] <= last]
    if not inside or used.part(first, 0, last, right).merge_cells is False:
        return
    if first == last:
        yield from inside
        return
    middle = (first + last) // 2
    yield from _merged_among(used, inside, first, middle, right)
    yield from _merged_among(used, inside, middle + 1, last, right)


def _beginnings(cells: Rows, empty: Callable[[int, int], bool]) -> Iterator[Place]:
    height, width = len(cells), len(cells[0])
    for row in range(height):
        for column in range(width):
            below = row + 1 < height and empty(row + 1, column)
            beside = column + 1 < width and empty(row, column + 1)
            if not empty(row, column) and (below or beside):
                yield row, column
