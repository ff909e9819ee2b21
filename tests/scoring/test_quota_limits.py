"""Limits of the shares of grades: at most, at least, exactly, with a tolerance, together, by the department's score."""

import tomllib
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import small
from hypothesis import given
from hypothesis import strategies as st

from tests.small_book import codes, one
from xlperf.analysis.explain import explain
from xlperf.core.spans import Span, nearest, room
from xlperf.policy.schemes import from_records
from xlperf.reporting.output_tables import ranking_rows
from xlperf.schema.tables import table_of
from xlperf.scoring.pipeline import appraise
from xlperf.scoring.quota_limits import OwnResult, limited_lines, limits_of_pools

CASES = tomllib.loads((Path(__file__).parents[1] / "cases/quota_limits.toml").read_text("utf-8"))["case"]


def limits_from(grades, limits, **settings):
    rows = [{"limit_id": str(number), **row} for number, row in enumerate(limits, start=1)]
    graded = [{"code": code, "name": code} for code in grades]
    scheme, problems = from_records({"settings": settings, "grades": graded, "distribution": rows}, "case")
    assert "code-unknown" not in codes(problems)
    return scheme


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_worked_cases(case):
    scheme = limits_from(case["grades"], case["limits"])
    sizes = np.array([case["size"]])
    limits, problems = limits_of_pools(scheme, [()], [small.text("all")], sizes, {})
    assert problems == []
    assert [[each.least, each.most] for each in limits] == case["people"]
    assert limited_lines(np.array([case["wanted"]]), sizes, limits).tolist() == [case["lines"]]


@given(
    st.integers(0, 40),
    st.lists(st.integers(0, 40), min_size=3, max_size=3),
    st.lists(st.tuples(st.integers(0, 2), st.integers(1, 3), st.integers(0, 15), st.integers(0, 15)), max_size=4),
)
def test_lines_keep_every_limit_and_move_only_where_one_demands_it(size, wanted, drawn):
    asked = [*sorted(min(each, size) for each in wanted[:2]), size]
    spans = [Span(start, end, min(one, other), max(one, other)) for start, end, one, other in drawn if start < end]
    within = room(3, size, spans)
    kept = [
        (0, *lines)
        for a in range(size + 1)
        for lines in ((a, b, size) for b in range(a, size + 1))
        if all(each.least <= (0, *lines)[each.end] - (0, *lines)[each.start] <= each.most for each in spans)
    ]
    assert (within is not None) == bool(kept)
    if within is not None:
        found = (0, *nearest(asked, within))
        assert found in kept
        assert found == min(
            kept, key=lambda lines: [abs(one - other) for one, other in zip(lines[1:], asked, strict=True)]
        )


# In a whole appraisal -------------------------------------------------------------------------------------------------

PEOPLE = tuple(f"E{number}" for number in range(1, 11))


def scheme(*limits, **settings):
    """The small scheme, graded by score, with limits."""
    rows = [{"limit_id": f"L{number}", **limit} for number, limit in enumerate(limits, start=1)]
    raw = tomllib.loads(small.SCHEME)
    raw["settings"] |= {"grading": "bands"} | settings
    read, problems = from_records(raw | {"distribution": rows}, "small")
    return read, problems


def tables(people=PEOPLE):
    """Ten people whose rating falls from 5 in steps of 0.2, and whose tasks are all done in time."""
    ratings = [
        {"period": "2026-10", "employee_id": each, "indicator": "skill", "rater_id": "B", "relation": "manager",
         "score": 5 - 0.2 * number}
        for number, each in enumerate(people)
    ]  # fmt: skip
    tasks = [small.task(10 * number + k, each) for number, each in enumerate(people) for k in range(4)]
    return small.tables(people, tasks, ratings)


def run(*limits, **settings):
    read, problems = scheme(*limits, **settings)
    return appraise(tables(), read, found_before=problems)


def test_grades_by_score_are_held_to_the_limits():
    """70 + 30 × (5 − 0.2 k − 1) ÷ 4 points: 85 is reached by all ten; at most 20 % of 10 is 2."""
    free = run()
    assert free.ranking.counts.tolist() == [[10, 0, 0]]
    held = run({"grades": "A", "limit": "at_most", "share": 0.2}, {"grades": "C", "limit": "at_least", "share": 0.1})
    assert held.ranking.counts.tolist() == [[2, 7, 1]]
    assert codes(held.problems, "warning") == codes(free.problems, "warning")
    best, third = explain(held, "E1")[0], explain(held, "E3")[0]
    assert best.place == (
        "第 1 名，共 10 人（全体）；“优秀”到第 2 名为止：按分数到第 10 名，受比例限制移到第 2 名"
        "（优秀 不超过 20%（0 至 2 人）；合格 不低于 10%（1 至 10 人））"
    )
    assert third.grade == "B 良好"
    rows = ranking_rows(held, "en")
    assert rows["verdict"].fillna("").tolist() == ["✓ kept", "✓ kept", "✓ kept"]
    assert rows["limits"].fillna("").tolist() == ["Excellent at most 20% (0 to 2)", "", "Fair at least 10% (1 to 10)"]
    assert rows["quota"].tolist() == [2, 7, 1]
    assert rows["share"].isna().all()  # grades by score have no shares


def test_ties_at_the_line_break_a_limit_and_are_reported_at_its_cell():
    data = tables()
    ratings = data["ratings"].frame.assign(score=4.0)
    read, problems = scheme({"grades": "A", "limit": "at_most", "share": 0.2})
    done = appraise(data | {"ratings": data["ratings"].with_frame(ratings)}, read, found_before=problems)
    found = one(done.problems, "limit-not-kept")
    assert found.cells == "share 1"
    assert (
        found.found("en")
        == 'The limit "Excellent at most 20%" is not kept in "everybody": 10 people instead of 0 to 2.'
    )
    assert ranking_rows(done, "zh")["verdict"].tolist()[0] == "▲ 超 8 人"
    assert "overshoot" not in codes(done.problems)


def test_shares_that_were_there_before_stay_as_they_were():
    """20 %, 60 %, 20 % of 10 people, with and without a limit that they keep."""
    free, held = run(grading="quota"), run({"grades": "A", "limit": "at_most", "share": 0.3}, grading="quota")
    assert free.ranking.counts.tolist() == held.ranking.counts.tolist() == [[2, 6, 2]]


def test_the_shares_of_a_good_department_are_larger():
    """Two departments of five: with 90 points two of five may be excellent, with 70 points none."""
    data = tables()
    people = data["employees"].frame.assign(department=["N"] * 5 + ["S"] * 5)
    limits = (
        {"grades": "A", "limit": "at_most", "share": 0.4, "unit_from": 85},
        {"grades": "A", "limit": "at_most", "share": 0.1, "unit_below": 85},
    )
    raw = tomllib.loads(small.SCHEME)
    raw["settings"] |= {"grading": "bands", "pool_by": ["department"]}
    raw["indicators"][2]["levels"] = "employee, department"
    raw["distribution"] = [{"limit_id": str(number), **limit} for number, limit in enumerate(limits)]
    read, problems = from_records(raw, "small")
    data |= {"employees": data["employees"].with_frame(people)}
    data |= {"departments": table_of("departments", [{"department": "N"}, {"department": "S"}])}
    done = appraise(data, read, found_before=problems)
    (level,) = done.of_units
    own = dict(zip(level.units.frame["unit"], level.totals.total.tolist(), strict=True))
    assert own == {"N": 90.0, "S": 65.0}  # ratings of 4.6 and 3.6 on average: 3.6 ÷ 4 and 2.6 ÷ 4
    assert done.ranking.counts.tolist() == [[2, 3, 0], [0, 5, 0]]


# What is wrong with limits ---------------------------------------------------------------------------------------------


def limit(**changed):
    return {"grades": "A", "limit": "at_most", "share": 0.2} | changed


@pytest.mark.parametrize(
    ("limits", "settings", "code", "cells"),
    [
        ([limit(grades="A, Z")], {}, "code-unknown", "grades 1"),
        ([limit(grades="A, C")], {}, "limit-grades-apart", "grades 1"),
        ([limit(share=-0.2)], {}, "limit-share", "share 1"),
        ([limit(share=1.2)], {}, "limit-share", "share 1"),
        ([limit(limit="within")], {}, "limit-tolerance", "tolerance 1"),
        ([limit(tolerance=0.1)], {}, "limit-tolerance", "tolerance 1"),
        ([limit(unit_from=90, unit_below=80)], {"pool_by": ["department"]}, "limit-scores", "unit_from 1"),
        ([limit(), limit(limit="at_least", share=0.3)], {}, "limits-contradict", "share 1:share 2 (2)"),
        ([limit(share=0.1)], {"grading": "quota"}, "limit-against-shares", "share 1"),
        ([limit(unit_from=90)], {}, "limit-needs-departments", "unit_from 1"),
        ([limit(unit_from=90)], {"pool_by": ["department"]}, "limit-needs-scores", "unit_from 1"),
        ([limit(unit_grade="Z")], {"pool_by": ["department"]}, "code-unknown", "unit_grade 1"),
        ([limit(limit="")], {}, "cell-required", "limit 1"),
    ],
)
def test_wrong_limits_are_refused_at_their_cells_before_grading(limits, settings, code, cells):
    read, problems = scheme(*limits, **settings)
    done = appraise(tables(), read, found_before=problems)
    assert not done.done
    assert one(done.problems, code).cells == cells


def test_a_pool_too_small_for_its_limits_is_refused():
    """Three grades at least 10 % each: 1 + 1 + 1 people, of 2."""
    every = [limit(grades=each, limit="at_least", share=0.1) for each in "ABC"]
    read, problems = scheme(*every)
    done = appraise(tables(PEOPLE[:2]), read, found_before=problems)
    assert one(done.problems, "limits-too-tight").cells == "share 1:share 3 (3)"
    assert not done.done


def test_a_department_that_no_row_is_for_is_refused():
    read, _ = scheme(limit(unit_from=90), limit(unit_from=80, unit_below=85))
    own = {"N": OwnResult(86.5, "A"), "S": OwnResult(float("nan"), "")}
    found, problems = limits_of_pools(read, [("N",), ("S",)], [small.text("N"), small.text("S")], np.array([5, 5]), own)
    assert codes(problems) == ["limit-without-row", "limit-without-score"]
    assert found == ()


def test_a_limit_in_people_is_exact():
    """15 people × (20 % + 70 %) is 13.5 and not a hair less: half up 14."""
    (each,) = scheme(limit(grades="A、B", share=0.9, rounding="half_up"))[0].quota_limits
    assert each.grades == ("A", "B")
    assert each.head_counts(15) == (0, 14)
    assert replace(each, share=Fraction(1, 3), rounding="down").head_counts(15) == (0, 5)
