"""Which columns an output sheet shows, and how its cells look: formats, colours, groups, links."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from xlperf.core.problems import Lang
from xlperf.core.vocabulary import NOT_RANKED
from xlperf.policy.scheme import Scheme, dimension_column, part_column
from xlperf.schema import Column, Sheet
from xlperf.workbook.formulas import FormulaWriter
from xlperf.workbook.write import style
from xlperf.workbook.write.home import first_cell
from xlperf.workbook.write.table_sheet import PLAIN, Emphasis, TableLook, location

ESSENTIAL = frozenset(
    ("name", "base", "total", "place", "grade_name", "indicator_name", "actual", "points", "count", "evidence")
)  # columns that are shown even where nobody has anything in them
STATE_FILLS = {"missing": style.AMBER, "no_score": style.AMBER, "not_applicable": style.GREY}
FURTHER = ("level", "indicator", "numerator", "denominator", "direction", "rule")  # columns of details to unfold
SIGNED = '+0;-0;"–"'


def columns_shown(
    sheet: Sheet, frame: pd.DataFrame, scheme: Scheme, writer: FormulaWriter | None = None
) -> list[Column]:
    """Return the columns to show: dimensions stand before the base score, and empty columns are left out.

    Parameters
    ----------
    sheet, frame : an output sheet and its rows
    scheme : its dimensions and parts have columns of their own on Results
    writer : whose formulas need columns that might be empty
    """
    columns = list(sheet.columns)
    if sheet.code == "results":
        base = columns.index(sheet["base"])
        parts = {part_column(each).code: part_column(each) for each in scheme.parts}
        columns[base:base] = [
            *(dimension_column(each) for each in scheme.dimensions if each.code in frame),
            *(column for code, column in parts.items() if code in frame),
        ]
    if sheet.code in ("problems", "run") or frame.empty:
        return columns
    kept = {*sheet.key, *ESSENTIAL, *(writer.needed(sheet.code) if writer is not None else ())}
    return [each for each in columns if each.code in kept or _holds_something(frame, each.code)]


def look_of(
    sheet: Sheet, frame: pd.DataFrame, columns: Collection[Column], scheme: Scheme, titles: Collection[str], lang: Lang
) -> TableLook:
    """Return how the cells of an output sheet look.

    Parameters
    ----------
    sheet, frame : an output sheet and its rows
    columns : those that it shows
    scheme : its grades, decimals and dimensions
    titles : the sheets that problems may lead to
    lang : of the words
    """
    make = _LOOKS.get(sheet.code)
    return PLAIN if make is None else make(_Rows(frame, frozenset(each.code for each in columns), scheme, titles, lang))


@dataclass(frozen=True)
class _Rows:
    """The rows of an output sheet, and what their look depends on."""

    frame: pd.DataFrame
    shown: frozenset[str]
    scheme: Scheme
    titles: Collection[str]
    lang: Lang

    @property
    def points(self) -> str:
        """The format of scores."""
        return style.fixed(self.scheme.settings.decimals)

    def column(self, code: str) -> pd.Series:
        return _column(self.frame, code)

    def all_in(self, number_format: str, *codes: str) -> dict[str, list[str]]:
        """Give every cell of some columns one format."""
        return {code: [number_format] * len(self.frame) for code in codes}

    def grade_fills(self) -> dict[str, list[str]]:
        """Colour each grade, in the order of the scheme's grades."""
        grades = self.scheme.grades
        fills = zip(grades, style.grade_fills(len(grades)), strict=True)
        of = {word: fill for each, fill in fills for word in (each.code, *each.name)}
        return {code: [of.get(word, "") for word in self.column(code)] for code in ("grade", "grade_name")}

    def grouped(self, code: str, look: TableLook = PLAIN) -> TableLook:
        """Let the rows stand together by what a column names, which is strong where a group begins."""
        return replace(look, group_by=self.column(code), emphasis={**look.emphasis, code: "group"})


def _results(rows: _Rows) -> TableLook:
    dimensions = [each.code for each in rows.scheme.dimensions]
    parts = [part_column(each).code for each in rows.scheme.parts]
    formats = rows.all_in(rows.points, "own", "base", "adjustment", "total", *dimensions, *parts)
    formats |= rows.all_in(style.PLACES, "place_change")
    quiet: dict[str, Emphasis] = dict.fromkeys((*dimensions, "base", "adjustment", "own"), "quiet")
    return TableLook(
        formats=formats,
        fills=rows.grade_fills(),
        empty={code: NOT_RANKED(rows.lang) for code in ("place", "department_place")},
        emphasis={"name": "strong", **quiet, "pool": "group"},
        group_by=rows.column("pool").where(rows.column("place").notna(), ""),
        printed=next(code for code in ("remark", "pay", "outcome", "grade_name") if code in rows.shown),
    )


def _detail(rows: _Rows) -> TableLook:
    return rows.grouped("employee_id", _details(rows, _figure_formats(rows, "unit")))


def _unit_detail(rows: _Rows) -> TableLook:
    formats = _figure_formats(rows, "figure_unit")
    whole = rows.frame["indicator"].isin([each.code for each in rows.scheme.indicators if each.is_whole])
    formats["target"] = np.where(whole, style.fixed(0), formats["target"]).tolist()
    return rows.grouped("unit", _details(rows, formats))


def _details(rows: _Rows, formats: Mapping[str, list[str]]) -> TableLook:
    """Colour the states of figures, and fold what the policy sheets say anyway."""
    states = [STATE_FILLS.get(state, "") for state in rows.column("fact_status")]
    folded = (*FURTHER, "weight" if rows.scheme.settings.total_method == "sum" else "full")
    return TableLook(formats=formats, fills={"fact_status": states}, folded=folded)


def _units(rows: _Rows) -> TableLook:
    formats = rows.all_in(rows.points, "mean_total", "total")
    return rows.grouped("level", TableLook(formats=formats, fills=rows.grade_fills()))


def _rater_groups(rows: _Rows) -> TableLook:
    return rows.grouped("employee_id", TableLook(formats=rows.all_in(style.MONEY, "raw", "corrected", "gap")))


def _pay(rows: _Rows) -> TableLook:
    return rows.grouped("pay_item")


def _differences(rows: _Rows) -> TableLook:
    return TableLook(formats=rows.all_in(rows.points, "kept_total", "total", "difference"), fills=rows.grade_fills())


def _ranking(rows: _Rows) -> TableLook:
    formats = {**rows.all_in(style.MONEY, "exact"), **rows.all_in(SIGNED, "difference")}
    return rows.grouped("pool", TableLook(formats=formats, fills=rows.grade_fills()))


def _lists(rows: _Rows) -> TableLook:
    formats, empty = rows.all_in(rows.points, "total"), {"place": NOT_RANKED(rows.lang)}
    look = TableLook(formats=formats, fills=rows.grade_fills(), empty=empty, printed="evidence")
    return rows.grouped("outcome", look)


def _problems(rows: _Rows) -> TableLook:
    """Let each address lead to its first cell, or to its sheet where there is no cell."""
    links: dict[str, list[str | None]] = {code: [None] * len(rows.frame) for code in ("sheet", "cells")}
    for row, (title, cells) in enumerate(zip(rows.column("sheet"), rows.column("cells"), strict=True)):
        if title in rows.titles:
            at = first_cell(cells if isinstance(cells, str) else "")
            links["sheet" if at == "A1" and cells != "A1" else "cells"][row] = location(title, at)
    levels = [style.LEVEL_FILLS[level] for level in rows.frame["level"]]
    return TableLook(fills={"level": levels}, links=links, printed="remedy")


_LOOKS: Mapping[str, Callable[[_Rows], TableLook]] = {
    "results": _results,
    "detail": _detail,
    "units": _units,
    "unit_detail": _unit_detail,
    "rater_groups": _rater_groups,
    "pay_results": _pay,
    "pay_pools": _pay,
    "differences": _differences,
    "ranking": _ranking,
    "lists": _lists,
    "problems": _problems,
}


def _figure_formats(rows: _Rows, unit: str) -> dict[str, list[str]]:
    """Show figures in the unit of their indicator; numerator and denominator of a percentage are plain numbers."""
    units = rows.column(unit)
    parts = units.mask(units.map(style.is_percent), "")
    formats = {code: style.figure_formats(units, rows.column(code)) for code in ("actual", "target")}
    formats |= {code: style.figure_formats(parts, rows.column(code)) for code in ("numerator", "denominator")}
    return formats | rows.all_in(rows.points, "points", "full", "contribution")


def _holds_something(frame: pd.DataFrame, code: str) -> bool:
    values = _column(frame, code)
    return bool((values.notna() & (values != "")).any())


def _column(frame: pd.DataFrame, code: str) -> pd.Series:
    return frame[code] if code in frame else pd.Series([None] * len(frame), dtype=object)
