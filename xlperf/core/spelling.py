"""Finds near spellings: a message names them, but nothing is ever joined because it looks alike."""

from __future__ import annotations

import re
from collections.abc import Iterable

from xlperf.core.vocabulary import fold

_SHORT_CHINESE = re.compile(r"[\u4e00-\u9fff]{2}")
_MOST, _HALF = 65, 50  # per cent of the letters that are the same


def similar(word: str, options: Iterable[str], most: int = 3) -> list[str]:
    """Return the options that look most like a word, best first.

    A short Chinese word may have one wrong character of two: input methods offer others of the same sound.

    >>> similar("GTXPro", ["GTX Pro", "GTX Plus Pro", "MG Special"])
    ['GTX Pro', 'GTX Plus Pro']
    >>> similar("Due dat", ["Due", "Due date", "Owner"])
    ['Due date', 'Due']
    >>> similar("态渡", ["态度", "能力"]), similar("ab", ["ac", "db"])
    (['态度'], [])
    """
    from rapidfuzz import fuzz, process

    alike = _HALF if _SHORT_CHINESE.fullmatch(word.strip()) else _MOST
    names = sorted(set(options))
    found = process.extract(word, names, scorer=fuzz.ratio, processor=fold, limit=most, score_cutoff=alike)
    return [name for name, _, _ in found]
