"""Cells of any workbook can be changed: whatever oddities its writer left in the file, nothing else is touched."""

import datetime
import re
import zlib
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile, ZipInfo

import pandas as pd
import pytest
from census import changed_members, losses, members
from lxml import etree
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.table import Table

import xlperf
from xlperf.policy import schemes
from xlperf.workbook.write.results import write_book
from xlperf.workbook.write.update import WorkbookUpdate
from xlperf.xlsx.atomic_save import save_atomically
from xlperf.xlsx.errors import CannotSave
from xlperf.xlsx.exact_openpyxl import load_exactly
from xlperf.xlsx.formula import Formula
from xlperf.xlsx.package.zip_members import Parts

SHEET = "xl/worksheets/sheet1.xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


@pytest.fixture
def plain(tmp_path) -> Path:
    path = tmp_path / "book.xlsx"
    workbook = Workbook()
    for row in ((1, "a"), (2, "b"), ("=A1+A2", None)):
        workbook.active.append(row)
    workbook.create_sheet("Other")["A1"] = "=Sheet!A3"
    workbook.save(path)
    return path


def rebuilt(path: Path, change) -> Path:
    """Write a workbook again after its parts were changed."""
    parts = members(path)
    change(parts)
    with ZipFile(path, "w") as package:
        for name, data in parts.items():
            package.writestr(name, data)
    return path


def test_texts_with_signs_that_a_file_must_spell_are_copied_as_they_read(tmp_path):
    path, texts = tmp_path / "book.xlsx", ("a\rb", "x_x0041_y", "_x005F_", "plain")
    workbook = Workbook()
    workbook.active.title = "Tasks"
    for row, text in enumerate(texts, start=1):
        workbook.active.cell(row, 1, text)
    save_atomically(workbook, path)
    update = WorkbookUpdate(path, lambda sheet: 0)
    sheet = update.workbook["Tasks"]
    for row in range(1, len(texts) + 1):
        sheet.cell(row, 2, sheet.cell(row, 1).value)
    after = load_exactly(update.merged())["Tasks"]
    assert list(after.values) == [(text, text) for text in texts]


def edited(path: Path, values: dict, sheet: str = "Sheet") -> Path:
    target = path.with_name(f"edited{path.suffix}")
    xlperf.edit_book(path, target, {sheet: values})
    assert {kind for kind, _ in losses(path, target)} <= {"worksheet"}  # the cells that were replaced
    assert ZipFile(target).testzip() is None
    return target


def seen(path: Path, ref: str, sheet: str = "Sheet"):
    return load_workbook(path, keep_links=False)[sheet][ref].value


def test_one_cell_changes_and_no_other_member(plain):
    target = edited(plain, {"B2": 7.5})
    assert changed_members(plain, target) == {SHEET}
    assert [seen(target, ref) for ref in ("A1", "B1", "A2", "B2", "A3")] == [1, "a", 2, 7.5, "=A1+A2"]


def test_the_same_edit_gives_the_same_bytes_and_untouched_members_stay_packed_as_they_are(plain):
    first = edited(plain, {"B2": 7.5}).read_bytes()
    assert edited(plain, {"B2": 7.5}).read_bytes() == first
    old = {each.name: each.packed for each in Parts.read(plain).members()}
    new = {each.name: each.packed for each in Parts.read(first).members()}
    assert {name for name in old if old[name] != new[name]} == {SHEET}
    assert list(old) == list(new)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (1, 1), (-0.5, -0.5), (True, True), ("text", "text"), ("=1+1", "=1+1"), ("+x", "+x"), ("@x", "@x"),
        (" a\nb ", " a\nb "), ("<&>\"'", "<&>\"'"), ("007", "007"), ("中文", "中文"), (None, None), ("", None),
        (datetime.date(2026, 10, 31), datetime.datetime(2026, 10, 31)),
        (datetime.datetime(2026, 10, 31, 8, 30), datetime.datetime(2026, 10, 31, 8, 30)),
        (datetime.timedelta(hours=30), datetime.timedelta(hours=30)),
    ],
)  # fmt: skip
def test_a_value_is_what_is_read_again(plain, value, shown):
    target = edited(plain, {"C9": value})
    cell = load_workbook(target)["Sheet"]["C9"]
    assert cell.value == shown
    if isinstance(value, str) and value:
        assert cell.data_type == "s"
        assert cell.quotePrefix == (value[0] in "=+-@")


def test_a_formula_comes_with_its_result(plain):
    target = edited(plain, {"C1": Formula("A1*2", 2)})
    assert seen(target, "C1") == "=A1*2"
    assert load_workbook(target, data_only=True)["Sheet"]["C1"].value == 2


def test_rows_and_cells_stay_in_order(plain):
    target = edited(plain, {"Z1": 1, "AA1": 2, "D1": 3, "A20": 4, "A10": 5, "XFD1048576": 6})
    cells = re.findall(rb'<c r="([A-Z]+)([0-9]+)"', members(target)[SHEET])
    assert [letters for letters, row in cells if row == b"1"] == [b"A", b"B", b"D", b"Z", b"AA"]
    assert [int(row) for _, row in cells] == sorted(int(row) for _, row in cells)


@pytest.mark.parametrize("ref", ["A0", "1A", "", "XFE1", "A1048577", "B2:C3", "Sheet!A1"])
def test_a_cell_that_there_cannot_be_is_refused(plain, ref):
    with pytest.raises(CannotSave) as refused:
        edited(plain, {ref: 1})
    assert refused.value.problem.code == "cell-unknown"


def test_a_sheet_that_is_not_there_is_refused_and_nothing_is_written(plain):
    before = plain.read_bytes()
    with pytest.raises(CannotSave) as refused:
        xlperf.edit_book(plain, plain, {"Nowhere": {"A1": 1}})
    assert refused.value.problem.code == "sheet-absent"
    assert "Sheet" in refused.value.problem.expected("en")
    assert plain.read_bytes() == before


# What writers of workbooks do ---------------------------------------------------------------------------------------


def replaced(*pairs: tuple[bytes, bytes], part: str = SHEET):
    def change(parts: dict) -> None:
        for old, new in pairs:
            assert old in parts[part], old
            parts[part] = parts[part].replace(old, new)

    return change


def prefixed(parts: dict) -> None:
    data = parts[SHEET].replace(f'xmlns="{MAIN}"'.encode(), f'xmlns:x="{MAIN}"'.encode())
    parts[SHEET] = data.replace(b"<", b"<x:").replace(b"<x:/", b"</x:").replace(b"<x:?", b"<?")


def utf16(parts: dict) -> None:
    parts[SHEET] = ('<?xml version="1.0" encoding="UTF-16"?>' + parts[SHEET].decode()).encode("utf-16")


def unmarked(parts: dict) -> None:
    parts[SHEET] = ('<?xml version="1.0" encoding="UTF-16"?>' + parts[SHEET].decode()).encode("utf-16-le")


def bom(parts: dict) -> None:
    for name in (SHEET, "xl/workbook.xml", "[Content_Types].xml"):
        parts[name] = b"\xef\xbb\xbf" + parts[name]


def without_addresses(parts: dict) -> None:
    parts[SHEET] = re.sub(rb'(<(?:c|row)\b[^>]*?) r="[A-Z0-9]+"', rb"\1", parts[SHEET])


def without_properties(parts: dict) -> None:
    for name in ("docProps/app.xml", "docProps/core.xml", "xl/theme/theme1.xml"):
        del parts[name]
    parts["_rels/.rels"] = parts["_rels/.rels"].replace(b"docProps", b"gone")
    relations = "xl/_rels/workbook.xml.rels"
    parts[relations] = parts[relations].replace(b"/xl/theme/theme1.xml", b"/xl/none.xml")


def backslashes(parts: dict) -> None:
    for name in list(parts):
        parts[name.replace("/", "\\")] = parts.pop(name)


def in_capitals(parts: dict) -> None:
    parts["xl/Worksheets/Sheet1.xml"] = parts.pop(SHEET)


def percent_encoded(parts: dict) -> None:
    parts["xl/worksheets/my sheet.xml"] = parts.pop(SHEET)
    relations = "xl/_rels/workbook.xml.rels"
    parts[relations] = parts[relations].replace(b"/xl/worksheets/sheet1.xml", b"worksheets/my%20sheet.xml")


def commented(parts: dict) -> None:
    parts[SHEET] = parts[SHEET].replace(b"<sheetData>", b"<!-- <sheetData> <row> --><sheetData>")


ODD = {
    "prefix": prefixed,
    "UTF-16": utf16,
    "UTF-16 without a mark": unmarked,
    "ASCII": replaced((b"<worksheet", b'<?xml version="1.0" encoding="US-ASCII"?><worksheet')),
    "instruction": replaced((b"<sheetData>", b'<sheetData><?printer <row r="1"> ?>')),
    "quoted target of nothing": replaced(
        (
            b"</Relationships>",
            b'<Relationship Id="r9" Type="x/pivotCacheDefinition" Target="none.xml"/></Relationships>',
        ),
        part="xl/_rels/workbook.xml.rels",
    ),
    "no formats": replaced((b"<cellXfs", b"<gone"), (b"</cellXfs", b"</gone"), part="xl/styles.xml"),
    "formats without a number": replaced((b'numFmtId="0"', b'numFmtId="General"'), part="xl/styles.xml"),
    "byte order mark": bom,
    "no addresses": without_addresses,
    "capitals": in_capitals,
    "percent": percent_encoded,
    "comment": commented,
    "single quotes": replaced((b'<row r="1">', b"<row  r='1' spans='1:2' >")),
    "relative target": replaced((b"/xl/worksheets/", b"worksheets/"), part="xl/_rels/workbook.xml.rels"),
    "dotted target": replaced((b"/xl/worksheets/", b"../xl/./worksheets/"), part="xl/_rels/workbook.xml.rels"),
    "template": replaced((b"sheet.main+xml", b"template.main+xml"), part="[Content_Types].xml"),
}


@pytest.mark.parametrize("oddity", ODD)
def test_an_oddity_of_the_file_is_no_hindrance(plain, oddity):
    rebuilt(plain, ODD[oddity])
    target = edited(plain, {"B2": "new", "D2": 4, "A9": 9})
    part = next(data for data in members(target).values() if b">new<" in data or b"\0n\0e\0w" in data)
    cells = {cell.get("r"): "".join(cell.itertext()) for cell in etree.fromstring(part).iter("{*}c")}
    assert (cells["B2"], cells["D2"], cells["A9"]) == ("new", "4", "9")
    if oddity not in ("no addresses", "capitals"):
        assert cells["B1"] == "a"


@pytest.mark.parametrize("change", [backslashes, without_properties], ids=lambda each: each.__name__)
def test_what_is_missing_or_misspelt_in_the_package_is_no_hindrance(plain, change):
    rebuilt(plain, change)
    xlperf.edit_book(plain, plain, {"Sheet": {"B2": "new"}})
    assert any(b"<t>new</t>" in data for data in members(plain).values())


def test_an_empty_sheet_can_be_filled(plain):
    rebuilt(
        plain,
        lambda parts: parts.update({SHEET: re.sub(rb"<sheetData>.*</sheetData>", b"<sheetData />", parts[SHEET])}),
    )
    xlperf.edit_book(plain, plain, {"Sheet": {"B2": "new"}})
    assert seen(plain, "B2") == "new"


def test_dates_are_counted_as_the_workbook_counts_them(tmp_path):
    path = tmp_path / "mac.xlsx"
    workbook = Workbook()
    workbook.epoch = datetime.datetime(1904, 1, 1)
    workbook.save(path)
    assert seen(edited(path, {"A1": datetime.date(2026, 10, 31)}), "A1") == datetime.datetime(2026, 10, 31)


def test_members_with_descriptors_and_members_that_are_not_packed_are_read(plain):
    parts = members(plain)
    stream = BytesIO()

    class Pipe:
        def write(self, data):
            return stream.write(data)

        def flush(self):
            pass

    with ZipFile(Pipe(), "w") as package:
        for name, data in parts.items():
            info = ZipInfo(name)
            info.compress_type = ZIP_STORED
            package.writestr(info, data)
    plain.write_bytes(stream.getvalue())
    assert seen(edited(plain, {"B2": 7}), "B2") == 7


def test_of_members_with_the_same_name_the_last_one_counts(plain):
    with pytest.warns(UserWarning, match="Duplicate"), ZipFile(plain, "a") as package:
        package.writestr(SHEET, members(plain)[SHEET].replace(b"<v>2</v>", b"<v>22</v>"))
    assert seen(edited(plain, {"B2": 7}), "A2") == 22


def test_formulas_that_share_the_text_of_a_replaced_one_keep_theirs(plain):
    shared = (
        b'<row r="5"><c r="A5" t="str"><f t="shared" ref="A5:A7" si="0">B5&amp;$C$1</f><v>x</v></c></row>'
        b'<row r="6"><c r="A6" t="str"><f t="shared" si="0"/><v>y</v></c></row>'
        b'<row r="7"><c r="A7" t="str"><f t="shared" si="0"/><v>z</v></c></row></sheetData>'
    )
    rebuilt(plain, replaced((b"</sheetData>", shared)))
    target = edited(plain, {"A5": 1})
    assert [seen(target, ref) for ref in ("A5", "A6", "A7")] == [1, "=B6&$C$1", "=B7&$C$1"]
    assert load_workbook(target, data_only=True)["Sheet"]["A7"].value == "z"


def test_of_formulas_that_share_a_number_each_follows_the_one_that_reaches_it(plain):
    shared = (
        b'<row r="5"><c r="A5"><f t="shared" ref="A5:A6" si="0">B5*2</f></c><c r="C5"><f t="shared" ref="C5:C6" si="0">D5+7</f></c></row>'
        b'<row r="6"><c r="A6"><f t="shared" si="0"/></c><c r="C6"><f t="shared" si="0"/></c></row></sheetData>'
    )
    rebuilt(plain, replaced((b"</sheetData>", shared)))
    target = edited(plain, {"A5": 1, "C5": 2})
    assert [seen(target, ref) for ref in ("A6", "C6")] == ["=B6*2", "=D6+7"]


def test_members_whose_names_differ_in_case_only_all_stay(plain):
    rebuilt(plain, lambda parts: parts.update({"xl/media/A.png": b"1", "xl/media/a.png": b"2"}))
    target = members(edited(plain, {"B2": 7}))
    assert (target["xl/media/A.png"], target["xl/media/a.png"]) == (b"1", b"2")


def test_formats_that_the_workbook_does_not_have_are_not_written_as_empty_lists(plain):
    rebuilt(plain, replaced((b'<numFmts count="0"/>', b""), part="xl/styles.xml"))
    target = members(edited(plain, {"B2": "=x"}))
    assert all(len(each) for each in etree.fromstring(target["xl/styles.xml"]) if each.tag.endswith("numFmts"))


def test_the_order_of_calculation_follows(plain):
    def add(parts: dict) -> None:
        chain = f'<calcChain xmlns="{MAIN}"><c r="A3" i="1"/><c r="A1" i="2"/></calcChain>'
        parts["xl/calcChain.xml"] = chain.encode()
        name = "xl/_rels/workbook.xml.rels"
        link = f'<Relationship Id="rId99" Type="{OFFICE}/calcChain" Target="calcChain.xml"/></Relationships>'
        parts[name] = parts[name].replace(b"</Relationships>", link.encode())

    rebuilt(plain, add)
    target = edited(plain, {"A3": 5})
    assert b'r="A3"' not in members(target)["xl/calcChain.xml"]
    assert b'r="A1"' in members(target)["xl/calcChain.xml"]
    assert load_workbook(target).calculation.fullCalcOnLoad
    last = target.with_name("last.xlsx")
    xlperf.edit_book(target, last, {"Other": {"A1": 1}})
    assert "xl/calcChain.xml" not in members(last)


def uncalculated(parts: dict) -> None:
    """Take out that openpyxl asks for calculation."""
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(b' fullCalcOnLoad="1"', b"")


@pytest.mark.parametrize("values", [{"A1": 50}, {"C9": "x"}, {"A3": None}])
def test_without_an_order_of_calculation_formulas_elsewhere_are_calculated_on_opening(plain, values):
    target = edited(rebuilt(plain, uncalculated), values)
    assert b'fullCalcOnLoad="1"' in members(target)["xl/workbook.xml"]


def test_where_all_formulas_come_with_their_results_nothing_needs_to_be_calculated(plain):
    rebuilt(plain, uncalculated)
    cells = {"Sheet": {"A3": Formula("A1+A2", 3)}, "Other": {"A1": Formula("Sheet!A3", 3)}}
    xlperf.edit_book(plain, plain, cells)
    assert b"fullCalcOnLoad" not in members(plain)["xl/workbook.xml"]


def test_a_row_in_pieces_is_one_row(plain):
    pieces = b'<row r="1" ht="30"><c r="A1"><v>1</v></c></row><row r="1"><c r="B1"><v>90</v></c></row>'
    rebuilt(plain, lambda parts: parts.update({SHEET: re.sub(rb'<row r="1">.*?</row>', pieces, parts[SHEET])}))
    for values, shown in (({"B1": 95}, [1, 95, None]), ({"C1": 95}, [1, 90, 95]), ({"A1": "x"}, ["x", 90, None])):
        target = edited(plain, values)
        assert [seen(target, ref) for ref in ("A1", "B1", "C1")] == shown
        assert members(target)[SHEET].count(b'<row r="1"') == 1


def test_a_format_that_is_no_number_goes_when_the_cell_is_written(plain):
    rebuilt(plain, replaced((b'<c r="A1" t="n">', b'<c r="A1" s="" t="n">')))
    assert seen(edited(plain, {"A1": 5}), "A1") == 5
    assert b's=""' not in members(edited(plain, {"A1": 5}))[SHEET]


def test_a_module_sheet_stays_and_is_no_hindrance(plain):
    module = b'<sheet name="Module" sheetId="99" xmlns:r="%s" r:id=""/></sheets>' % OFFICE.encode()
    rebuilt(plain, replaced((b"</sheets>", module), part="xl/workbook.xml"))
    target = edited(plain, {"B2": 7})
    assert b'name="Module"' in members(target)["xl/workbook.xml"]
    rows = pd.DataFrame({"employee_id": ["E1"], "total": [88.5]})
    write_book(plain, plain, {"results": rows}, schemes.load("service-team"), "en")
    assert b'name="Module"' in members(plain)["xl/workbook.xml"]


# Formulas over many cells ---------------------------------------------------------------------------------------------

ARRAY = (
    b'<row r="5"><c r="A5"%s><f t="array" ref="A5:A7">B5:B7*2</f><v>2</v></c></row><row r="6"><c r="A6"><v>4</v></c></row>'
    b'<row r="7"><c r="A7"><v>6</v></c></row></sheetData>'
)


@pytest.mark.parametrize("values", [{"A6": 1}, {"A5": 1}, {"A5": 1, "A7": 2}, {"A7": None}])
def test_part_of_an_array_cannot_be_changed(plain, values):
    rebuilt(plain, replaced((b"</sheetData>", ARRAY % b"")))
    before = plain.read_bytes()
    with pytest.raises(CannotSave) as refused:
        xlperf.edit_book(plain, plain, {"Sheet": values})
    assert (refused.value.problem.code, refused.value.problem.place) == ("array-part", "Sheet!A5:A7")
    assert plain.read_bytes() == before


def test_all_of_an_array_and_what_lies_beside_it_can_be_changed(plain):
    rebuilt(plain, replaced((b"</sheetData>", ARRAY % b"")))
    target = edited(plain, {"A5": 1, "A6": 2, "A7": 3, "B5": 4, "A8": 5})
    assert [seen(target, ref) for ref in ("A5", "A6", "A7", "B5", "A8")] == [1, 2, 3, 4, 5]


def test_with_the_formula_of_a_dynamic_array_goes_what_it_has_spilled(plain):
    rebuilt(plain, replaced((b"</sheetData>", ARRAY % b' cm="1"')))
    target = edited(plain, {"A5": 1})
    assert [seen(target, ref) for ref in ("A5", "A6", "A7")] == [1, None, None]
    with pytest.raises(CannotSave):
        xlperf.edit_book(plain, plain, {"Sheet": {"A6": 1}})


# Headings of tables ---------------------------------------------------------------------------------------------------


@pytest.fixture
def tabled(tmp_path) -> Path:
    path = tmp_path / "table.xlsx"
    workbook = Workbook()
    for row in (("Name", "Points"), ("Ann", 1), ("Bo", 2)):
        workbook.active.append(row)
    workbook.active.add_table(Table(displayName="T", ref="A1:B3"))
    workbook.active["D1"] = "=SUM(T[Points])"
    workbook.save(path)
    return path


def columns_of(path: Path) -> list[str]:
    return load_workbook(path)["Sheet"].tables["T"].column_names


@pytest.mark.parametrize(
    ("value", "heading"),
    [("Employee", "Employee"), (5, "5"), (2.0, "2"), (True, "TRUE"), ("name", "name"), ("<&>\"'", "<&>\"'"), ("=x", "=x"),
     (datetime.date(2026, 10, 31), "46326")],
)  # fmt: skip
def test_the_column_of_a_table_is_named_like_its_heading(tabled, value, heading):
    target = edited(tabled, {"A1": value})
    assert (columns_of(target), seen(target, "A1")) == ([heading, "Points"], heading)


@pytest.mark.parametrize(
    ("values", "code"),
    [({"A1": None}, "table-heading"), ({"A1": ""}, "table-heading"), ({"A1": "points"}, "table-heading"),
     ({"A1": Formula("1+1", 2)}, "table-heading"), ({"A1": "x" * 256}, "table-heading"),
     ({"B1": "Score"}, "table-heading-used")],
)  # fmt: skip
def test_a_heading_that_a_table_cannot_have_is_refused(tabled, values, code):
    before = tabled.read_bytes()
    with pytest.raises(CannotSave) as refused:
        xlperf.edit_book(tabled, tabled, {"Sheet": values})
    assert refused.value.problem.code == code
    assert tabled.read_bytes() == before


def test_headings_may_change_places(tabled):
    rebuilt(tabled, replaced((b"T[Points]", b"1")))
    assert columns_of(edited(tabled, {"A1": "Points", "B1": "Name"})) == ["Points", "Name"]


def test_a_table_without_a_row_of_headings_has_none(tabled):
    rebuilt(tabled, replaced((b'headerRowCount="1"', b'headerRowCount="0"'), part="xl/tables/table1.xml"))
    assert seen(edited(tabled, {"A1": 5}), "A1") == 5


# What cannot be changed without harm --------------------------------------------------------------------------------


def test_a_signed_workbook_is_refused(plain):
    rebuilt(plain, lambda parts: parts.update({"_xmlsignatures/sig1.xml": b"<Signature/>"}))
    refusal(plain, "book-signed")


def test_a_sheet_whose_part_is_missing_is_told(plain):
    rebuilt(plain, lambda parts: parts.pop(SHEET))
    assert "Sheet" in refusal(plain, "book-sheet-missing").found("en")


def test_other_kinds_of_files_are_told(tmp_path):
    path = tmp_path / "book.xlsx"
    with ZipFile(path, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    refusal(path, "book-other-kind")
    path.write_bytes(bytes.fromhex("D0CF11E0A1B11AE1") + "EncryptedPackage".encode("utf-16-le"))
    refusal(path, "book-protected")


def test_a_damaged_part_is_told(plain):
    parts = members(plain)
    with ZipFile(plain, "w", ZIP_STORED) as package:
        for name, data in parts.items():
            package.writestr(name, data)
    data = plain.read_bytes()
    at = data.index(b"<sheetData>")
    plain.write_bytes(data[:at] + b"<sheetDate>" + data[at + 11 :])
    assert zlib.crc32(data) != zlib.crc32(plain.read_bytes())
    refusal(plain, "book-damaged")


@pytest.mark.parametrize(
    "part", ["[Content_Types].xml", "xl/_rels/workbook.xml.rels", "xl/workbook.xml", "xl/styles.xml"]
)
def test_a_part_that_is_cut_off_is_told_and_nothing_is_written(plain, part):
    rebuilt(plain, lambda parts: parts.update({part: parts[part][:200]}))
    before = plain.read_bytes()
    with pytest.raises(CannotSave) as refused:
        write_book(plain, plain, {"run": pd.DataFrame({"item": ["a"]})}, schemes.load("service-team"), "en")
    assert refused.value.problem.code == "book-damaged"
    assert plain.read_bytes() == before
    if part != "[Content_Types].xml":  # which is not needed where only a cell changes
        refusal(plain, "book-damaged")


def refusal(path: Path, code: str):
    before = path.read_bytes()
    with pytest.raises(CannotSave) as refused:
        xlperf.edit_book(path, path, {"Sheet": {"A1": 1}})
    assert refused.value.problem.code == code
    assert path.read_bytes() == before
    return refused.value.problem


# Sheets of ours beside theirs -----------------------------------------------------------------------------------------

CELLS = (
    b'<row r="1"><c r="A1" t="d"><v>2020-13-99</v></c><c r="B1" t="s"/><c r="C1" t="b"><v>x</v></c><c r="D1" s="999">'
    b'<v>1e400</v></c><c r="E1" t="s"><v>999</v></c></row></sheetData>'
)


def titled(title: bytes):
    return replaced((b'name="Sheet"', b'name="%s"' % title), part="xl/workbook.xml")


def unreadable(parts: dict) -> None:
    titled(b"Settings")(parts)
    parts[SHEET] = re.sub(rb"(?s)(?<=<sheetData>).*</sheetData>", CELLS, parts[SHEET])


STRANGE = {
    "a title that Excel forbids": titled(b"a/b:c*[d]?"),
    "a title of another sheet": titled(b"other"),
    "no title": titled(b""),
    "apostrophes": titled(b"It's &quot;x&quot; &lt;"),
    "cells that are not what they say": unreadable,
    "hidden": replaced((b'state="visible"', b'state="veryHidden"'), part="xl/workbook.xml"),
    **{name: ODD[name] for name in ("UTF-16 without a mark", "no formats", "quoted target of nothing", "prefix")},
}


@pytest.mark.parametrize("strangeness", STRANGE)
def test_sheets_can_be_added_to_any_workbook_and_added_again(plain, strangeness):
    rebuilt(plain, STRANGE[strangeness])
    before = members(plain)
    rows = pd.DataFrame({"employee_id": ["E1"], "name": ["\u5b89"], "total": [88.5], "grade_name": ["A"]})
    for _ in range(2):
        once = members(plain)
        write_book(plain, plain, {"results": rows}, schemes.load("service-team"), "zh", keep_backup=False)
    assert members(plain) == once
    assert once.keys() > before.keys()
    assert once[SHEET] == before[SHEET]
