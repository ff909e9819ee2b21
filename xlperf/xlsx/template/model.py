"""A compiled template: literals, and between them what is rendered for each recipient.

A template is an ordinary workbook whose cells hold placeholders: ``{name}`` is a figure of the recipient,
``{item.actual}`` one of a record, and its row stands once for every record. A row with ``{?pay}`` stands only where
there is some pay. What lies below a row that repeats moves, and formulas, formats, tables, names and charts move and
stretch with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from xlperf.xlsx.template.zip_writer import Fixed

OWN_ROW, REF, SLOT, END = "\ue000", "\ue001", "\ue003", "\ue002"  # control characters in a text that is to be split
_PIECE = re.compile(f"{REF}(\\d+),(\\d+),([012]){END}|{SLOT}(\\d+){END}")


class Placeholder(NamedTuple):
    """A figure to fill in: of the recipient where ``block`` is empty, else column ``at`` of the records of a block."""

    block: str
    name: str
    at: int


class CellTemplate(NamedTuple):
    """A cell with placeholders: the parts of its contents, its format, and its format for a text like a formula."""

    parts: tuple[str | Placeholder, ...]
    look: str
    quoted: str
    native: tuple[str | RowReference, ...] = ()

    @property
    def sole_placeholder(self) -> Placeholder | None:
        """The placeholder that is all of the cell's contents, if one is."""
        only = self.parts[0] if len(self.parts) == 1 else None
        return only if isinstance(only, Placeholder) else None


class RowReference(NamedTuple):
    """The number that a row of the template has in a rendered page: of its first repetition, or of the last.

    Of a row that does not stand there the last is the one above, but where it ``remains`` the one that is first too.
    """

    sheet: int
    row: int
    last: bool
    remains: bool


class ChartCache(NamedTuple):
    """The figures that a chart shows: those of a column between two rows of the template."""

    sheet: int
    column: int
    top: int
    bottom: int
    numbers: bool


Piece = CellTemplate | RowReference | ChartCache


@dataclass(frozen=True)
class Segments:
    """A text split where something is rendered: a literal, a piece, a literal, and so on."""

    literals: tuple[str, ...]
    pieces: tuple[Piece, ...] = ()


@dataclass(frozen=True)
class RowTemplate:
    """A row of a page: it repeats for the records of a ``block``, and stands only where all ``conditions`` are met."""

    number: int
    text: Segments
    block: str = ""
    conditions: tuple[str, ...] = ()

    @property
    def varies(self) -> bool:
        """Whether it may stand more than once, or not at all."""
        return bool(self.block or self.conditions)

    @cached_property
    def columns(self) -> tuple[int, ...]:
        """The column of the records that fills each piece by itself, -1 where it is none."""
        return tuple(mark.at if mark is not None and mark.block else -1 for mark in self._marks)

    @cached_property
    def figures(self) -> tuple[str, ...]:
        """The figure of the recipient that fills each piece by itself, nothing where it is none."""
        return tuple(mark.name if mark is not None and not mark.block else "" for mark in self._marks)

    @property
    def _marks(self) -> Iterator[Placeholder | None]:
        return (piece.sole_placeholder if isinstance(piece, CellTemplate) else None for piece in self.text.pieces)


@dataclass(frozen=True)
class SheetTemplate:
    """A sheet of the template: what stands before its rows, the rows, the merged cells, and what follows."""

    member: str
    before: str
    rows: tuple[RowTemplate, ...]
    merged: tuple[tuple[str, int, str, int], ...]
    between: Segments
    after: Segments
    cells: Mapping[tuple[int, int], Any] = field(repr=False)
    changes: bool = True

    @cached_property
    def varying(self) -> tuple[RowTemplate, ...]:
        """The rows that may move those below them."""
        return tuple(each for each in self.rows if each.varies)

    @cached_property
    def moving(self) -> tuple[int, ...]:
        """Their numbers."""
        return tuple(each.number for each in self.varying)


@dataclass(frozen=True)
class CompiledTemplate:
    """A template that is ready to be filled: pages and other parts that change, and the members that do not."""

    pages: tuple[SheetTemplate, ...]
    others: tuple[tuple[str, Segments], ...]
    base: Fixed
    since_1904: bool


def split_segments(text: str, slots: list[Any] | None = None) -> Segments:
    """Split a text at its control characters into literals and pieces."""
    literals, pieces, end = [], [], 0
    for found in _PIECE.finditer(text):
        sheet, row, last, slot = found.groups()
        literals.append(text[end : found.start()])
        pieces.append(
            (slots or [])[int(slot)] if slot else RowReference(int(sheet), int(row), last != "0", last == "2")
        )
        end = found.end()
    return Segments((*literals, text[end:]), tuple(pieces))
