"""The stages of a run: each extends the one before by what its step has found.

A run is handed back at the stage that it reached. A stage whose problems hold an error has no successor, so that a
function which takes :class:`Scored` can rely on there being points, and nothing is computed from what is not there.
Whoever holds an :class:`Appraisal` asks how far it came with ``isinstance``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from xlperf.core.periods import Period, Periods
from xlperf.core.problems import Problem, has_errors, in_order
from xlperf.policy.conditions import When
from xlperf.policy.scheme import Indicator, Outcome, Part, Scheme
from xlperf.schema.tables import Table, Tables, empty
from xlperf.scoring.assignments import Spells
from xlperf.scoring.boxes import Boxes
from xlperf.scoring.calibration import Calibration
from xlperf.scoring.matrices import Facts, Points, Totals
from xlperf.scoring.outcomes import Lists
from xlperf.scoring.pay import Pay
from xlperf.scoring.ranking import Ranking
from xlperf.scoring.raters import Weighed
from xlperf.scoring.roster import Roster
from xlperf.scoring.unit_scores import UnitResults
from xlperf.scoring.units import Units


@dataclass(frozen=True, kw_only=True)
class Appraisal:
    """A run, and every problem that it found; without a readable period it got no further than this.

    ``calendar`` are the scheme's periods, ``period`` is the one appraised.
    """

    scheme: Scheme
    tables: Tables
    period: Period | None
    problems: list[Problem]
    calendar: Periods

    @property
    def failed(self) -> bool:
        """Whether an error forbids going on."""
        return has_errors(self.problems)

    @property
    def done(self) -> bool:
        """Whether everybody could be graded, so that results may be written."""
        return False

    def table(self, sheet: str) -> Table:
        """One of the input sheets; without rows where the workbook does not have it."""
        return self.tables.get(sheet) or empty(sheet)

    def with_problems(self, problems: Iterable[Problem]) -> Appraisal:
        """Return the stage with more problems."""
        return replace(self, problems=in_order([*self.problems, *problems]))


@dataclass(frozen=True, kw_only=True)
class Gathered(Appraisal):
    """Who is there in the period, in which posts and units.

    ``indicators`` are those of employees whose definition was understood. ``tables`` hold the classes and the owners of
    clients, and what conditions ask of other sheets.
    """

    period: Period
    indicators: tuple[Indicator, ...]
    when: When
    people: Roster
    spells: Spells
    units: Units

    @property
    def parts(self) -> tuple[Part, ...]:
        """The parts that the totals of this period are made of; none where it is its own appraisal."""
        return self.scheme.parts_of(self.period.kind)

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """The lists that follow this period."""
        return self.scheme.outcomes_of(self.period.kind)


@dataclass(frozen=True, kw_only=True)
class Measured(Gathered):
    """What was measured of everybody.

    ``measured`` are the facts of n people followed by those of rows that name a unit, ``facts`` those of the people on
    the k indicators of employees; ``applies`` (n × k) tells whose they are.
    """

    ratings: Weighed
    measured: Facts
    facts: Facts
    applies: np.ndarray


@dataclass(frozen=True, kw_only=True)
class Scored(Measured):
    """Points on each indicator, and the totals."""

    points: Points
    totals: Totals


@dataclass(frozen=True, kw_only=True)
class Ranked(Scored):
    """Ranks and grades of people, and the scores of units.

    ``calibration`` tells what the ranking was before somebody changed grades; None where the book has no such sheet.
    """

    ranking: Ranking
    of_units: tuple[UnitResults, ...]
    calibration: Calibration | None = None


@dataclass(frozen=True, kw_only=True)
class Finished(Ranked):
    """A run that came to its end: ``results`` are the rows of the Results sheet in the language of the scheme."""

    results: pd.DataFrame

    @property
    def done(self) -> bool:
        """Whether everybody could be graded, so that results may be written."""
        return not self.failed


@dataclass(frozen=True, kw_only=True)
class Completed(Finished):
    """Results with what follows from them: who of them is on which list, and pay.

    ``pay_before`` is what would be paid without calibration; the same where no grade was changed. ``boxes`` are those
    of the nine-box; None where the scheme has none.
    """

    lists: Lists
    pay: Pay
    pay_before: Pay
    boxes: Boxes | None


@dataclass(frozen=True, kw_only=True)
class Locked(Finished):
    """Results of a period that was closed before: the kept ones stand, ``differences`` are what a run would change."""

    differences: pd.DataFrame


Now = TypeVar("Now", bound=Appraisal)
Next = TypeVar("Next", bound=Appraisal)


def advance(stage: Now, to: type[Next], problems: Iterable[Problem], found: Mapping[str, Any]) -> Now | Next:
    """Return the next stage with what a step found, or the same one with its problems where one of them is an error.

    >>> start = Appraisal(scheme=None, tables={}, period=None, problems=[], calendar=Periods())
    >>> type(advance(start, Gathered, [Problem("book-damaged", details={"file": "a.xlsx"})], {})).__name__
    'Appraisal'
    """
    every = in_order([*stage.problems, *problems])
    if has_errors(every):
        return replace(stage, problems=every)
    return to(**{**vars(stage), **found, "problems": every})
