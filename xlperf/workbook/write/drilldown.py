"""Draws the lists that lead from the company down, and the rows behind every figure: blocks of values with links.

A block is a title, its rows and an empty line. Where the blocks of a sheet would be too many lines, each is cut at the
same number of rows; a block that does not hold all rows says how many there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from openpyxl.worksheet.worksheet import Worksheet

from xlperf.analysis.row_pages import rows_shown
from xlperf.core.problems import Lang, Text
from xlperf.reporting.dashboards import ARROWS, NO, YES, Behind, Views
from xlperf.schema import SHEETS
from xlperf.workbook.write import style
from xlperf.workbook.write.style import CellStyle, Look
from xlperf.workbook.write.table_sheet import (
    NOT_APPLICABLE,
    book_of,
    cell_values,
    link,
    location,
    set_paper,
    write_column,
)
from xlperf.xlsx.formula import Formula, put

LISTS = ("by_unit", "by_person")
FIRST_LINE = 5  # below the title, the note and the headings
WIDTHS_BEHIND = (9, 18, 26, *(16,) * 10)

BACK = Text("↑ 返回", "↑ back")
LIST_NOTE = Text(
    "{period}。由低到高，不适用的在最后；↓ 表示越低越好。点击名称进入下一级。",
    "{period}. Ascending by value, N/A last; ↓ means that less is better. A name leads to the next level.",
)
BEHIND_NOTE = Text(
    "{period}。✓ 计入，✗ 未计入；编号通往原始行。",
    "{period}. ✓ is a hit, ✗ is not; a code leads to the row itself.",
)
_MORE = Text("另有 {n} 行；用 xlperf explain 查看全部。", "{n} more; xlperf explain shows them all.")
_PAGE = Text(
    "第 1–{last} 行，共 {n} 行；其余用 xlperf explain --page 查看。",
    "rows 1–{last} of {n}; xlperf explain --page shows the others.",
)
_LEFT_OUT = Text(
    "另有 {n} 个数字因行数过多未列出；用 xlperf explain 查看。",
    "{n} more figures are left out, since a sheet cannot hold them; xlperf explain shows them.",
)
_MARK = Text("计入", "Hit")


class Pen:
    """Writes the cells of one sheet; every look is made once."""

    def __init__(self, ws: Worksheet, lang: Lang) -> None:
        self.ws, self.lang = ws, lang
        self._styles: dict[tuple[tuple[str, Any], ...], CellStyle] = {}

    def write(self, row: int, column: int, value: Any, **how: Any) -> Any:
        """Write a value, in a look given in the words of ``Look``."""
        cell = self.ws.cell(row, column)
        put(cell, value)
        return self.apply_to(cell, **how)

    def formula(self, row: int, column: int, text: str, value: object, **how: Any) -> Any:
        """Write a formula with the value that it has as the page stands."""
        cell = self.ws.cell(row, column)
        put(cell, Formula(text, value))
        return self.apply_to(cell, **how)

    def link(self, row: int, column: int, value: Any, to: str | None, **how: Any) -> Any:
        """Write a value that leads to a place in the workbook; a plain one where it leads nowhere."""
        if to is None:
            return self.write(row, column, value, **how)
        cell = self.write(row, column, value, **how, **style.LINKED)
        link(cell, to)
        return cell

    def column(
        self,
        number: int,
        rows: Sequence[int],
        values: Sequence[Any],
        links: Sequence[str | None] | None = None,
        kinds: Sequence[Any] | None = None,
        look_of: Callable[[Any], dict[str, Any]] = lambda kind: {},
        **how: Any,
    ) -> None:
        """Write cells of one column, in one look but for what ``look_of`` their ``kinds`` adds, and where they lead."""
        linked = [each is not None for each in links] if links is not None else [False] * len(rows)
        each_kind = list(zip(kinds if kinds is not None else [None] * len(rows), linked, strict=True))
        looks = {
            kind: self.look(**{**how, **look_of(kind[0]), **(style.LINKED if kind[1] else {})})
            for kind in dict.fromkeys(each_kind)
        }
        write_column(self.ws, number, rows, values, [looks[kind] for kind in each_kind], links)

    def apply_to(self, cell: Any, **how: Any) -> Any:
        """Give a cell a look."""
        self.look(**how).apply_to(cell)
        return cell

    def look(self, **how: Any) -> CellStyle:
        """Return a look in the words of ``Look``; each is registered once."""
        key = tuple(how.items())
        if key not in self._styles:
            self._styles[key] = Look(self.lang, **how).register(self.ws)
        return self._styles[key]


def prepare(pen: Pen, title: str, note: str, freeze: str) -> None:
    """Give a sheet its title and note, and set it up for screen and paper."""
    ws = pen.ws
    pen.write(1, 2, title, size=16, bold=True, colour=style.ACCENT, line="")
    pen.write(2, 2, note, colour=style.MUTED, line="")
    ws.row_dimensions[1].height, ws.row_dimensions[2].height = 30, style.ROW_HEIGHT
    ws.sheet_format.defaultRowHeight, ws.sheet_format.customHeight = style.ROW_HEIGHT, True
    ws.column_dimensions["A"].hidden = True
    ws.sheet_view.showGridLines = False
    ws.sheet_properties.tabColor = style.TAB_COLOURS["output"]
    set_paper(ws, "", pen.lang)
    ws.freeze_panes = freeze


# Where everything stands ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Places:
    """Where the blocks and their rows will stand.

    ``heads`` and ``lists`` are those of the views with ``sheet``, ``line`` (0 where there is no room) and ``whose``
    (level, code and indicator). ``blocks`` are those of the rows behind: the number of the indicator, owner, the rows
    ``listed`` from ``start`` on, of ``size`` rows those ``shown``, and the line. The mappings lead from ``whose`` to a
    place.
    """

    heads: pd.DataFrame
    lists: pd.DataFrame
    blocks: pd.DataFrame
    head_at: Mapping[str, tuple[str, int]]
    entry_at: Mapping[str, tuple[str, int]]
    behind_at: Mapping[str, int]


def places_of(views: Views) -> Places:
    """Decide where the blocks stand: those of the company on one sheet, those of all other units on another."""
    size = np.bincount(views.lists["block"], minlength=len(views.heads))
    heads = views.heads.assign(
        whose=_whose(views.heads),
        sheet=np.where(views.heads["level"] == "company", *LISTS),
        size=size,
        shown=0,
        line=0,
    )
    for sheet in LISTS:
        mine = (heads["sheet"] == sheet).to_numpy()
        shown = rows_shown(size[mine], around=2)
        heads.loc[mine, "shown"], heads.loc[mine, "line"] = shown, _starts(shown, size[mine], around=2)
    block, number = views.lists["block"], views.lists.groupby("block").cumcount().to_numpy() + 1
    head = heads.iloc[block]
    line = np.where(number <= head["shown"], head["line"] + number, 0)
    lists = views.lists.assign(whose=_whose(views.lists), sheet=head["sheet"].to_numpy(), line=line)
    blocks = _blocks(views)
    placed = lists[lists["line"] > 0].sort_values("sheet", ascending=False, kind="stable").drop_duplicates("whose")
    return Places(
        heads,
        lists,
        blocks,
        _by_whose(heads),
        _by_whose(placed),
        {whose: line for whose, line in zip(blocks["whose"], blocks["line"].tolist(), strict=True) if line},
    )


def _whose(rows: pd.DataFrame) -> pd.Series:
    return rows["level"].replace("own", "employee") + "|" + rows["code"] + "|" + rows["indicator"]


def _by_whose(placed: pd.DataFrame) -> dict[str, tuple[str, int]]:
    places = zip(placed["whose"], placed["sheet"], placed["line"].tolist(), strict=True)
    return {whose: (sheet, line) for whose, sheet, line in places if line}


def _blocks(views: Views) -> pd.DataFrame:
    frames = []
    for number, each in enumerate(views.behind):
        listed = each.rows.groupby("owner", sort=True).size()
        owners = listed.index.to_numpy(object)
        frames.append(
            pd.DataFrame(
                {
                    "number": number,
                    "owner": owners,
                    "whose": [f"employee|{owner}|{each.indicator.code}" for owner in owners],
                    "start": np.cumsum(listed.to_numpy()) - listed.to_numpy(),
                    "listed": listed.to_numpy(),
                    "size": each.sizes.reindex(listed.index).to_numpy(),
                }
            )
        )
    blocks = pd.concat(frames, ignore_index=True)
    shown = rows_shown(blocks["listed"].to_numpy(), around=3)
    return blocks.assign(shown=shown, line=_starts(shown, blocks["size"].to_numpy(), around=3))


def _starts(shown: np.ndarray, sizes: np.ndarray, around: int) -> np.ndarray:
    """Return the line of each block's title; 0 where the block is left out."""
    lengths = np.where(shown > 0, shown + around + (shown < sizes), 0)
    return np.asarray(np.where(shown > 0, FIRST_LINE + np.cumsum(lengths) - lengths, 0))


# Lists ------------------------------------------------------------------------------------------------------------


def write_lists(pens: Mapping[str, Pen], views: Views, places: Places, company: Mapping[str, int], lang: Lang) -> None:
    """Write who is below each unit, for each indicator: ascending, with a link down and one back.

    ``company`` tells the row of each indicator on the Company page, where the first lists lead back to.
    """
    titles = {code: pen.ws.title for code, pen in pens.items()}
    for code in LISTS:
        pen, sheet = pens[code], SHEETS[code]
        prepare(pen, sheet.title(lang), LIST_NOTE(lang).format(period=views.period.label(lang)), f"A{FIRST_LINE}")
        for number, column in enumerate(sheet, start=2):
            align = style.alignment(column)
            pen.write(FIRST_LINE - 1, number, column.name(lang), bold=True, colour=style.ACCENT, fill=style.TINT,
                      line=style.STRONG_LINE, align=align, wrap=True)  # fmt: skip
            pen.ws.column_dimensions["ABCDEFGHI"[number - 1]].width = max(
                column.width, 16 if column.kind == "number" and number > 2 else 9
            )
        pen.ws.print_title_rows = f"{FIRST_LINE - 1}:{FIRST_LINE - 1}"
    back_to_page = {code: location(titles["company"], row) for code, row in company.items()}
    heads = places.heads[places.heads["shown"] > 0]
    for head in _records(heads):
        pen = pens[head["sheet"]]
        if head["level"] == "company":
            back = back_to_page.get(head["indicator"])
        else:
            back = _place(places.entry_at.get(head["whose"]), titles) or location(titles["department"], 1)
        title = f"{head['indicator_name']} {head['direction']} · {head['name']}"
        pen.write(head["line"], 1, head["whose"])
        pen.link(head["line"], 2, BACK(lang), back, fill=style.TINT, top=style.STRONG_LINE)
        pen.write(head["line"], 3, title, bold=True, colour=style.ACCENT, fill=style.TINT, top=style.STRONG_LINE)
        if head["shown"] < head["size"]:
            more = _MORE(lang).format(n=head["size"] - head["shown"])
            pen.write(head["line"] + head["shown"] + 1, 3, more, colour=style.MUTED, line="", italic=True)
    for code in LISTS:
        pen, mine = pens[code], places.heads[places.heads["sheet"] == code]
        _write_figures(pen, heads[heads["sheet"] == code], fill=style.TINT, top=style.STRONG_LINE, bold=True)
        rows = places.lists[(places.lists["line"] > 0) & (places.lists["sheet"] == code)]
        lines = rows["line"].tolist()
        pen.column(2, lines, _known(rows["place"]), align="right", number_format="0")
        pen.column(3, lines, rows["name"].tolist(), [_below(whose, places, titles) for whose in rows["whose"]])
        _write_figures(pen, rows)
        _say_left_out(pen, mine, lang)


def _below(whose: str, places: Places, titles: Mapping[str, str]) -> str | None:
    """Return the list, or else the rows behind, that an entry leads to."""
    behind = places.behind_at.get(whose)
    return _place(places.head_at.get(whose) or (("behind", behind) if behind else None), titles)


def _write_figures(pen: Pen, rows: pd.DataFrame, **how: Any) -> None:
    """Write the code, the figures and whether the target is met.

    Numerator and denominator of a percentage are plain numbers.
    """
    lines, units = rows["line"].tolist(), rows["figure_unit"]
    parts = units.mask(units.map(style.is_percent), "")
    codes = [None if level == "company" else code for level, code in zip(rows["level"], rows["code"], strict=True)]
    pen.column(4, lines, codes, number_format=style.TEXT, **how)
    unit_of = {"actual": units, "numerator": parts, "denominator": parts, "target": units}
    for number, (code, unit) in enumerate(unit_of.items(), start=5):
        values: list[Any] = _known(rows[code])
        if code == "actual":
            values = [NOT_APPLICABLE(pen.lang) if value is None else value for value in values]
        formats = style.figure_formats(unit, rows[code])
        pen.column(number, lines, values, kinds=formats, look_of=_in_format, align="right", **how)
    pen.column(9, lines, [mark or None for mark in rows["met"]], kinds=rows["met"].tolist(), look_of=mark_look,
               align="center", **how)  # fmt: skip


def _in_format(number_format: str) -> dict[str, Any]:
    return {"number_format": number_format}


def mark_look(mark: str) -> dict[str, Any]:
    """Return the colour of a mark."""
    return {YES: {"colour": style.GOOD}, NO: {"colour": style.WARN}}.get(mark, {})


def _place(at: tuple[str, int] | None, titles: Mapping[str, str]) -> str | None:
    return None if at is None else location(titles[at[0]], at[1])


def _known(values: pd.Series) -> list[float | None]:
    return [None if value != value else value for value in values.to_numpy("float64").tolist()]


def _records(frame: pd.DataFrame) -> Iterator[dict[str, Any]]:
    return (dict(zip(frame.columns, row, strict=True)) for row in frame.itertuples(index=False, name=None))


def _say_left_out(pen: Pen, blocks: pd.DataFrame, lang: Lang) -> None:
    left = int((blocks["shown"] == 0).sum())
    if left:
        pen.write(3, 2, _LEFT_OUT(lang).format(n=left), colour=style.WARN, line="")


# The rows behind --------------------------------------------------------------------------------------------------


def write_behind(pens: Mapping[str, Pen], views: Views, places: Places, lang: Lang) -> None:
    """Write the rows behind each figure; a row leads to the client or task itself, a block back to its list."""
    pen, titles = pens["behind"], {code: each.ws.title for code, each in pens.items()}
    note = BEHIND_NOTE(lang).format(period=views.period.label(lang))
    prepare(pen, SHEETS["behind"].title(lang), note, "A3")
    for letter, width in zip("BCDEFGHIJKLMN", WIDTHS_BEHIND, strict=True):
        pen.ws.column_dimensions[letter].width = width
    shown = places.blocks[places.blocks["shown"] > 0]
    for number, blocks in shown.groupby("number"):
        behind = views.behind[int(str(number))]
        start = location(titles["employee"], 1)
        back = [_place(places.entry_at.get(whose), titles) or start for whose in blocks["whose"]]
        _write_titles(pen, behind, blocks, views.names, back)
        _write_rows(pen, behind, blocks)
    _say_left_out(pen, places.blocks, lang)


def _write_titles(pen: Pen, behind: Behind, blocks: pd.DataFrame, names: Mapping[str, str], back: list[str]) -> None:
    lines, owners, lang, each = blocks["line"].tolist(), blocks["owner"].tolist(), pen.lang, behind.indicator
    pen.column(1, lines, blocks["whose"].tolist())
    pen.column(2, lines, [BACK(lang)] * len(lines), back, line="")
    about = " ".join(filter(None, (each.name(lang), ARROWS.get(each.direction, ""), "·")))
    titles = [f"{about} {names.get(owner, owner)} ({owner})" for owner in owners]
    pen.column(3, lines, titles, bold=True, colour=style.ACCENT, line="")
    below = [line + 1 for line in lines]
    heading: dict[str, Any] = {"bold": True, "colour": style.ACCENT, "fill": style.TINT, "line": style.STRONG_LINE}
    pen.column(2, below, [_MARK(lang)] * len(lines), align="center", **heading)
    for number, column in enumerate(behind.columns, start=3):
        words = [column.name(lang)] * len(lines)
        pen.column(number, below, words, align=style.alignment(column), **heading)
    for line, shown, size in blocks.loc[blocks["shown"] < blocks["size"], ["line", "shown", "size"]].itertuples(False):
        more = _PAGE(lang).format(last=f"{shown:,}", n=f"{size:,}")
        pen.write(line + shown + 2, 3, more, colour=style.MUTED, line="", italic=True)


def _write_rows(pen: Pen, behind: Behind, blocks: pd.DataFrame) -> None:
    counts = blocks["shown"].to_numpy()
    within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    rows = behind.rows.iloc[np.repeat(blocks["start"].to_numpy(), counts) + within]
    lines = (np.repeat(blocks["line"].to_numpy(), counts) + within + 2).tolist()
    table, at = behind.table, rows["at"].to_numpy()
    marks = [YES if hit else NO for hit in rows["hit"].tolist()]
    pen.column(2, lines, marks, kinds=marks, look_of=mark_look, align="center")
    key = table.letters.get(table.sheet.key[0], "A")
    linked = table.title in book_of(pen.ws).sheetnames
    to = [location(table.title, f"{key}{row}") for row in table.rows[at].tolist()] if linked else []
    for number, column in enumerate(behind.columns, start=3):
        values = table.frame[column.code].iloc[at]
        number_format = style.number_format(column, "output", values)
        cells, links = cell_values(values, column, pen.lang), None
        if number == 3 and linked:  # where there is something to click on
            links = [place if cell is not None else None for place, cell in zip(to, cells, strict=True)]
        pen.column(number, lines, cells, links, align=style.alignment(column), number_format=number_format)
