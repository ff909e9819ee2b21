"""The periods of a scheme: its own on the Periods sheet, before those of the ordinary calendar."""

from __future__ import annotations

import pandas as pd

from xlperf.core.periods import Period, Periods, backward, cumulative, overlaps, parse_period
from xlperf.core.problems import Problem
from xlperf.policy.scheme import Scheme


def calendar_of(scheme: Scheme) -> tuple[Periods, list[Problem]]:
    """Return the scheme's calendar, and its own periods that end before they start or lie over each other.

    Periods that begin on the same day, such as two years to date, may lie over each other: each is appraised by itself.
    That they were read so is a note, since a wrong start looks the same.
    """
    table = scheme.table("periods")
    rows = table.frame.dropna(subset=["period", "start", "end"])
    own = [
        Period(code, "custom", start.date(), end.date(), parent)
        for code, start, end, parent in zip(
            rows["period"], rows["start"], rows["end"], rows["parent"].fillna(""), strict=True
        )
        if _is_own(code, start, end)
    ]
    meant = [pair for pair in cumulative(own) if not backward(pair)]
    wrong = [(each, each) for each in backward(own)] + [pair for pair in overlaps(own) if pair not in meant]
    return Periods(own), [
        Problem(code, table.title, details={"first": first.code, "second": second.code})
        for code, pairs in (("periods-overlap", wrong), ("periods-cumulative", meant))
        for first, second in pairs
    ]


def _is_own(code: str, start: pd.Timestamp, end: pd.Timestamp) -> bool:
    """Whether a period is the scheme's own: an ordinary month with its ordinary days remains one."""
    known = parse_period(code)
    return known is None or (known.start, known.end) != (start.date(), end.date())
