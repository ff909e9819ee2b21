"""The order of calculation that Excel keeps beside the sheets: formulas that are gone must leave it."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from xlperf.xlsx.package.opc import Workbook, child, children, tree, written
from xlperf.xlsx.package.sheet_frame import made
from xlperf.xlsx.package.sheet_xml import SheetXml


def forget_formulas(book: Workbook, changed: Mapping[str, Collection[str]]) -> None:
    """Take the cells of changed sheets that hold no formula any more out of the order of calculation.

    ``changed`` names for each sheet the cells whose formulas were written with their results. Where there are other
    formulas, Excel is asked to calculate when it opens the workbook: they may depend on what has changed.
    """
    part = book.part_of("calcChain")
    if part not in book.parts or not changed:
        return
    root = tree(book.parts[part])
    titles = {str(sheet.sheet_id): sheet.title for sheet in book.sheets}
    formulas = {
        title: {place.ref for place, *_ in SheetXml(book.parts[book.sheet(title).part]).formulas()} for title in changed
    }
    sheet, others, removed = "", False, False
    for each in children(root, "c"):
        sheet = each.get("i", sheet)
        title = titles.get(sheet, "")
        if title in formulas and each.get("r") not in formulas[title]:
            root.remove(each)
            removed = True
        else:
            each.set("i", sheet)
            others = others or each.get("r") not in changed.get(title, ())
    if others:
        calculate_on_opening(book)
    if not children(root, "c"):
        book.unlink(book.main, part)
        book.remove(part)
    elif removed:
        book.parts[part] = written(root)


def calculate_on_opening(book: Workbook) -> None:
    """Ask Excel to calculate all formulas when it opens the workbook; their last results stay in the file."""
    found = child(book.root, "calcPr")
    if found is None:
        found = made(book.root, "calcPr")
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
