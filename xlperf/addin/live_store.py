"""A workbook that is open in Excel, as workflows read and change it: unsaved changes count."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from xlperf.core.problems import Lang
from xlperf.workflows.result import refusing

if TYPE_CHECKING:
    import xlwings as xw

    from xlperf.workbook.read.book import Book
    from xlperf.workbook.run_mark import RunOptions
    from xlperf.workbook.write.update import Change, LookedAt
    from xlperf.xlsx.reader.last_saved import LastSaved
    from xlperf.xlsx.reader.workbook import Grid


class LiveStore:
    """A workbook that is open in Excel; see :class:`xlperf.workflows.store.WorkbookStore`.

    It is changed through xlwings, and not saved: whoever has it open decides about that.
    """

    def __init__(self, book: xw.Book) -> None:
        from xlperf.addin.read_live import LiveSheets

        self.book = book
        self._sheets = LiveSheets(book)
        self._lang: Lang | None = None

    @property
    def path(self) -> Path:
        """The file of the workbook."""
        return Path(self.book.fullname)

    def read(self, facts: Mapping[str, str] | None = None) -> Book:
        """Read its tables as they are on the screen."""
        ours = self._sheets.read(facts)
        self._lang = ours.lang if ours.tables else None
        return ours

    def grid(self, code: str) -> Grid | None:
        """Return the cells of its sheet of a kind as they are on the screen; None where it has no such sheet."""
        from xlperf.schema import SHEETS
        from xlperf.workbook.read.headers import sheet_titled

        found = next((each for each in self._sheets.titles if sheet_titled(each) is SHEETS[code]), None)
        return self._sheets.grid(found) if found is not None else None

    def last_saved(self) -> LastSaved:
        """Tell who has edited it: what is not saved yet is of who sits at Excel, at a time that nothing tells."""
        from xlperf.addin.read_live import EXCEL
        from xlperf.xlsx.reader.last_saved import LastSaved, last_saved

        app, api = self.book.app, self.book.api
        if app.engine.name == EXCEL and not (api.saved.get() if sys.platform == "darwin" else api.Saved):
            return LastSaved(str(app.api.user_name.get() if sys.platform == "darwin" else app.api.UserName), None)
        return last_saved(self.path) if self.path.is_file() else LastSaved("", None)

    def left_by_run(self, options: RunOptions) -> Lang | None:
        """Return its language where it still is, on the screen, what a run left; None where a run may change it."""
        from xlperf.workbook.run_mark import NAME, language_in

        mark = str(self.book.names[NAME].refers_to).removeprefix("=") if NAME in self.book.names else None
        lang = language_in(mark)
        return lang if lang is not None and mark == self._sheets.mark(options, lang) else None

    def change(
        self,
        looked_at: LookedAt,
        edit: Change,
        target: Path | None = None,
        keep_backup: bool = True,
        run: RunOptions | None = None,
    ) -> tuple[Path, ...]:
        """Change its sheets in Excel, or a file that it is saved to first."""
        from xlperf.addin.standin import StandIn
        from xlperf.workbook.run_mark import NAME

        if target is not None:
            raise NotImplementedError("an open workbook is changed where it is")
        with refusing(self._lang):
            standin = StandIn(self.book, looked_at)
            edit(standin.workbook)
            try:
                standin.carry()
            finally:
                self._sheets = self._sheets.reread(standin.written)
            if run is not None and self._lang is not None:
                self.book.names.add(NAME, f"={self._sheets.mark(run, self._lang)}")
        return ()
