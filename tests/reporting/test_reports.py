"""The reports and the task guide: every row of a sheet is in a total, and every figure is that of the indicators."""

import io
import json
import re
from dataclasses import replace
from datetime import date
from functools import cache

import numpy as np
import pandas as pd
import pytest
from effort import draws
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from sample_books import run_of
from typer.testing import CliRunner

from tests import small
from xlperf.analysis.task_guide import links, may_be_of, rules
from xlperf.cli import app
from xlperf.policy.access import scope_of
from xlperf.policy.conditions import Scope, read, rows_meeting
from xlperf.policy.schemes import from_toml
from xlperf.reporting.forms.guide import guide_forms
from xlperf.reporting.output_tables import outputs
from xlperf.reporting.reports import REPORTS, fill_reports, find_report
from xlperf.schema.tables import table_of
from xlperf.scoring.clients import owner_columns
from xlperf.scoring.pipeline import appraise
from xlperf.workbook.write.reports import draw_reports
from xlperf.workflows import fill_reports as reporting
from xlperf.workflows.result import no_step
from xlperf.workflows.store import store_of

LANGUAGES = ("zh", "en")
CHINESE = re.compile(r"[\u3400-\u9fff]")
OCTOBER = (pd.Timestamp("2026-10-01"), pd.Timestamp("2026-10-31"))
MORE = """
[[indicators]]
code = "profile"
name = "资料完整率"
name_en = "Completeness"
dimension = "work"
weight = 0
levels = "employee, department, company"
direction = "higher"
source = "clients"
measure = "completeness"
column = "phone, address"
where = "opened_date <= period end"
target = 1
rule = "proportional"
parameters = "cap = 100%; floor = 0%"
"""
RULES = """
[[task_rules]]
code = "R04"
name = "新开户回访"
name_en = "Call-back after opening"
task_kind = "callback"
per = "client"
where = "client_status = existing"
trigger = "opened_date"
due = "trigger + 3 workdays"
sample = 0.1
feeds = "on_time"
active = "yes"
"""
DEPARTMENTS = [
    {"department": "H", "department_name": "Head office"},
    {"department": "N", "department_name": "North", "parent": "H"},
    {"department": "N1", "department_name": "North one", "parent": "N"},
    {"department": "S", "department_name": "South", "parent": "H"},
]
PEOPLE = [
    {"employee_id": "E1", "name": "Ann", "department": "N"},
    {"employee_id": "E2", "name": "Bob", "department": "N1"},
    {"employee_id": "E3", "name": "Cy", "department": "S"},
    {"employee_id": "E4", "name": "Di", "department": "S"},
    {"employee_id": "E5", "name": "Ed"},
]
HOMES = {each["employee_id"]: each.get("department", "") for each in PEOPLE}
PATHS = {"H": ["H"], "N": ["H", "N"], "N1": ["H", "N", "N1"], "S": ["H", "S"], "": [""]}


def scheme(more=MORE):
    found, problems = from_toml(small.SCHEME + more, "small")
    assert not [each for each in problems if each.level == "error"], problems
    return found


@cache
def without_rows(more):
    return appraise(small.tables(PEOPLE, tasks=[], departments=DEPARTMENTS, clients=[]), scheme(more), "2026-10")


def appraised(clients=(), tasks=(), more=MORE):
    """Return an appraisal of the same people with these clients and tasks."""
    rows = {"clients": table_of("clients", list(clients)), "tasks": table_of("tasks", list(tasks))}
    empty = without_rows(more)
    return replace(empty, tables={**empty.tables, **rows})


def reports_of(appraisal, *wanted, **options):
    found, problems = fill_reports(appraisal, "en", wanted, **options)
    assert not problems, problems
    return {each.code: each for each in found}


def line(report, block, kind, department="", employee=""):
    rows = report.rows
    mask = (rows["block"] == block) & (rows["line"] == kind) & (rows["department"] == department)
    if employee:
        mask &= rows["employee_id"] == employee
    (found,) = rows[mask].to_dict("records")
    return found


@pytest.fixture(scope="module")
def crm():
    return run_of("securities-crm", "2026-10")


@pytest.fixture(scope="module")
def crm_outputs(crm):
    return outputs(crm, "en")


# Figures by hand -----------------------------------------------------------------------------------------------------

LIVES = [  # owner, opened, lost, won back, assets, reason
    ("E1", "2026-09-01", None, None, 100.10, None),
    ("E1", "2026-10-05", None, None, 0, None),
    ("E1", "2026-01-01", "2026-10-01", None, 1000.20, "fees"),
    ("E2", "2026-01-01", "2026-10-31", None, 1000.10, None),
    ("E2", "2026-01-01", "2026-09-30", "2026-10-02", 7, "fees"),
    ("E3", "2026-01-01", "2026-11-01", None, 5, "fees"),
    ("E9", "2026-01-01", "2026-10-15", None, 0.70, "fees"),
    (None, "2026-01-01", None, None, 1, None),
]


def clients_of(lives):
    names = ("owner_id", "opened_date", "lost_date", "won_back_date", "opening_assets", "lost_reason")
    entered = {"created_date": "2026-08-31"}
    return [{"client_id": f"K{n}", **entered, **dict(zip(names, each, strict=True))} for n, each in enumerate(lives)]


def test_lost_clients_by_hand():
    report = reports_of(appraised(clients_of(LIVES)), "lost-clients")["lost-clients"]
    figures = ("opening", "new", "lost", "won_back", "base", "lost_assets")

    def shown(*where):
        found = line(report, *where)
        return tuple(found[code] for code in figures)

    assert shown("All clients", "unit", "N") == (2, 1, 1, 0, 3, 1000.20)
    assert shown("All clients", "unit", "N1") == (1, 0, 1, 1, 1, 1000.10)
    assert shown("All clients", "subtotal", "N") == (3, 1, 2, 1, 4, 2000.30)
    assert shown("All clients", "nobody") == (2, 0, 1, 0, 2, 0.70)
    assert shown("All clients", "total") == (6, 1, 3, 1, 7, 2001.00)
    assert line(report, "All clients", "total")["churn_rate"] == 3 / 7
    fees, blank = (line(report, f"Reason for loss: {word}", "total") for word in ("fees", "not given"))
    assert (fees["lost"], blank["lost"]) == (2, 1)
    assert np.isnan(fees["opening"]), "how many were there at the start has no reason"


def test_prospects_by_hand():
    clients = [
        # entered before October and still open: E1 has two, one of them lost in October
        {"owner_id": "E1", "created_date": "2026-09-01", "origin": "stand"},
        {"owner_id": "E1", "created_date": "2026-09-01", "lost_date": "2026-10-20"},
        # converted after 15 and 44 days, with 1000.10 and 2000.20
        {"owner_id": "E1", "created_date": "2026-10-05", "opened_date": "2026-10-20", "origin": "stand",
         "closing_assets": 1000.10},
        {"owner_id": "E2", "created_date": "2026-09-01", "opened_date": "2026-10-15", "origin": "friend",
         "closing_assets": 2000.20},
        # came in October and is nobody's; was a client before October
        {"created_date": "2026-10-31", "origin": "stand"},
        {"owner_id": "E1", "created_date": "2026-01-01", "opened_date": "2026-02-01", "closing_assets": 9.0},
    ]  # fmt: skip
    clients = [{"client_id": f"K{n}", **each} for n, each in enumerate(clients)]
    report = reports_of(appraised(clients), "manager-prospects")["manager-prospects"]
    codes = ("prospects", "new", "converted", "days", "assets")
    ann = line(report, "All prospects", "unit", "N", "E1")
    assert [ann[code] for code in codes] == [2, 1, 1, 15, 1000.10]
    assert (ann["conversion"], ann["mean_days"]) == (1 / 2, 15)
    total = line(report, "All prospects", "total")
    assert [total[code] for code in codes] == [4, 2, 2, 59, 3000.30]
    assert total["mean_days"] == 29.5
    stand, unknown = (line(report, f"Origin: {word}", "total") for word in ("stand", "friend"))
    assert (stand["prospects"], stand["converted"], stand["assets"]) == (3, 1, 1000.10)
    assert (unknown["prospects"], unknown["mean_days"]) == (1, 44)


def test_fields_of_profiles_are_those_of_the_scheme():
    clients = [
        {"client_id": "K1", "owner_id": "E1", "opened_date": "2026-01-01", "phone": "1", "address": "x"},
        {"client_id": "K2", "owner_id": "E1", "opened_date": "2026-01-01", "phone": "2"},
        {"client_id": "K3", "owner_id": "E1", "opened_date": "2026-11-01", "phone": "3"},
    ]
    report = reports_of(appraised(clients), "profiles")["profiles"]
    found = line(report, "Completeness", "unit", "N")
    assert (found["clients"], found["complete"], found["completion"]) == (2, 1, 0.5)
    assert (found["filled"], found["required"], found["completeness"]) == (3, 4, 0.75)
    assert [found[code] for code in ("missing phone", "missing address")] == [0, 1]
    assert not any("occupation" in each.code for each in report.measures)
    other = MORE.replace('"phone, address"', '"occupation"')
    report = reports_of(appraised(clients, more=other), "profiles")["profiles"]
    assert line(report, "Completeness", "unit", "N")["missing occupation"] == 2


def test_routine_work_by_hand():
    tasks = [
        {"task_id": "1", "owner_id": "E1", "task_kind": "call", "due_date": "2026-10-10", "done_date": "2026-10-10"},
        {"task_id": "2", "owner_id": "E1", "task_kind": "call", "due_date": "2026-10-10", "done_date": "2026-10-11"},
        {"task_id": "3", "owner_id": "E1", "task_kind": "log", "due_date": "2026-10-10", "done_date": "2026-11-01"},
        {"task_id": "4", "owner_id": "E1", "due_date": "2026-10-10", "status": "cancelled"},
        {"task_id": "5", "owner_id": "E1", "due_date": "2026-09-10", "done_date": "2026-10-01"},
        {"task_id": "6", "owner_id": "S", "due_date": "2026-10-10"},
    ]
    found = reports_of(appraised(tasks=tasks), "routine-work", "manager-routine-work")
    codes = ("due", "done", "on_time", "late", "open", "cancelled", "finished")
    ann = line(found["manager-routine-work"], "All tasks", "unit", "N", "E1")
    assert [ann[code] for code in codes] == [3, 2, 1, 1, 1, 1, 3]
    assert ann["completion"] == 2 / 3
    calls = line(found["manager-routine-work"], "Task kind: call", "unit", "N", "E1")
    assert (calls["due"], calls["on_time"]) == (2, 1)
    assert line(found["routine-work"], "All tasks", "unit", "S")["open"] == 1, "a task may be the department's own"
    assert "nobody" not in set(found["routine-work"].rows["line"])


# Totals reconcile ----------------------------------------------------------------------------------------------------

days = st.dates(date(2026, 8, 20), date(2026, 11, 20)).map(str)
owners = st.sampled_from([*HOMES, "E9", "S", None])
lives = st.lists(
    st.tuples(
        owners,
        st.none() | days,
        st.none() | days,
        st.none() | days,
        st.integers(0, 10**9).map(lambda cents: cents / 100),
        st.sampled_from([None, "fees", "moved"]),
    ),
    max_size=25,
)
tasks = st.lists(
    st.fixed_dictionaries(
        {
            "owner_id": owners,
            "task_kind": st.sampled_from(["call", "visit", None]),
            "due_date": st.none() | days,
            "done_date": st.none() | days,
            "status": st.sampled_from(["open", "done", "cancelled"]),
        }
    ),
    max_size=25,
)


def numbered(rows):
    return [{"task_id": f"T{n}", **each} for n, each in enumerate(rows)]


@pytest.mark.slow
@given(lives.filter(bool), tasks.filter(bool))
@settings(max_examples=draws(15))
def test_every_row_is_in_one_line_and_in_the_total(lives, tasks):
    for report in reports_of(appraised(clients_of(lives), numbered(tasks))).values():
        plain = [each.code for each in report.measures if each.kind not in ("share", "mean")]
        for _, rows in report.rows.groupby("block"):
            lines = rows[rows["line"].isin(["unit", "nobody"])]
            total = rows[rows["line"] == "total"][plain].iloc[0]
            summed = lines[plain].sum(min_count=len(lines))
            pd.testing.assert_series_equal(summed.fillna(0), total.fillna(0), check_names=False, rtol=1e-12)
            if report.level == "department":
                for _, upper in rows[rows["line"] == "subtotal"].iterrows():
                    inside = lines[lines["department"].map(lambda code, of=upper: of["department"] in PATHS[code])]
                    np.testing.assert_allclose(inside[plain].sum(), upper[plain].fillna(0).astype(float), rtol=1e-12)


@settings(max_examples=draws(30))
@given(lives.filter(bool))
def test_losses_are_those_that_pandas_counts(lives):
    report = reports_of(appraised(clients_of(lives)), "manager-lost-clients")["manager-lost-clients"]
    frame = pd.DataFrame(clients_of(lives))
    for code in ("opened_date", "lost_date", "won_back_date"):
        frame[code] = pd.to_datetime(frame[code])
    start, end = OCTOBER
    there = frame["lost_date"].isna() | (frame["lost_date"] >= start) | (frame["won_back_date"] < start)
    lost = (frame["opened_date"] <= end) & frame["lost_date"].between(start, end)
    expected = pd.DataFrame(
        {
            "opening": (frame["opened_date"] < start) & there,
            "new": frame["opened_date"].between(start, end),
            "lost": lost,
            "won_back": frame["won_back_date"].between(start, end),
            "base": (frame["opened_date"] <= end) & there,
            "lost_assets": frame["opening_assets"].where(lost, 0),
        }
    )
    for employee, home in HOMES.items():
        mine = line(report, "All clients", "unit", home, employee)
        for code, values in expected.items():
            assert mine[code] == pytest.approx(values[frame["owner_id"] == employee].sum(), rel=1e-12)
    total = line(report, "All clients", "total")
    assert [total[code] for code in expected] == pytest.approx(expected.sum().tolist(), rel=1e-12)


@settings(max_examples=draws(15))
@given(lives.filter(bool), st.randoms(use_true_random=False))
def test_the_order_of_rows_makes_no_difference(lives, chance):
    rows = clients_of(lives)
    before = reports_of(appraised(rows), "manager-lost-clients")["manager-lost-clients"]
    chance.shuffle(rows)
    after = reports_of(appraised(rows), "manager-lost-clients")["manager-lost-clients"]
    pd.testing.assert_frame_equal(before.rows, after.rows, check_exact=True)


SAME_FIGURES = (  # report, block, measure, indicator, part of it
    ("profiles", "Completeness of profiles", "filled", "profile_completeness", "numerator"),
    ("profiles", "Completeness of profiles", "required", "profile_completeness", "denominator"),
    ("profiles", "Completeness of profiles", "complete", "profile_completion_rate", "numerator"),
    ("profiles", "Completeness of profiles", "completion", "profile_completion_rate", "actual"),
    ("profiles", "Completeness of prospect profiles", "filled", "prospect_profile_completeness", "numerator"),
    ("lost-clients", "All clients", "new", "new_clients", "numerator"),
    ("lost-clients", "All clients", "lost", "churn_rate", "numerator"),
    ("lost-clients", "All clients", "lost", "lost_clients", "numerator"),
    ("lost-clients", "All clients", "base", "churn_rate", "denominator"),
    ("lost-clients", "All clients", "churn_rate", "churn_rate", "actual"),
    ("lost-clients", "All clients", "won_back", "win_back_rate", "numerator"),
    ("lost-clients", "All clients", "lost_assets", "lost_assets", "numerator"),
    ("routine-work", "All tasks", "done", "task_completion_rate", "numerator"),
    ("routine-work", "All tasks", "due", "task_completion_rate", "denominator"),
    ("routine-work", "All tasks", "on_time", "task_on_time_rate", "numerator"),
    ("routine-work", "Task kind: call (service call)", "finished", "calls", "numerator"),
    ("routine-work", "Task kind: visit", "finished", "visits", "numerator"),
    ("routine-work", "Task kind: log (work log)", "on_time", "work_log_rate", "numerator"),
)


@pytest.mark.parametrize(("report", "block", "measure", "indicator", "part"), SAME_FIGURES)
def test_figures_are_those_of_the_indicators(crm, crm_outputs, report, block, measure, indicator, part):
    """A branch has the figure of Unit detail, an employee that of Detail; the company lacks only what is nobody's."""
    found = reports_of(crm, report, f"manager-{report}")
    units, people = crm_outputs["unit_detail"], crm_outputs["detail"]
    units = units[(units["indicator"] == indicator) & (units["level"] == "department")].set_index("unit")[part]
    shown = found[report].rows[found[report].rows["block"] == block]
    branches = shown[(shown["line"] == "unit") & shown["department"].isin(["101", "102", "103"])]
    assert len(branches) == 3
    np.testing.assert_allclose(branches[measure], units[branches["department"]], rtol=1e-12)
    upper = shown[(shown["line"] == "subtotal") & (shown["department"] == "000")]
    np.testing.assert_allclose(upper[measure], units[["000"]], rtol=1e-12)

    people = people[people["indicator"] == indicator].set_index("employee_id")[part].dropna()
    shown = found[f"manager-{report}"].rows
    mine = shown[(shown["block"] == block) & (shown["line"] == "unit")].set_index("employee_id")[measure]
    assert len(people) > 10
    np.testing.assert_allclose(mine.reindex(people.index).fillna(0), people, rtol=1e-12)


CHURN = """
[[indicators]]
code = "churn_rate"
name = "流失率"
name_en = "Churn"
dimension = "work"
weight = 0
direction = "lower"
source = "clients"
measure = "share"
where = "opened_date <= period end and (lost_date is empty or lost_date >= period start)"
hit = "lost_date in period"
owner_at = "lost_date"
target = 0.1
rule = "proportional"
parameters = "cap = 100%; floor = 0%"
"""


def test_a_loss_counts_for_who_owned_the_client_on_the_day_that_counts():
    lost = [("E3", "2026-01-01", "2026-10-10", None, 1, None)]
    appraisal = appraised(clients_of(lost), more=MORE + CHURN)
    spells = [{"client_id": "K0", "employee_id": "E1", "start": "2026-01-01", "end": "2026-10-15"}]
    tables = {**appraisal.tables, "client_owners": table_of("client_owners", spells)}
    dated = replace(appraisal, tables=owner_columns(tables, appraisal.scheme.indicators, appraisal.when))
    report = reports_of(dated, "manager-lost-clients")["manager-lost-clients"]
    before, after = (line(report, "All clients", "unit", HOMES[each], each) for each in ("E1", "E3"))
    assert (before["lost"], before["base"], before["opening"]) == (1, 1, 0)
    assert (after["lost"], after["base"], after["opening"]) == (0, 0, 1)


def test_owners_of_nobody_stand_by_themselves(crm):
    report = reports_of(crm, "profiles")["profiles"]
    nobody = line(report, "Completeness of profiles", "nobody")
    assert nobody["clients"] == 5
    assert nobody["department_name"] == "Belongs to nobody"
    assert "602 belong to somebody, 5 to nobody" in report.check


# Who may see what ----------------------------------------------------------------------------------------------------


def seen_by(crm, role, person):
    return fill_reports(crm, "en", role=role, scope=scope_of(role, person, crm.people.frame, crm.people.ancestors))


def test_company_management_gets_the_reports_on_departments(crm):
    found, problems = seen_by(crm, "company", "")
    assert [each.code for each in found] == ["profiles", "lost-clients", "routine-work", "prospects"]
    assert {each.code for each in problems} == {"report-left-out"}
    everything, _ = fill_reports(crm, "en", ["profiles"])
    pd.testing.assert_frame_equal(found[0].rows, everything[0].rows)


@pytest.mark.slow
def test_branch_management_sees_its_branch_and_totals_of_it_alone(crm):
    head = crm.people.frame.query("department == '101' and group == 'branch_head'")["employee_id"].item()
    found, problems = seen_by(crm, "branch", head)
    assert len(found) == len(REPORTS)
    assert not problems
    whole = reports_of(crm)
    for report in found:
        assert set(report.rows["department"]) <= {"101", ""}
        assert "nobody" not in set(report.rows["line"])
        first = report.rows["block"].iloc[0]
        total, measure = line(report, first, "total"), report.measures[0].code
        kind = "unit" if report.level == "department" else "subtotal"
        assert total[measure] == line(whole[report.code], first, kind, "101")[measure]


def test_an_employee_sees_the_own_line_only(crm):
    person = crm.people.frame.query("department == '101' and group == 'client_manager'")["employee_id"].iloc[0]
    found, _ = seen_by(crm, "employee", person)
    managers = ["manager-profiles", "manager-lost-clients", "manager-routine-work", "manager-prospects"]
    assert [each.code for each in found] == managers
    names = set(crm.people.frame["name"])
    for report in found:
        assert set(report.rows["employee_id"]) == {person, ""}
        assert len(set(report.rows["name"]) & names) == 1
        first = report.rows["block"].iloc[0]
        assert (
            line(report, first, "total")[report.measures[0].code]
            == (line(report, first, "unit", "101", person)[report.measures[0].code])
        )


def test_departments_may_be_chosen_by_code_or_name(crm):
    by_code, by_name = (fill_reports(crm, "en", ["profiles"], [word])[0][0] for word in ("102", "Old Town branch"))
    pd.testing.assert_frame_equal(by_code.rows, by_name.rows)
    assert set(by_code.rows["department"]) == {"102", ""}
    _, problems = fill_reports(crm, "en", ["profiles"], ["Old Twon branch"])
    assert [each.code for each in problems] == ["department-unknown"]
    assert "Old Town branch" in problems[0].expected("en")


def test_what_cannot_be_filled_is_left_out_with_its_reason():
    found, problems = fill_reports(appraised(more=""), "en")
    assert found == []
    assert {each.code for each in problems} == {"report-left-out"}
    assert len(problems) == len(REPORTS)


def test_a_report_that_does_not_exist_is_named(crm):
    found, problems = fill_reports(crm, "en", ["gains"])
    assert (found, [each.code for each in problems]) == ([], ["report-unknown"])


def test_reports_are_found_by_code_title_and_number():
    for number, each in enumerate(REPORTS.values(), start=1):
        assert {find_report(word).code for word in (each.code, *each.title, str(number))} == {each.code}
    assert find_report("9") is None


# The task guide ------------------------------------------------------------------------------------------------------


def test_the_guide_tells_which_tasks_feed_which_indicator(crm):
    found = links(crm.scheme, crm.tables, "en")
    fed = {code: rows["task_kind"].tolist() for code, rows in found.groupby("indicator")}
    assert fed["prospect_followup_on_time"][0].startswith("contact (")
    assert [each.split(" (")[0] for each in fed["prospect_followup_on_time"]] == ["contact", "follow_up"]
    assert fed["task_completion_rate"] == ["every kind"]
    assert fed["calls"] == ["call (service call)"]
    assert found.set_index("indicator").loc["calls", "part"] == "count"
    assert found.set_index("indicator").loc["work_log_rate", "part"].startswith("denominator")


def test_the_guide_says_the_rules_in_words():
    appraisal = appraised(more=MORE + RULES)
    (rule,) = rules(appraisal.scheme, appraisal.tables, "en").to_dict("records")
    assert rule["who"] == 'each client; "Client status" is existing; a sample of 10%'
    assert rule["due"] == '"Trigger" + 3 workdays'
    assert rule["feeds"] == "On-time rate"
    assert rule["task_kind"] == "callback (Call-back after opening)"
    assert [each.code for each in guide_forms(appraisal, "zh")] == ["task-guide", "task-rules"]
    assert [each.code for each in guide_forms(appraised(), "zh")] == ["task-guide"]


kinds_of_test = st.sampled_from(
    [
        'task_kind = "call"',
        'task_kind <> "call"',
        'task_kind in ("call", "visit")',
        'task_kind not in ("log", "visit")',
        "status = done",
        "due_date in period",
    ]
)
conditions = st.recursive(
    kinds_of_test,
    lambda inner: st.one_of(
        inner.map(lambda each: f"not ({each})"),
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda each: f"({each[0]}) {each[1]} ({each[2]})"),
    ),
    max_leaves=5,
)
EVERY_TASK = table_of(
    "tasks",
    [
        {"task_id": f"{kind}{status}{due}", "task_kind": kind, "status": status, "due_date": due}
        for kind in ("call", "visit", "log")
        for status in ("done", "open")
        for due in ("2026-10-10", "2026-09-10")
    ],
).frame


@given(conditions)
def test_a_kind_of_which_a_task_can_meet_a_condition_feeds_it(crm_when, text):
    import narwhals as nw

    condition = read(text, Scope.of_sheet("tasks"))
    met = nw.from_native(EVERY_TASK).filter(rows_meeting(condition, crm_when)).to_native()["task_kind"]
    for kind in ("call", "visit", "log"):
        assert may_be_of(condition, kind) or kind not in set(met)


@pytest.mark.parametrize(("kind", "expected"), [("call", True), ("visit", False), ("log", False)])
def test_a_kind_that_is_shut_out_does_not_feed(kind, expected):
    condition = read('not (task_kind in ("visit", "log")) and done_date in period', Scope.of_sheet("tasks"))
    assert may_be_of(condition, kind) == expected


@pytest.fixture(scope="module")
def crm_when(crm):
    return crm.when


# On paper ------------------------------------------------------------------------------------------------------------


def workbook_of(appraisal, lang):
    found, _ = fill_reports(appraisal, lang)
    file = io.BytesIO()
    draw_reports(found, guide_forms(appraisal, lang), lang).save(file)
    return found, load_workbook(io.BytesIO(file.getvalue()))


def test_the_workbook_is_ready_to_print_and_holds_the_figures(crm):
    found, workbook = workbook_of(crm, "en")
    assert workbook.sheetnames[0] == "Charts"
    charts = workbook["Charts"]
    assert len(charts._charts) == 7
    # three rows of two charts on the first page, 13 rows of cells each below the three of the title: 3 + 39 = 42
    assert [each.id for each in charts.row_breaks.brk] == [42]
    assert sum(charts.row_dimensions[row].height for row in range(1, 43)) * charts.page_setup.scale / 100 <= 494
    for report in found:
        ws = workbook[report.title]
        assert (ws.page_setup.orientation, ws.page_setup.paperSize) == ("landscape", 9)
        assert ws.print_title_rows
        assert "&P" in ws.oddFooter.center.text
        written = [cell.value for row in ws.iter_rows(min_row=4) for cell in row if isinstance(cell.value, int | float)]
        figures = report.rows[[each.code for each in report.measures]].to_numpy().ravel()
        assert written == pytest.approx(figures[~np.isnan(figures)].tolist())


@pytest.mark.slow
def test_sheets_are_in_one_language(crm):
    _, workbook = workbook_of(crm, "en")
    texts = [cell.value for ws in workbook for row in ws.iter_rows() for cell in row if isinstance(cell.value, str)]
    assert not [text for text in texts if CHINESE.search(text)]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_text_never_becomes_a_formula(lang):
    clients = [
        {"client_id": "K1", "owner_id": "E1", "opened_date": "2026-01-01", "lost_date": "2026-10-02",
         "lost_reason": "=1+1"},
    ]  # fmt: skip
    people = [{"employee_id": "E1", "name": "=2+2", "department": "@N"}]
    tables = small.tables(people, clients=clients, tasks=[small.task(1, "E1") | {"task_kind": "+call"}])
    _, workbook = workbook_of(appraise(tables, scheme(), "2026-10"), lang)
    cells = [cell for ws in workbook for row in ws.iter_rows() for cell in row if cell.value is not None]
    assert {"=2+2", "@N"} <= {cell.value for cell in cells}
    assert not [cell for cell in cells if cell.data_type == "f"]


# The command ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def book(sample_path):
    return sample_path("securities-crm", "en")


@pytest.fixture
def read_before(book, monkeypatch):
    """Read and appraise the workbook once for several calls."""
    monkeypatch.setattr(reporting, "appraised", lambda *options: appraised_book(book))


@cache
def appraised_book(path):
    return appraised_once(store_of(path), None, None, no_step)


appraised_once = reporting.appraised


def run(*words):
    return CliRunner().invoke(app, ["reports", *map(str, words)])


def test_the_command_writes_the_reports_asked_for(book, read_before, tmp_path):
    target = tmp_path / "out.xlsx"
    done = run(
        book, "-o", target, "--report", "lost-clients", "--report", "task-guide", "--department", "101", "--json"
    )
    assert done.exit_code == 0, done.output
    told = json.loads(done.output)
    assert [each["report"] for each in told["reports"]] == ["lost-clients"]
    assert told["guide"] == ["task-guide"] or told["guide"] == ["task-guide", "task-rules"]
    assert {each["department"] for each in told["reports"][0]["rows"]} == {"101", ""}
    assert load_workbook(target).sheetnames[:2] == ["Charts", "Lost clients"]


def test_the_command_keeps_to_a_role(book, read_before, tmp_path):
    done = run(book, "-o", tmp_path / "mine.xlsx", "--role", "employee", "--person", "01973", "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.output)
    assert [each["report"] for each in told["reports"]] == [code for code in REPORTS if code.startswith("manager")]
    assert {row["employee_id"] for each in told["reports"] for row in each["rows"]} == {"01973", ""}


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--department", "Mars"), "department-unknown"),
        (("--role", "boss"), "role-unknown"),
        (("--role", "branch"), "role-without-person"),
        (("--role", "employee", "--person", "nobody"), "person-unknown"),
    ],
)
def test_a_wrong_word_writes_nothing(book, read_before, tmp_path, words, code):
    target = tmp_path / "out.xlsx"
    done = run(book, "-o", target, *words, "--json")
    assert done.exit_code == 1
    assert [each["code"] for each in json.loads(done.output)["problems"]] == [code]
    assert not target.exists()


def test_the_workbook_itself_is_not_overwritten(book):
    before = book.read_bytes()
    done = run(book, "-o", book, "--json")
    assert done.exit_code == 1
    assert book.read_bytes() == before
