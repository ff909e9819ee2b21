"""Copies a sheet of one workbook into another, with its tables, notes, drawings and charts."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from typing import Any

from lxml import etree  # type: ignore[import-untyped]

from xlperf.xlsx.package.opc import OFFICE, RELATIONSHIPS, Workbook, child, children, tree, written
from xlperf.xlsx.package.sheet_xml import SheetXml
from xlperf.xlsx.package.styles import MINIMAL, Styles
from xlperf.xlsx.reader.relations import relations_part

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STYLES_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"
TABLE_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.table+xml"
EDITIONS = {
    MAIN.encode(): b"http://purl.oclc.org/ooxml/spreadsheetml/main",
    OFFICE.encode(): b"http://purl.oclc.org/ooxml/officeDocument/relationships",
    b"http://schemas.openxmlformats.org/drawingml/2006/main": b"http://purl.oclc.org/ooxml/drawingml/main",
    b"http://schemas.openxmlformats.org/drawingml/2006/chart": b"http://purl.oclc.org/ooxml/drawingml/chart",
    b"http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing": (
        b"http://purl.oclc.org/ooxml/drawingml/spreadsheetDrawing"
    ),
}
OUR_CHART = "xlperf "  # begins the names of charts that a run draws, so that the next one knows them
_STYLED = re.compile(rb'(<c r="[A-Z]+[0-9]+" s=")([0-9]+)"')
_STYLED_AS_A_WHOLE = re.compile(rb'(<(?:row [^>]*?\bs|col [^>]*?\bstyle)=")([0-9]+)"')
_ROW_START, _ROW_STYLE = re.compile(rb"<row [^>]*>"), re.compile(rb' s="[0-9]+"')
_CONDITIONAL = re.compile(rb'(\bdxfId=")([0-9]+)"')
_REFERENCE = re.compile(rb"&#([0-9]{3,7});")  # to a character that UTF-8 has no need to escape
_EMPTY_CELL = re.compile(r"(<c [^>]*)></c>")
_START_OF_XML = re.compile(rb"\s*<")
_NUMBER = re.compile(r"[0-9]*(?=\.[a-z]+$)")


class SheetCopier:
    """Copies sheets from a workbook that was just written into one that is kept.

    Parameters
    ----------
    book : the workbook that is kept
    made : the one with the new sheets, as openpyxl writes it
    """

    def __init__(self, book: Workbook, made: Workbook) -> None:
        self.book, self.made = book, made
        self.styles, self._styles_part = styles_of(book)
        self.theirs, _ = styles_of(made)
        self._copied: dict[str, str] = {}

    def finish(self) -> None:
        """Store the formats that were added."""
        store_styles(self.book, self.styles, self._styles_part)

    def style(self, number: int) -> int:
        """Return the number that a format of the new workbook has in the one that is kept."""
        return self.styles.entered(self.theirs, number) if number else 0

    def copy_sheet(self, title: str, position: int, state: str = "visible") -> str:
        """Insert a sheet with everything that belongs to it, and return the name of its part."""
        part = self.copy_part(self.made.sheet(title).part)
        insert_sheet(self.book, title, part, position, state)
        return part

    def copy_part(self, part: str) -> str:
        """Copy a part and all parts that it is linked to, under names that are free."""
        if part not in self._copied:
            folder, name = posixpath.split(part)
            new = self._copied[part] = self.book.free(posixpath.join(folder, _NUMBER.sub("{}", name, count=1)))
            self.book.add(new, normalize_part(self.adapt_part(part)), self.made.type_of(part))
            self._copy_links(part, new)
        return self._copied[part]

    def adapt_part(self, part: str, only_cells: bool = False) -> bytes:
        """Return a part of the new workbook as it must read in the one that is kept.

        Where only the cells of a sheet are wanted, formats of whole columns and rows are not entered.
        """
        data, kind = self.made.parts[part], self.made.type_of(part)
        if kind.endswith("xml"):
            data = _REFERENCE.sub(lambda found: chr(int(found[1])).encode(), data)
        if kind == TABLE_TYPE:
            data = re.sub(rb'(<table\b[^>]*? id=")[0-9]+"', rb'\g<1>%d"' % next_table_id(self.book), data, count=1)
        elif kind.endswith("worksheet+xml"):
            data = _ROW_START.sub(_without_idle_style, data)
            for styled in (_STYLED,) if only_cells else (_STYLED, _STYLED_AS_A_WHOLE):
                data = styled.sub(self._number(self.style), data)
            data = _CONDITIONAL.sub(self._number(lambda number: self.styles.dxf(self.theirs, number)), data)
        elif kind.endswith("drawing+xml"):
            data = mark_own_charts(data)
        return strict(data) if self.book.strict else data

    @staticmethod
    def _number(new: Callable[[int], int]) -> Callable[[re.Match[bytes]], bytes]:
        return lambda found: found[1] + b'%d"' % new(int(found[2]))

    def _copy_links(self, part: str, new: str) -> None:
        links = self.made.links(part)
        if not links:
            return
        root = etree.Element(f"{{{RELATIONSHIPS}}}Relationships", nsmap={None: RELATIONSHIPS})
        for link in links:
            kind = strict(link.kind.encode()).decode() if self.book.strict else link.kind
            target = link.target if link.external else f"/{self.copy_part(link.target)}"
            each = etree.SubElement(root, f"{{{RELATIONSHIPS}}}Relationship", Id=link.id, Type=kind, Target=target)
            if link.external:
                each.set("TargetMode", "External")
        self.book.parts[relations_part(new)] = written(root)


def _without_idle_style(row: re.Match[bytes]) -> bytes:
    """Return the start of a row without a format that does not apply, as openpyxl writes it where 0 is not plain."""
    return row[0] if b"customFormat" in row[0] else _ROW_STYLE.sub(b"", row[0])


def normalize_part(data: bytes) -> bytes:
    """Return a new part in the form that renewing it gives, so that a run on what a run wrote changes no byte.

    >>> normalize_part(b"<worksheet><sheetData><row r='1'><c r='A1' t='n'></c></row></sheetData><a></a></worksheet>")
    b"<worksheet><sheetData><row r='1'><c r='A1' t='n'/></row></sheetData><a/></worksheet>"
    """
    if _START_OF_XML.match(data) is None:
        return data
    if b"<sheetData" not in data:
        return written(tree(data))
    sheet = SheetXml(data)
    sheet.frame = sheet.frame
    for row in sheet.rows.values():
        row.raw = _EMPTY_CELL.sub(r"\1/>", row.raw)
    return sheet.written()


def mark_own_charts(drawing: bytes) -> bytes:
    """Return a drawing in which the names of our charts differ from those of others."""
    return re.sub(rb'(<(?:\w+:)?cNvPr [^>]*?name=")(Chart )', rb"\g<1>" + OUR_CHART.encode() + rb"\2", drawing)


def strict(data: bytes) -> bytes:
    """Return a part in the strict edition of the standard."""
    for usual, other in EDITIONS.items():
        data = data.replace(usual, other)
    return data


def styles_of(book: Workbook) -> tuple[Styles, str]:
    """Return the formats of a workbook and their part, "" where it has none."""
    part = book.part_of("styles")
    usable = part in book.parts
    minimal = strict(MINIMAL) if book.strict else MINIMAL
    return Styles(book.parts[part] if usable else minimal), part if usable else ""


def store_styles(book: Workbook, styles: Styles, part: str) -> None:
    """Put the formats back if there are new ones; a workbook without a part for them gets one."""
    if not styles.grown:
        return
    if part:
        book.parts[part] = styles.written()
        return
    part = book.free(posixpath.join(posixpath.dirname(book.main), "styles{}.xml"))
    book.add(part, styles.written(), STYLES_TYPE)
    book.link(book.main, f"{book.office}/styles", part)


def next_table_id(book: Workbook) -> int:
    """Return an id that no table of the workbook has."""
    return max((int(tree(book.parts[each]).get("id", "0")) for each in table_parts(book)), default=0) + 1


def table_parts(book: Workbook) -> list[str]:
    """Return the parts of all tables."""
    return [part for sheet in book.sheets if sheet.part in book.parts for part in book.linked(sheet.part, "table")]


# The list of sheets -----------------------------------------------------------------------------------------------


def insert_sheet(book: Workbook, title: str, part: str, position: int, state: str = "visible") -> None:
    """Enter a sheet in the list of sheets; whatever counts them counts on."""
    relation = book.link(book.main, f"{book.office}/worksheet", part)
    listed = child(book.root, "sheets")
    entries = list(listed)
    new = etree.Element(f"{{{book.namespace}}}sheet", nsmap=listed.nsmap)
    new.set("name", title)
    new.set("sheetId", str(max((int(each.get("sheetId", "0")) for each in entries), default=0) + 1))
    if state != "visible":
        new.set("state", state)
    new.set(f"{{{book.office}}}id", relation)
    listed.insert(position, new)
    renumber(book, {old: old + (old >= position) for old in range(len(entries))})
    book.store()


def renumber(book: Workbook, places: dict[int, int]) -> None:
    """Follow sheets to their new places: names of one sheet, and which tabs are shown."""
    names = child(book.root, "definedNames")
    for each in children(names, "definedName") if names is not None else ():
        if (local_to := each.get("localSheetId")) is not None:
            each.set("localSheetId", str(places.get(int(local_to), int(local_to))))
    views = child(book.root, "bookViews")
    for view in children(views, "workbookView") if views is not None else ():
        for name in ("activeTab", "firstSheet"):
            if view.get(name):
                view.set(name, str(places.get(int(view.get(name)), int(view.get(name)))))


def set_names(book: Workbook, title: str, names: dict[str, tuple[str, bool]]) -> None:
    """Give a sheet names of its own that it does not have yet: the text of each, and whether it is hidden."""
    position = next(number for number, sheet in enumerate(book.sheets) if sheet.title == title)
    listed = listed_names(book)
    for name, (text, hidden) in names.items():
        each = _name_of(listed, name, str(position))
        if each is None:
            each = etree.SubElement(listed, f"{{{book.namespace}}}definedName", name=name, localSheetId=str(position))
        if hidden:
            each.set("hidden", "1")
        each.text = text
    book.store()


def set_name(book: Workbook, name: str, text: str) -> None:
    """Give the workbook a hidden name, or the one that it has another text."""
    listed = listed_names(book)
    each = _name_of(listed, name, None)
    if each is None:
        each = etree.SubElement(listed, f"{{{book.namespace}}}definedName", name=name, hidden="1")
    each.text = text
    book.store()


def listed_names(book: Workbook) -> Any:
    """Return the list of names; it is made where the workbook has none."""
    listed = child(book.root, "definedNames")
    if listed is None:
        listed = etree.Element(f"{{{book.namespace}}}definedNames", nsmap=book.root.nsmap)
        before = next(
            each for each in ("externalReferences", "functionGroups", "sheets") if child(book.root, each) is not None
        )
        child(book.root, before).addnext(listed)
    return listed


def _name_of(listed: Any, name: str, position: str | None) -> Any:
    """Return a name of the sheet at a position, or of the workbook; None where there is none."""
    mine = (each for each in children(listed, "definedName") if each.get("localSheetId") == position)
    return next((each for each in mine if each.get("name") == name), None)
