"""Finds how HR staff have arranged an output sheet: the order of its columns, their headings, columns of their own."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any
from weakref import WeakKeyDictionary

from openpyxl.cell.rich_text import CellRichText
from openpyxl.worksheet.worksheet import Worksheet

from xlperf.core.problems import Text
from xlperf.core.vocabulary import fold
from xlperf.schema import SHEETS, Column, Sheet
from xlperf.workbook.read.headers import ROWS_SEARCHED, Lexicon, find_header
from xlperf.xlsx.reader.workbook import Grid

AUTHOR = "xlperf"  # of the notes on our headings
_KNOWN_ENOUGH = 2  # headings, so that one common word does not make a sheet ours


@dataclass(frozen=True)
class Arrangement:
    """Where a table stands on an output sheet, and which column is where; ``columns`` begin at ``first_column``.

    ``own`` are the numbers of columns between ours that HR added; ``numbers`` tell where each of ours stands.
    """

    heading_row: int
    first_column: int
    columns: tuple[Column, ...]
    own: frozenset[int]
    numbers: Mapping[str, int]


_ARRANGED: WeakKeyDictionary[Worksheet, Arrangement] = WeakKeyDictionary()


def keep_arrangement(ws: Worksheet, arrangement: Arrangement) -> None:
    """Remember how the sheet was arranged that a new one takes the place of."""
    _ARRANGED[ws] = arrangement


def arrangement_of(ws: Worksheet) -> Arrangement | None:
    """Return the arrangement that a new sheet was written in, if it takes the place of another."""
    return _ARRANGED.get(ws)


def find_arrangement(old: Worksheet | None, sheet: Sheet, columns: Sequence[Column]) -> Arrangement | None:
    """Return how columns are to be arranged as on the sheet that is there; None where its headings are not found.

    Our columns stand where HR put them, under the heading that HR gave them, as long as it is a synonym that the layout
    knows. Columns that the sheet does not have yet come last. Ours are recognised by the note of xlperf on their
    heading: a column that HR added is HR's, whatever it is called.

    Examples
    --------
    >>> from openpyxl import Workbook
    >>> from xlperf.schema import SHEETS
    >>> ws, runs = Workbook().active, SHEETS["run"]
    >>> for heading in ("Value", "Seen by", "Item"):
    ...     ws.cell(1, ws.max_column + (ws["A1"].value is not None), heading) and None
    >>> found = find_arrangement(ws, runs, runs.columns)
    >>> found.numbers, found.own
    ({'value': 1, 'item': 3}, frozenset({2}))
    """
    if old is None:
        return None
    by_code = {column.code: column for column in columns}
    meanings_of = {fold(word): (each.code,) for each in _named_alike(by_code) for word in (*each.synonyms, *each.name)}
    meanings_of |= {fold(word): (column.code,) for column in columns for word in column.name}
    lexicon = Lexicon(sheet, meanings_of)
    header = find_header(_top_of(old), lexicon.knows)
    if header is None:
        return None
    meant: dict[str, int] = {}
    top = _top_of(old)
    row = top.rows[header.last]
    noted = {cell.column for cell in old[row] if cell.comment is not None and cell.comment.author == AUTHOR}
    for number, heading in header.headings.items():
        for code, _ in lexicon.meanings(heading):
            if number in noted or (code in by_code and not noted):
                meant.setdefault(code, number)
    if len(meant) < min(_KNOWN_ENOUGH, len(columns)):
        return None
    free = (number for number in count(max(header.headings) + 1) if number not in top.columns)  # HR may write there
    numbers = {**meant, **{code: next(free) for code in by_code if code not in meant}}
    at = {number: code for code, number in numbers.items()}
    first = min(at)
    placed = [
        _placed(number, at.get(number, ""), header.headings.get(number, ""), by_code, sheet)
        for number in range(first, max(at) + 1)
    ]
    own = frozenset(number for number in range(first, max(at) + 1) if number not in at)
    return Arrangement(row, first, tuple(placed), own, numbers)


def _named_alike(codes: Container[str]) -> Iterator[Column]:
    """Yield the columns of all sheets that are the same as some, with the synonyms that they have there."""
    return (column for sheet in SHEETS.values() for column in sheet if column.code in codes)


def _placed(number: int, code: str, heading: str, by_code: Mapping[str, Column], sheet: Sheet) -> Column:
    """Return a column under the heading that it has; one of HR's own stands for itself."""
    column = by_code.get(code) or sheet.by_code.get(code)
    if column is None:
        return Column(f"own {number}", Text(heading, heading))
    return column if fold(heading) in map(fold, ("", *column.name)) else replace(column, name=Text(heading, heading))


def _top_of(ws: Worksheet) -> Grid:
    cells: Any = ws._cells  # only those that are there: iter_rows makes all up to the last column
    values = {
        place: str(cell.value) if isinstance(cell.value, CellRichText) else cell.value
        for place, cell in cells.items()
        if cell.value is not None and place[0] <= ROWS_SEARCHED
    }
    rows, columns = sorted({row for row, _ in values}), sorted({column for _, column in values})
    return Grid(ws.title, rows, {column: [values.get((row, column)) for row in rows] for column in columns})
