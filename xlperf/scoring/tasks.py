"""Makes the tasks that the rules ask for, closes those that are done and cancels those that lost their reason.

A task belongs to a rule, a client (or employee) and the day that triggered it; its ID says all three, such as
``R04-C0012-20261005``, so that a second run finds what the first one made. A task that was due before the period is
never touched: a closed month does not change.

What closes a task seldom tells on which day it was done. The day is filled in only where the rule asks that a date of
the client not lie before the trigger (``last_contact_date >= trigger``) and that date is not after the due date: a
later one need not have been the first. Otherwise the day is left to people, and the tasks are reported.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256

import narwhals as nw
import numpy as np
import pandas as pd

from xlperf.core.problems import BETWEEN_CLAUSES, Lang, Problem, Text
from xlperf.policy.conditions import Condition, Node, Operand, Scope, When, columns_in, days_of, rows_meeting, to_text
from xlperf.policy.conditions.tree import All, Compare, Edge, Ref, Shift, Within, parts_of
from xlperf.policy.scheme import Scheme, TaskRule
from xlperf.schema import SHEETS
from xlperf.schema.tables import Table, Tables, empty, table_of

TRIGGER = Ref("trigger", "date")
FINISHED = ("done", "cancelled")
FOLLOWED = ["owner_id", "due_date", "done_date", "status", "note"]
CANCELLED = Text("按规则 {rule} 取消：{condition}", "Cancelled by rule {rule}: {condition}")


@dataclass(frozen=True)
class Generated:
    """What a run of the task rules comes to.

    ``tasks`` is the Tasks sheet as it should stand: the rows that were there in their order, then the new ones.
    ``new``, ``closed``, ``cancelled``, ``moved`` and ``dated`` are those of its rows that the run made, closed,
    cancelled, gave to another owner, and gave the due date that somebody had left open. ``counts`` has a row for each
    rule in force: ``rule_code``, ``new``, ``there`` (asked for, but made before), and how many of the others.
    """

    tasks: Table
    new: pd.DataFrame
    closed: pd.DataFrame
    cancelled: pd.DataFrame
    moved: pd.DataFrame
    dated: pd.DataFrame
    counts: pd.DataFrame
    problems: list[Problem]

    @property
    def changed(self) -> bool:
        """Whether the Tasks sheet differs from what it was."""
        return any(len(rows) for rows in (self.new, self.closed, self.cancelled, self.moved, self.dated))


def generate(tables: Tables, scheme: Scheme, when: When, seed: str) -> Generated:
    """Run the task rules of a scheme over the clients and employees of one period.

    Parameters
    ----------
    tables : the input sheets; Clients with whatever columns the conditions of the rules need besides its own
    scheme : its rules; those that are not active are left out
    when : the period, within which a trigger must lie, and the working days
    seed : what the samples of this run are drawn by, besides the rule: the period's code

    Returns
    -------
    Generated. Running it again on its own ``tasks`` changes nothing.

    Notes
    -----
    A client without owner gets tasks that nobody owns, and is reported. A client who stands twice on the sheet gets
    none: which of the rows is right is not known. Tasks of employees are for those whose status is scored, on the
    working days between hire and leave; where the rule feeds indicators of position groups, for these groups.

    Examples
    --------
    >>> from datetime import date
    >>> from xlperf.policy.schemes import from_toml
    >>> rule = 'code = "R04"\\nname = "Call-back"\\ntask_kind = "callback"\\nper = "client"\\n'
    >>> days = 'trigger = "opened_date"\\ndue = "trigger + 7 days"'
    >>> scheme, _ = from_toml(f"[[task_rules]]\\n{rule}{days}", "example")
    >>> clients = table_of("clients", [{"client_id": "C0012", "owner_id": "E1", "opened_date": "2026-10-05"}])
    >>> october = When(date(2026, 10, 1), date(2026, 10, 31), date(2026, 9, 1), date(2026, 9, 30))
    >>> made = generate({"clients": clients}, scheme, october, "2026-10")
    >>> made.new[["task_id", "owner_id", "due_date"]].astype("str").values.tolist()
    [['R04-C0012-20261005', 'E1', '2026-10-12']]
    >>> len(generate({"clients": clients, "tasks": made.tasks}, scheme, october, "2026-10").new)
    0
    """
    before = tables.get("tasks", empty("tasks"))
    clients = tables.get("clients", empty("clients")).unique("client_id")
    rules = [rule for rule in scheme.task_rules if rule.active]
    asked = {rule.code: _asked(rule, clients, tables, scheme, when, seed) for rule in rules}
    ids = pd.Index(before["task_id"].dropna().unique())
    fresh = {rule.code: _not_yet_made(asked[rule.code], before.frame, ids, rule) for rule in rules}
    start = _extended(before, fresh.values())
    end = start.with_frame(_follow_up(start.frame, rules, clients, when, scheme.settings.language))
    made = np.arange(len(start)) >= len(before)
    pointless = made & (end["status"] == "cancelled").to_numpy(bool)
    old, tasks, made = start.frame[~pointless].reset_index(drop=True), _without(end, pointless), made[~pointless]
    finished = (old["status"] != tasks["status"]).to_numpy(bool)
    parts = {
        "new": made,
        "closed": finished & (tasks["status"] == "done").to_numpy(bool),
        "cancelled": finished & (tasks["status"] == "cancelled").to_numpy(bool),
        "moved": (old["owner_id"].fillna("") != tasks["owner_id"].fillna("")).to_numpy(bool),
        "dated": (old["due_date"].isna() & tasks["due_date"].notna()).to_numpy(bool),
    }
    there = {code: len(asked[code]) - len(fresh[code]) for code in asked}
    return Generated(
        tasks,
        **{name: tasks.frame[mask] for name, mask in parts.items()},
        counts=_counts(tasks, parts, there),
        problems=[*_about_rules(scheme, rules, clients, asked, when), *_about_tasks(tasks, parts, tables)],
    )


# What the rules ask for -------------------------------------------------------------------------------------------


def _asked(
    rule: TaskRule, clients: pd.DataFrame, tables: Tables, scheme: Scheme, when: When, seed: str
) -> pd.DataFrame:
    """Return the tasks that a rule asks for in the period, whether they were made before or not."""
    if rule.per == "employee":
        rows = _workdays_of(_people(rule, tables.get("employees") or empty("employees"), scheme), when)
        rows = rows.assign(client_id=None, owner_id=rows["employee_id"])
        subject = "employee_id"
    else:
        rows = _triggered(rule, clients, when)
        subject = "client_id"
    rows = rows[_sampled(rows[subject], rule, seed)].reset_index(drop=True)
    tasks = {
        "task_id": _task_ids(rule, rows[subject], rows["trigger"]),
        "task_kind": rule.task_kind,
        "rule_code": rule.code,
        "client_id": rows["client_id"],
        "owner_id": rows["owner_id"],
        "created_date": rows["trigger"],
        "due_date": days_of(rule.due, rows, when),
        "status": "open",
    }
    frame = pd.DataFrame(tasks, index=rows.index)
    return frame.sort_values(["created_date", "task_id"], ignore_index=True)


def _triggered(rule: TaskRule, clients: pd.DataFrame, when: When) -> pd.DataFrame:
    """Return the clients of a rule whose trigger lies within the period, with that day.

    A trigger that is told by the quarter, half-year or year may lie anywhere in it, up to the end of the period: who
    comes to meet the rule in the second month of a quarter gets the quarter's task.
    """
    if rule.trigger is None:
        return clients.iloc[:0].assign(trigger=np.array([], "datetime64[s]"))
    days = days_of(rule.trigger, clients, when)
    spans = [each for each in parts_of(rule.trigger) if isinstance(each, Edge)]
    first = min([when.start, *(when.edge(replace(each, end=False)) for each in spans if not each.previous)])
    inside = (days >= np.datetime64(first)) & (days <= np.datetime64(when.end))
    asked = inside & _meet(rule.where, clients, when)
    rows: pd.DataFrame = _with_columns_of(clients, rule.due)[asked]
    return rows.assign(trigger=_moments(days[asked]))


def _people(rule: TaskRule, employees: Table, scheme: Scheme) -> pd.DataFrame:
    """Return the employees whose status is scored, of the position groups that the rule's indicators are for."""
    frame = employees.unique("employee_id")
    groups = {each.group for each in scheme.indicators if each.code in rule.feeds} or {""}
    of_group = frame["group"].isin(groups) | ("" in groups)
    scored = frame["status"].isna() | frame["status"].isin(scheme.settings.scored_status)
    return frame[of_group & scored]


def _workdays_of(people: pd.DataFrame, when: When) -> pd.DataFrame:
    """Return a row for each person and working day of the period from hire to leave."""
    days = np.arange(np.datetime64(when.start), np.datetime64(when.end) + 1)
    days = days[when.calendar.work.holds(days)]
    hired, left = (people[column].to_numpy("datetime64[D]")[:, None] for column in ("hire_date", "leave_date"))
    person, day = np.nonzero(~(days < hired) & ~(days > left))
    ids = people["employee_id"].iloc[person].reset_index(drop=True)
    return pd.DataFrame({"employee_id": ids, "trigger": _moments(days[day])})


def _sampled(subjects: pd.Series, rule: TaskRule, seed: str) -> np.ndarray:
    """Tell who is in the sample: each by a number made of their own ID, so that nobody else changes the choice."""
    if rule.sample >= 1:
        return np.ones(len(subjects), bool)
    key = sha256(f"{rule.code} {seed}".encode()).hexdigest()[:16]
    numbers = pd.util.hash_array(subjects.to_numpy(object), hash_key=key, categorize=False)
    return np.asarray(numbers < np.uint64(int(rule.sample * 2**64)))


def _task_ids(rule: TaskRule, subjects: pd.Series, days: pd.Series) -> np.ndarray:
    """Name the tasks by rule, client or employee, and day."""
    codes, different = pd.factorize(days)
    endings = np.array([f"-{day:%Y%m%d}" for day in different], object)
    return (
        np.asarray(f"{rule.code}-" + subjects.to_numpy(object) + endings[codes]) if len(codes) else np.array([], object)
    )


def _not_yet_made(asked: pd.DataFrame, tasks: pd.DataFrame, ids: pd.Index, rule: TaskRule) -> pd.DataFrame:
    """Leave out the tasks that exist, under the same ID or, made by hand, for the same rule, client and day."""
    subject = "owner_id" if rule.per == "employee" else "client_id"
    mine = tasks[tasks["rule_code"] == rule.code].dropna(subset=[subject, "created_date"])
    by_hand = _task_ids(rule, mine[subject], mine["created_date"].dt.normalize())
    wanted = pd.Index(asked["task_id"])
    there = (ids.get_indexer(wanted) >= 0) | wanted.isin(by_hand)
    return asked.iloc[np.flatnonzero(~there)]


def _extended(table: Table, fresh: Iterable[pd.DataFrame]) -> Table:
    """Return the Tasks sheet with new rows behind those that it has."""
    made = pd.concat([*fresh, pd.DataFrame({"task_id": []}, dtype="str")], ignore_index=True)
    return table.append(table_of("tasks", made))


def _without(table: Table, mask: np.ndarray) -> Table:
    """Leave out some of the rows at the end, so that the others keep their places."""
    left = table.where(~mask)
    return replace(left, rows=table.rows[: len(left)])


# What becomes of open tasks ---------------------------------------------------------------------------------------


def _follow_up(
    tasks: pd.DataFrame, rules: Iterable[TaskRule], clients: pd.DataFrame, when: When, lang: Lang
) -> pd.DataFrame:
    """Return the tasks with the open ones of every rule closed, cancelled, or with their client's owner."""
    open_ = ~tasks["status"].isin(FINISHED) & ~(tasks["due_date"] < pd.Timestamp(when.start))
    tasks = tasks.copy()
    for rule in rules:
        rows = tasks[open_ & (tasks["rule_code"] == rule.code)]
        if len(rows):
            tasks.loc[rows.index, FOLLOWED] = _followed(rows, rule, clients, when, lang)[FOLLOWED]
    return tasks


def _followed(rows: pd.DataFrame, rule: TaskRule, clients: pd.DataFrame, when: When, lang: Lang) -> pd.DataFrame:
    """Return the open tasks of a rule as they should stand."""
    place = clients.index.get_indexer(pd.Index(rows["client_id"]))
    listed = (place >= 0) | (rule.per == "employee")
    of_client = _with_columns_of(clients, rule.due, rule.done_when, rule.cancel_when)
    theirs = of_client.take(np.maximum(place, 0)) if len(clients) else of_client.reindex(range(len(rows)))
    theirs = theirs.set_axis(rows.index).assign(trigger=rows["created_date"])

    no_due = rows["due_date"].isna() & listed
    due = rows["due_date"].mask(no_due, _moments(days_of(rule.due, theirs, when)) if no_due.any() else rows["due_date"])
    fulfilled = _meet(rule.done_when, theirs, when) & (place >= 0)
    day = rows["done_date"].where(rows["done_date"].notna() | ~fulfilled, _day_done(rule.done_when, theirs, due))
    done = fulfilled | rows["done_date"].notna().to_numpy()
    cancelled = _meet(rule.cancel_when, theirs, when) & (place >= 0) & ~done
    moved = ~done & ~cancelled & (place >= 0) & theirs["owner_id"].notna().to_numpy()
    return rows.assign(
        owner_id=rows["owner_id"].mask(moved, theirs["owner_id"]),
        due_date=due,
        done_date=day,
        status=rows["status"].mask(done, "done").mask(cancelled, "cancelled"),
        note=rows["note"].mask(cancelled, _with_reason(rows["note"], rule, lang)),
    )


def _day_done(done_when: Condition | None, theirs: pd.DataFrame, due: pd.Series) -> pd.Series:
    """Return the day on which what closes a task came to pass, where the client's dates tell it."""
    days = [theirs[code].dt.normalize() for code in _dates_from_trigger(done_when)]
    day = pd.concat(days, axis=1).max(axis=1) if days else pd.Series(pd.NaT, theirs.index, "datetime64[s]")
    return day.where(day <= due)


def _dates_from_trigger(condition: Condition | None) -> list[str]:
    """Return the client's dates that must not lie before the trigger, or before a day counted from it.

    >>> from xlperf.policy.conditions.tree import Value
    >>> contacted = Compare(Ref("last_contact_date", "date"), ">=", TRIGGER)
    >>> _dates_from_trigger(All((contacted, Compare(Ref("trade_count", "number"), ">", Value(0.0)))))
    ['last_contact_date']
    """
    found = []
    for item in condition.items if isinstance(condition, All) else (condition,):
        match item:
            case Compare(Ref(code, "date"), ">=" | ">" | "=", day) | Within(Ref(code, "date"), _, _, day):
                found += [code] if _counts_from_trigger(day) else []
    return found


def _counts_from_trigger(day: Operand) -> bool:
    return day == TRIGGER or (isinstance(day, Shift) and day.amount >= 0 and _counts_from_trigger(day.start))


def _with_reason(notes: pd.Series, rule: TaskRule, lang: Lang) -> pd.Series:
    """Return the notes of tasks with the reason behind why the rule cancels them."""
    if rule.cancel_when is None:
        return notes
    columns = {**Scope.of_sheet("clients").columns, "trigger": SHEETS["task_rules"]["trigger"]}
    reason = CANCELLED(lang).format(rule=rule.code, condition=to_text(rule.cancel_when, lang, columns))
    return (notes + BETWEEN_CLAUSES(lang) + reason).fillna(reason)


# Conditions and days over whole columns ---------------------------------------------------------------------------


def _meet(condition: Condition | None, frame: pd.DataFrame, when: When) -> np.ndarray:
    """Tell which rows meet a condition; none where there is no condition."""
    if condition is None:
        return np.zeros(len(frame), bool)
    return _values(rows_meeting(condition, when), frame).astype(bool)


def _values(expression: nw.Expr, frame: pd.DataFrame) -> np.ndarray:
    return nw.from_native(frame).with_columns(found=expression)["found"].to_numpy()


def _moments(days: np.ndarray) -> np.ndarray:
    return days.astype("datetime64[s]")


def _with_columns_of(clients: pd.DataFrame, *nodes: Node | None) -> pd.DataFrame:
    """Keep ID, owner, the columns that some conditions name, and those that are not the sheet's own."""
    named = {each.code for node in nodes if node is not None for each in columns_in(node)} | {"client_id", "owner_id"}
    return clients.loc[:, [code in named or code not in SHEETS["clients"].by_code for code in clients]]


# What is told -----------------------------------------------------------------------------------------------------


def _counts(tasks: Table, parts: Mapping[str, np.ndarray], there: Mapping[str, int]) -> pd.DataFrame:
    by_rule = {name: tasks["rule_code"][mask].value_counts() for name, mask in parts.items()}
    counts = {name: [int(each.get(code, 0)) for code in there] for name, each in by_rule.items()}
    columns = {"rule_code": list(there), "new": counts.pop("new"), "there": list(there.values()), **counts}
    return pd.DataFrame(columns)


def _about_rules(
    scheme: Scheme,
    rules: Iterable[TaskRule],
    clients: pd.DataFrame,
    asked: Mapping[str, pd.DataFrame],
    when: When,
) -> Iterator[Problem]:
    """Rules that are switched off, clients without the date of their trigger, and tasks due before they are made."""
    policy = scheme.table("task_rules")
    places = {rule.code: position for position, rule in enumerate(scheme.task_rules)}
    idle = [rule.code for rule in scheme.task_rules if not rule.active]
    if idle:
        cells = policy.cells("active", [places[code] for code in idle])
        yield Problem("task-rules-idle", policy.title, cells, {"rules": idle})
    for rule in rules:
        lacking = _lacking_date(rule, clients, when)
        if lacking:
            cells = policy.cells("trigger", [places[rule.code]])
            yield Problem("task-trigger-empty", policy.title, cells, {"rule": rule.code, "count": lacking})
        rows = asked[rule.code]
        early = int((~(rows["due_date"] >= rows["created_date"])).sum())
        if early:
            cells = policy.cells("due", [places[rule.code]])
            yield Problem("task-due-early", policy.title, cells, {"rule": rule.code, "count": early})


def _lacking_date(rule: TaskRule, clients: pd.DataFrame, when: When) -> int:
    """Count the clients of a rule in whom a column of its trigger is empty."""
    columns = [each.code for each in columns_in(rule.trigger)] if rule.trigger is not None else []
    if not columns or rule.per == "employee":
        return 0
    return int((_meet(rule.where, clients, when) & clients[columns].isna().any(axis=1).to_numpy()).sum())


def _about_tasks(tasks: Table, parts: Mapping[str, np.ndarray], tables: Tables) -> Iterator[Problem]:
    """Tasks of nobody, tasks closed without a day, and tasks that changed hands."""
    clients = tables.get("clients")
    nobody = parts["new"] & tasks["owner_id"].isna().to_numpy()
    if nobody.any() and clients is not None:
        concerned = clients["client_id"].isin(tasks["client_id"][nobody])
        details = {"count": int(nobody.sum()), "clients": int(concerned.sum())}
        yield Problem("task-of-nobody", clients.title, clients.cells("owner_id", np.flatnonzero(concerned)), details)
    undated = parts["closed"] & tasks["done_date"].isna().to_numpy()
    if undated.any():
        cells = tasks.cells("done_date", np.flatnonzero(undated))
        yield Problem("task-day-unknown", tasks.title, cells, {"count": int(undated.sum())})
    if parts["moved"].any():
        cells = tasks.cells("owner_id", np.flatnonzero(parts["moved"]))
        yield Problem("tasks-moved", tasks.title, cells, {"count": int(parts["moved"].sum())})
