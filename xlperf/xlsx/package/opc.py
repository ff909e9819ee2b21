"""How the parts of a workbook hang together: content types, relationships, and the list of sheets."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree  # type: ignore[import-untyped]

from xlperf.xlsx.package.sheet_xml import parser
from xlperf.xlsx.package.zip_members import Member, Parts
from xlperf.xlsx.reader.relations import Relation, fold_part_name, read_relation, read_relations, relations_part

CONTENT_TYPES = "[Content_Types].xml"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT_OFFICE = "http://purl.oclc.org/ooxml/officeDocument/relationships"
DECLARATION = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


@dataclass(frozen=True)
class SheetEntry:
    """A sheet as the workbook lists it."""

    title: str
    sheet_id: int
    relation: str
    state: str
    part: str
    kind: str

    @property
    def is_module(self) -> bool:
        """Whether it is a module sheet of Excel 5, which has no part of its own."""
        return not self.relation


def tree(data: bytes) -> Any:
    """Parse a part; nothing is expanded and nothing fetched."""
    return etree.fromstring(data, parser())


def written(root: Any) -> bytes:
    """Return a part as a file holds it."""
    return DECLARATION + bytes(etree.tostring(root, encoding="UTF-8"))


def local(element: Any) -> str:
    """Return the name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def children(element: Any, name: str) -> list[Any]:
    """Return the elements of a name directly inside another, whatever their namespace."""
    return [each for each in element if isinstance(each.tag, str) and local(each) == name]


def child(element: Any, name: str) -> Any:
    """Return the first element of a name directly inside another, or None."""
    return next(iter(children(element, name)), None)


class Package:
    """The parts of a file with their links and types."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self._types: tuple[Member, dict[str, str], dict[str, str]] | None = None
        self._links: dict[str, tuple[Member, list[Relation]]] = {}

    def links(self, part: str) -> list[Relation]:
        """Return the relations of a part; targets inside the package as names of parts."""
        name = relations_part(part)
        if name not in self.parts:
            return []
        member = self.parts.member(name)
        if name not in self._links or self._links[name][0] is not member:  # parsed again only when they have changed
            self._links[name] = member, read_relations(part, member.unpacked(), self.parts.find)
        return self._links[name][1]

    def linked(self, part: str, name: str) -> Iterator[str]:
        """Yield the parts of one kind that a part is linked to."""
        return (
            each.target
            for each in self.links(part)
            if each.name == name and not each.external and each.target in self.parts
        )

    def link(self, part: str, kind: str, target: str, external: bool = False) -> str:
        """Link a part to another, or to an address outside, and return the id of the link."""
        name = relations_part(part)
        root = (
            tree(self.parts[name])
            if name in self.parts
            else etree.Element(f"{{{RELATIONSHIPS}}}Relationships", nsmap={None: RELATIONSHIPS})
        )
        taken = {each.get("Id") for each in root}
        new = next(each for each in (f"rId{number}" for number in range(1, len(taken) + 2)) if each not in taken)
        shown = target if external else posixpath.relpath(f"/{target}", f"/{posixpath.dirname(part)}")
        added = etree.SubElement(root, f"{{{RELATIONSHIPS}}}Relationship", Id=new, Type=kind, Target=shown)
        if external:
            added.set("TargetMode", "External")
        self.parts[name] = written(root)
        return new

    def unlink(self, part: str, target: str) -> None:
        """Remove the links of a part to another."""
        name = relations_part(part)
        root = tree(self.parts[name])
        for each in list(root):
            if read_relation(part, each, self.parts.find).target == target:
                root.remove(each)
        self.parts[name] = written(root)

    def type_of(self, part: str) -> str:
        """Return the content type of a part."""
        overrides, defaults = self._content_types()
        return overrides.get(fold_part_name(part)) or defaults.get(part.rpartition(".")[2].lower(), "")

    def _content_types(self) -> tuple[dict[str, str], dict[str, str]]:
        """Return the content types by name of part and by suffix; parsed again only when the part has changed."""
        member = self.parts.member(CONTENT_TYPES)
        if self._types is None or self._types[0] is not member:
            root = tree(member.unpacked())
            overrides = {
                fold_part_name(each.get("PartName", "")): each.get("ContentType", "")
                for each in children(root, "Override")
            }
            defaults = {
                each.get("Extension", "").lower(): each.get("ContentType", "") for each in children(root, "Default")
            }
            self._types = member, overrides, defaults
        return self._types[1:]

    def add(self, part: str, data: bytes, content_type: str) -> None:
        """Add a part with its type."""
        self.parts[part] = data
        if self.type_of(part) != content_type:
            root = tree(self.parts[CONTENT_TYPES])
            etree.SubElement(root, f"{{{TYPES}}}Override", PartName=f"/{part}", ContentType=content_type)
            self.parts[CONTENT_TYPES] = written(root)

    def remove(self, part: str) -> None:
        """Remove a part, its links and its type."""
        root = tree(self.parts[CONTENT_TYPES])
        for each in children(root, "Override"):
            if fold_part_name(each.get("PartName", "")) == fold_part_name(part):
                root.remove(each)
        self.parts[CONTENT_TYPES] = written(root)
        del self.parts[part]
        if relations_part(part) in self.parts:
            del self.parts[relations_part(part)]

    def free(self, pattern: str) -> str:
        """Return the first name of a pattern such as ``xl/worksheets/sheet{}.xml`` that no part has.

        >>> Package(Parts()).free("xl/tables/table{}.xml")
        'xl/tables/table1.xml'
        """
        number = 1
        while pattern.format(number) in self.parts:
            number += 1
        return pattern.format(number)


class Workbook(Package):
    """A workbook in its package: its main part, and its sheets in order."""

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self.main = next(self.linked("", "officeDocument"))
        self.reload()

    def reload(self) -> None:
        """Read the main part again."""
        self.root = tree(self.parts[self.main])
        self.namespace = self.root.tag.partition("}")[0].lstrip("{")
        self.strict = "purl.oclc.org" in self.namespace
        self.office = STRICT_OFFICE if self.strict else OFFICE

    def store(self) -> None:
        """Put the main part back as it was edited."""
        self.parts[self.main] = written(self.root)

    @property
    def sheets(self) -> list[SheetEntry]:
        """The sheets of every kind, in the order of their tabs."""
        links = {each.id: each for each in self.links(self.main)}
        listed = child(self.root, "sheets")
        return [self._entry(each, links) for each in (listed if listed is not None else ()) if local(each) == "sheet"]

    def _entry(self, element: Any, links: dict[str, Relation]) -> SheetEntry:
        relation = next((value for key, value in element.attrib.items() if key.endswith("/relationships}id")), "")
        link = links.get(relation)
        return SheetEntry(
            element.get("name", ""),
            int(element.get("sheetId", "0")),
            relation,
            element.get("state", "visible"),
            link.target if link else "",
            link.name if link else "",
        )

    def sheet(self, title: str) -> SheetEntry:
        """Return the sheet with a title, which Excel compares without regard to case."""
        found = {each.title.casefold(): each for each in self.sheets}
        return found[title.casefold()]

    @property
    def mac_dates(self) -> bool:
        """Whether dates are counted from 1904."""
        properties = child(self.root, "workbookPr")
        return properties is not None and properties.get("date1904") in ("1", "true", "on")

    def part_of(self, name: str) -> str:
        """Return the part that the workbook is linked to by a kind, "" where there is none."""
        return next(self.linked(self.main, name), "")
