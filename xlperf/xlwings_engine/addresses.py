"""Where cells are: rectangles of a sheet, and how Excel writes their addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from openpyxl.utils import column_index_from_string, get_column_letter

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384

_CELLS = re.compile(r"\$?([A-Za-z]{1,3})\$?([1-9]\d*)(?::\$?([A-Za-z]{1,3})\$?([1-9]\d*))?")
_ROWS = re.compile(r"\$?([1-9]\d*):\$?([1-9]\d*)")
_COLUMNS = re.compile(r"\$?([A-Za-z]{1,3}):\$?([A-Za-z]{1,3})")


class Place(NamedTuple):
    """A rectangle of cells: its first and last row and column, all included, counted from 1."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def height(self) -> int:
        """The number of rows."""
        return self.bottom - self.top + 1

    @property
    def width(self) -> int:
        """The number of columns."""
        return self.right - self.left + 1

    @property
    def whole_rows(self) -> bool:
        """Whether it reaches from the first column to the last."""
        return self.left == 1 and self.right == LAST_COLUMN

    @property
    def whole_columns(self) -> bool:
        """Whether it reaches from the first row to the last."""
        return self.top == 1 and self.bottom == LAST_ROW

    def cells(self) -> Iterator[tuple[int, int]]:
        """Yield row and column of every cell, row by row."""
        for row in range(self.top, self.bottom + 1):
            for column in range(self.left, self.right + 1):
                yield row, column

    def within(self, other: Place) -> Place | None:
        """Return what two rectangles share, if anything."""
        shared = Place(
            max(self.top, other.top),
            max(self.left, other.left),
            min(self.bottom, other.bottom),
            min(self.right, other.right),
        )
        return shared if shared.height > 0 and shared.width > 0 else None

    def holds(self, row: int, column: int) -> bool:
        """Whether a cell lies in it."""
        return self.top <= row <= self.bottom and self.left <= column <= self.right

    def address(self, row_absolute: bool = True, column_absolute: bool = True) -> str:
        """Write the address the way Excel does.

        >>> Place(1, 1, 3, 2).address(), Place(2, 1, 2, LAST_COLUMN).address(), Place(1, 1, 1, 1).address(False, False)
        ('$A$1:$B$3', '$2:$2', 'A1')
        """
        row, column = ("$" if row_absolute else ""), ("$" if column_absolute else "")
        if self.whole_rows:
            return f"{row}{self.top}:{row}{self.bottom}"
        if self.whole_columns:
            return f"{column}{get_column_letter(self.left)}:{column}{get_column_letter(self.right)}"
        corners = ((self.top, self.left), (self.bottom, self.right))
        first, last = (f"{column}{get_column_letter(x)}{row}{y}" for y, x in corners)
        return first if first == last else f"{first}:{last}"


def read_place(address: str) -> Place | None:
    """Read an address such as A1, $A$1:C3, A:C or 2:5; None where it is none, so that it may be a name.

    >>> read_place("C3:A1"), read_place("quota")
    (Place(top=1, left=1, bottom=3, right=3), None)
    """
    if found := _CELLS.fullmatch(address):
        left, top = column_index_from_string(found[1].upper()), int(found[2])
        right, bottom = (column_index_from_string(found[3].upper()), int(found[4])) if found[3] else (left, top)
    elif found := _ROWS.fullmatch(address):
        top, bottom, left, right = int(found[1]), int(found[2]), 1, LAST_COLUMN
    elif found := _COLUMNS.fullmatch(address):
        left, right = (column_index_from_string(each.upper()) for each in found.groups())
        top, bottom = 1, LAST_ROW
    else:
        return None
    place = Place(min(top, bottom), min(left, right), max(top, bottom), max(left, right))
    return place if place.bottom <= LAST_ROW and place.right <= LAST_COLUMN else None


def enclose_places(one: Place, other: Place) -> Place:
    """Return the smallest rectangle that holds both.

    >>> enclose_places(Place(1, 1, 1, 1), Place(3, 2, 3, 2))
    Place(top=1, left=1, bottom=3, right=2)
    """
    return Place(
        min(one.top, other.top), min(one.left, other.left), max(one.bottom, other.bottom), max(one.right, other.right)
    )


def quote_title(title: str) -> str:
    """Write the title of a sheet as it stands before an address.

    >>> quote_title("Results"), quote_title("Task guide")
    ('Results', "'Task guide'")
    """
    plain = re.fullmatch(r"[^\W\d]\w*", title) and read_place(title) is None
    return title if plain else "'" + title.replace("'", "''") + "'"


def split_address(reference: str) -> tuple[str, str]:
    """Split a reference into the title of the sheet, if it names one, and the address.

    >>> split_address("'Task guide'!$A$1"), split_address("B2")
    (('Task guide', '$A$1'), ('', 'B2'))
    """
    title, _, address = reference.rpartition("!")
    if title.startswith("'") and title.endswith("'"):
        title = title[1:-1].replace("''", "'")
    return title, address


def read_places(addresses: object) -> list[Place]:
    """Read addresses with blanks between them.

    >>> read_places("A1 B2:C3")
    [Place(top=1, left=1, bottom=1, right=1), Place(top=2, left=2, bottom=3, right=3)]
    """
    return [place for each in str(addresses).split() if (place := read_place(each)) is not None]


def subtract_place(place: Place, hole: Place) -> list[Place]:
    """Return what is left of a rectangle when another is cut out of it.

    >>> subtract_place(Place(1, 1, 3, 1), Place(2, 1, 2, 1))
    [Place(top=1, left=1, bottom=1, right=1), Place(top=3, left=1, bottom=3, right=1)]
    """
    cut = place.within(hole)
    if cut is None:
        return [place]
    pieces = [
        place._replace(bottom=cut.top - 1),
        cut._replace(left=place.left, right=cut.left - 1),
        cut._replace(left=cut.right + 1, right=place.right),
        place._replace(top=cut.bottom + 1),
    ]
    return [piece for piece in pieces if piece.height > 0 and piece.width > 0]
