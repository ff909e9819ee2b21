"""Merges what a run writes into the user's workbook: only what changes is replaced, all else stays as it is.

Sheets are written into a workbook of openpyxl that has those of the user's by name and only the cells that are asked
for. The cells of a sheet with results are kept as columns, from which its rows are written as XML at once; openpyxl
writes what stands around them, and a note, a chart or a table that belongs to it. What is new or different is merged
part by part.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from openpyxl import Workbook as OpenWorkbook
from openpyxl.comments import Comment
from openpyxl.utils import absolute_coordinate, get_column_letter, quote_sheetname
from openpyxl.worksheet.worksheet import Worksheet

from xlperf.core.problems import Problem
from xlperf.reporting.dashboards import VIEWS
from xlperf.schema import SHEETS, Sheet, sheets_of
from xlperf.workbook.read.headers import ROWS_SEARCHED, sheet_titled
from xlperf.workbook.write import home
from xlperf.workbook.write.kept_layout import AUTHOR, arrangement_of
from xlperf.workbook.write.style import own_formats
from xlperf.xlsx.atomic_save import packed
from xlperf.xlsx.column_sheet import ColumnSheet
from xlperf.xlsx.errors import CannotSave
from xlperf.xlsx.exact_openpyxl import load_partial
from xlperf.xlsx.formula import cached_of
from xlperf.xlsx.package import sheet_frame as frame
from xlperf.xlsx.package.calc_chain import forget_formulas
from xlperf.xlsx.package.copy_sheet import SheetCopier, set_names
from xlperf.xlsx.package.drawings import draw_lacking
from xlperf.xlsx.package.notes import noted_by, notes_on
from xlperf.xlsx.package.opc import Workbook, child, children, tree, written
from xlperf.xlsx.package.open import open_package, refuse_damaged
from xlperf.xlsx.package.partial import build_partial
from xlperf.xlsx.package.pivots import refresh_pivots
from xlperf.xlsx.package.replace_rows import Renewal, renew
from xlperf.xlsx.package.sheet_xml import Edit, Place, Row, SheetXml, with_rows
from xlperf.xlsx.package.write_notes import carry_notes
from xlperf.xlsx.package.xml_diff import adopted
from xlperf.xlsx.package.zip_members import Parts
from xlperf.xlsx.sheet_state import SheetState, to_write

AREA_NAME = "_xlperf"  # a hidden name of each sheet that a run writes: the cells that the next run may replace
LookedAt = Callable[[Sheet], int | None]  # how many rows of a sheet's cells are needed: 0 for all, None for none
Change = Callable[[OpenWorkbook], object]  # writes into a workbook of openpyxl
_TAB_COLOUR = "6FA287"
_PRINTED = "_xlnm.Print_Area"
_UP_TO_ROW = re.compile(r"\d+$")


class WorkbookUpdate:
    """An update of a workbook.

    Write into ``workbook`` as into any workbook of openpyxl, then ask for the ``merged`` file.

    Parameters
    ----------
    source : the user's workbook
    looked_at : returns how many rows of cells a sheet of the layout needs: 0 for all, None for none at all

    Raises
    ------
    CannotSave
        Where the file cannot be changed without harm, with the problem in words.
    """

    def __init__(self, source: str | Path, looked_at: Callable[[Sheet], int | None]) -> None:
        self._source = source
        with refuse_damaged(source):
            self._open(looked_at)

    def _open(self, looked_at: Callable[[Sheet], int | None]) -> None:
        self.book = open_package(self._source)
        rows = {}
        for entry in self.book.sheets:
            sheet = sheet_titled(entry.title)
            wanted = looked_at(sheet) if sheet is not None else 0 if entry.title == "Words" else None
            if wanted is not None and entry.kind == "worksheet":
                rows[entry.title] = wanted
        self.workbook = load_partial(build_partial(self.book, rows, home.NAMES))
        for title, last in rows.items():
            for ref in noted_by(self.book, self.book.sheet(title).part, AUTHOR) if last else ():
                self.workbook[title][ref].comment = Comment("", AUTHOR)
        self._old = {ws.title: ws for ws in self.workbook.worksheets}
        self._lists = {title: _lists_on(ws) for title, ws in self._old.items()}
        self._before = {title: SheetState.of(self._old[title]) for title, last in rows.items() if last == 0}

    def merged(self) -> bytes:
        """Return the user's workbook with what was changed."""
        with refuse_damaged(self._source):
            return self._merged()

    def _merged(self) -> bytes:
        made = Workbook(Parts.read(packed(self.workbook, without_columns=True)))
        self.copier = SheetCopier(self.book, made)
        results = cached_of(self.workbook)
        changed = set()
        for position, ws in enumerate(self.workbook.worksheets):
            old = self._old.get(ws.title)
            if old is None:
                self._copy_sheet(ws, position)
            elif old is not ws:
                self._renew(ws)
            else:
                self._draw(ws)
                self._offer(ws)
                if ws.title not in self._before or not self._patch(ws, results.get(ws.title, {})):
                    continue
            changed.add(ws.title)
        self.copier.finish()
        self._open_at_results()
        forget_formulas(self.book, {title: results.get(title, {}) for title in changed})
        refresh_pivots(self.book, changed)
        return self.book.parts.packed()

    # Sheets that are new --------------------------------------------------------------------------------------------

    def _copy_sheet(self, ws: Worksheet, position: int) -> None:
        rows = self._rows(ws)
        part = self.copier.copy_sheet(ws.title, position, ws.sheet_state)
        if rows:
            self.book.parts[part] = with_rows(self.book.parts[part], rows)
        self.book.parts[part] = self.book.parts[part].replace(b' tabSelected="1"', b"", 1)
        self._name_cells(ws)

    def _rows(self, ws: Worksheet) -> list[Row]:
        """Return the rows of a sheet that was written by columns."""
        return ws.written_rows(self.copier.style) if isinstance(ws, ColumnSheet) else []

    def _name_cells(self, ws: Worksheet, keep: bool = False) -> None:
        """Give a sheet its names: what is printed on every page, and which cells are a run's."""
        names = {AREA_NAME: (f"{quote_sheetname(ws.title)}!{absolute_coordinate(ws.calculate_dimension())}", True)}
        made, old = _names_of(self.copier.made, ws.title), _names_of(self.book, ws.title)
        for name, address in made.items():
            if not keep or (name == _PRINTED and _UP_TO_ROW.sub("", old.get(name, "")) == _UP_TO_ROW.sub("", address)):
                names[name] = (address, False)  # a print area that HR has not changed follows the rows
        set_names(self.book, ws.title, names)

    def _open_at_results(self) -> None:
        """Let a workbook that opens at Home, as templates do, open at the results once there are any."""
        views = child(self.book.root, "bookViews")
        view = child(views, "workbookView") if views is not None else None
        sheets, active = self.book.sheets, int(view.get("activeTab", "0")) if view is not None else 0
        target = self.workbook.active.title if self.workbook.active is not None else ""
        if view is None or active >= len(sheets) or target in self._old:
            return
        if sheet_titled(sheets[active].title) is not SHEETS["settings"]:
            return
        titles = [each.title for each in sheets]
        if target not in titles or sheets[active].is_module:
            return
        for title, selected in ((sheets[active].title, False), (target, True)):
            _select(self.book, self.book.sheet(title).part, selected)
        view.set("activeTab", str(titles.index(target)))
        self.book.store()

    # Sheets that an earlier run wrote -------------------------------------------------------------------------------

    def _renew(self, ws: Worksheet) -> None:
        sheet = sheet_titled(ws.title)
        if self.book.sheet(ws.title).is_module:
            raise CannotSave(Problem("sheet-not-ours", ws.title))
        arrangement = arrangement_of(ws)
        area = self._written_before(ws.title)
        shared = sheet is not None and any(column.computed for column in sheet)  # by HR and the runs
        ours = arrangement is not None or area is not None or shared or self._has_our_colour(ws.title)
        if sheet is None or not ours:
            raise CannotSave(Problem("sheet-not-ours", ws.title))
        columns = frozenset(range(1, ws.max_column + 1))
        if arrangement is not None:
            numbers = frozenset(arrangement.numbers.values())
            keys = [arrangement.numbers[code] for code in sheet.key if code in arrangement.numbers]
            renewal = Renewal(
                ws.title, arrangement.heading_row, numbers, tuple(keys or sorted(numbers)), own_formats=own_formats()
            )
        else:
            renewal = Renewal(ws.title, 0, columns, (), area or self._extent(ws.title), own_formats())
        renew(self.copier, renewal, self._rows(ws))
        if renewal.heading_row:
            self._note_new_headings(renewal)
        self._name_cells(ws, keep=True)

    def _note_new_headings(self, renewal: Renewal) -> None:
        """Note on the headings of columns that are new whose they are: the next run knows its own columns by it."""
        part, made_part = self.book.sheet(renewal.title).part, self.copier.made.sheet(renewal.title).part
        before = notes_on(self.book, part)
        if AUTHOR not in (author for author, _ in before.values()):
            return  # where HR has removed the notes, columns are known by their headings
        made = {Place.of(ref): note for ref, note in notes_on(self.copier.made, made_part).items()}
        ours = {
            at.ref: note for at, note in made.items() if at.row == renewal.heading_row and at.column in renewal.columns
        }
        if new := {ref: note for ref, note in ours.items() if ref not in before}:
            xml = SheetXml(self.book.parts[part])
            root = xml.frame
            carry_notes(self.copier, root, part, made_part, {}, new)
            xml.frame = root
            self.book.parts[part] = xml.written()

    def _written_before(self, title: str) -> tuple[int, int, int, int] | None:
        """Return the cells that the run before wrote on a sheet, as a name of the sheet remembers them."""
        address = _names_of(self.book, title).get(AREA_NAME, "#REF!")
        return frame.bounds(address.rpartition("!")[2]) if "#REF!" not in address else None

    def _extent(self, title: str) -> tuple[int, int, int, int]:
        return SheetXml(self.book.parts[self.book.sheet(title).part]).extent() or (1, 1, 1, 1)

    def _has_our_colour(self, title: str) -> bool:
        head = SheetXml(self.book.parts[self.book.sheet(title).part]).frame
        properties = child(head, "sheetPr")
        colour = child(properties, "tabColor") if properties is not None else None
        return colour is not None and colour.get("rgb", "").endswith(_TAB_COLOUR)

    # Sheets that are changed here and there -------------------------------------------------------------------------

    def _patch(self, ws: Worksheet, results: Mapping[str, object]) -> bool:
        """Carry over the cells of a sheet that have changed, with the reach of its tables; return whether any have."""
        before, after = self._before[ws.title], SheetState.of(ws)
        if before == after:
            return False
        part = self.book.sheet(ws.title).part
        xml = SheetXml(self.book.parts[part])
        edits = {}
        for place in dict.fromkeys((*after.cells, *before.cells)):
            was, now = before.cells.get(place), after.cells.get(place)
            if was != now:
                ref = f"{get_column_letter(place[1])}{place[0]}"
                restyled = now is not None and (was is None or was.style != now.style)
                style = self.copier.style(ws.cell(*place).style_id) if restyled else None
                filled = was is None or now is None or was.value != now.value
                edits[ref] = Edit(to_write(now, results.get(ref)), style, filled)
        xml.edit(edits, self.book.mac_dates)
        root = xml.frame
        for ref in sorted({*before.links, *after.links}):
            if before.links.get(ref) != after.links.get(ref):
                frame.link_cell(root, ref, after.links.get(ref))
        self._stretch(ws, root, before, after, part)
        made = SheetXml(self.copier.made.parts[self.copier.made.sheet(ws.title).part]).frame
        frame.set_widths(
            root, child(made, "cols"), {place[1] for place in after.cells} - {place[1] for place in before.cells}
        )
        if before.merged != after.merged:
            _merge(root, after.merged)
        frame.update_dimension(root, xml.extent() if edits else None)
        xml.frame = root
        self.book.parts[part] = xml.written()
        return True

    def _draw(self, ws: Worksheet) -> None:
        """Add the charts of a sheet that otherwise stays; those that show the same cells already stay."""
        charts: Any = getattr(ws, "_charts")  # noqa: B009 - openpyxl has no public name for them
        if not charts:
            return
        part, made_part = self.book.sheet(ws.title).part, self.copier.made.sheet(ws.title).part
        xml = SheetXml(self.book.parts[part])
        root = xml.frame
        if draw_lacking(self.copier, root, part, made_part):
            xml.frame = root
            self.book.parts[part] = xml.written()

    def _offer(self, ws: Worksheet) -> None:
        """Add the lists to choose from that are new on a sheet that otherwise stays."""
        new = _lists_on(ws) - self._lists[ws.title]
        if not new:
            return
        part, made_part = self.book.sheet(ws.title).part, self.copier.made.sheet(ws.title).part
        xml = SheetXml(self.book.parts[part])
        root, made = xml.frame, SheetXml(self.copier.made.parts[made_part]).frame
        lists = frame.ensure_list(root, "dataValidations")
        for each in children(child(made, "dataValidations"), "dataValidation"):
            source = child(each, "formula1")
            if (each.get("sqref"), source.text if source is not None else None) in new:
                lists.append(adopted(lists, each))
        frame.update_count(lists)
        xml.frame = root
        self.book.parts[part] = xml.written()

    def _stretch(self, ws: Worksheet, root: Any, before: SheetState, after: SheetState, part: str) -> None:
        """Let tables reach as far as they do now, and lists and conditional formats with them."""
        for name, ref in after.tables.items():
            if ref == before.tables.get(name):
                continue
            table: Any = ws.tables[name]
            totals = int(table.totalsRowCount or 0)
            old, new = frame.bounds(before.tables[name]), frame.bounds(ref)
            frame.stretch(root, old[3] - totals, new[3] - totals)
            for source in self.book.linked(part, "table"):
                element = tree(self.book.parts[source])
                if element.get("displayName") == name:
                    _reach(element, table)
                    self.book.parts[source] = written(element)


def _names_of(book: Workbook, title: str) -> dict[str, str]:
    """Return the names of a sheet, with what they stand for."""
    number = str(next(at for at, each in enumerate(book.sheets) if each.title == title))
    listed = child(book.root, "definedNames")
    found = children(listed, "definedName") if listed is not None else []
    return {each.get("name"): each.text or "" for each in found if each.get("localSheetId") == number}


def _lists_on(ws: Worksheet) -> set[tuple[str, str | None]]:
    """Return the cells and the source of each list to choose from on a sheet."""
    return {(str(each.sqref), each.formula1) for each in ws.data_validations.dataValidation}


def _merge(root: Any, merged: Iterable[str]) -> None:
    listed = frame.ensure_list(root, "mergeCells")
    for each in list(listed):
        listed.remove(each)
    listed.extend(frame.new_element(root, "mergeCell", ref=ref) for ref in sorted(merged, key=frame.bounds))
    frame.update_count(listed)


def _reach(element: Any, table: Any) -> None:
    """Give a table its new reach and its new columns."""
    element.set("ref", table.ref)
    filtered = child(element, "autoFilter")
    if filtered is not None and table.autoFilter is not None:
        filtered.set("ref", table.autoFilter.ref)
    columns = child(element, "tableColumns")
    known = children(columns, "tableColumn")
    highest = max((int(each.get("id", "0")) for each in known), default=0)
    for number, column in enumerate(table.tableColumns[len(known) :], start=1):
        columns.append(frame.new_element(element, "tableColumn", id=str(highest + number), name=column.name))
    columns.set("count", str(len(children(columns, "tableColumn"))))


def _select(book: Workbook, part: str, selected: bool) -> None:
    """Mark a sheet as selected or not; Excel would type into all that are."""
    xml = SheetXml(book.parts[part])
    root = xml.frame
    views = child(root, "sheetViews")
    for view in children(views, "sheetView") if views is not None else ():
        if selected:
            view.set("tabSelected", "1")
        else:
            view.attrib.pop("tabSelected", None)
    xml.frame = root
    book.parts[part] = xml.written()


def looked_at_in_full(*codes: str, beside: Iterable[str] | None = None) -> LookedAt:
    """Return a ``looked_at`` for :class:`WorkbookUpdate`: some sheets in full, and the headings of others.

    The others are those that are named ``beside``, or else the tables of results.

    >>> from xlperf.schema import SHEETS
    >>> look = looked_at_in_full("settings")
    >>> look(SHEETS["settings"]), look(SHEETS["results"]), look(SHEETS["clients"])
    (0, 60, None)
    >>> look = looked_at_in_full("settings", beside=["employees"])
    >>> look(SHEETS["settings"]), look(SHEETS["employees"]), look(SHEETS["results"])
    (0, 60, None)
    """
    headings = {each.code for each in sheets_of("output")} - {*VIEWS} if beside is None else {*beside}
    return lambda sheet: 0 if sheet.code in codes else ROWS_SEARCHED if sheet.code in headings else None
