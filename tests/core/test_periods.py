"""The calendar: worked cases in cases/periods.toml, then what holds for every period and every calendar."""

import tomllib
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlperf.core.periods import (
    BusinessDays,
    Period,
    Periods,
    WorkCalendar,
    backward,
    cumulative,
    overlaps,
    parse_period,
    period_of,
)

CASES = tomllib.loads((Path(__file__).parents[1] / "cases" / "periods.toml").read_text("utf-8"))
CALENDAR_KINDS = ("year", "half", "quarter", "month", "week")
ONE_DAY = timedelta(days=1)
DAYS = st.dates(date(1901, 1, 1), date(2198, 12, 31))
PERIODS = st.builds(period_of, st.sampled_from(CALENDAR_KINDS), DAYS)


def cases(*path):
    table = CASES
    for name in path:
        table = table[name]
    return pytest.mark.parametrize("case", table, ids=lambda case: str(next(iter(case.values()))))


def code_of(period):
    return period and period.code


@cases("labels")
def test_reads_a_label(case):
    assert code_of(parse_period(case["label"], year=2026)) == case.get("code")
    without_year = None if case.get("needs_year") else case.get("code")
    assert code_of(parse_period(case["label"])) == without_year


@pytest.mark.parametrize("cell", [None, True, pd.NaT, pd.NA, float("nan"), float("inf"), 45992.5])
def test_what_is_no_label_is_no_period(cell):
    assert parse_period(cell, year=2026) is None


def test_the_year_of_a_label_wins_over_the_given_one():
    assert code_of(parse_period("2023年9月", year=2026)) == "2023-09"


@cases("spans")
def test_begins_ends_and_is_called(case):
    period = parse_period(case["code"])
    assert (period.code, period.start, period.end) == (case["code"], case["first"], case["last"])
    assert period.days == case["days"]
    assert (period.label("zh"), period.label("en")) == (case["zh"], case["en"])


@cases("family")
def test_has_neighbours_and_a_parent(case):
    period = parse_period(case["code"])
    assert period.previous().code == case["before"]
    assert period.next().code == case["after"]
    assert code_of(period.parent()) == case.get("within")


@given(PERIODS)
def test_codes_and_labels_are_read_back(period):
    for text in (period.code, period.label("zh"), period.label("en")):
        assert parse_period(text) == period


@given(PERIODS)
def test_neighbours_meet_without_gap(period):
    following = period.next()
    assert following.kind == period.kind
    assert following.start == period.end + ONE_DAY
    assert following.previous() == period
    assert period.previous().next() == period


@given(st.sampled_from(CALENDAR_KINDS), DAYS)
def test_the_period_of_a_day_holds_it(kind, day):
    period = period_of(kind, day)
    assert period.contains(day)
    assert period.contains(datetime(day.year, day.month, day.day, 23, 59))
    assert not period.contains(period.start - ONE_DAY)
    assert not period.contains(period.end + ONE_DAY)


@given(PERIODS)
def test_a_parent_lists_the_period_among_its_children(period):
    parent = period.parent()
    if period.kind == "year":
        assert parent is None
    else:
        assert period in parent.children(period.kind)


@given(PERIODS, st.sampled_from(CALENDAR_KINDS))
def test_children_tile_their_parent(period, kind):
    children = period.children(kind)
    if CALENDAR_KINDS.index(kind) <= CALENDAR_KINDS.index(period.kind):
        assert children == ()
        return
    assert all(period in larger_than(child) for child in children)
    assert all(one.end + ONE_DAY == other.start for one, other in pairwise(children))
    if kind == "week":  # weeks tile the calendar, and each has one parent: four or five to a month, 52 or 53 to a year
        assert children[-1].next() == period.next().children("week")[0]
    else:
        assert (children[0].start, children[-1].end) == (period.start, period.end)


def test_finds_what_a_period_belongs_to():
    found = [each.code for each in larger_than(parse_period("2026-W43"))]
    assert found == ["2026-10", "2026Q4", "2026H2", "2026"]


def larger_than(period):
    parent = period.parent()
    return [parent, *larger_than(parent)] if parent else []


def test_tells_of_a_column_which_dates_it_covers():
    october = parse_period("2026-10")
    moments = np.array(["2026-10-01", "2026-10-31T23:59:59", "2026-11-01", "2026-09-30T23:59:59", "NaT"], "M8[s]")
    assert october.covers(moments).tolist() == [True, True, False, False, False]
    assert october.covers(pd.Series(moments)).tolist() == [True, True, False, False, False]


def scheme_periods():
    return [
        Period(entry["code"], "custom", entry["first"], entry["last"], entry.get("within", ""))
        for entry in CASES["seasons"]["periods"]
    ]


@pytest.mark.parametrize("step", [1, -1], ids=["as listed", "backwards"])
@cases("seasons", "neighbours")
def test_neighbours_in_a_calendar_of_unequal_periods(case, step):
    calendar = Periods(tuple(scheme_periods()[::step]))
    period = calendar.find(case["code"])
    assert code_of(calendar.previous(period)) == case.get("before")
    assert code_of(calendar.next(period)) == case.get("after")


def test_custom_periods_belong_where_they_say():
    calendar = Periods(tuple(scheme_periods()[::-1]))
    peak, first = calendar.find("旺季"), calendar.find(" 旺季１ ")
    assert first.days == 15
    assert calendar.parent(first) == peak
    assert calendar.parent(peak) == parse_period("2026")
    assert calendar.parent(calendar.find("淡季")) is None
    assert [child.code for child in calendar.children(peak, "custom")] == ["旺季1", "旺季2", "年终"]
    assert [child.code for child in calendar.children(parse_period("2026"), "custom")] == ["旺季"]
    assert [child.code for child in calendar.children(peak, "month")] == ["2026-09", "2026-10", "2026-11", "2026-12"]
    assert [child.code for child in calendar.children(calendar.find("旺季2"), "month")] == ["2026-10"]
    assert calendar.parent(parse_period("2026-10")).code == "2026Q4"


def test_a_scheme_may_give_a_calendar_code_its_own_days():
    fiscal = Period("2026", "custom", date(2026, 4, 1), date(2027, 3, 31))
    assert Periods((fiscal,)).find("2026") == fiscal
    assert Periods((fiscal,)).find("2027").start == date(2027, 1, 1)
    assert Periods((fiscal,)).find("三月", year=2027).code == "2027-03"
    assert fiscal.label("zh") == "2026"


def test_custom_periods_have_no_neighbours_of_their_own():
    with pytest.raises(ValueError, match="custom periods are not made from a calendar day"):
        scheme_periods()[0].next()


@given(st.lists(st.tuples(DAYS, st.integers(-5, 40)), max_size=6), st.randoms(use_true_random=False))
def test_lists_overlapping_and_backward_periods(spans, random):
    periods = [
        Period(f"P{number}", "custom", start, start + timedelta(days=days))
        for number, (start, days) in enumerate(spans)
    ]
    days_of = {p.code: {p.start + timedelta(days=d) for d in range(p.days)} for p in periods}
    expected = {
        frozenset([one.code, other.code])
        for one in periods
        for other in periods
        if one != other and days_of[one.code] & days_of[other.code]
    }
    found = overlaps(periods)
    assert {frozenset([one.code, other.code]) for one, other in found} == expected
    assert len(found) == len(expected)
    assert [period.code for period in backward(periods)] == [p.code for p in periods if p.days < 1]
    shuffled = random.sample(periods, len(periods))
    assert overlaps(shuffled) == found


def test_a_period_may_lie_within_its_own_parents():
    assert overlaps(scheme_periods()) == []
    stray = Period("促销", "custom", date(2026, 9, 10), date(2026, 9, 20))
    assert [(one.code, other.code) for one, other in overlaps([*scheme_periods(), stray])] == [
        ("旺季1", "促销"), ("旺季", "促销"), ("促销", "旺季2"),
    ]  # fmt: skip


def test_parents_in_a_circle_do_no_harm():
    first, second = date(2026, 1, 1), date(2026, 1, 31)
    circle = [Period("A", "custom", first, second, "B"), Period("B", "custom", first, second, "A")]
    assert overlaps(circle) == []


def calendar_2024():
    return WorkCalendar(frozenset(CASES["year_2024"]["holidays"]), frozenset(CASES["year_2024"]["worked_instead"]))


@cases("year_2024", "counts")
def test_counts_the_days_of_2024(case):
    calendar = calendar_2024()
    assert calendar.count_workdays(case["first"], case["last"]) == case["workdays"]
    assert calendar.trade.count(case["first"], case["last"]) == case["trading_days"]


@cases("year_2024", "days_later")
def test_adds_days_in_2024(case):
    calendar = calendar_2024()
    assert calendar.add_workdays(case["day"], case["number"]) == case["workday"]
    assert calendar.trade.add(case["day"], case["number"]) == case["trading_day"]


def test_worked_weekends_are_no_trading_days():
    calendar = calendar_2024()
    saturday, holiday, ordinary = date(2024, 10, 12), date(2024, 10, 1), date(2024, 10, 8)
    assert [calendar.is_workday(day) for day in (saturday, holiday, ordinary)] == [True, False, True]
    assert [calendar.trade.holds(day) for day in (saturday, holiday, ordinary)] == [False, False, True]


@cases("excel", "workday")
def test_adds_like_excel(case):
    assert WorkCalendar(frozenset(case["holidays"])).add_workdays(case["day"], case["number"]) == case["gives"]


@cases("excel", "networkdays")
def test_counts_like_excel(case):
    assert WorkCalendar(frozenset(case["holidays"])).count_workdays(case["first"], case["last"]) == case["gives"]


NEAR = st.dates(date(2024, 1, 1), date(2024, 3, 31))
CALENDARS = st.builds(WorkCalendar, st.frozensets(NEAR, max_size=25), st.frozensets(NEAR, max_size=25))


def works(calendar, day):
    return day in calendar.extra_workdays or (day.weekday() < 5 and day not in calendar.holidays)


@given(CALENDARS, NEAR, NEAR)
def test_counting_goes_day_by_day(calendar, one, other):
    start, end = min(one, other), max(one, other)
    days = [start + timedelta(days=n) for n in range((end - start).days + 1)]
    assert calendar.count_workdays(start, end) == sum(works(calendar, day) for day in days)
    assert [calendar.is_workday(day) for day in days] == [works(calendar, day) for day in days]
    if start < end:
        assert calendar.count_workdays(end, start) == -calendar.count_workdays(start, end)


@given(CALENDARS, NEAR, st.integers(-40, 40))
def test_adding_goes_day_by_day(calendar, day, number):
    walked, left = day, abs(number)
    while left:
        walked += ONE_DAY if number > 0 else -ONE_DAY
        left -= works(calendar, walked)
    assert calendar.add_workdays(day, number) == walked


@given(CALENDARS, st.lists(st.tuples(NEAR, NEAR, st.integers(-9, 9))))
def test_columns_go_like_single_days(calendar, rows):
    starts, ends = (np.array([row[i] for row in rows], dtype="datetime64[D]") for i in (0, 1))
    numbers = np.array([row[2] for row in rows], dtype=np.int64)
    assert calendar.work.holds(starts).tolist() == [calendar.is_workday(start) for start, _, _ in rows]
    assert calendar.trade.holds(starts).tolist() == [calendar.trade.holds(start) for start, _, _ in rows]
    assert calendar.work.count(starts, ends).tolist() == [calendar.count_workdays(*row[:2]) for row in rows]
    assert calendar.trade.count(starts, ends).tolist() == [calendar.trade.count(*row[:2]) for row in rows]
    assert calendar.work.add(starts, numbers).tolist() == [calendar.add_workdays(day, n) for day, _, n in rows]
    assert calendar.trade.add(starts, numbers).tolist() == [calendar.trade.add(day, n) for day, _, n in rows]


def test_a_missing_date_stays_missing():
    days = BusinessDays(extra=[date(2024, 10, 12)])
    column = np.array(["NaT", "2024-10-12T17:30"], dtype="datetime64[s]")
    assert days.holds(column).tolist() == [False, True]
    np.testing.assert_array_equal(days.count(column, column[::-1]), [np.nan, np.nan])
    np.testing.assert_array_equal(days.count(column, date(2024, 10, 14)), [np.nan, 2.0])
    for number in (-1, 0, 1):
        assert np.isnat(days.add(column, number)).tolist() == [True, False]


@pytest.mark.parametrize(
    ("label", "run", "code"),
    [
        ("9月", "2026-10", "2026-09"),
        ("September", "2026-10", "2026-09"),
        ("第三季度", "2026Q4", "2026Q3"),
        ("12月", "2026-01", "2026-12"),  # not guessed back into 2025: whoever counts earlier results reports it
        ("2025年12月", "2026-01", "2025-12"),
        ("旺季1", "2026-10", "旺季1"),
        ("soon", "2026-10", None),
        (None, "2026-10", None),
        (float("nan"), "2026-10", None),
    ],
)
def test_a_label_on_a_sheet_means_one_period(label, run, code):
    found = Periods(scheme_periods()).resolve([label, label], parse_period(run))
    assert [each.code for each in found.values()] == ([code] if code else [])


@pytest.mark.parametrize(
    ("label", "code"), [("9月", "2025-09"), ("2月", "2026-02"), ("5月", "2026-05"), ("3月", "2026-03")]
)
def test_a_label_without_year_means_the_one_within_a_period_across_two_years(label, code):
    """August 2025 to March 2026 holds one September and one February; of May, which it lacks, that of its last year."""
    business_year = Period("FY2025", "custom", date(2025, 8, 1), date(2026, 3, 31))
    assert Periods((business_year,)).resolve([label], business_year)[label].code == code


def test_years_to_date_are_cumulative_and_siblings_are_not():
    first = date(2026, 1, 1)
    to_april, to_june = (Period(f"YTD{end:02}", "custom", first, date(2026, end, 30)) for end in (4, 6))
    late = Period("L", "custom", date(2026, 2, 1), date(2026, 6, 30))
    assert cumulative([to_june, late, to_april]) == [(to_april, to_june)]
    assert cumulative([replace(to_april, parent_code="2026"), replace(to_june, parent_code="2026")]) == []
    assert cumulative([to_april, replace(to_april, code="again")]) == []
