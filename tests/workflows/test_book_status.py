"""How far the work on a period is, told from the workbook and the files beside it."""

import json
import shutil

import openpyxl
import pytest
import small
from own_scorecard import CHOSEN, fill
from small_book import policy, save
from typer.testing import CliRunner

import xlperf
from xlperf.cli import app
from xlperf.core.problems import LANGUAGES
from xlperf.workbook.write.scheme_workbook import build

RATERS = '[[raters]]\nrelation = "manager"\nweight = 100\n\n[[dimensions]]\ncode = "work"\n'


def steps(result):
    return {each.code: each.done for each in result.steps}


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    path = tmp_path_factory.mktemp("status") / "my book.xlsx"
    xlperf.new("blank", path, lang="zh")
    blank = path.read_bytes()
    fill(path, CHOSEN, period="2026-10")
    return blank, path.read_bytes()


def test_each_step_of_a_period_is_told_with_the_command_that_comes_next(filled, tmp_path):
    blank, whole = filled
    path, later = tmp_path / "my book.xlsx", tmp_path / "my book-2026-11.xlsx"
    path.write_bytes(blank)
    first = xlperf.status(path)
    assert first.period is None
    assert steps(first) == {"filled": False, "checked": False, "run": False, "sent": None, "published": False, "collected": None,
                            "rolled": False}  # fmt: skip
    assert "Dimensions" in first.next.what.en
    path.write_bytes(whole)
    before = xlperf.status(path)
    assert (before.period, before.next.command) == ("2026-10", f'xlperf run "{path}"')
    assert [each for each, done in steps(before).items() if done] == ["filled", "checked"]
    xlperf.run(path, keep_backup=False)
    assert xlperf.status(path).next.command == f'xlperf publish "{path}"'
    xlperf.publish(path)
    published = xlperf.status(path)
    assert steps(published)["published"]
    assert published.next.command == f'xlperf roll "{path}" "{later}"'
    xlperf.roll(path, later)
    assert steps(xlperf.status(path))["rolled"]
    assert xlperf.status(path).next.command == f'xlperf status "{later}"'
    begun = xlperf.status(later)
    assert begun.period == "2026-11"
    assert [each for each, done in steps(begun).items() if done] == []
    assert "changed" not in begun.steps[2].seen.en


def test_the_next_workbook_is_named_after_its_own_period_only(filled, tmp_path):
    path, later = tmp_path / "book-2026-10.xlsx", tmp_path / "book-2026-11.xlsx"
    path.write_bytes(filled[1])
    xlperf.run(path, keep_backup=False)
    xlperf.publish(path)
    assert xlperf.status(path).next.command == f"xlperf roll {path} {later}"


def test_a_change_after_the_run_asks_for_another_one(filled, tmp_path):
    path = tmp_path / "book.xlsx"
    path.write_bytes(filled[1])
    xlperf.run(path, keep_backup=False)
    xlperf.publish(path)
    book = openpyxl.load_workbook(path)
    book["实际值"]["F2"] = 45
    book.save(path)
    found = xlperf.status(path)
    assert not steps(found)["run"]
    assert found.next.command.startswith("xlperf run")


def test_files_of_an_earlier_period_are_not_those_of_this_one(filled, tmp_path):
    path = tmp_path / "book.xlsx"
    path.write_bytes(filled[1])
    xlperf.run(path, keep_backup=False)
    xlperf.publish(path)
    fill(path, {}, period="2026-11")
    xlperf.run(path, keep_backup=False)
    found = xlperf.status(path)
    assert not steps(found)["published"]
    assert found.next.command.startswith("xlperf publish")


def test_forms_that_are_out_come_back_before_the_run(tmp_path):
    people = [["工号", "姓名", "直接上级工号"], ["E1", "甲", "E2"], ["E2", "乙", None]]
    rated = [["周期", "被评人工号", "指标编号", "评价人工号", "评价关系", "评分"],
             ["2026-10", "E2", "skill", "BOARD", "直接上级", 5]]  # fmt: skip
    done = [["任务编号", "责任人工号", "应完成日期", "完成日期", "状态"]]
    done += [[f"T{n}", f"E{n}", "2026-10-10", "2026-10-09", "已完成"] for n in (1, 2)]
    sheets = {**policy(scheme=small.scheme({'[[dimensions]]\ncode = "work"\n': RATERS})), "员工": people, "评分": rated}
    path = save(tmp_path / "book.xlsx", {**sheets, "任务": done})
    sent = xlperf.publish(path, to="raters")
    assert not sent.refused, [each.found("en") for each in sent.problems]
    found = xlperf.status(path)
    assert steps(found)["collected"] is False
    assert found.next.command.split()[:2] == ["xlperf", "collect"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_command_says_it_in_words_and_as_data(filled, tmp_path, lang):
    path = tmp_path / "book.xlsx"
    path.write_bytes(filled[1])
    said = CliRunner().invoke(app, ["status", str(path), "--lang", lang]).output
    assert f"xlperf run {path}" in said.replace("\n", "")
    data = json.loads(CliRunner().invoke(app, ["status", str(path), "--lang", lang, "--json"]).output)
    assert [each["step"] for each in data["steps"]] == [
        "filled",
        "sent",
        "collected",
        "checked",
        "run",
        "published",
        "rolled",
    ]
    assert data["next"]["command"] == f"xlperf run {path}"
    assert data["problems"] == []


SAID = {"reason": "tender", "by": "Hu", "date": "2026-11-03"}


@pytest.fixture(scope="module")
def to_decide(tmp_path_factory):
    appeal = {"appeal_id": "A1", "period": "2026-10", "employee_id": "E3", "filed_on": "2026-11-03", "state": "filed",
              "about": "total", "statement": "x"}  # fmt: skip
    people = [{"employee_id": f"E{number}", "name": f"Name {number}", "status": "active"} for number in range(1, 6)]
    path = tmp_path_factory.mktemp("decide") / "book.xlsx"
    build(small.scheme(language="en", calibration="yes"), small.tables(people, appeals=[appeal]), "en").save(path)
    assert not xlperf.run(path, keep_backup=False).refused
    return path


@pytest.fixture
def with_decisions(to_decide, tmp_path):
    return shutil.copy(to_decide, tmp_path / "book.xlsx")


def seen(path, code):
    return next(each.seen.en for each in xlperf.status(path).steps if each.code == code)


def on_home(path):
    home = openpyxl.load_workbook(path).worksheets[0]
    return [home[f"{letter}5"].value for letter in "BCEFHIK"]


def test_calibration_comes_before_publishing_and_appeals_after_it(with_decisions):
    path = with_decisions
    assert seen(path, "calibrated") == "not final"
    assert xlperf.status(path).next.command == f"xlperf calibrate {path}"
    assert on_home(path) == [
        "✓ Fill in",
        "– Collect",
        "✓ Compute",
        "▶ Calibrate",
        "5 Publish",
        "6 Appeals",
        "7 Roll over",
    ]
    ended = xlperf.month_end(path)  # nobody but people can calibrate
    assert (ended.ended, ended.steps, ended.status.next.step) == (False, (), "calibrated")
    assert not xlperf.calibrate(path, person="E5", grade="B", **SAID).refused
    assert seen(path, "calibrated") == "not final; grades changed: 1"
    assert not xlperf.calibrate(path, sign=True, **SAID).refused
    assert not xlperf.calibrate(path, finalise=True, by="Hu", date="2026-11-03").refused
    assert steps(xlperf.status(path))["calibrated"]
    assert "final; grades changed: 1" in openpyxl.load_workbook(path).worksheets[0]["F6"].value
    assert on_home(path)[3:5] == ["✓ Calibrate", "▶ Publish"]
    assert xlperf.status(path).next.command == f"xlperf publish {path}"
    assert not xlperf.publish(path).refused
    assert seen(path, "appealed") == "1, to be decided: 1"
    assert xlperf.status(path).next.command == f"xlperf appeals {path}"
    assert not xlperf.appeals(path, appeal="A1", decide="rejected", take=True, **SAID).refused
    assert steps(xlperf.status(path))["appealed"]
    assert xlperf.status(path).next.command.startswith("xlperf roll")


@pytest.mark.slow
def test_the_month_may_end_with_an_open_appeal_but_not_with_an_open_calibration(with_decisions):
    path = with_decisions
    assert not xlperf.calibrate(path, finalise=True, by="Hu", date="2026-11-03").refused
    ended = xlperf.month_end(path)
    assert ended.ended
    assert [(each.step, each.passed_over) for each in ended.steps] == [
        ("published", False),
        ("appealed", True),
        ("rolled", False),
    ]


def test_a_workbook_without_these_sheets_says_nothing_of_them(filled, tmp_path):
    path = tmp_path / "book.xlsx"
    path.write_bytes(filled[1])
    assert not {"calibrated", "appealed"} & steps(xlperf.status(path)).keys()


def test_a_workbook_that_cannot_be_read_is_refused(tmp_path):
    assert [each.code for each in xlperf.status(tmp_path / "none.xlsx").problems] == ["file-missing"]
