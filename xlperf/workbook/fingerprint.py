"""The fingerprint of a workbook's contents, for the run record."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

import numpy as np
import pandas as pd

from xlperf.schema import LOGS, SHEETS
from xlperf.schema.tables import Table, Tables


def fingerprint(tables: Tables) -> str:
    """Return a hash of the contents of the policy and input sheets.

    The rows of input sheets count in any order; those of policy sheets in theirs, which is part of the policy.

    >>> from xlperf.schema.tables import table_of
    >>> one = fingerprint({"departments": table_of("departments", [{"department": "N"}, {"department": "S"}])})
    >>> one == fingerprint({"departments": table_of("departments", [{"department": "S"}, {"department": "N"}])})
    True
    """
    digest = sha256()
    for sheet in (each for each in SHEETS.values() if each.code not in LOGS):
        table = tables.get(sheet.code)
        if table is not None and table.outside is not None:
            digest.update(f"{sheet.code}\n{table.outside.fingerprint}\n".encode())
        if sheet.role != "output" and table is not None and len(table):
            frame = _contents(table)
            order = _order(frame, sheet.key) if sheet.role == "input" else np.arange(len(frame))
            digest.update(f"{sheet.code}\n{len(frame)}\n".encode())
            for name in frame.columns:
                digest.update(f"{name}\n".encode() + _written(frame[name].iloc[order]))
    return digest.hexdigest()


def _contents(table: Table) -> pd.DataFrame:
    """Return the columns that hold anything, by name, with the marks of what does not apply."""
    filled = table.frame.dropna(axis="columns", how="all")
    words = {str(name): _words(filled[name]) for name in filled if filled[name].dtype.kind not in "Mf"}
    marks = {f"{code}?": mask for code, mask in table.not_applicable.items()}
    return filled.assign(**words, **marks).sort_index(axis="columns")


def _words(column: pd.Series) -> pd.Series:
    if column.dtype == "str":
        return column.fillna("")
    return pd.Series(["" if pd.isna(value) else str(value) for value in column], column.index, dtype="str")


def _order(frame: pd.DataFrame, key: Sequence[str]) -> np.ndarray:
    """Return the order of the rows by their key, and by everything else where a key stands twice."""
    names = [code for code in key if code in frame]
    order = _sorted_by(frame, names)
    return _sorted_by(frame, [*names, *frame.columns.difference(names)]) if _tied(frame[names].iloc[order]) else order


def _sorted_by(frame: pd.DataFrame, names: list[str]) -> np.ndarray:
    return frame[names].sort_values(names).index.to_numpy() if names else np.arange(len(frame))


def _tied(keys: pd.DataFrame) -> bool:
    """Whether two rows that follow each other have the same keys, or a key is missing."""
    same = np.ones(max(len(keys) - 1, 0), bool)
    for name in keys:
        values = keys[name].array
        same &= np.asarray((values[1:] == values[:-1]) | values[1:].isna(), bool)
    return bool(same.any())


def _written(column: pd.Series) -> bytes:
    """Return the values of a column as bytes: moments in seconds, numbers as floats, texts with their lengths."""
    if column.dtype.kind == "M":
        return column.to_numpy("M8[s]").astype("<i8").tobytes()
    if column.dtype.kind == "f":
        numbers = column.to_numpy(np.float64)
        return np.where(np.isnan(numbers), np.nan, numbers + 0.0).astype("<f8").tobytes()
    if column.dtype.kind == "b":
        return column.to_numpy(bool).tobytes()
    words = column.tolist()
    return np.fromiter(map(len, words), "<i4", len(words)).tobytes() + "".join(words).encode("utf-8", "surrogatepass")
