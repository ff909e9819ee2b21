"""Computes the formulas of indicators from the figures that they name: arithmetic, functions, and choices between two.

Figures are few, one for each person, and their functions are more than every engine of columns knows; hence arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from xlperf.core.intervals import settled
from xlperf.core.numbers import round_half_up
from xlperf.policy.conditions.expressions import When, figure, rows_meeting
from xlperf.policy.conditions.tree import (
    All,
    Among,
    Any_,
    Calc,
    Choice,
    Compare,
    Condition,
    Function,
    Not,
    Operand,
    Ref,
    Value,
    kind,
)

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


def figures_of(operand: Operand, columns: Mapping[str, Floats], size: int, when: When) -> Floats:
    """Return what a formula comes to.

    Parameters
    ----------
    operand : the formula; its columns are figures
    columns : n figures each, by code; NaN where there is none
    size : n
    when : the period, for days that the formula may name

    Returns
    -------
    n numbers; NaN where a figure is lacking or something is divided by 0, in a condition too where its answer hangs on
    that, but not in the branch that is not taken. Conditions compare numbers as rules do, to twelve significant digits.

    Examples
    --------
    >>> from datetime import date
    >>> from xlperf.core.problems import Text
    >>> from xlperf.policy.conditions import read_expression
    >>> from xlperf.policy.scheme.formula_scope import formula_scope
    >>> scope = formula_scope([("done", Text("完成", "Done")), ("due", Text("应完成", "Due"))])
    >>> october = When(date(2026, 10, 1), date(2026, 10, 31), date(2026, 9, 1), date(2026, 9, 30))
    >>> formula = read_expression("if(due = 0, 1, round(min(done, due) / due, 2))", scope)
    >>> figures_of(formula, {"done": np.array([2.0, 7.0, 0.0]), "due": np.array([3.0, 5.0, 0.0])}, 3, october)
    array([0.67, 1.  , 1.  ])
    """
    with np.errstate(all="ignore"):
        return _Figures(columns, size, when).number(operand)


class _Figures:
    def __init__(self, columns: Mapping[str, Floats], size: int, when: When) -> None:
        self.columns, self.size, self.when = columns, size, when

    def number(self, node: Operand) -> Floats:
        match node:
            case Ref(code):
                return self.columns[code]
            case Value(float(value)):
                return np.full(self.size, value)
            case Calc("/", left, right) if kind(left) == "number":
                below = self.number(right)
                return np.where(below == 0, np.nan, self.number(left) / below)
            case Calc(sign, left, right) if kind(left) == "number":
                return np.asarray(_CALC[sign](self.number(left), self.number(right)))
            case Function(name, operands, digits):
                numbers = [self.number(each) for each in operands]
                return round_half_up(numbers[0], digits) if name == "round" else _FUNCTIONS[name](numbers)
            case Choice(condition, then, otherwise):
                met, unmet = self.answer(condition)
                return np.where(met, self.number(then), np.where(unmet, self.number(otherwise), np.nan))
            case _:  # days, which are the same for everybody
                return self._of_frame(figure(node, self.when)).astype(np.float64)

    def answer(self, node: Condition) -> tuple[Mask, Mask]:
        """Return where a condition is met and where it is not met; it is neither where its answer is not known.

        One part that is not met settles an "and", one that is met settles an "or", whatever the other parts are.
        """
        match node:
            case Compare(left, sign, right) if kind(left) == "number":
                one, other = settled(self.number(left)), settled(self.number(right))
                known, met = ~(np.isnan(one) | np.isnan(other)), np.asarray(_COMPARE[sign](one, other), bool)
                return known & met, known & ~met
            case Among(left, values) if kind(left) == "number":
                return self.answer(Any_(tuple(Compare(left, "=", each) for each in values)))
            case All(items) | Any_(items) if items:
                answers = [self.answer(each) for each in items]
                mets, unmets = [met for met, _ in answers], [unmet for _, unmet in answers]
                if isinstance(node, All):
                    return np.logical_and.reduce(mets), np.logical_or.reduce(unmets)
                return np.logical_or.reduce(mets), np.logical_and.reduce(unmets)
            case Not(item):
                met, unmet = self.answer(item)
                return unmet, met
            case _:
                found = self._of_frame(rows_meeting(node, self.when)).astype(bool)
                return found, ~found

    def _of_frame(self, expression: Any) -> npt.NDArray[Any]:
        import narwhals as nw
        import pandas as pd

        frame = pd.DataFrame({"row": np.arange(self.size), **self.columns})
        found: npt.NDArray[Any] = nw.from_native(frame).with_columns(**{"figure?": expression})["figure?"].to_numpy()
        return found


_CALC: Mapping[str, Callable[[Floats, Floats], Any]] = {
    "+": np.add, "-": np.subtract, "*": np.multiply,
}  # fmt: skip
_COMPARE: Mapping[str, Callable[[Floats, Floats], Any]] = {
    "=": np.equal, "<>": np.not_equal, "<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal,
}  # fmt: skip
_FUNCTIONS: Mapping[str, Callable[[list[Floats]], Floats]] = {
    "min": lambda numbers: np.min(numbers, axis=0),
    "max": lambda numbers: np.max(numbers, axis=0),
    "abs": lambda numbers: np.abs(numbers[0]),
}
