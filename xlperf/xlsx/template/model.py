"""A template page that is cut where something is to be filled in: what a copy is made of.

A template is an ordinary workbook whose cells hold marks: ``{name}`` is a figure of the recipient, ``{item.actual}``
one of a record, and its row stands once for every record. A row with ``{?pay}`` stands only where there is some pay.
What lies below a row that repeats moves, and formulas, formats, tables, names and charts move and stretch with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from xlperf.xlsx.template.zip_writer import Fixed

OWN_ROW, REF, SLOT, END = "\ue000", "\ue001", "\ue003", "\ue002"  # stand in a text where it will be cut
_CUT = re.compile(f"{REF}(\\d+),(\\d+),([01]){END}|{SLOT}(\\d+){END}")


class Mark(NamedTuple):
    """A figure to fill in: of the recipient where ``block`` is empty, else column ``at`` of the records of a block."""

    block: str
    name: str
    at: int


class Slot(NamedTuple):
    """A cell to be filled in: texts and marks that make its contents, and how it looks with a text like a formula."""

    parts: tuple[str | Mark, ...]
    look: str
    quoted: str
    native: tuple[str | Place, ...] = ()

    @property
    def alone(self) -> Mark | None:
        """The mark that is all of the cell's contents, if one is."""
        only = self.parts[0] if len(self.parts) == 1 else None
        return only if isinstance(only, Mark) else None


class Place(NamedTuple):
    """The row number, in a copy, of a row of the template: the first where it repeats, or the last."""

    sheet: int
    row: int
    last: bool


class Cache(NamedTuple):
    """The figures that a chart shows: those of a column between two rows of the template."""

    sheet: int
    column: int
    top: int
    bottom: int
    numbers: bool


Piece = Slot | Place | Cache


@dataclass(frozen=True)
class Cut:
    """A text cut where something is filled in: a literal, a piece, a literal, and so on."""

    literals: tuple[str, ...]
    pieces: tuple[Piece, ...] = ()


@dataclass(frozen=True)
class Row:
    """A row of a page: it repeats for the records of a ``block``, and stands only where all ``conditions`` are met."""

    number: int
    text: Cut
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
    def _marks(self) -> Iterator[Mark | None]:
        return (piece.alone if isinstance(piece, Slot) else None for piece in self.text.pieces)


@dataclass(frozen=True)
class Page:
    """A sheet of the template: what stands before its rows, the rows, the merged cells, and what follows."""

    member: str
    before: str
    rows: tuple[Row, ...]
    merged: tuple[tuple[str, int, str, int], ...]
    between: Cut
    after: Cut
    cells: Mapping[tuple[int, int], Any] = field(repr=False)
    changes: bool = True

    @cached_property
    def varying(self) -> tuple[Row, ...]:
        """The rows that may move those below them."""
        return tuple(each for each in self.rows if each.varies)

    @cached_property
    def moving(self) -> tuple[int, ...]:
        """Their numbers."""
        return tuple(each.number for each in self.varying)


@dataclass(frozen=True)
class Stencil:
    """A template that is ready to be filled: pages and other parts that change, and the members that do not."""

    pages: tuple[Page, ...]
    others: tuple[tuple[str, Cut], ...]
    base: Fixed
    since_1904: bool


def divided(text: str, slots: list[Any] | None = None) -> Cut:
    """Cut a text at its signs."""
    literals, pieces, end = [], [], 0
    for found in _CUT.finditer(text):
        sheet, row, last, slot = found.groups()
        literals.append(text[end : found.start()])
        pieces.append((slots or [])[int(slot)] if slot else Place(int(sheet), int(row), last == "1"))
        end = found.end()
    return Cut((*literals, text[end:]), tuple(pieces))
