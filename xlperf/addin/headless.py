"""The worksheet functions in workbooks without Excel: formualizer evaluates the cells and asks Python for ours.

This is the only room that knows formualizer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from xlperf.binding.functions import call, functions
from xlperf.binding.functions.errors import ExcelError

if TYPE_CHECKING:
    from formualizer import Workbook

KINDS = {
    "#N/A": "Na",
    "#VALUE!": "Value",
    "#NUM!": "Num",
    "#DIV/0!": "Div",
    "#REF!": "Ref",
    "#NAME?": "Name",
    "#NULL!": "Null",
}
CODES = {kind: code for code, kind in KINDS.items()}


def register(workbook: Workbook) -> None:
    """Make every worksheet function known to a formualizer workbook, before its cells are evaluated.

    >>> import formualizer
    >>> workbook = formualizer.Workbook()
    >>> sheet = workbook.add_sheet("S")
    >>> register(workbook)
    >>> workbook.set_formula("S", 1, 1, '=PERF_PROPORTIONAL(45,50,100,"higher")')
    >>> workbook.evaluate_cell("S", 1, 1)
    90.0
    """
    for each in functions().values():
        workbook.register_function(
            each.name, _answer(each.name), min_args=each.required, max_args=len(each.arguments), volatile=False
        )


def _answer(name: str) -> Callable[..., Any]:
    def answer(*cells: Any) -> Any:
        return _outward(call(name, *map(_inward, cells)))

    return answer


def _inward(cells: Any) -> Any:
    """Take errors as their codes; everything else arrives as cells already."""
    if isinstance(cells, list):
        return [[_inward(cell) for cell in row] for row in cells]
    if isinstance(cells, dict):
        return CODES.get(str(cells.get("kind")), "#VALUE!")
    return cells


def _outward(result: Any) -> Any:
    """Hand blanks over as empty texts, which are not 0, and errors as errors."""
    if isinstance(result, list):
        return [[_outward(cell) for cell in row] for row in result]
    if isinstance(result, ExcelError):
        from formualizer import LiteralValue

        return LiteralValue.error(KINDS.get(result.code, "Value"), result.reason.en)
    return "" if result is None else result
