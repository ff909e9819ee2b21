"""What the buttons do: ordinary xlwings code, the same in Excel and, on the engine of this package, without it.

Every macro reads the workbook as it is open, unsaved changes included, and writes its sheets through xlwings. None has
logic of its own: it calls what the command line calls, and gives the same cells. VBA runs them with
``RunPython "import xlperf.addin.macros as macros; macros.run()"``.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from xlperf.addin.messages import Desk, done, macro
from xlperf.core.problems import Lang, Problem, Text, counted
from xlperf.workflows.result import Refused, Result

if TYPE_CHECKING:
    import xlwings as xw

    from xlperf.reporting.placeholders import Audience

__all__ = [
    "check",
    "collect",
    "explain_selection",
    "freeze_to_values",
    "generate_tasks",
    "new_period",
    "open_problem",
    "publish",
    "run",
    "show_help",
]

EXPLANATION = Text("结果说明", "Explanation")
WIDTH = 110.0  # of the column of sentences, in characters

_FIRST_CELL = re.compile(r"\$?[A-Z]{1,3}\$?[1-9][0-9]*")


# Appraising -------------------------------------------------------------------------------------------------------


@macro
def check(desk: Desk) -> None:
    """List every problem of the workbook on the Problems sheet."""
    from xlperf.workflows.appraise_book import check

    found = done(check(desk.store, write_sheet=True))
    sheet = _show(desk.book, "problems")
    where = Text(f"全部列在工作表“{sheet}”中。", f'They are listed on the sheet "{sheet}".')
    count = zip(counted(found.problems), where, strict=True)
    desk.say(Text(*(f"{how}\n{place}" for how, place in count)), _language(found))


@macro
def run(desk: Desk) -> None:
    """Appraise, and write the sheets with the results."""
    from xlperf.workflows.appraise_book import run

    found = done(run(desk.store))
    _show(desk.book, "results")
    count = counted(found.problems)
    desk.say(Text(f"结果已写入。\n{count.zh}", f"The results are written.\n{count.en}"), _language(found))


@macro
def generate_tasks(desk: Desk) -> None:
    """Make the tasks of the period by the task rules, close and cancel what is due to be."""
    from xlperf.workflows.generate_tasks import tasks

    made = done(tasks(desk.store))
    totals = made.counts[["new", "closed", "cancelled"]].sum()
    new, closed, cancelled = (int(totals[code]) for code in ("new", "closed", "cancelled"))
    desk.say(
        Text(f"新建任务 {new}，完成 {closed}，取消 {cancelled}。",
             f"Tasks made: {new}; closed: {closed}; cancelled: {cancelled}."),
        _language(made),
    )  # fmt: skip


@macro
def new_period(desk: Desk) -> None:
    """Keep a copy of the workbook, move the results to the history, and begin the next period."""
    from xlperf.workflows.begin_period import begin_period, plan_period

    plan = done(plan_period(desk.store))
    old, new, emptied = plan.ended, plan.begun, plan.emptied.values()
    copy = plan.copy.name if plan.copy is not None else ""
    question = Text(
        f"{old.label('zh')}的结果将转入历史，{new.label('zh')}开始。\n清空：{'、'.join(emptied) or '无'}。\n"
        f"工作簿将保存，并另存一份副本：{copy}",
        f"The results of {old.label('en')} go to the history, and {new.label('en')} begins.\n"
        f"Emptied: {', '.join(emptied) or 'nothing'}.\nThe workbook is saved, and a copy of it is kept: {copy}",
    )
    if desk.ask(question, _language(plan), "ok_cancel") != "ok":
        return
    desk.book.save()
    done(begin_period(plan))
    desk.say(Text(f"{new.label('zh')}已开始。", f"{new.label('en')} has begun."), _language(plan))


# Understanding ----------------------------------------------------------------------------------------------------


@macro
def explain_selection(desk: Desk) -> None:
    """Tell how the selected person or unit, or the selected indicator of theirs, came to the result."""
    from xlperf.addin.selection import who_and_what
    from xlperf.analysis.explain import as_lines
    from xlperf.workflows.appraise_book import explain
    from xlperf.workflows.store import read_from

    selected: Any = desk.book.selection
    store = desk.store
    ours = read_from(store)
    who, what = who_and_what(selected, ours.scheme) if selected is not None else ("", None)
    if not who:
        raise Refused([Problem("selection-nobody")], ours.lang)
    found = done(explain(store, who, what))
    lang = _language(found)
    _show_lines(desk.book, EXPLANATION(lang), list(as_lines(found.story, lang)))


@macro
def open_problem(desk: Desk) -> None:
    """Go to the cell that the selected row of the Problems sheet is about."""
    from xlperf.addin.read_live import live_language
    from xlperf.addin.selection import in_row_of

    selected: Any = desk.book.selection
    lang = live_language(desk.book)
    row = in_row_of(selected, "problems") if selected is not None else {}
    title, cells = str(row.get("sheet") or ""), str(row.get("cells") or "")
    if title not in desk.book.sheet_names:
        raise Refused([Problem("selection-no-problem")], lang)
    found = _FIRST_CELL.match(cells)
    sheet = desk.book.sheets[title]
    sheet.activate()
    sheet.range(found[0] if found else "A1").select()


@macro
def show_help(desk: Desk) -> None:
    """Say what each button does."""
    from xlperf.addin.read_live import live_language
    from xlperf.binding.actions import ACTIONS

    lines = [Text(f"{each.label.zh}：{each.tip.zh}", f"{each.label.en}: {each.tip.en}") for each in ACTIONS]
    desk.say(Text("\n".join(line.zh for line in lines), "\n".join(line.en for line in lines)), live_language(desk.book))


# Sharing ----------------------------------------------------------------------------------------------------------


@macro
def publish(desk: Desk) -> None:
    """Write a file for each recipient, with only what that recipient may see."""
    from xlperf.workflows.publish_files import plan_publication, publish_planned

    plan = done(plan_publication(desk.store))
    question = Text(
        "为谁生成文件？\n是：每位员工\n否：每个部门",
        "Whom are the files for?\nYes: every employee\nNo: every department",
    )
    audiences: dict[str, Audience] = {"yes": "employees", "no": "departments"}
    to = audiences.get(desk.ask(question, _language(plan), "yes_no_cancel"))
    if to is None:
        return
    made = done(publish_planned(replace(plan, to=to)))
    new, same, folder, listed = len(made.written), made.unchanged, made.folder, made.manifest.name
    desk.say(
        Text(f"写入 {new} 个文件，{same} 个没有变化。\n文件在 {folder}\n清单：{listed}",
             f"Files written: {new}; unchanged: {same}.\nThey are in {folder}\nThe list: {listed}"),
        _language(made),
    )  # fmt: skip


@macro
def collect(desk: Desk) -> None:
    """Bring the filled forms of the folder NAME-returned back into the workbook, with where each figure came from."""
    from xlperf.workflows.collect_forms import collect

    found = done(collect(desk.store))
    answers, count = sum(found.answers.values()), counted(found.problems)
    desk.say(
        Text(f"收回 {found.forms} 份表，{answers} 项填报。\n{count.zh}",
             f"Forms collected: {found.forms}, with {answers} answers.\n{count.en}"),
        _language(found),
    )  # fmt: skip


@macro
def freeze_to_values(desk: Desk) -> None:
    """Turn formulas into the values they show: in a copy without macros, or here."""
    from xlperf.addin.read_live import live_language

    lang = live_language(desk.book)
    selected: Any = desk.book.selection
    several = selected is not None and len(selected) > 1
    here = Text("所选单元格", "the selected cells") if several else Text("全部工作表", "all sheets")
    question = Text(
        f"用数值替换公式：\n是：另存一份不含宏和公式的副本，本工作簿不变（先保存）\n否：在本工作簿中替换{here.zh}",
        "Replace formulas by their values?\nYes: in a copy without macros and formulas; this workbook is saved first\n"
        f"No: in this workbook, {here.en}",
    )
    chosen = desk.ask(question, lang, "yes_no_cancel")
    if chosen == "yes":
        _freeze_copy(desk, lang)
    elif chosen == "no":
        count = sum(_freeze(cells) for cells in ([selected] if several else _used(desk.book)))
        desk.say(Text(f"已替换 {count} 个公式。", f"Formulas replaced: {count}."), lang)


def _freeze_copy(desk: Desk, lang: Lang) -> None:
    from xlperf.workflows.freeze_values import freeze
    from xlperf.workflows.store import file_of

    path = file_of(desk.store, lang)
    desk.book.save()
    (copy,) = done(freeze(path, lang=lang)).written
    desk.say(Text(f"副本：{copy}", f"The copy: {copy}"), lang)


def _used(book: xw.Book) -> list[xw.Range]:
    return [sheet.used_range for sheet in book.sheets]


def _freeze(cells: xw.Range) -> int:
    """Replace the formulas among some cells by their values, column by column in runs; return how many there were."""
    from xlperf.addin.sync_to_excel import blocks, safe

    formulas: Any = cells.formula if cells.shape != (1, 1) else ((cells.formula,),)
    values: Any = cells.options(ndim=2, err_to_str=True).value
    found = {
        (cells.row + row, cells.column + column): values[row][column]
        for row, line in enumerate(formulas)
        for column, text in enumerate(line)
        if text.startswith("=") and text != values[row][column]
    }
    for block in blocks(found):
        place = block.on(cells.sheet)
        place.value = [[safe(value, str(place.number_format or "")) for value in row] for row in block.rows]
    return len(found)


# What they share --------------------------------------------------------------------------------------------------


def _language(result: Result) -> Lang:
    """Return the language of a workbook that a workflow has read."""
    return result.lang or "en"


def _show(book: xw.Book, code: str) -> str:
    """Show the sheet of a code, if it is there, and return its title."""
    from xlperf.workbook.read.headers import sheet_titled

    for title in book.sheet_names:
        sheet = sheet_titled(title)
        if sheet is not None and sheet.code == code:
            book.sheets[title].activate()
            return title
    return ""


def _show_lines(book: xw.Book, title: str, lines: list[str]) -> None:
    """Show some lines on a sheet of their own, in place of what it showed before."""
    from xlperf.addin.sync_to_excel import safe

    if title in book.sheet_names:
        sheet = book.sheets[title]
        sheet.clear()
    else:
        sheet = book.sheets.add(title, after=book.sheets[-1])
    cells = sheet.range((1, 1)).resize(len(lines), 1)
    cells.number_format, cells.wrap_text, cells.vertical_alignment = "@", True, "top"
    cells.column_width = WIDTH
    cells.value = [[safe(line, "@")] for line in lines]
    cells.rows.autofit()
    sheet.range((1, 1)).font.bold = True
    sheet.show_gridlines = False
    sheet.activate()
    sheet.range((1, 1)).select()
