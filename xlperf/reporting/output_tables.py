"""What a run shows: the rows of the output sheets, in the language of the reader."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from xlperf.analysis.task_guide import columns_named, counting_rule, links, rules
from xlperf.core.numbers import round_half_up
from xlperf.core.problems import Lang, Problem, Text, in_order
from xlperf.core.version import __version__
from xlperf.core.vocabulary import STATES, WORDS, unit_name
from xlperf.policy.scheme import dimension_column, results_scope
from xlperf.policy.scheme.codec import setting_text
from xlperf.policy.validation import as_percent, exact_shares
from xlperf.policy.validation.quota_limits import limit_text
from xlperf.schema import LOGS, SHEETS
from xlperf.scoring.outcomes import evidence
from xlperf.scoring.prorated_targets import prorated_targets
from xlperf.scoring.quota_limits import in_people, verdict
from xlperf.scoring.raters import groups
from xlperf.scoring.result_rows import result_rows
from xlperf.scoring.stages import Appraisal, Completed, Gathered, Locked, Ranked


def outputs(appraisal: Appraisal, lang: Lang, fingerprint: str = "") -> dict[str, pd.DataFrame]:
    """Return the rows of every output sheet by its code; only problems and the run record where nothing was graded.

    ``fingerprint`` is the hash of the workbook's inputs, for the run record.
    """
    sheets = {"problems": problem_rows(appraisal.problems, lang), "run": run_rows(appraisal, lang, fingerprint)}
    if isinstance(appraisal, Locked):
        return sheets | {"differences": appraisal.differences}
    if not isinstance(appraisal, Completed):
        return sheets
    results = results_in(appraisal, lang)
    return (
        sheets
        | {
            "detail": detail_rows(appraisal, lang),
            "results": _without_figures(results, appraisal.scheme.settings.place_figures),
            "ranking": ranking_rows(appraisal, lang),
            "lists": list_rows(appraisal, results, lang),
        }
        | _of_units(appraisal, lang)
        | _of_raters(appraisal, lang)
        | _of_tasks(appraisal, lang)
        | (appraisal.pay.sheets(lang) if len(appraisal.pay.people) else {})
    )


def results_in(appraisal: Completed, lang: Lang) -> pd.DataFrame:
    """Return the rows of the Results sheet in a language, with the lists that each person is on."""
    results = result_rows(appraisal, lang)
    names = np.array([outcome.name(lang) for outcome in appraisal.outcomes], object)
    results["outcome"] = [("、" if lang == "zh" else ", ").join(names[on]) for on in appraisal.lists.member]
    results["pay"] = appraisal.results["pay"]
    return results


def _without_figures(results: pd.DataFrame, asked: tuple[str, ...]) -> pd.DataFrame:
    """Leave out the figures of places that the scheme does not ask for."""
    return results.drop(columns=[code for code in WORDS["place_figure"] if code not in asked])


def _of_raters(appraisal: Completed, lang: Lang) -> dict[str, pd.DataFrame]:
    if not appraisal.scheme.raters:
        return {}
    people = appraisal.people.frame[appraisal.people.frame["scored"]]
    return {"rater_groups": groups(appraisal.ratings, people, appraisal.scheme, lang)}


def _of_tasks(appraisal: Appraisal, lang: Lang) -> dict[str, pd.DataFrame]:
    """Return the task guide; the rules in words only where there are any."""
    sheets = set(appraisal.scheme.output_sheets())
    guides = {"task_guide": links, "rules_in_words": rules}
    return {code: of(appraisal.scheme, appraisal.tables, lang) for code, of in guides.items() if code in sheets}


def _of_units(appraisal: Ranked, lang: Lang) -> dict[str, pd.DataFrame]:
    if not appraisal.of_units:
        return {}
    return {"units": unit_rows(appraisal, lang), "unit_detail": unit_detail_rows(appraisal, lang)}


def unit_rows(appraisal: Ranked, lang: Lang) -> pd.DataFrame:
    """One row for every team, department and the company, level by level, best first."""
    grades = appraisal.scheme.grades
    frames = []
    for each in appraisal.of_units:
        rows = each.units.frame.assign(
            unit_name=[name(lang) for name in each.units.frame["unit_name"]],
            mean_total=round_half_up(each.mean_total, appraisal.scheme.settings.decimals),
            total=each.totals.total,
            place=np.where(each.place > 0, each.place, np.nan),
            grade=np.array([*(grade.code for grade in grades), None], object)[each.grade],
            grade_name=np.array([*(grade.name(lang) for grade in grades), ""], object)[each.grade],
            measured_weight=each.totals.measured,
        )
        frames.append(rows.sort_values(["place", "unit"], na_position="last"))
    columns = [column.code for column in SHEETS["units"]]
    return pd.concat(frames, ignore_index=True)[columns] if frames else pd.DataFrame(columns=columns)


def unit_detail_rows(appraisal: Ranked, lang: Lang) -> pd.DataFrame:
    """One row for every unit and indicator of its level."""
    dimensions = {each.code: each.name(lang) for each in appraisal.scheme.dimensions}
    frames = []
    for each in appraisal.of_units:
        who, which = np.nonzero(each.applies)
        states = np.where(each.points.unscorable, STATES.index("no_score"), each.facts.state)
        names = [name(lang) for name in each.units.frame["unit_name"]]
        frames.append(
            pd.DataFrame(
                {
                    "level": each.level,
                    "unit": each.units.frame["unit"].to_numpy(object)[who],
                    "unit_name": _picked(names, who),
                    "dimension": _picked([dimensions.get(i.dimension, i.dimension) for i in each.indicators], which),
                    "indicator": _picked([i.code for i in each.indicators], which),
                    "indicator_name": _picked([i.name(lang) for i in each.indicators], which),
                    "numerator": each.facts.numerator[who, which],
                    "denominator": each.facts.denominator[who, which],
                    "actual": each.facts.actual[who, which],
                    "target": each.points.targets[who, which],
                    "figure_unit": _picked([unit_name(i.unit)(lang) for i in each.indicators], which),
                    "direction": _picked([i.direction for i in each.indicators], which),
                    "rule": _picked([i.card.name(lang) if i.rule else "" for i in each.indicators], which),
                    "fact_status": _picked(STATES, states[who, which]),
                    "points": each.points.points[who, which],
                    "full": each.points.full[which],
                    "weight": each.totals.weights[who, which],
                    "contribution": each.totals.contribution[who, which],
                }
            )
        )
    columns = [column.code for column in SHEETS["unit_detail"]]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)


def list_rows(appraisal: Completed, results: pd.DataFrame, lang: Lang) -> pd.DataFrame:
    """One row for everybody on a list, list by list, with the evidence."""
    columns = results_scope([dimension_column(each) for each in appraisal.scheme.dimensions]).columns
    rows = [
        {**row, "outcome": outcome.name(lang), "evidence": evidence(row, outcome, columns, lang)}
        for on, grounds, outcome in zip(
            appraisal.lists.member.T, appraisal.lists.grounds, appraisal.outcomes, strict=True
        )
        for row in _records(results[on].join(grounds))
    ]
    return pd.DataFrame(rows, columns=[column.code for column in SHEETS["lists"]])


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [dict(zip(frame.columns, row, strict=True)) for row in frame.itertuples(index=False, name=None)]


def _picked(words: Sequence[Any], positions: np.ndarray) -> np.ndarray:
    """Return a word for each row: the one at its position among the words."""
    return np.asarray(np.array(words, object)[positions])


def detail_rows(appraisal: Ranked, lang: Lang) -> pd.DataFrame:
    """One row for every person and indicator that belongs to the person's position."""
    people, facts, points, totals = appraisal.people, appraisal.facts, appraisal.points, appraisal.totals
    who, which = np.nonzero(appraisal.applies)
    states = np.where(points.unscorable, STATES.index("no_score"), facts.state)

    dimensions = {each.code: each.name(lang) for each in appraisal.scheme.dimensions}
    indicators = appraisal.indicators
    prorated = prorated_targets(appraisal, points.targets, np.arange(len(people)))
    return pd.DataFrame(
        {
            "employee_id": people.frame["employee_id"].to_numpy(object)[who],
            "name": people.frame["name"].to_numpy(object)[who],
            "dimension": _picked([dimensions.get(each.dimension, each.dimension) for each in indicators], which),
            "indicator": _picked([each.code for each in indicators], which),
            "indicator_name": _picked([each.name(lang) for each in indicators], which),
            "numerator": facts.numerator[who, which],
            "denominator": facts.denominator[who, which],
            "actual": facts.actual[who, which],
            "target": points.targets[who, which],
            "proration": [
                prorated[each].sum(lang) if each in prorated else ""
                for each in zip(who.tolist(), which.tolist(), strict=True)
            ],
            "unit": _picked([unit_name(each.unit)(lang) for each in indicators], which),
            "direction": _picked([each.direction for each in indicators], which),
            "rule": _picked([each.card.name(lang) for each in indicators], which),
            "fact_status": _picked(STATES, states[who, which]),
            "points": points.points[who, which],
            "full": points.full[which],
            "weight": totals.weights[who, which],
            "contribution": totals.contribution[who, which],
        }
    )


def ranking_rows(appraisal: Ranked, lang: Lang) -> pd.DataFrame:
    """One row for every pool and grade: the quota against the people who have it."""
    ranking, scheme = appraisal.ranking, appraisal.scheme
    by_share = ranking.lines is not None and scheme.settings.grading != "bands"
    shares = exact_shares(scheme) if by_share else [None] * len(scheme.grades)
    rows = []
    for pool, name in enumerate(ranking.pools.names):
        before = 0
        for g, grade in enumerate(scheme.grades):
            share, size, count = shares[g], int(ranking.sizes[pool]), int(ranking.counts[pool, g])
            row = {
                "pool": name(lang),
                "pool_size": size,
                "grade": grade.code,
                "grade_name": grade.name(lang),
                "count": count,
            }
            if share is not None:
                row |= {"share": float(share), "exact": float(share * size)}
            if ranking.lines is not None:
                last = int(ranking.lines[pool, g])
                quota, before = last - before, last
                row |= {
                    "quota": quota,
                    "last_place": last,
                    "difference": count - quota,
                    "verdict": verdict(count - quota)(lang),
                }
            rows.append(row | _limits_in(appraisal, pool, g, lang))
    return pd.DataFrame(rows, columns=[column.code for column in SHEETS["ranking"]])


def _limits_in(appraisal: Ranked, pool: int, grade: int, lang: Lang) -> dict[str, Any]:
    """Say what the limits of a grade in a pool are, alone or with others, and whether they are kept."""
    ranking, scheme = appraisal.ranking, appraisal.scheme
    limits = [each for each in ranking.limits if each.pool == pool and grade in each.grades]
    if not limits:
        return {}
    alone = [each for each in limits if len(each.grades) == 1]
    over = max((each.over(ranking.counts) for each in limits), key=abs)
    people = (
        f"{limit_text(scheme.quota_limits[each.position], scheme)(lang)}{in_people(each)(lang)}" for each in limits
    )
    return {
        "least": max((each.least for each in alone), default=np.nan),
        "most": min((each.most for each in alone), default=np.nan),
        "limits": ("；" if lang == "zh" else "; ").join(people),
        "verdict": verdict(over)(lang),
    }


def problem_rows(problems: list[Problem], lang: Lang) -> pd.DataFrame:
    """One row a problem, errors first."""
    rows = [problem.as_dict(lang) for problem in in_order(problems)]
    return pd.DataFrame(rows, columns=[column.code for column in SHEETS["problems"]])


def run_rows(appraisal: Appraisal, lang: Lang, fingerprint: str) -> pd.DataFrame:
    """What the results rest on: version, scheme, period, inputs, counts, every setting and every indicator in words."""
    rows = [
        *_about(appraisal, lang, fingerprint),
        *_settings(appraisal, lang),
        *(_parts(appraisal, lang) if isinstance(appraisal, Gathered) else ()),
        *_raters(appraisal, lang),
        *(_indicators(appraisal, lang) if isinstance(appraisal, Gathered) else ()),
    ]
    return pd.DataFrame(rows, columns=["item", "value"])


def _about(appraisal: Appraisal, lang: Lang, fingerprint: str) -> Iterator[tuple[str, str]]:
    settings, period = appraisal.scheme.settings, appraisal.period
    yield "xlperf", __version__
    yield Text("方案", "Scheme")(lang), f"{appraisal.scheme.name(lang)} ({settings.scheme} {settings.version})"
    if period is not None:
        yield Text("考核周期", "Period")(lang), f"{period.label(lang)} ({period.start} – {period.end})"
    if fingerprint:
        yield Text("输入数据指纹 (SHA-256)", "Fingerprint of the inputs (SHA-256)")(lang), fingerprint
    for sheet, table in appraisal.tables.items():
        if SHEETS[sheet].role == "input" and sheet not in LOGS:
            rows = str(table.outside.count if table.outside is not None else len(table))
            whence = "" if table.title in table.sheet.title else f"  ({table.title})"
            yield Text(f"{table.sheet.title.zh}：行数", f"{table.sheet.title.en}: rows")(lang), rows + whence
    if isinstance(appraisal, Gathered):
        frame = appraisal.people.frame
        yield Text("计分人数", "People scored")(lang), str(int(frame["scored"].sum()))
    if isinstance(appraisal, Ranked):
        yield Text("排名人数", "People ranked")(lang), str(int(appraisal.ranking.ranked.sum()))


def _settings(appraisal: Appraisal, lang: Lang) -> Iterator[tuple[str, str]]:
    values = appraisal.scheme.settings.values()
    for setting in appraisal.scheme.switches():
        yield setting.name(lang), setting_text(setting, values[setting.code])(lang)
    if appraisal.scheme.settings.grading != "bands" and appraisal.done:
        shares = zip(appraisal.scheme.grades, exact_shares(appraisal.scheme), strict=True)
        shown = ", ".join(f"{grade.name(lang)} {as_percent(share)}" for grade, share in shares)
        yield Text("强制分布比例（含其余）", "Shares in force (with the rest)")(lang), shown
    for limit in appraisal.scheme.quota_limits if appraisal.done else ():
        yield Text(f"比例限制 {limit.code}", f"Limit {limit.code}")(lang), limit_text(limit, appraisal.scheme)(lang)


def _parts(appraisal: Gathered, lang: Lang) -> Iterator[tuple[str, str]]:
    """What the total of the period is made of, with the weights inside each part."""
    for each in appraisal.parts:
        words = [WORDS["part_source"][each.source](lang), f"{each.weight:.10g}%"]
        if each.source != "appraisal":
            words += [WORDS["inner_weight"][each.inner](lang), WORDS["part_gap"][each.if_missing](lang)]
        yield Text(f"汇总：{each.name.zh}", f"Roll-up: {each.name.en}")(lang), _listed(words, lang)


def _raters(appraisal: Appraisal, lang: Lang) -> Iterator[tuple[str, str]]:
    """What the relations of raters count for, dimension by dimension."""
    names = {each.code: each.name(lang) for each in appraisal.scheme.dimensions}
    for dimension in dict.fromkeys(each.dimension for each in appraisal.scheme.raters):
        shares = [
            f"{WORDS['relation'][each.relation](lang)} {each.weight:.10g}%"
            for each in appraisal.scheme.raters
            if each.dimension == dimension
        ]
        name = names.get(dimension, dimension)
        yield Text(f"评价关系：{name}", f"Raters: {name}")(lang).rstrip("： :"), _listed(shares, lang)


def _listed(words: list[str], lang: Lang) -> str:
    return ("，" if lang == "zh" else ", ").join(words)


def _indicators(appraisal: Gathered, lang: Lang) -> Iterator[tuple[str, str]]:
    for each in appraisal.indicators:
        yield (
            f"{each.name(lang)} ({each.code})",
            counting_rule(each, columns_named(each, appraisal.scheme, appraisal.tables), lang),
        )
