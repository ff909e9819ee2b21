"""Excel tables: where they stand, what they are called and how they look."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from openpyxl.workbook import Workbook
from openpyxl.worksheet import table as openpyxl_table
from openpyxl.worksheet.filters import AutoFilter
from openpyxl.worksheet.table import TableStyleInfo
from xlwings import base_classes

from xlperf.xlwings_engine.addresses import Place, read_place
from xlperf.xlwings_engine.cells import cell_at
from xlperf.xlwings_engine.insert_delete import new_column
from xlperf.xlwings_engine.interfaces import BookOwner, SheetOwner
from xlperf.xlwings_engine.limits import check_name
from xlperf.xlwings_engine.names import names_of_tables
from xlperf.xlwings_engine.ranges import Range
from xlperf.xlwings_engine.references import rename_columns, rename_table, written_heading
from xlperf.xlwings_engine.stored_values import StoredValues
from xlperf.xlwings_engine.values import as_text, assign_value

_TOTALS = {  # the functions of a row of totals, and their numbers for SUBTOTAL
    "average": 101, "countNums": 102, "count": 103, "max": 104, "min": 105, "stdDev": 107, "sum": 109, "var": 110,
}  # fmt: skip
_PART = re.compile(r"([^\[\]]+)(?:\[(?:(#All|#Headers|#Data)|([^\[\]#]+))\])?")


class Tables(base_classes.Tables):
    """The tables of a sheet, in the order they were made."""

    def __init__(self, sheet: SheetOwner) -> None:
        self._parent = sheet

    @property
    def parent(self) -> SheetOwner:
        """The sheet that they stand on."""
        return self._parent

    @property
    def api(self) -> Any:
        """The tables as openpyxl keeps them."""
        return self.parent.worksheet.tables

    def _known(self) -> list[Table]:
        return [Table(self.parent, each) for each in self.api.values()]

    def __call__(self, key: int | str) -> Table:
        """Return a table by its place, from 1, or its name."""
        known = self._known()
        if isinstance(key, int):
            if not 1 <= key <= len(known):
                raise KeyError(key)
            return known[key - 1]
        for each in known:
            if each.name.lower() == key.lower():
                return each
        raise KeyError(key)

    def __len__(self) -> int:
        return len(self.api)

    def __iter__(self) -> Iterator[Table]:
        return iter(self._known())

    def __contains__(self, key: object) -> bool:
        return any(each.name.lower() == str(key).lower() for each in self._known())

    def add(
        self,
        source_type: Any = None,
        source: Any = None,
        link_source: Any = None,
        has_headers: bool | None = None,
        destination: Any = None,
        table_style_name: str | None = None,
        name: str | None = None,
    ) -> Table:
        """Make cells a table; without headings of its own it gets a row of them above, as in Excel."""
        cells: Range = source.impl
        sheet = cells.sheet
        place = cells.current_region.place if cells.shape == (1, 1) else cells.place
        if has_headers is False:
            raise NotImplementedError(
                "a table without headings: write headings above the data, and hide them with show_headers"
            )
        for each in sheet.worksheet.tables.values():
            if _place(each).within(place):
                raise ValueError("A table cannot overlap another table.")
        height = max(place.height, 2)
        taken = _names_in_use(sheet.book.workbook)
        numbered = (f"Table{number}" for number in range(1, len(taken) + 2))
        free = name or next(each for each in numbered if each.casefold() not in taken)
        _check_table_name(sheet.book.workbook, free)
        made: Any = openpyxl_table.Table(
            displayName=free, name=free, ref=_ref(place._replace(bottom=place.top + height - 1))
        )
        made._initialise_columns()
        made.insertRow = True  # until there are data
        made.tableStyleInfo = TableStyleInfo(name=table_style_name, showRowStripes=True)
        sheet.worksheet.add_table(made)
        _settle(sheet.worksheet, made, sheet.book.stored)
        return Table(sheet, made)


class Table(base_classes.Table):
    """One table."""

    def __init__(self, sheet: SheetOwner, table: Any) -> None:
        self._parent, self._table = sheet, table

    @property
    def parent(self) -> SheetOwner:
        """The sheet."""
        return self._parent

    @property
    def api(self) -> Any:
        """The table as openpyxl keeps it."""
        return self._table

    @property
    def name(self) -> str:
        """The name that formulas use."""
        return str(self._table.displayName)

    @name.setter
    def name(self, value: str) -> None:
        if value.casefold() != self.name.casefold():
            _check_table_name(self.parent.book.workbook, value)
        rename_table(self.parent.book.workbook, self.parent.book.stored, self.name, value)
        tables = self.parent.worksheet.tables
        known = dict(tables)
        tables.clear()
        old = self._table.name
        self._table.name = self._table.displayName = value
        tables.update({value if key == old else key: each for key, each in known.items()})

    @property
    def display_name(self) -> str:
        """The name that formulas use."""
        return self.name

    @display_name.setter
    def display_name(self, value: str) -> None:
        self.name = value

    @property
    def place(self) -> Place:
        """Where it stands, headings and totals included."""
        return _place(self._table)

    @property
    def _headings(self) -> int:
        return 1 if self._table.headerRowCount is None else int(self._table.headerRowCount)

    @property
    def _totals(self) -> int:
        return int(self._table.totalsRowCount or 0)

    def _range(self, place: Place) -> Range | None:
        return Range(self.parent, place) if place.height > 0 else None

    @property
    def range(self) -> Range:
        """All of its cells."""
        return Range(self.parent, self.place)

    @property
    def header_row_range(self) -> Range | None:
        """The headings."""
        return self._range(self.place._replace(bottom=self.place.top + self._headings - 1))

    @property
    def data_body_range(self) -> Range | None:
        """The rows between headings and totals."""
        place = self.place
        return self._range(place._replace(top=place.top + self._headings, bottom=place.bottom - self._totals))

    @property
    def totals_row_range(self) -> Range | None:
        """The row of totals."""
        return self._range(self.place._replace(top=self.place.bottom - self._totals + 1))

    @property
    def insert_row_range(self) -> Range | None:
        """The row that waits for the first data; None where there are data."""
        _settle_insert_row(self.parent.worksheet, self._table)
        return self.data_body_range if self._table.insertRow else None

    @property
    def show_headers(self) -> bool:
        """Whether the headings stand above the data; the cells are emptied where they do not."""
        return self._headings > 0

    @show_headers.setter
    def show_headers(self, value: bool) -> None:
        place = self.place
        if bool(value) == self.show_headers:
            return
        if value:
            above = self._free_row(place.top - 1)
            self._table.headerRowCount, self._table.ref = 1, _ref(place._replace(top=above.top))
            for number, column in enumerate(self._table.tableColumns):
                cell = cell_at(self.parent.worksheet, above.top, above.left + number)
                assign_value(cell, as_text([[str(column.name)]])[0][0])
            self._table.autoFilter = AutoFilter(ref=self._table.ref)
            _settle(self.parent.worksheet, self._table, self.parent.book.stored)
        else:
            _settle(self.parent.worksheet, self._table, self.parent.book.stored)
            Range(self.parent, place._replace(bottom=place.top)).clear_contents()
            self._table.headerRowCount, self._table.autoFilter = 0, None
            self._table.ref = _ref(place._replace(top=place.top + 1))

    @property
    def show_totals(self) -> bool:
        """Whether there is a row of totals below the data; it is emptied where it is hidden."""
        return self._totals > 0

    @show_totals.setter
    def show_totals(self, value: bool) -> None:
        place = self.place
        if bool(value) == self.show_totals:
            return
        if value:
            below = self._free_row(place.bottom + 1)
            self._table.totalsRowCount, self._table.ref = 1, _ref(place._replace(bottom=below.bottom))
            self._write_totals(below)
        else:
            Range(self.parent, place._replace(top=place.bottom)).clear_contents()
            self._table.totalsRowCount, self._table.ref = None, _ref(place._replace(bottom=place.bottom - 1))
        self._table.totalsRowShown = bool(value)

    def _free_row(self, number: int) -> Place:
        """Return the cells of a row beside the table, which must be empty."""
        place = self.place._replace(top=number, bottom=number)
        if number < 1 or any(cell.value is not None for cell in Range(self.parent, place).block.existing()):
            raise NotImplementedError(f"row {number} has no room for the row of the table: insert a row there first")
        return place

    def _write_totals(self, row: Place) -> None:
        """Write the totals that the table remembers; else, as Excel does, a word and the total of the last column."""
        columns = self._table.tableColumns
        if not any(each.totalsRowFunction or each.totalsRowLabel for each in columns):
            columns[0].totalsRowLabel = "Total"
            body = self.columns(len(columns)).data_body_range
            values = [value for line in body.raw_value for value in line if value is not None] if body else []
            numbers = all(isinstance(value, float) for value in values)
            columns[-1].totalsRowFunction = "sum" if numbers else "count"
            columns[-1].totalsRowLabel = None
        for number, column in enumerate(columns):
            cell = cell_at(self.parent.worksheet, row.top, row.left + number)
            if column.totalsRowFunction in _TOTALS:
                heading = written_heading(str(column.name))
                cell.value = f"=SUBTOTAL({_TOTALS[column.totalsRowFunction]},{self.name}[{heading}])"
            elif column.totalsRowFormula is not None:
                cell.value = f"={column.totalsRowFormula.attr_text}"
            elif column.totalsRowLabel:
                assign_value(cell, as_text([[column.totalsRowLabel]])[0][0])

    @property
    def columns(self) -> TableColumns:
        """The columns."""
        return TableColumns(self)

    def resize(self, range: Any) -> None:
        """Let the table reach over other cells; its headings stay in their row."""
        place = range.impl.place if hasattr(range, "impl") else range.place
        if place.top != self.place.top:
            raise ValueError("The headings must stay in the same row.")
        _reach(self.parent, self._table, place)

    @property
    def show_autofilter(self) -> bool:
        """Whether the headings have filter buttons."""
        return self._table.autoFilter is not None

    @show_autofilter.setter
    def show_autofilter(self, value: bool) -> None:
        self._table.autoFilter = AutoFilter(ref=self._table.ref) if value else None

    @property
    def table_style(self) -> str | None:
        """The name of its style."""
        return self._style.name  # type: ignore[no-any-return]

    @table_style.setter
    def table_style(self, value: str | None) -> None:
        self._style.name = value

    @property
    def _style(self) -> Any:
        if self._table.tableStyleInfo is None:
            self._table.tableStyleInfo = TableStyleInfo()
        return self._table.tableStyleInfo

    @property
    def show_table_style_row_stripes(self) -> bool:
        """Whether every other row is shaded."""
        return bool(self._style.showRowStripes)

    @show_table_style_row_stripes.setter
    def show_table_style_row_stripes(self, value: bool) -> None:
        self._style.showRowStripes = value

    @property
    def show_table_style_column_stripes(self) -> bool:
        """Whether every other column is shaded."""
        return bool(self._style.showColumnStripes)

    @show_table_style_column_stripes.setter
    def show_table_style_column_stripes(self, value: bool) -> None:
        self._style.showColumnStripes = value

    @property
    def show_table_style_first_column(self) -> bool:
        """Whether the first column stands out."""
        return bool(self._style.showFirstColumn)

    @show_table_style_first_column.setter
    def show_table_style_first_column(self, value: bool) -> None:
        self._style.showFirstColumn = value

    @property
    def show_table_style_last_column(self) -> bool:
        """Whether the last column stands out."""
        return bool(self._style.showLastColumn)

    @show_table_style_last_column.setter
    def show_table_style_last_column(self, value: bool) -> None:
        self._style.showLastColumn = value


class TableColumns(base_classes.TableColumns):
    """The columns of a table."""

    def __init__(self, table: Table) -> None:
        self._parent = table

    @property
    def parent(self) -> Table:
        """The table."""
        return self._parent

    @property
    def api(self) -> Any:
        """The columns as openpyxl keeps them."""
        return self.parent.api.tableColumns

    def _known(self) -> list[TableColumn]:
        _settle(self.parent.parent.worksheet, self.parent.api, self.parent.parent.book.stored)
        return [TableColumn(self.parent, index) for index in range(1, len(self.api) + 1)]

    def __call__(self, key: int | str) -> TableColumn:
        """Return a column by its place, from 1, or its heading."""
        for each in self._known():
            if key in (each.index, each.name):
                return each
        raise KeyError(key)

    def __len__(self) -> int:
        return len(self.api)

    def __iter__(self) -> Iterator[TableColumn]:
        return iter(self._known())

    def __contains__(self, key: object) -> bool:
        return any(key == each.name for each in self._known())


class TableColumn(base_classes.TableColumn):
    """One column of a table."""

    def __init__(self, table: Table, index: int) -> None:
        self.parent, self._index = table, index

    @property
    def index(self) -> int:
        """The place among the columns, from 1."""
        return self._index

    @property
    def api(self) -> Any:
        """The column as openpyxl keeps it."""
        return self.parent.api.tableColumns[self.index - 1]

    @property
    def name(self) -> str:
        """The heading."""
        return str(self.api.name)

    def _within(self, place: Place) -> Place:
        at = place.left + self.index - 1
        return place._replace(left=at, right=at)

    @property
    def range(self) -> Range:
        """Its cells, heading and total included."""
        return Range(self.parent.parent, self._within(self.parent.place))

    @property
    def data_body_range(self) -> Range | None:
        """Its cells between heading and total."""
        body = self.parent.data_body_range
        return Range(self.parent.parent, self._within(body.place)) if body is not None else None


def part_of_table(book: BookOwner, word: str) -> Range | None:
    """Return the cells that a reference such as Sales, Sales[#All] or Sales[Amount] names."""
    found = _PART.fullmatch(word)
    known = [each for sheet in book.sheets for each in sheet.tables if found and each.name.lower() == found[1].lower()]
    if not found or not known:
        return None
    table: Table = known[0]
    if found[3]:
        return table.columns(found[3]).data_body_range
    parts = {"#All": table.range, "#Headers": table.header_row_range}
    return parts.get(found[2], table.data_body_range)


def settle_headings(workbook: Workbook, stored: StoredValues) -> None:
    """Let every table know the headings that stand in its cells: Excel repairs files where they differ."""
    for worksheet in workbook.worksheets:
        for table in worksheet.tables.values():
            _settle_insert_row(worksheet, table)
            _settle(worksheet, table, stored)


def _reach(sheet: SheetOwner, table: Any, place: Place) -> None:
    """Let a table reach over other cells; formulas lose what they refer to in the columns that it leaves."""
    old, columns = _place(table), list(table.tableColumns)
    kept: dict[int, Any] = {old.left + number: each for number, each in enumerate(columns)}
    wanted = range(place.left, place.right + 1)
    names = {str(each.name): str(each.name) if left in wanted else None for left, each in kept.items()}
    rename_columns(sheet.book.workbook, sheet.book.stored, table.displayName, list(names), names)
    known = [name for name in names.values() if name is not None]
    table.tableColumns = []
    for number, left in enumerate(wanted, start=1):
        column = kept.get(left) or new_column(number, known)
        known.append(str(column.name))
        table.tableColumns.append(column)
    table.ref = _ref(place)
    _settle(sheet.worksheet, table, sheet.book.stored)


def _settle(worksheet: Any, table: Any, stored: StoredValues) -> None:
    """Give every column a heading of its own, in the cell and in the table; formulas follow a heading that changes."""
    place = _place(table)
    if table.headerRowCount == 0:
        return
    old = list(table.tableColumns)
    columns = [old[n] if n < len(old) else new_column(n + 1, ()) for n in range(place.width)]
    before = [str(each.name) for each in old]
    taken: set[str] = set()
    for number, column in enumerate(columns):
        cell = worksheet.cell(place.top, place.left + number)
        heading = _free(str(cell.value) if cell.value is not None else f"Column{number + 1}", taken)
        if not isinstance(cell.value, (str, list)) or str(cell.value) != heading:  # rich text is a list of its runs
            assign_value(cell, as_text([[heading]])[0][0])
        column.id, column.name = number + 1, heading
    table.tableColumns = columns
    names: dict[str, str | None] = {was: str(each.name) for was, each in zip(before, columns, strict=False)}
    if any(was != now for was, now in names.items()):
        rename_columns(worksheet.parent, stored, table.displayName, before, names)
    if table.autoFilter is not None:
        table.autoFilter.ref = _ref(place._replace(bottom=place.bottom - int(table.totalsRowCount or 0)))


def _settle_insert_row(worksheet: Any, table: Any) -> None:
    """Only a table of one empty row waits for its first data."""
    if table.insertRow:
        place = _place(table)
        body = place._replace(top=place.top + (1 if table.headerRowCount is None else int(table.headerRowCount)))
        cells = (worksheet._cells.get(at) for at in body.cells()) if body.height == 1 else ()
        if body.height != 1 or any(cell is not None and cell.value is not None for cell in cells):
            table.insertRow = None


def _free(heading: str, taken: set[str]) -> str:
    numbered = (f"{heading}{number}" for number in range(2, len(taken) + 3))
    free = heading if heading.lower() not in taken else next(each for each in numbered if each.lower() not in taken)
    taken.add(free.lower())
    return free


def _check_table_name(workbook: Workbook, name: str) -> None:
    if check_name(name).casefold() in _names_in_use(workbook):
        raise ValueError(f"'{name}' is already the name of a table or of cells")


def _names_in_use(workbook: Workbook) -> set[str]:
    """Return the names of the tables and those that the whole book defines: they must differ, whatever their case."""
    return names_of_tables(workbook) | {each.casefold() for each in workbook.defined_names}


def _place(table: Any) -> Place:
    place = read_place(table.ref)
    assert place is not None
    return place


def _ref(place: Place) -> str:
    return place.address(False, False)
