"""Rows that are too many to be loaded: they stay in their Parquet file, and DuckDB sums them up there.

The same column expressions find and count them. What the rules of typing would change is changed in the same way: the
distinct texts of a column are typed like cells, and joined to the rows. Where that does not do - numbers or dates kept
as texts, a key that stands twice, conditions that look from one sheet to another - the rows are loaded after all.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd

from xlperf.core.column_store import Cells
from xlperf.core.problems import Problem, Text
from xlperf.core.vocabulary import fold
from xlperf.schema import Column, Sheet
from xlperf.schema.coercion import read_table
from xlperf.schema.tables import ROW, Outside, Table, Tables, empty
from xlperf.workbook.sources.addresses import CannotRead
from xlperf.workbook.sources.files import ParquetFile, quoted
from xlperf.workbook.sources.wanted import policy_texts, wanted

VARIABLE = "XLPERF_MOST_LOADED"  # names another limit: it depends on the memory of the machine, not on the policy
MOST_LOADED = 2_000_000  # rows; more of them stay outside
MOST_WORDS = 1_000_000  # distinct texts of a column that are typed one by one
_WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER")
_NUMBERS = (*_WHOLE, "DOUBLE", "DECIMAL")
_DAYS = ("DATE", "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS")
_TYPES = {"number": "DOUBLE", "money": "DOUBLE", "fraction": "DOUBLE", "date": "TIMESTAMP"}
_ACROSS = tuple(map(fold, ("client.", "客户.", "tasks(", "任务数(")))  # conditions that look at another sheet


class Cannot(Exception):  # noqa: N818 - carries a reason in words
    """Rows that have to be loaded, however many they are; the reason says why."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.reason = Text(zh, en)


def most_loaded() -> int:
    """Return how many rows are loaded at most: what the environment says, or two million."""
    wish = os.environ.get(VARIABLE, "").strip().replace(",", "").replace("_", "")
    if not wish:
        return MOST_LOADED
    if not (wish.isascii() and wish.isdigit()):
        raise CannotRead(Problem("facts-limit", details={"name": VARIABLE, "cell": wish}))
    return int(wish)


def too_many(title: str, count: int, reason: Text) -> list[Problem]:
    """Say that more rows were loaded than usual, and why; nothing where they are few."""
    if count <= most_loaded():
        return []
    return [Problem("facts-loaded", title, details={"count": f"{count:,}", "reason": reason})]


def stay(
    file: ParquetFile, sheet: Sheet, chosen: Mapping[str, str], tables: Tables, letters: Mapping[str, str]
) -> tuple[Table, list[Problem]] | None:
    """Return the table of a file whose rows stay there; None where they are few.

    Parameters
    ----------
    chosen : the headings of the columns by code
    letters : the letters of these columns, as they would be on a sheet

    Raises
    ------
    Cannot
        Where the rows are many, and have to be loaded all the same.
    """
    if file.count <= most_loaded():
        return None
    if sheet.code != "tasks":
        raise Cannot("只有任务可以留在原处", "only tasks can stay where they are")
    if _looks_across(tables):
        raise Cannot("有条件查看另一个工作表", "a condition looks at another sheet")
    if chosen.keys() - sheet.by_code.keys():
        raise Cannot("条件用到了自己加的列", "a condition asks for a column of your own")
    if file.repeats(chosen, sheet.key):
        raise Cannot("有编号空白、重复或含空格", "a key is blank, stands twice or holds blanks")
    needed = wanted(sheet, tables)
    parts, joins, problems = [f"file.file_row_number + 2 AS {quoted(ROW)}"], list[str](), list[Problem]()
    for column in filter(needed, sheet):
        part, join, found = _part(file, sheet, column, chosen.get(column.code))
        parts.append(f"{part} AS {quoted(column.code)}")
        joins += filter(None, [join])
        problems += found
    frame = file.lazy(", ".join(parts), " ".join(joins))
    table = replace(empty(sheet.code), title=file.title, letters=letters)
    note = Problem("facts-stay", file.title, details={"count": f"{file.count:,}"})
    return replace(table, outside=Outside(frame, file.count, _fingerprint(file.path), file.beside)), [*problems, note]


def _part(file: ParquetFile, sheet: Sheet, column: Column, heading: str | None) -> tuple[str, str, list[Problem]]:
    """Return how a column is read, what is joined for it, and what is wrong with its words."""
    kind = _TYPES.get(column.kind, "VARCHAR")
    if heading is None:
        return f"CAST(NULL AS {kind})", "", []
    name, stored = f"file.{quoted(heading)}", file.types[heading].split("(")[0]
    if kind != "VARCHAR" or (column.kind == "key" and stored in _WHOLE):
        if stored not in {"DOUBLE": _NUMBERS, "TIMESTAMP": _DAYS, "VARCHAR": _WHOLE}[kind]:
            raise Cannot(f"“{heading}”列的数字或日期存为文本", f'numbers or dates of "{heading}" are kept as texts')
        return f"CAST({name} AS {kind})", "", []
    if stored != "VARCHAR":
        raise Cannot(f"“{heading}”列的文本存为数字或日期", f'texts of "{heading}" are kept as numbers or dates')
    if column.kind == "key" and file.has_plain_keys(heading):
        return name, "", []
    words = file.words(heading, MOST_WORDS)
    if words is None:
        raise Cannot(f"“{heading}”列的不同文本过多", f'"{heading}" has too many different texts')
    typed, problems = _typed(column, sheet, words, file.title)
    meant = quoted(f"words of {column.code}")
    file.keep(meant, pd.DataFrame({"word": words, "typed": typed}))
    return f"{meant}.typed", f"LEFT JOIN {meant} ON {name} = {meant}.word", problems


def _looks_across(tables: Tables) -> bool:
    """Whether a condition looks at another sheet, or an indicator asks who owned a client on another day."""
    texts = list(map(fold, policy_texts(tables)))
    indicators = tables.get("indicators")
    other_days = indicators is not None and (
        indicators["owner_at"].notna().any() or (indicators["sharing"] == "days").any()
    )
    return bool(other_days) or any(word in text for text in texts for word in _ACROSS)


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
