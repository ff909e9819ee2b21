"""A client's, or a task's, amount shared among its owners by days of ownership; October 2026 has 31 days."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.small import CALENDAR, OCTOBER, scheme, tables
from xlperf.analysis.explain import explain
from xlperf.schema.tables import empty, table_of
from xlperf.scoring.clients import owner_on
from xlperf.scoring.facts import when_of
from xlperf.scoring.owner_shares import owners_by_days, shared_out
from xlperf.scoring.pipeline import appraise

ONLY_OCTOBER = when_of(OCTOBER, CALENDAR, empty("calendar"))
COUNT = 'source = "tasks"\nmeasure = "count"\nwhere = "done_date in period"\n'
COMMISSION = 'source = "clients"\nmeasure = "sum"\ncolumn = "commission"\n'
SPELLS = [
    {"client_id": "K1", "employee_id": "E1", "start": "2026-01-01", "end": "2026-10-10"},
    {"client_id": "K1", "employee_id": "E2", "start": "2026-10-11", "end": "2026-10-20"},
    {"client_id": "K1", "employee_id": "E3", "start": "2026-10-21"},
]


def appraised(clients, spells=SPELLS, definition=COMMISSION, sharing='sharing = "days"\n', unit="项", **more):
    given_tables = tables(["E1", "E2", "E3"], **more) | {"clients": table_of("clients", clients)}
    if spells is not None:
        given_tables["client_owners"] = table_of("client_owners", spells)
    return appraise(given_tables, scheme({COUNT: definition + sharing, 'unit = "项"': f'unit = "{unit}"'}), "2026-10")


def figures(found, part="actual"):
    return getattr(found.facts, part)[:, [each.code for each in found.indicators].index("done")].tolist()


def told(found, code):
    return [each for each in found.problems if each.code == code]


def test_an_amount_is_shared_by_days_in_whole_cents_that_add_up():
    """E1 10 days, E2 10, E3 11 of 31; 1000 yuan are 322.5806…, 322.5806… and 354.8387…: the odd cent to E3's 0.87.

    32258.06 + 32258.06 + 35483.87 cents: whole cents 32258, 32258, 35483, and one remains for the largest fraction.
    """
    found = appraised([{"client_id": "K1", "owner_id": "E3", "commission": 1000}])
    assert found.done, [each.found("en") for each in found.problems if each.level == "error"]
    assert figures(found) == [322.58, 322.58, 354.84]
    assert sum(figures(found)) == 1000


def test_owner_on_a_day_stays_what_it_was():
    whole = [{"client_id": "K1", "owner_id": "E3", "commission": 1000}]
    assert figures(appraised(whole, sharing="")) == [0, 0, 1000]  # E3 has it at the end of the period
    assert figures(appraised(whole, sharing='sharing = "day"\n')) == [0, 0, 1000]


def test_a_client_that_never_changed_hands_is_its_owners_alone():
    clients = [
        {"client_id": "K1", "owner_id": "E3", "commission": 31},
        {"client_id": "K2", "owner_id": "E2", "commission": 7.5},
    ]
    assert figures(appraised(clients)) == [10, 17.5, 11]  # 31 × 10/31, 31 × 10/31 + 7.5, 31 × 11/31


def test_days_without_an_owner_are_told_and_the_whole_amount_is_shared_by_the_others():
    """Owned for 10 days by E1 and, after five days of nobody, 16 by E2: 260 × 10/26 and 260 × 16/26."""
    spells = [
        {"client_id": "K1", "employee_id": "E1", "start": "2026-09-01", "end": "2026-10-10"},
        {"client_id": "K1", "employee_id": "E2", "start": "2026-10-16"},
    ]
    found = appraised([{"client_id": "K1", "owner_id": None, "commission": 260}], spells)
    assert figures(found) == [100, 160, 0]
    (problem,) = told(found, "owner-days-missing")
    assert problem.details["days"] == 5
    assert problem.cells
    assert problem.found("zh") != problem.found("en")


def test_a_client_that_is_nobodys_is_told():
    found = appraised([{"client_id": "K7", "owner_id": None, "commission": 260}])
    assert figures(found) == [0, 0, 0]
    assert told(found, "no-owner")
    assert not told(found, "owner-days-missing")


E1_LEFT = [
    {"employee_id": "E1", "leave_date": "2026-10-10", "status": "left"},
    {"employee_id": "E2"},
    {"employee_id": "E3"},
]


@pytest.mark.parametrize(
    ("spells", "owner", "wanted", "why"),
    [
        ([("E1", "2026-01-01", None), ("E2", "2026-10-16", None)], None, [100, 160, 0], "five days are nobody's"),
        (
            [("E1", "2026-01-01", None), ("E2", "2026-10-11", None)],
            None,
            [260 * 10 / 31, 260 * 21 / 31, 0],
            "E2 follows",
        ),
        ([("E1", "2026-01-01", "2026-10-31")], "E3", [260 * 10 / 31, 0, 260 * 21 / 31], "the row names E3"),
        ([("E1", "2026-01-01", None)], "E1", [260, 0, 0], "nobody has taken over: nobody else has a share"),
    ],
)
def test_who_has_left_owns_nothing_after_the_last_day_in_service(spells, owner, wanted, why):
    """E1's last day is the 10th: 10 days of E1, and those of whoever comes next."""
    rows = [{"client_id": "K1", "employee_id": who, "start": start, "end": end} for who, start, end in spells]
    clients = [{"client_id": "K1", "owner_id": owner, "commission": 260}]
    found = appraise(
        tables(E1_LEFT) | {"clients": table_of("clients", clients), "client_owners": table_of("client_owners", rows)},
        scheme({COUNT: COMMISSION + 'sharing = "days"\n', 'unit = "项"': 'unit = "元"'}), "2026-10",
    )  # fmt: skip
    assert figures(found) == pytest.approx(wanted, abs=0.005), why
    (problem,) = told(found, "owner-left")
    assert problem.details["people"].en == "E1"
    assert problem.cells == "D2"


def test_a_spell_that_ends_with_its_owner_is_not_told():
    spells = [{"client_id": "K1", "employee_id": "E1", "start": "2026-01-01", "end": "2026-10-10"}]
    clients = [{"client_id": "K1", "owner_id": "E3", "commission": 260}]
    given_tables = tables(E1_LEFT) | {"clients": table_of("clients", clients)}
    found = appraise(given_tables | {"client_owners": table_of("client_owners", spells)}, scheme(), "2026-10")
    assert not told(found, "owner-left")


def test_after_leaving_an_open_spell_counts_for_nobody_on_a_day_either():
    """Without sharing the owner at the end of the period counts, which is whom the row names."""
    spells = [{"client_id": "K1", "employee_id": "E1", "start": "2026-01-01"}]
    clients = [{"client_id": "K1", "owner_id": "E3", "commission": 260}]
    found = appraise(
        tables(E1_LEFT) | {"clients": table_of("clients", clients), "client_owners": table_of("client_owners", spells)},
        scheme({COUNT: COMMISSION, 'unit = "项"': 'unit = "元"'}), "2026-10",
    )  # fmt: skip
    assert figures(found) == [0, 0, 260]


def test_a_count_and_a_share_are_shared_in_fractions():
    """Of two clients one is lost: K1 (10, 10 and 11 days) is; K2 is E1's. E1 counts 1 + 10/31 clients, and 10/31 lost."""
    clients = [
        {"client_id": "K1", "owner_id": "E3", "lost_date": "2026-10-30"},
        {"client_id": "K2", "owner_id": "E1"},
    ]
    counted = appraised(clients, definition='source = "clients"\nmeasure = "count"\n')
    assert figures(counted) == pytest.approx([1 + 10 / 31, 10 / 31, 11 / 31])
    lost = appraised(
        clients, definition='source = "clients"\nmeasure = "share"\nhit = "lost_date in period"\n', unit="%"
    )
    assert figures(lost) == pytest.approx([(10 / 31) / (1 + 10 / 31), 1, 1])


def test_a_tasks_amount_is_shared_among_the_owners_of_its_client():
    """A task of K1 is worth 62 yuan: 20, 20 and 22. One without a client is its own owner's, one of K2 K2's owner's."""
    done = {"due_date": "2026-10-20", "done_date": "2026-10-20", "status": "done"}
    tasks = [
        {"task_id": "T1", "client_id": "K1", "owner_id": "E2", "amount": 62, **done},
        {"task_id": "T2", "client_id": None, "owner_id": "E2", "amount": 5, **done},
        {"task_id": "T3", "client_id": "K2", "owner_id": "E2", "amount": 3, **done},
    ]
    clients = [{"client_id": "K1", "owner_id": "E3"}, {"client_id": "K2", "owner_id": "E1"}]
    worth = 'source = "tasks"\nmeasure = "sum"\ncolumn = "amount"\nwhere = "done_date in period"\n'
    assert figures(appraised(clients, definition=worth, tasks=tasks)) == [23, 25, 22]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_explanation_lists_the_row_with_the_share_of_each_owner(lang):
    found = appraised([{"client_id": "K1", "owner_id": "E3", "commission": 1000}])
    for person, share in (("E1", "0.3226"), ("E3", "0.3548")):
        story, _ = explain(found, person, "done", lang)
        (row,) = story.indicators[0].rows
        assert share in row.values.values()
        assert row.cell.endswith("A2")


@pytest.mark.parametrize(("definition", "code"), [
    ('source = "actuals"\nmeasure = "given"\n', "sharing-source"),
    (COMMISSION + 'owner_at = "lost_date"\n', "sharing-and-day"),
])  # fmt: skip
def test_a_sharing_that_makes_no_sense_is_an_error_at_its_cell(definition, code):
    found = appraised([{"client_id": "K1", "owner_id": "E3", "commission": 1000}], definition=definition)
    (problem,) = told(found, code)
    assert problem.level == "error"
    assert problem.cells
    assert not found.done


def test_sharing_without_the_sheet_of_owners_is_an_error():
    found = appraised([{"client_id": "K1", "owner_id": "E3", "commission": 1000}], spells=None)
    assert told(found, "source-without-sheet")
    assert not found.done


@st.composite
def histories(draw):
    """Spells without overlaps, some of them with gaps, around October."""
    spells, day = [], date(2026, 9, 20)
    for _ in range(draw(st.integers(0, 5))):
        day += timedelta(days=draw(st.integers(0, 9)))
        last = day + timedelta(days=draw(st.integers(0, 20)))
        spells.append(
            {"client_id": "K1", "employee_id": draw(st.sampled_from(["E1", "E2", "E3"])), "start": day, "end": last}
        )
        day = last + timedelta(days=1)
    if spells and draw(st.booleans()):
        spells[-1]["end"] = None
    return spells


@given(histories(), st.sampled_from(["E1", None]))
def test_the_days_of_each_owner_are_those_on_which_one_asks_day_by_day(spells, otherwise):
    clients = pd.DataFrame({"client_id": ["K1"], "owner_id": pd.Series([otherwise], dtype="str")})
    table = table_of("client_owners", spells) if spells else empty("client_owners")
    counted = owners_by_days(clients, table, ONLY_OCTOBER)
    asked = [owner_on(clients, table, OCTOBER.start + timedelta(days=n)).iloc[0] for n in range(31)]
    by_hand = pd.Series(asked, dtype="str").value_counts(dropna=False).to_dict()
    found = dict(zip(counted["owner_id"], counted["days"], strict=True))
    assert sum(found.values()) == 31
    assert {k: v for k, v in found.items() if isinstance(k, str)} == {
        k: v for k, v in by_hand.items() if isinstance(k, str)
    }


@given(
    st.integers(-1_000_000, 1_000_000),
    st.lists(st.integers(1, 31), min_size=1, max_size=6),
)
def test_the_parts_of_an_amount_in_cents_add_up_to_it(cents, days):
    values = np.full(len(days), cents / 100)
    parts = shared_out(values, np.zeros(len(days), np.intp), np.array(days), money=True)
    assert round(sum(round(each * 100) for each in parts)) == cents
    assert np.abs(parts - values * np.array(days) / sum(days)).max() < 0.01


GAP = [
    {"client_id": "K1", "employee_id": "E1", "start": "2026-01-01", "end": "2026-10-10"},
    {"client_id": "K1", "employee_id": "E2", "start": "2026-10-21"},
]


@pytest.mark.parametrize(
    ("spells", "days"),
    [
        (GAP, 10),  # 11 to 20 October, between two owners
        (GAP[:1], 21),  # whom the client's row still names, though the sheet says that it has ended
        (GAP[1:], None),  # before the first owner of the sheet the client's row says whose it was
    ],
)
def test_days_between_two_owners_that_the_clients_row_takes_are_told(spells, days):
    found = appraised([{"client_id": "K1", "owner_id": "E1", "commission": 1000}], spells)
    details = [(each.details["days"], each.cells) for each in told(found, "owner-days-in-gap")]
    assert details == ([] if days is None else [(days, "A2")])


def test_the_owners_of_open_days_stand_in_one_order_whatever_that_of_the_rows():
    spells = [*GAP, *({**each, "client_id": "K2", "employee_id": "E3"} for each in GAP[:1])]
    clients = [{"client_id": "K1", "owner_id": "E1"}, {"client_id": "K2", "owner_id": "E3"}]
    owners = [
        told(appraised(rows, spells), "owner-days-in-gap")[0].details["owners"] for rows in (clients, clients[::-1])
    ]
    assert owners[0] == owners[1]
