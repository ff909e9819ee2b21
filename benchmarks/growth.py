"""How a whole run grows from 100 people to 100,000, with 20 clients and 50 tasks each.

    python benchmarks/growth.py [PEOPLE]

The people stand in the workbook, their clients and tasks in Parquet files: 100,000 people have two million clients
and five million tasks, more than a sheet holds. Every size is a process of its own, which reads and checks, scores
and ranks, writes the results workbook with its views (of 10,000 people at most), makes the copies of everybody ready,
and writes the files of some.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

SIZES = (100, 1_000, 10_000, 100_000)
TEAM, REGION = 50, 20  # people of a department, departments of a region
FILES = 200  # that are published; every file costs the same
MOST_WRITTEN = 10_000  # people whose results workbook is written: it takes 12 milliseconds for each
STAGES = ("read", "score", "write", "copies", "files")
CLIENTS = """
SELECT 'C' || lpad(n::VARCHAR, 9, '0') AS client_id, 'Client ' || hash(n) % 50000 AS client_name,
       'E' || lpad((n // 20)::VARCHAR, 6, '0') AS owner_id,
       DATE '2016-01-01' + (hash(n + 1) % 3900)::INTEGER AS created_date,
       CASE WHEN hash(n + 2) % 20 = 0 THEN DATE '2026-01-01' + (hash(n + 3) % 300)::INTEGER END AS lost_date,
       CASE WHEN hash(n + 4) % 10 > 0 THEN DATE '2026-07-01' + (hash(n + 5) % 122)::INTEGER END AS last_contact_date,
       CASE WHEN hash(n + 6) % 10 > 0 THEN DATE '1945-01-01' + (hash(n + 7) % 20000)::INTEGER END AS birthday,
       (hash(n + 8) % 20000000) / 100.0 AS closing_assets,
       ['VIP', '核心', '其他'][(hash(n + 9) % 3)::INTEGER + 1] AS m_level,
       CASE WHEN hash(n + 10) % 10 > 0 THEN '138' || lpad(n::VARCHAR, 8, '0') END AS phone
FROM range($people * 20) AS made(n)
"""
TASKS = """
SELECT 'T' || lpad(n::VARCHAR, 9, '0') AS task_id, 'E' || lpad((n // 50)::VARCHAR, 6, '0') AS owner_id,
       'C' || lpad((n // 50 * 20 + hash(n + 1) % 20)::VARCHAR, 9, '0') AS client_id,
       ['visit', 'call', 'review'][(hash(n + 6) % 3)::INTEGER + 1] AS task_kind,
       DATE '2026-09-15' + (hash(n) % 57)::INTEGER AS due_date,
       CASE WHEN hash(n + 2) % 20 < 17 THEN TIMESTAMP '2026-09-14 09:00:00'
            + to_days((hash(n) % 57)::INTEGER + (hash(n + 3) % 6)::INTEGER - 3) END AS done_date,
       ['已完成', '已完成', '未开始', '已取消'][(hash(n + 4) % 4)::INTEGER + 1] AS status,
       (hash(n + 5) % 800) / 100.0 AS amount
FROM range($people * 50) AS made(n)
"""


def make(folder: Path, people: int) -> None:
    """Write the workbook and the facts."""
    import duckdb
    import large
    import pandas as pd

    ids = [f"E{number:06}" for number in range(people)]
    units = [f"D{number:04}" for number in range(-(-people // TEAM))]
    regions = [f"R{number:03}" for number in range(-(-len(units) // REGION))]
    data = {
        "departments": pd.DataFrame({
            "department": regions + units, "department_name": [f"Unit {each}" for each in regions + units],
            "parent": [None] * len(regions) + [f"R{number // REGION:03}" for number in range(len(units))]}),
        "employees": pd.DataFrame({
            "employee_id": ids, "name": [f"Name {each}" for each in ids], "status": "active",
            "department": [f"D{number // TEAM:04}" for number in range(people)]}),
    }  # fmt: skip
    large.write_book(folder / "book.xlsx", large.scheme("employee, department, company"), data)
    for name, query in (("clients", CLIENTS), ("tasks", TASKS)):
        made = query.replace("$people", str(people))
        duckdb.sql(f"COPY ({made}) TO '{folder / name}.parquet' (FORMAT parquet)")


def run(folder: Path) -> None:
    """Do everything with one workbook, and print what each stage cost."""
    import large

    from xlperf.reporting.dashboards import views_of
    from xlperf.reporting.output_tables import outputs
    from xlperf.reporting.scorecards import copies_of
    from xlperf.scoring.pipeline import appraise
    from xlperf.scoring.stages import Completed
    from xlperf.workbook.read.book import read_book
    from xlperf.workbook.write.default_templates import template
    from xlperf.workbook.write.results import write_book
    from xlperf.workbook.write.scorecard_files import PublishJob, publish
    from xlperf.xlsx.atomic_save import packed
    from xlperf.xlsx.template.context import Contexts

    found: dict[str, float] = {}

    @contextmanager
    def stage(name: str) -> Iterator[None]:
        start = time.process_time()
        yield
        found[name], found[f"{name} MiB"] = time.process_time() - start, large.peak()
        print(json.dumps({name: found[name], "MiB": found[f"{name} MiB"]}), file=sys.stderr, flush=True)

    path = folder / "book.xlsx"
    with stage("read"):
        book = read_book(path, {each: str(folder / f"{each}.parquet") for each in ("clients", "tasks")})
    with stage("score"):
        appraisal = appraise(book.tables, book.scheme, found_before=book.problems)
    assert isinstance(appraisal, Completed), [each.found("en") for each in appraisal.problems if each.level == "error"][
        :5
    ]
    with stage("write"):
        if len(appraisal.results) <= MOST_WRITTEN:
            views, sheets = views_of(appraisal, "en"), outputs(appraisal, "en", book.fingerprint)
            write_book(path, folder / "results.xlsx", sheets, appraisal.scheme, "en", views=views)
            del views, sheets
    job = PublishJob(packed(template("employees", "en")), "employees", str(folder / "cards"))
    with stage("copies"):
        copies = copies_of(appraisal, "employees", "en")
    with stage("files"):
        chosen = Contexts.of(list(islice(copies, FILES)))
        publish(chosen, job, key=b"benchmark")
    found["files"] *= len(copies) / len(chosen)
    print(json.dumps(found | {"people": len(appraisal.results)}))


def main(most: int) -> None:
    """Measure every size, and print the table."""
    print("CPU seconds, and peak MiB so far; files are extrapolated from 200")
    print(f"{'people':>8}" + "".join(f"{each:>18}" for each in STAGES) + f"{'ms a person':>14}")
    for people in (each for each in SIZES if each <= most):
        with tempfile.TemporaryDirectory() as name:
            make(Path(name), people)
            done = subprocess.run([sys.executable, __file__, "--run", name], stdout=subprocess.PIPE, text=True)
            assert not done.returncode
        found = json.loads(done.stdout)
        cells = "".join(f"{found[each]:9.2f}{found[f'{each} MiB']:9,.0f}" for each in STAGES)
        whole = sum(found[each] for each in STAGES) / people * 1000
        print(f"{people:>8,}{cells}{whole:14.2f}", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--run"]:
        run(Path(sys.argv[2]))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else SIZES[-1])
