"""What xlperf says when a workbook needs attention: one value per finding, in Chinese and in English.

A problem is data, never an exception: the steps collect all of them, and a run writes nothing when one of
them is an error. Every sentence lives in ``messages.toml`` beside this file, so that a translator can read
it from top to bottom: what was found, what was expected, what to do.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Literal, NamedTuple

Lang = Literal["zh", "en"]
Level = Literal["error", "warning", "note"]
LANGUAGES: tuple[Lang, ...] = ("zh", "en")
LEVELS: tuple[Level, ...] = ("error", "warning", "note")
_PLAIN_TITLE = re.compile(r"[^\W\d]\w*")
_LIKE_AN_ADDRESS = re.compile(r"[a-z]{1,3}[0-9]+|(r[0-9]*)?(c[0-9]*)?", re.IGNORECASE)


class Text(NamedTuple):
    """One wording in both languages; call it with a language to get the words."""

    zh: str
    en: str

    def __call__(self, lang: Lang) -> str:
        """Return the wording in ``lang``.

        >>> Text("员工", "Employees")("en")
        'Employees'
        """
        return self.zh if lang == "zh" else self.en


BETWEEN_CLAUSES = Text("；", "; ")
NOTHING_WRITTEN = Text("什么都没有写入。", "Nothing was written.")
LEVEL_NAMES: dict[Level, Text] = {
    "error": Text("错误", "error"),
    "warning": Text("警告", "warning"),
    "note": Text("提示", "note"),
}


@dataclass(frozen=True)
class Message:
    """The wording of one kind of problem, with the ``{names}`` that its problems fill in."""

    level: Level
    found: Text
    expected: Text
    remedy: Text


@cache
def messages() -> dict[str, Message]:
    """Return every kind of problem by its code."""
    raw = tomllib.loads((files("xlperf.core") / "messages.toml").read_text("utf-8"))
    return {
        code: Message(entry["level"], *(Text(**entry[part]) for part in ("found", "expected", "remedy")))
        for code, entry in raw.items()
    }


@dataclass(frozen=True)
class Problem:
    """One finding: where it is, what is there, what was expected and what to do.

    ``sheet`` and ``cells`` are an address that can be typed into Excel's Name Box (``Clients``, ``F14:F22``);
    both are empty when the finding concerns the whole workbook. ``details`` fills the message; a ``Text`` in it
    is shown in the reader's language, a list is joined with commas.
    """

    code: str
    sheet: str = ""
    cells: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    strictness: Level | None = None  # a level other than the message's own

    @property
    def level(self) -> Level:
        """How serious it is; an error forbids writing results."""
        return self.strictness or messages()[self.code].level

    @property
    def place(self) -> str:
        """The address in one piece, as Excel writes it: ``Clients!F14``."""
        return full_address(self.sheet, self.cells)

    def found(self, lang: Lang) -> str:
        """What is wrong, quoting the cell."""
        return self._say("found", lang)

    def expected(self, lang: Lang) -> str:
        """What was expected there, with its unit."""
        return self._say("expected", lang)

    def remedy(self, lang: Lang) -> str:
        """What to do about it."""
        return self._say("remedy", lang)

    def _say(self, part: str, lang: Lang) -> str:
        wording: Text = getattr(messages()[self.code], part)
        shown = {name: show(value, lang) for name, value in self.details.items()}
        if "near" in self.details:
            shown["near"] = _similar_sentence(shown["near"], lang)
        return wording(lang).format(**shown).strip()

    def as_dict(self, lang: Lang) -> dict[str, str]:
        """Return the problem as plain words, for JSON and for the Problems sheet."""
        return {
            "level": self.level,
            "code": self.code,
            "sheet": self.sheet,
            "cells": self.cells,
            "found": self.found(lang),
            "expected": self.expected(lang),
            "remedy": self.remedy(lang),
        }


def full_address(sheet: str, cells: str) -> str:
    """Return an address that can be typed into Excel's Name Box: the title is quoted where Excel asks for it.

    Either of ``sheet``, a title, and ``cells``, their address on it, may be empty.

    >>> full_address("Clients", "F14"), full_address("客户-2026", "F14"), full_address("HR's list", "")
    ('Clients!F14', "'客户-2026'!F14", "'HR''s list'")
    """
    plain = not sheet or (_PLAIN_TITLE.fullmatch(sheet) and not _LIKE_AN_ADDRESS.fullmatch(sheet))
    title = sheet if plain else "'" + sheet.replace("'", "''") + "'"
    return "!".join(filter(None, (title, cells)))


def show(value: object, lang: Lang) -> str:
    """Write the value of a detail the way a person would: lists joined, ten digits of numbers, wordings in ``lang``.

    >>> show([0.5, 20.0, Text("周", "week")], "en")
    '0.5, 20, week'
    """
    if isinstance(value, Text):
        return value(lang)
    if isinstance(value, (list, tuple)):
        return ("、" if lang == "zh" else ", ").join(show(item, lang) for item in value)
    if isinstance(value, float):
        return f"{value:.10g}"
    return str(value)


def _similar_sentence(words: str, lang: Lang) -> str:
    if not words:
        return ""
    return f"相近的有：{words}。" if lang == "zh" else f"Similar: {words}."


def some(people: Iterable[object], most: int = 8) -> Text:
    """Name the first few of some people by their IDs, and say that there are more.

    >>> some(["E1", "E2", "E3"], most=2).en
    'E1, E2 and 1 more'
    """
    ids = [str(each) for each in people]
    shown, more = ids[:most], len(ids) - most
    if more <= 0:
        return Text("、".join(shown), ", ".join(shown))
    return Text("、".join(shown) + f" 等 {len(ids)} 人", ", ".join(shown) + f" and {more} more")


def has_errors(problems: Iterable[Problem]) -> bool:
    """Whether any of the problems forbids writing a result."""
    return any(problem.level == "error" for problem in problems)


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Return the problems without repeats, errors first, then by sheet, address and code: the order of the report."""
    unique = {(LEVELS.index(p.level), p.sheet, _cell_key(p.cells), p.code, p.found("en")): p for p in problems}
    return [unique[key] for key in sorted(unique)]


def _cell_key(cells: str) -> tuple[int, str]:
    """Sort addresses by row, then by column: F9 before A14."""
    first = cells.split(":")[0].split(" ")[0]
    letters = first.rstrip("0123456789")
    row = first[len(letters) :]
    return int(row) if row else 0, letters.rjust(3)


def between(least: int, most: int) -> Text:
    """Say how many people there may be.

    Parameters
    ----------
    least, most : the head-counts; one number is said where they are the same

    Examples
    --------
    >>> between(0, 2).zh, between(1, 1).en
    ('0 至 2', '1')
    """
    return Text(f"{least} 至 {most}", f"{least} to {most}") if least < most else Text(f"{most}", f"{most}")


def counted(problems: Iterable[Problem]) -> Text:
    """Say how many problems there are of each level.

    >>> counted([]).en
    '0 errors, 0 warnings, 0 notes.'
    """
    found = [each.level for each in problems]
    counts = {level: found.count(level) for level in LEVELS}
    zh = "，".join(f"{LEVEL_NAMES[level].zh} {count}" for level, count in counts.items())
    en = ", ".join(f"{count} {LEVEL_NAMES[level].en}{'' if count == 1 else 's'}" for level, count in counts.items())
    return Text(f"{zh}。", f"{en}.")
