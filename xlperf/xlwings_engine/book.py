"""A workbook and its sheets, and the names that it defines."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from openpyxl import load_workbook
from openpyxl.workbook import Workbook
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.worksheet import Worksheet
from xlwings import base_classes

from xlperf.xlsx.atomic_save import packed, write_atomically
from xlperf.xlsx.lossless_save import CannotMerge, MergingBack
from xlperf.xlsx.package.cached_values import with_cached
from xlperf.xlwings_engine.addresses import split_address
from xlperf.xlwings_engine.cells import AnyCell, AnySheet
from xlperf.xlwings_engine.sheet import Sheet
from xlperf.xlwings_engine.tables import settle_headings
from xlperf.xlwings_engine.values import shown_value

if TYPE_CHECKING:
    from xlperf.xlwings_engine.app import App
    from xlperf.xlwings_engine.ranges import Range

MACROS = (".xlsm", ".xltm", ".xlam")


class Book(base_classes.Book):
    """An openpyxl workbook, with the file that it came from."""

    def __init__(self, app: App, workbook: Workbook, title: str, number: int, path: Path | None, source: bytes) -> None:
        self._app, self.workbook, self.number, self.path = app, workbook, number, path
        self._title = title
        self._made: dict[int, Sheet] = {}
        self._stored = _Stored(workbook, source)
        self._merging = MergingBack(source, workbook, title) if source else None

    @classmethod
    def empty(cls, app: App, title: str, number: int) -> Book:
        """Make a book of one empty sheet."""
        workbook = Workbook()
        workbook.worksheets[0].title = "Sheet1"
        return cls(app, workbook, title, number, None, b"")

    @classmethod
    def opened(cls, app: App, path: Path, number: int) -> Book:
        """Read a file; its macros are kept and never run."""
        source = path.read_bytes()
        keep = path.suffix.lower() in MACROS
        workbook = load_workbook(io.BytesIO(source), keep_vba=keep, rich_text=True)
        return cls(app, workbook, path.name, number, path, source)

    @property
    def app(self) -> App:
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

    def stored(self, cell: AnyCell) -> Any:
        """Return the value that the file holds for a formula; None for one that was written since."""
        return self._stored.value(cell)

    def adopt(self, cell: AnyCell, value: Any) -> None:
        """Let a formula have a value that was computed elsewhere, as when it was copied with its value."""
        self._stored.adopt(cell, value)

    def reword(self, cell: AnyCell, formula: str) -> None:
        """Give a formula another wording and let it keep its stored value, as when what it refers to has moved."""
        self._stored.reword(cell, formula)

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
            raise NotImplementedError("a password")
        target = Path(path).resolve() if path else self.path or (Path.cwd() / f"{self._title}.xlsx")
        settle_headings(self.workbook)
        write_atomically(self._written(target.suffix), target, keep_backup=False)
        self.path = target

    def _written(self, suffix: str) -> bytes:
        """Return the file: the one that was opened with what has changed, or a new one."""
        results = self._stored.results(self.workbook)
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


class _Stored:
    """The values of formulas that nobody has changed since: those the file holds, read when the first is asked for."""

    def __init__(self, workbook: Workbook, source: bytes) -> None:
        self._source = source
        self._places = {
            id(cell): _Place(cell, cell.value, ws.title, cell.row, cell.column)
            for ws in (workbook.worksheets if source else [])
            for cell in _formulas(ws)
        }
        self._adopted: dict[int, tuple[AnyCell, Any, Any]] = {}
        self._values: Workbook | None = None

    def value(self, cell: AnyCell) -> Any:
        """Return the value of a formula that is as it was; None for another one."""
        adopted = self._adopted.get(id(cell))
        if adopted is not None and adopted[1] == cell.value:
            return adopted[2]
        found = self._found(cell)
        return shown_value(found.value, found.data_type) if found is not None else None

    def adopt(self, cell: AnyCell, value: Any) -> None:
        """Remember the value of a formula."""
        self._adopted[id(cell)] = (cell, cell.value, value)

    def reword(self, cell: AnyCell, formula: str) -> None:
        """Change a formula, not its value."""
        known, adopted = self._places.get(id(cell)), self._adopted.get(id(cell))
        if known is not None and known.formula == cell.value:
            self._places[id(cell)] = known._replace(formula=formula)
        if adopted is not None and adopted[1] == cell.value:
            self._adopted[id(cell)] = (cell, formula, adopted[2])
        cell.value = formula

    def results(self, workbook: Workbook) -> dict[str, dict[str, object]]:
        """Return the values of the formulas that are as they were, by the title of the sheet and the cell."""
        results: dict[str, dict[str, object]] = {}
        for ws in workbook.worksheets:
            values = {cell.coordinate: self.value(cell) for cell in _formulas(ws)}
            kept = {place: value for place, value in values.items() if value is not None}
            if kept:
                results[ws.title] = kept
        return results

    def _found(self, cell: AnyCell) -> AnyCell | None:
        known = self._places.get(id(cell))
        if known is None or known.formula != cell.value:
            return None
        if self._values is None:
            self._values = load_workbook(io.BytesIO(self._source), data_only=True)
        sheet: AnySheet = self._values[known.title]
        return sheet._cells.get((known.row, known.column))


class _Place(NamedTuple):
    """A formula of the file and where it stood."""

    cell: AnyCell
    formula: Any
    title: str
    row: int
    column: int


def _formulas(worksheet: AnySheet) -> list[AnyCell]:
    return [cell for cell in worksheet._cells.values() if cell.data_type == "f"]


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
        if after is not None:
            place = workbook.index(after.worksheet) + 1
        else:
            place = workbook.index((before or self.active).worksheet)
        sheet = self.book.sheet(workbook.create_sheet(name or self._free_title(), place))
        sheet.activate()
        return sheet

    def _free_title(self) -> str:
        numbered = (f"Sheet{number}" for number in range(1, len(self) + 2))
        return next(each for each in numbered if each not in self)


class Names(base_classes.Names):
    """The names that a book or one of its sheets defines; those of sheets bear the title of the sheet before them."""

    def __init__(self, book: Book, worksheet: AnySheet | None = None) -> None:
        self.book, self.worksheet = book, worksheet

    @property
    def api(self) -> Any:
        """The names as openpyxl keeps them."""
        return (self.worksheet or self.book.workbook).defined_names

    def known(self) -> list[Name]:
        """Return the names in the order of the alphabet."""
        owners = [self.worksheet] if self.worksheet is not None else [None, *self.book.workbook.worksheets]
        found = [
            Name(self.book, owner, name)
            for owner in owners
            for name in (self.book.workbook if owner is None else owner).defined_names
        ]
        return sorted(found, key=lambda each: each.name.lower())

    def __call__(self, name_or_index: int | str) -> Name:
        """Return a name by its place, from 1, or as it is written."""
        known = self.known()
        if isinstance(name_or_index, int):
            return known[name_or_index - 1]
        for each in known:
            if name_or_index.lower() in (each.name.lower(), each.key.lower()):
                return each
        raise KeyError(name_or_index)

    def contains(self, name_or_index: int | str) -> bool:
        """Whether there is such a name."""
        try:
            self(name_or_index)
        except (KeyError, IndexError):
            return False
        return True

    def __len__(self) -> int:
        return len(self.known())

    def add(self, name: str, refers_to: str) -> Name:
        """Define a name, of the whole book or, as ``Sheet1!name``, of one sheet."""
        title, key = split_address(name)
        owner = self.book.workbook[title] if title else self.worksheet
        holder = self.book.workbook if owner is None else owner
        holder.defined_names[key] = DefinedName(key, attr_text=str(refers_to).removeprefix("="))
        return Name(self.book, owner, key)


class Name(base_classes.Name):
    """A defined name."""

    def __init__(self, book: Book, worksheet: AnySheet | None, key: str) -> None:
        self.book, self.worksheet, self.key = book, worksheet, key

    @property
    def api(self) -> Any:
        """The name as openpyxl keeps it."""
        return self._names[self.key]

    @property
    def _names(self) -> Any:
        return (self.worksheet or self.book.workbook).defined_names

    @property
    def name(self) -> str:
        """The name, with the title of its sheet where it belongs to one."""
        return self.key if self.worksheet is None else f"{self.worksheet.title}!{self.key}"

    @name.setter
    def name(self, value: str) -> None:
        refers_to = self.refers_to
        self.delete()
        self.key = split_address(value)[1]
        self._names[self.key] = DefinedName(self.key, attr_text=refers_to.removeprefix("="))

    @property
    def refers_to(self) -> str:
        """What it stands for, as a formula."""
        return f"={self.api.attr_text}"

    @refers_to.setter
    def refers_to(self, value: str) -> None:
        self.api.attr_text = str(value).removeprefix("=")

    @property
    def refers_to_range(self) -> Range:
        """The cells it stands for."""
        title, address = split_address(str(self.api.attr_text))
        return self.book.sheets(title).range(address)

    def delete(self) -> None:
        """Remove the name."""
        del self._names[self.key]
