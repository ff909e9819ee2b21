"""The macro workbook in a real spreadsheet program: cells reach our Python through VBA, and so do the buttons."""

import json
import shutil
import site
import subprocess
from pathlib import Path

import pytest

from tests.vba import package
from xlperf.binding.actions import ACTIONS
from xlperf.binding.vba_project import Module, with_modules

SYSTEM_PYTHON = "/usr/bin/python3"
SCRIPT_PROVIDER = Path("/usr/lib/libreoffice/program/pythonscript.py")
ROOT = Path(__file__).parents[2]

BRIDGE = """
Public Function PerfCall(ByVal functionName As String, ByVal arguments As Variant) As Variant
    PerfCall = PerfWithErrors(Asked("call", Array(functionName, arguments)))
End Function
Public Function PerfTold(ByVal functionName As String, ByVal arguments As Variant) As Variant
    PerfTold = PerfCall(functionName, arguments)
End Function
Public Sub PerfRunMacro(ByVal macroName As String)
    Asked "run", Array(macroName)
End Sub
Public Function PerfPythonFound() As Boolean
    PerfPythonFound = True
End Function
Private Function Asked(ByVal what As String, ByVal given As Variant) As Variant
    Dim provider As Object
    Dim script As Object
    Set provider = CreateUnoService("com.sun.star.script.provider.MasterScriptProviderFactory").createScriptProvider("")
    Set script = provider.getScript("vnd.sun.star.script:perf.py$" & what & "?language=Python&location=user")
    Asked = script.invoke(given, Array(), Array())
End Function
"""
SCRIPT = """
import sys
sys.path[:0] = {paths}

def call(name, arguments):
    from xlperf.binding.functions.errors import with_codes
    from xlperf.binding.functions import call
    given = [cells_of(each) for each in arguments]
    while given and given[-1] is None:
        given.pop()
    return one(with_codes(call(name, *given)))

def cells_of(argument):
    argument = getattr(argument, "Value", argument)  # of a range
    argument = getattr(argument, "Array", argument)  # of several cells
    if isinstance(argument, tuple):
        return [list(row) for row in argument]
    return argument

def one(result):
    while isinstance(result, list):
        result = result[0]
    return result

def run(macro):
    with open({told!r}, "a") as file:
        file.write(macro)
"""
FIGURES = {"A1": 90, "A2": 80, "A3": 70, "B1": 0.5, "B2": 0.3, "B3": 0.2, "C1": "A", "C2": "B", "D1": 85, "D2": 0}
CASES = [
    ("=PERF_ROUND(2.345;2)", "2.35"),
    ("=PERF_ROUND(A1;0)", "90"),
    ('=PERF_PROPORTIONAL(0.9;1;40;"higher")', "36"),
    ("=PERF_GRADE(A1;D1:D2;C1:C2)", "A"),
    ("=PERF_GRADE(A2;D1:D2;C1:C2)", "B"),
    ('=PERF_ROUND("many";0)', "Error 2015"),  # how Calc shows an error value that VBA has made
]


@pytest.fixture(scope="module")
def calc(tmp_path_factory):
    """What Calc shows after calculating the cells and pressing the buttons."""
    soffice = shutil.which("soffice")
    if not soffice or not SCRIPT_PROVIDER.exists() or not shutil.which(SYSTEM_PYTHON):
        pytest.skip("LibreOffice with its Python is not here")
    folder = tmp_path_factory.mktemp("calc")
    told = folder / "told.txt"
    scripts = folder / "profile" / "user" / "Scripts" / "python"
    scripts.mkdir(parents=True)
    paths = [str(ROOT), *site.getsitepackages()]
    (scripts / "perf.py").write_text(SCRIPT.format(paths=paths, told=str(told)), "utf-8")
    book = folder / "book.xlsm"
    book.write_bytes(for_calc(package("en")))
    asked = folder / "asked.json"
    wanted = {
        "figures": FIGURES,
        "formulas": [formula for formula, _ in CASES],
        "buttons": {each.macro: each.procedure for each in ACTIONS},
        "told": str(told),
    }
    asked.write_text(json.dumps(wanted), "utf-8")
    client = Path(__file__).parents[1] / "calc_runs_vba.py"
    done = subprocess.run(
        [SYSTEM_PYTHON, str(client), soffice, str(folder / "profile"), str(book), str(asked)],
        capture_output=True,
        text=True,
        timeout=240,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder)},  # LibreOffice takes its Python from the path
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def for_calc(book):
    """Return the workbook with its bridge replaced, and without what declares libraries of Windows."""
    silent = "Option Explicit\n"
    return with_modules(
        book, [Module("PerfBridge", BRIDGE), Module("xlwings", silent), Module("Dictionary", silent, "class")]
    )


@pytest.mark.slow
def test_a_cell_reaches_our_python_through_the_wrapper_in_vba(calc):
    assert dict(zip([formula for formula, _ in CASES], calc["cells"], strict=True)) == dict(CASES)


@pytest.mark.slow
@pytest.mark.parametrize("action", ACTIONS, ids=lambda each: each.macro)
def test_buttons_on_home_and_on_the_ribbon_reach_their_macro(calc, action):
    assert calc["buttons"][action.macro] == [action.macro, action.macro]
