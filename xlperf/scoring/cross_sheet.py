"""What conditions look up on another sheet: how many tasks a client has, and what is known of a task's client.

A condition on Clients may count tasks, one on Tasks may name columns of the client. Both become columns of the sheet
itself, derived once and as a whole, so that every later step meets them like any other column.
"""

from __future__ import annotations

from collections.abc import Iterable

import narwhals as nw
import pandas as pd

from xlperf.policy.conditions import Node, When, column_of, relations_in, rows_meeting
from xlperf.policy.conditions.tree import CountOf, Lookup, Ref
from xlperf.policy.scheme import Indicator, Scheme, TaskRule
from xlperf.schema.tables import Table, Tables, empty

CLIENT = "client_id"


def related(tables: Tables, conditions: Iterable[Node], when: When, also_before: Iterable[Node] = ()) -> Tables:
    """Return the tables with the columns that conditions need of another sheet.

    Parameters
    ----------
    tables : the input sheets; one that is missing counts as empty, and is there afterwards if conditions look from it
    conditions : those of the scheme, as :func:`conditions_of` lists them
    when : the period
    also_before : those that are asked of the previous period too, as :func:`relations_on_previous_period` lists them

    Examples
    --------
    >>> from datetime import date
    >>> from xlperf.policy.conditions import Scope, read
    >>> from xlperf.schema.tables import table_of
    >>> clients = table_of("clients", {"client_id": ["C1", "C2"]})
    >>> tasks = table_of("tasks", {"client_id": ["C1", "C1", None], "status": ["done", "open", "done"]})
    >>> served = read("tasks(status = done) >= 1", Scope.of_sheet("clients"))
    >>> october = When(date(2026, 10, 1), date(2026, 10, 31), date(2026, 9, 1), date(2026, 9, 30))
    >>> related({"clients": clients, "tasks": tasks}, [served], october)["clients"]["tasks(status = done)"].tolist()
    [1.0, 0.0]
    """
    nodes = list(conditions)
    return add_client_columns(add_task_counts(tables, nodes, when, also_before), nodes, when)


def add_task_counts(tables: Tables, conditions: Iterable[Node], when: When, also_before: Iterable[Node] = ()) -> Tables:
    """Return the tables with a column of Clients for each count of tasks; a task without a client counts for none."""
    asked = [(each, then) for nodes, then in ((conditions, when), (also_before, when.before())) for each in nodes]
    counts = {
        column_of(relation, then): rows_meeting(relation.where, then)
        for each, then in asked
        for relation in relations_in(each)
        if isinstance(relation, CountOf)
    }
    if not counts:
        return tables
    tasks = nw.from_native(_table(tables, "tasks").frame).filter(~nw.col(CLIENT).is_null())
    met = tasks.select(CLIENT, **{name: rows.cast(nw.Float64) for name, rows in counts.items()})
    sums = met.group_by(CLIENT).agg(*(nw.col(name).sum() for name in counts))
    return _with_columns(tables, "clients", sums, nw.col(*counts).fill_null(0.0))


def add_client_columns(tables: Tables, conditions: Iterable[Node], when: When) -> Tables:
    """Return the tables with a column of Tasks for each column of the client that conditions name."""
    columns = {
        column_of(relation, when): nw.col(relation.column.code)
        for each in conditions
        for relation in relations_in(each)
        if isinstance(relation, Lookup) and isinstance(relation.column, Ref)
    }
    if not columns:
        return tables
    known = nw.from_native(_table(tables, "clients").unique(CLIENT)).select(CLIENT, **columns)
    return _with_columns(tables, "tasks", known, nw.col(*columns))


def _with_columns(tables: Tables, sheet: str, found: nw.DataFrame[pd.DataFrame], columns: nw.Expr) -> Tables:
    """Return the tables with columns that were found by client, in the rows of a sheet."""
    table = _table(tables, sheet)
    rows = nw.from_native(table.frame)
    beside = rows.select(CLIENT).join(found, on=CLIENT, how="left").select(columns)
    return {**tables, sheet: table.with_frame(rows.with_columns(*beside.iter_columns()).to_native())}


def _table(tables: Tables, sheet: str) -> Table:
    return tables[sheet] if sheet in tables else empty(sheet)


def conditions_of(scheme: Scheme) -> list[Node]:
    """Return the conditions and expressions of a scheme on Clients and Tasks."""
    nodes = [node for each in scheme.indicators for node in _of_indicator(each)]
    nodes += [node for each in scheme.task_rules for node in _of_rule(each)]
    return nodes + [each.column for each in (*scheme.client_levels, *scheme.own_levels)]


def relations_on_previous_period(scheme: Scheme) -> list[Node]:
    """Return the conditions and expressions that growth asks of the previous period as well."""
    return [node for each in scheme.indicators if each.measure == "growth" for node in _of_indicator(each)]


def _of_indicator(each: Indicator) -> list[Node]:
    return [node for node in (each.where, each.hit, each.owner_at, *each.columns) if node is not None]


def _of_rule(each: TaskRule) -> list[Node]:
    return [node for node in (each.where, each.trigger, each.due, each.done_when, each.cancel_when) if node is not None]
