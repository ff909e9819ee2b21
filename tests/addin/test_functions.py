"""The worksheet functions: they give the kernel's numbers everywhere, say what they are, and fail in words."""

import doctest
import inspect
import random
import subprocess
import sys
from datetime import date, datetime
from fractions import Fraction
from math import nan
from pathlib import Path

import formualizer
import numpy as np
import pytest
from effort import draws
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from tests.small import SCHEME, tables
from xlperf.addin.headless import register
from xlperf.binding import functions as worksheet
from xlperf.binding.functions import call, functions
from xlperf.binding.functions.errors import ExcelError, last_error, with_codes
from xlperf.binding.reference import examples, markdown
from xlperf.binding.vba_wrappers import RESERVED
from xlperf.cli import app
from xlperf.core.numbers import round_half_up
from xlperf.core.problems import LANGUAGES
from xlperf.policy.rules import RULES
from xlperf.policy.scheme.codec import parameters_text
from xlperf.policy.schemes import from_toml
from xlperf.scoring.distribution import distribute
from xlperf.scoring.pipeline import appraise

ROOT = Path(__file__).parents[2]
CASES = [case for cases in examples().values() for case in cases]
ERROR_KINDS = {"Na": "#N/A", "Value": "#VALUE!", "Num": "#NUM!", "Div": "#DIV/0!"}


def shown(cell):
    """A cell as the worked cases write it."""
    if isinstance(cell, list):
        return [[shown(each) for each in row] for row in cell]
    if isinstance(cell, dict):
        return ERROR_KINDS[cell["kind"]]
    return "" if cell is None else cell


def sheet_with(rows=()):
    """A workbook of the other engine that knows our functions, with a sheet of values."""
    workbook = formualizer.Workbook()
    workbook.add_sheet("S")
    register(workbook)
    for i, row in enumerate(rows, start=1):
        for j, value in enumerate(row, start=1):
            if value is not None:
                workbook.set_value("S", i, j, value)
    return workbook


# What every function promises ----------------------------------------------------------------------------------------


def test_every_scoring_rule_has_a_function_and_every_function_a_worked_case():
    assert {f"PERF_{code.upper()}" for code in RULES} <= set(functions())
    assert set(examples()) == set(functions())


@pytest.mark.parametrize("function", functions().values(), ids=lambda each: each.name)
def test_a_function_can_be_called_from_a_sheet(function):
    """Excel takes positional arguments only, the optional ones last, and xlwings takes hints for converters."""
    parameters = inspect.signature(function.function).parameters.values()
    assert all(each.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD for each in parameters)
    assert [each.name for each in parameters] == [each.name for each in function.arguments]
    optional = [each.optional for each in function.arguments]
    assert optional == sorted(optional)
    assert len(optional) <= 60
    assert function.name.isascii()
    assert not any(each.name.lower() in RESERVED for each in function.arguments)


@pytest.mark.parametrize("function", functions().values(), ids=lambda each: each.name)
def test_the_function_wizard_has_room_for_the_texts(function):
    for text in (function.text, *(each.text for each in function.arguments)):
        for lang in LANGUAGES:
            assert 0 < len(text(lang)) <= 255  # what Excel's function wizard shows
    assert function.text.zh.endswith("。")
    assert function.text.en.endswith(".")


def test_the_reference_is_in_step_with_the_registry():
    written = (ROOT / "docs" / "functions.md").read_text("utf-8")
    assert written == markdown(), "python workbooks/build.py writes docs/functions.md anew"


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", ["", *functions()])
def test_the_command_line_explains_each_function(name, lang):
    told = CliRunner().invoke(app, ["excel", "functions", *filter(None, [name]), "--lang", lang])
    assert told.exit_code == 0
    for each in functions().values() if not name else [functions()[name]]:
        assert each.name in told.output


def test_an_unknown_function_is_a_wrong_call_with_a_proposal():
    told = CliRunner().invoke(app, ["excel", "functions", "rnk", "--lang", "en"])
    assert told.exit_code == 2
    assert "PERF_RANK" in told.output


# Worked cases, and other engines as referees -------------------------------------------------------------------------


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.formula())
def test_worked_case(case):
    if case.function != "PERF_LASTERROR":
        assert shown(with_codes(call(case.function, *case.cells))) == case.result


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.formula())
def test_worked_case_as_a_formula_of_a_sheet(case):
    """Another engine reads the formula as the reference prints it, and spills the result."""
    if case.function == "PERF_LASTERROR":
        return
    rows = case.result if isinstance(case.result, list) else [[case.result]]
    workbook = sheet_with()
    workbook.set_formula("S", 1, 1, case.formula())
    workbook.evaluate_all()
    cells = [
        [shown(workbook.get_value("S", i, j)) for j in range(1, len(rows[0]) + 1)] for i in range(1, len(rows) + 1)
    ]
    assert cells == rows


def test_the_plain_functions_run_as_their_docstrings_say():
    for module in ("scoring", "totals", "ranks", "measurement", "pools", "explanation"):
        failed, run = doctest.testmod(sys.modules[f"xlperf.binding.functions.{module}"])
        assert (failed, run > 0) == (0, True)
    assert worksheet.PERF_RANK is functions()["PERF_RANK"].function


def test_ten_thousand_rows_of_cells_are_the_kernel_exactly():
    """Scores cell by cell, totals and places by column, in an engine that only asks our functions."""
    rng = np.random.default_rng(7)
    size = 10_000
    actual, target = rng.uniform(0, 130, size).round(2), rng.choice([80.0, 100.0, 120.0], size)
    actual[rng.random(size) < 0.04] = nan
    pools = rng.integers(0, 5, size)
    workbook = sheet_with()
    columns = [
        [None if a != a else float(a), float(t), f"pool {p}"] for a, t, p in zip(actual, target, pools, strict=True)
    ]
    workbook.set_values_batch("S", 1, 1, columns)
    cells = [[f'=IF(A{i}="","",PERF_PROPORTIONAL(A{i},B{i},100,"higher",1.2,0))'] for i in range(1, size + 1)]
    workbook.set_formulas_batch("S", 1, 4, cells)
    workbook.set_formula("S", 1, 5, f"=PERF_TOTAL(D1:D{size},{{100}},2)")
    workbook.set_formula("S", 1, 6, f"=PERF_RANK(E1:E{size},C1:C{size})")
    workbook.set_formula("S", 1, 7, f'=PERF_DISTRIBUTE(E1:E{size},{{0.2,0.5,0.3}},{{"A","B","C"}},C1:C{size})')
    workbook.evaluate_all()
    cells = np.array([[workbook.get_value("S", i, j) for j in range(4, 8)] for i in range(1, size + 1)], object)

    points = RULES["proportional"].function(actual, target, 100, "higher", cap=1.2, floor=0)
    totals = round_half_up(points)
    shares = [Fraction(1, 5), Fraction(1, 2), Fraction(3, 10)]
    found = distribute(totals, pools, shares)
    assert [cell if cell != "" else None for cell in cells[:, 0]] == [None if p != p else p for p in points.tolist()]
    assert [cell if cell != "" else None for cell in cells[:, 1]] == [None if t != t else t for t in totals.tolist()]
    assert [cell or 0 for cell in cells[:, 2]] == found.place.tolist()
    assert cells[:, 3].tolist() == [["A", "B", "C", ""][each] for each in found.grade]


# One number everywhere -----------------------------------------------------------------------------------------------


def test_the_functions_rebuild_an_appraisal():
    """From the facts of a run, cell by cell: points, totals, places and grades are those of the run."""
    scheme = from_toml(SCHEME)[0]
    run = appraise(tables(), scheme)
    assert run.done
    points = []
    for k, each in enumerate(run.indicators):
        cells = np.where(run.applies[:, k], run.facts.actual[:, k], nan)[:, None].tolist()
        targets = run.points.targets[:, k][:, None].tolist()
        text = parameters_text(each.card, each.parameters, "zh")
        points.append(call("PERF_SCORE", each.card.name.zh, cells, targets, 100, each.direction, text))
    rows = [[row[0] for row in cells] for cells in zip(*points, strict=True)]
    weights = [each.weight for each in run.indicators]
    dimensions = [each.dimension for each in run.indicators]
    totals = call("PERF_TOTAL", rows, [weights], 2, [dimensions], None, None, None,
                  run.totals.adjustment[:, None].tolist())  # fmt: skip
    assert [cell if cell is not None else nan for (cell,) in totals] == pytest.approx(
        run.totals.total, nan_ok=True, abs=0
    )
    ranked = [row if pool >= 0 else [None] for row, pool in zip(totals, run.ranking.pools.code, strict=True)]
    assert [cell or 0 for (cell,) in call("PERF_RANK", ranked)] == run.ranking.place.tolist()
    shares = [[each.share for each in scheme.grades]]
    names = [[each.code for each in scheme.grades]]
    grades = call("PERF_DISTRIBUTE", ranked, shares, names)
    assert [cell for (cell,) in grades] == [scheme.grades[g].code if g >= 0 else None for g in run.ranking.grade]


OF_ONE_FIGURE = [
    code for code, rule in RULES.items() if not (rule.veto or {"met", "bands", "group"} & set(rule.inputs))
]


@pytest.mark.parametrize("code", OF_ONE_FIGURE)
@settings(max_examples=draws(25), deadline=None)
@given(actual=st.lists(st.none() | st.floats(-5, 200, allow_subnormal=False), min_size=1, max_size=6))
def test_a_column_is_its_cells(code, actual):
    """Handing over a range gives what each of its cells gives, and what is not measured stays blank."""
    case = examples()[f"PERF_{code.upper()}"][0]
    others = case.cells[1:]
    whole = call(case.function, [[each] for each in actual], *others)
    cells = [call(case.function, each, *others) for each in actual]
    assert (whole if isinstance(whole, list) else [[whole]]) == [[each] for each in cells]
    assert [each is None for each in actual] == [each is None for each in cells]


@settings(max_examples=draws(25), deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.sampled_from("XYZ")), min_size=1, max_size=9), st.randoms())
def test_the_order_of_rows_decides_nothing(people, chance):
    """Places, grades, ratings and money follow the people when the rows are shuffled."""
    rows = [(f"E{i}", 70.0 + total, pool) for i, (total, pool) in enumerate(people)]
    mixed = random.Random(chance.random()).sample(rows, len(rows))

    def outcome(listed):
        ids, totals, pools = ([[each] for each in column] for column in zip(*listed, strict=True))
        columns = (
            call("PERF_RANK", totals, pools),
            call("PERF_DISTRIBUTE", totals, [[0.3, 0.7]], [["A", "B"]], pools),
            call("PERF_POOL", 100, ids, totals, totals),
            call("PERF_RATERS", ids, ids, [["peer"]] * len(ids), totals, [["peer", 1]]),
        )
        listed = [[[column]] if not isinstance(column, list) else column for column in columns]
        return {ids[i][0]: [column[i][0] for column in listed] for i in range(len(ids))}

    assert outcome(rows) == outcome(mixed)


@pytest.mark.parametrize("name", [f"PERF_{code.upper()}" for code in RULES])
def test_the_rule_that_a_cell_names_is_the_function_of_the_rule(name):
    """PERF_SCORE with the parameters as a sentence gives what the rule's own function gives."""
    rule = RULES[name.removeprefix("PERF_").lower()]
    for case in examples()[name]:
        handed = dict(zip(inspect.signature(rule.function).parameters, case.cells, strict=False))
        parameters = {code: handed[code] for code in rule.arguments if handed.get(code, "") != ""}
        handed.setdefault("bands", handed.get("anchors"))  # a table of either kind has one place
        inputs = {each: handed.get(each) for each in ("target", "full", "direction", "bands", "group", "denominator")}
        unless = handed.get("met") if rule.inputs[0] != "met" else None
        text = parameters_text(rule, parameters, "zh")
        found = call("PERF_SCORE", rule.code, handed[rule.inputs[0]], *list(inputs.values())[:3], text,
                     *list(inputs.values())[3:], unless)  # fmt: skip
        assert shown(with_codes(found)) == case.result


@settings(max_examples=draws(60), deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from("WXY"), st.integers(1, 40), st.none() | st.integers(0, 100)), min_size=1, max_size=7
    ),
    st.permutations([20, 30, 50]),
)
def test_weights_of_what_is_missing_stay_in_their_dimension(items, shares):
    """Two levels: a dimension's score is the mean of what was measured in it; one without any leaves the total."""
    whole = dict(zip("WXY", shares, strict=True))
    score, weight = 0.0, 0
    for dimension in "WXY":
        measured = [(w, p) for each, w, p in items if each == dimension and p is not None]
        if measured:
            score += whole[dimension] * sum(w * p for w, p in measured) / sum(w for w, _ in measured)
            weight += whole[dimension]
    share = {each: 100 / sum(w for d, w, _ in items if d == each) for each, _, _ in items}  # weights total 100 in each
    dimensions, weights, points = (
        [list(column)] for column in zip(*((d, w * share[d], p) for d, w, p in items), strict=True)
    )
    table = [[name, share] for name, share in whole.items()]
    found = call("PERF_TOTAL", points, weights, 6, dimensions, table)
    assert found == (pytest.approx(score / weight, abs=1e-6) if weight else None)


@given(st.lists(st.tuples(st.integers(1, 30), st.none() | st.integers(0, 30)), min_size=1, max_size=6), st.booleans())
def test_points_are_added_up_with_missing_ones_as_zero_or_full(items, full):
    """Full points added up: with a stated policy for what is missing no weight moves."""
    weights, points = ([list(column)] for column in zip(*items, strict=True))
    found = call("PERF_TOTAL", points, weights, 2, None, None, "sum", "full" if full else "按零分", [[5]])
    assert found == sum((w if full else 0) if p is None else p for w, p in items) + 5


@pytest.mark.parametrize(("met", "points"), [(True, 10), (1, 10), (False, 0), (None, None)])
def test_truth_values_say_whether_a_condition_holds(met, points):
    assert call("PERF_ALL_OF", met, 10) == points


@given(st.floats(-1e6, 1e6), st.integers(0, 6))
def test_rounding_is_that_of_the_totals(value, digits):
    assert call("PERF_ROUND", value, digits) == round_half_up(value, digits)


@settings(max_examples=draws(40))
@given(st.integers(0, 500), st.lists(st.integers(1, 20), min_size=1, max_size=6))
def test_quotas_are_whole_people_that_add_up(size, parts):
    shares = [round(part / sum(parts), 4) for part in parts[:-1]]
    shares.append(round(1 - sum(shares), 4))
    if shares[-1] < 0:
        return
    for rounding in ("lines", "最大余数法", "FLOOR", "累计比例进位"):
        counts = call("PERF_QUOTAS", size, [shares], rounding)
        counts = counts[0] if isinstance(counts, list) else [counts]
        assert sum(counts) == size
        assert all(abs(count - size * share) < 1 for count, share in zip(counts, shares, strict=True))


@given(st.integers(0, 10**9), st.lists(st.integers(0, 50), min_size=1, max_size=12))
def test_a_pool_is_shared_out_to_the_cent(cents, weights):
    if not any(weights):
        return
    ids = [[f"E{i:02}"] for i in range(len(weights))]
    paid = call("PERF_POOL", cents / 100, ids, [[w] for w in weights], [[w] for w in weights])
    paid = paid if isinstance(paid, list) else [[paid]]
    assert sum(round(cell * 100) for (cell,) in paid) == cents


# Errors and blanks ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "cells", "code", "said"),
    [
        ("PERF_PROPORTIONAL", ("many", 50, 100, "higher"), "#VALUE!", 'The argument actual holds "many"'),
        ("PERF_PROPORTIONAL", (45, 0, 100, "higher"), "#N/A", 'The rule "Proportional" cannot score this figure'),
        ("PERF_PROPORTIONAL", (45, None, 100, "higher"), "#N/A", "a ratio needs a target above 0"),
        ("PERF_PROPORTIONAL", (45, 50, 100, "sideways"), "#VALUE!", 'does not know the word "sideways"'),
        ("PERF_PROPORTIONAL", (45, 50, 100, "range"), "#VALUE!", "in either language and any case: higher, lower"),
        ("PERF_PROPORTIONAL", (45, 50, 100), "#VALUE!", "The argument direction is missing"),
        ("PERF_PROPORTIONAL", ("#DIV/0!", 50, 100, "higher"), "#DIV/0!", "shows the error #DIV/0! itself"),
        ("PERF_PROPORTIONAL", ([[1], [2]], [[1], [2], [3]], 100, "higher"), "#VALUE!", "actual: 2×1, target: 3×1"),
        ("PERF_DEDUCT_PER_STEP", (1, 2, 20, "higher", None, 2, "whole"), "#VALUE!", "The argument step_size is missing"),
        ("PERF_SCORE", ("proportionl", 1), "#VALUE!", "proportional"),
        ("PERF_SCORE", ("proportional", 45, 50, 100, "higher", "cup = 1"), "#VALUE!", "cup"),
        ("PERF_SCORE", ("proportional", 45, 50, 100, "higher", "cap = big"), "#VALUE!", "big"),
        ("PERF_SCORE", ("deduct_per_step", 45, 50, 100, "higher", "step = 1"), "#VALUE!", "Points each"),
        ("PERF_BANDS", (45, None, "higher", [[1, 2, 3]], "actual"), "#VALUE!", "from, from included, to, to included"),
        ("PERF_TOTAL", ([[80, None]], [[40, 60]], 2, None, None, None, "block"), "#N/A", "Missing: 1"),
        ("PERF_TOTAL", ([[80]], [[40]], 2, "W", [["X", 100]]), "#VALUE!", 'dimensions does not know the word "W"'),
        ("PERF_TOTAL", ([[80, 90]], [[40]], 2), "#VALUE!", "points: 2, weights: 1"),
        ("PERF_TOTAL", ([[80, "n/a?"]], [[40, 60]], 2), "#VALUE!", "n/a?"),
        ("PERF_TOTAL", ([[80, 90]], [[40, 60]], 2, None, None, None, None, None, None, "yes"), "#VALUE!", "full_points"),
        ("PERF_GRADE", (80, [[60, 90]], [["A", "B"]]), "#VALUE!", "do not fall from grade to grade: 60, 90"),
        ("PERF_GRADE", (80, [[90, 60]], [["A", "B"]], "C"), "#VALUE!", 'There is no grade "C"'),
        ("PERF_QUOTAS", (30, [[0.2, 0.7]]), "#VALUE!", "The shares add up to 0.9"),
        ("PERF_QUOTAS", (2.5, [[1]]), "#VALUE!", "2.5, which is not a whole number"),
        ("PERF_FACT", ("stage = won", [["Status"]], [["open"]]), "#VALUE!", "stage"),
        ("PERF_FACT", ("due_date in period", [["Due date"]], [["2026-10-01"]]), "#VALUE!", "period_start"),
        ("PERF_FACT", ("client.m_level = vip", [["Status"]], [["open"]]), "#VALUE!", "looks at another sheet"),
        ("PERF_FACT", ("", [["Status"]], [["opne"]]), "#VALUE!", "opne"),
        ("PERF_STREAK", ("E1", "sometime", "total >= 9 for 2 periods", [["Period"]], [["2026Q4"]]), "#VALUE!", "sometime"),
        ("PERF_POOL", (100, [["E1"], ["E2"]], [[80], [80]], [[3], [-1]]), "#VALUE!", "weights holds a number below zero: -1"),
        ("PERF_POOL", (100, [["E1"]], [[80]]), "#VALUE!", "weights / place_shares"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_an_error_with_its_reason(name, cells, code, said):
    error = call(name, *cells)
    while isinstance(error, list):
        error = next(cell for row in error for cell in row if isinstance(cell, (list, ExcelError)))
    assert error.code == code
    assert said in error.reason.en
    assert last_error() == error
    for lang in LANGUAGES:
        told = call("PERF_LASTERROR", lang)
        assert told == error.reason(lang)
        assert not any(word in told for word in ("NaN", "None", "Error:", "array", "dtype"))


def test_a_mistake_of_ours_is_told_as_ours(monkeypatch):
    def broken(*cells):
        raise ZeroDivisionError("oops")

    rank = functions()["PERF_RANK"]
    monkeypatch.setitem(functions(), "PERF_RANK", type(rank)(**vars(rank) | {"function": broken}))
    error = call("PERF_RANK", 1)
    assert error.code == "#VALUE!"
    assert "a mistake in xlperf, not in your workbook" in error.reason.en


@pytest.mark.parametrize("blank", [None, "", "—", "不适用", nan])
def test_blank_stays_blank_and_is_never_zero(blank):
    assert call("PERF_PROPORTIONAL", blank, 50, 100, "higher") is None
    assert call("PERF_ROUND", [[blank], [1]], 0) == [[None], [1.0]]
    assert call("PERF_TOTAL", [[blank, blank]], [[40, 60]], 2) is None
    assert call("PERF_RANK", [[blank], [0]]) == [[None], [1.0]]
    assert call("PERF_GRADE", blank, [[90, None]], [["A", "B"]]) is None
    assert call("PERF_EXPLAIN", "proportional", blank, 50, 100, "higher") is None


@pytest.mark.parametrize("word", ["higher", "HIGHER", "正向", "越高越好", " Higher "])
def test_words_are_known_in_both_languages_and_any_case(word):
    assert call("PERF_PROPORTIONAL", 45, 50, 100, word) == 90.0


def test_numbers_written_as_text_are_read_as_in_a_workbook():
    assert call("PERF_PROPORTIONAL", "４５", "50", 100, "higher", "120%") == 90.0


# Data ----------------------------------------------------------------------------------------------------------------

HEADINGS = [["状态", "应完成日期", "完成日期", "Size"]]
ROWS = [
    ["done", date(2026, 10, 8), datetime(2026, 10, 7, 9, 30), 2],
    ["已完成", 46304, 46307, 4],  # serial numbers, as a sheet hands dates over: 9 and 12 October
    ["cancelled", "2026/10/20", None, 100],
    ["open", "2026年10月30日", None, None],
    ["done", "2026-11-02", "2026-11-01", 6],
]


@pytest.mark.parametrize(
    ("condition", "more", "expected"),
    [
        ("", (), 5),
        ("状态 <> 已取消", (), 4),
        ("due_date in period and status <> cancelled", ("count", None, None, "2026-10-01", "2026-10-31"), 3),
        ("应完成日期 属于 本期 且 状态 <> 已取消", ("占比", "完成日期 <= 应完成日期", None, 46296, 46326), 1 / 3),
        ("status = done", ("sum", None, "Size"), 12),
        ("status = done", ("平均", None, "Size"), 4),
        ("status = doing", ("mean", None, "Size"), None),  # nothing to take the mean of: not applicable, not 0
        ("status = doing", ("sum", None, "Size"), 0),
        ("status <> cancelled", ("completeness", None, "done_date, Size"), 6 / 8),
        ("status = done", ("mean", None, "due_date - done_date"), (14.5 / 24 + 1) / 2),  # 7 October 9:30 to 8 October
    ],
)
def test_facts_of_a_range(condition, more, expected):
    """The condition language over cells; the mean duration leaves out what runs backwards."""
    found = call("PERF_FACT", condition, HEADINGS, ROWS, *more)
    assert found is None if expected is None else found == pytest.approx(expected, abs=1e-12)


def test_a_streak_breaks_with_a_missing_period():
    headings = [["period", "employee_id", "total", "grade", "place"]]
    history = [
        ["2025Q4", "E1", 91, "A", 1], ["2026Q1", "E1", 92, "A", 1], ["2026Q2", "E1", 93, "A", 1],
        ["2025Q4", "E2", 95, "A", 1], ["2026Q2", "E2", 95, "A", 1],
        ["2026Q1", "E3", 60, "C", 2], ["2026Q2", "E3", 99, "A", 1],
    ]  # fmt: skip
    people = [["E1"], ["E2"], ["E3"], ["E4"]]
    assert call("PERF_STREAK", people, "2026Q2", "total >= 90 for 3 periods", headings, history) == [
        [True], [False], [False], [None]
    ]  # fmt: skip
    assert call("PERF_STREAK", "E1", "2026Q2", "连续3期 等级 = A", headings, history) is True


def test_a_class_needs_all_three_levels():
    levels = [[axis, level, "cut", lower] for axis in "RF" for level, lower in (("high", 10), ("low", None))]
    levels += [["M", "VIP", "quantile", 0.5], ["M", "other", "quantile", None]]
    classes = [["gold", "high", "high", "VIP"], ["plain", "low", "low", "other"]]
    figures = [[10], [9], [None]], [[10], [9], [30]], [[5], [1], [3]]
    assert call("PERF_CLASS", *figures, levels, classes) == [
        ["high", "high", "VIP", "gold"], ["low", "low", "other", "plain"], [None, "high", "other", None]
    ]  # fmt: skip


def test_the_sentence_of_a_rule_is_that_of_the_explanation():
    """What ``xlperf explain`` says of an indicator is what the sheet says."""
    from xlperf.analysis.explain import explain

    scheme = from_toml(SCHEME)[0]
    run = appraise(tables(), scheme)
    told, _ = explain(run, "E1", lang="en")
    for story in told.indicators:
        k = run.facts.column(story.code)
        each = run.indicators[k]
        if each.unit == "%":
            continue
        sentence = call("PERF_EXPLAIN", each.rule, float(run.facts.actual[0, k]), float(run.points.targets[0, k]), 100,
                        each.direction, parameters_text(each.card, each.parameters, "en"))  # fmt: skip
        assert sentence.partition(": ")[2] == story.scoring.partition(": ")[2]  # figures before it have their units


# Cold start ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "module", ["xlperf.binding.functions", "xlperf.binding.functions.registry", "xlperf.addin.worker"]
)
def test_importing_the_functions_loads_nothing_heavy(module):
    heavy = "{'pandas', 'numpy', 'openpyxl', 'narwhals', 'lark', 'xlwings', 'formualizer'}"
    code = f"import sys, {module}; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_scoring_rule_is_computed_without_data_frames():
    code = (
        "import sys; from xlperf.binding.functions import call\n"
        "assert call('PERF_PROPORTIONAL', 45, 50, 100, 'higher') == 90\n"
        "print(sorted({'pandas', 'openpyxl', 'narwhals', 'lark'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
