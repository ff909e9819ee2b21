"""Builds the workbook of a scheme: Home, the policy as sheets to edit, and empty sheets to fill in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from xlperf import conditions
from xlperf.books import style
from xlperf.books.sheets import (
    VALIDATED_ROWS,
    WORDS_TITLE,
    Area,
    cell_values,
    columns_of,
    fit_notes,
    heading,
    is_formula_like,
    link,
    offer_codes,
    offer_words,
    put,
    quoted,
    sheet_in,
    stretch_table,
    write_sheet,
)
from xlperf.books.style import Look
from xlperf.conditions import Condition, Scope
from xlperf.layout import SHEETS, Column, Role, Sheet, sheets_of
from xlperf.numbers import clean_text
from xlperf.problems import LANGUAGES, Lang, Text
from xlperf.rules import RULES, Parameter
from xlperf.scheme import Indicator, Scheme, operands_text, parameters_text, results_scope, setting_text
from xlperf.settings import SETTINGS, Setting
from xlperf.tables import Table, Tables

RULES_SHEET = Sheet(
    "rules",
    Text("评分规则", "Rules"),
    "output",
    (
        Column("name", Text("评分规则", "Rule"), width=20, note=Text("填在指标表中的名称。", "What the Indicators sheet calls it.")),
        Column("code", Text("代码", "Code"), width=20, note=Text("规则的英文代码。", "The rule's code.")),
        Column("summary", Text("怎样计分", "How it scores"), width=52, note=Text("规则的含义。", "What the rule does.")),
        Column("parameters", Text("参数", "Parameters"), width=64, note=Text("写在规则参数列。", "For the rule parameters.")),
        Column("source", Text("出处", "Source"), width=36, note=Text("规则取自哪个方案。", "Where the rule comes from.")),
    ),
    about=Text("可用的评分规则及其参数，供查阅。", "The scoring rules and their parameters, to look things up."),
)  # fmt: skip

ALWAYS_SHOWN = ("settings", "dimensions", "indicators", "grades", "targets", "outcomes")

ROLE_NAMES: dict[Role, Text] = {
    "policy": Text("政策", "Policy"),
    "input": Text("填写", "To fill in"),
    "output": Text("结果", "Computed"),
}
PURPOSES: dict[str, Text] = {
    "departments": Text("部门及其上级。", "Departments and what they are part of."),
    "employees": Text("参加考核的人员名册。", "The people who are appraised."),
    "clients": Text("客户名单、状态、资产和负责的客户经理。", "Clients, their state, their assets and who looks after them."),
    "tasks": Text("任务、期限和完成情况。", "Tasks, when they were due and when they were done."),
    "ratings": Text("评价人给出的分数。", "The scores given by raters."),
    "checks": Text("检查、扣分和差错。", "Inspections, deductions and faults."),
    "actuals": Text("直接填报或导入的指标数值。", "Figures that are typed in or imported."),
    "adjustments": Text("嘉奖与处罚，须有条款和审批人。", "Commendations and penalties, with clause and approver."),
    "history": Text("以前各周期的结果。", "The results of earlier periods."),
    "detail": Text("每人每个指标怎样得分。", "How each person scored on each indicator."),
    "results": Text("总分、名次、等级和结果应用。", "Totals, places, grades and what follows."),
    "ranking": Text("各排名范围的名额与人数。", "Quotas and head-counts of each pool."),
    "lists": Text("加薪、培训等名单及依据。", "The lists that follow, with their evidence."),
    "problems": Text("需要注意的数据，点击单元格地址即可到达。", "What needs attention; click an address to go there."),
    "run": Text("运行的版本、设置和数据指纹。", "Version, settings and fingerprint of the run."),
}
STEPS: tuple[tuple[Text, Text], ...] = (
    (
        Text("1  核对政策", "1  Check the policy"),
        Text("核对下方的设置和蓝色标签的工作表；深蓝色字、浅黄底的单元格可以修改。",
             "Go through the settings below and the sheets with blue tabs; cream cells are yours to change."),
    ),
    (
        Text("2  填写数据", "2  Fill in the data"),
        Text("在黄色标签的工作表中填写或粘贴本期数据；带 * 的列必填，标题上的批注说明填什么。",
             "Type or paste the period's data on the sheets with yellow tabs; * is required, notes explain each heading."),
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

_REFERENCES: tuple[tuple[str, str, str, str], ...] = (
    ("indicators", "dimension", "dimensions", "code"),
    ("targets", "indicator", "indicators", "code"),
    ("employees", "department", "departments", "department"),
    ("ratings", "indicator", "indicators", "code"),
    ("checks", "indicator", "indicators", "code"),
    ("actuals", "indicator", "indicators", "code"),
    ("adjustments", "indicator", "indicators", "code"),
    *((sheet, "employee_id", "employees", "employee_id") for sheet in ("ratings", "checks", "actuals", "adjustments")),
)
_HOME_TITLE, _HOME_SUBTITLE = "xlperf_title", "xlperf_subtitle"
_HOME_COLUMN = 2


def build(scheme: Scheme, tables: Tables | None = None, lang: Lang = "zh") -> Workbook:
    """Build the workbook of a scheme.

    Parameters
    ----------
    scheme : Scheme
        Its policy sheets are written out, its settings as they are in force.
    tables : mapping of sheet code to Table, optional
        The rows of the input sheets; sheets that the scheme needs and nobody gives are empty.
    lang : "zh" or "en"
        The language of titles, headings, words and conditions.

    Returns
    -------
    Workbook
        Home, the policy sheets, the rules to look up, and the input sheets.

    Examples
    --------
    >>> from xlperf import schemes
    >>> build(schemes.load("service-team"), lang="en").sheetnames[:4]
    ['Home', 'Dimensions', 'Indicators', 'Grades']
    """
    tables = tables or {}
    workbook = Workbook()
    home = workbook.worksheets[0]
    home.title = SHEETS["settings"].title(lang)
    own = {code: own_columns(table) for code, table in tables.items()}
    areas = {
        sheet.code: _write_policy(workbook.create_sheet(sheet.title(lang)), scheme, sheet, lang, own)
        for sheet in policy_shown(scheme)
        if sheet.code != "settings"
    }
    write_sheet(
        workbook.create_sheet(RULES_SHEET.title(lang)), RULES_SHEET, rules_frame(lang), lang, title=scheme.name(lang)
    )
    for sheet in inputs_shown(scheme, tables):
        areas[sheet.code] = _write_input(workbook.create_sheet(sheet.title(lang)), scheme, sheet, tables, lang)
    _write_home(home, scheme, [*areas], lang)
    _offer_rules_and_codes(workbook, areas, lang)
    if WORDS_TITLE in workbook.sheetnames:
        workbook.move_sheet(WORDS_TITLE, len(workbook.sheetnames))
    return workbook


def policy_shown(scheme: Scheme) -> list[Sheet]:
    """Return the policy sheets that a workbook of the scheme has."""
    return [sheet for sheet in sheets_of("policy") if sheet.code in ALWAYS_SHOWN or len(scheme.table(sheet.code))]


def inputs_shown(scheme: Scheme, tables: Tables) -> list[Sheet]:
    """Return the input sheets that a workbook has: those the scheme needs, and those with rows."""
    wanted = {*scheme.input_sheets(), *(code for code, table in tables.items() if len(table))}
    return [sheet for sheet in sheets_of("input") if sheet.code in wanted]


def own_columns(table: Table) -> tuple[Column, ...]:
    """Return the columns of a table that HR added."""
    return tuple(table.column(code) for code in table.frame.columns if code not in table.sheet.by_code)


# Policy -----------------------------------------------------------------------------------------------------------


def _write_policy(
    ws: Worksheet, scheme: Scheme, sheet: Sheet, lang: Lang, own: Mapping[str, Sequence[Column]]
) -> Area:
    frame = policy_frame(scheme, sheet.code, lang, own)
    formats = {}
    if sheet.code in ("indicators", "targets"):
        formats["target"] = _target_formats(scheme, frame)
    return write_sheet(ws, sheet, frame, lang, title=scheme.name(lang), formats=formats)


def policy_frame(
    scheme: Scheme, sheet: str, lang: Lang, own: Mapping[str, Sequence[Column]] | None = None
) -> pd.DataFrame:
    """Return the rows of a policy sheet in the words of a language.

    A text that could not be read is left as it was written. ``own`` are the columns that HR added to the input sheets.

    >>> from xlperf import schemes
    >>> frame = policy_frame(schemes.load("service-team"), "outcomes", "zh")
    >>> frame["where"].str.contains("且|或|=|前|后|>").all()
    np.True_
    """
    frame = scheme.table(sheet).frame
    match sheet:
        case "indicators":
            codes = Scope(Column(each.code, each.name, "number") for each in scheme.indicators)
            return frame.assign(
                rule=[RULES[word].name(lang) if word in RULES else word for word in frame["rule"]],
                **{
                    column: [
                        _in_words(text, write, indicator, lang, own or {}, codes)
                        for text, indicator in zip(frame[column], scheme.indicators, strict=True)
                    ]
                    for column, write in _INDICATOR_TEXTS.items()
                },
            )
        case "outcomes":
            scope = results_scope(scheme.dimension_columns())
            return frame.assign(
                where=[
                    _said(text, lambda each, outcome=outcome: _condition_text(outcome.where, each, scope), lang)  # type: ignore[misc]
                    for text, outcome in zip(frame["where"], scheme.outcomes, strict=True)
                ]
            )
        case _:
            return frame
