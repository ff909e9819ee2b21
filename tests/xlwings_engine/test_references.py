"""What refers to cells, columns of tables, tables and sheets follows when they move, go or get another name."""

import pytest
from openpyxl.formatting.rule import ColorScaleRule, FormulaRule
from openpyxl.worksheet.datavalidation import DataValidation


@pytest.fixture
def table(sheet):
    """A table T with the columns u, v and w in A1:C3, and formulas beside it."""
    sheet["A1"].value = [["u", "v", "w"], [1, 2, 3], [4, 5, 6]]
    made = sheet.tables.add(sheet["A1:C3"], name="T")
    sheet["H1"].formula = "=SUM(T[v])"
    sheet["H2"].formula = "=SUM(T[[u]:[w]])"
    sheet["H3"].formula = '=T[@v]&"T[v]"'
    sheet["H4"].formula = "=COUNTA(T[[#Headers],[v]:[w]])+ROWS(T)"
    sheet.book.names.add("values", "=T[v]")
    return made


def formulas(sheet, address="H1:H4"):
    return [row[0] for row in sheet[address].formula]


def test_a_column_that_is_deleted_is_lost_to_formulas(sheet, table):
    sheet["B:B"].delete("left")
    assert formulas(sheet, "G1:G4") == [
        "=SUM(#REF!)",
        "=SUM(T[[u]:[w]])",
        '=#REF!&"T[v]"',
        "=COUNTA(T[[#Headers],[w]])+ROWS(T)",
    ]
    assert sheet.book.names["values"].refers_to == "=#REF!"
    assert [each.name for each in table.columns] == ["u", "w"]
    sheet["C:C"].delete("left")
    assert sheet["F2"].formula == "=SUM(T[[u]:[w]])"


def test_a_range_of_columns_shrinks_to_those_that_are_left(sheet, table):
    sheet["C:C"].delete("left")
    assert sheet["G2"].formula == "=SUM(T[[u]:[v]])"
    assert sheet["G4"].formula == "=COUNTA(T[[#Headers],[v]])+ROWS(T)"


def test_a_new_column_leaves_the_others_their_names(sheet, table):
    sheet["B:B"].insert("right")
    assert [each.name for each in table.columns] == ["u", "Column2", "v", "w"]
    assert sheet["A1:D1"].value == ["u", "Column2", "v", "w"]
    assert sheet["I1"].formula == "=SUM(T[v])"


def test_formulas_follow_a_heading_that_changes(app, book, sheet, table, tmp_path):
    sheet["B1"].value = "a b"
    assert [each.name for each in table.columns] == ["u", "a b", "w"]
    assert sheet["H1"].formula == "=SUM(T[a b])"
    assert sheet["H3"].formula == '=T[@[a b]]&"T[v]"'
    sheet["B1:C1"].value = ["w", "it's [x]"]  # one takes the name that the other had
    book.save(tmp_path / "book.xlsx")
    assert sheet["H1"].formula == "=SUM(T[w])"
    assert sheet["H4"].formula == "=COUNTA(T[[#Headers],[w]:[it''s '[x']]])+ROWS(T)"


def test_formulas_follow_a_table(sheet, table):
    table.name = "Sales"
    assert formulas(sheet)[:2] == ["=SUM(Sales[v])", "=SUM(Sales[[u]:[w]])"]
    assert sheet["H4"].formula.endswith("+ROWS(Sales)")
    table.resize(sheet["A1:B3"])
    assert formulas(sheet)[:2] == ["=SUM(Sales[v])", "=SUM(Sales[[u]:[v]])"]
    sheet["A:B"].delete("left")
    assert formulas(sheet, "F1:F2") == ["=SUM(#REF!)", "=SUM(#REF!)"]
    assert sheet["F4"].formula.endswith("+ROWS(#REF!)")


def test_a_table_that_is_deleted_with_its_rows_is_lost(sheet, table):
    sheet["J9"].formula = "=SUM(T[v])"
    sheet["1:3"].delete("up")
    assert sheet["J6"].formula == "=SUM(#REF!)"
    assert len(sheet.tables) == 0


def test_rules_follow_rows_that_are_inserted_and_deleted(book, sheet, headless):
    worksheet, other = sheet.api, book.sheets.add("Other", after=sheet).api
    for ws, prefix in ((worksheet, ""), (other, "Sheet1!")):
        rule = DataValidation("custom", formula1=f"COUNTIF({prefix}$A$2:$A$9,{prefix}A2)=1", sqref="G2:G9")
        ws.add_data_validation(rule)
        ws.conditional_formatting.add("G2:G9", FormulaRule([f"{prefix}$A$9>G2"]))
        scale = ColorScaleRule("formula", f"{prefix}$A$9", "FF0000", end_type="max", end_color="00FF00")
        ws.conditional_formatting.add("A1:A9", scale)
    sheet["4:4"].insert("down")
    for ws, prefix in ((worksheet, ""), (other, "Sheet1!")):
        assert ws.data_validations.dataValidation[0].formula1 == f"COUNTIF({prefix}$A$2:$A$10,{prefix}A2)=1"
        rules = [rule for cells in ws.conditional_formatting for rule in cells.rules]
        assert rules[0].formula == [f"{prefix}$A$10>G2"]
        assert rules[1].colorScale.cfvo[0].val == f"{prefix}$A$10"
    assert str(worksheet.data_validations.dataValidation[0].sqref) == "G2:G10"
    sheet["2:2"].delete("up")
    assert worksheet.data_validations.dataValidation[0].formula1 == "COUNTIF($A$2:$A$9,A2)=1"
    assert str(worksheet.data_validations.dataValidation[0].sqref) == "G2:G9"
    sheet["A:A"].insert("right")
    assert worksheet.data_validations.dataValidation[0].formula1 == "COUNTIF($B$2:$B$9,B2)=1"


def test_a_list_follows_the_cells_it_offers(sheet, headless):
    sheet["C2"].data_validation.set_list(sheet["A2:A9"])
    sheet["4:4"].insert("down")
    assert sheet["C2"].data_validation.source == "Sheet1!$A$2:$A$10"


def test_the_area_that_is_printed_follows(sheet):
    sheet.page_setup.print_area = "$A$1:$C$9"
    sheet["4:4"].insert("down")
    assert sheet.page_setup.print_area.replace("$", "") == "A1:C10"


def test_formulas_follow_a_sheet(app, book, sheet, tmp_path):
    other = book.sheets.add("Other", after=sheet)
    other["A1"].formula = '=Sheet1!B2&"Sheet1!B2"'
    book.names.add("cell", "=Sheet1!$B$2")
    sheet.name = "New title"
    assert other["A1"].formula == "='New title'!B2&\"Sheet1!B2\""
    assert book.names["cell"].refers_to_range.sheet == sheet
    book.save(tmp_path / "book.xlsx")
    again = app.books.open(tmp_path / "book.xlsx")
    assert again.sheets["Other"]["A1"].formula == "='New title'!B2&\"Sheet1!B2\""
    again.sheets["New title"].delete()
    assert again.sheets["Other"]["A1"].formula == '=#REF!&"Sheet1!B2"'
    assert again.names["cell"].refers_to == "=#REF!"
