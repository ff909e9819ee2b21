"""The picture of each curve beside its anchors points to the cells that HR changes."""

import openpyxl
import pytest
import small
from openpyxl.chart import BarChart, Reference

from tests.workbook.test_native import curve, indicator
from xlperf.workbook.write.scheme_workbook import build
from xlperf.workflows.appraise_book import run

PLAN = [(0, 0, "jump", "hold"), (0.8, 50, "line", ""), (1, 100, "line", "hold")]
USED = indicator("curve", "curve = plan; of = attainment")


def with_rows(*curves):
    rows = "".join(
        text.removesuffix("\n[[outcomes]]") for name, anchors in curves for text in curve(name, anchors).values()
    )
    return USED | {"\n[[outcomes]]": rows + "\n[[outcomes]]"}


@pytest.fixture
def undrawn(tmp_path):
    """A workbook with a curve and no picture of it, as it is when somebody has filled in an added sheet."""
    workbook = build(small.scheme(with_rows(("plan", PLAN)), language="en"), small.tables(), "en")
    workbook["Curves"]._charts.clear()
    workbook.save(tmp_path / "book.xlsx")
    return tmp_path / "book.xlsx"


def drawn(path):
    return [
        [series.yVal.numRef.f for series in chart.series] if chart.tagname == "scatterChart" else chart.tagname
        for chart in openpyxl.load_workbook(path)["Curves"]._charts
    ]


def test_a_run_draws_a_curve_that_has_no_picture(undrawn):
    run(undrawn)
    assert drawn(undrawn) == [["'Curves'!$C$2", "'Curves'!$C$3:$C$4"]]


def test_a_picture_that_was_taken_away_stays_away_until_the_curve_changes(undrawn):
    run(undrawn)
    workbook = openpyxl.load_workbook(undrawn)
    workbook["Curves"]._charts.clear()
    workbook.save(undrawn)
    run(undrawn)
    assert drawn(undrawn) == []
    workbook = openpyxl.load_workbook(undrawn)
    workbook["Curves"]["C3"] = 40
    workbook.save(undrawn)
    run(undrawn)
    assert drawn(undrawn) == [["'Curves'!$C$2", "'Curves'!$C$3:$C$4"]]


def test_a_picture_of_hr_s_own_stays_and_the_curve_is_not_drawn_again(undrawn):
    workbook = openpyxl.load_workbook(undrawn)
    chart = BarChart()
    chart.add_data(Reference(workbook["Curves"], 3, 2, 3, 4))
    workbook["Curves"].add_chart(chart, "J20")
    workbook.save(undrawn)
    run(undrawn)
    assert drawn(undrawn) == ["barChart"]


def test_a_curve_that_grows_is_drawn_to_its_end(undrawn):
    run(undrawn)
    workbook = openpyxl.load_workbook(undrawn)
    for column, value in zip("ABCDE", ("plan", 1.2, 150, "line", "hold"), strict=True):
        workbook["Curves"][f"{column}5"] = value
    workbook["Curves"]["E4"] = None
    next(iter(workbook["Curves"].tables.values())).ref = "A1:F5"
    workbook.save(undrawn)
    result = run(undrawn)
    assert not result.refused, [each.found("en") for each in result.problems]
    assert drawn(undrawn) == [["'Curves'!$C$2", "'Curves'!$C$3:$C$5"]]


def test_each_curve_has_a_picture_of_its_own_cells():
    slices = [(0, 0.03, "slice", "hold"), (1000, 0.05, "", "")]
    replaced = with_rows(("plan", PLAN), ("slices", slices))
    first, second = build(small.scheme(replaced, language="en"), small.tables(), "en")["Curves"]._charts
    assert [series.yVal.numRef.f for series in first.series] == ["'Curves'!$C$2", "'Curves'!$C$3:$C$4"]
    assert [series.val.numRef.f for series in second.series] == ["'Curves'!$C$5:$C$6"]
