"""Lists and conditional formats on pages, run after run: one list a cell, none of a run before, all of HR's."""

import re
import zipfile
from functools import cache

import pytest
from census import members
from openpyxl import Workbook, load_workbook
from openpyxl.formatting.rule import CellIsRule, FormulaRule
from openpyxl.styles import Font
from openpyxl.utils import range_boundaries
from openpyxl.worksheet.datavalidation import DataValidation

from tests.reporting.test_views import PEOPLE, small_views, work
from xlperf.policy import schemes
from xlperf.workbook.write.results import write_book

SCHEME = schemes.load("service-team")
PAGES = ("Company", "Department", "Employee")
JOINERS = [{"employee_id": f"E{n}", "name": f"Name E{n}", "department": "W"} for n in range(10, 25)]
STAFF = {  # who is there: leavers, joiners, all but one gone
    "six": PEOPLE,
    "five": PEOPLE[:-1],
    "twenty-one": [*PEOPLE, *JOINERS],
    "one": PEOPLE[:1],
}


@cache
def views(staff):
    people = STAFF[staff]
    return small_views(work({person["employee_id"]: (2, 1) for person in people}), people=people)


def run(path, staff):
    write_book(path, path, {}, SCHEME, "en", keep_backup=False, views=views(staff))


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "book.xlsx"
    Workbook().save(path)
    run(path, "six")
    return path


def lists(ws):
    """What each cell chooses from; a cell in two lists fails."""
    found = {}
    for rule in ws.data_validations.dataValidation:
        for cells in str(rule.sqref).split():
            left, top, right, bottom = range_boundaries(cells)
            for place in ((row, column) for row in range(top, bottom + 1) for column in range(left, right + 1)):
                assert place not in found, (ws.title, place)
                found[place] = rule.formula1
    return found


def formats(ws):
    return [(str(each.sqref), rule.formula) for each in ws.conditional_formatting for rule in each.rules]


def edited(path, change):
    workbook = load_workbook(path)
    change(workbook)
    workbook.save(path)


@pytest.mark.slow
def test_a_page_has_the_same_rules_after_many_runs_as_after_one(path, tmp_path):
    for staff in ("twenty-one", "one"):
        run(path, staff)
        fresh = tmp_path / f"{staff}.xlsx"
        Workbook().save(fresh)
        run(fresh, staff)
        many, once = load_workbook(path), load_workbook(fresh)
        for title in PAGES:
            assert lists(many[title]) == lists(once[title])
            assert sorted(formats(many[title])) == sorted(formats(once[title]))
        source = lists(many["Employee"])[3, 3].rpartition("!")[2].replace("$", "")
        offered = [cell.value.partition(" ")[0] for (cell,) in many["Figures"][f"{source}"]]
        assert offered == sorted(person["employee_id"] for person in STAFF[staff])


def test_a_workbook_that_has_two_lists_on_a_cell_already_is_mended(path):
    def spoil(workbook):
        for last in (40, 41):
            rule = DataValidation("list", formula1=f"Figures!$W$2:$W${last}", sqref="C3")
            workbook["Employee"].add_data_validation(rule)

    edited(path, spoil)
    run(path, "five")
    assert len(lists(load_workbook(path)["Employee"])) == 2


def test_rules_of_hr_stay(path):
    def decorate(workbook):
        page = workbook["Employee"]
        page.conditional_formatting.add("E7:E9", CellIsRule("lessThan", ["0.6"], font=Font(color="FF0000")))
        page.conditional_formatting.add("A1:Z99", FormulaRule(["$E1<0.5"], font=Font(color="2E7D4F")))
        page.add_data_validation(DataValidation("list", formula1='"seen,open"', sqref="C2:C5 F7:F9"))
        page.add_data_validation(DataValidation("list", formula1="Figures!$T$2:$T$9", sqref="Z5"))

    edited(path, decorate)
    for staff in ("twenty-one", "five"):
        run(path, staff)
    page = load_workbook(path)["Employee"]
    assert {(2, 3), (5, 3), (7, 6), (9, 6), (5, 26)} < set(lists(page))
    assert "Figures" in lists(page)[3, 3]
    assert {("E7:E9", ("0.6",)), ("A1:Z99", ("$E1<0.5",))} <= {(cells, (*formula,)) for cells, formula in formats(page)}


def test_a_list_that_excel_has_put_among_its_extensions_is_renewed_too(path):
    """Excel keeps a list that stands on another sheet there, and looks in its own way."""
    before = load_workbook(path)
    part = f"xl/worksheets/sheet{before.sheetnames.index('Employee') + 1}.xml"
    parts = members(path)
    text = parts[part].decode()
    validations = re.search(r"<dataValidations.*?</dataValidations>", text)[0]
    moved = "".join(
        f'<x14:dataValidation type="list"><x14:formula1><xm:f>{source}</xm:f></x14:formula1><xm:sqref>{cell}</xm:sqref>'
        "</x14:dataValidation>"
        for cell, source in (("C3", "Figures!$W$2:$W$7"), ("C4", "Figures!$T$2:$T$2"))
    )
    extension = (
        '<extLst><ext uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}" '
        'xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main">'
        f'<x14:dataValidations count="2" xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main">{moved}'
        "</x14:dataValidations></ext></extLst>"
    )
    parts[part] = text.replace(validations, "").replace("</worksheet>", f"{extension}</worksheet>").encode()
    parts["xl/styles.xml"] = parts["xl/styles.xml"].replace(b'rgb="002E7D4F"', b'rgb="FF2E7D4F"')
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    count = len(formats(load_workbook(path)["Employee"]))
    run(path, "five")
    assert b"x14:dataValidation" not in members(path)[part]
    page = load_workbook(path)["Employee"]
    assert set(lists(page)) == {(3, 3), (4, 3)}
    assert len(formats(page)) == count
