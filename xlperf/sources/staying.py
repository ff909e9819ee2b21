"""Rows that are too many to be loaded: they stay in their Parquet file, and DuckDB sums them up there.

The same column expressions find and count them. What the rules of typing would change is changed in the same way: the
distinct texts of a column are typed like cells, and joined to the rows. Where that does not do - numbers or dates kept
as texts, a key that stands twice, conditions that look from one sheet to another - the rows are loaded after all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from xlperf.cells import read_table
from xlperf.layout import OWNER_COLUMNS, Column, Sheet
from xlperf.problems import Problem
from xlperf.raw import Cells
from xlperf.sources.files import ParquetFile, quoted
from xlperf.sources.wanted import named, policy_texts
from xlperf.tables import Outside, Table, Tables, empty
from xlperf.vocabulary import fold

if TYPE_CHECKING:
    import narwhals as nw

MOST_LOADED = 2_000_000  # rows; more of them stay outside
MOST_WORDS = 1_000_000  # distinct texts of a column that are typed one by one
_NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "DOUBLE", "DECIMAL")
_DAYS = ("DATE", "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS")
_ACROSS = tuple(map(fold, ("client.", "客户.", "tasks(", "任务数(")))  # conditions that look at another sheet


def stay(
    file: ParquetFile, sheet: Sheet, chosen: Mapping[str, str], tables: Tables
) -> tuple[Table, list[Problem]] | None:
    """Return the table of a file whose rows stay there; None where they are few, or have to be loaded.

    ``chosen`` gives the headings of the columns by code.
    """
    if file.count <= MOST_LOADED or sheet.code != "tasks" or _looks_across(tables):
        return None
    owner, is_named = OWNER_COLUMNS[sheet.code], named(tables)
    if chosen.keys() - sheet.by_code.keys() or file.repeats(chosen, sheet.key):
        return None
    columns = {code: sheet[code] for code in chosen if code == owner or is_named(sheet[code])}
    if not _has_plain_types(file, chosen, columns):
        return None
    parts, joins, problems = [], [], list[Problem]()
    for code, column in columns.items():
        heading = f"file.{quoted(chosen[code])}"
        if column.kind == "date":
            parts.append(f"CAST({heading} AS TIMESTAMP) AS {quoted(code)}")
        elif column.kind in ("number", "money", "fraction"):
            parts.append(f"CAST({heading} AS DOUBLE) AS {quoted(code)}")
        else:
            words = file.words(chosen[code], MOST_WORDS)
            if words is None:
                return None
            typed, found = _typed(column, sheet, words, file.title)
            problems += found
            meant = quoted(f"words of {code}")
            file.keep(meant, pd.DataFrame({"word": words, "typed": typed}))
            joins.append(f"LEFT JOIN {meant} ON {heading} = {meant}.word")
            parts.append(f"{meant}.typed AS {quoted(code)}")
    frame = file.lazy(", ".join(parts), " ".join(joins))
    table = replace(empty(sheet.code), title=file.title, letters=dict.fromkeys(columns, ""))
    note = Problem("facts-stay", file.title, details={"count": f"{file.count:,}"})
    return replace(table, outside=Outside(frame, file.count, _fingerprint(file.path))), [*problems, note]


def page(table: Table, condition: nw.Expr, size: int, number: int = 0) -> pd.DataFrame:
    """Return some of the rows that stay outside and meet a condition: so many, on the page of that number.

    ``condition`` is a column expression, as :func:`xlperf.conditions.rows_meeting` gives it.
    """
    import narwhals as nw

    assert table.outside is not None
    rows = nw.from_native(table.outside.frame).filter(condition).to_native()
    order = ", ".join(map(quoted, rows.columns))
    found: pd.DataFrame = rows.order(order).limit(size, offset=number * size).df()
    return found


def _looks_across(tables: Tables) -> bool:
    """Whether a condition looks at another sheet, or an indicator asks who owned a client on another day."""
    texts = list(map(fold, policy_texts(tables)))
    indicators = tables.get("indicators")
    other_days = indicators is not None and indicators["owner_at"].notna().any()
    return bool(other_days) or any(word in text for text in texts for word in _ACROSS)


def _has_plain_types(file: ParquetFile, chosen: Mapping[str, str], columns: Mapping[str, Column]) -> bool:
    """Whether numbers are kept as numbers and dates as dates."""
    wanted = {"number": _NUMBERS, "money": _NUMBERS, "fraction": _NUMBERS, "date": _DAYS}
    return all(
        file.types[chosen[code]].split("(")[0] in wanted.get(column.kind, ("VARCHAR",))
        for code, column in columns.items()
    )


def _typed(column: Column, sheet: Sheet, words: list[str], title: str) -> tuple[list[str | None], list[Problem]]:
    """Type the distinct texts of a column by the rules of the sheets."""
    alone = replace(sheet, columns=(replace(column, required=False),))
    table, problems = read_table(alone, {column.code: Cells.of(words)}, np.arange(len(words)), {}, title)
    typed = [None if pd.isna(word) else word for word in table.frame[column.code].tolist()]
    return typed, [replace(each, cells="") for each in problems]


def _fingerprint(path: str) -> str:
    digest = sha256()
    with Path(path).open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()
