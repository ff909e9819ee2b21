"""The rows of a sheet part: cells are replaced where they stand, and everything else in the part stays as it is."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from html import unescape
from itertools import takewhile
from typing import Any, NamedTuple

from lxml import etree  # type: ignore[import-untyped]
from openpyxl.formula.tokenizer import TokenizerError
from openpyxl.formula.translate import Translator
from openpyxl.utils import column_index_from_string, get_column_letter, range_boundaries
from openpyxl.utils.cell import coordinate_from_string
from openpyxl.utils.exceptions import CellCoordinatesException

from xlperf.xlsx.errors import DamagedPart
from xlperf.xlsx.package.cell_xml import Content, content, result, text_xml
from xlperf.xlsx.reader.decode_styles import style_number
from xlperf.xlsx.reader.scanner import LAST_COLUMN, LAST_ROW

_SHEET_DATA = re.compile(rb"<((?:[\w.-]+:)?)sheetData(?:\s[^>]*?)?(/?)>")
_DIMENSION = re.compile(rb"(<(?:[\w.-]+:)?dimension\b[^>]*?\bref=[\"'])([A-Z]+[0-9]+(?::[A-Z]+[0-9]+)?)[\"']")
_ROW = r"<(?:[\w.-]+:)?row\b((?:[^>\"']|\"[^\"]*\"|'[^']*')*?)(?:/>|>(.*?)</(?:[\w.-]+:)?row\s*>)"
_CELL = r"<(?:[\w.-]+:)?c\b((?:[^>\"']|\"[^\"]*\"|'[^']*')*?)(?:/>|>(.*?)</(?:[\w.-]+:)?c\s*>)"
_FORMULA = r"<(?:[\w.-]+:)?f\b([^>]*?)(?:/>|>(.*?)</(?:[\w.-]+:)?f\s*>)"
_ROWS, _CELLS, _FORMULAS = (re.compile(each, re.DOTALL) for each in (_ROW, _CELL, _FORMULA))
_CALCULATED = re.compile(r'<c r="([A-Z]+[0-9]+)"([^>]*)>(<f(?:\s[^>]*)?(?:/>|>[^<]*</f>))(?:<v\s*/>|<v>[^<]*</v>)?</c>')
_ADDRESSED = re.compile(r'<c r="([A-Z]{1,3})[0-9]+"')
_TYPE = re.compile(r' (?:t|vm)="[^"]*"')
_ATTRIBUTE = re.compile(r"([\w.:-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_UNUSUAL = (b"<!--", b"<![CDATA[", b"<!DOCTYPE", b"<?")
_OVER_MANY_CELLS = ("array", "dataTable")  # kinds of formulas
_KEPT = ("s", "ph")  # of a cell whose value changes; its type, its metadata and its rich value go with the old value


class Place(NamedTuple):
    """The row and column of a cell, both from 1."""

    row: int
    column: int

    @classmethod
    def of(cls, ref: str) -> Place:
        """Read an address such as ``B12``; signs for absolute addresses are allowed.

        Raises
        ------
        DamagedPart
            Where it is none.
        """
        try:
            letters, row = coordinate_from_string(ref.upper())
            place = cls(row, column_index_from_string(letters))
        except (CellCoordinatesException, ValueError) as trouble:
            raise DamagedPart(ref) from trouble
        if not (0 < place.row <= LAST_ROW and place.column <= LAST_COLUMN):
            raise DamagedPart(ref)
        return place

    @property
    def ref(self) -> str:
        """The address as a file writes it."""
        return f"{get_column_letter(self.column)}{self.row}"


class Edit(NamedTuple):
    """What happens to a cell: its contents are replaced where ``filled``, its style where one is given."""

    value: object = None
    style: int | None = None
    filled: bool = True


@dataclass
class Cell:
    """A cell as its XML stands in the part: its attributes in order, and what is inside."""

    attributes: dict[str, str]
    inner: str = ""

    @property
    def style(self) -> int:
        """The number of its format."""
        return style_number(self.attributes.get("s"))

    @property
    def formula(self) -> re.Match[str] | None:
        """Its formula, if it has one."""
        return _FORMULAS.search(self.inner) if "f" in self.inner else None

    def fill(self, new: Content) -> None:
        """Replace what the cell holds."""
        kept = {name: value for name, value in self.attributes.items() if name == "r" or name in _KEPT}
        self.attributes = {**kept, **({"t": new.kind} if new.kind else {})}
        self.inner = new.inner

    def set_style(self, style: int | None) -> None:
        """Give the cell another format."""
        if style is not None and style != self.style:
            self.attributes["s"] = str(style)

    def written(self, p: str) -> str:
        """Return the cell as XML."""
        return _element(f"{p}c", self.attributes, self.inner)


@dataclass
class Row:
    """A row of a sheet: its attributes, and its cells as one piece of XML until somebody looks at them."""

    number: int
    attributes: str
    raw: str
    cells: dict[int, Cell] | None = field(default=None)

    def opened(self) -> dict[int, Cell]:
        """Return the cells by column; one without an address follows the one before it."""
        if self.cells is None:
            self.cells, column = {}, 0
            for found in _CELLS.finditer(self.raw):
                attributes = attributes_of(found[1])
                place = Place.of(attributes["r"]) if "r" in attributes else Place(self.number, column + 1)
                if place.row != self.number:
                    raise DamagedPart(place.ref)
                column = place.column
                attributes = {"r": Place(self.number, column).ref, **attributes}
                if not attributes.get("s", "0").isdecimal():
                    del attributes["s"]  # a format that is no number is the default one
                self.cells[column] = Cell(attributes, found[2] or "")
        return self.cells

    def reach(self) -> tuple[int, ...]:
        """Return the first and the last column of its cells."""
        if self.cells is None:
            first, last = _ADDRESSED.match(self.raw), _ADDRESSED.match(self.raw, self.raw.rfind("<c "))
            if first and last:
                return column_index_from_string(first[1]), column_index_from_string(last[1])
        return min(self.opened()), max(self.opened())

    def written(self, p: str) -> str:
        """Return the row as XML; one that nobody looked at as it stood."""
        if self.cells is None:
            return _element(f"{p}row", None, self.raw, self.attributes)
        attributes = {**attributes_of(self.attributes), "r": str(self.number)}
        attributes.pop("spans", None)
        inner = "".join(cell.written(p) for _, cell in sorted(self.cells.items()))
        return _element(f"{p}row", attributes, inner)


class SheetXml:
    """A sheet part that is edited: what stands before its rows, the rows, and what follows them.

    Where a ``last_row`` is given, reading ends at the first row beyond it.

    Examples
    --------
    >>> sheet = SheetXml(b'<worksheet><sheetData><row r="2"><c r="B2" s="3"><v>1</v></c></row></sheetData></worksheet>')
    >>> sheet.edit({"B2": Edit("=x"), "A1": Edit(2)})
    >>> [row.written("") for row in sheet.rows.values()]
    ['<row r="2"><c r="B2" s="3" t="inlineStr"><is><t>=x</t></is></c></row>', '<row r="1"><c r="A1"><v>2</v></c></row>']
    """

    def __init__(self, data: bytes, last_row: int = LAST_ROW) -> None:
        data = plain_xml(data)
        found = _SHEET_DATA.search(data)
        if found is None:
            raise DamagedPart("sheetData")
        self.p = found[1].decode()
        if found[2]:
            self.head, body, self.tail = data[: found.start()], b"", data[found.end() :]
        else:
            close = data.rfind(b"</" + found[1] + b"sheetData")
            if close < found.end():
                raise DamagedPart("sheetData")
            self.head, body = data[: found.start()], data[found.end() : close]
            self.tail = data[data.index(b">", close) + 1 :]
        self.rows: dict[int, Row] = {}
        for row in takewhile(lambda each: each.number <= last_row, _rows(body.decode())):
            if (known := self.rows.get(row.number)) is not None:
                known.raw += row.raw  # a row in pieces: Excel reads them as one
            else:
                self.rows[row.number] = row

    def written(self) -> bytes:
        """Return the whole part."""
        rows = "".join(row.written(self.p) for _, row in sorted(self.rows.items()))
        data = _element(f"{self.p}sheetData", {}, rows)
        return self.head + data.encode() + self.tail

    @property
    def frame(self) -> Any:
        """What stands around the rows, as a tree with an empty element in their place; put it back when it changed."""
        return etree.fromstring(self.head + f"<{self.p}sheetData/>".encode() + self.tail, parser())

    @frame.setter
    def frame(self, root: Any) -> None:
        data = bytes(etree.tostring(root, encoding="UTF-8"))
        found = _SHEET_DATA.search(data)
        assert found is not None
        declared = re.match(rb"\s*<\?xml.*?\?>\s*", self.head, re.DOTALL)
        self.head = (declared[0] if declared else b"") + data[: found.start()]
        self.tail = data[found.end() :] if found[2] else data[data.index(b">", found.end()) + 1 :]

    def cell(self, place: Place) -> Cell:
        """Return a cell; one that is not there yet is made."""
        return self.row(place.row).opened().setdefault(place.column, Cell({"r": place.ref}))

    def row(self, number: int) -> Row:
        """Return a row; one that is not there yet is made."""
        return self.rows.setdefault(number, Row(number, f' r="{number}"', ""))

    def find(self, place: Place) -> Cell | None:
        """Return a cell, or None where there is none."""
        row = self.rows.get(place.row)
        return row.opened().get(place.column) if row is not None else None

    def edit(self, edits: Mapping[str, Edit], mac_dates: bool = False) -> None:
        """Change cells; formulas that others share with one of them go on without it."""
        places = {Place.of(ref): edit for ref, edit in edits.items()}
        self.release_shared({place for place, edit in places.items() if edit.filled})
        for place, edit in places.items():
            if edit.filled and edit.value is None and edit.style is None and self.find(place) is None:
                continue
            cell = self.cell(place)
            cell.set_style(edit.style)
            if edit.filled:
                cell.fill(content(edit.value, self.p, mac_dates))

    def split_arrays(self, replaced: Collection[Place]) -> list[str]:
        """Return the areas of formulas over many cells of which some cells are to be replaced and others are not.

        Excel refuses to change part of an array or of a data table. The first cell of a dynamic array may be replaced:
        what it has spilled goes with it.
        """
        split = []
        for cell, attributes in list(self._array_formulas()):
            left, top, right, bottom = bounds(attributes["ref"])
            inside = [each for each in replaced if top <= each.row <= bottom and left <= each.column <= right]
            if not inside or len(inside) == (bottom - top + 1) * (right - left + 1):
                continue
            if "cm" in cell.attributes and Place(top, left) in inside:
                self._clear_spilled((left, top, right, bottom), inside)
            else:
                split.append(attributes["ref"])
        return split

    def _array_formulas(self) -> Iterator[tuple[Cell, dict[str, str]]]:
        for row in self.rows.values():
            if any(kind in row.raw for kind in _OVER_MANY_CELLS):
                for cell in row.opened().values():
                    attributes = attributes_of(found[1]) if (found := cell.formula) else {}
                    if attributes.get("t") in _OVER_MANY_CELLS and attributes.get("ref"):
                        yield cell, attributes

    def _clear_spilled(self, area: tuple[int, int, int, int], kept: Collection[Place]) -> None:
        left, top, right, bottom = area
        for number in range(top, bottom + 1):
            cells = self.rows[number].opened() if number in self.rows else {}
            for column in range(left, right + 1):
                if column in cells and Place(number, column) not in kept:
                    cells[column].fill(Content("", ""))

    def show(self, results: Mapping[str, object], mac_dates: bool = False) -> None:
        """Give formulas their results; a cell without a formula, as inside a spilled range, gets the plain value."""
        for ref, value in self._shown_in_place(results, mac_dates).items():
            cell = self.cell(Place.of(ref))
            formula = cell.formula
            if formula is None:
                cell.fill(content(value, self.p, mac_dates))
            else:
                kind, inner = result(value, self.p, mac_dates)
                cell.attributes.pop("t", None)
                cell.attributes.pop("vm", None)
                cell.attributes |= {"t": kind} if kind else {}
                cell.inner = formula[0] + inner

    def _shown_in_place(self, results: Mapping[str, object], mac_dates: bool) -> dict[str, object]:
        """Put results behind formulas that are written in the usual way; return those of other cells."""
        left = dict(results)

        def shown(found: re.Match[str]) -> str:
            if found[1] not in left:
                return found[0]
            kind, inner = result(left.pop(found[1]), "", mac_dates)
            typed = f' t="{kind}"' if kind else ""
            return f'<c r="{found[1]}"{_TYPE.sub("", found[2])}{typed}>{found[3]}{inner}</c>'

        for row in self.rows.values() if not self.p else ():
            if row.cells is None and "<f" in row.raw:
                row.raw = _CALCULATED.sub(shown, row.raw)
        return left

    def formulas(self) -> Iterator[tuple[Place, Cell, dict[str, str], str]]:
        """Yield the cells that hold formulas, with the attributes and the text of each."""
        for row in self.rows.values():
            if "f" in row.raw or row.cells is not None:
                for column, cell in row.opened().items():
                    if found := cell.formula:
                        yield Place(row.number, column), cell, attributes_of(found[1]), found[2] or ""

    def release_shared(self, replaced: set[Place] | None = None) -> None:
        """Write out the formulas of cells that lean on another one; only on one of those given, if any are given."""
        shared = [each for each in self.formulas() if each[2].get("t") == "shared"] if self._shares(replaced) else []
        masters: dict[str | None, list[tuple[Place, str, dict[str, str]]]] = {}
        for place, _, attributes, text in shared:
            if text:
                masters.setdefault(attributes.get("si"), []).append((place, text, attributes))
        for place, cell, attributes, _ in shared:
            alike = masters.get(attributes.get("si"), [])
            found = next((each for each in alike if _reaches(each[2], place)), alike[-1] if alike else None)
            if found is not None and (replaced is None or found[0] in replaced):
                origin, text, _ = found
                own = _translated(unescape(text), origin, place)
                assert cell.formula is not None
                start, end = cell.formula.span()
                cell.inner = f"{cell.inner[:start]}<{self.p}f>{text_xml(own)}</{self.p}f>{cell.inner[end:]}"

    def _shares(self, places: set[Place] | None) -> bool:
        """Whether any of some cells has a formula that others share."""
        if places is None:
            return any("shared" in row.raw for row in self.rows.values())
        cells = (cell for place in places if (cell := self.find(place)) is not None)
        return any('"shared"' in cell.inner or "'shared'" in cell.inner for cell in cells)

    def grow_dimension(self, refs: Iterable[str]) -> None:
        """Let the area that the sheet says to be in use reach over some cells."""
        found = _DIMENSION.search(self.head)
        places = [Place.of(ref) for ref in refs]
        if found is None or not places:
            return
        corners = [Place.of(each) for each in found[2].decode().split(":")]
        rows, columns = zip(*corners, *places, strict=True)
        first, last = Place(min(rows), min(columns)), Place(max(rows), max(columns))
        area = first.ref if first == last else f"{first.ref}:{last.ref}"
        self.head = self.head[: found.start(2)] + area.encode() + self.head[found.end(2) :]

    def extent(self) -> tuple[int, int, int, int] | None:
        """Return the area of the cells: left, top, right, bottom; None where there are none."""
        rows = [number for number, row in self.rows.items() if (row.cells if row.cells is not None else row.raw)]
        columns = [column for number in rows for column in self.rows[number].reach()]
        return (min(columns), min(rows), max(columns), max(rows)) if columns else None


def with_rows(data: bytes, rows: Iterable[Row]) -> bytes:
    """Return a sheet part with rows in place of those that it has."""
    sheet = SheetXml(data)
    sheet.rows = {row.number: row for row in rows}
    return sheet.written()


def bounds(area: str) -> tuple[int, int, int, int]:
    """Return the left, top, right and bottom of an area of cells.

    Raises
    ------
    DamagedPart
        Where it is none; whole columns and rows are none here.

    Examples
    --------
    >>> bounds("$B$2:C9")
    (2, 2, 3, 9)
    """
    try:
        left, top, right, bottom = range_boundaries(area)
    except (ValueError, TypeError, CellCoordinatesException) as trouble:
        raise DamagedPart(area) from trouble
    if left is None or top is None or right is None or bottom is None:
        raise DamagedPart(area)
    return left, top, right, bottom


def plain_xml(data: bytes) -> bytes:
    """Return a part as UTF-8 without a byte order mark, comments and character data sections.

    >>> plain_xml('<a>é<!-- > --></a>'.encode("utf-16"))
    b'<a>\\xc3\\xa9</a>'
    """
    if data[:3] == b"\xef\xbb\xbf":
        data = data[3:]
    start = data[:200].lower()
    declared = re.search(rb"encoding\s*=\s*[\"']([\w.-]+)", start)
    foreign = declared is not None and declared[1] not in (b"utf-8", b"utf8")
    if not foreign and b"\0" not in start and all(data.find(each, 1) < 0 for each in _UNUSUAL):
        return data
    root = etree.fromstring(
        data, etree.XMLParser(resolve_entities=False, remove_pis=True, remove_comments=True, huge_tree=True)
    )
    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=foreign or None))


def parser() -> etree.XMLParser:
    """Return a parser that follows nothing and expands nothing."""
    return etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, huge_tree=True)


def _rows(body: str) -> Iterator[Row]:
    number = 0
    for found in _ROWS.finditer(body):
        attributes = found[1].rstrip()
        given = attributes_of(attributes)
        shown = given.get("r", str(number + 1))
        if not shown.isdecimal() or not 0 < (number := int(shown)) <= LAST_ROW:
            raise DamagedPart(f"row {shown}")
        yield Row(number, attributes if "r" in given else f' r="{number}"{attributes}', found[2] or "")


def _reaches(attributes: Mapping[str, str], place: Place) -> bool:
    """Whether a formula is shared with a cell."""
    corners = [Place.of(each) for each in attributes.get("ref", "").split(":") if each]
    return bool(corners) and all(
        min(axis) <= at <= max(axis) for axis, at in zip(zip(*corners, strict=True), place, strict=True)
    )


def _translated(text: str, origin: Place, place: Place) -> str:
    try:
        return str(Translator(f"={text}", origin.ref).translate_formula(place.ref)[1:])
    except TokenizerError as trouble:
        raise ValueError(text) from trouble


def attributes_of(text: str) -> dict[str, str]:
    """Return the attributes of an element as the file spells them."""
    return {found[1]: found[2] if found[2] is not None else found[3] for found in _ATTRIBUTE.finditer(text)}


def _element(name: str, attributes: Mapping[str, str] | None, inner: str, raw: str = "") -> str:
    shown = raw if attributes is None else "".join(f' {key}="{_quoted(value)}"' for key, value in attributes.items())
    return f"<{name}{shown}>{inner}</{name}>" if inner else f"<{name}{shown}/>"


def _quoted(value: str) -> str:
    """Attributes are kept as the file spells them, so that only their own marks of quotation can harm."""
    return value.replace('"', "&quot;")
