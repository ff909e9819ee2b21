"""Finds out what the selected cell is about: the row it stands in, by the headings of its sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xlperf.addin.read_live import grid_of
from xlperf.policy.scheme import Scheme
from xlperf.workbook.read.headers import ROWS_SEARCHED, Lexicon, find_header, match, sheet_titled

if TYPE_CHECKING:
    import xlwings as xw

WHO = ("employee_id", "unit", "owner_id")  # the columns that name a person or a unit


def in_row_of(selected: xw.Range, sheet: str = "") -> dict[str, Any]:
    """Return what stands in the row of the selected cell, by the code of the column.

    Nothing where the sheet is not one that xlperf knows, or not the one that is asked for, or the row is not below its
    headings.
    """
    kind = sheet_titled(selected.sheet.name)
    if kind is None or (sheet and kind.code != sheet):
        return {}
    grid = grid_of(selected.sheet)
    top = grid.only(range(min(len(grid), ROWS_SEARCHED)))
    lexicon = Lexicon(kind)
    header = find_header(top, lexicon.knows)
    if header is None or selected.row not in grid.rows or selected.row <= grid.rows[header.last]:
        return {}
    at = grid.rows.index(selected.row)
    known = match(header, grid.below(header.last), lexicon).known
    return {code: grid.columns[number][at] for code, number in known.items() if number in grid.columns}


def who_and_what(selected: xw.Range, scheme: Scheme) -> tuple[str, str | None]:
    """Return the person or unit of the selected row, and the indicator if the row is about one."""
    row = in_row_of(selected)
    who = next((str(row[code]) for code in WHO if row.get(code) is not None), "")
    code = row.get("indicator")
    known = {each.code for each in scheme.indicators}
    return who, str(code) if code is not None and str(code) in known else None
