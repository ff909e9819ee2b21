"""Reading workbooks: what people really hand in is read as meant, or reported with its address."""

import re
import string
import zipfile
from datetime import datetime

import numpy as np
import openpyxl
import pytest
import small
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.utils import get_column_letter
from small_book import codes, one, policy, save

from xlperf.core.problems import LANGUAGES, has_errors
from xlperf.schema import SHEETS
from xlperf.schema.tables import table_of
from xlperf.workbook.fingerprint import fingerprint
from xlperf.workbook.read.book import read_book
from xlperf.workbook.read.headers import Lexicon, find_header, header_at, match, records
from xlperf.xlsx.reader import safety as guard
from xlperf.xlsx.reader.safety import check_package
from xlperf.xlsx.reader.workbook import UNCALCULATED, Area, Grid, Workbook

PEOPLE = [
    ["工号", "姓名", "部门编号", "入职日期"],
    ["001", "张伟", "N", "2020-01-02"],
    ["002", "李娜", "S", "2021-03-04"],
]


def read(tmp_path, sheets, change=None, lang="zh"):
    """Write the small scheme and some input sheets, change the workbook at will, and read it."""
    path = save(tmp_path / "book.xlsx", policy(lang) | sheets)
    if change:
        book = openpyxl.load_workbook(path)
        change(book)
        book.save(path)
    return read_book(path)


def patched(path, member, old, new):
    """Change what a pattern finds in a member of a workbook."""
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    parts[member], count = re.subn(old, lambda _: new, parts[member])
    assert count
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return path


def speaks(problem):
    """Whether all parts of a message are filled in, in both languages."""
    return all(
        text.strip() and "{" not in text for lang in LANGUAGES for text in problem.as_dict(lang).values() if text
    )


# A clean workbook ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_clean_book_is_read_without_a_word(tmp_path, lang):
    columns = SHEETS["employees"].columns[:4]
    people = [[column.name(lang) for column in (*columns[:3], SHEETS["employees"]["hire_date"])], *PEOPLE[1:]]
    book = read(tmp_path, {SHEETS["employees"].title(lang): people}, lang=lang)
    assert codes(book.problems) == []
    assert book.lang == lang
    employees = book.tables["employees"]
    assert employees.frame["employee_id"].tolist() == ["001", "002"]
    assert employees.frame["hire_date"].dt.year.tolist() == [2020, 2021]
    assert employees.cells("name", [1]) == "B3"
    assert [each.code for each in book.scheme.indicators] == ["on_time", "done", "skill"]


def test_the_scheme_of_a_book_is_the_scheme_that_was_written(tmp_path):
    for lang in LANGUAGES:
        read_back = read(tmp_path, {}, lang=lang).scheme
        written = small.scheme()
        assert read_back.settings.values() | {"language": ""} == written.settings.values() | {"language": ""}
        assert [repr(each) for each in read_back.indicators] == [repr(each) for each in written.indicators]


def test_output_sheets_and_strange_sheets_are_not_input(tmp_path):
    book = read(tmp_path, {"员工": PEOPLE, "考核结果": PEOPLE, "我的草稿": [["随便"]]})
    assert "results" not in book.tables
    assert not has_errors(book.problems)
    assert "我的草稿" in book.sheets


def test_a_near_title_is_pointed_out(tmp_path):
    book = read(tmp_path, {"员工表": PEOPLE, "Employeess": PEOPLE})
    assert "sheet-unknown" in codes(book.problems, "warning")


def test_a_title_that_excel_keeps_for_itself_is_read_and_pointed_out(tmp_path):
    kept = [["Period", "Employee ID", "Total"], ["2026-09", "001", 88]]
    book = read(tmp_path, {"员工": PEOPLE, "History": kept})
    assert book.tables["history"].frame["total"].tolist() == [88]
    remark = one(book.problems, "sheet-title-reserved")
    assert (remark.level, remark.sheet) == ("note", "History")
    assert "Past results" in remark.remedy("en")
    assert "sheet-title-reserved" not in codes(read(tmp_path, {"员工": PEOPLE, "Past results": kept}).problems)


def test_two_sheets_of_a_kind_are_an_error(tmp_path):
    problem = one(read(tmp_path, {"员工": PEOPLE, "Employees": PEOPLE}).problems, "sheet-twice")
    assert problem.level == "error"
    assert "Employees" in problem.found("en")


def test_a_foreign_workbook_is_not_read_as_one_of_ours(tmp_path):
    book = read_book(save(tmp_path / "other.xlsx", {"Sheet1": PEOPLE}))
    assert codes(book.problems) == ["not-xlperf"]
    assert book.tables == {}
    assert "xlperf new" in book.problems[0].remedy("zh")


# Messy input, by the numbers of the catalogue -------------------------------------------------------------------------


def test_m1_m2_m20_full_width_and_text_numbers(tmp_path):
    rows = [["任务编号", "责任人工号", "金额"], ["Ｔ１", " 001\u00a0", "１，２００．５０"], ["T2", "001", "￥3万"]]
    book = read(tmp_path, {"任务": rows})
    tasks = book.tables["tasks"].frame
    assert tasks["task_id"].tolist() == ["T1", "T2"]
    assert tasks["owner_id"].tolist() == ["001", "001"]
    assert tasks["amount"].tolist() == [1200.5, 30000]
    assert one(book.problems, "number-converted").cells == "C2:C3 (2)"


@pytest.mark.parametrize(
    "cell",
    ["2024/3/1", "2024.3.1", "2024年3月1日", "20240301", 45352, datetime(2024, 3, 1)],
    ids=lambda cell: f"M4 {cell}",
)
def test_m4_dates_of_every_kind(tmp_path, cell):
    book = read(tmp_path, {"员工": [["工号", "入职日期"], ["1", cell]]})
    assert book.tables["employees"].frame["hire_date"].astype(str).tolist() == ["2024-03-01"]


def test_m4_the_1904_date_system(tmp_path):
    def since_1904(book):
        book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
        book["员工"]["B2"] = datetime(2024, 3, 1)

    book = read(tmp_path, {"员工": [["工号", "入职日期"], ["1", None]]}, since_1904)
    assert book.tables["employees"].frame["hire_date"].astype(str).tolist() == ["2024-03-01"]


def test_m4_the_date_formats_of_chinese_excel(tmp_path):
    path = save(tmp_path / "b.xlsx", policy() | {"员工": [["工号", "入职日期", "生效"], ["1", 45352, 45352]]})
    book = openpyxl.load_workbook(path)
    for cell in ("B2", "C2"):
        book["员工"][cell].number_format = "0.000"
    book.save(path)
    with zipfile.ZipFile(path) as package:
        number = (
            package.read("xl/styles.xml").split(b'formatCode="0.000"')[0].rsplit(b'numFmtId="', 1)[1].split(b'"')[0]
        )
    patched(path, "xl/styles.xml", b'numFmtId="' + number + b'"', b'numFmtId="31"')
    frame = read_book(path).tables["employees"].frame
    assert frame["生效"].astype(str).tolist() == ["2024-03-01"]


def test_m6_headings_in_two_merged_rows(tmp_path):
    def merge(book):
        for cells in ("A1:A2", "B1:B2", "C1:D1"):
            book["检查"].merge_cells(cells)

    rows = [["检查编号", "工号", "抽查", None], [None, None, "抽检数", "差错数"], ["K1", "001", 20, 1]]
    book = read(tmp_path, {"检查": rows}, merge)
    checks = book.tables["checks"]
    assert checks.frame[["sampled", "faults"]].to_numpy().tolist() == [[20, 1]]
    assert checks.cells("faults", [0]) == "D3"
    assert "own-columns" not in codes(book.problems)


def test_m6_headings_joined_where_only_the_group_tells_them_apart(tmp_path):
    def merge(book):
        for cells in ("A1:A2", "B1:C1", "D1:E1"):
            book["员工"].merge_cells(cells)

    rows = [["工号", "上半年", None, "下半年", None], [None, "业绩", "态度", "业绩", "态度"], ["001", 1, 2, 3, 4]]
    employees = read(tmp_path, {"员工": rows}, merge).tables["employees"]
    assert employees.frame[["上半年/业绩", "下半年/态度"]].to_numpy().tolist() == [[1, 4]]


def test_m7_a_merged_cell_fills_its_block(tmp_path):
    rows = [["工号", "部门编号"], ["1", "N"], ["2", None], ["3", None], ["4", "S"]]
    book = read(tmp_path, {"员工": rows}, lambda book: book["员工"].merge_cells("B2:B4"))
    assert book.tables["employees"].frame["department"].tolist() == ["N", "N", "N", "S"]


def test_m8_m9_title_lines_and_a_table_that_starts_in_column_c(tmp_path):
    rows = [
        ["客户服务部员工花名册"],
        [None, None, "部门：客服一部", None, "单位：人"],
        [],
        [None, None, "工号", "姓名"],
        [None, None, "001", "张伟"],
    ]
    book = read(tmp_path, {"员工": rows}, lambda book: book["员工"].merge_cells("A1:D1"))
    employees = book.tables["employees"]
    assert employees.frame["name"].tolist() == ["张伟"]
    assert employees.cells("name", [0]) == "D5"
    assert codes(book.problems) == []


def test_m8_the_lines_above_a_table_are_kept_as_remarks():
    cells = {1: ["部门：客服一部  月份:2026-10", "工号"], 3: ["单位：", "姓名"], 4: ["万元", "备注"]}
    header = find_header(Grid("x", [2, 4], cells), Lexicon(SHEETS["employees"]).knows)
    assert [tuple(each) for each in header.remarks] == [
        ("部门", "客服一部", "A2"),
        ("月份", "2026-10", "A2"),
        ("单位", "万元", "C2"),
    ]


def test_m10_blank_rows_do_not_count(tmp_path):
    def formatted(book):
        for row in range(5, 12):
            book["员工"].cell(row, 1).font = openpyxl.styles.Font(bold=True)

    book = read(tmp_path, {"员工": [*PEOPLE[:2], [], [" ", "\u3000"], PEOPLE[2]]}, formatted)
    employees = book.tables["employees"]
    assert len(employees) == 2
    assert employees.rows.tolist() == [2, 5]
    assert not has_errors(book.problems)


@pytest.mark.parametrize(
    "tail",
    [
        ["合计", None, None, 2],
        [None, "平均分", None, 3],
        ["头条平均阅读", None, None, 0],
        ["小计：", None, None, 1],
        ["备注：以上数据截至本月末"],
        [None, None, "制表人：王芳", "审核人："],
        ["被考核人签字："],
        ["考核说明" + "一、每人一行，按工号排列；" * 5],
        ["以下空白"],
        ["Total", None, None, 5],
    ],
    ids=lambda tail: f"M11 {next(filter(None, tail))[:8]}",
)
def test_m11_totals_and_remarks_are_nobody(tmp_path, tail):
    book = read(tmp_path, {"员工": [*PEOPLE, tail]})
    assert book.tables["employees"].frame["employee_id"].tolist() == ["001", "002"]
    problem = one(book.problems, "rows-skipped")
    assert (problem.level, problem.cells) == ("note", "A4")


def test_m11_a_record_without_its_key_is_not_a_total(tmp_path):
    book = read(tmp_path, {"员工": [*PEOPLE, [None, "王芳", "N", "2020-01-01"]]})
    assert one(book.problems, "cell-required").cells == "A4"


def test_m11_headings_repeated_on_every_page(tmp_path):
    book = read(tmp_path, {"员工": [*PEOPLE, PEOPLE[0], ["003", "王芳", "N", None]]})
    assert book.tables["employees"].frame["employee_id"].tolist() == ["001", "002", "003"]


def test_m14_codes_stay_text(tmp_path):
    book = read(tmp_path, {"任务": [["任务编号", "责任人工号"], ["1.10", "1E5"], [1.1, 7]]})
    assert book.tables["tasks"].frame["task_id"].tolist() == ["1.10", "1.1"]
    assert book.tables["tasks"].frame["owner_id"].tolist() == ["1E5", "7"]


def test_m15_a_formula_without_a_result_is_not_blank(tmp_path):
    rows = [["工号", "姓名", "部门编号"], ["001", "=A1", "N"], ["=A2", "李娜", "S"], ["003", '=""', None]]
    problems = read(tmp_path, {"员工": rows}).problems
    found = [problem for problem in problems if problem.code == "formula-uncalculated"]
    assert {problem.cells for problem in found} == {"A3", "B2, B4 (2)"}
    assert "Excel" in found[0].remedy("en")


@pytest.mark.parametrize("typed", ["=revenue-cost", "#NAME?"])  # before and after Excel has opened it
def test_a_formula_of_the_scheme_is_not_typed_as_an_excel_formula(tmp_path, typed):
    rows = [["指标编号", "指标名称", "统计列"], ["left", "余额", typed]]
    problem = one(read(tmp_path, {"指标": rows}).problems, "text-as-excel-formula")
    assert problem.cells == "C2"
    assert (problem.remedy("zh"), problem.remedy("en")) == ("请去掉开头的等号。", "Leave out the equals sign.")


def test_m15_a_stored_result_is_used_and_an_empty_one_is_blank(tmp_path):
    path = save(tmp_path / "b.xlsx", policy() | {"员工": [["工号", "姓名"], ["001", "=A1"], ["002", "=A2"]]})
    sheet = f"xl/worksheets/sheet{len(policy()) + 1}.xml"
    for cell in (b"B2", b"B3"):
        patched(path, sheet, b'<c r="' + cell + b'">', b'<c r="' + cell + b'" t="str">')
    patched(path, sheet, rb"<f>A1</f><v( ?/|></v)>", "<f>A1</f><v>张伟</v>".encode())
    book = read_book(path)
    assert book.tables["employees"].frame["name"].fillna("").tolist() == ["张伟", ""]
    assert "formula-uncalculated" not in codes(book.problems)


def test_m15_error_values_are_not_zero(tmp_path):
    book = read(tmp_path, {"任务": [["任务编号", "金额"], ["T1", "#DIV/0!"], ["T2", 5]]})
    assert one(book.problems, "cell-error-value").cells == "B2"
    assert np.isnan(book.tables["tasks"].frame["amount"][0])


def test_m16_one_id_on_two_different_rows(tmp_path):
    book = read(tmp_path, {"员工": [*PEOPLE, ["001", "张炜", "N", None]]})
    problem = one(book.problems, "key-twice")
    assert (problem.level, problem.cells) == ("error", "A2, A4 (2)")
    assert "2、4" in problem.found("zh")


def test_m16_the_same_row_twice_counts_once(tmp_path):
    book = read(tmp_path, {"员工": [*PEOPLE, PEOPLE[1]]})
    assert one(book.problems, "row-repeated").cells == "A4"
    assert len(book.tables["employees"]) == 2


def test_m16_many_keys_that_stand_twice_do_not_flood_the_report(tmp_path):
    rows = [[f"T{n}", state] for n in range(50) for state in ("open", "done")]
    problems = read(tmp_path, {"任务": [["任务编号", "完成结果"], *rows]}).problems
    assert codes(problems).count("key-twice") == 20
    assert "30" in one(problems, "keys-twice").found("en")


def test_m17_one_name_of_two_people_is_a_note(tmp_path):
    book = read(tmp_path, {"员工": [*PEOPLE, ["003", "张伟", "S", None]]})
    problem = one(book.problems, "same-name")
    assert (problem.level, problem.cells) == ("note", "B2, B4 (2)")
    assert "001, 003" in problem.found("en")


def test_m18_one_person_rated_twice_by_the_same_rater(tmp_path):
    rows = [["周期", "被评人工号", "指标编号", "评价人工号", "评价关系", "评分"]]
    rows += [["2026-10", "001", "skill", "B", "直接上级", score] for score in (4, 5)]
    rows += [["2026-10", "001", "skill", "B", "自评", 5]]
    assert one(read(tmp_path, {"评分": rows}).problems, "key-twice").cells == "B2:B3 (2)"


def test_m21_leading_zeros_and_lost_digits(tmp_path):
    def five_digits(book):
        book["员工"]["A2"].number_format = "00000"

    rows = [["工号", "姓名"], [1960, "甲"], ["01961", "乙"], [110101199001011234, "丙"]]
    book = read(tmp_path, {"员工": rows}, five_digits)
    assert book.tables["employees"].frame["employee_id"].tolist()[:2] == ["01960", "01961"]
    assert one(book.problems, "key-lost-digits").cells == "A4"


@pytest.mark.parametrize(
    "heading", ["员工编号", "员工ID", "人员编号", "員工編號", "Employee  ID *", "employee_id", "ＥＭＰＬＯＹＥＥ ＩＤ"]
)
def test_m22_synonyms_and_traditional_characters(tmp_path, heading):
    book = read(tmp_path, {"員工": [["姓名", heading], ["张伟", "001"]]})
    assert book.tables["employees"].frame["employee_id"].tolist() == ["001"]
    assert not has_errors(book.problems)


def test_m22_a_missing_required_heading_names_what_is_accepted(tmp_path):
    problem = one(
        read(tmp_path, {"员工": [["姓名", "部门编号", "员工编码"], ["张伟", "N", "1"]]}).problems, "heading-missing"
    )
    assert problem.level == "error"
    assert "员工编号" in problem.expected("zh")


def test_m22_a_near_heading_is_pointed_out_and_not_joined(tmp_path):
    book = read(tmp_path, {"任务": [["任务编号", "应完成日"], ["T1", "2026-10-01"]]})
    problem = one(book.problems, "heading-near")
    assert (problem.level, problem.cells) == ("warning", "B1")
    assert "应完成日期" in problem.expected("zh")
    assert book.tables["tasks"].frame["due_date"].isna().all()


def test_m22_of_two_headings_for_one_column_the_nearer_is_taken(tmp_path):
    book = read(tmp_path, {"员工": [["部门名称", "工号", "部门编号"], ["客服一部", "001", "N1"]]})
    assert book.tables["employees"].frame[["department", "部门名称"]].to_numpy().tolist() == [["N1", "客服一部"]]


def test_m23_columns_in_any_order_and_of_their_own(tmp_path):
    rows = [
        ["备注", "学历", "姓名", "工号", "身高"],
        [None, "本科", "张伟", "001", 170],
        [None, "硕士", "李娜", "002", 165],
    ]
    book = read(tmp_path, {"员工": rows})
    frame = book.tables["employees"].frame
    assert frame["学历"].tolist() == ["本科", "硕士"]
    assert frame["身高"].dtype == "float64"
    problem = one(book.problems, "own-columns")
    assert (problem.level, problem.cells) == ("note", "B1, E1")


def test_m23_a_column_of_another_heading_that_holds_the_words_of_one_that_is_missing(tmp_path):
    rows = [["工号", "姓名", "人员"], ["001", "张伟", "在职"], ["002", "李娜", "离职"]]
    book = read(tmp_path, {"员工": rows})
    problem = one(book.problems, "heading-contents")
    assert (problem.level, problem.cells, problem.details["column"].en) == ("warning", "C1", "Status")
    for others in (("在职", "党员"), ("是", "否")):
        rows[1][2], rows[2][2] = others
        assert "heading-contents" not in codes(read(tmp_path, {"员工": rows}).problems)


def test_m23_what_stands_below_an_unknown_heading_of_a_policy_sheet_decides_nothing(tmp_path):
    sheets = policy()
    sheets["指标"][0] = ["甲" if each == "统计范围" else each for each in sheets["指标"][0]]
    problem = one(read(tmp_path, sheets).problems, "heading-unread")
    assert problem.level == "warning"
    assert "甲" in problem.found("zh")
    assert "统计范围" in problem.expected("zh")


def test_m23_a_heading_that_stands_twice(tmp_path):
    rows = [["工号", "得分", "得分"], ["001", 1, 2]]
    problem = one(read(tmp_path, {"员工": rows}).problems, "heading-twice")
    assert (problem.level, problem.cells) == ("error", "B1, C1")


def test_m23_an_empty_column_of_the_same_heading_does_no_harm(tmp_path):
    book = read(tmp_path, {"员工": [["工号", "姓名", "姓名"], ["001", None, "张伟"]]})
    assert book.tables["employees"].frame["name"].tolist() == ["张伟"]
    assert not has_errors(book.problems)


def test_m23_data_without_a_heading_are_reported(tmp_path):
    book = read(tmp_path, {"员工": [["工号", None, "姓名"], ["001", "x", "张伟"]]})
    assert one(book.problems, "column-without-heading").cells == "B1"


def test_m34_not_applicable_is_neither_zero_nor_missing(tmp_path):
    rows = [
        ["周期", "工号", "指标编号", "实际值"],
        *([["2026-10", f"{n}", "done", cell] for n, cell in enumerate(["不适用", "-", 0])]),
    ]
    actuals = read(tmp_path, {"实际值": rows}).tables["actuals"]
    assert actuals.not_applicable["actual"].tolist() == [True, False, False]
    assert actuals.frame["actual"].fillna(-1).tolist() == [-1, -1, 0]


def test_m42_hidden_rows_columns_and_sheets_are_read_and_noted(tmp_path):
    def hide(book):
        sheet = book["员工"]
        sheet.row_dimensions[3].hidden = True
        sheet.column_dimensions["B"].hidden = True
        sheet.sheet_state = "hidden"

    book = read(tmp_path, {"员工": PEOPLE}, hide)
    assert len(book.tables["employees"]) == 2
    problem = one(book.problems, "hidden-data")
    assert (problem.level, problem.cells) == ("note", "A3")
    assert "the whole sheet, 1 row, column B" in problem.found("en")


def test_m42_a_million_formatted_rows_are_not_a_million_records(tmp_path):
    path = save(tmp_path / "b.xlsx", policy() | {"员工": PEOPLE})
    rows = b"".join(b'<row r="%d" ht="15"><c r="A%d" s="0"/></row>' % (n, n) for n in range(4, 200_000))
    sheet = f"xl/worksheets/sheet{len(policy()) + 1}.xml"
    patched(path, sheet, b"</sheetData>", rows + b'<row r="1048576"><c r="A1048576" s="0"/></row></sheetData>')
    with Workbook(path) as workbook:
        grid = workbook.grid(workbook.sheets[-1])
    assert grid.rows == [1, 2, 3]
    assert grid.blank == 1_048_573
    assert len(read_book(path).tables["employees"]) == 2


@pytest.mark.parametrize("lock", ["~$book.xlsx", ".~lock.book.xlsx#", ".~book.xlsx"])
def test_m43_a_book_that_is_open_elsewhere(tmp_path, lock):
    path = save(tmp_path / "book.xlsx", policy())
    (tmp_path / lock).write_bytes(b"")
    problem = one(read_book(path).problems, "book-open")
    assert problem.level == "warning"


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("M44 old format", bytes.fromhex("D0CF11E0A1B11AE1") + b"\0" * 99, "book-old-format"),
        (
            "password",
            bytes.fromhex("D0CF11E0A1B11AE1") + b"\0" * 9 + "EncryptedPackage".encode("utf-16-le"),
            "book-protected",
        ),
        ("text", "工号,姓名".encode(), "book-not-excel"),
        ("empty", b"", "book-damaged"),
    ],
    ids=lambda value: value if isinstance(value, str) and value.isprintable() else "",
)
def test_m44_other_files_are_refused_in_words(tmp_path, name, content, code):
    path = tmp_path / "book.xls"
    path.write_bytes(content)
    book = read_book(path)
    assert codes(book.problems) == [code]
    assert speaks(book.problems[0])
    assert "book.xls" in book.problems[0].found("en")


@pytest.mark.parametrize(
    ("label", "differs"), [("季度", True), ("2026-09", True), ("月度", False), ("十月", False), ("2026年10月", False)]
)
def test_m45_a_line_that_names_another_period(tmp_path, label, differs):
    book = read(tmp_path, {"员工": [[f"部门：客服部   考核周期：{label}"], *PEOPLE]})
    assert codes(book.problems) == (["period-differs"] if differs else [])


def test_m49_text_that_looks_like_a_formula_is_text(tmp_path):
    def as_text(book):
        book["员工"]["B2"].data_type = "s"

    book = read(tmp_path, {"员工": [["工号", "姓名"], ["001", "=1+1"], ["002", "+86"]]}, as_text)
    assert book.tables["employees"].frame["name"].tolist() == ["=1+1", "+86"]


# Harmless or not ------------------------------------------------------------------------------------------------------


def test_a_missing_file_is_a_problem_and_not_an_exception(tmp_path):
    book = read_book(tmp_path / "nothing.xlsx")
    assert codes(book.problems) == ["file-missing"]
    assert book.tables == {}


def test_a_bomb_is_refused_before_it_is_opened(tmp_path):
    path = save(tmp_path / "book.xlsx", policy())
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/media/zeros.xml", b"0" * (8 << 20))
    assert codes(check_package(path)) == ["book-too-large"]
    assert codes(read_book(path).problems) == ["book-too-large"]


def test_the_limit_of_all_members_together(tmp_path, monkeypatch):
    path = save(tmp_path / "book.xlsx", policy())
    assert check_package(path) == []
    monkeypatch.setattr(guard, "MOST_BYTES_UNPACKED", 1000)
    assert codes(check_package(path)) == ["book-too-large"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type_is_refused(tmp_path, encoding):
    path = save(tmp_path / "book.xlsx", policy())
    with zipfile.ZipFile(path, "a") as package:
        text = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'
        package.writestr("xl/extra.xml", text.encode(encoding))
    assert codes(check_package(path)) == ["book-entities"]


def test_other_packages_and_damaged_ones(tmp_path):
    other = tmp_path / "letter.docx"
    with zipfile.ZipFile(other, "w") as package:
        package.writestr("word/document.xml", "<x/>")
    assert codes(check_package(other)) == ["book-other-kind"]
    good = save(tmp_path / "book.xlsx", policy())
    cut = tmp_path / "cut.xlsx"
    cut.write_bytes(good.read_bytes()[:-200])
    assert codes(read_book(cut).problems) in (["book-damaged"], ["book-not-excel"])
    torn = patched(save(tmp_path / "torn.xlsx", policy()), "xl/worksheets/sheet1.xml", b"</sheetData>", b"<oops>")
    assert codes(read_book(torn).problems) == ["book-damaged"]


# The fingerprint ------------------------------------------------------------------------------------------------------


def test_the_fingerprint_sees_contents_and_nothing_else(tmp_path):
    def decorated(book):
        book["员工"]["A2"].font = openpyxl.styles.Font(bold=True)
        book.create_sheet("考核结果").append(["工号", "总分"])
        book.properties.creator = "somebody else"

    plain = read(tmp_path, {"员工": PEOPLE}).fingerprint
    assert read(tmp_path, {"员工": PEOPLE}, decorated).fingerprint == plain
    assert read(tmp_path, {"员工": [PEOPLE[0], PEOPLE[2], PEOPLE[1]]}).fingerprint == plain
    changed = [*PEOPLE[:2], ["002", "李娜", "S", "2021-03-05"]]
    assert read(tmp_path, {"员工": changed}).fingerprint != plain
    assert read(tmp_path, {"员工": [*PEOPLE, ["003", None, None, None]]}).fingerprint != plain


def test_the_fingerprint_of_a_policy_depends_on_the_order_of_its_grades():
    grades = [{"code": "A", "lower": 80}, {"code": "B", "lower": 60}]
    one_way, other_way = ({"grades": table_of("grades", rows)} for rows in (grades, grades[::-1]))
    assert fingerprint(one_way) != fingerprint(other_way)


# Against openpyxl, and against itself --------------------------------------------------------------------------------

CELLS = st.one_of(
    st.none(),
    st.integers(-(10**15), 10**15),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1)).map(lambda moment: moment.replace(microsecond=0)),
    st.text(
        st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"), max_size=12
    ),
)


@given(st.lists(st.lists(CELLS, min_size=1, max_size=5), min_size=1, max_size=8))
def test_cells_are_read_as_openpyxl_reads_them(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("same") / "book.xlsx"
    book = openpyxl.Workbook()
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row, start=1):
            cell = book.active.cell(number, column)
            cell.value = value
            if isinstance(value, str):
                cell.data_type = "s"
    book.save(path)
    sheet = openpyxl.load_workbook(path, data_only=True).active
    wanted = {
        (cell.row, cell.column): cell.value
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None and str(cell.value).strip()
    }
    with Workbook(path) as workbook:
        grid = workbook.grid(workbook.sheets[0])
    found = {
        (grid.rows[position], column): cell
        for column, cells in grid.columns.items()
        for position, cell in enumerate(cells)
        if cell is not None
    }
    assert {at: repr(value) for at, value in found.items()} == {
        at: repr(value) for at, value in wanted.items()
    } or _only_escapes_differ(found, wanted)


def _only_escapes_differ(found, wanted):
    """Control characters that the file format writes as _x000D_ are undone here, and left by openpyxl."""
    return found.keys() == wanted.keys() and all("_x" in str(wanted[at]) for at in wanted if found[at] != wanted[at])


@given(
    st.permutations(["employee_id", "name", "department", "hire_date", "学历"]),
    st.integers(0, 3),
    st.integers(0, 3),
    st.sampled_from(LANGUAGES),
    st.lists(st.booleans(), min_size=3, max_size=3),
)
def test_a_table_is_found_wherever_it_stands(order, above, left, lang, blank_before):
    """Titles above, columns to the left, blank rows between, columns in any order: the same records."""
    sheet = SHEETS["employees"]
    people = {"employee_id": "00{}", "name": "人{}", "department": "D{}", "hire_date": "2020-01-0{}", "学历": "本科{}"}
    headings = [sheet[code].name(lang) if code in sheet.by_code else code for code in order]
    rows, cells = [], {left + number: [] for number in range(1, len(order) + 1)}
    lines = (
        [["考核表"] + [None] * 4] * above + [headings] + [[people[code].format(n) for code in order] for n in (1, 2, 3)]
    )
    number = 0
    for position, line in enumerate(lines):
        number += 1 + (position > above and blank_before[position - above - 1])
        rows.append(number)
        for column, value in enumerate(line, start=left + 1):
            cells[column].append(value)
    grid = Grid("x", rows, cells)
    lexicon = Lexicon(sheet)
    header = find_header(grid, lexicon.knows)
    body = grid.below(header.last)
    columns = match(header, body, lexicon)
    kept, skipped = records(body, header, columns, sheet)
    assert len(kept) == 3
    assert not skipped
    for code, number in (columns.known | columns.own).items():
        assert [body.columns[number][each] for each in kept] == [people[code].format(n) for n in (1, 2, 3)]
    assert set(columns.known) == {"employee_id", "name", "department", "hire_date"}
    assert get_column_letter(columns.own["学历"]) == get_column_letter(left + 1 + order.index("学历"))


NAMES = st.one_of(
    st.from_regex(r"[A-Z]{0,2}[0-9]{1,4}", fullmatch=True),
    st.sampled_from(["合计", "Total", "Total 7", "Date:1", "1" * 40, "备注：无", "王芳", "E\n1", "以下空白", ""]),
    st.text(string.printable, max_size=6),
    st.integers(1, 99),
    st.none(),
)


@given(st.lists(NAMES, min_size=1, max_size=8))
def test_a_row_is_a_record_or_not_whatever_stands_beside_it(names):
    """A long column of codes is looked over at once; what is found is the same as row by row."""

    def are_records(some):
        cells = {1: ["工号", *(each or None for each in some)], 2: ["姓名", *["王芳"] * len(some)]}
        grid = Grid("x", list(range(1, len(some) + 2)), cells)
        lexicon = Lexicon(SHEETS["employees"])
        header = find_header(grid, lexicon.knows)
        body = grid.below(header.last)
        kept, _ = records(body, header, match(header, body, lexicon), SHEETS["employees"])
        return [position in kept for position in range(len(some))]

    assert are_records(names) == [each for name in names for each in are_records([name])]


@given(st.lists(st.tuples(*[st.integers(0, 3)] * 4), max_size=5), st.integers(0, 5))
def test_the_rows_of_a_heading_hang_together_however_cells_are_merged(corners, position):
    """The search for merged headings ends, and what it finds holds the row it began with."""
    merged = [Area(1 + top, 1 + left, 1 + top + height, 1 + left + width) for top, left, height, width in corners]
    grid = Grid("x", list(range(1, 7)), {column: ["工号"] * 6 for column in range(1, 7)}, merged)
    header = header_at(grid, position)
    assert header.first <= position <= header.last
    for area in merged:
        inside = area.top - 1 <= position <= area.bottom - 1
        assert not inside or header.first <= area.top - 1


def test_an_uncalculated_cell_is_known_from_a_blank_one(tmp_path):
    path = save(tmp_path / "b.xlsx", {"S": [["=1+1", None, 3]]})
    with Workbook(path) as workbook:
        assert workbook.grid(workbook.sheets[0]).columns == {1: [UNCALCULATED], 3: [3]}
