"""Figures that were read but cannot be meant: told at their own cells."""

from dataclasses import replace

import pandas as pd
import pytest
from sample_books import run_of
from small import scheme, tables, task

from xlperf.core.problems import LANGUAGES
from xlperf.policy.schemes import load
from xlperf.samples import sample, sample_period
from xlperf.schema import SHEETS
from xlperf.schema.coercion import read_table
from xlperf.schema.tables import table_of
from xlperf.scoring.pipeline import appraise


def reported(found, code):
    return [(each.level, each.sheet, each.cells) for each in found.problems if each.code == code]


def test_the_others_are_those_who_are_in_line():
    """Of 50, 70, 80, 90, 100 and 130 the median is 85; the 11,000 that is doubted is not among them."""
    found = reports([11000, 90, 80, 130, 50, 100, 70], target=100)
    (problem,) = [each for each in found.problems if each.code == "figure-out-of-line"]
    assert problem.details["usual"] == 85


@pytest.mark.parametrize(("due", "cells"), [("2062-10-10", ["C2"]), ("1826-10-10", ["C2"]), ("2027-10-10", [])])
def test_a_year_that_was_mistyped_is_told_at_the_date_itself(due, cells):
    found = appraise(tables(tasks=[task(1, "E1", due=due)]), scheme(), "2026-10")
    assert [each for _, _, each in reported(found, "date-implausible")] == cells


def test_dates_that_lie_far_off_by_nature_are_not_doubted():
    client = {"client_id": "K1", "owner_id": "E1", "birthday": "1931-05-01", "id_expiry_date": "2045-01-01"}
    found = appraise(tables(clients=[client]), scheme(), "2026-10")
    assert reported(found, "date-implausible") == []


@pytest.mark.parametrize(
    ("sheet", "column"),
    [
        ("ratings", "score"),
        ("ratings", "scale"),
        ("checks", "deduction"),
        ("checks", "faults"),
        ("adjustments", "points"),
    ],
)
def test_a_percentage_is_no_rating_and_no_number_of_points(sheet, column):
    _, problems = read_table(SHEETS[sheet], {column: ["100%", "4"]}, [2, 3], {column: "F"}, sheet)
    assert [(each.code, each.cells) for each in problems] == [("percent-not-plain", "F2")]


def test_a_percentage_among_reported_figures_is_read():
    table, problems = read_table(SHEETS["actuals"], {"actual": ["95%"]}, [2], {"actual": "F"}, "Actuals")
    assert table["actual"].tolist() == [0.95]
    assert {each.level for each in problems} == {"note"}


@pytest.mark.parametrize("words", ["not applicable", "Not Applicable", "不适用", "N/A"])
def test_the_words_that_a_remedy_asks_for_are_understood(words):
    table, problems = read_table(SHEETS["ratings"], {"score": [words]}, [2], {"score": "F"}, "Ratings")
    assert problems == []
    assert table.not_applicable["score"].tolist() == [True]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_gap_is_told_on_the_sheet_as_the_workbook_calls_it(lang):
    ratings = table_of("ratings", [], lang)
    found = appraise({**tables(ratings=[]), "ratings": ratings}, scheme(), "2026-10")
    assert {sheet for _, sheet, _ in reported(found, "missing-figures")} == {SHEETS["ratings"].title(lang)}


def checked(**row):
    """Appraise the sample of the customer-service team with one check changed; its item has five full points."""
    team = load("service-team")
    period = sample_period(team)
    given = sample("service-team", period, "en")
    checks = given["checks"]
    at = int(checks["indicator"].first_valid_index())
    item = team.indicators[[each.code for each in team.indicators].index(checks["indicator"][at])]
    frame = checks.frame.copy()
    for column, value in row.items():
        frame.loc[at, column] = value
    found = appraise(given | {"checks": checks.with_frame(frame)}, team, period.code)
    return found, at, item.weight


@pytest.mark.parametrize(
    ("row", "level", "code", "column"),
    [
        ({"deduction": 200.0}, "warning", "deduction-above-full", "deduction"),
        ({"deduction": -2.0}, "error", "deduction-below-zero", "deduction"),
        ({"deduction": None}, "warning", "deduction-blank", "deduction"),
        ({"date": pd.Timestamp("2026-03-04")}, "warning", "check-outside-period", "date"),
    ],
)
def test_a_slip_among_the_deductions_is_told_at_its_cell_on_the_first_pass(row, level, code, column):
    found, at, full = checked(**row)
    cells = found.table("checks").cells(column, [at])
    assert reported(found, code) == [(level, found.table("checks").title, cells)]
    if code == "deduction-above-full":
        (problem,) = [each for each in found.problems if each.code == code]
        assert (problem.details["cell"], problem.details["full"]) == (200, full)


def test_the_full_points_of_an_item_may_be_deducted_at_once():
    found, _, full = checked()
    assert reported(found, "deduction-above-full") == []
    again, _, _ = checked(deduction=full)
    assert reported(again, "deduction-above-full") == []


def test_a_blank_among_the_declared_choices_is_no_choice():
    rows = [{"column": "status", "value": "done"}, {"column": "status", "value": None}]
    policy = scheme()
    policy = replace(policy, tables={**policy.tables, "choices": table_of("choices", rows)})
    found = appraise(tables(tasks=[task(1, "E1", status="open")]), policy, "2026-10")
    assert [cells for _, _, cells in reported(found, "near-value")] == ["E2"]


SOLD = 'source = "tasks"\nmeasure = "count"\nwhere = "done_date in period"\ntarget = 4'
OCTOBER_SALES = (52.0, 47.0, 60.0, 38.0, 55.0)


def reports(figures, *, target=50, rule='"cap = 100%; floor = 0%"', earlier=(), **actuals):
    """Appraise people with typed figures against a target."""
    stated = f'source = "finance"\nmeasure = "given"\ntarget = {target}'
    rows = [
        {"period": period, "employee_id": f"E{i}", "indicator": "done", "actual": figure}
        for period, values in (("2026-10", figures), ("2026-09", earlier))
        for i, figure in enumerate(values, start=1)
    ]
    policy = scheme({SOLD: stated, '"cap = 100%; floor = 0%"': rule}, if_missing="redistribute")
    people = tuple(f"E{i}" for i in range(1, len(figures) + 1))
    return appraise(tables(people, actuals=rows, **actuals), policy, "2026-10")


def quotients(numerators, denominators):
    """Appraise people with a numerator and a denominator each, held against no target."""
    rows = [
        {"period": "2026-10", "employee_id": f"E{i}", "indicator": "done", "numerator": top, "denominator": bottom}
        for i, (top, bottom) in enumerate(zip(numerators, denominators, strict=True), start=1)
    ]
    stated = 'source = "finance"\nmeasure = "given"'
    rule = {'rule = "proportional"': 'rule = "range_scale"', '"cap = 100%; floor = 0%"': '"worst = 0%; best = 100%"'}
    policy = scheme({SOLD: stated, **rule}, if_missing="redistribute")
    return appraise(tables(tuple(f"E{i}" for i in range(1, len(rows) + 1)), actuals=rows), policy, "2026-10")


@pytest.mark.parametrize("times", [0.001, 0.01, 0.1, 10, 100, 1000])
def test_a_figure_in_another_unit_than_the_others_is_told_at_its_cell(times):
    one, *others = OCTOBER_SALES
    found = reports([one * times, *others])
    assert reported(found, "figure-out-of-line") == [("warning", "Actuals", "D2")]
    assert found.done


def test_several_slips_do_not_hide_each_other():
    slipped = [each * 100 if i in (0, 2, 3) else each for i, each in enumerate([*OCTOBER_SALES, *OCTOBER_SALES])]
    found = reports(slipped)
    assert [cells for *_, cells in reported(found, "figure-out-of-line")] == ["D2, D4:D5 (3)"]


@pytest.mark.parametrize("times", [0.1, 10, 100])
def test_of_three_who_are_alike_but_for_one_that_one_is_told(times):
    one, *others = OCTOBER_SALES[:3]
    assert reported(reports([one * times, *others]), "figure-out-of-line") == [("warning", "Actuals", "D2")]
    assert reported(reports([3.0, 9.0, 90.0]), "figure-out-of-line") == []  # 3 and 9 do not tell what is usual


@pytest.mark.parametrize("times", [0.1, 10])
def test_a_denominator_in_another_unit_than_the_others_is_told_at_its_own_cell(times):
    """Shares from 15 % to 75 % differ so much that 9 ÷ 200 is not out of line among them; 200 among 20s is."""
    hits = [9, 3, 15, 6, 12, 4]
    asked = [20 * times, 20, 20, 20, 20, 20]
    assert reported(quotients(hits, asked), "figure-out-of-line") == [("warning", "Actuals", "E2")]


def test_a_part_that_is_more_than_its_whole_is_told_where_the_others_are_parts():
    """Promoters of 20 asked: 8 of 20 is a net score of 40 %, 80 of 20 would be 400 %, and nobody is out of line by it."""
    asked = [20, 20, 20, 20, 20, 20]
    assert reported(quotients([80, 0, 1, 12, 18, 5], asked), "figure-out-of-line") == [("warning", "Actuals", "D2")]
    assert reported(quotients([8, 0, 1, 12, 18, 5], asked), "figure-out-of-line") == []
    assert reported(quotients([24, 0, 1, 12, 18, 5], asked), "figure-out-of-line") == []


def test_who_has_ten_times_the_cases_and_the_hits_made_no_slip():
    hits, asked = [120, 10, 12, 14, 13, 11], [200, 20, 20, 20, 20, 20]
    assert reported(quotients(hits, asked), "figure-out-of-line") == []


@pytest.mark.parametrize("times", [0.1, 10, 100])
def test_figures_that_are_all_in_another_unit_are_told_by_the_target(times):
    found = reports([each * times for each in OCTOBER_SALES])
    assert [cells for *_, cells in reported(found, "figure-out-of-line")] == ["D2:D6 (5)"]


def test_a_figure_is_compared_with_the_persons_earlier_one():
    found = reports([520.0], target=200, earlier=[52.0])
    assert [cells for *_, cells in reported(found, "figure-out-of-line")] == ["D2"]
    assert reported(reports([520.0], target=200, earlier=[470.0]), "figure-out-of-line") == []


@pytest.mark.parametrize("figures", [OCTOBER_SALES, (52, 20, 110, 0, 47), (3, 8, 21, 55, 140), (50, 50, 50, 50, 25)])
def test_figures_that_only_differ_are_not_doubted(figures):
    assert reported(reports(figures), "figure-out-of-line") == []


@pytest.mark.parametrize(("target", "cells"), [(40_000, ["M3"]), (40, ["M3"]), (12, []), (2, [])])
def test_a_target_that_nobody_comes_near_to_is_told_at_its_cell(target, cells):
    found = appraise(tables(), scheme({"target = 4\n": f"target = {target}\n"}), "2026-10")
    told = reported(found, "target-far-off")
    assert [(level, len(told)) for level, *_ in told] == [("warning", 1)] * len(cells)


def test_a_target_of_one_person_in_another_unit_is_told_at_its_cell():
    goals = [
        {"indicator": "done", "scope": "employee", "scope_id": f"E{i}", "target": t}
        for i, t in enumerate((4, 5, 40, 4, 5), 1)
    ]
    policy = scheme()
    policy = replace(policy, tables={**policy.tables, "targets": table_of("targets", goals)})
    found = appraise(tables(), policy, "2026-10")
    assert [cells for *_, cells in reported(found, "target-out-of-line")] == ["D4"]


@pytest.mark.parametrize("name", ["it-incentives", "regional-accounts", "service-team-year", "crm-department"])
def test_the_figures_that_ship_are_not_doubted(name):
    found = run_of(name)
    doubts = ("figure-out-of-line", "actual-below-zero", "target-far-off", "target-out-of-line")
    assert [each.place for each in found.problems if each.code in doubts] == []


def test_a_loss_falls_to_the_floor_and_is_told():
    found = reports([-50, 0, 20, 50])
    assert found.done
    points = found.points.points[:, [each.code for each in found.indicators].index("done")]
    assert points.tolist() == [0, 0, 40, 100]
    assert reported(found, "actual-below-zero") == [("warning", "Actuals", "D2")]


def test_a_loss_cannot_be_scored_where_nothing_catches_it():
    found = reports([-50, 0, 20, 50], rule='"cap = 100%"')
    assert not found.done
    assert [problem.code for problem in found.problems if problem.level == "error"] == ["cannot-score"]


PEOPLE = [{"employee_id": f"E{i}", "name": f"Name {i}", "manager_id": "E1", "status": "active"} for i in range(1, 6)]


def staffed(column, value, at=2, policy=None, **more):
    """Appraise people of whom one has another value in a column of the Employees sheet."""
    people = [{**each, column: value} if i == at else each for i, each in enumerate(PEOPLE)]
    return appraise(tables([{**each, **more} for each in people]), policy or scheme(), "2026-10")


@pytest.mark.parametrize(("superior", "near"), [("Name 1", "E1"), ("E11", "E1"), ("the chair", "")])
def test_a_superior_who_is_no_employee_id_is_told_at_the_cell(superior, near):
    found = staffed("manager_id", superior)
    assert reported(found, "superior-unknown") == [("warning", "Employees", "C4")]
    (problem,) = [each for each in found.problems if each.code == "superior-unknown"]
    assert near in problem.expected("en")


def test_a_superior_may_be_somebody_who_is_not_appraised_here():
    assert reported(staffed("manager_id", "E9"), "superior-unknown") == []


@pytest.mark.parametrize(("superiors", "cells"), [
    ({"E1": "E1"}, ["C2"]),
    ({"E1": "E2", "E2": "E1", "E3": "E1"}, ["C2", "C3"]),
    ({"E1": "E2", "E2": "E3", "E3": "E1"}, ["C2", "C3", "C4"]),
    ({"E1": None, "E2": "E1", "E3": "E2"}, []),
])  # fmt: skip
def test_a_circle_of_superiors_is_told_at_each_of_them(superiors, cells):
    people = [{**each, "manager_id": superiors.get(each["employee_id"])} for each in PEOPLE]
    found = appraise(tables(people), scheme(), "2026-10")
    assert reported(found, "superior-loop") == [("warning", "Employees", each) for each in cells]


@pytest.mark.parametrize(
    ("leave", "status", "told"),
    [(None, "left", ["left-undated"]), ("2019-01-01", "left", ["dates-reversed"]), ("2026-10-20", "left", [])],
)
def test_a_leave_date_that_lacks_or_lies_before_the_hiring_is_told(leave, status, told):
    people = [{**each, "hire_date": "2020-01-06", "leave_date": leave if each["employee_id"] == "E2" else None,
               "status": status if each["employee_id"] == "E2" else "active"} for each in PEOPLE]  # fmt: skip
    found = appraise(tables(people), scheme(), "2026-10")
    assert [each.code for each in found.problems if each.code in ("left-undated", "dates-reversed")] == told


@pytest.mark.parametrize(
    ("department", "problem"),
    [
        ({"parent": "HQ"}, ("error", "Departments", "B2")),
        ({"head_id": "Name 1"}, ("warning", "Departments", "B2")),
        ({"head_id": "E1"}, None),
    ],
)
def test_a_department_names_another_one_and_an_employee(department, problem):
    found = appraise(tables(PEOPLE, departments=[{"department": "N", **department}]), scheme(), "2026-10")
    told = [*reported(found, "code-unknown"), *reported(found, "superior-unknown")]
    assert told == ([problem] if problem else [])


@pytest.mark.parametrize(("column", "cell"), [("name", "B4"), ("status", "D4")])
def test_a_blank_that_is_taken_for_something_is_told_at_the_cell(column, cell):
    assert reported(staffed(column, None), "blank-counts") == [("warning", "Employees", cell)]
    assert reported(staffed("hire_date", None), "blank-counts") == []


def test_a_blank_gate_is_told_at_the_cell_and_a_no_is_an_answer():
    people = [
        {**each, "induction_passed": answer}
        for each, answer in zip(PEOPLE, ["yes", None, "no", "yes", "yes"], strict=True)
    ]
    found = appraise(tables(people), scheme(gates=("induction_passed",)), "2026-10")
    assert reported(found, "blank-counts") == [("warning", "Employees", "E3")]
    assert found.people.frame["ranked"].tolist() == [True, False, False, True, True]


@pytest.mark.parametrize(
    ("answer", "passed", "told"), [("YES", True, 0), ("是", True, 0), ("no", False, 0), ("ok", False, 1)]
)
def test_a_gate_of_ones_own_is_answered_by_yes_or_no(answer, passed, told):
    found = appraise(tables([{**each, "licence": answer} for each in PEOPLE]), scheme(gates=("licence",)), "2026-10")
    assert [cells for _, _, cells in reported(found, "not-a-choice")] == ["E2:E6 (5)"] * told
    if found.done:
        assert found.people.frame["ranked"].tolist() == [passed] * 5


def test_a_gate_may_be_called_by_its_heading():
    words = '\ngates = ["Induction passed", "入职培训合格"]'
    assert scheme({"outlier = 5": "outlier = 5" + words}).settings.gates == ("onboarding_passed",)


def test_a_sheet_without_statuses_or_names_is_taken_as_it_is():
    bare = [{"employee_id": each["employee_id"]} for each in PEOPLE]
    assert reported(appraise(tables(bare), scheme(), "2026-10"), "blank-counts") == []


@pytest.mark.parametrize(("answer", "told"), [(None, 1), ("no", 1), ("yes", 0)])
def test_a_scheme_in_which_nobody_is_ranked_is_warned_of(answer, told):
    people = [{**each, "induction_passed": answer} for each in PEOPLE]
    found = appraise(tables(people), scheme(gates=("induction_passed",)), "2026-10")
    assert [level for level, *_ in reported(found, "nobody-ranked")] == ["warning"] * told


def test_a_pool_in_which_nobody_is_ranked_is_warned_of():
    people = [
        {**each, "department": "N" if i < 2 else "S", "induction_passed": "no" if i < 2 else "yes"}
        for i, each in enumerate(PEOPLE)
    ]
    policy = scheme(gates=("induction_passed",), pool_by=("department",), small_pool="quota")
    (problem,) = [each for each in appraise(tables(people), policy, "2026-10").problems if each.code == "nobody-ranked"]
    assert (problem.details["pool"].en, problem.details["count"]) == ("N", 2)


def test_a_scheme_that_ranks_no_status_that_anybody_has_is_warned_of():
    found = appraise(tables(PEOPLE), scheme(ranked_status=("intern",)), "2026-10")
    assert [level for level, *_ in reported(found, "nobody-ranked")] == ["warning"]


def test_a_pool_of_people_who_have_left_needs_no_warning():
    people = [
        {**each, "status": "left" if i < 2 else "active", "department": "N" if i < 2 else "S"}
        for i, each in enumerate(PEOPLE)
    ]
    policy = scheme(pool_by=("department",), small_pool="quota")
    assert reported(appraise(tables(people), policy, "2026-10"), "nobody-ranked") == []


@pytest.mark.parametrize(
    ("kind", "points", "indicator", "problem"),
    [
        ("penalty", 3, None, None),
        ("penalty", None, None, ("adjustment-blank", "error", "C2")),
        ("penalty", 200, None, ("adjustment-above-full", "warning", "C2")),
        ("issue_reward", 101, None, ("adjustment-above-full", "warning", "C2")),
        ("zero_item", None, "skill", None),
        ("zero_item", None, "skil", ("code-unknown", "error", "D2")),
        ("zero_item", None, None, ("adjustment-indicator", "error", "D2")),
    ],
)
def test_an_adjustment_that_cannot_be_meant_is_told_at_its_cell(kind, points, indicator, problem):
    row = {"employee_id": "E1", "adjustment_kind": kind, "points": points, "indicator": indicator}
    found = appraise(tables(adjustments=[row]), scheme(), "2026-10")
    told = [(each.code, each.level, each.cells) for each in found.problems if each.sheet == "Adjustments"]
    assert told == ([problem] if problem else [])


def test_a_figure_that_was_not_read_is_not_also_told_as_missing():
    rows = [{"period": "2026-10", "employee_id": f"E{i}", "indicator": "skill", "score": "4"} for i in range(1, 6)]
    rows[1]["score"] = "good"
    columns = {code: [row[code] for row in rows] for code in rows[0]}
    table, problems = read_table(SHEETS["ratings"], columns, range(2, 7), dict(zip(columns, "ABCD", strict=True)), "R")
    found = appraise({**tables(), "ratings": table}, scheme(), "2026-10", found_before=problems)
    assert [each.code for each in found.problems if each.level == "error"] == ["not-number"]


@pytest.mark.parametrize("sheet", ["checks"])
def test_a_sheet_of_deductions_without_rows_is_warned_of(sheet):
    team = load("service-team")
    period = sample_period(team)
    given = sample("service-team", period, "en")
    blank = appraise(given | {sheet: table_of(sheet, [])}, team, period.code)
    assert reported(blank, "no-deductions") == [("warning", "Checks", "")]
    assert blank.done
    assert reported(run_of("service-team"), "no-deductions") == []


@pytest.mark.parametrize("name", ["service-team", "service-team-year"])
def test_the_customer_service_team_ships_without_warnings(name):
    assert [each.found("en") for each in run_of(name).problems if each.level != "note"] == []
