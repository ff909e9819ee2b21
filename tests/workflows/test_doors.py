"""Command, button and Python give equal results, equal problems and equal files for each workflow.

They are asked on schemes that have, among them, every sheet and every way of appraising of the schemes that ship.
"""

import json
import shutil
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import openpyxl
import pytest
import small
from effort import one_by_default
from sample_books import tables_of
from typer.testing import CliRunner

import xlperf
from tests.small_book import cells, unlike
from xlperf import engine
from xlperf.addin import macros
from xlperf.addin.messages import refused_words
from xlperf.cli import app
from xlperf.policy.schemes import load, names
from xlperf.schema import SHEETS
from xlperf.workbook.read.book import read_book
from xlperf.workbook.write.scheme_workbook import build
from xlperf.workflows import error_log
from xlperf.workflows.freeze_values import freeze
from xlperf.xlsx.atomic_save import save_atomically

QUICK = "business-evaluation"  # eight people, with ratings, by the year
WITH_TASKS = "securities-crm"
BOOK = "book.xlsx"


# Three doors ----------------------------------------------------------------------------------------------------------


@dataclass
class Seen:
    """What can be seen of a workflow from outside: its problems, whether it was refused, and what the folder holds."""

    refused: bool
    problems: list
    files: dict
    message: str = ""
    rest: dict = field(default_factory=dict)


def files_in(folder):
    """Every file of a folder but keys, which are secret and never the same."""
    paths = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".xlperf-key"]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def as_words(problems):
    return [each.as_dict("en") for each in problems]


def by_command(folder, *words):
    done = CliRunner().invoke(app, [*map(str, words), "--json", "--lang", "en"])
    assert done.exit_code in (0, 1), done.output
    data = json.loads(done.output)
    assert isinstance(data["problems"], list)
    refused = done.exit_code == 1
    return Seen(refused, data["problems"], files_in(folder), rest=data)


def by_python(folder, work, *args, **options):
    result = work(*args, **options)
    assert result.refused == isinstance(result, xlperf.Refusal)
    return Seen(result.refused, as_words(result.problems), files_in(folder), rest={"result": result})


def by_button(folder, button, answer=None, select=None):
    apps = engine.start()
    try:
        book = apps.books.open(folder / BOOK)
        book.set_mock_caller()
        if answer is not None:
            engine.answer(apps, answer)
        if select is not None:
            select(book)
        before = len(engine.alerts(apps))
        button()
        told = engine.alerts(apps)[before:]
        book.save(folder / BOOK)
        refused = any(each.mode == "critical" for each in told)
        return Seen(refused, [], files_in(folder), "\n".join(each.prompt for each in told))
    finally:
        apps.quit()


# Workbooks, sound and faulty ------------------------------------------------------------------------------------------


def overlapping_periods(path):
    """Give a workbook two custom periods that overlap."""
    book = openpyxl.load_workbook(path)
    title = next(each for each in SHEETS["periods"].title if each in book.sheetnames or each == "Periods")
    sheet = book[title] if title in book.sheetnames else book.create_sheet(title)
    if sheet.max_row == 1:
        for column, heading in enumerate(("Period", "Start", "End"), start=1):
            sheet.cell(1, column).value = sheet.cell(1, column).value or heading
    at = {str(cell.value).rstrip(" *"): cell.column for cell in sheet[1] if cell.value}
    for row, values in enumerate(
        (("P1", date(2026, 1, 1), date(2026, 4, 30)), ("P2", date(2026, 3, 1), date(2026, 6, 30))), start=2
    ):
        for heading, value in zip(("Period", "Start", "End"), values, strict=True):
            sheet.cell(row, at[heading]).value = value
    book.save(path)


def no_period(path):
    """Let nobody know which period is appraised."""
    table = read_book(path).tables["settings"]
    book = openpyxl.load_workbook(path)
    row = next(
        row
        for row, name in zip(table.rows, table["setting"], strict=True)
        if str(name) in ("period", "Period", "考核周期")
    )
    book[table.title][f"{table.letters['value']}{row}"].value = "2026-13"
    book.save(path)


KEY = "0123456789abcdef" * 4  # of these tests only, so that digests and signatures are equal
FAULTS = {"sound": lambda path: None, "overlapping": overlapping_periods, "no-period": no_period}


@pytest.fixture
def copies(sample_path, tmp_path, monkeypatch):
    """Return folders with a copy each of the sample workbook of a scheme, with a fault."""
    monkeypatch.setenv(error_log.LOG, str(tmp_path / "xlperf.log"))
    made = {}

    def of(scheme, fault, doors=("command", "python", "button")):
        if (scheme, fault) not in made:
            source = made[scheme, fault] = tmp_path / f"{scheme}-{fault}.xlsx"
            shutil.copy(sample_path(scheme, "en"), source)
            FAULTS[fault](source)
        folders = {}
        for door in doors:
            folders[door] = tmp_path / f"{len(list(tmp_path.iterdir()))}-{door}"
            folders[door].mkdir()
            shutil.copy(made[scheme, fault], folders[door] / BOOK)
        return made[scheme, fault].read_bytes(), folders

    return of


OTHERS = {  # scheme: what it has that those before it have not
    "account-positions": "two posts of a person, clients, tasks and checks, by the month",
    "adviser-classes": "classes of people and of clients, points by bands, history, by the quarter",
    "broker-cascade": "parts of a total, pay",
    "managers-360": "appraised by half-year",
    "sales-pipeline": "grades by quota, teams, headings of HR's own",
    WITH_TASKS: "rules that make tasks, a calendar of holidays",
    "scheme-review": "feedback and business results",
    "service-team-year": "points added up",
    "small-company-accounts": "periods of HR's own",
    "team-accounts": "funds",
}
TURNS = 4


def traits(name):
    """Return the sheets of a scheme that hold something, and its ways of appraising."""
    scheme, settings = load(name), load(name).settings
    policy = {code for code, table in scheme.tables.items() if len(table)}
    levels = {level for each in scheme.indicators for level in each.levels}
    return {*tables_of(name), *policy, *levels, settings.period_kind, settings.total_method, settings.grading}


@pytest.mark.slow
def test_the_schemes_asked_have_among_them_all_that_any_scheme_has():
    asked_of = set().union(*map(traits, (QUICK, *OTHERS)))
    assert {name: traits(name) - asked_of for name in names() if traits(name) - asked_of} == {}


def asked(*quick, turn=None):
    """Ask the small scheme with every fault and, among the slow tests, the other schemes by turns.

    Without a ``turn`` all of them are asked with a sound book.
    """
    cases = [pytest.param(QUICK, fault, marks=[] if fault in quick else pytest.mark.slow) for fault in FAULTS]
    chosen = [(name, "sound") for name in OTHERS] if turn is None else []
    chosen += [
        (name, [*FAULTS][number // TURNS % len(FAULTS)]) for number, name in enumerate(OTHERS) if number % TURNS == turn
    ]
    cases += [pytest.param(*each, marks=pytest.mark.slow) for each in chosen]
    return pytest.mark.parametrize(("scheme", "fault"), sorted(cases, key=lambda case: case.values))


def assert_equal_files(one, other):
    assert sorted(one.files) == sorted(other.files)
    assert [name for name in one.files if one.files[name] != other.files[name]] == []


def assert_equal_cells(folder, other_folder):
    """A workbook that Excel has saved holds the same cells, whatever its bytes."""
    ours, theirs = cells(folder / BOOK), cells(other_folder / BOOK)
    assert list(ours) == list(theirs)
    assert unlike(folder / BOOK, other_folder / BOOK) == []


def assert_refused_alike(before, folders, command, python, button=None):
    """All doors refuse with the same problems, and nothing is written."""
    assert command.refused
    assert python.refused
    assert command.problems == python.problems != []
    assert command.files == python.files == {BOOK: before}
    if button is not None:
        assert button.refused
        assert button.message == refused_words(list(python.rest["result"].problems))("en")
        assert list(button.files) == [BOOK]
        (folders["python"] / "before.xlsx").write_bytes(before)
        assert cells(folders["button"] / BOOK) == cells(folders["python"] / "before.xlsx")


# Workflows with a button ----------------------------------------------------------------------------------------------


@asked("overlapping", turn=0)
def test_check_finds_the_same_problems(copies, scheme, fault):
    before, folders = copies(scheme, fault)
    command = by_command(folders["command"], "check", folders["command"] / BOOK)
    python = by_python(folders["python"], xlperf.check, folders["python"] / BOOK)
    by_button(folders["button"], macros.check)
    assert command.problems == python.problems
    assert command.refused == any(each["level"] == "error" for each in python.problems)
    assert command.files == python.files == {BOOK: before}
    sheet = openpyxl.load_workbook(folders["button"] / BOOK)["Problems"]
    listed = [[cell.value or "" for cell in row[:4]] for row in sheet.iter_rows(min_row=2)]
    shown = [[each["level"], each["sheet"], each["cells"], each["found"]] for each in python.problems]
    assert [row[1:] for row in listed] == [row[1:] for row in shown] or not shown


@asked("sound")
def test_run_writes_the_same_results(copies, scheme, fault):
    before, folders = copies(scheme, fault)
    command = by_command(folders["command"], "run", folders["command"] / BOOK)
    python = by_python(folders["python"], xlperf.run, folders["python"] / BOOK)
    button = by_button(folders["button"], macros.run)
    if fault != "sound":
        assert_refused_alike(before, folders, command, python, button)
        return
    assert command.problems == python.problems
    assert_equal_files(command, python)
    assert sorted(command.files) == ["book.backup.xlsx", BOOK]
    assert_equal_cells(folders["command"], folders["button"])
    assert not by_python(folders["python"], xlperf.verify, folders["python"] / BOOK).refused


@asked(turn=1)
def test_the_next_period_begins_alike(copies, scheme, fault):
    before, folders = copies(scheme, fault)
    output = {door: folder / "next.xlsx" for door, folder in folders.items()}
    command = by_command(folders["command"], "roll", folders["command"] / BOOK, output["command"])
    python = by_python(folders["python"], xlperf.roll, folders["python"] / BOOK, output["python"])
    button = by_button(folders["button"], macros.new_period, "ok")
    if fault != "sound":
        assert_refused_alike(before, folders, command, python, button)
        return
    assert command.problems == python.problems
    assert_equal_files(command, python)
    assert command.files[BOOK] == before
    begun, copy = read_book(folders["button"] / BOOK), python.rest["result"].plan.ended.code
    assert begun.fingerprint == read_book(output["command"]).fingerprint
    assert (
        read_book(folders["button"] / f"book-{copy}.xlsx").fingerprint
        == read_book(folders["command"] / BOOK).fingerprint
    )


@asked("no-period", turn=2)
def test_the_same_files_are_published(copies, scheme, fault):
    before, folders = copies(scheme, fault)
    for folder in folders.values():
        (folder / "book.xlperf-key").write_text(KEY)
    command = by_command(folders["command"], "publish", folders["command"] / BOOK, "--to", "departments")
    python = by_python(folders["python"], xlperf.publish, folders["python"] / BOOK, to="departments")
    button = by_button(folders["button"], macros.publish, "no")
    if fault != "sound":
        assert_refused_alike(before, folders, command, python, button)
        return
    assert command.problems == python.problems
    assert_equal_files(command, python)
    published = {name: data for name, data in command.files.items() if name != BOOK}
    assert published
    assert published == {name: data for name, data in button.files.items() if name != BOOK}


def select_first_result(book):
    sheet = book.sheets["Employees"]
    sheet.activate()
    sheet.range("A2").select()


@asked(turn=3)
def test_a_result_is_explained_alike(copies, scheme, fault):
    before, folders = copies(scheme, fault)
    who = str(read_book(folders["command"] / BOOK).tables["employees"]["employee_id"].iloc[0])
    command = by_command(folders["command"], "explain", folders["command"] / BOOK, who) if fault != "sound" else None
    python = by_python(folders["python"], xlperf.explain, folders["python"] / BOOK, who)
    button = by_button(folders["button"], macros.explain_selection, select=select_first_result)
    if fault != "sound":
        assert_refused_alike(before, folders, command, python, button)
        return
    printed = CliRunner().invoke(app, ["explain", str(folders["command"] / BOOK), who, "--lang", "en"])
    assert (printed.exit_code == 1) == python.refused == button.refused
    if not python.refused:
        shown = openpyxl.load_workbook(folders["button"] / BOOK)["Explanation"]
        lines = [str(row[0].value or "").rstrip() for row in shown.iter_rows()]
        assert lines == [line.rstrip() for line in printed.output.splitlines()]


@pytest.fixture(scope="module")
def empty_with_tasks(tmp_path_factory):
    """A workbook with task rules that nobody has filled in yet."""
    path = tmp_path_factory.mktemp("tasks") / BOOK
    ours = load(WITH_TASKS).with_settings(language="en", period="2026-10")
    save_atomically(build(ours, {}, "en"), path, keep_backup=False)
    return path


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["overlapping", "no-period"])
def test_tasks_are_refused_alike_and_nothing_is_written(empty_with_tasks, tmp_path, fault):
    """Two overlapping custom periods are an error in the calendar, which no door may pass over."""
    folders = {door: tmp_path / door for door in ("command", "python", "button")}
    for folder in folders.values():
        folder.mkdir()
        FAULTS[fault](shutil.copy(empty_with_tasks, folder / BOOK))
    before = (folders["command"] / BOOK).read_bytes()
    out = {door: folder / "out.xlsx" for door, folder in folders.items()}
    shutil.copy(folders["command"] / BOOK, folders["python"] / BOOK)
    shutil.copy(folders["command"] / BOOK, folders["button"] / BOOK)
    command = by_command(folders["command"], "tasks", folders["command"] / BOOK, "-o", out["command"])
    python = by_python(folders["python"], xlperf.tasks, folders["python"] / BOOK, out["python"])
    button = by_button(folders["button"], macros.generate_tasks)
    assert_refused_alike(before, folders, command, python, button)


def press_twice():
    macros.generate_tasks()
    macros.generate_tasks()


@pytest.mark.slow
def test_the_same_tasks_are_made_and_none_of_them_twice(copies):
    _, folders = copies(WITH_TASKS, "sound")
    command = by_command(folders["command"], "tasks", folders["command"] / BOOK)
    python = by_python(folders["python"], xlperf.tasks, folders["python"] / BOOK)
    button = by_button(folders["button"], press_twice)
    assert command.problems == python.problems
    assert_equal_files(command, python)
    assert "Tasks made: 0" in button.message
    assert read_book(folders["button"] / BOOK).fingerprint == read_book(folders["command"] / BOOK).fingerprint
    ours, theirs = (openpyxl.load_workbook(folders[door] / BOOK)["Tasks"] for door in ("button", "command"))
    assert ours.tables.items() == theirs.tables.items()


def test_without_forms_nothing_is_collected(copies):
    before, folders = copies(QUICK, "sound")
    for folder in folders.values():
        (folder / "book-returned").mkdir()
    returned = folders["command"] / "book-returned"
    command = by_command(folders["command"], "collect", folders["command"] / BOOK, returned)
    python = by_python(
        folders["python"], xlperf.collect, folders["python"] / BOOK, [folders["python"] / "book-returned"]
    )
    button = by_button(folders["button"], macros.collect)
    assert command.refused
    assert command.problems == python.problems
    assert [each["code"] for each in command.problems] == ["return-no-key", "return-nothing"]
    assert button.refused
    assert command.files == python.files == {BOOK: before}


@pytest.mark.parametrize("waiting", [False, True])
def test_formulas_are_frozen_alike(tmp_path, waiting):
    folders = {door: tmp_path / door for door in ("python", "button")}
    book = openpyxl.Workbook()
    book.active["A1"] = "=1+1" if waiting else 2
    for folder in folders.values():
        folder.mkdir()
        book.save(folder / BOOK)
    python = by_python(folders["python"], freeze, folders["python"] / BOOK)
    button = by_button(folders["button"], macros.freeze_to_values, "yes")
    assert python.refused == button.refused == waiting
    assert sorted(python.files) == sorted(button.files)
    assert ("book-values.xlsx" in python.files) != waiting


# Calibration, appeals and reminders -----------------------------------------------------------------------------------

TEN = tuple(f"E{number}" for number in range(1, 11))
SAID = {"reason": "two tenders", "by": "Hu", "date": "2026-11-03"}
AS_OPTIONS = [word for name, value in SAID.items() for word in (f"--{name}", value)]


def book_to_decide(path, **more):
    """A workbook of ten people with grades by quota, a changed grade typed on Calibration, and an appeal."""
    ratings = [{"period": "2026-10", "employee_id": each, "indicator": "skill", "rater_id": "B", "relation": "manager",
                "score": 5 - 0.2 * number} for number, each in enumerate(TEN)]  # fmt: skip
    tasks = [small.task(10 * number + k, each) for number, each in enumerate(TEN) for k in range(4)]
    appeal = {"appeal_id": "A1", "period": "2026-10", "employee_id": "E3", "filed_on": "2026-11-03", "state": "filed",
              "about": "total", "statement": "x"}  # fmt: skip
    tables = small.tables(TEN, tasks, ratings, appeals=[appeal])
    build(small.scheme(language="en", calibration="yes"), tables, "en").save(path)
    assert not xlperf.run(path, keep_backup=False).refused
    if more:
        assert not xlperf.calibrate(path, person="E9", grade="A", **SAID).refused
        path.with_name(f"{path.stem}.backup.xlsx").unlink(missing_ok=True)
    return path


@pytest.fixture(scope="module")
def raised(tmp_path_factory):
    """A workbook in which somebody has raised E9."""
    return book_to_decide(tmp_path_factory.mktemp("raised") / BOOK, raised=True)


@pytest.fixture
def decided(raised, tmp_path):
    """Return a folder for each door with the same workbook, in which somebody has raised E9."""
    folders = {door: tmp_path / door for door in ("command", "python", "button")}
    for folder in folders.values():
        folder.mkdir()
        shutil.copy(raised, folder)
    return folders


def fill_decision(title, *answers):
    def fill(book):
        sheet = book.sheets[title]
        sheet.range((2, 2)).resize(len(answers), 1).value = [[each] for each in answers]

    return fill


def press(button, *, then=None, sure="ok"):
    """Press a button that asks on a sheet, fill it in, press again."""

    def twice():
        import xlwings as xw

        button()
        book = xw.Book.caller()
        if then is not None:
            then(book)
            engine.answer(book.app, sure)
            button()

    return twice


@pytest.mark.slow
def test_an_exception_is_signed_alike(decided):
    command = by_command(decided["command"], "calibrate", decided["command"] / BOOK, "--sign", *AS_OPTIONS)
    python = by_python(decided["python"], xlperf.calibrate, decided["python"] / BOOK, sign=True, **SAID)
    fill = fill_decision("Calibration decision", "two tenders", "Hu", "2026-11-03")
    button = by_button(decided["button"], press(macros.calibrate, then=fill, sure="cancel"), "ok")
    assert not command.refused
    assert command.problems == python.problems
    assert_equal_files(command, python)
    assert_equal_cells(decided["command"], decided["button"])
    assert "everybody · Excellent: 3 ▲ 1 over, signed" in button.message
    log = read_book(decided["button"] / BOOK).tables["calibration_log"]
    assert log["action"].tolist() == ["change", "sign", "sign"]


def test_a_calibration_is_closed_alike_after_what_was_typed_is_taken(tmp_path):
    folders = {door: tmp_path / door for door in ("command", "button")}
    book_to_decide(tmp_path / BOOK)
    for folder in folders.values():
        folder.mkdir()
        shutil.copy(tmp_path / BOOK, folder)
        workbook = openpyxl.load_workbook(folder / BOOK)
        ws = workbook["Calibration"]
        heading = next(row for row in range(1, 40) if ws.cell(row, 1).value == "Employee ID")
        places = {ws.cell(heading, column).value: column for column in range(1, ws.max_column + 1)}
        for who, grade in (("E3", "A"), ("E2", "B")):  # a swap: quotas hold
            row = next(row for row in range(heading, heading + 20) if ws.cell(row, 1).value == who)
            typed = {"Changed to": grade, "Reason": "swap", "Decided by": "Hu", "Decided on": "2026-11-02"}
            for name, value in typed.items():
                ws.cell(row, places[name]).value = value
        workbook.save(folder / BOOK)
    words = ("--finalise", "--by", "Hu", "--date", "2026-11-03")
    command = by_command(folders["command"], "calibrate", folders["command"] / BOOK, *words)
    fill = fill_decision("Calibration decision", "Hu", "2026-11-03")
    button = by_button(folders["button"], press(macros.calibrate, then=fill), "ok")
    assert not command.refused
    assert_equal_cells(folders["command"], folders["button"])
    assert button.message.endswith("Final.")
    log = read_book(folders["button"] / BOOK).tables["calibration_log"]
    assert log["action"].tolist() == ["change", "change", "finalise"]


@pytest.mark.slow
def test_a_decision_that_is_not_filled_in_is_asked_for_at_its_cell(decided):
    fill = fill_decision("Calibration decision", "two tenders", "", "2026-11-03")
    before = cells(decided["button"] / BOOK)
    button = by_button(decided["button"], press(macros.calibrate, then=fill), "ok")
    assert button.refused
    assert "'Calibration decision'!B3" in button.message
    assert "Decided by is missing." in button.message
    after = cells(decided["button"] / BOOK)
    assert after.pop("Calibration decision")
    assert after == before


@pytest.mark.slow
def test_a_book_without_the_sheet_gets_one_from_every_door(copies):
    _, folders = copies(QUICK, "sound", ("command", "button"))
    refused = by_command(folders["command"], "calibrate", folders["command"] / BOOK)
    assert [each["code"] for each in refused.problems] == ["calibration-no-sheet"]
    by_command(folders["command"], "add", folders["command"] / BOOK, "calibration")
    by_command(folders["command"], "run", folders["command"] / BOOK)
    by_button(folders["button"], macros.calibrate, "ok")
    assert_equal_cells(folders["command"], folders["button"])


def test_an_appeal_is_decided_alike(decided):
    words = ("--id", "A1", "--decide", "upheld", "--points", "20", *AS_OPTIONS, "--take")
    command = by_command(decided["command"], "appeals", decided["command"] / BOOK, *words)
    asked = {"appeal": "A1", "decide": "upheld", "points": 20, **SAID}
    python = by_python(decided["python"], xlperf.appeals, decided["python"] / BOOK, take=True, **asked)
    fill = fill_decision("Appeal decision", "A1", "upheld", "20", "two tenders", "Hu", "2026-11-03")
    button = by_button(decided["button"], press(macros.appeals, then=fill), "yes")
    assert not command.refused
    assert command.problems == python.problems
    assert_equal_files(command, python)
    assert_equal_cells(decided["command"], decided["button"])
    assert "Appeals to be decided: A1 (E3)" in button.message
    assert "E3  Name E3  97 → 117  Good → Excellent  4 → 1" in button.message


@pytest.mark.parametrize(
    ("answers", "place", "said"),
    one_by_default(
        [
            (("A1", "maybe", "", "x", "Hu", "2026-11-03"), "B3", '"maybe" after Decision cannot be read.'),
            (("A1", "upheld", "many", "x", "Hu", "2026-11-03"), "B4", '"many" after Points cannot be read.'),
            (("A1", "upheld", "3", "", "Hu", "2026-11-03"), "B5", "Reason is missing."),
        ]
    ),
)
def test_a_decision_that_cannot_be_read_is_told_and_nothing_is_written(decided, answers, place, said):
    before = cells(decided["button"] / BOOK)
    fill = fill_decision("Appeal decision", *answers)
    button = by_button(decided["button"], press(macros.appeals, then=fill), "yes")
    assert button.refused
    assert f"'Appeal decision'!{place}" in button.message
    assert said in button.message
    after = cells(decided["button"] / BOOK)
    assert after.pop("Appeal decision")
    assert after == before


@pytest.mark.slow
def test_the_effect_may_be_seen_and_not_taken(decided):
    before = cells(decided["button"] / BOOK)
    fill = fill_decision("Appeal decision", "A1", "upheld", "20", "two tenders", "Hu", "2026-11-03")
    button = by_button(decided["button"], press(macros.appeals, then=fill, sure="cancel"), "yes")
    assert "Take this decision?" in button.message
    after = cells(decided["button"] / BOOK)
    assert after.pop("Appeal decision")
    assert after == before


@pytest.mark.slow
def test_the_same_forms_of_appeals_are_written(decided):
    for folder in decided.values():
        (folder / "book.xlperf-key").write_text(KEY)
    command = by_command(
        decided["command"], "appeals", decided["command"] / BOOK, "--forms", decided["command"] / "book-appeals"
    )
    python = by_python(decided["python"], xlperf.appeal_forms, decided["python"] / BOOK)
    button = by_button(decided["button"], press(macros.appeals), "no")
    assert command.problems == python.problems
    assert_equal_files(command, python)
    forms = {name: data for name, data in command.files.items() if name != BOOK}
    assert len(forms) == 10
    assert forms == {name: data for name, data in button.files.items() if name != BOOK}


def test_the_same_reminders_are_written(decided):
    for folder in decided.values():
        workbook = openpyxl.load_workbook(folder / BOOK)
        ws = workbook["Ratings"]
        for cell in ws["F"][1:4]:
            cell.value = None
        workbook.save(folder / BOOK)
    command = by_command(decided["command"], "reminders", decided["command"] / BOOK)
    python = by_python(decided["python"], xlperf.reminders, decided["python"] / BOOK)
    button = by_button(decided["button"], macros.reminders)
    assert command.problems == python.problems
    written = [{name: data for name, data in each.files.items() if name != BOOK} for each in (command, python, button)]
    assert written[0] == written[1] == written[2] != {}
    assert "nothing was sent" in button.message


# Workflows without a button -------------------------------------------------------------------------------------------

WITHOUT = ("evaluate", "export", "forms", "weights", "whatif", "reports", "diff", "verify")
BY_TURNS = [
    (name, WITHOUT[turn % len(WITHOUT)], "overlapping" if turn % 3 == 0 else "sound")
    for turn, name in enumerate(OTHERS)
]
EACH = [(QUICK, work, fault) for work in WITHOUT for fault in ("sound", "overlapping")]
DEFAULT = {(QUICK, "evaluate", "sound"), (QUICK, "forms", "sound")}


@pytest.mark.parametrize(
    ("scheme", "work", "fault"),
    [pytest.param(*case, marks=[] if case in DEFAULT else pytest.mark.slow) for case in (*EACH, *BY_TURNS)],
)
def test_what_has_no_button_is_alike_from_command_and_python(copies, scheme, work, fault):
    before, folders = copies(scheme, fault, ("command", "python"))
    here, there = (folders[door] / BOOK for door in ("command", "python"))
    words, call = {
        "evaluate": (("evaluate", here, "--write"), lambda: xlperf.evaluate(there, write=True, lang="en")),
        "weights": (("weights", here), lambda: xlperf.weights(there, lang="en")),
        "whatif": (("whatif", here, "--set", "ties=worse"), lambda: xlperf.whatif(there, [("ties", "worse")])),
        "forms": (("forms", here), lambda: xlperf.forms(there, lang="en")),
        "export": (
            ("export", here, "-o", here.parent / "csv"),
            lambda: xlperf.export(there, there.parent / "csv", lang="en"),
        ),
        "reports": (("reports", here), lambda: xlperf.reports(there, lang="en")),
        "diff": (("diff", here, here), lambda: xlperf.diff(there, there, lang="en")),
        "verify": (("run", here, "--verify"), lambda: xlperf.verify(there, lang="en")),
    }[work]
    command, python = by_command(folders["command"], *words), by_python(folders["python"], call)
    if work != "verify" or python.refused:
        assert command.problems == python.problems
    failed = any(each["level"] == "error" for each in python.problems)
    assert command.refused == (failed if work == "weights" else python.refused)
    assert_equal_files(command, python)
    if python.refused:
        assert command.files == {BOOK: before}


def test_a_new_workbook_and_an_import_are_alike(tmp_path):
    roster = tmp_path / "roster.csv"
    roster.write_text("Employee ID,Name,Department\n00901,Ann,N\n00902,Bob,N\n", "utf-8")
    folders = {door: tmp_path / door for door in ("command", "python")}
    for folder in folders.values():
        folder.mkdir()
    books = {door: folder / BOOK for door, folder in folders.items()}
    command = by_command(folders["command"], "new", "service-team", books["command"], "--period", "2026-10")
    python = by_python(folders["python"], xlperf.new, "service-team", books["python"], period="2026-10")
    assert not python.refused
    assert_equal_files(command, python)
    again = by_command(folders["command"], "new", "service-team", books["command"])
    assert again.problems == by_python(folders["python"], xlperf.new, "service-team", books["python"]).problems != []
    command = by_command(folders["command"], "import", books["command"], roster)
    python = by_python(folders["python"], xlperf.import_files, books["python"], [roster])
    assert not python.refused
    assert command.problems == python.problems
    assert_equal_files(command, python)
    assert len(read_book(books["python"]).tables["employees"]) == 2
    roster.write_text("Employee ID,Name,Status\n003,Mina,On board\n", "utf-8")
    command = by_command(folders["command"], "import", books["command"], roster, "--list-words")
    python = by_python(folders["python"], xlperf.import_files, books["python"], [roster], list_words=True)
    assert command.problems == python.problems != []
    assert_equal_files(command, python)
    found = read_book(books["python"])
    assert found.scheme.table("foreign_words")["word"].tolist() == ["On board"]
    assert len(found.tables["employees"]) == 2


def test_between_a_period_and_its_empty_successor_there_is_nothing_to_compare_yet(copies):
    _, folders = copies(QUICK, "sound", ("command", "python"))
    assert not xlperf.roll(folders["command"] / BOOK, folders["command"] / "next.xlsx").refused
    shutil.copy(folders["command"] / "next.xlsx", folders["python"])
    command = by_command(folders["command"], "diff", *(folders["command"] / each for each in (BOOK, "next.xlsx")))
    python = by_python(folders["python"], xlperf.diff, *(folders["python"] / each for each in (BOOK, "next.xlsx")))
    assert [each["code"] for each in command.problems] == ["diff-nothing-yet"]
    assert command.problems == python.problems


def test_a_period_begins_in_the_workbook_itself_and_a_copy_is_kept(copies):
    before, folders = copies(QUICK, "sound", ("python",))
    book = folders["python"] / BOOK
    plan = xlperf.plan_period(book)
    book.write_bytes(before + b" ")  # somebody else saves it before it is confirmed
    refused = xlperf.begin_period(plan)
    assert [each.code for each in refused.problems] == ["file-changed-meanwhile"]
    assert files_in(folders["python"]) == {BOOK: before + b" "}
    book.write_bytes(before)
    done = xlperf.begin_period(xlperf.plan_period(book))
    assert [path.name for path in done.written] == ["book-2026.xlsx", BOOK]
    assert (folders["python"] / "book-2026.xlsx").read_bytes() == before
    assert read_book(book).scheme.settings.period == "2027"


@pytest.mark.parametrize(
    "door", ["run", "check", "status", "tasks", "forms", "evaluate", "weights", "publish", "explain", "roll"]
)
def test_of_a_file_that_is_not_there_every_door_says_so(tmp_path, door):
    path = tmp_path / "missing.xlsx"
    extra = {"explain": ("x",), "roll": (tmp_path / "next.xlsx",)}.get(door, ())
    command = by_command(tmp_path, door, path, *extra)
    python = by_python(tmp_path, getattr(xlperf, door), path, *extra)
    assert command.refused
    assert python.refused
    assert [each["code"] for each in command.problems] == ["file-missing"]
    assert command.problems == python.problems
    assert command.files == {}


def test_every_workflow_is_offered_and_named_like_its_command():
    import typer.main

    names = {each.replace("-", "_") for each in typer.main.get_command(app).commands}
    commands = names - {"excel", "schemes", "rules", "import"}
    assert commands <= {*xlperf.__all__}
    for name in xlperf.__all__:
        assert getattr(xlperf, name) is not None
        assert not (Path(xlperf.__file__).parent / name / "__init__.py").exists()
