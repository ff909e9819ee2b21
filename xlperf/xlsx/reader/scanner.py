"""Finds the cells in the bytes of a sheet: every tag of some whole rows, and what it belongs to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import reduce
from operator import xor
from typing import NamedTuple

import numpy as np
import pandas as pd

from xlperf.xlsx.reader.decode_styles import EXACT, WORDS, CellContext, Irregular
from xlperf.xlsx.reader.digits import MASKS, is_digit, whole_number

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
LAST_CELL_DIGITS = 7  # of the number of the last row
LONGEST_TAIL = 24  # bytes of a cell's tag behind its address
LONGEST_FIGURE = 24
_LOOKED_AHEAD = 6  # tags behind that of a cell that may be asked for without looking whether they are there
_PADDING = bytes(64)  # so that eight bytes may be loaded anywhere
_PRIMES = np.array([1, 0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F], np.uint64)
_ATTRIBUTES = re.compile(rb'"(?: (?:s="\d+"|t="\w+"|[cv]m="\d+"|ph="\w+"))*\s*')
_STYLE, _KIND = re.compile(rb' s="(\d+)"'), re.compile(rb' t="(\w+)"')

# Tags, and how they begin; the two bytes behind the bracket tell them apart.
ROW, ROW_END, CELL, CELL_END, VALUE, VALUE_END, INLINE, INLINE_END, TEXT, TEXT_END, FORMULA, FORMULA_END = range(1, 13)
_SPELLINGS = (
    (b"", 0), (b"<row ", ROW), (b"</row>", ROW_END), (b"<c ", CELL), (b"</c>", CELL_END), (b"<v>", VALUE),
    (b"</v>", VALUE_END), (b"<is>", INLINE), (b"</is>", INLINE_END), (b"<t>", TEXT), (b"<t ", TEXT),
    (b"</t>", TEXT_END), (b"<f>", FORMULA), (b"<f ", FORMULA), (b"</f>", FORMULA_END), (b"<!", 0),
)  # fmt: skip
_SPELLED = np.array([int.from_bytes(spelling, "little") for spelling, _ in _SPELLINGS], np.uint64)
_SPELLED_MASK = np.array([(1 << 8 * len(spelling)) - 1 for spelling, _ in _SPELLINGS], np.uint64)
_TAG_OF_SPELLING = np.array([tag for _, tag in _SPELLINGS], np.uint8)
_SPELLING_BY_TWO_BYTES = np.zeros(1 << 16, np.uint8)
_SPELLING_BY_TWO_BYTES[[int.from_bytes(each[1:3], "little") for each, _ in _SPELLINGS]] = np.arange(len(_SPELLINGS))
_UNUSUAL = len(_SPELLINGS) - 1  # comments, literal text and instructions, whatever follows the sign
_SPELLING_BY_TWO_BYTES[np.isin(np.arange(1 << 16) & 0xFF, list(b"!?"))] = _UNUSUAL


class Bytes:
    """A piece of XML as an array, with room behind it, so that eight bytes may be loaded anywhere."""

    def __init__(self, xml: bytes) -> None:
        padded = xml + _PADDING
        self.xml = xml
        self.one = np.frombuffer(padded, np.uint8)
        self.eight = np.ndarray((len(padded) - 7,), "<u8", padded, strides=(1,))
        self.many = np.ndarray((len(padded) - LONGEST_FIGURE + 1,), f"S{LONGEST_FIGURE}", padded, strides=(1,))


@dataclass(frozen=True)
class CellsFound:
    """The cells of a block that are not empty: their row and column, and where their stored text stands.

    ``whole`` is where the cell itself stands, from its first to its last byte. ``meaning`` is how the text is read.
    """

    row: np.ndarray
    column: np.ndarray
    meaning: np.ndarray
    start: np.ndarray
    end: np.ndarray
    whole: np.ndarray

    def only(self, mask: np.ndarray) -> CellsFound:
        """Return some of the cells."""
        return CellsFound(*(getattr(self, name)[mask] for name in self.__dataclass_fields__))


class Rows(NamedTuple):
    """The numbers of the rows of a block, and of how many digits they are."""

    number: np.ndarray
    digits: np.ndarray


def tags_of(data: Bytes) -> tuple[np.ndarray, np.ndarray]:
    """Return where tags begin and what they are; zero is a tag that is not known.

    Behind the last follow ``_LOOKED_AHEAD`` that are none, where the piece ends.
    """
    at = np.flatnonzero(data.one[: len(data.xml)] == ord("<"))
    words = data.eight[at]
    spelling = _SPELLING_BY_TWO_BYTES[(words >> np.uint64(8)).astype(np.uint16)]
    if (spelling == _UNUSUAL).any():
        raise Irregular
    known = (words & _SPELLED_MASK[spelling]) == _SPELLED[spelling]
    tags = np.zeros(len(at) + _LOOKED_AHEAD, np.uint8)
    tags[: len(at)] = np.where(known, _TAG_OF_SPELLING[spelling], 0)
    return np.append(at, np.full(_LOOKED_AHEAD, len(data.xml))), tags


def rows_of(data: Bytes, at: np.ndarray, tags: np.ndarray) -> Rows:
    """Return the numbers of the rows, and of how many digits they are."""
    rows = np.flatnonzero(tags == ROW)
    words = data.eight[at[rows]]
    if (words != int.from_bytes(b'<row r="', "little")).any():
        raise Irregular
    words = data.eight[at[rows] + 8]
    digits = np.zeros(len(rows), np.int64)
    for place in range(LAST_CELL_DIGITS + 1):
        digits += (digits == place) & is_digit(words >> (8 * place) & 0xFF)
    number = whole_number(words, digits)
    end = at[rows + 1]
    alone = (data.one[end - 2] == ord("/")) & (data.one[end - 1] == ord(">"))
    quoted = data.one[at[rows] + 8 + digits] == ord('"')
    if not (quoted & (digits > 0) & (number > 0) & (number <= LAST_ROW)).all() or int((tags == ROW_END).sum()) != int(
        (~alone).sum()
    ):
        raise Irregular
    return Rows(number, digits)


def cells_in(data: Bytes, at: np.ndarray, tags: np.ndarray, rows: Rows, context: CellContext) -> CellsFound:
    """Find the cells of a block and make sure that every tag of it belongs to one of them, or to a row."""
    first = np.flatnonzero(tags == CELL)
    row = np.cumsum(tags == ROW)[first] - 1
    if len(first) and row[0] < 0:
        raise Irregular
    if _are_plain(data, at, tags, first):
        return _plain_cells(data, at, first, row, rows, context)
    header_end = at[first + 1] - 1
    sound = data.one[header_end] == ord(">")
    alone = sound & (data.one[header_end - 1] == ord("/"))
    empty = sound & ~alone & (tags[first + 1] == CELL_END)
    formula = tags[first + 1] == FORMULA
    skipped = np.where(formula, np.where(tags[first + 2] == FORMULA_END, 2, 1), 0)
    value = first + 1 + skipped
    plain = sound & ~alone & (tags[value] == VALUE) & (tags[value + 1] == VALUE_END) & (tags[value + 2] == CELL_END)
    text = first + 2
    inline = sound & ~alone & (tags[first + 1] == INLINE) & (tags[text] == TEXT) & (tags[text + 1] == TEXT_END)
    inline &= (tags[text + 2] == INLINE_END) & (tags[text + 3] == CELL_END)

    column, tail = _addresses(data, at[first], rows.digits[row])
    meaning = _meanings(data, tail, header_end, context)
    meaning[inline & (meaning != EXACT)] = WORDS
    stored = np.where(inline, text, value)
    start, end = at[stored] + 3, at[stored + 1]
    meaning[inline & (data.one[start - 1] != ord(">"))] = EXACT  # <t xml:space="preserve">
    meaning[~(plain | inline) | (formula & (end <= start))] = EXACT

    last = np.where(inline, text + 3, value + 2)
    odd = ~(alone | empty | plain | inline)
    cell_ends = np.flatnonzero(tags == CELL_END)
    last[odd] = np.append(cell_ends, len(tags) - 1)[np.searchsorted(cell_ends, first[odd])]
    last[empty], last[alone] = first[empty] + 1, first[alone]
    accounted = int((last - first + 1).sum() + (tags == ROW).sum() + (tags == ROW_END).sum())
    if accounted != int((at < len(data.xml)).sum()) or (column <= 0).any():
        raise Irregular
    whole = np.stack([at[first], at[last] + len("</c>")], axis=-1)
    found = CellsFound(row, column, meaning, start, end, whole)
    return found.only(~(alone | empty | ((plain | inline) & ~formula & (end <= start))))


def _are_plain(data: Bytes, at: np.ndarray, tags: np.ndarray, first: np.ndarray) -> bool:
    """Whether all cells of a block are a value in a cell, and nothing else stands in its rows."""
    of_rows = int((tags == ROW).sum() + (tags == ROW_END).sum())
    if int((at < len(data.xml)).sum()) != of_rows + 4 * len(first):
        return False
    following = (tags[first + place] == tag for place, tag in enumerate((VALUE, VALUE_END, CELL_END), start=1))
    closed = at[first + 1]
    is_open = (data.one[closed - 1] == ord(">")) & (data.one[closed - 2] != ord("/"))
    return bool(is_open.all()) and all(each.all() for each in following)


def _plain_cells(
    data: Bytes, at: np.ndarray, first: np.ndarray, row: np.ndarray, rows: Rows, context: CellContext
) -> CellsFound:
    """Find the cells of a block in which all are plain."""
    column, tail = _addresses(data, at[first], rows.digits[row])
    if (column <= 0).any():
        raise Irregular
    meaning = _meanings(data, tail, at[first + 1] - 1, context)
    start, end = at[first + 1] + 3, at[first + 2]
    found = CellsFound(row, column, meaning, start, end, np.stack([at[first], at[first + 3] + len("</c>")], axis=-1))
    return found if (start < end).all() else found.only(start < end)


def _addresses(data: Bytes, cells: np.ndarray, digits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the columns of cells, zero where an address is not understood, and where the rest of their tags begins."""
    addressed = (data.eight[cells] & MASKS[6]) == int.from_bytes(b'<c r="', "little")
    letters = [data.one[cells + 6 + place].astype(np.int64) for place in range(3)]
    is_letter = [(each >= ord("A")) & (each <= ord("Z")) for each in letters]
    is_letter[1] &= is_letter[0]
    is_letter[2] &= is_letter[1]
    column = np.zeros(len(cells), np.int64)
    for letter, given in zip(letters, is_letter, strict=True):
        column = np.where(given, column * 26 + letter - ord("A") + 1, column)
    tail = cells + 6 + sum(each.astype(np.int64) for each in is_letter) + digits
    known = addressed & (data.one[tail] == ord('"')) & (column <= LAST_COLUMN)
    return np.where(known, column, 0), tail


def _meanings(data: Bytes, tail: np.ndarray, end: np.ndarray, context: CellContext) -> np.ndarray:
    """Return how the stored text of each cell is read, from the type and the style in its tag.

    The tags of a sheet end in a few ways only, which are told apart by their bytes; each of them is read once.
    """
    size = end - tail
    short = (size > 0) & (size <= LONGEST_TAIL)
    longest = int(size[short].max(initial=1))
    words = [data.eight[tail + n] & MASKS[np.clip(size - n, 0, 8)] for n in range(0, longest, 8)]
    mixed = reduce(xor, (word * prime for word, prime in zip(words, _PRIMES, strict=False)))
    codes, kinds = pd.factorize(mixed)
    first = np.zeros(len(kinds), np.int64)
    first[codes[::-1]] = np.arange(len(codes))[::-1]
    if any((each != each[first][codes]).any() for each in words):
        raise Irregular
    meanings = [
        _meaning(data.xml[tail[each] : end[each]], context) if short[each] else EXACT for each in first.tolist()
    ]
    return np.where(short, np.array(meanings, np.int64)[codes] if len(codes) else 0, EXACT)


def _meaning(attributes: bytes, context: CellContext) -> int:
    if not _ATTRIBUTES.fullmatch(attributes):
        return EXACT
    style, kind = _STYLE.search(attributes), _KIND.search(attributes)
    return context.meaning(int(style[1]) if style else 0, kind[1].decode() if kind else "n")
