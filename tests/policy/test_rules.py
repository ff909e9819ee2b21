"""Every rule keeps its promises: its worked cases, its card, and the properties that all rules share.

The cases are in ``cases/rules/<code>.toml``. Everything here loops over ``RULES``, so a new rule is tested the
moment it exists; a parameter that no strategy below draws takes the values of the worked cases.
"""

from __future__ import annotations

import ast
import inspect
import string
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor, inf, nan
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from effort import draws
from hypothesis import given, settings
from hypothesis import strategies as st
from rule_cases import CASES, cases, signature

from xlperf.core.curves import Anchor, Curve
from xlperf.core.intervals import Interval
from xlperf.policy import rules
from xlperf.policy.rules import COLUMNS, INPUTS, RULES, Rule

LOOKED_UP = {"band_set": "bands", "curve": "anchors", "condition": "met", "unless": "met"}
CONSEQUENCES = {"effect", "limit_points", "limit_grade"}

every_rule = pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
modest = settings(max_examples=draws(30), deadline=None)


def rules_where(promise: Callable[[Rule], bool]) -> pytest.MarkDecorator:
    chosen = [rule for rule in RULES.values() if promise(rule)]
    return pytest.mark.parametrize("rule", chosen, ids=[rule.code for rule in chosen])


ALL_CASES = [pytest.param(code, case, id=f"{code}: {case['name']}") for code in RULES for case in cases(code)]


# The worked cases


@pytest.mark.parametrize(("code", "case"), ALL_CASES)
def test_case(code: str, case: dict[str, Any]) -> None:
    points = RULES[code].function(**case["arguments"])
    np.testing.assert_allclose(points, case["points"], rtol=0, atol=1e-9, err_msg=case["why"])


@every_rule
def test_cases_show_every_side_of_the_rule(rule: Rule) -> None:
    written = cases(rule.code)
    assert len(written) >= 5
    assert len({case["name"] for case in written}) == len(written)
    assert all(case["why"] for case in written)
    assert any("not measured" in case["name"] and np.isnan(case["points"]).any() for case in written)
    if "direction" in rule.inputs:
        assert {case["arguments"]["direction"] for case in written} == set(rule.directions)
    for parameter in rule.parameters:
        if parameter.code not in rule.arguments:
            continue
        shown = [case["arguments"][parameter.code] for case in written]
        if parameter.choices:
            assert set(shown) - {None} == set(parameter.choices)
        if not parameter.required:
            assert None in shown
            assert any(value is not None for value in shown)


def test_each_rule_has_a_case_file_and_each_case_file_a_rule() -> None:
    written = {path.stem for path in CASES.glob("*.toml")}
    assert written == set(RULES), f"tests/cases/rules/CODE.toml: {sorted(written ^ set(RULES))}"


@every_rule
def test_case_file_bears_the_name_of_its_rule(rule: Rule) -> None:
    assert (CASES / f"{rule.code}.toml").read_text("utf-8").startswith(f"# {rule.name.zh} · {rule.name.en}\n")


# The cards


def test_rules_stand_in_the_order_of_the_rules_sheet_and_new_ones_at_its_end() -> None:
    assert tuple(RULES)[: len(rules.ORDER)] == rules.ORDER


@every_rule
def test_names_on_a_card_are_told_apart(rule: Rule) -> None:
    for lang in ("zh", "en"):
        names = [parameter.name(lang) for parameter in rule.parameters]
        assert len(set(names)) == len(names)
        assert not any(mark in name for name in names for mark in "=＝;；")


@every_rule
def test_card_and_signature_agree(rule: Rule) -> None:
    arguments = signature(rule)
    assert set(rule.inputs) | set(rule.arguments) == set(arguments)
    assert all(a.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD for a in arguments.values())
    cards = {parameter.code: parameter for parameter in rule.parameters}
    assert len(cards) == len(rule.parameters)
    assert not cards.keys() & {*INPUTS, "points"}
    looked_up = cards.keys() & LOOKED_UP.keys()
    consequences = CONSEQUENCES if rule.veto else set()
    assert set(rule.arguments) == cards.keys() - looked_up - consequences
    assert {LOOKED_UP[code] for code in looked_up} == set(rule.inputs) & set(LOOKED_UP.values())
    for name in rule.arguments:
        assert cards[name].required == (arguments[name].default is inspect.Parameter.empty), name


@every_rule
def test_no_default_is_a_policy_number(rule: Rule) -> None:
    defaults = [a.default for a in signature(rule).values() if a.default is not inspect.Parameter.empty]
    assert all(default is None for default in defaults)


def test_no_function_holds_a_policy_number() -> None:
    trees = [ast.parse(path.read_text("utf-8")) for path in Path(rules.__file__).parent.glob("*.py")]
    functions = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    decorated = {
        function.name
        for function in functions
        for mark in function.decorator_list
        if isinstance(mark, ast.Call) and isinstance(mark.func, ast.Name) and mark.func.id == "rule"
    }
    assert set(RULES) == decorated
    statements = [statement for function in functions for statement in function.body]
    numbers = {
        node.value
        for statement in statements
        for node in ast.walk(statement)
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool)
    }
    assert numbers <= {0, 1, 2}, "2 is the mirror image of an attainment; every other number belongs on a card"


@every_rule
def test_card_speaks_both_languages(rule: Rule) -> None:
    texts = [rule.name, rule.summary, rule.words]
    texts += [text for p in rule.parameters for text in (p.name, p.note, *p.choices.values())]
    for text in texts:
        assert text.zh.strip()
        assert text.en.strip()
        assert any("一" <= letter <= "鿿" for letter in text.zh) or "%" in text.zh
        assert not any("一" <= letter <= "鿿" for letter in text.en)
    assert len(rule.summary.zh) <= 255
    assert len(rule.summary.en) <= 255
    assert rule.source


@every_rule
def test_words_fill_in_what_the_rule_uses(rule: Rule) -> None:
    used = [{field for _, field, _, _ in string.Formatter().parse(text) if field} for text in rule.words]
    figures = {"actual", "target", "full", "numerator", "denominator"} & set(rule.inputs)
    assert used[0] == used[1]
    worked_out = {
        "attained",
        "looked_up",
        "band",
        "best_end",
        "along",
        "standing",
        "taken_off",
    }  # see xlperf/analysis/rule_sentences.py
    assert used[0] <= figures | {"points"} | worked_out | {parameter.code for parameter in rule.parameters}
    assert "points" in used[0]


@every_rule
def test_card_proposes_only_what_it_offers(rule: Rule) -> None:
    assert rule.directions
    for parameter in rule.parameters:
        assert bool(parameter.choices) == (parameter.kind == "choice")
        if parameter.usual is not None:
            assert parameter.usual in parameter.choices if parameter.choices else isinstance(parameter.usual, float)


@every_rule
def test_docstring_tells_all(rule: Rule) -> None:
    text = inspect.getdoc(rule.function) or ""
    assert len(text.splitlines()[0]) <= 255
    for section in ("Parameters", "Returns", "Notes", "Source", "Examples"):
        assert f"\n{section}\n{'-' * len(section)}\n" in text
    for name in signature(rule):
        assert name in text.split("Parameters\n")[1].split("Returns\n")[0]


def test_unknown_words_are_refused() -> None:
    with pytest.raises(ValueError, match='direction must be one of higher, lower, got "up"'):
        RULES["proportional"].function(1, 1, 1, direction="up")
    with pytest.raises(ValueError, match='operator must be one of at_least, above, at_most, below, got "≥"'):
        RULES["pass_fail"].function(1, 1, 1, operator="≥")


# What all rules share


def hundredths(low: float, high: float) -> st.SearchStrategy[float]:
    """Figures as people type them: two decimals, so that boundaries are really hit."""
    return st.integers(round(low * 100), round(high * 100)).map(lambda n: n / 100)


def stairs(cuts: list[float], values: list[float]) -> list[tuple[Interval, float]]:
    """Bands without holes, from low to high."""
    ends = pairwise([-inf, *cuts, inf])
    return [(Interval(low, True, high, False), value) for (low, high), value in zip(ends, values, strict=True)]


def worked_policies(rule: Rule, directions: tuple[str, ...]) -> list[dict[str, Any]]:
    """The policies of a rule's worked cases, for parameters that ``policies`` does not draw."""
    found = []
    for case in cases(rule.code):
        arguments = {name: value for name, value in case["arguments"].items() if name not in COLUMNS}
        direction = arguments.get("direction", rule.directions[0])
        if direction in directions:
            found.append({"direction": direction, "arguments": arguments})
    return found


def rising_curve(values: list[float], points: list[int], draw: st.DrawFn) -> Curve:
    """A curve through four anchors, lines and jumps mixed, held at both ends."""
    readings = draw(st.lists(st.sampled_from(["line", "jump"]), min_size=len(values), max_size=len(values)))
    anchors = zip(values, map(float, points), readings, strict=True)
    return Curve(tuple(Anchor(*each) for each in anchors), "hold", "hold")


@st.composite
def policies(draw: st.DrawFn, rule: Rule, directions: tuple[str, ...] = ("higher", "lower", "range")) -> dict[str, Any]:
    """A sensible policy for one rule: the direction, and everything on the card that its function takes."""
    direction = draw(st.sampled_from([d for d in rule.directions if d in directions]))
    marks = sorted(draw(st.lists(hundredths(0, 100), min_size=4, max_size=4, unique=True)))
    worst, third, second, best = reversed(marks) if direction == "lower" else marks
    levels = sorted(draw(st.lists(st.integers(0, 10), min_size=4, max_size=4, unique=True)), reverse=True)
    of = draw(st.sampled_from(["actual", "attainment"]))
    heights = sorted(draw(st.lists(st.integers(0, 100), min_size=4, max_size=4)))
    cuts = [cut / 100 for cut in marks[:3]] if of == "attainment" or "group" in rule.inputs else marks[:3]
    falling = direction == "lower" and of == "actual" and "group" not in rule.inputs
    policy: dict[str, Any] = {
        "bands": stairs(cuts, heights[::-1] if falling else heights),
        "of": of,
        "cap": draw(st.none() | hundredths(1, 1.5)),
        "floor": draw(st.none() | hundredths(0, 0.5)),
        "step": draw(hundredths(0.01, 5)),
        "steps": draw(st.sampled_from(["whole", "begun", "linear"])),
        "unit": draw(st.sampled_from(["share", "value"])),
        "points_each": draw(hundredths(0, 5)),
        "max_bonus": draw(st.none() | hundredths(0, 50)),
        "value2": best,
        "extra_points": draw(hundredths(0, 20)),
        "points": draw(hundredths(0, 20)),
        "limit": third,
        "operator": draw(st.sampled_from(["at_most", "below"] if direction == "lower" else ["at_least", "above"])),
        "met_at": 1.0,
        "near_at": draw(hundredths(0.5, 1)),
        **dict(zip(("level_above", "level_met", "level_near", "level_below"), levels, strict=True)),
        **dict(zip(("value_a", "value_b", "value_c", "value_d"), (best, second, third, worst), strict=True)),
        "low": marks[0],
        "high": marks[3],
        "worst": worst,
        "best": best,
        "base": draw(hundredths(50, 100)),
        "worth": draw(st.sampled_from([None, "points", "share"])),
        "lower_by": draw(st.sampled_from([None, "mirror", "quotient"])),
        "anchors": rising_curve(
            marks if of == "actual" else [mark / 100 for mark in marks], heights[::-1] if falling else heights, draw
        ),
        "plus_points": draw(hundredths(0, 5)),
        "minus_points": draw(hundredths(0, 5)),
    }
    if set(rule.arguments) - policy.keys():
        return draw(st.sampled_from(worked_policies(rule, directions)))
    arguments = {name: policy[name] for name in signature(rule) if name in policy}
    if "direction" in rule.inputs:
        arguments["direction"] = direction
    return {"direction": direction, "arguments": arguments}


FIGURES: dict[str, st.SearchStrategy[float]] = {
    "actual": hundredths(0, 120),
    "target": hundredths(0.01, 100),
    "full": st.sampled_from([100.0, 20.0, 7.5, 0.0]),
    "numerator": st.integers(0, 9).map(float),
    "denominator": st.integers(9, 20).map(float),
    "met": st.sampled_from([0.0, 1.0]),
    "group": st.integers(0, 2).map(float),
}


@st.composite
def staff(
    draw: st.DrawFn, rule: Rule, extra: st.SearchStrategy[float] | None = None, size: int = 5
) -> dict[str, np.ndarray]:
    """Columns for a few people; ``extra`` mixes in other figures."""
    people = draw(st.integers(1, size))
    cell = {name: FIGURES[name] if extra is None else FIGURES[name] | extra for name in rule.inputs if name in COLUMNS}
    return {name: np.array(draw(st.lists(cell[name], min_size=people, max_size=people))) for name in cell}


@rules_where(lambda rule: "group" not in rule.inputs)
@modest
@given(data=st.data())
def test_a_column_scores_like_its_members(rule: Rule, data: st.DataObject) -> None:
    policy = data.draw(policies(rule))["arguments"]
    columns = data.draw(staff(rule, st.just(nan)))
    points = rule.function(**columns, **policy)
    one_by_one = [
        rule.function(**{name: float(values[i]) for name, values in columns.items()}, **policy)
        for i in range(len(points))
    ]
    assert points.dtype == np.float64
    np.testing.assert_array_equal(points, np.concatenate(one_by_one))


@every_rule
@modest
@given(data=st.data())
def test_row_order_never_matters(rule: Rule, data: st.DataObject) -> None:
    policy = data.draw(policies(rule))["arguments"]
    columns = data.draw(staff(rule, st.just(nan)))
    size = len(next(iter(columns.values())))
    order = np.array(data.draw(st.permutations(range(size))))
    shuffled = {name: values[order] for name, values in columns.items()}
    np.testing.assert_array_equal(rule.function(**shuffled, **policy), rule.function(**columns, **policy)[order])


@every_rule
@modest
@given(data=st.data())
def test_missing_stays_missing_and_touches_nobody_else(rule: Rule, data: st.DataObject) -> None:
    policy = data.draw(policies(rule))["arguments"]
    columns = data.draw(staff(rule))
    name = data.draw(st.sampled_from(sorted(columns)))
    may_be_missing = {name for name, each in signature(rule).items() if each.default is None}
    if rule.code == "base_plus_minus":
        may_be_missing |= {"denominator"}  # only good cases are recorded
    if policy.get("of") == "actual":
        may_be_missing |= {"target"}
    if policy.get("worth", "share") != "share":
        may_be_missing |= {"full"}  # the curve gives points of its own
    if rule.code == "standard_score":
        may_be_missing |= {"full"}  # it counts only for the cap and the floor
    if rule.veto:
        columns["met"] = np.zeros_like(columns["met"])
    before = rule.function(**columns, **policy)
    columns[name] = np.r_[nan, columns[name][1:]]
    after = rule.function(**columns, **policy)
    if name not in may_be_missing:
        assert np.isnan(after[0])
    if "group" not in columns:
        np.testing.assert_array_equal(after[1:], before[1:])


@every_rule
@modest
@given(data=st.data())
def test_points_are_finite_and_inputs_are_left_alone(rule: Rule, data: st.DataObject) -> None:
    policy = data.draw(policies(rule))["arguments"]
    columns = data.draw(staff(rule))
    if rule.code == "rating_scale":
        columns["actual"] = np.clip(columns["actual"], policy["low"], policy["high"])
    if policy.get("lower_by") == "quotient":
        columns["actual"] = np.maximum(columns["actual"], 0.01)  # of nothing the quotient has no end
    if rule.code == "standard_score":
        columns = {name: np.tile(values, 2) for name, values in columns.items()}  # of one alone there is no distance
    copies = {name: values.copy() for name, values in columns.items()}
    assert np.isfinite(rule.function(**columns, **policy)).all()
    for name, values in columns.items():
        np.testing.assert_array_equal(values, copies[name])


@every_rule
@modest
@given(data=st.data())
def test_no_figure_however_odd_raises_or_gives_infinity(rule: Rule, data: st.DataObject) -> None:
    policy = data.draw(policies(rule))["arguments"]
    columns = data.draw(staff(rule, st.floats()))
    with np.errstate(all="raise"):
        points = rule.function(**columns, **policy)
    assert points.shape == next(iter(columns.values())).shape
    assert not np.isinf(points).any()


@every_rule
def test_an_empty_column_gives_an_empty_column(rule: Rule) -> None:
    columns = {name: np.array([]) for name in rule.inputs if name in COLUMNS}
    others = {name: value for name, value in cases(rule.code)[0]["arguments"].items() if name not in COLUMNS}
    assert rule.function(**columns, **others).shape == (0,)


@rules_where(lambda rule: "actual" in rule.inputs and rule.directions != ("range",))
@modest
@given(data=st.data())
def test_doing_better_never_earns_less(rule: Rule, data: st.DataObject) -> None:
    policy = data.draw(policies(rule, directions=("higher", "lower")))
    fixed = {name: data.draw(FIGURES[name]) for name in rule.inputs if name in COLUMNS and name != "actual"}
    figures = sorted(data.draw(st.lists(FIGURES["actual"], min_size=2, max_size=8)))
    worse_first = np.array(figures[::-1] if policy["direction"] == "lower" else figures)
    points = rule.function(actual=worse_first, **fixed, **policy["arguments"])
    gains = np.diff(-points if rule.veto else points)
    assert (gains[~np.isnan(gains)] >= -1e-9).all()


@modest
@given(data=st.data())
@pytest.mark.parametrize("code", ["target_range", "symmetric_120"])
def test_coming_nearer_to_the_range_never_earns_less(code: str, data: st.DataObject) -> None:
    policy = data.draw(policies(RULES[code], directions=("range",)))["arguments"]
    target = {"target": 40.0} if code == "symmetric_120" else {}
    low, high = (end * target.get("target", 1) for end in (policy["low"], policy["high"]))
    far, near = sorted(data.draw(st.tuples(hundredths(0, 50), hundredths(0, 50))), reverse=True)
    for distant, close in ((max(low - far, 0), max(low - near, 0)), (high + far, high + near)):
        points = RULES[code].function(actual=[distant, close, (low + high) / 2], full=100, **target, **policy)
        assert (np.diff(points) >= -1e-9).all()
        assert points[2] == 100


@modest
@given(data=st.data())
def test_a_good_case_more_never_costs(data: st.DataObject) -> None:
    policy = data.draw(policies(RULES["base_plus_minus"]))["arguments"]
    points = RULES["base_plus_minus"].function(np.arange(6.0), 5, **policy)
    assert (np.diff(points) >= -1e-9).all()
    assert points.min() >= policy["low"]
    assert points.max() <= policy["high"]


UP_TO_FULL = {
    "attainment_5432",
    "pass_fail",
    "all_of",
    "zero_item",
    "rating_scale",
    "interpolated_levels",
    "range_scale",
}


@rules_where(lambda rule: bool({"cap", "floor"} & set(rule.arguments)) or rule.code in UP_TO_FULL)
@modest
@given(data=st.data())
def test_points_stay_between_floor_and_cap(rule: Rule, data: st.DataObject) -> None:
    policy = data.draw(policies(rule))["arguments"]
    columns = data.draw(staff(rule)) | {"full": np.array([20.0])}
    points = rule.function(**columns, **policy)
    points = points[~np.isnan(points)]
    lowest, highest = policy.get("floor", 0), policy.get("cap", 1)
    if lowest is not None:
        assert (points >= 20 * lowest - 1e-9).all()
    if highest is not None:
        assert (points <= 20 * highest + 1e-9).all()


@pytest.mark.parametrize(("code", "most"), [("bonus_over_target", "max_bonus"), ("extra_threshold", "extra_points")])
@modest
@given(data=st.data())
def test_points_beyond_the_full_ones_have_their_own_limit(code: str, most: str, data: st.DataObject) -> None:
    policy = data.draw(policies(RULES[code]))["arguments"]
    points = RULES[code].function(**data.draw(staff(RULES[code])) | {"full": np.array([20.0])}, **policy)
    points = points[~np.isnan(points)]
    assert (points >= 0).all()
    if policy[most] is not None:
        assert (points <= 20 + policy[most] + 1e-9).all()


@pytest.mark.parametrize("code", ["proportional", "attainment_5432", "symmetric_120", "bonus_over_target"])
@modest
@given(data=st.data(), over=st.integers(-100, 100))
def test_lower_is_the_mirror_image_of_higher(code: str, data: st.DataObject, over: int) -> None:
    policy = data.draw(policies(RULES[code], directions=("higher",)))["arguments"]
    policy |= {"steps": "linear", "lower_by": "mirror"}
    policy = {name: value for name, value in policy.items() if name in signature(RULES[code])}
    higher = RULES[code].function(100 + over, 100, 60, **policy)
    lower = RULES[code].function(100 - over, 100, 60, **policy | {"direction": "lower"})
    np.testing.assert_allclose(lower, higher, atol=1e-9)


# Independent computation, exact fractions against floats


@settings(max_examples=draws(300), deadline=None)
@given(
    actual=st.integers(0, 20000),
    target=st.integers(0, 20000),
    step=st.integers(1, 50),
    scale=st.sampled_from([1, 10, 100, 1000, 10000]),
)
def test_steps_are_counted_as_on_paper(actual: int, target: int, step: int, scale: int) -> None:
    exact = Fraction(max(target - actual, 0), step)
    figures = {"actual": actual / scale, "target": target / scale, "full": 0, "step": step / scale, "points_each": 1}
    deduct = RULES["deduct_per_step"].function
    assert deduct(**figures, direction="higher", steps="whole").tolist() == [-floor(exact)]
    assert deduct(**figures, direction="higher", steps="begun").tolist() == [-ceil(exact)]
    assert deduct(**figures, direction="higher", steps="linear").tolist() == pytest.approx([-float(exact)], abs=1e-6)


@settings(max_examples=draws(300), deadline=None)
@given(
    low=st.integers(0, 500),
    width=st.integers(0, 500),
    actual=st.integers(0, 2000),
    step=st.integers(1, 50),
    scale=st.sampled_from([1, 10, 100, 1000]),
)
def test_steps_outside_a_range_are_counted_as_on_paper(
    low: int, width: int, actual: int, step: int, scale: int
) -> None:
    away = max(low - actual, actual - low - width, 0)
    score = RULES["target_range"].function
    figures = {"actual": actual / scale, "low": low / scale, "high": (low + width) / scale, "step": step / scale}
    assert score(**figures, full=0, points_each=1, steps="whole").tolist() == [-(away // step)]
    assert score(**figures, full=0, points_each=1, steps="begun").tolist() == [away // -step]


@settings(max_examples=draws(300), deadline=None)
@given(target=st.integers(1, 500), parts=st.integers(0, 200), scale=st.sampled_from([1, 100, 1000]))
def test_lines_of_attainment_are_met_exactly(target: int, parts: int, scale: int) -> None:
    reached = Fraction(parts, 100)
    level = 5 if reached > 1 else 4 if reached == 1 else 3 if reached >= Fraction(4, 5) else 2
    actual = target * parts / 100 / scale
    points = RULES["attainment_5432"].function(actual, target / scale, 5, "higher", 1, 0.8, 5, 4, 3, 2)
    assert points.tolist() == [level]
    table = [(Interval(-inf, False, 0.8, False), 2.0), (Interval(0.8, True, inf, False), 3.0)]
    looked_up = RULES["bands"].function(actual, target / scale, "higher", table, "attainment")
    assert looked_up.tolist() == [3 if reached >= Fraction(4, 5) else 2]


@settings(max_examples=draws(200), deadline=None)
@given(
    people=st.lists(st.tuples(st.integers(0, 6) | st.none(), st.integers(-1, 2)), min_size=1, max_size=30),
    direction=st.sampled_from(["higher", "lower"]),
)
def test_places_are_counted_as_on_paper(people: list[tuple[int | None, int]], direction: str) -> None:
    deductions = [(Interval(n / 20, False, (n + 1) / 20, True), float(n)) for n in range(20)]
    expected = []
    for own, group in people:
        rivals = [value for value, other in people if other == group and value is not None]
        if own is None or group < 0:
            expected.append(nan)
            continue
        ahead = sum(value > own if direction == "higher" else value < own for value in rivals)
        expected.append(100.0 - (ceil(Fraction(ahead + 1, len(rivals)) * 20) - 1))
    actual, group_of = ([person[i] for person in people] for i in (0, 1))
    points = RULES["rank_percentile"].function(actual, 100, group_of, direction, deductions)
    np.testing.assert_array_equal(points, expected)


@settings(max_examples=draws(200), deadline=None)
@given(
    marks=st.lists(st.integers(-50, 50), min_size=4, max_size=4, unique=True).map(sorted),
    actual=st.integers(-60, 60),
    lower=st.booleans(),
)
def test_levels_are_interpolated_as_on_paper(marks: list[int], actual: int, lower: bool) -> None:
    level = Fraction(0) if actual < marks[0] else Fraction(4)
    for number, (start, end) in enumerate(pairwise(marks), start=1):
        if start <= actual < end:
            level = number + Fraction(actual - start, end - start)
    turned = [-mark if lower else mark for mark in (actual, *reversed(marks))]
    points = RULES["interpolated_levels"].function(turned[0], 20, "lower" if lower else "higher", *turned[1:])
    assert points.tolist() == pytest.approx([float(20 * level / 4)], abs=1e-9)


@given(actual=st.integers(0, 40), operator=st.sampled_from(["at_least", "above", "at_most", "below"]))
def test_a_veto_is_the_opposite_of_a_pass(actual: int, operator: str) -> None:
    passed = RULES["pass_fail"].function(actual / 10, 2, 1, operator)
    vetoed = RULES["veto"].function(actual / 10, 2, operator)
    assert (passed + vetoed).tolist() == [1]


def test_a_scheme_can_ask_whether_a_target_is_needed() -> None:
    for rule in RULES.values():
        if rule.target != "none":
            assert "target" in rule.inputs
            assert np.isnan(rule.function(**cases(rule.code)[0]["arguments"] | {"target": nan})).all()
        if rule.target == "ratio":
            for unusable in (0, -5):
                assert np.isnan(rule.function(**cases(rule.code)[0]["arguments"] | {"target": unusable})).all()
