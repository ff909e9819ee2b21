"""The array formulas of a worksheet: one formula for many cells, which change together or not at all."""

from __future__ import annotations

from collections.abc import Iterator

from openpyxl.worksheet.formula import ArrayFormula

from xlperf.xlsx.dynamic_arrays import DynamicArray
from xlperf.xlwings_engine.addresses import Place, read_place
from xlperf.xlwings_engine.cells import AnyCell, AnySheet


class ArrayFormulas:
    """The array formulas of a worksheet, searched for when they are first asked for.

    Parameters
    ----------
    worksheet : the openpyxl worksheet

    Examples
    --------
    >>> from openpyxl import Workbook
    >>> worksheet = Workbook().worksheets[0]
    >>> arrays = ArrayFormulas(worksheet)
    >>> arrays.put(worksheet["C1"], ArrayFormula("C1:C3", "=A1:A3*2"))
    >>> arrays.prepare_change(Place(2, 3, 2, 3))
    Traceback (most recent call last):
        ...
    ValueError: You can't change part of an array: $C$1:$C$3 holds one formula; change or clear all of its cells
    """

    def __init__(self, worksheet: AnySheet) -> None:
        self._worksheet = worksheet
        self._known: list[AnyCell] | None = None

    def __iter__(self) -> Iterator[tuple[AnyCell, Place]]:
        """Yield the cell that holds each formula, and the cells that it is for."""
        cells = self._worksheet._cells
        if self._known is None:
            self._known = [cell for cell in cells.values() if isinstance(cell._value, ArrayFormula)]
        for cell in list(self._known):
            if isinstance(cell._value, ArrayFormula) and cells.get((cell.row, cell.column)) is cell:
                place = read_place(cell._value.ref)
                if place is not None:
                    yield cell, place

    def put(self, cell: AnyCell, formula: ArrayFormula) -> None:
        """Put an array formula into the cell at the top left of those that it is for."""
        list(self)
        assert self._known is not None
        cell.value = formula
        if all(each is not cell for each in self._known):
            self._known.append(cell)

    def find_anchor(self, place: Place) -> AnyCell | None:
        """Return the cell with the array formula that some cells belong to, if they do."""
        return next((cell for cell, each in self if each.within(place) == place), None)

    def fixed(self) -> Iterator[tuple[AnyCell, Place]]:
        """Yield the array formulas that do not spill."""
        return ((cell, place) for cell, place in self if not isinstance(cell._value, DynamicArray))

    def check_whole(self, place: Place) -> None:
        """Refuse to change some of the cells of an array formula; a dynamic one gives way instead.

        Raises
        ------
        ValueError
            Where a part of an array formula lies in the place.
        """
        for _, each in self.fixed():
            if each.within(place) not in (None, each):
                raise ValueError(
                    f"You can't change part of an array: {each.address()} holds one formula; "
                    "change or clear all of its cells"
                )

    def prepare_change(self, place: Place) -> None:
        """Make way for new contents: refuse to cut an array formula, and take back what a dynamic one has spilled.

        Raises
        ------
        ValueError
            Where a part of an array formula lies in the place.
        """
        self.check_whole(place)
        for cell, each in self:
            if isinstance(cell._value, DynamicArray) and each.within(place):
                self.collapse(cell, each)

    def collapse(self, cell: AnyCell, place: Place) -> None:
        """Empty what a dynamic array has spilled; it spills again when Excel calculates it."""
        for at in place.cells():
            spilt = self._worksheet._cells.get(at)
            if spilt is not None and spilt is not cell:
                spilt.value = None
        cell.value = DynamicArray(cell.coordinate, cell._value.text)
