"""What a range, a table or a drawing asks of the sheet, the book and the app that it belongs to.

xlwings' objects know their owners, and owners make their parts. Here a part knows its owner by what it asks of it, so
that the modules depend on each other one way: app, book, sheet, table, range, cells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Protocol

from openpyxl.workbook import Workbook

from xlperf.core.problems import Problem
from xlperf.xlwings_engine.addresses import Place
from xlperf.xlwings_engine.arrays import ArrayFormulas
from xlperf.xlwings_engine.cells import AnySheet
from xlperf.xlwings_engine.stored_values import StoredValues


class AppOwner(Protocol):
    """An app, as its books see it."""

    clipboard: Any
    warnings: list[Problem]
    macros: dict[str, Callable[..., Any]]

    @property
    def books(self) -> Any:
        """The books that are open."""


class BookOwner(Protocol):
    """A book, as its sheets and names see it."""

    workbook: Workbook
    stored: StoredValues

    @property
    def app(self) -> AppOwner:
        """The app that it is open in."""

    @property
    def name(self) -> str:
        """The name of the file."""

    def title_in_file(self, worksheet: AnySheet) -> tuple[bytes, str]:
        """Return the file that was opened, and the title that a sheet has in it; nothing for a new sheet."""

    @property
    def names(self) -> Any:
        """The names that the book and its sheets define."""

    @property
    def sheets(self) -> Any:
        """The worksheets."""


class SheetOwner(Protocol):
    """A sheet, as what lies on it sees it."""

    worksheet: AnySheet
    arrays: ArrayFormulas
    drawing_names: dict[int, str]

    @property
    def book(self) -> BookOwner:
        """The book that it belongs to."""

    @property
    def name(self) -> str:
        """The title."""

    @property
    def tables(self) -> Iterable[Any]:
        """The Excel tables."""

    @property
    def used_range(self) -> Any:
        """The smallest range that holds every cell with a value or a format."""

    def select_place(self, place: Place) -> None:
        """Select cells."""
