"""Where figures stand: the cells of policy sheets that formulas point to, and those of the sheets being written.

A formula points to a cell of a policy sheet only if that cell holds the very number or text that the run has read;
where HR has typed ``30%`` as a text, or a switch was set on the command line, the formula holds the figure itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from math import isfinite
from pathlib import Path
from typing import Any

from openpyxl.utils import column_index_from_string, quote_sheetname

from xlperf.core.numbers import parse_number
from xlperf.policy.conditions.criteria import LONGEST_LITERAL
from xlperf.policy.rules.formulas import NOTHING, BandCells, CurveCells, literal
from xlperf.policy.scheme import Scheme
from xlperf.schema.settings import find_setting
from xlperf.schema.tables import Table
from xlperf.workbook.area import Area
from xlperf.xlsx.reader.workbook import Grid, Workbook

PATTERN_MARKS = "*?~<>="  # that COUNTIFS takes for more than a text


@dataclass(frozen=True)
class Policy:
    """The policy sheets of a workbook, and a few input sheets with figures of policy: what their cells hold."""

    scheme: Scheme
    grids: Mapping[str, Mapping[tuple[int, int], Any]] = field(default_factory=dict)

    @classmethod
    def of_file(cls, scheme: Scheme, path: Path, others: Iterable[str] = ()) -> Policy:
        """Read the raw cells of the policy sheets, and of other sheets by their titles."""
        titles = {*(table.title for table in scheme.tables.values()), *others}
        with Workbook(path) as workbook:
            return cls.of_grids(scheme, [workbook.grid(each) for each in workbook.sheets if each.title in titles])

    @classmethod
    def of_grids(cls, scheme: Scheme, grids: Iterable[Grid]) -> Policy:
        """Take the raw cells from sheets that were read already."""
        return cls(scheme, {grid.title: _cells(grid) for grid in grids})

    def number(self, sheet: str, column: str, position: int) -> str:
        """Return the cell of a number, or the number itself; nothing where there is none."""
        table = self.scheme.table(sheet)
        value = table.frame[column].iloc[position]
        if value != value:
            return NOTHING
        place = self._place(table, column, position)
        raw = self._raw(table, place)
        if isinstance(raw, bool) or not isinstance(raw, (int, float)) or not place:
            return literal(float(value))
        if raw == value:
            return place
        return f"({place}*100)" if raw * 100.0 == value else literal(float(value))

    def input_number(self, table: Table, column: str, position: int) -> str:
        """Return the cell of a number on an input sheet, or the number itself."""
        value, place = table.frame[column].iloc[position], self._place(table, column, position)
        return place if place and self._raw(table, place) == value else literal(float(value))

    def text(self, sheet: str, column: str, position: int) -> str:
        """Return the cell of a text, empty where it does not stand there as it was read."""
        table = self.scheme.table(sheet)
        place = self._place(table, column, position)
        return place if place and self._raw(table, place) == table.frame[column].iloc[position] else ""

    def setting(self, code: str) -> str:
        """Return the cell of a switch that is a number, or the number itself."""
        table = self.scheme.table("settings")
        value = float(getattr(self.scheme.settings, code))
        for position in range(len(table)) if "value" in table.letters else ():
            if table.frame["setting"].iloc[position] == code:
                place, name = (self._place(table, column, position) for column in ("value", "setting"))
                raw, found = self._raw(table, place), find_setting(str(self._raw(table, name)))
                if isinstance(raw, (int, float)) and raw == value and found is not None and found.code == code:
                    return place
                read = parse_number(raw).value
                return literal(read if read == value else value)
        return literal(value)

    def bands(self, name: str) -> list[BandCells]:
        """Return where the bands of a set stand; none for an empty name."""
        rows = [row for row, each in enumerate(self.scheme.table("bands")["band_set"]) if name and each == name]
        return [
            BandCells(
                interval,
                self.number("bands", "low", row) if isfinite(interval.low) else "",
                self.number("bands", "high", row) if isfinite(interval.high) else "",
                self.number("bands", "points", row),
            )
            for row, (interval, _) in zip(rows, self.scheme.bands.get(name, ()), strict=True)
        ]

    def curve(self, name: str) -> CurveCells | None:
        """Return where the anchors of a curve stand; None where there is no such curve."""
        found = self.scheme.curves.get(name)
        if found is None:
            return None
        values, points = (
            tuple(self.number("curves", column, row) for row in found.rows) for column in ("value", "points")
        )
        return CurveCells(found.curve, values, points)

    def column(self, sheet: str, column: str) -> str:
        """Return the range of a whole column of numbers where every row of the table stands in its own cell."""
        return _as_range([self.number(sheet, column, each) for each in range(len(self.scheme.table(sheet)))])

    def texts(self, sheet: str, column: str) -> str:
        """Return the range of a whole column of texts."""
        return _as_range([self.text(sheet, column, each) for each in range(len(self.scheme.table(sheet)))])

    def _place(self, table: Table, column: str, position: int) -> str:
        letter = table.letters.get(column, "")
        return f"{quote_sheetname(table.title)}!${letter}${table.rows[position]}" if letter.isalpha() else ""

    def _raw(self, table: Table, place: str) -> Any:
        _, letter, row = place.rsplit("$", 2) if place else ("", "A", "0")
        return self.grids.get(table.title, {}).get((int(row), column_index_from_string(letter)))


def _cells(grid: Grid) -> dict[tuple[int, int], Any]:
    return {
        (row, number): value
        for number, values in grid.columns.items()
        for row, value in zip(grid.rows, values, strict=True)
        if value is not None
    }


def _as_range(cells: Sequence[str]) -> str:
    """Return the range of cells that stand below each other, empty where they do not."""
    if not cells or not all("!" in each and "*" not in each for each in cells):
        return ""
    heads = [each.rsplit("$", 1) for each in cells]
    rows = [int(row) for _, row in heads]
    together = rows == list(range(rows[0], rows[0] + len(rows)))
    return f"{cells[0]}:{cells[-1].rsplit('!', 1)[1]}" if together and len({head for head, _ in heads}) == 1 else ""


@dataclass(frozen=True)
class Page:
    """A sheet being written: its title, and where its table stands."""

    title: str
    area: Area

    def here(self, column: str, row: int) -> str:
        """Return a cell for formulas of its own row; rows count from 0."""
        return f"{self.area.letters[column]}{self.area.first_row + row}"

    def within(self, column: str, rows: Sequence[int]) -> str:
        """Return cells of a column for formulas of the same sheet, as ranges with commas between them."""
        return ",".join(self._runs(column, rows, away=False))

    def cells(self, column: str, rows: Sequence[int]) -> str:
        """Return cells of a column for formulas of other sheets, as ranges with commas between them."""
        return ",".join(self._runs(column, rows, away=True))

    def ranges(self, column: str, rows: Sequence[int], away: bool = False) -> list[str]:
        """Return cells of a column as ranges, a single cell too: criteria want ranges."""
        return [each if ":" in each else f"{each}:{each.rsplit('!', 1)[-1]}" for each in self._runs(column, rows, away)]

    def whole(self, column: str, away: bool = False) -> str:
        """Return the range of a whole column."""
        return self.ranges(column, range(self.area.last_row - self.area.heading_row), away)[0]

    def _runs(self, column: str, rows: Sequence[int], away: bool) -> list[str]:
        sheet = f"{quote_sheetname(self.title)}!" if away else ""
        letter, first = self.area.letters[column], self.area.first_row
        return [
            f"{sheet}${letter}${first + run[0]}" + (f":${letter}${first + run[-1]}" if len(run) > 1 else "")
            for run in in_runs(rows)
        ]


def in_runs(rows: Sequence[int]) -> list[list[int]]:
    """Split ascending numbers into runs without gaps.

    >>> in_runs([2, 3, 4, 8])
    [[2, 3, 4], [8]]
    """
    runs = groupby(enumerate(rows), lambda pair: pair[1] - pair[0])
    return [[number for _, number in run] for _, run in runs]


def text_in_formula(text: str) -> str:
    """Write a text as it stands in a formula.

    >>> print(text_in_formula('the "A" team'))
    "the ""A"" team"
    """
    return '"' + text.replace('"', '""') + '"'


def can_be_criteria(texts: Iterable[str]) -> bool:
    """Whether COUNTIFS tells these texts apart: it reads patterns and numbers into texts, and ignores case.

    >>> can_be_criteria(["North", "South"]), can_be_criteria(["01", "1"]), can_be_criteria(["A*", "B"])
    (True, False, False)
    """
    distinct = sorted(set(texts))
    return len({each.casefold() for each in distinct}) == len(distinct) and not any(
        not each
        or len(each) > LONGEST_LITERAL
        or any(mark in each for mark in PATTERN_MARKS)
        or each != each.strip()
        or each[0] in "0123456789.+-"
        or parse_number(each).kind != "text"
        or each.casefold() in ("true", "false")
        for each in distinct
    )
