"""Client classes, owners and lives: worked cases in cases/clients.toml, then what holds for any book.

The referee below goes client by client, with exact fractions and plain comparisons.
"""

import tomllib
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import narwhals as nw
import numpy as np
import pandas as pd
import pytest
import tomli_w
from effort import draws
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.small import CALENDAR, OCTOBER, SCHEME
from xlperf.core.problems import LANGUAGES, Text
from xlperf.policy.conditions import Scope, read, rows_meeting
from xlperf.policy.schemes import from_toml, load
from xlperf.policy.validation.client_levels import CHECKS
from xlperf.samples import sample, sample_period
from xlperf.schema.tables import empty, table_of
from xlperf.scoring.clients import (
    assign_owners,
    check_client_dates,
    classify_clients,
    owner_column,
    owner_on,
    service_groups,
)
from xlperf.scoring.facts import when_of

CASES = tomllib.loads((Path(__file__).parents[1] / "cases" / "clients.toml").read_text("utf-8"))
OCTOBER_ONLY = when_of(OCTOBER, CALENDAR, empty("calendar"))
AXES = ("r_level", "f_level", "m_level")


def cases(section):
    return pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in CASES[section]])


def class_rows(name):
    rows = CASES["classes"].get(name, [])
    return [
        {"code": row["code"], "service_group": row["service_group"], **dict(zip(AXES, row["levels"], strict=True))}
        for row in rows
    ]


def scheme_of_sheets(levels=(), classes=(), indicators=""):
    sheets = {"classes": list(levels), "client_classes": list(classes)}
    text = tomli_w.dumps({sheet: rows for sheet, rows in sheets.items() if rows})
    read_scheme, problems = from_toml(text + SCHEME + indicators, "small")
    assert not problems, [problem.found("en") for problem in problems]
    return read_scheme


def scheme_of(case):
    return scheme_of_sheets(CASES["levels"].get(case.get("levels"), []), class_rows(case.get("classes")))


def clients_of(rows, opened=date(2020, 1, 1)):
    return table_of("clients", [{"opened_date": opened} | blanked(row) for row in rows])


def blanked(row):
    return {column: None if value == "" else value for column, value in row.items()}


def shown(problems):
    return [f"{problem.code} {problem.cells}" for problem in problems]


def said(problems):
    """Every sentence of every problem can be written in both languages."""
    parts = ("found", "expected", "remedy")
    return [getattr(each, part)(lang) for each in problems for part in parts for lang in LANGUAGES]


# Classes -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("levels", ["cuts", "quantiles"])
def test_the_twelve_classes_of_return_frequency_and_value(levels):
    book = [{name: value for name, value in row.items() if name != "expect"} for row in CASES["book"]]
    scheme = scheme_of({"levels": levels, "classes": "twelve"})
    result, problems = classify_clients(clients_of(book), scheme, OCTOBER_ONLY)
    assert not problems
    assert dict(zip(result["client_id"], result["client_class"], strict=True)) == {
        row["client_id"]: row["expect"] for row in CASES["book"]
    }
    groups = {row["code"]: row["service_group"] for row in CASES["classes"]["twelve"]}
    assert result["service_group"].tolist() == [groups[code] for code in result["client_class"]]


@cases("classified")
def test_levels_and_classes(case):
    result, problems = classify_clients(clients_of(case["clients"]), scheme_of(case), OCTOBER_ONLY)
    rows = result.frame.set_index("client_id")
    for expected in case["expect"]:
        wanted = {column: value for column, value in expected.items() if column != "client_id"}
        got = rows.loc[expected["client_id"], list(wanted)].fillna("").to_dict()
        assert got == wanted, expected["client_id"]
    assert shown(problems) == case["problems"]
    assert all(said(problems))


def test_what_is_missing_is_named_by_its_column():
    case = next(each for each in CASES["classified"] if each["name"].startswith("without rows of levels"))
    _, [problem] = classify_clients(clients_of(case["clients"]), scheme_of(case), OCTOBER_ONLY)
    assert problem.found("en") == "Existing clients who are unclassified: 1; what is missing: M level."
    assert problem.found("zh") == "1 户现有客户未分类，缺：M级。"


def test_a_condition_can_name_the_unclassified_and_a_service_group():
    clients = clients_of(
        [{"client_id": "K1", "r_level": "high", "f_level": "high", "m_level": "vip"}, {"client_id": "K2"}]
    )
    result, _ = classify_clients(clients, scheme_of({"classes": "twelve"}), OCTOBER_ONLY)
    scope = Scope.of_sheet("clients")
    for text, met in (
        ('client_class = "unclassified"', [False, True]),
        ('服务类别 = "自主决策类"', [True, False]),
        ('service_group <> "unclassified"', [True, False]),
    ):
        frame = nw.from_native(result.frame).with_columns(met=rows_meeting(read(text, scope), OCTOBER_ONLY))
        assert frame["met"].to_list() == met, text


def test_service_groups_have_names_in_both_languages():
    names = service_groups(scheme_of({"classes": "twelve"}))
    assert next(iter(names)) == "自主决策类"
    assert names["unclassified"] == Text("未分类", "unclassified")


def test_an_empty_sheet_has_no_classes():
    for levels in ("cuts", "quantiles"):
        result, problems = classify_clients(
            empty("clients"), scheme_of({"levels": levels, "classes": "twelve"}), OCTOBER_ONLY
        )
        assert (len(result), problems) == (0, [])


figures = st.none() | st.integers(-3, 6).map(lambda tenth: tenth / 10)
books = st.lists(
    st.tuples(figures, st.sampled_from(["existing", "existing", "existing", "lost", "prospect"])), max_size=14
)
shares = st.integers(1, 99).map(lambda percent: percent / 100)


def book_of(rows):
    days = {"existing": {"opened_date": date(2020, 1, 1)}, "prospect": {"opened_date": None}}
    days["lost"] = days["existing"] | {"lost_date": date(2026, 10, 9)}
    records = [{"client_id": f"K{n}", "closing_assets": each} | days[state] for n, (each, state) in enumerate(rows)]
    return table_of("clients", records or pd.DataFrame({"client_id": []}))


def quantile_rows(vip, core):
    bounds = (("vip", {"lower": vip}), ("core", {"lower": core}), ("other", {}))
    return [
        {"axis": "m", "level": level, "column": "closing_assets", "mode": "quantile"} | bound for level, bound in bounds
    ]


@settings(max_examples=draws(120), deadline=None)
@given(books, shares, shares)
def test_quantiles_are_what_a_person_counts(rows, one, other):
    vip, core = max(one, other), min(one, other)
    result, _ = classify_clients(book_of(rows), scheme_of_sheets(quantile_rows(vip, core)), OCTOBER_ONLY)
    book = [figure for figure, state in rows if state == "existing" and figure is not None]
    for (figure, state), level in zip(rows, result["m_level"], strict=True):
        if figure is None or state == "prospect" or not book:
            assert pd.isna(level)
            continue
        share = Fraction(sum(each < figure for each in book), len(book))
        reached = [share >= Fraction(round(bound * 100), 100) for bound in (vip, core)]
        assert level == ("vip" if reached[0] else "core" if reached[1] else "other")
    members = [level for (_, state), level in zip(rows, result["m_level"], strict=True) if state == "existing"]
    assert sum(level == "vip" for level in members) <= (1 - Fraction(round(vip * 100), 100)) * len(book)


@settings(max_examples=draws(60), deadline=None)
@given(books, shares, st.randoms(use_true_random=False))
def test_the_order_of_clients_and_of_levels_does_not_matter(rows, share, dice):
    levels = quantile_rows(share, share / 2)
    clients = book_of(rows)
    before, _ = classify_clients(clients, scheme_of_sheets(levels), OCTOBER_ONLY)
    order = list(range(len(rows)))
    dice.shuffle(order)
    dice.shuffle(levels)
    shuffled = clients.with_frame(clients.frame.iloc[order].reset_index(drop=True))
    after, _ = classify_clients(shuffled, scheme_of_sheets(levels), OCTOBER_ONLY)
    assert after["m_level"].fillna("").tolist() == before["m_level"].fillna("").iloc[order].tolist()


def test_classifying_twice_changes_nothing():
    book = [{name: value for name, value in row.items() if name != "expect"} for row in CASES["book"]]
    scheme = scheme_of({"levels": "quantiles", "classes": "twelve"})
    once, _ = classify_clients(clients_of(book), scheme, OCTOBER_ONLY)
    again, problems = classify_clients(once, scheme, OCTOBER_ONLY)
    assert not problems
    pd.testing.assert_frame_equal(again.frame, once.frame)


# Owners --------------------------------------------------------------------------------------------------------------

EMPLOYEES = table_of("employees", [{"employee_id": f"E{n}"} for n in (1, 2, 3)])


@cases("owners")
def test_owners(case):
    clients, spells = table_of("clients", case["clients"]), table_of("client_owners", case["spells"])
    for row in case["ask"]:
        owners = owner_on(clients.frame, spells, row["day"])
        assert owners[clients["client_id"] == row["client_id"]].tolist() == [row["owner"]], row
    asked = pd.DataFrame(case["ask"])
    asked["owner_id"] = asked["client_id"].map(dict(zip(clients["client_id"], clients["owner_id"], strict=True)))
    assert owner_on(asked, spells, pd.to_datetime(asked["day"])).tolist() == asked["owner"].tolist()
    tables = {"clients": clients, "client_owners": spells, "employees": EMPLOYEES}
    _, problems = assign_owners(tables, scheme_of_sheets(), OCTOBER_ONLY)
    assert shown(problems) == case["problems"]
    assert all(said(problems))


def indicator(code, source, owner_at=""):
    line = f'owner_at = "{owner_at}"\n' if owner_at else ""
    return (
        f'[[indicators]]\ncode = "{code}"\nname = "{code}"\ndimension = "work"\nweight = 0\nunit = "%"\n'
        f'direction = "higher"\nsource = "{source}"\nmeasure = "count"\n{line}rule = "zero_item"\n'
        'parameters = "limit = 0"\n\n'
    )


CHANGED_HANDS = [
    {"client_id": "K1", "employee_id": "E1", "start": "2026-01-01", "end": "2026-10-15"},
    {"client_id": "K1", "employee_id": "E2", "start": "2026-10-16", "end": "2026-12-31"},
    {"client_id": "K3", "employee_id": "E2", "start": "2026-10-20"},
]


def test_the_owner_on_clients_is_that_of_the_period_end_or_of_the_day_asked_for():
    """K1 is E1's until 15 October, E2's to the end of the year, and then E3's; K2 has none.

    K3 is with E2 at the end, and not lost.
    """
    more = (
        indicator("held", "clients")
        + indicator("lost", "clients", "lost_date")
        + indicator("opened", "clients", "opened_date")
    )
    scheme = scheme_of_sheets(indicators=more)
    clients = table_of("clients", [
        {"client_id": "K1", "owner_id": "E3", "opened_date": "2025-06-01", "lost_date": "2026-10-15"},
        {"client_id": "K2", "owner_id": "E1", "opened_date": "2026-02-01"},
        {"client_id": "K3", "owner_id": "E1", "opened_date": "2026-02-01"},
    ])  # fmt: skip
    tables, _ = assign_owners(
        {"clients": clients, "client_owners": table_of("client_owners", CHANGED_HANDS)}, scheme, OCTOBER_ONLY
    )
    held, lost, opened = (tables["clients"][owner_column(each)].tolist() for each in scheme.indicators[-3:])
    assert held == ["E2", "E1", "E2"]  # on 31 October
    assert lost == ["E1", "E1", "E2"]  # on 15 October; who is not lost stays with the owner at the end
    assert opened == ["E3", "E1", "E1"]  # before any spell the Clients sheet decides
    assert tables["clients"]["owner_id"].tolist() == held
    assert clients["owner_id"].tolist() == ["E3", "E1", "E1"]


def test_a_task_is_its_owners_unless_the_owner_of_the_client_is_asked_for():
    """T1 was handed to E3, who has it when it is due; its client is E1's on 10 October and E2's on 20 October."""
    scheme = scheme_of_sheets(indicators=indicator("mine", "tasks") + indicator("clients", "tasks", "due_date"))
    tasks = table_of("tasks", [
        {"task_id": "T1", "client_id": "K1", "owner_id": "E3", "due_date": "2026-10-10"},
        {"task_id": "T2", "client_id": "K1", "owner_id": "E3", "due_date": "2026-10-20"},
        {"task_id": "T3", "client_id": None, "owner_id": "E3", "due_date": "2026-10-20"},
        {"task_id": "T4", "client_id": "K1", "owner_id": "E3", "due_date": None},
        {"task_id": "T5", "client_id": "K2", "owner_id": "E3", "due_date": "2026-10-20"},
        {"task_id": "T6", "client_id": "K7", "owner_id": "E3", "due_date": "2026-10-20"},
    ])  # fmt: skip
    clients = table_of("clients", [{"client_id": "K1", "owner_id": "E2"}, {"client_id": "K2", "owner_id": "E1"}])
    spells = table_of("client_owners", CHANGED_HANDS)
    tables, _ = assign_owners({"tasks": tasks, "clients": clients, "client_owners": spells}, scheme, OCTOBER_ONLY)
    mine, of_clients = (tables["tasks"][owner_column(each)].tolist() for each in scheme.indicators[-2:])
    assert mine == ["E3"] * 6
    assert of_clients == ["E1", "E2", "E3", "E3", "E1", "E3"]


def test_without_spells_and_days_nothing_changes():
    tables = {"clients": table_of("clients", [{"client_id": "K1", "owner_id": "E1"}]), "employees": EMPLOYEES}
    after, problems = assign_owners(tables, scheme_of_sheets(), OCTOBER_ONLY)
    assert not problems
    pd.testing.assert_frame_equal(after["clients"].frame, tables["clients"].frame)


@pytest.mark.parametrize(("source", "day"), [("clients", "lost_date"), ("tasks", "due_date")])
def test_a_day_of_the_owner_on_a_sheet_that_is_missing_is_no_trouble(source, day):
    scheme = scheme_of_sheets(indicators=indicator("asked", source, day))
    tables, problems = assign_owners({"employees": EMPLOYEES}, scheme, OCTOBER_ONLY)
    assert not problems
    assert tables[source][owner_column(scheme.indicators[-1])].tolist() == []


@st.composite
def histories(draw):
    """Spells without overlaps: each begins after the one before has ended."""
    spells = []
    for client in ("K1", "K2"):
        day = date(2026, 1, 1)
        for owner in draw(st.lists(st.sampled_from(["E1", "E2", "E3"]), max_size=4)):
            start = day + timedelta(days=draw(st.integers(0, 9)))
            end = start + timedelta(days=draw(st.integers(0, 9)))
            spells.append({"client_id": client, "employee_id": owner, "start": start, "end": end})
            day = end + timedelta(days=1)
    return draw(st.permutations(spells))


@settings(max_examples=draws(80), deadline=None)
@given(histories(), st.lists(st.integers(-2, 80), min_size=1, max_size=8))
def test_an_owner_on_a_day_is_who_holds_the_spell(spells, offsets):
    table = table_of("client_owners", spells) if spells else empty("client_owners")
    days = [date(2026, 1, 1) + timedelta(days=offset) for offset in offsets]
    rows = pd.DataFrame({"client_id": ["K1", "K2"] * len(days), "owner_id": ["E8", "E9"] * len(days)})
    on = pd.Series(pd.to_datetime(np.repeat(np.array(days, "M8[D]"), 2)) + pd.Timedelta(hours=15))
    for client, day, owner in zip(rows["client_id"], np.repeat(days, 2), owner_on(rows, table, on), strict=True):
        holders = [
            each["employee_id"]
            for each in spells
            if each["client_id"] == client and each["start"] <= day <= each["end"]
        ]
        assert [owner] == (holders or ["E8" if client == "K1" else "E9"])


# Lives ---------------------------------------------------------------------------------------------------------------

LIFE = ("client_id", "client_status", "created_date", "opened_date", "lost_date", "won_back_date")


@cases("lives")
def test_lives(case):
    clients = table_of("clients", pd.DataFrame(case["clients"], columns=LIFE))
    problems = check_client_dates(clients, OCTOBER_ONLY)
    assert shown(problems) == case["problems"]
    assert all(said(problems))


def test_a_sheet_without_dates_contradicts_nothing():
    assert check_client_dates(table_of("clients", [{"client_id": "K1", "client_status": "lost"}]), OCTOBER_ONLY) == []


@pytest.mark.parametrize("name", ["securities-crm", "adviser-classes"])
def test_the_lives_of_the_sample_clients_are_sound(name):
    period = sample_period(load(name))
    when = when_of(period, CALENDAR, empty("calendar"))
    assert check_client_dates(sample(name, period, "en")["clients"], when) == []


# Checks of the policy sheets -----------------------------------------------------------------------------------------


@cases("checks")
def test_checks(case):
    sheets = {"classes": [dict(row) for row in CASES["levels"]["cuts"]], "client_classes": class_rows("twelve")}
    for change in case.get("change", []):
        row = sheets[change["sheet"]][change["row"] - 1]
        row |= {name: value for name, value in change.items() if name not in ("sheet", "row")}
        sheets[change["sheet"]][change["row"] - 1] = {name: value for name, value in row.items() if value != ""}
    for drop in case.get("drop", []):
        kept = [row for number, row in enumerate(sheets[drop["sheet"]], start=1) if number not in drop["rows"]]
        sheets[drop["sheet"]] = kept
    scheme = scheme_of_sheets(sheets["classes"], sheets["client_classes"])
    problems = [problem for check in CHECKS for problem in check(scheme)]
    assert shown(problems) == case["problems"]
    assert all(said(problems))
    if "names" in case:
        assert case["names"] in problems[-1].found("en")
    classify_clients(
        clients_of([{"client_id": "K1", "return_rate": 0.1}]), scheme, OCTOBER_ONLY
    )  # is not thrown off by it


def test_quantiles_of_the_cases_are_sound():
    scheme = scheme_of({"levels": "quantiles", "classes": "twelve"})
    assert [problem for check in CHECKS for problem in check(scheme)] == []


@pytest.mark.parametrize(
    ("source", "owner_at", "sound"),
    [
        ("clients", "lost_date", True),
        ("tasks", "due_date + 1 days", True),
        ("clients", "trade_count", False),
        ("checks", "date", False),
    ],
)
def test_the_day_of_the_owner_is_a_date_of_clients_or_tasks(source, owner_at, sound):
    scheme = scheme_of_sheets(indicators=indicator("asked", source, owner_at))
    problems = [problem for check in CHECKS for problem in check(scheme)]
    assert [problem.code for problem in problems] == ([] if sound else ["owner-at"])
    assert all(said(problems))
    tables = {"clients": empty("clients"), "tasks": empty("tasks")}
    assert assign_owners(tables, scheme, OCTOBER_ONLY)[1] == []  # and nothing is thrown off by it
