"""The sentence that says how a rule made points of a figure: whoever has a calculator gets the same points from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import inf, nan
from typing import Any

import numpy as np

from xlperf.core.curves import Curve, Segment, segment_at
from xlperf.core.intervals import Bands, Interval, band_values, settled
from xlperf.core.numbers import figure_in_words
from xlperf.core.problems import Lang, Text
from xlperf.core.vocabulary import unit_name, with_singulars
from xlperf.policy.rules import Rule
from xlperf.policy.rules.comparison import attainment, upward, within_end
from xlperf.policy.rules.parameters import LOWER_BY, OPERATOR

PERCENT = ("%", "％")
DEDUCTED = Text(
    "满分 {full} 分，扣 {actual}；得 {points} 分（保底 {floor}）。",
    "{actual} deducted of {full}: {points} points (floor {floor}).",
)
_NONE = Text("无", "none")
_WITHOUT_END = Text("无穷大", "without end")


@dataclass(frozen=True)
class ScoredFigure:
    """A figure with what its points were made of.

    ``measured`` holds its actual, target, numerator, denominator and full points under these names, as far as there are
    any. ``direction``, ``parameters`` and ``unit`` are the indicator's; ``bands`` and ``curve`` are those that its
    parameters name. ``group`` are the figures that a rule of places compares, its own included; where they are not
    given the sentence says nothing of them. ``in_words`` holds parameters that are said in other words than their
    values: conditions.
    """

    measured: Mapping[str, float | None]
    direction: str = "higher"
    parameters: Mapping[str, Any] = field(default_factory=dict)
    unit: str = ""
    bands: Bands = ()
    curve: Curve | None = None
    group: Sequence[float] = ()
    in_words: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> float:
        """Return one of the figures that were measured; NaN where there is none."""
        value = self.measured.get(name)
        return nan if value is None else value

    @property
    def in_percent(self) -> bool:
        """Whether the indicator is a percentage, so that numbers in its unit are shown as one."""
        return self.unit in PERCENT


def rule_sentence(rule: Rule, figure: ScoredFigure, points: str, lang: Lang, words: Text | None = None) -> str:
    """Fill the sentence of a rule with one figure.

    Parameters
    ----------
    rule : whose sentence it is
    figure : what the points were made of
    points : as they are shown
    lang : of the sentence
    words : another sentence than the rule's, as ``DEDUCTED``

    Examples
    --------
    >>> from xlperf.policy.rules import RULES
    >>> late = ScoredFigure({"actual": 3, "target": 2, "full": 100}, "lower", {"floor": 0.0}, "次")
    >>> rule_sentence(RULES["proportional"], late, "50", "en")
    'Actual 3 times against target 2 times, attainment 2 − 3 ÷ 2 = 50%: 50 of 100 points (cap none, floor 0%).'
    """
    said = {
        "actual": with_unit(figure["actual"], figure.unit, lang),
        "target": with_unit(figure["target"], figure.unit, lang) or _NONE(lang),
        "numerator": figure_in_words(figure["numerator"], lang),
        "denominator": figure_in_words(figure["denominator"], lang),
        "full": figure_in_words(figure["full"], lang),
        "points": points,
        "attained": _attained(rule, figure, lang),
        "looked_up": _looked_up(rule, figure, lang),
        "band": _band(figure, lang),
        "along": _along(figure, lang),
        "standing": _standing(rule, figure, lang),
        "taken_off": _taken_off(figure, lang),
    }
    said |= parameters_in_words(rule, figure.parameters, lang, figure.in_percent) | dict(figure.in_words)
    said["best_end"] = said.get("low" if figure.direction == "lower" else "high", "")
    sentence = (words or rule.words)(lang).format(**said) + _ways_chosen(rule, figure.parameters, lang)
    return with_singulars(sentence) if lang == "en" else sentence


def with_unit(value: float, unit: str, lang: Lang) -> str:
    """Return a figure with its unit; nothing where there is none.

    Parameters
    ----------
    value : in the unit; NaN where there is none
    unit : as the scheme writes it; a percentage is held as a fraction
    lang : of the unit

    Examples
    --------
    >>> with_unit(0.985, "%", "en"), with_unit(3.0, "户", "zh"), with_unit(float("nan"), "户", "zh")
    ('98.5%', '3 户', '')
    """
    if value != value:
        return ""
    if unit in PERCENT:
        return _shown(value, in_percent=True, lang=lang)
    said = f"{figure_in_words(value, lang)} {unit_name(unit)(lang)}".strip()
    return with_singulars(said) if lang == "en" else said


def parameters_in_words(rule: Rule, values: Mapping[str, Any], lang: Lang, in_percent: bool = False) -> dict[str, str]:
    """Return the parameters of a rule by code, each as it stands in the sentence that explains a result.

    Parameters
    ----------
    rule : whose parameters they are; one without a value is "none"
    values : by code, as the scheme holds them: a fraction as 1.2, a choice as its code
    lang : of the words
    in_percent : whether the indicator is a percentage, so that numbers in its unit are shown as one

    Examples
    --------
    >>> from xlperf.policy.rules import RULES
    >>> parameters_in_words(RULES["proportional"], {"cap": 1.2}, "en")
    {'cap': '120%', 'floor': 'none', 'lower_by': 'none'}
    """
    shown = {}
    for parameter in rule.parameters:
        value = values.get(parameter.code)
        if value is None:
            shown[parameter.code] = _NONE(lang)
        elif parameter.choices:
            shown[parameter.code] = parameter.choices[value](lang)
        elif isinstance(value, float):
            as_percent = parameter.kind == "fraction" or (parameter.kind == "number" and in_percent)
            shown[parameter.code] = _shown(value, as_percent, lang)
        else:
            shown[parameter.code] = str(value)
    return shown


def _ways_chosen(rule: Rule, values: Mapping[str, Any], lang: Lang) -> str:
    """Name the optional ways of a rule that were chosen and that its own sentence does not show."""
    optional = [each for each in rule.parameters if each.choices and not each.required and each is not LOWER_BY]
    named = ((each.name, each.choices[values[each.code]]) for each in optional if each.code in values)
    sentences = (Text(f"{name.zh}：{way.zh}。", f" {name.en}: {way.en}.")(lang) for name, way in named)
    return "".join(sentences)


def _attained(rule: Rule, figure: ScoredFigure, lang: Lang) -> str:
    """Work out the attainment: 45 ÷ 50 = 90%; with the range that earns the full points where there is one."""
    lower_by, direction = figure.parameters.get(LOWER_BY.code), figure.direction
    sides = np.array([figure["actual"]]), np.array([figure["target"]])
    share = float(attainment(*sides, direction, lower_by)[0])
    if share != share:
        return _NONE(lang)
    actual, target = (_shown(each, figure.in_percent, lang) for each in (figure["actual"], figure["target"]))
    if direction == "lower" and lower_by == "quotient":
        work = f"{target} ÷ {actual}"
    else:
        work = f"2 − {actual} ÷ {target}" if direction == "lower" else f"{actual} ÷ {target}"
    said = f"{work} = {_WITHOUT_END(lang) if share == inf else _shown(share, in_percent=True, lang=lang)}"
    if direction != "range" or not {"low", "high"} <= {each.code for each in rule.parameters}:
        return said
    low, high = (_shown(figure.parameters.get(end) or 1.0, in_percent=True, lang=lang) for end in ("low", "high"))
    return said + Text(f"（满分区间 {low} 至 {high}）", f" (full points from {low} to {high})")(lang)


def _looked_up(rule: Rule, figure: ScoredFigure, lang: Lang) -> str:
    """Say what is looked up in bands or on a curve: the actual, or the attainment as it is worked out."""
    if figure.parameters.get("of") != "attainment":
        return Text("实际值", "the actual")(lang)
    attained = _attained(rule, figure, lang)
    return Text(f"完成率 {attained}，", f"the attainment {attained}")(lang)


def _value_looked_up(figure: ScoredFigure) -> tuple[float, bool]:
    """Return what is looked up in bands or on a curve, and whether it is shown as a percentage."""
    if figure.parameters.get("of") != "attainment":
        return figure["actual"], figure.in_percent
    sides = np.array([figure["actual"]]), np.array([figure["target"]])
    share = within_end(attainment(*sides, figure.direction, figure.parameters.get(LOWER_BY.code)))
    return float(share[0]), True


def _band(figure: ScoredFigure, lang: Lang) -> str:
    """Say the ends of the band that the figure, or its attainment, falls into."""
    value, in_percent = _value_looked_up(figure)
    return _band_around(value, figure.bands, in_percent, lang)


def _band_around(value: float, bands: Bands, in_percent: bool, lang: Lang) -> str:
    hit = [interval for interval, _ in bands if interval.contains(np.array([value]))[0]]
    return _ends(hit[0], in_percent, lang) if len(hit) == 1 else _NONE(lang)


def _along(figure: ScoredFigure, lang: Lang) -> str:
    """Work out the points on a curve: from the anchor below, along the line or slice that the figure lies on."""
    value, in_percent = _value_looked_up(figure)
    piece = segment_at(value, figure.curve)
    if piece is None:
        return ""
    as_share = figure.parameters.get("worth") == "share"
    here = _shown(piece.points, as_share, lang)
    of_full = f" × {figure_in_words(figure['full'], lang)}" if as_share else ""
    if not piece.rise:
        return Text(f"固定为 {here}{of_full}，", f", level at {here}{of_full}")(lang)
    work = f"{here} {_rising(piece, value, in_percent, as_share, lang)}"
    work = f"({work}){of_full}" if as_share else work
    return Text(f"按 {work} ", f", {work}")(lang)


def _rising(piece: Segment, value: float, in_percent: bool, as_share: bool, lang: Lang) -> str:
    """Work out what a line or slice of a curve adds from its start up to a value."""
    sign, rise = "−" if piece.rise < 0 else "+", _shown(abs(piece.rise), as_share, lang)
    start, run = (_shown(each, in_percent, lang) for each in (piece.start, piece.run))
    steps = "" if piece.run == 1 else f" ÷ {run}"
    return f"{sign} {rise} × ({_shown(value, in_percent, lang)} − {_in_brackets(start)}){steps}"


def _in_brackets(number: str) -> str:
    return f"({number})" if number.startswith("-") else number


def _standing(rule: Rule, figure: ScoredFigure, lang: Lang) -> str:
    """Say where a figure stands in its group: its place among the members, or how far it lies from their mean."""
    group = np.sort(np.asarray(figure.group, dtype=np.float64))
    if not len(group):
        return ""
    if "bands" in rule.inputs:
        return f" = {_place(figure)} ÷ {len(group)} = {_shown(_place(figure) / len(group), in_percent=True, lang=lang)}"
    mean, deviation, actual = (
        _shown(each, figure.in_percent, lang) for each in (group.mean(), group.std(), figure["actual"])
    )
    away = f"{mean} − {actual}" if figure.direction == "lower" else f"{actual} − {mean}"
    centre, spread = (figure_in_words(figure.parameters[each], lang) for each in ("centre", "spread"))
    work = centre if group[0] == group[-1] else f"{centre} + {spread} × ({away}) ÷ {deviation}"
    return Text(
        f"；组内 {len(group)} 人，平均 {mean}、标准差 {deviation}：{work}",
        f"; the {len(group)} members have mean {mean} and standard deviation {deviation}: {work}",
    )(lang)


def _taken_off(figure: ScoredFigure, lang: Lang) -> str:
    """Say the band of the place in the group, and the points that it takes off."""
    if not len(figure.group):
        return Text("扣分", "")(lang)
    share = _place(figure) / len(figure.group)
    band = _band_around(share, figure.bands, in_percent=True, lang=lang)
    off = figure_in_words(float(band_values([share], figure.bands)[0]), lang)
    return Text(f"的“{band}”一档扣 {off} 分", f" ({band}) take off {off}")(lang)


def _place(figure: ScoredFigure) -> int:
    """Return the place of a figure in its group; equal figures share the better one."""
    group, own = (upward(settled(each), figure.direction) for each in (figure.group, figure["actual"]))
    return int((group > own).sum()) + 1


def _ends(interval: Interval, in_percent: bool, lang: Lang) -> str:
    low, high = (_shown(end, in_percent, lang) for end in (interval.low, interval.high))
    if interval.low == interval.high:
        return Text(f"等于 {low}", f"exactly {low}")(lang)
    sides = []
    if interval.low > -inf:
        sides.append(f"{OPERATOR.choices['at_least' if interval.low_included else 'above'](lang)} {low}")
    if interval.high < inf:
        sides.append(f"{OPERATOR.choices['at_most' if interval.high_included else 'below'](lang)} {high}")
    return Text("、", ", ")(lang).join(sides) or Text("任何数", "any figure")(lang)


def _shown(value: float, in_percent: bool, lang: Lang) -> str:
    return f"{figure_in_words(value * 100, lang)}%" if in_percent else figure_in_words(value, lang)
