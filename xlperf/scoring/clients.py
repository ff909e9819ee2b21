"""Clients: their R, F and M levels and classes, who looked after them on which day, and dates that contradict them.

The levels rest on what the scheme says on its sheets of levels and classes; a level that HR typed wins. A client who
lacks a level is ``unclassified``, in both languages of a workbook, which is never a low class.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil

import narwhals as nw
import numpy as np
import pandas as pd

from xlperf.core.intervals import settled
from xlperf.core.numbers import fraction_of
from xlperf.core.problems import Problem, Text, some
from xlperf.core.spelling import similar
from xlperf.core.vocabulary import WORDS
from xlperf.policy.conditions import Operand, When, days_of, figure, kind
from xlperf.policy.scheme import Indicator, Scheme
from xlperf.policy.scheme.records import ClientLevel
from xlperf.policy.validation.client_levels import (
    AXES,
    LEVELS,
    axis_name,
    has_owner_day,
    level_name,
    levels_of,
    own_levels_of,
    owner_column,
)
from xlperf.schema.tables import Table, Tables, empty

__all__ = [
    "UNCLASSIFIED",
    "UNCLASSIFIED_NAME",
    "assign_owners",
    "check_client_dates",
    "classify_clients",
    "last_day_of",
    "leaving_days",
    "owner_column",
    "owner_columns",
    "owner_on",
    "service_groups",
    "sound_spells",
    "spells_in_service",
]

UNCLASSIFIED = "unclassified"
UNCLASSIFIED_NAME = Text("未分类", "unclassified")
BEGINNING, ENDLESS = pd.Timestamp("1700-01-01"), pd.Timestamp("9000-01-01")  # beyond any date of a sheet
TYPED = "owner typed"  # column of tasks of which some have no owner typed: the others are found by their clients
IN_ORDER = (("created_date", "opened_date"), ("opened_date", "lost_date"), ("lost_date", "won_back_date"))


# Classes -------------------------------------------------------------------------------------------------------------


def classify_clients(clients: Table, scheme: Scheme, when: When) -> tuple[Table, list[Problem]]:
    """Fill the R, F and M levels of clients, their class and their service group.

    Parameters
    ----------
    clients : the Clients sheet; levels, classes and service groups typed in it win over computed ones
    scheme : its sheets of levels (``classes``) and of classes (``client_classes``)
    when : the period; who is a client is seen at its end

    Returns
    -------
    clients : the same rows with ``r_level``, ``f_level``, ``m_level``, ``client_class`` and ``service_group``
    problems : one for each column in which typed and computed values differ, for each line of a quantile that lies
        among equal figures, and one for the existing clients who are unclassified

    Notes
    -----
    A *cut* gives the level to figures of at least the lower bound. A *quantile* gives it to clients below whom lies at
    least that share of the book: with 0.8 those who leave at least 80 % of the existing clients behind, so never more
    than the top 20 %. The book are the clients existing at the end of the period whose figure is known; clients are
    counted, and the count is compared with the exact share of their number. Equal figures have the same place and so
    the same level; the bound itself belongs to its level. Clients lost are placed against the book.

    A client without a figure has no level. Who lacks one of the three levels, or has levels that make no class, gets
    the class and the service group ``unclassified``, a code that conditions can name in either language. Prospects are
    no clients yet and have no class. Without rows on ``classes`` typed levels are used as they are, and without rows on
    ``client_classes`` no class is filled.

    Examples
    --------
    >>> from xlperf.policy.schemes import from_toml
    >>> from xlperf.schema.tables import table_of
    >>> scheme, _ = from_toml('''
    ... [[classes]]
    ... axis = "r"
    ... level = "high"
    ... column = "return_rate"
    ... mode = "cut"
    ... lower = 0.05
    ... [[classes]]
    ... axis = "r"
    ... level = "low"
    ... column = "return_rate"
    ... mode = "cut"
    ... ''')
    >>> clients = table_of("clients", {"client_id": ["K1", "K2", "K3"], "return_rate": [0.05, 0.049, None]})
    >>> october = When(date(2026, 10, 1), date(2026, 10, 31), date(2026, 9, 1), date(2026, 9, 30))
    >>> classify_clients(clients, scheme, october)[0]["r_level"].tolist()
    ['high', 'low', nan]
    """
    state = _states(clients, when)
    there, book = state != "prospect", state == "existing"
    problems: list[Problem] = []
    for axis, column in AXES.items():
        levels = [each for each in levels_of(scheme, axis) if kind(each.column) == "number"]
        if levels:
            computed, found = _levels(clients, levels, when, there, book)
            clients, differing = _typed_first(clients, column, computed)
            problems += [*found, *differing]
    for axis, own in own_levels_of(scheme).items():
        clients, unfit = _typed_levels(clients, axis, [each.level for each in own])
        problems += unfit
        if not unfit and all(kind(each.column) == "number" for each in own):
            computed, found = _levels(clients, own, when, there, book)
            clients, differing = _typed_first(clients, axis, computed)
            problems += [*found, *differing]
    if scheme.client_classes:
        clients, found = _with_classes(clients, scheme, there)
        problems += [*found, *_unclassified(clients, book)]
    return clients, problems


def _levels(
    clients: Table, levels: Sequence[ClientLevel], when: When, there: np.ndarray, book: np.ndarray
) -> tuple[pd.Series, list[Problem]]:
    """Return the level of each client on one axis: the best one reached; a missing figure leaves it open."""
    result = np.full(len(clients), None, object)
    undecided = there.copy()
    problems: list[Problem] = []
    for each in levels:
        figures = _figures(clients.frame, each.column, when)
        undecided &= ~np.isnan(figures)
        if each.mode == "quantile" and each.lower == each.lower:
            line = _Line.of(each.lower, figures[book])
            if not line.size:
                break
            reached = line.below(figures) >= line.needed
            problems += _ties(clients, each, line, figures, book & undecided)
        else:
            reached = figures >= settled(each.lower) if each.lower == each.lower else undecided
        hit = undecided & reached
        result[hit] = each.level
        undecided &= ~hit
    return pd.Series(result, dtype="str", index=clients.frame.index), problems


def _figures(frame: pd.DataFrame, column: Operand, when: When) -> np.ndarray:
    """Return what an expression comes to for each client; a quotient by nothing is no figure."""
    values = nw.from_native(frame).with_columns(figure=figure(column, when))["figure"].to_numpy().astype(np.float64)
    return np.where(np.isfinite(values), settled(np.where(np.isfinite(values), values, 0.0)), np.nan)


@dataclass(frozen=True)
class _Line:
    """A quantile of the book: its figures in order, and how many of them have to lie below."""

    figures: np.ndarray
    needed: int

    @classmethod
    def of(cls, share: float, figures: np.ndarray) -> _Line:
        known = np.sort(figures[~np.isnan(figures)])
        return cls(known, ceil(fraction_of(share) * len(known)))

    @property
    def size(self) -> int:
        return len(self.figures)

    def below(self, figures: np.ndarray) -> np.ndarray:
        return np.searchsorted(self.figures, figures, side="left")

    def up_to(self, figures: np.ndarray) -> np.ndarray:
        return np.searchsorted(self.figures, figures, side="right")


def _ties(clients: Table, level: ClientLevel, line: _Line, figures: np.ndarray, book: np.ndarray) -> list[Problem]:
    """Report the clients with equal figures among whom the line of a quantile lies: all of them stay below it."""
    across = book & (line.below(figures) < line.needed) & (line.up_to(figures) > line.needed)
    if not across.any():
        return []
    rows = np.flatnonzero(across)
    details = {
        "axis": axis_name(level.axis),
        "level": level_name(level),
        "count": len(rows),
        "figure": float(figures[rows[0]]),
    }
    return [Problem("class-ties", clients.title, clients.cells("client_id", rows), details)]


def _with_classes(clients: Table, scheme: Scheme, there: np.ndarray) -> tuple[Table, list[Problem]]:
    """Fill class and service group; the group is that of the class that counts, the typed one if there is one."""
    classes = sorted(scheme.client_classes, key=lambda each: each.code)
    code_of = np.full([len(levels) + 1 for levels in LEVELS.values()], UNCLASSIFIED, object)  # the last: no level
    for each in reversed(classes):
        place = tuple(_position(LEVELS[axis], level) for axis, level in zip(AXES, each.levels, strict=True))
        if -1 not in place:
            code_of[place] = each.code
    held = (pd.Index(LEVELS[axis]).get_indexer(pd.Index(clients[column])) for axis, column in AXES.items())
    computed = pd.Series(code_of[tuple(held)], dtype="str", index=clients.frame.index).where(there)
    clients, problems = _typed_first(clients, "client_class", computed)
    groups = {each.code: each.service_group.zh for each in classes} | {UNCLASSIFIED: UNCLASSIFIED}
    clients, found = _typed_first(clients, "service_group", clients["client_class"].map(groups).astype("str"))
    return clients, [*problems, *found]


def _position(levels: Sequence[str], level: str) -> int:
    return levels.index(level) if level in levels else -1


def _typed_first(clients: Table, column: str, computed: pd.Series) -> tuple[Table, list[Problem]]:
    """Fill the empty cells of a column; what is typed there stays, and is reported where it differs."""
    typed = clients[column]
    filled = clients.with_frame(clients.frame.assign(**{column: typed.where(typed.notna(), computed)}))
    computes = computed.notna() & (computed != UNCLASSIFIED)
    differing = np.flatnonzero(typed.notna() & computes & (typed != computed))
    if not len(differing):
        return filled, []
    details = {"column": clients.column(column).name, "count": len(differing)}
    return filled, [Problem("class-typed", clients.title, clients.cells(column, differing), details)]


def _typed_levels(clients: Table, axis: str, levels: Sequence[str]) -> tuple[Table, list[Problem]]:
    """Return the clients with a column for levels of HR's own, and report what is typed there and is none of them."""
    if axis not in clients.frame or clients[axis].isna().all():
        blank = pd.Series(None, index=clients.frame.index, dtype="str")
        return clients.with_frame(clients.frame.assign(**{axis: blank})), []
    if clients.column(axis).kind != "text":
        cells = clients.cells(axis, np.flatnonzero(clients[axis].notna()))
        return clients, [Problem("own-axis-figures", clients.title, cells, {"axis": axis})]
    unknown = clients[axis].dropna()
    unknown = unknown[~unknown.isin(levels)]
    return clients, [
        Problem("own-level-unknown", clients.title, clients.cells(axis, np.flatnonzero(clients[axis] == word)),
                {"axis": axis, "cell": word, "allowed": list(levels), "near": similar(word, levels)})
        for word in unknown.unique().tolist()
    ]  # fmt: skip


def _unclassified(clients: Table, book: np.ndarray) -> list[Problem]:
    """Report the existing clients without a class."""
    rows = np.flatnonzero(book & clients["client_class"].eq(UNCLASSIFIED).to_numpy(bool))
    if not len(rows):
        return []
    lacking = [clients.sheet[column].name for column in AXES.values() if clients[column].iloc[rows].isna().any()]
    details = {"count": len(rows), "columns": lacking or [clients.sheet["client_class"].name]}
    return [Problem("clients-unclassified", clients.title, clients.cells("client_id", rows), details)]


def service_groups(scheme: Scheme) -> dict[str, Text]:
    """Return the service groups by what stands in the column, with their names, the unclassified last."""
    return {each.service_group.zh: each.service_group for each in scheme.client_classes} | {
        UNCLASSIFIED: UNCLASSIFIED_NAME
    }


# Lives of clients ----------------------------------------------------------------------------------------------------


def _states(clients: Table, when: When) -> np.ndarray:
    """Tell who is prospect, existing or lost at the end of the period: by dates, else by the status that is typed."""
    frame = clients.frame
    dated = frame["opened_date"].notna() | frame["lost_date"].notna()
    otherwise = frame["client_status"].fillna("prospect" if clients.has("opened_date") else "existing")
    return np.where(dated, _states_by_dates(frame, pd.Timestamp(when.end)), otherwise)


def _states_by_dates(frame: pd.DataFrame, end: pd.Timestamp) -> np.ndarray:
    over = end + pd.Timedelta(days=1)
    back = (frame["won_back_date"] < over) & (frame["won_back_date"] >= frame["lost_date"])
    lost = (frame["lost_date"] < over) & ~back
    return np.where(lost, "lost", np.where(frame["opened_date"] < over, "existing", "prospect"))


def check_client_dates(clients: Table, when: When) -> list[Problem]:
    """Report clients whose status contradicts their dates, and dates that stand in an impossible order.

    The status may be the one at the end of the period or the one when the sheet was written: it contradicts the dates
    where it agrees with neither.
    """
    problems: list[Problem] = []
    frame = clients.frame
    if clients.has("client_status") and clients.has("opened_date"):
        status = frame["client_status"].to_numpy(object)
        by_dates, at_end = (_states_by_dates(frame, day) for day in (ENDLESS, pd.Timestamp(when.end)))
        differs = (status != by_dates) & (status != at_end) & ~pd.isna(status)
        words = WORDS["client_status"]
        for typed in words:
            for dated in words:
                rows = np.flatnonzero(differs & (status == typed) & (by_dates == dated))
                if len(rows):
                    details = {"status": words[typed], "dated": words[dated], "count": len(rows)}
                    cells = clients.cells("client_status", rows)
                    problems.append(Problem("client-status", clients.title, cells, details))
    for earlier, later in IN_ORDER:
        rows = np.flatnonzero(frame[later].dt.floor("D") < frame[earlier].dt.floor("D"))
        if len(rows):
            names = {"earlier": clients.column(earlier).name, "later": clients.column(later).name}
            cells = clients.cells(later, rows)
            problems.append(Problem("client-dates", clients.title, cells, {"count": len(rows), **names}))
    return problems


# Owners --------------------------------------------------------------------------------------------------------------


def assign_owners(tables: Tables, scheme: Scheme, when: When) -> tuple[Tables, list[Problem]]:
    """Say whose each client and task is on the day that counts, and report what is doubtful about it.

    The columns are those of :func:`owner_columns`. Call it once, with the sheets as they were read.
    """
    return owner_columns(tables, scheme.indicators, when), [*_doubtful(tables), *_beyond_leaving(tables, when)]


def owner_on(rows: pd.DataFrame, spells: Table, day: pd.Series | date) -> pd.Series:
    """Return who owns each client on a day, or each on a day of its own.

    Parameters
    ----------
    rows : n rows with ``client_id``, and with ``owner_id`` as the answer where no spell says otherwise
    spells : the Client owners sheet; start and end belong to a spell, an empty end is open
    day : one day, or a column of n days; without a day no spell counts

    Examples
    --------
    >>> from xlperf.schema.tables import table_of
    >>> spells = table_of("client_owners", [{"client_id": "K1", "employee_id": "E2", "start": "2026-10-16"}])
    >>> clients = pd.DataFrame({"client_id": ["K1", "K2"], "owner_id": ["E1", "E1"]})
    >>> owner_on(clients, spells, date(2026, 10, 16)).tolist(), owner_on(clients, spells, date(2026, 10, 15)).tolist()
    (['E2', 'E1'], ['E1', 'E1'])
    """
    days = day if isinstance(day, pd.Series) else pd.Series(pd.Timestamp(day), index=rows.index)
    asked = pd.DataFrame(
        {
            "client_id": rows["client_id"].astype("str").fillna("").array,
            "day": days.dt.floor("D").fillna(BEGINNING).to_numpy("M8[s]"),
            "row": np.arange(len(rows)),
        }
    ).sort_values("day", kind="stable")
    found = pd.merge_asof(asked, sound_spells(spells), left_on="day", right_on="start", by="client_id").sort_values(
        "row"
    )
    holds = found["employee_id"].notna() & ~(found["end"] < found["day"])
    return rows["owner_id"].mask(holds.to_numpy(bool), pd.Series(found["employee_id"].to_numpy(), index=rows.index))


def sound_spells(spells: Table) -> pd.DataFrame:
    """Return the spells of ownership that can hold, by their start.

    Parameters
    ----------
    spells : the Client owners sheet; a spell without client, owner or start, or that ends before it starts, is left out
    """
    columns = ["client_id", "employee_id", "start", "end"]
    frame = spells.frame[columns].dropna(subset=columns[:3])
    frame = frame.assign(start=frame["start"].dt.floor("D"), end=frame["end"].dt.floor("D"))
    frame = frame[~(frame["end"] < frame["start"])]
    return frame.sort_values(["start", "end", "employee_id"], kind="stable", ignore_index=True)


def leaving_days(tables: Tables) -> pd.Series:
    """Return the last day in service by employee ID, of those who have one."""
    employees = tables.get("employees") or empty("employees")
    days: pd.Series = employees.unique("employee_id")["leave_date"].dropna().dt.floor("D")
    return days


def last_day_of(owners: pd.Series, left: pd.Series) -> pd.Series:
    """Return the last day in service of each of n owners, NaT of those who have not left.

    Parameters
    ----------
    owners : employee IDs
    left : as :func:`leaving_days` returns them
    """
    return pd.Series(left.reindex(pd.Index(owners)).to_numpy("M8[s]"), index=owners.index)


def spells_in_service(tables: Tables) -> Table:
    """Return the Client owners sheet with spells that end with their owner's last day in service, if not before."""
    spells = tables.get("client_owners") or empty("client_owners")
    last = last_day_of(spells["employee_id"], leaving_days(tables))
    end = spells["end"].mask(last.notna() & ~(spells["end"] <= last), last)
    return spells.with_frame(spells.frame.assign(end=end))


def owner_columns(tables: Tables, indicators: Sequence[Indicator], when: When) -> Tables:
    """Add the columns that :func:`owner_column` names.

    On Clients, ``owner_id`` becomes the owner at the end of the period. The others are the owner on the indicator's own
    day, such as ``lost_date``; a client without that day is again the owner's at the end of the period. A task is
    counted for who owned its client on the day that the indicator asks for; a task without a client, or without that
    day, for its own owner. Where the indicator asks for no day it is its own owner's too: a task that was handed over
    is the new owner's. Where none is typed it is the client's on the due date.
    """
    clients, tasks = (tables.get(sheet) or empty(sheet) for sheet in ("clients", "tasks"))
    spells = spells_in_service(tables)
    of_clients, of_tasks = _with_days(indicators, "clients"), _with_days(indicators, "tasks")
    changed: dict[str, Table] = {}
    if "clients" in tables or of_clients:
        changed["clients"] = _owners_of_clients(clients, spells, of_clients, when)
    if of_tasks or ("tasks" in tables and len(spells)):
        changed["tasks"] = _owners_of_tasks(tasks, clients, spells, of_tasks, when)
    return {**tables, **changed}


def _owners_of_clients(clients: Table, spells: Table, indicators: Sequence[Indicator], when: When) -> Table:
    at_end = owner_on(clients.frame, spells, when.end)
    columns = {"owner_id": at_end}
    for each in indicators:
        days = _days(clients.frame, each, when)
        columns[owner_column(each)] = owner_on(clients.frame, spells, days).where(days.notna(), at_end)
    return clients.with_frame(clients.frame.assign(**columns))


def _owners_of_tasks(tasks: Table, clients: Table, spells: Table, indicators: Sequence[Indicator], when: When) -> Table:
    own = tasks["owner_id"]
    of_client = tasks["client_id"].map(clients.unique("client_id")["owner_id"]).astype("str")
    rows = tasks.frame.assign(owner_id=of_client.where(of_client.notna(), own))
    columns = {"owner_id": own.where(own.notna(), owner_on(rows, spells, tasks["due_date"]))}
    if own.isna().any():
        columns[TYPED] = own.notna()
    for each in indicators:
        days = _days(tasks.frame, each, when)
        columns[owner_column(each)] = owner_on(rows, spells, days).where(days.notna(), own)
    return tasks.with_frame(tasks.frame.assign(**columns))


def _with_days(indicators: Sequence[Indicator], sheet: str) -> list[Indicator]:
    """Return one indicator for each day that those of a sheet ask for."""
    return list(
        {owner_column(each): each for each in indicators if each.sheet == sheet and has_owner_day(each)}.values()
    )


def _days(frame: pd.DataFrame, each: Indicator, when: When) -> pd.Series:
    assert each.owner_at is not None
    return pd.Series(days_of(each.owner_at, frame, when).astype("M8[s]"), index=frame.index)


def _doubtful(tables: Tables) -> list[Problem]:
    """Report spells that lie over each other or end before they start, and clients and employees not listed."""
    table = tables.get("client_owners")
    if table is None:
        return []
    frame = table.frame
    in_service = spells_in_service(tables).frame
    rows = in_service.assign(position=np.arange(len(table))).dropna(subset=["client_id", "start"])
    rows = rows[~(rows["end"] < rows["start"])].sort_values(["client_id", "start", "end"], kind="stable")
    until = rows["end"].fillna(ENDLESS).groupby(rows["client_id"]).cummax()
    same = rows["client_id"].eq(rows["client_id"].shift())
    overlap = np.sort(rows.loc[same & (rows["start"] <= until.shift()), "position"].to_numpy(np.intp))
    backward = np.flatnonzero(frame["end"] < frame["start"])
    found = [("owners-overlap", "start", "client_id", overlap), ("owner-spell-backward", "end", "client_id", backward)]
    for code, sheet, column in (
        ("owner-client-unknown", "clients", "client_id"),
        ("owner-unknown", "employees", "employee_id"),
    ):
        if sheet in tables:
            unknown = np.flatnonzero(frame[column].notna() & ~frame[column].isin(tables[sheet][column]))
            found.append((code, column, column, unknown))
    return [
        Problem(code, table.title, table.cells(column, where), {"named": _named(frame[names].iloc[where], names)})
        for code, column, names, where in found
        if len(where)
    ]


def _beyond_leaving(tables: Tables, when: When) -> list[Problem]:
    """Report spells that run on after their owner has left: those days count for the next owner, or for nobody."""
    table = tables.get("client_owners")
    if table is None:
        return []
    given, in_service = table.frame, spells_in_service(tables).frame
    shortened = in_service["end"].notna() & (in_service["end"] != given["end"]) & (in_service["end"] < str(when.end))
    rows = np.flatnonzero(shortened & given["client_id"].notna())
    if not len(rows):
        return []
    details = {"count": len(rows), "people": some(sorted(set(given["employee_id"].iloc[rows])))}
    return [Problem("owner-left", table.title, table.cells("end", rows), details)]


def _named(ids: pd.Series, column: str) -> Text:
    named = some(sorted(set(ids.dropna())))
    return named if column == "employee_id" else Text(named.zh.replace(" 人", " 户"), named.en)
