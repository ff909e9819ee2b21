"""Lists follow from rank shares, grades and totals; their head-counts are whole people."""

import pytest

from tests.small import SCHEME, scheme, tables
from xlperf.appraisal import appraise
from xlperf.outputs import outputs

PEOPLE = [f"E{n:02}" for n in range(1, 21)]


def lists(condition, people=PEOPLE, ratings=None, extra="", lang="en"):
    """Return who is on one list; by default twenty people with ratings from 5 down, so that E01 is first."""
    if ratings is None:
        ratings = [5 - 0.1 * rank for rank in range(len(people))]
    rated = [
        {
            "period": "2026-10",
            "employee_id": each,
            "indicator": "skill",
            "rater_id": "B",
            "relation": "manager",
            "score": score,
        }
        for each, score in zip(people, ratings, strict=True)
    ]
    made = tables(people, tasks=[], ratings=rated)
    start = SCHEME.index('where = "top 20%')
    text = {SCHEME[start:].strip(): f'where = "{condition}"\n{extra}'}
    appraisal = appraise(made, scheme(text, minimum_weight=0.1))
    assert appraisal.done, [problem.found("en") for problem in appraisal.problems]
    rows = outputs(appraisal, lang)["lists"]
    return rows["employee_id"].tolist(), rows


@pytest.mark.parametrize(
    ("condition", "on"),
    [
        ("top 5%", ["E01"]),
        ("top 10%", ["E01", "E02"]),
        ("last 5%", ["E20"]),
        ("last 25%", ["E16", "E17", "E18", "E19", "E20"]),
        ("top 2%", ["E01"]),  # 0.4 of a person: at least one in a pool of ten or more
        ("top 12.5%", ["E01", "E02", "E03"]),  # 2.5 people round half up
        ("top 10% and total >= 29.5", ["E01"]),  # 30 % × 97.5 = 29.25 for the second
        ("grade = A", ["E01", "E02", "E03", "E04"]),
        ("grade in (C) and not (last 10%)", ["E17", "E18"]),
        ("work > 0", []),
        ("ability >= 95", ["E01", "E02", "E03"]),
    ],
)
def test_who_is_on_a_list(condition, on):
    assert lists(condition)[0] == on


def test_equal_totals_at_the_edge_are_on_the_list_together():
    assert lists("top 10%", ratings=[5, 4, 4, 4] + [3] * 16)[0] == ["E01", "E02", "E03", "E04"]
    assert lists("last 10%", ratings=[5] * 17 + [3, 3, 2])[0] == ["E18", "E19", "E20"]


def test_a_list_can_be_for_one_staff_class():
    people = [
        {"employee_id": each, "staff_class": "office" if n % 2 else "front_line"} for n, each in enumerate(PEOPLE)
    ]
    made = tables(people)
    text = {'where = "top 20% and total >= 60"': 'where = "top 50%"\nstaff_class = "office"'}
    rows = outputs(appraise(made, scheme(text, minimum_weight=0.1)), "en")["lists"]
    assert set(rows["employee_id"]) <= {each for n, each in enumerate(PEOPLE) if n % 2}
    assert len(rows)


def test_a_list_carries_its_evidence():
    _, rows = lists("top 5% and total > 29")
    assert rows["evidence"].tolist() == ['place among the top 5%, and "Total" is above 29: total 30, place 1 of 20']
    _, rows = lists("top 5% and total > 29", lang="zh")
    assert rows["evidence"].tolist() == ["名次在前 5%，并且“总分”超过29：总分 30，第 1 名（共 20 人）"]
