"""The templates that come with xlperf: the scorecard of an employee, the reports of a department and of the company."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from openpyxl.chart import BarChart, LineChart, RadarChart, Reference, Series
from openpyxl.chart.marker import Marker
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.spreadsheet_drawing import AnchorMarker, TwoCellAnchor
from openpyxl.utils import column_index_from_string, quote_sheetname
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from xlperf.core.problems import Lang, Text
from xlperf.reporting.card_layout import CardLayout
from xlperf.reporting.placeholders import ANSWERS, AUDIENCES, KEY_COLUMNS, KEY_MARKS, MARKS, Audience, FormAudience
from xlperf.workbook.write import style
from xlperf.workbook.write.card_templates import Cell, Kind, Section, Sheet, draw
from xlperf.xlsx.formula import put

_KINDS: dict[str, Kind] = {
    "target": "figure",
    "actual": "figure",
    "points": "points",
    "full": "points",
    "contribution": "points",
    "total": "points",
    "mean_total": "points",
    "mean": "points",
    "base": "points",
    "adjustment": "points",
    "weight": "share",
    "share": "share",
    "pay": "money",
    "amount": "money",
    "people": "count",
    "place": "count",
    "pool_size": "count",
    "raters": "count",
    "quota": "count",
    "count": "count",
    "due": "date",
    "done": "date",
    "no": "count",
    "low": "number",
    "high": "number",
    "value": "number",
    "label": "word",
    "relation": "word",
    "unit": "word",
    "percent": "share",
    "place_change": "change",
    "hit": "word",
    "on_time": "word",
    "status": "word",
    "grade": "word",
}
EVERYTHING = CardLayout()
TASKS, BEHIND = Text("任务清单", "Task list"), Text("每个指标背后的数据", "The rows behind each indicator")
PEOPLE, THEIR_ITEMS = Text("人员得分", "People"), Text("人员指标", "Indicators of people")
LEVELS = Text("评分档次", "Rating levels")
CHART_DATA = Text("图表数据", "Chart data")
ITEMS = "dimension indicator unit target actual points weight contribution"
TASK_COLUMNS = "task_id task_kind client_id due done status on_time"
KEY_TITLE = "xlperf"
PLEASE = Text(
    "请填写浅黄色的单元格，其余内容请勿改动", "Please fill in the cream cells and leave the others as they are"
)
_CARD: dict[Lang, tuple[float, ...]] = {
    "zh": (18.0, 30.0, 8.0, 13.0, 13.0, 9.0, 11.0, 11.0, 36.0),
    "en": (18.0, 34.0, 8.0, 13.0, 13.0, 9.0, 14.0, 13.0, 34.0),
}
_LINE = 18.0  # points of a record on the card, so that thirty of them leave room for the rest of a page
_FURTHER = "dimension indicator unit target actual state"
_ROOM = 11  # lines for the charts
_LINE_WIDTHS = {"solid": 22000, "dash": 15000}  # EMU
_LAST_COLUMN = 2_100_000  # EMU of the last column below a chart
_RING = 0.2  # of the full points, between the rings of the radar
_SEEN = Text(
    "本人已知悉考核结果：    □ 同意    □ 有异议，将按制度申诉", "I have seen this result:   □ agreed   □ I shall appeal"
)
_SHAPE, _TREND = Text("各维度得分（占满分）", "Dimensions (of full points)"), Text("各期总分", "Total by period")
_SIGN = Text("被考核人（签字）", "Employee"), Text("考核人（签字）", "Appraiser"), Text("日期", "Date")
_OWN, _MEAN = Text("本人", "Own"), Text("部门平均", "Department mean")
_COMMENTS = Text("面谈评语", "Comments")


def template(to: Audience, lang: Lang, layout: CardLayout = EVERYTHING) -> Workbook:
    """Return the template of an audience, ready to be filled or to be restyled.

    Parameters
    ----------
    to : whom the files are for
    lang : of titles and headings
    layout : what stands on a card

    Examples
    --------
    >>> template("employees", "en").sheetnames
    ['Scorecard', 'Further figures', 'Tasks', 'Rows behind', 'Chart data']
    """
    if to == "raters" or to == "figures":
        choose = to == "raters" and layout.has_levels
        pages = [_form(to, lang, choose), _levels()] if choose else [_form(to, lang)]
        workbook = draw(pages, lang, "{scheme}", "{period}")
        _write_key(workbook.create_sheet(KEY_TITLE))
        return workbook
    items = ITEMS.replace("weight", "full") if layout.added_up else ITEMS
    if to == "employees":
        workbook = draw(_card(to, items, lang, layout), lang, "{scheme}", "{period}")
        _draw_charts(workbook, lang, layout)
        return workbook
    sheets = _department(to, items, layout) if to == "departments" else _company(to, items)
    return draw(sheets, lang, "{scheme}", "{period}")


def _section(to: Audience, block: str, title: Text, marks: str, optional: bool = True) -> Section:
    """Return a section with some columns of a block; ``clause:6`` reaches over six columns of the page."""
    names = MARKS[to].blocks[block][1]
    cells = []
    for mark in marks.split():
        code, _, over = mark.partition(":")
        cells.append(Cell(names[code], code, _kind(code), int(over or 1)))
    return Section(title, block, tuple(cells), optional)


def _fields(to: Audience, marks: str) -> tuple[Cell, ...]:
    names = MARKS[to].values
    cells = []
    for mark in marks.split():
        code, _, over = mark.partition(":")
        cells.append(Cell(names[code.lstrip("?")], code, _kind(code.lstrip("?")), int(over or 1)))
    return tuple(cells)


def _kind(code: str) -> Kind:
    return _KINDS.get(code, "text")


def _card(to: Audience, items: str, lang: Lang, layout: CardLayout) -> list[Sheet]:
    tasks, rows = _section(to, "task", TASKS, TASK_COLUMNS), _section(to, "row", BEHIND, "indicator hit key details")
    scores = _section(to, "score", Text("维度得分", "Dimension scores"), "dimension percent mean")
    trend = _section(to, "trend", Text("总分走势", "Totals"), "period total mean")
    sheets = [_scorecard(to, f"{items} how", lang, layout)]
    if layout.has_further or layout.has_evidence:
        sheets.append(_further(to, layout))
    if layout.has_tasks:
        sheets.append(Sheet(Text("任务", "Tasks"), (14, 20, 14, 13, 13, 12, 9), (tasks,)))
    if layout.has_rows:
        sheets.append(Sheet(Text("明细", "Rows behind"), (38, 8, 14, 90), (rows,), across=True))
    return [*sheets, Sheet(CHART_DATA, (22, 14, 14), (scores, trend), hidden=True)]


def _scorecard(to: Audience, items: str, lang: Lang, layout: CardLayout) -> Sheet:
    """Return the page that is talked about and signed, in the order of a conversation."""
    who, appraiser, day = (each(lang) for each in _SIGN)
    sections = (
        replace(_section(to, "counted", Text("指标得分", "Indicators"), items, optional=False), group_by="dimension"),
        _section(to, "rated", Text("评价汇总", "Ratings"), "dimension relation raters:2 mean remark:4"),
        _section(to, "change", Text("加减分", "Adjustments"), "kind points clause:7"),
        _section(to, "pay", Text("薪酬", "Pay"), "item:2 amount:2"),
    )
    return Sheet(
        Text("成绩卡", "Scorecard"),
        _CARD[lang],
        tuple(map(_lines, sections)),
        (
            _fields(to, "name:2 employee_id:2 department:2"),
            _fields(to, "position:2 base:2 adjustment:2"),
            _fields(to, "?place:2 pool_size:2 place_change:2"),
            _fields(to, "?lists:8"),
            _fields(to, "?remark:8"),
        ),
        band=_fields(to, "total:4 grade:5"),
        room=_ROOM,
        closing=(
            f"{_COMMENTS(lang)}:1|_:8",
            "_:9",
            f"{_SEEN(lang)}:9",
            f"{who}:1|_:1|{appraiser}:2|_:3|{day}:1|_:1",
        ),
        chips=layout.grades,
        pages=1,
    )


def _further(to: Audience, layout: CardLayout) -> Sheet:
    """Return the page of what is good to know: figures that do not count, and the evidence of lists."""
    further = _section(to, "further", Text("参考指标（不计分）", "Figures that do not count"), _FURTHER)
    lists = _section(to, "list", Text("结果应用", "Lists"), "list:2 evidence:4")
    sections = (*((replace(_lines(further), group_by="dimension"),) if layout.has_further else ()),
                *((lists,) if layout.has_evidence else ()))  # fmt: skip
    return Sheet(Text("参考数据", "Further figures"), (20, 40, 10, 14, 14, 30), sections)


def _draw_charts(workbook: Workbook, lang: Lang, layout: CardLayout) -> None:
    """Draw the dimensions as a radar, or as bars where there are too few; and the totals of up to twelve periods."""
    card, data = workbook.worksheets[0], workbook[CHART_DATA(lang)]
    marks = ("score.dimension", "trend.period")
    rows = {mark: cell.row for cell in data["A"] for mark in marks if mark in str(cell.value)}
    shape = _chart(RadarChart() if layout.has_shape else BarChart(), data, rows["score.dimension"], _SHAPE, lang)
    shape.y_axis.number_format, shape.y_axis.scaling.min = "0%", 0
    if layout.has_shape:
        shape.y_axis.majorUnit, shape.y_axis.delete = _RING, True
    else:
        shape.gapWidth, shape.overlap = 60, -5
    _place(card, shape, "A", "B")
    if layout.has_trend:
        lines = _chart(LineChart(), data, rows["trend.period"], _TREND, lang)
        lines.y_axis.number_format = "0"
        for series, dash in zip(lines.series, ("solid", "dash"), strict=True):
            series.marker = Marker("circle" if dash == "solid" else "none", size=5)
            series.smooth = False
        _place(card, lines, "C", "I")


def _place(card: Worksheet, chart: Any, first: str, last: str) -> None:
    """Put a chart on some columns of the lines that are left free below the band, however wide these are.

    It ends inside the last column: what touched the next one would belong to the page too.
    """
    top = next(row[0].row for row in card.iter_rows() if row[0].value == "{total}") + 1
    begin = AnchorMarker(col=column_index_from_string(first) - 1, row=top)
    end = AnchorMarker(col=column_index_from_string(last) - 1, colOff=_LAST_COLUMN, row=top + _ROOM)
    chart.anchor = TwoCellAnchor(_from=begin, to=end)
    card.add_chart(chart)


def _chart(chart: Any, data: Worksheet, row: int, title: Text, lang: Lang) -> Any:
    chart.title = style.chart_title(title(lang), size=10)
    chart.legend.position = "b"
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.y_axis.majorGridlines.spPr = GraphicalProperties(ln=LineProperties(solidFill=style.LINE))
    for column, name, colour, dash in ((2, _OWN, style.ACCENT, "solid"), (3, _MEAN, style.MUTED, "dash")):
        series = Series(Reference(data, column, row, column, row), title=name(lang))
        line: Any = LineProperties(solidFill=colour, w=_LINE_WIDTHS[dash])
        line.prstDash = dash
        looks: Any = GraphicalProperties(ln=line)
        if isinstance(chart, BarChart):
            looks.solidFill = colour if column == 2 else style.WHITE
        series.graphicalProperties = looks
        chart.series.append(series)
    chart.set_categories(Reference(data, 1, row, 1, row))
    return chart


def _department(to: Audience, items: str, layout: CardLayout) -> list[Sheet]:
    sheets = [
        _units(to, _fields(to, "code:2 unit_name:2"), _fields(to, "total:2 grade:2")),
        _figures(to, items),
        _people(to, layout),
        Sheet(
            Text("人员指标", "Indicators of people"),
            (12, 16, 20, 38, 11, 13, 13, 11, 11, 13, 16),
            (_lines(_section(to, "item", THEIR_ITEMS, f"employee_id name {items} state")),),
            across=True,
        ),
    ]
    tasks = Sheet(
        Text("任务", "Tasks"),
        (12, 16, 14, 20, 14, 13, 13, 12, 9),
        (_lines(_section(to, "task", TASKS, f"employee_id name {TASK_COLUMNS}")),),
        across=True,
    )
    return [*sheets, tasks] if layout.has_tasks else sheets


def _people(to: Audience, layout: CardLayout) -> Sheet:
    """Return the page of the people of a unit, without columns that are empty for everybody."""
    marks = "employee_id name department position total grade"
    widths: tuple[float, ...] = (12, 16, 22, 26, 11, 17)
    if layout.has_places:
        marks, widths = f"{marks} place pool_size", (*widths, 9, 10)
    marks, widths = f"{marks} lists", (*widths, 60)
    if layout.has_pay:
        marks, widths = f"{marks} pay", (*widths, 14)
    return Sheet(Text("人员", "People"), widths, (_lines(_section(to, "person", PEOPLE, marks)),), across=True)


def _lines(section: Section) -> Section:
    """Return a section with each record on one line: programs differ in whether they fit rows to their texts."""
    return replace(section, height=_LINE)


def _company(to: Audience, items: str) -> list[Sheet]:
    pools = _section(to, "pool", Text("等级分布", "Grades"), "pool grade share quota count")
    return [
        _units(to, _fields(to, "people:2 mean_total:2"), _fields(to, "total:2 grade:2")),
        _figures(to, items),
        Sheet(Text("分布", "Distribution"), (26, 14, 12, 12, 12), (pools,)),
    ]


def _units(to: Audience, *fields: tuple[Cell, ...]) -> Sheet:
    section = _section(to, "unit", Text("单位得分", "Units"), "code unit_name people mean_total total grade")
    return Sheet(Text("单位", "Units"), (14, 26, 14, 14, 14, 17), (_lines(section),), fields)


def _figures(to: Audience, items: str) -> Sheet:
    section = _section(to, "figure", Text("单位指标", "Figures of units"), f"unit_name {items} state")
    widths = (22, 20, 38, 11, 13, 13, 11, 11, 13, 16)
    return Sheet(Text("单位指标", "Figures of units"), widths, (_lines(section),), across=True)


# Forms ------------------------------------------------------------------------------------------------------------


def _form(to: FormAudience, lang: Lang, choose: bool = False) -> Sheet:
    """Return the page that a rater fills in, or whoever reports figures; ``choose`` offers the levels on their page."""
    about = "no employee_id name department dimension indicator indicator_name "
    shown = about + ("relation low high" if to == "raters" else "unit target")
    figure, comment = ANSWERS[to]
    answers = (Cell(figure, "", "answer"), Cell(comment, "", "comment"))
    section = _section(to, "ask", PLEASE, shown, optional=False)
    section = replace(section, cells=(*section.cells, *answers), choices=_choices(lang) if choose else "")
    widths = (7, 12, 14, 18, 16, 18, 30, *((12, 9, 9) if to == "raters" else (9, 13)), 12, 44)
    fields = (_fields(to, "rater:2 rater_name:2"), _fields(to, "?due:2"))
    return Sheet(AUDIENCES[to], widths, (section,), fields, across=True, locked=True)


def _levels() -> Sheet:
    """Return the page that says what each level means."""
    section = _section("raters", "level", LEVELS, "indicator indicator_name label value anchor", optional=False)
    return Sheet(LEVELS, (18, 30, 14, 9, 90), (section,), across=True, locked=True)


def _choices(lang: Lang) -> str:
    """Return the formula of the labels of the indicator that a question is about: they stand one below the other."""
    codes, labels = (f"{quote_sheetname(LEVELS(lang))}!${letter}" for letter in "AC")
    first, count = f"MATCH({{indicator}},{codes}:$A,0)-1", f"COUNTIF({codes}:$A,{{indicator}})"
    return f"OFFSET({labels}$1,{first},0,{count},1)"


def _write_key(ws: Worksheet) -> None:
    """Write the sheet that nobody sees: whose form it is, what it asks, and the signature of that."""
    for column, mark in enumerate(KEY_MARKS, start=1):
        put(ws.cell(1, column), f"{{{mark}}}")
    for column, mark in enumerate(KEY_COLUMNS, start=1):
        put(ws.cell(2, column), f"{{ask.{mark}}}")
    ws.sheet_state = "veryHidden"
