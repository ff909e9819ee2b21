"""What identifies a record: the key columns of its sheet, and keys that stand in more than one row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from xlperf.core.problems import Problem
from xlperf.schema import Sheet
from xlperf.schema.tables import Table, show_value

Aliases = Mapping[str, Mapping[str, str]]  # by key column: the codes that words stand for, "" for an empty cell
NO_ALIASES: Aliases = MappingProxyType({})
KEYS_LISTED = 20  # keys that stand twice are reported one by one up to this number


def identity_of(sheet: Sheet, present: Mapping[str, Any]) -> str:
    """Return the column that says what a row is about: the first required one of the key, or "" without a key.

    ``present`` are the columns that the workbook has, by code.
    """
    keys = [code for code in sheet.key if code in present]
    return next((code for code in keys if sheet[code].required), keys[0] if keys else "")


def under_codes(table: Table, aliases: Aliases) -> pd.DataFrame:
    """Return the rows of a table with the codes that the words of its key columns stand for.

    >>> from xlperf.schema.tables import table_of
    >>> table = table_of("actuals", [{"indicator": "Sales"}, {"indicator": "churn"}, {"indicator": None}])
    >>> under_codes(table, {"indicator": {"Sales": "sales", "": "none"}})["indicator"].tolist()
    ['sales', 'churn', 'none']
    """
    frame = table.frame
    for column in table.sheet.key:
        if column in aliases and column in frame:
            words = frame[column].fillna("")
            frame = frame.assign(**{column: words.map(aliases[column]).fillna(frame[column])})
    return frame


def drop_repeated_rows(table: Table, aliases: Aliases = NO_ALIASES) -> tuple[Table, list[Problem]]:
    """Return a table without rows that repeat another in every cell, and the keys that stand twice.

    Different rows with one key are errors at all of their cells, and stay; ``Table.unique`` knows nothing of them.
    Keys are compared under the codes that ``aliases`` gives for their words.

    Examples
    --------
    >>> from xlperf.schema.tables import table_of
    >>> twice = [{"client_id": "C1", "owner_id": "E1"}, {"client_id": "C1", "owner_id": "E2"}]
    >>> table, problems = drop_repeated_rows(table_of("clients", [*twice, twice[0]]))
    >>> len(table), [(problem.code, problem.cells) for problem in problems]
    (2, [('row-repeated', 'A4'), ('key-twice', 'A2:A3 (2)')])
    """
    sheet, frame = table.sheet, under_codes(table, aliases)
    keys = [code for code in sheet.key if code in table.letters]
    if sheet.code == "settings" or not keys:
        return table, []
    column = identity_of(sheet, table.letters)
    clash = (frame.duplicated(keys, keep=False) & frame[column].notna()).to_numpy()
    problems = []
    again = np.zeros(len(frame), bool)
    again[clash] = frame[clash].duplicated(keep="first")
    if again.any():
        details = {"count": int(again.sum()), "column": sheet[column].name}
        problems.append(Problem("row-repeated", table.title, table.cells(column, again), details))
        table = table.where(~again)
        frame, clash = frame[~again].reset_index(drop=True), clash[~again]
        clash[clash] = frame[clash].duplicated(keys, keep=False)
    groups = [rows for _, rows in frame[clash].groupby(keys, dropna=False, sort=True)]
    names = [sheet[code].name for code in keys]
    for rows in groups[:KEYS_LISTED]:
        positions = rows.index.to_list()
        key = [text for value in rows.iloc[0][keys] if (text := show_value(value))]
        details = {"key": key, "columns": names, "rows": row_list(table.rows[positions])}
        problems.append(Problem("key-twice", table.title, table.cells(column, positions), details))
    if len(groups) > KEYS_LISTED:
        positions = [position for rows in groups[KEYS_LISTED:] for position in rows.index]
        more: dict[str, Any] = {"count": len(groups) - KEYS_LISTED, "columns": names}
        problems.append(Problem("keys-twice", table.title, table.cells(column, positions), more))
    return table, problems


def row_list(rows: Iterable[int]) -> list[str]:
    """Return row numbers as words for a message.

    >>> row_list([7, 3])
    ['3', '7']
    """
    return [str(int(row)) for row in sorted(rows)]
