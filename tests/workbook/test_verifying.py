"""Continuous integration asks whether the results in a workbook are those that a run gives."""

import json
import shutil
from pathlib import Path

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from xlperf.cli import app
from xlperf.schema import SHEETS
from xlperf.workbook.read.book import read_book


def run(*words):
    return CliRunner().invoke(app, ["run", *map(str, words)])


@pytest.fixture(scope="module")
def fresh(sample_path, tmp_path_factory):
    """A workbook with its results."""
    path = shutil.copy(sample_path("service-team", "en"), tmp_path_factory.mktemp("verified") / "team.xlsx")
    assert run(path).exit_code == 0
    return path


@pytest.fixture
def book(fresh, tmp_path):
    return shutil.copy(fresh, tmp_path / "team.xlsx")


def changed(book, sheet, cell, value):
    workbook = load_workbook(book)
    workbook[SHEETS[sheet].title.en][cell] = value
    workbook.save(book)


def verified(book):
    before = book.read_bytes()
    done = run(book, "--verify", "--json")
    assert book.read_bytes() == before, "verifying writes nothing"
    assert [each.name for each in book.parent.iterdir()] == [book.name]
    return done.exit_code, done.output


def test_fresh_results_pass(book):
    code, told = verified(book)
    assert (code, json.loads(told)["stale"]) == (0, [])


@pytest.mark.slow
def test_results_pass_after_another_programme_has_saved_them(book):
    load_workbook(book).save(book)
    assert verified(book)[0] == 0


def test_a_result_changed_by_hand_is_found_with_its_cell(book):
    changed(book, "results", "F2", 12)
    code, told = verified(book)
    assert code == 1
    assert "F2" in told
    assert "12" in told


def test_an_input_changed_after_the_run_makes_the_results_stale(book):
    table = read_book(book).tables["adjustments"]
    changed(book, "adjustments", f"{table.letters['points']}{table.rows[0]}", 9)
    code, told = verified(book)
    assert code == 1
    assert "Results" in told


def test_a_missing_sheet_of_results_is_found(book):
    workbook = load_workbook(book)
    del workbook["Ranking"]
    workbook.save(book)
    code, told = verified(book)
    assert code == 1
    assert "Ranking" in told


def test_it_is_said_in_words(book):
    assert "are those that a run gives" in run(book, "--verify").output


def test_it_is_said_in_chinese():
    path = Path(__file__).parents[2] / "workbooks" / "service-team-zh.xlsx"
    assert "与现在计算的一致" in run(path, "--verify").output
