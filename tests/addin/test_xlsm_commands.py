"""Macro workbooks on the command line: new, run, rebind, doctor and install, with and without an Excel to be found."""

import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from typer.testing import CliRunner

import xlperf.addin.environment
from tests.addin.test_xlsm import buttons_of, parts_of, ribbon_of
from tests.vba import package
from xlperf.addin.doctor import examine
from xlperf.addin.environment import CLICK_TO_RUN, EXCEL_PATH, TRUST, TRUST_BY_POLICY, Computer
from xlperf.addin.install import plan, script_name, settings_of, xlwings_version
from xlperf.binding.build import add_in
from xlperf.binding.vba_project import Module, modules_of, with_modules
from xlperf.binding.xlwings_conf import TITLE
from xlperf.cli import app
from xlperf.core.problems import LANGUAGES
from xlperf.workbook.read.book import read_book

PYTHON_FILE = "python.exe"


def told(*arguments):
    done = CliRunner().invoke(app, [str(each) for each in arguments])
    return done.exit_code, done.output


@pytest.fixture
def windows(tmp_path):
    """A computer with Windows, Excel, and everything in its place."""
    prefix = tmp_path / "venv"
    prefix.mkdir()
    python = prefix / PYTHON_FILE
    python.touch()
    for bits in (32, 64):
        (prefix / f"xlwings{bits}-{xlwings_version()}.dll").touch()
    registry = {(EXCEL_PATH, ""): "C:\\Office\\EXCEL.EXE", (CLICK_TO_RUN, "Platform"): "x64", (TRUST, "VBAWarnings"): 2}
    environment = {"APPDATA": str(tmp_path / "Roaming"), "OneDrive": str(tmp_path / "OneDrive")}
    return Computer("windows", tmp_path, str(python), prefix, "3.11.9", 64, environment, registry)


@pytest.fixture
def mac(tmp_path):
    python = tmp_path / "python3"
    python.touch()
    return Computer("mac", tmp_path, str(python), tmp_path, "3.12.1", 64)


@pytest.fixture(autouse=True)
def win32com_is_there(monkeypatch):
    monkeypatch.setattr("xlperf.addin.doctor.find_spec", lambda name: object())


def installed(computer, **options):
    steps, problems = plan(computer, "zh", **options)
    assert not problems
    for step in steps:
        step.take()
    return [step.path for step in steps]


def codes(computer, file=None):
    return {each.problem.code for each in examine(computer, file) if each.problem}


# New and run ----------------------------------------------------------------------------------------------------------


def test_a_run_keeps_vba_ribbon_and_buttons(tmp_path):
    book = tmp_path / "book.xlsm"
    assert told("new", "service-team", book, "--lang", "en", "--sample")[0] == 0
    before = book.read_bytes()
    assert told("run", book)[0] == 0
    after = book.read_bytes()
    assert len(parts_of(after)) > len(parts_of(before))
    kept = [name for name in parts_of(before) if "customUI" in name or name.startswith("xl/drawings/drawing")]
    for name in ["xl/vbaProject.bin", *kept]:
        assert parts_of(after)[name] == parts_of(before)[name], name
    assert buttons_of(after) == buttons_of(before)
    assert ribbon_of(after) == ribbon_of(before)


@pytest.mark.parametrize("name", ["book.xls", "book", "book.xlsb"])
def test_other_kinds_of_file_are_refused(tmp_path, name):
    status, words = told("new", "service-team", tmp_path / name, "--lang", "en")
    assert status == 1
    assert ".xlsm" in words
    assert not list(tmp_path.iterdir())


# Rebind ---------------------------------------------------------------------------------------------------------------


def of_another_version(book):
    text = modules_of(book)["xlwings"].replace(xlwings_version(), "0.30.1")
    return with_modules(book, [Module("xlwings", text)])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_rebind_renews_a_workbook_in_its_own_language_and_keeps_a_backup(tmp_path, windows, lang):
    book = tmp_path / "book.xlsm"
    book.write_bytes(of_another_version(package(lang)))
    assert "binding-version" in codes(windows, book)
    assert told("excel", "rebind", book)[0] == 0
    assert "binding-version" not in codes(windows, book)
    assert "0.30.1" not in modules_of(book.read_bytes())["xlwings"]
    assert ribbon_of(book.read_bytes()) == ribbon_of(package(lang))
    assert (tmp_path / "book.backup.xlsm").exists()


def test_rebind_gives_a_workbook_without_macros_an_equal_one_with_macros(tmp_path, windows):
    plain, made = tmp_path / "plain.xlsx", tmp_path / "plain.xlsm"
    assert told("new", "service-team", plain, "--lang", "zh", "--sample")[0] == 0
    before = plain.read_bytes()
    assert told("excel", "rebind", plain)[0] == 0
    assert plain.read_bytes() == before
    assert read_book(made).fingerprint == read_book(plain).fingerprint
    assert buttons_of(made.read_bytes()) == buttons_of(package("zh"))
    assert ribbon_of(made.read_bytes()) == ribbon_of(package("zh"))
    installed(windows)
    assert codes(windows, made) == set()
    assert told("excel", "rebind", plain)[0] == 1  # there is one already


def test_rebind_heals_a_workbook_whose_hidden_sheet_was_removed(tmp_path):
    book = tmp_path / "book.xlsm"
    healthy = load_workbook(io.BytesIO(package("en")), keep_vba=True)
    del healthy[TITLE]
    healthy.save(book)
    assert told("excel", "rebind", book, "--lang", "en")[0] == 0
    assert TITLE in load_workbook(book).sheetnames
    assert modules_of(book.read_bytes()) == modules_of(package("en"))


def test_rebind_refuses_what_is_no_macro_workbook_and_leaves_it_alone(tmp_path):
    foreign = tmp_path / "foreign.xlsm"
    Workbook().save(foreign)
    csv = tmp_path / "table.xlsx"
    csv.write_text("a,b")
    before = foreign.read_bytes()
    expected = {foreign: "not-macro-workbook", csv: "book-not-excel", tmp_path / "none.xlsm": "file-missing"}
    for path, code in expected.items():
        status, words = told("excel", "rebind", path, "--json")
        assert status == 1
        assert [each["code"] for each in json.loads(words)["problems"]] == [code]
    assert foreign.read_bytes() == before


@pytest.mark.parametrize("at", [0.001, 0.02, 0.3, 0.6, 0.9])
def test_a_damaged_project_is_told_in_words(tmp_path, windows, at):
    """Bytes that are overwritten make a project that is refused or one that is whole; nothing else can come out."""
    parts = parts_of(package("en"))
    vba = bytearray(parts["xl/vbaProject.bin"])
    start = int(len(vba) * at)
    vba[start : start + 600] = bytes(range(256)) * 3
    book = tmp_path / "book.xlsm"
    with zipfile.ZipFile(book, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, bytes(vba) if name == "xl/vbaProject.bin" else data)
    assert codes(windows, book) <= {"vba-damaged", "binding-version", "binding-functions", "binding-settings"}
    status, words = told("excel", "rebind", book)
    assert status == 0 or "VBA" in words


# Install --------------------------------------------------------------------------------------------------------------


def test_installing_tells_excel_on_windows_where_python_is(windows):
    assert "binding-settings" in codes(windows)
    assert installed(windows) == [windows.home / ".xlperf" / "xlperf.conf"]
    assert settings_of(windows) == {"INTERPRETER_WIN": windows.python, "ADD_WORKBOOK_TO_PYTHONPATH": "False"}
    assert codes(windows) == set()


def test_installing_again_keeps_what_the_user_has_set(windows):
    windows.settings_file.parent.mkdir()
    windows.settings_file.write_text('"SHOW CONSOLE","True"\r\n"INTERPRETER_WIN","C:\\old\\python.exe"\r\n')
    assert "binding-interpreter" in codes(windows)
    installed(windows)
    assert settings_of(windows)["SHOW CONSOLE"] == "True"
    assert settings_of(windows)["INTERPRETER_WIN"] == windows.python


def test_on_a_mac_the_script_comes_too(mac):
    assert {"binding-script", "binding-settings"} <= codes(mac)
    paths = installed(mac)
    assert [each.name for each in paths] == ["xlperf.conf", script_name()]
    assert b"VbaHandler" in paths[1].read_bytes()
    assert codes(mac) == set()


@pytest.mark.parametrize("kind", ["windows", "mac"])
def test_the_add_in_is_put_where_excel_starts_it(kind, request):
    computer = request.getfixturevalue(kind)
    path = installed(computer, with_add_in=True)[-1]
    assert path == computer.start_folder / "xlperf.xlam"
    assert path.read_bytes() == add_in("zh")


def test_a_path_that_excel_cannot_read_is_refused(windows, monkeypatch):
    monkeypatch.setattr("locale.getencoding", lambda: "ascii")
    steps, problems = plan(replace(windows, python="C:\\人事\\python.exe"), "zh")
    assert (steps, [each.code for each in problems]) == ([], ["interpreter-unwritable"])


def test_where_there_is_no_excel_nothing_is_installed(tmp_path):
    other = Computer("other", tmp_path, "/usr/bin/python3", tmp_path, "3.11.2", 64)
    steps, problems = plan(other, "zh", with_add_in=True)
    assert (steps, [each.code for each in problems]) == ([], ["excel-not-here"])


def test_a_dry_run_writes_nothing(windows, monkeypatch):
    monkeypatch.setattr(xlperf.addin.environment, "this_computer", lambda: windows)
    status, words = told("excel", "install", "--dry-run", "--addin", "--json")
    assert status == 0
    assert [Path(each["path"]).name for each in json.loads(words)] == ["xlperf.conf", "xlperf.xlam"]
    assert not windows.settings_file.exists()
    assert told("excel", "install")[0] == 0
    assert windows.settings_file.exists()


# Doctor ---------------------------------------------------------------------------------------------------------------


def test_every_fault_of_the_computer_is_found(windows):
    installed(windows)
    (windows.prefix / f"xlwings64-{xlwings_version()}.dll").unlink()
    assert codes(windows) == {"binding-library"}
    on_32_bit = replace(windows, registry=windows.registry | {(CLICK_TO_RUN, "Platform"): "x86"})
    assert codes(on_32_bit) == set()
    without_excel = {key: value for key, value in on_32_bit.registry.items() if key[0] != EXCEL_PATH}
    assert codes(replace(on_32_bit, registry=without_excel)) == {"excel-not-found"}
    other = windows.prefix / "other.exe"
    other.touch()
    assert codes(replace(on_32_bit, python=str(other))) == {"binding-other-python"}


def test_a_missing_pywin32_is_found(windows, monkeypatch):
    installed(windows)
    monkeypatch.setattr("xlperf.addin.doctor.find_spec", lambda name: None)
    assert codes(windows) == {"binding-pywin32"}


@pytest.mark.parametrize(("level", "code"), [(1, None), (2, None), (3, "macros-signed-only"), (4, "macros-forbidden")])
@pytest.mark.parametrize("key", [TRUST, TRUST_BY_POLICY])
def test_the_trust_in_macros_is_looked_up(windows, key, level, code):
    installed(windows)
    strict = replace(windows, registry=windows.registry | {(key, "VBAWarnings"): level})
    assert codes(strict) == ({code} if code else set())
    if code and key == TRUST_BY_POLICY:
        words = next(each.problem.found("en") for each in examine(strict) if each.problem)
        assert "IT department" in words


def test_a_workbook_in_order_is_in_order(tmp_path, windows):
    installed(windows)
    book = tmp_path / "book.xlsm"
    book.write_bytes(package("en"))
    assert codes(windows, book) == set()


def test_a_mark_of_the_internet_and_a_cloud_folder_are_found(tmp_path, windows):
    installed(windows)
    cloud = tmp_path / "OneDrive"
    cloud.mkdir()
    book = cloud / "book.xlsm"
    book.write_bytes(package("en"))
    assert codes(windows, book) == {"file-in-cloud"}
    Path(f"{book}:Zone.Identifier").write_text("[ZoneTransfer]\r\nZoneId=3\r\n")
    assert codes(windows, book) == {"file-in-cloud", "file-blocked"}
    Path(f"{book}:Zone.Identifier").write_text("[ZoneTransfer]\r\nZoneId=1\r\n")
    assert codes(windows, book) == {"file-in-cloud"}


def test_functions_of_another_xlperf_are_found(tmp_path, windows):
    installed(windows)
    book = tmp_path / "book.xlsm"
    text = modules_of(package("en"))["PerfFunctions"].replace("PERF_ROUND(value, digits)", "PERF_ROUND(value)")
    book.write_bytes(with_modules(package("en"), [Module("PerfFunctions", text)]))
    assert codes(windows, book) == {"binding-functions"}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_doctor_speaks_and_its_status_tells(tmp_path, windows, monkeypatch, lang):
    monkeypatch.setattr(xlperf.addin.environment, "this_computer", lambda: windows)
    installed(windows)
    book = tmp_path / "book.xlsm"
    book.write_bytes(package(lang))
    status, words = told("excel", "doctor", book, "--lang", lang, "--json")
    assert (status, json.loads(words)["problems"]) == (0, [])
    book.write_bytes(of_another_version(package(lang)))
    status, words = told("excel", "doctor", book, "--lang", lang)
    assert status == 1
    assert "xlperf excel rebind book.xlsm" in words


def test_the_doctor_says_what_it_cannot_see(tmp_path):
    other = Computer("other", tmp_path, "/usr/bin/python3", tmp_path, "3.11.2", 64)
    findings = examine(other)
    assert {each.what.en for each in findings if not each.checked} == {
        "Excel",
        "xlwings library for Excel",
        "the Python that Excel calls",
        "trust in macros",
        "the RunPython script on a Mac",
    }
    assert not codes(other)
