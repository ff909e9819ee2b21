"""Sizes of columns and rows: Excel's characters and points against what the file says."""

from __future__ import annotations

from copy import copy
from math import ceil
from typing import Any
from unicodedata import east_asian_width

from openpyxl.utils import column_index_from_string, get_column_letter

from xlperf.xlwings_engine.addresses import Place
from xlperf.xlwings_engine.cells import AnySheet

DIGIT, PADDING = 7, 5  # pixels, of the font that new workbooks have
DEFAULT_WIDTH, DEFAULT_HEIGHT = 8.43, 15.0  # characters, points
POINTS_OF_PIXEL = 0.75
LINE = 1.36  # heights of a font that a line needs
WIDEST = 255.0


def column_of(worksheet: AnySheet, number: int) -> Any:
    """Return what the file says of one column; columns that are described together are taken apart."""
    letter = get_column_letter(number)
    together = _described(worksheet, number)
    dimensions = worksheet.column_dimensions
    if together is None:
        dimensions[letter].width = DEFAULT_WIDTH + PADDING / DIGIT
    if together is None or together.min == together.max or together.min is None:
        found: Any = dimensions[letter]
        found.min = found.max = number
        return found
    first, last = together.min, together.max
    pieces = [(first, number - 1), (number, number), (number + 1, last)]
    del dimensions[get_column_letter(first)]
    for low, high in pieces:
        if low <= high:
            piece = copy(together)
            piece.index, piece.min, piece.max = get_column_letter(low), low, high
            dimensions[get_column_letter(low)] = piece
    return dimensions[letter]


def _described(worksheet: AnySheet, number: int) -> Any:
    letter = get_column_letter(number)
    if letter in worksheet.column_dimensions:
        return worksheet.column_dimensions[letter]
    for each, dimension in worksheet.column_dimensions.items():
        first = dimension.min or column_index_from_string(each)
        if first <= number <= (dimension.max or first):
            return dimension
    return None


def read_characters(worksheet: AnySheet, number: int) -> float:
    """Return the width of a column in characters, as Excel shows it."""
    dimension = _described(worksheet, number)
    width = dimension.width if dimension is not None and dimension.customWidth else None
    width = width or worksheet.sheet_format.defaultColWidth
    return DEFAULT_WIDTH if not width else round(max(0.0, float(width) - PADDING / DIGIT), 2)


def set_characters(worksheet: AnySheet, number: int, width: float) -> None:
    """Set the width of a column in characters; 0 hides it."""
    if not 0 <= width <= WIDEST:
        raise ValueError("a column is between 0 and 255 characters wide")
    column = column_of(worksheet, number)
    column.width, column.hidden = width + PADDING / DIGIT, width == 0


def width_of_columns(worksheet: AnySheet, first: int, last: int) -> float:
    """Return the width of some columns in points; hidden ones have none."""
    shown = (number for number in range(first, last + 1) if not is_column_hidden(worksheet, number))
    pixels = (int(read_characters(worksheet, number) * DIGIT + PADDING + 0.5) for number in shown)
    return sum(pixels) * POINTS_OF_PIXEL


def read_row_height(worksheet: AnySheet, number: int) -> float:
    """Return the height of a row in points."""
    own = worksheet.row_dimensions[number].height if number in worksheet.row_dimensions else None
    return float(own or worksheet.sheet_format.defaultRowHeight or DEFAULT_HEIGHT)


def height_of_rows(worksheet: AnySheet, first: int, last: int) -> float:
    """Return the height of some rows in points; hidden ones have none."""
    usual = float(worksheet.sheet_format.defaultRowHeight or DEFAULT_HEIGHT)
    own = [
        (0.0 if dimension.hidden else float(dimension.height or usual)) - usual
        for number, dimension in worksheet.row_dimensions.items()
        if first <= number <= last
    ]
    return max(0, last - first + 1) * usual + sum(own)


def is_row_hidden(worksheet: AnySheet, number: int) -> bool:
    """Whether a row is hidden."""
    return number in worksheet.row_dimensions and bool(worksheet.row_dimensions[number].hidden)


def is_column_hidden(worksheet: AnySheet, number: int) -> bool:
    """Whether a column is hidden."""
    dimension = _described(worksheet, number)
    return dimension is not None and bool(dimension.hidden)


def fit_columns(worksheet: AnySheet, place: Place) -> None:
    """Make columns as wide as the longest line in them."""
    for number in range(place.left, place.right + 1):
        cells = _filled(worksheet, place._replace(left=number, right=number))
        if cells:
            set_characters(worksheet, number, min(max(map(_text_width, cells)) + 1, WIDEST))


def fit_rows(worksheet: AnySheet, place: Place) -> None:
    """Make rows as high as the text needs that is broken into lines."""
    for number in range(place.top, place.bottom + 1):
        cells = _filled(worksheet, place._replace(top=number, bottom=number))
        heights = [_text_height(worksheet, cell) for cell in cells]
        worksheet.row_dimensions[number].height = max([DEFAULT_HEIGHT, *heights])


def _filled(worksheet: AnySheet, place: Place) -> list[Any]:
    cells = (worksheet._cells.get(at) for at in place.cells())
    return [cell for cell in cells if cell is not None and cell.value is not None]


def _text_width(cell: Any) -> float:
    size = float(cell.font.sz or 11) / 11
    shown = f"{cell.value:,.2f}" if isinstance(cell.value, float) else str(cell.value)
    lines = shown.splitlines() or [""]
    return max(sum(2 if east_asian_width(letter) in "WF" else 1 for letter in line) for line in lines) * size


def _text_height(worksheet: AnySheet, cell: Any) -> float:
    lines = str(cell.value).count("\n") + 1
    if cell.alignment.wrap_text:
        lines = max(lines, ceil(_text_width(cell) / max(read_characters(worksheet, cell.column), 1)))
    return lines * float(cell.font.sz or 11) * LINE
