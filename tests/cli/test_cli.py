"""The command line: what people type, what they read, and the exit status that programs rely on."""

import json
import re
import shlex
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import Workbook, load_workbook
from typer.testing import CliRunner

from tests.small_book import policy, save, unlike
from xlperf.cli import app, compare
from xlperf.cli.common import progress, show_lists
from xlperf.cli.examples import EXAMPLES as EXAMPLES_OF_COMMANDS
from xlperf.policy.rules import RULES
from xlperf.policy.schemes import load, offered
from xlperf.workflows import create_book

LANGUAGES = ("zh", "en")
EXAMPLES = Path(__file__).parents[2] / "workbooks"
MANAGERS = "client-administrator"  # fifteen people with clients and tasks


def call(*words, status=0):
    """Run a command and return what it printed; the exit status must be the one expected."""
    done = CliRunner().invoke(app, [str(word) for word in words], env={"COLUMNS": "200"})
    assert done.exit_code == status, done.output
    return done.output


def team(path, people, score=4):
    """Write a workbook of the small scheme: people by ID with their names, the first with two tasks, all rated alike."""
    staff = [["Employee ID", "Name", "Status"], *([who, name, "active"] for who, name in people.items())]
    tasks = [["Task ID", "Owner", "Due", "Done", "Status"]]
    tasks += [[f"T{i}", who, "2026-10-10", "2026-10-09", "done"] for i, who in enumerate([min(people), *people])]
    ratings = [["Period", "Appraisee", "Indicator code", "Rater", "Relation", "Score"]]
    ratings += [["2026-10", who, "skill", "B", "manager", score] for who in people]
    return save(path, {**policy("en"), "Employees": staff, "Tasks": tasks, "Ratings": ratings})


@pytest.fixture
def book(tmp_path):
    return team(tmp_path / "book.xlsx", {"00101": "Ann", "00102": "Bob", "00103": "Cid"})


def test_demo_shows_results_and_says_what_to_look_at_next(tmp_path, monkeypatch):
    monkeypatch.setattr(create_book, "FLAGSHIP", "data-entry")
    said = call("demo", "-o", tmp_path, "--lang", "zh")
    assert re.search(r"^\s*1\s+\w+.*\d\d\.\d\d", said, flags=re.M)
    assert f"xlperf explain {tmp_path / 'data-entry-zh.xlsx'}" in said.replace("\n", "")
    call("run", tmp_path / "data-entry-zh.xlsx", "--verify")


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
def test_demo_prints_a_table_and_leaves_the_workbook_that_ships(tmp_path, lang):
    said = call("demo", "-o", tmp_path, "--lang", lang)
    assert {"zh": "一线员工", "en": "front-line staff"}[lang] in said
    assert re.search(r"^\s*1\s+01973.*\d\d\.\d\d", said, flags=re.M)
    assert unlike(tmp_path / f"securities-crm-{lang}.xlsx", EXAMPLES / f"securities-crm-{lang}.xlsx") == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_schemes_and_rules_come_from_the_registries(lang):
    assert [row["scheme"] for row in json.loads(call("schemes", "--json", "--lang", lang))] == list(offered())
    assert [row["rule"] for row in json.loads(call("rules", "--json", "--lang", lang))] == list(RULES)
    for name, rule in RULES.items():
        assert rule.name(lang) in call("rules", name, "--lang", lang)
    assert "proportional" in call("rules", "proportinal", "--lang", lang, status=1)


def test_a_new_workbook_runs(tmp_path):
    path = tmp_path / "book.xlsx"
    call("new", "service-team", path, "--lang", "zh", "--sample")
    problems = json.loads(call("check", path, "--json"))["problems"]
    assert [each for each in problems if each["level"] == "error"] == []
    run = json.loads(call("run", path, "--json"))
    assert len(run["results"]) > 5


def test_a_workbook_is_never_overwritten_by_new(book):
    before = book.read_bytes()
    assert "already" in call("new", "service-team", book, "--lang", "en", status=1)
    assert book.read_bytes() == before


def test_a_new_workbook_needs_a_scheme_a_period_and_a_name_that_can_be_read(tmp_path):
    out = tmp_path / "x.xlsx"
    assert "service-team" in call("new", "servce-team", out, "--lang", "en", status=1)
    assert "2026-13" in call("new", "service-team", out, "--lang", "en", "--period", "2026-13", status=1)
    assert ".xlsx" in call("new", "service-team", tmp_path / "x.xls", "--lang", "en", status=1)
    assert not out.exists()


def test_a_wrong_call_has_status_two(book):
    call("run", status=2)
    call("rum", book, status=2)
    call("new", "service-team", "x.xlsx", "--lang", "fr", status=2)
    call("import", book, book, "--map", "nonsense", status=2)


def test_the_same_input_gives_the_same_bytes_and_its_results_are_not_stale(book, tmp_path):
    once, twice = tmp_path / "once.xlsx", tmp_path / "twice.xlsx"
    call("run", book, "-o", once)
    call("run", book, "-o", twice)
    assert once.read_bytes() == twice.read_bytes()
    call("run", once, "--verify")


def test_a_run_keeps_the_previous_file_as_a_backup(book):
    before = book.read_bytes()
    call("run", book)
    assert book.read_bytes() != before
    assert book.with_name("book.backup.xlsx").read_bytes() == before


def test_a_run_that_changes_nothing_writes_nothing(book):
    call("run", book)
    after, backup = book.read_bytes(), book.with_name("book.backup.xlsx").read_bytes()
    assert "Nothing has changed since the last run" in call("run", book)
    assert (book.read_bytes(), book.with_name("book.backup.xlsx").read_bytes()) == (after, backup)
    assert json.loads(call("run", book, "--json"))["written"] is False


def edited(path, sheet, heading, row, value):
    """Type a value into a cell, found by its sheet, its heading and its row below the headings."""
    book = load_workbook(path)
    for line in book[sheet].iter_rows():
        for cell in line:
            if str(cell.value).rstrip(" *") == heading:
                target = book[sheet].cell(cell.row + row, cell.column)
                target.value = value
                book.save(path)
                return target.coordinate
    raise AssertionError(f"{heading} is not on {sheet}")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_run_with_errors_writes_nothing_and_names_the_cell(book, lang):
    address = edited(book, "Tasks", "Due", 3, "soon")
    before = book.read_bytes()
    said = call("run", book, "--lang", lang, status=1)
    assert f"Tasks!{address}" in said
    assert "soon" in said
    assert {"zh": "什么都没有写入。", "en": "Nothing was written."}[lang] in said
    assert book.read_bytes() == before
    assert not book.with_name("book.backup.xlsx").exists()


def test_quotas_that_miss_20_per_cent_block_the_run_until_the_rest_is_assigned(tmp_path):
    book = tmp_path / "team.xlsx"
    call("new", "service-team", book, "--lang", "en", "--sample")
    home = load_workbook(book)["Home"]
    row = next(cell.row for line in home.iter_rows() for cell in line if cell.value == "The rest goes to")
    column = next(cell.column for line in home.iter_rows() for cell in line if str(cell.value).startswith("Value"))
    changed = load_workbook(book)
    changed["Home"].cell(row, column).value = None
    changed.save(book)
    assert "20% is missing" in call("run", book, status=1)
    changed["Home"].cell(row, column).value = "C"
    changed.save(book)
    assert "missing" not in call("run", book)


def test_an_open_placeholder_blocks_the_run_and_is_listed(book):
    address = edited(book, "Indicators", "Target", 1, "[X]")
    said = call("check", book, status=1)
    assert f"Indicators!{address}" in said
    assert "[X]" in said


@pytest.mark.parametrize("command", ["check", "run"])
@pytest.mark.parametrize("kind", ["missing", "not a workbook", "foreign"])
def test_of_a_file_that_cannot_be_read_nothing_else_is_said(tmp_path, kind, command):
    """What it lacks is not known, and is nobody's mistake."""
    path = tmp_path / "book.xlsx"
    if kind == "not a workbook":
        path.write_text("hello", "utf-8")
    elif kind == "foreign":
        Workbook().save(path)
    (problem,) = json.loads(call(command, path, "--json", status=1))["problems"]
    codes = {"missing": "file-missing", "not a workbook": "book-not-excel", "foreign": "not-xlperf"}
    assert problem["code"] == codes[kind]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("scheme", "person", "indicator"),
    [
        pytest.param("securities-crm", "01973", "task_on_time_rate", marks=pytest.mark.slow),
        (MANAGERS, "00103", "feedback_handling"),
    ],
)
def test_explain_goes_from_the_grade_to_the_rows(sample_path, scheme, person, indicator, lang):
    book = sample_path(scheme, "en")
    said = call("explain", book, person, indicator, "--lang", lang)
    assert {"zh": "等级  A 优秀", "en": "Grade  A Excellent"}[lang] in said
    assert re.search(r"[✓✗] Tasks!A\d+", said)
    story = json.loads(call("explain", book, person, "--json", "--lang", lang))
    total = float(re.match(r"[\d.]+", story["total"])[0])
    assert sum(float(each["contribution"]) for each in story["indicators"]) == pytest.approx(total, abs=0.006)


def test_explain_names_who_is_similar(book):
    assert "00103" in call("explain", book, "103", "--lang", "en", status=1)


def test_a_file_that_is_no_workbook_is_told_in_words(tmp_path):
    path = tmp_path / "notes.xlsx"
    path.write_text("not a workbook", "utf-8")
    for command in ("check", "run"):
        said = call(command, path, "--lang", "en", status=1)
        assert "Traceback" not in said
        assert "notes.xlsx" in said
    assert "missing.xlsx" in call("run", tmp_path / "missing.xlsx", "--lang", "en", status=1)


def test_import_fills_a_book_from_csv(tmp_path):
    book, roster = tmp_path / "team.xlsx", tmp_path / "roster.csv"
    call("new", "service-team", book, "--lang", "en", "--period", "2026-10")
    roster.write_text("员工编号,姓名,部门\n00123,张三,客服部\n00124,李四,客服部\n", "gb18030")
    assert "00123" not in call("import", book, roster)
    sheet = load_workbook(book)["Employees"]
    values = [cell.value for row in sheet.iter_rows() for cell in row]
    assert "00123" in values
    assert "张三" in values


def test_who_has_no_name_is_shown_by_the_id(tmp_path, capsys):
    books = [team(tmp_path / f"{score}.xlsx", {"E1": None, "E2": "Bob"}, score) for score in (5, 3)]
    moved = call("diff", *books, "--lang", "en")
    assert re.search(r"^E1 +\d", moved, flags=re.M)
    assert call("explain", books[0], "E1", "--lang", "en").startswith("E1 · October 2026")
    lists = {"outcome": "Award", "employee_id": ["E1", "E2"], "name": [None, "Bob"]}
    show_lists(pd.DataFrame(lists), "en")
    assert "Award: E1, Bob (E2)" in capsys.readouterr().out


@pytest.mark.parametrize(("after", "said"), [(2, "the line of the grade moved"), (3, "others moved")])
def test_what_moved_somebody_whose_total_is_the_same(after, said):
    assert compare._why({"place_before": 2, "place_after": after}).en == said


def every_command():
    import typer

    root = typer.main.get_command(app)
    groups = {"": root, "excel ": root.commands["excel"]}
    return {f"{prefix}{name}": command for prefix, group in groups.items() for name, command in group.commands.items()
            if not hasattr(command, "commands")}  # fmt: skip


@pytest.mark.parametrize("name", sorted(every_command()))
def test_the_help_of_a_command_has_an_example_that_it_can_read(name):
    command = every_command()[name]
    words = shlex.split(EXAMPLES_OF_COMMANDS[name.split()[-1]])
    assert words[: len(name.split()) + 1] == ["xlperf", *name.split()]
    command.make_context(name, words[len(name.split()) + 1 :])
    flat = " ".join(call(*name.split(), "--help").split())
    assert EXAMPLES_OF_COMMANDS[name.split()[-1]] in flat


def test_what_is_done_is_said_from_the_first_moment(monkeypatch):
    shown = []
    monkeypatch.setattr("rich.progress.Progress.add_task", lambda self, text, **more: shown.append(text))
    with progress("en", 2):
        assert shown == ["getting ready"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_scheme_says_whom_it_is_for_and_what_it_scores(lang):
    scheme = load("service-team")
    said = call("schemes", "service-team", "--lang", lang)
    assert scheme.positions[0].name(lang) in said
    assert all(each.name(lang) in said for each in (*scheme.dimensions, *scheme.indicators))
    told = json.loads(call("schemes", "service-team", "--json"))
    assert [each["weight"] for each in told["indicators"]] == [f"{each.weight:.10g}" for each in scheme.indicators]
    assert "service-team" in call("schemes", "service-taem", "--lang", lang, status=1)
