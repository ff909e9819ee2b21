"""Scores, grades and places become money, item by item of the Pay sheet.

Money is exact: a product of decimals is rounded half up to the cent once. A pool is shared out in whole cents by the
largest remainder, so that its parts and what is left add up to it; of equal fractions of a cent that of the better
total is rounded up first, then that of the smaller employee ID.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from operator import mul
from typing import Any

import narwhals as nw
import numpy as np
import numpy.typing as npt
import pandas as pd

from xlperf.core.curves import curve_values
from xlperf.core.intervals import band_values, settled
from xlperf.core.money import (
    CENTS,
    Exact,
    Pools,
    Shares,
    Whole,
    as_money,
    decimals,
    in_cents,
    places,
    ratios,
    shares_by_place,
    shares_by_weight,
    sums_of,
    whole_numbers,
)
from xlperf.core.numbers import round_half_up, show_number
from xlperf.core.periods import Period
from xlperf.core.problems import LANGUAGES, Lang, Problem, Text, some
from xlperf.core.spelling import similar
from xlperf.core.vocabulary import WORDS
from xlperf.policy.conditions import Misread, When, rows_meeting
from xlperf.policy.scheme import FUNDED, PayItem, Scheme
from xlperf.policy.validation.addressing import at
from xlperf.schema import SHEETS
from xlperf.schema.settings import Settings
from xlperf.schema.tables import Table

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]
Objects = npt.NDArray[Any]

COMPANY = ""  # the unit of the company's own rows on the Funds sheet
MOST_DAYS = 10_000  # of a period; a share of service is a number of days over at most so many
FACTORS = {
    "fixed": ("base",),
    "bands": ("base", "share"),
    "coefficient": ("base", "coefficient"),
    "product": ("base", "coefficient", "unit_coefficient"),
    "total": ("base", "total", "full"),
    "total_coefficient": ("base", "total", "full", "coefficient"),
    "curve": ("base", "share"),
    "place_amounts": (),
    "rank_pool": (),
    "share_pool": ("base", "coefficient"),
}
POOLED = ("rank_pool", "place_amounts", "share_pool")
BY_PLACE = ("rank_pool", "place_amounts")
OF_TOTAL = ("bands", "total", "total_coefficient", *BY_PLACE)
COMPARED = ("company", "department")
RESULTS, SHARED = SHEETS["results"], SHEETS["pay_results"]
LACKING = {
    "pay-without-total": RESULTS["total"].name,
    "pay-without-base": SHARED["base"].name,
    "pay-outside-bands": SHARED["share"].name,
    "pay-outside-curve": SHARED["share"].name,
    "pay-without-grade": SHARED["coefficient"].name,
    "fund-missing": SHEETS["funds"].title,
}
NO_POOL = Text("", "")
AT_LEAST, AT_MOST = Text("，按每人最低 ", ", at least "), Text("，按每人最高 ", ", at most ")
WITHIN_BUDGET = Text("，按总额上限折减为 ", ", cut to the budget: ")
NOT_GIVEN = Text("（未填）", "(not given)")
REASONS = {
    "status": Text("在职状态不计发薪酬", "the status is not paid"),
    "not_scored": Text("本期不计分", "not scored in the period"),
}


@dataclass(frozen=True)
class Pay:
    """What everybody is paid for each item, how each pool was shared out, and what it comes to for each person.

    ``people`` and ``pools`` have the columns of the sheets Pay results and Pay pools, their wordings in both languages.
    An amount is NaN where something that it needs is lacking. ``totals`` are by employee ID, in the order of the
    people, and NaN for who has no amount at all.
    """

    people: pd.DataFrame
    pools: pd.DataFrame
    totals: pd.Series

    def sheets(self, lang: Lang) -> dict[str, pd.DataFrame]:
        """Return the rows of both sheets, by their codes, in the language of the reader."""
        worded = {"pay_results": ("pay_item", "pool", "evidence"), "pay_pools": ("pay_item", "pool")}
        frames = {"pay_results": self.people, "pay_pools": self.pools}
        return {
            sheet: frame.assign(**{column: [text(lang) for text in frame[column]] for column in worded[sheet]})
            for sheet, frame in frames.items()
            if len(frame) or sheet == "pay_results"
        }


def pay(
    people: pd.DataFrame,
    scheme: Scheme,
    funds: Table,
    ancestors: Mapping[str, Sequence[str]],
    names: Mapping[str, str],
    when: When,
    period_kind: str = "",
) -> tuple[Pay, list[Problem]]:
    """Work out every item of the Pay sheet for everybody.

    Parameters
    ----------
    people : one row a person
        The columns of the Employees and the Results sheet, the scores of the dimensions, and of the roster ``service``
        (share of the period's days) and ``scored``. Totals and coefficients are NaN where there are none.
    funds : the rows of the Funds sheet that belong to the period
    ancestors : the path of each department, from the widest to itself
    names : the names of departments by code
    when : the period; its ``places`` are those of ``people``, for conditions such as top 5 %
    period_kind : items for another kind of period are passed over

    Returns
    -------
    Pay, and the problems: who is not paid, who lacks what an amount needs, and funds that are missing or left over.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from datetime import date
    >>> from xlperf.policy.conditions import ALWAYS
    >>> from xlperf.policy.schemes import load
    >>> from xlperf.schema.tables import empty
    >>> bonus = PayItem("bonus", Text("奖金", "Bonus"), "coefficient", "base_pay", "", (), "", "company", ALWAYS, False)
    >>> people = pd.DataFrame([{"employee_id": "E1", "name": "Li", "department": "N", "department_name": "North",
    ...     "total": 91.0, "coefficient": 1.2, "base_pay": 6000.0, "status": "active", "scored": True, "service": 1.0}])
    >>> october = When(date(2026, 10, 1), date(2026, 10, 31), date(2026, 9, 1), date(2026, 9, 30))
    >>> paid, _ = pay(people, replace(load("service-team"), pay=(bonus,)), empty("funds"), {}, {}, october)
    >>> paid.totals.to_dict(), paid.people["evidence"][0].en
    ({'E1': 7200.0}, '6,000.00 × 1.2 = 7,200.00')
    """
    reason, by_id = _unpaid(people, scheme.settings), people["employee_id"].argsort().to_numpy()
    problems = [*_notes(people, reason, scheme), *_unknown_items(funds, scheme)] if scheme.pay else []
    paid: list[pd.DataFrame] = []
    pools: list[pd.DataFrame] = []
    for position, item in enumerate(scheme.pay):
        if item.way not in FACTORS or item.period_kind not in ("", period_kind):
            continue
        line = _Line(scheme, position, item, _funds_of(funds, item), ancestors, names)
        try:
            meets = _meeting(item, people, when)
        except Misread as fault:
            problems.append(line.problem(fault.code, "where", **fault.details))
            continue
        takes_part = (reason == "") & meets
        rows = people.iloc[by_id[takes_part[by_id]]].reset_index(drop=True)
        problems += [*_base_sound(line, rows), *_funds_sound(line)]
        rows = _with_factors(line, rows)
        gaps = _gaps(line, rows)
        problems += _gap_problems(line, rows, gaps)
        if item.way in POOLED:
            shared, pool_rows, found = _from_pools(line, rows, gaps)
            pools.append(pool_rows)
            problems += found
        else:
            shared, found = _singly(line, rows, gaps)
            problems += found
        paid.append(shared)
    everybody = _joined(paid, "pay_results")
    return Pay(everybody, _joined(pools, "pay_pools"), _totals(everybody, people["employee_id"])), problems


def paid_before(scheme: Scheme, period: Period, kept: Iterable[Period]) -> Iterator[Problem]:
    """Report items of every kind of period that are paid for a period whose parts were paid before.

    Parameters
    ----------
    scheme : whose Pay sheet is meant
    period : the one that is paid now
    kept : the periods whose results are in the history
    """
    parts = sorted(
        {each for each in kept if each != period and period.start <= each.start and each.end <= period.end},
        key=lambda each: (each.start, each.end, each.code),
    )
    for position, item in enumerate(scheme.pay):
        if parts and item.way in FACTORS and not item.period_kind:
            kind = WORDS["period_kind"][parts[0].kind]
            details = {"period": Text(*(period.label(lang) for lang in LANGUAGES)), "kind": kind,
                       "parts": [Text(*(each.label(lang) for lang in LANGUAGES)) for each in parts]}  # fmt: skip
            yield at(scheme, "pay-again", "pay", "period_kind", [position], item=item.name, **details)


@dataclass(frozen=True)
class _Line:
    """One row of the Pay sheet: its item, the funds that belong to it, and where its problems stand."""

    scheme: Scheme
    position: int
    item: PayItem
    funds: Table
    ancestors: Mapping[str, Sequence[str]]
    names: Mapping[str, str]

    def problem(self, code: str, column: str = "code", /, **details: object) -> Problem:
        return at(self.scheme, code, "pay", column, [self.position], item=self.item.name, **details)

    def factors(self) -> list[str]:
        """What an amount, or a weight in a pool, is the product of."""
        named = [each for each in FACTORS[self.item.way] if each != "base" or self.item.base]
        if self.item.way == "curve" and not self.item.base:
            named = ["curve_amount"]
        return [*named, "service"] if self.item.prorate and self.item.way not in BY_PLACE else named

    def fund(self, column: str) -> pd.Series:
        """The amounts or coefficients of the item by unit, of the first row where a unit has several."""
        given = self.funds.frame.dropna(subset=column).drop_duplicates("unit")
        values: pd.Series = given.set_index("unit")[column].sort_index()
        return values

    def unit_name(self, unit: str) -> Text:
        """The name of the company, a staff class, a department or a team."""
        if unit == COMPANY:
            return WORDS["pay_pool"]["company"]
        if self.item.pool_by == "staff_class" and unit in WORDS["staff_class"]:
            return WORDS["staff_class"][unit]
        name = self.names.get(unit, unit)
        return Text(name, name)


def _unpaid(people: pd.DataFrame, settings: Settings) -> npt.NDArray[np.str_]:
    status, scored = people["status"].isin(settings.paid_status), people["scored"].astype(bool)
    return np.select([~status.to_numpy(bool), ~scored.to_numpy(bool)], list(REASONS), "")


def _notes(people: pd.DataFrame, reason: npt.NDArray[np.str_], scheme: Scheme) -> Iterator[Problem]:
    for code, wording in REASONS.items():
        ids = sorted(people["employee_id"][reason == code])
        if ids:
            details = {"count": len(ids), "people": some(ids), "reason": wording}
            yield Problem("not-paid", scheme.table("pay").title, "", details)


def _meeting(item: PayItem, people: pd.DataFrame, when: When) -> Mask:
    meeting = nw.from_native(people).with_columns(takes_part=rows_meeting(item.where, when))
    return meeting["takes_part"].to_numpy().astype(bool)


def _unknown_items(funds: Table, scheme: Scheme) -> Iterator[Problem]:
    known = [word for item in scheme.pay for word in (item.code, *item.name)]
    given = funds["item"]
    for word in sorted(set(given.dropna()) - set(known)):
        details = {"cell": word, "column": SHEETS["funds"]["item"].name, "sheet": SHEETS["pay"].title}
        cells = funds.cells("item", np.flatnonzero(given == word))
        yield Problem("code-unknown", funds.title, cells, details | {"near": similar(word, known)})


def _funds_of(funds: Table, item: PayItem) -> Table:
    """Return the funds of one item; the company's unit is an empty text, a staff class its code."""
    mine = funds["item"].isin([item.code, *item.name])
    of_item = funds.where(mine)
    unit = of_item["unit"].fillna(COMPANY)
    if item.pool_by == "staff_class":
        unit = unit.map({word: WORDS["staff_class"].find(word) or word for word in unit.unique()})
    return of_item.with_frame(of_item.frame.assign(unit=unit))


def _funds_sound(line: _Line) -> Iterator[Problem]:
    """A unit has one fund for each item, and no fund is below zero."""
    frame, title = line.funds.frame, line.funds.title
    repeated = frame["unit"][frame["unit"].duplicated()]
    for unit in sorted(set(repeated)) if line.item.way in FUNDED else ():
        cells = line.funds.cells("unit", np.flatnonzero(frame["unit"] == unit))
        yield Problem("fund-twice", title, cells, {"item": line.item.name, "unit": line.unit_name(unit)})
    for position in np.flatnonzero(frame["amount"] < 0).tolist():
        details = {"item": line.item.name, "amount": f"{frame['amount'][position]:,.2f}"}
        yield Problem("fund-negative", title, line.funds.cells("amount", [position]), details)


def _base_sound(line: _Line, people: pd.DataFrame) -> Iterator[Problem]:
    """The base column holds amounts, and none below zero: nobody pays to be paid."""
    given = people.get(line.item.base)
    if given is None:
        return
    if not pd.api.types.is_numeric_dtype(given.dtype):
        yield line.problem("pay-base-text", "base", base=_heading(line.item.base))
    elif (given < 0).any():
        ids = people["employee_id"][given < 0]
        yield line.problem("pay-base-negative", "base", base=_heading(line.item.base), people=some(ids))


def _heading(column: str) -> Text:
    known = SHEETS["employees"].by_code.get(column)
    return known.name if known else Text(column, column)


def _with_factors(line: _Line, people: pd.DataFrame) -> pd.DataFrame:
    """Return the people with the unit whose fund they share in, and the factors of the item, NaN where not used."""
    rows = people[["employee_id", "name", "department", "department_name", "total"]].copy()
    rows["unit"] = _units(line, people)
    rows["figure"] = _figures(line, people)
    rows["full"] = line.scheme.settings.full_points
    used = {*line.factors(), "base"}
    for factor in ("base", "share", "coefficient", "unit_coefficient", "service", "curve_amount"):
        rows[factor] = _factor(line, factor, people, rows["unit"]) if factor in used else np.nan
    return rows


def _factor(line: _Line, factor: str, people: pd.DataFrame, unit: pd.Series) -> Any:
    match factor:
        case "base":
            given = people.get(line.item.base)
            return given if given is not None and pd.api.types.is_numeric_dtype(given.dtype) else np.nan
        case "share" | "curve_amount" if line.item.way == "curve":
            return settled(curve_values(_figures(line, people), line.scheme.curve(line.item.curve)))
        case "share":
            return band_values(people["total"], line.scheme.bands.get(line.item.band_set, ()))
        case "unit_coefficient":
            stated = line.fund("coefficient")
            return unit.map(stated).astype(np.float64).fillna(stated.get(COMPANY, np.nan))
        case _:
            return people[factor]


def _figures(line: _Line, people: pd.DataFrame) -> Floats:
    """Return what the curve of an item is asked for: the total, or the actual of an indicator."""
    asked = people.get(figure_column(line.item.figure)) if line.item.figure else people["total"]
    return np.full(len(people), np.nan) if asked is None else asked.to_numpy(np.float64)


def figure_column(indicator: str) -> str:
    """Name the column with the actual of an indicator, beside the results of people.

    >>> figure_column("revenue")
    'figure: revenue'
    """
    return f"figure: {indicator}"


def _units(line: _Line, people: pd.DataFrame) -> pd.Series:
    """Return the unit whose fund everybody shares in, or would share in if it had one."""
    item = line.item
    if item.way == "product":
        return _nearest(people["department"], line.fund("coefficient").index, line.ancestors)
    if item.pool_by == "department" and item.way == "place_amounts":
        return people["department"]
    if item.pool_by == "department":
        return _nearest(people["department"], line.fund("amount").index, line.ancestors)
    if item.pool_by in ("team", "staff_class"):
        return people[item.pool_by]
    return pd.Series(COMPANY, people.index)


def _nearest(departments: pd.Series, funded: Collection[str], ancestors: Mapping[str, Sequence[str]]) -> pd.Series:
    """Return the closest department upwards that has a fund; the department itself where none has."""
    found = {
        code: next((each for each in reversed(ancestors.get(code, (code,))) if each in funded), code)
        for code in departments.dropna().unique()
    }
    return departments.map(found)


def _gaps(line: _Line, rows: pd.DataFrame) -> dict[str, Mask]:
    """Tell who lacks what the item needs, by the code of the problem."""
    way, factors = line.item.way, line.factors()
    no_total = rows["total"].isna() if way in OF_TOTAL else pd.Series(False, rows.index)
    gaps = {"pay-without-total": no_total}
    if "base" in factors:
        gaps["pay-without-base"] = rows["base"].isna()
    if way == "curve":
        gaps["pay-outside-curve"] = rows["share" if line.item.base else "curve_amount"].isna()
    elif "share" in factors:
        gaps["pay-outside-bands"] = rows["share"].isna() & ~no_total
    if "coefficient" in factors:
        gaps["pay-without-grade"] = rows["coefficient"].isna()
    if way == "product":
        gaps["fund-missing"] = rows["unit_coefficient"].isna()
    if way == "place_amounts":
        gaps["pay-without-total"] |= rows["unit"].isna()
    elif way in POOLED:
        gaps["fund-missing"] = ~rows["unit"].isin(line.fund("amount").index)
    return {code: lacking.to_numpy(bool) for code, lacking in gaps.items()}


def _gap_problems(line: _Line, rows: pd.DataFrame, gaps: Mapping[str, Mask]) -> Iterator[Problem]:
    column = SHEETS["funds"]["amount" if line.item.way in POOLED else "coefficient"].name
    for code, lacking in gaps.items():
        if lacking.any():
            ids = rows["employee_id"][lacking]
            totals = [show_number(each) for each in sorted(set(rows["total"][lacking].dropna()))]
            units = [line.unit_name(unit) for unit in sorted(set(rows["unit"][lacking].dropna()))]
            yield line.problem(
                code, count=len(ids), people=some(ids), base=_heading(line.item.base), column=column,
                totals=totals[:8], units=units[:8] or [NOT_GIVEN],
            )  # fmt: skip


def _singly(line: _Line, rows: pd.DataFrame, gaps: Mapping[str, Mask]) -> tuple[pd.DataFrame, list[Problem]]:
    """Multiply the factors of everybody who has all of them, and hold the amounts within the limits of the item."""
    known, factors = _complete(gaps), line.factors()
    members = rows[known]
    products = _products_shown(members, factors)
    exact = _product(members, factors).cents(line.item.unit)
    cents, words, problems = _limited(line, members, exact)
    amounts = _shown(cents)
    found = pd.DataFrame({"amount": as_money(cents)}, index=members.index)
    shown = products if factors == ["base"] else map(" = ".join, zip(products, _shown(exact), strict=True))
    sentences = [
        Text(*(f"{each}{word(lang)}{amount}" if word.zh else each for lang in LANGUAGES))
        for each, word, amount in zip(shown, words, amounts, strict=True)
    ]
    if line.item.way == "curve":
        asked = _written(members["figure"].to_numpy(np.float64), lambda each: f"{each:,.10g}")
        sentences = [
            Text(*(f"{line.item.curve}({figure}): {text}" for text in each))
            for figure, each in zip(asked, sentences, strict=True)
        ]
    shares = members["total"] / members["full"] if line.item.way in ("total", "total_coefficient") else None
    complete = rows if shares is None else rows.assign(share=shares)
    return _settled(line, complete.join(found), gaps, sentences), problems


def _limited(line: _Line, members: pd.DataFrame, cents: Whole) -> tuple[Whole, list[Text], list[Problem]]:
    """Hold amounts between the least and the most of the item, and their sum within its budget, exactly."""
    item, words = line.item, [NO_POOL] * len(cents)
    if not item.has_limits:
        return cents, words, []
    held = cents
    for limit, way, said in ((item.least, np.maximum, AT_LEAST), (item.most, np.minimum, AT_MOST)):
        if limit is not None:
            before, held = held, way(held, round(limit * CENTS))
            words = [said if now != was else word for now, was, word in zip(held, before, words, strict=True)]
    together, budget = sum(held), None if item.budget is None else round(item.budget * CENTS)
    if budget is None or together <= budget or (held < 0).any():
        return held, words, []
    all_in_one = shares_by_weight(held, np.zeros(len(held), np.intp), 1)
    cut = in_cents(whole_numbers([budget]), all_in_one, _better_first(members["total"]), item.unit)
    details = {"sum": _shown(whole_numbers([together]))[0], "budget": _shown(whole_numbers([budget]))[0]}
    return cut, [WITHIN_BUDGET] * len(cut), [line.problem("pay-budget-cut", "budget", count=len(cut), **details)]


def _complete(gaps: Mapping[str, Mask]) -> Mask:
    return np.asarray(~np.logical_or.reduce(list(gaps.values())))


def _settled(line: _Line, rows: pd.DataFrame, gaps: Mapping[str, Mask], sentences: Sequence[Text]) -> pd.DataFrame:
    """Return the rows of the sheet; ``sentences`` are the evidence of those who lack nothing."""
    known = _complete(gaps)
    evidence = np.empty(len(rows), object)
    evidence[known] = _column(sentences)
    evidence[~known] = _column(_lacks(gaps, ~known))
    pooled = line.item.way in POOLED
    position, units = pd.factorize(rows["unit"])  # -1 without a unit
    pools = _column([*(line.unit_name(unit) if pooled else NO_POOL for unit in units), NO_POOL])[position]
    complete = rows.assign(pay_item=_column([line.item.name] * len(rows)), pool=pools, evidence=evidence)
    order = ["unit", "place", "employee_id"] if pooled else ["employee_id"]
    return complete.reindex(columns=[*(each.code for each in SHARED), "unit"]).sort_values(order)


def _lacks(gaps: Mapping[str, Mask], who: Mask) -> list[Text]:
    """Say of each of these people what is lacking."""
    lacking = np.column_stack(list(gaps.values()))[who]
    names = [[LACKING[code] for code, lacks in zip(gaps, row, strict=True) if lacks] for row in lacking]
    return [
        Text("缺少：" + "、".join(name.zh for name in each), "lacking: " + ", ".join(name.en for name in each))
        for each in names
    ]


def _from_pools(
    line: _Line, rows: pd.DataFrame, gaps: Mapping[str, Mask]
) -> tuple[pd.DataFrame, pd.DataFrame, list[Problem]]:
    """Share the funds out among the people of each pool."""
    members, funds = rows[_complete(gaps)], line.fund("amount")
    if line.item.way == "place_amounts":
        funds = pd.Series(float(sum(line.item.amounts)), index=sorted(set(members["unit"])), dtype=np.float64)
    pool = np.asarray(funds.index.get_indexer(pd.Index(members["unit"])), np.intp)
    amounts = decimals(funds).cents()
    shares, order = _shares(line, members, pool, len(funds)), _better_first(members["total"])
    cents = in_cents(amounts, shares, order, line.item.unit)
    together, apart = _compared(line, members, amounts, cents, order)
    found = {"amount": as_money(cents), "company_amount": together, "department_amount": apart}
    found |= {"share": shares.as_floats(), "place": np.nan}
    if line.item.way in BY_PLACE:
        found["place"] = places(members["total"], pool)[0].astype(np.float64)
        sentences = _by_place(line, members, amounts, shares, cents)
    else:
        sentences = _by_weight(line, members, amounts, shares, cents)
    whole = rows.drop(columns="share").join(pd.DataFrame(found, index=members.index))
    paid = sums_of(cents, pool, len(funds))
    pools = pd.DataFrame(
        {
            "pay_item": _column([line.item.name] * len(funds)),
            "pool": _column([line.unit_name(unit) for unit in funds.index]),
            "amount": as_money(amounts),
            "people": np.bincount(pool, minlength=len(funds)),
            "paid": as_money(paid),
            "left": as_money(amounts - paid),
        }
    )
    left = () if line.item.way == "place_amounts" else _left_over(line, pools, funds.index)
    problems = [*left, *_places_reversed(line, members, shares, funds.index)]
    return _settled(line, whole, gaps, sentences), pools, problems


def _shares(line: _Line, members: pd.DataFrame, pool: Pools, pools: int) -> Shares:
    """Return everybody's share of the pool that they are in."""
    if line.item.way == "share_pool":
        return shares_by_weight(_product(members, line.factors()).numerators, pool, pools)
    return shares_by_place(members["total"], pool, pools, line.item.shares, line.item.remainder)


def _better_first(totals: pd.Series) -> Integers:
    """Number people from the best total down; they stand in the order of their IDs, which tells equal totals apart."""
    order = np.empty(len(totals), np.intp)
    order[np.argsort(-totals.to_numpy(np.float64), kind="stable")] = np.arange(len(totals))
    return order


def _compared(
    line: _Line, members: pd.DataFrame, amounts: Whole, cents: Whole, order: Integers
) -> tuple[npt.ArrayLike, npt.ArrayLike]:
    """Return what everybody would get if the money were one pool of the company, and if each department had its own.

    The funds of departments together make the company's; the fund of the company is split by what the departments'
    bases add up to, or by heads where the item has no base.
    """
    unit = line.item.unit
    if line.item.pool_by == "department" and line.item.way != "place_amounts":
        company = _shares(line, members, np.zeros(len(members), np.intp), 1)
        return as_money(in_cents(whole_numbers([sum(amounts)]), company, order, unit)), as_money(cents)
    if line.item.pool_by != "company" or line.item.way == "place_amounts":
        return np.nan, np.nan
    department, names = pd.factorize(members["department"].fillna(""), sort=True)
    size = np.nan_to_num(members["base"].to_numpy(np.float64)) if line.item.base else np.ones(len(members))
    sizes = sums_of(decimals(size).numerators, department, len(names))
    split = shares_by_weight(sizes, np.zeros(len(names), np.intp), 1)
    funds = in_cents(amounts, split, np.arange(len(names)), unit)
    parts = in_cents(funds, _shares(line, members, department, len(names)), order, unit)
    return as_money(cents), as_money(parts)


def _left_over(line: _Line, pools: pd.DataFrame, units: pd.Index) -> Iterator[Problem]:
    """Report funds in which nobody shares, and remainders that nobody is there to take."""
    left = pools["left"] * CENTS > line.item.unit - 0.5  # less than a unit is nobody's
    wanting = [left & (pools["paid"] == 0), left & (line.item.remainder != "unallocated")]
    codes = np.select(wanting, ["fund-without-people", "remainder-left"], "")
    for position in np.flatnonzero(codes != "").tolist():
        pool, cells = pools.iloc[position], line.funds.cells("unit", (line.funds["unit"] == units[position]).to_numpy())
        details = {"item": line.item.name, "pool": pool["pool"]}
        details |= {column: f"{pool[column]:,.2f}" for column in ("amount", "left")}
        yield Problem(codes[position], line.funds.title, cells, details)


def _places_reversed(line: _Line, members: pd.DataFrame, shares: Shares, units: pd.Index) -> Iterator[Problem]:
    """Report pools in which a later place earns more than an earlier one."""
    if line.item.way != "rank_pool":
        return
    order = np.lexsort((-members["total"].to_numpy(np.float64), shares.pool))
    group, earned = shares.pool[order], shares.numerators[order]
    more = (group[1:] == group[:-1]) & (earned[1:] > earned[:-1]).astype(bool)
    if more.any():
        pools = [line.unit_name(units[each]) for each in np.unique(group[1:][more])]
        yield line.problem("pay-places-reversed", "remainder", pools=pools[:8])


def _product(rows: pd.DataFrame, factors: Iterable[str]) -> Exact:
    columns = (_read(factor, rows[factor].to_numpy(np.float64)) for factor in factors)
    return reduce(mul, columns, Exact(whole_numbers([1] * len(rows))))


def _read(factor: str, values: Floats) -> Exact:
    if factor == "full":
        full = decimals(values)
        return Exact(whole_numbers([full.denominator] * len(values)), int(full.numerators[0]) if len(values) else 1)
    return ratios(values, MOST_DAYS) if factor == "service" else decimals(values)


def _column(values: Sequence[object]) -> Objects:
    return np.fromiter(values, object, len(values))


def _joined(frames: Sequence[pd.DataFrame], sheet: str) -> pd.DataFrame:
    columns = [column.code for column in SHEETS[sheet]]
    return pd.concat(frames, ignore_index=True)[columns] if frames else pd.DataFrame(columns=columns)


def _totals(paid: pd.DataFrame, ids: pd.Series) -> pd.Series:
    sums = paid.groupby("employee_id")["amount"].sum(min_count=1).reindex(pd.Index(ids, name="employee_id"))
    return pd.Series(round_half_up(sums.to_numpy(np.float64)), sums.index, name="pay")


def _shown(cents: Whole) -> list[str]:
    """Write amounts: 6,000.00."""
    sizes = ((each, *divmod(abs(each), CENTS)) for each in cents.tolist())
    return [f"{'-' if each < 0 else ''}{units:,}.{rest:02}" for each, units, rest in sizes]


def _products_shown(rows: pd.DataFrame, factors: Sequence[str]) -> list[str]:
    """Write the factors of everybody as a product: 6,000.00 × 1.2."""
    columns = [_factor_shown(factor, rows[factor].to_numpy(np.float64)) for factor in factors]
    return [" × ".join(parts).replace("× ÷", "÷") for parts in zip(*columns, strict=True)]


def _factor_shown(factor: str, values: Floats) -> Iterable[str]:
    match factor:
        case "base":
            return _shown(decimals(values).cents())
        case "share":
            return _percents(values)
        case "full":
            return _written(values, lambda each: f"÷ {each:.10g}")
        case "service":
            return _written(values, lambda each: str(Fraction(each).limit_denominator(MOST_DAYS)))
        case _:
            return _written(values, lambda each: f"{each:.10g}")


def _percents(shares: Floats) -> Objects:
    return _written(round_half_up(shares * 100, 4), lambda each: f"{each:.10g}%")


def _written(values: Floats, write: Callable[[float], str]) -> Objects:
    """Write each number that occurs once."""
    position, distinct = pd.factorize(values)
    return _column([write(each) for each in distinct.tolist()])[position]


def _by_weight(line: _Line, members: pd.DataFrame, amounts: Whole, shares: Shares, cents: Whole) -> list[Text]:
    factors, pool = line.factors(), shares.pool
    weights = _products_shown(members, factors)
    if len(factors) > 1:
        weights = [f"({each})" for each in weights]
    weight = _product(members, factors)
    sums = sums_of(weight.numerators, pool, len(amounts)) / weight.denominator
    wholes = _column([f"{each:,.4f}".rstrip("0").rstrip(".") for each in sums])
    parts = [
        f"{fund} × {weight} ÷ {whole} = {amount}"
        for fund, weight, whole, amount in zip(
            _column(_shown(amounts))[pool], weights, wholes[pool], _shown(cents), strict=True
        )
    ]
    return [Text(f"奖金池 {each}", f"pool {each}") for each in parts]


def _by_place(line: _Line, members: pd.DataFrame, amounts: Whole, shares: Shares, cents: Whole) -> list[Text]:
    place, tied = places(members["total"], shares.pool)
    beyond = (place > len(line.item.shares)) & (line.item.remainder != "unallocated")
    size = np.bincount(shares.pool)[shares.pool]
    funds = _column(_shown(amounts))[shares.pool]
    columns = (funds, _percents(shares.as_floats()), place.tolist(), size.tolist(), tied.tolist(), beyond.tolist())
    return [_place_sentence(*row) for row in zip(*columns, _shown(cents), strict=True)]


def _place_sentence(fund: str, share: str, place: int, size: int, tied: int, beyond: bool, amount: str) -> Text:
    zh, en = f"第 {place} 名，共 {size} 人", f"place {place} of {size}"
    if tied > 1:
        zh, en = f"{zh}，{tied} 人并列", f"{en}, shared by {tied}"
    if beyond:
        zh, en = f"{zh}，分剩余部分", f"{en}, from the rest"
    return Text(f"奖金池 {fund} × {share}（{zh}）= {amount}", f"pool {fund} × {share} ({en}) = {amount}")
