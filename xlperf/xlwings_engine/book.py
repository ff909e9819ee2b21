"""A workbook and its sheets: opened, edited and saved."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet
from xlwings import base_classes

from xlperf.xlsx.atomic_save import packed, write_atomically
from xlperf.xlsx.dynamic_arrays import with_dynamic
from xlperf.xlsx.exact_openpyxl import load_exactly
from xlperf.xlsx.lossless_save import CannotMerge, MergingBack
from xlperf.xlsx.package.cached_values import with_cached
from xlperf.xlwings_engine.cells import AnySheet
from xlperf.xlwings_engine.interfaces import AppOwner
from xlperf.xlwings_engine.limits import check_title
from xlperf.xlwings_engine.names import Names
from xlperf.xlwings_engine.sheet import Sheet
from xlperf.xlwings_engine.stored_values import StoredValues
from xlperf.xlwings_engine.tables import settle_headings

MACROS = (".xlsm", ".xltm", ".xlam")


class Book(base_classes.Book):
    """An openpyxl workbook, with the file that it came from."""

    def __init__(
        self, app: AppOwner, workbook: Workbook, title: str, number: int, path: Path | None, source: bytes
    ) -> None:
        self._app, self.workbook, self.number, self.path = app, workbook, number, path
        self._title = title
        self._made: dict[int, Sheet] = {}
        self.stored = StoredValues(workbook, source)
        self._source = source
        self._titles = {id(each): (each, str(each.title)) for each in workbook.worksheets}
        self._merging = MergingBack(source, workbook, title) if source else None

    @classmethod
    def empty(cls, app: AppOwner, title: str, number: int) -> Book:
        """Make a book of one empty sheet."""
        workbook = Workbook()
        workbook.worksheets[0].title = "Sheet1"
        return cls(app, workbook, title, number, None, b"")

    @classmethod
    def opened(cls, app: AppOwner, path: Path, number: int) -> Book:
        """Read a file; its macros are kept and never run."""
        source = path.read_bytes()
        keep = path.suffix.lower() in MACROS
        workbook = load_exactly(source, keep_vba=keep, rich_text=True)
        return cls(app, workbook, path.name, number, path, source)

    @property
    def app(self) -> AppOwner:
        """The app that it is open in."""
        return self._app

    @property
    def api(self) -> Workbook:
        """The openpyxl workbook."""
        return self.workbook

    @property
    def name(self) -> str:
        """The name of the file, or Book1 where there is none yet."""
        return self.path.name if self.path is not None else self._title

    @property
    def fullname(self) -> str:
        """The path of the file, or the name where there is none yet."""
        return str(self.path) if self.path is not None else self._title

    @property
    def sheets(self) -> Sheets:
        """The worksheets."""
        return Sheets(self)

    @property
    def names(self) -> Names:
        """The names that the book and its sheets define."""
        return Names(self)

    def sheet(self, worksheet: AnySheet) -> Sheet:
        """Return what stands for a worksheet: always the same object, which knows what is selected."""
        return self._made.setdefault(id(worksheet), Sheet(self, worksheet))

    def title_in_file(self, worksheet: AnySheet) -> tuple[bytes, str]:
        """Return the file that was opened, and the title that a sheet has in it; nothing for a new sheet."""
        _, title = self._titles.get(id(worksheet), (None, ""))
        return (self._source, title) if title else (b"", "")

    def activate(self) -> None:
        """Make it the active book."""
        self.app.books.first(self)

    def close(self) -> None:
        """Close it without saving."""
        self.app.books.drop(self)
        if self.workbook.vba_archive is not None:
            self.workbook.vba_archive.close()

    def save(self, path: str | None = None, password: str | None = None) -> None:
        """Save it in place of its file, or under another name; a book without a file goes to the working folder.

        The file is whole at any moment, the old one or the new one. What openpyxl does not know stays in a file that
        was opened here, and formulas that were not touched keep their stored values, so that whoever cannot calculate
        sees numbers. What could not be kept is told by ``app.impl.warnings``. Passwords are not supported.
        """
        if password is not None:
            raise NotImplementedError("a password: save without one and protect the file in Excel")
        target = Path(path).resolve() if path else self.path or (Path.cwd() / f"{self._title}.xlsx")
        settle_headings(self.workbook, self.stored)
        write_atomically(self._written(target.suffix), target, keep_backup=False)
        self.path = target

    def _written(self, suffix: str) -> bytes:
        """Return the file: the one that was opened with what has changed, or a new one."""
        return with_dynamic(self._written_plainly(suffix), self.workbook)

    def _written_plainly(self, suffix: str) -> bytes:
        results = self.stored.results(self.workbook)
        if self._merging is not None:
            try:
                return self._merging.merged(results, suffix)
            except CannotMerge as refusal:
                self.app.warnings.append(refusal.problem)
        archive = self.workbook.vba_archive
        try:
            if suffix.lower() not in MACROS:
                self.workbook.vba_archive = None
            written = packed(self.workbook)
        finally:
            self.workbook.vba_archive = archive
        return with_cached(written, results) if results else written


class Sheets(base_classes.Sheets):
    """The worksheets of a book, in the order of their tabs."""

    def __init__(self, book: Book) -> None:
        self.book = book

    @property
    def api(self) -> list[AnySheet]:
        """The openpyxl worksheets."""
        return self._worksheets

    @property
    def _worksheets(self) -> list[AnySheet]:
        return list(self.book.workbook.worksheets)

    @property
    def active(self) -> Sheet:
        """The sheet that is shown; the first one where a chart sheet is."""
        shown = self.book.workbook.active
        return self.book.sheet(shown if isinstance(shown, Worksheet) else self._worksheets[0])

    def __call__(self, name_or_index: int | str) -> Sheet:
        """Return a sheet by its place, from 1, or its title."""
        if isinstance(name_or_index, int):
            return self.book.sheet(self._worksheets[name_or_index - 1])
        for each in self._worksheets:
            if each.title.lower() == name_or_index.lower():
                return self.book.sheet(each)
        raise KeyError(name_or_index)

    def __contains__(self, name: object) -> bool:
        return any(each.title.lower() == str(name).lower() for each in self._worksheets)

    def __len__(self) -> int:
        return len(self._worksheets)

    def __iter__(self) -> Iterator[Sheet]:
        return iter([self.book.sheet(each) for each in self._worksheets])

    def add(self, before: Sheet | None = None, after: Sheet | None = None, name: str | None = None) -> Sheet:
        """Add a sheet before or after another one, else before the active one, and show it."""
        workbook = self.book.workbook
        title = check_title(name, workbook.sheetnames) if name is not None else self._free_title()
        if after is not None:
            place = workbook.index(after.worksheet) + 1
        else:
            place = workbook.index((before or self.active).worksheet)
        sheet = self.book.sheet(workbook.create_sheet(title, place))
        sheet.activate()
        return sheet

    def _free_title(self) -> str:
        numbered = (f"Sheet{number}" for number in range(1, len(self) + 2))
        return next(each for each in numbered if each not in self)
