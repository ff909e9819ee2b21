"""What an import announces is what the written workbook holds, and a preview names the cells."""

import json

import openpyxl
import pytest
from foreign_files import ROSTER, csv
from small_book import cells, codes, policy, save
from typer.testing import CliRunner

from xlperf.cli import app
from xlperf.schema import SHEETS
from xlperf.workbook.read.book import read_book
from xlperf.workbook.read.importing import import_files
from xlperf.workbook.write.preview import preview
from xlperf.workbook.write.scheme_workbook import fill_inputs
from xlperf.workbook.write.update import looked_at_in_full
from xlperf.workflows.store import store_of


def write_inputs(source, target, tables, lang):
    """Write tables as the workflow does."""
    store_of(source).change(looked_at_in_full(*tables), lambda workbook: fill_inputs(workbook, tables, lang), target)


@pytest.fixture
def ours(tmp_path):
    people = [["工号", "姓名", "部门"], *([each["employee_id"], each["name"], "N"] for each in ROSTER)]
    total = ["合计", None, None]
    sheets = {**policy(), "员工": [["某公司"], *people, total], "部门": [["部门编号"], ["N"]]}
    return save(tmp_path / "ours.xlsx", sheets)


FILES = [
    (None, "工号,姓名,部门,工位\n009,王芳,S,A-1\n010,赵六,N,A-2\n001,张伟,N,\n"),
    (None, "任务编号,责任人,金额,创建日期\nT1,001,5,2026-10-01\nT2,002,,2026-10-02\n"),
    (None, "工号,业务能力,任务及时率\n001,4,0.9\n002,5,\n"),
    (None, "姓名,指标,行,1月,2月\n张伟,任务及时率,目标,1,1\n,,实际,0.8,0.9\n"),
    ("targets", "指标编号,适用范围,范围编号,周期,目标值\non_time,员工,001,2026-10,0.9\non_time,员工,002,2026-10,0.8\n"),
    ("periods", "周期编号,开始日期,结束日期\nS1,2026-01-01,2026-06-30\n"),
    ("calendar", "日期,类型\n2026-10-01,放假\n2026-10-10,上班\n"),
    ("choices", "列,取值\n产品,GTX Pro\n产品,MG Special\n"),
    ("headings", "工作表,外来标题,对应列\n员工,Staff,工号\n"),
    ("positions", "岗位编号,岗位名称\nP1,客服\n"),
    ("grades", "等级,名称\nE,待改进\n"),
    ("employees", "020,Ann\n021,Bob\n"),
]


@pytest.mark.parametrize(("sheet", "text"), FILES, ids=[sheet or text[:8] for sheet, text in FILES])
def test_as_many_rows_are_written_as_are_announced(tmp_path, ours, sheet, text):
    book = read_book(ours)
    mapping = {"employee_id": "A", "name": "B"} if sheet == "employees" else None
    if sheet == "grades":
        mapping = {"code": "等级"}
    imported = import_files(book, [csv(tmp_path, text)], sheet=sheet, mapping=mapping)
    assert codes(imported.problems, "error") == []
    written = tmp_path / "written.xlsx"
    write_inputs(ours, written, imported.tables, "zh")
    again = read_book(written)
    before = {code: len(table) for code, table in book.tables.items()}
    announced = {each.code: each.added for each in imported.done}
    assert sum(announced.values()) > 0
    for code, count in announced.items():
        assert len(again.tables[code]) == before.get(code, 0) + count, code
        old = book.tables[code].frame if code in book.tables else None
        if old is not None and len(old):
            kept = again.tables[code].frame[list(old.columns)].head(len(old))
            assert kept.astype(str).to_numpy().tolist() == old.astype(str).to_numpy().tolist()


@pytest.mark.parametrize(("sheet", "text"), FILES[:6], ids=[sheet or text[:8] for sheet, text in FILES[:6]])
def test_a_preview_names_the_cells_that_are_written(tmp_path, ours, sheet, text):
    book = read_book(ours)
    imported = import_files(book, [csv(tmp_path, text)], sheet=sheet)
    shown = preview(book, imported)
    write_inputs(ours, tmp_path / "written.xlsx", imported.tables, "zh")
    workbook = openpyxl.load_workbook(tmp_path / "written.xlsx")
    theirs = [line.split(",") for line in text.splitlines()]
    checked = 0
    for table in shown:
        for each in table.columns:
            if each.target:
                title, cell = each.target.split("!")
                value = workbook[title][cell].value
                assert value is not None, each
                if (
                    not hasattr(value, "year")
                    and not isinstance(value, float)
                    and each.heading
                    and each.column.en != "Scope"
                ):
                    place = openpyxl.utils.cell.coordinate_to_tuple(each.source)
                    assert str(value) in (theirs[place[0] - 1][place[1] - 1], each.value)
                checked += 1
    assert checked >= 3
    assert cells(ours) == cells(read_book(ours).path)


def test_what_hr_typed_on_a_policy_sheet_stays_as_it_is(tmp_path, ours):
    workbook = openpyxl.load_workbook(ours)
    title = SHEETS["targets"].title.zh
    sheet = workbook[title] if title in workbook.sheetnames else workbook.create_sheet(title)
    sheet.delete_rows(1, 9)
    for row in (
        ["指标编号", "适用范围", "范围编号", "周期", "目标值"],
        ["done", "员工", "001", "2026-10", "4项"],
        ["说明：年初确定"],
    ):
        sheet.append(row)
    workbook.save(ours)
    book = read_book(ours)
    imported = import_files(book, [csv(tmp_path, FILES[4][1])], sheet="targets")
    write_inputs(ours, tmp_path / "written.xlsx", imported.tables, "zh")
    rows = list(openpyxl.load_workbook(tmp_path / "written.xlsx")[title].values)
    assert [row[4] for row in rows[1:4]] == ["4项", 0.9, 0.8]
    assert rows[4][0] == "说明：年初确定"


# From the command line ------------------------------------------------------------------------------------------------


def test_a_dry_run_shows_and_writes_nothing(tmp_path, ours):
    path, before = csv(tmp_path, FILES[0][1]), ours.read_bytes()
    call = ["import", str(ours), str(path), "--dry-run", "--lang", "en"]
    found = CliRunner().invoke(app, call)
    assert found.exit_code == 0
    assert "A1 工号 → Employee ID: A2 009 → 员工!A7" in found.output
    stored = json.loads(CliRunner().invoke(app, [*call, "--json"]).output)
    (table, *_) = stored["imported"]
    assert (table["added"], table["columns"][0]["target"]) == (2, "员工!A7")
    assert ours.read_bytes() == before


def test_encoding_separator_and_words_of_the_call(tmp_path, ours):
    path = tmp_path / "theirs.csv"
    path.write_bytes("Employee ID^Name^Status\n009^李娜^在岗中\n".encode("gb18030"))
    call = ["import", str(ours), str(path), "-o", str(tmp_path / "out.xlsx"), "--lang", "zh"]
    assert CliRunner().invoke(app, call).exit_code == 1
    more = ["--encoding", "gb18030", "--separator", "^", "--word", "在岗中=在职"]
    assert CliRunner().invoke(app, [*call, *more]).exit_code == 0
    people = read_book(tmp_path / "out.xlsx").tables["employees"].frame
    assert people[["employee_id", "name", "status"]].to_numpy().tolist()[-1] == ["009", "李娜", "active"]
