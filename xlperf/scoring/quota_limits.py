"""Limits of the shares of grades, pool by pool: which hold, how many people they are, and the lines that keep them.

The lines that scores or shares ask for move, from the best grade down, only as far as the limits demand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isnan

import numpy as np
import numpy.typing as npt

from xlperf.core.problems import Problem, Text, between
from xlperf.core.spans import Span, contradicting, nearest, room
from xlperf.policy.scheme import QuotaLimit, Scheme
from xlperf.policy.validation.addressing import at
from xlperf.policy.validation.quota_limits import SHEET, limit_text, span_of
from xlperf.scoring.distribution import Path
from xlperf.scoring.unit_scores import UnitResults

Integers = npt.NDArray[np.intp]


@dataclass(frozen=True)
class PoolLimit:
    """One limit in one pool: the people that the grades from ``best`` to ``worst`` may have together there."""

    pool: int
    position: int
    best: int
    worst: int
    least: int
    most: int

    @property
    def span(self) -> Span:
        """The limit as what lies between two lines."""
        return Span(self.best, self.worst + 1, self.least, self.most)

    @property
    def grades(self) -> range:
        """The positions of its grades."""
        return range(self.best, self.worst + 1)

    def people(self, counts: Integers) -> int:
        """Return how many of the people counted (pools × grades) have one of its grades."""
        return int(counts[self.pool, self.best : self.worst + 1].sum())

    def over(self, counts: Integers) -> int:
        """Return how many people are too many of those counted (pools × grades), or (negative) too few."""
        people = self.people(counts)
        return max(people - self.most, 0) - max(self.least - people, 0)


@dataclass(frozen=True)
class OwnResult:
    """A department's own result: its score, NaN without one, and the code of its grade."""

    score: float
    grade: str


def results_of_departments(scheme: Scheme, of_units: Sequence[UnitResults]) -> dict[str, OwnResult]:
    """Return the own result of each department that was scored."""
    codes = [*(grade.code for grade in scheme.grades), ""]
    return {
        unit: OwnResult(float(score), codes[grade])
        for level in of_units
        if level.level == "department"
        for unit, score, grade in zip(level.units.frame["unit"], level.totals.total, level.grade, strict=True)
    }


def limits_of_pools(
    scheme: Scheme,
    paths: Sequence[Path],
    names: Sequence[Text],
    sizes: Integers,
    departments: Mapping[str, OwnResult],
    holding: npt.NDArray[np.bool_] | None = None,
) -> tuple[tuple[PoolLimit, ...], list[Problem]]:
    """Return the limits that hold in each pool, in people; and what is wrong with them.

    Parameters
    ----------
    scheme : its limits, each of them sound
    paths, names, sizes : of the pools; the last unit of a path is the department whose own result counts
    departments : the own results of departments by their codes
    holding : the pools that have limits at all; every pool where it is not given

    Returns
    -------
    The limits, pool by pool; a problem for each pool whose limits cannot hold together, and for each that has no row
    where a share depends on the department.
    """
    found: list[PoolLimit] = []
    problems: list[Problem] = []
    for pool, (path, name, size) in enumerate(zip(paths, names, sizes.tolist(), strict=True)):
        if holding is not None and not holding[pool]:
            continue
        own = departments.get(path[-1] if path else "")
        positions, lacking = _holding(scheme, own, name)
        problems += lacking
        limits = []
        for position in positions:
            limit = scheme.quota_limits[position]
            span = span_of(limit, scheme, *limit.head_counts(size))
            limits.append(PoolLimit(pool, position, span.start, span.end - 1, int(span.least), int(span.most)))
        clash = contradicting(len(scheme.grades), size, [each.span for each in limits])
        if clash:
            rows = [limits[each].position for each in clash]
            told = [_in_people(limits[each], scheme) for each in clash]
            problems.append(at(scheme, "limits-too-tight", SHEET, "share", rows, pool=name, size=size, limits=told))
        found += limits
    return tuple(found), problems


def _in_people(limit: PoolLimit, scheme: Scheme) -> Text:
    words, people = limit_text(scheme.quota_limits[limit.position], scheme), in_people(limit)
    return Text(words.zh + people.zh, words.en + people.en)


def in_people(limit: PoolLimit) -> Text:
    """Say a limit in people.

    >>> in_people(PoolLimit(0, 0, 0, 0, least=0, most=2)).zh, in_people(PoolLimit(0, 0, 0, 0, least=2, most=2)).en
    ('（0 至 2 人）', ' (2)')
    """
    people = between(limit.least, limit.most)
    return Text(f"（{people.zh} 人）", f" ({people.en})")


def verdict(over: int) -> Text:
    """Say how far head-counts are from a limit or a quota.

    >>> verdict(0).en, verdict(2).zh, verdict(-1).en
    ('✓ kept', '▲ 超 2 人', '▽ 1 short')
    """
    if over > 0:
        return Text(f"▲ 超 {over} 人", f"▲ {over} over")
    return Text(f"▽ 缺 {-over} 人", f"▽ {-over} short") if over else Text("✓ 符合", "✓ kept")


def _holding(scheme: Scheme, own: OwnResult | None, pool: Text) -> tuple[list[int], list[Problem]]:
    """Return the positions of the limits that hold for a department; grades whose share depends on it have some."""
    limits, problems = scheme.quota_limits, list[Problem]()
    holding = [i for i, each in enumerate(limits) if not each.by_unit or (own is not None and holds(each, own))]
    depending: dict[tuple[str, ...], list[int]] = {}
    for i, each in enumerate(limits):
        if each.by_unit:
            depending.setdefault(each.grades, []).append(i)
    unknown = [
        i for rows in depending.values() for i in rows if own is None or not _is_known(limits[i], own)
    ]  # fmt: skip
    if unknown:
        problems.append(at(scheme, "limit-without-score", SHEET, "unit_from", unknown, pool=pool))
        return holding, problems
    for grades, rows in depending.items():
        if own is not None and not set(rows) & set(holding):
            shown = "–" if np.isnan(own.score) else f"{own.score:.10g}"
            details = {"pool": pool, "score": shown, "grade": own.grade or "–", "grades": list(grades)}
            problems.append(at(scheme, "limit-without-row", SHEET, "unit_from", rows, **details))
    return holding, problems


def _is_known(limit: QuotaLimit, own: OwnResult) -> bool:
    asks_score = limit.unit_from == limit.unit_from or limit.unit_below == limit.unit_below
    return not (limit.unit_grade and not own.grade) and not (asks_score and np.isnan(own.score))


def holds(limit: QuotaLimit, own: OwnResult) -> bool:
    """Whether a limit is meant for a department with this result.

    >>> from fractions import Fraction
    >>> few = QuotaLimit("1", ("A",), "at_most", Fraction(1, 10), Fraction(0), "", "", float("nan"), 80.0)
    >>> holds(few, OwnResult(79.99, "C")), holds(few, OwnResult(80.0, "B"))
    (True, False)
    """
    return (
        (not limit.unit_grade or limit.unit_grade == own.grade)
        and (isnan(limit.unit_from) or own.score >= limit.unit_from)
        and (isnan(limit.unit_below) or own.score < limit.unit_below)
    )


def limited_lines(wanted: Integers, sizes: Integers, limits: Sequence[PoolLimit]) -> Integers:
    """Return the lines of all pools under their limits, each as near to the wanted one as ``nearest`` finds it.

    Parameters
    ----------
    wanted : pools × grades, the last place of each grade without limits
    sizes : people of each pool
    limits : they can hold together in each pool

    Examples
    --------
    >>> best = PoolLimit(0, 0, best=0, worst=0, least=0, most=2)
    >>> limited_lines(np.array([[4, 9, 10]]), np.array([10]), [best]).tolist()
    [[2, 9, 10]]
    """
    lines = wanted.copy()
    by_pool: dict[int, list[Span]] = {}
    for each in limits:
        by_pool.setdefault(each.pool, []).append(each.span)
    for pool, spans in by_pool.items():
        within = room(wanted.shape[1], int(sizes[pool]), spans)
        if within is not None:
            lines[pool] = nearest(wanted[pool].tolist(), within)
    return lines


def broken(limits: Sequence[PoolLimit], counts: Integers) -> Iterator[tuple[PoolLimit, int]]:
    """Yield the limits that head-counts (pools × grades) do not keep, with the people above (below, if negative)."""
    for each in limits:
        over = each.over(counts)
        if over:
            yield each, over
