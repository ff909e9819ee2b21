"""Writes Home: the steps of the month, what comes next, key figures, grades, problems, links, and the settings.

The first page is a grid of columns in which seven steps and four groups of links stand evenly: a step is four units
wide, a group seven. Each panel has a name in the workbook, so that a run finds it wherever HR has moved it. On older
workbooks without these names only the title and the next step are renewed, and the sheets linked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.workbook import Workbook
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.worksheet import Worksheet

from xlperf.core.problems import LANGUAGES, Lang, Problem, Text
from xlperf.policy.scheme import Scheme
from xlperf.policy.scheme.codec import setting_text
from xlperf.reporting.home_page import NOT_YET, TO_DO, Figure, HomePage, StepCode
from xlperf.schema import HIDDEN, RULES_TITLE, SHEETS, Column, Role, Sheet, sheets_of
from xlperf.schema.settings import SETTINGS, Setting, find_setting
from xlperf.schema.tables import Table
from xlperf.workbook.write import style
from xlperf.workbook.write.fill_rows import append, cells_of_records
from xlperf.workbook.write.style import Look
from xlperf.workbook.write.table_sheet import (
    TableLook,
    bar_from_zero,
    book_of,
    link,
    location,
    offer_words,
    set_paper,
    sheet_in,
    write_sheet,
)
from xlperf.xlsx.formula import put

RULES_SHEET = Sheet(
    "rules",
    RULES_TITLE,
    "output",
    (
        Column("name", Text("评分规则", "Rule"), width=20),
        Column("code", Text("代码", "Code"), width=20),
        Column("brief", Text("一句话", "In one sentence"), width=40),
        Column("summary", Text("怎样计分", "How it scores"), width=52),
        Column("parameters", Text("参数", "Parameters"), width=64),
        Column("source", Text("出处", "Source"), width=36),
    ),
    about=Text("可用的评分规则及其参数，供查阅。", "The scoring rules and their parameters, to look things up."),
)

ROLE_NAMES: dict[Role, Text] = {
    "policy": Text("政策", "Policy"),
    "input": Text("填写", "To fill in"),
    "output": Text("结果", "Computed"),
}
GROUPS: tuple[tuple[Text, tuple[str, ...]], ...] = (  # where a sheet is listed; every other one with its role
    (Text("1  填写", "1  Fill in"), ()),
    (
        Text("2  检查与计算", "2  Check and compute"),
        ("problems", "results", "ranking", "units", "detail", "unit_detail", "rater_groups", "differences", "run"),
    ),
    (Text("3  查看与应用", "3  Look into and use"), ()),
    (Text("4  政策", "4  Policy"), ("policy_log",)),
)
_GROUP_OF_ROLE: dict[Role, int] = {"input": 0, "output": 2, "policy": 3}

UNIT = 5.6  # characters; the columns stand at the borders of four units and of seven
_GRID = {"A": 2.5, "B": 4 * UNIT, "C": 3 * UNIT, "D": UNIT, "E": 4 * UNIT, "F": 2 * UNIT, "G": 2 * UNIT, "H": 4 * UNIT,
         "I": UNIT, "J": 3 * UNIT, "K": 4 * UNIT}  # fmt: skip
_STEPS = ("B", "C:D", "E", "F:G", "H", "I:J", "K")
_FIGURES = ("B", "C:D", "E", "F:G")
_GROUPS = (("B", "C"), ("D:E", "F"), ("G:H", "I"), ("J", "K"))  # of titles and of row counts
_LAST = "K"
_COMMANDS: dict[StepCode, str] = {  # that take the steps which are still to come
    "sent": "xlperf publish",
    "collected": "xlperf collect",
    "checked": "xlperf check",
    "run": "xlperf run",
    "calibrated": "xlperf calibrate",
    "appealed": "xlperf appeals",
    "published": "xlperf publish",
    "rolled": "xlperf roll",
}
_LINE_OF_LINKS = 18.0  # points
_LINKS = 10  # in a group on the first page; what is left over stands on the second
_MOST_LINKS = 8  # in a group on the second page
_PROBLEMS = 3  # that are shown with their addresses
_GRADE_ROWS = 6  # at least
_PANELS = {panel: f"xlperf_{panel}" for panel in
           ("steps", "next", "figures", "grades", "problems", "links", "more", "settings")}  # fmt: skip
_TITLE, _SUBTITLE, _NEXT = "xlperf_title", "xlperf_subtitle", _PANELS["next"]
NAMES = (_TITLE, _SUBTITLE, *_PANELS.values())  # of cells on Home
_FIRST_COLUMN = 2
_LETTERS_OF_MEANING = "DEFGHIJK"
_LONGEST_PROBLEM = 90  # characters
_NO_FIGURE = "–"
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_FIRST_CELL = re.compile(r"[A-Z]{1,3}[1-9][0-9]*")

FIGURES, GRADES = Text("关键数字", "Key figures"), Text("等级分布（人）", "Grades (people)")
SETTINGS_TITLE, MORE = Text("设置", "Settings"), Text("更多工作表", "More sheets")
_OPEN, _YOURS = Text("打开 {title} →", "Open {title} →"), Text("米色：可以填写", "Cream: yours to fill in")
_ROWS = Text("{n} 行", "{n}")


def write_home(ws: Worksheet, scheme: Scheme, page: HomePage, shown: Sequence[str], lang: Lang) -> None:
    """Write the first sheet.

    Parameters
    ----------
    ws : an empty sheet
    scheme : its name, its settings and its grades are shown
    page : how far the work is, and the figures
    shown : the codes of the other policy and input sheets, in their order
    lang : "zh" or "en"
    """
    _write_title(ws, scheme, lang)
    grades = 11
    links = grades + max(_GRADE_ROWS, len(scheme.grades)) + 1
    more = links + _LINKS + 3
    settings = more + _MOST_LINKS + 2
    panels = {"steps": 5, "next": 8, "figures": 11, "grades": grades, "problems": 15, "links": links, "more": more,
              "settings": settings}  # fmt: skip
    for panel, row in panels.items():
        _name(ws, _PANELS[panel], f"${'H' if panel == 'grades' else 'B'}${row}")
    heights = {6: 36, 7: 8, 8: 30, 9: 8, links - 1: 8, links + _LINKS + 1: style.ROW_HEIGHT, links + _LINKS + 2: 12}
    for row in range(5, settings):
        ws.row_dimensions[row].height = heights.get(row, _LINE_OF_LINKS if row > links else style.ROW_HEIGHT)
    _write_section(ws, 10, FIGURES(lang), "BCDEF", lang)
    _write_section(ws, 10, GRADES(lang), "HIJK", lang)
    _write(ws, f"B{links + _LINKS + 1}", "", Look(lang, fill=style.CREAM, line=style.CREAM_LINE))
    _write(ws, f"C{links + _LINKS + 1}", _YOURS(lang), Look(lang, colour=style.MUTED, line=""))
    bars = f"J{grades}:J{grades + max(_GRADE_ROWS, len(scheme.grades)) - 1}"
    ws.conditional_formatting.add(bars, bar_from_zero(style.ACCENT, with_number=False))
    _Panels(ws, scheme, lang, {name: (panels[panel]) for panel, name in _PANELS.items()}).write(page, shown)
    ws.row_breaks.append(Break(id=more - 1))
    _write_section(ws, settings - 1, SETTINGS_TITLE(lang), "BCDEFGHIJK", lang)
    _write_settings(ws, scheme, settings, lang)
    for letter, width in _GRID.items():
        ws.column_dimensions[letter].width = width
    set_paper(ws, scheme.name(lang), lang)
    ws.print_title_rows = None
    ws.page_margins.top = ws.page_margins.bottom = 0.45
    ws.page_margins.header = ws.page_margins.footer = 0.2


def _write_title(ws: Worksheet, scheme: Scheme, lang: Lang) -> None:
    for letter in _GRID:
        Look(lang, fill=style.ACCENT, line="").register(ws).apply_to(ws[f"{letter}1"])
    for row, height in enumerate((7, 42, 22, 10), start=1):
        ws.row_dimensions[row].height = height
    _write(ws, "B2", scheme.name(lang), Look(lang, size=22, bold=True, colour=style.ACCENT, line=""))
    _write(ws, "B3", subtitle(scheme, lang), Look(lang, colour=style.MUTED, line=""))
    _name(ws, _TITLE, "$B$2")
    _name(ws, _SUBTITLE, "$B$3")


def _name(ws: Worksheet, name: str, place: str) -> None:
    """Name a cell, so that a run finds it wherever it comes to stand."""
    book_of(ws).defined_names[name] = DefinedName(name, attr_text=f"{quote_sheetname(ws.title)}!{place}")


class _Panels:
    """The panels of Home, which a run renews: each below the cell that is named after it."""

    def __init__(self, ws: Worksheet, scheme: Scheme, lang: Lang, rows: Mapping[str, int]) -> None:
        self.ws, self.scheme, self.lang = ws, scheme, lang
        self.rows = {panel: rows[name] for panel, name in _PANELS.items()}
        self.plain, self.muted = Look(lang, line=""), Look(lang, colour=style.MUTED, line="")

    def write(self, page: HomePage, shown: Sequence[str]) -> None:
        """Write what stands on the panels; ``shown`` are the codes of the sheets of policy and to fill in."""
        self._steps(page)
        self._next(page)
        self._figures(page.figures)
        self._grades(page.grades)
        self._problems(page.problems)
        self.write_links(page.counts, shown)

    def _put(self, columns: str, row: int, value: Any, look: Look, to: str | None = None) -> None:
        """Write a value in a cell, or in two that are merged, with the place that it leads to."""
        first, _, last = columns.partition(":")
        if last:
            self._merge(f"{first}{row}:{last}{row}")
            look.register(self.ws).apply_to(self.ws[f"{last}{row}"])
        cell = self.ws[f"{first}{row}"]
        put(cell, value if value != "" else None)
        cell.hyperlink = None
        linked = replace(look, colour=style.ACCENT, underlined=True) if to is not None else look
        linked.register(self.ws).apply_to(cell)
        if to is not None:
            link(cell, to)

    def _merge(self, ref: str) -> None:
        if ref not in {str(each) for each in self.ws.merged_cells.ranges}:
            self.ws.merge_cells(ref)

    def _steps(self, page: HomePage) -> None:
        row, codes = self.rows["steps"], [each.code for each in page.steps]
        for number, (columns, step) in enumerate(zip(_STEPS, page.steps, strict=True), start=1):
            now = step.code == page.now
            unknown = step.done is None or number <= codes.index(page.now)  # what lies behind, but left no trace here
            mark = "▶" if now else "✓" if step.done else "–" if unknown else str(number)
            fill = style.ACCENT if now else style.TINT if step.done else style.PALE
            letters = style.WHITE if now else style.ACCENT if step.done else style.MUTED
            look = Look(self.lang, colour=letters, fill=fill, line="", align="center", wrap=True, beside=style.WHITE)
            self._put(columns, row, f"{mark} {TO_DO[step.code](self.lang)}", replace(look, bold=True))
            told = step.done or (now and step.seen != NOT_YET)
            seen = step.seen(self.lang).rstrip("。.") if told else ""
            seen = _COMMANDS.get(step.code, "") if not told and step.done is False else seen
            self._put(columns, row + 1, seen, replace(look, size=9))

    def _next(self, page: HomePage) -> None:
        row, look = self.rows["next"], Look(self.lang, fill=style.PALE, line="")
        for letter in "BCDEFGHIJK":
            look.register(self.ws).apply_to(self.ws[f"{letter}{row}"])
        self._put("B", row, page.following(self.lang), replace(look, bold=True, left=style.WARN))
        found = self._there(page.opens)
        if found is not None:
            text = _OPEN(self.lang).format(title=found[0])
            self._put("J:K", row, text, replace(look, bold=True, align="right"), found[1])

    def _figures(self, figures: Sequence[Figure]) -> None:
        row = self.rows["figures"]
        number = Look(self.lang, size=22, bold=True, colour=style.ACCENT, line="")
        for columns, figure in zip(_FIGURES, figures, strict=True):
            first, _, last = columns.partition(":")
            self._put(columns, row, figure.name(self.lang), self.muted)
            self.ws[f"{first}{row + 1}"].number_format = figure.number_format
            shown = _NO_FIGURE if figure.value is None else figure.value
            self._put(first, row + 1, shown, replace(number, number_format=figure.number_format))
            self._merge(f"{first}{row + 1}:{last or first}{row + 2}")
            self._put(columns, row + 3, figure.remark(self.lang), replace(self.muted, size=9))

    def _grades(self, grades: Sequence[tuple[str, int]]) -> None:
        row, room = self.rows["grades"], self.rows["links"] - self.rows["grades"] - 1
        names = {each.code: each.name(self.lang) for each in self.scheme.grades}
        fills = dict(zip(names, style.grade_fills(len(names)), strict=True))
        total = sum(count for _, count in grades)
        for place in range(room):
            code, count = grades[place] if place < len(grades) else ("", 0)
            chip = Look(self.lang, line=style.WHITE, align="center", **style.chip(fills.get(code, ""), True))
            self._put("H", row + place, names.get(code, ""), chip if code else self.plain)
            self._put("I", row + place, count if code and total else "", replace(self.plain, align="right", bold=True))
            self._put("J", row + place, count if code and total else "", replace(self.plain, colour=style.WHITE))
            share = count / total if code and total else ""
            self._put("K", row + place, share, replace(self.muted, number_format=style.PERCENT, align="left"))

    def _problems(self, problems: Sequence[Problem]) -> None:
        row, titles = self.rows["problems"], book_of(self.ws).sheetnames
        listed = [each for each in problems if each.sheet in titles]
        for place in range(min(_PROBLEMS, self.rows["links"] - row - 1)):
            each = listed[place] if place < len(listed) else None
            text = f"⚠ {each.place}  {each.found(self.lang)}" if each is not None else ""
            look = replace(self.plain, colour=style.WARN, size=9)
            to = location(each.sheet, first_cell(each.cells)) if each is not None else None
            self._put("B", row + place, _cut(text), look, to)
            if each is not None:
                look.register(self.ws).apply_to(self.ws[f"B{row + place}"])

    def write_links(self, counts: Mapping[str, int], shown: Sequence[str]) -> None:
        """List the sheets, group by group, with their rows."""
        row, more = self.rows["links"], self.rows["more"]
        rows_used = 0
        for number, (titles, numbers) in enumerate(_GROUPS):
            first, last = titles.partition(":")[0], numbers
            letters = [chr(at) for at in range(ord(first), ord(last) + 1)]
            _write_section(self.ws, row, GROUPS[number][0](self.lang), letters, self.lang)
            listed = self._listed(number, shown)
            kept = listed if len(listed) <= _LINKS else listed[: _LINKS - 1]
            for place in range(_LINKS):
                code = kept[place] if place < len(kept) else ""
                self._link(titles, numbers, row + 1 + place, code, counts)
            if len(kept) < len(listed):
                rest = Text(f"{MORE.zh}…", f"{MORE.en}…")(self.lang)
                look = replace(self.plain, line=style.LINE)
                self._put(titles, row + _LINKS, rest, look, location(self.ws.title, f"B{more}"))
                self._put(
                    numbers, row + _LINKS, len(listed) - len(kept), replace(self.muted, line=style.LINE, align="right")
                )
            for place in range(_MOST_LINKS):
                code = listed[len(kept) + place] if len(kept) + place < len(listed) else ""
                self._link(titles, numbers, more + 1 + place, code, counts)
            rows_used = max(rows_used, len(listed) - len(kept))
        title = MORE(self.lang) if rows_used else ""
        _write_section(self.ws, more, title, "BCDEFGHIJK", self.lang, ruled=rows_used > 0)
        for place in range(_MOST_LINKS + 1):  # the title and the links below it
            self.ws.row_dimensions[more + place].hidden = not rows_used or place > rows_used

    def _link(self, titles: str, numbers: str, row: int, code: str, counts: Mapping[str, int]) -> None:
        found = self._there(code) if code else None
        title = found[0] if found else _title_of(code, self.lang) if code else ""
        line = style.LINE if code else ""
        self._put(titles, row, title, replace(self.muted, line=line), found[1] if found else None)
        count = counts.get(code)
        text = _ROWS(self.lang).format(n=f"{count:,}") if code and found and count is not None else ""
        self._put(numbers, row, text, replace(self.muted, line=line, align="right", size=9))

    def _listed(self, number: int, shown: Sequence[str]) -> list[str]:
        """Return the codes of the sheets of a group, in the order of work."""
        sheets = [
            *(SHEETS[code] for code in shown),
            RULES_SHEET,
            *(SHEETS[code] for code in self.scheme.output_sheets()),
        ]
        codes = [each.code for each in sheets if _group_of(each) == number]
        return ["settings", *codes] if number == _GROUP_OF_ROLE["policy"] else codes

    def _there(self, code: str) -> tuple[str, str] | None:
        """Return the title of a sheet that there is, and the place that leads to it."""
        if code == "settings":
            return SETTINGS_TITLE(self.lang), location(self.ws.title, f"B{self.rows['settings']}")
        workbook = book_of(self.ws)
        if code == RULES_SHEET.code:
            title = next((each for each in workbook.sheetnames if each in RULES_TITLE), None)
        else:
            ws = sheet_in(workbook, code)
            title = ws.title if ws is not None else None
        return (title, location(title)) if title is not None else None


def _title_of(code: str, lang: Lang) -> str:
    return RULES_TITLE(lang) if code == RULES_SHEET.code else SHEETS[code].title(lang)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_PROBLEM else f"{text[:_LONGEST_PROBLEM]}…"


def first_cell(cells: str) -> str:
    """Return the first cell of an address; the first of the sheet where there is none.

    >>> first_cell("F14:F22, G3"), first_cell("")
    ('F14', 'A1')
    """
    found = _FIRST_CELL.match(cells)
    return found[0] if found else "A1"


def subtitle(scheme: Scheme, lang: Lang) -> str:
    """Return the line below the title: the period, how often the scheme appraises, and which version it is.

    >>> from xlperf.policy import schemes
    >>> subtitle(schemes.load("service-team").with_settings(period="2026-10", version="3"), "en")
    'Period 2026-10  ·  every month  ·  scheme service-team, version 3'
    """
    settings = scheme.settings
    kind = SETTINGS["period_kind"].vocabulary[settings.period_kind](lang)
    period = settings.period or Text("尚未填写（见下方设置）", "not set yet (see the settings below)")(lang)
    if lang == "zh":
        parts = (f"考核周期 {period}", f"按{kind}考核", f"方案 {settings.scheme}，版本 {settings.version}")
    else:
        parts = (f"Period {period}", f"every {kind}", f"scheme {settings.scheme}, version {settings.version}")
    return "  ·  ".join(parts)


def refresh_home(workbook: Workbook, scheme: Scheme, page: HomePage, lang: Lang) -> None:
    """Bring Home up to date: its title, and the panels that it has."""
    home = sheet_in(workbook, "settings")
    if home is None:
        return
    places = _named_places(workbook, home)
    words = {_TITLE: scheme.name(lang), _SUBTITLE: subtitle(scheme, lang), _NEXT: page.following(lang)}
    for name in words.keys() & places.keys():
        put(home[places[name]], words[name])
    if (panels := _panels_on(home, scheme, places, lang)) is not None:
        panels.write(page, _codes_shown(workbook))
    else:
        _link_sheets(home, workbook, lang)


def refresh_links(workbook: Workbook, scheme: Scheme, counts: Mapping[str, int], lang: Lang) -> None:
    """List the sheets on Home anew, with their ``counts`` of rows by code; nothing else on it changes."""
    home = sheet_in(workbook, "settings")
    if home is None:
        return
    if (panels := _panels_on(home, scheme, _named_places(workbook, home), lang)) is not None:
        panels.write_links(counts, _codes_shown(workbook))


def _named_places(workbook: Workbook, home: Worksheet) -> dict[str, str]:
    """Return the cells of Home that have one of our names."""
    return {
        name: place.replace("$", "")
        for name in NAMES
        if name in workbook.defined_names
        for title, place in workbook.defined_names[name].destinations
        if title == home.title
    }


def _panels_on(home: Worksheet, scheme: Scheme, places: Mapping[str, str], lang: Lang) -> _Panels | None:
    """Return the panels of Home; None on a Home of an earlier version, which has none."""
    if not {*_PANELS.values()} <= places.keys():
        return None
    return _Panels(home, scheme, lang, {name: home[place].row for name, place in places.items()})


def _codes_shown(workbook: Workbook) -> list[str]:
    """Return the codes of the sheets of policy and to fill in that a workbook has, in their order."""
    sheets = (*sheets_of("policy"), *sheets_of("input"))
    return [each.code for each in sheets if each.code != "settings" and sheet_in(workbook, each.code) is not None]


def _link_sheets(home: Worksheet, workbook: Workbook, lang: Lang) -> None:
    """Link the sheets that exist by now on a Home of an earlier version."""
    computed = {sheet.title(each) for sheet in sheets_of("output") for each in LANGUAGES}
    for row in home.iter_rows(min_col=_FIRST_COLUMN, max_col=5, max_row=min(home.max_row, 80)):
        for cell in row:
            if cell.value in computed and cell.value in workbook.sheetnames:
                _write_link(home, cell.coordinate, str(cell.value), lang)


def _group_of(sheet: Sheet) -> int | None:
    """Return the number of the group that a sheet is listed in; None where nobody is led to it."""
    if sheet is RULES_SHEET:
        return _GROUP_OF_ROLE["policy"]
    if sheet.code in HIDDEN:
        return None
    return next((at for at, (_, codes) in enumerate(GROUPS) if sheet.code in codes), _GROUP_OF_ROLE[sheet.role])


def _write_settings(ws: Worksheet, scheme: Scheme, row: int, lang: Lang) -> None:
    values = scheme.settings.values()
    frame = pd.DataFrame(
        {
            "setting": [setting.name(lang) for setting in scheme.switches()],
            "value": pd.Series(
                [_setting_cell(each, values[each.code], lang) for each in scheme.switches()], dtype=object
            ),
            "meaning": [setting.meaning(lang) for setting in scheme.switches()],
        }
    )
    formats = {"value": [_SETTING_FORMATS.get(setting.kind, style.TEXT) for setting in scheme.switches()]}
    corner, title = (row, _FIRST_COLUMN), scheme.name(lang)
    area = write_sheet(ws, SHEETS["settings"], frame, lang, None, title, corner, TableLook(formats=formats))
    heading = replace(style.heading_look("policy", lang), wrap=False)
    for letter in _LETTERS_OF_MEANING:
        heading.register(ws).apply_to(ws[f"{letter}{row}"])
    for place, setting in enumerate(scheme.switches(), start=area.first_row):
        value = str(ws[f"{area.letters['value']}{place}"].value or "")
        ws.row_dimensions[place].height = style.row_height([(value, _GRID["C"])])
        ws.row_dimensions[place].hidden = setting.code in _of_other_language(scheme, lang)
        for letter in _LETTERS_OF_MEANING:  # the meaning runs on over the columns to its right
            Look(lang).register(ws).apply_to(ws[f"{letter}{place}"])
        cell = f"{area.letters['value']}{place}"
        if setting.words:
            words = [word(lang) for word in setting.vocabulary.values()]
            offer_words(ws, cell, setting.words, words, lang, strict=setting.kind == "choice")
        elif setting.kind in _SETTING_FORMATS:
            ws.add_data_validation(_not_negative(cell, whole=setting.kind == "whole", lang=lang))


def _of_other_language(scheme: Scheme, lang: Lang) -> list[str]:
    """Return the settings that are texts in the other language: they stay, but are not in the reader's way.

    >>> from xlperf.policy import schemes
    >>> scheme = schemes.load("service-team")
    >>> _of_other_language(scheme, "en"), _of_other_language(scheme.with_settings(name_en="", basis=""), "en")
    (['name', 'basis'], [])
    """
    settings = scheme.settings
    if lang == "zh":
        return ["name_en"]
    there_in_english = [code for code in ("name",) if settings.name_en]
    return there_in_english + [code for code in ("basis",) if _CHINESE.search(settings.basis)]


def add_settings(home: Worksheet, scheme: Scheme, settings: Sequence[Setting], lang: Lang) -> None:
    """Add settings to the table on Home, below those that are there, with the values in force; none stands twice."""
    old_rows, places = cells_of_records(home, SHEETS["settings"])
    listed = {find_setting(str(home.cell(row, places["setting"]).value)) for row in old_rows} if places else set()
    new, values = [each for each in settings if each not in listed], scheme.settings.values()
    if not new or not places:
        return
    rows = {
        "setting": [each.name(lang) for each in new],
        "value": pd.Series([_setting_cell(each, values[each.code], lang) for each in new], dtype=object),
        "meaning": [each.meaning(lang) for each in new],
    }
    letters = {code: get_column_letter(number) for code, number in places.items()}
    below = np.arange(len(new)) + max(old_rows, default=0) + 1
    append(home, Table(SHEETS["settings"], pd.DataFrame(rows), home.title, below, letters), lang)


_SETTING_FORMATS = {"number": "General", "whole": "0", "fraction": style.PERCENT}


def _setting_cell(setting: Setting, value: Any, lang: Lang) -> Any:
    return value if setting.kind in _SETTING_FORMATS else setting_text(setting, value)(lang) or None


def _not_negative(cell: str, whole: bool, lang: Lang) -> DataValidation:
    kind = Text("整数", "a whole number")(lang) if whole else Text("数字", "a number")(lang)
    validation = DataValidation(
        "whole" if whole else "decimal", operator="greaterThanOrEqual", formula1="0", sqref=cell
    )
    validation.error = Text(f"请填写不小于 0 的{kind}。", f"Please type {kind}, not below 0.")(lang)
    validation.errorTitle, validation.showErrorMessage = "xlperf", True
    return validation


def _write(ws: Worksheet, place: str, text: str, look: Look) -> None:
    put(ws[place], text or None)
    look.register(ws).apply_to(ws[place])


def _write_link(ws: Worksheet, place: str, title: str, lang: Lang) -> None:
    _write(ws, place, title, Look(lang, colour=style.ACCENT, underlined=True, line=""))
    link(ws[place], location(title))


def _write_section(ws: Worksheet, row: int, title: str, letters: Sequence[str], lang: Lang, ruled: bool = True) -> None:
    look = style.section_look(lang) if ruled else Look(lang, line="")
    for at, letter in enumerate(letters):
        _write(ws, f"{letter}{row}", title if at == 0 else "", look)
    ws.row_dimensions[row].height = 26
