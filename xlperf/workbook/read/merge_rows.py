"""Adds foreign rows to those that a sheet has: what is there already is taken once, and nothing is overwritten."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from xlperf.core.problems import Lang, Problem
from xlperf.schema.keys import NO_ALIASES, Aliases, row_list, under_codes
from xlperf.schema.tables import Table, empty, show_value


class Merged(NamedTuple):
    """A sheet with the new rows behind the old ones, which of the rows given are new, and what stood in the way."""

    table: Table
    new: np.ndarray
    problems: list[Problem]


def merge(existing: Table | None, incoming: Table, lang: Lang = "en", aliases: Aliases = NO_ALIASES) -> Merged:
    """Add rows to a sheet.

    A row with a key that the sheet has is left out where the two agree in every column that it brings; where they
    differ, that is a problem at the cells of the file. Keys are compared under the codes that ``aliases`` gives for
    their words: the book may call an indicator by its code and the file by its name. The addresses of the result are
    those of the sheet.

    Examples
    --------
    >>> from xlperf.schema.tables import table_of
    >>> ours = table_of("departments", [{"department": "N"}])
    >>> merged = merge(ours, table_of("departments", [{"department": "N"}, {"department": "S"}]))
    >>> merged.table.frame["department"].tolist(), merged.new.tolist(), merged.table.rows.tolist()
    (['N', 'S'], [False, True], [2, 3])
    """
    ours = existing or empty(incoming.sheet.code, lang)
    keys = list(incoming.sheet.key)
    there = under_codes(ours, aliases)[keys].assign(there=np.arange(len(ours), dtype=float)).drop_duplicates(keys)
    found = under_codes(incoming, aliases)[keys].merge(there, how="left", on=keys)["there"].to_numpy(dtype=float)
    new = np.isnan(found)
    conflicts = _conflicts(ours, found[~new].astype(int), incoming, np.flatnonzero(~new))
    return Merged(ours.append(incoming.where(new)), new, conflicts)


def _conflicts(ours: Table, here: np.ndarray, incoming: Table, there: np.ndarray) -> list[Problem]:
    """Report, column by column, the cells of the file that differ from those of the sheet."""
    problems = []
    for code in incoming.letters:
        if code in incoming.sheet.key or not len(here):
            continue
        known = code in ours.frame
        mine = ours.frame[code].iloc[here].map(show_value).to_numpy() if known else np.full(len(here), "")
        theirs = incoming.frame[code].iloc[there].map(show_value).to_numpy()
        differ = np.flatnonzero(mine != theirs)
        if len(differ):
            first = differ[0]
            details = {
                "count": len(differ),
                "column": incoming.column(code).name,
                "cell": theirs[first],
                "ours": mine[first],
                "sheet": ours.title,
                "rows": row_list(ours.rows[[here[first]]]),
            }
            problems.append(Problem("import-conflict", incoming.title, incoming.cells(code, there[differ]), details))
    return problems
