"""Rows of clients, tasks, ratings and checks become facts: a numerator and a denominator for each person and indicator.

A ratio stays a pair until the end, so that the value of a unit is the sum of numerators over the sum of denominators.
A ratio without a denominator is not applicable, which is not zero. All indicators of a sheet are computed in one pass
with column expressions, which run on any data frame library that Narwhals knows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce
from operator import add
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from xlperf.conditions import ALWAYS, Condition, When, figure, kind, rows_meeting
from xlperf.conditions.tree import All, Calc, Compare, Filled, Operand, Ref, Value
from xlperf.figures import Facts
from xlperf.layout import OWNER_COLUMNS, SHEETS
from xlperf.periods import Period, Periods
from xlperf.problems import Problem
from xlperf.scheme import Indicator
from xlperf.spelling import similar
from xlperf.tables import Table, Tables, empty
from xlperf.vocabulary import STATES

MEASURED, NOT_APPLICABLE, MISSING, NO_SCORE, NOT_FOR = range(len(STATES))
REPORTED = ("ratings", "actuals")  # sheets on which a figure is expected from everybody
LINKED = ("ratings", "actuals", "checks")  # sheets whose rows name their indicator


def measure(
    tables: Tables, indicators: Sequence[Indicator], ids: pd.Index, when: When, calendar: Periods
) -> tuple[Facts, list[Problem]]:
    """Measure every indicator for every person.

    Parameters
    ----------
    tables : the input sheets; a sheet that is missing counts as empty
    indicators : k indicators, their conditions read
    ids : n employee IDs; rows of anybody else are reported and count for nobody
    when : the period, and the working days
    calendar : the scheme's periods, to read the period column of ratings and actuals

    Returns
    -------
    facts : matrices of n people and k indicators
    problems : rows that belong to nobody, codes that are unknown, impossible dates
    """
    shape = (len(ids), len(indicators))
    blank = np.full(shape, np.nan)
    facts = Facts(ids, tuple(indicators), blank, blank.copy(), blank.copy(), np.full(shape, MISSING, np.int8))
    problems: list[Problem] = []
    for sheet in dict.fromkeys(each.sheet for each in indicators):
        members = [(column, each) for column, each in enumerate(indicators) if each.sheet == sheet]
        table, found = prepared(tables.get(sheet) or empty(sheet), indicators, when, calendar)
        problems += found + _owners(table, ids)
        sums = summed(table.frame, [each for _, each in members], sheet, when)
        sums = sums.reindex(ids)
        for column, each in members:
            _settle(facts, column, each, sums)
    return facts, problems


def prepared(
    table: Table, indicators: Sequence[Indicator], when: When, calendar: Periods
) -> tuple[Table, list[Problem]]:
    """Bring a sheet into a fixed order, keep the rows of the period, and put codes for names of indicators."""
    problems: list[Problem] = []
    if table.sheet.code in LINKED:
        table, problems = _with_indicator_codes(table, indicators)
    if table.sheet.code in REPORTED:
        table, found = rows_of_period(table, when, calendar)
        problems += found
    order = np.lexsort([table.frame[key].fillna("").to_numpy(dtype="U") for key in reversed(table.sheet.key)])
    frame = table.frame.iloc[order].reset_index(drop=True)
    if table.sheet.code in REPORTED:
        frame["not_applicable"] = _marked(table)[order]
    return replace(table, frame=frame, rows=table.rows[order], not_applicable={}), problems


def _marked(table: Table) -> np.ndarray:
    """Tell which rows say that their figure does not apply, in a column of its own or in place of the figure."""
    marked = np.zeros(len(table), bool)
    for mask in table.not_applicable.values():
        marked |= mask
    if "not_applicable" in table.frame:
        marked |= (table["not_applicable"] == "yes").to_numpy()
    return marked


def rows_of_period(table: Table, when: When, calendar: Periods) -> tuple[Table, list[Problem]]:
    """Keep the rows whose period lies within the run's; a row without a period belongs to the run's."""
    period = table["period"]
    inside, problems = [], []
    for label in period.dropna().unique():
        found = calendar.find(label, year=when.end.year)
        if found is None:
            where = np.flatnonzero(period == label)
            problems.append(Problem("period-unreadable", table.title, table.cells("period", where), {"cell": label}))
        elif when.start <= found.start and found.end <= when.end:
            inside.append(label)
    return _only(table, (period.isna() | period.isin(inside)).to_numpy()), problems


def _only(table: Table, mask: np.ndarray) -> Table:
    marks = {column: each[mask] for column, each in table.not_applicable.items()}
    return replace(table, frame=table.frame[mask].reset_index(drop=True), rows=table.rows[mask], not_applicable=marks)


def _with_indicator_codes(table: Table, indicators: Sequence[Indicator]) -> tuple[Table, list[Problem]]:
    codes = {name: each.code for each in reversed(indicators) for name in (*each.name, each.code)}
    given = table["indicator"]
    unknown = sorted(set(given.dropna()) - set(codes))
    problems = [
        Problem(
            "code-unknown",
            table.title,
            table.cells("indicator", np.flatnonzero(given == word)),
            {
                "cell": word,
                "column": table.sheet["indicator"].name,
                "sheet": SHEETS["indicators"].title,
                "near": similar(word, codes),
            },
        )
        for word in unknown
    ]
    return table.with_frame(table.frame.assign(indicator=given.map(codes).astype("str"))), problems


def _owners(table: Table, ids: pd.Index) -> list[Problem]:
    """Report the rows that belong to nobody on the roster."""
    column = OWNER_COLUMNS[table.sheet.code]
    owner, name = table[column], table.sheet[column].name
    problems = []
    if blank := int(owner.isna().sum()):
        cells = table.cells(column, np.flatnonzero(owner.isna()))
        problems.append(Problem("no-owner", table.title, cells, {"column": name, "count": blank}))
    for code, count in owner[owner.notna() & ~owner.isin(ids)].value_counts().sort_index().items():
        kind_of_message = "rating-not-on-roster" if table.sheet.code in REPORTED else "not-on-roster"
        cells = table.cells(column, np.flatnonzero(owner == code))
        details = {"column": name, "cell": code, "count": count, "near": similar(str(code), ids)}
        problems.append(Problem(kind_of_message, table.title, cells, details))
    return problems


def summed(frame: Any, indicators: Sequence[Indicator], sheet: str, when: When) -> pd.DataFrame:
    """Sum numerators, denominators and rows of every indicator by owner, in one pass over the sheet.

    ``frame`` is any data frame that Narwhals knows; the result has one row an owner and the columns ``n:CODE``,
    ``d:CODE`` (denominator), ``r:CODE`` (rows in scope; of reported figures those marked not applicable) and ``k:CODE``
    (rows with a figure).
    """
    owner = OWNER_COLUMNS[sheet]
    parts: dict[str, nw.Expr] = {}
    for each in indicators:
        numerator, denominator, rows, known = _summands(each, when)
        parts |= {
            f"n:{each.code}": numerator,
            f"d:{each.code}": denominator,
            f"r:{each.code}": rows,
            f"k:{each.code}": known,
        }
    data = nw.from_native(frame).filter(~nw.col(owner).is_null())
    wide = data.select(nw.col(owner).alias("owner"), **parts)
    sums = wide.group_by("owner").agg(*(nw.col(name).sum() for name in parts))
    native = sums.collect("pandas") if isinstance(sums, nw.LazyFrame) else sums
    return native.to_pandas().set_index("owner")


def _summands(each: Indicator, when: When) -> tuple[nw.Expr, nw.Expr, nw.Expr, nw.Expr]:
    """Return what one row adds to an indicator's numerator, denominator, rows and rows with a figure."""
    scope = All((each.where, Compare(Ref("indicator"), "=", Value(each.code)))) if each.sheet in LINKED else each.where
    inside = rows_meeting(scope, when)
    hit = inside & rows_meeting(each.hit or ALWAYS, when)
    rows = _one_if(inside)
    if each.sheet in REPORTED:
        rows = _one_if(inside & nw.col("not_applicable"))
    numerator, denominator, known = _fractions(each, scope, inside, hit, when)
    return numerator, denominator, rows, known


def _fractions(
    each: Indicator, scope: Condition, inside: nw.Expr, hit: nw.Expr, when: When
) -> tuple[nw.Expr, nw.Expr, nw.Expr]:
    """Return what one row adds to the numerator, to the denominator and to the number of rows with a figure."""
    counted = _one_if(hit)
    match each.measure:
        case "count":
            return counted, counted, counted
        case "share":
            return counted, _one_if(inside), _one_if(inside)
        case "completeness":
            filled = reduce(add, (_one_if(hit & rows_meeting(Filled((column,)), when)) for column in each.columns))
            return filled, counted * float(len(each.columns)), counted
        case "given":
            return _given(hit)
        case "ratio":
            top, bottom = (_figure(column, when) for column in each.columns)
            return _value_if(hit, top), _value_if(hit, bottom), _one_if(hit & ~top.is_null() & ~bottom.is_null())
        case "growth":
            return _growth(each, scope, hit, when)
        case _:  # sum, mean
            value = _figure(each.columns[0], when)
            known = _one_if(hit & ~value.is_null())
            return _value_if(hit, value), known, known


def _growth(each: Indicator, scope: Condition, hit: nw.Expr, when: When) -> tuple[nw.Expr, nw.Expr, nw.Expr]:
    """Growth of one column over another, of the same rows; of a single column over its previous period."""
    if len(each.columns) == 2:
        later, earlier = (_figure(column, when) for column in each.columns)
        both = hit & ~later.is_null() & ~earlier.is_null()
        return _value_if(both, later - earlier), _value_if(both, earlier), _one_if(both)
    value = _figure(each.columns[0], when)
    before = when.before()
    earlier_hit = rows_meeting(scope, before) & rows_meeting(each.hit or ALWAYS, before)
    past = _value_if(earlier_hit, value)
    return _value_if(hit, value) - past, past, _one_if(hit | earlier_hit)


def _given(hit: nw.Expr) -> tuple[nw.Expr, nw.Expr, nw.Expr]:
    """Take numerator and denominator where both are reported, else the actual as one measurement."""
    pair = hit & ~nw.col("denominator").is_null()
    single = hit & nw.col("denominator").is_null() & ~nw.col("actual").is_null()
    numerator = _value_if(pair, nw.col("numerator")) + _value_if(single, nw.col("actual"))
    denominator = _value_if(pair, nw.col("denominator")) + _one_if(single)
    return numerator, denominator, _one_if(pair | single)


def _figure(column: Operand, when: When) -> nw.Expr:
    """Return one row's figure; a duration that runs backwards is no figure."""
    value = figure(column, when)
    if isinstance(column, Calc) and kind(column.left) == "date":
        return nw.when(value >= 0).then(value)
    return value


def _one_if(mask: nw.Expr) -> nw.Expr:
    return nw.when(mask).then(nw.lit(1.0)).otherwise(nw.lit(0.0))


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
        state = np.where(figured & (denominator != 0), MEASURED, NOT_APPLICABLE)
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
