"""What the forms are filled from, and the words that several of them share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import isnan

import pandas as pd

from xlperf.core.problems import Lang, Text
from xlperf.core.vocabulary import unit_name
from xlperf.policy.scheme import Indicator
from xlperf.reporting.forms.paper import Column, Fields, Figure, Form, Page, Signatures
from xlperf.reporting.forms.people import PERCENT, Person, people_of
from xlperf.schema.settings import Settings
from xlperf.scoring.stages import Completed

ITEM, CONTENT, TARGET = Text("项目", "Dimension"), Text("考核内容", "Indicator"), Text("目标", "Target")
STANDARD, SCORE = Text("标准分", "Standard"), Text("得分", "Score")
FULL, WEIGHT = Text("满分", "Full points"), Text("权重", "Weight")
DATE = Text("日期", "Date")
EVERY: dict[str, Text] = {
    "week": Text("周", "Weekly"),
    "month": Text("月", "Monthly"),
    "quarter": Text("季", "Quarterly"),
    "half": Text("半年", "Half-yearly"),
    "year": Text("年", "Yearly"),
    "custom": Text("", "Periodic"),
}
NOTHING = "—"


@dataclass(frozen=True)
class FormData:
    """An appraisal that is done, its output frames in the language of the forms, and of whom forms are wanted.

    ``results`` has the rows of the people wanted, of ``everybody`` or of some; ``detail`` may have more.
    """

    appraisal: Completed
    results: pd.DataFrame
    detail: pd.DataFrame
    lang: Lang
    everybody: bool = True

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self.appraisal.scheme.settings

    @property
    def period(self) -> str:
        """The period as readers call it."""
        return self.appraisal.period.label(self.lang)

    @property
    def kind(self) -> str:
        """The kind of the period."""
        return self.appraisal.period.kind

    @cached_property
    def people(self) -> list[Person]:
        """The people of whom forms are wanted, in the order of their IDs."""
        return people_of(self.appraisal, self.results, self.detail, self.lang)

    def say(self, zh: str, en: str) -> str:
        """Choose the wording of the language."""
        return zh if self.lang == "zh" else en

    def points(self, value: float) -> Figure | str:
        """Return points with the decimals of the scheme; a dash where there are none."""
        return NOTHING if isnan(value) else Figure(value, self.settings.decimals)

    def figure(self, value: float, each: Indicator) -> Figure | str:
        """Return a figure in the unit of its indicator; a dash where there is none."""
        if isnan(value):
            return NOTHING
        percent = each.unit in PERCENT
        return Figure(value, percent=percent, unit="" if percent else unit_name(each.unit)(self.lang))

    def weight(self, share: float, each: Indicator) -> Figure:
        """Return what an indicator counts for: its full points where they are added up, else its share of the total."""
        return Figure(each.weight) if self.settings.total_method == "sum" else Figure(share, percent=True)

    def whole(self, shares: Sequence[float], items: Sequence[Indicator]) -> Figure:
        """Return what some indicators count for together."""
        if self.settings.total_method == "sum":
            return Figure(sum(each.weight for each in items))
        return Figure(round(sum(shares), 12), percent=True)

    @property
    def weight_name(self) -> Text:
        """What the scheme calls what an indicator counts for."""
        return FULL if self.settings.total_method == "sum" else WEIGHT

    def signatures(self, *who: Text) -> Signatures:
        """Return lines to sign on."""
        return Signatures(tuple(each(self.lang) for each in who))

    def form(
        self, code: str, title: Text, columns: tuple[Column, ...], pages: list[Page], heading: Fields | None = None
    ) -> Form:
        """Return a form of this appraisal; a running table lies across."""
        subtitle = f"{self.appraisal.scheme.name(self.lang)}  ·  {self.period}"
        return Form(code, title(self.lang), subtitle, columns, tuple(pages), heading, landscape=heading is not None)


def titled(zh: str, en: str, kind: str = "month") -> Text:
    """Return the title of a form that is named after the kind of period.

    >>> titled("员工{}绩效考核记录表", "{} appraisal record", "year")
    Text(zh='员工年绩效考核记录表', en='Yearly appraisal record')
    """
    every = EVERY[kind]
    return Text(zh.format(every.zh), en.format(every.en))
