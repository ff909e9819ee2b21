"""The rows behind the figures in words, as they stand on a card: the key of a row, and what the indicator looks at."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import NamedTuple

import numpy as np
import pandas as pd

from xlperf.core.numbers import show_numbers
from xlperf.core.problems import BETWEEN_CLAUSES, Lang, Text
from xlperf.reporting.dashboards import YES, Behind, rows_behind
from xlperf.reporting.row_portions import Portions, plain
from xlperf.schema.columns import Column
from xlperf.schema.tables import Table
from xlperf.scoring.stages import Gathered
from xlperf.xlsx.template.context import Value

_Worded = str | np.ndarray | list[str] | list[None]
COLUMNS = 4  # the indicator, whether the row is a hit, its key, and the words
_CUT = Text("第 1–{last} 行，共 {n} 行", "rows 1–{last} of {n}")


class _Part(NamedTuple):
    """Some rows of one indicator: whose they are, and what gives some of them, column by column, by their places."""

    owners: np.ndarray
    worded: Callable[[np.ndarray], tuple[_Worded, ...]]


def word_rows(appraisal: Gathered, lang: Lang, names: Collection[str], ids: pd.Index) -> Portions:
    """Return the client and task rows behind every indicator, by whom they count for; ``names`` are nowhere named."""
    said = _Said(lang, names)
    parts = [part for each in rows_behind(appraisal) for part in (_listed(each, said), _how_many(each, lang))]
    starts = np.cumsum([0, *(len(part.owners) for part in parts)])

    def columns(at: np.ndarray) -> list[list[Value]]:
        found = [np.empty(len(at), object) for _ in range(COLUMNS)]
        belongs = np.searchsorted(starts, at, side="right") - 1
        for number in np.unique(belongs):
            own = np.flatnonzero(belongs == number)
            for column, worded in zip(found, parts[number].worded(at[own] - starts[number]), strict=True):
                column[own] = worded
        return [column.tolist() for column in found]

    return Portions(np.concatenate([np.empty(0, object), *(part.owners for part in parts)]), ids, columns)


def _listed(behind: Behind, said: _Said) -> _Part:
    name, rows = behind.indicator.name(said.lang), behind.rows["at"].to_numpy()
    marks = np.array(["", YES], object)[behind.rows["hit"].to_numpy(np.intp)]
    key, *others = behind.columns
    keys = said.keys(behind.table, key.code)
    words = [said.of(behind.table, column.code) for column in others]

    def worded(at: np.ndarray) -> tuple[_Worded, ...]:
        chosen = rows[at]
        return name, marks[at], keys[chosen], _joined(words, chosen, said.lang)

    return _Part(behind.rows["owner"].to_numpy(object), worded)


def _how_many(behind: Behind, lang: Lang) -> _Part:
    """Say of whoever has more rows than are listed how many there are."""
    cut = behind.cut()
    name = behind.indicator.name(lang)
    words = np.array([_CUT(lang).format(last=f"{last:,}", n=f"{n:,}") for _, last, n in cut], object)
    return _Part(np.array([who for who, _, _ in cut], object), lambda at: (name, "", "…", words[at]))


class _Words(NamedTuple):
    """A column in words: what stands before each, where every cell says something; where not, it is in the words."""

    before: str
    words: np.ndarray


def _joined(columns: Sequence[_Words], at: np.ndarray, lang: Lang) -> list[str] | list[None]:
    """Put the words of some rows together; what stands between two columns begins every one, but for the first."""
    if not columns:
        return [None] * len(at)
    begin = len(BETWEEN_CLAUSES(lang))
    leads = columns[0].before[begin:]
    pieces: list[Iterable[str]] = []
    for number, (before, words) in enumerate(columns):
        pieces += [repeat(before if number else leads)] if before else []
        pieces.append(words[at].tolist())
    texts = map("".join, zip(*pieces, strict=False))
    return list(texts) if leads else [text[begin:] for text in texts]


@dataclass
class _Said:
    """The columns of input sheets in words: every distinct value is worded once, however many rows hold it."""

    lang: Lang
    names: Collection[str]

    def __post_init__(self) -> None:
        self._columns: dict[tuple[str, str], _Words] = {}
        self._keys: dict[tuple[str, str], np.ndarray] = {}

    def keys(self, table: Table, code: str) -> np.ndarray:
        """Return a column as it stands."""
        key = (table.title, code)
        if key not in self._keys:
            self._keys[key] = plain(table[code])
        return self._keys[key]

    def of(self, table: Table, code: str) -> _Words:
        """Return a column in words, each with what stands between two columns and the heading before it."""
        key = (table.title, code)
        if key not in self._columns:
            column, values = table.column(code), table[code]
            before = BETWEEN_CLAUSES(self.lang) + column.name(self.lang) + ("：" if self.lang == "zh" else ": ")
            places, distinct = pd.factorize(values.dt.floor("D") if column.kind == "date" else values)
            words = [*self._words(column, distinct.to_numpy()), ""]
            if (places < 0).any() or "" in words[:-1]:
                words, before = [before + word if word else "" for word in words], ""
            self._columns[key] = _Words(before, np.array(words, object)[places])
        return self._columns[key]

    def _words(self, column: Column, values: np.ndarray) -> list[str]:
        if column.kind == "choice":
            words = {word: text(self.lang) for word, text in column.vocabulary.items()}
            return [words.get(value, value) for value in values.tolist()]
        if column.kind == "date":
            return np.datetime_as_string(values, unit="D").tolist()  # type: ignore[no-any-return]
        if column.kind in ("number", "money"):
            return show_numbers(values)
        if column.kind == "fraction":
            return [f"{each}%" for each in show_numbers(values * 100)]
        return ["" if value in self.names else str(value) for value in values.tolist()]
