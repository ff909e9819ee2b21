"""The formulas of Pay results and Pay pools: products of a base, a share and coefficients, and what pools add up to.

A product of few decimals is exact when it is rounded to the eighth decimal first, and the cent is then rounded as the
run does; each is compared with the run's exact amount. How a pool is shared out to the cent stays with xlperf.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

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
OF_CURVE = Text("金额取自曲线", "the amount is that of the curve")
LIMITED = Text("金额受限额约束", "limits hold the amount")
TO_THE_UNIT = Text("按取整单位取整", "the amount is rounded to the unit of its item")
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
            _amount(people, paid, row, line, item)
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
    curve = people.policy.curve(item.curve)
    if item.way == "curve" and item.base and not item.figure and curve is not None:
        put("share", f.when_known([total], curve_text(total, curve)))
    if item.way == "bands":
        total = people.page.cells("total", [at])
        put("share", f.when_known([total], f.band_points(f.rounded(total), people.policy.bands(item.band_set))))


def _base(appraisal: Completed, people: People, employee: str, column: str) -> str:
    table = appraisal.table("employees")
    rows = np.flatnonzero(table.frame["employee_id"] == employee)
    if not len(rows) or column not in table.letters or table.frame[column].isna().iloc[rows[0]]:
        return ""
    text = people.policy.input_number(table, column, int(rows[0]))
    return text if f.number_in(text) is None else ""


def _amount(people: People, paid: Page, row: int, line: Mapping[Any, Any], item: PayItem) -> None:
    if item.has_limits:
        people.written.keep("pay_results", ["amount"], row, LIMITED)
        return
    if item.way == "curve" and not item.base:
        people.written.keep("pay_results", ["amount"], row, OF_CURVE)
        return
    named = [{"total": "share", "full": ""}.get(each, each) for each in FACTORS[item.way]]
    factors = [each for each in named if each and (each != "base" or item.base)] + ["service"] * item.prorate
    product = 1.0
    for each in factors:
        product *= float(line[each])
    if item.unit != 1:
        people.written.keep("pay_results", ["amount"], row, TO_THE_UNIT)
        return
    rounded = round_half_up(round_half_up(product, PRECISE), 2)
    if rounded != line["amount"] or not all(each in paid.area.letters for each in factors):
        people.written.keep("pay_results", ["amount"], row, MANY_DECIMALS)
        return
    cells = [paid.here(each, row) for each in factors]
    text = f"ROUND(ROUND({'*'.join(cells)},{PRECISE}),2)"
    people.written.put("pay_results", "amount", row, f.when_known(cells, text))


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
