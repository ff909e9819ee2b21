"""Writes the form of an appeal: the row of the sheet Appeals that its owner fills in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pandas as pd
from openpyxl.workbook import Workbook

from xlperf.core.problems import Lang
from xlperf.reporting.form_returns import APPEALS, SIGN, signed_text
from xlperf.schema import SHEETS
from xlperf.schema.tables import table_of
from xlperf.scoring.appeals import IDENTIFYING, SHEET, TO_FILL_IN, appeal_number
from xlperf.scoring.stages import Finished
from xlperf.workbook.write.table_sheet import write_sheet
from xlperf.xlsx.atomic_save import packed
from xlperf.xlsx.encryption import signature

_UNFIT = re.compile(r"[^\w.-]+")


def appeal_form(appraisal: Finished, result: Mapping[Any, Any], key: bytes, lang: Lang) -> tuple[str, bytes]:
    """Return the name of the form of one person, and its bytes; what identifies the appeal stands there, and is signed.

    Parameters
    ----------
    appraisal : whose results they are
    result : the person's row of the Results sheet
    key : the key of the workbook
    lang : of the headings
    """
    who, period, sheet = str(result["employee_id"]), appraisal.period.code, SHEETS[SHEET]
    row = dict(zip(IDENTIFYING, (appeal_number(period, who), period, who), strict=True)) | {"state": "filed"}
    workbook = Workbook()
    ws = workbook.worksheets[0]
    ws.title = sheet.title(lang)
    frame: pd.DataFrame = table_of(SHEET, [row], lang).frame
    title = f"{appraisal.scheme.name(lang)} {appraisal.period.label(lang)}"
    write_sheet(ws, sheet, frame, lang, [sheet[code] for code in (*IDENTIFYING, *TO_FILL_IN, "state")], title)
    hidden = workbook.create_sheet("_xlperf")
    hidden.sheet_state = "veryHidden"
    scheme = appraisal.scheme.settings.scheme
    hidden.append([SIGN, APPEALS, period, scheme, who, signature(key, signed_text(APPEALS, period, scheme, who, ()))])
    return f"{_UNFIT.sub('_', who).strip('._') or '_'}.xlsx", packed(workbook)
