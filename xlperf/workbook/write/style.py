"""How the sheets look: a few quiet colours, one accent, and a number format for everything that stands in a cell.

What people fill in is dark blue on cream, what xlperf computes is grey on white, and headings are white on the accent
(filled in) or accent on a tint of it (computed).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Literal
from unicodedata import east_asian_width
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd
from openpyxl.cell import Cell
from openpyxl.chart.title import Title, title_maker
from openpyxl.drawing.text import CharacterProperties
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.styles.cell_style import StyleArray
from openpyxl.worksheet.worksheet import Worksheet

from xlperf.core.problems import Lang, Level, Text
from xlperf.schema import Column, Role
from xlperf.xlsx.package.kept_formats import OwnFormats

INK = "1F2933"
MUTED = "66727F"
ACCENT = "1F4E79"
TINT = "DFE8F1"
LINE = "D5DBE2"
STRONG_LINE = "8FA3B8"
CREAM = "FFFBF0"
CREAM_LINE = "E6DEC8"
WHITE = "FFFFFF"

BAR = "A9C1DA"
GREEN, SAND, RED = "DCEFE2", "FBF5E2", "F8DEDA"
AMBER, GREY = "FCEFD0", "EFF1F4"
LEVEL_FILLS: dict[Level, str] = {"error": RED, "warning": AMBER, "note": TINT}
TAB_COLOURS: dict[Role, str] = {"policy": ACCENT, "input": "D9B65C", "output": "6FA287"}

TEXT, DAY, MOMENT = "@", "yyyy-mm-dd", "yyyy-mm-dd hh:mm"
PERCENT, PERCENT_FINE, MONEY, FINE = "0%", "0.00%", "#,##0.00", "#,##0.00##"
LARGE = 10  # from here on two decimals are enough
PERCENT_UNITS = frozenset({"%", "％", "百分比", "percent"})
MONEY_UNITS = frozenset({"元", "yuan", "人民币", "¥", "￥", "RMB", "CNY", "USD", "$", "€", "EUR"})

PAGE_NUMBERS = Text("第 &P 页，共 &N 页", "Page &P of &N")  # as Excel writes them in a footer
READ_ONLY = ("setting", "meaning")  # columns of the Home sheet that xlperf writes and nobody needs to change
LINE_HEIGHT = 15.0  # points, one line of text
ROW_HEIGHT = 20.0
HEADING_HEIGHT = 26.0
TALL_HEADING = 36.0  # of two lines

_MOST_GRADES = 20  # for whose colours a cell is looked at

LINKED: dict[str, Any] = {"colour": ACCENT, "underlined": True}  # looks of a cell that leads somewhere

Place = Literal["left", "center", "right"]


_REGISTERED: WeakKeyDictionary[Any, dict[Look, CellStyle]] = WeakKeyDictionary()  # the looks of each workbook


@dataclass(frozen=True)
class Look:
    """The look of a cell, in words; ``register`` enters it in a workbook as a :class:`CellStyle`."""

    lang: Lang
    size: float = 0
    bold: bool = False
    italic: bool = False
    underlined: bool = False
    colour: str = INK
    fill: str = ""
    line: str = LINE
    top: str = ""
    bottom: str = ""
    align: Place = "left"
    wrap: bool = False
    number_format: str = "General"
    quoted: bool = False

    def register(self, ws: Worksheet) -> CellStyle:
        """Enter the look in the workbook of a sheet and return what makes a cell look so."""
        known = _REGISTERED.setdefault(ws.parent, {})
        if self not in known:
            known[self] = self._registered(ws)
        return known[self]

    def _registered(self, ws: Worksheet) -> CellStyle:
        cell: Any = Cell(ws, row=1, column=1)
        cell.font = Font(
            name=font_name(self.lang),
            size=self.size or font_size(self.lang),
            bold=self.bold,
            italic=self.italic,
            underline="single" if self.underlined else None,
            color=self.colour,
        )
        if self.fill:
            cell.fill = PatternFill("solid", fgColor=self.fill)
        side = _side(self.line)
        cell.border = Border(side, side, _side(self.top or self.line), _side(self.bottom or self.line))
        cell.alignment = Alignment(self.align, "center", wrap_text=self.wrap, indent=0 if self.align == "center" else 1)
        cell.number_format = self.number_format
        cell.quotePrefix = self.quoted
        return CellStyle(cell._style, cell.parent.parent._cell_styles)


def _side(colour: str) -> Side:
    return Side("thin", color=colour) if colour else Side()


class CellStyle:
    """A look that a workbook knows, for any number of its cells: much faster than styling them one by one."""

    def __init__(self, style: StyleArray, known: Any) -> None:
        self._style, self._known = style, known

    @classmethod
    def of(cls, cell: Any) -> CellStyle:
        """Return the look that a cell has already."""
        return cls(cell._style, cell.parent.parent._cell_styles)

    @cached_property
    def number(self) -> int:
        """The number of the look in its workbook."""
        return int(self._known.add(self._style)) if any(self._style) else 0

    def apply_to(self, cell: Any) -> None:
        """Make a cell, or a whole column, look so."""
        cell._style = copy(self._style)


def font_name(lang: Lang) -> str:
    """Return a font that Excel has, readable in the language."""
    return "Microsoft YaHei" if lang == "zh" else "Calibri"


def font_size(lang: Lang) -> float:
    """Return the size of ordinary text, in points."""
    return 10 if lang == "zh" else 11


def heading_look(role: Role, lang: Lang, align: Place = "left") -> Look:
    """Return the look of a heading: white on the accent where people fill in, accent on its tint where we compute."""
    if role == "output":
        return Look(lang, bold=True, colour=ACCENT, fill=TINT, line=STRONG_LINE, align=align, wrap=True)
    return Look(lang, bold=True, colour=WHITE, fill=ACCENT, line=WHITE, align=align, wrap=True)


def section_look(lang: Lang) -> Look:
    """Return the look of a title within a sheet."""
    return Look(lang, size=13, bold=True, colour=ACCENT, line="", bottom=ACCENT)


def cell_look(column: Column, role: Role, lang: Lang) -> Look:
    """Return the look of a column's cells, for people to fill in or computed."""
    align, wrap = alignment(column), wraps(column, role)
    if role == "output" or column.code in READ_ONLY:
        return Look(lang, align=align, wrap=wrap)
    return Look(lang, colour=ACCENT, fill=CREAM, line=CREAM_LINE, align=align, wrap=wrap)


def alignment(column: Column) -> Place:
    """Numbers stand on the right, days and words from a list in the middle, everything else on the left."""
    if column.kind in ("number", "fraction", "money"):
        return "right"
    return "center" if column.kind in ("date", "choice", "period") else "left"


def wraps(column: Column, role: Role) -> bool:
    """Whether a column's text runs over several lines; what people fill in row by row stays on one."""
    return role != "input" and (column.width >= 28 or column.kind in ("condition", "expression", "parameters"))


def grade_fills(count: int) -> list[str]:
    """Return one soft colour per grade, from the best to the worst.

    >>> grade_fills(3)
    ['DCEFE2', 'FBF5E2', 'F8DEDA']
    """
    steps = np.linspace(0, 2, count) if count > 1 else np.zeros(count)
    return [_between(GREEN, SAND, step) if step <= 1 else _between(SAND, RED, step - 1) for step in steps]


def _between(first: str, second: str, share: float) -> str:
    pairs = zip(bytes.fromhex(first), bytes.fromhex(second), strict=True)
    return "".join(f"{round(a + (b - a) * share):02X}" for a, b in pairs)


def number_format(column: Column, role: Role, values: pd.Series) -> str:
    """Return the format of a column's cells; computed numbers get the decimals that they have, up to four."""
    match column.kind:
        case "date":
            return MOMENT if (values.dropna().dt.normalize() != values.dropna()).any() else DAY
        case "fraction":
            return PERCENT if values.notna().any() and decimals(values * 100) == 0 else PERCENT_FINE
        case "money":
            return MONEY
        case "number":
            return fixed(decimals(values)) if role == "output" else "General"
        case "any":
            return "General"
        case _:
            return TEXT


def decimals(values: pd.Series, most: int = 4) -> int:
    """Return how many decimals the numbers of a column have, none for an empty column.

    >>> decimals(pd.Series([1.0, 2.5, None]))
    1
    """
    known = values.dropna().to_numpy(dtype=np.float64)
    exact = (digits for digits in range(most) if np.allclose(known, np.round(known, digits), rtol=0, atol=1e-9))
    return next(exact, most)


def fixed(digits: int) -> str:
    """Return the format of numbers with thousands and a fixed count of decimals.

    >>> fixed(0), fixed(2)
    ('#,##0', '#,##0.00')
    """
    return "#,##0" + ("." + "0" * digits if digits else "")


def percent_format(fraction: float) -> str:
    """Return the format of one percentage, with decimals only where it has some.

    >>> percent_format(0.95), percent_format(0.955)
    ('0%', '0.00%')
    """
    return PERCENT if decimals(pd.Series([fraction * 100])) == 0 else PERCENT_FINE


def figure_formats(units: pd.Series, values: pd.Series) -> list[str]:
    """Return the format of each figure by the unit of its indicator; small ones show up to four decimals.

    >>> figure_formats(pd.Series(["%", "元 CNY", "户", "户", "分"]), pd.Series([0.95, 1200.5, 12, 49.3548, 3.456]))
    ['0.00%', '#,##0.00', '#,##0', '#,##0.00', '#,##0.00##']
    """
    whole, large = values.isna() | (values == values.round()), values.abs() >= LARGE
    plain = np.select([whole, large], [fixed(0), fixed(2)], FINE)
    return [
        PERCENT_FINE if is_percent(unit) else MONEY if is_money(unit) else number
        for unit, number in zip(units, plain.tolist(), strict=True)
    ]


def is_percent(unit: object) -> bool:
    """Whether figures of a unit are stored as fractions and shown as percentages."""
    return not PERCENT_UNITS.isdisjoint(str(unit).split())


def is_money(unit: object) -> bool:
    """Whether figures of a unit are amounts.

    >>> is_money("元 CNY"), is_money("户 clients")
    (True, False)
    """
    return not MONEY_UNITS.isdisjoint(str(unit).split())


def text_width(text: str) -> int:
    """Return how wide a text is in characters of Excel's column width; Chinese ones count twice.

    >>> text_width("工号 ID")
    7
    """
    return len(text) if text.isascii() else sum(1 + (east_asian_width(letter) in "WF") for letter in text)


def lines_needed(text: str, width: float) -> int:
    """Return how many lines a text takes in a column of some width.

    >>> lines_needed("one two three", 7), lines_needed("", 10)
    (3, 1)
    """
    room = max(width - 2, 4)
    return sum(max(1, math.ceil(text_width(part) / room)) for part in text.split("\n"))


def row_height(texts: Iterable[tuple[str, float]]) -> float:
    """Return the height in points of a row whose wrapped texts stand in columns of some widths."""
    lines = max((lines_needed(text, width) for text, width in texts), default=1)
    return max(ROW_HEIGHT, lines * LINE_HEIGHT + 6)


@cache
def own_formats() -> OwnFormats:
    """Return the formats that a run gives to cells; whatever else a cell of an output sheet has is HR's.

    >>> "0.00%" in own_formats().numbers, "FF00FF" in own_formats().colours
    (True, False)
    """
    named = {value for name, value in globals().items() if name.isupper() and isinstance(value, str)}
    grades = {colour for count in range(1, _MOST_GRADES) for colour in grade_fills(count)}
    numbers = {"0", "9", "10", "49", "14", "General", TEXT, DAY, MOMENT, PERCENT, PERCENT_FINE, MONEY, FINE,
               "+0;-0;0", "3", "4"}  # fmt: skip
    colours = {*named, *LEVEL_FILLS.values(), *TAB_COLOURS.values(), *grades, "000000"}
    return OwnFormats(frozenset(numbers), r"#,##0(\.0+)?", frozenset(colours))


def chart_title(text: str) -> Title:
    """Return the title of a chart, in the accent and above the plot."""
    title: Any = title_maker(text)
    title.overlay = False
    for paragraph in title.tx.rich.paragraphs:
        paragraph.pPr.defRPr = CharacterProperties(sz=1200, b=True, solidFill=ACCENT)
    return title  # type: ignore[no-any-return]
