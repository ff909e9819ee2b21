"""Turns the stored texts of many cells into values at once: figures, moments, and places in a list of values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from xlperf.core.column_store import BLANK, DECIMAL, LISTED, MOMENT, WHOLE
from xlperf.xlsx.reader.decode_styles import DATE, EXACT, NUMBER, SHARED, TRUTH, WORDS, CellContext, Irregular
from xlperf.xlsx.reader.digits import all_digits, digits_to_number, place_of
from xlperf.xlsx.reader.scanner import LONGEST_FIGURE, Bytes, CellsFound

MOST_DIGITS = 15  # a whole number of more digits may not fit a float
DAY_MS = 86_400_000
_TENS = 10 ** np.arange(MOST_DIGITS + 1)
_TRUE = (b"1", b"true")
_DIGIT = np.isin(np.arange(256), list(b"0123456789"))
_OF_FIGURES = np.isin(np.arange(256), list(b"\0" + b"0123456789.eE+-"))


@dataclass
class Listed:
    """The values that are not kept as figures: the shared strings, and behind them what else the sheet holds."""

    context: CellContext
    more: list[Any] = field(default_factory=list)
    places: dict[Any, int] = field(default_factory=dict)

    @property
    def values(self) -> Sequence[Any]:
        """The whole list."""
        return [*self.context.strings, *self.more] if self.more else self.context.strings

    def place_of_words(self, stored: bytes) -> int:
        """Return the place of a text as the file writes it; -1 for a blank one."""
        place = self.places.get(stored)
        if place is None:
            text = self.context.text(stored.decode("utf-8"))
            place = self.places[stored] = -1 if text is None else self.place(text)
        return place

    def place(self, value: Any) -> int:
        """Return the place of a value."""
        end = len(self.context.strings) + len(self.more)
        place = self.places.setdefault((type(value), value), end)
        if place == end:
            self.more.append(value)
        return place


@dataclass
class Values:
    """Kinds, figures and places of the cells of a block, as :class:`xlperf.core.column_store.Cells` has them."""

    kind: np.ndarray
    figure: np.ndarray
    place: np.ndarray


def values_of(data: Bytes, cells: CellsFound, listed: Listed) -> Values:
    """Turn the stored texts of cells into values; what the usual shapes do not cover is read exactly."""
    count = len(cells.row)
    found = Values(np.zeros(count, np.uint8), np.zeros(count), np.zeros(count, np.int32))
    exactly = cells.meaning == EXACT
    figures = np.flatnonzero((cells.meaning == NUMBER) | (cells.meaning == DATE))
    if len(figures):
        is_date = cells.meaning[figures] == DATE
        value, kind = _figures(data, cells.start[figures], cells.end[figures])
        moments, known = _moments(value, listed.context.since_1904)
        found.figure[figures] = np.where(is_date, moments, value)
        found.kind[figures] = np.where(is_date, MOMENT, kind)
        exactly[figures] |= (kind == BLANK) | (is_date & ~known)
    shared = np.flatnonzero(cells.meaning == SHARED)
    if len(shared):
        place, kind = _figures(data, cells.start[shared], cells.end[shared])
        if (kind != WHOLE).any() or (place >= len(listed.context.strings)).any() or (place < 0).any():
            raise Irregular
        found.place[shared] = place
        found.kind[shared] = np.where(listed.context.blank[found.place[shared]], BLANK, LISTED)
    for meaning, read in ((WORDS, listed.place_of_words), (TRUTH, lambda stored: listed.place(stored in _TRUE))):
        some = np.flatnonzero(cells.meaning == meaning)
        spans = zip(cells.start[some].tolist(), cells.end[some].tolist(), strict=True)
        found.place[some] = [read(data.xml[start:end]) for start, end in spans]
        found.kind[some] = np.where(found.place[some] < 0, BLANK, LISTED)
    _read_exactly(data, cells, np.flatnonzero(exactly), listed, found)
    return found


def _read_exactly(data: Bytes, cells: CellsFound, which: np.ndarray, listed: Listed, found: Values) -> None:
    pieces = b"".join(data.xml[start:end] for start, end in cells.whole[which].tolist())
    values = listed.context.exact(pieces) if len(which) else []
    if [column for column, _ in values] != cells.column[which].tolist():
        raise Irregular
    found.place[which] = [-1 if value is None else listed.place(value) for _, value in values]
    found.kind[which] = np.where(found.place[which] < 0, BLANK, LISTED)


def _figures(data: Bytes, start: np.ndarray, end: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the numbers that stand somewhere, and whether they are whole, decimal, or left to the exact reader."""
    size = end - start
    words = data.eight[start] << (8 * (8 - np.clip(size, 0, 8))).astype(np.uint64)
    short = (size > 0) & (size <= 8) & all_digits(words, size)
    value = digits_to_number(words).astype(np.float64)
    kind = np.where(short, WHOLE, BLANK).astype(np.uint8)
    pointed = np.flatnonzero(~short & (size > 0))
    value[pointed], known = _with_point(data, start[pointed], end[pointed])
    kind[pointed[known]] = DECIMAL
    rest = np.flatnonzero((kind == BLANK) & (size > 0) & (size <= LONGEST_FIGURE))
    if len(rest):
        texts = data.many[start[rest]].reshape(-1, 1).view(np.uint8).reshape(len(rest), LONGEST_FIGURE)
        texts = np.where(np.arange(LONGEST_FIGURE) < size[rest, None], texts, 0).astype(np.uint8)
        digits = _DIGIT[texts].sum(axis=1)
        signs = (texts == ord("-")).sum(axis=1)
        known = _OF_FIGURES[texts].all(axis=1) & (digits > 0) & (texts[:, 0] != ord("+"))
        whole = (digits + signs == size[rest]) & (signs == (texts[:, 0] == ord("-")))
        known &= ~whole | (digits <= MOST_DIGITS)
        try:
            value[rest[known]] = texts[known].view(f"S{LONGEST_FIGURE}").ravel().astype(np.float64)
            value[rest[whole]] += 0.0  # the whole number -0 is 0
        except ValueError:
            raise Irregular from None
        kind[rest] = np.where(known, np.where(whole, WHOLE, DECIMAL), BLANK)
    return value, kind


def _with_point(data: Bytes, start: np.ndarray, end: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the decimal numbers of at most fifteen digits that stand somewhere, and where there is one.

    Their digits without the point, and the power of ten to divide them by, are exact: so is the quotient.
    """
    negative = data.one[start] == ord("-")
    start = start + negative
    words = data.eight[start]
    before = place_of(ord("."), words)
    behind = end - start - before - 1
    first = start + before + 1
    parts = ((start, before), (first, np.clip(behind, 0, 8)), (first + 8, np.clip(behind - 8, 0, 8)))
    known = (before > 0) & (before < 8) & (behind > 0) & (before + behind <= MOST_DIGITS)
    digits = np.zeros(len(start), np.int64)
    for place, size in parts:
        words = data.eight[place] << (8 * (8 - size)).astype(np.uint64)
        known &= (size == 0) | all_digits(words, size)
        digits = digits * _TENS[size] + np.where(size > 0, digits_to_number(words).astype(np.int64), 0)
    value = digits / _TENS[np.clip(behind, 0, MOST_DIGITS)]
    return np.where(negative, -value, value), known


def _moments(days: np.ndarray, since_1904: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return the moments that numbers of days stand for, in milliseconds since 1970, and which of them are certain.

    Days before March 1900 are left to the exact reader: one of them never was.
    """
    known = (days >= (1 if since_1904 else 61)) & (days < 2_900_000)
    days = np.where(known, days, 0.0)
    whole = np.floor(days)
    zero = -24_107 if since_1904 else -25_569
    return (whole + zero) * DAY_MS + np.rint((days - whole) * 86_400 * 1000), known
