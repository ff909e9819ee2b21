"""Opens a workbook to be changed; what cannot be changed without harm is refused in words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zipfile import BadZipFile
from zlib import error as ZlibError  # noqa: N812

from lxml.etree import XMLSyntaxError  # type: ignore[import-untyped]

from xlperf.core.problems import Problem
from xlperf.xlsx.errors import CannotSave, DamagedPart
from xlperf.xlsx.package.opc import SheetEntry, Workbook, tree
from xlperf.xlsx.package.sheet_xml import SheetXml
from xlperf.xlsx.package.zip_members import Parts
from xlperf.xlsx.reader.safety import DAMAGED, check_package

_UNREADABLE = (BadZipFile, ZlibError, XMLSyntaxError, UnicodeDecodeError, NotImplementedError, DamagedPart)


@contextmanager
def refuse_damaged(path: str | Path) -> Iterator[None]:
    """Refuse in words to go on with a workbook when a part of it turns out to be damaged."""
    try:
        yield
    except _UNREADABLE as trouble:
        raise CannotSave(Problem("book-damaged", details={"file": Path(path).name})) from trouble


def open_package(path: str | Path) -> Workbook:
    """Open a workbook part by part; nothing is unpacked that is not asked for.

    Raises
    ------
    CannotSave
        Where the file is missing, damaged, protected by a password, of another kind, or signed: a signature would not
        hold any more.
    """
    path = Path(path)
    refused = next((each for each in check_package(path) if each.level == "error"), None)
    if refused is not None:
        raise CannotSave(refused)
    try:
        book = Workbook(Parts.read(path))
        sheets = book.sheets
    except (*DAMAGED, StopIteration) as trouble:
        raise CannotSave(Problem("book-damaged", details={"file": path.name})) from trouble
    if any(name.casefold().startswith("_xmlsignatures/") for name in book.parts):
        raise CannotSave(Problem("book-signed", details={"file": path.name}))
    missing = [sheet.title for sheet in sheets if sheet.part not in book.parts and not sheet.is_module]
    if missing or not sheets:
        details = {"file": path.name, "sheets": missing}
        raise CannotSave(Problem("book-sheet-missing", details=details))
    return book


def open_sheet(book: Workbook, sheet: SheetEntry) -> SheetXml:
    """Open the part of a sheet to be edited.

    Raises
    ------
    CannotSave
        Where the part is damaged.
    """
    try:
        data = book.parts[sheet.part]
        tree(data)  # rows are found without parsing them; XML that is not well-formed shows here
        return SheetXml(data)
    except DAMAGED as trouble:
        raise CannotSave(Problem("book-damaged", sheet.title, details={"file": sheet.part})) from trouble
