"""Where a workbook stands: in a file, or open in Excel. Only how they are read and changed differs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from xlperf.core.problems import Lang, Problem
from xlperf.workflows.result import Refused, refusing

if TYPE_CHECKING:
    from xlperf.workbook.read.book import Book
    from xlperf.workbook.run_mark import RunOptions
    from xlperf.workbook.write.update import Change, LookedAt
    from xlperf.xlsx.atomic_save import FileSnapshot
    from xlperf.xlsx.reader.last_saved import LastSaved
    from xlperf.xlsx.reader.workbook import Grid


class WorkbookStore(Protocol):
    """A workbook that can be read and changed.

    ``path`` is its file; that of a workbook which was never saved does not exist.
    """

    @property
    def path(self) -> Path:
        """The file of the workbook."""

    def read(self, facts: Mapping[str, str] | None = None) -> Book:
        """Read its tables, as :func:`xlperf.read_book` does."""

    def grid(self, code: str) -> Grid | None:
        """Return the cells of its sheet of a kind; None where it has no such sheet."""

    def last_saved(self) -> LastSaved:
        """Tell who edited it last, and when: for the records of HR, never for a result."""

    def left_by_run(self, options: RunOptions) -> Lang | None:
        """Return its language where it still is what a run with some options left; None where a run may change it."""

    def change(
        self,
        looked_at: LookedAt,
        edit: Change,
        target: Path | None = None,
        keep_backup: bool = True,
        run: RunOptions | None = None,
    ) -> tuple[Path, ...]:
        """Change its sheets and return the files that were written: none where nothing has changed.

        Parameters
        ----------
        looked_at : tells for a sheet of the layout how many rows of its cells ``edit`` needs: 0 for all, None for none
        edit : writes into a workbook of openpyxl that has the sheets by name
        target : another file to write; the workbook itself, if there is none
        keep_backup : whether a file that is replaced is kept beside the new one
        run : the options of the run that changes it, for its mark; None where it is no run

        Raises
        ------
        Refused
            Where that cannot be done. Nothing was changed.
        """


BookOrPath = str | Path | WorkbookStore


class FileStore:
    """A workbook in a file.

    The file must be at a change what it was when it was read first: of two who read it at the same time, the second is
    refused.
    """

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)
        self._read: FileSnapshot | None = None
        self._lang: Lang | None = None

    @property
    def path(self) -> Path:
        """The file of the workbook."""
        return self._path

    def read(self, facts: Mapping[str, str] | None = None) -> Book:
        """Read its tables; see :class:`WorkbookStore`."""
        from xlperf.workbook.read.book import read_book
        from xlperf.xlsx.atomic_save import FileSnapshot

        self._read = self._read or FileSnapshot.of(self._path)
        book = read_book(self._path, facts)
        self._lang = book.lang if book.tables else None
        return book

    def grid(self, code: str) -> Grid | None:
        """Return the cells of a sheet; see :class:`WorkbookStore`."""
        from xlperf.workbook.read.earlier_figures import sheet_grid
        from xlperf.xlsx.package.open import refuse_damaged

        with refusing(self._lang), refuse_damaged(self._path):
            return sheet_grid(self._path, code)

    def last_saved(self) -> LastSaved:
        """Tell who saved the file last, and when, as it says itself."""
        from xlperf.xlsx.reader.last_saved import last_saved

        return last_saved(self._path)

    def left_by_run(self, options: RunOptions) -> Lang | None:
        """Return its language where it still is what a run left; see :class:`WorkbookStore`."""
        from xlperf.workbook.run_mark import left_by_run

        return left_by_run(self._path, options)

    def change(
        self,
        looked_at: LookedAt,
        edit: Change,
        target: Path | None = None,
        keep_backup: bool = True,
        run: RunOptions | None = None,
    ) -> tuple[Path, ...]:
        """Change its sheets; see :class:`WorkbookStore`."""
        from xlperf.workbook.run_mark import marked
        from xlperf.workbook.write.update import WorkbookUpdate
        from xlperf.xlsx.atomic_save import demand_kind, write_atomically

        written = target or self._path
        with refusing(self._lang):
            demand_kind(self._path, written)
            update = WorkbookUpdate(self._path, looked_at)
            edit(update.workbook)
            merged = update.merged()
            if run is not None and self._lang is not None:
                merged = marked(merged, run, self._lang)
            if self._read is not None and self._read.is_of(written, merged):
                self._read.demand()
                return ()
            write_atomically(merged, written, keep_backup, self._read)
        return (written,)


def store_of(book: BookOrPath) -> WorkbookStore:
    """Return the store of a workbook that is named by its file."""
    return FileStore(book) if isinstance(book, (str, Path)) else book


def read_from(store: WorkbookStore, facts: Mapping[str, str] | None = None) -> Book:
    """Read a workbook, with ``facts`` from outside.

    Raises
    ------
    Refused
        Where it cannot be read, or is not xlperf's.
    """
    book = store.read(facts)
    if not book.tables:
        raise Refused(book.problems, None)
    return book


def file_of(store: WorkbookStore, lang: Lang | None) -> Path:
    """Return the file of a workbook.

    Raises
    ------
    Refused
        Where it was never saved.
    """
    if not store.path.is_file():
        raise Refused([Problem("book-unsaved")], lang)
    return store.path
