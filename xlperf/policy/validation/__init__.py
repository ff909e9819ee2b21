"""Checks a scheme before anything is scored.

Each check is a function from a scheme to its problems; adding one is adding a name to a tuple ``CHECKS``.

Nouns: a check. It goes into the module of its policy sheet.
"""

from __future__ import annotations

from collections.abc import Iterable

from xlperf.core.problems import Problem
from xlperf.policy.scheme import Scheme
from xlperf.policy.validation import (
    basics,
    boxes,
    conditions_met,
    curve_anchors,
    formulas_own,
    pairs,
    parts,
    quota_limits,
    raters,
    rating_levels,
    task_rules,
)
from xlperf.policy.validation import (
    client_levels as clients,
)
from xlperf.policy.validation import (
    pay_rules as pay,
)
from xlperf.policy.validation.addressing import Check, as_percent
from xlperf.policy.validation.basics import exact_shares, weights_of_groups
from xlperf.policy.validation.positions import groups_held, positions_agree

__all__ = ["CHECKS", "as_percent", "check_scheme", "exact_shares"]

CHECKS: tuple[Check, ...] = (
    *basics.CHECKS,
    *conditions_met.CHECKS,
    *curve_anchors.CHECKS,
    *formulas_own.CHECKS,
    *raters.CHECKS,
    *rating_levels.CHECKS,
    *parts.CHECKS,
    *pay.CHECKS,
    *pairs.CHECKS,
    *clients.CHECKS,
    *task_rules.CHECKS,
    *quota_limits.CHECKS,
    *boxes.CHECKS,
)


def check_scheme(scheme: Scheme, groups: Iterable[str] = ()) -> list[Problem]:
    """Return every problem of a scheme; ``groups`` are the position groups that employees have."""
    found = [problem for check in CHECKS for problem in check(scheme)]
    held = list(groups)
    return [*found, *weights_of_groups(scheme, held), *positions_agree(scheme, held), *groups_held(scheme, held)]
