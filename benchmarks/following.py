"""Ratings, roll-up, pay and lists of many people, beside what a colleague would write with pandas.

    python benchmarks/following.py

Prints seconds of CPU (the best of three), microseconds a person, and how many times as long xlperf takes as the plain
pandas script in the same run. The script works in whole columns, and in a function a pool where a pool is shared out.
It comes to the same figures, in floats, and neither checks its input nor says what is wrong with it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from xlperf.core.periods import Periods, parse_period
from xlperf.core.problems import Text
from xlperf.policy.conditions import Scope, When, read
from xlperf.policy.scheme import Outcome
from xlperf.policy.schemes import from_toml
from xlperf.schema.tables import Table, table_of
from xlperf.scoring.outcomes import on_lists, standing_of
from xlperf.scoring.pay import pay
from xlperf.scoring.raters import weigh
from xlperf.scoring.rollup import roll_up

SIZES = (1_000, 10_000, 50_000)
RUNS = 3
TEAM = 100  # people of a department, which has its own pools
RELATIONS = ["manager"] + ["peer"] * 4 + ["subordinate"] * 3
WEIGHTS = {"manager": 50.0, "peer": 30.0, "subordinate": 20.0}
COEFFICIENTS = {"A": 1.2, "B": 1.0, "C": 0.85}
SHARES = {1: 0.3, 2: 0.2, 3: 0.1}
FUND = 100_000.37
MONTHS = [f"2026-{month:02}" for month in range(1, 13)]
LIMIT, STREAK = 65, 12


def main() -> None:
    """Print what each step costs."""
    print(f"{'':<10}{'people':>8}{'seconds':>10}{'µs a person':>14}{'script':>10}{'times script':>14}")
    for name, (ours, theirs, alike) in STEPS.items():
        for count in SIZES:
            book = make(count)
            ours_took, found = clocked(partial(ours, book))
            theirs_took, expected = clocked(partial(theirs, book))
            assert alike(found, expected), name
            each, ratio = ours_took / count * 1e6, ours_took / theirs_took
            print(f"{name:<10}{count:>8,}{ours_took:>10.3f}{each:>14.1f}{theirs_took:>10.3f}{ratio:>14.1f}")


def clocked(work: Callable[[], pd.Series]) -> tuple[float, pd.Series]:
    """Return the CPU seconds of the best run, and what it came to."""
    times = []
    for _ in range(RUNS):
        start = time.process_time()
        found = work()
        times.append(time.process_time() - start)
    return min(times), found


@dataclass(frozen=True)
class Book:
    """The sheets of a company."""

    people: pd.DataFrame
    ratings: Table
    history: Table
    checks: Table
    funds: Table


def make(count: int) -> Book:
    """Return people with eight ratings, twelve kept months and two checks each, and two funds a department."""
    random = np.random.default_rng(7)
    ids = pd.Series([f"E{n:06}" for n in random.permutation(count)])
    departments = [f"D{n:03}" for n in range(count // TEAM)]
    people = pd.DataFrame(
        {
            "employee_id": ids,
            "name": "Name",
            "department": np.resize(departments, count),
            "department_name": np.resize(departments, count),
            "hire_date": pd.Timestamp("2020-03-02"),
            "leave_date": pd.NaT,
            "status": "active",
            "staff_class": "office",
            "scored": True,
            "service": random.integers(1, 32, count) / 31,
            "base_pay": random.integers(400_000, 2_000_000, count) / 100,
            "total": random.normal(80, 10, count).round(2),
            "grade": random.choice(list(COEFFICIENTS), count),
        }
    )
    people["coefficient"] = people["grade"].map(COEFFICIENTS).astype(float)
    people["place"] = people["total"].rank(method="min", ascending=False)
    people = people.assign(pool="all", pool_size=count)
    eight, twelve, two = (ids.repeat(times).reset_index(drop=True) for times in (8, 12, 2))
    ratings = {
        "employee_id": eight,
        "indicator": "skill",
        "rater_id": random.choice(ids, len(eight)),
        "relation": np.tile(RELATIONS, count),
        "score": random.integers(1, 6, len(eight)).astype(float),
    }
    history = {
        "period": np.tile(MONTHS, count),
        "employee_id": twelve,
        "total": random.normal(80, 10, len(twelve)).round(2),
        "grade": "B",
        "place": 1.0,
    }
    checks = {
        "check_id": [f"C{n}" for n in range(len(two))],
        "check_kind": "spot",
        "date": np.tile(pd.to_datetime(["2026-03-10", "2026-09-10"]), count),
        "employee_id": two,
        "deduction": random.integers(0, 20, len(two)).astype(float),
    }
    funds = [{"item": item, "unit": unit, "amount": FUND} for item in ("shared", "places") for unit in departments]
    sheets = {"ratings": ratings, "history": history, "checks": checks, "funds": funds}
    return Book(people, **{sheet: table_of(sheet, rows) for sheet, rows in sheets.items()})


# Ratings: what relations count for, shared among their raters


def rated(book: Book) -> pd.Series:
    weighed, _ = weigh(book.ratings, SCHEME.indicators, SCHEME, WHEN)
    rows = weighed.table.frame
    return (rows["score"] * rows["rater_weight"]).groupby(rows["employee_id"]).sum()


def rated_by_script(book: Book) -> pd.Series:
    rows = book.ratings.frame.groupby(["employee_id", "relation", "rater_id"])["score"].mean()
    means = rows.groupby(["employee_id", "relation"]).mean().unstack()
    weights = means.notna() * pd.Series(WEIGHTS)
    return (means * weights).sum(axis=1) / weights.sum(axis=1)


# Roll-up: 70 % the months of a year, 30 % its checks


def rolled(book: Book) -> pd.Series:
    own = np.full(len(book.people), np.nan)
    found, _ = roll_up(own, book.people, SCHEME, parse_period("2026"), Periods(), book.history, book.checks)
    return pd.Series(found.base, book.people["employee_id"]).sort_index()


def rolled_by_script(book: Book) -> pd.Series:
    months = book.history.frame.groupby("employee_id")["total"].mean()
    days = book.checks.frame.groupby(["employee_id", "date"])["deduction"].sum()
    return 0.7 * months + 0.3 * (100 - days).clip(lower=0).groupby("employee_id").mean()


# Pay: a coefficient item, a pool by weight and a pool by place, with a sentence for each amount


def paid(book: Book) -> pd.Series:
    return pay(book.people, SCHEME, book.funds, {}, {}, WHEN)[0].totals.sort_index()


def paid_by_script(book: Book) -> pd.Series:
    people = book.people.sort_values("employee_id").set_index("employee_id")
    bonus = (people["base_pay"] * people["coefficient"] * people["service"]).round(2)
    weight = people["base_pay"] * people["coefficient"]
    shared = weight.groupby(people["department"], group_keys=False).apply(lambda each: in_cents(each / each.sum()))
    share = people.groupby("department")["total"].transform(by_place)
    placed = share.groupby(people["department"], group_keys=False).apply(in_cents)
    rows = zip(people["base_pay"], people["coefficient"], people["service"], bonus, strict=True)
    people["bonus_evidence"] = [f"{a:,.2f} × {b:g} × {c:.4f} = {d:,.2f}" for a, b, c, d in rows]
    rows = zip(people["base_pay"], people["coefficient"], shared, strict=True)
    people["shared_evidence"] = [f"pool {FUND:,.2f} × {a:,.2f} × {b:g} = {c:,.2f}" for a, b, c in rows]
    people["placed_evidence"] = [f"pool {FUND:,.2f} × {a:.4%} = {b:,.2f}" for a, b in zip(share, placed, strict=True)]
    return bonus + shared + placed


def in_cents(shares: pd.Series) -> pd.Series:
    exact = shares * FUND * 100
    whole = np.floor(exact)
    spare = round(exact.sum() - whole.sum())
    whole[(exact - whole).nlargest(spare).index] += 1
    return whole / 100


def by_place(totals: pd.Series) -> pd.Series:
    earned = totals.rank(method="first", ascending=False).map(SHARES).fillna(0.0).groupby(totals).transform("mean")
    rest = totals.where(totals.rank(method="min", ascending=False) > len(SHARES), 0.0)
    return earned + (1 - earned.sum()) * rest / rest.sum()


# Lists: at least 65 points in each of twelve periods


def listed(book: Book) -> pd.Series:
    standing = standing_of(
        book.people, (), WHEN, lambda share, size: round(share * size), book.history.frame, JANUARY, Periods()
    )
    member = on_lists(standing, [STEADY]).member[:, 0]
    return pd.Series(member, book.people["employee_id"]).sort_index()


def listed_by_script(book: Book) -> pd.Series:
    earlier = book.history.frame.pivot(index="employee_id", columns="period", values="total").iloc[:, 1 - STREAK :]
    return (earlier >= LIMIT).all(axis=1) & (book.people.set_index("employee_id")["total"] >= LIMIT).sort_index()


def nearly(one: pd.Series, other: pd.Series) -> bool:
    return np.allclose(one, other, rtol=0, atol=1e-9)


def within_cents(one: pd.Series, other: pd.Series) -> bool:
    """Whether floats have cost nobody more than a cent of each item."""
    return bool(((one - other).abs() < 0.035).all())


STEPS = {
    "ratings": (rated, rated_by_script, nearly),
    "roll-up": (rolled, rolled_by_script, nearly),
    "pay": (paid, paid_by_script, within_cents),
    "lists": (listed, listed_by_script, nearly),
}
SCHEME, _ = from_toml(
    """
settings = { scheme = "benchmark", name = "benchmark", full_points = 100, paid_status = ["active"] }
raters = [
    { relation = "manager", weight = 50 },
    { relation = "peer", weight = 30 },
    { relation = "subordinate", weight = 20 },
]
indicators = [{ code = "skill", source = "ratings", measure = "mean", column = "score" }]
parts = [
    { period_kind = "year", code = "months", source = "periods", part_kind = "month", weight = 70 },
    { period_kind = "year", code = "checks", source = "checks", weight = 30 },
]
pay = [
    { code = "bonus", way = "coefficient", base = "base_pay", prorate = "yes" },
    { code = "shared", way = "share_pool", base = "base_pay", pool_by = "department" },
    { code = "places", way = "rank_pool", shares = "30%, 20%, 10%", remainder = "by_score", pool_by = "department" },
]
"""
)
JANUARY = parse_period("2027-01")
WHEN = When(JANUARY.start, JANUARY.end, parse_period("2026-12").start, parse_period("2026-12").end)
STEADY = Outcome(
    "steady",
    Text("稳定", "Steady"),
    read(f"total >= {LIMIT} for {STREAK} consecutive periods", Scope.of_sheet("results")),
    None,
    (),
)

if __name__ == "__main__":
    main()
