"""Reads the cells of a large sheet as whole columns, straight from the bytes of its XML.

Spreadsheet programs write cells in a few regular shapes: ``<c r="B7" s="3" t="s"><v>12</v></c>``. These are found,
taken apart and turned into values with array operations, a block of rows at a time. A cell of any other shape is handed
to the exact reader by itself; a sheet in which a single tag is not where it is expected is :class:`Irregular`, and then
the exact reader takes all of it. So nothing is guessed: the result is the exact reader's, only sooner.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from xlperf.raw import BLANK, DECIMAL, LISTED, MOMENT, WHOLE, Cells

BLOCK_BYTES = 4 << 20
LAST_CELL_DIGITS = 7  # of 1,048,576
LONGEST_TAIL = 24  # bytes of a cell's tag behind its address
LONGEST_FIGURE = 24
MOST_DIGITS = 15  # a whole number of more digits may not fit a float
DAY_MS = 86_400_000
_PADDING = bytes(64)  # so that eight bytes may be loaded anywhere
SPREADSHEET = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_FORBIDDEN = (b"<!", b"<?")  # comments, literal text and instructions: for the exact reader
_ATTRIBUTES = re.compile(rb'"(?: (?:s="\d+"|t="\w+"|[cv]m="\d+"|ph="\w+"))*\s*')
_STYLE, _KIND = re.compile(rb' s="(\d+)"'), re.compile(rb' t="(\w+)"')
_HIDDEN_ROW = re.compile(rb'<row r="(\d+)"[^>]*? hidden="(?:1|true)"')
_ITEM = re.compile(r'<si><t(?: xml:space="preserve")?>([^<]*)</t></si>')
_ENTITY = re.compile("&(?:(#x[0-9A-Fa-f]{1,6}|#[0-9]{1,7}|[a-z]+);)?")
_SIGNS = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}

# Tags, and how they begin; the two bytes behind the bracket tell them apart.
ROW, ROW_END, CELL, CELL_END, VALUE, VALUE_END, INLINE, INLINE_END, TEXT, TEXT_END, FORMULA, FORMULA_END = range(1, 13)
_SPELLINGS = (
    (b"", 0), (b"<row ", ROW), (b"</row>", ROW_END), (b"<c ", CELL), (b"</c>", CELL_END), (b"<v>", VALUE),
    (b"</v>", VALUE_END), (b"<is>", INLINE), (b"</is>", INLINE_END), (b"<t>", TEXT), (b"<t ", TEXT),
    (b"</t>", TEXT_END), (b"<f>", FORMULA), (b"<f ", FORMULA), (b"</f>", FORMULA_END),
)  # fmt: skip
_SPELLED = np.array([int.from_bytes(spelling, "little") for spelling, _ in _SPELLINGS], np.uint64)
_SPELLED_MASK = np.array([(1 << 8 * len(spelling)) - 1 for spelling, _ in _SPELLINGS], np.uint64)
_TAG_OF_SPELLING = np.array([tag for _, tag in _SPELLINGS], np.uint8)
_SPELLING_BY_TWO_BYTES = np.zeros(1 << 16, np.uint8)
_SPELLING_BY_TWO_BYTES[[int.from_bytes(each[1:3], "little") for each, _ in _SPELLINGS]] = np.arange(len(_SPELLINGS))

# What the stored text of a cell is, by the type and the style that its tag names.
NUMBER, DATE, SHARED, WORDS, TRUTH, EXACT = range(6)


class Irregular(Exception):  # noqa: N818 - not an error: the exact reader takes over
    """The sheet is not written in the way that is known; the exact reader has to read it."""


@dataclass(frozen=True)
class Context:
    """What a sheet needs to know of its workbook.

    ``strings`` are the shared ones, None for a blank one; ``shown_as`` says what the numbers of each style are: ``""``
    for numbers, ``"date"``, or something that only the exact reader handles. ``exact`` returns the column and the value
    of each cell in a piece of XML.
    """

    strings: Sequence[str | None]
    shown_as: Sequence[str]
    since_1904: bool
    exact: Callable[[bytes], list[tuple[int, Any]]]
    unescaped: Callable[[str], str | None]

    @cached_property
    def blank(self) -> np.ndarray:
        """Tell which of the shared strings are blank."""
        return np.array([each is None for each in self.strings], bool)

    def text(self, stored: str) -> str | None:
        """Return a text as it reads; None where it is blank."""
        return self.unescaped(_with_entities(stored))

    def meaning(self, style: int, kind: str) -> int:
        """Tell how the stored text of a cell is to be read."""
        if kind == "n":
            shown = self.shown_as[style] if style < len(self.shown_as) else ""
            return {"": NUMBER, "date": DATE}.get(shown, EXACT)
        return {"s": SHARED, "b": TRUTH, "d": EXACT}.get(kind, WORDS)


class Scanned(NamedTuple):
    """The cells of a sheet: the rows that hold any, its columns, hidden rows, the last row mentioned, and the rest.

    ``around`` is the XML of the sheet without its cells.
    """

    rows: list[int]
    columns: dict[int, Cells]
    hidden: frozenset[int]
    last: int
    around: bytes


def scan(chunks: Iterable[bytes], context: Context) -> Scanned:
    """Read the cells of a sheet from the chunks of its XML.

    Raises
    ------
    Irregular
        Where the exact reader has to read the sheet.
    """
    around: list[bytes] = []
    found = _Found(context)
    for block in _blocks(chunks, around):
        found.add(block)
    return found.scanned(b"".join(around))


def shared_strings(xml: bytes, unescaped: Callable[[str], str | None]) -> list[str | None]:
    """Return the shared strings of a workbook, None for a blank one; irregular where one has a format inside."""
    _refuse_unusual(xml)
    text = xml.decode("utf-8")
    found = _ITEM.findall(text)
    if len(found) != text.count("</si>") + text.count("<si/>"):
        raise Irregular
    if "&" in text or "_x" in text or "\r" in text:
        return [unescaped(_with_entities(each)) for each in found]
    return [None if not each or each.isspace() else each for each in found]


def _with_entities(stored: str) -> str:
    """Return a text of the file with its signs and line ends as they are meant."""
    if "\r" in stored:
        stored = stored.replace("\r\n", "\n").replace("\r", "\n")
    return _ENTITY.sub(_sign, stored) if "&" in stored else stored


def _sign(found: re.Match[str]) -> str:
    name = found[1] or ""
    if name in _SIGNS:
        return _SIGNS[name]
    if not name.startswith("#"):
        raise Irregular
    number = int(name[2:], 16) if name.startswith("#x") else int(name[1:])
    if (number < 32 and number not in (9, 10, 13)) or 0xD800 <= number < 0xE000 or number > 0x10FFFF:
        raise Irregular
    return chr(number)


def _refuse_unusual(xml: bytes) -> None:
    """Leave other encodings, comments and literal text to the exact reader."""
    start = xml.find(b"?>", 0, 200) + 2 if xml.startswith(b"<?xml") else 0
    declaration = xml[:start].lower()
    if (b"encoding" in declaration and b"utf-8" not in declaration) or xml[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise Irregular
    if any(xml.find(each, start) >= 0 for each in _FORBIDDEN):
        raise Irregular


def _blocks(chunks: Iterable[bytes], around: list[bytes]) -> Iterator[bytes]:
    """Cut the rows of a sheet into blocks of whole ones; what stands before and behind them goes ``around``."""
    stream = iter(chunks)
    head = b""
    while (start := head.find(b"<sheetData>")) < 0:
        chunk = next(stream, None)
        if chunk is None or b"<sheetData " in head or b"<sheetData/>" in head:
            raise Irregular
        head += chunk
    _refuse_unusual(head[:start])
    if b'xmlns="' + SPREADSHEET + b'"' not in head[:start]:
        raise Irregular
    start += len(b"<sheetData>")
    around.append(head[:start])
    rest = head[start:]
    while (end := rest.find(b"</sheetData>")) < 0:
        if len(rest) >= BLOCK_BYTES and (cut := rest.rfind(b"</row>") + 6) > 5:
            yield rest[:cut]
            rest = rest[cut:]
        chunk = next(stream, None)
        if chunk is None:
            raise Irregular
        rest += chunk
    yield rest[:end]
    tail = rest[end:] + b"".join(stream)
    _refuse_unusual(tail)
    around.append(tail)


# Blocks of rows -------------------------------------------------------------------------------------------------------


class _Bytes:
    """A piece of XML as an array, with room behind it, so that eight bytes may be loaded anywhere."""

    def __init__(self, xml: bytes) -> None:
        padded = xml + _PADDING
        self.xml = xml
        self.one = np.frombuffer(padded, np.uint8)
        self.eight = np.ndarray((len(padded) - 7,), "<u8", padded, strides=(1,))
        self.many = np.ndarray((len(padded) - LONGEST_FIGURE + 1,), f"S{LONGEST_FIGURE}", padded, strides=(1,))


@dataclass(frozen=True)
class _CellsFound:
    """The cells of a block that are not empty: their row and column, and where their stored text stands.

    ``whole`` is where the cell itself stands, from its first to its last byte. ``meaning`` tells how the text is read.
    """

    row: np.ndarray
    column: np.ndarray
    meaning: np.ndarray
    start: np.ndarray
    end: np.ndarray
    whole: np.ndarray

    def only(self, mask: np.ndarray) -> _CellsFound:
        return _CellsFound(*(getattr(self, name)[mask] for name in self.__dataclass_fields__))


class _Rows(NamedTuple):
    number: np.ndarray
    digits: np.ndarray


def _tags(data: _Bytes) -> tuple[np.ndarray, np.ndarray]:
    """Return where tags begin and what they are; zero is a tag that is not known. Some of nothing follow the last."""
    at = np.flatnonzero(data.one[: len(data.xml)] == ord("<"))
    words = data.eight[at]
    second = words >> np.uint64(8) & np.uint64(0xFF)
    if ((second == ord("!")) | (second == ord("?"))).any():
        raise Irregular
    spelling = _SPELLING_BY_TWO_BYTES[(words >> np.uint64(8)).astype(np.uint16)]
    known = (words & _SPELLED_MASK[spelling]) == _SPELLED[spelling]
    tags = np.zeros(len(at) + 6, np.uint8)
    tags[: len(at)] = np.where(known, _TAG_OF_SPELLING[spelling], 0)
    return np.append(at, np.full(6, len(data.xml))), tags


def _rows(data: _Bytes, at: np.ndarray, tags: np.ndarray) -> _Rows:
    """Return the numbers of the rows, and of how many digits they are."""
    rows = np.flatnonzero(tags == ROW)
    words = data.eight[at[rows]]
    if (words != int.from_bytes(b'<row r="', "little")).any():
        raise Irregular
    words = data.eight[at[rows] + 8]
    digits = np.zeros(len(rows), np.int64)
    for place in range(LAST_CELL_DIGITS + 1):
        digits += (digits == place) & _is_digit(words >> (8 * place) & 0xFF)
    number = _whole_number(words, digits)
    end = at[rows + 1]
    alone = (data.one[end - 2] == ord("/")) & (data.one[end - 1] == ord(">"))
    quoted = data.one[at[rows] + 8 + digits] == ord('"')
    if not (quoted & (digits > 0)).all() or int((tags == ROW_END).sum()) != int((~alone).sum()):
        raise Irregular
    return _Rows(number, digits)


def _cells(data: _Bytes, at: np.ndarray, tags: np.ndarray, rows: _Rows, context: Context) -> _CellsFound:
    """Find the cells of a block and make sure that every tag of it belongs to one of them, or to a row."""
    first = np.flatnonzero(tags == CELL)
    row = np.cumsum(tags == ROW)[first] - 1
    if len(first) and row[0] < 0:
        raise Irregular
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
    found = _CellsFound(row, column, meaning, start, end, whole)
    return found.only(~(alone | empty | ((plain | inline) & ~formula & (end <= start))))


def _addresses(data: _Bytes, cells: np.ndarray, digits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the columns of cells, zero where an address is not understood, and where the rest of their tags begins."""
    addressed = (data.eight[cells] & _MASKS[6]) == int.from_bytes(b'<c r="', "little")
    letters = [data.one[cells + 6 + place].astype(np.int64) for place in range(3)]
    is_letter = [(each >= ord("A")) & (each <= ord("Z")) for each in letters]
    is_letter[1] &= is_letter[0]
    is_letter[2] &= is_letter[1]
    column = np.zeros(len(cells), np.int64)
    for letter, given in zip(letters, is_letter, strict=True):
        column = np.where(given, column * 26 + letter - ord("A") + 1, column)
    tail = cells + 6 + sum(each.astype(np.int64) for each in is_letter) + digits
    return np.where(addressed & (data.one[tail] == ord('"')), column, 0), tail


def _meanings(data: _Bytes, tail: np.ndarray, end: np.ndarray, context: Context) -> np.ndarray:
    """Tell how the stored text of each cell is read, from the type and the style in its tag.

    The tags of a sheet end in a few ways only, which are told apart by their bytes; each of them is read once.
    """
    size = end - tail
    short = (size > 0) & (size <= LONGEST_TAIL)
    words = [data.eight[tail + 8 * n] & _MASKS[np.clip(size - 8 * n, 0, 8)] for n in range(LONGEST_TAIL // 8)]
    mixed = words[0] ^ words[1] * _PRIMES[0] ^ words[2] * _PRIMES[1]
    codes, kinds = pd.factorize(mixed)
    first = np.zeros(len(kinds), np.int64)
    first[codes[::-1]] = np.arange(len(codes))[::-1]
    if any((each != each[first][codes]).any() for each in words):
        raise Irregular
    meanings = [
        _meaning(data.xml[tail[each] : end[each]], context) if short[each] else EXACT for each in first.tolist()
    ]
    return np.where(short, np.array(meanings, np.int64)[codes] if len(codes) else 0, EXACT)


def _meaning(attributes: bytes, context: Context) -> int:
    if not _ATTRIBUTES.fullmatch(attributes):
        return EXACT
    style, kind = _STYLE.search(attributes), _KIND.search(attributes)
    return context.meaning(int(style[1]) if style else 0, kind[1].decode() if kind else "n")


# Values --------------------------------------------------------------------------------------------------------------


@dataclass
class _Listed:
    """The values that are not kept as figures: the shared strings, and behind them what else the sheet holds."""

    context: Context
    more: list[Any] = field(default_factory=list)
    places: dict[Any, int] = field(default_factory=dict)

    @property
    def values(self) -> Sequence[Any]:
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
class _Values:
    """What the cells of a block hold: kinds, figures and places, as :class:`xlperf.raw.Cells` has them."""

    kind: np.ndarray
    figure: np.ndarray
    place: np.ndarray


def _values(data: _Bytes, cells: _CellsFound, listed: _Listed) -> _Values:
    """Turn the stored texts of cells into values; what the usual shapes do not cover is read exactly."""
    count = len(cells.row)
    found = _Values(np.zeros(count, np.uint8), np.zeros(count), np.zeros(count, np.int32))
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


def _read_exactly(data: _Bytes, cells: _CellsFound, which: np.ndarray, listed: _Listed, found: _Values) -> None:
    pieces = b"".join(data.xml[start:end] for start, end in cells.whole[which].tolist())
    values = listed.context.exact(pieces) if len(which) else []
    if [column for column, _ in values] != cells.column[which].tolist():
        raise Irregular
    found.place[which] = [-1 if value is None else listed.place(value) for _, value in values]
    found.kind[which] = np.where(found.place[which] < 0, BLANK, LISTED)


def _figures(data: _Bytes, start: np.ndarray, end: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the numbers that stand somewhere, and whether they are whole, decimal, or left to the exact reader."""
    size = end - start
    words = data.eight[start] << (8 * (8 - np.clip(size, 0, 8))).astype(np.uint64)
    short = (size > 0) & (size <= 8) & _all_digits(words, size)
    value = _digits_to_number(words).astype(np.float64)
    kind = np.where(short, WHOLE, BLANK).astype(np.uint8)
    rest = np.flatnonzero(~short & (size > 0) & (size <= LONGEST_FIGURE))
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


def _moments(days: np.ndarray, since_1904: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return the moments that numbers of days stand for, in milliseconds since 1970, and which of them are certain.

    Days before March 1900 are left to the exact reader: one of them never was.
    """
    days = np.where(np.isfinite(days), days, -1.0)
    whole = np.floor(days)
    zero = -24_107 if since_1904 else -25_569
    known = (days >= (1 if since_1904 else 61)) & (days < 2_900_000)
    return (whole + zero) * DAY_MS + np.rint((days - whole) * 86_400 * 1000), known


def _is_digit(byte: np.ndarray) -> np.ndarray:
    return (byte >= ord("0")) & (byte <= ord("9"))


def _all_digits(words: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Whether the last bytes of eight, those that count, are all digits; the others are zero."""
    filled = _MASKS[8] << (8 * (8 - np.clip(size, 0, 8))).astype(np.uint64)
    high = words & np.uint64(0xF0F0F0F0F0F0F0F0)
    over = (words + np.uint64(0x0606060606060606)) & np.uint64(0xF0F0F0F0F0F0F0F0)
    zeros = np.uint64(0x3030303030303030) & filled
    return np.logical_and(high == zeros, (over & filled) == zeros)


def _digits_to_number(words: np.ndarray) -> np.ndarray:
    """Return the number that eight digits form, the first byte the highest; zero bytes count as zeros."""
    pairs = words & np.uint64(0x0F0F0F0F0F0F0F0F)
    pairs = (pairs * np.uint64(10) + (pairs >> np.uint64(8))) & np.uint64(0x00FF00FF00FF00FF)
    fours = (pairs * np.uint64(100) + (pairs >> np.uint64(16))) & np.uint64(0x0000FFFF0000FFFF)
    return (fours * np.uint64(10_000) + (fours >> np.uint64(32))) & np.uint64(0xFFFFFFFF)


def _whole_number(words: np.ndarray, digits: np.ndarray) -> np.ndarray:
    """Return the number of the first digits of eight bytes."""
    return _digits_to_number(words << (8 * (8 - digits)).astype(np.uint64)).astype(np.int64)


_MASKS = np.array([(1 << (8 * size)) - 1 for size in range(9)], np.uint64)
_PRIMES = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F], np.uint64)
_TRUE = (b"1", b"true")
_DIGIT = np.isin(np.arange(256), list(b"0123456789"))
_OF_FIGURES = np.isin(np.arange(256), list(b"\0" + b"0123456789.eE+-"))


# Columns -------------------------------------------------------------------------------------------------------------


class _Part(NamedTuple):
    """Some cells of one column: their rows, counted from the first one mentioned, and their values."""

    row: np.ndarray
    values: _Values


@dataclass
class _Found:
    """Gathers the blocks of a sheet into columns."""

    context: Context
    listed: _Listed = field(init=False)
    numbers: list[np.ndarray] = field(default_factory=list)
    columns: dict[int, list[_Part]] = field(default_factory=dict)
    hidden: set[int] = field(default_factory=set)
    count: int = 0

    def __post_init__(self) -> None:
        self.listed = _Listed(self.context)

    def add(self, xml: bytes) -> None:
        """Take the rows of a block."""
        data = _Bytes(xml)
        at, tags = _tags(data)
        rows = _rows(data, at, tags)
        cells = _cells(data, at, tags, rows, self.context)
        values = _values(data, cells, self.listed)
        order = np.argsort(cells.column.astype(np.uint16), kind="stable")
        column = cells.column[order]
        ends = np.append(np.flatnonzero(np.diff(column)) + 1, len(column))
        start = 0
        for end in ends.tolist():
            if end > start:
                own = order[start:end]
                part = _Values(values.kind[own], values.figure[own], values.place[own])
                self.columns.setdefault(int(column[start]), []).append(_Part(cells.row[own] + self.count, part))
            start = end
        if b' hidden="' in xml:
            self.hidden.update(int(number) for number in _HIDDEN_ROW.findall(xml))
        self.numbers.append(rows.number)
        self.count += len(rows.number)

    def scanned(self, around: bytes) -> Scanned:
        """Put the parts of each column together, without the rows that hold nothing."""
        numbers = np.concatenate(self.numbers) if self.numbers else np.empty(0, np.int64)
        if (np.diff(numbers) <= 0).any():
            raise Irregular
        filled = np.zeros(self.count, bool)
        for parts in self.columns.values():
            for part in parts:
                filled[part.row[part.values.kind != BLANK]] = True
        position = np.cumsum(filled) - 1
        size = int(filled.sum())
        listed = self.listed.values
        columns = {
            number: cells
            for number in sorted(self.columns)
            if (cells := _column(self.columns.pop(number), position, size, listed)) is not None
        }
        last = int(numbers[-1]) if len(numbers) else 0
        return Scanned(numbers[filled].tolist(), columns, frozenset(self.hidden), last, around)


def _column(parts: list[_Part], position: np.ndarray, size: int, listed: Sequence[Any]) -> Cells | None:
    """Put the parts of a column together; None where it holds nothing."""
    kinds, figures, places = np.zeros(size, np.uint8), np.empty(0), np.empty(0, np.int32)
    held = {int(kind) for part in parts for kind in np.unique(part.values.kind)} - {BLANK}
    if not held:
        return None
    if held - {LISTED}:
        figures = np.zeros(size)
    if LISTED in held:
        places = np.zeros(size, np.int32)
    for part in parts:
        given = part.values.kind != BLANK
        rows = position[part.row[given]]
        kinds[rows] = part.values.kind[given]
        if len(figures):
            figures[rows] = part.values.figure[given]
        if len(places):
            places[rows] = part.values.place[given]
    return Cells(kinds, figures, places, listed)
