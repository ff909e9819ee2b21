"""Facts from six million rows of Parquet: summed up where they are, beside loading them into pandas.

    python benchmarks/sources.py [TASKS]

Both ways use the same column expressions and come to the same figures; each is a process of its own. The rows are
tasks of 10,000 people, and the indicators are the three of the large scheme that ask about tasks.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

QUERY = """
COPY (
    SELECT 'T' || lpad(n::VARCHAR, 9, '0') AS task_id, 'E' || lpad((n % 10000)::VARCHAR, 6, '0') AS owner_id,
           'C' || lpad((hash(n + 1) % 1000000)::VARCHAR, 8, '0') AS client_id,
           DATE '2026-09-15' + (hash(n) % 57)::INTEGER AS due_date,
           CASE WHEN hash(n + 2) % 20 < 17 THEN TIMESTAMP '2026-09-14 09:00:00'
                + to_days((hash(n) % 57)::INTEGER + (hash(n + 3) % 6)::INTEGER - 3) END AS done_date,
           ['已完成', '已完成', '未开始', '已取消'][(hash(n + 4) % 4)::INTEGER + 1] AS status,
           (hash(n + 5) % 800) / 100.0 AS amount, repeat('note ', 8) AS note
    FROM range($rows) AS made(n)
) TO '$path' (FORMAT parquet)
"""


def one_way(way: str, path: Path) -> None:
    """Measure one way: from the file to the sums of every owner."""
    import duckdb  # noqa: F401 - imported before the clock runs
    import large

    from xlperf.core.periods import parse_period
    from xlperf.policy.calendars import calendar_of
    from xlperf.schema import SHEETS
    from xlperf.scoring.facts import summed, when_of
    from xlperf.workbook.sources import read_facts, rows_outside

    scheme, period = large.scheme(), parse_period("2026-10")
    assert period is not None
    when = when_of(period, calendar_of(scheme)[0], scheme.table("calendar"))
    rows_outside.MOST_LOADED = 0 if way == "stays" else 10**9
    indicators = [each for each in scheme.indicators if each.sheet == "tasks"]
    start, wall = time.process_time(), time.perf_counter()
    table, problems = read_facts(SHEETS["tasks"], str(path), scheme.tables)
    read = time.process_time() - start
    sums = summed(table.data, indicators, when).sort_index().round(6)
    seconds, wall = time.process_time() - start, time.perf_counter() - wall
    assert (table.outside is not None) == (way == "stays"), problems
    figures = {"seconds": seconds, "read": read, "wall": wall, "sums": float(sums.to_numpy().sum()),
               "mebibytes": large.peak()}  # fmt: skip
    print(json.dumps(figures))


def main(rows: int) -> None:
    """Make the file, and measure both ways."""
    import duckdb

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tasks.parquet"
        duckdb.sql(QUERY.replace("$rows", str(rows)).replace("$path", str(path)))
        print(f"{rows:,} tasks: {path.stat().st_size / 2**20:.0f} MiB of Parquet")
        found = {}
        for way, name in (("loaded", "loaded into pandas"), ("stays", "summed up by DuckDB")):
            command = [sys.executable, __file__, "--way", way, str(path)]
            done = subprocess.run(command, capture_output=True, text=True)
            assert not done.returncode, done.stderr
            found[way] = json.loads(done.stdout)
            print(f"{name:<24}{found[way]['seconds']:8.1f} s CPU {found[way]['wall']:8.1f} s "
                  f"{found[way]['mebibytes']:8,.0f} MiB")  # fmt: skip
        assert abs(found["loaded"]["sums"] / found["stays"]["sums"] - 1) < 1e-12
        ratios = {each: found["loaded"][each] / found["stays"][each] for each in ("seconds", "wall", "mebibytes")}
        print(f"{ratios['seconds']:.1f} times the CPU, {ratios['wall']:.1f} times as long, "
              f"{ratios['mebibytes']:.1f} times the memory")  # fmt: skip


if __name__ == "__main__":
    if sys.argv[1:2] == ["--way"]:
        one_way(sys.argv[2], Path(sys.argv[3]))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 6_000_000)
