"""Puts foreign cells into the shape that our sheets have: decimal commas, time zones, wrapped codes, foreign words.

A column is looked at as a whole, as dates are: a comma is a decimal sign where some figure shows it, and then in all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from xlperf.core.column_store import Cells
from xlperf.core.numbers import clean_text, key_lost_digits
from xlperf.core.problems import Problem
from xlperf.schema import Sheet
from xlperf.schema.tables import address
from xlperf.workbook.read.foreign_words import Words

_WRAPPED = re.compile(
    r"""\s*(?:="([^"]*)"|['‘’`]\s*([0-9A-Za-z][\w-]*))\s*"""
)  # ="00305" and '00305 keep Excel from counting
# The figures that show what a comma is: 0,5 and 1234,5 and 1.234,5 have decimals, 1,234.5 and 1,234,567 thousands.
_COMMA = re.compile(r"\s*-?(?:[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]+),[0-9]+\s*%?\s*")
_SHOWS_DECIMALS = re.compile(
    r"\s*-?(?:0,[0-9]+|[0-9]{4,},[0-9]+|[0-9]+,(?![0-9]{3}\s*%?\s*$)[0-9]+|[0-9.]+\.[0-9]{3},[0-9]+)\s*%?\s*"
)
_SHOWS_THOUSANDS = re.compile(
    r"\s*-?(?:[0-9]{1,3}(?:,[0-9]{3})+\.[0-9]+|[0-9]{1,3}(?:,[0-9]{3}){2,}|[0-9]+\.(?![0-9]{3}\s*%?\s*$)[0-9]+)\s*%?\s*"
)
_DOTTED = re.compile(r"\s*-?[0-9]{1,3}(?:\.[0-9]{3})+\s*%?\s*")  # thousands, where the comma is the decimal sign
_MOMENT = re.compile(r"\s*(.*[0-9]:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?)\s*(Z|UTC|GMT|[+-][0-9]{2}(?::?[0-9]{2})?)\s*")
_MIDNIGHT = re.compile(r".*[T ]0?0:00(:00([.,]0+)?)?")
_UTC = re.compile(r"Z|UTC|GMT|[+-]00(:?00)?")
_NUMERIC = ("number", "fraction", "money")


def clean_cells(
    sheet: Sheet,
    cells: Mapping[str, Sequence[Any]],
    rows: Sequence[int],
    letters: Mapping[str, str],
    title: str,
    words: Words,
) -> tuple[dict[str, Sequence[Any]], list[Problem]]:
    """Return the cells of a table with what our sheets understand, by column code, and what is to be reported.

    ``rows`` are the row numbers of the cells in the file, ``letters`` the letters of their columns.
    """
    problems: list[Problem] = []
    found: dict[str, Sequence[Any]] = {}
    for code, values in cells.items():
        column = _Column(Cells.of(values), sheet.by_code[code].kind if code in sheet.by_code else "own")
        if column.kind in ("key", "choice", "choices"):
            column.read_words(words, sheet, code)
        column.read()
        found[code] = (
            [column.meanings.get(value, value) if isinstance(value, str) else value for value in values]
            if column.meanings
            else values
        )
        name = sheet[code].name if code in sheet.by_code else code
        for problem, texts in column.found.items():
            where = [row for row, value in zip(rows, values, strict=True) if isinstance(value, str) and value in texts]
            details = {"column": name, "cell": clean_text(min(texts)), "count": len(where)}
            problems.append(Problem(problem, title, address(letters[code], where), details))
    return found, problems


class _Column:
    """One foreign column: what its distinct texts mean, and the texts that each kind of problem concerns."""

    def __init__(self, values: Cells, kind: str) -> None:
        self.kind = kind
        self.texts = [value for value in values.distinct.values if isinstance(value, str)]
        self.meanings: dict[str, str] = {}
        self.found: dict[str, set[str]] = {}

    def read_words(self, words: Words, sheet: Sheet, code: str) -> None:
        """Read codes that are wrapped, and words that have a meaning of ours."""
        if self.kind == "key":
            self.unwrap()
            self.report("key-lost-digits", {text for text in self.texts if key_lost_digits(text.replace(",", "."))})
        said = {self.meanings.get(text, text): text for text in self.texts}
        self.meanings |= {said[text]: meaning for text, meaning in words.translate(sheet, code, said).items()}

    def unwrap(self) -> None:
        wrapped = {text: found[1] or found[2] or "" for text in self.texts if (found := _WRAPPED.fullmatch(text))}
        self.meanings |= wrapped

    def read(self) -> None:
        if self.kind == "own":
            self.unwrap()
        if self.kind in (*_NUMERIC, "own"):
            self.read_commas()
        if self.kind in ("date", "own"):
            self.read_zones()

    def report(self, code: str, texts: set[str]) -> None:
        if texts:
            self.found[code] = texts

    def refuse(self, code: str, texts: set[str]) -> None:
        """Report texts with an error and empty their cells, so that none is reported again for what follows from it."""
        self.report(code, texts)
        self.meanings |= dict.fromkeys(texts, "")

    def read_commas(self) -> None:
        """Read commas as decimal signs where a figure shows that they are; refuse a column that has both ways."""
        commas = {text for text in self.texts if _COMMA.fullmatch(text)}
        decimal = {text for text in commas if _SHOWS_DECIMALS.fullmatch(text)}
        dots = {text for text in self.texts if _DOTTED.fullmatch(text)}
        if not decimal or (
            self.kind == "own" and commas | dots | set(filter(str.isdigit, self.texts)) < set(self.texts)
        ):
            return
        thousands = {text for text in self.texts if _SHOWS_THOUSANDS.fullmatch(text)}
        if thousands:
            self.refuse("decimal-mixed", thousands | decimal)
            return
        self.report("decimal-comma", decimal)
        self.meanings |= {text: text.replace(".", "").replace(",", ".") for text in commas | dots}

    def read_zones(self) -> None:
        """Take moments as written where all are of one place; which day a moment of UTC is there, nobody can tell."""
        zoned = {text: (found[1], found[2]) for text in self.texts if (found := _MOMENT.fullmatch(text))}
        if not zoned or (self.kind == "own" and len(zoned) < len(self.texts)):
            return
        zones = {zone for _, zone in zoned.values()}
        at_midnight = all(_MIDNIGHT.fullmatch(moment) for moment, _ in zoned.values())
        if len(zones) > 1 or (any(map(_UTC.fullmatch, zones)) and not at_midnight):
            self.refuse("date-time-zone", set(zoned))
            return
        self.report("date-zone-dropped", set(zoned))
        self.meanings |= {text: moment.replace(",", ".") for text, (moment, _) in zoned.items()}
