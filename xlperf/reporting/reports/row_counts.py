"""Which rows of a sheet count as what: by the indicators of the scheme that say so, otherwise by the usual meaning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import narwhals as nw
import numpy as np
import pandas as pd

from xlperf.core.problems import Text
from xlperf.policy.conditions import Condition, Operand, figure, in_words, read, rows_meeting
from xlperf.policy.conditions import Scope as Words
from xlperf.policy.conditions.tree import All, Ref
from xlperf.policy.scheme import Indicator
from xlperf.reporting.reports.measures import MARKS, Block
from xlperf.schema.tables import Table
from xlperf.scoring.clients import owner_column
from xlperf.scoring.stages import Gathered

USUAL: dict[str, str] = {  # what counts where the scheme has no indicator that says so
    "opening": "opened_date < period start and "
    "(lost_date is empty or lost_date >= period start or won_back_date < period start)",
    "new": "opened_date in period",
    "base": "opened_date <= period end and "
    "(lost_date is empty or lost_date >= period start or won_back_date < period start)",
    "lost": "opened_date <= period end and lost_date in period",
    "worked_on": "created_date < opened_date and opened_date in period or created_date <= period end and "
    "(opened_date is empty or opened_date > period end) and (lost_date is empty or lost_date > period end)",
    "met": "created_date in period",
    "converted": "created_date < opened_date and opened_date in period",
    "won_back": "won_back_date in period",
    "due": "due_date in period and status <> cancelled",
    "done": "done_date <= period end",
    "on_time": "done_date <= due_date",
    "cancelled": "due_date in period and status = cancelled",
    "finished": "done_date in period",
}


def measures_so(each: Indicator, sheet: str, measure: str) -> bool:
    """Whether an indicator measures a sheet in a certain way."""
    return each.sheet == sheet and each.measure == measure


def indicator_of(appraisal: Gathered, code: str, sheet: str, measure: str) -> Indicator | None:
    """Return the indicator of the scheme that says what counts, if it has one of this code and nature."""
    fitting = (each for each in appraisal.scheme.indicators if each.code == code and measures_so(each, sheet, measure))
    return next(fitting, None)


def hits_of(each: Indicator) -> Condition:
    """Return which rows an indicator counts as hits; all that it counts where it has no hits."""
    return All((each.where, each.hit)) if each.hit is not None else each.where


def hit_of(each: Indicator | None) -> Condition | None:
    """Return what makes a row of an indicator a hit."""
    return each.hit if each is not None else None


def usual(sheet: str, code: str) -> Condition:
    """Return what is usually meant, where the scheme does not say."""
    return read(USUAL[code], Words.of_sheet(sheet))


def code_of(column: Operand) -> str:
    """Name a column, or write arithmetic on columns."""
    return column.code if isinstance(column, Ref) else in_words(column, "en", {})


def masks(appraisal: Gathered, table: Table, conditions: Mapping[str, Condition]) -> dict[str, np.ndarray]:
    """Return which rows of a sheet meet some conditions."""
    found = nw.from_native(table.frame).with_columns(
        **{f"meets {name}": rows_meeting(each, appraisal.when) for name, each in conditions.items()}
    )
    return {name: found[f"meets {name}"].to_numpy().astype(bool) for name in conditions}


def values_of(appraisal: Gathered, table: Table, column: Operand) -> np.ndarray:
    """Return the figure of each row; nothing where there is none."""
    found = nw.from_native(table.frame).with_columns(figure(column, appraisal.when).alias("its figure"))
    return np.nan_to_num(found["its figure"].to_numpy().astype(np.float64))


def as_figures(columns: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Return what each row adds to which measure."""
    return pd.DataFrame({code: np.asarray(values, np.float64) for code, values in columns.items()})


def parted(whole: Block, values: pd.Series, title: Text, names: Mapping[str, Text], without: Text) -> list[Block]:
    """Divide a block by the values of a column: in the order of their names, the most frequent first; blanks last."""
    known, filled = {word: place for place, word in enumerate(names)}, values.fillna("").to_numpy(object)
    counts = pd.Series(filled[(whole.figures.to_numpy() != 0).any(axis=1)], dtype=object).value_counts()
    words = sorted(counts.index, key=lambda word: (word == "", known.get(word, len(known)), -counts[word], word))
    named = {word: names.get(word, Text(word, word)) if word else without for word in words}
    titles = {word: Text(*(f"{title(lang)}{mark}{named[word](lang)}" for lang, mark in MARKS)) for word in words}
    return [replace(whole, name=titles[word], rows=filled == word, whole=False) for word in words]


def whose_of(indicators: Mapping[str, Indicator | None]) -> dict[str, str]:
    """Return the columns of owners that measures count for, as the indicators say that define them."""
    return {code: owner_column(each) for code, each in indicators.items() if each is not None}
