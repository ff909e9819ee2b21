"""What surrounds an appraisal: earlier periods, bonus pools, what people think of the scheme, and how business went."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from xlperf.core.periods import Kind, Period, Periods, period_of
from xlperf.core.problems import Text
from xlperf.policy.calendars import calendar_of
from xlperf.policy.scheme import Scheme
from xlperf.samples.records import Record
from xlperf.samples.staff import Person, Span

USUAL_MEAN = 0.75  # of the full score of a question


@dataclass(frozen=True)
class History:
    """Totals of the ``back`` periods before this one, or with ``inside`` of the smaller periods that it is made of."""

    kind: Kind
    back: int = 0
    inside: bool = False
    totals: Span = Span(64, 97)


@dataclass(frozen=True)
class Fund:
    """The bonus pool or the coefficient of a unit; an empty unit is the company."""

    item: str
    unit: str | None = None
    amount: float | None = None
    coefficient: float | None = None


@dataclass(frozen=True)
class Feedback:
    """What people answer about the scheme, without their names; ``means`` are shares of the full score, by question."""

    questions: tuple[Text, ...]
    means: tuple[float, ...] = ()
    suggestions: tuple[Text, ...] = ()
    answering: float = 0.8
    full: int = 5


@dataclass(frozen=True)
class Business:
    """One series of business figures, the newest last; ``kind`` is result, cost or benefit."""

    item: Text
    kind: str
    amounts: tuple[float, ...]


def earlier(period: Period, kind: Kind, number: int, calendar: Periods) -> list[Period]:
    """Return so many periods of a kind that end before a period starts, in order.

    >>> from xlperf.core.periods import parse_period
    >>> [each.code for each in earlier(parse_period("2026Q3"), "month", 2, Periods())]
    ['2026-05', '2026-06']
    """
    found: list[Period] = []
    at = period if kind in (period.kind, "custom") else period_of(kind, period.start)
    for _ in range(number):
        before = calendar.previous(at)
        if before is None:
            break
        at = before
        found.insert(0, at)
    return found


def history_rows(plan: History, scheme: Scheme, staff: Sequence[Person], period: Period) -> Iterator[Record]:
    """Yield the results of other periods, everybody's in their order."""
    calendar, _ = calendar_of(scheme)
    periods = earlier(period, plan.kind, plan.back, calendar)
    if plan.inside:
        periods += calendar.children(period, plan.kind)
    for each in periods:
        there = [person for person in staff if person.hired <= each.start and person.special not in ("intern", "leave")]
        totals = {person.employee_id: _total(plan, person, each) for person in there}
        in_order = sorted(totals.values(), reverse=True)
        for person in there:
            total = totals[person.employee_id]
            yield {
                "period": each.code,
                "employee_id": person.employee_id,
                "name": person.name,
                "department": person.post.department,
                "total": total,
                "grade": next((grade.code for grade in scheme.grades if total >= grade.lower), None),
                "place": float(in_order.index(total) + 1),
            }


def _total(plan: History, person: Person, period: Period) -> float:
    return round(plan.totals.at(person.ability) + person.dice(f"history {period.code}").gauss(0, 1.2), 2)


def fund_rows(funds: Sequence[Fund], period: Period) -> Iterator[Record]:
    """Yield the Funds sheet."""
    for fund in funds:
        yield {
            "period": period.code,
            "item": fund.item,
            "unit": fund.unit,
            "amount": fund.amount,
            "coefficient": fund.coefficient,
        }


def feedback_rows(plan: Feedback, staff: Sequence[Person], period: Period) -> Iterator[Record]:
    """Yield the answers of those who answered, under numbers that are not theirs."""
    dice = Random(f"{staff[0].seed} feedback")
    answering = [person for person in staff if dice.random() < plan.answering]
    dice.shuffle(answering)
    means = plan.means or (USUAL_MEAN,) * len(plan.questions)
    for number, person in enumerate(answering, start=1):
        for place, (question, mean) in enumerate(zip(plan.questions, means, strict=True)):
            told = place == 0 and number <= len(plan.suggestions)
            yield {
                "period": period.code,
                "respondent": f"Q{number:03d}",
                "department": person.post.department,
                "question": question,
                "score": float(min(plan.full, max(1, round(dice.gauss(mean, 0.15) * plan.full)))),
                "full": float(plan.full),
                "suggestion": plan.suggestions[number - 1] if told else None,
            }


def business_rows(series: Sequence[Business], scheme: Scheme, period: Period) -> Iterator[Record]:
    """Yield the Business sheet: the newest figure is the period's own."""
    calendar, _ = calendar_of(scheme)
    for each in series:
        periods = [*earlier(period, period.kind, len(each.amounts) - 1, calendar), period]
        for when, amount in zip(reversed(periods), reversed(each.amounts), strict=False):
            yield {"period": when.code, "item": each.item, "business_kind": each.kind, "amount": amount}
