"""Brings the main part of a workbook up to date: names, which sheets are seen, which is shown, and its kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xlperf.xlsx.package.copy_sheet import listed_names
from xlperf.xlsx.package.macros_part import forget_macros
from xlperf.xlsx.package.opc import CONTENT_TYPES, Workbook, child, children, tree, written
from xlperf.xlsx.package.styles import key_of
from xlperf.xlsx.package.xml_diff import adopted, carry
from xlperf.xlsx.reader.relations import fold_part_name

_KINDS = {
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
    ".xltx": "application/vnd.openxmlformats-officedocument.spreadsheetml.template.main+xml",
    ".xlsm": "application/vnd.ms-excel.sheet.macroEnabled.main+xml",
    ".xltm": "application/vnd.ms-excel.template.macroEnabled.main+xml",
    ".xlam": "application/vnd.ms-excel.addin.macroEnabled.main+xml",
}
_SETTINGS = ("workbookPr", "workbookProtection", "calcPr")
Owned = tuple[str, str | None]  # a name, and the title that its sheet has now


def carry_main(book: Workbook, before: Workbook, after: Workbook, titles: Mapping[str, str]) -> None:
    """Carry over what differs between two versions of the main part; ``titles`` are the new ones of old sheets."""
    as_it_was = written(book.root)
    for name in _SETTINGS:
        kept, old, new = (child(each.root, name) for each in (book, before, after))
        if kept is not None and old is not None and new is not None and key_of(old) != key_of(new):
            carry(kept, old, new)
    _carry_states(book, before, after, titles)
    _carry_shown(book, before, after, titles)
    _carry_names(book, before, after, titles)
    if written(book.root) != as_it_was:
        book.store()


def _carry_states(book: Workbook, before: Workbook, after: Workbook, titles: Mapping[str, str]) -> None:
    old = {titles.get(each.title): each.state for each in before.sheets}
    new = {each.title: each.state for each in after.sheets}
    for each in children(child(book.root, "sheets"), "sheet"):
        title = each.get("name")
        if title in old and old[title] != new[title]:
            each.set("state", new[title])


def _carry_shown(book: Workbook, before: Workbook, after: Workbook, titles: Mapping[str, str]) -> None:
    """Show the sheet that is shown now."""
    old, new = _shown(before), _shown(after)
    views = child(book.root, "bookViews")
    view = child(views, "workbookView") if views is not None else None
    if view is not None and titles.get(old) != new:
        view.set("activeTab", str([each.title for each in book.sheets].index(new)))


def _shown(book: Workbook) -> str:
    views = child(book.root, "bookViews")
    view = child(views, "workbookView") if views is not None else None
    return book.sheets[int(view.get("activeTab", "0")) if view is not None else 0].title


def _carry_names(book: Workbook, before: Workbook, after: Workbook, titles: Mapping[str, str]) -> None:
    same = {each.title: each.title for each in (*after.sheets, *book.sheets)}
    old, new, kept = _names(before, titles), _names(after, same), _names(book, same)
    changed = [key for key in dict.fromkeys((*old, *new)) if not _alike(old.get(key), new.get(key))]
    if not changed:
        return
    listed = listed_names(book)
    places = {each.title: str(number) for number, each in enumerate(book.sheets)}
    for key in changed:
        if (gone := kept.get(key)) is not None:
            listed.remove(gone)
        if (made := new.get(key)) is not None:
            element = adopted(listed, made)
            if key[1] is not None:
                element.set("localSheetId", places[key[1]])
            listed.append(element)
    if not len(listed):
        book.root.remove(listed)


def _names(book: Workbook, titles: Mapping[str, str]) -> dict[Owned, Any]:
    """Return the names by themselves and their sheets; those of sheets that are gone are left out."""
    listed = child(book.root, "definedNames")
    sheets = [titles.get(each.title) for each in book.sheets]
    found = {}
    for each in children(listed, "definedName") if listed is not None else ():
        place = each.get("localSheetId")
        owner = sheets[int(place)] if place is not None else None
        if place is None or owner is not None:
            found[each.get("name"), owner] = each
    return found


def _alike(one: Any, other: Any) -> bool:
    if one is None or other is None:
        return one is other
    return _content_of(one) == _content_of(other)


def _content_of(name: Any) -> tuple[str, list[tuple[str, str]]]:
    return (name.text or "").strip(), [each for each in sorted(name.attrib.items()) if each[0] != "localSheetId"]


def set_kind(book: Workbook, suffix: str) -> None:
    """Let the workbook be of the kind that the ending of a file promises; one without macros keeps none."""
    kind = _KINDS.get(suffix.lower())
    if kind is None:
        return
    if "macroEnabled" not in kind:
        forget_macros(book)
    root = tree(book.parts[CONTENT_TYPES])
    for each in children(root, "Override"):
        if fold_part_name(each.get("PartName", "")) == fold_part_name(book.main):
            each.set("ContentType", kind)
    book.parts[CONTENT_TYPES] = written(root)
