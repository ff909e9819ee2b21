"""The formulas of Pay results and Pay pools: products of a base, a share and coefficients, and what pools add up to.

A product of few decimals is exact when it is rounded to the eighth decimal first, and the cent is then rounded as the
run does; each is compared with the run's exact amount. How a pool is shared out to the cent stays with xlperf.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any

import numpy as np
import pandas as pd

from xlperf.core.curves import curve_values
from xlperf.core.intervals import settled
from xlperf.core.money import CENTS
from xlperf.core.numbers import round_half_up
from xlperf.core.problems import Text
from xlperf.policy.rules import formulas as f
from xlperf.policy.rules.curves import curve_text
from xlperf.policy.scheme import PayItem
from xlperf.scoring.pay import FACTORS, POOLED
from xlperf.scoring.stages import Completed
from xlperf.workbook.formulas.cell_addresses import Page
from xlperf.workbook.formulas.results import People

TO_THE_CENT = Text("奖金池按最大余数法分配到分", "a pool is shared out to the cent by the largest remainder")
OF_CURVE = Text("曲线依据不在明细中", "what the curve is asked for has no row here")
LIMITED = Text("金额受总额上限约束", "the amount depends on the budget of its item")
MANY_DECIMALS = Text("因数的小数位太多", "factors with too many decimals")
OF_FUNDS = Text("取自奖金池表", "they are taken from Funds")
PRECISE = 8  # decimals to which a product is rounded before the cent


def write_pay(people: People, paid: Page, pools: Page | None) -> None:
    """Write the formulas of every amount that is a product, and of what amounts add up to."""
    found = people.appraisal.pay
    items = {item.name: item for item in people.scheme.pay}
    place = {employee: row for row, employee in enumerate(people.ids)}
    for row, line in enumerate(found.people.to_dict("records")):
        item, at = items[line["pay_item"]], place.get(line["employee_id"])
        people.written.keep("pay_results", ["unit_coefficient"], row, OF_FUNDS)
        _factors(people, paid, row, line, item, at)
        if item.way in POOLED:
            people.written.keep("pay_results", ["amount"], row, TO_THE_CENT)
        elif line["amount"] == line["amount"]:
            _amount(people, paid, row, line, item, at)
    _sums(people, paid, found.people)
    if pools is not None:
        _pools(people, paid, pools, found.people, found.pools)


def _factors(people: People, paid: Page, row: int, line: Mapping[Any, Any], item: PayItem, at: int | None) -> None:
    """Take base, share and coefficient from where they stand."""
    shown = paid.area.letters

    def put(column: str, text: str) -> None:
        if column in shown and line[column] == line[column]:
            people.written.put("pay_results", column, row, text)

    if item.base:
        put("base", _base(people.appraisal, people, str(line["employee_id"]), item.base))
    if at is None:
        return
    if "coefficient" in FACTORS[item.way] and "coefficient" in people.page.area.letters:
        put("coefficient", people.page.cells("coefficient", [at]))
    total = people.page.cells("total", [at])
    if item.way in ("total", "total_coefficient"):
        put("share", f.when_known([total], f"{total}/{people.policy.setting('full_points')}"))
    if item.way == "curve" and item.base:
        put("share", _on_curve(people, item, at))
    if item.way == "bands":
        total = people.page.cells("total", [at])
        put("share", f.when_known([total], f.band_points(f.rounded(total), people.policy.bands(item.band_set))))


def _on_curve(people: People, item: PayItem, at: int) -> str:
    """Return what the curve gives for the total, or for the actual of an indicator; empty where that has no cell."""
    curve, asked = people.policy.curve(item.curve), people.page.cells("total", [at])
    if item.figure:
        rows = [row for row, which in people.blocks[people.position[at]]
                if people.details.indicators[which].code == item.figure]  # fmt: skip
        asked = people.details.page.cells("actual", rows)
    return f.when_known([asked], curve_text(asked, curve)) if asked and curve is not None else ""


def _base(appraisal: Completed, people: People, employee: str, column: str) -> str:
    table = appraisal.table("employees")
    rows = np.flatnonzero(table.frame["employee_id"] == employee)
    if not len(rows) or column not in table.letters or table.frame[column].isna().iloc[rows[0]]:
        return ""
    text = people.policy.input_number(table, column, int(rows[0]))
    return text if f.number_in(text) is None else ""


def _amount(people: People, paid: Page, row: int, line: Mapping[Any, Any], item: PayItem, at: int | None) -> None:
    """Multiply the factors, round once to the unit of the item, and hold the amount within its limits."""
    factors = _product_of(people, paid, row, line, item, at)
    if isinstance(factors, Text):
        people.written.keep("pay_results", ["amount"], row, factors)
        return
    if _rounded(prod(factors.values()), item) != line["amount"]:
        people.written.keep("pay_results", ["amount"], row, MANY_DECIMALS)
        return
    text = _rounded_text("*".join(factors), people, item)
    people.written.put("pay_results", "amount", row, f.when_known(list(factors), text))


def _product_of(
    people: People, paid: Page, row: int, line: Mapping[Any, Any], item: PayItem, at: int | None
) -> dict[str, float] | Text:
    """Return the factors of an amount, each as a text with its value, or why a formula does not have them."""
    if item.budget is not None:
        return LIMITED
    named = [{"total": "share", "full": ""}.get(each, each) for each in FACTORS[item.way]]
    factors = [each for each in named if each and (each != "base" or item.base)] + ["service"] * item.prorate
    found = {}
    if item.way == "curve" and not item.base:
        factors.remove("share")
        text = _on_curve(people, item, at) if at is not None else ""
        if not text:
            return OF_CURVE
        found[text] = _curve_amount(people, item, people.position[at or 0])
    if not all(each in paid.area.letters for each in factors):
        return MANY_DECIMALS
    return found | {paid.here(each, row): float(line[each]) for each in factors}


def _curve_amount(people: People, item: PayItem, who: int) -> float:
    """Return what the curve of an item without a base gives somebody."""
    figure = people.ranked.total[who]
    if item.figure:
        facts = people.appraisal.facts
        figure = facts.actual[who, facts.column(item.figure)]
    return float(settled(curve_values(np.array([figure]), people.scheme.curve(item.curve)))[0])


def _rounded(product: float, item: PayItem) -> float:
    """Round and hold an amount as its formula does."""
    amount, unit = round_half_up(product, PRECISE), item.unit / CENTS
    if item.unit == 1:
        amount = round_half_up(amount, 2)
    else:
        amount = round_half_up(round_half_up(round_half_up(amount / unit, PRECISE), 0) * unit, 2)
    amount = amount if item.least is None else max(amount, float(item.least))
    return float(amount if item.most is None else min(amount, float(item.most)))


def _rounded_text(product: str, people: People, item: PayItem) -> str:
    """Round a product to the unit of the item, half up, and hold it between the least and the most."""
    position = people.scheme.pay.index(item)
    unit, least, most = (people.policy.number("pay", code, position) for code in ("rounding_unit", "least", "most"))
    text = f"ROUND({product},{PRECISE})"
    units = text if item.unit == 1 else f"ROUND(ROUND({text}/{unit},{PRECISE}),0)*{unit}"
    return f.bounded(
        f"ROUND({units},2)", least if item.least is not None else None, most if item.most is not None else None
    )


def _sums(people: People, paid: Page, lines: pd.DataFrame) -> None:
    """Let everybody's pay be the sum of the amounts."""
    rows = {employee: sorted(group.index) for employee, group in lines.groupby("employee_id")}
    for row, employee in enumerate(people.ids):
        mine = rows.get(employee, [])
        if mine and lines["amount"].loc[mine].notna().any():
            cells = paid.cells("amount", mine)
            people.put("pay", row, f.unless(f"COUNT({cells})=0", f"ROUND(SUM({cells}),2)"))


def _pools(people: People, paid: Page, pools: Page, lines: pd.DataFrame, funds: pd.DataFrame) -> None:
    """Let each pool add up what it pays, and show what is left."""
    for row, fund in enumerate(funds.to_dict("records")):
        mine = [(item, pool) == (fund["pay_item"], fund["pool"])
                for item, pool in zip(lines["pay_item"], lines["pool"], strict=True)]  # fmt: skip
        rows = np.flatnonzero(mine).tolist()
        people.written.keep("pay_pools", ["amount"], row, OF_FUNDS)
        if rows:
            cells = paid.cells("amount", rows)
            people.written.put("pay_pools", "people", row, f"COUNT({cells})")
            people.written.put("pay_pools", "paid", row, f"ROUND(SUM({cells}),2)")
            people.written.put(
                "pay_pools", "left", row, f"ROUND({pools.here('amount', row)}-{pools.here('paid', row)},2)"
            )
