"""Roles: each sees what the table of rights gives it, of its own unit or person only."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlperf.policy.access import RIGHTS, ROLES, find_role, may_see, scope_of, within

GRANTED = {
    "company": {"company_indicators", "company_reports", "branch_indicators"},
    "branch": {
        "branch_indicators",
        "branch_reports",
        "employee_indicators",
        "employee_task_lists",
        "manager_reports",
    },
    "employee": {"employee_indicators", "employee_task_lists", "manager_reports"},
}
ANCESTORS = {"H": ("H",), "N": ("H", "N"), "N1": ("H", "N", "N1"), "S": ("H", "S")}
PEOPLE = pd.DataFrame(
    {"employee_id": ["E1", "E2", "E3", "E4", "E5", "E6"], "department": ["N", "N1", "S", "H", "N", None]}
)
departments = st.sampled_from([*ANCESTORS, None])


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("right", RIGHTS)
def test_the_table_of_rights_is_the_one_agreed(role, right):
    assert may_see(role, right) == (right in GRANTED[role])


def test_the_table_is_complete():
    assert set(GRANTED) == set(ROLES)
    assert set().union(*(set(role.sees) for role in ROLES.values())) == set(RIGHTS)
    for each in (*RIGHTS.values(), *(role.name for role in ROLES.values()), *(role.holders for role in ROLES.values())):
        assert each.zh
        assert each.en


def test_a_role_or_right_that_is_misspelt_is_no_refusal():
    with pytest.raises(KeyError):
        may_see("branch", "branch_report")
    with pytest.raises(KeyError):
        may_see("boss", "branch_reports")


@pytest.mark.parametrize("role", ROLES)
def test_a_role_is_found_by_its_code_and_by_both_names(role):
    assert {find_role(word).code for word in (role, *ROLES[role].name)} == {role}


def test_branch_management_sees_its_own_department_and_all_below_it():
    scope = scope_of("branch", "E1", PEOPLE, ANCESTORS)
    assert scope.departments == {"N", "N1"}
    assert scope.people == {"E1", "E2", "E5"}
    assert not scope.company


def test_an_employee_sees_only_the_own_rows():
    scope = scope_of("employee", "E1", PEOPLE, ANCESTORS)
    assert (scope.company, scope.departments, scope.people) == (False, frozenset(), {"E1"})


def test_company_management_sees_every_unit_but_nobody_in_person():
    scope = scope_of("company", "", PEOPLE, ANCESTORS)
    assert (scope.company, scope.departments, scope.people) == (True, set(ANCESTORS), frozenset())


@pytest.mark.parametrize("role", ["branch", "employee"])
def test_a_stranger_sees_nothing(role):
    scope = scope_of(role, "E9", PEOPLE, ANCESTORS)
    assert not any((scope.company, scope.departments, scope.people))


def test_who_belongs_to_no_department_leads_none():
    scope = scope_of("branch", "E6", PEOPLE, ANCESTORS)
    assert not any((scope.departments, scope.people))


@given(st.lists(departments, min_size=1, max_size=8), st.data())
def test_nobody_sees_another_branch(homes, data):
    people = pd.DataFrame({"employee_id": [f"E{n}" for n in range(len(homes))], "department": homes})
    number = data.draw(st.integers(0, len(homes) - 1))
    scope = scope_of("branch", f"E{number}", people, ANCESTORS)
    home = homes[number]
    mine = {f"E{n}" for n, each in enumerate(homes) if home and each and home in ANCESTORS[each]}
    assert scope.people == mine
    assert all(home in ANCESTORS[each] for each in scope.departments)


def test_a_narrower_scope_never_adds_anything():
    branch, other = scope_of("branch", "E1", PEOPLE, ANCESTORS), within(["S", "N1"], PEOPLE, ANCESTORS)
    both = branch & other
    assert (both.departments, both.people, both.company) == ({"N1"}, {"E2"}, False)
