"""What saving costs: openpyxl's whole save against putting results and values into the sheet part alone.

    python benchmarks/saving.py [ROWS]

Both ways write the same book of formulas; only the ratios count, since both are timed in the same process.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from openpyxl import Workbook, load_workbook

from xlperf.workbook.write.edit_cells import edit_book
from xlperf.xlsx.package.cached_values import with_cached

ROWS = 10_000
FIGURES, FORMULAS = 10, 10  # columns
EDITED = 200  # cells of one visit
TIMES = 3


def book_of(rows: int) -> bytes:
    """Make a workbook with as many formulas as figures."""
    workbook, file = Workbook(), BytesIO()
    ws = workbook.worksheets[0]
    for row in range(1, rows + 1):
        ws.append([row + column / 8 for column in range(FIGURES)] + [f"=A{row}*{column}" for column in range(FORMULAS)])
    workbook.save(file)
    return file.getvalue()


def cpu(work: Callable[[], object]) -> float:
    """Return the least processor time that some work takes, in seconds."""
    times = []
    for _ in range(TIMES):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def saved_by_openpyxl(data: bytes, values: dict[str, float]) -> None:
    workbook = load_workbook(BytesIO(data))
    for ref, value in values.items():
        workbook.worksheets[0][ref] = value
    workbook.save(BytesIO())


def main() -> None:
    """Time both ways and print the ratios."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    data = book_of(rows)
    letters = "KLMNOPQRST"
    results = {f"{letter}{row}": 1.5 * row for row in range(1, rows + 1) for letter in letters}
    values = {f"A{row}": 0.5 for row in range(1, rows + 1, max(rows // EDITED, 1))}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "book.xlsx"
        path.write_bytes(data)
        whole = cpu(lambda: saved_by_openpyxl(data, values))
        injected = cpu(lambda: with_cached(data, {"Sheet": results}))
        edited = cpu(lambda: edit_book(path, path, {"Sheet": values}, keep_backup=False))
    print(f"{rows:,} rows, {rows * (FIGURES + FORMULAS):,} cells")
    print(f"openpyxl: load, {len(values)} cells, save        {whole:7.2f} s")
    print(f"edit_book: the same cells              {edited:7.2f} s   {whole / edited:5.1f} times sooner")
    print(f"results of {len(results):,} formulas put in     {injected:7.2f} s   {whole / injected:5.1f} times sooner")


if __name__ == "__main__":
    main()
