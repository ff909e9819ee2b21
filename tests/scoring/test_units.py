"""Teams, departments and the company: sums of their people's facts, and their own scores."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from effort import draws
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.small import scheme, tables
from xlperf.reporting.dashboards import figure_rows
from xlperf.reporting.output_tables import outputs
from xlperf.scoring.matrices import Points
from xlperf.scoring.pipeline import appraise
from xlperf.scoring.points import targets_met
from xlperf.scoring.units import Units, targets_of_units

LEVELS = 'direction = "higher"\nsource = "tasks"'
ALL = {LEVELS: 'levels = "employee, team, department, company"\n' + LEVELS}
PROFIT = {
    '[[grades]]\ncode = "A"': """[[indicators]]
code = "margin"
name = "利润率"
name_en = "Profit margin"
dimension = "work"
weight = 30
levels = "department, company"
unit = "%"
direction = "higher"
source = "finance"
measure = "given"
target = 0.2
rule = "proportional"
parameters = "cap = 100%; floor = 0%"

[[grades]]
code = "A\"""",
}
DEPARTMENTS = [
    {"department": "HQ", "department_name": "Head office"},
    {"department": "N", "department_name": "North", "parent": "HQ"},
    {"department": "N1", "department_name": "North one", "parent": "N"},
    {"department": "S", "department_name": "South", "parent": "HQ"},
]
PEOPLE = [
    {"employee_id": "E1", "department": "N", "team": "T1"},
    {"employee_id": "E2", "department": "N1", "team": "T1"},
    {"employee_id": "E3", "department": "S", "team": "T2"},
]


def tasks_of(counts):
    """(done in time, late) of each person."""
    return [
        {"task_id": f"{who}-{n}", "owner_id": who, "due_date": "2026-10-10", "status": "done",
         "done_date": "2026-10-09" if n < good else "2026-10-20"}
        for who, (good, late) in counts.items() for n in range(good + late)
    ]  # fmt: skip


def appraised(counts, more=None, **tables_given):
    given_tables = tables(PEOPLE, tasks=tasks_of(counts), departments=DEPARTMENTS, **tables_given)
    found = appraise(given_tables, scheme(ALL | (more or {}), total_method="weighted"), "2026-10")
    assert found.done, [each.found("en") for each in found.problems if each.level == "error"]
    return {each.level: each for each in found.of_units}, found


def value(level, unit, code, what="actual"):
    row = level.units.frame["unit"].tolist().index(unit)
    return getattr(level.facts, what)[row, level.facts.column(code)]


def test_the_ratio_of_a_unit_is_not_the_mean_of_ratios():
    """North holds North one: 1 of 10 and 9 of 10 make 10 of 20; E1 alone has 10 %, E2 90 %."""
    levels, _ = appraised({"E1": (1, 9), "E2": (9, 1), "E3": (5, 0)})
    north = levels["department"]
    assert value(north, "N", "on_time") == pytest.approx(10 / 20)
    assert value(north, "N1", "on_time") == pytest.approx(9 / 10)
    assert value(north, "HQ", "on_time") == pytest.approx(15 / 25)
    assert value(levels["company"], "company", "on_time") == pytest.approx(15 / 25)
    assert value(levels["team"], "T1", "on_time") == pytest.approx(10 / 20)


def test_the_target_of_a_count_is_what_its_peoples_targets_add_up_to():
    levels, found = appraised({"E1": (1, 9), "E2": (9, 1), "E3": (5, 0)})
    department = levels["department"]
    at = department.units.frame["unit"].tolist().index("N")
    k = department.facts.column("done")
    assert department.points.targets[at, k] == 8  # two people, 4 tasks each
    assert department.points.targets[at, department.facts.column("on_time")] == 0.8
    company = levels["company"]
    assert company.mean_total[0] == pytest.approx(np.mean(found.ranking.total))


@pytest.mark.parametrize(
    ("direction", "target", "expected"),
    [("higher", 4.0, 8.0), ("range", 4.0, 8.0), ("lower", 4.0, 4.0), ("higher", np.nan, np.nan)],
)
def test_limits_do_not_add_up_and_nothing_adds_up_to_nothing(direction, target, expected):
    """Four late tasks each are no licence for eight; people without a target do not give their unit a 0 to meet."""
    done = replace(next(each for each in scheme().indicators if each.code == "done"), direction=direction)
    unit = Units(pd.DataFrame({"unit": ["N"]}), np.ones((1, 2), bool), [], np.zeros((1, 0)), np.zeros((1, 0)))
    targets, none = np.full((2, 1), target), scheme().table("targets").frame
    found = targets_of_units(targets, np.ones((2, 1), bool), np.array([[target]]), none, unit, [done])
    np.testing.assert_equal(found, [[expected]])


VETO = {"rule": "veto", "parameters": {"effect": "zero_total"}}


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ({"measure": "given", "unit": "clients"}, 8.0),  # typed, but things that are counted: two people, 4 each
        ({"measure": "given", "unit": "points"}, 4.0),  # a mark is none
        ({"measure": "mean", "unit": "clients"}, 4.0),  # nor is a mean
        ({"measure": "sum", "unit": "yuan"}, 8.0),
        ({"measure": "count", "unit": "clients", **VETO}, 4.0),
    ],
)
def test_targets_add_up_by_what_the_indicator_counts(how, expected):
    done = replace(next(each for each in scheme().indicators if each.code == "done"), direction="higher", **how)
    unit = Units(pd.DataFrame({"unit": ["N"]}), np.ones((1, 2), bool), [], np.zeros((1, 0)), np.zeros((1, 0)))
    targets, none = np.full((2, 1), 4.0), scheme().table("targets").frame
    found = targets_of_units(targets, np.ones((2, 1), bool), np.array([[4.0]]), none, unit, [done])
    np.testing.assert_equal(found, [[expected]])


def test_a_count_that_a_unit_is_to_reach_is_shown_whole():
    """4 tasks for the whole month and 4 × 15 ÷ 31 = 1.94 for half of it are 5.94 together: 6 are shown and met by 6."""
    people = [PEOPLE[0], {"employee_id": "E2", "department": "N", "hire_date": "2026-10-17"}]
    given = tables(people, tasks=tasks_of({"E1": (4, 0), "E2": (2, 0)}), departments=DEPARTMENTS)
    found = appraise(given, scheme(ALL))
    rows = figure_rows(found, "en")
    mine = rows[(rows["level"] == "department") & (rows["unit"] == "N") & (rows["indicator"] == "done")].iloc[0]
    exact = next(each for each in found.of_units if each.level == "department")
    k, at = exact.facts.column("done"), exact.units.frame["unit"].tolist().index("N")
    assert exact.points.targets[at, k] == pytest.approx(4 + 4 * 15 / 31)
    assert (mine["actual"], mine["target"], mine["met"]) == (6, 6, "✓")


@pytest.mark.parametrize(("direction", "expected"), [("higher", np.nan), ("lower", 1.0)])
def test_a_target_of_nothing_is_not_met_by_anything(direction, expected):
    """Whoever is to win at least 0 clients has reached nothing; no late task at most is something to keep."""
    done = replace(next(each for each in scheme().indicators if each.code == "done"), direction=direction)
    points = Points(np.array([[100.0]]), np.array([[0.0]]), np.array([100.0]), *np.zeros((2, 1, 1), bool))
    met = targets_met(points, np.array([[0.0]]), np.ones((1, 1), bool), [done])
    np.testing.assert_equal(met, [[expected]])


def test_a_unit_may_report_a_figure_of_its_own():
    rows = [
        {"period": "2026-10", "employee_id": "N", "indicator": "margin", "numerator": 30.0, "denominator": 200.0},
        {"period": "2026-10", "employee_id": "S", "indicator": "margin", "numerator": 20.0, "denominator": 50.0},
        {"period": "2026-10", "employee_id": "公司", "indicator": "margin", "numerator": 52.0, "denominator": 260.0},
    ]
    levels, found = appraised({"E1": (1, 1), "E2": (1, 1), "E3": (1, 1)}, PROFIT, actuals=rows)
    department, company = levels["department"], levels["company"]
    assert value(department, "N", "margin") == pytest.approx(0.15)
    at = department.units.frame["unit"].tolist().index("N")
    assert department.points.points[at, department.facts.column("margin")] == pytest.approx(75)
    assert value(company, "company", "margin") == pytest.approx(0.2)
    assert value(department, "HQ", "margin") == pytest.approx((30 + 20) / (200 + 50))  # of the departments below it
    without = [row for row in rows if row["employee_id"] != "公司"]
    levels, _ = appraised({"E1": (1, 1), "E2": (1, 1), "E3": (1, 1)}, PROFIT, actuals=without)
    assert value(levels["company"], "company", "margin") == pytest.approx(50 / 250)
    assert not [each for each in found.problems if "not-on-roster" in each.code]
    assert "margin" not in [each.code for each in found.indicators]


@settings(max_examples=draws(25))
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=3, max_size=3))
def test_units_add_up(counts):
    """The company's sums are those of the departments at the top, which are those of the people."""
    levels, _found = appraised(dict(zip(("E1", "E2", "E3"), counts, strict=True)))
    total = sum(good + late for good, late in counts)
    assert value(levels["company"], "company", "done") == value(levels["department"], "HQ", "done") == total
    if total:
        assert value(levels["company"], "company", "on_time", "denominator") == total
        assert value(levels["company"], "company", "on_time", "numerator") == sum(good for good, _ in counts)
    else:
        assert np.isnan(value(levels["company"], "company", "on_time"))


def test_units_are_placed_within_their_level_and_shown():
    _, found = appraised({"E1": (1, 9), "E2": (2, 8), "E3": (5, 0)})
    sheets = outputs(found, "zh")
    rows = sheets["units"].query("level == 'department'")
    assert rows["place"].tolist() == sorted(rows["place"])
    assert rows.iloc[0]["unit"] == "S"
    assert sheets["units"].query("level == 'company'")["unit_name"].tolist() == ["公司"]
    assert len(sheets["unit_detail"]) == 2 * (2 + 4 + 1)


def test_a_code_cannot_be_a_unit_and_a_person():
    departments = [*DEPARTMENTS, {"department": "E1"}]
    given_tables = tables([*PEOPLE, {"employee_id": "E4", "department": "E1"}], departments=departments)
    found = appraise(given_tables, scheme(ALL), "2026-10")
    assert "unit-like-person" in {each.code for each in found.problems}
    assert not found.done


def test_a_unit_is_not_scored_on_indicators_of_positions_that_nobody_in_it_holds():
    """South has no desk: its tasks done are not zero of a target, they are not its business."""
    tact = (
        PROFIT['[[grades]]\ncode = "A"']
        .replace('"margin"', '"tact"')
        .replace("利润率", "分寸")
        .replace("Profit margin", "Tact")
    )
    tact = tact.replace('levels = "department, company"', 'group = "field"')
    desk = ALL | {'code = "done"': 'group = "desk"\ncode = "done"', '[[grades]]\ncode = "A"': tact}
    staff = [{**each, "group": "desk" if each["department"] != "S" else "field"} for each in PEOPLE]
    done = tasks_of({"E1": (1, 1), "E2": (1, 1), "E3": (1, 0)})
    given_tables = tables(staff, tasks=done, departments=DEPARTMENTS, actuals=[])
    found = appraise(given_tables, scheme(desk, if_missing="redistribute"), "2026-10")
    (department,) = [each for each in found.of_units if each.level == "department"]
    at = department.units.frame["unit"].tolist().index("S")
    assert department.applies[at].tolist() == [True, False]
    assert department.totals.total[at] == 100
    assert outputs(found, "en")["unit_detail"].query("unit == 'S'")["indicator"].tolist() == ["on_time"]
