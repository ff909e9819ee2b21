"""Writes single numbers into the policy sheets of a workbook, where HR keeps them, and leaves everything else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from xlperf.core.numbers import parse_number
from xlperf.core.problems import Problem
from xlperf.schema.tables import Table, Tables
from xlperf.xlsx.errors import CannotSave

Cells = Mapping[tuple[str, str], Mapping[int, float]]
DECIMALS = 12  # of a percentage written as a fraction: 33.34 % is 0.3334, not 0.33340000000000003


def put_policy_cells(workbook: Workbook, tables: Tables, cells: Cells) -> None:
    """Put numbers into the policy sheets of a workbook, at the cells that the tables were read from.

    Parameters
    ----------
    workbook : the one that was read, as openpyxl opens it
    tables : the tables that were read from it
    cells : numbers by sheet and column code, then by the position of the record

    Raises
    ------
    CannotSave
        Where a cell holds a formula, which would be lost.
    """
    for (sheet, column), numbers in cells.items():
        _write_column(workbook[tables[sheet].title], tables[sheet], column, numbers)


def _write_column(ws: Worksheet, table: Table, column: str, numbers: Mapping[int, float]) -> None:
    letter = table.letters[column]
    targets: dict[int, Any] = {position: ws[f"{letter}{table.rows[position]}"] for position in numbers}
    formulas = [position for position, cell in targets.items() if cell.data_type == "f"]
    if formulas:
        raise CannotSave(Problem("cell-is-formula", table.title, table.cells(column, formulas)))
    per_hundred = _in_parts(ws, table, column)
    for position, cell in targets.items():
        cell.value = round(numbers[position] / 100, DECIMALS) if per_hundred else numbers[position]


def _in_parts(ws: Worksheet, table: Table, column: str) -> bool:
    """Whether the column writes 15 % as 0.15, where its table was read as 15."""
    cells = [ws[f"{table.letters[column]}{row}"] for row in table.rows]
    written = np.array([parse_number(cell.value).value for cell in cells])
    read = table[column].to_numpy(np.float64)
    known = (written > 0) & (read > 0)
    if known.any():
        return bool(written[known][0] < read[known][0])
    return any("%" in str(cell.number_format) for cell in cells)
