"""Reads text files of separated values as raw cells: what ends a row, what separates cells, what cannot stand there.

Only CR, LF and CRLF end a row, as RFC 4180 and Excel have it; a vertical tab or a line separator of Unicode stays in
its cell, as a blank. What Excel could not hold, and quotes that do not fit, are refused with their row.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from io import StringIO
from pathlib import Path
from typing import NamedTuple

from openpyxl.utils import get_column_letter

from xlperf.core.problems import Problem, has_errors
from xlperf.core.vocabulary import WORDS, fold
from xlperf.schema import SHEETS
from xlperf.schema.tables import Tables, address
from xlperf.workbook.sources.encodings import decode
from xlperf.xlsx.formula import LONGEST_TEXT
from xlperf.xlsx.reader.workbook import Grid

SEPARATORS: Mapping[str, str] = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|", "\\t": "\t"}
ROWS_WEIGHED = 20
MOST_COLUMNS = 16_384  # of a sheet of Excel
PLACES_NAMED = 10
_BLANKS = dict.fromkeys(map(ord, "\x0b\x0c\x1c\x1d\x1e\x1f\x85\u2028\u2029"), " ")  # str.splitlines ends lines there
_UNUSUAL = re.compile("[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f\x85\u2028\u2029\ufffd]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1b\x7f]")
_OTHER_FILES = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"\x1f\x8b")  # packages, old workbooks, PDF, gzip
_END_OF_TEXT = b"\x1a"  # that old programs put behind the last row
_PADDING = "\x00"  # fields of fixed length are filled up with it
_SAID_IN_FILE = re.compile(r'(?:"sep=(.)"|sep=(.))\r?\n?', re.IGNORECASE)
_AS_TEXT = re.compile(r'="([^"]*)"')


class TextOptions(NamedTuple):
    """What the caller says about text files: their encoding, and the sign or the name of their separator."""

    encoding: str | None = None
    separator: str | None = None


class TextFile(NamedTuple):
    """The cells of a text file, None where it could not be read, and what is to be reported about it."""

    grid: Grid | None
    problems: list[Problem]


AS_FOUND = TextOptions()


@cache
def layout_words() -> frozenset[str]:
    """Return the headings and words of the layout as `fold` leaves them: evidence of what a file says."""
    headings = (word for sheet in SHEETS.values() for each in sheet for word in (*each.name, *each.synonyms))
    words = (word for vocabulary in WORDS.values() for each in vocabulary.values() for word in each)
    return frozenset(map(fold, (*headings, *words)))


def known_words(tables: Tables) -> frozenset[str]:
    """Return the words of the layout with the names, departments and other short texts of a workbook."""
    found = set(layout_words())
    for table in tables.values():
        for code in table.frame.columns:
            if table.column(code).kind in ("text", "key"):
                found.update(fold(text) for text in table.frame[code].dropna().unique() if not str(text).isascii())
    return frozenset(found)


def read_text_file(path: Path, known: Collection[str] = (), options: TextOptions = AS_FOUND) -> TextFile:
    """Read a text file of values separated by commas, semicolons, tabs or vertical bars.

    Parameters
    ----------
    path : Path
        A file that exists. Row numbers are those of the records, so a cell with a line break takes one row.
    known : collection of str
        Words that may stand in the file, as `fold` leaves them; see `known_words`.
    options : TextOptions
        What the caller says; without it the contents decide.

    Returns
    -------
    TextFile
        Cells are texts. A file with an error has no grid. Raises OSError where the file cannot be opened.
    """
    known = known or layout_words()
    raw = path.read_bytes()
    if raw.startswith(_OTHER_FILES):
        return TextFile(None, [Problem("text-other-kind", path.name, details={"file": path.name})])
    decoded = decode(raw.removesuffix(_END_OF_TEXT), path.name, known, options.encoding)
    problems = list(decoded.problems)
    if decoded.text is None:
        return TextFile(None, problems)
    text, skipped, said = _without_separator_line(decoded.text)
    separator = _separator_of(options.separator) if options.separator else said or find_separator(text, known)
    if len(separator) != 1:
        details = {"cell": options.separator, "near": list(SEPARATORS)[:4]}
        return TextFile(None, [*problems, Problem("separator-unknown", path.name, details=details)])
    unusual = _UNUSUAL.search(text) is not None
    if unusual:
        text = text.translate(_BLANKS)
    rows, found = _rows(text, separator, path.name, skipped)
    problems += found
    if unusual:
        problems += _odd_signs(rows, path.name)
    problems += _too_long(rows, path.name)
    problems += _too_wide(rows, path.name)
    if has_errors(problems):
        return TextFile(None, problems)
    return TextFile(_grid(path.name, rows), problems)


def _separator_of(word: str) -> str:
    return SEPARATORS.get(word.casefold(), word)


def _without_separator_line(text: str) -> tuple[str, int, str]:
    """Return a text without the line ``sep=;`` that Excel understands, how many lines it had, and the separator."""
    found = _SAID_IN_FILE.match(text)
    return (text[found.end() :], 1, found[1] or found[2]) if found else (text, 0, "")


def find_separator(text: str, known: Collection[str]) -> str:
    """Return the sign that yields most known headings, then that cuts the first rows into most columns of equal number.

    >>> find_separator("a;b;c\\n1,5;2;3", ()), find_separator("工号|姓名,部门\\n1|a,b", {"工号"})
    (';', '|')
    """

    def evidence(separator: str) -> tuple[int, int, int]:
        reader = csv.reader(StringIO(text, newline=""), delimiter=separator, skipinitialspace=True)
        rows = [row for row, _ in zip(_readable(reader), range(ROWS_WEIGHED), strict=False) if len(row) > 1]
        widths = Counter(map(len, rows))
        headings = max((sum(fold(cell) in known for cell in row) for row in rows), default=0)
        return headings, *max(((count, width) for width, count in widths.items()), default=(0, 0))

    return max(dict.fromkeys(SEPARATORS.values()), key=evidence)


def _readable(reader: Iterable[list[str]]) -> Iterator[list[str]]:
    try:
        yield from reader
    except csv.Error:
        return


def _rows(text: str, separator: str, name: str, skipped: int) -> tuple[dict[int, list[str]], list[Problem]]:
    """Return the records by row number. Quotes are read strictly: a lenient reader swallows rows without a word."""
    rows: dict[int, list[str]] = {}
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator, skipinitialspace=True, strict=True)
    number = skipped
    try:
        for number, row in enumerate(reader, start=1 + skipped):
            if len(row) > MOST_COLUMNS:
                details = {"file": name, "count": len(row), "most": MOST_COLUMNS}
                return {}, [Problem("text-too-wide", name, f"A{number}", details)]
            rows[number] = row
    except csv.Error as wrong:
        where = f"A{number + 1}"
        if "field limit" in str(wrong):
            return {}, [Problem("text-cell-too-long", name, where, {"most": LONGEST_TEXT})]
        return {}, [Problem("text-quote", name, where, {"file": name, "row": number + 1})]
    return rows, []


def _grid(name: str, rows: Mapping[int, list[str]]) -> Grid:
    """Return records as columns; blank cells are None, and ``="00305"``, which keeps Excel from counting, is 00305."""
    filled = {number: row for number, row in rows.items() if any(cell and not cell.isspace() for cell in row)}
    columns: dict[int, list[str | None]] = {}
    for position, row in enumerate(filled.values()):
        for column, cell in enumerate(row, start=1):
            if cell and not cell.isspace():
                values = columns.setdefault(column, [])
                values.extend([None] * (position - len(values)))
                wrapped = _AS_TEXT.fullmatch(cell.strip()) if '="' in cell else None
                values.append((wrapped[1] or None) if wrapped else cell)
    for values in columns.values():
        values.extend([None] * (len(filled) - len(values)))
    blank = max(rows, default=0) - len(filled)
    return Grid(name, list(filled), dict(sorted(columns.items())), blank=blank)


# What cannot stand in a cell ----------------------------------------------------------------------------------------


def _odd_signs(rows: dict[int, list[str]], name: str) -> Iterator[Problem]:
    """Drop the padding of fields of fixed length with a note; refuse control signs within cells, and lost letters."""
    padded: list[str] = []
    control: list[str] = []
    lost: list[str] = []
    for number, row in rows.items():
        for place, cell in enumerate(row):
            where = f"{get_column_letter(place + 1)}{number}"
            if _CONTROL.search(cell):
                row[place] = cell.strip(_PADDING)
                (control if _CONTROL.search(row[place]) else padded).append(where)
            if "\ufffd" in cell:
                lost.append(where)
    for code, places in (("text-padding", padded), ("text-control", control), ("text-lost-letters", lost)):
        if places:
            yield Problem(code, name, ", ".join(places[:PLACES_NAMED]), {"count": len(places)})


def _too_long(rows: Mapping[int, list[str]], name: str) -> Iterator[Problem]:
    long = [
        f"{get_column_letter(place)}{number}"
        for number, row in rows.items()
        if row and len(max(row, key=len)) > LONGEST_TEXT
        for place, cell in enumerate(row, start=1)
        if len(cell) > LONGEST_TEXT
    ]
    if long:
        yield Problem("text-cell-too-long", name, ", ".join(long[:PLACES_NAMED]), {"most": LONGEST_TEXT})


def _too_wide(rows: Mapping[int, Sequence[str]], name: str) -> Iterator[Problem]:
    """Report rows that go on beyond the first full row, where most do not: a comma that stands in no quotes."""
    widths = {number: _width(row) for number, row in rows.items()}
    full = next((number for number, row in rows.items() if sum(map(bool, row)) > 1), 0)
    wide = [number for number, width in widths.items() if width > len(rows.get(full, ()))]
    if 0 < 2 * len(wide) <= len(rows):
        where = address(get_column_letter(widths[wide[0]]), wide)
        details = {"rows": wide[:PLACES_NAMED], "count": len(wide), "most": len(rows[full])}
        yield Problem("text-rows-wider", name, where, details)


def _width(row: Sequence[str]) -> int:
    """Return how many cells a row has, those that are blank at its end not counted."""
    return next((place for place in range(len(row), 0, -1) if row[place - 1].strip()), 0)
