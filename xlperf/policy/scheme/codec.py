"""How settings, rule parameters and measures are written in the cells of the policy sheets, and read back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from xlperf.core.numbers import clean_key, clean_text, parse_date, parse_number, show_number
from xlperf.core.problems import LANGUAGES, Lang, Text
from xlperf.core.vocabulary import fold
from xlperf.policy import conditions
from xlperf.policy.conditions import Operand, Scope
from xlperf.policy.rules import RULES, Parameter, Rule
from xlperf.schema import Column
from xlperf.schema.coercion import SEPARATORS
from xlperf.schema.settings import Setting

SETTING_EXAMPLES: dict[str, Text] = {
    "text": Text("文字", "a text"),
    "key": Text("一个编号", "a code"),
    "list": Text("用逗号分开的编号", "codes separated by commas"),
    "number": Text("一个数字", "a number"),
    "whole": Text("一个整数，例如 2", "a whole number, for example 2"),
    "fraction": Text("一个百分比，例如 50%", "a percentage, for example 50%"),
    "day": Text("一个日期，例如 2026-11-12", "a date, for example 2026-11-12"),
}
UP_TO_ALL = (0, 1, Text("0% 到 100%", "0% to 100%"))
CORRELATION = (0, 1, Text("0 到 1 的数", "a number from 0 to 1"))
SETTING_LIMITS: dict[str, tuple[float, float, Text]] = {  # what a number may be, where not every one from 0 on is
    "full_points": (1e-6, 1e9, Text("大于 0 的数，例如 100", "a number above 0, for example 100")),
    "decimals": (0, 10, Text("0 到 10 的整数", "a whole number from 0 to 10")),
    **dict.fromkeys(("minimum_weight", "near_target", "response_from", "approval_from", "alike_from"), UP_TO_ALL),
    **dict.fromkeys(("link_from", "repeat_from", "agreement_from", "stable_from"), CORRELATION),
    "outlier": (1, 100, Text("100% 到 10000%", "100% to 10000%")),
    "trim_share": (0, 0.45, Text("0% 到 45%", "0% to 45%")),
}
BOUND_EXAMPLES: dict[str, Text] = {
    "positive": Text("大于 0 的数", "a number above 0"),
    "not_negative": Text("不小于 0 的数", "0 or more"),
}
PARAMETER_EXAMPLES: dict[str, Text] = {
    "number": Text("一个数字", "a number"),
    "points": Text("一个分数，例如 5", "points, for example 5"),
    "fraction": Text("一个百分比，例如 120%", "a percentage, for example 120%"),
    "choice": Text("列出的词之一", "one of the words listed"),
    "code": Text("一个编号", "a code"),
    "condition": Text("一个条件", "a condition"),
}


def find_rule(word: str) -> Rule | None:
    """Return the scoring rule that a word means, in either language."""
    wanted = fold(word)
    return next((rule for rule in RULES.values() if wanted in map(fold, (rule.code, *rule.name))), None)


def find_parameter(rule: Rule, word: str) -> Parameter | None:
    """Return the parameter of a rule that a word means, in either language."""
    wanted = fold(word)
    return next(
        (each for each in rule.parameters if wanted in map(fold, (each.code, *each.name, *each.synonyms))), None
    )


def read_operands(text: str, measure: str, scope: Scope) -> tuple[Operand, ...]:
    """Return the columns or expressions that a measure works on.

    Parameters
    ----------
    text : of the cell: for "completeness" a list of columns, for "ratio" a quotient, else a column or arithmetic
    measure : its code; "growth" takes a quotient or one figure
    scope : the columns of the indicator's sheet

    Returns
    -------
    tuple: the columns of a list, the dividend and divisor of a quotient, or one figure a row.

    Raises
    ------
    Misread
        With the code of the message where the text cannot be read, or where a day or a text would be added up: see
        ``conditions.read_expression`` and ``conditions.number``.

    Examples
    --------
    >>> from xlperf.policy.conditions import Scope
    >>> [each.code for each in read_operands("faults / sampled", "ratio", Scope.of_sheet("checks"))]
    ['faults', 'sampled']
    """
    if measure == "completeness":
        return conditions.read_columns(text, scope)
    operand = conditions.read_expression(text, scope)
    if measure == "ratio" or (measure == "growth" and "/" in text):
        return conditions.quotient(operand, scope)
    return (conditions.number(operand, scope) if measure in ("sum", "mean", "growth") else operand,)


def operands_text(operands: tuple[Operand, ...], measure: str, lang: Lang, scope: Scope | None = None) -> str:
    """Write what a measure works on the way it is read."""
    columns = scope.columns if scope else None
    between = (", " if lang == "en" else "、") if measure == "completeness" else " / "
    parts = [conditions.to_text(each, lang, columns) for each in operands]
    if measure in ("ratio", "growth"):
        parts = [f"({part})" if " " in part else part for part in parts]
    return between.join(parts)


def split_parameters(text: str) -> Iterator[tuple[str, str]]:
    """Split ``parameter = value; parameter = value`` into names and texts.

    >>> list(split_parameters("封顶 = 120%；保底＝0"))
    [('封顶', '120%'), ('保底', '0')]
    """
    for part in filter(None, map(str.strip, text.replace("；", ";").split(";"))):
        name, _, value = (each.strip() for each in part.replace("＝", "=").partition("="))
        yield name, value


def parameter_value(parameter: Parameter, text: str, codes: Scope) -> Any:
    """Return the value that a text means for a parameter, None where it is none."""
    match parameter.kind:
        case "choice":
            wanted = fold(text)
            found = [code for code, name in parameter.choices.items() if wanted in map(fold, (code, *name))]
            return found[0] if found else None
        case "code":
            return clean_key(text) or None
        case "condition":
            return conditions.to_text(conditions.read(text, codes), "en") if text else None
        case _:
            number = parse_number(text)
            return number.value if number.kind in ("number", "percent") else None


def parameters_text(rule: Rule, values: Mapping[str, Any], lang: Lang, codes: Scope | None = None) -> str:
    """Return the parameters of a rule as their cell on the Indicators sheet holds them.

    Parameters
    ----------
    rule : whose parameters they are
    values : by code, as the scheme holds them: a fraction as 1.2, a condition in English; those not given are left out
    lang : of names, choices and conditions
    codes : the indicators that a condition is about; without them it stays in English

    Examples
    --------
    >>> parameters_text(RULES["proportional"], {"cap": 1.2, "floor": 0.0}, "en")
    'cap = 120%; floor = 0%'
    """
    between, equals = ("；", " = ") if lang == "zh" else ("; ", " = ")
    return between.join(
        f"{each.name.zh if lang == 'zh' else each.code}{equals}{_parameter_text(each, values[each.code], lang, codes)}"
        for each in rule.parameters
        if each.code in values
    )


def _parameter_text(parameter: Parameter, value: Any, lang: Lang, codes: Scope | None) -> str:
    match parameter.kind:
        case "choice":
            return parameter.choices[value].zh if lang == "zh" else str(value)
        case "fraction":
            return f"{round(value * 100, 10):.12g}%"
        case "condition" if codes and lang == "zh":
            return conditions.to_text(conditions.read(value, codes), "zh", codes.columns)
        case "code" | "condition":
            return str(value)
        case _:
            return f"{value:.15g}"


def usual_text(parameter: Parameter) -> Text:
    """Write the usual value of a parameter, for a message that proposes it; without one, what kind of value it is."""
    if parameter.usual is None:
        return PARAMETER_EXAMPLES[parameter.kind]
    return Text(*(_parameter_text(parameter, parameter.usual, lang, None) for lang in LANGUAGES))


def setting_form(setting: Setting) -> Text:
    """Return what a setting without words of its own may hold.

    >>> from xlperf.schema.settings import SETTINGS
    >>> setting_form(SETTINGS["trim_share"]).en
    '0% to 45%'
    """
    return SETTING_LIMITS[setting.code][2] if setting.code in SETTING_LIMITS else SETTING_EXAMPLES[setting.kind]


def setting_value(setting: Setting, value: Any) -> Any:
    """Return the typed value that a cell means for a setting, None where it is none."""
    text = clean_text(value)
    parts = [part.strip() for part in SEPARATORS.split(text) if part.strip()]
    match setting.kind:
        case "choice":
            return setting.vocabulary.find(clean_key(value))
        case "choices":
            codes = tuple(setting.vocabulary.find(part) for part in parts)
            return None if None in codes else codes
        case "list":
            return tuple(parts)
        case "text":
            return text
        case "key":
            return f"{value:%Y-%m}" if hasattr(value, "strftime") else clean_key(value)
        case "day":
            day = parse_date(value)
            return f"{day:%Y-%m-%d}" if day else None
        case _:
            number = parse_number(value)
            kinds = ("number", "percent") if setting.kind == "fraction" else ("number",)
            if number.kind not in kinds or number.value < 0:
                return None
            whole = number.value == int(number.value)
            return (int(number.value) if whole else None) if setting.kind == "whole" else number.value


def setting_text(setting: Setting, value: Any) -> Text:
    """Write the value of a setting the way HR reads it."""
    match setting.kind:
        case "choice":
            return setting.vocabulary[value] if value else Text("", "")
        case "choices":
            words = [setting.vocabulary[each] for each in value]
            return Text("、".join(each.zh for each in words), ", ".join(each.en for each in words))
        case "list":
            return Text("、".join(value), ", ".join(value))
        case "fraction":
            return Text(*[f"{round(value * 100, 10):.12g}%"] * 2)
        case "number":
            return Text(*[f"{value:.15g}"] * 2)
        case _:
            return Text(str(value), str(value))


# Cells ---------------------------------------------------------------------------------------------------------------


def cell_text(column: Column, value: Any) -> Text:
    """Return the content of a cell of a policy sheet in both languages, as HR reads it.

    Parameters
    ----------
    column : that the cell is in; its kind says how the value is written
    value : as the table holds it: a code of a choice, a fraction as 0.2, None or NaN for an empty cell

    Examples
    --------
    >>> from xlperf.schema import SHEETS
    >>> cell_text(SHEETS["grades"]["share"], 0.2).en, cell_text(SHEETS["grades"]["share"], None).en
    ('20%', '(empty)')
    """
    if value is None or value != value:
        return Text("（空）", "(empty)")
    if column.kind == "choice":
        return column.vocabulary[value]
    if column.kind == "fraction":
        return Text(*[f"{show_number(value * 100, 10)}%"] * 2)
    return Text(*[show_number(value, 4) if isinstance(value, float) else cell_word(value)] * 2)


def cell_word(value: Any) -> str:
    """Return a day as ``2026-10-31``, and any other value as the text that is typed for it.

    >>> from datetime import date
    >>> cell_word(date(2026, 10, 31)), cell_word(7.0), cell_word(" E001 ")
    ('2026-10-31', '7', 'E001')
    """
    return f"{value:%Y-%m-%d}" if hasattr(value, "strftime") else clean_key(value)
