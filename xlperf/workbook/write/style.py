"""How the sheets look: a few quiet colours, one accent, and a number format for everything that stands in a cell.

What people fill in is dark blue on cream and nothing else is cream, what xlperf computes is grey on white, and
headings are white on the accent (filled in) or accent on a tint of it (computed). Hairlines stand below rows; there are
no upright lines. Red and green are not used, since red means "up" to many Chinese readers, and a word or a sign stands
beside each colour.
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

TEXT_COLOUR = "1F2933"
MUTED = "5F6B7A"
ACCENT = "1F4E79"
TINT = "DCE7F2"  # what is done, totals
PALE = "F4F7FB"  # headings, subtotals
LINE = "DDE3EA"
STRONG_LINE = "8FA3B8"
CREAM = "FFF8E1"
CREAM_LINE = "E6DEC8"
WHITE = "FFFFFF"

BAR = "BCD8EF"
GOOD, WARN = "1F5F99", "B4500F"  # always beside a sign or a word
AMBER, GREY = "FADDB3", "E9ECF0"
GRADES = (GOOD, BAR, GREY, AMBER, WARN)  # from the best to the worst: five that the colour-blind tell apart
_TEXT_COLOURS = {BAR: "123A5C", GREY: "333D49", AMBER: "6B3A00"}  # of words on a chip; each at least 5 : 1 on its fill
LEVEL_FILLS: dict[Level, str] = {"error": WARN, "warning": AMBER, "note": TINT}
_FORMER = frozenset(  # of versions before: a cell that still looks so is ours, and follows the run
    ("66727F", "DFE8F1", "D5DBE2", "FFFBF0", "A9C1DA", "DCEFE2", "FBF5E2", "F8DEDA", "FCEFD0", "EFF1F4")
)
TAB_COLOURS: dict[Role, str] = {"policy": ACCENT, "input": "D9B65C", "output": "6FA287"}

TEXT, DAY, MOMENT = "@", "yyyy-mm-dd", "yyyy-mm-dd hh:mm"
PERCENT, PERCENT_FINE, MONEY, FINE = "0%", "0.00%", "#,##0.00", "#,##0.00##"
PLACES = '"▲"0;"▼"0;"–"'  # against the place of the period before
LARGE = 10  # from here on two decimals are enough
PERCENT_UNITS = frozenset({"%", "％", "百分比", "percent"})
MONEY_UNITS = frozenset({"元", "yuan", "人民币", "¥", "￥", "RMB", "CNY", "USD", "$", "€", "EUR"})

PAGE_NUMBERS = Text("第 &P 页，共 &N 页", "Page &P of &N")  # as Excel writes them in a footer
READ_ONLY = ("setting", "meaning")  # columns of the Home sheet that xlperf writes and nobody needs to change
LINE_HEIGHT = 15.0  # points, one line of text
ROW_HEIGHT = 20.0
HEADING_HEIGHT = 26.0
TALL_HEADING = 36.0  # of two lines

CHIPS = frozenset(("grade", "grade_name"))  # columns whose cells are filled with the colour of the grade
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
    colour: str = TEXT_COLOUR
    fill: str = ""
    line: str = LINE
    top: str = ""
    bottom: str = ""
    left: str = ""
    beside: str = ""  # upright lines on both sides
    align: Place = "left"
    wrap: bool = False
    shrink: bool = False  # a text that is a little too long is written smaller
    number_format: str = "General"
    quoted: bool = False
    boxed: bool = False  # with upright lines too, as on a form that is filled in by hand

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
        upright = side if self.boxed else _side(self.beside, "medium")
        cell.border = Border(
            _side(self.left, "thick") if self.left else upright,
            upright,
            _side(self.top, "medium") if self.top else _side(self.line if self.boxed else ""),
            _bottom(self),
        )
        cell.alignment = Alignment(
            self.align,
            "center",
            wrap_text=self.wrap,
            shrink_to_fit=self.shrink or None,
            indent=0 if self.align == "center" else 1,
        )
        cell.number_format = self.number_format
        cell.quotePrefix = self.quoted
        return CellStyle(cell._style, cell.parent.parent._cell_styles)


def _side(colour: str, weight: Literal["thin", "medium", "thick"] = "thin") -> Side:
    return Side(weight, color=colour) if colour else Side()


def _bottom(look: Look) -> Side:
    return _side(look.bottom, "medium") if look.bottom == ACCENT and look.fill else _side(look.bottom or look.line)


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
    return "Microsoft YaHei" if lang == "zh" else "Segoe UI"


def font_size(lang: Lang) -> float:
    """Return the size of ordinary text, in points."""
    return 10


def heading_look(role: Role, lang: Lang, align: Place = "left") -> Look:
    """Return the look of a heading: white on the accent where people fill in, accent on its tint where we compute."""
    if role == "output":
        return Look(lang, bold=True, colour=ACCENT, fill=PALE, bottom=ACCENT, align=align, wrap=True)
    return Look(lang, bold=True, colour=WHITE, fill=ACCENT, line=WHITE, align=align, wrap=True)


def section_look(lang: Lang) -> Look:
    """Return the look of a title within a sheet."""
    return Look(lang, size=13, bold=True, colour=ACCENT, line="", bottom=ACCENT)


def cell_look(column: Column, role: Role, lang: Lang) -> Look:
    """Return the look of a column's cells, for people to fill in or computed."""
    align, wrap = alignment(column), wraps(column, role)
    if role == "output" or column.code in READ_ONLY or column.computed:
        return Look(lang, align=align, wrap=wrap)
    return Look(lang, colour=ACCENT, fill=CREAM, line=CREAM_LINE, align=align, wrap=wrap)


def alignment(column: Column) -> Place:
    """Numbers stand on the right, days, grades and words from a list in the middle, everything else on the left."""
    if column.code in CHIPS:
        return "center"
    if column.kind in ("number", "fraction", "money"):
        return "right"
    return "center" if column.kind in ("date", "choice", "period") else "left"


def wraps(column: Column, role: Role) -> bool:
    """Whether a column's text runs over several lines; what people fill in row by row stays on one."""
    return role != "input" and (column.width >= 28 or column.kind in ("condition", "expression", "parameters"))


def grade_fills(count: int) -> list[str]:
    """Return one colour per grade, from the best to the worst: blue, grey, orange.

    >>> grade_fills(3)
    ['1F5F99', 'E9ECF0', 'B4500F']
    """
    steps = np.linspace(0, len(GRADES) - 1, count) if count > 1 else np.zeros(count)
    return [_between(GRADES[int(step)], GRADES[min(int(step) + 1, len(GRADES) - 1)], step % 1) for step in steps]


def _between(first: str, second: str, share: float) -> str:
    pairs = zip(bytes.fromhex(first), bytes.fromhex(second), strict=True)
    return "".join(f"{round(a + (b - a) * share):02X}" for a, b in pairs)


@cache
def text_colour_on(fill: str) -> str:
    """Return the colour of words on a fill: the one of its hue, or whichever of white and black is told better.

    >>> text_colour_on("1F5F99"), text_colour_on("BCD8EF"), text_colour_on("")
    ('FFFFFF', '123A5C', '1F2933')
    """
    if not fill or fill in _TEXT_COLOURS:
        return _TEXT_COLOURS.get(fill, TEXT_COLOUR)
    return max((WHITE, TEXT_COLOUR), key=lambda text_colour: contrast(text_colour, fill))


def chip(fill: str, of_grade: bool) -> dict[str, Any]:
    """Return the looks of a cell with a fill of its own; nothing without one.

    >>> chip("1F5F99", of_grade=True)
    {'fill': '1F5F99', 'colour': 'FFFFFF', 'bold': True}
    """
    return {"fill": fill, "colour": text_colour_on(fill), "bold": of_grade} if fill else {}


def contrast(text_colour: str, fill: str) -> float:
    """Return how well a colour is told from another, from 1 to 21.

    Source: WCAG 2.1, contrast ratio; 4.5 is asked of ordinary text.

    >>> contrast("FFFFFF", "000000"), round(contrast("FFFFFF", "1F5F99"), 1)
    (21.0, 6.7)
    """
    light, dark = sorted((_luminance(text_colour), _luminance(fill)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = (value / 255 for value in bytes.fromhex(colour))
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


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
               "+0;-0;0", '+0;-0;"–"', PLACES, "3", "4"}  # fmt: skip
    text_colours = {text_colour_on(colour) for colour in grades}
    colours = {*named, *_FORMER, *LEVEL_FILLS.values(), *TAB_COLOURS.values(), *grades, *text_colours, "000000"}
    return OwnFormats(frozenset(numbers), r"#,##0(\.0+)?", frozenset(colours))


def chart_title(text: str, size: int = 12) -> Title:
    """Return the title of a chart, in the accent and above the plot; ``size`` is in points."""
    title: Any = title_maker(text)
    title.overlay = False
    for paragraph in title.tx.rich.paragraphs:
        paragraph.pPr.defRPr = CharacterProperties(sz=size * 100, b=True, solidFill=ACCENT)
    return title  # type: ignore[no-any-return]
