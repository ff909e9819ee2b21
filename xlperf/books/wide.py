"""Tables that have one column for each indicator, or one for each month: taken apart into one row for each figure.

Whose row it is may be said by an ID, by a name that only one employee has, or, on a form or a sheet of one person, by
a line above the table or the title of the sheet.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from openpyxl.utils import get_column_letter

from xlperf.books.dating import PeriodColumns, find_period_columns, period_labels
from xlperf.books.grids import Grid
from xlperf.books.headers import Columns, Header, Lexicon, Skipped, find_header, match, records
from xlperf.books.reading import cells_of, read_cells, row_list, shown
from xlperf.layout import SHEETS, fold
from xlperf.numbers import clean_key, clean_text
from xlperf.periods import parse_period
from xlperf.problems import Problem, Text
from xlperf.scheme import Scheme
from xlperf.spelling import similar
from xlperf.tables import Table, address

FIGURES = {"ratings": "score", "actuals": "actual"}
NAMES_LISTED = 20
_INDICATOR = "indicator "  # before the code of an indicator, so that it is not taken for a column
_MONTH = re.compile(r"([0-9]{4}\s*[年./-]?\s*)?([0-9]{1,2}|[一二三四五六七八九十]{1,2})\s*月份?|[0-9]{4}[./-][0-9]{1,2}")
_ACTUAL = frozenset(map(fold, ("实际", "实际值", "实绩", "完成", "完成值", "actual", "result")))
_DERIVED = frozenset(
    map(fold, ("目标", "目标值", "计划", "计划值", "差异", "差额", "完成率", "达成率", "target", "plan", "difference", "variance"))
)
NOT_ACTUAL = Text("目标、差异等行（目标在“目标值”表中维护）", "targets and differences (targets belong to the Targets sheet)")
NOBODY = Text("姓名不在员工表中，或有几个人同名", "the name is not on the Employees sheet, or several people have it")


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
    skipped: tuple[Skipped, ...] = ()

    @property
    def mapped(self) -> dict[str, str]:
        """What the headings were taken for."""
        headings = self.header.headings
        meant = {code: number for code, number in (*self.columns.known.items(), *self.columns.own.items())}
        used = {
            headings.get(number, get_column_letter(number)): code
            for code, number in meant.items()
            if code in ("employee_id", "name", "indicator", "period")
        }
        return used | {headings[figure.number]: figure.indicator or figure.period for figure in self.figures}


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


def find_wide(grid: Grid, scheme: Scheme, said: Mapping[str, Sequence[str]], year: int | None) -> Wide | None:
    """Return the table of a sheet that has several columns of figures, or None where it has none.

    ``said`` are the meanings of headings that somebody has given, by heading as `fold` leaves it.
    """
    meanings = {fold(word): (_INDICATOR + each.code,) for each in scheme.indicators for word in (*each.name, each.code)}
    for code in ("name", "employee_id"):
        column = SHEETS["employees"][code]
        meanings |= {fold(word): (code,) for word in (column.code, *column.name, *column.synonyms)}
    meanings |= {word: tuple(codes) for word, codes in said.items()}
    lexicon = Lexicon(SHEETS["actuals"], meanings)
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
    for number in wide.columns.own.values():
        words = [fold(clean_text(cell)) for cell in cells_of(wide.body, number, range(len(wide.body)))]
        if _ACTUAL & set(words) and set(words) <= _ACTUAL | _DERIVED | {""}:
            named = wide.columns.known.get("indicator", 0)
            columns = dict(wide.body.columns)
            if named in columns:
                columns[named] = _filled_forward(columns[named])
            kept = [position for position, word in enumerate(words) if word not in _DERIVED]
            body = replace(
                wide.body,
                rows=[wide.body.rows[each] for each in kept],
                columns={each: [values[position] for position in kept] for each, values in columns.items()},
            )
            dropped = [position for position, word in enumerate(words) if word in _DERIVED]
            rows = [wide.body.rows[each] for each in dropped]
            return replace(wide, body=body, skipped=(Skipped(NOT_ACTUAL, rows),))
    return wide
