"""Tells why a condition or a formula breaks the grammar, as far as the text itself shows it."""

from __future__ import annotations

from xlperf.policy.conditions.tree import Misread

UNREADABLE = ("condition-unreadable", "formula-unreadable", "text-bracket-open", "text-semicolon", "text-equals-sign")


def unreadable(text: str, plain: str, at: int, ended: bool, is_formula: bool) -> Misread:
    """Return what is wrong with a text that breaks the grammar.

    Parameters
    ----------
    text, plain : as it was typed, and with plain signs instead of full-width ones
    at : where in the plain text nothing further can be read
    ended : whether the text ends where more is expected
    is_formula : whether a formula is expected, not a condition

    Returns
    -------
    Misread with one of the codes ``UNREADABLE``.

    Examples
    --------
    >>> [unreadable(text, text, at, False, True).code for text, at in (("=a", 0), ("min(a; b)", 5), ("a b", 2))]
    ['text-equals-sign', 'text-semicolon', 'formula-unreadable']
    >>> unreadable("min(a", "min(a", 4, True, True).details["meant"]
    'min(a)'
    """
    if plain.lstrip().startswith("="):
        return Misread("text-equals-sign", text=text, meant=text.lstrip(" =＝"))
    if plain[at : at + 1] == ";":
        return Misread("text-semicolon", text=text, meant=text.replace(";", ",").replace("；", "，"))
    lacking = _never_closed(plain)
    if ended and lacking > 0:
        return Misread("text-bracket-open", text=text, count=lacking, meant=text.rstrip() + ")" * lacking)
    code = "formula-unreadable" if is_formula else "condition-unreadable"
    return Misread(code, text=text, before=plain[:at].strip(), at=plain[at : at + 20])


def _never_closed(plain: str) -> int:
    """Return how many round brackets are opened and not closed."""
    return plain.count("(") - plain.count(")")
