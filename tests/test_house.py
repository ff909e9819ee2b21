"""The plan of the house: who may import whom, and what stays out."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "xlperf"

FLOORS = {
    "core": {"core"},
    "schema": {"schema"},
    "policy": {"policy", "samples"},
    "scoring": {"scoring"},
    "analysis": {"analysis"},
    "files": {"xlsx"},
    "reporting": {"reporting"},
    "workbook": {"workbook", "xlwings_engine"},
    "doors": {"excel", "addin", "cli", "__main__"},
}
HEIGHT = {room: height for height, rooms in enumerate(FLOORS.values()) for room in rooms}
ONLY_IN = {
    "openpyxl": {"xlsx", "workbook", "xlwings_engine", "addin", "schema"},  # schema: the letters of columns
    "xlwings": {"xlwings_engine", "addin"},
    "typer": {"cli"},
    "rich": {"cli"},
    "lark": {"policy"},
    "lxml": {"xlsx", "workbook", "addin", "xlwings_engine"},
    "pyopenvba": {"addin"},
    "rapidfuzz": {"core"},
    "duckdb": {"workbook"},
    "psycopg": {"workbook"},
    "tomli_w": {"policy"},
    "nltk": {"analysis"},
    "formualizer": {"addin"},
    "msoffcrypto": {"xlsx"},
    "distributed": {"xlsx"},
}


def modules():
    return sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path, at_import_only: bool = False):
    """Yield the modules that a file imports; outside functions and TYPE_CHECKING only, if asked so."""
    tree = ast.parse(path.read_text("utf-8"))
    nodes = ast.walk(tree) if not at_import_only else iter(tree.body)
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            if node.module == "xlperf":
                yield from (f"xlperf.{alias.name}" for alias in node.names)
            else:
                yield node.module


TOP = {".ci", ".gitignore", "CHANGELOG.md", "LICENSE", "README.md", "benchmarks", "docs", "pyproject.toml", "templates", "tests",
       "workbooks", "xlperf"}  # fmt: skip


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


def test_every_room_has_its_floor():
    assert {room_of(path) for path in modules()} == set(HEIGHT)


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_dependencies_point_downward(path):
    room = room_of(path)
    for name in imported(path):
        parts = name.split(".")
        if parts[0] != "xlperf" or len(parts) == 1 or parts[1] in (room, "__version__"):
            continue
        other = parts[1]
        assert HEIGHT[other] <= HEIGHT[room], f"{room} looks up to {other}"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_library_stays_in_its_room(path):
    for name in imported(path):
        library = name.split(".")[0]
        assert room_of(path) in ONLY_IN.get(library, {room_of(path)}), f"{library} is used in {path.name}"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_the_non_free_part_of_xlwings_is_not_used(path):
    for name in imported(path):
        assert not name.startswith(("xlwings.pro", "xlwings.server", "xlwings.reports"))


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


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_the_clock_and_chance_are_not_consulted(path):
    """The same input gives the same result: no step asks for the time, and chance has a seed."""
    text = path.read_text("utf-8")
    for word in ("datetime.now", "date.today", "time.time(", "random.random(", "np.random.rand", "uuid4"):
        assert word not in text, f"{word} in {path.name}"
