"""xlwings' own machinery takes the functions: its decorators, its wrapper generator and its converters, on any system.

Off Windows xlwings leaves out what it needs pywin32 for; four empty modules in their places bring it back. That is done
in a process of its own.
"""

import json
import re
import subprocess
import sys

import pytest

from xlperf.binding.functions import functions
from xlperf.binding.vba_wrappers import functions_module

IN_XLWINGS = """
import io, json, sys, types

class Anything(types.ModuleType):
    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (), {})

for name in ("pythoncom", "pywintypes", "win32com", "win32com.client"):
    sys.modules[name] = Anything(name)
import xlwings as xw
import xlwings.udfs as udfs
xw.func, xw.arg, xw.ret, xw.sub = udfs.xlfunc, udfs.xlarg, udfs.xlret, udfs.xlsub
import xlperf.addin.udfs as ours
from xlwings import conversion

class Excel:  # as xlwings cleans values there: an empty cell is None in Python, None is an empty text in Excel
    name, type = "excel", "desktop"
    apps = ()

    @staticmethod
    def clean_value_data(data, datetime_builder, empty_as, number_builder, err_to_str):
        return [[empty_as if cell in ("", None) else cell for cell in row] for row in data]

    @staticmethod
    def prepare_xl_data_element(cell, options):
        return "" if cell is None else cell

xw.engines.add(xw.Engine(impl=Excel()))
written = io.StringIO()
book = types.SimpleNamespace(Name="book.xlsm")
udfs.generate_vba_wrapper("xlperf.addin.udfs", ours, written, book)

def called(name, *cells):
    function = getattr(ours, name)
    options = [each["options"] for each in function.__xlfunc__["args"]]
    read = [conversion.read(None, cell, each) for cell, each in zip(cells, options)]
    return conversion.write(function(*read), None, function.__xlfunc__["ret"]["options"])

results = [
    called("PERF_PROPORTIONAL", 45.0, 50.0, 100.0, "higher", 1.2),
    called("PERF_RANK", ((80.0,), (95.0,), (None,))),
    called("PERF_GRADE", 95.0, ((90.0,), (60.0,)), (("A",), ("B",))),
    called("PERF_ROUND", "many", 2.0),
    called("PERF_RATING_SCALE", ((3.0,), (6.0,)), 100.0, "higher", 1.0, 5.0),
]
print(json.dumps({"vba": written.getvalue(), "results": results, "pro": xw.__pro__}))
"""


@pytest.fixture(scope="module")
def in_xlwings():
    done = subprocess.run([sys.executable, "-c", IN_XLWINGS], capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def declared(vba, pattern):
    """The names of the arguments of every function in a VBA text, the optional ones in brackets."""
    found = {}
    for name, arguments in re.findall(pattern, vba):
        parts = [part.strip() for part in arguments.split(",") if part.strip()]
        found[name] = [
            f"[{part.removeprefix('Optional ')}]" if part.startswith("Optional ") else part for part in parts
        ]
    return found


def test_xlwings_finds_every_function_with_the_same_arguments(in_xlwings):
    """Its generator and ours declare the same functions."""
    theirs = declared(in_xlwings["vba"], r"Function (PERF_\w+)\((.*?)\)\n")
    ours = declared(functions_module(functions().values()), r"Function (PERF_\w+)\((.*?)\) As Variant")
    registered = {
        each.name: [f"[{argument.name}]" if argument.optional else argument.name for argument in each.arguments]
        for each in functions().values()
    }
    assert theirs == ours == registered


def test_values_pass_through_its_converters(in_xlwings):
    """Single cells arrive as tables where a range is wanted, blanks leave as blanks, errors as their codes."""
    assert in_xlwings["results"] == [[[90]], [[2], [1], [""]], [["A"]], [["#VALUE!"]], [[50], ["#N/A"]]]


def test_nothing_of_its_non_free_part_is_active(in_xlwings):
    assert in_xlwings["pro"] is False
