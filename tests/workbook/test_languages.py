"""A workbook speaks one language: on no sheet of any scheme does the other one show in what xlperf itself says."""

import re

import pytest
from languages import by_turns
from openpyxl.utils import get_column_letter

from xlperf.policy import schemes
from xlperf.reporting.output_tables import outputs
from xlperf.samples import sample, sample_period
from xlperf.schema import RULES_TITLE, SHEETS
from xlperf.schema.settings import SETTINGS
from xlperf.scoring.pipeline import appraise
from xlperf.workbook.write.results import write_results
from xlperf.workbook.write.scheme_workbook import build

CHINESE = re.compile(r"[\u4e00-\u9fff]")
ENGLISH = re.compile(r"[A-Za-z]{3,}")
BOTH = ("name", "basis")  # settings: the name that the scheme has in Chinese, and what it is based on
HOME, RUN = SHEETS["settings"].title.en, SHEETS["run"].title.en
OWN = {"sector", "product"}  # columns that the sales pipeline adds as HR would


def finished(name, lang):
    """Make the workbook of a scheme with its sample data and results."""
    scheme = schemes.load(name)
    if scheme.is_blank:
        return build(scheme.with_settings(language=lang), {}, lang)
    period = sample_period(scheme)
    scheme, tables = scheme.with_settings(language=lang, period=period.code), sample(name, period, lang)
    workbook, appraisal = build(scheme, tables, lang), appraise(tables, scheme)
    write_results(workbook, outputs(appraisal, lang), scheme, lang)
    return workbook


def seen(workbook):
    """Yield the sheet, the cell and the texts of every cell that one sees, its note among them."""
    for ws in (each for each in workbook.worksheets if each.sheet_state == "visible"):
        for row in ws.iter_rows():
            for cell in row:
                if not ws.column_dimensions[get_column_letter(cell.column)].hidden:
                    note = getattr(cell, "comment", None)
                    yield ws, cell, [each for each in (cell.value, note and note.text) if isinstance(each, str)]


def beside(ws, cell):
    """Return what stands left of a cell: the name of a setting, or the item of the run record."""
    return ws.cell(cell.row, cell.column - 1).value if cell.column > 1 else None


@pytest.mark.parametrize("pair", by_turns([*schemes.names(), "blank"], every=16))
def test_an_english_workbook_shows_no_chinese_of_ours(pair):
    name, _ = pair
    said_in_chinese = {SETTINGS[each].name.en for each in BOTH}
    for ws, cell, texts in seen(finished(name, "en")):
        if ws.title in (HOME, RUN) and beside(ws, cell) in said_in_chinese:
            continue
        if ws.title == RULES_TITLE.en and ws.cell(1, cell.column).value == "Source":
            continue  # names what a rule was found in
        assert not [each for each in texts if CHINESE.search(each)], (ws.title, cell.coordinate)


@pytest.mark.parametrize("pair", by_turns([*schemes.names(), "blank"], every=16))
def test_a_chinese_workbook_has_chinese_headings_and_no_english_beside_a_chinese_text(pair):
    name, _ = pair
    workbook = finished(name, "zh")
    english = {each.name.zh for sheet in SHEETS.values() for each in sheet if f"{each.code}".endswith("_en")}
    for ws in (each for each in workbook.worksheets[1:] if each.sheet_state == "visible"):
        for cell in ws[1]:
            if isinstance(cell.value, str) and not ws.column_dimensions[get_column_letter(cell.column)].hidden:
                assert not ENGLISH.search(cell.value) or cell.value in OWN, (ws.title, cell.value)
                assert cell.value not in english, (ws.title, cell.value)


@pytest.mark.parametrize(("lang", "name"), [("en", "Blank scheme"), ("zh", "空白方案")])
def test_a_blank_scheme_has_one_name_in_the_language_of_the_workbook(lang, name):
    home = build(schemes.load("blank").with_settings(language=lang), {}, lang).worksheets[0]
    texts = [cell.value for row in home.iter_rows() for cell in row if isinstance(cell.value, str)]
    other = {"en": "空白方案", "zh": "Blank scheme"}[lang]
    assert name in texts
    assert other not in texts
