"""From who is there to one figure a person and indicator, and which figures are missing or hard to believe."""

from __future__ import annotations

import numpy as np
import pandas as pd

from xlperf.scoring.assignments import applies_by_person, applies_to_posts
from xlperf.scoring.data_quality import report_gaps, without_data, without_deductions, without_indicators
from xlperf.scoring.facts import measure as measure_facts
from xlperf.scoring.formula_facts import typed_figures, with_formulas
from xlperf.scoring.period_rows import prepared
from xlperf.scoring.plausibility import slips_of_unit
from xlperf.scoring.points import targets_of, without_days
from xlperf.scoring.presence import SHARES
from xlperf.scoring.raters import weigh
from xlperf.scoring.roster import Roster
from xlperf.scoring.stages import Gathered, Measured, advance
from xlperf.scoring.units import Units


def measure(stage: Gathered) -> Gathered | Measured:
    """Measure people and units, and report which figures are missing.

    Parameters
    ----------
    stage : who is there
    """
    scheme, people, spells, when = stage.scheme, stage.people, stage.spells, stage.when
    every, period = scheme.measured_in(stage.period.kind), stage.period.code
    everybody = _people_and_units(people, stage.units)
    rated, problems = prepared(stage.table("ratings"), scheme.indicators, when, stage.calendar)
    ratings, found = weigh(rated, every, scheme, when)
    weighed = {**stage.tables, "ratings": ratings.table}
    measured, more = measure_facts(
        weighed, every, pd.Index(everybody["employee_id"]), when, stage.calendar, scheme.indicators
    )
    measured = with_formulas(measured, when).without(without_days(scheme, every, everybody, people.ancestors, period))
    problems += [*found, *more, *typed_figures(stage.tables.get("actuals"), scheme.indicators)]

    facts, applies = measured.only(stage.indicators), applies_to_posts(stage.indicators, spells.posts)
    problems += report_gaps(facts.of(spells.person), applies, scheme.settings, stage.tables)
    problems += without_data(stage.tables, stage.indicators, people.frame, scheme.settings)
    if scheme.is_appraised(stage.period.kind):
        theirs = applies_to_posts(scheme.of_level("employee"), spells.posts)
        problems += without_indicators(spells.posts, theirs, stage.table("employees"))
    problems += without_deductions(measured, stage.tables, [*stage.problems, *problems])
    goals = targets_of(scheme, every, everybody, people.ancestors, period)
    problems += slips_of_unit(stage.tables.get("actuals"), scheme, measured, goals, len(people), when, stage.calendar)
    done = {"facts": facts.of(np.arange(len(people))), "applies": applies_by_person(applies, spells)}
    return advance(stage, Measured, problems, {"ratings": ratings, "measured": measured, **done})


def _people_and_units(people: Roster, units: Units) -> pd.DataFrame:
    """Return all that may have figures: the people, and below them the units as members of themselves."""
    named = {"employee_id": units.names, "department": units.names, "group": ""}
    there = dict.fromkeys((column for column in SHARES.values() if column in people.frame), 1.0)
    as_people = pd.DataFrame(named | there)
    return pd.concat([people.frame[[*as_people]], as_people], ignore_index=True)
