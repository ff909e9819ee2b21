"""Everybody whose forms are filled: who they are, what they were scored on, and what stands behind each score."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from xlperf.core.numbers import round_half_up, show_number
from xlperf.core.problems import Lang, Text
from xlperf.core.vocabulary import WORDS, unit_name
from xlperf.policy.conditions import ALWAYS, columns_in, rows_meeting
from xlperf.policy.conditions.tree import All
from xlperf.policy.scheme import Indicator
from xlperf.schema.tables import Table
from xlperf.scoring.period_rows import prepared, rows_of_period, scope_of
from xlperf.scoring.stages import Completed
from xlperf.scoring.totals import ADDING, shares_of_total

PERCENT = ("%", "％")
Events = Mapping[tuple[str, str], Sequence[str]]


@dataclass(frozen=True)
class Item:
    """One indicator of one person.

    ``weight`` is the share of the total that the scheme gives it, ``standard`` the points that it stands for in the
    total after what was not measured, ``score`` what it adds; ``events`` are the deductions that checks found.
    """

    indicator: Indicator
    dimension: str
    name: str
    weight: float
    standard: float
    score: float
    actual: float
    target: float
    state: str
    events: tuple[str, ...]
    proration: str = ""

    @property
    def counts(self) -> bool:
        """Whether it counts in the total."""
        return self.standard > 0

    @property
    def lost(self) -> float:
        """The points that it falls short of its standard; none where it is above."""
        return max(self.standard - self.score, 0.0)

    @property
    def rate(self) -> float:
        """What was scored of the standard."""
        return self.score / self.standard


@dataclass(frozen=True)
class Person:
    """One employee: the header of the forms, the row of the Results sheet, and the items."""

    employee_id: str
    name: str
    department: str
    position: str
    group: str
    appraiser: str
    result: Mapping[str, Any]
    items: tuple[Item, ...]
    adjustments: tuple[str, ...]


def people_of(appraisal: Completed, results: pd.DataFrame, detail: pd.DataFrame, lang: Lang) -> list[Person]:
    """Return the people of the Results sheet in the order of their IDs.

    Parameters
    ----------
    appraisal : one that is done
    results, detail : its output frames, in the language of the forms; ``detail`` may have more people
    lang : "zh" or "en"
    """
    roster = appraisal.people.frame.set_index("employee_id")
    appraisers = _appraisers(appraisal)
    posts = {each.group: each.name(lang) for each in appraisal.scheme.positions}
    items = _items(appraisal, detail[detail["employee_id"].isin(results["employee_id"])], lang)
    adjusted = _adjustments(appraisal, lang)
    ordered = results.sort_values("employee_id")
    return [
        Person(
            employee_id=row["employee_id"],
            name=text_of(row["name"]),
            department=text_of(row["department_name"]),
            position=text_of(roster.at[row["employee_id"], "position"]) or posts.get(row["group"], ""),
            group=text_of(row["group"]),
            appraiser=appraisers.get(row["employee_id"], ""),
            result=row,
            items=tuple(items.get(row["employee_id"], ())),
            adjustments=tuple(adjusted.get((row["employee_id"], ""), ())),
        )
        for row in records(ordered)
    ]


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a frame by column."""
    return [dict(zip(frame.columns, row, strict=True)) for row in frame.itertuples(index=False, name=None)]


def text_of(value: object) -> str:
    """Return a text of a frame, nothing where there is none."""
    return value if isinstance(value, str) else ""


def figure_text(value: float, unit: str, lang: Lang) -> str:
    """Write a figure with its unit, for a sentence.

    >>> figure_text(0.925, "%", "en"), figure_text(1200.5, "yuan", "en"), figure_text(12, "clients", "zh")
    ('92.5%', '1,200.5 yuan', '12 户')
    """
    if unit in PERCENT:
        return f"{show_number(value * 100)}%"
    number = f"{round_half_up(value):,.2f}".rstrip("0").rstrip(".")
    return f"{number} {unit_name(unit)(lang)}".strip()


def _appraisers(appraisal: Completed) -> dict[str, str]:
    """Name everybody's superior, or else the head of the department; nobody appraises oneself."""
    employees, departments = appraisal.table("employees"), appraisal.table("departments")
    names = {who: text_of(name) or who for who, name in zip(employees["employee_id"], employees["name"], strict=True)}
    heads = dict(zip(departments["department"], departments["head_id"], strict=True))
    frame = appraisal.people.frame
    chosen = frame["manager_id"].fillna(frame["department"].map(heads).astype("str"))
    own = chosen.isna() | (chosen == frame["employee_id"])
    return {
        who: names.get(superior, superior)
        for who, superior in zip(frame["employee_id"][~own], chosen[~own], strict=True)
    }


def _items(appraisal: Completed, detail: pd.DataFrame, lang: Lang) -> dict[str, list[Item]]:
    """Return the items of each person; an indicator without weight that vetoes nothing is on no form."""
    settings, known = appraisal.scheme.settings, {each.code: each for each in appraisal.indicators}
    stated = shares_of_total(appraisal.indicators, appraisal.scheme.dimensions, settings)
    share = detail["indicator"].map(dict(zip(known, stated, strict=True)))
    if settings.total_method == "weighted":
        share = share / share.groupby(detail["employee_id"]).transform("sum")
    vetoes = [each.code for each in known.values() if each.card.veto]
    listed = detail.assign(share=share)[(share > 0) | detail["indicator"].isin(vetoes)]
    found, zeroed = _deductions(appraisal, lang), _adjustments(appraisal, lang)
    items = defaultdict(list)
    for row in records(listed):
        key = (row["employee_id"], row["indicator"])
        item = Item(
            indicator=known[row["indicator"]],
            dimension=row["dimension"],
            name=row["indicator_name"],
            weight=row["share"],
            standard=row["weight"] * settings.full_points,
            score=row["contribution"],
            actual=row["actual"],
            target=row["target"],
            state=row["fact_status"],
            events=(*found.get(key, ()), *zeroed.get(key, ())),
            proration=row["proration"],
        )
        items[row["employee_id"]].append(item)
    return items


def _deductions(appraisal: Completed, lang: Lang) -> Events:
    """Return what the checks of the period deducted, by person and indicator, in the order of the days."""
    when, found = appraisal.when, defaultdict(list)
    table, _ = prepared(appraisal.table("checks"), appraisal.indicators, when, appraisal.calendar)
    day = "%m-%d" if when.start.year == when.end.year else "%Y-%m-%d"
    for each in appraisal.indicators:
        if each.source == "checks" and "deduction" in {ref.code for node in each.columns for ref in columns_in(node)}:
            rows = table.frame[_counted(table, each, appraisal) & (table["deduction"] > 0).to_numpy()]
            for row in records(rows.sort_values(["date", "check_id"])):
                found[row["employee_id"], each.code].append(_deduction(row, day, lang))
    return found


def _counted(table: Table, each: Indicator, appraisal: Completed) -> np.ndarray:
    """Tell which checks an indicator counts."""
    mine = All((scope_of(each), each.hit or ALWAYS))
    rows = nw.from_native(table.frame).select(inside=rows_meeting(mine, appraisal.when))
    return np.asarray(rows["inside"].to_numpy(), bool)


def _deduction(row: Mapping[str, Any], day: str, lang: Lang) -> str:
    """Write one deduction: the day, the check, the clause and the points."""
    kind = WORDS["check_kind"][row["check_kind"]](lang) if row["check_kind"] in WORDS["check_kind"] else ""
    when = f"{row['date']:{day}}" if row["date"] is not pd.NaT else ""
    which = " ".join(filter(None, (when, kind)))
    clause = text_of(row["clause"]) or text_of(row["note"])
    named = Text("：", ": ")(lang).join(filter(None, (which, clause)))
    return f"{named} −{show_number(row['deduction'])}"


def _adjustments(appraisal: Completed, lang: Lang) -> Events:
    """Return the adjustments of the period by person and by the item set to zero, or "" where they change the total."""
    kept_apart = any(part.source == "periods" for part in appraisal.parts)  # those of months are in their totals
    exactly = appraisal.period if kept_apart else None
    table, _ = rows_of_period(appraisal.table("adjustments"), appraisal.when, appraisal.calendar, exactly)
    codes = {name: each.code for each in reversed(appraisal.indicators) for name in (*each.name, each.code)}
    found = defaultdict(list)
    for row in records(table.frame.sort_values("adjustment_id")):
        if row["adjustment_kind"] == "zero_item":
            key = (row["employee_id"], codes.get(row["indicator"], ""))
            amount = WORDS["adjustment_kind"]["zero_item"](lang)
        else:
            key = (row["employee_id"], "")
            amount = ("+" if row["adjustment_kind"] in ADDING else "−") + show_number(abs(row["points"]))
        approver = text_of(row["approver"])
        approved = Text(f"审批人 {approver}", f"approved by {approver}")(lang) if approver else ""
        found[key].append(Text("，", ", ")(lang).join(filter(None, (text_of(row["clause"]), approved, amount))))
    return found
