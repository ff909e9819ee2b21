"""What the buttons do: ordinary xlwings code, the same in Excel and, on the engine of this package, without it.

Every macro reads the workbook as it is open, unsaved changes included, and writes its sheets through xlwings. None has
logic of its own: it calls what the command line calls, and gives the same cells. VBA runs them with
``RunPython "import xlperf.addin.macros as macros; macros.run()"``.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xlperf.addin.messages import Desk, Refused, macro
from xlperf.core.problems import Lang, Problem, Text, counted, has_errors, in_order

if TYPE_CHECKING:
    import xlwings as xw

    from xlperf.reporting.next_period import Rolled
    from xlperf.reporting.placeholders import Audience
    from xlperf.scoring.pipeline import Appraisal
    from xlperf.workbook.read.book import Book

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
    from xlperf.reporting.output_tables import problem_rows

    ours, appraisal = _appraised(desk.book)
    problems = in_order(appraisal.problems)
    sheet = _write(desk.book, ours, appraisal, {"problems": problem_rows(problems, ours.lang)}, shown="problems")
    where = Text(f"全部列在工作表“{sheet}”中。", f'They are listed on the sheet "{sheet}".')
    desk.say(Text(*(f"{how}\n{place}" for how, place in zip(counted(problems), where, strict=True))), ours.lang)


@macro
def run(desk: Desk) -> None:
    """Appraise, and write the sheets with the results."""
    from xlperf.reporting.output_tables import outputs

    ours, appraisal = _appraised(desk.book)
    if not appraisal.done:
        raise Refused(appraisal.problems, ours.lang)
    _write(desk.book, ours, appraisal, outputs(appraisal, ours.lang, ours.fingerprint), shown="results", views=True)
    told = counted(appraisal.problems)
    desk.say(Text(f"结果已写入。\n{told.zh}", f"The results are written.\n{told.en}"), ours.lang)


@macro
def generate_tasks(desk: Desk) -> None:
    """Make the tasks of the period by the task rules, close and cancel what is due to be."""
    from xlperf.policy.calendars import calendar_of
    from xlperf.reporting.task_run import refusals, tasks_of

    ours = _read(desk.book)
    calendar, found = calendar_of(ours.scheme)
    now = calendar.find(ours.scheme.settings.period)
    refused = [*found, *refusals(ours.scheme, ours.problems, now, calendar)]
    if now is None or has_errors(refused):
        raise Refused(refused, ours.lang)
    made = tasks_of(ours.tables, ours.scheme, now, calendar, ours.lang)
    if has_errors(made.problems):
        raise Refused([*refused, *made.problems], ours.lang)
    if made.changed:
        _fill(desk.book, ours, {"tasks": made.tasks})
    totals = made.counts[["new", "closed", "cancelled"]].sum()
    new, closed, cancelled = (int(totals[code]) for code in ("new", "closed", "cancelled"))
    desk.say(
        Text(f"新建任务 {new}，完成 {closed}，取消 {cancelled}。",
             f"Tasks made: {new}; closed: {closed}; cancelled: {cancelled}."),
        ours.lang,
    )  # fmt: skip


@macro
def new_period(desk: Desk) -> None:
    """Keep a copy of the workbook, move the results to the history, and begin the next period."""
    from xlperf.reporting.next_period import rolled

    ours, appraisal = _appraised(desk.book)
    if not appraisal.done:
        raise Refused(appraisal.problems, ours.lang)
    assert appraisal.period is not None
    begun, problems = rolled(ours.tables, appraisal, ours.lang)
    path = _file_of(desk.book, ours.lang)
    copy = path.with_name(f"{path.stem}-{appraisal.period.code}{path.suffix}")
    if copy.exists():
        problems.append(Problem("period-copy-there", details={"file": copy.name}))
    if begun is None or has_errors(problems):
        raise Refused(problems, ours.lang)
    old, new = appraisal.period, begun.period
    emptied = [table.title for sheet, table in begun.tables.items() if sheet != "history"]
    plan = Text(
        f"{old.label('zh')}的结果将转入历史，{new.label('zh')}开始。\n清空：{'、'.join(emptied) or '无'}。\n"
        f"工作簿将保存，并另存一份副本：{copy.name}",
        f"The results of {old.label('en')} go to the history, and {new.label('en')} begins.\n"
        f"Emptied: {', '.join(emptied) or 'nothing'}.\nThe workbook is saved, and a copy of it is kept: {copy.name}",
    )
    if desk.ask(plan, ours.lang, "ok_cancel") != "ok":
        return
    desk.book.save()
    shutil.copy2(path, copy)
    _begin(desk.book, ours, begun)
    desk.say(Text(f"{new.label('zh')}已开始。", f"{new.label('en')} has begun."), ours.lang)


# Understanding ----------------------------------------------------------------------------------------------------


@macro
def explain_selection(desk: Desk) -> None:
    """Tell how the selected person or unit, or the selected indicator of theirs, came to the result."""
    from xlperf.addin.selection import who_and_what
    from xlperf.analysis.explain import as_lines
    from xlperf.analysis.explain import explain as story_of

    selected: Any = desk.book.selection
    ours, appraisal = _appraised(desk.book)
    if not appraisal.done:
        raise Refused(appraisal.problems, ours.lang)
    who, what = who_and_what(selected, appraisal.scheme) if selected is not None else ("", None)
    if not who:
        raise Refused([Problem("selection-nobody")], ours.lang)
    story, problems = story_of(appraisal, who, what, ours.lang)
    if story is None:
        raise Refused(problems, ours.lang)
    _show_lines(desk.book, EXPLANATION(ours.lang), list(as_lines(story, ours.lang)))


@macro
def open_problem(desk: Desk) -> None:
    """Go to the cell that the selected row of the Problems sheet is about."""
    from xlperf.addin.selection import in_row_of

    selected: Any = desk.book.selection
    lang = _read(desk.book).lang
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
    from xlperf.addin.actions import ACTIONS
    from xlperf.addin.messages import language_of

    lines = [Text(f"{each.label.zh}：{each.tip.zh}", f"{each.label.en}: {each.tip.en}") for each in ACTIONS]
    desk.say(Text("\n".join(line.zh for line in lines), "\n".join(line.en for line in lines)), language_of(desk.book))


# Sharing ----------------------------------------------------------------------------------------------------------


@macro
def publish(desk: Desk) -> None:
    """Write a file for each recipient, with only what that recipient may see."""
    from xlperf.reporting.scorecards import copies_of
    from xlperf.workbook.write.default_templates import template
    from xlperf.workbook.write.scorecard_files import Press, manifest_of
    from xlperf.workbook.write.scorecard_files import publish as write
    from xlperf.xlsx.atomic_save import packed
    from xlperf.xlsx.encryption import key_beside

    ours, appraisal = _appraised(desk.book)
    if not appraisal.done or appraisal.differences is not None:
        locked = [] if appraisal.differences is None else [Problem("publish-locked")]
        raise Refused([*appraisal.problems, *locked], ours.lang)
    path = _file_of(desk.book, ours.lang)
    question = Text(
        "为谁生成文件？\n是：每位员工\n否：每个部门",
        "Whom are the files for?\nYes: every employee\nNo: every department",
    )
    audiences: dict[str, Audience] = {"yes": "employees", "no": "departments"}
    to = audiences.get(desk.ask(question, ours.lang, "yes_no_cancel"))
    if to is None:
        return
    folder = path.with_name(f"{path.stem}-published") / to
    press = Press(packed(template(to, ours.lang)), to, str(folder))
    done = write(copies_of(appraisal, to, ours.lang), press, key_beside(path))
    new, same = len(done.written), done.unchanged
    desk.say(
        Text(f"写入 {new} 个文件，{same} 个没有变化。\n文件在 {folder}\n清单：{manifest_of(folder).name}",
             f"Files written: {new}; unchanged: {same}.\nThey are in {folder}\nThe list: {manifest_of(folder).name}"),
        ours.lang,
    )  # fmt: skip


@macro
def collect(desk: Desk) -> None:
    """Bring the filled forms of the folder NAME-returned back into the workbook, with where each figure came from."""
    from xlperf.workbook.read.returned_forms import collected, files_in, of_this_period, read_return
    from xlperf.xlsx.encryption import key_beside, key_path

    ours, appraisal = _appraised(desk.book)
    path = _file_of(desk.book, ours.lang)
    if appraisal.people is None or appraisal.period is None:
        raise Refused(appraisal.problems, ours.lang)
    folder, key = path.with_name(f"{path.stem}-returned"), key_path(path)
    files = files_in([folder]) if folder.is_dir() else []
    if not files or not key.exists():
        nothing = [] if files else [Problem("return-no-folder", details={"folder": folder.name})]
        unsigned = [] if key.exists() else [Problem("return-no-key", details={"file": key.name})]
        raise Refused([*nothing, *unsigned], ours.lang)
    problems, returned = [], []
    for file in files:
        form, found = read_return(file, key_beside(path), appraisal.scheme)
        problems += found
        if form is not None:
            problems += of_this_period(form, appraisal.period.code, appraisal.scheme.settings.scheme)
            returned.append(form)
    tables, counts, found = collected(appraisal, returned, ours.lang)
    problems += found
    if has_errors(problems):
        raise Refused(problems, ours.lang)
    _fill(desk.book, ours, tables)
    answers, told = sum(counts.values()), counted(problems)
    desk.say(
        Text(f"收回 {len(returned)} 份表，{answers} 项填报。\n{told.zh}",
             f"Forms collected: {len(returned)}, with {answers} answers.\n{told.en}"),
        ours.lang,
    )  # fmt: skip


@macro
def freeze_to_values(desk: Desk) -> None:
    """Turn formulas into the values they show: in a copy without macros, or here."""
    from xlperf.addin.messages import language_of

    lang = language_of(desk.book)
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
    from xlperf.xlsx.values_only import write_values_only

    path = _file_of(desk.book, lang)
    desk.book.save()
    copy = path.with_name(f"{path.stem}-values.xlsx")
    problems = write_values_only(path, copy)
    if problems:
        raise Refused(problems, lang)
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


def _read(book: xw.Book) -> Book:
    """Read the open workbook; refuse one that is not xlperf's."""
    from xlperf.addin.read_live import read_live

    ours = read_live(book)
    if not ours.tables:
        raise Refused(ours.problems, ours.lang)
    return ours


def _appraised(book: xw.Book) -> tuple[Book, Appraisal]:
    from xlperf.scoring.pipeline import appraise

    ours = _read(book)
    return ours, appraise(ours.tables, ours.scheme, None, ours.problems)


def _write(book: xw.Book, ours: Book, appraisal: Appraisal, outputs: Any, shown: str, views: bool = False) -> str:
    """Write output sheets into the open workbook, show one of them and return its title."""
    from xlperf.addin.standin import StandIn
    from xlperf.reporting.dashboards import views_of
    from xlperf.workbook.write.results import write_results
    from xlperf.workbook.write.table_sheet import sheet_in
    from xlperf.workbook.write.update import looked_at_in_full

    pages = views_of(appraisal, ours.lang) if views and appraisal.scheme.has_views() else None
    writing = StandIn(book, looked_at_in_full("settings", "figures"))
    write_results(writing.workbook, outputs, appraisal.scheme, ours.lang, pages)
    writing.carry()
    page = sheet_in(writing.workbook, shown)
    if page is None:
        return ""
    book.sheets[page.title].activate()
    return page.title


def _fill(book: xw.Book, ours: Book, tables: Any) -> None:
    """Put the rows of input tables into the open workbook."""
    from xlperf.addin.standin import StandIn
    from xlperf.workbook.write.scheme_workbook import fill_inputs
    from xlperf.workbook.write.update import looked_at_in_full

    writing = StandIn(book, looked_at_in_full(*tables))
    fill_inputs(writing.workbook, tables, ours.lang)
    writing.carry()


def _begin(book: xw.Book, ours: Book, begun: Rolled) -> None:
    """Put what a period begins with into the open workbook."""
    from xlperf.addin.standin import StandIn
    from xlperf.workbook.write.next_period import begin_period
    from xlperf.workbook.write.update import looked_at_in_full

    writing = StandIn(book, looked_at_in_full("settings", *begun.tables))
    begin_period(writing.workbook, ours, begun)
    writing.carry()


def _file_of(book: xw.Book, lang: Lang) -> Path:
    """Return the file of the open workbook; refuse one that was never saved."""
    path = Path(book.fullname)
    if not path.is_file():
        raise Refused([Problem("book-unsaved")], lang)
    return path


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
