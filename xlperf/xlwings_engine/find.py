"""Looking for cells: where a block ends, what surrounds it, which cells are empty, visible or show a text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from xlperf.xlwings_engine.addresses import LAST_COLUMN, LAST_ROW, Place
from xlperf.xlwings_engine.cells import AnySheet, used_place
from xlperf.xlwings_engine.sizes import is_column_hidden, is_row_hidden

STEPS = {
    "up": (-1, 0), "u": (-1, 0), "down": (1, 0), "d": (1, 0),
    "left": (0, -1), "l": (0, -1), "right": (0, 1), "r": (0, 1),
}  # fmt: skip


def find_end(worksheet: AnySheet, row: int, column: int, direction: str) -> tuple[int, int]:
    """Return where Ctrl and an arrow key lead to: the end of the block, else the next block, else the edge."""
    down, right = STEPS[direction]
    cells, used = worksheet._cells, used_place(worksheet)

    def filled(row: int, column: int) -> bool:
        cell = cells.get((row, column))
        return cell is not None and cell.value is not None

    edge = Place(1, 1, LAST_ROW, LAST_COLUMN)
    inside = filled(row, column) and filled(row + down, column + right)
    at = (row, column)
    while edge.holds(at[0] + down, at[1] + right):
        following = (at[0] + down, at[1] + right)
        if inside and not filled(*following):
            return at
        if not inside and filled(*following):
            return following
        if not inside and _beyond(following, used, (down, right)):
            return _edge(at, (down, right))
        at = following
    return at


def _beyond(at: tuple[int, int], used: Place, step: tuple[int, int]) -> bool:
    """Whether nothing can follow any more in a direction."""
    (row, column), (down, right) = at, step
    passed = (down > 0 and row > used.bottom) or (right > 0 and column > used.right)
    return passed or (down < 0 and row < used.top) or (right < 0 and column < used.left)


def _edge(at: tuple[int, int], step: tuple[int, int]) -> tuple[int, int]:
    (row, column), (down, right) = at, step
    if down:
        return (LAST_ROW if down > 0 else 1), column
    return row, (LAST_COLUMN if right > 0 else 1)


def find_region(worksheet: AnySheet, place: Place) -> Place:
    """Return the rectangle around some cells that is bounded by empty rows and columns."""
    cells = worksheet._cells

    def filled(top: int, left: int, bottom: int, right: int) -> bool:
        return any(
            (cell := cells.get((row, column))) is not None and cell.value is not None
            for row in range(max(top, 1), bottom + 1)
            for column in range(max(left, 1), right + 1)
        )

    top, left, bottom, right = place
    while True:
        before = (top, left, bottom, right)
        while top > 1 and filled(top - 1, left - 1, top - 1, right + 1):
            top -= 1
        while filled(bottom + 1, left - 1, bottom + 1, right + 1):
            bottom += 1
        while left > 1 and filled(top - 1, left - 1, bottom + 1, left - 1):
            left -= 1
        while filled(top - 1, right + 1, bottom + 1, right + 1):
            right += 1
        if before == (top, left, bottom, right):
            return Place(top, left, bottom, right)


def find_special(worksheet: AnySheet, place: Place, kind: str, value_kind: str | None) -> list[Place]:
    """Return the rectangles of the cells of a kind: blanks, constants, formulas or visible."""
    if kind == "visible":
        rows = _runs(number for number in range(place.top, place.bottom + 1) if not is_row_hidden(worksheet, number))
        columns = _runs(
            number for number in range(place.left, place.right + 1) if not is_column_hidden(worksheet, number)
        )
        return [Place(top, left, bottom, right) for top, bottom in rows for left, right in columns]
    wanted = _test(kind, value_kind)
    cells = worksheet._cells
    return [
        Place(row, left, row, right)
        for row in range(place.top, place.bottom + 1)
        for left, right in _runs(
            column for column in range(place.left, place.right + 1) if wanted(cells.get((row, column)))
        )
    ]


_KINDS = {"numbers": ("n", "d"), "text": ("s", "inlineStr"), "logical": ("b",), "errors": ("e",)}


def _test(kind: str, value_kind: str | None) -> Callable[[Any], bool]:
    def blank(cell: Any) -> bool:
        return cell is None or cell.value is None

    if kind == "blanks":
        return blank
    if kind == "formulas":
        return lambda cell: not blank(cell) and cell.data_type == "f"
    kinds = _KINDS[value_kind] if value_kind else tuple(each for kinds in _KINDS.values() for each in kinds)
    return lambda cell: not blank(cell) and cell.data_type in kinds


def _runs(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Return the first and last of numbers that follow one another.

    >>> _runs([1, 2, 3, 7, 8])
    [(1, 3), (7, 8)]
    """
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and runs[-1][1] == number - 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs


def find_text(
    rows: Sequence[Sequence[Any]], place: Place, text: str, whole: bool, direction: str, order: str, match_case: bool
) -> Place | None:
    """Return the first of some cells whose value shows a text."""
    pattern = re.compile(re.escape(text), 0 if match_case else re.IGNORECASE)
    matches = pattern.fullmatch if whole else pattern.search
    places = [
        (row, column)
        for row, values in enumerate(rows, start=place.top)
        for column, value in enumerate(values, start=place.left)
        if value is not None and matches(f"{value:.15g}" if isinstance(value, float) else str(value))
    ]
    if not places:
        return None
    key = (lambda at: at) if order == "rows" else (lambda at: (at[1], at[0]))
    row, column = (min if direction == "forward" else max)(places, key=key)
    return Place(row, column, row, column)
