"""Writes conditions as criteria and factors of worksheet formulas, where Excel can say them exactly.

What cannot be said, or not with the cells as they are, is :class:`NotExpressible`, with the reason.

An empty cell counts as 0 in a comparison, and any text is greater than any number; hence the guards: ``(A2:A9>0)``
stands beside a column of dates, ``(A2:A9<"")``, true for numbers alone, beside one of numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import reduce
from operator import and_

from xlperf.core.problems import Text
from xlperf.policy.conditions.criteria import (
    NUMBERS,
    Cells,
    Days,
    Figure,
    NotExpressible,
    Rows,
    alike,
    is_number,
    none_of,
    number_text,
    one_of,
    quoted,
    sound,
)
from xlperf.policy.conditions.tree import (
    All,
    Among,
    Any_,
    Calc,
    Compare,
    Condition,
    Contains,
    Edge,
    Empty,
    Filled,
    InPeriod,
    MovedBy,
    Node,
    Not,
    Operand,
    Operator,
    Ref,
    Shift,
    Value,
    Within,
    Word,
    kind,
)
from xlperf.policy.conditions.wording import to_text
from xlperf.schema import ZERO_IF_BLANK, Column


def rows_formula(
    condition: Condition, columns: Mapping[str, Cells], days: Days, names: Mapping[str, Column] | None = None
) -> Rows:
    """Return how a formula finds the rows that meet a condition.

    Parameters
    ----------
    condition : its columns named by code
    columns : the cells of the sheet, by code of the column
    days : the period
    names : what the columns are called, for the reason

    Raises
    ------
    NotExpressible
        Where a formula cannot say it, or these cells do not mean to a formula what they mean to xlperf.

    Examples
    --------
    >>> from xlperf.policy.conditions import Scope, read
    >>> columns = {"done_date": Cells("H2:H9"), "due_date": Cells("G2:G9"),
    ...            "status": Cells("I2:I9", spellings={"cancelled": ("已取消",)})}
    >>> days = Days("DATE(2026,10,1)", "DATE(2026,10,31)", "DATE(2026,9,1)", "DATE(2026,9,30)")
    >>> tasks = Scope.of_sheet("tasks")
    >>> rows_formula(read("due_date in period", tasks), columns, days).count()
    'COUNTIFS(G2:G9,">="&DATE(2026,10,1),G2:G9,"<"&DATE(2026,10,31)+1)'
    >>> rows_formula(read("done_date <= due_date and status <> cancelled", tasks), columns, days).count()
    'SUMPRODUCT((H2:H9>0)*(G2:G9>0)*(H2:H9<G2:G9+1)*(I2:I9<>"已取消"))'
    """
    return _Writer(columns, days, names or {}).rows(condition)


def figure_formula(
    operand: Operand, columns: Mapping[str, Cells], days: Days, names: Mapping[str, Column] | None = None
) -> Figure:
    """Return how a formula computes a row's figure; see :func:`rows_formula`."""
    return _Writer(columns, days, names or {}).figure(operand)


_MIRROR: Mapping[Operator, Operator] = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(frozen=True)
class _Day:
    """A day: a column's, which may carry a time of day, or one day for all rows; and so many days later.

    ``moved`` is a column of days that each row is later by.
    """

    text: str
    column: bool
    whole: bool
    later: int = 0
    moved: str = ""

    def plus(self, days: int) -> _Day:
        return replace(self, later=self.later + days)

    def __str__(self) -> str:
        moved = f"{self.text}+{self.moved}" if self.moved else self.text
        return f"{moved}{self.later:+d}" if self.later else moved


class _Writer:
    def __init__(self, columns: Mapping[str, Cells], days: Days, names: Mapping[str, Column]) -> None:
        self.columns = columns
        self.days = days
        self.names = names

    def rows(self, node: Condition) -> Rows:
        match node:
            case Compare(left, "<>", right):
                return self.opposite(Compare(left, "=", right))
            case Compare(left, sign, right):
                compared = {"date": self.days_compared, "number": self.numbers_compared, "text": self.texts_compared}
                return compared[kind(left)](left, sign, right)
            case Among(left, values) if kind(left) == "text":
                return one_of(self.cells(left), self.texts(left, values))
            case Among(left, values):
                return self.rows(Any_(tuple(Compare(left, "=", value) for value in values)))
            case InPeriod(left, previous):
                first, last = Edge(end=False, previous=previous), Edge(end=True, previous=previous)
                return self.rows(Compare(left, ">=", first)) & self.days_compared(left, "<=", last, bounded=True)
            case Within(left, amount, unit, anchor):
                return self.rows(All((Compare(left, ">=", anchor), Compare(left, "<=", Shift(anchor, amount, unit)))))
            case Filled(columns):
                return reduce(and_, map(self.filled, columns))
            case Empty(columns):
                return reduce(and_, map(self.empty, columns))
            case Contains(left, part):
                return self.containing(left, part)
            case Not(item):
                return self.opposite(item)
            case All(items):
                return reduce(and_, map(self.rows, items), Rows())
            case Any_(items):
                return Rows(None, (f"({'+'.join(self.rows(each).product for each in items)}>0)",))
        raise self.unsaid(node)

    def opposite(self, node: Condition) -> Rows:
        match node:
            case Compare(left, "=", (Word() | Value()) as value) if kind(left) == "text":
                return none_of(self.cells(left), self.texts(left, (value,)))
            case Among(left, values) if kind(left) == "text":
                return none_of(self.cells(left), self.texts(left, values))
            case Filled((column,)):
                return self.empty(column)
            case Empty((column,)):
                return self.filled(column)
            case Not(item):
                return self.rows(item)
        return Rows(None, (f"(1-{self.rows(node).product})",))

    def cells(self, node: Operand) -> Cells:
        match node:
            case Ref(code) if code in self.columns:
                return sound(self.columns[code])
            case Ref():
                raise NotExpressible(Text("表中没有这一列", "the sheet does not have the column"))
        raise self.unsaid(node)

    # Filled and empty

    def filled(self, node: Operand) -> Rows:
        cells = self.cells(node)
        if kind(node) == "text":
            return Rows(None, (f'({cells.address}<>"")',))
        return Rows((f"{cells.address},{NUMBERS}",), (is_number(cells),))

    def empty(self, node: Operand) -> Rows:
        cells = self.cells(node)
        return Rows(None, (f'({cells.address}{">=" if cells.mixed else "="}"")',))

    # Texts

    def texts(self, left: Operand, values: Iterable[Operand]) -> list[str]:
        """Return how the cells of a column spell some words, or the texts themselves."""
        spellings = self.cells(left).spellings
        found: dict[str, str] = {}
        for value in values:
            match value:
                case Word(code):
                    found |= {text.casefold(): text for text in spellings.get(code, ())}
                case Value(str(text)):
                    found[text.casefold()] = text
                case _:
                    raise self.unsaid(value)
        return list(found.values())

    def texts_compared(self, left: Operand, sign: Operator, right: Operand) -> Rows:
        if sign != "=":
            raise NotExpressible(Text("文字的先后次序", "which of two texts comes first"))
        if isinstance(right, Ref) and isinstance(left, Ref):
            return self.same_text(self.cells(left), self.cells(right))
        if isinstance(right, Ref):
            left, right = right, left
        return one_of(self.cells(left), self.texts(left, (right,)))

    def same_text(self, left: Cells, right: Cells) -> Rows:
        if (
            left.spellings
            or right.spellings
            or len({*map(alike, left.texts | right.texts)}) < len(left.texts | right.texts)
        ):
            raise NotExpressible(Text("两列文字的写法不一", "the two columns spell the same in several ways"))
        return Rows(None, (f'({left.address}<>"")', f"({left.address}={right.address})"))

    def containing(self, left: Operand, part: str) -> Rows:
        cells = self.cells(left)
        if cells.spellings or any((part in each) != (alike(part) in alike(each)) for each in cells.texts):
            raise NotExpressible(Text("包含的文字有多种写法", "the text that is looked for is spelt in several ways"))
        escaped = re.sub(r"([~*?])", r"~\1", part)
        reason = Text("“包含”与“或”“非”及列的比较连用", '"contains" beside "or", "not" or a comparison of columns')
        return Rows((f"{cells.address},{quoted(replace(cells, texts=frozenset()), f'*{escaped}*')}",), (), reason)

    # Numbers

    def numbers_compared(self, left: Operand, sign: Operator, right: Operand) -> Rows:
        for side in (left, right):
            self.exact(side, inside=isinstance(side, Calc))
        one, other = self.figure(left), self.figure(right)
        test = Rows(None, (f"({one.text}{sign}{other.text})",))
        if one.plain and isinstance(right, Value):
            test = replace(test, criteria=(f'{one.text},"{sign}"&{other.text}',))
        elif other.plain and isinstance(left, Value):
            test = replace(test, criteria=(f'{other.text},"{_MIRROR[sign]}"&{one.text}',))
        known = one.known & other.known
        return Rows(test.criteria, known.factors + test.factors)

    def exact(self, node: Operand, inside: bool) -> None:
        """Make sure that a comparison is not decided by float dust: arithmetic only with whole numbers."""
        match node:
            case Calc("/", _, _):
                raise NotExpressible(Text("与商比较", "a comparison with a quotient"))
            case Calc(_, left, right):
                self.exact(left, inside)
                self.exact(right, inside)
            case Ref() if not self.cells(node).short or (inside and not self.cells(node).whole):
                raise NotExpressible(Text("比较带小数的算式", "a comparison of arithmetic with fractions"))
            case Value(float(value)) if inside and value != int(value):
                raise NotExpressible(Text("比较带小数的算式", "a comparison of arithmetic with fractions"))

    def figure(self, node: Operand) -> Figure:
        match node:
            case Value(float(value)):
                return Figure(number_text(value), Rows())
            case Ref(code) if code in ZERO_IF_BLANK:
                return Figure(self.cells(node).address, Rows())
            case Ref():
                cells = self.cells(node)
                return Figure(cells.address, Rows((f"{cells.address},{NUMBERS}",), (is_number(cells),)), plain=True)
            case Calc("-", left, right) if kind(left) == "date":
                one, other = self.moment(left), self.moment(right)
                guards = tuple(f"({each.text}>0)" for each in (one, other) if each.column)
                plain = other.later == 0 and not other.moved
                return Figure(f"({one}-{other})" if plain else f"({one}-({other}))", Rows(None, guards))
            case Calc(sign, left, right):
                return self.calculated(sign, left, right)
        raise self.unsaid(node)

    def calculated(self, sign: str, left: Operand, right: Operand) -> Figure:
        one, other = self.figure(left), self.figure(right)
        if sign == "/" and not isinstance(right, Value):
            raise NotExpressible(Text("每行相除", "a division in each row"))
        if any(isinstance(each, Ref) and self.cells(each).mixed for each in (left, right)):
            raise NotExpressible(
                Text("数字列中有文字，不能参加运算", "texts stand among the numbers that are calculated with")
            )
        return Figure(f"({one.text}{sign}{other.text})", Rows(None, (one.known & other.known).factors))

    # Days

    def days_compared(self, left: Operand, sign: Operator, right: Operand, bounded: bool = False) -> Rows:
        """Compare two days; ``bounded`` tells that another factor leaves no row in which the first is empty."""
        one, other = self.day(left), self.day(right)
        if not other.whole or one.moved or (other.column and not one.column):
            one, other, sign = other, one, _MIRROR[sign]
        if one.moved:
            raise self.unsaid(left)
        if not other.whole:
            raise NotExpressible(Text("两列日期都带时间", "both columns of dates have times of day"))
        one, other = replace(one, later=0), other.plus(-one.later)
        tests = {
            "<": [("<", other)],
            "<=": [("<", other.plus(1))],
            ">": [(">=", other.plus(1))],
            ">=": [(">=", other)],
            "=": [(">=", other), ("<", other.plus(1))],
        }[sign]
        bounded |= sign in (">", ">=", "=") and not other.column  # what is later than a day is not empty
        guards = [f"({each.text}>0)" for each in (one, other) if each.column and not (each is one and bounded)]
        criteria = None
        if one.column and not other.column:
            criteria = tuple(f'{one.text},"{how}"&{bound}' for how, bound in tests)
        return Rows(criteria, (*guards, *(f"({one.text}{how}{bound})" for how, bound in tests)))

    def day(self, node: Operand) -> _Day:
        match node:
            case Ref():
                cells = self.cells(node)
                if cells.mixed:
                    raise NotExpressible(Text("日期列中有文字", "texts stand among the dates"))
                return _Day(cells.address, column=True, whole=cells.whole)
            case Value(value) if not isinstance(value, (float, str)):
                return _Day(f"DATE({value.year},{value.month},{value.day})", column=False, whole=True)
            case Edge():
                return _Day(self.edge(node), column=False, whole=True)
            case Shift(start, amount, "days"):
                return self.day(start).plus(amount)
            case MovedBy(start, Ref() as amount, "days"):
                return self.moved(self.day(start), self.cells(amount))
            case Shift((Edge() | Value()) as start, amount, "months"):
                return _Day(f"EDATE({self.day(start)},{amount})", column=False, whole=True)
        raise self.unsaid(node)

    def moved(self, day: _Day, amounts: Cells) -> _Day:
        if amounts.mixed or not amounts.whole or day.moved:
            raise NotExpressible(Text("移动的天数不是整数", "the days that a date is moved by are not whole numbers"))
        return replace(day, moved=amounts.address, column=True)

    def moment(self, node: Operand) -> _Day:
        """Return a day with its time; what has been moved by days has lost it."""
        day = self.day(node)
        if not day.whole and not isinstance(node, Ref):
            raise NotExpressible(Text("带时间的日期加减天数", "days added to dates with times of day"))
        return day

    def edge(self, node: Edge) -> str:
        if node.previous:
            return self.days.previous_end if node.end else self.days.previous_start
        return self.days.end if node.end else self.days.start

    def unsaid(self, node: Node) -> NotExpressible:
        """Say which part of a condition has no formula."""
        zh, en = to_text(node, "zh", self.names), to_text(node, "en", self.names)
        return NotExpressible(Text(f"公式无法表达：{zh}", f"no formula says: {en}"))
