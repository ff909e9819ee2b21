"""Checks that the scheme is for the position whose job description stands beside it, and for those who hold it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from xlperf.checks.addressing import setting_at
from xlperf.problems import Problem
from xlperf.scheme import Scheme
from xlperf.settings import SETTINGS


def positions_agree(scheme: Scheme, groups: Iterable[str]) -> Iterator[Problem]:
    """Point out where the scheme's position differs from those described and from those that people hold.

    A scheme without a position of its own is for everybody. ``groups`` are the position groups that employees have.
    """
    position, setting = scheme.settings.position, SETTINGS["position"].name
    if not position:
        return
    described = [each.group for each in scheme.positions]
    others = [each for each in groups if each not in ("", position)]
    if described and position not in described:
        yield setting_at(scheme, "position-not-described", "position", cell=position, setting=setting, known=described)
    if others:
        yield setting_at(scheme, "position-of-others", "position", cell=position, setting=setting, others=others)
