"""The records of many people, handed out to a few of them at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from xlperf.xlsx.template.context import Block, Value

Columns = Sequence[Sequence[Value]]


class Portions:
    """The records of a block, by whom they are for; ``columns`` makes some of them, given their places.

    >>> portions = Portions(["E2", "E1", "E2"], pd.Index(["E1", "E2", "E3"]), lambda at: [at.tolist()])
    >>> [[*block] for block in portions.of(0, 3)], [[*block] for block in portions.of(1, 2)]
    ([[(1,)], [(0,), (2,)], []], [[(0,), (2,)]])
    """

    def __init__(
        self, owners: Sequence[str] | np.ndarray, ids: pd.Index, columns: Callable[[np.ndarray], Columns]
    ) -> None:
        places = ids.get_indexer(pd.Index(owners, dtype=object))
        self._order = np.argsort(places, kind="stable")
        self._ends = np.searchsorted(places[self._order], np.arange(len(ids) + 1))
        self._columns = columns

    def of(self, first: int, last: int) -> list[Block]:
        """Return the records of each, from the person in one place up to the one before another."""
        ends = self._ends[first : last + 1]
        if ends[0] == ends[-1]:
            return [Block()] * (len(ends) - 1)
        columns = self._columns(self._order[ends[0] : ends[-1]])
        return [Block([column[start:end] for column in columns]) for start, end in pairwise((ends - ends[0]).tolist())]


def portions(frame: pd.DataFrame, key: str, columns: Sequence[str], ids: pd.Index) -> Portions:
    """Hand out the rows of a frame, in the order in which they stand."""
    values = [plain(frame[column]) for column in columns] if len(frame) else []
    return Portions(plain(frame[key]), ids, lambda at: [column[at].tolist() for column in values])


def block(frame: pd.DataFrame, columns: Sequence[str]) -> Block:
    """Return the rows of a frame as records."""
    return Block([plain(frame[column]).tolist() for column in columns] if len(frame) else [])


def plain(values: pd.Series) -> np.ndarray:
    """Return a column as the values that copies hold; what is missing is None, and equal moments are one object.

    >>> plain(pd.Series([1.5, None])).tolist(), plain(pd.Series(["a", None])).tolist()
    ([1.5, None], ['a', None])
    """
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        codes, moments = pd.factorize(values)
        return np.append(pd.DatetimeIndex(moments).to_pydatetime(), [None])[codes]
    if isinstance(values.dtype, pd.StringDtype) and values.dtype.storage == "pyarrow":  # which makes texts anew
        codes, texts = pd.factorize(values)
        return np.append(texts.to_numpy(object), [None])[codes]
    given = np.array(values.to_numpy(object), object)
    given[values.isna().to_numpy()] = None
    return given
