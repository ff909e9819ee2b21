"""The levels of a rating scale that have a label: which hold for an indicator, and what a typed label stands for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from xlperf.core.numbers import show_number
from xlperf.core.problems import Text
from xlperf.core.vocabulary import label_key
from xlperf.policy.scheme.records import Indicator, RatingLevel

SAME = 1e-9  # how near a mean must come to the value of a level


def levels_of(levels: Sequence[RatingLevel], indicator: str) -> tuple[RatingLevel, ...]:
    """Return the levels of an indicator from the best to the worst: its own, else those of all without their own.

    Parameters
    ----------
    levels : of the scheme
    indicator : the code of one that is rated
    """
    own = [each for each in levels if indicator in each.indicators]
    found = own or [each for each in levels if not each.indicators]
    known = (each for each in found if each.label.zh and each.value == each.value)
    return tuple(sorted(known, key=lambda each: -each.value))


def values_by_label(levels: Sequence[RatingLevel], indicator: str) -> dict[str, float]:
    """Return what the labels of an indicator stand for, each as ``label_key`` leaves it; arguments as ``levels_of``."""
    return {label_key(word): each.value for each in levels_of(levels, indicator) for word in each.label}


def scale_of(item: Indicator, full: float) -> tuple[float, float]:
    """Return the lowest and the highest score that a rating of an indicator may have.

    Parameters
    ----------
    item : one that is rated
    full : the full points, which is the scale where the rule of the indicator states none
    """
    low, high = item.parameters.get("low"), item.parameters.get("high")
    if item.rule == "rating_scale" and low is not None and high is not None:
        return float(low), float(high)
    return 0.0, float(full)


def level_said(item: Indicator, levels: Sequence[RatingLevel], value: float) -> Text | None:
    """Say a rating by its label and its place on the scale, such as Good (4 of 5); None where no label is its own.

    Parameters
    ----------
    item : the indicator that is rated
    levels : of the scheme
    value : the rating, or the mean of several
    """
    mine = levels_of(levels, item.code) if item.source == "ratings" else ()
    found = next((each for each in mine if abs(each.value - value) < SAME), None)
    if found is None:
        return None
    _, top = scale_of(item, mine[0].value)
    shown = show_number(found.value, 4), show_number(top, 4)
    return Text(f"{found.label.zh}（{'/'.join(shown)}）", f"{found.label.en} ({' of '.join(shown)})")


def level_text(level: RatingLevel) -> Text:
    """Write a level as it is offered: its label with the value.

    >>> level_text(RatingLevel((), Text("良好", "Good"), 4.0, Text("", ""))).en
    'Good = 4'
    """
    value = show_number(level.value, 4)
    return Text(f"{level.label.zh} = {value}", f"{level.label.en} = {value}")


@dataclass(frozen=True)
class RatingLabels:
    """The labels of all rated indicators; ``codes`` are the codes of these by code and name."""

    levels: tuple[RatingLevel, ...] = ()
    codes: Mapping[str, str] | None = None

    @classmethod
    def of(cls, levels: Iterable[RatingLevel], rated: Iterable[tuple[str, Text]]) -> RatingLabels:
        """Return the labels of indicators, given with codes and names; of two with a name the first one has it."""
        listed = list(rated)
        names = {word: code for code, name in reversed(listed) for word in name}
        return cls(tuple(levels), names | {code: code for code, _ in listed})

    def levels_of(self, indicator: str) -> tuple[RatingLevel, ...]:
        """Return the levels of an indicator, named by code or name; none where it is not rated."""
        code = (self.codes or {}).get(indicator)
        return levels_of(self.levels, code) if code else ()

    def value(self, indicator: str, label: str) -> float | None:
        """Return what a label stands for on the scale of an indicator; None where it has no such label."""
        code = (self.codes or {}).get(indicator)
        return values_by_label(self.levels, code).get(label_key(label)) if code else None
