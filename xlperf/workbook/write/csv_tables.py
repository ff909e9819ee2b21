"""The output tables of a run as CSV: the columns and words of the sheets, every figure in full, no formats.

Lines end as RFC 4180 says; numbers have a point and as many digits as they need, percentages are fractions, days are
written 2026-10-31. A text that a spreadsheet program would take for a formula has an apostrophe before it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pandas as pd

from xlperf.core.problems import Lang
from xlperf.policy.scheme import Scheme
from xlperf.schema import sheets_of
from xlperf.workbook.write.result_looks import columns_shown
from xlperf.workbook.write.table_sheet import cell_values

BOM = "\ufeff"  # by which Excel knows UTF-8
DIGITS = 15  # significant ones, as many as a sheet keeps


def csv_files(outputs: Mapping[str, pd.DataFrame], scheme: Scheme, lang: Lang, bom: bool = True) -> dict[str, bytes]:
    """Return the contents of one CSV file for each output table, by file name, in the order of the sheets.

    Parameters
    ----------
    outputs : rows by the codes of output sheets, as ``output_tables.outputs`` gives them
    scheme : whose dimensions name columns of the results
    lang : of headings, words and file names
    bom : whether a file begins with the mark by which Excel knows UTF-8

    Examples
    --------
    >>> from xlperf.policy import schemes
    >>> run = {"run": pd.DataFrame({"item": ["=A1", "Period"], "value": ["1", "2026-10"]})}
    >>> csv_files(run, schemes.load("service-team"), "en", bom=False)
    {'Run.csv': b"Item,Value\\r\\n'=A1,1\\r\\nPeriod,2026-10\\r\\n"}
    """
    files = {}
    for sheet in sheets_of("output"):
        if sheet.code not in outputs:
            continue
        frame = outputs[sheet.code].reset_index(drop=True)
        columns = columns_shown(sheet, frame, scheme)
        nothing = pd.Series([None] * len(frame), dtype=object)
        cells = [
            [_written(cell) for cell in cell_values(frame[each.code], each, lang)] if each.code in frame else nothing
            for each in columns
        ]
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow([each.name(lang) for each in columns])
        writer.writerows(zip(*cells, strict=True))
        files[f"{sheet.title(lang)}.csv"] = ((BOM if bom else "") + text.getvalue()).encode("utf-8")
    return files


def _written(cell: Any) -> str:
    match cell:
        case None:
            return ""
        case float():
            return f"{cell:.{DIGITS}g}"
        case datetime():
            return f"{cell:%Y-%m-%d}"
        case str() if cell[:1] in ("=", "+", "-", "@", "\t", "\r"):
            return f"'{cell}"
        case _:
            return str(cell)
