"""Every scheme in both languages: one of the two by default, the other among the slow tests, the flagship always in both."""

import pytest

ALWAYS = ("securities-crm", "service-team")


def in_both_languages(names):
    """Return the pairs of scheme and language, every second scheme in Chinese by default and in English when slow."""
    pairs = []
    for number, name in enumerate(names):
        for lang in ("zh", "en"):
            quick = name in ALWAYS or (number % 2 == 0) == (lang == "zh")
            marks = () if quick else pytest.mark.slow
            pairs.append(pytest.param((name, lang), id=f"{name}-{lang}", marks=marks))
    return pairs
