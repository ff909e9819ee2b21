"""A securities house with three branches: client managers with their clients and tasks, heads, head-office staff."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from random import Random
from typing import NamedTuple

from xlperf.core.periods import Period, Periods, WorkCalendar
from xlperf.core.problems import Text
from xlperf.policy.schemes import load
from xlperf.samples.further_inputs import earlier
from xlperf.samples.records import (
    OCCUPATIONS,
    TRADES,
    Case,
    Record,
    Records,
    address,
    adjustment,
    before,
    company,
    day_at,
    id_number,
    numbered,
    people,
    phone,
    work_calendar,
    workdays,
)

HEAD_OFFICE, SERVICE, TECHNOLOGY = "000", "010", "020"
DEPARTMENTS = {
    HEAD_OFFICE: (Text("总部", "Head office"), None, "head_office"),
    SERVICE: (Text("客户服务中心", "Client service centre"), HEAD_OFFICE, "function"),
    TECHNOLOGY: (Text("信息技术部", "Information technology"), HEAD_OFFICE, "function"),
    "101": (Text("滨江营业部", "Riverside branch"), HEAD_OFFICE, "branch"),
    "102": (Text("古城营业部", "Old Town branch"), HEAD_OFFICE, "branch"),
    "103": (Text("新区营业部", "New District branch"), HEAD_OFFICE, "branch"),
}
FIRST_ID = 1960
UNOWNED = 5  # clients whom the leaver left without a manager
OFFICE_ABILITY = {SERVICE: (0.9, 0.75, 0.6, 0.55, 0.4, 0.7), TECHNOLOGY: (0.85, 0.65, 0.5, 0.8, 0.35)}
MANAGERS: dict[str, tuple[tuple[float, str], ...]] = {  # of each branch: ability, and what is special
    "101": (
        (0.97, ""), (0.81, "twin"), (0.81, "twin"), (0.66, ""), (0.64, "joiner"), (0.55, "no complaints"),
        (0.47, "intern"), (0.38, ""), (0.25, ""), (0.76, ""),
    ),
    "102": (
        (0.92, ""), (0.85, ""), (0.76, ""), (0.68, "probation"), (0.6, ""), (0.52, ""), (0.43, "leaver"), (0.33, ""),
        (0.5, "nobody lost"),
    ),
    "103": (
        (0.94, "late complaints"), (0.83, ""), (0.73, ""), (0.66, ""), (0.58, ""), (0.49, "long leave"), (0.4, ""),
        (0.3, ""), (0.62, "newcomer"),
    ),
}  # fmt: skip
NOTES = {
    "joiner": Text("本期入职", "Joined during the period"),
    "newcomer": Text("本期末入职", "Joined towards the end of the period"),
    "leaver": Text("本期离职", "Left during the period"),
    "intern": Text("实习", "Intern"),
    "long leave": Text("长假", "On long leave"),
    "probation": Text("试用期", "On probation"),
}
NOT_RANKED = ("intern", "long leave", "probation")
STATUSES = {"leaver": "left", "intern": "intern", "long leave": "leave", "probation": "probation"}
POSITIONS = {
    "client_manager": Text("客户经理", "Client manager"),
    "branch_head": Text("营业部负责人", "Head of branch"),
    SERVICE: Text("客户服务专员", "Service officer"),
    TECHNOLOGY: Text("信息技术工程师", "IT engineer"),
    HEAD_OFFICE: Text("零售业务总监", "Director of retail business"),
}
CASES = {  # place among the client managers: what happened
    3: Case(
        "commendation",
        Text("客户书面表扬（奖惩规程第十二条）", "Praised in writing by a client (rules of reward, 12)"),
        points=3,
    ),
    7: Case(
        "penalty",
        Text("违反着装规定（奖惩规程第二十条）", "Breach of the dress code (rules of reward, 20)"),
        points=2,
    ),
    14: Case(
        "issue_reward",
        Text("发现并解决系统差错（奖惩规程第十五条）", "Found and solved a system fault (rules of reward, 15)"),
        points=1,
    ),
    17: Case(
        "zero_item",
        Text("拜访记录不实（奖惩规程第二十三条）", "Untrue record of a visit (rules of reward, 23)"),
        indicator="visits",
    ),
}
REQUIRED_FIELDS = ("phone", "address", "id_number", "occupation")
QUALITIES = ("personal_ability", "service_attitude", "problem_solving", "innovation")
ORIGINS = (Text("转介绍", "referral"), Text("网点", "walk-in"), Text("活动", "event"), Text("线上", "online"))
REASONS = (
    Text("佣金", "commission"),
    Text("服务", "service"),
    Text("搬迁", "moved"),
    Text("转出至他行", "went to a rival"),
)


class Place(NamedTuple):
    """A place on the staff list, before it has a name."""

    department: str
    group: str
    staff_class: str
    ability: float
    special: str = ""


class Life(NamedTuple):
    """The dates of a client."""

    created: date
    opened: date | None = None
    lost: date | None = None
    won_back: date | None = None

    @property
    def status(self) -> str:
        """What the client is at the end of the period."""
        if self.opened is None:
            return "prospect"
        return "lost" if self.lost and not self.won_back else "existing"


@dataclass(frozen=True)
class Person:
    """One employee; people with the same ``seed`` have the same figures."""

    employee_id: str
    name: Text
    place: Place
    superior: str | None
    seed: str
    hired: date
    left: date | None

    @property
    def ability(self) -> float:
        """How well the person works, from 0 to 1."""
        return self.place.ability

    @property
    def special(self) -> str:
        """What sets the person apart, if anything."""
        return self.place.special

    @property
    def group(self) -> str:
        """The position group."""
        return self.place.group

    def dice(self, purpose: str) -> Random:
        """Return the random numbers of one of the person's sheets."""
        return Random(f"{purpose} {self.seed}")

    @property
    def scored(self) -> bool:
        """Whether the person is appraised at all."""
        return self.special not in ("intern", "long leave")


@dataclass(frozen=True)
class Month:
    """The period, with the working days in it and around it."""

    period: Period
    calendar: WorkCalendar

    @cached_property
    def days(self) -> list[date]:
        """Every working day from well before the period until its end."""
        return workdays(self.period.start - timedelta(days=120), self.period.end, self.calendar)

    def between(self, first: date, last: date) -> list[date]:
        """Return the working days from one day to another, as far as the period goes."""
        return self.days[bisect_left(self.days, first) : bisect_right(self.days, last)]

    def worked(self, person: Person) -> list[date]:
        """Return the days of the period on which a person works."""
        if person.special == "long leave":
            return []
        return self.between(max(self.period.start, person.hired), person.left or self.period.end)

    def share(self, person: Person) -> float:
        """Return the share of the working days on which a person works."""
        return len(self.worked(person)) / len(self.between(self.period.start, self.period.end))

    def holds(self, day: date | None) -> bool:
        """Whether a day falls into the period."""
        return day is not None and self.period.contains(day)


def records(period: Period) -> Records:
    """Return the input sheets of one month."""
    month = Month(period, work_calendar(load("securities-crm")))
    staff = _staff(month)
    clients = numbered([each for person in staff for each in _clients(person, month)], "client_id", "0088", 4)
    tasks = [each for person in staff for each in _tasks(person, _owned_by(person, clients), month)]
    return {
        "departments": _departments(staff),
        "employees": [_employee(person, month) for person in staff],
        "clients": clients,
        "tasks": numbered(tasks, "task_id", "T", 5),
        "ratings": [each for person in staff if person.scored for each in _ratings(person, staff, period)],
        "actuals": [each for person in staff if person.scored for each in _actuals(person, staff, clients, month)],
        "adjustments": numbered(_adjustments(staff, period), "adjustment_id", "A", 3),
        "history": [each for before in earlier(period, "month", 2, Periods()) for each in _history(staff, before)],
    }


def _staff(month: Month) -> list[Person]:
    """Return everybody: the director, the office staff, and each branch with its head."""
    places = [Place(HEAD_OFFICE, "head_office", "manager", 0.85)]
    for department, abilities in OFFICE_ABILITY.items():
        places += [Place(department, "head_office", "office", ability) for ability in abilities]
    for number, (branch, managers) in enumerate(MANAGERS.items()):
        places.append(Place(branch, "branch_head", "manager", 0.9 - 0.2 * number))
        places += [Place(branch, "client_manager", "front_line", ability, special) for ability, special in managers]
    names = people(len(places), Random("names"))
    heads = {place.department: _employee_id(n) for n, place in enumerate(places) if place.staff_class == "manager"}
    return [_person(n, name, place, heads, month) for n, (name, place) in enumerate(zip(names, places, strict=True))]


def _person(number: int, name: Text, place: Place, heads: Mapping[str, str], month: Month) -> Person:
    employee_id = _employee_id(number)
    superior = heads[place.department if place.group == "client_manager" else HEAD_OFFICE]
    start = month.period.start
    hired = {
        "joiner": day_at(month.period, 0.35),
        "newcomer": day_at(month.period, 0.75),
        "intern": start - timedelta(days=40),
        "probation": start - timedelta(days=60),
    }
    return Person(
        employee_id,
        name,
        place,
        superior=superior if superior != employee_id else None,
        seed=place.special if place.special == "twin" else employee_id,
        hired=hired.get(place.special, before(start, 300, 4000, Random(f"hired {number}"))),
        left=day_at(month.period, 0.7) if place.special == "leaver" else None,
    )


def _employee_id(number: int) -> str:
    return f"{FIRST_ID + number:05d}"


def _departments(staff: Sequence[Person]) -> list[Record]:
    heads = {person.place.department: person.employee_id for person in staff if person.place.staff_class == "manager"}
    return [
        {
            "department": code,
            "department_name": name,
            "parent": parent,
            "department_kind": kind,
            "head_id": heads.get(code),
        }
        for code, (name, parent, kind) in DEPARTMENTS.items()
    ]


def _employee(person: Person, month: Month) -> Record:
    return {
        "employee_id": person.employee_id,
        "name": person.name,
        "department": person.place.department,
        "position": POSITIONS.get(person.group) or POSITIONS[person.place.department],
        "group": person.group,
        "staff_class": person.place.staff_class,
        "manager_id": person.superior,
        "hire_date": person.hired,
        "leave_date": person.left,
        "status": STATUSES.get(person.special, "active"),
        "note": NOTES.get(person.special),
    }


def _owned_by(person: Person, clients: Sequence[Record]) -> list[Record]:
    return [each for each in clients if each["owner_id"] == person.employee_id]


def _clients(person: Person, month: Month) -> Iterator[Record]:
    """Yield the clients of a client manager: those of long standing, new ones, lost ones and prospects."""
    if person.group != "client_manager":
        return
    dice, words = person.dice("clients"), Random(f"words {person.employee_id}")
    start, end, able = month.period.start, month.period.end, person.ability
    share = month.share(person) if person.special in ("joiner", "newcomer") else 1.0
    lives = []
    for _ in range(round((11 + dice.randint(0, 3)) * share)):
        opened = before(start, 8, 1800, dice)
        lives.append(Life(before(opened, 0, 45, dice), opened))
    for opened in sorted(_some_days(month.worked(person), share * (able * 2 + 0.4), dice)):
        created = before(opened, 0, 40, dice) if dice.random() < 0.8 else opened
        lives.append(Life(created, opened))
    losses = 0 if person.special == "nobody lost" else _whole((1 - able) * 1.2 + 0.2, dice)
    for lost in _some_days(month.between(start, end), losses, dice):
        opened = before(start, 100, 1800, dice)
        lives.append(Life(opened, opened, lost))
    for lost in _some_days(month.between(end - timedelta(days=80), start), 2 if losses else 0, dice):
        won_back = dice.choice(month.between(start, end)) if dice.random() < 0.2 + 0.4 * able else None
        opened = before(start, 100, 1800, dice)
        lives.append(Life(opened, opened, lost, won_back))
    lives += [Life(created) for created in _some_days(month.worked(person), share * (2 + able * 3), dice)]
    lives += [Life(before(start, 1, 90, dice)) for _ in range(round(share * dice.randint(1, 3)))]
    for number, life in enumerate(lives):
        client = _client(person, life, month, dice, words)
        unowned = person.special == "leaver" and number < UNOWNED
        yield client | {"owner_id": None} if unowned else client


def _client(person: Person, life: Life, month: Month, dice: Random, words: Random) -> Record:
    corporate = dice.random() < 0.15
    birthday = None if corporate else before(month.period.start, 8_000, 26_000, dice)
    record: Record = {
        "client_name": company(words) if corporate else people(1, words)[0],
        "client_status": life.status,
        "owner_id": person.employee_id,
        "client_type": "corporate" if corporate else "personal",
        "origin": dice.choice(ORIGINS),
        "created_date": life.created,
        "opened_date": life.opened,
        "lost_date": life.lost,
        "lost_reason": dice.choice(REASONS) if life.lost else None,
        "won_back_date": life.won_back,
        "last_contact_date": _last_contact(person, life.created, month, dice),
        "birthday": birthday,
    }
    profile = {
        "phone": phone(words),
        "address": address(words),
        "id_number": id_number(birthday, words),
        "occupation": words.choice(TRADES if corporate else OCCUPATIONS),
    }
    filled = {field: dice.random() < 0.9 + 0.1 * person.ability for field in REQUIRED_FIELDS}
    if life.opened is None:
        filled["id_number"] = False
    record |= {field: value if filled[field] else None for field, value in profile.items()}
    return record | (_account(person, life, life.opened, month, dice) if life.opened else {})


def _last_contact(person: Person, created: date, month: Month, dice: Random) -> date | None:
    if dice.random() < 0.55 + 0.4 * person.ability and (days := [d for d in month.worked(person) if d >= created]):
        return dice.choice(days)
    days = month.between(created, month.period.start - timedelta(days=1))
    return dice.choice(days[-60:]) if days else None


def _account(person: Person, life: Life, opened: date, month: Month, dice: Random) -> Record:
    """Return what an open account holds and did during the period."""
    start, end, able = month.period.start, month.period.end, person.ability
    assets = round(dice.lognormvariate(13.0, 0.8), 2)
    growth = dice.gauss(0.06 * able - 0.025, 0.03)
    gone = life.status == "lost"
    lost_before = life.lost is not None and life.lost < start
    was_there = opened < start and not lost_before
    idle = (gone and not was_there) or dice.random() > 0.45 + 0.45 * able
    trades = 0 if idle else dice.randint(1, 9)
    amount = round(trades * assets * dice.uniform(0.05, 0.15), 2)
    expired = dice.random() > 0.78 + 0.22 * able
    days = month.between(max(opened, start), life.lost if life.lost and not lost_before else end)
    return {
        "opening_assets": assets if was_there else 0.0,
        "closing_assets": 0.0 if gone else round(assets * (1 + growth), 2),
        "trade_count": trades,
        "trade_amount": amount,
        "commission": round(amount * 0.0012, 2),
        "return_rate": round(growth + dice.gauss(0, 0.01), 4),
        "last_trade_date": dice.choice(days) if trades and days else max(opened, before(start, 1, 200, dice)),
        "risk_expiry_date": before(end, 1, 60, dice) if expired else end + timedelta(days=dice.randint(5, 700)),
        "id_expiry_date": before(end, 1, 90, dice)
        if dice.random() < 0.03
        else end + timedelta(days=dice.randint(20, 5000)),
        "r_level": "high" if growth > 0.01 else "low",
        "f_level": "high" if trades >= 4 else "low",
        "m_level": None
        if dice.random() < 0.04
        else "vip"
        if assets > 900_000
        else "core"
        if assets > 300_000
        else "other",
    }


def _tasks(person: Person, clients: Sequence[Record], month: Month) -> Iterator[Record]:
    """Yield what a person had to do, a kind at a time."""
    days, dice = month.worked(person), person.dice("tasks")
    if not days:
        return
    if person.group != "client_manager":
        yield from _routine(person, days, month, dice)
        return
    for kind, client, created, due in _duties(clients, days, month, dice):
        yield _duty(person, kind, client, created, due, month, dice)
    yield from _services(person, clients, days)
    yield from _complaints(person, clients, month, dice)
    yield from _daily_work(person, clients, days, month, dice)


def _duties(
    clients: Sequence[Record], days: Sequence[date], month: Month, dice: Random
) -> Iterator[tuple[str, Record, date, date]]:
    """Yield the tasks that clients give rise to: kind, client, created, due."""
    start, end = month.period.start, month.period.end
    for client in clients:
        created: date = client["created_date"]
        opened, lost, risk = client["opened_date"], client["lost_date"], client.get("risk_expiry_date")
        if opened is None and month.holds(created):
            yield "contact", client, created, month.calendar.add_workdays(created, 3)
        elif opened is None:
            for day in _some_days(days, 1.5, dice):
                yield "follow_up", client, day, month.calendar.add_workdays(day, 3)
        if opened and start - timedelta(days=7) <= opened <= end:
            yield "callback", client, opened, opened + timedelta(days=7)
        if lost and start - timedelta(days=10) <= lost <= end:
            yield "lost_visit", client, lost, lost + timedelta(days=10)
        if opened and not lost and any(client[field] is None for field in REQUIRED_FIELDS) and dice.random() < 0.3:
            yield "profile", client, days[0], end
        if risk and month.holds(risk):
            yield "risk", client, risk - timedelta(days=30), risk
        if opened and not lost and client["trade_count"] == 0 and dice.random() < 0.3:
            day = dice.choice(days)
            yield "alert", client, day, month.calendar.add_workdays(day, 5)


def _duty(person: Person, kind: str, client: Record, created: date, due: date, month: Month, dice: Random) -> Record:
    if dice.random() < 0.03:
        note = Text("客户已自行办理", "The client saw to it")
        return _task(person, kind, created, due, None, client=client, status="cancelled", note=note)
    return _task(person, kind, created, due, _day_done(person, created, due, month, dice), client=client)


def _day_done(person: Person, created: date, due: date, month: Month, dice: Random) -> date | None:
    """Return when something was done: mostly in time, sometimes late, now and then not at all."""
    luck = dice.random()
    if luck < 0.8 + 0.19 * person.ability:
        days = month.between(created, due)
    elif luck < 0.97:
        days = month.between(due + timedelta(days=1), due + timedelta(days=7))
    else:
        days = []
    return dice.choice(days) if days else None


def _services(person: Person, clients: Sequence[Record], days: Sequence[date]) -> Iterator[Record]:
    for client in clients:
        if client.get("m_level") == "vip" and client["client_status"] == "existing":
            contact = client["last_contact_date"]
            done = contact if contact and contact >= days[0] else None
            yield _task(person, "service", days[0], days[-1], done, client=client)


def _complaints(person: Person, clients: Sequence[Record], month: Month, dice: Random) -> Iterator[Record]:
    late = person.special == "late complaints"
    number = 3 if late else 0 if person.special == "no complaints" else dice.choice((0, 0, 1, 1, 2))
    existing = [each for each in clients if each["client_status"] == "existing"]
    days = month.worked(person)[:-8] or month.worked(person)[:1]
    for created in sorted(_some_days(days, number, dice)):
        due = month.calendar.add_workdays(created, 3)
        done = due + timedelta(days=2) if late else _day_done(person, created, due, month, dice)
        valid = "yes" if late or dice.random() < 0.85 else "no"
        yield _task(person, "complaint", created, due, done, client=dice.choice(existing), valid=valid)


def _daily_work(
    person: Person, clients: Sequence[Record], days: Sequence[date], month: Month, dice: Random
) -> Iterator[Record]:
    able, share = person.ability, month.share(person)
    for day in days:
        luck = dice.random()
        done = day if luck < 0.84 + 0.16 * able else day + timedelta(days=1) if luck < 0.96 else None
        yield _task(person, "log", day, day, done if done and done <= month.period.end else None)
    for kind, number in (("call", 10 + 10 * able), ("visit", 1.5 + 3 * able)):
        for day in sorted(_some_days(days, number * share, dice, again=True)):
            yield _task(person, kind, day, day, day, client=dice.choice(clients))
    for day in sorted(_some_days(days, 2, dice)):
        yield _task(person, "training", days[0], day, day if dice.random() < 0.85 + 0.15 * able else None)
    if dice.random() > able + 0.2:
        created = before(month.period.start, 10, 25, dice)
        yield _task(person, "follow_up", created, created + timedelta(days=5), None, client=dice.choice(clients))


def _routine(person: Person, days: Sequence[date], month: Month, dice: Random) -> Iterator[Record]:
    for due in days[2::3]:
        created = month.between(month.period.start, due)[-3]
        yield _task(person, "routine", created, due, _day_done(person, created, due, month, dice))


RULE_CODES = {
    "contact": "R01", "follow_up": "R02", "profile": "R03", "callback": "R04", "service": "R06", "risk": "R09",
    "alert": "R13", "lost_visit": "R14", "complaint": "R15", "log": "R16",
}  # fmt: skip


def _task(
    person: Person,
    kind: str,
    created: date,
    due: date,
    done: date | None,
    client: Record | None = None,
    status: str | None = None,
    valid: str | None = None,
    note: Text | None = None,
) -> Record:
    return {
        "task_kind": kind,
        "rule_code": RULE_CODES.get(kind),
        "client_id": client["client_id"] if client else None,
        "owner_id": person.employee_id,
        "created_date": created,
        "due_date": due,
        "done_date": done,
        "status": status or ("done" if done else "doing"),
        "valid": valid,
        "note": note,
    }


def _some_days(days: Sequence[date], number: float, dice: Random, again: bool = False) -> list[date]:
    """Return about so many of the days, each at most once unless they may come again."""
    whole = _whole(number, dice)
    return dice.choices(days, k=whole) if again and days else dice.sample(days, min(whole, len(days)))


def _whole(number: float, dice: Random) -> int:
    """Round up or down at random, so that the mean is kept."""
    return int(number + dice.random())


def _ratings(person: Person, staff: Sequence[Person], period: Period) -> Iterator[Record]:
    """Yield what superiors think; the director is rated by the heads of branches. Some rate themselves, too."""
    dice = person.dice("ratings")
    raters = [(person.superior, "manager")]
    if person.superior is None:
        raters = [(each.employee_id, "subordinate") for each in staff if each.group == "branch_head"]
    for rater, relation in raters:
        for quality in QUALITIES:
            level = min(5, max(1, round(2.3 + 2.6 * person.ability + dice.gauss(0, 0.5))))
            yield _rating(person, quality, rater, relation, level, period)
    if dice.random() < 0.4:
        for quality in QUALITIES:
            yield _rating(person, quality, person.employee_id, "self", dice.randint(3, 5), period)


def _rating(person: Person, quality: str, rater: str | None, relation: str, level: int, period: Period) -> Record:
    return {
        "period": period.code,
        "employee_id": person.employee_id,
        "indicator": quality,
        "rater_id": rater,
        "relation": relation,
        "score": level,
        "scale": 5,
    }


def _actuals(person: Person, staff: Sequence[Person], clients: Sequence[Record], month: Month) -> Iterator[Record]:
    """Yield the figures that other departments report."""
    dice, able = person.dice("actuals"), person.ability
    attended = 2 if dice.random() < 0.7 + 0.3 * able else 1
    figures: dict[str, Record] = {"training_attendance": {"numerator": attended, "denominator": 2}}
    if person.group == "client_manager":
        answers = dice.randint(6, 15)
        score = sum(min(10, max(3, round(dice.gauss(7.4 + 2.2 * able, 1)))) for _ in range(answers))
        figures["csat"] = {"numerator": score, "denominator": answers}
        if person.special in ("joiner", "newcomer"):
            note = Text("入职不久，未抽样", "Too new to be surveyed")
            figures["csat"] = {"not_applicable": "yes", "note": note}
    elif person.group == "branch_head":
        branch = {each.employee_id for each in staff if each.superior == person.employee_id}
        figures |= _branch_figures(person, [each for each in clients if each["owner_id"] in branch], month)
    else:
        cases = dice.randint(2, 5)
        figures |= {
            "service_standard": {"numerator": 34 + round(6 * able), "denominator": 40},
            "work_cases": {"numerator": round(cases * (0.4 + 0.6 * able)), "denominator": cases},
            "internal_csat": {"actual": round(7.6 + 1.6 * able, 1)},
            "office_plan_completion": {"numerator": 6 + round(2 * able), "denominator": 8},
        }
    for indicator, figure in figures.items():
        yield {"period": month.period.code, "employee_id": person.employee_id, "indicator": indicator} | figure


def _branch_figures(person: Person, clients: Sequence[Record], month: Month) -> dict[str, Record]:
    mine = [each for each in clients if each["opened_date"]]
    opening = [each for each in mine if _was_there(each, month.period.start)]
    opened = sum(month.holds(each["opened_date"]) for each in mine)
    lost = sum(month.holds(each["lost_date"]) for each in mine)
    return {
        "branch_revenue": {"actual": round(sum(each["commission"] for each in mine), 2)},
        "branch_client_growth": {"numerator": opened - lost, "denominator": len(opening)},
        "branch_compliance": {"actual": 0 if person.ability > 0.6 else 1},
        "branch_plan_completion": {"numerator": 7 + round(3 * person.ability), "denominator": 10},
    }


def _was_there(client: Record, day: date) -> bool:
    return client["opened_date"] < day and not (client["lost_date"] and client["lost_date"] < day)


def _history(staff: Sequence[Person], period: Period) -> Iterator[Record]:
    """Yield the results of an earlier month: a total, and the place in the staff class."""
    there = [each for each in staff if each.hired <= period.start and each.special not in NOT_RANKED]
    totals = {
        each: round(64 + 32 * each.ability + each.dice(f"history {period.code}").gauss(0, 1.5), 2) for each in there
    }
    for person, total in totals.items():
        better = (other.place.staff_class == person.place.staff_class and totals[other] > total for other in there)
        yield {
            "period": period.code,
            "employee_id": person.employee_id,
            "name": person.name,
            "department": person.place.department,
            "total": total,
            "place": 1.0 + sum(better),
        }


def _adjustments(staff: Sequence[Person], period: Period) -> list[Record]:
    managers = [person.employee_id for person in staff if person.group == "client_manager"]
    approver = next(person.name for person in staff if person.superior is None)
    return [adjustment(case, managers[number], approver, period) for number, case in CASES.items()]
