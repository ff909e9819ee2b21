"""Builds the workbook of a scheme: Home, the policy as sheets to edit, and empty sheets to fill in."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from xlperf.core.problems import LANGUAGES, Lang, Text
from xlperf.core.vocabulary import unit_name
from xlperf.policy import conditions
from xlperf.policy.conditions import Scope
from xlperf.policy.rules import RULES, Parameter
from xlperf.policy.scheme import (
    ClientLevel,
    Indicator,
    Outcome,
    PayItem,
    Scheme,
    TaskRule,
    dimension_column,
    results_scope,
)
from xlperf.policy.scheme.codec import operands_text, parameters_text
from xlperf.policy.scheme.formula_scope import formula_scope
from xlperf.reporting.home_page import page_to_fill
from xlperf.schema import ESSENTIAL, SHEETS, Column, Sheet, sheets_of
from xlperf.schema.settings import SETTINGS
from xlperf.schema.tables import Table, Tables, empty
from xlperf.workbook.area import Area, area_of
from xlperf.workbook.write import style
from xlperf.workbook.write.curve_charts import draw_curves
from xlperf.workbook.write.fill_rows import append, area_on, refill
from xlperf.workbook.write.home import RULES_SHEET, add_settings, refresh_links, write_home
from xlperf.workbook.write.table_sheet import (
    VALIDATED_ROWS,
    WORDS_TITLE,
    TableLook,
    columns_of,
    fit_notes,
    in_language,
    offer_codes,
    offer_words,
    other_language,
    place_for,
    sheet_in,
    write_sheet,
)
from xlperf.workbook.write.weight_check import write_weight_check

RULES_BY_NAME = {lang: {each.name(lang): each.brief(lang) for each in RULES.values()} for lang in LANGUAGES}
FIRST_SHOWN = ("settings", "dimensions", "indicators", "grades")  # without which nothing can be run
ALWAYS_SHOWN = (*FIRST_SHOWN, "targets", "outcomes")
_BOTH = re.compile(r"((?=.*[\u4e00-\u9fff]).+?) ?/ ([^\u4e00-\u9fff]+)", re.DOTALL)

_REFERENCES: tuple[tuple[str, str, str, str], ...] = (
    ("indicators", "dimension", "dimensions", "code"),
    ("targets", "indicator", "indicators", "code"),
    ("employees", "department", "departments", "department"),
    ("ratings", "indicator", "indicators", "code"),
    ("checks", "indicator", "indicators", "code"),
    ("actuals", "indicator", "indicators", "code"),
    ("adjustments", "indicator", "indicators", "code"),
    *(
        (sheet, "employee_id", "employees", "employee_id")
        for sheet in ("ratings", "checks", "actuals", "adjustments", "absences")
    ),
)


LABELS = ("ratings", "score", "rating_levels")  # the column of which are offered depends on the language


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
    >>> from xlperf.policy import schemes
    >>> build(schemes.load("service-team"), lang="en").sheetnames[:4]
    ['Home', 'Dimensions', 'Indicators', 'Grades']
    """
    tables = tables or {}
    if scheme.is_blank:  # its name is one's own to write, once
        scheme = scheme.with_settings(name=scheme.name(lang), name_en="")
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
    write_home(home, scheme, page_to_fill(scheme, tables), [*areas], lang)
    write_weight_check(workbook[SHEETS["indicators"].title(lang)], areas["indicators"], scheme, lang)
    _offer_rules_and_codes(workbook, areas, scheme, lang)
    if WORDS_TITLE in workbook.sheetnames:
        workbook.move_sheet(WORDS_TITLE, len(workbook.sheetnames))
    return workbook


def policy_shown(scheme: Scheme) -> list[Sheet]:
    """Return the policy sheets that a workbook of the scheme has."""
    shown = FIRST_SHOWN if scheme.is_blank else ALWAYS_SHOWN
    return [sheet for sheet in sheets_of("policy") if sheet.code in shown or len(scheme.table(sheet.code))]


def inputs_shown(scheme: Scheme, tables: Tables) -> list[Sheet]:
    """Return the input sheets that a workbook has: those the scheme needs, and those with rows."""
    wanted = {*scheme.input_sheets(), *(code for code, table in tables.items() if len(table))}
    return [sheet for sheet in sheets_of("input") if sheet.code in wanted]


def own_columns(table: Table) -> tuple[Column, ...]:
    """Return the columns of a table that HR added."""
    return tuple(table.column(code) for code in table.frame.columns if code not in table.sheet.by_code)


# Policy -----------------------------------------------------------------------------------------------------------


def _write_policy(ws: Worksheet, scheme: Scheme, sheet: Sheet, lang: Lang, own: Mapping[str, Sequence[Column]]) -> Area:
    frame = _in_one_language(policy_frame(scheme, sheet.code, lang, own), sheet, lang)
    formats = {}
    if sheet.code in ("indicators", "targets"):
        formats["target"] = _target_formats(scheme, frame)
    elif sheet.code == "curves":
        formats |= _curve_formats(scheme, frame)
    columns = in_language(columns_of(sheet, frame), frame, lang)
    if sheet.code not in ESSENTIAL:
        area = write_sheet(ws, sheet, frame, lang, columns, scheme.name(lang), look=TableLook(formats=formats))
        if sheet.code == "curves":
            draw_curves(ws, area, scheme.curves, lang)
        return area
    order, other = ESSENTIAL[sheet.code], other_language([each.code for each in columns], lang)
    essential = [each for each in columns if each.code in order and each.code not in other]
    essential.sort(key=lambda each: order.index(each.code))
    further = [each for each in columns if each not in essential]
    columns = [*essential, *further]
    said: list[Any] = [RULES_BY_NAME[lang].get(rule) for rule in frame["rule"]]
    frame = frame.assign(scored=said)
    formulas = {"scored": scored_formulas(area_of(columns, frame), lang)}
    look = TableLook(formats=formats, formulas=formulas, folded=[each.code for each in further])
    area = write_sheet(ws, sheet, frame, lang, columns, scheme.name(lang), look=look)
    for row, sentence in enumerate(said, start=area.first_row):
        texts = {"parameters": str(ws[f"{area.letters['parameters']}{row}"].value or ""), "scored": sentence or ""}
        widths = {code: ws.column_dimensions[area.letters[code]].width for code in texts}
        ws.row_dimensions[row].height = style.row_height((texts[code], widths[code]) for code in texts)
    return area


def scored_formulas(area: Area, lang: Lang) -> dict[int, str]:
    """Return the formulas that look up on the Rules sheet how each indicator is scored, as HR changes its rule."""
    rules = quote_sheetname(RULES_SHEET.title(lang))
    names, codes, briefs = (
        f"{rules}!${letter}$2:${letter}${len(RULES) + 1}"
        for letter in (get_column_letter(RULES_SHEET.columns.index(RULES_SHEET[code]) + 1)
                       for code in ("name", "code", "brief"))
    )  # fmt: skip
    cells = (f"{area.letters['rule']}{row}" for row in range(area.first_row, area.last_row + 1))
    found = (
        f'IFERROR(INDEX({briefs},MATCH({cell},{names},0)),IFERROR(INDEX({briefs},MATCH({cell},{codes},0)),""))'
        for cell in cells
    )
    return dict(enumerate(found))


def _in_one_language(frame: pd.DataFrame, sheet: Sheet, lang: Lang) -> pd.DataFrame:
    """Say remarks that a scheme holds in both languages, as 中文 / English, in one of them; show every name."""
    texts = [each.code for each in sheet if each.kind == "text" and each.code in frame]
    in_english = {f"{code}_en": code for code in texts if f"{code}_en" in texts}
    remarks = [code for code in texts if code not in (*in_english, *in_english.values())]
    for english, code in in_english.items() if lang == "en" else ():
        if frame[english].notna().any():
            frame = frame.assign(**{english: frame[english].where(frame[english].notna(), frame[code])})
    return frame.assign(**{code: [remark_in(text, lang) for text in frame[code]] for code in remarks})


def remark_in(text: Any, lang: Lang) -> Any:
    """Return a remark in one language, if it stands there in both.

    >>> remark_in("建议值 / proposed", "en"), remark_in("建议值 / proposed", "zh"), remark_in("km / h", "en")
    ('proposed', '建议值', 'km / h')
    """
    found = _BOTH.fullmatch(text) if isinstance(text, str) else None
    return found[1 if lang == "zh" else 2] if found else text


def policy_frame(
    scheme: Scheme, sheet: str, lang: Lang, own: Mapping[str, Sequence[Column]] | None = None
) -> pd.DataFrame:
    """Return the rows of a policy sheet in the words of a language.

    A text that could not be read is left as it was written. ``own`` are the columns that HR added to the input sheets.

    >>> from xlperf.policy import schemes
    >>> frame = policy_frame(schemes.load("service-team"), "outcomes", "zh")
    >>> frame["where"].str.contains("且|或|=|前|后|>").all()
    np.True_
    """
    frame = scheme.table(sheet).frame
    match sheet:
        case "indicators":
            frame = frame.assign(
                rule=[RULES[word].name(lang) if word in RULES else word for word in frame["rule"]],
                unit=[unit_name(word)(lang) if isinstance(word, str) else word for word in frame["unit"]],
            )
            texts = [[_indicator_texts(scheme, each, said_in, own or {}) for each in scheme.indicators]
                     for said_in in ("en", lang)]  # fmt: skip
            return _translated(frame, *texts)
        case "outcomes":
            texts = [[_outcome_texts(scheme, each, said_in) for each in scheme.outcomes] for said_in in ("en", lang)]
            return _translated(frame, *texts)
        case "pay":
            texts = [[_pay_texts(scheme, each, said_in) for each in scheme.pay] for said_in in ("en", lang)]
            heading = {each.code: each.name(lang) for each in SHEETS["employees"]}
            return _translated(frame, *texts).assign(base=[heading.get(word, word) for word in frame["base"]])
        case "classes" | "own_levels":
            levels = scheme.client_levels if sheet == "classes" else scheme.own_levels
            texts = [[_level_texts(each, said_in) for each in levels] for said_in in ("en", lang)]
            return _translated(frame, *texts)
        case "task_rules":
            texts = [[_task_rule_texts(each, said_in) for each in scheme.task_rules] for said_in in ("en", lang)]
            return _translated(frame, *texts)
        case _:
            return frame


def _level_texts(level: ClientLevel, lang: Lang) -> dict[str, str]:
    return {"column": conditions.to_text(level.column, lang, Scope.of_sheet("clients").columns)}


def _task_rule_texts(rule: TaskRule, lang: Lang) -> dict[str, str]:
    columns = {**Scope.of_sheet("clients").columns, "trigger": SHEETS["task_rules"]["trigger"]}
    named = ("where", "trigger", "due", "done_when", "cancel_when")
    nodes = ((name, getattr(rule, name)) for name in named)
    return {name: conditions.to_text(node, lang, columns) if node else "" for name, node in nodes}


def _indicator_texts(
    scheme: Scheme, indicator: Indicator, lang: Lang, own: Mapping[str, Sequence[Column]]
) -> dict[str, str]:
    scope = Scope.of_sheet(indicator.sheet, own.get(indicator.sheet, ()))
    codes = Scope(Column(each.code, each.name, "number") for each in scheme.indicators)
    if indicator.measure == "formula":
        scope = formula_scope((each.code, each.name) for each in scheme.indicators)
    return {
        "column": operands_text(indicator.columns, indicator.measure, lang, scope),
        "where": conditions.to_text(indicator.where, lang, scope.columns),
        "hit": conditions.to_text(indicator.hit, lang, scope.columns) if indicator.hit else "",
        "owner_at": conditions.to_text(indicator.owner_at, lang, scope.columns) if indicator.owner_at else "",
        "parameters": parameters_text(indicator.card, indicator.parameters, lang, codes) if indicator.rule else "",
    }


def _outcome_texts(scheme: Scheme, outcome: Outcome, lang: Lang) -> dict[str, str]:
    columns = results_scope([dimension_column(each) for each in scheme.dimensions]).columns
    eligible = conditions.to_text(outcome.eligible, lang, columns) if outcome.eligible else ""
    return {"where": conditions.to_text(outcome.where, lang, columns), "eligible": eligible}


def _pay_texts(scheme: Scheme, item: PayItem, lang: Lang) -> dict[str, str]:
    columns = results_scope([dimension_column(each) for each in scheme.dimensions]).columns
    return {"where": conditions.to_text(item.where, lang, columns)}


def _translated(
    frame: pd.DataFrame, canonical: Sequence[Mapping[str, str]], said: Sequence[Mapping[str, str]]
) -> pd.DataFrame:
    """Put the new words where a cell holds the canonical ones; what could not be read stays as it is."""
    return frame.assign(
        **{
            column: [
                new[column] if cell == old[column] else cell
                for cell, old, new in zip(frame[column], canonical, said, strict=True)
            ]
            for column in (canonical[0] if canonical else ())
        }
    )


def _target_formats(scheme: Scheme, frame: pd.DataFrame) -> list[str]:
    """Show targets as percentages where that is the indicator's unit."""
    units = {each.code: each.unit for each in scheme.indicators}
    codes = frame["indicator"] if "indicator" in frame else frame["code"]
    figures = frame["target"]
    return [
        style.percent_format(target) if style.is_percent(units.get(code)) else "General"
        for code, target in zip(codes, figures, strict=True)
    ]


def _curve_formats(scheme: Scheme, frame: pd.DataFrame) -> dict[str, list[str]]:
    """Show as percentages the values that attainments or rates are held against, and points that are shares."""
    users = [each for each in scheme.indicators if "curve" in each.parameters]
    values = {
        each.parameters["curve"]
        for each in users
        if each.parameters.get("of") == "attainment" or style.is_percent(each.unit)
    }
    shares = {each.parameters["curve"] for each in users if each.parameters.get("worth") == "share"}
    shares |= {name for name, found in scheme.curves.items() if found.curve.in_slices}
    percent = {"value": values, "points": shares}
    return {
        code: [
            style.percent_format(figure) if name in names else "General"
            for name, figure in zip(frame["curve"], frame[code], strict=True)
        ]
        for code, names in percent.items()
    }


def rules_frame(lang: Lang) -> pd.DataFrame:
    """Return the scoring rules as rows to read."""
    return pd.DataFrame(
        [
            {
                "name": rule.name(lang),
                "code": rule.code,
                "brief": rule.brief(lang),
                "summary": rule.summary(lang),
                "parameters": "\n".join(_parameter_line(parameter, lang) for parameter in rule.parameters),
                "source": rule.source,
            }
            for rule in RULES.values()
        ]
    )


def _parameter_line(parameter: Parameter, lang: Lang) -> str:
    colon, between, end = ("：", "、", "。") if lang == "zh" else (": ", ", ", ".")
    words = between.join(word(lang) for word in parameter.choices.values())
    optional = "" if parameter.required else Text("（可空）", " (optional)")(lang)
    allowed = Text("；可填：", "; one of: ")(lang) + words if words else ""
    return f"{parameter.name(lang)}{optional}{colon}{parameter.note(lang).rstrip('。.')}{allowed}{end}"


# Inputs -----------------------------------------------------------------------------------------------------------


def _write_input(ws: Worksheet, scheme: Scheme, sheet: Sheet, tables: Tables, lang: Lang) -> Area:
    table = tables.get(sheet.code) or scheme.table(sheet.code)
    look = TableLook(marks=table.not_applicable)
    return write_sheet(ws, sheet, table.frame, lang, title=scheme.name(lang), look=look)


def fill_inputs(workbook: Workbook, tables: Tables, lang: Lang) -> None:
    """Put the rows of input tables into a workbook that exists, in place of those it has; policy only gets new rows.

    The order of the sheets, other sheets, columns of HR's own, formulas and all formats stay. A table without a sheet
    gets one behind the sheet that precedes it in the layout; a column without a heading is added on the right.
    """
    for sheet in (*sheets_of("policy"), *sheets_of("input")):
        table = tables.get(sheet.code)
        if table is None or sheet.code == "settings":
            continue
        ws = sheet_in(workbook, sheet.code)
        if ws is not None:
            (refill if sheet.role == "input" else append)(ws, table, lang)
        elif len(table):
            ws = workbook.create_sheet(sheet.title(lang), place_for(workbook, sheet))
            write_sheet(ws, sheet, table.frame, lang, look=TableLook(marks=table.not_applicable))
    fit_notes(workbook)


def sheets_beside(codes: Collection[str]) -> set[str]:
    """Return the sheets whose codes are offered on some others; of added labels the one on which they are offered.

    >>> sorted(sheets_beside(["ratings"])), sorted(sheets_beside(["rating_levels"]))
    (['employees', 'indicators', 'rating_levels'], ['ratings'])
    """
    pairs = [
        *((asking, target) for asking, _, target, _ in _REFERENCES),
        (LABELS[0], LABELS[2]),
        (LABELS[2], LABELS[0]),
    ]
    return {there for new, there in pairs if new in codes}


def add_input_sheets(
    workbook: Workbook, scheme: Scheme, codes: Collection[str], counts: Mapping[str, int], lang: Lang
) -> None:
    """Add empty sheets of policy or to fill in, each behind the one that precedes it, and the settings that they need.

    ``workbook`` has Home in full, and the headings of the sheets that `sheets_beside` names; ``counts`` are the rows of
    the sheets by code, which Home tells.
    """
    for code in (each for each in SHEETS if each in codes):
        sheet = SHEETS[code]
        ws = workbook.create_sheet(sheet.title(lang), place_for(workbook, sheet))
        write_sheet(ws, sheet, empty(code).frame, lang, title=scheme.name(lang))
    for asking, column, target, identity in _references(scheme, lang):
        if asking in codes or (target == LABELS[2] and target in codes):
            _offer_what_stands_on(workbook, asking, column, target, identity, lang)
    home = sheet_in(workbook, "settings")
    if home is not None:
        wanted = [each for each in SETTINGS.values() if each.needs in codes and not each.extra]
        add_settings(home, scheme, wanted, lang)
        refresh_links(workbook, scheme, counts, lang)
    if WORDS_TITLE in workbook.sheetnames:
        workbook.move_sheet(WORDS_TITLE, len(workbook.sheetnames))
    fit_notes(workbook)


# Lists of words and codes ----------------------------------------------------------------------------------------


def _references(scheme: Scheme, lang: Lang) -> Iterator[tuple[str, str, str, str]]:
    """Yield on which column of which sheet the cells of which other column are offered."""
    yield from _REFERENCES
    labels = scheme.table(LABELS[2])
    english = labels["label_en"].fillna(labels["label"]).fillna("")  # A is written in both columns
    yield (*LABELS, "label_en" if lang == "en" and len(labels) and all(map(str.isascii, english)) else "label")


def _offer_what_stands_on(workbook: Workbook, asking: str, column: str, target: str, identity: str, lang: Lang) -> None:
    """Offer the cells of one sheet on another where both are there, unless HR has a list of its own in those cells."""
    sheets = [(sheet_in(workbook, code), SHEETS[code]) for code in (asking, target)]
    (ws, area), (listing, listed) = ((ws, area_on(ws, sheet) if ws is not None else None) for ws, sheet in sheets)
    if ws is None or listing is None or area is None or listed is None:
        return
    if column not in area.letters or identity not in listed.letters:
        return
    first = f"{area.letters[column]}{area.first_row}"
    if not any(first in each.sqref for each in ws.data_validations.dataValidation):
        offer_codes(ws, area.column(column, VALIDATED_ROWS), listing, listed, identity, lang)


def _offer_rules_and_codes(workbook: Workbook, areas: Mapping[str, Area], scheme: Scheme, lang: Lang) -> None:
    indicators = sheet_in(workbook, "indicators")
    assert indicators is not None
    names = [rule.name(lang) for rule in RULES.values()]
    offer_words(indicators, areas["indicators"].column("rule", VALIDATED_ROWS), "rules", names, lang)
    for sheet, column, target, code in _references(scheme, lang):
        asking, answering = sheet_in(workbook, sheet), sheet_in(workbook, target)
        if asking is not None and answering is not None:
            offer_codes(asking, areas[sheet].column(column, VALIDATED_ROWS), answering, areas[target], code, lang)
