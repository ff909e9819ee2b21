"""A workbook from a table of people and figures: what comes out equals ten lines of pandas, and every slip is told."""

import csv
import json

import openpyxl
import pandas as pd
import pytest
from typer.testing import CliRunner

import xlperf
from xlperf.cli import app
from xlperf.core.numbers import round_half_up
from xlperf.core.problems import LANGUAGES

TOTAL = {"Sales": 50, "Service (1-5)": 30, "Absences": 20}
HEADINGS = ["No", "Who", "Unit", *TOTAL, "Remark"]
PEOPLE = [
    [f"{number:03}", f"Person {number}", "NorthSouth"[:5] if number % 3 else "South", 40 + number * 7 % 23, 1 + number % 5,
     number * 5 % 11, "x"]
    for number in range(1, 41)
]  # fmt: skip


def write(path, rows, headings=HEADINGS):
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([headings, *rows])
    return path


@pytest.fixture
def start(tmp_path):
    """Make a workbook from rows with the usual call; options of the test replace those of the call."""

    def do(rows=PEOPLE, headings=HEADINGS, total=TOTAL, **options):
        source = write(tmp_path / "export.csv", rows, headings)
        called = {"by": "Unit", "employee_id": "No", "name": "Who", "scales": {"Absences": (10, 0)}} | options
        return xlperf.new_from_table(tmp_path / "mine.xlsx", source, total, **called)

    return do


def changed(row, heading, value, rows=PEOPLE):
    copy = [list(each) for each in rows]
    copy[row][HEADINGS.index(heading)] = value
    return copy


@pytest.mark.parametrize("heading", ["ID", "id", "编号"])
def test_a_column_that_is_headed_by_nothing_but_id_holds_the_ids(start, heading):
    """A running number, headed No, does not: it says nothing of a person."""
    found = start(headings=[heading, *HEADINGS[1:]], employee_id=None)
    assert not found.refused
    assert start(employee_id=None).refused


def found(result, level="error"):
    return [(each.code, each.place.rpartition("!")[2]) for each in result.problems if each.level == level]


def by_pandas(frame, total, scales, unit, shares):
    """Ten lines of pandas: totals, places in each unit, grades by the places that the shares end at."""
    points = pd.DataFrame({
        heading: weight * ((frame[heading] - scales[heading][0]) / (scales[heading][1] - scales[heading][0])).clip(0, 1)
        for heading, weight in total.items()
    })  # fmt: skip
    totals = pd.Series(round_half_up(points.sum(axis=1).to_numpy(), 2), index=frame.index)
    places = totals.groupby(frame[unit]).rank(method="min", ascending=False).astype(int)
    ends = {grade: sum(list(shares.values())[: number + 1]) for number, grade in enumerate(shares)}
    size = frame.groupby(unit)[unit].transform("size")
    grade = [
        next(grade for grade, end in ends.items() if place <= int(people * end / 100 + 0.5))
        for place, people in zip(places, size, strict=True)
    ]
    return pd.DataFrame({"total": totals, "place": places, "grade": grade})


def assert_equal_results(book, expected):
    run = xlperf.run(book)
    assert not run.refused, [each.found("en") for each in run.problems]
    results = run.sheets["results"].set_index("employee_id").loc[expected.index]
    assert results["total"].tolist() == expected["total"].tolist()
    assert results["place"].astype(int).tolist() == expected["place"].tolist()
    assert results["grade"].tolist() == expected["grade"].tolist()


def test_totals_places_and_grades_equal_ten_lines_of_pandas(start, tmp_path):
    made = start()
    assert not made.refused
    assert made.departments == {"North": 27, "South": 13}
    frame = pd.read_csv(tmp_path / "export.csv", dtype={"No": str}).set_index("No")
    scales = {each.heading: (each.worst, each.best) for each in made.columns}
    assert scales == {"Sales": (40, 62), "Service (1-5)": (1, 5), "Absences": (10, 0)}
    assert_equal_results(made.written[0], by_pandas(frame, TOTAL, scales, "Unit", {"A": 20, "B": 70, "C": 10}))


@pytest.mark.slow
def test_an_export_of_1470_people_is_graded_in_two_commands(real_data, tmp_path):
    source, book = real_data / "ibm_hr" / "ibm_hr_employee_attrition.csv", tmp_path / "ibm.xlsx"
    total = {"JobInvolvement": 40, "PerformanceRating": 20, "JobSatisfaction": 15, "PercentSalaryHike": 15,
             "TrainingTimesLastYear": 10}  # fmt: skip
    words = ",".join(f"{heading}={weight}" for heading, weight in total.items())
    made = CliRunner().invoke(app, ["new", str(book), "--from", str(source), "--total", words, "--by", "Department",
                                    "--grades", "A=10,B=20,C=40,D=20,E=10", "--json"])  # fmt: skip
    assert made.exit_code == 0, made.output
    assert json.loads(made.output)["people"] == 1470
    frame = pd.read_csv(source, dtype={"EmployeeNumber": str}).set_index("EmployeeNumber")
    scales = {heading: (frame[heading].min(), frame[heading].max()) for heading in total}
    shares = {"A": 10, "B": 20, "C": 40, "D": 20, "E": 10}
    assert_equal_results(book, by_pandas(frame, total, scales, "Department", shares))


def test_without_departments_everybody_is_one_pool(start, tmp_path):
    made = start(by=None, scales=None, grades={"top": 50, "rest": 50})
    assert made.departments == {}
    frame = pd.read_csv(tmp_path / "export.csv", dtype={"No": str}).set_index("No").assign(all="")
    scales = {heading: (frame[heading].min(), frame[heading].max()) for heading in TOTAL}
    assert_equal_results(made.written[0], by_pandas(frame, TOTAL, scales, "all", {"top": 50, "rest": 50}))


def test_what_was_decided_stands_on_the_sheets(start):
    scheme = xlperf.read_book(start(period="2026Q4").written[0]).scheme
    assert [(each.name.en, each.weight, each.direction) for each in scheme.indicators] == [
        ("Sales", 50, "higher"), ("Service (1-5)", 30, "higher"), ("Absences", 20, "lower"),
    ]  # fmt: skip
    assert [(each.code, each.share) for each in scheme.grades] == [("A", 0.2), ("B", 0.7), ("C", 0.1)]
    settings = scheme.settings
    assert (settings.pool_by, settings.period, settings.period_kind) == (("department",), "2026Q4", "quarter")


@pytest.mark.parametrize("heading", ["工号", "EmployeeNumber"])
def test_usual_headings_of_ids_and_names_need_no_word(start, heading):
    made = start(headings=[heading, "姓名", *HEADINGS[2:]], employee_id=None, name=None)
    people = xlperf.read_book(made.written[0]).tables["employees"]
    assert people["employee_id"].tolist()[:2] == ["001", "002"]
    assert people["name"].tolist()[:2] == ["Person 1", "Person 2"]


def test_a_workbook_is_read_below_its_title(start, tmp_path):
    source = tmp_path / "export.xlsx"
    book = openpyxl.Workbook()
    book.create_sheet("Other").append(["nothing"])
    for row in (["Export of October"], [], HEADINGS, *PEOPLE, ["合计", "", "", 1, 1, 1]):
        book.active.append(row)
    book.save(source)
    made = xlperf.new_from_table(tmp_path / "mine.xlsx", source, TOTAL, employee_id="No", by="Unit")
    assert not made.refused, [each.found("en") for each in made.problems]
    assert made.people == 40
    assert ("rows-skipped", "A44") in found(made, "note")


def test_of_two_sheets_with_the_columns_none_is_chosen(tmp_path):
    book, source = openpyxl.Workbook(), tmp_path / "export.xlsx"
    for ws in (book.active, book.create_sheet("Copy")):
        for row in (HEADINGS, *PEOPLE):
            ws.append(row)
    book.save(source)
    made = xlperf.new_from_table(tmp_path / "mine.xlsx", source, TOTAL, employee_id="No", by="Unit")
    assert found(made) == [("table-unclear", "'export.xlsx'")]
    assert "Copy" in made.problems[0].found("en")


# Slips ------------------------------------------------------------------------------------------------------------


SLIPS = {
    "a column that is not there": (lambda start: start(total={"Sals": 50, "Absences": 50}, scales=None), [("column-absent", "A1")]),
    "a column of departments that is not there": (lambda start: start(by="Units"), [("column-absent", "A1")]),
    "a scale of a column that is not asked for": (lambda start: start(scales={"Absence": (9, 0)}), [("column-absent", "")]),
    "text among figures": (lambda start: start(changed(3, "Sales", "many")), [("not-number", "D5")]),
    "an error of Excel": (lambda start: start(changed(3, "Sales", "#REF!")), [("cell-error-value", "D5")]),
    "an ID twice": (lambda start: start(changed(3, "No", "001")), [("key-twice", "A2, A5 (2)")]),
    "an ID twice with equal figures": (
        lambda start: start([*PEOPLE, [*PEOPLE[0][:-1], "another remark"]]), [("key-twice", "A2, A42 (2)")]),
    "no ID": (lambda start: start(changed(3, "No", "")), [("cell-required", "A5")]),
    "no department": (lambda start: start(changed(3, "Unit", "")), [("cell-required", "C5")]),
    "no column of IDs": (lambda start: start(employee_id=None), [("id-column-unknown", "A1")]),
    "weights of 90": (lambda start: start(total={"Sales": 50, "Absences": 40}), [("option-not-100", "")]),
    "weights of 110": (lambda start: start(total={"Sales": 50, "Absences": 60}), [("option-not-100", "")]),
    "a weight below zero": (lambda start: start(total={"Sales": 120, "Absences": -20}), [("share-not-positive", "")]),
    "shares of 90": (lambda start: start(grades={"A": 20, "B": 70}), [("option-not-100", "")]),
    "a column with one figure": (
        lambda start: start([[*row[:3], 5, *row[4:]] for row in PEOPLE]), [("column-alike", "D")]),
    "a column without figures": (
        lambda start: start([[*row[:3], "", *row[4:]] for row in PEOPLE]), [("column-alike", "D")]),
    "two columns of one name": (lambda start: start(headings=[*HEADINGS[:-1], "Sales"]), [("heading-twice", "D1, G1")]),
    "no rows": (lambda start: start([]), [("table-without-rows", "A1")]),
    "an empty file": (lambda start: start([], headings=[]), [("import-empty", "'export.csv'")]),
    "less of a column that is not scored": (lambda start: start(less=["Absence"]), [("column-absent", "")]),
    "a unit of a column that is not scored": (lambda start: start(units={"Absence": "days"}), [("column-absent", "")]),
    "less, and a scale that says more": (
        lambda start: start(less=["Absences"], scales={"Absences": (0, 10)}), [("scale-against-less", "")]),
    "a period that is none": (lambda start: start(period="2026-13"), [("period-unreadable", "")]),
}  # fmt: skip


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_is_told_and_nothing_is_written(start, tmp_path, slip):
    call, expected = SLIPS[slip]
    result = call(start)
    assert result.refused
    assert found(result) == expected
    for problem in result.problems:
        assert all(problem.found(lang) and problem.remedy(lang) for lang in LANGUAGES)
    assert not (tmp_path / "mine.xlsx").exists()


def test_a_column_that_is_not_there_names_those_like_it(start):
    (problem,) = start(total={"Sals": 50, "Absences": 50}, scales=None).problems
    assert problem.details["near"] == ["Sales"]


def test_a_blank_figure_is_told_and_is_not_zero(start):
    made = start(changed(3, "Sales", ""))
    assert found(made, "warning") == [("figure-blank", "D5")]
    run = xlperf.run(made.written[0])
    assert run.refused
    assert {each.code for each in run.problems if each.level == "error"} == {"missing-figures"}


def test_a_figure_that_does_not_apply_gives_its_weight_to_the_others(start):
    made = start(changed(3, "Sales", "n/a"))
    assert found(made, "warning") == []
    run = xlperf.run(made.written[0])
    assert not run.refused
    row = run.sheets["results"].set_index("employee_id").loc["004"]
    assert row["total"] == round_half_up(100 * (30 * (4 / 4) + 20 * (1 - 9 / 10)) / 50, 2)


def test_less_is_better_where_it_is_said_and_asked_about_where_it_is_not(start, tmp_path):
    silent = start(scales=None)
    assert found(silent, "warning") == [("less-unsaid", "F")]
    assert "--less Absences" in silent.problems[0].remedy("en")
    (tmp_path / "mine.xlsx").unlink()
    made = start(scales=None, less=["Absences"])
    assert found(made, "warning") == []
    frame = pd.read_csv(tmp_path / "export.csv", dtype={"No": str}).set_index("No")
    scales = {heading: (frame[heading].min(), frame[heading].max()) for heading in TOTAL}
    scales["Absences"] = scales["Absences"][::-1]
    assert {each.heading: (each.worst, each.best) for each in made.columns} == scales
    assert_equal_results(made.written[0], by_pandas(frame, TOTAL, scales, "Unit", {"A": 20, "B": 70, "C": 10}))


def test_units_are_those_that_are_said_or_stand_in_brackets(start):
    headings, total = [*HEADINGS[:3], "Sales（万元）", *HEADINGS[4:]], {"Sales（万元）": 50, "Absences": 50}
    made = start(headings=headings, total=total, units={"Absences": "days"})
    assert found(made, "note") == []
    table = xlperf.read_book(made.written[0]).scheme.table("indicators")
    assert table["unit"].tolist() == ["万元", "days"]


def test_a_unit_that_nobody_says_is_told(start):
    assert "unit-unsaid" in [code for code, _ in found(start(), "note")]


def test_a_figure_outside_its_scale_is_told(start):
    made = start(scales={"Service (1-5)": (1, 4), "Absences": (10, 0)})
    assert [code for code, _ in found(made, "warning")] == ["figure-off-scale"]


def test_a_department_that_is_too_small_to_be_ranked_by_itself_is_told(start):
    made = start([*PEOPLE, ["900", "Last", "West", 50, 3, 1, ""]])
    assert found(made, "warning") == [("departments-small", "C")]
    assert "West 1" in made.problems[0].found("en")


def test_a_workbook_is_never_overwritten(start):
    assert not start().refused
    assert found(start()) == [("file-exists", "")]


# The command -------------------------------------------------------------------------------------------------------


def call(*words, status=0):
    done = CliRunner().invoke(app, [str(each) for each in words])
    assert done.exit_code == status, done.output
    return done.output


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_command_says_how_columns_are_scored_and_what_comes_next(tmp_path, lang):
    source, book = write(tmp_path / "a.csv", PEOPLE), tmp_path / "mine.xlsx"
    said = call("new", book, "--from", source, "--total", "Sales=50,Service (1-5)=30", "--total", "Absences=20%",
                "--by", "Unit", "--id", "No", "--scale", "Absences=10..0", "--lang", lang)  # fmt: skip
    assert "Absences" in said
    assert "North 27" in said
    assert "xlperf run" in said


def test_a_heading_may_hold_a_comma(tmp_path):
    source = write(tmp_path / "a.csv", PEOPLE, ["No", "Who", "Unit", "Sales, net", *HEADINGS[4:]])
    said = json.loads(call("new", tmp_path / "m.xlsx", "--from", source, "--total", "Sales, net=60,Absences=40",
                           "--id", "No", "--json"))  # fmt: skip
    assert [(each["column"], each["weight"]) for each in said["columns"]] == [("Sales, net", 60), ("Absences", 40)]


def test_the_command_shows_direction_range_and_unit_of_each_column(tmp_path):
    source = write(tmp_path / "a.csv", PEOPLE)
    said = call("new", tmp_path / "m.xlsx", "--from", source, "--total", "Sales=60,Absences=40", "--id", "No",
                "--less", "Absences", "--unit", "Absences=days,Sales=10k yuan", "--lang", "en")  # fmt: skip
    assert [line.split() for line in said.splitlines()[1:3]] == [
        ["Sales", "60", "higher", "40", "62", "10k", "yuan"],
        ["Absences", "40", "lower", "10", "0", "days"],
    ]


@pytest.mark.parametrize(
    "words",
    [
        ["--total", "Sales"],
        ["--total", "Sales=many"],
        ["--total", "Sales=50,sales=50"],
        ["--total", "Sales=100", "--scale", "Sales=5"],
        ["--total", "Sales=100", "--scale", "Sales=5..5"],
        ["--total", "Sales=100", "--grades", "A"],
        ["--total", "Sales=100", "--sample"],
        [],
    ],
)
def test_a_call_that_cannot_be_read_has_status_two(tmp_path, words):
    source = write(tmp_path / "a.csv", PEOPLE)
    said = json.loads(call("new", tmp_path / "m.xlsx", "--from", source, *words, "--json", status=2))
    assert [each["level"] for each in said["problems"]] == ["error"]


def test_options_of_a_table_mean_nothing_without_one(tmp_path):
    call("new", "service-team", tmp_path / "m.xlsx", "--by", "Unit", status=2)
    call("new", tmp_path / "m.xlsx", status=2)
    assert not (tmp_path / "m.xlsx").exists()
