"""What the buttons do: ordinary xlwings code, the same in Excel and, on the engine of this package, without it.

Every macro reads the workbook as it is open, unsaved changes included, and writes its sheets through xlwings. None has
logic of its own: it calls what the command line calls, and gives the same cells. VBA runs them with
``RunPython "import xlperf.addin.macros as macros; macros.run()"``.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xlperf.addin.decision_sheet import Field, answers_on_sheet, ask_on_sheet
from xlperf.addin.messages import Desk, done, macro
from xlperf.core.problems import LANGUAGES, Lang, Problem, Text, counted
from xlperf.core.vocabulary import WORDS
from xlperf.schema.coercion import KIND_EXAMPLES
from xlperf.workflows.result import Refused, Result

if TYPE_CHECKING:
    import pandas as pd
    import xlwings as xw

    from xlperf.reporting.placeholders import Audience
    from xlperf.workflows.book_status import StatusResult
    from xlperf.workflows.calibrate_grades import CalibrationResult
    from xlperf.workflows.decide_appeals import AppealsResult
    from xlperf.workflows.month_end import Decision

__all__ = [
    "add_sheets",
    "appeals",
    "begin",
    "calibrate",
    "check",
    "collect",
    "compare",
    "explain_selection",
    "fill_forms",
    "freeze_to_values",
    "generate_tasks",
    "import_folder",
    "month_end",
    "new_period",
    "new_workbook",
    "open_problem",
    "publish",
    "reminders",
    "run",
    "show_help",
    "what_if",
]

EXPLANATION = Text("结果说明", "Explanation")
TO_ADD = Text("可加的工作表", "Sheets to add")
QUESTIONS = Text("八个问题", "questions")  # the file beside the workbook
WHAT_IF, WHAT_IF_RESULT = Text("假设", "What if"), Text("假设的结果", "What if, results")
COMPARISON = Text("比较", "Comparison")
CALIBRATION_DECISION, APPEAL_DECISION = Text("校准决定", "Calibration decision"), Text("申诉决定", "Appeal decision")
UNCHANGED = Text(
    "与上次运行相比没有变化，结果都在工作簿中。仍要重新计算吗？",
    "Nothing has changed since the last run; the workbook holds its results. Compute them all the same?",
)
NO_APPEALS = Text(
    "没有待处理的申诉。为每人生成申诉表？", "There are no appeals to be decided. Make a form for everybody?"
)
REASON = Field("reason", Text("理由", "Reason"), Text("一句话，例如“两个项目”", "a sentence, such as: two tenders"))
DECIDED = (
    Field("by", Text("决定人", "Decided by"), Text("一个姓名", "a name")),
    Field("date", Text("日期", "Date"), KIND_EXAMPLES["date"]),
)
LISTED = 12  # people in a message box
WIDTH = 110.0  # of the column of sentences, in characters

_FIRST_CELL = re.compile(r"\$?[A-Z]{1,3}\$?[1-9][0-9]*")


# Starting ---------------------------------------------------------------------------------------------------------


@macro
def new_workbook(desk: Desk) -> None:
    """Make a blank workbook with buttons beside this one, and open it."""
    from xlperf.addin.read_live import live_language
    from xlperf.workflows.create_book import new

    lang = live_language(desk.book)
    stem, folder = Text("新考核方案", "new scheme")(lang), Path(desk.book.fullname).parent
    free = (folder / f"{stem}{number}.xlsm" for number in ("", *map(str, range(2, 1000))))
    made = done(new("blank", next(each for each in free if not each.exists()), lang=lang))
    _open(desk, made, Text("空白的考核工作簿", "A blank workbook"))


@macro
def begin(desk: Desk) -> None:
    """Open the eight questions; once they are answered and saved, make the workbook of the answers."""
    from xlperf.addin.read_live import live_language
    from xlperf.workflows.begin_book import begin, write_questionnaire

    lang = live_language(desk.book)
    path = Path(desk.book.fullname).with_name(f"{QUESTIONS(lang)}.xlsx")
    if path.exists():
        _open(desk, done(begin(path, lang=lang)), Text("按回答建立的工作簿", "The workbook of your answers"))
    else:
        asked = done(write_questionnaire(path, lang=lang))
        _open(desk, asked, Text("请回答、保存，再点击“八个问题”", "Answer them, save, and press Begin again"))


@macro
def add_sheets(desk: Desk) -> None:
    """List the sheets that can be added; add those whose rows of the list are selected."""
    from xlperf.schema import LOGS, SHEETS, sheets_of
    from xlperf.workflows.sheet_catalogue import add
    from xlperf.workflows.store import read_from

    selected: Any = desk.book.selection
    ours = read_from(desk.store)
    lang = ours.lang
    there = LOGS | ours.tables.keys()
    listed = [each for role in ("policy", "input") for each in sheets_of(role) if each.code not in there]
    lines = {f"{each.title(lang)} – {each.about(lang)}": each.code for each in listed}
    chosen = []
    if selected is not None and selected.sheet.name == TO_ADD(lang):
        chosen = [lines[str(cell.value)] for cell in selected if str(cell.value) in lines]
    if not chosen:
        how = Text("选中要加的行，再点击“加工作表”。", "Select the rows to add, and press Add sheet again.")
        _show_lines(desk.book, TO_ADD(lang), [how(lang), *lines])
        return
    added = done(add(desk.store, chosen))
    desk.book.sheets[SHEETS[chosen[0]].title(lang)].activate()
    desk.say(Text(f"已加入：{'、'.join(added.added)}", f"Added: {', '.join(added.added)}"), lang)


@macro
def import_folder(desk: Desk) -> None:
    """Bring the files of the folder NAME-import into the input sheets."""
    from xlperf.addin.read_live import live_language
    from xlperf.workflows.import_tables import import_files
    from xlperf.workflows.store import file_of

    lang = live_language(desk.book)
    path = file_of(desk.store, lang)
    folder = path.with_name(f"{path.stem}-import")
    files = sorted(each for each in folder.iterdir() if each.is_file()) if folder.is_dir() else []
    if not files:
        raise Refused([Problem("import-no-folder", details={"folder": folder.name})], lang)
    found = done(import_files(desk.store, files))
    words = [Text(*(each.in_words(said) for said in LANGUAGES)) for each in found.summaries]
    count = counted(found.problems)
    desk.say(Text("\n".join([*(each.zh for each in words), count.zh]),
                  "\n".join([*(each.en for each in words), count.en])), lang)  # fmt: skip


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
    """Appraise, and write the sheets with the results; where nothing has changed, only if the answer is yes."""
    from xlperf.workflows.appraise_book import UnchangedResult, run, run_if_changed

    store = desk.store
    found = done(run_if_changed(store))
    if isinstance(found, UnchangedResult):
        _show(desk.book, "results")
        if desk.ask(UNCHANGED, _language(found), "yes_no") != "yes":
            return
        found = done(run(store))
    _show(desk.book, "results")
    count = counted(found.problems)
    desk.say(Text(f"结果已写入。\n{count.zh}", f"The results are written.\n{count.en}"), _language(found))


@macro
def calibrate(desk: Desk) -> None:
    """Take what was typed on the sheet Calibration, say where it stands, and sign or close it as a sheet says."""
    from xlperf.scoring.calibration import SHEET
    from xlperf.workflows.appraise_book import run
    from xlperf.workflows.calibrate_grades import calibrate
    from xlperf.workflows.store import read_from

    ours = read_from(desk.store)
    title = CALIBRATION_DECISION(ours.lang)
    if SHEET not in ours.tables and ours.scheme.settings.calibration == "no":
        _add_calibration(desk, ours.lang)
        return
    found = done(calibrate(desk.store))
    state = found.appraisal.calibration
    if state is not None and len(state.new_entries):
        done(run(desk.store))
        found = done(calibrate(desk.store))
    sign, final, fields = _decision_of(found)
    if not final and title in desk.book.sheet_names:
        answers: Any = answers_on_sheet(desk.book, title, fields, ours.lang)
        found = done(calibrate(desk.store, sign=sign, finalise=not sign, **answers))
        desk.book.sheets[title].delete()
        sign, final, fields = _decision_of(found)
    _show(desk.book, SHEET)
    where = _calibration_words(found)
    if final:
        desk.say(Text(f"{where.zh}已定稿。", f"{where.en}Final."), ours.lang)
        return
    question = Text("名额不符，签字说明例外？", "Sign for the quotas that do not hold?") if sign else None
    question = question or Text("名额都符合，定稿？", "All quotas hold. Close the calibration?")
    words = Text(f"{where.zh}未定稿。\n{question.zh}", f"{where.en}Not final.\n{question.en}")
    if desk.ask(words, ours.lang, "ok_cancel") == "ok":
        ask_on_sheet(desk.book, title, _label("calibrate"), fields, ours.lang, {})


def _add_calibration(desk: Desk, lang: Lang) -> None:
    from xlperf.scoring.calibration import SHEET
    from xlperf.workflows.appraise_book import run
    from xlperf.workflows.sheet_catalogue import add

    question = Text("工作簿没有校准表。加入并计算？", "There is no sheet Calibration. Add it, and compute the results?")
    if desk.ask(question, lang, "ok_cancel") == "ok":
        done(add(desk.store, [SHEET]))
        done(run(desk.store))
        _show(desk.book, SHEET)


def _decision_of(found: CalibrationResult) -> tuple[bool, bool, tuple[Field, ...]]:
    """Return whether an exception is to be signed next, whether all is final, and what is asked for the next step."""
    state = found.appraisal.calibration
    assert state is not None
    sign = bool(state.open_deviations)
    return sign, state.final, (REASON, *DECIDED) if sign else DECIDED


def _calibration_words(found: CalibrationResult) -> Text:
    from xlperf.reporting.calibration_board import calibration_lines

    state = found.appraisal.calibration
    assert state is not None
    lines = list(calibration_lines(state, found.appraisal.scheme, found.pay_before, found.pay_after))
    return Text(*("".join(f"{each(lang)}\n" for each in lines) for lang in LANGUAGES))


@macro
def appeals(desk: Desk) -> None:
    """Ask on a sheet for a decision on an appeal, say whom it would change, and take it; or make the forms."""
    from xlperf.workflows.decide_appeals import appeals

    found = done(appeals(desk.store))
    lang, waiting = _language(found), found.appeals[found.appeals["state"] == "filed"]
    title = APPEAL_DECISION(lang)
    if title in desk.book.sheet_names:
        _decide_appeal(desk, title, lang)
        return
    chosen = "no"
    if len(waiting):
        listed = [f"{row['appeal_id']} ({row['employee_id']})" for row in waiting.to_dict("records")]
        question = Text(
            f"待处理的申诉：{'、'.join(listed)}\n是：处理一项\n否：生成申诉表",
            f"Appeals to be decided: {', '.join(listed)}\nYes: decide one\nNo: make the forms",
        )
        chosen = desk.ask(question, lang, "yes_no_cancel")
    elif desk.ask(NO_APPEALS, lang, "ok_cancel") != "ok":
        return
    if chosen == "yes":
        given = {"appeal": str(waiting["appeal_id"].iloc[0])}
        ask_on_sheet(desk.book, title, _label("appeals"), _appeal_fields(), lang, given)
    elif chosen == "no":
        _write_appeal_forms(desk)


def _appeal_fields() -> tuple[Field, ...]:
    states = [word for code, word in WORDS["appeal_state"].items() if code != "filed"]
    allowed = Text("、".join(each.zh for each in states), ", ".join(each.en for each in states))
    points = Text("一个数字；不成立时空白", "a number; nothing where it is rejected")
    return (
        Field("appeal", Text("申诉编号", "Appeal"), Text("申诉表中的编号", "a number of the sheet Appeals")),
        Field("decide", Text("决定", "Decision"), allowed),
        Field("points", Text("分值", "Points"), points, needed=False),
        REASON,
        *DECIDED,
    )


def _decide_appeal(desk: Desk, title: str, lang: Lang) -> None:
    """Say whom the decision on the sheet would change, and take it where somebody says so."""
    from xlperf.core.numbers import parse_number
    from xlperf.workflows.decide_appeals import appeals

    fields = _appeal_fields()
    answers = answers_on_sheet(desk.book, title, fields, lang)
    state, points = WORDS["appeal_state"].find(answers.pop("decide")), answers.pop("points")
    number = parse_number(points) if points else None
    unclear = [1] if state in (None, "filed") else []
    unclear += [2] if number is not None and number.kind != "number" else []
    if unclear:
        cells = desk.book.sheets[title].range((2, 2)).resize(len(fields), 1).options(ndim=1).value
        details = [{"option": fields[at].label, "cell": str(cells[at]), "form": fields[at].form} for at in unclear]
        rows = zip(unclear, details, strict=True)
        raise Refused([Problem("option-unreadable", title, f"B{at + 2}", each) for at, each in rows], lang)
    decision: Any = {**answers, "decide": state, "points": number.value if number is not None else None}
    words = _effect_words(done(appeals(desk.store, **decision)))
    question = Text(f"{words.zh}\n作出这个决定？", f"{words.en}\nTake this decision?")
    if desk.ask(question, lang, "ok_cancel") == "ok":
        done(appeals(desk.store, take=True, **decision))
        desk.book.sheets[title].delete()
        _show(desk.book, "appeals")
        desk.say(Text("决定已写入，结果已更新。", "The decision and the results that follow are written."), lang)


def _effect_words(found: AppealsResult) -> Text:
    lines = _moved_lines(found.effect)
    more = ["…"] if len(lines) > LISTED else []
    count, listed = len(lines), "\n".join([*lines[:LISTED], *more])
    return Text(f"结果改变的人：{count}\n{listed}", f"People whose result changes: {count}\n{listed}")


def _write_appeal_forms(desk: Desk) -> None:
    from xlperf.workflows.decide_appeals import appeal_forms

    made = done(appeal_forms(desk.store))
    count, folder = made.forms, made.folder
    words = Text(f"{count} 份申诉表在 {folder}", f"Appeal forms: {count}, in {folder}")
    desk.say(words, _language(made))


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
    _begin_period(desk)


@macro
def month_end(desk: Desk) -> None:
    """Take the steps that are left of the period, in order; the workbook is saved after each."""
    from xlperf.workflows.month_end import MAY_BE_PASSED, month_end

    if desk.book.fullname and Path(desk.book.fullname).is_file():
        desk.book.save()

    def decide(now: StatusResult, can_be_done: bool) -> Decision:
        if now.next.step == "rolled":
            return "stop"
        lang = now.lang or "en"
        if now.next.step not in MAY_BE_PASSED:
            return "do" if desk.ask(now.next.what, lang, "ok_cancel") == "ok" else "stop"
        hint = Text("是：做\n否：跳过", "Yes: do it\nNo: pass over")
        if not can_be_done:
            hint = Text("是、否：跳过", "Yes, No: pass over")
        words = Text(f"{now.next.what.zh}\n{hint.zh}", f"{now.next.what.en}\n{hint.en}")
        answers: dict[str, Decision] = {"yes": "do", "no": "pass"}
        return answers.get(desk.ask(words, lang, "yes_no_cancel"), "stop")

    found = done(month_end(desk.store, decide=decide, on_done=lambda _: desk.book.save()))
    if found.problems:
        raise Refused(found.problems, found.lang)
    if found.status.next.step == "rolled" and not found.ended:
        _begin_period(desk)
    else:
        desk.say(found.status.next.what, _language(found))


def _begin_period(desk: Desk) -> None:
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
def what_if(desk: Desk) -> None:
    """Ask on a sheet for changes of the policy; press again, and see who would change."""
    from xlperf.addin.read_live import live_language
    from xlperf.analysis.whatif import who_changes
    from xlperf.reporting.output_tables import outputs
    from xlperf.workflows.study_policy import whatif

    lang = live_language(desk.book)
    if WHAT_IF(lang) not in desk.book.sheet_names:
        sheet = desk.book.sheets.add(WHAT_IF(lang), after=desk.book.sheets[-1])
        sheet.range("A1").value = [[Text("改什么", "What")(lang), Text("改成", "To")(lang)], ["ties", ""]]
        sheet.range("A:A").column_width, sheet.range("B:B").column_width = 44.0, 24.0
        sheet.activate()
        desk.say(Text("在 A 列写设置或 工作表.行.列（如 grades.A.share），B 列写新值，再点击“假设”。",
                      "Write a setting or sheet.row.column, such as grades.A.share, in column A, the new value in B; "
                      "then press What if again."), lang)  # fmt: skip
        return
    cells: Any = desk.book.sheets[WHAT_IF(lang)].used_range.options(ndim=2).value
    changes = [(str(row[0]), _typed(row[1])) for row in cells[1:] if row[0] and len(row) > 1 and row[1] is not None]
    found = done(whatif(desk.store, changes)).found
    lines = [f"{each.place}  {each.name(lang)}: {each.before(lang)} → {each.after(lang)}" for each in found.changes]
    if found.compared and found.after is not None:
        before, after = (outputs(each, lang)["results"] for each in (found.before, found.after))
        people = who_changes(before, after)
        lines += [Text(f"结果改变的人：{len(people)}", f"People whose result changes: {len(people)}")(lang),
                  *_moved_lines(people)]  # fmt: skip
    _show_lines(desk.book, WHAT_IF_RESULT(lang), lines)


@macro
def compare(desk: Desk) -> None:
    """Show who moved since the other workbook that is open, or since the backup."""
    from xlperf.addin.live_store import LiveStore
    from xlperf.addin.read_live import live_language
    from xlperf.workflows.compare_books import diff
    from xlperf.workflows.store import file_of

    lang = live_language(desk.book)
    path = file_of(desk.store, lang)
    others = [each for each in desk.book.app.books if each.fullname != desk.book.fullname]
    backup = path.with_name(f"{path.stem}.backup{path.suffix}")
    if len(others) != 1 and not backup.is_file():
        raise Refused([Problem("compare-nothing", details={"file": backup.name})], lang)
    old, name = (LiveStore(others[0]), others[0].name) if len(others) == 1 else (backup, backup.name)
    found = done(diff(old, desk.store, lang=lang))
    lines = [Text(f"与 {name} 相比，有变化的员工：{len(found.people)} 人",
                  f"Compared with {name}, people who moved: {len(found.people)}")(lang)]  # fmt: skip
    _show_lines(desk.book, COMPARISON(lang), [*lines, *_moved_lines(found.people)])


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
    """Open the guide in the browser, and say what each button does."""
    import webbrowser
    from importlib.resources import files
    from pathlib import Path

    from xlperf.addin.read_live import live_language
    from xlperf.binding.actions import ACTIONS

    lang = live_language(desk.book)
    page = Path(str(files("xlperf.binding"))) / "guide" / f"guide-{lang}.html"
    webbrowser.open(page.as_uri())
    first = Text(f"使用指南已在浏览器中打开：{page}", f"The guide opens in the browser: {page}")
    lines = [first, *(Text(f"{each.label.zh}：{each.tip.zh}", f"{each.label.en}: {each.tip.en}") for each in ACTIONS)]
    desk.say(Text("\n".join(line.zh for line in lines), "\n".join(line.en for line in lines)), lang)


# Sharing ----------------------------------------------------------------------------------------------------------


@macro
def fill_forms(desk: Desk) -> None:
    """Fill in the forms to print, in a workbook beside this one, and open it."""
    from xlperf.workflows.fill_forms import forms

    made = done(forms(desk.store))
    _open(desk, made, Text(f"表单 {len(made.forms)} 种", f"Forms: {len(made.forms)}"))


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
def reminders(desk: Desk) -> None:
    """Write reminders for those who have not answered into the folder NAME-reminders; nothing is sent."""
    from xlperf.workflows.write_reminders import reminders

    found = done(reminders(desk.store))
    people, folder, count = len(found.reminders), found.folder, counted(found.problems)
    words = Text(
        f"{people} 人还有待填内容，提醒在 {folder}；没有发送。\n{count.zh}",
        f"Still to answer: {people}. The reminders are in {folder}; nothing was sent.\n{count.en}",
    )
    everybody = Text("所有人都已填好。", "Everybody has answered.")
    desk.say(words if people else everybody, _language(found))


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


def _label(macro_name: str) -> Text:
    """Return what the button of a macro is called."""
    from xlperf.binding.actions import ACTIONS

    return next(each.label for each in ACTIONS if each.macro == macro_name)


def _open(desk: Desk, made: Result, what: Text) -> None:
    """Open a workbook that was made, and say what it is."""
    path = made.written[-1]
    desk.book.app.books.open(path)
    desk.say(Text(f"{what.zh}：{path.name}", f"{what.en}: {path.name}"), _language(made))


def _typed(value: Any) -> str:
    """Return a value as somebody typed it: Excel makes numbers of whole ones."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _figure(value: Any) -> str:
    if value is None or value != value:
        return "–"
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _moved_lines(people: pd.DataFrame) -> list[str]:
    """Write who moved: total, grade and place before and after."""
    lines = []
    for row in people.to_dict("records"):
        grade = "grade" if "grade_before" in row else "grade_name"
        pairs = [(row.get(f"{code}_before"), row.get(f"{code}_after")) for code in ("total", grade, "place")]
        shown = [" → ".join(dict.fromkeys(map(_figure, pair))) for pair in pairs]
        name = row["name"] if isinstance(row.get("name"), str) else ""
        lines.append("  ".join([str(row["employee_id"]), name, *shown]))
    return lines


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
