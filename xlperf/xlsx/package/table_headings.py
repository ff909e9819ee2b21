"""Headings of Excel tables: the cell and the column of the table part must say the same, or Excel repairs the file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import unescape

from xlperf.core.problems import Problem
from xlperf.xlsx.errors import CannotSave
from xlperf.xlsx.formula import Formula
from xlperf.xlsx.package.cell_xml import plain, text_xml
from xlperf.xlsx.package.opc import Workbook, child, children, tree, written
from xlperf.xlsx.package.sheet_frame import bounds
from xlperf.xlsx.package.sheet_xml import Place, plain_xml

LONGEST_HEADING = 255  # characters
_WITH_FORMULAS = ("worksheet+xml", "table+xml", "chart+xml", "main+xml")  # endings of content types
_FORMULA = re.compile(
    r"<(?:[\w.-]+:)?(?:f|formula[12]?|definedName|calculatedColumnFormula|totalsRowFormula)\b[^>]*>([^<]+)<"
)
_SIGNS_OF_REFERENCES = re.compile(r"(['#\[\]])")


def rename_headings(book: Workbook, part: str, values: Mapping[Place, object]) -> dict[Place, str]:
    """Rename the columns of tables whose headings are among cells that are about to be filled.

    Parameters
    ----------
    book, part : the workbook, and the part of the sheet
    values : what the cells are to hold

    Returns
    -------
    dict
        For each cell that is a heading the text that it must hold: a heading is always a text.

    Raises
    ------
    CannotSave
        Where a heading would be empty, a formula, too long or that of another column, or where formulas refer to the
        column by its heading.
    """
    headings: dict[Place, str] = {}
    for source in book.linked(part, "table"):
        table = tree(book.parts[source])
        if table.get("headerRowCount", "1") == "0":
            continue
        left, top, *_ = bounds(table.get("ref", ""))
        columns = children(child(table, "tableColumns"), "tableColumn")
        places = {Place(top, left + at): column for at, column in enumerate(columns)}
        own = {place: _heading_of(values[place], place) for place in places if place in values}
        if not own:
            continue
        names = {place: _shown(column.get("name", "")) for place, column in places.items()} | own
        for place, name in own.items():
            if any(name.lower() == names[other].lower() for other in places if other != place):
                raise CannotSave(Problem("table-heading", details={"cell": place.ref, "heading": name}))
            old = _shown(places[place].get("name", ""))
            if old != name and _is_referred_to(book, old):
                raise CannotSave(Problem("table-heading-used", details={"cell": place.ref, "heading": old}))
            places[place].set("name", unescape(text_xml(name)).replace("\n", "_x000a_"))
        book.parts[source] = written(table)
        headings |= own
    return headings


def _heading_of(value: object, place: Place) -> str:
    """Return a value as the text of a heading."""
    known = None if isinstance(value, Formula) else plain(value)
    text = str(known).upper() if isinstance(known, bool) else f"{known:.15g}" if isinstance(known, float) else known
    if text in (None, "") or len(str(text)) > LONGEST_HEADING:
        raise CannotSave(Problem("table-heading", details={"cell": place.ref, "heading": str(text or "")}))
    return str(text)


def _shown(name: str) -> str:
    return re.sub("_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), name)


def _is_referred_to(book: Workbook, heading: str) -> bool:
    """Whether a formula of the workbook names a column: ``T[Points]``, ``[@Points]``, ``T[[#This Row],[Points]]``."""
    escaped = _SIGNS_OF_REFERENCES.sub(r"'\1", heading)
    reference = re.compile(rf"[\[@]\s*{re.escape(escaped)}\s*\]", re.IGNORECASE)
    return any(reference.search(formula) for formula in _formulas(book))


def _formulas(book: Workbook) -> Iterator[str]:
    for part in book.parts:
        if book.type_of(part).endswith(_WITH_FORMULAS):
            for found in _FORMULA.finditer(plain_xml(book.parts[part]).decode()):
                yield unescape(found[1])
