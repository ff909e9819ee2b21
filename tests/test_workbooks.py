"""The workbooks that ship are what the code builds, and a run of each gives the results that stand in it."""

from pathlib import Path

import pytest
from openpyxl import load_workbook

from workbooks import build
from xlperf.appraisal import appraise
from xlperf.books.reading import read_book
from xlperf.books.results import write_book
from xlperf.outputs import outputs
from xlperf.schemes import as_data, load, names

ROOT = Path(__file__).parents[1]
TEMPLATES = sorted((ROOT / "templates").glob("*.xlsx"))
EXAMPLES = sorted(path for path in (ROOT / "workbooks").glob("*.xlsx") if not path.stem.startswith("mistakes"))
MISTAKES = sorted((ROOT / "workbooks").glob("mistakes-*.xlsx"))


def cells(path):
    """Return every value of a workbook by sheet and address."""
    book = load_workbook(path)
    return {
        ws.title: {cell.coordinate: cell.value for row in ws.iter_rows() for cell in row if cell.value is not None}
        for ws in book
    }


def name_of(path):
    return path.stem


def test_all_of_them_are_there():
    assert {path.stem for path in TEMPLATES} == {f"{name}-{lang}" for name in names() for lang in ("zh", "en")}
    assert {tuple(path.stem.rsplit("-", 1)) for path in EXAMPLES} == build.EXAMPLES
    assert len(MISTAKES) == 2


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_a_template_is_what_the_code_builds(path, tmp_path):
    fresh = tmp_path / path.name
    build.template(fresh, *path.stem.rsplit("-", 1))
    assert cells(fresh) == cells(path)


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_a_template_gives_its_scheme_back_unchanged(path):
    """TOML → workbook → TOML is the identity, in either language."""
    book = read_book(path)
    assert [problem.found("en") for problem in book.problems if problem.level == "error"] == []
    assert as_data(book.scheme) == as_data(load(path.stem.rsplit("-", 1)[0]))


@pytest.mark.parametrize("path", EXAMPLES, ids=name_of)
def test_a_run_of_an_example_gives_the_results_that_stand_in_it(path, tmp_path):
    book = read_book(path)
    appraisal = appraise(book.tables, book.scheme, found_before=book.problems)
    again = tmp_path / path.name
    write_book(path, again, outputs(appraisal, book.lang, book.fingerprint), appraisal.scheme, book.lang)
    assert cells(again) == cells(path)


@pytest.mark.parametrize("path", MISTAKES, ids=name_of)
def test_mistakes_get_their_messages_word_for_word(path, tmp_path):
    fresh = tmp_path / path.name
    build.mistakes(fresh, path.stem.rsplit("-", 1)[1])
    assert cells(fresh) == cells(path)
    assert fresh.with_suffix(".txt").read_text("utf-8") == path.with_suffix(".txt").read_text("utf-8")
    assert not appraise(read_book(path).tables, read_book(path).scheme, found_before=read_book(path).problems).done
