"""Writes the workbook of the next period: the sheets as they begin it, and the period on Home."""

from __future__ import annotations

from openpyxl.workbook import Workbook

from xlperf.policy.scheme.codec import setting_text
from xlperf.reporting.home_page import page_to_fill
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
    table = ours.tables["settings"]
    for row, name in zip(table.rows, table["setting"], strict=True):
        setting = find_setting(str(name))
        if setting is not None and setting.code in begun.settings:
            value = setting_text(setting, begun.settings[setting.code])(ours.lang)
            put(workbook[table.title][f"{table.letters['value']}{row}"], value)
    scheme = ours.scheme.with_settings(**begun.settings)
    refresh_home(workbook, scheme, page_to_fill(scheme, {**ours.tables, **begun.tables}), ours.lang)
