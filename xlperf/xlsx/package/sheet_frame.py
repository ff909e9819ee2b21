"""What stands around the rows of a sheet: columns, merged cells, lists to choose from, conditional formats, links."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from lxml import etree  # type: ignore[import-untyped]
from openpyxl.utils import get_column_letter, range_boundaries

from xlperf.xlsx.errors import DamagedPart
from xlperf.xlsx.package.opc import child, children, local
from xlperf.xlsx.package.sheet_xml import bounds as bounds
from xlperf.xlsx.reader.scanner import LAST_COLUMN

_ORDER = (
    "sheetPr", "dimension", "sheetViews", "sheetFormatPr", "cols", "sheetData", "sheetCalcPr", "sheetProtection",
    "protectedRanges", "scenarios", "autoFilter", "sortState", "dataConsolidate", "customSheetViews", "mergeCells",
    "phoneticPr", "conditionalFormatting", "dataValidations", "hyperlinks", "printOptions", "pageMargins", "pageSetup",
    "headerFooter", "rowBreaks", "colBreaks", "customProperties", "cellWatches", "ignoredErrors", "smartTags",
    "drawing", "legacyDrawing", "legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls", "webPublishItems",
    "tableParts", "extLst",
)  # fmt: skip


def put_in_order(root: Any, element: Any) -> None:
    """Put an element of a sheet where the standard wants it, behind others of its name."""
    rank = _ORDER.index(local(element))
    for each in root:
        if isinstance(each.tag, str) and local(each) in _ORDER and _ORDER.index(local(each)) > rank:
            each.addprevious(element)
            return
    root.append(element)


def new_element(root: Any, name: str, /, **attributes: str) -> Any:
    """Return an element of a name in the namespace of a sheet, with its prefix."""
    return etree.Element(root.tag.replace(local(root), name), attributes, nsmap=root.nsmap)


def ensure_list(root: Any, name: str) -> Any:
    """Return a list such as ``hyperlinks``; it is made where the sheet has none."""
    found = child(root, name)
    if found is None:
        found = new_element(root, name)
        put_in_order(root, found)
    return found


def update_count(found: Any) -> None:
    """Bring the count of a list up to date; an empty list goes, since Excel takes it for damage."""
    if len(found) == 0:
        found.getparent().remove(found)
    elif "count" in found.attrib:
        found.set("count", str(len(found)))


def update_dimension(root: Any, cells: tuple[int, int, int, int] | None, also: Any = None) -> None:
    """Set the area in use, where the sheet states one; ``also`` is the ``dimension`` of another version of it."""
    dimension = child(root, "dimension")
    if dimension is not None and cells is not None:
        lefts, tops, rights, bottoms = zip(cells, bounds(also.get("ref")) if also is not None else cells, strict=True)
        dimension.set("ref", address(min(lefts), min(tops), max(rights), max(bottoms)))


def address(left: int, top: int, right: int, bottom: int) -> str:
    """Return the address of an area.

    >>> address(1, 1, 3, 5), address(2, 2, 2, 2)
    ('A1:C5', 'B2')
    """
    first, last = f"{get_column_letter(left)}{top}", f"{get_column_letter(right)}{bottom}"
    return first if first == last else f"{first}:{last}"


def move_ranges(ranges: str, move: Callable[[int, int, int, int], tuple[int, int, int, int]]) -> str:
    """Return a list of areas after each was moved; whole columns and rows stay.

    >>> move_ranges("A1:A3 C:C", lambda left, top, right, bottom: (left, top, right, bottom + 2))
    'A1:A5 C:C'
    """
    return " ".join(_moved(each, move) for each in ranges.split())


def _moved(area: str, move: Callable[[int, int, int, int], tuple[int, int, int, int]]) -> str:
    try:
        left, top, right, bottom = range_boundaries(area)
    except ValueError as trouble:
        raise DamagedPart(area) from trouble
    if left is None or top is None or right is None or bottom is None:
        return area
    return address(*move(left, top, right, bottom))


def stretch(root: Any, old_last: int, new_last: int) -> None:
    """Let lists to choose from, conditional formats and the like that end with the old last row reach the new one."""

    def grown(left: int, top: int, right: int, bottom: int) -> tuple[int, int, int, int]:
        ends = bottom == old_last and top < bottom
        return left, top, right, max(new_last, top) if ends else bottom

    for element in root.iter():
        if isinstance(element.tag, str):
            parent = local(element)
            if parent in ("conditionalFormatting", "dataValidation", "protectedRange", "ignoredError") and element.get(
                "sqref"
            ):
                element.set("sqref", move_ranges(element.get("sqref"), grown))
            elif parent == "sqref" and element.text:
                element.text = move_ranges(element.text, grown)


def link_cell(root: Any, ref: str, location: str | None) -> None:
    """Let a cell lead to a place in the workbook, or nowhere."""
    found = child(root, "hyperlinks")
    for each in children(found, "hyperlink") if found is not None else ():
        if each.get("ref") == ref:
            found.remove(each)
    if location is not None:
        found = ensure_list(root, "hyperlinks")
        found.append(new_element(root, "hyperlink", ref=ref, location=location, display=location))
    elif found is not None:
        update_count(found)


def column_span(element: Any) -> range:
    """Return the columns that an element of ``cols`` describes; those beyond the last one do not exist.

    >>> column_span(etree.fromstring('<col min="3" max="4"/>'))
    range(3, 5)
    >>> column_span(etree.fromstring('<col min="2" max="2000000000"/>'))
    range(2, 16385)
    """
    first, last = element.get("min", ""), element.get("max", "")
    if not (first.isdecimal() and last.isdecimal()):
        raise DamagedPart("cols")
    return range(max(int(first), 1), min(int(last), LAST_COLUMN) + 1)


def set_widths(root: Any, columns: Any, numbers: Iterable[int]) -> None:
    """Give columns that a sheet says nothing about the width that they have elsewhere."""
    given = ensure_list(root, "cols")
    known = {number for each in children(given, "col") for number in column_span(each)}
    for source in children(columns, "col") if columns is not None else ():
        for number in column_span(source):
            if number in numbers and number not in known:
                attributes = {name: source.get(name) for name in ("width", "customWidth", "hidden") if source.get(name)}
                given.append(new_element(root, "col", min=str(number), max=str(number), **attributes))
    given[:] = sorted(given, key=lambda each: column_span(each).start)
    update_count(given)
