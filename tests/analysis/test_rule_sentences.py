"""What a sentence says is so: its points are computed again, by hand, from nothing but the figures in the sentence."""

import re
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from itertools import pairwise

import numpy as np
import pytest
from calculator import calculated
from calculator import number as figure
from rule_cases import cases
from sample_books import run_of

from xlperf.analysis.explain import explain
from xlperf.analysis.rule_sentences import ScoredFigure, rule_sentence
from xlperf.core.numbers import show_number
from xlperf.policy import schemes
from xlperf.policy.rules import COLUMNS, RULES

FIGURE = r"(-?[\d,]+(?:\.\d+)?%?|none|without end)"
SHOWN = {  # the sentences in English; what their points must be, worked out from what stands in them
    "proportional": (
        r"Actual .* against target .*, attainment .* = #: # of # points \(cap #, floor #\)\.",
        lambda attained, _, full, cap, floor: held(full * attained, full, cap, floor),
    ),
    "bonus_over_target": (
        r"Actual #.* against target #.*, attainment .* = #; up to the target in proportion, 0 to # points; "
        r"# points? more for each # \((.*)\) better than the target, (.*) \(bonus limit #\): # points\.",
        lambda actual, target, attained, full, each, step, unit, steps, most, _: bonus(
            actual, target, attained, full, each, step, unit, steps, most
        ),
    ),
    "deduct_per_step": (
        r"Actual #.* against target #.*; # points? off for each # worse, (.*): # of # points \(floor #\)\.",
        lambda way, actual, target, each, step, steps, _, full, floor: {
            held(full - each * n, full, None, floor) for n in counted(max(way * (target - actual), 0) / step, steps)
        },
    ),
    "deduct_per_occurrence": (
        r"Actual #.*; # points? off for each occurrence: # of # points \(floor #\)\.",
        lambda actual, each, _, full, floor: held(full - each * actual, full, None, floor),
    ),
    "rating_scale": (
        r"Rating #.* on a scale from # to #, # the best: # of # points\.",
        lambda rating, low, high, best, _, full: full * (rating - (low + high - best)) / (2 * best - low - high),
    ),
    "range_scale": (
        r"Actual #.* on the line from worst # to best #: # of # points\.",
        lambda actual, worst, best, _, full: full * min(max((actual - worst) / (best - worst), 0), 1),
    ),
    "symmetric_120": (
        r"Actual .* against target .*, attainment .* = #; # points at the target, # more or less for each # of "
        r"attainment: # points \(cap #, floor #\)\.",
        lambda attained, full, each, step, _, cap, floor: held(full + each * (attained - 1) / step, full, cap, floor),
    ),
    "symmetric_120 of a range": (
        r"Actual .* against target .*, attainment .* = # \(full points from # to #\); # points at the target, # more or "
        r"less for each # of attainment: # points \(cap #, floor #\)\.",
        lambda attained, low, high, full, each, step, _, cap, floor: held(
            full - each * max(low - attained, attained - high, 0) / step, full, cap, floor
        ),
    ),
    "up_and_down": (
        r"Actual #.* against target #.*, # points at the target; # points? off for each # worse, # more for each # "
        r"better, (.*): # points \(cap #, floor #\)\.",
        lambda way, actual, target, full, off, step, more, step_up, steps, _, cap, floor: {
            held(full - off * down + more * up, full, cap, floor)
            for down in counted(max(way * (target - actual), 0) / step, steps)
            for up in counted(max(way * (actual - target), 0) / step_up, steps)
        },
    ),
    "target_range": (
        r"Actual #.*, range # to #; # points? off for each # outside, (.*): # of # points \(floor #\)\.",
        lambda actual, low, high, each, step, steps, _, full, floor: {
            held(full - each * n, full, None, floor)
            for n in counted(max(low - actual, actual - high, Decimal(0)) / step, steps)
        },
    ),
    "interpolated_levels": (
        r"Actual #.*; A #, B #, C #, D #, straight lines between: # of # points\.",
        lambda actual, *rest: levels(actual, rest[:4], rest[5]),
    ),
    "attainment_5432": (
        r"Actual .* against target .*, attainment .* = #; standard met at #, near it from #, levels #/#/#/#: # of "
        r"# points\.",
        lambda attained, met, near, best, at, by, below, _, full: (
            full * (best if attained > met else at if attained == met else by if attained >= near else below) / best
        ),
    ),
    "base_plus_minus": (
        r"Base #; cases #, of which good #, # points? added for each, # taken for each of the others: # points "
        r"\(fewest #, most #\)\.",
        lambda base, cases, good, plus, minus, _, low, high: held(
            base + plus * good - minus * ((cases or good) - good), Decimal(1), high, low
        ),
    ),
    "zero_item": (
        r"Actual #.* with a limit of #: # of # points\.",
        lambda actual, limit, _, full: full if actual <= limit else Decimal(0),
    ),
    "pass_fail": (
        r"Actual #.*, required (at least|above|at most|below) #.*: # of # points\.",
        lambda actual, sign, target, _, full: full if compare(actual, sign, target) else Decimal(0),
    ),
    "extra_threshold": (
        r"Actual #.* against target #.*, attainment .* = #; in proportion, 0 to # points; reaching # adds #: "
        r"# points\.",
        lambda actual, target, attained, full, better, extra, _: (
            full * min(max(attained, 0), 1) + extra * (actual <= better if better < target else actual >= better)
        ),
    ),
    "curve": (
        r'Actual .*, target .*; .* on the curve ".*", (?:level at )?(.*): # points?\.',
        lambda work, _: worked_out(work),
    ),
    "standard_score": (
        r"Actual .*; its standard score in the group, .* and standard deviation [\d.,%]+: (.*): # points? "
        r"\(full points #, cap #, floor #\)\.",
        lambda work, _, full, cap, floor: held(worked_out(work), full, cap, floor),
    ),
    "bands": (
        r'Actual #.*, target .*; the (?:actual|attainment .* = #) lies in the band "(.*)" of ".*": # points?\.',
        lambda bands, actual, attained, band, _: in_bands(bands, actual if attained is None else attained, band),
    ),
    "rank_percentile": (
        r'Actual .*; place ÷ members of the group = (.*) = #; the deductions ".*" \((.*)\) take off #: # of # points\.',
        lambda bands, work, share, band, off, _, full: full - in_bands(bands, placed(work, share), band, off),
    ),
    "deducted": (
        r"#.* deducted of #: # points? \(floor #\)\.",
        lambda off, full, _, floor: held(full - off, full, None, floor),
    ),
}


def number(text):
    if text in ("none", "without end"):
        return None if text == "none" else Decimal("1e300")
    return figure(text)


def worked_out(work):
    return work if isinstance(work, Decimal) else calculated(work)


def in_bands(bands, value, said, points=None):
    """Return what the bands of the scheme give, which must hold the value between the ends that are said."""
    for end in re.findall(rf"(at least|above|at most|below|exactly) {FIGURE}", said):
        assert compare(value, end[0], number(end[1])), said
    (worth,) = [each for band, each in bands if band.contains(np.array([float(value)]))[0]]
    assert points is None or points == Decimal(str(worth))
    return Decimal(str(worth))


def placed(work, share):
    """Return place ÷ members, which must be the share that is said."""
    assert abs(calculated(work) - share) < Decimal("0.000001")
    return calculated(work)


def held(points, full, cap, floor):
    points = min(points, full * cap) if cap is not None else points
    return max(points, full * floor) if floor is not None else points


def counted(steps, way):
    """How many steps there may be: figures are shown with four decimals, which may hide whether a step is complete."""
    dust = Decimal("0.001")
    if way == "in proportion":
        return {steps}
    rounding = ROUND_FLOOR if way == "completed steps only" else ROUND_CEILING
    return {(steps + shift).to_integral_value(rounding) for shift in (-dust, Decimal(0), dust)}


def bonus(actual, target, attained, full, each, step, unit, steps, most):
    better = attained - 1 if unit == "share of the target" else abs(actual - target)
    if attained < 1:
        return max(full * attained, Decimal(0))
    return {full + min(each * n, each * n if most is None else most) for n in counted(better / step, steps)}


def levels(actual, marks, full):
    sign = 1 if marks[0] > marks[-1] else -1
    if sign * (actual - marks[3]) < 0:
        return Decimal(0)
    for at, (upper, lower) in enumerate(pairwise(marks)):
        if sign * (actual - upper) >= 0:
            return full * (4 - at) / 4
        if sign * (actual - lower) >= 0:
            return full * (3 - at + (actual - lower) / (upper - lower)) / 4
    return full / 4


def compare(actual, sign, target):
    return {
        "at least": actual >= target,
        "above": actual > target,
        "at most": actual <= target,
        "below": actual < target,
        "exactly": actual == target,
    }[sign]


def check(rule, direction, sentence, bands=()):
    """The points that a sentence ends with must be those that its other figures give."""
    sentence = re.sub(r" Points are: .*", "", sentence)
    rule = "symmetric_120 of a range" if "full points from" in sentence else rule
    pattern, work_out = SHOWN[rule]
    found = re.fullmatch(pattern.replace("#", FIGURE), sentence)
    assert found, sentence
    figures = [number(each) if each and re.fullmatch(FIGURE, each) else each for each in found.groups()]
    way = [-1 if direction == "lower" else 1] if rule in ("deduct_per_step", "up_and_down") else []
    way += [bands] if rule in ("bands", "rank_percentile") else []
    points = work_out(*way, *figures)
    said = number(re.search(r"([\d,.-]+)(?: of [\d,.]+)? points?(?: \(|\.)", sentence.rpartition(": ")[2])[1])
    near = Decimal("0.02")  # figures stand with four decimals, points with two
    assert min(abs(said - one) for one in (points if isinstance(points, set) else {points})) < near, sentence


def stories(name, lang):
    run = run_of(name)
    for person in run.people.frame["employee_id"].head(12):
        yield explain(run, person, lang=lang)[0], run


def worked_cases():
    for rule in sorted(SHOWN.keys() & RULES.keys()):
        for case in cases(rule):
            yield pytest.param(RULES[rule], case["arguments"], case["points"], id=f"{rule}: {case['name']}")


@pytest.mark.parametrize(("rule", "given", "points"), worked_cases())
def test_the_sentence_of_every_worked_case_leads_to_its_points(rule, given, points):
    columns = {name: np.broadcast_to(np.float64(given[name]), points.shape) for name in COLUMNS if name in given}
    for at in np.flatnonzero(~np.isnan(points)):
        figures = {name: float(column[at]) for name, column in columns.items() if name not in ("group", "met")}
        ours = {name: given[name] for name in rule.arguments if given[name] is not None}
        direction = given.get("direction", rule.directions[0])
        bands, group = given.get("bands", ()), []
        if "group" in columns:
            same = columns["group"] == columns["group"][at]
            group = columns["actual"][same & ~np.isnan(columns["actual"])]
        scored = ScoredFigure(figures, direction, ours, bands=bands, curve=given.get("anchors"), group=group)
        sentence = rule_sentence(rule, scored, show_number(points[at]), "en")
        check(rule.code, direction, sentence, bands)


@pytest.mark.parametrize("name", schemes.names())
def test_every_sentence_leads_to_its_points(name):
    for story, run in stories(name, "en"):
        for each in story.indicators:
            indicator = run.indicators[run.facts.column(each.code)]
            rule = "deducted" if each.deducts else indicator.rule
            if not each.scoring or rule not in SHOWN:
                continue
            bands = run.scheme.bands.get(indicator.parameters.get("band_set", ""), ())
            check(rule, indicator.direction, each.scoring, bands)


@pytest.mark.parametrize("name", schemes.names())
def test_both_languages_name_the_same_figures(name):
    figures = {
        lang: [
            sorted(re.findall(r"\d+(?:,\d{3})*(?:\.\d+)?%?", each.scoring))
            for story, _ in stories(name, lang)
            for each in story.indicators
        ]
        for lang in ("en", "zh")
    }
    assert figures["en"] == figures["zh"]
