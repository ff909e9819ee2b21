"""Levels of clients that HR names: any number of them, by quantiles or cuts, in conditions and typed on Clients."""

from fractions import Fraction

import pandas as pd
import pytest
import small
from effort import draws
from hypothesis import given, settings
from hypothesis import strategies as st
from referees import decimals, differences, recalculated, results

import xlperf
from tests.scoring.test_clients import OCTOBER_ONLY, book_of, books
from tests.small_book import codes, one
from xlperf.analysis.explain import as_lines, explain
from xlperf.core.problems import LANGUAGES
from xlperf.policy.schemes import from_toml
from xlperf.schema import SHEETS
from xlperf.schema.tables import table_of
from xlperf.scoring.clients import classify_clients
from xlperf.scoring.pipeline import appraise
from xlperf.workbook.read.book import read_book
from xlperf.workbook.write.scheme_workbook import build
from xlperf.xlsx.atomic_save import save_atomically


def row(axis, level, lower=None, column="trade_count", mode="quantile"):
    bound = "" if lower is None else f"lower = {lower}\n"
    return f'[[own_levels]]\naxis = "{axis}"\nlevel = "{level}"\ncolumn = "{column}"\nmode = "{mode}"\n{bound}\n'


def equal_parts(axis, parts, column="trade_count"):
    """Levels 5, 4 … 1 of as many clients each, the best first."""
    bounds = [Fraction(part, parts) for part in range(parts - 1, 0, -1)]
    rows = [
        row(axis, f"{axis}{number}", float(bound), column)
        for number, bound in zip(range(parts, 1, -1), bounds, strict=True)
    ]
    return "".join(rows) + row(axis, f"{axis}1", None, column)


def scheme_with(text, indicators=""):
    read, problems = from_toml(text + small.SCHEME + indicators, "small")
    return read, [each for each in problems if each.code != "cell-not-understood"]


def clients_of(*figures, **columns):
    rows = {"client_id": [f"K{n}" for n in range(len(figures))], "trade_count": list(figures), **columns}
    return table_of("clients", {"client_status": ["existing"] * len(figures), **rows})


def test_fifths_of_nine_clients_are_what_a_person_counts():
    """Of nine figures 8, 6, 4 and 2 lie below: ⌈0.8 × 9⌉, ⌈0.6 × 9⌉ …, so one client is Q5, two each are Q4 to Q1."""
    scheme, _ = scheme_with(equal_parts("Q", 5))
    clients, problems = classify_clients(clients_of(*range(1, 10), None), scheme, OCTOBER_ONLY)
    assert clients["Q"].tolist()[:9] == ["Q1", "Q1", "Q2", "Q2", "Q3", "Q3", "Q4", "Q4", "Q5"]
    assert pd.isna(clients["Q"].iloc[9])  # whose figure is not known has no level
    assert problems == []


@settings(max_examples=draws(60), deadline=None)
@given(books, st.integers(2, 12))
def test_any_number_of_parts_is_what_a_person_counts(rows, parts):
    scheme, _ = scheme_with(equal_parts("L", parts, "closing_assets"))
    found, _ = classify_clients(book_of(rows), scheme, OCTOBER_ONLY)
    book = [figure for figure, state in rows if state == "existing" and figure is not None]
    for (figure, state), level in zip(rows, found["L"], strict=True):
        if figure is None or state == "prospect" or not book:
            assert pd.isna(level)
            continue
        below = sum(each < figure for each in book)
        bounds = [(part, Fraction(part - 1, parts)) for part in range(parts, 1, -1)]
        reached = [part for part, bound in bounds if below >= bound * len(book)]
        assert level == f"L{max(reached, default=1)}"


def test_two_axes_of_ones_own_stand_beside_each_other():
    scheme, _ = scheme_with(
        equal_parts("A", 2) + row("Size", "large", 5, mode="cut") + row("Size", "small", mode="cut")
    )
    clients, _ = classify_clients(clients_of(1, 9), scheme, OCTOBER_ONLY)
    assert (clients["A"].tolist(), clients["Size"].tolist()) == (["A1", "A2"], ["small", "large"])


COUNTED = (
    'source = "tasks"\nmeasure = "count"\nwhere = "done_date in period"',
    'source = "clients"\nmeasure = "count"\nwhere = "Activity = \\"lively\\""',
)
ACTIVITY = row("Activity", "lively", 0.5) + row("Activity", "quiet")


def active_clients(columns=None):
    """E1 has three clients with 1, 5 and 9 trades: those two with at least half of the book below are lively."""
    assert COUNTED[0] in small.SCHEME
    scheme, problems = from_toml(ACTIVITY + small.SCHEME.replace(*COUNTED), "small")
    assert not [each for each in problems if each.level == "error"]
    return scheme, clients_of(1, 5, 9, owner_id=["E1"] * 3, **(columns or {}))


def test_a_condition_counts_who_is_of_a_level():
    """⌈0.5 × 3⌉ = 2 lie below the client with 9 trades alone: 1 of the 4 asked for is a quarter of 30 points."""
    scheme, given = active_clients()
    stage = appraise({**small.tables(("E1",)), "clients": given}, scheme)
    assert not [each.found("en") for each in stage.problems if each.level == "error"]
    column = stage.facts.column("done")
    assert stage.facts.actual[:, column].tolist() == [1.0]
    assert stage.points.points[:, column].tolist() == [25.0]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("columns", [{}, {"Activity": [None, None, None]}, {"Activity": ["quiet", "lively", "lively"]}])
def test_formulas_say_the_same_or_leave_the_value(lang, columns, tmp_path):
    """Cells that a run fills only in memory are no cells to count: then the value stands, and Run says why."""
    scheme, given = active_clients(columns)
    path = tmp_path / "book.xlsx"
    workbook = build(scheme.with_settings(language=lang), {**small.tables(("E1",)), "clients": given}, lang)
    save_atomically(workbook, path, keep_backup=False)
    native = tmp_path / "native.xlsx"
    assert not xlperf.run(path, native, formulas="native").refused
    compared = differences(results(native), recalculated(native, "formualizer"), decimals(native))
    assert compared, str(compared)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_sheet_is_written_and_read_in_both_languages(lang, tmp_path):
    scheme, given = active_clients()
    path = tmp_path / "book.xlsx"
    build(scheme.with_settings(language=lang), {**small.tables(("E1",)), "clients": given}, lang).save(path)
    book = read_book(path)
    assert [(each.axis, each.level, each.mode) for each in book.scheme.own_levels] == [
        ("Activity", "lively", "quantile"), ("Activity", "quiet", "quantile"),
    ]  # fmt: skip
    assert not [each for each in book.problems if each.level == "error"]
    assert book.scheme.table("own_levels").title == SHEETS["own_levels"].title(lang)


def test_a_level_that_is_typed_wins_and_is_told():
    scheme, given = active_clients({"Activity": ["lively", None, None]})
    clients, problems = classify_clients(given, scheme, OCTOBER_ONLY)
    assert clients["Activity"].tolist() == ["lively", "quiet", "lively"]
    assert codes(problems) == ["class-typed"]


def test_a_level_that_is_not_on_the_sheet_is_an_error_at_its_cell():
    scheme, given = active_clients({"Activity": [None, "livly", None]})
    _, problems = classify_clients(given, scheme, OCTOBER_ONLY)
    found = one(problems, "own-level-unknown")
    assert (found.level, found.details["cell"], found.details["near"]) == ("error", "livly", ["lively"])


def test_a_column_of_figures_takes_no_levels():
    scheme, given = active_clients({"Activity": [1.0, 2.0, None]})
    _, problems = classify_clients(given, scheme, OCTOBER_ONLY)
    assert codes(problems) == ["own-axis-figures"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (row("Part", "a", 0.2) + row("Part", "b", 0.8) + row("Part", "c"), "class-cuts"),
        (row("Part", "a", 1.2) + row("Part", "b"), "class-quantile"),
        (row("Part", "a") + row("Part", "b", 0.2), "class-rest-not-last"),
        (row("Part", "a", 0.5) + row("Part", "b", 0.2), "class-open-below"),
        (row("Part", "a", 0.5, column="client_name") + row("Part", "b", column="client_name"), "class-column"),
        (row("R级", "a", 0.5) + row("R级", "b"), "own-axis-taken"),
    ],
)
def test_a_definition_that_cannot_be_meant_is_told(text, code):
    scheme, problems = scheme_with(text)
    stage = appraise(small.tables(), scheme, found_before=problems)
    assert code in codes(stage.problems)


def test_a_condition_that_asks_for_no_level_of_the_sheet_is_an_error():
    scheme, _ = from_toml(ACTIVITY + small.SCHEME.replace(COUNTED[0], COUNTED[1].replace("lively", "livly")), "small")
    _, given = active_clients()
    stage = appraise({**small.tables(("E1",)), "clients": given}, scheme)
    found = one(stage.problems, "condition-unknown-choice")
    assert (found.details["word"], found.details["allowed"]) == ("livly", ["lively", "quiet"])


def test_explain_shows_the_level_of_each_client():
    scheme, given = active_clients()
    stage = appraise({**small.tables(("E1",)), "clients": given}, scheme)
    story, problems = explain(stage, "E1", "done", "en")
    assert not problems
    assert [line.strip() for line in as_lines(story, "en") if "K2" in line] == [
        "✓ Clients!A4  Client ID K2, Activity lively"
    ]
