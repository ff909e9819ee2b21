r"""What cells hold exactly as Excel has it, through openpyxl: its texts and its dynamic arrays.

A file writes what XML cannot hold, and whatever looks like such a sign, as ``_xHHHH_``: a carriage return is
``_x000D_``, and the text ``_x0041_`` is ``_x005F_x0041_``. openpyxl reads the former as it is spelt and the latter
with half of its sign, and writes both back as they are, so that Excel reads another text.

Source: ECMA-376 part 1, 22.9.2.19 (ST_Xstring).
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from threading import Lock
from typing import Any
from xml.etree.ElementTree import ParseError

import openpyxl.worksheet._reader
from openpyxl.cell.rich_text import CellRichText
from openpyxl.cell.text import Text
from openpyxl.reader.excel import ExcelReader
from openpyxl.workbook import Workbook
from openpyxl.xml.constants import SHARED_STRINGS, SHEET_MAIN_NS
from openpyxl.xml.functions import iterparse

from xlperf.xlsx.column_sheet import single_cells, spelt_rich_text
from xlperf.xlsx.dynamic_arrays import recognise_dynamic
from xlperf.xlsx.errors import DamagedPart
from xlperf.xlsx.package.cell_xml import spelt_text

_sheet_reader: Any = openpyxl.worksheet._reader
_READING = Lock()  # openpyxl finds its function for texts of cells in the module only
_SPELT = re.compile("_x([0-9A-Fa-f]{4})_")
_TO_SPELL = re.compile("_x[0-9A-Fa-f]{4}_|[\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff]")
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_TEXT, _ITEM = f"{{{SHEET_MAIN_NS}}}t", f"{{{SHEET_MAIN_NS}}}si"
_text_of: Any = Text.from_tree
_parsed: Any = iterparse


class _Exact(str):
    """A text that is no longer spelt, until all cells have been read."""

    __slots__ = ()


def load_exactly(
    source: bytes, *, keep_vba: bool = False, data_only: bool = False, rich_text: bool = False
) -> Workbook:
    r"""Return a workbook as ``openpyxl.load_workbook`` does, with texts and dynamic arrays as Excel has them.

    Parameters
    ----------
    source : the file
    keep_vba, data_only, rich_text : as for ``openpyxl.load_workbook``

    Examples
    --------
    >>> workbook, file = Workbook(), BytesIO()
    >>> workbook.worksheets[0]["A1"] = "a_x000D_b"  # openpyxl writes it as it is
    >>> workbook.save(file)
    >>> load_exactly(file.getvalue()).worksheets[0]["A1"].value
    'a\rb'
    """
    reader: Any = _Reader(BytesIO(source), keep_vba=keep_vba, data_only=data_only, rich_text=rich_text)
    reader.read()
    workbook: Workbook = reader.wb
    for cell in _cells(workbook):
        value = cell._value
        if type(value) is _Exact:
            cell._value = str(value)
        elif type(value) is str and cell.data_type == "s" and "_x" in value:  # no shared one
            cell._value = _read(value)
    if not data_only and any("metadata" in name for name in reader.valid_files):
        recognise_dynamic(workbook, source)
    return workbook


def load_partial(data: bytes) -> Workbook:
    """Return a workbook of :func:`xlperf.xlsx.package.partial.build_partial`, with rich text.

    Raises
    ------
    DamagedPart
        Where openpyxl does not understand what came from the file: it raises whatever a descriptor comes upon.
    """
    try:
        with warnings.catch_warnings(action="ignore"):  # openpyxl misses the named styles, which are not needed here
            return load_exactly(data, rich_text=True)
    except (ValueError, TypeError, LookupError, AttributeError, ParseError) as trouble:
        raise DamagedPart(str(trouble)) from trouble


class _Reader(ExcelReader):
    """openpyxl's reader with exact texts, shared ones and those that stand in their cells."""

    def read_worksheets(self) -> None:
        if not self.rich_text:  # plain texts of cells are not touched
            super().read_worksheets()
            return
        with _READING:
            usual = _sheet_reader.parse_richtext_string
            _sheet_reader.parse_richtext_string = self._string
            try:
                super().read_worksheets()
            finally:
                _sheet_reader.parse_richtext_string = usual

    def read_strings(self) -> None:
        package: Any = self.package
        part = package.find(SHARED_STRINGS)
        if part is None:
            return
        with self.archive.open(part.PartName[1:]) as source:
            for _, node in _parsed(source):
                if node.tag == _ITEM:
                    self.shared_strings.append(self._string(node))
                    node.clear()

    def _string(self, node: Any) -> Any:
        if not self.rich_text or node.find(_TEXT) is not None:
            return _exact(_text_of(node).content)
        for text in node.iter(_TEXT):
            if text.text and "_x" in text.text:
                text.text = _SPELT.sub(_legal_sign, text.text)
        read: Any = CellRichText.from_tree(node)
        return read if len(read) else ""


def _exact(text: str) -> str:
    return _Exact(_read(text)) if "_x" in text else text


def _read(text: str) -> str:
    return _SPELT.sub(_sign, text)


def _sign(found: re.Match[str]) -> str:
    return chr(int(found[1], 16))


def _legal_sign(found: re.Match[str]) -> str:
    """What XML cannot hold stays spelt in the element that openpyxl reads."""
    return found[0] if _NOT_IN_XML.fullmatch(_sign(found)) else _sign(found)


@contextmanager
def spelt(workbook: Workbook, without_columns: bool = False) -> Iterator[None]:
    """Let the cells of a workbook hold their texts as a file spells them, while openpyxl writes it.

    ``without_columns`` leaves out the cells that column sheets hold as columns.
    """
    kept: list[tuple[Any, Any]] = []
    for cell in _single_cells(workbook) if without_columns else _cells(workbook):
        value = cell._value
        if isinstance(value, str) and cell.data_type == "s" and _TO_SPELL.search(value):
            kept.append((cell, value))
            cell._value = spelt_text(value)
        elif isinstance(value, CellRichText) and _TO_SPELL.search(str(value)):
            kept.append((cell, value))
            cell._value = spelt_rich_text(value)
    try:
        yield
    finally:
        for cell, value in kept:
            cell._value = value


def _cells(workbook: Any) -> Iterator[Any]:
    for worksheet in workbook.worksheets:
        yield from getattr(worksheet, "_cells", {}).values()  # none where it is written only


def _single_cells(workbook: Any) -> Iterator[Any]:
    for worksheet in workbook.worksheets:
        yield from single_cells(worksheet).values()
