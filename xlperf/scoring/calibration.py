"""Calibration: computed grades become final ones where somebody decided so, with reason, person and date.

What was typed on the sheet Calibration is held against the log of the period; what is not in it yet becomes a new
entry. Nothing is final until the quotas hold, or an exception is signed for each that does not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from xlperf.core.periods import Period, Periods
from xlperf.core.problems import Problem, Text, between
from xlperf.core.spelling import similar
from xlperf.core.vocabulary import fold
from xlperf.policy.scheme import Scheme
from xlperf.policy.validation.quota_limits import limit_text
from xlperf.schema import SHEETS
from xlperf.schema.tables import Table
from xlperf.scoring.ranking import Ranking
from xlperf.scoring.roster import Roster

SHEET, LOG = "calibration", "calibration_log"
ASKED = ("reason", "decided_by", "decided_on")  # without which no grade changes
Integers = npt.NDArray[np.intp]
Action = Literal["change", "undo", "sign", "finalise"]
EMPTIED = Text("表中的调整已清空", "the change was emptied on the sheet")


@dataclass(frozen=True)
class GradeChange:
    """One person's grade as somebody decided it: positions in the list of grades, and in the roster."""

    person: int
    employee_id: str
    computed: int
    final: int
    reason: str
    decided_by: str
    decided_on: pd.Timestamp


@dataclass(frozen=True)
class Deviation:
    """Grades of a pool with more or fewer people than they may have; ``signed`` tells that somebody signed for it."""

    pool: Text
    grades: tuple[int, ...]
    count: int
    least: int
    most: int
    words: Text
    signed: bool = False

    @property
    def over(self) -> int:
        """How many people are too many, or (negative) too few."""
        return max(self.count - self.most, 0) - max(self.least - self.count, 0)


@dataclass(frozen=True)
class Quota:
    """What some neighbouring grades of a pool may have together, at least and at most, and the words for it."""

    pool: int
    grades: tuple[int, ...]
    least: int
    most: int
    words: Text


@dataclass(frozen=True)
class Calibration:
    """What calibration makes of a ranking.

    ``computed`` is the ranking before, ``changes`` are those in force, ``quotas`` what head-counts are held against,
    ``deviations`` those that are not kept, ``new_entries`` what the log has to say more (columns of its sheet), and
    ``final`` tells that somebody has closed the calibration and nothing has changed since.
    """

    computed: Ranking
    changes: tuple[GradeChange, ...]
    quotas: tuple[Quota, ...]
    deviations: tuple[Deviation, ...]
    log: Table
    new_entries: pd.DataFrame
    final: bool

    @property
    def open_deviations(self) -> tuple[Deviation, ...]:
        """The deviations that nobody has signed for."""
        return tuple(each for each in self.deviations if not each.signed)

    def change_of(self, person: int) -> GradeChange | None:
        """Return the change of somebody's grade, by the position in the roster; None where there is none."""
        return next((each for each in self.changes if each.person == person), None)


def calibrated(
    ranking: Ranking, scheme: Scheme, people: Roster, given: Table, log: Table, period: Period, calendar: Periods
) -> tuple[Ranking, Calibration, list[Problem]]:
    """Return the ranking with the final grades and places, what became of it, and what is wrong with the changes.

    Parameters
    ----------
    ranking : as scores and quotas made it
    scheme, people : its grades, and the roster
    given : the rows of the sheet Calibration that belong to the period
    log : the whole sheet Calibration log
    period, calendar : the run's period, and the calendar that reads the labels of the log
    """
    changes, problems = _changes(ranking, scheme, people, given)
    grade = ranking.grade.copy()
    for change in changes:
        grade[change.person] = change.final
    counts = _counted(grade, ranking, len(scheme.grades))
    final = replace(ranking, grade=grade, place=final_places(ranking, grade), counts=counts)
    quotas = tuple(_quotas(ranking, scheme))
    mine = entries_of(log, period, calendar)
    deviations = tuple(_deviations(quotas, final, scheme, mine))
    entries = new_entries(mine, changes, scheme, period, ranking, next_number(log))
    closed = _is_closed(mine) and entries.empty and all(each.signed for each in deviations)
    found = Calibration(ranking, changes, quotas, deviations, log, entries, closed)
    return final, found, [*problems, *_not_held(found, given)]


def final_places(ranking: Ranking, grade: Integers) -> Integers:
    """Return the places after calibration: by final grade, within it by the computed place; as before where none moved.

    Parameters
    ----------
    ranking : the computed one
    grade : everybody's final grade
    """
    place = ranking.place.copy()
    moved = grade != ranking.grade
    for pool in np.unique(ranking.pools.code[moved]):
        those = np.flatnonzero((ranking.pools.code == pool) & (ranking.place > 0))
        order = np.where(grade[those] < 0, np.iinfo(np.int32).max, grade[those]) * (len(place) + 1) + place[those]
        place[those] = (order[:, None] > order[None, :]).sum(axis=1) + 1
    return place


def _counted(grade: Integers, ranking: Ranking, grades: int) -> Integers:
    code = ranking.pools.code
    held = (grade >= 0) & (code >= 0)
    flat = np.bincount(code[held] * grades + grade[held], minlength=len(ranking.pools.names) * grades)
    return np.asarray(flat.reshape(len(ranking.pools.names), grades), np.intp)


# Changes that were typed ---


def _changes(
    ranking: Ranking, scheme: Scheme, people: Roster, given: Table
) -> tuple[tuple[GradeChange, ...], list[Problem]]:
    known = {fold(word): g for g, each in enumerate(scheme.grades) for word in (*each.name, each.code)}
    found: list[GradeChange] = []
    problems: list[Problem] = []
    where = people.ids.get_indexer(pd.Index(given["employee_id"]))
    for row, values in enumerate(given.frame.to_dict("records")):
        if pd.isna(values["adjusted"]):
            if any(not pd.isna(values[each]) for each in ASKED):
                problems.append(_at(given, "calibration-without-grade", "adjusted", row, values))
            continue
        grade, person = known.get(fold(str(values["adjusted"]))), int(where[row])
        if grade is None:
            details = {"cell": values["adjusted"], "column": SHEETS[SHEET]["adjusted"].name,
                       "sheet": SHEETS["grades"].title,
                       "near": similar(str(values["adjusted"]), [each.code for each in scheme.grades])}  # fmt: skip
            problems.append(Problem("code-unknown", given.title, given.cells("adjusted", [row]), details))
            continue
        if person < 0 or ranking.grade[person] < 0:
            problems.append(_at(given, "calibration-not-graded", "employee_id", row, values))
            continue
        if grade == ranking.grade[person]:
            problems.append(
                _at(given, "calibration-no-change", "adjusted", row, values, grade=scheme.grades[grade].name)
            )
            continue
        lacking = [each for each in ASKED if pd.isna(values[each])]
        problems += (
            _at(given, "calibration-incomplete", each, row, values, column=SHEETS[SHEET][each].name) for each in lacking
        )
        codes = [each.code for each in scheme.grades]
        for veto in ranking.vetoes[person]:
            limit = veto.parameters.get("limit_grade")
            if veto.parameters.get("effect") == "limit_grade" and limit in codes and grade < codes.index(str(limit)):
                problems.append(_at(given, "calibration-over-veto", "adjusted", row, values, veto=veto.name,
                                    grade=scheme.grades[codes.index(str(limit))].name))  # fmt: skip
        if not lacking:
            who, computed = str(values["employee_id"]), int(ranking.grade[person])
            reason, by, day = str(values["reason"]), str(values["decided_by"]), pd.Timestamp(values["decided_on"])
            found.append(GradeChange(person, who, computed, grade, reason, by, day))
    return tuple(sorted(found, key=lambda each: each.employee_id)), problems


def _at(given: Table, code: str, column: str, row: int, values: Mapping[Any, Any], /, **details: object) -> Problem:
    return Problem(code, given.title, given.cells(column, [row]), {"person": values["employee_id"], **details})


# Quotas ---


def _quotas(ranking: Ranking, scheme: Scheme) -> Iterator[Quota]:
    """Yield what head-counts are held against: the limits, or the quotas and what ties and scores made of them."""
    for each in ranking.limits:
        words = limit_text(scheme.quota_limits[each.position], scheme)
        yield Quota(each.pool, tuple(each.grades), each.least, each.most, words)
    if ranking.limits or ranking.lines is None:
        return
    quotas = np.diff(ranking.lines, axis=1, prepend=0)
    for pool, g in np.ndindex(quotas.shape):
        quota, count = int(quotas[pool, g]), int(ranking.counts[pool, g])
        yield Quota(pool, (g,), min(quota, count), max(quota, count), scheme.grades[g].name)


def _deviations(quotas: Sequence[Quota], final: Ranking, scheme: Scheme, log: pd.DataFrame) -> Iterator[Deviation]:
    signed = log[log["action"] == "sign"]
    for quota in quotas:
        count = int(final.counts[quota.pool, list(quota.grades)].sum())
        pool = final.pools.names[quota.pool]
        one = Deviation(pool, quota.grades, count, quota.least, quota.most, quota.words)
        if one.over:
            same = signed[signed["pool"].isin(list(pool)) & (signed["grade_to"] == grade_codes(one, scheme))]
            yield replace(one, signed=bool((same["count"] == count).any()))


def grade_codes(deviation: Deviation, scheme: Scheme) -> str:
    """Return the grades of a deviation as the log names them.

    Parameters
    ----------
    deviation : with the positions of its grades
    scheme : whose grades have the codes
    """
    return "、".join(scheme.grades[g].code for g in deviation.grades)


def _not_held(found: Calibration, given: Table) -> Iterator[Problem]:
    """Report the quotas that changes of grades have broken."""
    for each in found.open_deviations if found.changes else ():
        details = {
            "pool": each.pool,
            "words": each.words,
            "count": each.count,
            "wanted": between(each.least, each.most),
        }
        yield Problem("calibration-quota", given.title, "", details)


# The log ---


def entries_of(log: Table, period: Period, calendar: Periods) -> pd.DataFrame:
    """Return the entries of a period, in the order in which they were made.

    Parameters
    ----------
    log : the sheet Calibration log
    period, calendar : the period, and the calendar that reads its labels
    """
    meant = calendar.resolve(log["period"].dropna().unique(), period)
    same = [label for label, each in meant.items() if each.code == period.code]
    return log.frame[log["period"].isin(same)]


def new_entries(
    entries: pd.DataFrame,
    changes: Sequence[GradeChange],
    scheme: Scheme,
    period: Period,
    ranking: Ranking,
    number: int,
) -> pd.DataFrame:
    """Return the entries that the log lacks: changes that are new or different, and those that are no longer there.

    Parameters
    ----------
    entries : those of the period
    changes : the changes in force
    scheme, period, ranking : whose grades, period and pools the entries name
    number : of the first new entry
    """
    codes = [each.code for each in scheme.grades]
    logged: dict[str, Any] = {}
    for entry in entries.to_dict("records"):
        if entry["action"] == "change":
            logged[str(entry["employee_id"])] = entry
        elif entry["action"] == "undo":
            logged.pop(str(entry["employee_id"]), None)
    rows: list[Mapping[Any, Any]] = []
    for each in changes:
        before = logged.pop(each.employee_id, None)
        row: dict[Any, Any] = {
            "action": "change",
            "employee_id": each.employee_id,
            "pool": ranking.pools.names[ranking.pools.code[each.person]](scheme.settings.language),
            "grade_from": codes[each.computed],
            "grade_to": codes[each.final],
            "reason": each.reason,
            "decided_by": each.decided_by,
            "decided_on": each.decided_on,
        }
        if before is None or any(before[column] != row[column] for column in ("grade_to", *ASKED)):
            rows.append(row)
    for employee, gone in sorted(logged.items()):
        rows.append({"action": "undo", "employee_id": employee, "pool": gone["pool"], "grade_from": gone["grade_to"],
                     "grade_to": gone["grade_from"], "reason": EMPTIED(scheme.settings.language)})  # fmt: skip
    return numbered(rows, period, number)


def numbered(rows: Sequence[Mapping[Any, Any]], period: Period, number: int) -> pd.DataFrame:
    """Return entries as rows of the log.

    Parameters
    ----------
    rows : by column of the log
    period : which they belong to
    number : of the first one
    """
    made = [{"entry": str(number + at), "period": period.code, **row} for at, row in enumerate(rows)]
    return pd.DataFrame(made, columns=list(SHEETS[LOG].by_code))


def next_number(log: Table) -> int:
    """Return the number of the next entry of a log.

    >>> from xlperf.schema.tables import table_of
    >>> next_number(table_of("calibration_log", [{"entry": "7"}]))
    8
    """
    numbers = pd.to_numeric(log["entry"], errors="coerce").dropna()
    return int(numbers.max()) + 1 if len(numbers) else 1


def _is_closed(entries: pd.DataFrame) -> bool:
    """Whether the calibration was closed, and nothing changed afterwards."""
    deciding = entries["action"][entries["action"].isin(["change", "undo", "finalise"])]
    return bool(len(deciding)) and deciding.iloc[-1] == "finalise"
