"""Carries what stands on a sheet of openpyxl to a sheet that is open in Excel: few calls, each for a whole block.

Text never becomes a formula or a number on the way, and what HR staff have added beside our columns stays with its row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from openpyxl.formula.translate import Translator
from openpyxl.utils import get_column_letter, range_boundaries
from openpyxl.worksheet.worksheet import Worksheet
from xlwings.conversion import Accessor, Pipeline
from xlwings.conversion.standard import CleanDataForWriteStage, WriteValueToRangeStage

from xlperf.workbook.write import style
from xlperf.workbook.write.kept_layout import Arrangement
from xlperf.xlwings_engine import as_text

if TYPE_CHECKING:
    import xlwings as xw

Cells = Mapping[tuple[int, int], Any]
_LOOKS_LIKE_MORE = frozenset("0123456789.,'+-=@$¥￥%(")  # how text begins that Excel would take for something else
_TRUTH = frozenset({"TRUE", "FALSE"})


class _ExactlyThere(Accessor):
    """Writes rows into just the cells of a range, in one call; xlwings asks eighty times where they are otherwise."""

    @classmethod
    def writer(cls, options: Any) -> Pipeline:
        """Return the stages of writing: what a program takes for a value, and the call."""
        stages: tuple[Any, ...] = (CleanDataForWriteStage, partial(WriteValueToRangeStage, raw=True))
        written: Any = Pipeline()
        for stage in stages:
            written.append_stage(stage(options))
        return written  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Block:
    """Cells that lie together: the first row and column, and the values row by row."""

    row: int
    column: int
    rows: list[list[Any]]

    def on(self, sheet: xw.Sheet) -> xw.Range:
        """Return its cells on a sheet."""
        last = (self.row + len(self.rows) - 1, self.column + len(self.rows[0]) - 1)
        cells = sheet.range((self.row, self.column), last)
        return cells.options(_ExactlyThere)


# A whole sheet ----------------------------------------------------------------------------------------------------


def mend(sheet: xw.Sheet, ws: Worksheet) -> None:
    """Let the formulas and lists of a sheet that came from another workbook refer to the workbook it is in now."""
    formulas = {place: cell.value for place, cell in _cells(ws).items() if cell.data_type == "f"}
    for block in blocks(formulas):
        block.on(sheet).formula = block.rows
    _offer_lists(sheet, ws)


def renew(
    sheet: xw.Sheet, ws: Worksheet, written: xw.Sheet, arrangement: Arrangement | None, key: Sequence[str]
) -> None:
    """Write a sheet anew in its place: its shapes and charts, and columns that HR added, stay.

    Parameters
    ----------
    sheet : the sheet as it is
    ws : what is to stand on it
    written : the same, open in the same Excel, to copy the looks from
    arrangement : which columns are ours; None where all are
    key : the codes of the columns that tell one row from another
    """
    old = sheet.used_range
    _, _, last_column, last_row = _bounds(old.get_address(False, False))
    ours = sorted(arrangement.numbers.values()) if arrangement else list(range(1, max(last_column, ws.max_column) + 1))
    top = arrangement.heading_row if arrangement else 1
    beside = _beside(sheet, arrangement, key, top, last_row, last_column)
    runs = list(_runs(ours))
    if arrangement is None:
        old.unmerge()
    for first, last in runs:
        if last_row >= top:
            sheet.range((top, first), (last_row, last)).clear_contents()
    for first, last in runs:
        bottom = max(ws.max_row, top)
        written.range((top, first), (bottom, last)).copy(sheet.range((top, first)))
        if last_row > bottom:
            sheet.range((bottom + 1, first), (last_row, last)).clear_formats()
    for merged in ws.merged_cells.ranges:
        sheet.range(merged.coord).merge()
    _carry_heights(sheet, ws)
    _carry_tables(sheet, ws)
    _put_beside(sheet, ws, arrangement, key, beside)


def change(sheet: xw.Sheet, ws: Worksheet, before: Cells) -> None:
    """Carry the cells that hold something else than before; new rows look like the one above them."""
    now = {place: cell.value for place, cell in _cells(ws).items() if cell.value is not None}
    places = [place for place in {*now, *before} if now.get(place) != before.get(place)]
    changed = {place: now.get(place) for place in places}
    formats = {place: sheet.range(place).number_format for place in _first_of_columns(changed)}
    last = max((row for row, _ in before), default=0)
    _lengthen(sheet, changed, last)
    for block in blocks(changed):
        shown = formats.get((_first_row(changed, block.column), block.column))
        block.on(sheet).value = [[safe(value, str(shown or "")) for value in row] for row in block.rows]
    _carry_looks(sheet, ws)
    _carry_links(sheet, ws)
    for table in ws.tables.values():
        for live in sheet.tables:
            if live.name == table.displayName and live.range.get_address(False, False) != table.ref:
                live.resize(sheet.range(table.ref))


def _first_of_columns(changed: Cells) -> Iterator[tuple[int, int]]:
    for column in {column for _, column in changed}:
        yield _first_row(changed, column), column


def _first_row(changed: Cells, column: int) -> int:
    return min(row for row, each in changed if each == column)


def _lengthen(sheet: xw.Sheet, changed: Cells, last: int) -> None:
    """Give rows that are new at the end the looks of the last one."""
    new = {row for (row, _), value in changed.items() if row > last and value is not None}
    if not new or not last:
        return
    columns = [column for _, column in changed]
    left, right = min(columns), max(columns)
    sheet.range((last, left), (last, right)).copy()
    sheet.range((last + 1, left), (max(new), right)).paste("formats")
    sheet.book.app.cut_copy_mode = False


# Parts of a sheet -------------------------------------------------------------------------------------------------


def _cells(ws: Worksheet) -> Cells:
    sheet: Any = ws
    cells: Cells = sheet._cells
    return cells


def safe(value: Any, number_format: str) -> Any:
    """Return a value that Excel takes for what it is: text that looks like more gets an apostrophe before it.

    >>> safe("=1+1", "General"), safe("007", "General"), safe("007", "@"), safe("Sales", "General"), safe(7, "0")
    ("'=1+1", "'007", '007', 'Sales', 7)
    """
    if not isinstance(value, str):
        return value
    if number_format == style.TEXT:
        return as_text([[value]])[0][0] if value.startswith("'") else value
    return f"'{value}" if value[:1] in _LOOKS_LIKE_MORE or value.upper() in _TRUTH else value


def _carry_looks(sheet: xw.Sheet, ws: Worksheet) -> None:
    """Give cells whose look was written the number format, the fill and the font that they have now, block by block."""
    alike: dict[tuple[Any, ...], dict[tuple[int, int], None]] = {}
    for place, cell in _cells(ws).items():
        if cell.has_style:
            fill = _rgb(cell.fill.fgColor) if cell.fill.fill_type == "solid" else None
            look = (cell.number_format, fill, bool(cell.font.b), _rgb(cell.font.color))
            alike.setdefault(look, {})[place] = None
    for (number_format, fill, bold, text_colour), places in alike.items():
        for block in blocks(places):
            live = block.on(sheet)
            font = live.font
            live.number_format, live.color, font.bold = number_format, fill, bold
            if text_colour is not None:
                font.color = text_colour


def _rgb(colour: Any) -> tuple[int, int, int] | None:
    """Return the red, green and blue of a colour that is given by them."""
    digits = colour.rgb if colour is not None and isinstance(colour.rgb, str) else ""
    return (int(digits[2:4], 16), int(digits[4:6], 16), int(digits[6:8], 16)) if len(digits) == 8 else None


def _carry_links(sheet: xw.Sheet, ws: Worksheet) -> None:
    """Let cells lead to other places in the workbook."""
    for place, cell in _cells(ws).items():
        link = getattr(cell, "hyperlink", None)
        if link is not None and link.location:
            sheet.range(place).add_hyperlink(f"#{link.location}", str(cell.value or link.location))


def _carry_heights(sheet: xw.Sheet, ws: Worksheet) -> None:
    heights = {number: row.height for number, row in ws.row_dimensions.items() if row.height}
    for height in sorted(set(heights.values())):
        for first, last in _runs(sorted(number for number, each in heights.items() if each == height)):
            sheet.range(f"{first}:{last}").row_height = height


def _carry_tables(sheet: xw.Sheet, ws: Worksheet) -> None:
    """Let the tables reach over the new rows."""
    for table in ws.tables.values():
        left, top, right, bottom = _bounds(table.ref)
        live = sheet.range((top, left)).table
        if live is None:
            sheet.tables.add(source=sheet.range(table.ref), name=table.displayName)
            continue
        first, heading_row, last, last_row = _bounds(live.range.get_address(False, False))
        if heading_row == top and (first, last, last_row) != (left, right, bottom):
            # HR's own columns on the right stay inside
            live.resize(sheet.range((top, first), (bottom, max(last, right))))


def _bounds(address: str) -> tuple[int, int, int, int]:
    """Return the first column and row of some cells and the last; Excel would be asked for each of them by itself."""
    bounds: Any = range_boundaries(address)
    left, top, right, bottom = bounds
    return left, top, right, bottom


def _offer_lists(sheet: xw.Sheet, ws: Worksheet) -> None:
    """Offer the lists that stand on other sheets."""
    for rule in ws.data_validations.dataValidation:
        title, _, address = str(rule.formula1 or "").rpartition("!")
        if rule.type == "list" and title:
            source = sheet.book.sheets[title.strip("'").replace("''", "'")].range(address)
            for cells in str(rule.sqref).split():
                sheet.range(cells).data_validation.set_list(source)


# What HR added beside our columns ---------------------------------------------------------------------------------

Own = dict[tuple[Any, ...], tuple[int, dict[int, Any]]]


def _beside(
    sheet: xw.Sheet, arrangement: Arrangement | None, key: Sequence[str], top: int, last_row: int, last_column: int
) -> Own:
    """Return what stands in columns of HR's own, by the key of the row, with the number of the row."""
    if arrangement is None or last_row <= top or not all(code in arrangement.numbers for code in key):
        return {}
    ours = set(arrangement.numbers.values())
    own = [column for column in range(arrangement.first_column, last_column + 1) if column not in ours]
    if not own or not key:
        return {}
    block = sheet.range((top + 1, 1), (last_row, last_column))
    values: list[list[Any]] = block.options(ndim=2).value
    formulas = block.formula
    found: Own = {}
    for at, (line, texts) in enumerate(zip(values, formulas, strict=True)):
        cells = {column: texts[column - 1] if str(texts[column - 1]).startswith("=") else line[column - 1]
                 for column in own}  # fmt: skip
        if any(value is not None for value in cells.values()):
            found[tuple(line[arrangement.numbers[code] - 1] for code in key)] = (top + 1 + at, cells)
    if found:
        for first, last in _runs(own):
            sheet.range((top + 1, first), (last_row, last)).clear_contents()
    return found


def _put_beside(sheet: xw.Sheet, ws: Worksheet, arrangement: Arrangement | None, key: Sequence[str], own: Own) -> None:
    """Put what HR added back beside the rows with the same key; a formula follows its row."""
    if arrangement is None or not own:
        return
    keys = [arrangement.numbers[code] for code in key]
    values: dict[tuple[int, int], Any] = {}
    for row in range(arrangement.heading_row + 1, ws.max_row + 1):
        found = own.get(tuple(_as_read(ws.cell(row, column).value) for column in keys))
        for column, value in found[1].items() if found else ():
            values[row, column] = _moved(value, column, found[0], row) if found else None
    for block in blocks({place: value for place, value in values.items() if value is not None}):
        block.on(sheet).value = [[safe(value, "") if not _is_formula(value) else value for value in row]
                                 for row in block.rows]  # fmt: skip


def _as_read(value: Any) -> Any:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value


def _is_formula(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("=")


def _moved(value: Any, column: int, old_row: int, row: int) -> Any:
    if not _is_formula(value):
        return value
    letter = get_column_letter(column)
    return Translator(value, origin=f"{letter}{old_row}").translate_formula(f"{letter}{row}")


# Blocks -----------------------------------------------------------------------------------------------------------


def blocks(cells: Cells) -> Iterator[Block]:
    """Yield cells in few rectangles: neighbouring columns that are filled in the same rows go together.

    >>> cells = {(1, 1): "a", (2, 1): "b", (1, 2): 1, (2, 2): 2, (9, 4): 3}
    >>> [(each.row, each.column, each.rows) for each in blocks(cells)]
    [(1, 1, [['a', 1], ['b', 2]]), (9, 4, [[3]])]
    """
    rows_of: dict[int, list[int]] = {}
    for row, column in sorted(cells):
        rows_of.setdefault(column, []).append(row)
    groups: list[list[int]] = []
    for column in sorted(rows_of):
        if groups and groups[-1][-1] == column - 1 and rows_of[column - 1] == rows_of[column]:
            groups[-1].append(column)
        else:
            groups.append([column])
    for columns in groups:
        for first, last in _runs(rows_of[columns[0]]):
            rows = [[cells[row, column] for column in columns] for row in range(first, last + 1)]
            yield Block(first, columns[0], rows)


def _runs(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and last of ascending numbers that follow one another."""
    first = last = None
    for number in numbers:
        if last is not None and number == last + 1:
            last = number
            continue
        if first is not None and last is not None:
            yield first, last
        first = last = number
    if first is not None and last is not None:
        yield first, last
