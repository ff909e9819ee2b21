"""Begins the next period: results become history, what is typed anew each period is emptied, the policy stays.

Clients, staff and tasks go on: they are the same in the next period. So do checks where a longer period counts them.
Of a client's figures the closing assets become the opening ones, and what was measured in the period is blank again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from xlperf.core.periods import Period, Periods
from xlperf.core.problems import Lang, Problem
from xlperf.policy.scheme import Scheme
from xlperf.schema.tables import Table, Tables, empty, table_of
from xlperf.scoring.stages import Finished, Locked

EMPTIED = ("ratings", "actuals", "adjustments", "checks", "calibration")
OF_CLIENTS = ("closing_assets", "trade_count", "trade_amount", "commission", "return_rate")  # figures of one period
KEPT = ("employee_id", "name", "department", "total", "grade", "place")


@dataclass(frozen=True)
class Rolled:
    """The next period, and the input sheets as they begin it; sheets that stay as they are do not occur.

    ``settings`` are the switches on Home that change.
    """

    period: Period
    tables: dict[str, Table]
    settings: dict[str, str]


def rolled(inputs: Tables, appraisal: Finished, lang: Lang, to: str = "") -> tuple[Rolled | None, list[Problem]]:
    """Return what the next period, or a later one, begins with.

    Parameters
    ----------
    inputs : the input sheets as they were read, before anything was computed
    appraisal : of the period that ends; the results of a locked one are in the history already
    lang : of a sheet Past results that does not exist yet
    to : the period to begin; the one that follows, if none is given

    Returns
    -------
    Rolled, or None and why there is no next period.
    """
    following = appraisal.calendar.find(to) if to else appraisal.calendar.next(appraisal.period)
    if to and following is None:
        return None, [Problem("period-unreadable", details={"cell": to})]
    if following is not None and not following.comes_after(appraisal.period):
        return None, [Problem("period-not-later", details={"cell": to, "period": appraisal.period.code})]
    if following is None:
        title = appraisal.scheme.table("periods").title
        return None, [Problem("period-last", title, details={"period": appraisal.period.code})]
    tables = {} if isinstance(appraisal, Locked) else {"history": _history(appraisal, lang)}
    emptied = _emptied(inputs, appraisal.scheme)
    tables |= {sheet: _coming(inputs[sheet], appraisal.period, following, appraisal.calendar) for sheet in emptied}
    if len(inputs.get("clients", ())):
        tables["clients"] = _clients(inputs["clients"])
    settings = {"period": following.code}
    if appraisal.scheme.settings.period_kind == appraisal.period.kind != following.kind:
        settings["period_kind"] = following.kind
    return Rolled(following, tables, settings), []


def _clients(table: Table) -> Table:
    """Return the clients as the period begins: with what they ended the one before, and nothing measured yet."""
    frame = table.frame.copy()
    known = frame["closing_assets"].notna()
    frame["opening_assets"] = frame["closing_assets"].where(known, frame["opening_assets"])
    frame[[code for code in OF_CLIENTS if table.has(code)]] = np.nan
    marks = {code: mask for code, mask in table.not_applicable.items() if code not in OF_CLIENTS}
    return replace(table, frame=frame, not_applicable=marks)


def _history(appraisal: Finished, lang: Lang) -> Table:
    """Return the history with the results of the period, in place of those that it may hold already."""
    kept = appraisal.tables.get("history") or empty("history", lang)
    others = ~_is_of(kept, appraisal.period, appraisal.calendar)
    new = table_of("history", appraisal.results[list(KEPT)].assign(period=appraisal.period.code))
    history = kept.where(others).append(new)
    return replace(history, rows=np.arange(2, len(history) + 2), not_applicable={})


def _is_of(table: Table, period: Period, calendar: Periods) -> np.ndarray:
    """Mark the rows of one period, however its name is written."""
    found = calendar.resolve(table["period"].dropna().unique(), period)
    same = {label for label, each in found.items() if each.code == period.code}
    return table["period"].isin(same).to_numpy(bool)


def _emptied(inputs: Tables, scheme: Scheme) -> Iterator[str]:
    """Yield the sheets that begin the next period without the rows of this one."""
    for sheet in EMPTIED:
        table = inputs.get(sheet)
        if table is not None and len(table) and not (sheet == "checks" and _counts_checks(scheme)):
            yield sheet


def _counts_checks(scheme: Scheme) -> bool:
    return any(part.source == "checks" for part in scheme.parts)


def _coming(table: Table, ended: Period, begun: Period, calendar: Periods) -> Table:
    """Return the rows that somebody has typed for the period that begins, or for later ones, already."""
    later = np.zeros(len(table), bool)
    if "period" in table.sheet.by_code:
        found = calendar.resolve(table["period"].dropna().unique(), ended)
        coming = {label for label, each in found.items() if each.start > ended.end or each.code == begun.code}
        later = table["period"].isin(coming).to_numpy(bool)
    elif "date" in table.sheet.by_code:
        later = (table["date"] > pd.Timestamp(ended.end)).to_numpy(bool)
    return table.where(later)
