"""Texts with signs that a file spells: what a macro reads and writes is what Excel shows."""

from zipfile import ZipFile

import pytest

TEXTS = ["a\rb", "a\r\nb", "x_x0041_y", "_x005F_", "_x005F_x005F_", "a\x07b", "_x00", "_X0041_", "plain_text_"]


def package(path, strings):
    """A workbook with shared texts as a file spells them, one under the other in column A."""
    import xlsxwriter

    with xlsxwriter.Workbook(path) as workbook:
        sheet = workbook.add_worksheet("Sheet1")
        for row in range(len(strings)):
            sheet.write_string(row, 0, f"text{row}")
    with ZipFile(path) as old:
        members = {name: old.read(name) for name in old.namelist()}
    items = "".join(strings).encode()
    head, tail = members["xl/sharedStrings.xml"].split(b"<si>", 1)[0], b"</sst>"
    members["xl/sharedStrings.xml"] = head + items + tail
    with ZipFile(path, "w") as new:
        for name, data in members.items():
            new.writestr(name, data)
    return path


def spelt(path):
    with ZipFile(path) as archive:
        return b"".join(archive.read(name) for name in archive.namelist() if name.startswith(("xl/work", "xl/shared")))


@pytest.mark.parametrize("text", TEXTS[:5] + TEXTS[6:])
def test_a_text_comes_back_from_a_new_file_and_from_one_that_was_opened(app, book, tmp_path, text):
    book.sheets[0]["A1"].value = text
    book.save(tmp_path / "new.xlsx")
    book.close()  # a book that is open is not read again
    again = app.books.open(tmp_path / "new.xlsx")
    assert again.sheets[0]["A1"].value == text
    again.sheets[0]["C1"].value = again.sheets[0]["A1"].value
    again.sheets.add("Other")["B2"].value = text
    again.save()
    again.close()
    third = app.books.open(tmp_path / "new.xlsx")
    assert [third.sheets["Sheet1"]["A1"].value, third.sheets["Sheet1"]["C1"].value] == [text, text]
    assert third.sheets["Other"]["B2"].value == text


def test_shared_texts_are_read_as_excel_reads_them(app, tmp_path, headless):
    strings = [
        "<si><t>a_x000D_b</t></si>",
        "<si><t>x_x005F_x0041_y</t></si>",
        "<si><t>bell_x0007_</t></si>",
        "<si><r><t>rich_x000D_</t></r><r><rPr><b/></rPr><t>_x005F_x0041_</t></r></si>",
    ]
    path = package(tmp_path / "shared.xlsx", strings)
    before = spelt(path)
    book = app.books.open(path)
    sheet = book.sheets[0]
    assert sheet["A1:A4"].value == ["a\rb", "x_x0041_y", "bell\x07", "rich\r_x0041_"]
    book.save()
    assert spelt(path) == before
    sheet["C1"].value = sheet["A1"].value
    sheet["A3:A4"].copy(sheet["D1"])
    book.save(tmp_path / "edited.xlsx")
    data = spelt(tmp_path / "edited.xlsx")
    assert b"a_x000D_b</t></is>" in data
    assert b"bell_x0007_</t></is>" in data
    again = app.books.open(tmp_path / "edited.xlsx").sheets[0]
    assert again["A1:A4"].value == ["a\rb", "x_x0041_y", "bell\x07", "rich\r_x0041_"]
    assert again["C1:D1"].value == ["a\rb", "bell\x07"]


def test_the_result_of_a_formula_is_read_in_the_same_way(app, tmp_path, headless):
    import xlsxwriter

    with xlsxwriter.Workbook(tmp_path / "result.xlsx") as workbook:
        workbook.add_worksheet("Sheet1").write_formula("A1", '="a"&CHAR(13)', None, "a_x000D_")
    assert app.books.open(tmp_path / "result.xlsx").sheets[0]["A1"].value == "a\r"
