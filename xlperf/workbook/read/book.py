"""Reads a workbook: its policy and input sheets as typed tables, its scheme, and everything that is wrong with them.

Sheets are recognised by their titles and columns by their headings, in either language and any order. The sheets that
xlperf writes are not read, so a workbook gives the same tables before and after a run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from xlperf.core.periods import Period, parse_period
from xlperf.core.problems import Lang, Problem, Text, has_errors, in_order
from xlperf.core.spelling import similar
from xlperf.core.vocabulary import WORDS, fold
from xlperf.policy.scheme import Scheme, rating_labels_of, scheme_of
from xlperf.schema import RULES_TITLE, SHEETS
from xlperf.schema.settings import find_setting
from xlperf.schema.tables import Table
from xlperf.workbook.fingerprint import fingerprint
from xlperf.workbook.read.headers import sheet_titled
from xlperf.workbook.read.rating_labels import NO_LABELS
from xlperf.workbook.read.sheet_table import Reading, own_columns, read_sheet
from xlperf.xlsx.reader.safety import DAMAGED, check_package
from xlperf.xlsx.reader.workbook import Grid, Workbook

RESERVED_TITLES = frozenset({"history"})  # what Excel keeps for itself: the sheet of tracked changes
PERIOD_LABELS = ("考核周期", "考核月份", "考核期间", "周期", "月份", "period", "month", "appraisal period")


@dataclass(frozen=True)
class Book:
    """A workbook as read: its tables by sheet, the scheme they hold, and what is wrong with them."""

    path: Path
    lang: Lang
    tables: dict[str, Table]
    scheme: Scheme
    problems: list[Problem]
    sheets: tuple[str, ...]

    @cached_property
    def fingerprint(self) -> str:
        """Identify the contents of the policy and input sheets.

        It does not depend on formats, on the sheets that xlperf writes, or on the order of the rows of input sheets.
        """
        return fingerprint(self.tables)


def read_book(path: str | Path, facts: Mapping[str, str] | None = None) -> Book:
    """Read a workbook without changing or computing anything.

    Parameters
    ----------
    path : str or Path
        An .xlsx or .xlsm file.
    facts : mapping of str to str, or None
        Sheets whose rows come from outside, and where from: ``{"tasks": "tasks.parquet"}``. Their sheets in the
        workbook are not read.

    Returns
    -------
    Book
        With every problem found. A file that cannot be opened gives a book without tables and the reason as a problem.

    Examples
    --------
    >>> book = read_book("no such book.xlsx")
    >>> [problem.code for problem in book.problems], len(book.tables)
    (['file-missing'], 0)
    """
    path = Path(path)
    problems = check_package(path)
    if has_errors(problems):
        return _unread(path, problems)
    try:
        with Workbook(path) as workbook:
            titles = tuple(sheet.title for sheet in workbook.sheets)
            outside = {sheet_titled(word) for word in facts or ()}
            read = [each for each in workbook.sheets if is_read(each.title) and sheet_titled(each.title) not in outside]
            grids = [workbook.grid(sheet) for sheet in read]
    except DAMAGED:
        return _unread(path, [*problems, Problem("book-damaged", details={"file": path.name})])
    return book_from_grids(path, titles, grids, problems, facts)


def book_from_grids(
    path: Path,
    titles: tuple[str, ...],
    grids: Iterable[Grid],
    before: Iterable[Problem] = (),
    facts: Mapping[str, str] | None = None,
) -> Book:
    """Make the book of sheets whose cells are known, wherever they come from: a file, or a workbook open in Excel.

    ``titles`` are those of all worksheets, ``grids`` the sheets that are read, in the order of the tabs, and ``before``
    is what is wrong with the file. ``facts`` are the sheets that come from elsewhere.
    """
    problems = [*before, *_unknown_titles(titles), *_reserved_titles(titles)]
    readings, found = _readings(grids)
    problems += found
    tables = {reading.table.sheet.code: reading.table for reading in readings}
    problems += (problem for reading in readings for problem in reading.problems)
    if not {"settings", "indicators"} & tables.keys():
        return _unread(path, [*problems, Problem("not-xlperf", details={"file": path.name})], titles)
    if facts:
        from xlperf.workbook.sources import facts_from

        outside, found = facts_from(facts, tables)
        tables |= outside
        problems += found
    scheme, found = scheme_of(tables, own_columns(tables))
    problems += found
    problems += (problem for reading in readings for problem in _other_period(reading, scheme))
    tables |= scheme.tables
    return Book(path, _language(scheme, titles), tables, scheme, in_order(problems), titles)


def _unread(path: Path, problems: list[Problem], titles: tuple[str, ...] = ()) -> Book:
    scheme, _ = scheme_of({})
    return Book(path, _language(scheme, titles), {}, scheme, in_order(problems), titles)


def is_read(title: str) -> bool:
    """Whether a sheet of this title holds policy or inputs."""
    sheet = sheet_titled(title)
    return sheet is not None and sheet.role != "output"


def _unknown_titles(titles: Sequence[str]) -> Iterator[Problem]:
    """Report sheets that are not known but almost have the title of a sheet that the workbook lacks."""
    known = {sheet.code for title in titles if (sheet := sheet_titled(title))}
    lacking = {
        word for sheet in SHEETS.values() if sheet.role != "output" and sheet.code not in known for word in sheet.title
    }
    for title in titles:
        near = [] if sheet_titled(title) or title in RULES_TITLE else similar(title, lacking, 1)
        if near:
            yield Problem("sheet-unknown", title, details={"cell": title, "near": near})


def _reserved_titles(titles: Sequence[str]) -> Iterator[Problem]:
    """Report sheets whose title Excel keeps for itself, as those of English workbooks of earlier versions."""
    for title in titles:
        sheet = sheet_titled(title)
        if title.casefold() in RESERVED_TITLES and sheet is not None:
            yield Problem("sheet-title-reserved", title, details={"cell": title, "sheet": sheet.title})


def _language(scheme: Scheme, titles: Iterable[str]) -> Lang:
    """Return the language that the workbook is set to, else that of most of its titles."""
    table = scheme.table("settings")
    if any((found := find_setting(str(name))) and found.code == "language" for name in table["setting"].dropna()):
        return scheme.settings.language
    return language_of_titles(titles)


def language_of_titles(titles: Iterable[str]) -> Lang:
    """Return the language of most of the sheet titles that the layout knows; Chinese where neither has more.

    >>> language_of_titles(["Clients", "Tasks", "员工", "Sheet1"]), language_of_titles([])
    ('en', 'zh')
    """
    titled = Counter(
        lang
        for title in titles
        if (sheet := sheet_titled(title))
        for lang, word in zip(("zh", "en"), sheet.title, strict=True)
        if fold(word) == fold(title)
    )
    return "en" if titled["en"] > titled["zh"] else "zh"


# Sheets -----------------------------------------------------------------------------------------------------------


def _readings(grids: Iterable[Grid]) -> tuple[list[Reading], list[Problem]]:
    """Return the sheets as read, in the order of their tabs, and those that stand there twice.

    Ratings are read after all others, since the policy says what their words mean.
    """
    problems: list[Problem] = []
    seen: dict[str, str] = {}
    tables: dict[str, Table] = {}
    readings: dict[str, Reading] = {}
    titled = [(grid, sheet) for grid in grids if (sheet := sheet_titled(grid.title)) is not None]
    for grid, sheet in sorted(titled, key=lambda pair: pair[1].code == "ratings"):
        if sheet.code in seen:
            details = {"first": seen[sheet.code], "second": grid.title, "sheet": sheet.title}
            problems.append(Problem("sheet-twice", grid.title, details=details))
            continue
        seen[sheet.code] = grid.title
        labels = rating_labels_of(tables) if sheet.code == "ratings" else NO_LABELS
        readings[grid.title] = read_sheet(grid, sheet, labels=labels)
        tables[sheet.code] = readings[grid.title].table
    return [readings[grid.title] for grid, _ in titled if grid.title in readings], problems


def _other_period(reading: Reading, scheme: Scheme) -> Iterator[Problem]:
    """Report a line above a table that names another period than that of the book."""
    period = parse_period(scheme.settings.period)
    for remark in reading.remarks:
        if period and fold(remark.label) in map(fold, PERIOD_LABELS) and _contradicts(remark.value, period):
            details = {
                "label": remark.label,
                "cell": remark.value,
                "period": Text(period.label("zh"), period.label("en")),
            }
            yield Problem("period-differs", reading.table.title, remark.cell, details)


def _contradicts(value: str, period: Period) -> bool:
    kind = WORDS["period_kind"].find(value)
    if kind:
        return kind != period.kind
    other = parse_period(value, period.start.year)
    return other is not None and other.code != period.code
