"""The values of formulas: nothing is computed here, so a formula has the value that its file stores for it."""

from __future__ import annotations

from typing import Any, NamedTuple

from openpyxl.workbook import Workbook

from xlperf.xlsx.exact_openpyxl import load_exactly
from xlperf.xlwings_engine.cells import AnyCell, AnySheet
from xlperf.xlwings_engine.values import read_stored_value


class StoredValues:
    """The values of the formulas of a book that nobody has changed since; the file is read when the first is asked for.

    Parameters
    ----------
    workbook : what openpyxl has loaded
    source : the file that it was loaded from; empty for a new workbook
    """

    def __init__(self, workbook: Workbook, source: bytes) -> None:
        self._source = source
        self._origins = {
            id(cell): _Origin(cell, cell.value, ws.title, cell.row, cell.column)
            for ws in (workbook.worksheets if source else [])
            for cell in _formulas(ws)
        }
        self._adopted: dict[int, tuple[AnyCell, Any, Any]] = {}
        self._values: Workbook | None = None

    def value(self, cell: AnyCell) -> Any:
        """Return the value of a formula that is as it was; None for one that was written since."""
        adopted = self._adopted.get(id(cell))
        if adopted is not None and adopted[1] == cell.value:
            return adopted[2]
        found = self._found(cell)
        return read_stored_value(found.value, found.data_type) if found is not None else None

    def adopt(self, cell: AnyCell, value: Any) -> None:
        """Let a formula have a value that was computed elsewhere, as when it was copied with its value."""
        self._adopted[id(cell)] = (cell, cell.value, value)

    def reword(self, cell: AnyCell, formula: Any) -> None:
        """Give a formula another wording and let it keep its value, as when what it refers to has moved."""
        known, adopted = self._origins.get(id(cell)), self._adopted.get(id(cell))
        if known is not None and known.formula == cell.value:
            self._origins[id(cell)] = known._replace(formula=formula)
        if adopted is not None and adopted[1] == cell.value:
            self._adopted[id(cell)] = (cell, formula, adopted[2])
        cell.value = formula

    def results(self, workbook: Workbook) -> dict[str, dict[str, object]]:
        """Return the values of the formulas that are as they were, by the title of the sheet and the cell."""
        results: dict[str, dict[str, object]] = {}
        for ws in workbook.worksheets:
            values = {cell.coordinate: self.value(cell) for cell in _formulas(ws)}
            kept = {address: value for address, value in values.items() if value is not None}
            if kept:
                results[ws.title] = kept
        return results

    def _found(self, cell: AnyCell) -> AnyCell | None:
        known = self._origins.get(id(cell))
        if known is None or known.formula != cell.value:
            return None
        if self._values is None:
            self._values = load_exactly(self._source, data_only=True)
        sheet: AnySheet = self._values[known.title]
        return sheet._cells.get((known.row, known.column))


class _Origin(NamedTuple):
    """A formula of the file and where it stood."""

    cell: AnyCell
    formula: Any
    title: str
    row: int
    column: int


def _formulas(worksheet: AnySheet) -> list[AnyCell]:
    return [cell for cell in worksheet._cells.values() if cell.data_type == "f"]
