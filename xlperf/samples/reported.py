"""What a scheme wants to be told about everybody: ratings, figures of other departments, and checks.

The rows are made from the indicators themselves: how good a figure is depends on who it is about, and how good a figure
can be on the rule's parameters, on the target, or on what a plan says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import cycle, islice
from math import ceil, isfinite
from random import Random

from xlperf.core.periods import Period
from xlperf.core.problems import Text
from xlperf.policy.conditions import columns_in
from xlperf.policy.scheme import Indicator, Scheme
from xlperf.samples.records import Record
from xlperf.samples.staff import Person, Span, level

RATES = ("%", "％", "‰")
COUNTED = ("times", "pieces", "people", "deals", "tasks", "clients", "yuan")
QUOTIENTS = (*RATES, "multiple")
TYPED_IN = ("actuals", "survey", "finance")
SIZES = (20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)  # of what is counted or sampled
NOT_APPLICABLE = 0.03  # the share of figures that do not apply
KINDNESS = 0.1  # of those who rate themselves
NO_CASE = Text("本期没有相关业务", "No such case in the period")
FOUND = Text("检查发现差错", "Fault found")


@dataclass(frozen=True)
class Owner:
    """Who a figure is about: a person or a unit, how good it is, and who may judge it."""

    code: str
    ability: float
    seed: str
    raters: Mapping[str, Sequence[str]]
    days: Sequence[date]
    exempt: bool = False  # whether now and then a figure may not apply

    def dice(self, indicator: str) -> Random:
        """Return the random numbers of one indicator."""
        return Random(f"{self.seed} {indicator} {self.code}")


def raters_of(person: Person, staff: Sequence[Person]) -> dict[str, list[str]]:
    """Return who may rate a person, by relation; nobody rates twice in one relation."""
    by_id = {each.employee_id: each for each in staff}
    others = [each for each in staff if each is not person and each.special not in ("intern", "leave")]
    superior = by_id.get(person.superior or "")
    below = [each.employee_id for each in others if each.superior == person.employee_id]
    beside = [each.employee_id for each in others if each is not superior and each.employee_id not in below]
    person.dice("raters").shuffle(beside)
    found = {
        "self": [person.employee_id],
        "manager": [superior.employee_id] if superior else [],
        "indirect": [superior.superior] if superior and superior.superior else [],
        "subordinate": below,
        "peer": beside,
        "client": [f"K{number}{person.employee_id}" for number in range(1, 6)],
    }
    return {relation: raters for relation, raters in found.items() if raters}


def span_of(indicator: Indicator, scheme: Scheme) -> Span:
    """Return between which figures people plausibly lie.

    >>> from xlperf.policy.schemes import load
    >>> crm = load("securities-crm")
    >>> span_of(next(each for each in crm.indicators if each.code == "innovation"), crm)
    Span(weak=2.0, strong=5.0)
    """
    given = indicator.parameters
    if {"worst", "best"} <= given.keys():
        return Span(*(given["worst"] + share * (given["best"] - given["worst"]) for share in (0.2, 1.0)))
    if {"value_d", "value_a"} <= given.keys():
        return Span(given["value_d"], given["value_a"])
    if {"low", "high"} <= given.keys() and indicator.rule in ("rating_scale", "target_range"):
        return _within(given["low"], given["high"], indicator)
    ends = _band_ends(indicator, scheme)
    if ends:
        return Span(ends[-1], ends[0]) if indicator.direction == "lower" else Span(ends[0], ends[-1])
    return _around(_target(indicator, scheme), indicator)


def _within(low: float, high: float, indicator: Indicator) -> Span:
    span = high - low
    if indicator.rule == "target_range":
        return Span(high + 0.3 * span, (low + high) / 2)
    return Span(high - 0.25 * span, low) if indicator.direction == "lower" else Span(low + 0.25 * span, high)


def _band_ends(indicator: Indicator, scheme: Scheme) -> list[float]:
    if indicator.parameters.get("of") == "attainment" or indicator.rule != "bands":
        return []
    intervals = [interval for interval, _ in scheme.bands.get(indicator.parameters.get("band_set", ""), ())]
    return sorted({end for each in intervals for end in (each.low, each.high) if isfinite(end)})


def _target(indicator: Indicator, scheme: Scheme) -> float:
    """Return the target of the Indicators sheet, else the first of the Targets sheet, else NaN."""
    if indicator.target == indicator.target:
        return indicator.target
    targets = scheme.table("targets").frame
    return next(iter(targets.loc[targets["indicator"] == indicator.code, "target"]), float("nan"))


def _around(target: float, indicator: Indicator) -> Span:
    rate = indicator.unit in RATES
    if target != target or target == 0:
        weak = 0.04 if rate else 4.0
        return Span(weak, 0.0) if indicator.direction == "lower" else Span(0.6 if rate else 60, 0.98 if rate else 96)
    if indicator.direction == "lower":
        return Span(1.5 * target, 0.6 * target)
    if indicator.direction == "range":
        return Span(1.2 * target, target)
    if rate and 0 < target <= 1:
        return Span(max(0.6 * target, target - 1.6 * (1 - target)), 1.0 if target < 1 else 1.15)
    return Span(0.75 * target, 1.15 * target)


def rating_rows(indicator: Indicator, scheme: Scheme, span: Span, owner: Owner, period: Period) -> Iterator[Record]:
    """Yield the ratings of one indicator, from every relation that the scheme weighs."""
    dice = owner.dice(indicator.code)
    for relation, raters in _relations(indicator, scheme, owner):
        for rater in raters:
            seen = owner.ability + (KINDNESS if relation == "self" else 0.0)
            yield {
                "period": period.code,
                "employee_id": owner.code,
                "indicator": indicator.code,
                "rater_id": rater,
                "relation": relation,
                "score": float(round(span.at(level(seen, dice)))),
                "scale": indicator.parameters.get("high", scheme.settings.full_points),
            }


def _relations(indicator: Indicator, scheme: Scheme, owner: Owner) -> list[tuple[str, Sequence[str]]]:
    """Return who rates an indicator, by relation; colleagues stand in where nobody is left but oneself."""
    own = [each for each in scheme.raters if each.dimension == indicator.dimension]
    weighed = own or [each for each in scheme.raters if not each.dimension]
    numbers = {
        each.relation: max(3, ceil(each.minimum) if each.minimum == each.minimum else 0)
        for each in weighed
        if each.weight > 0
    } or {"manager": 1, "peer": 2}
    found = [(relation, owner.raters.get(relation, ())[:number]) for relation, number in numbers.items()]
    there = [(relation, raters) for relation, raters in found if raters]
    if {relation for relation, _ in there} <= {"self"}:
        stand_in = next(relation for relation in (*numbers, "peer") if relation != "self")
        there.append((stand_in, owner.raters["peer"][:2]))
    return there


def actual_row(indicator: Indicator, scheme: Scheme, span: Span, owner: Owner, period: Period) -> Record:
    """Return one figure: a numerator and a denominator for rates and surveys, an actual for anything else."""
    dice = owner.dice(indicator.code)
    row: Record = {"period": period.code, "employee_id": owner.code, "indicator": indicator.code}
    if owner.exempt and dice.random() < NOT_APPLICABLE and may_not_apply(indicator, scheme):
        return row | {"not_applicable": "yes", "note": NO_CASE}
    value = span.at(level(owner.ability, dice))
    if indicator.unit in QUOTIENTS or indicator.measure == "ratio":
        size = dice.randint(40, 90) * 10_000 if indicator.source == "finance" else sample_size(span)
        return row | {"numerator": float(round(value * size)), "denominator": float(size)}
    if indicator.rule == "base_plus_minus":
        cases = dice.randint(2, 5)
        return row | {"numerator": float(round(cases * level(owner.ability, dice))), "denominator": float(cases)}
    if indicator.source == "survey":
        answers = dice.randint(10, 16)
        return row | {"numerator": float(round(value * answers)), "denominator": float(answers)}
    return row | {"actual": float(round(value)) if indicator.unit in COUNTED else round(value, 1)}


def may_not_apply(indicator: Indicator, scheme: Scheme) -> bool:
    """Whether the scheme can do without an indicator's figure."""
    named = " ".join(str(value) for each in scheme.indicators for value in each.parameters.values())
    needed = indicator.code in named or indicator.card.veto
    return scheme.settings.if_not_applicable != "block" and indicator.weight > 0 and not needed


def sample_size(span: Span) -> int:
    """Return how much must be counted for people to differ.

    >>> sample_size(Span(0.002, 0.0005))
    10000
    """
    wanted = 10 / max(1e-4, abs(span.strong - span.weak))
    return next((size for size in SIZES if size >= wanted), SIZES[-1])


def check_rows(
    indicator: Indicator, scheme: Scheme, span: Span, owner: Owner, clauses: Sequence[Text], checker: Text
) -> Iterator[Record]:
    """Yield the checks of one indicator: those that found something, and those that did not."""
    if not owner.days:
        return
    dice = owner.dice(indicator.code)
    value = span.at(level(owner.ability, dice))
    for kind, found in _findings(indicator, scheme, span, value, dice):
        clause = dice.choice(clauses) if found.get("deduction") or found.get("faults") else None
        yield {
            "check_kind": kind,
            "date": dice.choice(owner.days),
            "employee_id": owner.code,
            "indicator": indicator.code,
            "clause": clause,
            "checker": checker,
        } | found


def _findings(
    indicator: Indicator, scheme: Scheme, span: Span, value: float, dice: Random
) -> Iterable[tuple[str, Record]]:
    """Return kind and finding of each check, so that the indicator's figure comes out near the value."""
    kinds = cycle(("weekly", "weekly", "monthly", "spot"))
    looked_at = _looked_at(indicator)
    if indicator.measure == "count" and not looked_at:
        return [(kind, {"deduction": 0.0, "sampled": 1.0, "faults": 1.0}) for kind in islice(kinds, round(value))]
    if indicator.measure in ("count", "sum") and looked_at & {"deduction", "faults"}:
        return zip(kinds, _deductions(value, indicator, dice), strict=False)
    if indicator.measure == "share":
        wrong = value if indicator.direction == "lower" else 1 - value
        rows = max(6, sample_size(span) // 5)
        faulty = [dice.random() < wrong for _ in range(rows)]
        return zip(kinds, [_sampled(10, int(each)) for each in faulty], strict=False)
    if indicator.measure == "mean":
        scores = [round(min(value * dice.uniform(0.97, 1.03), 100.0), 1) for _ in range(3)]
        return zip(kinds, [{"score": score, "deduction": round(100 - score, 1)} for score in scores], strict=False)
    wrong = value if indicator.direction == "lower" else 1 - value
    size = sample_size(span)
    return zip(kinds, [_sampled(size, round(size * max(0.0, wrong))) for _ in range(3)], strict=False)


def _looked_at(indicator: Indicator) -> set[str]:
    """Return the columns whose content decides whether and how a check counts."""
    asked = [indicator.where] + ([indicator.hit] if indicator.hit else [])
    return {ref.code for node in (*asked, *indicator.columns) for ref in columns_in(node)} - {"date", "check_kind"}


def _sampled(size: int, faults: int) -> Record:
    return {"sampled": float(size), "faults": float(faults), "score": round(100 * (1 - faults / size), 1)}


def _deductions(value: float, indicator: Indicator, dice: Random) -> list[Record]:
    """Split a total of deductions into findings, after one check without any."""
    clean: Record = {"deduction": 0.0, "score": 100.0, "sampled": 10.0, "faults": 0.0}
    left, found = round(value), [clean]
    while left > 0:
        points = min(left, dice.choice((1, 1, 2)) if indicator.measure == "sum" else 1)
        left -= points
        found.append({"deduction": float(points), "score": 100.0 - points, "sampled": 10.0, "faults": 1.0})
    return found
