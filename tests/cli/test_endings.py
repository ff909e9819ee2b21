"""How a command ends: in words, whatever ends it, and with nothing on the terminal that it would obey."""

import json
import shutil
import subprocess
import sys

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from tests.small_book import policy, save
from xlperf.cli import app
from xlperf.cli.common import GuardedCommand, Terminated, chosen_language
from xlperf.cli.wrong_calls import kind_asked
from xlperf.policy.rules import RULES
from xlperf.policy.schemes import offered
from xlperf.schema import SHEETS
from xlperf.workbook.read import book as reading
from xlperf.workbook.read import importing
from xlperf.workflows import error_log

EVIL = "evil\x1b[31m\n\udcff\u202e.xlsx"
SHOWN = "evil\\x1b[31m\\n\\xff\\u202e.xlsx"


def call(*words):
    done = CliRunner().invoke(app, [str(word) for word in words], env={"COLUMNS": "200"})
    assert "Traceback" not in done.output
    return done


@pytest.fixture(autouse=True)
def log(tmp_path_factory, monkeypatch):
    """The log of this test."""
    path = tmp_path_factory.mktemp("log") / "logs" / "xlperf.log"
    monkeypatch.setenv(error_log.LOG, str(path))
    return path


@pytest.fixture
def small(tmp_path):
    save(tmp_path / "book.xlsx", policy("en"))
    return tmp_path / "book.xlsx"


def broken(mistake):
    def read(*_, **__):
        raise mistake

    return read


@pytest.mark.parametrize(
    ("ending", "status", "words"),
    [
        (KeyboardInterrupt(), 130, "Run it again to go on"),
        (Terminated(), 143, "Run it again to go on"),
        (ZeroDivisionError("secret of E1"), 70, "a mistake in xlperf, not in your workbook"),
    ],
)
def test_an_ending_is_told_in_words_and_as_data(small, monkeypatch, log, ending, status, words):
    monkeypatch.setattr(reading, "read_book", broken(ending))
    said = call("check", small, "--lang", "en")
    assert said.exit_code == status
    assert words in said.output
    assert "secret" not in said.output
    assert log.exists() == (status == 70)
    if status == 70:
        assert str(log) in said.output
        assert "ZeroDivisionError" in log.read_text("utf-8")
    data = call("publish", small, "--json", "--lang", "en")
    assert data.exit_code == status
    (problem,) = json.loads(data.output)["problems"]
    assert words in problem["found"] + problem["remedy"]


def test_a_log_that_cannot_be_written_is_somewhere_else(small, monkeypatch, tmp_path):
    monkeypatch.setenv(error_log.LOG, str(small / "xlperf.log"))  # the workbook is no folder
    monkeypatch.setattr(error_log.tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr(reading, "read_book", broken(ZeroDivisionError()))
    assert call("check", small).exit_code == 70
    assert list(tmp_path.glob("xlperf-*.log"))


@pytest.mark.skipif(sys.platform == "win32", reason="signals are another matter there")
def test_a_signal_to_end_is_answered_with_its_status(small):
    code = (
        "import os, signal, sys; import xlperf.workbook.read.book as reading; from xlperf.cli import main\n"
        "reading.read_book = lambda *_: os.kill(os.getpid(), signal.SIGTERM)\n"
        "sys.argv = ['xlperf', 'run', sys.argv[1], '--lang', 'en']; main()"
    )
    done = subprocess.run([sys.executable, "-c", code, str(small)], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (143, "")
    assert "was interrupted" in done.stdout


@pytest.mark.parametrize("words", [("check", EVIL), ("explain", "BOOK", EVIL), ("run", "BOOK", "-o", f"x/{EVIL}"),
                                   ("collect", "BOOK", EVIL), ("whatif", "BOOK", "--set", f"ties={EVIL}"),
                                   ("import", "BOOK", EVIL), ("import", "BOOK", "x", "--map", EVIL)])  # fmt: skip
def test_what_a_terminal_would_obey_is_shown_escaped(sample_path, words):
    book = sample_path("business-evaluation", "en")
    words = [str(book) if each == "BOOK" else each for each in words]
    said = call(*words, "--lang", "en")
    assert said.exit_code in (1, 2)
    assert not {"\x1b", "\udcff", "\u202e"} & {*said.output}
    if words[0] not in ("collect", "whatif"):  # they name other things, or read a value first
        assert SHOWN in said.output
    data = call(*words, "--json", "--lang", "en")
    assert json.loads(data.output)["problems"]
    assert not {"\x1b", "\udcff", "\u202e"} & {*data.output}


@pytest.mark.parametrize("words", [(EVIL,), ("check", "x.xlsx", EVIL), ("check", "x.xlsx", "--lang", EVIL)])
def test_a_wrong_call_is_shown_escaped(words):
    said = call(*words)
    assert said.exit_code == 2
    assert "\x1b" not in said.output


WRONG_CALLS = [
    ("option-value", ["appeals", "x.xlsx", "--points", "abc"], "--points cannot take", "数字"),
    ("option-value", ["explain", "x.xlsx", "E1", "--page=0"], 'cannot take "0"', "整数，至少 1"),
    ("option-value", ["run", "x.xlsx", "--formulas", "nativ"], 'cannot take "nativ"', "values、native、udf 之一"),
    ("option-value", ["publish", "x.xlsx", "--to", "all"], 'cannot take "all"', "employees、departments"),
    ("option-unknown", ["run", "x.xlsx", "--perod", "2026-10"], "no option --perod", "--period"),
    ("option-without-value", ["run", "x.xlsx", "--period"], "has no value", "--period 后面没有写值"),
    ("argument-missing", ["explain", "x.xlsx"], "lacks person", "少了 person"),
    ("argument-extra", ["check", "x.xlsx", "y.xlsx"], '"y.xlsx" too many', "多了“y.xlsx”"),
    ("command-unknown", ["rnu", "x.xlsx"], 'no command "rnu"', "没有命令“rnu”"),
]


@pytest.mark.parametrize(("code", "words", "en", "zh"), WRONG_CALLS)
def test_a_wrong_call_is_told_in_the_language_of_the_user(code, words, en, zh, monkeypatch):
    monkeypatch.setenv("XLPERF_LANG", "zh")
    said = call(*words)
    assert said.exit_code == 2
    assert zh in said.output
    assert "Usage" not in said.output
    monkeypatch.setenv("XLPERF_LANG", "en")
    assert en in call(*words).output
    (problem,) = json.loads(call(*words[:2], "--json", *words[2:]).output)["problems"]
    assert problem["code"] == code


def test_a_wrong_language_of_the_environment_is_told(monkeypatch):
    monkeypatch.setenv("XLPERF_LANG", "fr")
    assert '"fr"' in call("check", "x.xlsx").output


def options_of_one_kind():
    """Every option of every command that takes a number or one of several words."""
    from typer.main import get_command

    for command in get_command(app).commands.values():
        for each in getattr(command, "params", ()):
            if each.param_type_name == "option" and not each.is_flag and kind_asked(command.callback, each.name):
                yield pytest.param(command.name, each.opts[-1], id=f"{command.name} {each.opts[-1]}")


@pytest.mark.parametrize(("command", "option"), [*options_of_one_kind()])
def test_every_option_that_takes_no_text_says_what_it_takes(command, option):
    said = call(command, option, "§")
    assert said.exit_code == 2
    assert f'{option} cannot take "§"' in said.output


@pytest.mark.parametrize(
    ("variables", "lang"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({}, "en"),
    ],
)
def test_before_a_workbook_is_read_the_language_of_the_computer_is_spoken(monkeypatch, tmp_path, variables, lang):
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "XLPERF_LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert chosen_language(None, None) == lang
    said = call("check", tmp_path / "missing.xlsx").output
    assert {"zh": "没有找到文件", "en": "There is no file"}[lang] in said


@pytest.mark.parametrize("out", ["out.txt", "out.xls", "out", "out.xlsm"])
@pytest.mark.parametrize("command", ["run", "evaluate"])
def test_an_ending_that_is_not_the_workbooks_is_refused(sample_path, tmp_path, command, out):
    said = call(command, sample_path("business-evaluation", "en"), "-o", tmp_path / out, "--json")
    assert said.exit_code == 1
    (problem,) = json.loads(said.output)["problems"]
    assert problem["code"] == ("target-other-kind" if out == "out.xlsm" else "target-kind")
    assert list(tmp_path.iterdir()) == []


def test_a_demonstration_that_has_no_place_is_refused(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    said = call("demo", "-o", tmp_path / "file" / "folder", "--lang", "en")
    assert said.exit_code == 1
    assert "cannot be written" in said.output


def test_of_two_imports_at_the_same_time_the_second_is_refused_and_no_row_is_lost(tmp_path, monkeypatch):
    book = tmp_path / "team.xlsx"
    assert call("new", "service-team", book, "--lang", "en", "--period", "2026-10").exit_code == 0
    for name in ("Ann", "Bob"):
        (tmp_path / f"{name}.csv").write_text(f"Employee ID,Name,Department\n{name}01,{name},N\n", "utf-8")
    imported, inner = importing.import_files, []

    def meanwhile(*args, **options):
        if not inner:
            inner.append(None)
            inner[0] = call("import", book, tmp_path / "Bob.csv", "--lang", "en")
        return imported(*args, **options)

    monkeypatch.setattr(importing, "import_files", meanwhile)
    outer = call("import", book, tmp_path / "Ann.csv", "--json", "--lang", "en")
    assert (inner[0].exit_code, outer.exit_code) == (0, 1)
    assert [each["code"] for each in json.loads(outer.output)["problems"]] == ["file-changed-meanwhile"]
    people = [row[0].value for row in load_workbook(book)["Employees"].iter_rows()]
    assert "Bob01" in people
    assert "Ann01" not in people
    again = call("import", book, tmp_path / "Ann.csv")
    assert again.exit_code == 0
    assert {"Ann01", "Bob01"} <= {row[0].value for row in load_workbook(book)["Employees"].iter_rows()}


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_a_run_through_a_link_replaces_the_file_behind_it(sample_path, tmp_path):
    real = shutil.copy(sample_path("business-evaluation", "en"), tmp_path / "real.xlsx")
    link = tmp_path / "link.xlsx"
    link.symlink_to(real)
    before = real.read_bytes()
    assert call("run", link).exit_code == 0
    assert link.is_symlink()
    assert real.read_bytes() != before


@pytest.mark.parametrize(("ending", "status"), [(KeyboardInterrupt(), 130), (Terminated(), 143)])
def test_an_interruption_before_a_command_begins_is_told_too(small, monkeypatch, ending, status):
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    monkeypatch.setattr(GuardedCommand, "parse_args", broken(ending))
    said = call("publish", small)
    assert said.exit_code == status
    assert "publish was interrupted" in said.output
    assert "Run it again to go on" in said.output
    (problem,) = json.loads(call("publish", small, "--json").output)["problems"]
    assert problem["code"] == "interrupted"


@pytest.mark.parametrize(
    "words",
    [("run",), ("check", "a", "b"), ("no-such-command",), ("check", "a", "--no-such-option"), ("excel", "rebind"),
     ("check", "a", "--lang", "fr"), ("new", "service-team"), ("import", "a", "b", "--map", "c"),
     ("run", "no-such-file.xlsx"), ("excel", "functions", "rnk")],
)  # fmt: skip
def test_every_failure_has_one_shape_for_programs(words):
    said = call(*words, "--json")
    assert said.exit_code in (1, 2)
    data = json.loads(said.output)
    assert set(data) == {"problems"}
    for each in data["problems"]:
        assert set(each) == {"level", "code", "sheet", "cells", "found", "expected", "remedy"}


@pytest.mark.parametrize(
    ("variables", "lang"), [({"LANG": "zh_CN.UTF-8"}, "zh"), ({"LANG": "de_DE.UTF-8"}, "en"), ({}, "en")]
)
def test_a_new_workbook_is_in_the_language_of_the_computer(monkeypatch, tmp_path, variables, lang):
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "XLPERF_LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert call("new", "blank", tmp_path / "book.xlsx").exit_code == 0
    assert SHEETS["employees"].title(lang) in load_workbook(tmp_path / "book.xlsx", read_only=True).sheetnames


def test_no_column_of_a_table_is_one_character_wide():
    """Ten Chinese characters and more made a column of one beside long codes."""
    said = CliRunner().invoke(app, ["schemes", "--lang", "zh"], env={"COLUMNS": "50"}).output
    assert "账户管理绩" in said


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_names_that_one_types_are_whole_on_a_narrow_terminal(lang):
    for command, wanted in (("schemes", offered()), ("rules", RULES)):
        for columns in ("80", "30"):
            said = CliRunner().invoke(app, [command, "--lang", lang], env={"COLUMNS": columns}).output
            first = {line.split()[0] for line in said.splitlines() if line.strip() and not line.startswith(" ")}
            assert set(wanted) <= first, (command, columns)
