"""Checks the conditions of all policy sheets: some row can meet them, and they compare like with like."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from xlperf.core.periods import parse_period
from xlperf.core.problems import Problem, Text
from xlperf.core.vocabulary import fold
from xlperf.policy.conditions import Condition, literals_by_sheet, literals_in, numbers_beside, with_literals
from xlperf.policy.conditions.contradictions import is_never_met
from xlperf.policy.conditions.tree import Not
from xlperf.policy.scheme import Scheme
from xlperf.policy.validation.addressing import Check, report
from xlperf.policy.validation.basics import is_off_scale
from xlperf.policy.validation.client_levels import axis_name, own_levels_of
from xlperf.schema import SHEETS

SHARES_OF_PLACES = ("percentile", "percent_rank")


def check_conditions_can_be_met(scheme: Scheme) -> Iterator[Problem]:
    """Some row can meet each condition; some row that an indicator counts can be a hit, and some can miss it."""
    period = parse_period(scheme.settings.period)
    grades = {fold(word): each.code for each in scheme.grades for word in (*each.name, each.code)}
    for sheet, column, position, name, condition in conditions_of_cells(scheme):
        in_codes = with_literals(
            condition, lambda ref, word: grades.get(fold(word), word) if ref.code == "grade" else word
        )
        if column != "hit" and is_never_met(in_codes, period=period):
            yield from report(scheme, "condition-never", sheet, column, [position], name=name)
    for position, each in enumerate(scheme.indicators):
        if each.hit is None or is_never_met(each.where, period=period):
            continue
        if is_never_met(each.where, each.hit, period=period):
            yield from report(scheme, "hit-never", "indicators", "hit", [position], indicator=each.name)
        elif each.measure == "share" and is_never_met(each.where, Not(each.hit), period=period):
            yield from report(scheme, "hit-always", "indicators", "hit", [position], indicator=each.name)


def conditions_of_cells(scheme: Scheme) -> Iterator[tuple[str, str, int, Text, Condition]]:
    """Yield every condition with the sheet, the column and the position of its cell, and the name of its record."""
    records: dict[str, tuple[Sequence[Any], tuple[str, ...]]] = {
        "indicators": (scheme.indicators, ("where", "hit")),
        "outcomes": (scheme.outcomes, ("where", "eligible")),
        "pay": (scheme.pay, ("where",)),
        "task_rules": (scheme.task_rules, ("where", "done_when", "cancel_when")),
    }
    for sheet, (rows, columns) in records.items():
        for position, row in enumerate(rows):
            for column in columns:
                condition = getattr(row, column)
                if condition is not None:
                    yield sheet, column, position, row.name, condition


def check_conditions_on_results(scheme: Scheme) -> Iterator[Problem]:
    """Conditions on results name grades that there are, and compare points with points and shares with shares."""
    grades = {fold(word) for grade in scheme.grades for word in (grade.code, *grade.name)}
    points = {"total": SHEETS["results"]["total"].name, "base": SHEETS["results"]["base"].name}
    points |= {each.code: each.name for each in scheme.dimensions}
    full = scheme.settings.full_points
    for sheet, column, position, _, condition in conditions_of_cells(scheme):
        if sheet not in ("outcomes", "pay"):
            continue
        for ref, word in literals_in(condition):
            if ref.code == "grade" and fold(word) not in grades:
                yield from report(scheme, "condition-unknown-choice", sheet, column, [position], word=word,
                                  column=SHEETS["results"]["grade"].name,
                                  allowed=[each.code for each in scheme.grades])  # fmt: skip
        for code, value, is_percent in numbers_beside(condition, (*SHARES_OF_PLACES, *points)):
            if code in SHARES_OF_PLACES and not 0 <= value <= 1:
                yield from report(scheme, "share-of-places", sheet, column, [position], cell=value,
                                  column=SHEETS["results"][code].name)  # fmt: skip
            elif code in points and is_percent:
                yield from report(scheme, "condition-percent-of-points", sheet, column, [position], column=points[code],
                                  cell=f"{value * 100:.10g}%", meant=f"{value * full:.10g}")  # fmt: skip
            elif code in ("total", "base") and is_off_scale(value, full):
                yield from report(scheme, "points-off-scale", sheet, column, [position], column=points[code],
                                  cell=value, full=full)  # fmt: skip


def check_conditions_name_own_levels(scheme: Scheme) -> Iterator[Problem]:
    """Conditions that ask for a level of HR's own ask for one that there is."""
    levels = {axis: [each.level for each in of_axis] for axis, of_axis in own_levels_of(scheme).items()}
    for sheet, column, position, _, condition in conditions_of_cells(scheme):
        if not levels or sheet in ("outcomes", "pay"):
            continue
        asked = scheme.indicators[position].sheet if sheet == "indicators" else "clients"
        for of, ref, word in literals_by_sheet(condition, asked):
            if of == "clients" and word not in levels.get(ref.code, [word]):
                yield from report(scheme, "condition-unknown-choice", sheet, column, [position], word=word,
                                  column=axis_name(ref.code), allowed=levels[ref.code])  # fmt: skip


CHECKS: tuple[Check, ...] = (
    check_conditions_can_be_met,
    check_conditions_on_results,
    check_conditions_name_own_levels,
)
