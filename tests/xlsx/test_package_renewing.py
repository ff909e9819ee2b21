"""A run renews its sheets as a colleague would: what HR staff did to them since the last run is still there."""

import shutil
from pathlib import Path

import pandas as pd
import pytest
from census import changed_members, losses, members, sheet_part
from openpyxl import load_workbook
from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Alignment, Font, PatternFill
from typer.testing import CliRunner

from xlperf.cli import app as commands
from xlperf.core.problems import Text
from xlperf.policy import schemes
from xlperf.workbook.write.results import write_book
from xlperf.workbook.write.scheme_workbook import build
from xlperf.xlsx.errors import CannotSave

SCHEME = schemes.load("service-team")
PEOPLE = {"E1": ("Ann", 88.5, "A"), "E2": ("Bo", 70.0, "C"), "E3": ("Cy", 75.25, "B")}


def results(*ids: str, **more) -> dict[str, pd.DataFrame]:
    rows = [
        dict(zip(("employee_id", "name", "total", "grade_name"), (each, *PEOPLE[each]), strict=True)) for each in ids
    ]
    return {"results": pd.DataFrame(rows).assign(**more), "run": pd.DataFrame({"item": ["xlperf"], "value": ["1"]})}


@pytest.fixture(scope="module")
def with_results(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("renewed") / "book.xlsx"
    build(SCHEME, lang="en").save(path)
    run(path, "E1", "E2", "E3")
    return path


@pytest.fixture
def book(with_results, tmp_path) -> Path:
    return shutil.copy(with_results, tmp_path / "book.xlsx")


def run(path: Path, *ids: str, lang: str = "en", **more) -> None:
    write_book(path, path, results(*ids, **more), SCHEME, lang, keep_backup=False)


def changed(path: Path, change) -> None:
    workbook = load_workbook(path)
    change(workbook["Results"])
    workbook.save(path)


def table(path: Path) -> list[tuple]:
    return list(load_workbook(path)["Results"].iter_rows(values_only=True))


def column(ws, heading: str) -> str:
    return next(cell.column_letter for cell in ws[1] if cell.value == heading)


def headings(path: Path) -> list[str]:
    return [each for each in table(path)[0] if each]


def cells(path: Path, heading: str) -> list:
    ws = load_workbook(path)["Results"]
    return [ws[f"{column(ws, heading)}{row}"] for row in range(2, 5)]


def test_a_second_run_with_the_same_results_changes_no_byte(book):
    before = book.read_bytes()
    run(book, "E1", "E2", "E3")
    assert book.read_bytes() == before


@pytest.mark.parametrize(
    ("name", "lang"), [("small-company-accounts", "zh"), pytest.param("data-entry", "en", marks=pytest.mark.slow)]
)
def test_to_run_once_or_twice_is_the_same(sample_path, tmp_path, name, lang):
    path = shutil.copy(sample_path(name, lang), tmp_path / "book.xlsx")
    seen = []
    for _ in range(2):
        assert CliRunner().invoke(commands, ["run", str(path)]).exit_code == 0
        seen.append(members(path))
    assert {part for part in seen[1] if seen[0].get(part) != seen[1][part]} == set()
    for ws in load_workbook(path):
        for each in ws.tables.values():
            assert each.column_names == [cell.value for cell in ws[each.ref][0]]  # or Excel takes the file for damaged


def test_only_home_and_the_lists_of_parts_change_when_sheets_are_added(tmp_path):
    path = tmp_path / "book.xlsx"
    build(SCHEME, lang="en").save(path)
    before = path.read_bytes()
    run(path, "E1")
    home, words = sheet_part(before, "Home"), {"xl/styles.xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"}
    assert changed_members(before, path.read_bytes()) <= {home, "[Content_Types].xml", *words}


def test_a_column_of_hr_goes_with_its_person(book):
    def remark(ws):
        last = ws.max_column + 1
        for row, text in enumerate(("Remark", "ann", "bo", "cy"), start=1):
            ws.cell(row, last, text)
        ws.cell(3, last).fill = PatternFill("solid", fgColor="00FF00")

    changed(book, remark)
    run(book, "E3", "E2", "E1")
    assert [cell.value for cell in cells(book, "Remark")] == ["cy", "bo", "ann"]
    assert [cell.fill.fgColor.rgb for cell in cells(book, "Remark")][1] == "0000FF00"
    run(book, "E2", "E1", "E3")
    assert [cell.value for cell in cells(book, "Remark")] == ["bo", "ann", "cy"]


def test_a_formula_of_hr_refers_to_its_own_row_and_goes_on_beside_new_people(book):
    def bonus(ws):
        total, last = column(ws, "Total"), ws.max_column + 1
        ws.cell(1, last, "Bonus")
        for row in range(2, 5):
            ws.cell(row, last, f"={total}{row}*10")

    run(book, "E1", "E2")
    changed(book, lambda ws: ws.delete_rows(4) or bonus(ws) or ws.delete_rows(4))
    run(book, "E2", "E1", "E3")
    total = column(load_workbook(book)["Results"], "Total")
    assert [cell.value for cell in cells(book, "Bonus")] == [f"={total}{row}*10" for row in (2, 3, 4)]


def test_what_was_noted_beside_somebody_who_is_gone_is_kept_below_and_returns(book):
    def remark(ws):
        last = ws.max_column + 1
        ws.cell(1, last, "Remark")
        ws.cell(3, last, "on leave")

    changed(book, remark)
    run(book, "E1", "E3")
    rows = [row for row in table(book) if "on leave" in row]
    assert len(rows) == 1
    assert "E2" in rows[0]
    assert "Bo" not in rows[0]
    run(book, "E1", "E2", "E3")
    assert [cell.value for cell in cells(book, "Remark")] == [None, "on leave", None]
    assert len([row for row in table(book) if "E2" in row]) == 1


def test_columns_stay_in_the_order_and_width_that_hr_gave_them(book):
    def rearrange(ws):
        total, name = column(ws, "Total"), column(ws, "Name")
        for row in range(1, 5):
            one, other = ws[f"{total}{row}"], ws[f"{name}{row}"]
            one.value, other.value = other.value, one.value
        ws.column_dimensions[total].width = 33
        ws.column_dimensions["A"].hidden = True

    changed(book, rearrange)
    before = headings(book)
    run(book, "E2", "E1", "E3")
    assert headings(book) == before
    assert [cell.value for cell in cells(book, "Total")] == [70, 88.5, 75.25]
    assert [cell.value for cell in cells(book, "Name")] == ["Bo", "Ann", "Cy"]
    ws = load_workbook(book)["Results"]
    assert ws.column_dimensions[column(ws, "Name")].width == 33
    assert ws.column_dimensions["A"].hidden


def test_a_column_of_hr_between_ours_stays_there(book):
    def insert(ws):
        for row in range(1, 5):
            for number in range(ws.max_column, 2, -1):
                ws.cell(row, number + 1).value = ws.cell(row, number).value
            ws.cell(row, 3).value = ("Seat", "1a", "2b", "3c")[row - 1]
        only = next(iter(ws.tables))
        del ws.tables[only]

    changed(book, insert)
    run(book, "E3", "E1", "E2")
    assert headings(book)[2] == "Seat"
    assert [cell.value for cell in cells(book, "Seat")] == ["3c", "1a", "2b"]
    assert [cell.value for cell in cells(book, "Total")] == [75.25, 88.5, 70]


def test_a_heading_that_hr_renamed_to_a_word_that_we_know_stays(book):
    changed(book, lambda ws: setattr(ws["A1"], "value", "Staff ID"))
    run(book, "E2", "E1", "E3")
    rows = table(book)
    assert rows[0][0] == "Staff ID"
    assert [row[0] for row in rows[1:4]] == ["E2", "E1", "E3"]
    assert len(headings(book)) == len(set(headings(book)))


def test_formats_that_hr_gave_to_a_column_or_to_a_person_stay(book):
    def dress(ws):
        total, name = column(ws, "Total"), column(ws, "Name")
        for row in range(2, 5):
            ws[f"{total}{row}"].fill = PatternFill("solid", fgColor="FFFF00")
            ws[f"{total}{row}"].number_format = "0.000"
        ws[f"{name}3"].font = Font(bold=True, color="FF00FF")
        ws[f"{name}3"].alignment = Alignment(horizontal="center")

    changed(book, dress)
    run(book, "E2", "E1", "E3")
    assert {cell.fill.fgColor.rgb for cell in cells(book, "Total")} == {"00FFFF00"}
    assert {cell.number_format for cell in cells(book, "Total")} == {"0.000"}
    assert [cell.font.color.rgb == "00FF00FF" for cell in cells(book, "Name")] == [True, False, False]
    assert [cell.alignment.horizontal for cell in cells(book, "Name")] == ["center", "left", "left"]


def test_formats_of_an_earlier_run_do_not_stay(book):
    """The best grade is green: whoever has another one now is not."""
    before = [cell.fill.fgColor.rgb for cell in cells(book, "Grade")]
    PEOPLE["E9"] = ("Ann", 50.0, "C")
    write_book(
        book,
        book,
        {
            **results("E1", "E2", "E3"),
            "results": results("E2", "E2", "E2")["results"].assign(employee_id=["E1", "E2", "E3"]),
        },
        SCHEME,
        "en",
        keep_backup=False,
    )
    del PEOPLE["E9"]
    after = [cell.fill.fgColor.rgb for cell in cells(book, "Grade")]
    assert after == [before[1]] * 3


def test_notes_rules_filters_and_print_set_up_stay(book):
    def decorate(ws):
        total = column(ws, "Total")
        ws[f"{total}3"].comment = Comment("please check", "HR")
        ws.conditional_formatting.add(f"{total}2:{total}4", CellIsRule("lessThan", ["60"], font=Font(color="FF0000")))
        ws.freeze_panes, ws.print_area, ws.page_setup.scale = "D2", "A1:D9", 77
        ws.protection.sheet = True
        ws["H20"] = "signed"
        ws.sheet_view.zoomScale = 55

    changed(book, decorate)
    before = book.read_bytes()
    run(book, "E2", "E1", "E3")
    ws = load_workbook(book)["Results"]
    total = column(ws, "Total")
    assert [
        ws[f"{total}{row}"].comment is not None and "check" in ws[f"{total}{row}"].comment.text for row in (2, 3, 4)
    ] == [True, False, False]
    assert any(rule.operator == "lessThan" for each in ws.conditional_formatting for rule in each.rules)
    assert (ws.freeze_panes, ws.page_setup.scale, ws.protection.sheet, ws.sheet_view.zoomScale) == ("D2", 77, True, 55)
    assert "D$9" in str(ws.print_area)
    assert ws["H20"].value == "signed"
    assert losses(before, book.read_bytes()) == {}


def test_tables_and_rules_reach_over_more_people(book):
    run(book, "E1")
    changed(book, lambda ws: ws.conditional_formatting.add("B2:B2", CellIsRule("equal", ['"x"'])))
    run(book, "E1", "E2", "E3")
    ws = load_workbook(book)["Results"]
    (only,) = ws.tables.values()
    assert only.ref.endswith("4")
    assert only.autoFilter.ref.endswith("4")


def test_what_stands_below_the_table_is_never_overwritten(book):
    run(book, "E1")
    changed(book, lambda ws: setattr(ws["A5"], "value", "Signature of the head"))
    run(book, "E1", "E2", "E3")
    column_a = [row[0] for row in table(book)]
    assert column_a[1:4] == ["E1", "E2", "E3"]
    assert column_a.count("Signature of the head") == 1


def test_a_sheet_that_is_not_ours_is_not_touched(tmp_path):
    path = tmp_path / "book.xlsx"
    workbook = build(SCHEME, lang="en")
    workbook.create_sheet("Results")["A1"] = "of the football match"
    workbook.save(path)
    before = path.read_bytes()
    with pytest.raises(CannotSave) as refused:
        run(path, "E1")
    assert refused.value.problem.code == "sheet-not-ours"
    assert path.read_bytes() == before


def test_ten_runs_do_not_make_the_file_grow(book):
    run(book, "E1", "E2", "E3")
    first = members(book)
    for turn in range(10):
        run(book, *(("E3", "E2", "E1") if turn % 2 else ("E1", "E2", "E3")))
    after = members(book)
    assert after.keys() == first.keys()
    assert after["xl/styles.xml"] == first["xl/styles.xml"]
    assert len(after["xl/workbook.xml"]) == len(first["xl/workbook.xml"])


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_other_language_takes_the_place_of_the_first(book, lang):
    run(book, "E1", "E2", "E3", lang=lang)
    assert headings(book)[0] == Text("工号", "Employee ID")(lang)
