"""Rows that stay outside, and other engines: the same figures as in memory."""

import re
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

import duckdb
import narwhals as nw
import numpy as np
import pandas as pd
import pytest
import small
from small_book import codes, policy, save

from tests.workbook.test_sources import TASKS, book, csv_in, rows_of, sqlite, to_parquet
from xlperf.analysis.explain import as_lines, explain
from xlperf.core.periods import parse_period
from xlperf.policy.calendars import calendar_of
from xlperf.policy.conditions import When, figure, rows_meeting
from xlperf.policy.conditions.tree import Calc, Compare, Edge, Ref, Shift, Value
from xlperf.policy.schemes import load
from xlperf.reporting.dashboards import rows_behind, task_list
from xlperf.reporting.scorecards import copies_of
from xlperf.samples import sample
from xlperf.schema import SHEETS
from xlperf.scoring.clients import assign_owners, classify_clients
from xlperf.scoring.cross_sheet import add_client_columns, add_task_counts, conditions_of, relations_on_previous_period
from xlperf.scoring.facts import summed, when_of
from xlperf.scoring.pipeline import appraise
from xlperf.workbook import sources
from xlperf.workbook.read.book import read_book
from xlperf.workbook.sources import CannotRead, read_facts, rows_outside

STATUS = {"done": "已完成", "cancelled": "已取消", "open": "未开始", "doing": "进行中"}


def plain(frame):
    """Return a frame whose texts are Python's own, with None for nothing: what other engines understand."""
    return pd.DataFrame(
        {
            name: frame[name].to_numpy(object, na_value=None) if frame[name].dtype == "str" else frame[name]
            for name in frame
        }
    )


def parquet(tmp_path, frame):
    to_parquet(plain(frame), tmp_path / "t.parquet")
    return {"tasks": str(tmp_path / "t.parquet")}


@pytest.fixture
def outside(monkeypatch):
    """Let every file stay where it is, however small."""
    monkeypatch.setattr(rows_outside, "MOST_LOADED", 0)


@pytest.mark.usefixtures("outside")
def test_rows_that_stay_give_the_same_results(tmp_path):
    inside = read_book(book(tmp_path))
    expected = appraise(inside.tables, inside.scheme, found_before=inside.problems)
    written = TASKS.assign(status=TASKS["status"].map(STATUS)).rename(columns={"due_date": "应完成日期"})
    outside = read_book(book(tmp_path, "tasks"), parquet(tmp_path, written))
    assert outside.tables["tasks"].outside.count == len(TASKS)
    assert len(outside.tables["tasks"]) == 0
    assert "facts-stay" in codes(outside.problems, "note")
    found = appraise(outside.tables, outside.scheme, found_before=outside.problems)
    pd.testing.assert_frame_equal(found.results, expected.results)


@pytest.mark.usefixtures("outside")
def test_rows_of_nobody_are_reported_all_the_same(tmp_path):
    strange = pd.DataFrame({"task_id": ["X1", "X2", "X3"], "owner_id": ["E9", "E9", None]}, dtype="str")
    outside = read_book(book(tmp_path, "tasks"), parquet(tmp_path, pd.concat([TASKS, strange], ignore_index=True)))
    found = appraise(outside.tables, outside.scheme).problems
    unknown = {each.code: each.details["count"] for each in found if each.code in ("no-owner", "not-on-roster")}
    assert unknown == {"no-owner": 1, "not-on-roster": 2}


LOADED = {
    "dates as texts": lambda frame: frame.assign(due_date=frame["due_date"].astype(str)),
    "a key twice": lambda frame: frame.assign(task_id="T1"),
    "a key with blanks": lambda frame: frame.assign(task_id=" " + frame["task_id"]),
    "no date at all": lambda frame: frame.assign(due_date=None),
}


@pytest.mark.usefixtures("outside")
@pytest.mark.parametrize("change", LOADED.values(), ids=LOADED)
def test_what_the_file_does_not_say_plainly_is_loaded(tmp_path, change):
    assert read_book(book(tmp_path, "tasks"), parquet(tmp_path, change(TASKS))).tables["tasks"].outside is None


@pytest.mark.usefixtures("outside")
def test_conditions_across_sheets_are_loaded(tmp_path):
    scheme = small.scheme({"done_date in period": "done_date in period and client.m_level = vip"})
    sheets = {table.sheet.title("zh"): rows_of(table) for code, table in small.tables().items() if code != "tasks"}
    path = save(tmp_path / "book.xlsx", policy(scheme=scheme) | sheets)
    assert read_book(path, parquet(tmp_path, TASKS)).tables["tasks"].outside is None


@pytest.fixture
def both(tmp_path, monkeypatch):
    """Return the appraisal of the same rows, loaded and outside."""
    source = parquet(tmp_path, TASKS.sample(frac=1, random_state=3).rename(columns={"due_date": "应完成日期"}))
    appraisals = []
    for most in ("1000000", "0"):
        monkeypatch.setenv("XLPERF_MOST_LOADED", most)
        found = read_book(book(tmp_path, "tasks"), source)
        scheme = found.scheme.with_settings(rows_listed=4)
        indicators = tuple(replace(each, levels=("employee", "company")) for each in scheme.indicators)
        appraisals.append(appraise(found.tables, replace(scheme, indicators=indicators), found_before=found.problems))
    loaded, stays = appraisals
    assert (loaded.tables["tasks"].outside, stays.tables["tasks"].outside.count) == (None, len(TASKS))
    return loaded, stays


@pytest.mark.parametrize("who", ["E3", "company"])
def test_explain_lists_the_same_rows_in_pages_wherever_they_are(both, who):
    """Hits first, then by key; the pages together are all rows, and each says how many there are."""
    told = [[explain(each, who, "on_time", "en", page)[0] for page in range(1, 10)] for each in both]
    assert told[0] == told[1]
    pages = [story.indicators[0] for story in told[1]]
    listed = [row for page in pages for row in page.rows]
    assert len(listed) == pages[0].rows_in_all > 4
    assert len({row.cell for row in listed}) == len(listed)
    assert [(not row.hit, row.values["Task ID"]) for row in listed] == sorted(
        (not row.hit, row.values["Task ID"]) for row in listed
    )
    assert [len(page.rows) for page in pages[: len(listed) // 4]] == [4] * (len(listed) // 4)
    assert f"rows 1–4 of {len(listed)}; --page shows the others" in "\n".join(as_lines(told[1][0], "en"))
    assert "there is no such page" in "\n".join(as_lines(told[1][-1], "en"))


def test_views_and_cards_list_the_same_rows_wherever_they_are(both):
    found = [
        {each.indicator.code: (each.rows.assign(task=each.table["task_id"].iloc[each.rows["at"]].to_numpy()), each.sizes)
         for each in rows_behind(appraisal)}
        for appraisal in both
    ]  # fmt: skip
    for code, (rows, sizes) in found[1].items():
        expected, of = found[0][code]
        pd.testing.assert_frame_equal(
            rows[["owner", "task", "hit"]], expected[["owner", "task", "hit"]], check_dtype=False
        )
        assert sizes.to_dict() == of.to_dict()
        assert rows.groupby("owner").size().max() <= 4
    assert found[1]["on_time"][1].max() > 4
    cards = [list(copies_of(appraisal, "employees", "zh")) for appraisal in both]
    assert [card.blocks["row"] for card in cards[0]] == [card.blocks["row"] for card in cards[1]]
    last = {record[:1] + record[2:] for card in cards[1] for record in card.blocks["row"] if record[2] == "…"}
    assert any("第 1–4 行，共" in record[-1] for record in last)


def test_tasks_that_stay_are_listed_up_to_the_limit(both):
    loaded, stays = (task_list(appraisal, "en")[1] for appraisal in both)
    loaded, stays = (rows.drop(columns="at") for rows in (loaded, stays))
    pd.testing.assert_frame_equal(stays, loaded[loaded.groupby("owner_id").cumcount() < 4].reset_index(drop=True))
    assert len(stays) < len(loaded)


@pytest.mark.parametrize(("most", "stays"), [("10", True), ("1_000_000", False), ("", False)])
def test_the_environment_says_how_many_rows_are_loaded(tmp_path, monkeypatch, most, stays):
    monkeypatch.setenv("XLPERF_MOST_LOADED", most)
    found = read_book(book(tmp_path, "tasks"), parquet(tmp_path, TASKS))
    assert (found.tables["tasks"].outside is not None) == stays


def test_a_limit_that_is_no_number_is_an_error(tmp_path, monkeypatch):
    monkeypatch.setenv("XLPERF_MOST_LOADED", "two million")
    found = read_book(book(tmp_path, "tasks"), parquet(tmp_path, TASKS))
    assert "facts-limit" in codes(found.problems, "error")


@pytest.mark.parametrize("write", [csv_in("utf-8", str), sqlite])
def test_many_rows_of_other_sources_are_loaded_and_it_is_said(tmp_path, monkeypatch, write):
    monkeypatch.setenv("XLPERF_MOST_LOADED", "10")
    found = read_book(book(tmp_path, "tasks"), {"tasks": write(tmp_path, TASKS)})
    assert len(found.tables["tasks"]) == len(TASKS)
    assert "facts-loaded" in codes(found.problems, "note")


def test_too_little_memory_is_told_in_words(tmp_path, monkeypatch):
    def short_of_memory(*_):
        raise MemoryError

    monkeypatch.setattr(sources, "_read", short_of_memory)
    with pytest.raises(CannotRead) as refused:
        read_facts(SHEETS["tasks"], str(tmp_path / "tasks.csv"), {})
    assert refused.value.problem.code == "facts-memory"


@pytest.mark.usefixtures("outside")
def test_the_fingerprint_knows_rows_that_stay(tmp_path):
    prints = [read_book(book(tmp_path, "tasks"), parquet(tmp_path, frame)).fingerprint for frame in (TASKS, TASKS[1:])]
    assert prints[0] != prints[1]


# The indicators of the flagship on other engines ------------------------------------------------------------------------


def measured():
    """Return the indicators of the flagship by sheet, with its rows as the steps see them."""
    scheme, period = load("securities-crm"), parse_period("2026-10")
    calendar, _ = calendar_of(scheme)
    when = when_of(period, calendar, scheme.table("calendar"))
    asked, before = conditions_of(scheme), relations_on_previous_period(scheme)
    tables = add_task_counts(sample("securities-crm", period, "en"), asked, when, before)
    clients, _ = classify_clients(tables["clients"], scheme, when)
    tables, _ = assign_owners(add_client_columns({**tables, "clients": clients}, asked, when), scheme, when)
    for sheet in ("tasks", "clients"):
        yield sheet, [each for each in scheme.indicators if each.sheet == sheet], tables[sheet].frame, when


def as_sheets_show(sums):
    """Return sums to the fifteen digits that a sheet keeps, which is how every figure of xlperf is read."""
    return np.array([[float(f"{value:.15g}") for value in row] for row in sums.fillna(0.0).to_numpy()])


def compare(engine):
    """Sum the indicators up on an engine and in pandas."""
    for sheet, indicators, frame, when in measured():
        assert len(indicators) > 10
        expected = summed(frame, indicators, when)
        found = summed(engine(plain(frame), sheet), indicators, when).reindex(expected.index)[expected.columns]
        assert (as_sheets_show(found) == as_sheets_show(expected)).all(), sheet


DUE, DONE = Ref("due_date", "date"), Ref("done_date", "date")
DAYS = {
    **{
        f"due {sign} done {amount:+} {unit}": Compare(DUE, sign, Shift(DONE, amount, unit))
        for sign in ("=", "<>", "<", "<=", ">", ">=")
        for amount, unit in ((-3, "workdays"), (0, "workdays"), (2, "workdays"), (-1, "trading"), (4, "trading"))
    },
    "due in the last workdays": Compare(DUE, ">", Shift(Edge(end=True), -2, "workdays")),
    "more than ten days": Compare(Calc("-", DONE, DUE), ">", Value(10.0)),
}


def compare_days(engine, some=slice(None)):
    """Count working days, and the days from one moment to another, across leap years and holidays."""
    draw = np.random.default_rng(1)
    near = np.datetime64("2026-09-15T08:30:15", "s") + draw.integers(0, 40 * 86_400, 400).astype("m8[s]")
    far = np.array(["1896-02-28", "1900-03-01", "2000-02-29", "2024-12-31", "2100-03-01", "NaT"], "M8[s]")
    frame = pd.DataFrame({
        "number": np.arange(436), "due_date": np.concatenate([near[:400], np.repeat(far, 6)]),
        "done_date": np.concatenate([near[::-1], np.tile(far, 6)]),
    })  # fmt: skip
    october, before = parse_period("2026-10"), parse_period("2026-09")
    holidays, worked = tuple(date(2026, 10, day) for day in range(1, 8)), (date(2026, 9, 27), date(2026, 10, 10))
    when = When(october.start, october.end, before.start, before.end, holidays, worked)
    asked = {name: rows_meeting(condition, when) for name, condition in [*DAYS.items()][some]}
    asked["between"] = figure(Calc("-", DONE, DUE), when)
    expected = nw.from_native(frame).select("number", **asked).to_native()
    found = nw.from_native(engine(frame, "days")).select("number", **asked).collect("pandas").to_native()
    found = found.sort_values("number", ignore_index=True)
    for name in asked:
        pd.testing.assert_series_equal(found[name], expected[name], check_dtype=False)
    assert expected.drop(columns="number").nunique().min() > 1


def with_duckdb(compare_on):
    with duckdb.connect() as connection:

        def engine(frame, sheet):
            connection.register("frame", frame)
            connection.execute(f"CREATE TABLE {sheet} AS SELECT * FROM frame")
            return connection.table(sheet)

        compare_on(engine)


SOME = slice(None, None, 6)  # of the conditions on days


@pytest.mark.parametrize(
    "compare_on",
    [compare, partial(compare_days, some=SOME), pytest.param(compare_days, marks=pytest.mark.slow)],
    ids=["indicators", "days", "days in every way"],
)
def test_duckdb_counts_what_pandas_counts(compare_on):
    with_duckdb(compare_on)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_spark_counts_what_pandas_counts(tmp_path):
    spark = pytest.importorskip("pyspark.sql")
    pytest.importorskip("pyarrow")
    if not any(Path(folder, "java").exists() for folder in ("/usr/bin", "/usr/local/bin", "/bin")):
        pytest.skip("Java is not installed")
    settings = {
        "spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "1", "spark.sql.warehouse.dir": str(tmp_path),
        "spark.sql.codegen.wholeStage": "false", "spark.sql.adaptive.enabled": "false",  # they pay for many rows only
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
        "spark.sql.session.timeZone": "UTC", "spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1",
    }  # fmt: skip
    builder = spark.SparkSession.builder.master("local[1]")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    try:
        for compare_on in (compare, partial(compare_days, some=SOME)):
            compare_on(lambda frame, sheet: session.createDataFrame(frame))
    finally:
        session.stop()


def test_no_condition_needs_more_than_columns():
    """Whatever a condition of a scheme that ships says of its own sheet, a lazy engine can find."""
    assert not re.search("CountOf|Lookup", repr([each.hit for each in load("service-team").indicators]))
