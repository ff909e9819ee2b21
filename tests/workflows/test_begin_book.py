"""Eight questions lead to a workbook, in a terminal, from a file and from a sheet; every slip is told at its cell."""

import json

import openpyxl
import pytest
from own_scorecard import fill
from typer.testing import CliRunner

import xlperf
from xlperf.cli import app
from xlperf.core.problems import LANGUAGES
from xlperf.policy.questionnaire import QUESTIONS

SAID = {
    "for_whom": "Service desk",
    "period": "2026-11",
    "scored": "Results: Sales (thousand, target 50), Complaints (count, 4..0); Conduct: Service (rated 1-5), Order (deductions)",
    "weights": "Sales 40, Complaints 20, Service 30, Order 10",
    "raters": "direct superior 60, peer 30, self 10",
    "grades": "A 20%, B 60%, C 20%",
    "follows": "bonus: A 1.2, B 1, C 0.5; Award: top 10%",
    "save": "desk.xlsx; English",
}  # fmt: skip
ROWS = {each.code: number for number, each in enumerate(QUESTIONS, start=5)}  # rows of the sheet


def codes(result):
    return [(each.code, each.cells) for each in result.problems if each.level == "error"]


def on_sheet(path, said, lang="en"):
    assert not xlperf.write_questionnaire(path, lang=lang).refused
    book = openpyxl.load_workbook(path)
    for code, text in said.items():
        book.active[f"C{ROWS[code]}"].value = text
    book.save(path)
    return path


def test_the_answers_stand_on_the_sheets(tmp_path):
    made = xlperf.begin(SAID, folder=tmp_path)
    assert not made.refused, [each.found("en") for each in made.problems]
    book = xlperf.read_book(tmp_path / "desk.xlsx")
    scheme, settings = book.scheme, book.scheme.settings
    assert (settings.period, settings.period_kind, settings.grading, book.lang) == ("2026-11", "month", "quota", "en")
    rules = {each.code: (each.rule, each.weight, each.direction, each.unit) for each in scheme.indicators}
    assert rules == {
        "sales": ("proportional", 40, "higher", "thousand"),
        "complaints": ("range_scale", 20, "lower", "count"),
        "service": ("rating_scale", 30, "higher", "points"),
        "order": ("deduct_per_occurrence", 10, "lower", "points"),
    }
    assert [(each.relation, each.weight) for each in scheme.raters] == [("manager", 60), ("peer", 30), ("self", 10)]
    assert [(each.code, each.share, each.coefficient) for each in scheme.grades] == [
        ("A", 0.2, 1.2), ("B", 0.6, 1), ("C", 0.2, 0.5)]  # fmt: skip
    assert [each.code for each in scheme.outcomes] == ["award"]
    assert set(made.to_fill) == {"Employees", "Ratings", "Checks", "Actuals"}


def test_a_workbook_of_answers_runs_and_pays(tmp_path):
    """Sales 45 ÷ 50 → 90; complaints 1 of 4..0 → 75; service 5 × 0.6 + 3 × 0.3 + 4 × 0.1 = 4.3 → 82.5; 3 of 10 off → 70.

    90 × 0.4 + 75 × 0.2 + 82.5 × 0.3 + 70 × 0.1 = 82.75
    """
    xlperf.begin(SAID | {"grades": "A 80, B 60, C 0"}, folder=tmp_path)
    path = tmp_path / "desk.xlsx"
    fill(path, {
        "employees": [{"employee_id": "1", "name": "Ann", "status": "active", "performance_base": 1000}],
        "actuals": [{"employee_id": "1", "indicator": "sales", "actual": 45},
                    {"employee_id": "1", "indicator": "complaints", "actual": 1}],
        "ratings": [{"employee_id": "1", "indicator": "service", "relation": "direct superior", "score": 5},
                    {"employee_id": "1", "indicator": "service", "relation": "peer", "score": 3},
                    {"employee_id": "1", "indicator": "service", "relation": "self", "score": 4}],
        "checks": [{"check_id": "K1", "employee_id": "1", "indicator": "order", "date": "2026-11-05", "deduction": 3}],
    }, lang="en")  # fmt: skip
    done = xlperf.run(path)
    assert not done.refused, [each.found("en") for each in done.problems]
    assert done.sheets["results"]["total"].tolist() == [82.75]
    assert done.sheets["pay_results"]["amount"].tolist() == [1200]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_examples_of_the_questions_are_answers(lang, tmp_path):
    path = on_sheet(tmp_path / "q.xlsx", {each.code: each.example(lang) for each in QUESTIONS}, lang)
    made = xlperf.begin(path)
    assert not made.refused, [each.found(lang) for each in made.problems]
    assert made.lang == lang
    assert made.written[0].name == QUESTIONS[-1].example(lang).split(";")[0].split("；")[0]
    assert {each.code for each in xlperf.check(made.written[0]).problems if each.level == "error"} == {"nobody-scored"}


SLIPS = {
    "nothing": (dict.fromkeys(SAID, ""), [("begin-blank", "C5"), ("begin-blank", "C6"), ("begin-blank", "C7")]),
    "a period": ({"period": "soon"}, [("begin-unreadable", "C6")]),
    "a figure without a rule": ({"scored": "Sales (thousand)"}, [("begin-figure", "C7")]),
    "a figure with two": ({"scored": "Sales (thousand, target 5, 0..9)"}, [("begin-figure", "C7")]),
    "a scale upside down": ({"scored": "Service (rated 5-1)"}, [("begin-unreadable", "C7")]),
    "a negative target": ({"scored": "Sales (thousand, target -5)"}, [("begin-unreadable", "C7")]),
    "an indicator twice": ({"scored": "Service, service"}, [("begin-name-twice", "C7")]),
    "a weight of nobody": ({"weights": "Sals 40, Complaints 20, Service 30, Order 10"}, [("begin-name-unknown", "C8")]),
    "a weight missing": ({"weights": "Sales 60, Complaints 40"}, [("begin-lacking", "C8")]),
    "weights of 90": ({"weights": "Sales 30, Complaints 20, Service 30, Order 10"}, [("begin-not-100", "C8")]),
    "a weight below zero": (
        {"weights": "Sales 70, Complaints 20, Service 20, Order -10"},
        [("begin-unreadable", "C8")],
    ),
    "a relation": ({"raters": "boss 100"}, [("begin-name-unknown", "C9")]),
    "nobody rates": ({"raters": "none"}, [("begin-raters-needed", "C9")]),
    "shares of 90": ({"grades": "A 20%, B 70%"}, [("begin-not-100", "C10")]),
    "grades upside down": ({"grades": "C 0, B 60, A 80", "follows": ""}, [("begin-grades-order", "C10")]),
    "no lowest grade": ({"grades": "A 80, B 60", "follows": ""}, [("begin-grades-lowest", "C10")]),
    "a pool": ({"grades": "A 20%, B 80%; floor", "follows": ""}, [("begin-name-unknown", "C10")]),
    "a coefficient missing": ({"follows": "bonus: A 1.2, B 1"}, [("begin-lacking", "C11")]),
    "a condition": ({"follows": "Award: totl > 5"}, [("begin-scheme", "C11")]),
    "a language": ({"save": "desk.xlsx; French"}, [("begin-unreadable", "C12")]),
    "a kind of file": ({"save": "desk.doc"}, [("new-kind", "C12")]),
    "two slips": ({"period": "soon", "weights": "x"}, [("begin-unreadable", "C6"), ("begin-unreadable", "C8")]),
}


@pytest.fixture(scope="module")
def blank_sheet(tmp_path_factory):
    return on_sheet(tmp_path_factory.mktemp("begin") / "q.xlsx", {}).read_bytes()


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_is_told_at_its_cell_and_nothing_is_written(blank_sheet, slip, tmp_path):
    said, expected = SLIPS[slip]
    path = tmp_path / "q.xlsx"
    path.write_bytes(blank_sheet)
    book = openpyxl.load_workbook(path)
    for code, text in (SAID | said).items():
        book.active[f"C{ROWS[code]}"].value = text
    book.save(path)
    found = xlperf.begin(path)
    assert found.refused
    assert codes(found) == expected
    assert all(problem.sheet == "Begin" and problem.remedy(lang) for problem in found.problems for lang in LANGUAGES)
    assert [each.name for each in tmp_path.iterdir()] == ["q.xlsx"]


def test_a_workbook_that_is_there_is_not_written_over(tmp_path):
    assert not xlperf.begin(SAID, folder=tmp_path).refused
    assert [code for code, _ in codes(xlperf.begin(SAID, folder=tmp_path))] == ["file-exists"]


def test_dates_and_numbers_that_excel_makes_are_read(tmp_path):
    path = on_sheet(tmp_path / "q.xlsx", SAID)
    book = openpyxl.load_workbook(path)
    book.active["C6"].value = 2027
    book.save(path)
    assert xlperf.begin(path).scheme.settings.period == "2027"


def test_a_sheet_without_the_questions_is_told(tmp_path):
    openpyxl.Workbook().save(tmp_path / "q.xlsx")
    assert codes(xlperf.begin(tmp_path / "q.xlsx")) == [("begin-sheet-lost", "")]


# The command ---------------------------------------------------------------------------------------------------------


def call(*words, typed=None, status=0):
    done = CliRunner().invoke(app, ["begin", *map(str, words)], input=typed)
    assert done.exit_code == status, done.output
    return done.output


def test_the_terminal_asks_again_goes_back_and_takes_the_usual_answer(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    typed = ["Desk", "<", "Service desk", "soon", "2026-11", "Service", "", "", "A 90, B 0", "", ""]
    said = call("--lang", "en", typed="\n".join(typed) + "\n")
    assert '"soon" cannot be understood' in said
    assert said.count("For whom is it?") == 2
    scheme = xlperf.read_book(tmp_path / "Service desk-2026-11.xlsx").scheme
    assert scheme.name("en") == "Service desk"
    assert [(each.code, each.weight) for each in scheme.indicators] == [("service", 100)]
    assert [each.relation for each in scheme.raters] == ["manager"]


def test_where_nobody_answers_the_other_ways_are_told(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "--answers" in call("--lang", "en", typed="", status=2)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_file_of_answers_and_a_sheet_come_to_the_same(tmp_path, lang):
    file, sheet = tmp_path / "answers.toml", on_sheet(tmp_path / "q.xlsx", SAID | {"save": "sheet.xlsx; English"}, "en")
    file.write_text("".join(f"{code} = {json.dumps(text)}\n" for code, text in SAID.items()), "utf-8")
    told = json.loads(call("--answers", file, "--lang", lang, "--json"))
    assert told["workbook"] == str(tmp_path / "desk.xlsx")
    call(sheet)
    one, other = (xlperf.read_book(tmp_path / name).scheme for name in ("desk.xlsx", "sheet.xlsx"))
    assert repr(one.indicators) == repr(other.indicators)
    assert one.settings == other.settings


def test_a_key_that_is_no_question_and_a_file_that_is_no_toml_are_told(tmp_path):
    file = tmp_path / "answers.toml"
    file.write_text('perid = "2026-11"\n', "utf-8")
    found = xlperf.begin(file)
    (unknown,) = (each for each in found.problems if each.code == "begin-key-unknown")
    assert (unknown.cells, unknown.details["near"]) == ("perid", ["period"])
    file.write_text("period = ", "utf-8")
    assert codes(xlperf.begin(file)) == [("begin-answers-unreadable", "")]
