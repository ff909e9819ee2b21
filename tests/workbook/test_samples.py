"""The sample data: the same on every call and in both languages, consistent, clean, and rich in cases."""

import hashlib
import os
import subprocess
import sys
import tomllib
from collections import Counter
from datetime import timedelta

import narwhals as nw
import numpy as np
import pandas as pd
import pytest
import tomli_w
from effort import some_by_default
from sample_books import run_of, tables_of

from xlperf.core.periods import Periods, parse_period
from xlperf.core.problems import Text, has_errors
from xlperf.core.vocabulary import WORDS
from xlperf.policy.calendars import calendar_of
from xlperf.policy.conditions import Scope, read, rows_meeting
from xlperf.policy.schemes import from_toml, load, names, text_of
from xlperf.reporting.output_tables import outputs
from xlperf.samples import MAKERS, PLANS, plan_records, sample, sample_period
from xlperf.samples.further_inputs import earlier
from xlperf.samples.plan import Department, History, Plan, Post
from xlperf.schema import SHEETS
from xlperf.scoring.facts import when_of

HAND_MADE = ("sales-pipeline", "securities-crm", "service-team")
FAR_PERIODS = {  # of each kind: a leap year, the end of a year, and a year to come
    "week": ("2024-W09", "2026-W53", "2027-W01"),
    "month": ("2024-02", "2025-12", "2027-01"),
    "quarter": ("2017Q3", "2025Q1", "2026Q4"),
    "half": ("2024H1", "2025H2", "2027H1"),
    "year": ("2024", "2025", "2027"),
}


def far_periods(name):
    scheme = load(name)
    if scheme.settings.period_kind == "custom":
        listed = [each.code for each in calendar_of(scheme)[0].custom]
        return listed[0], listed[-1]
    far = FAR_PERIODS[scheme.settings.period_kind]
    return far if name in HAND_MADE else far[:1]


def runs():
    """Return every scheme with its usual period and with far ones; some by default, the others among the slow tests."""
    for number, name in enumerate(names()):
        for place, period in enumerate(("", *far_periods(name))):
            quick = (place == 0 and number % 3 == 0) or (place == 1 and number % 8 == 0)
            yield pytest.param((name, period), id=f"{name}-{period}", marks=() if quick else pytest.mark.slow)


# fixtures of the module, so that what is asked of one sample is asked in one process


@pytest.fixture(scope="module", params=list(runs()))
def a_run(request):
    return request.param


@pytest.fixture(scope="module", params=some_by_default(sorted(MAKERS), 3))
def scheme(request):
    return load(request.param)


def fingerprint(tables):
    text = "".join(f"{sheet}\n{table.frame.to_csv(index=False)}" for sheet, table in tables.items())
    return hashlib.sha256(text.encode()).hexdigest()


def test_every_scheme_that_ships_has_a_sample():
    assert tuple(sorted(MAKERS)) == names()


def test_two_calls_give_the_same_bytes(scheme):
    period = sample_period(scheme)
    code = scheme.settings.scheme
    assert fingerprint(sample(code, period, "zh")) == fingerprint(sample(code, period, "zh"))


@pytest.mark.parametrize("every", [8, pytest.param(1, marks=pytest.mark.slow)])
def test_another_process_with_another_hash_seed_gives_the_same_bytes(every):
    script = f"from test_samples import *\nprint(*(fingerprint(tables_of(name)) for name in sorted(MAKERS)[::{every}]))"
    here = os.path.dirname(__file__)
    tests = os.path.dirname(here)
    expected = [fingerprint(tables_of(name)) for name in sorted(MAKERS)[::every]]
    path = os.pathsep.join([here, tests, os.path.dirname(tests)])
    for seed in ("1",):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": path}
        run = subprocess.run(
            [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
        )
        assert run.stdout.split() == expected


def test_the_sheets_are_those_of_the_scheme_in_workbook_order(scheme):
    tables = tables_of(scheme.settings.scheme)
    assert set(scheme.input_sheets()) <= set(tables)
    assert list(tables) == [code for code in SHEETS if code in tables]


def test_languages_differ_in_words_only(scheme):
    chinese, english = (tables_of(scheme.settings.scheme, lang=lang) for lang in ("zh", "en"))
    assert list(chinese) == list(english)
    differing = set()
    for sheet, table in english.items():
        for column in table.frame.columns:
            one, other = table[column], chinese[sheet][column]
            if one.equals(other):
                continue
            differing.add((sheet, column))
            assert table.column(column).kind == "text" or (sheet, column) == ("business", "item"), (sheet, column)
            assert one.isna().equals(other.isna()), (sheet, column)
            assert all(text.isascii() for text in one.dropna()), (sheet, column)
            assert not any(text.isascii() for text in other.dropna()), (sheet, column)
    assert {("employees", "name"), ("departments", "department_name")} <= differing


def test_it_runs_clean_in_any_period(a_run):
    result = run_of(*a_run)
    assert not has_errors(result.problems), [each.found("en") for each in result.problems if each.level == "error"]
    assert result.done


@pytest.mark.parametrize("name", some_by_default(names(), 8))
def test_it_runs_clean_and_alike_in_chinese(name):
    chinese, english = (run_of(name, lang=lang) for lang in ("zh", "en"))
    assert chinese.done, [each.found("zh") for each in chinese.problems if each.level == "error"]
    np.testing.assert_array_equal(chinese.totals.total, english.totals.total)


def test_keys_are_unique_texts(scheme):
    for sheet, table in tables_of(scheme.settings.scheme).items():
        keys = table.frame[list(SHEETS[sheet].key)]
        assert not keys.duplicated().any(), sheet
        for column in SHEETS[sheet]:
            if column.kind == "key":
                assert not table[column.code].dropna().str.fullmatch(r"[0-9]+\.0").any(), (sheet, column.code)
    assert tables_of(scheme.settings.scheme)["employees"]["employee_id"].str.startswith("0").all()


REFERENCES = (
    ("departments", "parent", "departments", "department"),
    ("departments", "head_id", "employees", "employee_id"),
    ("employees", "department", "departments", "department"),
    ("employees", "manager_id", "employees", "employee_id"),
    ("clients", "owner_id", "employees", "employee_id"),
    ("tasks", "owner_id", "employees", "employee_id"),
    ("tasks", "client_id", "clients", "client_id"),
    ("ratings", "employee_id", "employees", "employee_id"),
    ("ratings", "rater_id", "employees", "employee_id"),
    ("actuals", "employee_id", "employees", "employee_id"),
    ("checks", "employee_id", "employees", "employee_id"),
    ("adjustments", "employee_id", "employees", "employee_id"),
)


def units_of_sample(tables):
    teams, departments = tables["employees"]["team"].dropna(), tables["departments"]["department"]
    return {"company", *teams, *departments}


@pytest.mark.parametrize(("sheet", "column", "other", "key"), REFERENCES)
def test_references_lead_somewhere(scheme, sheet, column, other, key):
    tables = tables_of(scheme.settings.scheme)
    if sheet in tables and other in tables:
        rows = tables[sheet].frame
        if column == "rater_id":
            rows = rows[rows["relation"] != "client"]
        known = set(tables[other][key])
        known |= units_of_sample(tables) if sheet in ("ratings", "actuals", "checks") else set()
        assert set(rows[column].dropna()) <= known


def test_codes_are_those_of_the_scheme(scheme):
    tables = tables_of(scheme.settings.scheme)
    indicators = {each.code for each in scheme.indicators}
    groups = {each.group for each in scheme.indicators} - {""}
    for sheet in tables.keys() & {"ratings", "actuals", "checks", "adjustments"}:
        assert set(tables[sheet]["indicator"].dropna()) <= indicators
    if groups:
        assert set(tables["employees"]["group"]) == groups
    for row in scheme.table("choices").frame.groupby("column")["value"].agg(set).items():
        for table in tables.values():
            if table.has(row[0]):
                assert set(table[row[0]].dropna()) <= row[1]
    for table in tables.values():
        for column in table.sheet:
            if column.kind == "choice":
                assert set(table[column.code].dropna()) <= set(WORDS[column.words])
    departments = scheme.table("targets").frame.query("scope == 'department'")["scope_id"]
    assert set(departments) <= set(tables["departments"]["department"])


def test_dates_lie_about_the_period(a_run):
    now, tables = run_of(*a_run).period, tables_of(*a_run)
    tasks = tables.get("tasks")
    if tasks is not None:
        assert (tasks["done_date"].dropna() < pd.Timestamp(now.end) + pd.Timedelta(days=1)).all()
        both = tasks.frame.dropna(subset=["created_date", "done_date"])
        assert (both["done_date"] >= both["created_date"]).all()
    if "checks" in tables:
        assert now.covers(tables["checks"]["date"].to_numpy()).all()
    for sheet in tables.keys() & {"ratings", "actuals", "adjustments"}:
        assert set(tables[sheet]["period"].dropna()) <= {now.code}


CRM = "securities-crm"


def meeting(text, period):
    result = run_of(CRM, period)
    when = when_of(result.period, Periods(), load(CRM).table("calendar"))
    frame = nw.from_native(tables_of(CRM, period)["clients"].frame)
    return frame.select(met=rows_meeting(read(text, Scope.of_sheet("clients")), when))["met"].to_numpy()


@pytest.mark.parametrize("period", ["", *(pytest.param(each, marks=pytest.mark.slow) for each in far_periods(CRM))])
def test_dates_and_status_of_clients_agree(period):
    indicators = {each.code: each for each in load(CRM).indicators}
    status = tables_of(CRM, period)["clients"]["client_status"].to_numpy()
    texts = {record["code"]: record for record in load(CRM).table("indicators").frame.to_dict("records")}
    assert indicators.keys() >= {"prospect_count", "client_count"}
    np.testing.assert_array_equal(meeting(texts["prospect_count"]["where"], period), status == "prospect")
    np.testing.assert_array_equal(meeting(texts["client_count"]["where"], period), status == "existing")


def by_owner(inside, hit, owner):
    return hit[inside].groupby(owner[inside]).mean()


def test_the_main_rates_are_what_their_notes_say():
    """The same rates worked out with plain pandas, from the notes and not from the conditions."""
    clients, tasks = tables_of(CRM)["clients"].frame, tables_of(CRM)["tasks"].frame
    start, end = pd.Timestamp(2026, 10, 1), pd.Timestamp(2026, 10, 31)
    opened, lost, back = clients["opened_date"], clients["lost_date"], clients["won_back_date"]
    lost_now = lost.between(start, end)
    client_of_period = (opened <= end) & ~((lost < start) & ~(back < start))
    recently_lost = lost.between(end - pd.Timedelta(days=89), end)
    stayed = (opened < start) & ~(lost.notna() & back.isna()) & (clients["opening_assets"] > 0)
    money = clients[stayed].groupby("owner_id")[["opening_assets", "closing_assets"]].sum()

    kind, due, done, created = (tasks[each] for each in ("task_kind", "due_date", "done_date", "created_date"))
    counted = due.between(start, end) & (tasks["status"] != "cancelled")
    holidays = pd.date_range("2026-10-01", "2026-10-07").to_numpy("datetime64[D]")
    days = np.busday_count(
        created.to_numpy("datetime64[D]"),
        done.fillna(pd.Timestamp(2100, 1, 1)).to_numpy("datetime64[D]"),
        holidays=holidays,
    ) + ((created < "2026-10-10") & (done >= "2026-10-10"))  # a Saturday that was worked
    complaints = counted & (kind == "complaint") & (tasks["valid"] == "yes")
    expected = {
        "churn_rate": by_owner(client_of_period, lost_now, clients["owner_id"]),
        "win_back_rate": by_owner(recently_lost, back.between(start, end), clients["owner_id"]),
        "asset_growth": money["closing_assets"] / money["opening_assets"] - 1,
        "task_on_time_rate": by_owner(counted, done <= due, tasks["owner_id"]),
        "opening_callback_on_time": by_owner(
            counted & (kind == "callback"), done - created <= pd.Timedelta(days=7), tasks["owner_id"]
        ),
        "complaint_on_time": by_owner(complaints, pd.Series(days <= 3), tasks["owner_id"]),
    }
    result = run_of(CRM)
    for code, wanted in expected.items():
        column = result.facts.column(code)
        actual = pd.Series(result.facts.actual[:, column], index=result.facts.ids).dropna()
        assert set(actual.index) == set(wanted.index), code
        np.testing.assert_allclose(actual, wanted[actual.index], err_msg=code)


def test_the_house_has_its_people():
    people = tables_of(CRM)["employees"].frame
    departments = tables_of(CRM)["departments"].frame
    assert departments["department_kind"].value_counts().to_dict() == {"branch": 3, "function": 2, "head_office": 1}
    assert people["staff_class"].value_counts().to_dict() == {"front_line": 28, "office": 11, "manager": 4}
    branches = people[people["group"] == "client_manager"].groupby("department").size()
    assert branches.between(8, 10).all()
    assert set(people["status"]) == {"active", "probation", "intern", "leave", "left"}
    assert (people["group"] == "branch_head").sum() == 3


def test_the_book_of_clients_and_tasks_is_full_enough():
    clients, tasks = tables_of(CRM)["clients"].frame, tables_of(CRM)["tasks"].frame
    assert 450 <= len(clients) <= 700
    assert 1400 <= len(tasks) <= 2000
    assert set(clients["client_status"]) == {"prospect", "existing", "lost"}
    assert clients["owner_id"].isna().sum() == 5
    assert clients["won_back_date"].notna().any()
    for column in ("phone", "address", "id_number", "occupation", "return_rate"):
        assert 0 < clients.loc[clients["client_status"] == "existing", column].isna().mean() < 0.2, column
    assert set(tasks["task_kind"]) <= set(load(CRM).table("choices")["value"])
    assert tasks["task_kind"].nunique() >= 14
    assert {"done", "doing", "cancelled"} <= set(tasks["status"])
    assert set(tables_of(CRM)["adjustments"]["adjustment_kind"]) == set(WORDS["adjustment_kind"])


def test_joiner_leaver_and_newcomer_lie_within_the_period():
    result, people = run_of(CRM), tables_of(CRM)["employees"].frame
    now = result.period
    joined = people[now.covers(people["hire_date"].to_numpy())]
    left = people[now.covers(people["leave_date"].to_numpy())]
    assert len(joined) == 2
    assert len(left) == 1
    days = [now.end - day.date() + timedelta(days=1) for day in joined["hire_date"]]
    assert min(days) < timedelta(days=load(CRM).settings.minimum_days) <= max(days)
    frame = result.people.frame.set_index("employee_id")
    assert frame.loc[joined["employee_id"], "ranked"].sum() == 1
    assert frame.loc[left["employee_id"], ["scored", "ranked"]].to_numpy().tolist() == [[True, False]]


def test_two_people_with_equal_figures_tie_across_a_line():
    result = run_of(CRM)
    ranking = result.ranking
    pool = result.people.frame["staff_class"].eq("front_line").to_numpy() & ranking.ranked
    totals = pd.Series(ranking.total[pool])
    tied = totals[totals.duplicated(keep=False)].unique()
    assert len(tied) == 1
    places = ranking.place[pool][totals == tied[0]]
    first = places[0]
    lines = ranking.lines[ranking.pools.code[pool][0]]
    assert places.tolist() == [first, first]
    assert first in lines[:-1]
    assert any(each.code == "overshoot" for each in result.problems)


def test_managers_are_too_few_for_a_pool_of_their_own():
    merged = [each for each in run_of(CRM).problems if each.code == "pool-merged"]
    assert [each.details["count"] for each in merged] == [4]


def test_some_indicators_do_not_apply_to_some_managers():
    result = run_of(CRM)
    facts = result.facts
    for code in ("complaint_on_time", "lost_visit_rate", "win_back_rate", "csat"):
        column = facts.column(code)
        mine = result.applies[:, column]
        missing = np.isnan(facts.actual[mine, column])
        assert 0 < missing.sum() < mine.sum(), code
    assert not np.isnan(facts.actual[result.applies[:, facts.column("churn_rate")], facts.column("churn_rate")]).any()


def test_a_veto_holds_somebody_back():
    result = run_of(CRM)
    column = result.facts.column("late_complaints")
    vetoed = np.flatnonzero(result.points.vetoed[:, column])
    assert len(vetoed) == 1
    limit = [grade.code for grade in load(CRM).grades].index("C")
    lines = result.ranking.lines[result.ranking.pools.code[vetoed[0]]]
    assert result.ranking.place[vetoed[0]] <= lines[limit - 1]
    assert result.ranking.grade[vetoed[0]] == limit


def test_every_grade_and_a_wide_span_of_totals_occur():
    for name in HAND_MADE:
        ranking = run_of(name).ranking
        assert set(ranking.grade[ranking.ranked]) == set(range(len(load(name).grades))), name
        total = ranking.total[ranking.ranked]
        assert total.max() - total.min() > 20, name


def test_the_service_team_is_checked_in_three_ways():
    tables = tables_of("service-team")
    people, checks = tables["employees"].frame, tables["checks"].frame
    assert len(people) == 40
    assert set(people["staff_class"]) == set(WORDS["staff_class"])
    assert set(checks["check_kind"]) == set(WORDS["check_kind"])
    assert checks.loc[checks["deduction"] > 0, ["indicator", "clause"]].notna().all(axis=None)
    assert {"commendation", "zero_item"} <= set(tables["adjustments"]["adjustment_kind"])


def test_the_service_team_adds_up_to_its_totals():
    """Full points less deductions, item by item, and then the adjustments: computed here without the package."""
    tables, result = tables_of("service-team"), run_of("service-team")
    full = pd.Series({each.code: each.weight for each in load("service-team").indicators})
    checks, adjusted = tables["checks"].frame, tables["adjustments"].frame
    deducted = checks.pivot_table(index="employee_id", columns="indicator", values="deduction", aggfunc="sum")
    total = pd.Series(result.ranking.total, index=result.people.ids).dropna()
    points = (full - deducted.reindex(index=total.index, columns=full.index).fillna(0)).clip(lower=0)
    for row in adjusted[adjusted["adjustment_kind"] == "zero_item"].itertuples():
        points.loc[row.employee_id, row.indicator] = 0
    extra = adjusted.groupby("employee_id")["points"].sum()
    expected = points.sum(axis=1).add(extra, fill_value=0)
    np.testing.assert_allclose(total, expected[total.index])
    assert total.max() > 100


def test_the_pipeline_has_an_agent_without_a_deal():
    tables, result = tables_of("sales-pipeline"), run_of("sales-pipeline")
    assert len(tables["employees"]) == 12
    assert 250 <= len(tables["tasks"]) <= 350
    idle = set(tables["employees"]["employee_id"]) - set(tables["tasks"]["owner_id"])
    assert len(idle) == 1
    row = result.people.ids.get_loc(idle.pop())
    assert result.facts.actual[row, result.facts.column("won_deals")] == 0
    assert np.isnan(result.facts.actual[row, result.facts.column("win_rate")])
    assert tables["tasks"]["client_id"].isna().any()


def listed(name):
    return set(outputs(run_of(name), "en")["lists"]["outcome"])


@pytest.mark.parametrize("name", HAND_MADE)
def test_every_list_has_somebody_on_it(name):
    assert listed(name) == {each.name.en for each in load(name).outcomes}


# Samples from a plan ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=some_by_default(sorted(PLANS), 3))
def planned(request):
    return request.param


def test_totals_differ_and_somebody_is_on_a_list(planned):
    total = run_of(planned).ranking.total
    total = total[~np.isnan(total)]
    assert total.max() - total.min() > 8
    assert len(np.unique(total)) > len(total) / 2
    assert listed(planned)


def test_everybody_scored_has_every_figure(planned):
    result = run_of(planned)
    weighed = np.array([each.weight > 0 for each in result.indicators])
    needed = result.applies & weighed
    reported = np.array([each.sheet in ("ratings", "actuals") for each in result.indicators])
    assert needed.any()
    missing = [each for each in result.problems if each.code == "missing-figures"]
    assert missing == []
    blank = np.isnan(result.facts.actual) & needed & reported
    assert blank.sum() <= 0.1 * (needed & reported).sum()


def desk(**more):
    return Plan(
        departments={
            "000": Department(Text("总部", "Head office"), "head_office"),
            "100": Department(Text("客服部", "Service desk"), parent="000"),
        },
        posts=(
            Post("000", Text("总监", "Director"), 1, "management", "manager"),
            Post("100", Text("主管", "Team leader"), 1, "management", "manager"),
            Post("100", Text("客服专员", "Agent"), 9, "operating", teams=("A", "B")),
        ),
        **more,
    )


OCTOBER = parse_period("2026-10")


def made_of(plan, name="service-team", period=OCTOBER):
    return {sheet: pd.DataFrame(rows) for sheet, rows in plan_records(load(name), plan, period).items()}


def test_superiors_follow_the_departments():
    people = made_of(desk())["employees"].set_index("employee_id")
    assert people["manager_id"].fillna("").tolist() == ["", "00101", *["00102"] * 9]
    assert people["team"].dropna().tolist() == ["A", "B", "A", "B", "A", "B", "A", "B", "A"]


def test_the_largest_post_ends_with_somebody_who_leaves_joins_and_learns():
    people = made_of(desk())["employees"]
    assert people["status"].tolist()[-3:] == ["left", "active", "intern"]
    joined, left = people[OCTOBER.covers(people["hire_date"])], people[OCTOBER.covers(people["leave_date"])]
    assert len(joined) == len(left) == 1
    assert people["status"].iloc[:-3].eq("active").all()


def test_what_is_special_may_be_said():
    people = made_of(desk(special={4: "leave", 5: "probation"}))["employees"]
    assert people["status"].tolist() == ["active"] * 4 + ["leave", "probation"] + ["active"] * 5


RATED = {"source": "ratings", "measure": "mean", "column": "score", "rule": "rating_scale",
         "parameters": "low = 1; high = 5"}  # fmt: skip
RATERS = [
    {"dimension": "conduct", "relation": "self", "weight": 10},
    {"dimension": "conduct", "relation": "manager", "weight": 60},
    {"dimension": "conduct", "relation": "peer", "weight": 30, "minimum": 4},
]


def test_ratings_come_from_every_relation_that_is_weighed():
    raw = tomllib.loads(text_of("service-team"))
    rated = [{key: value for key, value in each.items() if key != "where"} | RATED for each in raw["indicators"]]
    scheme, _ = from_toml(tomli_w.dumps(raw | {"indicators": rated, "raters": RATERS}))
    ratings = pd.DataFrame(plan_records(scheme, desk(), OCTOBER)["ratings"])
    conduct = {each.code for each in scheme.indicators if each.dimension == "conduct"}
    assert set(ratings["employee_id"]) == {f"{number:05d}" for number in range(101, 111)}
    of_director = ratings[(ratings["employee_id"] == "00101") & (ratings["indicator"] == "morality")]
    assert Counter(of_director["relation"]) == {"self": 1, "peer": 4}
    of_agent = ratings[ratings["employee_id"] == "00104"]
    given = {code: Counter(rows["relation"]) for code, rows in of_agent.groupby("indicator")}
    for code, relations in given.items():
        expected = {"self": 1, "manager": 1, "peer": 4} if code in conduct else {"manager": 1, "peer": 2}
        assert relations == expected, code
    assert set(given) == {each.code for each in scheme.indicators}
    assert ratings["score"].between(1, 5).all()
    assert (ratings["score"] % 1 == 0).all()
    assert not ratings.duplicated(["employee_id", "indicator", "rater_id", "relation"]).any()
    assert (ratings["rater_id"] == ratings["employee_id"]).eq(ratings["relation"] == "self").all()


def test_who_moves_has_two_posts_that_meet_and_figures_for_both():
    tables = tables_of("account-positions")
    spells = tables["assignments"].frame
    (mover,) = spells["employee_id"].unique()
    first, second = spells.itertuples()
    assert second.start - first.end == pd.Timedelta(days=1)
    assert (first.group, second.group) == ("account_opening", "account_maintenance")
    result = run_of("account-positions")
    row = result.people.ids.get_loc(mover)
    groups = {
        each.group for each, figure in zip(result.indicators, result.points.points[row], strict=True) if figure > 0
    }
    assert groups == {"account_opening", "account_maintenance"}


def test_earlier_periods_are_those_before():
    calendar, _ = calendar_of(load("small-company-accounts"))
    assert [each.code for each in earlier(calendar.find("2026-12A"), "custom", 3, calendar)] == [
        "2026-10M",
        "2026-11A",
        "2026-11B",
    ]
    assert [each.code for each in earlier(calendar.find("2026-02M"), "custom", 3, calendar)] == ["2026-01M"]
    quarter = parse_period("2026Q1")
    assert [each.code for each in earlier(quarter, "quarter", 2, Periods())] == ["2025Q3", "2025Q4"]


def test_history_holds_earlier_periods_and_those_inside():
    plan = desk(history=(History("quarter", back=2), History("month", inside=True)))
    history = made_of(plan, period=parse_period("2026Q4"))["history"]
    assert list(history["period"].unique()) == ["2026Q2", "2026Q3", "2026-10", "2026-11", "2026-12"]
    assert history.groupby("period")["place"].min().eq(1).all()
    assert history["total"].between(40, 110).all()


def test_the_review_has_what_an_evaluation_needs():
    tables = tables_of("scheme-review")
    feedback, business = tables["feedback"].frame, tables["business"].frame
    assert feedback["question"].nunique() == 3
    assert not set(feedback["respondent"]) & set(tables["employees"]["employee_id"])
    assert set(business["business_kind"]) == set(WORDS["business_kind"])
    assert tables["history"]["period"].nunique() >= 3
    assert business["period"].nunique() == 5
    newest = business[business["period"] == "2026Q3"].groupby("business_kind")["amount"].sum()
    assert newest["benefit"] > newest["cost"]
