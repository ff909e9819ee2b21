"""Saves a workbook that was edited in openpyxl without losing what openpyxl does not know.

The file is loaded a second time, as it was. What openpyxl would write then and what it would write now are compared;
only what differs is carried over into the user's package, and every part that nobody has changed stays byte by byte.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from lxml import etree  # type: ignore[import-untyped]
from openpyxl import Workbook as OpenWorkbook
from openpyxl.cell.rich_text import CellRichText
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula
from openpyxl.worksheet.worksheet import Worksheet

from xlperf.core.problems import Problem
from xlperf.xlsx.atomic_save import packed
from xlperf.xlsx.exact_openpyxl import load_exactly
from xlperf.xlsx.formula import Formula
from xlperf.xlsx.package import links as linking
from xlperf.xlsx.package.cached_values import with_cached
from xlperf.xlsx.package.calc_chain import calculate_on_opening, forget_chain, forget_formulas
from xlperf.xlsx.package.copy_sheet import SheetCopier
from xlperf.xlsx.package.drawings import carry_drawings
from xlperf.xlsx.package.opc import Workbook
from xlperf.xlsx.package.pivots import refresh_pivots
from xlperf.xlsx.package.sheet_list import arrange_sheets, remove_sheet, rename_sheets
from xlperf.xlsx.package.sheet_xml import Edit, Place, SheetXml, attributes_of
from xlperf.xlsx.package.workbook_part import carry_main, set_kind
from xlperf.xlsx.package.write_notes import carry_notes
from xlperf.xlsx.package.xml_diff import carried_row, carry_columns, carry_frame, rows_differ
from xlperf.xlsx.package.zip_members import Parts
from xlperf.xlsx.reader.safety import DAMAGED
from xlperf.xlsx.sheet_state import CellState, SheetState, to_write

Results = Mapping[str, Mapping[str, object]]
_RAW = (CellRichText, ArrayFormula, DataTableFormula)  # taken over as openpyxl writes them


class CannotMerge(Exception):  # noqa: N818 - reads as a sentence where it is raised
    """The edits cannot be carried into the file; ``problem`` says so in words."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


class MergingBack:
    """A workbook as it was loaded, to be asked later for the file with what has been edited since.

    Parameters
    ----------
    source : the file
    workbook : what ``load_exactly`` has just loaded from it, with rich text
    name : the name of the file, for messages

    Examples
    --------
    >>> from io import BytesIO
    >>> file = BytesIO()
    >>> OpenWorkbook().save(file)
    >>> workbook = load_exactly(file.getvalue(), rich_text=True)
    >>> merging = MergingBack(file.getvalue(), workbook, "book.xlsx")
    >>> workbook["Sheet"]["B2"] = "new"
    >>> load_exactly(merging.merged({}, ".xlsx"))["Sheet"]["B2"].value
    'new'
    """

    def __init__(self, source: bytes, workbook: OpenWorkbook, name: str) -> None:
        self.source, self.workbook, self.name = source, workbook, name
        sheets: Any = workbook
        self.loaded = [(ws, ws.title, _drawings(ws)) for ws in sheets._sheets]

    def merged(self, results: Results, suffix: str) -> bytes:
        """Return the file with what has changed.

        Parameters
        ----------
        results : the results of formulas that are known, by the title of the sheet and the cell
        suffix : the ending of the file that is to be written; one without macros gets none

        Raises
        ------
        CannotMerge
            Where something has changed that cannot be carried over.
        """
        try:
            with warnings.catch_warnings(action="ignore"):  # of what openpyxl does not know
                return _Merge(self, results).merged(suffix)
        except DAMAGED as trouble:
            raise CannotMerge(Problem("save-simplified", details={"file": self.name})) from trouble


class _Merge:
    """One comparison, and what follows from it."""

    def __init__(self, merging: MergingBack, results: Results) -> None:
        self.workbook, self.results = merging.workbook, results
        self.suffix = PurePath(merging.name).suffix.lower()
        self.book = Workbook(Parts.read(merging.source))
        if any(name.casefold().startswith("_xmlsignatures/") for name in self.book.parts):
            raise CannotMerge(Problem("save-unsigned", details={"file": merging.name}))
        macros = self.workbook.vba_archive is not None
        self.was = load_exactly(merging.source, keep_vba=macros, rich_text=True)
        try:
            self.before = Workbook(Parts.read(packed(self.was)))
        finally:
            if self.was.vba_archive is not None:
                self.was.vba_archive.close()
        made = packed(self.workbook)
        self.made = Workbook(Parts.read(with_cached(made, results) if results else made))
        self.copier = SheetCopier(self.book, self.made)
        sheets: Any = self.workbook
        self.sheets = list(sheets._sheets)
        self.kept = [each for each in merging.loaded if each[0] in self.sheets]
        self.gone = [title for ws, title, _ in merging.loaded if ws not in self.sheets]

    def merged(self, suffix: str) -> bytes:
        """Return the file."""
        titles = {old: ws.title for ws, old, _ in self.kept}
        changed = {}
        for ws, old, drawings in self.kept:
            if isinstance(ws, Worksheet) and (written := self._change(ws, old, drawings)) is not None:
                changed[ws.title] = written
        for title in self.gone:
            remove_sheet(self.book, title)
        rename_sheets(self.book, titles)
        new = [ws for ws in self.sheets if all(ws is not each for each, *_ in self.kept)]
        for ws in new:
            self.copier.copy_sheet(ws.title, len(self.book.sheets), ws.sheet_state)
            changed[ws.title] = set(self.results.get(ws.title, ()))
        arrange_sheets(self.book, self.workbook.sheetnames)
        carry_main(self.book, self.before, self.made, titles)
        self.copier.finish()
        if self.gone:
            forget_chain(self.book)
            calculate_on_opening(self.book)
        elif changed:
            forget_formulas(self.book, changed)
        refresh_pivots(self.book, changed)
        if suffix.lower() != self.suffix:
            set_kind(self.book, suffix)
        return self.book.parts.packed()

    def _change(self, ws: Worksheet, title: str, drawings: list[Any]) -> set[str] | None:
        """Change a sheet; return the formulas that were written with their results, None where nothing has changed."""
        part, before, after = (
            each.sheet(name).part for each, name in ((self.book, title), (self.before, title), (self.made, ws.title))
        )
        xml, old, new = (
            SheetXml(each.parts[name]) for each, name in ((self.book, part), (self.before, before), (self.made, after))
        )
        edits, raw, removed = self._edits(ws, self.was[title], new)
        xml.edit(edits, self.book.mac_dates)
        self._take_over(xml, new, raw)
        for place in removed:
            if (row := xml.rows.get(place.row)) is not None:
                row.opened().pop(place.column, None)
        resized = self._carry_rows(xml, old, new)
        root = xml.frame
        shown = etree.tostring(root)
        carry_frame(root, old.frame, new.frame, lambda number: self.copier.styles.dxf(self.copier.theirs, number))
        carry_columns(root, old.frame, new.frame, self.copier.style)
        linking.carry_links(root, (self.book, part), (self.before, before), (self.made, after))
        linking.carry_tables(self.copier, root, part, (self.before, before), after)
        carry_notes(self.copier, root, part, after, _notes(self.was[title]), _notes(ws))
        known = {id(each): number for number, each in enumerate(drawings)}
        came_from = [known.get(id(each)) for each in _drawings(ws)]
        carry_drawings(self.copier, root, part, (self.before, before), after, came_from)
        reframed = etree.tostring(root) != shown
        if reframed:
            xml.frame = root
        if not (edits or raw or removed or resized or reframed):
            return None
        xml.grow_dimension(edits)
        self.book.parts[part] = xml.written()
        formulas = {ref: edit.value for ref, edit in edits.items() if isinstance(edit.value, Formula)}
        if raw or any(formula.value is None for formula in formulas.values()):
            calculate_on_opening(self.book)
        return set(formulas)

    def _edits(self, ws: Worksheet, was: Worksheet, new: SheetXml) -> tuple[dict[str, Edit], list[Place], list[Place]]:
        """Return what changes in the cells: values to write, cells to take over as they are, and cells to remove."""
        before, after = SheetState.of(was).cells, SheetState.of(ws).cells
        results = self.results.get(ws.title, {})
        edits: dict[str, Edit] = {}
        raw, removed = [], []
        for place in dict.fromkeys((*after, *before)):
            old, now = before.get(place), after.get(place)
            filled = _content(old) != _content(now)
            restyled = now is not None and (old is None or old.style != now.style)
            if not (filled or restyled or now is None):
                continue
            ref = f"{get_column_letter(place[1])}{place[0]}"
            style = self.copier.style(ws.cell(*place).style_id) if restyled else None
            is_raw = now is not None and isinstance(now.value, _RAW)
            edits[ref] = Edit(None if is_raw else to_write(now, results.get(ref)), style, filled)
            if is_raw and filled:
                raw.append(Place(*place))
            elif now is None:
                removed.append(Place(*place))
        return edits, raw, removed

    @staticmethod
    def _take_over(xml: SheetXml, new: SheetXml, places: list[Place]) -> None:
        """Take cells over as openpyxl writes them: rich text, and formulas of many cells."""
        for place in places:
            cell, source = xml.cell(place), new.find(place)
            assert source is not None
            cell.attributes = {name: each for name, each in cell.attributes.items() if name in ("r", "s", "ph")}
            if "t" in source.attributes:
                cell.attributes["t"] = source.attributes["t"]
            cell.inner = re.sub(r"<(/?)(?=[a-zA-Z])", rf"<\1{xml.p}", source.inner) if xml.p else source.inner

    def _carry_rows(self, xml: SheetXml, old: SheetXml, new: SheetXml) -> bool:
        """Change heights and formats of rows; return whether any have changed."""
        found = False
        for number in sorted({*old.rows, *new.rows}):
            was, now = (
                attributes_of(rows[number].attributes) if number in rows else {} for rows in (old.rows, new.rows)
            )
            if rows_differ(was, now):
                row = xml.row(number)
                row.attributes = carried_row(attributes_of(row.attributes), was, now, self.copier.style)
                found = True
        return found


def _content(state: CellState | None) -> tuple[Any, ...] | None:
    """Return what a cell holds in a way that can be compared between two workbooks."""
    if state is None or state.value is None:
        return None
    if isinstance(state.value, ArrayFormula | DataTableFormula):
        return (state.kind, *sorted((name, str(each)) for name, each in vars(state.value).items()))
    return state.kind, type(state.value), state.value


def _notes(ws: Worksheet) -> dict[str, tuple[str, str]]:
    cells: Any = ws._cells
    notes = {cell.coordinate: cell.comment for cell in cells.values() if cell.comment is not None}
    return {ref: (str(note.author), str(note.text)) for ref, note in notes.items()}


def _drawings(sheet: Any) -> list[Any]:
    """Return the charts and pictures of a sheet in the order in which openpyxl writes them."""
    return [*sheet._charts, *sheet._images] if hasattr(sheet, "_images") else []
