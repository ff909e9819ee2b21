"""What a sheet and a column are, and how one column is written in one line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from xlperf.core.problems import Text
from xlperf.core.vocabulary import WORDS, Vocabulary, fold

Kind = Literal[
    "key",  # an identifier: text, leading zeros survive
    "text",
    "number",
    "fraction",  # stored as a fraction, shown as a percentage
    "money",
    "date",  # a day; a time of day is kept where the cell has one
    "choice",  # one word of a vocabulary
    "choices",  # several words of a vocabulary, separated by commas
    "condition",  # the condition language
    "expression",  # a column, or arithmetic on columns
    "parameters",  # name = value; name = value
    "period",
    "any",
]
SENTENCES: tuple[Kind, ...] = ("condition", "expression")  # texts of the condition language, never Excel formulas
Role = Literal["policy", "input", "output"]


@dataclass(frozen=True)
class Column:
    """One column of a sheet: its code in Python, its headings, and what its cells hold."""

    code: str
    name: Text
    kind: Kind = "text"
    required: bool = False
    words: str = ""
    synonyms: tuple[str, ...] = ()
    note: Text = Text("", "")
    width: int = 0
    plain: bool = False  # a figure that cannot be a percentage: points, ratings, head-counts
    computed: bool = False  # on a sheet that HR fills: what a run writes beside it, never read

    @property
    def vocabulary(self) -> Vocabulary:
        """The words allowed in the column (only for the kinds ``choice`` and ``choices``)."""
        return WORDS[self.words]


@dataclass(frozen=True)
class Sheet:
    """One sheet: its titles, its columns in order, and whether HR decides, fills or reads it."""

    code: str
    title: Text
    role: Role
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    synonyms: tuple[str, ...] = ()
    about: Text = Text("", "")
    by_code: dict[str, Column] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_code", {column.code: column for column in self.columns})

    def __getitem__(self, code: str) -> Column:
        return self.by_code[code]

    def __iter__(self) -> Iterator[Column]:
        return iter(self.columns)

    def find(self, heading: str) -> Column | None:
        """Return the column that a heading means, in either language or by a synonym.

        >>> key = column("id", "工号", "ID", synonyms="员工编号/人员编号")
        >>> Sheet("people", Text("员工", "People"), "input", (key,)).find("员工编号").code
        'id'
        """
        code = self._headings.get(fold(heading))
        return self.by_code[code] if code else None

    @cached_property
    def _headings(self) -> dict[str, str]:
        listed = list(reversed(self.columns))
        names = {fold(word): column.code for column in listed for word in (*column.synonyms, column.code)}
        return names | {fold(word): column.code for column in listed for word in column.name}


def column(
    code: str,
    zh: str,
    en: str,
    kind: Kind = "text",
    words: str = "",
    synonyms: str = "",
    note: tuple[str, str] = ("", ""),
    width: int = 0,
    plain: bool = False,
) -> Column:
    """Describe one column in one line.

    Parameters
    ----------
    code : by which the column is known everywhere; one that ends in ``*`` is required, one that ends in ``=`` is
        written by a run on a sheet that HR fills, and never read
    zh, en : its heading in both languages
    words : the vocabulary of a choice
    synonyms : other headings under which it is recognised, with ``/`` between them
    note : what the heading's comment says, in both languages
    width : in characters; 0 where the kind decides
    plain : whether a figure cannot be a percentage, as points, ratings and head-counts cannot
    """
    name = code.rstrip("*=")
    others = tuple(filter(None, synonyms.split("/")))
    required, computed = code.endswith("*"), code.endswith("=")
    return Column(name, Text(zh, en), kind, required, words, others, Text(*note), width, plain, computed)
