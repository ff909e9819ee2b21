"""A label of a period means the same in every step; what cannot count is reported at its cell."""

from dataclasses import replace

import pytest

from tests.small import SCHEME, scheme, tables
from xlperf.binding.functions.ranks import streak
from xlperf.core.periods import parse_period
from xlperf.policy.calendars import calendar_of
from xlperf.schema.tables import table_of
from xlperf.scoring.pipeline import appraise
from xlperf.scoring.stages import Completed, Scored

START = SCHEME.index('where = "top 20%')
STREAK = {SCHEME[START:].strip(): 'where = "total >= 60 for 2 periods"'}


def kept(label):
    """A sheet Past results on which E1 had 95 in a period."""
    return [{"period": label, "employee_id": "E1", "total": 95.0, "grade": "A", "place": 1}]


def on_list(history, period="2026-10"):
    found = appraise(tables(history=history), scheme(STREAK, period=period))
    return found, found.lists.member[:, 0].tolist() if isinstance(found, Completed) else None


@pytest.mark.parametrize("label", ["2026-09", "9月", "九月", "September", "2026年9月"])
def test_an_earlier_result_counts_in_a_streak_however_its_period_is_written(label):
    found, members = on_list(kept(label))
    assert members == [True, False, False, False, False]
    assert not {"period-unreadable", "period-without-year"} & {each.code for each in found.problems}


@pytest.mark.parametrize("label", ["9月", "2026-09"])
def test_the_worksheet_function_reads_labels_as_the_run_does(label):
    rows = [[label, "E1", 91], ["2026-10", "E1", 95]]
    assert streak([["E1"]], "2026-10", "total >= 60 for 2 periods", [["周期", "工号", "总分"]], rows) is True


def test_the_worksheet_function_refuses_a_label_that_it_cannot_read():
    rows = [["autumn", "E1", 91], ["2026-10", "E1", 95]]
    with pytest.raises(Exception, match="autumn"):
        streak([["E1"]], "2026-10", "total >= 60 for 2 periods", [["周期", "工号", "总分"]], rows)


def test_an_earlier_result_of_an_unreadable_period_is_an_error_where_it_would_count():
    found, members = on_list(kept("autumn"))
    assert members is None
    assert [(each.level, each.sheet, each.cells) for each in found.problems if each.code == "period-unreadable"] == [
        ("error", "Past results", "A2")
    ]
    elsewhere = appraise(tables(history=kept("autumn")), scheme())
    assert elsewhere.done
    assert [each.level for each in elsewhere.problems if each.code == "period-unreadable"] == ["warning"]


def test_a_label_without_year_that_means_a_later_period_is_reported():
    """In October, 12月 is read as December of this year: no earlier result, whatever was meant."""
    found, _ = on_list([*kept("12月"), *kept("9月")])
    reported = [each for each in found.problems if each.code == "period-without-year"]
    assert [(each.level, each.cells, each.details["read"]) for each in reported] == [("warning", "A2", "2026-12")]


MONTHS = {"2026-01": 10, "2026-02": 15, "2026-03": 15, "2026-04": 20, "2026-05": 30, "2026-06": 30}
SALES = """
[[indicators]]
code = "sales"
name = "销售额"
name_en = "Sales"
dimension = "work"
weight = 100
source = "actuals"
measure = "mean"
column = "actual"
target = 10
unit = "元"
direction = "higher"
rule = "proportional"
parameters = "cap = 300%; floor = 0%"
"""


@pytest.mark.parametrize(("period", "mean"), [("YTD04", 15), ("YTD06", 20)])
def test_years_to_date_stand_in_one_workbook(period, mean):
    spans = [("YTD04", "2026-04-30"), ("YTD06", "2026-06-30")]
    periods = [{"period": code, "start": "2026-01-01", "end": end} for code, end in spans]
    rows = [
        {"period": month, "employee_id": "E1", "indicator": "sales", "actual": each} for month, each in MONTHS.items()
    ]
    # what was reported for the four months as a whole is no figure of the six
    rows += [{"period": "YTD04", "employee_id": "E1", "indicator": "sales", "actual": 15}]
    first, last = SCHEME.index("[[indicators]]"), SCHEME.index("[[grades]]")
    only_work = {"weight = 70": "weight = 100", SCHEME[SCHEME.index('[[dimensions]]\ncode = "ability"') : first]: ""}
    policy = scheme({SCHEME[first:last]: SALES} | only_work, period=period)
    made = tables([{"employee_id": "E1"}], tasks=[], ratings=[], actuals=rows)
    policy = replace(policy, tables={**policy.tables, "periods": table_of("periods", periods)})
    found = appraise(made, policy)
    assert [each.code for each in found.problems if "overlap" in each.code] == []
    assert [(each.level, each.details["first"]) for each in found.problems if each.code == "periods-cumulative"] == [
        ("note", "YTD04")
    ]
    assert found.facts.actual.tolist() == [[mean]]


def test_periods_that_belong_to_one_larger_period_must_not_overlap():
    periods = [
        {"period": "P1", "start": "2026-01-01", "end": "2026-04-30", "parent": "2026"},
        {"period": "P2", "start": "2026-01-01", "end": "2026-06-30", "parent": "2026"},
    ]
    policy = replace(scheme(), tables={**scheme().tables, "periods": table_of("periods", periods)})
    assert "periods-overlap" in {each.code for each in appraise(tables(), policy).problems}


@pytest.mark.parametrize("label", ["2026-10", "10月", "October 2026", "2026年10月", None])
def test_a_target_of_the_period_counts_however_the_period_is_written(label):
    assert done_target(label)[0] == 2


@pytest.mark.parametrize("label", ["2026-09", "9月"])
def test_a_target_of_another_period_does_not_count(label):
    assert done_target(label)[0] == 4


def test_a_target_of_an_unreadable_period_is_an_error():
    problems = [each for each in done_target("autumn")[1] if each.code == "period-unreadable"]
    assert [(each.level, each.sheet, each.cells) for each in problems] == [("error", "Targets", "C2")]


def done_target(label):
    """Return the target of tasks done, which the Indicators sheet puts at 4 and the Targets sheet at 2 for a period."""
    row = {"indicator": "done", "scope": "company", "target": 2.0, "period": label}
    policy = replace(scheme(), tables={**scheme().tables, "targets": table_of("targets", [row])})
    found = appraise(tables(), policy)
    at = [each.code for each in scheme().indicators].index("done")
    return found.points.targets[0, at] if isinstance(found, Scored) else None, found.problems


@pytest.mark.parametrize("label", ["2026Q4", "第四季度", "Q4", "2026年第四季度"])
def test_a_period_belongs_to_a_larger_one_however_that_is_written(label):
    calendar, problems = calendar_of(
        with_periods({"period": "peak", "start": "2026-10-01", "end": "2026-11-15", "parent": label})
    )
    assert problems == []
    assert [each.code for each in calendar.children(parse_period("2026Q4"), "custom")] == ["peak"]


def test_a_larger_period_that_cannot_be_read_is_an_error():
    _, problems = calendar_of(
        with_periods({"period": "peak", "start": "2026-10-01", "end": "2026-11-15", "parent": "season"})
    )
    assert [(each.code, each.level, each.sheet, each.cells) for each in problems] == [
        ("period-unreadable", "error", "Periods", "D2")
    ]


def with_periods(*rows):
    return replace(scheme(), tables={**scheme().tables, "periods": table_of("periods", list(rows))})
