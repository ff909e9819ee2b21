"""People who change position within the period: scored in each post, weighed by the days in it."""

import numpy as np
import pandas as pd
import pytest

from tests.small import OCTOBER, scheme, tables
from xlperf.schema.tables import table_of
from xlperf.scoring.assignments import home_posts, spells_of
from xlperf.scoring.pipeline import appraise

SMALL = scheme()
POSTS = {
    '[[indicators]]\ncode = "on_time"': '[[indicators]]\ngroup = "desk"\ncode = "on_time"',
    '[[indicators]]\ncode = "done"': '[[indicators]]\ngroup = "desk"\ncode = "done"',
    '[[grades]]\ncode = "A"': """[[indicators]]
code = "visits"
name = "拜访"
name_en = "Visits"
dimension = "work"
weight = 70
group = "field"
unit = "次"
direction = "higher"
source = "tasks"
measure = "count"
where = "done_date in period and task_kind = \\"visit\\""
target = 31
rule = "proportional"
parameters = "cap = 100%; floor = 0%"

[[grades]]
code = "A\"""",
}


def people(**more):
    return [
        {"employee_id": "E1", "group": "desk", "hire_date": "2020-01-01", **more},
        {"employee_id": "E2", "group": "desk", "hire_date": "2020-01-01"},
        {"employee_id": "E3", "group": "field", "hire_date": "2020-01-01"},
    ]


def post(employee, group, start, end=None):
    return {"employee_id": employee, "group": group, "start": start, "end": end}


def assigned(*rows):
    return table_of("assignments", list(rows))


def appraised(posts, movers="days"):
    tasks = [
        *(
            {
                "task_id": f"D{n}",
                "owner_id": "E1",
                "due_date": "2026-10-10",
                "done_date": "2026-10-09",
                "status": "done",
            }
            for n in range(4)
        ),
        *(
            {"task_id": f"V{n}", "owner_id": "E1", "task_kind": "visit", "done_date": "2026-10-25", "status": "done"}
            for n in range(6)
        ),
        *(
            {"task_id": f"F{n}", "owner_id": "E3", "task_kind": "visit", "done_date": "2026-10-25", "status": "done"}
            for n in range(31)
        ),
    ]
    given = tables(people(), tasks=tasks)
    return appraise({**given, "assignments": assigned(*posts)}, scheme(POSTS, movers=movers), "2026-10")


MOVED = [post("E1", "desk", "2026-01-01", "2026-10-19"), post("E1", "field", "2026-10-20")]


def test_scores_of_two_posts_are_weighed_by_their_days():
    """19 days at the desk, 12 in the field.

    Desk: on time 4 of 4 against 80 %, capped: 100; done 10 of 4 × 19/31: 100; skill (4-1)/4 = 75: 0.7 × 100 + 0.3 × 75 = 92.5.
    Field: 6 visits of 31 × 12/31 = 12: 50; 0.7 × 50 + 0.3 × 75 = 57.5. Total (19 × 92.5 + 12 × 57.5) / 31 = 78.95.
    """
    found = appraised(MOVED)
    assert found.done, [each.found("en") for each in found.problems if each.level == "error"]
    assert found.totals.total[0] == 78.95
    codes = [each.code for each in found.indicators]
    assert found.points.targets[0, codes.index("visits")] == pytest.approx(12)
    assert found.points.targets[0, codes.index("done")] == pytest.approx(4 * 19 / 31)
    assert found.totals.weights[0].sum() == pytest.approx(1)
    assert found.totals.contribution[0].sum() == pytest.approx((19 * 92.5 + 12 * 57.5) / 31)


@pytest.mark.parametrize(("movers", "total"), [("last", 0.7 * 600 / 31 + 22.5), ("longest", 92.5)])
def test_a_scheme_may_take_one_post_for_the_whole_period(movers, total):
    """The field post at the end: 6 of 31 visits; the desk held longest: as if nobody had moved."""
    assert appraised(MOVED, movers).totals.total[0] == pytest.approx(total, abs=0.00501)


def test_who_did_not_move_is_scored_as_before():
    still, moved = appraised([]), appraised(MOVED)
    assert still.totals.total[1:] == pytest.approx(moved.totals.total[1:], nan_ok=True)


def test_the_shares_of_a_person_total_one():
    frame = pd.DataFrame({"employee_id": ["E1", "E2"], "department": None, "group": "a", "service": 1.0})
    rows = [
        post("E1", "a", "2026-09-20", "2026-10-05"),
        post("E1", "b", "2026-10-06", "2026-10-20"),
        post("E1", "c", "2026-10-21"),
    ]
    spells = spells_of(frame, assigned(*rows), SMALL.settings, OCTOBER)
    assert np.bincount(spells.person, weights=spells.share).tolist() == [1, 1]
    assert spells.share[:3].tolist() == [5 / 31, 15 / 31, 11 / 31]
    shuffled = spells_of(frame, assigned(*reversed(rows)), SMALL.settings, OCTOBER)
    assert shuffled.posts.equals(spells.posts)


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([post("E1", "desk", "2026-01-01", "2026-10-20"), post("E1", "field", "2026-10-20")], "spells-overlap"),
        ([post("E1", "desk", "2026-10-20", "2026-10-01")], "spell-backward"),
        ([post("E9", "desk", "2026-10-20")], "spell-of-nobody"),
    ],
)
def test_doubtful_posts_are_reported(rows, code):
    found = appraised(rows)
    (problem,) = [each for each in found.problems if each.code == code]
    assert problem.level == "error"
    assert problem.cells
    assert not found.done


def test_a_gate_that_is_not_passed_keeps_out_of_the_ranking():
    staff = [{**each, "onboarding_passed": word} for each, word in zip(people(), ("yes", "no", None), strict=True)]
    found = appraise(tables(staff), scheme(gates=("onboarding_passed",)), "2026-10")
    assert found.ranking.ranked.tolist() == [True, False, False]
    assert found.totals.total[1] == found.totals.total[1]
    (note,) = [each for each in found.problems if each.code == "not-ranked"]
    assert "E2, E3" in note.found("en")


def test_days_between_two_spells_are_days_of_absence():
    """There from the 1st to the 11th and from the 19th: 24 of 31 days, and nothing is cut where no day is missing."""
    everybody = pd.DataFrame({"employee_id": ["E1", "E2"], "department": "N", "group": "desk", "service": [1.0, 1.0]})
    posts = assigned(
        post("E1", "desk", "2026-10-01", "2026-10-11"),
        post("E1", "desk", "2026-10-19"),
        post("E2", "desk", "2026-10-01", "2026-10-18"),
        post("E2", "field", "2026-10-15"),
    )
    there = home_posts(everybody, posts, SMALL.settings, OCTOBER)["service"]
    assert there.tolist() == pytest.approx([24 / 31, 1.0])


@pytest.mark.parametrize(
    ("end", "leave", "told"), [("2026-10-11", None, 1), ("2026-10-11", "2026-10-11", 0), (None, None, 0)]
)
def test_a_last_post_that_ends_while_somebody_stays_is_warned_of(end, leave, told):
    given = {**tables(people(leave_date=leave)), "assignments": assigned(post("E1", "desk", "2026-01-01", end))}
    found = appraise(given, scheme(), "2026-10")
    assert [each.cells for each in found.problems if each.code == "spell-ends-early"] == ["D2"] * told
