"""Scoring rules: one measured figure and its target become points.

Nouns: a **rule** is a function with its card (``Rule``), a **parameter** (``Parameter``) a policy value that it asks
for, a **band** an interval with its points.

Each rule is a pure function over whole columns (a single number is a column of one). The names of its
arguments say what it needs. ``INPUTS`` come from the facts and the indicator; all other arguments are policy,
described on the card above the function and filled in from the workbook: no policy number lives here, and an
optional parameter that is not given switches its feature off. A missing number (NaN) stays missing, and what
cannot be scored is NaN, never zero. Nothing is rounded; only comparisons ignore float dust.

``RULES`` holds every rule by its code. A new rule is one decorated function in any module of this folder and one file
of worked cases in ``tests/cases/rules``: the modules are found here, and sheets, worksheet functions, VBA, documents
and tests follow from the registry.

A change of one rule goes into the module of its family; what several rules compare or count goes into ``comparison``,
its Excel twin into ``formulas``, a parameter that several rules ask for into ``parameters``.
"""

from importlib import import_module
from pkgutil import iter_modules

from xlperf.policy.rules.comparison import as_good_as, attainment
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

ORDER = (  # of the rules sheet; a rule that is not named here follows at its end
    "proportional",
    "bonus_over_target",
    "extra_threshold",
    "deduct_per_step",
    "up_and_down",
    "deduct_per_occurrence",
    "zero_item",
    "attainment_5432",
    "bands",
    "curve",
    "pass_fail",
    "all_of",
    "rating_scale",
    "interpolated_levels",
    "symmetric_120",
    "range_scale",
    "target_range",
    "rank_percentile",
    "standard_score",
    "base_plus_minus",
    "veto",
)

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")
for _code in sorted(RULES, key=lambda code: (ORDER.index(code) if code in ORDER else len(ORDER), code)):
    RULES[_code] = RULES.pop(_code)

__all__ = [
    "COLUMNS",
    "INPUTS",
    "ORDER",
    "RULES",
    "Column",
    "Direction",
    "Kind",
    "Parameter",
    "Rule",
    "TargetUse",
    "as_good_as",
    "attainment",
    "rule",
]
