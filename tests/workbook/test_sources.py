"""Facts from outside the workbook: whatever the source, the same figures as from the sheet."""

import json
import sqlite3

import duckdb
import numpy as np
import pandas as pd
import pytest
import small
from small_book import codes, one, policy, save
from typer.testing import CliRunner

from xlperf.cli import app
from xlperf.core.problems import LANGUAGES
from xlperf.schema import SHEETS
from xlperf.scoring.pipeline import appraise
from xlperf.workbook.read.book import read_book
from xlperf.workbook.sources.addresses import CannotRead, address_of

PEOPLE = small.tables()
TASKS = PEOPLE["tasks"].frame.dropna(axis="columns", how="all")


def rows_of(table, lang="zh"):
    """Return a table as the rows of a sheet."""
    frame = table.frame.dropna(axis="columns", how="all")
    names = [table.sheet[code].name(lang) for code in frame]
    values = frame.astype(object).where(frame.notna(), None).to_numpy().tolist()
    return [
        names,
        *([each.to_pydatetime() if isinstance(each, pd.Timestamp) else each for each in row] for row in values),
    ]


def book(tmp_path, *without):
    sheets = {PEOPLE[sheet].sheet.title("zh"): rows_of(PEOPLE[sheet]) for sheet in PEOPLE if sheet not in without}
    return save(tmp_path / "book.xlsx", policy() | sheets)


def to_parquet(frame, path):
    with duckdb.connect() as connection:
        connection.register("frame", frame)
        connection.execute(f"COPY (SELECT * FROM frame) TO '{path}' (FORMAT parquet)")


def parquet(tmp_path, frame):
    to_parquet(frame.astype({name: object for name in frame if frame[name].dtype == "str"}), tmp_path / "t.parquet")
    return str(tmp_path / "t.parquet")


def csv_in(encoding, heading):
    def write(tmp_path, frame):
        frame.rename(columns=heading).to_csv(tmp_path / "t.csv", index=False, encoding=encoding)
        return str(tmp_path / "t.csv")

    return write


def sqlite(tmp_path, frame):
    with sqlite3.connect(tmp_path / "crm.db") as connection:
        frame.astype(object).where(frame.notna(), None).astype(str).to_sql('the "tasks"', connection, index=False)
    connection.close()
    return f'sqlite:///{tmp_path / "crm.db"}#the "tasks"'


def in_chinese(code):
    return SHEETS["tasks"][code].name("zh")


SOURCES = {
    "parquet": parquet,
    "csv, UTF-8": csv_in("utf-8", str),
    "csv, GB 18030, Chinese headings": csv_in("gb18030", in_chinese),
    "SQLite": sqlite,
}


@pytest.mark.parametrize("write", SOURCES.values(), ids=SOURCES)
def test_facts_from_outside_give_the_figures_of_the_sheet(tmp_path, write):
    inside = read_book(book(tmp_path))
    expected = appraise(inside.tables, inside.scheme, found_before=inside.problems)
    outside = read_book(book(tmp_path, "tasks"), {"tasks": write(tmp_path, TASKS)})
    found = appraise(outside.tables, outside.scheme, found_before=outside.problems)
    assert found.done
    pd.testing.assert_frame_equal(found.results, expected.results)
    pd.testing.assert_frame_equal(outside.tables["tasks"].frame[list(TASKS)], inside.tables["tasks"].frame[list(TASKS)])


def test_the_sheet_of_the_workbook_gives_way(tmp_path):
    few = TASKS.head(3)
    read = read_book(book(tmp_path), {"任务": parquet(tmp_path, few)})
    assert read.tables["tasks"]["task_id"].tolist() == few["task_id"].tolist()
    assert read.tables["tasks"].title == "t.parquet"


def test_the_types_are_those_of_the_sheets(tmp_path):
    frame = pd.DataFrame({
        "任务编号": ["00123", "NA", "1E5", " Ｔ４ "], "owner_id": [1960, 1961, 1962, 1963],
        "应完成日期": ["2026/10/5", "2026年10月6日", "20261007", None], "金额": ["￥3万", "1,200.50", "—", "x"],
        "状态": ["已完成", "done", "Cancelled", "未开始"], "amount due": [1, 2, 3, 4],
    })  # fmt: skip
    read = read_book(book(tmp_path), {"tasks": parquet(tmp_path, frame)})
    tasks = read.tables["tasks"]
    assert tasks["task_id"].tolist() == ["00123", "NA", "1E5", "T4"]
    assert tasks["owner_id"].tolist() == ["1960", "1961", "1962", "1963"]
    assert tasks["due_date"].dt.day.tolist()[:3] == [5, 6, 7]
    assert tasks["status"].tolist() == ["done", "done", "cancelled", "open"]
    assert "amount due" not in tasks.frame


def test_only_the_columns_that_are_needed_are_fetched(tmp_path):
    """Conditions and indicators name their columns; HR's own columns count when a policy sheet names them."""
    scheme = small.scheme({"done_date in period": "done_date in period and note is filled"})
    sheets = {PEOPLE[sheet].sheet.title("zh"): rows_of(PEOPLE[sheet]) for sheet in PEOPLE}
    path = save(tmp_path / "book.xlsx", policy(scheme=scheme) | sheets)
    frame = TASKS.assign(note="n", amount=1.0, phone="secret")
    read = read_book(path, {"tasks": parquet(tmp_path, frame)})
    assert read.tables["tasks"]["note"].tolist() == ["n"] * len(frame)
    assert not read.tables["tasks"].has("amount")
    assert "phone" not in read.tables["tasks"].frame


@pytest.mark.parametrize("kind", ["float64", "int64", "bool", "datetime64[us]", "decimal"])
def test_numbers_of_a_database_are_numbers(tmp_path, kind):
    values = {"float64": [1.5, np.nan], "int64": [2**53 + 1, 7], "bool": [True, False], "decimal": [1.25, 2],
              "datetime64[us]": pd.to_datetime(["2026-10-05 13:00:00", None])}[kind]  # fmt: skip
    frame = pd.DataFrame({"task_id": ["A", "B"], "x": values})
    with duckdb.connect() as connection:
        connection.register("frame", frame.astype({"task_id": object}))
        column = "CAST(x AS DECIMAL(9, 2))" if kind == "decimal" else "x"
        connection.execute(f"COPY (SELECT task_id, {column} AS due_date, {column} AS task_kind FROM frame) "
                           f"TO '{tmp_path / 't.parquet'}' (FORMAT parquet)")  # fmt: skip
    tasks = read_book(book(tmp_path), {"tasks": str(tmp_path / "t.parquet")}).tables["tasks"]
    expected = {"float64": ["1.5"], "int64": [str(2**53 + 1), "7"], "bool": ["True", "False"], "decimal": ["1.25", "2"],
                "datetime64[us]": ["2026-10-05 13:00:00"]}[kind]  # fmt: skip
    assert tasks["task_kind"].dropna().tolist() == expected
    if kind == "datetime64[us]":
        assert tasks["due_date"].dropna().astype(str).tolist() == ["2026-10-05 13:00:00"]


REFUSED = {
    "no such file": ("tasks=gone.parquet", "file-missing"),
    "no such kind": ("tasks=tasks.docx", "facts-kind"),
    "another database": ("tasks=oracle://x/y#z", "facts-kind"),
    "no table named": ("tasks=sqlite:///crm.db", "facts-table"),
    "a password": ("tasks=postgresql://hr:s3cret@db/crm#tasks", "facts-password"),
    "a password behind": ("tasks=postgresql://db/crm?password=s3cret#tasks", "facts-password"),
    "no such sheet": ("taskz=t.parquet", "no-such-sheet"),
    "an output": ("results=t.parquet", "no-such-sheet"),
    "a policy": ("indicators=t.parquet", "no-such-sheet"),
}


@pytest.mark.parametrize(("call", "code"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_read_is_said_in_words(tmp_path, call, code):
    path = book(tmp_path)
    before = path.read_bytes()
    done = CliRunner().invoke(app, ["run", str(path), "--facts", call, "--json", "--lang", "en"])
    assert done.exit_code == 1
    assert code in [each["code"] for each in json.loads(done.output)["problems"]]
    assert "s3cret" not in done.output
    assert path.read_bytes() == before


def test_a_call_without_a_sheet_is_a_wrong_call(tmp_path):
    done = CliRunner().invoke(app, ["check", str(book(tmp_path)), "--facts", "tasks.parquet", "--lang", "en"])
    assert done.exit_code == 2
    assert "--facts SHEET=SOURCE" in done.output


def test_damaged_and_foreign_files(tmp_path):
    for name in ("t.parquet", "t.db"):
        (tmp_path / name).write_bytes(b"nothing of the kind" * 9)
    for source in (str(tmp_path / "t.parquet"), f"sqlite:///{tmp_path / 't.db'}#tasks"):
        problem = one(read_book(book(tmp_path), {"tasks": source}).problems, "facts-damaged")
        assert all(problem.found(lang) for lang in LANGUAGES)


def test_a_table_that_is_not_there_is_named_with_its_likes(tmp_path):
    source = sqlite(tmp_path, TASKS).replace("#the", "#tha")
    problem = one(read_book(book(tmp_path), {"tasks": source}).problems, "facts-table-absent")
    assert 'the "tasks"' in problem.expected("en")


def test_a_source_without_the_key_is_an_error(tmp_path):
    read = read_book(book(tmp_path), {"tasks": parquet(tmp_path, TASKS.drop(columns="task_id"))})
    assert "headings-missing" in codes(read.problems, "error")


def test_moments_with_a_time_zone_are_not_guessed(tmp_path):
    frame = TASKS.assign(due_date=TASKS["due_date"].dt.tz_localize("Asia/Shanghai"))
    assert "facts-time-zone" in codes(read_book(book(tmp_path), {"tasks": parquet(tmp_path, frame)}).problems, "error")


def test_an_identifier_is_never_taken_for_sql(tmp_path):
    name = 'x"; DROP TABLE tasks; --'
    with sqlite3.connect(tmp_path / "crm.db") as connection:
        connection.execute("CREATE TABLE tasks (task_id TEXT)")
        TASKS[["task_id", "owner_id"]].astype(str).to_sql(name, connection, index=False)
    connection.close()
    read = read_book(book(tmp_path), {"tasks": f"sqlite:///{tmp_path / 'crm.db'}#{name}"})
    assert len(read.tables["tasks"]) == len(TASKS)
    with sqlite3.connect(tmp_path / "crm.db") as connection:
        assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (2,)
    connection.close()


def test_the_order_of_rows_does_not_matter(tmp_path):
    path = book(tmp_path, "tasks")
    one_way = read_book(path, {"tasks": parquet(tmp_path, TASKS)})
    other_way = read_book(path, {"tasks": parquet(tmp_path, TASKS.sample(frac=1, random_state=1))})
    assert one_way.fingerprint == other_way.fingerprint
    results = [appraise(each.tables, each.scheme).results for each in (one_way, other_way)]
    pd.testing.assert_frame_equal(*results)


def test_a_title_tells_no_secrets():
    address = address_of("postgresql://hr@db.internal:5432/crm?sslmode=require#sales.tasks")
    assert address.title == "crm#sales.tasks"
    with pytest.raises(CannotRead):
        address_of("postgresql://hr:x@db/crm#t")


def test_the_run_writes_results_and_says_where_facts_came_from(tmp_path):
    path = book(tmp_path, "tasks")
    done = CliRunner().invoke(app, ["run", str(path), "--facts", f"tasks={parquet(tmp_path, TASKS)}", "--json"])
    assert done.exit_code == 0, done.output
    assert len(json.loads(done.output)["results"]) == len(PEOPLE["employees"])
