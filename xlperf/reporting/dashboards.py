"""What the views show: the figures of every level, who stands below whom, and the rows behind each figure.

The company leads to its units, a unit to the units and people below it, and a person to the client and task rows that
the figure was made of. Everything here is plain frames; ``workbook.write.dashboards`` draws them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from xlperf.analysis.row_pages import LINES, columns_shown, first_of_each, first_rows, hits_first, marked
from xlperf.core.periods import Period, Periods
from xlperf.core.problems import Lang, Text
from xlperf.core.vocabulary import STATES, WORDS, unit_name
from xlperf.policy.conditions import Scope, read
from xlperf.policy.scheme import Indicator
from xlperf.policy.validation.client_levels import owner_column
from xlperf.schema import SHEETS, Column
from xlperf.schema.tables import Table, typed
from xlperf.scoring.matrices import Facts, Matrix, Points
from xlperf.scoring.owner_shares import shared_rows
from xlperf.scoring.period_rows import prepared
from xlperf.scoring.points import targets_met
from xlperf.scoring.stages import Appraisal, Completed, Gathered, Ranked
from xlperf.scoring.unit_scores import UnitResults
from xlperf.scoring.units import COMPANY, MEASURED, Units, whole_targets

ARROWS = {"higher": "↑", "lower": "↓", "range": "◎"}
YES, NO = "✓", "✗"
TRENDS = ("▼", "=", "▲")
VIEWS = ("company", "department", "employee", "by_unit", "by_person", "behind", "task_list", "figures")  # their sheets
UNIT_LEVELS = ("company", "department", "team")  # from the widest down
FIGURES_KEPT = 100_000  # rows on the Figures sheet; the oldest periods go first
CLOSED = ("done", "cancelled")

_TO_DO = read(
    "due_date in period or due_date < period start and done_date is empty and status <> done and status <> cancelled",
    Scope.of_sheet("tasks"),
)
_ITSELF = Text("（本单位填报）", " (the unit itself)")


@dataclass(frozen=True)
class Behind:
    """The rows behind one indicator.

    ``rows`` has ``owner``, ``at`` (the position in the table) and ``hit``, owner by owner, first what to do something
    about, and of each owner no more than the settings list; ``sizes`` are the numbers of all rows by owner. ``columns``
    of the table say what the indicator looks at.
    """

    indicator: Indicator
    table: Table
    columns: tuple[Column, ...]
    rows: pd.DataFrame
    sizes: pd.Series

    def cut(self) -> list[tuple[str, int, int]]:
        """Return the owners not all of whose rows are listed, with how many are and how many there are."""
        listed = self.rows.groupby("owner").size()
        both = pd.DataFrame({"listed": listed, "size": self.sizes.reindex(listed.index)})
        return [*both[both["size"] > both["listed"]].itertuples(name=None)]


@dataclass(frozen=True)
class Views:
    """What the views of one period show, in one language.

    ``figures`` are the rows of the Figures sheet of this period. ``heads`` are the units that have somebody below them
    for an indicator, ``lists`` who: ascending, those without a figure last; ``block`` is the row of ``heads`` that a
    row of ``lists`` belongs to. ``tasks`` are the rows of the Task list, ``task_cells`` where they stand on the sheet
    called ``task_title``; ``tasks_cut`` tells that not all of them were fetched. ``names`` are those of people and
    units, by code.
    """

    period: Period
    calendar: Periods
    figures: pd.DataFrame
    heads: pd.DataFrame
    lists: pd.DataFrame
    behind: tuple[Behind, ...]
    tasks: pd.DataFrame
    task_cells: list[str]
    task_title: str
    tasks_cut: bool
    names: Mapping[str, str]


def views_of(appraisal: Appraisal, lang: Lang) -> Views | None:
    """Return what the views show; None where no unit is appraised, or nobody is."""
    if not isinstance(appraisal, Completed) or not appraisal.of_units:
        return None
    figures = figure_rows(appraisal, lang)
    if figures.empty:
        return None
    heads, lists = list_rows(appraisal, lang)
    table, tasks = task_list(appraisal, lang, LINES)
    task_cells = [f"{table.letters.get('task_id', 'A')}{row}" for row in table.rows[tasks.pop("at").to_numpy()]]
    behind, names = rows_behind(appraisal, LINES), names_of(appraisal, lang)
    drawn = (heads, lists, behind, tasks, task_cells, table.title, appraisal.table("tasks").outside is not None)
    return Views(appraisal.period, appraisal.calendar, figures, *drawn, names)


def names_of(appraisal: Gathered, lang: Lang) -> dict[str, str]:
    """Return the names of people, and of units as rows may call them, by code; a code where there is no name."""
    people, units = appraisal.people.frame, appraisal.units
    names = dict(zip(units.frame["unit"], (name(lang) for name in units.frame["unit_name"]), strict=True))
    names |= dict.fromkeys(COMPANY, COMPANY(lang))
    return names | dict(zip(people["employee_id"], people["name"].fillna(people["employee_id"]), strict=True))


# Figures ----------------------------------------------------------------------------------------------------------


def figure_rows(appraisal: Ranked, lang: Lang) -> pd.DataFrame:
    """One row for every unit or person and indicator of this period, from the company down."""
    frames = []
    for each in sorted(appraisal.of_units, key=lambda one: UNIT_LEVELS.index(one.level)):
        names = [name(lang) for name in each.units.frame["unit_name"]]
        codes = each.units.frame["unit"].tolist()
        frames.append(
            _figures(appraisal, each.level, codes, names, each.applies, each.facts, _points_shown(each), lang)
        )
    people = appraisal.people.frame
    names, codes = people["name"].fillna("").tolist(), people["employee_id"].tolist()
    of_people = (appraisal.applies, appraisal.facts, appraisal.points)
    frames.append(_figures(appraisal, "employee", codes, names, *of_people, lang))
    return pd.concat(frames, ignore_index=True)


def _figures(
    appraisal: Ranked,
    level: str,
    codes: list[str],
    names: list[str],
    applies: Matrix,
    facts: Facts,
    points: Points,
    lang: Lang,
) -> pd.DataFrame:
    who, which = np.nonzero(applies)
    indicators = facts.indicators
    dimensions = {each.code: each.name(lang) for each in appraisal.scheme.dimensions}
    states = np.where(points.unscorable, STATES.index("no_score"), facts.state)
    met = targets_met(points, facts.actual, applies, indicators)

    def of(values: Sequence[str]) -> np.ndarray:
        return np.array(values, object)[which]

    return pd.DataFrame(
        {
            "period": appraisal.period.code,
            "level": level,
            "unit": np.array(codes, object)[who],
            "unit_name": np.array(names, object)[who],
            "dimension": of([dimensions.get(each.dimension, each.dimension) for each in indicators]),
            "indicator": of([each.code for each in indicators]),
            "indicator_name": of([each.name(lang) for each in indicators]),
            "direction": of([ARROWS.get(each.direction, "") for each in indicators]),
            "actual": facts.actual[who, which],
            "target": points.targets[who, which],
            "met": _marks(met[who, which]),
            "points": points.points[who, which],
            "figure_unit": of([unit_name(each.unit)(lang) for each in indicators]),
            "fact_status": np.array(STATES, object)[states[who, which]],
        }
    )


def _points_shown(level: UnitResults) -> Points:
    """Return the points of units with their targets as they are shown, by which they are met or not."""
    counts = np.array([each.is_whole for each in level.indicators], bool)
    return replace(level.points, targets=whole_targets(level.points.targets, counts))


def _marks(met: np.ndarray) -> np.ndarray:
    return np.select([met == 1, met == 0], [YES, NO], "").astype(object)


def with_earlier(now: pd.DataFrame, earlier: pd.DataFrame, calendar: Periods) -> pd.DataFrame:
    """Put the figures of earlier runs before those of this one, and compare each with its previous period.

    Parameters
    ----------
    now : the rows of one period
    earlier : rows of the Figures sheet as it was; those of the same period are replaced
    calendar : tells which period comes before which

    Returns
    -------
    DataFrame
        The rows of the Figures sheet: periods in order of time, with ``previous``, ``trend`` and the keys that the
        views look up. Only the newest periods that fit into ``FIGURES_KEPT`` rows are kept.

    Examples
    --------
    >>> row = {"level": "company", "unit": "company", "indicator": "churn", "period": "2026-09", "actual": 0.04}
    >>> now = pd.DataFrame([row | {"period": "2026-10", "actual": 0.05}])
    >>> with_earlier(now, pd.DataFrame([row]), Periods())[["period", "actual", "previous", "trend"]].values.tolist()
    [['2026-09', 0.04, nan, ''], ['2026-10', 0.05, 0.04, '▲']]
    """
    kept = earlier[~earlier["period"].isin(now["period"])] if len(earlier) else now.iloc[:0]
    every = pd.concat([_in_words_of(now, kept), now], ignore_index=True) if len(kept) else now
    found = {code: calendar.find(code) for code in every["period"].unique()}
    periods = {code: period for code, period in found.items() if period is not None}
    before = {code: calendar.previous(period) for code, period in periods.items()}
    every = _compared(_newest(every, periods), {code: period.code for code, period in before.items() if period})
    return every[[column.code for column in SHEETS["figures"] if column.code in every]]


def _newest(every: pd.DataFrame, periods: Mapping[str, Period]) -> pd.DataFrame:
    """Put the periods in order of time, and keep as many of the newest as there is room for."""
    ordered = sorted(periods, key=lambda code: (periods[code].start, code))
    sizes = every["period"].value_counts()[ordered[::-1]].cumsum()
    kept = {ordered[-1], *sizes.index[sizes <= FIGURES_KEPT]}
    order = {code: place for place, code in enumerate(ordered) if code in kept}
    every = every[every["period"].isin(order)]
    return every.sort_values("period", key=lambda codes: codes.map(order), kind="stable")


def _compared(every: pd.DataFrame, before: Mapping[str, str]) -> pd.DataFrame:
    """Add the figure of the period before, the trend since, and the keys that the views look up."""
    whose = every["level"] + "|" + every["unit"]
    what = whose + "|" + every["indicator"] + "|"
    every = every.assign(
        key=what + every["period"],
        group=whose + "|" + every["period"],
        key_before=what + every["period"].map(before).fillna(""),
    ).drop_duplicates("key", keep="last")
    previous = every.set_index("key")["actual"].reindex(every["key_before"]).to_numpy(np.float64)
    change = np.sign(np.round(every["actual"].to_numpy(np.float64) - previous, 8))
    trend = np.select([change == step for step in (-1, 0, 1)], TRENDS, "").astype(object)
    return every.assign(previous=previous, trend=trend).reset_index(drop=True)


def _in_words_of(now: pd.DataFrame, kept: pd.DataFrame) -> pd.DataFrame:
    """Say earlier rows in the words of this run: it may be in another language, or something was renamed."""
    changed: dict[str, pd.Series] = {}
    for column, by in (("dimension", "indicator"), ("indicator_name", "indicator"), ("figure_unit", "indicator"),
                       ("unit_name", "unit")):  # fmt: skip
        if column in now and column in kept:
            names = now.drop_duplicates(by).set_index(by)[column]
            changed[column] = kept[by].map(names).fillna(kept[column])
    return kept.assign(**changed)


# Who stands below whom --------------------------------------------------------------------------------------------


def list_rows(appraisal: Ranked, lang: Lang) -> tuple[pd.DataFrame, pd.DataFrame]:
    """List, for each indicator and each unit, the units and people below it.

    Returns
    -------
    heads : one row an indicator and unit that has somebody below; ``holder`` is the position of the unit
    lists : who is below: ascending by value, equal ones by code, those without a figure last
    """
    of_levels: dict[tuple[str, ...], list[tuple[np.ndarray, ...]]] = {}
    heads, lists, seen = [], [], _Seen(appraisal, lang)
    indicators = _of_units(appraisal)
    for order, each in enumerate(indicators):
        levels = tuple(level for level in UNIT_LEVELS if level in each.levels)
        if levels not in of_levels:
            of_levels[levels] = [np.nonzero(each) for each in below(appraisal.units, levels)]
        (holder, who), (above, whose) = of_levels[levels]
        units, owners = seen.units(each), seen.owners(each)
        has, adds = units["shown"].to_numpy(bool), owners["shown"].to_numpy(bool)
        of_unit, of_owner = has[holder] & has[who], has[above] & adds[whose]
        lower = units.iloc[who[of_unit]].assign(holder=holder[of_unit])
        rows = pd.concat([lower, owners.iloc[whose[of_owner]].assign(holder=above[of_owner])])
        lists.append(rows.assign(order=order))
        heads.append(units.assign(holder=units.index, order=order)[units.index.isin(rows["holder"])])
    rows = _about(_in_order(lists, ["order", "holder", "actual", "code"]), indicators, lang)
    rows = rows.assign(block=rows.groupby(["order", "holder"]).ngroup())
    place = rows.groupby("block").cumcount() + 1
    rows = rows.assign(place=place.where(rows["actual"].notna()))
    places = ["order", "holder"]
    return _about(_in_order(heads, places), indicators, lang).drop(columns=places), rows.drop(columns=places)


def _about(rows: pd.DataFrame, indicators: Sequence[Indicator], lang: Lang) -> pd.DataFrame:
    """Say of each row what its indicator is called, by its place in the order."""
    of_row = rows["order"].to_numpy(np.intp)
    told = {
        "indicator": [each.code for each in indicators],
        "indicator_name": [each.name(lang) for each in indicators],
        "direction": [ARROWS.get(each.direction, "") for each in indicators],
        "figure_unit": [unit_name(each.unit)(lang) for each in indicators],
    }
    return rows.drop(columns="shown").assign(**{name: np.array(words, object)[of_row] for name, words in told.items()})


def _of_units(appraisal: Ranked) -> list[Indicator]:
    """Return the indicators that some level above the employee has, in the order of the scheme."""
    codes = {each.code for level in appraisal.of_units for each in level.indicators}
    return [each for each in appraisal.scheme.indicators if each.code in codes]


def _in_order(frames: list[pd.DataFrame], by: list[str]) -> pd.DataFrame:
    return pd.concat(frames).sort_values(by, na_position="last", kind="stable").reset_index(drop=True)


def below(units: Units, levels: Sequence[str]) -> tuple[Matrix, Matrix]:
    """Tell who stands directly below each unit, looking at the units of some levels only.

    A unit is below another whose people include all of its own and more; of units with the same people only the widest
    is listed, since the others would repeat its figures.

    Returns
    -------
    child : u × u, which unit is directly below which
    direct : u × owners, which people (and names that rows give to units) are in a unit and in none below it
    """
    chosen = units.frame["level"].isin(levels).to_numpy(bool)
    size = units.member.sum(axis=1)
    holds = (_shared(units) == size) & chosen & chosen[:, None]
    wider = holds & (size[:, None] > size)
    names = units.inside.sum(axis=1)
    rank = np.argsort(np.lexsort((np.arange(len(units)), -names)))
    same = holds & holds.T
    widest = rank == np.where(same, rank, len(units)).min(axis=1, initial=len(units))
    listed = wider & widest
    between = (wider.astype(np.float32) @ listed.astype(np.float32)) > 0
    child = listed & ~between
    everything = np.concatenate([units.member, units.inside], axis=1)
    lower = np.zeros_like(everything)
    for holder, unit in zip(*np.nonzero(child), strict=True):
        lower[holder] |= everything[unit]
    return child, everything & ~lower & chosen[:, None]


def _shared(units: Units) -> np.ndarray:
    """Count the people that two units have in common (u × u)."""
    unit, who = units.pairs
    belongs = pd.DataFrame({"unit": unit, "who": who})
    both = belongs.merge(belongs, on="who", suffixes=("", "_other"))
    size = len(units)
    return np.bincount(both["unit"] * size + both["unit_other"], minlength=size * size).reshape(size, size)


class _Seen:
    """The figures of the units, and of people and rows that name a unit, indicator by indicator."""

    def __init__(self, appraisal: Ranked, lang: Lang) -> None:
        self.appraisal = appraisal
        units, people, names = appraisal.units.frame, appraisal.people.frame, appraisal.units.names
        called = names_of(appraisal, lang)
        words = [*(called[code] for code in people["employee_id"]), *(called[name] + _ITSELF(lang) for name in names)]
        levels = ["employee"] * len(people) + ["own"] * len(names)
        self._units = _named(units["level"], units["unit"], [name(lang) for name in units["unit_name"]])
        self._owners = _named(levels, [*people["employee_id"], *names], words)
        shown = [(level, _points_shown(level)) for level in appraisal.of_units]
        self._of_levels = [
            (level, points.targets, targets_met(points, level.facts.actual, level.applies, level.indicators))
            for level, points in shown
        ]
        self._met = targets_met(appraisal.points, appraisal.facts.actual, appraisal.applies, appraisal.indicators)

    def units(self, each: Indicator) -> pd.DataFrame:
        """Return the figures of all units on one indicator."""
        seen = _nothing_seen(len(self._units))
        for level, targets, met in self._of_levels:
            if each in level.indicators:
                k = level.facts.column(each.code)
                at = np.flatnonzero(self.appraisal.units.frame["level"] == level.level)
                _fill(seen, at, level.facts, k, targets[:, k], met[:, k], level.applies[:, k])
        return self._units.assign(**seen)

    def owners(self, each: Indicator) -> pd.DataFrame:
        """Return the figures of people, and of rows that name a unit, on one indicator."""
        appraisal, size = self.appraisal, len(self._owners)
        seen, n = _nothing_seen(size), len(appraisal.people.frame)
        applies, targets, met = np.zeros(size, bool), np.full(size, np.nan), np.full(size, np.nan)
        if each in appraisal.indicators:
            k = appraisal.facts.column(each.code)
            applies[:n], targets[:n], met[:n] = appraisal.applies[:, k], appraisal.points.targets[:, k], self._met[:, k]
        facts = appraisal.measured
        _fill(seen, np.arange(size), facts, facts.column(each.code), targets, met, applies)
        return self._owners.assign(**seen)


def _named(level: Sequence[str] | pd.Series, code: Sequence[str] | pd.Series, name: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame({"level": list(level), "code": list(code), "name": list(name)})


def _nothing_seen(size: int) -> dict[str, np.ndarray]:
    blank = {code: np.full(size, np.nan) for code in ("numerator", "denominator", "actual", "target")}
    return {**blank, "met": np.full(size, "", dtype=object), "shown": np.zeros(size, dtype=bool)}


def _fill(
    seen: dict[str, np.ndarray],
    at: np.ndarray,
    facts: Facts,
    k: int,
    targets: np.ndarray,
    met: np.ndarray,
    applies: np.ndarray,
) -> None:
    """Enter figures; shown is whose indicator it is, and who else adds to what stands above."""
    denominator, actual = facts.denominator[:, k], facts.actual[:, k]
    adds = (facts.state[:, k] == MEASURED) & (~np.isnan(denominator) | (np.nan_to_num(actual) != 0))
    columns = {"numerator": facts.numerator[:, k], "denominator": denominator, "actual": actual, "target": targets,
               "met": _marks(met), "shown": applies | adds}  # fmt: skip
    for code, figures in columns.items():
        seen[code][at] = figures


# The rows behind --------------------------------------------------------------------------------------------------


def rows_behind(appraisal: Gathered, lines: int | None = None) -> tuple[Behind, ...]:
    """Return the rows of clients, tasks, checks and actuals behind every indicator; never ratings, which have names.

    Of rows that stay outside no more are fetched than ``lines`` of a sheet can hold, where that is given.
    """
    every = [each for each in appraisal.scheme.indicators if each.sheet != "ratings"]
    owners = [*appraisal.people.ids, *appraisal.units.names]
    size, found = appraisal.scheme.settings.rows_listed, dict[str, Behind]()
    for sheet, shared in dict.fromkeys((each.sheet, each.is_shared) for each in every):
        mine = [each for each in every if (each.sheet, each.is_shared) == (sheet, shared)]
        table = appraisal.table(sheet)
        table, _ = prepared(table, appraisal.scheme.indicators, appraisal.when, appraisal.calendar)
        table = shared_rows(table) if shared else table
        if table.outside is None:
            columns = dict.fromkeys(map(owner_column, mine))
            whose = {column: _whose(table[column], owners) for column in columns}
            for each, (inside, hit) in zip(mine, marked(table, mine, appraisal.when), strict=True):
                found[each.code] = _behind(table, each, inside, hit, whose[owner_column(each)], size)
        else:
            table, listed, sizes = first_of_each(table, mine, appraisal.when, owners, size, lines)
            found |= {
                each.code: Behind(each, table, columns_shown(table, each), rows, counts)
                for each, rows, counts in zip(mine, listed, sizes, strict=True)
            }
    return tuple(found[each.code] for each in every)


class _Whose(NamedTuple):
    """Who owns the rows of a table: the names in order, the place of each row's among them, and whose rows count."""

    names: np.ndarray
    places: np.ndarray
    mine: np.ndarray


def _whose(column: pd.Series, owners: Collection[str]) -> _Whose:
    places, names = pd.factorize(column, sort=True)
    known = names.isin(owners)
    return _Whose(names.to_numpy(object), places, np.append(known, False)[places])


def _behind(table: Table, each: Indicator, inside: np.ndarray, hit: np.ndarray, whose: _Whose, size: int) -> Behind:
    at = np.flatnonzero(inside & whose.mine)
    at = at[np.lexsort((hit[at] ^ hits_first(each), whose.places[at]))]
    places = whose.places[at]
    counts = np.bincount(places, minlength=len(whose.names))
    sizes = pd.Series(counts, index=pd.Index(whose.names, name="owner"))[counts > 0]
    if counts.max(initial=0) > size:
        number = np.arange(len(at)) - (np.cumsum(counts) - counts)[places]
        at, places = at[number < size], places[number < size]
    rows = pd.DataFrame({"owner": pd.Series(whose.names[places], dtype="object"), "at": at, "hit": hit[at]})
    return Behind(each, table, columns_shown(table, each), rows, sizes)


# Tasks ------------------------------------------------------------------------------------------------------------


def task_list(appraisal: Gathered, lang: Lang, lines: int | None = None) -> tuple[Table, pd.DataFrame]:
    """Return everybody's tasks that are due in the period or still open from before, with where they are in a table.

    Of tasks that stay outside these are the first of everybody's: as many as the settings list, and where ``lines`` is
    given as many as fit into that.
    """
    table, people, when = appraisal.table("tasks"), appraisal.people.frame, appraisal.when
    if table.outside is not None:
        size = appraisal.scheme.settings.rows_listed
        table = first_rows(table, _TO_DO, when, people["employee_id"].tolist(), ["due_date"], size, lines)
    frame = table.frame
    due, done = (frame[code].to_numpy("datetime64[D]") for code in ("due_date", "done_date"))
    closed = frame["status"].isin(CLOSED).to_numpy(bool) | ~np.isnat(done)
    in_period = (due >= np.datetime64(when.start)) & (due <= np.datetime64(when.end))
    left_over = (due < np.datetime64(when.start)) & ~closed
    mine = frame["owner_id"].isin(people["employee_id"]).to_numpy(bool)
    at = np.flatnonzero(mine & (in_period | left_over))
    cancelled = (frame["status"] == "cancelled").to_numpy(bool)
    on_time = np.where(cancelled, np.nan, (done <= due).astype(float))
    words = {code: word(lang) for code, word in WORDS["task_status"].items()}
    names = people.set_index("employee_id")["name"]
    rows = frame.iloc[at][["owner_id", "task_id", "task_kind", "client_id", "due_date", "done_date", "status"]]
    rows = rows.assign(
        name=typed(rows["owner_id"].map(names).to_numpy(), "text").to_numpy(),
        status=rows["status"].map(words).fillna(rows["status"]),
        on_time=_marks(on_time[at]),
        at=at,
    ).sort_values(["owner_id", "due_date", "task_id"], kind="stable", ignore_index=True)
    return table, rows
