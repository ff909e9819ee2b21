"""Rows that stay outside, and other engines: the same figures as in memory."""

import re
from datetime import date
from pathlib import Path

import duckdb
import narwhals as nw
import numpy as np
import pandas as pd
import pytest
import small
from small_book import codes, policy, save
from test_sources import TASKS, book, rows_of, to_parquet

from xlperf.appraisal import appraise
from xlperf.books.reading import read_book
from xlperf.calendars import calendar_of
from xlperf.clients import classified, owned
from xlperf.conditions import Scope, When, figure, read, rows_meeting
from xlperf.conditions.tree import Calc, Compare, Edge, Ref, Shift, Value
from xlperf.facts import summed, when_of
from xlperf.periods import parse_period
from xlperf.relations import asked_before, conditions_of, counted, looked_up
from xlperf.samples import sample
from xlperf.schemes import load
from xlperf.sources import staying

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
    monkeypatch.setattr(staying, "MOST_LOADED", 0)


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


@pytest.mark.usefixtures("outside")
def test_the_rows_behind_a_figure_come_in_pages(tmp_path):
    table = read_book(book(tmp_path, "tasks"), parquet(tmp_path, TASKS)).tables["tasks"]
    october = when_of(parse_period("2026-10"), small.CALENDAR, small.scheme().table("calendar"))
    late = rows_meeting(read("done_date > due_date", Scope.of_sheet("tasks")), october)
    pages = [staying.page(table, late, 4, number) for number in range(4)]
    assert [len(each) for each in pages] == [4, 4, 2, 0]
    expected = TASKS[TASKS["done_date"] > TASKS["due_date"]]
    assert sorted(pd.concat(pages)["owner_id"]) == sorted(expected["owner_id"])


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
    asked, before = conditions_of(scheme), asked_before(scheme)
    tables = counted(sample("securities-crm", period, "en"), asked, when, before)
    clients, _ = classified(tables["clients"], scheme, when)
    tables, _ = owned(looked_up({**tables, "clients": clients}, asked, when), scheme, when)
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


def compare_days(engine):
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
    asked = {name: rows_meeting(condition, when) for name, condition in DAYS.items()}
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


@pytest.mark.parametrize("compare_on", [compare, compare_days])
def test_duckdb_counts_what_pandas_counts(compare_on):
    with_duckdb(compare_on)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_spark_counts_what_pandas_counts(tmp_path):
    spark = pytest.importorskip("pyspark.sql")
    if not any(Path(folder, "java").exists() for folder in ("/usr/bin", "/usr/local/bin", "/bin")):
        pytest.skip("Java is not installed")
    settings = {
        "spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "2", "spark.sql.warehouse.dir": str(tmp_path),
        "spark.sql.session.timeZone": "UTC", "spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1",
    }  # fmt: skip
    builder = spark.SparkSession.builder.master("local[2]")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    try:
        for compare_on in (compare, compare_days):
            compare_on(lambda frame, sheet: session.createDataFrame(frame))
    finally:
        session.stop()


def test_no_condition_needs_more_than_columns():
    """Whatever a condition of a scheme that ships says of its own sheet, a lazy engine can find."""
    assert not re.search("CountOf|Lookup", repr([each.hit for each in load("service-team").indicators]))
