"""What HR waits for: run, check and demo as whole processes, beside other ways to write the same cells.

    python benchmarks/main_job.py [TIMES]

The flagship's sample (41 people, 45 sheets) is run, run again with one rating changed, run again unchanged, and
checked. Then every cell of the results is written by plain openpyxl, by XlsxWriter, and as joined XML. Every way is a
process of its own; they take turns, and the median of TIMES (3) is shown in CPU seconds.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

XLPERF = [sys.executable, "-m", "xlperf"]
CELLS = """
import pickle, sys
sheets = pickle.load(open(sys.argv[1], "rb"))
"""
PLAIN = (
    CELLS
    + """
from openpyxl import Workbook
book = Workbook()
for title, rows in sheets.items():
    ws = book.create_sheet(title)
    for row in rows:
        ws.append(row)
book.save(sys.argv[2])
"""
)
XLSXWRITER = (
    CELLS
    + """
import xlsxwriter
book = xlsxwriter.Workbook(sys.argv[2])
for title, rows in sheets.items():
    ws = book.add_worksheet(title)
    for at, row in enumerate(rows):
        for column, value in enumerate(row):
            if value is not None:
                ws.write(at, column, value)
book.close()
"""
)
JOINED = (
    CELLS
    + """
import zipfile
from xml.sax.saxutils import escape
with zipfile.ZipFile(sys.argv[2], "w", zipfile.ZIP_DEFLATED) as package:
    for number, rows in enumerate(sheets.values()):
        cell = lambda value: f"<c><v>{value}</v></c>" if not isinstance(value, str) else (
            f'<c t="inlineStr"><is><t>{escape(value)}</t></is></c>')
        lines = ("".join(cell(value) for value in row if value is not None) for row in rows)
        package.writestr(f"sheet{number}.xml", "".join(f"<row>{line}</row>" for line in lines))
"""
)
IMPORTS = "import numpy, pandas, openpyxl"
KEEP_CELLS = """
import pickle, sys
from openpyxl import load_workbook
book = load_workbook(sys.argv[1], data_only=True)
sheets = {ws.title[:31]: [[str(v) if hasattr(v, "year") else v for v in row] for row in ws.iter_rows(values_only=True)]
          for ws in book.worksheets}
pickle.dump(sheets, open(sys.argv[2], "wb"))
print(sum(value is not None for rows in sheets.values() for row in rows for value in row))
"""
CHANGE_A_RATING = """
import sys
from openpyxl import load_workbook
from xlperf.workbook.read.book import read_book
table = read_book(sys.argv[1]).tables["actuals"]
book = load_workbook(sys.argv[1])
cells = [book[table.title][f"{table.letters['actual']}{row}"] for row in table.rows]
cell = next(cell for cell in cells if isinstance(cell.value, (int, float)))
cell.value = cell.value * 1.01
book.save(sys.argv[2])
"""


def spent(command: list[str]) -> float:
    """Return the CPU seconds of a process."""
    before = os.times()
    subprocess.run(command, check=False, capture_output=True)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def main() -> None:
    """Make the workbooks, let the ways take turns, and print what each takes."""
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fresh, ran, changed, cells, small = (
            folder / each for each in ("fresh.xlsx", "ran.xlsx", "changed.xlsx", "cells", "small.xlsx")
        )
        subprocess.run([*XLPERF, "new", "securities-crm", fresh, "--sample", "--lang", "en"], check=True)
        subprocess.run([*XLPERF, "new", "service-team", small, "--sample", "--lang", "en"], check=True)
        subprocess.run([*XLPERF, "run", fresh, "-o", ran], check=True, capture_output=True)
        subprocess.run([sys.executable, "-c", CHANGE_A_RATING, ran, changed], check=True)
        count = subprocess.run(
            [sys.executable, "-c", KEEP_CELLS, ran, cells], check=True, capture_output=True, text=True
        )
        print(f"{int(count.stdout):,} cells in the workbook after a run")
        out = str(folder / "out.xlsx")
        ways: dict[str, list[object]] = {
            "import numpy, pandas, openpyxl": [sys.executable, "-c", IMPORTS],
            "plain openpyxl writes the cells": [sys.executable, "-c", PLAIN, cells, out],
            "XlsxWriter writes the cells": [sys.executable, "-c", XLSXWRITER, cells, out],
            "joined XML, deflated": [sys.executable, "-c", JOINED, cells, out],
            "xlperf run, first time": [*XLPERF, "run", fresh, "-o", folder / "1.xlsx"],
            "xlperf run, one figure changed": [*XLPERF, "run", changed, "-o", folder / "2.xlsx"],
            "xlperf run, nothing changed": [*XLPERF, "run", ran],
            "xlperf check": [*XLPERF, "check", ran],
            "xlperf demo": [*XLPERF, "demo", "-o", folder / "demo"],
            "xlperf run of service-team": [*XLPERF, "run", small, "-o", folder / "3.xlsx"],
        }
        took: dict[str, list[float]] = {way: [] for way in ways}
        for _ in range(times):
            for way, command in ways.items():
                took[way].append(spent([str(each) for each in command]))
                shutil.rmtree(folder / "demo", ignore_errors=True)
        median = {way: statistics.median(each) for way, each in took.items()}
        plain = median["plain openpyxl writes the cells"]
        for way, seconds in median.items():
            print(f"{way:<34}{seconds:7.2f} s  {seconds / plain:6.2f} times plain openpyxl")


if __name__ == "__main__":
    main()
