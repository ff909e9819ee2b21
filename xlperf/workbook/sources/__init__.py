"""Facts from outside the workbook: Parquet and CSV files, and tables of databases, take the place of input sheets.

What comes from outside is typed by the same rules as the cells of a sheet, and its headings may be in either language.
Nothing is written there, and only the columns that the scheme needs are fetched.

Nouns: a source, a query, a frame of another library. A new kind of source is a module here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
from openpyxl.utils import get_column_letter

from xlperf.core.problems import Problem, Text
from xlperf.core.spelling import similar
from xlperf.policy.scheme import rating_labels_of
from xlperf.schema import Column, Sheet, sheets_of
from xlperf.schema.keys import drop_repeated_rows
from xlperf.schema.tables import Table, Tables, empty
from xlperf.workbook.read.headers import Columns, Header, Lexicon, match, sheet_titled
from xlperf.workbook.read.sheet_table import read_cells, read_sheet
from xlperf.workbook.sources.addresses import Address, CannotRead, address_of
from xlperf.workbook.sources.databases import PostgresTable, SqliteTable
from xlperf.workbook.sources.files import ParquetFile, csv_grid
from xlperf.workbook.sources.rows import Rows
from xlperf.workbook.sources.rows_outside import Cannot, stay, too_many
from xlperf.workbook.sources.wanted import wanted
from xlperf.xlsx.reader.workbook import Grid

__all__ = ["Address", "CannotRead", "facts_from", "read_facts"]

IN_PARQUET = Text("只有 Parquet 文件中的行可以留在原处", "only the rows of a Parquet file can stay where they are")
_OPENERS: Mapping[str, Callable[[Address], Rows]] = {
    "parquet": ParquetFile,
    "sqlite": SqliteTable,
    "postgresql": PostgresTable,
}


def facts_from(calls: Mapping[str, str], tables: Tables) -> tuple[dict[str, Table], list[Problem]]:
    """Read the sheets that a call takes from outside.

    Parameters
    ----------
    calls : the source of each sheet, by its code or title: a file, or the address of a table such as
        ``sqlite:///crm.db#tasks`` or ``postgresql://host/crm#sales.tasks``
    tables : the sheets of the workbook; its policy sheets tell which columns are needed

    Returns
    -------
    The sheets by code, and what is wrong; a sheet that could not be read is not among them.
    """
    found: dict[str, Table] = {}
    problems: list[Problem] = []
    for word, source in calls.items():
        sheet = sheet_titled(word)
        if sheet is None or sheet.role != "input":
            titles = [title for each in sheets_of("input") for title in each.title]
            problems.append(Problem("no-such-sheet", details={"cell": word, "near": similar(word, titles)}))
            continue
        try:
            found[sheet.code], more = read_facts(sheet, source, tables)
        except CannotRead as refusal:
            more = [refusal.problem]
        problems += more
    return found, problems


def read_facts(sheet: Sheet, source: str, tables: Tables) -> tuple[Table, list[Problem]]:
    """Read one sheet from outside; raises :class:`CannotRead` where there is nothing to read."""
    address = address_of(source)
    try:
        table, problems = _read(address, sheet, tables)
    except MemoryError:
        raise CannotRead(Problem("facts-memory", address.title)) from None
    if address.kind == "parquet":
        return table, problems
    return table, [*problems, *too_many(table.title, len(table), IN_PARQUET)]


def _read(address: Address, sheet: Sheet, tables: Tables) -> tuple[Table, list[Problem]]:
    if address.kind == "csv":
        grid, found = csv_grid(address)
        needed = wanted(sheet, tables)
        reading = read_sheet(grid, sheet, lambda columns: _only(columns, needed), rating_labels_of(tables))
        return reading.table, [*found, *reading.problems]
    with _OPENERS[address.kind](address) as rows:
        return _read_rows(rows, sheet, tables)


def _only(columns: Columns, needed: Callable[[Column], bool]) -> Columns:
    """Leave out the columns of somebody's own that nothing needs; what is unclear about them is nobody's concern."""
    own = {heading: number for heading, number in columns.own.items() if needed(_own(heading))}
    return columns._replace(own=own, nameless=[])


def _own(heading: str) -> Column:
    return Column(heading, Text(heading, heading), "text")


def _read_rows(rows: Rows, sheet: Sheet, tables: Tables) -> tuple[Table, list[Problem]]:
    needed = wanted(sheet, tables)
    header = Header(0, 0, dict(enumerate(rows.headings, start=1)))
    columns = match(header, Grid(rows.title, [], {}), Lexicon(sheet))
    lacking = [sheet[code] for code in sheet.key if sheet[code].required and code not in columns.known]
    if lacking:
        names = [column.name for column in lacking]
        details = {"sheet": sheet.title, "headings": names}
        return replace(empty(sheet.code), title=rows.title), [Problem("headings-missing", rows.title, details=details)]
    places = {code: number for code, number in columns.known.items() if needed(sheet[code])}
    places |= {heading: number for heading, number in columns.own.items() if needed(_own(heading))}
    chosen = {code: header.headings[number] for code, number in places.items()}
    letters = {code: get_column_letter(number) for code, number in places.items()}
    loaded: list[Problem] = []
    if isinstance(rows, ParquetFile):
        try:
            if stays := stay(rows, sheet, chosen, tables, letters):
                return stays
        except Cannot as why:
            loaded = too_many(rows.title, rows.count, why.reason)
    keys = [header.headings[places[code]] for code in sheet.key if code in places]
    cells = rows.columns(chosen, keys)
    size = max(map(len, cells.values()), default=0)
    table, problems = read_cells(sheet, cells, np.arange(2, size + 2), letters, rows.title, rating_labels_of(tables))
    table, found = drop_repeated_rows(table)
    return table, [*problems, *found, *loaded]
