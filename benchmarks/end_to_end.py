"""From 700,000 rows in a workbook to 10,000 cards, beside the script that a colleague would write.

    python benchmarks/end_to_end.py [PEOPLE]

Both read the same workbook, score six indicators, share out grades in each department, and write a workbook for every
person. The script is idiomatic pandas and openpyxl (``colleague.py``); it makes 300 cards, and the time of the others
is extrapolated. Its cards are ours once (the same workbook, as many cells filled in), once they say what ours say on
unformatted sheets, and once they are a table of six lines. Its totals have to agree with ours. Then xlperf alone, from
100 people to 20,000, whose million tasks fill a sheet: how it grows.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

CARDS = 300  # that the script makes
OURS, TWO = "xlperf", "xlperf, two processes"
SAME, LISTS, PLAIN = "the script, our cards", "with unformatted cards", "with six lines a card"
SIZES = (100, 1_000, 10_000, 20_000)  # as far as the rows of a sheet reach: 20,000 people have a million tasks


def ours(path: Path, folder: Path, jobs: int = 1) -> dict[str, float]:
    """Run xlperf: read, appraise, make every card."""
    from xlperf.reporting.scorecards import copies_of
    from xlperf.scoring.pipeline import appraise
    from xlperf.scoring.stages import Completed
    from xlperf.workbook.read.book import read_book
    from xlperf.workbook.write.default_templates import template
    from xlperf.workbook.write.scorecard_files import PublishJob, publish, warm_up_workers
    from xlperf.xlsx.atomic_save import packed
    from xlperf.xlsx.executors import workers

    clock, begun = [time.process_time()], time.perf_counter()
    book = read_book(path)
    clock.append(time.process_time())
    appraisal = appraise(book.tables, book.scheme, found_before=book.problems)
    assert isinstance(appraisal, Completed), [each.found("en") for each in appraisal.problems if each.level == "error"][
        :5
    ]
    clock.append(time.process_time())
    job = PublishJob(packed(template("employees", "en")), "employees", str(folder))
    with workers(jobs) as executor:
        warm_up_workers(job, executor, jobs)
        done = publish(copies_of(appraisal, "employees", "en"), job, b"benchmark", None, executor, jobs)
    clock.append(time.process_time() + sum(os.times()[2:4]))
    wall = time.perf_counter() - begun
    total = float(appraisal.results["total"].sum())
    return {**parts(clock), "total": clock[-1] - clock[0], "wall": wall, "made": len(done.written), "sum": total}


def theirs(path: Path, folder: Path, way: str) -> dict[str, float]:
    """Run the script, with so few cards that one can wait for it."""
    import colleague

    clock, begun = [time.process_time()], time.perf_counter()
    tables = colleague.read(path)
    clock.append(time.process_time())
    results, behind = colleague.score(tables)
    clock.append(time.process_time())
    work, rows = ({}, {}) if way == PLAIN else colleague.lists(behind, tables["Tasks"])
    listed, wall = time.process_time(), time.perf_counter()
    if way == SAME:
        ours = sorted((folder.parent / OURS).glob("*.xlsx"), key=lambda card: card.stat().st_size)
        made = colleague.same_cards(results, folder, CARDS, ours[len(ours) // 2])
    else:
        made = colleague.cards(results, folder, CARDS, work, rows)
    clock.append(time.process_time())
    found = parts(clock)
    found["cards"] += (clock[-1] - listed) * (len(results) / made - 1)
    seconds = wall - begun + (time.perf_counter() - wall) * len(results) / made
    return {
        **found, "total": sum(found.values()), "wall": seconds, "made": made, "sum": float(results["total"].sum())
    }  # fmt: skip


def parts(clock: list[float]) -> dict[str, float]:
    """Return the seconds between the readings of a clock, by what was done."""
    return dict(zip(("read", "score", "cards"), (after - before for before, after in pairwise(clock)), strict=True))


def measured(way: str, path: Path, folder: Path) -> dict[str, float]:
    """Return the seconds of one way, in a process of its own."""
    command = [sys.executable, __file__, "--way", way, str(path), str(folder / way)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert not done.returncode, done.stderr[-2000:]
    return json.loads(done.stdout)


def main(people: int) -> None:
    """Compare, and show the growth."""
    import large

    row = "{:<24}{read:9.2f}{score:9.2f}{cards:10.2f}{total:10.2f}{wall:12.1f}"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "large.xlsx"
        large.make_book(path, people)
        print(f"{people:,} people, {people * large.CLIENTS:,} clients, {people * large.TASKS:,} tasks; CPU seconds")
        print(f"{'':<24}{'read':>9}{'score':>9}{'cards':>10}{'total':>10}{'wall clock':>12}")
        one, two = measured(OURS, path, folder), measured(TWO, path, folder)
        print(row.format(OURS, **one))
        print(row.format(TWO, **two))
        for way in (SAME, LISTS, PLAIN):
            other = measured(way, path, folder)
            assert abs(one["sum"] / other["sum"] - 1) < 1e-6, (one["sum"], other["sum"])
            print(row.format(way, **other), f"({other['made']:.0f} cards made, the rest extrapolated)")
            times = {each: other[each] / one[each] for each in ("read", "score", "cards", "total", "wall")}
            print(
                row.format("    times", **times), f"; {other['wall'] / two['wall']:.1f} with two processes", flush=True
            )
        print("\n  people     read    score     cards     total   milliseconds a person")
        for size in (each for each in SIZES if each <= 2 * people):
            large.make_book(path, size)
            found = measured(OURS, path, folder / str(size))
            print(f"{size:>8,}{found['read']:9.2f}{found['score']:9.2f}{found['cards']:10.2f}{found['total']:10.2f}"
                  f"{found['total'] / size * 1000:14.2f}", flush=True)  # fmt: skip


if __name__ == "__main__":
    if sys.argv[1:2] == ["--way"]:
        way, source, target = sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4])
        target.mkdir(parents=True)
        jobs = {OURS: 1, TWO: 2}.get(way)
        print(json.dumps(ours(source, target, jobs) if jobs else theirs(source, target, way)))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
