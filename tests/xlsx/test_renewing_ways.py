"""A sheet that only runs wrote on is renewed as a whole, any other record by record: the file must be the same."""

import re
import shutil
from html import escape
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook as OpenWorkbook
from openpyxl import load_workbook
from openpyxl.worksheet.table import Table

from xlperf.policy import schemes
from xlperf.workbook.write.results import write_results
from xlperf.workbook.write.update import WorkbookUpdate, looked_at_in_full
from xlperf.xlsx.atomic_save import save_atomically
from xlperf.xlsx.package import replace_rows
from xlperf.xlsx.package.opc import Workbook
from xlperf.xlsx.package.sheet_xml import Cell, Place, SheetXml
from xlperf.xlsx.package.zip_members import Parts

SCHEME = schemes.load("service-team")
PEOPLE = {"E1": ("Ann", 88.5, "A"), "E2": ("Bo", 70.0, "C"), "E3": ("Cy", 75.25, "B"), "E4": ("Di", 60.5, "C")}
SAME = ("E1", "E2", "E3")
RUNS = {
    "the same": (SAME, "en", {}),
    "another order": (("E3", "E2", "E1"), "en", {}),
    "fewer people": (("E1", "E3"), "en", {}),
    "more people": (("E2", "E1", "E4", "E3"), "en", {}),
    "another language": (SAME, "zh", {}),
    "one more column": (SAME, "en", {"adjustment": [1.0, 2.0, 3.0]}),
}


def run(path: Path, ids=SAME, lang="en", more=()) -> bytes:
    """Return the file after a run."""
    rows = [
        dict(zip(("employee_id", "name", "total", "grade_name"), (each, *PEOPLE[each]), strict=True)) for each in ids
    ]
    frames = {
        "results": pd.DataFrame(rows).assign(**dict(more)),
        "run": pd.DataFrame({"item": ["xlperf"], "value": ["1"]}),
    }
    update = WorkbookUpdate(path, looked_at_in_full("settings"))
    write_results(update.workbook, frames, SCHEME, lang)
    return update.merged()


@pytest.fixture(scope="module")
def after_a_run(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("ways") / "book.xlsx"
    workbook = OpenWorkbook()
    workbook.worksheets[0].title = "Notes of HR"
    save_atomically(workbook, path, keep_backup=False)
    path.write_bytes(run(path))
    return path


# What HR staff, Excel and other programs do to the sheet, as its XML shows it ------------------------------------------


def cell(ref: str, inside: str = "<v>5</v>", attributes: str = ""):
    """Put a cell where there is one or none."""

    def edit(sheet: SheetXml) -> None:
        place = Place.of(ref)
        new = Cell({"r": ref, **dict(re.findall(r'(\w+)="([^"]*)"', attributes))}, inside)
        sheet.row(place.row).opened()[place.column] = new

    return edit


def text(ref: str, words: str, attributes: str = ""):
    return cell(ref, f"<is><t>{escape(words)}</t></is>", f't="inlineStr" {attributes}')


def together(*edits):
    return lambda sheet: [edit(sheet) for edit in edits] and None


def row(number: int, attributes: str):
    def edit(sheet: SheetXml) -> None:
        there = sheet.row(number)
        there.attributes += attributes if attributes.split("=")[0].strip() not in there.attributes else ""

    return edit


def in_xml(pattern: str, new: str):
    """Change the XML of the rows."""

    def edit(sheet: SheetXml) -> None:
        for each in sheet.rows.values():
            each.raw = re.sub(pattern, new, each.raw) if each.cells is None else each.raw

    return edit


def around(before: str, new: str):
    """Put something before an element behind the rows."""

    def edit(sheet: SheetXml) -> None:
        if new.split()[0].encode() not in sheet.tail:
            sheet.tail = sheet.tail.replace(before.encode(), (new + before).encode(), 1)

    return edit


def like(ref: str, other: str):
    """Give a cell the format of another one."""

    def edit(sheet: SheetXml) -> None:
        source, target = sheet.find(Place.of(other)), sheet.find(Place.of(ref))
        if source is not None and target is not None:
            target.set_style(source.style)

    return edit


def spelt_anew(sheet: SheetXml) -> None:
    """Leave no cell opened, as a file that is read anew has none."""
    again = SheetXml(sheet.written())
    sheet.rows = again.rows


FORMULAS = [cell(f"H{row}", f"<f>D{row}*2</f><v>1</v>") for row in (2, 3, 4)]
LINK = '<hyperlinks><hyperlink ref="{}" location="Run!A1"/></hyperlinks>'
EDITS = {
    "nothing": lambda sheet: None,
    "a note beside": text("H3", "on leave"),
    "a column beside": together(text("H1", "Remark"), text("H2", "ann"), text("H4", "cy")),
    "a column beside without a heading": together(text("G2", "ann"), text("G4", "cy")),
    "a formula beside": together(text("H1", "Bonus"), *FORMULAS),
    "a formula in a column of ours": cell("D3", "<f>50+20</f><v>70</v>"),
    "a formula of many cells": cell("D2", '<f t="array" ref="D2:D4">F2:F4*2</f><v>1</v>'),
    "a shared formula": together(
        cell("H2", '<f t="shared" ref="H2:H4" si="0">D2+1</f><v>1</v>'), cell("H3", '<f t="shared" si="0"/><v>2</v>')
    ),
    "another figure": cell("D3", "<v>99</v>", 's="1"'),
    "a cell that is gone": lambda sheet: sheet.row(3).opened().pop(4, None) and None,
    "a row that is gone": lambda sheet: sheet.rows.pop(3, None) and None,
    "somebody else's key": text("A3", "E1"),
    "no key": cell("A3", ""),
    "the format of another row": like("E3", "E2"),
    "the format of another column": like("B3", "D2"),
    "no format": cell("B3", "<v>1</v>"),
    "a hidden row": row(3, ' hidden="1"'),
    "a hidden row, spelt otherwise": row(3, "\nhidden = '1'"),
    "a grouped row": row(2, ' outlineLevel="1"'),
    "a high row": row(3, ' ht="44" customHeight="1"'),
    "a row with a format": row(3, ' s="1" customFormat="1"'),
    "what Excel says of rows": row(2, ' spans="1:6"'),
    "text below": text("A9", "Signed"),
    "text right below": text("A5", "Signed"),
    "an empty cell far away": cell("J40", "", 's="1"'),
    "an empty high row below": row(9, ' ht="50" customHeight="1"'),
    "a link beside": together(text("H3", "see"), around("<printOptions", LINK.format("H3"))),
    "a link where there is no cell": around("<printOptions", LINK.format("H3")),
    "a link on a cell of ours": around("<printOptions", LINK.format("B3")),
    "a link on many cells": around("<printOptions", LINK.format("A2:C3")),
    "merged cells": around("<conditionalFormatting", '<mergeCells count="1"><mergeCell ref="B2:C2"/></mergeCells>'),
    "a list to choose from": around(
        "<printOptions", '<dataValidations count="1"><dataValidation type="list" sqref="B2:B4"/></dataValidations>'
    ),
    "the type before the format": in_xml(r'(<c r="\w+")( s="\d+")( t="\w+")', r"\1\3\2"),
    "the format before the address": in_xml(r'<c( r="\w+")( s="\d+")', r"<c\2\1"),
    "no addresses": in_xml(r'<c r="[A-Z]+[2-9]"', "<c"),
    "other marks of quotation": in_xml(r'<c r="(\w+)" s="(\d+)"', r"<c r='\1' s='\2'"),
    "a new line in a cell": in_xml(r'<c r="([BC]\d)"', r'<c\nr="\1"'),
    "small letters": in_xml(r'r="B3"', 'r="b3"'),
    "no format by its number": in_xml(r'(<c r="B3") s="\d+"', r'\1 s="0"'),
}


def edited(book: Path, path: Path, *edits: str) -> Path:
    """Return a copy of the workbook with edits on Results."""
    parts = Workbook(Parts.read(book.read_bytes()))
    part = parts.sheet("Results").part
    sheet = SheetXml(parts.parts[part])
    for each in edits:
        EDITS[each](sheet)
        spelt_anew(sheet)
    parts.parts[part] = sheet.written()
    path.write_bytes(parts.parts.packed())
    return path


def assert_the_same_both_ways(path: Path, which: str) -> None:
    """A run gives the same file as one that looks at every record, and the next one changes nothing more."""
    found = run(path, *RUNS[which])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(replace_rows._Sheet, "only_ours", lambda *_: False)
        expected = Workbook(Parts.read(run(path, *RUNS[which])))
    book = Workbook(Parts.read(found))
    assert {name for name in {*book.parts, *expected.parts} if book.parts[name] != expected.parts[name]} == set()
    path.write_bytes(found)
    assert run(path, *RUNS[which]) == found


@pytest.mark.parametrize("edit", EDITS)
def test_both_ways_give_the_same_file(after_a_run, tmp_path, edit):
    which = list(RUNS)[1 + list(EDITS).index(edit) % (len(RUNS) - 1)]
    assert_the_same_both_ways(edited(after_a_run, tmp_path / "book.xlsx", edit), which)


@given(st.lists(st.sampled_from(list(EDITS)), max_size=4, unique=True), st.sampled_from(list(RUNS)))
def test_both_ways_give_the_same_file_after_several_edits(after_a_run, tmp_path_factory, edits, which):
    assert_the_same_both_ways(edited(after_a_run, tmp_path_factory.mktemp("edits") / "book.xlsx", *edits), which)


def with_a_column_between(book: Path, path: Path, heading: str, *words: str) -> Path:
    """Insert a column as Excel does: it has the format of the one on its left, and what stands right of it moves."""
    at = 3
    parts = Workbook(Parts.read(book.read_bytes()))
    part = parts.sheet("Results").part
    sheet = SheetXml(parts.parts[part])
    for each, word in zip(sheet.rows.values(), (heading, *words), strict=False):
        moved = {column + (column >= at): cell for column, cell in each.opened().items()}
        inside = f"<is><t>{word}</t></is>" if word else ""
        moved[at] = Cell({"r": "", "s": str(moved[at - 1].style), **({"t": "inlineStr"} if word else {})}, inside)
        for column, cell in moved.items():
            cell.attributes["r"] = Place(each.number, column).ref
        each.cells = moved
    parts.parts[part] = sheet.written()
    (notes,), (table,) = parts.linked(part, "comments"), parts.linked(part, "table")
    there, wider = parts.parts[notes].decode(), parts.parts[table].decode().replace("F4", "G4").replace('"6"', '"7"')
    for letter, right in zip("FEDC", "GFED", strict=True):
        there = there.replace(f'ref="{letter}1"', f'ref="{right}1"')
    wider = re.sub(r'(?=<tableColumn [^>]*name="Place")', f'<tableColumn id="99" name="{heading}"/>', wider)
    parts.parts[notes], parts.parts[table] = there.encode(), wider.encode()
    path.write_bytes(parts.parts.packed())
    return path


@pytest.mark.parametrize(
    ("words", "which"),
    [*((("1a", "2b", "3c"), which) for which in RUNS), (("", "2b", ""), "the same"), (("", "", ""), "the same")],
)
def test_a_column_that_hr_put_between_ours_is_kept(after_a_run, tmp_path, words, which):
    path = with_a_column_between(after_a_run, tmp_path / "book.xlsx", "Seat", *words)
    assert_the_same_both_ways(path, which)
    there = {person: word for person, word in zip(SAME, words, strict=True) if word}
    rows = [[each.value for each in row] for row in load_workbook(path)["Results"].iter_rows(max_col=7)]
    assert rows[0][2] == "Seat"
    assert {row[0]: row[2] for row in rows[1:] if row[2]} == there


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_column_that_comes_later_is_known_at_the_next_run(after_a_run, tmp_path, lang):
    """It was added at every run, and the figures of a run before stayed in it."""
    path = shutil.copy(after_a_run, tmp_path / "book.xlsx")
    headings = []
    for more in ({"adjustment": [1.0, 2.0, 3.0]}, {"adjustment": [4.0, 5.0, 6.0]}, {}):
        path.write_bytes(run(path, SAME, lang, more))
        rows = list(load_workbook(path)["Results"].iter_rows(values_only=True))
        headings.append(rows[0])
        assert [row[-1] for row in rows[1:]] == more.get("adjustment", [None] * 3)
    assert headings[0] == headings[1] == headings[2]
    assert len(set(headings[0])) == 7


def tables(path: Path) -> dict[str, tuple[str, list, list]]:
    """Return the tables of Results with their reach, the names of their columns and the headings in the cells."""
    ws = load_workbook(path)["Results"]
    return {
        each.displayName: (each.ref, each.column_names, [cell.value for cell in ws[each.ref][0]])
        for each in ws.tables.values()
    }


@pytest.mark.parametrize("edit", ["a column beside", "a column beside without a heading", "a note beside"])
def test_a_column_that_comes_later_takes_the_place_of_nothing(after_a_run, tmp_path, edit):
    """The cells right of the table were overwritten, and a table reached over a heading that its cell did not hold."""
    path = edited(after_a_run, tmp_path / "book.xlsx", edit)
    before = {each.value for row in load_workbook(path)["Results"].iter_rows() for each in row}
    for _ in range(2):
        path.write_bytes(run(path, SAME, "en", {"adjustment": [1.0, 2.0, 3.0]}))
        assert before <= {each.value for row in load_workbook(path)["Results"].iter_rows() for each in row}
        ((_, names, headings),) = tables(path).values()
        assert names == headings


@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize("which", ["fewer people", "more people", "one more column"])
def test_a_table_of_hr_beside_ours_stays_what_it_is(after_a_run, tmp_path, first, which):
    """Where it was listed first it was taken for ours: it grew, and people stood twice on the sheet."""
    path = shutil.copy(after_a_run, tmp_path / "book.xlsx")
    workbook = load_workbook(path)
    ws = workbook["Results"]
    for row, values in enumerate((("k", "v"), ("a", 1), ("b", 2)), start=1):
        ws.cell(row, 9).value, ws.cell(row, 10).value = values
    ours = dict(ws.tables)
    own = Table(displayName="Mine", ref="I1:J3")
    for each in (own, *ours.values()) if first else (*ours.values(), own):
        ws.tables.pop(each.name, None)
        ws.add_table(each)
    workbook.save(path)
    path.write_bytes(run(path, *RUNS[which]))
    mine = tables(path).pop("Mine")
    assert mine == ("I1:J3", ["k", "v"], ["k", "v"])
    people = [row[0] for row in load_workbook(path)["Results"].iter_rows(min_row=2, values_only=True) if row[3]]
    assert sorted(people) == sorted(RUNS[which][0])
    (ref,) = [ref for name, (ref, _, _) in tables(path).items() if name != "Mine"]
    assert ref == f"A1:F{len(people) + 1}"


def test_no_note_comes_on_a_heading_of_hr(after_a_run, tmp_path):
    path = with_a_column_between(after_a_run, tmp_path / "book.xlsx", "Seat", "1a", "2b", "3c")
    path.write_bytes(run(path, SAME, "en", {"adjustment": [1.0, 2.0, 3.0]}))
    noted = {each.value: each.comment is not None for each in load_workbook(path)["Results"][1]}
    assert not noted.pop("Seat")
    assert all(noted.values())


def test_a_sheet_that_nobody_wrote_on_is_renewed_as_a_whole(after_a_run):
    """Otherwise these tests would compare one way with itself."""
    asked = []
    with pytest.MonkeyPatch.context() as patch:
        was = replace_rows._Sheet.only_ours
        patch.setattr(replace_rows._Sheet, "only_ours", lambda *how: asked.append(was(*how)) or asked[-1])
        run(after_a_run)
    assert asked == [True, True]
