"""Clients and tasks of a sample: who looks after whom, and what was due, done in time, late or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from xlperf.core.periods import Period, WorkCalendar
from xlperf.core.problems import Text
from xlperf.samples.records import (
    OCCUPATIONS,
    TRADES,
    Record,
    address,
    before,
    company,
    day_at,
    id_number,
    people,
    phone,
)
from xlperf.samples.staff import Person, Span, level

OPENING_TIME = time(9)
REASONS = (Text("费用", "price"), Text("服务", "service"), Text("搬迁", "moved"))
ORIGINS = (Text("转介绍", "referral"), Text("网点", "walk-in"), Text("线上", "online"))
WITHDRAWN = Text("客户已撤回", "Withdrawn by the client")


@dataclass(frozen=True)
class TaskPlan:
    """Tasks of one kind that people of some position groups have in a period.

    Spans say how it is for the weakest and for the strongest person: how many tasks, the share done in time, the share
    done at all, and ``hours`` from creation to completion, where durations are measured in hours. ``results`` lists
    what the outcome may be, best first; ``amount`` is drawn evenly between its ends; ``own`` holds columns of HR's own
    with the values to choose from.
    """

    kind: str
    number: Span = Span(6, 8)
    groups: tuple[str, ...] = ()
    due_in_days: int = 5
    on_time: Span = Span(0.72, 1.0)
    done: Span = Span(0.93, 1.0)
    hours: Span | None = None
    results: tuple[str, ...] = ()
    amount: Span | None = None
    valid: float | None = None
    cancelled: float = 0.03
    with_client: bool = False
    rule_code: str | None = None
    own: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class ClientPlan:
    """The clients of people of some position groups.

    ``standing`` are there before the period; ``new`` open in it, ``lost`` are lost in it, ``won_back`` were lost before
    and come back in it, ``prospects`` have not opened. ``classes`` are client classes with their frequency;
    ``unclassified`` is the share without a level of value.
    """

    standing: Span = Span(10, 14)
    new: Span = Span(0.6, 3)
    lost: Span = Span(1.6, 0.2)
    won_back: Span = Span(0.1, 0.9)
    prospects: Span = Span(2, 4)
    groups: tuple[str, ...] = ()
    corporate: float = 0.15
    filled: Span = Span(0.85, 1.0)
    active: Span = Span(0.5, 0.95)
    growth: Span = Span(-0.03, 0.05)
    classes: Mapping[str, float] = field(default_factory=dict)
    unclassified: Span = Span(0, 0)
    own: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)


def spell(person: Person, groups: Sequence[str], period: Period) -> list[date]:
    """Return the days of the period on which a person held one of some position groups (none: any)."""
    start, end = max(period.start, person.hired), person.left or period.end
    if groups and person.move is not None:
        moved = day_at(period, person.move.until)
        end = end if person.post.group in groups else min(end, moved)
        start = start if person.move.group in groups else max(start, moved + timedelta(days=1))
    if groups and not set(groups) & set(person.groups):
        return []
    return [start + timedelta(days=number) for number in range((end - start).days + 1)]


def whole(number: float, dice: Random) -> int:
    """Round up or down at random, so that the mean is kept."""
    return int(number + dice.random())


# Clients -------------------------------------------------------------------------------------------------------------


def client_rows(plan: ClientPlan, person: Person, period: Period) -> Iterator[Record]:
    """Yield the clients of a person."""
    days = spell(person, plan.groups, period)
    if not days:
        return
    dice, words = person.dice("clients"), person.dice("words")
    share = len(days) / period.days
    for _ in range(whole(plan.standing.at(person.ability), dice)):
        yield _client(plan, person, before(period.start, 20, 1800, dice), None, None, period, dice, words)
    for _ in range(whole(share * plan.new.at(person.ability), dice)):
        yield _client(plan, person, dice.choice(days), None, None, period, dice, words)
    for _ in range(whole(share * plan.lost.at(person.ability), dice)):
        opened = before(period.start, 200, 1800, dice)
        yield _client(plan, person, opened, dice.choice(days), None, period, dice, words)
    for _ in range(whole(plan.won_back.at(person.ability), dice)):
        opened, lost = before(period.start, 200, 1800, dice), before(period.start, 5, 60, dice)
        yield _client(plan, person, opened, lost, dice.choice(days), period, dice, words)
    for _ in range(whole(plan.prospects.at(person.ability), dice)):
        yield _client(plan, person, None, None, None, period, dice, words)


def _client(
    plan: ClientPlan,
    person: Person,
    opened: date | None,
    lost: date | None,
    won_back: date | None,
    period: Period,
    dice: Random,
    words: Random,
) -> Record:
    corporate = dice.random() < plan.corporate
    birthday = None if corporate else before(period.start, 8_000, 26_000, dice)
    created = before(opened, 0, 30, dice) if opened else before(period.end, 0, period.days + 30, dice)
    status = "prospect" if opened is None else "lost" if lost and not won_back else "existing"
    profile = {
        "phone": phone(words),
        "address": address(words),
        "id_number": id_number(birthday, words),
        "occupation": words.choice(TRADES if corporate else OCCUPATIONS),
    }
    row = {
        "client_name": company(words) if corporate else people(1, words)[0],
        "client_status": status,
        "owner_id": person.employee_id,
        "client_type": "corporate" if corporate else "personal",
        "origin": dice.choice(ORIGINS),
        "created_date": created,
        "opened_date": opened,
        "lost_date": lost,
        "lost_reason": dice.choice(REASONS) if lost else None,
        "won_back_date": won_back,
        "birthday": birthday,
        "last_contact_date": _last(created, plan.active.at(person.ability), period, dice),
    } | {column: value if dice.random() < plan.filled.at(person.ability) else None for column, value in profile.items()}
    if plan.classes:
        row["client_class"] = dice.choices(tuple(plan.classes), tuple(plan.classes.values()))[0]
    row |= {column: dice.choice(values) for column, values in plan.own.items()}
    return row | (_account(plan, person, opened, status, period, dice) if opened else {})


def _last(created: date, share: float, period: Period, dice: Random) -> date:
    """Return a day of the period if it was one of the share, else one of the two months before."""
    if created >= period.start or dice.random() < share:
        start = max(period.start, created)
        return start + timedelta(days=dice.randrange((period.end - start).days + 1))
    return max(created, before(period.start, 1, 60, dice))


def _account(plan: ClientPlan, person: Person, opened: date, status: str, period: Period, dice: Random) -> Record:
    """Return what an account held and did in the period."""
    assets = round(dice.lognormvariate(12.5, 0.7), 2)
    growth = plan.growth.at(level(person.ability, dice)) + dice.gauss(0, 0.02)
    trades = dice.randint(1, 9) if dice.random() < plan.active.at(person.ability) else 0
    amount = round(trades * assets * dice.uniform(0.05, 0.15), 2)
    late = dice.random() > plan.filled.at(person.ability)
    unclassified = person.dice(f"classes {assets}").random() < plan.unclassified.at(person.ability)
    return {
        "opening_assets": assets if opened < period.start else 0.0,
        "closing_assets": 0.0 if status == "lost" else round(assets * (1 + growth), 2),
        "trade_count": float(trades),
        "trade_amount": amount,
        "commission": round(amount * 0.0008, 2),
        "return_rate": round(growth, 4),
        "last_trade_date": _last(opened, float(trades > 0), period, dice),
        "risk_expiry_date": period.end + timedelta(days=dice.randint(-60, -1) if late else dice.randint(1, 600)),
        "id_expiry_date": period.end + timedelta(days=dice.randint(30, 3000)),
        "r_level": "high" if growth > 0.01 else "low",
        "f_level": "high" if trades > 4 else "low",
        "m_level": None if unclassified else "vip" if assets > 600_000 else "core" if assets > 200_000 else "other",
    }


# Tasks ---------------------------------------------------------------------------------------------------------------


def task_rows(
    plan: TaskPlan, person: Person, clients: Sequence[Record], period: Period, calendar: WorkCalendar
) -> Iterator[Record]:
    """Yield the tasks of one kind that a person had in the period."""
    held = spell(person, plan.groups, period)
    days = [day for day in person.days(period, calendar) if day in held]
    if not days:
        return
    dice = person.dice(f"tasks {plan.kind}")
    for _ in range(whole(plan.number.at(person.ability) * len(held) / period.days, dice)):
        due = dice.choice(days)
        created, done = _moments(plan, person, due, period, dice)
        yield _task(plan, person, created, due, done, clients, dice)


def _moments(plan: TaskPlan, person: Person, due: date, period: Period, dice: Random) -> tuple[date, date | None]:
    """Return when a task came up, and when it was done, if it was."""
    created = due - timedelta(days=plan.due_in_days)
    if dice.random() > plan.done.at(person.ability):
        return created, None
    if plan.hours is not None:
        hours = max(0.1, plan.hours.at(level(person.ability, dice)) * dice.uniform(0.7, 1.3))
        began = datetime.combine(created, OPENING_TIME) + timedelta(minutes=dice.randrange(0, 420, 5))
        ended = began + timedelta(minutes=round(60 * hours))
        return began, ended if ended.date() <= period.end else None
    if dice.random() < plan.on_time.at(person.ability):
        return created, created + timedelta(days=dice.randint(0, plan.due_in_days))
    late = due + timedelta(days=dice.randint(1, 6))
    return created, late if late <= period.end else None


def _task(
    plan: TaskPlan,
    person: Person,
    created: date,
    due: date,
    done: date | None,
    clients: Sequence[Record],
    dice: Random,
) -> Record:
    cancelled = dice.random() < plan.cancelled
    mine = [each for each in clients if each["owner_id"] == person.employee_id] if plan.with_client else []
    row = {
        "task_kind": plan.kind,
        "rule_code": plan.rule_code,
        "client_id": dice.choice(mine)["client_id"] if mine else None,
        "owner_id": person.employee_id,
        "created_date": created,
        "due_date": due,
        "done_date": None if cancelled else done,
        "status": "cancelled" if cancelled else "done" if done else "doing",
        "note": WITHDRAWN if cancelled else None,
    }
    if plan.results and done and not cancelled:
        row["result"] = plan.results[int((1 - level(person.ability, dice)) * 0.999 * len(plan.results))]
    if plan.amount is not None:
        row["amount"] = float(round(dice.uniform(*plan.amount)))
    if plan.valid is not None:
        row["valid"] = "yes" if dice.random() < plan.valid else "no"
    return row | {column: dice.choice(values) for column, values in plan.own.items()}
