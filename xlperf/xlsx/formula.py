"""Formulas that are written together with their results, so that whoever cannot calculate sees the numbers too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.worksheet import Worksheet


@dataclass(frozen=True)
class Formula:
    """A formula with the result that xlperf has computed for it.

    Parameters
    ----------
    text : the formula as a file holds it, without the sign of equality
    value : what the cell shows: a number, a text, a truth value, an error such as ``#N/A``, None for nothing

    Examples
    --------
    >>> Formula("SUM(B2:B3)", 7.5)
    Formula(text='SUM(B2:B3)', value=7.5)
    """

    text: str
    value: object = None


LONGEST_TEXT = 32_767  # characters of a cell
_RESULTS: WeakKeyDictionary[Worksheet, dict[tuple[int, int], Formula]] = WeakKeyDictionary()


def write_formula(cell: Any, formula: Formula) -> None:
    """Write a formula into a cell and remember its result until the workbook is saved."""
    cell.value = f"={formula.text}"
    _RESULTS.setdefault(cell.parent, {})[cell.row, cell.column] = formula


def put(cell: Any, value: Any) -> None:
    """Give a cell its value; a text stays a text, whatever it begins with, and a formula brings its result."""
    if isinstance(value, Formula):
        write_formula(cell, value)
        return
    if isinstance(value, str) and ILLEGAL_CHARACTERS_RE.search(value):
        cell.value, value = "", value[:LONGEST_TEXT]
        cell._value = value  # openpyxl refuses control characters, which are spelt when the workbook is written
    else:
        cell.value = value
    if isinstance(value, str):
        cell.data_type = "s"


def cached_of(workbook: Workbook, without_columns: bool = False) -> dict[str, dict[str, object]]:
    """Return the results of the formulas that were put into a workbook, by the title of the sheet and the cell.

    Cells that hold something else by now are left out, and ``without_columns`` leaves out column sheets.

    >>> workbook = Workbook()
    >>> write_formula(workbook.worksheets[0]["A1"], Formula("1+1", 2))
    >>> cached_of(workbook)
    {'Sheet': {'A1': 2}}
    """
    found = {ws.title: _results(ws) for ws in workbook.worksheets if not (without_columns and _has_columns(ws))}
    return {title: results for title, results in found.items() if results}


def _has_columns(ws: Worksheet) -> bool:
    return hasattr(ws, "formula_results")


def _results(ws: Any) -> dict[str, object]:
    return ws.formula_results() if _has_columns(ws) else results_of(ws, ws._cells)


def results_of(ws: Worksheet, cells: Mapping[tuple[int, int], Any]) -> dict[str, object]:
    """Return the results of the formulas in some cells of a sheet by address, as far as they still hold them."""
    return {
        f"{get_column_letter(column)}{row}": formula.value
        for (row, column), formula in _RESULTS.get(ws, {}).items()
        if (row, column) in cells and _formula_in(cells[row, column]) == f"={formula.text}"
    }


def _formula_in(cell: Any) -> object:
    return cell.value.text if isinstance(cell.value, ArrayFormula) else cell.value
