"""Tables that have one column for each indicator, or one for each month: taken apart into one row for each figure.

Whose row it is may be said by an ID, by a name that only one employee has, or, on a form or a sheet of one person, by
a line above the table or the title of the sheet.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from openpyxl.utils import get_column_letter

from xlperf.core.numbers import clean_key, clean_text
from xlperf.core.periods import parse_period
from xlperf.core.problems import Problem, Text
from xlperf.core.spelling import similar
from xlperf.core.vocabulary import fold
from xlperf.policy.scheme import Scheme
from xlperf.schema import SHEETS
from xlperf.schema.keys import row_list
from xlperf.schema.tables import Table, address
from xlperf.workbook.read.headers import Columns, Header, Lexicon, find_header, match, records
from xlperf.workbook.read.period_columns import PeriodColumns, find_period_columns, period_labels
from xlperf.workbook.read.sheet_table import cells_of, read_cells
from xlperf.xlsx.reader.workbook import Grid

FIGURES = {"ratings": "score", "actuals": "actual"}
NAMES_LISTED = 20
_INDICATOR = "indicator "  # before the code of an indicator, so that it is not taken for a column
_MONTH = re.compile(
    r"([0-9]{4}\s*[年./-]?\s*)?([0-9]{1,2}|[一二三四五六七八九十]{1,2})\s*月份?|[0-9]{4}[./-][0-9]{1,2}"
)
_ACTUAL = frozenset(map(fold, ("实际", "实际值", "实绩", "完成", "完成值", "actual", "result")))
_DERIVED = frozenset(
    map(
        fold,
        (
            "目标",
            "目标值",
            "计划",
            "计划值",
            "差异",
            "差额",
            "完成率",
            "达成率",
            "target",
            "plan",
            "difference",
            "variance",
        ),
    )
)
NOT_ACTUAL = Text(
    "目标、差异等行（目标在“目标值”表中维护）", "targets and differences (targets belong to the Targets sheet)"
)


class Figure(NamedTuple):
    """A column of figures; the indicator or the period that its heading names, if it does."""

    number: int
    indicator: str
    period: str


@dataclass(frozen=True)
class Wide:
    """A table with several columns of figures, and where it says whose and when they are."""

    header: Header
    body: Grid
    columns: Columns
    figures: tuple[Figure, ...]
    period: PeriodColumns | None
    not_actual: tuple[int, ...] = ()  # the numbers of rows with targets and differences

    def meanings(self, scheme: Scheme) -> dict[str, Text]:
        """Return what the headings were taken for."""
        indicators = {each.code: each.name for each in scheme.indicators}
        actuals = SHEETS["actuals"]
        places = {**self.columns.own, **self.columns.known}
        found = {places[code]: actuals[code].name for code in ("indicator", "employee_id") if code in places}
        if "name" in places:
            found[places["name"]] = SHEETS["employees"]["name"].name
        found |= dict.fromkeys(self.period.used() if self.period else (), actuals["period"].name)
        for figure in self.figures:
            found[figure.number] = indicators.get(figure.indicator, Text(figure.period, figure.period))
        return {self.header.headings.get(number) or get_column_letter(number): name for number, name in found.items()}


class Staff:
    """The employees by ID and by name."""

    def __init__(self, employees: Table | None) -> None:
        frame = employees.frame[["employee_id", "name"]].dropna(subset=["employee_id"]) if employees else None
        self.names: dict[str, list[str]] = defaultdict(list)
        self.ids = set() if frame is None else set(frame["employee_id"])
        for employee, name in () if frame is None else frame.itertuples(index=False, name=None):
            if isinstance(name, str):
                self.names[name].append(employee)

    def find(self, word: Any) -> str | None:
        """Return the ID that an ID or a name means, if it means one person."""
        if clean_key(word) in self.ids:
            return clean_key(word)
        people = self.names.get(clean_text(word), [])
        return people[0] if len(people) == 1 else None


def words_of_people(scheme: Scheme) -> dict[str, str]:
    """Return what the headings of such a table may say, as `fold` leaves them: whose it is, and the indicators."""
    words = {fold(word): _INDICATOR + each.code for each in scheme.indicators for word in (*each.name, each.code)}
    for code in ("name", "employee_id"):
        column = SHEETS["employees"][code]
        words |= {fold(word): code for word in (column.code, *column.name, *column.synonyms)}
    return words


def find_wide(
    grid: Grid,
    scheme: Scheme,
    said: Mapping[str, tuple[str, ...]],
    said_of_columns: Mapping[int, tuple[str, ...]],
    year: int | None,
) -> Wide | None:
    """Return the table of a sheet that has several columns of figures, or None where it has none.

    What somebody has said of headings and of columns goes before the words that are known; see `Lexicon`.
    """
    meanings = {word: (code,) for word, code in words_of_people(scheme).items()} | dict(said)
    lexicon = Lexicon(SHEETS["actuals"], meanings, said_of_columns)
    header = find_header(grid, lexicon.knows)
    if header is None:
        return None
    body = grid.below(header.last).filled_down()
    columns = match(header, body, lexicon)
    figures = [
        Figure(number, code.removeprefix(_INDICATOR), "")
        for code, number in columns.own.items()
        if code.startswith(_INDICATOR)
    ]
    if not figures and "indicator" in columns.known:
        figures = [
            Figure(number, "", period.code)
            for heading, number in columns.own.items()
            if _MONTH.fullmatch(heading) and (period := parse_period(heading, year))
        ]
    found = Wide(header, body, columns, tuple(figures), find_period_columns(header, columns.known.get("period")))
    return _without_derived_rows(found) if figures else None


def _without_derived_rows(wide: Wide) -> Wide:
    """Drop the rows for targets and differences where a column tells them from the actual figures."""
    body = wide.body
    for number in wide.columns.own.values():
        words = [fold(clean_text(cell)) for cell in cells_of(body, number, range(len(body)))]
        if _ACTUAL & set(words) and set(words) <= _ACTUAL | _DERIVED | {""}:
            actual = [position for position, word in enumerate(words) if word not in _DERIVED]
            rest = [row for row, word in zip(body.rows, words, strict=True) if word in _DERIVED]
            return replace(wide, body=_indicators_filled(wide).only(actual), not_actual=tuple(rest))
    return wide


def _indicators_filled(wide: Wide) -> Grid:
    """Write the indicator, which stands in the first row of its block, into every row."""
    columns = dict(wide.body.columns)
    number = wide.columns.known.get("indicator", 0)
    if number in columns:
        last = None
        columns[number] = [last := cell if cell is not None else last for cell in columns[number]]
    return replace(wide.body, columns=columns)


# One row for each figure ------------------------------------------------------------------------------------------


class Taken(NamedTuple):
    """The figures of a wide table as tables of the Ratings and the Actuals sheet, and the rows that were left out."""

    tables: list[Table]
    skipped: list[tuple[Text, list[int]]]
    rows: int
    problems: list[Problem]


def figures_of(
    wide: Wide, title: str, scheme: Scheme, staff: Staff, year: int | None, whose: str | None, when: str | None
) -> Taken:
    """Take a wide table apart.

    ``whose`` is the employee and ``when`` the period of tables that do not say so in their rows.
    """
    rows = _Rows(wide, title, staff, year, whose, when)
    indicators = {fold(word): each for each in reversed(scheme.indicators) for word in (*each.name, each.code)}
    tables = []
    problems = rows.problems
    for figure in wide.figures:
        by_sheet: dict[str, list[int]] = defaultdict(list)
        cells = cells_of(wide.body, figure.number, rows.kept)
        words = [figure.indicator or clean_text(cell) for cell in rows.indicators]
        for place, cell in enumerate(cells):
            if cell is not None and rows.people[place]:
                known = indicators.get(fold(words[place]))
                by_sheet["ratings" if known and known.source == "ratings" else "actuals"].append(place)
        letter = get_column_letter(figure.number)
        for sheet, places in sorted(by_sheet.items()):
            raw = {
                "period": [figure.period or rows.periods[each] for each in places],
                "employee_id": [rows.people[each] for each in places],
                "indicator": [words[each] for each in places],
                FIGURES[sheet]: [cells[each] for each in places],
            }
            letters = dict.fromkeys(raw, letter) | rows.letters
            numbers = [wide.body.rows[rows.kept[each]] for each in places]
            table, found = read_cells(SHEETS[sheet], raw, numbers, letters, title)
            tables.append(table)
            problems += found
    return Taken(tables, rows.skipped, len(rows.kept), problems)


class _Rows:
    """The records of a wide table: whose each is, of which period, and which could not be used."""

    def __init__(
        self, wide: Wide, title: str, staff: Staff, year: int | None, whose: str | None, when: str | None
    ) -> None:
        self.wide, self.title = wide, title
        body, known = wide.body, wide.columns.known
        self.person = known.get("employee_id", wide.columns.own.get("name", 0))
        known = known | ({"employee_id": self.person} if self.person else {})
        self.kept, skipped = records(body, wide.header, wide.columns._replace(known=known), SHEETS["actuals"])
        self.skipped = [(each.reason, [body.rows[position] for position in each.positions]) for each in skipped]
        if wide.not_actual:
            self.skipped.append((NOT_ACTUAL, list(wide.not_actual)))
        self.problems: list[Problem] = []
        self.people: list[Any] = [whose] * len(self.kept)
        if self.person:
            self.people = list(cells_of(body, self.person, self.kept))
        if self.person and "employee_id" not in wide.columns.known:
            rows = [body.rows[each] for each in self.kept]
            self.people, self.problems = people_by_name(self.people, rows, get_column_letter(self.person), staff, title)
        self.periods = period_labels(body, self.kept, wide.period, year) if wide.period else [when] * len(self.kept)
        self.indicators = cells_of(body, known.get("indicator", 0), self.kept)
        self._drop_repeats()
        self.letters = {"employee_id": get_column_letter(self.person)} if self.person else {}
        if "indicator" in known:
            self.letters["indicator"] = get_column_letter(known["indicator"])

    def _drop_repeats(self) -> None:
        """Keep the first of rows that say the same; where the rows of a person differ, none of them can be used."""
        numbers = [figure.number for figure in self.wide.figures]
        groups: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for place, person in enumerate(self.people):
            if person is not None:
                key = (clean_key(person), clean_text(self.periods[place]), clean_text(self.indicators[place]))
                groups[key].append(place)
        for (person, *_), places in groups.items():
            if len(places) > 1:
                figures = {
                    tuple(self.wide.body.columns[number][self.kept[each]] for number in numbers) for each in places
                }
                rows = row_list(self.wide.body.rows[self.kept[each]] for each in places)
                name = clean_text(self.wide.body.columns[self.person][self.kept[places[0]]]) if self.person else person
                code = "person-repeated" if len(figures) == 1 else "person-twice"
                details = {"person": name, "rows": rows}
                self.problems.append(Problem(code, self.title, self._cells(places), details))
                for place in places if code == "person-twice" else places[1:]:
                    self.people[place] = None

    def _cells(self, places: Sequence[int]) -> str:
        rows = [self.wide.body.rows[self.kept[each]] for each in places]
        return address(get_column_letter(self.person or min(self.wide.body.columns)), rows)


def people_by_name(
    names: Sequence[Any], rows: Sequence[int], letter: str, staff: Staff, title: str
) -> tuple[list[Any], list[Problem]]:
    """Return the IDs of people by their names; the name of nobody or of several people is a problem and gives none."""
    people = [staff.find(name) for name in names]
    strangers: dict[str, list[int]] = defaultdict(list)
    for row, name, person in zip(rows, names, people, strict=True):
        if person is None and name is not None:
            strangers[clean_text(name)].append(row)
    problems = []
    for name in sorted(strangers.keys() & staff.names.keys()):
        details = {"name": name, "people": sorted(staff.names[name])}
        problems.append(Problem("name-of-several", title, address(letter, strangers[name]), details))
    unknown = sorted(strangers.keys() - staff.names.keys())
    if unknown:
        listed = [_with_near(name, staff.names) for name in unknown[:NAMES_LISTED]]
        where = [row for name in unknown for row in strangers[name]]
        more = {"count": len(unknown), "names": listed}
        problems.append(Problem("names-not-on-roster", title, address(letter, where), more))
    return people, problems


def _with_near(name: str, names: Mapping[str, Any]) -> Text:
    near = similar(name, names, 1)
    return Text(f"{name}（相近：{near[0]}）", f"{name} (similar: {near[0]})") if near else Text(name, name)
