"""Points, totals, grades and distribution of many people, beside what a colleague would write with pandas.

    python benchmarks/scoring.py

Prints seconds of CPU and ratios within one run: xlperf's steps, the plain pandas ``groupby.apply`` script, and one
NumPy pass over the same arrays (the least that any implementation has to do). Then how the cost grows.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from datetime import date
from fractions import Fraction

import numpy as np
import pandas as pd

from xlperf.core.problems import Text
from xlperf.policy.conditions import ALWAYS, When
from xlperf.policy.scheme import Dimension, Indicator, Scheme
from xlperf.schema.settings import Settings
from xlperf.scoring.distribution import distribute
from xlperf.scoring.grades import grade_by_band
from xlperf.scoring.matrices import Facts
from xlperf.scoring.points import score
from xlperf.scoring.totals import total_scores, weighted

INDICATORS, POOLS = 20, 500
BOUNDS = [90.0, 80.0, 70.0, 60.0, 0.0]
SHARES = [Fraction(share, 100) for share in (10, 20, 40, 20, 10)]
NAMES = np.array(["A", "B", "C", "D", "E"])


def main() -> None:
    """Print the comparison and the growth."""
    print(f"100,000 people x {INDICATORS} indicators, {POOLS} pools")
    people = make(100_000)
    ours = clocked(lambda: xlperf_way(people))
    floor = clocked(lambda: numpy_pass(people))
    theirs = clocked(lambda: pandas_way(people), runs=1)
    assert (xlperf_way(people)[1] == pandas_way(people)["grade"].to_numpy()).all()
    print(f"{'xlperf':<32}{ours:8.3f} s")
    print(f"{'pandas groupby.apply':<32}{theirs:8.3f} s {theirs / ours:8.1f} times xlperf")
    print(f"{'one NumPy pass':<32}{floor:8.3f} s   xlperf takes {ours / floor:.1f} times that")
    print("\npeople      seconds   microseconds a person")
    for count in (100, 1_000, 10_000, 100_000, 1_000_000):
        people = make(count)
        seconds = clocked(lambda: xlperf_way(people), runs=3)  # noqa: B023 - called at once
        print(f"{count:>9,} {seconds:9.4f} {seconds / count * 1e6:12.2f}")


def clocked(work: Callable[[], object], runs: int = 5) -> float:
    """Return the median CPU seconds of some work."""
    times = []
    for _ in range(runs):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return statistics.median(times)


def make(count: int) -> pd.DataFrame:
    """Return actuals of many people: 20 columns, pools, and 2 % of the figures missing."""
    random = np.random.default_rng(7)
    actual = random.gamma(9.0, 10.0, (count, INDICATORS)).round(1)
    actual[random.random(actual.shape) < 0.02] = np.nan
    frame = pd.DataFrame(actual, columns=[f"i{k}" for k in range(INDICATORS)])
    return frame.assign(pool=random.integers(0, min(POOLS, max(1, count // 10)), count))


def xlperf_way(people: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Score, add up, grade by score and by quota with xlperf's own steps."""
    actual = people.iloc[:, :INDICATORS].to_numpy()
    nothing = np.full(actual.shape, np.nan)
    state = np.where(np.isnan(actual), 1, 0)
    facts = Facts(pd.RangeIndex(len(people)), SCHEME.indicators, nothing, nothing, actual, state)
    applies = np.ones(actual.shape, bool)
    targets = np.full(actual.shape, 100.0, order="F")
    points, _ = score(facts, targets, applies, SCHEME, people["pool"].to_numpy(), WHEN)
    filled = np.zeros(actual.shape, bool)
    scores = weighted(points.points, applies, filled, SCHEME.indicators, SCHEME.dimensions, SCHEME.settings)
    totals = total_scores(scores, scores.own, np.zeros(len(people)), SCHEME.settings)
    by_band = grade_by_band(totals.total, BOUNDS)
    spread = distribute(totals.total, people["pool"].to_numpy(), SHARES)
    return totals.total, NAMES[spread.grade], by_band


def pandas_way(people: pd.DataFrame) -> pd.DataFrame:
    """Do the same job the way it is usually written: a function a person, a function a pool."""
    columns = [f"i{k}" for k in range(INDICATORS)]

    def person(row: pd.Series) -> float:
        earned, weight = 0.0, 0.0
        for name in columns:
            if pd.notna(row[name]):
                earned += 5.0 * min(120.0, max(0.0, row[name] / 100.0 * 100.0))
                weight += 5.0
        return float(int(earned / weight * 100.0 + 0.5 + 1e-9)) / 100.0 if weight else float("nan")

    def pool(group: pd.DataFrame) -> pd.DataFrame:
        place = group["total"].rank(method="min", ascending=False)
        size = group["total"].notna().sum()
        lines = [int(size * share + Fraction(1, 2)) for share in np.cumsum(SHARES)]
        grade = place.apply(lambda each: next(name for name, line in zip(NAMES, lines, strict=True) if each <= line))
        return group.assign(grade=grade)

    people = people.assign(total=people[columns].apply(person, axis=1))
    people = people.assign(
        by_band=people["total"].apply(lambda x: next(n for n, b in zip(NAMES, BOUNDS, strict=True) if x >= b))
    )
    return people.groupby("pool", group_keys=False)[people.columns.tolist()].apply(pool).sort_index()


def numpy_pass(people: pd.DataFrame) -> np.ndarray:
    """Read every figure once, weight it, add up and sort: the least that has to be done."""
    actual = people.iloc[:, :INDICATORS].to_numpy()
    sums = np.nansum(np.clip(actual, 0.0, 120.0) * 0.05, axis=1)
    return np.lexsort((-sums, people["pool"].to_numpy()))


NAME = Text("指标", "indicator")
SETTINGS = Settings.of({"scheme": "benchmark", "name": "benchmark", "if_missing": "redistribute"})
SCHEME = Scheme(
    tables={},
    settings=SETTINGS,
    dimensions=(Dimension("d", NAME, 100.0),),
    indicators=tuple(
        Indicator(
            code=f"i{k}", name=NAME, dimension="d", weight=100.0 / INDICATORS, group="", levels=("employee",),
            kind="quantitative", unit="%", direction="higher", source="actuals", measure="given", columns=(),
            where=ALWAYS, hit=None, owner_at=None, target=100.0, rule="proportional",
            parameters={"cap": 1.2, "floor": 0.0}, note="",
        )
        for k in range(INDICATORS)
    ),
    bands={},
    grades=(),
    outcomes=(),
)  # fmt: skip
DAY = date(2026, 10, 1)
WHEN = When(DAY, DAY, DAY, DAY)

if __name__ == "__main__":
    main()
