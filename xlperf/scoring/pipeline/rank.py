"""From totals to ranks and grades: of people, as computed and as calibrated, and the scores of units."""

from __future__ import annotations

from xlperf.core.problems import Problem, Text
from xlperf.scoring.calibration import Calibration, calibrated
from xlperf.scoring.period_rows import rows_of_period
from xlperf.scoring.quota_limits import results_of_departments
from xlperf.scoring.ranking import Ranking, after_vetoes, over_quota
from xlperf.scoring.ranking import rank as rank_people
from xlperf.scoring.stages import Ranked, Scored, advance
from xlperf.scoring.unit_scores import appraise_units


def rank(stage: Scored) -> Scored | Ranked:
    """Rank and grade people, and score units.

    Parameters
    ----------
    stage : the totals
    """
    scheme, people = stage.scheme, stage.people
    shared = (stage.indicators, stage.applies, stage.points.targets)
    total = after_vetoes(stage.totals.total, stage.points.vetoed, stage.indicators, scheme.settings)
    of_units, found = appraise_units(
        scheme, people, stage.units, stage.measured, shared, total, stage.when, stage.period.code
    )
    departments = results_of_departments(scheme, of_units)
    ranking, problems = rank_people(scheme, people, stage.facts, stage.points, stage.totals, departments)
    ranking, calibration, more = _calibrated(stage, ranking)
    if calibration is None or not calibration.changes:
        more += over_quota(scheme, ranking)
    made = {"ranking": ranking, "of_units": tuple(of_units), "calibration": calibration}
    return advance(stage, Ranked, [*problems, *found, *more], made)


def _calibrated(stage: Scored, ranking: Ranking) -> tuple[Ranking, Calibration | None, list[Problem]]:
    """Put the grades that somebody decided in place of the computed ones, where the book has a sheet for them."""
    if "calibration" not in stage.tables and stage.scheme.settings.calibration == "no":
        return ranking, None, []
    given, problems = rows_of_period(stage.table("calibration"), stage.when, stage.calendar, exactly=stage.period)
    log = stage.table("calibration_log")
    final, found, more = calibrated(ranking, stage.scheme, stage.people, given, log, stage.period, stage.calendar)
    if not found.final:
        label = Text(stage.period.label("zh"), stage.period.label("en"))
        details = {"period": label, "count": len(found.changes)}
        more.append(Problem("calibration-draft", given.title, "", details))
    return final, found, [*problems, *more]
