"""Who saved a workbook last, and when, as its own properties tell."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zipfile import ZipFile

from lxml import etree  # type: ignore[import-untyped]

from xlperf.xlsx.reader.safety import DAMAGED

_PROPERTIES = "docProps/core.xml"
_BY = "{http://schemas.openxmlformats.org/package/2006/metadata/core-properties}lastModifiedBy"
_MODIFIED = "{http://purl.org/dc/terms/}modified"


@dataclass(frozen=True)
class LastSaved:
    """A name, and a time in universal time; an empty text and None where the workbook does not tell."""

    by: str
    at: datetime | None


def last_saved(path: Path) -> LastSaved:
    """Return who saved a workbook last, and when; properties that are damaged do not tell.

    Parameters
    ----------
    path : a file that was let in before, by ``xlsx.reader.safety``
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        with ZipFile(path) as package:
            root = etree.fromstring(package.read(_PROPERTIES), parser)
    except DAMAGED:
        return LastSaved("", None)
    try:
        at = datetime.fromisoformat((root.findtext(_MODIFIED) or "").strip()).astimezone(UTC).replace(tzinfo=None)
    except ValueError:
        at = None
    return LastSaved((root.findtext(_BY) or "").strip(), at)
