"""What stands in the cells of a column becomes typed values, and what cannot be understood becomes problems.

The same conversion serves workbooks, CSV files and the schemes that ship as text. Nothing is guessed: a value that is
not clear is a problem with its address, and the cell counts as empty.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from xlperf.core.column_store import DECIMAL, MOMENT, WHOLE, Cells, Distinct
from xlperf.core.numbers import clean_key, clean_text, key_lost_digits, made_of, parse_dates, parse_numbers
from xlperf.core.problems import Problem, Text
from xlperf.core.spelling import similar
from xlperf.core.vocabulary import Vocabulary
from xlperf.schema import Column, Kind, Sheet
from xlperf.schema.columns import SENTENCES
from xlperf.schema.tables import DTYPES, Table, address

PLACEHOLDER = re.compile(r"\s*[\[［【<＜].*[\]］】>＞]\s*[%％]?\s*\Z|\s*(待定|TBD|tbd|x{2,}|X{1,})\s*[%％]?\s*\Z")
LAST_OF_PLACEHOLDER = frozenset("]］】>＞定DdxX%％").union(filter(str.isspace, map(chr, range(0x3001))))
_ends_open = re.compile(rf"\n(?<=[{re.escape(''.join(sorted(LAST_OF_PLACEHOLDER)))}]\n)").search
LEADING_ZERO = re.compile(r"\s*0\d")  # an identifier: a number does not begin with 0 and another digit
GRAPHIC = bytes(range(0x21, 0x7F))
CLEAN = re.compile("[!-~一-鿿]+(?: [!-~一-鿿]+)*")  # texts that are clean as they are
NOT_A_DATE = np.datetime64("NaT")
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
    """One column being read: its cells without error values and placeholders, where they stand, and the problems."""

    column: Column
    values: Cells
    title: str
    letter: str
    rows: np.ndarray
    problems: list[Problem]
    unread: set[int] = field(default_factory=set)  # positions of cells with an error

    def report(self, code: str, positions: Sequence[int] | np.ndarray, **details: Any) -> None:
        """Report each distinct text once, with all its cells."""
        by_text: dict[str, list[int]] = {}
        for position in np.asarray(positions, np.int64).tolist():
            by_text.setdefault(clean_text(self.values[position]), []).append(position)
        for text, where in by_text.items():
            cells = address(self.letter, self.rows[where])
            self._add(Problem(code, self.title, cells, {"cell": text, "column": self.column.name} | details), where)

    def note(self, code: str, positions: Sequence[int] | np.ndarray) -> None:
        """Report many cells as one note, quoting the first."""
        if len(positions):
            details = {"cell": clean_text(self.values[int(positions[0])]), "column": self.column.name}
            self._add(
                Problem(code, self.title, address(self.letter, self.rows[np.asarray(positions)]), details), positions
            )

    def _add(self, problem: Problem, positions: Sequence[int] | np.ndarray) -> None:
        self.problems.append(problem)
        if problem.level == "error":
            self.unread.update(np.asarray(positions, np.int64).tolist())


def read_table(
    sheet: Sheet,
    raw: Mapping[str, Sequence[Any]],
    rows: Sequence[int] | np.ndarray,
    letters: Mapping[str, str],
    title: str,
    own: Sequence[Column] = (),
) -> tuple[Table, list[Problem]]:
    """Type the raw cells of a sheet, column by column.

    Parameters
    ----------
    raw : the cells of n rows by column code (and by heading for HR's own columns), as :class:`Cells` or as plain values;
        columns that are not there come out empty
    rows, letters, title : where the cells stand: n row numbers, column letters by code, and the title of the sheet
    own : columns that HR added

    Returns
    -------
    The table, and a problem for every cell that does not hold what its column asks for, whose value is left empty.

    Notes
    -----
    Each distinct value of a column is read once. What has an English name only is called by it in Chinese too.
    """
    rows = np.asarray(rows, dtype=np.int64)
    raw = _with_names(sheet, raw)
    problems: list[Problem] = []
    typed: dict[str, pd.Series] = {}
    not_applicable: dict[str, np.ndarray] = {}
    unread: dict[str, frozenset[int]] = {}
    for column in (*sheet.columns, *own):
        if column.code not in raw:
            typed[column.code] = blank_column(column.kind, len(rows))
            continue
        values = Cells.of(raw[column.code])
        cells = _Cells(column, values, title, letters.get(column.code, "A"), rows, problems)
        cells.values = _without_marks(cells)
        typed[column.code], marked = _READERS.get(column.kind, _texts)(cells)
        if marked is not None and marked.any():
            not_applicable[column.code] = marked
        if column.required:
            empty = np.flatnonzero(typed[column.code].isna())
            cells.note("cell-required", empty[_is_blank(values.take(empty))])
        if cells.unread:
            unread[column.code] = frozenset(cells.unread)
    frame = pd.DataFrame(typed, index=pd.RangeIndex(len(rows)), copy=False)
    return Table(sheet, frame, title, rows, dict(letters), not_applicable, unread=unread), problems


def _with_names(sheet: Sheet, raw: Mapping[str, Sequence[Any]]) -> Mapping[str, Sequence[Any]]:
    """Call records without a name by their English one."""
    if "name_en" not in sheet.by_code or not raw.keys() >= {"name", "name_en"}:
        return raw
    names, english = Cells.of(raw["name"]), Cells.of(raw["name_en"])
    lacking = _is_blank(names) & ~_is_blank(english)
    if not lacking.any():
        return raw
    filled = [other if lacks else name for name, other, lacks in zip(names, english, lacking, strict=True)]
    return {**raw, "name": filled}


def own_column(heading: str, values: Sequence[Any]) -> Column:
    """Describe a column that HR added: numbers or dates where every cell is one, text otherwise.

    ``heading`` is its code and its name in both languages; ``values`` are its raw cells. Codes with a leading zero, such
    as 00123, are text.

    >>> own_column("Size", [1, "2.5", None]).kind, own_column("Code", ["00123", "17"]).kind
    ('number', 'text')
    """
    cells = [
        value
        for value in Cells.of(values).distinct.values
        if not (_blank(value) or _is_error(value) or _is_placeholder(value))
    ]
    name = Text(heading, heading)
    coded = any(isinstance(cell, str) and LEADING_ZERO.match(cell) for cell in cells)
    if cells and not coded and (parse_numbers(cells).kind == "number").all():
        return Column(heading, name, "number")
    if cells and not any(isinstance(cell, (int, float)) for cell in cells) and not parse_dates(cells).bad:
        return Column(heading, name, "date")
    return Column(heading, name, "text")


def _blank(value: Any) -> bool:
    return value is None or value == "" or (isinstance(value, float) and value != value)


def blank_column(kind: Kind, size: int) -> pd.Series:
    """Return a column of ``size`` empty cells, of the type of a kind."""
    dtype = "object" if kind == "any" else DTYPES.get(kind, "str")
    return pd.Series([None] * size if dtype == "object" else np.nan, index=pd.RangeIndex(size), dtype=dtype)


def _is_blank(values: Cells) -> np.ndarray:
    found = values.distinct
    return found.spread([_blank(value) or clean_text(value) == "" for value in found.values], blank=True, dtype=bool)


def _without_marks(cells: _Cells) -> Cells:
    """Report error values and open placeholders, and return the column without them."""
    found = cells.values.listing
    errors, open_ones = found.among(EXCEL_ERRORS), found.among(_placeholders(found.values))
    cells.report("text-as-excel-formula" if cells.column.kind in SENTENCES else "cell-error-value", errors)
    cells.report("placeholder", open_ones)
    return cells.values.without(np.concatenate([errors, open_ones]))


def _placeholders(values: Sequence[Any]) -> set[str]:
    """Return the values that are open placeholders; where none ends like one, that is told at once."""
    try:
        if not _ends_open("\n".join([*values, ""])):
            return set()
    except TypeError:  # not all are texts
        pass
    ending = {value for value in values if isinstance(value, str) and value[-1:] in LAST_OF_PLACEHOLDER}
    return set(filter(PLACEHOLDER.match, ending))


def _is_error(value: Any) -> bool:
    return isinstance(value, str) and value in EXCEL_ERRORS


def _is_placeholder(value: Any) -> bool:
    return isinstance(value, str) and PLACEHOLDER.match(value) is not None


_Read = tuple[pd.Series, np.ndarray | None]


def _numbers(cells: _Cells) -> _Read:
    values = cells.values.numbers()
    if cells.values.only(WHOLE, DECIMAL):
        return pd.Series(values), None
    rest = cells.values.without(np.flatnonzero(cells.values.of_kind(WHOLE, DECIMAL)))
    found = rest.distinct
    parsed = parse_numbers(found.values)
    values = np.where(rest.filled, found.spread(parsed.value, np.nan, np.float64), values)
    wrong = parsed.kind == "text"
    refused = (parsed.kind == "percent") & cells.column.plain
    cells.report("percent-not-plain", found.positions(refused))
    cells.report("not-" + cells.column.kind, found.positions(wrong), example=KIND_EXAMPLES[cells.column.kind])
    cells.note("number-converted", found.positions(parsed.converted & ~wrong & ~refused))
    if cells.column.kind == "fraction" and (parsed.kind == "percent").any():
        plain = cells.values.of_kind(WHOLE, DECIMAL) | found.spread(parsed.kind == "number", False, bool)
        cells.note("fraction-mixed", np.flatnonzero(plain & (np.abs(values) > 1)))
    return pd.Series(values, dtype="float64"), found.spread(parsed.kind == "not_applicable", False, bool)


def _dates(cells: _Cells) -> _Read:
    if cells.values.only(MOMENT):
        return pd.Series(cells.values.moments(), dtype=DTYPES["date"]), None
    found = cells.values.distinct
    parsed = parse_dates(found.values)
    is_bad = np.zeros(len(found.values), bool)
    is_bad[parsed.bad] = True
    bad = found.positions(is_bad)
    if parsed.order == "ambiguous":
        cells.note("date-ambiguous", bad)
    elif parsed.order == "mixed":
        cells.note("date-mixed", bad)
    else:
        cells.report("not-date", bad, example=KIND_EXAMPLES["date"])
        if parsed.order in ("mdy", "dmy"):
            texts = found.where(lambda value: isinstance(value, str))
            cells.note("date-month-first" if parsed.order == "mdy" else "date-day-first", texts)
    return pd.Series(found.spread(parsed.dates, NOT_A_DATE, "datetime64[s]"), dtype=DTYPES["date"]), None


def _keys(cells: _Cells) -> _Read:
    found = cells.values.distinct
    plain = made_of(found.values, GRAPHIC)  # no blank among them: they cannot be cleaner
    if not plain:
        lost = [not isinstance(value, str) and key_lost_digits(value) for value in found.values]
        cells.report("key-lost-digits", found.positions(lost))
        cells.report("key-not-text", found.positions([isinstance(each, (bool, date)) for each in found.values]))
    return _text_series(found, found.values if plain else _cleaned(found.values, clean_key)), None


def _texts(cells: _Cells) -> _Read:
    found = cells.values.distinct
    if made_of(found.values, GRAPHIC):
        return _text_series(found, found.values), None
    return _text_series(found, _cleaned(found.values, clean_text)), None


def _cleaned(values: Sequence[Any], clean: Callable[[Any], str]) -> list[str]:
    """Return the texts of values; what is clean as it stands is left alone."""
    return [
        value if isinstance(value, str) and CLEAN.fullmatch(value) else "" if _blank(value) else clean(value)
        for value in values
    ]


def _periods(cells: _Cells) -> _Read:
    found = cells.values.distinct
    months = [f"{value:%Y-%m}" if hasattr(value, "strftime") else clean_key(value) for value in found.values]
    return _text_series(found, months), None


def _choices(cells: _Cells) -> _Read:
    return _looked_up(cells, lambda text, find: find(text)), None


def _several_choices(cells: _Cells) -> _Read:
    def read(text: str, find: Callable[[str], str | None]) -> str | None:
        found = [find(part.strip()) for part in SEPARATORS.split(text) if part.strip()]
        return None if None in found else ", ".join(filter(None, found))

    return _looked_up(cells, read), None


def _looked_up(cells: _Cells, read: Callable[[str, Callable[[str], str | None]], str | None]) -> pd.Series:
    """Look up each distinct text of a column in its vocabulary once."""
    vocabulary: Vocabulary = cells.column.vocabulary
    found = cells.values.distinct
    texts = ["" if _blank(value) else clean_key(value) for value in found.values]
    codes = {text: read(text, vocabulary.find) if text else "" for text in set(texts)}
    allowed = list(vocabulary.values())
    for text in sorted(text for text, code in codes.items() if code is None):
        words = {word for each in allowed for word in each}
        where = found.positions([each == text for each in texts])
        cells.report("not-a-choice", where, allowed=allowed, near=similar(text, words, 1))
    return _text_series(found, [codes[text] or "" for text in texts])


def _anything(cells: _Cells) -> _Read:
    return pd.Series([None if _blank(value) else value for value in cells.values], dtype="object"), None


def _text_series(found: Distinct, texts: Sequence[str]) -> pd.Series:
    """Give each cell the text of its value; the texts are turned into a column once, however often they stand in it."""
    once = pd.array([text or None for text in texts], dtype="str")
    return pd.Series(once.take(found.codes, allow_fill=True))


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
