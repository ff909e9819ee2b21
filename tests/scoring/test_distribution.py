"""Forced distribution: head-counts, places, ties, and pools that are too small.

The referee below counts everybody against everybody, in plain Python and exact fractions.
"""

from __future__ import annotations

import math
import sys
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple, get_args

import numpy as np
import pytest
from effort import draws
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from xlperf.scoring import distribution
from xlperf.scoring.distribution import (
    Distribution,
    Rounding,
    Ties,
    competition_ranks,
    dense_ranks,
    distribute,
    group_sizes,
    head_counts,
    last_places,
    merge_small,
    top_places,
)

CASES = tomllib.loads((Path(__file__).parents[1] / "cases" / "distribution.toml").read_text("utf-8"))
ROUNDINGS: tuple[Rounding, ...] = get_args(Rounding)
TIES: tuple[Ties, ...] = get_args(Ties)
NAN = math.nan
HALF = Fraction(1, 2)
A_B_C = [Fraction(1, 5), Fraction(3, 5), Fraction(1, 5)]


def named(section: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in CASES[section]])


def exact(shares: Iterable[str]) -> list[Fraction]:
    return [Fraction(share) for share in shares]


def as_shares(weights: Sequence[int]) -> list[Fraction]:
    return [Fraction(weight, sum(weights)) for weight in weights]


class Staff(NamedTuple):
    """A company: one score and group per person, and two columns to break ties with."""

    scores: list[float]
    groups: list[int]
    keys: list[list[float]]

    def reordered(self, order: Sequence[int]) -> Staff:
        return Staff(
            [self.scores[i] for i in order],
            [self.groups[i] for i in order],
            [[key[i] for i in order] for key in self.keys],
        )


def grade_all(staff: Staff, shares: Sequence[Fraction], rounding: Rounding, ties: Ties) -> Distribution:
    return distribute(staff.scores, staff.groups, shares, rounding, ties, staff.keys)


shares_of_grades = st.lists(st.integers(0, 20), min_size=1, max_size=6).filter(any).map(as_shares)
roundings = st.sampled_from(ROUNDINGS)
tie_policies = st.sampled_from(TIES)
few_values = st.sampled_from([60.0, 74.5, 80.0, 80.5, 91.0, NAN])  # few, so that ties are common
key_values = st.sampled_from([0.0, 1.0, 2.0, NAN])
people = st.tuples(few_values, st.integers(-1, 3), key_values, key_values)
companies = st.lists(people, max_size=24).map(
    lambda rows: Staff([r[0] for r in rows], [r[1] for r in rows], [[r[2] for r in rows], [r[3] for r in rows]])
)


# The referee


def referee_counts(size: int, shares: Sequence[Fraction], rounding: Rounding) -> list[int]:
    if rounding == "largest_remainder":
        counts = [(size * share.numerator) // share.denominator for share in shares]
        while sum(counts) < size:
            remainders = [size * share - count for share, count in zip(shares, counts, strict=True)]
            counts[remainders.index(max(remainders))] += 1
        return counts
    counts = []
    for grade in range(len(shares)):
        so_far = sum(shares[: grade + 1], Fraction(0))
        people, rest = divmod(size * so_far.numerator, so_far.denominator)
        if (rounding == "ceiling" and rest > 0) or (rounding == "lines" and 2 * rest >= so_far.denominator):
            people += 1
        counts.append(people - sum(counts))
    return counts


def referee(staff: Staff, shares: Sequence[Fraction], rounding: Rounding, ties: Ties) -> tuple[list[int], list[int]]:
    def standing(i: int) -> list[float]:
        columns = [staff.scores, *staff.keys] if ties == "chain" else [staff.scores]
        return [-math.inf if math.isnan(column[i]) else column[i] for column in columns]

    everybody = range(len(staff.scores))
    competing = [i for i in everybody if staff.groups[i] >= 0 and not math.isnan(staff.scores[i])]
    grades, places = [-1] * len(everybody), [0] * len(everybody)
    for i in competing:
        pool = [standing(j) for j in competing if staff.groups[j] == staff.groups[i]]
        better = sum(other > standing(i) for other in pool)
        equal = sum(other == standing(i) for other in pool)
        counts = referee_counts(len(pool), shares, rounding)
        grade_by_place = [grade for grade, count in enumerate(counts) for _ in range(count)]
        places[i] = better + 1
        grades[i] = grade_by_place[better + equal - 1 if ties == "worse" else better]
    return grades, places


# Worked examples


@pytest.mark.parametrize("rounding", ROUNDINGS)
@named("head_count")
def test_worked_head_counts(case: dict[str, Any], rounding: Rounding) -> None:
    assert list(head_counts(case["size"], exact(case["shares"]), rounding)) == case[rounding]


@named("distribution")
def test_worked_distributions(case: dict[str, Any]) -> None:
    result = distribute(
        case["scores"],
        case.get("groups", [0] * len(case["scores"])),
        exact(case["shares"]),
        case.get("rounding", "lines"),
        case.get("ties", "better"),
        case.get("keys", []),
    )
    assert ["-" if grade == -1 else "ABCDEF"[grade] for grade in result.grade.tolist()] == case["grades"]
    assert result.place.tolist() == case["places"]
    if "overshoot" in case:
        assert result.overshoot.tolist() == [case["overshoot"]]


@named("top")
def test_worked_top_places(case: dict[str, Any]) -> None:
    by_size = {size: top_places(int(size), Fraction(case["share"]), case["minimum_pool"]) for size in case["people"]}
    assert by_size == case["people"]


@named("merge")
def test_worked_merges(case: dict[str, Any]) -> None:
    paths = [tuple(path) for path, people, _ in case["pools"] for _ in range(people)]
    expected = [tuple(pool) for _, people, pool in case["pools"] for _ in range(people)]
    assert merge_small(paths, case["minimum"]) == expected


# Whole people


@given(st.integers(0, 300), shares_of_grades, roundings)
def test_head_counts_are_whole_people_that_add_up_and_less_than_one_away(
    size: int, shares: list[Fraction], rounding: Rounding
) -> None:
    counts = head_counts(size, shares, rounding)
    assert list(counts) == referee_counts(size, shares, rounding)
    assert sum(counts) == size
    for count, share in zip(counts, shares, strict=True):
        assert count in (math.floor(size * share), math.ceil(size * share))


@given(st.integers(0, 300), shares_of_grades)
def test_lines_stay_on_the_promised_side_of_the_share_so_far(size: int, shares: list[Fraction]) -> None:
    so_far = [size * sum(shares[: grade + 1], Fraction(0)) for grade in range(len(shares))]
    nearest, below, above = (last_places(size, shares, rounding) for rounding in ("lines", "floor", "ceiling"))
    assert all(-HALF < line - people <= HALF for line, people in zip(nearest, so_far, strict=True))
    assert all(-1 < line - people <= 0 for line, people in zip(below, so_far, strict=True))
    assert all(0 <= line - people < 1 for line, people in zip(above, so_far, strict=True))


@given(shares_of_grades, st.sampled_from(["lines", "floor", "ceiling"]))
def test_no_line_moves_up_when_the_group_grows_by_one(shares: list[Fraction], rounding: Rounding) -> None:
    by_size = [last_places(size, shares, rounding) for size in range(61)]
    for smaller, larger in pairwise(by_size):
        assert all(line <= line_after <= line + 1 for line, line_after in zip(smaller, larger, strict=True))


def test_the_largest_remainder_can_take_a_place_away() -> None:
    shares = exact(["0.10", "0.45", "0.45"])
    assert last_places(6, shares, "largest_remainder")[0] < last_places(5, shares, "largest_remainder")[0]


@pytest.mark.parametrize(
    ("shares", "message"),
    [
        (["0.05", "0.20", "0.30", "0.20", "0.05"], "got 0.05 \\+ 0.2 \\+ 0.3 \\+ 0.2 \\+ 0.05 = 0.8"),
        (["0.5", "0.6"], "got 0.5 \\+ 0.6 = 1.1"),
        (["-0.1", "1.1"], "got -0.1 \\+ 1.1 = 1"),
        ([], "shares must add up to 1"),
    ],
)
@pytest.mark.parametrize("rounding", ROUNDINGS)
def test_shares_that_are_not_the_whole_are_refused(shares: list[str], message: str, rounding: Rounding) -> None:
    with pytest.raises(ValueError, match=message):
        last_places(10, exact(shares), rounding)
    with pytest.raises(ValueError, match=message):
        distribute([90, 80], [0, 0], exact(shares), rounding)


def test_binary_fractions_are_refused() -> None:
    with pytest.raises(TypeError, match=r"a share must be an exact fraction, got 0\.2"):
        last_places(15, [0.2, 0.7, 0.1])  # type: ignore[list-item]
    with pytest.raises(TypeError, match=r"a share must be an exact fraction, got 0\.05"):
        top_places(15, 0.05, 10)  # type: ignore[arg-type]


def test_unknown_policies_are_refused_with_the_choices() -> None:
    with pytest.raises(
        ValueError, match='rounding must be one of lines, largest_remainder, floor, ceiling, got "half"'
    ):
        last_places(5, A_B_C, "half")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match='ties must be one of better, worse, chain, got "both"'):
        distribute([90], [0], A_B_C, ties="both")  # type: ignore[arg-type]


@given(st.integers(0, 400), st.integers(0, 100), st.integers(0, 20))
def test_top_places_are_half_up_with_a_winner_from_the_minimum_on(size: int, percent: int, minimum_pool: int) -> None:
    people = top_places(size, Fraction(percent, 100), minimum_pool)
    half_up = (2 * size * percent + 100) // 200
    winner_is_due = percent > 0 and size > 0 and size >= minimum_pool
    assert people == (1 if winner_is_due and half_up == 0 else half_up)
    assert people <= size


@pytest.mark.parametrize("share", ["5", "-0.05", "1.01"])
def test_a_top_share_outside_0_to_1_is_refused(share: str) -> None:
    with pytest.raises(ValueError, match="share must be from 0 to 1, got"):
        top_places(10, Fraction(share), 10)


# Everybody's grade and place


@settings(max_examples=draws(300))
@given(companies, shares_of_grades, roundings, tie_policies)
def test_grades_and_places_are_those_of_the_referee(
    staff: Staff, shares: list[Fraction], rounding: Rounding, ties: Ties
) -> None:
    result = grade_all(staff, shares, rounding, ties)
    grades, places = referee(staff, shares, rounding, ties)
    assert result.grade.tolist() == grades
    assert result.place.tolist() == places


@given(companies, shares_of_grades, roundings, tie_policies)
def test_the_table_of_groups_agrees_with_the_people(
    staff: Staff, shares: list[Fraction], rounding: Rounding, ties: Ties
) -> None:
    result = grade_all(staff, shares, rounding, ties)
    tally = Counter(zip(staff.groups, result.grade.tolist(), strict=True))
    for group in range(max(staff.groups, default=-1) + 1):
        size = sum(
            own == group and not math.isnan(score) for own, score in zip(staff.groups, staff.scores, strict=True)
        )
        counts = [tally[group, grade] for grade in range(len(shares))]
        quotas = referee_counts(size, shares, rounding)
        assert result.sizes[group] == size == sum(counts)
        assert result.counts[group].tolist() == counts
        assert result.quotas[group].tolist() == quotas
        assert result.lines[group].tolist() == np.cumsum(quotas).tolist()
        assert result.overshoot[group].tolist() == [count - quota for count, quota in zip(counts, quotas, strict=True)]
    assert len(result.sizes) == len(result.lines) == max(staff.groups, default=-1) + 1


@given(companies, shares_of_grades, roundings, tie_policies)
def test_a_better_score_never_gets_a_lower_grade_and_equals_are_equal(
    staff: Staff, shares: list[Fraction], rounding: Rounding, ties: Ties
) -> None:
    grade = grade_all(staff, shares, rounding, ties).grade.tolist()
    ranked = [i for i, score in enumerate(staff.scores) if staff.groups[i] >= 0 and not math.isnan(score)]
    for i in ranked:
        for j in ranked:
            if staff.groups[i] == staff.groups[j] and staff.scores[i] > staff.scores[j]:
                assert grade[i] <= grade[j]
            if staff.groups[i] == staff.groups[j] and staff.scores[i] == staff.scores[j] and ties != "chain":
                assert grade[i] == grade[j]


@given(companies, shares_of_grades, roundings, tie_policies, st.randoms())
def test_row_order_never_decides(
    staff: Staff, shares: list[Fraction], rounding: Rounding, ties: Ties, random: Any
) -> None:
    order = list(range(len(staff.scores)))
    random.shuffle(order)
    straight, shuffled = (grade_all(s, shares, rounding, ties) for s in (staff, staff.reordered(order)))
    assert shuffled.grade.tolist() == [straight.grade[i] for i in order]
    assert shuffled.place.tolist() == [straight.place[i] for i in order]
    assert shuffled.counts.tolist() == straight.counts.tolist()


@given(st.lists(st.integers(0, 10_000), max_size=40, unique=True), shares_of_grades, roundings, tie_policies)
def test_without_ties_every_quota_is_met(
    scores: list[int], shares: list[Fraction], rounding: Rounding, ties: Ties
) -> None:
    result = distribute(scores, [0] * len(scores), shares, rounding, ties)
    assert not result.overshoot.any()
    assert result.sizes.tolist() == ([len(scores)] if scores else [])


@given(
    companies, shares_of_grades, st.sampled_from(["lines", "floor", "ceiling"]), st.sampled_from(["better", "worse"])
)
def test_a_weaker_newcomer_costs_nobody_a_grade(
    staff: Staff, shares: list[Fraction], rounding: Rounding, ties: Ties
) -> None:
    before = distribute(staff.scores, staff.groups, shares, rounding, ties).grade
    after = distribute([*staff.scores, 1.0], [*staff.groups, 0], shares, rounding, ties).grade[:-1]
    assert (after <= before).all()


@given(companies)
def test_worst_places_are_best_places_counted_from_the_other_end(staff: Staff) -> None:
    worst = competition_ranks(staff.scores, staff.groups, worst=True)
    from_the_end = competition_ranks([-score for score in staff.scores], staff.groups)
    sizes = group_sizes(staff.scores, staff.groups)
    for group, place, reverse in zip(staff.groups, worst.tolist(), from_the_end.tolist(), strict=True):
        assert place == (sizes[group] + 1 - reverse if reverse else 0)


@given(companies)
def test_a_chain_only_separates_equals(staff: Staff) -> None:
    assume(staff.scores)
    shared = competition_ranks(staff.scores, staff.groups)
    worst = competition_ranks(staff.scores, staff.groups, worst=True)
    separated = competition_ranks(staff.scores, staff.groups, tie_keys=staff.keys)
    assert ((shared <= separated) & (separated <= worst)).all()


@given(companies)
def test_dense_places_number_the_different_scores_of_a_group(staff: Staff) -> None:
    found = dense_ranks(staff.scores, staff.groups).tolist()
    for group, score, place in zip(staff.groups, staff.scores, found, strict=True):
        same = {s for s, g in zip(staff.scores, staff.groups, strict=True) if g == group and s == s}
        assert place == (0 if group < 0 or score != score else sum(other > score for other in same) + 1)


def test_dense_places_have_no_gaps() -> None:
    assert dense_ranks([95, 95, 90, 88, 88, 80], [0] * 6).tolist() == [1, 1, 2, 3, 3, 4]
    assert dense_ranks([95, 95, 90], [0] * 3, tie_keys=[[1, 2, 0]]).tolist() == [2, 1, 3]
    assert dense_ranks([], []).tolist() == []


def test_zero_and_minus_zero_are_one_score() -> None:
    assert competition_ranks([0.0, -0.0, 0.0], [0, 0, 0]).tolist() == [1, 1, 1]


def lines_run(work: Callable[[], object]) -> int:
    """Count the lines of distribution.py that a call runs through, comprehensions included."""
    lines = 0

    def trace(frame: FrameType, event: str, _: object) -> Any:
        nonlocal lines
        lines += event == "line"
        return trace if frame.f_code.co_filename == distribution.__file__ else None

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return lines


@pytest.mark.parametrize("ties", TIES)
def test_the_work_is_done_on_whole_columns(ties: Ties) -> None:
    def grade(people: int) -> None:
        scores = np.arange(people) % 17
        distribute(scores, np.zeros(people, dtype=int), A_B_C, ties=ties, tie_keys=[scores % 3])

    assert lines_run(lambda: grade(100)) == lines_run(lambda: grade(10_000))


# Pools that are too small

unit_paths = st.lists(st.sampled_from(["a", "b", "c"]), max_size=3).map(tuple)


def settle(paths: Sequence[tuple[str, ...]], minimum: int) -> list[tuple[str, ...]]:
    """Settle every pool from the top of the tree down: a unit asks its children whom they could not seat."""
    pool_of: dict[int, tuple[str, ...]] = {}

    def unseated(unit: tuple[str, ...], members: list[int]) -> list[int]:
        depth = len(unit)
        own = [i for i in members if len(paths[i]) == depth]
        for child in sorted({paths[i][depth] for i in members if len(paths[i]) > depth}):
            own += unseated((*unit, child), [i for i in members if paths[i][depth : depth + 1] == (child,)])
        if len(own) < minimum:
            return own
        pool_of.update(dict.fromkeys(own, unit))
        return []

    rest = unseated((), list(range(len(paths))))
    seated = Counter(pool_of.values())
    home = min(seated, key=lambda pool: (seated[pool], pool)) if seated else ()
    pool_of.update(dict.fromkeys(rest, home))
    return [pool_of[i] for i in range(len(paths))]


@given(st.lists(unit_paths, max_size=40), st.integers(0, 12))
def test_merged_pools_are_those_of_the_referee(paths: list[tuple[str, ...]], minimum: int) -> None:
    assert merge_small(paths, minimum) == settle(paths, minimum)


@given(st.lists(unit_paths, min_size=1, max_size=40), st.integers(0, 12))
def test_no_merged_pool_is_too_small_while_there_are_others(paths: list[tuple[str, ...]], minimum: int) -> None:
    sizes = Counter(merge_small(paths, minimum))
    assert sizes.total() == len(paths)
    assert min(sizes.values()) >= minimum or len(sizes) == 1
    if len(paths) < minimum:
        assert set(sizes) == {()}


@given(st.lists(unit_paths, max_size=40), st.integers(0, 12), st.randoms())
def test_merging_does_not_depend_on_row_order(paths: list[tuple[str, ...]], minimum: int, random: Any) -> None:
    order = list(range(len(paths)))
    random.shuffle(order)
    merged = merge_small(paths, minimum)
    assert merge_small([paths[i] for i in order], minimum) == [merged[i] for i in order]


@given(st.lists(unit_paths, max_size=40), st.integers(0, 12))
def test_pools_of_the_right_size_keep_their_own_people(paths: list[tuple[str, ...]], minimum: int) -> None:
    sizes = Counter(paths)
    for path, pool in zip(paths, merge_small(paths, minimum), strict=True):
        if sizes[path] >= minimum:
            assert pool == path
