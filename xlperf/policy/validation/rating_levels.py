"""Checks the Rating levels sheet: each label means one value on the scale, and each value has one label."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from xlperf.core.numbers import parse_number
from xlperf.core.problems import Problem
from xlperf.core.vocabulary import label_key
from xlperf.policy.scheme import Indicator, RatingLevel, Scheme, scale_of
from xlperf.policy.validation.addressing import Check, report

SHEET = "rating_levels"


def check_levels_rated(scheme: Scheme) -> Iterator[Problem]:
    """Levels belong to indicators that are rated."""
    rated = {each.code for each in scheme.indicators if each.source == "ratings"}
    known = {each.code: each.name for each in scheme.indicators}
    for position, level in enumerate(scheme.rating_levels):
        for code in level.indicators:
            if code in known and code not in rated:
                yield from report(scheme, "rating-levels-unrated", SHEET, "indicators", [position],
                                  indicator=known[code])  # fmt: skip
    if scheme.rating_levels and not rated:
        rows = range(len(scheme.rating_levels))
        yield from report(scheme, "rating-levels-idle", SHEET, "label", rows)


def check_labels_apart(scheme: Scheme) -> Iterator[Problem]:
    """No label stands twice among the levels of an indicator."""
    for rows in _twice(scheme, lambda level: {label_key(word) for word in level.label if word}):
        labels = [scheme.rating_levels[row].label for row in rows]
        values = [scheme.rating_levels[row].value for row in rows]
        yield from report(scheme, "rating-label-twice", SHEET, "label", rows, label=labels[0], values=values)


def check_values_apart(scheme: Scheme) -> Iterator[Problem]:
    """No value has two labels among the levels of an indicator: a rating is shown by one."""
    for rows in _twice(scheme, lambda level: {level.value} if level.value == level.value else set()):
        levels = [scheme.rating_levels[row] for row in rows]
        yield from report(scheme, "rating-value-twice", SHEET, "value", rows, value=levels[0].value,
                          labels=[level.label for level in levels])  # fmt: skip


def check_values_on_scale(scheme: Scheme) -> Iterator[Problem]:
    """Every value lies on the scale of every indicator that the level holds for."""
    for position, level in enumerate(scheme.rating_levels):
        scales = [(each, *scale_of(each, scheme.settings.full_points)) for each in _rated_by(scheme, level)]
        off = [scale for scale in scales if level.value < scale[1] or level.value > scale[2]]
        for each, low, high in off[:1]:
            yield from report(scheme, "rating-value-off-scale", SHEET, "value", [position], label=level.label,
                              value=level.value, indicator=each.name, low=low, high=high)  # fmt: skip


def check_labels_no_other_number(scheme: Scheme) -> Iterator[Problem]:
    """A label that reads as a number stands for that number, or nobody could tell which of the two is meant."""
    for position, level in enumerate(scheme.rating_levels):
        for word in dict.fromkeys(level.label):
            read = parse_number(word)
            if word and read.kind != "text" and read.value != level.value:
                yield from report(scheme, "rating-label-number", SHEET, "label", [position], label=word,
                                  value=level.value)  # fmt: skip


def _rated_by(scheme: Scheme, level: RatingLevel) -> list[Indicator]:
    """Return the indicators that a level holds for."""
    own = {code for each in scheme.rating_levels for code in each.indicators}
    rated = [each for each in scheme.indicators if each.source == "ratings" and each.is_understood]
    return [each for each in rated if each.code in level.indicators or not (level.indicators or each.code in own)]


def _twice(scheme: Scheme, marks: Callable[[RatingLevel], set[object]]) -> Iterator[list[int]]:
    """Yield two rows that share a mark though they hold for the same indicator."""
    for second, level in enumerate(scheme.rating_levels):
        for first, other in enumerate(scheme.rating_levels[:second]):
            same = set(level.indicators) & set(other.indicators) or not (level.indicators or other.indicators)
            if same and marks(level) & marks(other):
                yield [first, second]


CHECKS: tuple[Check, ...] = (
    check_levels_rated,
    check_labels_apart,
    check_values_apart,
    check_values_on_scale,
    check_labels_no_other_number,
)
