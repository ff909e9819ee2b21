"""The task guide on paper."""

from __future__ import annotations

import pandas as pd

from xlperf.analysis.task_guide import LINKS, RULES, links, rules
from xlperf.core.problems import Lang
from xlperf.reporting.forms.paper import Column, Fields, Form, Page, Row, Rows
from xlperf.schema import Sheet
from xlperf.scoring.stages import Appraisal


def guide_forms(appraisal: Appraisal, lang: Lang) -> list[Form]:
    """Return the task guide of a scheme as running tables to print; the rules only where there are any."""
    scheme, tables = appraisal.scheme, appraisal.tables
    of = appraisal.period.label(lang) if appraisal.period is not None else ""
    tabled = (
        ("task-guide", LINKS, links(scheme, tables, lang), 2),
        ("task-rules", RULES, rules(scheme, tables, lang), 0),
    )
    return [
        Form(
            code,
            sheet.title(lang),
            f"{scheme.name(lang)}  ·  {of}",
            tuple(Column(each.name(lang), each.width) for each in sheet),
            (Page(code, (_table(frame, sheet, grouped),)),),
            Fields(()),
            landscape=True,
        )
        for code, sheet, frame, grouped in tabled
        if len(frame)
    ]


def _table(frame: pd.DataFrame, sheet: Sheet, grouped: int) -> Rows:
    cells = frame[[each.code for each in sheet]].itertuples(index=False, name=None)
    return Rows(tuple(Row(row) for row in cells), grouped=grouped, headed=False)
