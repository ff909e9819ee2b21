"""Values in and out of cells: the same in Excel and on files."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from effort import draws
from hypothesis import given, settings
from hypothesis import strategies as st

from xlperf import engine


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (3, 3.0),
        (-2.5, -2.5),
        (True, True),
        ("Sales", "Sales"),
        ("考核", "考核"),
        (None, None),
        ("", None),
        (float("nan"), None),
        (np.int64(7), 7.0),
        (np.float64(1.5), 1.5),
        (dt.datetime(2026, 10, 31, 8, 30), dt.datetime(2026, 10, 31, 8, 30)),
        (dt.date(2026, 10, 31), dt.datetime(2026, 10, 31)),
        (pd.Timestamp("2026-10-31 08:30"), dt.datetime(2026, 10, 31, 8, 30)),
        (np.datetime64("2026-10-31"), dt.datetime(2026, 10, 31)),
        (pd.NaT, None),
        ("line\nbreak", "line\nbreak"),
    ],
)
def test_a_value_comes_back(sheet, written, read):
    sheet["B2"].value = written
    assert sheet["B2"].value == read
    assert type(sheet["B2"].value) is type(read)


def test_a_list_is_a_row_and_a_list_of_lists_a_block(sheet):
    sheet["A1"].value = [1, 2, 3]
    sheet["A2"].value = [[4, 5, 6], [7, 8, 9]]
    assert sheet["A1:C3"].value == [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
    assert sheet["A1:C1"].value == [1, 2, 3]
    assert sheet["A1:A3"].value == [1, 4, 7]
    assert sheet["A1:A3"].options(ndim=2).value == [[1], [4], [7]]
    assert sheet["A1"].options(ndim=1).value == [1]


def test_one_value_fills_a_range(sheet):
    sheet["A1:B2"].value = "x"
    assert sheet["A1:B2"].value == [["x", "x"], ["x", "x"]]


def test_a_column_is_written_with_transpose(sheet):
    sheet["A1"].options(transpose=True).value = [1, 2, 3]
    assert sheet["A1:A3"].value == [1, 2, 3]
    assert sheet["A1:A3"].options(transpose=True, ndim=2).value == [[1, 2, 3]]


def test_options_choose_numbers_dates_and_what_empty_means(sheet):
    sheet["A1"].value = [2.0, dt.datetime(2026, 10, 31), None]
    assert sheet["A1:C1"].options(numbers=int, dates=dt.date, empty="–").value == [2, dt.date(2026, 10, 31), "–"]
    assert type(sheet["A1"].options(numbers=int).value) is int


def test_dictionaries_and_arrays(sheet):
    sheet["A1"].value = {"a": 1.0, "b": 2.0}
    assert sheet["A1:B2"].options(dict).value == {"a": 1.0, "b": 2.0}
    sheet["D1"].value = np.arange(6.0).reshape(2, 3)
    assert (sheet["D1:F2"].options(np.array).value == np.arange(6.0).reshape(2, 3)).all()


def test_data_frames_go_both_ways(sheet):
    frame = pd.DataFrame({"name": ["Li", "Wu"], "points": [92.5, np.nan]}, index=pd.Index([1.0, 2.0], name="id"))
    sheet["B3"].value = frame
    assert sheet["B3:D3"].value == ["id", "name", "points"]
    back = sheet["B3"].options(pd.DataFrame, expand="table").value
    pd.testing.assert_frame_equal(back, frame, check_dtype=False, check_column_type=False, check_index_type=False)
    series = (
        sheet["B3"].options(pd.Series, expand="table").value
        if False
        else sheet["B4:C5"].options(pd.Series, header=False).value
    )
    assert list(series) == ["Li", "Wu"]


def test_chunks_make_no_difference(sheet):
    rows = [[float(row * column) for column in range(3)] for row in range(25)]
    sheet["A1"].options(chunksize=4).value = rows
    assert sheet["A1:C25"].options(chunksize=7).value == rows


def test_raw_values_are_rows_of_cells(sheet, headless):
    sheet["A1"].value = 1
    assert sheet["A1"].raw_value == [[1.0]]
    assert sheet["A1:B1"].raw_value == [[1.0, None]]
    sheet["A2"].raw_value = [[1, "x"], [None, True]]
    assert sheet["A2:B3"].raw_value == [[1.0, "x"], [None, True]]


def test_formulas_are_formulas_and_constants_text(sheet):
    sheet["A1"].value = [[1, 2]]
    sheet["C1"].formula = "=A1+B1"
    assert sheet["C1"].formula == "=A1+B1"
    assert sheet["A1"].formula == "1"
    assert sheet["Z9"].formula == ""
    assert [list(row) for row in sheet["A1:C1"].formula] == [["1", "2", "=A1+B1"]]


def test_one_formula_is_filled_into_a_range_and_refers_onwards(sheet):
    sheet["C1:C3"].formula = "=A1*$B$1"
    assert [row[0] for row in sheet["C1:C3"].formula] == ["=A1*$B$1", "=A2*$B$1", "=A3*$B$1"]
    sheet["D1:D2"].value = "=SUM(A1:B1)"
    assert sheet["D2"].formula == "=SUM(A2:B2)"


def test_an_array_formula_belongs_to_its_whole_range(sheet):
    sheet["A1:A2"].value = [[1], [2]]
    sheet["B1:B2"].formula_array = "=A1:A2*2"
    assert sheet["B1:B2"].formula_array == "=A1:A2*2"
    assert sheet["B2"].has_array
    assert not sheet["A1"].has_array


def test_text_in_a_cell_formatted_as_text_is_never_a_formula(sheet):
    sheet["A1"].number_format = "@"
    sheet["A1"].value = "=1+1"
    assert sheet["A1"].value == "=1+1"


def test_an_apostrophe_makes_text(sheet):
    sheet["A1"].value = "'=1+1"
    sheet["A2"].value = engine.as_text([['=HYPERLINK("x")', "+1", "'quoted", 5]])
    assert sheet["A1"].value == "=1+1"
    assert sheet["A2:D2"].value == ['=HYPERLINK("x")', "+1", "'quoted", 5.0]


def test_text_is_not_converted(sheet, headless):
    """Excel would make 7, a formula and a date of these."""
    sheet["A1"].value = ["007", "+A1", "2026-10-31"]
    assert sheet["A1:C1"].value == ["007", "+A1", "2026-10-31"]
    assert sheet["B1"].api is not None
    assert sheet.api["B1"].data_type == "s"
    assert sheet.api["B1"].quotePrefix


def test_a_new_cell_looks_like_its_column(sheet):
    sheet["A:A"].number_format = "@"
    sheet["A5"].value = "007"
    assert sheet["A5"].value == "007"
    assert sheet["A5"].number_format == "@"


def test_an_error_is_nothing_unless_asked_for(sheet):
    sheet["A1"].value = "#N/A"
    assert sheet["A1"].value is None
    assert sheet["A1"].options(err_to_str=True).value == "#N/A"


def test_clearing_contents_keeps_formats(sheet):
    sheet["A1"].value, sheet["A1"].number_format = 5, "0.0"
    sheet["A1"].clear_contents()
    assert (sheet["A1"].value, sheet["A1"].number_format) == (None, "0.0")
    sheet["A1"].value = 5
    sheet["A1"].clear_formats()
    assert (sheet["A1"].value, sheet["A1"].number_format) == (5, "General")
    sheet["A1"].clear()
    assert sheet["A1"].value is None


scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.floats(allow_nan=False, allow_infinity=False, width=32),
    st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=12).filter(
        lambda text: (
            text[0] not in "'="
            and text.strip()
            and not text.startswith("#")
            and "\ufffe" not in text
            and "\uffff" not in text
        )
    ),
    st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2100, 1, 1)).map(lambda each: each.replace(microsecond=0)),
)


@settings(max_examples=draws(30), deadline=None)
@given(
    st.integers(1, 4).flatmap(
        lambda width: st.lists(st.lists(scalars, min_size=width, max_size=width), min_size=1, max_size=5)
    )
)
def test_any_block_comes_back(rows):
    app = engine.start()
    sheet = app.books.add().sheets[0]
    try:
        cells = sheet["B2"].resize(len(rows), len(rows[0]))
        cells.value = rows
        assert cells.options(ndim=2).value == rows
    finally:
        app.quit()
