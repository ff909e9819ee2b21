"""Reads a workbook: its policy and input sheets as typed tables, its scheme, and everything that is wrong with them.

Sheets are recognised by their titles and columns by their headings, in either language and any order. The sheets that
xlperf writes are not read, so a workbook gives the same tables before and after a run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from openpyxl.utils import get_column_letter

from xlperf.core.column_store import UNCALCULATED, Cells
from xlperf.core.numbers import clean_text
from xlperf.core.periods import Period, parse_period
from xlperf.core.problems import Lang, Problem, Text, has_errors, in_order
from xlperf.core.spelling import similar
from xlperf.core.vocabulary import WORDS, fold
from xlperf.policy.scheme import Scheme, scheme_of
from xlperf.schema import RULES_TITLE, SHEETS, Column, Sheet, find_sheet
from xlperf.schema.coercion import own_column, read_table
from xlperf.schema.settings import find_setting
from xlperf.schema.tables import Table, Tables, address, empty
from xlperf.workbook.read.headers import (
    Columns,
    Header,
    Lexicon,
    Remark,
    Skipped,
    find_header,
    identity_of,
    match,
    records,
    simplified,
)
from xlperf.workbook.write.fingerprint import fingerprint
from xlperf.xlsx.reader.safety import DAMAGED, check_package
from xlperf.xlsx.reader.workbook import Grid, SheetPart, Workbook

KEYS_LISTED = 20  # keys that stand twice are reported one by one up to this number
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
            outside = {find_sheet(simplified(word)) for word in facts or ()}
            read = [each for each in workbook.sheets if is_read(each.title) and _sheet_of(each) not in outside]
            grids = [workbook.grid(sheet) for sheet in read]
    except DAMAGED:
        return _unread(path, [*problems, Problem("book-damaged", details={"file": path.name})])
    return book_from_grids(path, titles, grids, problems, facts)


def _sheet_of(part: SheetPart) -> Sheet | None:
    return find_sheet(simplified(part.title))


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
    problems = [*before, *_unknown_titles(titles)]
    readings = list(_readings(grids, problems))
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
    sheet = find_sheet(simplified(title))
    return sheet is not None and sheet.role != "output"


def _unknown_titles(titles: Sequence[str]) -> Iterator[Problem]:
    """Report sheets that are not known but almost have the title of a sheet that the workbook lacks."""
    known = {sheet.code for title in titles if (sheet := find_sheet(simplified(title)))}
    lacking = {
        word for sheet in SHEETS.values() if sheet.role != "output" and sheet.code not in known for word in sheet.title
    }
    for title in titles:
        near = [] if find_sheet(simplified(title)) or title in RULES_TITLE else similar(title, lacking, 1)
        if near:
            yield Problem("sheet-unknown", title, details={"cell": title, "near": near})


def _language(scheme: Scheme, titles: Iterable[str]) -> Lang:
    """Return the language that the workbook is set to, else that of most of its titles."""
    table = scheme.table("settings")
    if any((found := find_setting(str(name))) and found.code == "language" for name in table["setting"].dropna()):
        return scheme.settings.language
    votes = Counter(
        lang
        for title in titles
        if (sheet := find_sheet(simplified(title)))
        for lang, word in zip(("zh", "en"), sheet.title, strict=True)
        if fold(word) == fold(title)
    )
    return "en" if votes["en"] > votes["zh"] else "zh"


# Sheets -----------------------------------------------------------------------------------------------------------


class Reading(NamedTuple):
    """One sheet as read: its table, the lines above it, the rows that are no records, and the problems."""

    table: Table
    remarks: tuple[Remark, ...]
    skipped: list[Skipped]
    problems: list[Problem]


def _readings(grids: Iterable[Grid], problems: list[Problem]) -> Iterator[Reading]:
    seen: dict[str, str] = {}
    for grid in grids:
        sheet = find_sheet(simplified(grid.title))
        assert sheet is not None
        if sheet.code in seen:
            details = {"first": seen[sheet.code], "second": grid.title, "sheet": sheet.title}
            problems.append(Problem("sheet-twice", grid.title, details=details))
            continue
        seen[sheet.code] = grid.title
        yield read_sheet(grid, sheet)


def read_sheet(grid: Grid, sheet: Sheet, choose: Callable[[Columns], Columns] = lambda columns: columns) -> Reading:
    """Read the table on a sheet; ``choose`` may leave out columns that are not needed."""
    lexicon = Lexicon(sheet)
    header = find_header(grid, lexicon.knows)
    if header is None:
        names = [column.name for column in sheet if column.required]
        problem = Problem("headings-missing", grid.title, details={"sheet": sheet.title, "headings": names})
        return Reading(replace(empty(sheet.code), title=grid.title), (), [], [problem] if len(grid) else [])
    body = grid.below(header.last).filled_down()
    columns = choose(match(header, body, lexicon))
    kept, skipped = records(body, header, columns, sheet)
    table, problems = read_records(body, kept, columns, sheet, grid.title)
    problems += unclear_headings(grid, header, columns)
    problems += _heading_problems(grid, header, columns, sheet)
    problems += _skipped_rows(body, skipped)
    problems += hidden_data(body, kept, {*columns.known.values(), *columns.own.values()})
    table, found = without_repeats(table)
    problems += found
    if sheet.code == "employees":
        problems += _same_names(table)
    return Reading(table, header.remarks, skipped, problems)


def read_records(
    body: Grid, kept: Sequence[int], columns: Columns, sheet: Sheet, title: str
) -> tuple[Table, list[Problem]]:
    """Type the records among the rows below the headings."""
    places = columns.known | columns.own
    cells = {code: cells_of(body, number, kept) for code, number in places.items()}
    letters = {code: get_column_letter(number) for code, number in places.items()}
    return read_cells(sheet, cells, body.numbers(kept), letters, title)


def cells_of(body: Grid, number: int, kept: Sequence[int]) -> Cells:
    """Return the cells of a column in some rows; a column that holds nothing at all has empty cells."""
    values = body.columns.get(number)
    return Cells.of([None] * len(kept) if values is None else values).take(kept if values is not None else slice(None))


def read_cells(
    sheet: Sheet,
    cells: Mapping[str, Sequence[Any]],
    rows: Sequence[int] | np.ndarray,
    letters: Mapping[str, str],
    title: str,
) -> tuple[Table, list[Problem]]:
    """Type raw cells by column, and report formulas without a stored result; their cells count as empty."""
    numbers = np.array(rows, dtype=np.int64)
    problems = []
    plain = {code: Cells.of(values) for code, values in cells.items()}
    for code, values in plain.items():
        waiting = values.listing.among({UNCALCULATED})
        if len(waiting):
            name = sheet[code].name if code in sheet.by_code else code
            where = address(letters[code], numbers[waiting])
            problems.append(Problem("formula-uncalculated", title, where, {"column": name}))
            plain[code] = values.without(waiting)
    own = [own_column(name, values) for name, values in plain.items() if name not in sheet.by_code]
    table, found = read_table(sheet, plain, numbers, letters, title, own)
    return table, problems + found


def own_columns(tables: Tables) -> dict[str, tuple[Column, ...]]:
    """Return the columns that HR added, by sheet."""
    return {
        code: tuple(table.column(name) for name in table.frame.columns if name not in table.sheet.by_code)
        for code, table in tables.items()
    }


# What is wrong with a sheet ----------------------------------------------------------------------------------------


def _heading_problems(grid: Grid, header: Header, columns: Columns, sheet: Sheet) -> Iterator[Problem]:
    row = grid.rows[header.last]

    def problem(code: str, numbers: Iterable[int], **details: Any) -> Problem:
        return Problem(code, grid.title, _cells_in_row(numbers, row), details)

    lacking = [column for column in sheet if column.code not in columns.known]
    for column in lacking:
        if column.required:
            accepted = list(dict.fromkeys((*column.name, *column.synonyms)))
            near = similar(column.name.zh, columns.own, 1) or similar(column.name.en, columns.own, 1)
            yield problem("heading-missing", [], heading=column.name, row=row, accepted=accepted, near=near)
    optional = {word for column in lacking if not column.required for word in column.name}
    strange = {heading: near for heading in columns.own if (near := similar(heading, optional, 1))}
    for heading, near in strange.items():
        yield problem("heading-near", [columns.own[heading]], cell=heading, near=near)
    plain = [heading for heading in columns.own if heading not in strange]
    if plain:
        yield problem("own-columns", [columns.own[heading] for heading in plain], headings=plain)


def unclear_headings(grid: Grid, header: Header, columns: Columns) -> Iterator[Problem]:
    """Report headings that stand there more than once, and columns with data but without a heading."""
    row = grid.rows[header.last]
    for heading, numbers in columns.twice.items():
        yield Problem("heading-twice", grid.title, _cells_in_row(numbers, row), {"cell": heading})
    if columns.nameless:
        yield Problem("column-without-heading", grid.title, _cells_in_row(columns.nameless, row))


def _cells_in_row(numbers: Iterable[int], row: int) -> str:
    return ", ".join(f"{get_column_letter(number)}{row}" for number in numbers)


def _skipped_rows(body: Grid, skipped: Iterable[Skipped]) -> Iterator[Problem]:
    for reason, positions in skipped:
        first = min(body.columns)
        where = address(get_column_letter(first), [body.rows[each] for each in positions])
        yield Problem("rows-skipped", body.title, where, {"count": len(positions), "reason": reason})


def hidden_data(body: Grid, kept: Sequence[int], used: set[int]) -> Iterator[Problem]:
    """Tell what of the data read cannot be seen in Excel: the sheet, records, or columns."""
    rows = [number for number in body.numbers(kept) if number in body.hidden_rows] if body.hidden_rows else []
    numbers = sorted(used & body.hidden_columns)
    hidden = []
    if not body.visible:
        hidden.append(Text("整张工作表", "the whole sheet"))
    if rows:
        hidden.append(Text(f"{len(rows)} 行", f"{len(rows)} row{'s' * (len(rows) > 1)}"))
    if numbers:
        letters = [get_column_letter(number) for number in numbers]
        hidden.append(Text(f"{'、'.join(letters)} 列", f"column {', '.join(letters)}"))
    if hidden:
        where = address(get_column_letter(min(body.columns)), rows) if rows else ""
        yield Problem("hidden-data", body.title, where, {"hidden": hidden})


def without_repeats(table: Table) -> tuple[Table, list[Problem]]:
    """Drop rows that repeat another in every cell; different rows with one key are errors and stay."""
    sheet, frame = table.sheet, table.frame
    keys = [code for code in sheet.key if code in table.letters]
    if sheet.code == "settings" or not keys:
        return table, []
    column = identity_of(sheet, table.letters)
    clash = (frame.duplicated(keys, keep=False) & frame[column].notna()).to_numpy()
    problems = []
    again = np.zeros(len(frame), bool)
    again[clash] = frame[clash].duplicated(keep="first")
    if again.any():
        details = {"count": int(again.sum()), "column": sheet[column].name}
        problems.append(Problem("row-repeated", table.title, table.cells(column, again), details))
        table = table_of_rows(table, ~again)
        frame, clash = table.frame, clash[~again]
        clash[clash] = frame[clash].duplicated(keys, keep=False)
    groups = [rows for _, rows in frame[clash].groupby(keys, dropna=False, sort=True)]
    names = [sheet[code].name for code in keys]
    for rows in groups[:KEYS_LISTED]:
        positions = rows.index.to_list()
        key = [shown(value) for value in rows.iloc[0][keys] if shown(value)]
        details = {"key": key, "columns": names, "rows": row_list(table.rows[positions])}
        problems.append(Problem("key-twice", table.title, table.cells(column, positions), details))
    if len(groups) > KEYS_LISTED:
        positions = [position for rows in groups[KEYS_LISTED:] for position in rows.index]
        more: dict[str, Any] = {"count": len(groups) - KEYS_LISTED, "columns": names}
        problems.append(Problem("keys-twice", table.title, table.cells(column, positions), more))
    return table, problems


def table_of_rows(table: Table, where: np.ndarray) -> Table:
    """Return some rows of a table, given as a mask."""
    return replace(
        table,
        frame=table.frame[where].reset_index(drop=True),
        rows=table.rows[where],
        not_applicable={code: mask[where] for code, mask in table.not_applicable.items()},
    )


def shown(value: Any) -> str:
    """Write a typed value the way a person would; nothing is an empty text."""
    if pd.isna(value):
        return ""
    return (
        f"{value:%Y-%m-%d}"
        if hasattr(value, "strftime")
        else clean_text(f"{value:.15g}" if isinstance(value, float) else value)
    )


def row_list(rows: Iterable[int]) -> list[str]:
    """Return row numbers as words for a message."""
    return [str(int(row)) for row in sorted(rows)]


def _same_names(employees: Table) -> Iterator[Problem]:
    frame = employees.frame[["name", "employee_id"]].dropna(subset="name")
    people = frame.dropna().drop_duplicates()
    shared = people["name"][people["name"].duplicated()].unique()
    for name, same in frame[frame["name"].isin(shared)].groupby("name", sort=True):
        details = {"name": name, "people": sorted(same["employee_id"].dropna())}
        yield Problem("same-name", employees.title, employees.cells("name", same.index.to_list()), details)


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
