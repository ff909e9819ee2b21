"""Reading what people type, and rounding as Excel does: worked cases in cases/numbers.toml, then what always holds."""

import math
import tomllib
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from pathlib import Path
from unicodedata import normalize

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlperf.core.numbers import (
    clean_key,
    clean_text,
    fold_width,
    fraction_of,
    key_lost_digits,
    parse_date,
    parse_dates,
    parse_number,
    parse_numbers,
    round_half_up,
    show_number,
)

CASES = tomllib.loads((Path(__file__).parents[1] / "cases" / "numbers.toml").read_text("utf-8"))
ANY_CELL = st.one_of(
    st.none(),
    st.floats(),
    st.integers(-(10**9), 10**9),
    st.booleans(),
    st.text(max_size=8),
    st.sampled_from([case["cell"] for case in CASES["cells"]]),
)


def cases(table):
    return pytest.mark.parametrize("case", CASES[table], ids=lambda case: str(case.get("cell", case)))


def same(one, other):
    return one == other or (math.isnan(one) and math.isnan(other))


def by_the_rule(number, digits):
    """The definition of the rounding, one number at a time, in decimal."""
    if not math.isfinite(number):
        return number
    read = Decimal(f"{number:.15g}")
    return float(read.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP, Context(prec=400))) + 0.0


@cases("rounding")
def test_rounds_like_excel(case):
    rounded = round_half_up(case["number"], case["digits"])
    assert same(rounded, case["gives"])
    assert type(rounded) is float
    assert math.copysign(1, rounded) == 1 or rounded < 0


def rounding_material():
    """Numbers that appraisals are made of, and numbers made to break rounding."""
    random = np.random.default_rng(20261031)
    count = 16_000
    thousandths = random.integers(-(10**6), 10**6, count) / 1000
    points = random.integers(0, 10**5, count) / 1000
    weights = random.integers(1, 100, count) / 100
    powers = 10.0 ** random.integers(-12, 17, count)
    known = np.array([2.675, 1.005, 78.625, 0.285 * 100, 0.1 + 0.2, 1.1 * 1.1, 4.35 * 100, 1.015, 8.345, 1e22, 0.0])
    edges = np.array([float(f"1e{k}") for k in range(-20, 40)])
    return np.concatenate([
        thousandths,
        random.choice([-0.005, 0.005], count) + thousandths,
        weights * points,
        weights * points + (1 - weights) * points[::-1],
        points / 3,
        random.integers(1, 10**6, count) / 1000 * powers,
        random.uniform(-1, 1, count) * powers,
        random.integers(2**46, 2**50, count) + 0.5,
        known, -known, edges, np.nextafter(edges, 0), np.nextafter(edges, np.inf), [np.nan, np.inf, -np.inf],
    ])  # fmt: skip


@pytest.mark.parametrize("digits", [0, 1, 2, 3, 4, 6, 9, -2])
def test_rounds_whole_columns_by_the_decimal_rule(digits):
    numbers = rounding_material()
    assert len(numbers) > 100_000
    expected = np.array([by_the_rule(number, digits) for number in numbers.tolist()])
    np.testing.assert_array_equal(round_half_up(numbers, digits), expected)


def test_every_half_of_a_hundredth_goes_up():
    thousandths = np.arange(2_000_000)
    expected = (thousandths + 5) // 10 / 100  # in whole numbers, where nothing can go wrong
    np.testing.assert_array_equal(round_half_up(thousandths / 1000), expected)
    np.testing.assert_array_equal(round_half_up(thousandths * 0.001), expected)
    np.testing.assert_array_equal(round_half_up(-thousandths / 1000), -expected)


@given(st.floats(), st.integers(-30, 30))
def test_rounds_any_number_to_any_digit_by_the_rule(number, digits):
    assert same(round_half_up(number, digits), by_the_rule(number, digits))


@given(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9), st.integers(-2, 6))
def test_rounding_keeps_order_and_sign_and_happens_once(one, other, digits):
    low, high = sorted([one, other])
    assert round_half_up(low, digits) <= round_half_up(high, digits)
    assert round_half_up(-one, digits) == -round_half_up(one, digits)
    assert round_half_up(round_half_up(one, digits), digits) == round_half_up(one, digits)


@pytest.mark.parametrize("shape", [(), (0,), (1,), (2, 3), (2, 0, 1)])
def test_rounding_keeps_the_shape_and_the_column(shape):
    column = np.full(shape, 1.005)
    rounded = round_half_up(column)
    assert np.shape(rounded) == shape
    assert np.all(np.asarray(rounded) == 1.01)
    assert np.all(column == 1.005)


def test_rounds_lists_and_pandas_columns():
    assert round_half_up([1.005, 2]).tolist() == [1.01, 2.0]
    assert round_half_up(pd.Series([1.005, None])).tolist()[0] == 1.01


@given(st.integers(-(10**14), 10**14), st.integers(0, 12))
def test_a_fraction_is_the_decimal_on_the_sheet(whole, places):
    assert fraction_of(whole / 10**places) == Fraction(whole, 10**places)


@pytest.mark.parametrize(
    ("number", "digits", "words"),
    [
        (100, 2, "100"),
        (1200, 0, "1200"),
        (98.50, 2, "98.5"),
        (1.005, 2, "1.01"),
        (1250, -2, "1300"),
        (math.nan, 2, "—"),
    ],
)
def test_shows_numbers_without_idle_zeros(number, digits, words):
    assert show_number(number, digits) == words


@cases("cells")
def test_reads_a_cell(case):
    read = parse_number(case["cell"])
    assert read.kind == case.get("kind", "number")
    assert same(read.value, case.get("value", math.nan))
    assert read.unit == case.get("unit", "")
    assert read.converted == case.get("note", False)


@pytest.mark.parametrize("cell", [np.float64(90.5), np.int64(90), Decimal("90.5"), np.float32(90.5)])
def test_reads_numbers_of_other_libraries(cell):
    assert parse_number(cell) == (float(cell), "number", False, "")


@pytest.mark.parametrize("cell", [None, pd.NA, pd.NaT, np.nan, np.datetime64("NaT")])
def test_nothing_is_missing_and_not_zero(cell):
    read = parse_number(cell)
    assert read.kind == "missing"
    assert math.isnan(read.value)


@given(ANY_CELL)
def test_only_numbers_have_a_value(cell):
    read = parse_number(cell)
    assert math.isfinite(read.value) == (read.kind in ("number", "percent"))


@given(st.decimals(-(10**9), 10**9, places=2))
def test_reads_the_ways_in_which_a_number_is_written(number):
    value = float(number)
    assert parse_number(f"{number:,}").value == value
    assert parse_number(f"￥ {number:,}").value == value
    assert parse_number(f"{number}%").value == float(number / 100)
    assert parse_number(f"{number}万元").value == float(number * 10_000)
    assert parse_number(f"({abs(number)})").value == -abs(value)


@given(st.sampled_from([str(case["cell"]) for case in CASES["cells"]]))
def test_width_does_not_matter(text):
    wide = "".join(chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter for letter in text)
    assert normalize("NFKC", fold_width(wide)) == normalize("NFKC", text)
    assert parse_number(wide)[1::2] == parse_number(text)[1::2]
    assert same(parse_number(wide).value, parse_number(text).value)


@given(st.lists(ANY_CELL))
def test_a_column_reads_like_its_cells(column):
    numbers = parse_numbers(column)
    assert {len(part) for part in numbers} == {len(column)}
    for cell, *read in zip(column, *(part.tolist() for part in numbers), strict=True):
        value, *words = parse_number(cell)
        assert same(read[0], value)
        assert read[1:] == words


@pytest.mark.parametrize("column", [[90, None, 85.5, math.inf], np.array([90, np.nan, 85.5, np.inf])])
def test_a_column_of_plain_numbers(column):
    numbers = parse_numbers(column)
    np.testing.assert_array_equal(numbers.value, [90, np.nan, 85.5, np.nan])
    assert numbers.kind.tolist() == ["number", "missing", "number", "text"]
    assert not numbers.converted.any()
    assert set(numbers.unit.tolist()) == {""}


@cases("texts")
def test_cleans_texts(case):
    assert clean_text(case["cell"]) == case["gives"]


@given(st.text())
def test_cleaning_twice_changes_nothing(text):
    assert clean_text(clean_text(text)) == clean_text(text)
    assert clean_key(clean_key(text)) == clean_key(text)


@cases("keys")
def test_cleans_keys(case):
    assert clean_key(case["cell"]) == case["gives"]
    assert key_lost_digits(case["cell"]) == case.get("lost", False)


def as_moment(day):
    return day if isinstance(day, datetime) or day is None else datetime(day.year, day.month, day.day)


@cases("dates")
def test_reads_a_date(case):
    read = parse_date(case["cell"], case.get("order", "ymd"), case.get("system", 1900))
    assert read == as_moment(case.get("gives"))


@cases("orders")
def test_finds_the_order_of_a_column(case):
    assert parse_dates(case["column"]).order == case["order"]
    assert parse_dates(case["column"][::-1]).order == case["order"]
    assert parse_dates(case["column"]).order == case["order"]


MINUTES = st.datetimes(datetime(1900, 1, 1), datetime(2199, 12, 31)).map(
    lambda day: day.replace(second=0, microsecond=0)
)


@given(MINUTES)
def test_reads_the_ways_in_which_a_date_is_written(day):
    clock = f"{day.hour}:{day.minute:02}"
    assert parse_date(f"{day.year}/{day.month}/{day.day} {clock}") == day
    assert parse_date(f"{day.year}年{day.month}月{day.day}日{clock}") == day
    assert parse_date(day.isoformat()) == day
    assert parse_date(f"{day:%Y%m%d}") == as_moment(day.date())
    assert parse_date(f"{day.day}/{day.month}/{day.year} {clock}", order="dmy") == day
    assert parse_date(f"{day.month}-{day.day}-{day.year} {clock}", order="mdy") == day


@given(st.integers(20000 + 1462, 79999), st.integers(0, 86399))
def test_serial_numbers_count_days(serial, second):
    known = datetime(2024, 3, 1) + timedelta(days=serial - 45352, seconds=second)  # Excel shows 45352 as 2024-03-01
    assert parse_date(serial + second / 86400) == known
    assert parse_date(serial - 1462 + second / 86400, date_system=1904) == known


@given(st.lists(st.one_of(ANY_CELL, MINUTES, MINUTES.map(lambda day: f"{day.day}/{day.month}/{day.year}"))))
def test_a_column_of_dates_reads_like_its_cells(column):
    dates, bad, order = parse_dates(column)
    one_order = order if order in ("dmy", "mdy") else "ymd"
    expected = [parse_date(cell, one_order) for cell in column]
    assert dates.tolist() == expected
    assert all(expected[position] is None for position in bad)


def test_empty_cells_are_not_bad_dates():
    column = ["2024-03-01", "", None, "-", "?", "不适用", "2023-02-29", 95, "待定", pd.NaT, date(2024, 3, 2)]
    dates, bad, _ = parse_dates(column)
    assert bad == [6, 7, 8]
    assert np.flatnonzero(~np.isnat(dates)).tolist() == [0, 10]
    assert dates.dtype == np.dtype("datetime64[s]")


def test_dates_stay_dates():
    moments = [datetime(2024, 3, 1, 8, 30), None, date(2024, 3, 2)]
    expected = np.array(["2024-03-01T08:30:00", "NaT", "2024-03-02"], dtype="datetime64[s]")
    np.testing.assert_array_equal(parse_dates(moments).dates, expected)
    np.testing.assert_array_equal(parse_dates(expected.astype("datetime64[ns]")).dates, expected)
    np.testing.assert_array_equal(parse_dates(pd.Series(expected)).dates, expected)
    np.testing.assert_array_equal(parse_dates([*pd.Series(expected), "待定"]).dates[:3], expected)
    assert parse_dates(moments).bad == []


def test_a_column_of_unknown_order_gives_up_only_what_it_must():
    dates, bad, order = parse_dates(["3/1/2017", "3/3/2017", "2017-03-04"])
    assert order == "ambiguous"
    assert bad == [0]
    assert dates[1:].astype("datetime64[D]").astype(str).tolist() == ["2017-03-03", "2017-03-04"]


def test_a_given_order_wins_over_the_column():
    dates, bad, order = parse_dates(["3/1/2017", "25/3/2017"], order="mdy")
    assert order == "mdy"
    assert bad == [1]
    assert str(dates[0].astype("datetime64[D]")) == "2017-03-01"
