"""Who is appraised: the employees of a period, where they belong, and who is scored and ranked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from xlperf.core.periods import Period
from xlperf.core.problems import Problem, Text, some
from xlperf.core.spelling import similar
from xlperf.core.vocabulary import WORDS
from xlperf.schema import SHEETS
from xlperf.schema.settings import Settings
from xlperf.schema.tables import Table, Tables, empty

REASONS: dict[str, Text] = {
    "status_scored": Text("在职状态不计分", "the status is not scored"),
    "not_here": Text("本期不在岗", "not in service during the period"),
    "status_ranked": Text("在职状态不参加排名", "the status is not ranked"),
    "too_new": Text("在岗天数不足", "too few days of service"),
    "gate": Text("未通过前提条件（如培训）", "a gate such as training is not passed"),
    "too_little": Text("已计分的权重不足", "too little weight measured"),
}


@dataclass(frozen=True)
class Roster:
    """The employees in the order of their IDs.

    ``frame`` has the columns of the Employees sheet, the department's name, ``service`` (the share of the period's days
    in service), ``scored`` and ``ranked``, and ``reason``: why not, a key of ``REASONS`` or empty.
    """

    frame: pd.DataFrame
    ancestors: Mapping[str, tuple[str, ...]]  # of each department, from the widest to itself
    department_names: Mapping[str, str]
    position_names: Mapping[str, Text] = field(default_factory=dict)

    @property
    def unit_names(self) -> dict[str, Text]:
        """The names of position groups and departments, by code."""
        return {**self.position_names, **{code: Text(name, name) for code, name in self.department_names.items()}}

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def ids(self) -> pd.Index:
        """The employee IDs."""
        ids: pd.Index = pd.Index(self.frame["employee_id"], name="employee_id")
        return ids

    def groups(self) -> list[str]:
        """The position groups of the people who are scored."""
        scored = self.frame.loc[self.frame["scored"], "group"]
        return sorted(set(scored.fillna("")))


def find_person(people: pd.DataFrame, word: str) -> tuple[int | None, list[Problem]]:
    """Return the position of the employee whom an ID or a name means; an ID goes before a name.

    Parameters
    ----------
    people : with ``employee_id`` and ``name``
    word : an ID, or a name that only one employee has

    Returns
    -------
    None, with the problem, where nobody or several are called so.

    Examples
    --------
    >>> people = pd.DataFrame({"employee_id": ["01", "02", "03"], "name": ["Ann Lee", "Bob", "Bob"]})
    >>> find_person(people, "Ann Lee"), find_person(people, "Bob")[1][0].details["near"]
    ((0, []), ['02', '03'])
    """
    same = np.flatnonzero(people["employee_id"] == word)
    same = same if len(same) else np.flatnonzero(people["name"] == word)
    if len(same) == 1:
        return int(same[0]), []
    near = list(people["employee_id"].iloc[same]) or similar(word, [*people["employee_id"], *people["name"].dropna()])
    code = "person-ambiguous" if len(same) else "person-unknown"
    return None, [Problem(code, details={"cell": word, "near": near})]


def roster(tables: Tables, settings: Settings, period: Period) -> tuple[Roster, list[Problem]]:
    """Return the employees of a period and what is wrong with their sheet."""
    employees = tables.get("employees") or empty("employees")
    departments = tables.get("departments") or empty("departments")
    ancestors, problems = _ancestors(departments)
    problems += [
        *_unknown_departments(employees, "department", departments),
        *_unknown_departments(departments, "parent", departments),
        *_not_employees(employees, "manager_id", employees),
        *_not_employees(departments, "head_id", employees),
        *_own_superiors(employees),
        *_left_undated(employees),
        *_gates_unanswered(employees, settings),
    ]
    frame = employees.frame.drop_duplicates("employee_id").dropna(subset="employee_id")
    frame = frame.sort_values("employee_id", kind="stable").reset_index(drop=True)
    given = departments.frame.dropna(subset=["department", "department_name"])
    names = dict(zip(given["department"], given["department_name"], strict=True))
    frame["department_name"] = [names.get(code, code) for code in frame["department"]]
    frame["status"] = _status(frame, period)
    days = _days_in_service(frame, period)
    frame["service"] = days / period.days
    frame["scored"] = frame["status"].isin(settings.scored_status) & (days > 0)
    why_not = {
        "status_scored": ~frame["status"].isin(settings.scored_status),
        "not_here": days == 0,
        "status_ranked": ~frame["status"].isin(settings.ranked_status),
        "too_new": days < min(settings.minimum_days, period.days),
        "gate": ~_gates_passed(frame, settings),
    }
    frame["ranked"] = ~np.logical_or.reduce(list(why_not.values()))
    frame["reason"] = np.select(list(why_not.values()), list(why_not), "")
    people = Roster(frame, ancestors, names)
    if not frame["scored"].any():
        statuses = [WORDS["employee_status"][each] for each in settings.scored_status]
        problems.append(Problem("nobody-scored", employees.title, "", {"statuses": statuses}))
    return people, [*problems, *_blanks(frame, employees, settings), *_left_out(frame, employees)]


def _gates_passed(frame: pd.DataFrame, settings: Settings) -> pd.Series:
    """Tell who has a yes in every column that is a gate; a gate is not a score, it decides who is ranked."""
    passed = pd.Series(True, index=frame.index)
    for column in settings.gates:
        passed &= frame[column].map(_answer).eq("yes")
    return passed


def _answer(word: object) -> str | None:
    """Return "yes" or "no", None for anything else: columns of HR's own hold the words as they were typed."""
    return WORDS["yes_no"].find(word) if isinstance(word, str) else None


def _gates_unanswered(employees: Table, settings: Settings) -> Iterator[Problem]:
    """Report what is neither a yes nor a no in a column of HR's own that is a gate."""
    for code in settings.gates:
        column, words = employees.column(code), WORDS["yes_no"]
        for word in sorted({*employees[code].dropna().astype(str)}) if column.kind != "choice" else ():
            if _answer(word) is None:
                cells = employees.cells(code, np.flatnonzero(employees[code].astype(str) == word))
                details = {"cell": word, "column": column.name, "allowed": list(words.values()), "near": []}
                yield Problem("not-a-choice", employees.title, cells, details)


def _status(frame: pd.DataFrame, period: Period) -> pd.Series:
    """Take a blank status as in service; who leaves by the end of the period has left, who leaves later has not yet."""
    status = frame["status"].fillna("active")
    leaving = frame["leave_date"] <= pd.Timestamp(period.end)
    staying = frame["leave_date"] > pd.Timestamp(period.end)
    return status.mask(leaving, "left").mask(staying & (status == "left"), "active")


def _days_in_service(frame: pd.DataFrame, period: Period) -> pd.Series:
    """Count the calendar days between hiring and leaving that fall into the period; missing dates do not limit them."""
    start, end = pd.Timestamp(period.start), pd.Timestamp(period.end)
    first = frame["hire_date"].mask(~(frame["hire_date"] > start), start)
    last = frame["leave_date"].mask(~(frame["leave_date"] < end), end)
    days: pd.Series = ((last - first).dt.days + 1).clip(lower=0)
    return days


def _ancestors(departments: Table) -> tuple[dict[str, tuple[str, ...]], list[Problem]]:
    parents = {
        code: parent if isinstance(parent, str) else None
        for code, parent in zip(departments["department"], departments["parent"], strict=True)
        if isinstance(code, str)
    }
    paths: dict[str, tuple[str, ...]] = {}
    problems = []
    for position, code in enumerate(parents):
        path = [code]
        while (parent := parents.get(path[0])) is not None and parent not in path:
            path.insert(0, parent)
        if parent is not None:
            cells = departments.cells("parent", [position])
            problems.append(Problem("department-loop", departments.title, cells, {"cell": code}))
        paths[code] = tuple(path)
    return paths, problems


def _unknown_departments(table: Table, column: str, departments: Table) -> list[Problem]:
    """Report departments that a column names and the Departments sheet does not have."""
    if not len(departments):
        return []
    known, named = departments["department"].dropna(), table[column]
    return [
        Problem(
            "code-unknown",
            table.title,
            table.cells(column, np.flatnonzero(named == code)),
            {
                "cell": code,
                "column": table.sheet[column].name,
                "sheet": SHEETS["departments"].title,
                "near": similar(code, known),
            },
        )
        for code in sorted(set(named.dropna()) - set(known))
    ]


def _not_employees(table: Table, column: str, employees: Table) -> list[Problem]:
    """Report superiors and heads who are no employee's ID: such as a name in its place."""
    known, superior = employees["employee_id"].dropna(), table[column]
    by_name = employees.frame.dropna(subset=["name", "employee_id"]).groupby("name")["employee_id"].agg(list)
    shapes, problems = {_shape(each) for each in known}, []
    for code in sorted({*superior.dropna()} - {*known}):
        details = {
            "cell": code,
            "column": table.sheet[column].name,
            "near": by_name.get(code) or similar(code, known),
        }
        cells = table.cells(column, np.flatnonzero(superior == code))
        if code in by_name or _shape(code) not in shapes:  # others may be superiors who are not appraised here
            problems.append(Problem("superior-unknown", table.title, cells, details))
    return problems


def _own_superiors(employees: Table) -> list[Problem]:
    """Report people who are, superior by superior, their own superior."""
    named = employees.frame.dropna(subset=["employee_id", "manager_id"])
    above = dict(zip(named["employee_id"], named["manager_id"], strict=True))
    problems = []
    for position, person in zip(named.index.tolist(), named["employee_id"], strict=True):
        chain = [person]
        while (superior := above.get(chain[-1])) is not None and superior not in chain:
            chain.append(superior)
        if superior == person:
            details = {"person": person, "chain": " → ".join([*chain, person])}
            cells = employees.cells("manager_id", [position])
            problems.append(Problem("superior-loop", employees.title, cells, details))
    return problems


def _left_undated(employees: Table) -> list[Problem]:
    """Report people who have left without a date: they count as there for the whole period."""
    undated = np.flatnonzero((employees["status"] == "left") & employees["leave_date"].isna())
    if not len(undated):
        return []
    details = {"people": some(employees["employee_id"].iloc[undated]), "count": len(undated)}
    return [Problem("left-undated", employees.title, employees.cells("leave_date", undated), details)]


def _shape(code: str) -> str:
    """Return what kinds of characters a code has: those of one company are written alike, and no name is."""
    return re.sub("[0-9]", "0", re.sub("[A-Za-z]", "a", code))


def _blanks(frame: pd.DataFrame, employees: Table, settings: Settings) -> list[Problem]:
    """Report blank cells of people who are scored, in columns that decide something.

    Of those that the sheet lacks only the columns that group people to be ranked are missed.
    """
    scored = employees["employee_id"].isin(frame.loc[frame["scored"], "employee_id"])
    grouping = [column for column in settings.pool_by if column in employees.sheet.by_code]
    taken = {
        "name": Text("报表和绩效卡上没有姓名", "reports and cards show no name"),
        "status": Text("按“在职”处理", "taken as active"),
        **dict.fromkeys(settings.gates, Text("按未通过处理：不参加排名", "taken as not passed: not ranked")),
        **dict.fromkeys(grouping, Text("与其他空白的人一起排名", "ranked with all others who have none")),
    }
    problems = []
    for column, meaning in taken.items():
        blank = scored & employees[column].isna() if employees.has(column) else scored & (column in grouping)
        blank &= ~blank.index.isin(employees.unread.get(column, ()))  # what could not be read has been reported
        if blank.any():
            people = employees["employee_id"][blank]
            details = {"column": employees.column(column).name, "people": some(people), "meaning": meaning}
            problems.append(
                Problem("blank-counts", employees.title, employees.cells(column, blank.to_numpy(bool)), details)
            )
    return problems


def _left_out(frame: pd.DataFrame, employees: Table) -> list[Problem]:
    problems = []
    for code, flag in (("not-scored", ~frame["scored"]), ("not-ranked", frame["scored"] & ~frame["ranked"])):
        for reason, people in frame[flag].groupby("reason")["employee_id"]:
            details = {"count": len(people), "people": some(people), "reason": REASONS[str(reason)]}
            problems.append(Problem(code, employees.title, "", details))
    return problems
