"""The worked cases of the rules, from ``cases/rules/<code>.toml``."""

from __future__ import annotations

import inspect
import tomllib
from math import inf, nan
from pathlib import Path
from typing import Any

import numpy as np

from xlperf.core.curves import Anchor, Curve
from xlperf.core.intervals import Interval
from xlperf.policy.rules import COLUMNS, RULES, Rule

CASES = Path(__file__).parent / "cases" / "rules"
BLANK = "blank"


def signature(rule: Rule) -> dict[str, inspect.Parameter]:
    return dict(inspect.signature(rule.function).parameters)


def column(cell: Any) -> np.ndarray:
    cells = cell if isinstance(cell, list) else [cell]
    return np.array([nan if value == BLANK else value for value in cells], dtype=float)


def band(row: dict[str, Any]) -> tuple[Interval, float]:
    low, high = row.get("low", -inf), row.get("high", inf)
    return Interval(low, row.get("low_included", False), high, row.get("high_included", False)), row["points"]


def argument(name: str, cell: Any, optional: bool) -> Any:
    if name == "bands":
        return [band(row) for row in cell]
    if name == "anchors":
        return Curve(tuple(Anchor(**row) for row in cell["anchors"]), cell["below"], cell["above"])
    if cell == BLANK and optional:
        return None
    return column(cell) if name in COLUMNS else cell


def cases(code: str) -> list[dict[str, Any]]:
    """The cases of one rule: name, why, points, and the arguments by name; none where its file is not written yet."""
    path = CASES / f"{code}.toml"
    if not path.exists():  # told by a test of its own, not by a crash before any test
        return []
    book = tomllib.loads(path.read_text("utf-8"))
    needed = signature(RULES[code])
    result = []
    for case in book["case"]:
        cells = book.get("given", {}) | case
        unknown = cells.keys() - needed.keys() - {"name", "why", "points"}
        assert not unknown, f"{code}, {case['name']}: {unknown} is not an argument of the rule"
        arguments = {name: argument(name, cells[name], needed[name].default is None) for name in needed}
        result.append(cells | {"arguments": arguments, "points": column(cells["points"])})
    return result
