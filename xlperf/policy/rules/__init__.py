"""Scoring rules: one measured figure and its target become points.

Each rule is a pure function over whole columns (a single number is a column of one). The names of its
arguments say what it needs. ``INPUTS`` come from the facts and the indicator; all other arguments are policy,
described on the card above the function and filled in from the workbook: no policy number lives here, and an
optional parameter that is not given switches its feature off. A missing number (NaN) stays missing, and what
cannot be scored is NaN, never zero. Nothing is rounded; only comparisons ignore float dust.

``RULES`` holds every rule by its code. A new rule is one decorated function in the room of its family, its code in
``ORDER`` and one file of worked cases.
"""

from xlperf.policy.rules.comparison import (
    COMPARISONS,
    as_good_as,
    attainment,
    bounded,
    count_steps,
    meets,
    outside,
    part_of,
    place_share,
    upward,
)
from xlperf.policy.rules.deductions import base_plus_minus, deduct_per_occurrence, deduct_per_step
from xlperf.policy.rules.definition import (
    COLUMNS,
    INPUTS,
    RULES,
    Column,
    Direction,
    Kind,
    Parameter,
    Rule,
    TargetUse,
    rule,
)
from xlperf.policy.rules.gates import all_of, pass_fail, veto, zero_item
from xlperf.policy.rules.levels import attainment_5432, bands, interpolated_levels, rank_percentile, rating_scale
from xlperf.policy.rules.parameters import BAND_SET, CAP, FLOOR, OPERATOR, POINTS_EACH, STEP, STEPS
from xlperf.policy.rules.proportion import bonus_over_target, extra_threshold, proportional, symmetric_120
from xlperf.policy.rules.ranges import range_scale, target_range

ORDER = (  # of the rules sheet
    "proportional",
    "bonus_over_target",
    "extra_threshold",
    "deduct_per_step",
    "deduct_per_occurrence",
    "zero_item",
    "attainment_5432",
    "bands",
    "pass_fail",
    "all_of",
    "rating_scale",
    "interpolated_levels",
    "symmetric_120",
    "range_scale",
    "target_range",
    "rank_percentile",
    "base_plus_minus",
    "veto",
)
RULES.update({code: RULES.pop(code) for code in ORDER})

__all__ = [
    "BAND_SET",
    "CAP",
    "COLUMNS",
    "COMPARISONS",
    "FLOOR",
    "INPUTS",
    "OPERATOR",
    "ORDER",
    "POINTS_EACH",
    "RULES",
    "STEP",
    "STEPS",
    "Column",
    "Direction",
    "Kind",
    "Parameter",
    "Rule",
    "TargetUse",
    "all_of",
    "as_good_as",
    "attainment",
    "attainment_5432",
    "bands",
    "base_plus_minus",
    "bonus_over_target",
    "bounded",
    "count_steps",
    "deduct_per_occurrence",
    "deduct_per_step",
    "extra_threshold",
    "interpolated_levels",
    "meets",
    "outside",
    "part_of",
    "pass_fail",
    "place_share",
    "proportional",
    "range_scale",
    "rank_percentile",
    "rating_scale",
    "rule",
    "symmetric_120",
    "target_range",
    "upward",
    "veto",
    "zero_item",
]
