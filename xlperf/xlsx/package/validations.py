"""Conditional formats and lists on pages: those of the run before give way to the new ones, and HR's stay."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from typing import Any

from lxml import etree  # type: ignore[import-untyped]
from openpyxl.utils import range_boundaries

from xlperf.xlsx.errors import DamagedPart
from xlperf.xlsx.package import sheet_frame as frame
from xlperf.xlsx.package.copy_sheet import SheetCopier
from xlperf.xlsx.package.opc import child, children, local
from xlperf.xlsx.package.styles import Key, Styles, key_of
from xlperf.xlsx.reader.scanner import LAST_COLUMN, LAST_ROW

Box = tuple[int, int, int, int]  # left, top, right, bottom
_INCIDENTAL = ("priority", "sqref", "uid", "dxfId")


def renew_rules(copier: SheetCopier, root: Any, new: Any, area: Box) -> None:
    """Give a page the conditional formats and lists of its new version.

    Those of the run before are known by where they stand, and by what they look like or choose from: a rule that says
    the same as a new one gets its cells, any other of them goes. HR's stay; but a cell has one list, and ours counts.

    Parameters
    ----------
    copier : SheetCopier
    root : the page without its cells; it is changed
    new : its new version
    area : what the run before wrote on it
    """
    _renew_formats(copier.styles, root, new, area)
    _renew_lists(root, new, area)


# Conditional formats ----------------------------------------------------------------------------------------------


def _renew_formats(styles: Styles, root: Any, new: Any, area: Box) -> None:
    old, made = _formats(root), _formats(new)
    looks = {_look(styles, rule) for rule in made}
    waiting = [rule for rule in old if _look(styles, rule) in looks]
    for rule in made:
        cells = _boxes(rule.getparent().get("sqref"))
        said = _meaning(rule), _look(styles, rule)
        same = [each for each in waiting if (_meaning(each), _look(styles, each)) == said]
        there = min(same, key=lambda each: _distance(each.getparent().get("sqref"), cells), default=None)
        if there is None:
            found = frame.new_element(root, "conditionalFormatting", sqref=rule.getparent().get("sqref"))
            found.append(_copied(root, rule))
            frame.put_in_order(root, found)
        else:
            waiting.remove(there)
            beyond = (each for each in _boxes(there.getparent().get("sqref")) if not _inside(each, area))
            there.getparent().set("sqref", _written([*cells, *(each for each in beyond if each not in cells)]))
    for rule in waiting:
        holder = rule.getparent()
        if all(_inside(each, area) for each in _boxes(holder.get("sqref"))):
            holder.remove(rule)
            if not children(holder, "cfRule"):
                root.remove(holder)
    _number_by_priority(root)


def _formats(root: Any) -> list[Any]:
    return [rule for each in children(root, "conditionalFormatting") for rule in children(each, "cfRule")]


def _look(styles: Styles, rule: Any) -> Key:
    """Return what a rule makes of a cell, however the programme that saved it has written that down."""
    number = rule.get("dxfId", "")
    listed = styles.conditional
    look = key_of(_plain_look(listed[int(number)])) if number.isdecimal() and int(number) < len(listed) else ()
    return rule.get("type"), look


def _plain_look(look: Any) -> Any:
    """Return a look without what Excel writes in its own way: how opaque a colour is, the number of a format."""
    plain = copy(look)
    for each in plain.iter():
        each.attrib.pop("numFmtId", None)
        if each.get("rgb"):
            each.set("rgb", each.get("rgb")[-6:].upper())
    return plain


def _distance(ranges: str, cells: Sequence[Box]) -> int:
    """Return how far the column of some areas is from that of others: the same rule may stand on several columns."""
    return abs(_boxes(ranges)[0][0] - cells[0][0])


def _number_by_priority(root: Any) -> None:
    """Let priorities differ, as Excel demands; the order of the rules stays."""
    rules = _formats(root)
    if len({rule.get("priority") for rule in rules}) < len(rules):
        for number, rule in enumerate(sorted(rules, key=lambda rule: int(rule.get("priority", "1"))), start=1):
            rule.set("priority", str(number))


# Lists ------------------------------------------------------------------------------------------------------------


def _renew_lists(root: Any, new: Any, area: Box) -> None:
    made = [rule for each in children(new, "dataValidations") for rule in children(each, "dataValidation")]
    sources = {source for rule in made if (source := _source(rule))}
    taken = [box for rule in made for box in _boxes(rule.get("sqref"))]
    waiting = list(made)
    for rule in list(_lists(root)):
        cells = _boxes(_ranges(rule))
        ours = [box for box in cells if _source(rule) in sources and _inside(box, area)]
        left = _outside((each for each in cells if each not in ours), taken)
        same = next((each for each in waiting if _meaning(each) == _meaning(rule)), None)
        if same is not None:
            waiting.remove(same)
            left = [*_boxes(same.get("sqref")), *left]
        if left != cells:
            _put_ranges(rule, left)
    for rule in waiting:
        frame.ensure_list(root, "dataValidations").append(_copied(root, rule))
    found = child(root, "dataValidations")
    if found is not None:
        found.set("count", str(len(children(found, "dataValidation"))))
        frame.update_count(found)


def _lists(root: Any) -> Iterator[Any]:
    """Yield what may be typed into cells; Excel keeps a list that stands on another sheet among its extensions."""
    return (each for each in root.iter() if isinstance(each.tag, str) and local(each) == "dataValidation")


def _source(rule: Any) -> str:
    """Return the sheet that a list stands on; "" where it stands on none."""
    formula = child(rule, "formula1")
    sheet, _, _ = "".join(formula.itertext()).rpartition("!") if formula is not None else ("", "", "")
    return sheet.strip("' \n").casefold()


def _ranges(rule: Any) -> str:
    inside = child(rule, "sqref")
    return rule.get("sqref") or (inside.text if inside is not None else "") or ""


def _put_ranges(rule: Any, boxes: Sequence[Box]) -> None:
    """Give a list its cells; without any it goes, and with the last one what held them."""
    ranges, inside = _written(boxes), child(rule, "sqref")
    if not ranges:
        while rule.getparent() is not None and (local(rule) != "worksheet"):
            rule, gone = rule.getparent(), rule
            rule.remove(gone)
            if len(rule):
                break
        if rule.get("count"):
            rule.set("count", str(len(rule)))
    elif inside is not None:
        inside.text = ranges
    else:
        rule.set("sqref", ranges)


# Cells ------------------------------------------------------------------------------------------------------------


def _boxes(ranges: str) -> list[Box]:
    try:
        found = [range_boundaries(each) for each in ranges.split()]
    except ValueError as trouble:
        raise DamagedPart(ranges) from trouble
    return [(left or 1, top or 1, right or LAST_COLUMN, bottom or LAST_ROW) for left, top, right, bottom in found]


def _written(boxes: Iterable[Box]) -> str:
    return " ".join(frame.address(*each) for each in boxes)


def _inside(box: Box, area: Box) -> bool:
    return area[0] <= box[0] and area[1] <= box[1] and box[2] <= area[2] and box[3] <= area[3]


def _outside(boxes: Iterable[Box], taken: Iterable[Box]) -> list[Box]:
    """Return what is left of some areas without others.

    >>> _written(_outside([(1, 1, 3, 9)], [(2, 4, 2, 4)]))
    'A1:C3 A4 C4 A5:C9'
    """
    left = list(boxes)
    for hole in taken:
        left = [piece for box in left for piece in _pieces(box, hole)]
    return left


def _pieces(box: Box, hole: Box) -> Iterator[Box]:
    left, top, right, bottom = box
    inner = max(left, hole[0]), max(top, hole[1]), min(right, hole[2]), min(bottom, hole[3])
    if inner[0] > inner[2] or inner[1] > inner[3]:
        yield box
        return
    around = (
        (left, top, right, inner[1] - 1),
        (left, inner[1], inner[0] - 1, inner[3]),
        (inner[2] + 1, inner[1], right, inner[3]),
        (left, inner[3] + 1, right, bottom),
    )
    yield from (each for each in around if each[0] <= each[2] and each[1] <= each[3])


# Both -------------------------------------------------------------------------------------------------------------


def _meaning(rule: Any) -> Key:
    bare = copy(rule)
    for name in list(bare.attrib):
        if etree.QName(name).localname in _INCIDENTAL:
            del bare.attrib[name]
    return key_of(bare)


def _copied(root: Any, element: Any) -> Any:
    new = frame.new_element(root, local(element), **dict(element.attrib))
    new.text = element.text
    new.extend(_copied(root, each) for each in element if isinstance(each.tag, str))
    return new
