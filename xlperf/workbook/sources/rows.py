"""Rows outside the workbook, as columns of raw cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol

import numpy as np

from xlperf.core.column_store import BLANK, DECIMAL, MOMENT, MOST_WHOLE, WHOLE, Cells

_NO_PLACES = np.empty(0, np.int32)


class Rows(Protocol):
    """A source that is open: its title, its headings, and its columns when they are asked for."""

    title: str
    headings: Sequence[str]

    def __enter__(self) -> Rows:
        """Return the source itself."""

    def __exit__(self, *_: object) -> None:
        """Close it."""

    def columns(self, chosen: Mapping[str, str], keys: Sequence[str]) -> dict[str, Cells]:
        """Fetch columns: ``chosen`` gives the heading of each by code; the rows come in the order of the ``keys``."""


def cells_of(values: Any) -> Cells:
    """Return a column of raw cells; arrays of numbers and dates stay arrays.

    >>> list(cells_of(np.array([1.5, float("nan")]))), list(cells_of([Decimal("2.50"), "x"]))
    ([1.5, None], [2.5, 'x'])
    """
    if isinstance(values, np.ma.MaskedArray):
        column = cells_of(values.data)
        return column.without(np.flatnonzero(np.ma.getmaskarray(values)))
    if isinstance(values, np.ndarray) and values.dtype.kind == "M":
        kinds = np.where(np.isnat(values), BLANK, MOMENT).astype(np.uint8)
        return Cells(kinds, values.astype("M8[ms]").astype(np.int64).astype(np.float64), _NO_PLACES, [])
    if isinstance(values, np.ndarray) and values.dtype.kind in "iuf":
        whole = values.dtype.kind != "f"
        usual = np.abs(values.astype(np.float64)) < (MOST_WHOLE if whole else np.inf)
        if (usual | np.isnan(values)).all():
            kinds = np.where(np.isnan(values), BLANK, WHOLE if whole else DECIMAL).astype(np.uint8)
            return Cells(kinds, values.astype(np.float64), _NO_PLACES, [])
    return Cells.of([_plain(value) for value in (values.tolist() if isinstance(values, np.ndarray) else values)])


def _plain(value: Any) -> Any:
    """Return a value of a database as a cell would hold it."""
    match value:
        case None | str() | bool() | int():
            return value if value != "" else None
        case float():
            return None if value != value else value
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case datetime():
            return value
        case date():
            return datetime(value.year, value.month, value.day)
        case bytes():
            return value.decode("utf-8", "replace")
        case _:
            return str(value)
