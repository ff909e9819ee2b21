"""What the writers of formulas fill: a formula for each cell, and why the other cells are values."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from xlperf.core.problems import Lang, Text

Formulas = dict[str, dict[str, dict[int, str]]]  # by sheet, column and row; rows count from 0
COUNTED = Text("事实由 xlperf 统计", "xlperf counts the rows behind them")
OTHER = Text("由 xlperf 计算", "xlperf computes them")

COMPUTED: Mapping[str, tuple[str, ...]] = {  # the columns of numbers, grades and places that a formula could say
    "detail": ("numerator", "denominator", "actual", "target", "points", "full", "weight", "contribution"),
    "unit_detail": ("numerator", "denominator", "actual", "target", "points", "full", "weight", "contribution"),
    "results": (
        "pool", "place", "total", "grade_name", "pay", "base", "adjustment", "own", "targets_met", "measured_weight",
        "pool_size", "department_place", "grade", "coefficient", "dense_place", "percent_rank", "percentile",
    ),
    "ranking": ("pool_size", "share", "exact", "quota", "last_place", "count", "difference"),
    "units": ("mean_total", "total", "place", "grade_name", "grade", "measured_weight"),
    "pay_results": ("amount", "coefficient", "unit_coefficient"),
    "pay_pools": ("amount", "people", "paid", "left"),
}  # fmt: skip
FACTS = ("numerator", "denominator", "actual")


@dataclass
class Written:
    """The formulas of the sheets that a run writes, and the reasons why cells are values."""

    formulas: Formulas = field(default_factory=lambda: defaultdict(lambda: defaultdict(dict)))
    reasons: dict[tuple[str, str, int], Text] = field(default_factory=dict)

    def put(self, sheet: str, column: str, row: int, text: str) -> None:
        """Write the formula of a cell; an empty text leaves the value there."""
        if text:
            self.formulas[sheet][column][row] = text

    def keep(self, sheet: str, columns: Iterable[str], row: int, reason: Text) -> None:
        """Say why cells of a row are values."""
        for column in columns:
            self.reasons[sheet, column, row] = reason

    def only_on(self, columns: Mapping[str, Iterable[str]]) -> None:
        """Drop the formulas of columns that are not shown because nothing stands in them."""
        for sheet, shown in columns.items():
            kept = set(shown)
            self.formulas[sheet] = {code: texts for code, texts in self.formulas[sheet].items() if code in kept}

    def summary(self, frames: Mapping[str, pd.DataFrame], extra: Mapping[str, Iterable[str]]) -> Summary:
        """Count the computed cells that are formulas, and those that are not by reason.

        ``frames`` are the rows of the sheets, ``extra`` the computed columns that only this scheme has.
        """
        formulas, kept = 0, Counter[Text]()
        for sheet, columns in COMPUTED.items():
            if sheet not in frames:
                continue
            for column in (*columns, *extra.get(sheet, ())):
                values = frames[sheet].get(column)
                if values is None:
                    continue
                there = (values.notna() & (values != "")).to_numpy(bool)
                written = self.formulas[sheet].get(column, {})
                formulas += len(written)
                default = COUNTED if column in FACTS else OTHER
                kept.update(
                    self.reasons.get((sheet, column, row), default)
                    for row in there.nonzero()[0].tolist()
                    if row not in written
                )
        return Summary(formulas, dict(kept.most_common()))


@dataclass(frozen=True)
class Summary:
    """How many of the computed cells are formulas, and how many are values for which reason."""

    formulas: int
    values: Mapping[Text, int]

    @property
    def counted(self) -> Text:
        """Say how many cells are formulas."""
        whole = self.formulas + sum(self.values.values())
        return Text(
            f"{whole:,} 个计算单元格中 {self.formulas:,} 个是公式",
            f"{self.formulas:,} of {whole:,} computed cells are formulas",
        )

    def because(self, lang: Lang) -> list[str]:
        """Say why the others are values, the most frequent reason first."""
        return [f"{reason(lang)}{'：' if lang == 'zh' else ': '}{count:,}" for reason, count in self.values.items()]

    def sentence(self) -> Text:
        """Say it all in one line."""
        why = Text("；".join(self.because("zh")), "; ".join(self.because("en")))
        if not self.values:
            return Text(f"{self.counted.zh}。", f"{self.counted.en}.")
        return Text(
            f"{self.counted.zh}；其余为数值（{why.zh}）。", f"{self.counted.en}; the others are values ({why.en})."
        )
