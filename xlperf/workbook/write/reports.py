"""Writes the reports as a workbook to look at and to print: charts, one sheet a report, and the task guide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

from openpyxl.chart import BarChart, Reference, Series
from openpyxl.chart.label import DataLabelList
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.drawing.line import LineProperties
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.header_footer import HeaderFooterItem
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from xlperf.core.problems import Lang, Text
from xlperf.reporting.forms import Form
from xlperf.reporting.reports import Chart, Kind, Measure, Report
from xlperf.workbook.write import style
from xlperf.workbook.write.print_forms import A4, draw
from xlperf.workbook.write.style import CellStyle, Look
from xlperf.workbook.write.table_sheet import is_formula_like
from xlperf.xlsx.atomic_save import save_atomically
from xlperf.xlsx.formula import put

FORMATS: dict[Kind, str] = {
    "count": style.fixed(0),
    "money": style.MONEY,
    "share": style.PERCENT_FINE,
    "mean": style.fixed(1),
}
WIDTHS: dict[Kind, float] = {"count": 9, "money": 16, "share": 10, "mean": 10}  # characters, at least
LABEL_WIDTHS = (14.0, 34.0)  # characters, at least and at most
NOTHING = "—"
OVERVIEW, DATA = Text("图表", "Charts"), Text("图表数据", "Data of the charts")
DEPARTMENT, EMPLOYEE, NAME = Text("部门", "Department"), Text("工号", "Employee ID"), Text("姓名", "Name")
CHART_WIDTH, CHART_HEIGHT = 13.2, 6.6  # centimetres: six of them fill a page
CHART_COLUMNS, CHART_ROWS, DATA_COLUMN = 8, 13, 20  # cells that a chart covers, and where its data begin
FIRST_CHART, ROWS_OF_PAGE = 4, 3  # the row of the first chart, and rows of charts on a page
CHART_SCALE, CHART_ROW_HEIGHT = 75, 15.0  # per cent, points
MANY_BARS, MOST_BARS = 12, 45  # from so many on a chart is as wide as the page; with more there is none


def write_reports(reports: Sequence[Report], guide: Sequence[Form], path: str | Path, lang: Lang) -> None:
    """Write reports and the task guide as a workbook; a file that stands there is kept beside it.

    Raises
    ------
    CannotSave
        Where the file cannot be written, with the problem in words.
    """
    save_atomically(draw_reports(reports, guide, lang), path)


def draw_reports(reports: Sequence[Report], guide: Sequence[Form], lang: Lang) -> Workbook:
    """Return a workbook with the charts, a sheet for each report, and the sheets of the task guide."""
    workbook = draw(guide, lang)
    charts = _worth_a_look(reports)
    if charts:
        _draw_charts(workbook.create_sheet(OVERVIEW(lang), 0), charts, reports[0].subtitle, lang)
    for place, report in enumerate(reports, start=1 if charts else 0):
        _Page(workbook.create_sheet(report.title[:31], place), report, lang).draw()
    for ws in workbook.worksheets:
        ws.sheet_view.tabSelected = ws is workbook.worksheets[0]
    workbook.active = 0
    return workbook


# Reports -------------------------------------------------------------------------------------------------------------


class _Page:
    """Writes one report: title, what it rests on, headings, and the lines block by block."""

    def __init__(self, ws: Worksheet, report: Report, lang: Lang) -> None:
        self.ws, self.report, self.lang = ws, report, lang
        people = ((EMPLOYEE, "employee_id"), (NAME, "name")) if report.level == "manager" else ()
        self.labels = ((DEPARTMENT, "department_name"), *people)
        self.width = len(self.labels) + len(report.measures)
        self.row = 0
        self.styles: dict[Look, CellStyle] = {}
        self.plain = Look(lang, line="")

    def draw(self) -> None:
        self.across(self.report.title, replace(self.plain, size=16, bold=True, colour=style.ACCENT), 32)
        self.across(self.report.subtitle, replace(self.plain, colour=style.MUTED))
        self.across(self.report.check, replace(self.plain, colour=style.MUTED))
        self.fit_columns()
        first = self.row + 1
        self.headings()
        self.ws.print_title_rows = f"{first}:{self.row}"
        self.ws.freeze_panes = f"{get_column_letter(len(self.labels) + 1)}{self.row + 1}"
        for block, lines in self.report.rows.astype(object).groupby("block", sort=False):
            self.band(str(block))
            for line in lines.itertuples(index=False, name=None):
                self.line(dict(zip(lines.columns, line, strict=True)))
        _set_up(self.ws, self.report.title, self.lang)
        self.ws.print_area = f"A1:{get_column_letter(self.width)}{self.row}"

    def write(self, column: int, value: Any, look: Look) -> None:
        """Write a cell of the current row; cells that look alike share a style."""
        cell = self.ws.cell(self.row, column)
        put(cell, value)
        look = replace(look, quoted=is_formula_like(value))
        chosen = self.styles.get(look) or self.styles.setdefault(look, look.register(self.ws))
        chosen.apply_to(cell)

    def next_row(self, height: float = style.ROW_HEIGHT) -> None:
        self.row += 1
        self.ws.row_dimensions[self.row].height = height

    def across(self, text: str, look: Look, height: float = style.ROW_HEIGHT) -> None:
        self.next_row(height)
        self.write(1, text, look)

    def band(self, block: str) -> None:
        """Write the name of a block over all columns."""
        self.next_row(style.HEADING_HEIGHT)
        look = Look(self.lang, bold=True, colour=style.WHITE, fill=style.ACCENT, line=style.ACCENT)
        for column in range(1, self.width + 1):
            self.write(column, block if column == 1 else None, look)

    def headings(self) -> None:
        """Write the headings; measures that belong together have one more above them."""
        look = style.heading_look("output", self.lang, "center")
        measures, begin = self.report.measures, len(self.labels) + 1
        tall = any(each.over(self.lang) for each in measures)
        if tall:
            self.next_row(style.row_height((each.over(self.lang), 16) for each in measures))
            for column in range(1, self.width + 1):
                self.write(column, None, look)
            column = begin
            for over, several in groupby(measures, key=lambda each: each.over(self.lang)):
                count = len(list(several))
                if over:
                    self.write(column, over, look)
                    self.ws.merge_cells(start_row=self.row, end_row=self.row,
                                        start_column=column, end_column=column + count - 1)  # fmt: skip
                column += count
        names = [name(self.lang) for name, _ in self.labels] + [each.name(self.lang) for each in measures]
        self.next_row(style.row_height(zip(names, map(self.width_of, range(1, self.width + 1)), strict=True)))
        for column, name in enumerate(names, start=1):
            if tall and (column < begin or not measures[column - begin].over(self.lang)):
                place = self.ws.cell(self.row - 1, column)
                put(place, name)
                self.write(column, None, look)
                self.ws.merge_cells(start_row=self.row - 1, end_row=self.row, start_column=column, end_column=column)
            else:
                self.write(column, name, look)
        if tall:
            needed = self.ws.row_dimensions[self.row].height or style.ROW_HEIGHT
            self.ws.row_dimensions[self.row].height = max(needed - style.ROW_HEIGHT, style.ROW_HEIGHT)

    def line(self, line: dict[str, Any]) -> None:
        """Write a line of labels and figures; what does not apply is a dash."""
        self.next_row()
        look = self.look_of(line["line"])
        for column, (_, code) in enumerate(self.labels, start=1):
            self.write(column, line[code] or None, look)
        for column, each in enumerate(self.report.measures, start=len(self.labels) + 1):
            value = line[each.code]
            if value == value:
                self.write(column, value, replace(look, align="right", number_format=FORMATS[each.kind]))
            else:
                self.write(column, NOTHING, replace(look, align="center", colour=style.MUTED))

    def look_of(self, kind: str) -> Look:
        look = Look(self.lang)
        match kind:
            case "subtotal":
                return replace(look, bold=True, fill=style.GREY)
            case "nobody":
                return replace(look, fill=style.AMBER)
            case "total":
                return replace(look, bold=True, colour=style.ACCENT, fill=style.TINT, top=style.STRONG_LINE)
            case _:
                return look

    def fit_columns(self) -> None:
        """Make the columns as wide as what stands in them."""
        least, most = LABEL_WIDTHS
        for column, (name, code) in enumerate(self.labels, start=1):
            texts = [name(self.lang), *map(str, self.report.rows[code].unique())]
            widest = max(map(style.text_width, texts)) * 1.2 + 4
            self.ws.column_dimensions[get_column_letter(column)].width = min(max(widest, least), most)
        for column, each in enumerate(self.report.measures, start=len(self.labels) + 1):
            self.ws.column_dimensions[get_column_letter(column)].width = self.needed(each)

    def needed(self, each: Measure) -> float:
        largest = self.report.rows[each.code].abs().max()
        shown = style.text_width(f"{largest:,.2f}" if each.kind == "money" else f"{largest:,.0f}") * 1.2 + 5
        words = each.name(self.lang).split() if self.lang == "en" else [each.name(self.lang)[:5]]
        return max(WIDTHS[each.kind], shown, max(map(style.text_width, words)) * 1.2 + 4)

    def width_of(self, column: int) -> float:
        return float(self.ws.column_dimensions[get_column_letter(column)].width)


def _set_up(ws: Worksheet, title: str, lang: Lang) -> None:
    """Prepare a sheet for the printer: A4 across, as wide as the page, with the title and page numbers."""
    ws.sheet_view.showGridLines = False
    ws.sheet_properties.tabColor = style.TAB_COLOURS["output"]
    ws.page_setup.paperSize, ws.page_setup.orientation = A4, "landscape"
    ws.page_setup.fitToWidth, ws.page_setup.fitToHeight = 1, 0
    ws.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    ws.print_options.horizontalCentered = True
    ws.page_margins.left = ws.page_margins.right = 0.4
    ws.page_margins.top = ws.page_margins.bottom = 0.7
    footer = HeaderFooterItem()
    footer.left.text, footer.center.text = title.replace("&", "＆"), style.PAGE_NUMBERS(lang)
    ws.HeaderFooter.oddFooter = footer


# Charts --------------------------------------------------------------------------------------------------------------


def _worth_a_look(reports: Sequence[Report]) -> list[Chart]:
    """Return the charts, by department where there are some, with no more bars than can be told apart."""
    level = "department" if any(each.level == "department" for each in reports) else "manager"
    charts = (chart for report in reports if report.level == level for chart in report.charts)
    return [chart for chart in charts if len(chart.labels) <= MOST_BARS]


def _draw_charts(ws: Worksheet, charts: Sequence[Chart], subtitle: str, lang: Lang) -> None:
    """Draw charts two side by side, those with many bars over both places; their data stand beside the page."""
    plain = Look(lang, line="")
    for row, (text, look) in enumerate(
        ((OVERVIEW(lang), replace(plain, size=16, bold=True, colour=style.ACCENT)),
         (subtitle, replace(plain, colour=style.MUTED))), start=1,
    ):  # fmt: skip
        put(ws.cell(row, 1), text)
        look.register(ws).apply_to(ws.cell(row, 1))
    put(ws.cell(2, DATA_COLUMN), DATA(lang))
    replace(plain, colour=style.MUTED).register(ws).apply_to(ws.cell(2, DATA_COLUMN))
    row, side, data_row = FIRST_CHART, 0, 3
    for chart in charts:
        wide = len(chart.labels) > MANY_BARS
        if side and wide:
            row, side = row + CHART_ROWS, 0
        place = f"{get_column_letter(1 + side * CHART_COLUMNS)}{row}"
        ws.add_chart(_bars(ws, chart, data_row, wide, plain), place)
        data_row += len(chart.labels) + 2
        row, side = (row, 1) if not side and not wide else (row + CHART_ROWS, 0)
    last = row + CHART_ROWS * side - 1
    ws.column_dimensions[get_column_letter(DATA_COLUMN)].width = 30
    _set_up(ws, OVERVIEW(lang), lang)
    _break_between_charts(ws, last)
    ws.print_area = f"A1:{get_column_letter(2 * CHART_COLUMNS)}{last}"


def _break_between_charts(ws: Worksheet, last: int) -> None:
    """End each page below a row of charts, at a scale and with heights of rows at which three of them fit on it."""
    ws.sheet_properties.pageSetUpPr = None  # Excel breaks where it likes where it fits a sheet to pages
    ws.page_setup.fitToWidth = ws.page_setup.fitToHeight = None
    ws.page_setup.scale = CHART_SCALE
    for row in range(1, last + 1):
        ws.row_dimensions[row].height = CHART_ROW_HEIGHT
    of_page = ROWS_OF_PAGE * CHART_ROWS
    for row in range(FIRST_CHART + of_page - 1, last, of_page):
        ws.row_breaks.append(Break(id=row))


def _bars(ws: Worksheet, chart: Chart, row: int, wide: bool, look: Look) -> BarChart:
    """Write the data of a chart beside the page and return it as columns."""
    labels, numbers = look.register(ws), replace(look, align="right", number_format=FORMATS[chart.kind]).register(ws)
    put(ws.cell(row, DATA_COLUMN), chart.title)
    replace(look, bold=True).register(ws).apply_to(ws.cell(row, DATA_COLUMN))
    for place, (label, value) in enumerate(zip(chart.labels, chart.values, strict=True), start=row + 1):
        for column, content, chosen in ((DATA_COLUMN, label, labels), (DATA_COLUMN + 1, value, numbers)):
            put(ws.cell(place, column), content)
            chosen.apply_to(ws.cell(place, column))
    last = row + len(chart.labels)
    bars: Any = BarChart()
    bars.title, bars.legend = style.chart_title(chart.title), None
    bars.width, bars.height = CHART_WIDTH * (2 if wide else 1), CHART_HEIGHT
    bars.gapWidth = 50
    if not wide:
        bars.type, bars.x_axis.scaling.orientation = "bar", "maxMin"  # the first at the top
        bars.y_axis.crosses = "max"  # and the figures of the axis below
    bars.x_axis.delete = bars.y_axis.delete = False
    bars.y_axis.majorGridlines.spPr = GraphicalProperties(ln=LineProperties(solidFill=style.LINE))
    bars.y_axis.number_format = style.PERCENT if chart.kind == "share" else FORMATS[chart.kind]
    bars.y_axis.scaling.min = 0
    series = Series(Reference(ws, DATA_COLUMN + 1, row + 1, DATA_COLUMN + 1, last), title=chart.title)
    series.graphicalProperties = GraphicalProperties(solidFill=style.ACCENT)
    labelled = DataLabelList(showVal=True, showSerName=False, showCatName=False, showLegendKey=False)
    labelled.numFmt = "0.0%" if chart.kind == "share" else FORMATS[chart.kind]
    series.dLbls = labelled if not wide else None
    bars.series.append(series)
    bars.set_categories(Reference(ws, DATA_COLUMN, row + 1, DATA_COLUMN, last))
    return bars  # type: ignore[no-any-return]
