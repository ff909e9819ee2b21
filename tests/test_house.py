"""The plan of the house: who may import whom, and what stays out."""

import ast
import shutil
import subprocess
import sys
from collections import Counter
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "xlperf"

# The layers from the ground up: who stands lower is never imported by chance from above, and imports nothing above it.
# A name stands for a module or for a package with all that has no line of its own; rooms on one line do not import each
# other.
LAYERS = (
    "core",
    "schema",
    "policy.rules  policy.conditions",
    "policy.scheme",
    "policy.schemes  policy.validation",
    "policy",
    "samples",
    "scoring",
    "scoring.pipeline",
    "analysis",
    "xlsx.errors  xlsx.formula  xlsx.template.context",  # beside the others: xlsx knows no word of appraisal
    "xlsx.reader",
    "xlsx.package",
    "xlsx.template",
    "xlsx",
    "xlwings_engine",
    "reporting.reports",
    "reporting",
    "reporting.forms",
    "workbook.area  workbook.fingerprint",
    "workbook.read.headers  workbook.read.rating_labels",
    "workbook.read.sheet_table",
    "workbook.sources",
    "workbook.read",
    "workbook.formulas",
    "workbook.write",
    "workbook",
    "binding.functions",
    "binding",
    "workflows.result",
    "workflows.store  workflows.error_log",
    "workflows",
    "addin",
    "cli",
    "excel  __main__",
)
HEIGHT = {room: height for height, rooms in enumerate(LAYERS) for room in rooms.split()}
BESIDE = {"xlsx": {"core"}, "xlwings_engine": {"core", "xlsx"}}  # they could be distributions of their own
ONLY_IN = {
    "openpyxl": {"xlsx", "workbook", "xlwings_engine", "binding", "addin", "schema"},  # schema: the letters of columns
    "xlwings": {"xlwings_engine", "addin"},
    "typer": {"cli"},
    "rich": {"cli"},
    "lark": {"policy"},
    "lxml": {"xlsx", "workbook", "binding", "addin", "xlwings_engine"},
    "pyopenvba": {"binding"},
    "rapidfuzz": {"core"},
    "duckdb": {"workbook"},
    "psycopg": {"workbook"},
    "formualizer": {"addin"},
    "msoffcrypto": {"xlsx"},
    "distributed": {"xlsx"},
}


def modules() -> dict[str, Path]:
    """Every module below the package by its dotted name; a package is named like its folder."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def room_of(module: str) -> str:
    """The room of a module: the longest name in the table that it begins with."""
    parts = module.split(".")
    return next((name for end in range(len(parts), 0, -1) if (name := ".".join(parts[:end])) in HEIGHT), "")


def imported(path: Path):
    """Yield the modules that a file imports, inside functions and for types too."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def arrows() -> dict[str, set[str]]:
    """What each module of the package imports of the package."""
    there = modules()
    found: dict[str, set[str]] = {module: set() for module in there}
    for module, path in there.items():
        for name in imported(path):
            first, _, rest = name.partition(".")
            if first == "xlperf":
                target = rest if rest in there else rest.rpartition(".")[0]
                found[module] |= {target} - {module}
    return found


TOP = {".ci", ".editorconfig", ".git-blame-ignore-revs", ".gitignore", ".pre-commit-config.yaml", "CHANGELOG.md", "CONTRIBUTING.md",
       "LICENSE", "README.md", "README.zh-CN.md", "benchmarks", "docs", "pyproject.toml", "templates", "tests", "workbooks", "xlperf"}  # fmt: skip


def test_nothing_but_the_project_is_in_the_checkout():
    """No folder that a trial has made, and no key of HR."""
    if not ((ROOT / ".git").exists() and shutil.which("git")):
        pytest.skip("not a checkout")
    listed = subprocess.run(["git", "-c", "safe.directory=*", "ls-files", "-z"], cwd=ROOT, capture_output=True)
    if listed.returncode:
        pytest.skip(f"git does not list the checkout: {listed.stderr.decode()}")
    paths = [path for path in listed.stdout.decode().split("\0") if path]
    assert {path.split("/")[0] for path in paths} == TOP
    assert not [path for path in paths if path.endswith(".xlperf-key")]


def test_every_module_has_a_room():
    assert [module for module in modules() if module and not room_of(module)] == []
    assert {room_of(module) for module in modules() if module} == set(HEIGHT)


def test_no_import_points_upward():
    wrong = []
    for module, targets in arrows().items():
        for target in targets if module else ():
            room, other = room_of(module), room_of(target)
            allowed = BESIDE.get(module.split(".")[0])
            if not target or HEIGHT[other] > HEIGHT[room] or (HEIGHT[other] == HEIGHT[room] and other != room):
                wrong.append(f"{module} looks up to {target or 'the package itself'}")
            elif allowed is not None and target.split(".")[0] not in {*allowed, module.split(".")[0]}:
                wrong.append(f"{module} knows {target}")
    assert wrong == []


def test_no_circle_of_imports():
    """Neither between rooms nor inside one, imports within functions included."""
    ring = []
    try:
        TopologicalSorter(arrows()).prepare()
    except CycleError as circle:
        ring = circle.args[1]
    assert ring == []


def test_the_steps_do_not_import_each_other():
    """The pipeline puts them together; what they share lies beside them. Nor does a stage know the one before."""
    steps = {"clients", "tasks", "cross_sheet", "roster", "assignments", "data_quality", "units", "raters", "facts", "points", "totals",
             "rollup", "grades", "distribution", "outcomes", "pay"}  # fmt: skip
    stages = {"gather", "measure", "score", "rank", "finish"}
    found = arrows()
    wrong = [
        f"{module} -> {target}"
        for known in ({f"scoring.{step}" for step in steps}, {f"scoring.pipeline.{stage}" for stage in stages})
        for module in sorted(known)
        for target in found[module] & known
    ]
    assert wrong == []


def test_a_library_stays_in_its_room():
    wrong = [
        f"{library} in {module}"
        for module, path in modules().items()
        for library in {name.split(".")[0] for name in imported(path)}
        if module.split(".")[0] not in ONLY_IN.get(library, {module.split(".")[0]})
    ]
    assert wrong == []


def test_the_non_free_part_of_xlwings_is_not_used():
    free = ("xlwings.pro", "xlwings.server", "xlwings.reports")
    assert [module for module, path in modules().items() if any(name.startswith(free) for name in imported(path))] == []


def test_no_key_of_the_non_free_part_is_asked_for_and_none_is_there():
    """Neither code nor VBA nor a test names its modules, loads its engines or carries a licence key."""
    import xlwings

    assert xlwings.__pro__ is False
    files = [path for folder in ("xlperf", "tests", "benchmarks") for path in (ROOT / folder).rglob("*")]
    words = ("import xlwings." + "pro", "xlwings.pro " + "import", "LICENSE" + "_KEY", "license" + " update")
    texts = [path.read_text("utf-8") for path in files if path.suffix in (".py", ".bas", ".cls", ".xml", ".toml")]
    assert not [word for word in words if any(word in text for text in texts)]


@pytest.mark.parametrize("module", ["xlperf", "xlperf.cli"])
def test_the_doors_open_at_once(module):
    """Neither the package nor the command line loads a data frame or a workbook before it is asked to."""
    heavy = "{'pandas', 'numpy', 'openpyxl', 'narwhals', 'lark', 'rich.table'}"
    code = f"import sys, {module}; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_clock_and_chance_are_not_consulted():
    """The same input gives the same result: no step asks for the time, and chance has a seed."""
    words = ("datetime.now", "date.today", "time.time(", "random.random(", "np.random.rand", "uuid4")
    texts = {module: path.read_text("utf-8") for module, path in modules().items()}
    assert [(module, word) for module, text in texts.items() for word in words if word in text] == []


def test_no_file_name_stands_three_times():
    names = Counter(path.name for path in modules().values() if path.name != "__init__.py")
    assert [name for name, times in names.items() if times > 2] == []
