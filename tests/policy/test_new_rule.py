"""What a newcomer does: a new rule is one function and one file of worked cases, and nothing else.

The package is copied, the two files are put into the copy, and every surface of the copy must show the rule.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FUNCTION = '''"""Half of the points are left for each step."""

import numpy as np

from xlperf.core.problems import Text
from xlperf.policy.rules import formulas as f
from xlperf.policy.rules.definition import Column, Parameter, rule


def _halved(actual: str, full: str, half_life: str) -> str:
    return f.when_known([actual], f"{full}*POWER(2,-MAX({actual},0)/{half_life})")


@rule(
    name=Text("逐步减半", "Halving"),
    summary=Text("每多一个步长，得分减半。", "Half of the points are left for each step."),
    words=Text("实际 {actual}，满分 {full}；得 {points} 分。", "Actual {actual}: {points} of {full} points."),
    parameters=(
        Parameter("half_life", Text("减半步长", "Halving step"), "number", Text("与指标同单位", "In the indicator's unit")),
    ),
    directions=("lower",),
    target="none",
    native=_halved,
)
def halving(actual: Column, full: Column, half_life: float) -> Column:
    """Half of the points are left for each step.

    Parameters
    ----------
    actual : column, in the unit of the indicator
    full : column, points
    half_life : in the unit of the indicator

    Returns
    -------
    Column of points; NaN where the actual is missing.

    Notes
    -----
    points = full × 2 ^ (−actual ÷ half_life).

    Source
    ------
    The handbook of an invented company, clause 7

    Examples
    --------
    >>> halving([0, 1, 2, None], full=8, half_life=1)
    array([ 8.,  4.,  2., nan])
    """
    return full * np.exp2(-np.maximum(actual, 0) / half_life)
'''
CASES = """# 逐步减半 · Halving

[given]
full = 8
half_life = 1

[[case]]
name = "没有 · none"
actual = 0
points = 8
why = "no step"

[[case]]
name = "一步 · one"
actual = 1
points = 4
why = "half of 8"

[[case]]
name = "两步 · two"
actual = 2
points = 2
why = "half of 4"

[[case]]
name = "步长不同 · a longer step"
actual = 2
half_life = 2
points = 4
why = "2 is one step of 2"

[[case]]
name = "未测量 · not measured"
actual = "blank"
points = "blank"
why = "not measured is not none"
"""
SURFACES = """
import json
from xlperf.binding.functions import call, functions
from xlperf.binding.reference import markdown
from xlperf.binding.vba_wrappers import functions_module
from xlperf.policy.rules import RULES
from xlperf.policy.schemes import load
from xlperf.workbook.write.scheme_workbook import build
from workbooks import build as derived

book = build(load("service-team"), lang="en")
rules = next(ws for ws in book.worksheets if "tblRules" in ws.tables)
print(json.dumps({
    "registry": "halving" in RULES,
    "points": call("PERF_HALVING", [[1], [None]], 8, 1),
    "by name": call("PERF_SCORE", "逐步减半", 1, None, 8, None, "减半步长 = 1"),
    "vba": "Public Function PERF_HALVING(actual, full, half_life)" in functions_module(functions().values()),
    "reference": '=PERF_HALVING({0;1;2;""},8,1)' in markdown(),
    "readme": "| `halving` |" in derived.rules_table(),
    "rules sheet": "halving" in [cell.value for cell in rules["B"]],
    "list to choose from": any("Halving" == cell.value for row in book["Words"].iter_rows() for cell in row),
}))
"""


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of the package and its tests in which the newcomer has written two files."""
    root = tmp_path_factory.mktemp("newcomer")
    for folder in ("xlperf", "tests", "workbooks"):
        ignored = shutil.ignore_patterns("__pycache__", "*.xlsx", "*.xlsm", "schemes" if folder == "tests" else "")
        shutil.copytree(ROOT / folder, root / folder, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", root)
    (root / "xlperf" / "policy" / "rules" / "halving.py").write_text(FUNCTION, "utf-8")
    (root / "tests" / "cases" / "rules" / "halving.toml").write_text(CASES, "utf-8")
    return root


def python(copy, *arguments):
    there = os.environ | {"PYTHONPATH": str(copy)}
    done = subprocess.run([sys.executable, *arguments], cwd=copy, env=there, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_every_surface_shows_the_rule(copy):
    assert json.loads(python(copy, "-W", "ignore", "-c", SURFACES)) == {
        "registry": True,
        "points": [[4.0], [None]],
        "by name": 4.0,
        "vba": True,
        "reference": True,
        "readme": True,
        "rules sheet": True,
        "list to choose from": True,
    }


@pytest.mark.slow
def test_every_test_of_rules_takes_it_in(copy):
    files = ("policy/test_rules.py", "workbook/test_native_rules.py", "addin/test_functions.py")
    chosen = "halving or HALVING or every_worked_case or policy_number or order_of_the_rules_sheet or case_file"
    said = python(copy, "-m", "pytest", "-p", "no:cacheprovider", "-k", chosen, *(f"tests/{each}" for each in files))
    assert "passed" in said
