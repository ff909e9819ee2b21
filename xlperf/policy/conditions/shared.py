"""The conditions that the rows of one sheet are asked: what several of them demand is looked at once."""

from __future__ import annotations

import operator
from collections.abc import Iterator
from functools import reduce
from typing import Any

import narwhals as nw

from xlperf.policy.conditions.expressions import When, rows_meeting
from xlperf.policy.conditions.tree import All, Condition


class SharedConditions:
    """Conditions on the rows of one sheet.

    Indicators ask for much the same: rows of the period, of a status, of a person. Each term of a conjunction is
    computed once, however many conditions it stands in; on a small sheet, where every operation on a column costs more
    than its rows, that is most of the work.

    Parameters
    ----------
    when : what "period" means in conditions that say nothing else

    Examples
    --------
    >>> from datetime import date
    >>> import pandas as pd
    >>> from xlperf.policy.conditions import Scope, read
    >>> october = When(date(2026, 10, 1), date(2026, 10, 31), date(2026, 9, 1), date(2026, 9, 30))
    >>> asked = SharedConditions(october)
    >>> scope = Scope.of_sheet("tasks")
    >>> open_tasks = asked.meets(read("status <> done and status <> cancelled", scope))
    >>> not_done = asked.meets(read("status <> done", scope))
    >>> rows = nw.from_native(pd.DataFrame({"status": ["done", "cancelled", "working"]}))
    >>> found = asked.answered(rows).select(open_tasks.alias("open"), not_done.alias("not done")).to_native()
    >>> found["open"].tolist(), found["not done"].tolist()
    ([False, False, True], [False, True, True])
    """

    def __init__(self, when: When) -> None:
        self.when = when
        self._names: dict[tuple[Condition, When], str] = {}

    def meets(self, condition: Condition, when: When | None = None) -> nw.Expr:
        """Return the column that tells which rows meet a condition, of the rows that are ``answered``.

        Parameters
        ----------
        when : another meaning of "period" than that of all conditions
        """
        return nw.col(self._names.setdefault((condition, when or self.when), f"condition {len(self._names)}?"))

    def answered(self, data: Any) -> Any:
        """Return a frame of Narwhals with the columns of all conditions that were asked."""
        terms: dict[tuple[Condition, When], str] = {}
        met = {
            name: reduce(
                operator.and_,
                (nw.col(terms.setdefault((term, when), f"term {len(terms)}?")) for term in _terms(condition)),
            )
            for (condition, when), name in self._names.items()
        }
        return data.with_columns(**{name: rows_meeting(*asked) for asked, name in terms.items()}).with_columns(**met)


def _terms(condition: Condition) -> Iterator[Condition]:
    """Yield the conditions that must all be met; the one that always is, is a term."""
    if isinstance(condition, All) and condition.items:
        for item in condition.items:
            yield from _terms(item)
    else:
        yield condition
