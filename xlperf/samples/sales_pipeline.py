"""A seller of hardware: twelve agents in three offices, their accounts and three hundred deals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random

from xlperf.core.periods import Period
from xlperf.core.problems import Text
from xlperf.policy.schemes import load
from xlperf.samples.records import GIVEN_NAMES, TRADES, Record, Records, before, numbered, people

OFFICES = {
    "C": Text("中部办事处", "Central office"),
    "E": Text("东部办事处", "East office"),
    "W": Text("西部办事处", "West office"),
}
SKILLS = {  # of the agents of each office; the last of the west has not had a single deal
    "C": (0.9, 0.7, 0.55, 0.35),
    "E": (0.85, 0.65, 0.5, 0.3),
    "W": (0.75, 0.6, 0.45, None),
}
ACCOUNTS = 60
LIST_PRICES = {
    "GTX Basic": 550, "GTX Pro": 4821, "GTX Plus Basic": 1096, "GTX Plus Pro": 5482, "MG Special": 55,
    "MG Advanced": 3393, "GTK 500": 26768,
}  # fmt: skip
POPULARITY = (20, 17, 16, 11, 18, 16, 1)


def records(period: Period) -> Records:
    """Return the input sheets of one quarter."""
    agents = _agents(period)
    accounts = _accounts(agents)
    deals = [
        deal
        for agent, skill in zip(agents, (skill for skills in SKILLS.values() for skill in skills), strict=True)
        if skill is not None
        for deal in _deals(agent["employee_id"], skill, accounts, period)
    ]
    return {
        "departments": [
            {"department": code, "department_name": name, "department_kind": "branch"} for code, name in OFFICES.items()
        ],
        "employees": agents,
        "clients": accounts,
        "tasks": numbered(deals, "task_id", "D", 4),
    }


def _agents(period: Period) -> list[Record]:
    places = [office for office, skills in SKILLS.items() for _ in skills]
    return [
        {
            "employee_id": f"{number:03d}",
            "name": name,
            "department": office,
            "position": Text("销售代表", "Sales agent"),
            "staff_class": "front_line",
            "team": f"{office}{1 + number % 2}",
            "hire_date": before(period.start, 200, 2000, Random(f"hired {number}")),
            "status": "active",
        }
        for number, (office, name) in enumerate(
            zip(places, people(len(places), Random("agents")), strict=True), start=1
        )
    ]


def _accounts(agents: Sequence[Record]) -> list[Record]:
    dice = Random("accounts")
    sectors = load("sales-pipeline").table("choices").frame.query("column == 'sector'")["value"].tolist()
    names = dice.sample([(given, trade) for given in GIVEN_NAMES for trade in TRADES], ACCOUNTS)
    accounts = [
        {
            "client_name": Text(f"{given.zh}{trade.zh}", f"{given.en} {trade.en}"),
            "client_status": "existing",
            "owner_id": dice.choice(agents[:-1])["employee_id"],
            "client_type": "corporate",
            "sector": dice.choice(sectors),
        }
        for given, trade in names
    ]
    return numbered(accounts, "client_id", "0", 3)


def _deals(agent: str, skill: float, accounts: Sequence[Record], period: Period) -> Iterator[Record]:
    """Yield an agent's deals: closed before the quarter, closed in it, and still open at its end."""
    dice = Random(f"deals {agent}")
    for _ in range(6):
        yield _closed(agent, before(period.start, 1, 90, dice), skill, accounts, dice)
    for _ in range(11 + round(6 * skill) + dice.randint(-1, 1)):
        closed = period.start + timedelta(days=dice.randrange(period.days))
        yield _closed(agent, closed, skill, accounts, dice)
    for _ in range(8 + dice.randint(-1, 2)):
        yield _open(agent, before(period.end, 3, round(260 - 130 * skill), dice), accounts, dice)
    yield _deal(agent, "Prospecting", None, None, accounts, dice)


def _closed(agent: str, closed: date, skill: float, accounts: Sequence[Record], dice: Random) -> Record:
    won = dice.random() < 0.35 + 0.35 * skill
    engaged = before(closed, 8, round(130 - 70 * skill) if won else 60, dice)
    return _deal(agent, "Won" if won else "Lost", engaged, closed, accounts, dice)


def _open(agent: str, engaged: date, accounts: Sequence[Record], dice: Random) -> Record:
    return _deal(agent, "Engaging", engaged, None, accounts, dice)


def _deal(
    agent: str, stage: str, engaged: date | None, closed: date | None, accounts: Sequence[Record], dice: Random
) -> Record:
    product = dice.choices(tuple(LIST_PRICES), POPULARITY)[0]
    value = round(LIST_PRICES[product] * dice.uniform(0.85, 1.1))
    unnamed = closed is None and dice.random() < 0.2
    return {
        "client_id": None if unnamed else dice.choice(accounts)["client_id"],
        "owner_id": agent,
        "created_date": engaged,
        "done_date": closed,
        "result": stage,
        "amount": {"Won": value, "Lost": 0}.get(stage),
        "product": product,
    }
