"""Templates: a rendered workbook is what openpyxl would have made of the template by hand, and keeps what openpyxl would lose."""

import zipfile
from datetime import datetime
from io import BytesIO

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.chart import BarChart, Reference
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Font, PatternFill
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.table import Table
from small_book import codes, one

from xlperf.xlsx.atomic_save import packed
from xlperf.xlsx.template.compile import compile_template
from xlperf.xlsx.template.context import Block, Computed, Context
from xlperf.xlsx.template.model import Placeholder
from xlperf.xlsx.template.render import TemplateRenderer

COLUMNS = ("what", "points", "weight", "part")


def meaning(block, name):
    """Scalars are any of these words; the blocks are items and pay, with columns."""
    if block:
        if block not in ("item", "pay") or name not in (*COLUMNS, ""):
            return None
        return Placeholder(block, name, COLUMNS.index(name) if name else 0)
    return Placeholder("", name, 0) if name in ("who", "total", "day", "added", "text") else None


def copy(items=(), **values):
    return Context("E1", values, {"item": Block.of(items), "pay": Block()})


def book(*rows, **cells):
    """Return a workbook of one sheet with some rows, and some more cells."""
    workbook = openpyxl.Workbook()
    ws = workbook.active
    ws.title = "Card"
    for row in rows:
        ws.append(row)
    for place, value in cells.items():
        ws[place] = value
    return workbook


def compiled_of(workbook, natives=None):
    compiled, problems = compile_template(packed(workbook), meaning, natives)
    assert not problems, [problem.found("en") for problem in problems]
    return compiled


def made(workbook, of, natives=None):
    """Return a copy as openpyxl reads it: with formulas."""
    return openpyxl.load_workbook(BytesIO(TemplateRenderer(compiled_of(workbook, natives)).render(of)))


def test_figures_stand_as_what_they_are():
    rows = made(
        book(["{who}", "{total}", "{day}", "Dear {who}, {total} points on {day}", "plain", "{text}"]),
        copy(who="Ann", total=97.27, day=datetime(2026, 10, 31), text=None),
    )["Card"]
    assert [cell.value for cell in rows[1]] == [
        "Ann", 97.27, 46326, "Dear Ann, 97.27 points on 2026-10-31", "plain", None,
    ]  # fmt: skip


def test_a_row_stands_once_for_every_record_and_what_follows_moves():
    ws = made(book(["{who}"], ["{item.what}", "{item.points}"], ["end"]), copy([("a", 1.0), ("b", 2.0)], who="x"))[
        "Card"
    ]
    assert [[cell.value for cell in row] for row in ws] == [["x", None], ["a", 1], ["b", 2], ["end", None]]


def test_without_records_the_row_stays_empty():
    ws = made(book(["{item.what}"], ["end"]), copy())["Card"]
    assert [row[0].value for row in ws] == [None, "end"]


@pytest.mark.parametrize("pay", [[], [("x", 1.0)]])
def test_a_row_that_asks_stands_only_where_there_is_some(pay):
    of = Context("E1", {}, {"item": Block(), "pay": Block.of(pay)})
    ws = made(book(["{?pay}Pay"], ["{?pay}{pay.what}"], ["end"]), of)["Card"]
    assert [row[0].value for row in ws] == (["Pay", "x", "end"] if pay else ["end"])


def test_the_format_of_a_row_that_is_left_out_keeps_an_area_that_excel_can_read():
    workbook = book(["what"], ["{?pay}{pay.what}"], ["end"])
    workbook.active.conditional_formatting.add("A2", CellIsRule("lessThan", ["0"]))
    sheet = made(workbook, Context("E1", {}, {"item": Block(), "pay": Block()}))["Card"]
    assert [str(each.sqref) for each in sheet.conditional_formatting] == ["A2"]


@given(st.text(st.characters(), max_size=60))
def test_any_text_stays_the_text_that_it_is(text):
    cell = made(book(["{text}"]), copy(text=text))["Card"]["A1"]
    assert cell.data_type in ("s", "n", "inlineStr")
    assert openpyxl.utils.escape.unescape(cell.value or "") == text


WORDS = [
    "Ann",
    "客户，一",
    "50 % off %s",
    "a_b",
    "_x0041_",
    "a<b&c",
    " before",
    "after ",
    "two\nlines",
    "=1+1",
    "-",
    "+1",
    "✓",
    "𝄞",
    "",
    None,
]
TEMPLATE = book(["{who}"], ["{item.what}", "fixed 100 %", "{item.points}", "{item.what}"], ["end"])


@pytest.fixture(scope="module")
def renderer():
    return TemplateRenderer(compiled_of(TEMPLATE))


@given(
    st.lists(
        st.tuples(st.sampled_from(WORDS[:3]) | st.sampled_from(WORDS), st.floats(-1e6, 1e6) | st.sampled_from(WORDS)),
        min_size=1,
        max_size=8,
    )
)
def test_whole_columns_stay_what_they_are(renderer, items):
    """One renderer fills them all: what it keeps from one copy never shows on another."""
    sheet = openpyxl.load_workbook(BytesIO(renderer.render(copy(items, who="x"))))["Card"]
    rows = [["x"], *([what, "fixed 100 %", points, what] for what, points in items), ["end"]]
    for found, expected in zip(sheet.iter_rows(), rows, strict=True):
        for cell, value in zip(found, expected, strict=False):
            kept = openpyxl.utils.escape.unescape(cell.value) if isinstance(cell.value, str) else cell.value
            assert kept == (value if value != "" else None)
            assert cell.data_type != "f"
            assert bool(cell.quotePrefix) == (isinstance(value, str) and len(value) > 1 and value[0] in "=+-@")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-x", "@SUM(A1)"])
def test_a_text_like_a_formula_is_none_even_after_somebody_edits_it(text):
    cell = made(book(["{text}"]), copy(text=text))["Card"]["A1"]
    assert (cell.value, cell.data_type, cell.quotePrefix) == (text, "s", True)


def test_a_text_is_cut_at_what_a_cell_holds():
    assert len(made(book(["{text}"]), copy(text="x" * 40000))["Card"]["A1"].value) == 32767
    astral = made(book(["{text}"]), copy(text="𝄞" * 20000))["Card"]["A1"].value
    assert len(astral.encode("utf-16-le")) // 2 <= 32767 * 2


def test_formulas_follow_their_rows():
    workbook = book(
        ["{item.what}", "{item.points}", "=B1*2"], ["sum", "=SUM(B1:B1)", "=B2+$C$1"], ["=Card!B2", "=LOG10(B2)"]
    )
    ws = made(workbook, copy([("a", 1.0), ("b", 2.0), ("c", 3.0)]))["Card"]
    assert [ws[f"C{row}"].value for row in (1, 2, 3)] == ["=B1*2", "=B2*2", "=B3*2"]
    assert [ws[place].value for place in ("B4", "C4", "A5", "B5")] == [
        "=SUM(B1:B3)",
        "=B4+$C$1",
        "=Card!B4",
        "=LOG10(B4)",
    ]


def test_what_hangs_on_rows_moves_and_stretches_with_them(tmp_path):
    workbook = book(["what", "points"], ["{item.what}", "{item.points}"], ["end", "{total}"])
    ws = workbook.active
    ws.add_table(Table(displayName="tbl", ref="A1:B2"))
    ws.merge_cells("A3:B3")
    ws["A3"] = "end"
    ws.conditional_formatting.add("B2", CellIsRule("lessThan", ["$B$2"], fill=PatternFill("solid", bgColor="FF0000")))
    check = DataValidation("list", formula1="$A$2:$A$2", sqref="B2")
    ws.add_data_validation(check)
    ws["A3"].hyperlink = "https://example.org/"
    ws.print_area = "A1:B3"
    workbook.defined_names["points"] = DefinedName("points", attr_text="Card!$B$2:$B$2")
    got = made(workbook, copy([("a", 1.0), ("b", 2.0), ("c", 3.0)], total=6.0))
    sheet = got["Card"]
    assert sheet.tables["tbl"].ref == sheet.tables["tbl"].autoFilter.ref == "A1:B4"
    assert [str(each) for each in sheet.merged_cells.ranges] == ["A5:B5"]
    assert [str(each.sqref) for each in sheet.conditional_formatting] == ["B2:B4"]
    assert [(str(each.sqref), each.formula1) for each in sheet.data_validations.dataValidation] == [
        ("B2:B4", "$A$2:$A$4")
    ]
    assert sheet["A5"].hyperlink.ref == "A5"
    assert sheet.print_area == "'Card'!$A$1:$B$5"
    assert got.defined_names["points"].attr_text == "Card!$B$2:$B$4"


def test_rows_that_repeat_bring_their_merged_cells():
    workbook = book(["{item.what}", None], ["{?pay}x", None])
    workbook.active.merge_cells("A1:B1")
    workbook.active.merge_cells("A2:B2")
    ws = made(workbook, copy([("a",), ("b",)]))["Card"]
    assert sorted(map(str, ws.merged_cells.ranges)) == ["A1:B1", "A2:B2"]


def test_a_chart_shows_the_figures_of_its_copy_before_anybody_draws_it(tmp_path):
    workbook = book(["what", "points"], ["{item.what}", "{item.points}"])
    chart = BarChart()
    chart.add_data(Reference(workbook.active, min_col=2, min_row=1, max_row=2), titles_from_data=True)
    chart.set_categories(Reference(workbook.active, min_col=1, min_row=2, max_row=2))
    workbook.active.add_chart(chart, "D5")
    parts = zipfile.ZipFile(BytesIO(packed(workbook)))
    xml = parts.read("xl/charts/chart1.xml").decode()
    xml = xml.replace(
        "</f></numRef>", '</f><numCache><formatCode>General</formatCode><ptCount val="0"/></numCache></numRef>'
    )
    compiled, _ = compile_template(replaced(parts, {"xl/charts/chart1.xml": xml.encode()}), meaning)
    got = (
        zipfile.ZipFile(BytesIO(TemplateRenderer(compiled).render(copy([("a", 1.5), ("b", 2.5)]))))
        .read("xl/charts/chart1.xml")
        .decode()
    )
    assert "$B$2:$B$3" in got
    assert "$A$2:$A$3" in got
    assert '<c:ptCount val="2"/><c:pt idx="0"><c:v>1.5</c:v></c:pt><c:pt idx="1"><c:v>2.5</c:v></c:pt>'.replace(
        "c:", ""
    ) in got.replace("c:", "")


def replaced(parts, members):
    """Return a package with other contents of some members."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as target:
        for name in parts.namelist():
            target.writestr(name, members.get(name, parts.read(name)))
    return file.getvalue()


def test_what_is_not_filled_is_carried_over_byte_by_byte():
    workbook = book(["{who}"])
    workbook.create_sheet("Notes")["A1"] = "for everybody"
    template = packed(workbook)
    before, after = (
        zipfile.ZipFile(BytesIO(data))
        for data in (template, TemplateRenderer(compiled_of(workbook)).render(copy(who="Ann")))
    )
    changed = {name for name in before.namelist() if before.read(name) != after.read(name)}
    assert set(before.namelist()) == set(after.namelist())
    assert changed <= {"xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml", "docProps/core.xml"}
    assert after.testzip() is None


def test_whoever_made_the_template_is_not_named_in_the_copies():
    workbook = book(["{who}"])
    workbook.properties.creator = workbook.properties.lastModifiedBy = "Ms Secret"
    assert all(
        b"Secret" not in data
        for data in members(TemplateRenderer(compiled_of(workbook)).render(copy(who="Ann"))).values()
    )


def members(data):
    package = zipfile.ZipFile(BytesIO(data))
    return {name: package.read(name) for name in package.namelist()}


@given(st.lists(st.tuples(st.text(max_size=5), st.floats(allow_nan=True)), max_size=6))
def test_the_same_copy_gives_the_same_bytes(items):
    compiled = compiled_of(book(["{who}"], ["{item.what}", "{item.points}"]))
    assert TemplateRenderer(compiled).render(copy(items, who="Ann")) == TemplateRenderer(compiled).render(
        copy(items, who="Ann")
    )


NATIVES = {
    "item.part": ("{item.points}*{item.weight}",),
    "total": ("ROUND(SUM({other.part})+{added},2)", "ROUND(SUM({item.part})+{added},2)"),
}


def test_a_figure_can_be_a_formula_with_its_result():
    workbook = book(["{added}"], ["{item.points}", "{item.weight}", "{item.part}"], ["{total}"])
    of = copy([("", 80.0, 0.5, Computed(40.0)), ("", 90.0, 0.5, 45.0)], added=1.0, total=Computed(86.0))
    data = TemplateRenderer(compiled_of(workbook, NATIVES)).render(of)
    formulas, results = (openpyxl.load_workbook(BytesIO(data), data_only=only)["Card"] for only in (False, True))
    assert [formulas[place].value for place in ("C2", "C3", "A4")] == ["=A2*B2", 45, "=ROUND(SUM(C2:C3)+A1,2)"]
    assert [results[place].value for place in ("C2", "C3", "A4")] == [40, 45, 86]


def test_a_figure_stays_a_value_where_the_page_lacks_what_it_needs():
    ws = made(book(["{item.part}"]), copy([("", 80.0, 0.5, Computed(40.0))]), NATIVES)["Card"]
    assert ws["A1"].value == 40


def test_the_look_of_a_marked_cell_stays():
    workbook = book(["{text}"])
    workbook.active["A1"].font = Font(bold=True)
    workbook.active["A1"].number_format = "0.0"
    for text in ("plain", "=like a formula"):
        cell = made(workbook, copy(text=text))["Card"]["A1"]
        assert (cell.font.b, cell.number_format) == (True, "0.0")


def test_dates_are_serials_of_the_calendar_of_the_template():
    workbook = book(["{day}"])
    workbook.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    workbook.active["A1"].number_format = "yyyy-mm-dd"
    assert made(workbook, copy(day=datetime(2026, 10, 31)))["Card"]["A1"].value == datetime(2026, 10, 31)


def test_unknown_marks_are_told_with_their_cell():
    _, problems = compile_template(packed(book(["{who}", "{wo}"], ["{item.wat}"])), meaning)
    assert codes(problems) == ["mark-unknown"] * 2
    assert [problem.place for problem in problems] == ["Card!B1", "Card!A2"]


def test_a_row_repeats_for_one_kind_of_record_only():
    _, problems = compile_template(packed(book(["{item.what}", "{pay.what}"])), meaning)
    assert one(problems, "mark-two-blocks").place == "Card!A1"


def test_headings_of_tables_must_be_plain():
    workbook = book(["{who}", "b"], ["{item.what}", 1])
    workbook.active.add_table(Table(displayName="tbl", ref="A1:B2"))
    _, problems = compile_template(packed(workbook), meaning)
    assert one(problems, "mark-in-heading").place == "Card!A1"


def with_parts(workbook, change):
    """Return a workbook as a file whose parts were changed."""
    with zipfile.ZipFile(BytesIO(packed(workbook))) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        for name, data in change(parts).items():
            package.writestr(name, data)
    return file.getvalue()


def capitals(parts):
    return {name.upper(): data for name, data in parts.items()}


def other_names(parts):
    parts["xl/my sheet.xml"] = parts.pop("xl/worksheets/sheet1.xml")
    parts["xl/book.xml"] = parts.pop("xl/workbook.xml")
    relations = parts.pop("xl/_rels/workbook.xml.rels")
    parts["xl/_rels/book.xml.rels"] = relations.replace(b"/xl/worksheets/sheet1.xml", b"my%20sheet.xml")
    parts["_rels/.rels"] = parts["_rels/.rels"].replace(b"xl/workbook.xml", b"xl/book.xml")
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(b"/xl/workbook.xml", b"/xl/book.xml")
    return parts


def module_sheet(parts):
    office = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    module = b'<sheets><sheet xmlns:r="%s" name="Module" sheetId="9" r:id=""/>' % office
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(b"<sheets>", module)
    return parts


@pytest.mark.parametrize("change", [capitals, other_names, module_sheet], ids=lambda each: each.__name__)
def test_parts_of_a_template_are_found_by_their_relations(change):
    compiled, problems = compile_template(with_parts(book(["{who}", "=A1"]), change), meaning)
    assert not problems
    filled = TemplateRenderer(compiled).render(copy(who="Ann"))
    with zipfile.ZipFile(BytesIO(filled)) as package:
        assert package.testzip() is None
        assert any(b"<t>Ann</t>" in package.read(name) for name in package.namelist())


def strict(parts):
    usual, other = b"schemas.openxmlformats.org/spreadsheetml/2006/main", b"purl.oclc.org/ooxml/spreadsheetml/main"
    return {name: data.replace(usual, other) for name, data in parts.items()}


def prefixed(parts):
    main = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    data = parts["xl/worksheets/sheet1.xml"].replace(b'xmlns="' + main, b'xmlns:x="' + main)
    parts["xl/worksheets/sheet1.xml"] = data.replace(b"<", b"<x:").replace(b"<x:/", b"</x:").replace(b"<x:?", b"<?")
    return parts


@pytest.mark.parametrize("change", [strict, prefixed], ids=lambda each: each.__name__)
def test_a_template_in_another_spelling_of_the_format_is_refused(change):
    assert codes(compile_template(with_parts(book(["{who}"]), change), meaning)[1]) == ["template-unusual"]
