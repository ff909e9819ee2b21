"""What a place says besides: without gaps, percent rank and percentile; shown where asked for, known to conditions."""

from fractions import Fraction

import numpy as np
import pytest
import small
from hypothesis import given
from hypothesis import strategies as st

from tests.policy.test_checks import found
from xlperf.analysis.explain import as_lines, explain
from xlperf.reporting.output_tables import outputs
from xlperf.scoring.distribution import competition_ranks, place_figures
from xlperf.scoring.pipeline import appraise

CASES = [
    # totals, place without gaps, percent rank (behind ÷ others), percentile (not ahead ÷ all)
    ([95, 90, 80, 70, 60], [1, 2, 3, 4, 5], [1, 3 / 4, 2 / 4, 1 / 4, 0], [1, 4 / 5, 3 / 5, 2 / 5, 1 / 5]),
    ([95, 80, 80, 60], [1, 2, 2, 3], [1, 1 / 3, 1 / 3, 0], [1, 3 / 4, 3 / 4, 1 / 4]),  # a tie: 1 of 3 is behind both
    ([80, 80, 80], [1, 1, 1], [0, 0, 0], [1, 1, 1]),  # nobody is behind anybody, and nobody ahead
    ([80], [1], [1], [1]),  # alone: there are no others
    ([80, np.nan, 60], [1, np.nan, 2], [1, np.nan, 0], [1, np.nan, 1 / 2]),  # who has no place has no figure
]


@pytest.mark.parametrize(("totals", "dense", "percent_rank", "percentile"), CASES)
def test_worked_cases(totals, dense, percent_rank, percentile):
    places = competition_ranks(totals, [0] * len(totals))
    figures = place_figures(places, [0] * len(totals))
    np.testing.assert_array_equal(figures.dense_place, dense)
    np.testing.assert_array_equal(figures.percent_rank, percent_rank)
    np.testing.assert_array_equal(figures.percentile, percentile)


def test_each_pool_is_counted_by_itself():
    figures = place_figures([1, 1, 2, 0], [0, 1, 1, -1])
    np.testing.assert_array_equal(figures.percent_rank, [1, 1, 0, np.nan])
    np.testing.assert_array_equal(figures.percentile, [1, 1, 0.5, np.nan])


@given(st.lists(st.integers(0, 9), min_size=1, max_size=30), st.randoms(use_true_random=False))
def test_they_are_what_counting_gives_in_any_order(totals, random):
    """As PERCENTRANK.INC: those below ÷ (n − 1), and every quotient is the nearest float of the exact one."""
    random.shuffle(totals)
    figures, n = place_figures(competition_ranks(totals, [0] * len(totals)), [0] * len(totals)), len(totals)
    for at, total in enumerate(totals):
        below = sum(other < total for other in totals)
        not_ahead = sum(other <= total for other in totals)
        assert figures.percent_rank[at] == (float(Fraction(below, n - 1)) if n > 1 else 1)
        assert figures.percentile[at] == float(Fraction(not_ahead, n))
        assert figures.dense_place[at] == len({other for other in totals if other > total}) + 1


def results(scheme):
    return outputs(appraise(small.tables(), scheme), "en")["results"]


def test_results_shows_what_the_scheme_asks_for():
    """E1 and E2 have 5 and 4 of 5 tasks in time, which is the target or more, E3 3 and so on: places 1, 1, 3, 4, 5."""
    shown = {"dense_place", "percent_rank", "percentile"}
    assert shown.isdisjoint(results(small.scheme()))
    asked = results(small.scheme(place_figures=("percent_rank", "percentile")))
    assert shown & set(asked) == {"percent_rank", "percentile"}
    assert asked["place"].tolist() == [1, 1, 3, 4, 5]
    assert asked["percent_rank"].tolist() == [3 / 4, 3 / 4, 2 / 4, 1 / 4, 0]
    assert asked["percentile"].tolist() == [5 / 5, 5 / 5, 3 / 5, 2 / 5, 1 / 5]


def test_the_explanation_works_them_out():
    """E3 is third of five: two of the four others are behind, three of five are not ahead; one total is higher."""
    scheme = small.scheme(place_figures=("dense_place", "percent_rank", "percentile"))
    story, _ = explain(appraise(small.tables(), scheme), "E3", lang="en")
    assert story.place_figures == [
        "place without gaps  2",
        "percent rank  2 ÷ (5 − 1) = 50%",
        "percentile  (5 − 3 + 1) ÷ 5 = 60%",
    ]
    assert "       百分比排名  2 ÷ (5 − 1) = 50%" in as_lines(explain(appraise(small.tables(), scheme), "E3")[0], "zh")
    assert explain(appraise(small.tables(), small.scheme()), "E3")[0].place_figures == []


@pytest.mark.parametrize(
    ("condition", "people", "why"),
    [
        ("percentile >= 60%", ["E1", "E2", "E3"], "three of five are not ahead of E3: exactly 60 %"),
        ("百分位 > 60%", ["E1", "E2"], "the edge is excluded"),
        ("百分比排名 <= 25%", ["E4", "E5"], "one of the other four is behind E4: exactly 25 %"),
        ("连续名次 <= 2", ["E1", "E2", "E3"], "without gaps E3 has the second place"),
        ("place without gaps <= 2 and Percent  Rank < 60%", ["E3"], "as the headings of Results: E3 alone has 50 %"),
        ("[percent rank] <= 25%", ["E4", "E5"], "a heading of two words may stand in brackets"),
    ],
)
def test_lists_may_ask_for_them(condition, people, why):
    scheme = small.scheme({"top 20% and total >= 60": condition})
    lists = outputs(appraise(small.tables(), scheme), "en")["lists"]
    assert sorted(lists["employee_id"]) == people, why


def test_the_evidence_tells_the_figure():
    scheme = small.scheme({"top 20% and total >= 60": "percentile >= 60% and dense_place = 2"})
    (told,) = outputs(appraise(small.tables(), scheme), "en")["lists"]["evidence"]
    assert told.endswith("place 3 of 5, place without gaps 2, percentile 60%")


def test_a_number_without_the_percent_sign_is_an_error():
    problem = found({"top 20% and total >= 60": "percentile >= 80"}, "share-of-places")
    assert (problem.level, problem.details["cell"]) == ("error", 80)
    assert "percentile >= 80%" in problem.remedy("en")
