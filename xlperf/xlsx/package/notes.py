"""Notes and conversations on cells: they go with the rows that they belong to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xlperf.xlsx.errors import DamagedPart
from xlperf.xlsx.package.opc import Package, local, tree, written
from xlperf.xlsx.package.sheet_xml import Place

_NOTED = ("comments", "threadedComment")
_ROW_OF_ANCHOR = (2, 6)  # of eight figures: column, offset, row, offset, and the same of the other corner


def rows_with_notes(package: Package, part: str) -> set[int]:
    """Return the rows of a sheet that have notes."""
    return {
        Place.of(each.get("ref")).row
        for name in _NOTED
        for notes in package.linked(part, name)
        for each in tree(package.parts[notes]).iter()
        if isinstance(each.tag, str) and each.get("ref")
    }


def noted_by(package: Package, part: str, author: str) -> set[str]:
    """Return the cells of a sheet with notes of somebody."""
    return {ref for ref, (name, _) in notes_on(package, part).items() if name == author}


def notes_on(package: Package, part: str) -> dict[str, tuple[str, str]]:
    """Return the author and the text of each note of a sheet by its cell."""
    found = {}
    for notes in package.linked(part, "comments"):
        root = tree(package.parts[notes])
        authors = [each.text or "" for each in root.iter("{*}author")]
        for each in root.iter("{*}comment"):
            number = each.get("authorId", "0")
            author = "".join(authors[int(number) : int(number) + 1]) if number.isdecimal() else ""
            found[Place.of(each.get("ref", "")).ref] = (author, "".join(text.text or "" for text in each.iter("{*}t")))
    return found


def move_notes(package: Package, part: str, rows: Mapping[int, int]) -> None:
    """Let the notes of a sheet follow its rows to where they stand now."""
    moves = {old: new for old, new in rows.items() if old != new}
    if not moves or not moves.keys() & rows_with_notes(package, part):
        return
    for name in (*_NOTED, "vmlDrawing"):
        for notes in package.linked(part, name):
            root = tree(package.parts[notes])
            for each in root.iter():
                if isinstance(each.tag, str):
                    _move_box(each, moves) if local(each) == "ClientData" else _move(each, moves)
            package.parts[notes] = written(root)


def _move(element: Any, moves: Mapping[int, int]) -> None:
    if (ref := element.get("ref")) and local(element) in ("comment", "threadedComment"):
        place = Place.of(ref)
        element.set("ref", Place(moves.get(place.row, place.row), place.column).ref)


def _move_box(data: Any, moves: Mapping[int, int]) -> None:
    """Move the box of a note; rows are counted from 0 there."""
    found = {local(each): each for each in data if isinstance(each.tag, str)}
    if data.get("ObjectType") != "Note" or "Row" not in found:
        return
    if not (found["Row"].text or "").strip().isdecimal():
        raise DamagedPart("Row")
    row = int(found["Row"].text)
    new = moves.get(row + 1, row + 1) - 1
    found["Row"].text = str(new)
    if "Anchor" in found:
        figures = [int(each) for each in found["Anchor"].text.split(",")]
        for at in _ROW_OF_ANCHOR:
            figures[at] = max(figures[at] + new - row, 0)
        found["Anchor"].text = ", ".join(map(str, figures))
