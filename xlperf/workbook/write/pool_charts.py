"""Draws the quotas of each pool beside the head-counts, to the right of the Ranking sheet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
from openpyxl.chart import BarChart, Reference, Series
from openpyxl.chart.label import DataLabelList
from openpyxl.chart.marker import DataPoint
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.drawing.line import LineProperties
from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from xlperf.core.problems import Lang, Text
from xlperf.workbook.area import Area
from xlperf.workbook.write import style

CHARTS = 6
ROWS_OF_CHART = 12
_OVER = Text("（橙色为超名额）", " (orange: over quota)")
_COLOURS = {
    "quota": style.WHITE,
    "count": style.ACCENT,
}  # hollow and solid, so that they differ in print without colours


def draw_pools(ws: Worksheet, frame: pd.DataFrame, area: Area, lang: Lang) -> None:
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
    for code, colour in _COLOURS.items():
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
