"""A run whose inputs, policy, options, results and version are those of the last run computes and writes nothing."""

import shutil

import openpyxl
import pytest
from hypothesis import given, reject
from hypothesis import strategies as st
from typer.testing import CliRunner

import xlperf
from xlperf import engine
from xlperf.addin import macros
from xlperf.cli import app
from xlperf.core.problems import LANGUAGES
from xlperf.schema import SHEETS
from xlperf.workbook import run_mark
from xlperf.workbook.read.book import read_book
from xlperf.workbook.read.headers import sheet_titled
from xlperf.workbook.run_mark import RunOptions, left_by_run
from xlperf.workflows.appraise_book import UnchangedResult
from xlperf.xlsx.errors import CannotSave
from xlperf.xlsx.package.zip_members import Parts
from xlperf.xlsx.reader.workbook import Grid, Workbook

USUAL = RunOptions()
SAID = {"zh": "与上次运行相比没有变化", "en": "Nothing has changed since the last run"}


@pytest.fixture(scope="module")
def ran(sample_path, tmp_path_factory):
    """A workbook as a run leaves it, in each language."""
    paths = {}
    for lang in LANGUAGES:
        paths[lang] = shutil.copy(sample_path("business-evaluation", lang), tmp_path_factory.mktemp(lang) / "book.xlsx")
        assert not xlperf.run(paths[lang]).refused
    return paths


@pytest.fixture
def book(ran, tmp_path):
    return shutil.copy(ran["en"], tmp_path / "book.xlsx")


@pytest.fixture(scope="module")
def filled(ran):
    """Every filled cell on the sheets of the layout, with its value: what somebody may change."""
    sheets = openpyxl.load_workbook(ran["en"], data_only=True)
    return [
        (ws.title, cell.coordinate, cell.value)
        for ws in sheets
        if sheet_titled(ws.title)
        for row in ws.iter_rows()
        for cell in row
        if isinstance(cell.value, (str, int, float))
    ]


def by_command(*words):
    done = CliRunner().invoke(app, ["run", *map(str, words)])
    assert done.exit_code == 0, done.output
    return " ".join(done.output.split())


def typed(path, sheet, column, value):
    """Type a value into the first record of a sheet."""
    table = read_book(path).tables[sheet]
    xlperf.edit_book(path, path, {table.title: {f"{table.letters[column]}{table.rows[0]}": value}})


# Nothing has changed --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_it_says_so_and_neither_scores_nor_writes(ran, tmp_path, lang, monkeypatch):
    book = shutil.copy(ran[lang], tmp_path / "book.xlsx")
    before = book.read_bytes()
    monkeypatch.setattr("xlperf.scoring.pipeline.appraise", lambda *_: pytest.fail("it scores"))
    said = by_command(book)
    assert SAID[lang] in said
    assert "--force" in said
    assert book.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["book.xlsx"]


def test_python_is_told_too(book):
    assert isinstance(xlperf.run_if_changed(book), UnchangedResult)
    assert xlperf.run(book).sheets["results"].shape[0] == 8, "run gives the figures in any case"


def test_numbers_count_however_they_are_saved():
    def mark(title, value):
        return run_mark.mark_of([title], [Grid(title, [1], {1: [value]})], USUAL, "en")

    assert mark("Clients", 38) == mark("Clients", 38.0)
    assert mark("Results", 100.1333333333333) == mark("Results", 100.133333333333)
    assert mark("Clients", 100.1333333333333) != mark("Clients", 100.133333333333), "what HR gives counts to the end"
    assert mark("Clients", 5) != mark("Clients", "5")
    assert mark("Results", None) != mark("Results", 0)


# Something has changed ------------------------------------------------------------------------------------------------


@given(st.data())
def test_any_cell_that_somebody_changes_makes_it_run(ran, filled, tmp_path_factory, data):
    title, ref, value = data.draw(st.sampled_from(filled))
    other = data.draw(st.one_of(st.just(None), st.text("ab5", min_size=1, max_size=3), st.integers(0, 9)))
    changed = tmp_path_factory.mktemp("changed") / "book.xlsx"
    try:
        xlperf.edit_book(ran["en"], changed, {title: {ref: other}})
    except CannotSave:  # headings of Excel tables are unlike, and never blank
        reject()
    assert (left_by_run(changed, USUAL) == "en") == (other == value and type(other) is type(value))


@pytest.mark.parametrize(("sheet", "column", "value"), [("ratings", "score", 1), ("grades", "lower", 91.5)])
def test_a_changed_input_or_policy_comes_into_the_results(book, sheet, column, value):
    before = book.read_bytes()
    typed(book, sheet, column, value)
    assert SAID["en"] not in by_command(book)
    assert book.read_bytes() != before
    assert SAID["en"] in by_command(book)


def sheets_of(path):
    """Return what each sheet says, and the compressed bytes that it is kept in."""
    parts = Parts.read(path)
    with Workbook(path) as workbook:
        return {each.title: (workbook.grid(each), parts.member(each.member)) for each in workbook.sheets}


def test_one_changed_rating_rewrites_only_the_sheets_that_differ(book):
    typed(book, "ratings", "score", 1)
    before = sheets_of(book)
    xlperf.run(book)
    after = sheets_of(book)
    says_more = {title for title in after if after[title][0] != before[title][0]}
    assert "Run" in says_more
    assert len(says_more) < len(after) / 2
    assert {title for title in after if after[title][1] != before[title][1]} == says_more


def test_a_result_that_was_typed_over_or_cleared_is_restored(book):
    title = SHEETS["results"].title.en
    before = openpyxl.load_workbook(book)[title]["F2"].value
    for typed_in in (before + 1, None):
        xlperf.edit_book(book, book, {title: {"F2": typed_in}})
        by_command(book)
        assert openpyxl.load_workbook(book)[title]["F2"].value == before


def test_a_sheet_of_results_that_was_deleted_comes_back(book):
    title = SHEETS["problems"].title.en
    sheets = openpyxl.load_workbook(book)
    del sheets[title]
    sheets.save(book)
    by_command(book)
    assert title in openpyxl.load_workbook(book).sheetnames


def test_a_hidden_row_of_inputs_counts(book):
    """Rows that are hidden are told as a problem."""
    sheets = openpyxl.load_workbook(book)
    row = read_book(book).tables["ratings"].rows[0]
    sheets[SHEETS["ratings"].title.en].row_dimensions[row].hidden = True
    sheets.save(book)
    assert not left_by_run(book, USUAL)


def test_other_options_make_it_run(book):
    others = (
        RunOptions("native"),
        RunOptions(period="2026"),
        RunOptions(lang="zh"),
        RunOptions(facts={"tasks": "t.csv"}),
    )
    assert [left_by_run(book, each) for each in (RunOptions(lang="en"), *others)] == ["en", None, None, None, None]


def test_results_as_formulas_become_values_again(book):
    by_command(book, "--formulas", "native")
    assert SAID["en"] not in by_command(book)
    assert SAID["en"] in by_command(book)


def test_another_version_makes_it_run(book, monkeypatch):
    monkeypatch.setattr(run_mark, "__version__", "0.0.9")
    assert not left_by_run(book, USUAL)


def test_a_file_without_a_run_or_with_a_fault_is_left_to_the_run(sample_path, tmp_path):
    fresh = sample_path("business-evaluation", "en")
    assert not left_by_run(fresh, USUAL)
    assert not left_by_run(tmp_path / "missing.xlsx", USUAL)
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(fresh.read_bytes()[:5000])
    assert not left_by_run(broken, USUAL)
    assert xlperf.run_if_changed(broken).refused


def test_a_file_that_is_open_elsewhere_is_run_so_that_it_is_told(book):
    book.with_name("~$book.xlsx").touch()
    assert "book-open" in [each.code for each in xlperf.run_if_changed(book).problems]


# All the same ---------------------------------------------------------------------------------------------------------


def test_it_runs_all_the_same_if_asked(book, tmp_path):
    assert "Total Grade" in by_command(book, "--force")
    assert "Total Grade" in by_command(book, "--by", "Ann", "--date", "2026-11-30")
    by_command(book, "-o", tmp_path / "copy.xlsx")
    assert (tmp_path / "copy.xlsx").read_bytes() == book.read_bytes()
    assert '"results"' in by_command(book, "--json")


# In Excel -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def excel():
    apps = engine.start()
    yield apps
    apps.quit()


def pressed(apps, path, answer=None):
    """Press Run in a workbook and save it; return what was said."""
    book = apps.books.open(path)
    book.set_mock_caller()
    if answer is not None:
        engine.answer(apps, answer)
    before = len(engine.alerts(apps))
    macros.run()
    book.save(path)
    book.close()
    return "\n".join(each.prompt for each in engine.alerts(apps)[before:])


def test_the_button_and_the_command_know_each_others_runs(book, excel):
    said = pressed(excel, book, "no")
    assert "Nothing has changed since the last run" in said
    assert "The results are written" not in said
    assert "The results are written" in pressed(excel, book, "yes")
    typed(book, "ratings", "score", 1)
    assert "Nothing has changed" not in pressed(excel, book)
    assert SAID["en"] in by_command(book)
