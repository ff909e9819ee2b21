"""Points by level: bands of a figure, of its attainment or of its place, ratings, and marks with lines between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from math import nan

import numpy as np

from xlperf.core.intervals import Bands, band_values, settled
from xlperf.core.problems import Text
from xlperf.policy.rules import formulas as f
from xlperf.policy.rules.comparison import as_good_as, attainment, place_share, upward, within_end
from xlperf.policy.rules.definition import Column, Parameter, rule
from xlperf.policy.rules.parameters import BAND_SET, LOWER_BY


def _in_bands(
    actual: str, target: str, direction: str, bands: Sequence[f.BandCells], of: str, lower_by: str | None = None
) -> str:
    if of == "attainment":
        reached = f.rounded(f.attainment(actual, target, direction, lower_by))
        points = f.band_points(reached, bands)
        return f.when_ratio(actual, target, points, inverse=f.is_inverse(direction, lower_by))
    return f.when_known([actual], f.band_points(f.rounded(actual), bands))


@rule(
    name=Text("区间得分", "Bands"),
    summary=Text(
        "实际值或完成率落在哪个区间，就得该区间的分数；不在任何区间内则无法计分。",
        "The actual, or the attainment, earns the points of the band that it falls into. Outside every band it cannot "
        "be scored.",
    ),
    words=Text(
        "实际 {actual}，目标 {target}；{looked_up}在区间“{band_set}”的“{band}”一档，得 {points} 分。",
        'Actual {actual}, target {target}; {looked_up} lies in the band "{band}" of "{band_set}": {points} points.',
    ),
    parameters=(
        BAND_SET,
        Parameter(
            "of",
            Text("依据", "Looked up by"),
            "choice",
            Text("用实际值还是完成率查区间", "Whether the actual or the attainment is looked up"),
            usual="actual",
            choices={"actual": Text("实际值", "actual"), "attainment": Text("完成率", "attainment")},
        ),
        LOWER_BY,
    ),
    directions=("higher", "lower", "range"),
    target="none",
    native=_in_bands,
)
def bands(actual: Column, target: Column, direction: str, bands: Bands, of: str, lower_by: str | None = None) -> Column:
    """Points by the band into which a value falls.

    Use it for tables such as "80 to 100: 20 points". The bands must leave no hole and not overlap; a value in
    none or in two of them cannot be scored. Points are those of the table and do not depend on the full points.

    Parameters
    ----------
    actual, target : columns, in the unit of the indicator; the target counts only for the attainment
    direction : "higher", "lower" or "range"
    bands : pairs of an interval and its points
    of : "actual" or "attainment"
    lower_by : how the attainment is computed where less is better: "mirror" (as without it) or "quotient"

    Returns
    -------
    Column of points; NaN where the value is missing or not in exactly one band.

    Notes
    -----
    attainment = actual ÷ target; where lower is better 2 − actual ÷ target, or target ÷ actual.

    Source
    ------
    Client administrator scheme (客户管理员绩效方案), bonus bands; customer service monthly card on xiaomilidoc.com

    Examples
    --------
    >>> from xlperf.core.intervals import Interval
    >>> table = [(Interval(80, True, 100, True), 20), (Interval(60, True, 80, False), 12)]
    >>> bands([100, 79.5, 40], None, "higher", table, of="actual")
    array([20., 12., nan])
    """
    if of == "attainment":
        return band_values(within_end(attainment(actual, target, direction, lower_by)), bands)
    return band_values(actual, bands)


def _four_levels(
    actual: str,
    target: str,
    full: str,
    direction: str,
    met_at: str,
    near_at: str,
    level_above: str,
    level_met: str,
    level_near: str,
    level_below: str,
    lower_by: str | None = None,
) -> str:
    attained = f.attainment(actual, target, direction, lower_by)
    reached, met_line, near_line = (f.rounded(x) for x in (attained, met_at, near_at))
    lower = f"IF({reached}={met_line},{level_met},IF({reached}>={near_line},{level_near},{level_below}))"
    level = f"IF({reached}>{met_line},{level_above},{lower})"
    points = f"{full}*{level}/{level_above}"
    return f.when_ratio(actual, target, points, inverse=f.is_inverse(direction, lower_by))


@rule(
    name=Text("四档 5/4/3/2", "Four levels 5/4/3/2"),
    summary=Text(
        "按完成率分四档：超出标准、恰好达标、接近标准、其余；得分 = 满分 × 档分 ÷ 最高档分。",
        "Four levels by attainment: above the standard, exactly at it, near it, and the rest. "
        "Points = full points × level ÷ highest level.",
    ),
    words=Text(
        "实际 {actual}，目标 {target}，完成率 {attained}，满分 {full}；达标线 {met_at}，接近线 {near_at}，四档为 "
        "{level_above}/{level_met}/{level_near}/{level_below}；得 {points} 分。",
        "Actual {actual} against target {target}, attainment {attained}; standard met at {met_at}, near it from "
        "{near_at}, levels {level_above}/{level_met}/{level_near}/{level_below}: {points} of {full} points.",
    ),
    parameters=(
        Parameter(
            "met_at",
            Text("达标线", "Standard"),
            "fraction",
            Text(
                "完成率恰好等于它为达标，高于它为超出标准",
                "Attainment equal to it meets the standard, more is above the standard",
            ),
            usual=1.0,
        ),
        Parameter(
            "near_at",
            Text("接近线", "Near the standard from"),
            "fraction",
            Text(
                "完成率从它（含）起、未到达标线为接近标准",
                "Attainment from here on, itself included, is near the standard",
            ),
            usual=0.8,
        ),
        Parameter(
            "level_above",
            Text("超出标准档分", "Level above the standard"),
            "points",
            Text("最高档，对应满分", "The highest level; it earns the full points"),
            usual=5.0,
        ),
        Parameter(
            "level_met",
            Text("达标档分", "Level at the standard"),
            "points",
            Text("恰好达标的档分", "Exactly at the standard"),
            usual=4.0,
        ),
        Parameter(
            "level_near",
            Text("接近标准档分", "Level near the standard"),
            "points",
            Text("接近标准的档分", "Below the standard, but near it"),
            usual=3.0,
        ),
        Parameter(
            "level_below",
            Text("其余档分", "Level of the rest"),
            "points",
            Text("低于接近线的档分", "Not even near the standard"),
            usual=2.0,
        ),
        LOWER_BY,
    ),
    directions=("higher", "lower"),
    target="ratio",
    native=_four_levels,
)
def attainment_5432(
    actual: Column,
    target: Column,
    full: Column,
    direction: str,
    met_at: float,
    near_at: float,
    level_above: float,
    level_met: float,
    level_near: float,
    level_below: float,
    lower_by: str | None = None,
) -> Column:
    """Four levels by attainment: above the standard, at it, near it, below it.

    Use it for goals that are judged in steps. "At the standard" is a single point: where figures hardly ever hit
    the target exactly, ``bands`` with a wider middle is fairer.

    Parameters
    ----------
    actual, target : columns, in the unit of the indicator
    full : column, points for the highest level
    direction : "higher" or "lower"
    met_at, near_at : attainment, fractions
    level_above, level_met, level_near, level_below : levels, best first
    lower_by : where less is better, "mirror" (as without it) or "quotient"

    Returns
    -------
    Column of points; NaN where the actual is missing, or the target missing or not above zero.

    Notes
    -----
    points = full × level ÷ level_above; attainment = actual ÷ target, or 2 − actual ÷ target where lower is better.

    Source
    ------
    Customer service manager scheme (客户服务经理绩效考核方案), table 2: above standard 5, at standard 4,
    80 % of standard 3, lower 2

    Examples
    --------
    >>> attainment_5432([11, 10, 8, 7.9], 10, 100, "higher", 1, 0.8, 5, 4, 3, 2)
    array([100.,  80.,  60.,  40.])
    """
    attained = within_end(attainment(actual, target, direction, lower_by))
    reached, met_line, near_line = (settled(x) for x in (attained, met_at, near_at))
    level: Column = np.select(
        [reached > met_line, reached == met_line, reached >= near_line, reached < near_line],
        [level_above, level_met, level_near, level_below],
        default=nan,
    )
    return full * level / level_above


def _between_levels(
    actual: str, full: str, direction: str, value_a: str, value_b: str, value_c: str, value_d: str
) -> str:
    marks = (value_a, value_b, value_c, value_d)
    better = f.SIGNS["at_most" if direction == "lower" else "at_least"]
    rising = marks if direction == "lower" else marks[::-1]
    if not all(f.is_above(more, less) for less, more in pairwise(rising)):
        return f.NOTHING
    text = f.LEVELS[-1]
    for (upper, _), (lower, level) in reversed(list(pairwise(zip(marks, f.LEVELS, strict=True)))):
        line = f"{level}+{f.LEVELS[-1]}*({actual}-{lower})/({upper}-{lower})"
        text = f"IF({actual}{better}{lower},{line},{text})"
    share = f"IF({actual}{better}{value_a},1,{text})"
    reached = f.as_good_as(actual, value_d, direction)
    return f.when_known([actual], f"IF({reached},{full}*{share},0)")


@rule(
    name=Text("A 至 D 插值", "Interpolated levels A to D"),
    summary=Text(
        "A、B、C、D 四个值为 4、3、2、1 级，之间按直线插值；优于 A 仍为 4 级，差于 D 为 0 级；得分 = 满分 × 级 ÷ 4。",
        "The values A, B, C and D are levels 4, 3, 2 and 1, with straight lines between; better than A is still 4, "
        "worse than D is 0. Points = full points × level ÷ 4.",
    ),
    words=Text(
        "实际 {actual}，满分 {full}；A {value_a}、B {value_b}、C {value_c}、D {value_d}，之间按直线插值；"
        "得 {points} 分。",
        "Actual {actual}; A {value_a}, B {value_b}, C {value_c}, D {value_d}, straight lines between: {points} of "
        "{full} points.",
    ),
    parameters=(
        Parameter("value_a", Text("A 值", "Value A"), "number", Text("4 级：满分", "Level 4: the full points")),
        Parameter("value_b", Text("B 值", "Value B"), "number", Text("3 级：四分之三", "Level 3: three quarters")),
        Parameter("value_c", Text("C 值", "Value C"), "number", Text("2 级：一半", "Level 2: half")),
        Parameter(
            "value_d",
            Text("D 值", "Value D"),
            "number",
            Text("1 级：四分之一；再差得 0 分", "Level 1: a quarter; anything worse earns nothing"),
        ),
    ),
    directions=("higher", "lower"),
    target="none",
    native=_between_levels,
)
def interpolated_levels(
    actual: Column, full: Column, direction: str, value_a: float, value_b: float, value_c: float, value_d: float
) -> Column:
    """Levels 4, 3, 2, 1 at four values, with straight lines between them.

    Use it where four marks were agreed and each bit between them should count. Just worse than D the points drop
    from a quarter to nothing; without that drop use ``range_scale``.

    Parameters
    ----------
    actual : column, in the unit of the indicator
    full : column, points for A and better
    direction : "higher" or "lower"
    value_a, value_b, value_c, value_d : in the unit of the indicator, each better than the next

    Returns
    -------
    Column of points from 0 to ``full``; NaN where the actual is missing, and everywhere if the four values are not in
    order.

    Notes
    -----
    points = full × level ÷ 4.

    Source
    ------
    Appraisal scheme with levels A to D on wenke99.com

    Examples
    --------
    >>> interpolated_levels([120, 95, 70, 69], 100, "higher", value_a=100, value_b=90, value_c=80, value_d=70)
    array([100. ,  87.5,  25. ,   0. ])
    """
    marks = upward(np.array([value_d, value_c, value_b, value_a]), direction)
    if not (np.diff(marks) > 0).all():
        return np.full_like(actual, nan)
    shares = np.arange(1, len(marks) + 1) / len(marks)
    return full * np.interp(upward(actual, direction), marks, shares) * as_good_as(actual, value_d, direction)


def _on_scale(actual: str, full: str, direction: str, low: str, high: str) -> str:
    if not f.is_above(high, low):
        return f.NOTHING
    best, worst = (low, high) if direction == "lower" else (high, low)
    rating = f.rounded(actual)
    points = f"{full}*({rating}-{worst})/({best}-{worst})"
    return f.when_known([actual], f'IF(AND({low}<={rating},{rating}<={high}),{points},"")')


@rule(
    name=Text("评分折算", "Rating scale"),
    summary=Text(
        "把五级、十级或百分制评分折算为得分：满分 ×（评分 − 最低）÷（最高 − 最低）。",
        "A rating on any scale becomes points: full points × (rating − lowest) ÷ (highest − lowest).",
    ),
    words=Text(
        "评分 {actual}，量表 {low} 至 {high}（{best_end} 最好），满分 {full}；得 {points} 分。",
        "Rating {actual} on a scale from {low} to {high}, {best_end} the best: {points} of {full} points.",
    ),
    parameters=(
        Parameter(
            "low",
            Text("量表最低", "Lowest rating"),
            "number",
            Text("量表的最低一级；越高越好时得 0 分", "Lower end of the scale; earns nothing where higher is better"),
        ),
        Parameter(
            "high",
            Text("量表最高", "Highest rating"),
            "number",
            Text(
                "量表的最高一级；越高越好时得满分",
                "Upper end of the scale; earns the full points where higher is better",
            ),
            above="low",
        ),
    ),
    directions=("higher", "lower"),
    target="none",
    native=_on_scale,
)
def rating_scale(actual: Column, full: Column, direction: str, low: float, high: float) -> Column:
    """Points for a rating, so that scales of any length can be added up.

    Use it for ratings by people. On a scale from 1 the lowest rating earns nothing; take 0 as the lowest if 1 of 5
    is to earn a fifth.

    Parameters
    ----------
    actual : column, rating
    full : column, points for the best rating
    direction : "higher", or "lower" where 1 is the best rating
    low, high : ends of the scale

    Returns
    -------
    Column of points from 0 to ``full``; NaN where the rating is missing or not on the scale.

    Notes
    -----
    points = full × (actual − low) ÷ (high − low); where lower is better, full × (high − actual) ÷ (high − low).

    Source
    ------
    Project management department scheme (项目管理部绩效考核): five or ten levels; min-max normalisation between rating
    scales as in the SAP knowledge base

    Examples
    --------
    >>> rating_scale([1, 3, 5, 6], full=100, direction="higher", low=1, high=5)
    array([  0.,  50., 100.,  nan])
    """
    best, worst = (low, high) if direction == "lower" else (high, low)
    actual = settled(actual)
    on_scale = (low <= actual) & (actual <= high)
    return np.where(on_scale, full * (actual - worst) / (best - worst), nan)


def _by_place(
    actual: str, full: str, group: str, direction: str, bands: Sequence[f.BandCells], actuals: str, groups: str
) -> str:
    deduction = f.band_points(f.place_share(actual, group, actuals, groups, direction), bands)
    return f.unless(f'OR({actual}="",{group}="",{group}<0)', f.when_known([deduction], f"{full}-{deduction}"))


@rule(
    name=Text("按排名区间扣分", "Rank bands"),
    summary=Text(
        "按组内名次 ÷ 人数所在的区间扣分；最好的是第 1 名，并列者同取较好的名次。",
        "Points are deducted by place ÷ members of the comparison group, looked up in bands. Place 1 is the best; "
        "equal values share the better place.",
    ),
    words=Text(
        "实际 {actual}，满分 {full}；组内名次 ÷ 人数{standing}，按区间“{band_set}”{taken_off}；得 {points} 分。",
        'Actual {actual}; place ÷ members of the group{standing}; the deductions "{band_set}"{taken_off}: {points} of '
        "{full} points.",
    ),
    parameters=(
        replace(
            BAND_SET,
            note=Text(
                "“区间”表中的编号；区间为名次 ÷ 人数（大于 0，最大 1），分数为扣分",
                "A set on the Bands sheet: bands of place ÷ members (above 0, up to 1), with the points to deduct",
            ),
        ),
    ),
    directions=("higher", "lower"),
    target="none",
    native=_by_place,
)
def rank_percentile(actual: Column, full: Column, group: Column, direction: str, bands: Bands) -> Column:
    """Full points, less a deduction by place within the comparison group.

    Use it for large groups with comparable work. Not for small ones: somebody is always last, and who is alone in a
    group is at 100 % of it.

    Parameters
    ----------
    actual : column, in the unit of the indicator
    full : column, points
    group : column, number of the comparison group; NaN or below 0 for nobody's
    direction : "higher" or "lower"
    bands : pairs of an interval of place ÷ members and the points deducted in it

    Returns
    -------
    Column of points; NaN where the actual or the group is missing, or no band holds the place.

    Notes
    -----
    points = full − deduction(place ÷ members). Places 1, 2, 2, 4 as Excel's RANK; who has no actual is not counted.

    Source
    ------
    Common practice in sales and service teams: the first 40 % keep all points, the others lose some by rank

    Examples
    --------
    >>> from xlperf.core.intervals import Interval
    >>> deductions = [(Interval(0, False, 0.4, True), 0), (Interval(0.4, False, 1, True), 20)]
    >>> rank_percentile([90, 80, 80, 60, 50, None], 100, 1, "higher", deductions)
    array([100., 100., 100.,  80.,  80.,  nan])
    """
    return full - band_values(place_share(settled(upward(actual, direction)), group), bands)
