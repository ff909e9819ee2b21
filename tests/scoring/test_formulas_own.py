"""A formula of one's own: figures from other figures, what they lack, circles, and the same in Excel."""

import numpy as np
import pytest
import small
from hypothesis import given
from hypothesis import strategies as st

from tests.policy.test_checks import found, the_one
from xlperf.analysis.explain import explain
from xlperf.core.numbers import round_half_up
from xlperf.core.problems import Text
from xlperf.core.vocabulary import STATES
from xlperf.policy.conditions import figures_of, read_expression, to_text
from xlperf.policy.scheme.formula_scope import formula_scope
from xlperf.policy.validation import check_scheme
from xlperf.scoring.pipeline import appraise
from xlperf.workbook.write.scheme_workbook import policy_frame

OWN = """
[[indicators]]
code = "{code}"
name = "{name}"
name_en = "{code}"
dimension = "work"
weight = 0
unit = "分"
direction = "higher"
source = "{source}"
measure = "formula"
column = "{column}"
target = 2
rule = "proportional"

[[grades]]
code = "A\""""


def with_formula(column, code="own", name="自定", source="indicators"):
    return {'\n[[grades]]\ncode = "A"': OWN.format(code=code, name=name, column=column, source=source)}


def run(column, **more):
    return appraise(small.tables(**more), small.scheme(with_formula(column)))


def own(appraisal):
    k = appraisal.facts.column("own")
    return appraisal.facts.actual[:, k].tolist()


CASES = [
    # E1 has done 5 tasks of 5 in time, E2 4, E3 3 …; everybody has done 5 and is rated 4
    ("done + skill", [9.0] * 5, "5 + 4"),
    ("done * on_time - 1", [4.0, 3.0, 2.0, 1.0, 0.0], "5 × 100 % − 1, 5 × 80 % − 1 …"),
    ("(done - 1) / skill", [1.0] * 5, "(5 − 1) ÷ 4"),
    ("完成任务数 / 业务能力", [1.25] * 5, "by names in Chinese: 5 ÷ 4"),
    ("on_time_numerator * 2", [10.0, 8.0, 6.0, 4.0, 2.0], "twice the tasks in time"),
    ("if(done >= 5 and on_time < 90%, skill, 0)", [0.0, 4.0, 4.0, 4.0, 4.0], "E1 alone has 100 % in time"),
    ("如果(任务及时率 = 60%, 1, 2)", [2.0, 2.0, 1.0, 2.0, 2.0], "3 ÷ 5 is 60 %, whatever its last digit"),
    ("if(not on_time in (20%, 40%), 1, 0)", [1.0, 1.0, 1.0, 0.0, 0.0], "one of several values"),
    ("if(done = 5, 0, skill / (done - 5))", [0.0] * 5, "what is not chosen may be undefined"),
    ("if(done <> 5 and skill / (done - 5) > 1, 1, 2)", [2.0] * 5, "done is 5: not met, whatever 4 ÷ 0 would be"),
    ("if(skill / (done - 5) > 1 and done <> 5, 1, 2)", [2.0] * 5, "the same in the other order"),
    ("if(done = 5 or skill / (done - 5) > 1, 1, 2)", [1.0] * 5, "done is 5: met, whatever 4 ÷ 0 would be"),
    ("if(not (done <> 5 and skill / (done - 5) > 1), 1, 2)", [1.0] * 5, "the opposite of what is not met"),
    ("if(done in (skill / (done - 5), 5), 1, 2)", [1.0] * 5, "5 is one of them, whatever the other is"),
    ("if(on_time > 50%, if(on_time = 1, 3, 2), 1)", [3.0, 2.0, 2.0, 1.0, 1.0], "a choice within a choice"),
    ("max(on_time_numerator, 3) + min(done, skill, 7)", [9.0, 8.0, 7.0, 7.0, 7.0], "5 + 4, 4 + 4, 3 + 4 …"),
    ("最大(1, 2) * 绝对值(业务能力 - 完成任务数)", [2.0] * 5, "2 × |4 − 5|"),
    ("round(done / 3, 1)", [1.7] * 5, "5 ÷ 3 = 1.666…"),
    ("四舍五入(业务能力 / 8 * 5)", [3.0] * 5, "4 ÷ 8 × 5 = 2.5, half up"),
    ("on_time_denominator - on_time_numerator", [0.0, 1.0, 2.0, 3.0, 4.0], "the tasks that were late"),
]


@pytest.mark.parametrize(("column", "wanted", "why"), CASES, ids=[case[0] for case in CASES])
def test_worked_cases(column, wanted, why):
    appraisal = run(column)
    assert appraisal.done, [each.found("en") for each in appraisal.problems if each.level == "error"]
    np.testing.assert_allclose(own(appraisal), wanted, err_msg=why)


def state_of(appraisal, who):
    return STATES[appraisal.facts.state[who, appraisal.facts.column("own")]]


def test_a_missing_figure_makes_the_formula_missing():
    rated = [{"period": "2026-10", "employee_id": "E1", "indicator": "skill", "rater_id": "B", "relation": "manager",
              "score": 4.0}]  # fmt: skip
    scheme = small.scheme(with_formula("done + skill"), if_missing="redistribute")
    appraisal = appraise(small.tables(ratings=rated), scheme)
    assert own(appraisal)[0] == 9
    assert np.isnan(own(appraisal)[1:]).all()
    assert [state_of(appraisal, who) for who in (0, 1)] == ["measured", "missing"]


RATED = [{"period": "2026-10", "employee_id": "E1", "indicator": "skill", "rater_id": "B", "relation": "manager",
          "score": 4.0}]  # fmt: skip


def test_the_indicators_that_a_formula_lacks_are_named():
    weighing = with_formula("done + skill")
    (place,) = weighing
    weighing[place] = weighing[place].replace("weight = 0", "weight = 5")
    appraisal = appraise(small.tables(ratings=RATED), small.scheme(weighing))
    problem = the_one(appraisal.problems, "formula-lacks-figures")
    assert problem.details["people"].en == "E2, E3, E4, E5"
    assert "Indicators that lack a figure: " in problem.found("en")
    assert [str(name("zh")) for name in problem.details["inputs"]] == ["业务能力"]


def test_a_circle_has_no_gaps_of_its_own():
    circle = with_formula("own + 1")
    (place,) = circle
    circle[place] = circle[place].replace("weight = 0", "weight = 5")
    reported = [each.code for each in appraise(small.tables(), small.scheme(circle)).problems]
    assert "formula-circle" in reported
    assert "missing-figures" not in reported


def test_gaps_of_other_formulas_are_told_beside_a_circle():
    """``own`` goes in a circle and ``after`` rests on it; ``more`` lacks ratings, which has nothing to do with that."""
    formulas = {"own": "own + 1", "after": "own * 2", "more": "done + skill"}
    (place,) = with_formula("done")
    text = "".join(
        next(iter(with_formula(column, code, code).values())).replace("weight = 0", "weight = 5").removesuffix(place)
        for code, column in formulas.items()
    )
    problems = appraise(small.tables(ratings=RATED), small.scheme({place: text + place})).problems
    assert "formula-circle" in {each.code for each in problems}
    assert the_one(problems, "formula-lacks-figures").details["indicator"].zh == "more"


@pytest.mark.parametrize(
    "column",
    [
        "skill / (done - 5)",
        "skill / (1 / (done - 5))",
        "min(skill / (done - 5), 3)",
        "round(0 / (done - 5))",
        "if(skill / (done - 5) > 1, 1, 2)",
        "if(done = 5 and skill / (done - 5) > 1, 1, 2)",
        "if(done <> 5 or skill / (done - 5) > 1, 1, 2)",
        "if(not skill / (done - 5) > 1, 1, 2)",
    ],
)
def test_division_by_nothing_does_not_apply(column):
    appraisal = run(column)
    assert np.isnan(own(appraisal)).all()
    assert state_of(appraisal, 0) == "not_applicable"


def test_where_the_branch_taken_divides_by_nothing_the_formula_does_not_apply():
    """E1 has 5 of 5 in time: 4 ÷ (5 − 5); the others take the other branch."""
    appraisal = run("if(on_time = 1, skill / (on_time_numerator - 5), 7)")
    assert np.isnan(own(appraisal)[0])
    assert own(appraisal)[1:] == [7.0] * 4
    assert [state_of(appraisal, who) for who in (0, 1)] == ["not_applicable", "measured"]


def test_a_figure_of_the_branch_not_taken_is_asked_for_too():
    """Nobody can tell beforehand which branch is taken: whoever reports figures reports all of them."""
    rated = [{"period": "2026-10", "employee_id": "E1", "indicator": "skill", "rater_id": "B", "relation": "manager",
              "score": 4.0}]  # fmt: skip
    scheme = small.scheme(with_formula("if(done > 0, done, skill)"), if_missing="redistribute")
    appraisal = appraise(small.tables(ratings=rated), scheme)
    assert [state_of(appraisal, who) for who in (0, 1)] == ["measured", "missing"]


@pytest.mark.parametrize(
    ("column", "code"),
    [
        ("min(done)", "condition-function-operands"),
        ("abs(done, skill)", "condition-function-operands"),
        ("round(done, 1.5)", "condition-round-digits"),
        ("round(done, skill)", "condition-round-digits"),
        ("round(done, 11)", "condition-round-digits"),
        ("if(done, skill, 0)", "formula-unreadable"),
        ("if(done > 1, skill)", "formula-unreadable"),
        ("if(done > 1, done, skill", "text-bracket-open"),
        ("min(done; skill)", "text-semicolon"),
        ("= done - skill", "text-equals-sign"),
        ("max(done, period end)", "condition-needs-number"),
    ],
)
def test_what_is_no_function_is_told(column, code):
    _, problems = small.problems_of(with_formula(column))
    assert the_one(problems, code).level == "error"


def test_a_circle_through_a_condition_is_found():
    assert "own" in found(with_formula("if(own > 1, done, skill)"), "formula-circle").details["circle"]


def test_functions_belong_to_formulas_alone():
    _, problems = small.problems_of({'where = "done_date in period"': 'where = "max(amount, 5) > 3"'})
    assert the_one(problems, "condition-no-functions").level == "error"


numbers = st.floats(-1e6, 1e6, allow_nan=False).map(lambda each: round(each, 4))


@given(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=5), st.integers(0, 4))
def test_functions_are_what_python_computes(pairs, digits):
    scope = formula_scope([("a", Text("甲", "A")), ("b", Text("乙", "B"))])
    columns = {code: np.array(values) for code, values in zip("ab", zip(*pairs, strict=True), strict=True)}
    when = run("done").when

    def computed(text):
        return figures_of(read_expression(text, scope), columns, len(pairs), when).tolist()

    assert computed("min(a, b)") == [min(pair) for pair in pairs]
    assert computed("最大(甲, 乙)") == [max(pair) for pair in pairs]
    assert computed("abs(a - b)") == [abs(a - b) for a, b in pairs]
    assert computed(f"round(a, {digits})") == [round_half_up(a, digits) for a, _ in pairs]
    assert computed("if(a >= 0, a, b)") == [a if a >= 0 else b for a, b in pairs]


@pytest.mark.parametrize("column", [each for each, *_ in CASES])
def test_what_is_written_reads_back_the_same(column):
    scope = formula_scope([(each.code, each.name) for each in small.scheme().indicators])
    read = read_expression(column, scope)
    for lang in ("zh", "en"):
        assert read_expression(to_text(read, lang, scope.columns), scope) == read


def test_a_formula_may_rest_on_another_in_any_order():
    second = OWN.format(code="more", name="又一", column="own * 10", source="indicators")
    text = second.replace('[[grades]]\ncode = "A"', "") + OWN.format(
        code="own", name="自定", column="done + skill", source="indicators"
    )
    appraisal = appraise(small.tables(), small.scheme({'\n[[grades]]\ncode = "A"': text}))
    assert appraisal.facts.actual[0, appraisal.facts.column("more")] == 90


def test_a_circle_is_found_at_the_formulas():
    second = OWN.format(code="more", name="又一", column="own + 1", source="indicators")
    text = second.replace('[[grades]]\ncode = "A"', "") + OWN.format(
        code="own", name="自定", column="more + 1", source="indicators"
    )
    problem = found({'\n[[grades]]\ncode = "A"': text}, "formula-circle")
    assert problem.level == "error"
    assert {"own", "more"} <= set(problem.details["circle"].split(" → "))


def test_a_misspelt_name_is_found_with_those_that_look_like_it():
    _, problems = small.problems_of(with_formula("done + skil"))
    assert the_one(problems, "condition-unknown-word").level == "error"


def test_the_source_of_a_formula_is_other_indicators():
    assert found(with_formula("done + 1", source="actuals"), "formula-source").level == "error"


def test_a_figure_that_is_typed_all_the_same_is_an_error():
    typed = [{"period": "2026-10", "employee_id": "E1", "indicator": "own", "actual": 3.0}]
    appraisal = run("done + skill", actuals=typed)
    assert the_one(appraisal.problems, "formula-typed").level == "error"


def test_the_explanation_shows_the_figures_put_in():
    appraisal = run("(done - 1) / skill")
    story, _ = explain(appraisal, "E1", "own", lang="en")
    (indicator,) = story.indicators
    assert indicator.counting == "formula: (done - 1) / skill"
    assert indicator.figure.startswith("(5 − 1) ÷ 4 = 1")


def test_the_explanation_shows_the_figures_of_a_choice():
    appraisal = run("if(on_time >= 80%, max(skill - 1, 2), round(done / 3, 1))")
    story, _ = explain(appraisal, "E1", "own", lang="zh")
    assert story.indicators[0].figure.startswith("如果(1 >= 0.8, 最大(4 − 1, 2), 四舍五入(5 ÷ 3, 1)) = 3")
    story, _ = explain(appraisal, "E5", "own", lang="en")
    assert story.indicators[0].figure.startswith("if(0.2 >= 0.8, max(4 − 1, 2), round(5 ÷ 3, 1)) = 1.7")


def test_the_explanation_of_a_condition_that_is_settled_has_a_result():
    appraisal = run("if(done <> 5 and skill / (done - 5) > 1, 1, 2)")
    story, _ = explain(appraisal, "E1", "own", lang="en")
    assert story.indicators[0].figure.startswith("if(5 <> 5 and 4 ÷ (5 − 5) > 1, 1, 2) = 2")


def test_the_formula_stands_on_the_sheet_in_the_language_of_the_workbook():
    scheme = small.scheme(with_formula("done - skill"))
    assert check_scheme(scheme) == []
    assert policy_frame(scheme, "indicators", "zh")["column"].iloc[-1] == "完成任务数 - 业务能力"


def test_the_formula_of_a_unit_rests_on_the_figures_of_the_unit():
    """North has E1 and E2: 5 + 5 tasks in time of 10 due, mean rating 4; (10 done − 1) ÷ 4 is not 1 + 1."""
    replaced = with_formula("(done - 1) / skill")
    (text,) = replaced.values()
    own_level = text.replace('unit = "分"', 'unit = "分"\nlevels = "employee, department"')
    people = [{"employee_id": f"E{n}", "name": f"E{n}", "department": "N"} for n in (1, 2)]
    tables = small.tables(people, departments=[{"department": "N", "department_name": "North"}])
    appraisal = appraise(tables, small.scheme({'\n[[grades]]\ncode = "A"': own_level}))
    assert appraisal.of_units[0].facts.actual.tolist() == [[2.25]]
