"""The nine-box: two scores to a level each, named boxes, shares that are held, and the sheet that shows them."""

import tomllib

import openpyxl
import pytest
import small

import xlperf
from tests.small_book import codes, one
from xlperf.policy.schemes import from_records
from xlperf.scoring.pipeline import appraise
from xlperf.workbook.write.scheme_workbook import build

PEOPLE = tuple(f"E{number:02}" for number in range(1, 11))
AXES = (
    {"axis": "across", "name": "业绩", "name_en": "Performance", "score": "total", "middle_from": 90, "high_from": 97},
    {"axis": "up", "name": "潜力", "name_en": "Potential", "score": "能力", "middle_from": 70, "high_from": 90},
)
STARS = {"across": "high", "up": "high", "name": "明星", "name_en": "Stars", "advice": "重点保留", "most": 0.2}


def scheme(axes=AXES, boxes=(STARS,), **settings):
    raw = tomllib.loads(small.SCHEME)
    raw["settings"] |= {"language": "en"} | settings
    return from_records(raw | {"box_axes": list(axes), "boxes": list(boxes)}, "small")


def tables():
    """Ratings 5, 4.8 … 3.2: 100, 95 … 55 points of ability; totals 70 + 30 % of it: 100, 98.5 … 86.5."""
    ratings = [
        {"period": "2026-10", "employee_id": each, "indicator": "skill", "rater_id": "B", "relation": "manager",
         "score": 5 - 0.2 * number}
        for number, each in enumerate(PEOPLE)
    ]  # fmt: skip
    tasks = [small.task(10 * number + k, each) for number, each in enumerate(PEOPLE) for k in range(4)]
    return small.tables(PEOPLE, tasks, ratings)


def test_two_scores_make_a_box_and_its_share_is_held():
    """High across from 97 (E1 to E3: 100, 98.5, 97), high up from 90 (100, 95, 90); 20 % of ten people are two."""
    read, problems = scheme()
    done = appraise(tables(), read, found_before=problems)
    across, up = done.boxes.levels
    assert across.tolist() == [3, 3, 3, 2, 2, 2, 2, 1, 1, 1]
    assert up.tolist() == [3, 3, 3, 2, 2, 2, 2, 1, 1, 1]
    found = one(done.problems, "box-quota")
    assert found.cells == "least 1"
    assert found.found("en") == 'The box "Stars" has 3 people instead of 0 to 2 (of 10 placed).'


@pytest.mark.parametrize(
    ("axes", "boxes", "code", "cells"),
    [
        (AXES[:1], (), "box-axis-missing", "axis 1"),
        ((AXES[0], AXES[1] | {"high_from": 70}), (), "box-limits", "high_from 2"),
        ((AXES[0], AXES[1] | {"score": "talent"}), (), "box-score-unknown", "score 2"),
        (AXES, (STARS | {"least": 0.5},), "box-shares", "least 1"),
        (AXES, (STARS | {"most": 1.2},), "box-shares", "least 1"),
        (AXES, (STARS | {"least": 0.6, "most": 0.6}, STARS | {"up": "low", "least": 0.6, "most": 1}), "boxes-over-100",
         "least 1:least 2 (2)"),
    ],
)  # fmt: skip
def test_wrong_axes_and_shares_are_refused_at_their_cells(axes, boxes, code, cells):
    read, problems = scheme(axes, boxes)
    done = appraise(tables(), read, found_before=problems)
    assert not done.done
    assert one(done.problems, code).cells == cells


def test_a_run_draws_the_boxes_by_formulas_that_point_to_the_policy(tmp_path):
    read, _ = scheme()
    path = tmp_path / "book.xlsx"
    build(read, tables(), "en").save(path)
    done = xlperf.run(path, keep_backup=False)
    assert not done.refused, codes(done.problems)
    shown, written = (openpyxl.load_workbook(path, data_only=each)["Nine-box"] for each in (True, False))
    assert [shown["H4"].value, shown["J4"].value] == ["Stars", "3 ▲ over by 1"]
    assert [shown[f"{letter}5"].value for letter in "HIJ"] == ["Name E01", "Name E02", "Name E03"]
    assert "'Box axes'!" in written["P4"].value
    assert "Boxes!" in written["J4"].value.replace("'", "")
    assert xlperf.run(path, keep_backup=False).written == ()


def test_a_book_without_axes_has_no_boxes():
    done = appraise(tables(), small.scheme())
    assert done.boxes is None
