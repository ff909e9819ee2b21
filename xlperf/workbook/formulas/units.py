"""The formulas of Units and Unit detail: sums over the people's rows, the unit's own score, place and grade."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from xlperf.core.problems import Text
from xlperf.policy.rules import formulas as f
from xlperf.scoring.matrices import Matrix
from xlperf.scoring.period_rows import REPORTED
from xlperf.scoring.stages import Finished
from xlperf.scoring.unit_scores import UnitResults
from xlperf.scoring.units import COMPANY, MEASURED
from xlperf.workbook.formulas.cell_addresses import Page
from xlperf.workbook.formulas.detail import TOO_MANY, Subjects, write_details
from xlperf.workbook.formulas.pool_counts import Key, such
from xlperf.workbook.formulas.results import People, contributed, measured_text, nothing_counts, rounded_text
from xlperf.workbook.formulas.targets import target_cells

MOST_CELLS = 150  # that one formula adds up one by one
REPORTED_ITSELF = Text("单位自身的数据", "figures of the unit itself")
OF_PEOPLE = Text("单位目标由人员目标合计", "the unit's target adds up those of its people")


def units_on(appraisal: Finished, page: Page) -> list[Subjects]:
    """Return the units level by level, as they stand on Unit detail."""
    found, first = [], 0
    for each in appraisal.of_units:
        shape, alone = each.applies.shape, np.ones(len(each.units), bool)
        figures = (each.indicators, each.applies, each.facts, each.points)
        texts, none = np.full(shape, "", object), np.zeros(shape, bool)
        found.append(Subjects(page, "unit_detail", *figures, texts, none, alone, np.zeros(len(alone), np.intp), first))
        first += int(each.applies.sum())
    return found


def write_units(people: People, units: Page, details: Page, frame: pd.DataFrame) -> None:
    """Write the formulas of all units."""
    place = {key: row for row, key in enumerate(zip(frame["level"], frame["unit"], strict=True))}
    for each, level in zip(units_on(people.appraisal, details), people.appraisal.of_units, strict=True):
        subjects = replace(each, targets=_targets(people, level))
        write_details(subjects, people.policy, people.written, people.calls)
        blocks = subjects.rows()
        for who, code in enumerate(level.units.frame["unit"]):
            row = place[level.level, code]
            for line, which in blocks[who]:
                _sums(people, subjects, level, who, which, line)
            _scores(people, units, subjects, who, row, blocks[who])
            _standing(people, units, level, who, row)
            _mean(people, units, level, who, row)


# Sums over people ----------------------------------------------------------------------------------------------------


def _sums(people: People, subjects: Subjects, level: UnitResults, who: int, which: int, line: int) -> None:
    """Add up the numerators and denominators of the unit's people, where nothing else is in the unit's figure."""
    columns = [
        column
        for column, values in (("numerator", level.facts.numerator), ("denominator", level.facts.denominator))
        if not np.isnan(values[who, which])
    ]
    rows = _rows_behind(people, level, who, which)
    if level.indicators[which].measure == "formula":
        pass  # computed from the unit's own figures, not from those of its people
    elif rows is None or not columns:
        people.written.keep("unit_detail", columns, line, REPORTED_ITSELF)
    elif len(rows) > MOST_CELLS:
        people.written.keep("unit_detail", columns, line, TOO_MANY)
    else:
        for column in columns:
            people.written.put("unit_detail", column, line, f"SUM({people.details.page.cells(column, rows)})")
    if not subjects.targets[who, which] and not np.isnan(level.points.targets[who, which]):
        theirs = _target_rows(people, level, who, which)
        if 0 < len(theirs) <= MOST_CELLS:
            people.written.put("unit_detail", "target", line, f"SUM({people.details.page.cells('target', theirs)})")
        else:
            people.written.keep("unit_detail", ("target",), line, TOO_MANY if theirs else OF_PEOPLE)


def _rows_behind(people: People, level: UnitResults, who: int, which: int) -> list[int] | None:
    """Return the rows of Detail that a unit's figure adds up, None where something else is in it."""
    appraisal, one = people.appraisal, level.indicators[which]
    facts, codes = appraisal.measured, [each.code for each in appraisal.indicators]
    if one.code not in codes:
        return None
    own, column = codes.index(one.code), facts.column(one.code)
    counted = facts.state[:, column] == MEASURED
    heads = len(appraisal.applies)
    inside = level.units.inside[who] & counted[heads:]
    listed = appraisal.applies[:, own] & people.details.simple
    members = level.units.member[who]
    if inside.any() or (one.sheet in REPORTED and level.units.own[who][counted[heads:]].any()):
        return None
    if (members & counted[:heads] & ~listed).any():
        return None
    return _rows_of(people, members & listed, own)


def _rows_of(people: People, who: np.ndarray, which: int) -> list[int]:
    numbers = people.appraisal.applies.cumsum().reshape(people.appraisal.applies.shape) - 1
    return sorted(int(row) for row in numbers[who, which])


# Targets -------------------------------------------------------------------------------------------------------------


def _targets(people: People, level: UnitResults) -> Matrix:
    """Return where the units' targets stand; those of counts add up what their people are to reach."""
    appraisal = people.appraisal
    frame = level.units.frame
    rows = pd.DataFrame({"employee_id": "", "department": frame["unit"], "group": "", "service": 1.0})
    texts = target_cells(appraisal, people.policy, level.indicators, rows)
    codes = {each.code: number for number, each in enumerate(appraisal.indicators)}
    for which, each in enumerate(level.indicators):
        if each.target_adds_up and each.code in codes:
            column = codes[each.code]
            theirs = appraisal.applies[:, column] & ~np.isnan(appraisal.points.targets[:, column])
            texts[(level.units.member @ theirs) > 0, which] = ""
    listed = people.scheme.table("targets").frame
    period = appraisal.period.code
    wanted = (listed["scope"] == "unit") & (listed["period"].isna() | (listed["period"] == period))
    mine = listed[wanted].sort_values("period", na_position="first", kind="stable")
    for position, row in mine.iterrows():
        code = row["scope_id"]
        unit = COMPANY.en if not isinstance(code, str) or code in COMPANY else code
        for which, each in enumerate(level.indicators):
            if each.code == row["indicator"]:
                cell = people.policy.number("targets", "target", int(str(position)))
                texts[(frame["unit"] == unit).to_numpy(), which] = cell
    return texts


def _target_rows(people: People, level: UnitResults, who: int, which: int) -> list[int]:
    appraisal = people.appraisal
    codes = [each.code for each in appraisal.indicators]
    if level.indicators[which].code not in codes:
        return []
    own = codes.index(level.indicators[which].code)
    theirs = appraisal.applies[:, own] & ~np.isnan(appraisal.points.targets[:, own])
    return _rows_of(people, level.units.member[who] & theirs, own)


# The unit itself -----------------------------------------------------------------------------------------------------


def _scores(
    people: People, units: Page, subjects: Subjects, who: int, row: int, block: Sequence[tuple[int, int]]
) -> None:
    if not block:
        return
    rows = [line for line, _ in block]
    amounts = contributed(subjects.page, rows)
    if people.scheme.settings.cap_total == "yes":
        amounts = f"MIN({amounts},{people.policy.setting('full_points')})"
    text = f.unless(nothing_counts(subjects.page, rows), rounded_text(amounts, people.policy, people.calls))
    people.written.put("units", "total", row, text)
    measured = measured_text(subjects, people.scheme, who, block)
    people.written.put("units", "measured_weight", row, measured)


def _standing(people: People, units: Page, level: UnitResults, who: int, row: int) -> None:
    """Write place and grade of a unit of which enough is measured."""
    if level.place[who] == 0:
        return
    total, measured = units.here("total", row), units.here("measured_weight", row)
    least = people.policy.setting("minimum_weight")
    too_little = f'OR({total}="",{measured}<{least})'
    levels = Key(units.whole("level"), units.here("level", row), plain=True)
    enough = f'{units.whole("measured_weight")},">="&{least}'
    better = such([levels], units.whole("total"), ">", total).removesuffix(")")
    people.written.put("units", "place", row, f.unless(too_little, f"{better},{enough})+1"))
    if level.grade[who] < 0:
        return
    grades = people.grades
    position = grades.by_score(total)
    for column, label in {"grade": grades.code, "grade_name": grades.name}.items():
        shown = f.unless(f"{position}>{len(grades)}", label(position))
        people.written.put("units", column, row, f.unless(too_little, shown))


def _mean(people: People, units: Page, level: UnitResults, who: int, row: int) -> None:
    """Write the mean total of a unit's people."""
    if np.isnan(level.mean_total[who]):
        return
    results = people.page
    if level.level == "company":
        cells = results.whole("total", away=True)
    else:
        member = level.units.member[who]
        rows = [line for line, person in enumerate(people.position) if member[person]]
        if len(rows) > MOST_CELLS:
            people.written.keep("units", ("mean_total",), row, TOO_MANY)
            return
        cells = results.cells("total", rows)
    mean = f"ROUND(ROUND(SUM({cells})/COUNT({cells}),10),{people.policy.setting('decimals')})"
    people.written.put("units", "mean_total", row, f.unless(f"COUNT({cells})=0", mean))
