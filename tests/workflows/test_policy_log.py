"""The policy log: which cell changed, who had edited the workbook when, and that nobody rewrites it unseen."""

import json
import shutil
from datetime import datetime

import openpyxl
import pytest
import small
from effort import one_by_default
from hypothesis import given
from hypothesis import strategies as st
from sample_books import tables_of
from typer.testing import CliRunner

import xlperf
from tests.small_book import codes, one
from xlperf import engine
from xlperf.addin.live_store import LiveStore
from xlperf.cli import app
from xlperf.core.problems import LANGUAGES
from xlperf.policy.policy_log import BASIS, LOG, basis_rows, cells_of_basis
from xlperf.policy.scheme.cells import changed_cells, policy_cells
from xlperf.policy.schemes import load, names
from xlperf.schema import SHEETS
from xlperf.schema.tables import table_of
from xlperf.workbook.read.book import read_book
from xlperf.workbook.write.scheme_workbook import build, policy_frame

PLACE = ["sheet", "record", "column", "before", "after"]
BY_LI = {"edited_by": "李经理", "edited_on": "2026-11-02 08:05 UTC"}


@pytest.fixture(scope="module")
def run_once(tmp_path_factory):
    path = tmp_path_factory.mktemp("policy") / "book.xlsx"
    build(small.scheme(language="en"), small.tables(), "en").save(path)
    assert not xlperf.run(path, keep_backup=False).refused
    return path


@pytest.fixture
def book(run_once, tmp_path):
    return shutil.copy(run_once, tmp_path / "book.xlsx")


def type_into(path, sheet, record, heading, value, by="李经理", at=datetime(2026, 11, 2, 8, 5)):
    """Change a policy cell as somebody in Excel does: the workbook keeps who saved it, and when."""
    workbook = openpyxl.load_workbook(path)
    ws = workbook[sheet]
    column = next(cell.column for cell in ws[1] if str(cell.value).rstrip(" *") == heading)
    row = next(row for row in range(2, ws.max_row + 1) if ws.cell(row, 1).value == record)
    ws.cell(row, column).value = value
    save(workbook, path, by, at)


def save(workbook, path, by="李经理", at=datetime(2026, 11, 2, 8, 5)):
    workbook.save(path)
    stamp(path, by, at)


def stamp(path, by, at):
    """Openpyxl writes the time of saving; put another one in its place."""
    from zipfile import ZIP_DEFLATED, ZipFile

    from openpyxl.packaging.core import DocumentProperties
    from openpyxl.xml.functions import tostring

    told = tostring(DocumentProperties(lastModifiedBy=by, modified=at).to_tree())
    with ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    with ZipFile(path, "w", ZIP_DEFLATED) as new:
        for name, data in (parts | {"docProps/core.xml": told}).items():
            new.writestr(name, data)


def logged(path):
    return read_book(path).tables[LOG].frame


def test_the_first_run_keeps_the_policy_and_notes_nothing(book):
    read = read_book(book)
    assert LOG not in read.tables
    assert openpyxl.load_workbook(book)[SHEETS[BASIS].title.en].sheet_state == "hidden"
    assert codes(xlperf.check(book).problems, "note") == ["overshoot"]  # nothing about the hidden sheet
    before = book.read_bytes()
    assert xlperf.run(book, keep_backup=False).written == ()
    assert book.read_bytes() == before


def test_a_changed_cell_is_one_row_with_who_and_when(book):
    type_into(book, "Indicators", "on_time", "Target", 0.9)
    type_into(book, "Grades", "A", "Share", 0.15)
    type_into(book, "Grades", "C", "Share", 0.25)
    done = xlperf.run(book, keep_backup=False)
    assert done.policy_changes[PLACE].to_numpy().tolist() == [
        ["Indicators", "on_time", "Target", "0.8", "0.9"],
        ["Grades", "A", "Share", "20%", "15%"],
        ["Grades", "C", "Share", "20%", "25%"],
    ]
    rows = logged(book)
    assert rows[["entry", "period", "version"]].to_numpy().tolist() == [[each, "2026-10", "1"] for each in "123"]
    assert rows[[*BY_LI]].to_dict("records") == [BY_LI] * 3
    before = book.read_bytes()
    again = xlperf.run(book, keep_backup=False)
    assert (again.written, len(again.policy_changes)) == ((), 0)
    assert book.read_bytes() == before


def test_who_and_when_can_be_named_to_the_run(book):
    type_into(book, "Grades", "A", "Coefficient", 1.3)
    assert not xlperf.run(book, by="王总", date="2026-11-05", keep_backup=False).refused
    assert logged(book)[[*BY_LI]].to_numpy().tolist() == [["王总", "2026-11-05"]]
    refused = xlperf.run(book, date="soon")
    assert codes(refused.problems) == ["option-unreadable"]


def test_settings_conditions_and_whole_records_are_told_as_the_sheet_says_them(tmp_path):
    path = tmp_path / "方案.xlsx"
    first = small.scheme(language="zh")
    build(first, small.tables(), "zh").save(path)
    assert not xlperf.run(path, keep_backup=False).refused
    new = small.scheme({'hit = "done_date <= due_date"': 'hit = "done_date < due_date"',
                        'code = "award"\nname = "奖励"': 'code = "prize"\nname = "奖金"'},
                       language="zh", ties="worse", version="2")  # fmt: skip
    workbook = openpyxl.load_workbook(path)
    changed = build(new, small.tables(), "zh")
    for title in ("首页", "指标", "结果应用"):
        for row in changed[title].iter_rows():
            for cell in row:
                if type(cell).__name__ == "Cell":
                    workbook[title][cell.coordinate].value = cell.value
    workbook.save(path)
    done = xlperf.run(path, keep_backup=False)
    assert not done.refused, [each.found("zh") for each in done.problems]
    rows = {tuple(row[:3]): tuple(row[3:]) for row in done.policy_changes[PLACE].fillna("").to_numpy().tolist()}
    assert rows["首页", "方案版本", "取值"] == ("1", "2")
    assert rows["首页", "并列处理", "取值"] == ("同分取较好等级", "同分取较差等级")
    assert rows["指标", "on_time", "达标条件"] == ("完成日期 <= 应完成日期", "完成日期 < 应完成日期")
    assert rows["结果应用", "award", ""][1] == rows["结果应用", "prize", ""][0] == "（无）"
    assert "奖金" in rows["结果应用", "prize", ""][1]


def test_the_log_goes_on_in_the_next_period(book):
    type_into(book, "Grades", "A", "Coefficient", 1.3)
    assert not xlperf.run(book, keep_backup=False).refused
    later = book.with_name("later.xlsx")
    assert not xlperf.roll(book, later).refused
    assert logged(later).equals(logged(book))
    assert read_book(later).tables[BASIS].frame.equals(read_book(book).tables[BASIS].frame)


@pytest.mark.slow
def test_calibrating_and_deciding_note_what_changed_before_them(tmp_path):
    path = tmp_path / "book.xlsx"
    appeal = {"appeal_id": "A1", "period": "2026-10", "employee_id": "E3", "state": "filed", "statement": "x",
              "filed_on": "2026-11-03", "about": "total"}  # fmt: skip
    build(small.scheme(language="en", calibration="yes"), small.tables(appeals=[appeal]), "en").save(path)
    assert not xlperf.run(path, keep_backup=False).refused
    said = {"reason": "tender", "by": "Hu", "date": "2026-11-03"}
    type_into(path, "Indicators", "on_time", "Target", 0.9)
    assert not xlperf.calibrate(path, person="E5", grade="B", **said).refused
    type_into(path, "Indicators", "on_time", "Target", 0.85)
    assert not xlperf.appeals(path, appeal="A1", decide="rejected", take=True, **said).refused
    assert logged(path)[["before", "after"]].to_numpy().tolist() == [["0.8", "0.9"], ["0.9", "0.85"]]
    assert set(logged(path)["edited_by"]) == {"李经理"}  # not who calibrated


def rows_of(path):
    workbook = openpyxl.load_workbook(path)
    return workbook, workbook[SHEETS[LOG].title.en]


@pytest.fixture(scope="module")
def three_changes(run_once, tmp_path_factory):
    path = shutil.copy(run_once, tmp_path_factory.mktemp("three") / "book.xlsx")
    for factor in (1.3, 1.4, 1.5):
        type_into(path, "Grades", "A", "Coefficient", factor)
        assert not xlperf.run(path, keep_backup=False).refused
    assert logged(path)["after"].tolist() == ["1.3", "1.4", "1.5"]
    return path


@pytest.fixture
def with_three(three_changes, tmp_path):
    return shutil.copy(three_changes, tmp_path / "book.xlsx")


def test_an_edited_entry_is_told_at_its_cell(with_three):
    workbook, ws = rows_of(with_three)
    ws["G3"].value = "1.45"
    save(workbook, with_three)
    found = one(xlperf.check(with_three).problems, "policy-log-edited")
    assert (found.sheet, found.cells, found.details["entries"]) == ("Policy log", "A3", ["2"])
    assert not xlperf.run(with_three, keep_backup=False).refused
    assert logged(with_three)["after"].tolist() == ["1.3", "1.45", "1.5"]  # a run rewrites nothing


@pytest.mark.parametrize("row", one_by_default([2, 3, 4]))
def test_a_deleted_entry_is_told_and_its_number_is_not_used_again(with_three, row):
    workbook, ws = rows_of(with_three)
    ws.delete_rows(row)
    (table,) = ws.tables.values()
    table.ref = "A1:K3"
    save(workbook, with_three)
    type_into(with_three, "Grades", "A", "Coefficient", 1.6)
    for _ in range(2):
        done = xlperf.run(with_three, keep_backup=False)
        assert one(done.problems, "policy-log-gap").details["entries"] == [str(row - 1)]
    assert logged(with_three)["entry"].tolist() == [each for each in "1234" if each != str(row - 1)]


def test_the_sheet_of_the_log_may_not_go_unseen_either(with_three):
    workbook, ws = rows_of(with_three)
    workbook.remove(ws)
    save(workbook, with_three)
    assert one(xlperf.check(with_three).problems, "policy-log-gap").details["entries"] == ["1", "2", "3"]


def test_a_policy_that_was_not_kept_is_told_and_noted(with_three):
    workbook, _ = rows_of(with_three)
    workbook.remove(workbook[SHEETS[BASIS].title.en])
    save(workbook, with_three)
    type_into(with_three, "Grades", "A", "Coefficient", 1.6)
    done = xlperf.run(with_three, keep_backup=False)
    assert "policy-basis-gone" in codes(done.problems, "warning")
    assert done.policy_changes["entry"].tolist() == ["4"]
    assert done.policy_changes["after"].tolist() == [
        "the policy before is not known; the record begins anew with this one"
    ]
    assert "policy-basis-gone" not in codes(xlperf.run(with_three, keep_backup=False).problems)


def test_both_sheets_gone_are_told_and_noted(with_three):
    """The sheet Run says that the last run kept the policy; without either sheet a workbook that was never run is silent."""
    workbook, ws = rows_of(with_three)
    workbook.remove(ws)
    workbook.remove(workbook[SHEETS[BASIS].title.en])
    save(workbook, with_three)
    told = one(xlperf.check(with_three).problems, "policy-record-gone")
    assert (told.level, told.sheet) == ("warning", "Run")
    done = xlperf.run(with_three, keep_backup=False)
    assert "policy-record-gone" in codes(done.problems)
    assert done.policy_changes["after"].tolist() == [
        "the policy before is not known; the record begins anew with this one"
    ]
    assert "policy-record-gone" not in codes(xlperf.run(with_three, keep_backup=False).problems)


def test_a_changed_policy_in_a_new_period_asks_for_the_version(book):
    """October was run; in November the coefficient is another: told until the version is, or November has been run."""
    later = book.with_name("later.xlsx")
    assert not xlperf.roll(book, later).refused
    assert "policy-version-same" not in codes(xlperf.check(later).problems)
    type_into(later, "Grades", "A", "Coefficient", 1.3)
    told = one(xlperf.check(later).problems, "policy-version-same")
    assert (told.level, told.sheet) == ("note", "Home")
    assert told.details == {"count": 1, "before": "2026-10", "version": "1"}
    assert told.cells
    workbook = openpyxl.load_workbook(later)
    workbook["Home"][told.cells] = "2"
    save(workbook, later)
    assert "policy-version-same" not in codes(xlperf.check(later).problems)


def test_a_changed_policy_in_the_same_period_does_not(book):
    type_into(book, "Grades", "A", "Coefficient", 1.3)
    assert "policy-version-same" not in codes(xlperf.run(book, keep_backup=False).problems)


def test_in_excel_the_same_rows_come_about(book):
    type_into(book, "Grades", "A", "Coefficient", 1.3)
    live = shutil.copy(book, book.with_name("live.xlsx"))
    apps = engine.start()
    try:
        opened = apps.books.open(live)
        assert not xlperf.run(LiveStore(opened)).refused
        opened.save(live)
    finally:
        apps.quit()
    xlperf.run(book, keep_backup=False)
    assert logged(live).equals(logged(book))
    assert read_book(live).tables[BASIS].frame.equals(read_book(book).tables[BASIS].frame)


@pytest.mark.slow
def test_diff_says_who_and_when(book):
    old = shutil.copy(book, book.with_name("old.xlsx"))
    type_into(book, "Grades", "A", "Coefficient", 1.3)
    xlperf.run(book, keep_backup=False)
    for lang in LANGUAGES:
        data = json.loads(CliRunner().invoke(app, ["diff", str(old), str(book), "--json", "--lang", lang]).output)
        (change,) = data["policy"]
        assert (change["before"], change["after"]) == ("1.2", "1.3")
        assert (change["by"], change["on"]) == tuple(BY_LI.values())
    said = CliRunner().invoke(app, ["diff", str(old), str(book), "--lang", "en"]).output
    assert "Grades · A · Coefficient: 1.2 → 1.3 (李经理, 2026-11-02 08:05 UTC)" in said


def test_the_command_says_how_many_rows_were_added(book):
    type_into(book, "Grades", "A", "Coefficient", 1.3)
    done = CliRunner().invoke(app, ["run", str(book), "--by", "Hu", "--date", "2026-11-05", "--lang", "en"])
    assert done.exit_code == 0, done.output
    assert "The policy has changed; rows added to Policy log: 1." in done.output


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    "name", [pytest.param(each, marks=() if each == "service-team" else pytest.mark.slow) for each in names()]
)
def test_every_policy_comes_back_from_its_basis(name, lang, tmp_path):
    """What is kept of each scheme that ships is what the next run finds: nothing differs from it."""
    path = tmp_path / "book.xlsx"

    def read_with(scheme, **tables):
        build(scheme, tables, lang).save(path)
        read = read_book(path)
        return read, policy_cells(read.scheme, lang, lambda sheet: policy_frame(read.scheme, sheet, lang))

    first, cells = read_with(load(name).with_settings(language=lang))
    again, now = read_with(first.scheme, **{BASIS: table_of(BASIS, basis_rows(cells, 3, "2026-10"))})
    assert len(again.tables[BASIS]) == sum(map(len, cells.values())) + 2
    assert list(changed_cells(cells_of_basis(again.tables[BASIS]), now)) == []


@given(st.lists(st.sampled_from(["A", "B", "C"]), unique=True), st.lists(st.sampled_from(["A", "B", "C"]), unique=True),
       st.sampled_from([0.2, 0.25]))  # fmt: skip
def test_what_differs_is_told_once_and_nothing_else(old, new, share):
    def cells(grades, share):
        return {("grades", each): policy_cells(small.scheme({"share = 0.2\ncoefficient = 1.2": f"share = {share}\ncoefficient = 1.2"}), "en")["grades", each]
                for each in grades}  # fmt: skip

    found = [(each.record, each.column) for each in changed_cells(cells(old, 0.2), cells(new, share))]
    wanted = {(each, "") for each in {*old} ^ {*new}} | (
        {("A", "share")} if "A" in old and "A" in new and share != 0.2 else set()
    )
    assert sorted(found) == sorted(wanted)


def test_no_sample_data_is_taken_for_policy():
    assert LOG not in tables_of("service-team")
