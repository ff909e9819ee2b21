"""What a scheme's own mistakes and gaps look like to HR: each is found before anything is scored."""

import pytest

from tests.small import SCHEME, problems_of, scheme, tables
from xlperf.core.problems import LANGUAGES
from xlperf.policy.schemes import from_toml, load
from xlperf.policy.validation import check_scheme
from xlperf.scoring.pipeline import appraise
from xlperf.scoring.stages import Scored


def found(replaced, code):
    """Return the one problem of a kind that a changed scheme has."""
    read, problems = problems_of(replaced)
    return the_one([*problems, *check_scheme(read)], code)


def the_one(problems, code):
    same = [problem for problem in problems if problem.code == code]
    assert len(same) == 1, [problem.code for problem in problems]
    return same[0]


def test_the_small_scheme_is_sound():
    assert check_scheme(scheme()) == []


# I1: quotas that do not total 100 % ------------------------------------------------------------------------------------

E1_SHARES = {"A": 0.05, "B": 0.20, "C": 0.30, "D": 0.20, "E": 0.05}


def e1_scheme(rest=""):
    grades = "".join(
        f'[[grades]]\ncode = "{code}"\nname = "{name}"\nshare = {share}\n\n'
        for (code, share), name in zip(E1_SHARES.items(), ["优秀", "良好", "尚可", "差", "较差"], strict=True)
    )
    start, end = SCHEME.index("[[grades]]"), SCHEME.index("[[outcomes]]")
    read, problems = from_toml(SCHEME[:start] + grades + SCHEME[end:])
    assert not problems
    return read.with_settings(rest_grade=rest)


def test_quotas_of_80_per_cent_block_grading_and_name_the_missing_20():
    appraisal = appraise(tables([f"E{n:02}" for n in range(20)]), e1_scheme())
    assert not appraisal.done
    problem = the_one(appraisal.problems, "shares-not-100")
    assert problem.level == "error"
    assert problem.found("en") == "The shares of the grades add up to 80%; 20% is missing."
    assert problem.found("zh") == "等级比例合计 80%，缺少 20%。"
    assert "5% + 20% + 30% + 20% + 5% = 80%" in problem.expected("en")
    assert "50%" in problem.expected("zh")  # what the middle grade would have to be; it is not chosen


def test_quotas_are_graded_after_an_explicit_rest_setting():
    appraisal = appraise(tables([f"E{n:02}" for n in range(20)]), e1_scheme(rest="C"))
    assert appraisal.done
    assert the_one(appraisal.problems, "rest-used").level == "note"
    assert appraisal.ranking.lines.tolist() == [[1, 5, 15, 19, 20]]


def test_the_rest_must_go_to_a_grade_that_exists():
    problem = the_one(check_scheme(e1_scheme(rest="X")), "rest-unknown")
    assert "A, B, C, D, E" in problem.expected("en")


def test_the_order_of_poor_and_rather_poor_is_pointed_out():
    assert the_one(check_scheme(e1_scheme(rest="C")), "grade-names-order").level == "warning"


def test_quotas_above_100_per_cent_are_refused():
    assert found({"share = 0.6": "share = 0.7"}, "shares-over-100").found("en").endswith("110%, 10% too much.")


# I7: holes between bands -----------------------------------------------------------------------------------------------

BANDS = """
[[bands]]
band_set = "bonus"
low = 80
low_included = "yes"
high = 100
high_included = "yes"
points = 100

[[bands]]
band_set = "bonus"
low = 60
low_included = "yes"
high = 79
high_included = "yes"
points = 60

[[grades]]
code = "A\""""


def test_the_band_hole_79_to_80_is_found_before_scoring():
    read, problems = problems_of(
        {
            'rule = "rating_scale"\nparameters = "low = 1; high = 5"': 'rule = "bands"\nparameters = "band_set = bonus; of = actual"',
            '\n[[grades]]\ncode = "A"': BANDS,
        }
    )
    assert not problems
    appraisal = appraise(tables(), read)
    assert not isinstance(appraisal, Scored)
    hole = the_one(appraisal.problems, "bands-hole")
    assert "(79, 80)" in hole.found("en")
    assert "(79, 80)" in hole.found("zh")
    open_ends = [problem.details["open"] for problem in appraisal.problems if problem.code == "bands-open"]
    assert open_ends == ["< 60", "> 100"]


def test_a_hole_between_grades_is_found():
    problem = found(
        {"lower = 60": "lower = 60\nupper = 79", 'small_pool = "merge"': 'small_pool = "bands"'}, "grades-hole"
    )
    assert "(79, 85)" in problem.found("en")


@pytest.mark.parametrize(
    ("replaced", "code"),
    [
        ({"lower = 0\n": "lower = 50\n"}, "grades-open-below"),
        ({"lower = 60\n": "lower = 90\n"}, "grades-order"),
        ({"lower = 60\n": ""}, "grade-without-bound"),
        ({"lower = 85\n": "lower = 85\nupper = 100\n"}, "grades-open-above"),
    ],
)
def test_grades_by_score_leave_nothing_open(replaced, code):
    found(replaced | {'grading = "quota"': 'grading = "bands"'}, code)


# I8: open placeholders -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("placeholder", ["[X]", "【X】", "[X] %", "[基础分数]", "待定", "XX%"])
def test_an_open_placeholder_blocks_the_run_and_is_listed(placeholder):
    read, problems = problems_of({"target = 4": f'target = "{placeholder}"', "share = 0.6": 'share = "[Y]"'})
    appraisal = appraise(tables(), read, found_before=problems)
    listed = [problem for problem in appraisal.problems if problem.code == "placeholder"]
    assert [problem.details["cell"] for problem in listed] == ["[Y]", placeholder]
    assert all(problem.level == "error" for problem in listed)
    assert not appraisal.done


# The others ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("replaced", "code"),
    [
        ({"weight = 40": "weight = 30"}, "weights-not-100"),  # I10
        ({'unit = "项"\n': ""}, "unit-missing"),  # I11
        ({'unit = "项"': 'unit = "%"'}, "unit-measure"),  # I11: a rate that is a count
        ({'unit = "%"': 'unit = "次"'}, "unit-measure"),
        ({'name = "完成任务数"': 'name = "安全漏洞发现数量"'}, "indicator-purpose"),  # I12
        ({'name = "能力"': 'name = "?类"'}, "garbled"),  # I13
        ({"target = 4\n": ""}, "target-missing"),
        ({"target = 4\n": "target = 0\n"}, "target-zero"),
        ({'dimension = "ability"': 'dimension = "abilty"'}, "code-unknown"),
        (
            {
                'rule = "rating_scale"\nparameters = "low = 1; high = 5"': 'rule = "bands"\nparameters = "band_set = bonus; of = actual"'
            },
            "bands-missing",
        ),
        ({'ties = "better"': 'ties = "chain"'}, "chain-empty"),
        ({'ties = "better"': 'ties = "chain"\ntie_chain = ["wrk"]'}, "chain-unknown"),
        ({"weight = 70": "weight = 60"}, "dimension-differs"),
        ({'direction = "higher"\nsource = "ratings"': 'direction = "range"\nsource = "ratings"'}, "rule-direction"),
        ({'rule = "rating_scale"': 'rule = "ratingscale2"'}, "rule-unknown"),
        ({"low = 1; high = 5": "low = 1"}, "parameter-missing"),
        ({"low = 1; high = 5": "low = 1; high = 5; middle = 3"}, "parameter-unknown"),
        ({"low = 1; high = 5": "low = one; high = 5"}, "parameter-value"),
        ({'where = "done_date in period"': 'where = "done_dat in period"'}, "condition-unknown-word"),
        ({'column = "score"\n': ""}, "indicator-needs-column"),
        ({'cap_total = "no"': 'cap_total = "perhaps"'}, "setting-value"),
        ({"decimals = 2": "decimals = 2.5"}, "setting-value"),
        ({"outlier = 5\n": "outlier = 5\noutlyer = 5\n"}, "setting-unknown"),
        ({"outlier = 5\n": ""}, "setting-missing"),
    ],
)
def test_a_mistake_in_the_policy_is_found(replaced, code):
    problem = found(replaced, code)
    for lang in LANGUAGES:
        assert "{" not in problem.found(lang) + problem.expected(lang) + problem.remedy(lang)


def test_weights_are_listed_with_their_sum():
    problem = found({"weight = 40": "weight = 30"}, "weights-not-100")
    assert problem.found("en") == 'The weights of position group "all positions" add up to 90%, not 100%.'
    assert problem.expected("en") == "30% + 30% + 30% = 90%."
    assert problem.remedy("zh").startswith("请调整权重，差额 +10%；")


@pytest.mark.parametrize("weights", [(99.9, 0.1), (33.3, 66.7), (0.1, 99.9)])
def test_weights_are_added_exactly_as_they_were_written(weights):
    read, _ = problems_of({"weight = 40": f"weight = {weights[0]}", "weight = 30\nunit = \"项\"": f"weight = {weights[1]}\nunit = \"项\"",
                           "weight = 30\nunit = \"分\"": "weight = 0\nunit = \"分\""})  # fmt: skip
    assert "weights-not-100" not in {problem.code for problem in check_scheme(read)}


@pytest.mark.parametrize("name", ["securities-crm", "service-team", "sales-pipeline"])
def test_a_scheme_that_ships_is_sound(name):
    errors = [problem.found("en") for problem in check_scheme(load(name)) if problem.level == "error"]
    assert errors == []


def test_weights_written_as_fractions_mean_per_cent():
    """A column formatted with % holds 0.4 where it shows 40 %."""
    read, problems = problems_of(
        {"weight = 70": "weight = 0.7", "weight = 40": "weight = 0.4", 'weight = 30\nunit = "项"': 'weight = 0.3\nunit = "项"',
         'weight = 30\nunit = "分"': 'weight = 0.3\nunit = "分"', 'name_en = "Ability"\nweight = 30': 'name_en = "Ability"\nweight = 0.3'}
    )  # fmt: skip
    assert [problem.code for problem in problems] == ["weights-as-fractions"] * 2
    assert check_scheme(read) == []
    assert [each.weight for each in read.indicators] == pytest.approx([40, 30, 30])


# Limits of weights -------------------------------------------------------------------------------------------------

WEIGHED = 'weight = 40\nunit = "%"'


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        ("weight_least = 45", "weight-below-least"),
        ("weight_most = 30", "weight-above-most"),
        ("weight_least = 50\nweight_most = 45", "weight-limits-reversed"),
    ],
)
def test_a_weight_beyond_its_own_limits_is_found_at_its_cell(limits, code):
    problem = found({WEIGHED: f'weight = 40\n{limits}\nunit = "%"'}, code)
    assert problem.level == "error"
    assert "40" in problem.found("en") or code == "weight-limits-reversed"


def test_a_weight_at_its_limits_is_sound():
    assert check_scheme(scheme({WEIGHED: 'weight = 40\nweight_least = 40\nweight_most = 40\nunit = "%"'})) == []
