"""What a formula of one's own may name: other indicators by code or name, and the two parts of their figures."""

from __future__ import annotations

from collections.abc import Container, Iterable

from xlperf.core.problems import Text
from xlperf.policy.conditions import Scope
from xlperf.schema import Column

PARTS = {"numerator": Text("分子", "numerator"), "denominator": Text("分母", "denominator")}


def formula_scope(indicators: Iterable[tuple[str, Text]]) -> Scope:
    """Return the columns of formulas over some indicators.

    Parameters
    ----------
    indicators : codes and names; each code is its actual, with ``_numerator`` and ``_denominator`` its two parts

    Examples
    --------
    >>> scope = formula_scope([("csat", Text("满意度", "Satisfaction"))])
    >>> [scope.find(word).code for word in ("满意度", "csat_denominator", "满意度分子")]
    ['csat', 'csat_denominator', 'csat_numerator']
    """
    listed = list(indicators)
    parts = [
        Column(f"{code}_{part}", Text(f"{name.zh}{said.zh}", f"{name.en} {said.en}"), "number")
        for part, said in PARTS.items()
        for code, name in listed
    ]
    return Scope((*parts, *(Column(code, name, "number") for code, name in listed)), functions=True)


def part_of_fact(column: str, indicators: Container[str]) -> tuple[str, str]:
    """Return the indicator that a column of a formula belongs to, and which of its figures it is.

    Parameters
    ----------
    column : its code in a formula
    indicators : the codes that there are; one that ends in the name of a part is itself

    Examples
    --------
    >>> part_of_fact("csat_numerator", ["csat"]), part_of_fact("csat", ["csat"])
    (('csat', 'numerator'), ('csat', 'actual'))
    """
    code, _, part = column.rpartition("_")
    return (code, part) if column not in indicators and part in PARTS else (column, "actual")
