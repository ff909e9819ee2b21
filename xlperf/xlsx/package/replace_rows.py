"""Puts the new rows of an output sheet in place of the old ones, and keeps what HR staff have done to the sheet."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from html import unescape
from typing import Any

from openpyxl.formula.translate import Translator
from openpyxl.utils import column_index_from_string

from xlperf.xlsx.package import sheet_frame as frame
from xlperf.xlsx.package.cell_xml import content, text_xml
from xlperf.xlsx.package.charts import redraw
from xlperf.xlsx.package.copy_sheet import SheetCopier
from xlperf.xlsx.package.kept_formats import KeptFormats, OwnFormats
from xlperf.xlsx.package.notes import move_notes, rows_with_notes
from xlperf.xlsx.package.opc import Workbook, child, children, tree, written
from xlperf.xlsx.package.partial import shared_strings
from xlperf.xlsx.package.sheet_xml import Cell, Place, Row, SheetXml, attributes_of
from xlperf.xlsx.package.validations import renew_rules

_TEXTS = re.compile(r"<(?:[\w.-]+:)?t\b[^>]*?>(.*?)</(?:[\w.-]+:)?t\s*>", re.DOTALL)
_VALUE = re.compile(r"<(?:[\w.-]+:)?v\b[^>]*?>(.*?)</(?:[\w.-]+:)?v\s*>", re.DOTALL)
_LOOKS = re.compile(r'<c r="([A-Z]{1,3})[0-9]+"(?: s="([0-9]+)")?(?: t="[a-zA-Z]+")?/?>')  # column and format of a cell
_KEPT_OF_ROW = ("hidden", "outlineLevel", "collapsed")


@dataclass(frozen=True)
class Renewal:
    """What is to be renewed on a sheet.

    ``heading_row`` is 0 for a page without a table, where every cell has its place; ``columns`` are the numbers of the
    columns that a run writes, ``keys`` those that identify a record, ``area`` what the run before wrote on a page
    (left, top, right, bottom), ``own_formats`` those that a run gives to cells.
    """

    title: str
    heading_row: int
    columns: frozenset[int]
    keys: tuple[int, ...]
    area: tuple[int, int, int, int] = (1, 1, 0, 0)
    own_formats: OwnFormats = OwnFormats()


def renew(copier: SheetCopier, renewal: Renewal, rows: Iterable[Row]) -> None:
    """Renew a sheet that an earlier run wrote; its part stays, with everything on it that is not a run's.

    ``rows`` are its new rows; what stands around them is in the workbook that is copied from.
    """
    (_Table if renewal.heading_row else _Page)(copier, renewal, rows).renew()


class _Sheet:
    """A sheet as it is, and as a run has just written it."""

    def __init__(self, copier: SheetCopier, renewal: Renewal, rows: Iterable[Row]) -> None:
        self.copier, self.renewal, self.book = copier, renewal, copier.book
        self.part = self.book.sheet(renewal.title).part
        self.made_part = copier.made.sheet(renewal.title).part
        self.old = SheetXml(self.book.parts[self.part])
        self.new = SheetXml(copier.adapt_part(self.made_part, only_cells=True))
        self.new.rows = {row.number: row for row in rows}
        self.frame, self.new_frame = self.old.frame, self.new.frame
        self.kept_formats = KeptFormats(copier.styles, renewal.own_formats, bold=not renewal.heading_row)
        self.rows_moved: dict[int, int] = {}

    def renew(self) -> None:
        """Put the new cells in place of the old ones, and let what depends on them follow."""
        self.old.release_shared()
        self.renew_cells()
        self.renew_links()
        frame.set_widths(self.frame, child(self.new_frame, "cols"), self.renewal.columns)
        frame.update_dimension(self.frame, self.old.extent(), child(self.new_frame, "dimension"))
        for each in self.copier.made.linked(self.made_part, "table"):
            new = tree(self.copier.made.parts[each])
            left, top, _, _ = frame.bounds(new.get("ref"))
            if old := _table_at(self.book, self.part, Place(top, left)):
                self.renew_table(old, new)
        self.old.frame = self.frame
        self.book.parts[self.part] = self.old.written()
        move_notes(self.book, self.part, self.rows_moved)
        redraw(self.copier, self.part, self.made_part)

    def renew_cells(self) -> None:
        """Put the new cells in place of the old ones."""
        raise AssertionError

    def only_ours(self, old: Collection[Row], new: Collection[Row]) -> bool:
        """Whether rows of the old sheet hold nothing but what a run wrote: no other cell or format, no hidden row.

        Asked of the XML as it stands, since most sheets are like that and have many cells.
        """
        if self.old.p or any(row.cells is not None for row in old):
            return False
        if any(name in row.attributes for row in old for name in _KEPT_OF_ROW):
            return False
        looks, ours = _looks(old), _looks(new)
        if looks is None or ours is None:
            return False
        if not all(column_index_from_string(letters) in self.renewal.columns for letters in {*looks, *ours}):
            return False  # HR has a column between ours
        return not any(
            self.kept_formats.own_pieces(number, ours.get(letters, ()))
            for letters, numbers in looks.items()
            for number in numbers
        )

    def is_ours(self, ref: str) -> bool:
        """Whether a cell of the old sheet was written by a run."""
        raise AssertionError

    def renew_links(self) -> None:
        """Put the links of the new cells in place of those of the old ones; HR's move with their rows."""
        links = frame.ensure_list(self.frame, "hyperlinks")
        for each in children(links, "hyperlink"):
            ref = each.get("ref", "").partition(":")[0]
            if self.is_ours(ref):
                links.remove(each)
            elif (place := Place.of(ref)).row in self.rows_moved:
                each.set("ref", Place(self.rows_moved[place.row], place.column).ref)
        found = child(self.new_frame, "hyperlinks")
        for each in children(found, "hyperlink") if found is not None else ():
            if Place.of(each.get("ref")).column in self.renewal.columns:
                links.append(frame.new_element(self.frame, "hyperlink", **dict(each.attrib)))
        frame.update_count(links)

    def renew_table(self, part: str, new: Any) -> None:
        """Let an Excel table reach over the new rows and columns; its name, its filter and its style stay."""
        table = tree(self.book.parts[part])
        left, top, right, _ = frame.bounds(table.get("ref"))
        _, _, new_right, new_bottom = frame.bounds(new.get("ref"))
        totals = int(table.get("totalsRowCount", "0"))
        others = [tree(self.book.parts[each]) for each in self.book.linked(self.part, "table") if each != part]
        if not any(right < frame.bounds(each.get("ref"))[0] <= new_right for each in others):
            right = max(right, new_right)  # two tables may not overlap
        table.set("ref", frame.address(left, top, right, new_bottom + totals))
        filtered = child(table, "autoFilter")
        if filtered is not None:
            filtered.set("ref", frame.address(left, top, right, new_bottom))
        columns = child(table, "tableColumns")
        listed = children(columns, "tableColumn")
        for number in range(left + len(listed), right + 1):
            fresh = max(int(each.get("id", "0")) for each in listed) + number - left - len(listed) + 1
            name = self.text(self.old.find(Place(top, number)))
            if not name:  # Excel takes a table without a heading for damaged
                name = f"{number}"
                self.old.cell(Place(top, number)).fill(content(name, self.old.p))
            columns.append(frame.new_element(table, "tableColumn", id=str(fresh), name=name))
        for number, column in enumerate(children(columns, "tableColumn"), start=left):
            if number in self.renewal.columns and (heading := self.text(self.old.find(Place(top, number)))):
                column.set("name", heading)
        columns.set("count", str(len(children(columns, "tableColumn"))))
        self.book.parts[part] = written(table)

    def text(self, cell: Cell | None) -> str:
        """Return what a cell shows, however its writer has spelled the characters."""
        return unescape(self._spelled(cell)).strip() if cell is not None else ""

    def _spelled(self, cell: Cell) -> str:
        if cell.attributes.get("t") == "inlineStr":
            return "".join(_TEXTS.findall(cell.inner))
        found = _VALUE.search(cell.inner)
        if cell.attributes.get("t") == "s" and found and int(found[1]) < len(self.strings):
            return "".join(_TEXTS.findall(self.strings[int(found[1])].decode()))
        return found[1] if found else ""

    @cached_property
    def strings(self) -> list[bytes]:
        """The strings that cells of the workbook share."""
        return shared_strings(self.book)

    def prefixed(self, cell: Cell) -> Cell:
        """Return a new cell with the prefix that the old part gives to its elements."""
        inner = re.sub(r"<(/?)(?=[a-zA-Z])", rf"<\1{self.old.p}", cell.inner) if self.old.p else cell.inner
        return Cell(dict(cell.attributes), inner)

    def column_formats(
        self, old: Mapping[int, Row], new: Mapping[int, Row]
    ) -> dict[int, Callable[[int, int | None], int]]:
        """Return for each column the function that gives its cells their formats."""
        olds, news = _styles(old), _styles(new)
        return {column: self.kept_formats.column(olds[column], news[column]) for column in self.renewal.columns}


class _Table(_Sheet):
    """A table: HR's own cells go with the record that they stand beside."""

    def renew_cells(self) -> None:
        top = self.renewal.heading_row
        last = self._last_row()
        new_last = self._end_of_table(self.copier.made, self.made_part) or max(self.new.rows)
        new = {number: row for number, row in self.new.rows.items() if top < number <= new_last}
        old = {number: row for number, row in self.old.rows.items() if top < number <= last}
        below = {number: row for number, row in self.old.rows.items() if number > last}
        for number in (*old, *below):
            del self.old.rows[number]
        self.body = range(top + 1, last + 1)
        self._add_headings(top)
        if (
            not below
            and self.only_ours(old.values(), new.values())
            and not self._links_beside()
            and not rows_with_notes(self.book, self.part) - {top}
        ):
            self.old.rows |= new
        else:
            self._merge_records(old, new, below, new_last)
        frame.stretch(self.frame, last, new_last)

    def _merge_records(self, old: dict[int, Row], new: dict[int, Row], below: dict[int, Row], new_last: int) -> None:
        """Put the new records where HR's cells go with them, in the formats that HR gave to the old ones."""
        ours, last = self.renewal.columns, self.body.stop - 1
        came_from = self._came_from(
            {**old, **{number: row for number, row in below.items() if self._is_note(row)}}, new
        )
        format_of, goes_on = self.column_formats(old, new), self._own_columns(old)
        for number, row in new.items():
            source = came_from.get(number)
            there = old[source] if source in old else below.pop(source) if source is not None else None
            cells = {column: self.prefixed(cell) for column, cell in row.opened().items() if column in ours}
            for column, cell in cells.items():
                cell.set_style(format_of[column](cell.style, source))
            if there is not None:
                own = {column: cell for column, cell in there.opened().items() if column not in ours}
                cells |= {column: self._moved(cell, number) for column, cell in own.items()}
                self.rows_moved[there.number] = number
            else:
                cells |= {column: made for column, make in goes_on.items() if (made := make(number)) is not None}
            self.old.rows[number] = Row(number, _attributes(row, there), "", cells)
        end = self._keep_notes({number: row for number, row in old.items() if number not in self.rows_moved}, new_last)
        by = max(end - last, 0)
        for number, row in below.items():
            self.rows_moved[number] = number + by
            cells = {column: self._placed(cell, number + by) for column, cell in row.opened().items()}
            self.old.rows[number + by] = Row(number + by, row.attributes, "", cells)

    def _links_beside(self) -> bool:
        """Whether HR's links stand beside the records: one may stand where there is no cell."""
        links = child(self.frame, "hyperlinks")
        places = [Place.of(each.get("ref", "").partition(":")[0]) for each in (links if links is not None else ())]
        return any(place.row in self.body and place.column not in self.renewal.columns for place in places)

    def is_ours(self, ref: str) -> bool:
        place = Place.of(ref)
        return place.row in self.body and place.column in self.renewal.columns

    def _last_row(self) -> int:
        """Return the last row of the table: where the Excel table ends, or where the records end."""
        top = self.renewal.heading_row
        if (last := self._end_of_table(self.book, self.part)) is not None:
            return last
        last = top
        while (row := self.old.rows.get(last + 1)) is not None and any(self._key(row)):
            last += 1
        return last

    def _end_of_table(self, book: Workbook, part: str) -> int | None:
        """Return the last row of the Excel table in a workbook; its row of totals does not count."""
        found = _table_at(book, part, Place(self.renewal.heading_row, min(self.renewal.columns)))
        if found is None:
            return None
        table = tree(book.parts[found])
        return frame.bounds(table.get("ref"))[3] - int(table.get("totalsRowCount", "0"))

    def _came_from(self, old: Mapping[int, Row], new: Mapping[int, Row]) -> dict[int, int]:
        """Return the old row of each new record; of records that are alike the first goes with the first."""
        waiting: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for number, row in sorted(old.items()):
            waiting[self._key(row)].append(number)
        found = {}
        for number, row in sorted(new.items()):
            key = self._key(row)
            if any(key) and waiting.get(key):
                found[number] = waiting[key].pop(0)
        return found

    def _key(self, row: Row) -> tuple[str, ...]:
        cells = row.opened()
        return tuple(self.text(cells.get(column)) for column in self.renewal.keys)

    def _is_note(self, row: Row) -> bool:
        """Whether a row below the table holds nothing of ours but a key: what was kept of a record that was gone."""
        ours = {column for column, cell in row.opened().items() if cell.inner and column in self.renewal.columns}
        return bool(ours) and ours <= set(self.renewal.keys)

    def _add_headings(self, top: int) -> None:
        """Write the headings that are new, or in another language now; those of HR's wording are the same in both."""
        there = self.old.rows.setdefault(top, Row(top, f' r="{top}"', "")).opened()
        for column, cell in self.new.rows[top].opened().items():
            if column in self.renewal.columns:
                new = self.prefixed(cell)
                if column in there and self.text(there[column]) != self.text(new):
                    new.set_style(there[column].style)
                if column not in there or self.text(there[column]) != self.text(new):
                    there[column] = new

    def _own_columns(self, old: Mapping[int, Row]) -> dict[int, Callable[[int], Cell | None]]:
        """Return how HR's own columns go on beside new records: their look, and their formula if every row has one."""
        columns = {column for row in old.values() for column in row.opened()} - self.renewal.columns
        return {column: self._going_on(column, old) for column in sorted(columns)}

    def _going_on(self, column: int, old: Mapping[int, Row]) -> Callable[[int], Cell | None]:
        cells = [row.opened().get(column) for row in old.values()]
        model = next(cell for cell in cells if cell is not None)
        model = Cell(dict(model.attributes), model.inner)
        calculated = all(cell is not None and cell.formula for cell in cells)

        def cell(number: int) -> Cell | None:
            if not calculated and not model.style:
                return None
            made = Cell({"r": Place(number, column).ref, "s": str(model.style)})
            if calculated:
                made.inner = f"<{self.old.p}f>{_translated(model, number)}</{self.old.p}f>"
            return made

        return cell

    def _keep_notes(self, gone: Mapping[int, Row], last: int) -> int:
        """Keep what HR noted beside records that are gone, below the table with their key; return the last row."""
        place, noted = last + 1, rows_with_notes(self.book, self.part)
        for number, row in sorted(gone.items()):
            cells = row.opened()
            kept = {column for column, cell in cells.items() if column not in self.renewal.columns and cell.inner}
            if any(cells[column].formula is None for column in kept) or number in noted:
                place += 1
                kept |= {column for column in self.renewal.keys if column in cells}
                self.rows_moved[number] = place
                moved = {column: self._moved(cells[column], place) for column in sorted(kept)}
                self.old.rows[place] = Row(place, f' r="{place}"', "", moved)
        return place if place > last + 1 else last

    @staticmethod
    def _moved(cell: Cell, row: int) -> Cell:
        """Return a cell in another row; its formula refers to that row from there."""
        if (formula := cell.formula) is not None and formula[2]:
            start, end = formula.span(2)
            cell.inner = f"{cell.inner[:start]}{_translated(cell, row)}{cell.inner[end:]}"
        return _Table._placed(cell, row)

    @staticmethod
    def _placed(cell: Cell, row: int) -> Cell:
        """Return a cell in another row, as if it had been cut and pasted there."""
        cell.attributes["r"] = Place(row, Place.of(cell.attributes["r"]).column).ref
        return cell


class _Page(_Sheet):
    """A page: every cell has its place, and what stands beside or below what a run wrote is HR's."""

    def renew_cells(self) -> None:
        if self._is_all_ours():
            for number in self.old.rows.keys() - self.new.rows.keys():
                self.old.rows[number].raw = ""
            self.old.rows |= self.new.rows
        else:
            self._merge_cells()
        self._renew_merged()
        renew_rules(self.copier, self.frame, self.new_frame, self.renewal.area)

    def _is_all_ours(self) -> bool:
        """Whether nobody but a run wrote on the page."""
        extent = self.old.extent()
        left, top, right, bottom = self.renewal.area
        inside = extent is None or (
            left <= extent[0] and top <= extent[1] and extent[2] <= right and extent[3] <= bottom
        )
        return inside and self.only_ours(self.old.rows.values(), self.new.rows.values())

    def _merge_cells(self) -> None:
        old = {
            number: Row(
                number, row.attributes, "", {c: cell for c, cell in row.opened().items() if self._inside(number, c)}
            )
            for number, row in self.old.rows.items()
        }
        format_of = self.column_formats(old, self.new.rows)
        for number, row in old.items():
            for column in row.opened():
                del self.old.rows[number].opened()[column]
        for number, row in self.new.rows.items():
            there = self.old.rows.setdefault(number, Row(number, row.attributes, "", {}))
            cells = there.opened()
            for column, cell in row.opened().items():
                cells[column] = made = self.prefixed(cell)
                made.set_style(format_of[column](cell.style, number))
            there.attributes = _attributes(row, there)

    def is_ours(self, ref: str) -> bool:
        return self._inside(*Place.of(ref))

    def _inside(self, row: int, column: int) -> bool:
        left, top, right, bottom = self.renewal.area
        return top <= row <= bottom and left <= column <= right

    def _renew_merged(self) -> None:
        merged = frame.ensure_list(self.frame, "mergeCells")
        for each in children(merged, "mergeCell"):
            if self.is_ours(each.get("ref").partition(":")[0]):
                merged.remove(each)
        found = child(self.new_frame, "mergeCells")
        for each in children(found, "mergeCell") if found is not None else ():
            merged.append(frame.new_element(self.frame, "mergeCell", ref=each.get("ref")))
        frame.update_count(merged)


def _table_at(book: Workbook, part: str, place: Place) -> str | None:
    """Return the part of the Excel table that has a cell among its headings; HR's own may stand beside."""
    for each in book.linked(part, "table"):
        left, top, right, _ = frame.bounds(tree(book.parts[each]).get("ref"))
        if place.row == top and left <= place.column <= right:
            return each
    return None


def _looks(rows: Iterable[Row]) -> dict[str, set[int]] | None:
    """Return the formats in each column, by letters; None where a cell is not written in the usual way."""
    found: set[tuple[str, str]] = set()
    for row in rows:
        cells = _LOOKS.findall(row.raw)
        if len(cells) != row.raw.count("<c"):
            return None
        found.update(cells)
    looks = defaultdict[str, set[int]](set)
    for letters, number in found:
        looks[letters].add(int(number or 0))
    return looks


def _styles(rows: Mapping[int, Row]) -> defaultdict[int, dict[int, int]]:
    """Return the formats of the cells by column and row."""
    found = defaultdict[int, dict[int, int]](dict)
    for number, row in rows.items():
        for column, cell in row.opened().items():
            found[column][number] = cell.style
    return found


def _attributes(row: Row, there: Row | None) -> str:
    """Return the height of a new row, hidden and grouped as the record was before."""
    kept = attributes_of(there.attributes) if there is not None else {}
    new = attributes_of(row.attributes)
    shown = {name: value for name, value in new.items() if name in ("r", "ht", "customHeight")}
    shown |= {name: value for name, value in kept.items() if name in _KEPT_OF_ROW}
    return "".join(f' {name}="{value}"' for name, value in shown.items())


def _translated(cell: Cell, row: int) -> str:
    """Return the formula of a cell as it reads in another row of the same column."""
    formula, place = cell.formula, Place.of(cell.attributes["r"])
    assert formula is not None
    text = unescape(formula[2] or "")
    return text_xml(Translator(f"={text}", place.ref).translate_formula(Place(row, place.column).ref)[1:])
