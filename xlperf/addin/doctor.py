"""Examines what Excel needs for calling Python, and says in words what is wrong and how to mend it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from xlperf.addin.environment import EXCEL_PATH, TRUST, TRUST_BY_POLICY, Computer
from xlperf.addin.install import script_name, settings_of, xlwings_version
from xlperf.core.problems import Lang, Problem, Text

INTERNET_ZONES = ("3", "4")
NOTHING_RUNS, ONLY_SIGNED = 4, 3  # values of Excel's macro setting
NOT_CHECKED = Text("在这里无法检查", "cannot be checked here")
FINE = Text("正常", "in order")


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: what it is, what was seen, and the problem with it if there is one."""

    what: Text
    seen: Text
    problem: Problem | None = None
    checked: bool = True


def examine(computer: Computer, file: Path | None = None) -> list[Finding]:
    """Look at everything that Excel needs, and at a macro workbook if one is given."""
    findings = [finding for look in CHECKS for finding in look(computer)]
    if file is not None:
        findings += [finding for look in FILE_CHECKS for finding in look(computer, file)]
    return findings


def as_data(findings: Iterable[Finding], lang: Lang) -> list[dict[str, str]]:
    """Return the findings as plain words: a mark, what was looked at, and what was seen."""
    return [{"mark": _mark(each), "what": each.what(lang), "seen": each.seen(lang)} for each in findings]


def _mark(finding: Finding) -> str:
    if not finding.checked:
        return "–"
    marks = {"error": "✗", "warning": "!", "note": "✓"}
    return marks[finding.problem.level] if finding.problem else "✓"


# The computer ---------------------------------------------------------------------------------------------------------


def _python(computer: Computer) -> Iterator[Finding]:
    seen = f"{computer.version}, {computer.bits} bit, {computer.python}"
    yield Finding(Text("Python", "Python"), Text(seen, seen))


def _xlwings(computer: Computer) -> Iterator[Finding]:
    version = xlwings_version()
    yield Finding(Text("xlwings", "xlwings"), Text(version, version))


def _excel(computer: Computer) -> Iterator[Finding]:
    what = Text("Excel", "Excel")
    if computer.system == "windows":
        path = computer.registry.get((EXCEL_PATH, ""))
        seen = f"{path}, {computer.excel_bits} bit"
        problem = None if path else Problem("excel-not-found")
        yield Finding(what, Text(seen, seen) if path else Text("没有找到", "not found"), problem)
    else:
        yield _unknown(what)


def _library(computer: Computer) -> Iterator[Finding]:
    """The library by which Excel starts Python: one for each kind of Excel, named after one version of xlwings."""
    what = Text("xlwings 动态库", "xlwings library for Excel")
    if computer.system != "windows":
        yield _unknown(what)
        return
    name = f"xlwings{computer.excel_bits}-{xlwings_version()}.dll"
    there = (computer.prefix / name).is_file()
    details = {"name": name, "folder": str(computer.prefix)}
    yield Finding(what, Text(name, name), None if there else Problem("binding-library", details=details))
    bridge = Text("pywin32", "pywin32")
    missing = find_spec("win32com") is None
    yield Finding(bridge, FINE, Problem("binding-pywin32") if missing else None)


def _interpreter(computer: Computer) -> Iterator[Finding]:
    what = Text("Excel 使用的 Python", "the Python that Excel calls")
    if computer.system == "other":
        yield _unknown(what)
        return
    path = settings_of(computer).get(computer.interpreter_setting, "")
    details = {"path": path, "python": computer.python, "file": str(computer.settings_file)}
    if not path:
        problem = Problem("binding-settings", details=details)
    elif not Path(path).is_file():
        problem = Problem("binding-interpreter", details=details)
    elif path.casefold() != computer.python.casefold():
        problem = Problem("binding-other-python", details=details)
    else:
        problem = None
    yield Finding(what, Text(path, path) if path else Text("没有设置", "not set"), problem)


def _trust(computer: Computer) -> Iterator[Finding]:
    what = Text("宏的信任设置", "trust in macros")
    if computer.system != "windows":
        yield _unknown(what)
        return
    level = computer.registry.get((TRUST_BY_POLICY, "VBAWarnings"), computer.registry.get((TRUST, "VBAWarnings")))
    code = {NOTHING_RUNS: "macros-forbidden", ONLY_SIGNED: "macros-signed-only"}.get(level)  # type: ignore[arg-type]
    by_policy = (TRUST_BY_POLICY, "VBAWarnings") in computer.registry
    who = Text("公司的 IT 部门", "the IT department") if by_policy else Text("本机的 Excel", "Excel on this computer")
    yield Finding(what, FINE if code is None else who, Problem(code, details={"who": who}) if code else None)


def _script(computer: Computer) -> Iterator[Finding]:
    what = Text("Mac 上的 RunPython 脚本", "the RunPython script on a Mac")
    if computer.system != "mac":
        yield _unknown(what)
        return
    path = computer.script_folder / script_name()
    problem = None if path.is_file() else Problem("binding-script", details={"path": str(path)})
    yield Finding(what, Text(path.name, path.name), problem)


CHECKS: tuple[Callable[[Computer], Iterator[Finding]], ...] = (
    _python,
    _xlwings,
    _excel,
    _library,
    _interpreter,
    _trust,
    _script,
)


# The workbook ---------------------------------------------------------------------------------------------------------


def _contents(computer: Computer, file: Path) -> Iterator[Finding]:
    """Whether the file is a macro workbook of ours, whole, and made for what is installed here."""
    from xlperf.binding.vba_project import BrokenProject, faults_of, modules_of

    what, seen = Text("宏工作簿", "the macro workbook"), Text(file.name, file.name)
    if problems := refused(file):
        yield Finding(what, seen, problems[0])
        return
    damaged = Problem("vba-damaged", details={"file": file.name})
    try:
        texts, faults = modules_of(file.read_bytes()), faults_of(file.read_bytes())
    except BrokenProject:
        yield Finding(what, seen, damaged)
        return
    yield Finding(what, seen, damaged if faults else None)
    yield from _versions(file, texts.get("xlwings", ""))
    yield from _functions(file, texts.get("PerfFunctions", ""))


def refused(file: Path) -> list[Problem]:
    """Return why a file cannot be taken for a macro workbook of ours; nothing where it is one."""
    from xlperf.binding.build import is_macro_workbook
    from xlperf.binding.vba_project import BrokenProject
    from xlperf.xlsx.reader.safety import DAMAGED, check_package

    problems = [each for each in check_package(file) if each.level == "error"]
    if problems:
        return problems
    try:
        ours = is_macro_workbook(file.read_bytes())
    except BrokenProject:
        return [Problem("vba-damaged", details={"file": file.name})]
    except (*DAMAGED, StopIteration):
        return [Problem("book-damaged", details={"file": file.name})]
    return [] if ours else [Problem("not-macro-workbook", details={"file": file.name})]


def _versions(file: Path, module: str) -> Iterator[Finding]:
    found = re.search(r'XLWINGS_VERSION As String = "([^"]+)"', module)
    inside, installed = found[1] if found else "–", xlwings_version()
    details = {"file": file.name, "inside": inside, "installed": installed}
    problem = None if inside == installed else Problem("binding-version", details=details)
    yield Finding(Text("工作簿中的 xlwings", "xlwings in the workbook"), Text(inside, inside), problem)


def _functions(file: Path, module: str) -> Iterator[Finding]:
    from xlperf.binding.functions import functions
    from xlperf.binding.vba_wrappers import functions_module

    here = functions_module(functions().values())
    declared, wanted = (set(re.findall(r"Public Function [^\r\n]+", text)) for text in (module, here))
    seen = Text(f"{len(declared)} 个", f"{len(declared)}")
    problem = None if declared == wanted else Problem("binding-functions", details={"file": file.name})
    yield Finding(Text("工作簿中的函数", "functions in the workbook"), seen, problem)


def _blocked(computer: Computer, file: Path) -> Iterator[Finding]:
    """Windows notes of a file that it came from the internet; Excel does not run its macros then."""
    what = Text("来源标记", "mark of where it came from")
    try:
        mark = Path(f"{file}:Zone.Identifier").read_text("utf-8", errors="replace")
    except OSError:
        yield Finding(what, Text("没有", "none"), checked=computer.system == "windows")
        return
    zone = re.search(r"ZoneId\s*=\s*(\d)", mark)
    blocked = zone is not None and zone[1] in INTERNET_ZONES
    problem = Problem("file-blocked", details={"file": file.name}) if blocked else None
    yield Finding(what, Text("互联网", "internet") if blocked else FINE, problem)


def _cloud(computer: Computer, file: Path) -> Iterator[Finding]:
    where = str(file.absolute())
    synced = "://" in str(file) or any(_inside(where, folder) for folder in computer.clouds)
    problem = Problem("file-in-cloud", details={"file": file.name}) if synced else None
    yield Finding(Text("所在的文件夹", "its folder"), Text(str(file.parent), str(file.parent)), problem)


def _inside(path: str, folder: str) -> bool:
    one, other = (each.replace("\\", "/").rstrip("/").casefold() for each in (path, folder))
    return one.startswith(f"{other}/")


def _unknown(what: Text) -> Finding:
    return Finding(what, NOT_CHECKED, checked=False)


FILE_CHECKS: tuple[Callable[[Computer, Path], Iterator[Finding]], ...] = (_contents, _blocked, _cloud)
