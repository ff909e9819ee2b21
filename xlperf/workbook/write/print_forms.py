"""Draws the printable forms on A4: one sheet a form, one page a person, position or pool, ready for the printer."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import accumulate, groupby, pairwise, product
from pathlib import Path
from typing import Any

import pandas as pd
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.header_footer import HeaderFooterItem
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.worksheet import Worksheet

from xlperf.core.problems import Lang, Text
from xlperf.reporting.forms import Form
from xlperf.reporting.forms.paper import (
    Block,
    Cell,
    Column,
    Fields,
    Figure,
    Page,
    Passage,
    Remark,
    Row,
    Rows,
    Signatures,
)
from xlperf.workbook.write import style
from xlperf.workbook.write.style import CellStyle, Look
from xlperf.workbook.write.table_sheet import is_formula_like
from xlperf.xlsx.atomic_save import save_atomically
from xlperf.xlsx.formula import put

A4 = 9
WIDTH_FONT = Font(name="Arial", size=10)  # or one of the same measure, which every office suite brings
WIDTHS = {False: 82.0, True: 120.0}  # characters that a page holds, upright and across, even in a wide font without it
ROOM = {False: 715.0, True: 478.0}  # points of height that a page holds between its margins, upright and across
SCALES = (1.0, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6)  # what does not fit then runs on to a second page
TEXT_SIZE, SMALLEST = 10.0, 5.0  # points
TIGHT = 0.96  # of the width of a cell is reckoned with, as fonts differ from one computer to the next
LINE_HEIGHTS: dict[Lang, float] = {"zh": 15.0, "en": 13.0}  # points of one line of text
TALLEST = 400.0  # points of one row, a little less than Excel's limit
WRITING_LINE = 24.0  # points of a line to write on by hand
WORD = re.compile(r"[^\W\u4e00-\u9fff]+")  # what must stand on one line: Chinese may be broken anywhere
BOLD = 1.1  # of the width of plain letters
CELL_MARGIN = 2  # characters
LEAST_SIGNATURE = 8  # characters of a line to sign on
SIDE_MARGIN, TOP_MARGIN, BOTTOM_MARGIN = 0.4, 0.6, 0.75  # inches

_Placed = tuple[Cell, int, Look]
"""What stands in a cell, how many columns it reaches over, and how it looks."""


def write_forms(forms: Sequence[Form], path: str | Path, lang: Lang) -> list[int]:
    """Write forms as a workbook to print; a file that stands there is kept beside it.

    Returns
    -------
    The pages of paper that each form takes.

    Raises
    ------
    CannotSave
        Where the file cannot be written, with the problem in words.
    """
    workbook = draw(forms, lang)
    save_atomically(workbook, path)
    return [len(ws.row_breaks.brk) + 1 for ws in workbook.worksheets]


def draw(forms: Sequence[Form], lang: Lang) -> Workbook:
    """Return a workbook with one sheet a form.

    Examples
    --------
    >>> columns = (Column("Item", 3), Column("Score", 1))
    >>> form = Form("card", "Card", "2026", columns, (Page("E1", (Rows((Row(("=Skill", Figure(4.5))),)),)),))
    >>> ws = draw([form], "en")["Card"]
    >>> ws["A4"].value, ws["A4"].data_type, ws["B4"].value, ws["B4"].number_format
    ('=Skill', 's', 4.5, '#,##0.0')
    """
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    _measure_in(WIDTH_FONT, workbook)
    for form in forms:
        _draw_form(workbook.create_sheet(form.title[:31]), form, lang)
    return workbook


def _measure_in(font: Font, workbook: Any) -> None:
    """Let widths of columns be counted in digits of a font, in which the width of a page is known."""
    workbook._named_styles["Normal"].font = font


def _draw_form(ws: Worksheet, form: Form, lang: Lang) -> None:
    scale = _scale(form, lang) if form.heading is None else _scale_of_words(form)
    paper = _Paper(form, lang, scale)
    if form.heading is not None:
        paper.title(form)
        paper.block(form.heading)
        paper.headings()
        ws.print_title_rows = f"1:{len(paper.heights)}"
        ws.freeze_panes = f"A{len(paper.heights) + 1}"
    repeated = sum(paper.heights)
    for page in form.pages:
        first = len(paper.heights)
        paper.page(form, page)
        room = ROOM[form.landscape] / scale - repeated
        ends = paper.full_pages(first, room) if form.heading is not None else []
        for row in (*ends, len(paper.heights)):
            ws.row_breaks.append(Break(id=row))
    ws.row_breaks.brk.pop()  # nothing follows the last page
    _paint(ws, paper)
    _set_up(ws, form, lang, len(paper.heights), scale)


def _scale(form: Form, lang: Lang) -> float:
    """Return the largest scale at which the longest page is one sheet of paper; smaller print leaves wider columns."""
    longest = max(form.pages, key=lambda page: _Paper(form, lang, 1.0).page(form, page))
    fitting = (
        scale for scale in SCALES if _Paper(form, lang, scale).page(form, longest) * scale <= ROOM[form.landscape]
    )
    return next(fitting, SCALES[-1])


def _scale_of_words(form: Form) -> float:
    """Return the largest scale at which no word of a running table is broken in two."""
    needed = sum(_widths_of_words(form))
    return next((scale for scale in SCALES if needed <= WIDTHS[form.landscape] / scale), SCALES[-1])


@cache
def _widths_of_words(form: Form) -> tuple[float, ...]:
    """Return how wide each column must be for its longest word to stand on one line."""
    longest = [max((BOLD * len(word) for word in WORD.findall(each.heading)), default=0.0) for each in form.columns]
    rows = (row for page in form.pages for block in page.blocks if isinstance(block, Rows) for row in block.rows)
    for row in rows:
        for place, (cell, after) in enumerate(zip(row.cells, (*row.cells[1:], ""), strict=True)):
            if isinstance(cell, str) and after is not None:
                longest[place] = max(longest[place], *map(len, WORD.findall(cell)), 0)
    return tuple((each + CELL_MARGIN) / TIGHT for each in longest)


def _shared_out(whole: float, wanted: Sequence[float], least: Sequence[float]) -> list[float]:
    """Share out the width of a page as is wanted, as far as each column gets the least that it needs.

    >>> _shared_out(100, (10, 40), (30, 20)), _shared_out(100, (10, 40), (10, 20)), _shared_out(50, (10, 40), (90, 10))
    ([30, 70.0], [20.0, 80.0], [45.0, 5.0])
    """
    if sum(least) >= whole:
        return [each * whole / sum(least) for each in least]
    fixed: dict[int, float] = {}
    while True:
        free = [place for place in range(len(wanted)) if place not in fixed]
        share = (whole - sum(fixed.values())) / sum(wanted[place] for place in free)
        narrow = {place: least[place] for place in free if wanted[place] * share < least[place]}
        if not narrow:
            return [fixed.get(place, each * share) for place, each in enumerate(wanted)]
        fixed |= narrow


@dataclass(frozen=True)
class _Area:
    """What stands in a cell, or in several that are one, and how it looks."""

    value: Cell
    look: Look
    rows: range
    columns: range


class _Paper:
    """Places the blocks of a form in rows and columns, from top to bottom."""

    def __init__(self, form: Form, lang: Lang, scale: float) -> None:
        self.lang: Lang = lang
        self.columns = form.columns
        wanted = [each.width for each in form.columns]
        self.widths = _shared_out(WIDTHS[form.landscape] / scale, wanted, _widths_of_words(form))
        self.heights: list[float] = []
        self.areas: list[_Area] = []
        self.value = Look(lang, size=TEXT_SIZE, line=style.STRONG_LINE, wrap=True, boxed=True)
        self.label = replace(self.value, bold=True, colour=style.ACCENT, fill=style.TINT, align="center")
        self.plain = replace(self.value, line="")

    def page(self, form: Form, page: Page) -> float:
        """Place a page, and return its height in points."""
        before = len(self.heights)
        if form.heading is None:
            self.title(form)
        for block in page.blocks:
            self.block(block)
        return sum(self.heights[before:])

    def full_pages(self, first: int, room: float) -> list[int]:
        """Return the rows behind which a page ends that is longer than the paper: in equal parts, no cell cut in two.

        Parameters
        ----------
        first : how many rows stand above the page
        room : points of height that the paper holds
        """
        tops = {area.rows[0] for area in self.areas} - {row for area in self.areas for row in area.rows[1:]}
        heights = self.heights[first:]
        parts = math.ceil(sum(heights) / room)
        room = min(room, sum(heights) / parts + max(heights))
        ends, used = list[int](), 0.0
        for row in range(first + 1, len(self.heights) + 1):
            used += self.heights[row - 1]
            if used > room:
                start = max((top for top in tops if (ends or [first])[-1] + 1 < top <= row), default=row)
                ends.append(start - 1)
                used = sum(self.heights[start - 1 : row])
        return ends

    def title(self, form: Form) -> None:
        """Place the title across the page, and what it is about below."""
        self._across(form.title, replace(self.plain, size=18, bold=True, colour=style.ACCENT, align="center"), 36)
        self._across(form.subtitle, replace(self.plain, colour=style.MUTED, align="center"), 24)

    def block(self, block: Block) -> None:
        """Place one block."""
        match block:
            case Fields():
                self._fields(block)
            case Rows():
                self._rows(block)
            case Passage():
                label, text = spans(self.widths, (1, 5))
                cells = [(block.label, label, self.label), (block.text, text, self.value)]
                self._line(cells, block.lines * WRITING_LINE)
            case Remark():
                self._across(block.text, replace(self.plain, colour=style.MUTED))
            case Signatures():
                self._signatures(block)

    def headings(self) -> None:
        """Place the headings of the columns."""
        self._line([(each.heading, 1, self.label) for each in self.columns], style.HEADING_HEIGHT)

    def _fields(self, block: Fields) -> None:
        for line in block.lines:
            widths = spans(self.widths, (2, 3) * len(line))
            cells = [
                part
                for (label, value), at, over in zip(line, widths[::2], widths[1::2], strict=True)
                for part in ((label, at, self.label), (value, over, self.value))
            ]
            self._line(cells, style.HEADING_HEIGHT)

    def _rows(self, block: Rows) -> None:
        """Place a table; equal cells of its first columns become one."""
        if block.headed:
            self.headings()
        for _, run in groupby(block.rows, key=lambda row: (row.strong, row.cells[: block.grouped])):
            same = list(run)
            known = block.grouped if len(same) > 1 else 0
            first = len(self.heights) + 1
            for row in same:
                self._line(self._row(row)[known:], begin=known)
            for place in range(known):
                look, rows = self._look(self.columns[place], same[0].strong), range(first, len(self.heights) + 1)
                self.areas.append(_Area(same[0].cells[place], look, rows, range(place + 1, place + 2)))

    def _row(self, row: Row) -> list[_Placed]:
        """Return the cells of a row, each with how many columns it reaches over."""
        cells: list[_Placed] = []
        for cell, column in zip(row.cells, self.columns, strict=True):
            if cell is None:
                value, over, look = cells.pop()
                cells.append((value, over + 1, replace(look, align="left")))
            else:
                cells.append((cell, 1, self._look(column, row.strong)))
        return cells

    def _look(self, column: Column, strong: bool) -> Look:
        look = replace(self.value, align=column.align)
        return replace(look, bold=True, colour=style.ACCENT, fill=style.TINT) if strong else look

    def _signatures(self, block: Signatures) -> None:
        """Place lines to sign on, as many side by side as there is room for."""
        self._across("", self.plain, WRITING_LINE / 2)
        colon = Text("：", ": ")(self.lang)
        needed = max(map(style.text_width, block.labels)) + LEAST_SIGNATURE
        fitting = range(min(len(block.labels), len(self.columns)), 0, -1)
        beside = next((n for n in fitting if min(self._measured(spans(self.widths, (1,) * n))) >= needed), 1)
        counts = spans(self.widths, (1,) * beside)
        for start in range(0, len(block.labels), beside):
            labels = [*block.labels[start : start + beside], *[""] * beside][:beside]
            lines = [
                label and label + colon + "_" * int((width - style.text_width(label)) * 0.8 - 3)
                for label, width in zip(labels, self._measured(counts), strict=True)
            ]
            look = replace(self.plain, wrap=False)
            self._line([(line, count, look) for line, count in zip(lines, counts, strict=True)], WRITING_LINE * 1.4)

    def _across(self, text: str, look: Look, least: float = 0.0) -> None:
        self._line([(text, len(self.columns), look)], least)

    def _measured(self, counts: Sequence[int], begin: int = 0) -> list[float]:
        """Return how wide cells are that reach over so many columns."""
        return [sum(self.widths[start:end]) for start, end in pairwise(accumulate(counts, initial=begin))]

    def _line(self, cells: Sequence[_Placed], least: float = 0.0, begin: int = 0) -> None:
        """Place cells side by side, high enough for what stands in them; a very high line takes several rows."""
        widths = [width * TIGHT for width in self._measured([over for _, over, _ in cells], begin)]
        texts = [(cell[0], width) for cell, width in zip(cells, widths, strict=True) if isinstance(cell[0], str)]
        lines = max((style.lines_needed(text, width) for text, width in texts), default=1)
        height = max(least, lines * LINE_HEIGHTS[self.lang] + 5)
        count = math.ceil(height / TALLEST)
        rows = range(len(self.heights) + 1, len(self.heights) + count + 1)
        column = begin + 1
        for (value, over, look), width in zip(cells, widths, strict=True):
            fitted = _fitted(look, value, width) if isinstance(value, Figure) else look
            self.areas.append(_Area(value, fitted, rows, range(column, column + over)))
            column += over
        self.heights += [height / count] * count


def _fitted(look: Look, figure: Figure, width: float) -> Look:
    """Write a number smaller that is too wide for its cell: Excel would show signs in its place."""
    needed = style.text_width(_shown(figure)) + 1
    size = look.size if needed <= width else max(math.floor(look.size * width / needed), SMALLEST)
    return replace(look, number_format=_format_of(figure), size=size)


def _paint(ws: Worksheet, paper: _Paper) -> None:
    """Write what was placed; one style serves all cells that look alike."""
    for column, width in enumerate(paper.widths, start=1):
        ws.column_dimensions[get_column_letter(column)].width = width
    for row, height in enumerate(paper.heights, start=1):
        ws.row_dimensions[row].height = height
    styles: dict[Look, CellStyle] = {}
    for area in paper.areas:
        look = replace(area.look, quoted=is_formula_like(area.value))
        chosen = styles.get(look) or styles.setdefault(look, look.register(ws))
        for row, column in product(area.rows, area.columns):
            chosen.apply_to(ws.cell(row, column))
        content: Any = area.value.value if isinstance(area.value, Figure) else area.value or None
        put(ws.cell(area.rows[0], area.columns[0]), content)
        if len(area.rows) > 1 or len(area.columns) > 1:
            top, bottom, left, right = area.rows[0], area.rows[-1], area.columns[0], area.columns[-1]
            ws.merged_cells.ranges.add(CellRange(min_col=left, min_row=top, max_col=right, max_row=bottom))


def spans(widths: Sequence[float], shares: Iterable[float]) -> list[int]:
    """Return how many columns each of some cells reaches over, so that their widths come near to their shares.

    >>> spans([10, 10, 10, 30], (1, 1)), spans([10, 10], (5, 1))
    ([3, 1], [1, 1])
    """
    wanted = list(accumulate(shares))
    edges = list(accumulate(widths))
    cuts = [0]
    for place, share in enumerate(wanted[:-1], start=1):
        free = range(cuts[-1] + 1, len(widths) - len(wanted) + place + 1)
        ideal = edges[-1] * share / wanted[-1]
        cuts.append(min(free, key=lambda cut: abs(edges[cut - 1] - ideal)))
    return [end - start for start, end in zip(cuts, [*cuts[1:], len(widths)], strict=True)]


def _digits(figure: Figure) -> int:
    return style.decimals(pd.Series([figure.value]), 2) if figure.digits is None else figure.digits


@cache
def _format_of(figure: Figure) -> str:
    if figure.percent:
        return style.percent_format(figure.value) if figure.digits is None else style.PERCENT
    number, unit = style.fixed(_digits(figure)), figure.unit.replace('"', "")
    if figure.signed:
        return f"+{number};-{number};{number}"
    return f'{number}" {unit}"' if unit else number


@cache
def _shown(figure: Figure) -> str:
    """Write a number about as it will be shown."""
    if figure.percent:
        return f"{figure.value:.2%}"
    return f"{figure.value:{'+' if figure.signed else ''},.{_digits(figure)}f} {figure.unit}".strip()


def _set_up(ws: Worksheet, form: Form, lang: Lang, last_row: int, scale: float) -> None:
    """Prepare a sheet for the printer: A4, margins, page numbers, and the scale."""
    ws.sheet_view.showGridLines = False
    ws.sheet_properties.tabColor = style.TAB_COLOURS["output"]
    ws.page_setup.paperSize = A4
    ws.page_setup.orientation = "landscape" if form.landscape else "portrait"
    ws.page_setup.scale = round(scale * 100)
    ws.print_options.horizontalCentered = True
    ws.page_margins.left = ws.page_margins.right = SIDE_MARGIN
    ws.page_margins.top, ws.page_margins.bottom = TOP_MARGIN, BOTTOM_MARGIN
    ws.print_area = f"A1:{get_column_letter(len(form.columns))}{last_row}"
    footer = HeaderFooterItem()
    footer.left.text, footer.center.text = form.title.replace("&", "＆"), style.PAGE_NUMBERS(lang)
    ws.HeaderFooter.oddFooter = footer
