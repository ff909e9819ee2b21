"""The order of calculation that Excel keeps beside the sheets: formulas that are gone must leave it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from xlperf.xlsx.package.opc import Workbook, child, children, tree, written
from xlperf.xlsx.package.sheet_frame import new_element
from xlperf.xlsx.package.sheet_xml import SheetXml, plain_xml

_FORMULA = re.compile(rb"<(?:[\w.-]+:)?f[\s/>]")


def forget_formulas(book: Workbook, changed: Mapping[str, Collection[str]]) -> None:
    """Take the cells of changed sheets that hold no formula any more out of the order of calculation.

    ``changed`` names for each sheet the cells whose formulas were written with their results. Where there are other
    formulas, Excel is asked to calculate when it opens the workbook: they may depend on what has changed.
    """
    part = book.part_of("calcChain")
    if not changed or (part not in book.parts and _calculates_on_opening(book)):
        return
    formulas = {title: _formulas(book.parts[book.sheet(title).part]) for title in changed}
    if not _calculates_on_opening(book) and _has_other_formulas(book, formulas, changed):
        calculate_on_opening(book)
    if part not in book.parts:
        return
    root = tree(book.parts[part])
    titles = {str(sheet.sheet_id): sheet.title for sheet in book.sheets}
    sheet, removed = "", False
    for each in children(root, "c"):
        sheet = each.get("i", sheet)
        title = titles.get(sheet, "")
        if title in formulas and each.get("r") not in formulas[title]:
            root.remove(each)
            removed = True
        else:
            each.set("i", sheet)
    if not children(root, "c"):
        book.unlink(book.main, part)
        book.remove(part)
    elif removed:
        book.parts[part] = written(root)


def _formulas(sheet: bytes) -> set[str]:
    """Return the cells of a sheet that hold formulas; a sheet without any is not taken apart."""
    found = SheetXml(sheet).formulas() if _FORMULA.search(plain_xml(sheet)) else ()
    return {place.ref for place, *_ in found}


def _has_other_formulas(
    book: Workbook, formulas: Mapping[str, Collection[str]], changed: Mapping[str, Collection[str]]
) -> bool:
    """Whether a cell of the workbook holds a formula that was not written just now."""
    if any(ref not in changed[title] for title, refs in formulas.items() for ref in refs):
        return True
    others = (each.part for each in book.sheets if each.title not in formulas and each.part in book.parts)
    return any(_FORMULA.search(plain_xml(book.parts[part])) for part in others)


def _calculates_on_opening(book: Workbook) -> bool:
    found = child(book.root, "calcPr")
    return found is not None and found.get("fullCalcOnLoad") in ("1", "true")


def calculate_on_opening(book: Workbook) -> None:
    """Ask Excel to calculate all formulas when it opens the workbook; their last results stay in the file."""
    found = child(book.root, "calcPr")
    if found is None:
        found = new_element(book.root, "calcPr")
        later = ("oleSize", "customWorkbookViews", "pivotCaches", "smartTagPr", "smartTagTypes", "webPublishing",
                 "fileRecoveryPr", "webPublishObjects", "extLst")  # fmt: skip
        before = next((each for name in later if (each := child(book.root, name)) is not None), None)
        if before is not None:
            before.addprevious(found)
        else:
            book.root.append(found)
    found.set("fullCalcOnLoad", "1")
    book.store()


def forget_chain(book: Workbook) -> None:
    """Remove the order of calculation, which Excel makes anew."""
    for part in list(book.linked(book.main, "calcChain")):
        book.unlink(book.main, part)
        book.remove(part)
