"""Reads the eight questions as somebody has answered them: on the sheet, or in a file for scripts."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from openpyxl.utils import get_column_letter

from xlperf.core.problems import LANGUAGES, Lang, Problem, Text, has_errors
from xlperf.core.spelling import similar
from xlperf.core.vocabulary import fold
from xlperf.policy.questionnaire import BY_CODE, QUESTIONS
from xlperf.workbook.read.foreign_files import read_source
from xlperf.xlsx.reader.workbook import Grid

ANSWER = Text("回答", "Answer")


@dataclass(frozen=True)
class Answered:
    """Answers as they were typed, by the code of the question, where each stands, and the language of the questions."""

    said: Mapping[str, str]
    places: Mapping[str, tuple[str, str]]
    lang: Lang | None = None


def read_answered(path: Path) -> tuple[Answered | None, list[Problem]]:
    """Read a sheet of questions that was filled in, or a TOML file with a line for each.

    Returns
    -------
    Answered, or None and why the file cannot be read.

    Examples
    --------
    >>> read_answered(Path("no such file.toml"))[1][0].code
    'file-missing'
    """
    return _of_toml(path) if path.suffix.lower() == ".toml" else _of_sheet(path)


def _of_toml(path: Path) -> tuple[Answered | None, list[Problem]]:
    try:
        raw = tomllib.loads(path.read_text("utf-8-sig"))
    except FileNotFoundError:
        return None, [Problem("file-missing", details={"file": path.name})]
    except OSError:
        return None, [Problem("file-locked", details={"file": path.name})]
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        return None, [Problem("begin-answers-unreadable", path.name, details={"why": str(wrong)})]
    unknown = [key for key in raw if key not in BY_CODE]
    problems = [
        Problem("begin-key-unknown", path.name, key, {"cell": key, "names": [*BY_CODE], "near": similar(key, BY_CODE)})
        for key in unknown
    ]
    said = {key: _text(value) for key, value in raw.items() if key in BY_CODE}
    return Answered(said, {code: (path.name, code) for code in BY_CODE}), problems


def _of_sheet(path: Path) -> tuple[Answered | None, list[Problem]]:
    grids, problems = read_source(path)
    if has_errors(problems):
        return None, problems
    for grid in grids:
        title = grid.title.partition("]")[2] or grid.title
        for lang in LANGUAGES:
            found = _questions_on(grid, lang)
            if found is not None:
                answers, rows = found
                said = {code: _text(value) for code, (value, _) in answers.items()}
                return Answered(said, {code: (title, cell) for code, cell in rows.items()}, lang), problems
    return None, [*problems, Problem("begin-sheet-lost", details={"file": path.name})]


def _questions_on(grid: Grid, lang: Lang) -> tuple[dict[str, tuple[Any, str]], dict[str, str]] | None:
    """Find the questions on a sheet by their words, and the answers below the heading of that name."""
    codes = {fold(each.asks(lang)): each.code for each in QUESTIONS}
    rows: dict[str, dict[int, Any]] = {}
    column, numbers = 0, {}
    for position in range(len(grid)):
        cells = grid.row(position)
        column = column or next((number for number, cell in cells.items() if fold(str(cell)) == fold(ANSWER(lang))), 0)
        code = next((codes[fold(str(cell))] for cell in cells.values() if fold(str(cell)) in codes), None)
        if code is not None:
            rows[code], numbers[code] = cells, grid.rows[position]
    if not column or rows.keys() != BY_CODE.keys():
        return None
    places = {code: f"{get_column_letter(column)}{row}" for code, row in numbers.items()}
    return {code: (cells.get(column), places[code]) for code, cells in rows.items()}, places


def _text(value: Any) -> str:
    """Return an answer as it was typed, also where Excel or TOML has made a number or a date of it."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m}"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, list):
        return "\n".join(map(str, value))
    return "" if value is None else str(value)
