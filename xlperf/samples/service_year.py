"""A year of the customer-service department: kept months, the checks of the year, and the appraisal at its end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from random import Random

from xlperf.core.periods import Period
from xlperf.core.problems import Text
from xlperf.policy.schemes import load
from xlperf.samples.plan import Case, Department, History, Plan, Post, Span, plan_records
from xlperf.samples.records import Record, Records, numbered, work_calendar, workdays
from xlperf.samples.service_team import CHECKER, FAULTS

SCHEME = "service-team-year"
LIGHT, HEAVY = Span(1.7, 0.0), Span(2.5, 0.0)  # what the year-end takes from items of 5 and of 7.5 points
FIVE_POINTS = (
    "morality",
    "service_attitude",
    "discipline",
    "relations",
    "attendance",
    "participation",
    "initiative",
    "coordination",
)
SEVEN_POINTS = (
    "professional_skill",
    "organising",
    "managing",
    "innovation",
    "efficiency",
    "training_effect",
    "work_effect",
    "other_results",
)
CHECKED = (("weekly", 12), ("monthly", 20), ("spot", 60))  # kind, and every how many working days

SETTLED = Case(
    "commendation",
    Text("嘉奖：化解群体投诉（奖惩规程第八条）", "Commended: settled a mass complaint (rules of reward, 8)"),
    points=8,
)
TAUGHT = Case(
    "commendation",
    Text("嘉奖：带教新人（奖惩规程第九条）", "Commended: trained newcomers (rules of reward, 9)"),
    points=3,
)
QUARRELLED = Case(
    "zero_item",
    Text("与客户争吵造成不良影响（奖惩规程第二十一条）", "Quarrelled with a client, with bad consequences (rules, 21)"),
    indicator="service_attitude",
)

PLAN = Plan(
    departments={
        "000": Department(Text("总部", "Head office"), "head_office"),
        "300": Department(Text("客户服务部", "Customer service"), parent="000"),
    },
    posts=(
        Post("300", Text("客服经理", "Customer-service manager"), 5, "management", "manager"),
        Post("300", Text("综合管理员", "Administrator"), 8, "operating", "office", teams=("A", "B")),
        Post("300", Text("客服专员", "Service agent"), 27, "operating", "front_line", teams=("A", "B", "C", "D")),
    ),
    special={20: "probation", 33: "leave", 37: "leaver", 38: "joiner", 39: "intern"},
    figures=dict.fromkeys(FIVE_POINTS, LIGHT) | dict.fromkeys(SEVEN_POINTS, HEAVY),
    cases={7: TAUGHT, 34: SETTLED, 30: QUARRELLED},
    history=(History("month", inside=True, totals=Span(70, 104)),),
)


def records(period: Period) -> Records:
    """Return the input sheets of one year."""
    made = plan_records(load(SCHEME), PLAN, period)
    checked = [person for person in made["employees"] if person["status"] != "leave"]
    checks = [check for person in checked for check in _checks(person, made["history"], period)]
    checks.sort(key=lambda check: (check["date"], check["employee_id"]))
    made["checks"] = numbered(checks, "check_id", "C", 5)
    return made


def _checks(person: Record, history: Sequence[Record], period: Period) -> Iterator[Record]:
    """Yield the checks of one person: each finds little where the kept months are good."""
    months = [row["total"] for row in history if row["employee_id"] == person["employee_id"]]
    care = sum(months) / len(months) / 100 if months else 0.8
    dice = Random(f"{SCHEME} checks {person['employee_id']}")
    start, end = max(period.start, person["hire_date"]), person["leave_date"] or period.end
    days = workdays(start, end, work_calendar(load(SCHEME)))
    for kind, every in CHECKED:
        for first in range(0, len(days), every):
            day = dice.choice(days[first : first + every])
            yield _check(person["employee_id"], kind, day, care, dice)


def _check(employee_id: str, kind: str, day: date, care: float, dice: Random) -> Record:
    deduction = max(0.0, round(2 * dice.gauss(24 * (1 - care), 2)) / 2)
    row = {
        "check_kind": kind,
        "date": day,
        "employee_id": employee_id,
        "deduction": deduction,
        "score": 100 - deduction,
        "checker": CHECKER,
    }
    if not deduction:
        return row
    indicator = dice.choice(sorted(FAULTS))
    return row | {"indicator": indicator, "clause": dice.choice(FAULTS[indicator])}
