"""Rows that count for several owners: a client's, or a task's, amount shared by the days that each owned the client.

Whose a client is on a day says :func:`xlperf.scoring.clients.owner_on`; the shares count those days over the period.
"""

from __future__ import annotations

from itertools import chain
from typing import Any

import numpy as np
import pandas as pd

from xlperf.core.money import CENTS, as_money, in_cents, shares_by_weight, whole_numbers
from xlperf.core.problems import Problem, some
from xlperf.policy.conditions import When
from xlperf.policy.scheme import Scheme
from xlperf.schema import OWNER_COLUMNS
from xlperf.schema.tables import Table, Tables, empty
from xlperf.scoring.clients import last_day_of, leaving_days, owner_on, sound_spells, spells_in_service

BY_DAYS = "owners by days"  # column with the owners of each row and the days of each, as pairs
ROW, DAYS, SHARE = "shared row", "days of owner", "share of owner"  # columns of rows that were shared
ONE_DAY = pd.Timedelta(days=1)


def with_owner_shares(tables: Tables, scheme: Scheme, when: When) -> tuple[Tables, list[Problem]]:
    """Say on clients and tasks which of them were whose on how many days, where an indicator shares them.

    Parameters
    ----------
    tables : the sheets as they were read, before each row has one owner
    scheme : its indicators
    when : the period whose days count

    Returns
    -------
    tables : with a column ``BY_DAYS``, for :func:`shared_rows`
    problems : clients that were nobody's on some days, which count for nobody's share
    """
    sheets = {each.sheet for each in scheme.understood if each.is_shared}
    clients, spells, left = tables.get("clients") or empty("clients"), spells_in_service(tables), leaving_days(tables)
    problems: list[Problem] = []
    changed: dict[str, Table] = {}
    for sheet in sorted(sheets & tables.keys()):
        table = tables[sheet]
        rows = table.frame[["client_id", "owner_id"]]
        if sheet == "tasks":
            of_client = rows["client_id"].map(clients.unique("client_id")["owner_id"]).astype("str")
            rows = rows.assign(owner_id=of_client.where(of_client.notna(), rows["owner_id"]))
        turns = _turns(rows, spells, when, left)
        owned = _by_owner(turns)
        problems += _gaps(table, turns)
        lacking = owned[owned["owner_id"].isna()]
        partly = lacking[lacking["row"].isin(owned.loc[owned["owner_id"].notna(), "row"])]
        if len(partly):
            details = {"count": len(partly), "days": int(partly["days"].sum())}
            cells = table.cells("client_id", partly["row"].to_numpy())
            problems.append(Problem("owner-days-missing", table.title, cells, details))
        pairs: list[list[tuple[str | None, int]]] = [[] for _ in range(len(table))]
        for row, owner, days in zip(owned["row"], owned["owner_id"], owned["days"], strict=True):
            if owner == owner and owner is not None:
                pairs[row].append((owner, days))
        column = pd.Series([each or [(None, 1)] for each in pairs], index=table.frame.index, dtype=object)
        changed[sheet] = table.with_frame(table.frame.assign(**{BY_DAYS: column}))
    return {**tables, **changed}, problems


def owners_by_days(rows: pd.DataFrame, spells: Table, when: When) -> pd.DataFrame:
    """Count on how many days of the period each row was whose.

    Parameters
    ----------
    rows : n rows with ``client_id``, and with ``owner_id`` as the answer where no spell says otherwise
    spells : the Client owners sheet
    when : the period

    Returns
    -------
    One line for each row and owner, with ``row`` (its position), ``owner_id`` (missing where it was nobody's) and
    ``days``, in the order of rows and owners. The days of a row total those of the period.

    Examples
    --------
    >>> from datetime import date
    >>> from xlperf.schema.tables import table_of
    >>> spells = table_of("client_owners", [{"client_id": "K1", "employee_id": "E2", "start": "2026-10-16"}])
    >>> clients = pd.DataFrame({"client_id": ["K1", "K2"], "owner_id": ["E1", "E1"]})
    >>> october = When(date(2026, 10, 1), date(2026, 10, 31), date(2026, 9, 1), date(2026, 9, 30))
    >>> owners_by_days(clients, spells, october).values.tolist()
    [[0, 'E1', 15], [0, 'E2', 16], [1, 'E1', 31]]
    """
    return _by_owner(_turns(rows, spells, when, pd.Series(dtype="M8[s]", index=pd.Index([], dtype="str"))))


def _by_owner(turns: pd.DataFrame) -> pd.DataFrame:
    return turns.groupby(["row", "owner_id"], dropna=False)["days"].sum().reset_index()


def _turns(rows: pd.DataFrame, spells: Table, when: When, left: pd.Series) -> pd.DataFrame:
    """Cut the period of each row where its owner may change: owner, days, and whether a spell names that owner.

    ``left`` is the last day in service by employee; the owner on the row is none after it.
    """
    first, behind = pd.Timestamp(when.start), pd.Timestamp(when.end) + ONE_DAY
    held = sound_spells(spells)
    turns = pd.concat([held[["client_id", "start"]].rename(columns={"start": "day"}),
                       held[["client_id"]].assign(day=held["end"] + ONE_DAY)])  # fmt: skip
    place = rows[["client_id", "owner_id"]].assign(row=np.arange(len(rows)))
    gone = last_day_of(place["owner_id"], left) + ONE_DAY
    days = pd.concat([place.assign(day=first), place.assign(day=gone), place.merge(turns, on="client_id")],
                     ignore_index=True)  # fmt: skip
    days = days[(days["day"] >= first) & (days["day"] < behind)]
    days = days.drop_duplicates(["row", "day"]).sort_values(["row", "day"], ignore_index=True)
    until = days.groupby("row")["day"].shift(-1).fillna(behind)
    of_sheet = owner_on(days.assign(owner_id=pd.Series(None, index=days.index, dtype="str")), spells, days["day"])
    in_service = ~(days["day"] > last_day_of(days["owner_id"], left))
    owner = of_sheet.fillna(days["owner_id"].where(in_service))
    return days.assign(owner_id=owner, days=(until - days["day"]).dt.days, covered=of_sheet.notna())


def _gaps(table: Table, turns: pd.DataFrame) -> list[Problem]:
    """Report clients whose sheet of owners leaves days between two owners, which count for the one on the client's row.

    Before the first owner of the sheet, and after the last one has ended, the client's row itself may say who it is;
    unless it names the one who has just ended.
    """
    whose = turns["owner_id"].where(turns["covered"]).groupby(turns["row"])
    before, after = whose.ffill(), whose.bfill()
    between = ~turns["covered"] & before.notna() & (after.notna() | (turns["owner_id"] == before))
    open_days = turns[between & turns["owner_id"].notna()]
    if open_days.empty:
        return []
    clients = open_days["row"].unique()
    details = {
        "count": len(clients),
        "days": int(open_days["days"].sum()),
        "owners": some(sorted(open_days["owner_id"].unique())),
    }
    return [Problem("owner-days-in-gap", table.title, table.cells("client_id", clients), details)]


def shared_rows(table: Table) -> Table:
    """Return the rows of a sheet once for each owner, under that owner, with the share of the days.

    Parameters
    ----------
    table : clients or tasks as :func:`with_owner_shares` leaves them; without its column every row is its owner's alone

    Examples
    --------
    >>> from xlperf.schema.tables import table_of
    >>> clients = table_of("clients", {"client_id": ["K1", "K2"], "owner_id": ["E2", "E1"]})
    >>> owned = clients.with_frame(clients.frame.assign(**{BY_DAYS: [[("E1", 15), ("E2", 16)], [("E1", 31)]]}))
    >>> shared_rows(owned).frame[["client_id", "owner_id", "days of owner"]].values.tolist()
    [['K1', 'E1', 15], ['K1', 'E2', 16], ['K2', 'E1', 31]]
    """
    if BY_DAYS not in table.frame:
        alone: dict[str, Any] = {ROW: np.arange(len(table)), DAYS: 1, SHARE: 1.0}
        return table.with_frame(table.frame.assign(**alone))
    pairs = table[BY_DAYS]
    rows = np.repeat(np.arange(len(table)), pairs.map(len).to_numpy(np.intp))
    owners, days = zip(*chain.from_iterable(pairs), strict=True) if len(rows) else ((), ())
    counted = np.array(days, np.int64)
    share = counted / np.bincount(rows, weights=counted, minlength=len(table))[rows]
    spread = table.where(rows)
    whose = pd.Series(owners, dtype="str", index=spread.frame.index)
    named: dict[str, Any] = {OWNER_COLUMNS[table.sheet.code]: whose, ROW: rows, DAYS: counted, SHARE: share}
    return spread.with_frame(spread.frame.assign(**named))


def shared_out(values: np.ndarray, rows: np.ndarray, days: np.ndarray, money: bool) -> np.ndarray:
    """Divide what each row adds among its owners, by days; the parts of a row add up to it.

    Parameters
    ----------
    values : what the row adds, the same for all owners of a row
    rows : the row of each value, those of one row behind each other
    days : of each owner
    money : whether amounts of whole cents are shared in whole cents, the odd ones to the largest fractions

    Examples
    --------
    >>> values, rows, days = np.array([100.0] * 3), np.zeros(3, np.intp), np.array([1, 1, 1])
    >>> shared_out(values, rows, days, money=True).tolist()
    [33.34, 33.33, 33.33]
    """
    _, row = np.unique(rows, return_inverse=True)
    parts = np.asarray(values * days / np.bincount(row, weights=days)[row])
    cents = np.rint(values * CENTS)
    several = np.bincount(row)[row] > 1
    chosen = np.flatnonzero(several & money & np.isclose(values * CENTS, cents, rtol=0, atol=1e-6))
    if len(chosen):
        _, first, pool = np.unique(row[chosen], return_index=True, return_inverse=True)
        amounts = whole_numbers(cents[chosen][first].astype(np.int64).tolist())
        shares = shares_by_weight(whole_numbers(days[chosen].tolist()), pool, len(first))
        parts[chosen] = as_money(in_cents(amounts, shares, np.arange(len(chosen))))
    return parts
