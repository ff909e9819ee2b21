"""One worksheet function for each scoring rule, made from its card, and ``PERF_SCORE`` for the rule that a cell names.

Numbers may be single cells or ranges; rows, columns and single cells stretch to their common shape. Where the measured
figure is blank the points are blank; a figure that the rule cannot score is #N/A.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from functools import cache
from math import inf
from typing import Any

import numpy as np

from xlperf.binding.functions.arguments import (
    Cells,
    given,
    is_blank,
    matrices,
    needed,
    number,
    numbers,
    rows_of,
    spread,
    text,
    word,
)
from xlperf.binding.functions.errors import NOT_AVAILABLE, ExcelError, wrong
from xlperf.binding.functions.registry import PREFIX, Takes, a_range, a_value, either, register, worksheet_function
from xlperf.core.curves import Anchor, Curve
from xlperf.core.intervals import Bands, Interval
from xlperf.core.problems import Problem, Text
from xlperf.core.vocabulary import WORDS
from xlperf.policy.rules import COLUMNS, RULES, Parameter, Rule

MEASURED = frozenset(["actual", "numerator", "denominator", "met"])  # inputs that are blank where nothing was measured
RENAMED = {"step": "step_size", "base": "base_points"}  # words that Visual Basic keeps for itself
INPUT_TEXTS: Mapping[str, tuple[Text, Takes]] = {
    "actual": either(
        "实际值，与指标同单位；空白表示没有测量", "The actual, in the unit of the indicator. Blank: not measured"
    ),
    "target": either("目标值，与实际值同单位", "The target, in the unit of the actual"),
    "full": either("满分", "The full points"),
    "numerator": either("分子，例如达标的件数", "The numerator, for example the cases that are hits"),
    "denominator": either("分母，例如全部件数", "The denominator, for example all cases"),
    "met": either(
        "条件是否满足：1 满足，0 不满足，空白为不知道", "Whether the condition holds: 1 yes, 0 no. Blank: not known"
    ),
    "group": either("比较组，写数字；空白表示不参加排名", "The comparison group, a number. Blank: not ranked"),
    "direction": a_value(
        "方向：正向（越高越好）、反向或区间", "Direction: higher, lower or range, whichever is better"
    ),
    "bands": a_range(
        "区间表，不含标题：两列（下限含本数、得分），或五列（下限、含下限、上限、含上限、得分）",
        "The bands without headings: two columns (lower bound, itself included; points), or five (from, included, to, "
        "included, points)",
    ),
    "anchors": a_range(
        "曲线，不含标题：两列（数值、得分，按直线，两端保持），或四列（数值、得分、读法、两端之外）",
        "The curve without headings: two columns (value, points; straight lines, held at both ends), or four (value, "
        "points, read as, beyond the end)",
    ),
}
TABLE = a_range(
    "区间表或曲线，不含标题，列与“区间得分”“曲线得分”的函数相同",
    "The bands or the curve without headings, in the columns of PERF_BANDS and PERF_CURVE",
)
CURVE_COLUMNS = Text("数值、得分、读法、两端之外", "value, points, read as, beyond the end")
BAND_COLUMNS = Text("下限、含下限、上限、含上限、得分", "from, from included, to, to included, points")


def score_with(rule: Rule, inputs: Mapping[str, Cells], parameters: Mapping[str, Any]) -> Cells:
    """Return the points of a rule for cells of its inputs; ``parameters`` are read already."""
    required = _required_columns(rule.code)
    used = [name for name in rule.inputs if name in required or (name in COLUMNS and given(inputs.get(name)))]
    columns = matrices({name: _as_number(inputs.get(name)) if name == "met" else inputs.get(name) for name in used})
    shape = next(iter(columns.values())).shape
    others: dict[str, Any] = {name: None for name in rule.inputs if name in COLUMNS and name not in used}
    if "direction" in rule.inputs:
        others["direction"] = _direction(rule, inputs.get("direction"))
    if "bands" in rule.inputs:
        others["bands"] = read_bands(inputs.get("bands"), "bands")
    if "anchors" in rule.inputs:
        others["anchors"] = read_curve(inputs.get("anchors"), "anchors")
    wanted = {name: parameters.get(name) for name in rule.arguments}
    flat = {name: each.ravel() for name, each in columns.items()}
    points = rule.function(**flat, **others, **wanted).reshape(shape)
    blank = np.zeros(shape, bool)
    for name in required & MEASURED:
        blank |= np.isnan(columns[name])
    return spread(points, _cannot_score(rule), np.isnan(points) & ~blank)


def _as_number(cells: Cells) -> list[list[Any]]:
    """Return cells in which TRUE is 1 and FALSE is 0."""
    return [[int(cell) if isinstance(cell, bool) else cell for cell in row] for row in rows_of(cells)]


@cache
def _required_columns(rule: str) -> frozenset[str]:
    """Return the columns that a rule cannot do without."""
    own = inspect.signature(RULES[rule].function).parameters.values()
    return frozenset(each.name for each in own if each.name in COLUMNS and each.default is inspect.Parameter.empty)


def _cannot_score(rule: Rule) -> ExcelError:
    inputs = [RENAMED.get(name, name) for name in (*rule.inputs, *rule.arguments)]
    return ExcelError(NOT_AVAILABLE, Problem("function-cannot-score", details={"rule": rule.name, "inputs": inputs}))


def _direction(rule: Rule, cells: Cells) -> str:
    allowed = WORDS["direction"]
    code = str(needed(word(cells, "direction", allowed), "direction"))
    if code not in rule.directions:
        names = [allowed[each] for each in rule.directions]
        raise wrong("function-word", argument="direction", cell=text(cells, "direction"), allowed=names)
    return code


def read_bands(cells: Cells, name: str) -> Bands:
    """Read a range of bands: lower bounds and what they are worth, or intervals with explicit ends.

    >>> [(band.show(), worth) for band, worth in read_bands([[0, 1], [60, 2], [80, 3]], "bands")]
    [('[0, 60)', 1.0), ('[60, 80)', 2.0), ('≥ 80', 3.0)]
    """
    rows, widths = _filled_rows(cells)
    if widths == {2}:
        worth = numbers(rows, name)
        lower = np.where(np.isnan(worth[:, 0]), -inf, worth[:, 0])
        order = np.argsort(lower, kind="stable")
        ends = [*lower[order].tolist(), inf]
        pairs = zip(ends, ends[1:], worth[order, 1].tolist(), strict=False)
        return [(Interval(low, True, high, False), points) for low, high, points in pairs]
    if widths != {5}:
        count = max(widths, default=0)
        raise wrong("function-columns", argument=name, count=count, columns=BAND_COLUMNS)
    return [_band(row, name) for row in rows]


def _filled_rows(cells: Cells) -> tuple[list[list[Any]], set[int]]:
    """Return the rows of a range in which something stands, and how many cells they have."""
    rows = [row for row in rows_of(cells) if not all(map(is_blank, row))]
    return rows, {len(row) for row in rows}


def read_curve(cells: Cells, name: str) -> Curve:
    """Read a range of anchors: values and points alone, or with how they are read and what holds beyond the ends.

    >>> read_curve([[0, 0], [1, 100]], "anchors").anchors[1]
    Anchor(value=1.0, points=100.0, reading='line')
    >>> read_curve([[0, 0.03, "累进", "保持"], [1000, 0.05, "", ""]], "anchors").in_slices
    True
    """
    rows, widths = _filled_rows(cells)
    if widths not in ({2}, {4}):
        raise wrong("function-columns", argument=name, count=max(widths, default=0), columns=CURVE_COLUMNS)
    anchors: list[Anchor] = []
    ends = []
    for value, points, *stated in rows:
        said = word(stated[0], name, WORDS["curve_reading"]) if stated else "line"
        reading: Any = said or (anchors[-1].reading if anchors else "")
        ends.append(word(stated[1], name, WORDS["curve_end"]) if stated else "hold")
        at, worth = (float(needed(number(each, name), name)) for each in (value, points))
        anchors.append(Anchor(at, worth, reading))
    below: Any = ends[0] or ""
    above: Any = (ends[-1] or "") if len(ends) > 1 else ""
    curve = Curve(tuple(anchors), below, above)
    if not curve.is_sound():
        raise wrong("function-curve", argument=name)
    return curve


def _band(row: list[Any], name: str) -> tuple[Interval, float]:
    low, low_included, high, high_included, points = row
    first, last = number(low, name), number(high, name)
    included = [word(_yes_or_no(each), name, WORDS["yes_no"], "no") == "yes" for each in (low_included, high_included)]
    interval = Interval(-inf if first is None else first, included[0], inf if last is None else last, included[1])
    return interval, float(needed(number(points, name), name))


def _yes_or_no(cell: Any) -> Any:
    return ("yes" if cell else "no") if isinstance(cell, (bool, int, float)) else cell


def read_parameter(parameter: Parameter, cells: Cells, name: str) -> Any:
    """Read a parameter that has a cell of its own; None where the cell is blank."""
    if parameter.choices:
        value: Any = word(cells, name, parameter.choices) or None
    elif parameter.kind in ("code", "condition"):
        value = text(cells, name) or None
    else:
        value = number(cells, name)
    return needed(value, name) if parameter.required else value


def read_parameters(rule: Rule, cells: Cells) -> dict[str, Any]:
    """Read ``cap = 120%; floor = 0`` by the card of a rule, as on the Indicators sheet."""
    from xlperf.policy.conditions import Scope
    from xlperf.policy.scheme.codec import (
        PARAMETER_EXAMPLES,
        find_parameter,
        parameter_value,
        split_parameters,
        usual_text,
    )

    values: dict[str, Any] = {}
    for name, said in split_parameters(text(cells, "parameters")):
        parameter = find_parameter(rule, name)
        if parameter is None:
            known = [each.name for each in rule.parameters]
            raise wrong("parameter-unknown", cell=name, rule=rule.name, known=known)
        if parameter.kind == "condition":
            continue  # whether it holds is an input here
        value = parameter_value(parameter, said, Scope(()))
        if value is None:
            allowed = list(parameter.choices.values()) or PARAMETER_EXAMPLES[parameter.kind]
            raise wrong("parameter-value", cell=said, parameter=parameter.name, allowed=allowed)
        values[parameter.code] = value
    for each in rule.parameters:
        if each.required and each.code in rule.arguments and each.code not in values:
            raise wrong("parameter-missing", parameter=each.name, rule=rule.name, usual=usual_text(each))
    return values


def find_rule(cells: Cells) -> Rule:
    """Return the rule that a cell names, in either language."""
    from xlperf.core.spelling import similar
    from xlperf.policy.scheme.codec import find_rule as find

    said = str(needed(text(cells, "rule"), "rule"))
    rule = find(said)
    if rule is None:
        names = [name for each in RULES.values() for name in (each.code, *each.name)]
        raise wrong("rule-unknown", cell=said, near=similar(said, names, 3))
    return rule


# One function for each rule ------------------------------------------------------------------------------------------


def _enter(rule: Rule) -> None:
    """Enter the worksheet function of a rule: its inputs and parameters in the order of the rule's own signature."""
    own = inspect.signature(rule.function).parameters.values()
    cards = {each.code: each for each in rule.parameters}
    described: dict[str, tuple[Text, Takes]] = {}
    signature = []
    for each in own:
        name = RENAMED.get(each.name, each.name)
        described[name] = (
            INPUT_TEXTS[each.name] if each.name in INPUT_TEXTS else (_described(cards[each.name]), "value")
        )
        signature.append(inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=each.default))
    names = [each.name for each in own]

    def scored(*cells: Cells) -> Cells:
        handed = dict(zip(names, cells, strict=False))
        parameters = {
            code: read_parameter(cards[code], handed.get(code), RENAMED.get(code, code)) for code in rule.arguments
        }
        return score_with(rule, handed, parameters)

    scored.__name__ = scored.__qualname__ = PREFIX + rule.code.upper()
    scored.__doc__ = rule.summary.en
    scored.__signature__ = inspect.Signature(signature)  # type: ignore[attr-defined]
    register(scored.__name__, "rules", "like the input", rule.summary, described, scored)


def _described(parameter: Parameter) -> Text:
    """Describe a parameter: its name, the note of its card, and the words that it knows."""
    zh, en = (f"{name}{mark}{note}" for name, mark, note in zip(parameter.name, "：:", parameter.note, strict=True))
    en = en.replace(":", ": ", 1)
    if parameter.choices:
        zh += f"（{'、'.join(each.zh for each in parameter.choices.values())}）"
        en += f" ({', '.join(parameter.choices)})"
    return Text(zh, en)


for _rule in RULES.values():
    _enter(_rule)


@worksheet_function(
    category="rules",
    gives="like the input",
    text=Text(
        "按单元格所写的规则计分：规则名和参数的写法与“指标”表相同。没有数据时为空白，无法计分时为 #N/A。",
        "Points by the rule that a cell names; rule and parameters are written as on the Indicators sheet. Blank where "
        "nothing was measured, #N/A where it cannot be scored.",
    ),
    rule=a_value("规则名称或代码，中英文均可", "The name or code of a scoring rule, in either language"),
    actual=either(
        "实际值；“基数加减分”写分子，“多条件同时满足”写 1 或 0",
        "The actual; of base plus and minus cases the numerator, of all conditions 1 or 0",
    ),
    target=INPUT_TEXTS["target"],
    full=INPUT_TEXTS["full"],
    direction=INPUT_TEXTS["direction"],
    parameters=a_value("参数，例如“封顶 = 120%；保底 = 0”", "The parameters, for example: cap = 120%; floor = 0"),
    bands=TABLE,
    group=INPUT_TEXTS["group"],
    denominator=INPUT_TEXTS["denominator"],
    met=either("否决的免责条件是否满足：1 或 0", "Whether the condition that lifts a veto holds: 1 or 0"),
)
def score(
    rule: Cells,
    actual: Cells,
    target: Cells = None,
    full: Cells = None,
    direction: Cells = None,
    parameters: Cells = None,
    bands: Cells = None,
    group: Cells = None,
    denominator: Cells = None,
    met: Cells = None,
) -> Cells:
    """Points by the rule that a cell names.

    Examples
    --------
    >>> score("proportional", 45, 50, 100, "higher", "cap = 120%")
    90.0
    >>> score("按比例得分", [[45], [None], [80]], 50, 100, "正向", "封顶 = 120%")
    [[90.0], [None], [120.0]]
    """
    card = find_rule(rule)
    inputs = inputs_of(card, actual, target, full, direction, bands, group, denominator, met)
    return score_with(card, inputs, read_parameters(card, parameters))


def inputs_of(
    rule: Rule,
    actual: Cells,
    target: Cells,
    full: Cells,
    direction: Cells,
    bands: Cells,
    group: Cells,
    denominator: Cells,
    met: Cells,
) -> dict[str, Cells]:
    """Name the cells of a call by the inputs of a rule: its first input is what was measured."""
    inputs = {
        "target": target,
        "full": full,
        "direction": direction,
        "bands": bands,
        "anchors": bands,
        "group": group,
        "denominator": denominator,
        "met": met,
    }
    return inputs | {rule.inputs[0]: actual}
