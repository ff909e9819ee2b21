"""Reading large sheets as whole columns: the same values as cell by cell, for every way in which a cell may be written."""

import os
import stat
import zipfile
from datetime import datetime, time, timedelta
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.utils import get_column_letter

from xlperf.core.column_store import UNCALCULATED
from xlperf.workbook.read.book import read_book
from xlperf.xlsx.reader import cache as parsed
from xlperf.xlsx.reader import columnar as fast
from xlperf.xlsx.reader.decode_styles import Irregular
from xlperf.xlsx.reader.workbook import Area, Workbook

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
STYLES = {"": 0, "date": 14, "time": 20, "duration": 164, "code": 165, "percent": 9, "chinese date": 31}
STYLE = {name: position for position, name in enumerate(STYLES)}
STRINGS = (
    "<si><t>00123</t></si><si><t>NA</t></si><si><t>1E5</t></si><si><t>A_x000D_B</t></si><si><t>A&amp;B &lt;C&gt;</t></si>"
    '<si><t xml:space="preserve"> x </t></si><si><r><t>ri</t></r><r><rPr><b/></rPr><t>ch</t></r></si><si><t/></si>'
    '<si><t>汉字</t><rPh sb="0" eb="2"><t>hanzi</t></rPh></si><si><t>   </t></si><si><t>None</t></si>'
)
PLAIN_STRINGS = "<si><t>00123</t></si><si><t>NA</t></si><si><t>1E5</t></si><si><t>&#x6C49;&#23383;</t></si>"


def xlsx(path, rows, strings=STRINGS, since_1904=False, head="", tail="", encoding="UTF-8"):
    """Write a workbook whose only sheet has these rows, as XML."""
    formats = "".join(f'<xf numFmtId="{number}"/>' for number in STYLES.values())
    own = '<numFmt numFmtId="164" formatCode="[h]:mm:ss"/><numFmt numFmtId="165" formatCode="00000"/>'
    sheet = (
        f'<?xml version="1.0" encoding="{encoding}"?>\n<worksheet xmlns="{MAIN}">{head}<sheetData>{rows}</sheetData>'
    )
    parts = {
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" Target="xl/workbook.xml" '
        f'Type="{OFFICE}/officeDocument"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><workbookPr date1904="{int(since_1904)}"/>'
        '<sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="r1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="r2" Type="{OFFICE}/styles" Target="styles.xml"/>'
        f'<Relationship Id="r3" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><numFmts count="2">{own}</numFmts>'
        f"<cellXfs>{formats}</cellXfs></styleSheet>",
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{strings}</sst>',
        "xl/worksheets/sheet1.xml": f"{sheet}{tail}</worksheet>".encode(encoding),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return path


def cell(content, style="", kind="", at="A1"):
    """Return the XML of a cell; content is what stands in its <v>, or XML."""
    inside = content if content.startswith("<") or not content else f"<v>{content}</v>"
    return (
        f'<c r="{at}"' + (f' s="{STYLE[style]}"' if style else "") + (f' t="{kind}"' if kind else "") + f">{inside}</c>"
    )


ERRORS = (
    "#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA", "#SPILL!", "#CALC!", "#FIELD!",
    "#BLOCKED!", "#CONNECT!", "#UNKNOWN!", "#BUSY!", "#EXTERNAL!", "#PYTHON!",
)  # fmt: skip
CASES = {  # what stands in the file, and what it is
    "whole": (cell("42"), 42),
    "negative": (cell("-7"), -7),
    "decimal": (cell("0.285"), 0.285),
    "seventeen digits": (cell("0.30000000000000004"), 0.30000000000000004),
    "power of ten": (cell("1E5"), 1e5),
    "small power": (cell("1.5E-7"), 1.5e-7),
    "zero": (cell("0"), 0),
    "negative zero": (cell("-0"), 0),
    "decimal of a whole": (cell("12.0"), 12.0),
    "2^53 + 1": (cell("9007199254740993"), 9007199254740993),
    "eighteen digits": (cell("110101199001011234"), 110101199001011234),
    "percent": (cell("0.95", "percent"), 0.95),
    "text 00123": (cell("0", kind="s"), "00123"),
    "text NA": (cell("1", kind="s"), "NA"),
    "text 1E5": (cell("2", kind="s"), "1E5"),
    "text None": (cell("10", kind="s"), "None"),
    "carriage return": (cell("3", kind="s"), "A\rB"),
    "entities": (cell("4", kind="s"), "A&B <C>"),
    "blanks around": (cell("5", kind="s"), " x "),
    "rich text": (cell("6", kind="s"), "rich"),
    "phonetic": (cell("8", kind="s"), "汉字"),
    "empty string": (cell("7", kind="s"), None),
    "blank string": (cell("9", kind="s"), None),
    "code 00000": (cell("123", "code"), "00123"),
    "code 00000, negative": (cell("-5", "code"), -5),
    "date": (cell("46300", "date"), datetime(2026, 10, 5)),
    "date and time": (cell("46300.5625", "date"), datetime(2026, 10, 5, 13, 30)),
    "date of seventeen digits": (cell("46300.123456789012", "date"), datetime(2026, 10, 5, 2, 57, 46, 667000)),
    "Chinese date": (cell("46300", "chinese date"), datetime(2026, 10, 5)),
    "ISO date": (cell("2026-10-05T00:00:00", kind="d"), datetime(2026, 10, 5)),
    "day 1": (cell("1", "date"), datetime(1900, 1, 1)),
    "day 60, which never was": (cell("60", "date"), datetime(1900, 2, 28)),
    "day 61": (cell("61", "date"), datetime(1900, 3, 1)),
    "negative date": (cell("-1", "date"), datetime(1899, 12, 29)),
    "date beyond all": (cell("1E9", "date"), 1e9),
    "time": (cell("0.5", "time"), time(12, 0)),
    "duration of 30 h": (cell("1.25", "duration"), timedelta(hours=30)),
    "true": (cell("1", kind="b"), True),
    "false": (cell("0", kind="b"), False),
    "result of a formula": (cell("<f>1+1</f><v>2</v>"), 2),
    "shared formula": (cell('<f t="shared" si="0"/><v>2</v>'), 2),
    "text of a formula": (cell("<f>A1</f><v>a &amp; b</v>", kind="str"), "a & b"),
    "empty text of a formula": (cell("<f>A1</f><v></v>", kind="str"), None),
    "date of a formula": (cell("<f>A1</f><v>46300</v>", "date"), datetime(2026, 10, 5)),
    "never calculated": (cell("<f>1+1</f>"), UNCALCULATED),
    "never calculated, empty value": (cell("<f>1+1</f><v></v>"), UNCALCULATED),
    "inline": (cell("<is><t>inside</t></is>", kind="inlineStr"), "inside"),
    "inline with blanks": (cell('<is><t xml:space="preserve"> in </t></is>', kind="inlineStr"), " in "),
    "inline rich": (cell("<is><r><t>a</t></r><r><t>b</t></r></is>", kind="inlineStr"), "ab"),
    "inline =1+1": (cell("<is><t>=1+1</t></is>", kind="inlineStr"), "=1+1"),
    "blank": (cell(""), None),
    "styled blank": ('<c r="A1" s="1"/>', None),
    "value of nothing": (cell("<v/>"), None),
    "an attribute more": ('<c r="A1" cm="1" s="1"><v>46300</v></c>', datetime(2026, 10, 5)),
    "attributes in another order": ('<c t="s" r="A1"><v>1</v></c>', "NA"),
    "single quotes": ("<c r='A1' t='s'><v>1</v></c>", "NA"),
    "blanks in the tag": ('<c  r="A1"  t="s" ><v>1</v></c>', "NA"),
    "an extension": (cell("5<extLst/>").replace("<v>5<extLst/></v>", "<v>5</v><extLst/>"), 5),
    **{f"error {error}": (cell(error, kind="e"), error) for error in ERRORS},
}  # fmt: skip


def same(one, other):
    return type(one) is type(other) and (one == other)


def only_cell(grid):
    return grid.columns[1][0] if 1 in grid.columns and len(grid) else None


READERS = {
    "as columns": Workbook.fast_grid,
    "cell by cell": Workbook.exact_grid,
    "as read": Workbook.grid,
}


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
@pytest.mark.parametrize(("xml", "value"), CASES.values(), ids=CASES)
def test_a_cell_is_what_stands_in_it(tmp_path, xml, value, reader):
    with Workbook(xlsx(tmp_path / "b.xlsx", f'<row r="1">{xml}</row>')) as book:
        try:
            found = only_cell(reader(book, book.sheets[0]))
        except Irregular:
            assert reader is Workbook.fast_grid
            pytest.skip("left to the exact reader as a whole")
    assert same(found, value), (found, value)


@pytest.mark.parametrize(("days", "day"), [(0, None), (1, 2), (44840, 6), (44840.25, 6)])
def test_days_count_from_1904_where_the_workbook_says_so(tmp_path, days, day):
    path = xlsx(tmp_path / "b.xlsx", f'<row r="1">{cell(str(days), "date")}</row>', since_1904=True)
    with Workbook(path) as book:
        one, other = (only_cell(reader(book, book.sheets[0])) for reader in list(READERS.values())[:2])
    assert same(one, other)
    if day:
        assert one == datetime(1904, 1, 1) + timedelta(days=days)


# Shapes of whole sheets ------------------------------------------------------------------------------------------------

SHEETS = {
    "stray styled cell in the last row": '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="C1048576" s="1"/></row>',
    "rows without cells": '<row r="2" ht="15"/><row r="3"><c r="B3"><v>1</v></c></row><row r="9" ht="15"/>',
    "no row at all": "",
    "hidden rows": '<row r="1" hidden="1"><c r="A1"><v>1</v></c></row><row r="2" spans="1:1" hidden="true"></row><row r="3" hidden="0"/>',
    "columns far to the right": '<row r="1"><c r="A1"><v>1</v></c><c r="ZZ1"><v>2</v></c><c r="XFD1"><v>3</v></c></row>',
    "line breaks between tags": '\n<row r="1">\n  <c r="A1">\n<v>1</v></c>\n</row>\n',
    "a comment": '<row r="1"><c r="A1"><!-- no --><v>1</v></c></row>',
    "literal text": '<row r="1"><c r="A1" t="str"><v><![CDATA[<x>]]></v></c></row>',
    "cells without addresses": '<row r="1"><c><v>1</v></c><c><v>2</v></c></row>',
    "rows without numbers": '<row><c r="A1"><v>1</v></c></row><row><c r="A2"><v>2</v></c></row>',
    "a cell twice": '<row r="1"><c r="A1"><v>1</v></c><c r="A1"><v>2</v></c></row>',
    "an address of another row": '<row r="12"><c r="A1"><v>1</v></c><c r="B12"><v>2</v></c></row>',
    "small letters": '<row r="1"><c r="a1"><v>1</v></c></row>',
    "line ends of Windows": '<row r="1"><c r="A1" t="str"><v>a\r\nb</v></c></row>',
    "a mixed column": '<row r="1"><c r="A1" t="s"><v>0</v></c></row><row r="2"><c r="A2"><v>5</v></c></row>'
    '<row r="3"><c r="A3" s="1"><v>46300</v></c></row><row r="5"><c r="A5" t="b"><v>1</v></c></row>',
}  # fmt: skip


def contents(grid):
    cells = {
        (number, grid.rows[position]): (type(value).__name__, value)
        for number, column in grid.columns.items()
        for position, value in enumerate(column)
        if value is not None
    }
    return cells, grid.rows, grid.merged, grid.hidden_rows, grid.hidden_columns, grid.blank


@pytest.mark.parametrize("rows", SHEETS.values(), ids=SHEETS)
def test_a_sheet_is_read_alike_by_both_readers(tmp_path, rows):
    head = '<cols><col min="2" max="3" hidden="1"/></cols>'
    tail = '<mergeCells><mergeCell ref="A1:B2"/></mergeCells>'
    with Workbook(xlsx(tmp_path / "b.xlsx", rows, head=head, tail=tail)) as book:
        grid = book.grid(book.sheets[0])
        assert contents(grid) == contents(book.exact_grid(book.sheets[0]))
    assert (grid.merged, grid.hidden_columns) == ([Area(1, 1, 2, 2)], {2, 3})


@pytest.mark.parametrize("encoding", ["UTF-16", "UTF-8", "ISO-8859-1"])
def test_encodings(tmp_path, encoding):
    with Workbook(xlsx(tmp_path / "b.xlsx", f'<row r="1">{cell("é", kind="str")}</row>', encoding=encoding)) as book:
        assert only_cell(book.grid(book.sheets[0])) == "é"


BAD = {
    "entity": cell("&nope;", kind="str"), "number": cell("1-2"), "shared string": cell("99", kind="s"), "tag": "<c r='A1'><v>1</c>",
    "ampersand": cell("a & b", kind="str"),
}  # fmt: skip


@pytest.mark.parametrize("xml", BAD.values(), ids=BAD)
def test_what_is_damaged_is_damaged_for_both(tmp_path, xml):
    path = xlsx(tmp_path / "b.xlsx", f'<row r="1">{xml}</row>')
    assert [each.code for each in read_book(path).problems] in (["book-damaged"], ["not-xlperf"])
    with Workbook(path) as book:
        outcomes = []
        for reader in (Workbook.grid, Workbook.exact_grid):
            try:
                outcomes.append(repr(only_cell(reader(book, book.sheets[0]))))
            except Exception as error:
                outcomes.append(type(error).__mro__[-3].__name__)
    assert outcomes[0] == outcomes[1]


FIGURES = st.one_of(
    st.integers(-(10**17), 10**17).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.decimals(-(10**9), 10**9, places=2).map(str),
)
WORDS = st.text(st.characters(min_codepoint=32, exclude_characters="<&]", exclude_categories=["Cs"]), max_size=6)
CELLS = st.one_of(
    st.tuples(FIGURES, st.sampled_from(list(STYLES)), st.just("")),
    st.tuples(st.integers(0, 3).map(str), st.sampled_from(list(STYLES)), st.just("s")),
    st.tuples(st.sampled_from(["0", "1", "true"]), st.just(""), st.just("b")),
    st.tuples(WORDS, st.sampled_from(list(STYLES)), st.just("str")),
    st.tuples(WORDS.map(lambda text: f"<is><t>{text}</t></is>"), st.just(""), st.just("inlineStr")),
    st.tuples(FIGURES.map(lambda text: f"<f>A1</f><v>{text}</v>"), st.sampled_from(list(STYLES)), st.just("")),
    st.just(("", "", "")),
)


@given(st.lists(st.lists(CELLS, min_size=1, max_size=4), min_size=1, max_size=12), st.integers(20, 400))
def test_any_sheet_is_read_alike_by_both_readers(tmp_path_factory, rows, block):
    """However the sheet is cut into blocks."""
    xml = ""
    for number, row in enumerate(rows, start=1):
        cells = (cell(*each, at=f"{get_column_letter(column)}{number}") for column, each in enumerate(row, start=1))
        xml += f'<row r="{number}">{"".join(cells)}</row>'
    path = xlsx(tmp_path_factory.mktemp("same") / "b.xlsx", xml, PLAIN_STRINGS)
    usual, fast.BLOCK_BYTES = fast.BLOCK_BYTES, block
    try:
        with Workbook(path) as book:
            try:
                expected = contents(book.exact_grid(book.sheets[0]))
            except ValueError:
                return
            assert contents(book.grid(book.sheets[0])) == expected
    finally:
        fast.BLOCK_BYTES = usual


DECIMALS = st.one_of(
    FIGURES,
    st.from_regex(r"-?[0-9]{0,9}\.[0-9]{0,12}", fullmatch=True).filter(lambda text: any(map(str.isdigit, text))),
    st.sampled_from(["-0.0", "0.10", "46310.4623611111", "9999999.99999999", "0.000000000000001", "123456789012.345"]),
)


@given(st.lists(DECIMALS, min_size=1, max_size=40))
def test_a_figure_is_the_nearest_there_is_to_the_last_bit(tmp_path_factory, texts):
    """As Python reads it, which rounds correctly."""
    rows = "".join(f'<row r="{number}">{cell(text, at=f"A{number}")}</row>' for number, text in enumerate(texts, 1))
    with Workbook(xlsx(tmp_path_factory.mktemp("figures") / "b.xlsx", rows)) as book:
        found = list(book.fast_grid(book.sheets[0]).columns[1])
    wanted = [int(text) if text.lstrip("-").isdecimal() else float(text) for text in texts]
    assert [(type(each), each) for each in found] == [(type(each), each) for each in wanted]


SHIPPED = [
    pytest.param(path, id=path.stem, marks=[pytest.mark.slow] if path.stat().st_size > 400_000 else [])
    for path in sorted(Path(__file__).parents[2].glob("workbooks/*.xlsx"))
]


@pytest.mark.parametrize("path", SHIPPED)
def test_the_shipped_workbooks_are_read_as_columns_and_as_another_library_reads_them(path):
    sheets = openpyxl.load_workbook(path, data_only=True)
    with Workbook(path) as book:
        for part in book.sheets:
            found = contents(book.fast_grid(part))[0]
            wanted = {
                (each.column, each.row): each.value
                for row in sheets[part.title].iter_rows()
                for each in row
                if each.value is not None and str(each.value).strip()
            }
            differing = {at for at in wanted if wanted[at] != found.pop(at, (None, None))[1]}
            assert {value for _, value in found.values()} <= {UNCALCULATED}
            assert all(str(wanted[at]).isdecimal() for at in differing)  # codes such as 00123, kept whole here


# What was read before --------------------------------------------------------------------------------------------------


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """Keep every sheet, however small, in a folder of the test's own."""
    monkeypatch.setattr(parsed, "SMALLEST", 0)
    monkeypatch.setenv(parsed.VARIABLE, str(tmp_path / "kept"))
    return tmp_path / "kept"


def every_case(path):
    cells = [xml.replace('"A1"', f'"A{number}"').replace("'A1'", f"'A{number}'") for number, (xml, _) in enumerate(CASES.values(), 1)
             if "'" not in xml and "  " not in xml and xml.startswith('<c r="A1"')]  # fmt: skip
    rows = "".join(f'<row r="{each.split(chr(34))[1][1:]}">{each}</row>' for each in cells)
    return xlsx(path, rows)


def read(path):
    with Workbook(path) as book:
        return contents(book.grid(book.sheets[0]))


def test_a_sheet_that_was_read_before_is_not_parsed_again(tmp_path, cache, monkeypatch):
    path = every_case(tmp_path / "b.xlsx")
    first = read(path)
    assert len(list(cache.iterdir())) == 1
    monkeypatch.setattr(fast, "scan", None)  # whoever calls it fails
    assert read(path) == first


def test_another_content_is_another_sheet(tmp_path, cache):
    one = read(xlsx(tmp_path / "b.xlsx", f'<row r="1">{cell("1", "date")}</row>'))
    other = read(xlsx(tmp_path / "b.xlsx", f'<row r="1">{cell("1", "date")}</row>', since_1904=True))
    words = read(xlsx(tmp_path / "b.xlsx", f'<row r="1">{cell("0", kind="s")}</row>', PLAIN_STRINGS))
    changed = read(
        xlsx(tmp_path / "b.xlsx", f'<row r="1">{cell("0", kind="s")}</row>', PLAIN_STRINGS.replace("00123", "00124"))
    )
    assert one != other
    assert words != changed


@pytest.mark.parametrize("damage", [b"", b"x", b"PK", None], ids=repr)
def test_what_cannot_be_trusted_is_read_again(tmp_path, cache, damage):
    path = every_case(tmp_path / "b.xlsx")
    first = read(path)
    (kept,) = cache.iterdir()
    content = kept.read_bytes()
    kept.write_bytes(content[:50] + b"?" + content[51:] if damage is None else damage)
    assert read(path) == first


def test_only_the_owner_may_read_what_is_kept(tmp_path, cache):
    read(every_case(tmp_path / "b.xlsx"))
    (kept,) = cache.iterdir()
    assert not stat.S_IMODE(cache.stat().st_mode) & 0o077
    assert not stat.S_IMODE(kept.stat().st_mode) & 0o077


def test_a_folder_that_others_can_read_is_not_used(tmp_path, cache):
    cache.mkdir(mode=0o755)
    os.chmod(cache, 0o755)
    read(every_case(tmp_path / "b.xlsx"))
    assert not list(cache.iterdir())


@pytest.mark.parametrize("wish", [None, "", "0", "no"])
def test_nothing_is_kept_unless_it_is_asked_for(tmp_path, cache, monkeypatch, wish):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv(parsed.VARIABLE) if wish is None else monkeypatch.setenv(parsed.VARIABLE, wish)
    read(every_case(tmp_path / "b.xlsx"))
    assert not cache.exists()
    assert not (tmp_path / "home").exists()


def test_the_folder_does_not_grow_without_end(tmp_path, cache, monkeypatch):
    paths = [xlsx(tmp_path / f"{number}.xlsx", f'<row r="1">{cell(str(number))}</row>') for number in range(6)]
    read(paths[0])
    size = next(cache.iterdir()).stat().st_size
    monkeypatch.setattr(parsed, "MOST_BYTES", 3 * size)
    for number, path in enumerate(paths):
        read(path)
        for order, kept in enumerate(sorted(cache.iterdir(), key=lambda each: each.stat().st_mtime_ns)):
            os.utime(kept, (order, order))  # clocks are coarse
        assert sum(each.stat().st_size for each in cache.iterdir()) <= 3 * size, number
    assert len(list(cache.iterdir())) == 3


def test_a_folder_that_cannot_be_made_is_no_hindrance(tmp_path, cache, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(parsed.VARIABLE, str(tmp_path / "file" / "kept"))
    assert read(every_case(tmp_path / "b.xlsx"))[1]


def test_a_member_that_is_not_what_the_directory_says_is_damaged(tmp_path):
    path = every_case(tmp_path / "b.xlsx")
    content = bytearray(path.read_bytes())
    start = content.rindex(b"xl/worksheets/sheet1.xml", 0, content.index(b"PK\x01\x02"))
    content[start + 60] ^= 0xFF
    path.write_bytes(bytes(content))
    assert [each.code for each in read_book(path).problems] == ["book-damaged"]
