"""How much of what could be tried is tried by default; ``HYPOTHESIS_PROFILE=thorough`` and the slow tests try the rest."""

import os

import pytest

THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"


def draws(many):
    """Return how many examples hypothesis draws where ``many`` are thorough."""
    return many if THOROUGH else max(5, many // 5)


def one_by_default(values):
    """Return the values for a parametrised test or fixture: the first by default, the others among the slow tests."""
    first, *others = (each if isinstance(each, tuple) else (each,) for each in values)
    return [pytest.param(*first), *(pytest.param(*each, marks=pytest.mark.slow) for each in others)]


def some_by_default(values, every):
    """Return the values for a parametrised test or fixture: every so-and-so-many-th by default, the others slow."""
    return [
        pytest.param(each, id=getattr(each, "stem", None), marks=() if number % every == 0 else pytest.mark.slow)
        for number, each in enumerate(values)
    ]
