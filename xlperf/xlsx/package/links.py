"""Brings the links and the Excel tables of a sheet up to date with another version of it."""

from __future__ import annotations

from typing import Any, NamedTuple

from xlperf.xlsx.package import sheet_frame as frame
from xlperf.xlsx.package.copy_sheet import SheetCopier
from xlperf.xlsx.package.opc import Workbook, child, children, tree, written
from xlperf.xlsx.package.styles import key_of
from xlperf.xlsx.package.xml_diff import carry

Sheet = tuple[Workbook, str]  # a workbook and the part of one of its sheets


class _Link(NamedTuple):
    location: str | None
    display: str | None
    tooltip: str | None
    target: str | None


def carry_links(root: Any, kept: Sheet, before: Sheet, after: Sheet) -> None:
    """Bring the links of cells up to date; ``root`` is what stands around the rows of the kept sheet."""
    old, new = _links(*before), _links(*after)
    changed = sorted(ref for ref in {*old, *new} if old.get(ref) != new.get(ref))
    if not changed:
        return
    book, part = kept
    listed = frame.ensure_list(root, "hyperlinks")
    for each in list(listed):
        if each.get("ref") in changed:
            listed.remove(each)
    for ref in changed:
        if (link := new.get(ref)) is None:
            continue
        given = {"location": link.location, "display": link.display, "tooltip": link.tooltip}
        element = frame.new_element(root, "hyperlink", ref=ref, **{name: each for name, each in given.items() if each})
        if link.target is not None:
            relation = book.link(part, f"{book.office}/hyperlink", link.target, external=True)
            element.set(f"{{{book.office}}}id", relation)
        listed.append(element)
    frame.update_count(listed)


def _links(book: Workbook, part: str) -> dict[str, _Link]:
    listed = child(tree(book.parts[part]), "hyperlinks")
    targets = {link.id: link.target for link in book.links(part)} if listed is not None else {}
    return {
        each.get("ref"): _Link(
            each.get("location"), each.get("display"), each.get("tooltip"), targets.get(relation_of(each))
        )
        for each in (children(listed, "hyperlink") if listed is not None else ())
    }


def relation_of(element: Any) -> str:
    """Return the id of the link that an element names, "" where it names none."""
    return next((str(value) for key, value in element.attrib.items() if key.endswith("}id")), "")


def carry_tables(copier: SheetCopier, root: Any, part: str, before: Sheet, made_part: str) -> None:
    """Bring the tables of a sheet up to date: their reach, their columns, their names; new ones come, others go."""
    book, made = copier.book, copier.made
    old, new, mine = _tables(*before), _tables(made, made_part), _tables(book, part)
    renamed = _renamed(old, new)
    for name, (_, was) in old.items():
        again = new.get(renamed.get(name, name))
        if name not in mine:
            continue
        if again is None:
            _remove(book, root, part, mine[name][0])
        elif _content_of(was) != _content_of(again[1]):
            kept, table = mine[name]
            again[1].set("id", was.get("id"))
            carry(table, was, again[1])
            _number_columns(table)
            book.parts[kept] = written(table)
    for name, (source, _) in new.items():
        if name not in old and name not in renamed.values():
            copied = copier.copy_part(source)
            element = frame.new_element(root, "tablePart")
            element.set(f"{{{book.office}}}id", book.link(part, f"{book.office}/table", copied))
            listed = frame.ensure_list(root, "tableParts")
            listed.append(element)
            frame.update_count(listed)


def _tables(book: Workbook, part: str) -> dict[str, tuple[str, Any]]:
    roots = {each: tree(book.parts[each]) for each in book.linked(part, "table")}
    return {root.get("displayName"): (each, root) for each, root in roots.items()}


def _renamed(old: dict[str, tuple[str, Any]], new: dict[str, tuple[str, Any]]) -> dict[str, str]:
    """Return the new names of tables that stand where one of another name stood."""
    corners = {table.get("ref").partition(":")[0]: name for name, (_, table) in new.items() if name not in old}
    found = {
        name: corners.get(table.get("ref").partition(":")[0]) for name, (_, table) in old.items() if name not in new
    }
    return {name: other for name, other in found.items() if other is not None}


def _content_of(table: Any) -> Any:
    """Return what a table says but for its number, which is that of its place in the file."""
    name, attributes, text, inside = key_of(table)
    return name, [each for each in attributes if each[0] != "id"], text, inside


def _number_columns(table: Any) -> None:
    """Give columns that came from elsewhere numbers that no other column has."""
    taken: set[int] = set()
    columns = children(child(table, "tableColumns"), "tableColumn")
    for each in columns:
        number = int(each.get("id", "0"))
        if number in taken:
            number = max(*taken, *(int(other.get("id", "0")) for other in columns)) + 1
            each.set("id", str(number))
        taken.add(number)


def _remove(book: Workbook, root: Any, part: str, table: str) -> None:
    relation = next(link.id for link in book.links(part) if link.target == table)
    listed = frame.ensure_list(root, "tableParts")
    for each in list(listed):
        if relation_of(each) == relation:
            listed.remove(each)
    frame.update_count(listed)
    book.unlink(part, table)
    book.remove(table)
