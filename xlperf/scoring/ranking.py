"""Totals become places and grades: pools are formed, quotas or bands applied, vetoes and small pools respected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from xlperf.core.intervals import settled
from xlperf.core.numbers import round_half_up
from xlperf.core.problems import Problem, Text, between
from xlperf.core.vocabulary import WORDS
from xlperf.policy.rules.comparison import upward
from xlperf.policy.scheme import Indicator, Scheme
from xlperf.policy.validation import exact_shares
from xlperf.policy.validation.addressing import at
from xlperf.policy.validation.quota_limits import SHEET, limit_text
from xlperf.schema.settings import Settings
from xlperf.scoring.distribution import (
    Path,
    competition_ranks,
    distribute,
    grade_by_lines,
    group_sizes,
    lines_of_groups,
    merge_small,
)
from xlperf.scoring.grades import grade_by_band, limit_grade
from xlperf.scoring.matrices import Facts, Matrix, Points, Totals
from xlperf.scoring.quota_limits import OwnResult, PoolLimit, broken, limited_lines, limits_of_pools
from xlperf.scoring.roster import REASONS, Roster

EVERYBODY = Text("全体", "everybody")
NO_UNIT = Text("未填", "not given")
BY_TIES = Text("同分的人按设置处理，不分开。", "Equal totals stay together, as set.")
BY_LIMITS = Text(
    "名额之外，等级还受分数、人数或否决项限制。", "Apart from quotas, scores, small pools or vetoes limit grades."
)


@dataclass(frozen=True)
class Pools:
    """Who competes with whom: a code per person (-1: nobody), the pools' names, and which of them are too small."""

    code: npt.NDArray[np.intp]
    names: tuple[Text, ...]
    small: npt.NDArray[np.bool_]
    paths: tuple[Path, ...]


@dataclass(frozen=True)
class Ranking:
    """Where everybody stands.

    ``place`` 0 is no place and ``grade`` -1 no grade; ``reason`` says why somebody is not ranked, ``vetoes`` which
    vetoes limit the result. ``lines`` (last places) and ``counts`` have one row a pool and one column a grade; grading
    by score alone has no lines. ``limits`` are those of the shares of grades that hold in the pools, ``wanted`` the
    lines before they moved any; None where there are none.
    """

    total: npt.NDArray[np.float64]
    ranked: npt.NDArray[np.bool_]
    reason: npt.NDArray[np.object_]
    vetoes: tuple[tuple[Indicator, ...], ...]
    pools: Pools
    sizes: npt.NDArray[np.intp]
    place: npt.NDArray[np.intp]
    department_place: npt.NDArray[np.intp]
    grade: npt.NDArray[np.intp]
    lines: npt.NDArray[np.intp] | None
    counts: npt.NDArray[np.intp]
    limits: tuple[PoolLimit, ...] = ()
    wanted: npt.NDArray[np.intp] | None = None


def rank(
    scheme: Scheme,
    people: Roster,
    facts: Facts,
    points: Points,
    totals: Totals,
    departments: Mapping[str, OwnResult] | None = None,
) -> tuple[Ranking, list[Problem]]:
    """Place and grade everybody.

    Equal totals share a place, and a grade too unless the scheme names a tie-break chain. Who is not ranked has
    neither. ``departments`` are the own results of departments, for shares that depend on them.
    """
    settings, frame, indicators = scheme.settings, people.frame, facts.indicators
    total = after_vetoes(totals.total, points.vetoed, indicators, settings)
    eligible = frame["ranked"].to_numpy(bool) & ~np.isnan(total)
    ranked = eligible & (totals.measured >= settings.minimum_weight)
    reason = np.where(eligible & ~ranked, "too_little", frame["reason"].to_numpy(object))
    competing = np.where(ranked, total, np.nan)
    pools, problems = make_pools(people, ranked, settings)
    problems += _nobody_ranked(people, ranked, reason, settings)

    chain = _tie_keys(scheme, people, indicators, facts.actual, points, totals) if settings.ties == "chain" else ()
    by_score = grade_by_band(competing, _bounds(scheme)) if _uses_bounds(settings) else np.full(len(total), -1, np.intp)
    sizes = group_sizes(competing, pools.code)
    limits: tuple[PoolLimit, ...] = ()
    wanted = None
    if scheme.quota_limits:
        holding = ~pools.small | (settings.small_pool == "merge")
        limits, found = limits_of_pools(scheme, pools.paths, pools.names, sizes, departments or {}, holding)
        problems += found
        wanted = _wanted_lines(scheme, by_score, pools, sizes)
        spread = grade_by_lines(competing, pools.code, limited_lines(wanted, sizes, limits), settings.ties, chain)
        place, lines = spread.place, spread.lines
        grade = _in_small_pools(spread.grade, by_score, pools, settings)
    elif settings.grading == "bands":
        place, lines, grade = competition_ranks(competing, pools.code, tie_keys=chain), None, by_score
    else:
        spread = distribute(competing, pools.code, exact_shares(scheme), settings.rounding, settings.ties, chain)
        place, lines = spread.place, spread.lines
        grade = _limited(spread.grade, by_score, pools, settings)
    grade = _after_grade_vetoes(grade, points.vetoed, indicators, scheme)

    units = pd.factorize(frame["department"], sort=True)[0]
    counts = _counts(grade, pools, len(scheme.grades))
    ranking = Ranking(
        total,
        ranked,
        reason,
        _vetoes(points.vetoed, indicators),
        pools,
        sizes,
        place,
        competition_ranks(competing, units),
        grade,
        lines,
        counts,
        limits,
        wanted,
    )
    return ranking, problems


def _uses_bounds(settings: Settings) -> bool:
    return settings.grading != "quota" or settings.small_pool == "bands"


def _bounds(scheme: Scheme) -> list[float]:
    return [grade.lower for grade in scheme.grades]


def _limited(
    by_quota: npt.NDArray[np.intp], by_score: npt.NDArray[np.intp], pools: Pools, settings: Settings
) -> npt.NDArray[np.intp]:
    """Combine quota and score the way the scheme says; pools that are too small get their own treatment."""
    grade = by_quota
    if settings.grading == "quota_not_better":
        grade = limit_grade(by_quota, by_score, "not_better")
    elif settings.grading == "quota_not_worse":
        grade = limit_grade(by_quota, by_score, "not_worse")
    return _in_small_pools(grade, by_score, pools, settings)


def _in_small_pools(
    grade: npt.NDArray[np.intp], by_score: npt.NDArray[np.intp], pools: Pools, settings: Settings
) -> npt.NDArray[np.intp]:
    """Give pools that are too small their own treatment."""
    small = np.append(pools.small, False)[pools.code]  # nobody's pool is not small
    if settings.small_pool == "bands":
        return np.where(small, by_score, grade)
    return np.where(small, -1, grade) if settings.small_pool == "none" else grade


def _wanted_lines(
    scheme: Scheme, by_score: npt.NDArray[np.intp], pools: Pools, sizes: npt.NDArray[np.intp]
) -> npt.NDArray[np.intp]:
    """Return the lines (pools × grades) that scores, shares or both ask for, before any limit."""
    settings, grades = scheme.settings, len(scheme.grades)
    if settings.grading != "quota":
        reached = np.where(by_score < 0, grades - 1, by_score)
        scores = np.asarray(_counts(reached, pools, grades).cumsum(axis=1))
    if settings.grading == "bands":
        return scores
    shares = lines_of_groups(sizes, exact_shares(scheme), settings.rounding)
    if settings.grading == "quota":
        return shares
    closer = np.minimum if settings.grading == "quota_not_better" else np.maximum
    return np.asarray(closer(scores, shares), np.intp)


# Vetoes --------------------------------------------------------------------------------------------------------------


def after_vetoes(
    total: npt.NDArray[np.float64],
    vetoed: npt.NDArray[np.bool_],
    indicators: Sequence[Indicator],
    settings: Settings,
) -> npt.NDArray[np.float64]:
    """Return the totals after vetoes that set them to zero or limit them."""
    for k, each in enumerate(indicators):
        effect = each.parameters.get("effect")
        if effect == "zero_total":
            total = np.where(vetoed[:, k], 0.0, total)
        elif effect == "limit_total":
            limited = np.minimum(total, each.parameters.get("limit_points", np.inf))
            total = np.where(vetoed[:, k], limited, total)
    return np.asarray(round_half_up(total, settings.decimals))


def _vetoes(vetoed: npt.NDArray[np.bool_], indicators: Sequence[Indicator]) -> tuple[tuple[Indicator, ...], ...]:
    """Return the vetoes that strike each person."""
    if not vetoed.any():
        return ((),) * len(vetoed)
    return tuple(tuple(indicators[k] for k in np.flatnonzero(row).tolist()) for row in vetoed)


def _after_grade_vetoes(
    grade: npt.NDArray[np.intp], vetoed: npt.NDArray[np.bool_], indicators: Sequence[Indicator], scheme: Scheme
) -> npt.NDArray[np.intp]:
    codes = [each.code for each in scheme.grades]
    for k, each in enumerate(indicators):
        limit = each.parameters.get("limit_grade")
        if each.parameters.get("effect") == "limit_grade" and limit in codes:
            limits = np.where(vetoed[:, k], codes.index(limit), -1)
            grade = limit_grade(grade, limits, "not_better")
    return grade


# Ties ----------------------------------------------------------------------------------------------------------------


def _tie_keys(
    scheme: Scheme,
    people: Roster,
    indicators: Sequence[Indicator],
    actual: Matrix,
    points: Points,
    totals: Totals,
) -> list[npt.NDArray[np.float64]]:
    """Return the columns that tell equal totals apart, higher first; an earlier hire date comes first.

    An indicator compares its points, and where these are equal, as under a cap or a floor, the figures behind them.
    """
    dimensions = [each.code for each in scheme.dimensions]
    codes = [each.code for each in indicators]
    keys = []
    for name in scheme.settings.tie_chain:
        if name == "hire_date":
            days = people.frame["hire_date"].to_numpy("datetime64[D]")
            keys.append(np.where(np.isnat(days), np.nan, -days.astype(np.int64)))
        elif name in dimensions:
            keys.append(totals.dimensions[:, dimensions.index(name)])
        else:
            k = codes.index(name)
            keys += [points.points[:, k], _figures(indicators[k], actual[:, k], points.targets[:, k])]
    return keys


def _figures(each: Indicator, actual: np.ndarray, targets: np.ndarray) -> npt.NDArray[np.float64]:
    """Return an indicator's figures, better ones higher: as shares of the target where people have different ones."""
    if each.direction == "range":
        return np.zeros(len(actual))  # what is nearer to the range has the better points already
    known = targets[~np.isnan(actual)]
    apart = len(known) and (known > 0).all() and (known != known[0]).any()
    return settled(upward(actual / targets if apart else actual, each.direction))


# Pools ---------------------------------------------------------------------------------------------------------------


def make_pools(people: Roster, ranked: npt.NDArray[np.bool_], settings: Settings) -> tuple[Pools, list[Problem]]:
    """Form the pools of those who are ranked; a pool that is too small is merged, or marked and reported."""
    frame = people.frame
    paths = [path for path, is_ranked in zip(pool_paths(people, settings.pool_by), ranked, strict=True) if is_ranked]
    sizes = Counter(paths)
    small = {path: size for path, size in sizes.items() if size < settings.pool_minimum}
    final = merge_small(paths, settings.pool_minimum) if settings.small_pool == "merge" else paths
    names = people.unit_names
    known = sorted(set(final))
    code = np.full(len(frame), -1, np.intp)
    code[np.flatnonzero(ranked)] = _codes(known, final)
    totals = Counter(final)
    pools = Pools(
        code,
        tuple(pool_name(path, settings.pool_by, names) for path in known),
        np.array([totals[path] < settings.pool_minimum for path in known], bool),
        tuple(known),
    )
    return pools, _small_pools(small, dict(zip(paths, final, strict=True)), settings, names, len(paths))


def comparison_groups(people: Roster, settings: Settings) -> npt.NDArray[np.intp]:
    """Return who is compared with whom by rules that rank: the pools of all who are scored, -1 for the others."""
    return make_pools(people, people.frame["scored"].to_numpy(bool), settings)[0].code


def _nobody_ranked(
    people: Roster, ranked: npt.NDArray[np.bool_], reason: npt.NDArray[np.object_], settings: Settings
) -> list[Problem]:
    """Report the pools in which people are scored and nobody is ranked.

    A pool of which all have left needs no word; a workbook in which no status is ranked does.
    """
    scored = people.frame["scored"].to_numpy(bool)
    paths = [()] * len(ranked) if not ranked.any() else pool_paths(people, settings.pool_by)
    members: dict[Path, list[int]] = {}
    for i in np.flatnonzero(scored).tolist():
        members.setdefault(paths[i], []).append(i)
    problems = []
    for path, here in sorted(members.items()):
        reasons = Counter(str(each) for each in reason[here] if each in REASONS)
        if not {*reasons} <= ({"status_ranked"} if ranked.any() else set()) and not ranked[here].any():
            details = {
                "pool": pool_name(path, settings.pool_by, people.unit_names),
                "count": len(here),
                "reason": [REASONS[each] for each, _ in reasons.most_common()],
            }
            problems.append(Problem("nobody-ranked", details=details))
    return problems


def _codes(known: Sequence[Path], paths: Sequence[Path]) -> list[int]:
    number = {path: position for position, path in enumerate(known)}
    return [number[path] for path in paths]


def _small_pools(
    small: Mapping[Path, int], into: Mapping[Path, Path], settings: Settings, names: Mapping[str, Text], ranked: int
) -> list[Problem]:
    if not ranked or settings.grading == "bands":
        return []
    if settings.small_pool == "merge" and ranked < settings.pool_minimum:
        return [Problem("pool-still-small", details={"count": ranked, "minimum": settings.pool_minimum})]
    problems = []
    for path in sorted(small):
        details = {
            "pool": pool_name(path, settings.pool_by, names),
            "count": small[path],
            "minimum": settings.pool_minimum,
            "into": pool_name(into[path], settings.pool_by, names),
            "policy": WORDS["small_pool"][settings.small_pool],
        }
        problems.append(Problem("pool-merged" if settings.small_pool == "merge" else "pool-too-small", details=details))
    return problems


def pool_paths(people: Roster, pool_by: tuple[str, ...]) -> list[Path]:
    """Return the pool of each person as a path from the widest unit to the narrowest.

    A department contributes all the departments above it, so that a small one can be merged with its parent.

    Parameters
    ----------
    people : n people
    pool_by : columns of the roster, such as ``staff_class`` and ``department``; "all" adds nothing to the path

    Returns
    -------
    list of n tuples of codes; an empty cell is an empty text, and the pool of everybody the empty path.

    Examples
    --------
    >>> people = Roster(pd.DataFrame({"department": ["N1", None]}), {"N1": ("N", "N1")}, {})
    >>> pool_paths(people, ("department",)), pool_paths(people, ("all",))
    ([('N', 'N1'), ('',)], [(), ()])
    """
    columns: list[list[Path]] = []
    for key in pool_by:
        if key == "all":
            continue
        values = people.frame[key].fillna("").tolist()
        if key == "department":
            columns.append([people.ancestors.get(value, (value,)) for value in values])
        else:
            columns.append([(value,) for value in values])
    return [sum(parts, ()) for parts in zip(*columns, strict=True)] if columns else [()] * len(people)


def pool_name(path: Path, pool_by: tuple[str, ...], names: Mapping[str, Text]) -> Text:
    """Return the name of a pool in both languages, such as front-line staff / North branch.

    Parameters
    ----------
    path : codes of units, from the widest to the narrowest; the empty path is everybody
    pool_by : columns of the roster that the path was made of
    names : of position groups and departments by code; a code without one stands for itself

    Examples
    --------
    >>> pool_name(("N", "N1"), ("department",), {"N": Text("北区", "North")}).en
    'North / N1'
    """
    if not path:
        return EVERYBODY
    words = [
        _unit_name(part, position == 0 and pool_by[:1] == ("staff_class",), names) for position, part in enumerate(path)
    ]
    return Text(" / ".join(each.zh for each in words), " / ".join(each.en for each in words))


def _unit_name(part: str, is_class: bool, names: Mapping[str, Text]) -> Text:
    if not part:
        return NO_UNIT
    if is_class:
        return WORDS["staff_class"][part]
    return names.get(part) or Text(part, part)


# Counting ------------------------------------------------------------------------------------------------------------


def _counts(grade: npt.NDArray[np.intp], pools: Pools, grades: int) -> npt.NDArray[np.intp]:
    graded = (grade >= 0) & (pools.code >= 0)
    flat = pools.code[graded] * grades + grade[graded]
    return np.bincount(flat, minlength=len(pools.names) * grades).reshape(len(pools.names), grades)


def over_quota(scheme: Scheme, ranking: Ranking) -> list[Problem]:
    """Report limits that are not kept, and where more people have a grade than its quota.

    Parameters
    ----------
    scheme : whose quotas and limits they are
    ranking : as computed, before any calibration
    """
    if ranking.lines is None:
        return []
    limited = ranking.pools.small.any() or any(ranking.vetoes)
    problems = [
        at(
            scheme,
            "limit-not-kept",
            SHEET,
            "share",
            [limit.position],
            pool=ranking.pools.names[limit.pool],
            limit=limit_text(scheme.quota_limits[limit.position], scheme),
            count=limit.people(ranking.counts),
            wanted=between(limit.least, limit.most),
            reason=BY_LIMITS if limited else BY_TIES,
        )
        for limit, _ in broken(ranking.limits, ranking.counts)
    ]
    if ranking.limits and scheme.settings.grading == "bands":
        return problems  # only limits make quotas
    quotas = np.diff(ranking.lines, axis=1, prepend=0)
    limited = limited or scheme.settings.grading != "quota"
    told = {(limit.pool, g) for limit, _ in broken(ranking.limits, ranking.counts) for g in limit.grades}
    return problems + [
        Problem(
            "overshoot",
            details={
                "pool": ranking.pools.names[pool],
                "grade": scheme.grades[grade].name,
                "count": int(ranking.counts[pool, grade]),
                "quota": int(quotas[pool, grade]),
                "reason": BY_LIMITS if limited else BY_TIES,
            },
        )
        for pool, grade in np.argwhere(ranking.counts > quotas)
        if (pool, grade) not in told
    ]
