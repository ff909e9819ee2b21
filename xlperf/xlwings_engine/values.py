"""What stands in cells: how Excel's values become Python's, and the other way round.

Numbers are read as floats and empty cells as None, as from Excel itself. Nothing is computed: a formula has the value
that the file stored for it.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from openpyxl.cell.cell import ERROR_CODES
from openpyxl.cell.rich_text import CellRichText
from openpyxl.styles.numbers import is_date_format
from openpyxl.utils.datetime import to_excel
from openpyxl.worksheet.formula import ArrayFormula

from xlperf.xlwings_engine.cells import AnyCell
from xlperf.xlwings_engine.formula_syntax import drop_intersections, to_shown_formula, to_stored_formula
from xlperf.xlwings_engine.limits import check_formula, check_text

DAY, MOMENT = "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss"
TEXT, GENERAL = "@", "General"
ZERO = dt.date(1899, 12, 30)  # the day of a time without a day

_serial: Any = to_excel  # typed by nobody
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


class ErrorValue(str):
    """An error in a cell, such as ``#N/A``: unlike a text that reads the same, it is nothing unless asked for."""

    __slots__ = ()


# Out of cells -----------------------------------------------------------------------------------------------------


def read_value(cell: AnyCell, stored: Callable[[AnyCell], Any]) -> Any:
    """Return what Excel would answer for a cell; ``stored`` gives the value of a formula.

    Numbers are floats, dates are datetimes, and rich text is its characters.
    """
    value = cell.value
    if value is None:
        return None
    kind = cell.data_type
    if kind == "f":
        return stored(cell)
    if kind == "n":
        return value if isinstance(value, bool) else float(value)
    if kind == "d":
        return to_excel_moment(value) if is_date_format(cell.number_format) else serial_number(value)
    return read_stored_value(value, kind)


def read_stored_value(value: Any, kind: str) -> Any:
    """Return a stored value of a kind as Excel would answer it."""
    if kind == "e":
        return ErrorValue(value)
    if isinstance(value, CellRichText):
        return str(value)
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    return float(value) if isinstance(value, (int, float)) else to_excel_moment(value)


def to_excel_moment(value: Any) -> Any:
    """Return a date, a time of day or a duration the way Excel hands it to Python.

    >>> to_excel_moment(dt.time(12, 30)), to_excel_moment(dt.timedelta(hours=36))
    (datetime.datetime(1899, 12, 30, 12, 30), 1.5)
    """
    if isinstance(value, dt.datetime):
        return value
    if isinstance(value, dt.date):
        return dt.datetime(value.year, value.month, value.day)
    if isinstance(value, dt.time):
        return dt.datetime.combine(ZERO, value)
    return serial_number(value)


def serial_number(value: Any) -> float:
    """Return the number behind a date."""
    return float(_serial(value))


def clean_value(
    value: Any, dates: Callable[..., Any], empty: Any, numbers: Callable[[float], Any] | None, errors_as_text: bool
) -> Any:
    """Turn a raw value into what the options of a range ask for."""
    if value is None or value == "":
        return empty
    if isinstance(value, dt.datetime):
        return dates(
            year=value.year, month=value.month, day=value.day, hour=value.hour, minute=value.minute,
            second=value.second, microsecond=value.microsecond, tzinfo=None,
        )  # fmt: skip
    if isinstance(value, ErrorValue):
        return str(value) if errors_as_text else None
    if numbers is not None and isinstance(value, float):
        return numbers(value)
    return value


# Into cells -------------------------------------------------------------------------------------------------------


def prepare_value(value: Any) -> Any:
    """Turn a Python, NumPy or pandas value into one for a cell; what is missing becomes nothing.

    >>> import numpy as np
    >>> [prepare_value(each) for each in (np.int64(3), float("nan"), dt.date(2026, 10, 1), None)]
    [3, '', datetime.datetime(2026, 10, 1, 0, 0), '']
    """
    if value is None or type(value).__name__ == "NAType" or value != value:
        return ""
    if hasattr(value, "to_pydatetime"):
        value = value.to_pydatetime()
    elif type(value).__module__ == "numpy":
        value = value.astype("datetime64[us]").item() if value.dtype.kind == "M" else value.item()
    if isinstance(value, dt.datetime):
        return value.replace(tzinfo=None)
    if type(value).__module__.startswith("pandas") and not isinstance(value, dt.timedelta):
        return str(value)  # a period or an interval, which Excel does not know
    return dt.datetime(value.year, value.month, value.day) if type(value) is dt.date else value


def assign_value(cell: AnyCell, value: Any) -> None:
    """Give a cell a value as if it were typed in, with two differences that keep text what it is.

    Text that begins with = is a formula, unless the cell is formatted as text or an apostrophe stands before it.
    Other text is never converted: not 007, and not what begins with + - @, which Excel would take for a formula.
    """
    if cell.quotePrefix:
        cell.quotePrefix = False
    if isinstance(value, str):
        _assign_text(cell, value)
    elif isinstance(value, (dt.date, dt.time, dt.timedelta)):
        _assign_moment(cell, value)
    elif isinstance(value, float) and not math.isfinite(value):
        cell.value = "#NUM!"
    else:
        cell.value = value


def _assign_text(cell: AnyCell, text: str) -> None:
    quoted = text.startswith("'")
    words = text if text.isprintable() else _UNPRINTABLE.sub("", text)
    words = words[1:] if quoted else words
    formatted_as_text = cell.number_format == TEXT
    if not words:
        cell.value = None
    elif not (quoted or formatted_as_text) and (words.startswith("=") or words in ERROR_CODES):
        cell.value = drop_intersections(check_formula(to_stored_formula(words))) if words.startswith("=") else words
    else:
        cell._value, cell.data_type = check_text(words), "s"
        cell.quotePrefix = quoted or (not formatted_as_text and is_formula_like(words))


def _assign_moment(cell: AnyCell, value: Any) -> None:
    """Store a date; only a cell without a format of its own gets one for dates."""
    if cell.number_format == GENERAL and isinstance(value, dt.date):
        midnight = not isinstance(value, dt.datetime) or value.time() == dt.time()
        cell.number_format = DAY if midnight else MOMENT
    if cell.number_format == GENERAL:
        cell.value = value
    else:
        cell._value, cell.data_type = value, "d"


def is_formula_like(text: object) -> bool:
    """Whether Excel would take a text for a formula if it were typed.

    >>> is_formula_like("=1+1"), is_formula_like("-"), is_formula_like("Sales")
    (True, False, False)
    """
    return isinstance(text, str) and text[:1] in ("=", "+", "-", "@") and len(text) > 1


def as_text(rows: Iterable[Sequence[Any]]) -> list[list[Any]]:
    """Return rows of values in which no text becomes a formula when they are written, in this engine and in Excel.

    >>> as_text([["=1+1", "Sales", 3]])
    [["'=1+1", 'Sales', 3]]
    """
    return [[f"'{each}" if _needs_quote(each) else each for each in row] for row in rows]


def _needs_quote(value: Any) -> bool:
    return is_formula_like(value) or (isinstance(value, str) and value.startswith("'"))


# Formulas ---------------------------------------------------------------------------------------------------------


def formula_text(cell: AnyCell | None) -> str:
    """Return the formula of a cell, or its constant as text, as Excel's Formula property does."""
    value = cell.value if cell is not None else None
    if value is None:
        return ""
    if isinstance(value, ArrayFormula):
        return to_shown_formula(value.text or "")
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, (dt.date, dt.time, dt.timedelta)):
        value = serial_number(value)
    if cell is not None and cell.data_type == "f":
        return to_shown_formula(str(value))
    return f"{value:.15g}" if isinstance(value, float) else str(value)
