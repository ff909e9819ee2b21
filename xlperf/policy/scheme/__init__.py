"""A scheme: what HR decides, as read from the policy sheets of a workbook or from the files that ship with xlperf.

A scheme is held twice: as the typed sheets it came from (so that every problem has an address and writing it back loses
nothing), and as the records that the steps use. Conditions, expressions and parameters are kept as text in the
language's English form; Chinese workbooks are translated on reading.

Nouns: a ``Scheme``, its records, the codec of cells. A new kind of record goes into ``records`` and ``read``, another
way of writing a parameter or setting into ``codec``.
"""

from __future__ import annotations

from xlperf.policy.scheme.rating_levels import RatingLabels, level_said, level_text, levels_of, scale_of
from xlperf.policy.scheme.read import rating_labels_of, scheme_of
from xlperf.policy.scheme.records import (
    FUNDED,
    IN_WORKDAYS,
    LESS_ABSENCES,
    OWNED_SHEETS,
    UNSCORED,
    Band,
    Box,
    BoxAxis,
    ClientClass,
    ClientLevel,
    CurveRows,
    Dimension,
    Grade,
    Indicator,
    Outcome,
    Pair,
    Part,
    PayItem,
    Position,
    QuotaLimit,
    RaterWeight,
    RatingLevel,
    TaskRule,
    dimension_column,
    part_column,
    results_scope,
)
from xlperf.policy.scheme.scheme import Scheme

__all__ = [
    "FUNDED",
    "IN_WORKDAYS",
    "LESS_ABSENCES",
    "OWNED_SHEETS",
    "UNSCORED",
    "Band",
    "Box",
    "BoxAxis",
    "ClientClass",
    "ClientLevel",
    "CurveRows",
    "Dimension",
    "Grade",
    "Indicator",
    "Outcome",
    "Pair",
    "Part",
    "PayItem",
    "Position",
    "QuotaLimit",
    "RaterWeight",
    "RatingLabels",
    "RatingLevel",
    "Scheme",
    "TaskRule",
    "dimension_column",
    "level_said",
    "level_text",
    "levels_of",
    "part_column",
    "rating_labels_of",
    "results_scope",
    "scale_of",
    "scheme_of",
]
