"""Draws the templates that published workbooks are made from; HR may restyle them in Excel and give them back.

Each is an ordinary workbook with placeholders such as ``{name}`` in its cells; ``MARKS`` lists those that are known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from openpyxl.formatting.rule import Rule
from openpyxl.styles import Font, PatternFill, Protection
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.styles.numbers import NumberFormat
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.header_footer import HeaderFooterItem
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from xlperf.core.problems import Lang, Text
from xlperf.workbook.write import style
from xlperf.workbook.write.style import Look
from xlperf.xlsx.formula import put

Kind = Literal[
    "text", "word", "number", "figure", "points", "share", "money", "count", "date", "answer", "comment", "change"
]
FORMATS: dict[Kind, str] = {
    "figure": "#,##0.00##",
    "points": "#,##0.00",
    "share": style.PERCENT_FINE,
    "money": style.MONEY,
    "count": "#,##0",
    "date": style.DAY,
    "change": style.PLACES,
}
A4 = 9
FIRST_FORMAT = 190  # number of a number format that only a condition gives
_WITHIN = Text("请填写最低分与最高分之间的数。", "Please type a number between the lowest and the highest.")
_A_NUMBER = Text("请填写数字。", "Please type a number.")


@dataclass(frozen=True)
class Cell:
    """A column of a section: its heading, its mark, what it holds, and how many columns of the page it reaches over.

    An answer, or a comment on it, has no mark: whoever gets the file fills it in.
    """

    heading: Text
    mark: str
    kind: Kind = "text"
    over: int = 1


@dataclass(frozen=True)
class Section:
    """Records of a block below their headings; a section that is ``optional`` stands only where there are some.

    With a ``height`` in points each record is one line, in which long texts are written smaller; without one a record
    is as high as its texts need. What stands again below itself in the column ``group_by`` is grey there.
    ``choices`` is the formula of the cells that an answer is chosen from, with {marks} for cells of its own row.
    """

    title: Text
    block: str
    cells: tuple[Cell, ...]
    optional: bool = True
    height: float = 0
    group_by: str = ""
    choices: str = ""


@dataclass(frozen=True)
class Sheet:
    """A page: its name, the widths of its columns, lines of labels and figures, and sections.

    On a page that is ``locked`` only answers and comments can be changed. ``chips`` are the words that a cell of the
    band may hold and that get a colour of their own, best first. ``pages`` is on how many it is printed; 0 for as many
    as it needs.
    """

    title: Text
    widths: tuple[float, ...]
    sections: tuple[Section, ...]
    fields: tuple[tuple[Cell, ...], ...] = ()
    band: tuple[Cell, ...] = ()  # the result in large letters, below the fields
    room: int = 0  # lines that are left free for charts
    closing: tuple[str, ...] = ()  # lines to write on by hand at the end, columns apart by |
    hidden: bool = False
    across: bool = False
    locked: bool = False
    chips: tuple[Text, ...] = ()
    pages: int = 0


def draw(sheets: Sequence[Sheet], lang: Lang, heading: str, subtitle: str) -> Workbook:
    """Return a template with the pages given."""
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    for each in sheets:
        _Page(workbook.create_sheet(each.title(lang)[:31]), each, lang).draw(heading, subtitle)
    return workbook


class _Page:
    """Draws one page from top to bottom."""

    def __init__(self, ws: Worksheet, sheet: Sheet, lang: Lang) -> None:
        self.ws, self.sheet, self.lang = ws, sheet, lang
        self.row = 0
        self.width = len(sheet.widths)
        self.plain = Look(lang, line="")
        self.value = Look(lang, line=style.LINE, wrap=True)
        self.label = replace(self.value, bold=True, colour=style.ACCENT, fill=style.PALE, line="", bottom=style.ACCENT)
        self.muted = Look(lang, size=9, colour=style.MUTED, line="")

    def draw(self, heading: str, subtitle: str) -> None:
        for number, width in enumerate(self.sheet.widths, start=1):
            self.ws.column_dimensions[get_column_letter(number)].width = width
        self._next(34)
        self._write(1, f"{heading}  ·  {self.sheet.title(self.lang)}", self._title(16), self.width)
        self._next(20)
        self._write(1, subtitle, replace(self.plain, colour=style.MUTED), self.width)
        for line in self.sheet.fields:
            self._fields(line)
        if self.sheet.band:
            self._band()
        if self.sheet.room:
            self._next(6)
        for _ in range(self.sheet.room):
            self._next(style.ROW_HEIGHT)
        for section in self.sheet.sections:
            self._section(section)
        for by_hand in self.sheet.closing:
            self._closing(by_hand)
        self._set_up()

    def _band(self) -> None:
        """Write the result in large letters, below what each figure is."""
        self._next(6)
        for heights, texts, look in (
            (18, [cell.heading(self.lang) for cell in self.sheet.band], replace(self.muted, fill=style.PALE)),
            (34, [f"{{{cell.mark}}}" for cell in self.sheet.band],
             replace(self._title(22), fill=style.PALE)),
        ):  # fmt: skip
            self._next(heights)
            column = 1
            for cell, text in zip(self.sheet.band, texts, strict=True):
                number_format = FORMATS.get(cell.kind, "General")
                self._write(column, text, replace(look, align="center", number_format=number_format), cell.over)
                if cell.mark == "grade" and look.bold:
                    self._chips(f"{get_column_letter(column)}{self.row}", cell.over)
                column += cell.over

    def _chips(self, place: str, over: int) -> None:
        """Give each grade its colour."""
        cell = self.ws[place]
        cells = f"{place}:{get_column_letter(cell.column + over - 1)}{self.row}"
        for name, fill in zip(self.sheet.chips, style.grade_fills(len(self.sheet.chips)), strict=True):
            look = DifferentialStyle(
                font=Font(color=style.text_colour_on(fill)), fill=PatternFill(bgColor=fill, fill_type="solid")
            )
            word = name(self.lang).replace('"', '""')
            self.ws.conditional_formatting.add(cells, Rule("expression", dxf=look, formula=[f'${place}="{word}"']))

    def _closing(self, line: str) -> None:
        """Write a line of labels, each with a rule behind it where there is something to write on."""
        self._next(26)
        column = 1
        for part in line.split("|"):
            text, _, over = part.rpartition(":")
            ruled = text.endswith("_")
            look = replace(self.plain, line="", bottom=style.STRONG_LINE if ruled and not text.strip("_") else "")
            self._write(column, text.strip("_"), look, int(over))
            column += int(over)

    def _title(self, size: float) -> Look:
        return replace(self.plain, size=size, bold=True, colour=style.ACCENT)

    def _fields(self, line: tuple[Cell, ...]) -> None:
        """Write labels with their figures; a line whose first mark begins with ? stands only where it has some."""
        self._next(24)
        column = 1
        for cell in line:
            shown = f"{{{cell.mark}}}" if cell.mark.startswith("?") else ""
            self._write(column, shown + cell.heading(self.lang), replace(self.muted, line=style.LINE))
            value = replace(self._look(cell), align="left", bold=True)
            self._write(column + 1, f"{{{cell.mark.lstrip('?')}}}", value, cell.over)
            column += 1 + cell.over

    def _section(self, section: Section) -> None:
        shown = f"{{?{section.block}}}" if section.optional else ""
        self._next(26)
        self._write(1, shown + section.title(self.lang), style.section_look(self.lang), self.width)
        self._next(style.HEADING_HEIGHT)
        self._cells(section, [cell.heading(self.lang) for cell in section.cells], shown, heading=True)
        if not self.sheet.fields and not self.sheet.hidden:
            self.ws.freeze_panes = f"A{self.row + 1}"
            self.ws.print_title_rows = f"1:{self.row}"
        self._next(section.height)
        self._cells(section, [self._mark(section, cell) for cell in section.cells], shown, heading=False)
        self._formats(section)
        self._groups(section)
        self._limits(section)

    def _groups(self, section: Section) -> None:
        """Write in grey what stands in the row above already."""
        if not section.group_by:
            return
        marks = [cell.mark for cell in section.cells]
        letter = get_column_letter(1 + sum(cell.over for cell in section.cells[: marks.index(section.group_by)]))
        place = f"{letter}{self.row}"
        look = DifferentialStyle(font=Font(color=style.MUTED, b=False))
        again = Rule("expression", dxf=look, formula=[f"${place}=${letter}{self.row - 1}"])
        self.ws.conditional_formatting.add(place, again)

    def _cells(self, section: Section, texts: Sequence[str], shown: str, heading: bool) -> None:
        column = 1
        for place, (cell, text) in enumerate(zip(section.cells, texts, strict=True)):
            look = replace(self.label, align=self._look(cell).align) if heading else self._look(cell)
            if section.height and not heading:
                look = replace(look, wrap=False, shrink=True)
                look = replace(look, bold=True, colour=style.ACCENT) if cell.mark == section.group_by else look
            self._write(column, (shown if place == 0 else "") + text, look, cell.over)
            column += cell.over

    def _mark(self, section: Section, cell: Cell) -> str:
        return f"{{{section.block}.{cell.mark}}}" if cell.mark else ""

    def _limits(self, section: Section) -> None:
        """Let answers be filled in, between the lowest and the highest figure where the page names them."""
        column = 1
        places = {}
        for cell in section.cells:
            place = f"{get_column_letter(column)}{self.row}"
            places[cell.mark or cell.kind] = place
            if cell.kind in ("answer", "comment"):
                self.ws[place].protection = Protection(locked=False)
            column += cell.over
        if "answer" in places and section.choices:
            cells = {mark: f"${place}" for mark, place in places.items()}
            check = DataValidation("list", formula1=section.choices.format(**cells), allow_blank=True)
            check.showErrorMessage = False  # a score may be typed too; what is neither is told when forms come back
            check.add(places["answer"])
            self.ws.add_data_validation(check)
        elif "answer" in places:
            low, high = (f"${places[mark]}" if mark in places else None for mark in ("low", "high"))
            check = DataValidation("decimal", operator="between" if low else "greaterThan", allow_blank=True)
            check.formula1, check.formula2 = low or "-1E+300", high
            check.error, check.errorTitle = (_WITHIN if low else _A_NUMBER)(self.lang), "xlperf"
            check.showErrorMessage = True
            check.add(places["answer"])
            self.ws.add_data_validation(check)

    def _formats(self, section: Section) -> None:
        """Show percentages as such, and whole figures without decimals."""
        marks = [cell.mark for cell in section.cells]
        if "unit" not in marks:
            return
        unit = get_column_letter(1 + sum(cell.over for cell in section.cells[: marks.index("unit")]))
        column = 1
        for cell in section.cells:
            if cell.kind == "figure":
                letter = get_column_letter(column)
                amounts = ",".join(f'${unit}{self.row}="{each}"' for each in sorted(style.MONEY_UNITS))
                for number, (formula, code) in enumerate(
                    (
                        (f'${unit}{self.row}="%"', style.PERCENT_FINE),
                        (f"OR({amounts})", style.MONEY),
                        (f"{letter}{self.row}=INT({letter}{self.row})", "#,##0"),
                        ("TRUE", FORMATS["figure"]),  # LibreOffice loses the indent where no condition holds
                    ),
                    start=FIRST_FORMAT,
                ):
                    look = DifferentialStyle(numFmt=NumberFormat(numFmtId=number, formatCode=code))
                    rule = Rule("expression", dxf=look, formula=[formula], stopIfTrue=True)
                    self.ws.conditional_formatting.add(f"{letter}{self.row}", rule)
            column += cell.over

    def _look(self, cell: Cell) -> Look:
        if cell.kind in ("answer", "comment"):
            number = "General" if cell.kind == "answer" else style.TEXT
            return replace(
                self.value, colour=style.ACCENT, fill=style.CREAM, line=style.CREAM_LINE, number_format=number
            )
        right = cell.kind in ("number", "figure", "points", "share", "money", "count")
        align: style.Place = "right" if right else "center" if cell.kind in ("word", "date") else "left"
        return replace(self.value, align=align, number_format=FORMATS.get(cell.kind, "General"))

    def _next(self, height: float) -> None:
        self.row += 1
        if height:
            self.ws.row_dimensions[self.row].height = height

    def _write(self, column: int, text: str, look: Look, over: int = 1) -> None:
        chosen = look.register(self.ws)
        for each in range(column, column + over):
            chosen.apply_to(self.ws.cell(self.row, each))
        put(self.ws.cell(self.row, column), text)
        if over > 1:
            self.ws.merge_cells(start_row=self.row, end_row=self.row, start_column=column, end_column=column + over - 1)

    def _set_up(self) -> None:
        setup: Any = self.ws.page_setup
        setup.paperSize, setup.orientation = A4, "landscape" if self.sheet.across else "portrait"
        setup.fitToWidth, setup.fitToHeight = 1, self.sheet.pages
        self.ws.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        self.ws.sheet_properties.tabColor = style.TAB_COLOURS["output"]
        self.ws.sheet_view.showGridLines = False
        self.ws.print_options.horizontalCentered = True
        self.ws.page_margins.left = self.ws.page_margins.right = self.ws.page_margins.top = 0.5
        self.ws.page_margins.bottom, self.ws.page_margins.footer = 0.7, 0.3
        if self.sheet.locked:
            self.ws.protection.sheet = True
            self.ws.protection.formatColumns = self.ws.protection.formatRows = False
        if self.sheet.hidden:
            self.ws.sheet_state = "hidden"
        footer = HeaderFooterItem()
        footer.center.text = style.PAGE_NUMBERS(self.lang)
        self.ws.HeaderFooter.oddFooter = footer
