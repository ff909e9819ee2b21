"""Worksheet functions that speak: how points come about, and why the latest error was one."""

from __future__ import annotations

import re

from xlperf.binding.functions.arguments import Cells, cells_of, number, text, word
from xlperf.binding.functions.errors import last_error
from xlperf.binding.functions.registry import a_value, either, worksheet_function
from xlperf.binding.functions.scoring import (
    INPUT_TEXTS,
    TABLE,
    find_rule,
    inputs_of,
    read_bands,
    read_parameters,
    score_with,
)
from xlperf.core.numbers import show_number
from xlperf.core.problems import Lang, Text
from xlperf.core.vocabulary import WORDS
from xlperf.policy.rules import COLUMNS

CHINESE = re.compile(r"[一-鿿]")
LANGUAGE = a_value(
    "语言：中文或英文；省略时随规则名的语言", "Chinese or English. Omitted: the language of the rule's name"
)


@worksheet_function(
    category="help",
    gives="value",
    text=Text(
        "用一句话说明得分怎么来的：参数与 PERF_SCORE 相同；没有数据时为空白。",
        "Says in a sentence how points come about; the arguments are those of PERF_SCORE. Blank where "
        "nothing was measured.",
    ),
    rule=a_value("规则名称或代码", "The name or code of a scoring rule"),
    actual=a_value("实际值", "The actual"),
    target=a_value("目标值", "The target"),
    full=a_value("满分", "The full points"),
    direction=INPUT_TEXTS["direction"],
    parameters=a_value("参数，例如“封顶 = 120%；保底 = 0”", "The parameters, for example: cap = 120%; floor = 0"),
    bands=TABLE,
    denominator=a_value("分母，例如全部件数", "The denominator, for example all cases"),
    met=a_value("否决的免责条件是否满足：1 或 0", "Whether the condition that lifts a veto holds: 1 or 0"),
    language=LANGUAGE,
)
def explain(
    rule: Cells,
    actual: Cells,
    target: Cells = None,
    full: Cells = None,
    direction: Cells = None,
    parameters: Cells = None,
    bands: Cells = None,
    denominator: Cells = None,
    met: Cells = None,
    language: Cells = None,
) -> Cells:
    """Says in a sentence how points come about.

    Examples
    --------
    >>> explain("proportional", 45, 50, 100, "higher", "cap = 120%; floor = 0")
    'Actual 45 against target 50, attainment 45 ÷ 50 = 90%: 90 of 100 points (cap 120%, floor 0%).'
    >>> explain("按比例得分", 45, 50, 100, "正向", "封顶 = 120%")
    '实际 45，目标 50，完成率 45 ÷ 50 = 90%，满分 100；得 90 分（封顶 120%，保底 无）。'
    """
    from xlperf.analysis.rule_sentences import ScoredFigure, rule_sentence

    card = find_rule(rule)
    given = read_parameters(card, parameters)
    lang: Lang = "zh" if _in_chinese(language, text(rule, "rule")) else "en"
    inputs = inputs_of(card, actual, target, full, direction, bands, 0, denominator, met)
    points = score_with(card, inputs, given)
    if not isinstance(points, (int, float)):
        return points
    scored = ScoredFigure(
        {name: number(inputs.get(name), name) for name in COLUMNS if name not in ("group", "met")},
        word(direction, "direction", WORDS["direction"]) or "higher",
        given,
        bands=read_bands(bands, "bands") if "bands" in card.inputs else (),
    )
    return rule_sentence(card, scored, show_number(points), lang)


def _in_chinese(language: Cells, rule: str) -> bool:
    return word(language, "language", WORDS["language"], "zh" if CHINESE.search(rule) else "en") == "zh"


@worksheet_function(
    category="help",
    gives="value",
    text=Text(
        "说明最近一个出错的 PERF_ 函数为什么出错；没有错误时为空白。",
        "Says why the latest PERF_ function that gave an error gave one. Blank where there was none.",
    ),
    language=a_value("语言：中文或英文；省略时两种都有", "Chinese or English. Omitted: both"),
    after=either(
        "出错的单元格；它变化时本函数重算", "The cell with the error: when it changes this function is computed again"
    ),
)
def lasterror(language: Cells = None, after: Cells = None) -> Cells:
    """Says why the latest function that gave an error gave one.

    Examples
    --------
    >>> from xlperf.binding.functions import call
    >>> error = call("PERF_ROUND", "many", 2)
    >>> lasterror("en").split(". ")[0]
    'The argument value holds "many", which is not a number'
    """
    cells_of(after)
    error = last_error()
    if error is None:
        return None
    lang = word(language, "language", WORDS["language"])
    reason: Text = error.reason
    return f"{reason.zh} / {reason.en}" if not lang else getattr(reason, lang)
