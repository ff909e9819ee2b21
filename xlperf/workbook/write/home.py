"""Writes Home: what the workbook is for, how to use it, where everything is, and the table of settings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.workbook import Workbook
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.worksheet import Worksheet

from xlperf.core.problems import LANGUAGES, Lang, Text
from xlperf.policy.scheme import Scheme
from xlperf.policy.scheme.codec import setting_text
from xlperf.schema import HIDDEN, RULES_TITLE, SHEETS, Column, Role, Sheet, sheets_of
from xlperf.schema.settings import SETTINGS, Setting, find_setting
from xlperf.schema.tables import Table
from xlperf.workbook.write import style
from xlperf.workbook.write.fill_rows import append, cells_of_records
from xlperf.workbook.write.style import Look
from xlperf.workbook.write.table_sheet import book_of, link, location, offer_words, sheet_in, write_sheet
from xlperf.xlsx.formula import put

RULES_SHEET = Sheet(
    "rules",
    RULES_TITLE,
    "output",
    (
        Column("name", Text("评分规则", "Rule"), width=20),
        Column("code", Text("代码", "Code"), width=20),
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
    (Text("4  政策", "4  Policy"), ()),
)
_GROUP_OF_ROLE: dict[Role, int] = {"input": 0, "output": 2, "policy": 3}
STEPS: tuple[tuple[Text, Text], ...] = (
    (
        Text("1  核对政策", "1  Check the policy"),
        Text("核对下方的设置和蓝色标签的工作表；深蓝色字、浅黄底的单元格可以修改。",
             "Go through the settings below and the sheets with blue tabs; cream cells are yours to change."),
    ),
    (
        Text("2  填写数据", "2  Fill in the data"),
        Text("在黄色标签的工作表中填写或粘贴本期数据；带 * 的列必填，标题上的批注说明填什么。",
             "Type or paste the data on the sheets with yellow tabs; * is required, and every heading has a note."),
    ),
    (
        Text("3  检查", "3  Check the data"),
        Text("保存并关闭，然后运行  xlperf check 文件名 ：一次列出全部问题及其单元格。",
             "Save and close, then  xlperf check FILE : every problem at once, with its cell."),
    ),
    (
        Text("4  计算", "4  Compute"),
        Text("运行  xlperf run 文件名 ：写入绿色标签的结果工作表，并保留原文件的备份。",
             "Run  xlperf run FILE : writes the sheets with green tabs and keeps a backup of the file."),
    ),
    (
        Text("5  解释", "5  Explain"),
        Text("运行  xlperf explain 文件名 工号 ：从等级一直追溯到每一行数据。",
             "Run  xlperf explain FILE PERSON : from the grade back to the rows behind it."),
    ),
)  # fmt: skip

NEXT: dict[bool, Text] = {  # by whether there are results
    False: Text("下一步：填写黄色标签的工作表，然后计算。", "Next: fill in the sheets with yellow tabs, then compute."),
    True: Text(
        "下一步：核对结果，然后发布；数据有改动时重新计算。",
        "Next: look through the results, then publish them; compute again after any change.",
    ),
}  # fmt: skip
_TITLE, _SUBTITLE, _NEXT = "xlperf_title", "xlperf_subtitle", "xlperf_next"
_FIRST_COLUMN = 2
_LETTERS = "BCDE"  # a column for each group of sheets; the settings take the first three
_WIDTH_OF_LAST = 26.0


def write_home(ws: Worksheet, scheme: Scheme, shown: Sequence[str], lang: Lang) -> None:
    """Write the first sheet; ``shown`` are the codes of the other policy and input sheets, in their order."""
    steps = 6
    sheets = steps + len(STEPS) + 2
    ws.column_dimensions["A"].width = 2.5
    _write_title(ws, scheme, lang)
    _write_section(ws, steps - 1, Text("怎样使用", "How to use this workbook"), lang)
    for row, (what, how) in enumerate(STEPS, start=steps):
        _write(ws, f"B{row}", what(lang), Look(lang, bold=True, colour=style.ACCENT, line=""))
        _write(ws, f"C{row}", how(lang), Look(lang, line=""))
        ws.row_dimensions[row].height = style.ROW_HEIGHT
    _write(ws, f"B{sheets - 2}", NEXT[False](lang), Look(lang, bold=True, line=""))
    ws.row_dimensions[sheets - 2].height = 26
    _name(ws, _NEXT, f"$B${sheets - 2}")
    _write_section(ws, sheets - 1, Text("工作表", "The sheets"), lang)
    row = _write_contents(ws, sheets, scheme, [*shown], lang)
    _write_section(ws, row + 1, Text("设置", "Settings"), lang)
    ws.row_breaks.append(Break(id=row))
    _write_settings(ws, scheme, row + 2, lang)
    ws.column_dimensions[_LETTERS[-1]].width = _WIDTH_OF_LAST
    ws.page_setup.orientation = "portrait"


def _write_title(ws: Worksheet, scheme: Scheme, lang: Lang) -> None:
    for letter in "A" + _LETTERS:
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


def refresh_home(workbook: Workbook, scheme: Scheme, lang: Lang, graded: bool) -> None:
    """Bring the title of Home and the next step up to date, and link the sheets that exist by now.

    ``graded`` tells whether there are results of the period.
    """
    following = NEXT[graded](lang)
    for name, text in ((_TITLE, scheme.name(lang)), (_SUBTITLE, subtitle(scheme, lang)), (_NEXT, following)):
        if name in workbook.defined_names:
            for title, place in workbook.defined_names[name].destinations:
                if title in workbook.sheetnames:
                    put(workbook[title][place], text)
    home = sheet_in(workbook, "settings")
    if home is not None:
        computed = {sheet.title(each): sheet for sheet in sheets_of("output") for each in LANGUAGES}
        last = _FIRST_COLUMN + len(GROUPS) - 1
        for row in home.iter_rows(min_col=_FIRST_COLUMN, max_col=last, max_row=min(home.max_row, 80)):
            for cell in row:
                if cell.value in computed and cell.value in workbook.sheetnames:
                    _write_link(home, cell.coordinate, str(cell.value), lang)


def _write_contents(ws: Worksheet, row: int, scheme: Scheme, shown: Sequence[str], lang: Lang) -> int:
    """List the sheets in groups side by side, in the order of work; return the row below."""
    sheets = [*(SHEETS[code] for code in shown), RULES_SHEET, *(SHEETS[code] for code in scheme.output_sheets())]
    last = row
    for number, (name, _) in enumerate(GROUPS):
        letter = get_column_letter(_FIRST_COLUMN + number)
        _write(ws, f"{letter}{row}", name(lang), Look(lang, bold=True, colour=style.ACCENT, line="", bottom=style.LINE))
        mine = [sheet for sheet in sheets if _group_of(sheet) == number]
        for place, sheet in enumerate(mine, start=row + 1):
            if sheet.role == "output" and sheet is not RULES_SHEET:
                _write(ws, f"{letter}{place}", sheet.title(lang), Look(lang, colour=style.MUTED, line=""))
            else:
                _write_link(ws, f"{letter}{place}", sheet.title(lang), lang)
        last = max(last, row + len(mine))
    for place in range(row, last + 1):
        ws.row_dimensions[place].height = style.ROW_HEIGHT
    return last + 1


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
    area = write_sheet(
        ws, SHEETS["settings"], frame, lang, title=scheme.name(lang), start_row=row, start_column=_FIRST_COLUMN,
        formats=formats,
    )  # fmt: skip
    for place, setting in enumerate(scheme.switches(), start=area.first_row):
        cell = f"{area.letters['value']}{place}"
        if setting.words:
            words = [word(lang) for word in setting.vocabulary.values()]
            offer_words(ws, cell, setting.words, words, lang, strict=setting.kind == "choice")
        elif setting.kind in _SETTING_FORMATS:
            ws.add_data_validation(_not_negative(cell, whole=setting.kind == "whole", lang=lang))


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


def link_added(home: Worksheet, sheet: Sheet, lang: Lang) -> None:
    """Lead from Home to a sheet that was added: below the others of its group, or in the first free cell beside."""
    title, number = sheet.title(lang), _group_of(sheet)
    _, places = cells_of_records(home, SHEETS["settings"])
    names = {name(lang) for name, _ in GROUPS}
    cells = [cell for row in home.iter_rows(max_col=_FIRST_COLUMN + len(GROUPS)) for cell in row]
    tops = {str(cell.value): cell for cell in cells if cell.value in names}
    table = next((cell.row for cell in cells if places and cell.value == SHEETS["settings"]["setting"].name(lang)), 0)
    if number is None or tops.keys() != names or any(cell.value == title for cell in cells):
        return
    own = tops[GROUPS[number][0](lang)].column
    columns = sorted((cell.column for cell in tops.values()), key=lambda each: each != own)
    top = max(cell.row for cell in tops.values())
    for column in columns:
        filled = [row for row in range(top, table - 1) if home.cell(row, column).value is not None]
        if max(filled, default=top) + 1 < table - 1:
            _write_link(home, home.cell(max(filled, default=top) + 1, column).coordinate, title, lang)
            return


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


def _write_section(ws: Worksheet, row: int, title: Text, lang: Lang) -> None:
    for letter in _LETTERS:
        _write(ws, f"{letter}{row}", title(lang) if letter == "B" else "", style.section_look(lang))
    ws.row_dimensions[row].height = 28
