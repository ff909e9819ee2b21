"""Every scheme in both languages: some of the pairs by default, all the others among the slow tests."""

import pytest

ALWAYS = ("securities-crm-zh", "service-team-zh", "service-team-en")


def in_both_languages(names, every=4, always=ALWAYS):
    """Return the pairs of scheme and language; by default every fourth scheme in Chinese and as many in English."""
    pairs = []
    for number, name in enumerate(names):
        for lang in ("zh", "en"):
            quick = f"{name}-{lang}" in always or (
                name != "securities-crm" and number % every == (0 if lang == "zh" else every // 2)
            )
            marks = () if quick else pytest.mark.slow
            pairs.append(pytest.param((name, lang), id=f"{name}-{lang}", marks=marks))
    return pairs
