"""Weights from judgement: worked examples, what must hold of any judgements, and the way to the sheets and back."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from typer.testing import CliRunner

import xlperf.cli.study  # noqa: F401 - registers its commands
from tests.small import SCHEME, scheme, tables
from tests.small_book import policy, save
from xlperf.cli import app
from xlperf.core.problems import LANGUAGES
from xlperf.policy.ahp import ahp, critic_weights, entropy_weights, judge
from xlperf.policy.schemes import from_toml
from xlperf.policy.validation import check_scheme
from xlperf.policy.validation.pairs import CHECKS, comparison_sets
from xlperf.policy.weights import changes, normalise, propose, shared_out
from xlperf.workbook.read.book import read_book
from xlperf.workbook.write.policy_cells import put_policy_cells
from xlperf.xlsx.errors import CannotSave

CASES_OF_WEIGHTS = tomllib.loads((Path(__file__).parents[1] / "cases" / "weights.toml").read_text("utf-8"))
CASES = tomllib.loads((Path(__file__).parents[1] / "cases" / "judging.toml").read_text("utf-8"))


def named(section: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in CASES[section]])


def numbers(rows: list[list[str]]) -> np.ndarray:
    return np.array([[float(Fraction(cell)) for cell in row] for row in rows])


def by_power_iteration(matrix: np.ndarray) -> tuple[np.ndarray, float]:
    """Find the principal eigenvector by multiplying again and again: independent of any eigenvalue routine."""
    weights = np.ones(len(matrix)) / len(matrix)
    for _ in range(2000):
        product = matrix @ weights
        weights = product / product.sum()
    return weights, float((matrix @ weights)[0] / weights[0])


# The mathematics -----------------------------------------------------------------------------------------------------


@named("ahp")
def test_worked_comparisons(case: dict[str, Any]) -> None:
    matrix = numbers(case["pairs"])
    found = ahp(matrix)
    weights, lambda_max = by_power_iteration(matrix)
    assert found.weights == pytest.approx(weights, abs=1e-9)
    assert found.lambda_max == pytest.approx(lambda_max, abs=1e-9)
    if "published" in case:
        assert found.weights == pytest.approx(case["published"], abs=0.0051)
        assert found.consistency_ratio == pytest.approx((lambda_max - 6) / 5 / 1.24)
        assert not found.consistent
        return
    assert found.weights == pytest.approx(case["weights"])
    assert found.consistency_ratio == pytest.approx(case["consistency_ratio"], abs=1e-12)
    assert found.lambda_max == pytest.approx(case.get("lambda_max", len(matrix)))
    worst = [(each.first, each.second, each.ratio, each.agreeing) for each in found.worst]
    assert np.array(worst).ravel() == pytest.approx(np.array(case.get("worst", [])).ravel())


positive = st.lists(st.floats(0.05, 20), min_size=1, max_size=8)


@given(positive)
def test_judgements_made_from_weights_give_these_weights_back(amounts: list[float]) -> None:
    shares = np.array(amounts) / sum(amounts)
    found = ahp(shares[:, None] / shares[None, :])
    assert found.weights == pytest.approx(shares)
    assert found.consistency_ratio == pytest.approx(0, abs=1e-9)
    assert found.worst == ()


@st.composite
def judgements(draw: st.DrawFn) -> np.ndarray:
    size = draw(st.integers(3, 6))
    steps = draw(st.lists(st.integers(-8, 8), min_size=size * size, max_size=size * size))
    matrix = np.eye(size)
    for i in range(size):
        for j in range(i + 1, size):
            step = steps[i * size + j]
            matrix[i, j] = step + 1 if step >= 0 else 1 / (1 - step)
            matrix[j, i] = 1 / matrix[i, j]
    return matrix


@given(judgements(), st.randoms(use_true_random=False))
def test_the_order_of_the_items_does_not_matter(matrix: np.ndarray, chance: Any) -> None:
    order = list(range(len(matrix)))
    chance.shuffle(order)
    found, permuted = ahp(matrix), ahp(matrix[np.ix_(order, order)])
    assert permuted.weights == pytest.approx(found.weights[order])
    assert permuted.consistency_ratio == pytest.approx(found.consistency_ratio, abs=1e-9)
    worst = {frozenset((each.first, each.second)) for each in found.worst}
    assert {frozenset((order[each.first], order[each.second])) for each in permuted.worst} == worst


@given(judgements())
def test_the_worst_judgement_is_mended_by_the_value_that_agrees_with_the_rest(matrix: np.ndarray) -> None:
    before = ahp(matrix)
    if not before.worst:
        return
    worst, mended = before.worst[0], matrix.copy()
    mended[worst.first, worst.second], mended[worst.second, worst.first] = worst.agreeing, 1 / worst.agreeing
    assert ahp(mended).consistency_ratio < before.consistency_ratio


@pytest.mark.parametrize(
    ("pairs", "words"),
    [([[1, 2]], "square"), ([[1, 2], [2, 1]], "reciprocal"), ([[1, -2], [-0.5, 1]], "positive"), ([[]], "square")],
)
def test_what_is_no_comparison_is_refused(pairs: list[list[float]], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        ahp(pairs)


def test_more_items_than_random_indices_have_weights_but_no_ratio() -> None:
    found = ahp(np.ones((16, 16)))
    assert found.weights == pytest.approx(np.ones(16) / 16)
    assert np.isnan(found.consistency_ratio)


@named("entropy")
def test_worked_entropy(case: dict[str, Any]) -> None:
    assert entropy_weights(case["points"]) == pytest.approx(case["weights"], nan_ok=True)


@named("critic")
def test_worked_critic(case: dict[str, Any]) -> None:
    assert critic_weights(case["points"]) == pytest.approx(case["weights"], nan_ok=True)


@pytest.mark.parametrize("weigh", [entropy_weights, critic_weights])
@pytest.mark.parametrize("people", [0, 1])
def test_nobody_and_one_alone_give_no_opinion(weigh: Any, people: int) -> None:
    assert np.isnan(weigh(np.full((people, 3), 50.0))).all()


matrices = st.integers(2, 5).flatmap(
    lambda size: st.lists(
        st.lists(st.integers(0, 100).map(float), min_size=size, max_size=size), min_size=2, max_size=12
    )
)


@pytest.mark.parametrize("weigh", [entropy_weights, critic_weights])
@given(rows=matrices, chance=st.randoms(use_true_random=False))
def test_opinions_are_shares_whatever_the_order_of_people(weigh: Any, rows: list[list[float]], chance: Any) -> None:
    weights = weigh(rows)
    known = weights[~np.isnan(weights)]
    assert (known >= -1e-12).all()
    assert known.sum() == pytest.approx(1) or not len(known)
    chance.shuffle(rows)
    assert weigh(rows) == pytest.approx(weights, nan_ok=True, abs=1e-9)


@named("shared_out")
def test_worked_rounding(case: dict[str, Any]) -> None:
    shares = [Fraction(each) for each in case["shares"]]
    assert shared_out(Fraction(case["total"]), shares) == [Fraction(each) for each in case["expected"]]


@given(st.integers(1, 10_000), st.lists(st.fractions(0, 1), min_size=1, max_size=9).filter(any))
def test_rounded_weights_total_exactly_and_stay_within_a_hundredth(hundredths: int, shares: list[Fraction]) -> None:
    total = Fraction(hundredths, 100)
    parts = shared_out(total, shares)
    assert sum(parts) == total
    exact = [total * share / sum(shares) for share in shares]
    assert all(abs(part - whole) < Fraction(1, 100) for part, whole in zip(parts, exact, strict=True))


# From the sheet ------------------------------------------------------------------------------------------------------


def pairs(*rows: tuple[str, str, str, str]) -> str:
    """Return rows of the Pairwise sheet: within, first, second, judgement."""
    return "".join(
        f'\n[[pairs]]\nwithin = "{within}"\nfirst = "{first}"\nsecond = "{second}"\njudgement = "{judgement}"\n'
        for within, first, second, judgement in rows
    )


def judged_scheme(*rows: tuple[str, str, str, str], text: str = SCHEME):
    read, problems = from_toml(text + pairs(*rows), "small")
    assert not problems
    return read


THREE = SCHEME.replace('code = "ability"\nname = "能力"', 'code = "conduct"\nname = "态度"\nweight = 0\n\n[[dimensions]]\ncode = "ability"\nname = "能力"').replace(
    "[[grades]]",
    '[[indicators]]\ncode = "attitude"\nname = "态度"\ndimension = "conduct"\nweight = 10\nunit = "分"\ndirection = "higher"\n'
    'source = "ratings"\nmeasure = "mean"\ncolumn = "score"\nrule = "rating_scale"\nparameters = "low = 1; high = 5"\n\n[[grades]]',
    1,
)  # fmt: skip


def found_by_checks(read):
    return [problem for check in CHECKS for problem in check(read)]


def test_judged_weights_share_what_the_dimension_has() -> None:
    """Dimensions 3 : 1 of 100; on_time 1 : 2 of the 75 of its dimension; the only indicator of the other takes all."""
    read = judged_scheme(("", "work", "ability", "3"), ("work", "done", "on_time", "2"))
    judged, problems = judge(read)
    assert problems == []
    assert [each.weights for each in propose(read, judged)] == [(75, 25), (25, 50), (25,)]
    assert changes(read, propose(read, judged)) == (
        {"dimensions": {0: 75, 1: 25}, "indicators": {0: 25, 1: 50, 2: 25}},
        [],
    )


def test_where_only_dimensions_are_judged_their_indicators_keep_their_proportions() -> None:
    """Work falls from 70 to 50, so 40 + 30 become 28.57 + 21.43."""
    read = judged_scheme(("", "work", "ability", "1"))
    proposals = propose(read, judge(read)[0])
    assert [list(map(float, each.weights)) for each in proposals] == [[50, 50], [28.57, 21.43], [50]]


def test_where_only_indicators_are_judged_the_dimensions_stay() -> None:
    read = judged_scheme(("work", "on_time", "done", "1/4"))
    assert changes(read, propose(read, judge(read)[0])) == ({"indicators": {0: 14, 1: 56}}, [])


def test_weights_within_dimensions_share_a_hundred() -> None:
    text = SCHEME.replace('weight_basis = "total"', 'weight_basis = "dimension"')
    read = judged_scheme(("work", "on_time", "done", "4"), text=text)
    assert changes(read, propose(read, judge(read)[0])) == ({"indicators": {0: 80, 1: 20}}, [])


def test_position_groups_are_compared_apart_and_what_they_share_must_not_differ() -> None:
    """done belongs to everybody: 50 of 100 beside on_time, 75 beside on_time_2."""
    start = SCHEME.index("[[indicators]]")
    first = SCHEME[start : SCHEME.index("[[indicators]]", start + 1)]
    own = [first.replace('"on_time"', f'"on_time_{g}"') + f'group = "{g}"\n\n' for g in ("a", "b")]
    text = SCHEME.replace(first, "".join(own))
    sets = comparison_sets(judged_scheme(text=text))
    assert [(each.within, each.group, [item.code for item in each.items]) for each in sets] == [
        ("", "", ["work", "ability"]),
        ("work", "a", ["on_time_a", "done"]),
        ("work", "b", ["on_time_b", "done"]),
        ("ability", "", ["skill"]),
    ]
    read = judged_scheme(("work", "on_time_a", "done", "1"), ("work", "on_time_b", "done", "1/3"), text=text)
    _, (problem,) = changes(read, propose(read, judge(read)[0]))
    assert problem.code == "weight-of-several-groups"
    assert "35, 52.5" in problem.found("en")


def test_missing_judgements_are_listed_and_give_no_weights() -> None:
    read = judged_scheme(("", "work", "conduct", "2"), text=THREE)
    (problem,) = found_by_checks(read)
    assert (problem.code, problem.level) == ("pairs-missing", "warning")
    assert "work – ability, conduct – ability" in problem.found("en")
    assert "2" in problem.found("zh")
    assert judge(read)[0][0].found is None


@pytest.mark.parametrize(
    ("row", "code", "cell"),
    [
        (("", "work", "abilty", "2"), "pair-unknown", "second"),
        (("works", "on_time", "done", "2"), "pair-unknown", "within"),
        (("work", "on_time", "skill", "2"), "pair-unknown", "second"),
        (("work", "done", "done", "1"), "pair-itself", "second"),
    ],
)
def test_judgements_of_what_is_not_there_are_errors(row: tuple[str, str, str, str], code: str, cell: str) -> None:
    problem, *_ = found_by_checks(judged_scheme(row))
    assert (problem.code, problem.level, problem.cells) == (code, "error", f"{cell} 1")


def test_the_other_way_round_is_the_same_judgement_and_a_different_one_contradicts() -> None:
    rows = (("work", "on_time", "done", "4"), ("work", "done", "on_time", "1/4"))
    assert found_by_checks(judged_scheme(*rows)) == []
    (problem,) = found_by_checks(judged_scheme(rows[0], ("work", "done", "on_time", "3")))
    assert (problem.code, problem.cells) == ("pairs-contradict", "judgement 1:judgement 2 (2)")
    assert "1/3, 4" in problem.found("en")


def test_judgements_that_disagree_are_named_with_what_the_others_imply() -> None:
    """2 x 4 = 8 against 1: the ratio 0.43 of the worked example."""
    rows = (("", "work", "conduct", "2"), ("", "conduct", "ability", "4"), ("", "work", "ability", "1"))
    (problem,) = judge(judged_scheme(*rows, text=THREE))[1]
    assert (problem.code, problem.level) == ("pairs-inconsistent", "warning")
    assert "0.43" in problem.found("en")
    assert '"Work" to "Ability" is 1, where the others imply about 8' in problem.expected("en")
    assert "“工作”比“态度”现为 2，其余判断意味着约 1/4" in problem.expected("zh")


# Weights that do not total what they must ----------------------------------------------------------------------------

WEIGHTS = {"weights-not-100", "weights-of-dimension", "dimension-weights", "dimension-differs"}


def weighed(dimensions: dict[str, Any], *indicators: tuple[str, str, str, Any], basis: str = "total", **settings: Any):
    """Return a scheme of dimensions and indicators (code, position group, dimension, weight); None is no weight."""
    one = scheme()
    model, side = one.indicators[0], one.dimensions[0]

    def known(weight: Any) -> float:
        return float("nan") if weight is None else float(weight)

    return replace(
        one.with_settings(weight_basis=basis, **settings),
        dimensions=tuple(replace(side, code=code, weight=known(weight)) for code, weight in dimensions.items()),
        indicators=tuple(
            replace(model, code=code, group=group, dimension=dimension, weight=known(weight))
            for code, group, dimension, weight in indicators
        ),
    )


def normalised(read: Any, *groups: str) -> tuple[dict[str, float], Any]:
    """Return every weight of a scheme after scaling, by code, and the scheme; it must have been possible."""
    found, problems = normalise(read, groups)
    assert problems == [], [each.found("en") for each in problems]
    new = {
        sheet: tuple(
            replace(each, weight=float(found.get(sheet, {}).get(i, each.weight))) for i, each in enumerate(items)
        )
        for sheet, items in (("dimensions", read.dimensions), ("indicators", read.indicators))
    }
    after = replace(read, **new)
    assert WEIGHTS.isdisjoint(each.code for each in check_scheme(after, groups))
    assert normalise(after, groups) == ({}, [])
    return {each.code: each.weight for each in (*after.dimensions, *after.indicators)}, after


NORMALISED = [pytest.param(case, id=case["name"]) for case in CASES_OF_WEIGHTS["normalise"]]


@pytest.mark.parametrize("case", NORMALISED)
def test_worked_totals(case: dict[str, Any]) -> None:
    rows = [(code, group, dimension, weight) for code, group, dimension, weight, _ in case["indicators"]]
    stated = {code: None if now == "" else now for code, now, _ in case["dimensions"]}
    found, _ = normalised(weighed(stated, *rows, **case.get("settings", {})), *case.get("held", ()))
    expected = {code: then for code, *_, then in (*case["dimensions"], *case["indicators"]) if then != ""}
    assert {code: found[code] for code in expected} == expected


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in CASES_OF_WEIGHTS["impossible"]])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_no_factors_can_mend_is_told_with_the_position_groups(case: dict[str, Any], lang: Any) -> None:
    rows = [
        (code, group, dimension, None if weight == "" else weight)
        for code, group, dimension, weight in case["indicators"]
    ]
    found, (problem,) = normalise(weighed(dict(case["dimensions"]), *rows), case.get("held", ()))
    assert found == {}
    assert (problem.code, problem.level) == (case["problem"], "error")
    for words in case["words"]:
        assert words in problem.found(lang)


@pytest.mark.parametrize("basis", ["total", "dimension"])
def test_an_empty_weight_is_unknown_and_not_nothing(basis: str) -> None:
    rows = (("a", "", "d", 30), ("b", "", "d", 20), ("c", "", "d", None))
    found, (problem,) = normalise(weighed({"d": 50}, *rows, basis=basis))
    assert found == {}
    assert (problem.code, problem.level, problem.cells) == ("weights-unknown", "error", "weight 3")


hundredths = st.integers(1, 9999).map(lambda number: number / 100)


@given(
    shared=st.lists(hundredths, max_size=3),
    own=st.dictionaries(st.sampled_from("abc"), st.lists(hundredths, min_size=1, max_size=4), min_size=1, max_size=3),
    points=st.sampled_from([100, 60, 12.5]),
)
def test_every_position_group_totals_exactly(shared: list[float], own: dict[str, list[float]], points: float) -> None:
    rows = [(f"s{i}", "", "d", weight) for i, weight in enumerate(shared)]
    rows += [(f"{group}{i}", group, "d", weight) for group, column in own.items() for i, weight in enumerate(column)]
    read = weighed({"d": 1}, *rows, total_method="sum", full_points=points)
    found, after = normalised(read)
    for group in own:
        theirs = [each.weight for each in after.indicators if each.group in ("", group)]
        assert sum(Fraction(str(weight)) for weight in theirs) == Fraction(str(points))
        if not shared:
            before = sum(own[group])
            for i, weight in enumerate(own[group]):
                assert found[f"{group}{i}"] == pytest.approx(weight * points / before, abs=0.0101)
    assert found["d"] == points


@given(st.lists(hundredths, min_size=2, max_size=4), st.lists(hundredths, min_size=2, max_size=4), st.integers(1, 40))
def test_shared_weights_keep_their_proportions(shared: list[float], own: list[float], times: int) -> None:
    """One group needs another factor than the other; all that is shared is scaled by one of the two."""
    rows = [(f"s{i}", "", "d", weight) for i, weight in enumerate(shared)]
    rows += [(f"a{i}", "a", "d", weight) for i, weight in enumerate(own)]
    rows += [(f"b{i}", "b", "d", weight * times) for i, weight in enumerate(own)]
    found, _ = normalised(weighed({"d": None}, *rows))
    needs = [100 / (sum(shared) + sum(own) * each) for each in (1, times)]
    matching = [all(abs(found[f"s{i}"] - w * need) < 0.0301 for i, w in enumerate(shared)) for need in needs]
    assert any(matching)


# The command ---------------------------------------------------------------------------------------------------------


def call(*words: object, status: int = 0) -> str:
    done = CliRunner().invoke(app, [str(word) for word in words], env={"COLUMNS": "160"})
    assert done.exit_code == status, done.output
    return done.output


def workbook(path: Path, *rows: tuple[str, str, str, str], people: bool = True, **weights: object) -> Path:
    """Save the small scheme with comparisons, and its people, as a workbook; some weights may be typed otherwise."""
    sheets = policy("en", judged_scheme(*rows) if rows else scheme())
    for table in tables().values() if people else ():
        columns = [each for each in table.sheet if table.frame[each.code].notna().any()]
        cells = table.frame[[each.code for each in columns]].astype(object).itertuples(index=False, name=None)
        sheets[table.sheet.title("en")] = [[each.name("en") for each in columns], *map(list, cells)]
    for title in ("Dimensions", "Indicators"):
        lines = sheets[title]
        column = next(i for i, heading in enumerate(lines[0]) if heading.startswith("Weight"))
        for line in lines[1:]:
            line[column] = weights.get(line[0], line[column])
    return save(path, sheets)


ROWS = (("", "work", "ability", "3"), ("work", "done", "on_time", "2"))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_weights_shows_every_opinion(tmp_path: Path, lang: str) -> None:
    path = workbook(tmp_path / "book.xlsx", *ROWS)
    said = call("weights", path, "--lang", lang)
    assert {"zh": "一致性比率 0.00：可用", "en": "Consistency ratio 0.00: usable"}[lang] in said
    sets = json.loads(call("weights", path, "--json", "--lang", lang))["sets"]
    assert [(each["set"], each["total"]) for each in sets] == [
        ({"zh": "维度之间", "en": "the dimensions"}[lang], 100),
        ({"zh": "工作", "en": "Work"}[lang], 75),
    ]
    on_time, done = sets[1]["items"]
    assert (on_time["now"], on_time["judged"], done["now"], done["judged"]) == (40, 25, 30, 50)
    assert (on_time["entropy"], done["entropy"]) == (75, None)  # everybody has done the same number of tasks


def test_written_weights_are_read_again_and_the_old_book_is_kept(tmp_path: Path) -> None:
    path = workbook(tmp_path / "book.xlsx", *ROWS)
    before = path.read_bytes()
    said = json.loads(call("weights", path, "--write", "--json"))
    assert [(each["code"], each["before"], each["after"]) for each in said["written"]][:2] == [
        ("work", 70, 75),
        ("ability", 30, 25),
    ]
    read = read_book(path).scheme
    assert [each.weight for each in read.dimensions] == [75, 25]
    assert [each.weight for each in read.indicators] == [25, 50, 25]
    assert path.with_name("book.backup.xlsx").read_bytes() == before
    assert load_workbook(path)["Tasks"].max_row == 26


def test_weights_written_elsewhere_leave_the_book_alone(tmp_path: Path) -> None:
    path = workbook(tmp_path / "book.xlsx", *ROWS)
    before = path.read_bytes()
    call("weights", path, "--write", "-o", tmp_path / "new.xlsx")
    assert path.read_bytes() == before
    assert read_book(tmp_path / "new.xlsx").scheme.dimensions[0].weight == 75


def test_weights_typed_as_fractions_stay_fractions(tmp_path: Path) -> None:
    fractions = {"on_time": 0.4, "done": 0.3, "skill": 0.3}
    path = workbook(tmp_path / "book.xlsx", *ROWS, **fractions)
    call("weights", path, "--write")
    column = [row[4].value for row in load_workbook(path)["Indicators"].iter_rows(min_row=2)]
    assert column == [0.25, 0.5, 0.25]
    assert [each.weight for each in read_book(path).scheme.indicators] == [25, 50, 25]


def test_empty_weights_are_filled_in_although_nobody_can_be_appraised_yet(tmp_path: Path) -> None:
    path = workbook(tmp_path / "book.xlsx", *ROWS, on_time=None, done=None, skill=None, work=None, ability=None)
    call("weights", path, "--write")
    assert [each.weight for each in read_book(path).scheme.indicators] == [25, 50, 25]


def test_a_formula_is_not_overwritten(tmp_path: Path) -> None:
    path = workbook(tmp_path / "book.xlsx", *ROWS)
    book = read_book(path)
    changed = load_workbook(path)
    changed["Dimensions"][f"{book.tables['dimensions'].letters['weight']}2"] = "=35*2"
    changed.save(path)
    with pytest.raises(CannotSave) as refusal:
        put_policy_cells(load_workbook(path), book.tables, {("dimensions", "weight"): {0: 75.0, 1: 25.0}})
    assert (refusal.value.problem.code, refusal.value.problem.place) == ("cell-is-formula", "Dimensions!D2")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ((), {"zh": "没有完整的两两比较", "en": "No set of pairwise comparisons is complete"}),
        ((("work", "done", "on_tme", "2"),), {"zh": "on_tme", "en": "on_tme"}),
    ],
)
def test_nothing_is_written_without_judgements_that_can_be_used(
    tmp_path: Path, lang: str, rows: tuple[tuple[str, str, str, str], ...], words: dict[str, str]
) -> None:
    path = workbook(tmp_path / "book.xlsx", *rows)
    before = path.read_bytes()
    assert words[lang] in call("weights", path, "--write", "--lang", lang, status=1)
    assert path.read_bytes() == before


def checked(path: Path) -> set[str]:
    """Return the codes of what the check command finds."""
    done = CliRunner().invoke(app, ["check", str(path), "--json", "--lang", "en"])
    return {each["code"] for each in json.loads(done.output)["problems"]}


LOG = {
    "zh": ("权重已写入", "原", "新", "任务及时率", "30", "60", "尚未写入", "无需调整"),
    "en": ("The weights are in", "Before", "After", "On-time rate", "30", "60", "Not written yet", "nothing to do"),
}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_weights_of_30_and_20_become_60_and_40(tmp_path: Path, lang: str) -> None:
    path = workbook(tmp_path / "book.xlsx", on_time=30, done=0, skill=20, work=70, ability=30)
    before = path.read_bytes()
    assert {"weights-not-100", "dimension-differs"} <= checked(path)
    written, *figures, not_yet, nothing = LOG[lang]
    proposed = call("weights", path, "--normalise", "--lang", lang)
    assert all(each in proposed for each in (*figures, not_yet))
    assert path.read_bytes() == before
    said = call("weights", path, "--normalise", "--write", "--lang", lang)
    assert all(each in said for each in (written, *figures))
    assert WEIGHTS.isdisjoint(checked(path))
    assert [each.weight for each in read_book(path).scheme.indicators] == [60, 0, 40]
    assert [each.weight for each in read_book(path).scheme.dimensions] == [60, 40]
    assert path.with_name("book.backup.xlsx").read_bytes() == before
    again = path.read_bytes()
    assert nothing in call("weights", path, "--normalise", "--write", "--lang", lang)
    assert path.read_bytes() == again


def test_the_log_as_data_and_the_weights_elsewhere(tmp_path: Path) -> None:
    path, new = (
        workbook(tmp_path / "book.xlsx", on_time=20, done=15, skill=15, work=35, ability=15),
        tmp_path / "new.xlsx",
    )
    before = path.read_bytes()
    found = json.loads(call("weights", path, "--normalise", "--write", "-o", new, "--json", "--lang", "en"))
    assert found["scaled"][2] == {
        "cell": "Indicators!E2", "code": "on_time", "name": "On-time rate", "before": 20.0, "after": 40.0
    }  # fmt: skip
    assert [each["after"] for each in found["scaled"]] == [70, 30, 40, 30, 30]
    assert (found["written"], found["problems"]) == (str(new), [])
    assert path.read_bytes() == before
    assert json.loads(call("weights", new, "--normalise", "--json"))["scaled"] == []


def test_weights_can_be_scaled_while_facts_and_people_are_missing(tmp_path: Path) -> None:
    path = workbook(tmp_path / "book.xlsx", people=False, on_time=0.1, done=0.1, skill=0.1)
    call("weights", path, "--normalise", "--write")
    column = [row[4].value for row in load_workbook(path)["Indicators"].iter_rows(min_row=2)]
    assert column == [0.3334, 0.3333, 0.3333]
    assert WEIGHTS.isdisjoint(checked(path))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_weights_of_nothing_are_refused_and_nothing_is_written(tmp_path: Path, lang: str) -> None:
    path = workbook(tmp_path / "book.xlsx", on_time=0, done=0, skill=0)
    before = path.read_bytes()
    said = call("weights", path, "--normalise", "--write", "--lang", lang, status=1)
    assert {"zh": "请先填写权重", "en": "Fill in weights first"}[lang] in said
    assert path.read_bytes() == before


def test_a_weight_that_cannot_be_read_stops_the_scaling(tmp_path: Path) -> None:
    path = workbook(tmp_path / "book.xlsx", on_time=20, done="much", skill=20)
    before = path.read_bytes()
    found = json.loads(call("weights", path, "--normalise", "--write", "--json", status=1))
    assert [(each["code"], each["cells"]) for each in found["problems"]] == [("weights-unknown", "E3")]
    assert path.read_bytes() == before
