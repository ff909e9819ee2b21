"""Columns are typed, looked over and addressed as wholes: the same as value by value, row by row."""

import string

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small import OCTOBER, scheme, task

from xlperf.core.numbers import clean_key, clean_text
from xlperf.schema import SHEETS
from xlperf.schema.coercion import EXCEL_ERRORS, PLACEHOLDER, read_table
from xlperf.schema.tables import address, among, table_of
from xlperf.scoring.pipeline import appraise
from xlperf.workbook.fingerprint import fingerprint

TEXTS = st.one_of(
    st.text(string.ascii_letters + string.digits + " -_.", max_size=8),
    st.text("张伟王 \u3000\xa0\u200bＡ１x", max_size=5),
    st.sampled_from(
        ["[待填]", "TBD", "待定", "xx", "x", "T000000123", "Xu", "#N/A", "<name>", "1.10E+17", "=A1", "Max"]
    ),
    st.text(max_size=4),
)


def typed(column, values):
    """Return a column of Tasks as typed, and the problems."""
    table, problems = read_table(SHEETS["tasks"], {column: values}, range(2, len(values) + 2), {column: "A"}, "Tasks")
    return table[column], problems


@given(st.lists(st.none() | TEXTS, max_size=12))
@pytest.mark.parametrize(("column", "clean"), [("client_id", clean_key), ("note", clean_text)])
def test_a_text_is_cleaned_whatever_stands_beside_it(column, clean, values):
    found, problems = typed(column, values)
    left_out = [value for value in values if value and (value in EXCEL_ERRORS or PLACEHOLDER.match(value))]
    expected = [clean(value) if value and value not in left_out else "" for value in values]
    assert found.fillna("").tolist() == expected
    reported = [each for each in problems if each.code in ("cell-error-value", "placeholder")]
    assert {each.details["cell"] for each in reported} == {clean_text(value) for value in left_out}


def addressed(rows):
    """Write addresses one row after the other."""
    runs = []
    for row in sorted(set(rows)):
        if runs and runs[-1][1] == row - 1:
            runs[-1][1] = row
        else:
            runs.append([row, row])
    return [f"F{first}" if first == last else f"F{first}:F{last}" for first, last in runs]


@given(st.lists(st.integers(1, 60), max_size=40))
def test_addresses_are_runs_of_rows(rows):
    runs = addressed(rows)
    shown = ", ".join(runs[:6]) + (" …" if len(runs) > 6 else "")
    count = f" ({len(set(rows))})" if len(set(rows)) > 1 else ""
    assert address("F", np.array(rows, int)) == address("F", rows) == shown + count


@given(st.lists(st.none() | st.sampled_from("abc")), st.lists(st.sampled_from("abcd")))
def test_texts_are_among_others_as_python_sees_it(texts, many):
    found = among(pd.Series(texts, dtype="str"), pd.Series(many, dtype="str"))
    assert found.tolist() == [text in many for text in texts]


ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "task_id": st.sampled_from(["T1", "T2", "T3", None]),
            "owner_id": st.sampled_from(["E1", "E2", None]),
            "amount": st.sampled_from([1.0, 0.1, None]),
            "due_date": st.sampled_from([pd.Timestamp("2026-10-01"), None]),
        }
    ),
    max_size=6,
)


@given(ROWS, st.randoms(use_true_random=False))
def test_the_fingerprint_knows_rows_in_any_order_and_nothing_less(rows, random):
    """Keys may be missing or stand twice."""
    of = lambda some: fingerprint({"tasks": table_of("tasks", some)})  # noqa: E731
    assert of(random.sample(rows, len(rows))) == of(rows)
    if rows:
        assert of(rows[1:]) != of(rows)
        assert of([{**rows[0], "status": "done"}, *rows[1:]]) != of(rows)


def test_the_fingerprint_tells_where_one_text_ends_and_the_next_begins():
    one, other = (
        fingerprint({"tasks": table_of("tasks", [{"task_id": first}, {"task_id": second}])})
        for first, second in (("ab", "c"), ("a", "bc"))
    )
    assert one != other


def test_a_rare_spelling_is_found_among_very_many_rows():
    tasks = [task(number, "E1") | {"task_kind": "follow-up"} for number in range(5_000)]
    tasks[1234]["task_kind"] = "Follow up"
    tables = {
        "employees": table_of("employees", [{"employee_id": "E1", "name": "A"}]),
        "tasks": table_of("tasks", tasks),
    }
    found = [each for each in appraise(tables, scheme(), OCTOBER.code).problems if each.code == "near-spellings"]
    assert [(each.details["cell"], each.details["other"]) for each in found] == [("Follow up", "follow-up")]
    assert found[0].cells.endswith("1236")


@pytest.mark.parametrize(
    "word", ["同事", "相关部门", "peers", "related department", "同事（相关部门）", "Peer (related department)"]
)
def test_a_relation_comes_back_in_words_that_hold_what_was_typed(word):
    """Colleagues and related departments are one relation; who typed the one must not read only the other."""
    table, problems = read_table(SHEETS["ratings"], {"relation": [word]}, [2], {"relation": "E"}, "Ratings")
    assert (table["relation"].tolist(), problems) == (["peer"], [])
    shown = " ".join(SHEETS["ratings"]["relation"].vocabulary["peer"])
    assert word.casefold().removesuffix("s") in shown.casefold()
