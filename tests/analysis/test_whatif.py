"""What if: a change of policy moves exactly those whom it must, and what is not understood is said in words.

The people of the tests: E1 is on time always (100 points), E2 and E3 with three of five tasks (0.6 of a target of 0.8:
75 points); all did enough tasks (100), and the superior gave everybody 3 of 1 to 5 (50 points). With weights 40, 30, 30:
E1 40 + 30 + 15 = 85, the others 30 + 30 + 15 = 75.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from effort import one_by_default
from typer.testing import CliRunner

import xlperf.cli.study  # noqa: F401 - registers its commands
from tests.policy.test_judging import workbook
from tests.small import SCHEME, scheme, tables, task
from xlperf.analysis.whatif import WhatIf, changed_scheme, grade_moves, in_all, what_if, who_changes
from xlperf.cli import app
from xlperf.core.problems import LANGUAGES, Problem
from xlperf.policy.schemes import from_toml, load
from xlperf.reporting.output_tables import outputs

TASKS = [
    task(10 * person + n, f"E{person}", done="2026-10-09" if n < on_time else "2026-10-20")
    for person, on_time in ((1, 5), (2, 3), (3, 3))
    for n in range(5)
]
RATINGS = [
    {"period": "2026-10", "employee_id": person, "indicator": "skill", "rater_id": "B", "relation": "manager", "score": 3.0}
    for person in ("E1", "E2", "E3")
]  # fmt: skip


def people() -> dict[str, Any]:
    return tables(["E1", "E2", "E3"], TASKS, RATINGS)


def asked(*assignments: str, normalise: bool = False, **settings: Any) -> WhatIf:
    """Ask what would be if some cells were otherwise, under grades by score unless settings say more."""
    pairs = [tuple(each.split("=", 1)) for each in assignments]
    return what_if(people(), scheme(**{"grading": "bands", **settings}), pairs, normalise)  # type: ignore[arg-type]


def results(found: WhatIf) -> tuple[pd.DataFrame, pd.DataFrame]:
    assert found.done, [each.found("en") for each in found.problems]
    assert found.after is not None
    return outputs(found.before, "en")["results"], outputs(found.after, "en")["results"]


def changed(*assignments: str, normalise: bool = False, read: Any = None) -> Any:
    """Return the changed scheme; the change must be understood."""
    pairs = [tuple(each.split("=", 1)) for each in assignments]
    after, _, _, problems = changed_scheme({}, read or scheme(), pairs, normalise)  # type: ignore[arg-type]
    assert problems == []
    return after


def refused(*assignments: str, normalise: bool = False, read: Any = None) -> Any:
    """Return the first problem of a change that is not understood."""
    pairs = [tuple(each.split("=", 1)) for each in assignments]
    return changed_scheme({}, read or scheme(), pairs, normalise)[3][0]  # type: ignore[arg-type]


# Who changes ---------------------------------------------------------------------------------------------------------


def test_a_change_of_weights_moves_the_one_person_who_falls_below_the_line() -> None:
    """With weights 30, 30, 40 E1 has 30 + 30 + 20 = 80, below the 85 of an A; the others 22.5 + 30 + 20 = 72.5."""
    found = asked("indicators.on_time.weight=30", "indicators.skill.weight=40", "dimensions.work.weight=60",
                  "dimensions.ability.weight=40")  # fmt: skip
    before, after = results(found)
    (moved,) = who_changes(before, after).to_dict("records")
    assert (moved["employee_id"], moved["name"]) == ("E1", "Name E1")
    assert (moved["grade_before"], moved["grade_after"]) == ("A", "B")
    assert (moved["total_before"], moved["total_after"]) == (85, 80)
    assert (moved["place_before"], moved["place_after"]) == (1, 1)
    moves = grade_moves(before, after, ["A", "B", "C"])
    assert moves.to_numpy().tolist() == [[0, 1, 0, 0], [0, 2, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]
    assert in_all(before).mean_total == pytest.approx(235 / 3)
    assert in_all(after).mean_total == 75
    assert (in_all(before).coefficients, in_all(after).coefficients) == (3.2, 3.0)


def test_a_change_of_ties_moves_those_who_share_a_place() -> None:
    """One fifth of three people ends at place 1, four fifths (2.4) at place 2: E2 and E3 tie across that line."""
    found = asked("ties=worse", grading="quota", ties="better")
    before, after = results(found)
    moved = who_changes(before, after)
    assert moved["employee_id"].tolist() == ["E2", "E3"]
    assert moved["grade_before"].tolist() == ["B", "B"]
    assert moved["grade_after"].tolist() == ["C", "C"]


def test_a_list_is_a_change_too() -> None:
    """One fifth of three people is one: E1 has the award already."""
    before, after = results(asked("outcomes.award.where=total >= 75"))
    moved = who_changes(before, after)
    assert moved["employee_id"].tolist() == ["E2", "E3"]
    assert set(moved["outcome_after"]) == {"Award"}


@pytest.mark.parametrize(
    "assignment",
    ["ties=better", "pool_by=all", "indicators.on_time.weight=40", "grades.A.share=20%", "grades.A.lower=85",
     "dimensions.ability.weight=30", "indicators.on_time.hit=done_date <= due_date", "outcomes.award.where=top 20% and total >= 60",
     "indicators.on_time.parameters=cap = 100%; floor = 0%", "ranked_status=active", "minimum_weight=50%"],
)  # fmt: skip
def test_what_is_in_force_already_changes_nothing(assignment: str) -> None:
    found = asked(assignment)
    before, after = results(found)
    assert who_changes(before, after).empty
    pd.testing.assert_frame_equal(before, after)
    assert found.problems == []
    (change,) = found.changes
    assert change.before == change.after


def test_somebody_who_is_no_longer_scored_has_nothing_after() -> None:
    staff = [{"employee_id": each, "name": each, "status": status}
             for each, status in (("E1", "active"), ("E2", "probation"), ("E3", "active"))]  # fmt: skip
    found = what_if(tables(staff, TASKS, RATINGS), scheme(grading="bands", ranked_status=("active", "probation")),
                    [("计分的在职状态", "在职")])  # fmt: skip
    before, after = results(found)
    moved = who_changes(before, after).set_index("employee_id").loc["E2"]
    assert moved["grade_before"] == "B"
    assert pd.isna(moved["grade_after"])
    assert grade_moves(before, after, ["A", "B", "C"]).loc["B", ""] == 1


def test_pay_is_compared_where_there_is_some() -> None:
    before = pd.DataFrame({"employee_id": ["a", "b"], "name": ["A", "B"], "grade": ["A", "B"], "grade_name": ["A", "B"],
                           "place": [1.0, 2.0], "outcome": ["", ""], "total": [90.0, 80.0], "pay": [100.1, 200.2]})  # fmt: skip
    after = before.assign(pay=[100.1, 150.1])
    assert who_changes(before, after)["employee_id"].tolist() == ["b"]
    assert in_all(before.assign(coefficient=1.0)).pay == 300.3
    assert in_all(after.assign(coefficient=1.0)).pay == 250.2


# Keys ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["ties", "并列处理", "Ties", "TIES"])
@pytest.mark.parametrize("value", ["worse", "同分取较差等级", "equal totals share the worse grade"])
def test_a_setting_is_found_by_code_and_name_and_read_as_its_cell(key: str, value: str) -> None:
    assert changed(f"{key}={value}").settings.ties == "worse"


@pytest.mark.parametrize(
    "key",
    [
        "indicators.on_time.weight",
        "指标.任务及时率.权重",
        "Indicators.On-time rate.Weight or full points",
        "考核指标.on_time.占比",
    ],
)
def test_a_cell_is_found_in_either_language(key: str) -> None:
    assert changed(f"{key}=25").indicators[0].weight == 25


TARGETS = """
[[targets]]
indicator = "done"
scope = "department"
scope_id = "N"
target = 3

[[targets]]
indicator = "done"
scope = "company"
target = 5

[[parts]]
code = "months"
name = "月考核"
period_kind = "year"
source = "periods"
part_kind = "month"
weight = 30

[[parts]]
code = "own"
name = "年终"
period_kind = "year"
source = "appraisal"
weight = 70

[[bands]]
band_set = "speed"
low = 0
high = 79.5
points = 50

[[bands]]
band_set = "speed"
low = 79.5
low_included = "yes"
points = 100

[[pay]]
code = "bonus"
name = "奖金"
way = "rank_pool"
shares = "30%, 20%"
remainder = "unallocated"
"""


def with_more() -> Any:
    read, problems = from_toml(SCHEME + TARGETS)
    assert {each.code for each in problems} <= {"setting-missing"}
    return read


@pytest.mark.parametrize(
    ("assignment", "sheet", "position", "column", "value"),
    [
        ("grades.A.share=20%", "grades", 0, "share", 0.2),
        ("grades.Excellent.lower=92", "grades", 0, "lower", 92),
        ("等级.良好.绩效系数=1.1", "grades", 1, "coefficient", 1.1),
        ("dimensions.ability.weight=35", "dimensions", 1, "weight", 35),
        ("parts.months.weight=40", "parts", 0, "weight", 40),
        ("汇总.年终.权重=60", "parts", 1, "weight", 60),
        ("targets.done/department/N.target=2", "targets", 0, "target", 2),
        ("目标值.done/公司.目标值=6", "targets", 1, "target", 6),
        ("bands.speed/79.5/0.points=40", "bands", 0, "points", 40),
        ("pay.bonus.shares=40%, 20%", "pay", 0, "shares", "40%, 20%"),
        ("indicators.on_time.direction=反向", "indicators", 0, "direction", "lower"),
        ("indicators.on_time.weight=25%", "indicators", 0, "weight", 25),
        ("indicators.on_time.hit=完成日期 <= 应完成日期", "indicators", 0, "hit", "done_date <= due_date"),
        ("indicators.done.target=", "indicators", 1, "target", None),
    ],
)
def test_every_policy_sheet_has_keys(assignment: str, sheet: str, position: int, column: str, value: Any) -> None:
    after, (change,), _, _ = changed_scheme({}, with_more(), [tuple(assignment.split("=", 1))])  # type: ignore[list-item]
    found = after.table(sheet)[column].iloc[position]
    assert (found if found == found else None) == value
    assert change.place.startswith("'TOML[")


def test_a_list_of_words_is_a_setting_as_well() -> None:
    assert changed("pool_by=department, staff_class").settings.pool_by == ("department", "staff_class")
    assert changed("排名范围划分=部门").settings.pool_by == ("department",)


def test_a_setting_that_the_workbook_leaves_out_can_be_set() -> None:
    assert changed("rest_grade=C").settings.rest_grade == "C"


def test_the_scheme_that_was_given_stays_as_it_was() -> None:
    given = load("service-team")
    weights = given.table("indicators")["weight"].tolist()
    changed_scheme({}, given, [("ties", "worse"), (f"indicators.{given.indicators[0].code}.weight", "99")])
    assert given.table("indicators")["weight"].tolist() == weights
    assert load("service-team").settings.ties == given.settings.ties


# What is not understood ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("assignment", "code", "zh", "en"),
    [
        ("tie=worse", "set-unknown", "相近的有：Ties、ties", "Similar: Ties, ties"),
        ("ties=worst", "setting-value", "同分取较差等级", "equal totals share the worse grade"),
        ("indicator.on_time.weight=3", "set-sheet-unknown", "indicators", "indicators"),
        ("employees.E1.name=x", "set-sheet-unknown", "employees", "employees"),
        ("indicators.on_tme.weight=3", "set-row-unknown", "on_time", "on_time"),
        ("parts.months.weight=3", "set-row-unknown", "months", "months"),
        ("indicators.on_time.wieght=3", "set-column-unknown", "wieght", "wieght"),
        ("indicators.on_time.weight=much", "not-number", "much", "much"),
        ("grades.A.share=a fifth", "not-fraction", "a fifth", "a fifth"),
        ("indicators.on_time.direction=up", "not-a-choice", "正向", "higher"),
        ("indicators.on_time.rule=proportionl", "rule-unknown", "proportional", "proportional"),
        ("indicators.on_time.hit=done_dat <= due_date", "condition-unknown-word", "done_date", "done_date"),
    ],
)
def test_what_is_not_understood_is_told_in_both_languages(assignment: str, code: str, zh: str, en: str) -> None:
    problem = refused(assignment)
    assert (problem.code, problem.level) == (code, "error")
    for lang, words in (("zh", zh), ("en", en)):
        assert words in " ".join((problem.found(lang), problem.expected(lang), problem.remedy(lang)))


def test_a_row_that_is_not_one_is_told_with_the_words_that_single_it_out() -> None:
    problem = refused("targets.done.target=3", read=with_more())
    assert problem.code == "set-row-several"
    assert "done/department/N, done/company" in problem.expected("en")


def test_one_cell_cannot_be_changed_twice() -> None:
    assert refused("ties=worse", "并列处理=chain").code == "set-twice"


def test_all_that_is_wrong_is_told_at_once() -> None:
    wrong = [("tie", "worse"), ("indicators.x.weight", "1"), ("grades.A.share", "?!")]
    assert len(changed_scheme({}, scheme(), wrong)[3]) == 3


def test_a_change_that_breaks_the_scheme_is_told_with_its_errors() -> None:
    found = asked("indicators.on_time.weight=50")
    assert not found.done
    assert {each.code for each in found.problems if each.level == "error"} == {"weights-not-100", "dimension-differs"}


def test_a_scheme_that_cannot_be_appraised_has_nothing_to_compare_with() -> None:
    found = what_if(people(), scheme({"share = 0.6": "share = 0.5"}), [("ties", "worse")])
    assert not found.done
    assert "shares-not-100" in [each.code for each in found.problems]


SHORT = {"share = 0.6": "share = 0.5"}  # the shares of the grades total 90 %


def test_a_change_that_cures_the_scheme_gives_results_without_a_comparison() -> None:
    found = what_if(people(), scheme(SHORT), [("grades.B.share", "60%")])
    assert (found.done, found.compared, found.before.done) == (True, False, False)
    assert found.after is not None
    assert outputs(found.after, "en")["results"]["grade"].tolist() == ["A", "B", "B"]
    assert "whatif-not-compared" in {each.code for each in found.problems}
    assert {each.level for each in found.problems} == {"note"}


def test_a_change_that_cures_only_a_part_leaves_the_rest_of_the_problems() -> None:
    short = scheme({**SHORT, "weight = 40": "weight = 50", "weight = 70": "weight = 80"})
    assert {"shares-not-100", "weights-not-100"} <= {each.code for each in what_if(people(), short, []).problems}
    found = what_if(people(), short, [("grades.B.share", "60%")])
    assert not found.done
    errors = {each.code for each in found.problems if each.level == "error"}
    assert errors == {"weights-not-100"}


def test_a_scheme_that_cannot_be_graded_does_not_hide_a_change_that_is_not_understood() -> None:
    codes = [each.code for each in what_if(people(), scheme(SHORT), [("tie", "worse")]).problems]
    assert codes[0] == "set-unknown"
    assert "shares-not-100" in codes


@pytest.mark.parametrize(("place", "done"), [("grades", True), ("tasks", False)])
def test_a_cell_that_could_not_be_read_is_cured_only_by_changing_it(place: str, done: bool) -> None:
    read = scheme(SHORT)
    table = read.table("grades") if place == "grades" else people()["tasks"]
    cells = table.cells("share" if place == "grades" else "done_date", [1])
    misread = Problem("not-fraction", table.title, cells, {"cell": "?", "column": "?"})
    assert what_if(people(), read, [("grades.B.share", "60%")], found_before=[misread]).done is done


# Making room ---------------------------------------------------------------------------------------------------------


def weights(read: Any) -> dict[str, float]:
    return {each.code: round(each.weight, 6) for each in (*read.dimensions, *read.indicators)}


def test_the_other_indicators_of_the_dimension_make_room() -> None:
    """on_time 50 of the 70 of its dimension leaves 20 to done."""
    after, _, scaled, problems = changed_scheme({}, scheme(), [("indicators.on_time.weight", "50")], normalise=True)
    assert problems == []
    assert weights(after) == {"work": 70, "ability": 30, "on_time": 50, "done": 20, "skill": 30}
    (change,) = scaled
    assert (change.place, change.before.en, change.after.en) == ("'small[indicators]'!weight 2", "30", "20")


def test_a_dimension_that_is_all_changed_takes_its_weight_from_the_other_dimensions() -> None:
    """skill is all of ability: 40 leaves 60 to work, whose 40 + 30 shrink by 6/7."""
    after = changed("indicators.skill.weight=40", normalise=True)
    assert weights(after) == {"work": 60, "ability": 40, "on_time": 34.285714, "done": 25.714286, "skill": 40}


def test_a_changed_dimension_takes_its_indicators_along() -> None:
    after = changed("dimensions.work.weight=80", normalise=True)
    assert weights(after) == {"work": 80, "ability": 20, "on_time": 45.714286, "done": 34.285714, "skill": 20}


def test_weights_within_dimensions_total_a_hundred_there() -> None:
    text = SCHEME.replace('weight_basis = "total"', 'weight_basis = "dimension"')
    after = changed("indicators.on_time.weight=60", normalise=True, read=from_toml(text)[0])
    assert weights(after) == {"work": 70, "ability": 30, "on_time": 60, "done": 40, "skill": 30}


@pytest.mark.parametrize("name", one_by_default(["sales-pipeline", "service-team", "securities-crm"]))
def test_after_making_room_every_scheme_still_totals_what_it_must(name: str) -> None:
    from xlperf.policy.validation import check_scheme

    read = load(name)
    bad = {"weights-not-100", "dimension-differs", "weights-of-dimension", "dimension-weights"}
    weighed = [each for each in read.of_level("employee") if each.weight > 1]
    for each in weighed[:: max(1, len(weighed) // 8)]:
        after, _, _, problems = changed_scheme(
            {}, read, [(f"indicators.{each.code}.weight", str(each.weight - 1))], True
        )
        if [problem.code for problem in problems] == ["weights-without-room"]:
            continue  # nothing else of its position group stands beside it
        assert problems == []
        assert bad.isdisjoint(problem.code for problem in check_scheme(after))
        assert next(own.weight for own in after.indicators if own.code == each.code) == each.weight - 1


@pytest.mark.parametrize("lang", LANGUAGES)
def test_weights_that_leave_no_room_are_refused(lang: Any) -> None:
    problem = refused("indicators.on_time.weight=80", normalise=True)
    assert problem.code == "weights-without-room"
    assert "-10" in problem.found(lang)
    assert {"zh": "工作", "en": "Work"}[lang] in problem.found(lang)


def test_nothing_is_scaled_where_weights_total_already() -> None:
    assert changed_scheme({}, scheme(), [("indicators.on_time.weight", "40")], normalise=True)[2] == ()


# The command ---------------------------------------------------------------------------------------------------------


def call(*words: object, status: int = 0) -> str:
    done = CliRunner().invoke(app, [str(word) for word in words], env={"COLUMNS": "160"})
    assert done.exit_code == status, done.output
    return done.output


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small scheme with E1 to E5: of quotas 1, 3, 1; the totals fall from E1 and E2, who tie, to E5."""
    return workbook(tmp_path_factory.mktemp("books") / "book.xlsx")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_whatif_shows_who_moves_and_what_it_costs_and_writes_nothing(book: Path, lang: str) -> None:
    """E1 and E2 tie at the line of the one A: they share it, and lose it when ties share the worse grade."""
    before = book.read_bytes()
    said = call("whatif", book, "--set", "ties=worse", "--lang", lang)
    assert {"zh": "优秀 → 良好", "en": "Excellent → Good"}[lang] in said
    assert {"zh": "结果改变的人数：2", "en": "People whose result changes: 2"}[lang] in said
    assert {"zh": "绩效系数合计：5.20 → 4.80", "en": "Coefficients in all: 5.20 → 4.80"}[lang] in said
    assert book.read_bytes() == before
    assert [each.name for each in book.parent.iterdir()] == [book.name]


def test_whatif_as_data(book: Path) -> None:
    found = json.loads(call("whatif", book, "--set", "ties=worse", "--set", "grades.A.lower=86", "--json"))
    assert [each["after"] for each in found["changes"]] == ["equal totals share the worse grade", "86"]
    assert [each["employee_id"] for each in found["people"]] == ["E1", "E2"]
    assert found["grades"]["A"] == {"A": 0, "B": 2, "C": 0, "": 0}
    assert found["after"]["coefficients"] == pytest.approx(found["before"]["coefficients"] - 0.4)
    assert found["after"]["pay"] is None


def test_whatif_logs_the_weights_that_made_room(book: Path) -> None:
    found = json.loads(call("whatif", book, "--set", "indicators.on_time.weight=50", "--normalise", "--json"))
    assert [(each["name"], each["before"], each["after"]) for each in found["scaled"]] == [
        ("Tasks done – Weight or full points", "30", "20")
    ]
    assert found["scaled"][0]["cell"].startswith("Indicators!")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_whatif_stops_where_the_change_cannot_be_made(book: Path, lang: str) -> None:
    said = call("whatif", book, "--set", "indicators.on_time.weight=50", "--lang", lang, status=1)
    assert {"zh": "什么都没有写入。", "en": "Nothing was written."}[lang] in said
    assert "110%" in said
    assert "on_time" in call("whatif", book, "--set", "indicators.on_tme.weight=5", "--lang", lang, status=1)


def test_a_wrong_call_has_status_two(book: Path) -> None:
    call("whatif", book, status=2)
    assert "KEY=VALUE" in call("whatif", book, "--set", "ties", "--lang", "en", status=2)


@pytest.fixture(scope="module")
def unsound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same book with weights that total 110 %, so that it cannot be graded as it stands."""
    return workbook(tmp_path_factory.mktemp("books") / "unsound.xlsx", on_time=50)


SOUND = {"zh": "没有前后对比", "en": "nothing to compare them with"}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_whatif_of_a_book_that_cannot_be_graded_shows_the_results_of_the_change(unsound: Path, lang: str) -> None:
    said = call("whatif", unsound, "--set", "indicators.on_time.weight=40", "--lang", lang)
    assert SOUND[lang] in said
    assert {"zh": "优秀", "en": "Excellent"}[lang] in said
    assert {"zh": "结果改变", "en": "People whose result changes"}[lang] not in said
    still = call("whatif", unsound, "--set", "indicators.on_time.weight=45", "--lang", lang, status=1)
    assert "105%" in still


def test_whatif_without_a_comparison_as_data(unsound: Path) -> None:
    found = json.loads(call("whatif", unsound, "--set", "indicators.on_time.weight=40", "--json"))
    assert found["before"] is None
    assert len(found["results"]) == 5
    assert found["after"]["mean_total"] > 0
    assert "people" not in found
