"""Writes what was measured as formulas over the input sheets: numerator, denominator and actual of the Detail sheet.

Each formula counts or adds up the rows of the person that its own row is about. What no formula says exactly stays a
number, and the reason is given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import and_
from pathlib import Path

import numpy as np

from xlperf.core.problems import Lang, Text
from xlperf.policy.conditions import ALWAYS, Condition, When, columns_in, kind
from xlperf.policy.conditions.criteria import Cells, Days, Figure, NotExpressible, Rows, alike, is_safe, one_of, same_as
from xlperf.policy.conditions.formulas import figure_formula, rows_formula
from xlperf.policy.conditions.tree import Calc, Empty, Filled, Operand, Ref
from xlperf.policy.scheme import Indicator
from xlperf.policy.validation.client_levels import has_owner_day
from xlperf.schema import OWNER_COLUMNS, Column
from xlperf.schema.tables import columns_of
from xlperf.scoring.clients import TYPED
from xlperf.scoring.period_rows import LINKED, REPORTED, rows_of_period
from xlperf.scoring.stages import Finished
from xlperf.workbook.area import Area
from xlperf.workbook.formulas.sources import Sources, sources_of, with_names

FIGURES = ("numerator", "denominator", "actual")
ROW = "\ue000"  # stands in a formula for the number of its own row

NO_SHEET = Text("工作簿里没有这张表或表中没有数据", "the workbook has no such sheet, or it is empty")
TWO_PERIODS = Text(
    "填报的本期与上期数字分行填写", "the figures of this period and the one before stand in rows of their own"
)
WEIGHED = Text("评分按评价关系加权", "ratings are weighed by relation")
OWNERS = Text("客户归属随时间变化", "clients have had several owners")
OWNER_OF_CLIENT = Text("按客户在某日的归属计数", "rows count for who owned the client on a day")
SHARED = Text("按归属天数分摊给几个人", "rows are shared among several owners by days")
IDS_ALIKE = Text("工号只差大小写或全角半角", "employee IDs differ in case or width only")


@dataclass(frozen=True)
class FactFormulas:
    """The formulas of measured figures, by position of the row in Detail and column code, without the equals sign.

    ``reasons`` tells, by code, why the figures of an indicator are no formulas.
    """

    formulas: Mapping[tuple[int, str], str]
    reasons: Mapping[str, Text]


def fact_formulas(appraisal: Finished, sources: Sources, area: Area, days: Days | None = None) -> FactFormulas:
    """Write numerator, denominator and actual of every row of Detail as formulas, where formulas can say them.

    Parameters
    ----------
    appraisal : a run that was graded
    sources : the input columns, as :func:`sources_of_facts` finds them
    area : where Detail stands; its rows are those of ``output_tables.detail_rows``
    days : where the first and last day of the period stand; written into the formulas if not given
    """
    who, which = np.nonzero(appraisal.applies)
    ids = appraisal.facts.ids[np.unique(who)].tolist()
    formulas: dict[tuple[int, str], str] = {}
    reasons: dict[str, Text] = {}
    for k, each in enumerate(appraisal.indicators):
        columns, names = sources.get(each.sheet, {}), columns_of(appraisal.tables, each.sheet)
        try:
            texts = _Writer(appraisal, each, columns, names, area, days or days_of(appraisal.when), ids).texts()
        except NotExpressible as unsaid:
            reasons[each.code] = unsaid.reason
            continue
        for row in np.flatnonzero(which == k).tolist():
            number = str(area.first_row + row)
            formulas |= {(row, column): text.replace(ROW, number) for column, text in texts.items()}
    return FactFormulas(formulas, reasons)


def sources_of_facts(path: Path, appraisal: Finished, lang: Lang) -> Sources:
    """Find the columns of a workbook's input sheets that the indicators of employees go by."""
    wanted: dict[str, set[str]] = {}
    for each in appraisal.indicators:
        nodes = [each.where, each.hit or ALWAYS, *each.columns]
        codes = {column.code for node in nodes for column in columns_in(node)}
        codes |= {OWNER_COLUMNS[each.sheet], "indicator", "period", *FIGURES}
        wanted.setdefault(each.sheet, set()).update(codes)
    found = sources_of(path, appraisal.tables, wanted, lang)
    for sheet in LINKED:
        if "indicator" in found.get(sheet, {}):
            found[sheet]["indicator"] = with_names(found[sheet]["indicator"], appraisal.scheme.indicators)
    return found


def days_of(when: When) -> Days:
    """Write the days of a period into formulas.

    >>> from datetime import date
    >>> days_of(When(date(2026, 10, 1), date(2026, 10, 31), date(2026, 9, 1), date(2026, 9, 30))).end
    'DATE(2026,10,31)'
    """
    days = (when.start, when.end, when.previous_start, when.previous_end)
    return Days(*(f"DATE({each.year},{each.month},{each.day})" for each in days))


@dataclass(frozen=True)
class _Writer:
    """Writes the formulas of one indicator; ``ROW`` in them stands for their own row."""

    appraisal: Finished
    each: Indicator
    columns: Mapping[str, Cells]
    names: Mapping[str, Column]
    area: Area
    days: Days
    ids: Sequence[str]

    def texts(self) -> dict[str, str]:
        """Return the formulas by column."""
        each, ratings = self.each, self.appraisal.ratings
        if each.measure == "formula":
            return {}  # written with the rows that it asks for
        if not self.columns:
            raise NotExpressible(NO_SHEET)
        if ratings is not None and each in ratings.items:
            raise NotExpressible(WEIGHED)
        inside, hit = self.inside(), self.hit()
        match each.measure:
            case "count":
                return self.figures(hit.count())
            case "sum":
                return self.figures(self.summed(inside, hit))
            case _:
                return self.ratio(*self.fraction(inside, hit))

    # Rows

    def inside(self) -> Rows:
        """Return the rows in scope that belong to the person of the formula's own row."""
        each = self.each
        parts = [self.own(), self.rows(each.where)]
        if each.sheet in LINKED:
            indicator = self.cells("indicator")
            parts.insert(1, one_of(indicator, indicator.spellings[each.code]))
        if each.sheet in REPORTED and "period" in self.columns:
            parts.insert(1, one_of(self.columns["period"], self.labels(), or_blank=True))
        return reduce(and_, parts)

    def hit(self) -> Rows:
        return self.inside() & self.rows(self.each.hit or ALWAYS)

    def rows(self, condition: Condition) -> Rows:
        return rows_formula(condition, self.columns, self.days, self.names)

    def own(self) -> Rows:
        if self.each.is_shared:
            raise NotExpressible(SHARED)
        if self.each.sheet == "clients" and len(self.appraisal.table("client_owners")):
            raise NotExpressible(OWNERS)
        if self.each.sheet == "tasks" and (has_owner_day(self.each) or TYPED in self.appraisal.table("tasks").frame):
            raise NotExpressible(OWNER_OF_CLIENT)
        owners = self.cells(OWNER_COLUMNS[self.each.sheet])
        known = {*self.ids, *owners.texts}
        if len({alike(text) for text in known}) < len(known):
            raise NotExpressible(IDS_ALIKE)
        return same_as(owners, self.here("employee_id"), all(map(is_safe, self.ids)))

    def labels(self) -> list[str]:
        """Return how the periods within this one are written on the sheet."""
        run = self.appraisal
        inside, _ = rows_of_period(run.table(self.each.sheet), run.when, run.calendar)
        return sorted({run.period.code, *inside["period"].dropna()})

    def cells(self, code: str) -> Cells:
        if code not in self.columns:
            raise NotExpressible(NO_SHEET)
        return self.columns[code]

    def here(self, column: str) -> str:
        """Return a cell of the formula's own row."""
        return f"${self.area.letters[column]}{ROW}"

    # Figures

    def figures(self, numerator: str) -> dict[str, str]:
        """A count or a sum: the numerator is the actual."""
        if "numerator" not in self.area.letters:
            return {"actual": numerator}
        return {"numerator": numerator, "actual": self.here("numerator")}

    def ratio(self, numerator: str, denominator: str, known: str = "") -> dict[str, str]:
        """Return numerator, denominator and their quotient; nothing where the denominator is 0 or nothing is known."""
        nothing = "<=0" if self.each.measure == "growth" else "=0"  # from below zero there is no rate of growth
        empty = f"OR({known}=0,{denominator}{nothing})" if known else f"{denominator}{nothing}"
        if not {"numerator", "denominator"} <= self.area.letters.keys():
            return {"actual": f'IF({empty},"",({numerator})/({denominator}))'}
        top, bottom = self.here("numerator"), self.here("denominator")
        return {
            "numerator": f'IF({bottom}="","",{numerator})',
            "denominator": f'IF({empty},"",{denominator})',
            "actual": f'IF({bottom}="","",{top}/{bottom})',
        }

    def summed(self, inside: Rows, hit: Rows) -> str:
        """Add up a figure; where rows are there but none of them has one, the sum is missing."""
        figure = self.figure(self.each.columns[0])
        lacking = f"{(hit & figure.known).count()}=0"
        if self.each.sheet not in REPORTED:
            lacking = f"AND({inside.count()}>0,{lacking})"
        return f'IF({lacking},"",{hit.sum(figure)})'

    def fraction(self, inside: Rows, hit: Rows) -> tuple[str, str] | tuple[str, str, str]:
        """Return numerator and denominator, and what must not be 0 besides."""
        columns = self.each.columns
        match self.each.measure:
            case "share":
                return hit.count(), inside.count()
            case "completeness":
                filled = (hit & self.rows(Filled((column,))) for column in columns)
                return "+".join(rows.count() for rows in filled), f"{len(columns)}*{hit.count()}"
            case "given":
                return self.given(hit)
            case "ratio":
                top, bottom = map(self.figure, columns)
                return hit.sum(top), hit.sum(bottom), (hit & top.known & bottom.known).count()
            case "growth" if len(columns) == 2:
                later, earlier = map(self.figure, columns)
                both = hit & later.known & earlier.known
                return f"{both.sum(later)}-{both.sum(earlier)}", both.sum(earlier)
            case "growth" if self.each.sheet in REPORTED:
                raise NotExpressible(TWO_PERIODS)
            case "growth":
                before = replace(self, days=self.days.before())
                past = before.hit().sum(before.figure(columns[0]))
                return f"{hit.sum(self.figure(columns[0]))}-{past}", past
            case _:  # mean
                figure = self.figure(columns[0])
                return hit.sum(figure), (hit & figure.known).count()

    def given(self, hit: Rows) -> tuple[str, str]:
        """Take numerator and denominator where both are reported, else the actual as one measurement."""
        numerator, denominator, actual = (Ref(code, "number") for code in FIGURES)
        pair = single = hit
        tops, bottoms = [], []
        if "denominator" in self.columns:
            pair, single = hit & self.rows(Filled((denominator,))), hit & self.rows(Empty((denominator,)))
            bottoms.append(pair.sum(self.figure(denominator)))
            if "numerator" in self.columns:
                tops.append(pair.sum(self.figure(numerator)))
        if "actual" in self.columns:
            figure = self.figure(actual)
            tops.append(single.sum(figure))
            bottoms.append((single & figure.known).count())
        return "+".join(tops) or "0", "+".join(bottoms) or "0"

    def figure(self, column: Operand) -> Figure:
        """Return one row's figure; a duration that runs backwards is no figure."""
        figure = figure_formula(column, self.columns, self.days, self.names)
        if isinstance(column, Calc) and kind(column.left) == "date":
            return replace(figure, known=figure.known & Rows(None, (f"({figure.text}>=0)",)))
        return figure
