"""Teams, departments and the company: what their people's facts come to, and what each unit scores itself.

The ratio of a unit is the sum of numerators over the sum of denominators of its people, never a mean of their ratios.
Rows that name the unit itself in place of a person (a department's profit, ratings of a team) join in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import fsum

import numpy as np
import pandas as pd

from xlperf.core.numbers import round_half_up
from xlperf.core.problems import Problem, Text, some
from xlperf.core.vocabulary import STATES, WORDS
from xlperf.policy.scheme import Indicator
from xlperf.scoring.matrices import Facts, Matrix
from xlperf.scoring.period_rows import REPORTED

COMPANY = WORDS["level"]["company"]
MEASURED, NOT_APPLICABLE, MISSING = (STATES.index(each) for each in ("measured", "not_applicable", "missing"))


@dataclass(frozen=True)
class Units:
    """The units of the levels asked for, from the smallest level up, each level by code.

    ``frame`` has ``level``, ``unit``, ``unit_name`` (both languages) and ``people``; ``member`` (u × n) tells who
    belongs to which unit; a department holds the people of all departments below it. ``names`` are what rows of the
    input sheets may call a unit; ``inside`` (u × names) tells which of these belong to a unit, itself included, and
    ``own`` which are its own.
    """

    frame: pd.DataFrame
    member: Matrix
    names: list[str]
    inside: Matrix
    own: Matrix

    def __len__(self) -> int:
        return len(self.frame)

    def of(self, level: str) -> Units:
        """The units of one level."""
        mine = (self.frame["level"] == level).to_numpy(bool)
        frame = self.frame[mine].reset_index(drop=True)
        return Units(frame, self.member[mine], self.names, self.inside[mine], self.own[mine])

    @cached_property
    def pairs(self) -> tuple[np.ndarray, np.ndarray]:
        """Every unit with each of its people, as positions: few, however many units and people there are."""
        units, people = np.nonzero(self.member)
        return units, people

    def sums(self, figures: np.ndarray) -> np.ndarray:
        """Add up the figures of people (n, or n × k) by unit."""
        return added(self.pairs, figures, len(self))


def added(pairs: tuple[np.ndarray, np.ndarray], figures: np.ndarray, size: int) -> np.ndarray:
    """Return the sums of people's figures by unit.

    The sums are exact until they are rounded to a float, so that they are the same in any order of the people.

    Parameters
    ----------
    pairs : two arrays of the same length: the position of a unit, and that of a figure which belongs to it
    figures : n, or n × k
    size : how many units there are, u

    Returns
    -------
    u, or u × k; 0 for a unit without a figure

    Examples
    --------
    >>> added((np.array([0, 0, 1]), np.array([0, 2, 1])), np.array([1.0, 2.0, 4.0]), 2)
    array([5., 2.])
    """
    unit, who = pairs
    order = np.argsort(unit, kind="stable")
    ends = np.searchsorted(unit[order], np.arange(size + 1)).tolist()
    rows = figures[:, None] if figures.ndim == 1 else figures
    columns = [[fsum(column[start:end]) for start, end in pairwise(ends)] for column in rows[who[order]].T.tolist()]
    sums = np.array(columns, float).reshape(rows.shape[1], size).T
    return sums[:, 0] if figures.ndim == 1 else sums


def units_of(
    people: pd.DataFrame,
    ancestors: Mapping[str, tuple[str, ...]],
    department_names: Mapping[str, str],
    levels: Sequence[str],
) -> tuple[Units, list[Problem]]:
    """Return the units of some levels and who belongs to them.

    Parameters
    ----------
    people : n rows of the roster
    ancestors : of each department, the path from the widest to itself
    department_names : by department code
    levels : some of team, department, company
    """
    rows: list[tuple[str, str, Text]] = []
    member: list[np.ndarray] = []
    if "team" in levels:
        for code in sorted(people["team"].dropna().unique()):
            rows.append(("team", code, Text(code, code)))
            member.append((people["team"] == code).to_numpy(bool, na_value=False))
    if "department" in levels:
        codes = sorted({*ancestors, *people["department"].dropna()})
        names = [department_names.get(code, code) for code in codes]
        rows += [("department", code, Text(name, name)) for code, name in zip(codes, names, strict=True)]
        member += [*_in_departments(people["department"], codes, ancestors)]
    if "company" in levels:
        rows.append(("company", COMPANY.en, COMPANY))
        member.append(np.ones(len(people), bool))
    matrix = np.array(member, bool).reshape(len(rows), len(people))
    frame = pd.DataFrame(rows, columns=["level", "unit", "unit_name"])
    frame["people"] = (matrix & people["scored"].to_numpy(bool)).sum(axis=1)
    kept = matrix.any(axis=1) | (frame["level"] != "department").to_numpy()
    units = _named(frame[kept].reset_index(drop=True), matrix[kept], ancestors)
    same = sorted(set(units.names) & set(people["employee_id"]))
    return units, [Problem("unit-like-person", details={"units": some(same)})] if same else []


def _in_departments(department: pd.Series, codes: Sequence[str], ancestors: Mapping[str, tuple[str, ...]]) -> Matrix:
    """Tell who is in which department, or in one below it."""
    place = {code: i for i, code in enumerate(codes)}
    holds = np.eye(len(codes), len(codes) + 1, dtype=bool)  # the last column: people without a department
    for code, path in ancestors.items():
        holds[[place[above] for above in path if above in place], place[code]] = True
    of_people = department.map(place).fillna(len(codes)).to_numpy(np.intp)
    return np.asarray(holds[:, of_people])


def _named(frame: pd.DataFrame, member: Matrix, ancestors: Mapping[str, tuple[str, ...]]) -> Units:
    """Tell which names of units belong to which unit: departments to those above them, and all to the company."""
    levels, codes = frame["level"].tolist(), frame["unit"].tolist()
    departments = {code: i for i, (level, code) in enumerate(zip(levels, codes, strict=True)) if level == "department"}
    company = COMPANY if "company" in levels else ()  # a Text holds two words, by both of which it is called
    names = sorted({*(code for level, code in zip(levels, codes, strict=True) if level != "company"), *company})
    place = {name: i for i, name in enumerate(names)}
    own, below = np.zeros((2, len(frame), len(names)), bool)
    for i, (level, code) in enumerate(zip(levels, codes, strict=True)):
        called = company if level == "company" else (code,)
        own[i, [place[name] for name in called]] = True
        if level == "company":
            below[i, [place[name] for name in departments]] = True
    for name in names:
        below[[departments[code] for code in ancestors.get(name, ()) if code in departments], place[name]] = True
    return Units(frame, member, names, own | below, own)


def facts_of_units(facts: Facts, indicators: Sequence[Indicator], units: Units) -> Facts:
    """Return the facts of u units on some indicators.

    ``facts`` are those of n people, followed by those of rows that name a unit: one for each of ``Units.names``. What a
    unit reports itself, on Actuals or Ratings, comes before what its people and the units below it report; rows of
    clients, tasks and checks add up.
    """
    columns = np.array([facts.column(each.code) for each in indicators], np.intp)
    heads = units.member.shape[1]
    (unit, name), (owner, own_name) = np.nonzero(units.inside), np.nonzero(units.own)
    everything = np.append(units.pairs[0], unit), np.append(units.pairs[1], heads + name)
    summed = _summed(facts, columns, everything, len(units))
    reported = _summed(facts, columns, (owner, heads + own_name), len(units))
    by_itself = (reported.state == MEASURED) & np.array([each.sheet in REPORTED for each in indicators], bool)
    chosen = (
        np.where(by_itself, getattr(reported, each), getattr(summed, each))
        for each in ("numerator", "denominator", "actual", "state")
    )
    return Facts(pd.Index(units.frame["unit"]), tuple(indicators), *chosen)


def _summed(facts: Facts, columns: np.ndarray, pairs: tuple[np.ndarray, np.ndarray], size: int) -> Facts:
    numerator, denominator, actual, state = (
        each[:, columns] for each in (facts.numerator, facts.denominator, facts.actual, facts.state)
    )
    measured = state == MEASURED
    ratio = ~np.isnan(denominator)
    top = added(pairs, np.where(measured, np.where(ratio, numerator, actual), 0.0), size)
    bottom = added(pairs, np.where(measured & ratio, denominator, 0.0), size)
    any_measured = added(pairs, measured, size) > 0
    any_ratio = added(pairs, measured & ratio, size) > 0
    some_not_applicable = added(pairs, state == NOT_APPLICABLE, size) > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where(any_ratio, top / bottom, top)
    settled = any_measured & (~any_ratio | (bottom != 0))
    states = np.where(settled, MEASURED, np.where(some_not_applicable | any_measured, NOT_APPLICABLE, MISSING))
    return Facts(
        facts.ids,
        facts.indicators,
        np.where(settled, top, np.nan),
        np.where(settled & any_ratio, bottom, np.nan),
        np.where(settled, value, np.nan),
        states.astype(np.int8),
    )


def targets_of_units(
    targets: Matrix,
    applies: Matrix,
    own: Matrix,
    overrides: pd.DataFrame,
    units: Units,
    indicators: Sequence[Indicator],
) -> Matrix:
    """Return the targets of u units on k indicators.

    A count's target is what the targets of the people add up to, where more is better: a limit for each person is none
    for the unit, nor is what strikes as a veto. Any other target is the unit's own, and a row of the Targets sheet that
    is meant for the unit itself comes before both.

    Parameters
    ----------
    targets, applies : n × k, of the people: NaN where there is no target, and whether the indicator is theirs
    own : u × k, as found for a department
    overrides : rows of the Targets sheet for the period or for every period; one for the period wins
    units : the u units
    indicators : k indicators

    Examples
    --------
    >>> from xlperf.policy.schemes import load
    >>> mine = [each for each in load("crm-department").indicators if each.code in ("csat", "new_clients")]
    >>> units = Units(pd.DataFrame({"unit": ["N"]}), np.ones((1, 2), bool), [], np.zeros((1, 0)), np.zeros((1, 0)))
    >>> targets, none = np.array([[8.0, 9.0], [4.0, 9.0]]), load("service-team").table("targets").frame
    >>> targets_of_units(targets, np.ones((2, 2), bool), np.array([[8.0, 9.0]]), none, units, mine)
    array([[12.,  9.]])
    """
    counts = np.array([each.target_adds_up for each in indicators], bool)
    aims = applies & ~np.isnan(targets)
    theirs = units.sums(np.where(aims, targets, 0.0))
    result = np.where(counts & (units.sums(aims) > 0), theirs, own)
    rows = overrides[overrides["scope"] == "unit"]
    for k, each in enumerate(indicators):
        mine = rows[rows["indicator"] == each.code].sort_values("period", na_position="first", kind="stable")
        for code, target in zip(mine["scope_id"], mine["target"], strict=True):
            wanted = COMPANY.en if not isinstance(code, str) or code in COMPANY else code
            result[(units.frame["unit"] == wanted).to_numpy(), k] = target
    return result


def whole_targets(targets: np.ndarray, are_counts: np.ndarray) -> np.ndarray:
    """Return the targets of units as they are shown: nobody wins 148.06 clients.

    Points are computed from the exact targets: a share of a client that is left out here would change scores.

    Parameters
    ----------
    targets : n, or u × k; NaN where there is none
    are_counts : n, or k: whether the figure is a whole number

    Returns
    -------
    as targets: those of counts are whole, half up, and never 0 where something is to be reached

    Examples
    --------
    >>> whole_targets(np.array([148.06, 0.3, 0.0, 0.955]), np.array([True, True, True, False])).tolist()
    [148.0, 1.0, 0.0, 0.955]
    """
    whole = np.where(targets > 0, np.maximum(round_half_up(targets, 0), 1.0), targets)
    return np.asarray(np.where(are_counts, whole, targets))


def mean_totals(totals: np.ndarray, scored: np.ndarray, units: Units) -> np.ndarray:
    """Return the mean total of each unit's people who are scored; NaN where there are none.

    Parameters
    ----------
    totals : n points, NaN for people without a total
    scored : n booleans
    units : u units, which say whom they consist of

    Examples
    --------
    >>> both = np.array([[True, True, True]])
    >>> units = Units(pd.DataFrame({"unit": ["N"]}), both, [], np.zeros((1, 0)), np.zeros((1, 0)))
    >>> mean_totals(np.array([80.0, 90.0, np.nan]), np.array([True, True, True]), units)
    array([85.])
    """
    counted = scored & ~np.isnan(totals)
    heads = units.sums(counted)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(units.sums(np.where(counted, totals, 0.0)) / heads)
