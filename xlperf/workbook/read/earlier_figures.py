"""Reads the figures of earlier periods that runs before left in a workbook."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from xlperf.schema import SHEETS, Column
from xlperf.schema.tables import typed
from xlperf.workbook.read.headers import ROWS_SEARCHED, sheet_titled
from xlperf.xlsx.reader.workbook import Grid, Workbook

_IDENTIFYING = ["period", "level", "unit", "indicator"]


def sheet_grid(path: Path, code: str) -> Grid | None:
    """Return the cells of the sheet of a kind in a file; None where there is no such sheet."""
    with Workbook(path) as workbook:
        found = next((part for part in workbook.sheets if sheet_titled(part.title) is SHEETS[code]), None)
        return workbook.grid(found) if found is not None else None


def earlier_figures(grid: Grid | None) -> pd.DataFrame:
    """Return the rows of a Figures sheet by column code; none where there is no such sheet.

    Examples
    --------
    >>> row = {"period": "2026-09", "level": "Company", "unit": "company", "indicator": "sales", "actual": 12}
    >>> columns = [[SHEETS["figures"][code].name.en, value] for code, value in row.items()]
    >>> figures = earlier_figures(Grid("Figures", [1, 2], dict(enumerate(columns, start=1))))
    >>> figures[["period", "level", "indicator", "actual"]].values.tolist()
    [['2026-09', 'company', 'sales', 12.0]]
    """
    sheet = SHEETS["figures"]
    cells = grid.columns if grid is not None else {}
    for heading in range(min(len(grid), ROWS_SEARCHED) if grid is not None else 0):  # HR may have written above
        columns: dict[str, pd.Series] = {}
        for values in cells.values():  # the first of each: beside the table stand lists to choose from
            column = sheet.find(str(values[heading]))
            if column is not None and column.code not in columns:
                columns[column.code] = _read(values[heading + 1 :], column)
        if {*_IDENTIFYING} <= columns.keys():
            return pd.DataFrame(columns).dropna(subset=_IDENTIFYING)
    return pd.DataFrame(columns=[column.code for column in sheet])


def _read(values: Sequence[Any], column: Column) -> pd.Series:
    if column.kind == "choice":
        values = [column.vocabulary.find(str(value)) if value is not None else None for value in values]
    return typed(values, column.kind)
