"""Tells whether the results that stand in a workbook are those that a run would write."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from xlperf.core.problems import Problem
from xlperf.workbook.read.headers import sheet_titled

PAGES = ("company", "department", "employee")  # what they show depends on what a reader has chosen there
DUST = 1e-12  # of a number: programmes write the last digit differently
LISTED = 20  # cells of a sheet


def stale_results(book: Path, fresh: Path) -> list[Problem]:
    """Compare the computed sheets of a workbook with those of a fresh run, cell by cell.

    Parameters
    ----------
    book : the workbook
    fresh : the same workbook after a run

    Returns
    -------
    list of Problem: one for each sheet that lacks or differs, with the cells; none where a run would change nothing.
    """
    if book.read_bytes() == fresh.read_bytes():
        return []
    standing, wanted = (load_workbook(path, read_only=True, data_only=True) for path in (book, fresh))
    try:
        problems = []
        for title in wanted.sheetnames:
            sheet = sheet_titled(title)
            if sheet is None or sheet.role != "output" or sheet.code in PAGES:
                continue
            if title not in standing.sheetnames:
                problems.append(Problem("result-missing", details={"sheet": title}))
                continue
            cells = list(_differing(standing[title], wanted[title]))
            if cells:
                ref, found, expected = cells[0]
                listed = ", ".join(each for each, _, _ in cells[:LISTED]) + (" …" if len(cells) > LISTED else "")
                details = {"count": len(cells), "first": ref, "cell": _shown(found), "computed": _shown(expected)}
                problems.append(Problem("result-stale", title, listed, details))
        return problems
    finally:
        standing.close()
        wanted.close()


def _differing(standing: Any, wanted: Any) -> Iterator[tuple[str, Any, Any]]:
    rows = zip_longest(standing.iter_rows(values_only=True), wanted.iter_rows(values_only=True), fillvalue=())
    for number, (found, expected) in enumerate(rows, start=1):
        if found != expected:
            for column, (one, other) in enumerate(zip_longest(found, expected), start=1):
                if not _same(one, other):
                    yield f"{get_column_letter(column)}{number}", one, other


def _same(one: Any, other: Any) -> bool:
    numbers = (int, float)
    if isinstance(one, numbers) and isinstance(other, numbers) and bool in (type(one), type(other)):
        return type(one) is type(other) and one == other
    if isinstance(one, numbers) and isinstance(other, numbers):
        return math.isclose(one, other, rel_tol=DUST, abs_tol=DUST)
    return bool(one == other) or (one in (None, "") and other in (None, ""))


def _shown(value: Any) -> str:
    return "" if value is None else f"{value:.15g}" if isinstance(value, float) else str(value)
