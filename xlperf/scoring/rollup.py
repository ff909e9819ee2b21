"""Roll-up: the total of a longer period from its parts: checks, totals of smaller periods, its own appraisal.

A part is the mean of its members: the occasions of checking or the kinds of checks, the smaller periods (each the same,
or by their calendar days), or the period's own appraisal alone. A smaller period that was never appraised by itself is
computed from its own parts, so that months make quarters and quarters make the year. Sums run in the order of the
Roll-up sheet and of the calendar; nothing is rounded here, and no total is cut at the full points.

A locked period keeps its results: what a new run would change is told by :func:`differences`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
import pandas as pd

from xlperf.core.numbers import round_half_up
from xlperf.core.periods import Kind, Period, Periods
from xlperf.core.problems import Problem, Text, some
from xlperf.core.vocabulary import WORDS
from xlperf.policy.scheme import Part, Scheme
from xlperf.schema import SHEETS
from xlperf.schema.tables import Table
from xlperf.scoring.matrices import Matrix
from xlperf.scoring.period_rows import resolve_periods

NO_KIND = Text("未注明类型", "unnamed kind")
ALL_CHECKS = Text("检查", "checks")
DIFFERENCES = list(SHEETS["differences"].by_code)


@dataclass(frozen=True)
class RolledUp:
    """What the p parts of a period come to for n people; there are no parts where it is its own appraisal.

    ``parts`` (n × p) are the scores of the parts, NaN where one is missing; ``weights`` (n × p) what they count for
    after that: each row totals 1, or 0 where nothing is there. ``base`` is n points, not rounded; ``measured`` the
    share of the stated weight whose parts are there and not merely put in as zero.
    """

    of: tuple[Part, ...]
    parts: Matrix
    weights: Matrix
    base: np.ndarray
    measured: np.ndarray


def roll_up(
    own: np.ndarray,
    people: pd.DataFrame,
    scheme: Scheme,
    period: Period,
    calendar: Periods,
    history: Table,
    checks: Table,
) -> tuple[RolledUp, list[Problem]]:
    """Return what the parts of a period come to for everybody who is scored.

    Parameters
    ----------
    own : n points of the period's own appraisal before adjustments, NaN where there are none
    people : the n rows of the roster, with ``employee_id``, ``hire_date``, ``leave_date`` and ``scored``
    scheme : its ``parts`` say what the total of a period of this kind is made of; without any, ``own`` is the base
    period, calendar : the period of the run, and the calendar that knows the smaller ones
    history : kept totals of smaller periods, adjustments included; one that is kept counts however short the service
    checks : one row a finding; those of one employee, kind and day are one occasion, scored on the full points

    Returns
    -------
    what the parts come to, and the problems. A smaller period, a check and the own appraisal are expected of whom is in
    service for the least days of service within it; what is expected and missing follows ``Part.if_missing``. Nobody
    gets a zero for a period in which nothing was expected.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from xlperf.core.periods import parse_period
    >>> from xlperf.policy.schemes import load
    >>> from xlperf.schema.tables import empty, table_of
    >>> name = Text("月考核", "months")
    >>> months = Part("m", name, "quarter", "periods", (), "month", 100.0, "each", "redistribute")
    >>> scheme = replace(load("service-team"), parts=(months,))
    >>> people = table_of("employees", {"employee_id": ["E1"]}).frame.assign(scored=True)
    >>> kept = table_of("history", {"period": ["2026-10", "2026-11"], "employee_id": "E1", "total": [96.0, 104.0]})
    >>> quarter = parse_period("2026Q4")
    >>> found, problems = roll_up(np.array([np.nan]), people, scheme, quarter, Periods(), kept, empty("checks"))
    >>> found.base.tolist(), problems[0].found("en")
    ([100.0], '"months" of 2026 Q4 lacks December 2026 for E1 (people: 1); nobody has results of it.')
    """
    parts = scheme.parts_of(period.kind)
    if not parts:
        none = np.zeros((len(own), 0))
        return RolledUp((), none, none, own, np.where(np.isnan(own), 0.0, 1.0)), []
    kept, problems = _kept_rows(history, period, calendar)
    occasions, found = _occasions(checks, scheme.settings.full_points)
    sources = _Sources(people, scheme, calendar, history, kept, checks, occasions)
    rolled, more = _rolled(own, period, people["scored"].to_numpy(bool), sources)
    if any(part.source == "checks" for part in scheme.parts):
        problems += found
    if any(part.source == "checks" for part in parts):
        problems += _not_counted(sources, period)
    return rolled, problems + more


@dataclass(frozen=True)
class _Sources:
    """What the parts are taken from, prepared once: kept totals by period code, occasions of checking by person."""

    people: pd.DataFrame
    scheme: Scheme
    calendar: Periods
    history: Table
    kept: pd.DataFrame
    checks: Table
    occasions: pd.DataFrame

    @property
    def ids(self) -> pd.Index:
        ids: pd.Index = pd.Index(self.people["employee_id"])
        return ids

    def in_service(self, period: Period) -> np.ndarray:
        """Tell who is in service long enough within a period for something to be expected."""
        start, end = pd.Timestamp(period.start), pd.Timestamp(period.end)
        hired, left = self.people["hire_date"], self.people["leave_date"]
        days = (left.mask(~(left < end), end) - hired.mask(~(hired > start), start)).dt.days + 1
        return np.asarray(days >= min(self.scheme.settings.minimum_days, period.days), bool)


@dataclass(frozen=True)
class _Member:
    """One of those that a part is the mean of: its n scores, of whom it is expected, and the code of a period."""

    name: Text
    weight: float
    scores: np.ndarray
    expected: np.ndarray
    code: str = ""


def _rolled(own: np.ndarray, period: Period, wanted: np.ndarray, sources: _Sources) -> tuple[RolledUp, list[Problem]]:
    parts = sources.scheme.parts_of(period.kind)
    scores = np.full((len(own), len(parts)), np.nan)
    measured = np.zeros(scores.shape, bool)
    problems: list[Problem] = []
    for column, part in enumerate(parts):
        members, found = _members(part, own, period, wanted, sources)
        problems += found
        problems += _in_one([each for member in members for each in _missing(part, member, period, wanted, sources)])
        for member in members:
            measured[:, column] |= wanted & ~np.isnan(member.scores)
        scores[:, column] = np.where(wanted, _mean(members, part, len(own)), np.nan)
    stated = np.nan_to_num(np.array([part.weight for part in parts], np.float64))
    weights, base = weighed(scores, stated)
    share = _added(stated * measured) / (stated.sum() or 1.0)
    return RolledUp(parts, scores, weights, base, share), problems


def weighed(scores: Matrix, stated: np.ndarray) -> tuple[Matrix, np.ndarray]:
    """Return what each part counts for where some are missing, and the weighted mean of the parts that are there.

    Parameters
    ----------
    scores : n × p points, NaN where a part is missing
    stated : p weights of the parts, in any unit

    Returns
    -------
    weights : n × p; each row totals 1, or 0 where no part is there
    base : n points, not rounded; NaN where no part is there

    Examples
    --------
    >>> weights, base = weighed(np.array([[80.0, 90.0], [np.nan, 90.0], [np.nan, np.nan]]), np.array([25.0, 75.0]))
    >>> weights.tolist(), base.tolist()
    ([[0.25, 0.75], [0.0, 1.0], [0.0, 0.0]], [87.5, 90.0, nan])
    """
    weights = _shares(stated * ~np.isnan(scores))
    base = _added(weights * np.nan_to_num(scores))
    return weights, np.where(weights.any(axis=1), base, np.nan)


def _members(
    part: Part, own: np.ndarray, period: Period, wanted: np.ndarray, sources: _Sources
) -> tuple[list[_Member], list[Problem]]:
    match part.source:
        case "periods":
            return _smaller_periods(part, period, wanted, sources)
        case "checks":
            return _checks(part, period, sources)
        case _:
            name = WORDS["part_source"]["appraisal"]
            return [_Member(name, 1.0, own, sources.in_service(period))], []


def _mean(members: Iterable[_Member], part: Part, people: int) -> np.ndarray:
    """Return the weighted mean of the members that are there; NaN where none is."""
    total, weight = np.zeros(people), np.zeros(people)
    for member in members:
        scores = member.scores
        if part.if_missing == "zero":
            scores = np.where(np.isnan(scores) & member.expected, 0.0, scores)
        there = ~np.isnan(scores)
        total += np.where(there, member.weight * scores, 0.0)
        weight += member.weight * there
    return np.asarray(np.divide(total, weight, out=np.full(people, np.nan), where=weight > 0))


def _shares(weights: Matrix) -> Matrix:
    whole = _added(weights)[:, None]
    return np.asarray(np.divide(weights, whole, out=np.zeros(weights.shape), where=whole > 0))


def _added(columns: Matrix) -> np.ndarray:
    """Add the columns of a matrix from left to right, the same in every engine."""
    sums = np.zeros(len(columns))
    for column in columns.T:
        sums += column
    return sums


def _missing(part: Part, member: _Member, period: Period, wanted: np.ndarray, sources: _Sources) -> list[Problem]:
    """Report of whom one member of a part is expected and missing, and how the scheme treats it."""
    lacking = sources.ids[wanted & member.expected & np.isnan(member.scores)]
    if not len(lacking):
        return []
    table = {"periods": sources.history, "checks": sources.checks}.get(part.source, sources.scheme.table("parts"))
    details = {
        "part": part.name,
        "period": _label(period),
        "member": member.name,
        "count": len(lacking),
        "people": some(lacking),
        "policy": WORDS["part_gap"][part.if_missing],
        "code": member.code,
    }
    kept = sources.kept.loc[sources.kept["code"] == member.code, "total"]
    whole = bool(member.code) and kept.isna().all()  # it was not run, or its results were not carried over
    code = "part-blocked" if part.if_missing == "block" else "part-without-results" if whole else "part-missing"
    return [Problem(code, table.title, "", details)]


def _in_one(problems: list[Problem]) -> list[Problem]:
    """Tell at once of periods that nobody has results of, as long as the same people lack them."""
    alike: dict[tuple[str, str], list[Problem]] = defaultdict(list)
    for number, each in enumerate(problems):
        whole = each.code == "part-without-results"
        alike[each.code, str(each.details["people"]) if whole else str(number)].append(each)
    told = []
    for first, *others in alike.values():
        names = [each.details["member"] for each in (first, *others)]
        member = Text("、".join(name.zh for name in names), ", ".join(name.en for name in names))
        told.append(replace(first, details={**first.details, "member": member}) if others else first)
    return told


def _label(period: Period) -> Text:
    return Text(period.label("zh"), period.label("en"))


def _smaller_periods(
    part: Part, period: Period, wanted: np.ndarray, sources: _Sources
) -> tuple[list[_Member], list[Problem]]:
    children = sources.calendar.children(period, cast(Kind, part.part_kind))
    if not children:
        table = sources.scheme.table("parts")
        cells = table.cells("part_kind", [sources.scheme.parts.index(part)])
        kind = WORDS["period_kind"][part.part_kind]
        return [], [Problem("part-without-periods", table.title, cells, {"kind": kind, "period": _label(period)})]
    members, problems = [], []
    for child in children:
        expected = sources.in_service(child)
        scores, found = _totals_of(child, period, wanted & expected, sources)
        members.append(_Member(_label(child), weight_inside(child, part), scores, expected, child.code))
        problems += found
    return members, problems


def weight_inside(child: Period, part: Part) -> float:
    """Return what a smaller period counts for among those of its part.

    Parameters
    ----------
    child : the smaller period
    part : whose weights inside say whether each counts the same, by its days or by its months

    Examples
    --------
    >>> from xlperf.core.periods import parse_period
    >>> halves = Part("h", Text("半年", "halves"), "year", "periods", (), "half", 100.0, "months", "redistribute")
    >>> weight_inside(parse_period("2026H1"), halves)
    6.0
    """
    return {"days": float(child.days), "months": child.months}.get(part.inner, 1.0)


def _totals_of(
    child: Period, period: Period, wanted: np.ndarray, sources: _Sources
) -> tuple[np.ndarray, list[Problem]]:
    """Return everybody's total of a smaller period: the kept one, else what the period's own parts come to."""
    kept, problems = _kept_of(sources.kept, sources.history, child)
    totals = kept["total"].reindex(sources.ids).to_numpy(np.float64)
    lacking = wanted & np.isnan(totals)
    if sources.scheme.is_appraised(child.kind) or not lacking.any() or child.days >= period.days:
        return totals, problems
    rolled, found = _rolled(np.full(len(totals), np.nan), child, lacking, sources)
    computed = sources.ids[~np.isnan(rolled.base)]
    if len(computed):
        details = {"period": _label(child), "people": some(computed), "count": len(computed)}
        problems.append(Problem("part-computed", sources.history.title, "", details))
    return np.where(lacking, rolled.base, totals), problems + found


def _kept_rows(history: Table, period: Period, calendar: Periods) -> tuple[pd.DataFrame, list[Problem]]:
    """Return the rows of the sheet Past results with the code of the period that each label means."""
    meant, problems = resolve_periods(history, calendar, period)
    codes = history["period"].map({label: each.code for label, each in meant.items()})
    return history.frame.assign(code=codes, position=np.arange(len(history))), problems


def kept_totals(
    employee_id: str, part: Part, period: Period, calendar: Periods, history: Table
) -> list[tuple[Period, float]]:
    """Return the kept totals of one person that a part of a longer period is made of, in the order of their periods.

    Parameters
    ----------
    employee_id : whose
    part : totals of smaller periods; anything else has none
    period, calendar : the longer period, and the calendar that knows the smaller ones
    history : the sheet of earlier results

    Examples
    --------
    >>> from xlperf.core.periods import parse_period
    >>> from xlperf.schema.tables import table_of
    >>> months = Part("m", Text("月考核", "months"), "quarter", "periods", (), "month", 100.0, "each", "redistribute")
    >>> kept = table_of("history", {"period": ["2026-11", "2026-10"], "employee_id": "E1", "total": [104.0, 96.0]})
    >>> found = kept_totals("E1", months, parse_period("2026Q4"), Periods(), kept)
    >>> [(month.code, total) for month, total in found]
    [('2026-10', 96.0), ('2026-11', 104.0)]
    """
    if part.source != "periods":
        return []
    rows, _ = _kept_rows(history.where(history["employee_id"] == employee_id), period, calendar)
    totals = dict(zip(rows["code"], rows["total"].to_numpy(np.float64).tolist(), strict=True))
    children = calendar.children(period, cast(Kind, part.part_kind))
    return [(each, totals[each.code]) for each in children if totals.get(each.code, np.nan) == totals.get(each.code)]


def _kept_of(kept: pd.DataFrame, history: Table, period: Period) -> tuple[pd.DataFrame, list[Problem]]:
    """Return the kept results of one period by employee; two totals that differ are an error."""
    rows = kept[kept["code"] == period.code]
    repeated = rows["employee_id"].duplicated(keep=False)
    several = rows[repeated].sort_values(["employee_id", "total", "grade", "name"])
    differ = several[several.groupby("employee_id")["total"].transform("nunique") > 1]
    results = pd.concat([rows[~repeated], several.drop_duplicates("employee_id")]).set_index("employee_id")
    if differ.empty:
        return results, []
    cells = history.cells("total", differ["position"].to_numpy())
    details = {"period": _label(period), "people": some(differ["employee_id"].unique())}
    return results, [Problem("history-conflict", history.title, cells, details)]


def _occasions(checks: Table, full: float) -> tuple[pd.DataFrame, list[Problem]]:
    """Score every occasion of checking: the full points less its deductions, or the mean of its scores.

    An occasion is all that was found with one employee, kind of check and day. Returns one row an occasion with
    ``employee_id``, ``kind``, ``day``, ``points`` and the ``position`` of one of its rows.
    """
    occasion = ["employee_id", "kind", "day"]
    frame = checks.frame.assign(
        kind=checks["check_kind"].fillna(""), day=checks["date"].dt.normalize(), position=np.arange(len(checks))
    )
    rows = frame.dropna(subset=["employee_id", "day"]).sort_values([*occasion, "deduction", "score"])
    groups = rows.groupby(occasion)
    rows["deducted"] = groups["deduction"].transform("sum", min_count=1)
    rows["mean"] = groups["score"].transform("mean")
    alone = ~rows.duplicated(occasion, keep=False)
    points = (full - rows["deducted"]).clip(lower=0.0)
    rows["points"] = points.where(rows["deducted"].notna(), rows["mean"])
    doubtful = {
        ("check-undated", "date"): frame[frame["date"].isna()],
        ("deduction-negative", "deduction"): frame[frame["deduction"] < 0],
        ("check-over-deducted", "deduction"): rows[(rows["deducted"] > full) & rows["deduction"].notna()],
        ("check-differs", "score"): rows[alone & ((rows["score"] - rows["points"]).abs() > 1e-9)],
    }
    problems = [
        Problem(code, checks.title, checks.cells(column, where["position"].to_numpy()),
                {"count": len(where), "people": some(sorted(set(where["employee_id"].dropna()))), "full": full})
        for (code, column), where in doubtful.items()
        if len(where)
    ]  # fmt: skip
    return rows.drop_duplicates(occasion)[[*occasion, "points", "position"]], problems


def _checks(part: Part, period: Period, sources: _Sources) -> tuple[list[_Member], list[Problem]]:
    """Return the mean of all occasions, or of each kind of them where kinds count the same."""
    held = _held(sources.occasions, period)
    if part.check_kinds:
        held = held[held["kind"].isin(part.check_kinds)]
    bare = held[held["points"].isna()]
    held = held.dropna(subset="points")
    kinds = part.check_kinds or _in_order(held["kind"])
    by_kind = part.inner == "kind" and kinds
    expected = sources.in_service(period)
    members = []
    for group in [(kind,) for kind in kinds] if by_kind else [kinds]:
        means = held[held["kind"].isin(group)].groupby("employee_id")["points"].mean()
        name = _kinds_name(group if by_kind or part.check_kinds else ())
        members.append(_Member(name, 1.0, means.reindex(sources.ids).to_numpy(np.float64), expected))
    return members, _without_figure(bare, sources.checks)


def _without_figure(bare: pd.DataFrame, checks: Table) -> list[Problem]:
    if bare.empty:
        return []
    cells = checks.cells("deduction", bare["position"].to_numpy())
    details = {"count": len(bare), "people": some(bare["employee_id"].unique())}
    return [Problem("check-without-figure", checks.title, cells, details)]


def _held(occasions: pd.DataFrame, period: Period) -> pd.DataFrame:
    return occasions[period.covers(occasions["day"].to_numpy())]


def _in_order(kinds: Iterable[str]) -> tuple[str, ...]:
    there = set(kinds)
    return tuple(kind for kind in (*WORDS["check_kind"], "") if kind in there)


def _kinds_name(kinds: Iterable[str]) -> Text:
    names = [WORDS["check_kind"].get(kind, NO_KIND) for kind in kinds]
    return Text("、".join(each.zh for each in names), ", ".join(each.en for each in names)) if names else ALL_CHECKS


def _not_counted(sources: _Sources, period: Period) -> Iterator[Problem]:
    """List the kinds of checks that took place and that no part of the scheme counts."""
    parts = [part for part in sources.scheme.parts if part.source == "checks"]
    if any(not part.check_kinds for part in parts):
        return
    counted = {kind for part in parts for kind in part.check_kinds}
    held = _held(sources.occasions, period)["kind"]
    for kind in _in_order(set(held) - counted):
        details = {"count": int((held == kind).sum()), "kind": _kinds_name([kind])}
        yield Problem("checks-not-counted", sources.checks.title, "", details)


def is_locked(periods: Table, period: Period, calendar: Periods) -> bool:
    """Tell whether the Periods sheet says that the results of a period are kept.

    >>> from xlperf.core.periods import parse_period
    >>> from xlperf.schema.tables import table_of
    >>> sheet = table_of("periods", [{"period": "2026年9月", "status": "locked"}, {"period": "2026-10"}])
    >>> [is_locked(sheet, parse_period(label), Periods()) for label in ("2026-09", "2026-10")]
    [True, False]
    """
    locked = periods["period"][periods["status"] == "locked"]
    return any(each.code == period.code for each in calendar.resolve(locked, period).values())


def differences(
    history: Table, results: pd.DataFrame, scheme: Scheme, period: Period, calendar: Periods
) -> tuple[pd.DataFrame, list[Problem]]:
    """Return what a new run of a locked period would change: the rows of the Differences sheet.

    Parameters
    ----------
    history : holds the kept results of the period
    results : rows of the Results sheet that the run gives now
    scheme : its decimals, and the names of its grades: a kept grade may be written as code or as name

    Returns
    -------
    One row for each person whose total, rounded, or grade would be another, people who are on one side only included;
    and a problem: how many there are, or that nothing was kept, which is an error.
    """
    rows, problems = _kept_rows(history, period, calendar)
    kept, found = _kept_of(rows, history, period)
    problems += found
    label = _label(period)
    if kept["total"].isna().all():
        missing = Problem("locked-without-results", history.title, "", {"period": label})
        return pd.DataFrame(columns=pd.Index(DIFFERENCES)), [*problems, missing]
    compared = _compared(kept, results.set_index("employee_id"), scheme)
    changed = compared.loc[compared.pop("changed")].assign(period=period.code)[DIFFERENCES].reset_index(drop=True)
    details = {"period": label, "count": len(changed), "people": some(changed["employee_id"])}
    code = "locked-differs" if len(changed) else "locked-same"
    return changed, [*problems, Problem(code, history.title, "", details)]


def _compared(kept: pd.DataFrame, now: pd.DataFrame, scheme: Scheme) -> pd.DataFrame:
    """Set kept results beside those of now, by employee; grades count only where grades were kept at all."""
    ids = kept.index.union(now.index)
    kept, now = kept.reindex(ids), now.reindex(ids)
    decimals, lang = scheme.settings.decimals, scheme.settings.language
    kept_total, total = (pd.Series(round_half_up(side["total"], decimals), ids) for side in (kept, now))
    grades = {word: each for each in scheme.grades for word in (each.code, *each.name)}
    kept_grade = kept["grade"]
    kept_code = kept_grade.map({word: each.code for word, each in grades.items()}).fillna(kept_grade)
    changed = _differ(total, kept_total)
    if kept_grade.notna().any():
        changed |= _differ(now["grade"], kept_code)
    columns = {
        "name": now["name"].fillna(kept["name"]),
        "kept_total": kept_total,
        "total": total,
        "difference": round_half_up(total - kept_total, decimals),
        "kept_grade": kept_grade.map({word: each.name(lang) for word, each in grades.items()}).fillna(kept_grade),
        "grade_name": now["grade_name"],
        "changed": changed,
    }
    return pd.DataFrame(columns, ids).rename_axis("employee_id").reset_index()


def _differ(one: pd.Series, other: pd.Series) -> pd.Series:
    """Tell where two columns differ; a blank equals a blank."""
    return ~(one.eq(other) | (one.isna() & other.isna()))
