"""What stands beside what HR types on Indicators: how each is scored in a sentence, and whether the weights add up."""

from dataclasses import replace

import openpyxl
import pandas as pd
import pytest
from referees import ENGINES, recalculated

import xlperf
from xlperf.core.problems import LANGUAGES
from xlperf.policy import schemes
from xlperf.policy.rules import RULES
from xlperf.schema import SHEETS, WEIGHT_CHECK
from xlperf.workbook.area import area_of
from xlperf.workbook.read.book import read_book
from xlperf.workbook.write.scheme_workbook import build
from xlperf.workbook.write.table_sheet import READABLE_WIDTH
from xlperf.workbook.write.weight_check import write_weight_check
from xlperf.xlsx.atomic_save import save_atomically

INDICATORS = SHEETS["indicators"]


def made(name, lang, tmp_path, **typed):
    """Make the workbook of a scheme, with cells of Indicators typed: by column code, the row below the heading and the value."""
    path = tmp_path / "book.xlsx"
    workbook = build(schemes.load(name).with_settings(language=lang), {}, lang)
    ws = workbook[INDICATORS.title(lang)]
    for code, (row, value) in typed.items():
        ws.cell(row + 1, place(ws, code, lang)).value = value
    save_atomically(workbook, path)
    return path


def place(ws, code, lang):
    heading = INDICATORS[code].name(lang)
    return next(cell.column for cell in ws[1] if str(cell.value).rstrip(" *") == heading)


def computed(path, lang, engine="formualizer"):
    """Return the sentences by row, and the check of weights: position → total, wanted and verdict, as another engine computes them."""
    book = openpyxl.load_workbook(path)
    title = INDICATORS.title(lang)
    ws, cells = book[title], recalculated(path, engine)[title]
    values = {cell.coordinate: cells.get(cell.coordinate, cell.value) for row in ws.iter_rows() for cell in row}
    sentences = {
        row: values[ws.cell(row, place(ws, "scored", lang)).coordinate]
        for row in range(2, ws.max_row + 1)
        if ws.cell(row, 1).value
    }
    head = next(cell for row in ws.iter_rows() for cell in row if cell.value == WEIGHT_CHECK(lang))
    rows = (
        [values[ws.cell(row, head.column + n).coordinate] for n in range(4)]
        for row in range(head.row + 2, ws.max_row + 1)
    )
    return sentences, {name: (total, to_be, said) for name, total, to_be, said in rows if name}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_indicator_says_how_it_is_scored_in_the_words_of_its_rule(lang, tmp_path):
    sentences, _ = computed(made("securities-crm", lang, tmp_path), lang)
    rules = [each.card for each in schemes.load("securities-crm").indicators]
    assert list(sentences.values()) == [rule.brief(lang) for rule in rules]


def test_the_sentence_follows_the_rule_that_hr_types(tmp_path):
    path = made("service-team", "en", tmp_path, rule=(1, RULES["pass_fail"].name.en))
    sentences, _ = computed(path, "en")
    assert sentences[2] == RULES["pass_fail"].brief.en
    assert sentences[3] == RULES["deduct_per_occurrence"].brief.en


def test_a_rule_that_is_not_known_has_no_sentence(tmp_path):
    sentences, _ = computed(made("service-team", "en", tmp_path, rule=(1, "deduct per occurence")), "en")
    assert sentences[2] == ""


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("name", "lang", "expected"),
    [
        ("service-team", "zh", {"所有岗位": (100, 100, "✓")}),
        (
            "securities-crm",
            "en",
            dict.fromkeys(["Client manager", "Head of branch", "Head-office staff"], (100, 100, "✓")),
        ),
    ],
)
def test_the_weights_of_each_position_are_added_up(name, lang, expected, tmp_path, engine):
    _, check = computed(made(name, lang, tmp_path), lang, engine)
    assert check == expected


@pytest.mark.parametrize("engine", ENGINES)
def test_a_code_with_a_sign_for_any_text_stands_for_itself_alone(tmp_path, engine):
    """Group "C*" holds one indicator of 100: the 40 of "CM" is not its own, though the pattern C* fits it."""
    scheme = schemes.load("securities-crm").with_settings(language="en")
    groups = [replace(scheme.of_level("employee")[0], group=group) for group in ("C*", "CM")]
    workbook = openpyxl.Workbook()
    area = area_of(
        [INDICATORS[code] for code in ("group", "levels", "weight", "dimension")], pd.DataFrame(index=range(2))
    )
    workbook.active.title = INDICATORS.title("en")
    workbook.active.append(["Group", "Levels", "Weight", "Dimension"])
    workbook.active.append(["C*", None, 100])
    workbook.active.append(["CM", None, 40])
    write_weight_check(workbook.active, area, replace(scheme, indicators=tuple(groups)), "en")
    path = tmp_path / "book.xlsx"
    workbook.save(path)
    totals = [value for ref, value in recalculated(path, engine)[INDICATORS.title("en")].items() if ref[0] == "G"]
    assert totals == [100, 40]


def test_a_weight_that_hr_types_shows_in_the_check_at_once(tmp_path):
    """The first indicator has 5 points; with 4 the total is 99 of 100."""
    _, check = computed(made("service-team", "en", tmp_path, weight=(1, 4)), "en")
    assert check == {"all positions": (99, 100, "✗ +1")}


def test_indicators_of_units_only_are_not_weighed_for_people(tmp_path):
    path = made("service-team", "en", tmp_path, levels=(1, "department"))
    _, check = computed(path, "en")
    assert check == {"all positions": (95, 100, "✗ +5")}


def test_shares_of_a_dimension_are_added_up_dimension_by_dimension(tmp_path):
    """Conduct 20, diligence 20, ability 30, results 30 points: as shares of a dimension each lacks the rest of 100."""
    scheme = schemes.load("service-team").with_settings(
        weight_basis="dimension", total_method="weighted", language="en"
    )
    path = tmp_path / "book.xlsx"
    save_atomically(build(scheme, {}, "en"), path)
    _, check = computed(path, "en")
    assert check == {
        "all positions · Conduct": (20, 100, "✗ +80"), "all positions · Diligence": (20, 100, "✗ +80"),
        "all positions · Ability": (30, 100, "✗ +70"), "all positions · Results": (30, 100, "✗ +70"),
    }  # fmt: skip


@pytest.mark.parametrize("name", ["service-team", "securities-crm", "blank"])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_stands_beside_is_never_read(name, lang, tmp_path):
    """Neither as columns of HR's own nor as records: the workbook says what the scheme says."""
    path = tmp_path / "book.xlsx"
    assert not xlperf.new(name, path, lang=lang).refused
    book = read_book(path)
    title = INDICATORS.title(lang)
    assert len(book.scheme.indicators) == len(schemes.load(name).indicators)
    assert not [each.code for each in book.problems if each.sheet == title]
    assert [code for code in book.scheme.table("indicators").frame if code not in INDICATORS.by_code] == []


@pytest.mark.parametrize("name", ["securities-crm", "service-team"])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_printed_can_be_read(name, lang, tmp_path):
    """The check stands right of the table: both on one page would shrink every letter to four points."""
    ws = openpyxl.load_workbook(made(name, lang, tmp_path))[INDICATORS.title(lang)]
    width = sum(each.width for each in ws.column_dimensions.values() if not each.hidden)
    assert width / ws.page_setup.fitToWidth <= READABLE_WIDTH
