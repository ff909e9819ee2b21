"""What can be seen of a sheet of openpyxl at a moment, so that two moments can be compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from openpyxl.worksheet.worksheet import Worksheet

from xlperf.xlsx.formula import Formula


@dataclass(frozen=True)
class CellState:
    """What a cell holds, and how it looks."""

    value: Any
    kind: str
    style: tuple[int, ...]


@dataclass(frozen=True)
class SheetState:
    """What can be seen of a sheet before and after it was written on."""

    cells: Mapping[tuple[int, int], CellState]
    links: Mapping[str, str | None]
    tables: Mapping[str, str]
    merged: frozenset[str]

    @classmethod
    def of(cls, ws: Worksheet) -> SheetState:
        """Look at a sheet."""
        cells: Any = ws._cells
        return cls(
            {
                place: CellState(cell.value, cell.data_type, tuple(cell._style or ()))
                for place, cell in cells.items()
                if cell.value is not None or cell.has_style
            },
            {cell.coordinate: cell.hyperlink.location for cell in cells.values() if cell.hyperlink is not None},
            {table.displayName: table.ref for table in ws.tables.values()},
            frozenset(str(each) for each in ws.merged_cells.ranges),
        )


def to_write(state: CellState | None, result: object) -> object:
    """Return what a cell holds as it is to be written; a formula with the result that is known of it."""
    if state is None:
        return None
    if state.kind == "f" and isinstance(state.value, str):
        return Formula(state.value[1:], result)
    return state.value if state.value is None or not hasattr(state.value, "as_list") else str(state.value)
