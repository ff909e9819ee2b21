"""What the client-management scheme measures equals what its indicators mean, counted client by client in plain Python.

The referee knows no conditions: each indicator is a small function of one employee's clients, tasks or checks that was
written from the meaning of the indicator. It gives numerator and denominator, a denominator of None where the indicator
is a count or a sum, and None where nothing can be measured.
"""

from datetime import date, timedelta
from functools import cache
from math import isnan
from random import Random

import pytest
from effort import one_by_default
from hypothesis import given, settings
from hypothesis import strategies as st

from xlperf.policy.schemes import load
from xlperf.schema.tables import table_of
from xlperf.scoring.pipeline import appraise

START, END = date(2026, 10, 1), date(2026, 10, 31)
THREE_MONTHS_BACK, SIX_MONTHS_BACK = date(2026, 7, 31), date(2026, 4, 30)
HOLIDAYS = {date(2026, 9, 25)} | {date(2026, 10, day) for day in range(1, 8)}
WORKED_WEEKENDS = {date(2026, 9, 20), date(2026, 10, 10)}
PEOPLE = ("A", "B", "C", "D")
DETAILS = ("phone", "address", "id_number", "occupation")
PROSPECT_DETAILS = ("client_name", "phone", "address", "occupation")
SERVICES = ("call", "visit", "service")
CONTACTS = ("contact", "follow_up")
ROUTINE = ("service", "routine", "care", "document", "risk", "profile")
KINDS = sorted({*SERVICES, *CONTACTS, *ROUTINE, "callback", "complaint", "lost_visit", "event", "alert", "gathering"})
KINDS += ["log", "training"]
SEEDS = range(3)  # enough for every indicator to be above zero, and for every dispute to show

SCHEME = load("securities-crm").with_settings(if_missing="redistribute", minimum_weight=0.0)
ROW_SHEETS = ("clients", "tasks", "checks")


# Days and states ------------------------------------------------------------------------------------------------------


def in_period(day):
    return day is not None and START <= day <= END


def reached(day, limit=END):
    return day is not None and day <= limit


def after(day, limit):
    return day is not None and day > limit


def within_days(day, days, since):
    return day is not None and since is not None and since <= day <= since + timedelta(days)


def works(day):
    return day in WORKED_WEEKENDS or (day.weekday() < 5 and day not in HOLIDAYS)


def workdays_later(day, count):
    while count:
        day += timedelta(1)
        count -= works(day)
    return day


def within_workdays(day, count, since):
    return day is not None and since is not None and since <= day <= workdays_later(since, count)


def is_prospect(client):
    """Entered, and at the end of the period neither opened nor lost."""
    return reached(client["created_date"]) and not reached(client["opened_date"]) and not reached(client["lost_date"])


def is_client(client):
    """Opened, and at the end of the period not lost or won back."""
    return reached(client["opened_date"]) and (not reached(client["lost_date"]) or reached(client["won_back_date"]))


def is_old_client(client):
    return is_client(client) and client["opened_date"] < START


def was_client_at_start(client):
    eve = START - timedelta(1)
    gone = reached(client["lost_date"], eve) and not reached(client["won_back_date"], eve)
    return reached(client["opened_date"], eve) and not gone


def is_lost_client(client):
    """A client, not a prospect, who was lost in the period."""
    return client["opened_date"] is not None and in_period(client["lost_date"])


def converted(client):
    opened = client["opened_date"]
    return in_period(opened) and client["created_date"] is not None and client["created_date"] < opened


def left_alone(client):
    return END - max(client["created_date"], client["last_contact_date"] or date.min) > timedelta(15)


def counts(task):
    return task["status"] != "cancelled"


def due(task, *kinds):
    return counts(task) and in_period(task["due_date"]) and (not kinds or task["task_kind"] in kinds)


def on_time(task):
    return task["done_date"] is not None and task["done_date"] <= task["due_date"]


def done_of(task, *kinds):
    return counts(task) and task["task_kind"] in kinds and in_period(task["done_date"])


def is_complaint(task):
    return task["task_kind"] == "complaint" and task["valid"] == "yes" and counts(task)


# Levels and classes ---------------------------------------------------------------------------------------------------


def m_level(client):
    if client["m_level"]:
        return client["m_level"]
    opening, closing = client["opening_assets"], client["closing_assets"]
    if opening is None or closing is None:
        return None
    mean = (opening + closing) / 2
    return "vip" if mean >= 900_000 else "core" if mean >= 300_000 else "other"


def two_levels(figure, high_from):
    return None if figure is None else "high" if figure >= high_from else "low"


def class_of(client):
    """Classes run from 1 to 12: R high before low, within it F high before low, within it M from the top."""
    if client["client_class"]:
        return client["client_class"]
    r = client["r_level"] or two_levels(client["return_rate"], 0.01)
    f = client["f_level"] or two_levels(client["trade_count"], 4)
    m = m_level(client)
    if None in (r, f, m):
        return "unclassified"
    places = ("high", "low").index(r), ("high", "low").index(f), ("vip", "core", "other").index(m)
    return str(places[0] * 6 + places[1] * 3 + places[2] + 1)


# Measures -------------------------------------------------------------------------------------------------------------


def count(where):
    return lambda rows: (sum(map(where, rows)), None)


def share(of, hit):
    def measured(rows):
        members = [row for row in rows if of(row)]
        return (sum(map(hit, members)), len(members)) if members else None

    return measured


def filled(of, columns):
    def measured(rows):
        members = [row for row in rows if of(row)]
        known = sum(row[column] is not None for row in members for column in columns)
        return (known, len(members) * len(columns)) if members else None

    return measured


def total(of, column):
    """Nothing to add up is zero; figures of which none is known are not measured."""

    def measured(rows):
        members = [row[column] for row in rows if of(row)]
        known = [figure for figure in members if figure is not None]
        return (sum(known), None) if known or not members else None

    return measured


def growth(clients):
    pairs = [
        (each["opening_assets"], each["closing_assets"])
        for each in clients
        if is_old_client(each) and each["opening_assets"] and each["closing_assets"] is not None
    ]
    return sum(closing - opening for opening, closing in pairs), sum(opening for opening, _ in pairs)


def assets_turned_over(clients):
    members = [each for each in clients if is_client(each)]
    if not any(each["trade_amount"] is not None and each["closing_assets"] is not None for each in members):
        return None
    return sum(each["trade_amount"] or 0 for each in members), sum(each["closing_assets"] or 0 for each in members)


def accuracy(checks):
    known = [each for each in checks if in_period(each["date"]) and None not in (each["sampled"], each["faults"])]
    return sum(each["sampled"] - each["faults"] for each in known), sum(each["sampled"] for each in known)


def won_back_soon(client):
    return in_period(client["won_back_date"]) and within_days(client["won_back_date"], 90, client["lost_date"])


def to_win_back(client):
    """Clients lost in the 90 days up to the end, and those lost earlier who came back in the period in time."""
    lately = reached(client["lost_date"]) and END - client["lost_date"] < timedelta(90)
    return client["opened_date"] is not None and (lately or won_back_soon(client))


def served_as_often_as_due(client):
    since = {"vip": START - timedelta(1), "core": THREE_MONTHS_BACK, "other": SIX_MONTHS_BACK}[m_level(client)]
    services = [each["done_date"] for each in client["tasks"] if counts(each) and each["task_kind"] in SERVICES]
    return any(after(day, since) and day <= END for day in (*services, client["last_contact_date"]))


def of_class(code):
    return count(lambda client: is_client(client) and class_of(client) == code)


REFEREE = {
    "prospect_count": count(is_prospect),
    "new_prospects": count(lambda c: in_period(c["created_date"])),
    "prospect_profile_completeness": filled(is_prospect, PROSPECT_DETAILS),
    "prospect_contact_coverage": share(is_prospect, lambda c: in_period(c["last_contact_date"])),
    "prospect_followup_on_time": share(lambda t: due(t, *CONTACTS), on_time),
    "prospect_conversion_rate": share(lambda c: converted(c) or is_prospect(c), converted),
    "overdue_prospects": count(lambda c: is_prospect(c) and left_alone(c)),
    "client_count": count(is_client),
    "new_clients": count(lambda c: in_period(c["opened_date"])),
    "profile_completion_rate": share(is_client, lambda c: all(c[each] is not None for each in DETAILS)),
    "profile_completeness": filled(is_client, DETAILS),
    "opening_callback_on_time": share(
        lambda t: due(t, "callback"), lambda t: within_days(t["done_date"], 7, t["created_date"])
    ),
    "service_coverage": share(
        lambda c: is_client(c) and m_level(c) == "vip", lambda c: in_period(c["last_contact_date"])
    ),
    "active_client_rate": share(is_client, lambda c: (c["trade_count"] or 0) >= 1),
    "asset_growth": growth,
    "client_revenue": total(lambda c: reached(c["opened_date"]), "commission"),
    "client_turnover": assets_turned_over,
    "risk_profile_valid": share(is_client, lambda c: after(c["risk_expiry_date"], END)),
    "id_valid": share(is_client, lambda c: after(c["id_expiry_date"], END)),
    "complaint_on_time": share(
        lambda t: is_complaint(t) and due(t), lambda t: within_workdays(t["done_date"], 3, t["created_date"])
    ),
    "complaints": count(lambda t: is_complaint(t) and in_period(t["created_date"])),
    "churn_rate": share(
        lambda c: was_client_at_start(c) or in_period(c["opened_date"]), lambda c: in_period(c["lost_date"])
    ),
    "lost_clients": count(is_lost_client),
    "lost_assets": total(is_lost_client, "opening_assets"),
    "lost_visit_rate": share(
        lambda t: due(t, "lost_visit"), lambda t: within_days(t["done_date"], 10, t["created_date"])
    ),
    "win_back_rate": share(to_win_back, won_back_soon),
    "effective_clients": count(
        lambda c: is_client(c) and ((c["closing_assets"] or 0) >= 50_000 or (c["trade_count"] or 0) >= 1)
    ),
    "profile_accuracy": accuracy,
    "event_callback_on_time": share(lambda t: due(t, "event"), on_time),
    "turnover": total(is_client, "trade_amount"),
    "repurchase_rate": share(is_old_client, lambda c: (c["trade_count"] or 0) >= 1),
    "tier_coverage": share(lambda c: is_client(c) and m_level(c) is not None, served_as_often_as_due),
    "prospects_with_contact_task": share(is_prospect, lambda c: any(done_of(each, *CONTACTS) for each in c["tasks"])),
    "churn_alert_handled": share(lambda t: due(t, "alert"), on_time),
    "routine_completion": share(lambda t: due(t, *ROUTINE), lambda t: reached(t["done_date"])),
    "client_events": count(lambda t: done_of(t, "gathering")),
    **{f"class_{number}": of_class(str(number)) for number in range(1, 13)},
    "class_none": of_class("unclassified"),
    "task_on_time_rate": share(due, on_time),
    "task_completion_rate": share(due, lambda t: reached(t["done_date"])),
    "overdue_open_tasks": count(
        lambda t: counts(t) and reached(t["due_date"], END - timedelta(1)) and not reached(t["done_date"])
    ),
    "work_log_rate": share(lambda t: due(t, "log"), lambda t: t["done_date"] == t["due_date"]),
    "calls": count(lambda t: done_of(t, "call")),
    "visits": count(lambda t: done_of(t, "visit")),
    "late_complaints": count(lambda t: is_complaint(t) and due(t) and not on_time(t)),
}


# Random books ---------------------------------------------------------------------------------------------------------


def maybe(random, value, chance=0.8):
    return value if random.random() < chance else None


def day_after(random, since, spread):
    """Days that matter lie near the ends of the period, and now and then on the same day as what went before."""
    return since + timedelta(random.choice((0, 0, 1, 3, 7, 10, random.randint(0, spread))))


def random_contact(random):
    return random.choice((date(2026, 4, 25), date(2026, 7, 25), date(2026, 9, 25))) + timedelta(random.randint(0, 45))


def random_client(random, number):
    created = date(2026, 4, 1) + timedelta(random.randint(0, 220))
    created = random.choice((created, START, END, START - timedelta(1), date(2026, 10, 16), date(2026, 10, 15)))
    created = random.choice((created, date(2026, 3, 1) + timedelta(random.randint(0, 150))))
    opened = maybe(random, day_after(random, created, 60), 0.7)
    begun = opened or created
    lost = maybe(random, random.choice((day_after(random, begun, 120), max(begun, date(2026, 8, 2)))), 0.4)
    back = maybe(random, day_after(random, lost, 100), 0.5) if lost and opened else None
    has_account = opened is not None and opened <= END

    def of_account(value, chance=0.8):
        return maybe(random, value, chance) if has_account else None

    return {
        "client_id": f"K{number}",
        "owner_id": random.choice("AAAAABBBBCCCD"),
        "created_date": maybe(random, created, 0.9),
        "opened_date": opened,
        "lost_date": lost,
        "won_back_date": back,
        "client_name": maybe(random, f"client {number}", 0.9),
        **{column: maybe(random, f"{column} {number}") for column in DETAILS},
        "opening_assets": of_account(random.choice((0, 50_000, 300_000, 900_000, random.randint(1, 2_000_000)))),
        "closing_assets": of_account(
            random.choice((0, 49_999, 50_000, 300_000, 900_000, random.randint(1, 2_000_000)))
        ),
        "trade_count": of_account(random.choice((0, 0, 1, 3, 4, 9))),
        "trade_amount": of_account(random.randint(0, 500_000)),
        "commission": of_account(random.randint(0, 3_000)),
        "return_rate": of_account(random.choice((-0.02, 0.0, 0.0099, 0.01, 0.05))),
        "last_contact_date": maybe(random, random_contact(random), 0.7),
        "risk_expiry_date": maybe(random, random.choice((START, END, END + timedelta(1), date(2027, 5, 1)))),
        "id_expiry_date": maybe(random, random.choice((START, END, END + timedelta(1), date(2030, 5, 1)))),
        "r_level": of_account(random.choice(("high", "low")), 0.1),
        "f_level": of_account(random.choice(("high", "low")), 0.1),
        "m_level": of_account(random.choice(("vip", "vip", "core", "other")), 0.3),
        "client_class": of_account(str(random.randint(1, 12)), 0.1),
    }


def random_task(random, number, clients):
    created = date(2026, 9, 15) + timedelta(random.randint(0, 50))
    kind = random.choice((*KINDS, "complaint", "log", "log", "call", "callback", "callback", "visit", "contact"))
    due_date = created if kind == "log" else random.choice((day_after(random, created, 20), max(created, END)))
    prospects = [each for each in clients if is_prospect(each)]
    client = random.choice(prospects if kind in CONTACTS and prospects else clients)
    return {
        "task_id": f"T{number}",
        "task_kind": kind,
        "client_id": maybe(random, client["client_id"], 0.9),
        "owner_id": client["owner_id"],
        "created_date": maybe(random, created, 0.9),
        "due_date": maybe(random, due_date, 0.95),
        "done_date": maybe(random, day_after(random, created, 20), 0.75),
        "status": maybe(random, random.choice(("open", "doing", "done", "cancelled")), 0.95),
        "valid": maybe(random, random.choice(("yes", "yes", "yes", "no"))),
    }


def random_check(random, number):
    sampled = random.randint(1, 20)
    return {
        "check_id": f"Q{number}",
        "check_kind": random.choice(("weekly", "monthly", "spot")),
        "date": random.choice((START, END, START - timedelta(1), END + timedelta(1), date(2026, 10, 15))),
        "employee_id": random.choice(PEOPLE),
        "indicator": "profile_accuracy",
        "sampled": maybe(random, sampled, 0.9),
        "faults": maybe(random, random.randint(0, sampled), 0.9),
    }


def random_book(seed, size=80):
    random = Random(seed)
    clients = [random_client(random, number) for number in range(size)]
    tasks = [random_task(random, number, clients) for number in range(2 * size)]
    return {"clients": clients, "tasks": tasks, "checks": [random_check(random, number) for number in range(6)]}


def appraised(book):
    employees = [
        {
            "employee_id": person,
            "name": person,
            "department": "N",
            "group": "client_manager",
            "staff_class": "front_line",
            "hire_date": date(2020, 1, 1),
            "status": "active",
        }
        for person in PEOPLE
    ]
    empty = {sheet: [] for sheet in SCHEME.input_sheets()}
    rows = empty | {"departments": [{"department": "N"}], "employees": employees, **book}
    return appraise({sheet: table_of(sheet, each) for sheet, each in rows.items()}, SCHEME, "2026-10")


# Comparison -----------------------------------------------------------------------------------------------------------


def row_indicators():
    return {each.code: each.sheet for each in SCHEME.indicators if each.sheet in ROW_SHEETS}


def refereed(code, sheet, person, book):
    """Numerator, denominator and actual as the referee sees them; a quotient by nothing is not measured."""
    owner = "employee_id" if sheet == "checks" else "owner_id"
    rows = [row for row in book[sheet] if row[owner] == person]
    if sheet == "clients":
        rows = [{**row, "tasks": [t for t in book["tasks"] if t["client_id"] == row["client_id"]]} for row in rows]
    pair = REFEREE[code](rows)
    if pair is None or pair[1] == 0:
        return None, None, None
    numerator, denominator = pair
    return pytest.approx(numerator), denominator, pytest.approx(numerator / (denominator or 1))


def measured(facts, code, person):
    figures = (facts.numerator, facts.denominator, facts.actual)
    row, column = facts.ids.get_loc(person), facts.column(code)
    return tuple(None if isnan(figure[row, column]) else figure[row, column] for figure in figures)


@cache
def run(seed, size=80):
    book = random_book(seed, size)
    found = appraised(book)
    return book, found.facts


def disagreements(seed, size=80):
    book, facts = run(seed, size)
    sheets = row_indicators()
    compared = {
        (code, person): (measured(facts, code, person), refereed(code, sheets[code], person, book))
        for code in REFEREE
        for person in PEOPLE
    }
    return {where: pair for where, pair in compared.items() if pair[0] != pair[1]}


def test_every_indicator_of_clients_tasks_and_checks_has_a_referee():
    assert set(REFEREE) == set(row_indicators())


@settings(max_examples=2)
@given(st.integers(0, 10**9), st.integers(4, 50))
def test_facts_of_a_random_book_are_what_the_indicators_mean(seed, size):
    assert disagreements(seed, size) == {}


@pytest.mark.slow
@settings(max_examples=20)
@given(st.integers(0, 10**9), st.integers(2, 120))
def test_facts_of_many_random_books_are_what_the_indicators_mean(seed, size):
    assert disagreements(seed, size) == {}


@pytest.mark.parametrize("seed", one_by_default(SEEDS))
def test_facts_of_a_large_book_are_what_the_indicators_mean(seed):
    assert disagreements(seed) == {}


@pytest.mark.slow
def test_the_random_books_reach_every_indicator():
    """A book in which an indicator is never above zero would prove nothing about it."""
    reach = {code for seed in SEEDS for code in REFEREE for person in PEOPLE if measured(run(seed)[1], code, person)[0]}
    assert reach == set(REFEREE)
