"""Changes some cells of any workbook, and nothing else in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format

from xlperf.core.problems import Problem
from xlperf.workbook.write import style
from xlperf.workbook.write.table_sheet import is_formula_like
from xlperf.xlsx.atomic_save import demand_kind, write_atomically
from xlperf.xlsx.errors import CannotSave, DamagedPart
from xlperf.xlsx.formula import Formula
from xlperf.xlsx.package.calc_chain import forget_formulas
from xlperf.xlsx.package.copy_sheet import store_styles, styles_of
from xlperf.xlsx.package.opc import SheetEntry, Workbook
from xlperf.xlsx.package.open import open_package, open_sheet, refuse_damaged
from xlperf.xlsx.package.pivots import refresh_pivots
from xlperf.xlsx.package.sheet_xml import Cell, Edit, Place
from xlperf.xlsx.package.table_headings import rename_headings

_DURATION = "[h]:mm:ss"
_CLOCK = "hh:mm:ss"
_WITH_CELLS = ("worksheet", "xlMacrosheet", "xlIntlMacrosheet")


def edit_book(
    source: str | Path, target: str | Path, cells: Mapping[str, Mapping[str, object]], keep_backup: bool = True
) -> None:
    """Write values into cells of a workbook; everything else in the file stays as it is, byte by byte.

    Parameters
    ----------
    source, target : path
        The workbook, and where to write; both may be the same.
    cells : mapping of sheet title to mapping of address to value
        Numbers, texts, truth values, dates, durations; None empties a cell. A text stays a text whatever it begins
        with; a formula is written as ``Formula(text, value)`` from ``xlperf.xlsx.formula``.
    keep_backup : bool
        Whether a file that stands at the target is kept beside it.

    Raises
    ------
    CannotSave
        Where there is no such sheet or cell, or the file cannot be changed without harm: it is protected by a password,
        signed, damaged or of another kind. The problem says it in words, and nothing is written.

    Examples
    --------
    >>> import tempfile
    >>> from openpyxl import Workbook, load_workbook
    >>> path = Path(tempfile.mkdtemp()) / "book.xlsx"
    >>> Workbook().save(path)
    >>> edit_book(path, path, {"Sheet": {"B2": 7.5, "B3": "=not a formula"}})
    >>> [load_workbook(path)["Sheet"][place].value for place in ("B2", "B3")]
    [7.5, '=not a formula']
    """
    if Path(source).suffix.lower() != Path(target).suffix.lower():
        demand_kind(Path(source), Path(target))
    with refuse_damaged(source):
        data = _edited(open_package(source), cells)
    write_atomically(data, target, keep_backup)


def _edited(book: Workbook, cells: Mapping[str, Mapping[str, object]]) -> bytes:
    sheets = {sheet.title.casefold(): sheet for sheet in book.sheets if sheet.kind in _WITH_CELLS}
    formats = _Formats(book)
    written = {}
    for title, values in cells.items():
        sheet = sheets.get(title.casefold())
        if sheet is None:
            known = [each.title for each in sheets.values()]
            raise CannotSave(Problem("sheet-absent", details={"cell": title, "known": known}))
        _edit(book, sheet, values, formats)
        written[sheet.title] = {ref for ref, value in values.items() if isinstance(value, Formula)}
    formats.store()
    forget_formulas(book, written)
    refresh_pivots(book, written)
    return book.parts.packed()


def _edit(book: Workbook, sheet: SheetEntry, values: Mapping[str, object], formats: _Formats) -> None:
    xml = open_sheet(book, sheet)
    new: dict[Place, object] = {_place(ref, sheet.title): value for ref, value in values.items()}
    new |= rename_headings(book, sheet.part, new)
    edits = {place.ref: Edit(value, formats.needed(xml.find(place), value)) for place, value in new.items()}
    try:
        if split := xml.split_arrays(new):
            raise CannotSave(Problem("array-part", sheet.title, split[0], {"cell": split[0]}))
        xml.edit(edits, book.mac_dates)
    except ValueError as trouble:  # a shared formula that is none
        raise CannotSave(Problem("book-damaged", sheet.title, details={"file": sheet.part})) from trouble
    xml.grow_dimension(edits)
    book.parts[sheet.part] = xml.written()


def _place(ref: str, title: str) -> Place:
    try:
        return Place.of(ref)
    except DamagedPart as trouble:
        raise CannotSave(Problem("cell-unknown", title, details={"cell": ref})) from trouble


@dataclass
class _Formats:
    """Gives cells the format that a value cannot do without, in the workbook's own styles."""

    book: Workbook

    def __post_init__(self) -> None:
        self.styles, self._part = styles_of(self.book)

    def needed(self, cell: Cell | None, value: object) -> int | None:
        """Return the format of a cell with a new value; None where the one that it has will do."""
        now = cell.style if cell is not None else 0
        if is_formula_like(value):
            return self.styles.changed(now, quotePrefix="1")
        if isinstance(value, date | time | timedelta) and not self._shows_dates(now):
            number = self.styles.number_format(_date_format(value))
            return self.styles.changed(now, numFmtId=str(number), applyNumberFormat="1")
        return None

    def store(self) -> None:
        """Enter the formats that are new."""
        store_styles(self.book, self.styles, self._part)

    def _shows_dates(self, number: int) -> bool:
        code = self.styles.number_format_of(number)
        return is_date_format(BUILTIN_FORMATS.get(int(code), "General") if code.isdigit() else code)


def _date_format(value: date | time | timedelta) -> str:
    if isinstance(value, timedelta):
        return _DURATION
    if isinstance(value, time):
        return _CLOCK
    return style.MOMENT if isinstance(value, datetime) and value.time() != time() else style.DAY
