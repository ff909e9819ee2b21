"""Draws the views: a page for the company, one for a unit and one for a person, each with a month to choose.

The pages are native formulas that look the figures up on the Figures sheet: they work in any spreadsheet programme,
without Python. What they lead to, the lists and the rows behind, is plain values and links of the run's own period.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from openpyxl.formatting.rule import Rule
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.styles.numbers import NumberFormat
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.utils.datetime import to_excel
from openpyxl.workbook import Workbook
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from xlperf.analysis.row_pages import rows_shown
from xlperf.core.problems import Lang, Text
from xlperf.reporting.dashboards import NO, TRENDS, UNIT_LEVELS, VIEWS, YES, Views, with_earlier
from xlperf.schema import SHEETS, Column
from xlperf.scoring.units import COMPANY
from xlperf.workbook.area import Area
from xlperf.workbook.write import style
from xlperf.workbook.write.drilldown import Pen, Places, places_of, prepare, write_behind, write_lists
from xlperf.workbook.write.table_sheet import (
    NOT_APPLICABLE,
    TableLook,
    book_of,
    cell_values,
    fresh_sheet,
    location,
    paint,
    write_sheet,
)

CHOSEN_WHO, CHOSEN_PERIOD, HEADINGS, FIRST = 3, 4, 6, 7  # rows of a page
TASKS_ON_PAGE = 40
TASK_COLUMNS = ("task_id", "task_kind", "client_id", "due_date", "done_date", "status", "on_time")
NUMBERS = ("actual", "company_actual", "target", "previous")

_WHO = {"company": Text("单位", "Unit"), "department": Text("单位", "Unit"), "employee": Text("员工", "Employee")}
_PERIOD, _KEY = Text("周期", "Period"), Text("索引", "Key")
_NOTES = {
    "company": Text(
        "在黄色单元格中选择周期。指标名称通往{period}的下级单位，由低到高。",
        "Choose the period in the yellow cell. An indicator leads to the units below in {period}, ascending.",
    ),
    "department": Text(
        "在黄色单元格中选择单位和周期。指标名称通往{period}的下级单位和人员，由低到高。",
        "Choose unit and period in the yellow cells. An indicator leads to who is below in {period}, ascending.",
    ),
    "employee": Text(
        "在黄色单元格中选择员工和周期。指标名称通往{period}的客户和任务明细。",
        "Choose employee and period in the yellow cells. An indicator leads to the rows behind it in {period}.",
    ),
}
_TASKS = Text("任务清单：{period}到期或逾期未完成", "Tasks due in {period}, or still open from before")
_CUT = Text("（每人前 {n} 项）", " (the first {n} of each person)")
_ALL_TASKS = Text("全部任务", "all tasks")


def write_views(workbook: Workbook, views: Views, earlier: pd.DataFrame, title: str, lang: Lang) -> None:
    """Write the views, each in place of the one that was there.

    Parameters
    ----------
    workbook : Workbook
    views : what they show of the run's period
    earlier : the rows of the Figures sheet that runs before left, so that their periods can be chosen
    title : stands at the top of every printed table
    lang : "zh" or "en"
    """
    figures = with_earlier(views.figures, earlier, views.calendar)
    pens = {code: Pen(fresh_sheet(workbook, SHEETS[code], lang), lang) for code in VIEWS}
    places = places_of(views)
    store = _write_figures(pens["figures"], figures, title)
    tasks = _write_tasks(pens["task_list"], views, title)
    company = _write_company(pens, store, views, places)
    for code in ("department", "employee"):
        _write_page(pens, code, store, views, places)
    _write_own_tasks(pens, store, views, tasks)
    write_lists(pens, views, places, company, lang)
    write_behind(pens, views, places, lang)


# Figures ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _FigureStore:
    """The Figures sheet as the pages look it up: the columns' addresses, and the lists to choose from.

    ``cells`` are what stands in the columns, so that a formula can be written with the value that it finds.
    """

    columns: Mapping[str, str]
    cells: Mapping[str, Sequence[Any]]
    choices: Mapping[str, Sequence[str]]
    ranges: Mapping[str, str]
    percents: Sequence[str]
    moneys: Sequence[str]
    rows: Mapping[str, int]

    def cell(self, code: str, row: str) -> str:
        """Write the formula of one figure, whose row of the sheet stands in a cell."""
        return f"INDEX({self.columns[code]},{row})"

    def value(self, code: str, place: int, blank: str = "") -> Any:
        """Return what stands in the so-many-th line of a column; nothing in the line 0."""
        found = self.cells[code][place - 1] if place else ""
        return blank if found is None else found

    @cached_property
    def keys(self) -> dict[str, int]:
        """The line of each level, unit, indicator and period."""
        return {key: place for place, key in enumerate(self.cells["key"], start=1)}

    @cached_property
    def groups(self) -> dict[str, tuple[int, int]]:
        """The first line of each level, unit and period, and how many lines there are."""
        lines = [(group, place) for place, group in enumerate(self.cells["group"], start=1)]
        counts = Counter(self.cells["group"])
        return {group: (place, counts[group]) for group, place in reversed(lines)}


def _write_figures(pen: Pen, figures: pd.DataFrame, title: str) -> _FigureStore:
    """Write the table that the pages look up and, beside it, the lists to choose from."""
    ws, lang, sheet = pen.ws, pen.lang, SHEETS["figures"]
    units = figures["figure_unit"]
    formats = {code: style.figure_formats(units, figures[code]) for code in ("actual", "previous", "target")}
    area = write_sheet(ws, sheet, figures, lang, title=title, look=TableLook(formats=formats))
    choices = _choices(figures)
    headings = {"period": _PERIOD, "department": _WHO["department"], "department_key": _KEY,
                "employee": _WHO["employee"], "employee_key": _KEY}  # fmt: skip
    ranges = {}
    for number, (code, heading) in enumerate(headings.items(), start=len(area.letters) + 2):
        letter = get_column_letter(number)
        pen.write(1, number, heading(lang), bold=True, colour=style.ACCENT, fill=style.TINT, line=style.STRONG_LINE)
        for row, value in enumerate(choices[code], start=2):
            pen.write(row, number, value, number_format=style.TEXT)
        ws.column_dimensions[letter].width = 24
        ranges[code] = _range(ws, letter, len(choices[code]) + 1)
    columns = {code: _range(ws, letter, area.last_row) for code, letter in area.letters.items()}
    known = sorted(set(units.dropna()))
    sizes = figures.groupby(["level", "unit", "period"]).size().groupby("level").max()
    rows = {
        "department": int(max((sizes.get(level, 0) for level in UNIT_LEVELS[1:]), default=0)),
        "employee": int(sizes.get("employee", 0)),
    }
    percents, moneys = ([unit for unit in known if is_of(unit)] for is_of in (style.is_percent, style.is_money))
    cells = {each.code: cell_values(figures[each.code], each, lang) for each in sheet if each.code in figures}
    return _FigureStore(columns, cells, choices, ranges, percents, moneys, rows)


def _choices(figures: pd.DataFrame) -> dict[str, list[str]]:
    """Return what can be chosen: periods, units and people, and the key of each unit and person."""
    whom = figures.drop_duplicates(["level", "unit"], keep="last").sort_values(["level", "unit"], kind="stable")
    plain = whom["unit_name"].isin([""]) | (whom["unit_name"] == whom["unit"]) | whom["unit_name"].isna()
    whom = whom.assign(
        label=whom["unit"].where(plain, whom["unit"] + " " + whom["unit_name"].fillna("")),
        whose=whom["level"] + "|" + whom["unit"],
    )
    units, people = whom[whom["level"].isin(UNIT_LEVELS[1:])], whom[whom["level"] == "employee"]
    return {
        "period": figures["period"].drop_duplicates().tolist(),
        "department": units["label"].tolist(),
        "department_key": units["whose"].tolist(),
        "employee": people["label"].tolist(),
        "employee_key": people["whose"].tolist(),
    }


def _range(ws: Worksheet, letter: str, last: int) -> str:
    return f"{quote_sheetname(ws.title)}!${letter}$2:${letter}${max(last, 2)}"


def _write_tasks(pen: Pen, views: Views, title: str) -> Area:
    frame = _tasks_shown(views.tasks)
    links: dict[str, list[str | None]] = {}
    if views.task_title in book_of(pen.ws).sheetnames:
        links = {"task_id": [location(views.task_title, views.task_cells[at]) for at in frame.index]}
    look = TableLook(group_by=frame["owner_id"], links=links)
    return write_sheet(pen.ws, SHEETS["task_list"], frame, pen.lang, title=title, look=look)


def _tasks_shown(tasks: pd.DataFrame) -> pd.DataFrame:
    """Return the tasks that there is room for: the same number of everybody's, the earliest."""
    number = tasks.groupby("owner_id").cumcount()
    sizes = tasks.groupby("owner_id", sort=False).size().to_numpy()
    return tasks[number < max(rows_shown(sizes, around=0), default=0)] if len(tasks) else tasks


# Pages ------------------------------------------------------------------------------------------------------------


def _columns(code: str, store: _FigureStore) -> list[Column]:
    """Return the columns of a page: what compares with the period before only where there is an earlier one."""
    alone = len(store.choices["period"]) < 2
    return [each for each in SHEETS[code] if not (alone and each.code in _BLANKS)]


def _letters(code: str, store: _FigureStore) -> dict[str, str]:
    """Return the letters of a page's columns; A is hidden and holds what the formulas need."""
    return {column.code: get_column_letter(number) for number, column in enumerate(_columns(code, store), start=2)}


def _write_company(pens: Mapping[str, Pen], store: _FigureStore, views: Views, places: Places) -> dict[str, int]:
    """Write the Company page and return the row of each indicator."""
    pen = pens["company"]
    mine = views.figures[views.figures["level"] == "company"]
    _begin(pen, "company", store, views)
    pen.write(CHOSEN_WHO, 3, COMPANY(pen.lang), bold=True)
    rows = {code: FIRST + at for at, code in enumerate(mine["indicator"])}
    for (code, row), name in zip(rows.items(), mine["indicator_name"], strict=True):
        key = f"company|{COMPANY.en}|{code}|"
        place = store.keys.get(key + views.period.code, 0)
        pen.formula(row, 1, f"IFERROR(MATCH({_text(key)}&$C${CHOSEN_PERIOD},{store.columns['key']},0),0)", place)
        _write_line(pen, "company", store, row, place)
        below = places.head_at.get(f"company|{COMPANY.en}|{code}")
        pen.link(row, 3, name, location(pens[below[0]].ws.title, below[1]) if below else None, wrap=True)
    _colour(pen, "company", store, len(rows))
    return rows


def _write_page(pens: Mapping[str, Pen], code: str, store: _FigureStore, views: Views, places: Places) -> None:
    """Write the page of a unit or a person: whoever and whatever period is chosen, their indicators line up."""
    pen = pens[code]
    _begin(pen, code, store, views)
    who, period, chosen = f"$C${CHOSEN_WHO}", f"$C${CHOSEN_PERIOD}", store.choices[code]
    if not chosen:
        return
    first_choice = _first_choice(code, store, views)
    whose = store.choices[f"{code}_key"][chosen.index(first_choice)]
    group = f"{whose}|{views.period.code}"
    first, count = store.groups.get(group, (0, 0))
    pen.write(CHOSEN_WHO, 3, first_choice, **_CREAM)
    _offer(pen, f"C{CHOSEN_WHO}", store.ranges[code])
    keys = store.ranges[f"{code}_key"]
    pen.formula(1, 1, f'IFERROR(INDEX({keys},MATCH({who},{store.ranges[code]},0)),"")', whose)
    pen.formula(2, 1, f'IFERROR(MATCH($A$1&"|"&{period},{store.columns["group"]},0),0)', first)
    pen.formula(3, 1, f'COUNTIF({store.columns["group"]},$A$1&"|"&{period})', count)
    last = max(
        [
            FIRST,
            *(line for sheet, line in places.head_at.values() if sheet == "by_person"),
            *places.behind_at.values(),
        ]
    )
    for number in range(1, store.rows[code] + 1):
        row, place = FIRST + number - 1, first + number - 1 if number <= count else 0
        pen.formula(row, 1, f"IF({number}<=$A$3,$A$2+{number - 1},0)", place)
        _write_line(pen, code, store, row, place)
        below = pens["by_person" if code == "department" else "behind"].ws.title
        _write_name(pen, code, store, row, place, below, last)
        if code == "department":
            _write_company_figure(pen, store, row, place, views.period.code)
    _colour(pen, code, store, store.rows[code])


def _first_choice(code: str, store: _FigureStore, views: Views) -> str:
    """Return the unit, or person, that stands in most lists: a page should open with something to see."""
    listed = views.lists[views.lists["level"] == code]
    most = (listed["level"] + "|" + listed["code"]).value_counts()
    keys = store.choices[f"{code}_key"]
    return store.choices[code][max(range(len(keys)), key=lambda at: (most.get(keys[at], 0), -at))]


def _begin(pen: Pen, code: str, store: _FigureStore, views: Views) -> None:
    """Write the title, what to choose, and the headings."""
    lang, sheet = pen.lang, SHEETS[code]
    prepare(pen, sheet.title(lang), _NOTES[code](lang).format(period=views.period.label(lang)), f"A{FIRST}")
    pen.write(CHOSEN_WHO, 2, _WHO[code](lang), bold=True, line="")
    pen.write(CHOSEN_PERIOD, 2, _PERIOD(lang), bold=True, line="")
    pen.write(CHOSEN_PERIOD, 3, views.period.code, **_CREAM)
    _offer(pen, f"C{CHOSEN_PERIOD}", store.ranges["period"])
    for number, column in enumerate(_columns(code, store), start=2):
        pen.write(HEADINGS, number, column.name(lang), **_HEADING, align=_align(column))
        pen.ws.column_dimensions[get_column_letter(number)].width = max(column.width, _WIDTHS[column.kind == "number"])
    pen.ws.row_dimensions[HEADINGS].height = 34
    pen.ws.print_title_rows = f"{HEADINGS}:{HEADINGS}"


_WIDTHS = {True: 16, False: 12}
_FORMATS = {"points": style.MONEY}
_BLANKS = dict.fromkeys(("previous", "trend"), "–")  # where there is no figure of the period before
_CREAM = {"colour": style.ACCENT, "fill": style.CREAM, "line": style.CREAM_LINE, "bold": True, "number_format": "@"}
_HEADING = {"bold": True, "colour": style.ACCENT, "fill": style.PALE, "bottom": style.ACCENT, "wrap": True}


def _align(column: Column) -> style.Place:
    return "center" if column.code in ("direction", "met", "trend") else style.alignment(column)


def _offer(pen: Pen, cell: str, source: str) -> None:
    validation = DataValidation("list", formula1=source, allow_blank=False, showErrorMessage=True)
    validation.add(cell)
    pen.ws.add_data_validation(validation)


def _write_line(pen: Pen, code: str, store: _FigureStore, row: int, place: int) -> None:
    """Write the formulas of one line: what stands on the row of the Figures sheet that column A names."""
    at = f"$A{row}"
    for number, column in enumerate(_columns(code, store), start=2):
        if column.code in store.columns:
            value = store.cell(column.code, at)
            blank = NOT_APPLICABLE(pen.lang) if column.code == "actual" else _BLANKS.get(column.code, "")
            number_format = _FORMATS.get(column.code, style.FINE) if column.kind == "number" else "General"
            pen.formula(row, number, f'IF({at}=0,"",IF({value}="",{_text(blank)},{value}))',
                        store.value(column.code, place, blank), align=_align(column),
                        number_format=number_format, wrap=column.width >= 28)  # fmt: skip


def _write_company_figure(pen: Pen, store: _FigureStore, row: int, place: int, period: str) -> None:
    """Write the company's figure beside the unit's; a hidden cell behind the line finds its row."""
    letters = _letters("department", store)
    found = len(letters) + 3
    company = f"company|{COMPANY.en}|"
    key = f'{_text(company)}&{store.cell("indicator", f"$A{row}")}&"|"&$C${CHOSEN_PERIOD}'
    theirs = store.keys.get(f"{company}{store.value('indicator', place)}|{period}", 0) if place else 0
    pen.formula(row, found, f"IF($A{row}=0,0,IFERROR(MATCH({key},{store.columns['key']},0),0))", theirs)
    pen.ws.column_dimensions[get_column_letter(found)].hidden = True
    at = f"${get_column_letter(found)}{row}"
    value = store.cell("actual", at)
    pen.formula(row, list(letters).index("company_actual") + 2,
                f'IF({at}=0,"",IF({value}="","{NOT_APPLICABLE(pen.lang)}",{value}))',
                store.value("actual", theirs, NOT_APPLICABLE(pen.lang)),
                align="right", number_format=style.FINE)  # fmt: skip


def _write_name(pen: Pen, code: str, store: _FigureStore, row: int, place: int, title: str, last: int) -> None:
    """Write the name of an indicator as a link to its block, which the chosen unit or person decides."""
    at, name = f"$A{row}", store.cell("indicator_name", f"$A{row}")
    keys = f"{quote_sheetname(title)}!$A$1:$A${last}"
    block = f'MATCH($A$1&"|"&{store.cell("indicator", at)},{keys},0)'
    here = _text(f"{quote_sheetname(pen.ws.title)}!B{row}")
    to = f'"#"&IFERROR({_text(f"{quote_sheetname(title)}!B")}&{block},{here})'
    number = list(_letters(code, store)).index("indicator_name") + 2
    pen.formula(row, number, f'IF({at}=0,"",HYPERLINK({to},{name}))', store.value("indicator_name", place), wrap=True,
                colour=style.ACCENT, underlined=True)  # fmt: skip


def _as_stored(value: Any) -> Any:
    """Return what a formula that looks a cell up finds in it: days are numbers, nothing is an empty text."""
    return "" if value is None else to_excel(value) if isinstance(value, datetime) else value  # type: ignore[no-untyped-call]


def _text(words: str) -> str:
    """Write a text as it stands in a formula."""
    return '"' + words.replace('"', '""') + '"'


def _colour(pen: Pen, code: str, store: _FigureStore, rows: int) -> None:
    """Show percentages and amounts as such, and good and bad news in their colours."""
    letters, last = _letters(code, store), FIRST + max(rows, 1) - 1
    unit = f"${letters['figure_unit']}{FIRST}"
    for column in (each for each in NUMBERS if each in letters):
        cells, cell = f"{letters[column]}{FIRST}:{letters[column]}{last}", f"{letters[column]}{FIRST}"
        shown = (
            (_is_one_of(unit, store.percents), style.PERCENT_FINE),
            (_is_one_of(unit, store.moneys), style.MONEY),
            (f"IF(ISNUMBER({cell}),{cell}=ROUND({cell},0),FALSE)", style.fixed(0)),
            (f"IF(ISNUMBER({cell}),ABS({cell})>={style.LARGE},FALSE)", style.fixed(2)),
        )
        for number, (formula, number_format) in enumerate(shown):
            look = DifferentialStyle(numFmt=NumberFormat(numFmtId=170 + number, formatCode=number_format))
            pen.ws.conditional_formatting.add(cells, Rule("expression", dxf=look, formula=[formula], stopIfTrue=True))
    met = f"${letters['met']}{FIRST}"
    paint(pen.ws, f"{letters['met']}{FIRST}:{letters['met']}{last}", f'{met}="{YES}"', f'{met}="{NO}"')
    if "trend" not in letters:
        return
    trend, way = (f"${letters[each]}{FIRST}" for each in ("trend", "direction"))
    down, _, up = TRENDS
    better = f'OR(AND({way}="↑",{trend}="{up}"),AND({way}="↓",{trend}="{down}"))'
    worse = f'OR(AND({way}="↑",{trend}="{down}"),AND({way}="↓",{trend}="{up}"))'
    paint(pen.ws, f"{letters['trend']}{FIRST}:{letters['trend']}{last}", better, worse)


def _is_one_of(cell: str, words: Iterable[str]) -> str:
    return f"OR(FALSE,{','.join(f'{cell}={_text(word)}' for word in words) or 'FALSE'})"


def _write_own_tasks(pens: Mapping[str, Pen], store: _FigureStore, views: Views, area: Area) -> None:
    """Write the tasks of whoever is chosen on the Employee page, below the indicators; of the run's period only."""
    pen, lang = pens["employee"], pens["employee"].lang
    if views.tasks.empty or not store.choices["employee"]:
        return
    ws = pens["task_list"].ws
    top = FIRST + store.rows["employee"] + 1
    owners = _range(ws, area.letters["owner_id"], area.last_row)
    who = 'MID($A$1,FIND("|",$A$1&"|")+1,255)'
    ours = f"$C${CHOSEN_PERIOD}={_text(views.period.code)}"
    listed = _tasks_shown(views.tasks)
    title = _TASKS(lang).format(period=views.period.label(lang))
    if views.tasks_cut or len(listed) < len(views.tasks):
        title += _CUT(lang).format(n=listed["owner_id"].value_counts().max())
    pen.write(top, 2, title, size=13, bold=True, colour=style.ACCENT, line="")
    person = store.choices["employee_key"][
        store.choices["employee"].index(_first_choice("employee", store, views))
    ].partition("|")[2]
    mine = np.flatnonzero((listed["owner_id"] == person).to_numpy())
    first = int(mine[0]) + 1 if len(mine) else 0
    pen.formula(top, 1, f"IF({ours},IFERROR(MATCH({who},{owners},0),0),0)", first)
    pen.formula(top + 1, 1, f"IF($A${top}=0,0,COUNTIF({owners},{who}))", len(mine))
    to = f'"#"&{_text(f"{quote_sheetname(ws.title)}!")}&IF($A${top}=0,"A1","A"&($A${top}+1))'
    pen.formula(top, 5, f"HYPERLINK({to},{_text(_ALL_TASKS(lang) + ' ')}&$A${top + 1})",
                f"{_ALL_TASKS(lang)} {len(mine)}", colour=style.ACCENT, underlined=True, line="")  # fmt: skip
    columns = [SHEETS["task_list"][code] for code in TASK_COLUMNS if code in area.letters]
    cells = {each.code: ["", *map(_as_stored, cell_values(listed[each.code], each, lang))] for each in columns}
    for number, column in enumerate(columns, start=2):
        pen.write(top + 1, number, column.name(lang), **_HEADING, align=style.alignment(column))
    for line in range(1, min(TASKS_ON_PAGE, len(views.tasks)) + 1):
        row, place = top + 1 + line, first + line - 1 if line <= len(mine) else 0
        pen.formula(row, 1, f"IF({line}<=$A${top + 1},$A${top}+{line - 1},0)", place)
        for number, column in enumerate(columns, start=2):
            value = f"INDEX({_range(ws, area.letters[column.code], area.last_row)},$A{row})"
            if column.code == "task_id":
                value = f'HYPERLINK("#"&{_text(f"{quote_sheetname(ws.title)}!C")}&($A{row}+1),{value})'
                shown = f'IF($A{row}=0,"",{value})'
                pen.formula(row, number, shown, cells[column.code][place], colour=style.ACCENT, underlined=True)
            else:
                number_format = style.DAY if column.kind == "date" else "General"
                pen.formula(row, number, f'IF($A{row}=0,"",IF({value}="","",{value}))', cells[column.code][place],
                            number_format=number_format, align=style.alignment(column))  # fmt: skip
