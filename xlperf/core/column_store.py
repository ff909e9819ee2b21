"""Whole columns of raw cells: what stands in a sheet, kept as arrays until the rules of typing ask for it.

A sheet says the same few things very often. A column therefore keeps numbers and moments as arrays, and everything else
as a list of values with the place of each cell in it, so that a rule reads every distinct value once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Final, NamedTuple, overload

import numpy as np

BLANK, LISTED, WHOLE, DECIMAL, MOMENT = range(5)  # what a cell holds: nothing, a value of the list, a figure, a moment
NOWHERE = -1
_EPOCH = datetime(1970, 1, 1)
MOST_WHOLE = 2**53  # larger whole numbers are listed, so that no digit is lost


class Uncalculated:
    """A formula cell whose result the file does not hold."""

    def __str__(self) -> str:
        return ""

    def __repr__(self) -> str:
        return "UNCALCULATED"


UNCALCULATED: Final = Uncalculated()


class Distinct(NamedTuple):
    """The distinct values of a column, and for each cell the position of its value among them; blank cells have -1."""

    values: list[Any]
    codes: np.ndarray

    def where(self, test: Callable[[Any], object]) -> np.ndarray:
        """Return the positions of the cells whose value passes a test."""
        return self.positions(np.fromiter(map(test, self.values), bool, len(self.values)))

    def among(self, some: Set[Any]) -> np.ndarray:
        """Return the positions of the cells whose value is one of some."""
        return np.empty(0, np.int64) if some.isdisjoint(self.values) else self.where(some.__contains__)

    def positions(self, passed: Sequence[bool] | np.ndarray) -> np.ndarray:
        """Return the positions of the cells whose value has passed."""
        return np.flatnonzero(np.append(np.asarray(passed, bool), False)[self.codes])

    def spread(self, results: Sequence[Any] | np.ndarray, blank: Any, dtype: Any = None) -> np.ndarray:
        """Return what each cell comes to, given what each distinct value comes to."""
        every = np.empty(len(self.values) + 1, dtype or object)
        if len(self.values):
            every[:-1] = results
        every[-1] = blank
        spread: np.ndarray = every[self.codes]
        return spread


@dataclass(frozen=True, eq=False)
class Cells(Sequence[Any]):
    """The cells of a column; as a sequence it gives plain Python values, None where a cell is blank.

    ``kinds`` says what each cell holds; ``figures`` are whole and decimal numbers, and moments as milliseconds since
    1970; ``places`` point into ``listed``. Arrays that no cell needs may be empty.

    Examples
    --------
    >>> column = Cells.of(["00123", 7, None, "00123"])
    >>> column[0], column[1], list(column[2:]), column.distinct.values
    ('00123', 7, [None, '00123'], ['00123', 7])
    """

    kinds: np.ndarray
    figures: np.ndarray
    places: np.ndarray
    listed: Sequence[Any]

    @classmethod
    def of(cls, values: Iterable[Any]) -> Cells:
        """Make a column of plain values; one that is a column already stays as it is."""
        if isinstance(values, cls):
            return values
        seen: dict[tuple[type, Any], int] = {}
        places = [
            NOWHERE if value is None else seen.setdefault((type(value), value), len(seen))
            for value in (values.tolist() if isinstance(values, np.ndarray) else values)
        ]
        found = np.array(places, np.int32)
        kinds = np.where(found == NOWHERE, BLANK, LISTED).astype(np.uint8)
        return cls(kinds, np.empty(0), found, [value for _, value in seen])

    def __len__(self) -> int:
        return len(self.kinds)

    @overload
    def __getitem__(self, which: int) -> Any: ...
    @overload
    def __getitem__(self, which: slice) -> Cells: ...
    def __getitem__(self, which: int | slice) -> Any:
        if isinstance(which, slice):
            return self.take(which)
        kind = self.kinds[which]
        if kind == BLANK:
            return None
        return self.listed[self.places[which]] if kind == LISTED else _plain(kind, self.figures[which].item())

    def __iter__(self) -> Iterator[Any]:
        return iter(self.distinct.spread(self.distinct.values, None).tolist())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    def __repr__(self) -> str:
        return f"Cells.of({list(self)!r})"

    def take(self, which: slice | np.ndarray | Sequence[int]) -> Cells:
        """Return some of the cells, by a slice, by a mask or by positions."""
        if isinstance(which, range) and which == range(len(self)):
            return self
        chosen = which if isinstance(which, slice) else np.asarray(which, None if len(which) else np.intp)
        figures, places = (each[chosen] if len(each) else each for each in (self.figures, self.places))
        return Cells(self.kinds[chosen], figures, places, self.listed)

    def without(self, positions: np.ndarray) -> Cells:
        """Return the column with some of its cells blank."""
        if not len(positions):
            return self
        kinds = self.kinds.copy()
        kinds[positions] = BLANK
        return Cells(kinds, self.figures, self.places, self.listed)

    @property
    def filled(self) -> np.ndarray:
        """Tell which cells hold anything."""
        filled: np.ndarray = self.kinds != BLANK
        return filled

    def only(self, *kinds: int) -> bool:
        """Whether every cell that is filled is of certain kinds."""
        return bool(self.of_kind(BLANK, *kinds).all())

    def of_kind(self, *kinds: int) -> np.ndarray:
        """Tell which cells are of certain kinds; ``np.isin`` would take a hundred times as long for a short column."""
        found: np.ndarray = self.kinds == kinds[0]
        for kind in kinds[1:]:
            found = found | (self.kinds == kind)
        return found

    def numbers(self) -> np.ndarray:
        """Return the figures of the number cells, NaN elsewhere."""
        result = np.full(len(self), np.nan)
        given = self.of_kind(WHOLE, DECIMAL)
        if given.any():
            result[given] = self.figures[given]
        return result

    def moments(self) -> np.ndarray:
        """Return the moments to the second, NaT elsewhere; a part of a second is cut off."""
        result = np.full(len(self), np.datetime64("NaT"), "datetime64[s]")
        given = self.of_kind(MOMENT)
        if given.any():
            result[given] = self.figures[given].astype("int64").astype("datetime64[ms]").astype("datetime64[s]")
        return result

    @cached_property
    def listing(self) -> Distinct:
        """The distinct values of the cells that are neither figures nor moments, in the order of the list."""
        codes = np.full(len(self), NOWHERE, np.int64)
        given = self.of_kind(LISTED)
        if not given.any():
            return Distinct([], codes)
        used = np.zeros(len(self.listed), bool)
        used[self.places[given]] = True
        codes[given] = (np.cumsum(used) - 1)[self.places[given]]
        return Distinct([self.listed[place] for place in np.flatnonzero(used).tolist()], codes)

    @cached_property
    def distinct(self) -> Distinct:
        """The distinct values: those of the list, then figures and moments by size."""
        values, codes = self.listing
        values, codes = list(values), codes.copy()
        for kind in (WHOLE, DECIMAL, MOMENT):
            given = self.of_kind(kind)
            if given.any():
                figures, found = np.unique(self.figures[given], return_inverse=True)
                codes[given] = len(values) + found
                values += [_plain(kind, figure) for figure in figures.tolist()]
        return Distinct(values, codes)


def _plain(kind: int, figure: float) -> Any:
    if kind == MOMENT:
        return _EPOCH + timedelta(milliseconds=figure)
    return int(figure) if kind == WHOLE else figure
