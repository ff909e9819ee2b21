"""Who held which post for how long: one row a person and post, and the way back to one row a person.

Somebody who changes position within the period is scored once in each post, on the indicators of that post; the scores
are then weighed by the days in it. A scheme may also take the post at the end, or the one held longest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import TypeVar

import numpy as np
import pandas as pd

from xlperf.core.periods import Period
from xlperf.core.problems import Problem, some
from xlperf.policy.scheme import Indicator
from xlperf.schema.settings import Settings
from xlperf.schema.tables import Table, among
from xlperf.scoring.matrices import Matrix, Points, Scores

Either = TypeVar("Either", Points, Scores)


@dataclass(frozen=True)
class Spells:
    """The posts of n people in a period, as s rows.

    ``person`` is the position of the person, ``share`` what the post counts for among those of the same person;
    ``posts`` are the people's rows with the department and position group of the post, and ``service`` the share of the
    period in it.
    """

    person: np.ndarray
    share: np.ndarray
    posts: pd.DataFrame

    @property
    def split(self) -> bool:
        """Whether anybody held more than one post."""
        return len(self.person) > len(np.unique(self.person))


def home_posts(people: pd.DataFrame, assignments: Table, settings: Settings, period: Period) -> pd.DataFrame:
    """Return the people with the department and position group that count as theirs at the end of the period.

    Days between two of their spells, in which they held no post, are days of absence: their ``service`` is the less.
    """
    spells = _in_period(assignments, period)
    days = np.arange(np.datetime64(period.start), np.datetime64(period.end) + 1)
    between = days_without_post(pd.Index(people["employee_id"]), assignments, days).sum(axis=1)
    if settings.movers == "longest":
        chosen = spells.sort_values(["days", "start"], kind="stable")
    else:
        chosen = spells.sort_values("start", kind="stable")
    last = chosen.drop_duplicates("employee_id", keep="last").set_index("employee_id")
    moved = people.assign(service=people["service"] - between / period.days)
    for column in ("department", "group"):
        given = people["employee_id"].map(last[column])
        moved[column] = given.where(given.notna(), people[column])
    return moved


def days_without_post(ids: pd.Index, assignments: Table, days: np.ndarray) -> np.ndarray:
    """Tell on which days between their first and last spell in the period people held no post.

    Parameters
    ----------
    ids : n people
    assignments : the sheet
    days : d days of the period, in order

    Returns
    -------
    n × d booleans.

    Examples
    --------
    >>> from xlperf.schema.tables import table_of
    >>> rows = {"employee_id": ["E1", "E1"], "start": ["2026-10-01", "2026-10-04"], "end": ["2026-10-02", None]}
    >>> october = np.arange("2026-10-01", "2026-10-06", dtype="datetime64[D]")
    >>> days_without_post(pd.Index(["E1"]), table_of("assignments", rows), october).astype(int).tolist()
    [[0, 0, 1, 0, 0]]
    """
    spells = _in_period(assignments, Period("", "custom", days[0].item(), days[-1].item()))
    spells = spells[spells["employee_id"].duplicated(keep=False) & spells["employee_id"].isin(ids)]
    whole = spells.groupby("employee_id", as_index=False).agg({"first": "min", "last": "max"})
    return np.asarray(_marked(whole, ids, days) & ~_marked(spells, ids, days))


def _marked(spans: pd.DataFrame, ids: pd.Index, days: np.ndarray) -> np.ndarray:
    """Tell which days lie between the first and the last of a span of each person."""
    marked = np.zeros((len(ids), len(days)), bool)
    first, last = (spans[code].to_numpy("datetime64[D]") for code in ("first", "last"))
    for who, begin, end in zip(ids.get_indexer(pd.Index(spans["employee_id"])), first, last, strict=True):
        marked[who, (days >= begin) & (days <= end)] = True
    return marked


def spells_of(people: pd.DataFrame, assignments: Table, settings: Settings, period: Period) -> Spells:
    """Return the posts that each person is scored in, and what each counts for.

    Parameters
    ----------
    people : n rows of the roster, with ``employee_id``, ``department``, ``group`` and ``service``
    assignments : rows of the Assignments sheet; an empty ``end`` is open, and people not on the roster are left out
    settings : ``movers`` says whether several posts are scored by their days, or one post for the whole period
    period : posts count by their calendar days within it

    Returns
    -------
    Spells: one row for somebody with one post or where the scheme scores one; else one for each post, by their start.

    Examples
    --------
    >>> from xlperf.core.periods import parse_period
    >>> from xlperf.policy.schemes import load
    >>> from xlperf.schema.tables import table_of
    >>> people = pd.DataFrame({"employee_id": ["E1"], "department": ["N"], "group": ["sales"], "service": [1.0]})
    >>> starts, ends = pd.to_datetime(["2026-06-01", "2026-06-13"]), pd.to_datetime(["2026-06-12", None])
    >>> moved = {"employee_id": ["E1", "E1"], "department": ["N", "S"], "start": starts, "end": ends}
    >>> settings = replace(load("service-team").settings, movers="days")
    >>> spells = spells_of(people, table_of("assignments", moved), settings, parse_period("2026-06"))
    >>> spells.share.tolist(), spells.posts["department"].tolist()
    ([0.4, 0.6], ['N', 'S'])
    """
    own = np.arange(len(people))
    rows = _in_period(assignments, period)
    rows["person"] = pd.Index(people["employee_id"]).get_indexer(pd.Index(rows["employee_id"]))
    rows = rows[rows["person"] >= 0].sort_values(["person", "start"], kind="stable")
    several = rows["person"].duplicated(keep=False).to_numpy()
    rows = rows[several]
    if settings.movers != "days" or rows.empty:
        return Spells(own, np.ones(len(own)), people)
    settled = np.setdiff1d(own, rows["person"])
    person = np.concatenate([settled, rows["person"].to_numpy()])
    days = np.concatenate([np.ones(len(settled)), rows["days"].to_numpy(np.float64)])
    posts = people.iloc[person].reset_index(drop=True)
    for column in ("department", "group"):
        given = pd.Series([None] * len(settled) + rows[column].tolist(), dtype="str")
        posts[column] = given.where(given.notna(), posts[column])
    posts.loc[len(settled) :, "service"] = rows["days"].to_numpy(np.float64) / period.days
    for column, usual in (("first", period.start), ("last", period.end)):
        days_of_posts = [pd.Timestamp(usual)] * len(settled) + rows[column].tolist()
        posts[column] = pd.Series(days_of_posts, dtype="datetime64[s]")
    order = np.argsort(person, kind="stable")
    whole = np.bincount(person, weights=days, minlength=len(people))
    return Spells(person[order], (days / whole[person])[order], posts.iloc[order].reset_index(drop=True))


def check_assignments(people: pd.DataFrame, assignments: Table, period: Period) -> list[Problem]:
    """Report spells that overlap, end before they start or before their person leaves, and those of nobody.

    Parameters
    ----------
    people : rows of the roster, with ``employee_id`` and ``leave_date``
    assignments : the sheet
    period : only spells that reach into it overlap, or end early
    """
    rows = _in_period(assignments, period)
    rows = rows.sort_values(["employee_id", "start"], kind="stable")
    same = rows["employee_id"].eq(rows["employee_id"].shift())
    overlap = rows.loc[same & (rows["first"] <= rows["last"].shift()), "position"]
    frame = assignments.frame
    backward = np.flatnonzero(frame["end"] < frame["start"])
    unknown = np.flatnonzero(frame["employee_id"].notna() & ~among(frame["employee_id"], people["employee_id"]))
    last = rows.drop_duplicates("employee_id", keep="last")
    leaving = people.drop_duplicates("employee_id").set_index("employee_id")["leave_date"]
    there_until = leaving.reindex(last["employee_id"]).set_axis(last.index)  # a map of nobody's dates is none of dates
    there_until = there_until.where(there_until < pd.Timestamp(period.end), pd.Timestamp(period.end))
    early = last.loc[last["last"] < there_until, "position"]
    found = (
        ("spell-ends-early", "end", np.sort(early.to_numpy(np.intp))),
        ("spells-overlap", "start", np.sort(overlap.to_numpy(np.intp))),
        ("spell-backward", "end", backward),
        ("spell-of-nobody", "employee_id", unknown),
    )
    return [
        Problem(
            code,
            assignments.title,
            assignments.cells(column, where),
            {"people": some(sorted(set(frame["employee_id"].iloc[where])))},
        )
        for code, column, where in found
        if len(where)
    ]


def _in_period(assignments: Table, period: Period) -> pd.DataFrame:
    """Return the spells that reach into the period, with the days in it."""
    rows = assignments.frame.assign(position=np.arange(len(assignments))).dropna(subset=["employee_id", "start"])
    start, end = pd.Timestamp(period.start), pd.Timestamp(period.end)
    rows["first"] = rows["start"].mask(rows["start"] < start, start)
    rows["last"] = rows["end"].mask(~(rows["end"] < end), end)
    rows["days"] = (rows["last"] - rows["first"]).dt.days + 1
    return rows[rows["days"] > 0]


def merge_posts(result: Either, spells: Spells) -> Either:
    """Weigh what was found for each post into one row a person; what a post does not have is not zero in it."""
    if not spells.split:
        return result
    merged = {
        field.name: _merged(getattr(result, field.name), spells) for field in fields(result) if field.name != "full"
    }
    return replace(result, **merged)


def _merged(values: Matrix, spells: Spells) -> Matrix:
    first_posts = np.flatnonzero(np.diff(spells.person, prepend=-1))
    if values.dtype == bool:
        return np.asarray(np.logical_or.reduceat(values, first_posts, axis=0))
    share = spells.share if values.ndim == 1 else spells.share[:, None]
    there = ~np.isnan(values)
    amounts = np.add.reduceat(np.where(there, values * share, 0.0), first_posts, axis=0)
    shares = np.add.reduceat(there * share, first_posts, axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(shares > 0, amounts / shares, np.nan))


def applies_to_posts(indicators: Sequence[Indicator], posts: pd.DataFrame) -> Matrix:
    """Return which indicators belong to which post: everybody's, and those of its position group, if it is scored.

    Parameters
    ----------
    indicators : k indicators; without a group they are everybody's
    posts : s rows with ``group`` and ``scored``

    Returns
    -------
    s × k booleans.

    Examples
    --------
    >>> from xlperf.policy.schemes import load
    >>> sales = load("securities-crm").of_level("employee")
    >>> common, own = next(x for x in sales if not x.group), next(x for x in sales if x.group)
    >>> posts = pd.DataFrame({"group": [own.group, "other", own.group], "scored": [True, True, False]})
    >>> applies_to_posts([common, own], posts).tolist()
    [[True, True], [True, False], [False, False]]
    """
    group = posts["group"].fillna("").to_numpy(object)
    scored = posts["scored"].to_numpy(bool)
    columns = [scored & ((each.group == "") | (group == each.group)) for each in indicators]
    return np.column_stack(columns) if columns else np.zeros((len(posts), 0), bool)


def applies_by_person(applies: Matrix, spells: Spells) -> Matrix:
    """Return which indicators belong to each person in at least one of the posts.

    Parameters
    ----------
    applies : s × k, whether an indicator belongs to a post
    spells : the s posts of n people

    Returns
    -------
    n × k booleans.

    Examples
    --------
    >>> spells = Spells(np.array([0, 0]), np.array([0.4, 0.6]), pd.DataFrame())
    >>> applies_by_person(np.array([[True, False], [False, False]]), spells)
    array([[ True, False]])
    """
    return _merged(applies, spells) if spells.split else applies
