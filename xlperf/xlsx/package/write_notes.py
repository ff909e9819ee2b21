"""Writes, rewords and removes notes on cells; other notes, conversations and buttons of the sheet stay."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from xlperf.xlsx.package import sheet_frame as frame
from xlperf.xlsx.package.copy_sheet import SheetCopier
from xlperf.xlsx.package.opc import child, local, tree, written
from xlperf.xlsx.package.sheet_xml import Place
from xlperf.xlsx.package.xml_diff import adopted

_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
Notes = Mapping[str, tuple[str, str]]  # for each cell the author and the text


def carry_notes(copier: SheetCopier, root: Any, part: str, made_part: str, before: Notes, after: Notes) -> None:
    """Bring the notes of a sheet up to date; ``root`` is what stands around its rows."""
    changed = sorted(ref for ref in {*before, *after} if before.get(ref) != after.get(ref))
    if not changed:
        return
    book, made = copier.book, copier.made
    notes, new_notes = next(book.linked(part, "comments"), ""), next(made.linked(made_part, "comments"), "")
    boxes, new_boxes = next(book.linked(part, "vmlDrawing"), ""), next(made.linked(made_part, "vmlDrawing"), "")
    if not notes:
        notes = copier.copy_part(new_notes)
        book.link(part, f"{book.office}/comments", notes)
    else:
        _carry_words(copier, notes, new_notes, changed, after)
        _end_conversations(copier, part, [ref for ref in changed if ref not in after])
    if not boxes or child(root, "legacyDrawing") is None:
        boxes = copier.copy_part(new_boxes)
        relation = book.link(part, f"{book.office}/vmlDrawing", boxes)
        drawn = frame.new_element(root, "legacyDrawing")
        drawn.set(f"{{{book.office}}}id", relation)
        frame.put_in_order(root, drawn)
    else:
        _carry_boxes(copier, boxes, new_boxes, [ref for ref in changed if not (ref in before and ref in after)], after)


def _carry_words(copier: SheetCopier, notes: str, new_notes: str, changed: list[str], after: Notes) -> None:
    root = tree(copier.book.parts[notes])
    listed = child(root, "commentList")
    known = {each.get("ref"): each for each in listed}
    fresh = {each.get("ref"): each for each in tree(copier.made.parts[new_notes]).iter("{*}comment")} if after else {}
    for ref in changed:
        old = known.get(ref)
        if ref not in after:
            if old is not None:
                listed.remove(old)
            continue
        if old is None:
            old = adopted(root, fresh[ref])
            listed.append(old)
        else:
            _reword(old, after[ref][1])
        old.set("authorId", str(_author(root, after[ref][0])))
    listed[:] = sorted(listed, key=lambda each: Place.of(each.get("ref")))
    copier.book.parts[notes] = written(root)


def _reword(note: Any, words: str) -> None:
    """Let a note say something else in the font of its last words."""
    text = child(note, "text")
    runs = list(text.iter("{*}t"))
    for each in runs[:-1]:
        run = each.getparent()
        text.remove(each if run is text else run)
    runs[-1].text = words
    runs[-1].set(_SPACE, "preserve")


def _author(root: Any, name: str) -> int:
    authors = child(root, "authors")
    names = [each.text or "" for each in authors]
    if name not in names:
        new = frame.new_element(root, "author")
        new.text = name
        authors.append(new)
        names.append(name)
    return names.index(name)


def _end_conversations(copier: SheetCopier, part: str, gone: list[str]) -> None:
    """Remove the conversations on cells whose note, which stands for them elsewhere, is gone."""
    for threads in list(copier.book.linked(part, "threadedComment")) if gone else ():
        root = tree(copier.book.parts[threads])
        found = [each for each in root if each.get("ref") in gone]
        for each in found:
            root.remove(each)
        if found:
            copier.book.parts[threads] = written(root)


def _carry_boxes(copier: SheetCopier, boxes: str, new_boxes: str, changed: list[str], after: Notes) -> None:
    """Remove the boxes of notes that are gone and add those of new ones."""
    if not changed:
        return
    root = tree(copier.book.parts[boxes])
    fresh = tree(copier.made.parts[new_boxes]) if after else None
    known, new = _boxes(root), _boxes(fresh) if fresh is not None else {}
    for ref in changed:
        if ref not in after and ref in known:
            root.remove(known[ref])
        elif ref in after:
            _add_kind(root, fresh)
            box = deepcopy(new[ref])
            box.set("id", _free_id(root))
            root.append(box)
    copier.book.parts[boxes] = written(root)


def _boxes(root: Any) -> dict[str, Any]:
    """Return the boxes of notes by the cell; rows and columns are counted from 0 there."""
    found = {}
    for box in root.iter("{*}shape"):
        for data in box.iter("{*}ClientData"):
            inside = {local(each): each.text for each in data if isinstance(each.tag, str)}
            if data.get("ObjectType") == "Note" and "Row" in inside and "Column" in inside:
                found[Place(int(inside["Row"]) + 1, int(inside["Column"]) + 1).ref] = box
    return found


def _add_kind(root: Any, fresh: Any) -> None:
    """Describe the kind of shape that notes are, unless it is described."""
    kinds = {each.get("id") for each in root.iter("{*}shapetype")}
    for each in fresh.iter("{*}shapetype"):
        if each.get("id") not in kinds:
            root.append(deepcopy(each))


def _free_id(root: Any) -> str:
    taken = {each.get("id") for each in root.iter("{*}shape")}
    return next(name for number in range(1025, 1026 + len(taken)) if (name := f"_x0000_s{number}") not in taken)
