"""Formulas come with their results: every reader sees the numbers, and nothing else in the file changes."""

import datetime
from io import BytesIO
from zipfile import ZipFile

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.utils.escape import unescape
from openpyxl.worksheet.formula import ArrayFormula

from xlperf.workbook.write.table_sheet import put
from xlperf.xlsx.atomic_save import save_atomically
from xlperf.xlsx.formula import Formula, cached_of
from xlperf.xlsx.package.cached_values import with_cached

RESULTS = [
    (1, 1),
    (2.5, 2.5),
    (-1e-300, -1e-300),
    (True, True),
    (False, False),
    ("text", "text"),
    ("<&>'\"", "<&>'\""),
    (" edges ", " edges "),
    ("=1+1", "=1+1"),
    ("007", "007"),
    ("中文", "中文"),
    ("#N/A", "#N/A"),
    ("#DIV/0!", "#DIV/0!"),
    ("", None),
    (None, None),
    (float("nan"), None),
    (np.float64(0.1) + np.float64(0.2), 0.30000000000000004),
    (np.int32(7), 7),
    (np.bool_(True), True),
    (np.str_("x"), "x"),
    (datetime.date(2026, 10, 31), 46326),
]


def saved(value: object) -> bytes:
    workbook = Workbook()
    put(workbook.active["B2"], Formula("A1", value))
    file = BytesIO()
    workbook.save(file)
    return with_cached(file.getvalue(), cached_of(workbook))


def seen(data: bytes, ref: str = "B2") -> object:
    return load_workbook(BytesIO(data), data_only=True).active[ref].value


@pytest.mark.parametrize(("value", "shown"), RESULTS, ids=repr)
def test_a_result_is_what_a_reader_sees(value, shown):
    data = saved(value)
    assert seen(data) == shown
    assert type(seen(data)) is type(shown)
    assert load_workbook(BytesIO(data)).active["B2"].value == "=A1"


@given(st.one_of(st.text(max_size=200), st.floats(allow_infinity=False), st.integers(-(2**53), 2**53), st.booleans()))
def test_any_result_survives(value):
    shown = seen(saved(value))
    if isinstance(value, str):
        assert unescape(shown or "") == value
    else:
        assert shown == value or (shown is None and value != value)


def test_other_engines_see_the_results(tmp_path):
    workbook = Workbook()
    for row, (value, _) in enumerate(RESULTS[:7], start=1):
        put(workbook.active.cell(row, 1), Formula("B1", value))
    save_atomically(workbook, tmp_path / "book.xlsx")
    for engine in ("openpyxl", "calamine"):
        frame = pd.read_excel(tmp_path / "book.xlsx", header=None, dtype=object, engine=engine)
        assert frame[0].tolist() == [shown for _, shown in RESULTS[:7]]


def test_all_other_members_stay_byte_for_byte():
    workbook = Workbook()
    workbook.create_sheet("数据")["A1"] = 1
    put(workbook.active["A1"], Formula("1+1", 2))
    file = BytesIO()
    workbook.save(file)
    before, after = ZipFile(file), ZipFile(BytesIO(with_cached(file.getvalue(), cached_of(workbook))))
    assert after.namelist() == before.namelist()
    assert [name for name in before.namelist() if before.read(name) != after.read(name)] == ["xl/worksheets/sheet1.xml"]
    assert after.testzip() is None


def test_cells_that_a_formula_spills_into_hold_their_values():
    workbook = Workbook()
    workbook.active["A1"] = ArrayFormula("A1:A3", "=B1:B3*2")
    file = BytesIO()
    workbook.save(file)
    data = with_cached(file.getvalue(), {"Sheet": {"A1": 2, "A2": "four", "A3": None}})
    assert [seen(data, ref) for ref in ("A1", "A2", "A3")] == [2, "four", None]
    assert load_workbook(BytesIO(data)).active["A1"].value.ref == "A1:A3"


def test_only_the_formula_that_stands_there_has_a_result():
    workbook = Workbook()
    put(workbook.active["A1"], Formula("1+1", 2))
    put(workbook.active["A2"], Formula("1+2", 3))
    put(workbook.active["A1"], "by hand")
    workbook.active["A2"] = "=2+2"
    assert cached_of(workbook) == {}


def test_two_workbooks_do_not_share_results():
    first, second = Workbook(), Workbook()
    put(first.active["A1"], Formula("1+1", 2))
    second.active["A1"] = "=1+1"
    assert cached_of(second) == {}


def test_a_saved_workbook_shows_its_results_and_asks_for_no_calculation(tmp_path):
    workbook = Workbook()
    put(workbook.active["A1"], Formula("PERF_SCORE(1,2)", 88.5))
    save_atomically(workbook, tmp_path / "a.xlsx")
    save_atomically(workbook, tmp_path / "b.xlsx")
    assert load_workbook(tmp_path / "a.xlsx", data_only=True).active["A1"].value == 88.5
    assert load_workbook(tmp_path / "a.xlsx").calculation.fullCalcOnLoad is False
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
