"""Checks who rates: the weights of the relations, and that every rated dimension has some."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from xlperf.core.numbers import SHARE_TOLERANCE, fraction_of
from xlperf.core.problems import Problem, Text
from xlperf.core.spelling import similar
from xlperf.policy.scheme import Indicator, RaterWeight, Scheme
from xlperf.policy.validation.addressing import Check, listed, report
from xlperf.schema import SHEETS

ALL_OTHERS = Text("其余所有维度", "all other dimensions")


def relations_of(scheme: Scheme, dimension: str) -> tuple[RaterWeight, ...]:
    """Return the relations that rate a dimension: its own rows, else the rows without a dimension."""
    own = tuple(each for each in scheme.raters if each.dimension == dimension)
    return own or tuple(each for each in scheme.raters if not each.dimension)


def is_weighed(each: Indicator) -> bool:
    """Whether the ratings of an indicator are weighed by relation: those whose mean is taken."""
    return each.source == "ratings" and each.measure == "mean"


def check_rater_dimensions_known(scheme: Scheme) -> Iterator[Problem]:
    """The dimensions of the Raters sheet exist."""
    known = [each.code for each in scheme.dimensions]
    for position, each in enumerate(scheme.raters):
        if each.dimension and each.dimension not in known:
            yield from report(scheme, "code-unknown", "raters", "dimension", [position], cell=each.dimension,
                     column=SHEETS["raters"]["dimension"].name, sheet=SHEETS["dimensions"].title,
                     near=similar(each.dimension, known))  # fmt: skip


def check_rater_weights_total(scheme: Scheme) -> Iterator[Problem]:
    """The weights of the relations of each dimension total 100 %."""
    names = {"": ALL_OTHERS} | {each.code: each.name for each in scheme.dimensions}
    for dimension in dict.fromkeys(each.dimension for each in scheme.raters):
        rows = [position for position, each in enumerate(scheme.raters) if each.dimension == dimension]
        weights = [scheme.raters[position].weight for position in rows]
        total = sum((fraction_of(weight) for weight in weights if weight == weight), Fraction(0))
        if abs(total - 100) > SHARE_TOLERANCE:
            yield from report(scheme, "rater-weights", "raters", "weight", rows, dimension=names.get(dimension,
                     dimension),
                     sum=f"{float(total):.10g}%", wanted="100%", gap=f"{float(100 - total):+.10g}%",
                     listed=listed(weights, "%"))  # fmt: skip


def check_rater_weights_positive(scheme: Scheme) -> Iterator[Problem]:
    """No relation of raters has a weight below zero."""
    for position, each in enumerate(scheme.raters):
        if each.weight < 0:
            yield from report(scheme, "rater-weight-negative", "raters", "weight", [position], cell=each.weight)


def check_rated_dimensions_weighed(scheme: Scheme) -> Iterator[Problem]:
    """Where raters are weighed, they are weighed in every dimension that is rated."""
    names = {each.code: each.name for each in scheme.dimensions}
    rated = [position for position, each in enumerate(scheme.indicators) if is_weighed(each)]
    for dimension in dict.fromkeys(scheme.indicators[position].dimension for position in rated):
        if scheme.raters and not relations_of(scheme, dimension):
            rows = [position for position in rated if scheme.indicators[position].dimension == dimension]
            yield from report(scheme, "rater-weights-missing", "indicators", "dimension", rows,
                     dimension=names.get(dimension, dimension),
                     indicators=[scheme.indicators[position].name for position in rows])  # fmt: skip


CHECKS: tuple[Check, ...] = (
    check_rater_dimensions_known,
    check_rater_weights_total,
    check_rater_weights_positive,
    check_rated_dimensions_weighed,
)
