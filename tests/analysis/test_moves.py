"""Who moved between two appraisals, and what moved them: in points of the total that add up."""

import json

import numpy as np
import pytest
from effort import one_by_default
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from tests import small
from xlperf.analysis.diff import moves
from xlperf.cli import app
from xlperf.scoring.pipeline import appraise

PEOPLE = [
    {"employee_id": "E1", "name": "Ann", "department": "N"},
    {"employee_id": "E2", "name": "Bob", "department": "N"},
    {"employee_id": "E3", "name": "Cy", "department": "N"},
]


def work(counts):
    """Tasks of October: for each person how many were done in time, and how many late."""
    return [
        {"task_id": f"{who}-{n}", "owner_id": who, "status": "done", "due_date": "2026-10-20",
         "done_date": "2026-10-10" if n < in_time else "2026-10-25"}
        for who, (in_time, late) in counts.items()
        for n in range(in_time + late)
    ]  # fmt: skip


def rated(scores):
    return [
        {"period": "2026-10", "employee_id": who, "indicator": "skill", "rater_id": "boss",
         "relation": "direct_superior", "score": score}
        for who, score in scores.items()
    ]  # fmt: skip


def appraised(counts, scores, adjustments=(), scheme=None, people=PEOPLE):
    found = appraise(
        small.tables(people, tasks=work(counts), ratings=rated(scores), adjustments=list(adjustments)),
        scheme or small.scheme(),
        "2026-10",
    )
    assert found.done, [each.found("en") for each in found.problems if each.level == "error"]
    return found


DONE = 'weight = {}\nunit = "项"'
COUNTS, SCORES = {"E1": (4, 0), "E2": (3, 1), "E3": (2, 2)}, {"E1": 5, "E2": 4, "E3": 3}


def told(found):
    return {
        (row["employee_id"], row["indicator"], row["cause"]): round(row["effect"], 6)
        for row in found.causes.to_dict("records")
    }


def test_nothing_moves_between_equal_appraisals():
    found = moves(appraised(COUNTS, SCORES), appraised(COUNTS, SCORES), "en")
    assert (len(found.people), len(found.causes), len(found.policy)) == (0, 0, 0)


def test_a_fact_moves_the_total_by_its_points():
    # Skill 3 of 1 to 5 is 50 points at 30 %, skill 4 is 75: 7.5 points of the total.
    found = moves(appraised(COUNTS, SCORES), appraised(COUNTS, {**SCORES, "E3": 4}), "en")
    assert told(found) == {("E3", "skill", "fact"): 7.5}
    cause = found.causes.iloc[0]
    assert (cause["before"], cause["after"]) == (3, 4)


def test_a_target_and_a_weight_are_told_apart():
    before = appraised(COUNTS, SCORES)
    after = appraised(COUNTS, SCORES, scheme=small.scheme({"target = 0.8": "target = 1"}))
    # E2 did 3 of 4 in time: 75 of 80 % was 93.75 points, 75 of 100 % is 75; at 40 % that is 7.5 points less.
    assert told(moves(before, after, "en"))["E2", "on_time", "target"] == -7.5
    heavier = small.scheme({"weight = 40": "weight = 45", DONE.format(30): DONE.format(25)})
    causes = told(moves(before, appraised(COUNTS, SCORES, scheme=heavier), "en"))
    # 93.75 points count 45 % and not 40 %: 4.6875 more, before rounding.
    assert causes["E2", "on_time", "weight"] == 4.6875
    assert {cause for _, _, cause in causes} <= {"weight", "rest"}


def test_adjustments_move_the_total_as_a_whole():
    bonus = [
        {
            "adjustment_id": "A1",
            "period": "2026-10",
            "employee_id": "E1",
            "adjustment_kind": "commendation",
            "points": 3,
        }
    ]
    found = moves(appraised(COUNTS, SCORES), appraised(COUNTS, SCORES, bonus), "en")
    assert told(found) == {("E1", "", "adjustment"): 3}


def test_who_came_and_who_left_are_listed_without_causes():
    new = [*PEOPLE[:2], {"employee_id": "E4", "name": "Di", "department": "N"}]
    after = appraised({"E1": (4, 0), "E2": (3, 1), "E4": (1, 1)}, {"E1": 5, "E2": 4, "E4": 2}, people=new)
    found = moves(appraised(COUNTS, SCORES), after, "en")
    people = found.people.set_index("employee_id")
    assert np.isnan(people.loc["E3", "total_after"])
    assert np.isnan(people.loc["E4", "total_before"])
    assert people.loc["E4", "name"] == "Di"
    assert not {"E3", "E4"} & set(found.causes["employee_id"])


def test_what_was_decided_otherwise_is_listed_by_its_cell():
    after = small.scheme({"target = 0.8": "target = 0.9"}, ties="worse")
    found = moves(appraised(COUNTS, SCORES), appraised(COUNTS, SCORES, scheme=after), "en").policy
    cells = {
        (row["sheet"], row["row"], row["column"]): (row["before"], row["after"]) for row in found.to_dict("records")
    }
    assert cells["Indicators", "on_time", "Target"] == ("0.8", "0.9")
    assert any(sheet == "Home" for sheet, _, _ in cells)
    assert len(cells) == 2


counts = st.fixed_dictionaries({who: st.tuples(st.integers(0, 5), st.integers(0, 5)) for who in COUNTS})
scores = st.fixed_dictionaries({who: st.integers(1, 5) for who in COUNTS})
weights = st.sampled_from([(40, 30), (10, 60), (50, 20)])


@given(counts, scores, weights, counts, scores, weights, st.integers(-10, 10))
def test_the_causes_add_up_to_the_difference(one, skills, weighed, other, skills_after, weighed_after, points):
    def scheme(pair):
        return small.scheme(
            {"weight = 40": f"weight = {pair[0]}", DONE.format(30): DONE.format(pair[1])},
            if_missing="redistribute", if_not_applicable="redistribute",
        )  # fmt: skip

    given_points = [
        {
            "adjustment_id": "A1",
            "period": "2026-10",
            "employee_id": "E1",
            "adjustment_kind": "commendation",
            "points": points,
        }
    ]
    before = appraised(one, skills, scheme=scheme(weighed))
    after = appraised(other, skills_after, given_points if points > 0 else (), scheme=scheme(weighed_after))
    found = moves(before, after, "zh")
    effects = found.causes.groupby("employee_id")["effect"].sum()
    for row in found.people.to_dict("records"):
        difference = row["total_after"] - row["total_before"]
        assert effects.get(row["employee_id"], 0) == pytest.approx(difference, abs=1e-9)
    moved = {row["employee_id"] for row in found.people.to_dict("records") if row["total_before"] != row["total_after"]}
    assert moved <= set(found.causes["employee_id"])


@pytest.fixture(scope="module")
def two_months(sample_path, tmp_path_factory):
    before = tmp_path_factory.mktemp("months") / "09.xlsx"
    words = ["new", "service-team", str(before), "--sample", "--lang", "en", "--period", "2026-09"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    return [str(before), str(sample_path("service-team", "en"))]


@pytest.mark.parametrize(("lang", "words"), one_by_default([("zh", "有变化的员工"), ("en", "People who moved")]))
def test_the_command_tells_who_moved_and_why(two_months, lang, words):
    done = CliRunner().invoke(app, ["diff", *two_months, "--lang", lang], env={"COLUMNS": "160"})
    assert done.exit_code == 0, done.output
    assert words in done.output
    data = json.loads(CliRunner().invoke(app, ["diff", *two_months, "--json"]).output)
    assert {each["employee_id"] for each in data["causes"]} <= {each["employee_id"] for each in data["people"]}
    one = data["people"][0]
    alone = json.loads(CliRunner().invoke(app, ["diff", *two_months, one["employee_id"], "--json"]).output)
    assert alone["people"] == [one]
