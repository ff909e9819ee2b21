"""Cells that are written as columns hold what cells of openpyxl hold that are written one by one."""

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from openpyxl import Workbook as OpenWorkbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.styles.cell_style import StyleArray
from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH
from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula

from xlperf.xlsx.atomic_save import packed
from xlperf.xlsx.column_sheet import CellColumn, add_column_sheet
from xlperf.xlsx.exact_openpyxl import load_exactly
from xlperf.xlsx.formula import Formula, put, write_formula
from xlperf.xlsx.package.opc import Workbook
from xlperf.xlsx.package.sheet_xml import with_rows
from xlperf.xlsx.package.zip_members import Parts
from xlperf.xlsx.reader.workbook import Workbook as Reader

NUMBERS = [0, 1, -1, 1.5, 0.1 + 0.2, 1e300, 1e-300, 2**53 + 1, 10**20, True, False, Decimal("1.50")]
OF_NUMPY = [np.int64(5), np.float64(2.5), np.float32(0.1), np.bool_(True), np.str_("text")]
NOT_MEASURED = [None, float("nan"), np.float64("nan"), pd.NaT, float("inf"), -float("inf")]
TEXTS = ["", "text", " leading", "trailing ", "two\nlines", "\n", "a\rb", "\t", "=1+1", "+1", "-1", "@x", "#N/A", "TRUE", "1",
         "&<>\"'", "中文😀", "_x0041_", "x_x000D_y", "y" * 32767, "y" * 40000]  # fmt: skip
DATES = [date(2026, 10, 31), datetime(2026, 10, 31, 12, 30), time(12, 30), timedelta(hours=30), date(1904, 1, 2),
         date(1900, 2, 28), date(1900, 3, 1), pd.Timestamp("2026-01-02")]  # fmt: skip
RESULTS = [None, 1, 0.1 + 0.2, np.int64(3), np.float64(2.5), np.bool_(True), True, "x", "", " x", "two\nlines", "=1", "_x0041_",
           "#N/A", float("nan"), float("inf"), "a\x07", *DATES]  # fmt: skip
VALUES = [
    *NUMBERS,
    *OF_NUMPY,
    *NOT_MEASURED,
    *TEXTS,
    *DATES,
    *(Formula('IF(A1<2,"a","b&c")', each) for each in RESULTS),
]


def book(epoch=WINDOWS_EPOCH):
    workbook = OpenWorkbook()
    workbook.epoch = epoch
    workbook.remove(workbook.active)
    return workbook


def written(workbook) -> bytes:
    """Return the file of a workbook with a column sheet, as a run puts it together."""
    made = Workbook(Parts.read(packed(workbook, without_columns=True)))
    sheet = workbook["S"]
    part = made.sheet("S").part
    made.parts[part] = with_rows(made.parts[part], sheet.written_rows(lambda number: number))
    return made.parts.packed()


def plain(values, epoch) -> bytes:
    workbook = book(epoch)
    sheet = workbook.create_sheet("S")
    for row, value in enumerate(values, start=1):
        cell = sheet.cell(row, 2)
        put(cell, value)
        cell._style = StyleArray(workbook._cell_styles[0])
    return packed(workbook)


def read(data: bytes, tmp_path):
    """Return what openpyxl and our own reader find: formulas, then values."""
    found = []
    for data_only in (False, True):
        sheet = load_exactly(data, data_only=data_only)["S"]
        found.append([(sheet.cell(row, 2).value, sheet.cell(row, 2).data_type) for row in range(1, len(VALUES) + 1)])
    path = tmp_path / "book.xlsx"
    path.write_bytes(data)
    with Reader(path) as workbook:
        grid = workbook.grid(workbook.sheets[0])
        found.append(list(zip(grid.rows, *grid.columns.values(), strict=True)))
    return found


@pytest.mark.parametrize("epoch", [WINDOWS_EPOCH, MAC_EPOCH], ids=["1900", "1904"])
def test_cells_of_a_column_hold_what_single_cells_hold(tmp_path, epoch):
    files = []
    for single in (False, True):
        workbook = book(epoch)
        sheet = add_column_sheet(workbook, "S", 0)
        sheet.write_column(CellColumn(2, range(1, len(VALUES) + 1), VALUES, [0] * len(VALUES)))
        if single:
            _ = sheet._cells
        files.append(read(written(workbook), tmp_path))
    wanted = read(plain(VALUES, epoch), tmp_path)
    for found in files:
        for one, other in zip(found, wanted, strict=True):
            assert [pair for pair in zip(VALUES, one, other, strict=False) if repr(pair[1]) != repr(pair[2])] == []
            assert len(one) == len(other)


@pytest.mark.parametrize("single", [False, True])
def test_what_xml_cannot_hold_is_spelt_and_read_back(single):
    workbook, texts = book(), ["a\x07b", "\ufffe", "\ud800", "\x0c=1"]
    sheet = add_column_sheet(workbook, "S", 0)
    sheet.write_column(CellColumn(2, [1, 2, 3, 4], texts, [0] * 4))
    if single:
        _ = sheet._cells
    for data in (written(workbook), plain(texts, WINDOWS_EPOCH)):
        found = load_exactly(data)["S"]
        assert [(found.cell(row, 2).value, found.cell(row, 2).data_type) for row in (1, 2, 3, 4)] == [
            (text, "s") for text in texts
        ]


def rich(sheet):
    sheet["B2"] = CellRichText("a ", TextBlock(InlineFont(b=True), "b_x0041_ <"), " c\n")


def array(sheet):
    sheet["B2"] = ArrayFormula("B2:B4", "=A1:A3*2")


def data_table(sheet):
    sheet["B2"] = DataTableFormula("B2:B4", dt2D=False, r1="A1")


def merged(sheet):
    sheet["B2"] = "x"
    sheet.merge_cells("B2:C3")


def noted(sheet):
    sheet["B2"].comment = Comment("note", "HR")


def formulas(sheet):
    sheet["B2"] = "=1+1"
    write_formula(sheet["B3"], Formula("2+2", 4))
    put(sheet["B4"], "=1")


def errors(sheet):
    sheet["B2"] = "#N/A"
    put(sheet["B3"], "#N/A")


def rows_moved(sheet):
    for number in range(1, 9):
        sheet.append([number, number * 2])
    sheet.delete_rows(3, 2)
    sheet.insert_rows(2)


@pytest.mark.parametrize("write", [rich, array, data_table, merged, noted, formulas, errors, rows_moved])
def test_single_cells_are_those_of_any_sheet_of_openpyxl(write):
    workbook, usual = book(), book()
    write(add_column_sheet(workbook, "S", 0))
    write(usual.create_sheet("S"))
    found, wanted = written(workbook), packed(usual)
    cells = [
        {
            each.coordinate: (each.value, each.data_type, each.comment and each.comment.text)
            for row in sheet
            for each in row
        }
        for sheet in (load_exactly(data, rich_text=True)["S"].iter_rows() for data in (found, wanted))
    ]
    for each in cells:
        for ref, (value, kind, note) in each.items():
            if isinstance(value, ArrayFormula | DataTableFormula):
                each[ref] = (sorted((name, str(held)) for name, held in vars(value).items()), kind, note)
    assert cells[0] == cells[1]
    frames = [
        re.sub(rb"<sheetData.*</sheetData>|\s+(?=/>)", b"", parts.parts[parts.sheet("S").part], flags=re.DOTALL)
        for parts in (Workbook(Parts.read(data)) for data in (found, wanted))
    ]
    assert frames[0] == frames[1]
