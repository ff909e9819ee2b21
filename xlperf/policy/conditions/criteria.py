"""What formulas are made of that find rows as conditions do: ranges, criteria, and factors of a product.

Only what every spreadsheet program computes alike is used: COUNTIFS and SUMIFS with plain criteria, and SUMPRODUCT of
plain comparisons. A criterion of COUNTIFS is a small language of its own, in which ``*`` stands for anything and "001"
equals 1; texts that could be taken so are compared in SUMPRODUCT instead.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from xlperf.core.problems import Text

LONGEST_LITERAL = 255  # characters of a text that stands inside a formula
NUMBERS = '"<9E+307"'  # the criterion that any number meets and no text


class NotExpressible(Exception):  # noqa: N818 - a limit of spreadsheets, not an error
    """What a formula cannot say exactly, and why."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason.en)
        self.reason = reason


@dataclass(frozen=True)
class Cells:
    """A column of an input sheet, as formulas see it.

    ``address`` covers the rows that there are and the empty ones below. ``trouble`` says why formulas cannot go by
    these cells. ``whole`` tells that all numbers are whole and all dates without a time of day, ``short`` that no
    number needs more than fifteen digits, ``mixed`` that texts stand among the numbers. ``texts`` are the texts that
    occur, ``spellings`` how the words of a vocabulary are written in the cells, by code.
    """

    address: str
    trouble: Text | None = None
    whole: bool = True
    short: bool = True
    mixed: bool = False
    texts: frozenset[str] = frozenset()
    spellings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Days:
    """The first and last day of the period and of the one before, as addresses or formulas."""

    start: str
    end: str
    previous_start: str
    previous_end: str

    def before(self) -> Days:
        """Return the same with the previous period as the period."""
        return replace(self, start=self.previous_start, end=self.previous_end)


@dataclass(frozen=True)
class Rows:
    """Which rows of a sheet meet something.

    ``criteria`` are ranges and criteria of COUNTIFS, None where it takes more than these; ``factors`` are comparisons
    that are multiplied in SUMPRODUCT, and ``only_criteria`` says what they leave out, if anything.
    """

    criteria: tuple[str, ...] | None = ()
    factors: tuple[str, ...] = ()
    only_criteria: Text | None = None

    def __and__(self, other: Rows) -> Rows:
        """Return the rows that meet both."""
        both = None if self.criteria is None or other.criteria is None else _once(self.criteria + other.criteria)
        return Rows(both, _once(self.factors + other.factors), self.only_criteria or other.only_criteria)

    @property
    def product(self) -> str:
        """The product that is 1 for the rows and 0 for all others."""
        if self.only_criteria:
            raise NotExpressible(self.only_criteria)
        return "*".join(self.factors) or "1"

    def count(self) -> str:
        """Return the formula that counts the rows.

        >>> Rows(("A2:A9,B1",), ("(A2:A9=B1)",)).count(), Rows(None, ("(A2:A9=B1)", "(C2:C9>=3)")).count()
        ('COUNTIFS(A2:A9,B1)', 'SUMPRODUCT((A2:A9=B1)*(C2:C9>=3))')
        """
        if self.criteria:
            return f"COUNTIFS({','.join(self.criteria)})"
        return f"SUMPRODUCT({self.product}{'*1' if len(self.factors) < 2 else ''})"

    def sum(self, figure: Figure) -> str:
        """Return the formula that adds up a figure over the rows; rows without it add nothing.

        >>> amount = Figure("D2:D9", Rows(), plain=True)
        >>> Rows(("A2:A9,B1",)).sum(amount), Rows(None, ("(A2:A9=B1)",)).sum(amount)
        ('SUMIFS(D2:D9,A2:A9,B1)', 'SUMPRODUCT((A2:A9=B1)*1,D2:D9)')
        """
        if not figure.plain:
            return f"SUMPRODUCT({(self & figure.known).product}*({figure.text}))"
        if self.criteria:
            return f"SUMIFS({figure.text},{','.join(self.criteria)})"
        return f"SUMPRODUCT({self.product}{'*1' if len(self.factors) < 2 else ''},{figure.text})"


def _once(tests: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(tests))


@dataclass(frozen=True)
class Figure:
    """What a row's figure is: a ``plain`` column of numbers, or arithmetic; and for which rows it is known."""

    text: str
    known: Rows
    plain: bool = False


def same_as(cells: Cells, cell: str, safe: bool) -> Rows:
    """Return the rows in which a column holds what another cell does; ``safe`` if COUNTIFS cannot mistake its text."""
    address = sound(cells).address
    return Rows((f"{address},{cell}",) if safe else None, (f"({address}={cell})",))


def one_of(cells: Cells, texts: Sequence[str], or_blank: bool = False) -> Rows:
    """Return the rows in which a column holds one of some texts.

    Parameters
    ----------
    cells : the column
    texts : what it may hold; no text at all means no row
    or_blank : whether rows with an empty cell belong too

    Raises
    ------
    NotExpressible
        Where a spreadsheet would not find exactly these rows: see ``sound`` and ``quoted``.

    Examples
    --------
    >>> one_of(Cells("C2:C9"), ["done"]).count()
    'COUNTIFS(C2:C9,"done")'
    >>> one_of(Cells("C2:C9"), ["done"], or_blank=True).count()
    'SUMPRODUCT(((C2:C9="done")+(C2:C9=""))*1)'
    """
    address = sound(cells).address
    tests = [f"({address}={quoted(cells, text)})" for text in texts] + [f'({address}="")'] * or_blank
    if not tests:
        return Rows(None, ("0",))
    if len(tests) > 1:
        return Rows(None, (f"({'+'.join(tests)})",))
    criteria = (f"{address},{literal(texts[0])}",) if texts and is_safe(texts[0]) else None
    return Rows(criteria, tuple(tests))


def none_of(cells: Cells, texts: Sequence[str]) -> Rows:
    """Return the rows in which a column holds none of some texts."""
    address = sound(cells).address
    return Rows(None, tuple(f"({address}<>{quoted(cells, text)})" for text in texts))


_WORD = re.compile(r"[^\W\d]\w*(?:[ _-]\w+)*")
_LOOKS_LIKE_DATE = re.compile(
    r"(jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec|january|february|march|april|june|july|august|september|october"
    r"|november|december)[ -]?\d.*",
    re.IGNORECASE,
)


def is_safe(text: str) -> bool:
    """Tell whether a criterion of COUNTIFS means a text and nothing else: no number, date, truth value or wildcard.

    >>> [is_safe(text) for text in ("E001", "已取消", "Marty", "001", "1E5", "a*b", ">3", "SEPT2", "true", "")]
    [True, True, True, False, False, False, False, False, False, False]
    """
    return (
        len(text) <= LONGEST_LITERAL
        and _WORD.fullmatch(text) is not None
        and not _LOOKS_LIKE_DATE.fullmatch(text)
        and text.casefold() not in ("true", "false")
    )


def alike(text: str) -> str:
    """Return what a spreadsheet may take for the same text: case and width do not count.

    >>> alike("ＶＩＰ") == alike("vip")
    True
    """
    return unicodedata.normalize("NFKC", text).casefold()


def literal(text: str) -> str:
    """Return a text as it is written in a formula: in quotation marks, its own ones doubled.

    >>> literal('the "A" list')
    '"the ""A"" list"'
    """
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


def quoted(cells: Cells, text: str) -> str:
    """Return a text as it is written in a formula that compares it with a column.

    Parameters
    ----------
    cells : the column; its ``texts`` are all that occur in it
    text : at most ``LONGEST_LITERAL`` characters

    Raises
    ------
    NotExpressible
        "the text is too long"; or where the column holds another text that differs in case or width only, which a
        spreadsheet takes for the same.

    Examples
    --------
    >>> quoted(Cells("C2:C9", texts=frozenset({"VIP", "new"})), "VIP")
    '"VIP"'
    >>> quoted(Cells("C2:C9", texts=frozenset({"VIP", "vip"})), "VIP")
    Traceback (most recent call last):
    xlperf.policy.conditions.criteria.NotExpressible: VIP: texts differ from it in case or width only
    """
    if len(text) > LONGEST_LITERAL:
        raise NotExpressible(Text("文字太长", "the text is too long"))
    if any(each != text and alike(each) == alike(text) for each in cells.texts):
        raise NotExpressible(
            Text(f"{text}：有只差大小写或全角半角的文字", f"{text}: texts differ from it in case or width only")
        )
    return literal(text)


def sound(cells: Cells) -> Cells:
    """Return the same cells, if a formula over them finds the rows that xlperf finds.

    Raises
    ------
    NotExpressible
        With the ``trouble`` of the cells as its reason, if they have one.

    Examples
    --------
    >>> sound(Cells("C2:C9")).address
    'C2:C9'
    """
    if cells.trouble:
        raise NotExpressible(cells.trouble)
    return cells


def is_number(cells: Cells) -> str:
    """Return the factor that is true for numbers alone: neither an empty cell nor a text is below an empty text."""
    return f'({cells.address}<"")'


def number_text(value: float) -> str:
    """Write a number the way a formula does.

    >>> number_text(50000.0), number_text(0.05), number_text(-3.0)
    ('50000', '0.05', '-3')
    """
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value).upper()
