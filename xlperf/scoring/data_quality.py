"""Looks over the input sheets: rows of nobody, doubtful spellings, impossible dates, figures that are missing."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, cast

import numpy as np
import pandas as pd

from xlperf.core.problems import Problem, Text, some
from xlperf.core.spelling import similar
from xlperf.core.vocabulary import STATES, WORDS, fold
from xlperf.policy.conditions import When, columns_in, duration_of, literals_by_sheet
from xlperf.policy.conditions.tree import CountOf, MovedBy, Node, Ref, WorkdaysBetween, parts_of, relations_in
from xlperf.policy.scheme import LESS_ABSENCES, Indicator, Scheme
from xlperf.policy.validation.addressing import at, report
from xlperf.policy.validation.client_levels import AXES, owner_column
from xlperf.policy.validation.conditions_met import conditions_of_cells
from xlperf.policy.validation.raters import is_weighed
from xlperf.schema import LOGS, OWNER_COLUMNS, SHEETS
from xlperf.schema.settings import Settings
from xlperf.schema.tables import Table, Tables, among
from xlperf.scoring.formula_facts import in_order, inputs_missing
from xlperf.scoring.matrices import Facts
from xlperf.scoring.named_people import NamedPeople
from xlperf.scoring.owner_shares import shared_rows
from xlperf.scoring.period_rows import LINKED, REPORTED

NO_GROUP = Text("（空白）", "(empty)")
AGREEMENTS = {
    "self": Text("自评的评价人是被评人本人", "Who rates themselves is the appraisee"),
    "manager": Text("评价人是被评人的直接上级", "The rater is the appraisee's superior"),
    "indirect": Text("评价人不是直接上级，而在其上", "The rater stands above the appraisee's superior"),
    "subordinate": Text("被评人是评价人的直接上级", "The appraisee is the rater's superior"),
    "peer": Text("评价人不是被评人本人", "The rater is not the appraisee"),
    "client": Text("评价人不是被评人本人", "The rater is not the appraisee"),
}
ABOUT = {"outcomes": "employees", "pay": "employees", "task_rules": "clients"}  # whom conditions ask about
WORKDAYS = ("workdays", "trading")  # units of days that the calendar decides
NAMED = 20  # so many unknown codes are reported one by one, the others together
FEW = 200  # a column with more distinct values than this is free text, in which spellings are not compared
FEW_DAYS = 3  # so many days outside the period are told one by one, more are told together
YEARS_BEFORE, YEARS_AFTER = 100, 20  # a birthday, and a document that runs out, lie within them
FILLED_IN = [("clients", column) for column in (*AXES.values(), "client_class")]  # computed where HR leaves them out
SOME = 2_000  # rows of a column that tell most free text already


def check_inputs(tables: Tables, scheme: Scheme, indicators: Sequence[Indicator], when: When) -> list[Problem]:
    """Return what is doubtful about the sheets that people fill in."""
    tables = {code: table for code, table in tables.items() if code not in LOGS}
    return [
        *clients_of_tasks(tables),
        *values_beside_choices(tables, scheme.table("choices")),
        *near_spellings(tables, scheme.table("choices")),
        *words_never_seen(tables, scheme, indicators),
        *dates_reversed(tables, indicators, when),
        *days_moved_by(tables, indicators),
        *calendar_of_another_year(scheme, indicators, when),
        *rows_of_other_sources(tables, scheme),
        *dates_ahead(tables, when),
        *dates_implausible(tables, when),
        *deductions_doubtful(tables, scheme, indicators, when),
        *ratings_outside_scale(tables, indicators),
        *rating_scales_differ(tables, indicators),
        *relations_missing(tables, scheme, indicators),
        *relations_unweighed(tables, scheme, indicators),
        *relations_contradicted(tables),
        *rater_weights_doubtful(tables, scheme, indicators),
        *actuals_in_conflict(tables),
        *adjustments_doubtful(tables, scheme),
        *check_clauses(tables),
    ]


def check_clauses(tables: Tables) -> Iterator[Problem]:
    """Clauses of adjustments that name other employees: a clause stands on the card of the person it is about."""
    adjustments, employees = tables.get("adjustments"), tables.get("employees")
    if adjustments is None or employees is None or not len(adjustments):
        return
    people = NamedPeople(zip(employees["employee_id"], employees["name"], strict=True))
    found: dict[int, set[str]] = {}
    rows = zip(adjustments["employee_id"], adjustments["clause"].astype("object"), strict=True)
    for position, (own, clause) in enumerate(rows):
        named = people.in_text(clause) if isinstance(clause, str) else []
        others = set().union(*(each for each in named if own not in each))
        if others:
            found[position] = others
    if found:
        details = {"count": len(found), "people": some(sorted(set().union(*found.values())))}
        yield Problem(
            "clause-names-others", adjustments.title, adjustments.cells("clause", np.array([*found])), details
        )


def sources_missing(
    tables: Tables, scheme: Scheme, indicators: Sequence[Indicator]
) -> tuple[list[Problem], frozenset[int]]:
    """Return what indicators count that the workbook does not have, and the positions of these indicators.

    It is a whole sheet, or a column of a sheet with rows, which would be blank for everybody. An indicator may count
    the rows of a sheet and ask about those of another.
    """
    sheets: dict[tuple[str, str], list[int]] = {}
    columns: dict[tuple[str, str], list[int]] = {}
    for each in indicators:
        position = scheme.indicators.index(each)
        for column, sheet, code in dict.fromkeys(_needs(each)):
            if sheet not in tables:
                sheets.setdefault((column if sheet != each.sheet else "source", sheet), []).append(position)
            elif _is_lacking(tables, sheet, code):
                columns.setdefault((sheet, code), []).append(position)
    problems = [
        at(scheme, "source-without-sheet", "indicators", column, dict.fromkeys(positions),
           sheet=SHEETS[sheet].title, column=SHEETS["indicators"][column].name)
        for (column, sheet), positions in sheets.items()
    ]  # fmt: skip
    for (sheet, code), positions in columns.items():
        known = tables[sheet].sheet.by_code[code]
        if not known.required:  # else reading has reported it
            names = [scheme.indicators[each].name for each in dict.fromkeys(positions)]
            accepted = list(dict.fromkeys((*known.name, *known.synonyms)))
            named = {"heading": known.name, "accepted": accepted, "indicators": names[:3]}
            problems.append(Problem("source-without-column", tables[sheet].title, details=named))
    return problems, frozenset(each for positions in (*sheets.values(), *columns.values()) for each in positions)


def _needs(each: Indicator) -> Iterator[tuple[str, str, str]]:
    """Yield the sheets and columns that an indicator rests on, with the column of the Indicators sheet that says so.

    A formula looks at other indicators, and at no rows. A column is "" where the sheet alone is asked for.
    """
    if each.measure == "formula":
        return
    if each.sheet in LINKED:
        yield "source", each.sheet, "indicator"
    yield "source", each.sheet, OWNER_COLUMNS[each.sheet]
    if each.proration in LESS_ABSENCES:
        yield "proration", "absences", ""
    if each.is_shared:
        yield "sharing", "client_owners", ""
    for column, part in _asked(each):
        yield from ((column, each.sheet, ref.code) for ref in columns_in(part))
        for relation in relations_in(part):
            inside, other = (relation.where, "tasks") if isinstance(relation, CountOf) else (relation.column, "clients")
            yield from [(column, other, ref.code) for ref in columns_in(inside)] or [(column, other, "")]


def _asked(each: Indicator) -> Iterator[tuple[str, Node]]:
    """Yield what an indicator asks of the rows, with the column of the Indicators sheet that says so."""
    yield from (("column", node) for node in each.columns)
    parts = {"where": each.where, "hit": each.hit, "owner_at": each.owner_at}
    yield from ((column, part) for column, part in parts.items() if part is not None)


def _is_lacking(tables: Tables, sheet: str, code: str) -> bool:
    """Whether a sheet has rows and no such column, which nothing else fills in."""
    table = tables.get(sheet)
    if table is None or code not in table.sheet.by_code or (sheet, code) in FILLED_IN:
        return False
    if code == "owner_id" and "client_owners" in tables:
        return False
    return not table.has(code) and (len(table) > 0 or table.outside is not None)


def targets_of_nobody(scheme: Scheme, known: Mapping[str, Collection[str]]) -> Iterator[Problem]:
    """Targets that are for nobody; ``known`` are the codes that there are, by scope."""
    table = scheme.table("targets")
    for position, (scope, code) in enumerate(zip(table["scope"], table["scope_id"], strict=True)):
        if scope in known and isinstance(code, str) and code not in known[scope]:
            yield from report(scheme, "target-of-nobody", "targets", "scope_id", [position], cell=code,
                              scope=WORDS["target_scope"][scope], near=similar(code, known[scope]))  # fmt: skip


def clients_of_tasks(tables: Tables) -> Iterator[Problem]:
    """Tasks without a client where others of their kind have one, and tasks of a client that is not listed."""
    tasks, clients = tables.get("tasks"), tables.get("clients")
    if tasks is None or clients is None or not tasks.has("client_id"):
        return
    column, kinds = tasks["client_id"], tasks["task_kind"].fillna("")
    given = column.notna()
    blank = np.flatnonzero(~given & kinds.isin(kinds[given].unique())) if not given.all() else ()
    if len(blank):
        details = {"count": len(blank), "column": tasks.sheet["client_id"].name}
        yield Problem("no-client", tasks.title, tasks.cells("client_id", blank), details)
    known = clients["client_id"]
    unknown = column[given & ~among(column, known)].value_counts().sort_index()
    for code, count in unknown.head(NAMED).items():
        details = {"cell": code, "count": count, "near": similar(str(code), known.dropna())}
        yield Problem("client-unknown", tasks.title, tasks.cells("client_id", np.flatnonzero(column == code)), details)
    if len(more := unknown.iloc[NAMED:]):
        details = {"codes": len(more), "count": int(more.sum()), "cells": some(more.index)}
        where = np.flatnonzero(column.isin(more.index))
        yield Problem("clients-unknown", tasks.title, tasks.cells("client_id", where), details)


def values_beside_choices(tables: Tables, choices: Table) -> Iterator[Problem]:
    """Values of a column that are not among its declared choices."""
    for name, allowed in choices.frame.groupby("column")["value"]:
        for table in tables.values():
            column = _find(table, str(name))
            if column is None:
                continue
            values = table[column].astype("str")
            known = set(allowed.dropna())
            for value, count in values[values.notna() & ~values.isin(known)].value_counts().sort_index().items():
                details = {
                    "column": table.column(column).name,
                    "cell": value,
                    "count": count,
                    "near": similar(str(value), known),
                }
                yield Problem("near-value", table.title, table.cells(column, np.flatnonzero(values == value)), details)


def _find(table: Table, name: str) -> str | None:
    """Return the column that a name means: one of the sheet's, or one that HR added."""
    known = table.sheet.find(name)
    if known is not None and table.has(known.code):
        return known.code
    return next((str(column) for column in table.frame.columns if fold(str(column)) == fold(name)), None)


def near_spellings(tables: Tables, choices: Table) -> Iterator[Problem]:
    """Texts of one column that differ only in blanks, width, case or a hyphen."""
    declared = {fold(str(name)) for name in choices["column"].dropna()}
    for table in tables.values():
        for name in table.frame.columns:
            column = table.column(str(name))
            if column.kind not in ("text", "key") or fold(column.code) in declared or name in table.sheet.key:
                continue
            values = table[str(name)]
            if values.dtype != "str" or values.isna().all() or values[:: 1 + len(values) // SOME].nunique() > FEW:
                continue
            counts = values.value_counts()
            if len(counts) > FEW:
                continue
            alike: dict[str, list[str]] = {}
            for value in sorted(counts.index):
                alike.setdefault(fold(value).replace("-", ""), []).append(value)
            for spellings in alike.values():
                for rare in sorted(spellings, key=lambda each: (-counts[each], each))[1:]:
                    common = max(spellings, key=lambda each: (counts[each], each))
                    cells = table.cells(str(name), np.flatnonzero(table[str(name)] == rare))
                    yield Problem(
                        "near-spellings", table.title, cells, {"column": column.name, "cell": rare, "other": common}
                    )


def words_never_seen(tables: Tables, scheme: Scheme, indicators: Sequence[Indicator]) -> Iterator[Problem]:
    """Texts in conditions that a column never holds: usually a misspelling."""
    choices = scheme.table("choices").frame
    declared = set(zip(choices["column"], choices["value"], strict=True))
    sheet_of = {scheme.indicators.index(each): each.sheet for each in indicators}
    for policy, column, position, _, condition in conditions_of_cells(scheme):
        asked = sheet_of.get(position, "") if policy == "indicators" else ABOUT[policy]
        for sheet, ref, word in literals_by_sheet(condition, asked):
            table = tables.get(sheet)
            if table is None or not len(table) or ref.code not in table.frame:
                continue
            held = table[ref.code].dropna().unique()
            if len(held) and word not in set(held) and (ref.code, word) not in declared:
                near = similar(word, map(str, held[:5000]))
                details = {"word": word, "column": table.column(ref.code).name, "near": near}
                cells = scheme.table(policy).cells(column, [position])
                yield Problem("condition-word-unseen", scheme.table(policy).title, cells, details)


def dates_reversed(tables: Tables, indicators: Sequence[Indicator], when: When) -> Iterator[Problem]:
    """Rows whose duration would be negative."""
    spans = {
        (each.sheet, span[0].code, span[1].code)
        for each in indicators
        for column in each.columns
        if (span := duration_of(column)) and isinstance(span[0], Ref) and isinstance(span[1], Ref)
    }
    spans |= {
        ("tasks", "created_date", "due_date"),
        ("tasks", "created_date", "done_date"),
        ("employees", "hire_date", "leave_date"),
    }
    for sheet, earlier, later in sorted(spans):
        table = tables.get(sheet)
        if table is None:
            continue
        far = _is_far(table[earlier], when) | _is_far(table[later], when)  # told by dates_implausible
        wrong = np.flatnonzero((table[later] < table[earlier]) & ~far)
        if len(wrong):
            details = {"count": len(wrong), "earlier": table.column(earlier).name, "later": table.column(later).name}
            yield Problem("dates-reversed", table.title, table.cells(later, wrong), details)


def days_moved_by(tables: Tables, indicators: Sequence[Indicator]) -> Iterator[Problem]:
    """Numbers of days that a date is moved by, such as days on hold, that are no whole number or below zero."""
    nodes = [(each.sheet, node) for each in indicators for _, node in _asked(each)]
    nodes += [("tasks", part.where) for _, node in nodes for part in relations_in(node) if isinstance(part, CountOf)]
    columns = {
        (sheet, part.amount.code)
        for sheet, node in nodes
        for part in parts_of(node, elsewhere=False)
        if isinstance(part, MovedBy) and isinstance(part.amount, Ref)
    }
    for sheet, code in sorted(columns):
        table = tables.get(sheet)
        if table is not None:
            wrong = np.flatnonzero((table[code] < 0) | (table[code] % 1 > 0))
            if len(wrong):
                first = f"{table[code].iloc[wrong[0]]:.10g}"
                details = {"column": table.column(code).name, "count": len(wrong), "cell": first}
                yield Problem("days-moved-by", table.title, table.cells(code, wrong), details)


def calendar_of_another_year(scheme: Scheme, indicators: Sequence[Indicator], when: When) -> Iterator[Problem]:
    """A calendar that has no row of the period's year, where working days are counted: its holidays are missing."""
    table = scheme.table("calendar")
    years = {*table["date"].dropna().dt.year}
    parts = [part for each in indicators for _, node in _asked(each) for part in parts_of(node)]
    counted = any(isinstance(part, WorkdaysBetween) or getattr(part, "unit", "") in WORKDAYS for part in parts)
    if years and counted and not years & {when.start.year, when.end.year}:
        yield Problem("calendar-of-another-year", table.title, details={"years": sorted(years), "year": when.end.year})


def rows_of_other_sources(tables: Tables, scheme: Scheme) -> Iterator[Problem]:
    """Rows that name an indicator which is measured from another sheet: they count for nothing."""
    rolled_up = {part.source for part in scheme.parts}  # such as checks, which count without an indicator
    for sheet in LINKED:
        table = tables.get(sheet)
        if table is None or sheet in rolled_up:
            continue
        mine = {name for each in scheme.indicators if each.sheet == sheet for name in (each.code, *each.name)}
        for each in scheme.indicators:
            names = [name for name in (each.code, *each.name) if name not in mine]
            rows = np.flatnonzero(table["indicator"].isin(names))
            if each.is_understood and each.sheet != sheet and len(rows):
                details = {"indicator": each.name, "count": len(rows), "sheet": SHEETS[each.sheet].title}
                yield Problem("row-of-other-source", table.title, table.cells("indicator", rows), details)


def dates_ahead(tables: Tables, when: When) -> Iterator[Problem]:
    """Tasks that were done after the period has ended, which is odd only if the period is the newest there is."""
    table = tables.get("tasks")
    if table is None:
        return
    ahead = table["done_date"] >= pd.Timestamp(when.end) + pd.Timedelta(days=1)
    if ahead.any() and not (table["created_date"] > pd.Timestamp(when.end)).any():
        details = {"count": int(ahead.sum()), "column": table.column("done_date").name, "end": when.end.isoformat()}
        yield Problem("date-in-future", table.title, table.cells("done_date", np.flatnonzero(ahead)), details)


def dates_implausible(tables: Tables, when: When) -> Iterator[Problem]:
    """Dates that no record of this period can have: a year that was mistyped, such as 2062 for 2026."""
    for table in tables.values():
        for column in table.sheet if table.sheet.role == "input" else ():
            if column.kind != "date" or column.code not in table.frame:
                continue
            far = _is_far(table[column.code], when)
            for date in sorted(table[column.code][far].unique()):
                cells = table.cells(column.code, np.flatnonzero(table[column.code] == date))
                details = {"column": column.name, "date": f"{date:%Y-%m-%d}", "period": when.end.isoformat()}
                yield Problem("date-implausible", table.title, cells, details)


def _is_far(dates: pd.Series, when: When) -> pd.Series:
    first, last = (pd.Timestamp(when.end) + pd.DateOffset(years=years) for years in (-YEARS_BEFORE, YEARS_AFTER))
    return (dates < first) | (dates > last)


def deductions_doubtful(
    tables: Tables, scheme: Scheme, indicators: Sequence[Indicator], when: When
) -> Iterator[Problem]:
    """Deductions that are negative, above the full points of their item, blank, or of a day outside the period."""
    table = tables.get("checks")
    full = {
        name: each.weight if scheme.settings.total_method == "sum" else scheme.settings.full_points
        for each in indicators
        if each.sheet == "checks" and any(ref.code == "deduction" for node in each.columns for ref in columns_in(node))
        for name in (each.code, *each.name)
    }
    if table is None or not full:
        return
    mine, deduction, day = table["indicator"].isin(full), table["deduction"], table["date"]
    limit = table["indicator"].map(full).astype("float64")
    start, end = pd.Timestamp(when.start), pd.Timestamp(when.end) + pd.Timedelta(days=1)
    kept_longer = any(part.source == "checks" for part in scheme.parts)  # checks of other periods stay on the sheet
    doubtful = {
        ("deduction-below-zero", "deduction"): deduction < 0,
        ("deduction-above-full", "deduction"): mine & (deduction > limit),
        ("deduction-blank", "deduction"): mine
        & deduction.isna()
        & ~table.not_applicable.get("deduction", np.zeros(len(table), bool)),
        ("check-outside-period", "date"): mine & ((day >= end) | (day < start)) & (not kept_longer),
    }
    for (code, column), rows in doubtful.items():
        each_value: dict[Any, Any] = (
            table.frame[rows].groupby(column, sort=True, dropna=False).indices if rows.any() else {}
        )
        if column == "date" and len(each_value) > FEW_DAYS:  # a period other than that of the sheet: told once
            each_value = {table[column][rows].min(): np.arange(rows.sum())}
        for cell, here in each_value.items():
            positions = np.flatnonzero(rows)[here]
            shown = "" if pd.isna(cast("Any", cell)) else f"{cell:%Y-%m-%d}" if column == "date" else cell
            if column == "date" and (last := table[column].iloc[positions].max()) > cell:
                shown = f"{shown} … {last:%Y-%m-%d}"
            details = {"cell": shown, "full": limit.iloc[positions].min(), "count": len(positions),
                       "period": when.end.isoformat()}  # fmt: skip
            yield Problem(code, table.title, table.cells(column, positions), details)


def ratings_outside_scale(tables: Tables, indicators: Sequence[Indicator]) -> Iterator[Problem]:
    """Ratings below or above the scale that the indicator's rule states."""
    table = tables.get("ratings")
    if table is None:
        return
    for each, low, high in _scales(indicators):
        wrong = _ratings_of(table, each) & ~table["score"].between(low, high) & table["score"].notna()
        for score in sorted(table["score"][wrong].unique()):
            cells = table.cells("score", np.flatnonzero(wrong & (table["score"] == score)))
            yield Problem(
                "rating-scale",
                table.title,
                cells,
                {"cell": float(score), "low": low, "high": high, "indicator": each.name},
            )


def rating_scales_differ(tables: Tables, indicators: Sequence[Indicator]) -> Iterator[Problem]:
    """Ratings that state another scale than the indicator's rule."""
    table = tables.get("ratings")
    if table is None:
        return
    for each, _, high in _scales(indicators):
        wrong = _ratings_of(table, each) & table["scale"].notna() & (table["scale"] != high)
        for scale in sorted(table["scale"][wrong].unique()):
            rows = np.flatnonzero(wrong & (table["scale"] == scale))
            details = {"cell": float(scale), "high": high, "indicator": each.name, "count": len(rows)}
            yield Problem("rating-scale-differs", table.title, table.cells("scale", rows), details)


def _scales(indicators: Sequence[Indicator]) -> Iterator[tuple[Indicator, float, float]]:
    for each in indicators:
        low, high = each.parameters.get("low"), each.parameters.get("high")
        if each.rule == "rating_scale" and each.source == "ratings" and low is not None and high is not None:
            yield each, low, high


def _ratings_of(table: Table, each: Indicator) -> pd.Series:
    return table["indicator"].isin([each.code, *each.name])


def relations_missing(tables: Tables, scheme: Scheme, indicators: Sequence[Indicator]) -> Iterator[Problem]:
    """Ratings without a relation where relations have weights."""
    table = tables.get("ratings")
    if table is None or not scheme.raters:
        return
    names = [name for each in indicators if is_weighed(each) for name in (each.code, *each.name)]
    rows = np.flatnonzero(table["indicator"].isin(names) & table["relation"].isna() & table["score"].notna())
    if len(rows):
        relations = dict.fromkeys(WORDS["relation"][each.relation] for each in scheme.raters)
        details = {"count": len(rows), "relations": list(relations)}
        yield Problem("relation-missing", table.title, table.cells("relation", rows), details)


def relations_unweighed(tables: Tables, scheme: Scheme, indicators: Sequence[Indicator]) -> Iterator[Problem]:
    """Ratings of several relations, while the scheme does not say what each counts for."""
    table = tables.get("ratings")
    if table is None or scheme.raters:
        return
    names = [name for each in indicators if is_weighed(each) for name in (each.code, *each.name)]
    mine = (table["indicator"].isin(names) & table["score"].notna()).to_numpy(bool)
    relations = table["relation"][mine].dropna().unique()
    if len(relations) > 1:
        named = [WORDS["relation"][code] for code in WORDS["relation"] if code in relations]
        yield Problem("relations-unweighed", table.title, details={"relations": named})


def relations_contradicted(tables: Tables) -> Iterator[Problem]:
    """Ratings whose relation is not what the Employees sheet says of the two people."""
    table, employees = tables.get("ratings"), tables.get("employees")
    if table is None or employees is None:
        return
    superior_of = employees.unique("employee_id")["manager_id"]
    person, rater, relation = table["employee_id"], table["rater_id"], table["relation"]
    above, below = person.map(superior_of), rater.map(superior_of)
    known = person.isin(superior_of.index) & rater.notna()
    wrong = {
        "self": rater != person,
        "manager": above.notna() & (rater != above),
        "indirect": rater == above,
        "subordinate": below.notna() & (below != person),
    }
    for code, agreement in AGREEMENTS.items():
        contradicted = wrong.get(code, False) | ((rater == person) & (code != "self"))
        rows = np.flatnonzero(known & (relation == code) & contradicted)
        if len(rows):
            details = {"relation": WORDS["relation"][code], "count": len(rows), "agreement": agreement}
            yield Problem("relation-contradicted", table.title, table.cells("relation", rows), details)


def rater_weights_doubtful(tables: Tables, scheme: Scheme, indicators: Sequence[Indicator]) -> Iterator[Problem]:
    """Weights of single raters that are not above zero, that differ from rating to rating, or that nothing goes by."""
    table = tables.get("ratings")
    if table is None or table["weight"].isna().all():
        return
    weight = table["weight"]
    for value in sorted(weight[weight <= 0].unique()):
        cells = table.cells("weight", np.flatnonzero(weight == value))
        yield Problem("rater-weight-not-positive", table.title, cells, {"cell": float(value)})
    weighed = {name for each in indicators if is_weighed(each) and scheme.raters for name in (each.code, *each.name)}
    idle = weight.notna() & ~table["indicator"].isin(weighed)
    if idle.any():
        yield Problem("rater-weight-idle", table.title, table.cells("weight", np.flatnonzero(idle)),
                      {"count": int(idle.sum())})  # fmt: skip
    named = table.frame[table["rater_id"].notna()].assign(weight=weight.fillna(1.0))
    same_rater = ["period", "employee_id", "relation", "rater_id"]
    for (_, person, _, rater), rows in named.groupby(same_rater, sort=True, dropna=False):
        weights = sorted(rows["weight"].unique().tolist())
        if len(weights) == 1:
            continue
        details = {"rater": rater, "person": person, "weights": weights}
        yield Problem("rater-weight-differs", table.title, table.cells("weight", rows.index.to_numpy()), details)


def actuals_in_conflict(tables: Tables) -> Iterator[Problem]:
    """Figures reported twice, as a quotient and as an actual, that do not agree."""
    table = tables.get("actuals")
    if table is None:
        return
    computed = table["numerator"] / table["denominator"]
    given = table["actual"]
    wrong = computed.notna() & given.notna() & ((computed - given).abs() > 1e-6 * computed.abs().clip(lower=1e-6))
    for position in np.flatnonzero(wrong).tolist():
        row = table.frame.iloc[position]
        details = {
            "person": row["employee_id"],
            "indicator": row["indicator"],
            "cell": float(row["actual"]),
            "computed": float(f"{computed.iloc[position]:.6g}"),
        }
        yield Problem("actual-conflict", table.title, table.cells("actual", [position]), details)


def adjustments_doubtful(tables: Tables, scheme: Scheme) -> Iterator[Problem]:
    """Points that are blank, out of range or above full points, items that do not exist, and people who do not."""
    table, employees = tables.get("adjustments"), tables.get("employees")
    if table is None or employees is None:
        return
    kinds, settings = table.sheet["adjustment_kind"].vocabulary, scheme.settings
    low, high = settings.commendation_least, settings.commendation_most
    wrong = (table["adjustment_kind"] == "commendation") & ~table["points"].between(low, high)
    for position in np.flatnonzero(wrong).tolist():
        details = {"cell": table["points"].iloc[position], "low": low, "high": high, "kind": kinds["commendation"]}
        yield Problem("adjustment-range", table.title, table.cells("points", [position]), details)
    of_item = table["adjustment_kind"] == "zero_item"
    blank = np.flatnonzero(
        ~of_item & table["points"].isna() & ~np.isin(table.frame.index, [*table.unread.get("points", ())])
    )
    if len(blank):
        details = {"count": len(blank), "kind": kinds["zero_item"]}
        yield Problem("adjustment-blank", table.title, table.cells("points", blank), details)
    for position in np.flatnonzero(~wrong & ~of_item & (abs(table["points"]) > settings.full_points)).tolist():
        details = {"cell": table["points"].iloc[position], "full": settings.full_points}
        yield Problem("adjustment-above-full", table.title, table.cells("points", [position]), details)
    items = {name for each in scheme.indicators for name in (each.code, *each.name)}
    for word in sorted({*table["indicator"][of_item].dropna()} - items):
        details = {"cell": word, "column": table.sheet["indicator"].name, "sheet": SHEETS["indicators"].title,
                   "near": similar(word, items)}  # fmt: skip
        cells = table.cells("indicator", np.flatnonzero(of_item & (table["indicator"] == word)))
        yield Problem("code-unknown", table.title, cells, details)
    nameless = np.flatnonzero(of_item & table["indicator"].isna())
    if len(nameless):
        yield Problem(
            "adjustment-indicator", table.title, table.cells("indicator", nameless), {"kind": kinds["zero_item"]}
        )
    known = employees["employee_id"].dropna()
    owner = table["employee_id"]
    for code in sorted(set(owner.dropna()) - set(known)):
        details = {"cell": code, "column": table.sheet["employee_id"].name, "near": similar(code, known)}
        cells = table.cells("employee_id", np.flatnonzero(owner == code))
        yield Problem("rating-not-on-roster", table.title, cells, details)


def report_gaps(facts: Facts, applies: np.ndarray, settings: Settings, tables: Tables) -> list[Problem]:
    """Return problems about figures that are missing or do not apply, and how the scheme treats them.

    Parameters
    ----------
    facts : of n people and k indicators
    applies : n × k, whether the indicator belongs to the person's position
    settings : what is done with a missing figure and with one that does not apply
    tables : the input sheets, whose titles the problems name

    Returns
    -------
    list of Problem: one an indicator and kind of gap, with the people. ``missing-figures``, ``formula-lacks-figures``
    and ``not-applicable-blocked`` are errors, where the scheme lets no such gap pass; ``gap-handled`` is a note.
    Formulas that rest on a circle have no gaps of their own.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from xlperf.policy.schemes import load
    >>> scheme, none = load("crm-department"), np.full((1, 1), np.nan)
    >>> missing = np.array([[STATES.index("missing")]])
    >>> facts = Facts(pd.Index(["E1"]), scheme.indicators[:1], none, none, none, missing)
    >>> [each.code for each in report_gaps(facts, np.array([[True]]), replace(scheme.settings, if_missing="block"), {})]
    ['missing-figures']
    """
    problems = []
    treatments = (
        ("missing", settings.if_missing, "missing-figures"),
        ("not_applicable", settings.if_not_applicable, "not-applicable-blocked"),
    )
    computed = {each.code for each in in_order(facts.indicators)}
    unread = {sheet: _people_unread(table) for sheet, table in tables.items()}
    for k, each in enumerate(facts.indicators):
        if not each.weight > 0 or (each.measure == "formula" and each.code not in computed):
            continue
        for name, policy, blocked in treatments:
            concerned = applies[:, k] & (facts.state[:, k] == STATES.index(name))
            if name == "missing":  # not beside its cause
                concerned &= ~facts.ids.isin(unread.get(each.sheet, ()))
            if not concerned.any():
                continue
            people = facts.ids[concerned]
            details = {
                "indicator": each.name,
                "count": len(people),
                "people": some(people),
                "state": WORDS["fact_status"][name],
                "policy": WORDS["gap_policy"][policy],
            }
            code = blocked if policy == "block" else "gap-handled"
            sheet = each.sheet
            inputs = inputs_missing(facts, each, concerned) if each.code in computed else []
            if inputs and code == "missing-figures":
                code, sheet = "formula-lacks-figures", inputs[0].sheet
                details["inputs"] = [one.name for one in inputs]
            title = tables[sheet].title if sheet in tables else SHEETS[sheet].title(settings.language)
            problems.append(Problem(code, title, "", details))
    return problems


def _people_unread(table: Table) -> set[str]:
    """Return the people of whom a cell of the sheet has an error: what they lack for it is reported there."""
    rows = sorted({row for positions in table.unread.values() for row in positions})
    return {*table["employee_id"].iloc[rows].dropna()} if "employee_id" in table.frame else set()


def without_indicators(people: pd.DataFrame, applies: np.ndarray, employees: Table) -> list[Problem]:
    """Return a problem for each position group whose people are to be scored and have no indicator (``no-indicators``).

    Parameters
    ----------
    people : n rows of the roster, with ``employee_id``, ``group`` and ``scored``
    applies : n × k, whether the indicator belongs to the person's position
    employees : the Employees sheet, for the addresses

    Examples
    --------
    >>> from xlperf.schema.tables import table_of
    >>> people = pd.DataFrame({"employee_id": ["E1", "E2"], "group": ["sales", "cook"], "scored": True})
    >>> employees = table_of("employees", {"employee_id": ["E1", "E2"], "group": ["sales", "cook"]})
    >>> [each.details["group"] for each in without_indicators(people, np.array([[True], [False]]), employees)]
    ['cook']
    """
    bare = people["scored"].to_numpy(bool) & ~applies.any(axis=1)
    problems = []
    for group, ids in people[bare].groupby(people["group"].fillna(""))["employee_id"]:
        cells = employees.cells("group", np.flatnonzero(employees["employee_id"].isin(ids)))
        details = {"group": str(group) or NO_GROUP, "count": len(ids), "people": some(ids)}
        problems.append(Problem("no-indicators", employees.title, cells, details))
    return problems


def without_deductions(facts: Facts, tables: Tables, found: Sequence[Problem]) -> list[Problem]:
    """Return a warning for each sheet of deductions of which no row counts (``no-deductions``).

    Parameters
    ----------
    facts : of n people and units and k indicators
    tables : the input sheets, whose titles the problems name
    found : problems found before; rows that count for another period are told among them

    Examples
    --------
    >>> from xlperf.policy.schemes import load
    >>> items = load("service-team").indicators[:2]
    >>> none, state = np.full((1, 2), np.nan), np.zeros((1, 2), np.int8)
    >>> facts = Facts(pd.Index(["E1"]), items, np.zeros((1, 2)), none, np.zeros((1, 2)), state)
    >>> [each.details["count"] for each in without_deductions(facts, {}, [])]
    [2]
    """
    problems = []
    told = {
        each.sheet
        for each in found
        if each.code in ("check-outside-period", "source-without-sheet", "source-without-column")
    }
    for sheet in sorted({each.sheet for each in facts.indicators} - {*REPORTED}):
        mine = [k for k, each in enumerate(facts.indicators) if each.sheet == sheet]
        title = tables[sheet].title if sheet in tables else SHEETS[sheet].title("en")
        if title in told or any(np.nan_to_num(part[:, mine]).any() for part in (facts.numerator, facts.denominator)):
            continue
        free = [each for each in map(facts.indicators.__getitem__, mine) if each.is_count and each.direction == "lower"]
        items = [each.name for each in free if each.weight > 0]
        if items:
            problems.append(Problem("no-deductions", title, details={"count": len(items), "items": items}))
    return problems


def targets_shrunk(
    people: pd.DataFrame, indicators: Sequence[Indicator], prorated: np.ndarray, employees: Table
) -> Iterator[Problem]:
    """Yield a note that names the people whose targets shrank with their days of service (``targets-prorated``).

    Parameters
    ----------
    people : n rows of the roster, with ``employee_id``
    indicators : k indicators
    prorated : n × k, whether a person's target is smaller than that of the whole period
    employees : the Employees sheet, for the addresses
    """
    if prorated.any():
        ids = people["employee_id"].iloc[np.flatnonzero(prorated.any(axis=1))]
        names = [indicators[k].name for k in np.flatnonzero(prorated.any(axis=0)).tolist()]
        details = {"people": some(ids), "count": len(ids), "indicators": names}
        cells = employees.cells("hire_date", np.flatnonzero(among(employees["employee_id"], ids)))
        yield Problem("targets-prorated", employees.title, cells, details)


def without_data(
    tables: Tables, indicators: Sequence[Indicator], people: pd.DataFrame, settings: Settings
) -> list[Problem]:
    """Return a note for each sheet of clients or tasks on which people who are scored own no row at all (``no-facts``).

    Parameters
    ----------
    tables : the input sheets by code; one whose rows stay outside is not looked through
    indicators : those in use, which name the sheets and the position groups that need rows there
    people : rows of the roster, with ``employee_id``, ``group`` and ``scored``
    settings : its language is that of the sheet names

    Examples
    --------
    >>> from xlperf.policy.schemes import load
    >>> from xlperf.schema.tables import table_of
    >>> scheme, clients = load("crm-department"), table_of("clients", {"client_id": ["C1"], "owner_id": ["E1"]})
    >>> people = pd.DataFrame({"employee_id": ["E1", "E2"], "group": None, "scored": True})
    >>> found = without_data({"clients": clients}, scheme.indicators, people, scheme.settings)
    >>> [(each.code, each.details["people"].en) for each in found]
    [('no-facts', 'E2')]
    """
    problems = []
    scored = people.loc[people["scored"], "employee_id"]
    for sheet in sorted({each.sheet for each in indicators} & {"clients", "tasks"}):
        table = tables.get(sheet)
        if table is None or table.outside is not None:
            continue
        groups = {each.group for each in indicators if each.sheet == sheet}
        concerned = scored if "" in groups else scored[people.loc[scored.index, "group"].isin(groups)]
        mine = [each for each in indicators if each.sheet == sheet]
        asked = {(owner_column(each), each.is_shared) for each in mine}
        owners = [(shared_rows(table) if shared else table)[column] for column, shared in asked]
        lacking = concerned[~np.logical_or.reduce([among(concerned, each) for each in owners])]
        if len(lacking):
            title = table.title
            details = {"count": len(lacking), "people": some(lacking), "sheet": table.sheet.title}
            problems.append(Problem("no-facts", title, details=details))
    return problems
