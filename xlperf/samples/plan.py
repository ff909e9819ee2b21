"""A sample from a short plan: people, and rows made from the scheme itself.

A plan lists departments and posts, and what the scheme cannot know: kinds of tasks, clients, clauses of findings. The
ratings, figures and checks that the indicators ask for are made for everybody who is scored, so that a sample runs
without errors. Nothing depends on a clock: all chance has a seed, all days lie about the period.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from random import Random

from xlperf.core.periods import Period
from xlperf.core.problems import Text
from xlperf.policy.scheme import Indicator, Scheme
from xlperf.samples.clients_and_tasks import ClientPlan, TaskPlan, client_rows, task_rows
from xlperf.samples.further_inputs import (
    Business,
    Feedback,
    Fund,
    History,
    business_rows,
    feedback_rows,
    fund_rows,
    history_rows,
)
from xlperf.samples.records import Case, Record, Records, adjustment, numbered, work_calendar, workdays
from xlperf.samples.reported import FOUND, TYPED_IN, Owner, actual_row, check_rows, raters_of, rating_rows, span_of
from xlperf.samples.staff import (
    Department,
    Move,
    Person,
    Post,
    Span,
    assignment_rows,
    department_rows,
    employee_rows,
    staff_of,
)

__all__ = [
    "Business",
    "Case",
    "ClientPlan",
    "Department",
    "Feedback",
    "Fund",
    "History",
    "Move",
    "Plan",
    "Post",
    "Span",
    "TaskPlan",
    "plan_records",
]

CHECKER = Text("检查组", "Inspectors")


@dataclass(frozen=True)
class Plan:
    """What the sample of a scheme consists of; only departments and posts must be given.

    ``special`` (a key of ``staff.NOTES``), ``moves`` and ``cases`` go by the place on the list of people, from 0.
    ``figures`` says by indicator which figures the weakest and the strongest have, where what the rule and the target
    suggest is not plausible; ``clauses`` what a check may find.
    """

    departments: Mapping[str, Department]
    posts: tuple[Post, ...]
    special: Mapping[int, str] | None = None
    moves: Mapping[int, Move] = field(default_factory=dict)
    clients: tuple[ClientPlan, ...] = ()
    tasks: tuple[TaskPlan, ...] = ()
    figures: Mapping[str, Span] = field(default_factory=dict)
    clauses: Mapping[str, tuple[Text, ...]] = field(default_factory=dict)
    cases: Mapping[int, Case] = field(default_factory=dict)
    history: tuple[History, ...] = ()
    funds: tuple[Fund, ...] = ()
    feedback: Feedback | None = None
    business: tuple[Business, ...] = ()


def plan_records(scheme: Scheme, plan: Plan, period: Period) -> Records:
    """Return the input sheets of one period.

    Parameters
    ----------
    scheme : whose indicators, raters and settings say what everybody needs
    plan : what the scheme cannot know
    period : of the scheme's kind

    Returns
    -------
    Rows by sheet, words in both languages; only sheets that have rows.

    Examples
    --------
    >>> from xlperf.core.periods import parse_period
    >>> from xlperf.policy.schemes import load
    >>> desk = Plan(
    ...     departments={"100": Department(Text("客服部", "Service desk"))},
    ...     posts=(Post("100", Text("客服专员", "Service agent"), 8, group="operating"),),
    ... )
    >>> made = plan_records(load("service-team"), desk, parse_period("2026-10"))
    >>> list(made), len(made["employees"])
    (['departments', 'employees', 'checks'], 8)
    """
    calendar = work_calendar(scheme)
    seed = scheme.settings.scheme
    staff = staff_of(seed, plan.departments, plan.posts, plan.special, plan.moves, period)
    drawn = [row for book in plan.clients for person in staff for row in client_rows(book, person, period)]
    clients = numbered(drawn, "client_id", "0", 4)
    tasks = [
        row for kind in plan.tasks for person in staff for row in task_rows(kind, person, clients, period, calendar)
    ]
    needed = list(_needed(scheme, plan, staff, period))
    made: Records = {
        "departments": department_rows(plan.departments, staff),
        "employees": list(employee_rows(staff)),
        "assignments": list(assignment_rows(staff, period)),
        "clients": clients,
        "tasks": numbered(tasks, "task_id", "T", 4),
        "ratings": list(_ratings(scheme, plan, needed, period)),
        "checks": numbered(_checks(scheme, plan, needed), "check_id", "C", 5),
        "actuals": [
            actual_row(each, scheme, _span(each, scheme, plan), owner, period)
            for each, owner in needed
            if each.source in TYPED_IN
        ],
        "adjustments": numbered(_adjustments(plan, staff, period), "adjustment_id", "A", 3),
        "history": [row for each in plan.history for row in history_rows(each, scheme, staff, period)],
        "funds": list(fund_rows(plan.funds, period)),
        "feedback": numbered(_feedback(plan, staff, period), "answer_id", "F", 4),
        "business": list(business_rows(plan.business, scheme, period)),
    }
    return {sheet: rows for sheet, rows in made.items() if rows}


def _span(indicator: Indicator, scheme: Scheme, plan: Plan) -> Span:
    return plan.figures.get(indicator.code) or span_of(indicator, scheme)


def _needed(scheme: Scheme, plan: Plan, staff: Sequence[Person], period: Period) -> Iterator[tuple[Indicator, Owner]]:
    """Yield each indicator with everybody who needs a figure: people, or units where it is not about people."""
    calendar = work_calendar(scheme)
    people = {
        person: Owner(
            person.employee_id,
            person.ability,
            person.seed,
            raters_of(person, staff),
            person.days(period, calendar),
            exempt=not person.special,
        )
        for person in staff
        if person.status in scheme.settings.scored_status
    }
    days = workdays(period.start, period.end, calendar)
    for indicator in scheme.indicators:
        if "employee" in indicator.levels:
            for person, owner in people.items():
                if not indicator.group or indicator.group in person.groups:
                    yield indicator, owner
        else:
            for level in indicator.levels:
                for code in _units(level, staff):
                    yield indicator, _unit(code, staff, days)


def _units(level: str, staff: Sequence[Person]) -> list[str]:
    """Return the codes of the units of a level."""
    if level == "company":
        return ["company"]
    codes = (person.team if level == "team" else person.post.department for person in staff)
    return sorted({code for code in codes if code})


def _unit(code: str, staff: Sequence[Person], days: Sequence[date]) -> Owner:
    seed = staff[0].seed
    raters = [person.employee_id for person in staff if person.superior is None or not person.special]
    ability = Random(f"{seed} unit {code}").uniform(0.5, 0.9)
    return Owner(code, ability, seed, {"manager": raters[:1], "peer": raters[1:]}, days)


def _ratings(scheme: Scheme, plan: Plan, needed: Sequence[tuple[Indicator, Owner]], period: Period) -> Iterator[Record]:
    for each, owner in needed:
        if each.source == "ratings":
            yield from rating_rows(each, scheme, _span(each, scheme, plan), owner, period)


def _checks(scheme: Scheme, plan: Plan, needed: Sequence[tuple[Indicator, Owner]]) -> list[Record]:
    checks = [
        row
        for each, owner in needed
        if each.source == "checks"
        for row in check_rows(
            each, scheme, _span(each, scheme, plan), owner, plan.clauses.get(each.code, (FOUND,)), CHECKER
        )
    ]
    return sorted(checks, key=lambda row: (row["date"], row["employee_id"], row["indicator"]))


def _adjustments(plan: Plan, staff: Sequence[Person], period: Period) -> list[Record]:
    return [adjustment(case, staff[n].employee_id, staff[0].name, period) for n, case in plan.cases.items()]


def _feedback(plan: Plan, staff: Sequence[Person], period: Period) -> list[Record]:
    return list(feedback_rows(plan.feedback, staff, period)) if plan.feedback else []
