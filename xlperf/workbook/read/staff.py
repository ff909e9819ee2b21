"""Finds the employees whom foreign rows mean, by ID or by a name that only one of them has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from xlperf.core.numbers import clean_key, clean_text
from xlperf.core.problems import Problem, Text
from xlperf.core.spelling import similar
from xlperf.schema import SHEETS
from xlperf.schema.tables import Table, address

NAMES_LISTED = 20


class Staff:
    """The employees by ID and by name, and the direct superior of each."""

    def __init__(self, employees: Table | None) -> None:
        columns = ["employee_id", "name", "manager_id"]
        frame = employees.frame[columns].dropna(subset=["employee_id"]) if employees else None
        self.names: dict[str, list[str]] = defaultdict(list)
        self.managers: dict[str, str] = {}
        self.ids = set() if frame is None else set(frame["employee_id"])
        for employee, name, manager in () if frame is None else frame.itertuples(index=False, name=None):
            if isinstance(name, str):
                self.names[name].append(employee)
            if isinstance(manager, str):
                self.managers[employee] = manager

    def find(self, word: Any) -> str | None:
        """Return the ID that an ID or a name means, if it means one person."""
        if clean_key(word) in self.ids:
            return clean_key(word)
        people = self.names.get(clean_text(word), [])
        return people[0] if len(people) == 1 else None


def people_by_name(
    names: Sequence[Any], rows: Sequence[int], letter: str, staff: Staff, title: str
) -> tuple[list[Any], list[Problem]]:
    """Return the IDs of people by their names; a blank, and the name of nobody or of several people, is a problem."""
    people = [staff.find(name) for name in names]
    strangers: dict[str, list[int]] = defaultdict(list)
    for row, name, person in zip(rows, names, people, strict=True):
        if person is None and name is not None:
            strangers[clean_text(name)].append(row)
    problems = []
    if blank := [row for row, name in zip(rows, names, strict=True) if name is None]:
        details = {"cell": "", "column": SHEETS["employees"]["name"].name}
        problems.append(Problem("cell-required", title, address(letter, blank), details))
    for name in sorted(strangers.keys() & staff.names.keys()):
        details = {"name": name, "people": sorted(staff.names[name])}
        problems.append(Problem("name-of-several", title, address(letter, strangers[name]), details))
    unknown = sorted(strangers.keys() - staff.names.keys())
    if unknown:
        listed = [_with_near(name, staff.names) for name in unknown[:NAMES_LISTED]]
        where = [row for name in unknown for row in strangers[name]]
        more = {"count": len(unknown), "names": listed}
        problems.append(Problem("names-not-on-roster", title, address(letter, where), more))
    return people, problems


def _with_near(name: str, names: Mapping[str, Any]) -> Text:
    near = similar(name, names, 1)
    return Text(f"{name}（相近：{near[0]}）", f"{name} (similar: {near[0]})") if near else Text(name, name)
