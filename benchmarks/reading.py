"""Reading two large sheets of a workbook to typed columns, beside pandas with openpyxl; each way a process of its own.

    python benchmarks/reading.py [PEOPLE]

10,000 people have 200,000 clients in 12 columns and 500,000 tasks in 8. Seconds are CPU seconds of the step, without
imports; memory is the peak of the process. The ways come one after the other, in one run.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

SHEETS = ("Clients", "Tasks")


def with_pandas(path: Path) -> object:
    """Read with pandas as it comes."""
    import pandas as pd

    return [pd.read_excel(path, sheet_name=sheet, engine="openpyxl") for sheet in SHEETS]


def with_calamine(path: Path) -> object:
    """Read with pandas on calamine, a reader in Rust that cannot tell an error from a blank."""
    import pandas as pd

    return [pd.read_excel(path, sheet_name=sheet, engine="calamine") for sheet in SHEETS]


def typed(path: Path) -> object:
    """Read with xlperf, to typed columns with the addresses of what is wrong."""
    from xlperf.schema import find_sheet
    from xlperf.workbook.read.sheet_table import read_sheet
    from xlperf.xlsx.reader.workbook import Workbook

    with Workbook(path) as book:
        grids = [book.grid(part) for part in book.sheets if part.title in SHEETS]
    return [read_sheet(grid, find_sheet(grid.title)) for grid in grids]  # type: ignore[arg-type]


def exactly(path: Path) -> object:
    """Read with xlperf cell by cell, as it reads a sheet that is written in an unusual way."""
    from xlperf.schema import find_sheet
    from xlperf.workbook.read.sheet_table import read_sheet
    from xlperf.xlsx.reader.workbook import Workbook

    with Workbook(path) as book:
        grids = [book.exact_grid(part) for part in book.sheets if part.title in SHEETS]
    return [read_sheet(grid, find_sheet(grid.title)) for grid in grids]  # type: ignore[arg-type]


def whole_book(path: Path) -> object:
    """Read the book: every sheet, the scheme, every check, and the fingerprint of the inputs."""
    from xlperf.workbook.read.book import read_book

    book = read_book(path)
    assert len(book.tables["tasks"]), book.problems
    return book


WAYS: dict[str, Callable[[Path], object]] = {
    "pandas + openpyxl": with_pandas,
    "pandas + calamine": with_calamine,
    "xlperf, cell by cell": exactly,
    "xlperf": typed,
    "xlperf, a sheet kept from before": typed,
    "xlperf, the whole book with checks": whole_book,
}


def measured(way: str, path: Path, cache: str) -> dict[str, float] | None:
    """Return CPU seconds and peak memory of one way, in a process of its own; None where a library is missing."""
    import os

    command = [sys.executable, __file__, "--way", way, str(path)]
    environment = os.environ | {"XLPERF_CACHE": cache if "kept" in way else ""}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode:
        print(f"{way:<38}not measured: {done.stderr.strip().splitlines()[-1][:80]}")
        return None
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def one_way(way: str, path: Path) -> None:
    """Measure one way, and print it."""
    import large
    import openpyxl  # noqa: F401 - imported before the clock runs
    import pandas as pd  # noqa: F401

    import xlperf.workbook.read.book  # noqa: F401

    start = time.process_time()
    found = WAYS[way](path)
    seconds = time.process_time() - start
    assert found
    print(json.dumps({"seconds": seconds, "mebibytes": large.peak()}))


def main(people: int) -> None:
    """Make the workbook, and measure every way."""
    import large

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.xlsx"
        large.make_book(path, people)
        clients, tasks = people * large.CLIENTS, people * large.TASKS
        print(f"{clients:,} clients x 12, {tasks:,} tasks x 8: {path.stat().st_size / 2**20:.1f} MiB")
        cache = str(Path(folder) / "kept")
        measured("xlperf, a sheet kept from before", path, cache)
        first = None
        for way in WAYS:
            found = measured(way, path, cache)
            if found:
                first = first or found["seconds"]
                ratio = first / found["seconds"]
                print(
                    f"{way:<38}{found['seconds']:8.2f} s {ratio:8.1f} times {found['mebibytes']:8,.0f} MiB", flush=True
                )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--way"]:
        one_way(sys.argv[2], Path(sys.argv[3]))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
