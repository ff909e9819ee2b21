"""Points on a curve of HR's own: anchors with straight lines, jumps, or progressive slices between them."""

from __future__ import annotations

from collections.abc import Sequence

from xlperf.core.curves import Curve, Segment, curve_values, segments
from xlperf.core.problems import Text
from xlperf.policy.rules import formulas as f
from xlperf.policy.rules.comparison import attainment
from xlperf.policy.rules.definition import Column, Parameter, rule
from xlperf.policy.rules.parameters import LOWER_BY

CURVE = Parameter(
    "curve",
    Text("曲线编号", "Curve"),
    "code",
    Text("“曲线”表中的编号", "The name of a curve on the Curves sheet"),
)


def curve_text(figure: str, anchors: f.CurveCells) -> str:
    """Return the formula of the points of a figure on a curve.

    Parameters
    ----------
    figure : text of a cell or of an expression
    anchors : the curve, and the texts of its values and points

    Returns
    -------
    The text of a formula; blank beyond an end that is not scored, and everywhere if the curve is not sound.

    Examples
    --------
    >>> from xlperf.core.curves import Anchor
    >>> curve = Curve((Anchor(0, 5, "jump"), Anchor(10, 8, "jump")), "none", "")
    >>> curve_text("H5", f.CurveCells(curve, ("B2", "B3"), ("C2", "C3")))
    'IF(ROUND(H5,11-INT(LOG10(ABS(H5)+(H5=0))))<B2,"",IF(ROUND(H5,11-INT(LOG10(ABS(H5)+(H5=0))))<B3,C2,C3))'
    """
    if not anchors.curve.is_sound():
        return f.NOTHING
    said = [f.NOTHING if each is None else _piece_text(figure, each, anchors) for each in segments(anchors.curve)]
    return _chosen(f.rounded(figure), anchors.values, said)


def _chosen(figure: str, starts: Sequence[str], said: Sequence[str]) -> str:
    """Return the formula that finds the piece of a figure by halving; there is one piece more than starts."""
    if not starts:
        return said[0]
    middle = (len(starts) - 1) // 2
    below = _chosen(figure, starts[:middle], said[: middle + 1])
    above = _chosen(figure, starts[middle + 1 :], said[middle + 1 :])
    return f"IF({figure}<{starts[middle]},{below},{above})"


def _piece_text(figure: str, piece: Segment, anchors: f.CurveCells) -> str:
    values, points, start, along = anchors.values, anchors.points, piece.anchor, piece.along
    if not anchors.curve.in_slices:
        if along is None:
            return points[start]
        rise, run = f"({points[along + 1]}-{points[along]})", f"({values[along + 1]}-{values[along]})"
        return f"{points[start]}+{rise}*({figure}-{values[start]})/{run}"
    full_slices = [f"{points[each]}*({values[each + 1]}-{values[each]})" for each in range(start)]
    last_slice = [] if along is None else [f"{points[along]}*({figure}-{values[start]})"]
    return "+".join([*full_slices, *last_slice]) or "0"


def _on_curve(
    actual: str,
    target: str,
    full: str,
    direction: str,
    anchors: f.CurveCells,
    of: str,
    worth: str | None = None,
    lower_by: str | None = None,
) -> str:
    inverse = f.is_inverse(direction, lower_by)
    figure = f.attainment(actual, target, direction, lower_by) if of == "attainment" else actual
    points = curve_text(figure, anchors)
    if worth == "share":
        points = f.when_known([f"({points})"], f"{full}*({points})")
    if of == "attainment":
        last = segments(anchors.curve)[-1] if anchors.curve.is_sound() else None
        caught = not inverse or last is None or last.along is None  # an infinite attainment needs a level end
        return f.when_ratio(actual, target, points, caught, inverse)
    return f.when_known([actual], points)


@rule(
    name=Text("曲线得分", "Curve"),
    summary=Text(
        "实际值或完成率对应“曲线”表中的得分：锚点之间按直线、台阶或分段累进，得分可为负。",
        "The actual, or the attainment, earns its points on a curve of the Curves sheet: anchors with straight lines, "
        "jumps or progressive slices between them. Points may be below zero.",
    ),
    words=Text(
        "实际 {actual}，目标 {target}；{looked_up}在曲线“{curve}”上{along}得 {points} 分。",
        'Actual {actual}, target {target}; {looked_up} on the curve "{curve}"{along}: {points} points.',
    ),
    parameters=(
        CURVE,
        Parameter(
            "of",
            Text("依据", "Looked up by"),
            "choice",
            Text("用实际值还是完成率查曲线", "Whether the actual or the attainment is looked up"),
            usual="attainment",
            choices={"actual": Text("实际值", "actual"), "attainment": Text("完成率", "attainment")},
        ),
        Parameter(
            "worth",
            Text("得分计法", "Points are"),
            "choice",
            Text(
                "曲线上的得分是分数，还是满分的比例；空白为分数",
                "Whether the curve gives points or shares of the full points. Blank: points",
            ),
            required=False,
            choices={"points": Text("分数", "points"), "share": Text("满分的比例", "share of the full points")},
        ),
        LOWER_BY,
    ),
    directions=("higher", "lower", "range"),
    target="none",
    native=_on_curve,
)
def curve(
    actual: Column,
    target: Column,
    full: Column,
    direction: str,
    anchors: Curve | None,
    of: str,
    worth: str | None = None,
    lower_by: str | None = None,
) -> Column:
    """Points on a curve through anchors of HR's own.

    Use it for threshold, target and maximum, for other slopes above the target than below it, for points below zero,
    and for commission in slices. Where a table of levels says it all use ``bands``.

    Parameters
    ----------
    actual, target : columns, in the unit of the indicator; the target counts only for the attainment
    full : column, points; counts only where the curve gives shares of them
    direction : "higher", "lower" or "range"
    anchors : the curve; None where it is absent
    of : "actual" or "attainment"
    worth : "points" (as without it) or "share" of the full points
    lower_by : how the attainment is computed where less is better: "mirror" (as without it) or "quotient"

    Returns
    -------
    Column of points; NaN where the value is missing or beyond an end that is not scored, and everywhere if the curve
    is absent or contradicts itself.

    Notes
    -----
    On a line from (v1, p1) to (v2, p2): points = p1 + (p2 − p1) × (value − v1) ÷ (v2 − v1). In slices: points = Σ rate
    × the part of the value that lies in the slice.

    Source
    ------
    SAP community, Understanding Interpolate and Step business goals calculations in Variable Pay (2022); tiered
    commission on get-digital-help.com and in excelforum.com thread 1140746

    Examples
    --------
    >>> from xlperf.core.curves import Anchor
    >>> plan = Curve((Anchor(0.8, 50, "line"), Anchor(1, 100, "line"), Anchor(1.25, 200, "line")), "none", "hold")
    >>> curve([39, 40, 45, 55, 90], 50, 100, "higher", plan, of="attainment")
    array([ nan,  50.,  75., 140., 200.])
    """
    figure = attainment(actual, target, direction, lower_by) if of == "attainment" else actual
    points = curve_values(figure, anchors)
    return full * points if worth == "share" else points
