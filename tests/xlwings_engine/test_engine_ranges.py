"""From one range to another, and what happens to cells that are moved."""

import pytest


@pytest.fixture
def filled(sheet):
    sheet["B2"].value = [["name", "points", "grade"], ["Li", 92, "A"], ["Wu", 81, "B"], ["Ma", 70, "C"]]
    sheet["G9"].value = "apart"
    return sheet


@pytest.mark.parametrize(
    ("asked", "address"),
    [
        ("B2", "$B$2"),
        ("$B$2:C3", "$B$2:$C$3"),
        ((2, 2), "$B$2"),
        ("B:C", "$B:$C"),
        ("2:3", "$2:$3"),
    ],
)
def test_ranges_by_address(sheet, asked, address):
    assert sheet.range(asked).address == address


def test_ranges_by_corners_and_slices(sheet):
    assert sheet.range((1, 1), (3, 2)).address == "$A$1:$B$3"
    assert sheet.range("A1", "C2").address == "$A$1:$C$2"
    assert sheet[0, 0].address == "$A$1"
    assert sheet[1:3, 0:2].address == "$A$2:$B$3"
    assert sheet["B2:D4"][0, 1].address == "$C$2"
    assert sheet["B2:D4"](2, 3).address == "$D$3"
    assert sheet["B2:D4"].last_cell.address == "$D$4"
    assert sheet["A1"].offset(2, 1).resize(2, 3).address == "$B$3:$D$4"
    assert [each.address for each in sheet["A1:B2"]] == ["$A$1", "$B$1", "$A$2", "$B$2"]
    assert [each.address for each in sheet["A1:B2"].rows] == ["$A$1:$B$1", "$A$2:$B$2"]
    assert [each.address for each in sheet["A1:B2"].columns] == ["$A$1:$A$2", "$B$1:$B$2"]
    assert sheet["A1"].get_address(False, True) == "$A1"
    with pytest.raises(IndexError):
        sheet.range((0, 1))


def test_blocks_are_found(filled):
    assert filled["B2"].expand().address == "$B$2:$D$5"
    assert filled["B2"].expand("down").address == "$B$2:$B$5"
    assert filled["B2"].expand("right").address == "$B$2:$D$2"
    assert filled["C3"].current_region.address == "$B$2:$D$5"
    assert filled.used_range.address == "$B$2:$G$9"


@pytest.mark.parametrize(
    ("start", "direction", "address"),
    [
        ("B2", "down", "$B$5"),
        ("B2", "right", "$D$2"),
        ("D5", "up", "$D$2"),
        ("D5", "left", "$B$5"),
        ("B5", "down", "$B$1048576"),
        ("A9", "right", "$G$9"),
        ("G1", "down", "$G$9"),
        ("B2", "up", "$B$1"),
        ("B1", "down", "$B$2"),
    ],
)
def test_ctrl_and_an_arrow(filled, start, direction, address):
    assert filled[start].end(direction).address == address


def test_cells_of_a_kind(filled):
    filled["D3"].clear_contents()
    filled["C6"].formula = "=SUM(C3:C5)"
    assert [each.address for each in filled["B2:D5"].get_special_cells("blanks")] == ["$D$3"]
    assert [each.address for each in filled["B2:D6"].get_special_cells("formulas")] == ["$C$6"]
    filled["3:4"].rows.hidden = True
    assert [each.address for each in filled["B2:B5"].get_special_cells("visible")] == ["$B$2", "$B$5"]
    assert filled["3:4"].rows.hidden
    assert filled["B2:B5"].rows.hidden is None


def test_text_is_found(filled):
    assert filled["B2:D5"].find("wu").address == "$B$4"
    assert filled["B2:D5"].find("w", whole=True) is None
    assert filled["B2:D5"].find("WU", match_case=True) is None


def test_inserted_rows_move_everything_behind_them(filled):
    filled["F1"].formula = "=SUM(C3:C5)+C2"
    filled["B5:C5"].merge()
    filled["4:4"].row_height = 33
    filled.book.names.add("points", "=Sheet1!$C$3:$C$5")
    filled["3:4"].insert("down")
    assert filled["B2:B7"].value == ["name", None, None, "Li", "Wu", "Ma"]
    assert filled["F1"].formula == "=SUM(C5:C7)+C2"
    assert filled["B7"].merge_area.address == "$B$7:$C$7"
    assert filled["6:6"].row_height == 33
    assert filled.range("points").address == "$C$5:$C$7"
    filled["3:4"].delete("up")
    assert filled["B2:B5"].value == ["name", "Li", "Wu", "Ma"]
    assert filled["F1"].formula == "=SUM(C3:C5)+C2"
    filled["4:4"].delete("up")
    assert filled["F1"].formula == "=SUM(C3:C4)+C2"


def test_deleted_columns_take_references_along(filled):
    filled["F2"].formula = "=C3+D3"
    filled["C:C"].delete("left")
    assert filled["B2:C2"].value == ["name", "grade"]
    assert filled["E2"].formula == "=#REF!+C3"
    filled["A:A"].insert("right")
    assert filled["C3"].value == "Li"


def test_copies(filled):
    filled["C3"].number_format, filled["E3"].formula = "0.00", "=C3*2"
    filled["C3:E3"].copy(filled["C8"])
    assert (filled["C8"].value, filled["C8"].number_format, filled["E8"].formula) == (92, "0.00", "=C8*2")
    filled["C3"].copy()
    filled["I1"].paste("values")
    assert (filled["I1"].value, filled["I1"].number_format) == (92, "General")
    filled["I2"].paste("formats")
    assert (filled["I2"].value, filled["I2"].number_format) == (None, "0.00")


def test_merged_cells(sheet):
    sheet["A1:B2"].value = [[1, 2], [3, 4]]
    sheet["A1:B2"].merge()
    assert sheet["A1"].merge_cells
    assert sheet["B2"].merge_area.address == "$A$1:$B$2"
    assert sheet["A1:B2"].value == [[1, None], [None, None]]
    sheet["A1"].unmerge()
    assert not sheet["A1:B2"].merge_cells


def test_names(book, sheet):
    sheet["B2"].name = "quota"
    assert sheet["B2"].name.refers_to == "=Sheet1!$B$2"
    sheet.range("quota").value = 0.2
    assert sheet["B2"].value == 0.2
    book.names.add("area", "=Sheet1!$A$1:$B$3")
    assert {each.name for each in book.names} == {"quota", "area"}
    assert book.names["area"].refers_to_range.address == "$A$1:$B$3"
    book.names["area"].refers_to = "=Sheet1!$C$1"
    assert "area" in book.names
    del book.names["area"]
    assert "area" not in book.names


def test_links(sheet):
    sheet["A1"].add_hyperlink("https://www.example.org", "Example")
    assert sheet["A1"].value == "Example"
    assert sheet["A1"].hyperlink.rstrip("/") == "https://www.example.org"
    with pytest.raises(Exception, match="hyperlink"):
        _ = sheet["A2"].hyperlink
