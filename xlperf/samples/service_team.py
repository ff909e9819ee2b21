"""A customer-service department: forty people, what weekly, monthly and spot checks deducted, and commendations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import cycle
from random import Random

from xlperf.core.periods import Period
from xlperf.core.problems import Text
from xlperf.policy.schemes import load
from xlperf.samples.records import Case, Record, Records, adjustment, before, numbered, people, work_calendar, workdays

HEAD_OFFICE, DEPARTMENT = "000", "300"
FIRST_ID = 701
CHECKER = Text("质检组", "Quality group")
SPECIAL = {9: "probation", 17: "intern", 24: "leave"}  # place on the list, status
NOTES = {
    "probation": Text("试用期，上岗培训未完成", "On probation, initial training not finished"),
    "intern": Text("实习", "Intern"),
    "leave": Text("长假", "On long leave"),
}
CLASSES = {  # staff class: how many, position, position group
    "manager": (5, Text("客服主管", "Team leader"), "management"),
    "office": (8, Text("综合管理员", "Administrator"), "operating"),
    "front_line": (27, Text("客服专员", "Service agent"), "operating"),
}
FAULTS: dict[str, tuple[Text, ...]] = {  # indicator: what a check may find
    "relations": (Text("拒绝协助同事", "Refused to help a colleague"),),
    "service_attitude": (Text("未使用规范用语", "Standard greeting not used"), Text("语气生硬", "Curt tone")),
    "discipline": (Text("未按规定着装", "Dress code not kept"), Text("工作时间处理私事", "Private business at work")),
    "attendance": (Text("迟到", "Late for work"), Text("早退", "Left early")),
    "participation": (Text("缺席班组会", "Absent from the team meeting"),),
    "initiative": (Text("应主动告知而未告知", "Client not told in advance"),),
    "coordination": (Text("工单转交不完整", "Incomplete hand-over of a ticket"),),
    "professional_skill": (Text("答复有误", "Wrong answer given"), Text("业务测试未通过", "Failed the product test")),
    "organising": (Text("排班表迟交", "Shift plan handed in late"),),
    "managing": (Text("工作记录不全", "Incomplete records"),),
    "innovation": (Text("改进建议未按时提交", "No suggestion handed in"),),
    "efficiency": (Text("超时未回复", "No reply in time"), Text("处理超时", "Handled too slowly")),
    "training_effect": (Text("培训作业未交", "Training exercise not handed in"),),
    "work_effect": (Text("客户重复来电", "Client had to call again"),),
    "other_results": (Text("回访任务未达数", "Too few call-backs"),),
}


SETTLED = Case(
    "commendation",
    Text("嘉奖：化解群体投诉（奖惩规程第八条）", "Commended: settled a mass complaint (rules of reward, 8)"),
    points=8,
)
CASES = {  # place on the list: what happened
    2: Case(
        "commendation",
        Text("嘉奖：带教新人（奖惩规程第九条）", "Commended: trained a newcomer (rules of reward, 9)"),
        points=2,
    ),
    20: Case(
        "issue_reward",
        Text("反馈知识库差错（奖惩规程第十一条）", "Reported an error in the knowledge base (rules of reward, 11)"),
        points=1,
    ),
    30: Case(
        "zero_item",
        Text(
            "与客户争吵造成不良影响（奖惩规程第二十一条）",
            "Quarrelled with a client, with bad consequences (rules, 21)",
        ),
        indicator="service_attitude",
    ),
}
LOOKS = {"weekly": 3, "monthly": 4, "spot": 1}  # how many things a check looks at


@dataclass(frozen=True)
class Person:
    """One employee of the department."""

    employee_id: str
    name: Text
    staff_class: str
    team: str
    status: str
    care: float  # the chance that a look finds nothing


def records(period: Period) -> Records:
    """Return the input sheets of one month."""
    staff = _staff()
    checks = [each for person in staff if person.status != "leave" for each in _checks(person, period)]
    checks.sort(key=lambda check: (check["date"], check["employee_id"]))
    return {
        "departments": [
            {
                "department": HEAD_OFFICE,
                "department_name": Text("总部", "Head office"),
                "department_kind": "head_office",
            },
            {
                "department": DEPARTMENT,
                "department_name": Text("客户服务部", "Customer service"),
                "parent": HEAD_OFFICE,
                "department_kind": "function",
                "head_id": staff[0].employee_id,
            },
        ],
        "employees": [_employee(person, staff[0], period) for person in staff],
        "checks": numbered(checks, "check_id", "C", 4),
        "adjustments": numbered(_adjustments(staff, period), "adjustment_id", "A", 3),
    }


def _staff() -> list[Person]:
    places = [name for name, (number, _, _) in CLASSES.items() for _ in range(number)]
    teams = cycle("ABCD")
    dice = Random("care")
    return [
        Person(
            f"{FIRST_ID + number:05d}",
            name,
            place,
            next(teams),
            SPECIAL.get(number, "active"),
            dice.uniform(0.35, 0.97),
        )
        for number, (name, place) in enumerate(zip(people(len(places), Random("names")), places, strict=True))
    ]


def _employee(person: Person, head: Person, period: Period) -> Record:
    _, position, group = CLASSES[person.staff_class]
    days = (20, 80) if person.status in ("probation", "intern") else (300, 3500)
    return {
        "employee_id": person.employee_id,
        "name": person.name,
        "department": DEPARTMENT,
        "position": position,
        "group": group,
        "staff_class": person.staff_class,
        "team": person.team,
        "manager_id": head.employee_id if person != head else None,
        "hire_date": before(period.start, *days, Random(person.employee_id)),
        "status": person.status,
        "onboarding_passed": "yes",
        "job_training_passed": "no" if person.status in ("probation", "intern") else "yes",
        "note": NOTES.get(person.status),
    }


def _checks(person: Person, period: Period) -> Iterator[Record]:
    """Yield a check a week, one at the end of the month, and now and then a spot check."""
    dice = Random(f"checks {person.employee_id}")
    days = workdays(period.start, period.end, work_calendar(load("service-team")))
    for week in _weeks(days):
        yield from _check(person, "weekly", dice.choice(week), dice)
    yield from _check(person, "monthly", days[-1], dice)
    if dice.random() < 0.4:
        yield from _check(person, "spot", dice.choice(days), dice)


def _weeks(days: Sequence[date]) -> list[list[date]]:
    """Split working days by their week."""
    mondays = sorted({day - timedelta(days=day.weekday()) for day in days})
    return [[day for day in days if 0 <= (day - monday).days < 7] for monday in mondays]


def _check(person: Person, kind: str, day: date, dice: Random) -> Iterator[Record]:
    """Yield a record for each fault that a check found, or one without a deduction."""
    faults = sum(dice.random() > person.care for _ in range(LOOKS[kind]))
    found = dice.sample(sorted(FAULTS), faults)
    record = {"check_kind": kind, "date": day, "employee_id": person.employee_id, "checker": CHECKER}
    if not found:
        yield record | {"deduction": 0.0, "score": 100.0, "sampled": 10, "faults": 0}
    for indicator in found:
        deduction, clause = dice.choice((0.5, 1.0, 1.0, 2.0)), dice.choice(FAULTS[indicator])
        yield record | {
            "indicator": indicator, "deduction": deduction, "score": 100 - deduction,
            "sampled": 10, "faults": 1, "clause": clause,
        }  # fmt: skip


def _adjustments(staff: Sequence[Person], period: Period) -> list[Record]:
    """Return commendations, one of which lifts a total above 100, an issue reported, and a lost item."""
    most_careful = max((person for person in staff if person.staff_class == "front_line"), key=lambda each: each.care)
    cases = [(most_careful, SETTLED), *((staff[number], case) for number, case in CASES.items())]
    return [adjustment(case, person.employee_id, staff[0].name, period) for person, case in cases]
