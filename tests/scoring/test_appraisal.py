"""The whole journey: what follows from what, whatever the order of rows, and who stays out."""

import numpy as np
import pandas as pd
import pytest
from effort import draws
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.small import scheme, tables, task
from xlperf.analysis.explain import explain
from xlperf.reporting.output_tables import outputs
from xlperf.schema.tables import table_of
from xlperf.scoring.pipeline import appraise


def results(made, policy=None, period=None):
    appraisal = appraise(made, policy or scheme(), period)
    assert appraisal.done, [problem.found("en") for problem in appraisal.problems]
    return outputs(appraisal, "en")["results"].set_index("employee_id")


def codes(appraisal):
    return {problem.code for problem in appraisal.problems}


def test_a_total_can_be_checked_by_hand():
    """E2 has 4 of 5 tasks on time (80 % of a target of 80 %: 100 points), 5 done (capped at 100) and a rating of 4 of 5.

    40 % × 100 + 30 % × 100 + 30 % × (4 − 1) ÷ (5 − 1) × 100 = 40 + 30 + 22.5 = 92.5. E3 has 3 of 5 on time: 75 points, so
    30 + 30 + 22.5 = 82.5.
    """
    found = results(tables())
    assert found["total"].to_dict() == {"E1": 92.5, "E2": 92.5, "E3": 82.5, "E4": 72.5, "E5": 62.5}
    assert found["place"].to_dict() == {"E1": 1, "E2": 1, "E3": 3, "E4": 4, "E5": 5}
    assert found["grade"].to_dict() == {"E1": "A", "E2": "A", "E3": "B", "E4": "B", "E5": "C"}
    assert found["outcome"].to_dict() == {"E1": "Award", "E2": "Award", "E3": "", "E4": "", "E5": ""}


def test_a_tie_across_a_line_shares_the_better_grade_or_the_worse():
    assert results(tables(), scheme(ties="worse"))["grade"].to_dict()["E1"] == "B"
    appraisal = appraise(tables(), scheme())
    overshoot = next(problem for problem in appraisal.problems if problem.code == "overshoot")
    assert overshoot.found("en") == 'People with the grade "Excellent" in "everybody": 2; the quota is 1.'


def test_a_tie_break_chain_separates_equal_totals():
    early = [
        {"employee_id": each, "hire_date": f"20{10 + n}-01-01"} for n, each in enumerate(["E2", "E1", "E3", "E4", "E5"])
    ]
    chained = results(tables(early), scheme(ties="chain", tie_chain=("work", "hire_date")))
    assert (chained.loc["E2", "grade"], chained.loc["E1", "grade"]) == ("A", "B")


@pytest.mark.parametrize(
    ("rule", "order"),
    [
        (
            'rule = "proportional"\nparameters = "cap = 100%; floor = 0%"',
            ["E3", "E2", "E1"],
        ),  # 7, 6, 5 of 4, all capped
        ('rule = "deduct_per_occurrence"\nparameters = "points_each = 50; floor = 0%"', ["E1", "E2", "E3"]),
    ],
)
def test_a_tie_break_chain_compares_the_figures_where_a_cap_or_a_floor_makes_points_equal(rule, order):
    done = [task(10 * i + n, f"E{i}") for i, count in enumerate((5, 6, 7), 1) for n in range(count)]
    plain = 'target = 4\nrule = "proportional"\nparameters = "cap = 100%; floor = 0%"'
    lower = {'unit = "项"\ndirection = "higher"': 'unit = "项"\ndirection = "lower"'} if "deduct" in rule else {}
    policy = scheme({plain: f"target = 4\n{rule}", **lower}, ties="chain", tie_chain=("done",))
    found = results(tables(("E1", "E2", "E3"), tasks=done), policy)
    assert found["total"].nunique() == 1
    assert found["place"].to_dict() == {who: place for place, who in enumerate(order, 1)}


@pytest.fixture(scope="module")
def in_order():
    return outputs(appraise(tables(), scheme()), "zh")


@settings(max_examples=draws(20))
@given(st.randoms(use_true_random=False))
def test_row_order_never_matters(in_order, random):
    shuffled = {}
    for sheet, table in tables().items():
        order = list(range(len(table)))
        random.shuffle(order)
        shuffled[sheet] = table_of(sheet, table.frame.iloc[order])
    other = outputs(appraise(shuffled, scheme()), "zh")
    for sheet in ("results", "detail", "ranking", "lists"):
        pd.testing.assert_frame_equal(in_order[sheet], other[sheet])


def test_not_applicable_is_not_zero():
    """E5 has no task due: the on-time rate does not apply, and its 40 % goes to the other indicator of the dimension."""
    made = tables(tasks=[task(n, f"E{n % 4 + 1}") for n in range(16)])
    found = results(made)
    detail = outputs(appraise(made, scheme()), "en")["detail"].set_index(["employee_id", "indicator"])
    assert detail.loc[("E5", "on_time"), "fact_status"] == "not_applicable"
    assert np.isnan(detail.loc[("E5", "on_time"), "actual"])
    assert detail.loc[("E5", "done"), "weight"] == pytest.approx(0.7)
    assert found.loc["E5", "total"] == 22.5  # 70 % × 0 tasks + 30 % × 75
    assert found.loc["E5", "measured_weight"] == pytest.approx(0.6)


@pytest.mark.parametrize(("policy", "total"), [("redistribute", 22.5), ("full", 62.5), ("zero", 22.5)])
def test_what_does_not_apply_is_treated_as_the_scheme_says(policy, total):
    """Full marks: 40 % × 100 + 30 % × 0 + 30 % × 75 = 62.5."""
    made = tables(tasks=[task(n, f"E{n % 4 + 1}") for n in range(16)])
    assert results(made, scheme(if_not_applicable=policy)).loc["E5", "total"] == total


def test_what_does_not_apply_can_be_forbidden():
    made = tables(tasks=[task(n, f"E{n % 4 + 1}") for n in range(16)])
    appraisal = appraise(made, scheme(if_not_applicable="block"))
    assert "not-applicable-blocked" in codes(appraisal)
    assert not appraisal.done


def test_a_missing_figure_blocks_or_is_redistributed():
    rated = [
        {
            "period": "2026-10",
            "employee_id": f"E{n}",
            "indicator": "业务能力",
            "score": 4.0,
            "rater_id": "B",
            "relation": "manager",
        }
        for n in (1, 2, 3, 4)
    ]
    blocked = appraise(tables(ratings=rated), scheme())
    missing = next(problem for problem in blocked.problems if problem.code == "missing-figures")
    assert "E5" in missing.found("zh")
    assert not blocked.done
    found = results(tables(ratings=rated), scheme(if_missing="redistribute"))
    assert found.loc["E5", "total"] == 57.14  # one task of five on time: (40 × 25 + 30 × 100) ÷ 70


def test_too_little_measured_is_not_ranked():
    made = tables(tasks=[task(n, f"E{n % 4 + 1}") for n in range(16)])
    found = results(made, scheme(minimum_weight=0.7))
    assert np.isnan(found.loc["E5", "place"])
    assert found.loc["E5", "remark"] == "too little weight measured"
    assert found.loc["E1", "pool_size"] == 4


STAFF = [
    {"employee_id": "E1"},
    {"employee_id": "E2", "status": "intern"},
    {"employee_id": "E3", "status": "probation"},
    {"employee_id": "E4", "hire_date": "2026-10-25"},
    {"employee_id": "E5", "leave_date": "2026-10-20", "status": "left"},
    {"employee_id": "E6", "hire_date": "2026-11-02"},
    {"employee_id": "E7", "leave_date": "2026-11-15", "status": "left"},
]


def test_who_is_scored_and_who_is_ranked():
    """An intern is not scored; probation, a week of service and having left are scored but not ranked."""
    appraisal = appraise(tables(STAFF), scheme())
    frame = appraisal.people.frame.set_index("employee_id")
    assert frame.index[frame["scored"]].tolist() == ["E1", "E3", "E4", "E5", "E7"]
    assert frame.index[frame["ranked"]].tolist() == ["E1", "E7"]
    assert frame["reason"].to_dict() == {
        "E1": "", "E2": "status_scored", "E3": "status_ranked", "E4": "too_new", "E5": "status_ranked",
        "E6": "not_here", "E7": "",
    }  # fmt: skip
    assert {"not-scored", "not-ranked"} <= codes(appraisal)


def test_targets_of_counts_shrink_with_service_those_of_ratios_do_not():
    """Hired on 16 October: 16 of 31 days, so the target of 4 tasks becomes 4 × 16 ÷ 31."""
    appraisal = appraise(tables([{"employee_id": "E1", "hire_date": "2026-10-16"}, "E2"]), scheme())
    assert appraisal.points.targets[0].tolist()[:2] == [0.8, pytest.approx(4 * 16 / 31)]
    whole = appraise(tables([{"employee_id": "E1", "hire_date": "2026-10-16"}, "E2"]), scheme(prorate_counts="no"))
    assert whole.points.targets[0].tolist()[:2] == [0.8, 4]


def test_the_most_specific_target_wins():
    overrides = """
[[targets]]
indicator = "done"
scope = "company"
target = 5
[[targets]]
indicator = "done"
scope = "department"
scope_id = "N"
target = 6
[[targets]]
indicator = "done"
scope = "department"
scope_id = "N1"
target = 7
[[targets]]
indicator = "done"
scope = "employee"
scope_id = "E4"
target = 8
[[targets]]
indicator = "done"
scope = "employee"
scope_id = "E4"
period = "2026-10"
target = 9
[[targets]]
indicator = "done"
scope = "company"
period = "2026-09"
target = 99

[[outcomes]]"""
    people = [{"employee_id": f"E{n}", "department": d} for n, d in ((1, "S"), (2, "N"), (3, "N1"), (4, "N1"))]
    departments = [{"department": "S"}, {"department": "N"}, {"department": "N1", "parent": "N"}]
    appraisal = appraise(tables(people, departments=departments), scheme({"\n[[outcomes]]": overrides}))
    assert appraisal.points.targets[:, 1].tolist() == [5, 6, 7, 9]


def test_adjustments_add_points_and_zero_an_item():
    """A commendation of 5 on top of 92.5; the penalised item loses its 40 points and 3 more are taken away."""
    given = [
        {
            "adjustment_id": "1",
            "employee_id": "E1",
            "adjustment_kind": "commendation",
            "points": 5,
            "period": "2026-10",
        },
        {"adjustment_id": "2", "employee_id": "E2", "adjustment_kind": "zero_item", "indicator": "on_time"},
        {"adjustment_id": "3", "employee_id": "E2", "adjustment_kind": "penalty", "points": 3},
        {
            "adjustment_id": "4",
            "employee_id": "E3",
            "adjustment_kind": "commendation",
            "points": 9,
            "period": "2026-09",
        },
    ]
    found = results(tables(adjustments=given))
    assert found["total"].to_dict() == {"E1": 97.5, "E2": 49.5, "E3": 82.5, "E4": 72.5, "E5": 62.5}


def test_a_commendation_outside_its_range_is_an_error():
    given = [{"adjustment_id": "1", "employee_id": "E1", "adjustment_kind": "commendation", "points": 12}]
    appraisal = appraise(tables(adjustments=given), scheme())
    problem = next(problem for problem in appraisal.problems if problem.code == "adjustment-range")
    assert (problem.level, problem.cells) == ("error", "D2")
    assert not appraisal.done


def test_a_total_above_full_points_is_kept_unless_the_scheme_caps_it():
    given = [{"adjustment_id": "1", "employee_id": "E1", "adjustment_kind": "commendation", "points": 10}]
    assert results(tables(adjustments=given)).loc["E1", "total"] == 102.5
    assert results(tables(adjustments=given), scheme(cap_total="yes")).loc["E1", "total"] == 100


def test_points_can_be_added_up_instead_of_weighted():
    """The same policy as points: 40 × 80 %/80 % + 30 × 100 % + 30 × 75 % = 92.5; a missing item is spread in proportion."""
    adding = scheme(total_method="sum")
    assert results(tables(), adding)["total"].to_dict() == results(tables())["total"].to_dict()
    made = tables(tasks=[task(n, f"E{n % 4 + 1}") for n in range(16)])
    assert results(made, adding).loc["E5", "total"] == 22.5


def test_pools_are_formed_by_staff_class_and_small_ones_merge():
    people = [
        {"employee_id": f"E{n}", "staff_class": "front_line" if n <= 6 else "manager" if n == 7 else "office"}
        for n in range(1, 15)
    ]
    made = tables(people)
    found = results(made, scheme(pool_by=("staff_class",), pool_minimum=5))
    assert found["pool_size"].to_dict()["E1"] in (6, 7)
    assert found.loc["E7", "pool_size"] > 1
    alone = results(made, scheme(pool_by=("staff_class",), pool_minimum=5, small_pool="none"))
    assert alone.loc["E7", "grade"] is None or alone.loc["E7", "grade"] != alone.loc["E7", "grade"]
    banded = results(made, scheme(pool_by=("staff_class",), pool_minimum=5, small_pool="bands"))
    assert banded.loc["E7", "grade"] == "C"  # 52.5 points by score


@pytest.mark.parametrize(
    ("grading", "grades"),
    [("bands", "AABBB"), ("quota", "AABBC"), ("quota_not_better", "AABBC"), ("quota_not_worse", "AABBB")],
)
def test_grades_follow_score_quota_or_both(grading, grades):
    assert "".join(results(tables(), scheme(grading=grading))["grade"].sort_index()) == grades


VETO = """
[[indicators]]
code = "breaches"
name = "违规"
name_en = "Breaches"
dimension = "work"
weight = 0
unit = "次"
direction = "lower"
source = "checks"
measure = "count"
where = "date in period"
target = 0
rule = "veto"
parameters = "operator = at_most; effect = {effect}; limit_points = 59.99; limit_grade = C{unless}"

[[grades]]
code = "A\""""


@pytest.mark.parametrize(
    ("effect", "unless", "total", "grade"),
    [
        ("zero_total", "", 0, "C"),
        ("limit_total", "", 59.99, "C"),
        ("limit_grade", "", 92.5, "C"),
        ("limit_grade", "; unless = skill >= 4", 92.5, "A"),
    ],
)
def test_a_veto_limits_the_grade_or_the_total(effect, unless, total, grade):
    policy = scheme({'\n[[grades]]\ncode = "A"': VETO.format(effect=effect, unless=unless)})
    breach = [{"check_id": "1", "employee_id": "E1", "date": "2026-10-05", "indicator": "breaches"}]
    found = results(tables(checks=breach), policy)
    assert (found.loc["E1", "total"], found.loc["E1", "grade"]) == (total, grade)


def test_indicators_of_a_position_belong_to_that_position_only():
    policy = scheme({'code = "skill"': 'code = "skill"\ngroup = "sales"', "weight = 40": "weight = 70"})
    people = [{"employee_id": "E1", "group": "sales"}, {"employee_id": "E2", "group": "desk"}]
    appraisal = appraise(tables(people), policy)
    weights = [problem for problem in appraisal.problems if problem.code == "weights-not-100"]
    assert [problem.details["group"] for problem in weights] == ["sales"]
    assert weights[0].found("en") == 'The weights of position group "sales" add up to 130%, not 100%.'


def test_a_period_decides_which_facts_count():
    assert appraise(tables(), scheme(if_missing="redistribute"), "2026-09").facts.actual[0].tolist()[1] == 0
    assert codes(appraise(tables(), scheme(period=""))) == {"period-missing"}
    assert codes(appraise(tables(), scheme(), "2026-13")) == {"period-unreadable"}


def test_a_pool_is_named_by_its_units_also_where_nobody_works_in_the_parent():
    departments = [
        {"department": "H", "department_name": "Head office"},
        {"department": "N", "department_name": "North branch", "parent": "H"},
    ]
    people = [{"employee_id": f"E{n}", "department": "N"} for n in range(1, 6)]
    found = results(tables(people, departments=departments), scheme(pool_by=("department",)))
    assert set(found["pool"]) == {"Head office / North branch"}


def test_a_period_in_which_nobody_can_be_ranked_is_appraised_all_the_same():
    """Too little weight measured of everybody: totals, but no places and no pools."""
    found = appraise(tables(("E1", "E2"), ratings=[]), scheme(if_missing="redistribute", minimum_weight=0.9), "2026-10")
    assert found.done
    assert not found.ranking.ranked.any()
    assert found.ranking.grade.tolist() == [-1, -1]


def test_many_unknown_clients_are_reported_together():
    """A file of clients that was not imported: the first codes one by one, the others in one line."""
    tasks = [
        {"task_id": f"T{n}", "owner_id": "E1", "client_id": f"X{n:03}", "due_date": "2026-10-10"} for n in range(90)
    ]
    found = appraise(tables(("E1",), tasks=tasks, clients=[{"client_id": "C1", "owner_id": "E1"}]), scheme(), "2026-10")
    codes = [each.code for each in found.problems]
    assert codes.count("client-unknown") == 20
    (rest,) = [each for each in found.problems if each.code == "clients-unknown"]
    assert rest.details["codes"] == 70


@pytest.mark.parametrize(
    "other", [{"indicator": "Skill"}, {"indicator": "业务能力"}, {"period": "October 2026"}, {"period": None}]
)
def test_a_rating_that_stands_twice_under_two_names_is_an_error(other):
    given = {"period": "2026-10", "employee_id": "E1", "indicator": "skill", "rater_id": "B", "relation": "manager"}
    twice = [{**given, "score": 4.0}, {**given, **other, "score": 2.0}]
    found = appraise(tables(("E1",), ratings=twice), scheme(), "2026-10")
    assert [each.cells for each in found.problems if each.code == "key-twice"] == ["B2:B3 (2)"]
    same = [{**given, "score": 4.0}, {**given, **other, "score": 4.0}]
    again = appraise(tables(("E1",), ratings=same), scheme(), "2026-10")
    assert "row-repeated" in {each.code for each in again.problems}
    assert again.done


SUM = 'measure = "sum"\ncolumn = "actual"'


@pytest.mark.parametrize(
    ("measure", "unit", "target"),
    [
        ('measure = "given"', "项", 20 * 20 / 31),
        ('measure = "given"', "户", 20 * 20 / 31),
        (SUM, "项", 20 * 20 / 31),
        ('measure = "given"', "%", 20),
    ],
)
def test_a_typed_count_of_a_joiner_has_one_score_however_it_is_measured(measure, unit, target):
    """12 of 20 from 12 October on: 12 / (20 × 20 / 31) = 93 %; a rate is a rate, whoever joins."""
    counted = 'source = "tasks"\nmeasure = "count"\nwhere = "done_date in period"\ntarget = 4'
    stated = {counted: f'source = "finance"\n{measure}\ntarget = 20', 'unit = "项"': f'unit = "{unit}"'}
    rows = [{"period": "2026-10", "employee_id": who, "indicator": "done", "actual": 12.0} for who in ("E1", "E2")]
    people = [{"employee_id": "E1", "hire_date": "2026-10-12"}, {"employee_id": "E2", "hire_date": "2020-01-01"}]
    found = appraise(tables(people, actuals=rows), scheme(stated), "2026-10")
    k = [each.code for each in found.indicators].index("done")
    assert found.points.targets[:, k].tolist() == [pytest.approx(target), 20]
    assert found.points.points[:, k].tolist() == [pytest.approx(1200 / target), 60]
    told = [(each.level, each.cells) for each in found.problems if each.code == "targets-prorated"]
    assert told == ([] if unit == "%" else [("note", "B2")])
    shown = explain(found, "E1", lang="en")[0].indicators[k].target
    assert ("by days of service: 20 × 20 ÷ 31" in shown) == (unit != "%")


@pytest.mark.parametrize(("scope_id", "is_told"), [("Service", False), ("Servcie", True)])
def test_a_target_may_be_for_a_department_that_only_employees_name(scope_id, is_told):
    target = f'[[targets]]\nindicator = "done"\nscope = "department"\nscope_id = "{scope_id}"\ntarget = 13\n\n'
    policy = scheme({'[[grades]]\ncode = "A"': f'{target}[[grades]]\ncode = "A"'})
    found = appraise(tables(({"employee_id": "E1", "department": "Service"},)), policy, "2026-10")
    assert [each.code == "target-of-nobody" for each in found.problems].count(True) == is_told
    column = [each.code for each in found.indicators].index("done")
    assert found.points.targets[0, column] == (4 if is_told else 13)
