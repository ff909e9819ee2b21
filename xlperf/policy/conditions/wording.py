"""Writes conditions: in the language, in Chinese or English, and as sentences that explain them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Literal, Self

from xlperf.core.problems import Lang, Text
from xlperf.core.vocabulary import WORDS
from xlperf.policy.conditions.tree import (
    ALWAYS,
    All,
    Among,
    Anniversary,
    Any_,
    Calc,
    Choice,
    Compare,
    Condition,
    Contains,
    CountOf,
    Edge,
    Empty,
    Filled,
    Function,
    FunctionName,
    InPeriod,
    Lookup,
    MovedBy,
    Name,
    Node,
    Not,
    Operand,
    Placed,
    Ref,
    Shift,
    Span,
    Streak,
    Unit,
    Value,
    Within,
    Word,
    WorkdaysBetween,
    kind,
)
from xlperf.schema import SHEETS, Column

_SAFE = re.compile(r"[^\W\d][\w↑↓→]*\Z")
_KEYWORDS = frozenset(
    "and or not in period previous within of is contains top last for anniversary".split()  # noqa: SIM905
) | frozenset("且 或 非 属于 本期 上期 在 后 前 内 连续 周年 周年日".split())  # noqa: SIM905
_UNIT_TEXT: dict[Unit, Text] = {
    "days": Text("天", "days"),
    "workdays": Text("个工作日", "workdays"),
    "trading": Text("个交易日", "trading days"),
    "months": Text("个月", "months"),
}
SPANS: dict[Span, Text] = {
    "period": Text("期", "period"),
    "quarter": Text("季度", "quarter"),
    "half": Text("半年", "half-year"),
    "year": Text("年", "year"),
}
FUNCTION_TEXT: dict[FunctionName | Literal["if"], Text] = {
    "if": Text("如果", "if"),
    "min": Text("最小", "min"),
    "max": Text("最大", "max"),
    "abs": Text("绝对值", "abs"),
    "round": Text("四舍五入", "round"),
}
_BEFORE: dict[Span, str] = {"period": "上期", "quarter": "上个", "half": "上个", "year": "上"}
_LOOSER_THAN_STREAK = (Not, Streak, All, Any_)


Columns = Mapping[str, Column]


def to_text(node: Node, lang: Lang, columns: Columns | None = None) -> str:
    """Write a tree in the condition language; reading it back gives the same tree.

    English names columns by their codes; Chinese by their headings, which ``columns`` supplies (one code can have
    different headings on different sheets). Without ``columns`` both use codes.
    """
    return _Writer(lang, columns or {}).write(node)


class _Writer:
    def __init__(self, lang: Lang, columns: Columns) -> None:
        self.lang = lang
        self.columns = columns

    def say(self, zh: str, en: str) -> str:
        return zh if self.lang == "zh" else en

    def heading(self, code: str) -> str:
        column = self.columns.get(code)
        name = column.name.zh if column and self.lang == "zh" else code
        return name if _SAFE.match(name) and name.casefold() not in _KEYWORDS else f"[{name}]"

    def on(self, sheet: str) -> Self:
        """Write for another sheet: with its headings, or with codes where these are written."""
        return type(self)(self.lang, SHEETS[sheet].by_code if self.columns else {})

    def items(self, operands: Iterable[Operand]) -> str:
        return "(" + ", ".join(self.write(each) for each in operands) + ")"

    def part(self, node: Condition, loose: tuple[type, ...]) -> str:
        text = self.write(node)
        return f"({text})" if isinstance(node, loose) else text

    def factor(self, node: Operand, tight: bool) -> str:
        text = self.write(node)
        loose = isinstance(node, (Shift, MovedBy)) or (isinstance(node, Calc) and (tight or node.sign in "+-"))
        return f"({text})" if loose else text

    def write(self, node: Node) -> str:
        match node:
            case Name(word):
                return word if _SAFE.match(word) else f"[{word}]"
            case Ref(code):
                return self.heading(code)
            case Word(code, words):
                word = WORDS[words][code].zh if self.lang == "zh" else code
                return word if _SAFE.match(word) else f'"{word}"'
            case Value(value, percent):
                return _value_text(value, percent)
            case Edge(end, previous, of):
                which = SPANS[of](self.lang)
                return self.say(
                    (_BEFORE[of] if previous else "") + which + ("末" if end else "初"),
                    f"{'previous ' if previous else ''}{which} {'end' if end else 'start'}",
                )
            case Shift(start, amount, unit):
                return f"{self.write(start)} {'+' if amount >= 0 else '-'} {abs(amount)} {_UNIT_TEXT[unit](self.lang)}"
            case MovedBy(start, amount, unit):
                return f"{self.write(start)} + {self.write(amount)} {_UNIT_TEXT[unit](self.lang)}"
            case WorkdaysBetween(first, last):
                return self.say("工作日数", "workdays") + self.items((first, last))
            case Anniversary(start):
                return self.say(f"周年日({self.write(start)})", f"anniversary of {self.write(start)}")
            case CountOf(where):
                return self.say("任务数", "tasks") + f"({self.on('tasks').write(where)})"
            case Lookup(column):
                return self.say("客户.", "client.") + self.on("clients").write(column)
            case Function(name, operands, digits):
                written = [self.write(each) for each in operands] + [str(digits)] * (name == "round")
                return f"{FUNCTION_TEXT[name](self.lang)}({', '.join(written)})"
            case Choice(condition, then, otherwise):
                parts = ", ".join(self.write(each) for each in (condition, then, otherwise))
                return f"{FUNCTION_TEXT['if'](self.lang)}({parts})"
            case Calc(sign, left, right):
                if sign in "+-":
                    return f"{self.write(left)} {sign} {self.factor(right, tight=False)}"
                return f"{self.factor(left, tight=False)} {sign} {self.factor(right, tight=True)}"
            case Compare(left, sign, right):
                return f"{self.write(left)} {sign} {self.write(right)}"
            case Among(left, values):
                return f"{self.write(left)} {self.say('属于', 'in')} {self.items(values)}"
            case InPeriod(left, previous):
                return f"{self.write(left)} {self.say('属于', 'in')} {self.period(previous)}"
            case Within(left, amount, unit, anchor):
                span = f"{amount} {_UNIT_TEXT[unit](self.lang)}"
                return self.say(
                    f"{self.write(left)} 在 {self.write(anchor)} 后 {span} 内",
                    f"{self.write(left)} within {span} of {self.write(anchor)}",
                )
            case Filled(columns):
                return f"{self.several(columns)} {self.say('已填', 'is filled')}"
            case Empty(columns):
                return f"{self.several(columns)} {self.say('为空', 'is empty')}"
            case Contains(left, part):
                return f'{self.write(left)} {self.say("包含", "contains")} "{part}"'
            case Placed(end, share):
                return self.say("前 " if end == "top" else "后 ", f"{end} ") + _value_text(share, percent=True)
            case Streak(item, count):
                return self.part(item, _LOOSER_THAN_STREAK) + self.say(f" 连续 {count} 期", f" for {count} periods")
            case Not(Among(left, values)):
                return f"{self.write(left)} {self.say('不属于', 'not in')} {self.items(values)}"
            case Not(InPeriod(left, previous)):
                return f"{self.write(left)} {self.say('不属于', 'not in')} {self.period(previous)}"
            case Not(Contains(left, part)):
                return f'{self.write(left)} {self.say("不包含", "not contains")} "{part}"'
            case Not(item):
                return f"{self.say('非', 'not')} {self.part(item, (All, Any_))}"
            case All(items):
                return self.say(" 且 ", " and ").join(self.part(each, (All, Any_)) for each in items)
            case Any_(items):
                return self.say(" 或 ", " or ").join(self.part(each, (Any_,)) for each in items)
        raise TypeError(node)

    def period(self, previous: bool) -> str:
        return self.say("上期", "previous period") if previous else self.say("本期", "period")

    def several(self, columns: tuple[Operand, ...]) -> str:
        return self.write(columns[0]) if len(columns) == 1 else self.items(columns)


def _value_text(value: float | date | str, percent: bool) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, float):
        return f"{round(value * 100, 10):.12g}%" if percent else f"{value:.15g}"
    return value.isoformat()


def in_words(node: Node, lang: Lang, columns: Columns) -> str:
    """Say a condition the way a person would, in a sentence that an HR clerk reads.

    >>> from xlperf.policy.conditions import Scope, read
    >>> tasks = Scope.of_sheet("tasks")
    >>> in_words(read("done_date <= due_date", tasks), "en", tasks.columns)
    '"Done" is not later than "Due"'
    """
    return _Speaker(lang, columns).write(node)


class _Speaker(_Writer):
    def heading(self, code: str) -> str:
        column = self.columns.get(code)
        name = column.name(self.lang) if column else code
        return self.say(f"“{name}”", f'"{name}"')

    def write(self, node: Node) -> str:
        match node:
            case Word(code, words):
                return WORDS[words][code](self.lang)
            case Value(str(value)):
                return self.say(f"“{value}”", f'"{value}"')
            case Compare(left, sign, right):
                how = _SIGN_WORDS[kind(left) == "date"][sign](self.lang)
                return self.say(
                    f"{self.write(left)}{how}{self.write(right)}", f"{self.write(left)} {how} {self.write(right)}"
                )
            case Among(left, values):
                words = self.say("、", ", ").join(self.write(value) for value in values)
                return self.say(f"{self.write(left)}是{words}之一", f"{self.write(left)} is one of {words}")
            case InPeriod(left, previous):
                return self.say(
                    f"{self.write(left)}在{'上期' if previous else '本期'}内",
                    f"{self.write(left)} lies in the {'previous ' if previous else ''}period",
                )
            case Edge(end, previous, of):
                before = self.say("上", "previous ") if previous else self.say("本", "")
                return self.say(
                    before + SPANS[of].zh + ("最后一天" if end else "第一天"),
                    f"the {'last' if end else 'first'} day of the {before}{SPANS[of].en}",
                )
            case WorkdaysBetween(first, last):
                return self.say(
                    f"{self.write(first)}之后到{self.write(last)}的工作日数",
                    f"the working days after {self.write(first)} up to {self.write(last)}",
                )
            case Anniversary(start):
                return self.say(f"{self.write(start)}的周年日", f"the anniversary of {self.write(start)}")
            case CountOf(where):
                which = self.on("tasks").write(where)
                those = "" if where == ALWAYS else self.say(f"（其中{which}）", f" (those where {which})")
                return self.say("任务数", "the number of tasks") + those
            case Lookup(column):
                return self.say("客户的", "the client's ") + self.on("clients").write(column)
            case Function(name, operands, digits):
                only = self.factor(operands[0], tight=True)
                listed = self.say("、", ", ").join(self.write(each) for each in operands)
                return {
                    "min": self.say(f"{listed}中最小的", f"the least of {listed}"),
                    "max": self.say(f"{listed}中最大的", f"the greatest of {listed}"),
                    "abs": self.say(f"{only}的绝对值", f"the size of {only}"),
                    "round": self.say(f"{only}四舍五入到 {digits} 位小数", f"{only} rounded to {digits} decimals"),
                }[name]
            case Choice(condition, then, otherwise):
                met, one, other = (self.write(each) for each in (condition, then, otherwise))
                return self.say(f"（若{met}则{one}，否则{other}）", f"({one} if {met}, otherwise {other})")
            case Within(left, amount, unit, anchor):
                span = f"{amount} {_UNIT_TEXT[unit](self.lang)}"
                return self.say(
                    f"{self.write(left)}在{self.write(anchor)}之后 {span}内",
                    f"{self.write(left)} is at most {span} after {self.write(anchor)}",
                )
            case Filled(columns):
                return self.say(f"{self.names(columns)}已填写", f"{self.names(columns)} is filled in")
            case Empty(columns):
                return self.say(f"{self.names(columns)}为空", f"{self.names(columns)} is empty")
            case Placed(end, share):
                which = self.say("前" if end == "top" else "后", "the top" if end == "top" else "the last")
                return self.say(
                    f"名次在{which} {_value_text(share, True)}", f"place among {which} {_value_text(share, True)}"
                )
            case Streak(item, count):
                met = self.part(item, _LOOSER_THAN_STREAK)
                return self.say(
                    f"连续 {count} 期（含本期）每期{met}",
                    f"{met} in each of the last {count} periods (this one included)",
                )
            case Not(item):
                return self.say(f"并非（{self.write(item)}）", f"not ({self.write(item)})")
            case All(()):
                return self.say("所有行", "every row")
            case All(items):
                return self.say("，并且", ", and ").join(self.part(each, (All, Any_)) for each in items)
            case Any_(items):
                return self.say("，或者", ", or ").join(self.part(each, (Any_,)) for each in items)
            case _:
                return super().write(node)

    def part(self, node: Condition, loose: tuple[type, ...]) -> str:
        text = self.write(node)
        return self.say(f"（{text}）", f"({text})") if isinstance(node, loose) else text

    def names(self, columns: tuple[Operand, ...]) -> str:
        return self.say("、", ", ").join(self.write(column) for column in columns)


_SIGN_WORDS: dict[bool, dict[str, Text]] = {
    False: {
        "=": Text("是", "is"),
        "<>": Text("不是", "is not"),
        "<": Text("低于", "is below"),
        "<=": Text("不超过", "is at most"),
        ">": Text("超过", "is above"),
        ">=": Text("不低于", "is at least"),
    },
    True: {
        "=": Text("等于", "is"),
        "<>": Text("不等于", "is not"),
        "<": Text("早于", "is before"),
        "<=": Text("不晚于", "is not later than"),
        ">": Text("晚于", "is after"),
        ">=": Text("不早于", "is not before"),
    },
}
