"""What Excel refuses: names, titles and lengths. A file that breaks these limits is repaired, or not opened at all.

Source: Microsoft, "Excel specifications and limits" and "Names in formulas"; ECMA-376 part 1, 18.2.5 and 18.3.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from xlperf.xlwings_engine.addresses import read_place

LONGEST_TEXT = 32_767
LONGEST_FORMULA = 8_192
LONGEST_LINK = 2_079
LONGEST_NAME = 255
LONGEST_TITLE = 31
LONGEST_LIST = 255
HIGHEST_ROW = 409.5  # points
RESERVED_TITLES = {"history"}  # the sheet of tracked changes

_NAME = re.compile(r"(?:[^\W\d]|\\)[\w.?\\]*")
_R1C1 = re.compile(r"(?:r\d*)?(?:c\d*)?", re.IGNORECASE)
_NOT_IN_TITLES = re.compile(r"[:\\/?*\[\]\x00-\x1f]")


def check_text(text: str) -> str:
    """Return a text that a cell can hold.

    Raises
    ------
    ValueError
        Where it is longer than 32,767 characters.
    """
    return _short("a text", text, LONGEST_TEXT, "split it over several cells")


def check_formula(formula: str) -> str:
    """Return a formula that a cell can hold.

    Raises
    ------
    ValueError
        Where it is longer than 8,192 characters.
    """
    return _short("a formula", formula, LONGEST_FORMULA, "use cells in between")


def check_link(part: str) -> str:
    """Return the address or the place that a link leads to.

    Raises
    ------
    ValueError
        Where it is longer than 2,079 characters.
    """
    return _short("a link", part, LONGEST_LINK, "shorten the address")


def check_list(words: Iterable[str]) -> str:
    """Return the words that a cell can be filled from, with commas between them.

    Raises
    ------
    ValueError
        Where a comma stands in a word, or all of them have more than 255 characters.
    """
    listed = list(words)
    if any("," in word for word in listed):
        raise ValueError("a comma stands between the words of a list and in none of them; write the words into cells")
    return _short("a list", ",".join(listed), LONGEST_LIST, "write the words into cells and give their range")


def check_height(points: float) -> float:
    """Return a height that a row can have.

    Raises
    ------
    ValueError
        Where it is not between 0 and 409.5 points.
    """
    if not 0 <= points <= HIGHEST_ROW:
        raise ValueError(f"a row is between 0 and {HIGHEST_ROW} points high")
    return points


def check_name(name: str) -> str:
    """Return a name for cells or a table.

    Raises
    ------
    ValueError
        Where Excel refuses it: it is empty or too long, it begins with a digit or holds a blank or another sign that
        names do not have, or it reads like an address.

    Examples
    --------
    >>> check_name("quota_2026")
    'quota_2026'
    >>> check_name("A1")
    Traceback (most recent call last):
        ...
    ValueError: 'A1' is no name: it reads like the address of cells; put an underscore before it
    """
    _short("a name", name, LONGEST_NAME, "shorten it")
    if read_place(name) is not None or (name and _R1C1.fullmatch(name)):
        raise ValueError(f"'{name}' is no name: it reads like the address of cells; put an underscore before it")
    if not _NAME.fullmatch(name) or name.upper() in ("TRUE", "FALSE"):
        raise ValueError(
            f"'{name}' is no name: a name begins with a letter, an underscore or a backslash and goes on with letters, "
            "digits, underscores and dots"
        )
    return name


def check_title(title: str, taken: Iterable[str]) -> str:
    """Return a title for a sheet; ``taken`` are those of the other sheets.

    Raises
    ------
    ValueError
        Where Excel refuses it: it is empty, too long, taken or reserved, holds one of ``: \\ / ? * [ ]``, or begins or
        ends with an apostrophe.

    Examples
    --------
    >>> check_title("Results", ["Data"])
    'Results'
    >>> check_title("history", [])
    Traceback (most recent call last):
        ...
    ValueError: 'history' is no title of a sheet: Excel reserves it for itself
    """
    refusal = f"'{title}' is no title of a sheet"
    if not title or len(title.encode("utf-16-le")) // 2 > LONGEST_TITLE:
        raise ValueError(f"{refusal}: it has 1 to {LONGEST_TITLE} characters")
    if _NOT_IN_TITLES.search(title) or title.startswith("'") or title.endswith("'"):
        raise ValueError(f"{refusal}: none of : \\ / ? * [ ] may stand in it, nor an apostrophe at its ends")
    if title.casefold() in RESERVED_TITLES:
        raise ValueError(f"{refusal}: Excel reserves it for itself")
    if title.casefold() in {each.casefold() for each in taken}:
        raise ValueError(f"Sheet named '{title}' already present in workbook")
    return title


def _short(what: str, text: str, most: int, remedy: str) -> str:
    length = len(text.encode("utf-16-le", "surrogatepass")) // 2 if len(text) * 2 > most else len(text)
    if length > most:
        raise ValueError(f"{what} of {length:,} characters: Excel takes {most:,} at most; {remedy}")
    return text
