"""Lists that follow from the results: raise, award, training and so on, each with its evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from xlperf.core.numbers import show_number
from xlperf.core.periods import Period, Periods
from xlperf.core.problems import Lang, Text
from xlperf.core.vocabulary import WORDS, fold
from xlperf.policy.conditions import (
    Condition,
    Placed,
    Streak,
    When,
    columns_in,
    in_words,
    rows_meeting,
    streaks_in,
    with_literals,
)
from xlperf.policy.scheme import Grade, Outcome
from xlperf.schema import Column
from xlperf.schema.tables import typed

HeadCount = Callable[[float, int], int]


@dataclass(frozen=True)
class Standing:
    """Where everybody stands in a run, and stood in the periods right before it.

    Attributes
    ----------
    rows : the n rows of the Results sheet
    places : n rows: ``place``, ``from_end`` (1 is last) and ``size`` among those who compete; empty for all others
    earlier : results of earlier periods, ``back`` periods ago, one row a person and period; only who was ranked then
    period : the run's period
    grade_codes : the code of a grade by its code and its names
    period_when : what "period" means in conditions
    head_count : how many people of a pool of a size a share is
    """

    rows: pd.DataFrame
    places: pd.DataFrame
    earlier: pd.DataFrame
    period: Period
    grade_codes: Mapping[str, str]
    period_when: When
    head_count: HeadCount

    @property
    def when(self) -> When:
        """What conditions on results mean, shares of the ranking and consecutive periods included.

        It serves any rows of these people that have an ``employee_id``.
        """
        return replace(self.period_when, places=self._placed, streaks=self._held)

    def meeting(self, condition: Condition) -> np.ndarray:
        """Tell who meets a condition, as a mask of n rows; what has not been computed is empty."""
        missing = {ref.code: ref for ref in columns_in(condition) if ref.code not in self.rows}
        blank = {code: typed([None] * len(self.rows), ref.kind).to_numpy() for code, ref in missing.items()}
        frame = nw.from_native(self.rows.assign(**blank))
        met = rows_meeting(self._in_codes(condition), self.when)
        return frame.with_columns(met=met)["met"].to_numpy().astype(bool)

    def among(self, competing: np.ndarray) -> Standing:
        """Return the same with the places recounted among some of the people."""
        return replace(self, places=_places(self.rows, competing))

    def track(self, streak: Streak) -> pd.DataFrame:
        """Return the results that a streak looks at, the latest first; ``back`` 0 is the run's period."""
        now = self.rows[self.rows["place"].notna()]
        now = now[["employee_id", "total", "grade", "place"]].assign(back=0, period=self.period.code)
        return pd.concat([now, self.earlier[self.earlier["back"] < streak.count]], ignore_index=True)

    def _in_codes(self, condition: Condition) -> Condition:
        return with_literals(
            condition, lambda column, text: _grade_code(text, self.grade_codes) if column.code == "grade" else text
        )

    def _placed(self, node: Placed) -> nw.Expr:
        place = self.places["place" if node.end == "top" else "from_end"]
        sizes = self.places["size"]
        allowed = {size: self.head_count(node.share, int(size)) for size in sizes.dropna().unique()}
        return self._those(place <= sizes.map(allowed))

    def _held(self, node: Streak) -> nw.Expr:
        track = self.track(node)
        met = nw.from_native(track).filter(rows_meeting(node.item, self.period_when)).to_native()
        times = met.groupby("employee_id").size().reindex(self.rows["employee_id"]).to_numpy()
        return self._those(pd.Series(times == node.count, self.rows.index))

    def _those(self, mask: pd.Series) -> nw.Expr:
        return nw.col("employee_id").is_in(self.rows["employee_id"][mask].tolist())


def standing_of(
    results: pd.DataFrame,
    grades: Sequence[Grade],
    when: When,
    head_count: HeadCount,
    history: pd.DataFrame,
    period: Period,
    calendar: Periods,
) -> Standing:
    """Return the places and grades of everybody, now and in earlier periods, for conditions to ask about.

    Parameters
    ----------
    results : rows of the Results sheet, one a person
    grades : the scheme's grades, whose names conditions and the sheet Past results may use
    when : what "period" means in conditions
    head_count : how many people of a pool of a size a share is
    history : rows of the sheet Past results
    period, calendar : the run's period, and the calendar that knows the ones before it
    """
    codes = {fold(word): each.code for each in reversed(grades) for word in (*each.name, each.code)}
    earlier = _earlier(history, period, calendar, codes)
    everybody = np.ones(len(results), bool)
    return Standing(results, _places(results, everybody), earlier, period, codes, when, head_count)


def _places(rows: pd.DataFrame, competing: np.ndarray) -> pd.DataFrame:
    """Count places in each pool among those who compete, from the first and from the last; equal places stay equal."""
    place = rows["place"].where(competing)
    pools = place.groupby(rows["pool"])
    return pd.DataFrame(
        {
            "place": pools.rank(method="min"),
            "from_end": pools.rank(method="min", ascending=False),
            "size": pools.transform("count").where(place.notna()),
        }
    )


def _earlier(history: pd.DataFrame, period: Period, calendar: Periods, grade_codes: Mapping[str, str]) -> pd.DataFrame:
    """Return the ranked results of the periods before the run's, back to the first of which nothing is known.

    Where a person has two rows in a period, the lower total counts.
    """
    meant = calendar.resolve(history["period"].dropna().unique(), period)
    codes = {label: found.code for label, found in meant.items()}
    before = list(_before(period, calendar, set(codes.values())))
    words = {word: _grade_code(word, grade_codes) for word in history["grade"].dropna().unique()}
    rows = pd.DataFrame(
        {
            "employee_id": history["employee_id"],
            "total": history["total"],
            "grade": history["grade"].map(words).astype("str"),
            "place": history["place"],
            "period": history["period"].map(codes).astype("str"),
        }
    )
    rows["back"] = rows["period"].map({code: back for back, code in enumerate(before, start=1)})
    rows = rows[rows["back"].notna() & rows["total"].notna() & _was_ranked(rows)]
    lowest_first = rows.astype({"back": "int64"}).sort_values(["total", "place", "grade"])
    return lowest_first.drop_duplicates(["back", "employee_id"])


def earlier_places(history: pd.DataFrame, period: Period, calendar: Periods) -> pd.Series:
    """Return the places of the period just before one, by employee ID; nothing where it is not known.

    Parameters
    ----------
    history : rows of the sheet Past results
    period : the one whose predecessor is meant
    calendar : tells which period comes before which

    Examples
    --------
    >>> rows = {"period": ["2026-09"], "employee_id": ["1"], "total": [80.0], "grade": ["A"], "place": [3.0]}
    >>> october = Periods().find("2026-10")
    >>> earlier_places(pd.DataFrame(rows), october, Periods()).to_dict()
    {'1': 3.0}
    """
    rows = _earlier(history, period, calendar, {})
    return rows[(rows["back"] == 1) & rows["place"].notna()].set_index("employee_id")["place"]


def _before(period: Period, calendar: Periods, known: set[str]) -> Iterator[str]:
    """Yield the periods before one, the latest first, as long as something is known of them."""
    earlier = calendar.previous(period)
    while earlier is not None and earlier.code in known:
        yield earlier.code
        earlier = calendar.previous(earlier)


def _was_ranked(rows: pd.DataFrame) -> pd.Series:
    """Tell whose row has a place or a grade; where a period has neither for anybody, a total is enough."""
    placed = rows["place"].notna() | rows["grade"].notna()
    return placed | ~placed.groupby(rows["period"]).transform("any").astype(bool)


def _grade_code(word: str, codes: Mapping[str, str]) -> str:
    return codes.get(fold(word), word)


@dataclass(frozen=True)
class Lists:
    """Who is on which list: ``member`` has one row a person and one column a list.

    ``grounds`` has what the evidence of each list quotes beside the results, a row for each person on it:
    ``eligible_place`` and ``eligible_people`` where only the eligible compete, and ``track``, the results of the
    periods of a streak, the earliest first.
    """

    member: np.ndarray
    grounds: tuple[pd.DataFrame, ...]


def on_lists(standing: Standing, outcomes: Sequence[Outcome]) -> Lists:
    """Tell who is on which list, and on what grounds.

    Where an outcome says who is eligible, shares of the ranking count among these people, and nobody else is on the
    list. Who has no total is on no list.
    """
    rows = standing.rows
    member = np.zeros((len(rows), len(outcomes)), bool)
    grounds = []
    for column, outcome in enumerate(outcomes):
        able = rows["total"].notna().to_numpy()
        among = standing
        if outcome.eligible is not None:
            able = able & standing.meeting(outcome.eligible)
            among = standing.among(able)
        if outcome.staff_class:
            able = able & rows["staff_class"].isin(outcome.staff_class).to_numpy()
        member[:, column] = able & among.meeting(outcome.where)
        grounds.append(_grounds(among, outcome, member[:, column]))
    return Lists(member, tuple(grounds))


def _grounds(standing: Standing, outcome: Outcome, on: np.ndarray) -> pd.DataFrame:
    grounds = pd.DataFrame(index=standing.rows.index[on])
    if outcome.eligible is not None:
        grounds["eligible_place"] = standing.places["place"][on]
        grounds["eligible_people"] = standing.places["size"][on]
    streaks = list(streaks_of(outcome))
    if streaks:
        track = standing.track(max(streaks, key=lambda each: each.count))
        people = standing.rows["employee_id"][on]
        grounds["track"] = _tracks(track[track["employee_id"].isin(people)], people)
    return grounds


def streaks_of(outcome: Outcome) -> Iterator[Streak]:
    """Yield the conditions on consecutive periods by which somebody is on a list."""
    for condition in (outcome.where, outcome.eligible):
        if condition is not None:
            yield from streaks_in(condition)


def _tracks(track: pd.DataFrame, people: pd.Series) -> pd.Series:
    """Return each person's results up to now, without those before a gap."""
    latest_first = track.sort_values(["employee_id", "back"])
    together = latest_first["back"] == latest_first.groupby("employee_id").cumcount()
    of_person: dict[str, list[dict[str, Any]]] = {}
    for row in latest_first[together].iloc[::-1].to_dict("records"):
        of_person.setdefault(row["employee_id"], []).append({str(name): value for name, value in row.items()})
    return pd.Series([of_person.get(each, []) for each in people], people.index, dtype="object")


def evidence(row: Mapping[str, Any], outcome: Outcome, columns: Mapping[str, Column], lang: Lang) -> str:
    """Say why somebody is on a list: the condition in words, and the figures it looked at.

    ``row`` is a row of the Results sheet, with the grounds of the list where it has any.
    """
    condition = in_words(outcome.where, lang, columns)
    if outcome.eligible is not None:
        eligible = in_words(outcome.eligible, lang, columns)
        condition += Text(f"；资格：{eligible}", f"; eligible: {eligible}")(lang)
    figures = Text(f"总分 {row['total']:.10g}", f"total {row['total']:.10g}")(lang) + _place_in_words(row, lang)
    figures += _figures_of_place(row, outcome, columns, lang)
    track = [_result_in_words(each, _looked_at(outcome), lang) for each in row.get("track", ())]
    if track:
        figures += Text("；" + "，".join(track), "; " + ", ".join(track))(lang)
    return Text(f"{condition}：{figures}", f"{condition}: {figures}")(lang)


def _place_in_words(row: Mapping[str, Any], lang: Lang) -> str:
    place, size = row.get("eligible_place", row["place"]), row.get("eligible_people", row["pool_size"])
    if pd.isna(place):
        return ""
    if "eligible_place" in row:
        zh, en = f"，在符合资格的 {size:.0f} 人中第 {place:.0f} 名", f", place {place:.0f} of {size:.0f} eligible"
    else:
        zh, en = f"，第 {place:.0f} 名（共 {size:.0f} 人）", f", place {place:.0f} of {size:.0f}"
    return Text(zh, en)(lang)


def _figures_of_place(row: Mapping[str, Any], outcome: Outcome, columns: Mapping[str, Column], lang: Lang) -> str:
    """Write the figures of the place that the conditions of a list name, such as ``, percentile 60%``."""
    asked = {ref.code for each in (outcome.where, outcome.eligible) if each is not None for ref in columns_in(each)}
    told = []
    for code, name in WORDS["place_figure"].items():
        if code in asked and not pd.isna(row[code]):
            share = columns[code].kind == "fraction"
            shown = f"{show_number(row[code] * 100, 2)}%" if share else show_number(row[code])
            told.append(Text(f"，{name.zh} {shown}", f", {name.en} {shown}")(lang))
    return "".join(told)


def _looked_at(outcome: Outcome) -> set[str]:
    return {ref.code for streak in streaks_of(outcome) for ref in columns_in(streak)}


def _result_in_words(result: Mapping[str, Any], looked_at: set[str], lang: Lang) -> str:
    """Write one result of a track: ``2026Q1 91.2``, with grade and place if the streak looks at them."""
    words = [f"{result['period']} {result['total']:.10g}"]
    if "grade" in looked_at:
        words.append(str(result["grade"]))
    if "place" in looked_at:
        words.append(Text(f"第 {result['place']:.0f} 名", f"place {result['place']:.0f}")(lang))
    return " ".join(words)
