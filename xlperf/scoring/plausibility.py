"""Reported figures and targets that look like a slip of the unit: ten, a hundred or a thousand times what is usual."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from xlperf.core.periods import Period, Periods
from xlperf.core.problems import Problem, Text, some
from xlperf.policy.conditions import When
from xlperf.policy.conditions.tree import Ref
from xlperf.policy.scheme import UNSCORED, Indicator, Scheme
from xlperf.policy.validation.addressing import report
from xlperf.schema.tables import Table, among
from xlperf.scoring.matrices import Facts, Matrix
from xlperf.scoring.period_rows import prepared, resolve_periods, with_cells

# Sizes and distances are powers of ten: 1 is ten times, 0.7 five times, 0.3 twice.
FAR = 0.7  # what is nearer to the others than this is not doubted
NEAR = 0.3  # so near to a whole power of ten is a slip
ALONE = 1.5  # from here on the target alone tells: who reaches a thirtieth of it, or thirty times?
GAP = 0.5  # between a slip and the nearest of the others
WIDE = 6  # out of line is more than so many median deviations of the others
FEWEST = 3  # others that tell what is usual; fewer do where they are alike
FEWEST_ALIKE = 2
TWICE = 2  # a part of a whole is never so much of it
BLURRED = 0.5  # so far a quotient may be from the power of ten by which its numerator or denominator is off

TARGET = Text("目标", "the target")
OTHERS = Text("其他人的中位数", "the median of the others")
EARLIER = Text("本人上一次的数", "the same person's earlier figure")
REFERENCES = (OTHERS, TARGET, EARLIER)


def slips_of_unit(
    actuals: Table | None,
    scheme: Scheme,
    facts: Facts,
    targets: Matrix,
    people: int,
    when: When,
    calendar: Periods,
) -> list[Problem]:
    """Return warnings for figures and targets that look like a slip of the unit; they are scored as they stand.

    Parameters
    ----------
    actuals : the sheet of reported figures, of every period that it holds
    scheme : its Targets sheet and its Indicators sheet name the cells of targets
    facts : of n people and units, the people first, and k indicators
    targets : n × k targets in the unit of the indicator, NaN where there is none
    people : how many of the n are people
    when, calendar : the period, and those that the sheet may name

    Returns
    -------
    ``figure-out-of-line`` at figures, ``target-out-of-line`` at targets of single people, ``target-far-off`` at a
    target that nobody comes near to, ``actual-below-zero`` at figures below zero that are held against a target.
    """
    problems = [*_targets_far_off(scheme, facts, targets), *_targets_out_of_line(scheme)]
    if actuals is None or not len(actuals):
        return problems
    now, _ = prepared(actuals, facts.indicators, when, calendar)
    now, before = with_cells(now), _before(actuals, facts, when, calendar)
    row_of = pd.Series(np.arange(len(facts.ids)), index=facts.ids)
    row_of = row_of[~row_of.index.duplicated()]
    reported = [(k, each) for k, each in enumerate(facts.indicators) if each.sheet == "actuals"]
    for group in (row_of[:people], row_of[people:]):  # a department is not compared with people
        theirs = now.where(among(now["employee_id"], group.index))
        for k, each in reported:
            mine = theirs.where(theirs["indicator"] == each.code)
            if len(mine):
                target = targets[group[mine["employee_id"]].to_numpy(np.intp), k]
                problems += _doubtful(each, mine, target, before)
    return problems


def _doubtful(each: Indicator, rows: Table, target: np.ndarray, before: pd.Series) -> Iterator[Problem]:
    """Report the doubtful figures among an indicator's rows; ``before`` are earlier figures by person and indicator."""
    figures, columns = _figures(rows, each)
    if each.rule != UNSCORED and each.card.target == "ratio":
        yield from _below_zero(each, rows, figures, columns)
    if each.is_count and rows["employee_id"].duplicated().any():
        target = np.full_like(figures, np.nan)  # it is for the sum of the rows
    own = pd.MultiIndex.from_arrays([rows["employee_id"], rows["indicator"]])
    sizes = _sizes(figures)
    powers, reference, usual = _slips(each, sizes, _sizes(target), _sizes(before.reindex(own).to_numpy(np.float64)))
    slips = pd.DataFrame(
        {"power": powers, "reference": reference, "column": columns, "figure": figures, "usual": 10**usual}
    )
    for part, sign in (("numerator", 1), ("denominator", -1)):
        found = _slips_of_part(figures, rows[part].where(columns == "numerator").to_numpy(np.float64), part, sign)
        slips = slips.where(slips["power"] != 0, found)
    slips = slips.where(slips["power"] != 0, _part_above_whole(figures, rows["numerator"].to_numpy(np.float64)))
    doubted = slips[slips["power"] != 0]
    for _, group in doubted.groupby(["power", "reference", "column"]):
        power, compared, column = group[["power", "reference", "column"]].iloc[0].tolist()
        details: dict[str, object] = {
            "indicator": each.name,
            "people": some(rows["employee_id"].iloc[group.index]),
            "cells": [float(f"{figure:.4g}") for figure in np.unique(group["figure"])[:3]],
            "times": 10.0 ** float(power),
            "than": REFERENCES[compared],
            "usual": float(f"{group['usual'].median():.4g}"),
        }
        yield Problem("figure-out-of-line", rows.title, rows.cells(column, group.index.to_numpy()), details)


def _below_zero(each: Indicator, rows: Table, figures: np.ndarray, columns: np.ndarray) -> Iterator[Problem]:
    below = figures < 0
    for column in np.unique(columns[below]):
        here = np.flatnonzero(below & (columns == column))
        named = {"indicator": each.name, "people": some(rows["employee_id"].iloc[here])}
        yield Problem("actual-below-zero", rows.title, rows.cells(column, here), named)


def _slips_of_part(quotients: np.ndarray, figures: np.ndarray, column: str, sign: int) -> pd.DataFrame:
    """Doubt numerators or denominators that are out of line with the others', where the quotient shows it too.

    Who has ten times the cases of the others may have ten times the hits; whose quotient is like theirs made no slip.
    ``sign`` tells whether the quotient grows with the part.
    """
    powers, usual = _beside_others(_sizes(abs(figures)))
    of_quotients = _sizes(abs(quotients))
    middle, spread = _middle(of_quotients)
    shown = abs(of_quotients - middle - sign * powers) < max(BLURRED, 2 * spread)
    power = np.where(shown, powers, 0)
    return pd.DataFrame({"power": power, "reference": 0, "column": column, "figure": figures, "usual": 10**usual})


def _part_above_whole(quotients: np.ndarray, parts: np.ndarray) -> pd.DataFrame:
    """Doubt the one numerator that is more than twice its denominator where all the others are parts of theirs."""
    power = np.zeros(len(quotients), np.intp)
    typed = np.isfinite(quotients) & np.isfinite(parts)
    above, inside = typed & (quotients > TWICE), typed & (quotients <= 1)
    if typed.sum() > FEWEST and above.sum() == 1 and inside.sum() == typed.sum() - 1:
        distance = _sizes(quotients) - np.nanmedian(_sizes(abs(quotients[inside])))
        power = np.where(above, np.maximum(1, np.round(np.nan_to_num(distance))), 0).astype(np.intp)
    usual = parts / 10.0**power
    return pd.DataFrame({"power": power, "reference": 0, "column": "numerator", "figure": parts, "usual": usual})


def _slips(
    each: Indicator, sizes: np.ndarray, goals: np.ndarray, past: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the powers of ten that each figure is off, 0 for none; with what it was compared; the usual size."""
    relative = sizes - goals if np.isfinite(goals).all() else sizes
    by_others, middle = _beside_others(relative)
    apart = relative - middle
    low, high = _expected(each, goals)
    beside = np.where(sizes > high, sizes - high, np.where(sizes < low, sizes - low, 0.0))
    beside[np.isnan(sizes) | np.isnan(low) | (beside < 0) & (each.direction == "lower")] = np.nan  # few faults are good
    many = np.isfinite(sizes).sum() > FEWEST
    everybody = bool(many and _powers(np.array([np.median(beside[np.isfinite(sizes)])]), NEAR)[0])
    by_others[(abs(beside) < NEAR) | ~_stand_off(sizes, by_others != 0)] = 0
    by_target = np.where(everybody | (abs(beside) > ALONE), _powers(beside, NEAR), 0)
    by_earlier = _powers(sizes - past, NEAR / 2)
    by_earlier[(many & (abs(apart) < FAR / 2)) | (abs(beside) < FAR / 2)] = 0
    differences = (by_others, by_target, by_earlier)
    usual = (sizes - apart, sizes - beside, past)
    reference = np.select([power != 0 for power in differences], [0, 1, 2], 0)
    return np.choose(reference, differences), reference, np.choose(reference, usual)


def _beside_others(sizes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the powers of ten that each size is away from what is usual among the others, and what is usual."""
    known = np.isfinite(sizes)
    middle, spread = _middle(sizes)
    usual = np.full(len(sizes), middle)
    if known.sum() > FEWEST:
        far = abs(sizes - middle) > max(FAR, WIDE * spread)
        powers = np.where(far, _powers(sizes - middle, max(NEAR, 2 * spread)), 0)
        others = sizes[known & (powers == 0)]
        return powers, np.full(len(sizes), np.log10(np.median(10**others)) if len(others) else middle)
    powers = np.zeros(len(sizes), np.intp)
    for one in np.flatnonzero(known):
        others = np.delete(sizes, one)[np.delete(known, one)]
        if len(others) >= FEWEST_ALIKE and np.ptp(others) <= NEAR:
            usual[one] = np.median(others)
            powers[one] = _powers(sizes[one : one + 1] - usual[one], NEAR)[0]
    return powers, usual


def _sizes(figures: np.ndarray) -> np.ndarray:
    """Return the common logarithm of figures, NaN for those that are not above zero."""
    return np.log10(np.where(figures > 0, figures, np.nan))


def _middle(sizes: np.ndarray) -> tuple[float, float]:
    """Return the median of sizes, and the median deviation from it."""
    known = sizes[np.isfinite(sizes)]
    if not len(known):
        return np.nan, np.nan
    return float(np.median(known)), float(np.median(abs(known - np.median(known))))


def _powers(distances: np.ndarray, near: float) -> np.ndarray:
    """Return the whole power of ten that each distance is near to, 0 where it is near to none."""
    whole = np.round(np.nan_to_num(distances))
    return np.where(abs(distances - whole) <= near, whole, 0).astype(np.intp)


def _stand_off(sizes: np.ndarray, doubted: np.ndarray) -> np.ndarray:
    """Tell which doubted sizes have a gap between them and all the others: the end of a long tail is no slip."""
    others = np.sort(sizes[np.isfinite(sizes) & ~doubted])
    if not len(others):
        return doubted
    nearest = np.clip(np.searchsorted(others, sizes), 1, len(others)) - 1
    following = np.minimum(nearest + 1, len(others) - 1)
    return np.asarray(np.minimum(abs(sizes - others[nearest]), abs(sizes - others[following])) > GAP)


def _expected(each: Indicator, goals: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the sizes between which figures are expected: the target, or the ends that the rule names."""
    if each.rule != UNSCORED and np.isnan(goals).all():
        numbers = [part.code for part in each.card.parameters if part.kind == "number" and not part.bound]
        named = [each.parameters.get(code) for code in numbers]
        ends = _sizes(np.array([end for end in named if isinstance(end, (int, float))], np.float64))
        if np.isfinite(ends).any():
            return np.full_like(goals, np.nanmin(ends)), np.full_like(goals, np.nanmax(ends))
    return goals, goals


def _figures(rows: Table, each: Indicator) -> tuple[np.ndarray, np.ndarray]:
    """Return the figure of each row, and the column that holds it."""
    named = [column.code for column in each.columns if isinstance(column, Ref)]
    if each.measure in ("sum", "mean", "growth") and len(named) == 1 and rows[named[0]].dtype == np.float64:
        return rows[named[0]].to_numpy(np.float64), np.full(len(rows), named[0], object)
    single = rows["denominator"].isna() | rows["numerator"].isna()
    return _quotients(rows), np.where(single, "actual", "numerator").astype(object)


def _quotients(rows: Table) -> np.ndarray:
    """Return numerator over denominator where both are reported, the actual elsewhere."""
    quotient = rows["numerator"] / rows["denominator"].where(rows["denominator"] != 0)
    return quotient.fillna(rows["actual"]).to_numpy(np.float64)


def _before(actuals: Table, facts: Facts, when: When, calendar: Periods) -> pd.Series:
    """Return the figures of the latest period before the run's, by person and indicator."""
    meant, _ = resolve_periods(actuals, calendar, Period("", "custom", when.start, when.end))
    earlier = {label: period for label, period in meant.items() if period.end < when.start}
    if not earlier:
        return pd.Series(dtype=np.float64, index=pd.MultiIndex.from_arrays([[], []]))
    rows = actuals.where(actuals["period"].isin(earlier))
    ends = rows["period"].map({label: period.end for label, period in earlier.items()})
    codes = {name: each.code for each in facts.indicators for name in (*each.name, each.code)}
    figures = _quotients(rows)
    keyed = {"who": rows["employee_id"], "what": rows["indicator"].map(codes), "figure": figures, "end": ends}
    latest = (
        pd.DataFrame(keyed).dropna().sort_values("end", kind="stable").drop_duplicates(["who", "what"], keep="last")
    )
    return latest.set_index(["who", "what"])["figure"]


def _targets_far_off(scheme: Scheme, facts: Facts, targets: Matrix) -> Iterator[Problem]:
    """Targets on the Indicators sheet that everybody misses, or exceeds, by a power of ten."""
    for k, each in enumerate(facts.indicators):
        position = scheme.indicators.index(each)
        sizes = _sizes(facts.actual[:, k]) - _sizes(targets[:, k])
        middle, _ = _middle(sizes)
        few_faults = each.direction == "lower" and middle < 0
        if (
            each.sheet == "actuals"
            or few_faults
            or np.isfinite(sizes).sum() <= FEWEST
            or abs(middle) <= ALONE - 2 * NEAR
        ):
            continue
        if np.nanmin(abs(sizes)) > FAR and (targets[:, k][np.isfinite(sizes)] == each.target).any():
            typical = float(f"{np.nanmedian(facts.actual[:, k]):.4g}")
            details = {"indicator": each.name, "cell": each.target, "usual": typical, "unit": each.unit}
            yield from report(scheme, "target-far-off", "indicators", "target", [position], **details)


def _targets_out_of_line(scheme: Scheme) -> Iterator[Problem]:
    """Targets on the Targets sheet that are a power of ten times the others of their indicator and scope."""
    table = scheme.table("targets")
    for here in table.frame.groupby(["indicator", "scope"]).indices.values():
        sizes = _sizes(table["target"].iloc[here].to_numpy(np.float64))
        middle, spread = _middle(sizes)
        if np.isfinite(sizes).sum() > FEWEST:
            off = (abs(sizes - middle) > max(FAR, WIDE * spread)) & (
                _powers(sizes - middle, max(NEAR, 2 * spread)) != 0
            )
            for position in here[off].tolist():
                details = {"cell": float(table["target"].iloc[position]), "usual": float(f"{10**middle:.4g}")}
                yield from report(scheme, "target-out-of-line", "targets", "target", [position], **details)
