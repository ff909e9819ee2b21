"""Packages that Excel opens are read, whatever their writer did; what no sheet can hold is damage, and is told at once."""

import zlib
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import pytest

from xlperf.core.problems import has_errors
from xlperf.xlsx.errors import DamagedPart
from xlperf.xlsx.package.zip_members import Member, Parts
from xlperf.xlsx.reader import deflate
from xlperf.xlsx.reader.last_saved import LastSaved, last_saved
from xlperf.xlsx.reader.safety import DAMAGED, check_package
from xlperf.xlsx.reader.workbook import LAST_COLUMN, Area, Workbook

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
LINKS = "http://schemas.openxmlformats.org/package/2006/relationships"
SHEET = "xl/worksheets/sheet1.xml"
ROWS = '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1"><v>1.5</v></c></row><row r="2"><c r="B2"><v>2</v></c></row>'
STRINGS = f'<sst xmlns="{MAIN}"><si><t>Ann</t></si></sst>'


def relations(*targets: tuple[str, str]) -> str:
    links = "".join(
        f'<Relationship Id="rId{number}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, start=1)
    )
    return f'<Relationships xmlns="{LINKS}">{links}</Relationships>'


def parts_of(rows: str = ROWS, around: str = "{rows}", strings: str = STRINGS, sheets: str = "") -> dict[str, str]:
    listed = f'<sheet name="People" sheetId="1" r:id="rId1"/>{sheets}'
    return {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": relations(("officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": relations(
            ("worksheet", "worksheets/sheet1.xml"), ("sharedStrings", "sharedStrings.xml")
        ),
        "xl/sharedStrings.xml": strings,
        SHEET: f'<worksheet xmlns="{MAIN}">{around.format(rows=f"<sheetData>{rows}</sheetData>")}</worksheet>',
    }


def save(path: Path, parts: dict[str, str]) -> Path:
    with ZipFile(path, "w", ZIP_DEFLATED) as package:
        for name, text in parts.items():
            package.writestr(name, text)
    return path


def read(path: Path, parts: dict[str, str]):
    save(path, parts)
    assert not has_errors(check_package(path))
    with Workbook(path) as workbook:
        (sheet,) = workbook.sheets
        return workbook.grid(sheet)


@pytest.fixture
def book(tmp_path) -> Path:
    return tmp_path / "book.xlsx"


def seen(grid) -> dict[tuple[int, int], object]:
    return {
        (row, column): value
        for place, row in enumerate(grid.rows)
        for column, value in grid.row(place).items()
    }  # fmt: skip


USUAL = {(1, 1): "Ann", (1, 2): 1.5, (2, 2): 2}


# Names of parts and relations --------------------------------------------------------------------------------------


def moved(parts: dict[str, str], name: str, new: str) -> dict[str, str]:
    return {new if each == name else each: text for each, text in parts.items()}


TARGETS = {
    "other case": ("XL/Worksheets/SHEET1.XML", "worksheets/sheet1.xml"),
    "backslash in the member": ("xl\\worksheets\\sheet1.xml", "worksheets/sheet1.xml"),
    "backslash in the target": (SHEET, "worksheets\\sheet1.xml"),
    "absolute": (SHEET, "/xl/worksheets/sheet1.xml"),
    "absolute in other case": (SHEET, "/Xl/Worksheets/Sheet1.xml"),
    "dots": (SHEET, "../xl/./worksheets/sheet1.xml"),
    "more dots than folders": (SHEET, "../../xl/worksheets/sheet1.xml"),
    "percent in the target": ("xl/my sheet.xml", "my%20sheet.xml"),
    "percent in the member": ("xl/my%20sheet.xml", "my sheet.xml"),
    "percent in both": ("xl/%E8%A1%A8.xml", "%e8%a1%a8.xml"),
    "letters of any alphabet": ("xl/表.xml", "表.xml"),
}


@pytest.mark.parametrize("spelling", TARGETS)
def test_a_part_is_found_however_its_name_is_spelled(book, spelling):
    member, target = TARGETS[spelling]
    parts = moved(parts_of(), SHEET, member)
    parts["xl/_rels/workbook.xml.rels"] = relations(("worksheet", target), ("sharedStrings", "sharedStrings.xml"))
    assert seen(read(book, parts)) == USUAL


def test_all_parts_may_be_in_capitals(book):
    assert seen(read(book, {name.upper(): text for name, text in parts_of().items()})) == USUAL


def test_the_main_part_may_have_any_name(book):
    parts = moved(
        moved(parts_of(), "xl/workbook.xml", "xl/book.xml"), "xl/_rels/workbook.xml.rels", "xl/_rels/book.xml.rels"
    )
    parts["_rels/.rels"] = relations(("officeDocument", "xl/book.xml"))
    assert seen(read(book, parts)) == USUAL


def test_a_module_sheet_has_no_part_and_is_passed_over(book):
    assert seen(read(book, parts_of(sheets='<sheet name="Module" sheetId="2" r:id=""/>'))) == USUAL


def test_a_sheet_whose_relation_is_lost_is_damage(book):
    save(book, parts_of(sheets='<sheet name="Lost" sheetId="2" r:id="rId9"/>'))
    with Workbook(book) as workbook, pytest.raises(DamagedPart):
        _ = workbook.sheets


# Shared strings and rows -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "strings",
    [
        f'<x:sst xmlns:x="{MAIN}"><x:si><x:t>Ann</x:t></x:si></x:sst>',
        f'<sst xmlns="{MAIN}" xmlns:x="{MAIN}"><x:si><x:t>Ann</x:t></x:si></sst>',
        f'<sst xmlns="{MAIN}"><si ><t>Ann</t></si></sst>',
        f"<sst xmlns='{MAIN}' count='1'><si><t>Ann</t></si></sst>",
        f'<sst xmlns="{MAIN}" xmlns:y="urn:a/b" count="1"><si><t>Ann</t></si><extLst/></sst>',
        f'<sst xmlns="{MAIN}"><si><r><t>A</t></r><r><t>nn</t></r></si></sst>',
    ],
    ids=["prefix", "both prefixes", "blank in the tag", "single quotes", "extension", "formats"],
)  # fmt: skip
def test_shared_strings_are_read_however_their_tags_are_written(book, strings):
    assert seen(read(book, parts_of(strings=strings))) == USUAL


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1"><c r="A1" t="s"><v>0</v></c></row><row r="1"><c r="B1"><v>1.5</v></c></row><row r="2"><c r="B2"><v>2</v></c></row>',
        '<row r="2"><c r="B2"><v>2</v></c></row><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1"><v>1.5</v></c></row>',
        '<row r="1"><c r="B1"><v>1.5</v></c></row><row r="2"><c r="B2"><v>2</v></c></row><row r="1"><c r="A1" t="s"><v>0</v></c></row>',
        '<row r="1"><c t="s"><v>0</v></c></row><row r="1"><c><v>1.5</v></c></row><row r="2"><c/><c><v>2</v></c></row>',
    ],
    ids=["pieces", "backwards", "pieces apart", "pieces without addresses"],
)  # fmt: skip
def test_rows_in_pieces_and_in_any_order_are_joined(book, rows):
    grid = read(book, parts_of(rows))
    assert (seen(grid), grid.rows, grid.blank) == (USUAL, [1, 2], 0)


@pytest.mark.parametrize("style", ["", "x", "-1", "999"])
def test_a_cell_format_that_is_none_is_the_default_one(book, style):
    assert seen(read(book, parts_of(f'<row r="1"><c r="A1" s="{style}"><v>7</v></c></row>'))) == {(1, 1): 7}


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1048577"><c r="A1048577"><v>1</v></c></row>',
        '<row r="100000000000000000000"><c r="A1"><v>1</v></c></row>',
        '<row r="0"><c r="A0"><v>1</v></c></row>',
        '<row r="-5"><c r="A1"><v>1</v></c></row>',
        '<row r="1e3"><c r="A1"><v>1</v></c></row>',
        '<row r="1"><c r="XFE1"><v>1</v></c></row>',
        '<row r="1"><c r="AAAA1"><v>1</v></c></row>',
    ],
)
def test_cells_where_no_cell_can_be_are_damage(book, rows):
    with pytest.raises(DAMAGED):
        read(book, parts_of(rows))


# Around the rows ---------------------------------------------------------------------------------------------------


def test_columns_beyond_the_last_one_do_not_exist(book):
    columns = '<cols><col min="3" max="2000000000" hidden="1"/><col min="-7" max="1" hidden="1"/></cols>{rows}'
    assert read(book, parts_of(around=columns)).hidden_columns == {1, *range(3, LAST_COLUMN + 1)}


def test_many_spans_of_hidden_columns_are_told_once(book):
    columns = "".join(f'<col min="{number % 3 + 1}" max="2000000000" hidden="1"/>' for number in range(20_000))
    assert read(book, parts_of(around=f"<cols>{columns}</cols>{{rows}}")).hidden_columns == {*range(1, LAST_COLUMN + 1)}


@pytest.mark.parametrize(
    ("ref", "areas"), [("", []), ("A1:B2", [Area(1, 1, 2, 2)]), ("A:A", [Area(1, 1, 1_048_576, 1)])]
)
def test_merged_cells_are_areas_or_nothing(book, ref, areas):
    merged = f'{{rows}}<mergeCells><mergeCell ref="{ref}"/></mergeCells>'
    assert read(book, parts_of(around=merged)).merged == areas


def test_merged_cells_that_are_no_area_are_damage(book):
    with pytest.raises(DAMAGED):
        read(book, parts_of(around='{rows}<mergeCells><mergeCell ref="A1:?"/></mergeCells>'))


def test_merged_areas_over_one_another_are_filled_once(book):
    merged = "".join(f'<mergeCell ref="A1:A{last}"/>' for last in range(2, 3000))
    grid = read(book, parts_of(around=f"{{rows}}<mergeCells>{merged}</mergeCells>"))
    assert list(grid.filled_down().columns[1]) == ["Ann", "Ann"]


# The package -------------------------------------------------------------------------------------------------------


DECLARATION = '<!DOCTYPE a [<!ENTITY e "x">]>'


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/sharedStrings.xml", SHEET, "_rels/.rels"])
@pytest.mark.parametrize(
    "before",
    [
        "",
        "<!--" + "x" * 5000 + "-->",
        '<?xml version="1.0"?>\n' + "<!-- - > -->\n" * 1000 + "<?a b?>",
        "<!--" + "x" * 4090 + "-->",
        " " * 5000,
    ],
    ids=["head", "long comment", "many comments", "comment at the border", "blanks"],
)
def test_a_document_type_is_refused_wherever_it_stands(book, part, before):
    parts = parts_of()
    parts[part] = before + DECLARATION + parts[part]
    assert [each.code for each in check_package(save(book, parts))] == ["book-entities"]


def test_a_document_type_inside_a_comment_declares_nothing(book):
    parts = parts_of()
    parts[SHEET] = f"<!-- {DECLARATION} {'x' * 5000} {DECLARATION} -->" + parts[SHEET]
    assert seen(read(book, parts)) == USUAL


@pytest.mark.parametrize("unpacker", [deflate.deflate_library(), zlib], ids=lambda each: each.__name__)
def test_members_that_do_not_unpack_are_damage_with_every_unpacker(book, monkeypatch, unpacker):
    monkeypatch.setattr(deflate, "deflate_library", lambda: unpacker)
    save(book, parts_of("".join(f'<row r="{row}"><c r="A{row}"><v>{row}</v></c></row>' for row in range(1, 3000))))
    with ZipFile(book) as package:
        info = package.getinfo(SHEET)
        start = info.header_offset + 30 + len(SHEET)
    whole = book.read_bytes()
    for at in range(start, start + info.compress_size, info.compress_size // 30):
        book.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        with Workbook(book) as workbook, pytest.raises(DAMAGED):
            workbook.grid(workbook.sheets[0])


def test_more_members_than_a_directory_counts_are_kept(book):
    parts = Parts(Member(f"x/{number}.txt", b"", ZIP_STORED, 0, 0) for number in range(66_000))
    book.write_bytes(parts.packed())
    with ZipFile(book) as package:
        assert len(package.infolist()) == 66_000
        assert package.read("x/65999.txt") == b""
    assert len(list(Parts.read(book))) == 66_000


@pytest.mark.parametrize("kept", [0, 400, -30])
def test_a_file_that_was_cut_off_is_damaged(book, kept):
    save(book, parts_of())
    book.write_bytes(book.read_bytes()[:kept])
    assert [problem.code for problem in check_package(book)] == ["book-damaged"]


def test_text_that_is_called_a_workbook_is_none(book):
    book.write_text("工号,姓名\n1,张伟\n", "utf-8")
    assert [problem.code for problem in check_package(book)] == ["book-not-excel"]


def test_a_part_that_a_package_lacks_is_damage(book):
    save(book, parts_of())
    with pytest.raises(DamagedPart):
        Parts.read(book).member("xl/styles.xml")


@pytest.mark.parametrize("properties", ["<a", "", "\x00"])
def test_properties_that_are_damaged_do_not_tell_who_saved(book, properties):
    save(book, parts_of() | {"docProps/core.xml": properties})
    assert last_saved(book) == LastSaved("", None)
