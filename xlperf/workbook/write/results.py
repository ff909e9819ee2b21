"""Writes what a run found as sheets behind the inputs: plain values, ready to be read, filtered and printed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from openpyxl.chart import BarChart, Reference, Series
from openpyxl.chart.label import DataLabelList
from openpyxl.chart.marker import DataPoint
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.drawing.line import LineProperties
from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from xlperf.core.problems import Lang, Text
from xlperf.core.vocabulary import NOT_RANKED
from xlperf.policy.scheme import Scheme, dimension_column, part_column
from xlperf.reporting.dashboards import Views
from xlperf.reporting.home_page import HomePage
from xlperf.schema import Column, Sheet, sheets_of
from xlperf.workbook.area import Area, area_of
from xlperf.workbook.formulas import Formulas, FormulaWriter
from xlperf.workbook.read.earlier_figures import earlier_figures, sheet_grid
from xlperf.workbook.write import style
from xlperf.workbook.write.dashboards import write_views
from xlperf.workbook.write.home import first_cell, refresh_home
from xlperf.workbook.write.kept_layout import Arrangement, find_arrangement, keep_arrangement
from xlperf.workbook.write.table_sheet import (
    Emphasis,
    bar_from_zero,
    fit_notes,
    fresh_sheet,
    location,
    paint,
    sheet_in,
    write_sheet,
)
from xlperf.workbook.write.update import WorkbookUpdate, looked_at_in_full
from xlperf.xlsx.atomic_save import FileSnapshot, demand_kind, write_atomically

ESSENTIAL = frozenset(
    ("name", "base", "total", "place", "grade_name", "indicator_name", "actual", "points", "count", "evidence")
)  # columns that are shown even where nobody has anything in them
STATE_FILLS = {"missing": style.AMBER, "no_score": style.AMBER, "not_applicable": style.GREY}
SIGNED = '+0;-0;"–"'
CHARTS = 6
ROWS_OF_CHART = 12

_NO_PROBLEMS = Text("没有发现问题。", "No problems were found.")
_OVER = Text("（橙色为超名额）", " (orange: over quota)")
_CHART_COLOURS = {"quota": style.WHITE, "count": style.ACCENT}  # hollow and solid: told apart without colours


def write_book(
    source: str | Path,
    target: str | Path,
    outputs: Mapping[str, pd.DataFrame],
    scheme: Scheme,
    lang: Lang,
    keep_backup: bool = True,
    views: Views | None = None,
    writer: FormulaWriter | None = None,
    home: HomePage | None = None,
) -> None:
    """Write the output sheets into a copy of a workbook, or into the workbook itself.

    A file that somebody changes while it is written is refused; :func:`xlperf.run` refuses one that was changed since
    it was read.

    Parameters
    ----------
    source, target : path
        The workbook that was read, and where to write; both may be the same.
    outputs : mapping of sheet code to DataFrame
        The rows of the output sheets.
    scheme : Scheme
    lang : "zh" or "en"
    keep_backup : bool
        Whether a file that stands at the target is kept beside it.
    views : Views or None
        The company, its units and people with what is behind each figure, as sheets of their own.
    writer : FormulaWriter or None
        Who writes computed cells as formulas; without one they are values.
    home : HomePage or None
        What Home is to show; without it Home stays as it is.

    Raises
    ------
    CannotSave
        Where the target cannot be written, with the problem in words.
    """
    demand_kind(Path(source), Path(target))
    opened = FileSnapshot.of(Path(source))
    update = WorkbookUpdate(source, looked_at_in_full("settings"))
    earlier = earlier_figures(sheet_grid(Path(source), "figures")) if views is not None else None
    write_results(update.workbook, outputs, scheme, lang, views, writer, earlier, home)
    write_atomically(update.merged(), target, keep_backup, opened)


def write_results(
    workbook: Workbook,
    outputs: Mapping[str, pd.DataFrame],
    scheme: Scheme,
    lang: Lang,
    views: Views | None = None,
    writer: FormulaWriter | None = None,
    earlier: pd.DataFrame | None = None,
    home: HomePage | None = None,
) -> None:
    """Write the output sheets, each in place of the one that was there, new ones behind the inputs.

    Parameters
    ----------
    workbook : Workbook
    outputs : mapping of sheet code to DataFrame
        Rows by column code, shown in the order given. Results may have a column for each dimension of the scheme.
    scheme : Scheme
        Gives the names of dimensions, the order of the grades and the decimals.
    lang : "zh" or "en"
    views : Views or None
        The company, its units and people with what is behind each figure, as sheets of their own.
    writer : FormulaWriter or None
        Who writes computed cells as formulas; without one they are values.
    earlier : DataFrame or None
        The rows of the Figures sheet that runs before left.
    home : HomePage or None
        What Home is to show; without it Home stays as it is.

    Examples
    --------
    >>> from xlperf.policy import schemes
    >>> workbook = Workbook()
    >>> write_results(workbook, {"run": pd.DataFrame({"item": ["xlperf"], "value": ["1"]})},
    ...               schemes.load("service-team"), "en")
    >>> [[cell.value for cell in row] for row in workbook["Run"].rows]
    [['Item', 'Value'], ['xlperf', '1']]
    """
    frames = {code: frame.reset_index(drop=True) for code, frame in outputs.items()}
    if "problems" in frames and frames["problems"].empty:
        frames["problems"] = pd.DataFrame([{"level": "note", "found": _NO_PROBLEMS(lang)}])
    frames = writer.widened(frames) if writer is not None else frames
    sheets = [sheet for sheet in sheets_of("output") if sheet.code in frames]
    pages = {
        sheet.code: _arranged(workbook, sheet, _page(sheet, frames[sheet.code], scheme, writer)) for sheet in sheets
    }
    formulas: Formulas = {}
    if writer is not None:
        areas = {code: area_of(page.columns, frames[code], *page.corner) for code, page in pages.items()}
        standing = {sheet.code: sheet_in(workbook, sheet.code) for sheet in sheets}
        titles = {sheet.code: ws.title if (ws := standing[sheet.code]) else sheet.title(lang) for sheet in sheets}
        formulas = writer.write(frames, areas, titles)
        frames["run"] = pd.concat([frames["run"], writer.record()], ignore_index=True)
    for sheet in sheets:
        ws, frame, page = fresh_sheet(workbook, sheet, lang), frames[sheet.code], pages[sheet.code]
        if page.arrangement is not None:
            keep_arrangement(ws, page.arrangement)
        area = write_sheet(
            ws, sheet, frame, lang, page.columns, scheme.name(lang), *page.corner,
            formats=page.formats, fills=page.fills, group_by=page.group_by, formulas=formulas.get(sheet.code),
            empty={code: NOT_RANKED(lang) for code in page.places}, emphasis=page.emphasis, printed=page.printed,
            links=_addresses(frame, workbook.sheetnames) if sheet.code == "problems" else None,
        )  # fmt: skip
        _finish(ws, sheet.code, frame, area, lang)
    if views is not None:
        write_views(workbook, views, earlier_figures(None) if earlier is None else earlier, scheme.name(lang), lang)
    if home is not None:
        refresh_home(workbook, scheme, home, lang)
    fit_notes(workbook)
    _open_at(workbook, "results")


def _open_at(workbook: Workbook, code: str) -> None:
    """Let the workbook open at a sheet, and only that one selected: Excel would type into all that are."""
    ws = sheet_in(workbook, code)
    if ws is not None:
        workbook.active = workbook.index(ws)
        for each in workbook.worksheets:
            each.sheet_view.tabSelected = each is ws


# What a sheet shows -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Page:
    """The columns of an output sheet, and where their cells do not all look alike."""

    columns: Sequence[Column]
    formats: dict[str, list[str]] = field(default_factory=dict)
    fills: dict[str, list[str]] = field(default_factory=dict)
    group_by: pd.Series | None = None  # what the rows stand together by
    arrangement: Arrangement | None = None
    emphasis: Mapping[str, Emphasis] = field(default_factory=dict)
    printed: str | None = None  # the last column that must be on paper
    places: tuple[str, ...] = ()  # the columns that say so where somebody has no place

    @property
    def corner(self) -> tuple[int, int]:
        """The row and the column of the first heading."""
        return (self.arrangement.heading_row, self.arrangement.first_column) if self.arrangement else (1, 1)


def _arranged(workbook: Workbook, sheet: Sheet, page: _Page) -> _Page:
    """Put the columns where HR staff have them on the sheet that an earlier run wrote."""
    arrangement = find_arrangement(sheet_in(workbook, sheet.code), sheet, page.columns)
    return page if arrangement is None else replace(page, columns=arrangement.columns, arrangement=arrangement)


def _page(sheet: Sheet, frame: pd.DataFrame, scheme: Scheme, writer: FormulaWriter | None) -> _Page:
    page = _Page(columns_shown(sheet, frame, scheme, writer))
    points = style.fixed(scheme.settings.decimals)
    match sheet.code:
        case "results":
            scores = ("own", "base", "adjustment", "total", *(each.code for each in scheme.dimensions))
            scores = (*scores, *(part_column(each).code for each in scheme.parts))
            formats = {code: [points] * len(frame) for code in scores}
            formats["place_change"] = [style.PLACES] * len(frame)
            grey = (*(each.code for each in scheme.dimensions), "base", "adjustment", "own")
            emphasis: dict[str, Emphasis] = {"name": "strong", **dict.fromkeys(grey, "quiet")}
            shown = {each.code for each in page.columns}
            printed = next(code for code in ("remark", "pay", "outcome", "grade_name") if code in shown)
            page = replace(page, places=("place", "department_place"), emphasis=emphasis, printed=printed)
            ranked = _column(frame, "place").notna()
            page = _grouped(page, "pool", _column(frame, "pool").where(ranked, ""))
            return replace(page, formats=formats, fills=_grade_fills(frame, scheme))
        case "detail":
            formats = _detail_formats(frame, points)
            states = [STATE_FILLS.get(state, "") for state in _column(frame, "fact_status")]
            page = _grouped(page, "employee_id", _column(frame, "employee_id"))
            return replace(page, formats=formats, fills={"fact_status": states})
        case "units":
            formats = {code: [points] * len(frame) for code in ("mean_total", "total")}
            page = _grouped(page, "level", _column(frame, "level"))
            return replace(page, formats=formats, fills=_grade_fills(frame, scheme))
        case "unit_detail":
            formats = _detail_formats(frame.assign(unit=frame["figure_unit"]), points)
            whole = frame["indicator"].isin([each.code for each in scheme.indicators if each.is_whole])
            formats["target"] = np.where(whole, style.fixed(0), formats["target"]).tolist()
            states = [STATE_FILLS.get(state, "") for state in _column(frame, "fact_status")]
            page = _grouped(page, "unit", _column(frame, "unit"))
            return replace(page, formats=formats, fills={"fact_status": states})
        case "rater_groups":
            scores = ("raw", "corrected", "gap")
            formats = {code: [style.MONEY] * len(frame) for code in scores}
            return replace(_grouped(page, "employee_id", _column(frame, "employee_id")), formats=formats)
        case "pay_results" | "pay_pools":
            return _grouped(page, "pay_item", _column(frame, "pay_item"))
        case "differences":
            formats = {code: [points] * len(frame) for code in ("kept_total", "total", "difference")}
            return replace(page, formats=formats, fills=_grade_fills(frame, scheme))
        case "ranking":
            formats = {"exact": [style.MONEY] * len(frame), "difference": [SIGNED] * len(frame)}
            page = _grouped(page, "pool", _column(frame, "pool"))
            return replace(page, formats=formats, fills=_grade_fills(frame, scheme))
        case "lists":
            formats = {"total": [points] * len(frame)}
            page = _grouped(replace(page, places=("place",)), "outcome", _column(frame, "outcome"))
            return replace(page, formats=formats, fills=_grade_fills(frame, scheme))
        case "problems":
            return replace(page, fills={"level": [style.LEVEL_FILLS[level] for level in frame["level"]]})
        case _:
            return page


def columns_shown(
    sheet: Sheet, frame: pd.DataFrame, scheme: Scheme, writer: FormulaWriter | None = None
) -> list[Column]:
    """Return the columns to show: dimensions stand before the base score, and empty columns are left out."""
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


def _holds_something(frame: pd.DataFrame, code: str) -> bool:
    values = _column(frame, code)
    return bool((values.notna() & (values != "")).any())


def _column(frame: pd.DataFrame, code: str) -> pd.Series:
    return frame[code] if code in frame else pd.Series([None] * len(frame), dtype=object)


def _grouped(page: _Page, code: str, group_by: pd.Series) -> _Page:
    """Let the rows of a page stand together by what a column names, which is strong where a group begins."""
    return replace(page, group_by=group_by, emphasis={**page.emphasis, code: "group"})


def _grade_fills(frame: pd.DataFrame, scheme: Scheme) -> dict[str, list[str]]:
    fills = style.grade_fills(len(scheme.grades))
    of = {word: fill for each, fill in zip(scheme.grades, fills, strict=True) for word in (each.code, *each.name)}
    return {code: [of.get(word, "") for word in _column(frame, code)] for code in ("grade", "grade_name")}


def _detail_formats(frame: pd.DataFrame, points: str) -> dict[str, list[str]]:
    """Show figures in the unit of their indicator; numerator and denominator of a percentage are plain numbers."""
    units = _column(frame, "unit")
    parts = units.mask(units.map(style.is_percent), "")
    formats = {code: style.figure_formats(units, _column(frame, code)) for code in ("actual", "target")}
    formats |= {code: style.figure_formats(parts, _column(frame, code)) for code in ("numerator", "denominator")}
    return formats | {code: [points] * len(frame) for code in ("points", "full", "contribution")}


# What stands on a sheet besides its cells -------------------------------------------------------------------------


def _finish(ws: Worksheet, code: str, frame: pd.DataFrame, area: Area, lang: Lang) -> None:
    match code:
        case "results":
            ws.conditional_formatting.add(area.column("total"), bar_from_zero(style.BAR))
            if "place_change" in area.letters:
                cells = area.column("place_change")
                first = cells.partition(":")[0]
                paint(ws, cells, good=f"{first}>0", bad=f"{first}<0")
        case "ranking":
            _draw_pools(ws, frame, area, lang)


def _addresses(frame: pd.DataFrame, titles: Collection[str]) -> dict[str, list[str | None]]:
    """Let each address lead to its first cell, or to its sheet where there is no cell."""
    links: dict[str, list[str | None]] = {code: [None] * len(frame) for code in ("sheet", "cells")}
    for row, (title, cells) in enumerate(zip(_column(frame, "sheet"), _column(frame, "cells"), strict=True)):
        if title in titles:
            at = first_cell(cells if isinstance(cells, str) else "")
            links["sheet" if at == "A1" and cells != "A1" else "cells"][row] = location(title, at)
    return links


def _draw_pools(ws: Worksheet, frame: pd.DataFrame, area: Area, lang: Lang) -> None:
    """Draw quota against head-count by grade for the first pools, to the right of the table."""
    last = column_index_from_string(list(area.letters.values())[-1])
    pools = list(frame.groupby("pool", sort=False))[:CHARTS]
    for number, (pool, rows) in enumerate(pools):
        top = area.first_row + number * ROWS_OF_CHART
        place = f"{get_column_letter(last + 2)}{top}"
        ws.add_chart(
            _chart(ws, str(pool), area, area.first_row + rows.index[0], (rows["difference"] > 0).tolist(), lang), place
        )
        for row in range(top, top + ROWS_OF_CHART):
            ws.row_dimensions[row].height = style.ROW_HEIGHT


def _chart(ws: Worksheet, pool: str, area: Area, first: int, over: Sequence[bool], lang: Lang) -> BarChart:
    """Draw the quota hollow and the head-count solid, and in orange where it is over."""
    chart: Any = BarChart()
    last = first + len(over) - 1
    chart.title = style.chart_title(f"{pool}{_OVER(lang)}" if any(over) else pool)
    chart.width, chart.height = 15.0, 8.0  # centimetres; eleven rows high
    chart.gapWidth, chart.overlap = 70, -5
    chart.legend.position = "b"
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.y_axis.majorGridlines.spPr = GraphicalProperties(ln=LineProperties(solidFill=style.LINE))
    chart.y_axis.number_format, chart.y_axis.scaling.min = "0", 0
    for code, colour in _CHART_COLOURS.items():
        if code in area.letters:
            column = column_index_from_string(area.letters[code])
            series = Series(Reference(ws, column, first, column, last), title=ws.cell(area.heading_row, column).value)
            outline = LineProperties(solidFill=style.MUTED if code == "quota" else colour)
            series.graphicalProperties = GraphicalProperties(solidFill=colour, ln=outline)
            if code == "count":
                series.dPt = [_point_over(at) for at, too_many in enumerate(over) if too_many]
            series.dLbls = DataLabelList(showVal=True, showSerName=False, showCatName=False, showLegendKey=False)
            chart.series.append(series)
    names = column_index_from_string(area.letters["grade_name"])
    chart.set_categories(Reference(ws, names, first, names, last))
    return chart  # type: ignore[no-any-return]


def _point_over(place: int) -> DataPoint:
    point: Any = DataPoint(idx=place, invertIfNegative=False)
    point.graphicalProperties = GraphicalProperties(solidFill=style.WARN, ln=LineProperties(solidFill=style.WARN))
    return point  # type: ignore[no-any-return]
