"""The statistics behind an evaluation, against textbook examples and independent computations."""

from itertools import combinations, permutations

import numpy as np
import pandas as pd
import pytest
from effort import draws
from hypothesis import given, settings
from hypothesis import strategies as st

from xlperf.analysis import statistics as review
from xlperf.scoring.matrices import Facts

NAN = float("nan")


# Targets -------------------------------------------------------------------------------------------------------------


def facts(numerator, denominator, actual):
    matrices = [np.array(each, np.float64) for each in (numerator, denominator, actual)]
    people = len(matrices[0])
    return Facts(pd.Index(range(people)), (), *matrices, np.zeros(matrices[0].shape, np.int8))


def test_a_ratio_of_the_company_is_a_ratio_of_sums():
    """9 of 10 and 10 of 90 are 19 of 100, not half of 1.01."""
    of_two = facts([[9], [10]], [[10], [90]], [[0.9], [10 / 90]])
    actual, target = review.company_level(of_two, np.array([[0.5], [0.9]]), np.ones((2, 1), bool))
    assert actual == pytest.approx([0.19])
    assert target == pytest.approx([(0.5 * 10 + 0.9 * 90) / 100])


def test_a_count_of_the_company_is_the_mean_of_those_it_applies_to():
    of_four = facts([[4], [8], [99], [5]], [[NAN]] * 4, [[4], [8], [99], [NAN]])
    applies = np.array([[True], [True], [False], [True]])
    actual, target = review.company_level(of_four, np.array([[5.0], [10], [1], [7]]), applies)
    assert actual == pytest.approx([6])
    assert target == pytest.approx([7.5])


def test_who_has_no_target_or_no_figure_does_not_count():
    of_three = facts([[1], [1], [NAN]], [[2], [1], [NAN]], [[0.5], [1], [NAN]])
    actual, target = review.company_level(of_three, np.array([[0.8], [NAN], [0.8]]), np.ones((3, 1), bool))
    assert (actual, target) == (pytest.approx([0.5]), pytest.approx([0.8]))
    nobody, _ = review.company_level(of_three, np.full((3, 1), NAN), np.ones((3, 1), bool))
    assert np.isnan(nobody).all()


@pytest.mark.parametrize(
    ("actual", "target", "direction", "expected"),
    [
        (0.98, 0.98, "higher", "met"),
        (0.1 + 0.2, 0.3, "lower", "met"),
        (0.95 * 0.98, 0.98, "higher", "close"),
        (0.93, 0.98, "higher", "below"),
        (21, 20, "lower", "close"),
        (22, 20, "lower", "below"),
        (0, 0, "lower", "met"),
        (1, 0, "lower", "below"),
        (-1, 0.05, "higher", "below"),
    ],
)
def test_a_target_is_met_close_or_below(actual, target, direction, expected):
    assert review.standing(actual, target, direction, 0.95) == expected


# Points --------------------------------------------------------------------------------------------------------------

POINTS = st.lists(st.tuples(*[st.one_of(st.just(NAN), st.integers(0, 6).map(float))] * 3), min_size=2, max_size=12).map(
    np.array
)


def test_spread_by_hand():
    found = review.spread(np.array([[100.0, 50], [100, 50], [120, 50], [40, NAN]]), np.array([100.0, 100]))
    assert found.people.tolist() == [4, 3]
    assert found.values.tolist() == [3, 1]
    assert found.ceiling.tolist() == [0.75, 0]
    assert found.floor.tolist() == [0, 0]
    assert found.deviation == pytest.approx([np.sqrt((10**2 + 10**2 + 30**2 + 50**2) / 3), 0])


def test_dust_makes_no_difference_between_people():
    found = review.spread(np.array([[0.1 + 0.2], [0.3]]), np.array([0.3]))
    assert found.values.tolist() == [1]
    assert found.ceiling.tolist() == [1]


def ranks(values):
    """Return mean ranks, the plain way: how many are smaller, and half of the equal ones."""
    return [sum(o < v for o in values) + (sum(o == v for o in values) + 1) / 2 for v in values]


@given(POINTS)
def test_rank_correlations_are_correlations_of_mean_ranks_of_those_who_have_both(points):
    found, people = review.rank_correlations(points)
    for i, j in combinations(range(points.shape[1]), 2):
        both = points[~np.isnan(points[:, [i, j]]).any(axis=1)][:, [i, j]]
        assert people[i, j] == len(both)
        if len(both) < 2 or (np.ptp(both, axis=0) == 0).any():
            assert np.isnan(found[i, j])
        else:
            expected = np.corrcoef(ranks(both[:, 0]), ranks(both[:, 1]))[0, 1]
            assert found[i, j] == pytest.approx(expected, abs=1e-8)


@given(st.lists(st.tuples(*[st.integers(0, 100).map(float)] * 4), min_size=2, max_size=20).map(np.array))
def test_variance_shares_of_what_adds_up_add_up(parts):
    total = parts.sum(axis=1)
    shares = review.variance_shares(parts, total)
    if np.ptp(total) == 0:
        assert np.isnan(shares).all()
    else:
        assert shares.sum() == pytest.approx(1)
        expected = [np.cov(part, total)[0, 1] / np.var(total, ddof=1) for part in parts.T]
        assert shares == pytest.approx(expected, abs=1e-9)


def test_correlation_has_a_sign_and_may_be_unknown():
    assert review.correlation([70, 80, 90], [3, 2, 1]) == -1
    assert review.correlation([1, 2, 3, 4], [2, 1, 4, 3]) == pytest.approx(0.6)
    assert np.isnan(review.correlation([70, 70], [1, 2]))


# Raters --------------------------------------------------------------------------------------------------------------

KRIPPENDORFF_2011 = """
1 2 3 3 2 1 4 1 2 . . .
1 2 3 3 2 2 4 1 2 5 . 3
. 3 3 3 2 3 4 2 2 5 1 .
1 2 3 3 2 4 4 1 2 5 1 .
"""


def alpha_of(rows):
    """Alpha by its definition: 1 − the mean squared difference of two ratings of a person ÷ that of any two."""
    people = {}
    for person, score in rows:
        people.setdefault(person, []).append(score)
    several = [scores for scores in people.values() if len(scores) > 1]
    everything = [score for scores in several for score in scores]
    observed = sum(sum((a - b) ** 2 for a, b in permutations(each, 2)) / (len(each) - 1) for each in several)
    expected = sum((a - b) ** 2 for a, b in permutations(everything, 2)) / (len(everything) - 1)
    return 1 - observed / expected


def alpha_of_nltk(rows):
    agreement = pytest.importorskip("nltk.metrics.agreement", reason="nltk is not installed")
    from nltk.metrics.distance import interval_distance

    rated = [(str(number), person, score) for number, (person, score) in enumerate(rows)]
    return agreement.AnnotationTask(rated, distance=interval_distance).alpha()


def test_agreement_of_the_published_example():
    """Krippendorff, Computing Krippendorff's Alpha-Reliability (2011): four observers, twelve units, interval data."""
    rows = [line.split() for line in KRIPPENDORFF_2011.split("\n") if line]
    rated = [(unit, int(score) / 5) for row in rows for unit, score in enumerate(row) if score != "."]
    alpha, people = review.rater_agreement(*zip(*rated, strict=True))
    assert round(alpha, 3) == 0.849
    assert people == 11


RATED = st.lists(st.tuples(st.sampled_from("ABCD"), st.integers(1, 10).map(lambda n: n / 10)), min_size=1, max_size=20)


@given(RATED, st.randoms())
@settings(max_examples=draws(50))
def test_agreement_is_what_its_definition_and_another_library_give_in_any_order(rows, chance):
    alpha, people = review.rater_agreement(*zip(*rows, strict=True))
    names = [name for name, _ in rows]
    several = [row for row in rows if names.count(row[0]) > 1]
    assert people == len({name for name, _ in several})
    if len({score for _, score in several}) < 2:
        assert np.isnan(alpha)
        return
    assert alpha == pytest.approx(alpha_of(rows))
    assert alpha == pytest.approx(alpha_of_nltk(several))
    shuffled = chance.sample(rows, len(rows))
    assert review.rater_agreement(*zip(*shuffled, strict=True)) == (alpha, people)


# Survey --------------------------------------------------------------------------------------------------------------


def feedback(*rows):
    frame = pd.DataFrame(rows, columns=["respondent", "department", "question", "score", "full"])
    return frame.astype(
        dict.fromkeys(("respondent", "department", "question"), "str") | {"score": float, "full": float}
    )


def test_a_respondent_counts_once_for_a_question():
    once = review.answers(
        feedback(
            ("R1", "N", "Fair?", 1, 5),
            ("R1", "N", "Fair?", 5, 5),
            ("R2", "N", "Fair?", 2, 4),
            ("R1", "N", "More?", 5, 5),
        )
    )
    assert once.to_dict("records") == [
        {"question": "Fair?", "respondent": "R1", "share": pytest.approx(0.6), "department": "N"},
        {"question": "Fair?", "respondent": "R2", "share": 0.5, "department": "N"},
        {"question": "More?", "respondent": "R1", "share": 1, "department": "N"},
    ]


def test_who_names_two_departments_belongs_to_none():
    once = review.answers(feedback(("R1", "N", "Fair?", 1, 5), ("R1", "S", "More?", 5, 5), ("R2", None, "Fair?", 2, 4)))
    assert once["department"].tolist() == ["", "", ""]


@pytest.mark.parametrize(("score", "full"), [(3, None), (None, 5), (6, 5), (-1, 5), (0, 0)])
def test_a_score_outside_its_scale_is_no_answer(score, full):
    assert review.answers(feedback(("R1", "N", "Fair?", score, full))).empty


SIZES = st.lists(st.integers(1, 12), min_size=1, max_size=6)


@given(SIZES, st.integers(1, 8))
def test_no_few_answers_can_be_told_from_the_total_and_what_is_shown(sizes, minimum):
    """The total and the groups shown are linear equations; no group of too few people follows from them."""
    shown = review.may_be_shown(sizes, minimum)
    known = np.vstack([np.ones(len(sizes)), np.eye(len(sizes))[shown]])
    rank = np.linalg.matrix_rank(known)
    for count in range(1, len(sizes)):
        for members in combinations(range(len(sizes)), count):
            if sum(sizes[i] for i in members) < minimum:
                wanted = np.isin(np.arange(len(sizes)), members).astype(float)
                assert np.linalg.matrix_rank(np.vstack([known, wanted])) > rank


@given(SIZES, st.integers(1, 8))
def test_no_more_is_hidden_than_needed(sizes, minimum):
    shown = review.may_be_shown(sizes, minimum)
    hidden = sorted(size for size, visible in zip(sizes, shown, strict=True) if not visible)
    assert all(size in hidden for size in sizes if size < minimum)
    if hidden and hidden[-1] >= minimum:
        assert sum(hidden[:-1]) < minimum
