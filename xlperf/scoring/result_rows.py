"""The rows of the Results sheet: everybody who is scored, with places, grades, and what conditions may ask about."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from xlperf.core.numbers import fraction_of
from xlperf.core.problems import Lang, Text
from xlperf.policy.scheme import Indicator, part_column
from xlperf.scoring.distribution import place_figures, top_places
from xlperf.scoring.grades import coefficients
from xlperf.scoring.outcomes import Standing, earlier_places, standing_of
from xlperf.scoring.points import targets_met
from xlperf.scoring.roster import REASONS, Roster
from xlperf.scoring.stages import Gathered, Ranked, Scored


def result_rows(appraisal: Ranked, lang: Lang) -> pd.DataFrame:
    """One row for everybody who is scored, pool by pool from the first place down, then those who are not ranked."""
    people, totals, ranking = appraisal.people, appraisal.totals, appraisal.ranking
    frame, grades = people.frame, appraisal.scheme.grades
    pool_names = np.array([*(name(lang) for name in ranking.pools.names), ""], object)
    sizes = np.append(ranking.sizes.astype(float), np.nan)
    columns: dict[str, Any] = {
        name: frame[name] for name in ("employee_id", "name", "department", "department_name", "group", "staff_class")
    }
    columns |= {each.code: totals.dimensions[:, d] for d, each in enumerate(appraisal.scheme.dimensions)}
    columns |= {part_column(each).code: totals.parts[:, p] for p, each in enumerate(appraisal.parts)}
    columns |= {
        "own": totals.own if totals.parts.shape[1] else np.nan,
        "targets_met": _share_met(appraisal),
        "base": totals.base,
        "adjustment": totals.adjustment,
        "total": ranking.total,
        "measured_weight": totals.measured,
        "pool": pool_names[ranking.pools.code],
        "pool_size": sizes[ranking.pools.code],
        "place": np.where(ranking.place > 0, ranking.place, np.nan),
        **vars(place_figures(ranking.place, ranking.pools.code)),
        "department_place": np.where(ranking.department_place > 0, ranking.department_place, np.nan),
        "grade": np.array([*(each.code for each in grades), None], object)[ranking.grade],
        "grade_name": np.array([*(each.name(lang) for each in grades), ""], object)[ranking.grade],
        "coefficient": coefficients(ranking.grade, [each.coefficient for each in grades]),
        **_as_computed(appraisal, lang),
        "outcome": "",
        "remark": [_remark(*why, lang) for why in zip(ranking.reason, ranking.vetoes, strict=True)],
    }
    rows = pd.DataFrame(columns)[frame["scored"].to_numpy(bool)]
    pools = ranking.pools.code[rows.index.to_numpy()]
    keyed = rows.assign(unranked=rows["place"].isna(), pool_code=pools)
    places = earlier_places(appraisal.table("history").frame, appraisal.period, appraisal.calendar)
    keyed = keyed.assign(place_change=keyed["employee_id"].map(places).astype(float) - keyed["place"])
    ordered = keyed.sort_values(["unranked", "pool_code", "place", "employee_id"])
    return ordered.drop(columns=["unranked", "pool_code"]).reset_index(drop=True)


def _as_computed(appraisal: Ranked, lang: Lang) -> dict[str, Any]:
    """Return computed places and grades where calibration has changed them, nothing for the others."""
    found, grades = appraisal.calibration, appraisal.scheme.grades
    if found is None:
        return {}
    before, now = found.computed, appraisal.ranking
    moved, changed = before.place != now.place, before.grade != now.grade
    names = np.array([*(each.name(lang) for each in grades), ""], object)
    return {
        "computed_place": np.where(moved, before.place, np.nan),
        "computed_grade": np.where(changed, names[before.grade], ""),
    }


def _share_met(appraisal: Scored) -> np.ndarray:
    """Return the share of each person's targets that are met; NaN without any."""
    met = targets_met(appraisal.points, appraisal.facts.actual, appraisal.applies, appraisal.indicators)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.nansum(met, axis=1) / (~np.isnan(met)).sum(axis=1))


def _remark(reason: str, vetoes: tuple[Indicator, ...], lang: Lang) -> str:
    """Say why somebody is not ranked, and which vetoes limit the result."""
    words = [REASONS[reason](lang)] if reason else []
    words += [Text(f"触发{each.name.zh}", f"struck by {each.name.en}")(lang) for each in vetoes]
    return ("；" if lang == "zh" else "; ").join(words)


def standing(appraisal: Gathered, results: pd.DataFrame) -> Standing:
    """Return the places and grades of everybody in this period and in the ones before, for conditions of lists and pay.

    Parameters
    ----------
    appraisal : the run, with its scheme, its period and the sheet Past results
    results : rows of the Results sheet, one a person
    """
    scheme = appraisal.scheme
    minimum = scheme.settings.top_minimum_pool
    return standing_of(
        results,
        scheme.grades,
        appraisal.when,
        lambda share, size: top_places(size, fraction_of(share), minimum),
        appraisal.table("history").frame,
        appraisal.period,
        appraisal.calendar,
    )


def with_roster(results: pd.DataFrame, people: Roster) -> pd.DataFrame:
    """Return everybody on the roster with their results: what pay looks at."""
    computed = [column for column in results if column not in people.frame or column == "employee_id"]
    return people.frame.merge(results[computed], on="employee_id", how="left")
