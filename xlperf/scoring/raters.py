"""Ratings by several people become one figure: what each rating counts for, and what may be shown of whom.

A relation (self, superior, subordinates and so on) counts what the policy says, and its raters share that equally. A
relation without a valid rating leaves its weight to the others. Raters whose relation has too few members are not
shown by themselves, nor can their ratings be worked out from the total and from what is shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import narwhals as nw
import numpy as np
import pandas as pd

from xlperf.core.intervals import settled
from xlperf.core.problems import Lang, Problem, Text, some
from xlperf.core.vocabulary import WORDS
from xlperf.policy.conditions import ALWAYS, When, rows_meeting
from xlperf.policy.conditions.tree import All
from xlperf.policy.scheme import Indicator, Scheme
from xlperf.policy.validation.raters import is_weighed, relations_of
from xlperf.schema import SHEETS
from xlperf.schema.tables import Table, table_of
from xlperf.scoring.matrices import Matrix
from xlperf.scoring.period_rows import NO_CELL, RATER_WEIGHT, scope_of

RELATIONS = tuple(WORDS["relation"])
SELF, MANAGER, INDIRECT = (RELATIONS.index(each) for each in ("self", "manager", "indirect"))
CELL = ["person", "item"]  # one person on one indicator
GROUP = [*CELL, "relation"]
BALLOT = [*GROUP, "rater"]
SHOWN = ["person", "dimension", "relation"]
UNNAMED = 0  # raters below it have no ID
IN_MERGED, IN_HIDDEN = len(RELATIONS), len(RELATIONS) + 1  # headings behind those of the relations

MERGED = Text("人数不足，合并显示", "Too few raters to be shown by themselves: merged")
HIDDEN = Text("人数不足，不显示", "Too few raters: not shown")


@dataclass(frozen=True)
class Weighed:
    """Ratings that are weighed.

    ``table`` are the prepared ratings with ``score`` as it counts and the column ``rater_weight``; ratings that stand
    for items which a rater left out have the row number ``NO_CELL``. ``ballots`` has one row for each person,
    indicator (``item``, a position in ``items``), relation and rater: the mean ``raw`` score (NaN where left out), the
    ``score`` and ``weight`` that count, the ``stated`` weight of the relation, the rater's ``own``, and whether it is
    ``kept`` after trimming. Raters are numbers there: positions in ``raters``, below 0 without an ID.
    """

    table: Table
    items: tuple[Indicator, ...] = ()
    people: pd.Index = field(default_factory=lambda: pd.Index([], dtype="str"))
    ballots: pd.DataFrame = field(default_factory=pd.DataFrame)
    raters: pd.Index = field(default_factory=lambda: pd.Index([], dtype="str"))

    def ballots_of(self, person: str, item: Indicator) -> pd.DataFrame:
        """Return the ballots of one person on one item by relation and rater, with the ``rater_id``, empty without one.

        Nothing where the item is not weighed.
        """
        if item not in self.items or person not in self.people:
            return self.ballots.iloc[:0]
        mine = self.ballots[
            (self.ballots["person"] == self.people.get_loc(person)) & (self.ballots["item"] == self.items.index(item))
        ].sort_values(["relation", "rater"])
        ids = np.append(self.raters.to_numpy(object), "")
        return mine.assign(rater_id=ids[mine["rater"].clip(lower=-1)])


@dataclass(frozen=True)
class _Policy:
    """What the scheme says: of d dimensions and the relations, and of k items.

    ``weight`` and ``minimum`` are d × relations; the weight is NaN where a dimension does not list the relation.
    ``dimension`` (a position), ``importance`` in it, and the scale (``low``, ``span``, ``closed`` where it is stated)
    are those of the items.
    """

    dimensions: tuple[str, ...]
    weight: Matrix
    minimum: Matrix
    dimension: np.ndarray
    importance: np.ndarray
    low: np.ndarray
    span: np.ndarray
    closed: np.ndarray

    @property
    def mixed(self) -> np.ndarray:
        """Whether the items of a dimension have different scales."""
        scales = pd.DataFrame({"dimension": self.dimension, "low": self.low, "span": self.span}).drop_duplicates()
        return np.bincount(scales["dimension"], minlength=len(self.dimensions)) > 1

    def stated(self, item: pd.Series, relation: pd.Series) -> np.ndarray:
        """What the relations of some ratings weigh."""
        weight: np.ndarray = self.weight[self.dimension[item], relation]
        return weight

    def in_parts(self, item: pd.Series, score: pd.Series) -> pd.Series:
        """Put scores on a scale from 0 to 1."""
        part: pd.Series = (score - self.low[item]) / self.span[item]
        return part

    def in_points(self, item: pd.Series, part: pd.Series) -> pd.Series:
        """Put figures from 0 to 1 on the scales of their items; what lies beyond a stated scale goes to its end."""
        low, span = self.low[item], self.span[item]
        score: pd.Series = low + part.where(~self.closed[item], part.clip(0, 1)) * span
        return score


def weigh(ratings: Table, indicators: Sequence[Indicator], scheme: Scheme, when: When) -> tuple[Weighed, list[Problem]]:
    """Give every rating the weight that it has in the mean of its person and indicator.

    Parameters
    ----------
    ratings : the ratings of the period, as ``period_rows.prepared`` leaves them
    indicators : those that are not the mean of ratings are passed over
    scheme : its raters and settings; without raters the ratings come back as they are, for the plain mean
    when : the period, for the conditions of the indicators

    Returns
    -------
    weighed : of each person and indicator with a valid rating the weights add up to 1
    problems : relations that nobody rated in, that the scheme does not list, and self-ratings that stand alone

    Notes
    -----
    weight = relation's weight × rater's own weight ÷ own weights of its raters ÷ weights of the relations that have
    ratings. The own weight is 1 where none is given: then the raters of a relation count the same. A rater with several
    ratings of the same thing in the period counts with their mean. Raters without an ID count one each.

    Items first is computed as raters first after each rater's missing items were put at the rater's own mean, weighted
    by the items' weights, of the items of the dimension that were given; an item that nobody rated stays missing.

    Leniency is the mean distance of a rater's scores from the mean of everybody's in the same relation and
    indicator, on scales from 0 to 1. By difference it is taken off; by quotient the scores are multiplied by the mean
    of everybody ÷ the rater's own, both as shares of the highest score; by standard score the rater's standard scores
    are put on the mean of everybody and the spread of the relation. It shows only in the ratings of two people or more,
    and never in self-ratings.
    Scores of a rule without a rating scale are taken as out of the full points.

    Examples
    --------
    A superior weighs 60, two colleagues 40 together: (4 × 60 + (5 + 2) ÷ 2 × 40) ÷ 100 = 3.8.

    >>> from xlperf.policy.schemes import from_toml
    >>> from xlperf.policy.conditions import When
    >>> from datetime import date
    >>> scheme, _ = from_toml('''
    ... [[indicators]]
    ... code = "skill"
    ... source = "ratings"
    ... measure = "mean"
    ... column = "score"
    ... [[raters]]
    ... relation = "manager"
    ... weight = 60
    ... [[raters]]
    ... relation = "peer"
    ... weight = 40
    ... ''')
    >>> ratings = table_of("ratings", {"employee_id": ["E1"] * 3, "indicator": ["skill"] * 3,
    ...     "rater_id": ["B", "P", "Q"], "relation": ["manager", "peer", "peer"], "score": [4, 5, 2]})
    >>> day = date(2026, 10, 1)
    >>> weighed, _ = weigh(ratings, scheme.indicators, scheme, When(day, day, day, day))
    >>> weighed.table["rater_weight"].tolist()
    [0.6, 0.2, 0.2]
    """
    items = tuple(each for each in indicators if is_weighed(each))
    if not scheme.raters or not items:
        return Weighed(ratings), []
    settings, policy = scheme.settings, _policy(items, scheme)
    people, raters = (_ids(ratings[column]) for column in ("employee_id", "rater_id"))
    votes = _votes(ratings.frame, people, raters, _items(ratings.frame, items, when))
    plain = np.isnan(policy.weight[policy.dimension[votes["item"]]]).all(axis=1)
    known = votes["relation"] >= 0
    listed = known & ~np.isnan(policy.stated(votes["item"], votes["relation"]))
    counted = votes[listed]
    if settings.leniency != "no":
        counted = counted.assign(score=_corrected(counted, policy, settings.leniency_from, settings.leniency))
    ballots = _ballots(counted)
    if settings.rater_order == "items_first":
        ballots = pd.concat([ballots, _left_out(ballots, policy)], ignore_index=True)
    ballots["kept"] = _kept(ballots, settings.trim_from, settings.trim_share)
    ballots["stated"] = policy.stated(ballots["item"], ballots["relation"])
    ballots["weight"] = _weights(ballots)

    frame = ratings.frame.assign(**{RATER_WEIGHT: 0.0})
    frame.loc[votes.index[plain], RATER_WEIGHT] = 1.0
    frame.loc[counted.index, "score"] = counted["score"]
    frame.loc[counted.index, RATER_WEIGHT] = _weights_of_rows(counted, ballots)
    added = _rows_added(ballots[ballots["rows"] == 0], items, people, raters)
    table = replace(
        ratings,
        frame=pd.concat([frame, added], ignore_index=True),
        rows=np.append(ratings.rows, np.full(len(added), NO_CELL)),
    )
    problems = [
        *_unlisted(ratings, votes[known & ~listed & ~plain], policy, scheme),
        *_absences(ballots, people, policy, scheme, ratings.title),
    ]
    return Weighed(table, items, people, ballots, raters), problems


def _policy(items: Sequence[Indicator], scheme: Scheme) -> _Policy:
    used = {each.dimension for each in items}
    listed = [each.code for each in scheme.dimensions if each.code in used]
    dimensions = (*listed, *sorted(used - set(listed)))
    weight = np.full((len(dimensions), len(RELATIONS)), np.nan)
    minimum = np.zeros(weight.shape)
    for d, code in enumerate(dimensions):
        for each in relations_of(scheme, code):
            if each.relation in RELATIONS:
                at = d, RELATIONS.index(each.relation)
                weight[at] = np.nan_to_num(weight[at]) + np.fmax(each.weight, 0.0)
                minimum[at] = np.fmax(each.minimum, minimum[at])
    dimension = np.array([dimensions.index(each.dimension) for each in items])
    importance = np.fmax([each.weight for each in items], 0.0)
    idle = np.bincount(dimension, importance, len(dimensions)) == 0
    scales = [_scale(each, scheme.settings.full_points) for each in items]
    low, high, closed = np.array(scales).T
    importance = np.where(idle[dimension], 1.0, importance)
    return _Policy(dimensions, weight, minimum, dimension, importance, low, high - low, closed > 0)


def _scale(each: Indicator, full: float) -> tuple[float, float, bool]:
    low, high = each.parameters.get("low"), each.parameters.get("high")
    if each.rule == "rating_scale" and low is not None and high is not None and low < high:
        return float(low), float(high), True
    return 0.0, full, False


# Ratings ------------------------------------------------------------------------------------------------------------


def _ids(column: pd.Series) -> pd.Index:
    ids: pd.Index = pd.Index(sorted(column.dropna().unique()), dtype="str")
    return ids


def _items(frame: pd.DataFrame, items: Sequence[Indicator], when: When) -> np.ndarray:
    """Return the position of the item in whose scope each row is, -1 where it is in none."""
    scopes = {str(k): rows_meeting(All((scope_of(each), each.hit or ALWAYS)), when) for k, each in enumerate(items)}
    inside = nw.from_native(frame).select(**scopes)
    found = np.full(len(frame), -1)
    for k in range(len(items)):
        found[inside[str(k)].to_numpy()] = k
    return found


def _votes(frame: pd.DataFrame, people: pd.Index, raters: pd.Index, item: np.ndarray) -> pd.DataFrame:
    """Return the valid ratings as numbers, at the positions of their rows; raters without an ID get negative ones."""
    votes = pd.DataFrame(
        {
            "person": people.get_indexer(pd.Index(frame["employee_id"])),
            "item": item,
            "relation": pd.Index(RELATIONS).get_indexer(pd.Index(frame["relation"])),
            "rater": raters.get_indexer(pd.Index(frame["rater_id"])),
            "raw": frame["score"],
            "score": frame["score"],
            "own": frame["weight"].fillna(1.0),
        }
    )
    votes = votes[(votes["person"] >= 0) & (votes["item"] >= 0) & votes["raw"].notna()]
    return votes.assign(rater=votes["rater"].where(votes["rater"] >= UNNAMED, -1 - votes.groupby(GROUP).cumcount()))


def _corrected(votes: pd.DataFrame, policy: _Policy, least: int, way: str) -> pd.Series:
    """Take out how far each rater's scores lie, on average, from those of everybody in the same relation and item."""
    part = policy.in_parts(votes["item"], votes["raw"])
    alike = [votes["item"], votes["relation"]]
    judging = (votes["rater"] >= UNNAMED) & (votes["relation"] != SELF)
    share = votes["raw"] / (policy.low + policy.span)[votes["item"]]  # of the highest score, for a quotient
    usual, mean = share.groupby(alike).transform("mean"), part.groupby(alike).transform("mean")
    given = votes.assign(part=part, mean=mean, distance=part - mean, share=share, usual=usual)[judging]
    of_raters = given.groupby("rater").agg(
        ratings=("item", "size"), people=("person", "nunique"), distance=("distance", "mean"), part=("part", "mean"),
        mean=("mean", "mean"), share=("share", "mean"), usual=("usual", "mean"), spread=("part", _spread),
    )  # fmt: skip
    known = of_raters[(of_raters["ratings"] >= least) & (of_raters["people"] > 1)]

    def of(values: pd.Series) -> pd.Series:
        return votes["rater"].map(values).where(judging)

    match way:
        case "quotient":
            factor = (known["usual"] / known["share"]).where(known["share"] > 0)
            moved = policy.in_parts(votes["item"], votes["raw"] * of(factor))
        case "standard":
            everybody = given.groupby("relation")["part"].agg(_spread)
            distance = (part - of(known["part"])) / of(known["spread"].where(known["spread"] > 0))
            moved = of(known["mean"]) + distance.fillna(0.0) * votes["relation"].map(everybody)
        case _:
            moved = part - of(known["distance"])
    corrected: pd.Series = policy.in_points(votes["item"], moved).where(moved.notna(), votes["raw"])
    return corrected


def _spread(parts: pd.Series) -> float:
    """Return the standard deviation of the scores themselves, not of a sample."""
    return float(np.sort(parts.to_numpy(np.float64)).std())


def _ballots(votes: pd.DataFrame) -> pd.DataFrame:
    """Put together what one rater said of one person on one item in the course of the period."""
    return votes.groupby(BALLOT, as_index=False).agg(
        raw=("raw", "mean"), score=("score", "mean"), rows=("score", "size"), own=("own", "max")
    )


def _left_out(ballots: pd.DataFrame, policy: _Policy) -> pd.DataFrame:
    """Return the items that a rater left out and others did not, at the rater's own mean of the dimension."""
    ballots = ballots.assign(dimension=policy.dimension[ballots["item"]], importance=policy.importance[ballots["item"]])
    ballots["sum"] = ballots["importance"] * policy.in_parts(ballots["item"], ballots["score"])
    named = ballots[ballots["rater"] >= UNNAMED]
    sums = named.groupby([*SHOWN, "rater"], as_index=False).agg(
        importance=("importance", "sum"), sum=("sum", "sum"), own=("own", "max")
    )
    rated = ballots[[*CELL, "dimension"]].drop_duplicates()
    every = sums[sums["importance"] > 0].merge(rated, on=["person", "dimension"])
    missing = every.merge(named[BALLOT], on=BALLOT, how="left", indicator="given")
    missing = missing[missing["given"] == "left_only"].sort_values(BALLOT)
    score = policy.in_points(missing["item"], missing["sum"] / missing["importance"])
    return missing[[*BALLOT, "own"]].assign(raw=np.nan, score=score, rows=0)


def _kept(ballots: pd.DataFrame, trim_from: int, trim_share: float) -> pd.Series:
    """Tell what remains when each relation with enough raters loses a highest and a lowest, or a share at either end.

    Of two, both remain; of a share, whole raters are dropped.
    """
    ordered = ballots.sort_values([*GROUP, "score", "rater"]).groupby(GROUP)
    place, size = ordered.cumcount(), ordered["score"].transform("size")
    inner = (place > 0) & (place < size - 1)
    kept: pd.Series = inner | (size < max(trim_from, 3)) if trim_from else size > 0
    dropped = np.floor(settled(size * trim_share))
    return kept & (place >= dropped) & (place < size - dropped)


def _weights(ballots: pd.DataFrame) -> pd.Series:
    """Return each rater's part of the mean; the parts of a person and item add up to 1."""
    kept = ballots["kept"] * ballots["own"]
    raters = kept.groupby([ballots[key] for key in GROUP]).transform("sum")
    share = ballots["stated"] * kept / raters
    whole = share.groupby([ballots[key] for key in CELL]).transform("sum")
    weight: pd.Series = (share / whole).where(whole > 0, 0.0)
    return weight


def _weights_of_rows(votes: pd.DataFrame, ballots: pd.DataFrame) -> np.ndarray:
    """Divide the weight of a rater among the rater's ratings of the same person and item."""
    each: np.ndarray = (ballots["weight"] / ballots["rows"]).to_numpy()[votes.groupby(BALLOT).ngroup()]
    return each


def _rows_added(ballots: pd.DataFrame, items: Sequence[Indicator], people: pd.Index, raters: pd.Index) -> pd.DataFrame:
    codes = np.array([each.code for each in items], object)
    columns = {
        "employee_id": people[ballots["person"]],
        "indicator": codes[ballots["item"]],
        "rater_id": raters[ballots["rater"]],
        "relation": np.array(RELATIONS, object)[ballots["relation"]],
        "score": ballots["score"].to_numpy(),
    }
    added = table_of("ratings", pd.DataFrame(columns)).frame
    return added.assign(not_applicable=False, **{RATER_WEIGHT: ballots["weight"].to_numpy()})


# Problems -----------------------------------------------------------------------------------------------------------


def _names(policy: _Policy, scheme: Scheme) -> list[Text]:
    known = {each.code: each.name for each in scheme.dimensions}
    return [known.get(code, Text(code, code)) for code in policy.dimensions]


def _unlisted(ratings: Table, votes: pd.DataFrame, policy: _Policy, scheme: Scheme) -> Iterator[Problem]:
    """Report, once for each relation, ratings that count nothing because the policy does not list their relation."""
    names = _names(policy, scheme)
    for relation in sorted(votes["relation"].unique()):
        rows = votes[votes["relation"] == relation]
        dimensions = [names[d] for d in np.unique(policy.dimension[rows["item"]])]
        details = {"relation": _relation(relation), "count": len(rows), "dimensions": dimensions}
        yield Problem("relation-not-weighed", ratings.title, ratings.cells("relation", rows.index.to_numpy()), details)


def _absences(
    ballots: pd.DataFrame, people: pd.Index, policy: _Policy, scheme: Scheme, title: str
) -> Iterator[Problem]:
    """Report the relations whose weight went to the others, and people whom nobody but themselves rated."""
    cells = _wide(ballots.groupby(GROUP)["weight"].size())
    person, item = (cells.index.get_level_values(level).to_numpy() for level in CELL)
    expected = policy.weight[policy.dimension[item]] > 0
    there = cells.notna().to_numpy() & expected
    absent = expected & ~there & there.any(axis=1)[:, None]
    alone = there[:, SELF] & (there.sum(axis=1) == 1) & absent.any(axis=1)
    for d, dimension in enumerate(_names(policy, scheme)):
        here = policy.dimension[item] == d
        for relation in range(len(RELATIONS)):
            concerned = people[np.unique(person[here & absent[:, relation]])]
            if len(concerned):
                details = {"count": len(concerned), "people": some(concerned), "dimension": dimension}
                yield Problem("relation-absent", title, "", details | {"relation": _relation(relation)})
        concerned = people[np.unique(person[here & alone])]
        if len(concerned):
            details = {"count": len(concerned), "people": some(concerned), "dimension": dimension}
            yield Problem("self-rating-alone", title, "", details)


def _relation(position: int) -> Text:
    return WORDS["relation"][RELATIONS[position]]


def _wide(values: pd.Series) -> pd.DataFrame:
    """Put relations side by side, one column each."""
    return values.unstack("relation").reindex(columns=range(len(RELATIONS)))


# What is shown ------------------------------------------------------------------------------------------------------


def groups(weighed: Weighed, people: pd.DataFrame, scheme: Scheme, lang: Lang) -> pd.DataFrame:
    """Return the rows of the Rater groups sheet: means of each relation, which name no rater.

    Parameters
    ----------
    weighed : as ``weigh`` leaves the ratings
    people : the columns ``employee_id`` and ``name`` of whom the sheet is to list
    scheme : its raters, with the fewest that may be shown by themselves, and its settings
    lang : of the names and remarks

    Returns
    -------
    One row for each person, dimension and group shown, in the order of IDs, dimensions and relations. Means are
    weighted by the items' weights in the dimension; where their scales differ, they are out of the full points.
    ``weight`` is the share of the dimension's mean; ``gap`` the self-rating less the mean of the others shown.

    Notes
    -----
    Raters who weigh differently are as many as the whole of their weights holds the greatest of them. A relation has
    too few raters (superiors and self excepted) where it has on any item that it rated: from the means of the other
    items, which a card shows, the one of this item would follow. Such a relation is put together with
    others of the kind, then with relations of more raters, the smallest first, until the group is as large as the
    strictest of their minimums. If all of them are too few, or the scheme shows no merged groups, the group stays
    hidden; if need be a superior joins it. What is left of the total after taking away all that is shown is thus never
    the mean of too few, or the total is :func:`withheld` too.
    """
    columns = [column.code for column in SHEETS["rater_groups"]]
    names = people.set_index("employee_id")["name"]
    ballots = weighed.ballots
    if len(ballots):
        ballots = ballots[weighed.people.isin(names.index)[ballots["person"]]]
    if not len(ballots):
        return pd.DataFrame(columns=columns)
    policy = _policy(weighed.items, scheme)
    means = _means(ballots, policy, scheme.settings.full_points)
    means["part"] = _parts_of(means, policy, scheme.settings.small_group)
    shown = _put_together(means)
    ids = weighed.people[shown["person"]]
    dimensions = np.array([each(lang) for each in _names(policy, scheme)], object)
    rows = shown.assign(
        employee_id=ids,
        name=names.reindex(ids).to_numpy(),
        dimension=dimensions[shown["dimension"]],
        group_name=[_group_name(members, lang) for members in shown["members"]],
        remark=_remarks(shown, policy, scheme.settings.full_points, lang),
    )
    return rows[columns].reset_index(drop=True)


@dataclass(frozen=True)
class Withheld:
    """Figures that would tell what too few raters said: of ``items`` and ``dimensions``, by employee ID and code.

    The total of whoever has a dimension here would tell it too.
    """

    items: frozenset[tuple[str, str]] = frozenset()
    dimensions: frozenset[tuple[str, str]] = frozenset()

    @property
    def people(self) -> frozenset[str]:
        """Those whose total would tell it."""
        return frozenset(who for who, _ in self.dimensions)


def withheld(weighed: Weighed, scheme: Scheme) -> Withheld:
    """Return the figures that must not be shown to the person rated, nor to anybody but who may see the ratings.

    Notes
    -----
    A reader knows the own ratings, what each relation weighs, every mean shown and every other figure of the card. An
    item, a dimension or a total is what is shown and a rest; the rest must be of as many raters as the strictest
    minimum of the relations in it asks. Superiors count among them where they are not shown by themselves.
    """
    if not len(weighed.ballots):
        return Withheld()
    policy = _policy(weighed.items, scheme)
    means = _means(weighed.ballots, policy, scheme.settings.full_points)
    means["part"] = _parts_of(means, policy, scheme.settings.small_group)
    counted = weighed.ballots[weighed.ballots["raw"].notna() & (weighed.ballots["weight"] > 0)]
    cells = _raters_by_weight(counted, GROUP).rename("fewest").reset_index()
    cells["dimension"] = policy.dimension[cells["item"]]
    cells = cells.merge(means[[*SHOWN, "part"]], on=SHOWN)
    items = _exposed(cells, CELL, policy)
    dimensions = _exposed(means[means["weight"] > 0], SHOWN[:2], policy)
    dimensions |= {(person, policy.dimension[item]) for person, item in items}
    ids = weighed.people
    return Withheld(
        frozenset((ids[person], weighed.items[item].code) for person, item in items),
        frozenset((ids[person], policy.dimensions[d]) for person, d in dimensions),
    )


def _exposed(cells: pd.DataFrame, key: list[str], policy: _Policy) -> set[tuple[int, int]]:
    """Return the figures whose rest, after all that is shown, is of too few raters."""
    relation = cells["relation"].to_numpy()
    minimum = policy.minimum[cells["dimension"], relation]
    protected = ~np.isin(relation, (SELF, MANAGER, INDIRECT)) & (cells["fewest"] < minimum)
    rest = cells.assign(
        needed=np.where(protected, minimum, 0.0), raters=cells["fewest"].where(cells["part"] >= IN_MERGED, 0.0)
    )
    of_rest = rest.groupby(key).agg(needed=("needed", "max"), raters=("raters", "sum"))
    return set(of_rest.index[of_rest["raters"] < of_rest["needed"]])


def _raters_by_weight(ballots: pd.DataFrame, key: list[str]) -> pd.Series:
    """Return as how many raters those of each group are, for what may be shown: the whole ÷ the weightiest one.

    Where all count the same it is their number. Three of whom one counts for half are two: the mean would nearly tell
    what that one said.
    """
    own = ballots.groupby(key)["own"]
    number = own.sum() / own.max()
    return pd.Series(np.floor(settled(number)), number.index)


def _means(ballots: pd.DataFrame, policy: _Policy, full: float) -> pd.DataFrame:
    """Return raters, raw mean, mean that counts, and weight of each person, dimension and relation."""
    ballots = ballots.assign(dimension=policy.dimension[ballots["item"]])
    item = ballots["item"]
    for column in ("raw", "score"):
        in_full_points = policy.in_parts(item, ballots[column]) * full
        ballots[column] = ballots[column].where(~policy.mixed[ballots["dimension"]], in_full_points)
    ballots["score"] = ballots["score"].where(ballots["kept"])
    for column in ("raw", "score"):
        ballots["of " + column] = ballots["own"].where(ballots[column].notna())
        ballots[column] *= ballots["own"]
    of_items = ballots.groupby([*SHOWN, "item"], as_index=False)[["raw", "of raw", "score", "of score", "weight"]].sum()
    for column in ("raw", "score"):
        of_items[column] /= of_items["of " + column].where(of_items["of " + column] > 0)
    importance = pd.Series(policy.importance[of_items["item"]], of_items.index)
    sums = of_items[SHOWN].assign(
        raw=importance * of_items["raw"],
        of_raw=importance.where(of_items["raw"].notna()),
        corrected=importance * of_items["score"],
        of_corrected=importance.where(of_items["score"].notna()),
        weight=importance * of_items["weight"],
    )
    means = sums.groupby(SHOWN).sum()
    whole = means.groupby(SHOWN[:2])["weight"].transform("sum")
    given = ballots[ballots["raw"].notna()]
    raters = given.groupby(SHOWN)["rater"].nunique()
    of_each_item = _raters_by_weight(given, [*SHOWN, "item"])
    return pd.DataFrame(
        {
            "raters": raters.reindex(means.index).astype("float64"),
            "fewest": of_each_item.groupby(SHOWN).min().reindex(means.index).astype("float64"),
            "raw": means["raw"] / means["of_raw"],
            "corrected": means["corrected"] / means["of_corrected"],
            "weight": (means["weight"] / whole).where(whole > 0, 0.0),
        }
    ).reset_index()


def _parts_of(means: pd.DataFrame, policy: _Policy, small_group: str) -> np.ndarray:
    """Return under which heading the mean of each relation goes: its own, the merged group or the hidden one."""
    table = means.set_index(SHOWN)
    raters, weight = _wide(table["fewest"]).fillna(0.0), _wide(table["weight"]).fillna(0.0)
    dimension = raters.index.get_level_values("dimension")
    parts = _parts(raters.to_numpy(), weight.to_numpy(), policy.minimum[dimension], small_group)
    row = raters.index.get_indexer(pd.MultiIndex.from_frame(means[SHOWN[:2]]))
    found: np.ndarray = parts[row, means["relation"]]
    return found


def _parts(raters: Matrix, weight: Matrix, minimum: Matrix, small_group: str) -> Matrix:
    """Divide the relations of each row so that no group shown, and no rest of the total, has too few raters."""
    relation = np.arange(len(RELATIONS))
    superior = np.isin(relation, (MANAGER, INDIRECT))
    others = ~superior & (relation != SELF)
    counting = (raters > 0) & (weight > 0)
    small = others & (raters > 0) & (raters < minimum)
    turn = np.select(
        [small & counting, others & counting, counting & (relation == INDIRECT), counting & superior], [0, 1, 2, 3], 4
    )
    few = turn == 0
    needed = np.where(few, minimum, 0).max(axis=1)
    order = np.lexsort((raters, turn), axis=1)
    joined = np.cumsum(np.take_along_axis(np.where(turn < 4, raters, 0), order, axis=1), axis=1)
    taken = np.maximum((joined < needed[:, None]).sum(axis=1) + 1, few.sum(axis=1)) * few.any(axis=1)
    together = (np.argsort(order, axis=1) < taken[:, None]) & (turn < 4)
    enough = (joined[:, -1] >= needed) & ~(together & superior).any(axis=1) & (small_group == "merge")
    parts = np.where(together, np.where(enough, IN_MERGED, IN_HIDDEN)[:, None], relation)
    return np.where(small & ~counting, IN_HIDDEN, parts)


def _put_together(means: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each group: the means of its relations by their weights, nothing of a hidden one."""
    key = [*SHOWN[:2], "part"]
    base = means["weight"].where(means["part"] >= IN_MERGED, 1.0)
    sums = means[[*key, "raters", "weight"]].assign(
        raw=base * means["raw"], corrected=base * means["corrected"], base=base, members=2 ** means["relation"]
    )
    shown = sums.groupby(key, as_index=False).sum()
    hidden = shown["part"] == IN_HIDDEN
    for column in ("raw", "corrected"):
        shown[column] = (shown[column] / shown["base"]).mask(hidden)
    shown[["raters", "weight"]] = shown[["raters", "weight"]].mask(hidden)
    shown["gap"] = _gap(shown)
    return shown


def _gap(shown: pd.DataFrame) -> pd.Series:
    """Return, beside each self-rating, how far it lies above the mean of the other groups shown."""
    own = shown["part"] == SELF
    weight = shown["weight"].mask(own, 0.0).fillna(0.0)
    sums = pd.DataFrame({"weight": weight, "sum": weight * shown["corrected"].fillna(0.0)})
    others = sums.groupby([shown["person"], shown["dimension"]]).transform("sum")
    gap: pd.Series = (shown["corrected"] - others["sum"] / others["weight"]).where(own & (others["weight"] > 0))
    return gap.round(10)  # without float dust


def _group_name(members: int, lang: Lang) -> str:
    names = [_relation(position)(lang) for position in range(len(RELATIONS)) if members >> position & 1]
    return ("、" if lang == "zh" else ", ").join(names)


def _remarks(shown: pd.DataFrame, policy: _Policy, full: float, lang: Lang) -> list[str]:
    rescaled = Text(f"量表不同，已折算为满分 {full:g}", f"Different scales: converted to {full:g} full points")(lang)
    of_part = {IN_MERGED: MERGED(lang), IN_HIDDEN: HIDDEN(lang)}
    parts = shown["part"].map(of_part).fillna("")
    mixed = np.where(policy.mixed[shown["dimension"]] & (shown["part"] != IN_HIDDEN), rescaled, "")
    return [("；" if lang == "zh" else "; ").join(filter(None, each)) for each in zip(parts, mixed, strict=True)]
