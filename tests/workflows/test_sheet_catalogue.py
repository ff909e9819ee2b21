"""The catalogue of sheets, and sheets that are added to a workbook."""

import json
import zipfile
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner

import xlperf
from xlperf.cli import app
from xlperf.core.problems import LANGUAGES
from xlperf.schema import LOGS, SHEETS, sheets_of
from xlperf.schema.settings import SETTINGS
from xlperf.workbook.sheet_reference import markdown


def call(*words, status=0):
    done = CliRunner().invoke(app, [str(each) for each in words])
    assert done.exit_code == status, done.output
    return done.output


@pytest.fixture(scope="module")
def blanks(tmp_path_factory):
    folder = tmp_path_factory.mktemp("blank")
    made = {lang: folder / f"{lang}.xlsx" for lang in LANGUAGES}
    for lang, path in made.items():
        xlperf.new("blank", path, lang=lang, period="2026-10")
    return made


@pytest.fixture
def book(blanks, tmp_path):
    path = tmp_path / "book.xlsx"
    path.write_bytes(blanks["en"].read_bytes())
    return path


def titles(path):
    return openpyxl.load_workbook(path, read_only=True).sheetnames


def test_the_catalogue_says_of_every_sheet_and_column_what_it_is_for_in_both_languages():
    catalogue = json.loads(call("sheets", "--json"))
    assert [each["sheet"] for each in catalogue] == list(SHEETS)
    for sheet in catalogue:
        assert all(sheet["about"][lang] and sheet["title"][lang] for lang in LANGUAGES)
        assert [each["column"] for each in sheet["columns"]] == list(SHEETS[sheet["sheet"]].by_code)
        for column in sheet["columns"]:
            assert all(column["about"][lang] and column["heading"][lang] for lang in LANGUAGES), column


def test_the_page_of_the_documentation_is_up_to_date():
    assert (Path(__file__).parents[2] / "docs" / "sheets.md").read_text("utf-8") == markdown()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_one_sheet_is_found_by_any_name_and_told_column_by_column(lang):
    for name in ("raters", *SHEETS["raters"].title):
        said = call("sheets", name, "--lang", lang)
        assert all(column.code in said and column.name(lang) in said for column in SHEETS["raters"])
    assert "raters" in call("sheets", "raterz", "--lang", lang, status=1)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_catalogue_lists_every_setting_of_home_with_what_it_may_hold(lang):
    said = "".join(call("sheets", "home", "--lang", lang).split())
    (home,) = json.loads(call("sheets", "home", "--json"))
    assert [each["setting"] for each in home["settings"]] == list(SETTINGS)
    page = markdown()
    for setting in SETTINGS.values():
        assert "".join(setting.name(lang).split()) in said
        assert f"`{setting.code}` | {setting.name.en}" in page
        assert all(word(lang) in page for word in (setting.vocabulary.values() if setting.words else ()))
    assert "0%to45%" in said or "0%到45%" in said


@pytest.mark.parametrize(
    ("lang", "name", "value"),
    [("en", "Figures of places", "percent rank, percentile"), ("zh", "名次指标", "百分比排名、百分位")],
)
def test_a_setting_is_added_by_typing_its_name_below_the_last_one_on_home(blanks, tmp_path, lang, name, value):
    path = tmp_path / "book.xlsx"
    workbook = openpyxl.load_workbook(blanks[lang])
    home = workbook[SHEETS["settings"].title(lang)]
    last = max(cell.row for cell in home["B"] if cell.value)
    home.cell(last + 1, 2).value, home.cell(last + 1, 3).value = name, value
    workbook.save(path)
    assert xlperf.read_book(path).scheme.settings.place_figures == ("percent_rank", "percentile")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_sheet_can_be_added_and_stands_in_the_order_of_work(blanks, tmp_path, lang):
    path = tmp_path / "book.xlsx"
    wanted = [sheet.code for role in ("policy", "input") for sheet in sheets_of(role) if sheet.code not in LOGS]
    done = xlperf.add(blanks[lang], reversed(wanted), path)
    assert not done.refused
    assert set(done.added) | set(done.there) == {SHEETS[code].title(lang) for code in wanted}
    known = {SHEETS[code].title(lang): code for code in wanted}
    assert [known[title] for title in titles(path) if title in known] == wanted
    found = xlperf.read_book(path)
    assert not [each for each in found.problems if each.level != "note"], [each.found("en") for each in found.problems]
    assert list(found.tables) == wanted


def test_nothing_else_of_the_workbook_changes(book):
    before = zipfile.ZipFile(book)
    kept = {name: before.read(name) for name in before.namelist() if name.startswith("xl/worksheets/sheet")}
    done = xlperf.add(book, "Departments")
    assert done.added == ("Departments",)
    assert book.with_name("book.backup.xlsx").exists()
    after = zipfile.ZipFile(book)
    home = "xl/worksheets/sheet1.xml"  # gets a link
    assert {name for name, content in kept.items() if after.read(name) != content} == {home}


def test_home_leads_to_a_sheet_that_was_added(book):
    xlperf.add(book, ["raters", "Departments"])
    home = openpyxl.load_workbook(book)["Home"]
    linked = {cell.value: cell for row in home.iter_rows() for cell in row if cell.hyperlink}
    assert linked["Raters"].hyperlink.location == "'Raters'!A1"
    assert linked["Raters"].column == linked["Employees"].column or linked["Raters"].column == linked["Grades"].column
    assert "Departments" in linked


def test_settings_that_a_sheet_needs_come_with_it(book):
    assert xlperf.read_book(book).scheme.table("settings")["setting"].eq("rater_order").sum() == 0
    xlperf.add(book, ["raters"])
    table = xlperf.read_book(book).scheme.table("settings")
    assert table["setting"].tolist()[-5:] == ["rater_order", "small_group", "trim_from", "leniency", "leniency_from"]
    assert table["setting"].is_unique


def test_a_sheet_that_is_there_is_told_and_nothing_is_written(book):
    before = book.read_bytes()
    done = xlperf.add(book, ["员工", "ratings"])
    assert [each.code for each in done.problems] == ["sheet-there", "sheet-there"]
    assert (done.added, done.written) == ((), ())
    assert book.read_bytes() == before
    assert json.loads(call("add", book, "ratings", "--json"))["there"] == ["Ratings"]


@pytest.mark.parametrize(
    ("name", "code"), [("Results", "sheet-computed"), ("考核结果", "sheet-computed"), ("Taskz", "no-such-sheet")]
)
def test_a_sheet_that_cannot_be_added_is_refused(book, name, code):
    before = book.read_bytes()
    done = xlperf.add(book, ["raters", name])
    assert done.refused
    assert [each.code for each in done.problems] == [code]
    assert book.read_bytes() == before


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_command_says_what_it_added(blanks, tmp_path, lang):
    out = tmp_path / "out.xlsx"
    said = call("add", blanks[lang], "raters", "-o", out, "--lang", lang)
    assert SHEETS["raters"].title(lang) in said
    assert SHEETS["raters"].title(lang) in titles(out)
