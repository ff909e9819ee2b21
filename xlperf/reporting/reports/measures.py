"""What a report is made of: measures, blocks of rows, and the lines that come of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from xlperf.core.problems import Lang, Text

Level = Literal["department", "manager"]
Kind = Literal["count", "money", "share", "mean"]

MARKS: tuple[tuple[Lang, str], ...] = (("zh", "："), ("en", ": "))
BETWEEN = "  ·  "


@dataclass(frozen=True)
class Measure:
    """A column of figures; a share or mean is one of the others ``of`` another; ``over`` stands above several."""

    code: str
    name: Text
    kind: Kind = "count"
    of: tuple[str, str] = ("", "")
    over: Text = Text("", "")


@dataclass(frozen=True)
class Block:
    """Some ``rows`` of a sheet that are told apart from the others, and what each row adds to which measures.

    A measure that is missing does not apply here. Who has nothing in the block is shown only where it is ``whole``.
    ``whose`` names the column of owners that a measure counts for, where it is another than the usual one of the sheet.
    """

    name: Text
    figures: pd.DataFrame
    rows: np.ndarray
    whose: Mapping[str, str]
    whole: bool = True


@dataclass(frozen=True)
class Topic:
    """What a report tells, at whichever level: figures of the rows of a sheet, and the two that are worth a chart."""

    sheet: str
    measures: tuple[Measure, ...]
    blocks: tuple[Block, ...]
    charted: str
    parted: tuple[str, str] = ("", "")  # a measure, and what the names of the blocks begin with that divide it


@dataclass(frozen=True)
class Chart:
    """A few bars."""

    title: str
    labels: tuple[str, ...]
    values: tuple[float, ...]
    kind: Kind


@dataclass(frozen=True)
class Report:
    """A report in one language, ready to be written.

    ``rows`` has a row a line: ``block``, ``line`` (unit, subtotal, nobody or total), ``department``,
    ``department_name``, at manager level ``employee_id`` and ``name``, and a column a measure (NaN: does not apply).
    """

    code: str
    title: str
    subtitle: str
    level: Level
    measures: tuple[Measure, ...]
    rows: pd.DataFrame
    check: str
    charts: tuple[Chart, ...] = ()
