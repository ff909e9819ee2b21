"""A partial workbook for openpyxl: the sheets of a workbook by name, and the cells of those that are asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from html import unescape
from typing import Any

from lxml import etree  # type: ignore[import-untyped]
from openpyxl.styles.stylesheet import Stylesheet
from openpyxl.utils.datetime import from_ISO8601
from openpyxl.workbook.child import INVALID_TITLE_REGEX

from xlperf.xlsx.package.copy_sheet import EDITIONS, MAIN
from xlperf.xlsx.package.opc import (
    OFFICE,
    RELATIONSHIPS,
    TYPES,
    SheetEntry,
    Workbook,
    child,
    children,
    local,
    tree,
    written,
)
from xlperf.xlsx.package.sheet_frame import update_count
from xlperf.xlsx.package.sheet_xml import Cell, SheetXml, plain_xml
from xlperf.xlsx.package.styles import MINIMAL, Styles
from xlperf.xlsx.package.zip_members import Parts
from xlperf.xlsx.reader.scanner import LAST_ROW

_ITEM = re.compile(rb"<((?:[\w.-]+:)?)si\b[^>]*?(?:/>|>(.*?)</(?:[\w.-]+:)?si\s*>)", re.DOTALL)
_VALUE = re.compile(r"<(?:[\w.-]+:)?v\b[^>]*?>(.*?)</(?:[\w.-]+:)?v\s*>", re.DOTALL)
_READ: Mapping[str, Callable[[str], object]] = {"n": float, "b": int, "s": int, "d": from_ISO8601}
_SPELT = {"_x005F_": "_x005f_", "x005F_": "_x0078_005F_"}  # the same text, of which openpyxl drops nothing
_DROPPED = re.compile("|".join(_SPELT))
_KEPT = ("cols", "sheetData", "mergeCells", "sheetFormatPr", "dataValidations", "hyperlinks")
_LISTS_OF_FORMATS = ("numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs")
_TYPES = {
    "xl/workbook.xml": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
    "xl/styles.xml": "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml",
}
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
_TABLE_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.table+xml"


def build_partial(book: Workbook, rows: Mapping[str, int], names: tuple[str, ...] = ()) -> bytes:
    """Return a workbook with the same sheets in the same order, but only the cells that are asked for.

    Parameters
    ----------
    book : the workbook
    rows : for each sheet whose cells are wanted, the last row of them; 0 for all rows
    names : names of the workbook that are wanted too
    """
    parts = Parts()
    links: list[tuple[str, str]] = []
    strings = shared_strings(book) if rows else []
    sheets = book.sheets
    for number, sheet in enumerate(sheets, start=1):
        part = f"xl/worksheets/sheet{number}.xml"
        wanted = sheet.title in rows and sheet.kind == "worksheet"
        parts[part] = (
            _cells(book, sheet, rows[sheet.title], strings)
            if wanted
            else f'<worksheet xmlns="{MAIN}"><sheetData/></worksheet>'.encode()
        )
        links.append((f"{OFFICE}/worksheet", f"/{part}"))
        _tables(book, sheet, parts, part)
    parts["xl/workbook.xml"] = _main(book, sheets, names)
    styles = book.part_of("styles")
    if rows and styles in book.parts:
        parts["xl/styles.xml"] = _formats(_usual(book.parts[styles]))
        links.append((f"{OFFICE}/styles", "/xl/styles.xml"))
    parts["xl/_rels/workbook.xml.rels"] = _links(links)
    parts["_rels/.rels"] = _links([(f"{OFFICE}/officeDocument", "/xl/workbook.xml")])
    parts["[Content_Types].xml"] = _types(parts)
    return parts.packed()


def shared_strings(book: Workbook) -> list[bytes]:
    """Return what is inside each of the strings that cells share, with the prefix of the part removed."""
    part = book.part_of("sharedStrings")
    if part not in book.parts:
        return []
    found = list(_ITEM.finditer(plain_xml(book.parts[part])))
    return [re.sub(rb"(</?)" + each[1], rb"\1", each[2] or b"") if each[1] else each[2] or b"" for each in found]


def _cells(book: Workbook, sheet: SheetEntry, last_row: int, strings: list[bytes]) -> bytes:
    """Return a sheet with its cells, columns, merged cells and links, and nothing else."""
    tree(book.parts[sheet.part])  # rows are found without parsing them; XML that is not well-formed shows here
    xml = SheetXml(book.parts[sheet.part], last_row or LAST_ROW)
    formats = len(Styles(book.parts[styles]).xfs) if (styles := book.part_of("styles")) else 1
    for row in xml.rows.values():
        for cell in row.opened().values():
            _make_readable(cell, formats)
            if cell.attributes.get("t") == "s" and (index := re.search(r">\s*([0-9]+)\s*<", cell.inner)):
                item = strings[int(index[1])].decode() if int(index[1]) < len(strings) else ""
                cell.attributes["t"] = "inlineStr"
                cell.inner = f"<{xml.p}is>{re.sub('<(/?)(?=[a-zA-Z])', f'<{chr(92)}1{xml.p}', item)}</{xml.p}is>"
            if cell.attributes.get("t") == "inlineStr":
                cell.inner = _DROPPED.sub(lambda found: _SPELT[found[0]], cell.inner)
    root = xml.frame
    for each in list(root):
        if not isinstance(each.tag, str) or local(each) not in _KEPT:
            root.remove(each)
    for links in children(root, "hyperlinks"):
        for each in children(links, "hyperlink"):
            if not each.get("location"):
                links.remove(each)
        update_count(links)
    xml.frame = root
    return _usual(xml.written())


def _make_readable(cell: Cell, formats: int) -> None:
    """Let a cell that is not what it says it is be a text, and one with a format that there is not have none."""
    if cell.style >= formats:
        del cell.attributes["s"]
    found, kind = _VALUE.search(cell.inner), cell.attributes.get("t", "n")
    stored = unescape(found[1]).strip() if found else ""
    try:
        _READ[kind](stored) if kind in _READ and stored else None
    except (ValueError, OverflowError):
        cell.attributes["t"] = "str"
    if kind in ("s", "b", "d") and not stored:
        cell.attributes.pop("t")


def _usual(data: bytes) -> bytes:
    """Return a part in the usual edition of the standard."""
    data = plain_xml(data)
    for usual, strict in EDITIONS.items():
        data = data.replace(strict, usual)
    return data


def _formats(styles: bytes) -> bytes:
    """Return the formats of cells as far as openpyxl can read them; where it cannot, as many plain ones."""
    root = tree(styles)
    for each in list(root):
        if not isinstance(each.tag, str) or local(each) not in _LISTS_OF_FORMATS:
            root.remove(each)
    try:
        Stylesheet.from_tree(tree(written(root)))
    except (TypeError, ValueError, AttributeError, LookupError):
        count = len(list(root.iter(f"{{{MAIN}}}xf")))
        return MINIMAL.replace(
            b"</cellXfs>", b'<xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>' * count + b"</cellXfs>"
        )
    return written(root)


def _tables(book: Workbook, sheet: SheetEntry, parts: Parts, part: str) -> None:
    """Add the tables of a sheet, as far as their names, places and headings go."""
    links = []
    for source in book.linked(sheet.part, "table"):
        if source in book.parts:
            number = sum(1 for each in parts if each.startswith("xl/tables/")) + 1
            name = f"xl/tables/table{number}.xml"
            parts[name] = _table(tree(book.parts[source]))
            links.append((f"{OFFICE}/table", f"/{name}"))
    if links:
        parts[part.replace("worksheets/", "worksheets/_rels/") + ".rels"] = _links(links)
        ids = "".join(f'<tablePart r:id="rId{number}"/>' for number in range(1, len(links) + 1))
        declared = f'<tableParts xmlns="{MAIN}" xmlns:r="{OFFICE}">{ids}</tableParts>'
        root = tree(parts[part])
        root.append(tree(declared.encode()))
        parts[part] = written(root)


def _table(source: Any) -> bytes:
    kept = {name: source.get(name) for name in ("id", "name", "displayName", "ref", "totalsRowCount", "headerRowCount")}
    new = etree.Element(f"{{{MAIN}}}table", {name: value for name, value in kept.items() if value}, nsmap={None: MAIN})
    if (filtered := child(source, "autoFilter")) is not None:
        etree.SubElement(new, f"{{{MAIN}}}autoFilter", ref=filtered.get("ref", ""))
    columns = etree.SubElement(new, f"{{{MAIN}}}tableColumns")
    for number, each in enumerate(children(child(source, "tableColumns"), "tableColumn"), start=1):
        etree.SubElement(columns, f"{{{MAIN}}}tableColumn", id=str(number), name=each.get("name", ""))
    return written(new)


def _main(book: Workbook, sheets: list[SheetEntry], names: tuple[str, ...]) -> bytes:
    root = etree.Element(f"{{{MAIN}}}workbook", nsmap={None: MAIN, "r": OFFICE})
    if book.mac_dates:
        etree.SubElement(root, f"{{{MAIN}}}workbookPr", date1904="1")
    etree.SubElement(etree.SubElement(root, f"{{{MAIN}}}bookViews"), f"{{{MAIN}}}workbookView")
    listed = etree.SubElement(root, f"{{{MAIN}}}sheets")
    for number, sheet in enumerate(sheets, start=1):
        taken = [each.get("name").casefold() for each in listed]
        usable = sheet.title and not INVALID_TITLE_REGEX.search(sheet.title) and sheet.title.casefold() not in taken
        title = sheet.title if usable else f"xlperf {number}"
        each = etree.SubElement(listed, f"{{{MAIN}}}sheet", name=title, sheetId=str(number))
        each.set(f"{{{OFFICE}}}id", f"rId{number}")
    defined = child(book.root, "definedNames")
    wanted = (
        [each for each in children(defined, "definedName") if each.get("name") in names] if defined is not None else []
    )
    if wanted:
        kept = etree.SubElement(root, f"{{{MAIN}}}definedNames")
        for each in wanted:
            etree.SubElement(kept, f"{{{MAIN}}}definedName", name=each.get("name")).text = each.text
    etree.SubElement(root, f"{{{MAIN}}}calcPr")
    return written(root)


def _links(links: list[tuple[str, str]]) -> bytes:
    root = etree.Element(f"{{{RELATIONSHIPS}}}Relationships", nsmap={None: RELATIONSHIPS})
    for number, (kind, target) in enumerate(links, start=1):
        etree.SubElement(root, f"{{{RELATIONSHIPS}}}Relationship", Id=f"rId{number}", Type=kind, Target=target)
    return written(root)


def _types(parts: Parts) -> bytes:
    root = etree.Element(f"{{{TYPES}}}Types", nsmap={None: TYPES})
    etree.SubElement(
        root,
        f"{{{TYPES}}}Default",
        Extension="rels",
        ContentType="application/vnd.openxmlformats-package.relationships+xml",
    )
    for part in parts:
        kind = _TYPES.get(part) or (
            _SHEET_TYPE if "/worksheets/sheet" in part else _TABLE_TYPE if "/tables/" in part else ""
        )
        if kind:
            etree.SubElement(root, f"{{{TYPES}}}Override", PartName=f"/{part}", ContentType=kind)
    return written(root)
