"""Targets that follow the days somebody is there: calendar or working days, with or without absences.

October 2026 begins on a Thursday: 31 days, 22 from Monday to Friday (1, 2, 5–9, 12–16, 19–23, 26–30).
"""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.small import problems_of, scheme, tables
from xlperf.analysis.explain import explain
from xlperf.core.periods import BusinessDays
from xlperf.core.problems import Text
from xlperf.core.vocabulary import STATES
from xlperf.reporting.card_history import sentences
from xlperf.reporting.output_tables import detail_rows
from xlperf.schema.tables import table_of
from xlperf.scoring.absences import absences_of, half_days_away
from xlperf.scoring.pipeline import appraise

TARGET = 'measure = "count"\nwhere = "done_date in period"\ntarget = 4'
HIRED = {"employee_id": "E1", "hire_date": "2026-10-12"}
ABSENT = [
    {"employee_id": "E1", "absence_kind": "病假", "start": "2026-10-19", "end": "2026-10-20"},
    {"employee_id": "E1", "absence_kind": "事假", "start": "2026-10-23", "days": 0.5},
]
HOLIDAYS = "".join(
    f'[[calendar]]\ndate = 2026-10-{day:02}\nday_kind = "{kind}"\n\n'
    for day, kind in [*((day, "holiday") for day in range(1, 8)), (10, "workday")]
)


def asking(way, target=22, more=""):
    """The small scheme with a count whose target states how it is prorated."""
    stated = f'\nproration = "{way}"' if way else ""
    changed = {TARGET: TARGET.replace("target = 4", f"target = {target}{stated}")}
    return scheme(changed | ({'[[grades]]\ncode = "A"': f'{more}[[grades]]\ncode = "A"'} if more else {}))


def appraised(way, absent=ABSENT, people=(HIRED,), policy=None, **more):
    given_tables = tables(list(people), **more)
    if absent is not None:
        given_tables["absences"] = table_of("absences", absent)
    return appraise(given_tables, policy or asking(way), "2026-10")


def target_of(found, who=0):
    return found.points.targets[who, [each.code for each in found.indicators].index("done")]


def told(found, code):
    return [each for each in found.problems if each.code == code]


@pytest.mark.parametrize(
    ("way", "target", "sum_"),
    [
        ("none", 22, ""),
        ("", 22 * 20 / 31, "22 × 20 ÷ 31"),  # as Home says: calendar days, from the 12th on
        ("calendar", 22 * 20 / 31, "22 × 20 ÷ 31"),
        ("workdays", 15, "22 × 15 ÷ 22"),  # 12–16, 19–23, 26–30
        ("calendar_present", 22 * 17.5 / 31, "22 × 17.5 ÷ 31"),  # 20 less 19, 20 and half of the 23rd
        ("workdays_present", 12.5, "22 × 12.5 ÷ 22"),  # 15 less the same 2.5
    ],
)
def test_a_target_follows_the_days_that_its_indicator_states(way, target, sum_):
    found = appraised(way)
    assert found.done, [each.found("en") for each in found.problems if each.level == "error"]
    assert target_of(found) == pytest.approx(target)
    detail = detail_rows(found, "en").set_index("indicator")
    assert detail.loc["done", "proration"] == sum_
    assert detail.loc["on_time", "proration"] == ""  # a share keeps its target


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_factor_is_seen_beside_the_target(lang):
    found = appraised("workdays_present")
    story, _ = explain(found, "E1", "done", lang)
    shown = story.indicators[0].target
    said = Text("（按在岗工作日扣缺勤折算：22 × 12.5 ÷ 22）",
                " (by working days of service less absences: 22 × 12.5 ÷ 22)")(lang)  # fmt: skip
    assert shown.startswith("12.5")
    assert shown.endswith(said)
    detail = detail_rows(found, lang)
    on_card = dict(zip(detail["indicator"], sentences(detail, {}, lang), strict=True))
    assert on_card["done"] == Text("▼ 完成 40%，目标 22 × 12.5 ÷ 22", "▼ 40% of target: 22 × 12.5 ÷ 22")(
        lang
    )  # 5 tasks
    (note,) = told(found, "targets-prorated")
    assert "E1" in note.found(lang)


def test_working_days_are_those_of_the_calendar_with_holidays_and_days_made_up_for():
    """1–7 October off, Saturday the 10th worked: 8, 9, 10, 12–16, 19–23, 26–30 are 18; from the 12th on 15, less 2.5."""
    found = appraised("", policy=asking("workdays_present", target=18, more=HOLIDAYS))
    assert target_of(found) == pytest.approx(18 * 12.5 / 18)


def test_a_target_typed_for_the_person_and_the_period_is_never_prorated():
    typed = '[[targets]]\nindicator = "done"\nscope = "employee"\nscope_id = "E1"\nperiod = "{period}"\ntarget = 13\n\n'
    of_month = asking("workdays_present", more=typed.format(period="2026-10"))
    of_any = asking("workdays_present", more=typed.format(period="").replace('period = ""\n', ""))
    assert target_of(appraised("", policy=of_month)) == 13
    assert target_of(appraised("", policy=of_any)) == pytest.approx(13 * 12.5 / 22)


def test_a_gap_between_two_assignments_is_an_absence_and_counts_once():
    """In post to the 9th and from the 19th: the gap are 9 days (10–18), 5 of them working days (12–16).

    An absence from the 15th to the 20th adds the 19th and 20th only. 31 − 9 = 22 and less 2 = 20 days; 22 − 5 − 2 = 15.
    """
    posts = [
        {"employee_id": "E1", "start": "2026-10-01", "end": "2026-10-09"},
        {"employee_id": "E1", "start": "2026-10-19"},
    ]
    away = [{"employee_id": "E1", "start": "2026-10-15", "end": "2026-10-20"}]
    here = {"employee_id": "E1", "hire_date": "2020-01-01"}
    for way, days, of in (("calendar", 22, 31), ("calendar_present", 20, 31), ("workdays_present", 15, 22)):
        given_tables = tables([here]) | {
            "absences": table_of("absences", away),
            "assignments": table_of("assignments", posts),
        }
        found = appraise(given_tables, asking(way), "2026-10")
        found_target = found.points.targets[0, [each.code for each in found.indicators].index("done")]
        assert found_target == pytest.approx(22 * days / of), way


def test_home_names_the_kinds_of_absence_that_count():
    """Only sick leave is taken off: 15 working days less 2; the half day of the other kind is told."""
    only_sick = scheme({TARGET: TARGET.replace("target = 4", 'target = 22\nproration = "workdays_present"')},
                       absence_kinds=("病假",))  # fmt: skip
    found = appraised("", policy=only_sick)
    assert target_of(found) == pytest.approx(13)
    assert told(found, "absences-not-counted")
    misspelt = scheme({TARGET: TARGET.replace("target = 4", 'target = 22\nproration = "workdays_present"')},
                      absence_kinds=("病价",))  # fmt: skip
    (problem,) = told(appraised("", policy=misspelt), "absence-kind-unknown")
    assert "病假" in problem.expected("zh")


@pytest.mark.parametrize(
    ("row", "code", "level"),
    [
        ({"start": "2026-10-20", "end": "2026-10-19"}, "absence-backward", "error"),
        ({"start": "2026-10-20"}, "absence-length", "error"),
        ({"start": "2026-10-20", "days": 0}, "absence-days", "error"),
        ({"start": "2026-10-20", "days": -1}, "absence-days", "error"),
        ({"start": "2026-10-20", "days": 0.3}, "absence-days", "error"),
        ({"start": "2026-10-19", "end": "2026-10-23", "days": 3}, "absence-days-differ", "error"),
        ({"start": "2026-10-20", "end": "2026-10-22"}, "absences-overlap", "warning"),
        ({"start": "2026-10-02", "days": 1}, "absence-not-in-service", "warning"),
        ({"employee_id": "E9", "start": "2026-10-20", "days": 1}, "absence-of-nobody", "warning"),
    ],
)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_doubtful_absences_are_reported_at_their_cells(row, code, level, lang):
    found = appraised("workdays_present", [*ABSENT, {"employee_id": "E1", **row}])
    (problem,) = told(found, code)
    assert problem.level == level
    assert problem.cells
    assert row.get("employee_id", "E1") in problem.found(lang)
    assert found.done == (level != "error")


def test_an_indicator_may_count_the_rows_of_the_sheet():
    """Two of the three rows are of the kind that is asked for, one of them outside the period."""
    late = 'source = "absences"\nmeasure = "count"\nwhere = "start in period and absence_kind = 迟到"\ntarget = 4'
    count = f'source = "tasks"\n{TARGET}'
    rows = [{"employee_id": "E1", "absence_kind": kind, "start": start, "days": 0.5}
            for kind, start in (("迟到", "2026-10-19"), ("迟到", "2026-11-02"), ("病假", "2026-10-20"))]  # fmt: skip
    found = appraised("", rows, policy=scheme({count: late}))
    assert found.facts.actual[0, [each.code for each in found.indicators].index("done")] == 1
    assert not told(found, "absences-unused")


def test_days_that_lie_over_each_other_are_taken_off_once():
    """19 and 20, and 20 to 22: the 20th counts once. 15 − 4 − 0.5 = 10.5."""
    more = [*ABSENT, {"employee_id": "E1", "start": "2026-10-20", "end": "2026-10-22"}]
    assert target_of(appraised("workdays_present", more)) == pytest.approx(10.5)


def test_days_outside_the_period_do_not_count():
    away = [{"employee_id": "E1", "start": "2026-10-29", "end": "2026-11-30"}]
    assert target_of(appraised("workdays_present", away)) == pytest.approx(13)  # without the 29th and 30th


def test_two_halves_of_a_day_are_a_day_and_no_overlap():
    away = [
        {"employee_id": "E1", "absence_kind": kind, "start": "2026-10-19", "days": 0.5} for kind in ("病假", "事假")
    ]
    found = appraised("workdays_present", away)
    assert target_of(found) == pytest.approx(14)
    assert not told(found, "absences-overlap")


def test_less_absences_without_the_sheet_is_an_error_and_unused_absences_are_told():
    lacking = appraised("calendar_present", absent=None)
    (problem,) = told(lacking, "source-without-sheet")
    assert "Absences" in problem.found("en")
    assert not lacking.done
    assert told(appraised("calendar"), "absences-unused")


def test_a_proration_of_a_share_is_an_error_at_its_cell():
    found = appraised("", policy=scheme({"target = 0.8": 'target = 0.8\nproration = "workdays"'}), absent=None)
    (problem,) = told(found, "proration-of-ratio")
    assert problem.cells
    assert not found.done


def test_a_proration_without_a_target_is_told():
    found = appraised("", policy=scheme({"target = 4": 'proration = "workdays"'}), absent=None)
    assert told(found, "proration-without-target")


def test_a_word_that_is_no_proration_is_an_error():
    _, problems = problems_of({"target = 4": 'target = 4\nproration = "business days"'})
    assert [each.code for each in problems if each.level == "error"] == ["not-a-choice"]


def test_a_period_without_working_days_has_no_share_of_them():
    """The period of the 3rd and the 4th is a weekend."""
    weekend = '[[periods]]\nperiod = "W"\nstart = 2026-10-03\nend = 2026-10-04\n\n'
    found = appraise(
        tables([HIRED]) | {"absences": table_of("absences", ABSENT)}, asking("workdays", more=weekend), "W"
    )
    (problem,) = told(found, "proration-no-workdays")
    assert problem.level == "error"


@given(spans=st.lists(st.tuples(st.integers(1, 28), st.integers(0, 3)), max_size=6), half=st.booleans())
def test_half_days_away_are_those_that_one_counts_day_by_day(spans, half):
    rows = [{"employee_id": "E1", "start": f"2026-10-{first:02}", "end": f"2026-10-{first + more:02}"}
            for first, more in spans]  # fmt: skip
    rows += [{"employee_id": "E1", "start": "2026-10-14", "days": 0.5}] * half
    found, problems = absences_of(table_of("absences", rows), BusinessDays())
    days = np.arange("2026-10-01", "2026-11-01", dtype="datetime64[D]")
    counted = [sum(2 for first, more in spans if first <= day <= first + more) + (half and day == 14)
               for day in range(1, 32)]  # fmt: skip
    assert not problems
    assert half_days_away(found, pd.Index(["E1"]), days).tolist() == [counted]


def test_who_was_away_throughout_has_nothing_to_reach():
    """1 to 31 October off: the target of working days less absences is 22 × 0 ÷ 22; the others are graded."""
    away = [{"employee_id": "E2", "absence_kind": "产假", "start": "2026-10-01", "end": "2026-10-31"}]
    found = appraised("workdays_present", away, people=({"employee_id": "E1"}, {"employee_id": "E2"}))
    assert found.done, [each.found("en") for each in found.problems if each.level == "error"]
    column = [each.code for each in found.indicators].index("done")
    assert [STATES[state] for state in found.facts.state[:, column]] == ["measured", "not_applicable"]
    (note,) = [each for each in told(found, "gap-handled") if "E2" in each.found("en")]
    assert note.level == "note"


def test_two_halves_of_a_day_are_two_rows_with_different_notes():
    half = {"employee_id": "E1", "absence_kind": "事假", "start": "2026-10-19", "days": 0.5}
    halves = [{**half, "note": "上午"}, {**half, "note": "下午"}]
    whole = {"employee_id": "E1"}
    assert target_of(appraised("workdays_present", halves, people=(whole,))) == 21
    again = appraised("workdays_present", [half, half], people=(whole,))
    assert (target_of(again), len(told(again, "row-repeated"))) == (21.5, 1)  # the same row twice counts once


@pytest.mark.parametrize(("first", "is_told"), [("2026-10-17", True), ("2026-10-19", False)])
def test_days_counted_from_a_day_off_are_told(first, is_told):
    """17 October 2026 is a Saturday: half a day from there on is half of Monday."""
    half = {"employee_id": "E1", "absence_kind": "事假", "start": first, "days": 0.5}
    found = appraised("workdays_present", [half], people=({"employee_id": "E1"},))
    assert target_of(found) == 21.5
    assert [each.cells for each in told(found, "absence-from-day-off")] == (["C2"] if is_told else [])
