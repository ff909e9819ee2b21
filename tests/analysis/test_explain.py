"""An explanation leads from the grade to the rows behind it, in words, in both languages."""

import json

import pytest

from tests.sample_books import run_of
from tests.small import scheme, tables
from xlperf.analysis.explain import as_lines, explain
from xlperf.scoring.pipeline import appraise


def story(person="E3", indicator=None, lang="en", **settings):
    told, problems = explain(appraise(tables(), scheme(**settings)), person, indicator, lang)
    assert told is not None, problems
    return told


def test_a_grade_is_explained_down_to_the_task_rows():
    told = story(indicator="on_time")
    text = "\n".join(as_lines(told, "en"))
    assert "Grade  B Good" in text
    assert 'Place  3 of 5 (everybody); "Good" runs to place 4: 5 × 80% = 4' in text
    assert "Total  82.5" in text
    assert "actual 3 ÷ 5 = 60%, target 80%" in text
    assert '"Due" lies in the period, and "Status" is not cancelled; hit: "Done" is not later than "Due"' in text
    assert "points 75 × weight 40% → adds 30 to the total" in text
    rows = told.indicators[0].rows
    assert [row.hit for row in rows] == [True, True, True, False, False]
    assert rows[0].cell == "Tasks!A14"
    assert rows[0].values["Task ID"] == "T022"


def test_the_same_in_chinese():
    text = "\n".join(as_lines(story(indicator="任务及时率", lang="zh"), "zh"))
    assert "等级  B 良好" in text
    assert "第 3 名，共 5 人（全体）；“良好”到第 4 名为止" in text
    assert "实际 3 ÷ 5 = 60%，目标 80%" in text
    assert "统计范围：“应完成日期”在本期内，并且“状态”不是已取消；达标：“完成日期”不晚于“应完成日期”" in text
    assert "✓ Tasks!A14" in text


@pytest.mark.parametrize(
    ("lang", "lines"),
    [
        (
            "en",
            [
                "deducted 0.5 points",
                "0.5 points deducted of 5: 4.5 points (floor 0%).",
                "4.5 of 5 points → adds 4.5 to the total",
                "1 point deducted of 7.5: 6.5 points (floor 0%).",
                "6.5 of 7.5 points → adds 6.5 to the total",
            ],
        ),
        ("zh", ["扣 0.5 分", "满分 5 分，扣 0.5 分；得 4.5 分（保底 0%）。", "满分 5 分，得 4.5 分 → 计入总分 4.5"]),
    ],
)
def test_points_that_are_added_up_are_told_without_weights(lang, lines):
    told, _ = explain(run_of("service-team"), "00705", lang=lang)
    text = [line.strip() for line in as_lines(told, lang)]
    assert [line for line in lines if line not in text] == []
    assert not [line for line in text if "weight" in line or "权重" in line or "1 points" in line]


def test_a_weight_has_no_more_decimals_than_it_needs():
    told, _ = explain(run_of("service-team"), "00705", lang="en")
    assert {each.weight for each in told.indicators} == {"5%", "7.5%"}


def test_contributions_add_up_to_the_total():
    told = story()
    assert sum(float(each.contribution) for each in told.indicators) == 82.5
    assert [each.rows for each in told.indicators] == [[], [], []]
    json.dumps(told.as_dict())


def test_what_was_not_measured_says_so():
    appraisal = appraise(tables(tasks=[]), scheme(minimum_weight=0.1))
    told, _ = explain(appraisal, "E1", "on_time", "en")
    assert told.indicators[0].figure == "not applicable"
    assert told.indicators[0].contribution == "0"


@pytest.mark.parametrize(
    ("person", "indicator", "code"),
    [("E33", None, "person-unknown"), ("E3", "on-time", "indicator-unknown"), ("Same", None, "person-ambiguous")],
)
def test_who_or_what_is_not_found_is_named_with_similar_ones(person, indicator, code):
    people = [{"employee_id": f"E{n}", "name": "Same" if n > 3 else f"N{n}"} for n in range(1, 6)]
    told, problems = explain(appraise(tables(people), scheme()), person, indicator, "en")
    assert told is None
    assert [problem.code for problem in problems] == [code]
    assert "Similar" in problems[0].expected("en")


def test_a_person_can_be_named():
    assert story("Name E3").employee_id == "E3"
