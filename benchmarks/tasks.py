"""Task rules over many clients, beside what a colleague would write with pandas.

    python benchmarks/tasks.py

Prints seconds of CPU and ratios within one run: xlperf's pass of 17 rules over whole columns, and a plain pandas script
that goes through the clients with ``apply``, a rule at a time, and makes the same tasks. Then how the cost grows.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from fractions import Fraction

import numpy as np
import pandas as pd

from xlperf.core.periods import WorkCalendar
from xlperf.core.problems import Text
from xlperf.policy.conditions import ALWAYS, Scope, When, read, read_expression
from xlperf.policy.scheme import Scheme, TaskRule
from xlperf.policy.schemes import load
from xlperf.schema import SHEETS, Column
from xlperf.schema.tables import Tables, table_of
from xlperf.scoring.tasks import Generated, generate

OFF = tuple(date(2026, 10, day) for day in range(1, 8))
WORKED = (date(2026, 10, 10),)
START, END = date(2026, 10, 1), date(2026, 10, 31)
WHEN = When(START, END, date(2026, 9, 1), date(2026, 9, 30), OFF, WORKED)
CALENDAR = WorkCalendar(frozenset(OFF), frozenset(WORKED))
PROSPECT, CLIENT = "opened_date is empty and lost_date is empty", "opened_date <= period start and lost_date is empty"
RULES = {  # who, trigger, due, done when, cancelled when
    "R01": (PROSPECT, "created_date", "trigger + 3 workdays", "last_contact_date >= trigger", "opened_date is filled"),
    "R02": (PROSPECT, "last_contact_date + 15 days", "trigger + 3 workdays", "last_contact_date >= trigger", ""),
    "R03": ("phone is empty", "period start", "period end", "phone is filled", "lost_date is filled"),
    "R04": ("", "opened_date", "trigger + 7 days", "last_contact_date > trigger", "lost_date is filled"),
    "R05": ("", "won_back_date", "trigger + 2 trading days", "last_contact_date > trigger", ""),
    "R06": (f"m_level = VIP and {CLIENT}", "period start", "period end", "last_contact_date >= trigger", ""),
    "R07": (f"m_level = core and {CLIENT}", "period start", "trigger + 3 months", "last_contact_date >= trigger", ""),
    "R08": (f"m_level = other and {CLIENT}", "period start", "trigger + 6 months", "last_contact_date >= trigger", ""),
    "R09": (CLIENT, "risk_expiry_date - 30 days", "trigger + 30 days", "risk_expiry_date > trigger + 30 days", ""),
    "R10": (CLIENT, "id_expiry_date - 30 days", "trigger + 30 days", "id_expiry_date > trigger + 30 days", ""),
    "R11": ("m_level in (VIP, core)", "anniversary of birthday", "trigger", "last_contact_date >= trigger", ""),
    "R12": ("closing_assets <= opening_assets * 0.7", "period end", "trigger + 3 workdays", "", ""),
    "R13": (CLIENT, "last_trade_date + 90 days", "trigger + 5 workdays", "last_contact_date >= trigger", ""),
    "R14": ("", "lost_date", "trigger + 10 days", "last_contact_date >= trigger and lost_reason is filled", ""),
    "R15": ("", "", "trigger + 3 workdays", "", ""),
    "R17": (CLIENT, "period start", "period end", "", "lost_date is filled"),
}
SCOPE = Scope.of_sheet("clients", [Column("trigger", SHEETS["task_rules"]["trigger"].name, "date")])


def main() -> None:
    """Print the comparison and the growth."""
    people = make(10_000)
    ours, theirs = clocked(lambda: generate(people, SCHEME, WHEN, "2026-10")), clocked(lambda: plain_way(people), 1)
    made, expected = generate(people, SCHEME, WHEN, "2026-10"), plain_way(people)
    ordinary = made.new[~made.new["rule_code"].isin(["R16", "R17"])]
    compare(ordinary, expected)
    print(f"10,000 clients x {len(SCHEME.task_rules)} rules: {len(made.new):,} tasks")
    print(f"{'xlperf':<32}{ours:8.3f} s")
    print(f"{'pandas apply':<32}{theirs:8.3f} s {theirs / ours:8.1f} times xlperf")
    print("\n  clients       tasks   seconds   microseconds a client   the second run")
    for count in (1_000, 10_000, 100_000, 1_000_000):
        tables, results = make(count), list[Generated]()
        first = clocked(lambda: results.append(generate(tables, SCHEME, WHEN, "2026-10")), 1)  # noqa: B023 - at once
        again = {**tables, "tasks": results[0].tasks}
        second = clocked(lambda: results.append(generate(again, SCHEME, WHEN, "2026-10")), 1)  # noqa: B023
        assert not results[1].changed
        print(f"{count:>9,} {len(results[0].new):>11,} {first:9.2f} {first / count * 1e6:14.1f} {second:22.2f}")


def clocked(work: Callable[[], object], runs: int = 3) -> float:
    """Return the median CPU seconds of some work."""
    times = []
    for _ in range(runs):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return statistics.median(times)


def make(count: int) -> Tables:
    """Return clients as a house has them, one manager for 200 clients, and no tasks."""
    random = np.random.default_rng(7)

    def days(first: str, last: str, share: float) -> np.ndarray:
        span = (np.datetime64(last) - np.datetime64(first)).astype(int)
        drawn = np.datetime64(first) + random.integers(0, span + 1, count)
        return np.where(random.random(count) < share, drawn, np.datetime64("NaT")).astype("datetime64[s]")

    managers = np.array([f"E{number:05}" for number in range(max(1, count // 200))], object)
    clients = {
        "client_id": np.array([f"C{number:07}" for number in range(count)], object),
        "owner_id": managers[np.arange(count) % len(managers)],
        "created_date": days("2016-01-01", "2026-10-31", 1.0),
        "opened_date": days("2016-01-01", "2026-10-31", 0.8),
        "lost_date": days("2026-01-01", "2026-10-31", 0.05),
        "lost_reason": np.where(random.random(count) < 0.02, "fees", None),
        "won_back_date": days("2026-01-01", "2026-10-31", 0.02),
        "last_contact_date": days("2026-07-01", "2026-10-31", 0.9),
        "last_trade_date": days("2026-05-01", "2026-10-31", 0.7),
        "risk_expiry_date": days("2026-10-01", "2028-10-01", 0.7),
        "id_expiry_date": days("2026-10-01", "2036-10-01", 0.7),
        "birthday": days("1945-01-01", "2006-12-31", 0.9),
        "opening_assets": random.gamma(1.0, 80_000.0, count).round(2),
        "closing_assets": random.gamma(1.0, 80_000.0, count).round(2),
        "m_level": random.choice(["vip", "core", "other"], count, p=[0.02, 0.1, 0.88]).astype(object),
        "phone": np.where(random.random(count) < 0.9, "138", None),
    }
    people = {"employee_id": managers, "status": ["active"] * len(managers)}
    return {"clients": table_of("clients", pd.DataFrame(clients)), "employees": table_of("employees", people)}


def plain_way(tables: Tables) -> pd.DataFrame:
    """Make the tasks of the rules for clients the way it is usually written: a function a client and rule."""
    first, last = pd.Timestamp(START), pd.Timestamp(END)
    day = pd.Timedelta(days=1)

    def workdays(start: pd.Timestamp, number: int, trading: bool = False) -> pd.Timestamp:
        while number:
            start += day
            usual = start.weekday() < 5 and start.date() not in OFF
            number -= usual or (start.date() in WORKED and not trading)
        return start

    def birthday(row: pd.Series) -> object:
        if row["m_level"] not in ("vip", "core") or pd.isna(row["birthday"]) or row["birthday"].month != 10:
            return None
        return row["birthday"].replace(year=2026)

    def prospect(row: pd.Series) -> bool:
        return bool(pd.isna(row["opened_date"]) and pd.isna(row["lost_date"]))

    def client(row: pd.Series) -> bool:
        return bool(row["opened_date"] <= first and pd.isna(row["lost_date"]))

    def level(name: str) -> Callable[[pd.Series], object]:
        return lambda row: first if row["m_level"] == name and client(row) else None

    rules: dict[str, tuple[Callable[[pd.Series], object], Callable[[pd.Timestamp], pd.Timestamp]]] = {
        "R01": (lambda row: row["created_date"] if prospect(row) else None, lambda each: workdays(each, 3)),
        "R02": (lambda row: row["last_contact_date"] + 15 * day if prospect(row) else None, lambda x: workdays(x, 3)),
        "R03": (lambda row: first if pd.isna(row["phone"]) and pd.isna(row["lost_date"]) else None, lambda _: last),
        "R04": (lambda row: row["opened_date"], lambda each: each + 7 * day),
        "R05": (lambda row: row["won_back_date"], lambda each: workdays(each, 2, trading=True)),
        "R06": (level("vip"), lambda _: last),
        "R07": (level("core"), lambda each: each + pd.DateOffset(months=3)),
        "R08": (level("other"), lambda each: each + pd.DateOffset(months=6)),
        "R09": (lambda row: row["risk_expiry_date"] - 30 * day if client(row) else None, lambda x: x + 30 * day),
        "R10": (lambda row: row["id_expiry_date"] - 30 * day if client(row) else None, lambda x: x + 30 * day),
        "R11": (birthday, lambda each: each),
        "R12": (lambda row: last if row["closing_assets"] <= row["opening_assets"] * 0.7 else None,
                lambda each: workdays(each, 3)),
        "R13": (lambda row: row["last_trade_date"] + 90 * day if client(row) else None, lambda x: workdays(x, 5)),
        "R14": (lambda row: row["lost_date"], lambda each: each + 10 * day),
    }  # fmt: skip
    frame, tasks = tables["clients"].frame, []
    for code, (trigger, due) in rules.items():
        days = pd.to_datetime(frame.apply(trigger, axis=1))
        asked = frame[(days >= first) & (days <= last)].assign(trigger=days)
        for row in asked.to_dict("records"):
            gone = code == "R04" and not pd.isna(row["lost_date"])
            if not gone or row["last_contact_date"] > row["trigger"]:
                name = f"{code}-{row['client_id']}-{row['trigger']:%Y%m%d}"
                tasks.append({"task_id": name, "owner_id": row["owner_id"], "due_date": due(row["trigger"])})
    return pd.DataFrame(tasks)


def compare(ours: pd.DataFrame, theirs: pd.DataFrame) -> None:
    """Make sure that both came to the same tasks, owners and due dates."""
    one, other = (each.sort_values("task_id")[["task_id", "owner_id", "due_date"]] for each in (ours, theirs))
    assert one.astype(str).to_numpy().tolist() == other.astype(str).to_numpy().tolist()


def rule(code: str, who: str, trigger: str, due: str, done: str, cancelled: str) -> TaskRule:
    """Return a rule of clients as its sheet says it."""
    return TaskRule(
        code=code, name=Text(code, code), task_kind="task", per="client", where=read(who, SCOPE) if who else ALWAYS,
        trigger=read_expression(trigger, SCOPE) if trigger else None, due=read_expression(due, SCOPE),
        done_when=read(done, SCOPE) if done else None, cancel_when=read(cancelled, SCOPE) if cancelled else None,
        sample=Fraction(1, 20) if code == "R17" else Fraction(1), feeds=(), active=True,
    )  # fmt: skip


WORK_LOG = replace(rule("R16", "", "", "trigger", "", ""), per="employee")
OF_CLIENTS = tuple(rule(code, *each) for code, each in RULES.items())
PLAIN = load("service-team")
SHEET = table_of("task_rules", {"code": [*RULES, "R16"]})
SCHEME: Scheme = replace(PLAIN, task_rules=(*OF_CLIENTS, WORK_LOG), tables={**PLAIN.tables, "task_rules": SHEET})

if __name__ == "__main__":
    main()
