"""Checks formulas of one's own: they ask for figures that come before them, and have a place to stand."""

from __future__ import annotations

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from xlperf.core.problems import Problem
from xlperf.policy.conditions import ALWAYS, columns_in
from xlperf.policy.scheme import Scheme
from xlperf.policy.scheme.formula_scope import part_of_fact
from xlperf.policy.validation.addressing import Check, report
from xlperf.schema import SHEETS


def check_no_circle(scheme: Scheme) -> Iterator[Problem]:
    """No formula rests on its own figure."""
    codes = [each.code for each in scheme.indicators]
    asked = {
        each.code: {part_of_fact(ref.code, codes)[0] for ref in columns_in(each.columns[0])}
        for each in scheme.indicators
        if each.measure == "formula" and each.columns
    }
    try:
        TopologicalSorter(asked).prepare()
    except CycleError as circle:
        round_trip = circle.args[1]
        rows = [codes.index(code) for code in dict.fromkeys(round_trip)]
        names = [scheme.indicators[row].code for row in rows]
        yield from report(scheme, "formula-circle", "indicators", "column", sorted(rows), circle=" → ".join(names))


def check_formulas_alone(scheme: Scheme) -> Iterator[Problem]:
    """A formula comes from other indicators and counts no rows."""
    for position, each in enumerate(scheme.indicators):
        if each.measure != "formula":
            if each.source == "indicators":
                yield from report(scheme, "formula-wanted", "indicators", "measure", [position], indicator=each.name)
            continue
        if each.source != "indicators":
            yield from report(scheme, "formula-source", "indicators", "source", [position], indicator=each.name)
        for column, filled in (("where", each.where != ALWAYS), ("hit", each.hit is not None)):
            if filled:
                yield from report(scheme, "formula-condition", "indicators", column, [position], indicator=each.name,
                                  column=SHEETS["indicators"][column].name)  # fmt: skip


CHECKS: tuple[Check, ...] = (check_no_circle, check_formulas_alone)
