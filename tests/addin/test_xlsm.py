"""The macro workbook as a file: whole, reproducible, and the same workbook as the one without macros."""

import io
import subprocess
import sys
import warnings
import zipfile
from pathlib import Path

import pytest
import xlwings
from lxml import etree
from openpyxl import load_workbook
from pyopenvba.cfb import CFB
from pyopenvba.vba import parse_vba_project

from tests.vba import package
from workbooks import build as workbooks
from xlperf.binding import xlwings_conf as conf
from xlperf.binding.actions import ACTIONS
from xlperf.binding.build import (
    add_in,
    is_macro_workbook,
    macro_workbook,
    modules,
    own_text,
    ribbon_language,
    with_macros,
)
from xlperf.binding.functions import functions
from xlperf.binding.home_buttons import put_buttons
from xlperf.binding.ribbon import CALLBACK, EDITIONS
from xlperf.binding.vba_project import Module, faults_of, modules_of, with_modules
from xlperf.binding.vba_wrappers import wrapper
from xlperf.core.problems import LANGUAGES, has_errors
from xlperf.policy.schemes import load
from xlperf.workbook.read.book import read_book
from xlperf.workbook.write.scheme_workbook import build
from xlperf.xlsx.package.opc import Workbook
from xlperf.xlsx.package.zip_members import Parts

ROOT = Path(__file__).parents[2]
MACRO_TEMPLATES = sorted((ROOT / "templates").glob("*.xlsm"))
EXCEL_CONTROLS = {  # in each list of Microsoft from 2013 to 365: OfficeDev/office-fluent-ui-command-identifiers
    *("CalculateNow", "ErrorChecking", "FileSendAsAttachment", "FormControlCheckBox", "GetExternalDataFromText"),
    *("Help", "HyperlinkInsert", "PasteValues", "SheetInsert", "TracePrecedents"),
    *("FileNew", "FileNewDefault", "FilePrint", "GetExternalDataFromOtherSources", "RefreshAll", "TableInsertExcel"),
    *("FileEmailAsPdfEmailAttachment", "ReviewNewComment", "SortDialog", "ViewSideBySide", "WhatIfAnalysisMenu"),
}
STRICT = etree.XMLParser(resolve_entities=False, no_network=True, recover=False)
SHAPE = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}sp"
OFFSET = "{http://schemas.openxmlformats.org/drawingml/2006/main}off"
TEXT = "{http://schemas.openxmlformats.org/drawingml/2006/main}t"


def parts_of(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def buttons_of(data):
    """The label of each button on Home, by the macro that it runs."""
    home = Workbook(Parts.read(data))
    drawing = next(home.linked(home.sheets[0].part, "drawing"))
    shapes = etree.fromstring(parts_of(data)[drawing]).iter(SHAPE)
    return {shape.get("macro"): shape.find(f".//{TEXT}").text for shape in shapes}


def ribbon_of(data, part="customUI/customUI14.xml"):
    return [dict(each.attrib) for each in etree.fromstring(parts_of(data)[part]).iter() if "onAction" in each.attrib]


# The file -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_part_is_well_formed_and_declared(lang):
    parts = parts_of(package(lang))
    types = etree.fromstring(parts["[Content_Types].xml"])
    defaults = {each.get("Extension") for each in types if each.get("Extension")}
    declared = {each.get("PartName") for each in types if each.get("PartName")}
    assert {name.lstrip("/") for name in declared} <= parts.keys()
    for name, data in parts.items():
        if name.endswith((".xml", ".rels", ".vml")):
            etree.fromstring(data, STRICT)
        assert f"/{name}" in declared or name.rpartition(".")[2] in defaults, name


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_link_leads_to_a_part(lang):
    book = Workbook(Parts.read(package(lang)))
    parts = parts_of(package(lang))
    for name in parts:
        if name.endswith(".rels"):
            folder, _, file = name.rpartition("_rels/")
            owner = folder + file.removesuffix(".rels")
            assert [each.target for each in book.links(owner) if not each.external and each.target not in parts] == []


def test_a_drawing_stands_where_the_schema_wants_it():
    book = Workbook(Parts.read(package("en")))
    order = [etree.QName(each).localname for each in etree.fromstring(book.parts[book.sheets[0].part])]
    later = [name for name in ("legacyDrawing", "tableParts", "extLst") if name in order]
    assert all(order.index("drawing") < order.index(name) for name in later)
    assert all(order.index(name) < order.index("drawing") for name in ("sheetData", "pageMargins", "pageSetup"))


def test_two_builds_are_equal_to_the_byte():
    scheme = load("service-team")
    again = macro_workbook(build(scheme.with_settings(language="zh"), {}, "zh"), "zh")
    assert again == package("zh")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_it_is_the_same_workbook_as_the_one_without_macros(tmp_path, lang):
    path = tmp_path / "book.xlsm"
    path.write_bytes(package(lang))
    plain = build(load("service-team").with_settings(language=lang), {}, lang)
    plain.save(tmp_path / "plain.xlsx")
    with_macros, without = read_book(path), read_book(tmp_path / "plain.xlsx")
    assert with_macros.fingerprint == without.fingerprint
    assert [each.code for each in with_macros.problems] == [each.code for each in without.problems]
    assert not has_errors(with_macros.problems)
    assert with_macros.sheets == (*without.sheets, conf.TITLE)


def test_nothing_is_recalculated_on_opening():
    root = etree.fromstring(parts_of(package("en"))["xl/workbook.xml"])
    calculation = next(each for each in root if etree.QName(each).localname == "calcPr")
    assert calculation.get("fullCalcOnLoad", "0") in ("0", "false")
    assert int(calculation.get("calcId")) >= 191029


def test_every_sheet_has_a_code_name_and_a_module_of_that_name():
    book = Workbook(Parts.read(package("en")))
    sheets = [etree.fromstring(book.parts[each.part]).find(f"{{{book.namespace}}}sheetPr") for each in book.sheets]
    names = [each.get("codeName") for each in (book.root.find(f"{{{book.namespace}}}workbookPr"), *sheets)]
    assert None not in names
    assert set(names) <= modules_of(package("en")).keys()


# VBA ------------------------------------------------------------------------------------------------------------------


def test_an_independent_reader_finds_every_module_whole():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it calls pyparsing by old names
        from oletools.olevba import VBA_Parser
    with_vba = VBA_Parser("book.xlsm", data=package("zh"))
    found = {name.rpartition(".")[0]: text for _, _, name, text in with_vba.extract_macros()}
    with_vba.close()
    for module in modules():
        body = module.lines.partition("Option Explicit")[2] or module.lines
        assert body.strip() in found[module.name].replace("\r\n", "\n").replace("\n", "\r\n")


@pytest.mark.slow
def test_a_static_analyser_finds_no_error(tmp_path):
    path = tmp_path / "book.xlsm"
    path.write_bytes(package("zh"))
    done = subprocess.run(
        [sys.executable, "-m", "pyvbaanalysis", "--fail-level", "error", str(path)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout


def test_the_project_fits_together():
    assert faults_of(package("zh")) == []
    assert faults_of(package("en")) == []


def test_vba_is_plain_ascii():
    """Excel reads VBA in the character set of the computer; only ASCII is the same everywhere."""
    for module in modules():
        assert module.name in ("xlwings", "Dictionary") or module.text.isascii(), module.name
        assert max(len(line) for line in module.lines.splitlines()) < 1023


def storage_of(data):
    return CFB.from_bytes(parts_of(data)["xl/vbaProject.bin"])


def test_no_compiled_code_of_another_version_is_inside():
    """Every version of Excel compiles anew; what another one has compiled is left out: MS-OVBA 2.3.4.1 and 2.3.4.3."""
    storage = storage_of(package("en"))
    assert storage.get_stream_in_storage("VBA", "_VBA_PROJECT").hex() == "cc61ffff000100"
    for module in parse_vba_project(storage).modules:
        stream = storage.get_stream_in_storage("VBA", module.stream_name)
        assert (module.text_offset, stream[0]) == (0, 1), module.name  # 1 begins compressed text
    assert [name for name in storage.list_streams_in_storage("VBA") if name.startswith("__SRP")] == []


def test_what_lies_beside_a_workbook_or_in_that_of_others_is_never_run():
    """Settings of a folder, of the active workbook where the add-in is asked, and modules of the current folder."""
    for text in ({each.name: each.text for each in modules(kind)}["xlwings"] for kind in (False, True)):
        config = text.partition("Function GetConfig(")[2].partition("End Function")[0]
        assert "If FileExists(GetDirectoryConfigFilePath())" not in config
        assert "ActiveWorkbook, PROJECT_NAME" not in config
        assert "GetConfigFilePath()" in config  # the settings of the user
        starts = [line for line in text.splitlines() if ' -c ""' in line]
        assert len(starts) == 2
        assert all(" -B -P -c " in line for line in starts)


@pytest.mark.parametrize("code", ["CeClasseur", "DieseArbeitsmappe", "Рабочая"])
def test_the_code_of_the_workbook_is_found_under_any_name(sample_path, code):
    """A new project takes the name of the file, whatever language of Excel gave it; renewing finds it again."""
    book = Workbook(Parts.read(sample_path("business-evaluation", "en").read_bytes()))
    properties = next(each for each in book.root if etree.QName(each).localname == "workbookPr")
    properties.set("codeName", code)
    book.store()
    made = with_macros(book.parts.packed(), "en")
    texts = modules_of(made)
    assert "Workbook_Open" in texts[code]
    assert "ThisWorkbook" not in texts
    assert with_macros(made, "en") == made
    spoiled = with_modules(made, [Module("ThisWorkbook", own_text("ThisWorkbook.cls"), "class")])
    assert "ThisWorkbook" not in modules_of(with_macros(spoiled, "en"))


def test_only_one_module_knows_xlwings():
    words = ("XLPy", "RunPython", "GetConfig", "FileExists")
    knows = {each.name for each in modules() if any(f"{word}" in each.text for word in words)}
    assert knows == {"xlwings", "PerfBridge"}


def test_xlwings_is_the_one_installed_with_its_licence():
    texts = {each.name: each.text for each in modules()}
    assert f'XLWINGS_VERSION As String = "{xlwings.__version__}"' in texts["xlwings"]
    assert 'PROJECT_NAME As String = "xlperf"' in texts["xlwings"]
    assert "Redistributions of source code must retain the above copyright notice" in texts["xlwings"]
    assert "(c) Tim Hall" in texts["Dictionary"]


def test_the_part_of_xlwings_that_is_not_free_is_not_there():
    names = {each.name for each in modules()}
    assert not names & {"Remote", "License", "WebHelpers"}
    assert not [each.name for each in modules() if each.name != "xlwings" and "xlwings.pro" in each.text]


def test_an_older_workbook_gets_the_newer_buttons_to_the_right_of_its_own():
    """It had two buttons, which HR has moved: ours follow on their line, and those stay where they are."""
    older = Workbook(Parts.read(package("en")))
    home = older.sheets[0].part
    drawing = next(older.linked(home, "drawing"))
    root = etree.fromstring(older.parts[drawing])
    kept, moved, *newer = root
    for each in newer:
        root.remove(each)
    places = [next(each.iter(OFFSET)) for each in (kept, moved)]
    places[1].set("x", "5000000")
    places[1].set("y", "2000000")
    older.parts[drawing] = etree.tostring(root)
    put_buttons(older, home, "en")
    shapes = {shape.get("macro"): shape for shape in etree.fromstring(older.parts[drawing]).iter(SHAPE)}
    assert [*shapes] == [*buttons_of(package("en"))]
    offsets = [next(shape.iter(OFFSET)) for shape in shapes.values()]
    assert [(each.get("x"), each.get("y")) for each in offsets[:2]] == [
        (places[0].get("x"), places[0].get("y")), ("5000000", "2000000"),
    ]  # fmt: skip
    assert {each.get("y") for each in offsets[2:]} == {"2000000"}
    # a button is 76 points wide and 8 points apart from the next: 5,000,000 + 84 × 12,700
    assert [int(each.get("x")) for each in offsets[2:4]] == [5_000_000 + 84 * 12_700, 5_000_000 + 168 * 12_700]


# Ribbon and buttons ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("part", [part for part, _, _ in EDITIONS])
def test_the_ribbon_has_every_button_in_the_ribbon_language_the_workbook(lang, part):
    buttons = ribbon_of(package(lang), part)
    assert {each["tag"]: each["label"] for each in buttons} == {each.macro: each.label(lang) for each in ACTIONS}
    assert {each["onAction"] for each in buttons} == {CALLBACK}
    assert {each["imageMso"] for each in buttons} <= EXCEL_CONTROLS
    assert len({each["id"] for each in buttons}) == len(ACTIONS)
    assert f"Public Sub {CALLBACK}(control As Object)" in modules_of(package(lang))["PerfMacros"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_buttons_on_home_run_macros_that_exist(lang):
    source = modules_of(package(lang))["PerfMacros"]
    shown = {f"[0]!{each.procedure}": each.label(lang) for each in ACTIONS if each.on_home}
    assert buttons_of(package(lang)) == shown
    for each in ACTIONS:
        assert f"Public Sub {each.procedure}()" in source


@pytest.mark.parametrize("lang", LANGUAGES)
def test_home_speaks_of_buttons_and_not_of_the_terminal(tmp_path, lang):
    path = tmp_path / "book.xlsm"
    path.write_bytes(package(lang))
    home = load_workbook(path).worksheets[0]
    words = " ".join(str(cell.value) for row in home.iter_rows(max_row=12) for cell in row)
    assert "xlperf " not in words
    assert all(each.label(lang) in words for each in ACTIONS if each.macro in ("check", "run", "publish", "new_period"))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_hidden_sheet_holds_the_texts_of_every_function(tmp_path, lang):
    path = tmp_path / "book.xlsm"
    path.write_bytes(package(lang))
    ws = load_workbook(path)[conf.TITLE]
    assert ws.sheet_state == "veryHidden"
    assert [ws["A1"].value, ws["B1"].value, ws["A2"].value] == ["ADD_WORKBOOK_TO_PYTHONPATH", "False", None]
    names = [
        row[0] for row in ws.iter_rows(min_row=2, min_col=conf.FUNCTIONS, max_col=conf.FUNCTIONS, values_only=True)
    ]
    assert [name for name in names if name] == list(functions())
    assert ribbon_language(package(lang)) == lang


# What ships -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", MACRO_TEMPLATES, ids=lambda path: path.stem)
@pytest.mark.slow
def test_a_macro_template_is_what_the_code_builds(path, tmp_path):
    name, lang = path.stem.rsplit("-", 1)
    fresh = tmp_path / path.name
    workbooks.macro_template(fresh, name, lang)
    old, new = path.read_bytes(), fresh.read_bytes()
    assert modules_of(old) == modules_of(new)
    assert (buttons_of(old), ribbon_of(old)) == (buttons_of(new), ribbon_of(new))
    assert read_book(path).fingerprint == read_book(fresh).fingerprint


def test_the_texts_of_vba_and_ribbon_that_ship_are_those_in_the_workbooks(tmp_path):
    workbooks.source_texts(tmp_path)
    shipped, by_hand = ROOT / "templates" / "source", ROOT / "xlperf" / "binding" / "vba"
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == {
        each.name: each.read_bytes() for each in shipped.iterdir()
    }
    texts = {each.stem: each.read_text("utf-8") for folder in (shipped, by_hand) for each in folder.glob("*.[bc]*s")}
    assert {each.name: each.text.splitlines() for each in modules() if each.kind != "document"} == {
        name: text.splitlines() for name, text in texts.items() if name != "ThisWorkbook"
    }
    assert {path.stem for path in MACRO_TEMPLATES} == {
        f"{name}-{lang}" for name in workbooks.MACRO_TEMPLATES for lang in LANGUAGES
    }


# Renewing -------------------------------------------------------------------------------------------------------------


def test_renewing_changes_nothing_where_nothing_is_old():
    assert with_macros(package("zh"), "zh") == package("zh")


def test_an_old_workbook_is_renewed_and_keeps_what_its_owner_wrote():
    mine = Module("Mine", "Public Function Twice(x)\n    Twice = 2 * x\nEnd Function\n")
    opening = Module("ThisWorkbook", "Private Sub Workbook_Open()\n    PerfOpen\n    Beep\nEnd Sub\n", "document")
    xlwings_of_old = next(each for each in modules() if each.name == "xlwings").text.replace(
        xlwings.__version__, "0.30.0"
    )
    gone = modules_of(package("zh"))["PerfFunctions"].replace("PERF_ROUND", "PERF_ROUGH")
    old = with_modules(package("zh"), [mine, opening, Module("xlwings", xlwings_of_old), Module("PerfFunctions", gone)])
    assert "0.30.0" in modules_of(old)["xlwings"]

    new = with_macros(old, "zh")
    texts = modules_of(new)
    assert "0.30.0" not in texts["xlwings"]
    assert "PERF_ROUGH" not in texts["PerfFunctions"]
    assert "Twice = 2 * x" in texts["Mine"]
    assert "Beep" in texts["ThisWorkbook"]
    assert faults_of(new) == []
    before, after = parts_of(old), parts_of(new)
    assert {name for name in before if before[name] != after[name]} == {"xl/vbaProject.bin"}


def test_renewing_in_another_language_changes_words_only():
    turned = with_macros(package("zh"), "en")
    assert ribbon_language(turned) == "en"
    assert buttons_of(turned) == buttons_of(package("en"))
    assert ribbon_of(turned) == ribbon_of(package("en"))
    before, after = parts_of(package("zh")), parts_of(turned)
    changed = {name for name in before if before[name] != after[name]}
    assert len(changed) == 4, changed  # the drawing, two editions of the ribbon, and the hidden sheet
    assert with_macros(turned, "zh") == package("zh")


def test_every_wrapper_is_in_the_workbook():
    source = modules_of(package("en"))["PerfFunctions"].replace("\r\n", "\n")
    assert all(wrapper(each) in source for each in functions().values())


# Add-in ---------------------------------------------------------------------------------------------------------------


def test_the_add_in_has_the_functions_and_a_ribbon_of_its_own():
    data = add_in("en")
    parts = parts_of(data)
    assert b"addin.macroEnabled.main+xml" in parts["[Content_Types].xml"]
    assert data == add_in("en")
    assert {each["tag"] for each in ribbon_of(data)} == {each.macro for each in ACTIONS}
    assert {each["id"] for each in ribbon_of(data)}.isdisjoint(each["id"] for each in ribbon_of(package("en")))
    assert {"PerfFunctions", "PerfBridge", "PerfMacros"} <= modules_of(data).keys()
    assert "ActiveWorkbook.Name" in modules_of(data)["xlwings"]
    assert is_macro_workbook(data)
    assert with_macros(data, "zh") == add_in("zh")
    assert faults_of(data) == []
