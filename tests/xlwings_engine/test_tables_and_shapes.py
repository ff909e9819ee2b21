"""The rows of headings and of totals, and the shapes that are only looked at."""

import pytest


@pytest.fixture
def table(sheet):
    sheet["B3"].value = [["name", "points [x]"], ["Li", 92], ["Wu", 81]]
    return sheet.tables.add(sheet["B3:C5"], name="T")


def test_headings_are_hidden_and_shown_again(app, book, sheet, table, tmp_path):
    table.show_headers = False
    assert (table.header_row_range, table.range.address) == (None, "$B$4:$C$5")
    assert sheet["B3:C3"].value == [None, None]
    book.save(tmp_path / "book.xlsx")
    again = app.books.open(tmp_path / "book.xlsx").sheets[0].tables["T"]
    again.show_headers = True
    assert again.header_row_range.value == ["name", "points [x]"]
    assert again.data_body_range.address == "$B$4:$C$5"
    assert again.show_autofilter


def test_totals_are_shown_and_hidden(sheet, table):
    table.show_totals = True
    assert table.totals_row_range.address == "$B$6:$C$6"
    assert table.data_body_range.address == "$B$4:$C$5"
    assert [list(row) for row in sheet["B6:C6"].formula] == [["Total", "=SUBTOTAL(109,T[points '[x']])"]]
    table.show_totals = False
    assert (table.totals_row_range, table.range.address) == (None, "$B$3:$C$5")
    assert sheet["B6:C6"].value == [None, None]


def test_a_row_of_a_table_does_not_write_over_others(sheet, table, headless):
    sheet["C6"].value = "taken"
    with pytest.raises(NotImplementedError, match="row 6"):
        table.show_totals = True
    table.show_headers = False
    sheet["B3"].value = "taken"
    with pytest.raises(NotImplementedError, match="row 3"):
        table.show_headers = True
    assert (table.range.address, sheet["C6"].value, sheet["B3"].value) == ("$B$4:$C$5", "taken", "taken")


def test_a_table_without_data_waits_for_them(sheet):
    table = sheet.tables.add(sheet["A10"])
    assert table.insert_row_range.address == "$A$11"
    sheet["A11"].value = 1
    assert table.insert_row_range is None


def test_a_picture_is_as_large_as_its_file_says(sheet, tmp_path, headless):
    image = pytest.importorskip("PIL.Image")
    image.new("RGB", (60, 30)).save(tmp_path / "sharp.png", dpi=(144, 144))
    image.new("RGB", (60, 30)).save(tmp_path / "plain.png")
    sharp = sheet.pictures.add(tmp_path / "sharp.png")
    plain = sheet.pictures.add(tmp_path / "plain.png")
    assert (round(sharp.width), round(sharp.height)) == (30, 15)
    assert (plain.width, plain.height) == (45, 22.5)


def test_other_shapes_are_seen_and_kept(app, tmp_path, headless):
    import xlsxwriter

    with xlsxwriter.Workbook(tmp_path / "shapes.xlsx") as workbook:
        sheet = workbook.add_worksheet("Sheet1")
        sheet.insert_textbox("B2", "Read me", {"width": 160, "height": 80})
        workbook.add_worksheet("Other")
    book = app.books.open(tmp_path / "shapes.xlsx")
    book.sheets[0].name = "Renamed"
    (shape,) = book.sheets[0].shapes
    assert (shape.name, shape.type, shape.text) == ("TextBox 1", "text_box", "Read me")
    assert (round(shape.left), shape.top, round(shape.width), shape.height) == (48, 15, 120, 60)
    assert len(book.sheets[1].shapes) == 0
    for change in (
        lambda: setattr(shape, "text", "x"),
        lambda: setattr(shape, "left", 1),
        lambda: shape.font.bold,
        lambda: shape.characters[0],
        shape.delete,
    ):
        with pytest.raises(NotImplementedError, match="TextBox 1"):
            change()
