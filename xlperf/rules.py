"""Scoring rules: one measured figure and its target become points.

Each rule is a pure function over whole columns (a single number is a column of one). The names of its
arguments say what it needs. ``INPUTS`` come from the facts and the indicator; all other arguments are policy,
described on the card above the function and filled in from the workbook: no policy number lives here, and an
optional parameter that is not given switches its feature off. A missing number (NaN) stays missing, and what
cannot be scored is NaN, never zero. Nothing is rounded; only comparisons ignore float dust.

``RULES`` holds every rule by its code. A new rule is one decorated function and one file of worked cases.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import wraps
from math import inf, nan
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from xlperf.intervals import Bands, band_values, settled
from xlperf.problems import Text

Column = NDArray[np.float64]
Kind = Literal["number", "fraction", "points", "choice", "code", "condition"]
Direction = Literal["higher", "lower", "range"]
TargetUse = Literal["none", "number", "ratio"]

COLUMNS = ("actual", "target", "full", "numerator", "denominator", "met", "group")
INPUTS = (*COLUMNS, "direction", "bands")


@dataclass(frozen=True)
class Parameter:
    """One policy value that a rule asks for; ``usual`` is a proposal for templates and never a default.

    ``kind`` tells the unit: a number is in the unit of the indicator, a fraction is stored as 0.05 and shown as
    5 %, a code names an entry of another sheet, a condition is a sentence of the condition language.
    """

    code: str
    name: Text
    kind: Kind
    note: Text
    required: bool = True
    usual: float | str | None = None
    choices: Mapping[str, Text] = field(default_factory=dict)


@dataclass(frozen=True)
class Rule:
    """A scoring rule with everything that a list, a form, a worksheet function or an explanation needs.

    ``inputs`` and ``arguments`` are the two parts of the function's signature: what comes from the facts and the
    indicator, and the codes of the parameters that it takes itself. The other parameters are looked up for it
    (``band_set`` gives ``bands``, a condition gives ``met``) or tell what follows from a veto.
    """

    code: str
    name: Text
    summary: Text
    words: Text
    source: str
    function: Callable[..., Column]
    parameters: tuple[Parameter, ...]
    inputs: tuple[str, ...]
    arguments: tuple[str, ...]
    directions: tuple[Direction, ...]
    target: TargetUse
    veto: bool = False

    def target_use(self, given: Mapping[str, object]) -> TargetUse:
        """Return what the rule does with the target under these parameters: bands of the attainment divide by it.

        >>> RULES["bands"].target_use({"of": "actual"}), RULES["bands"].target_use({"of": "attainment"})
        ('none', 'ratio')
        """
        return "ratio" if given.get("of") == "attainment" else self.target


RULES: dict[str, Rule] = {}


def rule(
    *,
    name: Text,
    summary: Text,
    words: Text,
    parameters: tuple[Parameter, ...] = (),
    directions: tuple[Direction, ...],
    target: TargetUse,
    veto: bool = False,
) -> Callable[[Callable[..., Column]], Callable[..., Column]]:
    """Enter the decorated function in ``RULES`` under its own name, and let it work on columns.

    The card's source is the Source section of the function's docstring.
    """

    def register(function: Callable[..., Column]) -> Callable[..., Column]:
        names = tuple(inspect.signature(function).parameters)
        choices = {parameter.code: tuple(parameter.choices) for parameter in parameters if parameter.choices}
        scored = _over_columns(function, {"direction": directions, **choices})
        RULES[function.__name__] = Rule(
            code=function.__name__,
            name=name,
            summary=summary,
            words=words,
            source=_source(function),
            function=scored,
            parameters=parameters,
            inputs=tuple(needed for needed in names if needed in INPUTS),
            arguments=tuple(needed for needed in names if needed not in INPUTS),
            directions=directions,
            target=target,
            veto=veto,
        )
        return scored

    return register


def _source(function: Callable[..., Column]) -> str:
    section = inspect.cleandoc(function.__doc__ or "").partition("Source\n------\n")[2]
    return " ".join(section.partition("\n\n")[0].split())


def _over_columns(function: Callable[..., Column], allowed: Mapping[str, tuple[str, ...]]) -> Callable[..., Column]:
    """Let a rule see float columns of one length, and refuse a word that is not among the allowed ones."""
    signature = inspect.signature(function)
    optional = {name for name, parameter in signature.parameters.items() if parameter.default is None}

    @wraps(function)
    def scored(*args: Any, **kwargs: Any) -> Column:
        given = signature.bind(*args, **kwargs).arguments
        for name, words in allowed.items():
            if name in given and given[name] not in words:
                raise ValueError(f'{name} must be one of {", ".join(words)}, got "{given[name]}"')
        names = [name for name in COLUMNS if name in given and not (given[name] is None and name in optional)]
        columns = np.broadcast_arrays(*(_finite(np.atleast_1d(np.asarray(given[name], np.float64))) for name in names))
        with np.errstate(all="ignore"):
            points = function(**{**given, **dict(zip(names, columns, strict=True))})
        return _finite(points) + 0.0  # turns -0.0 into 0.0

    return scored


def _finite(numbers: Column) -> Column:
    return np.where(np.isfinite(numbers), numbers, nan)


def upward(numbers: Column | float, direction: str) -> Column:
    """Return the numbers signed so that more is better."""
    return np.asarray(numbers, np.float64) * (-1 if direction == "lower" else 1)


def attainment(actual: Column, target: Column, direction: str) -> Column:
    """Return actual ÷ target, or its mirror image 2 − actual ÷ target where less is better.

    NaN where the target is missing or not above zero, or the actual is below zero: no ratio makes sense there.
    """
    ratio = np.where((target > 0) & (actual >= 0), actual / target, nan)
    return 2 - ratio if direction == "lower" else ratio


COMPARISONS = {"at_least": np.greater_equal, "above": np.greater, "at_most": np.less_equal, "below": np.less}


def meets(actual: Column, mark: Column | float, operator: str) -> Column:
    """Return 1 where the actual meets the mark, 0 where it does not, NaN where either is missing."""
    unknown = np.isnan(actual) | np.isnan(mark)
    return np.where(unknown, nan, COMPARISONS[operator](settled(actual), settled(mark)))


def as_good_as(actual: Column, mark: Column | float, direction: str) -> Column:
    """Return 1 where the actual is at least as good as the mark, 0 where it is not, NaN where either is missing."""
    return meets(actual, mark, "at_most" if direction == "lower" else "at_least")


def count_steps(distance: Column, size: Column, step: Column | float, steps: str) -> Column:
    """Return how many steps a distance holds: completed ones, begun ones, or in proportion.

    ``size`` is the size of the numbers whose difference the distance is; their dust must not begin a step.
    """
    exact = distance / _positive(step)
    if steps == "linear":
        return exact
    counted = settled(exact, size / step)
    return np.floor(counted) if steps == "whole" else np.ceil(counted)


def outside(numbers: Column, low: float, high: float) -> Column:
    """Return how far the numbers lie outside ``[low, high]``; NaN everywhere if the ends are the wrong way round."""
    if low > high:
        return np.full_like(numbers, nan)
    return np.maximum(np.maximum(low - numbers, numbers - high), 0)


def bounded(points: Column, low: Column | float | None, high: Column | float | None) -> Column:
    """Return the points held between two limits, of which either may be absent."""
    return np.clip(points, -inf if low is None else low, inf if high is None else high)


def part_of(full: Column, fraction: float | None) -> Column | None:
    """Return a fraction of the full points, or no limit where there is no fraction."""
    return None if fraction is None else fraction * full


def place_share(values: Column, group: Column) -> Column:
    """Return place ÷ members within each group: the highest value has place 1, equal values share the better place.

    A row without a value or without a group (NaN or below 0) is not ranked and not counted.
    """
    known = np.flatnonzero(~np.isnan(values) & (group >= 0))
    order = known[np.lexsort((-values[known], group[known]))]
    value, member_of, index = values[order], group[order], np.arange(order.size)
    opens_group = np.diff(member_of, prepend=nan) != 0
    opens_place = opens_group | (np.diff(value, prepend=nan) != 0)
    group_start = np.maximum.accumulate(np.where(opens_group, index, 0))
    place_start = np.maximum.accumulate(np.where(opens_place, index, 0))
    _, which, members = np.unique(member_of, return_inverse=True, return_counts=True)
    share = np.full_like(values, nan)
    share[order] = (place_start - group_start + 1) / members[which]
    return share


def _positive(step: Column | float) -> Column:
    return np.where(np.asarray(step) > 0, step, nan)


CAP = Parameter(
    "cap",
    Text("封顶", "Cap"),
    "fraction",
    Text(
        "最高得分占满分的比例，1.2 即 120 %；空白表示不封顶",
        "Most points as a fraction of the full points: 1.2 is 120 %. Blank: no cap",
    ),
    required=False,
    usual=1.0,
)
FLOOR = Parameter(
    "floor",
    Text("保底", "Floor"),
    "fraction",
    Text(
        "最低得分占满分的比例，0 即扣完为止；空白表示可以为负",
        "Fewest points as a fraction of the full points: 0 stops at nothing. Blank: points may fall below zero",
    ),
    required=False,
    usual=0.0,
)
STEP = Parameter(
    "step",
    Text("步长", "Step"),
    "number",
    Text("每一步的大小，与指标同单位，大于 0", "Size of one step in the unit of the indicator, above 0"),
)
STEPS = Parameter(
    "steps",
    Text("步数计法", "Counting of steps"),
    "choice",
    Text("不足一步如何计", "What happens to a step that is not complete"),
    usual="whole",
    choices={
        "whole": Text("满一步才计", "completed steps only"),
        "begun": Text("不足一步按一步计", "every step begun"),
        "linear": Text("按比例计", "in proportion"),
    },
)
POINTS_EACH = Parameter(
    "points_each",
    Text("每步分值", "Points each"),
    "points",
    Text("每一步扣或加的分数，写正数", "Points for each step, written without a minus sign"),
)
OPERATOR = Parameter(
    "operator",
    Text("比较方式", "Comparison"),
    "choice",
    Text(
        "以上、不低于、以下、不超过含本数；高于、超过、低于、不足不含本数",
        "At least and at most include the number itself; above and below do not",
    ),
    choices={
        "at_least": Text("不低于（含）", "at least"),
        "above": Text("高于（不含）", "above"),
        "at_most": Text("不超过（含）", "at most"),
        "below": Text("低于（不含）", "below"),
    },
)
BAND_SET = Parameter(
    "band_set",
    Text("区间编号", "Band set"),
    "code",
    Text("区间表中的编号", "The name of a set of bands on the Bands sheet"),
)


@rule(
    name=Text("按比例得分", "Proportional"),
    summary=Text(
        "按完成比例得分：满分 × 实际 ÷ 目标；越低越好时用 2 − 实际 ÷ 目标。可设封顶和保底。",
        "Points in proportion: full points × actual ÷ target, or 2 − actual ÷ target where less is better. "
        "Cap and floor are optional.",
    ),
    words=Text(
        "实际 {actual}，目标 {target}，按完成比例在满分 {full} 中得 {points} 分（封顶 {cap}，保底 {floor}）。",
        "Actual {actual} against target {target} earns {points} of {full} points in proportion "
        "(cap {cap}, floor {floor}).",
    ),
    parameters=(CAP, FLOOR),
    directions=("higher", "lower"),
    target="ratio",
)
def proportional(
    actual: Column, target: Column, full: Column, direction: str, cap: float | None = None, floor: float | None = None
) -> Column:
    """Points in proportion to the share of the target that was reached.

    Use it where every bit counts: sales, visits, rates. Not for figures that can be negative, nor for a target of
    zero: use ``deduct_per_step`` or ``range_scale`` there.

    Parameters
    ----------
    actual, target : columns, in the unit of the indicator
    full : column, points for exactly meeting the target
    direction : "higher" or "lower"
    cap, floor : fractions of the full points, optional

    Returns
    -------
    Column of points; NaN where the actual is missing or below zero, or the target missing or not above zero.

    Notes
    -----
    higher: points = full × actual ÷ target. lower: points = full × (2 − actual ÷ target), the mirror image:
    10 % above the target costs what 10 % below it costs elsewhere. Then held between floor × full and cap × full.

    Source
    ------
    Client administrator scheme (客户管理员绩效方案), scoring section: below target, deduction in proportion

    Examples
    --------
    >>> proportional([45, 80, None], 50, full=100, direction="higher", cap=1.2)
    array([ 90., 120.,  nan])
    >>> proportional([40, 50, 60], 50, full=100, direction="lower", cap=1)
    array([100., 100.,  80.])
    """
    points = full * attainment(actual, target, direction)
    return bounded(points, part_of(full, floor), part_of(full, cap))


@rule(
    name=Text("超额加分", "Bonus over target"),
    summary=Text(
        "未达目标按比例得分，达到目标得满分，超出目标后每超一步加分，可设加分上限。",
        "In proportion below the target, full points at the target, and bonus points for every step beyond it, "
        "up to a limit if one is given.",
    ),
    words=Text(
        "实际 {actual}，目标 {target}，满分 {full}；比目标每好 {step} 加 {points_each} 分（最多加 {max_bonus}）"
        "，得 {points} 分。",
        "Actual {actual} against target {target} with {full} full points; {points_each} points for each {step} better "
        "than the target (at most {max_bonus}): {points} points.",
    ),
    parameters=(
        replace(STEP, note=Text("每一步的大小，单位见“步长单位”", "Size of one step, in the unit chosen below")),
        POINTS_EACH,
        Parameter(
            "unit",
            Text("步长单位", "Step unit"),
            "choice",
            Text("步长是目标的比例，还是与指标同单位", "Whether the step is a fraction of the target or in its unit"),
            usual="share",
            choices={
                "share": Text("目标的比例", "fraction of the target"),
                "value": Text("指标的单位", "unit of the indicator"),
            },
        ),
        STEPS,
        Parameter(
            "max_bonus",
            Text("加分上限", "Most bonus points"),
            "points",
            Text("最多加多少分；空白表示不限", "Most points added on top of the full points. Blank: no limit"),
            required=False,
        ),
    ),
    directions=("higher", "lower"),
    target="ratio",
)
def bonus_over_target(
    actual: Column,
    target: Column,
    full: Column,
    direction: str,
    step: float,
    points_each: float,
    unit: str,
    steps: str,
    max_bonus: float | None = None,
) -> Column:
    """Proportional points up to the target, bonus points for every step beyond it.

    Use it where more than the target deserves a fixed reward per unit or per percent. For a single reward at a
    second, better target use ``extra_threshold``.

    Parameters
    ----------
    actual, target : columns, in the unit of the indicator
    full : column, points for exactly meeting the target
    direction : "higher" or "lower"
    step : size of a step, as a fraction of the target or in its unit (see ``unit``), above 0
    points_each : points for each step
    unit : "share" or "value"
    steps : "whole", "begun" or "linear"
    max_bonus : points, optional

    Returns
    -------
    Column of points from 0; NaN where the actual is missing or below zero, or the target missing or not above zero.

    Notes
    -----
    points = full × attainment held between 0 and 1 + min(max_bonus, points_each × steps beyond the target), with
    attainment = actual ÷ target, or 2 − actual ÷ target where lower is better.

    Source
    ------
    Client administrator scheme (客户管理员绩效方案), scoring section: bonus points for exceeding the target

    Examples
    --------
    >>> bonus_over_target([8, 10, 13, 30], 10, 100, "higher", step=1, points_each=2, unit="value", steps="whole",
    ...     max_bonus=20)
    array([ 80., 100., 106., 120.])
    """
    beyond = np.maximum(upward(actual, direction) - upward(target, direction), 0)
    one_step = step * target if unit == "share" else step
    bonus = points_each * count_steps(beyond, np.maximum(abs(actual), abs(target)), one_step, steps)
    return full * bounded(attainment(actual, target, direction), 0, 1) + bounded(bonus, None, max_bonus)


@rule(
    name=Text("达到更优值额外加分", "Extra for a better target"),
    summary=Text(
        "按比例得分，最多满分；达到第二个更优的目标值时再加固定分数。",
        "In proportion up to the full points, plus fixed extra points when a second, better target is met.",
    ),
    words=Text(
        "实际 {actual}，目标 {target}，满分 {full}；达到更优值 {value2} 另加 {extra_points} 分，得 {points} 分。",
        "Actual {actual} against target {target} with {full} full points; reaching {value2} adds {extra_points}: "
        "{points} points.",
    ),
    parameters=(
        Parameter(
            "value2",
            Text("更优值", "Better target"),
            "number",
            Text("达到（含）即另加分", "Meeting it, itself included, earns the extra points"),
        ),
        Parameter(
            "extra_points",
            Text("额外加分", "Extra points"),
            "points",
            Text("达到更优值时加的分数", "Points added when the better target is met"),
        ),
    ),
    directions=("higher", "lower"),
    target="ratio",
)
def extra_threshold(
    actual: Column, target: Column, full: Column, direction: str, value2: float, extra_points: float
) -> Column:
    """Proportional points up to the full points, and a fixed extra at a second, better target.

    Use it for one stretch goal. For a reward that grows with every step use ``bonus_over_target``.

    Parameters
    ----------
    actual, target : columns, in the unit of the indicator
    full : column, points for exactly meeting the target
    direction : "higher" or "lower"
    value2 : the better target, in the unit of the indicator, itself included
    extra_points : points

    Returns
    -------
    Column of points from 0; NaN where the actual is missing or below zero, or the target missing or not above zero.

    Notes
    -----
    points = full × attainment held between 0 and 1, + extra_points where the actual is at least as good as value2.

    Source
    ------
    Client administrator scheme (客户管理员绩效方案), churn rate: extra points at the lower value

    Examples
    --------
    >>> extra_threshold([0.06, 0.05, 0.03], 0.05, 100, "lower", value2=0.03, extra_points=10)
    array([ 80., 100., 110.])
    """
    proportion = bounded(attainment(actual, target, direction), 0, 1)
    return full * proportion + extra_points * as_good_as(actual, value2, direction)


@rule(
    name=Text("每差一步扣分", "Deduct per step"),
    summary=Text(
        "达到目标得满分，比目标每差一步扣若干分，可设保底。",
        "Full points at the target; for each step that the actual is worse than the target, points are deducted, "
        "down to a floor if one is given.",
    ),
    words=Text(
        "实际 {actual}，目标 {target}；比目标每差 {step} 扣 {points_each} 分，满分 {full}，得 {points} 分"
        "（保底 {floor}）。",
        "Actual {actual} against target {target}; {points_each} points off for each {step} short of it: "
        "{points} of {full} points (floor {floor}).",
    ),
    parameters=(STEP, POINTS_EACH, STEPS, FLOOR),
    directions=("higher", "lower"),
    target="number",
)
def deduct_per_step(
    actual: Column,
    target: Column,
    full: Column,
    direction: str,
    step: float,
    points_each: float,
    steps: str,
    floor: float | None = None,
) -> Column:
    """Full points, less a fixed number of points for each step short of the target.

    Use it for clauses such as "2 points off for each percentage point below". It works on the plain difference,
    so a target of zero and negative figures are fine. To reward what lies beyond the target use
    ``bonus_over_target``.

    Parameters
    ----------
    actual, target : columns, in the unit of the indicator; a rate is a fraction, so a percentage point is 0.01
    full : column, points for meeting the target
    direction : "higher" or "lower"
    step : size of a step, in the unit of the indicator, above 0
    points_each : points deducted for each step
    steps : "whole", "begun" or "linear"
    floor : fraction of the full points, optional

    Returns
    -------
    Column of points up to ``full``; NaN where the actual or the target is missing.

    Notes
    -----
    points = full − points_each × steps in (target − actual), or in (actual − target) where lower is better.

    Source
    ------
    Adviser scorecards on max.book118.com and renrendoc.com: deduction per percentage point or unit

    Examples
    --------
    >>> deduct_per_step([0.95, 0.9, 0.885], 0.95, 20, "higher", step=0.01, points_each=2, steps="whole", floor=0)
    array([20., 10.,  8.])
    >>> deduct_per_step(0.885, 0.95, 20, "higher", step=0.01, points_each=2, steps="begun")
    array([6.])
    """
    short = np.maximum(upward(target, direction) - upward(actual, direction), 0)
    deducted = points_each * count_steps(short, np.maximum(abs(actual), abs(target)), step, steps)
    return bounded(full - deducted, part_of(full, floor), None)


@rule(
    name=Text("按次扣分", "Deduct per occurrence"),
    summary=Text(
        "从满分起每发生一次扣若干分，可设保底；实际值已是扣分合计时每次扣 1 分。",
        "Full points less a fixed number for each occurrence, down to a floor if one is given. "
        "Where the actual already adds up deducted points, deduct 1 each.",
    ),
    words=Text(
        "发生 {actual} 次，每次扣 {points_each} 分，满分 {full}，得 {points} 分（保底 {floor}）。",
        "{actual} occurrences at {points_each} points each leave {points} of {full} points (floor {floor}).",
    ),
    parameters=(
        replace(
            POINTS_EACH,
            name=Text("每次扣分", "Points each"),
            note=Text(
                "每次扣的分数；实际值已按轻重合计扣分时填 1",
                "Points off for each occurrence; 1 where the actual already adds up points by severity",
            ),
        ),
        FLOOR,
    ),
    directions=("lower",),
    target="none",
)
def deduct_per_occurrence(actual: Column, full: Column, points_each: float, floor: float | None = None) -> Column:
    """Full points, less a fixed number of points for each occurrence.

    Use it for complaints, violations, errors. Where occurrences differ in weight, let the fact add up their points
    and deduct 1 each. For a number of occurrences that is still tolerated use ``deduct_per_step``.

    Parameters
    ----------
    actual : column, number of occurrences or sum of their points, from 0
    full : column, points without any occurrence
    points_each : points deducted for each occurrence
    floor : fraction of the full points, optional

    Returns
    -------
    Column of points up to ``full``; NaN where the actual is missing or below zero.

    Notes
    -----
    points = full − actual × points_each.

    Source
    ------
    Customer service manager scheme (客户服务经理绩效考核方案), conduct, diligence, ability and results: scored by
    deduction

    Examples
    --------
    >>> deduct_per_occurrence([0, 3, 12, None], full=20, points_each=2, floor=0)
    array([20., 14.,  0., nan])
    """
    occurrences = np.where(actual >= 0, actual, nan)
    return bounded(full - points_each * occurrences, part_of(full, floor), None)


@rule(
    name=Text("扣完该项", "Lose the whole item"),
    summary=Text(
        "实际值不超过限值得满分，超过限值该项得 0 分。",
        "Full points up to a limit, nothing at all above it.",
    ),
    words=Text(
        "实际 {actual}，限值 {limit}：满分 {full}，得 {points} 分。",
        "Actual {actual} with a limit of {limit}: {points} of {full} points.",
    ),
    parameters=(
        Parameter(
            "limit",
            Text("限值", "Limit"),
            "number",
            Text("超过它（不含）即扣完该项", "Anything above it, itself excluded, costs the whole item"),
            usual=0.0,
        ),
    ),
    directions=("lower",),
    target="none",
)
def zero_item(actual: Column, full: Column, limit: float) -> Column:
    """Full points as long as a limit is not exceeded, otherwise none.

    Use it for conduct so serious that the item is lost. If the whole total is at stake use ``veto``.

    Parameters
    ----------
    actual : column, in the unit of the indicator
    full : column, points
    limit : in the unit of the indicator, itself still allowed

    Returns
    -------
    Column with ``full`` or 0; NaN where the actual is missing.

    Notes
    -----
    points = full where actual ≤ limit, else 0.

    Source
    ------
    Customer service manager scheme (客户服务经理绩效考核方案), penalties: the corresponding item is lost

    Examples
    --------
    >>> zero_item([0, 1, None], full=5, limit=0)
    array([ 5.,  0., nan])
    """
    return full * meets(actual, limit, "at_most")


@rule(
    name=Text("四档 5/4/3/2", "Four levels 5/4/3/2"),
    summary=Text(
        "按完成率分四档：超出标准、达标、接近标准、低于；得分 = 满分 × 档分 ÷ 最高档分。",
        "Four levels by attainment: above the standard, exactly at it, near it, below. "
        "Points = full points × level ÷ highest level.",
    ),
    words=Text(
        "实际 {actual}，目标 {target}：达标界 {met_at}，接近界 {near_at}，四档为 "
        "{level_above}/{level_met}/{level_near}/{level_below}，满分 {full}，得 {points} 分。",
        "Actual {actual} against target {target}: standard met at {met_at}, near from {near_at}, levels "
        "{level_above}/{level_met}/{level_near}/{level_below}: {points} of {full} points.",
    ),
    parameters=(
        Parameter(
            "met_at",
            Text("达标界", "Standard"),
            "fraction",
            Text("恰好等于它为达标，大于它为超出标准", "Attainment equal to it meets the standard"),
            usual=1.0,
        ),
        Parameter(
            "near_at",
            Text("接近界", "Near the standard"),
            "fraction",
            Text("完成率不低于它（含）为接近标准", "Attainment from here on, itself included, is near the standard"),
            usual=0.8,
        ),
        Parameter(
            "level_above",
            Text("超出标准档分", "Level above"),
            "number",
            Text("最高档，对应满分", "The highest level; it earns the full points"),
            usual=5.0,
        ),
        Parameter(
            "level_met", Text("达标档分", "Level met"), "number", Text("达标的档分", "At the standard"), usual=4.0
        ),
        Parameter("level_near", Text("接近档分", "Level near"), "number", Text("接近的档分", "Near it"), usual=3.0),
        Parameter("level_below", Text("低于档分", "Level below"), "number", Text("其余的档分", "The rest"), usual=2.0),
    ),
    directions=("higher", "lower"),
    target="ratio",
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

    Returns
    -------
    Column of points; NaN where the actual is missing or below zero, or the target missing or not above zero.

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
    reached, met_line, near_line = (settled(x) for x in (attainment(actual, target, direction), met_at, near_at))
    level: Column = np.select(
        [reached > met_line, reached == met_line, reached >= near_line, reached < near_line],
        [level_above, level_met, level_near, level_below],
        default=nan,
    )
    return full * level / level_above


@rule(
    name=Text("区间得分", "Bands"),
    summary=Text(
        "实际值或完成率落在哪个区间，就得该区间的分数；不在任何区间内则无法计分。",
        "The actual, or the attainment, earns the points of the band that it falls into. Outside every band it cannot "
        "be scored.",
    ),
    words=Text(
        "实际 {actual}，目标 {target}，按区间表 {band_set}（依据：{of}）得 {points} 分。",
        "Actual {actual} with target {target}, looked up in the bands {band_set} (by {of}): {points} points.",
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
    ),
    directions=("higher", "lower", "range"),
    target="none",
)
def bands(actual: Column, target: Column, direction: str, bands: Bands, of: str) -> Column:
    """Points by the band into which a value falls.

    Use it for tables such as "80 to 100: 20 points". The bands must leave no hole and not overlap; a value in
    none or in two of them cannot be scored. Points are those of the table and do not depend on the full points.

    Parameters
    ----------
    actual, target : columns, in the unit of the indicator; the target counts only for the attainment
    direction : "higher", "lower" or "range"
    bands : pairs of an interval and its points
    of : "actual" or "attainment"

    Returns
    -------
    Column of points; NaN where the value is missing or not in exactly one band.

    Notes
    -----
    attainment = actual ÷ target, or 2 − actual ÷ target where lower is better.

    Source
    ------
    Client administrator scheme (客户管理员绩效方案), bonus bands; customer service monthly card on xiaomilidoc.com

    Examples
    --------
    >>> from xlperf.intervals import Interval
    >>> table = [(Interval(80, True, 100, True), 20), (Interval(60, True, 80, False), 12)]
    >>> bands([100, 79.5, 40], None, "higher", table, of="actual")
    array([20., 12., nan])
    """
    return band_values(attainment(actual, target, direction) if of == "attainment" else actual, bands)


@rule(
    name=Text("达标得满分", "Pass or fail"),
    summary=Text(
        "满足目标要求得满分，否则得 0 分；是否含目标值由比较方式决定。",
        "Full points when the target is met, otherwise none; the comparison says whether the target itself counts.",
    ),
    words=Text(
        "实际 {actual}，要求{operator} {target}：满分 {full}，得 {points} 分。",
        "Actual {actual}, required {operator} {target}: {points} of {full} points.",
    ),
    parameters=(OPERATOR,),
    directions=("higher", "lower"),
    target="number",
)
def pass_fail(actual: Column, target: Column, full: Column, operator: str) -> Column:
    """Full points when the target is met, otherwise none.

    Use it for requirements without degrees. Where missing by little should cost little use ``deduct_per_step``.

    Parameters
    ----------
    actual, target : columns, in the unit of the indicator
    full : column, points
    operator : "at_least" (以上, 不低于), "above" (超过, 高于), "at_most" (以下, 不超过) or "below" (低于, 不足)

    Returns
    -------
    Column with ``full`` or 0; NaN where the actual or the target is missing.

    Notes
    -----
    points = full where the comparison of actual and target holds, else 0.

    Source
    ------
    Back-office indicators (后台管理绩效考核指标): failures below 3, repair within 1 hour, tickets 90 % or more

    Examples
    --------
    >>> pass_fail([2, 3], 3, full=10, operator="below")
    array([10.,  0.])
    >>> pass_fail([0.9, 0.899], 0.9, full=10, operator="at_least")
    array([10.,  0.])
    """
    return full * meets(actual, target, operator)


@rule(
    name=Text("多条件同时满足", "All conditions"),
    summary=Text(
        "所有条件同时满足得满分，否则得 0 分。",
        "Full points when every condition holds at the same time, otherwise none.",
    ),
    words=Text(
        "条件“{condition}”：满分 {full}，得 {points} 分。",
        'Condition "{condition}": {points} of {full} points.',
    ),
    parameters=(
        Parameter(
            "condition",
            Text("条件", "Condition"),
            "condition",
            Text("各条件用“且”连接", "The conditions, joined with and"),
        ),
    ),
    directions=("higher", "lower", "range"),
    target="none",
)
def all_of(met: Column, full: Column) -> Column:
    """Full points when all conditions hold, otherwise none.

    Use it where quantity and quality must both be right. For a single condition on one figure use ``pass_fail``.

    Parameters
    ----------
    met : column, 1 where the condition holds, 0 where it does not, NaN where that is not known
    full : column, points

    Returns
    -------
    Column with ``full`` or 0; NaN where it is not known whether the condition holds.

    Notes
    -----
    points = full × met.

    Source
    ------
    How back-office indicators are made (制定有效的后台管理绩效考核指标): 100 records a day and 98 % accuracy

    Examples
    --------
    >>> all_of([1, 0, None], full=10)
    array([10.,  0., nan])
    """
    return full * met


@rule(
    name=Text("评级折算", "Rating scale"),
    summary=Text(
        "把 5 级、10 级或百分制评分折算为得分：满分 × (评分 − 最低) ÷ (最高 − 最低)。",
        "A rating on any scale becomes points: full points × (rating − lowest) ÷ (highest − lowest).",
    ),
    words=Text(
        "评分 {actual}，量表 {low} 至 {high}，满分 {full}，得 {points} 分。",
        "Rating {actual} on a scale from {low} to {high}: {points} of {full} points.",
    ),
    parameters=(
        Parameter(
            "low",
            Text("量表最低", "Lowest rating"),
            "number",
            Text("越高越好时得 0 分的评分", "The rating that earns nothing where higher is better"),
        ),
        Parameter(
            "high",
            Text("量表最高", "Highest rating"),
            "number",
            Text("越高越好时得满分的评分", "The rating that earns the full points where higher is better"),
        ),
    ),
    directions=("higher", "lower"),
    target="none",
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
    on_scale = (low <= actual) & (actual <= high)
    return np.where(on_scale, full * (actual - worst) / (best - worst), nan)


@rule(
    name=Text("A–D 插值", "Interpolated levels A to D"),
    summary=Text(
        "A、B、C、D 四个值对应 4、3、2、1 级，之间按直线插值；差于 D 得 0 级，优于 A 仍为 4 级；得分 = 满分 × 级 ÷ 4。",
        "The values A, B, C and D stand for levels 4, 3, 2 and 1, with straight lines between; nothing below D, no "
        "more than 4 above A. Points = full points × level ÷ 4.",
    ),
    words=Text(
        "实际 {actual}；A {value_a}，B {value_b}，C {value_c}，D {value_d}，之间插值：满分 {full}，得 {points} 分。",
        "Actual {actual} between A {value_a}, B {value_b}, C {value_c} and D {value_d}: {points} of {full} points.",
    ),
    parameters=(
        Parameter("value_a", Text("A 值", "Value A"), "number", Text("4 级，满分", "Level 4, the full points")),
        Parameter("value_b", Text("B 值", "Value B"), "number", Text("3 级", "Level 3, three quarters")),
        Parameter("value_c", Text("C 值", "Value C"), "number", Text("2 级", "Level 2, half of the points")),
        Parameter("value_d", Text("D 值", "Value D"), "number", Text("1 级（含）", "Level 1, a quarter; included")),
    ),
    directions=("higher", "lower"),
    target="none",
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


@rule(
    name=Text("正/负/趋中 120", "Symmetric around the target"),
    summary=Text(
        "恰好达标得满分；完成率每好一步加分，每差一步扣分，按比例计；趋中指标在区间内得满分，偏离即扣。可设封顶和保底。",
        "Full points at the target; the attainment gains or loses points per step, in proportion. With a range as "
        "direction: full inside the range, less outside it. Cap and floor are optional.",
    ),
    words=Text(
        "实际 {actual}，目标 {target}；完成率每变动 {step} 加减 {points_each} 分，满分 {full}，得 {points} 分"
        "（封顶 {cap}，保底 {floor}）。",
        "Actual {actual} against target {target}; {points_each} points for each {step} of attainment either way: "
        "{points} points with {full} at the target (cap {cap}, floor {floor}).",
    ),
    parameters=(
        replace(
            STEP,
            kind="fraction",
            note=Text("完成率的一步，0.05 即 5 %，大于 0", "One step of attainment: 0.05 is 5 %; above 0"),
            usual=0.05,
        ),
        replace(POINTS_EACH, usual=5.0),
        replace(CAP, usual=1.2),
        FLOOR,
        Parameter(
            "low",
            Text("区间下限", "Range from"),
            "fraction",
            Text("趋中指标：目标的比例；空白即目标本身", "For a range, fraction of the target; blank: the target"),
            required=False,
        ),
        Parameter(
            "high",
            Text("区间上限", "Range to"),
            "fraction",
            Text("趋中指标：目标的比例；空白即目标本身", "For a range, fraction of the target; blank: the target"),
            required=False,
        ),
    ),
    directions=("higher", "lower", "range"),
    target="ratio",
)
def symmetric_120(
    actual: Column,
    target: Column,
    full: Column,
    direction: str,
    step: float,
    points_each: float,
    cap: float | None = None,
    floor: float | None = None,
    low: float | None = None,
    high: float | None = None,
) -> Column:
    """Full points at the target, and the same number of points more or less per step of attainment.

    Use it where doing better than the target pays as much as doing worse costs. Where doing better pays nothing use
    ``deduct_per_step``.

    Parameters
    ----------
    actual, target : columns, in the unit of the indicator
    full : column, points for exactly meeting the target
    direction : "higher", "lower" or "range" (the nearer to the target the better)
    step : attainment, fraction, above 0
    points_each : points for each step
    cap, floor : fractions of the full points, optional
    low, high : fractions of the target, optional; the ends of the range that earns the full points

    Returns
    -------
    Column of points; NaN where the actual is missing or below zero, or the target missing or not above zero.

    Notes
    -----
    points = full + points_each × (attainment − 1) ÷ step, in proportion; for a range the distance of actual ÷ target
    from [low, high] is deducted instead. Then held between floor × full and cap × full.

    Source
    ------
    Indicator scoring rules of a car maker on iklangarut.com: 5 points per 5 %, at most 120

    Examples
    --------
    >>> symmetric_120([90, 100, 150], 100, 100, "higher", step=0.05, points_each=5, cap=1.2, floor=0)
    array([ 90., 100., 120.])
    >>> symmetric_120([90, 100, 125], 100, 100, "range", step=0.05, points_each=5, low=0.95, high=1.05)
    array([ 95., 100.,  80.])
    """
    reached = attainment(actual, target, direction)
    if direction == "range":
        gain = -outside(reached, 1 if low is None else low, 1 if high is None else high)
    else:
        gain = reached - 1
    points = full + points_each * gain / _positive(step)
    return bounded(points, part_of(full, floor), part_of(full, cap))


@rule(
    name=Text("最差–最优区间", "Worst to best"),
    summary=Text(
        "最差值得 0 分，最优值得满分，之间按直线计，不超出两端。",
        "Nothing at the worst value, full points at the best, a straight line between, no more and no less beyond.",
    ),
    words=Text(
        "实际 {actual}，最差 {worst}，最优 {best}：满分 {full}，得 {points} 分。",
        "Actual {actual} between worst {worst} and best {best}: {points} of {full} points.",
    ),
    parameters=(
        Parameter("worst", Text("最差值", "Worst"), "number", Text("得 0 分的值", "The value that earns nothing")),
        Parameter("best", Text("最优值", "Best"), "number", Text("得满分的值", "The value that earns the full points")),
    ),
    directions=("higher", "lower"),
    target="none",
)
def range_scale(actual: Column, full: Column, direction: str, worst: float, best: float) -> Column:
    """A straight line from nothing at the worst value to full points at the best.

    Use it where there is no target but a known span, also for figures around zero or below. Where only one ideal
    span is good use ``target_range``.

    Parameters
    ----------
    actual : column, in the unit of the indicator
    full : column, points for the best value
    direction : "higher" or "lower"
    worst, best : in the unit of the indicator; best lies on the good side of worst

    Returns
    -------
    Column of points from 0 to ``full``; NaN where the actual is missing, and everywhere if worst and best contradict
    the direction.

    Notes
    -----
    points = full × (worst − actual) ÷ (worst − best), held between 0 and full.

    Source
    ------
    inContact help, Scorecard Calculations: scaling between worst and best

    Examples
    --------
    >>> range_scale([70, 30, 5], full=100, direction="lower", worst=60, best=10)
    array([  0.,  60., 100.])
    """
    way_up = upward(best, direction) - upward(worst, direction)
    way_made = upward(actual, direction) - upward(worst, direction)
    return full * bounded(way_made / _positive(way_up), 0, 1)


@rule(
    name=Text("目标区间（趋中）", "Target range"),
    summary=Text(
        "实际值在目标区间内（含两端）得满分，每超出一步扣若干分，可设保底。",
        "Full points inside the range, both ends included; points are deducted for each step outside it, down to a "
        "floor if one is given.",
    ),
    words=Text(
        "实际 {actual}，目标区间 {low} 至 {high}；每偏离 {step} 扣 {points_each} 分，满分 {full}，得 {points} 分"
        "（保底 {floor}）。",
        "Actual {actual}, range {low} to {high}; {points_each} points off for each {step} outside: {points} of {full} "
        "points (floor {floor}).",
    ),
    parameters=(
        Parameter(
            "low",
            Text("区间下限", "Range from"),
            "number",
            Text("与指标同单位，含本数", "In the unit of the indicator, itself included"),
        ),
        Parameter(
            "high",
            Text("区间上限", "Range to"),
            "number",
            Text("与指标同单位，含本数", "In the unit of the indicator, itself included"),
        ),
        STEP,
        POINTS_EACH,
        STEPS,
        FLOOR,
    ),
    directions=("range",),
    target="none",
)
def target_range(
    actual: Column,
    full: Column,
    low: float,
    high: float,
    step: float,
    points_each: float,
    steps: str,
    floor: float | None = None,
) -> Column:
    """Full points inside a range, less a fixed number of points for each step outside it.

    Use it where too much is as bad as too little: debt ratio, budget use, stock. Where only one side is bad use
    ``deduct_per_step``.

    Parameters
    ----------
    actual : column, in the unit of the indicator
    full : column, points
    low, high : ends of the range, in the unit of the indicator, included
    step : size of a step, in the unit of the indicator, above 0
    points_each : points deducted for each step
    steps : "whole", "begun" or "linear"
    floor : fraction of the full points, optional

    Returns
    -------
    Column of points up to ``full``; NaN where the actual is missing, and everywhere if low is above high.

    Notes
    -----
    points = full − points_each × steps in the distance from the range.

    Source
    ------
    Enterprise business evaluation (经营业绩评价方案): the debt ratio has no single good direction

    Examples
    --------
    >>> target_range([0.5, 0.4, 0.66], 100, low=0.4, high=0.6, step=0.05, points_each=10, steps="whole", floor=0)
    array([100., 100.,  90.])
    """
    size = np.maximum(abs(actual), max(abs(low), abs(high)))
    deducted = points_each * count_steps(outside(actual, low, high), size, step, steps)
    return bounded(full - deducted, part_of(full, floor), None)


@rule(
    name=Text("按排名区间扣分", "Rank bands"),
    summary=Text(
        "组内名次 ÷ 人数所在区间决定扣分；最好的是第 1 名，并列取较好名次。",
        "Place ÷ members of the comparison group is looked up in bands of deductions. Place 1 is the best; equal "
        "values share the better place.",
    ),
    words=Text(
        "实际 {actual}，按组内名次占比查区间表 {band_set} 扣分：满分 {full}，得 {points} 分。",
        "Actual {actual}; its place in the group, looked up in the deductions {band_set}, leaves {points} of {full} "
        "points.",
    ),
    parameters=(
        replace(
            BAND_SET,
            note=Text(
                "区间表中的编号；区间为名次 ÷ 人数（0 至 1），分数为扣分",
                "A set on the Bands sheet: bands of place ÷ members (0 to 1), and the points deducted in each",
            ),
        ),
    ),
    directions=("higher", "lower"),
    target="none",
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
    >>> from xlperf.intervals import Interval
    >>> deductions = [(Interval(0, False, 0.4, True), 0), (Interval(0.4, False, 1, True), 20)]
    >>> rank_percentile([90, 80, 80, 60, 50, None], 100, 1, "higher", deductions)
    array([100., 100., 100.,  80.,  80.,  nan])
    """
    return full - band_values(place_share(settled(upward(actual, direction)), group), bands)


@rule(
    name=Text("基础分加减事例", "Base plus and minus cases"),
    summary=Text(
        "基础分，加正面事例分，减负面事例分；负面事例 = 分母 − 分子，可设上下限。",
        "A base, plus points for each good case, minus points for each bad one; bad cases = denominator − numerator. "
        "Limits are optional.",
    ),
    words=Text(
        "基础分 {base}，全部事例 {denominator} 件，其中正面 {numerator} 件，每件加 {plus_points} 分，"
        "其余每件减 {minus_points} 分，得 {points} 分（下限 {low}，上限 {high}）。",
        "Base {base}; of {denominator} cases {numerator} were good at {plus_points} points each, the others cost "
        "{minus_points} each: {points} points (from {low} to {high}).",
    ),
    parameters=(
        Parameter(
            "base",
            Text("基础分", "Base"),
            "points",
            Text("没有事例时的分数", "Points without any case"),
            usual=80.0,
        ),
        Parameter(
            "plus_points",
            Text("正面事例加分", "Plus for a good case"),
            "points",
            Text("每件正面事例加的分数", "Points added for each good case"),
        ),
        Parameter(
            "minus_points",
            Text("负面事例减分", "Minus for a bad case"),
            "points",
            Text("每件负面事例减的分数，写正数", "Points taken for each bad case, written without a minus sign"),
        ),
        Parameter(
            "low",
            Text("最低分", "Fewest points"),
            "points",
            Text("空白表示不限", "Blank: no limit"),
            required=False,
            usual=0.0,
        ),
        Parameter(
            "high",
            Text("最高分", "Most points"),
            "points",
            Text("空白表示不限", "Blank: no limit"),
            required=False,
            usual=100.0,
        ),
    ),
    directions=("higher",),
    target="none",
)
def base_plus_minus(
    numerator: Column,
    denominator: Column,
    base: float,
    plus_points: float,
    minus_points: float,
    low: float | None = None,
    high: float | None = None,
) -> Column:
    """A base, plus points for each good case and minus points for each bad one.

    Use it for recorded cases (critical incidents). Not for shares of a large number of events: use
    ``proportional`` there.

    Parameters
    ----------
    numerator : column, number of good cases, from 0
    denominator : column, number of all cases; NaN where only good cases are recorded
    base, plus_points, minus_points : points
    low, high : points, optional

    Returns
    -------
    Column of points; NaN where the good cases are missing or below zero, or more than all cases.

    Notes
    -----
    points = base + plus_points × numerator − minus_points × (denominator − numerator), held between low and high.

    Source
    ------
    Common practice in critical-incident appraisal: base 80, plus and minus per case, between 0 and 100

    Examples
    --------
    >>> base_plus_minus([3, 2, 0], [4, None, 30], base=80, plus_points=2, minus_points=3, low=0, high=100)
    array([83., 84.,  0.])
    """
    bad_cases = np.where(np.isnan(denominator), 0, denominator - numerator)
    points = base + plus_points * numerator - minus_points * bad_cases
    return bounded(np.where((numerator >= 0) & (bad_cases >= 0), points, nan), low, high)


@rule(
    name=Text("一票否决", "Veto"),
    summary=Text(
        "不计分：要求未满足时触发否决，总分归零、总分受限或等级受限；可设免责条件。",
        "No points: when the requirement is not met, the total becomes zero or is limited, or the grade is limited. "
        "A condition may lift it.",
    ),
    words=Text(
        "实际 {actual}，要求{operator} {target}，免责条件：{unless}；否决 {points}（1 触发，0 未触发），后果：{effect}"
        "（总分上限 {limit_points}，等级上限 {limit_grade}）。",
        "Actual {actual}, required {operator} {target}, lifted by: {unless}; veto {points} (1 in force, 0 not), "
        "effect: {effect} (total at most {limit_points}, grade at most {limit_grade}).",
    ),
    parameters=(
        OPERATOR,
        Parameter(
            "effect",
            Text("后果", "Effect"),
            "choice",
            Text("触发后怎么办", "What follows when the veto is in force"),
            choices={
                "zero_total": Text("总分归零", "total becomes zero"),
                "limit_total": Text("总分受限", "total is limited"),
                "limit_grade": Text("等级受限", "grade is limited"),
            },
        ),
        Parameter(
            "limit_points",
            Text("总分上限", "Total at most"),
            "points",
            Text("总分受限时的上限", "The most points where the total is limited"),
            required=False,
        ),
        Parameter(
            "limit_grade",
            Text("等级上限", "Grade at most"),
            "code",
            Text("等级受限时的最高等级", "The best grade where the grade is limited"),
            required=False,
        ),
        Parameter(
            "unless",
            Text("免责条件", "Unless"),
            "condition",
            Text("满足时不触发；空白表示没有", "Where it holds there is no veto. Blank: none"),
            required=False,
        ),
    ),
    directions=("higher", "lower"),
    target="number",
    veto=True,
)
def veto(actual: Column, target: Column, operator: str, met: Column | None = None) -> Column:
    """Whether a requirement that stands above all points was not met.

    Use it for gates: serious incidents, mandatory training. It earns no points and has no weight; the total or the
    grade is limited afterwards. If only the item is at stake use ``zero_item``.

    Parameters
    ----------
    actual, target : columns, in the unit of the indicator
    operator : "at_least", "above", "at_most" or "below": how the actual must compare with the target
    met : column, optional; 1 where the compensating condition holds, 0 where it does not, NaN where not known

    Returns
    -------
    Column with 1 (veto in force) or 0; NaN where that cannot be known.

    Notes
    -----
    1 where the requirement is not met and no compensating condition holds, else 0. Either one known to be in order
    settles the question, even where the other is missing.

    Source
    ------
    Customer service manager scheme (客户服务经理绩效考核方案), training as a gate; adviser scorecard with gates on
    renrendoc.com

    Examples
    --------
    >>> veto([0, 1, None], 0, operator="at_most")
    array([ 0.,  1., nan])
    >>> veto([1, 1], 0, operator="at_most", met=[1, 0])
    array([0., 1.])
    """
    broken = 1 - meets(actual, target, operator)
    if met is None:
        return broken
    return np.where((broken == 0) | (met == 1), 0, broken * (1 - met))
