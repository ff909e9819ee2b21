"""The macros of a workbook: its VBA project and the ribbon that calls it."""

from __future__ import annotations

from xlperf.xlsx.package.opc import Workbook, children, tree, written

_PLAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_PROJECT = "application/vnd.ms-office.vbaProject"
_MACRO_LINKS = ("vbaProject", "extensibility")  # the project, and the ribbon that calls it


def forget_macros(book: Workbook) -> None:
    """Remove the macros and the ribbon, and let the file be an ordinary workbook."""
    for owner in ("", book.main):
        for link in list(book.links(owner)):
            if link.name in _MACRO_LINKS and link.target in book.parts:
                book.unlink(owner, link.target)
                for inner in [each.target for each in book.links(link.target) if each.target in book.parts]:
                    book.remove(inner)
                book.remove(link.target)
    for part in [each for each in book.parts if book.type_of(each) == _PROJECT]:  # that nothing is linked to
        book.remove(part)
    types = "[Content_Types].xml"
    root = tree(book.parts[types])
    for each in children(root, "Override"):
        if "macroEnabled.main" in each.get("ContentType", ""):
            each.set("ContentType", _PLAIN)
    book.parts[types] = written(root)
