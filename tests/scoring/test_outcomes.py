"""Lists follow from rank shares, grades and totals; their head-counts are whole people."""

import tomllib
from datetime import date
from pathlib import Path

import narwhals as nw
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.small import SCHEME, scheme, tables
from xlperf.core.numbers import fraction_of
from xlperf.core.periods import Period, Periods
from xlperf.core.problems import Text
from xlperf.policy.conditions import Scope, When, read, rows_meeting
from xlperf.policy.scheme import Grade, Outcome
from xlperf.reporting.output_tables import outputs
from xlperf.schema.tables import empty, table_of
from xlperf.scoring.distribution import top_places
from xlperf.scoring.outcomes import evidence, on_lists, standing_of
from xlperf.scoring.pipeline import appraise

PEOPLE = [f"E{n:02}" for n in range(1, 21)]
CASES = tomllib.loads((Path(__file__).parents[1] / "cases" / "outcomes.toml").read_text("utf-8"))
GRADES = [Grade(code, Text(zh, en), 0, 100, 0, 1) for code, zh, en in CASES["grades"]]
RESULTS = Scope.of_sheet("results")


def lists(condition, people=PEOPLE, ratings=None, extra="", lang="en", history=()):
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
    made = tables(people, tasks=[], ratings=rated, history=list(history))
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


def test_a_streak_looks_at_the_history_sheet():
    before = [("2026-09", "E01", 29), ("2026-08", "E01", 29), ("2026-09", "E02", 29), ("2026-07", "E02", 29)]
    history = [{"period": period, "employee_id": person, "total": total} for period, person, total in before]
    assert lists("total > 28 for 3 periods", history=history)[0] == ["E01"]
    assert lists("total > 28 for 2 periods", history=history)[0] == ["E01", "E02"]
    assert lists("total > 28 for 2 periods")[0] == []


# People and their history, without the steps before ------------------------------------------------------------------


def standing(results, history=(), period="2026-10", custom=()):
    """Return where people stand; results are [person, total, grade, targets met], placed by total in one pool."""
    full = [[*row, *[""] * (4 - len(row))] for row in results]
    totals = {person: total for person, total, grade, _ in full if total != "-" and grade != "not ranked"}
    rows = pd.DataFrame(
        {
            "employee_id": [row[0] for row in full],
            "total": [np.nan if row[1] == "-" else float(row[1]) for row in full],
            "grade": [row[2] if row[2] and row[0] in totals else None for row in full],
            "targets_met": [np.nan if row[3] == "" else float(row[3]) for row in full],
            "place": [1.0 + sum(t > row[1] for t in totals.values()) if row[0] in totals else np.nan for row in full],
            "pool": ["everybody" if row[0] in totals else "" for row in full],
            "pool_size": [len(totals) if row[0] in totals else np.nan for row in full],
        }
    )
    names = ("period", "employee_id", "total", "grade", "place")
    earlier = [dict(zip(names, [None if cell in ("", "-") else cell for cell in row], strict=False)) for row in history]
    calendar = Periods([Period(code, "custom", *map(date.fromisoformat, days)) for code, *days in custom])
    now = calendar.find(period)
    return standing_of(
        rows,
        GRADES,
        When(now.start, now.end, now.start, now.end),
        lambda share, size: top_places(size, fraction_of(share), 10),
        (table_of("history", earlier) if earlier else empty("history")).frame,
        now,
        calendar,
    )


def outcome(where, eligible=None):
    return Outcome(
        "list", Text("名单", "List"), read(where, RESULTS), (eligible and read(eligible, RESULTS)) or None, ()
    )


def on(where, eligible=None, **given):
    stood = standing(**given)
    return stood.rows["employee_id"][on_lists(stood, [outcome(where, eligible)]).member[:, 0]].tolist()


@pytest.mark.parametrize("case", CASES["list"], ids=lambda case: case["name"])
def test_worked_examples(case):
    given = {name: case[name] for name in ("results", "history", "period", "custom") if name in case}
    for lang in (0, 1):
        eligible = case["eligible"][lang] if "eligible" in case else None
        assert on(case["where"][lang], eligible, **given) == case["on"]


def because(where, eligible=None, lang="en", **given):
    """Return the evidence of everybody on a list."""
    stood, asked = standing(**given), outcome(where, eligible)
    found = on_lists(stood, [asked])
    rows = stood.rows[found.member[:, 0]].join(found.grounds[0])
    return [evidence(row, asked, RESULTS.columns, lang) for row in rows.to_dict("records")]


def test_the_evidence_of_a_streak_lists_its_periods():
    given = {
        "results": [["Zhang", 90.5, "A"], ["Li", 80, "B"]],
        "history": [
            ["2026Q2", "Zhang", 93, "A", 2],
            ["2026年第1季度", "Zhang", 91.2, "Excellent", 3],
            ["2025Q4", "Zhang", 70, "B", 9],
        ],
        "period": "2026Q3",
    }
    assert because("total >= 90 for 3 periods", **given) == [
        '"Total" is at least 90 in each of the last 3 periods (this one included): '
        "total 90.5, place 1 of 2; 2026Q1 91.2, 2026Q2 93, 2026Q3 90.5"
    ]
    assert because("grade = A for 2 periods", lang="zh", **given) == [
        "连续 2 期（含本期）每期“等级”是“A”：总分 90.5，第 1 名（共 2 人）；2026Q2 93 A，2026Q3 90.5 A"
    ]
    assert because("place <= 3 for 3 periods and total > 85", **given) == [
        '"Place" is at most 3 in each of the last 3 periods (this one included), and "Total" is above 85: '
        "total 90.5, place 1 of 2; 2026Q1 91.2 place 3, 2026Q2 93 place 2, 2026Q3 90.5 place 1"
    ]


def test_the_evidence_does_not_bridge_a_gap_either():
    history = [["2026-08", "Zhang", 95], ["2026-09", "Li", 60]]
    given = {"results": [["Zhang", 95], ["Li", 60]], "history": history}
    assert because("top 50% or total >= 90 for 3 periods", **given)[0].endswith("; 2026-10 95")


def test_the_evidence_of_eligibility_counts_the_eligible():
    people = [["Zhang", 99, "", 0.5], ["Li", 98, "", 1], ["Wang", 97, "", 1], ["Zhao", 90, "", 1], ["Sun", 80, "", 1]]
    given = {"where": "top 25%", "eligible": "targets_met >= 100%", "results": people}
    assert because(**given) == [
        'place among the top 25%; eligible: "Targets met" is at least 100%: total 98, place 1 of 4 eligible'
    ]
    assert because(lang="zh", **given) == [
        "名次在前 25%；资格：“达标率”不低于100%：总分 98，在符合资格的 4 人中第 1 名"
    ]


def test_a_column_that_was_not_computed_is_empty():
    people = [["Zhang", 99], ["Li", 98]]
    assert on("pay > 0 or coefficient > 0", results=people) == []
    assert on("department is empty", results=people) == ["Zhang", "Li"]


def test_a_tie_break_chain_separates_equal_totals_at_both_ends():
    stood = standing([["Zhang", 90], ["Li", 80], ["Wang", 80], ["Zhao", 80]])
    chained = stood.rows.assign(place=[1.0, 2.0, 3.0, 4.0])
    again = standing_of(
        chained, GRADES, stood.period_when, stood.head_count, empty("history").frame, stood.period, Periods()
    )
    member = on_lists(again, [outcome("top 50%"), outcome("last 25%"), outcome("last 25%", "total < 85")]).member
    assert member.tolist() == [[True, False, False], [True, False, False], [False, False, False], [False, True, True]]


def test_other_rows_of_the_same_people_can_be_asked():
    stood = standing([["Zhang", 90], ["Li", 80]], [["2026-09", "Li", 90]])
    rows = nw.from_native(pd.DataFrame({"employee_id": ["Li", "Wang", "Zhang"]}))
    for text, met in (("top 50%", [False, False, True]), ("total >= 80 for 2 periods", [True, False, False])):
        asked = rows_meeting(read(text, RESULTS), stood.when)
        assert rows.select(met=asked)["met"].to_list() == met


# Made at random ------------------------------------------------------------------------------------------------------

QUARTERS = ["2025Q3", "2025Q4", "2026Q1", "2026Q2", "2026Q3", "2026Q4"]
scores = st.sampled_from([60, 80, 90, 95])
names = st.sampled_from("ABCDE")
pasts = st.dictionaries(st.tuples(st.sampled_from(QUARTERS[:-1]), names), scores | st.just("-"))
presents = st.dictionaries(names, scores | st.just("-"), min_size=1)


@given(presents, pasts, st.integers(2, 5), st.integers(59, 96), st.randoms())
def test_a_streak_is_what_a_clerk_finds_going_back_quarter_by_quarter(now, past, count, bound, chance):
    known = past | {(QUARTERS[-1], person): total for person, total in now.items()}
    expected = [
        person
        for person in now
        if all(known.get((quarter, person), "-") not in {"-", *range(bound)} for quarter in QUARTERS[-count:])
    ]
    history = [[period, person, total] for (period, person), total in past.items()]
    chance.shuffle(history)
    given = {"results": [[*each] for each in now.items()], "history": history, "period": QUARTERS[-1]}
    assert on(f"total >= {bound} for {count} periods", **given) == expected


@given(st.dictionaries(names, st.tuples(scores, st.booleans()), min_size=1), st.integers(1, 100), st.randoms())
def test_the_eligible_are_placed_as_if_they_were_alone(people, share, chance):
    everybody = [[person, total, "", float(fit)] for person, (total, fit) in people.items()]
    alone = [row for row in everybody if row[3] == 1]
    shuffled = chance.sample(everybody, len(everybody))
    for end in ("top", "last"):
        expected = sorted(on(f"{end} {share}%", results=alone)) if alone else []
        assert sorted(on(f"{end} {share}%", "targets_met = 1", results=everybody)) == expected
        assert sorted(on(f"{end} {share}%", "targets_met = 1", results=shuffled)) == expected
