"""Which targets follow the days that somebody was there, from which whole target, and by how many days of how many."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xlperf.core.numbers import figure_in_words
from xlperf.core.problems import Lang, Text
from xlperf.scoring.matrices import Matrix
from xlperf.scoring.points import targets_of
from xlperf.scoring.presence import SHARES, days_of_period
from xlperf.scoring.stages import Measured

COUNTED = {  # by proration, what was counted
    "calendar": Text("在岗天数", "days of service"),
    "workdays": Text("在岗工作日", "working days of service"),
    "calendar_present": Text("在岗天数扣缺勤", "days of service less absences"),
    "workdays_present": Text("在岗工作日扣缺勤", "working days of service less absences"),
}


@dataclass(frozen=True)
class Proration:
    """A target of the whole period, ``whole``, that counts for ``days`` of its ``length`` days."""

    way: str
    whole: float
    days: float
    length: int

    @property
    def factor(self) -> str:
        """The factor as a formula writes it, such as ``(24/31)``."""
        return f"({self.days:g}/{self.length})"

    def sum(self, lang: Lang) -> str:
        """Write how the target came about.

        >>> Proration("workdays_present", 8.0, 12.5, 17).sum("zh")
        '8 × 12.5 ÷ 17'
        """
        return f"{figure_in_words(self.whole, lang)} × {self.days:g} ÷ {self.length}"

    def sentence(self, lang: Lang) -> str:
        """Write how the target came about, and by what kind of days.

        >>> Proration("calendar", 8.0, 24.0, 31).sentence("en")
        'by days of service: 8 × 24 ÷ 31'
        """
        return Text(f"按{COUNTED[self.way].zh}折算：{self.sum('zh')}", f"by {COUNTED[self.way].en}: {self.sum('en')}")(
            lang
        )


def prorated_targets(stage: Measured, targets: Matrix, rows: np.ndarray) -> dict[tuple[int, int], Proration]:
    """Return how the targets of some people came about, where they follow the days in service.

    Parameters
    ----------
    stage : a run that has measured everybody
    targets : n people × k indicators, the targets in force
    rows : the positions of the people who are asked about

    Returns
    -------
    By positions of person and indicator. Of somebody who changed posts, a target that is that of one post is found; one
    that is weighed together from several is not.
    """
    scheme, indicators, spells = stage.scheme, stage.indicators, stage.spells
    posts = np.flatnonzero(np.isin(spells.person, rows)) if spells.split else np.array([], np.intp)
    found: dict[tuple[int, int], Proration] = {}
    for frame, persons in (
        (stage.people.frame.iloc[rows], rows),
        (spells.posts.iloc[posts], spells.person[posts]),
    ):
        whole = targets_of(scheme, indicators, frame, stage.people.ancestors, stage.period.code, whole=True)
        for k, each in enumerate(indicators):
            way = each.proration_under(scheme.settings)
            if way not in SHARES:
                continue
            share = frame.get(SHARES[way], frame["service"]).to_numpy(np.float64)
            mine = (share < 1) & np.isclose(targets[persons, k], whole[:, k] * share)
            length = days_of_period(way, stage.when)
            for row in np.flatnonzero(mine & stage.applies[persons, k]).tolist():
                days = round(share[row] * length * 2) / 2  # absences are counted in half days
                found.setdefault((int(persons[row]), k), Proration(way, float(whole[row, k]), days, length))
    return found
