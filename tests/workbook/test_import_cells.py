"""Importing cells: decimal commas, time zones, codes that lost digits, foreign words, IDs in another spelling."""

from dataclasses import replace
from datetime import date

import pytest
import small
from foreign_files import book, csv, rows_of, taken
from small_book import codes, one

from xlperf.schema.tables import table_of
from xlperf.workbook.read.importing import import_files
from xlperf.workbook.read.similar_ids import plain_id

TASKS = "任务编号;责任人;金额;创建日期\n"


def tasks(tmp_path, *amounts):
    rows = "".join(f"T{number};001;{amount};2026-10-0{number}\n" for number, amount in enumerate(amounts, start=1))
    return import_files(book(), [csv(tmp_path, TASKS + rows)])


# Numbers and dates ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amounts", "read"),
    [
        (["1,5", "2,25"], [1.5, 2.25]),
        (["1,5", "1.234"], [1.5, 1234]),
        (["1.234,50", "12"], [1234.5, 12]),
        (["0,125", "1,250"], [0.125, 1.25]),
        (["1,234", "2,345"], [1234, 2345]),
        (["1,234.5", "7"], [1234.5, 7]),
    ],
)
def test_a_comma_is_what_the_whole_column_shows(tmp_path, amounts, read):
    imported = tasks(tmp_path, *amounts)
    assert codes(imported.problems, "error") == []
    assert rows_of(imported, "tasks", "amount") == [[each] for each in read]


@pytest.mark.parametrize("amounts", [["1,5", "1,234.5"], ["1,5", "2.5"], ["0,5", "1,234,567"]])
def test_commas_of_both_kinds_in_a_column_are_refused(tmp_path, amounts):
    problem = one(tasks(tmp_path, *amounts).problems, "decimal-mixed")
    assert (problem.level, problem.cells) == ("error", "C2:C3 (2)")


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-10-04T23:30:00.123+08:00", "2026-10-04 23:30:00"),
        ("2026-10-04 23:30:00 +0800", "2026-10-04 23:30:00"),
        ("2026-10-04T00:00:00Z", "2026-10-04 00:00:00"),
    ],
)
def test_local_moments_are_read_as_they_are_written(tmp_path, moment, day):
    imported = import_files(book(), [csv(tmp_path, f"任务编号,责任人,完成日期\nT1,001,{moment}\n")])
    assert str(imported.tables["tasks"].frame["done_date"][0]) == day
    assert one(imported.problems, "date-zone-dropped").level == "note"


@pytest.mark.parametrize(
    "moments", [["2026-10-04T23:30:00Z"], ["2026-10-04T23:30:00+08:00", "2026-10-04T23:30:00+09:00"]]
)
def test_moments_of_other_places_are_refused(tmp_path, moments):
    rows = "".join(f"T{number},001,{moment}\n" for number, moment in enumerate(moments))
    imported = import_files(book(), [csv(tmp_path, "任务编号,责任人,完成日期\n" + rows)])
    assert codes(imported.problems, "error") == ["date-time-zone"]


# Codes ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["1.1E+17", "1,1E+17", "1E+05", "1.1e17"])
def test_a_code_that_lost_its_digits_is_refused(tmp_path, code):
    imported = import_files(book(), [csv(tmp_path, f"工号;姓名\n{code};王芳\n")])
    assert codes(imported.problems, "error") == ["key-lost-digits"]


def test_codes_wrapped_for_excel_are_unwrapped_in_workbooks_too(tmp_path):
    imported = taken(tmp_path, [["工号", "姓名"], ['\'="00703"'.lstrip("'"), "王芳"], ["'00704", "赵六"]])
    assert [row[0] for row in rows_of(imported, "employees", "employee_id")][-1] == "00704"


@pytest.mark.parametrize("code", ["'00704", "' 00704", "‘00704", '="00704"'])
def test_an_apostrophe_that_kept_excel_from_counting_is_no_part_of_a_code(tmp_path, code):
    imported = import_files(book(), [csv(tmp_path, f"工号,姓名\n{code},王芳\n")])
    assert rows_of(imported, "employees", "employee_id")[-1] == ["00704"]


@pytest.mark.parametrize("code", [date(2026, 3, 1), True])
def test_what_excel_made_of_a_code_is_refused(tmp_path, code):
    problem = one(taken(tmp_path, [["工号", "姓名"], ["009", "王芳"], [code, "赵六"]]).problems, "key-not-text")
    assert (problem.level, problem.cells) == ("error", "A3")


@pytest.mark.parametrize("word", ["1", "０１", "1.0", "1.", "0001", "0-01", "00 1", "+001"])
def test_an_id_in_another_spelling_is_reported_and_not_joined(tmp_path, word):
    imported = import_files(book(), [csv(tmp_path, f"工号,姓名\n{word},张伟\n")])
    problem = one(imported.problems, "id-similar")
    assert (problem.level, problem.cells) == ("warning", "A2")
    assert "001" in problem.found("en")
    assert len(imported.tables["employees"]) == 5


@pytest.mark.parametrize("word", ["001", " 001 ", "００１"])
def test_an_id_with_blanks_or_full_width_digits_is_the_same(tmp_path, word):
    imported = import_files(book(), [csv(tmp_path, f"工号,姓名\n{word},张伟\n")])
    assert imported.tables == {}
    assert imported.done[0].same == 1


def test_a_reference_in_another_spelling_is_reported(tmp_path):
    imported = import_files(book(), [csv(tmp_path, "任务编号,责任人\nT1,1\nT2,001\nT3,7\n")])
    assert one(imported.problems, "id-similar").cells == "B2"
    assert codes(import_files(book(), [csv(tmp_path, "任务编号,责任人\nT1,001\nT2,002\n")]).problems) == []


def test_two_spellings_in_one_file(tmp_path):
    imported = import_files(book(), [csv(tmp_path, "工号,姓名\nE-07,王芳\ne7,王芳\n")])
    assert one(imported.problems, "id-similar").cells == "A2:A3 (2)"


def test_numbers_of_one_level_and_of_two_differ():
    assert plain_id("1.1") != plain_id("1.10")
    assert plain_id("10") != plain_id("1")


# Words ----------------------------------------------------------------------------------------------------------------


def test_foreign_words_are_translated(tmp_path):
    path = csv(tmp_path, "工号,姓名,部门,在职状态\n9,王芳,R&D,On board\n")
    assert codes(import_files(book(), [path]).problems, "error") == ["foreign-word-unknown"]
    imported = import_files(book(), [path], words={"on  board": "active", "R&D": "N"})
    assert rows_of(imported, "employees", "department", "status")[-1] == ["N", "active"]
    assert codes(imported.problems, "error") == []


EXPORT = "任务编号,责任人,状态\nX1,001,{0}\nX2,002,{1}\nX3,002,{0}\n"
MEANINGS = [("Closed", "done"), ("已办结", "已完成"), ("erledigt", "done"), ("CLOSED ", "done")]


def foreign(*rows):
    columns = ("sheet", "column", "word", "meaning")
    return table_of("foreign_words", [dict(zip(columns, row, strict=True)) for row in rows])


def with_words(*rows):
    scheme = small.scheme()
    return book(replace(scheme, tables={**scheme.tables, "foreign_words": foreign(*rows)}))


@pytest.mark.parametrize(("word", "meaning"), MEANINGS)
def test_a_word_of_the_call_is_kept_for_the_next_import(tmp_path, word, meaning):
    file = csv(tmp_path, EXPORT.format(word, "open"))
    imported = import_files(book(), [file], words={word: meaning})
    assert rows_of(imported, "tasks", "status") == [["done"], ["open"], ["done"]]
    assert imported.done[0].words == {word.strip(): meaning}
    kept = rows_of(imported, "foreign_words", "sheet", "column", "word", "meaning")
    assert kept == [["任务", "状态", word.strip(), meaning]]
    again = import_files(with_words(*kept), [file])
    assert rows_of(again, "tasks", "status") == [["done"], ["open"], ["done"]]
    assert "foreign_words" not in again.tables


@pytest.mark.parametrize("words", [("Closed", "Working"), ("已办结", "办理中"), ("dne", "opn")])
def test_a_word_that_nothing_explains_is_refused_and_listed_to_be_completed(tmp_path, words):
    imported = import_files(book(), [csv(tmp_path, EXPORT.format(*words))])
    found = {each.cells: each.details["cell"] for each in imported.problems if each.code == "foreign-word-unknown"}
    assert found == {"C2, C4 (2)": words[0], "C3": words[1]}
    listed = imported.to_complete.frame[["sheet", "column", "word", "meaning"]]
    assert listed.iloc[:, :3].to_numpy().tolist() == [["任务", "状态", word] for word in words]
    assert listed["meaning"].isna().all()
    blank = import_files(with_words(*listed.to_numpy().tolist()), [csv(tmp_path, EXPORT.format(*words))])
    assert codes(blank.problems, "error") == ["foreign-word-unknown"] * 2
    assert blank.to_complete is None


@pytest.mark.parametrize(
    ("row", "words", "code", "cell"),
    [
        (("任务", "状态", "Closed", "doen"), {}, "not-a-choice", "D2"),
        (("任务", "状太", "Closed", "done"), {"Closed": "done"}, "foreign-word-place", "B2"),
        (("Taks", "状态", "Closed", "done"), {"Closed": "done"}, "foreign-word-place", "A2"),
        (("Tasks", "Status", "closed", "done"), {"Closed": "open"}, "foreign-word-two-meanings", "D2"),
    ],
)
def test_what_is_wrong_on_the_sheet_of_foreign_words_is_told_there(tmp_path, row, words, code, cell):
    imported = import_files(with_words(row), [csv(tmp_path, EXPORT.format("Closed", "open"))], words=words)
    assert [(each.code, each.cells) for each in imported.problems if each.level == "error"] == [(code, cell)]


def test_a_word_that_no_file_has_is_an_error(tmp_path):
    path = csv(tmp_path, "工号,姓名,在职状态\n9,王芳,On board\n")
    imported = import_files(book(), [path], words={"On board": "active", "On bord": "active"})
    problem = one(imported.problems, "import-word-absent")
    assert "On board" in problem.expected("en")


# Headings -------------------------------------------------------------------------------------------------------------

LETTERS = {"employee_id": "A", "name": "B"}


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("101,Ann\n102,Bob\n", ["101", "102"]),
        ("E1,Ann,5\nE2,Bob,6\n", ["E1", "E2"]),
        ("101,Ann\n", ["101"]),
        ("2026人员,组\n101,5\n", ["101"]),
        ("Staff,Who\n101,Ann\n102,Bob\n", ["101", "102"]),
        ("工号,Who\n101,Ann\n102,Bob\n", ["101", "102"]),
    ],
)
def test_the_first_row_is_a_record_or_holds_the_headings(tmp_path, text, people):
    imported = import_files(book(), [csv(tmp_path, text)], sheet="employees", mapping=LETTERS)
    assert [row[0] for row in rows_of(imported, "employees", "employee_id")][4:] == people
    assert imported.done[0].added == len(people)


@pytest.mark.parametrize(
    "text", ["Ann,East\nBob,West\n", "101,n/a\n102,5\n", "Ann,East\n", "2025年人员,2025年组\n101,S\n"]
)
def test_a_first_row_that_may_be_either_is_refused(tmp_path, text):
    mapping = {"employee_id": "A", "department": "B"}
    imported = import_files(book(), [csv(tmp_path, text)], sheet="employees", mapping=mapping)
    assert codes(imported.problems, "error") == ["first-row-unclear"]


def test_settings_and_outputs_take_no_rows(tmp_path):
    path = csv(tmp_path, "工号,姓名\n9,王芳\n")
    for sheet in ("settings", "results"):
        assert codes(import_files(book(), [path], sheet=sheet).problems) == ["import-no-list"]


def test_departments_of_people_are_references(tmp_path):
    into = book(departments=table_of("departments", [{"department": "300"}]))
    imported = import_files(into, [csv(tmp_path, "工号,姓名,部门\n9,王芳,0300\n")])
    assert "id-similar" in codes(imported.problems)
