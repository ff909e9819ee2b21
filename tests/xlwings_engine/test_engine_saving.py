"""Saving through the engine changes what was edited and loses nothing: shapes, buttons, sparklines, slicers, macros."""

import datetime as dt
from io import BytesIO
from zipfile import ZipFile

import openpyxl
import pytest
from census import changed_members, losses, members, sheet_part

pytest.importorskip("xlsxwriter")

from decorated import counted, decorated

from xlperf import engine
from xlperf.xlsx.atomic_save import packed

SHEET = "Our notes"


@pytest.fixture(scope="module")
def before() -> bytes:
    return decorated()


@pytest.fixture
def saved(before, tmp_path, headless):
    """Open the decorated workbook, let somebody edit it, save it, and return the file."""

    def save(edit, name="book.xlsm", source=None):
        path = tmp_path / "book.xlsm"
        path.write_bytes(source or before)
        app = engine.start()
        book = app.books.open(path)
        edit(book)
        book.save(tmp_path / name)
        assert app.impl.warnings == []
        app.quit()
        return (tmp_path / name).read_bytes()

    return save


def loaded(data, **how):
    return openpyxl.load_workbook(BytesIO(data), **how)


def missing(before, after):
    return {feature: n for feature, n in counted(before).items() if counted(after)[feature] < n}


# Nothing is lost -----------------------------------------------------------------------------------------------------


def test_a_book_that_nobody_has_changed_is_saved_byte_by_byte(before, saved):
    assert members(saved(lambda book: None)) == members(before)


EDITS = {
    "values": lambda book: setattr(book.sheets[0]["N2:O3"], "value", [["x", 1.5], [True, dt.datetime(2026, 11, 1)]]),
    "a value over another": lambda book: setattr(book.sheets[0]["A3"], "value", 9),
    "a formula": lambda book: setattr(book.sheets[0]["N1"], "formula", "=SUM(A2:A4)"),
    "a number format": lambda book: setattr(book.sheets[0]["A2:A4"], "number_format", "0.000"),
    "a font": lambda book: setattr(book.sheets[0]["A2"].font, "italic", True),
    "a width": lambda book: setattr(book.sheets[0]["A:A"], "column_width", 30),
    "a height": lambda book: setattr(book.sheets[0]["2:2"], "row_height", 40),
    "a hidden row": lambda book: setattr(book.sheets[0]["12:12"], "row_hidden", True),
    "a larger table": lambda book: book.sheets[0].tables["Mine"].resize(book.sheets[0]["K1:M5"]),
    "a new table": lambda book: book.sheets[0].tables.add(source=book.sheets[0]["N9:O11"], name="Second"),
    "merged cells": lambda book: book.sheets[0]["N1:O1"].merge(),
    "a link": lambda book: book.sheets[0]["N5"].add_hyperlink("https://example.com/a", "there"),
    "a new note": lambda book: book.sheets[0]["A3"].add_note("and this one"),
    "a reworded note": lambda book: setattr(book.sheets[0]["A2"].note, "text", "checked"),
    "a list to choose from": lambda book: book.sheets[0]["N2:N9"].data_validation.set_list(["a", "b"]),
    "a name": lambda book: book.names.add("Half", "='Our notes'!$A$3"),
    "a new sheet": lambda book: setattr(book.sheets.add("New")["A1"], "value", [["n", "m"], [1, 2]]),
    "another title": lambda book: setattr(book.sheets[0], "name", "Renamed"),
    "a copy of a sheet": lambda book: book.sheets.add("Copied", after=book.sheets[-1]).copy(),
    "another chart": lambda book: book.sheets[0].charts.add(
        source=book.sheets[0]["K1:L3"], anchor=book.sheets[0]["P2"]
    ),
    "frozen panes": lambda book: book.sheets[0].freeze_panes.freeze_at("1:1"),
    "what is printed": lambda book: setattr(book.sheets[0].page_setup, "print_area", "$A$1:$B$9"),
    "new rows": lambda book: book.sheets[0]["14:15"].insert("down"),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=list(EDITS))
def test_nothing_is_lost(before, saved, edit):
    after = saved(edit)
    assert missing(before, after) == {}
    assert {what: n for what, n in losses(before, after).items() if what[1] not in ("v", "t", "si", "r")} == {}
    loaded(after)


def test_only_the_parts_that_an_edit_is_about_change(before, saved):
    after = saved(EDITS["a value over another"])
    assert changed_members(before, after) <= {sheet_part(before, SHEET), "xl/workbook.xml"}


def seen(data):
    """Return what openpyxl sees of a workbook."""
    book = loaded(data, rich_text=True)
    return {
        "names": {name: each.attr_text for name, each in book.defined_names.items()},
        **{
            (ws.title, what): found
            for ws in book.worksheets
            for what, found in {
                "cells": {
                    cell.coordinate: (str(getattr(cell.value, "text", cell.value)), cell.number_format, cell.font.i)
                    for row in ws.rows
                    for cell in row
                    if cell.value is not None or cell.has_style
                },
                "notes": {cell.coordinate: cell.comment.text for row in ws.rows for cell in row if cell.comment},
                "links": {cell.coordinate: cell.hyperlink.target for row in ws.rows for cell in row if cell.hyperlink},
                "widths": {letter: (each.width, each.hidden) for letter, each in ws.column_dimensions.items()},
                "heights": {number: (each.height, each.hidden) for number, each in ws.row_dimensions.items()},
                "merged": sorted(map(str, ws.merged_cells.ranges)),
                "tables": {name: (ws.tables[name].ref, ws.tables[name].column_names) for name in ws.tables},
                "lists": sorted((str(each.sqref), each.formula1) for each in ws.data_validations.dataValidation),
                "rules": sorted(
                    (str(each.sqref), rule.type) for each in ws.conditional_formatting for rule in each.rules
                ),
                "view": (ws.freeze_panes, ws.print_area, ws.sheet_state, ws.sheet_view.tabSelected),
                "charts": len(ws._charts),
            }.items()
        },
    }


@pytest.mark.parametrize("edit", EDITS.values(), ids=list(EDITS))
def test_what_openpyxl_sees_is_what_openpyxl_would_have_saved(saved, edit):
    """The plain save, which loses so much else, is the referee of all that openpyxl knows."""
    plain = []

    def edit_and_save_plainly(book):
        edit(book)
        plain.append(packed(book.impl.workbook))

    merged, other = seen(saved(edit_and_save_plainly)), seen(plain[0])
    assert {what: (merged.get(what), other[what]) for what in other if merged.get(what) != other[what]} == {}


# What was edited is there --------------------------------------------------------------------------------------------


def edited(book):
    sheet = book.sheets[0]
    sheet["N2:O3"].value = [["007", 1.5], [True, dt.datetime(2026, 11, 1)]]
    sheet["N4"].formula = "=SUM(A2:A4)"
    sheet["A2:A4"].number_format = "0.000"
    sheet["A:A"].column_width = 30
    sheet["2:2"].row_height = 40
    sheet["N6:O6"].merge()
    sheet["N7"].add_hyperlink("https://example.com/a", "there")
    sheet["A2"].note.text = "checked"
    sheet["A3"].add_note("and this one")
    sheet["K4:L5"].value = [[1, 2], [3, 4]]
    sheet.tables["Mine"].resize(sheet["K1:L5"])
    book.names.add("Half", "='Our notes'!$A$3")
    new = book.sheets.add("New", before=sheet)
    new["A1"].value = [["name", "points"], ["Li", 92]]
    new["A1:B1"].font.bold = True
    new.tables.add(source=new["A1:B2"], name="Scores")


def test_every_edit_is_in_the_file(saved):
    book = loaded(saved(edited))
    assert book.sheetnames == ["New", SHEET]
    assert book.active.title == "New"
    sheet, new = book[SHEET], book["New"]
    assert [[cell.value for cell in row] for row in sheet["N2:O3"]] == [["007", 1.5], [True, dt.datetime(2026, 11, 1)]]
    assert sheet["N4"].value == "=SUM(A2:A4)"
    assert [sheet[cell].number_format for cell in ("A2", "A4", "A5")] == ["0.000", "0.000", "General"]
    assert sheet.column_dimensions["A"].width == pytest.approx(30.7, abs=0.5)
    assert sheet.row_dimensions[2].height == 40
    assert "N6:O6" in [str(each) for each in sheet.merged_cells.ranges]
    assert sheet["N7"].hyperlink.target == "https://example.com/a"
    assert sheet["A9"].hyperlink.target == "https://example.org"
    assert {cell: sheet[cell].comment.text for cell in ("A2", "A3")} == {"A2": "checked", "A3": "and this one"}
    assert sheet.tables["Mine"].ref == "K1:L5"
    assert book.defined_names["Half"].attr_text == "'Our notes'!$A$3"
    assert [[cell.value for cell in row] for row in new["A1:B2"]] == [["name", "points"], ["Li", 92]]
    assert new["A1"].font.b
    assert new.tables["Scores"].ref == "A1:B2"


def test_the_engine_reads_back_what_it_has_saved(saved, tmp_path):
    """Two saves and an opening: the file is the same as that of one save."""
    once = saved(edited)

    def twice(book):
        edited(book)
        book.save()

    assert members(saved(twice)) == members(once)


def test_formulas_keep_their_results(saved):
    values = loaded(saved(lambda book: setattr(book.sheets[0]["N1"], "value", 1)), data_only=True)[SHEET]
    assert values["B1"].value == 6
    assert values["C2"].value == 1


def test_excel_is_asked_for_the_result_of_a_new_formula(saved):
    assert b'fullCalcOnLoad="1"' in members(saved(EDITS["a formula"]))["xl/workbook.xml"]


# Sheets that go and move ---------------------------------------------------------------------------------------------


def test_a_sheet_that_goes_takes_its_parts_with_it(before, saved):
    def delete(book):
        book.sheets.add("Front", before=book.sheets[0])["A1"].value = "here"
        book.sheets[SHEET].delete()

    after = members(saved(delete))
    left = [name for name in after if name.startswith(("xl/drawings/", "xl/tables/", "xl/threadedComments/"))]
    assert left == []
    assert loaded(saved(delete)).sheetnames == ["Front"]
    assert "xl/vbaProject.bin" in after


def test_sheets_are_moved_with_the_names_that_are_theirs(saved):
    def prepare(book):
        for title in ("Second", "Third"):
            book.sheets.add(title, after=book.sheets[-1])["A1"].value = title
        book.sheets["Third"].page_setup.print_area = "$A$1:$B$2"

    def move(book):
        book.sheets["Third"].move(before=book.sheets[0])
        book.sheets["Second"].visible = False

    book = loaded(saved(move, source=saved(prepare)))
    assert book.sheetnames == ["Third", SHEET, "Second"]
    assert book["Third"].print_area == "'Third'!$A$1:$B$2"
    assert book["Second"].sheet_state == "hidden"


def test_a_note_is_removed_and_others_stay(before, saved):
    def remove(book):
        book.sheets[0]["A3"].add_note("and this one")
        book.sheets[0]["A2"].note.delete()

    sheet = loaded(saved(remove))[SHEET]
    assert [sheet[cell].comment and sheet[cell].comment.text for cell in ("A2", "A3")] == [None, "and this one"]


# Charts and pictures -------------------------------------------------------------------------------------------------


def test_a_chart_moves_and_the_shapes_beside_it_stay(before, saved):
    tops = []

    def move(book):
        book.sheets[0].charts[0].top = book.sheets[0]["A20"].top

    after = saved(move)
    assert missing(before, after) == {}
    assert len(loaded(after)[SHEET]._charts) == 1
    saved(lambda book: tops.append((book.sheets[0].charts[0].top, book.sheets[0]["A20"].top)), source=after)
    assert tops[0][0] == pytest.approx(tops[0][1], abs=1)


def test_a_chart_goes_and_the_shapes_beside_it_stay(before, saved):
    assert missing(before, saved(lambda book: book.sheets[0].charts[0].delete())) == {"charts of HR": 1}


# Other kinds of files ------------------------------------------------------------------------------------------------


def test_a_copy_without_macros_keeps_everything_else(before, saved):
    after = saved(lambda book: setattr(book.sheets[0]["N1"], "value", 1), name="copy.xlsx")
    assert missing(before, after) == {"ribbon": 1, "macros": 1}
    assert b"macroEnabled" not in members(after)["[Content_Types].xml"]


def test_what_cannot_be_kept_is_told(before, tmp_path, headless):
    path = tmp_path / "signed.xlsm"
    path.write_bytes(before)
    with ZipFile(path, "a") as package:
        package.writestr("_xmlsignatures/sig1.xml", "<Signature/>")
    app = engine.start()
    book = app.books.open(path)
    book.sheets[0]["A3"].value = 9
    book.save()
    assert [problem.code for problem in app.impl.warnings] == ["save-unsigned"]
    assert loaded(path.read_bytes())[SHEET]["A3"].value == 9
    app.quit()
