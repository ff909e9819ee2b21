"""What each scheme that ships is for, and what it makes use of: read off the scheme itself."""

from __future__ import annotations

from collections.abc import Callable, Collection

from xlperf.core.problems import Text
from xlperf.core.vocabulary import WORDS
from xlperf.policy.conditions import streaks_in
from xlperf.policy.scheme import Scheme
from xlperf.policy.schemes import load, names

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


def for_whom(scheme: Scheme) -> Text:
    """Say whom a scheme is for: the positions that it names, or the levels that it appraises.

    >>> from xlperf.policy.schemes import load
    >>> for_whom(load("service-team")).zh
    '客户服务专员（操作层）、客户服务经理（管理层）'
    """
    groups = scheme.settings.position
    named = [each.name for each in scheme.positions if not groups or each.group in groups]
    if not named:
        return levels_of(scheme)
    return Text("、".join(each.zh for each in named), "; ".join(each.en for each in named))


def dimensions_of(scheme: Scheme) -> Text:
    """Name the dimensions of a scheme, with what each counts for.

    >>> from xlperf.policy.schemes import load
    >>> dimensions_of(load("service-team")).en.split(", ")[0]
    'Conduct 20'
    """
    weighed = [(each.name, "" if each.weight != each.weight else f" {each.weight:.10g}") for each in scheme.dimensions]
    return Text(
        "、".join(f"{name.zh}{weight}" for name, weight in weighed),
        ", ".join(f"{name.en}{weight}" for name, weight in weighed),
    )


def gallery(pictures: Collection[str] = ()) -> str:
    """Return the page of the documents that shows every scheme: whom it is for, and what it makes use of.

    Parameters
    ----------
    pictures : the schemes of which there is a picture

    Examples
    --------
    >>> "![service-team](gallery/service-team.png)" in gallery(["service-team"])
    True
    """
    parts = [
        "# Gallery · 方案一览",
        "",
        "Made by `python workbooks/build.py` from the schemes themselves; the pictures show their sample data.",
        "`xlperf schemes NAME` says the same in the terminal, `xlperf new NAME FILE --sample` makes the workbook.",
        "",
        "本页由 `python workbooks/build.py` 根据方案本身生成；图为示例数据的结果。",
        "`xlperf schemes 方案` 在命令行显示同样的内容，`xlperf new 方案 文件 --sample` 建立带示例的工作簿。",
    ]
    for name in names():
        scheme = load(name)
        period = WORDS["period_kind"][scheme.settings.period_kind]
        whom, sides, used = for_whom(scheme), dimensions_of(scheme), uses(scheme)
        parts += ["", f"## {name}", "", f"**{scheme.name('zh')}** · **{scheme.name('en')}**", ""]
        parts += [f"![{name}](gallery/{name}.png)", ""] if name in pictures else []
        parts += [
            "| | 中文 | English |",
            "| --- | --- | --- |",
            f"| 适用 · For | {whom.zh} | {whom.en} |",
            f"| 周期 · Period | {period.zh} | {period.en} |",
            f"| 维度 · Dimensions | {sides.zh} | {sides.en} |",
            f"| 用到 · Makes use of | {used.zh} | {used.en} |",
            f"| 依据 · Based on | {scheme.settings.basis} | |",
        ]
    return "\n".join(parts) + "\n"


def levels_of(scheme: Scheme) -> Text:
    """Name the levels that a scheme appraises, from the employee up."""
    levels = [level for level in WORDS["level"] if scheme.of_level(level)]
    names = [WORDS["level"][level] for level in levels]
    return Text("、".join(each.zh for each in names), ", ".join(each.en for each in names))


def system_of(scheme: Scheme) -> str:
    """Name the regulation or paper that a scheme follows, or the scheme itself."""
    return scheme.settings.basis or scheme.name("zh")
