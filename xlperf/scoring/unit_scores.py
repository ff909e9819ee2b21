"""Scores of teams, departments and the company: their own indicators, and the mean total of their people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from xlperf.core.problems import Problem
from xlperf.policy.conditions import When
from xlperf.policy.scheme import Indicator, Scheme
from xlperf.scoring.distribution import competition_ranks
from xlperf.scoring.formula_facts import with_formulas
from xlperf.scoring.grades import grade_by_band
from xlperf.scoring.matrices import Facts, Matrix, Points, Totals
from xlperf.scoring.period_rows import REPORTED
from xlperf.scoring.points import score, targets_of
from xlperf.scoring.roster import Roster
from xlperf.scoring.totals import score_dimensions, total_scores
from xlperf.scoring.units import Units, facts_of_units, mean_totals, targets_of_units


@dataclass(frozen=True)
class UnitResults:
    """What the units of one level came to; ``place`` 0 is no place, ``grade`` -1 no grade."""

    level: str
    units: Units
    indicators: tuple[Indicator, ...]
    applies: Matrix
    facts: Facts
    points: Points
    totals: Totals
    mean_total: np.ndarray
    place: np.ndarray
    grade: np.ndarray


def appraise_units(
    scheme: Scheme,
    people: Roster,
    units: Units,
    facts: Facts,
    of_people: tuple[Sequence[Indicator], Matrix, Matrix],
    totals: np.ndarray,
    when: When,
    period: str,
) -> tuple[list[UnitResults], list[Problem]]:
    """Return the results of teams, departments and the company, one entry a level, and the problems found.

    Parameters
    ----------
    scheme, people, units : what is scored, the n people, and the units of every level asked for
    facts : of n people, followed by those of rows that name a unit
    of_people : the employees' indicators, whether they apply, and their targets
    totals : n totals of the people
    when : what "period" means in conditions
    period : as the Targets sheet names it, such as ``2026-10``
    """
    results, problems = [], []
    for level in dict.fromkeys(units.frame["level"]):
        found, more = _level(scheme, people, units.of(level), facts, of_people, totals, when, period)
        results.append(found)
        problems += more
    return results, problems


def _level(
    scheme: Scheme,
    people: Roster,
    units: Units,
    facts: Facts,
    of_people: tuple[Sequence[Indicator], Matrix, Matrix],
    totals: np.ndarray,
    when: When,
    period: str,
) -> tuple[UnitResults, list[Problem]]:
    level = units.frame["level"].iloc[0]
    indicators = tuple(each for each in scheme.of_level(level) if each in facts.indicators)
    asked = facts.indicators if any(each.measure == "formula" for each in indicators) else indicators
    theirs = with_formulas(facts_of_units(facts, asked, units), when).only(indicators)
    applies = _applies(people, units, theirs)
    targets = _targets(scheme, people, units, indicators, of_people, period)
    points, problems = score(theirs, targets, applies, scheme, np.zeros(len(units), np.intp), when)
    scores = score_dimensions(points, theirs.state, applies, np.zeros_like(applies), scheme, indicators)
    final = total_scores(scores, scores.own, np.zeros(len(units)), scheme.settings)
    enough = final.measured >= scheme.settings.minimum_weight
    competing = np.where(enough, final.total, np.nan)
    bounds = [grade.lower for grade in scheme.grades]
    by_score = bool(np.isfinite(bounds[:1]).all() and np.all(np.diff(bounds) < 0))  # else ranking tells what is wrong
    return UnitResults(
        level,
        units,
        indicators,
        applies,
        theirs,
        points,
        final,
        mean_totals(totals, people.frame["scored"].to_numpy(bool), units),
        competition_ranks(competing, np.zeros(len(units), np.intp)),
        grade_by_band(competing, bounds) if by_score else np.full(len(units), -1, np.intp),
    ), problems


def _applies(people: Roster, units: Units, facts: Facts) -> Matrix:
    """Tell which indicators belong to which unit: everybody's, those of its people's positions, and reported ones."""
    groups = people.frame["group"].fillna("").to_numpy(object)
    applies = np.zeros(facts.actual.shape, bool)
    for k, each in enumerate(facts.indicators):
        held = units.sums(groups == each.group) > 0
        typed = each.sheet in REPORTED and each.measure != "formula"
        reported = ~np.isnan(facts.actual[:, k]) if typed else False
        applies[:, k] = held | reported | (each.group == "")
    return applies


def _targets(
    scheme: Scheme,
    people: Roster,
    units: Units,
    indicators: Sequence[Indicator],
    of_people: tuple[Sequence[Indicator], Matrix, Matrix],
    period: str,
) -> Matrix:
    shared, applies, targets = of_people
    at = {each.code: k for k, each in enumerate(shared)}
    theirs = np.full((len(people), len(indicators)), np.nan)
    has = np.zeros(theirs.shape, bool)
    for k, each in enumerate(indicators):
        if each.code in at:
            theirs[:, k], has[:, k] = targets[:, at[each.code]], applies[:, at[each.code]]
    as_people = pd.DataFrame({"employee_id": "", "department": units.frame["unit"], "group": "", "service": 1.0})
    own = targets_of(scheme, indicators, as_people, people.ancestors, period)
    overrides = scheme.table("targets").frame
    overrides = overrides[overrides["period"].isna() | (overrides["period"] == period)]
    return targets_of_units(theirs, has, own, overrides, units, indicators)
