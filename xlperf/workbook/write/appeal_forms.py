"""Writes the form of an appeal: the row of the sheet Appeals that its owner fills in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pandas as pd
from openpyxl.workbook import Workbook

from xlperf.core.problems import Lang
from xlperf.schema import SHEETS
from xlperf.schema.tables import table_of
from xlperf.scoring.appeals import SHEET
from xlperf.scoring.stages import Finished
from xlperf.workbook.write.table_sheet import write_sheet
from xlperf.xlsx.atomic_save import packed

ASKED = ("appeal_id", "period", "employee_id", "filed_on", "about", "statement", "state")  # the decision is HR's
_UNFIT = re.compile(r"[^\w.-]+")


def appeal_form(appraisal: Finished, result: Mapping[Any, Any], lang: Lang) -> tuple[str, bytes]:
    """Return the name of the form of one person, and its bytes; what identifies the appeal stands there already.

    Parameters
    ----------
    appraisal : whose results they are
    result : the person's row of the Results sheet
    lang : of the headings
    """
    who, sheet = str(result["employee_id"]), SHEETS[SHEET]
    row = {"appeal_id": f"{appraisal.period.code}-{who}", "period": appraisal.period.code, "employee_id": who,
           "state": "filed"}  # fmt: skip
    workbook = Workbook()
    ws = workbook.worksheets[0]
    ws.title = sheet.title(lang)
    frame: pd.DataFrame = table_of(SHEET, [row], lang).frame
    title = f"{appraisal.scheme.name(lang)} {appraisal.period.label(lang)}"
    write_sheet(ws, sheet, frame, lang, [sheet[code] for code in ASKED], title)
    return f"{_UNFIT.sub('_', who).strip('._') or '_'}.xlsx", packed(workbook)
