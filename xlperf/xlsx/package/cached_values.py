"""Puts the results of formulas into a workbook that a library wrote without them."""

from __future__ import annotations

from collections.abc import Mapping

from xlperf.xlsx.package.opc import Workbook
from xlperf.xlsx.package.sheet_xml import SheetXml
from xlperf.xlsx.package.zip_members import Parts


def with_cached(data: bytes, values: Mapping[str, Mapping[str, object]]) -> bytes:
    """Return a workbook whose formulas show their results; all members but the sheets concerned stay as they are.

    Parameters
    ----------
    data : the workbook
    values : for each title of a sheet the results by cell; a cell without a formula gets the value itself, as the
        cells that a spilled formula covers need it

    Examples
    --------
    >>> from io import BytesIO
    >>> from openpyxl import Workbook, load_workbook
    >>> workbook, file = Workbook(), BytesIO()
    >>> workbook.active["A1"] = "=1+1"
    >>> workbook.save(file)
    >>> shown = with_cached(file.getvalue(), {"Sheet": {"A1": 2}})
    >>> load_workbook(BytesIO(shown), data_only=True).active["A1"].value
    2
    """
    book = Workbook(Parts.read(data))
    for title, results in values.items():
        part = book.sheet(title).part
        sheet = SheetXml(book.parts[part])
        sheet.show(results, book.mac_dates)
        book.parts[part] = sheet.written()
    return book.parts.packed()
