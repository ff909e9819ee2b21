"""Managers and raters whose means or spreads are unusual, with the size of the effect and its uncertainty."""

import numpy as np
import pytest
import small
from hypothesis import given
from hypothesis import strategies as st

from tests.small_book import codes
from xlperf.analysis.evaluation import evaluate, unusual_rows
from xlperf.analysis.statistics import compare_groups, t_quantile
from xlperf.core.problems import LANGUAGES
from xlperf.scoring.pipeline import appraise


def test_a_difference_with_its_interval_worked_by_hand():
    """Means 74 and 84; variances 16 and 16 pooled to 16 with 4 degrees of freedom, where tables give t = 2.776.

    Standard error 4 × √(1/3 + 1/3) = 3.266, interval −10 ± 9.07. Between groups: mean square 3 × 5² × 2 = 150, less 16,
    by 3 people: 44.67; the difference is shrunken to −10 × 44.67 ÷ (44.67 + 10.67) = −8.07.
    """
    low = compare_groups([70, 74, 78, 80, 84, 88], list("AAABBB")).iloc[0]
    assert low["difference"] == -10
    assert low["low"] == pytest.approx(-10 - 2.776 * 4 * (2 / 3) ** 0.5, abs=0.02)
    assert low["effect"] == -2.5
    assert low["shrunken"] == pytest.approx(-8.07, abs=0.005)


def test_few_people_are_shrunken_more_than_many():
    values = [90, 92, 70, 72, 90, 92, 88, 94, 91, 70, 71, 69, 73, 72, 80, 79, 81, 80, 78]
    groups = ["few"] * 2 + ["low"] * 2 + ["many"] * 5 + ["worse"] * 5 + ["mean"] * 5
    found = compare_groups(values, groups).set_index("group")
    kept = found["shrunken"] / found["difference"]
    assert kept["few"] < kept["many"] < 1


@pytest.mark.parametrize(("freedom", "table"), [(4, 2.776), (8, 2.306), (20, 2.086), (60, 2.000)])
def test_the_quantile_is_that_of_tables(freedom, table):
    assert t_quantile(freedom) == pytest.approx(table, abs=0.006)


@given(st.lists(st.tuples(st.integers(0, 100), st.sampled_from("ABC")), max_size=20), st.randoms())
def test_no_figure_depends_on_the_order_of_rows(rows, random):
    mixed = list(rows)
    random.shuffle(mixed)
    one, other = (compare_groups([v for v, _ in each], [g for _, g in each]) for each in (rows, mixed))
    np.testing.assert_array_equal(
        one.drop(columns="group").to_numpy(float), other.drop(columns="group").to_numpy(float)
    )
    assert one["group"].tolist() == other["group"].tolist()


def appraised(generous=5.0):
    """Two managers of six people each with equal work; M2 scores them higher, and a colleague C scores everybody 3."""
    people = [
        {"employee_id": f"E{n:02}", "name": f"N{n}", "manager_id": "M1" if n <= 6 else "M2"} for n in range(1, 13)
    ]
    tasks = [small.task(10 * n + k, each["employee_id"]) for n, each in enumerate(people) for k in range(4)]
    ratings = []
    for n, each in enumerate(people):
        score = 3.0 if n < 6 else generous
        for rater, points in (
            (each["manager_id"], score + (n % 3 - 1) * 0.25 * (score < 5)),
            ("C", 3.0 + (n % 2) * 0.5),
        ):
            ratings.append({"period": "2026-10", "employee_id": each["employee_id"], "indicator": "skill",
                            "rater_id": rater, "relation": "manager", "score": points})  # fmt: skip
    done = appraise(small.tables(people, tasks, ratings), small.scheme())
    assert not codes(done.problems, "error")
    return done


def test_a_generous_manager_is_listed_as_manager_and_as_rater():
    done = appraised()
    for lang in LANGUAGES:
        assert (unusual_rows(done, lang)["verdict"] != "").any()
    rows = unusual_rows(done, "en").set_index(["role", "employee_id"])
    assert rows.loc[("manager", "M2"), "verdict"].startswith("▲ higher")
    assert rows.loc[("manager", "M1"), "verdict"].startswith("▼ lower")
    assert rows.loc[("rater", "M2"), "verdict"].startswith("▲ higher")
    assert rows.loc[("rater", "C"), "difference"] < 0
    told = [each for each in evaluate(done) if each.topic.en == "Unusual ratings"]
    assert [each.figure for each in told] == ["2 / 2", "3 / 3"]


def test_nobody_is_unusual_where_all_score_alike():
    rows = unusual_rows(appraised(generous=3.0), "en")
    assert set(rows[rows["role"] == "manager"]["verdict"]) == {""}


def test_too_few_people_are_not_compared():
    done = appraise(small.tables(), small.scheme())
    assert unusual_rows(done, "en").empty
    assert [each.finding.en for each in evaluate(done) if each.topic.en == "Unusual ratings"] == [
        "No two managers have enough people each to be compared.",
        "No two raters have enough people each to be compared.",
    ]
