"""The Curves sheet: what it lacks or contradicts is found at its cells, and a curve is the same wherever it is asked."""

from fractions import Fraction
from itertools import pairwise

import pytest
import small
from hypothesis import given
from hypothesis import strategies as st

from tests.policy.test_checks import found
from tests.workbook.test_native import curve, indicator
from xlperf.core.curves import Anchor, Curve, curve_values
from xlperf.core.problems import LANGUAGES
from xlperf.policy.validation import check_scheme
from xlperf.reporting.forms.scoring import how_scored
from xlperf.scoring.pipeline import appraise

PLAN = [(0.8, 50, "line", "hold"), (1, 100, "line", ""), (1.2, 150, "line", "hold")]


def with_curve(anchors, parameters="curve = plan; of = attainment"):
    return indicator("curve", parameters) | curve("plan", anchors)


def test_a_sound_curve_has_no_problem_and_scores():
    scheme = small.scheme(with_curve(PLAN))
    assert check_scheme(scheme) == []
    appraisal = appraise(small.tables(), scheme)
    # on_time of E1..E5 is 100 %, 80 %, 60 %, 40 %, 20 % of the tasks, against a target of 80 %
    assert appraisal.points.points[:3, 0].round(6).tolist() == [150, 100, 50]


MISTAKES = [
    ("curve-missing", indicator("curve", "curve = paln; of = attainment") | curve("plan", PLAN)),
    ("curve-order", with_curve([(1, 100, "line", "hold"), (0.8, 50, "line", "hold")])),
    ("curve-value-twice", with_curve([(0.8, 40, "line", "hold"), (0.8, 50, "line", ""), (1, 100, "line", "hold")])),
    ("curve-reading-missing", with_curve([(0.8, 50, "", "hold"), (1, 100, "line", "hold")])),
    ("curve-slices-mixed", with_curve([(0, 50, "slice", "hold"), (1, 100, "line", "hold")])),
    ("curve-short", with_curve([(0.8, 50, "line", "hold")])),
    ("curve-open-below", with_curve([(0.8, 50, "line", ""), (1, 100, "line", "hold")])),
    ("curve-open-above", with_curve([(0.8, 50, "line", "hold"), (1, 100, "line", "")])),
    ("curve-end-inside", with_curve([(0.8, 50, "line", "hold"), (1, 100, "line", "hold"), (1.2, 120, "line", "hold")])),
    ("curve-in-percent", with_curve([(80, 50, "line", "hold"), (100, 100, "line", "hold")])),
    ("curve-turns", with_curve([(0.8, 50, "line", "hold"), (1, 100, "line", ""), (1.2, 90, "line", "hold")])),
]


@pytest.mark.parametrize(("code", "replaced"), MISTAKES, ids=[code for code, _ in MISTAKES])
def test_each_mistake_is_found_once_at_its_cells(code, replaced):
    problem = found(replaced, code)
    assert problem.place
    for lang in LANGUAGES:
        assert "{" not in problem.found(lang) + problem.expected(lang) + problem.remedy(lang)


def test_a_misspelt_curve_is_told_along_with_the_parameter_that_is_missing():
    replaced = indicator("curve", "curve = paln") | curve("plan", PLAN)
    assert "plan" in found(replaced, "curve-missing").expected("en") + found(replaced, "curve-missing").found("en")
    lacking = found(replaced, "parameter-missing")
    assert lacking.remedy("en") == "Add to the rule parameters: Looked up by = attainment"
    assert lacking.remedy("zh") == "请在“规则参数”中写上：依据 = 完成率"


def test_a_curve_by_attainment_wants_a_target():
    rule = 'target = 0.8\nrule = "proportional"\nparameters = "cap = 100%; floor = 0%"'
    without = {rule: 'rule = "curve"\nparameters = "curve = plan; of = attainment"'} | curve("plan", PLAN)
    assert found(without, "curve-without-target").level == "error"


def test_a_figure_beyond_an_end_that_is_not_scored_is_reported():
    ends = [(0.8, 50, "line", "none"), (1, 100, "line", "hold")]
    appraisal = appraise(small.tables(), small.scheme(with_curve(ends)))
    (problem,) = [each for each in appraisal.problems if each.code == "cannot-score"]
    assert problem.level == "error"
    assert "E4" in problem.found("en")


def test_the_curve_stands_in_the_words_of_a_form():
    scheme = small.scheme(with_curve(PLAN))
    assert how_scored(scheme.indicators[0], scheme, "en") == (
        "Curve: curve 80% → 50 (straight line), 100% → 100 (straight line), 120% → 150 (straight line); "
        "looked up by attainment"
    )


@given(
    values=st.lists(st.integers(-50, 50), min_size=1, max_size=6, unique=True).map(sorted),
    points=st.lists(st.integers(-20, 20), min_size=6, max_size=6),
    asked=st.integers(-70, 70),
    ends=st.tuples(*[st.sampled_from(["hold", "continue", "none"])] * 2),
)
def test_slices_are_summed_as_on_paper(values, points, asked, ends):
    curve = Curve(tuple(Anchor(v, p, "slice") for v, p in zip(values, points, strict=False)), *ends)
    below, above = ends
    edges = [*values, None]
    total = Fraction(0)
    for (low, high), rate in zip(pairwise(edges), points, strict=False):
        top = asked if high is None else min(asked, high)
        if high is None and above == "hold":
            top = min(asked, low)
        total += max(top - low, 0) * rate
    if asked < values[0]:
        total = None if below == "none" else (asked - values[0]) * points[0] if below == "continue" else 0
    elif asked >= values[-1] and above == "none":
        total = None
    (result,) = curve_values([asked], curve).tolist()
    assert (result != result) if total is None else result == pytest.approx(float(total))
