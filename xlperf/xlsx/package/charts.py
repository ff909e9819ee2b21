"""Charts that a run draws: the next run lets them show its figures, however HR has placed and styled them since."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from xlperf.xlsx.package.copy_sheet import OUR_CHART, SheetCopier, mark_own_charts
from xlperf.xlsx.package.opc import Workbook, child, local, tree, written
from xlperf.xlsx.package.sheet_frame import bounds

_CACHES = ("numCache", "strCache", "multiLvlStrCache")


def redraw(copier: SheetCopier, part: str, made_part: str) -> None:
    """Bring the charts of a sheet up to date with those that the run has drawn.

    A sheet without any of our charts stays so: HR has removed them.
    """
    book, made = copier.book, copier.made
    drawings, new_drawings = list(book.linked(part, "drawing")), list(made.linked(made_part, "drawing"))
    if not drawings:
        return
    drawing = drawings[0]
    root = tree(book.parts[drawing])
    ours = _charts(book, drawing, root)
    if not ours:
        return
    fresh = _charts(made, new_drawings[0], tree(mark_own_charts(made.parts[new_drawings[0]]))) if new_drawings else []
    for (_, chart), (_, new) in zip(ours, fresh, strict=False):
        book.parts[chart] = following(book.parts[chart], copier.adapt_part(new))
    for anchor, _ in ours[len(fresh) :]:
        root.remove(anchor)
    for anchor, chart in fresh[len(ours) :]:
        add_drawn(copier, drawing, root, anchor, chart)
    book.parts[drawing] = written(root)


def _charts(book: Workbook, drawing: str, root: Any) -> list[tuple[Any, str]]:
    """Return our charts on a drawing: the anchor and the part of each."""
    parts = {link.id: link.target for link in book.links(drawing)}
    found = []
    for anchor in root:
        named = [each for each in anchor.iter() if isinstance(each.tag, str) and local(each) == "cNvPr"]
        shown = [each for each in anchor.iter() if isinstance(each.tag, str) and local(each) == "chart"]
        if shown and any(each.get("name", "").startswith(OUR_CHART) for each in named):
            found.append((anchor, parts[_relation(shown[0])]))
    return found


def _relation(chart: Any) -> str:
    return next(str(value) for key, value in chart.attrib.items() if key.endswith("}id"))


def following(chart: bytes, new: bytes) -> bytes:
    """Return a chart that shows the cells of another; where it has other series by now, the other takes its place.

    Parameters
    ----------
    chart : the part of the one, whose looks stay
    new : the part of the other
    """
    root, fresh = tree(chart), tree(new)
    cells, others = _formulas(root), _formulas(fresh)
    if len(cells) != len(others):
        return new
    for mine, other in zip(cells, others, strict=True):
        mine.text = other.text
        for each in list(mine.getparent()):
            if local(each) in _CACHES:
                mine.getparent().remove(each)
    titles, other_titles = _title(root), _title(fresh)
    if len(titles) == len(other_titles) == 1:
        titles[0].text = other_titles[0].text
    return written(root)


def cells_shown(chart: bytes) -> set[tuple[str, int, int]]:
    """Return the cells whose figures a chart draws, as sheet, column and row, without those along the axis below.

    Parameters
    ----------
    chart : its part, in which each series shows cells of one column
    """
    shown = [each.text or "" for name in ("val", "yVal") for each in tree(chart).iterfind(f".//{{*}}{name}//{{*}}f")]
    found = set()
    for title, _, address in (each.rpartition("!") for each in shown):
        left, top, right, bottom = bounds(address)
        found |= {
            (title.strip("'"), column, row) for column in range(left, right + 1) for row in range(top, bottom + 1)
        }
    return found


def _formulas(root: Any) -> list[Any]:
    return [each for each in root.iter() if isinstance(each.tag, str) and local(each) == "f"]


def _title(root: Any) -> list[Any]:
    title = child(child(root, "chart"), "title")
    return [each for each in title.iter() if local(each) == "t"] if title is not None else []


def add_drawn(copier: SheetCopier, drawing: str, root: Any, anchor: Any, part: str, kind: str = "chart") -> None:
    """Add a chart or a picture to a drawing, where it stands in the new workbook."""
    relation = copier.book.link(drawing, f"{copier.book.office}/{kind}", copier.copy_part(part))
    taken = [int(each.get("id", "0")) for each in root.iter("{*}cNvPr")]
    new = deepcopy(anchor)
    for each in new.iter("{*}chart", "{*}blip"):
        for key in each.attrib:
            if key.endswith(("}id", "}embed")):
                each.set(key, relation)
    for number, each in enumerate(new.iter("{*}cNvPr"), start=max(taken, default=0) + 1):
        each.set("id", str(number))
    root.append(new)
