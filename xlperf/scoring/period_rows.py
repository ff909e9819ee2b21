"""The rows of an input sheet as the steps count them: those of the period, in a fixed order, under indicator codes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from xlperf.core.periods import Period, Periods, cumulative
from xlperf.core.problems import Problem
from xlperf.core.spelling import similar
from xlperf.policy.conditions import Condition, When
from xlperf.policy.conditions.tree import All, Compare, Ref, Value
from xlperf.policy.scheme import Indicator, Scheme
from xlperf.schema import SHEETS
from xlperf.schema.keys import NO_ALIASES, Aliases
from xlperf.schema.tables import Table

REPORTED = ("ratings", "actuals")  # sheets on which a figure is expected from everybody
LINKED = ("ratings", "actuals", "checks")  # sheets whose rows name their indicator
RATER_WEIGHT = "rater_weight"  # column of ratings that are weighed: what one row counts for
NO_CELL = 0  # row number of a rating that stands in no cell


def prepared(
    table: Table, indicators: Sequence[Indicator], when: When, calendar: Periods
) -> tuple[Table, list[Problem]]:
    """Bring a sheet into a fixed order, keep the rows of the period, and put codes for names of indicators.

    What is prepared already comes back as it is. Figures reported under the same key stand in the order of their size.
    """
    problems: list[Problem] = []
    if table.sheet.code in LINKED:
        table, problems = _with_indicator_codes(table, indicators)
    if table.sheet.code in REPORTED:
        table, found = rows_of_period(table, when, calendar)
        problems += found
    in_order = table.where(np.lexsort(_sort_keys(table)))
    if table.sheet.code in REPORTED:
        in_order = in_order.with_frame(in_order.frame.assign(not_applicable=_marked(in_order)))
    return replace(in_order, not_applicable={}), problems


def _sort_keys(table: Table) -> list[np.ndarray]:
    """Return what a sheet is sorted by, the weightiest last."""
    keys = [table.frame[key].fillna("").to_numpy(dtype="U") for key in reversed(table.sheet.key)]
    figures = [column.code for column in table.sheet if column.kind == "number"]
    ties = [table.frame[column].to_numpy() for column in figures] if table.sheet.code in REPORTED else []
    return [*ties, *keys]


def _marked(table: Table) -> np.ndarray:
    """Tell which rows say that their figure does not apply, in a column of its own or in place of the figure."""
    marked = np.zeros(len(table), bool)
    for mask in table.not_applicable.values():
        marked |= mask
    if "not_applicable" in table.frame:
        marked |= table["not_applicable"].isin(["yes", True]).to_numpy()  # as typed, or as prepared before
    return marked


def rows_of_period(
    table: Table, when: When, calendar: Periods, exactly: Period | None = None
) -> tuple[Table, list[Problem]]:
    """Keep the rows whose period lies within the run's; a row without a period belongs to the run's.

    With ``exactly``, rows of smaller periods are left out: they are inside the results of these already. Rows of
    a shorter cumulative period, such as an earlier year to date, are left out always: the longer one repeats them.
    """
    run = Period("", "custom", when.start, when.end)
    apart = {short for short, long in cumulative(calendar.custom) if (long.start, long.end) == (when.start, when.end)}
    meant, problems = resolve_periods(table, calendar, run)
    inside = [
        label
        for label, found in meant.items()
        if (found == exactly if exactly is not None else run.start <= found.start and found.end <= run.end)
        and found not in apart
    ]
    return table.where(table["period"].isna() | table["period"].isin(inside)), problems


def resolve_periods(table: Table, calendar: Periods, run: Period) -> tuple[dict[object, Period], list[Problem]]:
    """Return the periods that the labels of a sheet mean, by label, and a problem for each that cannot be read."""
    labels = table["period"]
    meant = calendar.resolve(labels.dropna().unique(), run)
    unreadable = sorted({*labels.dropna().unique()} - meant.keys())
    return meant, [
        Problem(
            "period-unreadable", table.title, table.cells("period", (labels == each).to_numpy(bool)), {"cell": each}
        )
        for each in unreadable
    ]


def with_period_codes(table: Table, calendar: Periods, run: Period) -> tuple[Table, list[Problem]]:
    """Return a sheet with the codes of its periods in place of their labels, and the labels that cannot be read."""
    meant, problems = resolve_periods(table, calendar, run)
    codes = {label: period.code for label, period in meant.items()}
    if all(label == code for label, code in codes.items()):
        return table, problems
    return table.with_frame(table.frame.assign(period=table["period"].map(codes).astype("str"))), problems


def history_labels(history: Table, calendar: Periods, run: Period, counts: bool) -> list[Problem]:
    """Report labels of earlier results that cannot be read, or that name no year and so mean a period still to come.

    Parameters
    ----------
    counts : whether anything of this run counts earlier results; only then is an unreadable one an error
    """
    meant, problems = resolve_periods(history, calendar, run)
    if not counts:
        problems = [replace(each, strictness="warning") for each in problems]
    for label, period in meant.items():
        if period.start > run.end and calendar.find(label) is None:
            cells = history.cells("period", np.flatnonzero(history["period"] == label))
            details = {"cell": label, "read": period.code, "period": run.code}
            problems.append(Problem("period-without-year", history.title, cells, details))
    return problems


def key_aliases(table: Table, scheme: Scheme, calendar: Periods, run: Period | None) -> Aliases:
    """Return the codes of the indicators and periods that a sheet of ratings or actuals may call otherwise.

    Parameters
    ----------
    table : the sheet; what any other holds is compared as it is written
    scheme : its indicators have names in both languages
    calendar : the scheme's periods
    run : the period to which a row without one belongs, and that gives labels their year; None where it is not known

    Examples
    --------
    >>> from xlperf.core.periods import parse_period
    >>> from xlperf.policy.schemes import load
    >>> from xlperf.schema.tables import table_of
    >>> table, october = table_of("actuals", [{"period": "October 2026"}]), parse_period("2026-10")
    >>> found = key_aliases(table, load("client-administrator"), Periods(), october)
    >>> found["period"], found["indicator"]["客户整体满意度"]
    ({'October 2026': '2026-10', '': '2026-10'}, 'csat')
    """
    if table.sheet.code not in REPORTED:
        return NO_ALIASES
    names = {name: each.code for each in reversed(scheme.indicators) for name in (*each.name, each.code)}
    if run is None:
        return {"indicator": names}
    meant, _ = resolve_periods(table, calendar, run)
    return {"indicator": names, "period": {str(label): each.code for label, each in meant.items()} | {"": run.code}}


def with_cells(table: Table) -> Table:
    """Keep the rows that stand in the workbook."""
    standing = table.rows != NO_CELL
    return table if standing.all() else table.where(standing)


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


def of_indicator(each: Indicator) -> Condition:
    """Return the condition under which a row of a sheet of ratings, actuals or checks is about the indicator."""
    return Compare(Ref("indicator"), "=", Value(each.code))


def scope_of(each: Indicator) -> Condition:
    """Return the condition under which a row is in the scope of an indicator."""
    return All((each.where, of_indicator(each))) if each.sheet in LINKED else each.where
