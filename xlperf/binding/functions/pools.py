"""The worksheet function that shares out a pool of money."""

from __future__ import annotations

import numpy as np

from xlperf.binding.functions.arguments import (
    Cells,
    Matrix,
    column,
    down,
    given,
    needed,
    number,
    same_length,
    texts,
    word,
)
from xlperf.binding.functions.errors import wrong
from xlperf.binding.functions.registry import a_range, a_value, worksheet_function
from xlperf.core.numbers import fraction_of
from xlperf.core.problems import Text
from xlperf.core.vocabulary import WORDS


@worksheet_function(
    category="pay",
    gives="one a row",
    text=Text(
        "分配奖金池，每人一个，精确到分，合计等于奖金池：按份额，或按名次（例如第一名 30%、第二名 20%）。",
        "Shares out a pool of money in whole cents that add up: by weights, or by places (for example 30% "
        "for the first, 20% for the second).",
    ),
    fund=a_value("奖金池金额", "The amount of the pool"),
    people=a_range(
        "员工工号；零头相同时编号小的先得",
        "The employee IDs; of equal fractions of a cent the smaller ID gets it first",
    ),
    totals=a_range(
        "总分；零头相同时总分高的先得；按名次时空白的不参加",
        "The totals: places, and who gets an odd cent first. Blank: no place",
    ),
    weights=a_range(
        "每人的份额，例如基数乘系数；按名次分配时省略",
        "Everybody's weight, for example base times coefficient. Omit to share by place",
    ),
    place_shares=a_range(
        "各名次的比例，第一名在前；并列者平分所占名次",
        "What each place earns, the first one first; equal totals divide theirs",
    ),
    remainder=a_value(
        "名次以外的余额：不分配（省略时）、其余人平分、其余人按总分分",
        "The rest for those beyond these places: unallocated (if omitted), equal, or by_score",
    ),
    unit=a_value(
        "取整单位，例如 1 表示整元；省略时为分（0.01）", "What parts are rounded to: 1 for whole units. Omitted: 0.01"
    ),
)
def pool(
    fund: Cells,
    people: Cells,
    totals: Cells,
    weights: Cells = None,
    place_shares: Cells = None,
    remainder: Cells = None,
    unit: Cells = None,
) -> Cells:
    """Shares out a pool of money in whole cents that add up.

    Examples
    --------
    >>> pool(100, [["E1"], ["E2"], ["E3"]], [[80], [90], [70]], [[1], [1], [1]])
    [[33.33], [33.34], [33.33]]
    >>> pool(1000, [["E1"], ["E2"], ["E3"]], [[80], [90], [None]], place_shares=[[0.3, 0.2]], remainder="不分配")
    [[200.0], [300.0], [None]]
    >>> pool(613, [["E1"], ["E2"], ["E3"]], [[80], [90], [70]], [[98], [92], [123]], unit=1)
    [[192.0], [180.0], [241.0]]
    """
    from xlperf.core.money import CENTS, as_money, decimals, in_cents, shares_by_place, shares_by_weight

    ids, points = np.array(texts(people, "people")), column(totals, "totals")
    same_length(people=ids, totals=points)
    by_place = given(place_shares)
    if by_place == given(weights):
        raise wrong("function-lacks", argument="weights / place_shares")
    merit = points if by_place else column(weights, "weights")
    same_length(people=ids, weights=merit)
    members = np.flatnonzero((ids != "") & ~np.isnan(merit))
    together = np.zeros(len(members), np.intp)
    pot = needed(number(fund, "fund"), "fund")
    _refuse_negative(fund=np.array([pot]), weights=np.zeros(0) if by_place else merit)
    amount = decimals([pot]).cents()
    if by_place:
        earned = [fraction_of(each) for each in column(place_shares, "place_shares").tolist() if each == each]
        rest = word(remainder, "remainder", WORDS["pay_remainder"], "unallocated")
        shares = shares_by_place(points[members], together, 1, earned, rest)
    else:
        shares = shares_by_weight(decimals(merit[members]).numerators, together, 1)
    order = np.argsort(np.lexsort((ids[members], -points[members])))
    paid = np.full(len(ids), np.nan)
    paid[members] = as_money(in_cents(amount, shares, order, _cents_of(number(unit, "unit"), CENTS)))
    return down(paid)


def _cents_of(unit: float | None, cents: int) -> int:
    """Return the rounding unit in whole cents."""
    if unit is None:
        return 1
    exact = fraction_of(unit) * cents
    if exact <= 0 or exact.denominator != 1:
        raise wrong("function-unit", cell=unit)
    return int(exact)


def _refuse_negative(**columns: Matrix) -> None:
    for name, values in columns.items():
        if (values < 0).any():
            raise wrong("function-negative", argument=name, cell=float(values[values < 0][0]))
