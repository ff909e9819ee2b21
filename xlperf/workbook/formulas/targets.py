"""Which cell each target comes from: the row of the Targets sheet that wins, or the Indicators sheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from xlperf.policy.rules.formulas import NOTHING
from xlperf.policy.scheme import Indicator
from xlperf.scoring.matrices import Matrix
from xlperf.scoring.points import targets_of
from xlperf.scoring.prorated_targets import prorated_targets
from xlperf.scoring.stages import Finished
from xlperf.workbook.formulas.cell_addresses import Policy


def targets_of_people(appraisal: Finished, policy: Policy) -> Matrix:
    """Return the formulas of everybody's targets, times the days somebody was there where they follow these."""
    people = appraisal.people.frame
    texts = target_cells(appraisal, policy, appraisal.indicators, people)
    prorated = prorated_targets(appraisal, appraisal.points.targets, np.arange(len(people)))
    for (who, which), proration in prorated.items():
        texts[who, which] += f"*{proration.factor}"
    return texts


def target_cells(appraisal: Finished, policy: Policy, indicators: Sequence[Indicator], rows: pd.DataFrame) -> Matrix:
    """Return where the targets of people or units stand.

    The targets themselves are replaced by the numbers of their cells, and the very search for targets finds which of
    them wins.
    """
    scheme = appraisal.scheme
    listed = scheme.table("targets")
    numbered = listed.with_frame(listed.frame.assign(target=np.arange(1.0, len(listed) + 1)))
    asking = replace(scheme, tables={**scheme.tables, "targets": numbered})
    marked = [replace(each, target=-1.0 - position) for position, each in enumerate(indicators)]
    found = targets_of(asking, marked, rows, appraisal.people.ancestors, appraisal.period.code, whole=True)
    positions = {each.code: position for position, each in enumerate(scheme.indicators)}
    own = [policy.number("indicators", "target", positions[each.code]) for each in indicators]
    overrides = [policy.number("targets", "target", position) for position in range(len(listed))]
    cells = [*overrides, *reversed(own)]  # position 1 is the first override, -1 the first indicator
    texts = np.empty(found.shape, object)
    for where, number in np.ndenumerate(found):
        text = cells[int(number) - 1 if number > 0 else int(number)]
        texts[where] = "" if text == NOTHING else text
    return texts
