"""The registry of worksheet functions: what each one is called, what it takes and gives, and what it says of itself.

From it are made the wrappers in Excel, the function wizard's texts, the LibreOffice add-in, the reference and the
tests. A function is a plain Python function over cell values with its card on top::

    @worksheet_function(category="results", gives="one a row", text=Text(…), scores=a_range(…), digits=a_value(…))
    def total(scores, digits): ...

enters it as ``PERF_TOTAL``. Importing this module loads none of the functions: ``functions`` does.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from xlperf.core.problems import Text

PREFIX = "PERF_"

Takes = Literal["value", "range", "either"]
Gives = Literal["value", "like the input", "one a row", "table"]
Category = Literal["rules", "results", "data", "pay", "help"]

CATEGORIES: dict[Category, Text] = {
    "rules": Text("计分规则", "Scoring rules"),
    "results": Text("总分、等级与排名", "Totals, grades and ranks"),
    "data": Text("数据与客户", "Facts and clients"),
    "pay": Text("薪酬", "Pay"),
    "help": Text("说明", "Explanation"),
}
GIVES: dict[Gives, Text] = {
    "value": Text("一个值", "one value"),
    "like the input": Text("与输入同样大小", "as many values as the input"),
    "one a row": Text("每行一个值", "one value a row"),
    "table": Text("一张表", "a table"),
}


@dataclass(frozen=True)
class Argument:
    """One argument: ``takes`` tells whether it is a single value, a range, or may be either."""

    name: str
    text: Text
    takes: Takes
    optional: bool = False


@dataclass(frozen=True)
class Function:
    """One worksheet function.

    ``function`` is the plain Python function: cell values in (numbers, texts, blanks as None, ranges as lists of rows),
    cell values out; it raises ``ExcelError`` for an error of the whole call, and puts ``ExcelError`` in the cells that
    are errors by themselves.
    """

    name: str
    category: Category
    text: Text
    arguments: tuple[Argument, ...]
    gives: Gives
    function: Callable[..., Any]

    @property
    def required(self) -> int:
        """How many arguments must be given; the optional ones come after them."""
        return sum(not each.optional for each in self.arguments)

    def signature(self) -> str:
        """Write the call as the wizard shows it: ``PERF_ROUND(value, digits)``.

        >>> from xlperf.binding.functions import functions
        >>> functions()["PERF_RANK"].signature()
        'PERF_RANK(scores, [groups], [ties], [tie_keys])'
        """
        names = (f"[{each.name}]" if each.optional else each.name for each in self.arguments)
        return f"{self.name}({', '.join(names)})"


def a_value(zh: str, en: str) -> tuple[Text, Takes]:
    """Describe an argument that is a single value."""
    return Text(zh, en), "value"


def a_range(zh: str, en: str) -> tuple[Text, Takes]:
    """Describe an argument that is a range."""
    return Text(zh, en), "range"


def either(zh: str, en: str) -> tuple[Text, Takes]:
    """Describe an argument that may be a single value or a range."""
    return Text(zh, en), "either"


FUNCTIONS: dict[str, Function] = {}


def worksheet_function(
    *, category: Category, gives: Gives, text: Text, **arguments: tuple[Text, Takes]
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Enter a function in the registry under ``PERF_`` and its own name; what has a default is optional."""

    def enter(function: Callable[..., Any]) -> Callable[..., Any]:
        register(PREFIX + function.__name__.strip("_").upper(), category, gives, text, arguments, function)
        return function

    return enter


def register(
    name: str,
    category: Category,
    gives: Gives,
    text: Text,
    arguments: Mapping[str, tuple[Text, Takes]],
    function: Callable[..., Any],
) -> None:
    """Enter a function in the registry; the order of the arguments is that of its signature."""
    described = tuple(
        Argument(each.name, *arguments[each.name], optional=each.default is not inspect.Parameter.empty)
        for each in inspect.signature(function).parameters.values()
    )
    FUNCTIONS[name] = Function(name, category, text, described, gives, function)
