"""Conditions that no row can meet are pointed out; nothing is claimed of others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small import scheme

from xlperf.policy.conditions.contradictions import is_never_met
from xlperf.policy.conditions.parser import Scope, read
from xlperf.policy.validation import check_scheme

TASKS = Scope.of_sheet("tasks")
NEVER = (
    "status = done and status = cancelled",
    "due_date in period and status = done and not status = done",
    "status in (done, open) and status in (cancelled)",
    "not (status <> done or status = cancelled) and status <> done",
    "amount > 5 and amount < 5",
    "amount >= 6 and amount <= 5",
    "amount > 5 and amount is empty",
    "due_date >= 2026-10-02 and due_date < 2026-10-02",
    "status = done and (status = open or status = cancelled)",
)
SOMETIMES = (
    "status = done",
    "status <> done",
    "amount >= 5 and amount <= 5",
    "status = done or status = cancelled",
    "(status = done or amount > 3) and status <> done",
    "status in (done, open) and status in (done, cancelled)",
    "done_date <= due_date and done_date > due_date - 3 days",
    "not (amount > 5) and not (amount < 5)",
    "not (amount > 5 and status = done) and amount > 5",
)


@pytest.mark.parametrize("text", NEVER)
def test_a_condition_that_contradicts_itself_is_never_met(text):
    assert is_never_met(read(text, TASKS))


@pytest.mark.parametrize("text", SOMETIMES)
def test_nothing_is_claimed_of_a_condition_that_a_row_may_meet(text):
    assert not is_never_met(read(text, TASKS))


WORDS = ("done", "open", "cancelled")
ATOMS = st.builds("{} {} {}".format, st.just("status"), st.sampled_from(["=", "<>"]), st.sampled_from(WORDS))
CONDITIONS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.builds("({} and {})".format, inner, inner),
        st.builds("({} or {})".format, inner, inner),
        st.builds("not ({})".format, inner),
    ),
    max_leaves=6,
)


@given(CONDITIONS)
def test_what_is_called_impossible_is_met_by_no_status(text):
    """Every status is tried, a blank one too, by reading the words as Python."""

    def met(status):
        plain = text.replace("<>", "!=").replace(" = ", " == ")
        return eval(plain, {"status": status, **{word: word for word in WORDS}})

    if is_never_met(read(text, TASKS)):
        assert not any(met(status) for status in (*WORDS, ""))


def test_the_warning_stands_at_the_cell_that_contradicts():
    where = 'where = "due_date in period and status <> cancelled"'
    never = {where: 'where = "status = done and status = cancelled"'}
    assert [(each.code, each.level) for each in check_scheme(scheme(never)) if "never" in each.code] == [
        ("condition-never", "warning")
    ]
    hit = {
        where: 'where = "due_date in period and status <> done"',
        'hit = "done_date <= due_date"': 'hit = "status = done"',
    }
    assert [each.code for each in check_scheme(scheme(hit)) if "never" in each.code] == ["hit-never"]
