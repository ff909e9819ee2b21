"""The reference of the worksheet functions: what the command line prints, and docs/functions.md, from the registry."""

from __future__ import annotations

import ast
import inspect
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from doctest import DocTestParser
from functools import cache
from importlib.resources import files
from typing import Any

from xlperf.binding.functions import call, functions
from xlperf.binding.functions.arguments import Cells, is_blank, rows_of
from xlperf.binding.functions.errors import ExcelError
from xlperf.binding.functions.registry import CATEGORIES, GIVES, PREFIX, Argument, Function
from xlperf.core.problems import LANGUAGES, Lang, Text
from xlperf.policy.rules import RULES, Rule

OPTIONAL = Text("可省略", "optional")
TAKES = {
    "value": Text("单个值", "a value"),
    "range": Text("区域", "a range"),
    "either": Text("值或区域", "a value or a range"),
}
HEADINGS = (Text("参数", "Argument"), Text("是什么", "Takes"), Text("说明", "Meaning"))
GIVEN = Text("{text}结果：{gives}。", "{text} Result: {gives}.")
RESULT, EXAMPLE = Text("结果", "Result"), Text("例", "Example")
TITLE = Text("工作表函数", "Worksheet functions")
INTRODUCTION = Text(
    "在 Excel、LibreOffice Calc 中，以及不打开表格软件时，这些函数给出的数字与 xlperf run 完全相同。"
    "空白表示没有测量，结果也是空白，不会变成 0；"
    "词不分大小写，中英文均可；写成文字的数字（85%、１２）照数字读。"
    "出错时单元格为真正的错误值：#VALUE! 参数不对，#N/A 无法计分，原因用 PERF_LASTERROR 查看。"
    "区域可以整列传入，结果自动铺开；单元格公式中请先判断空白，例如 "
    '`=IF(C5="","",PERF_PROPORTIONAL(C5,D5,100,"higher",1.2))`，这样各种表格软件都一致。',
    "In Excel, in LibreOffice Calc and without either, these functions give the numbers of xlperf run. Blank means "
    "not measured: the result is blank too and never 0. Words may be in either language and any case; numbers "
    "written as text (85%) are read as numbers. An error is a real error value: #VALUE! for an argument that cannot "
    "be used, #N/A for what cannot be scored; PERF_LASTERROR says why. Whole columns may be handed over, and results "
    "spill. In the formula of a single cell ask for the blank first, "
    '`=IF(C5="","",PERF_PROPORTIONAL(C5,D5,100,"higher",1.2))`: then every program agrees.',
)
NOTE = "<!-- Made by `python workbooks/build.py` from the registry of functions. -->"


@dataclass(frozen=True)
class Example:
    """One worked case: the cells handed over, and what comes back; blank is an empty text."""

    function: str
    cells: tuple[Cells, ...]
    result: Cells

    def formula(self) -> str:
        """Write the call as a formula of a sheet.

        >>> Example("PERF_RANK", ([[80], [95], [""]],), [[2], [1], [""]]).formula()
        '=PERF_RANK({80;95;""})'
        """
        return f"={self.function}({','.join(map(as_formula, self.cells))})"


@cache
def examples() -> dict[str, list[Example]]:
    """Return the worked cases of every function: those of ``examples.toml``, else those of a rule's docstring."""
    raw = tomllib.loads((files("xlperf.binding") / "examples.toml").read_text("utf-8"))
    written = {
        name: [Example(name, tuple(each["cells"]), each["result"]) for each in cases] for name, cases in raw.items()
    }
    return {PREFIX + rule.code.upper(): list(_docstring_examples(rule)) for rule in RULES.values()} | written


def _docstring_examples(rule: Rule) -> Iterator[Example]:
    """Yield the calls in a rule's docstring as calls of its worksheet function; those with plain values only."""
    name, signature = PREFIX + rule.code.upper(), inspect.signature(rule.function)
    for each in DocTestParser().get_examples(inspect.getdoc(rule.function) or ""):
        try:
            called = ast.parse(each.source.strip(), mode="eval").body
            if not isinstance(called, ast.Call):
                continue
            positional = [ast.literal_eval(value) for value in called.args]
            named = {str(value.arg): ast.literal_eval(value.value) for value in called.keywords}
        except (SyntaxError, ValueError):  # an import, or bands made beforehand
            continue
        given = signature.bind(*positional, **named).arguments
        last = max(list(signature.parameters).index(argument) for argument in given)
        cells = tuple(_as_cells(given.get(argument)) for argument in list(signature.parameters)[: last + 1])
        yield Example(name, cells, _as_cells(call(name, *cells)))


def _as_cells(value: Any) -> Cells:
    """Write a value as ``examples.toml`` does: a list as a column, a blank as an empty text, an error by its code."""
    if isinstance(value, list):
        return [[_as_cells(cell) for cell in (each if isinstance(each, list) else [each])] for each in value]
    if isinstance(value, ExcelError):
        return value.code
    return "" if value is None else value


def as_formula(cells: Cells) -> str:
    """Write cells as they stand in a formula: numbers, quoted texts, ranges as ``{1,2;3,4}``."""
    if isinstance(cells, list):
        return "{" + ";".join(",".join(map(as_formula, row)) for row in rows_of(cells)) + "}"
    if is_blank(cells):
        return '""'
    if isinstance(cells, bool):
        return str(cells).upper()
    return '"' + cells.replace('"', '""') + '"' if isinstance(cells, str) else f"{cells:.15g}"


def function_lines(function: Function, lang: Lang) -> Iterator[str]:
    """Yield the reference of one function as lines of text."""
    yield function.signature()
    yield function.text(lang)
    yield ""
    for each in function.arguments:
        yield f"  {each.name} ({_kind(each, lang)}): {each.text(lang)}"
    yield f"  {RESULT(lang)}: {GIVES[function.gives](lang)}"
    for case in examples()[function.name]:
        yield f"  {EXAMPLE(lang)}: {case.formula()} → {_shown(case.result, lang)}"


def as_data(function: Function, lang: Lang) -> dict[str, Any]:
    """Return the reference of one function as plain data."""
    return {
        "function": function.name,
        "signature": function.signature(),
        "category": CATEGORIES[function.category](lang),
        "text": function.text(lang),
        "gives": GIVES[function.gives](lang),
        "arguments": [
            {"name": each.name, "takes": each.takes, "optional": each.optional, "text": each.text(lang)}
            for each in function.arguments
        ],
        "examples": [{"formula": each.formula(), "result": each.result} for each in examples()[function.name]],
    }


def markdown() -> str:
    """Return docs/functions.md."""
    parts = [NOTE, "", f"# {TITLE.en} / {TITLE.zh}", ""]
    for lang in LANGUAGES:
        parts += [INTRODUCTION(lang), ""]
    for category, name in CATEGORIES.items():
        members = [each for each in functions().values() if each.category == category]
        parts += [f"## {name.en} / {name.zh}", ""]
        for each in members:
            parts += [*_section(each), ""]
    return "\n".join(parts).rstrip() + "\n"


def _section(function: Function) -> Iterator[str]:
    yield f"### {function.name}"
    yield ""
    yield f"`{function.signature()}`"
    yield ""
    for lang in LANGUAGES:
        yield GIVEN(lang).format(text=function.text(lang), gives=GIVES[function.gives](lang))
        yield ""
    if function.arguments:
        yield "| " + " | ".join(f"{each.zh} / {each.en}" for each in HEADINGS) + " |"
        yield "| --- " * len(HEADINGS) + "|"
    for each in function.arguments:
        kind = " / ".join(_kind(each, lang) for lang in LANGUAGES)
        yield f"| `{each.name}` | {kind} | {each.text.zh}<br>{each.text.en} |"
    yield ""
    for case in examples()[function.name]:
        yield f"- `{case.formula()}` → {_shown(case.result, 'en')}"


def _kind(argument: Argument, lang: Lang) -> str:
    takes = TAKES[argument.takes](lang)
    return f"{takes}{_comma(lang)}{OPTIONAL(lang)}" if argument.optional else takes


def _comma(lang: Lang) -> str:
    return "，" if lang == "zh" else ", "


def _shown(result: Cells, lang: Lang) -> str:
    return Text("空白", "blank")(lang) if is_blank(result) else f"`{as_formula(result)}`"
