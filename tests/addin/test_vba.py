"""The VBA in a macro workbook, run without Excel: functions reach Python, errors are errors, buttons run their macros."""

import pytest

from tests.vba import Control, Server, started
from xlperf.binding import xlwings_conf as conf
from xlperf.binding.actions import ACTIONS
from xlperf.binding.functions import functions
from xlperf.core.problems import LANGUAGES

PYTHON = {"INTERPRETER_WIN": "C:\\Python\\python.exe"}
ERRORS = {"#NULL!": 2000, "#DIV/0!": 2007, "#VALUE!": 2015, "#REF!": 2023, "#NAME?": 2029, "#NUM!": 2036, "#N/A": 2042}


@pytest.fixture(scope="module")
def excel(tmp_path_factory):
    """A workbook with VBA on a computer with Python; the server tells what it was asked."""
    server = Server()
    app = started(tmp_path_factory.mktemp("excel"), server)
    return app, server


def code_of(value):
    return int(str(value).removeprefix("Error "))


# Functions ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", functions())
def test_a_function_hands_its_arguments_to_python(excel, name):
    app, server = excel
    names = [each.name for each in functions()[name].arguments]
    required = functions()[name].required
    for count in (required, len(names)):
        server.answer = lambda *_: 42
        quoted = ", ".join(f'"{each}"' for each in names[:count])
        assert app.evaluate(f"{name}({quoted})") == 42
        assert server.calls[-1] == ("xlperf.addin.udfs", name, names[:count])


def test_an_argument_that_is_left_out_stays_out(excel):
    app, server = excel
    app.evaluate('PERF_RANK("scores", , "better")')
    _, name, (scores, groups, ties) = server.calls[-1]
    assert (name, scores, ties) == ("PERF_RANK", "scores", "better")
    assert repr(groups) == "Missing"


@pytest.mark.parametrize(("word", "number"), ERRORS.items())
def test_an_error_word_is_a_real_error(excel, word, number):
    app, server = excel
    server.answer = lambda *_: word
    assert code_of(app.evaluate("PERF_ROUND(1, 2)")) == number
    assert app.evaluate("IsError(PERF_ROUND(1, 2))") is True


@pytest.mark.parametrize("value", ["A", "", "#N/A and more", 0, 1.5, True])
def test_any_other_value_stays_as_it_is(excel, value):
    app, server = excel
    server.answer = lambda *_: value
    assert app.evaluate("PERF_ROUND(1, 2)") == value


def test_errors_in_tables_and_rows_are_real_ones(excel):
    app, _ = excel
    table = """
Public Function Table() As Variant
    Dim cells(1 To 2, 1 To 2) As Variant
    cells(1, 1) = 1
    cells(1, 2) = "#N/A"
    cells(2, 1) = "text"
    cells(2, 2) = "#DIV/0!"
    Table = PerfWithErrors(cells)
End Function
"""
    app.add_module(table, name="Tables")
    assert [app.evaluate(f"Table()({i}, {j})") for i, j in ((1, 1), (2, 1))] == [1, "text"]
    assert [code_of(app.evaluate(f"Table()({i}, 2)")) for i in (1, 2)] == [2042, 2007]
    row = app.evaluate('PerfWithErrors(Array("#N/A", "B", 3))')
    assert (code_of(row[0]), row[1:]) == (2042, ["B", 3])


def test_a_call_that_does_not_arrive_is_an_error_with_its_reason(tmp_path):
    server = Server()
    app = started(tmp_path, server)
    server.answer = lambda *_: (_ for _ in ()).throw(error("the server does not answer"))
    assert code_of(app.evaluate("PERF_ROUND(1, 2)")) == 2015
    assert app.evaluate("PERF_LASTERROR()") == "PERF_ROUND: the server does not answer"

    server.answer = lambda name, *_: "the reason that Python knows" if name == "PERF_LASTERROR" else "#N/A"
    assert code_of(app.evaluate("PERF_ROUND(1, 2)")) == 2042
    assert app.evaluate("PERF_LASTERROR()") == "the reason that Python knows"


def error(words):
    from pyopenvba.interpreter import VBARuntimeError

    return VBARuntimeError(1000, words)


def test_on_a_mac_functions_are_not_available(tmp_path):
    server = Server()
    app = started(tmp_path, server, mac=True)
    assert code_of(app.evaluate("PERF_ROUND(1, 2)")) == 2042
    assert not server.calls


# Buttons --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", ACTIONS, ids=lambda each: each.macro)
def test_a_button_runs_its_macro(excel, action):
    app, server = excel
    app.run(action.procedure)
    assert server.commands[-1] == f"import xlperf.addin.macros as macros; macros.{action.macro}()"
    app.run("PerfRibbon", Control(action.macro))
    assert server.commands[-2] == server.commands[-1]


def test_the_ribbon_works_on_the_workbook_in_front(tmp_path):
    """Excel asks either of two open macro workbooks, since both have the callback."""
    server = Server()
    app = started(tmp_path, server)
    app.add_module(f'Sub Other()\nWorkbooks.Add\nEnd Sub\nSub WithMacros()\nActiveSheet.Name = "{conf.TITLE}"\nEnd Sub')
    for steps, commands, asked in (((), 1, 0), (("Other",), 2, 0), (("WithMacros",), 2, 1)):
        for step in steps:
            app.run(step)
        app.run("PerfRibbon", Control("check"))
        assert (len(server.commands), len(server.asked)) == (commands, asked)
    ((macro, argument),) = server.asked
    assert (macro.endswith("'!PerfRunMacro"), "book.xlsm" in macro, argument) == (True, False, "check")


def test_every_macro_of_a_button_is_there():
    from xlperf.addin import macros

    assert [each.macro for each in ACTIONS if not callable(getattr(macros, each.macro, None))] == []


# Opening --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_wizard_learns_every_text_in_the_language_of_the_workbook(tmp_path, lang):
    server = Server()
    started(tmp_path, server, lang).run("PerfOpen")
    assert list(server.described) == [f"'book.xlsm'!{name}" for name in functions()]
    for name, function in functions().items():
        text, category, arguments = server.described[f"'book.xlsm'!{name}"]
        assert text == function.text(lang)
        assert category.startswith("xlperf ")
        assert arguments == [each.text(lang) for each in function.arguments]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_without_python_the_numbers_stay_and_one_message_says_so(tmp_path, lang):
    server = Server(PYTHON, files=())
    app = started(tmp_path, server, lang)
    app.run("PerfOpen")
    assert server.frozen == [each.name for each in app.sheets()]
    assert server.said == [conf.VBA_SENTENCES["no-python"](lang)]
    assert code_of(app.evaluate("PERF_ROUND(1, 2)")) == 2042
    assert app.evaluate("PERF_LASTERROR()") == server.said[0]
    app.run("PerfRun")
    assert (len(server.said), server.calls, server.commands) == (2, [], [])


def test_python_is_looked_for_once(tmp_path):
    server = Server()
    app = started(tmp_path, server)
    app.run("PerfOpen")
    before = server.lookups
    app.evaluate("PERF_ROUND(1, 2)")
    app.run("PerfCheck")
    assert (server.lookups, server.said) == (before, [])


@pytest.mark.parametrize(
    ("settings", "files", "found"),
    [
        (PYTHON, ["C:\\Python\\python.exe"], True),
        (PYTHON, ["D:\\Python\\python.exe"], False),
        ({"INTERPRETER": "D:\\Python\\python.exe"}, ["D:\\Python\\python.exe"], True),
        ({}, ["C:\\Tools\\python.exe"], True),
        ({}, [], False),
        ({"CONDA PATH": "C:\\Conda", "CONDA ENV": "hr"}, [], True),
    ],
)
def test_python_is_found_where_the_settings_say(tmp_path, settings, files, found):
    assert started(tmp_path, Server(settings, files)).run("PerfPythonFound") is found


def test_the_add_in_works_on_the_active_workbook_and_freezes_nobodys_sheets(tmp_path):
    server = Server(PYTHON, files=())
    server.add_in = True
    app = started(tmp_path, server)
    app.run("PerfOpen")
    assert (server.frozen, len(server.said)) == ([], 1)
    assert app.evaluate("PerfBook().Name") == "book.xlsm"


def test_without_the_hidden_sheet_the_workbook_opens_all_the_same(tmp_path):
    server = Server(PYTHON, files=())
    app = started(tmp_path, server, hidden_sheet=False)
    app.run("PerfOpen")
    assert server.described == {}
    assert server.said == ["no-python"]
