"""How an indicator is scored, in the words of a form."""

from __future__ import annotations

from math import inf
from typing import Any

from xlperf.core.curves import Curve
from xlperf.core.intervals import Interval
from xlperf.core.numbers import show_number
from xlperf.core.problems import BETWEEN_CLAUSES, Lang, Text
from xlperf.core.vocabulary import WORDS
from xlperf.policy import conditions
from xlperf.policy.conditions import Scope
from xlperf.policy.rules import Parameter
from xlperf.policy.scheme import Indicator, RatingLevel, Scheme, level_text, levels_of
from xlperf.reporting.forms.people import PERCENT
from xlperf.schema import Column


def how_scored(each: Indicator, scheme: Scheme, lang: Lang) -> str:
    """Say how an indicator is scored: the rule, its parameters by name, its bands or its four levels.

    >>> from xlperf.policy.schemes import load
    >>> scheme = load("service-team")
    >>> how_scored(scheme.indicators[0], scheme, "en")
    'Deduct per occurrence: points each 1; floor 0%'
    """
    if each.rule == "attainment_5432":
        return _four_levels(each, lang)
    given = [
        f"{_named(parameter, lang)} {_value(parameter, each.parameters[parameter.code], each, scheme, lang)}"
        for parameter in each.card.parameters
        if parameter.code in each.parameters
    ]
    given += [_level(level, lang) for level in levels_of(scheme.rating_levels, each.code) if each.source == "ratings"]
    name = each.card.name(lang)
    return name + Text("：", ": ")(lang) + BETWEEN_CLAUSES(lang).join(given) if given else name


def _level(level: RatingLevel, lang: Lang) -> str:
    """Say a level of a rating with what it means."""
    anchor = level.anchor(lang)
    return level_text(level)(lang) + (Text(f"（{anchor}）", f" ({anchor})")(lang) if anchor else "")


def _four_levels(each: Indicator, lang: Lang) -> str:
    percent = {name: f"{show_number(each.parameters[name] * 100)}%" for name in ("met_at", "near_at")}
    level = {name: show_number(each.parameters[f"level_{name}"]) for name in ("above", "met", "near", "below")}
    return Text(
        f"超出标准（完成率高于 {percent['met_at']}）{level['above']} 分；达标（{percent['met_at']}）{level['met']} 分；"
        f"达到标准的 {percent['near_at']} {level['near']} 分；低于标准的 {percent['near_at']} {level['below']} 分",
        f"Above the standard (attainment over {percent['met_at']}) {level['above']}; met ({percent['met_at']}) "
        f"{level['met']}; from {percent['near_at']} of it {level['near']}; below {percent['near_at']} {level['below']}",
    )(lang)


def _named(parameter: Parameter, lang: Lang) -> str:
    name = parameter.name(lang)
    return name if lang == "zh" else name[:1].lower() + name[1:]


def _value(parameter: Parameter, value: Any, each: Indicator, scheme: Scheme, lang: Lang) -> str:
    match parameter.kind:
        case "choice":
            return parameter.choices[value](lang)
        case "fraction":
            return f"{show_number(value * 100)}%"
        case "condition":
            scope = Scope(Column(other.code, other.name, "number") for other in scheme.indicators)
            return conditions.to_text(conditions.read(value, scope), lang, scope.columns)
        case "code" if value in scheme.bands:
            in_percent = each.unit in PERCENT or each.parameters.get("of") == "attainment"
            bands = [f"{_band(band, in_percent)}: {show_number(points)}" for band, points in scheme.bands[value]]
            return Text("，", ", ")(lang).join(bands)
        case "code" if value in scheme.curves:
            in_percent = each.parameters.get("of") == "attainment" or each.unit in PERCENT
            return _curve(scheme.curves[value].curve, in_percent, lang)
        case "code":
            return next((grade.name(lang) for grade in scheme.grades if grade.code == value), str(value))
        case "number" if each.unit in PERCENT or each.parameters.get("unit") == "share":
            return f"{show_number(value * 100)}%"
        case _:
            return show_number(value)


def _curve(curve: Curve, in_percent: bool, lang: Lang) -> str:
    """Say each anchor with its points, and how it is read from there on."""
    sign = "%" if in_percent else ""
    said = [
        f"{show_number(each.value * (100 if in_percent else 1))}{sign} → {show_number(each.points, 4)}"
        f"{Text('（', ' (')(lang)}{WORDS['curve_reading'][each.reading](lang)}{Text('）', ')')(lang)}"
        for each in curve.anchors
    ]
    return Text("，", ", ")(lang).join(said)


def _band(band: Interval, in_percent: bool) -> str:
    if not in_percent:
        return band.show()
    low, high = (end * 100 if abs(end) < inf else end for end in (band.low, band.high))
    return f"{Interval(low, band.low_included, high, band.high_included).show()} %"
