"""Conditions that no row can meet are pointed out; nothing is claimed of others."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small import scheme

from xlperf.core.periods import parse_period
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
    "amount = 5 and amount > 6",
    "status <> status and status = done",
    "done_date is empty and done_date in period",
    "due_date < due_date",
    "done_date in period and done_date in previous period",
    "done_date in period and not (done_date >= period start)",
    "done_date in period and done_date > quarter end",
    "done_date < due_date and due_date <= created_date and created_date <= done_date",
    "done_date within 3 days of created_date and done_date > created_date + 3 days",
    "done_date - created_date > 5 and done_date <= created_date + 5 days",
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
    "amount > 5 and amount < 6",
    "status <> status",
    "done_date - created_date > 5 and done_date <= created_date + 6 days",
    "done_date >= period end and done_date <= period start",
    "done_date <= due_date + hold_days workdays and hold_days is empty",
    "workdays(created_date, done_date) > 3 and done_date <= created_date + 5 days",
    "not (done_date >= due_date) and not (done_date < due_date)",
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


DAYS = {"created_date": "c", "due_date": "u", "done_date": "d"}
DATED = st.one_of(
    st.builds(
        "{} {} {} + {} days".format,
        st.sampled_from([*DAYS]),
        st.sampled_from(["<", "<=", "=", "<>", ">", ">="]),
        st.sampled_from([*DAYS, "period start", "period end"]),
        st.integers(0, 2),
    ),
    st.builds("{} in period".format, st.sampled_from([*DAYS])),
    st.builds("{} is empty".format, st.sampled_from([*DAYS])),
)


@given(st.lists(st.tuples(st.booleans(), DATED), min_size=1, max_size=4))
def test_what_is_called_impossible_is_met_by_no_days(parts):
    """All days around a period of two days are tried, blank ones too; a comparison with a blank is met by <> alone."""

    def holds(text, day):
        if text.endswith("in period"):
            return day[text.split()[0]] in (3, 4)
        if text.endswith("is empty"):
            return day[text.split()[0]] is None
        left, sign, *right = text.removesuffix(" days").split(" ", 2)
        right, shift = right[0].split(" + ")
        one, other = day[left], (day | {"period start": 3, "period end": 4})[right]
        if one is None or other is None:
            return sign == "<>"
        return eval(f"{one} { {'=': '==', '<>': '!='}.get(sign, sign) } {other + int(shift)}")

    texts = [text if plain else f"not ({text})" for plain, text in parts]
    if is_never_met(read(" and ".join(texts), TASKS)):
        tried = (dict(zip(DAYS, days, strict=True)) for days in product((None, *range(1, 9)), repeat=3))
        assert not [day for day in tried if all(holds(text, day) is plain for plain, text in parts)]


def test_a_day_outside_the_period_is_impossible_where_the_period_is_known():
    before = read("done_date in period and done_date < 2020-01-01", TASKS)
    assert not is_never_met(before)
    assert is_never_met(before, period=parse_period("2026-10"))
    assert not is_never_met(before, period=parse_period("2019-10"))


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


@pytest.mark.parametrize(
    ("where", "hit", "code"),
    [
        ("due_date in period", "due_date in period", "hit-always"),
        ("due_date in period", "due_date >= period start", "hit-always"),
        ("due_date in period", "status = done or status <> done", "hit-always"),
        ("due_date in period", "due_date < due_date", "hit-never"),
        ("due_date in period and due_date < 2020-01-01", "done_date <= due_date", "condition-never"),
    ],
)
def test_a_share_that_is_the_same_for_everybody_is_warned_of(where, hit, code):
    changed = {
        'where = "due_date in period and status <> cancelled"': f'where = "{where}"',
        'hit = "done_date <= due_date"': f'hit = "{hit}"',
    }
    wanted = ("hit-always", "hit-never", "condition-never")
    assert [each.code for each in check_scheme(scheme(changed)) if each.code in wanted] == [code]


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        ("total > 90 and total < 60", "condition-never"),
        ("grade = A and grade = Excellent", None),  # the code and the name of one grade
        ("total >= 0.6", "points-off-scale"),
        ("total >= 600", "points-off-scale"),
        ("total >= 110", None),
        ("grade = 优秀 or grade = b", None),
    ],
)
def test_a_list_on_which_nobody_or_everybody_would_be_is_warned_of(condition, code):
    found = check_scheme(scheme({"top 20% and total >= 60": condition}))
    assert [(each.code, each.level) for each in found] == ([(code, "warning")] if code else [])
