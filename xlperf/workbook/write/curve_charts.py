"""A picture of each curve beside its anchors on the Curves sheet, which follows the cells that HR changes.

Lines are drawn as lines, with a mark where a jump begins; a curve of jumps or slices alone is a staircase of columns.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import groupby
from typing import Any

from openpyxl.chart import BarChart, Reference, ScatterChart, Series
from openpyxl.chart.marker import Marker
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.drawing.line import LineProperties
from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from xlperf.core.problems import Lang
from xlperf.core.vocabulary import WORDS
from xlperf.policy.scheme import CurveRows, Scheme
from xlperf.schema import SHEETS
from xlperf.workbook.area import Area
from xlperf.workbook.write import style
from xlperf.workbook.write.fill_rows import area_on
from xlperf.workbook.write.table_sheet import sheet_in

WIDTH, HEIGHT = 12.0, 7.0  # centimetres
ROWS_HIGH = 11  # rows from one picture to the next
BESIDE = 2  # columns between the table and the pictures


def draw_curves(ws: Worksheet, area: Area, curves: Mapping[str, CurveRows], lang: Lang) -> None:
    """Draw every sound curve beside the table of its anchors.

    Parameters
    ----------
    ws : the Curves sheet, with its rows
    area : where its table stands
    curves : by name, with the positions of their rows below the headings
    lang : of the titles
    """
    last = max(map(column_index_from_string, area.letters.values()))
    column = get_column_letter(last + BESIDE)
    drawn = [
        (name, found)
        for name, found in curves.items()
        if found.curve.is_sound() and found.rows[-1] - found.rows[0] == len(found.rows) - 1  # below each other
    ]
    for position, (name, found) in enumerate(drawn):
        chart = _chart(ws, area, found)
        readings = dict.fromkeys(WORDS["curve_reading"][each.reading](lang) for each in found.curve.anchors)
        chart.title = style.chart_title(f"{name} · {' / '.join(readings)}")
        chart.width, chart.height, chart.legend = WIDTH, HEIGHT, None
        chart.x_axis.delete = chart.y_axis.delete = False
        chart.y_axis.majorGridlines.spPr = GraphicalProperties(ln=LineProperties(solidFill=style.LINE))
        ws.add_chart(chart, f"{column}{area.heading_row + position * ROWS_HIGH}")


def draw_curves_of_book(workbook: Workbook, scheme: Scheme, lang: Lang) -> None:
    """Draw the curves of a workbook that was read where their anchors stand; without the sheet nothing is drawn.

    Parameters
    ----------
    workbook : with the Curves sheet in full
    scheme : as it was read from this workbook
    lang : of the titles
    """
    sheet, table = SHEETS["curves"], scheme.table("curves")
    ws = sheet_in(workbook, sheet.code)
    area = area_on(ws, sheet) if ws is not None else None
    if ws is None or area is None:
        return
    standing = {
        name: replace(found, rows=tuple(int(table.rows[each]) - area.first_row for each in found.rows))
        for name, found in scheme.curves.items()
    }
    draw_curves(ws, area, standing, lang)


def _chart(ws: Worksheet, area: Area, found: CurveRows) -> Any:
    with_lines = any(each.reading == "line" for each in found.curve.anchors[:-1])
    return _lines(ws, area, found) if with_lines else _staircase(ws, area, found)


def _lines(ws: Worksheet, area: Area, found: CurveRows) -> ScatterChart:
    chart: Any = ScatterChart()
    chart.style, chart.scatterStyle = 13, "lineMarker"
    chart.x_axis.majorGridlines = None
    for run in _runs(found):
        series = Series(_cells(ws, area, found, "points", run), _cells(ws, area, found, "value", run))
        series.marker = Marker("circle", size=6)
        series.marker.graphicalProperties = GraphicalProperties(solidFill=style.ACCENT)
        series.graphicalProperties = GraphicalProperties(ln=LineProperties(solidFill=style.ACCENT, w=22225))
        series.smooth = False
        chart.series.append(series)
    return chart  # type: ignore[no-any-return]


def _runs(found: CurveRows) -> list[list[int]]:
    """Return the positions of anchors that lines join, and those of jumps alone."""
    joins = [each.reading == "line" for each in found.curve.anchors[:-1]]
    runs, start = [], 0
    for joined, group in groupby(joins):
        size = len(list(group))
        runs += [list(range(start, start + size + 1))] if joined else [[each] for each in range(start, start + size)]
        start += size
    return runs if joins and joins[-1] else [*runs, [start]]


def _staircase(ws: Worksheet, area: Area, found: CurveRows) -> BarChart:
    chart: Any = BarChart()
    chart.gapWidth = 0
    every = list(range(len(found.rows)))
    series = Series(_cells(ws, area, found, "points", every))
    series.graphicalProperties = GraphicalProperties(solidFill=style.ACCENT)
    chart.series.append(series)
    chart.set_categories(_cells(ws, area, found, "value", every))
    return chart  # type: ignore[no-any-return]


def _cells(ws: Worksheet, area: Area, found: CurveRows, code: str, positions: list[int]) -> Reference:
    """Return the cells of some anchors, which stand below each other."""
    column = column_index_from_string(area.letters[code])
    first, last = (area.first_row + found.rows[each] for each in (positions[0], positions[-1]))
    return Reference(ws, column, first, column, last)
