"""Counts of a client's tasks and columns of a task's client: what is found in one pass is what a person finds."""

from dataclasses import replace
from datetime import date

import narwhals as nw
import numpy as np
import pandas as pd
import pytest
from effort import draws
from hypothesis import given, settings
from hypothesis import strategies as st
from small import tables as people_with

from tests.policy.test_conditions import HOLIDAYS, MADE_UP, OCTOBER, holds, rows, trees
from xlperf.analysis.explain import explain
from xlperf.policy.conditions import Scope, column_of, read, rows_meeting
from xlperf.policy.conditions.tree import CountOf, Lookup, Ref
from xlperf.policy.schemes import from_toml
from xlperf.schema.tables import table_of
from xlperf.scoring.cross_sheet import (
    add_client_columns,
    add_task_counts,
    conditions_of,
    related,
    relations_on_previous_period,
)
from xlperf.scoring.pipeline import appraise
from xlperf.scoring.stages import Measured

CLIENTS, TASKS = Scope.of_sheet("clients"), Scope.of_sheet("tasks")
SERVED = read("tasks(status = done and done_date in period) >= 1", CLIENTS)
VIP = read("client.m_level = vip", TASKS)


def of_clients(*ids, **columns):
    return table_of("clients", {"client_id": list(ids), **columns})


def of_tasks(*owners, **columns):
    return table_of("tasks", {"client_id": list(owners), **columns})


def column(tables, sheet, node, when=OCTOBER):
    return tables[sheet][column_of(node, when)].tolist()


# Found one by one ------------------------------------------------------------------------------------------------

ids = st.sampled_from(["C1", "C2", "C03", "客户4", None])


@settings(max_examples=draws(60))
@given(trees, trees, st.lists(ids, max_size=5), st.lists(st.tuples(ids, rows), max_size=8))
def test_counts_are_those_of_a_person_who_goes_through_the_tasks(first, second, clients, tasks):
    nodes = [CountOf(first), CountOf(second)]
    when = replace(OCTOBER, holidays=tuple(HOLIDAYS), extra_workdays=tuple(MADE_UP))
    before = {
        "clients": of_clients(*clients),
        "tasks": table_of("tasks", pd.DataFrame([{"client_id": owner, **row} for owner, row in tasks] or None)),
    }
    found = add_task_counts(before, nodes, when)
    assert found["clients"]["client_id"].fillna("").tolist() == [client or "" for client in clients]
    for node in nodes:
        met = [owner for owner, row in tasks if owner is not None and holds(node.where, row)]
        assert column(found, "clients", node, when) == [float(met.count(client)) for client in clients]


@given(
    st.lists(
        st.tuples(ids, st.sampled_from(["vip", "core", None]), st.none() | st.dates(date(2020, 1, 1))), max_size=6
    ),
    st.lists(ids, max_size=6),
)
def test_columns_of_the_client_are_those_of_the_row_with_its_id(clients, tasks):
    names, levels, opened = zip(*clients, strict=True) if clients else ((), (), ())
    tables = {
        "clients": of_clients(*names, m_level=list(levels), opened_date=pd.Series(opened, dtype="datetime64[s]")),
        "tasks": of_tasks(*tasks),
    }
    nodes = [Lookup(Ref("m_level", "choice")), Lookup(Ref("opened_date", "date"))]
    found = add_client_columns(tables, nodes, OCTOBER)
    for node, values in zip(nodes, (levels, opened), strict=True):
        known = {name: value for name, value in zip(names, values, strict=True) if names.count(name) == 1 and name}
        expected = [known.get(client) for client in tasks]
        given = [None if pd.isna(each) else each for each in column(found, "tasks", node)]
        assert [each.date() if isinstance(each, pd.Timestamp) else each for each in given] == expected


@pytest.mark.parametrize(
    ("text", "met"),
    [
        ("due_date within 15 days of client.opened_date", [True, False, False]),
        ("应完成日期 在 客户.开户日期 后 2 个工作日 内", [False, False, False]),
        ("due_date - client.opened_date > 16", [False, True, False]),
        ("due_date = client.opened_date + 15 days", [True, False, False]),
        ("client.opened_date is empty", [False, False, True]),
        ("anniversary of client.birthday in period", [True, False, False]),
        ("due_date >= anniversary of client.birthday - 2 days", [True, False, False]),
    ],
)
def test_days_of_the_client_are_days_like_others(text, met):
    """C1 opened at half past nine and has a birthday on 12 October; C2 had it in the period before."""
    days = {"opened_date": ["2026-10-01 09:30", "2026-09-20"], "birthday": ["1990-10-12", "1990-09-30"]}
    dates = {name: pd.to_datetime(values, format="mixed") for name, values in days.items()}
    tables = {
        "clients": of_clients("C1", "C2", **dates),
        "tasks": of_tasks("C1", "C2", None, due_date=["2026-10-16"] * 3),
    }
    condition = read(text, TASKS)
    frame = nw.from_native(related(tables, [condition], OCTOBER)["tasks"].frame)
    assert frame.select(met=rows_meeting(condition, OCTOBER))["met"].to_list() == met


@given(st.permutations(range(6)), st.permutations(range(3)))
def test_the_order_of_rows_changes_nothing(task_order, client_order):
    clients = of_clients("C1", "C2", "C3", m_level=["vip", "core", None])
    done = ["2026-10-02", "2026-09-30", "2026-10-31", None, "2026-10-05", "2026-10-06"]
    tasks = of_tasks("C1", "C1", "C2", "C2", None, "C9", status=["done"] * 6, done_date=done)
    shuffled = {
        "clients": clients.with_frame(clients.frame.iloc[client_order].reset_index(drop=True)),
        "tasks": tasks.with_frame(tasks.frame.iloc[task_order].reset_index(drop=True)),
    }
    found = related(shuffled, [SERVED, VIP], OCTOBER)
    counts = dict(zip(found["clients"]["client_id"], column(found, "clients", SERVED.left), strict=True))
    assert counts == {"C1": 1, "C2": 1, "C3": 0}
    levels = pd.Series(column(found, "tasks", VIP.left), index=list(task_order)).sort_index().fillna("").tolist()
    assert levels == ["vip", "vip", "core", "core", "", ""]


# What is derived, and where --------------------------------------------------------------------------------------


def test_the_same_count_is_derived_once_and_nothing_else_changes():
    tables = {"clients": of_clients("C1"), "tasks": of_tasks("C1", status=["done"]), "checks": table_of("checks", {})}
    again = read("任务数(状态 = 已完成 且 完成日期 属于 本期) = 0 或 客户状态 为空", CLIENTS)
    found = related(tables, [SERVED, again, SERVED], OCTOBER)
    added = [name for name in found["clients"].frame if name not in tables["clients"].frame]
    assert added == ["tasks(status = done and done_date in period) [2026-10-01 – 2026-10-31]"]
    assert found["tasks"] is tables["tasks"]
    assert found["checks"] is tables["checks"]
    assert list(tables["clients"].frame) == list(of_clients("C1").frame)  # the tables given stay as they are


def test_tables_without_such_conditions_stay_as_they_are():
    tables = {"tasks": of_tasks("C1")}
    assert related(tables, [read("status = done", TASKS)], OCTOBER) is tables


def test_a_sheet_that_is_missing_counts_as_empty():
    found = related({"clients": of_clients("C1", "C2")}, [SERVED], OCTOBER)
    assert column(found, "clients", SERVED.left) == [0.0, 0.0]
    found = related({"tasks": of_tasks("C1", "C2")}, [VIP], OCTOBER)
    assert pd.isna(column(found, "tasks", VIP.left)).all()
    assert column(related({}, [SERVED], OCTOBER), "clients", SERVED.left) == []


def test_counts_of_the_previous_period_stand_beside_those_of_this_one():
    tasks = of_tasks("C1", "C1", "C1", status=["done"] * 3, done_date=["2026-09-01", "2026-09-30", "2026-10-01"])
    found = related({"clients": of_clients("C1"), "tasks": tasks}, [SERVED], OCTOBER, [SERVED])
    assert column(found, "clients", SERVED.left) == [1.0]
    assert column(found, "clients", SERVED.left, OCTOBER.before()) == [2.0]


# In an appraisal --------------------------------------------------------------------------------------------------

SCHEME = """
[settings]
scheme = "service"
version = "1"
name = "服务"
name_en = "Service"
period = "2026-10"
full_points = 100
grading = "bands"

[[dimensions]]
code = "service"
name = "服务"
name_en = "Service"
weight = 100

[[indicators]]
code = "served"
name = "服务覆盖率"
name_en = "Clients served"
dimension = "service"
weight = 40
unit = "%"
direction = "higher"
source = "clients"
measure = "share"
hit = "任务数(状态 = 已完成 且 完成日期 属于 本期) >= 1"
target = 1
rule = "proportional"

[[indicators]]
code = "contacts"
name = "联系次数增长"
name_en = "Growth of contacts"
dimension = "service"
weight = 30
unit = "%"
direction = "higher"
source = "clients"
measure = "growth"
column = "tasks(done_date in period)"
target = 0.5
rule = "proportional"

[[indicators]]
code = "vip_on_time"
name = "VIP任务及时率"
name_en = "VIP tasks on time"
dimension = "service"
weight = 30
unit = "%"
direction = "higher"
source = "tasks"
measure = "share"
where = "客户.M级 = VIP 且 应完成日期 属于 本期"
hit = "done_date <= due_date"
target = 1
rule = "proportional"

[[grades]]
code = "A"
name = "甲"
name_en = "A"
lower = 0
coefficient = 1
"""


def service(**more):
    scheme, problems = from_toml(SCHEME, "service")
    assert not [problem for problem in problems if problem.level == "error"], problems
    clients = [("C1", "E1", "vip"), ("C2", "E1", "core"), ("C3", "E2", "vip"), ("C4", "E2", None)]
    tasks = [  # owner, client, due, done
        ("E1", "C1", "2026-10-10", "2026-10-09"),
        ("E1", "C1", "2026-10-11", "2026-10-12"),
        ("E1", "C2", "2026-10-12", "2026-10-01"),
        ("E1", "C2", "2026-09-12", "2026-09-10"),
        ("E1", "C1", "2026-09-12", "2026-09-30"),
        ("E2", "C3", "2026-10-20", "2026-10-19"),
        ("E2", "C3", "2026-09-20", "2026-09-19"),
        ("E2", None, "2026-10-20", "2026-10-21"),
    ]
    rows = [
        {"task_id": f"T{n}", "owner_id": who, "client_id": client, "due_date": due, "done_date": done, "status": "done"}
        for n, (who, client, due, done) in enumerate(tasks)
    ]
    listed = [{"client_id": code, "owner_id": who, "m_level": level} for code, who, level in clients]
    made = people_with(["E1", "E2"], tasks=rows, ratings=[], clients=listed)
    return appraise({**made, **more}, scheme, "2026-10")


def test_an_appraisal_sees_the_tasks_of_clients_and_the_clients_of_tasks():
    done = service()
    assert isinstance(done, Measured), done.problems
    by_code = {each.code: done.facts.actual[:, k].tolist() for k, each in enumerate(done.facts.indicators)}
    assert by_code == {
        "served": [2 / 2, 1 / 2],  # C4 has no task
        "contacts": [(3 - 2) / 2, 0.0],
        "vip_on_time": [1 / 2, 1.0],
    }


def source_rows(appraisal, person, indicator, lang="en"):
    found, problems = explain(appraisal, person, indicator, lang)
    assert found is not None, problems
    return found.indicators[0].rows


def test_an_explanation_shows_the_count_and_what_is_known_of_the_client():
    done = service()
    count = "任务数(状态 = 已完成 且 完成日期 属于 本期)"
    assert [
        (row.values["客户编号"], row.values[count], row.hit) for row in source_rows(done, "E2", "served", "zh")
    ] == [
        ("C3", "1", True),
        ("C4", "0", False),
    ]
    for lang, heading in (("zh", "客户.M级"), ("en", "client.m_level")):
        assert [row.values[heading] for row in source_rows(done, "E2", "vip_on_time", lang)] == ["VIP"]


@pytest.mark.parametrize(("sheet", "rows"), [("clients", 0), ("tasks", 2)])
def test_empty_sheets_do_not_stop_an_appraisal(sheet, rows):
    done = service(**{sheet: table_of(sheet, pd.DataFrame())})
    assert isinstance(done, Measured)
    assert np.isnan(done.facts.actual[:, 2]).all()
    assert len(source_rows(done, "E1", "served")) == rows


def test_the_conditions_of_a_scheme_are_those_of_indicators_task_rules_and_client_levels():
    rule = """
[[task_rules]]
code = "R1"
name = "回访"
task_kind = "call"
per = "client"
where = "tasks(status = open) = 0"
trigger = "anniversary of opened_date"
due = "trigger + 3 workdays"
done_when = "tasks(status = done) >= 1"
cancel_when = "tasks() > 9"

[[classes]]
axis = "f"
level = "high"
column = "tasks(amount > 0)"
mode = "cut"
lower = 3
"""
    scheme, _ = from_toml(SCHEME + rule, "service")
    tables = related({}, conditions_of(scheme), OCTOBER, relations_on_previous_period(scheme))
    october, september = "[2026-10-01 – 2026-10-31]", "[2026-09-01 – 2026-09-30]"
    assert {name for name in tables["clients"].frame if "tasks" in name} == {
        f"tasks(status = done and done_date in period) {october}",
        f"tasks(done_date in period) {october}",
        f"tasks(done_date in period) {september}",
        "tasks(status = open)",
        "tasks(status = done)",
        "tasks()",
        "tasks(amount > 0)",
    }
    assert "client.m_level" in tables["tasks"].frame


@pytest.mark.parametrize("clients", [200_000])
def test_many_clients_and_tasks_take_a_moment(clients):
    names = np.array([f"C{n}" for n in range(clients)], object)
    owners = names[np.arange(3 * clients) * 7 % clients]
    tables = {"clients": of_clients(*names), "tasks": of_tasks(*owners, amount=np.arange(3 * clients) % 10.0)}
    nodes = [CountOf(read(f"amount = {digit}", TASKS)) for digit in range(5)]
    found = add_task_counts(tables, nodes, OCTOBER)
    assert [sum(column(found, "clients", node)) for node in nodes] == [3 * clients / 10] * 5
