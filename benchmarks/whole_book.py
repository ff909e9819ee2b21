"""One large workbook from file to file: 50,000 clients and 300,000 tasks, split into read, compute and write.

    python benchmarks/whole_book.py [CLIENTS]

The tasks are six times the clients. Peak memory is that of the whole process up to then (Linux: kilobytes).
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from xlperf.core.periods import Period, parse_period
from xlperf.policy.scheme import Scheme
from xlperf.policy.schemes import load
from xlperf.reporting.dashboards import views_of
from xlperf.reporting.output_tables import outputs
from xlperf.samples import sample
from xlperf.schema.tables import Table, table_of
from xlperf.scoring.pipeline import appraise
from xlperf.workbook.read.book import read_book
from xlperf.workbook.write.results import write_book
from xlperf.workbook.write.scheme_workbook import build
from xlperf.xlsx.atomic_save import save_atomically


def enlarged(table: Table, rows: int, turns: int) -> Table:
    """Repeat the rows of a sample under new keys until there are so many; clients come in so many turns."""
    frame = table.frame
    picked = frame.iloc[np.arange(rows) % len(frame)].reset_index(drop=True)
    turn = np.arange(rows) // len(frame)
    for column in {*table.sheet.key, "client_id"}:
        number = pd.Series((turn % turns if column == "client_id" else turn).astype(str))
        picked[column] = picked[column].where(picked[column].isna(), picked[column] + "-" + number)
    return table_of(table.sheet.code, picked, "en")


def make(path: Path, scheme: Scheme, period: Period, clients: int) -> None:
    """Write a workbook with so many clients, and six times the tasks."""
    tables = sample("securities-crm", period, "en")
    turns = clients // len(tables["clients"])
    tables["clients"] = enlarged(tables["clients"], turns * len(tables["clients"]), turns)
    tables["tasks"] = enlarged(tables["tasks"], 6 * clients, turns)
    save_atomically(build(scheme, tables, "en"), path, keep_backup=False)


def peak() -> float:
    """Return the peak memory of the process in GiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def main() -> None:
    """Make the workbook, then time each stage of a run."""
    clients = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    period = parse_period("2026-10")
    assert period is not None
    scheme = load("securities-crm").with_settings(language="en", period=period.code)
    print(f"{clients:,} clients, {6 * clients:,} tasks")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.xlsx"
        stages = []

        def timed(name: str, work):
            start = time.perf_counter()
            result = work()
            stages.append((name, time.perf_counter() - start, peak()))
            print(f"{name:<28}{stages[-1][1]:8.1f} s   peak {stages[-1][2]:.2f} GiB", flush=True)
            return result

        timed("make the workbook", lambda: make(path, scheme, period, clients))
        print(f"{path.stat().st_size / 2**20:.1f} MiB")
        book = timed("read", lambda: read_book(path))
        appraisal = timed("compute", lambda: appraise(book.tables, book.scheme, found_before=book.problems))
        assert appraisal.done, [each.found("en") for each in appraisal.problems if each.level == "error"]
        sheets = timed("word the results", lambda: outputs(appraisal, "en", book.fingerprint))
        views = timed("find what the views show", lambda: views_of(appraisal, "en"))
        timed("write", lambda: write_book(path, path, sheets, scheme, "en", keep_backup=False, views=views))


if __name__ == "__main__":
    main()
