"""Array formulas, those between braces and those that spill, and functions that came after 2007."""

import re
from zipfile import ZipFile

import pytest


def xml(path, part="xl/worksheets/sheet1.xml"):
    with ZipFile(path) as archive:
        return archive.read(part).decode()


def cell(path, address):
    """The attributes of a cell, those of its formula, and the formula, as a file holds them."""
    found = re.search(rf'<c r="{address}"([^>]*)><f([^>]*)>([^<]*)</f>', xml(path))
    return found.groups() if found else None


@pytest.fixture
def arrays(tmp_path):
    """An array formula of one cell and one of three, and a dynamic array."""
    import xlsxwriter

    with xlsxwriter.Workbook(tmp_path / "arrays.xlsx") as workbook:
        sheet = workbook.add_worksheet("Sheet1")
        sheet.write_column("A1", [3, 1, 2])
        sheet.write_array_formula("C1:C3", "{=A1:A3*2}", None, 6)
        sheet.write_column("C2", [2, 4])
        sheet.write_array_formula("E1", "{=SUM(A1:A3*A1:A3)}", None, 14)
        sheet.write_dynamic_array_formula("G1:G3", "=SORT($A$1:$A$3)", None, 1)
        sheet.write_column("G2", [2, 3])
    return tmp_path / "arrays.xlsx"


@pytest.fixture
def opened(app, arrays):
    return app.books.open(arrays)


def test_a_copy_of_an_array_formula_is_one_of_its_own(opened, arrays, headless):
    sheet = opened.sheets[0]
    sheet["E1"].copy(sheet["K5"])
    sheet["C1:C3"].copy(sheet["I1"])
    opened.save()
    assert cell(arrays, "K5")[1:] == (' t="array" ref="K5"', "SUM(G5:G7*G5:G7)")
    assert cell(arrays, "I1")[1:] == (' t="array" ref="I1:I3"', "G1:G3*2")
    assert cell(arrays, "C1")[1:] == (' t="array" ref="C1:C3"', "A1:A3*2")
    assert sheet["I1:I3"].value == [None, None, None]


def test_a_part_of_an_array_formula_is_copied_as_an_array_of_that_part(opened, arrays, headless):
    sheet = opened.sheets[0]
    sheet["C2:C3"].copy(sheet["I2"])
    sheet["E1"].copy(sheet["M1:M2"])
    opened.save()
    assert cell(arrays, "I2")[1:] == (' t="array" ref="I2:I3"', "G1:G3*2")
    assert [cell(arrays, each)[1] for each in ("M1", "M2")] == [' t="array" ref="M1"', ' t="array" ref="M2"']


@pytest.mark.parametrize(
    "change",
    [
        lambda sheet: setattr(sheet["C2"], "value", 99),
        lambda sheet: setattr(sheet["C1"], "formula", "=1"),
        lambda sheet: setattr(sheet["B2:D2"], "value", 5),
        lambda sheet: sheet["C2"].clear_contents(),
        lambda sheet: sheet["C3:C9"].clear(),
        lambda sheet: sheet["A1"].copy(sheet["C3"]),
        lambda sheet: setattr(sheet["C3:D3"], "formula_array", "=1"),
        lambda sheet: sheet["2:2"].insert("down"),
        lambda sheet: sheet["3:3"].delete("up"),
        lambda sheet: sheet["C3:D3"].merge(),
        lambda sheet: sheet["C2"].add_hyperlink("https://example.org", "x"),
    ],
)
def test_a_part_of_an_array_cannot_be_changed(opened, change):
    sheet = opened.sheets[0]
    with pytest.raises(Exception, match=r"."):
        change(sheet)
    assert sheet["C1:C3"].value == [6, 2, 4]
    assert [row[0] for row in sheet["C1:C3"].formula] == ["=A1:A3*2"] * 3
    assert sheet["C3"].formula_array == "=A1:A3*2"


def test_a_whole_array_can(opened):
    sheet = opened.sheets[0]
    sheet["C1:C3"].value = [[1], [2], [3]]
    assert sheet["C1:C3"].value == [1, 2, 3]
    assert not sheet["C2"].has_array
    sheet["C2"].value = 5
    sheet["1:1"].insert("down")
    assert sheet["E2"].formula_array == "=SUM(A2:A4*A2:A4)"


def test_a_dynamic_array_stays_one(opened, arrays, headless):
    sheet = opened.sheets[0]
    assert sheet["G1"].formula == "=SORT($A$1:$A$3)"
    sheet["G1"].copy(sheet["K1"])
    sheet["A9"].value = "edited"
    assert sheet["K1:K3"].value == [1, 2, 3]
    opened.save()
    for address in ("G1", "K1"):
        attributes, formula, text = cell(arrays, address)
        assert 'cm="1"' in attributes
        assert formula == f' t="array" ref="{address}:{address[0]}3"'
        assert text == "_xlfn._xlws.SORT($A$1:$A$3)"
    assert "XLDAPR" in xml(arrays, "xl/metadata.xml")


def test_a_dynamic_array_gives_way_to_what_is_written(opened, headless):
    sheet = opened.sheets[0]
    sheet["G2"].value = "in the way"
    assert sheet["G1:G3"].value == [None, "in the way", None]
    assert sheet["G1"].formula == "=SORT($A$1:$A$3)"
    sheet["G2"].clear_contents()
    sheet["G1"].value = 5
    assert sheet["G1:G3"].value == [5, None, None]


def test_a_copy_of_a_dynamic_array_spills_over_nothing(opened, arrays, headless):
    sheet = opened.sheets[0]
    sheet["K2"].value = "taken"
    sheet["G1"].copy(sheet["K1"])
    assert sheet["K1:K3"].value == [1, "taken", None]
    opened.save()
    assert cell(arrays, "K1")[1] == ' t="array" ref="K1"'


def test_a_formula_of_many_values_is_a_dynamic_array_in_a_new_book(app, book, tmp_path, headless):
    sheet = book.sheets[0]
    sheet["A1"].value = [[3], [1], [2]]
    sheet["C1"].formula2 = "=A1:A3*2"
    sheet["D1"].formula = "=A1:A3*2"
    sheet["E1"].formula2 = "=SUM(A1:A3)"
    sheet["F1"].formula2 = "=@A1:A3*2"
    sheet["G1"].formula2 = "=@A1:A3*A1:A3"
    sheet["H1:H2"].formula2 = "=UNIQUE($A$1:$A$3)"
    book.save(tmp_path / "new.xlsx")
    path = tmp_path / "new.xlsx"
    assert ' cm="1"' in cell(path, "C1")[0]
    assert cell(path, "C1")[1:] == (' t="array" ref="C1"', "A1:A3*2")
    assert [cell(path, each)[1:] for each in ("D1", "E1", "F1")] == [
        ("", "A1:A3*2"),
        ("", "SUM(A1:A3)"),
        ("", "A1:A3*2"),
    ]
    assert cell(path, "G1")[2] == "_xlfn.SINGLE(A1:A3)*A1:A3"
    assert cell(path, "H2")[2] == "_xlfn.UNIQUE($A$1:$A$3)"
    assert "metadata.xml" in xml(path, "[Content_Types].xml")
    assert "sheetMetadata" in xml(path, "xl/_rels/workbook.xml.rels")
    again = app.books.open(path).sheets[0]
    assert (again["C1"].formula2, again["G1"].formula2) == ("=A1:A3*2", "=@A1:A3*A1:A3")
    again["Z1"].value = 1
    again.book.save()
    assert ' cm="1"' in cell(path, "C1")[0]
    again.copy(name="Second")
    again.book.save()
    assert re.search(r'r="C1"[^>]* cm="1"', xml(path, "xl/worksheets/sheet2.xml"))


@pytest.mark.parametrize(
    ("shown", "stored"),
    [
        ("=SORT(A1:A3)", "_xlfn._xlws.SORT(A1:A3)"),
        ("=XLOOKUP(1,A:A,B:B)", "_xlfn.XLOOKUP(1,A:A,B:B)"),
        ("=IFS(A1>1,2,TRUE,IFNA(B1,0))", "_xlfn.IFS(A1&gt;1,2,TRUE,_xlfn.IFNA(B1,0))"),
        ("=LET(x,A1,y,x*2,x+y)", "_xlfn.LET(_xlpm.x,A1,_xlpm.y,_xlpm.x*2,_xlpm.x+_xlpm.y)"),
        ("=LAMBDA(a,[b],a+b)(1)", "_xlfn.LAMBDA(_xlpm.a,_xlop.b,_xlpm.a+_xlpm.b)(1)"),
        ('="SORT(1)"&CONCAT(A1)', '"SORT(1)"&amp;_xlfn.CONCAT(A1)'),
        ("=SUM(C1#)", "SUM(_xlfn.ANCHORARRAY(C1))"),
        ("=my.SORT(A1)+SUM(A1)", "my.SORT(A1)+SUM(A1)"),
    ],
)
def test_functions_that_came_later_bear_their_mark_in_the_file_only(app, book, tmp_path, headless, shown, stored):
    for address, write in (("B1", "formula"), ("B2", "value"), ("B3", "formula2"), ("B4", "formula_array")):
        setattr(book.sheets[0][address], write, shown)
    assert [row[0] for row in book.sheets[0]["B1:B4"].formula] == [shown] * 4
    book.save(tmp_path / "new.xlsx")
    assert [cell(tmp_path / "new.xlsx", f"B{row}")[2] for row in (1, 2, 3, 4)] == [stored] * 4
    again = app.books.open(tmp_path / "new.xlsx").sheets[0]
    assert [row[0] for row in again["B1:B4"].formula] == [shown] * 4


def test_names_may_stand_for_such_formulas(book, headless):
    name = book.names.add("double", "=LAMBDA(x,x*2)")
    assert name.api.attr_text == "_xlfn.LAMBDA(_xlpm.x,_xlpm.x*2)"
    assert name.refers_to == "=LAMBDA(x,x*2)"


@pytest.mark.parametrize(
    ("formula", "spills"),
    [
        ("=VLOOKUP(A1,D:E,2,0)", False),
        ("=VLOOKUP(A1:A3,D:E,2,0)", True),
        ("=COUNTIF(A1:A3,B1)", False),
        ("=COUNTIF(A1:A3,B1:B3)", True),
        ("=SUMIFS(A:A,B:B,1)", False),
        ("=SUMPRODUCT((A1:A3=1)*{1;2;3})", False),
        ("={1,2,3}", True),
        ("=MATCH(1,{1,2},0)", False),
        ("=SUM((A1:A3)*2)", True),
        ("=LEN(A1:A3)", True),
        ("=IF(A1>0,SUM(A1:A3),0)", False),
        ("=SUM(OFFSET(A1,0,0,3))", False),
        ("=OFFSET(A1,0,0,3)", True),
        ("=XLOOKUP(A1,D:D,E:E)", False),
        ("=XLOOKUP(A1,D1:D9,E1:F9)", True),
        ('=A1&"B1:B3"', False),
    ],
)
def test_only_a_formula_that_may_have_many_values_spills(sheet, headless, formula, spills):
    sheet["J1"].formula2 = formula
    assert sheet["J1"].has_array is spills
    assert sheet["J1"].formula2 == formula
