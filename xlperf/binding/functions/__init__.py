"""The worksheet functions; importing this package loads none of them, and a call loads what it needs.

``call`` is the one door for every binding. ``xlperf.binding.functions.PERF_RANK`` and its like are the plain functions.

Nouns: a ``Function`` with its arguments and category, an error value with its reason. Each scoring rule has its
function by itself; another one is a decorated function in the module of its subject, and a case in ``examples.toml``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from xlperf.binding.functions.errors import ExcelError, remember, wrong
from xlperf.binding.functions.registry import FUNCTIONS, PREFIX, Function

__all__ = ["call", "find_function", "functions"]

ORDER = ("rules", "results", "data", "pay", "help")


@cache
def functions() -> dict[str, Function]:
    """Return every worksheet function by its name: the scoring rules in their order, then the others by category."""
    from xlperf.binding.functions import explanation, measurement, pools, ranks, scoring, totals  # noqa: F401 - they enter themselves

    in_order = sorted(FUNCTIONS.values(), key=lambda each: ORDER.index(each.category))
    return {each.name: each for each in in_order}


def find_function(word: str) -> Function | None:
    """Return the function that a word names, with or without the prefix, in any case.

    >>> find_function("rank").name, find_function("perf_rank").name, find_function("median")
    ('PERF_RANK', 'PERF_RANK', None)
    """
    wanted = word.strip().upper()
    return functions().get(wanted) or functions().get(PREFIX + wanted)


def call(name: str, *cells: Any) -> Any:
    """Return what a worksheet function gives for cell values; errors are values, and the latest is remembered.

    >>> call("PERF_ROUND", 2.675, 2)
    2.68
    >>> call("PERF_ROUND", "n/a?", 2).code
    '#VALUE!'
    """
    try:
        result = functions()[name].function(*cells)
    except ExcelError as error:
        result = error
    except Exception as fault:  # whatever goes wrong is told in the cell and never stops the program that calls
        result = wrong("function-fault", function=name, fault=f"{type(fault).__name__}: {fault}")
    _remember_errors(result)
    return result


def _remember_errors(result: Any) -> None:
    rows = result if isinstance(result, list) else [[result]]
    error = next((cell for row in rows for cell in row if isinstance(cell, ExcelError)), None)
    if error is not None:
        remember(error)


def __getattr__(name: str) -> Callable[..., Any]:
    """Return a worksheet function by its name, loaded when it is first asked for."""
    if name.startswith("PERF_") and name in functions():
        return functions()[name].function
    raise AttributeError(f"module 'xlperf.binding.functions' has no attribute {name!r}")
