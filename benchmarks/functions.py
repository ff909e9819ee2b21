"""What the worksheet functions cost: one call a cell, one call a column, and the first call of a fresh process.

    python benchmarks/functions.py

Wall seconds of 10,000 rows beside the rule itself over the same column, and median wall seconds of fresh processes.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import formualizer
import numpy as np

from xlperf.addin.headless import register
from xlperf.addin.oxt.client import Client
from xlperf.binding.functions import call
from xlperf.policy.rules import RULES

ROWS = 10_000
CALL = "from xlperf.binding.functions import call"
STARTS = {
    "python, nothing imported": "pass",
    "import xlperf.binding.functions": "import xlperf.binding.functions",
    "first PERF_PROPORTIONAL": f"{CALL}; call('PERF_PROPORTIONAL', 45, 50, 100, 'higher')",
    "first PERF_TOTAL": f"{CALL}; call('PERF_TOTAL', [[80, 90]], [[40, 60]], 2)",
    "import xlwings, to compare": "import xlwings",
}


def main() -> None:
    """Print both tables."""
    rng = np.random.default_rng(3)
    actual, target = rng.uniform(0, 130, ROWS), rng.choice([80.0, 100.0, 120.0], ROWS)
    cells = list(zip(actual.tolist(), target.tolist(), strict=True))
    client = Client(sys.executable)
    client.call("PERF_PROPORTIONAL", [45, 50, 100, "higher"])
    ways: dict[str, Callable[[], object]] = {
        "the rule over the column": lambda: RULES["proportional"].function(actual, target, 100, "higher", cap=1.2),
        "one call for the column": lambda: call(
            "PERF_PROPORTIONAL", actual[:, None].tolist(), target[:, None].tolist(), 100, "higher", 1.2
        ),
        "one call a cell": lambda: [call("PERF_PROPORTIONAL", a, t, 100, "higher", 1.2) for a, t in cells],
        "one call a cell, in formualizer": lambda: evaluated(cells),
        "one call a cell, through a pipe as LibreOffice": lambda: [
            client.call("PERF_PROPORTIONAL", [a, t, 100, "higher", 1.2]) for a, t in cells
        ],
    }
    print(f"{ROWS:,} rows")
    for name, work in ways.items():
        seconds = min(clocked(work) for _ in range(3))
        print(f"  {name:<50}{seconds:9.4f} s {seconds / ROWS * 1e6:8.1f} µs a row")
    client.close()
    print("fresh processes")
    for name, code in STARTS.items():
        print(f"  {name:<50}{statistics.median(started(code) for _ in range(5)):9.3f} s")


def evaluated(cells: list[tuple[float, float]]) -> None:
    workbook = formualizer.Workbook()
    workbook.add_sheet("S")
    register(workbook)
    workbook.set_values_batch("S", 1, 1, [list(each) for each in cells])
    formulas = [[f'=PERF_PROPORTIONAL(A{i},B{i},100,"higher",1.2)'] for i in range(1, len(cells) + 1)]
    workbook.set_formulas_batch("S", 1, 3, formulas)
    workbook.evaluate_all()


def clocked(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def started(code: str) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
