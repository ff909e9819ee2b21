"""Reads conditions in Chinese and English, and tells columns from words and values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

from xlperf.core.problems import Text
from xlperf.core.spelling import similar
from xlperf.core.vocabulary import fold, label_key
from xlperf.policy.conditions.tree import (
    ALWAYS,
    KIND_NAMES,
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
    Misread,
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
    columns_in,
    counts_working_days,
    kind,
    parts_of,
)
from xlperf.policy.conditions.unreadable import UNREADABLE, unreadable
from xlperf.policy.conditions.wording import to_text
from xlperf.schema import SHEETS, Column

if TYPE_CHECKING:
    from lark import Lark, Token


MOST_LEVELS = 60  # of a condition: what reads, explains and evaluates it goes down level by level
MOST_YEARS = 100  # that a day is moved by, so that it stays among those that a column of dates can hold
DAYS_OF: dict[Unit, int] = {"days": 1, "workdays": 2, "trading": 2, "months": 31}  # at most, over long stretches
MOST_DIGITS = 10  # to which a number is rounded
FUNCTIONS: dict[FunctionName, tuple[str, int, int]] = {  # the Chinese word, the fewest and the most operands
    "min": ("最小", 2, 50),
    "max": ("最大", 2, 50),
    "abs": ("绝对值", 1, 1),
    "round": ("四舍五入", 1, 2),
}
IN_HISTORY = ("total", "grade", "place")  # what is known of a person in earlier periods


Moved = TypeVar("Moved", Shift, Within)


class Scope:
    """The columns that a condition may name, in either language.

    ``of_people`` are results of people: there are places, and results of earlier periods. ``tasks`` are the columns of
    a client's tasks, ``client`` those of a task's client, where a condition may look at them. ``labels`` are words that
    stand for a number of a column, as ``label_key`` leaves them, by code of the column. ``functions`` tells whether
    figures may be functions of others: if, min, max, abs and round.
    """

    def __init__(
        self,
        columns: Iterable[Column],
        of_people: bool = False,
        tasks: Scope | None = None,
        client: Scope | None = None,
        labels: Mapping[str, Mapping[str, float]] | None = None,
        functions: bool = False,
    ) -> None:
        self.functions = functions
        self.labels = labels or {}
        self.of_people = of_people
        self.tasks = tasks
        self.client = client
        self.columns = {column.code: column for column in columns}
        listed = list(reversed(self.columns.values()))
        self._codes = {fold(word): each.code for each in listed for word in (*each.synonyms, *each.name)}
        self._codes |= {
            fold(each.code): each.code for each in listed
        }  # a code means its own column, whatever else it names

    @classmethod
    def of_sheet(
        cls,
        sheet: str,
        own: Iterable[Column] = (),
        elsewhere: Mapping[str, Iterable[Column]] | None = None,
        labels: Mapping[str, Mapping[str, float]] | None = None,
    ) -> Scope:
        """Return the columns of a sheet, with those that HR added to it (``own``) and to others (``elsewhere``)."""

        def other(code: str) -> Scope:
            return cls((*SHEETS[code].columns, *(elsewhere or {}).get(code, ())))

        match sheet:
            case "results":
                return cls((*_with_one_grade(SHEETS[sheet].columns), *own), of_people=True)
            case "clients":
                return cls((*SHEETS[sheet].columns, *own), tasks=other("tasks"))
            case "tasks":
                return cls((*SHEETS[sheet].columns, *own), client=other("clients"))
        return cls((*SHEETS[sheet].columns, *own), labels=labels)

    def find(self, word: str) -> Column | None:
        """Return the column that a word means."""
        code = self._codes.get(fold(word))
        return self.columns[code] if code else None

    def headings(self) -> Iterator[str]:
        """Return every name of every column, in both languages."""
        return (word for column in self.columns.values() for word in (*column.synonyms, *column.name))

    def near(self, word: str) -> list[str]:
        """Return headings that look like a word, in both languages."""
        return similar(word, {name for column in self.columns.values() for name in (column.code, *column.name)})


def _with_one_grade(columns: Iterable[Column]) -> list[Column]:
    """Let both headings of a grade, of its code and of its name, mean the code: names depend on the language."""
    by_code = {column.code: column for column in columns}
    code, name = by_code["grade"], by_code.pop("grade_name")
    by_code["grade"] = replace(code, name=name.name, synonyms=(name.code, *code.name, *code.synonyms))
    return list(by_code.values())


@cache
def _parser() -> Lark:
    from lark import Lark

    grammar = (files("xlperf.policy.conditions") / "conditions.lark").read_text("utf-8")
    return Lark(grammar, start=["condition", "sum"], parser="lalr", lexer="contextual")


_PLAIN = str.maketrans("（）［］【】，；．＜＞＝％＋－＊／、≤≥≠", "()[][],;.<>=%+-*/,≤≥≠")
_SIGNS = {"!=": "<>", "==": "="}
_SPANS: dict[Span, tuple[str, ...]] = {"quarter": ("quarter", "季"), "half": ("half", "半年"), "year": ("year", "年")}
_UNITS: dict[str, Unit] = {"DAYS": "days", "WORKDAYS": "workdays", "TRADING_DAYS": "trading", "MONTHS": "months"}


def parse(text: str, start: Literal["condition", "sum"] = "condition") -> Any:
    """Return the syntax tree of a condition or an expression; its words are not yet known to be columns.

    Parameters
    ----------
    text : as HR writes it, in Chinese or English; full-width signs mean the same
    start : "condition" for a statement about a row, "sum" for a column or arithmetic

    Raises
    ------
    Misread
        One of ``UNREADABLE`` where the text breaks the grammar; ``condition-too-deep`` where more than
        ``MOST_LEVELS`` parts lie inside each other; others where a number or a day cannot be one (30 February).

    Examples
    --------
    >>> parse("amount > 1.2万")
    Compare(left=Name(word='amount'), sign='>', right=Value(value=12000.0, percent=False))
    >>> parse("amount >")
    Traceback (most recent call last):
    xlperf.policy.conditions.tree.Misread: condition-unreadable
    """
    from lark import UnexpectedInput

    plain = text.translate(_PLAIN).replace("≤", "<=").replace("≥", ">=").replace("≠", "<>")
    try:
        tree = _parser().parse(plain, start=start)
    except UnexpectedInput as fault:
        position = getattr(fault, "pos_in_stream", None)
        at = len(plain) if position is None or position < 0 else position
        ended = getattr(getattr(fault, "token", None), "type", "") == "$END"
        raise unreadable(text, plain, at, ended, is_formula=start == "sum") from None
    _refuse_too_deep(tree)
    return _builder().transform(tree)


def _parse_headings(text: str, scope: Scope, start: Literal["condition", "sum"] = "condition") -> Any:
    """Return the syntax tree; headings of several words may stand without brackets where nothing else can be meant."""
    try:
        return parse(text, start)
    except Misread as fault:
        bracketed = _bracketed(text, scope)
        if fault.code not in UNREADABLE or bracketed == text:
            raise
        try:
            return parse(bracketed, start)
        except Misread:
            raise fault from None


def _bracketed(text: str, scope: Scope) -> str:
    """Return the text with brackets around each heading of several words, the longest first.

    >>> _bracketed('percent rank >= 60% and name <> "percent rank"', Scope.of_sheet("results"))
    '[percent rank] >= 60% and name <> "percent rank"'
    """
    headings = sorted((word for word in scope.headings() if not word.isidentifier()), key=len, reverse=True)
    if not headings:
        return text
    heading = "|".join(r"\s+".join(map(re.escape, each.split())) for each in headings)
    spared = r"""["“][^"”]*["”]|'[^']*'|\[[^\]]*\]"""
    words = re.compile(rf"{spared}|(?<!\w)(?P<heading>{heading})(?!\w)", re.IGNORECASE)
    return words.sub(lambda found: f"[{found[0]}]" if found["heading"] else found[0], text)


def _refuse_too_deep(tree: Any) -> None:
    """Raise ``Misread`` where more parts lie inside each other than can be gone through."""
    level, depth = [tree], 0
    while level:
        level = [child for each in level for child in getattr(each, "children", ())]
        depth += 1
        if depth > MOST_LEVELS:
            raise Misread("condition-too-deep", most=MOST_LEVELS)


@cache
def _builder() -> Any:
    from lark import Transformer, v_args

    @v_args(inline=True)
    class Builder(Transformer):  # type: ignore[type-arg]
        def number(self, token: Token) -> Value:
            return Value(_number(token))

        def negative(self, token: Token) -> Value:
            return Value(-_number(token))

        def percent(self, token: Token) -> Value:
            return Value(_percent(token), percent=True)

        def date(self, token: Token) -> Value:
            try:
                return Value(datetime.strptime(token, "%Y-%m-%d").date())
            except ValueError:
                raise Misread("condition-bad-date", word=str(token)) from None

        def string(self, token: Token) -> Value:
            return Value(str(token)[1:-1])

        def name(self, token: Token) -> Name:
            return Name(str(token))

        def bracketed(self, token: Token) -> Name:
            return Name(str(token)[1:-1].strip())

        def edge(self, token: Token) -> Edge:
            word = token.lower()
            of: Span = next((span for span, words in _SPANS.items() if any(each in word for each in words)), "period")
            return Edge(end="end" in word or "末" in word, previous="previous" in word or "上" in word, of=of)

        def anniversary(self, start: Operand) -> Anniversary:
            return Anniversary(start)

        def count_of(self, where: Condition = ALWAYS) -> CountOf:
            return CountOf(where)

        def choice(self, condition: Condition, then: Operand, otherwise: Operand) -> Choice:
            return Choice(condition, then, otherwise)

        def function(self, token: Token, *operands: Operand) -> Function:
            return _function(str(token), operands)

        def lookup(self, column: Name) -> Lookup:
            return Lookup(column)

        def unit(self, token: Token) -> Unit:
            return _UNITS[token.type]

        def day_unit(self, token: Token) -> Unit:
            return _UNITS[token.type]

        def moved_by(self, start: Operand, amount: Name, unit: Unit) -> MovedBy:
            return MovedBy(start, amount, unit)

        def workdays_between(self, first: Operand, last: Operand) -> WorkdaysBetween:
            return WorkdaysBetween(first, last)

        def add(self, left: Operand, right: Operand) -> Calc:
            return Calc("+", left, right)

        def subtract(self, left: Operand, right: Operand) -> Calc:
            return Calc("-", left, right)

        def multiply(self, left: Operand, right: Operand) -> Calc:
            return Calc("*", left, right)

        def divide(self, left: Operand, right: Operand) -> Calc:
            return Calc("/", left, right)

        def later(self, start: Operand, amount: Token, unit: Unit) -> Shift:
            return Shift(start, _whole(amount), unit)

        def earlier(self, start: Operand, amount: Token, unit: Unit) -> Shift:
            return Shift(start, -_whole(amount), unit)

        def compare(self, left: Operand, sign: Token, right: Operand) -> Compare:
            return Compare(left, _SIGNS.get(str(sign), str(sign)), right)  # type: ignore[arg-type]

        def list(self, *items: Operand) -> tuple[Operand, ...]:
            return items

        def among(self, left: Operand, values: tuple[Operand, ...]) -> Among:
            return Among(left, values)

        def not_among(self, left: Operand, values: tuple[Operand, ...]) -> Not:
            return Not(Among(left, values))

        def this_period(self) -> bool:
            return False

        def previous_period(self) -> bool:
            return True

        def in_period(self, left: Operand, previous: bool) -> InPeriod:
            return InPeriod(left, previous)

        def not_in_period(self, left: Operand, previous: bool) -> Not:
            return Not(InPeriod(left, previous))

        def within(self, left: Operand, amount: Token, unit: Unit, anchor: Operand) -> Within:
            return Within(left, _whole(amount), unit, anchor)

        def within_zh(self, left: Operand, anchor: Operand, amount: Token, unit: Unit) -> Within:
            return Within(left, _whole(amount), unit, anchor)

        def filled(self, columns: Operand | tuple[Operand, ...]) -> Filled:
            return Filled(columns if isinstance(columns, tuple) else (columns,))

        def is_empty(self, columns: Operand | tuple[Operand, ...]) -> Empty:
            return Empty(columns if isinstance(columns, tuple) else (columns,))

        def contains(self, left: Operand, part: Token) -> Contains:
            return Contains(left, str(part)[1:-1])

        def not_contains(self, left: Operand, part: Token) -> Not:
            return Not(Contains(left, str(part)[1:-1]))

        def top(self, share: Token) -> Placed:
            return Placed("top", _share_of_places(share))

        def last(self, share: Token) -> Placed:
            return Placed("last", _share_of_places(share))

        def streak(self, item: Condition, count: Token) -> Streak:
            return Streak(item, _periods(count))

        def streak_zh(self, count: Token, item: Condition) -> Streak:
            return Streak(item, _periods(count))

        def negation(self, item: Condition) -> Not:
            return Not(item)

        def both(self, left: Condition, right: Condition) -> All:
            return All((*(left.items if isinstance(left, All) else (left,)), right))

        def any_of(self, left: Condition, right: Condition) -> Any_:
            return Any_((*(left.items if isinstance(left, Any_) else (left,)), right))

    return _Unwrapping(Builder())


class _Unwrapping:
    """Let a :class:`Misread` out of Lark's wrapping of errors in a transformer."""

    def __init__(self, builder: Any) -> None:
        self._builder = builder

    def transform(self, tree: Any) -> Any:
        from lark.exceptions import VisitError

        try:
            return self._builder.transform(tree)
        except VisitError as error:
            raise error.orig_exc from None


def _number(token: str) -> float:
    plain = token.replace(",", "").replace(" ", "")
    times = {"万": 10_000, "亿": 100_000_000}.get(plain[-1], 1)
    return float(plain.rstrip("万亿")) * times


def _percent(token: str) -> float:
    return float(f"{token.rstrip('% ')}e-2")


def _share_of_places(token: str) -> float:
    share = _percent(token)
    if not 0 < share <= 1:
        raise Misread("condition-share", word=str(token))
    return share


def _whole(token: str) -> int:
    amount = _number(token)
    if amount > MOST_YEARS * 366:
        raise Misread("condition-shift-too-far", text=str(token), years=MOST_YEARS)
    if amount != int(amount):
        raise Misread("condition-whole-days", word=str(token))
    return int(amount)


def _function(word: str, operands: tuple[Operand, ...]) -> Function:
    """Return the function that a word means, with as many operands as it takes; the decimals of a rounding apart."""
    name, (chinese, least, most) = next(
        (name, about) for name, about in FUNCTIONS.items() if word.lower() in (name, about[0])
    )
    if not least <= len(operands) <= most:
        named = Text(chinese, name)
        raise Misread("condition-function-operands", function=named, count=len(operands), least=least, most=most)
    if name != "round":
        return Function(name, operands)
    digits = operands[1] if len(operands) == 2 else Value(0.0)
    match digits:
        case Value(float(number)) if number in range(MOST_DIGITS + 1):
            return Function(name, operands[:1], int(number))
    raise Misread("condition-round-digits", word=to_text(digits, "en"), most=MOST_DIGITS)


def _periods(token: str) -> int:
    count = _number(token)
    if count > MOST_YEARS * 12:
        raise Misread("condition-streak-count", word=str(token))
    if count < 2 or count != int(count):
        raise Misread("condition-streak-count", word=str(token))
    return int(count)


def read(text: str, scope: Scope) -> Condition:
    """Return the condition that a text says about a sheet's columns.

    Raises ``Misread`` with the message for HR where the text cannot be read, names an unknown column or word, or
    compares things of different kinds.

    >>> scope = Scope.of_sheet("tasks")
    >>> to_text(read("应完成日期 属于 本期 且 状态 <> 已取消", scope), "en")
    'due_date in period and status <> cancelled'
    """
    condition: Condition = _resolve(_parse_headings(text, scope), scope)
    _refuse_months_behind_working_days(condition, scope)
    return condition


def read_expression(text: str, scope: Scope) -> Operand:
    """Return the column or arithmetic that a text says.

    >>> to_text(read_expression("完成日期 - 创建日期", Scope.of_sheet("tasks")), "en")
    'done_date - created_date'
    """
    operand: Operand = _resolve(_parse_headings(text, scope, "sum"), scope)
    if kind(operand) == "number":  # a day alone is found step by step, see days_of
        _refuse_months_behind_working_days(operand, scope)
    return operand


def read_columns(text: str, scope: Scope) -> tuple[Ref, ...]:
    """Return the columns that a list of headings names, in the order of the list.

    Parameters
    ----------
    text : headings in either language, between commas, semicolons or 、; each may stand in square brackets
    scope : the columns that there are

    Raises
    ------
    Misread
        ``condition-unknown-word`` at the first word that is no column, with the headings that look like it.

    Examples
    --------
    >>> [each.code for each in read_columns("phone、[address]", Scope.of_sheet("clients"))]
    ['phone', 'address']
    """
    words = [word.strip() for word in re.split(r"[,，、;；]", text) if word.strip()]
    return tuple(_column(word.strip("[]"), scope) for word in words)


def quotient(operand: Operand, scope: Scope) -> tuple[Operand, ...]:
    """Return the two sides of ``a / b``, dividend first, for a ratio of sums.

    Raises
    ------
    Misread
        ``condition-needs-quotient`` where the operand is anything but a division.

    Examples
    --------
    >>> scope = Scope.of_sheet("checks")
    >>> [each.code for each in quotient(read_expression("faults / sampled", scope), scope)]
    ['faults', 'sampled']
    """
    if isinstance(operand, Calc) and operand.sign == "/":
        return operand.left, operand.right
    raise Misread("condition-needs-quotient", text=_shown(operand, scope))


def number(operand: Operand, scope: Scope) -> Operand:
    """Return an operand that can be added up.

    Raises
    ------
    Misread
        ``column-needs-number`` where the operand is a day or a text.

    Examples
    --------
    >>> number(Ref("amount", "money"), Scope.of_sheet("tasks")).code
    'amount'
    """
    if kind(operand) != "number":
        raise Misread("column-needs-number", word=_shown(operand, scope), kind=KIND_NAMES[kind(operand)])
    return operand


def _column(word: str, scope: Scope) -> Ref:
    column = scope.find(word)
    if column is None:
        raise Misread("condition-unknown-word", word=word, near=scope.near(word))
    return Ref(column.code, column.kind)


def _resolve(node: Any, scope: Scope) -> Any:
    """Tell columns from values: beside a column with a vocabulary a word is one of its words, else a column or key."""
    match node:
        case Name(word):
            return _column(word, scope)
        case Compare(left, sign, right):
            one = _resolve(left, scope)
            other = _beside(right, one, scope)
            _same_kind(one, other, scope)
            return Compare(one, sign, other)
        case Among(left, values):
            one = _resolve(left, scope)
            resolved = tuple(_beside(value, one, scope) for value in values)
            for value in resolved:
                _same_kind(one, value, scope)
            return Among(one, resolved)
        case InPeriod(left, previous):
            return InPeriod(_date(_resolve(left, scope), scope), previous)
        case Within(left, amount, unit, anchor):
            return _near(
                Within(_date(_resolve(left, scope), scope), amount, unit, _date(_resolve(anchor, scope), scope))
            )
        case Shift(start, amount, unit):
            return _near(Shift(_date(_resolve(start, scope), scope), amount, unit))
        case MovedBy(start, amount, unit):
            return _moved_by(MovedBy(_date(_resolve(start, scope), scope), _resolve(amount, scope), unit), scope)
        case WorkdaysBetween(first, last):
            return WorkdaysBetween(_date(_resolve(first, scope), scope), _date(_resolve(last, scope), scope))
        case Anniversary(start):
            return Anniversary(_date(_resolve(start, scope), scope))
        case CountOf(where):
            if scope.tasks is None:
                raise Misread("condition-no-tasks", text=_shown(node, scope))
            return CountOf(_resolve(where, scope.tasks))
        case Lookup(column):
            if scope.client is None:
                raise Misread("condition-no-client", text=_shown(node, scope))
            return Lookup(_resolve(column, scope.client))
        case Filled(columns):
            return Filled(tuple(_resolve(column, scope) for column in columns))
        case Empty(columns):
            return Empty(tuple(_resolve(column, scope) for column in columns))
        case Contains(left, part):
            return Contains(_resolve(left, scope), part)
        case Calc(sign, left, right):
            return _calc(sign, _resolve(left, scope), _resolve(right, scope), scope)
        case Function(name, operands, digits):
            _allow_functions(node, scope)
            return Function(name, tuple(_number_of(each, scope) for each in operands), digits)
        case Choice(condition, then, otherwise):
            _allow_functions(node, scope)
            return Choice(_resolve(condition, scope), _number_of(then, scope), _number_of(otherwise, scope))
        case Placed() if not scope.of_people:
            raise needs_results(node)
        case Streak(item, count):
            return _streak(Streak(_resolve(item, scope), count), scope)
        case Not(item):
            return Not(_resolve(item, scope))
        case All(items):
            return All(tuple(_resolve(item, scope) for item in items))
        case Any_(items):
            return Any_(tuple(_resolve(item, scope) for item in items))
        case _:
            return node


def _allow_functions(node: Function | Choice, scope: Scope) -> None:
    if not scope.functions:
        raise Misread("condition-no-functions", text=_shown(node, scope))


def _number_of(node: Operand, scope: Scope) -> Operand:
    operand: Operand = _resolve(node, scope)
    if kind(operand) != "number":
        raise Misread("condition-needs-number", word=_shown(operand, scope))
    return operand


def _near(moved: Moved) -> Moved:
    """Refuse a day that is moved so far, all steps together, that it leaves the calendar."""
    days, day = 0, cast("Operand | Within", moved)
    while isinstance(day, (Shift, Within)):
        days += abs(day.amount) * DAYS_OF[day.unit]
        day = day.start if isinstance(day, Shift) else day.anchor
    if days > MOST_YEARS * 366 or not _in_calendar(day, days):
        shown = Text(to_text(moved, "zh"), to_text(moved, "en"))
        raise Misread("condition-shift-too-far", text=shown, years=MOST_YEARS)
    return moved


def _in_calendar(day: Operand, days: int) -> bool:
    """Tell whether there are so many days before and after a day that is written out."""
    if not isinstance(day, Value) or not isinstance(day.value, date):
        return True
    return date.min.toordinal() + days <= day.value.toordinal() <= date.max.toordinal() - days


def _moved_by(moved: MovedBy, scope: Scope) -> MovedBy:
    """Refuse a day that is moved by something that is no number of days."""
    if kind(moved.amount) != "number":
        raise Misread("condition-arithmetic", left=_shown(moved.start, scope), right=_shown(moved.amount, scope))
    return moved


def _streak(streak: Streak, scope: Scope) -> Streak:
    """Refuse a streak where earlier results are not known, and what they do not hold."""
    if not scope.of_people:
        raise needs_results(streak)
    allowed = [SHEETS["history"][code].name for code in IN_HISTORY]
    for each in parts_of(streak.item):
        if isinstance(each, (Placed, Streak)):
            raise Misread("condition-streak-inside", text=_shown(each, scope), allowed=allowed)
    for column in columns_in(streak.item):
        if column.code not in IN_HISTORY:
            raise Misread("condition-streak-column", word=scope.columns[column.code].name, allowed=allowed)
    return streak


def needs_results(node: Placed | Streak) -> Misread:
    """Say that shares of a ranking and consecutive periods can only be asked of results of people."""
    code = "condition-no-history" if isinstance(node, Streak) else "condition-no-ranking"
    return Misread(code, text=Text(to_text(node, "zh"), to_text(node, "en")))


def _beside(node: Operand, neighbour: Operand, scope: Scope) -> Operand:
    word = node.word if isinstance(node, Name) else node.value if isinstance(node, Value) else None
    column = _described(neighbour, scope)
    if column and isinstance(word, str):
        labelled = scope.labels.get(column.code, {}).get(label_key(word))
        if labelled is not None:
            return Value(labelled)
        if column.words:
            code = column.vocabulary.find(word)
            if code:
                return Word(code, column.words)
            if not scope.find(word):
                allowed = [Text(*each) for each in column.vocabulary.values()]
                raise Misread("condition-unknown-choice", word=word, column=column.name, allowed=allowed)
        elif isinstance(node, Name) and column.kind == "key" and not scope.find(word):
            return Value(word)
    resolved: Operand = _resolve(node, scope)
    return resolved


def _described(operand: Operand, scope: Scope) -> Column | None:
    """Return what is known of the column that an operand is, of the sheet itself or of a task's client."""
    match operand:
        case Ref(code):
            return scope.columns.get(code)
        case Lookup(Ref(code)) if scope.client:
            return scope.client.columns[code]
        case _:
            return None


def _same_kind(left: Operand, right: Operand, scope: Scope) -> None:
    if kind(left) != kind(right):
        names = {"kind": KIND_NAMES[kind(left)], "other": KIND_NAMES[kind(right)]}
        raise Misread("condition-kinds", left=_shown(left, scope), right=_shown(right, scope), **names)


def _date(operand: Operand, scope: Scope) -> Operand:
    if kind(operand) != "date":
        raise Misread("condition-needs-date", word=_shown(operand, scope))
    return operand


def _refuse_months_behind_working_days(node: Node, scope: Scope) -> None:
    """Refuse what no column expression says: a day that is counted out has a number, and no month to count from."""
    for part in parts_of(node):
        if isinstance(part, Shift) and part.unit == "months" and counts_working_days(part.start):
            raise Misread("condition-months-last", part=_shown(part.start, scope))
        if isinstance(part, Within) and part.unit == "months" and counts_working_days(part.anchor):
            raise Misread("condition-months-last", part=_shown(part.anchor, scope))


def _calc(sign: Any, left: Operand, right: Operand, scope: Scope) -> Calc:
    kinds = {kind(left), kind(right)}
    if kinds not in ({"number"}, {"date"}) or (kinds == {"date"} and sign != "-"):
        raise Misread("condition-arithmetic", left=_shown(left, scope), right=_shown(right, scope))
    return Calc(sign, left, right)


def _shown(node: Node, scope: Scope) -> Text:
    return Text(to_text(node, "zh", scope.columns), to_text(node, "en"))
