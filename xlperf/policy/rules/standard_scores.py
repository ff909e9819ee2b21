"""Points by the standard score of a figure among those of its comparison group."""

from __future__ import annotations

from dataclasses import replace
from math import nan

import numpy as np

from xlperf.core.problems import Text
from xlperf.policy.rules import formulas as f
from xlperf.policy.rules.comparison import bounded, part_of, upward
from xlperf.policy.rules.definition import Column, Parameter, rule
from xlperf.policy.rules.parameters import CAP, FLOOR


def _standardised(
    actual: str,
    full: str,
    group: str,
    direction: str,
    centre: str,
    spread: str,
    cap: str | None,
    floor: str | None,
    actuals: str = "",
    groups: str = "",
    alike: str = "",
) -> str:
    """Compare with the members of the group: those that columns tell, or the cells that are listed as ``alike``."""
    if alike:
        members, mean, deviation = f"COUNT({alike})", f"AVERAGE({alike})", f"STDEVP({alike})"
    else:
        members = f"COUNTIFS({groups},{group},{actuals},{f.NUMBERS})"
        mean = f"SUMIFS({actuals},{groups},{group})/{members}"
        squares = f'({groups}={group})*({actuals}<>"")*({actuals}-{mean})*({actuals}-{mean})'
        deviation = f"SQRT(SUMPRODUCT({squares})/{members})"
    sign = "-" if direction == "lower" else "+"
    score = f"{centre}{sign}{spread}*({actual}-{mean})/{deviation}"
    points = f.bounded(f"IF(ROUND({deviation},12)=0,{centre},{score})", f.part_of(full, floor), f.part_of(full, cap))
    unknown = f'{actual}=""' if alike else f'OR({actual}="",{group}="",{group}<0)'
    return f.unless(unknown, f.unless(f"{members}<2", points))


@rule(
    name=Text("标准分（T 分）", "Standard score"),
    summary=Text(
        "按组内标准分计分：中心分 + 每个标准差的分值 ×（实际 − 组平均）÷ 组标准差；越低越好时相反。"
        "组内不足两人无法计分。",
        "Points by the standard score within the comparison group: centre + spread × (actual − mean) ÷ standard "
        "deviation; the other way round where less is better. A group of one cannot be scored.",
    ),
    words=Text(
        "实际 {actual}；组内标准分，中心 {centre}、每个标准差 {spread} 分{standing}；得 {points} 分"
        "（满分 {full}，封顶 {cap}，保底 {floor}）。",
        "Actual {actual}; its standard score in the group, {centre} at the mean and {spread} for each standard "
        "deviation{standing}: {points} points (full points {full}, cap {cap}, floor {floor}).",
    ),
    parameters=(
        Parameter(
            "centre",
            Text("中心分", "Centre"),
            "points",
            Text("恰为组平均时的得分；T 分为 50，z 分为 0", "Points at the mean of the group: 50 of a T score, 0 of z"),
            usual=50.0,
        ),
        Parameter(
            "spread",
            Text("每个标准差的分值", "Points per deviation"),
            "points",
            Text(
                "比组平均好一个标准差所加的分；T 分为 10，z 分为 1",
                "Points for one standard deviation better than the mean: 10 of a T score, 1 of z",
            ),
            usual=10.0,
            bound="not_negative",
        ),
        replace(CAP, usual=None),
        replace(FLOOR, usual=None),
    ),
    directions=("higher", "lower"),
    target="none",
    native=_standardised,
)
def standard_score(
    actual: Column,
    full: Column,
    group: Column,
    direction: str,
    centre: float,
    spread: float,
    cap: float | None = None,
    floor: float | None = None,
) -> Column:
    """Points by how many standard deviations a figure lies from the mean of its group: z and T scores.

    Use it where departments or markets differ and only the distance from colleagues counts. Who is compared with whom
    are the pools of the ranking. For places instead of distances use ``rank_percentile``.

    Parameters
    ----------
    actual : column, in the unit of the indicator
    full : column, points; counts only for the cap and the floor
    group : column, a number for each comparison group; not compared where missing or below 0
    direction : "higher" or "lower"
    centre : points at the mean
    spread : points for each standard deviation on the good side
    cap, floor : fractions of the full points, optional

    Returns
    -------
    Column of points; the centre where all members are equal, NaN where the figure or the group is missing and in a
    group of one.

    Notes
    -----
    points = centre + spread × (actual − mean) ÷ σ, with the standard deviation σ of the members themselves (as
    Excel's STDEV.P), not of a sample.

    Source
    ------
    The standard score z and McCall's T score, T = 50 + 10 z (W. A. McCall, How to Measure in Education, 1922)

    Examples
    --------
    >>> standard_score([2, 4, 4, 4, 5, 5, 7, 9], 100, 1, "higher", centre=50, spread=10)
    array([35., 45., 45., 45., 50., 50., 60., 70.])
    """
    points = np.full_like(actual, nan)
    known = ~np.isnan(actual) & (group >= 0)
    for code in np.unique(group[known]):
        members = known & (group == code)
        if members.sum() > 1:
            ordered = np.sort(actual[members])  # so that the order of rows cannot move the last digit
            mean = ordered.mean()
            deviation = np.sqrt(((ordered - mean) * (ordered - mean)).mean())
            equal = ordered[0] == ordered[-1]
            away = upward(actual[members] - mean, direction)
            points[members] = centre + (0 if equal else spread * away / deviation)
    return bounded(points, part_of(full, floor), part_of(full, cap))
