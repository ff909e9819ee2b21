"""Takes foreign workbooks and text files into the sheets of a workbook, or says why it cannot.

Each table is recognised (`table_fit`), its cells are put into the shape that our sheets have (`foreign_cells`), and its
rows are added behind those that are there (`merge_rows`). Columns with other headings are kept as columns of HR's own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from openpyxl.utils import get_column_letter

from xlperf.core.problems import Problem, Text, has_errors, in_order
from xlperf.core.spelling import similar
from xlperf.core.vocabulary import fold, unit_name
from xlperf.policy.calendars import calendar_of
from xlperf.schema import SHEETS, Sheet
from xlperf.schema.keys import Aliases, drop_repeated_rows
from xlperf.schema.tables import Table, address, show_value, table_of
from xlperf.scoring.period_rows import key_aliases
from xlperf.workbook.read.book import Book
from xlperf.workbook.read.foreign_cells import clean_cells
from xlperf.workbook.read.foreign_files import read_source
from xlperf.workbook.read.foreign_units import multiples_beside
from xlperf.workbook.read.foreign_words import Words
from xlperf.workbook.read.headers import ANOTHER_TABLE, records, sheet_titled
from xlperf.workbook.read.import_results import ColumnRead, FileSummary, Imported
from xlperf.workbook.read.merge_rows import merge
from xlperf.workbook.read.period_columns import period_labels
from xlperf.workbook.read.sheet_table import (
    cells_of,
    hidden_data,
    read_cells,
    unclear_headings,
)
from xlperf.workbook.read.similar_ids import Spellings, similar_ids, spellings_of
from xlperf.workbook.read.staff import Staff, people_by_name
from xlperf.workbook.read.table_fit import ROSTERS, Fit, Recognizer, find_heading
from xlperf.workbook.read.unpivot import figures_of
from xlperf.workbook.read.wide_tables import Wide
from xlperf.workbook.sources.text_files import TextOptions, known_words
from xlperf.xlsx.reader.workbook import Grid

__all__ = ["FileSummary", "Imported", "import_files", "read_source"]

ALSO_FEEDS = {"employees": "departments"}  # a roster names its departments; elsewhere a code only refers to something


def import_files(
    book: Book,
    paths: Iterable[str | Path],
    sheet: str | None = None,
    mapping: Mapping[str, str] | None = None,
    *,
    words: Mapping[str, str] | None = None,
    encoding: str | None = None,
    separator: str | None = None,
) -> Imported:
    """Read foreign files into the sheets of a workbook.

    Parameters
    ----------
    book : Book
        The workbook; it is not changed.
    paths : iterable of str or Path
        Text files and workbooks. Rosters are taken first, since the others refer to their people.
    sheet : str or None
        The sheet that the tables belong to, by code or title; without it each goes to the input sheet that fits best.
        Policy sheets are filled only when they are named.
    mapping : mapping of str to str, or None
        Headings of the files by column of ours: ``{"employee_id": "Staff", "name": "B"}``. A letter stands for a column
        without heading.
    words : mapping of str to str, or None
        What foreign words in columns of codes and choices mean: ``{"在岗": "active", "R&D": "D03"}``. They come before
        those of the sheet of foreign words, to which they are added.
    encoding : str or None
        The encoding of text files, by any name that Python knows; without it the contents decide.
    separator : str or None
        What separates the cells of text files: one sign, or comma, semicolon, tab, pipe.

    Returns
    -------
    Imported
        The sheets that have new rows, complete; a summary of each table, with each column and its first value; and the
        problems, with the cells of the files. Where one of them is an error, nothing should be written.
    """
    target = sheet_titled(sheet) if sheet else None
    if sheet and target is None:
        titles = [title for each in SHEETS.values() if each.role != "output" for title in each.title]
        return Imported({}, [], [Problem("no-such-sheet", details={"cell": sheet, "near": similar(sheet, titles)})])
    if target and (target.role == "output" or target.code == "settings"):
        return Imported({}, [], [Problem("import-no-list", details={"sheet": target.title})])
    known = Words(words or {}, book.scheme.table("foreign_words"))
    run = _Import(book, target, mapping or {}, known, TextOptions(encoding, separator))
    run.take([Path(path) for path in paths])
    if (kept := known.to_keep(book.lang)) is not None:
        run.changed[kept.sheet.code] = kept
    return Imported(run.changed, run.done, in_order(run.problems), known.to_keep(book.lang, unknown=True))


class _Added(NamedTuple):
    """How many rows of a table are new and how many were there, and the first new row, in the file and of the sheet."""

    new: int
    same: int
    table: Table
    first: int | None
    position: int | None


class _Import:
    """One import: the tables of the workbook as they grow, and what has become of the files."""

    def __init__(
        self, book: Book, sheet: Sheet | None, mapping: Mapping[str, str], words: Words, options: TextOptions
    ) -> None:
        self.book, self.sheet, self.mapping, self.words, self.options = book, sheet, mapping, words, options
        self.tables = dict(book.tables)
        self.recognizer = Recognizer(book, sheet, mapping, self.tables)
        self.year = self.recognizer.year
        self.changed: dict[str, Table] = {}
        self.done: list[FileSummary] = []
        self.problems: list[Problem] = []
        self._roster: tuple[Table | None, Spellings] | None = None

    def take(self, paths: Sequence[Path]) -> None:
        """Take every table of the files, rosters first."""
        grids: list[tuple[Path, Grid]] = []
        known = known_words(self.book.tables)
        for path in paths:
            found, problems = read_source(path, known, self.options)
            self.problems += problems
            filled = [(path, grid) for grid in found if len(grid)]
            if not filled and not has_errors(problems):
                self.problems.append(Problem("import-empty", path.name, details={"file": path.name}))
            grids += filled
        rest, useful, unclear = [], set(), []
        for path, grid in grids:
            if self.take_grid(path, grid, rosters_only=True):
                useful.add(path)
            else:
                rest.append((path, grid))
        for path, grid in rest:
            if self.take_grid(path, grid):
                useful.add(path)
            else:
                unclear.append((path, grid))
        self.problems += [self.recognizer.unclear(grid, other_sheets=path in useful) for path, grid in unclear]
        self.add_departments()
        self.problems += self.without_rows()
        self.problems += self.recognizer.unknown_columns()
        self.problems += self.recognizer.absent_headings([grid for _, grid in grids])
        self.problems += self.words.problems()
        self.problems += self.words.unused() if grids and not has_errors(self.problems) else []

    def without_rows(self) -> Iterator[Problem]:
        """Report files whose tables have headings and nothing below them."""
        filled = {each.file for each in self.done if each.rows or each.skipped}
        empty = {each.file: each for each in self.done if each.file not in filled}
        for file, first in empty.items() if not has_errors(self.problems) else ():
            yield Problem("import-no-rows", details={"file": file, "row": first.header_row})

    def take_grid(self, path: Path, grid: Grid, rosters_only: bool = False) -> bool:
        """Take a table if it is clear what it is."""
        what = self.recognizer.recognised(grid)
        if what is None or (rosters_only and not (isinstance(what, Fit) and what.sheet.code in ROSTERS)):
            return False
        above = grid.only(range(what.header.first))
        if self.recognizer.is_table(above):
            self.take_grid(path, above)
        if isinstance(what, Wide):
            self.take_wide(path, grid, what)
            return True
        below = self.take_table(path, grid, what)
        if below is not None:
            self.take_below(path, below)
        also = ALSO_FEEDS.get(what.sheet.code) if self.sheet is None else None
        if also and any(find_heading(what.header, heading) for heading, _ in self.recognizer.declared[also]):
            fit = self.recognizer.fit(grid, SHEETS[also])
            if fit and not fit.lacking:
                self.take_table(path, grid, fit, distinct=True)
        return True

    def take_below(self, path: Path, grid: Grid) -> None:
        """Take the table that stands below another one on its sheet, or say that it could not be taken."""
        if not self.take_grid(path, grid):
            self.problems.append(self.recognizer.unclear(grid, other_sheets=True))

    # Taking -----------------------------------------------------------------------------------------------------

    def take_table(self, path: Path, grid: Grid, fit: Fit, distinct: bool = False) -> Grid | None:
        """Put the records of a table into its sheet; return what stands below it where that is another table."""
        sheet, body, columns = fit.sheet, fit.body, fit.columns
        known = columns.known | ({"employee_id": fit.by_name} if fit.by_name else {})
        kept, skipped = records(body, fit.header, columns._replace(known=known), sheet)
        rows = [body.rows[each] for each in kept]
        own = {} if sheet.role == "policy" or distinct else self.own_of(fit)
        cells: dict[str, Sequence[Any]] = {code: cells_of(body, number, kept) for code, number in (known | own).items()}
        letters = {code: get_column_letter(number) for code, number in (known | own).items()}
        if fit.by_name:
            staff = Staff(self.tables.get("employees"))
            cells["employee_id"], problems = people_by_name(
                cells["employee_id"], rows, letters["employee_id"], staff, grid.title
            )
            self.problems += problems
        if fit.period:
            cells["period"] = period_labels(body, kept, fit.period, self.year)
            letters["period"] = get_column_letter(fit.period.part or fit.period.year or 1)
        for code, value in fit.constants.items():
            cells[code] = [value] * len(kept)
            letters[code] = get_column_letter(min(known.values()))
        if fit.by_name:
            found = [place for place, person in enumerate(cells["employee_id"]) if person]
            cells = {code: [values[each] for each in found] for code, values in cells.items()}
            rows = [rows[each] for each in found]
        cells, problems = clean_cells(sheet, cells, rows, letters, grid.title, self.words)
        table, found_problems = read_cells(sheet, cells, rows, letters, grid.title, self.book.scheme.rating_labels)
        self.problems += [*problems, *map(_in_import, found_problems), *self.heading_problems(grid, fit)]
        self.problems += hidden_data(body, kept, {*known.values(), *own.values()})
        if sheet.code in ("actuals", "targets"):
            self.problems += multiples_beside(grid, fit.header, body, columns, self.units())
        read = len(table)
        if distinct:
            table = table.where(~table.frame.duplicated(list(sheet.key)))
        added = self.add(table)
        unused = () if own or sheet.role == "input" else tuple(columns.own)
        if fit.has_no_headings:
            unused += tuple(map(get_column_letter, columns.nameless))
        self.done.append(
            FileSummary(
                file=path.name,
                part=_part(grid),
                sheet=sheet.title,
                header_row=0 if fit.has_no_headings else grid.rows[fit.header.last],
                rows=read,
                added=added.new,
                same=added.same,
                blank=grid.blank,
                skipped=tuple((each.reason, _listed(body.rows[place] for place in each.positions)) for each in skipped),
                mapped=fit.mapped,
                unused=unused,
                code=sheet.code,
                words=self.words.of(sheet.code),
                columns=_columns_read(grid, fit, added),
                first_new=added.position,
            )
        )
        return _below(grid, [(each.reason, body.numbers(each.positions)) for each in skipped])

    def heading_problems(self, grid: Grid, fit: Fit) -> list[Problem]:
        """Return what is unclear about the headings of a table, or about whether it has any."""
        if fit.has_no_headings:
            return []
        problems = list(unclear_headings(grid, fit.header, fit.columns))
        if fit.first_row_unclear:
            row = grid.rows[fit.header.first]
            details = {"row": row, "headings": list(fit.header.headings.values())}
            problems.append(Problem("first-row-unclear", grid.title, f"A{row}", details))
        return problems

    def take_wide(self, path: Path, grid: Grid, wide: Wide) -> None:
        """Put the figures of a wide table into the Ratings and the Actuals sheet; a form may hold further tables."""
        remarks = wide.header.remarks
        if wide.is_form:
            self.problems += self.recognizer.two_people(grid, remarks)
        whose, when = self.recognizer.whose(grid, remarks), self.recognizer.when(grid, wide.header)
        while True:
            rest = self.take_figures(path, grid, wide, whose, when)
            if rest is None:
                return
            if not wide.is_form:
                self.take_below(path, rest)
                return
            found = self.recognizer.figure_table(rest, wide.columns.known["indicator"])
            if found is None or not found.is_form:
                self.problems.append(self.recognizer.unclear(rest, other_sheets=True))
                return
            grid, wide = rest, found

    def take_figures(self, path: Path, grid: Grid, wide: Wide, whose: str | None, when: str | None) -> Grid | None:
        """Put the figures of one table into their sheets; return what stands below it where that is another table."""
        staff = Staff(self.tables.get("employees"))
        taken = figures_of(wide, grid.title, self.book.scheme, staff, self.year, whose, when)
        self.problems += taken.problems
        self.problems += unclear_headings(grid, wide.header, wide.columns)
        used = {*wide.columns.known.values(), *(figure.number for figure in wide.figures)}
        self.problems += hidden_data(wide.body, range(len(wide.body)), used)
        self.problems += multiples_beside(grid, wide.header, wide.body, wide.columns, self.units())
        added: dict[str, list[_Added]] = defaultdict(list)
        for table in taken.tables:
            added[table.sheet.code].append(self.add(table))
        if not added:
            added[self.sheet.code if self.sheet else "ratings"] = []
        used |= wide.period.used() if wide.period else set()
        own = wide.columns.own.items()
        unused = tuple(name for name, number in own if number not in used and name != "name")
        unused += tuple(wide.not_used())
        for code, each in sorted(added.items()):
            first = next((one for one in each if one.new), None)
            self.done.append(
                FileSummary(
                    file=path.name,
                    part=_part(grid),
                    sheet=SHEETS[code].title,
                    header_row=grid.rows[wide.header.last],
                    rows=taken.rows,
                    added=sum(one.new for one in each),
                    same=sum(one.same for one in each),
                    blank=grid.blank,
                    skipped=tuple((reason, _listed(rows)) for reason, rows in taken.skipped),
                    mapped=wide.meanings(self.book.scheme),
                    unused=unused,
                    code=code,
                    columns=_columns_read(grid, wide, first) if first else (),
                    first_new=first.position if first else None,
                )
            )
        return _below(grid, taken.skipped)

    def units(self) -> set[str]:
        """Return the units of the indicators, as `fold` leaves them."""
        return {fold(word) for each in self.book.scheme.indicators for word in (each.unit, *unit_name(each.unit))}

    def own_of(self, fit: Fit) -> dict[str, int]:
        """Return the other columns that hold anything, under the names that the workbook already has for them."""
        table = self.tables.get(fit.sheet.code)
        ours = {fold(name): name for name in table.frame.columns} if table else {}
        period = fit.period.used() if fit.period else set()
        return {
            ours.get(fold(name), name): number
            for name, number in fit.columns.own.items()
            if number not in (*period, fit.by_name)
            and any(cell is not None for cell in fit.body.columns.get(number, ()))
        }

    def add(self, table: Table) -> _Added:
        """Add the rows of a table to those of its sheet."""
        code = table.sheet.code
        ours = self.tables.get(code)
        aliases = self.aliases(table, ours)
        table, problems = drop_repeated_rows(table, aliases)
        merged = merge(ours, table, self.book.lang, aliases)
        self.problems += [*problems, *merged.problems]
        self.problems += similar_ids(table, merged.new, merged.table, self.employees())
        new = np.flatnonzero(merged.new)
        if len(new):
            self.tables[code] = self.changed[code] = merged.table
        same = int((~merged.new).sum())
        first, position = (int(new[0]), len(ours) if ours else 0) if len(new) else (None, None)
        return _Added(len(new), same, table, first, position)

    def aliases(self, table: Table, ours: Table | None) -> Aliases:
        """Return the codes that the words of a table's keys, and of the sheet that it joins, stand for."""
        scheme = self.book.scheme
        calendar, _ = calendar_of(scheme)
        both = ours.append(table) if ours else table
        return key_aliases(both, scheme, calendar, calendar.find(scheme.settings.period))

    def employees(self) -> Spellings:
        """Return the IDs of the roster as it is now, by what their spellings have in common."""
        table = self.tables.get("employees")
        if self._roster is None or self._roster[0] is not table:
            self._roster = table, spellings_of(table, "employee_id")
        return self._roster[1]

    def add_departments(self) -> None:
        """Add the departments that new employees belong to and that the workbook does not list."""
        if "employees" not in self.changed:
            return
        people, departments = self.changed["employees"], self.tables.get("departments")
        listed = set(departments.frame["department"].dropna()) if departments else set()
        new = sorted(set(people.frame["department"].dropna()) - listed)
        if new:
            self.add(table_of("departments", [{"department": each} for each in new], self.book.lang))
            title = self.tables["departments"].title
            self.problems.append(Problem("departments-added", title, details={"departments": new}))


def _in_import(problem: Problem) -> Problem:
    """Say of a word that a column does not have what helps with a foreign file."""
    return replace(problem, code="foreign-word-unknown") if problem.code == "not-a-choice" else problem


def _columns_read(grid: Grid, what: Fit | Wide, added: _Added) -> tuple[ColumnRead, ...]:
    """Tell, column by column, the heading in the file and the first value that is new."""
    table, header = added.table, what.header
    row = grid.rows[header.last] if header.headings else 0
    numbers = {get_column_letter(number): heading for number, heading in header.headings.items()}
    found = []
    for code, letter in table.letters.items():
        name = table.sheet[code].name if code in table.sheet.by_code else Text(code, code)
        value = "" if added.first is None else show_value(table.frame[code].iloc[added.first])
        heading = numbers.get(letter, "")
        cell = f"{letter}{table.rows[added.first]}" if value and added.first is not None else ""
        found.append(ColumnRead(heading, f"{letter}{row}" if heading else "", code, name, value, cell))
    return tuple(found)


def _below(grid: Grid, skipped: Sequence[tuple[Text, Sequence[int]]]) -> Grid | None:
    """Return what stands below a table where that is another one; ``skipped`` are reasons with their row numbers."""
    rows = next((rows for reason, rows in skipped if reason is ANOTHER_TABLE), [])
    return grid.only(range(grid.rows.index(rows[0]), len(grid))) if rows else None


def _part(grid: Grid) -> str:
    return grid.title.rpartition("]")[2] if grid.title.startswith("[") else ""


def _listed(rows: Iterable[int]) -> str:
    return address("", rows)
