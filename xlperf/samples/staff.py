"""The people of a sample: departments, posts, superiors, who is new, who left, and how well each one works."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from xlperf.core.periods import Period, WorkCalendar
from xlperf.core.problems import Text
from xlperf.samples.records import Record, before, day_at, people, workdays

FIRST_ID = 101
STATUSES = {"leaver": "left", "intern": "intern", "leave": "leave", "probation": "probation"}
NOTES = {
    "joiner": Text("本期入职", "Joined during the period"),
    "leaver": Text("本期离职", "Left during the period"),
    "intern": Text("实习", "Intern"),
    "leave": Text("长假", "On long leave"),
    "probation": Text("试用期", "On probation"),
}
USUAL_SPECIAL = ("intern", "joiner", "leaver")  # the last people of the largest post, if it is large enough
LARGE_POST = 6


class Span(NamedTuple):
    """A figure of the weakest and of the strongest person; the others lie between."""

    weak: float
    strong: float

    def at(self, level: float) -> float:
        """Return the figure of somebody at a level from 0 to 1.

        >>> Span(40, 20).at(0.75)
        25.0
        """
        return self.weak + (self.strong - self.weak) * level


def level(ability: float, dice: Random) -> float:
    """Return how well something was done: around the ability, from 0 to 1."""
    return min(1.0, max(0.0, ability + dice.gauss(0, 0.12)))


@dataclass(frozen=True)
class Department:
    """A department; the first person listed in it is its head."""

    name: Text
    kind: str = "function"
    parent: str | None = None


@dataclass(frozen=True)
class Post:
    """So many people of the same position in a department, spread over its teams."""

    department: str
    position: Text
    number: int = 1
    group: str | None = None
    staff_class: str = "front_line"
    teams: tuple[str, ...] = ()
    base_pay: float | None = None
    performance_base: float | None = None


class Move(NamedTuple):
    """What somebody was until a share of the period had passed."""

    group: str
    department: str
    until: float = 0.5


@dataclass(frozen=True)
class Person:
    """One employee; ``ability`` runs from 0 to 1, and ``special`` is a key of ``NOTES`` or empty."""

    employee_id: str
    name: Text
    post: Post
    team: str | None
    superior: str | None
    ability: float
    special: str
    hired: date
    left: date | None
    seed: str
    move: Move | None = None

    @property
    def status(self) -> str:
        """The status on the Employees sheet."""
        return STATUSES.get(self.special, "active")

    @property
    def groups(self) -> tuple[str | None, ...]:
        """The position groups held in the period."""
        return (self.post.group, self.move.group) if self.move else (self.post.group,)

    def dice(self, purpose: str) -> Random:
        """Return the random numbers for one purpose."""
        return Random(f"{self.seed} {purpose} {self.employee_id}")

    def days(self, period: Period, calendar: WorkCalendar) -> list[date]:
        """Return the working days of the period on which the person works."""
        if self.special == "leave":
            return []
        return workdays(max(period.start, self.hired), self.left or period.end, calendar)


def staff_of(
    seed: str,
    departments: Mapping[str, Department],
    posts: Sequence[Post],
    special: Mapping[int, str] | None,
    moves: Mapping[int, Move],
    period: Period,
) -> list[Person]:
    """Return everybody, in the order of the posts.

    ``special`` and ``moves`` go by the place on this list; without ``special`` the last three of the largest post are
    a leaver, a joiner and an intern.
    """
    places = [(post, number) for post in posts for number in range(post.number)]
    marks = _usual_special(posts) if special is None else special
    first = {post.department: n for n, (post, _) in reversed(list(enumerate(places)))}
    names = people(len(places), Random(f"{seed} names"))
    abilities = [0.25 + 0.72 * place / max(1, len(places) - 1) for place in range(len(places))]
    Random(f"{seed} abilities").shuffle(abilities)
    staff = [
        _person(n, name, post, number, _superior(n, post, departments, first), ability, marks.get(n, ""), seed, period)
        for n, (name, (post, number), ability) in enumerate(zip(names, places, abilities, strict=True))
    ]
    return [replace(person, move=moves.get(n)) for n, person in enumerate(staff)]


def _usual_special(posts: Sequence[Post]) -> dict[int, str]:
    largest = max(posts, key=lambda post: post.number)
    if largest.number < LARGE_POST:
        return {}
    last = sum(post.number for post in posts[: posts.index(largest) + 1]) - 1
    return {last - n: special for n, special in enumerate(USUAL_SPECIAL)}


def _head_of(code: str | None, departments: Mapping[str, Department], first: Mapping[str, int]) -> int | None:
    """Return the place of a department's head: its first person, else the head of what it is part of."""
    while code is not None and code not in first:
        code = departments[code].parent
    return None if code is None else first[code]


def _superior(n: int, post: Post, departments: Mapping[str, Department], first: Mapping[str, int]) -> str | None:
    head = _head_of(post.department, departments, first)
    if head == n:
        head = _head_of(departments[post.department].parent, departments, first)
    return None if head is None else employee_id(head)


def _person(
    n: int,
    name: Text,
    post: Post,
    number: int,
    superior: str | None,
    ability: float,
    special: str,
    seed: str,
    period: Period,
) -> Person:
    hired = {
        "joiner": day_at(period, 0.35),
        "intern": period.start - timedelta(days=40),
        "probation": period.start - timedelta(days=60),
    }
    return Person(
        employee_id=employee_id(n),
        name=name,
        post=post,
        team=post.teams[number % len(post.teams)] if post.teams else None,
        superior=superior,
        ability=ability,
        special=special,
        hired=hired.get(special, before(period.start, 400, 4000, Random(f"{seed} hired {n}"))),
        left=day_at(period, 0.7) if special == "leaver" else None,
        seed=seed,
    )


def employee_id(place: int) -> str:
    """Return the ID of a place on the list.

    >>> employee_id(0)
    '00101'
    """
    return f"{FIRST_ID + place:05d}"


def department_rows(departments: Mapping[str, Department], staff: Sequence[Person]) -> list[Record]:
    """Return the Departments sheet."""
    heads: dict[str, str] = {}
    for person in staff:
        heads.setdefault(person.post.department, person.employee_id)
    return [
        {
            "department": code,
            "department_name": each.name,
            "parent": each.parent,
            "department_kind": each.kind,
            "head_id": heads.get(code),
        }
        for code, each in departments.items()
    ]


def employee_rows(staff: Sequence[Person]) -> Iterator[Record]:
    """Yield the Employees sheet."""
    for person in staff:
        settled = "no" if person.special in ("intern", "probation") else "yes"
        yield {
            "employee_id": person.employee_id,
            "name": person.name,
            "department": person.post.department,
            "position": person.post.position,
            "group": person.post.group,
            "staff_class": person.post.staff_class,
            "team": person.team,
            "manager_id": person.superior,
            "hire_date": person.hired,
            "leave_date": person.left,
            "status": person.status,
            "confirmed_date": person.hired + timedelta(days=90) if settled == "yes" else None,
            "onboarding_passed": "yes",
            "job_training_passed": settled,
            "base_pay": person.post.base_pay,
            "performance_base": person.post.performance_base,
            "note": NOTES.get(person.special),
        }


def assignment_rows(staff: Sequence[Person], period: Period) -> Iterator[Record]:
    """Yield the spells of those who changed position during the period."""
    for person in staff:
        if person.move is not None:
            last = day_at(period, person.move.until)
            yield {
                "employee_id": person.employee_id,
                "department": person.move.department,
                "group": person.move.group,
                "start": person.hired,
                "end": last,
            }
            yield {
                "employee_id": person.employee_id,
                "department": person.post.department,
                "group": person.post.group,
                "start": last + timedelta(days=1),
                "note": Text("本期调岗", "Changed position in the period"),
            }
