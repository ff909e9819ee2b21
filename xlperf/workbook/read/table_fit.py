"""Tells which sheet a foreign table belongs to, and what its columns mean there, or why that is not clear.

What a foreign heading means is looked up in three places, in this order: what the call says, the Headings sheet of the
workbook, the names and synonyms of xlperf's own sheets.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from openpyxl.utils import column_index_from_string, get_column_letter

from xlperf.core.numbers import clean_text
from xlperf.core.periods import parse_period
from xlperf.core.problems import Level, Problem, Text
from xlperf.core.spelling import similar
from xlperf.core.vocabulary import fold
from xlperf.schema import LOGS, SHEETS, Column, Sheet, sheets_of
from xlperf.schema.tables import Tables
from xlperf.workbook.read.book import PERIOD_LABELS, Book
from xlperf.workbook.read.figure_columns import month_of
from xlperf.workbook.read.headers import (
    BETWEEN_PARTS,
    ROWS_SEARCHED,
    Columns,
    Header,
    Lexicon,
    Remark,
    find_header,
    first_full_row,
    header_or_data,
    match,
    remarks_above,
    sheet_titled,
    simplified,
)
from xlperf.workbook.read.period_columns import PeriodColumns, find_period_columns
from xlperf.workbook.read.staff import Staff
from xlperf.workbook.read.unpivot import FIGURES
from xlperf.workbook.read.wide_tables import Wide, find_wide, indicators_by_word, words_of_people
from xlperf.xlsx.reader.workbook import Grid

HEADINGS_QUOTED = 12
TEXT_QUOTED = 40
ROSTERS = ("departments", "employees")
_OF_PEOPLE = ("ratings", "actuals", "history", "checks", "adjustments", "absences")
_ABOUT_PEOPLE = ("name", "department", "note")
_BETWEEN_NAMES = re.compile(r"[-_—－·\s()（）\[\]【】,，、]+")
_LETTER = re.compile(r"[A-Za-z]{1,3}")
_PERIOD_IN_TITLE = re.compile(
    r"[0-9]{4}\s*年\s*(?:[0-9]{1,2}|[一二三四五六七八九十]{1,3})\s*月(?!\s*[0-9]{1,2}\s*[日号])|[0-9]{4}\s*年?\s*(?:第?[一二三四1-4]\s*季度?|Q[1-4])"
    r"|[0-9]{4}\s*年?\s*[上下]半年|(?<![0-9./-])[0-9]{4}[-./][0-9]{1,2}(?![0-9./-])"
)


@dataclass(frozen=True)
class Fit:
    """How a table fits a sheet: what its columns mean there, and which columns of the key it lacks.

    ``constants`` are the values that every row has although no column says so; ``by_name`` is the column of names that
    stands in for IDs; ``called`` tells that the call itself has named a column.
    """

    sheet: Sheet
    header: Header
    body: Grid
    columns: Columns
    period: PeriodColumns | None
    constants: Mapping[str, Any]
    by_name: int | None
    lacking: tuple[Column, ...]
    called: bool
    first_row_unclear: bool = False

    @property
    def has_no_headings(self) -> bool:
        """Whether the first row is a record."""
        return self.header.last < self.header.first

    @property
    def used(self) -> set[int]:
        """The columns of the file that are known to the sheet, or that somebody has given a meaning."""
        numbers = {*self.columns.known.values(), *self.said_own.values()} | ({self.by_name} if self.by_name else set())
        return numbers | (self.period.used() if self.period else set())

    @property
    def said_own(self) -> dict[str, int]:
        """The columns of HR's own that have another heading in the file."""
        return {name: each for name, each in self.columns.own.items() if self.header.headings.get(each) != name}

    @property
    def is_clear(self) -> bool:
        """Whether it may be taken without being asked for: one known heading of many, or people only, is not enough."""
        if self.sheet.code == "assignments" and not self.columns.known.keys() & {"department", "group"}:
            return False  # two dates alone may as well be an absence
        if self.sheet.code in _OF_PEOPLE and not self.columns.known.keys() - {*self.sheet.key, *_ABOUT_PEOPLE}:
            return False
        return not self.lacking and (self.called or len(self.used) > 1 or 2 * len(self.used) >= len(self.body.columns))

    @property
    def mapped(self) -> dict[str, Text]:
        """What the headings of the file were taken for."""
        names: dict[str, list[Text]] = defaultdict(list)
        for code, number in (*self.columns.known.items(), *self.said_own.items()):
            name = self.sheet[code].name if code in self.sheet.by_code else Text(code, code)
            names[self.heading(number)].append(name)
        for number in sorted(self.period.used() - set(self.columns.known.values())) if self.period else ():
            names[self.heading(number)].append(self.sheet["period"].name)
        if self.by_name:
            names[self.heading(self.by_name)].append(self.sheet["employee_id"].name)
        return {
            heading: Text("、".join(name.zh for name in each), ", ".join(name.en for name in each))
            for heading, each in names.items()
        }

    def heading(self, number: int) -> str:
        """Return the heading of a column, or its letter."""
        return self.header.headings.get(number) or get_column_letter(number)


class Recognizer:
    """What the tables of foreign files are for a workbook; ``tables`` are its sheets, which grow during an import."""

    def __init__(self, book: Book, sheet: Sheet | None, mapping: Mapping[str, str], tables: Tables) -> None:
        self.book, self.sheet, self.mapping, self.tables = book, sheet, mapping, tables
        period = parse_period(book.scheme.settings.period)
        self.year = period.start.year if period else None
        self.declared: dict[str, list[tuple[str, str]]] = defaultdict(list)
        rows = book.scheme.table("headings").frame[["sheet", "heading", "column"]].dropna()
        for title, heading, word in rows.itertuples(index=False, name=None):
            if target := sheet_titled(title):
                self.declared[target.code].append((heading, _code(target, word)))

    def recognised(self, grid: Grid) -> Fit | Wide | None:
        """Return what a table is, or None where that is not clear."""
        if self.sheet and (fit := self.fit(grid, self.sheet)) and not fit.lacking and not self.months_of(fit):
            return fit
        if self.sheet is None or self.sheet.code in FIGURES:
            wide = self.wide(grid)
            if wide:
                return wide
        fits = [fit for fit in self.fits(grid) if fit.is_clear and not self.months_of(fit)]
        usual = self.book.scheme.input_sheets()
        return max(fits, key=lambda fit: (len(fit.used), fit.sheet.code in usual), default=None)

    def is_table(self, grid: Grid) -> bool:
        """Whether the lines above a table are one themselves: two headings that are known, and something below them."""
        what = self.recognised(grid) if len(grid) > 1 else None
        return what is not None and len(what.body) > 0 and len({*what.columns.known, *what.columns.own}) > 1

    def fits(self, grid: Grid) -> list[Fit]:
        """Return how a table fits the input sheets, where nobody has said which one it is for.

        Sheets whose rows a run makes, and records of what was done, are filled by nobody's file.
        """
        if self.sheet is not None:
            return []
        sheets = [each for each in sheets_of("input") if each.code not in LOGS and not any(c.computed for c in each)]
        return [fit for sheet in sheets if (fit := self.fit(grid, sheet))]

    def fit(self, grid: Grid, sheet: Sheet) -> Fit | None:
        """Return how a table fits a sheet, or None where it has no heading that the sheet knows."""
        said, of_columns = self.said(grid, self.declared[sheet.code], lambda word: self.column_of(sheet, word))
        lexicon = Lexicon(sheet, said, of_columns)
        header, unclear = find_header(grid, lexicon.knows), False
        if header is None and sheet is self.sheet:
            header, unclear = header_or_data(grid, of_columns)
        if header is None:
            return None
        body = grid.below(header.last).filled_down()
        columns = match(header, body, lexicon)
        period = None
        if "period" in sheet.by_code and sheet["period"].kind == "period":
            period = find_period_columns(header, columns.known.get("period"))
        constants = self.constants(sheet, grid, header, columns)
        by_name = None
        if "employee_id" in sheet.by_code and "employee_id" not in (*columns.known, *constants):
            by_name = find_heading(header, *_names_of("name")) if sheet.code in _OF_PEOPLE else None
        given = (
            {*columns.known, *constants} | ({"period"} if period else set()) | ({"employee_id"} if by_name else set())
        )
        lacking = tuple(sheet[code] for code in sheet.key if sheet[code].required and code not in given)
        called = any(self.column_of(sheet, word) in columns.known for word in self.mapping)
        return Fit(sheet, header, body, columns, period, constants, by_name, lacking, called, unclear)

    def wide(self, grid: Grid) -> Wide | None:
        """Return a table of several columns of figures, if it says whose they are."""
        found = self.figure_table(grid)
        if found is None:
            return None
        named = {"employee_id", "name"} & {*found.columns.known, *found.columns.own}
        return found if named or self.whose(grid, found.header.remarks) else None

    def figure_table(self, grid: Grid, item: int | None = None) -> Wide | None:
        """Return a table of several columns of figures, whoever they belong to; see `find_wide`."""
        words = words_of_people(self.book.scheme)
        people = [each for sheet in ("employees", *FIGURES) for each in self.declared[sheet]]

        def meaning(word: str) -> str | None:
            column = SHEETS["actuals"].find(word)
            return words.get(fold(word)) or (column.code if column else None)

        said, of_columns = self.said(grid, [each for each in people if each[1] in ("employee_id", "name")], meaning)
        return find_wide(grid, self.book.scheme, said, of_columns, self.year, self.indicator_of(grid), item)

    def indicator_of(self, grid: Grid) -> str | None:
        """Return the indicator that a whole table is about, by a line above it or by the title of its sheet."""
        indicators = indicators_by_word(self.book.scheme)
        column = SHEETS["actuals"]["indicator"]
        labels = set(map(fold, (*column.name, *column.synonyms, "Indicator")))
        remarks = remarks_above(grid, min(len(grid), ROWS_SEARCHED))
        words = [remark.value for remark in remarks if fold(remark.label) in labels]
        return next((code for word in (*words, _title(grid)) if (code := indicators.get(fold(word)))), None)

    def months_of(self, fit: Fit) -> list[str]:
        """Return the headings of figures by month that would be kept as columns of HR's own, or left out.

        Employees may keep them, where the call has named that sheet.
        """
        if fit.sheet.code not in (*_OF_PEOPLE, "targets") and (self.sheet or fit.sheet.code != "employees"):
            return []
        found = [heading for heading in fit.columns.own if month_of(heading, self.year)]
        return found if len(found) > 1 else []

    def said(
        self, grid: Grid, declared: Sequence[tuple[str, str]], meaning: Callable[[str], str | None]
    ) -> tuple[dict[str, tuple[str, ...]], dict[int, tuple[str, ...]]]:
        """Return what headings and column letters mean by the call and by the Headings sheet; the call goes first."""
        by_heading: dict[str, list[str]] = defaultdict(list)
        by_column: dict[int, list[str]] = defaultdict(list)
        called = {code: heading for word, heading in self.mapping.items() if (code := meaning(word))}
        for code, heading in called.items():
            if _LETTER.fullmatch(heading) and not _holds(grid, heading):
                by_column[column_index_from_string(heading.upper())].append(code)
            else:
                by_heading[fold(heading)].append(code)
        for heading, code in declared:
            if code not in called:
                by_heading[fold(heading)].append(code)
        return (
            {heading: tuple(codes) for heading, codes in by_heading.items()},
            {number: tuple(codes) for number, codes in by_column.items()},
        )

    def column_of(self, sheet: Sheet, word: str) -> str | None:
        """Return the column that a word of the call means; for a sheet that was named, any word is one."""
        column = sheet.find(simplified(word))
        return column.code if column else word if sheet is self.sheet else None

    def constants(self, sheet: Sheet, grid: Grid, header: Header, columns: Columns) -> dict[str, Any]:
        """Return what every row of a table has in common without saying so in a column."""
        found: dict[str, Any] = {}
        if sheet.code == "choices" and "column" not in columns.known and "value" in columns.known:
            found["column"] = self.choice_column(header.headings.get(columns.known["value"], ""))
        if sheet.code in FIGURES and "indicator" in columns.known:
            if find_heading(header, *_names_of("name")) is None:
                found["employee_id"] = self.whose(grid, header.remarks)
            if find_period_columns(header, columns.known.get("period")) is None:
                found["period"] = self.when(grid, header)
        return {code: value for code, value in found.items() if value and code not in columns.known}

    def choice_column(self, heading: str) -> str:
        """Return the column whose choices stand under a heading: ours, where the Headings sheet translates it."""
        codes = {code for rows in self.declared.values() for each, code in rows if fold(each) == fold(heading)}
        return codes.pop() if len(codes) == 1 else heading

    def whose(self, grid: Grid, remarks: Sequence[Remark]) -> str | None:
        """Return the employee whom a whole table is about, by a line above it or by the title of its sheet."""
        return next(iter((*self._named_above(remarks), *self._named_in_title(grid))), None)

    def two_people(self, grid: Grid, remarks: Sequence[Remark]) -> list[Problem]:
        """Report a line above the table that names another employee than the title of the sheet."""
        above, title = self._named_above(remarks), self._named_in_title(grid)
        if above and title and above[0] != title[0]:
            return [Problem("form-two-people", grid.title, details={"first": above[0], "second": title[0]})]
        return []

    def _named_above(self, remarks: Sequence[Remark]) -> list[str]:
        staff = Staff(self.tables.get("employees"))
        words = [remark.value for remark in remarks if fold(remark.label) in _people_labels()]
        return [person for word in words if (person := staff.find(word))]

    def _named_in_title(self, grid: Grid) -> list[str]:
        staff, title = Staff(self.tables.get("employees")), _title(grid)
        words = [title, *_BETWEEN_NAMES.split(title)]
        words += [word.lstrip("0123456789.、 ") for word in words]
        return [person for word in words if (person := staff.find(word))]

    def when(self, grid: Grid, header: Header) -> str | None:
        """Return the period that a line above the table names, its title, or the title of the sheet."""
        labels = set(map(fold, PERIOD_LABELS))
        named = [each.value for each in header.remarks if fold(each.label) in labels]
        above = range(max(header.first, 0))
        texts = [str(cell) for position in above for cell in grid.row(position).values()]
        found = [period for word in named if (period := parse_period(word, self.year))]
        for text in () if found else (*texts, _title(grid)):
            found += [period for word in _PERIOD_IN_TITLE.findall(text) if (period := parse_period(word, self.year))]
        codes = list(dict.fromkeys(period.code for period in found))
        return codes[0] if codes and (named or len(codes) == 1) else None

    # Explaining -------------------------------------------------------------------------------------------------

    def unclear(self, grid: Grid, other_sheets: bool) -> Problem:
        """Explain why a table could not be taken: what was looked for, and what is there."""
        level: Level | None = "warning" if other_sheets else None
        fit = (
            self.fit(grid, self.sheet)
            if self.sheet
            else max(self.fits(grid), key=lambda each: len(each.used), default=None)
        )
        header = fit.header if fit else first_full_row(grid)
        row = grid.rows[header.last] if header else grid.rows[0]
        headings = list(header.headings.values())[:HEADINGS_QUOTED] if header else []
        if empty := self.empty_form(grid):
            return Problem("import-form", grid.title, empty[0], {"label": empty[1]}, level)
        is_text = not grid.title.startswith("[")
        if is_text and len(grid.columns) == 1 and not fit:
            cell = clean_text(next(iter(grid.row(0).values())))[:TEXT_QUOTED]
            return Problem("text-one-column", grid.title, f"A{row}", {"file": grid.title, "cell": cell}, level)
        if fit and (months := self.months_of(fit)):
            code = "import-months-in-columns" if fit.sheet.code == "targets" else "import-months"
            return Problem(code, grid.title, f"A{row}", {"headings": months}, level)
        if (form := self.figure_table(grid)) and form.is_form:
            return self.stranger(grid, form.header.remarks, level)
        if fit and fit.lacking and (self.sheet or len(fit.used) > 1):
            first = fit.lacking[0]
            details = {
                "sheet": fit.sheet.title,
                "lacking": [column.name for column in fit.lacking],
                "accepted": list(dict.fromkeys((*first.name, *first.synonyms))),
                "headings": headings,
                "row": row,
                "example": f"--as {fit.sheet.code} --map {first.code}=A",
            }
            return Problem("import-key-missing", grid.title, f"A{row}", details, level)
        return Problem("import-unclear", grid.title, f"A{row}", {"headings": headings, "row": row}, level)

    def empty_form(self, grid: Grid) -> tuple[str, str] | None:
        """Return the cell and the label of a form for one person that does not say for whom."""
        remarks = remarks_above(grid, min(len(grid), ROWS_SEARCHED))
        labels = _people_labels()
        return next(
            ((each.cell, each.label) for each in remarks if fold(each.label) in labels and not each.value), None
        )

    def stranger(self, grid: Grid, remarks: Sequence[Remark], level: Level | None) -> Problem:
        """Explain that the form of one person is about nobody who is known."""
        named = [each for each in remarks if fold(each.label) in _people_labels() and each.value]
        word, cell = (named[0].value, named[0].cell) if named else (_title(grid), "")
        near = similar(word, Staff(self.tables.get("employees")).names)
        return Problem("form-person-unknown", grid.title, cell, {"cell": word, "near": near}, level)

    def unknown_columns(self) -> Iterator[Problem]:
        """Report columns of the call that no sheet has; on a sheet that is named they become columns of HR's own."""
        sheets = [self.sheet] if self.sheet else sheets_of("input")
        for word in self.mapping:
            if any(sheet.find(simplified(word)) for sheet in sheets):
                continue
            near = similar(word, {name for sheet in sheets for each in sheet for name in (each.code, *each.name)})
            if near or self.sheet is None:
                level: Level | None = "warning" if self.sheet else None
                yield Problem("import-column-unknown", details={"cell": word, "near": near}, strictness=level)

    def absent_headings(self, grids: Sequence[Grid]) -> Iterator[Problem]:
        """Report headings of the call that no file has."""
        for word, heading in self.mapping.items():
            last = heading.rpartition(BETWEEN_PARTS)[2]
            is_letter = _LETTER.fullmatch(heading) and any(
                column_index_from_string(heading.upper()) in grid.columns for grid in grids
            )
            if grids and not is_letter and not any(_holds(grid, heading) or _holds(grid, last) for grid in grids):
                near = similar(heading, {text for grid in grids for text in _first_texts(grid)})
                yield Problem("import-heading-absent", details={"cell": heading, "column": word, "near": near})


def find_heading(header: Header, *words: str) -> int | None:
    """Return the column that has one of some words for its heading."""
    wanted = set(map(fold, words))
    found = (number for number, text in header.headings.items() if fold(simplified(text)) in wanted)
    return next(found, None)


def _code(sheet: Sheet, word: str) -> str:
    column = sheet.find(simplified(word))
    return column.code if column else word


def _names_of(code: str) -> tuple[str, ...]:
    column = SHEETS["employees"][code]
    return (column.code, *column.name, *column.synonyms)


def _first_texts(grid: Grid) -> set[str]:
    return {
        clean_text(cell)
        for position in range(min(len(grid), ROWS_SEARCHED))
        for cell in grid.row(position).values()
        if isinstance(cell, str)
    }


def _holds(grid: Grid, heading: str) -> bool:
    return fold(heading) in set(map(fold, _first_texts(grid)))


def _title(grid: Grid) -> str:
    return grid.title.rpartition("]")[2]


@cache
def _people_labels() -> frozenset[str]:
    """Return what a line above a table may call the person whom it is about, as `fold` leaves it."""
    others = ("被考核人", "被考评人", "被评人", "考核对象", "appraisee", "employee")
    return frozenset(map(fold, (*_names_of("name"), *_names_of("employee_id"), *others)))
