"""A year of real sales, from CSV files to scores: every figure of every agent is computed again with plain pandas."""

import json

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from xlperf.cli import app
from xlperf.reporting.output_tables import outputs
from xlperf.scoring.pipeline import appraise
from xlperf.workbook.read.book import read_book

QUARTERS = {
    "2017Q2": ("2017-04-01", "2017-06-30"),
    "2017Q3": ("2017-07-01", "2017-09-30"),
    "2017Q4": ("2017-10-01", "2017-12-31"),
}


def call(*words):
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture(scope="module")
def book(real_data, tmp_path_factory):
    """The four files imported by the command line into a workbook of the sales scheme."""
    path = tmp_path_factory.mktemp("sales") / "sales.xlsx"
    folder = real_data / "maven_crm"
    call("new", "sales-pipeline", path, "--lang", "en", "--period", "2017Q3")
    call("import", path, *(folder / f"{name}.csv" for name in ("accounts", "sales_teams", "sales_pipeline")))
    return path


@pytest.fixture(scope="module")
def read(book):
    return read_book(book)


def by_hand(folder, start, end):
    """The five figures of each agent, straight from the CSV files."""
    deals = pd.read_csv(
        folder / "sales_pipeline.csv", parse_dates=["engage_date", "close_date"], date_format="%m/%d/%Y"
    )
    agents = pd.read_csv(folder / "sales_teams.csv")["sales_agent"].sort_values()
    start, end = pd.Timestamp(start), pd.Timestamp(end)
    closed = deals[deals["close_date"].between(start, end) & deals["deal_stage"].isin(["Won", "Lost"])]
    won = closed[closed["deal_stage"] == "Won"]
    at_end = deals[(deals["engage_date"] <= end) & ~(deals["close_date"] <= end)]
    late = at_end[at_end["engage_date"] < end - pd.Timedelta(days=120)]
    count = {name: frame.groupby("sales_agent").size().reindex(agents) for name, frame in
             {"won": won, "closed": closed, "open": at_end, "late": late}.items()}  # fmt: skip
    days = (won["close_date"] - won["engage_date"]).dt.days.groupby(won["sales_agent"]).mean()
    return pd.DataFrame(
        {
            "won_deals": count["won"].fillna(0),
            "win_rate": count["won"].fillna(0) / count["closed"],
            "revenue": won.groupby("sales_agent")["close_value"].sum().reindex(agents).fillna(0.0),
            "days_to_close": days.reindex(agents),
            "stale_deals": count["late"].fillna(0) / count["open"],
        }
    )


@pytest.mark.parametrize("quarter", QUARTERS)
def test_every_figure_of_every_agent_is_what_pandas_says(read, real_data, quarter):
    appraisal = appraise(read.tables, read.scheme, quarter)
    assert appraisal.done, [problem.found("en") for problem in appraisal.problems]
    detail = outputs(appraisal, "en")["detail"].pivot(index="employee_id", columns="indicator", values="actual")
    expected = by_hand(real_data / "maven_crm", *QUARTERS[quarter])
    assert detail.index.tolist() == expected.index.tolist()
    for column in expected:
        assert np.allclose(detail[column], expected[column], rtol=1e-12, equal_nan=True), column


@pytest.mark.parametrize("quarter", QUARTERS)
def test_all_35_agents_are_scored_and_ranked_by_office(book, quarter):
    run = json.loads(call("run", book, "--period", quarter, "--json", "-o", book.with_name(f"{quarter}.xlsx")))
    results = pd.DataFrame(run["results"])
    assert len(results) == 35
    assert results.groupby("pool")["employee_id"].count().to_dict() == {"Central": 11, "East": 12, "West": 12}
    best = results.sort_values("total", ascending=False).groupby("pool").head(1)
    assert (best["place"] == 1).all()


def test_agents_without_a_single_deal_are_listed(read):
    """Five agents have no opportunity at all: their counts are 0, their ratios do not apply."""
    appraisal = appraise(read.tables, read.scheme)
    listed = next(problem for problem in appraisal.problems if problem.code == "no-facts" and problem.sheet == "Tasks")
    assert listed.details["count"] == 5
    idle = set(read.tables["employees"]["employee_id"]) - set(read.tables["tasks"]["owner_id"])
    assert all(name in listed.found("en") for name in idle)
    detail = outputs(appraisal, "en")["detail"].set_index(["employee_id", "indicator"])
    for name in idle:
        assert detail.loc[(name, "won_deals"), "actual"] == 0
        assert detail.loc[(name, "win_rate"), "fact_status"] == "not_applicable"


def test_deals_without_an_account_and_odd_spellings_are_reported(read):
    problems = appraise(read.tables, read.scheme).problems
    without = next(problem for problem in problems if problem.code == "no-client")
    assert without.details["count"] == 1425
    spelt = {problem.details["cell"]: problem for problem in problems if problem.code == "near-value"}
    assert set(spelt) == {"GTXPro", "technolgy"}
    assert spelt["GTXPro"].details["near"][0] == "GTX Pro"
    assert "technology" in spelt["technolgy"].expected("en")
    assert all(problem.level == "warning" for problem in spelt.values())
