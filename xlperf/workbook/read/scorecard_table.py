"""Reads people and their figures from a foreign table whose columns somebody has named."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from openpyxl.utils import get_column_letter

from xlperf.core.column_store import Cells
from xlperf.core.problems import Problem, Text, has_errors
from xlperf.core.spelling import similar
from xlperf.core.vocabulary import fold
from xlperf.schema import SHEETS, Column, Kind, Sheet
from xlperf.schema.keys import drop_repeated_rows
from xlperf.schema.tables import Table
from xlperf.workbook.read.foreign_cells import clean_cells
from xlperf.workbook.read.foreign_files import read_source
from xlperf.workbook.read.foreign_words import Words
from xlperf.workbook.read.headers import (
    BETWEEN_PARTS,
    Columns,
    Header,
    Lexicon,
    find_header,
    first_full_row,
    match,
    records,
    simplified,
)
from xlperf.workbook.read.sheet_table import cells_of, hidden_data, read_cells, skipped_rows
from xlperf.workbook.read.similar_ids import similar_ids
from xlperf.workbook.sources.text_files import TextOptions
from xlperf.xlsx.reader.workbook import Grid

HEADINGS_SHOWN = 8  # of a table that has none of those asked for
PLAIN_IDS = ("ID", "编号")  # headings that say of whom in no table but one of people


@dataclass(frozen=True)
class Asked:
    """The headings of the columns that are wanted; IDs and names are found by the usual ones where none is given."""

    figures: tuple[str, ...]
    employee_id: str | None = None
    name: str | None = None
    department: str | None = None

    def named(self) -> dict[str, tuple[str, str]]:
        """Return the code of each column that is named, with its heading and the option that names it."""
        people = {
            "employee_id": (self.employee_id, "--id"),
            "name": (self.name, "--name"),
            "department": (self.department, "--by"),
        }
        return {code: (heading, option) for code, (heading, option) in people.items() if heading is not None} | {
            figure_code(number): (heading, "--total") for number, heading in enumerate(self.figures)
        }


def figure_code(number: int) -> str:
    """Return the code under which a figure stands in the table, by its place among those asked for."""
    return f"figure {number}"


def read_scorecard_table(
    path: Path, asked: Asked, *, encoding: str | None = None, separator: str | None = None
) -> tuple[Table | None, list[Problem]]:
    """Read the columns that are asked for from a text file or the sheet of a workbook that has them.

    Parameters
    ----------
    path : a text file or a workbook
    asked : the headings of the columns
    encoding, separator : of text files; see ``import_files``

    Returns
    -------
    A table of n people with ``employee_id``, ``name``, ``department`` where it is asked for, and ``figure 0`` and so
    on, whose rows and letters are those of the file; None where it could not be found. And every problem: columns that
    are not there, cells that are no numbers, people who stand there twice or without an ID.
    """
    grids, problems = read_source(path, (), TextOptions(encoding, separator))
    filled = [grid for grid in grids if len(grid)]
    if not filled and not has_errors(problems):
        problems = [*problems, Problem("import-empty", path.name, details={"file": path.name})]
    if has_errors(problems):
        return None, problems
    wanted = {fold(simplified(heading)) for heading, _ in asked.named().values()}

    def knows(heading: str) -> bool:
        return fold(simplified(heading)) in wanted

    found = {number: _asked_in(grid, knows) for number, grid in enumerate(filled)}
    most = max(map(len, found.values()))
    best = [filled[number] for number, headings in found.items() if len(headings) == most]
    if len(best) > 1 and most:
        titles = [grid.title for grid in best]
        return None, [*problems, Problem("table-unclear", path.name, details={"sheets": titles})]
    table, more = _read(best[0], asked, knows)
    return table, [*problems, *more]


def _asked_in(grid: Grid, knows: Callable[[str], bool]) -> set[str]:
    header = find_header(grid, knows)
    return {fold(simplified(text)) for text in header.headings.values() if knows(text)} if header else set()


def _read(grid: Grid, asked: Asked, knows: Callable[[str], bool]) -> tuple[Table | None, list[Problem]]:
    header = find_header(grid, knows) or first_full_row(grid)
    if header is None:
        return None, [Problem("import-empty", grid.title, details={"file": grid.title})]
    body, named, sheet = grid.below(header.last).filled_down(), asked.named(), _sheet(asked)
    places = _places(header, body)
    found = {code: places.get(fold(simplified(heading)), []) for code, (heading, _) in named.items()}
    problems = [*_absent(grid, header, named, found), *_twice(grid, header, named, found)]
    usual = match(header, body, Lexicon(SHEETS["employees"])).known
    known = {code: number for code, number in usual.items() if code in ("employee_id", "name") and code not in named}
    known |= {code: numbers[0] for code, numbers in found.items() if numbers}
    if "employee_id" not in known and asked.employee_id is None:
        if (number := _plain_id(places)) is not None:
            known["employee_id"] = number
        else:
            problems.append(_no_id(grid, header, body))
    if has_errors(problems):
        return None, problems
    columns = Columns({code: known[code] for code in sheet.by_code if code in known}, {}, {}, [])
    kept, skipped = records(body, header, columns, sheet)
    rows = [body.rows[each] for each in kept]
    cells = {code: cells_of(body, number, kept) for code, number in columns.known.items()}
    letters = {code: get_column_letter(number) for code, number in columns.known.items()}
    plain, unclear = clean_cells(sheet, cells, rows, letters, grid.title, Words())
    table, unread = read_cells(sheet, plain, rows, letters, grid.title)
    problems += [*unclear, *unread, *skipped_rows(body, skipped), *hidden_data(body, kept, set(known.values()))]
    table, repeated = _without_repeated(table, body, kept)
    problems += [*repeated, *similar_ids(table, np.ones(len(table), bool), table, {})]
    if not len(table) and not has_errors(problems):
        problems.append(Problem("table-without-rows", grid.title, f"A{grid.rows[header.last]}"))
    return table, problems


def _without_repeated(table: Table, body: Grid, kept: Sequence[int]) -> tuple[Table, list[Problem]]:
    """Drop rows that repeat another in every cell of the file, and report IDs that stand twice."""
    again = table["employee_id"].duplicated(keep=False).to_numpy() & table["employee_id"].notna().to_numpy()
    whole = [
        str([values[kept[place]] for values in body.columns.values()]) if again[place] else ""
        for place in range(len(table))
    ]
    table, problems = drop_repeated_rows(table.with_frame(table.frame.assign(whole_row=whole)))
    return table.with_frame(table.frame.drop(columns="whole_row")), problems


def _places(header: Header, body: Grid) -> dict[str, list[int]]:
    """Return the columns of each heading: of several with one heading those that hold anything, or the first."""
    numbers: dict[str, list[int]] = defaultdict(list)
    for number, text in header.headings.items():
        parts = {text, text.rpartition(BETWEEN_PARTS)[2]} if header.last > header.first else {text}
        for part in parts - {""}:
            numbers[fold(simplified(part))].append(number)
    filled = {number for number, values in body.columns.items() if Cells.of(values).filled.any()}
    return {word: [each for each in same if each in filled] or same[:1] for word, same in numbers.items()}


def _sheet(asked: Asked) -> Sheet:
    """Describe the table as a sheet whose columns are called as they are in the file."""
    employees = SHEETS["employees"]

    def column(code: str, heading: str | None, kind: Kind, required: bool) -> Column:
        name = Text(heading, heading) if heading else employees[code].name
        return Column(code, name, kind, required)

    people = [
        column("employee_id", asked.employee_id, "key", required=True),
        column("name", asked.name, "text", required=False),
    ]
    pools = [column("department", asked.department, "key", required=True)] if asked.department else []
    figures = [
        column(figure_code(number), heading, "number", required=False) for number, heading in enumerate(asked.figures)
    ]
    return Sheet("export", Text("", ""), "input", (*people, *pools, *figures), key=("employee_id",))


def _absent(
    grid: Grid, header: Header, named: Mapping[str, tuple[str, str]], found: Mapping[str, list[int]]
) -> Iterator[Problem]:
    """Report columns that are asked for and not there, with the headings that are like them."""
    headings = [text for text in header.headings.values() if text]
    for code, (heading, option) in named.items():
        if not found[code]:
            details = {
                "cell": heading,
                "option": option,
                "headings": headings[:HEADINGS_SHOWN] + ["…"] * (len(headings) > HEADINGS_SHOWN),
                "near": similar(heading, headings),
            }
            yield Problem("column-absent", grid.title, f"A{grid.rows[header.last]}", details)


def _twice(
    grid: Grid, header: Header, named: Mapping[str, tuple[str, str]], found: Mapping[str, list[int]]
) -> Iterator[Problem]:
    row = grid.rows[header.last]
    for code, numbers in found.items():
        if len(numbers) > 1:
            cells = ", ".join(f"{get_column_letter(number)}{row}" for number in numbers)
            yield Problem("heading-twice", grid.title, cells, {"cell": named[code][0]})


def _plain_id(places: Mapping[str, Sequence[int]]) -> int | None:
    """Return the column that is headed by nothing but a word for ID: in a table of people it is theirs."""
    numbers = [number for word in PLAIN_IDS for number in places.get(fold(word), ())]
    return numbers[0] if len(numbers) == 1 else None


def _no_id(grid: Grid, header: Header, body: Grid) -> Problem:
    """Report that no column is known to hold the IDs; those that could have another value in every row."""
    candidates = [heading for number, heading in header.headings.items() if _tells_apart(body.columns.get(number, ()))]
    place = f"A{grid.rows[header.last]}"
    return Problem("id-column-unknown", grid.title, place, {"candidates": candidates or [Text("没有", "none")]})


def _tells_apart(values: Sequence[object]) -> bool:
    return len(values) > 0 and None not in values and len({str(each) for each in values}) == len(values)
