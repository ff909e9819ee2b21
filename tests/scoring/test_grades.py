"""Grades by band: bounds, missing totals, limits and coefficients."""

from __future__ import annotations

import math
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlperf.scoring.grades import coefficients, grade_by_band, limit_grade

CASES = tomllib.loads((Path(__file__).parents[1] / "cases" / "grades.toml").read_text("utf-8"))

points = st.one_of(st.integers(0, 120).map(lambda halves: halves / 2), st.floats(allow_nan=True))
falling_bounds = st.lists(st.integers(0, 120).map(lambda halves: halves / 2), min_size=1, max_size=6, unique=True).map(
    lambda bounds: sorted(bounds, reverse=True)
)
grades = st.lists(st.integers(-1, 5), max_size=20)


def named(section: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in CASES[section]])


def indices(names: list[str], scale: list[str]) -> list[int]:
    return [-1 if name == "-" else scale.index(name) for name in names]


@named("band")
def test_worked_bands(case: dict[str, Any]) -> None:
    graded = grade_by_band(case["totals"], case["lower_bounds"])
    assert graded.tolist() == indices(case["expected"], case["grades"])


@named("limit")
def test_worked_limits(case: dict[str, Any]) -> None:
    own, limit, expected = (indices(case[column], case["grades"]) for column in ("own", "limit", "expected"))
    assert limit_grade(own, limit, case["how"]).tolist() == expected


@given(st.lists(points, max_size=30), falling_bounds)
def test_a_grade_is_the_first_bound_that_the_total_reaches(totals: list[float], bounds: list[float]) -> None:
    by_hand = [next((grade for grade, bound in enumerate(bounds) if total >= bound), -1) for total in totals]
    assert grade_by_band(totals, bounds).tolist() == by_hand


@given(falling_bounds)
def test_a_bound_and_the_next_number_below_it_are_different_grades(bounds: list[float]) -> None:
    just_below = [math.nextafter(bound, -math.inf) for bound in bounds]
    assert grade_by_band(bounds, bounds).tolist() == list(range(len(bounds)))
    assert grade_by_band(just_below, bounds).tolist() == [*range(1, len(bounds)), -1]


@pytest.mark.parametrize("bounds", [[80, 90], [90, 90], [90, math.nan], [math.nan]])
def test_bounds_that_do_not_fall_are_refused(bounds: list[float]) -> None:
    with pytest.raises(ValueError, match="lower bounds must fall from grade to grade, got"):
        grade_by_band([85], bounds)


@given(grades, st.integers(-1, 5))
def test_a_limit_holds_and_changes_nothing_else(own: list[int], limit: int) -> None:
    at_best, at_worst = limit_grade(own, limit, "not_better"), limit_grade(own, limit, "not_worse")
    for before, capped, raised in zip(own, at_best.tolist(), at_worst.tolist(), strict=True):
        if before == -1 or limit == -1:
            assert capped == raised == before
        else:
            assert limit <= capped in (before, limit)
            assert limit >= raised in (before, limit)


def test_an_unknown_kind_of_limit_is_refused() -> None:
    with pytest.raises(ValueError, match='how must be "not_better" or "not_worse", got "cap"'):
        limit_grade([0], [1], "cap")  # type: ignore[arg-type]


def test_a_scalar_is_a_column_of_one() -> None:
    assert grade_by_band(85, [90, 80]) == 1
    assert limit_grade(0, 1, "not_better") == 1
    assert coefficients(1, [1.2, 1.0]) == 1.0


@given(grades)
def test_each_grade_has_its_coefficient_and_no_grade_has_none(own: list[int]) -> None:
    table = [1.5, 1.2, 1.0, 0.8, 0.5, 0.0]
    by_hand = [math.nan if grade == -1 else table[grade] for grade in own]
    np.testing.assert_array_equal(coefficients(own, table), by_hand)


def test_a_grade_outside_the_table_is_refused() -> None:
    with pytest.raises(IndexError):
        coefficients([2], [1.2, 1.0])
