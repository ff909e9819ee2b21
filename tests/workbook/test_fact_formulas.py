"""Conditions and facts as worksheet formulas: engines that know nothing of xlperf count what xlperf counts."""

import shutil
import tomllib
from collections import Counter
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from pathlib import Path

import narwhals as nw
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from referees import agree, differences, recalculate, recalculated
from small_book import policy, save

from xlperf.policy import schemes
from xlperf.policy.conditions import Misread, Scope, When, figure, read, read_expression, rows_meeting
from xlperf.policy.conditions.criteria import Cells, Days, NotExpressible, Rows, is_safe, same_as
from xlperf.policy.conditions.formulas import figure_formula, rows_formula
from xlperf.reporting.output_tables import detail_rows
from xlperf.schema import SHEETS
from xlperf.schema.tables import table_of
from xlperf.scoring.pipeline import appraise
from xlperf.workbook.area import Area
from xlperf.workbook.formulas.facts import OWNERS as SEVERAL_OWNERS
from xlperf.workbook.formulas.facts import WEIGHED, days_of, fact_formulas, sources_of_facts
from xlperf.workbook.formulas.sources import (
    DATES_AS_TEXT,
    NUMBERS_AS_TEXT,
    OTHER_SPELLING,
    ROWS_BETWEEN,
    TEXTS_AS_NUMBERS,
    sources_of,
)
from xlperf.workbook.read.book import read_book

CASES = tomllib.loads((Path(__file__).parents[1] / "cases" / "formulas.toml").read_text("utf-8"))
EXAMPLES = Path(__file__).parents[2] / "workbooks"
TASKS = Scope.of_sheet("tasks")
OCTOBER = When(date(2026, 10, 1), date(2026, 10, 31), date(2026, 9, 1), date(2026, 9, 30))
HEADINGS = ("task_id", "task_kind", "owner_id", "created_date", "due_date", "done_date", "status", "result", "amount", "note", "hold_days")  # fmt: skip
OWNERS = ("E1", "E2", "007")

# What people type into a column: as it should be, and as it should not ------------------------------------------------

days = st.dates(date(2026, 9, 28), date(2026, 11, 3)).map(lambda day: datetime(day.year, day.month, day.day))
moments = st.datetimes(datetime(2026, 9, 29), datetime(2026, 11, 2)).map(lambda each: each.replace(microsecond=0))
blank = st.none()
TIDY = {
    "task_kind": st.sampled_from(["call", "visit", "回访", "follow up"]) | blank,
    "owner_id": st.sampled_from(["E1", "E2", "E3"]),
    "created_date": days | blank,
    "due_date": days | blank,
    "done_date": days | moments | blank,
    "status": st.sampled_from(["done", "open", "cancelled"]) | blank,
    "result": st.sampled_from(["won", "lost", "won back", "a*b"]) | blank,
    "amount": st.sampled_from([0, 1, 2.5, 5, 100, -3, 0.1]) | blank,
    "note": st.sampled_from(["won", "lost", "n/k"]) | blank,
    "hold_days": st.integers(0, 5) | blank,
}
UNTIDY = {
    "task_kind": st.sampled_from(["call", "Call", "1", "01", 1, "1E2", "100", "a*b", "ab", "a~b", "=x", "SEPT2", "TRUE", " call"]),
    "owner_id": st.sampled_from(["E1", "e1", "007", "7", 7, "E2"]) | blank,
    "created_date": moments | st.sampled_from(["2026-10-05", "-", "?"]),
    "due_date": moments | blank,
    "done_date": days | st.sampled_from(["2026-10-05", "-"]),
    "status": st.sampled_from(["done", "已完成", "Done", "ＤＯＮＥ", "cancelled", "已取消", "open"]) | blank,
    "result": st.sampled_from(["won", "Won", "WON", "ｗｏｎ", "wonderful", "won*", 3]) | blank,
    "amount": st.sampled_from([0, 0.1 + 0.2, 0.3, "85分", "不适用", "12", 7]) | blank,
    "note": st.sampled_from(["won", "WON", "x" * 300]) | blank,
    "hold_days": st.sampled_from([0, 1.5, "3", "2天", "-"]) | blank,
}  # fmt: skip


@st.composite
def sheets(draw):
    """Rows of a Tasks sheet, most columns tidy."""
    untidy = draw(st.sets(st.sampled_from(list(TIDY)), max_size=3))
    kinds = {name: UNTIDY[name] if name in untidy else TIDY[name] for name in TIDY}
    rows = draw(st.lists(st.tuples(*kinds.values()), min_size=1, max_size=14))
    return [(f"T{number}", *row) for number, row in enumerate(rows)]


# What the language can say about it -----------------------------------------------------------------------------------

dates = st.sampled_from(["created_date", "due_date", "done_date"])
signs = st.sampled_from(["=", "<>", "<", "<=", ">", ">="])
edges = st.sampled_from(["period start", "period end", "previous period end", "2026-10-05", "2026-10-20"])
moved = (
    edges
    | st.builds("{} {} days".format, edges, st.sampled_from(["+ 3", "- 15"]))
    | st.builds("{} - 1 months".format, edges)
)
texts = st.sampled_from(["call", "won", "a*b", "a~b", "1", "100", "=x", "SEPT2", "TRUE", "回访", "won back"])
listed = st.lists(texts, min_size=1, max_size=3, unique=True).map(lambda each: ", ".join(f'"{text}"' for text in each))
columns = st.sampled_from(HEADINGS)
text_columns = st.sampled_from(["task_kind", "result", "note"])
numbers = st.sampled_from(["0", "5", "2.5", "0.3", "100"])
atoms = st.one_of(
    st.builds(
        "{} {} {}".format, dates, st.sampled_from(["in", "not in"]), st.sampled_from(["period", "previous period"])
    ),
    st.builds("{} {} {}".format, dates, signs, moved),
    st.builds("{} {} {}".format, moved, signs, dates),
    st.builds("{} {} {}".format, dates, signs, dates),
    st.builds("{} {} {} + 2 days".format, dates, signs, dates),
    st.builds("{} {} {} + hold_days days + 1 days".format, dates, signs, dates | edges),
    st.builds("{} + hold_days days {} {}".format, dates, signs, dates | edges),
    st.builds("{} within {} days of {}".format, dates, st.integers(0, 9), dates | edges),
    st.builds("{} is {}".format, columns, st.sampled_from(["filled", "empty"])),
    st.builds("({}, {}) is {}".format, columns, columns, st.sampled_from(["filled", "empty"])),
    st.builds("status {} {}".format, st.sampled_from(["=", "<>"]), st.sampled_from(["done", "cancelled", "open"])),
    st.builds("status {} (done, open)".format, st.sampled_from(["in", "not in"])),
    st.builds('{} {} "{}"'.format, text_columns, st.sampled_from(["=", "<>"]), texts),
    st.builds("{} {} ({})".format, text_columns, st.sampled_from(["in", "not in"]), listed),
    st.builds('{} {} "{}"'.format, text_columns, st.sampled_from(["contains", "not contains"]), texts),
    st.builds("{} {} {}".format, text_columns, signs, text_columns),
    st.builds("amount {} {}".format, signs, numbers),
    st.builds("{} {} amount".format, numbers, signs),
    st.builds("amount {} 2 - 1 {} {}".format, st.sampled_from("+*/"), signs, numbers),
    st.builds("done_date - created_date {} {}".format, signs, numbers),
)
conditions = st.recursive(
    atoms,
    lambda inner: (
        st.builds("({} {} {})".format, inner, st.sampled_from(["and", "or"]), inner)
        | st.builds("not ({})".format, inner)
    ),
    max_leaves=4,
)
FIGURES = (
    "amount",
    "done_date - created_date",
    "(done_date - created_date) * 24",
    "done_date - (due_date + hold_days days)",
    "amount * 2 - 1",
    "amount / 4",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("formulas")


def tasks_in(folder, rows):
    """Write rows as a Tasks sheet, and return the file, the table that is read, and the columns as formulas see them."""
    names = [SHEETS["tasks"][code].name.en for code in HEADINGS]
    path = save(folder / "book.xlsx", {**policy("en"), "Tasks": [names, *rows]})
    table = read_book(path).tables["tasks"]
    return path, table, sources_of(path, {"tasks": table}, {"tasks": HEADINGS}, "en")["tasks"]


def counted(table, condition, owner, expression=None):
    """Count the rows of an owner that meet a condition, or add up a figure over them, as the kernel does."""
    frame = nw.from_native(table.frame)
    met = rows_meeting(condition, OCTOBER) & (nw.col("owner_id") == owner).fill_null(False)
    value = nw.lit(1.0) if expression is None else figure(expression, OCTOBER)
    found = frame.with_columns(met=met, value=value)
    return float(np.nansum(np.where(found["met"].to_numpy(), found["value"].to_numpy().astype(float), 0.0)))


def said(columns, condition, expression=None):
    """Return the formula for the owner in column A of its own row, or the reason why there is none."""
    try:
        own = same_as(columns["owner_id"], "$A1", all(map(is_safe, OWNERS[:2])))
        rows = own & rows_formula(condition, columns, days_of(OCTOBER))
        return rows.count() if expression is None else rows.sum(figure_formula(expression, columns, days_of(OCTOBER)))
    except NotExpressible as unsaid:
        return unsaid.reason


def written(path, formulas):
    """Put formulas on a sheet of their own, one column each, with the owners beside."""
    workbook = load_workbook(path)
    sheet = workbook.create_sheet("Facts")
    for row, owner in enumerate(OWNERS, start=1):
        sheet.cell(row, 1, owner)
        for column, formula in enumerate(formulas, start=2):
            sheet.cell(row, column, f"={formula}".replace("$A1", f"$A{row}"))
    workbook.save(path)
    return path


def asked_in(folder, rows, asked):
    """Write rows and the formulas of what is asked about them; return the file and, by cell, what is to be found."""
    path, table, cells = tasks_in(folder, rows)
    formulas, expected = [], {}
    if "e1" in set(table["owner_id"]):
        return path, expected  # fact_formulas refuses such IDs beforehand
    for text, expression in asked:
        try:
            condition = read(text, TASKS)
        except Misread:
            continue
        operand = None if expression is None else read_expression(expression, TASKS)
        formula = said(cells, condition, operand)
        if isinstance(formula, str):
            formulas.append(formula)
            letter = get_column_letter(len(formulas) + 1)
            for row, owner in enumerate(OWNERS, start=1):
                expected[f"{letter}{row}"] = counted(table, condition, owner, operand), owner, text, formula
    return written(path, formulas), expected


def demand_same(expected, found):
    for ref, (wanted, *about) in expected.items():
        assert agree(wanted, found["Facts"][ref]), (wanted, found["Facts"][ref], *about)


def compared(folder, rows, asked, engine):
    path, expected = asked_in(folder, rows, asked)
    if expected:
        demand_same(expected, recalculated(path, engine))


asked = st.lists(st.tuples(conditions, st.none() | st.sampled_from(FIGURES)), min_size=8, max_size=16)


@settings(suppress_health_check=list(HealthCheck), max_examples=10)
@given(sheets(), asked)
def test_formulas_find_the_rows_that_conditions_find(folder, rows, asked):
    compared(folder, rows, asked, "formualizer")


@pytest.mark.slow
@settings(suppress_health_check=list(HealthCheck), max_examples=4)
@given(sheets(), asked)
def test_a_second_engine_finds_the_same_rows(folder, rows, asked):
    compared(folder, rows, asked, "ironcalc")


@pytest.mark.slow
def test_libreoffice_finds_the_same_rows(folder):
    """LibreOffice is started once for all that is asked."""
    books = {}

    @settings(suppress_health_check=list(HealthCheck), max_examples=12)
    @given(sheets(), asked)
    def write(rows, asked):
        apart = folder / f"book {len(books)}"
        apart.mkdir(exist_ok=True)
        path, expected = asked_in(apart, rows, asked)
        if expected:
            books[path] = expected

    write()
    assert len(books) > 4
    for path, found in recalculate(books, "libreoffice").items():
        demand_same(books[path], found)


# What is said, and what is not ----------------------------------------------------------------------------------------

DAYS = Days("P!B1", "P!B2", "P!B3", "P!B4")
COLUMNS = {
    "task_kind": Cells("B2:B9"),
    "owner_id": Cells("C2:C9"),
    "created_date": Cells("D2:D9"),
    "due_date": Cells("E2:E9"),
    "done_date": Cells("F2:F9", whole=False),
    "status": Cells("G2:G9", spellings={"done": ("已完成",), "cancelled": ("已取消",)}),
    "result": Cells("H2:H9", texts=frozenset(["won", "lost", "Won back"])),
    "amount": Cells("I2:I9", mixed=True),
}


@pytest.mark.parametrize("case", CASES["said"], ids=lambda case: case["condition"])
def test_a_condition_is_said(case):
    assert rows_formula(read(case["condition"], TASKS), COLUMNS, DAYS).count() == case["formula"]


@pytest.mark.parametrize("case", CASES["unsaid"], ids=lambda case: case["condition"])
def test_a_condition_is_not_said_and_why(case):
    with pytest.raises(NotExpressible) as unsaid:
        (Rows(None) & rows_formula(read(case["condition"], TASKS), COLUMNS, DAYS, TASKS.columns)).count()
    assert unsaid.value.reason.en == case["en"]
    assert unsaid.value.reason.zh == case.get("zh", unsaid.value.reason.zh)
    assert unsaid.value.reason.zh


# Facts ----------------------------------------------------------------------------------------------------------------

FIGURE_COLUMNS = {"numerator": "C", "denominator": "D", "actual": "E"}


@pytest.fixture
def a_book(sample_path, tmp_path):
    """A copy of the sample workbook of a scheme, and what a run finds in it."""

    def copy(name, lang):
        path = sample_path(name, lang)
        return shutil.copy(path, tmp_path / path.name), found_in_sample(path)

    return copy


@cache
def found_in_sample(path):
    return appraised(path)


def appraised(path):
    book = read_book(path)
    return appraise(book.tables, book.scheme, found_before=book.problems)


def with_facts(path, run, lang):
    """Write the formulas of all facts on a sheet of their own; return what they should come to, and why some are none."""
    rows = detail_rows(run, lang)
    area = Area(1, len(rows) + 1, {"employee_id": "A", **FIGURE_COLUMNS})
    found = fact_formulas(run, sources_of_facts(path, run, lang), area)
    workbook = load_workbook(path)
    sheet = workbook.create_sheet("Facts")
    for row, person in enumerate(rows["employee_id"], start=2):
        sheet.cell(row, 1, person)
    expected = {}
    for (row, column), text in found.formulas.items():
        ref, value = f"{FIGURE_COLUMNS[column]}{row + 2}", rows[column].iloc[row]
        sheet[ref] = f"={text}"
        expected[ref] = "" if np.isnan(value) else float(value)
    workbook.save(path)
    return {"Facts": expected}, found.reasons


@pytest.mark.parametrize(
    ("name", "lang", "engine"),
    [("sales-pipeline", "zh", "ironcalc"), ("small-company-accounts", "zh", "formualizer")],
)
def test_formulas_measure_what_a_run_measures(a_book, name, lang, engine):
    path, run = a_book(name, lang)
    expected, reasons = with_facts(path, run, lang)
    assert set(reasons.values()) <= {WEIGHED}
    found = differences(expected, {"Facts": recalculated(path, engine)["Facts"]})
    assert found, found


@pytest.mark.slow
def test_rows_that_hr_adds_below_are_counted(a_book):
    """The formulas of one run give, with a task more, what another run gives."""
    path, run = a_book("sales-pipeline", "zh")
    with_facts(path, run, "zh")
    workbook = load_workbook(path)
    tasks = workbook["任务"]
    last = max(row for row in range(1, tasks.max_row + 1) if tasks.cell(row, 1).value)
    headings = [cell.value for cell in tasks[1]]
    done = headings.index("完成日期") + 1
    in_period = [row for row in range(2, last) if str(tasks.cell(row, done).value) >= "2026-07-01"]
    won = next(row for row in in_period if "Won" in [cell.value for cell in tasks[row]])
    for column in range(1, tasks.max_column + 1):
        tasks.cell(last + 1, column, tasks.cell(won, column).value)
    tasks.cell(last + 1, 1, "T-NEW")
    workbook.save(path)
    changed = appraised(path)
    rows, found = detail_rows(changed, "zh"), recalculated(path, "formualizer")["Facts"]
    assert not rows["actual"].equals(detail_rows(run, "zh")["actual"])
    for column, letter in FIGURE_COLUMNS.items():
        for row, value in enumerate(rows[column]):
            if f"{letter}{row + 2}" in found:
                assert agree("" if np.isnan(value) else float(value), found[f"{letter}{row + 2}"])


TIDY_ROW = dict(
    zip(HEADINGS, ("T1", "call", "E1", None, datetime(2026, 10, 5), None, "done", "won", 5, None, 2), strict=True)
)


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("amount", "85分", NUMBERS_AS_TEXT),
        ("due_date", "2026-10-05", DATES_AS_TEXT),
        ("result", "won ", OTHER_SPELLING),
        ("owner_id", 7, TEXTS_AS_NUMBERS),
    ],
)
def test_cells_that_are_read_as_something_else_are_not_gone_by(folder, column, value, reason):
    _, _, sound = tasks_in(folder, [tuple(TIDY_ROW.values())])
    _, _, cells = tasks_in(folder, [tuple({**TIDY_ROW, column: value}.values())])
    assert (sound[column].trouble, cells[column].trouble) == (None, reason)


def test_a_total_between_the_rows_is_not_counted_as_one(folder):
    total = ("合计", None, None, None, None, None, None, None, 5, None)
    _, _, cells = tasks_in(folder, [tuple(TIDY_ROW.values()), total, ("T2", *list(TIDY_ROW.values())[1:])])
    assert {each.trouble for each in cells.values()} == {ROWS_BETWEEN}


def test_owners_over_time_are_a_reason(a_book):
    path, run = a_book("small-company-accounts", "zh")
    spell = {"client_id": "C1", "employee_id": "E1", "start": "2026-10-05"}
    later = replace(run, tables={**run.tables, "client_owners": table_of("client_owners", [spell])})
    area = Area(1, 9, {"employee_id": "A", **FIGURE_COLUMNS})
    found = fact_formulas(later, sources_of_facts(path, later, "zh"), area)
    clients = [each.code for each in run.indicators if each.sheet == "clients"]
    assert clients
    assert {code: found.reasons.get(code) for code in clients} == dict.fromkeys(clients, SEVERAL_OWNERS)


@pytest.mark.slow
def test_most_indicators_of_the_schemes_that_ship_are_said(sample_path, capsys):
    """Two thirds of them and more; what they come to, engines find in ``test_referees``."""
    said, reasons = Counter(), Counter()
    for name in schemes.names():
        path = sample_path(name, "zh")
        run = appraised(path)
        area = Area(1, len(detail_rows(run, "zh")) + 1, {"employee_id": "A", **FIGURE_COLUMNS})
        why = fact_formulas(run, sources_of_facts(path, run, "zh"), area).reasons
        said.update(all=len(run.indicators), said=len(run.indicators) - len(why))
        reasons.update(each.en for each in why.values())
    with capsys.disabled():
        print(f"\n{said['said']} of {said['all']} indicators are said by formulas; not said:")
        print("\n".join(f"{count:5} {reason}" for reason, count in reasons.most_common()))
    assert said["said"] > said["all"] * 2 / 3
