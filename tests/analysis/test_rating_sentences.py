"""The mean of several raters is worked out in sentences that lead to it with nothing but their own figures."""

import re

import pytest
import small
from calculator import calculated, number

from tests.scoring.test_raters import CASES, facts_of, ratings_of, scheme_of, weighed_of
from xlperf.analysis.explain import as_lines, explain
from xlperf.analysis.rating_sentences import rating_sentences
from xlperf.scoring.pipeline import appraise

PEERS = {"ability": ["manager 60", "peer 40"]}
ONE = {"skill": "ability 100 of 0-10"}


def sentences(lines, scheme, lang="en", item="skill"):
    weighed, _ = weighed_of(ratings_of(lines), scheme)
    (each,) = (each for each in scheme.indicators if each.code == item)
    return rating_sentences(weighed, "E1", each, lang)


def check(told):
    """Every equation in the sentences is right, and the relations have the figures that the mean is made of."""
    for sentence in told:
        for work, result in re.findall(r"([-\d.,()+× ÷]+) = ([-\d.,]+)", sentence):
            assert abs(calculated(work.strip()) - number(result)) < 0.001, sentence
    if len(told) > 1:
        shown = [re.search(r"weight ([\d.]+): (?:.* = )?([-\d.]+);", each).groups() for each in told[:-1]]
        for weight, mean in shown:
            assert f"{mean} × {weight}" in told[-1]


@pytest.mark.parametrize("case", CASES["case"], ids=lambda case: case["name"])
def test_the_sentences_lead_to_the_mean_of_every_worked_case(case):
    order, trim = case.get("order", "raters_first"), case.get("trim_from", 0)
    scheme = scheme_of(case["dimensions"], case["items"], rater_order=order, trim_from=trim)
    for item, mean in case["expected"].items():
        told = sentences(case["ratings"], scheme, item=item)
        check(told)
        if told:
            last = re.sub(r"; .*", "", told[-1])
            assert float(re.findall(r"[-\d.]+", last)[-1]) == pytest.approx(mean, abs=0.0001)


def test_raters_and_relations_are_weighed():
    """(5 + 2) ÷ 2 = 3.5; 4 × 60 % + 3.5 × 40 % = 3.8."""
    told = sentences(["manager B skill 4", "peer P skill 5", "peer Q skill 2"], scheme_of(PEERS, ONE))
    assert told == [
        "direct superior, weight 60: 4; raters B",
        "peer (related department), weight 40: (5 + 2) ÷ 2 = 3.5; raters P, Q",
        "(4 × 60 + 3.5 × 40) ÷ (60 + 40) = 3.8",
    ]


def test_a_rater_may_weigh_more():
    """(5 × 2 + 2 × 1) ÷ 3 = 4."""
    told = sentences(["peer P skill 5 2", "peer Q skill 2"], scheme_of(PEERS, ONE), "zh")
    assert told == ["同事（相关部门），权重 40：(5 × 2 + 2 × 1) ÷ (2 + 1) = 4；评价人 P、Q"]


def test_the_highest_and_the_lowest_are_named():
    lines = [f"peer {name} skill {score}" for name, score in zip("PQRS", (9, 4, 5, 1), strict=True)]
    told = sentences(lines, scheme_of(PEERS, ONE, trim_from=3))
    assert told == ["peer (related department), weight 40: (4 + 5) ÷ 2 = 4.5; raters Q, R; left out P 9, S 1"]


def test_what_leniency_was_taken_out_is_seen():
    """P gives E1 9 and E2 9, Q gives them 5 and 7; the means are 7 and 8: P lies 1.5 above, Q 1.5 below."""
    scheme = scheme_of(PEERS, ONE, leniency="difference", leniency_from=1)
    rows = ratings_of(["peer P skill 9", "peer Q skill 5"]) + ratings_of(["peer P skill 9", "peer Q skill 7"], "E2")
    weighed, _ = weighed_of(rows, scheme)
    (told,) = rating_sentences(weighed, "E1", scheme.indicators[0], "en")
    assert told == (
        "peer (related department), weight 40: (7.5 + 6.5) ÷ 2 = 7; raters P (given 9, corrected for leniency), "
        "Q (given 5, corrected for leniency)"
    )


def test_an_item_that_a_rater_left_out_is_told():
    """P gives the other item 6 and leaves this one out."""
    items = {"skill": "ability 50 of 0-10", "calm": "ability 50 of 0-10"}
    lines = ["peer P calm 6", "peer Q calm 8", "peer Q skill 8"]
    (told,) = sentences(lines, scheme_of(PEERS, items, rater_order="items_first"))
    assert told.endswith("(6 + 8) ÷ 2 = 7; raters P (left this item out: the mean of the others), Q")


def test_several_ratings_of_one_rater_count_as_their_mean():
    told = sentences(["peer P skill 4", "peer P skill 6", "peer Q skill 8"], scheme_of(PEERS, ONE))
    assert told == ["peer (related department), weight 40: (5 + 8) ÷ 2 = 6.5; raters P (mean of 2 ratings), Q"]


def test_of_many_raters_only_the_sum_stands_there():
    lines = [f"peer P{n} skill {n % 10}" for n in range(20)]
    told = sentences(lines, scheme_of(PEERS, ONE))
    assert told == ["peer (related department), weight 40: 90 ÷ 20 = 4.5; 20 raters"]
    assert facts_of(ratings_of(lines), scheme_of(PEERS, ONE))[0].actual[0, 0] == 4.5


def test_one_rating_as_it_was_given_needs_no_words():
    assert sentences(["manager B skill 4"], scheme_of(PEERS, ONE)) == []


def test_the_explanation_shows_them():
    weights = '\n[[raters]]\nrelation = "manager"\nweight = 60\n\n[[raters]]\nrelation = "peer"\nweight = 40\n'
    lines = ["manager B skill 4", "peer P skill 5", "peer Q skill 2"]
    scheme = small.scheme({'\n[[grades]]\ncode = "A"': weights + '\n[[grades]]\ncode = "A"'})
    story, _ = explain(appraise(small.tables(["E1"], ratings=ratings_of(lines)), scheme), "E1", "skill", lang="zh")
    assert "    (4 × 60 + 3.5 × 40) ÷ (60 + 40) = 3.8" in list(as_lines(story, "zh"))
