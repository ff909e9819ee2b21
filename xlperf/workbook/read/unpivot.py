"""Takes tables with several columns of figures apart, into one row for each figure.

Whose a row is may be said by an ID, by a name that only one employee has, or, on a form or a sheet of one person, by a
line above the table or the title of the sheet.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from openpyxl.utils import get_column_letter

from xlperf.core.numbers import clean_key, clean_text
from xlperf.core.problems import Problem, Text
from xlperf.core.spelling import similar
from xlperf.core.vocabulary import fold
from xlperf.policy.scheme import Indicator, RatingLabels, Scheme
from xlperf.schema import SHEETS
from xlperf.schema.keys import row_list
from xlperf.schema.tables import Table, address
from xlperf.workbook.read.headers import NO_KNOWN_CELL, Skipped, records
from xlperf.workbook.read.period_columns import period_labels
from xlperf.workbook.read.sheet_table import cells_of, read_cells
from xlperf.workbook.read.staff import Staff, people_by_name
from xlperf.workbook.read.wide_tables import Figure, Wide

FIGURES = {"ratings": "score", "actuals": "actual"}
NOT_ACTUAL = Text(
    "目标、差异等行（目标在“目标值”表中维护）", "targets and differences (targets belong to the Targets sheet)"
)


NO_SCORE = Text("没有分数的行", "rows without a score")


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
    if wide.problems:
        return Taken([], [], 0, list(wide.problems))
    rows = _Rows(wide, title, staff, year, whose, when)
    labels = scheme.rating_labels
    indicators = {fold(word): each for each in reversed(scheme.indicators) for word in (*each.name, each.code)}
    if wide.is_form:
        rows.check_form(indicators)
    tables = []
    problems = rows.problems
    for figure in wide.figures:
        for sheet, places in sorted(_by_sheet(figure, rows, indicators).items()):
            table, found = _table(figure, sheet, places, rows, staff, labels)
            tables.append(table)
            problems += found
    return Taken(tables, rows.skipped, len(rows.kept), problems)


def _by_sheet(figure: Figure, rows: _Rows, indicators: Mapping[str, Indicator]) -> dict[str, list[int]]:
    """Return the rows of a column of figures by the sheet that its indicator is measured on."""
    found: dict[str, list[int]] = defaultdict(list)
    for place, cell in enumerate(rows.figures[figure.number]):
        if cell is not None and rows.people[place]:
            indicator = indicators.get(fold(figure.indicator or clean_text(rows.indicators[place])))
            found["ratings" if indicator and indicator.source == "ratings" else "actuals"].append(place)
    return found


def _table(
    figure: Figure, sheet: str, places: Sequence[int], rows: _Rows, staff: Staff, labels: RatingLabels
) -> tuple[Table, list[Problem]]:
    people = [rows.people[each] for each in places]
    raw: dict[str, list[Any]] = {
        "period": [figure.period or rows.periods[each] for each in places],
        "employee_id": people,
        "indicator": [figure.indicator or clean_text(rows.indicators[each]) for each in places],
        FIGURES[sheet]: [rows.figures[figure.number][each] for each in places],
    }
    if figure.relation:
        raw["relation"] = [figure.relation] * len(places)
        raters = {"self": people, "manager": [staff.managers.get(clean_key(person)) for person in people]}
        if figure.relation in raters:
            raw["rater_id"] = list(raters[figure.relation])
    letters = dict.fromkeys(raw, get_column_letter(figure.number)) | rows.letters
    numbers = [rows.wide.body.rows[rows.kept[each]] for each in places]
    return read_cells(SHEETS[sheet], raw, numbers, letters, rows.title, labels)


class _Rows:
    """The records of a wide table: whose each is, of which period, and which could not be used."""

    def __init__(
        self, wide: Wide, title: str, staff: Staff, year: int | None, whose: str | None, when: str | None
    ) -> None:
        self.wide, self.title = wide, title
        body, known = wide.body, wide.columns.known
        self.person = known.get("employee_id", wide.columns.own.get("name", 0))
        if self.person:
            known = known | {"employee_id": self.person}
        elif wide.period:  # a row of a sheet about one person says only when
            known = {"period": wide.period.part or wide.period.year or 0} | known
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
        self.indicators = list(cells_of(body, known.get("indicator", 0), self.kept))
        self.figures = {each.number: list(cells_of(body, each.number, self.kept)) for each in wide.figures}
        self._report_nameless(skipped)
        self._drop_repeats()
        self.letters = {"employee_id": get_column_letter(self.person)} if self.person else {}
        if "indicator" in known:
            self.letters["indicator"] = get_column_letter(known["indicator"])

    def _report_nameless(self, skipped: Sequence[Skipped]) -> None:
        """Report rows that have figures and no indicator: they may be sums, or more figures of the indicator above."""
        if "indicator" not in self.wide.columns.known:
            return
        positions = [each for reason, found in skipped if reason is NO_KNOWN_CELL for each in found]
        columns = [cells_of(self.wide.body, figure.number, positions) for figure in self.wide.figures]
        rows = [
            self.wide.body.rows[each]
            for place, each in enumerate(positions)
            if any(c[place] is not None for c in columns)
        ]
        if rows:
            where = address(get_column_letter(self.wide.columns.known["indicator"]), rows)
            self.problems.append(Problem("figures-without-indicator", self.title, where, {"count": len(rows)}))

    def check_form(self, indicators: Mapping[str, Indicator]) -> None:
        """Leave out the rows of a form that have no score, and report scores of what the scheme does not rate."""
        empty, unknown, measured = [], [], []
        for place, cell in enumerate(self.indicators):
            if all(values[place] is None for values in self.figures.values()):
                empty.append(place)
            elif (indicator := indicators.get(fold(clean_text(cell)))) is None:
                unknown.append(place)
            elif indicator.source != "ratings" and any(figure.relation for figure in self.wide.figures):
                measured.append(place)
        if empty:
            self.skipped.append((NO_SCORE, [self.wide.body.rows[self.kept[each]] for each in empty]))
        words = {word: None for each in indicators.values() for word in each.name}
        for code, places in (("form-indicator-unknown", unknown), ("form-indicator-measured", measured)):
            if places:
                listed = list(dict.fromkeys(clean_text(self.indicators[each]) for each in places))
                near = [word for each in listed for word in similar(each, words, 1)]
                where = address(self.letters["indicator"], [self.wide.body.rows[self.kept[each]] for each in places])
                details = {"words": listed, "near": near} if places is unknown else {"words": listed}
                self.problems.append(Problem(code, self.title, where, details))
        for place in (*empty, *unknown, *measured):
            self.people[place] = None

    def _drop_repeats(self) -> None:
        """Keep the first of rows that say the same; where the rows of a person differ, none of them can be used."""
        groups: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for place, person in enumerate(self.people):
            if person is not None:
                key = (clean_key(person), clean_text(self.periods[place]), clean_text(self.indicators[place]))
                groups[key].append(place)
        for (person, *_), places in groups.items():
            if len(places) > 1:
                figures = {tuple(values[each] for values in self.figures.values()) for each in places}
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
