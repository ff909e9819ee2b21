"""What cells hand to a worksheet function becomes columns of numbers, words and dates; and columns become cells again.

A cell is a number, a text, a truth value, a date or blank (None, or an empty text as some programs say it). A range is
a list of rows. Numbers and dates written as text are read as in a workbook; what cannot be read is an error in words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xlperf.binding.functions.errors import ERROR_CELL, ExcelError, wrong
from xlperf.core.numbers import clean_key, clean_text, parse_date, parse_numbers
from xlperf.core.problems import Problem, Text
from xlperf.core.vocabulary import fold

Cells = Any
Matrix = NDArray[np.float64]

PLAIN = {int, float, type(None)}


def rows_of(cells: Cells) -> list[list[Any]]:
    """Return a range as a list of rows; a single cell is a range too, and a plain list is a row.

    >>> rows_of(3), rows_of([1, 2]), rows_of(((1,), (2,)))
    ([[3]], [[1, 2]], [[1], [2]])
    """
    if not isinstance(cells, (list, tuple)):
        return [[cells]]
    if not any(isinstance(row, (list, tuple)) for row in cells):
        return [list(cells)]
    return [list(row) for row in cells]


def cells_of(cells: Cells) -> list[Any]:
    """Return the cells of a range in reading order."""
    return [cell for row in rows_of(cells) for cell in row]


def is_blank(cell: Any) -> bool:
    """Whether a cell holds nothing."""
    return cell is None or cell == "" or cell != cell


def given(cells: Cells) -> bool:
    """Whether an optional argument was given at all."""
    return not all(map(is_blank, cells_of(cells)))


def refuse_errors(cells: Iterable[Any], name: str) -> None:
    """Raise the error that a cell of an argument shows already."""
    for cell in cells:
        if isinstance(cell, ExcelError):
            raise cell
        if isinstance(cell, str) and ERROR_CELL.fullmatch(cell):
            raise ExcelError(cell, Problem("function-error-cell", details={"argument": name, "cell": cell}))


def numbers(cells: Cells, name: str) -> Matrix:
    """Return the numbers of a range, in its shape; NaN where a cell is blank or says that nothing was measured.

    >>> numbers([[90, None], ["85%", "不适用"]], "actual").tolist()
    [[90.0, nan], [0.85, nan]]
    """
    rows = rows_of(cells)
    flat = [cell for row in rows for cell in row]
    if set(map(type, flat)) <= PLAIN:
        return np.array(flat, np.float64).reshape(len(rows), -1)
    refuse_errors(flat, name)
    parsed = parse_numbers(flat)
    unread = np.flatnonzero(parsed.kind == "text")
    if len(unread):
        raise wrong("function-number", argument=name, cell=clean_text(flat[unread[0]]))
    return parsed.value.reshape(len(rows), -1)


def number(cells: Cells, name: str) -> float | None:
    """Return a single number, None where the cell is blank."""
    value = float(cells) if type(cells) in (int, float) else float(numbers(cells, name)[0, 0])
    return None if value != value else value


def whole(cells: Cells, name: str) -> int | None:
    """Return a single whole number, None where the cell is blank."""
    value = number(cells, name)
    if value is not None and value != int(value):
        raise wrong("function-whole", argument=name, cell=value)
    return None if value is None else int(value)


def column(cells: Cells, name: str) -> Matrix:
    """Return the numbers of a range as one column, whichever way it lies."""
    return numbers(cells, name).ravel()


def texts(cells: Cells, name: str) -> list[str]:
    """Return the texts of a range, "" where blank; codes typed as numbers are texts."""
    flat = cells_of(cells)
    refuse_errors(flat, name)
    return [clean_key(cell) for cell in flat]


def text(cells: Cells, name: str) -> str:
    """Return a single text, "" where the cell is blank."""
    return texts(cells, name)[0]


def word(cells: Cells, name: str, words: Mapping[str, Text], otherwise: str = "") -> str:
    """Return the code of a word in either language; ``otherwise`` where the cell is blank.

    >>> directions = {"higher": Text("正向", "higher"), "lower": Text("反向", "lower")}
    >>> word("反向", "direction", directions), word("HIGHER", "direction", directions)
    ('lower', 'higher')
    """
    said = text(cells, name)
    if not said:
        return otherwise
    find = getattr(words, "find", None)
    wanted = fold(said)
    found = find(said) if find else next((c for c, each in words.items() if wanted in map(fold, (c, *each))), None)
    if found not in words:
        raise wrong("function-word", argument=name, cell=said, allowed=list(words.values()))
    return str(found)


def day(cells: Cells, name: str) -> date | None:
    """Return a single date, given as date, serial number or text; None where the cell is blank."""
    cell = cells_of(cells)[0]
    refuse_errors([cell], name)
    if is_blank(cell):
        return None
    moment = parse_date(cell)
    if moment is None:
        raise wrong("function-date", argument=name, cell=clean_text(cell))
    return moment.date()


def needed(value: Any, name: str) -> Any:
    """Return a value that must not be lacking."""
    if value is None or (isinstance(value, str) and value == ""):
        raise wrong("function-lacks", argument=name)
    return value


def same_length(**columns: Sequence[Any] | Matrix | None) -> None:
    """Raise where columns that belong together are not of one length."""
    lengths = {name: len(each) for name, each in columns.items() if each is not None}
    if len(set(lengths.values())) > 1:
        raise wrong("function-sizes", sizes=[f"{name}: {length}" for name, length in lengths.items()])


def matrices(columns: Mapping[str, Cells]) -> dict[str, Matrix]:
    """Read several ranges and stretch single cells, rows and columns to their common shape."""
    read = {name: numbers(cells, name) for name, cells in columns.items()}
    try:
        shape = np.broadcast_shapes(*(each.shape for each in read.values()))
    except ValueError:
        sizes = [f"{name}: {each.shape[0]}×{each.shape[1]}" for name, each in read.items()]
        raise wrong("function-sizes", sizes=sizes) from None
    return {name: np.broadcast_to(each, shape) for name, each in read.items()}


def spread(values: Any, unknown: Any = None, mask: NDArray[np.bool_] | None = None) -> Cells:
    """Return numbers or words as cells: a list of rows, or one value; what is missing is blank.

    ``unknown`` is put where ``mask`` says so.
    """
    rows = np.atleast_2d(np.asarray(values)).astype(object)
    rows[rows != rows] = None  # not a number differs from itself
    if mask is not None:
        rows[np.atleast_2d(mask)] = unknown
    listed: list[list[Any]] = rows.tolist()
    return listed[0][0] if rows.size == 1 else listed


def down(values: Any) -> Cells:
    """Return values as a column of cells."""
    return spread(np.asarray(values).reshape(-1, 1))
