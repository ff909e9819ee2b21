"""Deadlines that days on hold move, and durations in working days: whole appraisals with their arithmetic."""

import pytest

from tests.small import scheme, tables
from xlperf.analysis.explain import explain
from xlperf.core.problems import Text
from xlperf.scoring.pipeline import appraise

ON_HOLD = {"done_date <= due_date": "done_date <= due_date + hold_days workdays"}
DURATION = {
    'measure = "count"\nwhere = "done_date in period"\ntarget = 4': (
        'measure = "mean"\ncolumn = "workdays(created_date, done_date)"\nwhere = "done_date in period"\ntarget = 4'
    )
}
HOLIDAYS = "".join(f'[[calendar]]\ndate = 2026-10-{day:02}\nday_kind = "holiday"\n\n' for day in range(1, 8))


def row(number, created, due, done, hold=None):
    dates = {
        "created_date": f"2026-10-{created:02}",
        "due_date": f"2026-10-{due:02}",
        "done_date": f"2026-10-{done:02}",
    }
    return {"task_id": f"T{number}", "owner_id": "E1", "status": "done", "hold_days": hold, **dates}


def figures(found, code):
    at = [each.code for each in found.indicators].index(code)
    return found.facts.numerator[0, at], found.facts.denominator[0, at], found.facts.actual[0, at]


def test_days_on_hold_move_the_deadline_of_their_task_only():
    """Due on Friday the 9th: done on the 13th is two working days late. Two days on hold forgive it, one or none do not.

    Due on Saturday the 10th and done that day is on time without any day on hold: 2 of 4.
    """
    tasks = [row(1, 8, 9, 13, 2), row(2, 8, 9, 13, 1), row(3, 8, 9, 13), row(4, 8, 10, 10)]
    found = appraise(tables(["E1"], tasks), scheme(ON_HOLD), "2026-10")
    assert found.done, [each.found("en") for each in found.problems if each.level == "error"]
    assert figures(found, "on_time") == (2, 4, 0.5)


def test_the_mean_duration_in_working_days_leaves_out_weekends_and_holidays():
    """Off to the 7th. Friday 9 to Monday 12: 1; Thursday 8 to Friday 16: 6 (9, 12–16); the 5th to the 8th: 1. 8 ÷ 3.

    Done before it was created is no duration, and is reported.
    """
    tasks = [row(1, 9, 20, 12), row(2, 8, 20, 16), row(3, 5, 20, 8), row(4, 20, 21, 19)]
    policy = scheme(DURATION | {'[[grades]]\ncode = "A"': f'{HOLIDAYS}[[grades]]\ncode = "A"'})
    found = appraise(tables(["E1"], tasks), policy, "2026-10")
    assert figures(found, "done") == (8, 3, pytest.approx(8 / 3))
    assert [each.code for each in found.problems if each.code == "dates-reversed"]


def test_the_explanation_shows_the_days_of_each_row():
    """Friday 9 to Monday 12 and Thursday 8 to Friday 16: (1 + 6) ÷ 2; a duration that runs backwards is none."""
    tasks = [row(1, 9, 20, 12), row(2, 8, 20, 16), row(4, 20, 21, 19)]
    story, _ = explain(appraise(tables(["E1"], tasks), scheme(DURATION), "2026-10"), "E1", "done", lang="en")
    (indicator,) = story.indicators
    assert indicator.figure.startswith("7 ÷ 2 = 3.5")
    days = {each.cell: each.values.get("workdays(created_date, done_date)") for each in indicator.rows}
    assert list(days.values()) == ["1", "6", None]


def test_a_blank_on_hold_is_no_day_wherever_it_is_calculated_with():
    """Thursday 8 to Friday 16 is 6 working days: 6 − 4 with four days on hold, 6 with a blank. 8 ÷ 2."""
    less = {old: new.replace("workdays(created_date, done_date)", "workdays(created_date, done_date) - hold_days")
            for old, new in DURATION.items()}  # fmt: skip
    assert less != DURATION
    found = appraise(tables(["E1"], [row(1, 8, 20, 16, 4), row(2, 8, 20, 16)]), scheme(less), "2026-10")
    assert figures(found, "done") == (8, 2, 4)


@pytest.mark.parametrize("hold", [-1, 1.5])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_days_on_hold_are_whole_and_not_below_zero(hold, lang):
    found = appraise(tables(["E1"], [row(1, 8, 9, 13, hold)]), scheme(ON_HOLD), "2026-10")
    (problem,) = [each for each in found.problems if each.code == "days-moved-by"]
    assert problem.cells
    assert Text("暂停天数", "Days on hold")(lang) in problem.found(lang)
    assert str(hold) in problem.found(lang)
    assert not found.done


def test_a_sheet_without_the_column_is_told():
    tasks = [{code: value for code, value in row(1, 8, 9, 13).items() if code != "hold_days"}]
    found = appraise(tables(["E1"], tasks), scheme(ON_HOLD), "2026-10")
    assert [each.level for each in found.problems if each.code == "source-without-column"] == ["error"]


@pytest.mark.parametrize(("lang", "said"), [
    ("zh", "“完成日期”不晚于“应完成日期” + “暂停天数” 个工作日"),
    ("en", '"Done" is not later than "Due" + "Days on hold" workdays'),
])  # fmt: skip
def test_the_explanation_says_by_what_the_deadline_is_moved(lang, said):
    story, _ = explain(
        appraise(tables(["E1"], [row(1, 8, 9, 13, 2)]), scheme(ON_HOLD), "2026-10"), "E1", "on_time", lang
    )
    assert said in story.indicators[0].counting
