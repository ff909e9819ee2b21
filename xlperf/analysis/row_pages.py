"""The rows behind a figure, a page at a time; of rows that stay outside, only those of the page are fetched.

The order of rows is that of their keys, and never that in which an engine finds them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from xlperf.core.problems import Text
from xlperf.policy.conditions import (
    ALWAYS,
    Condition,
    Relation,
    SharedConditions,
    When,
    column_of,
    columns_in,
    relations_in,
    rows_meeting,
    to_text,
)
from xlperf.policy.conditions.tree import Lookup, Ref
from xlperf.policy.scheme import Indicator
from xlperf.policy.validation.client_levels import owner_column
from xlperf.schema import OWNER_COLUMNS, SHEETS, Column
from xlperf.schema.tables import ROW, Table, typed
from xlperf.scoring.facts import in_slices, row_figure
from xlperf.scoring.owner_shares import SHARE, shared_rows
from xlperf.scoring.period_rows import REPORTED, scope_of

LINES = 40_000  # of a sheet of blocks: it stays quick, and below the 65,530 links that Excel allows on a sheet
STEPS = (1000, 100, 50, 20, 10, 5, 2)  # rows of a block: the most that all blocks fit with
OWNER_SHARE = Column(SHARE, Text("归属天数占比", "Share of days"), "fraction")
_HIT, _LATER, _NUMBER = "hit", "later", "number within owner"


@dataclass(frozen=True)
class Page:
    """Some rows behind a figure: their positions in a table, which are hits, the first one's number, and of how many.

    ``first`` counts from 1; it is 0 where the page has no rows.
    """

    table: Table
    at: np.ndarray
    hit: np.ndarray
    first: int
    count: int


def page_of(table: Table, each: Indicator, when: When, owners: Sequence[str], size: int, number: int = 1) -> Page:
    """Return a page of the rows that an indicator counts for some owners, hits first.

    Parameters
    ----------
    table : the rows, prepared
    owners : whose rows count: a person, or the people of a unit
    size : how many rows a page has
    number : of the page, from 1
    """
    start = (number - 1) * size
    table = shared_rows(table) if each.is_shared else table
    if table.outside is None:
        ((inside, hit),) = marked(table, [each], when)
        at = np.flatnonzero(inside & table[owner_column(each)].isin(owners).to_numpy(bool))
        ordered = at[np.argsort(~hit[at], kind="stable")]
        chosen = ordered[start : start + size]
        return Page(table, chosen, hit[chosen], start + 1 if len(chosen) else 0, len(at))
    rows = _of_owners(table, scope_of(each), when, owners).with_columns(**{_LATER: ~_met(each, when)})
    count = int(rows.select(count=nw.len()).collect("pandas").to_native()["count"].iloc[0])
    found = rows.sort(_LATER, *table.sheet.key).head(start + size).collect("pandas").to_native().iloc[start:]
    return Page(_loaded(table, found), np.arange(len(found)), ~found[_LATER].to_numpy(bool),
                start + 1 if len(found) else 0, count)  # fmt: skip


def marked(table: Table, indicators: Sequence[Indicator], when: When) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield for each indicator which rows of a table are in its scope, and which of these are hits."""
    for few in in_slices(indicators):
        asked = SharedConditions(when)
        scopes = {f"s:{each.code}": asked.meets(scope_of(each)) for each in few}
        hits = {f"h:{each.code}": asked.meets(each.hit or ALWAYS) for each in few}
        rows = asked.answered(nw.from_native(table.frame)).select(**scopes, **hits)
        for each in few:
            inside, hit = (rows[f"{part}:{each.code}"].to_numpy() for part in "sh")
            yield inside, inside & hit


def hits_first(each: Indicator) -> bool:
    """Whether hits are what to do something about: not those of a share that should be high."""
    return not (each.measure == "share" and each.direction == "higher")


def first_of_each(
    table: Table, indicators: Sequence[Indicator], when: When, owners: Sequence[str], size: int, lines: int | None
) -> tuple[Table, list[pd.DataFrame], list[pd.Series]]:
    """Return the first rows of each owner behind some indicators, fetched from rows that stay outside.

    Parameters
    ----------
    table : the sheet of the indicators, prepared
    indicators : those of this sheet
    when : what "period" means in conditions
    owners : the codes whose rows are wanted, in the owner column of the sheet
    size : how many rows of one owner and indicator are fetched at most
    lines : of a sheet that is to hold those of one indicator; any number where it is not given

    Returns
    -------
    table : every row that was fetched, once, in the order of its key
    rows : of each indicator, with ``owner``, ``at`` (the position in the table) and ``hit``, in order
    sizes : of each indicator, the number of all rows by owner
    """
    key = list(table.sheet.key)
    found, sizes = [], []
    for each in indicators:
        hit, owner = _met(each, when), owner_column(each)
        inside = _of_owners(table, scope_of(each), when, owners).with_columns(
            **{_HIT: hit, _LATER: ~hit if hits_first(each) else hit}
        )
        counts = _counts(inside, owner)
        few = _numbered(inside, owner, [_LATER, *key], cut(counts, size, lines))
        rows = few.select(owner, *key, _HIT, _LATER).collect("pandas").to_native()
        found.append(rows.rename(columns={owner: "owner"}).sort_values(["owner", _LATER, *key], ignore_index=True))
        sizes.append(counts)
    keys = pd.concat([rows[key] for rows in found], ignore_index=True).drop_duplicates()
    whole = _joined(table, keys, key).collect("pandas").to_native().sort_values(key, ignore_index=True)
    place = whole[key].assign(at=np.arange(len(whole)))
    listed = [rows.merge(place, on=key, how="left")[["owner", "at", _HIT]] for rows in found]
    return _loaded(table, whole), listed, sizes


def first_rows(
    table: Table, condition: Condition, when: When, owners: Sequence[str], by: Sequence[str], size: int,
    lines: int | None
) -> Table:  # fmt: skip
    """Return the first rows of each owner that meet a condition, fetched from rows that stay outside.

    Parameters
    ----------
    table : the sheet
    condition, when : what the rows meet, and what "period" means in it
    owners : the codes whose rows are wanted, in the owner column of the sheet
    by : codes of columns, in the order of which the first rows of an owner are found; the key decides between equals
    size : how many rows of one owner are fetched at most
    lines : of a sheet that is to hold all rows; any number where it is not given

    Returns
    -------
    Table: in the order of its key.
    """
    owner = OWNER_COLUMNS[table.sheet.code]
    inside = _of_owners(table, condition, when, owners)
    most = cut(_counts(inside, owner), size, lines)
    found = _numbered(inside, owner, [*by, *table.sheet.key], most).collect("pandas").to_native()
    return _loaded(table, found.sort_values(list(table.sheet.key), ignore_index=True))


def columns_shown(table: Table, each: Indicator, when: When | None = None) -> tuple[Column, ...]:
    """Return the columns that say why rows count: the key, the name if there is one, and what the indicator looks at.

    Parameters
    ----------
    table : the rows of the indicator's sheet
    when : the period; where it is given, what conditions look up on another sheet is shown too, from columns that
        ``cross_sheet`` has added
    """
    nodes = [node for node in (each.where, each.hit, *each.columns) if node is not None]
    looked_at = [ref.code for node in nodes for ref in columns_in(node)]
    figures = ["score", "numerator", "denominator", "actual"] if each.sheet in REPORTED else []
    if each.sheet == "ratings" and table["weight"].notna().any():
        figures.append("weight")
    names = [code for code in ("client_name", "client_id", "task_kind", "rater_id") if code in table.sheet.by_code]
    wanted = dict.fromkeys([*table.sheet.key, *names, *looked_at, *figures])
    hidden = {OWNER_COLUMNS[each.sheet], "indicator", "period"}
    filled = {code for code in table.frame if code not in table.sheet.by_code}  # by a run, such as levels of HR's own
    own = [table.column(code) for code in wanted if (table.has(code) or code in filled) and code not in hidden]
    own += [OWNER_SHARE] if each.is_shared and OWNER_SHARE.code in table.frame else []
    related = dict.fromkeys(relation for node in nodes for relation in relations_in(node)) if when else ()
    return (*own, *(_related_column(relation, when) for relation in related if when))


def calculated_from(table: Table, each: Indicator, when: When) -> list[tuple[Text, np.ndarray]]:
    """Return what each row of a table comes to where an indicator counts more than a column: a duration, a difference.

    Parameters
    ----------
    table : the rows, in memory
    each : the indicator
    when : the period, and which days are working days

    Returns
    -------
    Of each calculation its words and the n figures, NaN where a row has none.
    """
    if each.measure == "formula":
        return []
    rows, found = nw.from_native(table.frame), []
    for node in each.columns:
        if not isinstance(node, Ref):
            figures = rows.select(figure=row_figure(node, when))["figure"].to_numpy().astype(np.float64)
            words = Text(to_text(node, "zh", {column.code: column for column in table.sheet}), to_text(node, "en"))
            found.append((words, figures))
    return found


def _related_column(relation: Relation, when: When) -> Column:
    """Describe the column that holds what is looked up on another sheet, under the words of the condition."""
    code = column_of(relation, when)
    name = Text(to_text(relation, "zh", SHEETS["clients"].by_code), to_text(relation, "en"))
    match relation:
        case Lookup(Ref(of_client, kind)):
            known = SHEETS["clients"].by_code.get(of_client, Column(of_client, name, kind))
            return replace(known, code=code, name=name)
        case _:
            return Column(code, name, "number")


def cut(sizes: pd.Series, most: int, lines: int | None) -> int:
    """Return how many rows of each owner are listed at most, where the rows of all are to fit on a sheet.

    Parameters
    ----------
    sizes : by owner, the number of rows
    most : rows of one owner
    lines : of the sheet; any number where it is not given

    Examples
    --------
    >>> sizes = pd.Series({"E1": 3, "E2": 120})
    >>> cut(sizes, 200, None), cut(sizes, 200, lines=110), cut(sizes, 20, lines=110)
    (120, 100, 20)
    """
    listed = np.minimum(sizes.to_numpy(np.int64), most)
    return int(listed.max(initial=0) if lines is None else rows_shown(listed, around=0, lines=lines).max(initial=0))


def rows_shown(sizes: np.ndarray, around: int, lines: int = LINES) -> np.ndarray:
    """Return how many rows of each block are shown, so that all blocks fit on a sheet.

    Every block is cut at the same number of rows; where even the smallest number is too many, the last blocks are left
    out.

    Parameters
    ----------
    sizes : rows of each of n blocks
    around : lines that a block takes beside its rows, such as its title
    lines : of the sheet

    Examples
    --------
    >>> rows_shown(np.array([3, 120]), around=3, lines=200), rows_shown(np.array([3, 120]), around=3, lines=110)
    (array([  3, 120]), array([  3, 100]))
    """
    shown = sizes
    for most in (lines, *STEPS):
        shown = np.asarray(np.minimum(sizes, most))
        if (shown + around).sum() <= lines:
            return shown
    return np.asarray(np.where((shown + around).cumsum() <= lines, shown, 0))


def _met(each: Indicator, when: When) -> nw.Expr:
    return rows_meeting(each.hit or ALWAYS, when)


def _of_owners(table: Table, condition: Condition, when: When, owners: Sequence[str]) -> Any:
    """Return the rows that meet a condition and belong to some owners, still outside."""
    owner = OWNER_COLUMNS[table.sheet.code]
    whose = pd.DataFrame({owner: np.array(list(owners), object)}).drop_duplicates()
    return _joined(table, whose, [owner]).filter(rows_meeting(condition, when))


def _joined(table: Table, rows: pd.DataFrame, on: list[str]) -> Any:
    assert table.outside is not None
    beside = nw.from_native(table.outside.beside(rows.astype(object)))
    return nw.from_native(table.outside.frame).join(beside, on=on, how="semi")


def _counts(rows: Any, owner: str) -> pd.Series:
    counts = rows.group_by(owner).agg(rows=nw.len()).collect("pandas").to_native()
    sizes: pd.Series = counts.set_index(owner)["rows"].sort_index()
    return sizes


def _numbered(rows: Any, owner: str, by: Sequence[str], most: int) -> Any:
    """Return the first rows of each owner."""
    number = nw.col(owner).cum_count().over(owner, order_by=list(by))
    return rows.with_columns(**{_NUMBER: number}).filter(nw.col(_NUMBER) <= most)


def _loaded(table: Table, found: pd.DataFrame) -> Table:
    """Return rows that were fetched as those of a sheet."""
    columns = {column.code: typed(found[column.code].to_numpy(), column.kind) for column in table.sheet
               if column.code in found}  # fmt: skip
    lacking = {column.code: typed([None] * len(found), column.kind) for column in table.sheet
               if column.code not in found}  # fmt: skip
    frame = pd.DataFrame(columns | lacking, index=pd.RangeIndex(len(found)))
    return replace(table, frame=frame[list(table.frame)], rows=found[ROW].to_numpy(np.int64), outside=None)
