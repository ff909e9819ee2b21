"""The sentences that say how ratings by several people became one figure: raters, then relations, then their mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from xlperf.core.numbers import figure_in_words
from xlperf.core.problems import Lang, Text
from xlperf.core.vocabulary import WORDS
from xlperf.policy.scheme import Indicator
from xlperf.scoring.raters import RELATIONS, Weighed

LISTED = 12  # raters of a relation whose scores stand in a sentence; of more only the sum does


def rating_sentences(weighed: Weighed, person: str, indicator: Indicator, lang: Lang) -> list[str]:
    """Return how the mean of a person's ratings comes about; nothing where one rating alone stands as it was given.

    Parameters
    ----------
    weighed : the ratings of the run
    person : the employee ID
    indicator : one that is rated
    lang : of the sentences

    Returns
    -------
    One sentence for each relation, with the scores, the raters' own weights, what was corrected and what was left out,
    and one for the mean of the relations by their weights.
    """
    ballots = weighed.ballots_of(person, indicator)
    if ballots.empty or (len(ballots) == 1 and (ballots["raw"] == ballots["score"]).all()):
        return []
    means, weights, sentences = [], [], []
    counting = ballots[ballots["stated"] > 0]
    for relation in counting["relation"].unique().tolist():
        of_relation = counting[counting["relation"] == relation]
        kept = of_relation[of_relation["kept"]]
        mean, weight = _shown((kept["score"] * kept["own"]).sum() / kept["own"].sum()), _shown(kept["stated"].iloc[0])
        means.append(mean)
        weights.append(weight)
        name = WORDS["relation"][RELATIONS[relation]](lang)
        work = f"{_mean_worked_out(kept)} = {mean}" if len(kept) > 1 else mean
        raters = Text("；", "; ")(lang).join(_raters(of_relation, lang))
        heading = Text(f"{name}，权重 {weight}：", f"{name}, weight {weight}: ")(lang)
        sentences.append(heading + work + Text("；", "; ")(lang) + raters)
    if len(means) > 1:
        products = [f"{mean} × {weight}" for mean, weight in zip(means, weights, strict=True)]
        total = _shown((ballots["score"] * ballots["weight"]).sum())
        sentences.append(f"{_sum_of(products)} ÷ {_sum_of(weights)} = {total}")
    return sentences


def _mean_worked_out(kept: pd.DataFrame) -> str:
    """Write the mean of a relation's scores by the raters' own weights as a sum and a division."""
    scores, own = kept["score"], kept["own"]
    products, parts = list(map(_shown, scores)), [_shown(len(kept))]
    if own.nunique() > 1:
        products = [f"{_shown(score)} × {_shown(each)}" for score, each in zip(scores, own, strict=True)]
        parts = list(map(_shown, own))
    else:
        own = own / own
    if len(kept) > LISTED:
        products, parts = [_shown((scores * own).sum())], [_shown(own.sum())]
    return f"{_sum_of(products)} ÷ {_sum_of(parts)}"


def _sum_of(numbers: Sequence[str]) -> str:
    return f"({' + '.join(numbers)})" if len(numbers) > 1 else numbers[0]


def _raters(ballots: pd.DataFrame, lang: Lang) -> Iterator[str]:
    """Name the raters in the order of their scores, and say whose score is not the one that was given."""
    between = Text("、", ", ")(lang)
    kept, dropped = ballots[ballots["kept"]], ballots[~ballots["kept"]]
    if len(kept) <= LISTED:
        yield Text("评价人 ", "raters ")(lang) + between.join(_rater(each, lang) for each in kept.to_dict("records"))
    else:
        yield Text(f"{len(kept)} 位评价人", f"{len(kept)} raters")(lang)
    if len(dropped):
        scores = between.join(f"{_rater(each, lang)} {_shown(each['score'])}" for each in dropped.to_dict("records"))
        yield Text(f"不计入 {scores}", f"left out {scores}")(lang)


def _rater(ballot: Mapping[Any, Any], lang: Lang) -> str:
    name = ballot["rater_id"] or Text("未写工号", "without ID")(lang)
    raw, score, rows = (ballot[each] for each in ("raw", "score", "rows"))
    if raw != raw:
        return name + Text("（未评此项，按本人其他项目的平均）", " (left this item out: the mean of the others)")(lang)
    several = Text(f"{rows} 次评分的平均", f"mean of {rows} ratings")(lang) if rows > 1 else ""
    corrected = Text(f"原为 {_shown(raw)}，已做宽严校正", f"given {_shown(raw)}, corrected for leniency")(lang)
    notes = [each for each in (several, corrected if raw != score else "") if each]
    said = Text("，", ", ")(lang).join(notes)
    return name + (Text(f"（{said}）", f" ({said})")(lang) if said else "")


def _shown(value: float) -> str:
    return figure_in_words(float(value), "en")
