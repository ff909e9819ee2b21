"""LibreOffice, which nobody here wrote, computes the pages: choosing another month, unit or person changes them."""

import shutil
import subprocess

import numpy as np
import pytest
from openpyxl import Workbook, load_workbook

from tests.reporting.test_views import EMPTY, OCTOBER, figures_on, small_views, work
from xlperf.schema import SHEETS
from xlperf.workbook.write.dashboards import write_views

pytestmark = pytest.mark.slow
SEPTEMBER = work({"E1": (1, 3), "E2": (2, 2), "E3": (1, 1), "E4": (4, 0)}, "09")
CHOICES = {  # file: what is chosen on the Department and on the Employee page, and the period on every page
    "october": ("S South", "E3 Name E3", "2026-10"),
    "september": ("S South", "E3 Name E3", "2026-09"),
    "elsewhere": ("N1 North one", "E1 Name E1", "2026-10"),
    "nobody": ("W West", "E6 Name E6", "2026-09"),
}
FIRST = 7


@pytest.fixture(scope="module")
def computed(tmp_path_factory):
    """The pages as LibreOffice computes them, by choice, and the Figures sheet that they rest on."""
    if not shutil.which("soffice"):
        pytest.skip("LibreOffice is not installed")
    folder = tmp_path_factory.mktemp("chosen")
    workbook = Workbook()
    write_views(workbook, small_views(SEPTEMBER, "2026-09"), EMPTY, "small", "en")
    write_views(workbook, small_views(OCTOBER), figures_on(workbook), "small", "en")
    for name, (unit, person, period) in CHOICES.items():
        workbook["Department"]["C3"], workbook["Employee"]["C3"] = unit, person
        for title in ("Company", "Department", "Employee"):
            workbook[title]["C4"] = period
        workbook.save(folder / f"{name}.xlsx")
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    convert = ["soffice", profile, "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir"]
    files = [str(folder / f"{name}.xlsx") for name in CHOICES]
    subprocess.run([*convert, str(folder / "done"), *files], check=True, capture_output=True, timeout=300)
    books = {name: load_workbook(folder / "done" / f"{name}.xlsx", data_only=True) for name in CHOICES}
    return books, figures_on(workbook)


def page(book, code):
    """What a page shows: the cells of each line by column, as far as there are lines."""
    columns = [column.code for column in SHEETS[code]]
    lines = book[SHEETS[code].title.en].iter_rows(min_row=FIRST, min_col=2, values_only=True)
    shown = []
    for line in lines:
        if not line[1]:
            break
        shown.append({name: value or None for name, value in zip(columns, line, strict=False) if value != 0} | {
            name: 0 for name, value in zip(columns, line, strict=False) if value == 0 and value is not None})  # fmt: skip
    return shown


def expected(figures, level, unit, period):
    rows = figures[(figures["level"] == level) & (figures["unit"] == unit) & (figures["period"] == period)]
    return rows.to_dict("records")


@pytest.mark.parametrize("choice", CHOICES)
@pytest.mark.parametrize("code", ["company", "department", "employee"])
def test_a_page_shows_the_figures_of_whatever_is_chosen(computed, choice, code):
    books, figures = computed
    unit, person, period = CHOICES[choice]
    whose = {"company": "company", "department": unit.split()[0], "employee": person.split()[0]}[code]
    wanted = expected(figures, code, whose, period)
    shown = page(books[choice], code)
    assert [line["indicator_name"] for line in shown] == [row["indicator_name"] for row in wanted]
    for line, row in zip(shown, wanted, strict=True):
        for column in ("actual", "target", "previous"):
            missing = {"actual": "N/A", "previous": "–"}.get(column)
            assert line.get(column) == (missing if np.isnan(row[column]) else pytest.approx(row[column]))
        for column in ("direction", "met"):
            assert (line.get(column) or "") == (row[column] if isinstance(row[column], str) else "")
        assert line["trend"] == (row["trend"] if isinstance(row["trend"], str) and row["trend"] else "–")


def test_another_choice_gives_other_figures(computed):
    books, _ = computed
    september, october, elsewhere = (page(books[name], "department") for name in ("september", "october", "elsewhere"))
    assert [line["actual"] for line in october] != [line["actual"] for line in september]
    assert [line["actual"] for line in october] != [line["actual"] for line in elsewhere]


def test_the_company_stands_beside_the_unit(computed):
    books, figures = computed
    company = {row["indicator_name"]: row["actual"] for row in expected(figures, "company", "company", "2026-10")}
    for line in page(books["october"], "department"):
        assert line["company_actual"] == pytest.approx(company[line["indicator_name"]])


def test_the_tasks_below_are_those_of_the_person_in_the_runs_period(computed):
    books, _ = computed

    def tasks(choice):
        cells = [row[0] for row in books[choice]["Employee"].iter_rows(min_row=FIRST, min_col=2, values_only=True)]
        below = cells[cells.index("Task ID") + 1 :]
        return [each for each in below if each]

    assert tasks("october") == ["E3-00", "E3-01", "E3-02", "E3-03"]
    assert tasks("elsewhere") == ["E1-00", "E1-01"]
    assert tasks("september") == []  # the list is of October


def test_no_cell_is_an_error(computed):
    books, _ = computed
    for book in books.values():
        for ws in book.worksheets:
            for row in ws.iter_rows(values_only=True):
                assert not [value for value in row if isinstance(value, str) and value.startswith("#")]


def test_the_name_of_an_indicator_leads_to_the_block_of_who_is_chosen(computed):
    """The links of the pages are formulas; their parts are computed here as the spreadsheet would."""
    workbook = Workbook()
    write_views(workbook, small_views(OCTOBER), EMPTY, "small", "en")
    formula = workbook["Department"][f"C{FIRST}"].value
    assert formula.startswith(f'=IF($A{FIRST}=0,"",HYPERLINK("#"&IFERROR("\'By person\'!B"&MATCH($A$1&"|"&')
    keys = [cell.value for cell in workbook["By person"]["A"]]
    assert "department|S|on_time" in keys
