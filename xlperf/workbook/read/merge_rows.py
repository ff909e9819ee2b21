"""Adds foreign rows to those that a sheet has: what is there already is taken once, and nothing is overwritten."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from openpyxl.utils import column_index_from_string, get_column_letter

from xlperf.core.problems import Lang, Problem
from xlperf.schema.tables import DTYPES, Table, empty, kind_of, typed
from xlperf.workbook.read.sheet_table import row_list, shown, table_of_rows


class Merged(NamedTuple):
    """A sheet with the new rows behind the old ones, which of the rows given are new, and what stood in the way."""

    table: Table
    new: np.ndarray
    problems: list[Problem]


def merge(existing: Table | None, incoming: Table, lang: Lang = "en") -> Merged:
    """Add rows to a sheet.

    A row with a key that the sheet has is left out where the two agree in every column that it brings; where they
    differ, that is a problem at the cells of the file. The addresses of the result are those of the sheet.

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
    there = ours.frame[keys].assign(there=np.arange(len(ours), dtype=float)).drop_duplicates(keys)
    found = incoming.frame[keys].merge(there, how="left", on=keys)["there"].to_numpy(dtype=float)
    new = np.isnan(found)
    conflicts = _conflicts(ours, found[~new].astype(int), incoming, np.flatnonzero(~new))
    return Merged(_appended(ours, table_of_rows(incoming, new)), new, conflicts)


def _conflicts(ours: Table, here: np.ndarray, incoming: Table, there: np.ndarray) -> list[Problem]:
    """Report, column by column, the cells of the file that differ from those of the sheet."""
    problems = []
    for code in incoming.letters:
        if code in incoming.sheet.key or not len(here):
            continue
        known = code in ours.frame
        mine = ours.frame[code].iloc[here].map(shown).to_numpy() if known else np.full(len(here), "")
        theirs = incoming.frame[code].iloc[there].map(shown).to_numpy()
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


def _appended(ours: Table, new: Table) -> Table:
    names = list(dict.fromkeys((*ours.frame.columns, *new.frame.columns)))
    frame = pd.DataFrame({name: _joined(ours, new, name) for name in names})
    last = int(ours.rows.max()) if len(ours) else 1
    more = [name for name in names if name not in ours.letters and name in new.letters]
    width = max(map(column_index_from_string, ours.letters.values()), default=0) if more else 0
    letters = {code: get_column_letter(number) for number, code in enumerate(more, start=width + 1)}
    marks = {
        code: np.concatenate([_marks(table, code) for table in (ours, new)])
        for code in (*ours.not_applicable, *new.not_applicable)
    }
    rows = np.concatenate([ours.rows, np.arange(last + 1, last + 1 + len(new))]).astype(np.int64)
    return replace(ours, frame=frame, rows=rows, letters={**ours.letters, **letters}, not_applicable=marks)


def _joined(ours: Table, new: Table, name: str) -> pd.Series:
    """Put two columns under each other; where columns of HR's own differ in kind, the whole is text."""
    parts = [table.frame.get(name, pd.Series([None] * len(table))) for table in (ours, new)]
    kinds = {kind_of(part) for part in parts if part.notna().any()}
    if name in ours.sheet.by_code:
        kind = ours.sheet[name].kind
    else:
        kind = kinds.pop() if len(kinds) == 1 else "text"
        parts = parts if kind in DTYPES else [part.map(lambda value: shown(value) or None) for part in parts]
    values = [value for part in parts for value in part]
    return pd.Series(values, dtype="object") if kind == "any" else typed(values, kind)


def _marks(table: Table, code: str) -> np.ndarray:
    return table.not_applicable.get(code, np.zeros(len(table), dtype=bool))
