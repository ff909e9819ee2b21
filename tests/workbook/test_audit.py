"""Files of every kind that are written hold to the schema, and to what Excel asks for beyond it."""

import shutil

import pytest
from audit import excel_faults, schema_faults
from openpyxl import load_workbook
from openpyxl.worksheet.datavalidation import DataValidation
from typer.testing import CliRunner

from tests.vba import package
from xlperf.cli import app as commands
from xlperf.xlsx.atomic_save import save_atomically

QUICK, LARGER = "business-evaluation", "small-company-accounts"  # the second has pages, clients and tasks


def command(*words):
    done = CliRunner().invoke(commands, [str(word) for word in words])
    assert done.exit_code == 0, done.output


def demand_sound(path):
    pytest.importorskip("openxml_audit", reason="openxml-audit is not installed")
    assert (excel_faults(path), schema_faults(path)) == ([], [])


def with_leaver(path):
    """Let the last person leave before the period."""
    workbook = load_workbook(path)
    people = workbook["Employees"]
    last = max(row for row in range(2, people.max_row + 1) if people.cell(row, 1).value)
    people.delete_rows(last)
    save_atomically(workbook, path, keep_backup=False)


def test_a_macro_template_is_sound(tmp_path):
    path = tmp_path / "book.xlsm"
    path.write_bytes(package("en"))
    demand_sound(path)


def test_results_are_sound(sample_path, tmp_path):
    path = shutil.copy(sample_path(QUICK, "zh"), tmp_path / "book.xlsx")
    command("run", path, "--formulas", "native")
    demand_sound(path)


def test_faults_are_found(sample_path, tmp_path):
    workbook = load_workbook(sample_path(QUICK, "en"))
    people = workbook["Employees"]
    for last in (8, 9):
        people.add_data_validation(DataValidation("list", formula1=f"$Z$2:$Z${last}", sqref="Z3"))
    people["A1"] = "Somebody"
    people["Z1"] = '=XLOOKUP(1,A:A,B:B)&"' + "x" * 256 + '"'
    people["Z2"] = "x"
    people["Z2"].hyperlink = "#Nowhere!A1"
    people["Z2"].hyperlink.location = "Nowhere!A1"
    people.merge_cells("A2:B2")
    workbook["Grades"].title = "History"
    path = tmp_path / "book.xlsx"
    workbook.save(path)
    found = "\n".join(excel_faults(path))
    for words in ("two validations", "not its headings", "XLOOKUP without", "text in a formula is too long", "leads to a sheet",
                  "are merged", "no sheet History"):  # fmt: skip
        assert words in found


@pytest.mark.slow
def test_every_kind_of_file_is_sound(sample_path, tmp_path):
    book = shutil.copy(sample_path(LARGER, "en"), tmp_path / "book.xlsx")
    demand_sound(book)
    command("run", book)
    command("forms", book, "-o", tmp_path / "forms.xlsx")
    command("reports", book, "-o", tmp_path / "reports.xlsx")
    command("publish", book, "-o", tmp_path / "cards")
    card = min((tmp_path / "cards").rglob("*.xlsx"))
    for path in (book, tmp_path / "forms.xlsx", tmp_path / "reports.xlsx", card):
        demand_sound(path)
    with_leaver(book)
    command("run", book, "--formulas", "udf")
    demand_sound(book)
