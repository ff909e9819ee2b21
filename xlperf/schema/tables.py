"""A sheet's rows that remember their cells: a data frame with the address of every value.

The steps work on whole columns of ``Table.frame``; when something is wrong they ask the table for the address of
the rows concerned. A table made from a data frame instead of a workbook has addresses too: the rows where Excel
would show them, below one row of headings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from openpyxl.utils import column_index_from_string, get_column_letter

from xlperf.core.numbers import clean_text
from xlperf.core.problems import Lang, Text
from xlperf.schema import SHEETS, Column, Kind, Sheet

ROW = "row number"  # column of rows that stay outside

DTYPES: dict[Kind, str] = {"number": "float64", "fraction": "float64", "money": "float64", "date": "datetime64[s]"}


@dataclass(frozen=True)
class Outside:
    """Rows that stay where they are, because they are too many to be loaded.

    ``frame`` is a lazy data frame with the columns of the sheet, typed like them, and the row number of each in the
    column ``ROW``; ``count`` is the number of rows, and ``fingerprint`` identifies them. ``beside`` turns a pandas
    frame into one that can be joined with them.
    """

    frame: Any
    count: int
    fingerprint: str
    beside: Callable[[pd.DataFrame], Any]


@dataclass(frozen=True)
class Table:
    """The rows of one sheet, typed, with their addresses.

    ``frame`` has the columns of the sheet by code; columns of HR's own keep their heading as name. ``rows`` holds
    the row number of each record, ``letters`` the column letter of each code that the workbook has, and
    ``not_applicable`` marks, by column, the records whose cell says that the figure does not apply. Where the rows stay
    ``outside``, the frame is empty: they are summed up there, and listed a page at a time. ``unread`` are, by column,
    the positions of cells of a policy sheet for which reading has reported an error: they count as empty, and what they
    define is not known. ``spelt`` are, by column and row number, cells whose word was read as a figure: so they stand on
    the sheet, and stay there.
    """

    sheet: Sheet
    frame: pd.DataFrame
    title: str
    rows: np.ndarray
    letters: Mapping[str, str]
    not_applicable: Mapping[str, np.ndarray] = field(default_factory=dict)
    outside: Outside | None = None
    unread: Mapping[str, frozenset[int]] = field(default_factory=dict)
    spelt: Mapping[str, Mapping[int, str]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.frame)

    def __bool__(self) -> bool:
        return True  # a sheet without rows is a sheet all the same

    def __getitem__(self, column: str) -> pd.Series:
        return self.frame[column]

    @property
    def data(self) -> Any:
        """The rows to sum up: the frame, or the lazy one of rows that stay outside."""
        return self.frame if self.outside is None else self.outside.frame

    def has(self, column: str) -> bool:
        """Whether the workbook has the column at all."""
        return column in self.letters

    def column(self, code: str) -> Column:
        """Describe a column, the sheet's own or one that HR added."""
        return self.sheet.by_code.get(code) or Column(code, Text(code, code), kind_of(self.frame[code]))

    def cells(self, column: str, where: np.ndarray | Sequence[int]) -> str:
        """Return the address of a column's cells in some records, given as a mask or as positions.

        >>> table_of("tasks", {"task_id": ["T1", "T2", "T4"]}).cells("task_id", [0, 1])
        'A2:A3 (2)'
        """
        letter = self.letters.get(column, "A")
        picked = self.rows[np.asarray(where)]
        return address(letter, picked)

    def with_frame(self, frame: pd.DataFrame) -> Table:
        """Return the table with other values in the same rows."""
        return replace(self, frame=frame)

    def where(self, rows: np.ndarray | pd.Series | Sequence[int]) -> Table:
        """Return some of the records, with their row numbers.

        Parameters
        ----------
        rows : a mask of the records, or positions in the order that is wanted

        Examples
        --------
        >>> tasks = table_of("tasks", {"task_id": ["T1", "T2", "T3"]})
        >>> some = tasks.where(tasks["task_id"] != "T2")
        >>> some["task_id"].tolist(), some.rows.tolist()
        (['T1', 'T3'], [2, 4])
        """
        chosen = np.asarray(rows)
        if chosen.dtype != bool:
            chosen = chosen.astype(np.intp)  # an empty list of positions has no type of its own
        old = np.arange(len(self))[chosen].tolist() if self.unread else []
        return replace(
            self,
            frame=self.frame.iloc[chosen].reset_index(drop=True),
            rows=self.rows[chosen],
            not_applicable={column: mask[chosen] for column, mask in self.not_applicable.items()},
            unread={
                code: frozenset(i for i, each in enumerate(old) if each in rows) for code, rows in self.unread.items()
            },
        )

    def append(self, more: Table) -> Table:
        """Return the table with the records of another one of the same sheet below its own.

        They get the next row numbers, and columns that only the other one has get the next letters. A column of HR's
        own that is of two kinds in the two becomes text.

        Examples
        --------
        >>> both = table_of("tasks", {"task_id": ["T1"]}).append(table_of("tasks", {"task_id": ["T2"], "note": ["n"]}))
        >>> both["task_id"].tolist(), both.rows.tolist(), dict(both.letters)
        (['T1', 'T2'], [2, 3], {'task_id': 'A', 'note': 'B'})
        """
        names = list(dict.fromkeys((*self.frame.columns, *more.frame.columns)))
        frame = pd.DataFrame({name: _one_below_the_other(self, more, name) for name in names})
        first = int(self.rows.max(initial=1)) + 1
        rows = np.concatenate([self.rows, np.arange(first, first + len(more))]).astype(np.int64)
        new = [name for name in names if name not in self.letters and name in more.letters]
        width = max(map(column_index_from_string, filter(None, self.letters.values())), default=0) if new else 0
        letters = {name: get_column_letter(number) for number, name in enumerate(new, start=width + 1)}
        marks = {
            name: np.concatenate([each.not_applicable.get(name, np.zeros(len(each), bool)) for each in (self, more)])
            for name in (*self.not_applicable, *more.not_applicable)
        }
        moved = dict(zip(more.rows.tolist(), rows[len(self) :].tolist(), strict=True)) if more.spelt else {}
        spelt = dict(self.spelt)
        for name, words in more.spelt.items():
            spelt[name] = {**spelt.get(name, {}), **{moved[row]: word for row, word in words.items() if row in moved}}
        return replace(
            self, frame=frame, rows=rows, letters={**self.letters, **letters}, not_applicable=marks, spelt=spelt
        )

    def unique(self, column: str) -> pd.DataFrame:
        """Return the records that an ID identifies, by ID and in the order of IDs.

        This is the one index of IDs. An ID that stands in two rows is an error at both cells (``key-twice``), and
        which of the rows is right is not known: whatever is computed all the same knows nothing of it. What only asks
        whether an ID is listed looks at the column itself.

        Examples
        --------
        >>> clients = table_of("clients", {"client_id": ["C2", "C1", "C3", "C2"], "owner_id": ["E1", "E2", "E3", "E4"]})
        >>> clients.unique("client_id")["owner_id"].to_dict()
        {'C1': 'E2', 'C3': 'E3'}
        """
        known = self.frame.dropna(subset=column).drop_duplicates(column, keep=False)
        return known.sort_values(column).set_index(column, drop=False).rename_axis(None)


Tables = Mapping[str, Table]


def among(texts: pd.Series | pd.Index, many: Iterable[Any]) -> np.ndarray:
    """Return which texts are among many others, as a mask.

    >>> among(pd.Series(["E1", "E3"], dtype="str"), ["E1", "E2"]).tolist()
    [True, False]
    """
    # isin of an Arrow column takes longer to receive the others than Python takes to look them up
    known = set(many.to_numpy(object) if isinstance(many, (pd.Series, pd.Index)) else many)
    return np.fromiter(map(known.__contains__, texts.to_numpy(object)), bool, len(texts))


def show_value(value: Any) -> str:
    """Write a typed value the way a person would; nothing is an empty text.

    >>> show_value(pd.Timestamp(2026, 10, 5)), show_value(90.0), show_value(None)
    ('2026-10-05', '90', '')
    """
    if pd.isna(value):
        return ""
    if hasattr(value, "strftime"):
        return f"{value:%Y-%m-%d}"
    return clean_text(f"{value:.15g}" if isinstance(value, float) else value)


def _one_below_the_other(first: Table, second: Table, name: str) -> pd.Series:
    columns: list[pd.Series] = [table.frame.get(name, pd.Series([None] * len(table))) for table in (first, second)]
    if columns[0].dtype == columns[1].dtype and columns[0].dtype != object:
        return pd.concat(columns, ignore_index=True)
    kinds = {kind_of(part) for part in columns if part.notna().any()}
    if name in first.sheet.by_code:
        kind = first.sheet[name].kind
    else:
        kind = kinds.pop() if len(kinds) == 1 else "text"
        if kind not in DTYPES:
            columns = [part.map(lambda value: show_value(value) or None) for part in columns]
    values = [value for part in columns for value in part]
    return pd.Series(values, dtype="object") if kind == "any" else typed(values, kind)


def columns_of(tables: Tables, sheet: str) -> dict[str, Column]:
    """Return the columns that a sheet has, HR's own included; those of the layout where there is no such sheet."""
    table = tables.get(sheet)
    own = [str(name) for name in table.frame.columns if name not in SHEETS[sheet].by_code] if table else []
    return SHEETS[sheet].by_code | {name: table.column(name) for name in own if table}


def address(letter: str, rows: Iterable[int], most: int = 6) -> str:
    """Write the address of cells in one column: runs as ranges, the first few of them, with the count behind.

    Parameters
    ----------
    letter : of the column
    rows : row numbers in any order; one that occurs twice counts once
    most : how many runs are written before the rest is left out

    Examples
    --------
    >>> address("F", [14, 15, 16, 22])
    'F14:F16, F22 (4)'
    >>> address("F", [14])
    'F14'
    """
    ordered = np.unique(np.fromiter(rows, np.int64) if not isinstance(rows, np.ndarray) else rows)
    first = np.flatnonzero(np.diff(ordered, prepend=-1) > 1)
    last = np.append(first, len(ordered))[1:] - 1
    runs = zip(ordered[first[:most]], ordered[last[:most]], strict=True)
    shown = ", ".join(f"{letter}{a}" if a == b else f"{letter}{a}:{letter}{b}" for a, b in runs)
    more = " …" if len(first) > most else ""
    return shown + more + (f" ({len(ordered)})" if len(ordered) > 1 else "")


def kind_of(values: pd.Series) -> Kind:
    """Tell what a column of HR's own holds, from its values."""
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        return "date"
    return "number" if pd.api.types.is_numeric_dtype(values.dtype) else "text"


def typed(values: Any, kind: Kind) -> pd.Series:
    """Return values as a column of the type of its kind: numbers as float64, dates as datetime64[s], the rest as text.

    Raises
    ------
    ValueError
        Where a value cannot be what the kind asks for: raw cells of a workbook are read by ``coercion`` instead.
    """
    series = pd.Series(values)
    if kind in DTYPES:
        return series.astype(DTYPES[kind])  # type: ignore[call-overload,no-any-return]
    return series.astype("str")


def table_of(
    sheet: str, data: Mapping[str, Any] | pd.DataFrame | Sequence[Mapping[str, Any]], lang: Lang = "en"
) -> Table:
    """Make a table from plain data: a mapping of columns, a data frame, or a list of records.

    Columns that the sheet knows and the data lacks come out empty, so that the steps find them. The rows count from 2,
    below one row of headings.

    Raises
    ------
    KeyError
        Where ``sheet`` is not the code of a sheet.
    ValueError
        Where a value cannot be what its column asks for.

    Examples
    --------
    >>> table_of("departments", [{"department": "N"}]).frame["parent"].isna().all()
    np.True_
    """
    layout = SHEETS[sheet]
    frame = pd.DataFrame(data) if not isinstance(data, pd.DataFrame) else data.reset_index(drop=True)
    own = [name for name in frame.columns if name not in layout.by_code]
    columns = {
        column.code: typed(frame[column.code] if column.code in frame else [None] * len(frame), column.kind)
        for column in layout
    }
    whole = pd.DataFrame(columns | {name: frame[name] for name in own}, index=pd.RangeIndex(len(frame)))
    present = [code for code in (*layout.by_code, *own) if code in frame.columns]
    letters = {code: get_column_letter(position) for position, code in enumerate(present, start=1)}
    return Table(layout, whole, layout.title(lang), np.arange(2, len(whole) + 2), letters)


def empty(sheet: str, lang: Lang = "en") -> Table:
    """Return a table of the sheet without rows: what a workbook without the sheet amounts to."""
    table = _empty(sheet, lang)
    return table.with_frame(table.frame.copy())


@cache
def _empty(sheet: str, lang: Lang) -> Table:
    layout = SHEETS[sheet]
    nothing = {kind: typed([], kind).array for kind in {column.kind for column in layout}}
    frame = pd.DataFrame({column.code: nothing[column.kind] for column in layout}, index=pd.RangeIndex(0))
    letters = {code: get_column_letter(position) for position, code in enumerate(layout.by_code, start=1)}
    return Table(layout, frame, layout.title(lang), np.arange(0), letters)
