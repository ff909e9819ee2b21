"""Writes the sheet Nine-box: nine boxes with names, counts and shares, and the list that they are made of.

Levels, boxes, counts and names are formulas of functions that Excel 2007 and WPS know: a limit that is changed on Box
axes places everybody anew.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from openpyxl.chart import Reference, ScatterChart, Series
from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.workbook import Workbook

from xlperf.core.problems import Lang, Text
from xlperf.core.vocabulary import WORDS
from xlperf.policy.rules import formulas as f
from xlperf.schema import SHEETS
from xlperf.scoring.boxes import LEVELS, Boxes, box_at, people_of
from xlperf.scoring.stages import Completed
from xlperf.workbook.area import Area, area_of
from xlperf.workbook.formulas.cell_addresses import Policy, text_in_formula
from xlperf.workbook.write import style
from xlperf.workbook.write.style import Look
from xlperf.workbook.write.table_sheet import TableLook, set_paper, sheet_in, write_sheet
from xlperf.xlsx.formula import Formula, put

SHEET = "ninebox"
TOP, LEFT = 4, 2  # of the nine boxes
ROWS, ACROSS = 6, 3  # of a box: its heading, four rows of three names, advice
SHOWN = 11  # names of a box; the twelfth place says how many more there are
LIST_COLUMN = LEFT + 3 * ACROSS + 1
PEOPLE, OTHERS, MORE = Text(" 人", ""), Text("另 ", "+ "), Text(" 人", " more")
OVER, SHORT = Text(" ▲ 超 ", " ▲ over by "), Text(" ▽ 缺 ", " ▽ short by ")
HINT = Text(
    "界线在“{sheet}”表，改后即时重排。", "The limits stand on {sheet}: change one, and everybody is placed anew."
)
SHADES = (
    (style.AMBER, style.GREY, style.WHITE),
    (style.GREY, style.WHITE, style.TINT),
    (style.WHITE, style.TINT, style.BAR),
)


def ninebox_rows(appraisal: Completed) -> pd.DataFrame:
    """Return the list of the sheet: everybody who is ranked, with both scores and levels.

    Parameters
    ----------
    appraisal : a run that is done, of a scheme with two axes
    """
    found = appraisal.boxes
    assert found is not None
    ranked = np.flatnonzero(appraisal.ranking.ranked)
    frame, place = appraisal.people.frame, appraisal.ranking.place
    pools = appraisal.ranking.pools.code
    order = sorted(ranked.tolist(), key=lambda i: (pools[i], place[i], frame["employee_id"].iloc[i]))
    across, up = (level[order] for level in found.levels)
    placed = (across > 0) & (up > 0)
    box = [f"{u}{a}" if here else "" for u, a, here in zip(up, across, placed, strict=True)]
    number = pd.Series(box).groupby(box).cumcount() + 1
    return pd.DataFrame(
        {
            "employee_id": frame["employee_id"].to_numpy(object)[order],
            "name": frame["name"].fillna(frame["employee_id"]).to_numpy(object)[order],
            "across_score": found.scores[0][order],
            "up_score": found.scores[1][order],
            "across_level": np.where(across > 0, across, np.nan),
            "up_level": np.where(up > 0, up, np.nan),
            "box": box,
            "number": [f"{each}-{n}" if each else "" for each, n in zip(box, number, strict=True)],
        }
    )


def write_ninebox(workbook: Workbook, appraisal: Completed, policy: Policy, lang: Lang) -> None:
    """Write the sheet, which is there and empty.

    Parameters
    ----------
    workbook : of the run
    appraisal : done, with boxes
    policy : where limits, names and shares stand
    lang : of the words
    """
    found, scheme = appraisal.boxes, appraisal.scheme
    assert found is not None
    ws, rows = sheet_in(workbook, SHEET), ninebox_rows(appraisal)
    assert ws is not None
    columns = list(SHEETS[SHEET].columns)
    area = area_of(columns, rows, TOP - 1, LIST_COLUMN)
    points = [style.fixed(scheme.settings.decimals)] * len(rows)
    formulas = _levels(area, len(rows), policy, found)
    look = TableLook(formats={"across_score": points, "up_score": points}, formulas=formulas)
    write_sheet(ws, SHEETS[SHEET], rows, lang, columns, scheme.name(lang), (TOP - 1, LIST_COLUMN), look)

    page = ws

    def say(row: int, column: int, value: Any, **look: Any) -> None:
        cell = page.cell(row, column)
        put(cell, value)
        Look(lang, **{"line": "", **look}).register(page).apply_to(cell)

    heading = {"size": 18, "bold": True, "colour": style.ACCENT}
    say(1, LEFT, SHEETS[SHEET].title(lang), **heading)
    hint = HINT(lang).format(sheet=scheme.table("box_axes").title)
    say(2, LEFT, f"{appraisal.period.label(lang)} · {hint}", colour=style.MUTED)
    for up in (3, 2, 1):
        top = TOP + (3 - up) * ROWS
        label = f"{found.axes[1].name(lang)} {WORDS['box_level'][LEVELS[up - 1]](lang)}"
        say(top + 2, LEFT - 1, label, bold=True, colour=style.ACCENT, align="center")
        for across in (1, 2, 3):
            _box(say, area, rows, appraisal, policy, lang, across, up)
    for across in (1, 2, 3):
        label = f"{found.axes[0].name(lang)} {WORDS['box_level'][LEVELS[across - 1]](lang)}"
        say(TOP + 3 * ROWS, LEFT + (across - 1) * ACROSS + 1, label, bold=True, colour=style.ACCENT, align="center")
    ws.column_dimensions["A"].width = 14
    for column in range(LEFT, LIST_COLUMN - 1):
        ws.column_dimensions[get_column_letter(column)].width = 12
    ws.column_dimensions[get_column_letter(LIST_COLUMN - 1)].width = 3
    ws.row_dimensions[1].height = 30
    ws.freeze_panes = None
    set_paper(ws, scheme.name(lang), lang)
    if len(rows):
        ws.add_chart(_scatter(ws, area, found, lang), f"{get_column_letter(LEFT)}{TOP + 3 * ROWS + 2}")


def _levels(area: Area, count: int, policy: Policy, found: Boxes) -> dict[str, dict[int, str]]:
    """Return the formulas of levels, boxes and numbers in the box."""
    table = policy.scheme.box_axes
    made: dict[str, dict[int, str]] = {"across_level": {}, "up_level": {}, "box": {}, "number": {}}
    at = area.letters
    for row in range(count):
        line = area.first_row + row
        for axis, score, level in (
            (found.axes[0], "across_score", "across_level"),
            (found.axes[1], "up_score", "up_level"),
        ):
            position = table.index(axis)
            middle, high = (policy.number("box_axes", code, position) for code in ("middle_from", "high_from"))
            cell = f"{at[score]}{line}"
            made[level][row] = f.unless(f'{cell}=""', f"1+({cell}>={middle})+({cell}>={high})")
        across, up = f"{at['across_level']}{line}", f"{at['up_level']}{line}"
        made["box"][row] = f.unless(f'OR({across}="",{up}="")', f"{up}&{across}")
        box = f"{at['box']}{line}"
        above = f"${at['box']}${area.first_row}:{box}"
        made["number"][row] = f.unless(f'{box}=""', f'{box}&"-"&COUNTIF({above},{box})')
    return made


def _box(
    say: Any, area: Area, rows: pd.DataFrame, appraisal: Completed, policy: Policy, lang: Lang, across: int, up: int
) -> None:
    """Write one box: its name and count, the names of its people, and what to do with them."""
    scheme, key = appraisal.scheme, f"{up}{across}"
    top, left = TOP + (3 - up) * ROWS, LEFT + (across - 1) * ACROSS
    fill = SHADES[up - 1][across - 1]
    keys, names = (_whole(area, code) for code in ("number", "name"))
    boxes = _whole(area, "box")
    people = rows["name"][rows["box"] == key].tolist()
    for row in range(top, top + ROWS):
        for column in range(left, left + ACROSS):
            say(row, column, None, fill=fill)
    count = f"COUNTIF({boxes},{text_in_formula(key)})"
    box = box_at(across, up, scheme)
    say(top, left, box.name(lang) if box is not None else None, bold=True, colour=style.ACCENT, fill=fill)
    unit, said = text_in_formula(PEOPLE(lang)), f"{len(people)}{PEOPLE(lang)}"
    text = f"{count}&{unit}"
    if box is not None and not (np.isnan(box.least) and np.isnan(box.most)):
        placed = f'(COUNTIF({boxes},"?*"))'
        position = scheme.boxes.index(box)
        least, most = (policy.number("boxes", code, position) for code in ("least", "most"))
        low = "0" if np.isnan(box.least) else f"-INT(-ROUND({placed}*{least},8))"
        high = placed if np.isnan(box.most) else f"INT(ROUND({placed}*{most},8))"
        text += (
            f"&IF({count}>{high},{text_in_formula(OVER(lang))}&({count}-{high}),"
            f'IF({count}<{low},{text_in_formula(SHORT(lang))}&({low}-{count})," ✓"))'
        )
        fewest, greatest = people_of(box, int((rows["box"] != "").sum()))
        off = max(len(people) - greatest, 0) or -max(fewest - len(people), 0)
        said += f"{OVER(lang)}{off}" if off > 0 else f"{SHORT(lang)}{-off}" if off else " ✓"
    say(top, left + 2, Formula(text, said), bold=True, fill=fill, align="right")
    for place in range(SHOWN + 1):
        row, column = top + 1 + place // ACROSS, left + place % ACROSS
        if place < SHOWN:
            found = f'MATCH("{key}-{place + 1}",{keys},0)'
            shown = people[place] if place < len(people) else None
            say(row, column, Formula(f'IF(ISNUMBER({found}),INDEX({names},{found}),"")', shown), fill=fill)
        else:
            more = max(len(people) - SHOWN, 0)
            others, end = text_in_formula(OTHERS(lang)), text_in_formula(MORE(lang))
            rest = f"{OTHERS(lang)}{more}{MORE(lang)}" if more else None
            say(row, column, Formula(f'IF({count}>{SHOWN},{others}&({count}-{SHOWN})&{end},"")', rest), fill=fill)
    if box is not None:
        say(top + ROWS - 1, left, box.advice(lang) or None, colour=style.MUTED, fill=fill)


def _whole(area: Area, code: str) -> str:
    letter = area.letters[code]
    return f"${letter}${area.first_row}:${letter}${max(area.last_row, area.first_row)}"


def _scatter(ws: Any, area: Area, found: Boxes, lang: Lang) -> ScatterChart:
    """Draw everybody by both scores."""
    chart: Any = ScatterChart()
    chart.style, chart.scatterStyle, chart.legend = 13, "marker", None
    chart.title = style.chart_title(SHEETS[SHEET].title(lang))
    chart.width, chart.height = 18.0, 8.5
    chart.x_axis.title, chart.y_axis.title = (axis.name(lang) for axis in found.axes)
    chart.x_axis.delete = chart.y_axis.delete = False
    xs, ys = (
        Reference(ws, column_index_from_string(area.letters[code]), area.first_row, max_row=area.last_row)
        for code in ("across_score", "up_score")
    )
    series: Any = Series(ys, xs)
    series.marker.symbol, series.marker.size = "circle", 7
    series.graphicalProperties.line.noFill = True
    series.marker.graphicalProperties.solidFill = style.ACCENT
    chart.series.append(series)
    return chart  # type: ignore[no-any-return]
