"""Tells Excel where Python is: a file of settings, on a Mac a script, and the add-in if it is wanted.

Only files are written; Excel need not run, nor be there yet.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from xlperf.addin.environment import Computer
from xlperf.core.problems import Lang, Problem, Text
from xlperf.xlsx.atomic_save import write_atomically
from xlperf.xlsx.errors import CannotSave

ADD_IN = "xlperf.xlam"


@dataclass(frozen=True)
class Step:
    """One file that is written, and what for."""

    what: Text
    path: Path
    data: bytes

    def take(self) -> None:
        """Write the file; whatever stands there is replaced as a whole."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as refusal:
            details = {"cell": self.path.name, "folder": str(self.path.parent)}
            raise CannotSave(Problem("file-not-written", details=details)) from refusal
        write_atomically(self.data, self.path, keep_backup=False)


def plan(computer: Computer, lang: Lang, with_add_in: bool = False) -> tuple[list[Step], list[Problem]]:
    """Return the files to write, and what forbids it.

    Parameters
    ----------
    computer : the computer to install on
    lang : the language of the add-in
    with_add_in : whether functions and ribbon are wanted in workbooks without macros too
    """
    if computer.system == "other":
        return [], [Problem("excel-not-here")]
    settings = settings_of(computer) | {
        computer.interpreter_setting: computer.python,
        "ADD_WORKBOOK_TO_PYTHONPATH": "False",
    }
    try:
        written = settings_text(settings).encode(computer.encoding)
    except UnicodeEncodeError:
        return [], [Problem("interpreter-unwritable", details={"path": computer.python})]
    what = Text("Excel 的设置：Python 在哪里", "settings for Excel: where Python is")
    steps = [Step(what, computer.settings_file, written)]
    if computer.system == "mac":
        script = Text("Excel 调用 Python 的脚本", "the script by which Excel calls Python")
        steps.append(Step(script, computer.script_folder / script_name(), script_text()))
    if with_add_in:
        from xlperf.binding.build import add_in

        what = Text("加载项：在任何工作簿中使用函数和按钮", "the add-in: functions and buttons in every workbook")
        steps.append(Step(what, computer.start_folder / ADD_IN, add_in(lang)))
    return steps, []


def settings_of(computer: Computer) -> dict[str, str]:
    """Return the settings that are there, by name; none where there is no file."""
    if not computer.settings_file.is_file():
        return {}
    text = computer.settings_file.read_text(computer.encoding, errors="replace")
    return {row[0]: row[1] for row in csv.reader(text.splitlines()) if len(row) == 2}


def settings_text(settings: Mapping[str, str]) -> str:
    r"""Write settings as VBA reads them: a name and a value a line, in quotes.

    >>> settings_text({"INTERPRETER_WIN": r"C:\hr\python.exe"})
    '"INTERPRETER_WIN","C:\\hr\\python.exe"\r\n'
    """
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(settings.items())
    return text.getvalue()


def xlwings_version() -> str:
    """Return the version of xlwings that is installed."""
    from importlib.metadata import version

    return version("xlwings")


def script_name() -> str:
    """Return the name of the script on a Mac, which is that of one version."""
    return f"xlwings-{xlwings_version()}.applescript"


def script_text() -> bytes:
    """Return the script as the installed xlwings has it."""
    return (files("xlwings") / script_name()).read_bytes()
