"""What Excel refuses is refused: a file that breaks its limits would be repaired, or not opened at all."""

import pandas as pd
import pytest


@pytest.mark.parametrize("name", ["1st", "a-b", "two words", "c", "R", "r2c3", "AB12", "", "x" * 256, "true", "a!b c"])
def test_a_name_that_reads_like_something_else_is_refused(book, sheet, name):
    for define in (
        lambda: book.names.add(name, "=Sheet1!$A$1"),
        lambda: setattr(sheet["A1"], "name", name),
        lambda: setattr(book.names.add("fine", "=Sheet1!$A$1"), "name", name),
    ):
        with pytest.raises(Exception, match=r"."):
            define()


@pytest.mark.parametrize("name", ["_1st", "配额", "quota.2026", "\\x", "rc_", "é?", "XFE1"])
def test_a_name_that_excel_takes_is_taken(book, name):
    book.names.add(name, "=Sheet1!$A$1")
    assert name in book.names


@pytest.mark.parametrize("title", ["history", "History", "x" * 32, "a/b", "'quoted", "sheet1", "a[b]", "ends'"])
def test_a_title_that_excel_reserves_or_cannot_write_is_refused(book, title):
    with pytest.raises(Exception, match=r"."):
        book.sheets.add(title)
    other = book.sheets.add("Other")
    with pytest.raises(Exception, match=r"."):
        other.name = title
    assert other.name == "Other"


def test_a_title_may_change_its_case(book):
    book.sheets[0].name = "SHEET1"
    assert book.sheets[0].name == "SHEET1"


def test_names_and_tables_share_one_list_of_names(book, sheet):
    sheet["A1"].value = [["x"], [1]]
    table = sheet.tables.add(sheet["A1:A2"], name="Sales")
    book.names.add("quota", "=Sheet1!$D$1")
    for name in ("QUOTA", "B2", "no good"):
        with pytest.raises(Exception, match=r"."):
            table.name = name
        with pytest.raises(Exception, match=r"."):
            sheet.tables.add(sheet["F1:F2"], name=name)
    with pytest.raises(Exception, match=r"."):
        book.names.add("sales", "=Sheet1!$D$2")
    assert [each.name for each in sheet.tables] == ["Sales"]


def test_nothing_that_is_too_long_is_cut_in_silence(sheet, headless):
    for write in (
        lambda: setattr(sheet["A1"], "value", "x" * 32_768),
        lambda: setattr(sheet["A1"], "formula", "=" + "+".join(["1"] * 4_097)),
        lambda: sheet["A1"].add_hyperlink("https://example.org/" + "x" * 2_080, "x"),
        lambda: sheet["A1"].add_hyperlink("#Sheet1!" + "x" * 2_080, "x"),
        lambda: sheet["A1"].data_validation.set_list(["word"] * 60),
        lambda: setattr(sheet["A1"], "row_height", 410),
    ):
        with pytest.raises(ValueError, match=r"."):
            write()
    assert sheet["A1"].value is None
    sheet["A1"].value = "x" * 32_767
    assert len(sheet["A1"].value) == 32_767


def test_what_is_missing_is_an_empty_cell_wherever_it_stands(sheet):
    sheet["A1"].value = pd.NA
    assert sheet["A1"].value is None
    sheet["A2"].value = ["p", pd.NA, pd.NaT, None, float("nan")]
    assert sheet["A2:E2"].value == ["p", None, None, None, None]
    sheet["A4"].options(index=False, header=False).value = pd.Series(["p", pd.NA], dtype=object)
    assert sheet["A4:A5"].value == ["p", None]
    frame = pd.DataFrame(
        {"n": pd.array([1, None], "Int64"), "s": pd.array(["x", None], "string"), "o": [pd.NaT, pd.NA]}
    )
    sheet["A7"].options(index=False).value = frame
    assert sheet["A8:C9"].value == [[1, "x", None], [None, None, None]]


def test_a_period_is_its_text_and_a_duration_a_number(sheet, headless):
    sheet["A11"].value = [pd.Period("2026Q3"), pd.Timedelta(hours=36)]
    assert sheet["A11:B11"].value == ["2026Q3", 1.5]


def test_a_merge_takes_up_those_inside_it(sheet):
    sheet["A1:A2"].merge()
    sheet["A1:B2"].merge()
    assert sheet["A1"].merge_area.address == "$A$1:$B$2"
    sheet["A1:B3"].merge(across=True)
    assert [sheet[f"A{row}"].merge_area.address for row in (1, 2, 3)] == ["$A$1:$B$1", "$A$2:$B$2", "$A$3:$B$3"]


def test_a_merge_does_not_cut_merged_cells_or_tables(sheet, headless):
    sheet["A1:B2"].merge()
    for address in ("B2:C3", "A1:A2"):
        with pytest.raises(ValueError, match="merge"):
            sheet[address].merge()
    assert [str(each) for each in sheet.api.merged_cells.ranges] == ["A1:B2"]
    sheet["E1"].value = [["x"], [1]]
    sheet.tables.add(sheet["E1:E2"])
    with pytest.raises(ValueError, match="Table1"):
        sheet["E2:F2"].merge()


def test_the_name_of_one_sheet_is_unknown_on_the_others(book, sheet):
    other = book.sheets.add("Other", after=sheet)
    sheet["B2:C3"].name = "Sheet1!own"
    sheet.range("own").value = 1
    assert other["B2"].value is None
    assert other.range("Sheet1!own").address == "$B$2:$C$3"
    with pytest.raises(Exception, match=r"."):
        other.range("own")
    book.names.add("own", "=Other!$A$1")
    assert (other.range("own").address, sheet.range("own").address) == ("$A$1", "$B$2:$C$3")


def test_a_copy_takes_merged_cells_along_and_takes_apart_those_that_it_covers(sheet):
    sheet["A1"].value = "x"
    sheet["A1:B1"].merge()
    sheet["D4:E5"].merge()
    sheet["A1:B2"].copy(sheet["D4"])
    assert sheet["D4"].value == "x"
    assert [sheet[each].merge_area.address for each in ("A1", "D4", "D5")] == ["$A$1:$B$1", "$D$4:$E$4", "$D$5"]


def test_a_copy_does_not_cut_merged_cells(sheet, headless):
    sheet["D4:E5"].merge()
    with pytest.raises(ValueError, match="merged"):
        sheet["A1:B2"].copy(sheet["E5"])
