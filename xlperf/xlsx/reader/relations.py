"""Relations of the parts of a package (Open Packaging Conventions, ECMA-376 part 2), read in one place.

A relation leads from a part to another one, or to an address outside the package. Targets are relative or absolute,
with either slash, percent-encoded or not; names of parts are compared without regard to case.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote

from lxml import etree  # type: ignore[import-untyped]


@dataclass(frozen=True)
class Relation:
    """A relation of a part: ``target`` is the name of a part, or an address where it is ``external``."""

    id: str
    kind: str
    target: str
    external: bool = False

    @property
    def name(self) -> str:
        """The last word of its kind, the same in every edition of the standard: ``worksheet``, ``styles``."""
        return self.kind.rpartition("/")[2]


def fold_part_name(name: str) -> str:
    r"""Return a name in the form in which names of parts are compared.

    >>> fold_part_name("/XL\\Work%20sheets/Sheet1.xml")
    'xl/work sheets/sheet1.xml'
    """
    return unquote(name.replace("\\", "/")).lstrip("/").lower()


def relations_part(part: str) -> str:
    """Return the name of the part that holds the relations of a part, those of the package for ``""``.

    >>> relations_part("xl/workbook.xml"), relations_part("")
    ('xl/_rels/workbook.xml.rels', '_rels/.rels')
    """
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def resolve_target(part: str, target: str) -> str:
    """Return the name of the part that a target of another part means.

    >>> targets = "worksheets/sheet1.xml", "/xl/styles.xml", "..\\\\a.xml#b"
    >>> [resolve_target("xl/workbook.xml", each) for each in targets]
    ['xl/worksheets/sheet1.xml', 'xl/styles.xml', 'a.xml']
    """
    path = target.replace("\\", "/").partition("#")[0]
    return posixpath.normpath(posixpath.join("/", posixpath.dirname(part), path)).lstrip("/")


def read_relations(part: str, data: bytes, find: Callable[[str], str | None]) -> list[Relation]:
    """Return the relations of a part.

    Parameters
    ----------
    part : the part that the relations begin at, ``""`` for the package
    data : the XML of its relations part
    find : returns the name of a part as the package spells it, None where there is no such part

    Returns
    -------
    list of Relation
        In the order of the file; a target that the package does not hold keeps the name that it would have.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True)
    return [read_relation(part, each, find) for each in etree.fromstring(data, parser).iterchildren("{*}Relationship")]


def read_relation(part: str, element: etree._Element, find: Callable[[str], str | None]) -> Relation:
    """Return the relation that an element of a relations part describes."""
    target, external = element.get("Target", ""), element.get("TargetMode") == "External"
    if not external:
        target = resolve_target(part, target)
        target = find(target) or target
    return Relation(element.get("Id", ""), element.get("Type", ""), target, external)
