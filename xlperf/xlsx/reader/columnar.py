"""Reads the cells of a large sheet as whole columns, straight from the bytes of its XML.

Spreadsheet programs write cells in a few regular shapes: ``<c r="B7" s="3" t="s"><v>12</v></c>``. These are found,
taken apart and turned into values with array operations, a block of rows at a time. A cell of any other shape is handed
to the exact reader by itself; a sheet in which a single tag is not where it is expected is :class:`Irregular`, and then
the exact reader takes all of it. So nothing is guessed: the result is the exact reader's, only sooner.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from xlperf.core.column_store import BLANK, LISTED, Cells
from xlperf.xlsx.reader.decode_styles import CellContext, Irregular, refuse_unusual
from xlperf.xlsx.reader.decode_values import Listed, Values, values_of
from xlperf.xlsx.reader.scanner import Bytes, cells_in, rows_of, tags_of

BLOCK_BYTES = 1 << 20  # the arrays of a block fit into the caches of a processor
SPREADSHEET = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_END = b"</sheetData>"
_HIDDEN_ROW = re.compile(rb'<row r="(\d+)"[^>]*? hidden="(?:1|true)"')


class Scanned(NamedTuple):
    """The cells of a sheet: the rows that hold any, its columns, hidden rows, the last row mentioned, and the rest.

    ``around`` is the XML of the sheet without its cells.
    """

    rows: list[int]
    columns: dict[int, Cells]
    hidden: frozenset[int]
    last: int
    around: bytes


def scan(chunks: Iterable[bytes], context: CellContext) -> Scanned:
    """Read the cells of a sheet from the chunks of its XML.

    Raises
    ------
    Irregular
        Where the exact reader has to read the sheet.
    """
    around: list[bytes] = []
    found = _Found(context)
    for block in _blocks(chunks, around):
        found.add(block)
    return found.scanned(b"".join(around))


def _blocks(chunks: Iterable[bytes], around: list[bytes]) -> Iterator[bytes]:
    """Cut the rows of a sheet into blocks of whole ones; what stands before and behind them goes ``around``."""
    stream = iter(chunks)
    head = b""
    while (start := head.find(b"<sheetData>")) < 0:
        chunk = next(stream, None)
        if chunk is None or b"<sheetData " in head or b"<sheetData/>" in head:
            raise Irregular
        head += chunk
    refuse_unusual(head[:start])
    if b'xmlns="' + SPREADSHEET + b'"' not in head[:start]:
        raise Irregular
    start += len(b"<sheetData>")
    around.append(head[:start])
    rest, searched = head[start:], 0
    while (end := rest.find(_END, searched)) < 0:
        if len(rest) >= BLOCK_BYTES and (cut := rest.rfind(b"</row>") + 6) > 5:
            yield rest[:cut]
            rest = rest[cut:]
        searched = max(len(rest) - len(_END), 0)
        chunk = next(stream, None)
        if chunk is None:
            raise Irregular
        rest += chunk
    yield rest[:end]
    tail = rest[end:] + b"".join(stream)
    refuse_unusual(tail)
    around.append(tail)


class _Part(NamedTuple):
    """Some cells of one column: their rows, counted from the first one mentioned, and their values."""

    row: np.ndarray
    values: Values


@dataclass
class _Found:
    """Gathers the blocks of a sheet into columns."""

    context: CellContext
    listed: Listed = field(init=False)
    numbers: list[np.ndarray] = field(default_factory=list)
    columns: dict[int, list[_Part]] = field(default_factory=dict)
    hidden: set[int] = field(default_factory=set)
    count: int = 0

    def __post_init__(self) -> None:
        self.listed = Listed(self.context)

    def add(self, xml: bytes) -> None:
        """Take the rows of a block."""
        data = Bytes(xml)
        at, tags = tags_of(data)
        rows = rows_of(data, at, tags)
        cells = cells_in(data, at, tags, rows, self.context)
        values = values_of(data, cells, self.listed)
        order = np.argsort(cells.column.astype(np.uint16), kind="stable")
        column = cells.column[order]
        ends = np.append(np.flatnonzero(np.diff(column)) + 1, len(column))
        start = 0
        for end in ends.tolist():
            if end > start:
                own = order[start:end]
                part = Values(values.kind[own], values.figure[own], values.place[own])
                self.columns.setdefault(int(column[start]), []).append(_Part(cells.row[own] + self.count, part))
            start = end
        if b' hidden="' in xml:
            self.hidden.update(int(number) for number in _HIDDEN_ROW.findall(xml))
        self.numbers.append(rows.number)
        self.count += len(rows.number)

    def scanned(self, around: bytes) -> Scanned:
        """Put the parts of each column together, without the rows that hold nothing."""
        numbers = np.concatenate(self.numbers) if self.numbers else np.empty(0, np.int64)
        if (np.diff(numbers) <= 0).any():
            raise Irregular
        filled = np.zeros(self.count, bool)
        for parts in self.columns.values():
            for part in parts:
                filled[part.row[part.values.kind != BLANK]] = True
        position = np.cumsum(filled) - 1
        size = int(filled.sum())
        listed = self.listed.values
        columns = {
            number: cells
            for number in sorted(self.columns)
            if (cells := _column(self.columns.pop(number), position, size, listed)) is not None
        }
        last = int(numbers[-1]) if len(numbers) else 0
        return Scanned(numbers[filled].tolist(), columns, frozenset(self.hidden), last, around)


def _column(parts: list[_Part], position: np.ndarray, size: int, listed: Sequence[Any]) -> Cells | None:
    """Put the parts of a column together; None where it holds nothing."""
    kinds, figures, places = np.zeros(size, np.uint8), np.empty(0), np.empty(0, np.int32)
    held = {int(kind) for part in parts for kind in np.unique(part.values.kind)} - {BLANK}
    if not held:
        return None
    if held - {LISTED}:
        figures = np.zeros(size)
    if LISTED in held:
        places = np.zeros(size, np.int32)
    for part in parts:
        given = part.values.kind != BLANK
        rows = position[part.row[given]]
        kinds[rows] = part.values.kind[given]
        if len(figures):
            figures[rows] = part.values.figure[given]
        if len(places):
            places[rows] = part.values.place[given]
    return Cells(kinds, figures, places, listed)
