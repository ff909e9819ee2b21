"""Carries over what differs between two versions of an element: nothing else in the one that is kept is touched.

The two versions are what openpyxl writes before and after an edit; the kept element is the one in the user's file,
which may say more than openpyxl understands.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from lxml import etree  # type: ignore[import-untyped]

from xlperf.xlsx.package import sheet_frame as frame
from xlperf.xlsx.package.opc import child, children, local
from xlperf.xlsx.package.styles import Key, key_of

ELSEWHERE = frozenset(
    ("dimension", "sheetData", "cols", "mergeCells", "hyperlinks", "drawing", "legacyDrawing", "legacyDrawingHF",
     "picture", "oleObjects", "controls", "tableParts", "extLst")
)  # fmt: skip
LISTS = {"dataValidations": "dataValidation", "conditionalFormatting": ""}  # the latter stand one behind the other
Number = Callable[[int], int]


def adopted(home: Any, element: Any) -> Any:
    """Return a copy of an element in the namespace of another one."""
    space = home.tag.rpartition("}")[0]
    tag = f"{space}}}{local(element)}" if space else local(element)
    new = etree.Element(tag, dict(element.attrib), nsmap=home.nsmap)
    new.text = element.text
    new.extend(adopted(home, each) for each in element if isinstance(each.tag, str))
    return new


def carry(kept: Any, before: Any, after: Any) -> None:
    """Change in an element what differs between two versions of it.

    >>> from xlperf.xlsx.package.opc import tree
    >>> kept = tree(b'<a own="1" x="1"><b/><own/></a>')
    >>> carry(kept, tree(b'<a x="1"><b/></a>'), tree(b'<a x="2"><b y="3"/><c/></a>'))
    >>> etree.tostring(kept)
    b'<a own="1" x="2"><b y="3"/><c/><own/></a>'
    """
    for name in {*before.attrib, *after.attrib}:
        if _value(before, name) != _value(after, name):
            _set(kept, name, after.get(name))
    if (before.text or "").strip() != (after.text or "").strip():
        kept.text = after.text
    if [key_of(each) for each in before] != [key_of(each) for each in after]:
        _carry_inside(kept, before, after)


def _carry_inside(kept: Any, before: Any, after: Any) -> None:
    """Pair the elements inside by their names and their order among those of the same name."""
    own, old = _by_name(kept), _by_name(before)
    places: dict[str, int] = defaultdict(int)
    inside = []
    for each in after:
        name, place = local(each), places[local(each)]
        places[name] += 1
        mine = own[name][place] if place < len(own[name]) else None
        was = old[name][place] if place < len(old[name]) else None
        if mine is not None and was is not None:
            if key_of(was) != key_of(each):
                carry(mine, was, each)
            inside.append(mine)
        else:
            inside.append(adopted(kept, each))
    inside += [each for name, listed in own.items() for each in listed[len(old[name]) :] if each not in inside]
    kept[:] = inside


def carry_frame(root: Any, before: Any, after: Any, format_of: Number) -> None:
    """Change what stands around the rows of a sheet, as far as it needs no other part."""
    names = dict.fromkeys(local(each) for each in (*before, *after))
    for name in names:
        old, new = child(before, name), child(after, name)
        if name in LISTS:
            _carry_list(root, before, after, name, format_of)
        elif name not in ELSEWHERE and _differs(old, new):
            _carry_element(root, name, old, new)
    _carry_merged(root, child(before, "mergeCells"), child(after, "mergeCells"))


def _carry_element(root: Any, name: str, old: Any, new: Any) -> None:
    mine = child(root, name)
    if mine is not None and old is not None and new is not None:
        carry(mine, old, new)
        return
    if mine is not None:
        root.remove(mine)
    if new is not None:
        frame.put_in_order(root, adopted(root, new))


def _carry_merged(root: Any, before: Any, after: Any) -> None:
    old, new = ({each.get("ref") for each in (listed if listed is not None else ())} for listed in (before, after))
    if old == new:
        return
    listed = frame.ensure_list(root, "mergeCells")
    for each in list(listed):
        if each.get("ref") in old - new:
            listed.remove(each)
    listed.extend(frame.new_element(root, "mergeCell", ref=ref) for ref in sorted(new - old, key=frame.bounds))
    frame.update_count(listed)


def _carry_list(root: Any, before: Any, after: Any, name: str, format_of: Number) -> None:
    """Change a list of rules: those that only reach over other cells now stay what they are."""
    old, new = _items(before, name), _items(after, name)
    if [key_of(each) for each in old] == [key_of(each) for each in new]:
        return
    mine = _items(root, name)
    known: dict[Key, list[Any]] = defaultdict(list)
    if len(mine) == len(old):
        for was, own in zip(old, mine, strict=True):
            known[_rule(was)].append(own)
    kept = []
    for each in new:
        if known[_rule(each)]:
            own = known[_rule(each)].pop(0)
            own.set("sqref", each.get("sqref"))
        else:
            own = adopted(root, each)
            for rule in own.iter("{*}cfRule"):
                if rule.get("dxfId"):
                    rule.set("dxfId", str(format_of(int(rule.get("dxfId")))))
        kept.append(own)
    for own in mine:
        own.getparent().remove(own)
    if LISTS[name]:
        listed = frame.ensure_list(root, name)
        listed.extend(kept)
        frame.update_count(listed)
    else:
        for own in kept:
            frame.put_in_order(root, own)


def _items(root: Any, name: str) -> list[Any]:
    inner = LISTS[name]
    return [item for each in children(root, name) for item in (children(each, inner) if inner else [each])]


def _rule(element: Any) -> Key:
    """Return what a rule says, wherever it applies."""
    name, attributes, text, inside = key_of(element)
    return name, tuple(each for each in attributes if each[0] != "sqref"), text, inside


def carry_columns(root: Any, before: Any, after: Any, style: Number) -> None:
    """Change the widths and formats of columns."""
    old, new = _columns(before), _columns(after)
    changed = sorted(number for number in old.keys() | new.keys() if old.get(number) != new.get(number))
    if not changed:
        return
    mine = _columns(root)
    for number in changed:
        attributes = _carried(mine.get(number, {}), old.get(number, {}), new.get(number, {}), style)
        if number in new:
            mine[number] = attributes
        else:
            mine.pop(number, None)
    listed = frame.ensure_list(root, "cols")
    listed[:] = []
    for number, attributes in sorted(mine.items()):
        last = listed[-1] if len(listed) else None
        if last is not None and int(last.get("max")) == number - 1 and mine[number - 1] == attributes:
            last.set("max", str(number))
        else:
            listed.append(frame.new_element(root, "col", min=str(number), max=str(number), **attributes))
    frame.update_count(listed)


def carried_row(kept: Mapping[str, str], before: Mapping[str, str], after: Mapping[str, str], style: Number) -> str:
    """Return the attributes of a row with those that differ between two versions of it."""
    attributes = _carried(kept, _of_row(before), _of_row(after), style)
    return "".join(f' {name}="{value}"' for name, value in attributes.items())


def rows_differ(before: Mapping[str, str], after: Mapping[str, str]) -> bool:
    """Whether two versions of a row differ in anything but their cells."""
    return _of_row(before) != _of_row(after)


def _of_row(attributes: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in attributes.items() if name not in ("r", "spans")}


def _carried(
    kept: Mapping[str, str], before: Mapping[str, str], after: Mapping[str, str], style: Number
) -> dict[str, str]:
    made = dict(kept)
    for name in dict.fromkeys((*before, *after)):
        if before.get(name) == after.get(name):
            continue
        if name not in after:
            made.pop(name, None)
        else:
            made[name] = str(style(int(after[name]))) if name in ("s", "style") else after[name]
    return made


def _columns(root: Any) -> dict[int, dict[str, str]]:
    listed = child(root, "cols")
    return {
        number: {name: value for name, value in each.attrib.items() if name not in ("min", "max")}
        for each in (children(listed, "col") if listed is not None else ())
        for number in frame.column_span(each)
    }


def _by_name(element: Any) -> dict[str, list[Any]]:
    found = defaultdict(list)
    for each in element:
        if isinstance(each.tag, str):
            found[local(each)].append(each)
    return found


def _value(element: Any, name: str) -> str | None:
    """Return an attribute; openpyxl says only sometimes that no rows or columns are grouped."""
    value = element.get(name)
    return None if value == "0" and name.startswith("outlineLevel") else value


def _differs(one: Any, other: Any) -> bool:
    if one is None or other is None:
        return one is not other
    return key_of(one) != key_of(other)


def _set(element: Any, name: str, value: str | None) -> None:
    if value is None:
        element.attrib.pop(name, None)
    else:
        element.set(name, value)
