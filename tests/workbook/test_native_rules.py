"""Every scoring rule says itself as an Excel formula, and two spreadsheet engines get the points of its worked cases.

The cases are those of ``cases/rules``; everything loops over ``RULES``, so a rule without a formula, or with one that
means something else, cannot be forgotten.
"""

from __future__ import annotations

import inspect
import math

import openpyxl
import pytest
from openpyxl.utils import get_column_letter
from referees import recalculated

from tests.policy.test_rules import cases
from xlperf.policy.rules import COLUMNS, RULES
from xlperf.policy.rules.formulas import BandCells, CurveCells, literal

NAMES = ("actual", "target", "full", "numerator", "denominator", "met", "group")
LETTER = {name: get_column_letter(number) for number, name in enumerate(NAMES, start=1)}
POINTS = get_column_letter(len(NAMES) + 1)
ENGINES = ("formualizer", "ironcalc")


def end(number):
    return literal(number) if math.isfinite(number) else ""


def bands_of(table):
    return [BandCells(band, end(band.low), end(band.high), literal(points)) for band, points in table]


def cells_of(arguments, row, first, last):
    """Return where the inputs of a case stand; a number that is not given has a blank cell."""
    cells = {name: f"{LETTER[name]}{row}" for name in NAMES if arguments.get(name) is not None}
    cells |= {"actuals": f"A${first}:A${last}", "groups": f"{LETTER['group']}${first}:{LETTER['group']}${last}"}
    if "direction" in arguments:
        cells["direction"] = arguments["direction"]
    if "bands" in arguments:
        cells["bands"] = bands_of(arguments["bands"])
    if "anchors" in arguments:
        anchors = arguments["anchors"].anchors
        values, points = (tuple(literal(getattr(each, name)) for each in anchors) for name in ("value", "points"))
        cells["anchors"] = CurveCells(arguments["anchors"], values, points)
    return cells


@pytest.fixture(scope="module")
def worked(tmp_path_factory):
    """One workbook with a sheet a rule; every case is a block of rows: inputs, formula. Returns it with the points."""
    book, wanted = openpyxl.Workbook(), {}
    book.remove(book.active)
    for code, rule in RULES.items():
        sheet = book.create_sheet(code)
        first = 1
        for case in cases(code):
            given = case["arguments"]
            length = max(len(given[name]) for name in COLUMNS if given.get(name) is not None)
            last = first + length - 1
            for row in range(first, last + 1):
                for name in NAMES:
                    column = given.get(name)
                    if column is not None:
                        value = float(column[row - first if len(column) > 1 else 0])
                        sheet[f"{LETTER[name]}{row}"] = None if math.isnan(value) else value
                text = rule.formula(cells_of(given, row, first, last), given)
                sheet[f"{POINTS}{row}"] = f"={text}"
                points = case["points"]
                wanted[code, row] = (case["name"], points[row - first if len(points) > 1 else 0])
            first = last + 2
    path = tmp_path_factory.mktemp("rules") / "cases.xlsx"
    book.save(path)
    return path, wanted


@pytest.mark.parametrize("engine", ENGINES)
def test_every_worked_case_has_its_points(worked, engine):
    path, wanted = worked
    found = recalculated(path, engine)
    wrong = []
    for (code, row), (name, points) in wanted.items():
        value = found[code][f"{POINTS}{row}"]
        same = value in ("", None) if math.isnan(points) else value == pytest.approx(points, rel=1e-9, abs=1e-9)
        if not same:
            wrong.append((code, name, value, float(points)))
    assert wrong == []
    assert {code for code, _ in wanted} == set(RULES)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_the_formula_takes_what_the_function_takes(rule):
    taken = set(inspect.signature(rule.native).parameters)
    assert taken - {"actuals", "groups", "alike"} <= {*rule.inputs, *rule.arguments}
    assert set(rule.arguments) <= taken
