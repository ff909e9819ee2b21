"""Finds near spellings: a message names them, but nothing is ever joined because it looks alike."""

from __future__ import annotations

from collections.abc import Iterable

from xlperf.core.vocabulary import fold


def similar(word: str, options: Iterable[str], most: int = 3) -> list[str]:
    """Return the options that look most like a word, best first.

    >>> similar("GTXPro", ["GTX Pro", "GTX Plus Pro", "MG Special"])
    ['GTX Pro', 'GTX Plus Pro']
    >>> similar("Due dat", ["Due", "Due date", "Owner"])
    ['Due date', 'Due']
    """
    from rapidfuzz import fuzz, process

    names = sorted(set(options))
    found = process.extract(word, names, scorer=fuzz.ratio, processor=fold, limit=most, score_cutoff=65)
    return [name for name, _, _ in found]
