"""The lines of a report: departments or people, subtotals, what belongs to nobody, and the total."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain

import numpy as np
import pandas as pd

from xlperf.core.numbers import fraction_of
from xlperf.policy.access import Scope
from xlperf.reporting.reports.measures import Block, Level, Measure
from xlperf.scoring.stages import Gathered

_LAST = chr(0x10FFFF)  # sorts a subtotal behind all that it is made of
LABELS = ["line", "department", "employee_id"]


@dataclass(frozen=True)
class Lines:
    """The lines of a report (``frame``), and which ``group`` of rows each ``line`` holds."""

    frame: pd.DataFrame
    line: np.ndarray
    group: np.ndarray

    @classmethod
    def of(cls, lines: Sequence[tuple[str, str, str, Sequence[int]]]) -> Lines:
        """Make lines of their kind, department, employee and groups."""
        frame = pd.DataFrame([each[:3] for each in lines], columns=LABELS, dtype=object)
        line = np.repeat(np.arange(len(lines)), [len(each[3]) for each in lines])
        return cls(frame, line, np.array([group for each in lines for group in each[3]], np.intp))

    def summed(self, groups: np.ndarray) -> np.ndarray:
        """Return the sums of the lines, of those of the groups."""
        return np.bincount(self.line, groups[self.group], len(self.frame))

    def summed_exactly(self, groups: Mapping[int, Fraction]) -> np.ndarray:
        """Return the sums of the lines, of amounts of the groups that have any."""
        sums = [Fraction(0)] * len(self.frame)
        for line, group in zip(self.line.tolist(), self.group.tolist(), strict=True):
            sums[line] += groups.get(group, 0)
        return np.array(sums, np.float64)


def owners_of(appraisal: Gathered, owners: pd.Series) -> pd.DataFrame:
    """Return whose each row of a sheet is: a person with the person's department, a department itself, or nobody's."""
    people = appraisal.people
    owner = owners.fillna("").astype(object)
    homes = dict(zip(people.frame["employee_id"], people.frame["department"].fillna("").astype(object), strict=True))
    person = owner.isin(list(homes))
    unit = ~person & owner.isin(list(people.ancestors))
    return pd.DataFrame(
        {
            "nobody": ~person & ~unit,
            "department": owner.map(homes).where(person, owner.where(unit, "")).astype(object),
            "employee": owner.where(person, ""),
        }
    )


def positions_of(owners: pd.DataFrame, groups: pd.DataFrame) -> np.ndarray:
    """Return the group of each row; -1 where it has none, being out of scope."""
    numbered = owners.merge(groups.assign(group=np.arange(len(groups))), how="left")["group"]
    return numbered.fillna(-1).to_numpy(np.intp)


def seen_within(owners: pd.DataFrame, level: Level, scope: Scope | None) -> np.ndarray:
    """Tell which rows may be seen; those of nobody only by who sees the company."""
    if scope is None:
        return np.ones(len(owners), bool)
    inside = owners["department"].isin(scope.departments)
    if level == "manager":
        inside = (inside & (owners["employee"] == "")) | owners["employee"].isin(scope.people)
    return np.asarray(np.where(owners["nobody"], scope.company, inside), bool)


def lines_of(appraisal: Gathered, level: Level, sheet: str, groups: pd.DataFrame, scope: Scope | None) -> Lines:
    """Return the lines of a report: departments in the order of the tree, or their people; the rest, and the total."""
    expected = _expected(appraisal, level, sheet, scope)
    owned = groups.loc[~groups["nobody"], ["department", "employee"]]
    whose = pd.concat([owned, expected]).drop_duplicates().sort_values(["department", "employee"])
    at = {key: group for group, key in zip(owned.index, owned.itertuples(index=False, name=None), strict=True)}
    ancestors = appraisal.people.ancestors
    of_people = level == "manager"
    lines = _of_people(whose, ancestors, at) if of_people else _of_departments(whose, ancestors, at, scope)
    nobody = np.flatnonzero(groups["nobody"]).tolist()
    lines += [("nobody", "", "", nobody)] if nobody else []
    return Lines.of([*lines, ("total", "", "", range(len(groups)))])


def _expected(appraisal: Gathered, level: Level, sheet: str, scope: Scope | None) -> pd.DataFrame:
    """Return the people who have indicators on a sheet, and so belong on its reports even with no row of their own."""
    frame = appraisal.people.frame
    groups = {each.group for each in appraisal.scheme.of_level("employee") if each.sheet == sheet}
    there = frame["scored"] & (frame["group"].fillna("").isin(groups) | ("" in groups))
    people = frame.loc[there, ["department", "employee_id"]].fillna("").rename(columns={"employee_id": "employee"})
    if scope is None:
        return people.astype(object)
    column, seen = ("employee", scope.people) if level == "manager" else ("department", scope.departments)
    return people[people[column].isin(seen)].astype(object)


def _of_departments(
    whose: pd.DataFrame,
    ancestors: Mapping[str, tuple[str, ...]],
    at: Mapping[tuple[str, str], int],
    scope: Scope | None,
) -> list[tuple[str, str, str, Sequence[int]]]:
    """Return a line for each department's own rows, and a subtotal for each that has others below it."""
    paths = {code: ancestors.get(code, (code,)) for code in whose["department"].unique()}
    held: dict[str, list[int]] = {code: [] for code in paths}
    for (code, _), group in at.items():
        held[code].append(group)
    lines: dict[tuple[str, ...], tuple[str, str, str, Sequence[int]]] = {
        path: ("unit", code, "", held[code]) for code, path in paths.items()
    }
    for above in {code for path in paths.values() for code in path[:-1] if scope is None or code in scope.departments}:
        inside = [group for code, path in paths.items() if above in path for group in held[code]]
        lines[*ancestors.get(above, (above,)), _LAST] = ("subtotal", above, "", inside)
    return [lines[path] for path in sorted(lines)]


def _of_people(
    whose: pd.DataFrame, ancestors: Mapping[str, tuple[str, ...]], at: Mapping[tuple[str, str], int]
) -> list[tuple[str, str, str, Sequence[int]]]:
    """Return a line for each person, department by department, with a subtotal where there is more than one."""
    lines: list[tuple[str, str, str, Sequence[int]]] = []
    departments = {str(code): list(people) for code, people in whose.groupby("department")["employee"]}
    for code in sorted(departments, key=lambda each: ancestors.get(each, (each,))):
        held = [[at[code, each]] if (code, each) in at else [] for each in departments[code]]
        lines += [("unit", code, each, group) for each, group in zip(departments[code], held, strict=True)]
        lines += [("subtotal", code, "", [*chain.from_iterable(held)])] if len(held) > 1 else []
    return lines


def figures_of_block(
    block: Block,
    measures: Sequence[Measure],
    lines: Lines,
    whose: Mapping[str, tuple[np.ndarray, np.ndarray]],
    count: int,
) -> pd.DataFrame:
    """Return the lines of one block with their figures; ``whose`` are the rows seen and their groups, by measure."""
    rows = lines.frame.copy()
    for each in measures:
        if each.code in block.figures:
            seen, at = whose[each.code]
            picked = block.rows & seen
            values, groups = block.figures[each.code].to_numpy()[picked], at[picked]
            money = each.kind == "money"
            sums = (
                lines.summed_exactly(_amounts(values, groups))
                if money
                else lines.summed(np.bincount(groups, values, count))
            )
            rows[each.code] = sums
    plain = [each.code for each in measures if each.code in rows]
    for each in measures:
        if each.kind in ("share", "mean") and set(each.of) <= set(plain):
            above, below = (rows[code].to_numpy(np.float64) for code in each.of)
            rows[each.code] = np.divide(above, below, out=np.full(len(rows), np.nan), where=below != 0)
    kept = block.whole | (rows[plain] != 0).any(axis=1) | (rows["line"] == "total")
    return rows[kept].reindex(columns=[*LABELS, *(each.code for each in measures)])


def _amounts(values: np.ndarray, at: np.ndarray) -> dict[int, Fraction]:
    """Sum amounts to the last decimal, in whatever order they stand."""
    sums: dict[int, Fraction] = {}
    for place in np.flatnonzero(values):
        group = int(at[place])
        sums[group] = sums.get(group, Fraction(0)) + fraction_of(float(values[place]))
    return sums
