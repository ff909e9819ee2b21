"""Worksheet functions on rows of data: a measured fact under a condition, and the levels and classes of clients."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from xlperf.binding.functions.arguments import (
    Cells,
    column,
    day,
    is_blank,
    needed,
    number,
    refuse_errors,
    rows_of,
    same_length,
    spread,
    text,
    word,
)
from xlperf.binding.functions.errors import WRONG_VALUE, ExcelError, wrong
from xlperf.binding.functions.registry import a_range, a_value, worksheet_function
from xlperf.binding.functions.schemes import FIGURES, LevelRow, classifying, every_day
from xlperf.core.numbers import clean_text
from xlperf.core.problems import Text
from xlperf.core.vocabulary import WORDS

if TYPE_CHECKING:
    from xlperf.policy.conditions import When
    from xlperf.policy.scheme import Indicator
    from xlperf.schema import Column, Sheet
    from xlperf.schema.tables import Table


@worksheet_function(
    category="data",
    gives="value",
    text=Text(
        "按条件统计一块区域：计数、合计、平均、占比、完整率、合计之比。条件的写法与“指标”表相同；没有分母时为空白。",
        "What the rows of a range come to under a condition: count, sum, mean, share, completeness or ratio "
        "of sums. Blank where there is no denominator.",
    ),
    condition=a_value(
        "统计范围，例如“客户状态 = 现有”；空白表示全部", "Which rows count, for example: status = done. Blank: all"
    ),
    headings=a_range("标题行，中英文均可", "The row of headings, in either language"),
    rows=a_range("数据行，不含标题", "The rows, without headings"),
    measure=a_value(
        "算法：计数（省略时）、合计、平均、占比、完整率、合计之比",
        "count (if omitted), sum, mean, share, completeness, ratio",
    ),
    hit=a_value(
        "达标条件，例如“完成日期 <= 应完成日期”", "Which of these rows are hits, for example: done_date <= due_date"
    ),
    column=a_value(
        "算法用到的列或算式，例如“资产期末 / 资产期初”", "The column or expression measured, for example: commission"
    ),
    period_start=a_value("条件中“本期”的第一天", "The first day of the period that the conditions mention"),
    period_end=a_value("条件中“本期”的最后一天", "The last day of that period"),
)
def fact(
    condition: Cells,
    headings: Cells,
    rows: Cells,
    measure: Cells = None,
    hit: Cells = None,
    column: Cells = None,
    period_start: Cells = None,
    period_end: Cells = None,
) -> Cells:
    """What the rows of a range come to under a condition.

    Examples
    --------
    >>> headings = [["状态", "应完成日期", "完成日期"]]
    >>> rows = [["已完成", "2026-10-08", "2026-10-07"], ["已完成", "2026-10-09", "2026-10-12"], ["已取消", None, None]]
    >>> fact("状态 <> 已取消", headings, rows)
    2.0
    >>> fact("status <> cancelled", headings, rows, "占比", "完成日期 <= 应完成日期")
    0.5
    """
    import numpy as np
    import pandas as pd

    from xlperf.core.periods import Periods
    from xlperf.policy.conditions import Scope
    from xlperf.schema import OWNER_COLUMNS, SHEETS
    from xlperf.scoring.facts import measure as measured

    sheet = _sheet_of(headings, [SHEETS["clients"], SHEETS["tasks"]])
    table, own = table_in(sheet, headings, rows)
    wanted = {name: text(cells, name) for name, cells in (("condition", condition), ("hit", hit), ("column", column))}
    how = word(measure, "measure", WORDS["measure"], "count")
    indicator = _indicator(sheet.code, how, wanted, Scope.of_sheet(sheet.code, own))
    when = _period(indicator, day(period_start, "period_start"), day(period_end, "period_end"))
    everybody = "*"
    frame = table.frame.assign(**{OWNER_COLUMNS[sheet.code]: everybody})
    ids: pd.Index = pd.Index([everybody], dtype="str")
    facts, _ = measured({sheet.code: table.with_frame(frame)}, [indicator], ids, when, Periods())
    return spread(np.array(facts.actual))


def _indicator(sheet: str, measure: str, said: dict[str, str], scope: Any) -> Indicator:
    """Return the indicator that the words describe."""
    from xlperf.policy.conditions import ALWAYS, read
    from xlperf.policy.scheme.codec import read_operands
    from xlperf.policy.scheme.read import NEEDS_COLUMN
    from xlperf.policy.scheme.records import UNSCORED, Indicator

    if measure in NEEDS_COLUMN:
        needed(said["column"], "column")
    elif measure == "given":
        raise wrong("function-word", argument="measure", cell=WORDS["measure"]["given"],
                    allowed=[each for code, each in WORDS["measure"].items() if code != "given"])  # fmt: skip
    where = condition_read(lambda: read(said["condition"], scope)) if said["condition"] else ALWAYS
    hit = condition_read(lambda: read(said["hit"], scope)) if said["hit"] else None
    columns = condition_read(lambda: read_operands(said["column"], measure, scope)) if said["column"] else ()
    return Indicator(
        code="fact",
        name=Text("", ""),
        dimension="",
        weight=0.0,
        group="",
        levels=("employee",),
        kind="quantitative",
        unit="",
        direction="higher",
        source=sheet,
        measure=measure,
        columns=columns,
        where=where,
        hit=hit,
        owner_at=None,
        target=float("nan"),
        rule=UNSCORED,
        parameters={},
        note="",
    )


def condition_read(reading: Callable[[], Any]) -> Any:
    """Read a condition; what cannot be read is an error in the words of the condition language."""
    from xlperf.policy.conditions import Misread

    try:
        return reading()
    except Misread as fault:
        raise wrong(fault.code, **fault.details) from None


def _period(indicator: Indicator, start: date | None, end: date | None) -> When:
    """Return the period of the conditions, and as many days before it; it must be given where it is mentioned."""
    from xlperf.policy.conditions import When, relations_in
    from xlperf.policy.conditions.tree import Anniversary, Edge, InPeriod, parts_of
    from xlperf.policy.conditions.wording import to_text

    nodes = [each for each in (indicator.where, indicator.hit, *indicator.columns) if each is not None]
    for node in nodes:
        if any(True for _ in relations_in(node)):
            raise wrong("function-elsewhere", text=to_text(node, "en"))
    dated = any(isinstance(part, (Anniversary, Edge, InPeriod)) for node in nodes for part in parts_of(node))
    if start is None or end is None:
        if dated or indicator.measure == "growth":
            raise wrong("function-lacks", argument="period_start, period_end")
        whole: When = every_day()
        return whole
    length = end - start
    last = start - timedelta(days=1)
    return When(start, end, last - length, last)


def _sheet_of(headings: Cells, sheets: list[Sheet]) -> Sheet:
    """Return the sheet that knows most of the headings; the first one where they know equally many."""
    names = [clean_text(each) for row in rows_of(headings) for each in row]
    return max(sheets, key=lambda sheet: sum(sheet.find(name) is not None for name in names))


def table_in(sheet: Sheet, headings: Cells, rows: Cells) -> tuple[Table, tuple[Column, ...]]:
    """Read a range as rows of a sheet, as in a workbook; headings that the sheet does not know are columns of HR's own.

    Returns the rows and HR's own columns. A cell that cannot be read is an error, quoting it.
    """
    from xlperf.schema.coercion import own_column, read_table

    names = [clean_text(each) for row in rows_of(headings) for each in row]
    body = [row for row in rows_of(rows) if not all(map(is_blank, row))]
    for row in body:
        refuse_errors(row, "rows")
        same_length(headings=names, rows=row)
    raw: dict[str, list[Any]] = {}
    own: list[Column] = []
    for position, name in enumerate(names):
        values = [row[position] for row in body]
        known = sheet.find(name)
        if known is None and name:
            own.append(own_column(name, values))
        if name:
            raw.setdefault(known.code if known else name, values)
    table, problems = read_table(sheet, raw, range(1, len(body) + 1), {}, sheet.title.en, own)
    error = next((each for each in problems if each.level == "error"), None)
    if error is not None:
        raise ExcelError(WRONG_VALUE, replace(error, sheet="", cells=""))
    return table, tuple(own)


@worksheet_function(
    category="data",
    gives="table",
    text=Text(
        "客户的 R、F、M 级别和类别，每个客户一行四列；R 是投资回报率，缺少数据时为空白，不会归入低级别。",
        "The R, F and M levels of clients and their class, four columns. R is the return on investment; "
        "without a figure there is no level, never a low one.",
    ),
    r=a_range("投资回报率，每个客户一行", "The return on investment of each client"),
    f=a_range("交易频率，例如交易次数", "How often each client trades, for example the number of trades"),
    m=a_range("价值贡献，例如佣金收入", "The value of each client, for example the commission"),
    levels=a_range(
        "级别表，四列：轴（R、F、M）、级别、方式（固定分界或分位数）、下限",
        "The levels, four columns: axis (R, F, M), level, mode (fixed cut or quantile), lower bound",
    ),
    classes=a_range(
        "类别表，四列：类别、R 级、F 级、M 级", "The classes, four columns: class, R level, F level, M level"
    ),
)
def class_(r: Cells, f: Cells, m: Cells, levels: Cells, classes: Cells = None) -> Cells:
    """The R, F and M levels of clients and their class.

    Examples
    --------
    >>> levels = [["R", "高", "固定分界", 0.05], ["R", "低", "固定分界", None], ["F", "高", "固定分界", 10],
    ...           ["F", "低", "固定分界", None], ["M", "VIP", "固定分界", 1000], ["M", "其它", "固定分界", None]]
    >>> class_([[0.06], [None]], [[12], [3]], [[2000], [100]], levels, [["金牌", "高", "高", "VIP"]])
    [['高', '高', 'VIP', '金牌'], [None, '低', '其它', None]]
    """
    import numpy as np

    from xlperf.schema.tables import table_of
    from xlperf.scoring.clients import UNCLASSIFIED, classify_clients

    figures = {FIGURES[name]: column(cells, name) for name, cells in (("r", r), ("f", f), ("m", m))}
    same_length(**figures)
    rows = _level_rows(levels)
    scheme = classifying(tuple(rows.values()), _class_rows(classes))
    ids = [str(position) for position in range(len(figures["return_rate"]))]
    clients, _ = classify_clients(table_of("clients", {"client_id": ids} | figures), scheme, every_day())
    names = {(axis, level): said for (axis, said), (_, level, *_) in rows.items()}
    shown = [[names.get((axis, each)) for each in clients[f"{axis}_level"].fillna("").tolist()] for axis in FIGURES]
    codes = clients["client_class"].fillna("").tolist()
    shown.append([None if each in ("", UNCLASSIFIED) else each for each in codes])
    return spread(np.array(shown, object).T)


def _level_rows(cells: Cells) -> dict[tuple[str, str], LevelRow]:
    """Read the table of levels: by axis and the word that HR uses for the level."""
    found: dict[tuple[str, str], LevelRow] = {}
    for row in _records(cells, "levels", Text("轴、级别、方式、下限", "axis, level, mode, lower bound")):
        axis = word(row[0], "levels", WORDS["class_axis"])
        level = word(row[1], "levels", WORDS["class_level"])
        mode = word(row[2], "levels", WORDS["class_mode"], "cut")
        found[axis, text(row[1], "levels")] = (axis, level, mode, number(row[3], "levels"))
    return found


def _class_rows(cells: Cells) -> tuple[tuple[str, ...], ...]:
    columns = Text("类别、R 级、F 级、M 级", "class, R level, F level, M level")
    rows = _records(cells, "classes", columns) if cells is not None else []
    return tuple(
        (text(row[0], "classes"), *(word(each, "classes", WORDS["class_level"]) for each in row[1:])) for row in rows
    )


def _records(cells: Cells, name: str, columns: Text) -> list[list[Any]]:
    rows = [row for row in rows_of(cells) if not all(map(is_blank, row))]
    if rows and {len(row) for row in rows} != {4}:
        raise wrong("function-columns", argument=name, count=len(rows[0]), columns=columns)
    return rows
