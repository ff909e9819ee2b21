"""Counts what is in a workbook, element by element and part by part, to tell whether anything was lost."""

import posixpath
import re
from collections import Counter
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

from lxml import etree

OF_THE_FILE = {"Relationships", "Types"}  # the table of contents of the package, which grows with its parts
PASSING = {"calcChain"}  # Excel makes it anew


def members(source) -> dict[str, bytes]:
    """Return the parts of a workbook by name; of two with one name the last, as every reader does."""
    data = source if isinstance(source, bytes) else Path(source).read_bytes()
    with ZipFile(BytesIO(data)) as package:
        return {info.orig_filename: package.read(info) for info in package.infolist() if not info.is_dir()}


def census(source) -> Counter:
    """Count the elements, and the attributes that carry something, of every kind of part; other parts by their bytes."""
    found = Counter()
    for name, data in members(source).items():
        root = _root(data)
        if root is None:
            found[("bytes", name, hash(data))] += 1
            continue
        kind = etree.QName(root).localname
        if kind in OF_THE_FILE | PASSING:
            continue
        found[("part", kind)] += 1
        for element in root.iter(etree.Element):
            found[(kind, etree.QName(element).localname)] += 1
    return found


def _root(data: bytes):
    try:
        return etree.fromstring(data, etree.XMLParser(resolve_entities=False, huge_tree=True))
    except etree.XMLSyntaxError:
        return None


def losses(before, after) -> dict:
    """Return what there is less of afterwards."""
    old, new = census(before), census(after)
    return {what: (count, new[what]) for what, count in old.items() if new[what] < count}


def changed_members(before, after) -> set[str]:
    """Return the members that are not byte for byte what they were."""
    old, new = members(before), members(after)
    return {name for name, data in old.items() if new.get(name) != data}


def sheet_part(source, title: str) -> str:
    """Return the member that holds a sheet."""
    parts = members(source)
    sheets = {each.get("name"): each for each in etree.fromstring(parts["xl/workbook.xml"]).iter("{*}sheet")}
    relation = next(value for key, value in sheets[title].attrib.items() if key.endswith("}id"))
    links = {each.get("Id"): each.get("Target") for each in etree.fromstring(parts["xl/_rels/workbook.xml.rels"])}
    return posixpath.normpath(posixpath.join("xl", links[relation])).lstrip("/")


def formulas_without_result(source) -> list[str]:
    """Return the formula cells that show nothing until somebody calculates."""
    parts = members(source)
    sheets = [data for name, data in parts.items() if re.fullmatch(r"xl/worksheets/[^/]+\.xml", name)]
    cells = (cell for data in sheets for cell in etree.fromstring(data).iter("{*}c"))
    return [cell.get("r") for cell in cells if cell.find("{*}f") is not None and cell.find("{*}v") is None]
