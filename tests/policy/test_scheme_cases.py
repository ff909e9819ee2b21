"""The schemes that ship, worked out by hand for one or two people: tests/cases/schemes/SCHEME.toml.

A file is named after its scheme; a second one of the same scheme is SCHEME.anything.toml. It holds

    period = "2026-10"              what is appraised
    [[employees]]                   rows of the input sheets, by the sheet's and the columns' codes (English words);
    [[tasks]]                       every sheet that the scheme needs for these people, departments may be left out
    [[figure]]                      what comes out: person, indicator, and any of
                                    numerator, denominator, actual, target, points, state; why = the arithmetic
    [[total]]                       person and any of base, adjustment, total, grade; why = the arithmetic
    [[part]]                        person, part, its score, and what it counts for after all (a share of 1); why
    [[paid]]                        person, the code of a pay item, and the amount; why = the arithmetic
    [[listed]]                      person and the codes of every list that the person is on; why = which limits are met

"person" may also be a unit with indicators of its own: a team, a department, or "company".
A fraction may be written as text, "1/3". The text "blank" is a figure that must not be there. Figures agree to 1e-9,
totals exactly as rounded. ``[settings]`` changes switches of the scheme, where a case is about a switch.
"""

import tomllib
from fractions import Fraction
from functools import cache
from math import isnan
from pathlib import Path

import pytest

from xlperf.core.vocabulary import STATES
from xlperf.policy.schemes import load
from xlperf.schema import SHEETS
from xlperf.schema.tables import table_of
from xlperf.scoring.pipeline import appraise

FOLDER = Path(__file__).parents[1] / "cases" / "schemes"
FILES = sorted(FOLDER.glob("*.toml"))
OF_FIGURE = ("numerator", "denominator", "actual", "target", "points", "state")
OF_TOTAL = ("base", "adjustment", "total", "grade")
WORKED = ("figure", "total", "part", "paid", "listed")


@cache
def case(path):
    return tomllib.loads(path.read_text("utf-8"))


@cache
def result(path):
    given = case(path)
    scheme = load(path.name.split(".")[0]).with_settings(**given.get("settings", {}))
    empty = {sheet: [] for sheet in scheme.input_sheets()}
    rows_of = {sheet: rows for sheet, rows in given.items() if sheet in SHEETS and sheet != "settings"}
    tables = {sheet: table_of(sheet, with_every_column(sheet, rows)) for sheet, rows in (empty | rows_of).items()}
    return appraise(tables, scheme, given["period"])


def with_every_column(sheet, rows):
    """Return the rows with the columns that a sheet of a template has, blank where the case says nothing."""
    blank = {column.code: None for column in SHEETS[sheet] if not column.computed}
    return [blank | row for row in rows]


def worked(kind):
    return [
        pytest.param(path, row, id=" ".join([path.stem, row["person"], row.get("indicator", kind)]))
        for path in FILES
        for row in case(path).get(kind, [])
    ]


def number(value):
    return float(Fraction(value)) if isinstance(value, str) else value


def agrees(actual, wanted):
    return isnan(actual) if wanted == "blank" else actual == pytest.approx(number(wanted), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_case_is_complete(path):
    given = case(path)
    sheets = {code for code, sheet in SHEETS.items() if sheet.role == "input"}
    assert set(given) <= sheets | {"period", "settings", *WORKED}
    assert set(given) & set(WORKED)
    for row in given.get("figure", []):
        assert set(row) <= {"person", "indicator", "why", *OF_FIGURE}
        assert set(row) & set(OF_FIGURE)
        assert row["why"]
    for row in given.get("total", []):
        assert set(row) <= {"person", "why", *OF_TOTAL}
        assert set(row) & set(OF_TOTAL)
        assert row["why"]
    done = result(path)
    assert done.done, [each.found("en") for each in done.problems if each.level == "error"]


def results_of(done, code):
    """Return facts, points, totals and grades of the people or of the units of a level, and the row of a code."""
    if code in done.people.ids:
        return done.facts, done.points, done.totals, done.ranking.grade, done.people.ids.get_loc(code)
    for level in done.of_units:
        codes = level.units.frame["unit"].tolist()
        if code in codes:
            return level.facts, level.points, level.totals, level.grade, codes.index(code)
    raise LookupError(code)


@pytest.mark.parametrize(("path", "row"), worked("figure"))
def test_a_figure_is_what_was_worked_out(path, row):
    facts, points, _, _, place = results_of(result(path), row["person"])
    at = place, facts.column(row["indicator"])
    found = {
        "numerator": facts.numerator[at],
        "denominator": facts.denominator[at],
        "actual": facts.actual[at],
        "target": points.targets[at],
        "points": points.points[at],
    }
    for name, actual in found.items():
        if name in row:
            assert agrees(actual, row[name]), (name, actual, row["why"])
    assert STATES[facts.state[at]] == row.get("state", STATES[facts.state[at]])


@pytest.mark.parametrize(("path", "row"), worked("total"))
def test_a_total_is_what_was_worked_out(path, row):
    done = result(path)
    _, _, totals, grades, place = results_of(done, row["person"])
    for name in ("base", "adjustment"):
        if name in row:
            assert agrees(getattr(totals, name)[place], row[name]), (name, getattr(totals, name)[place], row["why"])
    if "total" in row:
        assert totals.total[place] == row["total"], row["why"]
    if "grade" in row:
        grade = grades[place]
        assert (done.scheme.grades[grade].code if grade >= 0 else "blank") == row["grade"], row["why"]


@pytest.mark.parametrize(("path", "row"), worked("paid"))
def test_an_amount_is_what_was_worked_out(path, row):
    done = result(path)
    (item,) = (each for each in done.scheme.pay if each.code == row["item"])
    rows = done.pay.people
    amounts = rows["amount"][(rows["employee_id"] == row["person"]) & (rows["pay_item"] == item.name)]
    assert amounts.tolist() == ([] if row["amount"] == "blank" else [row["amount"]]), row["why"]


@pytest.mark.parametrize(("path", "row"), worked("listed"))
def test_the_lists_are_those_that_were_worked_out(path, row):
    done = result(path)
    on = done.lists.member[done.results["employee_id"].tolist().index(row["person"])]
    found = {each.code for each, is_on in zip(done.scheme.outcomes, on, strict=True) if is_on}
    assert found == set(row["on"]), row["why"]


@pytest.mark.parametrize(("path", "row"), worked("part"))
def test_a_part_is_what_was_worked_out(path, row):
    done = result(path)
    parts = [each.code for each in done.scheme.parts_of(done.period.kind)]
    at = done.people.ids.get_loc(row["person"]), parts.index(row["part"])
    assert agrees(done.totals.parts[at], row["score"]), (done.totals.parts[at], row["why"])
    assert agrees(done.totals.part_weights[at], row["weight"]), (done.totals.part_weights[at], row["why"])
