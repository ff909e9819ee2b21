"""Appeals: what was decided about them, and the points of those upheld as adjustments of the total."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from xlperf.core.problems import Problem
from xlperf.core.spelling import similar
from xlperf.core.vocabulary import WORDS
from xlperf.policy.scheme import Scheme
from xlperf.schema import SHEETS
from xlperf.schema.tables import Table, table_of
from xlperf.scoring.period_rows import rows_of_period
from xlperf.scoring.stages import Gathered

SHEET = "appeals"
ASKED = ("reason", "decided_by", "decided_on")  # without which nothing is decided
DECIDED = ("upheld", "rejected")
IDENTIFYING = ("appeal_id", "period", "employee_id")  # of a form that is handed out
TO_FILL_IN = ("filed_on", "about", "statement")  # on it; the decision is HR's


def appeal_number(period: str, person: str) -> str:
    """Return the number of the appeal for which somebody got a form.

    Parameters
    ----------
    period, person : the code of the period, and the employee ID

    >>> appeal_number("2026-10", "E4")
    '2026-10-E4'
    """
    return f"{period}-{person}"


def appeals_of(appraisal: Gathered) -> Table:
    """Return the rows of the sheet that belong to the period.

    Parameters
    ----------
    appraisal : of the period
    """
    return rows_of_period(appraisal.table(SHEET), appraisal.when, appraisal.calendar, exactly=appraisal.period)[0]


def check_appeals(appeals: Table, scheme: Scheme, ids: pd.Index) -> Iterator[Problem]:
    """Yield what is wrong with the appeals of a period, and how many wait for a decision.

    Parameters
    ----------
    appeals : the rows of the period
    scheme : with the day by which appeals are filed
    ids : the employee IDs of the roster
    """
    due = scheme.settings.appeal_by
    for row, each in enumerate(appeals.frame.to_dict("records")):
        appeal = each["appeal_id"]
        if each["employee_id"] not in ids:
            near = similar(str(each["employee_id"]), list(ids))
            yield _at(appeals, "person-unknown", "employee_id", row, cell=each["employee_id"], near=near)
        if due and each["filed_on"] > pd.Timestamp(due):
            yield _at(appeals, "appeal-late", "filed_on", row, appeal=appeal, filed=f"{each['filed_on']:%Y-%m-%d}",
                      due=due)  # fmt: skip
        for column in ASKED if each["state"] in DECIDED else ():
            if pd.isna(each[column]):
                yield _at(appeals, "appeal-incomplete", column, row, appeal=appeal, column=SHEETS[SHEET][column].name)
        if each["state"] != "upheld" and not pd.isna(each["points"]):
            state = WORDS["appeal_state"].get(each["state"], each["state"])
            yield _at(appeals, "appeal-points-open", "points", row, appeal=appeal, state=state)
    waiting = sorted(appeals["appeal_id"][appeals["state"] == "filed"])
    if waiting:
        yield Problem("appeals-open", appeals.title, "", {"count": len(waiting), "appeals": waiting})


def _at(appeals: Table, code: str, column: str, row: int, /, **details: Any) -> Problem:
    return Problem(code, appeals.title, appeals.cells(column, [row]), details)


def with_decisions(adjustments: Table, appeals: Table, period: str) -> Table:
    """Return the adjustments with the points of appeals that were upheld.

    Parameters
    ----------
    adjustments : as HR has typed them
    appeals : the rows of the period
    period : its code

    Examples
    --------
    >>> from xlperf.schema.tables import empty
    >>> row = {"appeal_id": "A1", "employee_id": "E1", "state": "upheld", "points": -2.0, "decided_by": "Li"}
    >>> found = with_decisions(empty("adjustments"), table_of("appeals", [row]), "2026-10")
    >>> found["adjustment_kind"].tolist(), found["points"].tolist()
    (['penalty'], [-2.0])
    """
    given = appeals.frame[(appeals["state"] == "upheld") & appeals["points"].notna() & (appeals["points"] != 0)]
    if given.empty:
        return adjustments
    rows = [
        {
            "adjustment_id": f"appeal {each['appeal_id']}",
            "period": period,
            "employee_id": each["employee_id"],
            "adjustment_kind": "commendation" if each["points"] > 0 else "penalty",
            "points": each["points"],
            "clause": each["reason"],
            "approver": each["decided_by"],
        }
        for each in given.to_dict("records")
    ]
    more = adjustments.append(table_of("adjustments", rows))
    typed = np.arange(len(more)) < len(adjustments)
    return replace(more, rows=np.where(typed, more.rows, 0))  # they stand in no cell of the sheet
