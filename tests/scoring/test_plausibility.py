"""Figures that were read but cannot be meant: told at their own cells."""

import pytest
from small import scheme, tables, task

from xlperf.core.problems import LANGUAGES
from xlperf.schema import SHEETS
from xlperf.schema.coercion import read_table
from xlperf.schema.tables import table_of
from xlperf.scoring.pipeline import appraise


def told(found, code):
    return [(each.level, each.sheet, each.cells) for each in found.problems if each.code == code]


@pytest.mark.parametrize(("due", "cells"), [("2062-10-10", ["C2"]), ("1826-10-10", ["C2"]), ("2027-10-10", [])])
def test_a_year_that_was_mistyped_is_told_at_the_date_itself(due, cells):
    found = appraise(tables(tasks=[task(1, "E1", due=due)]), scheme(), "2026-10")
    assert [each for _, _, each in told(found, "date-implausible")] == cells


def test_dates_that_lie_far_off_by_nature_are_not_doubted():
    client = {"client_id": "K1", "owner_id": "E1", "birthday": "1931-05-01", "id_expiry_date": "2045-01-01"}
    found = appraise(tables(clients=[client]), scheme(), "2026-10")
    assert told(found, "date-implausible") == []


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
    assert {sheet for _, sheet, _ in told(found, "missing-figures")} == {SHEETS["ratings"].title(lang)}
