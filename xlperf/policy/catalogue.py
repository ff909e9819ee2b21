"""What each scheme that ships is for, and what it makes use of: read off the scheme itself."""

from __future__ import annotations

from collections.abc import Callable

from xlperf.core.problems import Text
from xlperf.core.vocabulary import WORDS
from xlperf.policy.conditions import streaks_in
from xlperf.policy.scheme import Scheme

COMMON_RULES = frozenset({"proportional", "rating_scale", ""})  # not worth naming

Use = Callable[[Scheme], bool]
USES: tuple[tuple[Text, Use], ...] = (
    (Text("多个岗位", "several position groups"), lambda s: len({each.group for each in s.indicators} - {""}) > 1),
    (Text("长短不一的周期", "uneven periods"), lambda s: s.settings.period_kind == "custom"),
    (Text("多源评分", "weighted raters"), lambda s: bool(s.raters)),
    (Text("周期汇总", "roll-up of periods"), lambda s: bool(s.parts)),
    (Text("前提条件", "gates"), lambda s: bool(s.settings.gates)),
    (Text("分级目标", "cascaded targets"), lambda s: len(s.table("targets")) > 0),
    (Text("扣分与一票否决", "vetoes"), lambda s: any(each.rule and each.card.veto for each in s.indicators)),
    (Text("强制分布", "forced distribution"), lambda s: s.settings.grading != "bands"),
    (
        Text("连续多期", "consecutive periods"),
        lambda s: any(any(streaks_in(each.where)) for each in s.outcomes),
    ),
    (Text("先资格后排名", "eligibility before rank"), lambda s: any(each.eligible is not None for each in s.outcomes)),
    (Text("薪酬", "pay"), lambda s: bool(s.pay)),
    (Text("两两比较", "pairwise weights"), lambda s: bool(s.pairs)),
    (
        Text("不封顶", "totals above full points"),
        lambda s: s.settings.total_method == "sum" and s.settings.cap_total == "no",
    ),
)


def uses(scheme: Scheme) -> Text:
    """Say what a scheme makes use of, beyond weights, targets and grades.

    >>> from xlperf.policy.schemes import load
    >>> uses(load("service-team")).zh.split("、")[0]
    '前提条件'
    """
    rules = {each.rule for each in scheme.indicators} - COMMON_RULES
    named = [each.card.name for each in scheme.indicators if each.rule in rules]
    names = sorted(dict.fromkeys(named), key=lambda name: name.en)
    features = [name for name, used in USES if used(scheme)]
    zh = "、".join([*(each.zh for each in features), *(each.zh for each in names)])
    en = ", ".join([*(each.en for each in features), *(each.en.lower() for each in names)])
    return Text(zh, en)


def levels_of(scheme: Scheme) -> Text:
    """Name the levels that a scheme appraises, from the employee up."""
    levels = [level for level in WORDS["level"] if scheme.of_level(level)]
    names = [WORDS["level"][level] for level in levels]
    return Text("、".join(each.zh for each in names), ", ".join(each.en for each in names))


def system_of(scheme: Scheme) -> str:
    """Name the regulation or paper that a scheme follows, or the scheme itself."""
    return scheme.settings.basis or scheme.name("zh")
