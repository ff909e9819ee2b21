"""Tables are cut, put together and looked up in one way, and every record keeps its row number and its marks."""

from dataclasses import replace

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from tests.small import scheme, tables
from xlperf.schema.keys import drop_repeated_rows
from xlperf.schema.tables import table_of
from xlperf.scoring.clients import owner_columns
from xlperf.scoring.cross_sheet import add_client_columns
from xlperf.scoring.pipeline import appraise

FIGURES = {"employee_id": ["E1", "E2", "E3"], "indicator": "sales", "actual": [1.0, None, 3.0]}


def marked():
    """Actuals in rows 5 to 7, of which the second says that its figure does not apply."""
    table = table_of("actuals", FIGURES)
    return replace(table, rows=np.array([5, 6, 7]), not_applicable={"actual": np.array([False, True, False])})


def test_records_keep_their_row_numbers_and_marks():
    found = marked().where([2, 1])
    assert found["employee_id"].tolist() == ["E3", "E2"]
    assert found.rows.tolist() == [7, 6]
    assert found.not_applicable["actual"].tolist() == [False, True]
    assert found.frame.index.tolist() == [0, 1]


@given(st.lists(st.booleans(), min_size=3, max_size=3))
def test_a_mask_a_column_and_positions_choose_the_same(mask):
    table = marked()
    by_position = table.where([each for each, chosen in enumerate(mask) if chosen])
    for chosen in (np.array(mask), pd.Series(mask)):
        found = table.where(chosen)
        pd.testing.assert_frame_equal(found.frame, by_position.frame)
        assert found.rows.tolist() == by_position.rows.tolist()


def test_records_below_others_get_the_next_rows_and_new_columns_the_next_letters():
    more = table_of("actuals", {"employee_id": ["E4"], "note": ["late"], "Branch": ["North"]})
    both = marked().append(more)
    assert both.rows.tolist() == [5, 6, 7, 8]
    assert both["employee_id"].tolist() == ["E1", "E2", "E3", "E4"]
    assert both["actual"].dtype == "float64"
    assert both.not_applicable["actual"].tolist() == [False, True, False, False]
    assert {code: both.letters[code] for code in ("actual", "note", "Branch")} == {
        "actual": "C",
        "note": "D",
        "Branch": "E",
    }
    assert both["Branch"].isna().tolist() == [True, True, True, False]


def test_a_column_of_ones_own_that_differs_in_kind_becomes_text():
    numbers = table_of("tasks", {"task_id": ["T1"], "Floor": [3.0]})
    words = table_of("tasks", {"task_id": ["T2"], "Floor": ["ground"]})
    assert numbers.append(words)["Floor"].tolist() == ["3", "ground"]
    assert numbers.append(numbers)["Floor"].tolist() == [3.0, 3.0]


def test_nothing_below_or_above_changes_nothing():
    none = table_of("actuals", {"employee_id": []})
    pd.testing.assert_frame_equal(marked().append(none).frame, marked().frame)
    pd.testing.assert_frame_equal(none.append(marked()).frame, marked().frame)


def test_equal_rows_are_one_and_different_rows_with_one_key_stay():
    rows = [{"client_id": "C1", "owner_id": "E1"}, {"client_id": "C2"}, {"client_id": "C1", "owner_id": "E1"}]
    table, problems = drop_repeated_rows(table_of("clients", rows))
    assert table["client_id"].tolist() == ["C1", "C2"]
    assert [(each.code, each.level, each.cells) for each in problems] == [("row-repeated", "warning", "A4")]
    table, problems = drop_repeated_rows(table_of("clients", [*rows, {"client_id": "C2", "owner_id": "E2"}]))
    assert [(each.code, each.level, each.cells) for each in problems if each.level == "error"] == [
        ("key-twice", "error", "A3, A5 (2)")
    ]
    assert table["client_id"].tolist() == ["C1", "C2", "C2"]


def test_an_id_that_stands_twice_is_an_error_for_tables_from_python_too():
    twice = tables([{"employee_id": "E1"}, {"employee_id": "E2"}, {"employee_id": "E2", "name": "Other"}])
    found = [each for each in appraise(twice, scheme()).problems if each.code == "key-twice"]
    assert [(each.sheet, each.cells) for each in found] == [("Employees", "A3:A4 (2)")]


@given(st.permutations([("C1", "E1"), ("C2", "E2"), ("C1", "E3")]))
def test_a_client_that_stands_twice_is_nobodys_whatever_the_order(rows):
    """Three places ask who a client is: owners on a day, columns of the client, and the index itself."""
    from xlperf.policy.conditions import Scope, read

    clients = table_of("clients", [{"client_id": client, "owner_id": owner} for client, owner in rows])
    tasks = table_of("tasks", {"task_id": ["T1", "T2"], "client_id": ["C1", "C2"], "owner_id": ["E8", "E9"]})
    assert clients.unique("client_id")["owner_id"].to_dict() == {"C2": "E2"}
    when = appraise(tables(), scheme()).when
    asked = read("client.owner_id = E2", Scope.of_sheet("tasks"))
    seen = add_client_columns({"clients": clients, "tasks": tasks}, [asked], when)["tasks"].frame.iloc[:, -1]
    assert seen.tolist()[1:] == ["E2"]
    assert pd.isna(seen.iloc[0])
    on_the_day = replace(scheme().indicators[0], source="tasks", owner_at=asked_day())
    found = owner_columns({"clients": clients, "tasks": tasks.with_frame(tasks.frame.assign(due_date=due()))},
                          [on_the_day], when)["tasks"].frame  # fmt: skip
    assert found.iloc[:, -1].tolist() == ["E8", "E2"]


def asked_day():
    from xlperf.policy.conditions.tree import Ref

    return Ref("due_date", "date")


def due():
    return pd.Series(pd.to_datetime(["2026-10-05", "2026-10-06"])).astype("datetime64[s]")
