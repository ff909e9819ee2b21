"""The end of a period in one routine: each step once and in order, taken up again where it was broken off."""

import json

import openpyxl
import pytest
from own_scorecard import CHOSEN, fill
from typer.testing import CliRunner

import xlperf
from xlperf.cli import app
from xlperf.core.problems import LANGUAGES
from xlperf.reporting.home_page import STEP_NAMES

PARTS = [{"code": "q", "name": "各月", "period_kind": "季", "source": "下级周期总分", "part_kind": "月", "weight": 100,
          "inner": "每次等权", "if_missing": "按其余部分计算"}]  # fmt: skip


@pytest.fixture(scope="module")
def december(tmp_path_factory):
    """A filled workbook of December, whose quarter is made of its months and which pays a bonus for every period."""
    path = tmp_path_factory.mktemp("month-end") / "desk-2026-12.xlsx"
    xlperf.new("blank", path, lang="zh", period="2026-12")
    grades = [each | {"coefficient": 1 + number} for number, each in enumerate(CHOSEN["grades"])]
    people = [each | {"performance_base": 1000} for each in CHOSEN["employees"]]
    bonus = [{"code": "bonus", "name": "奖金", "way": "按等级系数", "base": "绩效工资基数"}]
    xlperf.add(path, ["parts", "pay"])
    fill(path, CHOSEN | {"parts": PARTS, "pay": bonus, "grades": grades, "employees": people})
    return path.read_bytes()


@pytest.fixture
def book(december, tmp_path):
    path = tmp_path / "desk-2026-12.xlsx"
    path.write_bytes(december)
    return path


def call(*words, typed=None, status=0):
    done = CliRunner().invoke(app, [*map(str, words)], input=typed)
    assert done.exit_code == status, done.output
    return done.output


def taken(result):
    return [each.step for each in result.steps]


def test_what_is_left_is_done_in_order(book, tmp_path):
    done = xlperf.month_end(book)
    assert taken(done) == ["run", "published", "rolled"]
    assert done.ended
    assert not xlperf.verify(book).refused
    assert (tmp_path / "desk-2026-12-published" / "employees").is_dir()
    assert xlperf.read_book(tmp_path / "desk-2027-01.xlsx").scheme.settings.period == "2027-01"
    (due,) = done.steps[-1].problems
    assert due.code == "quarter-due"
    assert f"xlperf roll {book} {tmp_path / 'desk-2026Q4.xlsx'} --period 2026Q4" in due.remedy("en")
    again = xlperf.month_end(book)
    assert (taken(again), again.ended) == ([], True)


@pytest.mark.slow
def test_a_quarter_that_is_paid_again_after_its_months_is_told(book, tmp_path):
    assert xlperf.month_end(book).ended
    quarter = tmp_path / "desk-2026Q4.xlsx"
    assert not xlperf.roll(book, quarter, period="2026Q4").refused
    assert xlperf.read_book(quarter).scheme.settings.period_kind == "quarter"
    done = xlperf.run(quarter)
    assert not done.refused, [each.found("en") for each in done.problems]
    (again,) = (each for each in done.problems if each.code == "pay-again")
    assert openpyxl.load_workbook(quarter)[again.sheet][f"{again.cells[:-1]}1"].value == "用于周期"
    missing = next(each for each in done.problems if each.code.startswith("part-"))
    assert "2026-10" in missing.remedy("en")
    assert done.sheets["results"].set_index("employee_id")["total"].to_dict() == {"001": 90, "002": 68}


@pytest.mark.slow
def test_an_error_stops_it_and_it_goes_on_from_there(book):
    fill(book, {"ratings": [{"employee_id": "001", "indicator": "service", "score": 9}]})
    stopped = xlperf.month_end(book)
    assert not stopped.ended
    assert [each.place for each in stopped.problems if each.level == "error"] == ["评分!F2"]
    assert not openpyxl.load_workbook(book, read_only=True).sheetnames.count("考核结果")
    fill(book, {"ratings": CHOSEN["ratings"]})
    assert xlperf.month_end(book).ended


@pytest.mark.parametrize("lang", LANGUAGES)
def test_it_asks_before_each_step_and_says_what_is_passed_over(book, tmp_path, lang):
    said = call("month-end", book, "--lang", lang, typed="\ns\nq\n")
    assert f"✓ {STEP_NAMES['run'](lang)}" in said
    assert f"– {STEP_NAMES['published'](lang)}" in said
    assert "xlperf month-end" in said
    assert not (tmp_path / "desk-2026-12-published").exists()
    assert not (tmp_path / "desk-2027-01.xlsx").exists()
    assert xlperf.month_end(book, decide=lambda now, _: "stop").steps == ()


def test_forms_that_have_not_come_back_are_told(book, tmp_path):
    fill(book, {"actuals": [{"employee_id": None, "indicator": None, "actual": None}] * 2})
    assert not xlperf.publish(book, to="figures").refused
    stopped = xlperf.month_end(book)
    assert taken(stopped) == ["collected", "filled"]
    assert all(each.passed_over for each in stopped.steps)
    assert "2" in stopped.steps[0].said.en
    assert {each.code for each in stopped.problems} >= {"missing-figures"}


@pytest.mark.slow
def test_as_data(book):
    told = json.loads(call("month-end", book, "--json"))
    assert [(each["step"], each["passed_over"]) for each in told["steps"]] == [
        ("run", False), ("published", False), ("rolled", False)]  # fmt: skip
    assert told["ended"] is True
    assert told["problems"] == []


def test_a_workbook_that_cannot_be_read_is_refused(tmp_path):
    assert xlperf.month_end(tmp_path / "none.xlsx").refused
