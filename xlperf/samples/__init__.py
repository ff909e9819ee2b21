"""Invented sample data for the schemes that ship: input sheets that run clean, the same on every call.

Dates are placed relative to the period, so that any period of the scheme's kind can be filled. The figures do not
depend on the language; only names and remarks do. No person, client or company in it exists.
"""

from __future__ import annotations

from collections.abc import Callable

from xlperf.layout import SHEETS
from xlperf.periods import Period, parse_period
from xlperf.problems import Lang
from xlperf.samples import sales_pipeline, securities_crm, service_team
from xlperf.samples.records import Records, in_language
from xlperf.schemes import load
from xlperf.tables import Table, empty, table_of

MAKERS: dict[str, tuple[str, Callable[[Period], Records]]] = {
    "sales-pipeline": ("2026Q3", sales_pipeline.records),
    "securities-crm": ("2026-10", securities_crm.records),
    "service-team": ("2026-10", service_team.records),
}


def sample_period(scheme: str) -> Period:
    """Return the period that the sample of a scheme is usually shown for.

    >>> sample_period("securities-crm").code
    '2026-10'
    """
    period = parse_period(MAKERS[scheme][0])
    assert period is not None
    return period


def sample(scheme: str, period: Period | None = None, lang: Lang = "zh") -> dict[str, Table]:
    """Return sample input sheets for a scheme that ships.

    Parameters
    ----------
    scheme : code of the scheme, a key of ``MAKERS``
    period : a period of the scheme's kind; ``sample_period(scheme)`` where it is not given
    lang : the language of names, positions and remarks

    Returns
    -------
    The input sheets of the scheme in workbook order; the History sheet is empty.

    Examples
    --------
    >>> tables = sample("sales-pipeline", lang="en")
    >>> list(tables), len(tables["employees"])
    (['departments', 'employees', 'clients', 'tasks', 'adjustments', 'history'], 12)
    """
    made = MAKERS[scheme][1](period or sample_period(scheme))
    sheets = load(scheme).input_sheets()
    assert set(made) <= set(sheets) <= set(SHEETS)
    return {
        sheet: table_of(sheet, in_language(made[sheet], lang), lang) if made.get(sheet) else empty(sheet, lang)
        for sheet in sheets
    }
