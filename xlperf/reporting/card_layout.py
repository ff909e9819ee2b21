"""What the cards of an appraisal have on them, so that none shows a chart, a table or a page that is empty on all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from xlperf.core.problems import Text
from xlperf.policy.scheme import Indicator
from xlperf.reporting.card_history import has_earlier_totals
from xlperf.scoring.stages import Completed

LEAST_DIMENSIONS = 3  # that span an area


@dataclass(frozen=True)
class CardLayout:
    """What a card or a page of a unit has on it: by default everything, as it is wanted to restyle the template.

    ``added_up`` tells whether indicators have full points in place of a weight, ``has_shape`` whether everybody has
    enough dimensions for a radar, ``has_levels`` whether raters choose from levels with labels; ``grades`` are their
    names, best first.
    """

    added_up: bool = False
    has_shape: bool = True
    has_trend: bool = True
    has_evidence: bool = True
    has_further: bool = True
    has_tasks: bool = True
    has_rows: bool = True
    has_places: bool = True
    has_pay: bool = True
    has_levels: bool = False
    grades: tuple[Text, ...] = ()


def layout_of(appraisal: Completed) -> CardLayout:
    """Return what the cards of an appraisal need.

    Examples
    --------
    >>> from xlperf.policy import schemes
    >>> from xlperf.samples import sample, sample_period
    >>> from xlperf.scoring.pipeline import appraise
    >>> scheme = schemes.load("service-team")
    >>> period = sample_period(scheme)
    >>> layout = layout_of(appraise(sample("service-team", period, "en"), scheme.with_settings(period=period.code)))
    >>> layout.has_shape, layout.has_further, layout.has_tasks
    (True, False, False)
    """
    scheme = appraisal.scheme
    scored = appraisal.totals.dimensions[appraisal.people.frame["scored"].to_numpy(bool)]
    applying = [appraisal.indicators[k] for k in np.flatnonzero(appraisal.applies.any(axis=0)).tolist()]
    return CardLayout(
        added_up=scheme.settings.total_method == "sum",
        has_shape=bool(((~np.isnan(scored)).sum(axis=1) >= LEAST_DIMENSIONS).all()),
        has_trend=has_earlier_totals(appraisal),
        has_evidence=scheme.settings.publish_place == "yes" and bool(appraisal.lists.member.any()),
        has_further=not all(each.counts for each in applying),
        has_tasks=len(appraisal.table("tasks")) > 0,
        has_rows=_has_rows(appraisal, applying),
        has_places=scheme.settings.publish_place == "yes",
        has_pay=scheme.settings.publish_pay == "yes" and bool(scheme.pay),
        grades=tuple(each.name for each in scheme.grades),
    )


def _has_rows(appraisal: Completed, indicators: Sequence[Indicator]) -> bool:
    """Whether there are rows behind a figure that a card may list: never ratings, which would tell who rated."""
    return any(len(appraisal.table(each)) for each in {each.sheet for each in indicators} - {"ratings"})
