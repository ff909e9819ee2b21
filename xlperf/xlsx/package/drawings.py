"""Adds, moves and removes the charts and pictures of a sheet; its other shapes stay as they are."""

from __future__ import annotations

from typing import Any, NamedTuple

from xlperf.xlsx.package import sheet_frame as frame
from xlperf.xlsx.package.charts import add_drawn, cells_shown, following
from xlperf.xlsx.package.copy_sheet import SheetCopier
from xlperf.xlsx.package.opc import Workbook, local, tree, written
from xlperf.xlsx.package.sheet_list import remove_unlinked
from xlperf.xlsx.package.styles import Key, key_of
from xlperf.xlsx.package.xml_diff import adopted

ANCHORS = ("absoluteAnchor", "oneCellAnchor", "twoCellAnchor")  # in the order in which openpyxl reads them
_POSITION = ("from", "to", "pos", "ext")
_KINDS = {"chart": "{*}graphicFrame//{*}chart", "image": ".//{*}pic//{*}blip"}


class UnmatchedError(LookupError):
    """The charts and pictures that openpyxl knows are not those that the file has."""


class Drawn(NamedTuple):
    """A chart or a picture: where it stands, the number of its link, its part, and the kind of that."""

    anchor: Any
    number: int
    part: str
    kind: str

    @property
    def position(self) -> list[Key]:
        """Where it stands, and how large it is."""
        return [(local(self.anchor),), *(key_of(each) for each in self.anchor if local(each) in _POSITION)]


def carry_drawings(
    copier: SheetCopier, root: Any, part: str, before: tuple[Workbook, str], made_part: str, came_from: list[int | None]
) -> None:
    """Bring the charts and pictures of a sheet up to date.

    Parameters
    ----------
    root : what stands around the rows of the sheet
    before : the workbook as openpyxl writes it before the edit, and the part of the sheet there
    came_from : for each chart and picture after the edit its place among those before, None for a new one

    Raises
    ------
    UnmatchedError
        Where one that has changed cannot be found in the file.
    """
    book, made = copier.book, copier.made
    old, new = _as_written(*before), _as_written(made, made_part)
    if len(new) != len(came_from):
        raise UnmatchedError
    redrawn = [
        place is not None and before[0].parts[old[place].part] != made.parts[each.part]
        for place, each in zip(came_from, new, strict=True)
    ]
    moved = [
        place is not None and old[place].position != each.position for place, each in zip(came_from, new, strict=True)
    ]
    if came_from == list(range(len(old))) and not any((*redrawn, *moved)):
        return
    drawing = next(book.linked(part, "drawing"), "")
    if not drawing:
        _add_drawing(copier, root, part, made_part)
        return
    shapes = tree(book.parts[drawing])
    mine = _listed(book, drawing, shapes)
    if old and len(mine) != len(old):
        raise UnmatchedError
    kept = {place for place, again in zip(came_from, redrawn, strict=True) if place is not None and not again}
    for number in range(len(old)):
        if number not in kept:
            shapes.remove(mine[number].anchor)
    for place, each, shifted in zip(came_from, new, moved, strict=True):
        if place is None or place not in kept:
            add_drawn(copier, drawing, shapes, each.anchor, each.part, each.kind)
        elif shifted:
            _move(mine[place].anchor, each.anchor)
    book.parts[drawing] = written(shapes)
    shown = {each.part for each in _listed(book, drawing, shapes)}
    gone = {each.part for each in mine} - shown
    for unused in sorted(gone):
        book.unlink(drawing, unused)
    remove_unlinked(book, gone)


def draw_lacking(copier: SheetCopier, root: Any, part: str, made_part: str) -> bool:
    """Add the charts of a new sheet that the old one lacks; one that shows part of the same cells gets the others too.

    Parameters
    ----------
    root : what stands around the rows of the old sheet
    part, made_part : the old and the new sheet

    Returns
    -------
    Whether the old sheet has got a drawing, which its frame names now.
    """
    book, made = copier.book, copier.made
    new = [each for each in _as_written(made, made_part) if each.kind == "chart"]
    drawing = next(book.linked(part, "drawing"), "")
    if not drawing:
        _add_drawing(copier, root, part, made_part)
        return True
    shapes = tree(book.parts[drawing])
    old = {each.part: cells_shown(book.parts[each.part]) for each in _listed(book, drawing, shapes)}
    for each in new:
        cells = cells_shown(made.parts[each.part])
        alike = [mine for mine, shown in old.items() if shown & cells]
        if not alike:
            add_drawn(copier, drawing, shapes, each.anchor, each.part)
        for mine in (mine for mine in alike if old[mine] < cells):
            book.parts[mine] = following(book.parts[mine], copier.adapt_part(each.part))
    book.parts[drawing] = written(shapes)
    return False


def _add_drawing(copier: SheetCopier, root: Any, part: str, made_part: str) -> None:
    book = copier.book
    copied = copier.copy_part(next(copier.made.linked(made_part, "drawing")))
    element = frame.new_element(root, "drawing")
    element.set(f"{{{book.office}}}id", book.link(part, f"{book.office}/drawing", copied))
    frame.put_in_order(root, element)


def _move(anchor: Any, new: Any) -> None:
    """Put a shape where another one stands; one that is tied to its cells in another way takes that way over."""
    inside = [each for each in anchor if local(each) not in _POSITION]
    anchor.tag = anchor.tag.replace(local(anchor), local(new))
    anchor[:] = [*(adopted(anchor, each) for each in new if local(each) in _POSITION), *inside]


def _as_written(book: Workbook, part: str) -> list[Drawn]:
    """Return the charts and pictures of a sheet of openpyxl in the order in which it keeps them."""
    drawing = next(book.linked(part, "drawing"), "")
    found = _listed(book, drawing, tree(book.parts[drawing])) if drawing else []
    return sorted(found, key=lambda each: each.number)


def _listed(book: Workbook, drawing: str, root: Any) -> list[Drawn]:
    """Return the charts and then the pictures of a drawing in the order in which openpyxl reads them."""
    links = {link.id: link.target for link in book.links(drawing)}
    anchors = [each for name in ANCHORS for each in root if isinstance(each.tag, str) and local(each) == name]
    shown = [
        (anchor, element, kind)
        for kind, path in _KINDS.items()
        for anchor in anchors
        if (element := anchor.find(path)) is not None
    ]
    found = []
    for anchor, element, kind in shown:
        relation = next((value for key, value in element.attrib.items() if key.endswith(("}id", "}embed"))), "")
        if relation in links:
            number = int("".join(each for each in relation if each.isdigit()) or 0)
            found.append(Drawn(anchor, number, links[relation], kind))
    return found
