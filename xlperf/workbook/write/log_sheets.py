"""Writes the sheets that record what was done: entries are added to a log, and what stands in it is never rewritten."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
from openpyxl.workbook import Workbook

from xlperf.core.problems import Lang
from xlperf.policy.policy_log import BASIS
from xlperf.schema import SHEETS
from xlperf.schema.tables import Table, table_of
from xlperf.workbook.write.fill_rows import append
from xlperf.workbook.write.table_sheet import fresh_sheet, place_for, sheet_in, write_sheet


def add_entries(workbook: Workbook, log: Table, entries: pd.DataFrame, lang: Lang) -> None:
    """Add entries to a log below those it has, which stay as they are; a workbook without the log gets one.

    Parameters
    ----------
    workbook : with the log in full, if it has one
    log : as it was read
    entries : by column of the log
    lang : of the words, and of the title of a new log
    """
    sheet = log.sheet
    ws = sheet_in(workbook, sheet.code)
    new = table_of(sheet.code, entries, lang)
    if ws is None:
        ws = workbook.create_sheet(sheet.title(lang), place_for(workbook, sheet))
        write_sheet(ws, replace(sheet, role="output"), new.frame, lang)  # nobody fills it in
        return
    append(ws, log.append(new), lang)


def write_basis(workbook: Workbook, rows: pd.DataFrame, lang: Lang) -> None:
    """Keep the policy for the next run, on a hidden sheet in place of the one that the run before left.

    Parameters
    ----------
    workbook : the sheet itself need not be looked at
    rows : by column of the sheet
    lang : of the headings
    """
    sheet = SHEETS[BASIS]
    write_sheet(fresh_sheet(workbook, sheet, lang), replace(sheet, role="output"), rows, lang)
