"""Puts the formulas of all output sheets together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from xlperf.core.problems import Lang, Text
from xlperf.policy.scheme import part_column
from xlperf.schema.tables import Table
from xlperf.scoring.period_rows import rows_of_period
from xlperf.scoring.ranking import comparison_groups
from xlperf.scoring.stages import Completed, Finished
from xlperf.scoring.totals import adjustments
from xlperf.workbook.area import Area
from xlperf.workbook.formulas.cell_addresses import Page, Policy
from xlperf.workbook.formulas.detail import COLUMNS, Subjects, helper_values, write_details
from xlperf.workbook.formulas.facts import FIGURES, fact_formulas, sources_of_facts
from xlperf.workbook.formulas.formula_cells import COMPUTED, Formulas, Summary, Written
from xlperf.workbook.formulas.pay import write_pay
from xlperf.workbook.formulas.pool_counts import GradeList
from xlperf.workbook.formulas.ranking import write_ranking
from xlperf.workbook.formulas.results import People, write_people
from xlperf.workbook.formulas.rollup import write_parts
from xlperf.workbook.formulas.sources import Sources
from xlperf.workbook.formulas.targets import targets_of_people
from xlperf.workbook.formulas.units import units_on, write_units

Way = Literal["native", "udf"]
NAMES = {"native": Text("原生公式", "native formulas"), "udf": Text("自定义函数", "worksheet functions")}


@dataclass
class FormulaWriter:
    """Writes the formulas of one run.

    Parameters
    ----------
    appraisal : what the run found; of a locked period, whose kept results stand, no formulas are written
    policy : the policy sheets of the workbook that is written to
    lang : the language of the sheets
    way : whether points, grades and quotas are said in Excel's own functions or call worksheet functions
    sources : the columns of the input sheets, where what was measured is to be counted by formulas too
    """

    appraisal: Finished
    policy: Policy
    lang: Lang
    way: Way = "native"
    sources: Sources = field(default_factory=dict)
    summary: Summary = field(default_factory=lambda: Summary(0, {}))

    @classmethod
    def of_file(cls, appraisal: Finished, path: Path, lang: Lang, way: Way = "native") -> FormulaWriter:
        """Point to the cells of a workbook as it stands in a file."""
        others = [appraisal.table(each).title for each in ("adjustments", "checks", "history", "funds", "employees")]
        policy = Policy.of_file(appraisal.scheme, path, others)
        return cls(appraisal, policy, lang, way, sources_of_facts(path, appraisal, lang))

    def needed(self, sheet: str) -> Sequence[str]:
        """Return the columns that must be there, even where nothing stands in them."""
        return (*COMPUTED[sheet], *COLUMNS) if sheet in ("detail", "unit_detail") else NEEDED.get(sheet, ())

    def widened(self, frames: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
        """Return the rows of the sheets with the additional columns."""
        widened = dict(frames)
        if isinstance(self.appraisal, Completed):
            everything = {"detail": [self._people(_blank_page("detail"))]}
            if "unit_detail" in frames:
                everything["unit_detail"] = units_on(self.appraisal, _blank_page("unit_detail"))
            for sheet, all_of_them in everything.items():
                values = [helper_values(each, self.appraisal.scheme) for each in all_of_them]
                added = pd.concat(values, ignore_index=True) if values else pd.DataFrame()
                widened[sheet] = pd.concat([frames[sheet].reset_index(drop=True), added], axis="columns")
        return widened

    def write(
        self, frames: Mapping[str, pd.DataFrame], areas: Mapping[str, Area], titles: Mapping[str, str]
    ) -> Formulas:
        """Return the formulas of every sheet; ``areas`` and ``titles`` say where its rows are going to stand."""
        written = Written()
        if not isinstance(self.appraisal, Completed):
            return written.formulas
        pages = {sheet: Page(titles[sheet], area) for sheet, area in areas.items()}
        details = self._people(pages["detail"])
        details = replace(details, targets=targets_of_people(self.appraisal, self.policy))
        calls = self.way == "udf"
        write_details(details, self.policy, written, calls)
        self._write_facts(pages["detail"].area, written)
        grades = GradeList(self.policy, self.lang)
        people = People(
            self.appraisal, pages["results"], details, pages["ranking"], self.policy, grades, written,
            frames["results"]["employee_id"].tolist(), self._adjusting(), calls,
        )  # fmt: skip
        write_people(people)
        write_parts(people)
        write_ranking(people)
        if "units" in pages:
            write_units(people, pages["units"], pages["unit_detail"], frames["units"])
        if "pay_results" in pages:
            write_pay(people, pages["pay_results"], pages.get("pay_pools"))
        written.only_on({sheet: area.letters for sheet, area in areas.items()})
        self.summary = written.summary(frames, self._extra())
        return written.formulas

    def _write_facts(self, area: Area, written: Written) -> None:
        """Let formulas count what was measured, where they can."""
        if not self.sources:
            return
        found = fact_formulas(self.appraisal, self.sources, area)
        for (row, column), text in found.formulas.items():
            written.put("detail", column, row, text)
        codes = [each.code for each in self.appraisal.indicators]
        for row, which in enumerate(np.nonzero(self.appraisal.applies)[1].tolist()):
            if codes[which] in found.reasons:
                written.keep("detail", FIGURES, row, found.reasons[codes[which]])

    def record(self) -> pd.DataFrame:
        """Return the rows of the run record about formulas."""
        lang, between = self.lang, "：" if self.lang == "zh" else ": "
        values = Text("写为数值的单元格", "Cells written as values")(lang)
        rows = [(Text("公式", "Formulas")(lang), f"{NAMES[self.way](lang)}{between}{self.summary.counted(lang)}")]
        rows += [(values, reason) for reason in self.summary.because(lang)]
        return pd.DataFrame(rows, columns=["item", "value"])

    def _extra(self) -> dict[str, Iterable[str]]:
        scheme = self.appraisal.scheme
        scores = [each.code for each in scheme.dimensions] + [part_column(each).code for each in self.appraisal.parts]
        return {"results": scores}

    def _adjusting(self) -> Table:
        """Return the adjustments that count in the period."""
        appraisal = self.appraisal
        apart = any(part.source == "periods" for part in appraisal.parts)
        exactly = appraisal.period if apart else None
        given, _ = rows_of_period(appraisal.table("adjustments"), appraisal.when, appraisal.calendar, exactly=exactly)
        return given.where(given["adjustment_id"].argsort(kind="stable"))

    def _people(self, page: Page) -> Subjects:
        appraisal = self.appraisal
        people, indicators = appraisal.people, appraisal.indicators
        _, zeroed = adjustments(self._adjusting(), people.ids, indicators)
        posts = np.bincount(appraisal.spells.person, minlength=len(people))
        return Subjects(
            page, "detail", indicators, appraisal.applies, appraisal.facts, appraisal.points,
            np.full(appraisal.applies.shape, "", object), zeroed, posts == 1,
            comparison_groups(people, appraisal.scheme.settings), 0,
        )  # fmt: skip


NEEDED: Mapping[str, Sequence[str]] = {
    "results": ("pool", "place", "total", "base", "adjustment", "measured_weight", "department"),
    "ranking": ("pool_size", "count"),
    "units": ("total", "place", "measured_weight"),
}


def _blank_page(sheet: str) -> Page:
    return Page(sheet, Area(1, 1, {}))
