"""Takes foreign workbooks and CSV files into the sheets: finds out where each table belongs, or says why it cannot.

What a foreign heading means is looked up in three places, in this order: what the call says, the Headings sheet of the
workbook, the names and synonyms of xlperf's own sheets. Columns with other headings are kept as columns of HR's own.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from openpyxl.utils import column_index_from_string, get_column_letter

from xlperf.core.numbers import clean_text
from xlperf.core.periods import parse_period
from xlperf.core.problems import Lang, Level, Problem, Text, has_errors, in_order
from xlperf.core.spelling import similar
from xlperf.core.vocabulary import fold
from xlperf.schema import SHEETS, Column, Sheet, find_sheet, sheets_of
from xlperf.schema.keys import drop_repeated_rows
from xlperf.schema.tables import Table, address, table_of
from xlperf.workbook.read.book import PERIOD_LABELS, Book
from xlperf.workbook.read.headers import (
    BETWEEN_PARTS,
    ROWS_SEARCHED,
    Columns,
    Header,
    Lexicon,
    find_header,
    first_full_row,
    match,
    records,
    remarks_above,
    simplified,
)
from xlperf.workbook.read.merge_rows import merge
from xlperf.workbook.read.period_columns import PeriodColumns, find_period_columns, period_labels
from xlperf.workbook.read.sheet_table import (
    cells_of,
    hidden_data,
    read_cells,
    unclear_headings,
)
from xlperf.workbook.read.unpivot import FIGURES, Staff, Wide, figures_of, find_wide, people_by_name, words_of_people
from xlperf.workbook.sources.text_files import AS_FOUND, TextOptions, known_words, read_text_file
from xlperf.xlsx.reader.safety import DAMAGED, check_package
from xlperf.xlsx.reader.workbook import Grid, Workbook

TEXT_ENDINGS = (".csv", ".txt", ".tsv")
ALSO_FEEDS = {"employees": "departments"}  # a roster names its departments; elsewhere a code only refers to something
HEADINGS_QUOTED = 12
_LETTER = re.compile(r"[A-Za-z]{1,3}")


@dataclass(frozen=True)
class FileSummary:
    """What became of one table of a file.

    ``part`` is the sheet of the file, ``skipped`` the rows that are no records by reason, with their row numbers;
    ``mapped`` tells which heading of the file was taken for which column, ``unused`` the headings of the others.
    """

    file: str
    part: str
    sheet: Text
    header_row: int
    rows: int
    added: int
    same: int
    blank: int
    skipped: tuple[tuple[Text, str], ...] = ()
    mapped: Mapping[str, Text] = field(default_factory=dict)
    unused: tuple[str, ...] = ()

    def as_dict(self, lang: Lang) -> dict[str, Any]:
        """Return the summary as plain words and numbers."""
        return {
            "file": self.file,
            "part": self.part,
            "sheet": self.sheet(lang),
            "header_row": self.header_row,
            "rows": self.rows,
            "added": self.added,
            "same": self.same,
            "blank": self.blank,
            "skipped": {reason(lang): rows for reason, rows in self.skipped},
            "mapped": {heading: meaning(lang) for heading, meaning in self.mapped.items()},
            "unused": list(self.unused),
        }

    def in_words(self, lang: Lang) -> str:
        """Return the summary as one paragraph."""
        zh = lang == "zh"
        source = f"{self.file} {self.part}".strip()
        counts = (
            f"{source} → {self.sheet.zh}：读取 {self.rows} 行，新增 {self.added} 行，已有相同的 {self.same} 行"
            if zh
            else f"{source} → {self.sheet.en}: rows read {self.rows}, added {self.added}, already there {self.same}"
        )
        comma, between = ("；", "、") if zh else ("; ", ", ")
        parts = [f"{heading} → {meaning(lang)}" for heading, meaning in self.mapped.items()]
        words = [counts, between.join(parts)]
        if self.unused:
            words.append(Text("没有使用：", "not used: ")(lang) + between.join(self.unused))
        words += [f"{Text('跳过', 'skipped')(lang)} {rows} ({reason(lang)})" for reason, rows in self.skipped]
        return comma.join(filter(None, words)) + ("。" if zh else ".")


@dataclass(frozen=True)
class Imported:
    """The sheets with the new rows, what became of each file, and what stood in the way."""

    tables: dict[str, Table]
    done: list[FileSummary]
    problems: list[Problem]


# Files ------------------------------------------------------------------------------------------------------------


def read_source(
    path: Path, known: Collection[str] = (), options: TextOptions = AS_FOUND
) -> tuple[list[Grid], list[Problem]]:
    """Read every sheet of a foreign workbook, or a text file, as raw cells; see `read_text_file` for the rest.

    Sheets are titled as Excel refers to them from another workbook: ``[roster.xlsx]Sheet1``.
    """
    if path.suffix.lower() in TEXT_ENDINGS:
        return _text_source(path, known, options)
    problems = check_package(path)
    if has_errors(problems):
        return [], problems
    try:
        with Workbook(path) as workbook:
            grids = [workbook.grid(sheet) for sheet in workbook.sheets]
    except DAMAGED:
        return [], [*problems, Problem("book-damaged", details={"file": path.name})]
    return [replace(grid, title=f"[{path.name}]{grid.title}") for grid in grids], problems


def _text_source(path: Path, known: Collection[str], options: TextOptions) -> tuple[list[Grid], list[Problem]]:
    if not path.is_file():
        return [], [Problem("file-missing", details={"file": path.name})]
    try:
        found = read_text_file(path, known, options)
    except PermissionError:
        return [], [Problem("file-locked", details={"file": path.name})]
    return [found.grid] if found.grid else [], found.problems


# What a table is ----------------------------------------------------------------------------------------------------


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


def import_files(
    book: Book,
    paths: Iterable[str | Path],
    sheet: str | None = None,
    mapping: Mapping[str, str] | None = None,
    *,
    encoding: str | None = None,
    separator: str | None = None,
) -> Imported:
    """Read foreign files into the sheets of a workbook.

    Parameters
    ----------
    book : Book
        The workbook; it is not changed.
    paths : iterable of str or Path
        CSV files and workbooks. Rosters are taken first, since the others refer to their people.
    sheet : str or None
        The sheet that the tables belong to, by code or title; without it each goes to the input sheet that fits best.
        Policy sheets are filled only when they are named.
    mapping : mapping of str to str, or None
        Headings of the files by column of ours: ``{"employee_id": "Staff", "name": "B"}``. A letter stands for a column
        without heading.
    encoding : str or None
        The encoding of text files, by any name that Python knows; without it the contents decide.
    separator : str or None
        What separates the cells of text files: one sign, or comma, semicolon, tab, pipe.

    Returns
    -------
    Imported
        The sheets that have new rows, complete; a summary of each table; and the problems, with the cells of the
        files. Where one of them is an error, nothing should be written.
    """
    target = find_sheet(simplified(sheet)) if sheet else None
    if sheet and target is None:
        titles = [title for each in SHEETS.values() if each.role != "output" for title in each.title]
        return Imported({}, [], [Problem("no-such-sheet", details={"cell": sheet, "near": similar(sheet, titles)})])
    run = _Import(book, target, mapping or {}, TextOptions(encoding, separator))
    run.take([Path(path) for path in paths])
    return Imported(run.changed, run.done, in_order(run.problems))


class _Import:
    """One import: the workbook's own words for foreign headings, and its tables as they grow."""

    def __init__(self, book: Book, sheet: Sheet | None, mapping: Mapping[str, str], options: TextOptions) -> None:
        self.book, self.sheet, self.mapping, self.options = book, sheet, mapping, options
        self.tables = dict(book.tables)
        self.changed: dict[str, Table] = {}
        self.done: list[FileSummary] = []
        self.problems: list[Problem] = []
        period = parse_period(book.scheme.settings.period)
        self.year = period.start.year if period else None
        self.declared: dict[str, list[tuple[str, str]]] = defaultdict(list)
        rows = book.scheme.table("headings").frame[["sheet", "heading", "column"]].dropna()
        for title, heading, word in rows.itertuples(index=False, name=None):
            if target := find_sheet(simplified(title)):
                self.declared[target.code].append((heading, _code(target, word)))

    def take(self, paths: Sequence[Path]) -> None:
        """Take every table of the files, rosters first."""
        grids: list[tuple[Path, Grid]] = []
        known = known_words(self.book.tables)
        for path in paths:
            found, problems = read_source(path, known, self.options)
            self.problems += problems
            filled = [(path, grid) for grid in found if len(grid)]
            if found and not filled:
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
        self.problems += [self.unclear(grid, other_sheets=path in useful) for path, grid in unclear]
        self.add_departments()
        self.check_mapping([grid for _, grid in grids])

    def take_grid(self, path: Path, grid: Grid, rosters_only: bool = False) -> bool:
        """Take a table if it is clear what it is."""
        what = self.recognised(grid)
        if what is None or (rosters_only and not (isinstance(what, Fit) and what.sheet.code in _ROSTERS)):
            return False
        if isinstance(what, Wide):
            self.take_wide(path, grid, what)
            return True
        self.take_table(path, grid, what)
        also = ALSO_FEEDS.get(what.sheet.code) if self.sheet is None else None
        if also and any(find_heading(what.header, heading) for heading, _ in self.declared[also]):
            fit = self.fit(grid, SHEETS[also])
            if fit and not fit.lacking:
                self.take_table(path, grid, fit, distinct=True)
        return True

    # Recognising ------------------------------------------------------------------------------------------------

    def recognised(self, grid: Grid) -> Fit | Wide | None:
        """Return what a table is, or None where that is not clear."""
        if self.sheet and (fit := self.fit(grid, self.sheet)) and not fit.lacking:
            return fit
        if self.sheet is None or self.sheet.code in FIGURES:
            wide = self.wide(grid)
            if wide:
                return wide
        fits = [fit for fit in self.fits(grid) if fit.is_clear]
        usual = self.book.scheme.input_sheets()
        return max(fits, key=lambda fit: (len(fit.used), fit.sheet.code in usual), default=None)

    def fits(self, grid: Grid) -> list[Fit]:
        """Return how a table fits the input sheets, where nobody has said which one it is for."""
        sheets = sheets_of("input") if self.sheet is None else ()
        return [fit for sheet in sheets if (fit := self.fit(grid, sheet))]

    def fit(self, grid: Grid, sheet: Sheet) -> Fit | None:
        """Return how a table fits a sheet, or None where it has no heading that the sheet knows."""
        said, of_columns = self.said(grid, self.declared[sheet.code], lambda word: self.column_of(sheet, word))
        lexicon = Lexicon(sheet, said, of_columns)
        header = find_header(grid, lexicon.knows) or (first_full_row(grid) if sheet is self.sheet else None)
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
        return Fit(sheet, header, body, columns, period, constants, by_name, lacking, called)

    def wide(self, grid: Grid) -> Wide | None:
        """Return a table of several columns of figures, if it says whose they are."""
        words = words_of_people(self.book.scheme)
        people = [each for sheet in ("employees", *FIGURES) for each in self.declared[sheet]]

        def meaning(word: str) -> str | None:
            column = SHEETS["actuals"].find(word)
            return words.get(fold(word)) or (column.code if column else None)

        said, of_columns = self.said(grid, [each for each in people if each[1] in ("employee_id", "name")], meaning)
        wide = find_wide(grid, self.book.scheme, said, of_columns, self.year)
        if wide is None:
            return None
        named = {"employee_id", "name"} & {*wide.columns.known, *wide.columns.own}
        return wide if named or self.whose(grid, wide.header) else None

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
        if sheet.code in FIGURES and "indicator" in columns.known and "employee_id" not in columns.known:
            found["employee_id"] = self.whose(grid, header)
            found["period"] = self.when(header)
        return {code: value for code, value in found.items() if value and code not in columns.known}

    def choice_column(self, heading: str) -> str:
        """Return the column whose choices stand under a heading: ours, where the Headings sheet translates it."""
        codes = {code for rows in self.declared.values() for each, code in rows if fold(each) == fold(heading)}
        return codes.pop() if len(codes) == 1 else heading

    def whose(self, grid: Grid, header: Header) -> str | None:
        """Return the employee whom a whole table is about, by a line above it or by the title of its sheet."""
        staff = Staff(self.tables.get("employees"))
        names = {*map(fold, _names_of("name")), *map(fold, _names_of("employee_id"))}
        title = grid.title.rpartition("]")[2]
        words = [remark.value for remark in header.remarks if fold(remark.label) in names]
        words += [title, *re.split(r"[-_—－·\s]+", title)]
        return next((person for word in words if (person := staff.find(word))), None)

    def when(self, header: Header) -> str | None:
        """Return the period that a line above the table names."""
        labels = set(map(fold, PERIOD_LABELS))
        values = (parse_period(each.value, self.year) for each in header.remarks if fold(each.label) in labels)
        return next((period.code for period in values if period), None)

    # Taking -----------------------------------------------------------------------------------------------------

    def take_table(self, path: Path, grid: Grid, fit: Fit, distinct: bool = False) -> None:
        """Put the records of a table into its sheet."""
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
        table, problems = read_cells(sheet, cells, rows, letters, grid.title)
        self.problems += problems
        self.problems += unclear_headings(grid, fit.header, columns)
        self.problems += hidden_data(body, kept, {*known.values(), *own.values()})
        read = len(table)
        if distinct:
            table = table.where(~table.frame.duplicated(list(sheet.key)))
        added, same = self.add(table)
        unused = () if own or sheet.role == "input" else tuple(columns.own)
        self.done.append(
            FileSummary(
                file=path.name,
                part=_part(grid),
                sheet=sheet.title,
                header_row=grid.rows[fit.header.last],
                rows=read,
                added=added,
                same=same,
                blank=grid.blank,
                skipped=tuple((each.reason, _listed(body.rows[place] for place in each.positions)) for each in skipped),
                mapped=fit.mapped,
                unused=unused,
            )
        )

    def take_wide(self, path: Path, grid: Grid, wide: Wide) -> None:
        """Put the figures of a wide table into the Ratings and the Actuals sheet."""
        staff = Staff(self.tables.get("employees"))
        whose, when = self.whose(grid, wide.header), self.when(wide.header)
        taken = figures_of(wide, grid.title, self.book.scheme, staff, self.year, whose, when)
        self.problems += taken.problems
        self.problems += unclear_headings(grid, wide.header, wide.columns)
        counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for table in taken.tables:
            for place, number in enumerate(self.add(table)):
                counts[table.sheet.code][place] += number
        if not counts:
            counts[self.sheet.code if self.sheet else "ratings"] = [0, 0]
        used = {figure.number for figure in wide.figures} | (wide.period.used() if wide.period else set())
        own = wide.columns.own.items()
        unused = tuple(name for name, number in own if number not in used and name != "name")
        for code, (added, same) in sorted(counts.items()):
            self.done.append(
                FileSummary(
                    file=path.name,
                    part=_part(grid),
                    sheet=SHEETS[code].title,
                    header_row=grid.rows[wide.header.last],
                    rows=taken.rows,
                    added=added,
                    same=same,
                    blank=grid.blank,
                    skipped=tuple((reason, _listed(rows)) for reason, rows in taken.skipped),
                    mapped=wide.meanings(self.book.scheme),
                    unused=unused,
                )
            )

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

    def add(self, table: Table) -> tuple[int, int]:
        """Add the rows of a table to those of its sheet; return how many are new and how many were there."""
        code = table.sheet.code
        table, problems = drop_repeated_rows(table)
        merged = merge(self.tables.get(code), table, self.book.lang)
        self.problems += [*problems, *merged.problems]
        if merged.new.any():
            self.tables[code] = self.changed[code] = merged.table
        return int(merged.new.sum()), int((~merged.new).sum())

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
        if form := self.empty_form(grid):
            return Problem("import-form", grid.title, form[0], {"label": form[1]}, level)
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
        names = {*map(fold, _names_of("name")), *map(fold, _names_of("employee_id"))}
        remarks = remarks_above(grid, min(len(grid), ROWS_SEARCHED))
        return next(((each.cell, each.label) for each in remarks if fold(each.label) in names and not each.value), None)

    def check_mapping(self, grids: Sequence[Grid]) -> None:
        """Report headings of the call that no file has."""
        for word, heading in self.mapping.items():
            last = heading.rpartition(BETWEEN_PARTS)[2]
            is_letter = _LETTER.fullmatch(heading) and any(
                column_index_from_string(heading.upper()) in grid.columns for grid in grids
            )
            if grids and not is_letter and not any(_holds(grid, heading) or _holds(grid, last) for grid in grids):
                near = similar(heading, {text for grid in grids for text in _first_texts(grid)})
                self.problems.append(
                    Problem("import-heading-absent", details={"cell": heading, "column": word, "near": near})
                )


_ROSTERS = ("departments", "employees")
_OF_PEOPLE = ("ratings", "actuals", "history", "checks", "adjustments")
_ABOUT_PEOPLE = ("name", "department", "note")


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


def _part(grid: Grid) -> str:
    return grid.title.rpartition("]")[2] if grid.title.startswith("[") else ""


def _listed(rows: Iterable[int]) -> str:
    return address("", rows)
