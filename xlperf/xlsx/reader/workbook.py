"""Sheets as they are: columns of raw cells from a workbook, before anybody asks what they mean.

A sheet is read in one pass over its XML, which shows what a spreadsheet library hides: a formula whose result was never
stored, merged and hidden cells, and where the contents end, however many empty rows are formatted. Only stored results
are read; nothing is computed and no macro is run.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, NamedTuple
from zipfile import ZipFile, ZipInfo

from lxml import etree  # type: ignore[import-untyped]
from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format
from openpyxl.utils import column_index_from_string, range_boundaries
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel, from_ISO8601

from xlperf.core.column_store import UNCALCULATED as UNCALCULATED
from xlperf.core.column_store import Cells
from xlperf.xlsx.errors import DamagedPart
from xlperf.xlsx.reader import cache as parsed
from xlperf.xlsx.reader import columnar as fast
from xlperf.xlsx.reader.decode_styles import CellContext, Irregular, shared_strings, style_number
from xlperf.xlsx.reader.deflate import inflate
from xlperf.xlsx.reader.relations import Relation, fold_part_name, read_relations, relations_part
from xlperf.xlsx.reader.scanner import LAST_COLUMN, LAST_ROW


class Area(NamedTuple):
    """A merged range: its first and last row and column, all included."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True)
class Grid:
    """One sheet: the rows that hold anything, by column number.

    ``rows`` are the row numbers, ascending; every column has one value for each of them, None where the cell is empty.
    ``blank`` counts the rows that hold nothing, up to the last one that the file mentions.
    """

    title: str
    rows: list[int]
    columns: Mapping[int, Sequence[Any]]
    merged: Sequence[Area] = ()
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    visible: bool = True
    blank: int = 0

    def __len__(self) -> int:
        return len(self.rows)

    def row(self, position: int) -> dict[int, Any]:
        """Return the filled cells of a row by column number."""
        return {number: values[position] for number, values in self.columns.items() if values[position] is not None}

    def below(self, position: int) -> Grid:
        """Return the rows after one of them."""
        return self.only(range(position + 1, len(self)))

    def only(self, positions: Sequence[int]) -> Grid:
        """Return some of the rows."""
        where = slice(positions.start, positions.stop) if isinstance(positions, range) else positions
        columns = {number: Cells.of(values).take(where) for number, values in self.columns.items()}
        return replace(self, rows=self.numbers(positions), columns=columns)

    def numbers(self, positions: Sequence[int]) -> list[int]:
        """Return the numbers of some of the rows."""
        if isinstance(positions, range):
            return self.rows[positions.start : positions.stop]
        return [self.rows[each] for each in positions]

    def between(self, top: int, bottom: int) -> range:
        """Return the positions of the rows with the numbers ``top`` to ``bottom``."""
        return range(bisect_left(self.rows, top), bisect_right(self.rows, bottom))

    def filled_down(self) -> Grid:
        """Return the grid with the value of every cell that is merged over several rows in all of them."""
        filled: dict[int, list[Any]] = {}
        ends: dict[int, int] = {}
        for area in sorted(self.merged):
            inside = self.between(max(area.top, ends.get(area.left, 0) + 1), area.bottom)  # of areas that overlap, once
            ends[area.left] = max(area.bottom, ends.get(area.left, 0))
            if len(inside) > 1 and self.rows[inside[0]] == area.top and area.left in self.columns:
                if area.left not in filled:
                    filled[area.left] = list(self.columns[area.left])
                values = filled[area.left]
                values[inside.start : inside.stop] = [values[inside.start]] * len(inside)
        return replace(self, columns={**self.columns, **filled}) if filled else self


@dataclass
class _Collector:
    """Gathers rows of cells into columns; a column is filled up when it is longer than it was, and at the end."""

    rows: list[int] = field(default_factory=list)
    columns: dict[int, list[Any]] = field(default_factory=dict)
    last: int = 0

    def add(self, number: int, cells: Mapping[int, Any]) -> None:
        self.last = max(self.last, number)
        if not cells:
            return
        for column, value in cells.items():
            values = self.columns.setdefault(column, [])
            values.extend([None] * (len(self.rows) - len(values)))
            values.append(value)
        self.rows.append(number)

    def finished(self) -> dict[int, list[Any]]:
        for values in self.columns.values():
            values.extend([None] * (len(self.rows) - len(values)))
        if any(one >= other for one, other in pairwise(self.rows)):
            self._join_rows()
        return dict(sorted(self.columns.items()))

    def _join_rows(self) -> None:
        """Put the pieces of each row together, and the rows into their order, where a file has them otherwise."""
        numbers = sorted({*self.rows})
        place = {number: at for at, number in enumerate(numbers)}
        for column, values in self.columns.items():
            joined: list[Any] = [None] * len(numbers)
            for number, value in zip(self.rows, values, strict=True):
                if value is not None:
                    joined[place[number]] = value
            self.columns[column] = joined
        self.rows[:] = numbers

    @property
    def blank(self) -> int:
        return self.last - len(self.rows)


# Workbooks --------------------------------------------------------------------------------------------------------


class SheetPart(NamedTuple):
    """A sheet of a workbook: its title, the member of the package that holds it, and whether it can be seen."""

    title: str
    member: str
    visible: bool


_SHOWN_DATE, _SHOWN_DURATION = "date", "duration"
_CHINESE_DATES = {*range(27, 37), *range(50, 59)}  # built-in date formats of Chinese Excel, by number
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_HARMLESS: Final = {"resolve_entities": False, "remove_comments": True, "remove_pis": True}


class Workbook:
    """An .xlsx or .xlsm file, open for reading; to be used in a ``with`` statement."""

    def __init__(self, source: Path | BytesIO) -> None:
        self._zip = ZipFile(source)

    def __enter__(self) -> Workbook:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    @cached_property
    def sheets(self) -> list[SheetPart]:
        """The worksheets, in the order of their tabs; sheets of other kinds are left out."""
        relations = {each.id: each for each in self._relations(self._main)}
        found = []
        for sheet in self._xml(self._main).iterfind("{*}sheets/{*}sheet"):
            relation = next((value for name, value in sheet.items() if name.endswith("}id")), "")
            if not relation:  # a module sheet of Excel 5 has no part of its own
                continue
            if relation not in relations:
                raise DamagedPart(sheet.get("name", ""))
            if relations[relation].name == "worksheet":
                member = self._info(relations[relation].target).filename
                found.append(SheetPart(sheet.get("name", ""), member, sheet.get("state", "visible") == "visible"))
        return found

    def named(self, name: str) -> str | None:
        """Return what a name of the workbook stands for; None where it has no such name."""
        names = self._xml(self._main).iterfind("{*}definedNames/{*}definedName")
        return next(
            (each.text for each in names if each.get("name") == name and "localSheetId" not in each.attrib), None
        )

    def grid(self, sheet: SheetPart) -> Grid:
        """Read one of the sheets: as whole columns where it is written as usual, otherwise cell by cell."""
        try:
            return self.fast_grid(sheet)
        except Irregular:
            return self.exact_grid(sheet)

    def fast_grid(self, sheet: SheetPart) -> Grid:
        """Read a sheet as whole columns; raises ``Irregular`` where that is not certain to be exact."""
        key = parsed.key_of(self._zip, [sheet.member, *self._looked_up])
        found = parsed.load_cells(key) if key else None
        if found is None:
            found = fast.scan(inflate(self._zip, self._info(sheet.member)), self._context)
            if key:
                parsed.store_cells(key, found)
        merged: list[Area] = []
        hidden = _HiddenColumns()
        for _, element in etree.iterparse(BytesIO(found.around), tag=["{*}col", "{*}mergeCell"], **_HARMLESS):
            _note(element, merged, hidden)
        blank = found.last - len(found.rows)
        return Grid(sheet.title, found.rows, found.columns, merged, found.hidden, hidden.numbers(),
                    sheet.visible, blank)  # fmt: skip

    @cached_property
    def _looked_up(self) -> list[str]:
        """The members that the values of cells depend on: the main part, shared strings and styles."""
        kinds = ("sharedStrings", "styles")
        return [self._main, *(member for kind in kinds for member in self._related(self._main, kind))]

    def exact_grid(self, sheet: SheetPart) -> Grid:
        """Read a sheet cell by cell."""
        found = _Collector()
        merged: list[Area] = []
        hidden_rows: set[int] = set()
        hidden = _HiddenColumns()
        number = column = 0
        for element in self._elements(sheet.member, "row", "col", "mergeCell"):
            if _name(element.tag) == "row":
                before, number = number, int(element.get("r", number + 1))
                if not 0 < number <= LAST_ROW:
                    raise DamagedPart(f"row {number}")
                cells = list(self._cells(element, column if number == before else 0))
                column = cells[-1][0] if cells else 0
                found.add(number, {column: value for column, value in cells if value is not None})
                if _is_hidden(element):
                    hidden_rows.add(number)
            else:
                _note(element, merged, hidden)
        columns = found.finished()
        return Grid(sheet.title, found.rows, columns, merged, frozenset(hidden_rows), hidden.numbers(),
                    sheet.visible, found.blank)  # fmt: skip

    @cached_property
    def _context(self) -> CellContext:
        return CellContext(
            strings=self._strings,
            shown_as=self._shown_as,
            since_1904=self._day_zero is CALENDAR_MAC_1904,
            exact=self._cells_of_piece,
            unescaped=lambda text: _text(_unescaped(text)),
        )

    def _cells_of_piece(self, xml: bytes) -> list[tuple[int, Any]]:
        """Return the column and the value of each cell in a piece of a sheet."""
        row = etree.fromstring(b'<row xmlns="%s">%s</row>' % (fast.SPREADSHEET, xml), etree.XMLParser(**_HARMLESS))
        return list(self._cells(row))

    def _cells(self, row: etree._Element, column: int = 0) -> Iterator[tuple[int, Any]]:
        """Yield the column and the value of each cell of a row, ``column`` being the last one of its piece before."""
        for cell in row.iterchildren("{*}c"):
            place = cell.get("r")
            column = column_index_from_string(place.rstrip("0123456789")) if place else column + 1
            if column > LAST_COLUMN:
                raise DamagedPart(place or f"column {column}")
            yield column, self._value(cell)

    def _value(self, cell: etree._Element) -> Any:
        kind = cell.get("t", "n")
        parts = {_name(part.tag): part for part in cell}
        if "is" in parts:
            return _text(_string(parts["is"]))
        stored = parts["v"].text if "v" in parts else None
        if not stored:
            return UNCALCULATED if "f" in parts and kind == "n" else None
        match kind:
            case "s":
                return self._strings[int(stored)]
            case "n":
                return self._number(stored, style_number(cell.get("s")))
            case "b":
                return stored in ("1", "true")
            case "d":
                return from_ISO8601(stored)  # type: ignore[no-untyped-call]
            case _:
                return _text(_unescaped(stored))

    def _number(self, stored: str, style: int) -> Any:
        number = int(stored) if stored.lstrip("-").isdecimal() else float(stored)
        shown_as = self._shown_as[style] if style < len(self._shown_as) else ""
        if shown_as.isdecimal():
            return stored.zfill(len(shown_as)) if stored.isdecimal() else number
        if shown_as:
            try:
                return from_excel(number, self._day_zero, timedelta=shown_as == _SHOWN_DURATION)
            except (OverflowError, ValueError):
                return number
        return number

    @cached_property
    def _shown_as(self) -> list[str]:
        """What the numbers of each cell style mean: dates, durations, codes of a fixed length (00000), or numbers."""
        shown: list[str] = []
        for member in self._related(self._main, "styles"):
            styles = self._xml(member)
            own = {each.get("numFmtId"): each.get("formatCode", "") for each in styles.iter("{*}numFmt")}
            for style in styles.iterfind("{*}cellXfs/{*}xf"):
                number = style.get("numFmtId", "0")
                shown.append(_meaning(own.get(number) or BUILTIN_FORMATS.get(int(number), "General"), int(number)))
        return shown

    @cached_property
    def _strings(self) -> list[str | None]:
        """The shared strings, None for a blank one."""
        found: list[str | None] = []
        for member in self._related(self._main, "sharedStrings"):
            try:
                found += shared_strings(self._read(member), lambda text: _text(_unescaped(text)))
            except Irregular:
                found += [_text(_string(element)) for element in self._elements(member, "si")]
        return found

    @cached_property
    def _day_zero(self) -> Any:
        properties = self._xml(self._main).find("{*}workbookPr")
        since_1904 = properties is not None and properties.get("date1904") in ("1", "true")
        return CALENDAR_MAC_1904 if since_1904 else CALENDAR_WINDOWS_1900

    @cached_property
    def _main(self) -> str:
        return self._related("", "officeDocument")[0]

    def _related(self, member: str, kind: str) -> list[str]:
        """Return the members that another one names as being of a kind."""
        return [each.target for each in self._relations(member) if each.name == kind and not each.external]

    def _relations(self, member: str) -> list[Relation]:
        """Return the relations of a member; targets are the names of members as the package spells them."""
        return read_relations(member, self._read(relations_part(member)), self._find)

    @cached_property
    def _infos(self) -> dict[str, ZipInfo]:
        """The members by name as names of parts are compared; of those with the same spelling the last one counts."""
        found: dict[str, ZipInfo] = {}
        for info in self._zip.infolist():
            known = found.setdefault(fold_part_name(info.filename), info)
            if known.filename == info.filename:
                found[fold_part_name(info.filename)] = info
        return found

    def _find(self, name: str) -> str | None:
        info = self._infos.get(fold_part_name(name))
        return info.filename if info else None

    def _info(self, name: str) -> ZipInfo:
        return self._infos[fold_part_name(name)]

    def _read(self, name: str) -> bytes:
        return self._zip.read(self._info(name))

    def _xml(self, member: str) -> etree._Element:
        return etree.fromstring(self._read(member), etree.XMLParser(no_network=True, **_HARMLESS))

    def _elements(self, member: str, *names: str) -> Iterator[etree._Element]:
        """Return the elements of some names one after the other; only one of them is kept in memory."""
        with self._zip.open(self._info(member)) as stream:
            for _, element in etree.iterparse(stream, tag=[f"{{*}}{name}" for name in names], **_HARMLESS):
                yield element
                element.clear()
                parent = element.getparent()
                while parent is not None and parent[0] is not element:
                    del parent[0]


@dataclass
class _HiddenColumns:
    """Gathers spans of hidden columns; a file may hold many, and each may reach far beyond the last column."""

    spans: set[tuple[int, int]] = field(default_factory=set)

    def add(self, first: int, last: int) -> None:
        self.spans.add((max(first, 1), min(last, LAST_COLUMN)))

    def numbers(self) -> frozenset[int]:
        """Return the numbers of the columns."""
        found: list[int] = []
        end = 0
        for first, last in sorted(self.spans):
            found += range(max(first, end + 1), last + 1)
            end = max(end, last)
        return frozenset(found)


def _note(element: etree._Element, merged: list[Area], hidden: _HiddenColumns) -> None:
    """Take down a merged range or hidden columns; a merge that names no cells changes nothing."""
    if _name(element.tag) == "mergeCell":
        if area := element.get("ref", "").strip():
            left, top, right, bottom = range_boundaries(area.replace("$", ""))
            merged.append(Area(top or 1, left or 1, bottom or LAST_ROW, right or LAST_COLUMN))
    elif _is_hidden(element):
        hidden.add(int(element.get("min", 1)), int(element.get("max", 1)))


def _is_hidden(element: etree._Element) -> bool:
    return element.get("hidden") in ("1", "true")


@cache
def _name(tag: str) -> str:
    return tag.rpartition("}")[2]


def _text(text: str) -> str | None:
    return text if text and not text.isspace() else None


def _string(element: etree._Element) -> str:
    """Return the text of an item from all its runs; phonetic text is left out."""
    pieces = (each.text or "" for each in element.iter("{*}t") if _name(each.getparent().tag) != "rPh")
    return _unescaped("".join(pieces))


def _unescaped(text: str) -> str:
    r"""Undo how the file format writes control characters.

    >>> _unescaped("A_x000D_B _x005F_x000D_")
    'A\rB _x000D_'
    """
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def _meaning(number_format: str, number: int) -> str:
    """Return what a number format makes of a number; "00000" shows codes of five digits.

    >>> _meaning("yyyy-mm-dd", 164), _meaning("[h]:mm", 165), _meaning("00000", 166), _meaning("0.00", 2)
    ('date', 'duration', '00000', '')
    """
    if re.fullmatch("00+", number_format):
        return number_format
    if is_timedelta_format(number_format):
        return _SHOWN_DURATION
    return _SHOWN_DATE if number in _CHINESE_DATES or is_date_format(number_format) else ""
