"""What the xlwings engine costs beside plain openpyxl: blocks of values in and out, cells formatted, a file opened.

Run it by itself: ``python benchmarks/engine.py [--rows 5000]``. Ratios are taken within one run.
"""

import argparse
import tempfile
import time
from pathlib import Path

import openpyxl
from openpyxl.styles import Font

from xlperf import engine

COLUMNS = 20


def seconds(work):
    """Return the shortest of three times, and the last result."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        result = work()
        times.append(time.perf_counter() - start)
    return min(times), result


def plain_write(rows):
    sheet = openpyxl.Workbook().active
    for row, values in enumerate(rows, start=1):
        for column, value in enumerate(values, start=1):
            sheet.cell(row, column).value = value
    return sheet


def plain_read(sheet):
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def plain_bold(sheet):
    for row in sheet.rows:
        for cell in row:
            cell.font = Font(bold=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=5000)
    count = parser.parse_args().rows
    rows = [[float(row * column) for column in range(COLUMNS)] for row in range(count)]
    app = engine.start()
    sheet = app.books.add().sheets[0]

    def write():
        sheet["A1"].value = rows

    def bold():
        sheet["A1"].resize(count, COLUMNS).font.bold = True

    written, theirs = seconds(lambda: plain_write(rows))
    lines = [("write", seconds(write)[0], written)]
    lines.append(
        ("read with expand", seconds(lambda: sheet["A1"].expand().value)[0], seconds(lambda: plain_read(theirs))[0])
    )
    lines.append(("make bold", seconds(bold)[0], seconds(lambda: plain_bold(theirs))[0]))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cells.xlsx"
        sheet.book.save(path)
        sheet.book.close()

        def reopen():
            app.books.open(path).close()

        lines.append(("open", seconds(reopen)[0], seconds(lambda: openpyxl.load_workbook(path))[0]))
    print(f"{count:,} rows of {COLUMNS} columns      engine   openpyxl   engine / openpyxl")
    for name, ours, plain in lines:
        print(f"{name:34}{ours:7.2f} s {plain:8.2f} s {ours / plain:12.2f}")
    app.quit()


if __name__ == "__main__":
    main()
