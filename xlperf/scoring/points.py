"""Facts and targets become points: each indicator's rule over the whole column of people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from xlperf.core.intervals import settled
from xlperf.core.problems import Problem, some
from xlperf.policy import conditions
from xlperf.policy.conditions import Scope, When, rows_meeting
from xlperf.policy.scheme import UNSCORED, Indicator, Scheme
from xlperf.schema import Column
from xlperf.schema.settings import Settings
from xlperf.scoring.matrices import Facts, Matrix, Points
from xlperf.scoring.presence import prorations

SCOPES = ("company", "department", "group", "employee")  # of targets, from the widest to the most specific


def score(
    facts: Facts, targets: Matrix, applies: Matrix, scheme: Scheme, pools: np.ndarray, when: When
) -> tuple[Points, list[Problem]]:
    """Score every person on every indicator.

    Parameters
    ----------
    facts : of n people and k indicators, in the indicator's unit; NaN where not measured
    targets : n × k
    applies : n × k, whether the indicator belongs to the person's position
    scheme : its bands and settings
    pools : n codes of comparison groups, for rules that rank
    when : needed to read conditions between indicators

    Returns
    -------
    points : of which ``unscorable`` marks people who have a figure that the rule cannot score (target 0, missing or of
        the other sign; a rating outside its scale)
    problems : one for each indicator with such people, and figures far beyond their target
    """
    indicators, settings = facts.indicators, scheme.settings
    actual = np.asfortranarray(np.where(applies, facts.actual, np.nan))  # whole columns lie together
    points = np.full(actual.shape, np.nan, order="F")
    vetoed = np.zeros(actual.shape, bool)
    weights = np.array([each.weight for each in indicators], np.float64)
    full = weights if settings.total_method == "sum" else np.full(len(indicators), settings.full_points)
    for k, each in enumerate(indicators):
        if each.rule == UNSCORED:
            continue
        inputs = {
            "actual": actual[:, k],
            "numerator": facts.numerator[:, k],
            "denominator": facts.denominator[:, k],
            "target": targets[:, k],
            "full": full[k],
            "direction": each.direction,
            "group": pools,
            "bands": scheme.bands.get(each.parameters.get("band_set", ""), ()),
            "anchors": scheme.curve(each.parameters.get("curve")),
            "met": _met(each, actual, indicators, when),
        }
        given = {name: inputs[name] for name in each.card.inputs}
        given |= {name: each.parameters.get(name) for name in each.card.arguments}
        result = each.card.function(**given)
        if each.card.veto:
            vetoed[:, k] = result == 1
        else:
            points[:, k] = result
    points[~applies] = np.nan
    unscorable = ~np.isnan(actual) & np.isnan(points) & np.array([_has_points(each) for each in indicators], bool)
    scored = Points(points, targets, full, vetoed, unscorable)
    return scored, _problems(scored, actual, facts, settings)


def _has_points(each: Indicator) -> bool:
    return each.rule != UNSCORED and not each.card.veto


def _met(each: Indicator, actual: Matrix, indicators: Sequence[Indicator], when: When) -> np.ndarray | None:
    """Evaluate a rule's condition on other indicators: 1 met, 0 not met, NaN where one of them is missing."""
    text = each.parameters.get("condition") or each.parameters.get("unless")
    if text is None:
        return None
    scope = Scope(Column(other.code, other.name, "number") for other in indicators)
    condition = conditions.read(text, scope)
    columns = {other.code: actual[:, k] for k, other in enumerate(indicators)}
    frame = nw.from_native(pd.DataFrame(columns))
    met = frame.select(met=rows_meeting(condition, when))["met"].to_numpy().astype(np.float64)
    named = [ref.code for ref in conditions.columns_in(condition)]
    unknown = np.isnan(np.column_stack([columns[code] for code in named])).any(axis=1)
    return np.where(unknown, np.nan, met)


def targets_of(
    scheme: Scheme,
    indicators: Sequence[Indicator],
    people: pd.DataFrame,
    ancestors: Mapping[str, tuple[str, ...]],
    period: str,
    whole: bool = False,
) -> Matrix:
    """Return the target of each person on each indicator; the most specific one on the Targets sheet wins.

    A person's own target comes before that of the position group, of the department (the nearest one above), of the
    company, and of the Indicators sheet; among equals, one for the period comes before one for every period. Targets
    shrink with the days that somebody is there as the indicator says, or as Home says of counts; not one that was set
    for this person and this period, which is for the days that the person is there.

    Parameters
    ----------
    scheme : its Targets sheet and settings
    indicators : k indicators, each with its own target, NaN for none
    people : n rows, with ``employee_id``, ``department``, ``group``, ``service`` (share of the period's days) and the
        shares that other prorations count
    ancestors : of each department, the path from the widest to itself
    period : as the Targets sheet names it, such as ``2026-10``
    whole : whether the targets are those of somebody who is there for the whole period

    Returns
    -------
    n × k targets in the unit of the indicator; NaN where there is none.

    Examples
    --------
    >>> from xlperf.policy.schemes import load
    >>> scheme = load("crm-department")         # sales of 6 million (department 120: 4.5), 8 new clients
    >>> mine = [each for each in scheme.indicators if each.code in ("sales", "new_clients")]
    >>> frame = {"employee_id": ["E1", "E2"], "department": ["120", "1"], "group": None, "service": [1.0, 0.5]}
    >>> targets_of(scheme, mine, pd.DataFrame(frame), {}, "2026").tolist()
    [[4500000.0, 8.0], [3000000.0, 4.0]]
    """
    overrides = scheme.table("targets")
    targets = np.full((len(people), len(indicators)), [each.target for each in indicators], np.float64, order="F")
    rows = overrides.frame[overrides["period"].isna() | (overrides["period"] == period)]
    records = rows[rows["scope"].isin(SCOPES)].to_dict("records")
    personal = np.zeros(targets.shape, bool)
    at = {each.code: k for k, each in enumerate(indicators)}
    for row in sorted(records, key=lambda row: _rank(row, ancestors)):
        if (k := at.get(row["indicator"])) is not None:
            inside = _in_scope(row["scope"], row["scope_id"], people, ancestors)
            targets[inside, k] = row["target"]
            personal[inside, k] = row["scope"] == "employee" and isinstance(row["period"], str)
    if whole:
        return targets
    return np.where(personal, targets, targets * prorations(people, indicators, scheme.settings))


def without_days(
    scheme: Scheme,
    indicators: Sequence[Indicator],
    people: pd.DataFrame,
    ancestors: Mapping[str, tuple[str, ...]],
    period: str,
) -> Matrix:
    """Tell whose targets are prorated to nothing: who was there on none of the days has nothing to reach.

    Parameters
    ----------
    scheme, indicators, people, ancestors, period : as for :func:`targets_of`

    Returns
    -------
    n × k booleans.
    """
    asked = (scheme, indicators, people, ancestors, period)
    return np.asarray((targets_of(*asked) == 0) & (targets_of(*asked, whole=True) > 0))


def targets_met(points: Points, actual: Matrix, applies: Matrix, indicators: Sequence[Indicator]) -> Matrix:
    """Return which targets are met: 1 met, 0 not met, NaN where there is no target or no figure.

    More is better or less is better, as the indicator's direction says; with a range as direction, and where a rule
    compares in its own way (pass or fail), full points are the target met. Where more is better a target of 0 asks for
    nothing and so is not met by anything.

    Parameters
    ----------
    points : of n people and k indicators, with their targets
    actual : n × k figures in the unit of the indicator; NaN where not measured
    applies : n × k, whether the indicator belongs to the person's position
    indicators : k indicators

    Returns
    -------
    n × k. Figure and target are compared at twelve significant digits.

    Examples
    --------
    >>> from xlperf.policy.schemes import load
    >>> mine = [each for each in load("client-administrator").indicators if each.code in ("churn_rate", "csat")]
    >>> none = np.zeros((1, 2), bool)
    >>> points = Points(np.full((1, 2), np.nan), np.array([[0.05, 8.5]]), np.array([20.0, 30.0]), none, none)
    >>> targets_met(points, np.array([[0.04, 8.0]]), np.ones((1, 2), bool), mine)      # a low churn rate is good
    array([[1., 0.]])
    """
    met = np.full(actual.shape, np.nan)
    for k, each in enumerate(indicators):
        if each.direction == "range" or each.rule == "pass_fail":
            reached = points.points[:, k] >= points.full[k]
            known = applies[:, k] & ~np.isnan(points.points[:, k])
        else:
            figures, target = settled(actual[:, k]), settled(points.targets[:, k])
            reached = figures <= target if each.direction == "lower" else figures >= target
            asks = (target != 0) | (each.direction == "lower")
            known = applies[:, k] & ~np.isnan(figures) & ~np.isnan(target) & asks
        met[known, k] = reached[known]
    return met


def _rank(row: Mapping[Any, Any], ancestors: Mapping[str, tuple[str, ...]]) -> tuple[int, int, bool, str]:
    depth = len(ancestors.get(row["scope_id"], ())) if row["scope"] == "department" else 0
    return SCOPES.index(row["scope"]), depth, isinstance(row["period"], str), str(row["scope_id"])


def _in_scope(scope: str, code: str, people: pd.DataFrame, ancestors: Mapping[str, tuple[str, ...]]) -> np.ndarray:
    match scope:
        case "company":
            return np.ones(len(people), bool)
        case "department":
            return np.array([code in ancestors.get(each, (each,)) for each in people["department"]], bool)
        case "group":
            return (people["group"] == code).to_numpy()
        case _:
            return (people["employee_id"] == code).to_numpy()


def _problems(points: Points, actual: Matrix, facts: Facts, settings: Settings) -> list[Problem]:
    ids, indicators = facts.ids, facts.indicators
    problems = []
    people = ids.tolist()
    with np.errstate(divide="ignore", invalid="ignore"):
        times = actual / points.targets
    far = np.isfinite(times) & (np.abs(times) > settings.outlier)
    for k, each in enumerate(indicators):
        if (unscorable := points.unscorable[:, k]).any():
            concerned = ids[unscorable]
            details = {
                "indicator": each.name,
                "count": len(concerned),
                "people": some(concerned),
                "rule": each.card.name,
            }
            problems.append(Problem("cannot-score", details=details))
        for i in np.flatnonzero(far[:, k]).tolist() if each.weight > 0 else ():
            details = {
                "person": people[i],
                "indicator": each.name,
                "actual": float(f"{actual[i, k]:.4g}"),
                "target": float(f"{points.targets[i, k]:.4g}"),
                "times": float(f"{times[i, k]:.3g}"),
                "limit": f"{settings.outlier:.0%}",
            }
            problems.append(Problem("outlier", details=details))
    return problems
