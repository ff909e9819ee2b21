"""Reads ratings that are typed by the label of a level, such as B or Good: each becomes the value of its label."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from xlperf.core.column_store import Cells
from xlperf.core.numbers import clean_text, parse_number
from xlperf.core.problems import Problem
from xlperf.policy.scheme import RatingLabels, level_text
from xlperf.schema import Sheet
from xlperf.schema.coercion import EXCEL_ERRORS, PLACEHOLDER
from xlperf.schema.tables import address

NO_LABELS = RatingLabels()
SCORE, INDICATOR = "score", "indicator"


class Labelled(NamedTuple):
    """The columns in which labels became values, how the labels are spelt by column and row number, and problems."""

    cells: dict[str, Cells]
    spelt: dict[str, dict[int, str]]
    problems: list[Problem]


def values_of_labels(
    sheet: Sheet,
    cells: Mapping[str, Cells],
    rows: np.ndarray,
    letters: Mapping[str, str],
    title: str,
    labels: RatingLabels,
) -> Labelled:
    """Replace the labels in the scores of ratings by their values.

    Parameters
    ----------
    sheet : whose cells they are; other sheets than Ratings have no labels
    cells : the raw cells of n rows by column code
    rows, letters, title : where the cells stand: n row numbers, column letters by code, and the title of the sheet
    labels : of the rated indicators

    Returns
    -------
    Labelled: a text that is neither a label of the indicator nor a number is a problem, and its cell empty. Cells of
    indicators without labels, error values and open placeholders stay as they are.
    """
    if sheet.code != "ratings" or not labels.levels or not {SCORE, INDICATOR} <= cells.keys():
        return Labelled({}, {}, [])
    scores, named = list(cells[SCORE]), list(cells[INDICATOR])
    spelt: dict[int, str] = {}
    unknown: dict[tuple[str, str], list[int]] = {}
    for place in np.flatnonzero([isinstance(value, str) for value in scores]).tolist():
        indicator, text = clean_text(named[place]), clean_text(scores[place])
        value = labels.value(indicator, text)
        if value is not None:
            spelt[int(rows[place])], scores[place] = scores[place], value
        elif labels.levels_of(indicator) and _is_meant_as_label(text):
            unknown.setdefault((indicator, text), []).append(place)
            scores[place] = None
    problems = [
        Problem("rating-label-unknown", title, address(letters.get(SCORE, "A"), rows[places]),
                {"cell": text, "indicator": indicator, "allowed": list(map(level_text, labels.levels_of(indicator)))})
        for (indicator, text), places in unknown.items()
    ]  # fmt: skip
    return Labelled({SCORE: Cells.of(scores)}, {SCORE: spelt}, problems)


def _is_meant_as_label(text: str) -> bool:
    return text not in EXCEL_ERRORS and not PLACEHOLDER.match(text) and parse_number(text).kind == "text"
