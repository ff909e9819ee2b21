"""Reads the table on one sheet: its headings, its records, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from openpyxl.utils import get_column_letter

from xlperf.core.column_store import UNCALCULATED, Cells
from xlperf.core.problems import Problem, Text
from xlperf.core.spelling import similar
from xlperf.core.vocabulary import WORDS
from xlperf.policy.scheme import RatingLabels
from xlperf.schema import ESSENTIAL, HIDDEN, ORIGIN, WEIGHT_CHECK, WEIGHT_CHECK_COLUMNS, Column, Sheet
from xlperf.schema.coercion import own_column, read_table
from xlperf.schema.columns import SENTENCES
from xlperf.schema.keys import drop_repeated_rows
from xlperf.schema.settings import TITLES, find_setting
from xlperf.schema.tables import Table, Tables, address, empty
from xlperf.workbook.read.headers import (
    Columns,
    Header,
    Lexicon,
    Remark,
    Skipped,
    find_header,
    match,
    records,
)
from xlperf.workbook.read.rating_labels import NO_LABELS, values_of_labels
from xlperf.xlsx.reader.workbook import Grid


class Reading(NamedTuple):
    """One sheet as read: its table, the lines above it, the rows that are no records, and the problems."""

    table: Table
    remarks: tuple[Remark, ...]
    skipped: list[Skipped]
    problems: list[Problem]


def read_sheet(
    grid: Grid,
    sheet: Sheet,
    choose: Callable[[Columns], Columns] = lambda columns: columns,
    labels: RatingLabels = NO_LABELS,
) -> Reading:
    """Read the table on a sheet; ``choose`` may leave out columns that are not needed.

    ``labels`` are those that ratings may be typed by.
    """
    lexicon = Lexicon(sheet)
    grid = _without_weight_check(grid) if sheet.code == "indicators" else grid
    header = find_header(grid, lexicon.knows)
    if header is None:
        names = [column.name for column in sheet if column.required]
        problem = Problem("headings-missing", grid.title, details={"sheet": sheet.title, "headings": names})
        return Reading(replace(empty(sheet.code), title=grid.title), (), [], [problem] if len(grid) else [])
    body = grid.below(header.last).filled_down()
    columns = choose(match(header, body, lexicon))
    typed = columns._replace(known={code: at for code, at in columns.known.items() if not sheet[code].computed})
    kept, skipped = records(body, header, typed, sheet)
    table, problems = read_records(body, kept, typed, sheet, grid.title, labels)
    if sheet.role == "input" and any(column.computed for column in sheet):
        table = table.where(_says_something(table))
    problems += unclear_headings(grid, header, columns)
    problems += _heading_problems(grid, header, columns, table)
    problems += skipped_rows(body, skipped)
    closed = {number for code, number in columns.known.items() if _is_closed_by_us(sheet, code)}
    if sheet.code not in HIDDEN:
        seen = _without_titles(table, kept) if sheet.code == "settings" else kept
        problems += hidden_data(body, seen, {*columns.known.values(), *columns.own.values()} - closed)
    table, found = drop_repeated_rows(table)
    problems += found
    if sheet.code == "employees":
        problems += _same_names(table)
    return Reading(table, header.remarks, skipped, problems)


def _without_weight_check(grid: Grid) -> Grid:
    """Leave out the check of weights that xlperf writes beside the table, and the rows in which nothing else stands."""
    titled = (number for number, values in grid.columns.items() if not {*WEIGHT_CHECK}.isdisjoint(map(str, values)))
    first = min(titled, default=None)
    if first is None:
        return grid
    check = range(first, first + WEIGHT_CHECK_COLUMNS)
    others = replace(grid, columns={number: each for number, each in grid.columns.items() if number not in check})
    return others.only([position for position in range(len(others)) if others.row(position)])


def read_records(
    body: Grid, kept: Sequence[int], columns: Columns, sheet: Sheet, title: str, labels: RatingLabels = NO_LABELS
) -> tuple[Table, list[Problem]]:
    """Type the records among the rows below the headings."""
    places = columns.known | columns.own
    cells = {code: cells_of(body, number, kept) for code, number in places.items()}
    letters = {code: get_column_letter(number) for code, number in places.items()}
    return read_cells(sheet, cells, body.numbers(kept), letters, title, labels)


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
    labels: RatingLabels = NO_LABELS,
) -> tuple[Table, list[Problem]]:
    """Type raw cells by column, and report formulas without a stored result; their cells count as empty.

    Ratings that are typed by one of the ``labels`` become its value.
    """
    numbers = np.array(rows, dtype=np.int64)
    problems: list[Problem] = []
    plain = {code: Cells.of(values) for code, values in cells.items()}
    for code, values in plain.items():
        waiting = values.listing.among({UNCALCULATED})
        if len(waiting):
            name = sheet[code].name if code in sheet.by_code else code
            where = address(letters[code], numbers[waiting])
            said = code in sheet.by_code and sheet[code].kind in SENTENCES
            problem = "text-as-excel-formula" if said else "formula-uncalculated"
            problems.append(Problem(problem, title, where, {"column": name}))
            plain[code] = values.without(waiting)
    labelled = values_of_labels(sheet, plain, numbers, letters, title, labels)
    plain |= labelled.cells
    own = [own_column(name, values) for name, values in plain.items() if name not in sheet.by_code]
    table, found = read_table(sheet, plain, numbers, letters, title, own)
    return replace(table, spelt=labelled.spelt), problems + labelled.problems + found


def own_columns(tables: Tables) -> dict[str, tuple[Column, ...]]:
    """Return the columns that HR added, by sheet."""
    return {
        code: tuple(table.column(name) for name in table.frame.columns if name not in table.sheet.by_code)
        for code, table in tables.items()
    }


def _without_titles(settings: Table, kept: Sequence[int]) -> list[int]:
    """Return the rows of settings but for the titles: workbooks of ours hide those in the other language."""
    meant = [find_setting(str(each)) for each in settings.frame["setting"]]
    return [row for row, each in zip(kept, meant, strict=True) if each is None or each.code not in TITLES]


def _is_closed_by_us(sheet: Sheet, code: str) -> bool:
    """Whether workbooks of ours have a column hidden: names in the other language, and what is not essential."""
    of_other_language = f"{code}_en" if not code.endswith("_en") else code.removesuffix("_en")
    return of_other_language in sheet.by_code or code not in ESSENTIAL.get(sheet.code, (code,))


def _says_something(table: Table) -> np.ndarray:
    """Tell the rows in which anything but the key was typed; the others a run has made for HR to fill in."""
    typed = [code for code in table.frame if code not in table.sheet.key]
    return table.frame[typed].notna().any(axis=1).to_numpy(bool)


# What is wrong with a sheet ----------------------------------------------------------------------------------------


def _heading_problems(grid: Grid, header: Header, columns: Columns, table: Table) -> Iterator[Problem]:
    """Report headings that are missing, and those that may be misspelt: by their letters or by what stands below."""
    row = grid.rows[header.last]

    def problem(code: str, numbers: Iterable[int], **details: Any) -> Problem:
        return Problem(code, grid.title, _cells_in_row(numbers, row), details)

    lacking = [column for column in table.sheet if column.code not in columns.known]
    for column in lacking:
        if column.required:
            accepted = list(dict.fromkeys((*column.name, *column.synonyms)))
            near = similar(column.name.zh, columns.own, 1) or similar(column.name.en, columns.own, 1)
            yield problem("heading-missing", [], heading=column.name, row=row, accepted=accepted, near=near)
    optional = [column for column in lacking if not column.required]
    ours, plain = {word for heading in ORIGIN.values() for word in heading}, []
    for heading, number in columns.own.items():
        held = [column for column in optional if _holds_words_of(table.frame.get(heading), column)]
        if held:
            yield problem("heading-contents", [number], cell=heading, column=held[0].name)
        elif near := similar(heading, {word for column in optional for word in column.name}, 1):
            yield problem("heading-near", [number], cell=heading, near=near)
        elif heading not in ours:
            plain.append(heading)
    if plain and table.sheet.role == "policy":
        numbers = [columns.own[heading] for heading in plain]
        yield problem("heading-unread", numbers, headings=plain, known=[column.name for column in optional])
    elif plain:
        yield problem("own-columns", [columns.own[heading] for heading in plain], headings=plain)


def _holds_words_of(cells: pd.Series | None, column: Column) -> bool:
    """Whether a column of HR's own has only words of a column that the sheet lacks; yes and no tell nothing."""
    if cells is None or column.kind != "choice" or column.vocabulary is WORDS["yes_no"]:
        return False
    said = cells.dropna().unique()[: 2 * len(column.vocabulary) + 1]
    return len(said) > 0 and all(isinstance(word, str) and column.vocabulary.find(word) for word in said)


def unclear_headings(grid: Grid, header: Header, columns: Columns) -> Iterator[Problem]:
    """Report headings that stand there more than once, and columns with data but without a heading."""
    row = grid.rows[header.last]
    for heading, numbers in columns.twice.items():
        yield Problem("heading-twice", grid.title, _cells_in_row(numbers, row), {"cell": heading})
    if columns.nameless:
        yield Problem("column-without-heading", grid.title, _cells_in_row(columns.nameless, row))


def _cells_in_row(numbers: Iterable[int], row: int) -> str:
    return ", ".join(f"{get_column_letter(number)}{row}" for number in numbers)


def skipped_rows(body: Grid, skipped: Iterable[Skipped]) -> Iterator[Problem]:
    """Tell which rows below the headings are no records, and why."""
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


def _same_names(employees: Table) -> Iterator[Problem]:
    frame = employees.frame[["name", "employee_id"]].dropna(subset="name")
    people = frame.dropna().drop_duplicates()
    shared = people["name"][people["name"].duplicated()].unique()
    for name, same in frame[frame["name"].isin(shared)].groupby("name", sort=True):
        details = {"name": name, "people": sorted(same["employee_id"].dropna())}
        yield Problem("same-name", employees.title, employees.cells("name", same.index.to_list()), details)
