"""What a card compares a person with: the totals of earlier periods, and the means of the department."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import pandas as pd

from xlperf.core.numbers import round_half_up
from xlperf.core.problems import Lang, Text
from xlperf.core.vocabulary import WORDS
from xlperf.policy.scheme import Indicator, RatingLevel, level_said
from xlperf.scoring.stages import Completed

PERIODS_SHOWN = 12
LEAST_PEOPLE = 3  # whose mean may be shown: that of two tells either what the other has
WEAK = 0.9  # of the full points: what falls short of it is marked


def has_earlier_totals(appraisal: Completed) -> bool:
    """Whether the sheet of past results holds a total of an earlier period of the same kind."""
    return bool(len(_earlier_totals(appraisal)))


def trend_rows(appraisal: Completed, now: pd.DataFrame) -> pd.DataFrame:
    """Return the totals of each person in up to twelve periods, the latest last, beside the mean of the department.

    Parameters
    ----------
    appraisal : its sheet of past results, its people and its calendar
    now : ``employee_id`` and ``total`` of this period; a total that may not be shown is missing

    Returns
    -------
    DataFrame
        ``employee_id``, ``period``, ``total`` and ``mean``; no rows where there is no earlier period. A mean of fewer
        than three people, or one from which a hidden total could be told, is missing.
    """
    earlier = _earlier_totals(appraisal)
    if earlier.empty:
        return pd.DataFrame(columns=["employee_id", "period", "total", "mean"])
    this = now[["employee_id", "total"]].assign(start=appraisal.period.start, period=appraisal.period.code)
    rows = pd.concat([earlier, this], ignore_index=True)
    starts = sorted(rows["start"].unique())[-PERIODS_SHOWN:]
    rows = rows[rows["start"].isin(starts)].sort_values(["employee_id", "start"], kind="stable")
    means = department_means(rows["total"], rows["employee_id"], appraisal, [rows["period"]])
    return rows.assign(mean=round_half_up(means, 1)).drop(columns="start")


def _earlier_totals(appraisal: Completed) -> pd.DataFrame:
    """Return the totals before this period, of periods of its kind; of two of a person in one the lower counts."""
    history, now = appraisal.table("history").frame, appraisal.period
    meant = appraisal.calendar.resolve(history["period"].dropna().unique(), now)
    before = {label: each for label, each in meant.items() if each.kind == now.kind and each.end < now.start}
    rows = history[history["period"].isin(before) & history["total"].notna()]
    rows = pd.DataFrame(
        {
            "employee_id": rows["employee_id"],
            "total": rows["total"],
            "start": [before[label].start for label in rows["period"]],
            "period": [before[label].code for label in rows["period"]],
        }
    )
    return rows.sort_values("total").drop_duplicates(["employee_id", "period"])


def department_means(
    values: pd.Series, ids: pd.Series, appraisal: Completed, by: Sequence[pd.Series] = ()
) -> np.ndarray:
    """Return the mean of each person's department; missing where it would tell what somebody has.

    Parameters
    ----------
    values : a figure of each row; a missing one hides the mean of the department
    ids : whose figures they are
    appraisal : who belongs to which department
    by : what else the rows are grouped by
    """
    departments = ids.map(appraisal.people.frame.set_index("employee_id")["department"])
    groups = values.groupby([departments, *by])
    known, size = groups.transform("count"), groups.transform("size")
    return np.asarray(groups.transform("mean").where((known >= LEAST_PEOPLE) & (known == size)), float)


def sentences(
    detail: pd.DataFrame,
    indicators: Mapping[str, Indicator],
    lang: Lang,
    struck: Collection[tuple[str, str]] = (),
    levels: Sequence[RatingLevel] = (),
) -> list[str]:
    """Say of each row of a Detail sheet how its points came about; what falls short is marked with ▼.

    Where a target follows the days in service, what it was shrunk from stands in place of the points.

    Parameters
    ----------
    detail : rows of the Detail sheet, or of the Unit detail sheet
    indicators : by code
    lang : "zh" or "en"
    struck : the people and indicators of vetoes that limit a result
    levels : the scheme's; ratings are said by their labels, where they have one

    Examples
    --------
    >>> row = {"indicator": "late", "actual": 3.0, "target": None, "points": 2.0, "full": 5.0, "direction": "lower",
    ...        "fact_status": "measured"}
    >>> sentences(pd.DataFrame([row]), {}, "en"), sentences(pd.DataFrame([row]), {}, "zh")
    (['▼ 2 of 5 points'], ['▼ 满分 5，得 2 分'])
    >>> sentences(pd.DataFrame([{**row, "points": None, "fact_status": "missing"}]), {}, "en")
    ['not reported']
    """

    def said(code: str, actual: float) -> Text | None:
        return level_said(indicators[code], levels, actual) if levels and code in indicators else None

    deducting = {code for code, each in indicators.items() if each.is_deduction}
    vetoes = {code for code, each in indicators.items() if each.rule and each.card.veto}
    owners = detail["employee_id"] if "employee_id" in detail else [""] * len(detail)
    figures = [detail[code].to_numpy(np.float64).tolist() for code in ("actual", "target")]
    figures += [round_half_up(detail[code].to_numpy(np.float64), 2).tolist() for code in ("points", "full")]
    prorated = detail["proration"] if "proration" in detail else [""] * len(detail)
    rows = zip(owners, detail["fact_status"], detail["indicator"], detail["direction"], prorated, *figures, strict=True)
    return [
        _without_points(state, code in vetoes, (who, code) in struck)(lang)
        if points != points
        else _sentence(code in deducting, direction, actual, target, points, full, proration, lang, said(code, actual))
        for who, state, code, direction, proration, actual, target, points, full in rows
    ]


def _without_points(state: str, is_veto: bool, is_struck: bool) -> Text:
    if state != "measured":
        return WORDS["fact_status"][state]
    if is_veto:
        return Text("▼ 触发一票否决", "▼ veto: struck") if is_struck else Text("未触发一票否决", "veto: not struck")
    return Text("", "")


def _sentence(
    deducts: bool,
    direction: str,
    actual: float,
    target: float,
    points: float,
    full: float,
    proration: str,
    lang: Lang,
    level: Text | None,
) -> str:
    mark = "▼ " if full and points < WEAK * full else ""
    got = Text(f"满分 {_plain(full)}，得 {_plain(points)} 分", f"{_plain(points)} of {_plain(full)} points")(lang)
    known, aimed = actual == actual, target == target
    how = Text("", "")
    if level is not None:
        how = Text(f"{level.zh}，", f"{level.en}: ")
    elif deducts and known:
        how = Text(f"扣 {_plain(actual)}，", f"{_plain(actual)} off: ") if actual else Text("无扣分，", "nothing off: ")
    elif aimed and known and direction in ("higher", "lower"):
        met = actual >= target if direction == "higher" else actual <= target
        if met:
            how = Text("达到目标，", "target met: ")
        elif direction == "higher" and target > 0:
            how = Text(f"完成 {actual / target:.0%}，", f"{actual / target:.0%} of target: ")
        else:
            how = Text("未达目标，", "target missed: ")
    if proration:
        got = Text(f"目标 {proration}", proration if how.en else f"target {proration}")(lang)
    return f"{mark}{how(lang)}{got}"


def _plain(value: float) -> str:
    return f"{value:,.2f}".rstrip("0").rstrip(".")
