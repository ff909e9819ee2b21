"""Apps, books, sheets and what lies on them; saving and opening."""

import datetime as dt

import openpyxl
import pandas as pd
import pytest
import xlwings as xw

from xlperf import engine


def test_books_and_sheets(app, book):
    assert xw.books.active == book
    assert book.app == app
    first = book.sheets[0]
    second = book.sheets.add("Data", after=first)
    third = book.sheets.add("Front", before=first)
    assert [each.name for each in book.sheets] == ["Front", first.name, "Data"]
    assert second.index == 3
    second.activate()
    assert book.sheets.active == second
    third.name = "Cover"
    assert "Cover" in book.sheet_names
    with pytest.raises(ValueError, match="already"):
        second.name = "cover"
    third.delete()
    assert book.sheet_names == [first.name, "Data"]
    second.move(before=first)
    assert book.sheet_names == ["Data", first.name]
    second["A1"].value = 5
    copied = second.copy(name="Copy")
    assert copied["A1"].value == 5
    assert book.sheets[-1] == copied
    with pytest.raises(Exception, match=r"nosuchsheet|invalid|Subscript"):
        _ = book.sheets["nosuchsheet"]


def test_how_a_sheet_is_shown(sheet, book):
    book.sheets.add("Other")
    sheet.visible = False
    assert not sheet.visible
    sheet.visible = True
    sheet.show_gridlines = False
    assert not sheet.show_gridlines
    sheet.page_setup.print_area = "$A$1:$B$3"
    assert sheet.page_setup.print_area == "$A$1:$B$3"
    sheet.page_setup.print_area = None
    assert sheet.page_setup.print_area is None


def test_panes_are_frozen(sheet, headless):
    sheet.freeze_panes.freeze_at("A1:B2")
    assert sheet.api.freeze_panes == "C3"
    sheet.freeze_panes.freeze_at("1:1")
    assert sheet.api.freeze_panes == "A2"
    sheet.freeze_panes.unfreeze()
    assert sheet.api.freeze_panes is None


def test_tables(sheet):
    sheet["A1"].value = [["name", "points"], ["Li", 92], ["Wu", 81]]
    table = sheet.tables.add(source=sheet["A1"].expand(), name="Scores", table_style_name="TableStyleLight1")
    assert (table.name, table.range.address) == ("Scores", "$A$1:$B$3")
    assert table.header_row_range.value == ["name", "points"]
    assert table.data_body_range.address == "$A$2:$B$3"
    assert sheet["B2"].table == table
    assert [each.name for each in table.columns] == ["name", "points"]
    assert table.columns["points"].data_body_range.value == [92, 81]
    assert sheet.range("Scores[points]").address == "$B$2:$B$3"
    assert sheet.range("Scores").address == "$A$2:$B$3"
    table.resize(sheet["A1:B4"])
    assert table.range.address == "$A$1:$B$4"
    table.name = "Points"
    assert "Points" in [each.name for each in sheet.tables]
    with pytest.raises(Exception, match=r"."):
        sheet.tables.add(source=sheet["B2:C3"])


def test_a_table_is_updated_from_a_data_frame(sheet):
    sheet["A1"].value = [["name", "points"], ["Li", 92], ["Wu", 81], ["Ma", 70]]
    table = sheet.tables.add(source=sheet["A1"].expand(), name="Scores")
    table.update(pd.DataFrame({"name": ["Xu"], "points": [60], "grade": ["D"]}), index=False)
    assert table.range.address == "$A$1:$C$2"
    assert sheet["A1:C4"].value == [["name", "points", "grade"], ["Xu", 60, "D"], [None] * 3, [None] * 3]


def test_notes(sheet):
    note = sheet["B2"].add_note("What counts")
    assert sheet["B2"].note.text == "What counts"
    note.text = "What really counts"
    assert [each.location.address for each in sheet.notes] == ["$B$2"]
    assert sheet["B2"].note.text == "What really counts"
    sheet["B2"].note.delete()
    assert sheet["B2"].note is None


def test_charts(sheet):
    sheet["A1"].value = [["grade", "quota", "count"], ["A", 2, 3], ["B", 5, 4]]
    chart = sheet.charts.add(anchor=sheet["E2"], source=sheet["A1"].expand(), chart_type="bar_clustered", name="Grades")
    chart.title = "Quota and count"
    assert (chart.name, chart.chart_type, chart.title) == ("Grades", "bar_clustered", "Quota and count")
    assert (chart.left, chart.top) == pytest.approx((sheet["E2"].left, sheet["E2"].top), abs=1)
    assert [each.name for each in sheet.charts] == ["Grades"]
    chart.delete()
    assert len(sheet.charts) == 0


def test_pictures(sheet, tmp_path):
    image = pytest.importorskip("PIL.Image")
    image.new("RGB", (40, 20), "navy").save(tmp_path / "logo.png")
    picture = sheet.pictures.add(tmp_path / "logo.png", name="Logo", anchor=sheet["B2"])
    assert (picture.width, picture.height) == pytest.approx((30, 15), abs=16)
    picture.width = 60
    assert picture.height == pytest.approx(30, abs=1)
    assert sheet.pictures["Logo"].top == pytest.approx(sheet["B2"].top, abs=1)
    assert "Logo" in [each.name for each in sheet.shapes]
    sheet.pictures["Logo"].delete()
    assert len(sheet.pictures) == 0


def test_what_was_saved_is_opened(book, sheet, tmp_path):
    sheet["A1"].value = [["name", "born"], ["Li", dt.datetime(1990, 5, 17)]]
    sheet["A1:B1"].font.bold = True
    sheet.tables.add(source=sheet["A1"].expand(), name="People")
    book.save(tmp_path / "people.xlsx")
    assert book.name == "people.xlsx"
    assert book.fullname == str(tmp_path / "people.xlsx")
    app = book.app
    book.close()
    again = app.books.open(tmp_path / "people.xlsx")
    assert again.sheets[0]["A2:B2"].value == ["Li", dt.datetime(1990, 5, 17)]
    assert again.sheets[0]["A1"].font.bold
    assert again.sheets[0].tables["People"].range.address == "$A$1:$B$2"
    assert xw.Book(tmp_path / "people.xlsx") == again
    again.save()


def test_code_finds_the_book_it_was_called_from(book):
    book.set_mock_caller()
    assert xw.Book.caller() == book


def test_properties_are_put_back(app, book):
    with app.properties(screen_updating=False, calculation="manual", status_bar="Working"):
        assert (app.screen_updating, app.calculation, app.status_bar) == (False, "manual", "Working")
    assert (app.screen_updating, app.calculation, app.status_bar) == (True, "automatic", False)


def test_cells_are_selected(app, sheet):
    sheet["B2:C3"].select()
    assert app.selection.address == "$B$2:$C$3"
    assert sheet.book.selection.address == "$B$2:$C$3"


# What only this engine promises -------------------------------------------------------------------------------------


def test_message_boxes_are_recorded_and_answered(app, headless):
    engine.answer(app, "no")
    assert app.alert("Go on?", "xlperf", buttons="yes_no") == "no"
    assert app.alert("Done.") == "ok"
    assert [(each.prompt, each.answer) for each in engine.alerts(app)] == [("Go on?", "no"), ("Done.", "ok")]


def test_a_macro_is_the_python_function_of_its_name(app, book, headless):
    engine.macro(app, "Total", lambda *values: sum(values))
    assert book.macro("Module1.Total")(1, 2, 3) == 6
    with pytest.raises(KeyError):
        book.macro("Nothing")()


@pytest.fixture
def calculated(tmp_path):
    """A file with a formula, whose stored result another program computed."""
    from zipfile import ZipFile

    path, bare = tmp_path / "calculated.xlsx", tmp_path / "bare.xlsx"
    workbook = openpyxl.Workbook()
    workbook.active["A1"], workbook.active["B1"] = 20, "=A1*2+2"
    workbook.save(bare)
    with ZipFile(bare) as source, ZipFile(path, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            target.writestr(
                name,
                data.replace(b"<f>A1*2+2</f><v></v>", b"<f>A1*2+2</f><v>42</v>").replace(
                    b"<f>A1*2+2</f><v />", b"<f>A1*2+2</f><v>42</v>"
                ),
            )
    return path


def test_a_formula_has_the_value_that_the_file_stores(calculated, headless):
    sheet = engine.open_book(calculated).sheets[0]
    assert sheet["B1"].value == 42
    sheet["1:1"].insert("down")
    assert sheet["B2"].formula == "=A2*2+2"
    sheet.book.save()
    with_values = openpyxl.load_workbook(calculated, data_only=True).active
    assert [cell.value for cell in with_values[2]] == [20, 42]
    sheet["B2"].formula = "=A2*3"
    assert sheet["B2"].value is None


def test_a_macro_workbook_keeps_its_macros(tmp_path, headless):
    """The bytes of the project are carried along; nothing of it is run."""
    from zipfile import ZipFile

    plain, path = tmp_path / "plain.xlsx", tmp_path / "macro.xlsm"
    openpyxl.Workbook().save(plain)
    with ZipFile(plain) as source, ZipFile(path, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name == "[Content_Types].xml":
                data = (
                    data.replace(b"spreadsheetml.sheet.main+xml", b"sheet.macroEnabled.main+xml")
                    .replace(
                        b"application/vnd.openxmlformats-officedocument.sheet.macroEnabled",
                        b"application/vnd.ms-excel.sheet.macroEnabled",
                    )
                    .replace(
                        b"</Types>",
                        b'<Override PartName="/xl/vbaProject.bin" ContentType="application/vnd.ms-office.vbaProject"/></Types>',
                    )
                )
            target.writestr(name, data)
        target.writestr("xl/vbaProject.bin", b"project")
    book = engine.open_book(path)
    book.sheets[0]["A1"].value = 1
    book.save()
    with ZipFile(path) as package:
        assert package.read("xl/vbaProject.bin") == b"project"
    book.save(tmp_path / "copy.xlsx")
    with ZipFile(tmp_path / "copy.xlsx") as package:
        assert "xl/vbaProject.bin" not in package.namelist()
    book.close()


def test_nothing_of_the_non_free_part_is_loaded(headless):
    assert xw.__pro__ is False
    assert not {"remote", "officejs", "calamine"} & {each.name for each in xw.engines}


# Between books ------------------------------------------------------------------------------------------------------


def test_a_sheet_is_copied_into_another_book(app, book, sheet):
    sheet["A1"].value = [["name", "points"], ["Li", 92]]
    sheet["A1:B1"].font.bold, sheet["A1:B1"].color = True, (1, 2, 3)
    sheet["A:A"].column_width = 30
    sheet["A1"].add_note("who")
    sheet.tables.add(source=sheet["A1"].expand(), name="Scores")
    sheet["D1:E1"].merge()
    sheet.name = "Scores of all"
    other = app.books.add()
    copied = sheet.copy(after=other.sheets[0])
    assert other.sheet_names[1] == copied.name == "Scores of all"
    assert copied["A1:B2"].value == [["name", "points"], ["Li", 92]]
    assert (copied["A1"].font.bold, copied["A1"].color) == (True, (1, 2, 3))
    assert copied["A1"].column_width == pytest.approx(30, abs=0.01)
    assert copied["A1"].note.text == "who"
    assert copied["D1"].merge_area.address == "$D$1:$E$1"
    assert copied.tables[0].range.address == "$A$1:$B$2"


def test_formats_are_pasted_over_a_larger_range_and_into_another_book(app, sheet):
    sheet["A1:B1"].number_format = "0.00"
    sheet["A1"].font.italic = True
    sheet["A1:B1"].copy()
    target = app.books.add().sheets[0]
    target["C3:D5"].paste("formats")
    assert target["C3:D5"].number_format == "0.00"
    assert [each.font.italic for each in target["C5:D5"]] == [True, False]


def test_a_list_to_choose_from(sheet):
    sheet["A1:A3"].value = [["A"], ["B"], ["C"]]
    sheet["C1:C9"].data_validation.set_list(sheet["A1:A3"])
    assert sheet["C5"].data_validation.type == "list"
    assert sheet["C5"].data_validation.source.endswith("$A$1:$A$3")
    sheet["C5"].data_validation.delete()
    assert [sheet[cell].data_validation.type for cell in ("C4", "C5", "C6")] == ["list", "none", "list"]
