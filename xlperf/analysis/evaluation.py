"""Is the scheme itself any good? What a run, its history and a survey say about it, as findings in words.

Each finding has a figure, what the figure is compared with, and what to do; none is about a single person. The
sentences live in ``findings.toml`` beside this file, the thresholds on the Home sheet, the statistics in ``review``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache
from importlib.resources import files
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from xlperf.analysis import statistics as review
from xlperf.core.numbers import fraction_of, show_number
from xlperf.core.periods import Period, Periods
from xlperf.core.problems import LANGUAGES, Lang, Text, show
from xlperf.core.vocabulary import unit_name
from xlperf.policy.conditions import When
from xlperf.policy.scheme import Indicator, Scheme
from xlperf.schema import SHEETS
from xlperf.schema.settings import SETTINGS
from xlperf.schema.tables import Table, Tables, empty
from xlperf.scoring.matrices import Facts, Points, Totals
from xlperf.scoring.period_rows import prepared, rows_of_period, with_cells
from xlperf.scoring.points import targets_met
from xlperf.scoring.ranking import Ranking
from xlperf.scoring.roster import Roster
from xlperf.scoring.stages import Finished
from xlperf.scoring.totals import shares_of_total

PERCENT = ("%", "％")


@dataclass(frozen=True)
class Finding:
    """One thing found out about a scheme: the figure, what it is compared with, and what to do."""

    topic: Text
    finding: Text
    figure: str
    limit: Text
    advice: Text

    def as_dict(self, lang: Lang) -> dict[str, str]:
        """Return the finding as plain words, for JSON and for the Evaluation sheet."""
        return {
            "topic": self.topic(lang),
            "finding": self.finding(lang),
            "figure": self.figure,
            "limit": self.limit(lang),
            "advice": self.advice(lang),
        }


def evaluate(appraisal: Finished) -> list[Finding]:
    """Judge the scheme by an appraisal that is done.

    Parameters
    ----------
    appraisal
        Its tables may have the sheets Past results, Feedback and Business; what needs one that is missing says so.

    Returns
    -------
    Findings topic by topic, those about indicators in the order of the Indicators sheet.

    Examples
    --------
    >>> from xlperf.policy import schemes
    >>> from xlperf.scoring.pipeline import appraise
    >>> from xlperf.core.periods import parse_period
    >>> from xlperf.samples import sample
    >>> tables = sample("sales-pipeline", parse_period("2026Q3"), "en")
    >>> found = evaluate(appraise(tables, schemes.load("sales-pipeline"), "2026Q3"))
    >>> [each.finding.en for each in found if each.topic.en == "Stability of places"]
    ['The sheet Past results has no earlier period of this kind.']
    """
    run = _run_of(appraisal)
    topics = (
        _attainment,
        _business,
        _survey,
        _benefit,
        _spread,
        _redundancy,
        _agreement,
        _unusual,
        _stability,
        _weights,
    )
    return [finding for tell in topics for finding in tell(run)]


def evaluation_rows(findings: Sequence[Finding], lang: Lang) -> pd.DataFrame:
    """Return the rows of the Evaluation sheet."""
    columns = [column.code for column in SHEETS["evaluation"]]
    return pd.DataFrame([each.as_dict(lang) for each in findings], columns=columns)


# The run -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Run:
    """What an appraisal that is done has found, every part of it present."""

    scheme: Scheme
    tables: Tables
    period: Period
    calendar: Periods
    when: When
    indicators: tuple[Indicator, ...]
    people: Roster
    applies: np.ndarray
    facts: Facts
    points: Points
    totals: Totals
    ranking: Ranking

    def limit(self, code: str) -> Any:
        """A threshold of the scheme; the usual one where its cell is empty."""
        return getattr(self.scheme.settings, code) or SETTINGS[code].usual

    @property
    def fewest(self) -> int:
        """The fewest people, or answers, of whom a figure is told."""
        return int(self.limit("evaluation_minimum"))

    def frame(self, sheet: str) -> pd.DataFrame:
        return self.table(sheet).frame

    def table(self, sheet: str) -> Table:
        return self.tables.get(sheet) or empty(sheet)

    @property
    def stated(self) -> np.ndarray:
        """The share of the total that each indicator has on paper."""
        return shares_of_total(self.indicators, self.scheme.dimensions, self.scheme.settings)

    @property
    def counting(self) -> list[int]:
        """The positions of the indicators that give points towards the total of anybody."""
        with_points = np.array([bool(each.rule) and not each.card.veto for each in self.indicators], bool)
        return np.flatnonzero((self.stated > 0) & self.applies.any(axis=0) & with_points).tolist()

    @property
    def own_points(self) -> np.ndarray:
        """The points of people on the indicators of their position."""
        return np.where(self.applies, self.points.points, np.nan)

    def periods(self, labels: pd.Series) -> dict[object, Period]:
        """The periods that labels mean, of those that can be read."""
        return self.calendar.resolve(labels.dropna().unique(), self.period)

    def history(self) -> pd.DataFrame:
        """The totals of earlier periods of this kind, one row a person and period, by period code."""
        rows = self.frame("history")
        earlier = {
            label: each.code
            for label, each in self.periods(rows["period"]).items()
            if each.kind == self.period.kind and each.end < self.period.start
        }
        known = rows.assign(period=rows["period"].map(earlier)).dropna(subset=["period", "employee_id", "total"])
        ordered = known.sort_values(["period", "employee_id", "total"])
        return ordered.drop_duplicates(["period", "employee_id"]).reset_index(drop=True)


def _run_of(appraisal: Finished) -> _Run:
    return _Run(
        appraisal.scheme,
        appraisal.tables,
        appraisal.period,
        appraisal.calendar,
        appraisal.when,
        appraisal.indicators,
        appraisal.people,
        appraisal.applies,
        appraisal.facts,
        appraisal.points,
        appraisal.totals,
        appraisal.ranking,
    )


# Targets and business ------------------------------------------------------------------------------------------------


def _attainment(run: _Run) -> Iterator[Finding]:
    near = run.limit("near_target")
    actual, target = review.company_level(run.facts, run.points.targets, run.applies)
    one_sided = np.array([each.direction != "range" for each in run.indicators], bool)
    known = one_sided & ~np.isnan(actual) & ~np.isnan(target)
    standing = {
        k: review.standing(actual[k], target[k], run.indicators[k].direction, near) for k in np.flatnonzero(known)
    }
    if not standing:
        yield _found("no-targets", advice="fill-targets")
        return
    counts = {word: list(standing.values()).count(word) for word in ("met", "close", "below")}
    advice = "begin-below" if counts["below"] else "fine"
    share = _percent(counts["met"] / len(standing))
    yield _found("targets", share, advice, count=len(standing), near=_percent(near), **counts)
    met = targets_met(run.points, run.facts.actual, run.applies, run.indicators)
    for k, word in standing.items():
        each, mine = run.indicators[k], met[~np.isnan(met[:, k]), k]
        people, reached = len(mine), int(mine.sum())
        yield _found(
            "target",
            _in_unit(actual[k], each),
            _about_target(word, reached, people),
            indicator=each.name,
            standing=_word(word),
            people=people,
            reached=reached,
            sign="≤" if each.direction == "lower" else "≥",
            target=_target(target[k], each),
        )


def _about_target(standing: str, reached: int, people: int) -> str:
    if reached in (0, people):
        return "raise-target" if reached else "question-target"
    return {"met": "fine", "close": "help-some", "below": "improve"}[standing]


def _target(target: float, each: Indicator) -> Text:
    figure, per_person = _in_unit(target, each), _word("each") if each.is_count else Text("", "")
    unit = Text("", "") if each.unit in PERCENT else unit_name(each.unit)
    return Text(*(f"{figure} {unit(lang)}".strip() + per_person(lang) for lang in LANGUAGES))


def _business(run: _Run) -> Iterator[Finding]:
    rows = run.frame("business")
    results = rows[rows["business_kind"] == "result"].dropna(subset=["period", "item", "amount"])
    if results.empty:
        yield _found("no-results", advice="fill-results")
        return
    codes = {label: each.code for label, each in run.periods(results["period"]).items()}
    results = results.assign(period=results["period"].map(codes)).sort_values(["item", "period", "amount"])
    totals = _mean_totals(run)
    for item, series in results.groupby("item"):
        amounts = series.groupby("period")["amount"].mean()
        yield _link(run, str(item), pd.concat([totals, amounts], axis=1, join="inner"))


def _mean_totals(run: _Run) -> pd.Series:
    """Return the mean total of each period of this kind up to this one, by period code."""
    means = run.history().groupby("period")["total"].mean()
    now = run.ranking.total[~np.isnan(run.ranking.total)]
    return pd.concat([means, pd.Series([now.mean()], [run.period.code])]) if len(now) else means


def _link(run: _Run, item: str, common: pd.DataFrame) -> Finding:
    fewest, enough = run.limit("evaluation_periods"), run.limit("link_from")
    details: dict[str, Any] = {"item": item, "periods": len(common), "limit": _decimal(enough), "fewest": fewest}
    if len(common) < fewest:
        return _found("few-periods", advice="more-periods", **details)
    together = review.correlation(*common.to_numpy(np.float64).T)
    figure = f"{_decimal(together)} (n = {len(common)})"
    if np.isnan(together):
        return _found("moves-not", advice="more-periods", **details)
    if together >= enough:
        return _found("moves", figure, "keep-watching", **details)
    return _found("moves-apart" if together <= -enough else "moves-alone", figure, "question-indicators", **details)


# Survey, cost and benefit --------------------------------------------------------------------------------------------


def _survey(run: _Run) -> Iterator[Finding]:
    feedback = rows_of_period(run.table("feedback"), run.when, run.calendar)[0].frame
    if feedback.empty:
        yield _found("no-survey", advice="ask-staff")
        return
    yield _response(run, feedback["respondent"].nunique())
    if left_out := int((feedback["score"].notna() & ~review.usable(feedback)).sum()):
        yield _found("unusable", str(left_out), "correct-feedback", count=left_out)
    for question, rows in review.answers(feedback).groupby("question"):
        yield from _question(run, str(question), rows)
    texts = feedback.dropna(subset="suggestion").groupby("suggestion")["respondent"].nunique()
    for suggestion, people in texts.items():
        yield _found("suggestion", f"× {people}" if people > 1 else "", "answer-suggestion", suggestion=str(suggestion))


def _response(run: _Run, came: int) -> Finding:
    asked, wanted = int(run.people.frame["scored"].sum()), run.limit("response_from")
    low = "invite-again" if came / asked < wanted else "fine"
    advice = "repeated-answers" if came > asked else low
    return _found("response", _percent(came / asked), advice, asked=asked, came=came, wanted=_percent(wanted))


def _question(run: _Run, question: str, rows: pd.DataFrame) -> Iterator[Finding]:
    """Tell the mean of a question, and of the departments that may be shown beside it."""
    asked = Text(f"“{question}”", f'"{question}"') if question else _word("no-question")
    if len(rows) < run.fewest:
        yield _found("hidden", question=asked, fewest=run.fewest)
        return
    yield _approval(run, "approval", rows, question=asked)
    departments = [(_department(run, str(code)), group) for code, group in rows.groupby("department")]
    shown = review.may_be_shown([len(group) for _, group in departments], run.fewest)
    if len(departments) > 1:
        for (name, group), visible in zip(departments, shown, strict=True):
            if visible:
                yield _approval(run, "approval-of", group, question=asked, department=name)
    hidden = [name for (name, _), visible in zip(departments, shown, strict=True) if not visible]
    if hidden:
        yield _found("hidden-of", question=asked, departments=hidden, fewest=run.fewest)


def _approval(run: _Run, code: str, rows: pd.DataFrame, **about: Text) -> Finding:
    mean, wanted = float(rows["share"].mean()), run.limit("approval_from")
    advice = "explain-low" if mean < wanted else "fine"
    return _found(code, _percent(mean), advice, count=len(rows), wanted=_percent(wanted), **about)


def _department(run: _Run, code: str) -> Text:
    name = run.people.department_names.get(code, code)
    return Text(name, name) if name else _word("no-department")


def _benefit(run: _Run) -> Iterator[Finding]:
    """Compare what appraising cost and brought in all periods that began before the end of this one."""
    rows = run.frame("business").dropna(subset=["period", "amount"])
    begun = [label for label, each in run.periods(rows["period"]).items() if each.start <= run.period.end]
    rows = rows[rows["period"].isin(begun)]
    costs, benefits = (rows.loc[rows["business_kind"] == kind, "amount"] for kind in ("cost", "benefit"))
    if costs.empty or benefits.empty:
        yield _found("no-benefit", advice="fill-benefit")
        return
    cost, benefit = _sum(costs), _sum(benefits)
    yield _found("cost", _money(cost))
    yield _found("benefit", _money(benefit))
    yield _found("difference", _money(benefit - cost))
    ratio = show_number(float(benefit / cost)) if cost else ""
    if benefit > cost:
        yield _found("effective", ratio)
    else:
        yield _found("break-even" if benefit == cost else "ineffective", ratio, "save-cost")


def _sum(amounts: pd.Series) -> Fraction:
    return sum(map(fraction_of, amounts), Fraction(0))


# Points --------------------------------------------------------------------------------------------------------------


def _spread(run: _Run) -> Iterator[Finding]:
    limit, apart = run.limit("alike_from"), review.spread(run.own_points, run.points.full)
    few = [k for k in run.counting if apart.people[k] < run.fewest]
    for k in run.counting:
        if k in few:
            continue
        ceiling, floor, values = float(apart.ceiling[k]), float(apart.floor[k]), int(apart.values[k])
        alike = "all-equal" if values == 1 else "fine"
        advice = "at-ceiling" if ceiling > limit else "at-floor" if floor > limit else alike
        yield _found(
            "spread",
            _percent(max(ceiling, floor)),
            advice,
            indicator=run.indicators[k].name,
            people=int(apart.people[k]),
            values=values,
            deviation=show_number(apart.deviation[k], 1),
            ceiling=_percent(ceiling),
            floor=_percent(floor),
            limit=_percent(limit),
        )
    if few:
        yield _found("spread-few", indicators=[run.indicators[k].name for k in few], fewest=run.fewest)


def _redundancy(run: _Run) -> Iterator[Finding]:
    limit, names = run.limit("repeat_from"), [run.indicators[k].name for k in run.counting]
    alike, people = review.rank_correlations(run.own_points[:, run.counting])
    compared = (people >= run.fewest) & ~np.isnan(alike)
    pairs = [(i, j) for i, j in combinations(range(len(names)), 2) if compared[i, j]]
    repeating = [(i, j) for i, j in pairs if alike[i, j] > limit]
    for i, j in repeating:
        figure = f"{_decimal(alike[i, j])} (n = {people[i, j]})"
        yield _found("repeat", figure, "merge", first=names[i], second=names[j], limit=_decimal(limit))
    if not pairs:
        yield _found("nothing-compared", fewest=run.fewest)
    elif not repeating:
        yield _found("no-repeat", pairs=len(pairs), limit=_decimal(limit))


def _weights(run: _Run) -> Iterator[Finding]:
    """Compare, within each position group, what decides the differences of totals with the weights on paper."""
    known, group = ~np.isnan(run.ranking.total), _groups(run)
    few = []
    for code in sorted(set(group[known])):
        members = known & (group == code)
        if members.sum() >= run.fewest:
            yield from _weights_of(run, members, _position(run, code))
        else:
            few.append(_position(run, code))
    if few:
        yield _found("weights-few", groups=few, fewest=run.fewest)


def _weights_of(run: _Run, members: np.ndarray, group: Text) -> Iterator[Finding]:
    gap, total = run.limit("weight_gap"), run.ranking.total[members]
    parts = run.totals.contribution[members]
    *shares, otherwise = review.variance_shares(np.column_stack([parts, total - parts.sum(axis=1)]), total).tolist()
    if np.isnan(otherwise):
        yield _found("no-difference", advice="see-spread", group=group)
        return
    stated = run.stated * run.applies[members].any(axis=0)
    for k in run.counting:
        if stated[k]:
            weight = stated[k] / stated.sum()
            details = {"group": group, "indicator": run.indicators[k].name, "weight": _percent(weight)}
            yield _found("decides", _percent(shares[k]), _about_weight(shares[k], weight, gap), **details)
    if abs(otherwise) > gap:
        details = {"group": group, "limit": _percent(gap)}
        yield _found("decides-otherwise", _percent(otherwise), "question-adjustments", **details)


def _about_weight(share: float, weight: float, gap: float) -> str:
    if abs(share - weight) <= gap:
        return "fine"
    if share > weight:
        return "too-heavy"
    return "too-light" if share >= 0 else "against"


def _groups(run: _Run) -> np.ndarray:
    """Return the position group of each person where indicators differ by position; else all are one group."""
    if any(each.group for each in run.indicators):
        return run.people.frame["group"].fillna("").to_numpy(object)
    return np.full(len(run.people), "", object)


def _position(run: _Run, code: str) -> Text:
    names = {each.group: each.name for each in run.scheme.positions}
    return names.get(code, Text(code, code)) if code else _word("every-position")


# Raters and history --------------------------------------------------------------------------------------------------


def _agreement(run: _Run) -> Iterator[Finding]:
    rated = [each for each in run.indicators if each.source == "ratings"]
    if not rated:
        yield _found("no-ratings")
        return
    ratings, few = _ratings_by_others(run, rated), []
    for each in rated:
        mine = ratings[ratings["indicator"] == each.code]
        alpha, people = review.rater_agreement(mine["employee_id"], mine["share"])
        if people >= run.fewest:
            yield _agreed(run, each, alpha, people)
        else:
            few.append(each.name)
    if few:
        yield _found("agreement-few", advice="second-rater", indicators=few, fewest=run.fewest)


def _agreed(run: _Run, each: Indicator, alpha: float, people: int) -> Finding:
    enough = run.limit("agreement_from")
    advice = "equal-ratings" if np.isnan(alpha) else "train-raters" if alpha < enough else "fine"
    return _found("agreement", _decimal(alpha), advice, indicator=each.name, people=people, limit=_decimal(enough))


def _ratings_by_others(run: _Run, rated: Sequence[Indicator]) -> pd.DataFrame:
    """Return the ratings of the period by others, each as a share of its scale."""
    table = with_cells(run.table("ratings"))
    rows = prepared(table, run.indicators, run.when, run.calendar)[0].frame
    by_others = (rows["relation"] != "self") & (rows["rater_id"].fillna("") != rows["employee_id"])
    tops = {each.code: each.parameters.get("high") or run.scheme.settings.full_points for each in rated}
    scale = rows["scale"].fillna(rows["indicator"].map(tops).astype("float64"))
    return rows.assign(share=rows["score"] / scale)[by_others]


def unusual_rows(appraisal: Finished, lang: Lang) -> pd.DataFrame:
    """Return the rows of the sheet Unusual ratings: every manager and rater who can be compared, the furthest first.

    Parameters
    ----------
    appraisal : one that is done
    lang : of the verdicts
    """
    run = _run_of(appraisal)
    frame = run.people.frame
    names = dict(zip(frame["employee_id"], frame["name"], strict=True))
    found = [rows.assign(role=role(lang)) for role, rows in _compared(run) if len(rows)]
    columns = [column.code for column in SHEETS["unusual"]]
    if not found:
        return pd.DataFrame(columns=columns)
    rows = pd.concat(found, ignore_index=True)
    rows = rows.assign(
        employee_id=rows["group"],
        name=[names.get(each, "") for each in rows["group"]],
        verdict=[("；" if lang == "zh" else "; ").join(each(lang) for each in said) for said in rows["verdict"]],
    )
    return rows[columns]


MANAGER, RATER = Text("管理者", "manager"), Text("评价人", "rater")
HIGHER, LOWER = Text("▲ 偏高", "▲ higher"), Text("▼ 偏低", "▼ lower")
NARROW, WIDE = Text("◇ 打分集中", "◇ narrow"), Text("◆ 打分分散", "◆ wide")


def _compared(run: _Run) -> Iterator[tuple[Text, pd.DataFrame]]:
    """Yield managers by the totals of their people, and raters by how they score the same people as others do."""
    frame = run.people.frame
    yield MANAGER, _judged(run, run.ranking.total, frame["manager_id"].to_numpy(object))
    rated = [each for each in run.indicators if each.source == "ratings"]
    ratings = _ratings_by_others(run, rated).dropna(subset=["rater_id", "share"])
    shares = ratings.groupby(["rater_id", "employee_id", "indicator"])["share"].mean().reset_index()
    alone = shares.groupby(["employee_id", "indicator"])["share"].transform("size") == 1
    usual = shares.groupby("indicator")["share"].transform("mean")
    same = shares.groupby(["employee_id", "indicator"])["share"].transform("mean")
    apart = shares.assign(apart=100 * (shares["share"] - (usual if alone.all() else same)))
    kept = apart if alone.all() else apart[~alone]
    people = kept.groupby(["rater_id", "employee_id"])["apart"].mean().reset_index()
    yield RATER, _judged(run, people["apart"].to_numpy(), people["rater_id"].to_numpy(object))


def _judged(run: _Run, values: np.ndarray, groups: np.ndarray) -> pd.DataFrame:
    """Compare groups of enough people, and say which are unusual; the furthest first."""
    sizes = pd.Series(groups)[~np.isnan(values)].value_counts()
    enough = pd.Series(groups).isin(sizes.index[sizes >= run.fewest]).to_numpy(bool)
    rows = review.compare_groups(np.where(enough, values, np.nan), groups)
    limit = run.limit("unusual_from")
    verdicts = pd.Series([_verdict(row, limit) for row in rows.to_dict("records")], rows.index, dtype=object)
    return (
        rows.assign(verdict=verdicts, far=rows["effect"].abs())
        .sort_values(["far", "group"], ascending=[False, True])
        .drop(columns="far")
    )


def _verdict(row: dict[Any, Any], limit: float) -> list[Text]:
    said = []
    if abs(row["effect"]) >= limit and not row["low"] <= 0 <= row["high"]:
        said.append(HIGHER if row["difference"] > 0 else LOWER)
    if not row["ratio_low"] <= 1 <= row["ratio_high"]:
        said.append(NARROW if row["ratio"] < 1 else WIDE)
    return said


def _unusual(run: _Run) -> Iterator[Finding]:
    for role, rows in _compared(run):
        if len(rows) < 2:
            yield _found("unusual-few", fewest=run.fewest, roles=Text(role.zh, f"{role.en}s"))
        else:
            unusual = sum(bool(each) for each in rows["verdict"])
            code = "unusual-managers" if role is MANAGER else "unusual-raters"
            yield _found(code, f"{unusual} / {len(rows)}", "see-unusual" if unusual else "fine", groups=len(rows),
                         unusual=unusual, limit=_decimal(run.limit("unusual_from")))  # fmt: skip


def _stability(run: _Run) -> Iterator[Finding]:
    history, enough = run.history(), run.limit("stable_from")
    if history.empty:
        yield _found("no-history", advice="carry-over")
        return
    before = max(history["period"].unique(), key=lambda code: (_end(run, code), code))
    earlier = history[history["period"] == before].set_index("employee_id").reindex(run.people.ids)
    both = np.column_stack([earlier["total"].to_numpy(np.float64), run.ranking.total])
    related, people = (each[0, 1] for each in review.rank_correlations(both))
    if people < run.fewest:
        yield _found("stability-few", before=before, people=int(people), fewest=run.fewest)
        return
    advice = "fine" if related >= enough else "question-places"
    yield _found("stability", f"{_decimal(related)} (n = {people})", advice, before=before, limit=_decimal(enough))
    now, then = _grades(run, earlier["grade"])
    if len(now) >= run.fewest:
        changed = int((now != then).sum())
        yield _found("grades", _percent(changed / len(now)), before=before, people=len(now), changed=changed)


def _grades(run: _Run, before: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Return the grades now and before of those who have both."""
    grades = run.scheme.grades
    codes = {name: each.code for each in reversed(grades) for name in (*each.name, each.code)}
    now = np.array([*(each.code for each in grades), None], object)[run.ranking.grade]
    then = before.map(codes).to_numpy(object)
    both = ~pd.isna(now) & ~pd.isna(then)
    return now[both], then[both]


def _end(run: _Run, code: str) -> date:
    period = run.calendar.find(code)
    return period.end if period is not None else date.min


# Words and figures ---------------------------------------------------------------------------------------------------


@cache
def wordings() -> dict[str, Any]:
    """Return every sentence of an evaluation: topics, words, findings and advice by their codes."""
    raw: dict[str, Any] = tomllib.loads((files("xlperf.analysis") / "findings.toml").read_text("utf-8"))
    return raw


def _found(code: str, figure: str = "", advice: str = "fine", **details: Any) -> Finding:
    """Put a finding into words."""
    wording = wordings()["findings"][code]
    return Finding(
        Text(**wordings()["topics"][wording["topic"]]),
        _filled(wording["finding"], details),
        figure,
        _filled(wording.get("limit", {"zh": "", "en": ""}), details),
        Text(**wordings()["advice"][advice]),
    )


def _filled(wording: dict[Lang, str], details: dict[str, Any]) -> Text:
    return Text(
        *(wording[lang].format(**{name: show(each, lang) for name, each in details.items()}) for lang in LANGUAGES)
    )


def _word(code: str) -> Text:
    return Text(**wordings()["words"][code])


def _percent(share: float) -> str:
    return f"{show_number(100 * share, 1)}%"


def _decimal(number: float) -> str:
    return show_number(number)


def _money(amount: Fraction) -> str:
    return f"{float(amount):,.2f}"


def _in_unit(figure: float, each: Indicator) -> str:
    return _percent(figure) if each.unit in PERCENT else show_number(figure)
