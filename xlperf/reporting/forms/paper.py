"""What a printed form is made of: pages of blocks that share the form's columns; how they look is not said here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Align = Literal["left", "center", "right"]


@dataclass(frozen=True)
class Figure:
    """A number on a form. Without ``digits`` it has the decimals that it needs, two at most."""

    value: float
    digits: int | None = None
    percent: bool = False
    unit: str = ""
    signed: bool = False


Cell = str | Figure | None
"""A text, a number, or None: the cell to the left reaches over it."""


@dataclass(frozen=True)
class Column:
    """A column of a form: its heading, and its share of the width of the page."""

    heading: str
    width: float
    align: Align = "left"


@dataclass(frozen=True)
class Fields:
    """Lines of labels, each with what is filled in beside it; an empty text is filled in by hand."""

    lines: tuple[tuple[tuple[str, Cell], ...], ...]


@dataclass(frozen=True)
class Row:
    """A row of a table; a strong one is a total or the title of a group."""

    cells: tuple[Cell, ...]
    strong: bool = False


@dataclass(frozen=True)
class Rows:
    """Rows below the headings of the form; equal cells in the first ``grouped`` columns are one."""

    rows: tuple[Row, ...]
    grouped: int = 0
    headed: bool = True


@dataclass(frozen=True)
class Passage:
    """A label with a longer text beside it, or with so many empty lines to write on."""

    label: str
    text: str = ""
    lines: int = 1


@dataclass(frozen=True)
class Remark:
    """A sentence across the page."""

    text: str


@dataclass(frozen=True)
class Signatures:
    """Who signs, each with a line to sign on."""

    labels: tuple[str, ...]


Block = Fields | Rows | Passage | Remark | Signatures


@dataclass(frozen=True)
class Page:
    """What belongs to one person, position or pool: it begins on a page of its own."""

    key: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Form:
    """A form, filled in.

    One that has a ``heading`` is a running table: title, heading and headings of columns stand once and are repeated on
    every sheet of paper. Otherwise every page is one sheet of paper, with its own title.
    """

    code: str
    title: str
    subtitle: str
    columns: tuple[Column, ...]
    pages: tuple[Page, ...]
    heading: Fields | None = None
    landscape: bool = False
