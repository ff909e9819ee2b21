"""Writes the workbook of the next period: the sheets as they begin it, and the period on Home."""

from __future__ import annotations

from openpyxl.workbook import Workbook

from xlperf.reporting.next_period import Rolled
from xlperf.schema.settings import find_setting
from xlperf.workbook.read.book import Book
from xlperf.workbook.write.home import refresh_home
from xlperf.workbook.write.scheme_workbook import fill_inputs
from xlperf.xlsx.formula import put


def begin_period(workbook: Workbook, ours: Book, begun: Rolled) -> None:
    """Put what a period begins with into a workbook, the period itself included; all else stays as it is.

    Parameters
    ----------
    workbook : the one that ``ours`` was read from, as openpyxl opens it
    ours : of the period that ends
    begun : what the next period begins with
    """
    fill_inputs(workbook, begun.tables, ours.lang)
    title, cell = setting_cell(ours, "period")
    put(workbook[title][cell], begun.period.code)
    refresh_home(workbook, ours.scheme.with_settings(period=begun.period.code), ours.lang, graded=False)


def setting_cell(ours: Book, code: str) -> tuple[str, str]:
    """Return where the value of a setting stands: the title of the sheet and the cell."""
    table = ours.tables["settings"]
    names = [find_setting(str(name)) for name in table["setting"]]
    row = next(row for row, found in zip(table.rows, names, strict=True) if found is not None and found.code == code)
    return table.title, f"{table.letters['value']}{row}"
