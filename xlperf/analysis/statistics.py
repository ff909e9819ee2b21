"""Judges a scheme by its own results, in figures: are targets met, do points tell people apart, do raters agree.

Pure statistics without a word of advice. NaN is "not measured" everywhere, and no figure depends on the order of rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from xlperf.policy.rules import as_good_as, attainment
from xlperf.scoring.matrices import Facts, Matrix

Floats = NDArray[np.float64]
Counts = NDArray[np.intp]
Mask = NDArray[np.bool_]

DUST = 9  # decimals of points and correlations; what lies behind them is floating-point dust
LEVELS = 3  # decimals of a rating as a share of its scale: a thousandth of the scale is told apart


# Targets -------------------------------------------------------------------------------------------------------------


def company_level(facts: Facts, targets: Matrix, applies: Matrix) -> tuple[Floats, Floats]:
    """Return the figure and the target of each indicator for all people taken together.

    A ratio is Σ numerators ÷ Σ denominators, against the targets weighed by the denominators; a figure without
    denominators is the mean of the people, against the mean of their targets. Only people with a figure and a target
    count.

    Parameters
    ----------
    facts : of n people and k indicators
    targets : n × k, in the unit of the indicator; NaN where there is none
    applies : n × k, whether the indicator belongs to the person's position

    Returns
    -------
    two arrays of k: figures and targets; NaN where nobody has both

    Examples
    --------
    >>> done, due = np.array([[8.0], [30.0]]), np.array([[10.0], [40.0]])
    >>> facts = Facts(pd.Index(["E1", "E2"]), (), done, due, done / due, np.zeros((2, 1)))
    >>> company_level(facts, np.full((2, 1), 0.9), np.ones((2, 1), bool))         # 38 of 50, not the mean of the rates
    (array([0.76]), array([0.9]))
    """
    known = applies & ~np.isnan(facts.actual) & ~np.isnan(targets)
    paired = ~(known & np.isnan(facts.numerator + facts.denominator)).any(axis=0)
    amount = np.where(known, np.where(paired, facts.numerator, facts.actual), 0.0)
    size = np.where(known, np.where(paired, facts.denominator, 1.0), 0.0)
    wanted = np.where(known, targets, 0.0) * size
    with np.errstate(divide="ignore", invalid="ignore"):
        return amount.sum(axis=0) / size.sum(axis=0), wanted.sum(axis=0) / size.sum(axis=0)


def standing(actual: float, target: float, direction: str, near: float) -> str:
    """Return whether a target is "met", "close" or "below".

    Parameters
    ----------
    actual, target : in the same unit
    direction : "lower" where less is better; more is better with any other
    near : the share of the target from which it is close, 0.95 for 95 %

    Examples
    --------
    >>> [standing(actual, 0.8, "higher", 0.95) for actual in (0.8, 0.76, 0.75)]
    ['met', 'close', 'below']
    >>> standing(10.4, 10, "lower", 0.95), standing(1, 0, "lower", 0.95)
    ('close', 'below')
    """
    figure, mark = np.array([actual], np.float64), np.array([target], np.float64)
    if as_good_as(figure, mark, direction)[0] == 1:
        return "met"
    with np.errstate(divide="ignore", invalid="ignore"):
        attained = attainment(figure, mark, direction)
    return "close" if as_good_as(attained, near, "higher")[0] == 1 else "below"


# Points --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Spread:
    """How far the points of each of k indicators lie apart.

    ``people`` have points, ``deviation`` is their standard deviation (of a sample), ``values`` the number of different
    points, ``ceiling`` and ``floor`` the shares of people at full points or above, and at zero or below.
    """

    people: Counts
    deviation: Floats
    values: Counts
    ceiling: Floats
    floor: Floats


def spread(points: Matrix, full: np.ndarray) -> Spread:
    """Return how far the points of n people on k indicators lie apart; ``full`` are the full points of each.

    >>> found = spread(np.array([[100.0, 0], [100, 50], [70, np.nan]]), np.array([100.0, 100]))
    >>> found.people.tolist(), found.values.tolist(), found.ceiling.round(2).tolist(), found.floor.tolist()
    ([3, 2], [2, 2], [0.67, 0.0], [0.0, 0.5])
    """
    frame = pd.DataFrame(np.round(points, DUST))
    people = frame.notna().sum().to_numpy(np.intp)
    with np.errstate(divide="ignore", invalid="ignore"):
        ceiling = (frame.to_numpy() >= np.round(full, DUST)).sum(axis=0) / people
        floor = (frame.to_numpy() <= 0).sum(axis=0) / people
    values = np.asarray(frame.nunique(), np.intp)
    return Spread(people, frame.std().to_numpy(np.float64), values, ceiling, floor)


def rank_correlations(values: Matrix) -> tuple[Matrix, Counts]:
    """Return the rank correlation (Spearman) of each pair of columns, and the rows that have both.

    NaN where one of the two does not vary among these rows.
    """
    frame = pd.DataFrame(np.round(values, DUST))
    known = frame.notna().to_numpy(np.intp)
    return frame.corr(method="spearman", min_periods=2).to_numpy().round(DUST), known.T @ known


def variance_shares(parts: Matrix, total: ArrayLike) -> Floats:
    """Return the share of the variance of n totals that each of k parts accounts for: cov(part, total) ÷ var(total).

    Where the parts add up to the total, the shares add up to 1; one below zero works against the others. NaN where the
    totals do not vary.

    >>> variance_shares(np.array([[1.0, 5], [2, 5], [3, 5]]), [6, 7, 8]).tolist()
    [1.0, 0.0]
    """
    totals = np.asarray(total, np.float64)
    apart = totals - totals.mean()
    variance = apart @ apart
    if np.ptp(np.round(totals, DUST)) == 0:
        return np.full(parts.shape[1], np.nan)
    return np.asarray((parts - parts.mean(axis=0)).T @ apart / variance)


def correlation(first: ArrayLike, second: ArrayLike) -> float:
    """Return the linear correlation (Pearson) of two series, from -1 to 1; NaN where one of them does not vary.

    Parameters
    ----------
    first, second : of the same length, at least one figure, none of them NaN

    Examples
    --------
    >>> correlation([1, 2, 3], [10, 20, 30]), correlation([1, 2, 3], [5, 5, 5])
    (1.0, nan)
    """
    both = np.vstack([np.asarray(first, np.float64), np.asarray(second, np.float64)])
    if (np.ptp(both, axis=1) == 0).any():
        return float("nan")
    return round(float(np.asarray(np.corrcoef(both))[0, 1]), DUST)


# Raters --------------------------------------------------------------------------------------------------------------


def rater_agreement(appraisee: ArrayLike, score: ArrayLike) -> tuple[float, int]:
    """Return how far raters agree on the same appraisee (Krippendorff's alpha for intervals), and on how many people.

    Parameters
    ----------
    appraisee, score
        One entry a rating; ``score`` is a share of the scale. Who has a single rating tells nothing and is left out.

    Returns
    -------
    alpha
        1 is full agreement, 0 what chance would give, less is systematic disagreement. NaN where all scores are equal.
    people
        The number of people with at least two ratings.

    Notes
    -----
    Alpha is 1 − observed ÷ expected disagreement, each a mean of squared differences between two ratings: of the same
    person, and of any two. Squared differences of all pairs are sums of squares around the mean, so that with n ratings
    in all and m of a person alpha = 1 − Σ m × variance of the person's ratings ÷ (n × variance of all ratings).

    Source
    ------
    K. Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), interval data

    Examples
    --------
    >>> rater_agreement(["A", "A", "B", "B", "C"], [0.2, 0.2, 0.8, 0.8, 1.0])
    (1.0, 2)
    """
    rows = pd.DataFrame({"appraisee": appraisee, "score": np.round(np.asarray(score, np.float64), LEVELS)}).dropna()
    rows = rows[rows["appraisee"].duplicated(keep=False)].sort_values(["appraisee", "score"])
    people = rows["appraisee"].nunique()
    if rows["score"].nunique() < 2:
        return float("nan"), people
    of_a_person = rows.groupby("appraisee")["score"]
    within = (of_a_person.size() * of_a_person.var()).sum()
    return float(1 - within / (len(rows) * rows["score"].var())), people


def t_quantile(freedom: float) -> float:
    """Return how many standard errors a two-sided 95 % interval reaches, with so many degrees of freedom.

    Source
    ------
    Cornish-Fisher expansion, Abramowitz & Stegun, Handbook of Mathematical Functions (1964), 26.7.5.

    Examples
    --------
    >>> [round(t_quantile(freedom), 2) for freedom in (5, 10, 30, 1e9)]         # tables: 2.571, 2.228, 2.042, 1.960
    [2.57, 2.23, 2.04, 1.96]
    """
    z = 1.959963984540054
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + sum(term / freedom**power for power, term in enumerate(terms, start=1))


def compare_groups(values: ArrayLike, groups: ArrayLike) -> pd.DataFrame:
    """Compare the mean and the spread of each group with those of all others together.

    Parameters
    ----------
    values : one figure a person, NaN where there is none
    groups : the group of each person; None is no group, and compared with nobody

    Returns
    -------
    One row a group of two or more that has others to be compared with: ``people``, ``mean``, ``others``,
    ``difference`` with its 95 % interval from ``low`` to ``high``, ``effect`` (the difference in standard deviations
    within groups), ``shrunken`` (the part of the difference that would be expected again: little for few people),
    ``deviation`` and ``others_deviation``, their quotient ``ratio`` with its interval from ``ratio_low`` to
    ``ratio_high``.

    Notes
    -----
    With n people of a group, m others and the variance s² within groups (pooled), the difference has the standard error
    s × √(1/n + 1/m). It is shrunken by t² ÷ (t² + s² × (1/n + 1/m)), t² being the variance between groups, by moments.
    The logarithm of a quotient of standard deviations has the variance 1/(2(n − 1)) + 1/(2(m − 1)).

    Source
    ------
    Shrinkage: Efron & Morris, Journal of the American Statistical Association 70 (1975). Logarithm of a variance:
    Bartlett & Kendall, Supplement to the Journal of the Royal Statistical Society 8 (1946).

    Examples
    --------
    >>> found = compare_groups([70, 74, 78, 80, 84, 88], ["A", "A", "A", "B", "B", "B"])
    >>> found[["people", "mean", "others", "difference"]].to_numpy().tolist()
    [[3.0, 74.0, 84.0, -10.0], [3.0, 84.0, 74.0, 10.0]]
    >>> found[["effect", "ratio"]].round(2).to_numpy().tolist()         # 10 ÷ 4
    [[-2.5, 1.0], [2.5, 1.0]]
    """
    frame = pd.DataFrame({"value": np.asarray(values, np.float64), "group": groups}).dropna()
    frame = frame.sort_values(["group", "value"])
    by_group = frame.groupby("group")["value"]
    sizes, means, variances = by_group.size(), by_group.mean(), by_group.var(ddof=1)
    freedom = int((sizes - 1).sum())
    within = float((variances.fillna(0) * (sizes - 1)).sum() / freedom) if freedom else 0.0
    between = _variance_between(sizes, means, within)
    rows = []
    for group in sizes.index[sizes > 1]:
        others = frame["value"][frame["group"] != group]
        if len(others) < 2 or within <= 0:
            continue
        n, m, difference = int(sizes[group]), len(others), float(means[group] - others.mean())
        error = float(np.sqrt(within * (1 / n + 1 / m)))
        reach = t_quantile(freedom) * error
        own, theirs = float(np.sqrt(variances[group])), float(others.std(ddof=1))
        known = own > 0 and theirs > 0
        factor = float(np.exp(1.959963984540054 * np.sqrt(1 / (2 * (n - 1)) + 1 / (2 * (m - 1)))))
        ratio = own / theirs if theirs > 0 else np.nan
        rows.append(
            {
                "group": group,
                "people": float(n),
                "mean": float(means[group]),
                "others": float(others.mean()),
                "difference": difference,
                "low": difference - reach,
                "high": difference + reach,
                "effect": difference / float(np.sqrt(within)),
                "shrunken": difference * between / (between + error**2),
                "deviation": own,
                "others_deviation": theirs,
                "ratio": ratio,
                "ratio_low": ratio / factor if known else ratio,
                "ratio_high": ratio * factor if known else ratio,
            }
        )
    return pd.DataFrame(rows, columns=COMPARED)


COMPARED = ["group", "people", "mean", "others", "difference", "low", "high", "effect", "shrunken", "deviation",
            "others_deviation", "ratio", "ratio_low", "ratio_high"]  # fmt: skip


def _variance_between(sizes: pd.Series, means: pd.Series, within: float) -> float:
    """Return how far groups differ beyond what chance would do: the variance component of a one-way layout."""
    people, groups = int(sizes.sum()), len(sizes)
    if groups < 2:
        return 0.0
    whole = float((sizes * means).sum() / people)
    square = float((sizes * (means - whole) ** 2).sum() / (groups - 1))
    typical = (people - float((sizes**2).sum()) / people) / (groups - 1)
    return max((square - within) / typical, 0.0) if typical > 0 else 0.0


# Survey --------------------------------------------------------------------------------------------------------------


def answers(feedback: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each question and respondent of the Feedback sheet: department and share of the full score.

    Who answers a question several times counts once, with the mean. Who names several departments belongs to none.
    Answers without a full score, or outside it, are left out.
    """
    rows = feedback[usable(feedback)].dropna(subset="respondent").fillna({"question": ""})
    rows = rows.assign(share=rows["score"] / rows["full"]).sort_values(["question", "respondent", "share"])
    named = feedback.dropna(subset=["respondent", "department"]).groupby("respondent")["department"]
    department = named.first().where(named.nunique() == 1, "")
    once = rows.groupby(["question", "respondent"])["share"].mean().reset_index()
    return once.assign(department=department.reindex(once["respondent"]).fillna("").to_numpy(object))


def usable(feedback: pd.DataFrame) -> pd.Series:
    """Tell which rows of the Feedback sheet have a score between 0 and its full score."""
    score, full = feedback["score"], feedback["full"]
    return (full > 0) & (score >= 0) & (score <= full)


def may_be_shown(sizes: ArrayLike, minimum: int) -> Mask:
    """Return which groups of answers may be shown beside their total, so that it gives no few people's answers away.

    Groups below the minimum are hidden. So are the next smallest ones, until all that is hidden has the minimum of
    answers together: otherwise the total less the groups shown would tell what a few people said. Of equal groups the
    first is hidden first.

    Parameters
    ----------
    sizes : answers in each of n groups
    minimum : the answers from which a group may be shown

    Examples
    --------
    >>> may_be_shown([12, 3, 9, 7], 5).tolist()
    [True, False, True, False]
    >>> may_be_shown([12, 3, 4], 5).tolist(), may_be_shown([5, 6], 5).tolist()
    ([True, False, False], [True, True])
    """
    counts = np.asarray(sizes, np.intp)
    smallest_first = np.argsort(counts, kind="stable")
    together = np.cumsum(counts[smallest_first])
    hidden = int((counts < minimum).sum())
    while hidden and hidden < len(counts) and together[hidden - 1] < minimum:
        hidden += 1
    shown = np.ones(len(counts), bool)
    shown[smallest_first[:hidden]] = False
    return shown
