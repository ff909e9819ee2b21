"""The task guide: which tasks feed which indicator, and in words what the task rules do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from xlperf.core.problems import BETWEEN_CLAUSES, Lang, Text
from xlperf.core.vocabulary import WORDS
from xlperf.policy.conditions import ALWAYS, Condition, Node, in_words, to_text
from xlperf.policy.conditions.tree import (
    All,
    Among,
    Any_,
    Compare,
    CountOf,
    Not,
    Ref,
    Value,
    literals_by_sheet,
    parts_of,
)
from xlperf.policy.scheme import Indicator, Scheme, TaskRule
from xlperf.policy.scheme.formula_scope import formula_scope
from xlperf.schema import SHEETS, Column
from xlperf.schema.tables import Tables, columns_of, empty

LINKS, RULES = SHEETS["task_guide"], SHEETS["rules_in_words"]
EVERY_KIND = Text("所有任务", "every kind")
EVERY_DAY, BY_HAND = Text("每个工作日", "each working day"), Text("人工登记", "entered by hand")
COUNTED = {
    "count": Text("次数", "count"),
    "amount": Text("数值合计", "amounts"),
    "both": Text("分母；达标的计入分子", "denominator; numerator where it is a hit"),
    "base": Text("分母", "denominator"),
    "top": Text("分子", "numerator"),
    "record": Text("通过客户资料（不直接计数）", "through the client's record, not counted itself"),
}
KIND = "task_kind"


# Which tasks feed which indicator ------------------------------------------------------------------------------------


def links(scheme: Scheme, tables: Tables, lang: Lang) -> pd.DataFrame:
    """Return which kinds of tasks feed which indicator, one row a kind and indicator, in the order of the indicators.

    An indicator on tasks is fed by the kinds that its ``where`` lets through; one that names no kind is fed by every
    kind. An indicator on clients is fed by the rules that say so.
    """
    names = kind_names(scheme, tables)
    rows = [
        {
            "indicator": each.code,
            "indicator_name": each.name(lang),
            "counts": counting_rule(each, columns_named(each, scheme, tables), lang),
            "task_kind": shown_kind(kind, names, lang) if kind else EVERY_KIND(lang),
            "rules": ", ".join(rule.code for rule in scheme.task_rules if kind == rule.task_kind),
            "part": part(lang),
        }
        for each in scheme.indicators
        for kind, part in _feeding(each, scheme, tuple(names))
    ]
    return pd.DataFrame(rows, columns=["indicator", *(each.code for each in LINKS)])


def _feeding(each: Indicator, scheme: Scheme, kinds: Sequence[str]) -> Iterator[tuple[str, Text]]:
    """Yield the kinds of tasks that feed an indicator, and how; no kind stands for all of them."""
    if each.sheet == "tasks":
        fed = [kind for kind in kinds if may_be_of(each.where, kind)]
        parts = [COUNTED[_part(each, kind)] for kind in fed]
        alike = len(fed) == len(kinds) and len(set(parts)) <= 1
        yield from [("", COUNTED[_part(each, "")])] if alike else zip(fed, parts, strict=True)
        return
    named = {rule.task_kind for rule in scheme.task_rules if each.code in rule.feeds}
    for kind in kinds:
        parts = [
            COUNTED[part] for part, condition in (("base", each.where), ("top", each.hit)) if _counts(condition, kind)
        ]
        parts += [COUNTED["record"]] if kind in named and not parts else []
        yield from ((kind, part) for part in parts[-1:])


def _counts(condition: Condition | None, kind: str) -> bool:
    """Whether a condition on clients counts their tasks of a kind."""
    nodes = parts_of(condition) if condition is not None else ()
    return any(isinstance(each, CountOf) and may_be_of(each.where, kind) for each in nodes)


def _part(each: Indicator, kind: str) -> str:
    if each.measure in ("count", "sum"):
        return "count" if each.measure == "count" else "amount"
    return "both" if each.hit is None or may_be_of(each.hit, kind) else "base"


def may_be_of(condition: Condition, kind: str) -> bool:
    """Whether a task of a kind can meet a condition, whatever else is known of it.

    >>> from xlperf.policy.conditions import Scope, read
    >>> calls = read('task_kind = "call" and done_date in period', Scope.of_sheet("tasks"))
    >>> may_be_of(calls, "call"), may_be_of(calls, "visit")
    (True, False)
    """
    return _decided(condition, kind) is not False


def _decided(node: Condition, kind: str) -> bool | None:
    """Tell what a condition comes to for the tasks of a kind; None where it depends on other columns."""
    match node:
        case Compare(Ref("task_kind"), ("=" | "<>") as sign, Value(str(text))):
            return (text == kind) == (sign == "=")
        case Among(Ref("task_kind"), values):
            return kind in [each.value for each in values if isinstance(each, Value)]
        case Not(item):
            found = _decided(item, kind)
            return None if found is None else not found
        case All(items):
            decided = [_decided(item, kind) for item in items]
            return False if False in decided else None if None in decided else True
        case Any_(items):
            decided = [_decided(item, kind) for item in items]
            return True if True in decided else None if None in decided else False
        case _:
            return None


def kind_names(scheme: Scheme, tables: Tables) -> dict[str, Text]:
    """Return the kinds of tasks in the order of the Choices sheet, then of the rules, the indicators and the codes.

    Their names are the notes on the Choices sheet up to the first comma, otherwise the name of their only rule.
    """
    choices = scheme.table("choices").frame
    listed = choices[choices["column"].isin([KIND, *SHEETS["tasks"][KIND].name]) & choices["value"].notna()]
    notes = dict(zip(listed["value"], listed["note"], strict=True))
    used = (tables.get("tasks") or empty("tasks"))[KIND].dropna().unique()
    names: dict[str, Text] = {}
    for kind in dict.fromkeys([*notes, *_kinds_named(scheme), *sorted(used)]):
        of_rules = {rule.name for rule in scheme.task_rules if rule.task_kind == kind}
        note = notes.get(kind)
        names[kind] = _named(note) if isinstance(note, str) else of_rules.pop() if len(of_rules) == 1 else Text("", "")
    return names


def _kinds_named(scheme: Scheme) -> Iterator[str]:
    """Yield the kinds of tasks that rules make and that indicators speak of."""
    yield from (rule.task_kind for rule in scheme.task_rules)
    for each in scheme.indicators:
        for condition in (each.where, each.hit or ALWAYS):
            found = literals_by_sheet(condition, each.sheet)
            yield from (text for sheet, column, text in found if (sheet, column.code) == ("tasks", KIND))


def _named(note: str) -> Text:
    """Return the name that a note begins with; a note may have both languages, with a stroke between."""
    zh, _, en = note.partition(" / ")
    return Text(zh.split("，")[0].strip(), (en or zh).split(",")[0].strip())


def shown_kind(kind: str, names: Mapping[str, Text], lang: Lang) -> str:
    """Return a kind of task as it is shown: its code, and its name in brackets where that says something else.

    Parameters
    ----------
    kind : code
    names : of kinds of tasks, by code
    lang : of the name

    Examples
    --------
    >>> shown_kind("T1", {"T1": Text("回访", "call-back")}, "en"), shown_kind("T2", {}, "en")
    ('T1 (call-back)', 'T2')
    """
    name = names.get(kind, Text("", ""))(lang)
    return kind if name in ("", kind) else Text(f"{kind}（{name}）", f"{kind} ({name})")(lang)


# The rules in words --------------------------------------------------------------------------------------------------


def rules(scheme: Scheme, tables: Tables, lang: Lang) -> pd.DataFrame:
    """Return the task rules in words, one row a rule; without rows where the scheme has none."""
    names = kind_names(scheme, tables)
    indicators = {each.code: each.name(lang) for each in scheme.indicators}
    columns = columns_of(tables, "clients")
    rows = [_in_words(rule, names, indicators, columns, lang) for rule in scheme.task_rules]
    return pd.DataFrame(rows, columns=[each.code for each in RULES])


def _in_words(
    rule: TaskRule, names: Mapping[str, Text], indicators: Mapping[str, str], columns: Mapping[str, Column], lang: Lang
) -> dict[str, str]:
    known = {**columns, "trigger": Column("trigger", SHEETS["task_rules"]["trigger"].name, "date")}

    def say(node: Node | None) -> str:
        return in_words(node, lang, known) if node is not None else ""

    who = [WORDS["rule_per"][rule.per](lang)]
    who += [say(rule.where)] if rule.where != ALWAYS else []
    if rule.sample < 1:
        share = f"{float(rule.sample * 100):.4g}%"
        who.append(Text(f"抽取 {share}", f"a sample of {share}")(lang))
    untriggered = EVERY_DAY if rule.per == "employee" else BY_HAND
    return {
        "code": rule.code,
        "name": rule.name(lang),
        "task_kind": shown_kind(rule.task_kind, names, lang),
        "who": BETWEEN_CLAUSES(lang).join(who),
        "trigger": say(rule.trigger) or untriggered(lang),
        "due": say(rule.due),
        "done_when": say(rule.done_when) or Text("填写完成日期", "it has a done date")(lang),
        "cancel_when": say(rule.cancel_when),
        "feeds": Text("、", ", ")(lang).join(indicators.get(code, code) for code in rule.feeds),
        "active": WORDS["yes_no"]["yes" if rule.active else "no"](lang),
    }


def columns_named(each: Indicator, scheme: Scheme, tables: Tables) -> Mapping[str, Column]:
    """Return the columns that the conditions of an indicator may name: of its sheet, or other indicators.

    Parameters
    ----------
    each : the indicator
    scheme : whose indicators a formula may name
    tables : the input sheets with the columns that HR added

    Examples
    --------
    >>> from xlperf.policy.schemes import load
    >>> scheme = load("service-team")
    >>> "deduction" in columns_named(scheme.indicators[0], scheme, {})
    True
    """
    if each.measure == "formula":
        return formula_scope((other.code, other.name) for other in scheme.indicators).columns
    return columns_of(tables, each.sheet)


def counting_rule(each: Indicator, columns: Mapping[str, Column], lang: Lang) -> str:
    """Say in words which rows an indicator counts, and which of them are hits; of a formula what it computes."""
    if each.measure == "formula":
        return Text("公式：", "formula: ")(lang) + to_text(each.columns[0], lang, columns)
    base = in_words(each.where, lang, columns)
    hit = in_words(each.hit, lang, columns) if each.hit is not None else ""
    shared = Text("；按归属天数分摊", "; shared among owners by their days")(lang) if each.is_shared else ""
    if lang == "zh":
        return f"统计范围：{base}" + (f"；达标：{hit}" if hit else "") + shared
    return f"counts: {base}" + (f"; hit: {hit}" if hit else "") + shared
