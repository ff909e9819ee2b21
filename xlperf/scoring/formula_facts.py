"""Figures that are computed from other figures: indicators with a formula of HR's own.

A formula is an expression of the condition language over the codes and names of other indicators: their actuals, or
their numerators and denominators. It is computed after everything else was measured, one formula after those that it
asks for; of a unit from the unit's own figures.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence

import numpy as np

from xlperf.core.problems import Problem, some
from xlperf.core.vocabulary import STATES
from xlperf.policy.conditions import When, columns_in, figures_of
from xlperf.policy.scheme import Indicator
from xlperf.policy.scheme.formula_scope import part_of_fact
from xlperf.schema.tables import Table
from xlperf.scoring.matrices import Facts

MEASURED, NOT_APPLICABLE, MISSING = (STATES.index(name) for name in ("measured", "not_applicable", "missing"))


def with_formulas(facts: Facts, when: When) -> Facts:
    """Return the facts with the figures of the indicators that have a formula.

    Parameters
    ----------
    facts : of n people or units and k indicators; those with a formula are filled in anew
    when : the period, which an expression of days would ask for

    Returns
    -------
    Facts. A formula is not measured where something that it asks for is missing, and not applicable where something
    does not apply, is not measured here at all, or stands below a fraction as 0.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from datetime import date
    >>> import pandas as pd
    >>> from xlperf.policy.conditions import read_expression
    >>> from xlperf.policy.scheme.formula_scope import formula_scope
    >>> from xlperf.policy.schemes import load
    >>> two = load("crm-department").indicators[:2]
    >>> scope = formula_scope((each.code, each.name) for each in two)
    >>> own = replace(two[0], code="own", measure="formula", columns=(read_expression(f"{two[0].code} / 4", scope),))
    >>> figures, none = np.array([[8.0, 2.0, np.nan]]), np.full((1, 3), np.nan)
    >>> facts = Facts(pd.Index(["E1"]), (*two, own), figures, none, figures.copy(), np.zeros((1, 3), np.int8))
    >>> day = date(2026, 10, 1)
    >>> with_formulas(facts, When(day, day, day, day)).actual[0, 2]
    np.float64(2.0)
    """
    ordered = in_order(facts.indicators)
    if not ordered:
        return facts
    numerator, actual, state = facts.numerator.copy(), facts.actual.copy(), facts.state.copy()
    place = {each.code: k for k, each in enumerate(facts.indicators)}
    for each in ordered:
        asked = {ref.code: part_of_fact(ref.code, place) for ref in columns_in(each.columns[0])}
        known = {code: (place[of], part) for code, (of, part) in asked.items() if of in place}
        parts = {"actual": actual, "numerator": numerator, "denominator": facts.denominator}
        figures = {code: parts[part][:, k] for code, (k, part) in known.items()}
        states = np.array([state[:, k] for k, _ in known.values()]).reshape(len(known), len(actual))
        lacking = len(asked) > len(known)
        size = len(actual)
        value = np.full(size, np.nan) if lacking else figures_of(each.columns[0], figures, size, when)
        k = place[each.code]
        missing, usable = (states == MISSING).any(axis=0), np.isfinite(value) & (states == MEASURED).all(axis=0)
        state[:, k] = np.where(missing, MISSING, np.where(usable, MEASURED, NOT_APPLICABLE))
        numerator[:, k] = actual[:, k] = np.where(usable & ~missing, value, np.nan)
    return Facts(facts.ids, facts.indicators, numerator, facts.denominator, actual, state)


def in_order(indicators: Sequence[Indicator]) -> list[Indicator]:
    """Return the indicators with a formula, each behind those that it asks for; none that rests on a circle.

    Parameters
    ----------
    indicators : all that are measured

    Examples
    --------
    >>> from xlperf.policy.schemes import load
    >>> in_order(load("crm-department").indicators)
    []
    """
    own = {each.code: each for each in indicators if each.measure == "formula" and each.columns}
    codes = {each.code: None for each in indicators}
    waiting = {code: _asked(each, codes) & own.keys() for code, each in own.items()}
    ordered: list[Indicator] = []
    while ready := [code for code, asked in waiting.items() if asked.isdisjoint(waiting)]:
        for code in ready:
            del waiting[code]
            ordered.append(own[code])
    return ordered  # a circle is reported by the validation of the scheme


def _asked(formula: Indicator, codes: Container[str]) -> set[str]:
    """Return the codes of the indicators that a formula names."""
    return {part_of_fact(ref.code, codes)[0] for ref in columns_in(formula.columns[0])}


def inputs_missing(facts: Facts, formula: Indicator, concerned: np.ndarray) -> list[Indicator]:
    """Return the indicators that a formula rests on, through other formulas too, and that lack a figure.

    Parameters
    ----------
    facts : of n people or units and k indicators, without a circle of formulas
    formula : one of the indicators
    concerned : n, whose figures are looked at
    """
    place = {each.code: k for k, each in enumerate(facts.indicators)}
    found: dict[str, Indicator] = {}
    for k in sorted(place[code] for code in _asked(formula, place) if code in place):
        each = facts.indicators[k]
        if each.measure == "formula":
            found |= {deeper.code: deeper for deeper in inputs_missing(facts, each, concerned)}
        elif (facts.state[concerned, k] == MISSING).any():
            found[each.code] = each
    return list(found.values())


def typed_figures(actuals: Table | None, indicators: Sequence[Indicator]) -> Iterator[Problem]:
    """Yield a problem where somebody has typed a figure for an indicator that has a formula.

    Parameters
    ----------
    actuals : the Actuals sheet, if there is one
    indicators : all of the scheme
    """
    own = {word: each for each in indicators if each.measure == "formula" for word in (each.code, *each.name)}
    if actuals is None or not own or actuals.outside is not None:
        return
    named = actuals["indicator"].isin(list(own)).to_numpy(bool)
    if named.any():
        names = sorted({own[word].name for word in actuals["indicator"][named]})
        yield Problem("formula-typed", actuals.title, actuals.cells("indicator", np.flatnonzero(named)),
                      {"indicators": some(names), "count": int(named.sum())})  # fmt: skip
