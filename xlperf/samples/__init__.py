"""Invented sample data for the schemes that ship: input sheets that run clean, the same on every call.

Dates are placed relative to the period, so that any period of the scheme's kind can be filled. The figures do not
depend on the language; only names and remarks do. No person, client or company in it exists.

Nouns: a plan (who is where, how good their figures are), a record. A scheme's sample is an entry of ``PLANS`` in the
module of its trade.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from xlperf.core.periods import Period
from xlperf.core.problems import Lang
from xlperf.policy.calendars import calendar_of
from xlperf.policy.scheme import Scheme
from xlperf.policy.schemes import load
from xlperf.samples import (
    accounts,
    administrators,
    advisers,
    back_office,
    brokers,
    crm_department,
    enterprise,
    managers,
    projects,
    regional,
    sales_pipeline,
    securities_crm,
    service_team,
    service_year,
)
from xlperf.samples.plan import Plan, plan_records
from xlperf.samples.records import Record, Records, in_language
from xlperf.schema import sheets_of
from xlperf.schema.tables import Table, empty, table_of

DEFAULT_PERIODS: dict[str, str] = {  # by the kind of period of a scheme; a custom one is a row of the Periods sheet
    "week": "2026-W43",
    "month": "2026-10",
    "quarter": "2026Q3",
    "half": "2026H2",
    "year": "2026",
    "custom": "2026-11A",
}
PLANNED = (  # the modules that hold plans
    accounts,
    administrators,
    regional,
    projects,
    enterprise,
    brokers,
    back_office,
    advisers,
    managers,
    crm_department,
)
PLANS: dict[str, Plan] = {name: plan for module in PLANNED for name, plan in module.PLANS.items()}


def _records(name: str, period: Period) -> Records:
    return plan_records(load(name), PLANS[name], period)


MAKERS: dict[str, Callable[[Period], Records]] = {
    "sales-pipeline": sales_pipeline.records,
    "securities-crm": securities_crm.records,
    "service-team": service_team.records,
    "service-team-year": service_year.records,
    **{name: partial(_records, name) for name in PLANS},
}


def _to_be_classified(client: Record) -> Record:
    """Leave a client's levels to the scheme, which computes them; who was to have none lacks the figure for it."""
    levels = ("r_level", "f_level", "m_level")
    lacking = any(client.get(level) is None for level in levels)
    return {**client, **dict.fromkeys(levels), **({"return_rate": None} if lacking else {})}


def sample_period(scheme: Scheme, text: str = "") -> Period | None:
    """Return the period that a label names in a scheme's own calendar, or the one that its sample usually shows.

    >>> sample_period(load("sales-pipeline")).code
    '2026Q3'
    """
    calendar, _ = calendar_of(scheme)
    return calendar.find(text or DEFAULT_PERIODS[scheme.settings.period_kind])


def sample(scheme: str, period: Period, lang: Lang = "zh") -> dict[str, Table]:
    """Return sample input sheets for a scheme that ships.

    Parameters
    ----------
    scheme : code of the scheme, a key of ``MAKERS``
    period : a period of the scheme's kind
    lang : the language of names, positions and remarks

    Returns
    -------
    The input sheets of the scheme, and the others that have rows, in workbook order. The sheet Past results is empty
    where a sample shows the first period under a scheme.

    Examples
    --------
    >>> from xlperf.core.periods import parse_period
    >>> tables = sample("sales-pipeline", parse_period("2026Q3"), "en")
    >>> list(tables), len(tables["employees"])
    (['departments', 'employees', 'clients', 'tasks', 'adjustments', 'history'], 12)
    """
    made = MAKERS[scheme](period)
    if load(scheme).client_levels:
        made["clients"] = [_to_be_classified(client) for client in made["clients"]]
    wanted = {*load(scheme).input_sheets(), *made}
    return {
        sheet.code: table_of(sheet.code, in_language(made[sheet.code], lang), lang)
        if sheet.code in made
        else empty(sheet.code, lang)
        for sheet in sheets_of("input")
        if sheet.code in wanted
    }
