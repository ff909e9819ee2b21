"""Reads what a workbook and the files beside it say of work that is done: run, published, gone on with."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path

from xlperf.core.periods import Period, Periods
from xlperf.core.problems import LANGUAGES
from xlperf.reporting.placeholders import AUDIENCES, Audience
from xlperf.schema import find_sheet
from xlperf.workbook.read.book import Book, book_from_grids
from xlperf.workbook.read.headers import sheet_titled
from xlperf.xlsx.reader.safety import DAMAGED
from xlperf.xlsx.reader.workbook import Grid, Workbook

BOOKS = (".xlsx", ".xlsm")
READ_OF_OTHERS = ("settings", "history")  # of another workbook, to tell whether it is the next period's


def run_record(path: Path) -> dict[str, str]:
    """Return what the Run sheet of a workbook says, by item; nothing where it was never run.

    >>> run_record(Path("no such book.xlsx"))
    {}
    """
    found: dict[str, str] = {}
    for grid in _grids(path, "run"):
        for position in range(len(grid)):
            item, *values = [*grid.row(position).values(), None][:2]
            found.setdefault(str(item), str(values[0]) if values and values[0] is not None else "")
    return found


def published_files(folder: Path) -> dict[Audience, list[Path]]:
    """Return the files that the manifests of a folder list and that are there, by audience.

    >>> published_files(Path("no such folder"))
    {}
    """
    found: dict[Audience, list[Path]] = {}
    for audience in AUDIENCES:
        manifest = folder / f"{audience}.csv"
        if not manifest.is_file():
            continue
        with manifest.open(newline="", encoding="utf-8-sig") as lines:
            names = [row.get("file") or "" for row in csv.DictReader(lines)]
        there = [folder / audience / name for name in names if name and (folder / audience / name).is_file()]
        if there:
            found[audience] = there
    return found


def shows_period(path: Path, period: Period) -> bool:
    """Whether some cell of a workbook holds the label of a period, and nothing else; not so where it cannot be read."""
    labels = {period.code, *(period.label(lang) for lang in LANGUAGES)}
    return any(cell in labels for grid in _grids(path) for values in grid.columns.values() for cell in values)


def next_books(ours: Book, path: Path, period: Period, calendar: Periods) -> list[Path]:
    """Return the workbooks beside one that are of its scheme and a later period, and hold its results as history."""
    found = []
    for other in sorted(path.parent.iterdir()):
        if other.suffix.lower() not in BOOKS or other.name.startswith("~$") or other.name == path.name:
            continue
        grids = list(_grids(other, *READ_OF_OTHERS))
        if {sheet_titled(grid.title) for grid in grids} == {find_sheet(code) for code in READ_OF_OTHERS}:
            book = book_from_grids(other, tuple(grid.title for grid in grids), grids)
            if _follows(book, ours, period, calendar):
                found.append(other)
    return found


def _follows(book: Book, ours: Book, period: Period, calendar: Periods) -> bool:
    later = calendar.find(book.scheme.settings.period)
    if later is None or not later.comes_after(period) or book.scheme.settings.scheme != ours.scheme.settings.scheme:
        return False
    history: Mapping[object, Period] = calendar.resolve(book.tables["history"]["period"].dropna().unique(), later)
    return period in history.values()


def _grids(path: Path, *codes: str) -> Iterator[Grid]:
    """Read some sheets of a workbook, all without codes; none of a file that cannot be read."""
    try:
        with Workbook(path) as workbook:
            for part in workbook.sheets:
                sheet = sheet_titled(part.title)
                if not codes or (sheet is not None and sheet.code in codes):
                    yield workbook.grid(part)
    except (*DAMAGED, OSError):
        return
