"""What one run found, step by step."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from xlperf.core.periods import Period, Periods
from xlperf.core.problems import Problem, has_errors
from xlperf.policy.conditions import When
from xlperf.policy.scheme import Indicator, Outcome, Part, Scheme
from xlperf.schema.tables import Table, Tables, empty
from xlperf.scoring.assignments import Spells
from xlperf.scoring.matrices import Facts, Points, Totals
from xlperf.scoring.outcomes import Lists
from xlperf.scoring.pay import Pay
from xlperf.scoring.ranking import Ranking
from xlperf.scoring.raters import Weighed
from xlperf.scoring.roster import Roster
from xlperf.scoring.unit_scores import UnitResults
from xlperf.scoring.units import Units


@dataclass(frozen=True)
class Appraisal:
    """What one run found, step by step; what an error kept from being found is None.

    ``indicators`` are those of employees, ``applies`` (n × k) tells whose they are; ``measured`` are the facts of n
    people followed by those of rows that name a unit, ``facts`` those of the people on the employees' indicators.
    ``results`` are the rows of the Results sheet in the language of the scheme, ``lists`` who of them is on which list.
    ``differences`` are given instead of results where the period is locked.
    """

    scheme: Scheme
    tables: Tables
    period: Period | None
    problems: list[Problem]
    calendar: Periods = field(default_factory=Periods)
    indicators: tuple[Indicator, ...] = ()
    when: When | None = None
    people: Roster | None = None
    spells: Spells | None = None
    units: Units | None = None
    ratings: Weighed | None = None
    measured: Facts | None = None
    applies: np.ndarray = field(default_factory=lambda: np.zeros((0, 0), bool))
    facts: Facts | None = None
    points: Points | None = None
    totals: Totals | None = None
    ranking: Ranking | None = None
    of_units: tuple[UnitResults, ...] = ()
    results: pd.DataFrame | None = None
    lists: Lists | None = None
    pay: Pay | None = None
    differences: pd.DataFrame | None = None

    @property
    def parts(self) -> tuple[Part, ...]:
        """The parts that the totals of this period are made of; none where it is its own appraisal."""
        return self.scheme.parts_of(self.period.kind) if self.period is not None else ()

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """The lists that follow this period."""
        return self.scheme.outcomes_of(self.period.kind) if self.period is not None else ()

    @property
    def failed(self) -> bool:
        """Whether an error forbids going on."""
        return has_errors(self.problems)

    @property
    def done(self) -> bool:
        """Whether everybody could be graded, so that results may be written."""
        return self.results is not None and not self.failed

    def table(self, sheet: str) -> Table:
        """One of the input sheets; without rows where the workbook does not have it."""
        return self.tables.get(sheet) or empty(sheet)
