"""Calibration: a change of a grade with its reason, quotas that must hold, signed exceptions, undoing, the log."""

import json
import tomllib

import openpyxl
import pandas as pd
import pytest
import small
from typer.testing import CliRunner

import xlperf
from tests.small_book import codes, one
from xlperf.analysis.explain import explain
from xlperf.cli import app
from xlperf.policy.schemes import from_records
from xlperf.reporting.next_period import rolled
from xlperf.schema.tables import table_of
from xlperf.scoring.pipeline import appraise
from xlperf.scoring.stages import Locked
from xlperf.workbook.write.scheme_workbook import build
from xlperf.workbook.write.style import TEXT_COLOUR, WHITE, contrast

PEOPLE = tuple(f"E{number}" for number in range(1, 11))
DECIDED = {"reason": "项目", "decided_by": "王总", "decided_on": "2026-11-02"}
SAID = {"reason": "项目", "by": "王总", "date": "2026-11-02"}


def scheme(**more):
    """The small scheme: 20 %, 60 %, 20 % of ten people, and a bonus of 1,000 times the coefficient."""
    raw = tomllib.loads(small.SCHEME)
    raw["pay"] = [
        {"code": "bonus", "name": "奖金", "name_en": "Bonus", "way": "coefficient", "base": "performance_base"}
    ]
    raw["settings"] |= {"paid_status": ["active"], "calibration": "yes", "language": "en"}
    read, problems = from_records(raw | more, "small")
    assert not codes(problems, "error")
    return read


def tables(people=PEOPLE, **more):
    staff = [{"employee_id": each, "name": f"Name {each}", "status": "active", "performance_base": 1000,
              "department": "N"} for each in people]  # fmt: skip
    ratings = [
        {"period": "2026-10", "employee_id": each, "indicator": "skill", "rater_id": "B", "relation": "manager",
         "score": 5 - 0.2 * number}
        for number, each in enumerate(people)
    ]  # fmt: skip
    tasks = [small.task(10 * number + k, each) for number, each in enumerate(people) for k in range(4)]
    return small.tables(staff, tasks, ratings, departments=[{"department": "N"}], **more)


def run(*rows, read=None, log=(), **more):
    given = tables(calibration=list(rows), **more)
    if log:
        given["calibration_log"] = table_of("calibration_log", list(log))
    return appraise(given, read or scheme())


def change(person, grade, **more):
    return {"period": "2026-10", "employee_id": person, "adjusted": grade, **DECIDED, **more}


# In a run -------------------------------------------------------------------------------------------------------------


def test_the_final_grade_reaches_results_places_pay_lists_and_the_explanation():
    """E9 was last but one (C, coefficient 0.8) and is raised to A (1.2): place 3 behind the two of A, 400 more."""
    done = run(change("E9", "优秀"))
    rows = done.results.set_index("employee_id")
    assert rows.loc["E9", ["grade", "coefficient", "place", "pay"]].tolist() == ["A", 1.2, 3, 1200]
    assert rows.loc["E9", ["computed_grade", "computed_place"]].tolist() == ["Fair", 9]
    assert rows.loc["E3", ["grade", "place", "computed_place"]].tolist() == ["B", 4, 3]
    assert rows["place"].tolist() == sorted(range(1, 11))
    assert (done.pay_before.totals.sum(), done.pay.totals.sum()) == (10000, 10400)
    assert done.ranking.counts.tolist() == [[3, 6, 1]]
    assert [(each.words.en, each.over) for each in done.calibration.deviations] == [("Excellent", 1), ("Fair", -1)]
    assert codes(done.problems).count("calibration-quota") == 2
    story = explain(done, "E9", lang="en")[0]
    assert story.grade == "A Excellent (calibrated from Fair by 王总 on 2026-11-02: 项目)"
    assert story.place.startswith("9 of 10 (everybody), 3 after calibration")


def test_without_changes_everything_is_as_computed():
    free, asked = appraise(tables(), scheme().with_settings(calibration="no")), run()
    assert free.calibration is None
    pd.testing.assert_frame_equal(free.results, asked.results[free.results.columns])
    assert asked.results[["computed_grade", "computed_place"]].replace("", None).isna().all(axis=None)
    assert asked.calibration.new_entries.empty
    assert asked.pay_before is asked.pay


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        (change("E9", "A", reason=None), "calibration-incomplete", "reason"),
        (change("E9", "A", decided_by=None), "calibration-incomplete", "decided_by"),
        (change("E9", "A", decided_on=None), "calibration-incomplete", "decided_on"),
        (change("E9", "AA"), "code-unknown", "adjusted"),
        (change("E77", "A"), "calibration-not-graded", "employee_id"),
        (change("E9", None), "calibration-without-grade", "adjusted"),
        (change("E9", "C"), "calibration-no-change", "adjusted"),
    ],
)
def test_a_change_that_lacks_something_is_told_at_its_cell(row, code, column):
    done = run(row)
    found = one(done.problems, code)
    assert found.cells == done.table("calibration").cells(column, [0])
    assert (found.level == "error") == (not done.done)
    assert getattr(getattr(done, "calibration", None), "changes", ()) == ()


def test_a_change_of_another_period_does_not_count():
    done = run(change("E9", "A", period="2026-09"))
    assert done.results.set_index("employee_id").loc["E9", "grade"] == "C"


def test_what_is_typed_becomes_entries_of_the_log_once():
    first = run(change("E9", "A"), change("E1", "B"))
    entries = first.calibration.new_entries
    assert entries[["entry", "action", "employee_id", "grade_from", "grade_to"]].to_numpy().tolist() == [
        ["1", "change", "E1", "A", "B"],
        ["2", "change", "E9", "C", "A"],
    ]
    log = entries.to_dict("records")
    assert run(change("E9", "A"), change("E1", "B"), log=log).calibration.new_entries.empty
    emptied = run(change("E1", "B"), log=log).calibration.new_entries
    assert emptied[["entry", "action", "employee_id", "grade_to"]].to_numpy().tolist() == [["3", "undo", "E9", "C"]]


def test_a_locked_period_keeps_its_results():
    read = scheme(periods=[{"period": "2026-10", "status": "locked"}])
    kept = [{"period": "2026-10", "employee_id": each, "total": 90, "grade": "B"} for each in PEOPLE]
    assert isinstance(run(change("E9", "A"), read=read, history=kept), Locked)


def test_the_next_period_takes_the_final_grade_and_begins_without_changes():
    inputs = tables(calibration=[change("E9", "A")])
    done = appraise(inputs, scheme())
    begun, problems = rolled(inputs, done, "en")
    assert problems == []
    assert begun.tables["history"].frame.set_index("employee_id").loc["E9", ["grade", "place"]].tolist() == ["A", 3]
    assert len(begun.tables["calibration"]) == 0


# In a workbook ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    path = tmp_path_factory.mktemp("calibration") / "book.xlsx"
    build(scheme(), tables(), "en").save(path)
    assert not xlperf.run(path, keep_backup=False).refused
    return path


@pytest.fixture
def book(made, tmp_path):
    path = tmp_path / "book.xlsx"
    path.write_bytes(made.read_bytes())
    return path


def shown(path, title="Calibration"):
    return openpyxl.load_workbook(path, data_only=True)[title]


def log_of(path):
    return [row for row in shown(path, "Calibration log").iter_rows(min_row=2, values_only=True) if row[0]]


def test_the_command_changes_undoes_signs_and_closes(book):
    raised = xlperf.calibrate(book, person="Name E9", grade="Excellent", **SAID)
    assert not raised.refused
    assert (raised.pay_before, raised.pay_after) == (10000.0, 10400.0)
    sheet = shown(book)
    assert sheet["D5"].value == "3 / 2 ▲ over by 1"
    assert sheet["F5"].value == "1 / 2 ▽ short by 1"
    refused = xlperf.calibrate(book, finalise=True, by="Li", date="2026-11-03")
    assert codes(refused.problems) == ["calibration-not-held", "calibration-not-held"]
    assert codes(xlperf.roll(book, book.with_name("next.xlsx")).problems, "error") == ["calibration-open"]
    before = log_of(book)
    assert not xlperf.calibrate(book, sign=True, reason="agreed", by="Li", date="2026-11-03").refused
    closed = xlperf.calibrate(book, finalise=True, by="Li", date="2026-11-03")
    assert closed.appraisal.calibration.final
    assert shown(book)["B2"].value.startswith("October 2026 · final")
    assert not xlperf.roll(book, book.with_name("next.xlsx")).refused
    assert log_of(book)[: len(before)] == before
    lowered = xlperf.calibrate(book, person="E1", grade="B", **SAID)
    assert not lowered.appraisal.calibration.final
    back = xlperf.calibrate(book, person="E9", undo=True, **SAID)
    assert [each.employee_id for each in back.appraisal.calibration.changes] == ["E1"]
    assert [row[2] for row in log_of(book)] == [
        "change",
        "signed exception",
        "signed exception",
        "final",
        "change",
        "undo",
    ]
    assert log_of(book)[: len(before)] == before


@pytest.mark.slow
def test_a_swap_holds_the_quotas_and_can_be_closed_without_a_signature(book):
    assert not xlperf.calibrate(book, person="E3", grade="A", **SAID).refused
    assert not xlperf.calibrate(book, person="E2", grade="B", **SAID).refused
    closed = xlperf.calibrate(book, finalise=True, by="Li", date="2026-11-03")
    assert closed.appraisal.calibration.final
    assert closed.pay_before == closed.pay_after == 10000.0


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"person": "E9", "grade": "A", "by": "Li", "date": "2026-11-02"}, "option-needs"),
        ({"person": "E9", "grade": "A", "reason": " ", "by": "Li", "date": "2026-11-02"}, "option-needs"),
        ({"grade": "A", **SAID}, "option-needs"),
        ({"person": "E9"}, "option-needs"),
        ({"person": "E9", "grade": "A", **SAID, "date": "soon"}, "option-unreadable"),
        ({"person": "E9", "grade": "Z", **SAID}, "code-unknown"),
        ({"person": "E99", "grade": "A", **SAID}, "person-unknown"),
        ({"person": "E9", "undo": True, **SAID}, "calibration-nothing-to-undo"),
        ({"sign": True, **SAID}, "calibration-nothing-to-sign"),
        ({"person": "E9", "grade": "A", "finalise": True, **SAID}, "calibration-one-action"),
    ],
)
def test_what_is_asked_wrongly_is_refused_and_nothing_is_written(book, asked, code):
    before = book.read_bytes()
    refused = xlperf.calibrate(book, **asked)
    assert refused.refused
    assert set(codes(refused.problems, "error")) == {code}
    assert book.read_bytes() == before


def test_what_is_typed_in_excel_is_taken_by_a_run_and_stays(book):
    workbook = openpyxl.load_workbook(book)
    sheet = workbook["Calibration"]
    heading = next(row for row in range(1, 30) if sheet.cell(row, 1).value == "Employee ID")
    places = {sheet.cell(heading, column).value: column for column in range(1, sheet.max_column + 1)}
    row = next(row for row in range(heading, heading + 20) if sheet.cell(row, 1).value == "E9")
    for word, value in (
        ("Changed to", "Excellent"),
        ("Reason", "x"),
        ("Decided by", "Li"),
        ("Decided on", "2026-11-02"),
    ):
        sheet.cell(row, places[word]).value = value
    workbook.save(book)
    assert not xlperf.run(book, keep_backup=False).refused
    assert [entry[3] for entry in log_of(book)] == ["E9"]
    kept = shown(book)
    assert kept.cell(row, places["Reason"]).value == "x"
    assert kept.cell(row, places["Final grade"]).value == "Excellent"
    assert xlperf.run(book, keep_backup=False).written == ()  # nothing has changed


def test_a_book_without_the_sheet_or_of_a_locked_period_is_refused(tmp_path):
    plain = tmp_path / "plain.xlsx"
    read = scheme()
    build(read.with_settings(calibration="no"), tables(), "en").save(plain)
    assert codes(xlperf.calibrate(plain, person="E9", grade="A", **SAID).problems) == ["calibration-no-sheet"]
    locked = tmp_path / "locked.xlsx"
    kept = [{"period": "2026-10", "employee_id": each, "total": 90, "grade": "B"} for each in PEOPLE]
    build(scheme(periods=[{"period": "2026-10", "status": "locked"}]), tables(history=kept), "en").save(locked)
    assert codes(xlperf.calibrate(locked, person="E9", grade="A", **SAID).problems) == ["calibration-locked"]


def test_the_command_says_it_in_words(book):
    told = CliRunner().invoke(app, ["calibrate", str(book), "--json"])
    assert json.loads(told.output)["deviations"] == []
    words = ["calibrate", str(book), "--person", "E9", "--grade", "A", "--reason", "x", "--by", "Li", "--date", "2026-11-02",
             "--lang", "en"]  # fmt: skip
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    assert "E9: Fair → Excellent (Li, 2026-11-02: x)" in done.output
    assert "everybody · Excellent: 3 ▲ 1 over" in done.output
    assert "Pay: computed 10,000.00, final 10,400.00, difference +400.00" in done.output
    assert "Not final." in done.output


def test_every_word_can_be_read_on_its_colour(book):
    """On all sheets of a run: WCAG 2.1 asks for a contrast of 4.5, of cells and of what conditions make of them."""
    assert not xlperf.run(book, keep_backup=False).refused
    poor = []
    for ws in openpyxl.load_workbook(book).worksheets:
        for cell in (cell for row in ws.iter_rows() for cell in row if isinstance(cell.value, str)):
            poor += [(ws.title, cell.coordinate)] * (contrast(colour_of(cell.font), fill_of(cell.fill.fgColor)) < 4.5)
        for cells, rules in ws.conditional_formatting._cf_rules.items():
            for rule in (rule for rule in rules if rule.dxf is not None and rule.dxf.fill is not None):
                said = contrast(colour_of(rule.dxf.font), fill_of(rule.dxf.fill.bgColor))
                poor += [(ws.title, str(cells.sqref), rule.formula)] * (said < 4.5)
    assert poor == []


def colour_of(font):
    named = font.color.rgb if font is not None and font.color is not None else None
    return named[-6:] if isinstance(named, str) else TEXT_COLOUR


def fill_of(colour):
    named = colour.rgb if colour is not None else None
    return named[-6:] if isinstance(named, str) and named != "00000000" else WHITE
