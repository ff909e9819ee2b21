"""Importing figures: rows of targets are told from actual values, months find their indicator, forms their person."""

import openpyxl
import pytest
from foreign_files import ROSTER, book, csv, rows_of, taken
from small_book import codes, one, save

from xlperf.schema.tables import table_of
from xlperf.workbook.read.importing import import_files

MONTHS = [["2026-01", "001", 0.8], ["2026-02", "001", 0.9]]


def actuals(imported):
    return sorted(rows_of(imported, "actuals", "period", "employee_id", "actual"))


# Lines ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "actual"),
    [
        ("目标", "实际"),
        ("目标金额", "实际金额"),
        ("Plan", "Done"),
        ("Budget", "Actual"),
        ("目標值", "實際值"),
        ("目标值", "达成值"),
        ("2026目标", "2026实际"),
        ("去年实际", "今年实际"),
        ("应完成", "实际完成"),
        ("Prior year actual", "Actual"),
        ("Target for the year", "Actual for the year"),
    ],
)
def test_only_actual_values_are_taken(tmp_path, target, actual):
    rows = [["指标", "行", "1月", "2月"], ["任务及时率", target, 1, 1.1], [None, actual, 0.8, 0.9]]
    imported = taken(tmp_path, rows, title="张伟")
    assert actuals(imported) == MONTHS
    assert imported.done[0].skipped[0][1] == "2"
    repeated = [rows[0], rows[1], ["任务及时率", *rows[2][1:]]]
    assert actuals(taken(tmp_path, repeated, title="张伟")) == MONTHS


def test_lines_in_a_column_without_a_heading_are_told_by_their_words(tmp_path):
    rows = [["指标", None, "1月", "2月"], ["任务及时率", "目标", 1, 1.1], [None, "实际", 0.8, 0.9]]
    assert actuals(taken(tmp_path, rows, title="张伟")) == MONTHS
    rows[1][1:2], rows[2][1:2] = ["目标（本期内应当达到的数值）"], ["实际（本期内最终达成的数值）"]
    assert actuals(taken(tmp_path, rows, title="张伟")) == MONTHS
    rows[2][1] = "乙"
    assert one(taken(tmp_path, rows, title="张伟").problems, "lines-unclear").cells == "B2"


def test_a_sum_in_the_column_of_lines_is_no_line(tmp_path):
    rows = [
        ["指标", "行", "1月", "2月"],
        ["任务及时率", "目标", 1, 1.1],
        [None, "实际", 0.8, 0.9],
        [None, "合计", 9, 9],
    ]
    assert actuals(taken(tmp_path, rows, title="张伟")) == MONTHS


@pytest.mark.parametrize(
    "words",
    [("甲", "乙"), ("目标", "挑战"), ("目标", "计划"), ("上限", "下限"), ("目标", "未完成"), ("目标", "累计完成"),
     ("Target", "YTD actual"), ("Target", "Not achieved"), ("目标是客户满意度达到九成以上", "另一段说明文字也很长很长很长")],
)  # fmt: skip
def test_lines_that_are_not_clear_are_refused_with_their_words(tmp_path, words):
    rows = [["指标", "行", "1月"], ["任务及时率", words[0], 1], [None, words[1], 0.8]]
    problem = one(taken(tmp_path, rows, title="张伟").problems, "lines-unclear")
    assert (problem.level, problem.cells) == ("error", "B2")
    assert words[1] in problem.found("zh")


def test_a_table_of_targets_alone_is_refused(tmp_path):
    rows = [["指标", "行", "1月"], ["任务及时率", "目标", 1], ["完成任务数", "目标", 3]]
    assert codes(taken(tmp_path, rows, title="张伟").problems, "error") == ["lines-unclear"]


def test_rows_without_an_indicator_are_left_out_with_a_warning(tmp_path):
    rows = [["指标", "1月", "2月"], ["任务及时率", 0.8, 0.9], [None, 5, 6], ["合计", 9, 9]]
    imported = taken(tmp_path, rows, title="张伟")
    assert actuals(imported) == MONTHS
    assert one(imported.problems, "figures-without-indicator").cells == "A3"


def test_a_number_before_the_indicator_is_no_indicator(tmp_path):
    rows = [
        ["No.", "项目", "行", "1月", "2月"],
        ["1.1", "任务及时率", "实际", 0.8, 0.9],
        ["1.2", "任务及时率", "目标", 1, 1],
    ]
    imported = taken(tmp_path, rows, title="张伟")
    assert actuals(imported) == MONTHS
    assert imported.done[0].mapped["项目"].en == "Indicator code"
    assert "No." in imported.done[0].unused


LIST = [["工号", "指标", "实际值"], ["001", "任务及时率", 0.8]]


@pytest.mark.parametrize(
    ("rows", "title", "period"),
    [
        ([["2026年2月业绩"], *LIST], "Sheet1", "2026-02"),
        ([["周期：", "2026-02"], *LIST], "Sheet1", "2026-02"),
        (LIST, "2026年2月", "2026-02"),
        ([["2026年2月业绩"], ["月份", *LIST[0]], ["2026-03", *LIST[1]]], "Sheet1", "2026-03"),
        ([["2026年2月业绩"], ["年", "月", *LIST[0]], [2026, 3, *LIST[1]]], "Sheet1", "2026-03"),
    ],
)
def test_the_period_of_a_list_may_stand_above_it(tmp_path, rows, title, period):
    assert actuals(taken(tmp_path, rows, title=title)) == [[period, "001", 0.8]]


def test_the_day_on_which_a_list_was_made_is_no_period(tmp_path):
    imported = taken(tmp_path, [["制表日期：2026年2月3日"], *LIST])
    assert imported.tables["actuals"].frame["period"].isna().all()


def test_names_in_a_list_go_before_the_name_of_its_sheet(tmp_path):
    rows = [["姓名", "指标", "实际值"], ["李娜", "任务及时率", 0.8]]
    assert rows_of(taken(tmp_path, rows, title="张伟"), "actuals", "employee_id") == [["002"]]


@pytest.mark.parametrize(
    "rows",
    [
        [["指标", "单位", "1月"], ["任务及时率", "万元", 1.2]],
        [["单位：", "万元"], ["指标", "1月"], ["任务及时率", 1.2]],
        [["指标", "Unit", "1月"], ["任务及时率", "k", 1.2]],
        [["单位：千件"], ["工号", "指标", "实际值"], ["001", "任务及时率", 1.2]],
    ],
)
def test_a_multiple_of_a_unit_beside_figures_is_told(tmp_path, rows):
    problem = one(taken(tmp_path, rows, title="张伟").problems, "unit-not-read")
    assert problem.level == "warning"


@pytest.mark.parametrize("unit", ["元", "%", "kg", "件"])
def test_a_plain_unit_beside_figures_needs_no_word(tmp_path, unit):
    rows = [["指标", "单位", "1月"], ["任务及时率", unit, 1.2]]
    assert codes(taken(tmp_path, rows, title="张伟").problems) == []


def test_hidden_rows_of_figures_are_told(tmp_path):
    path = save(tmp_path / "theirs.xlsx", {"Sheet1": [["姓名", "任务及时率"], ["张伟", 0.8], ["李娜", 0.9]]})
    theirs = openpyxl.load_workbook(path)
    theirs.active.row_dimensions[3].hidden = True
    theirs.save(path)
    imported = import_files(book(), [path])
    assert one(imported.problems, "hidden-data").cells == "A3"
    assert len(rows_of(imported, "actuals", "actual")) == 2


def test_a_figure_without_a_name_is_refused(tmp_path):
    rows = [["姓名", "指标", "实际值"], ["张伟", "任务及时率", 0.8], [None, "完成任务数", 3]]
    problem = one(taken(tmp_path, rows).problems, "cell-required")
    assert (problem.level, problem.cells) == ("error", "A3")


# Months ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headings",
    [["1月", "2月"], ["2026年1月", "2026年2月"], ["一月", "二月"], ["Jan", "Feb"], ["January 2026", "February 2026"],
     ["2026-01", "2026/2"], ["2026-01-01 00:00:00", "2026-02-01 00:00:00"]],
)  # fmt: skip
def test_headings_of_months(tmp_path, headings):
    rows = [["指标", *headings], ["任务及时率", 0.8, 0.9]]
    assert actuals(taken(tmp_path, rows, title="张伟")) == MONTHS


def test_months_over_targets_and_actual_values(tmp_path):
    rows = [
        ["指标", "1月", None, "2月", None],
        [None, "目标", "实际", "目标", "实际"],
        ["任务及时率", 1, 0.8, 1, 0.9],
    ]
    imported = taken(tmp_path, rows, title="张伟", merged=["A1:A2", "B1:C1", "D1:E1"])
    assert actuals(imported) == MONTHS
    assert imported.done[0].unused == ("1月/目标", "2月/目标")


def test_groups_of_headings_need_not_be_merged(tmp_path):
    months = "姓名,指标,1月,,2月,\n,,目标,实际,目标,实际\n张伟,任务及时率,1,0.8,1,0.9\n"
    imported = import_files(book(), [csv(tmp_path, months)])
    assert actuals(imported) == MONTHS
    assert imported.done[0].unused == ("1月/目标", "2月/目标")
    indicators = [["姓名", "任务及时率", None, "备注"], [None, "目标", "实际"], ["张伟", 1, 0.8], ["李娜", 1, 0.9]]
    for merged in ([], ["A1:A2", "B1:C1", "D1:D2"]):
        imported = taken(tmp_path, indicators, merged=merged)
        assert rows_of(imported, "actuals", "employee_id", "actual") == [["001", 0.8], ["002", 0.9]]
        assert imported.done[0].unused == ("任务及时率/目标", "备注")


def test_a_sheet_of_one_person_with_a_row_for_each_month(tmp_path):
    rows = [["Month", "任务及时率"], ["1月", 0.8], ["2月", 0.9], ["合计", 1.7]]
    assert actuals(taken(tmp_path, rows, title="张伟")) == MONTHS


def test_months_over_words_that_are_not_clear(tmp_path):
    rows = [["指标", "1月", None], [None, "甲", "乙"], ["任务及时率", 1, 0.8]]
    imported = taken(tmp_path, rows, title="张伟", merged=["A1:A2", "B1:C1"])
    assert codes(imported.problems, "error") == ["lines-unclear"]


def test_months_of_people_need_an_indicator(tmp_path):
    rows = [["工号", "姓名", "1月", "2月"], ["001", "张伟", 0.8, 0.9]]
    problem = one(taken(tmp_path, rows).problems, "import-months")
    assert "1月、2月" in problem.found("zh")
    assert actuals(taken(tmp_path, [["指标：任务及时率"], *rows])) == MONTHS
    assert actuals(taken(tmp_path, rows, title="任务及时率")) == MONTHS
    kept = taken(tmp_path, [rows[0], ["009", "王芳", 1, 2]], sheet="employees")
    assert rows_of(kept, "employees", "1月", "2月")[-1] == [1, 2]


# Forms of one person --------------------------------------------------------------------------------------------------

STAFF = table_of(
    "employees",
    [{"employee_id": "001", "name": "张伟", "manager_id": "009"}, {"employee_id": "009", "name": "王芳"}],
    "zh",
)
FORM = [
    ["2026年9月绩效考核表"],
    ["姓名：", "张伟", "部门：", "研发部"],
    ["项目", "考核内容", "权重", "自评得分", "直属上级评分（权重100%）", "上级评语"],
    ["能力", "业务能力", 0.5, 4, 3, "尚可"],
    ["小结", None, None, None, None, None],
    ["合计", None, 1, 4, 3, None],
    ["备注：本表一式两份", None, None, None, None, None],
    ["被考核人签字：", None, "日期：", None, None, None],
]
SCORES = [["2026-09", "001", "001", "self", 4], ["2026-09", "001", "009", "manager", 3]]


def scores(imported):
    return sorted(rows_of(imported, "ratings", "period", "employee_id", "rater_id", "relation", "score"), key=str)


def test_a_form_gives_self_and_superior_scores(tmp_path):
    imported = taken(tmp_path, FORM, book(employees=STAFF))
    assert scores(imported) == SCORES
    assert codes(imported.problems) == []
    assert imported.done[0].added == 2
    skipped = {reason.en: rows for reason, rows in imported.done[0].skipped}
    assert skipped["totals, averages and the like"] == "6"
    assert skipped["remarks and signatures"] == "7:8 (2)"


@pytest.mark.parametrize("title", ["研发部-张伟", "张伟（研发部）", "01 张伟", "001"])
def test_the_title_of_the_sheet_names_the_person(tmp_path, title):
    imported = taken(tmp_path, [FORM[0], *FORM[2:]], book(employees=STAFF), title=title)
    assert scores(imported) == SCORES


def test_one_sheet_for_each_person_and_the_summary_is_nobody(tmp_path):
    sheets = {each: [FORM[0], *FORM[2:]] for each in ("研发部-张伟", "研发部-王芳")}
    path = save(tmp_path / "theirs.xlsx", {**sheets, "说明": [["本表由各部门填写"]]})
    imported = import_files(book(employees=STAFF), [path])
    assert {row[1] for row in scores(imported)} == {"001", "009"}
    assert codes(imported.problems, "error") == []


def test_a_form_may_have_several_tables(tmp_path):
    second = [["项目", "价值观", "权重", "自评得分", "直属上级评分", "上级评语"], ["态度", "创新", 1, 5, 5, None]]
    imported = taken(tmp_path, [*FORM[:4], *second], book(employees=STAFF))
    assert scores(imported) == SCORES
    assert one(imported.problems, "form-indicator-unknown").found("zh").count("创新") == 1


def test_a_form_of_a_stranger_or_of_two_people_is_refused(tmp_path):
    stranger = [FORM[0], ["姓名：", "张玮"], *FORM[2:]]
    problem = one(taken(tmp_path, stranger, book(employees=STAFF)).problems, "form-person-unknown")
    assert (problem.level, problem.cells) == ("error", "A2")
    assert codes(taken(tmp_path, FORM, book(employees=STAFF), title="王芳").problems, "error") == ["form-two-people"]


def test_scores_of_what_is_measured_are_left_out_with_a_warning(tmp_path):
    rows = [*FORM[:4], ["业绩", "任务及时率", 0.5, 5, 4, None]]
    imported = taken(tmp_path, rows, book(employees=STAFF))
    assert scores(imported) == SCORES
    assert one(imported.problems, "form-indicator-measured").level == "warning"


def test_an_indicator_twice_with_other_scores_is_an_error(tmp_path):
    rows = [*FORM[:4], ["能力", "业务能力", 0.5, 5, 5, None]]
    assert codes(taken(tmp_path, rows, book(employees=STAFF)).problems, "error") == ["person-twice"]


def test_a_list_of_several_raters_is_read_by_row(tmp_path):
    path = csv(tmp_path, "工号,指标,自评,上级评分\n001,业务能力,4,3\n002,业务能力,5,4\n")
    imported = import_files(book(), [path])
    assert len(scores(imported)) == 4
    assert {row[3] for row in scores(imported)} == {"self", "manager"}
    assert len(ROSTER) == 4
