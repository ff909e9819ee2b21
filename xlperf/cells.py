"""What stands in the cells of a column becomes typed values, and what cannot be understood becomes problems.

The same conversion serves workbooks, CSV files and the schemes that ship as text. Nothing is guessed: a value that is
not clear is a problem with its address, and the cell counts as empty.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from xlperf.layout import Column, Sheet
from xlperf.numbers import clean_key, clean_text, key_lost_digits, parse_dates, parse_numbers
from xlperf.problems import Problem, Text
from xlperf.spelling import similar
from xlperf.tables import DTYPES, Table, address
from xlperf.vocabulary import Vocabulary

PLACEHOLDER = re.compile(r"\s*[\[［【<＜].*[\]］】>＞]\s*[%％]?\s*\Z|\s*(待定|TBD|tbd|x{2,}|X{1,})\s*[%％]?\s*\Z")
LEADING_ZERO = re.compile(r"\s*0\d")  # an identifier: a number does not begin with 0 and another digit
SEPARATORS = re.compile(r"[,，、;；/]")
EXCEL_ERRORS = frozenset(
    [
        "#NULL!",
        "#DIV/0!",
        "#VALUE!",
        "#REF!",
        "#NAME?",
        "#NUM!",
        "#N/A",
        "#GETTING_DATA",
        "#SPILL!",
        "#CALC!",
        "#FIELD!",
        "#BLOCKED!",
        "#CONNECT!",
        "#UNKNOWN!",
        "#BUSY!",
        "#EXTERNAL!",
        "#PYTHON!",
    ]
)
KIND_EXAMPLES: dict[str, Text] = {
    "number": Text("一个数字，例如 3 或 2.5", "a number, for example 3 or 2.5"),
    "fraction": Text("一个百分比，例如 20%", "a percentage, for example 20%"),
    "money": Text("一个金额，例如 1200.50", "an amount, for example 1200.50"),
    "date": Text("一个日期，例如 2026-10-31", "a date, for example 2026-10-31"),
}


@dataclass
class _Cells:
    """One column being read: where its values stand, and the problems found so far."""

    column: Column
    values: Sequence[Any]
    title: str
    letter: str
    rows: np.ndarray
    problems: list[Problem]

    def report(self, code: str, positions: Sequence[int], **details: Any) -> None:
        """Report each distinct text once, with all its cells."""
        by_text: dict[str, list[int]] = {}
        for position in positions:
            by_text.setdefault(clean_text(self.values[position]), []).append(position)
        for text, where in by_text.items():
            cells = address(self.letter, self.rows[where])
            self.problems.append(Problem(code, self.title, cells, {"cell": text, "column": self.column.name} | details))

    def note(self, code: str, positions: Sequence[int]) -> None:
        """Report many cells as one note, quoting the first."""
        if positions:
            self.problems.append(
                Problem(code, self.title, address(self.letter, self.rows[list(positions)]),
                        {"cell": clean_text(self.values[positions[0]]), "column": self.column.name})
            )  # fmt: skip


def read_table(
    sheet: Sheet,
    raw: Mapping[str, Sequence[Any]],
    rows: Sequence[int] | np.ndarray,
    letters: Mapping[str, str],
    title: str,
    own: Sequence[Column] = (),
) -> tuple[Table, list[Problem]]:
    """Type the raw cells of a sheet, column by column.

    ``raw`` holds the cells by column code (and by heading for HR's ``own`` columns); columns that are not there come
    out empty.
    """
    rows = np.asarray(rows, dtype=np.int64)
    problems: list[Problem] = []
    typed: dict[str, pd.Series] = {}
    not_applicable: dict[str, np.ndarray] = {}
    for column in (*sheet.columns, *own):
        values = raw.get(column.code, [None] * len(rows))
        cells = _Cells(column, _without_marks(values), title, letters.get(column.code, "A"), rows, problems)
        _report_errors(cells, values)
        typed[column.code], marked = _READERS.get(column.kind, _texts)(cells)
        if marked is not None and marked.any():
            not_applicable[column.code] = marked
        if column.required and column.code in raw:
            blank = np.flatnonzero(typed[column.code].isna().to_numpy() & _is_blank(values))
            cells.note("cell-required", blank.tolist())
    frame = pd.DataFrame(typed, index=pd.RangeIndex(len(rows)))
    return Table(sheet, frame, title, rows, dict(letters), not_applicable), problems


def own_column(heading: str, values: Sequence[Any]) -> Column:
    """Describe a column that HR added: numbers or dates where every cell is one, text otherwise.

    >>> own_column("Size", [1, "2.5", None]).kind, own_column("Code", ["00123", "17"]).kind
    ('number', 'text')
    """
    cells = [value for value in _without_marks(values) if not _blank(value)]
    name = Text(heading, heading)
    coded = any(isinstance(cell, str) and LEADING_ZERO.match(cell) for cell in cells)
    if cells and not coded and (parse_numbers(cells).kind == "number").all():
        return Column(heading, name, "number")
    if cells and not any(isinstance(cell, (int, float)) for cell in cells) and not parse_dates(cells).bad:
        return Column(heading, name, "date")
    return Column(heading, name, "text")


def _blank(value: Any) -> bool:
    return value is None or value == "" or (isinstance(value, float) and value != value)


def _is_blank(values: Sequence[Any]) -> np.ndarray:
    return np.array([_blank(value) or clean_text(value) == "" for value in values], dtype=bool)


def _without_marks(values: Sequence[Any]) -> list[Any]:
    """Blank out error values and open placeholders, which are reported apart."""
    return [None if _is_error(value) or _is_placeholder(value) else value for value in values]


def _is_error(value: Any) -> bool:
    return isinstance(value, str) and value in EXCEL_ERRORS


def _is_placeholder(value: Any) -> bool:
    return isinstance(value, str) and PLACEHOLDER.match(value) is not None


def _report_errors(cells: _Cells, values: Sequence[Any]) -> None:
    marked = _Cells(cells.column, values, cells.title, cells.letter, cells.rows, cells.problems)
    marked.report("cell-error-value", [i for i, value in enumerate(values) if _is_error(value)])
    marked.report("placeholder", [i for i, value in enumerate(values) if _is_placeholder(value)])


_Read = tuple[pd.Series, np.ndarray | None]


def _numbers(cells: _Cells) -> _Read:
    parsed = parse_numbers(cells.values)
    wrong = np.flatnonzero(parsed.kind == "text").tolist()
    cells.report("not-" + cells.column.kind, wrong, example=KIND_EXAMPLES[cells.column.kind])
    cells.note("number-converted", np.flatnonzero(parsed.converted & (parsed.kind != "text")).tolist())
    if cells.column.kind == "fraction":
        percent, plain = parsed.kind == "percent", parsed.kind == "number"
        if percent.any() and (plain & (np.abs(parsed.value) > 1)).any():
            cells.note("fraction-mixed", np.flatnonzero(plain & (np.abs(parsed.value) > 1)).tolist())
    return pd.Series(parsed.value, dtype="float64"), parsed.kind == "not_applicable"


def _dates(cells: _Cells) -> _Read:
    parsed = parse_dates(cells.values)
    if parsed.order == "ambiguous":
        cells.note("date-ambiguous", parsed.bad)
    elif parsed.order == "mixed":
        cells.note("date-mixed", parsed.bad)
    else:
        cells.report("not-date", parsed.bad, example=KIND_EXAMPLES["date"])
        if parsed.order in ("mdy", "dmy"):
            texts = [i for i, value in enumerate(cells.values) if isinstance(value, str)]
            cells.note("date-month-first" if parsed.order == "mdy" else "date-day-first", texts)
    return pd.Series(parsed.dates, dtype=DTYPES["date"]), None


def _keys(cells: _Cells) -> _Read:
    lost = [i for i, value in enumerate(cells.values) if not isinstance(value, str) and key_lost_digits(value)]
    cells.report("key-lost-digits", lost)
    return _text_series([clean_key(value) for value in cells.values]), None


def _texts(cells: _Cells) -> _Read:
    return _text_series(["" if _blank(value) else clean_text(value) for value in cells.values]), None


def _periods(cells: _Cells) -> _Read:
    months = [f"{value:%Y-%m}" if hasattr(value, "strftime") else clean_key(value) for value in cells.values]
    return _text_series(months), None


def _choices(cells: _Cells) -> _Read:
    return _text_series(_by_distinct(cells, lambda text, find: find(text))), None


def _several_choices(cells: _Cells) -> _Read:
    def read(text: str, find: Callable[[str], str | None]) -> str | None:
        found = [find(part.strip()) for part in SEPARATORS.split(text) if part.strip()]
        return None if None in found else ", ".join(filter(None, found))

    return _text_series(_by_distinct(cells, read)), None


def _by_distinct(cells: _Cells, read: Callable[[str, Callable[[str], str | None]], str | None]) -> list[str]:
    """Look up each distinct text of a column in its vocabulary once."""
    vocabulary: Vocabulary = cells.column.vocabulary
    texts = ["" if _blank(value) else clean_key(value) for value in cells.values]
    codes = {text: read(text, vocabulary.find) if text else "" for text in set(texts)}
    allowed = list(vocabulary.values())
    for text in sorted(text for text, code in codes.items() if code is None):
        words = {word for each in allowed for word in each}
        cells.report(
            "not-a-choice",
            [i for i, each in enumerate(texts) if each == text],
            allowed=allowed,
            near=similar(text, words, 1),
        )
    return [codes[text] or "" for text in texts]


def _anything(cells: _Cells) -> _Read:
    return pd.Series([None if _blank(value) else value for value in cells.values], dtype="object"), None


def _text_series(texts: Sequence[str]) -> pd.Series:
    return pd.Series([text or None for text in texts], dtype="str")


_READERS: dict[str, Callable[[_Cells], _Read]] = {
    "key": _keys,
    "number": _numbers,
    "fraction": _numbers,
    "money": _numbers,
    "date": _dates,
    "choice": _choices,
    "choices": _several_choices,
    "period": _periods,
    "any": _anything,
}
