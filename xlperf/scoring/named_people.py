"""Finds the people of a roster in texts that others are going to read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from unicodedata import normalize

SHORTEST_NAME = 2
_BLANKS = re.compile(r"\s+")


class NamedPeople:
    """The IDs and names of a roster, and who of them a text names."""

    def __init__(self, roster: Iterable[tuple[object, object]]) -> None:
        """Take pairs of ID and name; a name of one letter is looked for in no text."""
        self._called: dict[str, set[str]] = {}
        for who, name in roster:
            if isinstance(who, str):
                for word in {who, name}:
                    if isinstance(word, str) and (word == who or len(word) >= SHORTEST_NAME):
                        self._called.setdefault(word, set()).add(who)
        longest_first = sorted(self._called, key=lambda word: (-len(word), word))
        words = (rf"(?<![0-9A-Za-z]){re.escape(word)}(?![0-9A-Za-z])" for word in longest_first)
        self._pattern = re.compile("|".join(words) or "(?!)")

    def in_text(self, text: str) -> list[set[str]]:
        """Return whom each name or ID in a text may mean; full width and blanks within a name do not count.

        >>> people = NamedPeople([("00101", "王芳"), ("00102", "Bob Li")])
        >>> people.in_text("王 芳作证"), people.in_text("０0102 作证"), people.in_text("001023 is no ID")
        ([{'00101'}], [{'00102'}], [])
        """
        plain = normalize("NFKC", text)
        found = dict.fromkeys(word for each in (plain, _BLANKS.sub("", plain)) for word in self._pattern.findall(each))
        return [self._called[word] for word in found]
