"""A scheme as a whole: its sheets, its settings and its records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from xlperf.core.curves import Curve
from xlperf.core.problems import Lang
from xlperf.policy.scheme.rating_levels import RatingLabels
from xlperf.policy.scheme.records import (
    FUNDED,
    LESS_ABSENCES,
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
)
from xlperf.schema import sheets_of
from xlperf.schema.settings import SETTINGS, Setting, Settings
from xlperf.schema.tables import Table, Tables, empty

VIEWS = ("company", "department", "employee", "by_unit", "by_person", "behind", "task_list", "figures")


@dataclass(frozen=True)
class Scheme:
    """What HR decides, and the sheets it stands on.

    ``unread`` are, by sheet and column, the positions of cells that were not understood; an error is reported at each.
    """

    tables: Tables
    settings: Settings
    dimensions: tuple[Dimension, ...]
    indicators: tuple[Indicator, ...]
    bands: Mapping[str, tuple[Band, ...]]
    grades: tuple[Grade, ...]
    outcomes: tuple[Outcome, ...]
    raters: tuple[RaterWeight, ...] = ()
    parts: tuple[Part, ...] = ()
    pay: tuple[PayItem, ...] = ()
    positions: tuple[Position, ...] = ()
    pairs: tuple[Pair, ...] = ()
    client_levels: tuple[ClientLevel, ...] = ()
    own_levels: tuple[ClientLevel, ...] = ()
    client_classes: tuple[ClientClass, ...] = ()
    task_rules: tuple[TaskRule, ...] = ()
    curves: Mapping[str, CurveRows] = field(default_factory=dict)
    quota_limits: tuple[QuotaLimit, ...] = ()
    box_axes: tuple[BoxAxis, ...] = ()
    boxes: tuple[Box, ...] = ()
    rating_levels: tuple[RatingLevel, ...] = ()
    unread: Mapping[str, Mapping[str, frozenset[int]]] = field(default_factory=dict)

    def name(self, lang: Lang) -> str:
        """The title of the scheme."""
        return (self.settings.name_en if lang == "en" else "") or self.settings.name

    @property
    def is_blank(self) -> bool:
        """Whether it says nothing yet of what is appraised: no dimensions, no indicators, no parts."""
        return not (self.dimensions or self.indicators or self.parts)

    def curve(self, name: str | None) -> Curve | None:
        """The curve of a name; None where there is none."""
        found = self.curves.get(name or "")
        return found.curve if found else None

    @property
    def rating_labels(self) -> RatingLabels:
        """The labels that ratings may be typed by."""
        rated = ((each.code, each.name) for each in self.indicators if each.source == "ratings")
        return RatingLabels.of(self.rating_levels, rated)

    def table(self, sheet: str) -> Table:
        """One of the policy sheets; without rows where the workbook does not have it."""
        return self.tables.get(sheet) or empty(sheet)

    def is_read(self, sheet: str, positions: Iterable[int], *columns: str) -> bool:
        """Tell whether the cells of some columns, or of all, were understood in some rows of a policy sheet."""
        unread = self.unread.get(sheet, {})
        rows = frozenset(positions)
        return all(rows.isdisjoint(unread[column]) for column in columns or unread if column in unread)

    @property
    def understood(self) -> tuple[Indicator, ...]:
        """The indicators whose definition was understood: those that can be measured."""
        return tuple(each for each in self.indicators if each.is_understood)

    def of_level(self, level: str) -> tuple[Indicator, ...]:
        """The indicators of employees, teams, departments or the company."""
        return tuple(each for each in self.indicators if level in each.levels)

    def parts_of(self, period_kind: str) -> tuple[Part, ...]:
        """The parts that the total of a period of this kind is made of; none where it is its own appraisal."""
        return tuple(each for each in self.parts if each.period_kind == period_kind)

    def is_appraised(self, period_kind: str) -> bool:
        """Whether a period of this kind is measured itself: it may be made of smaller periods and checks alone."""
        parts = self.parts_of(period_kind)
        return not parts or any(part.source == "appraisal" for part in parts)

    def measured_in(self, period_kind: str) -> tuple[Indicator, ...]:
        """The indicators that a period of this kind measures and whose definition was understood."""
        return self.understood if self.is_appraised(period_kind) else ()

    def outcomes_of(self, period_kind: str) -> tuple[Outcome, ...]:
        """The lists that follow a period of this kind."""
        return tuple(each for each in self.outcomes if each.period_kind in ("", period_kind))

    def switches(self) -> list[Setting]:
        """The settings that have a meaning in the scheme, in the order of the Home sheet."""
        values = self.settings.values()
        return [
            each
            for each in SETTINGS.values()
            if (not each.needs or len(self.table(each.needs))) and not (each.extra and values[each.code] == each.usual)
        ]

    def with_settings(self, **changed: Any) -> Scheme:
        """Return the scheme with some switches set otherwise."""
        settings = replace(self.settings, **changed)
        rows = pd.DataFrame({"setting": list(SETTINGS), "value": list(settings.values().values())}, dtype="object")
        table = self.table("settings")
        kept = Table(table.sheet, rows.assign(meaning=None), table.title, np.arange(2, len(rows) + 2), table.letters)
        return replace(self, settings=settings, tables={**self.tables, "settings": kept})

    def prorations(self) -> set[str]:
        """The prorations that its indicators state and that plain calendar days of service do not tell."""
        return {each.proration for each in self.indicators} - {"", "none", "calendar"}

    def input_sheets(self) -> list[str]:
        """The input sheets that the scheme needs, in workbook order; of a blank one those to begin with."""
        if self.is_blank:
            return ["employees", "ratings", "actuals"]
        needed = {"departments", "employees", "adjustments", "history"} | {
            each.sheet for each in self.indicators if each.measure != "formula"
        }
        needed |= {"clients"} if "tasks" in needed else set()  # which tasks refer to
        needed |= {"checks"} if any(each.source == "checks" for each in self.parts) else set()
        needed |= {"assignments"} if any(each.group for each in self.indicators) else set()
        needed |= {"absences"} if any(each.proration in LESS_ABSENCES for each in self.indicators) else set()
        needed |= {"clients", "tasks", "client_owners"} if self.task_rules else set()
        dated = any(each.owner_at is not None or each.is_shared for each in self.indicators)
        needed |= {"client_owners"} if dated else set()
        needed |= {"calibration"} if self.settings.calibration == "yes" else set()
        needed |= {"funds"} if any(each.way in FUNDED for each in self.pay) else set()
        return [sheet.code for sheet in sheets_of("input") if sheet.code in needed]

    def unit_levels(self) -> tuple[str, ...]:
        """The levels above the employee that have indicators, from the smallest unit up."""
        return tuple(level for level in ("team", "department", "company") if self.of_level(level))

    def has_views(self) -> bool:
        """Whether there is something to drill down to: units whose figures rest on clients."""
        units = {level for level in self.unit_levels() if level != "team"}
        return any(each.sheet == "clients" and units & set(each.levels) for each in self.indicators)

    def output_sheets(self) -> list[str]:
        """The sheets that a run may write, in workbook order."""
        wanted = {"detail", "results", "ranking", "lists", "problems", "run"}
        wanted |= (
            {"units", "unit_detail"} if any(set(each.levels) - {"employee"} for each in self.indicators) else set()
        )
        wanted |= set(VIEWS) if self.has_views() else set()
        wanted |= {"rater_groups"} if self.raters else set()
        wanted |= {"task_guide"} if any(each.source == "tasks" for each in self.indicators) else set()
        wanted |= {"rules_in_words"} if self.task_rules else set()
        wanted |= {"pay_results", "pay_pools"} if self.pay else set()
        wanted |= {"ninebox"} if self.box_axes else set()
        wanted |= {"differences"} if (self.table("periods")["status"] == "locked").any() else set()
        return [sheet.code for sheet in sheets_of("output") if sheet.code in wanted]
