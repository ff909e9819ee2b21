"""Writes what a run found as sheets behind the inputs: plain values, ready to be read, filtered and printed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from xlperf.core.problems import Lang, Text
from xlperf.policy.scheme import Scheme
from xlperf.reporting.dashboards import Views
from xlperf.reporting.home_page import HomePage
from xlperf.schema import Column, Sheet, sheets_of
from xlperf.workbook.area import Area, area_of
from xlperf.workbook.formulas import Formulas, FormulaWriter
from xlperf.workbook.read.earlier_figures import earlier_figures, sheet_grid
from xlperf.workbook.write import style
from xlperf.workbook.write.dashboards import write_views
from xlperf.workbook.write.home import refresh_home
from xlperf.workbook.write.kept_layout import Arrangement, find_arrangement, keep_arrangement
from xlperf.workbook.write.pool_charts import draw_pools
from xlperf.workbook.write.result_looks import columns_shown, look_of
from xlperf.workbook.write.table_sheet import bar_from_zero, fit_notes, fresh_sheet, paint, sheet_in, write_sheet
from xlperf.workbook.write.update import WorkbookUpdate, looked_at_in_full
from xlperf.xlsx.atomic_save import FileSnapshot, demand_kind, write_atomically

_NO_PROBLEMS = Text("没有发现问题。", "No problems were found.")


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
    pages = [
        _page(workbook, sheet, frames[sheet.code], scheme, writer)
        for sheet in sheets_of("output")
        if sheet.code in frames
    ]
    formulas: Formulas = {}
    if writer is not None:
        formulas = _write_formulas(workbook, pages, frames, writer, lang)
        frames["run"] = pd.concat([frames["run"], writer.record()], ignore_index=True)
    for page in pages:
        sheet, frame, ws = page.sheet, frames[page.sheet.code], fresh_sheet(workbook, page.sheet, lang)
        if page.arrangement is not None:
            keep_arrangement(ws, page.arrangement)
        look = look_of(sheet, frame, page.columns, scheme, workbook.sheetnames, lang)
        look = replace(look, formulas=formulas.get(sheet.code, {}))
        area = write_sheet(ws, sheet, frame, lang, page.columns, scheme.name(lang), page.corner, look)
        _draw_beside(ws, sheet, frame, area, lang)
    if views is not None:
        write_views(workbook, views, earlier_figures(None) if earlier is None else earlier, scheme.name(lang), lang)
    if home is not None:
        refresh_home(workbook, scheme, home, lang)
    fit_notes(workbook)
    _open_at(workbook, "results")


@dataclass(frozen=True)
class _Page:
    """An output sheet: its columns, where HR staff have them on the sheet that an earlier run wrote."""

    sheet: Sheet
    columns: Sequence[Column]
    arrangement: Arrangement | None

    @property
    def corner(self) -> tuple[int, int]:
        """The row and the column of the first heading."""
        return (self.arrangement.heading_row, self.arrangement.first_column) if self.arrangement else (1, 1)


def _page(workbook: Workbook, sheet: Sheet, frame: pd.DataFrame, scheme: Scheme, writer: FormulaWriter | None) -> _Page:
    columns = columns_shown(sheet, frame, scheme, writer)
    arrangement = find_arrangement(sheet_in(workbook, sheet.code), sheet, columns)
    return _Page(sheet, columns if arrangement is None else arrangement.columns, arrangement)


def _write_formulas(
    workbook: Workbook, pages: Sequence[_Page], frames: Mapping[str, pd.DataFrame], writer: FormulaWriter, lang: Lang
) -> Formulas:
    """Write the computed cells of the sheets as formulas that name each other where they will stand."""
    areas = {page.sheet.code: area_of(page.columns, frames[page.sheet.code], *page.corner) for page in pages}
    standing = {page.sheet: sheet_in(workbook, page.sheet.code) for page in pages}
    titles = {sheet.code: ws.title if ws is not None else sheet.title(lang) for sheet, ws in standing.items()}
    return writer.write(frames, areas, titles)


def _draw_beside(ws: Worksheet, sheet: Sheet, frame: pd.DataFrame, area: Area, lang: Lang) -> None:
    """Draw what stands on a sheet besides its cells."""
    match sheet.code:
        case "results":
            ws.conditional_formatting.add(area.column("total"), bar_from_zero(style.BAR))
            if "place_change" in area.letters:
                cells = area.column("place_change")
                first = cells.partition(":")[0]
                paint(ws, cells, good=f"{first}>0", bad=f"{first}<0")
        case "ranking":
            draw_pools(ws, frame, area, lang)


def _open_at(workbook: Workbook, code: str) -> None:
    """Let the workbook open at a sheet, and only that one selected: Excel would type into all that are."""
    ws = sheet_in(workbook, code)
    if ws is not None:
        workbook.active = workbook.index(ws)
        for each in workbook.worksheets:
            each.sheet_view.tabSelected = each is ws
