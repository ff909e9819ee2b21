"""Task rules: worked cases in cases/tasks.toml, then what holds for any clients, then the command.

The referee below goes through the clients one by one, day by day.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import tomli_w
from effort import draws
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from tests import small
from xlperf.cli import app, tasking
from xlperf.core.numbers import fraction_of
from xlperf.core.periods import Periods, parse_period
from xlperf.core.problems import LANGUAGES, Text
from xlperf.policy.conditions import ALWAYS, Scope, read, read_expression
from xlperf.policy.scheme import TaskRule
from xlperf.policy.schemes import from_toml
from xlperf.policy.validation.task_rules import CHECKS
from xlperf.schema import SHEETS, Column
from xlperf.schema.tables import table_of
from xlperf.scoring.cross_sheet import conditions_of, related
from xlperf.scoring.facts import when_of
from xlperf.scoring.tasks import generate
from xlperf.workbook.read.book import read_book
from xlperf.workbook.write.scheme_workbook import build
from xlperf.xlsx.atomic_save import save_atomically

assert tasking.tasks  # registers the command

CASES = tomllib.loads((Path(__file__).parents[1] / "cases" / "tasks.toml").read_text("utf-8"))
TRIGGER = Column("trigger", SHEETS["task_rules"]["trigger"].name, "date")
SCOPE = Scope.of_sheet("clients", [TRIGGER])
OFF, WORKED = [f"2026-10-{day:02}" for day in range(1, 8)], ["2026-10-10"]
HOLIDAYS = table_of(
    "calendar",
    [{"date": each, "day_kind": "holiday"} for each in OFF]
    + [{"date": each, "day_kind": "workday"} for each in WORKED],
)
CHOICES = table_of("choices", [{"column": "任务类型", "value": each} for each in ("callback", "log")])


def cases(section):
    return pytest.mark.parametrize("case", [pytest.param(each, id=each["name"]) for each in CASES[section]])


def rule_of(row):
    """Return a task rule as the Task rules sheet says it; done and cancelled may name the trigger."""
    row = {"name": row["code"], "task_kind": "callback", "per": "client", "where": "", "sample": 1.0, "feeds": ""} | row
    conditions = {name: read(row[name], SCOPE) if row.get(name) else None for name in ("done_when", "cancel_when")}
    return TaskRule(
        code=row["code"],
        name=Text(row["name"], row["name"]),
        task_kind=row["task_kind"],
        per=row["per"],
        where=read(row["where"], SCOPE) if row["where"] else ALWAYS,
        trigger=read_expression(row["trigger"], SCOPE) if row.get("trigger") else None,
        due=read_expression(row["due"], SCOPE),
        sample=fraction_of(row["sample"]),
        feeds=tuple(filter(None, row["feeds"].split(", "))),
        active=row.get("active", "yes") == "yes",
        **conditions,
    )


def scheme_of(*rows, **changed):
    """Return the small scheme with some task rules, as records and on its sheet."""
    plain = small.scheme()
    sheet = table_of("task_rules", [{"due": ""} | row for row in rows])
    tables = {**plain.tables, "task_rules": sheet, "choices": CHOICES}
    return replace(plain, tables=tables, task_rules=tuple(map(rule_of, rows)), **changed)


def filled(row):
    """Return a row without its empty texts, which are empty cells."""
    return {name: None if value == "" else value for name, value in row.items()}


def tables_of(clients=(), tasks=(), people=()):
    return {
        "clients": table_of("clients", [filled({"owner_id": "E1"} | each) for each in clients]),
        "tasks": table_of("tasks", [filled({"owner_id": "E1", "status": "open"} | each) for each in tasks]),
        "employees": table_of("employees", list(people)),
    }


def run(tables, scheme, period="2026-10"):
    when = when_of(parse_period(period), Periods(), HOLIDAYS)
    looked_up = related(tables, conditions_of(scheme), when)
    return generate({**looked_up, "tasks": tables["tasks"]}, scheme, when, period)


def plain(value):
    """Return a cell as the cases write it: days as days, nothing as an empty text."""
    return "" if pd.isna(value) else value.date() if isinstance(value, pd.Timestamp) else value


def cells(frame, row):
    """Return the cells of a task that a case speaks of."""
    task = frame.set_index("task_id").loc[row["task_id"]]
    return {name: plain(task[name]) for name in row if name != "task_id"}


@cases("case")
def test_worked_cases(case):
    rule, period = case["rule"], case.get("period", "2026-10")
    tasks = [{"rule_code": rule["code"]} | each for each in case.get("tasks", [])]
    made = run(tables_of(case.get("clients", []), tasks, case.get("people", [])), scheme_of(rule), period)
    assert made.new["task_id"].tolist() == [each["task_id"] for each in case["new"]]
    for row in case["new"]:
        day = pd.Timestamp(row["task_id"][-8:]).date()
        usual = {"status": "open", "owner_id": "E1", "created_date": day, "due_date": "", "done_date": "", "note": ""}
        usual |= {"rule_code": rule["code"], "task_kind": "callback"}
        assert cells(made.new, usual | row) == {name: each for name, each in (usual | row).items() if name != "task_id"}
    for row in case.get("after", []):
        usual = {"done_date": "", "note": ""} | row
        assert cells(made.tasks.frame, usual) == {name: each for name, each in usual.items() if name != "task_id"}
    assert sorted(each.code for each in made.problems) == case.get("problems", [])
    for problem in made.problems:
        assert all("{" not in problem.found(lang) for lang in LANGUAGES)


@cases("check")
def test_rules_are_checked(case):
    scheme = scheme_of(*case["rules"])
    found = [problem for check in CHECKS for problem in check(scheme)]
    assert sorted(each.code for each in found) == case["problems"]
    for problem in found:
        assert problem.cells
        assert all("{" not in part(lang) for lang in LANGUAGES for part in (problem.found, problem.expected))


def test_a_near_kind_is_offered():
    (found,) = [
        each
        for check in CHECKS
        for each in check(scheme_of({"code": "R1", "task_kind": "calback", "due": "period end"}))
    ]
    assert "callback" in found.expected("en")


def test_rules_for_indicators_of_a_group_make_tasks_for_that_group_only():
    scheme = scheme_of({"code": "R16", "per": "employee", "due": "trigger", "feeds": "done"})
    of_sales = tuple(replace(each, group="sales") if each.code == "done" else each for each in scheme.indicators)
    people = [{"employee_id": "E1", "group": "sales"}, {"employee_id": "E2", "group": "office"}, {"employee_id": "E3"}]
    made = run(tables_of(people=people), replace(scheme, indicators=of_sales))
    assert set(made.new["owner_id"]) == {"E1"}
    assert set(run(tables_of(people=people), scheme).new["owner_id"]) == {"E1", "E2", "E3"}
    assert len(made.new) == 18  # 22 weekdays of October without 5 in the holidays, and a Saturday


# Samples -----------------------------------------------------------------------------------------------------------


SURVEY = {"code": "R17", "trigger": "period start", "due": "period end", "sample": 0.2}


def sampled(ids, period="2026-10", **changed):
    made = run(tables_of([{"client_id": each} for each in ids]), scheme_of(SURVEY | changed), period)
    return set(made.new["client_id"])


def test_a_sample_has_about_its_share_and_differs_from_month_to_month_and_rule_to_rule():
    ids = [f"C{number:05}" for number in range(10_000)]
    october, november, other = sampled(ids), sampled(ids, "2026-11"), sampled(ids, code="R18")
    for one in (october, november, other):
        assert abs(len(one) - 2000) < 5 * (10_000 * 0.2 * 0.8) ** 0.5
    for one, another in ((october, november), (october, other)):
        assert abs(len(one & another) - 400) < 5 * (10_000 * 0.04 * 0.96) ** 0.5


def test_a_sample_is_the_same_on_every_machine():
    assert sampled([f"C{number}" for number in range(20)]) == {"C2", "C8", "C9"}


def test_more_clients_and_a_larger_share_keep_who_is_in_the_sample():
    ids = [f"C{number}" for number in range(200)]
    first = sampled(ids[:100])
    assert sampled(ids) & set(ids[:100]) == first
    assert first <= sampled(ids[:100], sample=0.5)
    assert sampled(ids, sample=1.0) == set(ids)


# What holds for any clients ----------------------------------------------------------------------------------------


DAYS = st.none() | st.dates(date(2026, 9, 1), date(2026, 11, 15))
GENERAL = {
    "code": "R04", "where": "closing_assets >= 100 or closing_assets is empty", "trigger": "opened_date + 2 days",
    "due": "trigger + 3 workdays", "done_when": "last_contact_date >= trigger", "cancel_when": "lost_date is filled",
}  # fmt: skip


@st.composite
def books(draw):
    clients = [
        {
            "client_id": f"C{number}",
            "owner_id": draw(st.sampled_from(["E1", "E2", ""])),
            "opened_date": draw(DAYS),
            "last_contact_date": draw(DAYS),
            "lost_date": draw(st.none() | st.none() | DAYS),
            "closing_assets": draw(st.sampled_from([None, 50.0, 100.0])),
        }
        for number in range(draw(st.integers(0, 6)))
    ]
    tasks = [
        {
            "task_id": f"T{number}",
            "rule_code": draw(st.sampled_from(["R04", "R04", "R09", ""])),
            "client_id": f"C{draw(st.integers(0, 7))}",
            "owner_id": draw(st.sampled_from(["E1", "E2", ""])),
            "created_date": draw(DAYS),
            "due_date": draw(DAYS),
            "done_date": draw(st.none() | DAYS),
            "status": draw(st.sampled_from(["open", "doing", "done", "cancelled"])),
            "note": draw(st.sampled_from(["", "x"])),
        }
        for number in range(draw(st.integers(0, 6)))
    ]
    return clients, tasks


def is_workday(day):
    return day.isoformat() in WORKED or (day.weekday() < 5 and day.isoformat() not in OFF)


def after_workdays(day, number):
    while number:
        day += timedelta(days=1)
        number -= is_workday(day)
    return day


def referee(clients, tasks):
    """Return the tasks as they should stand, by ID: what the rule GENERAL means, one client and one task at a time."""
    by_id = {each["client_id"]: each for each in clients}
    known = {(each["rule_code"], each["client_id"], each["created_date"]) for each in tasks}
    stand = [dict(each) for each in tasks]
    for client in clients:
        if client["opened_date"] is None or client["closing_assets"] == 50.0:
            continue
        day = client["opened_date"] + timedelta(days=2)
        if (day.year, day.month) == (2026, 10) and ("R04", client["client_id"], day) not in known:
            stand.append(
                {
                    "task_id": f"R04-{client['client_id']}-{day:%Y%m%d}", "rule_code": "R04", "owner_id": client["owner_id"],
                    "client_id": client["client_id"], "created_date": day, "due_date": after_workdays(day, 3),
                    "done_date": None, "status": "open", "note": "", "fresh": True,
                }
            )  # fmt: skip
    return {each["task_id"]: each for each in (judged(each, by_id) for each in stand) if not is_pointless(each)}


def is_pointless(task):
    return task.pop("fresh", False) and task["status"] == "cancelled"


def judged(task, by_id):
    due, client = task["due_date"], by_id.get(task["client_id"])
    if task["rule_code"] != "R04" or task["status"] in ("done", "cancelled") or (due and due < date(2026, 10, 1)):
        return task
    if due is None and client and task["created_date"]:
        task["due_date"] = due = after_workdays(task["created_date"], 3)
    contact = client and client["last_contact_date"]
    fulfilled = bool(contact and task["created_date"] and contact >= task["created_date"])
    if fulfilled and task["done_date"] is None and due and contact <= due:
        task["done_date"] = contact
    if fulfilled or task["done_date"]:
        task["status"] = "done"
    elif client and client["lost_date"]:
        task["status"] = "cancelled"
        task["note"] += ("；" if task["note"] else "") + "按规则 R04 取消：流失日期 已填"
    elif client and client["owner_id"]:
        task["owner_id"] = client["owner_id"]
    return task


def standing(made):
    """Return the tasks of a run by ID, as the referee writes them."""
    names = ["task_id", "rule_code", "owner_id", "client_id", "created_date", "due_date", "done_date", "status", "note"]
    rows = made.tasks.frame[names].to_dict("records")
    return {row["task_id"]: {name: plain(value) for name, value in row.items()} for row in rows}


def written(expected):
    return {
        code: {name: "" if value is None else value for name, value in row.items()} for code, row in expected.items()
    }


@given(books())
@settings(max_examples=draws(70), deadline=None)
def test_the_referee_agrees(book):
    clients, tasks = book
    made = run(tables_of(clients, tasks), scheme_of(GENERAL))
    assert standing(made) == written(referee(clients, tasks))
    assert made.tasks["task_id"].is_unique


@given(books(), st.randoms(use_true_random=False))
@settings(max_examples=draws(25), deadline=None)
def test_the_order_of_rows_does_not_matter_and_a_second_run_changes_nothing(book, random):
    clients, tasks = book
    scheme = scheme_of(GENERAL, SURVEY | {"sample": 0.5}, {"code": "R16", "per": "employee", "due": "trigger"})
    people = [{"employee_id": "E1"}, {"employee_id": "E2", "hire_date": "2026-10-20"}]
    made = run(tables_of(clients, tasks, people), scheme)
    again = run({**tables_of(clients, people=people), "tasks": made.tasks}, scheme)
    assert not again.changed
    assert len(again.new) == 0
    pd.testing.assert_frame_equal(again.tasks.frame, made.tasks.frame)
    asked, there = made.counts["new"] + made.counts["there"], again.counts["there"]
    assert (there <= asked).all()

    for rows in (clients, tasks, people):
        random.shuffle(rows)
    shuffled = run(tables_of(clients, tasks, people), scheme)
    assert standing(shuffled) == standing(made)
    pd.testing.assert_frame_equal(shuffled.new.reset_index(drop=True), made.new.reset_index(drop=True))
    pd.testing.assert_frame_equal(shuffled.counts, made.counts)


def test_rows_that_were_there_keep_their_places_and_new_ones_stand_behind():
    tasks = [{"task_id": "T1", "note": "x"}, {"task_id": "T2"}]
    made = run(tables_of([{"client_id": "C1", "opened_date": "2026-10-05"}], tasks), scheme_of(GENERAL))
    assert made.tasks["task_id"].tolist() == ["T1", "T2", "R04-C1-20261007"]
    assert made.tasks.rows.tolist() == [2, 3, 4]
    assert made.tasks.frame.dtypes.equals(tables_of()["tasks"].frame.dtypes)
    assert made.counts.to_dict("records") == [
        {"rule_code": "R04", "new": 1, "there": 0, "closed": 0, "cancelled": 0, "moved": 0, "dated": 0}
    ]


def test_without_any_sheet_there_are_no_tasks():
    scheme = scheme_of(GENERAL, SURVEY, {"code": "R16", "per": "employee", "due": "trigger"})
    made = generate({}, scheme, when_of(parse_period("2026-10"), Periods(), HOLIDAYS), "2026-10")
    assert len(made.tasks) == 0
    assert made.counts["new"].tolist() == [0, 0, 0]


def test_columns_that_people_added_stay():
    tasks = table_of("tasks", [{"task_id": "T1", "渠道": "电话"}])
    made = run({**tables_of([{"client_id": "C1", "opened_date": "2026-10-05"}]), "tasks": tasks}, scheme_of(GENERAL))
    assert [plain(each) for each in made.tasks["渠道"]] == ["电话", ""]


# The command -------------------------------------------------------------------------------------------------------


RULES = [
    {"code": "R04", "name": "新开户回访", "name_en": "Call-back", "task_kind": "callback", "per": "client",
     "where": "opened_date is filled", "trigger": "opened_date", "due": "trigger + 3 workdays", "feeds": "on_time"},
    {"code": "R16", "name": "工作日志", "name_en": "Work log", "task_kind": "log", "per": "employee", "due": "trigger"},
]  # fmt: skip


def workbook(path, rules=RULES, periods=(), lang="en"):
    """Write a workbook of the small scheme with task rules and two clients, one of whom has a task."""
    text = tomli_w.dumps({"task_rules": list(rules), "periods": list(periods)} if rules else {}) + small.SCHEME
    scheme, problems = from_toml(text, "small")
    assert not problems
    clients = [{"client_id": "C1", "opened_date": "2026-10-05"}, {"client_id": "C2", "opened_date": "2026-10-09"}]
    tasks = [
        {"task_id": "T1", "rule_code": "R04", "client_id": "C1", "created_date": "2026-10-05", "due_date": "2026-10-08"}
    ]
    people = [{"employee_id": "E1", "name": "A", "hire_date": "2026-10-29"}]
    save_atomically(build(scheme.with_settings(language=lang), tables_of(clients, tasks, people), lang), path)
    return path


def call(*arguments):
    return CliRunner().invoke(app, ["tasks", *map(str, arguments)])


def test_the_command_writes_the_tasks_once(tmp_path):
    book = workbook(tmp_path / "book.xlsx")
    first = call(book, "--json")
    assert first.exit_code == 0, first.output
    told = json.loads(first.stdout)
    assert told["written"]
    assert [(each["rule"], each["name"], each["new"], each["there"]) for each in told["rules"]] == [
        ("R04", "Call-back", 1, 1),
        ("R16", "Work log", 2, 0),
    ]
    tasks = read_book(book).tables["tasks"].frame.set_index("task_id")
    assert tasks.index.tolist() == ["T1", "R04-C2-20261009", "R16-E1-20261029", "R16-E1-20261030"]
    assert tasks["due_date"].dt.date.astype(str).tolist() == ["2026-10-08", "2026-10-14", "2026-10-29", "2026-10-30"]

    before = book.read_bytes()
    second = call(book)
    assert second.exit_code == 0, second.output
    assert "nothing was written" in second.stdout
    assert book.read_bytes() == before
    assert all(each["new"] == 0 for each in json.loads(call(book, "--json").stdout)["rules"])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_command_prints_a_line_a_rule(tmp_path, lang):
    book = workbook(tmp_path / "book.xlsx", lang=lang)
    done = call(book, "-o", tmp_path / "out.xlsx", "--lang", lang)
    assert done.exit_code == 0, done.output
    lines = [line.split()[:3] for line in done.stdout.splitlines() if line[:1] == "R"]
    assert [line for line in lines if line[0] in ("R04", "R16")] == [["R04", "1", "1"], ["R16", "2", "0"]]
    assert len(read_book(tmp_path / "out.xlsx").tables["tasks"]) == 4
    assert len(read_book(book).tables["tasks"]) == 1


def test_another_period_makes_other_tasks(tmp_path):
    told = json.loads(call(workbook(tmp_path / "book.xlsx"), "--period", "2026-11", "--json").stdout)
    assert told["period"] == "2026-11"
    assert {each["rule"]: each["new"] for each in told["rules"]} == {"R04": 0, "R16": 21}


@pytest.mark.parametrize(
    ("made", "code"),
    [
        ({"periods": [{"period": "2026-10", "kind": "month", "status": "locked"}]}, "task-period-locked"),
        ({"rules": []}, "task-rules-missing"),
    ],
)
def test_the_command_refuses(tmp_path, made, code):
    book = workbook(tmp_path / "book.xlsx", **made)
    before = book.read_bytes()
    done = call(book, "--json")
    assert done.exit_code == 1
    assert code in [each["code"] for each in json.loads(done.stdout)["problems"]]
    assert book.read_bytes() == before


def test_a_period_that_cannot_be_read_is_refused(tmp_path):
    done = call(workbook(tmp_path / "book.xlsx"), "--period", "someday", "--json")
    assert done.exit_code == 1
    assert [each["code"] for each in json.loads(done.stdout)["problems"]] == ["period-unreadable"]


def test_columns_of_other_sheets_do_not_get_into_the_workbook(tmp_path):
    """What conditions look up is not written."""
    rules = [RULES[0] | {"where": "tasks(status = done) = 0"}]
    book = workbook(tmp_path / "book.xlsx", rules)
    assert call(book).exit_code == 0
    read_again = read_book(book)
    assert set(read_again.tables["tasks"].frame) == set(SHEETS["tasks"].by_code)
    assert set(read_again.tables["clients"].frame) == set(SHEETS["clients"].by_code)
    assert np.array_equal(read_again.tables["tasks"]["rule_code"].to_numpy(object), ["R04", "R04"])
