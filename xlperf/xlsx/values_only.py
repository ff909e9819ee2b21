"""Makes a copy of a workbook without formulas and macros: the values they show stay, and everything else as it is.

Such a copy can be sent to anybody: nothing in it computes, calls Python or runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import etree  # type: ignore[import-untyped]

from xlperf.core.problems import Problem
from xlperf.xlsx.atomic_save import write_atomically
from xlperf.xlsx.package.calc_chain import forget_chain
from xlperf.xlsx.package.macros_part import forget_macros
from xlperf.xlsx.package.opc import Workbook, local, tree, written
from xlperf.xlsx.package.open import open_package

_MOST_NAMED = 6


def write_values_only(source: str | Path, target: str | Path) -> list[Problem]:
    """Write a copy of a workbook in which every formula is the value that the file stores for it.

    Returns
    -------
    list of Problem
        Why there is no copy: formulas that nobody has calculated have no value to show.

    Raises
    ------
    CannotSave
        Where the file cannot be read as a workbook, or the target cannot be written.
    """
    book = open_package(source)
    waiting = [place for sheet in book.sheets if sheet.kind == "worksheet"
               for place in _freeze(book, sheet.part, sheet.title)]  # fmt: skip
    if waiting:
        cells = [*waiting[:_MOST_NAMED], *(["…"] if len(waiting) > _MOST_NAMED else [])]
        return [Problem("freeze-uncalculated", details={"cells": cells, "count": len(waiting)})]
    forget_chain(book)
    forget_macros(book)
    write_atomically(book.parts.packed(), target, keep_backup=False)
    return []


def _freeze(book: Workbook, part: str, title: str) -> Iterator[str]:
    """Take the formulas out of a sheet; yield the cells of those that show nothing yet."""
    root = tree(book.parts[part])
    cells = [cell for cell in root.iter("{*}c") if any(local(each) == "f" for each in cell)]
    for cell in cells:
        parts = {local(each): each for each in cell}
        cell.remove(parts["f"])
        if "cm" in cell.attrib:
            del cell.attrib["cm"]
        value = parts["v"].text if "v" in parts else None
        if value is None and cell.get("t", "n") == "n":
            yield f"{title}!{cell.get('r')}"
        elif cell.get("t") == "str":
            _as_text(cell, parts.get("v"))
    if cells:
        book.parts[part] = written(root)
    for table in book.linked(part, "table"):
        _freeze_table(book, table)
    for drawing in book.linked(part, "drawing"):
        _unassign(book, drawing)


def _as_text(cell: Any, value: Any) -> None:
    """Let a cell hold the text that its formula showed."""
    space = cell.tag.rpartition("}")[0] + "}"
    text = (value.text or "") if value is not None else ""
    if value is not None:
        cell.remove(value)
    cell.set("t", "inlineStr")
    element = etree.SubElement(etree.SubElement(cell, f"{space}is"), f"{space}t")
    element.text = text
    element.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")


def _freeze_table(book: Workbook, part: str) -> None:
    root = tree(book.parts[part])
    found = [each for name in ("calculatedColumnFormula", "totalsRowFormula") for each in root.iter(f"{{*}}{name}")]
    for each in found:
        each.getparent().remove(each)
    for column in root.iter("{*}tableColumn"):
        if column.get("totalsRowFunction"):
            del column.attrib["totalsRowFunction"]
            found.append(column)
    if found:
        book.parts[part] = written(root)


def _unassign(book: Workbook, part: str) -> None:
    """Take the macros off the shapes of a drawing."""
    root = tree(book.parts[part])
    buttons = [each for each in root.iter() if isinstance(each.tag, str) and each.get("macro")]
    for each in buttons:
        each.set("macro", "")
    if buttons:
        book.parts[part] = written(root)
