"""The list of sheets of a workbook: sheets go, get other titles, and change their places."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from xlperf.xlsx.package.copy_sheet import renumber
from xlperf.xlsx.package.opc import Workbook, child, children, local


def remove_sheet(book: Workbook, title: str) -> None:
    """Remove a sheet, its own names, and every part that only it was linked to."""
    entry = book.sheet(title)
    titles = [each.title for each in book.sheets]
    position = titles.index(entry.title)
    names = child(book.root, "definedNames")
    for each in children(names, "definedName") if names is not None else ():
        if each.get("localSheetId") == str(position):
            names.remove(each)
    listed = child(book.root, "sheets")
    listed.remove(_entries(listed)[position])
    last = len(titles) - 2
    renumber(book, {old: min(old - (old > position), last) for old in range(len(titles))})
    book.store()
    book.unlink(book.main, entry.part)
    remove_unlinked(book, [entry.part])


def rename_sheets(book: Workbook, titles: Mapping[str, str]) -> None:
    """Give sheets other titles; what refers to them by their titles is left as it is."""
    if all(old == new for old, new in titles.items()):
        return
    for each in _entries(child(book.root, "sheets")):
        each.set("name", titles.get(each.get("name"), each.get("name")))
    book.store()


def arrange_sheets(book: Workbook, titles: Sequence[str]) -> None:
    """Put the sheets into another order; those that are not named stay at their places."""
    now = [each.title for each in book.sheets]
    order = [title for title in titles if title in now]
    for position, title in enumerate(now):
        if title not in order:
            order.insert(position, title)
    if order == now:
        return
    listed = child(book.root, "sheets")
    entries = dict(zip(now, _entries(listed), strict=True))
    listed[:] = [entries[title] for title in order]
    renumber(book, {old: order.index(title) for old, title in enumerate(now)})
    book.store()


def _entries(listed: Any) -> list[Any]:
    return [each for each in listed if local(each) == "sheet"]


def remove_unlinked(book: Workbook, parts: Iterable[str]) -> None:
    """Remove those of some parts that nothing is linked to, and whatever hangs on them alone."""
    linked = {each.target for part in ("", *book.parts) for each in book.links(part) if not each.external}
    for part in sorted({each for each in parts if each in book.parts and each not in linked}):
        inside = [each.target for each in book.links(part) if not each.external]
        book.remove(part)
        remove_unlinked(book, inside)
