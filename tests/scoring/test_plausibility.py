"""Figures that were read but cannot be meant: told at their own cells."""

from dataclasses import replace

import pandas as pd
import pytest
from small import scheme, tables, task

from xlperf.core.problems import LANGUAGES
from xlperf.policy.schemes import load
from xlperf.samples import sample, sample_period
from xlperf.schema import SHEETS
from xlperf.schema.coercion import read_table
from xlperf.schema.tables import table_of
from xlperf.scoring.pipeline import appraise


def reported(found, code):
    return [(each.level, each.sheet, each.cells) for each in found.problems if each.code == code]


@pytest.mark.parametrize(("due", "cells"), [("2062-10-10", ["C2"]), ("1826-10-10", ["C2"]), ("2027-10-10", [])])
def test_a_year_that_was_mistyped_is_told_at_the_date_itself(due, cells):
    found = appraise(tables(tasks=[task(1, "E1", due=due)]), scheme(), "2026-10")
    assert [each for _, _, each in reported(found, "date-implausible")] == cells


def test_dates_that_lie_far_off_by_nature_are_not_doubted():
    client = {"client_id": "K1", "owner_id": "E1", "birthday": "1931-05-01", "id_expiry_date": "2045-01-01"}
    found = appraise(tables(clients=[client]), scheme(), "2026-10")
    assert reported(found, "date-implausible") == []


@pytest.mark.parametrize(
    ("sheet", "column"),
    [
        ("ratings", "score"),
        ("ratings", "scale"),
        ("checks", "deduction"),
        ("checks", "faults"),
        ("adjustments", "points"),
    ],
)
def test_a_percentage_is_no_rating_and_no_number_of_points(sheet, column):
    _, problems = read_table(SHEETS[sheet], {column: ["100%", "4"]}, [2, 3], {column: "F"}, sheet)
    assert [(each.code, each.cells) for each in problems] == [("percent-not-plain", "F2")]


def test_a_percentage_among_reported_figures_is_read():
    table, problems = read_table(SHEETS["actuals"], {"actual": ["95%"]}, [2], {"actual": "F"}, "Actuals")
    assert table["actual"].tolist() == [0.95]
    assert {each.level for each in problems} == {"note"}


@pytest.mark.parametrize("words", ["not applicable", "Not Applicable", "不适用", "N/A"])
def test_the_words_that_a_remedy_asks_for_are_understood(words):
    table, problems = read_table(SHEETS["ratings"], {"score": [words]}, [2], {"score": "F"}, "Ratings")
    assert problems == []
    assert table.not_applicable["score"].tolist() == [True]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_gap_is_told_on_the_sheet_as_the_workbook_calls_it(lang):
    ratings = table_of("ratings", [], lang)
    found = appraise({**tables(ratings=[]), "ratings": ratings}, scheme(), "2026-10")
    assert {sheet for _, sheet, _ in reported(found, "missing-figures")} == {SHEETS["ratings"].title(lang)}


def checked(**row):
    """Appraise the sample of the customer-service team with one check changed; its item has five full points."""
    team = load("service-team")
    period = sample_period(team)
    given = sample("service-team", period, "en")
    checks = given["checks"]
    at = int(checks["indicator"].first_valid_index())
    item = team.indicators[[each.code for each in team.indicators].index(checks["indicator"][at])]
    frame = checks.frame.copy()
    for column, value in row.items():
        frame.loc[at, column] = value
    found = appraise(given | {"checks": checks.with_frame(frame)}, team, period.code)
    return found, at, item.weight


@pytest.mark.parametrize(
    ("row", "level", "code", "column"),
    [
        ({"deduction": 200.0}, "warning", "deduction-above-full", "deduction"),
        ({"deduction": -2.0}, "error", "deduction-below-zero", "deduction"),
        ({"deduction": None}, "warning", "deduction-blank", "deduction"),
        ({"date": pd.Timestamp("2026-03-04")}, "warning", "check-outside-period", "date"),
    ],
)
def test_a_slip_among_the_deductions_is_told_at_its_cell_on_the_first_pass(row, level, code, column):
    found, at, full = checked(**row)
    cells = found.table("checks").cells(column, [at])
    assert reported(found, code) == [(level, found.table("checks").title, cells)]
    if code == "deduction-above-full":
        (problem,) = [each for each in found.problems if each.code == code]
        assert (problem.details["cell"], problem.details["full"]) == (200, full)


def test_the_full_points_of_an_item_may_be_deducted_at_once():
    found, _, full = checked()
    assert reported(found, "deduction-above-full") == []
    again, _, _ = checked(deduction=full)
    assert reported(again, "deduction-above-full") == []


def test_a_blank_among_the_declared_choices_is_no_choice():
    rows = [{"column": "status", "value": "done"}, {"column": "status", "value": None}]
    policy = scheme()
    policy = replace(policy, tables={**policy.tables, "choices": table_of("choices", rows)})
    found = appraise(tables(tasks=[task(1, "E1", status="open")]), policy, "2026-10")
    assert [cells for _, _, cells in reported(found, "near-value")] == ["E2"]
