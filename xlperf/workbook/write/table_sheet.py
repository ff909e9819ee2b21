"""Writes one sheet the way HR staff meet it: headings with notes, typed cells, an Excel table, lists, print set-up."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import Any, Literal, cast

import numpy as np
import pandas as pd
from openpyxl.cell import Cell
from openpyxl.comments import Comment
from openpyxl.formatting.rule import DataBar, FormatObject, Rule
from openpyxl.styles import Color, Font
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.utils import get_column_letter, quote_sheetname, range_boundaries
from openpyxl.workbook import Workbook
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.header_footer import HeaderFooterItem
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.table import Table, TableColumn
from openpyxl.worksheet.worksheet import Worksheet

from xlperf.core.problems import Lang, Text
from xlperf.schema import HIDDEN, RULES_TITLE, SHEETS, Column, Kind, Role, Sheet
from xlperf.schema.tables import kind_of, typed
from xlperf.workbook.area import BLANK_ROWS, Area, area_of
from xlperf.workbook.read.headers import sheet_titled
from xlperf.workbook.write import style
from xlperf.workbook.write.kept_layout import AUTHOR
from xlperf.workbook.write.style import CellStyle, Look
from xlperf.xlsx.column_sheet import CellColumn, ColumnSheet, add_column_sheet, single_cells
from xlperf.xlsx.formula import LONGEST_TEXT, Formula, put

WORDS_TITLE = "Words"  # the hidden sheet of the lists that do not fit into a validation
VALIDATED_ROWS = 5000
LONGEST_LIST = 255  # characters of a list that stands in the validation itself
WRAPPED_LINES = 3  # a column of sentences is made wide enough for most of them in so many
READABLE_WIDTH = 213  # characters that a page across can show at no less than seven points
PAGE_WIDTH, PAGE_HEIGHT = 784.0, 494.0  # points that A4 across leaves between the margins
CHARACTER_WIDTH = 5.25  # points
NOTE_WIDTH = 280  # pixels
NOT_APPLICABLE = Text("不适用", "N/A")

Emphasis = Literal["strong", "quiet", "group"]


@dataclass(frozen=True)
class TableLook:
    """Where the cells of a table do not all look alike; by the code of a column, unless said otherwise.

    ``formats`` and ``fills`` have a number format, or a colour or "", for each row. ``marks`` are masks of the cells
    that say "not applicable"; ``empty`` is what cells say that hold neither a value nor a formula. ``links`` are places
    of the workbook, or None, for each row. ``formulas`` are those of some rows: they are written with the values as
    their results. ``emphasis`` tells what is strong, what stands back in grey, and what names a group: strong where it
    begins, grey below; ``group_by``, with a value a row, tells where that is: a stronger line stands above. ``printed``
    is the last column that must be on paper: those right of it are printed as far as the page can be read. ``folded``
    are columns in a group that is closed at first, and so not on paper.
    """

    formats: Mapping[str, Sequence[str]] = field(default_factory=dict)
    fills: Mapping[str, Sequence[str]] = field(default_factory=dict)
    marks: Mapping[str, np.ndarray] = field(default_factory=dict)
    empty: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, Sequence[str | None]] = field(default_factory=dict)
    formulas: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    emphasis: Mapping[str, Emphasis] = field(default_factory=dict)
    group_by: pd.Series | None = None
    printed: str | None = None
    folded: Collection[str] = ()


PLAIN = TableLook()

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_WIDTHS: dict[Kind, float] = {
    "key": 12,
    "text": 14,
    "number": 11,
    "fraction": 10,
    "money": 15,
    "date": 13,
    "choice": 10,
    "choices": 18,
    "condition": 44,
    "expression": 26,
    "parameters": 36,
    "period": 11,
    "any": 30,
}
_WIDEST = 44.0
_WIDEST_WRAPPED, _LEAST_WRAPPED = 56.0, 24.0
_HOLDS: dict[Kind, Text] = {
    "key": Text("编号。按文字保存，前导零不会丢失。", "A code, kept as text: leading zeros survive."),
    "text": Text("文字。", "Text."),
    "number": Text("数字。", "A number."),
    "fraction": Text("百分比，例如 20%。", "A percentage, such as 20%."),
    "money": Text("金额，例如 1200.50。", "An amount, such as 1200.50."),
    "date": Text("日期，例如 2026-10-31。", "A date, such as 2026-10-31."),
    "choice": Text("只能填其中一项：", "One of: "),
    "choices": Text("可填多项，用顿号分开：", "One or more, separated by commas: "),
    "condition": Text(
        "条件，例如：完成日期 <= 应完成日期 且 状态 <> 已取消",
        "A condition, such as: done_date <= due_date and status <> cancelled",
    ),
    "expression": Text("列名，或列的算式。", "A column, or arithmetic on columns."),
    "parameters": Text("参数 = 值；参数 = 值", "parameter = value; parameter = value"),
    "period": Text("周期，例如 2026-10、2026Q4、2026。", "A period, such as 2026-10, 2026Q4 or 2026."),
    "any": Text("按右侧的说明填写。", "As the explanation beside it says."),
}
_REQUIRED = Text("必填。", "Required.")
_COMPUTED = Text("由 xlperf 计算，每次运行都会重写。", "Computed by xlperf; every run writes it anew.")
_OWN = Text("自有列，原样保留，条件中可以使用。", "A column of your own: kept as it is; conditions may use it.")
_NOT_LISTED = Text("请从列表中选择。", "Please choose from the list.")


def write_sheet(
    ws: Worksheet,
    sheet: Sheet,
    frame: pd.DataFrame,
    lang: Lang,
    columns: Sequence[Column] | None = None,
    title: str = "",
    corner: tuple[int, int] = (1, 1),
    look: TableLook = PLAIN,
) -> Area:
    """Write rows as a table that is ready to be filled in, read and printed, and return where it stands.

    Parameters
    ----------
    ws : the sheet to write on, empty where the table will stand
    sheet : what the table is
    frame : the rows, by column code; codes of choices become words, conditions are written as they are
    lang : "zh" or "en"
    columns : which columns, in order; all of the sheet's and then those that HR added, if None
    title : stands at the top of every printed page, beside the name of the sheet
    corner : the row and the column of the first heading
    look : where its cells do not all look alike

    Examples
    --------
    >>> from xlperf.schema import SHEETS
    >>> ws = Workbook().active
    >>> people = pd.DataFrame({"department": ["007"], "department_name": ["Sales"]})
    >>> write_sheet(ws, SHEETS["departments"], people, "en").ref, ws["A2"].value, ws["A2"].number_format
    ('A1:E2', '007', '@')
    """
    if columns is None:
        columns = in_language(columns_of(sheet, frame), frame, lang)
    area = area_of(columns, frame, *corner)
    begins = _begins(look.group_by) if look.group_by is not None else np.zeros(len(frame), dtype=bool)
    writers = [_ColumnWriter(ws, each, sheet.role, lang, _series(frame, each), look, begins) for each in columns]
    texts = [writer.values() for writer in writers]
    for writer, letter, values in zip(writers, area.letters.values(), texts, strict=True):
        write_heading(ws, f"{letter}{area.heading_row}", writer.column, sheet, lang)
        ws.column_dimensions[letter].width = _width(writer, sheet, lang, values)
    rows = range(area.first_row, area.first_row + len(frame))
    for number, (writer, values) in enumerate(zip(writers, texts, strict=True), start=corner[1]):
        write_column(ws, number, rows, writer.with_formulas(values), writer.styles_of(values), writer.links)
    for other in other_language(area.letters, lang):
        ws.column_dimensions[area.letters[other]].hidden = True
    for letter in (letter for code, letter in area.letters.items() if code in look.folded):
        ws.column_dimensions[letter].outlineLevel, ws.column_dimensions[letter].hidden = 1, True
    _fit_to_page(ws, area, writers, look.printed)
    _set_heights(ws, area, writers, texts)
    if sheet.code != "settings":
        _prepare_blank_rows(ws, area, writers, sheet.role)
    laid_out_anew = sheet.role == "input" and any(column.computed for column in sheet)
    if not laid_out_anew:  # by a run, as Calibration is: an Excel table would stay where it was
        _add_table(ws, area, "tbl" + sheet.code.title())
    if sheet.role != "output":
        _offer_choices(ws, area, columns, lang)
    _set_view(ws, area, sheet)
    _set_print(ws, area, title, lang, look.printed)
    return area


def columns_of(sheet: Sheet, frame: pd.DataFrame) -> list[Column]:
    """Return the sheet's columns, then those of the frame that HR added."""
    own = [name for name in frame.columns if name not in sheet.by_code]
    return [*sheet.columns, *(Column(name, Text(name, name), kind_of(frame[name])) for name in own)]


def in_language(columns: Sequence[Column], frame: pd.DataFrame, lang: Lang) -> list[Column]:
    """Put names and texts in the language of a workbook where one reads them first; the others come last, if any.

    Where a text has no English, the one that there is stands first in both languages.

    >>> from xlperf.schema import SHEETS
    >>> both = pd.DataFrame({"name": ["业绩"], "name_en": ["Results"]})
    >>> [each.code for each in in_language(SHEETS["dimensions"].columns, both, "en")]
    ['code', 'name_en', 'weight', 'name']
    >>> [each.code for each in in_language(SHEETS["dimensions"].columns, both.assign(name_en=None), "en")]
    ['code', 'name', 'weight']
    """
    by_code = {each.code: each for each in columns}
    in_english = {code: english for code in by_code if (english := f"{code}_en") in by_code}
    empty_ones = {each for each in in_english.values() if each not in frame or frame[each].isna().all()}
    shown = {code: code for code in by_code if code not in in_english.values()}
    if lang == "en":
        shown |= {code: english for code, english in in_english.items() if english not in empty_ones}
    others = other_language(by_code.keys() - empty_ones, lang)
    return [by_code[code] for code in (*shown.values(), *(each for each in by_code if each in others))]


def other_language(codes: Collection[str], lang: Lang) -> list[str]:
    """Return the columns of names and texts in the other language, where there are both.

    >>> other_language(["code", "name_en", "weight", "name"], "en"), other_language(["code", "name"], "en")
    (['name'], [])
    """
    both = [code for code in codes if f"{code}_en" in codes]
    return both if lang == "en" else [f"{code}_en" for code in both]


def _series(frame: pd.DataFrame, column: Column) -> pd.Series:
    if column.code in frame:
        return frame[column.code]
    return typed([None] * len(frame), column.kind)


# Cells ------------------------------------------------------------------------------------------------------------


def write_column(
    ws: Worksheet,
    column: int,
    rows: Sequence[int],
    values: Sequence[Any],
    looks: Sequence[CellStyle],
    links: Sequence[str | None] | None = None,
) -> None:
    """Write cells of one column, each with its look and the place that it leads to."""
    if isinstance(ws, ColumnSheet):
        ws.write_column(CellColumn(column, rows, values, [look.number for look in looks], links))
        return
    for row, value, look, target in zip(rows, values, looks, links or [None] * len(rows), strict=True):
        cell: Any = ws.cell(row, column)
        put(cell, value)
        look.apply_to(cell)
        if target is not None:
            link(cell, target)


def is_formula_like(text: object) -> bool:
    """Whether Excel would take a text for a formula if somebody edited it."""
    return isinstance(text, str) and text[:1] in ("=", "+", "-", "@") and len(text) > 1


def cell_values(values: pd.Series, column: Column, lang: Lang, marked: np.ndarray | None = None) -> list[Any]:
    """Return what the cells of a column hold: text, numbers, dates, words of the language, None for nothing.

    >>> from xlperf.schema import SHEETS
    >>> cell_values(pd.Series(["lost", None]), SHEETS["clients"]["client_status"], "zh")
    ['流失', None]
    """
    match column.kind:
        case "date":
            cells = list(values.to_numpy("datetime64[us]").astype(object))
        case "number" | "fraction" | "money":
            numbers = values.to_numpy("float64")
            cells = [
                number if known else None for number, known in zip(numbers.tolist(), np.isfinite(numbers), strict=True)
            ]
        case "choice":
            cells = _by_distinct(values, lambda code: _word(code, column, lang))
        case "choices":
            between = "、" if lang == "zh" else ", "
            cells = _by_distinct(
                values, lambda codes: between.join(_word(code.strip(), column, lang) for code in codes.split(","))
            )
        case _:
            cells = [_plain(value) for value in values.to_numpy(dtype=object)]
    if marked is not None:
        cells = [NOT_APPLICABLE(lang) if mark else cell for mark, cell in zip(marked, cells, strict=True)]
    return cells


def _by_distinct(values: pd.Series, write: Callable[[str], str]) -> list[Any]:
    words = {code: write(code) for code in values.dropna().unique()}
    return [words.get(code) for code in values.to_numpy(dtype=object)]


def _word(code: str, column: Column, lang: Lang) -> str:
    return column.vocabulary[code](lang) if code in column.vocabulary else code


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        text = value if value.isprintable() else _UNPRINTABLE.sub("", value)
        return text[:LONGEST_TEXT] or None
    if value is None or value is pd.NaT or value != value:
        return None
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime()
    return value.item() if isinstance(value, np.generic) else value


def _begins(group_by: pd.Series) -> np.ndarray:
    """Mark the rows that begin a group: the first, and where something else stands than above."""
    values = group_by.fillna("").to_numpy(object)
    return np.concatenate([[True], values[1:] != values[:-1]])[: len(values)].astype(bool)


@dataclass(frozen=True)
class _ColumnWriter:
    """One column being written: its values, and the style of each of its cells."""

    ws: Worksheet
    column: Column
    role: Role
    lang: Lang
    series: pd.Series
    table: TableLook
    begins: np.ndarray

    def values(self) -> list[Any]:
        """Return what the cells hold or, where a formula stands, its result."""
        code, formulas = self.column.code, self.formulas
        values = cell_values(self.series, self.column, self.lang, self.table.marks.get(code))
        if (said := self.table.empty.get(code)) is None:
            return values
        return [said if value is None and row not in formulas else value for row, value in enumerate(values)]

    def with_formulas(self, values: list[Any]) -> list[Any]:
        """Put formulas where they stand, with the values as their results."""
        if not (formulas := self.formulas):
            return values
        return [Formula(formulas[row], value) if row in formulas else value for row, value in enumerate(values)]

    @property
    def formulas(self) -> Mapping[int, str]:
        return self.table.formulas.get(self.column.code, {})

    @property
    def links(self) -> Sequence[str | None] | None:
        return self.table.links.get(self.column.code)

    @property
    def look(self) -> Look:
        look = style.cell_look(self.column, self.role, self.lang)
        return replace(look, number_format=style.number_format(self.column, self.role, self.series))

    def _emphasised(self, look: Look, begins: bool) -> Look:
        match self.table.emphasis.get(self.column.code):
            case "strong":
                return replace(look, bold=True)
            case "quiet":
                return replace(look, colour=style.MUTED)
            case "group":
                return replace(look, bold=begins, colour=style.ACCENT if begins else style.MUTED)
            case _:
                return look

    def styles_of(self, values: Sequence[Any]) -> list[CellStyle]:
        """Return the style of each cell; equal cells share one."""
        look, code, links = self.look, self.column.code, self.links
        formats = self.table.formats.get(code, [look.number_format] * len(values))
        fills = self.table.fills.get(code, [""] * len(values))
        quoted = [is_formula_like(value) for value in values]
        linked = [each is not None for each in links] if links is not None else [False] * len(values)
        lines = [begins and row > 0 for row, begins in enumerate(self.begins.tolist())]  # not below the headings
        kinds = list(zip(formats, fills, quoted, self.begins.tolist(), lines, linked, strict=True))
        styles = {
            kind: replace(
                self._emphasised(look, begins),
                number_format=number_format,
                quoted=quote,
                top=style.STRONG_LINE if line else "",
                **(style.LINKED if leads else {}),
                **style.chip(fill, code in style.CHIPS),
            ).register(self.ws)
            for kind in dict.fromkeys(kinds)
            for number_format, fill, quote, begins, line, leads in [kind]
        }
        return [styles[kind] for kind in kinds]


def _prepare_blank_rows(ws: Worksheet, area: Area, writers: Sequence[_ColumnWriter], role: Role) -> None:
    """Let the rows that are still empty look like those to fill in, and every row below take keys as text."""
    last = max(area.last_row, area.first_row) if role == "output" else area.last_row + _blank_rows(ws, area, role)
    for writer, letter in zip(writers, area.letters.values(), strict=True):
        blank = writer.look.register(ws)
        for row in range(area.last_row + 1, last + 1):
            blank.apply_to(ws[f"{letter}{row}"])
        if role != "output":
            replace(writer.look, fill="", line="").register(ws).apply_to(ws.column_dimensions[letter])


def _blank_rows(ws: Worksheet, area: Area, role: Role) -> int:
    """Return how many empty rows to prepare: no more than fit on the last printed page, but always one."""
    width = sum(_shown_widths(ws, area.letters.values()))
    across = PAGE_WIDTH * _pages_across(width) / (width * CHARACTER_WIDTH)
    room = PAGE_HEIGHT / min(across, 1.0) - style.TALL_HEADING - style.ROW_HEIGHT
    used = 0.0
    for row in range(area.first_row, area.last_row + 1):
        height = ws.row_dimensions[row].height or style.ROW_HEIGHT
        used = height if used + height > room else used + height
    return min(BLANK_ROWS[role], max(1, int((room - used) // style.ROW_HEIGHT)))


# Headings ---------------------------------------------------------------------------------------------------------


def heading(column: Column, role: Role, lang: Lang) -> str:
    """Return what stands above a column; a star marks what must be filled in."""
    needed = column.required and role != "output" and column.code not in style.READ_ONLY
    return column.name(lang) + (" *" if needed else "")


def note(column: Column, sheet: Sheet, lang: Lang) -> str:
    """Return what the note on a heading says: what the column holds, whether it is required, what may stand there."""
    if column.code not in sheet.by_code and sheet.role != "output":
        return _OWN(lang)
    holds = _HOLDS[column.kind](lang)
    if column.kind in ("choice", "choices"):
        holds += ("、" if lang == "zh" else ", ").join(word(lang) for word in column.vocabulary.values())
    needed = _REQUIRED(lang) if column.required else ""
    parts = (_COMPUTED(lang) if sheet.code in SHEETS and sheet.role == "output" else needed, column.note(lang), holds)
    return "\n".join(filter(None, parts))


def write_heading(ws: Worksheet, place: str, column: Column, sheet: Sheet, lang: Lang) -> None:
    """Write a heading with its note."""
    cell = ws[place]
    put(cell, heading(column, sheet.role, lang))
    style.heading_look(sheet.role, lang, style.alignment(column)).register(ws).apply_to(cell)
    cell.comment = _comment(note(column, sheet, lang))


def _comment(text: str) -> Comment:
    lines = sum(style.lines_needed(part, NOTE_WIDTH / 6.5) for part in text.split("\n"))
    return Comment(text, AUTHOR, height=18 * lines + 16, width=NOTE_WIDTH)


def fit_notes(workbook: Workbook) -> None:
    """Give the notes on our headings their size again, which openpyxl forgets when it loads a workbook."""
    for ws in workbook.worksheets:
        for cell in single_cells(ws).values():
            if cell.comment is not None and cell.comment.author == AUTHOR:
                cell.comment = _comment(cell.comment.text)


# Widths and heights -----------------------------------------------------------------------------------------------


def _width(writer: _ColumnWriter, sheet: Sheet, lang: Lang, texts: Sequence[Any]) -> float:
    column = writer.column
    base = column.width or _WIDTHS[column.kind]
    room_for_heading = min(_heading_width(heading(column, sheet.role, lang), sheet.role) * 1.1 + 5, _WIDEST)
    longest = max((style.text_width(text) for text in dict.fromkeys(texts) if isinstance(text, str)), default=0)
    if style.wraps(column, sheet.role):
        in_lines, in_one = min(longest / WRAPPED_LINES + 4, _WIDEST_WRAPPED), min(longest + 3, base * 1.4)
        return max(base, room_for_heading, in_lines, in_one)
    typed_later = column.kind == "choice" and sheet.role != "output"
    words = [word(lang) for word in column.vocabulary.values()] if typed_later else []
    shown = max(longest, *map(style.text_width, (*words, _largest(writer))))
    return max(base, room_for_heading, min(shown + 3, _WIDEST))


def _heading_width(text: str, role: Role) -> int:
    """Return how wide a heading is; one above computed cells may stand in two lines, broken between words."""
    words = text.split()
    if role != "output" or len(words) < 2:
        return style.text_width(text)
    broken = ((words[:at], words[at:]) for at in range(1, len(words)))
    return min(max(style.text_width(" ".join(line)) for line in lines) for lines in broken)


def _largest(writer: _ColumnWriter) -> str:
    """Write the largest number of a column about as it will be shown."""
    if writer.column.kind not in ("number", "money") or writer.series.isna().all():
        return ""
    return f"{writer.series.abs().max():,.2f}"


def _fit_to_page(ws: Worksheet, area: Area, writers: Sequence[_ColumnWriter], printed: str | None) -> None:
    """Let columns of wrapped text take more lines where those that must be on paper are a little too wide together."""
    if printed is None or printed not in area.letters:
        return
    letters = list(area.letters.values())[: list(area.letters).index(printed) + 1]
    excess = sum(_shown_widths(ws, letters)) - READABLE_WIDTH
    wrapped = [letter for letter, each in zip(letters, writers, strict=False) if style.wraps(each.column, each.role)]
    room = {letter: max(ws.column_dimensions[letter].width - _LEAST_WRAPPED, 0) for letter in wrapped}
    if 0 < excess <= sum(room.values()):
        for letter, spare in room.items():
            ws.column_dimensions[letter].width -= excess * spare / sum(room.values())


def _set_heights(ws: Worksheet, area: Area, writers: Sequence[_ColumnWriter], texts: Sequence[Sequence[Any]]) -> None:
    ws.sheet_format.defaultRowHeight = style.ROW_HEIGHT
    ws.sheet_format.customHeight = True
    widths = [ws.column_dimensions[letter].width for letter in area.letters.values()]
    headings = [str(ws[f"{letter}{area.heading_row}"].value) for letter in area.letters.values()]
    two_lines = any(style.text_width(each) + 3 > width for each, width in zip(headings, widths, strict=True))
    ws.row_dimensions[area.heading_row].height = style.TALL_HEADING if two_lines else style.HEADING_HEIGHT
    wrapped = [
        (values, width)
        for writer, values, width in zip(writers, texts, widths, strict=True)
        if style.wraps(writer.column, writer.role)
    ]
    if wrapped:
        for position in range(len(wrapped[0][0])):
            texts_and_widths = ((str(values[position] or ""), width) for values, width in wrapped)
            ws.row_dimensions[area.first_row + position].height = style.row_height(texts_and_widths)


def bar_from_zero(colour: str, with_number: bool = True) -> Rule:
    """Return bars in cells, as long as their numbers: from zero, so that the lengths are honest."""
    lowest, highest = FormatObject("num", 0), FormatObject("max")
    shown = None if with_number else False
    bar = DataBar(cfvo=[lowest, highest], color=Color(colour), showValue=shown, minLength=0, maxLength=100)
    return Rule("dataBar", dataBar=bar)


def paint(ws: Worksheet, cells: str, good: str, bad: str) -> None:
    """Write cells in blue where one formula holds, in orange where another does, and else in grey.

    The grey is a condition too: LibreOffice prints numbers without their indent where none of the conditions holds.
    """
    for formula, colour in ((good, style.GOOD), (bad, style.WARN), ("TRUE", style.MUTED)):
        look = DifferentialStyle(font=Font(color=colour))
        ws.conditional_formatting.add(cells, Rule("expression", dxf=look, formula=[formula]))


# Tables, lists and links ------------------------------------------------------------------------------------------


def _add_table(ws: Worksheet, area: Area, name: str) -> None:
    taken = {each.casefold() for sheet in book_of(ws).worksheets for each in sheet.tables}
    numbered = (f"{name}{number}" for number in range(2, len(taken) + 3))
    free = next(each for each in (name, *numbered) if each.casefold() not in taken)
    table: Any = Table(displayName=free, name=free, ref=area.ref)
    table._initialise_columns()
    for column, letter in zip(table.tableColumns, area.letters.values(), strict=True):
        column.name = ws[f"{letter}{area.heading_row}"].value
    ws.add_table(table)


def stretch_table(ws: Worksheet, heading_row: int, last_row: int, last_column: int) -> None:
    """Let the Excel table with these headings reach to a row and a column; a row of totals stays below it."""
    for table in ws.tables.values():
        left, top, right, _ = cast("tuple[int, int, int, int]", range_boundaries(table.ref))
        if top == heading_row:
            right = max(right, last_column)
            bottom = max(last_row, top + 1)
            first, last = get_column_letter(left), get_column_letter(right)
            table.ref = f"{first}{top}:{last}{bottom + (table.totalsRowCount or 0)}"
            if table.autoFilter is not None:
                table.autoFilter.ref = f"{first}{top}:{last}{bottom}"
            for column in range(left + len(table.tableColumns), right + 1):
                name = str(ws.cell(top, column).value)
                table.tableColumns.append(TableColumn(id=column - left + 1, name=name))


def _offer_choices(ws: Worksheet, area: Area, columns: Iterable[Column], lang: Lang) -> None:
    for column in columns:
        if column.words:
            words = [word(lang) for word in column.vocabulary.values()]
            cells = area.column(column.code, VALIDATED_ROWS)
            offer_words(ws, cells, column.words, words, lang, strict=column.kind == "choice")


def offer_words(ws: Worksheet, cells: str, name: str, words: Sequence[str], lang: Lang, strict: bool = True) -> None:
    """Offer a list of words in some cells; where ``strict``, Excel refuses anything else."""
    text = ",".join(words)
    spelt_out = len(text) <= LONGEST_LIST and not any(mark in word for word in words for mark in ',"')
    source = f'"{text}"' if spelt_out else _words_range(book_of(ws), f"{name}.{lang}", words)
    _offer(ws, cells, source, lang, strict)


def offer_codes(ws: Worksheet, cells: str, codes: Worksheet, area: Area, code: str, lang: Lang) -> None:
    """Offer the codes that stand in a column of another sheet, however many there will be; others may be typed."""
    letter, first = area.letters[code], area.first_row
    title = quote_sheetname(codes.title)
    column = f"{title}!${letter}${first}:${letter}${first + VALIDATED_ROWS - 1}"
    _offer(ws, cells, f"OFFSET({title}!${letter}${first},0,0,MAX(1,COUNTA({column})),1)", lang, strict=False)


def _offer(ws: Worksheet, cells: str, source: str, lang: Lang, strict: bool) -> None:
    validation = DataValidation("list", formula1=source, allow_blank=True, showErrorMessage=strict)
    validation.error, validation.errorTitle = _NOT_LISTED(lang), AUTHOR
    validation.add(cells)
    ws.add_data_validation(validation)


def _words_range(workbook: Workbook, name: str, words: Sequence[str]) -> str:
    """Return the address of a list on the hidden sheet of words, which is written there once."""
    if WORDS_TITLE not in workbook.sheetnames:
        workbook.create_sheet(WORDS_TITLE).sheet_state = "hidden"
    ws = workbook[WORDS_TITLE]
    names = [cell.value for cell in ws[1] if cell.value]
    if name not in names:
        names.append(name)
        for row, word in enumerate([name, *words], start=1):
            put(ws.cell(row, len(names)), word)
    letter = get_column_letter(names.index(name) + 1)
    return f"{WORDS_TITLE}!${letter}$2:${letter}${len(words) + 1}"


def book_of(ws: Worksheet) -> Workbook:
    """Return the workbook that a sheet belongs to."""
    return cast("Workbook", ws.parent)


def link(cell: Cell, to: str) -> None:
    """Let a cell lead to another place in the workbook, as ``location`` names it."""
    cell.hyperlink = Hyperlink(ref=cell.coordinate, location=to)


def location(title: str, address: str | int = "A1") -> str:
    """Return a place in the workbook as links name it; a row stands for its cell in column B.

    >>> location("By unit", 7)
    "'By unit'!B7"
    """
    return f"{quote_sheetname(title)}!{f'B{address}' if isinstance(address, int) else address}"


def sheet_in(workbook: Workbook, code: str) -> Worksheet | None:
    """Return the workbook's sheet of a kind, whatever its title is called."""
    return next((ws for ws in workbook.worksheets if sheet_titled(ws.title) is SHEETS[code]), None)


def place_for(workbook: Workbook, sheet: Sheet) -> int:
    """Return where a new sheet belongs: behind the last sheet that comes before it in the layout.

    The sheet that explains the rules stands between those of policy and those to fill in.
    """
    codes = [*SHEETS]
    before = codes[: codes.index(sheet.code)]
    ends = [
        end
        for end, title in enumerate(workbook.sheetnames, start=1)
        if ((kind := sheet_titled(title)) is not None and kind.code in before)
        or (title in RULES_TITLE and sheet.role != "policy")
    ]
    return max(ends, default=len(workbook.sheetnames))


def fresh_sheet(workbook: Workbook, sheet: Sheet, lang: Lang) -> ColumnSheet:
    """Return an empty sheet in place of the one of its kind, under the title that it has; else one where it belongs."""
    old = sheet_in(workbook, sheet.code)
    place = place_for(workbook, sheet) if old is None else workbook.index(old)
    title = sheet.title(lang) if old is None else old.title
    hidden = sheet.code in HIDDEN if old is None else old.sheet_state == "hidden"
    if old is not None:
        workbook.remove(old)
    fresh = add_column_sheet(workbook, title, place)
    fresh.sheet_state = "hidden" if hidden else "visible"
    return fresh


# View and print ---------------------------------------------------------------------------------------------------


def _set_view(ws: Worksheet, area: Area, sheet: Sheet) -> None:
    ws.sheet_properties.tabColor = style.TAB_COLOURS[sheet.role]
    ws.sheet_view.showGridLines = sheet.role != "output" and sheet.code != "settings"
    if area.heading_row == 1:
        ws.freeze_panes = f"{list(area.letters.values())[_kept_beside(area)]}{area.first_row}"


def _kept_beside(area: Area) -> int:
    """Return how many columns on the left stay in view: the key, and the name where one follows."""
    codes = list(area.letters)
    if len(codes) < 8:
        return 0
    return 2 if "name" in codes[1] else 1


def _shown_widths(ws: Worksheet, letters: Iterable[str]) -> list[float]:
    """Return the widths of columns as they are seen: nothing for one that is hidden."""
    columns = [ws.column_dimensions[letter] for letter in letters]
    return [0.0 if each.hidden else each.width for each in columns]


def _set_print(ws: Worksheet, area: Area, title: str, lang: Lang, printed: str | None) -> None:
    letters = list(area.letters.values())
    shown = _columns_printed(ws, area, printed)
    width = sum(_shown_widths(ws, letters[:shown]))
    set_paper(ws, title, lang, _pages_across(width))
    ws.print_title_rows = f"{area.heading_row}:{area.heading_row}"
    if width > READABLE_WIDTH:
        ws.print_title_cols = f"{letters[0]}:{letters[max(_kept_beside(area), 1) - 1]}"
    if shown < len(letters):
        ws.print_area = f"{letters[0]}{area.heading_row}:{letters[shown - 1]}{max(area.last_row, area.first_row)}"


def _columns_printed(ws: Worksheet, area: Area, printed: str | None) -> int:
    """Return how many columns are printed: all, or else those up to one and what more can be read beside them."""
    letters = list(area.letters.values())
    if printed is None or printed not in area.letters:
        return len(letters)
    least = list(area.letters).index(printed) + 1
    widths = list(accumulate(_shown_widths(ws, letters)))
    return max(least, sum(width <= READABLE_WIDTH for width in widths))


def fit_what_stands_beside(ws: Worksheet, area: Area) -> None:
    """Print a table with what was written beside it on as many pages across as can be read, names on each of them."""
    width = sum(each.width for each in ws.column_dimensions.values() if not each.hidden)
    ws.page_setup.fitToWidth = _pages_across(width)
    letters = list(area.letters.values())
    ws.print_title_cols = f"{letters[0]}:{letters[max(_kept_beside(area), 1) - 1]}"


def _pages_across(width: float) -> int:
    return math.ceil(round(width / READABLE_WIDTH, 3))


def set_paper(ws: Worksheet, title: str, lang: Lang, across: int = 1) -> None:
    """Let a sheet be printed on A4, so many pages wide, with its name above and the number of the page below."""
    ws.page_setup.orientation = "landscape"
    ws.page_setup.paperSize = 9  # A4
    ws.page_setup.fitToWidth, ws.page_setup.fitToHeight = across, 0
    ws.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    ws.print_options.horizontalCentered = True
    ws.page_margins.left = ws.page_margins.right = 0.4
    ws.page_margins.top = ws.page_margins.bottom = 0.7
    header, footer = HeaderFooterItem(), HeaderFooterItem()
    header.left.text, header.right.text = title.replace("&", "＆"), "&A"
    footer.center.text = style.PAGE_NUMBERS(lang)
    ws.HeaderFooter.oddHeader, ws.HeaderFooter.oddFooter = header, footer
