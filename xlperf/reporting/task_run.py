"""Makes the tasks of a period from the workbook's tables: what forbids it, and what the task rules then make."""

from __future__ import annotations

from collections.abc import Iterable

from xlperf.core.periods import Period, Periods
from xlperf.core.problems import Lang, Problem
from xlperf.policy.scheme import Scheme
from xlperf.policy.validation.task_rules import CHECKS
from xlperf.schema.tables import Tables, empty
from xlperf.scoring.clients import assign_owners, classify_clients
from xlperf.scoring.cross_sheet import conditions_of, related
from xlperf.scoring.facts import when_of
from xlperf.scoring.rollup import is_locked
from xlperf.scoring.tasks import Generated, generate


def refusals(
    scheme: Scheme, found: Iterable[Problem], now: Period | None, calendar: Periods, asked: str | None = None
) -> list[Problem]:
    """Return what forbids making tasks: no period, a locked one, no rules, and whatever could not be read.

    ``found`` are the problems of reading the workbook, ``asked`` the period that somebody asked for.
    """
    refused = [*found, *(problem for check in CHECKS for problem in check(scheme))]
    title = scheme.table("settings").title
    if now is None:
        text = asked or scheme.settings.period
        code = "period-unreadable" if text else "period-missing"
        refused.append(Problem(code, title, details={"cell": text}))
    elif is_locked(scheme.table("periods"), now, calendar):
        refused.append(Problem("task-period-locked", scheme.table("periods").title, details={"period": now.code}))
    if not scheme.task_rules:
        refused.append(Problem("task-rules-missing", scheme.table("task_rules").title))
    return refused


def tasks_of(tables: Tables, scheme: Scheme, now: Period, calendar: Periods, lang: Lang) -> Generated:
    """Run the rules on clients with their owners, levels, and what the conditions look up on other sheets."""
    when = when_of(now, calendar, scheme.table("calendar"))
    belonging, _ = assign_owners(tables, scheme, when)
    clients, _ = classify_clients(belonging.get("clients", empty("clients")), scheme, when)
    looked_up = related({**tables, "clients": clients}, conditions_of(scheme), when)
    tasks = tables.get("tasks", empty("tasks", lang))
    return generate({**looked_up, "tasks": tasks}, scheme, when, now.code)
