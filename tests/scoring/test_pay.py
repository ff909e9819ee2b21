"""Pay: every way by hand, pools to the cent, and what the Pay sheet must say before anything is paid."""

from __future__ import annotations

import math
import tomllib
from collections import Counter
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import narwhals as nw
import pandas as pd
import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from tests.core.test_money import places_earn, referee, remainders, totals
from tests.small import SCHEME
from xlperf.core.problems import LANGUAGES, has_errors
from xlperf.policy.conditions import When
from xlperf.policy.schemes import from_toml
from xlperf.policy.validation import check_scheme
from xlperf.policy.validation.pay_rules import CHECKS
from xlperf.schema import SHEETS
from xlperf.schema.tables import table_of
from xlperf.scoring.pay import pay

CASES = tomllib.loads((Path(__file__).parents[1] / "cases" / "pay.toml").read_text("utf-8"))["case"]
OCTOBER = When(date(2026, 10, 1), date(2026, 10, 31), date(2026, 9, 1), date(2026, 9, 30))
DAYS = 30
GRADES = {"A": 1.2, "B": 1, "C": 0.8}
POOL = {
    "code": "pool",
    "name": "奖金池",
    "name_en": "Pool",
    "way": "rank_pool",
    "shares": "30%, 20%",
    "remainder": "equal",
}
SHARED = {"code": "pool", "name": "奖金池", "name_en": "Pool", "way": "share_pool"}
BONUS = {"code": "bonus", "name": "奖金", "name_en": "Bonus", "way": "fixed", "base": "base_pay"}


def scheme_with(pay_rows, bands=(), grades=GRADES, curves=(), **settings):
    """Return the small scheme with a Pay sheet, and the problems of reading it."""
    raw = tomllib.loads(SCHEME)
    raw["settings"] |= {"paid_status": ["active", "probation", "left"], "grading": "bands"} | settings
    lowest = len(grades) - 1
    raw["grades"] = [
        {"code": code, "name": code, "lower": 10 * (lowest - n)} | ({} if c is None else {"coefficient": c})
        for n, (code, c) in enumerate(grades.items())
    ]
    raw |= {"pay": list(pay_rows), "bands": list(bands), "curves": list(curves)}
    return from_toml(tomli_w.dumps(raw), "small")


def people_of(rows, grades=GRADES):
    """Return people as a run knows them: active, scored, in service all month, everybody in North."""
    usual = {"name": "", "department": "N", "team": None, "staff_class": None, "status": "active", "scored": True}
    usual |= {"total": math.nan, "targets_met": 1.0, "grade": None, "days": DAYS}
    frame = pd.DataFrame([usual | row for row in rows])
    frame["coefficient"] = [grades.get(grade, math.nan) for grade in frame["grade"]]
    frame["service"] = frame["days"] / DAYS
    frame["department_name"] = "Department " + frame["department"]
    money = {each: frame[each].astype(float) for each in ("base_pay", "performance_base") if each in frame}
    return frame.assign(total=frame["total"].astype(float), **money)


def run(pay_rows, rows, funds=(), departments=None, grades=GRADES, bands=(), when=OCTOBER, **settings):
    scheme, problems = scheme_with(pay_rows, bands, grades, **settings)
    assert not has_errors(problems), problems
    return settle(scheme, people_of(rows, grades), funds, departments, when)


def settle(scheme, people, funds=(), departments=None, when=OCTOBER):
    above = departments or {}
    ancestors = {code: (*filter(None, (parent,)), code) for code, parent in above.items()}
    names = {code: f"Department {code}" for code in ("N", "S", "NE", "NW")}
    rows = [{"period": "2026-10"} | each for each in funds]
    return pay(people, scheme, table_of("funds", rows), ancestors, names, when)


def by_person(paid, column, item):
    rows = paid.sheets("en")["pay_results"]
    mine = rows[rows["pay_item"] == item]
    return dict(zip(mine["employee_id"], mine[column], strict=True))


def figures(values):
    return {key: "-" if value != value else value for key, value in values.items()}


@pytest.fixture(params=CASES, ids=[case["name"] for case in CASES])
def case(request):
    paid, problems = run(
        request.param["pay"],
        request.param["people"],
        request.param.get("funds", ()),
        request.param.get("departments"),
        request.param.get("grades", GRADES),
        request.param.get("bands", ()),
        curves=request.param.get("curves", ()),
    )
    return request.param, paid, problems


def test_worked_cases(case):
    expected, paid, problems = case
    names = {row["code"]: row["name_en"] for row in expected["pay"]}
    for item, amounts in expected["paid"].items():
        assert figures(by_person(paid, "amount", names[item])) == amounts
    for column in ("evidence", "place"):
        for item, known in expected.get({"place": "places"}.get(column, column), {}).items():
            assert known.items() <= by_person(paid, column, names[item]).items()
    for column in ("company", "department"):
        if column in expected:
            assert (
                expected[column].items()
                <= by_person(paid, f"{column}_amount", names[expected["pay"][0]["code"]]).items()
            )
    if "pools" in expected:
        assert paid.sheets("en")["pay_pools"].drop(columns="pay_item").to_dict("records") == expected["pools"]
    if "totals" in expected:
        assert figures(paid.totals.to_dict()) == expected["totals"]
    assert sorted(each.code for each in problems) == expected.get("problems", [])


def test_worked_cases_fill_the_sheets_and_speak_both_languages(case):
    expected, paid, problems = case
    for lang in LANGUAGES:
        for sheet, frame in paid.sheets(lang).items():
            assert list(frame.columns) == [column.code for column in SHEETS[sheet]]
            assert frame["pay_item"].isin([row["name" if lang == "zh" else "name_en"] for row in expected["pay"]]).all()
        assert (paid.sheets(lang)["pay_results"]["evidence"].str.len() > 0).all()
        for problem in problems:
            assert "{" not in problem.found(lang) + problem.expected(lang) + problem.remedy(lang)


def test_worked_cases_do_not_depend_on_the_order_of_rows(case):
    expected, paid, problems = case
    backwards = {key: list(reversed(expected.get(key, ()))) for key in ("people", "funds", "bands")}
    again, found = run(
        expected["pay"], backwards["people"], backwards["funds"], expected.get("departments"),
        expected.get("grades", GRADES), backwards["bands"], curves=expected.get("curves", ()),
    )  # fmt: skip
    negative = "fund-twice" in (each.code for each in problems)  # which of two rows counts is not decided
    if not negative:
        pd.testing.assert_frame_equal(again.people, paid.people)
        pd.testing.assert_frame_equal(again.pools, paid.pools)
        assert figures(again.totals.to_dict()) == figures(paid.totals.to_dict())
    assert Counter(each.code for each in found) == Counter(each.code for each in problems)


def test_a_place_reads_well_in_chinese():
    paid, _ = run([POOL], [{"employee_id": "E1", "total": 9.0}, {"employee_id": "E2", "total": 9.0}],
                  [{"item": "奖金池", "amount": 100}])  # fmt: skip
    rows = paid.sheets("zh")
    assert rows["pay_results"]["evidence"][0] == "奖金池 100.00 × 25%（第 1 名，共 2 人，2 人并列）= 25.00"
    assert rows["pay_pools"]["pool"].tolist() == ["公司"]


def test_who_is_not_paid_is_named_once_for_each_reason():
    rows = [{"employee_id": f"I{n}", "status": "intern", "base_pay": 1.0} for n in range(3)]
    paid, problems = run([BONUS, SHARED], [*rows, {"employee_id": "E1", "scored": False, "base_pay": 1.0}],
                         [{"item": "pool", "amount": 0}])  # fmt: skip
    assert paid.people.empty
    assert [each.found("en") for each in problems] == [
        "Not paid: I0, I1, I2 (people: 3).",
        "Not paid: E1 (people: 1).",
    ]


def test_interns_are_paid_where_the_setting_names_them():
    paid, problems = run([BONUS], [{"employee_id": "I1", "status": "intern", "base_pay": 2.0}], paid_status=["intern"])
    assert paid.totals.to_dict() == {"I1": 2.0}
    assert not problems


def test_a_scheme_without_pay_pays_nobody_and_says_nothing():
    paid, problems = run([], [{"employee_id": "E1", "status": "intern"}])
    assert paid.totals.isna().tolist() == [True]
    assert "pay_pools" not in paid.sheets("en")
    assert not problems


def test_the_ranking_of_the_period_serves_as_a_condition():
    """Top 50 % comes from the run's own ranking, by the position of the person in the table."""
    rows = [{"employee_id": each, "total": total, "base_pay": 5.0} for each, total in (("E2", 70.0), ("E1", 90.0))]
    item = BONUS | {"where": "top 50%"}
    ranked = replace(OCTOBER, places=lambda placed: nw.col("total") > 80)
    assert run([item], rows, when=ranked)[0].people["employee_id"].tolist() == ["E1"]
    paid, problems = run([item], rows)
    assert [each.code for each in problems] == ["condition-no-ranking"]
    assert paid.people.empty


def test_a_base_that_is_text_is_no_base():
    scheme, _ = scheme_with([BONUS])
    people = people_of([{"employee_id": "E1", "total": 9.0}]).assign(base_pay=["much"])
    assert "pay-base-text" in [each.code for each in settle(scheme, people)[1]]


def test_a_negative_base_does_not_share_in_a_pool():
    _, problems = run(
        [SHARED | {"base": "base_pay"}],
        [{"employee_id": "E1", "total": 9.0, "grade": "A", "base_pay": -1.0}],
        [{"item": "pool", "amount": 1}],
    )
    assert "pay-base-negative" in [each.code for each in problems if each.level == "error"]


BAND_ROWS = [
    {"band_set": "b", "low": 80, "low_included": "yes", "points": 1},
    {"band_set": "b", "low": 60, "low_included": "yes", "high": 79, "high_included": "yes", "points": 0.6},
]
WRONG_SHEETS = {
    "I18: no remainder": ([POOL | {"remainder": None}], "remainder-missing", "remainder "),
    "no shares": ([POOL | {"shares": None}], "pay-needs", "shares "),
    "no base": ([BONUS | {"base": None}], "pay-needs", "base "),
    "no bands": ([BONUS | {"way": "bands"}], "pay-needs", "band_set "),
    "bands that are not there": ([BONUS | {"way": "bands", "band_set": "x"}], "bands-missing", "band_set "),
    "a hole between bands": ([BONUS | {"way": "bands", "band_set": "b"}], "bands-hole", "low "),
    "shares above 100 %": ([POOL | {"shares": "60%, 40%, 1%"}], "places-over-100", "shares "),
    "two items of one code": ([BONUS, POOL | {"code": "bonus"}], "key-twice", "code "),
    "a prorated place": ([POOL | {"prorate": "yes"}], "prorate-unused", "prorate "),
    "a condition on the pay": ([BONUS | {"where": "pay > 100"}], "pay-condition-later", "where "),
}


@pytest.mark.parametrize(("rows", "code", "cell"), WRONG_SHEETS.values(), ids=WRONG_SHEETS)
def test_a_wrong_pay_sheet_is_found_at_its_cell(rows, code, cell):
    rows = [{key: value for key, value in row.items() if value is not None} for row in rows]
    scheme, problems = scheme_with(rows, BAND_ROWS)
    assert not has_errors(problems)
    found = [*check_scheme(scheme), *(problem for check in CHECKS for problem in check(scheme))]
    the_one = [each for each in found if each.code == code]
    assert the_one, [each.code for each in found]
    assert the_one[0].cells.startswith(cell)
    for lang in LANGUAGES:
        assert "{" not in the_one[0].found(lang) + the_one[0].expected(lang) + the_one[0].remedy(lang)


def checked(rows, **more):
    scheme, _ = scheme_with(rows, **more)
    return [problem for check in CHECKS for problem in check(scheme)]


def test_a_sound_pay_sheet_passes():
    bands = [{"band_set": "b", "points": 0.5}]
    assert (
        checked(
            [BONUS, POOL, SHARED | {"code": "s"}, BONUS | {"code": "b", "way": "bands", "band_set": "b"}], bands=bands
        )
        == []
    )


def test_i18_names_the_share_that_is_given_out():
    problem = checked([{key: value for key, value in POOL.items() if key != "remainder"}])[0]
    assert problem.level == "error"
    assert '"Pool" share 50%' in problem.found("en")
    assert "其余人平分" in problem.expected("zh")


@pytest.mark.parametrize("way", ["coefficient", "product", "share_pool"])
def test_a_way_by_coefficients_needs_one_for_each_grade(way):
    codes = [each.code for each in checked([BONUS | {"way": way}], grades={"A": 1.2, "B": None})]
    assert codes == ["coefficient-missing"]
    assert checked([BONUS], grades={"A": 1.2, "B": None}) == []


def test_band_points_meant_as_percentages_are_pointed_out():
    bands = [{"band_set": "b", "points": 60}]
    problem = checked([BONUS | {"way": "bands", "band_set": "b"}], bands=bands)[0]
    assert problem.code == "band-share-large"
    assert "6000%" in problem.found("en")
    assert "0.6" in problem.expected("en")


cents = st.integers(0, 10**9)
staff = st.lists(
    st.tuples(totals, st.sampled_from(sorted(GRADES)), cents, st.integers(0, DAYS), st.sampled_from("NS")),
    min_size=1,
    max_size=12,
)
orders = st.randoms(use_true_random=False)


def staff_rows(people):
    return [
        {
            "employee_id": f"E{n:02}",
            "total": total,
            "grade": grade,
            "base_pay": base / 100,
            "days": days,
            "department": unit,
        }
        for n, (total, grade, base, days, unit) in enumerate(people)
    ]


SHARE_SCHEME = scheme_with([SHARED | {"base": "base_pay", "prorate": "yes"}])[0]
FUNDS = {name: scheme_with([SHARED | {"base": "base_pay", "pool_by": name}])[0] for name in ("company", "department")}


def in_pool(paid):
    return (paid.people["amount"] * 100).round().astype("int64").tolist()


@given(staff, cents, orders)
def test_the_parts_of_a_shared_pool_add_up_and_follow_the_weights(people, amount, shuffle):
    rows = staff_rows(people)
    funds = [{"item": "pool", "amount": amount / 100}]
    paid, _ = settle(SHARE_SCHEME, people_of(rows), funds)
    weights = [Fraction(str(GRADES[grade])) * base * days for _, grade, base, days, _ in people]
    parts = in_pool(paid)
    assert sum(parts) == (amount if any(weights) else 0)
    assert (round(paid.pools["paid"][0] * 100), round(paid.pools["left"][0] * 100)) == (sum(parts), amount - sum(parts))
    for weight, part in zip(weights, parts, strict=True):
        assert not any(weights) or abs(part - amount * weight / sum(weights)) < 1
        assert all(other <= part for lighter, other in zip(weights, parts, strict=True) if lighter < weight)
    mixed = rows.copy()
    shuffle.shuffle(mixed)
    pd.testing.assert_frame_equal(settle(SHARE_SCHEME, people_of(mixed), funds)[0].people, paid.people)


@given(staff, cents, cents)
def test_both_levels_of_pooling_share_out_the_same_money(people, north, south):
    everybody = people_of(staff_rows([*people, (80.0, "A", 100, DAYS, "N"), (80.0, "A", 100, DAYS, "S")]))
    apart = [{"item": "pool", "unit": "N", "amount": north / 100}, {"item": "pool", "unit": "S", "amount": south / 100}]
    together = [{"item": "pool", "amount": (north + south) / 100}]
    for name, funds in (("department", apart), ("company", together)):
        paid = settle(FUNDS[name], everybody, funds)[0].people
        for column in ("amount", "company_amount", "department_amount"):
            assert round(paid[column].sum() * 100) == north + south
        assert paid[f"{name}_amount"].equals(paid["amount"])


@given(
    st.lists(totals, min_size=1, max_size=12),
    places_earn,
    cents,
    remainders,
)
def test_given_and_left_are_the_pool_and_places_are_kept(scores, shares, amount, remainder):
    text = ", ".join(f"{float(share) * 100:g}%" for share in shares)
    scheme, _ = scheme_with([POOL | {"shares": text, "remainder": remainder}])
    rows = [{"employee_id": f"E{n:02}", "total": score} for n, score in enumerate(scores)]
    paid, problems = settle(scheme, people_of(rows), [{"item": "pool", "amount": amount / 100}])
    given_out, left = (round(paid.pools[each][0] * 100) for each in ("paid", "left"))
    parts = dict(zip(paid.people["employee_id"], in_pool(paid), strict=True))
    assert given_out + left == amount
    assert sum(parts.values()) == given_out
    exact = referee(scores, shares, remainder)
    assert all(abs(parts[f"E{n:02}"] - share * amount) < 1 for n, share in enumerate(exact))
    beyond = any(sum(other > score for other in scores) >= len(shares) and score > 0 for score in scores)
    if remainder != "unallocated" and beyond:
        assert left == 0
    if "pay-places-reversed" not in [each.code for each in problems]:
        ranked = sorted(range(len(scores)), key=lambda n: (-scores[n], n))
        by_rank = [parts[f"E{n:02}"] for n in ranked]
        assert by_rank == sorted(by_rank, reverse=True)


@pytest.mark.parametrize("unit", [0, -1, 0.005])
def test_a_rounding_unit_is_a_positive_number_of_cents(unit):
    text = (
        SCHEME
        + f"""
[[pay]]
code = "bonus"
name = "奖金"
way = "fixed"
base = "base_pay"
rounding_unit = {unit}
"""
    )
    read, _ = from_toml(text, "small")
    assert [each.code for each in check_scheme(read) if each.level == "error"] == ["pay-unit"]


TOTAL = {"code": "t", "name": "绩效", "name_en": "Total pay", "way": "total", "base": "performance_base"}
PLACES = {"code": "p", "name": "名次奖", "name_en": "Prize", "way": "place_amounts"}


@pytest.mark.parametrize(
    ("code", "item"),
    [
        ("pay-limit-pooled", PLACES | {"amounts": "300、200", "budget": 400}),
        ("pay-limit-negative", TOTAL | {"most": -1}),
        ("pay-limits-reversed", TOTAL | {"least": 5, "most": 4}),
        ("amounts-rise", PLACES | {"amounts": "200、300"}),
        ("amounts-unreadable", PLACES | {"amounts": "300、-2"}),
        ("pay-needs", PLACES),
        ("curve-missing", TOTAL | {"way": "curve", "curve": "plan"}),
        ("code-unknown", TOTAL | {"figure": "skil"}),
    ],
)
def test_what_is_wrong_with_limits_amounts_and_curves_is_found(code, item):
    scheme, problems = scheme_with([item])
    found = [each for each in [*problems, *check_scheme(scheme)] if each.code == code]
    assert len(found) == 1
    assert found[0].place
    for lang in LANGUAGES:
        assert "{" not in found[0].found(lang) + found[0].expected(lang) + found[0].remedy(lang)


def test_a_comma_before_three_digits_separates_thousands():
    scheme, problems = scheme_with([PLACES | {"amounts": "3,000, 2,000; 500"}])
    assert not has_errors(problems)
    assert scheme.pay[0].amounts == (3000, 2000, 500)
