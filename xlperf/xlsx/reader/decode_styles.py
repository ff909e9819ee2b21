"""What the cells of a sheet mean by themselves: shared strings, signs of the file format, and how numbers are shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

_FORBIDDEN = (b"<!", b"<?")  # comments, literal text and instructions: for the exact reader
_ITEM = re.compile(r'<si><t(?: xml:space="preserve")?>([^<]*)</t></si>')
_TAGS_OF_ITEM = 4
_STRINGS = re.compile(
    r'\s*(?:<\?xml[^>]*\?>)?\s*<sst(?: [^>]*)? xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"[^>]*(?<!/)>'
)
_ENTITY = re.compile("&(?:(#x[0-9A-Fa-f]{1,6}|#[0-9]{1,7}|[a-z]+);)?")
_SIGNS = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}

# What the stored text of a cell is, by the type and the style that its tag names.
NUMBER, DATE, SHARED, WORDS, TRUTH, EXACT = range(6)


class Irregular(Exception):  # noqa: N818 - not an error: the exact reader takes over
    """The sheet is not written in the way that is known; the exact reader has to read it."""


@dataclass(frozen=True)
class CellContext:
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
        """Whether each of the shared strings is blank."""
        return np.array([each is None for each in self.strings], bool)

    def text(self, stored: str) -> str | None:
        """Return a text as it reads; None where it is blank."""
        return self.unescaped(_with_entities(stored))

    def meaning(self, style: int, kind: str) -> int:
        """Return how the stored text of a cell is read: one of the constants of this module."""
        if kind == "n":
            shown = self.shown_as[style] if style < len(self.shown_as) else ""
            return {"": NUMBER, "date": DATE}.get(shown, EXACT)
        return {"s": SHARED, "b": TRUTH, "d": EXACT}.get(kind, WORDS)


def style_number(text: str | None) -> int:
    """Return the number of a cell format; a cell that names none has the default one, 0.

    >>> style_number("7"), style_number(""), style_number(None)
    (7, 0, 0)
    """
    return int(text) if text and text.isdecimal() else 0


def shared_strings(xml: bytes, unescaped: Callable[[str], str | None]) -> list[str | None]:
    """Return the shared strings of a workbook, None for a blank one.

    Raises
    ------
    Irregular
        Where a tag is not that of a plain string in the usual namespace: a format inside, a prefix, an extension.
    """
    refuse_unusual(xml)
    text = xml.decode("utf-8")
    found = _ITEM.findall(text)
    begin = _STRINGS.match(text)
    if begin is None or text.count("<", begin.end()) != len(found) * _TAGS_OF_ITEM + 1:
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


def refuse_unusual(xml: bytes) -> None:
    """Leave other encodings, comments and literal text to the exact reader."""
    start = xml.find(b"?>", 0, 200) + 2 if xml.startswith(b"<?xml") else 0
    declaration = xml[:start].lower()
    if (b"encoding" in declaration and b"utf-8" not in declaration) or xml[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise Irregular
    if any(xml.find(each, start) >= 0 for each in _FORBIDDEN):
        raise Irregular
