"""The worksheet functions as xlwings serves them to Excel on Windows: made from the registry, nothing of their own.

Ranges arrive as lists of rows, cells with errors as their codes; errors leave as codes, which the bridge in the
workbook turns into error values. Off Windows xlwings leaves the functions undecorated.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import xlwings as xw

from xlperf.binding.functions import call, functions
from xlperf.binding.functions.errors import with_codes
from xlperf.binding.functions.registry import Function


def served(function: Function) -> Callable[..., Any]:
    """Return a worksheet function as xlwings calls it."""

    def answer(*cells: Any) -> Any:
        return with_codes(call(function.name, *cells))

    answer.__name__ = answer.__qualname__ = function.name
    answer.__doc__ = function.text.en
    answer.__signature__ = inspect.signature(function.function)  # type: ignore[attr-defined]
    answer.__annotations__.clear()  # which xlwings would take for converters
    for each in function.arguments:
        options = {} if each.takes == "value" else {"ndim": 2}
        answer = xw.arg(each.name, doc=each.text.en, err_to_str=True, **options)(answer)
    return xw.func(category="xlperf")(answer)


globals().update({name: served(each) for name, each in functions().items()})
