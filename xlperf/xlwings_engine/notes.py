"""Notes on cells: what Excel called comments before there were threads of them."""

from __future__ import annotations

from typing import Any, Protocol

from openpyxl.comments import Comment
from xlwings import base_classes

AUTHOR = "xlwings"


class NotedCell(Protocol):
    """The range of the cell that a note is on."""

    @property
    def cell(self) -> Any:
        """The openpyxl cell."""


class Note(base_classes.Note):
    """The note on one cell."""

    def __init__(self, location: NotedCell) -> None:
        self._location = location

    @property
    def api(self) -> Any:
        """The note as openpyxl keeps it."""
        return self._cell.comment

    @property
    def _cell(self) -> Any:
        return self._location.cell

    @property
    def location(self) -> NotedCell:
        """The cell."""
        return self._location

    @property
    def author(self) -> str:
        """Who wrote it."""
        return str(self.api.author)

    @property
    def text(self) -> str:
        """What it says."""
        return str(self.api.text)

    @text.setter
    def text(self, value: str) -> None:
        old = self.api
        self._cell.comment = Comment(value, old.author, old.height, old.width)

    def delete(self) -> None:
        """Remove it."""
        self._cell.comment = None
