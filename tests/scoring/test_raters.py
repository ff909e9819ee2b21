"""Ratings by several people: what each counts for, what is shown of whom, and what is wrong with them."""

import tomllib
from collections import defaultdict
from dataclasses import replace
from functools import cache
from pathlib import Path
from statistics import fmean

import numpy as np
import pandas as pd
import pytest
from effort import draws
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.small import CALENDAR, OCTOBER
from xlperf.core.vocabulary import WORDS
from xlperf.policy.scheme import scheme_of as read_tables
from xlperf.policy.schemes import from_toml
from xlperf.policy.validation.raters import CHECKS
from xlperf.schema import SHEETS
from xlperf.schema.tables import empty, table_of
from xlperf.scoring.data_quality import check_inputs
from xlperf.scoring.facts import measure, when_of
from xlperf.scoring.period_rows import prepared
from xlperf.scoring.raters import groups, weigh, withheld

CASES = tomllib.loads((Path(__file__).parents[1] / "cases" / "raters.toml").read_text("utf-8"))
WHEN = when_of(OCTOBER, CALENDAR, empty("calendar"))
ORDERS = ("raters_first", "items_first")


def named(section):
    return pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in CASES[section]])


def scheme_of(dimensions, items, **switches):
    """Make a scheme: relations with weight and minimum by dimension, and items as "dimension weight [of low-high]"."""
    codes = dict.fromkeys([*(text.split()[0] for text in items.values()), *filter(None, dimensions)])
    text = "".join(f'[[dimensions]]\ncode = "{code}"\nname = "{code}"\nweight = 50\n' for code in codes)
    for code, item in items.items():
        dimension, weight, *scale = item.split()
        low, high = scale[1].split("-") if scale else ("0", "100")
        text += (
            f'[[indicators]]\ncode = "{code}"\nname = "{code}"\ndimension = "{dimension}"\nweight = {weight}\n'
            f'unit = "分"\ndirection = "higher"\nsource = "ratings"\nmeasure = "mean"\ncolumn = "score"\nrule = "rating_scale"\n'
            f'parameters = "low = {low}; high = {high}"\n'
        )
    for dimension, relations in dimensions.items():
        for each in relations:
            relation, weight, *minimum = each.split()
            text += f'[[raters]]\ndimension = "{dimension}"\nrelation = "{relation}"\nweight = {weight}\n'
            text += f"minimum = {minimum[0]}\n" if minimum else ""
    return read_scheme(text).with_settings(**switches)


@cache
def read_scheme(text):
    scheme, problems = from_toml(text)
    assert {problem.code for problem in problems} <= {"setting-missing"}
    return scheme


def changed(scheme, sheet, **columns):
    """Return the scheme with other values in some columns of a policy sheet."""
    table = scheme.table(sheet)
    return read_tables({**scheme.tables, sheet: table.with_frame(table.frame.assign(**columns))})[0]


def ratings_of(lines, person="E1"):
    """Make ratings of one person from lines such as "peer P open 80"."""
    rows = []
    for line in lines:
        relation, rater, item, score, *weight = line.split()
        rows.append(
            {
                "period": "2026-10",
                "employee_id": person,
                "indicator": item,
                "rater_id": None if rater == "-" else rater,
                "relation": relation,
                "score": float(score),
                "weight": float(weight[0]) if weight else None,
            }
        )
    return rows


def weighed_of(rows, scheme):
    table, _ = prepared(table_of("ratings", rows), scheme.indicators, WHEN, CALENDAR)
    return weigh(table, scheme.indicators, scheme, WHEN)


def facts_of(rows, scheme, people=("E1",)):
    """Return what is measured when the ratings are weighed: a row for each person, a column for each item."""
    weighed, problems = weighed_of(rows, scheme)
    facts, found = measure({"ratings": weighed.table}, scheme.indicators, pd.Index(people), WHEN, CALENDAR)
    return facts, [*problems, *found]


def shown_of(rows, scheme, people=("E1",), lang="en"):
    weighed, _ = weighed_of(rows, scheme)
    roster = pd.DataFrame({"employee_id": people, "name": [f"Name {each}" for each in people]})
    return groups(weighed, roster, scheme, lang)


# Worked cases -------------------------------------------------------------------------------------------------------


@named("case")
def test_worked_cases(case):
    scheme = scheme_of(
        case["dimensions"],
        case["items"],
        rater_order=case.get("order", "raters_first"),
        trim_from=case.get("trim_from", 0),
    )
    facts, problems = facts_of(ratings_of(case["ratings"]), scheme)
    figures = dict(zip(case["items"], facts.actual[0], strict=True))
    expected = {item: np.nan if figure == "-" else figure for item, figure in case["expected"].items()}
    assert figures == pytest.approx(expected, nan_ok=True)
    if "mean" in case:
        assert np.average(facts.actual[0], weights=[each.weight for each in scheme.indicators]) == pytest.approx(
            case["mean"]
        )
    said = {problem.code: [] for problem in problems}
    for problem in problems:
        named = [problem.details.get(each) for each in ("dimension", "relation")]
        said[problem.code].append(named)
    words = WORDS["relation"]
    absent = [[name, words[relation]] for name, relation in map(str.split, case.get("absent", []))]
    assert [[dimension.en, relation] for dimension, relation in said.get("relation-absent", [])] == absent
    assert [relation for _, relation in said.get("relation-not-weighed", [])] == [
        words[each] for each in case.get("unlisted", [])
    ]
    assert [dimension.en for dimension, _ in said.get("self-rating-alone", [])] == case.get("alone", [])


@named("shown")
def test_worked_groups(case):
    scheme = scheme_of(case["dimensions"], case["items"], small_group=case.get("small_group", "merge"))
    shown = shown_of(ratings_of(case["ratings"]), scheme)
    words = WORDS["relation"]
    assert shown["group_name"].tolist() == [
        ", ".join(words[each].en for each in line.split()[0].split("+")) for line in case["groups"]
    ]
    figures = shown[["raters", "raw", "weight"]].to_numpy() * [1, 1, 100]
    expected = [line.split()[1:] for line in case["groups"]]
    expected = [[np.nan] * 3 if each == ["hidden"] else list(map(float, each)) for each in expected]
    np.testing.assert_allclose(figures, expected)
    np.testing.assert_allclose(shown["corrected"], shown["raw"])
    gaps = shown.set_index("group_name")["gap"].dropna().to_dict()
    assert gaps == (pytest.approx({"self": case["gap"]}) if "gap" in case else {})


# Properties ---------------------------------------------------------------------------------------------------------

THREE_ITEMS = {"open": "ability 50", "fair": "ability 30", "calm": "ability 20"}
FIVE_RELATIONS = {"ability": ["self 10", "manager 30", "subordinate 25", "peer 20", "client 15"]}
PEOPLE = ["E1", "E2"]
scores = st.integers(0, 100).map(float)
ballots = st.dictionaries(
    st.tuples(
        st.sampled_from(PEOPLE),
        st.sampled_from(list(THREE_ITEMS)),
        st.sampled_from([("self", "S"), ("manager", "M"), *(("subordinate", f"U{n}") for n in range(4)),
                         *(("peer", f"P{n}") for n in range(4)), ("client", "-")]),
    ),
    scores,
    min_size=1,
    max_size=30,
)  # fmt: skip
switches = st.fixed_dictionaries(
    {
        "rater_order": st.sampled_from(ORDERS),
        "trim_from": st.sampled_from([0, 3, 4]),
        "leniency": st.sampled_from(["yes", "no"]),
        "leniency_from": st.sampled_from([1, 3]),
    }
)


def rows_of(votes):
    return [
        row
        for (person, item, (relation, rater)), score in votes.items()
        for row in ratings_of([f"{relation} {rater} {item} {score}"], person)
    ]


@settings(max_examples=draws(20))
@given(ballots, switches, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(votes, chosen, random):
    scheme = scheme_of(FIVE_RELATIONS, THREE_ITEMS, **chosen)
    rows = rows_of(votes)
    shuffled = random.sample(rows, len(rows))
    first, second = (facts_of(each, scheme, PEOPLE)[0] for each in (rows, shuffled))
    assert np.array_equal(first.actual, second.actual, equal_nan=True)
    pd.testing.assert_frame_equal(shown_of(rows, scheme, PEOPLE), shown_of(shuffled, scheme, PEOPLE), check_exact=True)


@settings(max_examples=draws(60))
@given(ballots, switches)
def test_weights_sum_to_one_and_the_figure_lies_among_the_scores(votes, chosen):
    scheme = scheme_of(FIVE_RELATIONS, THREE_ITEMS, **chosen)
    weighed, _ = weighed_of(rows_of(votes), scheme)
    frame = weighed.table.frame
    sums = frame.groupby(["employee_id", "indicator"])["rater_weight"].sum()
    assert sums.to_numpy() == pytest.approx(1.0)
    assert (frame["rater_weight"] >= 0).all()
    assert frame["score"].between(0, 100).all()
    if chosen["leniency"] == "no" and chosen["rater_order"] == "raters_first":
        facts, _ = facts_of(rows_of(votes), scheme, PEOPLE)
        for (person, item), column in by_item(votes).items():
            figure = facts.actual[PEOPLE.index(person), facts.column(item)]
            assert min(column) - 1e-9 <= figure <= max(column) + 1e-9


def by_item(votes):
    given_scores = defaultdict(list)
    for (person, item, _), score in votes.items():
        given_scores[person, item].append(score)
    return given_scores


WEIGHTS = {"self": 10, "manager": 30, "subordinate": 25, "peer": 20, "client": 15}
PARTS = {"open": 50, "fair": 30, "calm": 20}


def combined(by_relation, trim_from=0):
    """Combine figures of raters by relation the way a person would with paper and pencil."""
    means = {}
    for relation, figures in by_relation.items():
        figures = sorted(figures)
        means[relation] = fmean(figures[1:-1] if trim_from and len(figures) >= trim_from else figures)
    return sum(WEIGHTS[each] * means[each] for each in means) / sum(WEIGHTS[each] for each in means)


@settings(max_examples=draws(60))
@given(ballots, st.sampled_from([0, 3]))
def test_raters_first_equals_a_computation_by_hand(votes, trim_from):
    scheme = scheme_of(FIVE_RELATIONS, THREE_ITEMS, trim_from=trim_from)
    facts, _ = facts_of(rows_of(votes), scheme, PEOPLE)
    for i, person in enumerate(PEOPLE):
        for item in THREE_ITEMS:
            mine = defaultdict(list)
            for (who, what, (relation, _)), score in votes.items():
                if (who, what) == (person, item):
                    mine[relation].append(score)
            expected = combined(mine, trim_from) if mine else np.nan
            assert facts.actual[i, facts.column(item)] == pytest.approx(expected, nan_ok=True)


@settings(max_examples=draws(60))
@given(ballots)
def test_items_first_averages_each_raters_items_and_then_the_raters(votes):
    """Each rater's weighted mean of the items given, combined by relation: the weighted mean of the items measured."""
    votes = {vote: score for vote, score in votes.items() if vote[2][1] != "-"}
    assume(votes)
    scheme = scheme_of(FIVE_RELATIONS, THREE_ITEMS, rater_order="items_first")
    facts, _ = facts_of(rows_of(votes), scheme, PEOPLE)
    for i, person in enumerate(PEOPLE):
        sheets = defaultdict(dict)
        for (who, item, rater), score in votes.items():
            if who == person:
                sheets[rater][item] = score
        by_relation = defaultdict(list)
        for (relation, _), sheet in sheets.items():
            weight = sum(PARTS[item] for item in sheet)
            by_relation[relation].append(sum(PARTS[item] * score for item, score in sheet.items()) / weight)
        measured = ~np.isnan(facts.actual[i])
        assert measured.any() == bool(by_relation)
        if by_relation:
            parts = np.array([PARTS[each.code] for each in facts.indicators])
            mean = np.average(facts.actual[i][measured], weights=parts[measured])
            assert mean == pytest.approx(combined(by_relation))


@settings(max_examples=draws(30))
@given(st.lists(st.tuples(*[scores] * 3), min_size=1, max_size=6), st.sampled_from([0, 3]))
def test_with_every_item_rated_by_everybody_both_orders_agree(sheets, trim_from):
    lines = [
        f"peer P{n} {item} {score}"
        for n, sheet in enumerate(sheets)
        for item, score in zip(THREE_ITEMS, sheet, strict=True)
    ]
    first, second = (
        facts_of(ratings_of(lines), scheme_of(FIVE_RELATIONS, THREE_ITEMS, rater_order=order, trim_from=trim_from))[0]
        for order in ORDERS
    )
    assert first.actual == pytest.approx(second.actual)


relation_cells = st.fixed_dictionaries(
    {
        relation: st.tuples(st.integers(0, 3), st.sampled_from([0, 10, 25, 40]), st.sampled_from([0, 2, 3, 5]))
        for relation in WORDS["relation"]
    }
)


@settings(max_examples=draws(100))
@given(relation_cells, st.sampled_from(["merge", "total_only"]))
def test_nobody_can_work_out_what_too_few_raters_said(cells, small_group):
    """What is shown and the total are equations in the means of the relations; no small one may be solved for.

    A person whom only a few and no superior rated can always tell, for the score itself is shown to them.
    """
    cells = {
        name: (min(n, 1) if name in ("self", "manager", "indirect") else n, w, m) for name, (n, w, m) in cells.items()
    }
    scheme = scheme_of(
        {"ability": [f"{name} {weight} {least}" for name, (_, weight, least) in cells.items()]},
        {"open": "ability 100"},
        small_group=small_group,
    )
    lines = [f"{name} {name}{n} open {10 * n + 7}" for name, (size, _, _) in cells.items() for n in range(size)]
    assume(lines)
    shown = shown_of(ratings_of(lines), scheme)
    relations = list(WORDS["relation"])
    code = {WORDS["relation"][each].en: each for each in relations}
    present = np.array([cells[each][1] * (cells[each][0] > 0) for each in relations], float)
    known = [present, np.eye(len(relations))[0]]
    together = 0
    for names, raters in zip(shown["group_name"], shown["raters"], strict=True):
        members = [code[name] for name in names.split(", ")]
        if not np.isnan(raters):
            weights = present * [each in members for each in relations] if len(members) > 1 else None
            known.append(np.eye(len(relations))[relations.index(members[0])] if weights is None else weights)
        else:
            together += sum(cells[each][0] for each in members if cells[each][1])
    known = np.array(known)
    hiding_place = sum(cells[each][0] for each in relations[1:] if cells[each][1])
    for name in relations[3:]:
        size, weight, least = cells[name]
        if 0 < size < least:
            assert name not in [code[each] for each in shown.loc[shown["raters"].notna(), "group_name"] if each in code]
            if weight and hiding_place >= least:
                unit = np.eye(len(relations))[relations.index(name)]
                assert np.linalg.matrix_rank(np.vstack([known, unit])) > np.linalg.matrix_rank(known)
    if together:
        least = max(m for name, (n, w, m) in cells.items() if name in relations[3:] and w and 0 < n < m)
        assert together >= min(least, hiding_place)


TWO_ITEMS = ("skill", "care")
MINIMUM = 3
OF_PROTECTED = ("peer", "subordinate")
RATED = [  # what each rater of a relation rated
    {"self": ["both"], "peer": ["skill"]},
    {"self": ["both"], "peer": ["both", "skill", "skill"]},
    {"self": ["both"], "manager": ["both"], "peer": ["both", "both"], "subordinate": ["skill"]},
    {"manager": ["care"], "peer": ["both", "both", "both"], "subordinate": ["both", "care"]},
    {"peer": ["both", "both", "skill"], "subordinate": ["skill", "both"]},
]


def published(scores, keys, scheme):
    """Return all that somebody sees of these ratings: the means of groups, of items and dimensions, and the total."""
    rows = [row for (relation, rater, item), score in zip(keys, scores, strict=True)
            for row in ratings_of([f"{relation} {rater} {item} {score}"])]  # fmt: skip
    weighed, _ = weighed_of(rows, scheme)
    hidden = withheld(weighed, scheme)
    roster = pd.DataFrame({"employee_id": ["E1"], "name": ["Ann"]})
    shown = groups(weighed, roster, scheme, "en").set_index("group_name")["corrected"].dropna().to_dict()
    facts = measure({"ratings": weighed.table}, scheme.indicators, pd.Index(["E1"]), WHEN, CALENDAR)[0]
    items = {code: facts.actual[0, facts.column(code)] for code in TWO_ITEMS}
    given = {code: mean for code, mean in items.items() if not np.isnan(mean)}
    shown |= {code: mean for code, mean in given.items() if ("E1", code) not in hidden.items}
    if not hidden.dimensions:
        shown["total"] = sum(given.values()) / len(given)
    return shown


def rank(vectors):
    return np.linalg.matrix_rank(np.array(vectors), tol=1e-6) if len(vectors) else 0


@pytest.mark.parametrize("small_group", ["merge", "total_only"])
@pytest.mark.parametrize("raters", RATED)
def test_no_equation_of_what_is_published_has_a_protected_rating_as_its_solution(raters, small_group):
    """The attack: all that is published is linear in the ratings; the own ones, the weights and the minimum are known.

    The coefficients are found by changing one rating at a time. A rating of somebody else is determined where its unit
    vector lies in the span of the equations; so is what too few raters of a relation said of an item together.
    """
    scheme = scheme_of(
        {"ability": ["self 10", "manager 40", f"peer 30 {MINIMUM}", f"subordinate 20 {MINIMUM}"]},
        {"skill": "ability 50 of 0-1000", "care": "ability 50 of 0-1000"},
        small_group=small_group,
    )
    keys = [
        (relation, f"{relation}{n}", item)
        for relation, rated in raters.items()
        for n, what in enumerate(rated)
        for item in (TWO_ITEMS if what == "both" else [what])
    ]
    scores = np.arange(100.0, 100 + 7 * len(keys), 7)
    before = published(scores, keys, scheme)
    changes = [published(scores + 50 * (np.arange(len(keys)) == place), keys, scheme) for place in range(len(keys))]
    assert all(set(after) == set(before) for after in changes)  # what is shown does not hang on the scores
    equations = [[(after[name] - before[name]) / 50 for after in changes] for name in before]
    own = [place for place, key in enumerate(keys) if key[0] == "self"]
    known = [*equations, *np.eye(len(keys))[own]]
    for relation in OF_PROTECTED:
        for item in TWO_ITEMS:
            places = [place for place, key in enumerate(keys) if (key[0], key[2]) == (relation, item)]
            said = [np.eye(len(keys))[place] for place in places]
            together = [sum(said)] if 0 < len(places) < MINIMUM else []
            for vector in said + together:
                assert rank([*known, vector]) > rank(known), (relation, item, before)


WITHHELD = [  # ratings, and the items and the total that are not shown
    (["peer P skill 2"], {"skill"}, True),
    (["self E1 skill 5", "peer P skill 2"], {"skill"}, True),
    ([f"peer {each} skill 4" for each in "PQR"] + ["peer P care 1"], {"care"}, True),
    ([f"peer {each} {item} 4" for each in "PQR" for item in ("skill", "care")], set(), False),
    (["manager B skill 5", "peer P skill 2", "peer Q skill 2"], set(), False),  # the rest is what three people said
    (["manager B skill 5", "peer P skill 2"], {"skill"}, True),  # the superior knows the own rating, and so the other
]


@pytest.mark.parametrize(("lines", "items", "total"), WITHHELD)
def test_figures_that_tell_what_too_few_said_are_withheld(lines, items, total):
    scheme = scheme_of(
        {"ability": ["self 20", "manager 50", "peer 30 3"]}, {"skill": "ability 50", "care": "ability 50"}
    )
    hidden = withheld(weighed_of(ratings_of(lines), scheme)[0], scheme)
    assert hidden.items == {("E1", each) for each in items}
    assert bool(hidden.people) == total


# Weights of single raters -------------------------------------------------------------------------------------------

BY_WEIGHT = [
    (["peer P skill 80 2", "peer Q skill 50"], 70.0, "(80 × 2 + 50 × 1) ÷ 3"),
    (["peer P skill 80 1", "peer Q skill 50"], 65.0, "a weight of 1 is none: (80 + 50) ÷ 2"),
    (["peer P skill 80 0.5", "peer Q skill 50 0.5"], 65.0, "only the proportion counts"),
    (
        ["manager B skill 90 3", "peer P skill 80 2", "peer Q skill 50"],
        80.0,
        "the relations keep theirs: (90 × 50 + 70 × 50) ÷ 100",
    ),
    (["peer P skill 80 2", "peer P skill 60 2", "peer Q skill 40"], 60.0, "of one rater the mean: (70 × 2 + 40) ÷ 3"),
]


@pytest.mark.parametrize(("lines", "figure", "why"), BY_WEIGHT, ids=[why for *_, why in BY_WEIGHT])
def test_a_rater_counts_within_the_relation_as_the_weight_says(lines, figure, why):
    scheme = scheme_of({"ability": ["manager 50", "peer 50"]}, {"skill": "ability 100"})
    facts, _ = facts_of(ratings_of(lines), scheme)
    assert facts.actual[0, 0] == pytest.approx(figure), why


def test_a_rater_with_more_weight_has_it_on_items_left_out_too():
    """P (weight 2) gives skill 90 and leaves out care, Q gives 60 and 30: care is (90 × 2 + 30) ÷ 3 = 70."""
    scheme = scheme_of(
        {"ability": ["peer 100"]}, {"skill": "ability 50", "care": "ability 50"}, rater_order="items_first"
    )
    facts, _ = facts_of(ratings_of(["peer P skill 90 2", "peer Q skill 60", "peer Q care 30"]), scheme)
    assert facts.actual[0].tolist() == pytest.approx([80, 70])  # (90 × 2 + 60) ÷ 3


def test_the_mean_that_is_shown_is_the_one_that_counts():
    """(80 × 2 + 50 + 50 + 60 + 60) ÷ 6 = 63.33; four count as four, since the weightiest has a third."""
    scheme = scheme_of({"ability": ["peer 100 3"]}, {"skill": "ability 100"})
    lines = [
        "peer P skill 80 2",
        *(f"peer {who} skill {score}" for who, score in zip("QRST", (50, 50, 60, 60), strict=True)),
    ]
    (row,) = shown_of(ratings_of(lines), scheme).to_dict("records")
    assert (row["raters"], row["corrected"], row["raw"]) == (5, pytest.approx(380 / 6), pytest.approx(380 / 6))


@pytest.mark.parametrize(
    ("weights", "shown", "why"),
    [
        ((1, 1, 1), True, "three that count the same are three"),
        ((0.1, 0.1, 0.1), True, "0.3 ÷ 0.1 is 3, whatever the computer makes of it"),
        ((2, 1, 1), False, "4 ÷ 2: as if two had spoken"),
        ((10, 1, 1), False, "12 ÷ 10: the mean nearly tells what the first one said"),
        ((2, 1, 1, 1, 1), True, "6 ÷ 2: nobody has more than a third"),
        ((2.01, 1, 1, 1, 1), False, "a little more than a third"),
    ],
)
def test_one_voice_that_drowns_the_others_is_not_shown(weights, shown, why):
    scheme = scheme_of({"ability": ["self 20", "manager 50", "peer 30 3"]}, {"skill": "ability 100"})
    lines = [f"peer P{n} skill {50 + n} {weight}" for n, weight in enumerate(weights)]
    rows = ratings_of(["self E1 skill 90", "manager B skill 70", *lines])
    groups_shown = shown_of(rows, scheme).set_index("group_name")["corrected"].dropna()
    assert (WORDS["relation"]["peer"].en in groups_shown.index) == shown, why
    alone = ratings_of(["self E1 skill 90", *lines])
    assert bool(withheld(weighed_of(alone, scheme)[0], scheme).people) != shown, why


def test_weights_that_say_nothing_or_contradict_each_other_are_errors():
    scheme = scheme_of({"ability": ["peer 100"]}, {"skill": "ability 50", "care": "ability 50"})

    def told(lines, of=scheme):
        problems = check_inputs({"ratings": table_of("ratings", ratings_of(lines))}, of, of.indicators, WHEN)
        return {each.code: each for each in problems if each.code.startswith("rater-weight")}

    assert told(["peer P skill 80 2", "peer P care 60 2", "peer Q skill 50"]) == {}
    zero = told(["peer P skill 80 0", "peer Q skill 80 -1"])["rater-weight-not-positive"]
    assert (zero.level, zero.cells) == ("error", "G2")
    differs = told(["peer P skill 80 2", "peer P care 60"])["rater-weight-differs"]
    assert (differs.level, differs.details["weights"]) == ("error", [1.0, 2.0])
    assert told(["peer P skill 80 2"], replace(scheme, raters=()))["rater-weight-idle"].level == "error"


@given(st.lists(st.tuples(st.integers(0, 100), st.integers(1, 9)), min_size=1, max_size=6))
def test_a_weight_of_n_is_n_raters_who_agree(given_scores):
    scheme = scheme_of({"ability": ["peer 100"]}, {"skill": "ability 100"})
    heavy = [f"peer P{n} skill {score} {weight}" for n, (score, weight) in enumerate(given_scores)]
    many = [f"peer P{n}-{k} skill {score}" for n, (score, weight) in enumerate(given_scores) for k in range(weight)]
    first, second = (facts_of(ratings_of(lines), scheme)[0].actual[0, 0] for lines in (heavy, many))
    assert first == pytest.approx(second)


# Leniency and trimming ----------------------------------------------------------------------------------------------


def test_leniency_is_the_distance_from_everybody_in_the_same_relation_and_item():
    """M rates 90, 80, 70, on average 80; N rates 70, 60, 50, on average 60; both together 70: M is 10 lenient, N 10 strict."""
    scheme = scheme_of({"ability": ["self 50", "manager 50"]}, {"open": "ability 100"}, leniency="yes", leniency_from=3)
    given_scores = {"M": [90, 80, 70], "N": [70, 60, 50]}
    people = ["E1", "E2", "E3"]
    rows = [
        row
        for rater, column in given_scores.items()
        for person, score in zip(people, column, strict=True)
        for row in ratings_of([f"manager {rater} open {score}"], person)
    ]
    weighed, _ = weighed_of(rows, scheme)
    assert sorted(weighed.table["score"]) == pytest.approx([60, 60, 70, 70, 80, 80])
    shown = shown_of([*rows, *ratings_of(["self E1 open 100"])], scheme, people)
    manager = shown[shown["group_name"] == "direct superior"]
    assert manager[["raw", "corrected"]].to_numpy().tolist() == [[80, 80], [70, 70], [60, 60]]
    only_m = [row for row in rows if row["rater_id"] == "M" or row["employee_id"] == "E1"]
    shown = shown_of(only_m, scheme, people)  # M 80, all (90 + 80 + 70 + 70) ÷ 4 = 77.5: M − 2.5
    assert shown["raw"].tolist() == [80, 80, 70]
    assert shown["corrected"].tolist() == pytest.approx([(87.5 + 70) / 2, 77.5, 67.5])


@pytest.mark.parametrize(("least", "corrected"), [(3, True), (4, False)])
def test_a_rater_with_too_few_ratings_is_not_corrected(least, corrected):
    scheme = scheme_of({"ability": ["peer 100"]}, {"open": "ability 100"}, leniency="yes", leniency_from=least)
    rows = [
        row
        for person, score in (("E1", 90), ("E2", 80), ("E3", 70))
        for line in (f"peer P open {score}", f"peer {person}x open 50")
        for row in ratings_of([line], person)
    ]
    weighed, _ = weighed_of(rows, scheme)
    assert (weighed.table["score"].max() < 90) == corrected


def test_who_rates_one_person_only_is_not_lenient_but_may_simply_think_so():
    scheme = scheme_of({"ability": ["subordinate 100"]}, THREE_ITEMS, leniency="yes", leniency_from=1)
    rows = ratings_of([f"subordinate S {item} 90" for item in THREE_ITEMS])
    rows += ratings_of([f"subordinate T {item} 40" for item in THREE_ITEMS], "E2")
    weighed, _ = weighed_of(rows, scheme)
    assert sorted(weighed.table["score"]) == [40, 40, 40, 90, 90, 90]


def test_a_self_rating_is_not_corrected_by_what_its_rater_says_of_others():
    """E1 rates three colleagues 20 above what others say of them, and themselves 60."""
    scheme = scheme_of({"ability": ["self 50", "peer 50"]}, {"open": "ability 100"}, leniency="yes", leniency_from=3)
    rows = ratings_of(["self E1 open 60"])
    rows += [row for n in range(2, 5) for row in ratings_of(["peer E1 open 80", f"peer X{n} open 40"], f"E{n}")]
    weighed, _ = weighed_of(rows, scheme)
    score = weighed.table.frame.set_index(["employee_id", "rater_id"])["score"]
    assert score["E1", "E1"] == 60
    assert score["E2", "E1"] == pytest.approx(60)
    assert score["E2", "X2"] == 40


def test_corrected_scores_stay_on_the_scale():
    """M gives 1 to three people and 5 to the fourth, N gives 5 to all: on average M lies 1.5 below, N 1.5 above."""
    scheme = scheme_of({"ability": ["manager 100"]}, {"open": "ability 100 of 1-5"}, leniency="yes", leniency_from=4)
    rows = [
        row
        for n, of_m in enumerate([1, 1, 1, 5])
        for row in ratings_of([f"manager M open {of_m}", "manager N open 5"], f"E{n}")
    ]
    weighed, _ = weighed_of(rows, scheme)
    score = weighed.table.frame.set_index(["employee_id", "rater_id"])["score"]
    assert (score["E0", "M"], score["E3", "M"], score["E0", "N"]) == pytest.approx((2.5, 5, 3.5))


def test_trimmed_ratings_stay_in_the_raw_mean():
    scheme = scheme_of({"ability": ["peer 100"]}, {"open": "ability 100"}, trim_from=4)
    shown = shown_of(ratings_of(["peer P open 0", "peer Q open 70", "peer R open 80", "peer S open 82"]), scheme)
    assert shown[["raters", "raw", "corrected"]].to_numpy().tolist() == [[4, 58, 75]]


# The sheet ----------------------------------------------------------------------------------------------------------


def test_no_rater_is_named_on_the_sheet():
    scheme = scheme_of({"ability": ["self 10", "manager 50", "peer 40"]}, {"open": "ability 100"})
    rows = ratings_of(["self E1 open 90", "manager BOSS77 open 80", "peer PAL88 open 70", "peer - open 60"])
    for lang in ("zh", "en"):
        shown = shown_of(rows, scheme, lang=lang)
        words = " ".join(map(str, shown.to_numpy().ravel()))
        assert "BOSS77" not in words
        assert "PAL88" not in words
    assert shown["raters"].tolist() == [1, 1, 2]


def test_the_sheet_speaks_the_readers_language():
    scheme = scheme_of({"ability": ["peer 60 3", "client 40 3"]}, {"open": "ability 100"}, small_group="merge")
    rows = ratings_of(["peer P open 80", "peer Q open 60", "client C open 50"])
    zh, en = (shown_of(rows, scheme, lang=lang) for lang in ("zh", "en"))
    assert (zh["group_name"].item(), en["group_name"].item()) == (
        "同事（相关部门）、客户",
        "peer (related department), client",
    )
    assert zh["remark"].item() == "人数不足，合并显示"
    assert en["remark"].item() == "Too few raters to be shown by themselves: merged"
    assert zh["name"].item() == "Name E1"


def test_only_the_people_asked_for_are_shown():
    scheme = scheme_of({"ability": ["peer 100"]}, {"open": "ability 100"})
    rows = [
        *ratings_of(["peer P open 80"], "E2"),
        *ratings_of(["peer P open 80"], "E1"),
        *ratings_of(["peer P open 80"], "E9"),
    ]
    assert shown_of(rows, scheme, ("E1", "E2"))["employee_id"].tolist() == ["E1", "E2"]
    assert len(shown_of(rows, scheme, ("E5",))) == 0


# Rows ---------------------------------------------------------------------------------------------------------------


def test_without_raters_the_mean_is_plain():
    scheme = scheme_of({}, {"open": "ability 100"})
    facts, problems = facts_of(ratings_of(["self E1 open 100", "peer P open 50", "peer Q open 60"]), scheme)
    assert (facts.numerator[0, 0], facts.denominator[0, 0], facts.actual[0, 0]) == (210, 3, 70)
    assert not problems
    assert len(shown_of(ratings_of(["self E1 open 100"]), scheme)) == 0


def test_a_unit_can_add_people_up():
    """Each person's numerator is the weighed mean and the denominator 1: a unit's ratio is the mean of its people."""
    scheme = scheme_of({"ability": ["manager 50", "peer 50"]}, {"open": "ability 100"})
    rows = [*ratings_of(["manager M open 80", "peer P open 60"]), *ratings_of(["manager M open 50"], "E2")]
    facts, _ = facts_of(rows, scheme, PEOPLE)
    assert facts.numerator[:, 0].tolist() == pytest.approx([70, 50])
    assert facts.denominator[:, 0].tolist() == pytest.approx([1, 1])


def test_ratings_outside_the_indicators_scope_do_not_count():
    scheme = scheme_of({"ability": ["peer 100"]}, {"open": "ability 100"})
    scheme = changed(scheme, "indicators", where="note is filled", hit="score >= 20")
    rows = ratings_of(["peer P open 80", "peer Q open 60", "peer R open 10"])
    rows = [row | {"note": note} for row, note in zip(rows, ["good", None, "bad"], strict=True)]
    facts, _ = facts_of(rows, scheme)
    assert facts.actual[0, 0] == 80


def test_other_periods_do_not_count_and_two_ratings_of_one_rater_count_as_their_mean():
    scheme = scheme_of({"ability": ["peer 100"]}, {"open": "ability 100"})
    weeks = zip(["2026-W41", "2026-W42", "2026-W42", "2026-09"], ["P", "P", "Q", "Q"], [80, 60, 40, 0], strict=True)
    rows = [ratings_of([f"peer {rater} open {score}"])[0] | {"period": week} for week, rater, score in weeks]
    facts, _ = facts_of(rows, scheme)
    assert facts.actual[0, 0] == (70 + 40) / 2


def test_a_rating_that_does_not_apply_stays_so_after_weighing():
    scheme = scheme_of({"ability": ["peer 100"]}, {"open": "ability 100"})
    table = table_of("ratings", ratings_of(["peer P open nan"]))
    marked = table_of("ratings", table.frame.assign(not_applicable="yes"))
    ready, _ = prepared(marked, scheme.indicators, WHEN, CALENDAR)
    weighed, _ = weigh(ready, scheme.indicators, scheme, WHEN)
    facts, _ = measure({"ratings": weighed.table}, scheme.indicators, pd.Index(["E1"]), WHEN, CALENDAR)
    assert facts.state[0, 0] == list(WORDS["fact_status"]).index("not_applicable")


def test_figures_put_in_for_items_left_out_have_no_address():
    scheme = scheme_of(
        {"ability": ["peer 100"]}, {"open": "ability 60", "fair": "ability 40"}, rater_order="items_first"
    )
    rows = ratings_of(["peer P open 80", "peer P fair 90", "peer Q open 60"], "E7")
    weighed, _ = weighed_of(rows, scheme)
    assert sorted(weighed.table.rows) == [0, 2, 3, 4]
    _, problems = facts_of(rows, scheme)
    assert [(each.code, each.cells, each.details["count"]) for each in problems] == [
        ("rating-not-on-roster", "B2:B4 (3)", 3)
    ]


# Problems -----------------------------------------------------------------------------------------------------------


def test_an_absent_relation_is_one_note_that_names_the_people():
    scheme = scheme_of({"ability": ["manager 50", "peer 50"]}, {"open": "ability 100", "fair": "ability 100"})
    rows = [*ratings_of(["manager M open 80", "manager M fair 80"]), *ratings_of(["manager M open 80"], "E2")]
    rows += ratings_of(["manager M open 80", "peer P open 70"], "E3")
    _, problems = weighed_of(rows, scheme)
    assert [(each.code, each.level) for each in problems] == [("relation-absent", "note")]
    assert problems[0].found("en") == (
        'In the dimension "ability" there is no valid rating of the relation "peer (related department)" for E1, E2 (people: 2).'
    )
    assert problems[0].found("zh") == "维度“ability”中，2 人没有“同事（相关部门）”的有效评分：E1、E2。"


STAFF = [
    {"employee_id": "E1", "manager_id": "M"},
    {"employee_id": "E2", "manager_id": "E1"},
    {"employee_id": "M", "manager_id": "D"},
    {"employee_id": "X"},
]


@pytest.mark.parametrize(
    ("line", "doubted"),
    [
        ("self E1 open 80", False),
        ("self E2 open 80", True),
        ("manager M open 80", False),
        ("manager D open 80", True),
        ("manager E1 open 80", True),
        ("indirect D open 80", False),
        ("indirect M open 80", True),
        ("subordinate E2 open 80", False),
        ("subordinate M open 80", True),
        ("subordinate X open 80", False),
        ("peer X open 80", False),
        ("peer E1 open 80", True),
        ("client - open 80", False),
    ],
)
def test_a_relation_is_compared_with_the_roster(line, doubted):
    scheme = scheme_of({"ability": ["peer 100"]}, {"open": "ability 100"})
    tables = {"ratings": table_of("ratings", ratings_of([line])), "employees": table_of("employees", STAFF)}
    found = [
        each for each in check_inputs(tables, scheme, scheme.indicators, WHEN) if each.code == "relation-contradicted"
    ]
    assert [(each.level, each.cells) for each in found] == ([("warning", "E2")] if doubted else [])


def test_a_rating_without_a_relation_or_on_another_scale_is_an_error():
    scheme = scheme_of({"ability": ["peer 100"]}, {"open": "ability 100 of 1-5"})
    rows = [
        {"employee_id": "E1", "indicator": "open", "rater_id": "P", "relation": None, "score": 4, "scale": 5},
        {"employee_id": "E1", "indicator": "open", "rater_id": "Q", "relation": "peer", "score": 4, "scale": 10},
        {"employee_id": "E1", "indicator": "open", "rater_id": "R", "relation": "peer", "score": 4, "scale": None},
    ]
    found = check_inputs({"ratings": table_of("ratings", rows)}, scheme, scheme.indicators, WHEN)
    assert {(each.code, each.level, each.cells) for each in found} == {
        ("relation-missing", "error", "D2"),
        ("rating-scale-differs", "error", "F3"),
    }
    message = next(each for each in found if each.code == "rating-scale-differs").found("en")
    assert message == 'Ratings with the scale 10 (1), although the scale of "open" ends at 5.'
    unweighed = scheme_of({}, {"open": "ability 100 of 1-5"})
    found = check_inputs({"ratings": table_of("ratings", rows)}, unweighed, unweighed.indicators, WHEN)
    assert {each.code for each in found} == {"rating-scale-differs"}


ITEMS = {"result": "performance 1", "leading": "ability 100"}


@pytest.mark.parametrize(
    ("dimensions", "codes"),
    [
        ({"performance": ["self 10", "manager 60", "indirect 30"], "ability": ["peer 100"]}, []),
        ({"performance": ["manager 33.3", "peer 33.3", "self 33.4"], "": ["peer 100"]}, []),
        ({}, []),
        ({"performance": ["self 10", "manager 60"], "ability": ["peer 100"]}, ["rater-weights"]),
        ({"": ["manager 60", "peer 50"]}, ["rater-weights"]),
        ({"": ["manager 110", "peer -10"]}, ["rater-weight-negative"]),
        ({"performance": ["manager 100"]}, ["rater-weights-missing"]),
    ],
)
def test_rater_weights_are_checked(dimensions, codes):
    scheme = scheme_of(dimensions, ITEMS)
    assert [problem.code for check in CHECKS for problem in check(scheme)] == codes


def test_a_check_says_what_is_out_of_place():
    scheme = scheme_of({"performance": ["self 10", "manager 60"], "": ["peer 100"]}, ITEMS)
    [problem] = [problem for check in CHECKS for problem in check(scheme)]
    assert problem.found("en") == 'The rater weights of the dimension "performance" add up to 70%, not 100%.'
    assert problem.expected("en") == "10% + 60% = 70%."
    assert problem.cells == "weight 1:weight 2 (2)"


def test_a_dimension_that_does_not_exist_is_named():
    scheme = scheme_of({"": ["peer 100"]}, ITEMS)
    wrong = changed(scheme, "raters", dimension="abilty")
    problems = [problem for check in CHECKS for problem in check(wrong)]
    assert [problem.code for problem in problems] == ["code-unknown", "rater-weights-missing", "rater-weights-missing"]
    assert "ability" in problems[0].expected("en")


@pytest.mark.parametrize("order", ORDERS)
def test_without_a_single_rating_nothing_is_weighed_and_nothing_shown(order):
    scheme = scheme_of(FIVE_RELATIONS, THREE_ITEMS, rater_order=order, trim_from=3, leniency="yes")
    for rows in ([], ratings_of(["peer P open nan"])):
        table = rows or pd.DataFrame({"employee_id": []})
        facts, problems = facts_of(table, scheme)
        assert np.isnan(facts.actual).all()
        assert not problems
        assert list(shown_of(table, scheme).columns) == [column.code for column in SHEETS["rater_groups"]]


# A severe rater A and a mild one B, who both rate two people: A gives 20 and 40, B gives 60 and 80. The mean is 50.
# By difference A is 20 too low, B 20 too high: 40 and 60 from both. By quotient A × 50 ÷ 30, B × 50 ÷ 70. By standard
# score both say −1 and +1 (σ = 10), which becomes 50 ∓ √500, the standard deviation of 20, 40, 60, 80. Rows
# stand person by person: E1 by A and B, E2 by A and B.
LENIENCY = {
    "no": [20, 60, 40, 80],
    "yes": [40, 40, 60, 60],
    "quotient": [20 * 5 / 3, 60 * 5 / 7, 40 * 5 / 3, 80 * 5 / 7],
    "standard": [50 - 500**0.5, 50 - 500**0.5, 50 + 500**0.5, 50 + 500**0.5],
}


@pytest.mark.parametrize("way", LENIENCY)
def test_leniency_is_taken_out_in_the_way_that_hr_chooses(way):
    scheme = scheme_of({"ability": ["peer 100"]}, {"leading": "ability 100"}, leniency=way, leniency_from=2)
    rows = [
        {"period": "2026-10", "employee_id": person, "indicator": "leading", "rater_id": rater, "relation": "peer",
         "score": score}
        for rater, person, score in (("A", "E1", 20), ("A", "E2", 40), ("B", "E1", 60), ("B", "E2", 80))
    ]  # fmt: skip
    weighed, _ = weighed_of(rows, scheme)
    assert weighed.table["score"].tolist() == pytest.approx(LENIENCY[way])


def test_a_rater_whose_scores_have_no_quotient_stays_as_given():
    """Zeros cannot be multiplied up: what is not known is not corrected."""
    scheme = scheme_of({"ability": ["peer 100"]}, {"leading": "ability 100"}, leniency="quotient", leniency_from=2)
    rows = [
        {"period": "2026-10", "employee_id": person, "indicator": "leading", "rater_id": rater, "relation": "peer",
         "score": score}
        for rater, person, score in (("A", "E1", 0), ("A", "E2", 0), ("B", "E1", 60), ("B", "E2", 80))
    ]  # fmt: skip
    weighed, _ = weighed_of(rows, scheme)
    assert weighed.table["score"].tolist() == pytest.approx([0, 30, 0, 40])  # B: mean 70 against 35 of everybody


@pytest.mark.parametrize(
    ("share", "scores", "mean"),
    [
        (0.2, [0, 60, 70, 80, 100], 70),  # one of five at either end: (60 + 70 + 80) ÷ 3
        (0.2, [0, 60, 80, 100], 60),  # a fifth of four is no whole rater: all four count
        (0.4, [0, 10, 70, 90, 100], 70),  # two of five at either end
        (0.0, [0, 50, 100], 50),
    ],
)
def test_a_share_of_the_raters_is_dropped_at_either_end(share, scores, mean):
    scheme = scheme_of({"ability": ["peer 100"]}, {"leading": "ability 100"}, trim_share=share)
    lines = [f"peer R{number} leading {score}" for number, score in enumerate(scores)]
    weighed, _ = weighed_of(ratings_of(lines), scheme)
    table = weighed.table
    assert (table["score"] * table["rater_weight"]).sum() == pytest.approx(mean)
