"""What scorecards cost, beside loading, filling and saving the same template with openpyxl; both into memory.

Run it by itself: ``python benchmarks/cards.py [--many 10000]``. Ratios are taken within one run.
"""

import argparse
import os
import shutil
import statistics
import tempfile
import time
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import openpyxl

from xlperf.reporting.placeholders import MARKS
from xlperf.workbook.write.default_templates import template
from xlperf.workbook.write.scorecard_files import PublishJob, compile_job, publish
from xlperf.xlsx.atomic_save import packed
from xlperf.xlsx.encryption import can_protect
from xlperf.xlsx.executors import workers
from xlperf.xlsx.template.context import Block, Context, Contexts
from xlperf.xlsx.template.render import TemplateRenderer

KEY = b"benchmark"
ITEMS, TASKS, ROWS = 20, 10, 20
TEXTS = {"name", "department", "position", "grade", "scheme", "period", "lists", "remark"}


def copy(number: int) -> Context:
    """Return an invented card: 20 indicators, 10 tasks, 20 rows behind them."""
    marks = MARKS["employees"]
    values = {name: f"{name} {number}" if name in TEXTS else number % 97 + 0.25 for name in marks.values}
    values["employee_id"] = f"E{number:06}"
    counts = {"score": 4, "item": ITEMS, "task": TASKS, "row": ROWS}
    blocks = {
        block: Block.of(
            tuple(
                f"{column} {row}" if row % 2 == place % 2 else number % 89 + row / 7
                for place, column in enumerate(columns)
            )
            for row in range(counts.get(block, 0))
        )
        for block, (_, columns) in marks.blocks.items()
    }
    return Context(f"E{number:06}", values, blocks)


def by_openpyxl(data: bytes, filled: list[tuple[int, str, object]]) -> None:
    """Load the template, fill in as many cells as a card has, and save it."""
    book = openpyxl.load_workbook(BytesIO(data))
    for sheet, place, value in filled:
        book.worksheets[sheet][place] = value
    book.save(BytesIO())


def cells_of(data: bytes) -> list[tuple[int, str, object]]:
    """Return the cells of a card, which the peer is to fill in."""
    book = openpyxl.load_workbook(BytesIO(data))
    return [
        (number, cell.coordinate, cell.value)
        for number, ws in enumerate(book.worksheets)
        for row in ws.iter_rows()
        for cell in row
        if cell.value is not None
    ]


def cpu(work) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def with_workers() -> float:
    """Return the CPU seconds so far, with those of the workers that are done."""
    return sum(os.times()[:4])


def alternating(folder: Path) -> None:
    data = packed(template("employees", "en"))
    job = PublishJob(data, "employees", str(folder))
    compiled, _ = compile_job(job)
    assert compiled is not None
    renderer = TemplateRenderer(compiled)
    full = renderer.render(copy(1))
    filled = cells_of(full)
    cards = [copy(number) for number in range(200)]

    def ours() -> None:
        for each in cards:
            renderer.render(each)

    def theirs() -> None:
        for _ in range(5):
            by_openpyxl(full, filled)

    def files() -> None:
        for number in range(200):
            (folder / f"{number}.xlsx").write_bytes(full)

    pairs = [(cpu(ours) / 200, cpu(theirs) / 5) for _ in range(5)]
    one, other = (statistics.median(each) for each in zip(*pairs, strict=True))
    print(f"cells filled in a card             {len(filled)}")
    print(f"xlperf, milliseconds a card        {one * 1000:.2f}   ({1 / one:.0f} a second and core)")
    print(f"openpyxl, milliseconds a card      {other * 1000:.1f}   ({other / one:.0f} times)")
    print(f"creating a file of that size       {cpu(files) / 200 * 1000:.2f}")


def growing(folder: Path, many: int) -> None:
    job = PublishJob(packed(template("employees", "en")), "employees", "")
    print("\n cards  processes   wall seconds    CPU seconds   CPU milliseconds a card")
    for count in (100, 1000, many):
        cards = [copy(number) for number in range(count)]
        for jobs in (1, 2):
            target = replace(job, folder=str(folder / f"{count}-{jobs}"))
            start, spent = time.perf_counter(), with_workers()
            with workers(jobs) as executor:
                publish(Contexts.of(cards), target, KEY, None, executor, jobs)
            wall, busy = time.perf_counter() - start, with_workers() - spent
            print(f"{count:6}  {jobs:9}  {wall:13.2f}  {busy:13.2f}  {busy / count * 1000:24.2f}", flush=True)
    changed = [
        replace(each, values={**each.values, "total": 1.0}) if n % 100 == 0 else each for n, each in enumerate(cards)
    ]
    seconds = cpu(
        lambda: print(f"\n1 % changed: {len(publish(Contexts.of(changed), target, KEY).written)} written", end=", ")
    )
    print(f"{seconds:.2f} CPU seconds; ", end="")
    print(f"nothing changed: {cpu(lambda: publish(Contexts.of(changed), target, KEY)):.2f} CPU seconds")


def encrypted(folder: Path) -> None:
    if not can_protect():
        return
    cards = [copy(number) for number in range(10)]
    job = PublishJob(packed(template("employees", "en")), "employees", str(folder / "secret"))
    seconds = cpu(
        lambda: publish(Contexts.of(cards), job, KEY, {each.recipient: "correct horse battery" for each in cards})
    )
    print(f"with a password each: {seconds / 10 * 1000:.0f} milliseconds a card")


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--many", type=int, default=10000)
    many = arguments.parse_args().many
    folder = Path(tempfile.mkdtemp())
    try:
        alternating(folder)
        growing(folder, many)
        encrypted(folder)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
