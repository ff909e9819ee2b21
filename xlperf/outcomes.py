"""Lists that follow from the results: raise, award, training and so on, each with its evidence."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import narwhals as nw
import numpy as np
import pandas as pd

from xlperf.conditions import Placed, When, in_words, rows_meeting
from xlperf.layout import Column
from xlperf.problems import Lang
from xlperf.scheme import Outcome


def on_lists(
    results: pd.DataFrame, outcomes: Sequence[Outcome], when: When, head_count: Callable[[float, int], int]
) -> np.ndarray:
    """Tell who is on which list: one row a person, one column a list.

    ``results`` are the rows of the Results sheet. ``head_count`` gives how many people of a pool of a size a share is;
    last shares count from the other end.
    """
    rows = results.assign(from_end=_places_from_end(results), position=np.arange(len(results)))
    frame = nw.from_native(rows)

    def placed(node: Placed) -> nw.Expr:
        place = rows["place" if node.end == "top" else "from_end"]
        sizes = rows["pool_size"].fillna(0).astype("int64")
        allowed = sizes.map({size: head_count(node.share, size) for size in sizes.unique()})
        return nw.col("position").is_in(np.flatnonzero(place <= allowed).tolist())

    ranked = replace(when, places=placed)
    member = np.zeros((len(rows), len(outcomes)), bool)
    for column, outcome in enumerate(outcomes):
        member[:, column] = frame.select(on=rows_meeting(outcome.where, ranked))["on"].to_numpy()
        if outcome.staff_class:
            member[:, column] &= rows["staff_class"].isin(outcome.staff_class).to_numpy()
    return member & results["total"].notna().to_numpy()[:, None]


def _places_from_end(results: pd.DataFrame) -> pd.Series:
    """Return the place counted from the end of the pool: 1 is last; equal totals share the better (larger) count."""
    below = results.groupby("pool")["total"].rank(method="min")
    return below.where(results["place"].notna())


def evidence(row: Mapping[str, object], outcome: Outcome, columns: Mapping[str, Column], lang: Lang) -> str:
    """Say why somebody is on a list: the condition in words, and the figures it looked at."""
    condition = in_words(outcome.where, lang, columns)
    place, size, total = row["place"], row["pool_size"], row["total"]
    if lang == "zh":
        ranked = f"，第 {place:.0f} 名（共 {size:.0f} 人）" if place == place else ""
        return f"{condition}：总分 {total:.10g}{ranked}"
    ranked = f", place {place:.0f} of {size:.0f}" if place == place else ""
    return f"{condition}: total {total:.10g}{ranked}"
