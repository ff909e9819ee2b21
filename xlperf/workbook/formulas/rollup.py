"""The formulas of the parts of a longer period: totals kept on Past results, occasions of checking, the own appraisal.

Whatever a formula would say is compared with what the run has found: a part that was put together otherwise (a quarter
computed from months that were never kept) stays a value.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import cast

import numpy as np
import pandas as pd

from xlperf.core.periods import Kind, Period
from xlperf.core.problems import Text
from xlperf.policy.rules import formulas as f
from xlperf.policy.scheme import Part, part_column
from xlperf.schema.tables import Table
from xlperf.scoring.rollup import weight_inside
from xlperf.workbook.formulas.results import People

CLOSE = 1e-9
LONGEST = 7000  # characters of a formula, of the 8192 that Excel takes
COMBINED = Text("由 xlperf 从更小的周期汇总", "xlperf combines smaller periods")


def write_parts(people: People) -> None:
    """Write the scores of the parts, and the base that they make."""
    totals = people.appraisal.totals
    if not people.appraisal.parts:
        return
    sources = _Sources(people)
    for row, who in enumerate(people.position):
        for number, part in enumerate(people.appraisal.parts):
            score = totals.parts[who, number]
            if not np.isnan(score):
                _part(sources, row, who, part, score)
        _base(people, row, who)


@dataclass(frozen=True)
class _Sources:
    """What parts are taken from, by employee."""

    people: People

    @property
    def period(self) -> Period:
        return self.people.appraisal.period

    @property
    def history(self) -> Table:
        return self.people.appraisal.table("history")

    @property
    def checks(self) -> Table:
        return self.people.appraisal.table("checks")

    @cached_property
    def kept(self) -> dict[tuple[str, str], list[int]]:
        """The positions of the kept totals by period and employee."""
        calendar, frame = self.people.appraisal.calendar, self.history.frame
        labels = calendar.resolve(frame["period"].dropna().unique(), self.period)
        found: dict[tuple[str, str], list[int]] = {}
        for position, (label, employee) in enumerate(zip(frame["period"], frame["employee_id"], strict=True)):
            period = labels.get(label)
            if period is not None:
                found.setdefault((period.code, employee), []).append(position)
        return found

    @cached_property
    def occasions(self) -> dict[str, dict[tuple[str, pd.Timestamp], list[int]]]:
        """The rows of each occasion of checking in the period, by employee, kind and day."""
        frame = self.checks.frame
        day = frame["date"].dt.normalize()
        held = frame.assign(kind=frame["check_kind"].fillna(""), day=day)[self.period.covers(day.to_numpy())]
        found: dict[str, dict[tuple[str, pd.Timestamp], list[int]]] = {}
        for position, employee, kind, when in zip(
            held.index, held["employee_id"], held["kind"], held["day"], strict=True
        ):
            found.setdefault(employee, {}).setdefault((kind, when), []).append(int(position))
        return found


def _part(sources: _Sources, row: int, who: int, part: Part, score: float) -> None:
    people, column = sources.people, part_column(part).code
    employee = people.ids[row]
    if part.source == "appraisal":
        people.put(column, row, f.when_known([people.here("own", row)], people.here("own", row)))
        return
    found = _of_periods(sources, employee, part) if part.source == "periods" else _of_checks(sources, employee, part)
    if found is not None and abs(found[1] - score) <= CLOSE * max(1.0, abs(score)) and len(found[0]) <= LONGEST:
        people.put(column, row, found[0])
    else:
        people.keep([column], row, COMBINED)


def _of_periods(sources: _Sources, employee: str, part: Part) -> tuple[str, float] | None:
    """Return the mean of the kept totals of smaller periods, and what it comes to."""
    people, frame = sources.people, sources.history.frame
    children = people.appraisal.calendar.children(sources.period, cast("Kind", part.part_kind))
    kept = [(child, sources.kept.get((child.code, employee), [])) for child in children]
    alone = [(child, rows[0]) for child, rows in kept if len(rows) == 1]
    if not alone:
        return None
    cells = [people.policy.input_number(sources.history, "total", position) for _, position in alone]
    totals = frame["total"].to_numpy(np.float64)[[position for _, position in alone]]
    if part.inner in ("days", "months"):
        weights = np.array([weight_inside(child, part) for child, _ in alone])
        sums = "+".join(f"{weight:.15g}*{cell}" for weight, cell in zip(weights, cells, strict=True))
        return f"({sums})/{weights.sum():.15g}", float((weights * totals).sum() / weights.sum())
    if len(alone) < len(children) and part.if_missing == "zero":
        return f"SUM({','.join(cells)})/{len(children)}", float(totals.sum() / len(children))
    listed = ",".join(cells)
    return f.unless(f"COUNT({listed})=0", f"SUM({listed})/COUNT({listed})"), float(totals.mean())


def _of_checks(sources: _Sources, employee: str, part: Part) -> tuple[str, float] | None:
    """Return the mean of the occasions of checking, or of the means of their kinds."""
    occasions = sources.occasions.get(employee, {})
    wanted = {
        key: rows for key, rows in sorted(occasions.items()) if not part.check_kinds or key[0] in part.check_kinds
    }
    scored = {key: found for key, rows in wanted.items() if (found := _occasion(sources, rows)) is not None}
    if not scored:
        return None
    kinds = [key[0] for key in scored] if part.inner == "kind" else [""] * len(scored)
    means = list(_means(list(scored.values()), kinds))
    if len(means) == 1:
        return means[0]
    text = "+".join(each for each, _ in means)
    return f"({text})/{len(means)}", sum(value for _, value in means) / len(means)


def _means(found: list[tuple[str, float]], kinds: list[str]) -> Iterator[tuple[str, float]]:
    for kind in dict.fromkeys(kinds):
        mine = [each for each, of in zip(found, kinds, strict=True) if of == kind]
        text = "+".join(each for each, _ in mine)
        yield f"({text})/{len(mine)}", sum(value for _, value in mine) / len(mine)


def _occasion(sources: _Sources, rows: list[int]) -> tuple[str, float] | None:
    """Return the points of one occasion: the full points less its deductions, or the mean of its scores."""
    policy, checks = sources.people.policy, sources.checks
    deductions = [row for row in rows if not np.isnan(checks.frame["deduction"].iloc[row])]
    if deductions:
        taken = "-".join(policy.input_number(checks, "deduction", row) for row in deductions)
        full = policy.scheme.settings.full_points
        points = max(full - float(checks.frame["deduction"].iloc[deductions].sum()), 0.0)
        return f"MAX({policy.setting('full_points')}-{taken},0)", points
    scores = [row for row in rows if not np.isnan(checks.frame["score"].iloc[row])]
    if not scores:
        return None
    cells = "+".join(policy.input_number(checks, "score", row) for row in scores)
    return f"({cells})/{len(scores)}", float(checks.frame["score"].iloc[scores].mean())


def _base(people: People, row: int, who: int) -> None:
    """Write the weighted mean of the parts that are there, and the share of their weight."""
    totals = people.appraisal.totals
    parts = people.appraisal.parts
    if np.isnan(totals.base[who]):
        return
    listed = list(people.scheme.parts)
    weights = [people.policy.number("parts", "weight", listed.index(part)) for part in parts]
    columns = [part_column(part).code for part in parts]
    there = [(weight, people.here(code, row)) for weight, code in zip(weights, columns, strict=True)
             if code in people.page.area.letters]  # fmt: skip
    whole = "+".join(f'IF({cell}="",0,{weight})' for weight, cell in there)
    scores = "+".join(f'IF({cell}="",0,{weight}*{cell})' for weight, cell in there)
    people.put("base", row, f.unless(f"COUNT({','.join(cell for _, cell in there)})=0", f"({scores})/({whole})"))
    stated = np.nan_to_num(np.array([part.weight for part in parts], np.float64))
    share = float((stated * ~np.isnan(totals.parts[who])).sum() / (stated.sum() or 1.0))
    if abs(share - totals.measured[who]) <= CLOSE:
        people.put("measured_weight", row, f"({whole})/({'+'.join(weights)})")
    else:
        people.keep(["measured_weight"], row, COMBINED)
