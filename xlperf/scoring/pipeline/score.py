"""From figures to points and totals: post by post, with the parts of a longer period, and with adjustments."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from xlperf.core.periods import Period
from xlperf.scoring.assignments import applies_to_posts, merge_posts
from xlperf.scoring.data_quality import targets_shrunk
from xlperf.scoring.period_rows import rows_of_period
from xlperf.scoring.points import score as score_figures
from xlperf.scoring.points import targets_of
from xlperf.scoring.ranking import comparison_groups
from xlperf.scoring.rollup import roll_up
from xlperf.scoring.stages import Gathered, Measured, Scored, advance
from xlperf.scoring.totals import adjustments, score_dimensions, total_scores


def score(stage: Measured) -> Measured | Scored:
    """Score and total: post by post, with the parts of a longer period, and with adjustments.

    Parameters
    ----------
    stage : what was measured
    """
    scheme, people, spells, when, period = stage.scheme, stage.people, stage.spells, stage.when, stage.period
    indicators, settings = stage.indicators, scheme.settings
    facts, applies = stage.facts.of(spells.person), applies_to_posts(indicators, spells.posts)
    targets = np.where(applies, _targets(stage), np.nan)
    groups = comparison_groups(people, settings)
    points, problems = score_figures(facts, targets, applies, scheme, groups[spells.person], when)
    problems += targets_shrunk(people.frame, indicators, _shrunk(stage), stage.table("employees"))

    given, found = rows_of_period(stage.table("adjustments"), when, stage.calendar, exactly=_kept_apart(stage))
    adjustment, zeroed = adjustments(given, people.ids, indicators)
    scores = score_dimensions(points, facts.state, applies, zeroed[spells.person], scheme, indicators)
    points, scores = merge_posts(points, spells), merge_posts(scores, spells)

    history, checks = stage.table("history"), stage.table("checks")
    rolled, more = roll_up(scores.own, people.frame, scheme, period, stage.calendar, history, checks)
    if rolled.of:
        scores = replace(scores, measured=rolled.measured)
    totals = total_scores(scores, rolled.base, adjustment, settings, rolled.parts, rolled.weights)
    return advance(stage, Scored, [*problems, *found, *more], {"points": points, "totals": totals})


def _kept_apart(stage: Gathered) -> Period | None:
    """Return the one period whose adjustments count, where those of smaller periods are inside their totals already."""
    return stage.period if any(part.source == "periods" for part in stage.parts) else None


def _targets(stage: Gathered) -> np.ndarray:
    """Return the targets of each post: counts of the post's own indicators shrink to the days in it."""
    scheme, indicators, people, spells = stage.scheme, stage.indicators, stage.people, stage.spells
    of_posts = targets_of(scheme, indicators, spells.posts, people.ancestors, stage.period.code)
    if not spells.split:
        return of_posts
    of_people = targets_of(scheme, indicators, people.frame, people.ancestors, stage.period.code)
    common = np.array([each.group == "" for each in indicators], bool)
    return np.where(common, of_people[spells.person], of_posts)


def _shrunk(stage: Measured) -> np.ndarray:
    """Tell whose targets (n people × k indicators) are prorated."""
    asked = (stage.indicators, stage.people.frame, stage.people.ancestors, stage.period.code)
    return np.asarray(stage.applies & (targets_of(stage.scheme, *asked) < targets_of(stage.scheme, *asked, whole=True)))
