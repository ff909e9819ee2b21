"""Every scheme in one of the two languages: some of them by default, all the others among the slow tests."""

import pytest

LANGUAGES = ("zh", "en")


def by_turns(names, every=8):
    """Return the schemes with a language each, as these differ in words only; two of so many are asked by default."""
    pairs = [(name, LANGUAGES[number % 2]) for number, name in enumerate(names)]
    return [
        pytest.param(pair, id="-".join(pair), marks=() if number % every < 2 else pytest.mark.slow)
        for number, pair in enumerate(pairs)
    ]
