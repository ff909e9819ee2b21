"""The buttons: ordinary xlwings code that gives, without Excel, the very cells that the command line gives."""

import shutil
from pathlib import Path
from urllib.parse import unquote, urlsplit
from zipfile import ZipFile

import openpyxl
import pytest
from openpyxl.utils import column_index_from_string
from own_scorecard import CHOSEN, fill
from typer.testing import CliRunner

import xlperf
from xlperf import engine
from xlperf.addin import macros
from xlperf.addin.read_live import read_live
from xlperf.binding.actions import ACTIONS
from xlperf.cli import app as commands
from xlperf.schema import SHEETS
from xlperf.schema.settings import SETTINGS
from xlperf.scoring.pipeline import appraise
from xlperf.workbook.read.book import read_book
from xlperf.workflows import error_log as telling

WORKBOOKS = Path(__file__).parents[2] / "workbooks"
SMALL = "business-evaluation"  # eight people, with ratings, by the year


@pytest.fixture
def opened(sample_path, tmp_path, monkeypatch):
    """Open a copy of a workbook in the engine, as the book that buttons are pressed in."""
    monkeypatch.setenv(telling.LOG, str(tmp_path / "xlperf.log"))
    apps = []

    def open_copy(source, lang=None):
        folder = tmp_path / f"open-{len(apps)}"
        folder.mkdir()
        path = folder / (f"{source}.xlsx" if lang else Path(source).name)
        shutil.copy(sample_path(source, lang) if lang else source, path)
        app = engine.start()
        apps.append(app)
        book = app.books.open(path)
        book.set_mock_caller()
        return book

    yield open_copy
    for app in apps:
        app.quit()


def said(book):
    return [each.prompt for each in engine.alerts(book.app)]


def command(*words):
    done = CliRunner().invoke(commands, [str(word) for word in words])
    assert done.exit_code == 0, done.output
    return done.output


def look(cell):
    return cell.value, cell.number_format, cell.fill.fgColor.rgb, cell.font.b, cell.alignment.wrap_text


def pages(path):
    """Return what can be seen of a workbook: the cells with their looks and stored values, sizes, tables, links, panes."""
    shown, values = openpyxl.load_workbook(path), openpyxl.load_workbook(path, data_only=True)
    return {
        sheet.title: {
            "cells": {cell.coordinate: look(cell) for row in sheet.rows for cell in row if cell.value is not None},
            "values": {
                cell.coordinate: cell.value
                for row in values[sheet.title].rows
                for cell in row
                if cell.value is not None
            },
            "links": {cell.coordinate: cell.hyperlink.location for row in sheet.rows for cell in row if cell.hyperlink},
            "notes": {cell.coordinate: cell.comment.text for row in sheet.rows for cell in row if cell.comment},
            "widths": {
                number: round(each.width, 4)
                for letter, each in sheet.column_dimensions.items()
                for number in range(each.min or column_index_from_string(letter), (each.max or 0) + 1)
            },
            "tables": {table.displayName: table.ref for table in sheet.tables.values()},
            "panes": sheet.freeze_panes,
            "charts": len(sheet._charts),
            "rules": sorted(
                f"{cells.sqref} {rule.type}" for cells in sheet.conditional_formatting for rule in cells.rules
            ),
        }
        for sheet in shown.worksheets
    }


def differences(one, other):
    """Return what differs between two workbooks, part by part, so that a failure says where."""
    one, other = pages(one), pages(other)
    assert list(one) == list(other)
    return {
        (title, part): (one[title][part], other[title][part])
        for title in one
        for part in one[title]
        if one[title][part] != other[title][part]
    }


# The workbook as it is open ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["mistakes-zh.xlsx", "mistakes-en.xlsx", "service-team-zh.xlsx", "sales-pipeline-en.xlsx"]
)
def test_an_open_workbook_is_read_like_its_file(opened, name):
    book = opened(WORKBOOKS / name)
    live, file = read_live(book), read_book(WORKBOOKS / name)
    assert live.problems == file.problems
    assert (live.fingerprint, live.lang, live.sheets) == (file.fingerprint, file.lang, file.sheets)


def test_what_was_typed_and_not_saved_counts(opened):
    book = opened(SMALL, "en")
    sheet = book.sheets["Employees"]
    before = len(read_live(book).tables["employees"])
    sheet.range((before + 2, 1)).value = ["E-NEW", "Somebody new"]
    assert len(read_live(book).tables["employees"]) == before + 1
    assert len(read_book(book.fullname).tables["employees"]) == before


def test_hidden_and_merged_cells_codes_and_waiting_formulas_are_seen_as_in_the_file(opened, sample_path, tmp_path):
    """The four things that values alone do not tell."""
    path = tmp_path / "odd.xlsx"
    workbook = openpyxl.load_workbook(sample_path(SMALL, "en"))
    sheet = workbook["Employees"]
    sheet.row_dimensions[3].hidden = sheet.column_dimensions["C"].hidden = True
    sheet["A2"].number_format, sheet["A2"].value = "00000", 7
    sheet["B4"].value = "=CONCATENATE(A4,A5)"
    sheet["B6"].value = None
    sheet.merge_cells("B5:B6")
    workbook.save(path)
    book = opened(path)
    live, file = read_live(book), read_book(path)
    assert live.problems == file.problems
    assert live.tables["employees"].frame.equals(file.tables["employees"].frame)
    assert {"hidden-data", "formula-uncalculated"} <= {each.code for each in live.problems}
    assert "00007" in set(live.tables["employees"]["employee_id"])


# Check and run -------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_run_gives_the_looks_that_the_command_gives(opened, sample_path, tmp_path):
    scheme, lang = "small-company-accounts", "zh"  # with views
    book = opened(scheme, lang)
    macros.run()
    book.save(tmp_path / "by-button.xlsx")
    by_command = tmp_path / "by-command.xlsx"
    command("run", sample_path(scheme, lang), "-o", by_command)
    assert differences(tmp_path / "by-button.xlsx", by_command) == {}


def test_a_second_run_renews_the_sheets_in_their_place(opened, sample_path, tmp_path):
    book = opened(SMALL, "en")
    macros.run()
    assert len(said(book)) == 1
    app = book.app
    assert (app.screen_updating, app.display_alerts, app.status_bar) == (True, True, False)
    assert [each.name for each in app.books] == [book.name]
    cell = rate(book, "first", 1)
    macros.run()
    book.save(tmp_path / "twice.xlsx")
    changed = tmp_path / "changed.xlsx"
    workbook = openpyxl.load_workbook(sample_path(SMALL, "en"))
    workbook["Ratings"][cell].value = 1
    workbook.save(changed)
    command("run", changed)
    ours, theirs = pages(tmp_path / "twice.xlsx"), pages(changed)
    for title in ("Results", "Detail", "Ranking", "Lists", "Run", "Problems"):
        for part in ("cells", "tables", "links", "panes", "charts", "rules"):
            assert ours[title][part] == theirs[title][part], (title, part)


def rate(book, person, score):
    """Give everything that a person was rated the same score; return the first cell."""
    ratings = read_live(book).tables["ratings"]
    who = ratings["employee_id"].iloc[0] if person == "first" else person
    cells = [f"{ratings.letters['score']}{row}" for row in ratings.rows[(ratings["employee_id"] == who).to_numpy()]]
    for cell in cells[: 1 if person == "first" else None]:
        book.sheets["Ratings"][cell].value = score
    return cells[0]


def test_what_hr_added_beside_the_results_stays_with_its_row(opened):
    book = opened("data-entry", "en")
    macros.run()
    results = book.sheets["Results"]
    heading = results.tables[0].header_row_range.value
    number, total = (heading.index(name) + 1 for name in ("Employee ID", "Total"))
    own = len(heading) + 1
    person = results.range((2, number)).value
    results.range((1, own)).value = ["Talked to", "Half"]
    letter = results.range((2, total)).get_address(False, False).rstrip("0123456789")
    results.range((2, own)).value = ["yes", f"={letter}2/2"]
    results.charts.add(source=results["A1:B3"], anchor=results["Z2"], name="Mine")
    rate(book, person, 1)
    macros.run()
    people = results.tables[0].data_body_range.columns[number - 1].value
    at = people.index(person) + 2
    assert at != 2
    assert results.range((at, own)).value == "yes"
    assert results.range((at, own + 1)).formula == f"={letter}{at}/2"
    assert [results.range((row, own)).value for row in range(2, len(people) + 2)].count("yes") == 1
    assert "Mine" in [each.name for each in results.charts]


def test_check_lists_the_problems_with_their_addresses(opened):
    book = opened(WORKBOOKS / "mistakes-en.xlsx")
    macros.check()
    listed = book.sheets["Problems"].tables[0].data_body_range.value
    found = {(row[1] or "", row[2] or "") for row in listed}
    ours = read_book(WORKBOOKS / "mistakes-en.xlsx")
    problems = appraise(ours.tables, ours.scheme, None, ours.problems).problems
    assert {(each.sheet, each.cells) for each in problems} == found
    assert "Results" not in book.sheet_names
    assert "errors" in said(book)[0]
    assert book.sheets.active.name == "Problems"


def test_nothing_is_written_where_there_are_errors(opened):
    book = opened(WORKBOOKS / "mistakes-zh.xlsx")
    before = book.sheet_names
    macros.run()
    assert book.sheet_names == before
    (told,) = engine.alerts(book.app)
    assert told.mode == "critical"
    assert "什么都没有写入" in told.prompt


def test_text_that_looks_like_a_formula_stays_text(opened):
    book = opened(SMALL, "en")
    sheet = book.sheets["Employees"]
    sheet["B2"].value = '\'=HYPERLINK("http://example.org")'
    macros.run()
    names = set(book.sheets["Results"].tables[0].data_body_range.columns[1].value)
    detail = book.sheets["Detail"].tables[0].data_body_range.columns[1]
    written = [cell for cell in detail if str(cell.value).startswith("=")]
    assert any(str(each).startswith("=HYPERLINK") for each in names)
    assert written
    assert all(cell.sheet.api[cell.get_address(False, False)].data_type == "s" for cell in written)


# Tasks and periods ---------------------------------------------------------------------------------------------------


def test_a_new_period_begins_with_the_old_results_in_the_history(opened):
    book = opened(SMALL, "en")
    macros.run()
    book.save()
    path = Path(book.fullname)
    results = {row[0]: row for row in book.sheets["Results"].tables[0].data_body_range.value}
    before = read_live(book)
    macros.new_period()
    after = read_live(book)
    assert after.scheme.settings.period == "2027" != before.scheme.settings.period
    history = after.tables["history"].frame.query("period == @before.scheme.settings.period")
    assert len(history) == len(results)
    assert history["total"].notna().any()
    assert len(after.tables["ratings"]) == 0
    assert after.tables["employees"].frame.equals(before.tables["employees"].frame)
    assert [each.code for each in after.scheme.indicators] == [each.code for each in before.scheme.indicators]
    copy = path.with_name(f"{path.stem}-{before.scheme.settings.period}.xlsx")
    assert read_book(copy).fingerprint == before.fingerprint
    assert "2027" in str(book.sheets[0].range("xlperf_subtitle").value)


@pytest.mark.slow
def test_a_new_period_can_be_declined_and_never_writes_over_a_copy(opened):
    book = opened(SMALL, "en")
    engine.answer(book.app, "cancel")
    macros.new_period()
    assert read_live(book).scheme.settings.period == "2026"
    path = Path(book.fullname)
    path.with_name("business-evaluation-2026.xlsx").write_bytes(b"mine")
    macros.new_period()
    assert engine.alerts(book.app)[-1].mode == "critical"
    assert path.with_name("business-evaluation-2026.xlsx").read_bytes() == b"mine"


# Understanding -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "sheet", "story"),
    [
        pytest.param("en", "Results", "Explanation", marks=pytest.mark.slow),
        ("zh", "得分明细", "结果说明"),
    ],
)
def test_the_selected_result_is_explained(opened, sample_path, lang, sheet, story):
    book = opened(SMALL, lang)
    macros.run()
    cells = book.sheets[sheet].tables[0].data_body_range
    book.sheets[sheet].activate()
    cells[1, 3].select()
    macros.explain_selection()
    told = [line or "" for line in book.sheets[story].used_range.options(ndim=1).value]
    heading = book.sheets[sheet].tables[0].header_row_range.value
    who = cells[1, heading.index("Employee ID" if lang == "en" else "工号")].value
    words = ["explain", sample_path(SMALL, lang), who]
    if lang == "zh":
        words.append(cells[1, heading.index("指标编号")].value)
    printed = command(*words).splitlines()
    assert [line.rstrip() for line in told] == [line.rstrip() for line in printed]
    assert book.sheets.active.name == story


def test_a_selection_without_anybody_is_told_in_words(opened):
    book = opened(SMALL, "en")
    book.sheets[0].activate()
    book.sheets[0]["A1"].select()
    macros.explain_selection()
    assert "names neither" in said(book)[-1]


def test_a_problem_leads_to_its_cell(opened):
    book = opened(WORKBOOKS / "mistakes-en.xlsx")
    macros.check()
    rows = book.sheets["Problems"].tables[0].data_body_range
    at = next(n for n, row in enumerate(rows.value) if row[1] and row[2])
    title, cells = rows.value[at][1:3]
    rows[at, 4].select()
    macros.open_problem()
    assert book.sheets.active.name == title
    assert cells.startswith(book.selection.get_address(False, False))


@pytest.fixture
def browsed(monkeypatch):
    """What is opened in the browser."""
    shown = []
    monkeypatch.setattr("webbrowser.open", lambda address: shown.append(address) or True)
    return shown


def test_help_opens_the_guide_and_names_every_button(opened, browsed):
    book = opened(SMALL, "zh")
    macros.show_help()
    assert [Path(unquote(urlsplit(each).path)).name for each in browsed] == ["guide-zh.html"]
    assert all(each.label.zh in said(book)[0] for each in ACTIONS)


def test_help_speaks_the_language_that_the_workbook_is_set_to(opened, browsed):
    """The titles are Chinese; the settings say English, as they do to whoever reads the file."""
    book = opened(SMALL, "zh")
    home = book.sheets[SHEETS["settings"].title("zh")]
    cells = home.used_range.options(ndim=2).value
    names = SETTINGS["language"].name
    row, column = next((r, c) for r, line in enumerate(cells) for c, value in enumerate(line) if value in names)
    home.used_range[row, column + 1].value = "英文"
    macros.show_help()
    assert browsed[0].endswith("guide-en.html")
    assert all(each.label.en in said(book)[0] for each in ACTIONS)


# Sharing -------------------------------------------------------------------------------------------------------------


def loaded_without_formulas(path):
    """Open a workbook of ours without its formulas, whose results openpyxl would lose."""
    workbook = openpyxl.load_workbook(path)
    for cell in (cell for ws in workbook for row in ws.iter_rows() for cell in row if cell.data_type == "f"):
        cell.value = None
    return workbook


@pytest.fixture
def calculated(sample_path, tmp_path):
    """A macro workbook with two formulas that have results: a number and a text, and a button."""
    bare, path = tmp_path / "bare.xlsx", tmp_path / "calculated.xlsx"
    workbook = loaded_without_formulas(sample_path(SMALL, "en"))
    notes = workbook.create_sheet("Notes")
    notes["A1"], notes["B1"], notes["B2"] = 20, "=A1*2+2", '="00"&"7"'
    workbook.save(bare)
    with ZipFile(bare) as source, ZipFile(path, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            for shown in (b"<v></v>", b"<v />", b"<v/>"):
                data = data.replace(b"<f>A1*2+2</f>" + shown, b"<f>A1*2+2</f><v>42</v>")
                data = data.replace(b'><f>"00"&amp;"7"</f>' + shown, b' t="str"><f>"00"&amp;"7"</f><v>007</v>')
            target.writestr(name, data)
    return path


def test_formulas_of_the_selection_become_values(opened, calculated):
    book = opened(calculated)
    notes = book.sheets["Notes"]
    notes.activate()
    notes["A1:B2"].select()
    engine.answer(book.app, "no")
    macros.freeze_to_values()
    assert (notes["B1"].formula, notes["B2"].value) == ("42", "007")
    assert said(book)[-1] == "Formulas replaced: 2."


def test_a_copy_without_formulas_is_kept_beside(opened, calculated):
    book = opened(calculated)
    engine.answer(book.app, "yes")
    macros.freeze_to_values()
    copy = Path(book.fullname).with_name("calculated-values.xlsx")
    frozen = openpyxl.load_workbook(copy)["Notes"]
    assert [frozen["B1"].value, frozen["B2"].value] == [42, "007"]
    assert book.sheets["Notes"]["B1"].formula == "=A1*2+2"
    assert read_book(copy).fingerprint == read_book(book.fullname).fingerprint


def test_formulas_without_results_are_not_frozen(opened, sample_path, tmp_path):
    path = tmp_path / "waiting.xlsx"
    workbook = loaded_without_formulas(sample_path(SMALL, "en"))
    workbook.create_sheet("Notes")["B1"] = "=1+1"
    workbook.save(path)
    book = opened(path)
    engine.answer(book.app, "yes")
    macros.freeze_to_values()
    assert "Notes!B1" in said(book)[-1]
    assert not path.with_name("waiting-values.xlsx").exists()


def test_files_for_everybody(opened):
    book = opened(SMALL, "en")
    engine.answer(book.app, "yes")
    macros.publish()
    folder = Path(book.fullname).with_name("business-evaluation-published") / "employees"
    people = read_live(book).tables["employees"]
    assert 0 < len(list(folder.glob("*.xlsx"))) <= len(people)
    assert str(folder) in said(book)[-1]


@pytest.mark.slow
def test_filled_forms_come_back_as_the_command_brings_them(opened, sample_path, tmp_path):
    """Forms go out by the command, are filled in, and are collected by the button and by the command."""
    source = shutil.copy(sample_path("data-entry", "en"), tmp_path / "asked.xlsx")
    workbook, ratings = openpyxl.load_workbook(source), read_book(source).tables["ratings"]
    for row in ratings.rows:
        workbook["Ratings"][f"{ratings.letters['score']}{row}"].value = None
    workbook.save(source)
    book = opened(source)
    path = Path(book.fullname)
    command("publish", path, "--to", "raters", "-o", tmp_path / "out")
    macros.collect()
    assert "asked-returned" in said(book)[-1]
    returned = path.with_name("asked-returned")
    returned.mkdir()
    for form in sorted((tmp_path / "out" / "raters").glob("*.xlsx"))[:6]:
        answer(form, returned / form.name)
    macros.collect()
    assert "Forms collected: 6" in said(book)[-1]
    book.save(tmp_path / "by-button.xlsx")
    by_command = tmp_path / "by-command.xlsx"
    command("collect", path, returned, "-o", by_command)
    ours, theirs = read_book(tmp_path / "by-button.xlsx"), read_book(by_command)
    assert ours.fingerprint == theirs.fingerprint
    assert theirs.tables["ratings"]["score"].notna().sum() >= 6


def answer(form, target):
    """Give everybody that a form asks about a 3."""
    workbook = openpyxl.load_workbook(form)
    page = workbook.worksheets[0]
    heading = next(cell for row in page.iter_rows(max_row=40) for cell in row if cell.value in ("Score", "评分"))
    for row in range(heading.row + 1, page.max_row + 1):
        if page.cell(row, 1).value is not None:
            page.cell(row, heading.column).value = 3
    workbook.save(target)


# Whatever goes wrong -------------------------------------------------------------------------------------------------


def test_a_mistake_of_ours_is_a_message_and_a_note_in_the_log(opened, monkeypatch, tmp_path):
    book = opened(SMALL, "en")

    def broken(*_):
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("xlperf.addin.read_live.LiveSheets.read", broken)
    macros.run()
    (told,) = engine.alerts(book.app)
    assert told.mode == "critical"
    assert "not in your workbook" in told.prompt
    assert "ZeroDivisionError" not in told.prompt
    assert "ZeroDivisionError" in (tmp_path / "xlperf.log").read_text("utf-8")


def test_another_workbook_is_refused_in_words(opened, tmp_path):
    path = tmp_path / "other.xlsx"
    openpyxl.Workbook().save(path)
    book = opened(path)
    macros.check()
    assert engine.alerts(book.app)[0].mode == "critical"
    assert book.sheet_names == ["Sheet"]


def test_every_button_has_its_macro():
    assert {each.macro for each in ACTIONS} <= {*macros.__all__}
    for each in ACTIONS:
        assert callable(getattr(macros, each.macro))


# Starting ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def started(tmp_path, monkeypatch):
    """A filled workbook of one's own, open in the engine."""
    monkeypatch.setenv(telling.LOG, str(tmp_path / "xlperf.log"))
    path = tmp_path / "desk-2026-12.xlsx"
    xlperf.new("blank", path, lang="zh", period="2026-12")
    fill(path, CHOSEN)
    app = engine.start()
    book = app.books.open(path)
    book.set_mock_caller()
    yield book
    app.quit()


def test_a_new_workbook_and_one_of_eight_questions_are_opened_beside(started, tmp_path):
    macros.new_workbook()
    macros.begin()
    assert {each.name for each in tmp_path.glob("*新*")} == {"新考核方案.xlsm"}
    questions = tmp_path / "八个问题.xlsx"
    assert [each.name for each in started.app.books][1:] == ["新考核方案.xlsm", questions.name]
    book = openpyxl.load_workbook(questions)
    for row, text in {5: "门店", 6: "2026-12", 7: "服务"}.items():
        book.active[f"C{row}"].value = text
    book.save(questions)
    started.set_mock_caller()
    macros.begin()
    assert read_book(tmp_path / "门店-2026-12.xlsx").scheme.settings.period == "2026-12"


def test_sheets_are_added_by_selecting_them(started):
    started.set_mock_caller()
    macros.add_sheets()
    listed = started.sheets[macros.TO_ADD("zh")]
    row = next(number for number, value in enumerate(listed.used_range.value, start=1) if value.startswith("评价关系"))
    listed.range((row, 1)).select()
    macros.add_sheets()
    assert "评价关系" in started.sheet_names
    assert "评价关系" in said(started)[-1]


def test_files_of_the_folder_beside_are_imported(started, tmp_path):
    macros.import_folder()
    assert "desk-2026-12-import" in said(started)[0]
    folder = tmp_path / "desk-2026-12-import"
    folder.mkdir()
    (folder / "people.csv").write_text("工号,姓名,在职状态\n009,新人,在职\n", "utf-8")
    macros.import_folder()
    assert "009" in read_live(started).tables["employees"]["employee_id"].tolist()


def test_the_month_end_asks_and_ends_the_period(started, tmp_path):
    macros.month_end()
    assert read_live(started).scheme.settings.period == "2027-01"
    assert len(read_live(started).tables["history"]) == 2
    assert (tmp_path / "desk-2026-12-published" / "employees").is_dir()


def test_what_if_is_asked_on_a_sheet_and_writes_nothing_else(started):
    macros.run()
    before = read_live(started).fingerprint
    macros.what_if()
    sheet = started.sheets[macros.WHAT_IF("zh")]
    sheet.range("A2").value = [["grades.A.lower", "60"]]
    macros.what_if()
    lines = started.sheets[macros.WHAT_IF_RESULT("zh")].used_range.value
    assert "1" in lines[1]
    assert lines[2].split()[0] == "002"
    assert read_live(started).fingerprint == before


def test_a_comparison_is_with_the_backup_or_the_other_workbook(started, tmp_path):
    macros.compare()
    assert engine.alerts(started.app)[-1].mode == "critical"
    shutil.copy(started.fullname, tmp_path / "desk-2026-12.backup.xlsx")
    sheet = started.sheets["实际值"]
    column = sheet.range("A1").expand("right").value.index("实际值") + 1
    sheet.range((2, column)).value = 25
    macros.compare()
    lines = started.sheets[macros.COMPARISON("zh")].used_range.value
    assert [line.split()[0] for line in lines[1:]] == ["001", "002"]


def test_forms_are_opened(started, tmp_path):
    macros.fill_forms()
    assert (tmp_path / "desk-2026-12-forms.xlsx").is_file()
    assert started.app.books[1].name == "desk-2026-12-forms.xlsx"


@pytest.mark.parametrize(("saved", "by", "at"), [(False, "Li Ming", None), (True, "", None)])
def test_what_is_not_saved_yet_is_of_who_sits_at_excel(tmp_path, monkeypatch, saved, by, at):
    from types import SimpleNamespace

    from xlperf.addin.live_store import LiveStore

    monkeypatch.setattr("sys.platform", "win32")
    app = SimpleNamespace(engine=SimpleNamespace(name="excel"), api=SimpleNamespace(UserName="Li Ming"))
    book = SimpleNamespace(app=app, api=SimpleNamespace(Saved=saved), fullname=str(tmp_path / "none.xlsx"))
    found = LiveStore(book).last_saved()
    assert (found.by, found.at) == (by, at)
