"""Checks that the scheme is for the position whose job description stands beside it, and for those who hold it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from xlperf.core.problems import Problem
from xlperf.core.spelling import similar
from xlperf.policy.scheme import Scheme
from xlperf.policy.validation.addressing import report, report_setting
from xlperf.schema.settings import SETTINGS


def positions_agree(scheme: Scheme, groups: Iterable[str]) -> Iterator[Problem]:
    """Point out where the scheme's positions differ from those described and from those that people hold.

    A scheme without positions of its own is for everybody. ``groups`` are the position groups that employees have.
    """
    positions, setting = scheme.settings.position, SETTINGS["position"].name
    if not positions:
        return
    described = [each.group for each in scheme.positions]
    missing = [each for each in positions if described and each not in described]
    if missing:
        yield from report_setting(
            scheme, "position-not-described", "position", cell=missing, setting=setting, known=described
        )
    others = [each for each in groups if each not in ("", *positions)]
    if others:
        yield from report_setting(
            scheme, "position-of-others", "position", cell=positions, setting=setting, others=others
        )


def groups_held(scheme: Scheme, groups: Iterable[str]) -> Iterator[Problem]:
    """Point out position groups of indicators that nobody holds and no job description names: often a misspelling."""
    held = {each for each in groups if each}
    known = {*held, *(each.group for each in scheme.positions), *scheme.settings.position}
    for position, each in enumerate(scheme.indicators):
        if each.group and known and each.group not in known:
            yield from report(scheme, "group-not-held", "indicators", "group", [position], cell=each.group,
                              near=similar(each.group, known))  # fmt: skip
