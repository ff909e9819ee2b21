"""The periods that the rows of foreign data belong to: from one column, or from a year and a quarter or month apart."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

from xlperf.core.column_store import UNCALCULATED
from xlperf.core.numbers import clean_key, clean_text
from xlperf.core.periods import parse_period
from xlperf.core.vocabulary import fold
from xlperf.workbook.read.headers import Header, simplified
from xlperf.xlsx.reader.workbook import Grid

_YEARS = frozenset(map(fold, ("年度", "年份", "年", "考核年度", "year", "fiscal year")))
_PARTS = {  # the letter turns a bare number of such a column into a label: 3 under 季度 is Q3
    "": frozenset(map(fold, ("月份", "月", "月度", "考核月份", "month"))),
    "Q": frozenset(map(fold, ("季度", "季", "考核季度", "quarter", "qtr"))),
    "H": frozenset(map(fold, ("半年", "半年度", "half", "half-year"))),
}


class PeriodColumns(NamedTuple):
    """Where a table says which period a row belongs to: a year, a part of the year or a whole label, or both."""

    year: int | None
    part: int | None
    letter: str

    def used(self) -> set[int]:
        """The columns that are used up."""
        return {number for number in (self.year, self.part) if number}


def find_period_columns(header: Header, known: int | None = None) -> PeriodColumns | None:
    """Find the columns that name the period; ``known`` is the one that the sheet's own heading names."""
    words = {number: fold(simplified(heading)) for number, heading in header.headings.items()}
    year = next((number for number, word in words.items() if word in _YEARS and number != known), None)
    parts = [(number, letter) for letter, names in _PARTS.items() for number, word in words.items() if word in names]
    if known is not None:
        return PeriodColumns(year, known, dict(parts).get(known, ""))
    if parts:
        return PeriodColumns(year, *parts[0])
    return PeriodColumns(year, None, "") if year else None


def period_labels(body: Grid, kept: Sequence[int], columns: PeriodColumns, year: int | None) -> list[Any]:
    """Return the code of the period of each row; a label that is not understood stays as it is.

    ``year`` is the year of labels that name none, that of the workbook's own period.

    >>> quarters = Grid("Sheet1", [2, 3], {1: [2024, 2024], 2: [1, "四季度"]})
    >>> period_labels(quarters, [0, 1], PeriodColumns(1, 2, "Q"), None)
    ['2024Q1', '2024Q4']
    """
    years = body.columns.get(columns.year or 0)
    parts = body.columns.get(columns.part or 0)

    def label(position: int) -> Any:
        part = parts[position] if parts else None
        in_year = _year_of(clean_key(years[position])) if years and years[position] is not None else year
        if part is None or part is UNCALCULATED:
            return str(in_year) if years and parts is None and in_year else part
        text = clean_text(part)
        period = parse_period(columns.letter + text if columns.letter and text.isdecimal() else part, in_year)
        return period.code if period else part

    return [label(position) for position in kept]


@cache
def _year_of(text: str) -> int | None:
    period = parse_period(text)
    return period.start.year if period and period.kind == "year" else None
