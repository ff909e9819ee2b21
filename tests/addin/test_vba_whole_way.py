"""The whole way without Excel: a button in VBA, xlwings code in Python, and numbers equal to those of the command."""

import pytest
from openpyxl import load_workbook

from tests.addin.test_xlsm import ribbon_of
from tests.cli.test_cli import call
from tests.vba import Server, started
from xlperf import engine
from xlperf.binding.functions import call as call_function
from xlperf.binding.functions.errors import with_codes
from xlperf.binding.vba_project import modules_of


def results(path):
    ws = load_workbook(path)["Results"]
    return [[cell.value for cell in row] for row in ws.iter_rows()]


@pytest.mark.slow
def test_the_button_run_gives_what_the_command_gives(tmp_path):
    """VBA runs its command in Python; Python finds the open workbook; the sheet is that of ``xlperf run``."""
    pressed, commanded = tmp_path / "pressed.xlsm", tmp_path / "commanded.xlsm"
    call("new", "service-team", pressed, "--lang", "en", "--sample")
    commanded.write_bytes(pressed.read_bytes())

    server = Server()
    app = started(tmp_path, server)
    book = engine.open_book(pressed)
    book.set_mock_caller()
    server.run_command = lambda command: exec(command, {})
    app.run("PerfRun")
    book.save()

    call("run", commanded)
    assert results(pressed) == results(commanded)
    assert len(results(pressed)) > 5
    saved, before = pressed.read_bytes(), commanded.read_bytes()
    assert modules_of(saved) == modules_of(before)
    assert ribbon_of(saved) == ribbon_of(before)


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("PERF_ROUND(2.345, 2)", 2.35),
        ('PERF_PROPORTIONAL(60, 50, 100, "higher", 1)', 100),
        ('PERF_PROPORTIONAL(60, 50, 100, "反向", 1)', 80),
        ('IsError(PERF_ROUND("many", 2))', True),
        ('IsError(PERF_PROPORTIONAL(60, 0, 100, "higher"))', True),
    ],
)
def test_a_function_in_vba_gives_what_the_kernel_gives(tmp_path, formula, value):
    server = Server()
    app = started(tmp_path, server)
    server.answer = lambda name, *cells: with_codes(call_function(name, *cells))
    assert app.evaluate(formula) == value


def test_the_reason_of_an_error_comes_back_in_words(tmp_path):
    server = Server()
    app = started(tmp_path, server)
    server.answer = lambda name, *cells: with_codes(call_function(name, *cells))
    app.evaluate('PERF_ROUND("many", 2)')
    assert "many" in app.evaluate('PERF_LASTERROR("en")')
