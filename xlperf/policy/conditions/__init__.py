"""The condition language of the Indicators sheet: one parsed form, read and written in Chinese and English.

``due_date in period and status <> cancelled`` and ``应完成日期 属于 本期 且 状态 <> 已取消`` are the same tree.
From it come the column expression that finds the rows (:func:`rows_meeting`), the text in either language
(:func:`to_text`), and the sentence that explains it (:func:`in_words`).

A condition looks at the rows of one sheet: an indicator's at the sheet of its source, a task rule's at Clients, that of
a list or of pay at Results with its dimensions. It names columns of that sheet only, HR's own among them
(:meth:`Scope.of_sheet`).

Conditions on Clients may count a client's tasks, ``tasks(status = done) >= 1`` or ``任务数(状态 = 已完成) >= 1``; those
on Tasks may look at a task's client, ``client.m_level = vip`` or ``客户.M级 = VIP``. Both compile to columns that are
derived beforehand, under the name that :func:`column_of` gives.

A deadline may be moved by a column, ``due_date + hold_days workdays`` or ``应完成日期 + 暂停天数 个工作日``; a duration
may be counted in working days, ``workdays(created_date, done_date)`` or ``工作日数(创建日期, 完成日期)``.

A comparison with an empty cell is never met; ``<>`` is the opposite of ``=`` and therefore is. Dates are compared by
day.

Nouns: a tree of frozen values, a scope (which columns may be named), the day ``When`` it is asked.

A word or operator goes into the grammar and ``tree``, then into ``expressions`` (rows), ``figures`` (formulas of
indicators), ``formulas`` (Excel) and ``wording`` (text).
"""

from xlperf.policy.conditions.expressions import When, column_of, days_of, figure, rows_meeting
from xlperf.policy.conditions.figures import figures_of
from xlperf.policy.conditions.parser import Scope, number, parse, quotient, read, read_columns, read_expression
from xlperf.policy.conditions.shared import SharedConditions
from xlperf.policy.conditions.tree import (
    ALWAYS,
    Condition,
    Misread,
    Node,
    Operand,
    Placed,
    Relation,
    Streak,
    columns_in,
    duration_of,
    kind,
    literals_by_sheet,
    literals_in,
    numbers_beside,
    relations_in,
    streaks_in,
    with_literals,
)
from xlperf.policy.conditions.wording import in_words, to_text

__all__ = [
    "ALWAYS",
    "Condition",
    "Misread",
    "Node",
    "Operand",
    "Placed",
    "Relation",
    "Scope",
    "SharedConditions",
    "Streak",
    "When",
    "column_of",
    "columns_in",
    "days_of",
    "duration_of",
    "figure",
    "figures_of",
    "in_words",
    "kind",
    "literals_by_sheet",
    "literals_in",
    "number",
    "numbers_beside",
    "parse",
    "quotient",
    "read",
    "read_columns",
    "read_expression",
    "relations_in",
    "rows_meeting",
    "streaks_in",
    "to_text",
    "with_literals",
]
