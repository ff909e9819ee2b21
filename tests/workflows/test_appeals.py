"""Appeals: a form, a deadline, a state, a decision with its reason, and its effect before it is taken."""

import json
import shutil

import openpyxl
import pytest
import small
from typer.testing import CliRunner

import xlperf
from tests.small_book import codes, one
from xlperf.cli import app
from xlperf.scoring.pipeline import appraise
from xlperf.workbook.read.book import read_book
from xlperf.workbook.write.scheme_workbook import build

DECIDED = {"reason": "漏记一项任务", "by": "人力资源部", "date": "2026-11-12"}


def appeal(**changed):
    return {"appeal_id": "A1", "period": "2026-10", "employee_id": "E2", "filed_on": "2026-11-06", "about": "on_time",
            "statement": "少算了任务", "state": "filed"} | changed  # fmt: skip


def upheld(**changed):
    return appeal(state="upheld", points=3, reason="r", decided_by="HR", decided_on="2026-11-12", **changed)


def run(*rows, **settings):
    return appraise(small.tables(appeals=list(rows)), small.scheme(**settings))


def totals(done):
    return dict(zip(done.results["employee_id"], done.results["total"], strict=True))


def test_only_appeals_that_are_upheld_add_their_points():
    free = totals(run())
    assert totals(run(upheld())) == free | {"E2": free["E2"] + 3}
    assert totals(run(upheld() | {"points": -2})) == free | {"E2": free["E2"] - 2}
    assert totals(run(upheld() | {"state": "rejected", "points": None})) == free
    assert totals(run(appeal())) == free
    assert totals(run(upheld(period="2026-09"))) == free


@pytest.mark.parametrize(
    ("row", "settings", "code", "column"),
    [
        (upheld() | {"reason": None}, {}, "appeal-incomplete", "reason"),
        (upheld() | {"decided_by": None}, {}, "appeal-incomplete", "decided_by"),
        (upheld() | {"state": "rejected", "decided_on": None, "points": None}, {}, "appeal-incomplete", "decided_on"),
        (appeal(employee_id="E77"), {}, "person-unknown", "employee_id"),
        (appeal(points=3), {}, "appeal-points-open", "points"),
        (appeal(), {"appeal_by": "2026-11-05"}, "appeal-late", "filed_on"),
    ],
)
def test_what_is_wrong_with_an_appeal_is_told_at_its_cell(row, settings, code, column):
    done = run(row, **settings)
    found = one(done.problems, code)
    assert found.cells == done.table("appeals").cells(column, [0])
    assert (found.level == "error") == (not done.done)


def test_open_appeals_are_counted():
    assert one(run(appeal()).problems, "appeals-open").details["appeals"] == ["A1"]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    path = tmp_path_factory.mktemp("appeals") / "book.xlsx"
    build(small.scheme(language="en"), small.tables(appeals=[appeal(employee_id="E3")]), "en").save(path)
    assert not xlperf.run(path, keep_backup=False).refused
    return path


@pytest.fixture
def book(made, tmp_path):
    return shutil.copy(made, tmp_path / "book.xlsx")


def test_the_effect_is_shown_before_the_decision_is_taken(book):
    before = book.read_bytes()
    shown = xlperf.appeals(book, appeal="A1", decide="upheld", points=20, **DECIDED)
    first, second, third = shown.effect.to_dict("records")  # E1 and E2 had shared the first place and the best grade
    for each in (first, second):
        assert (each["place_before"], each["place_after"]) == (1, 2)
        assert (each["grade_name_before"], each["grade_name_after"]) == ("Excellent", "Good")
    assert third["employee_id"] == "E3"
    assert third["total_after"] == third["total_before"] + 20
    assert (third["grade_name_before"], third["grade_name_after"]) == ("Good", "Excellent")
    assert book.read_bytes() == before
    taken = xlperf.appeals(book, appeal="A1", decide="upheld", points=20, take=True, **DECIDED)
    assert taken.written
    sheet = openpyxl.load_workbook(book)["Appeals"]
    row = dict(zip((cell.value.rstrip(" *") for cell in sheet[1]), (cell.value for cell in sheet[2]), strict=True))
    assert (row["State"], row["Points"], row["Decided by"]) == ("upheld", 20, "人力资源部")
    results = openpyxl.load_workbook(book)["Results"]
    assert [results.cell(2, column).value for column in (1, 2)] == ["E3", "Name E3"]
    assert xlperf.run(book, keep_backup=False).written == ()


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"appeal": "A1", "decide": "upheld"}, "option-needs"),
        ({"decide": "upheld", **DECIDED}, "option-needs"),
        ({"appeal": "A7", "decide": "upheld", **DECIDED}, "appeal-unknown"),
        ({"appeal": "A1", "decide": "upheld", **DECIDED, "date": "soon"}, "option-unreadable"),
        ({"appeal": "A1", "decide": "yes", **DECIDED}, "option-unreadable"),
        ({"appeal": "A1", "decide": "filed", **DECIDED}, "option-unreadable"),
    ],
)
def test_what_is_asked_wrongly_is_refused(book, asked, code):
    before = book.read_bytes()
    refused = xlperf.appeals(book, take=True, **asked)
    assert refused.refused
    assert set(codes(refused.problems)) == {code}
    assert book.read_bytes() == before


def form_of_e4(book, folder, **cells):
    """Hand out the forms, and fill in that of E4 as the heading of each cell says."""
    assert xlperf.appeal_forms(book, folder).forms == 5
    workbook = openpyxl.load_workbook(folder / "E4.xlsx")
    sheet = workbook["Appeals"]
    headings = {cell.value.rstrip(" *").replace(" ", "_"): cell.column for cell in sheet[1]}
    assert "Decided_by" not in headings
    for heading, value in cells.items():
        sheet.cell(2, headings[heading]).value = value
    workbook.save(folder / "E4.xlsx")
    return folder / "E4.xlsx"


FILLED = {"Filed_on": "2026-11-07", "Statement": "please look again"}


@pytest.mark.parametrize("back", [
    lambda book, form: xlperf.collect(book, [form]),
    lambda book, form: xlperf.import_files(book, [form], sheet="appeals"),
], ids=["collect", "import"])  # fmt: skip
def test_a_form_goes_out_comes_back_and_is_counted_once(book, tmp_path, back):
    form = form_of_e4(book, tmp_path / "forms", **FILLED)
    assert xlperf.appeal_forms(book, tmp_path / "forms").written == (form,)  # only the one that was filled in
    form = form_of_e4(book, tmp_path / "forms", **FILLED)
    assert not back(book, form).refused
    rows = read_book(book).tables["appeals"].frame
    assert rows["appeal_id"].tolist() == ["A1", "2026-10-E4"]
    assert rows["state"].tolist() == ["filed", "filed"]


def test_an_appeal_that_is_collected_twice_is_told(book, tmp_path):
    form = form_of_e4(book, tmp_path / "forms", **FILLED)
    assert xlperf.collect(book, [form]).answers == {"appeals": 1}
    again = xlperf.collect(book, [form])
    assert (again.answers, again.written) == ({"appeals": 0}, ())
    assert "return-appeal-known" in codes(again.problems, "note")
    said = CliRunner().invoke(app, ["collect", str(book), str(form), "--lang", "en"])
    assert "Appeals: 0" in said.output
    assert "Nothing new" in said.output


@pytest.mark.parametrize(
    ("cells", "code", "level"),
    [
        ({**FILLED, "Employee_ID": "E5"}, "return-changed", "error"),
        ({**FILLED, "Appeal": "A1"}, "return-changed", "error"),
        ({**FILLED, "Statement": '="please"&" look"'}, "return-formula", "error"),
        ({"Filed_on": "2026-11-07"}, "return-appeal-empty", "warning"),
    ],
)
def test_a_form_that_is_not_as_it_was_handed_out_is_not_taken(book, tmp_path, cells, code, level):
    result = xlperf.collect(book, [form_of_e4(book, tmp_path / "forms", **cells)])
    assert result.refused == (level == "error")
    assert code in codes(result.problems, level)
    assert read_book(book).tables["appeals"].frame["appeal_id"].tolist() == ["A1"]


def test_a_form_whose_hidden_sheet_was_changed_is_refused(book, tmp_path):
    form = form_of_e4(book, tmp_path / "forms", **FILLED, Employee_ID="E5", Appeal="2026-10-E5")
    workbook = openpyxl.load_workbook(form)
    workbook["_xlperf"]["E1"] = "E5"
    workbook.save(form)
    assert "return-tampered" in codes(xlperf.collect(book, [form]).problems, "error")


def test_the_command_lists_and_tells_that_nothing_was_written(book):
    done = CliRunner().invoke(app, ["appeals", str(book), "--id", "A1", "--decide", "rejected", "--reason", "x", "--by", "HR",
                                    "--date", "2026-11-12", "--lang", "en"])  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "Nothing was written; add --take to take the decision." in done.output
    data = json.loads(CliRunner().invoke(app, ["appeals", str(book), "--json"]).output)
    assert [each["appeal_id"] for each in data["appeals"]] == ["A1"]


def test_a_decision_is_typed_in_either_language_and_refused_in_the_language_of_the_book(tmp_path):
    path = tmp_path / "book.xlsx"
    build(small.scheme(), small.tables(appeals=[appeal(employee_id="E3")]), "zh").save(path)
    asked = ["appeals", str(path), "--id", "A1", "--reason", "x", "--by", "HR", "--date", "2026-11-12", "--decide"]
    refused = CliRunner().invoke(app, [*asked, "yes"])
    assert refused.exit_code == 1
    assert "--decide 后面的“yes”看不懂" in refused.output
    assert all(word in refused.output for word in ("成立", "不成立", "撤回"))
    assert CliRunner().invoke(app, [*asked, "驳回"]).exit_code == 0
