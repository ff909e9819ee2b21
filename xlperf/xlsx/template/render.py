"""Renders a compiled template: its literals are joined with what belongs between them for a recipient.

A number is written as a number, a date as its serial in the workbook's own calendar, and a text stays a text whatever
it begins with. Nothing is parsed, nothing that stays the same is packed again, and a word or figure that stands on many
cards is encoded once.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from html import escape
from itertools import accumulate
from itertools import count as counting
from math import isfinite
from typing import cast

from xlperf.core.numbers import show_number
from xlperf.xlsx.formula import LONGEST_TEXT
from xlperf.xlsx.package.cell_xml import serial, text_xml
from xlperf.xlsx.template.context import Block, Computed, Context, Record, Value
from xlperf.xlsx.template.model import (
    OWN_ROW,
    CellTemplate,
    ChartCache,
    CompiledTemplate,
    Piece,
    Placeholder,
    RowReference,
    RowTemplate,
    Segments,
    SheetTemplate,
)
from xlperf.xlsx.template.zip_writer import packed

WHOLE = 1e15  # below it a whole number is written without a point
MOST_CELLS = 1 << 14  # different values of one column that are kept as they are written
LONG = 40  # signs of a text that hardly stands on two cards
MOST_LAYOUTS = 1 << 12  # of a page that are kept
MOST_ROWS = 1 << 12  # rows of a page whose text is kept with their number in it
_TEXT, _TEXT_AS_IT_STANDS = ' t="inlineStr"><is><t>', ' t="inlineStr"><is><t xml:space="preserve">'
_END = "</t></is></c>"
_AREA = tuple[str, int, str, int]
# What XML has as it is, and neither begins a formula nor stands for a sign that XML has not: no &, <, > and _.
_is_plain = re.compile(
    r"[!-%'-*,./0-9:;?A-^`-~](?:[ -%'-;=?-^`-~\u4e00-\u9fff，。；：（）]{0,1000}[!-%'-;=?-^`-~])?"
).fullmatch
_odd = re.compile(r"[^\0 -%'-;=?-^`-~\u4e00-\u9fff，。；：（）]").search
_AS_IT_IS = bytes(sign for sign in range(0x20, 0x7F) if sign not in b"&<>_")
# Of texts between \0: one that is empty, that begins like a formula, or that a blank begins or ends.
_needs_quoting = re.compile(r"\0(?:[\0 =+@-]|(?<= \0))").search


class TemplateRenderer:
    """Renders one template for many recipients."""

    def __init__(self, compiled: CompiledTemplate) -> None:
        self._compiled = compiled
        self._sheets = [_Sheet(page, compiled.since_1904) for page in compiled.pages]

    def render(self, context: Context) -> bytes:
        """Return the workbook of one recipient; the same context gives the same bytes."""
        return self.package(self.members(context))

    def members(self, context: Context) -> list[tuple[str, bytes]]:
        """Return the parts of that workbook that depend on the context, with their names."""
        rendering = _Rendering(self._compiled, [sheet.layout(context) for sheet in self._sheets], context)
        others = [(member, rendering.text(part).encode()) for member, part in self._compiled.others]
        return others + [
            (page.member, rendering.page(number).encode("utf-8", "xmlcharrefreplace"))
            for number, page in enumerate(self._compiled.pages)
            if page.changes
        ]

    def package(self, members: Sequence[tuple[str, bytes]]) -> bytes:
        """Return the workbook of these parts and those that all recipients share."""
        return packed(self._compiled.base, members)


class _CellTexts(dict[Value, str]):
    """What follows the address of a cell, by its contents: the same words and figures stand on many cards."""

    def __init__(self, slot: CellTemplate, since_1904: bool) -> None:
        self.slot, self.since_1904 = slot, since_1904
        self._plain = f"{slot.look}{_TEXT}"

    def __missing__(self, value: Value) -> str:
        if isinstance(value, str) and _is_plain(value):
            text = f"{self._plain}{value}{_END}"
            if len(value) > LONG:
                return text
        else:
            text = self._written(value)
        if len(self) == MOST_CELLS:
            self.clear()
        self[value] = text
        return text

    def _written(self, value: Value) -> str:
        if isinstance(value, str) and value:
            quoted = value[0] in "=+-@" and len(value) > 1
            return (self.slot.quoted if quoted else self.slot.look) + _text(value)
        if value is None or isinstance(value, str):
            return f"{self.slot.look}/>"
        if isinstance(value, date):
            return f"{self.slot.look}><v>{serial(value, self.since_1904)}</v></c>"
        return f"{self.slot.look}><v>{_number(value)}</v></c>" if isfinite(value) else f"{self.slot.look}/>"


class _RowRenderer:
    """A row of the template, ready to be written for many records.

    What stands between its cells is a list with an empty text in the place of each cell, for one row after another.
    """

    def __init__(self, row: RowTemplate, since_1904: bool) -> None:
        self.row = row
        self.cells = [
            _CellTexts(each, since_1904) if isinstance(each, CellTemplate) else None for each in row.text.pieces
        ]
        self.columns = [
            (cells, at)
            for cells, at in zip(self.cells, row.columns, strict=True)
            if cells is not None and not cells.slot.native
        ]
        self.even = 0 < len(self.columns) == len(row.text.pieces) and all(at >= 0 for _, at in self.columns)
        self.figures = [
            (cells, name)
            for cells, name in zip(self.cells, row.figures, strict=True)
            if cells is not None and name and not cells.slot.native
        ]
        self.of_figures = 0 < len(self.figures) == len(row.text.pieces)
        self._size = 2 * len(self.cells) + 1
        self._kept: dict[tuple[bool, ...], list[str]] = {}

    def rows(self, first: int, count: int, words: Iterable[Iterable[str]] = ()) -> list[str]:
        """Return the row so often, from a row of the page on; ``words`` are what its cells hold each time."""
        parts = self._parts(first, count, (False,) * len(self.cells))
        for start, of_row in zip(counting(0, self._size), words, strict=False):
            parts[start + 1 : start + self._size : 2] = of_row
        return parts

    def of_values(self, first: int, values: Mapping[str, Value]) -> list[str]:
        """Return the row, once, all of whose cells hold a figure of the recipient."""
        parts = self._parts(first, 1, (False,) * len(self.cells))
        parts[1::2] = [cells[values.get(name)] for cells, name in self.figures]
        return parts

    def of_records(self, first: int, records: Block) -> list[str]:
        """Return the rows of some records, all of whose cells hold what stands in the record: a column at once."""
        columns = [records.columns[at] for _, at in self.columns]
        plain = tuple(map(all_plain, columns))
        parts = self._parts(first, len(records), plain)
        for place, ((cells, _), column, plain_only) in enumerate(zip(self.columns, columns, plain, strict=True)):
            words = cast(Sequence[str], column) if plain_only else map(cells.__getitem__, column)
            parts[2 * place + 1 :: self._size] = words
        return parts

    def _parts(self, first: int, count: int, plain: tuple[bool, ...]) -> list[str]:
        """Return what stands between the cells of so many rows; where a cell is ``plain``, between its words."""
        if first + count > MOST_ROWS:
            return list(self._numbered(range(first, first + count), plain))
        kept = self._kept.setdefault(plain, [])
        if len(kept) < (first + count) * self._size:
            kept += self._numbered(range(len(kept) // self._size, first + count), plain)
        return kept[first * self._size : (first + count) * self._size]

    def _numbered(self, numbers: Iterable[int], plain: tuple[bool, ...]) -> Iterator[str]:
        opened = [
            f"{cells.slot.look}{_TEXT}" if cells is not None and plain_only else ""
            for cells, plain_only in zip(self.cells, plain, strict=True)
        ]
        closed = [_END if plain_only else "" for plain_only in plain]
        literals = list(map("".join, zip(["", *closed], self.row.text.literals, [*opened, ""], strict=True)))
        for number in numbers:
            yield literals[0].replace(OWN_ROW, str(number))
            for literal in literals[1:]:
                yield ""
                yield literal.replace(OWN_ROW, str(number))


class _Sheet:
    """A page of the template, with the layouts of its rows: most recipients have as many rows as another."""

    def __init__(self, page: SheetTemplate, since_1904: bool) -> None:
        self.page = page
        self.row_renderers = [_RowRenderer(row, since_1904) for row in page.rows]
        self._asked = [*dict.fromkeys(name for row in page.varying for name in (row.block, *row.conditions) if name)]
        self._layouts: dict[tuple[int, ...], _Layout] = {}

    def layout(self, context: Context) -> _Layout:
        """Return the layout of the rows of the page for a context."""
        sizes = tuple([_size(name, context) for name in self._asked])
        if sizes not in self._layouts:
            if len(self._layouts) == MOST_LAYOUTS:
                self._layouts.clear()
            self._layouts[sizes] = _Layout(self.page, self.row_renderers, dict(zip(self._asked, sizes, strict=True)))
        return self._layouts[sizes]


class _Layout:
    """Where the rows of a page come to stand, given how much there is of what they depend on.

    ``parts`` are the texts of rows without placeholders, and the renderers of the others with the first row number
    of each and how often it stands; ``merged`` are the merged cells.
    """

    def __init__(self, page: SheetTemplate, row_renderers: Sequence[_RowRenderer], sizes: Mapping[str, int]) -> None:
        counts = [_count(each, sizes) for each in page.varying]
        self._numbers, self._counts = page.moving, dict(zip(page.moving, counts, strict=True))
        self._shifts = (0, *accumulate(count - 1 for count in counts))
        self.parts: list[str | tuple[_RowRenderer, int, int]] = []
        for form in row_renderers:
            first, count = self.first(form.row.number), self.count(form.row.number)
            if form.row.text.pieces and count:
                self.parts.append((form, first, count))
            else:
                self.parts += form.rows(first, count)
        self.merged = _merged(page.merged, self)

    def first(self, row: int) -> int:
        """Return where a row of the template begins to stand."""
        return row + self._shifts[bisect_left(self._numbers, row)]

    def last(self, row: int) -> int:
        """Return where it stands last."""
        return row + self._shifts[bisect_right(self._numbers, row)]

    def count(self, row: int) -> int:
        """Return how often it stands."""
        return self._counts.get(row, 1)


def _count(row: RowTemplate, sizes: Mapping[str, int]) -> int:
    if not all(sizes[each] for each in row.conditions):
        return 0
    return max(1, sizes[row.block]) if row.block else 1


def _size(name: str, context: Context) -> int:
    """Return the number of records of a block, or 1 where there is a figure and 0 where there is none."""
    records = context.blocks.get(name)
    return int(context.values.get(name) not in (None, "")) if records is None else len(records)


class _Rendering:
    """The rendering of one workbook."""

    def __init__(self, compiled: CompiledTemplate, layouts: Sequence[_Layout], context: Context) -> None:
        self.compiled, self.layouts, self.context = compiled, layouts, context

    def page(self, place: int) -> str:
        """Return the XML of a sheet."""
        page, layout = self.compiled.pages[place], self.layouts[place]
        parts = [page.before]
        for part in layout.parts:
            if isinstance(part, str):
                parts.append(part)
                continue
            form, first, count = part
            records = self.context.blocks.get(form.row.block) if form.row.block else None
            if form.of_figures:
                parts += form.of_values(first, self.context.values)
            elif form.even and records:
                parts += form.of_records(first, records)
            else:
                given: Iterable[tuple[int, Record]] = enumerate(records or [()] * count, start=first)
                parts += form.rows(first, count, (self._cells(form, number, record) for number, record in given))
        parts += (self.text(page.between), layout.merged, self.text(page.after))
        return "".join(parts)

    def text(self, part: Segments) -> str:
        """Return a text with the row numbers and figures of this workbook."""
        filled = [part.literals[0]]
        for piece, literal in zip(part.pieces, part.literals[1:], strict=True):
            filled += (self._place(piece) if isinstance(piece, RowReference) else self._cache(piece), literal)
        return "".join(filled)

    def _cells(self, form: _RowRenderer, number: int, record: Record) -> Iterator[str]:
        """Give what belongs between the literals of a row: the contents of its cells, and numbers of other rows."""
        for piece, cells in zip(form.row.text.pieces, form.cells, strict=True):
            if cells is None:
                yield self._place(piece)
                continue
            value = self._content(cells.slot, record)
            if cells.slot.native and isinstance(value, Computed):
                formula = escape(self._formula(cells.slot, number), quote=False)
                yield f"{cells.slot.look}><f>{formula}</f><v>{_number(value)}</v></c>"
            else:
                yield cells[value]

    def _place(self, place: Piece) -> str:
        assert isinstance(place, RowReference)
        layout = self.layouts[place.sheet]
        first, last = layout.first(place.row), layout.last(place.row)
        return str(max(first, last) if place.remains else last if place.last else first)

    def _value(self, placeholder: Placeholder, record: Record) -> Value:
        if placeholder.block:
            return record[placeholder.at] if record else None
        return self.context.values.get(placeholder.name)

    def _content(self, slot: CellTemplate, record: Record) -> Value:
        """Return what stands in a cell: a figure by itself, or a text with figures in it."""
        if len(slot.parts) == 1 and isinstance(slot.parts[0], Placeholder):
            return self._value(slot.parts[0], record)
        return "".join(part if isinstance(part, str) else _text_of(self._value(part, record)) for part in slot.parts)

    def _formula(self, slot: CellTemplate, number: int) -> str:
        return "".join(
            each.replace(OWN_ROW, str(number)) if isinstance(each, str) else self._place(each) for each in slot.native
        )

    def _cache(self, cache: Piece) -> str:
        """Return the figures that a chart shows before Excel draws it anew."""
        assert isinstance(cache, ChartCache)
        values = list(self._shown(cache))
        points = "".join(
            f'<c:pt idx="{place}"><c:v>{_point(value)}</c:v></c:pt>'
            for place, value in enumerate(values)
            if (isinstance(value, (int, float)) if cache.numbers else value not in (None, ""))
        )
        return f'<c:ptCount val="{len(values)}"/>{points}'

    def _shown(self, cache: ChartCache) -> Iterator[Value]:
        page, layout = self.compiled.pages[cache.sheet], self.layouts[cache.sheet]
        blocks = {row.number: row.block for row in page.varying}
        for row in range(cache.top, cache.bottom + 1):
            held = page.cells.get((row, cache.column))
            records = self.context.blocks.get(blocks.get(row, "")) or ((),)
            for place in range(layout.count(row)):
                yield (
                    self._content(held, records[place] if blocks.get(row) else ())
                    if isinstance(held, CellTemplate)
                    else held
                )


def _merged(areas: tuple[_AREA, ...], layout: _Layout) -> str:
    """Return the merged cells: a row that repeats brings its own each time, one that is left out brings none."""
    refs = [
        f"{begin}{layout.first(top) + place}:{end}{layout.first(top) + place if top == bottom else layout.last(bottom)}"
        for begin, top, end, bottom in areas
        for place in range(layout.count(top) if top == bottom else min(layout.count(top), 1))
    ]
    cells = "".join(f'<mergeCell ref="{ref}"/>' for ref in refs)
    return f'<mergeCells count="{len(refs)}">{cells}</mergeCells>' if refs else ""


def _number(value: float) -> str:
    """Write a number; equal numbers are written in the same way, whether they are whole or fractions by kind."""
    return f"{value:.0f}" if abs(value) < WHOLE and value == int(value) else repr(float(value))


def all_plain(values: Sequence[Value]) -> bool:
    """Whether values are texts that XML has as they are, in a cell of any look.

    >>> all_plain(["a", "b c"]), all_plain(["a", ""]), all_plain(["=1", "a"]), all_plain(["a", 1.0])
    (True, False, False, False)
    """
    try:
        text = "\0".join(values)  # type: ignore[arg-type]
    except TypeError:
        return False
    if text.isascii():
        unusual = len(text.encode().translate(None, _AS_IT_IS)) != len(values) - 1
    else:
        unusual = text.count("\0") != len(values) - 1 or _odd(text) is not None
    return not (
        unusual
        or _needs_quoting(f"\0{text}\0")
        or (len(text) > LONGEST_TEXT and max(map(len, cast(list[str], values))) > LONGEST_TEXT)
    )


def _text(value: str) -> str:
    """Return what follows the look of a cell with a text.

    A few signs beyond ASCII, as in a mark of its own, are written by their numbers: where nothing else is beyond it on
    a page, that is put together and packed in half the time.
    """
    kept = value != value.strip() or "\n" in value
    text = text_xml(value)
    numbered = text.encode("ascii", "xmlcharrefreplace").decode()
    if len(value) == 1 or len(numbered) < 2 * len(text):
        text = numbered
    return f"{_TEXT_AS_IT_STANDS if kept else _TEXT}{text}{_END}"


def _text_of(value: Value) -> str:
    """Write a figure inside a text."""
    if isinstance(value, float):
        return show_number(value) if isfinite(value) else ""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d}"
    return "" if value is None else str(value)


def _point(value: Value) -> str:
    return text_xml(value) if isinstance(value, str) else repr(float(value)) if isinstance(value, float) else str(value)
