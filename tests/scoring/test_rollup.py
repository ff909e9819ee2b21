"""Roll-up: worked cases in cases/rollup.toml, then what holds for any history.

The referee below adds exact fractions, person by person and period by period.
"""

from __future__ import annotations

import math
import tomllib
from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import tomli_w
from effort import draws
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.small import SCHEME, scheme
from xlperf.core.numbers import fraction_of
from xlperf.core.periods import Period, Periods, parse_period
from xlperf.core.problems import LANGUAGES
from xlperf.policy.schemes import from_toml
from xlperf.policy.validation.parts import CHECKS
from xlperf.schema import SHEETS
from xlperf.schema.tables import table_of
from xlperf.scoring.rollup import differences, is_locked, roll_up

CASES = tomllib.loads((Path(__file__).parents[1] / "cases" / "rollup.toml").read_text("utf-8"))
MONTHS = [f"2026-{month:02}" for month in range(1, 13)]
QUARTERS = [MONTHS[first : first + 3] for first in range(0, 12, 3)]
SMALL = scheme()
some_histories = settings(max_examples=draws(40))


def cases(section):
    return pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in CASES[section]])


def with_parts(parts, period_kind="year"):
    rows = [{"period_kind": period_kind, "name": part["code"]} | part for part in parts]
    return read_policy(tomli_w.dumps({"parts": rows}) + SCHEME)


@cache
def read_policy(text):
    read, problems = from_toml(text, "small")
    assert not problems
    return read


def staff(people):
    rows = [
        {"employee_id": each["id"], "hire_date": each.get("hired"), "leave_date": each.get("left")} for each in people
    ]
    return table_of("employees", rows).frame.assign(scored=[each.get("scored", True) for each in people])


def history_of(rows):
    records = [
        {"period": row["period"], "employee_id": row["id"], "total": row.get("total"), "grade": row.get("grade")}
        for row in rows
    ]
    return table_of("history", pd.DataFrame(records, columns=["period", "employee_id", "total", "grade"]))


def checks_of(rows):
    records = [
        {
            "check_id": f"C{number}",
            "check_kind": row["kind"],
            "date": row.get("date"),
            "employee_id": row["id"],
            "deduction": row.get("deduction"),
            "score": row.get("score"),
        }
        for number, row in enumerate(rows)
    ]
    columns = ["check_id", "check_kind", "date", "employee_id", "deduction", "score"]
    return table_of("checks", pd.DataFrame(records, columns=columns))


def run(case, order=lambda rows: rows):
    custom = [Period(p["period"], "custom", p["start"], p["end"], p["parent"]) for p in case.get("periods", [])]
    calendar = Periods(custom)
    period = calendar.find(case["period"])
    people = case["people"]
    return roll_up(
        np.array([each.get("own", math.nan) for each in people], float),
        staff(people),
        with_parts(case["parts"], period.kind),
        period,
        calendar,
        history_of(order(case.get("history", []))),
        checks_of(order(case.get("checks", []))),
    )


@cases("case")
def test_a_worked_case(case):
    rolled, problems = run(case)
    assert sorted(problem.code for problem in problems) == sorted(case["problems"])
    if "cells" in case:
        assert sorted(problem.cells for problem in problems) == sorted(case["cells"])
    for row, expected in enumerate(case.get("expect", [])):
        assert case["people"][row]["id"] == expected["id"]
        assert rolled.parts[row] == pytest.approx(expected["parts"], rel=1e-12, nan_ok=True)
        assert rolled.weights[row] == pytest.approx(expected["weights"], rel=1e-12)
        assert rolled.base[row] == pytest.approx(expected["base"], rel=1e-12, nan_ok=True)


@cases("case")
def test_the_order_of_rows_changes_nothing(case):
    (one, found), (other, again) = run(case), run(case, order=lambda rows: rows[::-1])
    np.testing.assert_array_equal(one.parts, other.parts)
    np.testing.assert_array_equal(one.base, other.base)
    assert [(each.code, each.details) for each in found] == [(each.code, each.details) for each in again]


@cases("case")
def test_every_problem_can_be_read_in_both_languages(case):
    for problem in run(case)[1]:
        for lang in LANGUAGES:
            assert "{" not in problem.found(lang) + problem.expected(lang) + problem.remedy(lang)


def named(name):
    return next(case for case in CASES["case"] if case["name"].startswith(name))


def test_a_missing_month_is_reported_once_with_the_people():
    _, (october, november) = run(named("a missing month is not allowed"))
    assert october.level == "error"
    assert october.found("en") == '"months" of 2026 Q4 lacks November 2026 for E1, E2 (people: 2).'
    assert november.found("zh") == "2026年第4季度 的“months”缺少2026年12月（2 人）：E1、E2。"


def test_checks_without_a_weight_are_counted_by_occasion():
    _, (problem,) = run(named("spot checks"))
    assert problem.level == "note"
    assert problem.found("en") == "No part of the total counts the 3 checks of this kind: spot check."
    assert problem.found("zh") == "本期有 3 次抽检，没有任何部分计入。"


def test_what_is_put_in_as_zero_is_not_measured():
    """Of 20, 30 and 50 the checks are put in as zero and the year-end is missing: 30 % was measured."""
    rolled, _ = run(named("no check counts as zero"))
    assert rolled.measured == pytest.approx([0.3])


def test_a_whole_year_of_seed_weights_is_fully_measured():
    rolled, _ = run(named("checks 20 %"))
    assert rolled.measured == pytest.approx([1.0])
    assert rolled.weights.sum() == pytest.approx(1.0)


def test_custom_periods_that_name_each_other_end():
    """Two seasons that call each other their parent: the check of the calendar reports them, and nothing hangs."""
    circle = {
        "period": "P1",
        "periods": [
            {"period": "P1", "start": date(2026, 1, 1), "end": date(2026, 1, 31), "parent": "P2"},
            {"period": "P2", "start": date(2026, 1, 1), "end": date(2026, 1, 31), "parent": "P1"},
        ],
        "parts": [{"code": "inner", "source": "periods", "part_kind": "custom", "weight": 100}],
        "people": [{"id": "E1"}],
    }
    rolled, problems = run(circle)
    assert np.isnan(rolled.base).all()
    assert [problem.code for problem in problems] == ["part-without-results"]


@pytest.mark.parametrize(("december", "code"), [({}, "part-without-results"), ({"E2": 80.0}, "part-missing")])
def test_a_quarter_without_the_results_of_a_month_is_warned_of_with_the_command(december, code):
    """The month was run, and its results stand on Results, not on History: the quarter would be that of the others."""
    months = {month: {"E1": 90, "E2": 90} for month in ("2026-10", "2026-11")} | {"2026-12": december}
    kept = [
        {"period": month, "id": who, "total": total} for month, each in months.items() for who, total in each.items()
    ]
    quarter = {
        "period": "2026Q4",
        "parts": [{"code": "months", "source": "periods", "part_kind": "month", "weight": 100}],
        "people": [{"id": "E1"}, {"id": "E2"}],
        "history": kept,
    }
    _, (problem,) = run(quarter)
    assert problem.code == code
    if not december:
        assert problem.level == "warning"
        assert "xlperf run FILE --period 2026-12" in problem.remedy("en")
        assert "xlperf roll FILE NEXT" in problem.remedy("zh")


# What holds for any history

points = st.integers(0, 12000).map(lambda n: n / 100)
year_of_months = st.dictionaries(st.sampled_from(MONTHS), points)
people = st.lists(year_of_months, min_size=1, max_size=4)
SEED_PARTS = [
    {"code": "checks", "source": "checks", "check_kinds": "weekly, monthly", "weight": 20, "inner": "each"},
    {"code": "months", "source": "periods", "part_kind": "month", "weight": 30, "inner": "each"},
    {"code": "end", "source": "appraisal", "weight": 50},
]
SEED = with_parts(SEED_PARTS)
BY_DAYS = with_parts([{"code": "m", "source": "periods", "part_kind": "month", "weight": 100, "inner": "days"}])
TREE = with_parts(
    [
        {"code": "q", "source": "periods", "part_kind": "quarter", "weight": 100, "if_missing": "zero"},
        {"code": "m", "source": "periods", "part_kind": "month", "weight": 100, "period_kind": "quarter"},
    ]
)
YEAR = parse_period("2026")
finding = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["weekly", "monthly"]),
        "date": st.dates(date(2026, 1, 1), date(2026, 1, 8)),
        "deduction": st.none() | st.integers(0, 300).map(lambda n: n / 10),
        "score": st.none() | points,
    }
)


def rolled_up(policy, months, own=None, checks=()):
    ids = [f"E{n}" for n in range(len(months))]
    rows = [
        {"id": who, "period": month, "total": t}
        for who, kept in zip(ids, months, strict=True)
        for month, t in kept.items()
    ]
    found = checks_of(checks)
    scores = np.array([math.nan] * len(ids) if own is None else own, float)
    return roll_up(scores, staff([{"id": who} for who in ids]), policy, YEAR, Periods(), history_of(rows), found)[0]


def mean(values):
    known = [fraction_of(value) for value in values]
    return sum(known) / len(known) if known else None


def agrees(found, exact):
    return math.isnan(found) if exact is None else found == pytest.approx(float(exact), rel=1e-12, abs=1e-12)


@some_histories
@given(people)
def test_a_tree_is_the_mean_of_its_branches(months):
    """Months make quarters; a quarter without any month counts as zero in the year."""
    for found, kept in zip(rolled_up(TREE, months).base, months, strict=True):
        quarters = [mean([kept[month] for month in quarter if month in kept]) for quarter in QUARTERS]
        assert agrees(found, sum(each or 0 for each in quarters) / Fraction(4))


@some_histories
@given(people)
def test_months_weigh_by_their_days(months):
    for found, kept in zip(rolled_up(BY_DAYS, months).base, months, strict=True):
        days = {month: parse_period(month).days for month in kept}
        total = sum(days[month] * fraction_of(kept[month]) for month in kept)
        assert agrees(found, total / Fraction(sum(days.values())) if kept else None)


@some_histories
@given(people, st.lists(points | st.just(math.nan), min_size=4, max_size=4))
def test_the_base_lies_between_the_least_and_the_best_part(months, own):
    rolled = rolled_up(SEED, months, own[: len(months)])
    for base, parts, weights in zip(rolled.base, rolled.parts, rolled.weights, strict=True):
        there = parts[~np.isnan(parts)]
        assert (weights[np.isnan(parts)] == 0).all()
        if there.size:
            assert there.min() - 1e-9 <= base <= there.max() + 1e-9
            assert weights.sum() == pytest.approx(1.0)
        else:
            assert math.isnan(base)


@some_histories
@given(points, st.sets(st.sampled_from(MONTHS), min_size=1), st.sampled_from([BY_DAYS, SEED]))
def test_equal_months_give_that_month(total, months, policy):
    assert rolled_up(policy, [dict.fromkeys(months, total)]).base == pytest.approx([total], rel=1e-12)


@some_histories
@given(st.lists(finding, min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_checks_are_scored_by_occasion_in_any_order(findings, chance):
    rows = [{"id": "E0", **each} for each in findings]
    shuffled = chance.sample(rows, len(rows))
    found, again = (rolled_up(SEED, [{}], checks=each).parts[0, 0] for each in (rows, shuffled))
    assert agrees(found, mean_of_occasions(findings))
    np.testing.assert_array_equal(found, again)


def mean_of_occasions(findings):
    occasions = {}
    for each in findings:
        occasions.setdefault((each["kind"], each["date"]), []).append(each)
    scores = []
    for rows in occasions.values():
        deductions = [fraction_of(row["deduction"]) for row in rows if row["deduction"] is not None]
        score = mean([row["score"] for row in rows if row["score"] is not None])
        scores.append(max(100 - sum(deductions), Fraction(0)) if deductions else score)
    known = [score for score in scores if score is not None]
    return sum(known) / len(known) if known else None


# Locked periods


def results_of(rows):
    names = {each.code: each.name("zh") for each in SMALL.grades}
    return pd.DataFrame(
        {
            "employee_id": [row["id"] for row in rows],
            "name": [f"Name {row['id']}" for row in rows],
            "total": [row.get("total", math.nan) for row in rows],
            "grade": [row.get("grade") for row in rows],
            "grade_name": [names.get(row.get("grade"), "") for row in rows],
        }
    )


@cases("locked")
def test_a_locked_period_reports_what_would_differ(case):
    for order in (1, -1):
        kept = history_of([{"period": "2026年10月", **row} for row in case["kept"]][::order])
        found, problems = differences(kept, results_of(case["now"][::order]), SMALL, parse_period("2026-10"), Periods())
        assert [problem.code for problem in problems] == case["problems"]
        assert list(found) == list(SHEETS["differences"].by_code)
        assert found["employee_id"].tolist() == [row["id"] for row in case["rows"]]
        for column in ("kept_total", "total", "difference"):
            assert found[column].tolist() == pytest.approx([row[column] for row in case["rows"]], nan_ok=True)
        for column in ("kept_grade", "grade_name"):
            assert found[column].fillna("").tolist() == [row.get(column, "") for row in case["rows"]]
        assert (found["period"] == "2026-10").all()


def test_the_number_of_differences_is_told():
    kept = history_of([{"period": "2026-10", "id": f"E{n}", "total": 80} for n in range(3)])
    now = results_of([{"id": "E0", "total": 80}, {"id": "E1", "total": 81}, {"id": "E2", "total": 82}])
    _, (problem,) = differences(kept, now, SMALL, parse_period("2026-10"), Periods())
    assert problem.level == "note"
    assert problem.found("en").endswith("a new run would change those of E1, E2 (people: 2).")


def test_only_the_period_that_is_locked_is_locked():
    season = Period("旺季", "custom", date(2026, 9, 1), date(2026, 9, 10))
    sheet = table_of(
        "periods", [{"period": "2026-09", "status": "locked"}, {"period": "旺季", "status": "open"}, {"period": "2026"}]
    )
    locked = [
        is_locked(sheet, each, Periods([season])) for each in (parse_period("2026-09"), season, parse_period("2026"))
    ]
    assert locked == [True, False, False]


# The Roll-up sheet


@cases("sheet")
def test_what_is_wrong_with_a_roll_up_sheet_is_found(case):
    policy = with_parts(case["parts"])
    problems = [problem for check in CHECKS for problem in check(policy)]
    assert [problem.code for problem in problems] == case["problems"]
    for problem in problems:
        assert problem.cells
        for lang in LANGUAGES:
            assert "{" not in problem.found(lang) + problem.expected(lang) + problem.remedy(lang)
        assert case.get("says", "") in problem.expected("en")
