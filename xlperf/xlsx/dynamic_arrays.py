"""Dynamic arrays: formulas whose results spill over as many cells as they need.

A file holds one as an array formula over the cells that it filled last, with a number at the cell (``cm``) that leads
to a record in ``xl/metadata.xml``. openpyxl knows the formula and drops the number, and Excel then shows an array
formula between braces.

Source: Microsoft, [MS-XLSX] 2.4.63 (dynamicArrayProperties); ECMA-376 part 1, 18.9 (metadata).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree  # type: ignore[import-untyped]
from openpyxl.workbook import Workbook as OpenWorkbook
from openpyxl.worksheet.formula import ArrayFormula

from xlperf.xlsx.package.opc import Workbook, child, children, local, tree, written
from xlperf.xlsx.package.sheet_xml import Place, SheetXml, attributes_of
from xlperf.xlsx.package.zip_members import Parts

PART = "xl/metadata.xml"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheetMetadata+xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
DYNAMIC = "http://schemas.microsoft.com/office/spreadsheetml/2017/dynamicarray"
KIND = "XLDAPR"
_MARKED = re.compile(rb"<(?:[\w.-]+:)?c\s([^>]*?\bcm=[^>]*?)/?>")
_EMPTY = f'<metadata xmlns="{MAIN}" xmlns:xda="{DYNAMIC}"/>'.encode()
_FLAGS = (
    "copy", "pasteAll", "pasteValues", "merge", "splitFirst", "rowColShift", "clearFormats", "clearComments", "assign",
    "coerce", "cellMeta",
)  # fmt: skip
_ORDER = (
    "metadataTypes", "metadataStrings", "mdxMetadata", "futureMetadata", "cellMetadata", "valueMetadata", "extLst",
)  # fmt: skip


class DynamicArray(ArrayFormula):
    """An array formula that spills; ``ref`` is what it filled when it was last calculated."""

    def __init__(self, ref: str, text: str | None = None) -> None:
        make: Any = super().__init__
        make(ref, text)
        self.dynamic = True  # seen where two formulas are compared


def recognise_dynamic(workbook: OpenWorkbook, source: bytes) -> None:
    """Let the dynamic arrays of a workbook that openpyxl has just loaded be ``DynamicArray``.

    Parameters
    ----------
    workbook : what openpyxl has loaded
    source : the file
    """
    book = Workbook(Parts.read(source))
    numbers = set(_numbers(book))
    for worksheet in workbook.worksheets if numbers else ():
        cells: Any = worksheet._cells
        for found in _MARKED.finditer(book.parts[book.sheet(worksheet.title).part]):
            attributes = attributes_of(found[1].decode())
            cell = cells.get(Place.of(attributes["r"])) if "r" in attributes else None
            if cell is not None and isinstance(cell.value, ArrayFormula) and int(attributes["cm"]) in numbers:
                cell.value = DynamicArray(cell.value.ref, cell.value.text)


def with_dynamic(data: bytes, workbook: OpenWorkbook) -> bytes:
    """Return a file in which the dynamic arrays of a workbook are marked as such.

    Parameters
    ----------
    data : the file as it was written without the marks, or with some
    workbook : what was written

    Examples
    --------
    >>> from xlperf.xlsx.atomic_save import packed
    >>> workbook = OpenWorkbook()
    >>> workbook.worksheets[0]["A1"] = DynamicArray("A1", "=B1:B3*2")
    >>> book = Workbook(Parts.read(with_dynamic(packed(workbook), workbook)))
    >>> list(_numbers(book)), b'cm="1"' in book.parts["xl/worksheets/sheet1.xml"]
    ([1], True)
    """
    spilling = {title: places for title, places in _dynamic_cells(workbook) if places}
    if not spilling:
        return data
    book, changed = Workbook(Parts.read(data)), False
    numbers = list(_numbers(book))
    for title, places in spilling.items():
        part = book.sheet(title).part
        sheet = SheetXml(book.parts[part])
        unmarked = [cell for place in places if (cell := sheet.find(place)) is not None
                    and int(cell.attributes.get("cm", "0")) not in numbers]  # fmt: skip
        if unmarked and not numbers:
            numbers = [_add_record(book)]
        for cell in unmarked:
            cell.attributes["cm"] = str(numbers[0])
        if unmarked:
            book.parts[part], changed = sheet.written(), True
    return book.parts.packed() if changed else data


def _dynamic_cells(workbook: OpenWorkbook) -> Iterator[tuple[str, list[Place]]]:
    for worksheet in workbook.worksheets:
        cells: Any = worksheet._cells
        yield worksheet.title, [Place(*at) for at, cell in cells.items() if isinstance(cell.value, DynamicArray)]


def _numbers(book: Workbook) -> Iterator[int]:
    """Yield the numbers of the records of cells that mean a dynamic array."""
    part = book.part_of("sheetMetadata")
    if not part:
        return
    root = tree(book.parts[part])
    types = [each.get("name") for each in children(child(root, "metadataTypes"), "metadataType")]
    marks = child(root, "cellMetadata")
    for number, record in enumerate(children(marks, "bk") if marks is not None else (), start=1):
        kinds = [int(each.get("t", "0")) for each in children(record, "rc")]
        if any(0 < kind <= len(types) and types[kind - 1] == KIND for kind in kinds):
            yield number


def _add_record(book: Workbook) -> int:
    """Add a record for dynamic arrays to the metadata of the book, and return its number."""
    part = book.part_of("sheetMetadata")
    if not part:
        part = PART
        book.add(part, _EMPTY, TYPE)
        book.link(book.main, f"{book.office}/sheetMetadata", part)
    root = tree(book.parts[part])
    flags = {"name": KIND, "minSupportedVersion": "120000", **dict.fromkeys(_FLAGS, "1")}
    kind = _append(root, "metadataTypes", "metadataType", flags)
    properties = _append(root, "futureMetadata", "bk", {}, name=KIND)
    future = _lists(root, "futureMetadata", KIND)
    extension = etree.SubElement(etree.SubElement(_last(future), f"{{{MAIN}}}extLst"), f"{{{MAIN}}}ext")
    extension.set("uri", "{bdbb8cdc-fa1e-496e-a857-3c3f30c029c3}")
    etree.SubElement(extension, f"{{{DYNAMIC}}}dynamicArrayProperties", fDynamic="1", fCollapsed="0")
    number = _append(root, "cellMetadata", "bk", {})
    etree.SubElement(_last(_lists(root, "cellMetadata")), f"{{{MAIN}}}rc", t=str(kind), v=str(properties - 1))
    book.parts[part] = written(root)
    return number


_ORDER = (
    "metadataTypes",
    "metadataStrings",
    "mdxMetadata",
    "futureMetadata",
    "cellMetadata",
    "valueMetadata",
    "extLst",
)


def _append(root: Any, listed: str, item: str, attributes: dict[str, str], name: str = "") -> int:
    """Append an item to one of the lists of the metadata, made where there was none; return its number."""
    holder = _lists(root, listed, name)
    if holder is None:
        holder = etree.Element(f"{{{MAIN}}}{listed}", **({"name": name} if name else {}))
        before = [each for each in root if _ORDER.index(local(each)) <= _ORDER.index(listed)]
        root.insert(len(before), holder)
    etree.SubElement(holder, f"{{{MAIN}}}{item}", attributes)
    holder.set("count", str(len(holder)))
    return len(holder)


def _lists(root: Any, listed: str, name: str = "") -> Any:
    return next((each for each in children(root, listed) if each.get("name", "") == name), None)


def _last(holder: Any) -> Any:
    return holder[len(holder) - 1]
