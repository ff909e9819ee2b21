"""Checks a scheme before anything is scored.

Each check is a function from a scheme to its problems; adding one is adding a name to a tuple ``CHECKS``.
"""

from __future__ import annotations

from collections.abc import Iterable

from xlperf.checks import basics, clients, pairs, parts, pay, raters, task_rules
from xlperf.checks.addressing import Check, as_percent
from xlperf.checks.basics import exact_shares, weights_of_groups
from xlperf.checks.positions import positions_agree
from xlperf.problems import Problem
from xlperf.scheme import Scheme

__all__ = ["CHECKS", "as_percent", "check_scheme", "exact_shares"]

CHECKS: tuple[Check, ...] = (
    *basics.CHECKS,
    *raters.CHECKS,
    *parts.CHECKS,
    *pay.CHECKS,
    *pairs.CHECKS,
    *clients.CHECKS,
    *task_rules.CHECKS,
)


def check_scheme(scheme: Scheme, groups: Iterable[str] = ()) -> list[Problem]:
    """Return every problem of a scheme; ``groups`` are the position groups that employees have."""
    found = [problem for check in CHECKS for problem in check(scheme)]
    held = list(groups)
    return [*found, *weights_of_groups(scheme, held), *positions_agree(scheme, held)]
