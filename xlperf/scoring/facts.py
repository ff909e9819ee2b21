"""Rows of clients, tasks, ratings and checks become facts: a numerator and a denominator for each person and indicator.

A ratio stays a pair until the end, so that the value of a unit is the sum of numerators over the sum of denominators.
A ratio without a denominator is not applicable, which is not zero. All indicators of a sheet are computed in one pass
with column expressions, which run on any data frame library that Narwhals knows.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import reduce
from operator import add
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from xlperf.core.periods import Period, Periods
from xlperf.core.problems import Level, Problem, some
from xlperf.core.spelling import similar
from xlperf.core.vocabulary import STATES
from xlperf.policy.conditions import SharedConditions, When, columns_in, duration_of, figure
from xlperf.policy.conditions.tree import Filled, Operand
from xlperf.policy.scheme import Indicator
from xlperf.policy.validation.client_levels import owner_column
from xlperf.schema import OWNER_COLUMNS
from xlperf.schema.tables import Table, Tables, among, empty
from xlperf.scoring.matrices import Facts
from xlperf.scoring.owner_shares import DAYS, ROW, shared_out, shared_rows
from xlperf.scoring.period_rows import (
    RATER_WEIGHT,
    REPORTED,
    of_indicator,
    prepared,
    rows_of_period,
    scope_of,
    with_cells,
)

NAMED = 20  # so many unknown people are reported one by one, the others together
AT_ONCE = 20  # indicators summed in one pass over a sheet
MEASURED, NOT_APPLICABLE, MISSING, NO_SCORE, NOT_FOR = range(len(STATES))


def measure(
    tables: Tables,
    indicators: Sequence[Indicator],
    ids: pd.Index,
    when: When,
    calendar: Periods,
    known: Sequence[Indicator] = (),
) -> tuple[Facts, list[Problem]]:
    """Measure every indicator for every person.

    Parameters
    ----------
    tables : the input sheets; a sheet that is missing counts as empty
    indicators : k indicators, their conditions read
    ids : n employee IDs; rows of anybody else are reported and count for nobody
    when : the period, and the working days
    calendar : the scheme's periods, to read the period column of ratings and actuals
    known : those that rows may name, where some of them are not measured

    Returns
    -------
    facts : matrices of n people and k indicators
    problems : rows that belong to nobody, codes that are unknown, impossible dates
    """
    shape = (len(ids), len(indicators))
    blank = np.full(shape, np.nan)
    facts = Facts(ids, tuple(indicators), blank, blank.copy(), blank.copy(), np.full(shape, MISSING, np.int8))
    problems: list[Problem] = []
    counted = [(column, each) for column, each in enumerate(indicators) if each.measure != "formula"]
    for sheet, shared in dict.fromkeys((each.sheet, each.is_shared) for _, each in counted):
        members = [(column, each) for column, each in counted if (each.sheet, each.is_shared) == (sheet, shared)]
        table, found = prepared(tables.get(sheet, empty(sheet)), known or indicators, when, calendar)
        table = shared_rows(table) if shared else table
        problems += found + _owners(table, [each for _, each in members], ids)
        sums = summed(table.data, [each for _, each in members], when)
        if sheet in REPORTED:
            raw = tables.get(sheet, empty(sheet))
            sums = _with_period_before(sums, raw, [each for _, each in members if _grows_by_rows(each)], when, calendar)
        sums = sums.reindex(ids)
        for column, each in members:
            _settle(facts, column, each, sums)
    return facts, problems


def _grows_by_rows(each: Indicator) -> bool:
    """Whether what an indicator's figure is compared with stands in the rows of the period before."""
    return each.measure == "growth" and len(each.columns) == 1


def _with_period_before(
    sums: pd.DataFrame, table: Table, indicators: Sequence[Indicator], when: When, calendar: Periods
) -> pd.DataFrame:
    """Put the growth of reported figures over those reported for the period before; both must be there."""
    before = when.before()
    if not indicators or before.start == when.start:
        return sums
    labelled, _ = rows_of_period(table.where(table["period"].notna()), before, calendar)
    earlier, _ = prepared(labelled, indicators, before, calendar)
    plain = [replace(each, measure="sum") for each in indicators]
    past = summed(earlier.data, plain, before).reindex(sums.index)
    for each in indicators:
        numerator, base, known = (f"{part}:{each.code}" for part in "ndk")
        both = (sums[known] > 0) & (past[known] > 0)
        sums[base] = past[numerator].where(both, 0.0)
        sums[numerator] = (sums[numerator] - sums[base]).where(both, 0.0)
    return sums


def _owners(table: Table, indicators: Sequence[Indicator], ids: pd.Index) -> list[Problem]:
    """Report the rows that belong to nobody on the roster, on whichever day an indicator asks for their owner."""
    table = with_cells(table)
    column = OWNER_COLUMNS[table.sheet.code]
    name = table.sheet[column].name
    asked = [*dict.fromkeys(owner_column(each) for each in indicators)]
    if asked not in ([], [column]):
        owners = table.frame[asked]
        table = table.with_frame(table.frame.assign(**{column: owners.bfill(axis="columns").iloc[:, 0]}))
    owner = table[column]
    counts = _rows_by_owner(table, column)
    problems = []
    if blank := int(counts[counts.index.isna()].sum()):
        cells = table.cells(column, np.flatnonzero(owner.isna()))
        problems.append(Problem("no-owner", table.title, cells, {"column": name, "count": blank}))
    reported = table.sheet.code in REPORTED
    unknown = counts[counts.index.notna() & ~among(counts.index, ids)].sort_index()
    for code, count in unknown.head(NAMED).items():
        cells = table.cells(column, np.flatnonzero(owner == code))
        details = {"column": name, "cell": code, "count": count, "near": similar(str(code), ids)}
        kind_of_message = "rating-not-on-roster" if reported else "not-on-roster"
        problems.append(Problem(kind_of_message, table.title, cells, details))
    if len(more := unknown.iloc[NAMED:]):
        cells = table.cells(column, np.flatnonzero(owner.isin(more.index)))
        details = {"column": name, "codes": len(more), "count": int(more.sum()), "cells": some(more.index)}
        level: Level = "error" if reported else "warning"
        problems.append(Problem("owners-not-on-roster", table.title, cells, details, level))
    return problems


def _rows_by_owner(table: Table, column: str) -> pd.Series:
    """Count the rows of each owner, and those of none."""
    if table.outside is None:
        return table[column].value_counts(dropna=False)
    counts = nw.from_native(table.outside.frame).group_by(column).agg(rows=nw.len()).collect("pandas").to_native()
    rows: pd.Series = counts.set_index(counts[column].astype("str"))["rows"]
    return rows


def summed(frame: Any, indicators: Sequence[Indicator], when: When) -> pd.DataFrame:
    """Sum numerators, denominators and rows of every indicator by owner, in one pass over the sheet.

    ``frame`` is any data frame that Narwhals knows; the result has one row an owner and the columns ``n:CODE``,
    ``d:CODE`` (denominator), ``r:CODE`` (rows in scope; of reported figures those marked not applicable) and ``k:CODE``
    (rows with a figure). Where clients have changed manager, the rows have gone through ``clients.owned``.
    """
    data = nw.from_native(frame)
    owners = {each.code: owner_column(each) for each in indicators}
    sums = [
        _summed_by(owner, data, few, when)
        for owner in dict.fromkeys(owners.values())
        for few in in_slices([each for each in indicators if owners[each.code] == owner])
    ]
    return pd.concat(sums, axis="columns") if len(sums) > 1 else sums[0]


def in_slices(indicators: Sequence[Indicator]) -> list[Sequence[Indicator]]:
    """Split indicators into passes that data frame libraries handle well: a hundred columns at a time."""
    return [indicators[start : start + AT_ONCE] for start in range(0, len(indicators), AT_ONCE)]


def _summed_by(owner: str, data: Any, indicators: Sequence[Indicator], when: When) -> pd.DataFrame:
    weighed = RATER_WEIGHT in data.collect_schema().names()
    asked = SharedConditions(when)
    parts = {
        f"{part}:{each.code}": summand
        for each in indicators
        for part, summand in zip("ndrk", _summands(each, weighed, asked), strict=True)
    }
    name_of = {id(summand): name for name, summand in parts.items()}  # what several figures are made of is summed once
    once = {name: parts[name] for name in name_of.values()}
    answered = asked.answered(data)
    wide = answered.select(nw.col(owner).alias("owner"), **once)
    if indicators[0].is_shared:
        money = {name_of[id(parts[f"{part}:{each.code}"])] for each in indicators for part in _parts_in_money(each)}
        wide = _shared_among_owners(wide, answered.select(ROW, DAYS).to_pandas(), money)
    wide = wide.filter(~nw.col("owner").is_null())
    sums = wide.group_by("owner").agg(*(nw.col(name).sum() for name in once))
    native = (sums.collect("pandas") if isinstance(sums, nw.LazyFrame) else sums).to_pandas().set_index("owner")
    return pd.DataFrame({name: native[name_of[id(summand)]] for name, summand in parts.items()})


def _parts_in_money(each: Indicator) -> str:
    """Tell which of numerator and denominator of an indicator are amounts of money."""
    sides = "nd" if each.measure in ("ratio", "growth") else "n" if each.measure in ("sum", "mean") else ""
    columns = [*each.columns, *each.columns][: len(sides)]  # growth of one column has it above and below
    in_money = (any(ref.kind == "money" for ref in columns_in(column)) for column in columns)
    return "".join(part for part, is_money in zip(sides, in_money, strict=True) if is_money)


def _shared_among_owners(wide: nw.DataFrame[Any], shares: pd.DataFrame, money: Collection[str]) -> nw.DataFrame[Any]:
    """Give each owner of a row the part of what it adds that the days of ownership come to."""
    rows, days = shares[ROW].to_numpy(), shares[DAYS].to_numpy()
    parts = {
        name: shared_out(wide[name].to_numpy().astype(np.float64), rows, days, name in money)
        for name in wide.columns
        if name != "owner"
    }
    return nw.from_native(wide.to_pandas().assign(**parts))


def _summands(each: Indicator, weighed: bool, asked: SharedConditions) -> tuple[nw.Expr, nw.Expr, nw.Expr, nw.Expr]:
    """Return what one row adds to an indicator's numerator, denominator, rows and rows with a figure."""
    inside = asked.meets(scope_of(each))
    hit = inside & asked.meets(each.hit) if each.hit else inside
    within = _one_if(inside)
    rows = _one_if(inside & nw.col("not_applicable")) if each.sheet in REPORTED else within
    if weighed and each.measure == "mean":
        numerator, denominator, known = _weighed_mean(each, asked)
    else:
        numerator, denominator, known = _fractions(each, within, hit, asked)
    return numerator, denominator, rows, known


def _fractions(
    each: Indicator, within: nw.Expr, hit: nw.Expr, asked: SharedConditions
) -> tuple[nw.Expr, nw.Expr, nw.Expr]:
    """Return what one row adds to the numerator, to the denominator and to the number of rows with a figure."""
    when = asked.when
    counted = _one_if(hit)
    match each.measure:
        case "count":
            return counted, counted, counted
        case "share":
            return counted, within, within
        case "completeness":
            filled = reduce(add, (_one_if(hit & asked.meets(Filled((column,)))) for column in each.columns))
            return filled, counted * float(len(each.columns)), counted
        case "given":
            return _given(hit) if each.sheet == "actuals" else (counted * 0.0, counted * 0.0, counted * 0.0)
        case "ratio":
            top, bottom = (row_figure(column, when) for column in each.columns)
            return _value_if(hit, top), _value_if(hit, bottom), _one_if(hit & ~top.is_null() & ~bottom.is_null())
        case "growth":
            return _growth(each, hit, asked)
        case _:  # sum, mean
            value = row_figure(each.columns[0], when)
            known = _one_if(hit & ~value.is_null())
            return _value_if(hit, value), known, known


def _weighed_mean(each: Indicator, asked: SharedConditions) -> tuple[nw.Expr, nw.Expr, nw.Expr]:
    """Take each rating times its weight; a rating outside the indicator's scope has none."""
    value, weight = row_figure(each.columns[0], asked.when), nw.col(RATER_WEIGHT)
    counted = asked.meets(of_indicator(each)) & (weight > 0) & ~value.is_null()
    return _value_if(counted, value * weight), _value_if(counted, weight), _one_if(counted)


def _growth(each: Indicator, hit: nw.Expr, asked: SharedConditions) -> tuple[nw.Expr, nw.Expr, nw.Expr]:
    """Growth of one column over another, of the same rows; of a single column over its previous period."""
    when = asked.when
    if len(each.columns) == 2:
        later, earlier = (row_figure(column, when) for column in each.columns)
        both = hit & ~later.is_null() & ~earlier.is_null()
        return _value_if(both, later - earlier), _value_if(both, earlier), _one_if(both)
    value = row_figure(each.columns[0], when)
    if each.sheet in REPORTED:  # see _with_period_before
        known = hit & ~value.is_null()
        return _value_if(known, value), _one_if(hit) * 0.0, _one_if(known)
    before = when.before()
    earlier_hit = asked.meets(scope_of(each), before)
    if each.hit:
        earlier_hit &= asked.meets(each.hit, before)
    past = _value_if(earlier_hit, row_figure(each.columns[0], before))
    return _value_if(hit, value) - past, past, _one_if(hit | earlier_hit)


def _given(hit: nw.Expr) -> tuple[nw.Expr, nw.Expr, nw.Expr]:
    """Take numerator and denominator where both are reported, else the actual as one measurement."""
    pair = hit & ~nw.col("denominator").is_null()
    single = hit & nw.col("denominator").is_null() & ~nw.col("actual").is_null()
    numerator = _value_if(pair, nw.col("numerator")) + _value_if(single, nw.col("actual"))
    denominator = _value_if(pair, nw.col("denominator")) + _one_if(single)
    return numerator, denominator, _one_if(pair | single)


def row_figure(column: Operand, when: When) -> nw.Expr:
    """Return one row's figure, null where it has none; a duration that runs backwards is no figure."""
    value = figure(column, when)
    if duration_of(column):
        return nw.when(value >= 0).then(value)
    return value


def _one_if(mask: nw.Expr) -> nw.Expr:
    return mask.cast(nw.Float64)


def _value_if(mask: nw.Expr, value: nw.Expr) -> nw.Expr:
    return nw.when(mask & ~value.is_null()).then(value.cast(nw.Float64)).otherwise(nw.lit(0.0))


def _settle(facts: Facts, column: int, each: Indicator, sums: pd.DataFrame) -> None:
    """Turn the sums of one indicator into facts: what is measured, what does not apply, what is missing."""
    numerator, denominator, rows, known = (sums[f"{part}:{each.code}"].to_numpy(np.float64) for part in "ndrk")
    seen, figured = rows > 0, known > 0  # NaN, no row at all, compares false
    if each.measure in ("count", "sum"):
        numerator, denominator = np.nan_to_num(numerator), np.full(len(sums), np.nan)
        actual = numerator
        lacking = seen & ~figured & (each.measure == "sum")
        state = np.where(lacking, MISSING, MEASURED)
    else:
        with np.errstate(divide="ignore", invalid="ignore"):
            actual = numerator / denominator
        possible = denominator > 0 if each.measure == "growth" else denominator != 0
        state = np.where(figured & possible, MEASURED, NOT_APPLICABLE)
    if each.sheet in REPORTED and each.measure != "count":
        state = np.where(figured, state, np.where(seen, NOT_APPLICABLE, MISSING))
    measured = state == MEASURED
    facts.numerator[:, column] = np.where(measured, numerator, np.nan)
    facts.denominator[:, column] = np.where(measured, denominator, np.nan)
    facts.actual[:, column] = np.where(measured, actual, np.nan)
    facts.state[:, column] = state


def when_of(period: Period, calendar: Periods, holidays: Table) -> When:
    """Return what "the period", "the previous period" and "working day" mean in a run."""
    before = calendar.previous(period) or period
    days = {
        kind_of_day: tuple(sorted(day.date() for day in holidays["date"][holidays["day_kind"] == kind_of_day].dropna()))
        for kind_of_day in ("holiday", "workday")
    }
    return When(period.start, period.end, before.start, before.end, days["holiday"], days["workday"])
