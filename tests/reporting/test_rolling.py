"""The next period: results become history, inputs are emptied, policy and master data stay."""

import pandas as pd
import pytest
from openpyxl import load_workbook
from own_scorecard import CHOSEN, fill
from typer.testing import CliRunner

import xlperf
from xlperf.cli import app
from xlperf.reporting.next_period import EMPTIED, OF_CLIENTS
from xlperf.scoring.pipeline import appraise
from xlperf.workbook.read.book import read_book


def run(*words):
    return CliRunner().invoke(app, list(map(str, words)))


@pytest.fixture(scope="module")
def rolled(sample_path, tmp_path_factory):
    """A workbook of October with clients, tasks and ratings, and the one of November that was made of it."""
    old, new = sample_path("account-positions", "zh"), tmp_path_factory.mktemp("rolled") / "november.xlsx"
    done = run("roll", old, new)
    assert done.exit_code == 0, done.output
    return read_book(old), read_book(new)


def test_the_period_on_home_is_the_next_one(rolled):
    old, new = rolled
    assert (old.scheme.settings.period, new.scheme.settings.period) == ("2026-10", "2026-11")
    assert "2026-11" in load_workbook(new.path)["首页"]["B3"].value


def test_the_results_are_in_the_history(rolled):
    old, new = rolled
    results = appraise(old.tables, old.scheme).results.set_index("employee_id")
    kept = new.tables["history"].frame
    kept = kept[kept["period"] == "2026-10"].set_index("employee_id")
    assert set(kept.index) == set(results.index)
    for code in ("total", "grade", "place"):
        pd.testing.assert_series_equal(
            kept[code], results[code].reindex(kept.index), check_dtype=False, check_names=False
        )
    before = old.tables["history"].frame if "history" in old.tables else kept.iloc[:0]
    assert len(new.tables["history"]) == len(kept) + len(before)


def test_what_is_typed_each_period_is_empty_and_the_rest_stays(rolled):
    old, new = rolled
    for sheet in EMPTIED:
        if sheet in new.tables and "period" in new.tables[sheet].sheet.by_code:
            assert "2026-10" not in set(new.tables[sheet]["period"])
    for sheet in ("employees", "departments", "tasks"):
        if sheet in old.tables:
            pd.testing.assert_frame_equal(old.tables[sheet].frame, new.tables[sheet].frame)
    policy = {code for code, table in old.scheme.tables.items() if code != "settings"}
    for sheet in policy:
        pd.testing.assert_frame_equal(old.scheme.tables[sheet].frame, new.scheme.tables[sheet].frame)


def test_clients_begin_with_what_they_ended_with(rolled):
    old, new = (each.tables["clients"] for each in rolled)
    assert list(old["client_id"]) == list(new["client_id"])
    closing = old["closing_assets"]
    pd.testing.assert_series_equal(
        new["opening_assets"], closing.where(closing.notna(), old["opening_assets"]), check_names=False
    )
    assert new.frame[list(OF_CLIENTS)].isna().all(axis=None)
    kept = [code for code in old.letters if code not in (*OF_CLIENTS, "opening_assets")]
    pd.testing.assert_frame_equal(old.frame[kept], new.frame[kept])
    assert not set(new.letters) - set(old.letters), "nothing computed is written among the clients"


def test_a_period_that_is_not_later_is_refused(rolled, tmp_path):
    old, _ = rolled
    done = run("roll", old.path, tmp_path / "x.xlsx", "--period", "2026-10")
    assert done.exit_code == 1
    assert not (tmp_path / "x.xlsx").exists()
    assert run("roll", old.path, old.path).exit_code == 1


def test_the_quarter_of_a_month_comes_after_it_and_then_the_next_month(rolled, tmp_path):
    old, _ = rolled
    quarter, month = tmp_path / "quarter.xlsx", tmp_path / "month.xlsx"
    assert run("roll", old.path, quarter, "--period", "2026Q4").exit_code == 0
    settings = read_book(quarter).scheme.settings
    kinds = old.scheme.settings.period_kind, settings.period_kind
    assert settings.period == "2026Q4"
    assert kinds in {("month", "quarter"), ("custom", "custom")}
    assert "2026-10" in set(read_book(quarter).tables["history"]["period"])
    assert run("roll", old.path, tmp_path / "earlier.xlsx", "--period", "2026Q3").exit_code == 1
    assert not month.exists()


def test_rows_of_the_period_that_begins_stay(tmp_path):
    path = tmp_path / "december.xlsx"
    xlperf.new("blank", path, period="2026-12", lang="zh")
    quarter = {"period": "2026Q4", "employee_id": "001", "indicator": "sales", "actual": 150}
    fill(path, CHOSEN | {"actuals": [*CHOSEN["actuals"], quarter]})
    assert not xlperf.roll(path, tmp_path / "q.xlsx", period="2026Q4").refused
    assert read_book(tmp_path / "q.xlsx").tables["actuals"]["period"].tolist() == ["2026Q4"]


def test_a_later_period_may_be_named(rolled, tmp_path):
    old, _ = rolled
    assert run("roll", old.path, tmp_path / "x.xlsx", "--period", "2027-01").exit_code == 0
    assert read_book(tmp_path / "x.xlsx").scheme.settings.period == "2027-01"
