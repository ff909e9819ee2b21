"""Tables as CSV: every output table, the same bytes each time, the figures of the run in full."""

import csv

import pandas as pd
import pytest
import small

import xlperf
from xlperf.reporting.output_tables import outputs
from xlperf.scoring.pipeline import appraise
from xlperf.workbook.write.csv_tables import BOM, csv_files
from xlperf.workbook.write.scheme_workbook import build
from xlperf.xlsx.atomic_save import save_atomically


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    path = tmp_path_factory.mktemp("export") / "book.xlsx"
    people = [{"employee_id": "E1", "name": '=HYPERLINK("x")'}, {"employee_id": "E2", "name": "李, 强"}]
    save_atomically(build(small.scheme(language="en"), small.tables(people), "en"), path, keep_backup=False)
    return path


def rows_of(path):
    return list(csv.DictReader(path.read_text("utf-8").removeprefix(BOM).splitlines()))


def test_every_output_table_is_a_file_with_the_figures_of_the_run(book, tmp_path):
    before = book.read_bytes()
    done = xlperf.export(book, tmp_path / "csv")
    assert not done.refused
    names = {path.name for path in done.written}
    assert {"Results.csv", "Detail.csv", "Ranking.csv", "Lists.csv", "Problems.csv", "Run.csv"} <= names
    assert book.read_bytes() == before
    # E1: on time 100 % against 80 % → 100 points × 40 %, 5 done of 4 → 100 × 30 %, rated 4 of 1–5 → 75 × 30 % = 92.5
    first, second = rows_of(tmp_path / "csv" / "Results.csv")
    assert first["Total"] == "92.5"
    assert (first["Name"], second["Name"]) == ('\'=HYPERLINK("x")', "李, 强")
    detail = rows_of(tmp_path / "csv" / "Detail.csv")
    assert {row["Actual"] for row in detail if row["Indicator"] == "On-time rate"} == {"1", "0.8"}


def test_the_same_book_gives_the_same_bytes_with_and_without_the_mark(book, tmp_path):
    one, two, plain = (tmp_path / name for name in ("one", "two", "plain"))
    for folder, bom in ((one, True), (two, True), (plain, False)):
        assert not xlperf.export(book, folder, bom=bom).refused
    for path in one.iterdir():
        assert path.read_bytes() == (two / path.name).read_bytes()
        assert path.read_bytes() == BOM.encode() + (plain / path.name).read_bytes()


def test_headings_and_words_are_those_of_the_language(book, tmp_path):
    done = xlperf.export(book, tmp_path, lang="zh")
    assert "考核结果.csv" in {path.name for path in done.written}
    assert "总分" in rows_of(tmp_path / "考核结果.csv")[0]


def test_a_file_in_the_place_of_the_folder_is_refused(book, tmp_path):
    (tmp_path / "csv").write_text("mine", "utf-8")
    done = xlperf.export(book, tmp_path / "csv")
    assert done.refused
    assert [each.code for each in done.problems] == ["file-exists"]


def test_figures_are_written_with_every_digit():
    appraisal = appraise(small.tables(), small.scheme())
    found = outputs(appraisal, "en")
    total = found["results"]["total"].iloc[0]
    thirds = found | {"results": found["results"].assign(total=total / 3)}
    text = csv_files(thirds, appraisal.scheme, "en")["Results.csv"].decode("utf-8")
    assert f"{total / 3:.15g}" in text
    assert isinstance(found["results"], pd.DataFrame)
