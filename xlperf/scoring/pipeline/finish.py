"""From ranks to what follows from them: lists, boxes and pay; of a locked period only what would differ."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from xlperf.core.problems import Problem
from xlperf.policy.conditions import When
from xlperf.scoring.boxes import Boxes, place_in_boxes
from xlperf.scoring.outcomes import on_lists
from xlperf.scoring.pay import Pay, figure_column, paid_before, pay
from xlperf.scoring.period_rows import rows_of_period
from xlperf.scoring.result_rows import result_rows, standing, with_roster
from xlperf.scoring.rollup import differences, is_locked
from xlperf.scoring.stages import Completed, Locked, Ranked, advance


def finish(stage: Ranked) -> Ranked | Completed | Locked:
    """Add what follows from the results: lists and pay; of a locked period only what would differ.

    Parameters
    ----------
    stage : ranks and grades
    """
    scheme, period, history = stage.scheme, stage.period, stage.table("history")
    rows = result_rows(stage, scheme.settings.language)
    if is_locked(scheme.table("periods"), period, stage.calendar):
        changed, problems = differences(history, rows, scheme, period, stage.calendar)
        return advance(stage, Locked, problems, {"results": rows, "differences": changed})
    where = standing(stage, rows)
    lists = on_lists(where, stage.outcomes)
    paid, problems = _pay(stage, rows, where.when)
    boxes, found = _boxes(stage)
    before = _pay_before_calibration(stage)
    problems += paid_before(
        scheme, period, stage.calendar.resolve(history["period"].dropna().unique(), period).values()
    )
    done = {"lists": lists, "pay": paid, "pay_before": paid if before is None else before, "boxes": boxes}
    done |= {"results": rows.assign(pay=rows["employee_id"].map(paid.totals))}
    return advance(stage, Completed, [*problems, *found], done)


def _pay(stage: Ranked, rows: pd.DataFrame, when: When) -> tuple[Pay, list[Problem]]:
    """Return what is paid for some results."""
    scheme, people, period = stage.scheme, stage.people, stage.period
    funds, problems = rows_of_period(stage.table("funds"), stage.when, stage.calendar, exactly=period)
    figures = _with_figures(stage, with_roster(rows, people))
    paid, found = pay(figures, scheme, funds, people.ancestors, people.department_names, when, period.kind)
    return paid, [*problems, *found]


def _pay_before_calibration(stage: Ranked) -> Pay | None:
    """Return what would be paid by the computed grades; None where nobody decided on others."""
    if stage.calibration is None or not stage.calibration.changes:
        return None
    computed = replace(stage, ranking=stage.calibration.computed)
    rows = result_rows(computed, stage.scheme.settings.language)
    return _pay(computed, rows, standing(computed, rows).when)[0]


def _boxes(stage: Ranked) -> tuple[Boxes | None, list[Problem]]:
    scheme = stage.scheme
    if not scheme.box_axes:
        return None, []
    return place_in_boxes(scheme, stage.indicators, stage.points, stage.totals, stage.ranking, stage.people.ids)


def _with_figures(stage: Ranked, people: pd.DataFrame) -> pd.DataFrame:
    """Add the figures that pay is looked up by."""
    codes = {each.code for each in stage.facts.indicators}
    asked = dict.fromkeys(item.figure for item in stage.scheme.pay if item.figure in codes)
    facts = pd.DataFrame({figure_column(code): stage.facts.actual[:, stage.facts.column(code)] for code in asked},
                         index=stage.facts.ids)  # fmt: skip
    return people.join(facts, on="employee_id") if asked else people
