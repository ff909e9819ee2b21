"""Facts equal what a person would count, row by row, on books made at random."""

from datetime import date, timedelta
from functools import cache

import numpy as np
import pandas as pd
import pytest
from effort import draws
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.small import CALENDAR, OCTOBER, SCHEME
from xlperf.core.vocabulary import STATES
from xlperf.policy.schemes import from_toml
from xlperf.schema.tables import empty, table_of
from xlperf.scoring.clients import assign_owners
from xlperf.scoring.data_quality import check_clauses
from xlperf.scoring.facts import measure, when_of

PEOPLE = pd.Index(["E1", "E2", "E3"])
HEAD = SCHEME[: SCHEME.index("[[indicators]]")]


def measured(text, tables):
    """Measure the indicators of a scheme for three people: columns by indicator, rows by person."""
    when = when_of(OCTOBER, CALENDAR, empty("calendar"))
    return measure(tables, indicators_of(text), PEOPLE, when, CALENDAR)


@cache
def indicators_of(text):
    scheme, problems = from_toml(HEAD + text)
    assert not problems, [problem.found("en") for problem in problems]
    return scheme.indicators


def indicator(code, source, measure, where="", hit="", column="", unit="%"):
    texts = {"where": where, "hit": hit, "column": column}
    lines = "".join(f'{name} = "{text}"\n' for name, text in texts.items() if text)
    return (
        f'[[indicators]]\ncode = "{code}"\nname = "{code}"\ndimension = "work"\nweight = 1\nunit = "{unit}"\n'
        f'direction = "higher"\nsource = "{source}"\nmeasure = "{measure}"\n{lines}rule = "zero_item"\n'
        'parameters = "limit = 0"\n\n'
    )


TASK_INDICATORS = "".join(
    [
        indicator("due", "tasks", "count", "due_date in period and status <> cancelled"),
        indicator("on_time", "tasks", "share", "due_date in period and status <> cancelled", "done_date <= due_date"),
        indicator("amount", "tasks", "sum", "done_date in period", column="amount"),
        indicator("mean", "tasks", "mean", "done_date in period", column="amount"),
        indicator("days", "tasks", "mean", "done_date in period", column="done_date - created_date"),
        indicator("filled", "tasks", "completeness", "due_date in period", column="result, amount"),
        indicator("growth", "tasks", "growth", "done_date in period", column="amount"),
    ]
)
some_day = st.none() | st.dates(date(2026, 8, 25), date(2026, 11, 5))
task_rows = st.lists(
    st.fixed_dictionaries(
        {
            "owner_id": st.sampled_from(["E1", "E2", "E3", "E9", None]),
            "created_date": some_day,
            "due_date": some_day,
            "done_date": some_day,
            "status": st.sampled_from(["open", "done", "cancelled", None]),
            "result": st.sampled_from(["ok", None]),
            "amount": st.none() | st.integers(-5, 50).map(float),
        }
    ),
    max_size=25,
)


@settings(max_examples=draws(60))
@given(task_rows)
def test_task_facts_are_what_a_person_counts(rows):
    tasks = table_of(
        "tasks", [{"task_id": f"T{n}"} | row for n, row in enumerate(rows)] or pd.DataFrame({"task_id": []})
    )
    facts, _ = measured(TASK_INDICATORS, {"tasks": tasks})
    for i, person in enumerate(PEOPLE):
        mine = [row for row in rows if row["owner_id"] == person]
        due = [row for row in mine if here(row["due_date"]) and row["status"] != "cancelled"]
        on_time = [row for row in due if row["done_date"] and row["done_date"] <= row["due_date"]]
        done = [row for row in mine if here(row["done_date"])]
        amounts = [row["amount"] for row in done if row["amount"] is not None]
        days = [(row["done_date"] - row["created_date"]).days for row in done if row["created_date"]]
        days = [each for each in days if each >= 0]
        listed = [row for row in mine if here(row["due_date"])]
        filled = sum((row["result"] is not None) + (row["amount"] is not None) for row in listed)
        before = sum(row["amount"] or 0 for row in mine if september(row["done_date"]))
        seen = bool(done) or any(september(row["done_date"]) for row in mine)
        expected = [
            len(due),
            ratio(len(on_time), len(due)),
            sum(amounts) if amounts or not done else None,
            ratio(sum(amounts), len(amounts)),
            ratio(sum(days), len(days)),
            ratio(filled, 2 * len(listed)),
            ratio(sum(amounts) - before, before) if seen and before > 0 else None,
        ]
        assert facts.actual[i].tolist() == pytest.approx([np.nan if x is None else x for x in expected], nan_ok=True)


def here(day):
    return day is not None and OCTOBER.contains(day)


def september(day):
    return day is not None and (day.year, day.month) == (2026, 9)


def ratio(top, bottom):
    return top / bottom if bottom else None


def test_a_ratio_keeps_numerator_and_denominator():
    rows = [
        {"task_id": f"T{n}", "owner_id": "E1", "due_date": "2026-10-05", "done_date": f"2026-10-0{n}"}
        for n in (4, 5, 6)
    ]
    facts, _ = measured(TASK_INDICATORS, {"tasks": table_of("tasks", rows)})
    k = facts.column("on_time")
    assert (facts.numerator[0, k], facts.denominator[0, k]) == (2, 3)
    assert STATES[facts.state[1, k]] == "not_applicable"
    assert np.isnan(facts.actual[1, k])
    assert facts.actual[1, facts.column("due")] == 0


def test_rows_that_belong_to_nobody_are_reported_once_each():
    rows = [{"task_id": "T1", "owner_id": "E11"}, {"task_id": "T2", "owner_id": "E11"}, {"task_id": "T3"}]
    _, problems = measured(TASK_INDICATORS, {"tasks": table_of("tasks", rows)})
    assert [(problem.code, problem.cells) for problem in problems] == [
        ("no-owner", "B4"),
        ("not-on-roster", "B2:B3 (2)"),
    ]
    assert problems[1].expected("en") == "An ID of the Employees sheet. Similar: E1."


GIVEN = "".join([indicator("csat", "survey", "given", unit="分"), indicator("training", "actuals", "given")])


@pytest.mark.parametrize(
    ("row", "actual", "state"),
    [
        ({"actual": 4.5}, 4.5, "measured"),
        ({"numerator": 9, "denominator": 2}, 4.5, "measured"),
        ({"not_applicable": "yes"}, None, "not_applicable"),
        ({}, None, "missing"),
        ({"actual": 0}, 0, "measured"),
        ({"actual": 4.5, "period": "2026年10月"}, 4.5, "measured"),
        ({"actual": 4.5, "period": "2026-09"}, None, "missing"),
        ({"actual": 4.5, "indicator": "training"}, None, "missing"),
    ],
)
def test_a_reported_figure_is_measured_missing_or_not_applicable(row, actual, state):
    actuals = table_of("actuals", [{"employee_id": "E1", "indicator": "csat", "period": "2026-10"} | row])
    facts, _ = measured(GIVEN, {"actuals": actuals})
    assert STATES[facts.state[0, 0]] == state
    assert facts.actual[0, 0] == actual if actual is not None else np.isnan(facts.actual[0, 0])
    assert STATES[facts.state[1, 0]] == "missing"


def test_parts_of_a_period_are_summed_before_they_are_divided():
    """Two weeks in October: (3 + 1) ÷ (4 + 4), not the mean of 75 % and 25 %."""
    rows = [
        {"employee_id": "E1", "indicator": "training", "period": "2026-W41", "numerator": 3, "denominator": 4},
        {"employee_id": "E1", "indicator": "training", "period": "2026-W42", "numerator": 1, "denominator": 12},
    ]
    facts, _ = measured(GIVEN, {"actuals": table_of("actuals", rows)})
    assert facts.actual[0, 1] == 4 / 16


def test_an_unknown_indicator_on_a_linked_sheet_is_named():
    rows = [{"employee_id": "E1", "indicator": "trainning", "actual": 1}]
    _, problems = measured(GIVEN, {"actuals": table_of("actuals", rows)})
    assert problems[0].code == "code-unknown"
    assert "training" in problems[0].expected("en")


CLIENT_INDICATORS = "".join(
    [
        indicator(
            "churn",
            "clients",
            "share",
            "opened_date <= period end and (lost_date is empty or lost_date >= period start)",
            "lost_date in period",
        ),
        indicator("assets", "clients", "growth", "client_status = existing", column="closing_assets / opening_assets"),
        indicator("turn", "clients", "ratio", "client_status = existing", column="trade_amount / closing_assets"),
        indicator("complete", "clients", "completeness", "client_status <> lost", column="phone, address"),
    ]
)


@settings(max_examples=draws(40))
@given(st.lists(st.tuples(st.sampled_from(["E1", "E2"]), st.integers(0, 120), st.none() | st.integers(0, 120),
                          st.sampled_from(["existing", "lost"]), st.none() | st.integers(0, 9), st.none() | st.integers(0, 9),
                          st.booleans()), max_size=15))  # fmt: skip
def test_client_facts_equal_an_independent_pandas_computation(rows):
    start = date(2026, 8, 1)
    frame = pd.DataFrame(
        [
            {
                "client_id": f"C{n}", "owner_id": owner, "client_status": status,
                "opened_date": pd.Timestamp(start + timedelta(days=opened)),
                "lost_date": pd.NaT if lost is None else pd.Timestamp(start + timedelta(days=lost)),
                "opening_assets": before, "closing_assets": after, "trade_amount": after, "phone": "1" if phone else None,
            }
            for n, (owner, opened, lost, status, before, after, phone) in enumerate(rows)
        ],
        columns=["client_id", "owner_id", "client_status", "opened_date", "lost_date", "opening_assets", "closing_assets",
                 "trade_amount", "phone"],
    )  # fmt: skip
    facts, _ = measured(CLIENT_INDICATORS, {"clients": table_of("clients", frame)})
    for i, person in enumerate(PEOPLE):
        mine = frame[frame["owner_id"] == person]
        base = mine[(mine["opened_date"] <= "2026-10-31") & ~(mine["lost_date"] < "2026-10-01")]
        lost = base[(base["lost_date"] >= "2026-10-01") & (base["lost_date"] <= "2026-10-31")]
        existing = mine[mine["client_status"] == "existing"]
        both = existing.dropna(subset=["opening_assets", "closing_assets"]).astype({"opening_assets": float})
        listed = mine[mine["client_status"] != "lost"]
        assert facts.actual[i].tolist() == pytest.approx(
            [
                value(len(lost), len(base)),
                value(both["closing_assets"].sum() - both["opening_assets"].sum(), both["opening_assets"].sum()),
                value(existing["trade_amount"].sum(), existing["closing_assets"].sum()),
                value(listed["phone"].notna().sum(), 2 * len(listed)),
            ],
            nan_ok=True,
        )


def value(top, bottom):
    return float(top) / float(bottom) if bottom else np.nan


# Growth --------------------------------------------------------------------------------------------------------------

REPORTED = [  # figures of September and October, and what they grew by; not a rate from zero, below it, or from nothing
    ([50, 75], 0.5, "measured"),
    ([100, 120], 0.2, "measured"),
    ([100, 80], -0.2, "measured"),
    ([0, 5], None, "not_applicable"),
    ([-5, 5], None, "not_applicable"),
    ([None, 5], None, "not_applicable"),
    ([3, None], None, "missing"),
]


@pytest.mark.parametrize(("figures", "growth", "state"), REPORTED)
def test_reported_figures_grow_over_those_of_the_period_before(figures, growth, state):
    rows = [
        {"employee_id": "E1", "indicator": "growth", "period": period, "actual": figure}
        for period, figure in zip(("2026-09", "2026-10"), figures, strict=True)
        if figure is not None
    ]
    table = table_of("actuals", rows)
    facts, problems = measured(
        indicator("growth", "actuals", "growth", column="actual").replace("weight = 1", "weight = 100"),
        {"actuals": table},
    )
    assert not problems
    assert STATES[facts.state[0, 0]] == state
    assert facts.actual[0, 0] == growth or (growth is None and np.isnan(facts.actual[0, 0]))


# Owners --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "day", "counts"),
    [(None, None, [3, 3, 0]), (None, "due_date", [3, 3, 0]), ("E1", "due_date", [3, 3, 0]), ("E1", None, [6, 0, 0])],
)
def test_a_task_without_an_owner_counts_for_who_owned_its_client_when_it_was_due(typed, day, counts):
    """An owner that is typed is to whom the task was handed. E1 looks after the client up to the 15th and E2 from the 16th: three tasks were due in the days of each."""
    days = ["2026-10-05", "2026-10-14", "2026-10-15", "2026-10-16", "2026-10-20", "2026-10-25"]
    tasks = [
        {"task_id": f"T{n}", "client_id": "K1", "owner_id": typed, "due_date": each, "done_date": each}
        for n, each in enumerate(days)
    ]
    spells = [
        {"client_id": "K1", "employee_id": "E1", "end": "2026-10-15", "start": "2026-01-01"},
        {"client_id": "K1", "employee_id": "E2", "start": "2026-10-16"},
    ]
    text = indicator("done", "tasks", "count", "done_date in period", unit="次")
    scheme, _ = from_toml(HEAD + (text.replace('rule = "', f'owner_at = "{day}"\nrule = "') if day else text))
    when = when_of(OCTOBER, CALENDAR, empty("calendar"))
    sheets = {"tasks": table_of("tasks", tasks), "client_owners": table_of("client_owners", spells)}
    tables, _ = assign_owners(
        sheets | {"clients": table_of("clients", [{"client_id": "K1", "owner_id": "E2"}])}, scheme, when
    )
    facts, problems = measure(tables, scheme.indicators, PEOPLE, when, CALENDAR)
    assert facts.actual[:, 0].tolist() == counts
    assert not problems


def test_given_figures_are_those_of_the_actuals_sheet():
    """On ratings the measure is refused at its cell, and the indicator is not measured."""
    text = indicator("skill", "ratings", "given").replace("weight = 1", "weight = 100")
    policy, problems = from_toml(HEAD + text)
    assert "measure-source" in {problem.code for problem in problems}
    assert not policy.indicators[0].is_understood


def test_a_clause_that_names_others_is_pointed_out():
    employees = [("00101", "Ann"), ("00102", "Bob Li"), ("00103", "Cleo")]
    clauses = ["3.2 late", "Ann, 3.2", "complaint of Bob Li, seen by 00103", "001023 is no ID, Annex"]
    tables = {
        "employees": table_of("employees", [{"employee_id": who, "name": name} for who, name in employees]),
        "adjustments": table_of("adjustments", [{"employee_id": "00101", "clause": each} for each in clauses]),
    }
    [problem] = check_clauses(tables)
    assert (problem.code, problem.details["count"]) == ("clause-names-others", 1)
    assert problem.details["people"].en == "00102, 00103"


@pytest.mark.parametrize("clause", ["王 芳作证", "王　芳作证", "００１０2号作证"])
def test_blanks_and_full_width_digits_hide_nobody_in_a_clause(clause):
    roster = [{"employee_id": "00101", "name": "张伟"}, {"employee_id": "00102", "name": "王芳"}]
    rows = [{"employee_id": "00101", "clause": clause}, {"employee_id": "00102", "clause": "王芳迟到"}]
    tables = {"employees": table_of("employees", roster), "adjustments": table_of("adjustments", rows)}
    [problem] = check_clauses(tables)
    assert problem.details["count"] == 1
    assert problem.details["people"].en == "00102"
