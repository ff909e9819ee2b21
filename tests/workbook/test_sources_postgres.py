"""Facts from a real PostgreSQL server, started for the tests; the figures are those of the sheet."""

import os
import pwd
import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

import pandas as pd
import pytest
import test_sources
from small_book import codes, one

from tests.workbook.test_sources import TASKS, book
from xlperf.scoring.pipeline import appraise
from xlperf.workbook.read.book import read_book

psycopg = pytest.importorskip("psycopg")
pytestmark = pytest.mark.slow
PASSWORD = "correct horse"
PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


def runs_as():
    """Return the account that the server runs under: it refuses to run as root."""
    if os.geteuid():
        return None
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    return pytest.skip("no account to run PostgreSQL under")


@pytest.fixture(scope="module")
def server():
    """Start a server of its own, reachable through a socket in its folder only."""
    programs = PROGRAMS[-1] if PROGRAMS else None
    if programs is None:
        pytest.skip("PostgreSQL is not installed")
    user = runs_as()
    home = Path(tempfile.mkdtemp(prefix="xlperf-pg-"))
    (home / "password").write_text(PASSWORD)
    if user:
        for path in (home, home / "password"):
            shutil.chown(path, user)

    def run(program, *arguments):
        subprocess.run([programs / program, *arguments], user=user, cwd=home, check=True, stdout=subprocess.DEVNULL)

    run("initdb", "-D", home / "data", "-U", "hr", "-A", "scram-sha-256", f"--pwfile={home / 'password'}", "-E", "UTF8")
    run("pg_ctl", "-D", home / "data", "-w", "-l", home / "log", "-o", f"-k {home} -c listen_addresses=''", "start")
    try:
        with psycopg.connect(host=str(home), user="hr", password=PASSWORD, dbname="postgres") as connection:
            connection.execute('CREATE SCHEMA "销售"')
            connection.execute(
                'CREATE TABLE "销售"."tasks; x" (task_id text, owner_id text, "应完成日期" date, '
                "done_date timestamp, status varchar(20), amount numeric(12, 2), secret text, zoned timestamptz)"
            )
            with connection.cursor() as cursor:
                rows = TASKS.astype(object).where(TASKS.notna(), None).itertuples(index=False, name=None)
                cursor.executemany(
                    'INSERT INTO "销售"."tasks; x" (task_id, owner_id, "应完成日期", done_date, status) '
                    "VALUES (%s, %s, %s, %s, %s)",
                    list(rows),
                )
        yield f"postgresql://hr@/postgres?host={home}"
    finally:
        run("pg_ctl", "-D", home / "data", "-m", "immediate", "stop")
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def password(monkeypatch):
    monkeypatch.setenv("PGPASSWORD", PASSWORD)


@pytest.mark.usefixtures("password")
def test_a_table_of_a_database_gives_the_figures_of_the_sheet(server, tmp_path):
    inside = read_book(book(tmp_path))
    expected = appraise(inside.tables, inside.scheme, found_before=inside.problems)
    outside = read_book(book(tmp_path, "tasks"), {"tasks": f"{server}#销售.tasks; x"})
    found = appraise(outside.tables, outside.scheme, found_before=outside.problems)
    assert outside.tables["tasks"].title == "postgres#销售.tasks; x"
    assert not {"amount", "secret", "zoned"} & outside.tables["tasks"].letters.keys()
    pd.testing.assert_frame_equal(found.results, expected.results)


@pytest.mark.usefixtures("password")
def test_the_connection_cannot_write(server):
    from xlperf.workbook.sources.addresses import address_of
    from xlperf.workbook.sources.databases import PostgresTable

    with (
        PostgresTable(address_of(f"{server}#销售.tasks; x")) as table,
        pytest.raises(psycopg.errors.ReadOnlySqlTransaction),
    ):
        table._connection.execute('DELETE FROM "销售"."tasks; x"')


def test_a_wrong_password_is_said_in_words_without_the_password(server, tmp_path, monkeypatch):
    monkeypatch.setenv("PGPASSWORD", "battery staple")
    problem = one(read_book(book(tmp_path), {"tasks": f"{server}#销售.tasks; x"}).problems, "facts-refused")
    assert "battery" not in problem.found("en")
    assert "PGPASSWORD" in problem.remedy("en")


@pytest.mark.usefixtures("password")
def test_a_table_that_is_not_there(server, tmp_path):
    read = read_book(book(tmp_path), {"tasks": f"{server}#销售.task"})
    assert codes(read.problems, "error") == ["facts-table-absent"]
    assert test_sources.one(read.problems, "facts-table-absent").details["near"] == ["销售.tasks; x"]
