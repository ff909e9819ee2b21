"""Importing: foreign tables find their sheet, or the reason why not is given."""

import json
from dataclasses import replace

import openpyxl
import pytest
import small
from foreign_files import book, csv, rows_of, taken
from hypothesis import given
from hypothesis import strategies as st
from small_book import book_of, codes, one, save

from xlperf.core.problems import LANGUAGES, has_errors
from xlperf.schema.tables import table_of
from xlperf.workbook.read.headers import header_at
from xlperf.workbook.read.importing import import_files, read_source
from xlperf.workbook.read.merge_rows import merge
from xlperf.workbook.read.period_columns import find_period_columns, period_labels
from xlperf.xlsx.reader.workbook import Grid

# Which sheet, and which column ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headings", "sheet"),
    [
        (["员工编号", "员工姓名", "部门"], "employees"),
        (["部门编号", "上级部门"], "departments"),
        (["客户编号", "客户名称", "客户状态"], "clients"),
        (["工单号", "负责人", "截止日期"], "tasks"),
        (["被考核人工号", "指标", "得分"], "ratings"),
        (["工号", "指标编号", "实际值"], "actuals"),
        (["检查编号", "工号", "扣分"], "checks"),
        (["周期", "工号", "总分", "等级"], "history"),
        (["编号", "工号", "类型", "分值"], "adjustments"),
    ],
)
def test_a_table_goes_to_the_sheet_that_fits_best(tmp_path, headings, sheet):
    imported = taken(tmp_path, [headings, ["X1", "001", None, None][: len(headings)]])
    assert [summary.sheet.en for summary in imported.done] == [imported.tables[sheet].sheet.title.en]
    assert set(imported.tables) == {sheet} | ({"departments"} & set(imported.tables))


def test_one_known_heading_of_many_is_not_enough(tmp_path):
    imported = taken(tmp_path, [["Department", "Age", "Travel", "Salary"], ["Sales", 41, "rarely", 5993]])
    assert imported.tables == {}
    problem = one(imported.problems, "import-unclear")
    assert problem.level == "error"
    assert "Department, Age, Travel, Salary" in problem.found("en")
    assert "--as" in problem.remedy("zh")


def test_what_the_call_says_goes_before_the_headings_sheet_and_that_before_synonyms(tmp_path):
    rows = [["工号", "code", "label"], ["1", "2", "3"]]
    table = {"headings": [("员工", "code", "工号"), ("员工", "label", "姓名")]}
    assert rows_of(taken(tmp_path, rows, book(**table)), "employees", "employee_id", "name")[-1] == ["2", "3"]
    called = taken(tmp_path, rows, book(**table), mapping={"employee_id": "label"})
    assert rows_of(called, "employees", "employee_id")[-1] == ["3"]
    assert "code" in called.tables["employees"].frame
    plain = taken(tmp_path, rows, sheet="employees")
    assert rows_of(plain, "employees", "employee_id", "code")[-1] == ["1", 2]


def test_two_dates_are_an_assignment_only_with_a_department(tmp_path):
    dates = ["2026-10-04", "2026-10-05"]
    leave = taken(tmp_path, [["工号", "开始日期", "结束日期", "缺勤类型"], ["001", *dates, "病假"]])
    assert rows_of(leave, "absences", "employee_id", "absence_kind") == [["001", "病假"]]
    moved = taken(tmp_path, [["工号", "开始日期", "结束日期", "部门"], ["001", *dates, "N"]])
    assert rows_of(moved, "assignments", "employee_id", "department") == [["001", "N"]]


@pytest.mark.parametrize("sign", ["^", "，", "、", "~"])
def test_rows_that_nothing_separates_are_quoted(tmp_path, sign):
    text = sign.join(["工号", "姓名"]) + "\n" + sign.join(["9", "王芳"]) + "\n"
    problem = one(import_files(book(), [csv(tmp_path, text)]).problems, "text-one-column")
    assert sign.join(["工号", "姓名"]) in problem.found("zh")
    assert "--separator" in problem.remedy("en")
    imported = import_files(book(), [csv(tmp_path, text)], separator=sign)
    assert rows_of(imported, "employees", "employee_id", "name")[-1] == ["9", "王芳"]


@pytest.mark.parametrize("text", ["工号,姓名\n", "工号,姓名,部门\x859,王芳,N\x85"])
def test_headings_without_a_row_are_told(tmp_path, text):
    problem = one(import_files(book(), [csv(tmp_path, text)]).problems, "import-no-rows")
    assert (problem.level, problem.details) == ("warning", {"file": "theirs.csv", "row": 1})


def test_a_line_of_dashes_is_no_record(tmp_path):
    imported = import_files(book(), [csv(tmp_path, "|工号|姓名|\n|---|:--|\n|9|王芳|\n")])
    assert rows_of(imported, "employees", "employee_id", "name")[4:] == [["9", "王芳"]]


STACKED = [
    [["姓名", "任务及时率"], ["张伟", 0.9], ["姓名", "完成任务数"], ["李娜", 3]],
    [["姓名", "任务及时率"], ["张伟", 0.9], [], ["姓名", "完成任务数", "备注"], ["李娜", 3, "新"]],
    [
        ["工号", "指标", "实际值"],
        ["001", "on_time", 0.9],
        ["完成情况"],
        ["工号", "指标", "目标", "实际值"],
        ["002", "done", 4, 3],
    ],
    [["工号", "指标", "实际值"], ["001", "on_time", 0.9], ["周期", "工号", "指标", "实际值"], [None, "002", "done", 3]],
]


@pytest.mark.parametrize("rows", STACKED)
def test_each_table_of_a_sheet_is_read_under_its_own_headings(tmp_path, rows):
    imported = taken(tmp_path, rows)
    assert codes(imported.problems, "error") == []
    found = rows_of(imported, "actuals", "employee_id", "indicator", "actual")
    assert sorted(found) == [["001", "on_time", 0.9], ["002", "done", 3]]


def test_the_headings_of_another_table_are_no_employee(tmp_path):
    people = [["工号", "姓名", "部门"], ["009", "王芳", "N"], [], ["部门一览"], ["部门", "上级部门"], ["N", "S"]]
    imported = taken(tmp_path, people)
    assert rows_of(imported, "employees", "employee_id")[4:] == [["009"]]
    unknown = taken(tmp_path, [*people[:2], ["部门", "地址"], ["N", "上海"]])
    assert rows_of(unknown, "employees", "employee_id")[4:] == [["009"]]


def test_a_card_with_labels_at_its_side_makes_no_employee_of_them(tmp_path):
    imported = taken(tmp_path, [["工号", "009"], ["姓名", "王芳"], ["部门", "N"]])
    assert "employees" not in imported.tables
    assert "import-unclear" in codes(imported.problems)


def test_months_that_a_sheet_takes_by_row_are_refused_as_columns(tmp_path):
    rows = [["指标编号", "适用范围", "范围编号", "2026-10", "2026-11"], ["on_time", "员工", "001", 0.9, 0.8]]
    problem = one(taken(tmp_path, rows, sheet="targets").problems, "import-months-in-columns")
    assert (problem.level, problem.details["headings"]) == ("error", ["2026-10", "2026-11"])


@pytest.mark.parametrize(("sheet", "level"), [(None, "error"), ("employees", "warning")])
def test_a_column_of_the_call_that_no_sheet_has_is_named(tmp_path, sheet, level):
    rows = [["工号", "姓名"], ["9", "王芳"]]
    problem = one(taken(tmp_path, rows, sheet=sheet, mapping={"nmae": "姓名"}).problems, "import-column-unknown")
    assert (problem.level, problem.details["cell"]) == (level, "nmae")
    assert "name" in problem.expected("en")


def test_a_column_of_ones_own_needs_its_sheet(tmp_path):
    imported = taken(tmp_path, [["工号", "衣服"], ["9", "XL"]], sheet="employees", mapping={"uniform_size": "衣服"})
    assert codes(imported.problems) == []
    assert rows_of(imported, "employees", "uniform_size")[-1] == ["XL"]


@pytest.mark.parametrize("word", ["employee_id", "工号", "Employee ID", "員工編號"])
def test_our_column_is_named_by_code_or_heading(tmp_path, word):
    imported = taken(tmp_path, [["Staff", "姓名"], ["9", "王芳"]], mapping={word: "Staff"})
    assert rows_of(imported, "employees", "employee_id", "name")[-1] == ["9", "王芳"]


def test_a_letter_stands_for_a_column_without_heading(tmp_path):
    rows = [[None, "姓名", "部门"], ["9", "王芳", "N"], ["平均", None, None]]
    assert codes(taken(tmp_path, rows).problems, "error") == ["import-key-missing"]
    imported = taken(tmp_path, rows, mapping={"employee_id": "A"})
    assert rows_of(imported, "employees", "employee_id", "name")[-1] == ["9", "王芳"]
    assert imported.done[0].skipped[0][1] == "3"


def test_a_heading_that_no_file_has(tmp_path):
    imported = taken(tmp_path, [["Staff", "工号"], ["9", "1"]], mapping={"name": "Stuff"})
    problem = one(imported.problems, "import-heading-absent")
    assert "Staff" in problem.expected("en")


def test_one_heading_may_fill_two_columns_and_a_roster_its_departments(tmp_path):
    headings = [
        ("employees", "agent", "employee_id"),
        ("employees", "agent", "name"),
        ("employees", "office", "department"),
        ("departments", "office", "department"),
        ("departments", "office", "department_name"),
    ]
    into = book_of(replace(small.scheme(), tables={**small.scheme().tables, "headings": headings_of(headings)}))
    path = csv(tmp_path, "agent,office\nAnn,East\nBen,West\nCy,East\n")
    imported = import_files(into, [path])
    assert rows_of(imported, "employees", "employee_id", "name", "department")[0] == ["Ann", "Ann", "East"]
    assert rows_of(imported, "departments", "department", "department_name") == [["East", "East"], ["West", "West"]]
    assert [summary.added for summary in imported.done] == [3, 2]


def headings_of(rows):
    return table_of("headings", [dict(zip(("sheet", "heading", "column"), row, strict=True)) for row in rows])


def test_departments_of_a_roster_are_added_with_a_note(tmp_path):
    into = book(departments=table_of("departments", [{"department": "N"}]))
    imported = taken(tmp_path, [["工号", "部门"], ["7", "N"], ["8", "S"], ["9", None]], into)
    assert rows_of(imported, "departments", "department") == [["N"], ["S"]]
    assert one(imported.problems, "departments-added").level == "note"
    assert imported.tables["employees"].frame["name"].isna().tolist() == [False] * 4 + [True] * 3


def test_choices_take_the_name_of_the_column_from_the_heading(tmp_path):
    path = csv(tmp_path, "product,price\nGTX Pro,4821\nMG Special,55\n")
    imported = import_files(book(), [path], sheet="choices", mapping={"value": "product"})
    assert rows_of(imported, "choices", "column", "value") == [["product", "GTX Pro"], ["product", "MG Special"]]
    assert imported.done[0].unused == ("price",)
    translated = book(headings=[("tasks", "product", "result")])
    imported = import_files(translated, [path], sheet="选项", mapping={"取值": "product"})
    assert rows_of(imported, "choices", "column")[0] == ["result"]


def test_a_policy_sheet_is_filled_only_when_named(tmp_path):
    rows = [["日期", "类型"], ["2026-10-01", "放假"]]
    assert taken(tmp_path, rows).tables == {}
    assert rows_of(taken(tmp_path, rows, sheet="calendar"), "calendar", "day_kind") == [["holiday"]]


def test_an_unknown_sheet_is_a_problem(tmp_path):
    assert codes(taken(tmp_path, [["工号"], ["1"]], sheet="staf").problems) == ["no-such-sheet"]


# Raw values ---------------------------------------------------------------------------------------------------------


def test_m14_m21_m49_text_keeps_its_form(tmp_path):
    path = csv(tmp_path, "工号,姓名,入职日期\n00123,=1+1,2020-01-02\n1E5,NA,2020-01-03\n1960,None,2020-01-04\n")
    employees = import_files(book(), [path]).tables["employees"]
    assert employees.frame["employee_id"].tolist()[-3:] == ["00123", "1E5", "1960"]
    assert employees.frame["name"].tolist()[-3:] == ["=1+1", "NA", "None"]


def test_m4_the_order_of_dates_is_decided_by_the_whole_column(tmp_path):
    text = "任务编号,创建日期,完成日期\nT1,10/20/2016,3/1/2017\nT2,1/2/2017,31/1/2017\n"
    imported = import_files(book(), [csv(tmp_path, text)])
    tasks = imported.tables["tasks"].frame
    assert tasks["created_date"].astype(str).tolist() == ["2016-10-20", "2017-01-02"]
    assert tasks["done_date"].astype(str).tolist() == ["2017-01-03", "2017-01-31"]
    ambiguous = import_files(book(), [csv(tmp_path, "任务编号,创建日期\nT1,1/2/2017\n")])
    assert one(ambiguous.problems, "date-ambiguous").place == "'theirs.csv'!B2"


def test_m15_a_foreign_formula_without_a_result(tmp_path):
    imported = taken(tmp_path, [["工号", "姓名"], ["1", "=A1"]])
    assert one(imported.problems, "formula-uncalculated").place == "'[theirs.xlsx]Sheet1'!B2"


def test_m42_hidden_data_of_a_file_are_noted(tmp_path):
    path = save(tmp_path / "theirs.xlsx", {"Sheet1": [["工号", "姓名"], ["1", "甲"], ["2", "乙"]]})
    theirs = openpyxl.load_workbook(path)
    theirs.active.row_dimensions[3].hidden = True
    theirs.save(path)
    imported = import_files(book(), [path])
    assert one(imported.problems, "hidden-data").cells == "A3"
    assert len(imported.tables["employees"]) == 6


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_m44_encodings(tmp_path, encoding):
    path = tmp_path / "theirs.csv"
    path.write_bytes("工号,姓名\n9,王芳\n".encode(encoding))
    assert rows_of(import_files(book(), [path]), "employees", "name")[-1] == ["王芳"]


def test_m44_files_that_cannot_be_read_say_why(tmp_path):
    (tmp_path / "old.xls").write_bytes(bytes.fromhex("D0CF11E0A1B11AE1"))
    (tmp_path / "bytes.csv").write_bytes(b"\xff\xff\xff\xff")
    save(tmp_path / "empty.xlsx", {"Sheet1": []})
    paths = [tmp_path / name for name in ("old.xls", "bytes.csv", "empty.xlsx", "none.csv")]
    found = codes(import_files(book(), paths).problems)
    assert sorted(found) == ["book-old-format", "encoding-unclear", "file-missing", "import-empty"]


# Periods ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headings", "cells", "code"),
    [
        (["年度", "季度"], [2024, 1], "2024Q1"),
        (["年份", "季度"], ["2024年", "第四季度"], "2024Q4"),
        (["year", "quarter"], ["2024", "Q2"], "2024Q2"),
        (["年", "月份"], [2024, 9], "2024-09"),
        (["年", "月份"], [2024, "九月"], "2024-09"),
        (["月份", "备注"], [9, None], "2026-09"),
        (["月份", "备注"], ["2023年9月", None], "2023-09"),
        (["month", "备注"], ["2023-08", None], "2023-08"),
        (["半年", "year"], ["上半年", 2025], "2025H1"),
        (["年度", "备注"], [2025, None], "2025"),
        (["周期", "备注"], ["2026Q3", None], "2026Q3"),
    ],
    ids=lambda value: f"M5 {value}" if isinstance(value, str) else "",
)
def test_m5_the_period_of_a_row(tmp_path, headings, cells, code):
    imported = taken(tmp_path, [["工号", "总分", *headings], ["001", 80, *cells]], sheet="history")
    assert rows_of(imported, "history", "period", "total") == [[code, 80]]
    assert set(imported.tables["history"].frame.columns) == set(imported.tables["history"].sheet.by_code)


@given(st.integers(2000, 2100), st.integers(1, 4), st.sampled_from(["{}", "Q{}", "第{}季度", "{}季度"]))
def test_year_and_quarter_make_a_period(year, quarter, written):
    grid = Grid("x", [1, 2], {1: ["年度", year], 2: ["季度", written.format(quarter)]})
    columns = find_period_columns(header_at(grid, 0))
    assert period_labels(grid.below(0), [0], columns, None) == [f"{year}Q{quarter}"]


# Tables with a column for each indicator ----------------------------------------------------------------------------------


def test_a_wide_table_becomes_one_row_for_each_figure(tmp_path):
    rows = [
        ["考核月份", "姓名", "业务能力", "on_time", "on_time_p"],
        ["2026-10", "张伟", 4, 0.9, 0.2],
        ["2026-10", "李娜", 5, None, 0.2],
    ]
    imported = taken(tmp_path, rows)
    assert rows_of(imported, "ratings", "period", "employee_id", "indicator", "score") == [
        ["2026-10", "001", "skill", 4],
        ["2026-10", "002", "skill", 5],
    ]
    assert rows_of(imported, "actuals", "period", "employee_id", "indicator", "actual") == [
        ["2026-10", "001", "on_time", 0.9]
    ]
    assert {summary.sheet.en: summary.added for summary in imported.done} == {"Ratings": 2, "Actuals": 1}
    assert imported.done[0].unused == ("on_time_p",)
    assert imported.problems == []


def test_a_wide_table_by_id(tmp_path):
    imported = taken(tmp_path, [["工号", "Skill"], [1, 4], ["002", 5]])
    assert rows_of(imported, "ratings", "employee_id", "score") == [["1", 4], ["002", 5]]


def test_m17_a_name_of_several_people_is_an_error(tmp_path):
    imported = taken(tmp_path, [["姓名", "业务能力"], ["陈伟", 4], ["张伟", 3]])
    problem = one(imported.problems, "name-of-several")
    assert (problem.level, problem.cells) == ("error", "A2")
    assert "003, 004" in problem.found("en")


def test_m19_names_that_look_alike_are_listed_and_never_joined(tmp_path):
    into = book(
        employees=table_of(
            "employees", [{"employee_id": "1", "name": "欧阳张军"}, {"employee_id": "2", "name": "李娜"}]
        )
    )
    imported = taken(tmp_path, [["姓名", "业务能力"], ["欧阳张君", 4], ["李娜", 3]], into)
    problem = one(imported.problems, "names-not-on-roster")
    assert problem.level == "warning"
    assert "欧阳张君（相近：欧阳张军）" in problem.found("zh")
    assert rows_of(imported, "ratings", "employee_id") == [["2"]]


def test_m18_one_person_on_two_rows(tmp_path):
    rows = [["姓名", "业务能力"], ["张伟", 4], ["李娜", 3], ["张伟", 5]]
    imported = taken(tmp_path, rows)
    problem = one(imported.problems, "person-twice")
    assert (problem.level, problem.cells) == ("error", "A2, A4 (2)")
    assert rows_of(imported, "ratings", "employee_id") == [["002"]]
    again = taken(tmp_path, [*rows[:3], rows[1]])
    assert one(again.problems, "person-repeated").level == "warning"
    assert len(again.tables["ratings"]) == 2


def test_m7_m11_a_wide_table_with_merged_departments_and_averages(tmp_path):
    rows = [
        ["部门", "姓名", "业务能力"],
        ["一部", "张伟", 4],
        [None, "李娜", 5],
        ["平均", None, 4.5],
        ["小计", None, 9],
    ]
    imported = taken(tmp_path, rows, merged=["A2:A3"])
    assert rows_of(imported, "ratings", "employee_id", "score") == [["001", 4], ["002", 5]]
    assert imported.done[0].skipped[0][1] == "4:5 (2)"


def test_ratings_by_name_in_long_form(tmp_path):
    imported = taken(tmp_path, [["姓名", "指标", "得分"], ["张伟", "业务能力", 4], ["王五", "业务能力", 5]])
    assert rows_of(imported, "ratings", "employee_id", "indicator", "score") == [["001", "业务能力", 4]]
    assert codes(imported.problems) == ["names-not-on-roster"]


@pytest.mark.parametrize(
    ("title", "above"),
    [("客服一部-张伟", []), ("Sheet1", [["姓名：", "张伟", "月份：2026-09"]])],
    ids=["M12 title", "M12 line"],
)
def test_m12_one_sheet_for_each_person(tmp_path, title, above):
    imported = taken(tmp_path, [*above, ["指标", "得分"], ["业务能力", 4]], title=title)
    period = "2026-09" if above else None
    ((found, *rest),) = rows_of(imported, "ratings", "period", "employee_id", "indicator", "score")
    assert rest == ["001", "业务能力", 4]
    assert found == period or period is None


def test_m12_a_summary_sheet_is_nobody(tmp_path):
    sheets = {"张伟": [["指标", "得分"], ["业务能力", 4]], "汇总": [["说明"], ["略"]]}
    imported = import_files(book(), [save(tmp_path / "all.xlsx", sheets)])
    assert rows_of(imported, "ratings", "employee_id") == [["001"]]
    assert codes(imported.problems, "error") == []


def test_m13_three_rows_for_each_indicator_and_a_column_for_each_month(tmp_path):
    rows = [
        ["工号", "指标", "项目", "1月", "2月", "合计"],
        ["001", "任务及时率", "目标", 0.9, 0.9, 1.8],
        ["001", None, "实际", 0.8, None, 0.8],
        ["001", None, "差异", -0.1, None, -0.1],
    ]
    imported = taken(tmp_path, rows)
    assert rows_of(imported, "actuals", "period", "employee_id", "indicator", "actual") == [
        ["2026-01", "001", "任务及时率", 0.8]
    ]
    assert imported.done[0].skipped[0][1] == "2, 4 (2)"


# Rows that are there already ------------------------------------------------------------------------------------------


def test_the_same_file_twice_changes_nothing(tmp_path):
    rows = [["任务编号", "责任人", "金额", "产品"], ["T1", "001", 5, "A"], ["T2", None, None, None]]
    first = taken(tmp_path, rows)
    again = taken(tmp_path, rows, book(tasks=first.tables["tasks"]))
    assert again.tables == {}
    assert (again.done[0].added, again.done[0].same) == (0, 2)
    assert again.problems == []


def test_rows_that_differ_are_a_conflict_and_nothing_is_overwritten(tmp_path):
    tasks = table_of("tasks", [{"task_id": "T1", "amount": 5.0, "owner_id": "001"}], "zh")
    imported = taken(tmp_path, [["任务编号", "金额"], ["T1", 6], ["T2", 7]], book(tasks=tasks))
    problem = one(imported.problems, "import-conflict")
    assert (problem.level, problem.place) == ("error", "'[theirs.xlsx]Sheet1'!B2")
    assert "“6”" in problem.found("zh")
    assert "“5”" in problem.found("zh")
    assert rows_of(imported, "tasks", "task_id", "amount") == [["T1", 5], ["T2", 7]]


def test_two_rows_of_a_file_with_one_key(tmp_path):
    problems = taken(tmp_path, [["任务编号", "金额"], ["T1", 6], ["T1", 7]]).problems
    assert one(problems, "key-twice").cells == "A2:A3 (2)"


def test_new_rows_stand_behind_the_old_ones(tmp_path):
    imported = taken(tmp_path, [["工号", "姓名", "学历"], ["005", "王芳", "本科"]])
    employees = imported.tables["employees"]
    assert employees.title == "员工"
    assert employees.cells("学历", [4]) == "C6"
    assert employees.cells("name", [4]) == "B6"
    assert employees.frame["学历"].notna().tolist() == [False] * 4 + [True]


def test_columns_of_hrs_own_that_differ_in_kind_become_text():
    ours = table_of("clients", {"client_id": ["A"], "size": [3.0]})
    merged = merge(ours, table_of("clients", {"client_id": ["B"], "size": ["large"]}))
    assert merged.table.frame["size"].tolist() == ["3", "large"]


@given(st.lists(st.integers(0, 9), unique=True), st.lists(st.integers(0, 9), unique=True))
def test_merging_is_a_union(ours, theirs):
    tables = [
        table_of("tasks", {"task_id": list(map(str, ids)), "amount": [float(each) for each in ids]})
        for ids in (ours, theirs)
    ]
    merged = merge(*tables)
    assert merged.table.frame["task_id"].tolist() == [
        *map(str, ours),
        *(str(each) for each in theirs if each not in ours),
    ]
    assert merged.problems == []
    assert merged.table.rows.tolist() == list(range(2, 2 + len(set(ours) | set(theirs))))


# Files and words ------------------------------------------------------------------------------------------------------


def test_rosters_come_first_whatever_the_order(tmp_path):
    ratings = csv(tmp_path, "姓名,业务能力\n王芳,4\n", "ratings.csv")
    roster = csv(tmp_path, "工号,姓名\n9,王芳\n", "roster.csv")
    for paths in ([ratings, roster], [roster, ratings]):
        imported = import_files(book(), paths)
        assert rows_of(imported, "ratings", "employee_id") == [["9"]]
        assert not has_errors(imported.problems)


def test_a_form_that_is_not_filled_in_is_explained(tmp_path):
    rows = [["绩效考核表"], ["部门：", None, "姓名："], ["项目", "考核标准", "评分"], ["工作", "…", None]]
    problem = one(taken(tmp_path, rows).problems, "import-form")
    assert problem.cells == "C2"
    assert "姓名" in problem.found("en")


WORDS = [
    "工号",
    "姓名",
    "部门",
    "部门：",
    "合计",
    "业务能力",
    "指标",
    "得分",
    "月份",
    "季度",
    "1月",
    "实际",
    "张伟",
    "任务编号",
]
ANYTHING = st.sampled_from([*WORDS, None, None, 3, 0.5, 1e300, True, "#N/A", "[X]%", "001", "不适用", "=A1", "x" * 50])


@given(
    st.lists(st.lists(ANYTHING, min_size=1, max_size=6), min_size=1, max_size=7),
    st.sampled_from([None, "ratings", "grades"]),
)
def test_whatever_a_sheet_holds_it_is_taken_or_explained(tmp_path_factory, rows, sheet):
    imported = taken(tmp_path_factory.mktemp("any"), rows, sheet=sheet)
    empty = all(cell is None for row in rows for cell in row)
    assert imported.done or imported.problems
    assert not empty or codes(imported.problems) == ["import-empty"]
    for problem in imported.problems:
        for lang in LANGUAGES:
            assert all(problem.as_dict(lang)[part] for part in ("found", "expected", "remedy"))


def test_files_have_the_names_that_excel_gives_them(tmp_path):
    path = save(tmp_path / "theirs.xlsx", {"名单": [["工号"]], "B": [["x"]]})
    assert [grid.title for grid in read_source(path)[0]] == ["[theirs.xlsx]名单", "[theirs.xlsx]B"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_summary_can_be_read_and_stored(tmp_path, lang):
    imported = taken(tmp_path, [["工号", "姓名"], ["9", "王芳"], ["合计", 1]])
    (summary,) = imported.done
    words = summary.in_words(lang)
    assert "theirs.xlsx Sheet1" in words
    assert imported.tables["employees"].sheet.title(lang) in words
    stored = json.loads(json.dumps(summary.as_dict(lang)))
    assert (stored["rows"], stored["added"], stored["header_row"]) == (1, 1, 1)
    assert list(stored["mapped"]) == ["工号", "姓名"]


def ratings(*rows):
    headings = ["period", "employee_id", "indicator", "rater_id", "relation", "score"]
    return table_of("ratings", [dict(zip(headings, row, strict=True)) for row in rows])


@pytest.mark.parametrize("ours", ["skill", "业务能力", "Skill"])
@pytest.mark.parametrize("theirs", ["skill", "业务能力", "Skill"])
@pytest.mark.parametrize("period", ["2026-10", "October 2026", "10月"])
def test_a_rating_is_not_added_again_under_another_name_of_its_indicator(tmp_path, ours, theirs, period):
    rows = [
        ["考核周期", "被考核人工号", "指标", "考核人工号", "评价关系", "得分"],
        [period, "E1", theirs, "B", "直接上级", 4],
    ]
    mine = book_of(ratings=ratings(("2026-10", "E1", ours, "B", "manager", 4.0)))
    again = taken(tmp_path, rows, mine)
    assert codes(again.problems, "error") == []
    assert [(each.added, each.same) for each in again.done] == [(0, 1)]
    rows[1][-1] = 5
    assert "import-conflict" in codes(taken(tmp_path, rows, mine).problems)


def test_a_form_names_an_indicator_and_the_book_its_code(tmp_path):
    form = [["姓名：甲", "工号：E1", "周期：2026-10"], ["指标", "自评", "上级评分"], ["业务能力", 4, 5]]
    people = table_of("employees", [{"employee_id": "E1", "name": "甲", "manager_id": "M1"}])
    mine = ratings(("2026-10", "E1", "skill", "E1", "self", 4.0), ("2026-10", "E1", "skill", "M1", "manager", 5.0))
    assert "ratings" not in taken(tmp_path, form, book_of(employees=people, ratings=mine)).tables
    assert len(taken(tmp_path, form, book_of(employees=people)).tables["ratings"]) == 2
