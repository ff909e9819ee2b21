"""Fills copies of a template: each is the stencil's literals joined with what belongs between them.

A number is written as a number, a date as its serial in the workbook's own calendar, and a text stays a text whatever
it begins with. Nothing is parsed and nothing that stays the same is packed again.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from html import escape
from itertools import accumulate
from math import isfinite
from typing import Any

from xlperf.books.package.values import serial, text_xml
from xlperf.books.packing import packed
from xlperf.books.stencil import OWN_ROW, Cache, Cut, Mark, Page, Place, Row, Slot, Stencil
from xlperf.copies import Computed, Copy, Value
from xlperf.numbers import show_number

_AREA = tuple[str, int, str, int]
_PLAIN = re.compile(  # what XML has as it is: no &, <, > and _, and no blank at either end
    r"[!-%'-;=?-^`-~](?:[ -%'-;=?-^`-~\u4e00-\u9fff，。；：（）]{0,1000}[!-%'-;=?-^`-~])?"
)
_serial = lru_cache(maxsize=1 << 14)(serial)  # of a date: the same days stand on many cards


def stamp(stencil: Stencil, copy: Copy) -> bytes:
    """Return the workbook of one recipient; the same copy gives the same bytes."""
    layouts = [_Layout.of(page, copy) for page in stencil.pages]
    stamper = _Stamper(stencil, copy, layouts)
    pages = [
        (page.member, stamper.page(page, layout).encode("utf-8", "xmlcharrefreplace"))
        for page, layout in zip(stencil.pages, layouts, strict=True)
        if page.changes
    ]
    others = [(member, stamper.text(part).encode("utf-8")) for member, part in stencil.others]
    return packed(stencil.base, [*others, *pages])


class _Layout:
    """Where the rows of a page come to stand in one copy."""

    def __init__(self, numbers: tuple[int, ...], counts: tuple[int, ...]) -> None:
        self.numbers, self.counts = numbers, dict(zip(numbers, counts, strict=True))
        self.shifts = (0, *accumulate(count - 1 for count in counts))

    @classmethod
    def of(cls, page: Page, copy: Copy) -> _Layout:
        """Count how often each row stands in a copy."""
        rows = page.varying
        return _layout(tuple(each.number for each in rows), tuple(_count(each, copy) for each in rows))

    def first(self, row: int) -> int:
        """Return where a row of the template begins to stand."""
        return row + self.shifts[bisect_left(self.numbers, row)]

    def last(self, row: int) -> int:
        """Return where it stands last."""
        return row + self.shifts[bisect_right(self.numbers, row)]

    def count(self, row: int) -> int:
        """Return how often it stands."""
        return self.counts.get(row, 1)


_layout = lru_cache(maxsize=4096)(_Layout)


def _count(row: Row, copy: Copy) -> int:
    if not all(_has(each, copy) for each in row.conditions):
        return 0
    return max(1, len(copy.blocks.get(row.block, ()))) if row.block else 1


def _has(name: str, copy: Copy) -> bool:
    return bool(copy.blocks[name]) if name in copy.blocks else copy.values.get(name) not in (None, "")


class _Stamper:
    """Fills one copy."""

    def __init__(self, stencil: Stencil, copy: Copy, layouts: Sequence[_Layout]) -> None:
        self.stencil, self.copy, self.layouts = stencil, copy, layouts

    def page(self, page: Page, layout: _Layout) -> str:
        """Return the XML of a sheet."""
        parts = [page.before]
        for row in page.rows:
            number = layout.first(row.number)
            if row.block:
                records = self.copy.blocks.get(row.block) or ((),)
                for place in range(layout.count(row.number)):
                    self._row(parts, row, number + place, records[place])
            elif layout.count(row.number):
                self._row(parts, row, number, ())
        parts += (self.text(page.between), _merged(page.merged, layout), self.text(page.after))
        return "".join(parts)

    def text(self, part: Cut) -> str:
        """Return a text with the rows and figures of this copy."""
        if not part.pieces:
            return part.literals[0]
        filled = [part.literals[0]]
        for piece, literal in zip(part.pieces, part.literals[1:], strict=True):
            filled.append(self._place(piece) if isinstance(piece, Place) else self._cache(piece))
            filled.append(literal)
        return "".join(filled)

    def _row(self, parts: list[str], row: Row, number: int, record: Sequence[Value]) -> None:
        literals = _numbered(row.text.literals, number)
        parts.append(literals[0])
        for piece, at, literal in zip(row.text.pieces, row.columns, literals[1:], strict=True):
            value = record[at] if at >= 0 and record else None
            if type(value) is str and value:
                parts.append(_look_of(value, piece) + _text(value))
            elif type(value) is float and isfinite(value):
                parts.append(f"{piece.look}><v>{value!r}</v></c>")  # type: ignore[union-attr]
            elif value is None and at >= 0:
                parts.append(f"{piece.look}/>")  # type: ignore[union-attr]
            else:
                parts.append(self._cell(piece, number, record) if isinstance(piece, Slot) else self._place(piece))
            parts.append(literal)

    def _place(self, place: Any) -> str:
        layout = self.layouts[place.sheet]
        return str(layout.last(place.row) if place.last else layout.first(place.row))

    def _value(self, mark: Mark, record: Sequence[Value]) -> Value:
        if mark.block:
            return record[mark.at] if record else None
        return self.copy.values.get(mark.name)

    def _cell(self, slot: Slot, number: int, record: Sequence[Value]) -> str:
        """Return what follows the address of a cell."""
        value = self._content(slot, record)
        if value is None or value == "":
            return slot.look + "/>"
        if isinstance(value, str):
            return _look_of(value, slot) + _text(value)
        if isinstance(value, float | int):
            if not isfinite(value):
                return slot.look + "/>"
            if slot.native and isinstance(value, Computed):
                return f"{slot.look}><f>{self._formula(slot, number)}</f><v>{float(value)!r}</v></c>"
            return f"{slot.look}><v>{value if isinstance(value, int) else float(value)!r}</v></c>"
        return f"{slot.look}><v>{_serial(value, self.stencil.since_1904)!r}</v></c>"

    def _content(self, slot: Slot, record: Sequence[Value]) -> Value:
        """Return what stands in a cell: a figure by itself, or a text with figures in it."""
        if len(slot.parts) == 1 and isinstance(slot.parts[0], Mark):
            return self._value(slot.parts[0], record)
        return "".join(part if isinstance(part, str) else _said(self._value(part, record)) for part in slot.parts)

    def _formula(self, slot: Slot, number: int) -> str:
        pieces = (
            each.replace(OWN_ROW, str(number)) if isinstance(each, str) else self._place(each) for each in slot.native
        )
        return escape("".join(pieces), quote=False)

    def _cache(self, cache: Any) -> str:
        """Return the figures that a chart shows before Excel draws it anew."""
        assert isinstance(cache, Cache)
        values = list(self._shown(cache))
        points = "".join(
            f'<c:pt idx="{place}"><c:v>{_point(value)}</c:v></c:pt>'
            for place, value in enumerate(values)
            if (isinstance(value, (int, float)) if cache.numbers else value not in (None, ""))
        )
        return f'<c:ptCount val="{len(values)}"/>{points}'

    def _shown(self, cache: Cache) -> Any:
        page, layout = self.stencil.pages[cache.sheet], self.layouts[cache.sheet]
        blocks = {row.number: row.block for row in page.varying}
        for row in range(cache.top, cache.bottom + 1):
            held = page.cells.get((row, cache.column))
            records = self.copy.blocks.get(blocks.get(row, ""), ()) or ((),)
            for place in range(layout.count(row)):
                yield self._content(held, records[place] if blocks.get(row) else ()) if isinstance(held, Slot) else held


@lru_cache(maxsize=1 << 15)
def _numbered(literals: tuple[str, ...], number: int) -> tuple[str, ...]:
    return tuple(each.replace(OWN_ROW, str(number)) for each in literals)


def _merged(areas: tuple[_AREA, ...], layout: _Layout) -> str:
    """Return the merged cells: a row that repeats brings its own each time, one that is left out brings none."""
    refs = [
        f"{begin}{layout.first(top) + place}:{end}{layout.first(top) + place if top == bottom else layout.last(bottom)}"
        for begin, top, end, bottom in areas
        for place in range(layout.count(top) if top == bottom else min(layout.count(top), 1))
    ]
    cells = "".join(f'<mergeCell ref="{ref}"/>' for ref in refs)
    return f'<mergeCells count="{len(refs)}">{cells}</mergeCells>' if refs else ""


def _look_of(value: str, slot: Any) -> str:
    look: str = slot.quoted if value[0] in "=+-@" and len(value) > 1 else slot.look
    return look


@lru_cache(maxsize=1 << 12)
def _text(value: str) -> str:
    """Return what follows the look of a cell with a text; the same words stand on many cards."""
    if _PLAIN.fullmatch(value):
        return f' t="inlineStr"><is><t>{value}</t></is></c>'
    space = ' xml:space="preserve"' if value != value.strip() or "\n" in value else ""
    return f' t="inlineStr"><is><t{space}>{text_xml(value)}</t></is></c>'


def _said(value: Value) -> str:
    """Write a figure inside a text."""
    if isinstance(value, float):
        return show_number(value) if isfinite(value) else ""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d}"
    return "" if value is None else str(value)


def _point(value: Value) -> str:
    return text_xml(value) if isinstance(value, str) else repr(float(value)) if isinstance(value, float) else str(value)
