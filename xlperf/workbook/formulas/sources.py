"""The input sheets as formulas see them: where columns stand, and whether their cells mean what xlperf reads in them.

xlperf reads "85分" as 85, merged cells as filled and "Done" as the status done; a formula sees the cells as they are.
A column is therefore compared, cell by cell, with what was read from it, and formulas go only by columns that agree.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from openpyxl.utils import column_index_from_string, quote_sheetname

from xlperf.core.problems import Lang, Text
from xlperf.policy.conditions.criteria import Cells, alike
from xlperf.policy.scheme import Indicator
from xlperf.schema import Column
from xlperf.schema.tables import Table, Tables
from xlperf.workbook.area import BLANK_ROWS
from xlperf.xlsx.reader.workbook import Grid, Workbook

Sources = Mapping[str, Mapping[str, Cells]]  # by sheet and column code

NOT_THERE = Text(
    "单元格里没有所读的内容（合并单元格，或由 xlperf 计算）",
    "what is read does not stand in the cells: they are merged, or xlperf computes it",
)
NUMBERS_AS_TEXT = Text("数字按文字填写", "numbers are written as texts")
DATES_AS_TEXT = Text("日期按文字填写", "dates are written as texts")
TEXTS_AS_NUMBERS = Text("编号按数字填写", "codes are written as numbers")
OTHER_SPELLING = Text(
    "文字与读取结果不一致（空格、全角等）", "texts are not spelt as they are read: blanks or wide letters"
)
SEVERAL_WIDTHS = Text("同一词语有全角和半角两种写法", "a word is spelt in wide and in narrow letters")
ROWS_BETWEEN = Text("表中有不作为记录的行", "rows that are no records stand among the others")


def sources_of(
    path: Path, tables: Tables, columns: Mapping[str, Iterable[str]], lang: Lang
) -> dict[str, dict[str, Cells]]:
    """Return the columns of a workbook's input sheets as formulas see them.

    Parameters
    ----------
    path : the workbook that was read
    tables : the input sheets as the run took them, with what it derived
    columns : the columns that are wanted, by sheet; those that the workbook lacks are left out
    lang : the language of the words that HR will choose from
    """
    wanted = {tables[sheet].title: (sheet, set(codes)) for sheet, codes in columns.items() if sheet in tables}
    found = {}
    with Workbook(path) as workbook:
        for part in workbook.sheets:
            if part.title in wanted:
                sheet, codes = wanted[part.title]
                found[sheet] = source(workbook.grid(part), tables[sheet], codes, lang)
    return found


def source(grid: Grid, table: Table, codes: Iterable[str], lang: Lang) -> dict[str, Cells]:
    """Return some columns of one sheet as formulas see them."""
    places = {code: column_index_from_string(table.letters[code]) for code in sorted(codes) if table.has(code)}
    first, last, between = _extent(grid, table.rows, places.values())
    position = {row: at for at, row in enumerate(grid.rows)}
    at = [position.get(row) for row in table.rows.tolist()]
    cells = {}
    for code, number in places.items():
        values = list(grid.columns.get(number, ()))
        raw = [values[each] if each is not None and values else None for each in at]
        address = f"{quote_sheetname(table.title)}!${table.letters[code]}${first}:${table.letters[code]}${last}"
        seen = seen_cells(address, raw, table[code], table.column(code), lang)
        cells[code] = Cells(address, ROWS_BETWEEN) if between else seen
    return cells


def _extent(grid: Grid, rows: np.ndarray, numbers: Iterable[int]) -> tuple[int, int, bool]:
    """Return the first and last row of a range for the records and the empty rows below, and what it must not hold."""
    above = max(grid.rows, default=0)  # of a sheet that only has headings
    first, last = (int(rows.min()), int(rows.max())) if len(rows) else (above + 1, above + 1)
    filled = {
        row for number in numbers for row, value in zip(grid.rows, grid.columns.get(number, ()), strict=False)
        if value is not None
    }  # fmt: skip
    others = filled - set(rows.tolist())
    below = [row for row in others if row > last]
    end = min([last + BLANK_ROWS["input"], *(row - 1 for row in below)])
    return first, end, any(first <= row <= last for row in others)


def seen_cells(address: str, raw: Sequence[Any], read: pd.Series, column: Column, lang: Lang) -> Cells:
    """Compare the raw cells of a column with what was read from them."""
    if any(isinstance(value, bool) for value in raw):
        return Cells(address, OTHER_SPELLING)
    match column.kind:
        case "date":
            return _dates(address, raw, read)
        case "number" | "fraction" | "money":
            return _numbers(address, raw, read)
        case _:
            return _texts(address, raw, read, column, lang)


def _dates(address: str, raw: Sequence[Any], read: pd.Series) -> Cells:
    texts = np.array([isinstance(value, str) for value in raw], bool)
    if (texts & read.notna().to_numpy()).any():
        return Cells(address, DATES_AS_TEXT)
    moments = [value if isinstance(value, date) else None for value in raw]
    same = pd.Series(moments, dtype="datetime64[s]").equals(read.reset_index(drop=True).astype("datetime64[s]"))
    if not same or any(value is not None and not isinstance(value, (str, date)) for value in raw):
        return Cells(address, NOT_THERE)
    whole = all(value.time() == time() for value in moments if isinstance(value, datetime))
    return Cells(address, whole=whole, mixed=bool(texts.any()))


def _numbers(address: str, raw: Sequence[Any], read: pd.Series) -> Cells:
    texts = np.array([isinstance(value, str) for value in raw], bool)
    if (texts & read.notna().to_numpy()).any():
        return Cells(address, NUMBERS_AS_TEXT)
    if any(not isinstance(value, (int, float, str)) for value in raw if value is not None):
        return Cells(address, NOT_THERE)
    numbers = np.array([np.nan if value is None or isinstance(value, str) else float(value) for value in raw])
    if not np.array_equal(numbers, read.to_numpy(np.float64), equal_nan=True):
        return Cells(address, NOT_THERE)
    known = np.unique(numbers[~np.isnan(numbers)])
    short = all(float(f"{value:.15g}") == value for value in known.tolist())
    return Cells(address, whole=bool((known == np.round(known)).all()), short=short, mixed=bool(texts.any()))


def _texts(address: str, raw: Sequence[Any], read: pd.Series, column: Column, lang: Lang) -> Cells:
    if any(value is not None and not isinstance(value, str) for value in raw):
        return Cells(address, TEXTS_AS_NUMBERS)
    pairs = set(zip(raw, read.astype(object).where(read.notna(), None), strict=True))
    if any((text is None) != (code is None) for text, code in pairs):
        return Cells(address, NOT_THERE)
    known = {(text, code) for text, code in pairs if text is not None}
    if column.kind == "choice":
        return _words(address, known, column, lang)
    if any(text != code for text, code in known):
        return Cells(address, OTHER_SPELLING)
    return Cells(address, texts=frozenset(text for text, _ in known))


def _words(address: str, known: set[tuple[str, str]], column: Column, lang: Lang) -> Cells:
    """Collect how the words of a vocabulary are spelt; the word of the workbook's own language always counts."""
    spellings: dict[str, tuple[str, ...]] = {}
    for code, word in column.vocabulary.items():
        texts = {text.casefold(): text for text in sorted(text for text, of in known if of == code)}
        texts |= {word(lang).casefold(): word(lang)}
        if len({alike(text) for text in texts}) < len(texts):
            return Cells(address, SEVERAL_WIDTHS)
        spellings[code] = tuple(sorted(texts.values()))
    return Cells(address, spellings=spellings)


def with_names(cells: Cells, indicators: Sequence[Indicator]) -> Cells:
    """Return a column of indicators whose cells may hold codes or names, with the spellings of each code."""
    codes = {name: each.code for each in reversed(indicators) for name in (*each.name, each.code)}
    spellings = {
        each.code: tuple(sorted({text for text in cells.texts if codes.get(text) == each.code} | {each.code}))
        for each in indicators
    }
    return Cells(cells.address, cells.trouble, texts=cells.texts, spellings=spellings)
