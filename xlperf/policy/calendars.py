"""The periods of a scheme: its own on the Periods sheet, before those of the ordinary calendar."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd

from xlperf.core.periods import Period, Periods, backward, cumulative, overlaps, parse_period
from xlperf.core.problems import Problem
from xlperf.policy.scheme import Scheme
from xlperf.policy.validation.addressing import report


def calendar_of(scheme: Scheme) -> tuple[Periods, list[Problem]]:
    """Return the scheme's calendar, and what is wrong with its own periods.

    They must not end before they start or lie over each other, and the period that one belongs to can be read; without
    a year it is the one around it.

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
    around = Periods(own)
    parents = [around.resolve([each.parent_code], each).get(each.parent_code) for each in own]
    lost = {each.parent_code for each, parent in zip(own, parents, strict=True) if each.parent_code and not parent}
    cells = {label: table.cells("parent", (table["parent"] == label).to_numpy(bool)) for label in sorted(lost)}
    unreadable = [Problem("period-unreadable", table.title, cells[label], {"cell": label}) for label in cells]
    own = [replace(each, parent_code=parent.code if parent else "") for each, parent in zip(own, parents, strict=True)]
    meant = [pair for pair in cumulative(own) if not backward(pair)]
    wrong = [pair for pair in overlaps(own) if pair not in meant]
    return Periods(own), [*unreadable, *_dates_doubtful(scheme)] + [
        Problem(code, table.title, details={"first": first.code, "second": second.code})
        for code, pairs in (("periods-overlap", wrong), ("periods-cumulative", meant))
        for first, second in pairs
    ]


def _dates_doubtful(scheme: Scheme) -> Iterator[Problem]:
    """Report periods without dates or with reversed ones, and ordinary labels for days that lie elsewhere."""
    table = scheme.table("periods")
    for position, (code, start, end) in enumerate(zip(table["period"], table["start"], table["end"], strict=True)):
        known = parse_period(code) if isinstance(code, str) else None
        found = {
            ("period-undated", "start"): known is None and (pd.isna(start) or pd.isna(end)),
            ("period-backward", "end"): end < start,
            ("period-elsewhere", "start"): known is not None
            and bool(start > pd.Timestamp(known.end) or end < pd.Timestamp(known.start)),
        }
        for (message, column), is_so in found.items():
            if is_so and isinstance(code, str):
                yield from report(scheme, message, "periods", column, [position], cell=code)


def _is_own(code: str, start: pd.Timestamp, end: pd.Timestamp) -> bool:
    """Whether a period is the scheme's own: an ordinary month with its ordinary days remains one."""
    known = parse_period(code)
    return known is None or (known.start, known.end) != (start.date(), end.date())
