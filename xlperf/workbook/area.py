"""Where a table stands on its sheet, and how its cells are addressed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
from openpyxl.utils import get_column_letter

from xlperf.schema import Column, Role

BLANK_ROWS: dict[Role, int] = {"policy": 10, "input": 30, "output": 0}  # prepared below the rows of a table


@dataclass(frozen=True)
class Area:
    """Where a table stands on its sheet: the row of headings, the rows below, and the letter of each column."""

    heading_row: int
    last_row: int
    letters: Mapping[str, str]

    @property
    def first_row(self) -> int:
        """The first row below the headings."""
        return self.heading_row + 1

    @property
    def ref(self) -> str:
        """The table's address; a table always has one row below its headings."""
        ends = list(self.letters.values())
        return f"{ends[0]}{self.heading_row}:{ends[-1]}{max(self.last_row, self.first_row)}"

    def column(self, code: str, rows: int = 0) -> str:
        """Return the address of a column's cells, of at least so many rows."""
        last = max(self.last_row, self.first_row, self.heading_row + rows)
        return f"{self.letters[code]}{self.first_row}:{self.letters[code]}{last}"


def area_of(columns: Sequence[Column], frame: pd.DataFrame, start_row: int = 1, start_column: int = 1) -> Area:
    """Return where a table of these columns and rows stands."""
    letters = {each.code: get_column_letter(start_column + at) for at, each in enumerate(columns)}
    return Area(start_row, start_row + len(frame), letters)
