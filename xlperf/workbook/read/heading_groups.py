"""Finds headings in two rows whose groups are not merged, as text files have them, and centred selections."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from xlperf.workbook.read.headers import LABELLED, ROWS_SEARCHED
from xlperf.xlsx.reader.workbook import Area, Grid

_FIGURE = re.compile(r"[-+(]?\s*[0-9][0-9.,\s]*[%％)]?")


def with_groups(grid: Grid) -> Grid:
    """Return a grid whose first headings in two rows are merged as their groups say.

    >>> months = {1: ["指标", None, "及时率"], 2: ["1月", "目标", 1], 3: [None, "实际", 2]}
    >>> with_groups(Grid("a.csv", [1, 2, 3], months)).merged
    [Area(top=1, left=1, bottom=2, right=1), Area(top=1, left=2, bottom=1, right=3)]
    """
    for position in range(min(len(grid) - 2, ROWS_SEARCHED)):
        if areas := _groups(grid, position):
            return replace(grid, merged=[*grid.merged, *areas])
    return grid


def _groups(grid: Grid, position: int) -> list[Area]:
    """Return the areas of headings that stand over two or more others, and of those with nothing below; or none."""
    top, bottom = grid.rows[position : position + 2]
    upper, lower = grid.row(position), grid.row(position + 1)
    is_merged = any(area.top <= bottom and area.bottom >= top for area in grid.merged)
    if is_merged or bottom != top + 1 or len(upper) < 2 or not (_are_headings(upper) and _are_headings(lower)):
        return []
    areas = []
    starts = sorted(upper)
    for start, following in zip(starts, [*starts[1:], max(*starts, *lower) + 1], strict=True):
        below = [number for number in range(start, following) if number in lower]
        if len(below) == 1:
            return []
        areas.append(Area(top, start, top, max(below)) if below else Area(top, start, bottom, start))
    has_groups = any(area.right > area.left for area in areas)
    return areas if has_groups and min(lower) >= starts[0] else []


def _are_headings(cells: Mapping[int, Any]) -> bool:
    return all(
        isinstance(cell, str) and not _FIGURE.fullmatch(cell.strip()) and not LABELLED.fullmatch(cell)
        for cell in cells.values()
    )
