"""Who may see what: one table of roles, and the units and people that each role may look at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from xlperf.core.problems import Text
from xlperf.core.vocabulary import fold

RIGHTS: dict[str, Text] = {
    "company_indicators": Text("公司指标", "Company indicators"),
    "company_reports": Text("公司报表", "Company reports"),
    "branch_indicators": Text("营业部指标", "Branch indicators"),
    "branch_reports": Text("营业部报表", "Branch reports"),
    "employee_indicators": Text("员工指标", "Employee indicators"),
    "employee_task_lists": Text("员工任务列表", "Employee task lists"),
    "manager_reports": Text("客户经理报表", "Client-manager reports"),
}
OF_COMPANY, OF_UNITS = ("company_indicators", "company_reports"), ("branch_indicators", "branch_reports")
OF_PEOPLE = ("employee_indicators", "employee_task_lists", "manager_reports")


@dataclass(frozen=True)
class Role:
    """A role: who holds it, how far it reaches (the company, the own unit, oneself), and what it may see there."""

    code: str
    name: Text
    holders: Text
    reach: str
    sees: tuple[str, ...]


ROLES: dict[str, Role] = {
    each.code: each
    for each in (
        Role(
            "company",
            Text("总部管理层", "Company management"),
            Text(
                "公司领导、信息技术部、客户服务中心、零售客户服务总部",
                "The company's leaders, information technology, the client service centre, retail head office",
            ),
            "company",
            (*OF_COMPANY, "branch_indicators"),
        ),
        Role(
            "branch",
            Text("营业部管理层", "Branch management"),
            Text("营业部负责人", "Heads of branches"),
            "unit",
            (*OF_UNITS, *OF_PEOPLE),
        ),
        Role("employee", Text("营业部员工", "Employee"), Text("客户经理", "Client managers"), "self", OF_PEOPLE),
    )
}


@dataclass(frozen=True)
class Scope:
    """The departments and the people whose figures may be seen; ``company`` is the company as a whole."""

    company: bool
    departments: frozenset[str]
    people: frozenset[str]

    def __and__(self, other: Scope) -> Scope:
        """Return what lies in both."""
        return Scope(self.company and other.company, self.departments & other.departments, self.people & other.people)


def find_role(word: str) -> Role | None:
    """Return the role that a word means: its code, or its name in either language.

    >>> find_role("营业部管理层").code, find_role("director")
    ('branch', None)
    """
    wanted = fold(word)
    return next((each for each in ROLES.values() if wanted in map(fold, (each.code, *each.name))), None)


def may_see(role: str, what: str) -> bool:
    """Return whether a role may see a kind of content at all; whose figures it may see, ``scope_of`` returns.

    Parameters
    ----------
    role : a key of ``ROLES``
    what : a key of ``RIGHTS``, such as ``manager_reports``

    Raises
    ------
    KeyError
        Where there is no such role or right: a misspelt one must not pass for one that is refused.

    Examples
    --------
    >>> may_see("branch", "manager_reports"), may_see("employee", "branch_reports")
    (True, False)
    """
    if what not in RIGHTS:
        raise KeyError(what)
    return what in ROLES[role].sees


def scope_of(role: str, person: str, people: pd.DataFrame, ancestors: Mapping[str, tuple[str, ...]]) -> Scope:
    """Return the units and people whose figures somebody may see in a role.

    Parameters
    ----------
    role : a key of ``ROLES``
    person : the employee ID; who is not among the people sees nothing, unless the role reaches over the company
    people : the roster, with the columns ``employee_id`` and ``department``
    ancestors : of each department, the path from the widest to itself

    Returns
    -------
    Scope: branch management sees its own department with all below it, an employee only the own rows. There are no
    people in the scope of a role that sees nothing of employees, and no departments where it sees nothing of units.

    Examples
    --------
    >>> people = pd.DataFrame({"employee_id": ["E1", "E2"], "department": ["N", "S"]})
    >>> scope_of("employee", "E1", people, {"N": ("N",), "S": ("S",)}).people
    frozenset({'E1'})
    """
    reach = ROLES[role].reach
    departments = people["department"].dropna()
    if reach == "company":
        seen, inside = frozenset({*ancestors, *departments}), people["employee_id"]
    elif reach == "unit":
        seen = below(departments[people["employee_id"] == person], ancestors)
        inside = people.loc[people["department"].isin(seen), "employee_id"]
    else:
        seen, inside = frozenset(), people.loc[people["employee_id"] == person, "employee_id"]
    sees = ROLES[role].sees
    return Scope(
        company=not set(sees).isdisjoint(OF_COMPANY),
        departments=seen if not set(sees).isdisjoint(OF_UNITS) else frozenset(),
        people=frozenset(inside) if not set(sees).isdisjoint(OF_PEOPLE) else frozenset(),
    )


def below(departments: Iterable[str], ancestors: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    """Return the codes of some departments and of every department below them.

    Parameters
    ----------
    departments : codes of departments
    ancestors : of each department, the path from the widest to itself

    Examples
    --------
    >>> sorted(below(["N"], {"N": ("N",), "N1": ("N", "N1"), "S": ("S",)}))
    ['N', 'N1']
    """
    chosen = set(departments)
    return frozenset(chosen | {code for code, path in ancestors.items() if not chosen.isdisjoint(path)})


def within(departments: Iterable[str], people: pd.DataFrame, ancestors: Mapping[str, tuple[str, ...]]) -> Scope:
    """Return the scope of some departments: these, every department below them, and the people in all of them.

    Parameters
    ----------
    departments : codes of departments
    people : the roster, with the columns ``employee_id`` and ``department``
    ancestors : of each department, the path from the widest to itself

    Returns
    -------
    Scope: without the figures of the company as a whole.

    Examples
    --------
    >>> people = pd.DataFrame({"employee_id": ["E1", "E2"], "department": ["N1", "S"]})
    >>> within(["N"], people, {"N": ("N",), "N1": ("N", "N1"), "S": ("S",)}).people
    frozenset({'E1'})
    """
    seen = below(departments, ancestors)
    return Scope(False, seen, frozenset(people.loc[people["department"].isin(seen), "employee_id"]))
