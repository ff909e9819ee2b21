"""Scores, grades and places become money, item by item of the Pay sheet.

Money is exact: a product of decimals is rounded half up to the cent once. A pool is shared out in whole cents by the
largest remainder, so that its parts and what is left add up to it: everybody gets the whole cents of the exact part;
the cents that remain go to the largest fractions of a cent, of equal fractions to the better total, then to the
smaller employee ID.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from itertools import accumulate
from operator import mul
from typing import Any

import narwhals as nw
import numpy as np
import numpy.typing as npt
import pandas as pd

from xlperf.checks.addressing import at
from xlperf.conditions import Misread, When, rows_meeting
from xlperf.intervals import band_values
from xlperf.layout import SHEETS
from xlperf.numbers import fraction_of, round_half_up, show_number
from xlperf.problems import Lang, Problem, Text, some
from xlperf.scheme import FUNDED, PayItem, Scheme
from xlperf.settings import Settings
from xlperf.spelling import similar
from xlperf.tables import Table
from xlperf.vocabulary import WORDS

Exact = npt.NDArray[Any]  # objects: fractions, or whole numbers of any size
Integers = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]

CENTS = 100
COMPANY = ""  # the unit of the company's own rows on the Funds sheet
MOST_DAYS = 10_000  # of a period; a share of service is a number of days over at most so many
FACTORS = {
    "fixed": ("base",),
    "bands": ("base", "share"),
    "coefficient": ("base", "coefficient"),
    "product": ("base", "coefficient", "unit_coefficient"),
    "rank_pool": (),
    "share_pool": ("base", "coefficient"),
}
POOLED = ("rank_pool", "share_pool")
COMPARED = ("company", "department")
RESULTS, SHARED = SHEETS["results"], SHEETS["pay_results"]
LACKING = {
    "pay-without-total": RESULTS["total"].name,
    "pay-without-base": SHARED["base"].name,
    "pay-outside-bands": SHARED["share"].name,
    "pay-without-grade": SHARED["coefficient"].name,
    "fund-missing": SHEETS["funds"].title,
}
NO_POOL = Text("", "")
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
        }


def pay(
    people: pd.DataFrame,
    scheme: Scheme,
    funds: Table,
    ancestors: Mapping[str, Sequence[str]],
    names: Mapping[str, str],
    when: When,
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

    Returns
    -------
    Pay, and the problems: who is not paid, who lacks what an amount needs, and funds that are missing or left over.

    Examples
    --------
    >>> from datetime import date
    >>> from xlperf.conditions import ALWAYS
    >>> from xlperf.schemes import load
    >>> from xlperf.tables import empty
    >>> bonus = PayItem("bonus", Text("奖金", "Bonus"), "coefficient", "base_pay", "", (), "", "company", ALWAYS, False)
    >>> people = pd.DataFrame([{"employee_id": "E1", "name": "Li", "department": "N", "department_name": "North",
    ...     "total": 91.0, "coefficient": 1.2, "base_pay": 6000.0, "status": "active", "scored": True, "service": 1.0}])
    >>> october = When(date(2026, 10, 1), date(2026, 10, 31), date(2026, 9, 1), date(2026, 9, 30))
    >>> paid, _ = pay(people, replace(load("service-team"), pay=(bonus,)), empty("funds"), {}, {}, october)
    >>> paid.totals.to_dict(), paid.people["evidence"][0].en
    ({'E1': 7200.0}, '6,000.00 × 1.2 = 7,200.00')
    """
    reason = _unpaid(people, scheme.settings)
    problems = [*_notes(people, reason, scheme), *_unknown_items(funds, scheme)] if scheme.pay else []
    paid: list[pd.DataFrame] = []
    pools: list[pd.DataFrame] = []
    for position, item in enumerate(scheme.pay):
        if item.way not in FACTORS:
            continue
        line = _Line(scheme, position, item, _funds_of(funds, item), ancestors, names)
        try:
            meets = _meeting(item, people, when)
        except Misread as fault:
            problems.append(line.problem(fault.code, "where", **fault.details))
            continue
        rows = people[(reason == "") & meets].sort_values("employee_id", ignore_index=True)
        problems += [*_base_sound(line, rows), *_funds_sound(line)]
        rows = _with_factors(line, rows)
        gaps = _gaps(line, rows)
        problems += _gap_problems(line, rows, gaps)
        if item.way in POOLED:
            shared, pool_rows, found = _from_pools(line, rows, gaps)
            pools.append(pool_rows)
            problems += found
        else:
            shared = _singly(line, rows, gaps)
        paid.append(shared)
    everybody = _joined(paid, "pay_results")
    return Pay(everybody, _joined(pools, "pay_pools"), _totals(everybody, people["employee_id"])), problems


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
        return [*named, "service"] if self.item.prorate and self.item.way != "rank_pool" else named

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
    mine = funds["item"].isin([item.code, *item.name]).to_numpy()
    frame = funds.frame[mine].reset_index(drop=True)
    unit = frame["unit"].fillna(COMPANY)
    if item.pool_by == "staff_class":
        unit = unit.map({word: WORDS["staff_class"].find(word) or word for word in unit.unique()})
    return replace(funds, frame=frame.assign(unit=unit), rows=funds.rows[mine], not_applicable={})


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
    """The base column holds amounts, and none below zero where a pool is shared by it."""
    given = people.get(line.item.base)
    if given is None:
        return
    if not pd.api.types.is_numeric_dtype(given.dtype):
        yield line.problem("pay-base-text", "base", base=_heading(line.item.base))
    elif line.item.way == "share_pool" and (given < 0).any():
        ids = people["employee_id"][given < 0]
        yield line.problem("pay-base-negative", "base", base=_heading(line.item.base), people=some(ids))


def _heading(column: str) -> Text:
    known = SHEETS["employees"].by_code.get(column)
    return known.name if known else Text(column, column)


def _with_factors(line: _Line, people: pd.DataFrame) -> pd.DataFrame:
    """Return the people with the unit whose fund they share in, and the factors of the item, NaN where not used."""
    rows = people[["employee_id", "name", "department", "department_name", "total"]].copy()
    rows["unit"] = _units(line, people)
    used = {*line.factors(), "base"}
    for factor in ("base", "share", "coefficient", "unit_coefficient", "service"):
        rows[factor] = _factor(line, factor, people, rows["unit"]) if factor in used else np.nan
    return rows


def _factor(line: _Line, factor: str, people: pd.DataFrame, unit: pd.Series) -> Any:
    match factor:
        case "base":
            given = people.get(line.item.base)
            return given if given is not None and pd.api.types.is_numeric_dtype(given.dtype) else np.nan
        case "share":
            return band_values(people["total"], line.scheme.bands.get(line.item.band_set, ()))
        case "unit_coefficient":
            stated = line.fund("coefficient")
            return unit.map(stated).astype(np.float64).fillna(stated.get(COMPANY, np.nan))
        case _:
            return people[factor]


def _units(line: _Line, people: pd.DataFrame) -> pd.Series:
    """Return the unit whose fund everybody shares in, or would share in if it had one."""
    item = line.item
    if item.way == "product":
        return _nearest(people["department"], line.fund("coefficient").index, line.ancestors)
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
    no_total = rows["total"].isna() if way in ("bands", "rank_pool") else pd.Series(False, rows.index)
    gaps = {"pay-without-total": no_total}
    if "base" in factors:
        gaps["pay-without-base"] = rows["base"].isna()
    if "share" in factors:
        gaps["pay-outside-bands"] = rows["share"].isna() & ~no_total
    if "coefficient" in factors:
        gaps["pay-without-grade"] = rows["coefficient"].isna()
    if way == "product":
        gaps["fund-missing"] = rows["unit_coefficient"].isna()
    if way in POOLED:
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


def _singly(line: _Line, rows: pd.DataFrame, gaps: Mapping[str, Mask]) -> pd.DataFrame:
    """Multiply the factors of everybody who has all of them."""
    known, factors = _complete(gaps), line.factors()
    members = rows[known]
    cents = _half_up(_product(members, factors) * CENTS)
    products = _products_shown(members, factors)
    equations = [f"{each} = {amount}" for each, amount in zip(products, _money(cents), strict=True)]
    found = pd.DataFrame({"amount": _as_money(cents)}, index=members.index)
    shown = products if factors == ["base"] else equations
    return _settled(line, rows.join(found), gaps, [Text(each, each) for each in shown])


def _complete(gaps: Mapping[str, Mask]) -> Mask:
    return np.asarray(~np.logical_or.reduce(list(gaps.values())))


def _settled(line: _Line, rows: pd.DataFrame, gaps: Mapping[str, Mask], sentences: Sequence[Text]) -> pd.DataFrame:
    """Return the rows of the sheet; ``sentences`` are the evidence of those who lack nothing."""
    known = _complete(gaps)
    evidence = np.empty(len(rows), object)
    evidence[known] = _column(sentences)
    evidence[~known] = _column(_lacks(gaps, ~known))
    pooled = line.item.way in POOLED
    names = {unit: line.unit_name(unit) for unit in rows["unit"].dropna().unique()} if pooled else {}
    pools = _column([names.get(unit, NO_POOL) for unit in rows["unit"]])
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
    pool = np.asarray(funds.index.get_indexer(pd.Index(members["unit"])), np.intp)
    amounts = _half_up(_exact(funds.to_numpy(np.float64)) * CENTS)
    shares, order = _shares(line, members, pool), _better_first(members["total"])
    cents = in_cents(amounts[pool] * shares, pool, order)
    together, apart = _compared(line, members, pool, amounts, cents, order)
    found = {"amount": _as_money(cents), "company_amount": together, "department_amount": apart}
    found |= {"share": shares.astype(np.float64), "place": np.nan}
    if line.item.way == "rank_pool":
        found["place"] = _places(members["total"], pool)[0].astype(np.float64)
        sentences = _by_place(line, members, pool, amounts, shares, cents)
    else:
        sentences = _by_weight(line, members, pool, amounts, cents)
    whole = rows.drop(columns="share").join(pd.DataFrame(found, index=members.index))
    paid = _sums(cents, pool, len(funds))
    pools = pd.DataFrame(
        {
            "pay_item": _column([line.item.name] * len(funds)),
            "pool": _column([line.unit_name(unit) for unit in funds.index]),
            "amount": _as_money(amounts),
            "people": np.bincount(pool, minlength=len(funds)),
            "paid": _as_money(paid),
            "left": _as_money(amounts - paid),
        }
    )
    problems = [*_left_over(line, pools, funds.index), *_places_reversed(line, members, pool, shares, funds.index)]
    return _settled(line, whole, gaps, sentences), pools, problems


def _shares(line: _Line, members: pd.DataFrame, pool: Integers) -> Exact:
    """Return everybody's share of the pool that they are in; pools are numbered."""
    if line.item.way == "share_pool":
        return _portions(_product(members, line.factors()), pool)
    return place_shares(members["total"], pool, line.item.shares, line.item.remainder)


def place_shares(totals: npt.ArrayLike, pool: npt.ArrayLike, shares: Sequence[Fraction], remainder: str) -> Exact:
    """Return what everybody's place in the pool earns, as exact shares of the pool.

    Parameters
    ----------
    totals : n numbers, none missing
    pool : n numbers of pools: 0, 1, 2 and so on
    shares : what the first, the second, the third place and so on earn
        People with equal totals add up the shares of the places that they occupy, and divide them equally.
    remainder : "unallocated", "equal" or "by_score"
        What the people beyond these places get of the rest: nothing, equal parts, or parts in proportion to their
        totals (a total below zero counts as zero).

    Examples
    --------
    >>> shares = [Fraction(3, 10), Fraction(2, 10)]
    >>> place_shares([95, 90, 80, 70], [0, 0, 0, 0], shares, "equal").astype(float).tolist()
    [0.3, 0.2, 0.25, 0.25]
    >>> place_shares([95, 95, 80, 70], [0, 0, 0, 0], shares, "unallocated").astype(float).tolist()
    [0.25, 0.25, 0.0, 0.0]
    """
    group = np.asarray(pool, np.intp)
    place, tied = _places(totals, group)
    so_far = np.array([*accumulate(shares, initial=Fraction(0))], object)
    listed = len(shares)
    earned: Exact = (so_far[np.minimum(place - 1 + tied, listed)] - so_far[np.minimum(place - 1, listed)]) / tied
    if remainder not in ("equal", "by_score"):
        return earned
    merit = np.maximum(np.asarray(totals, np.float64), 0.0) if remainder == "by_score" else np.ones(len(group))
    left = 1 - _sums(earned, group, _count(group))
    parts = _portions(_exact(np.where(place > listed, merit, 0.0)), group)
    return np.asarray(earned + left[group] * parts)


def in_cents(parts: npt.ArrayLike, pool: npt.ArrayLike, order: npt.ArrayLike) -> Exact:
    """Round the exact parts of pools to whole cents, so that they add up to what the parts of each pool add up to.

    ``parts`` are exact numbers of cents, not below zero; their sum is rounded half up. Of equal fractions of a cent
    that which comes first in ``order`` is rounded up.

    Examples
    --------
    >>> in_cents([Fraction(10000, 3)] * 3, [0, 0, 0], [2, 0, 1]).tolist()
    [3333, 3334, 3333]
    """
    exact, group = np.asarray(parts, object), np.asarray(pool, np.intp)
    whole = exact // 1
    size = pd.factorize(exact - whole, sort=True)[0]
    spare = _half_up(_sums(exact, group, _count(group))) - _sums(whole, group, _count(group))
    by_size = np.lexsort((np.asarray(order), -size, group))
    turn = np.empty(len(group), np.intp)
    turn[by_size] = pd.Series(group[by_size]).groupby(group[by_size]).cumcount()
    return whole + (turn < spare[group]).astype(np.intp)


def _places(totals: npt.ArrayLike, pool: Integers) -> tuple[Integers, Integers]:
    """Return everybody's place in the pool (1, 2, 2, 4), and how many people share it."""
    frame = pd.DataFrame({"pool": pool, "total": np.asarray(totals, np.float64)})
    place = frame.groupby("pool")["total"].rank(method="min", ascending=False)
    tied = frame.groupby(["pool", "total"])["total"].transform("size")
    return place.to_numpy(np.intp), tied.to_numpy(np.intp)


def _better_first(totals: pd.Series) -> Integers:
    """Number people from the best total down; they stand in the order of their IDs, which tells equal totals apart."""
    order = np.empty(len(totals), np.intp)
    order[np.argsort(-totals.to_numpy(np.float64), kind="stable")] = np.arange(len(totals))
    return order


def _compared(
    line: _Line, members: pd.DataFrame, pool: Integers, amounts: Exact, cents: Exact, order: Integers
) -> tuple[npt.ArrayLike, npt.ArrayLike]:
    """Return what everybody would get if the money were one pool of the company, and if each department had its own.

    The funds of departments together make the company's; the fund of the company is split by what the departments'
    bases add up to, or by heads where the item has no base.
    """
    company = np.zeros(len(members), np.intp)
    if line.item.pool_by == "department":
        parts = in_cents(amounts.sum() * _shares(line, members, company), company, order)
        return _as_money(parts), _as_money(cents)
    if line.item.pool_by != "company":
        return np.nan, np.nan
    department = np.asarray(pd.factorize(members["department"].fillna(""), sort=True)[0], np.intp)
    size = np.nan_to_num(members["base"].to_numpy(np.float64)) if line.item.base else np.ones(len(members))
    portions = _sums(_portions(_exact(size), company), department, _count(department))
    funds = in_cents(amounts[pool[:1]].sum() * portions, np.zeros(len(portions), np.intp), np.arange(len(portions)))
    parts = in_cents(funds[department] * _shares(line, members, department), department, order)
    return _as_money(cents), _as_money(parts)


def _left_over(line: _Line, pools: pd.DataFrame, units: pd.Index) -> Iterator[Problem]:
    """Report funds in which nobody shares, and remainders that nobody is there to take."""
    for unit, name, amount, paid, left in zip(
        units, pools["pool"], pools["amount"], pools["paid"], pools["left"], strict=True
    ):
        details = {"item": line.item.name, "pool": name, "amount": f"{amount:,.2f}", "left": f"{left:,.2f}"}
        cells = line.funds.cells("unit", np.flatnonzero(line.funds["unit"] == unit))
        if left > 0 and not paid:
            yield Problem("fund-without-people", line.funds.title, cells, details)
        elif left > 0 and line.item.remainder != "unallocated":
            yield Problem("remainder-left", line.funds.title, cells, details)


def _places_reversed(
    line: _Line, members: pd.DataFrame, pool: Integers, shares: Exact, units: pd.Index
) -> Iterator[Problem]:
    """Report pools in which a later place earns more than an earlier one."""
    if line.item.way != "rank_pool":
        return
    order = np.lexsort((-members["total"].to_numpy(np.float64), pool))
    group, earned = pool[order], shares[order]
    more = (group[1:] == group[:-1]) & (earned[1:] > earned[:-1]).astype(bool)
    if more.any():
        pools = [line.unit_name(units[each]) for each in np.unique(group[1:][more])]
        yield line.problem("pay-places-reversed", "remainder", pools=pools[:8])


def _exact(values: npt.NDArray[np.float64]) -> Exact:
    """Read each number as the decimal that a sheet shows."""
    read = {value: fraction_of(value) for value in set(values.tolist())}
    return _column([read[value] for value in values.tolist()])


def _days(shares: npt.NDArray[np.float64]) -> Exact:
    """Read each share of service as so many days of the period: 0.3225806451612903 is 10/31."""
    read = {value: Fraction(value).limit_denominator(MOST_DAYS) for value in set(shares.tolist())}
    return _column([read[value] for value in shares.tolist()])


def _product(rows: pd.DataFrame, factors: Iterable[str]) -> Exact:
    columns = ((_days if factor == "service" else _exact)(rows[factor].to_numpy(np.float64)) for factor in factors)
    return reduce(mul, columns, _column([Fraction(1)] * len(rows)))


def _half_up(exact: Exact) -> Exact:
    """Round to whole numbers, halves away from zero."""
    size = (2 * abs(exact) + 1) // 2
    return np.where(exact < 0, -size, size)


def _count(pool: Integers) -> int:
    return int(pool.max(initial=-1)) + 1


def _sums(values: Exact, pool: Integers, count: int) -> Exact:
    """Add the values of each pool up."""
    sums = _column([Fraction(0)] * count)
    np.add.at(sums, pool, values)
    return sums


def _portions(weights: Exact, pool: Integers) -> Exact:
    """Return each weight as a portion of its pool's; nothing where the pool's weights add up to nothing."""
    sums = _sums(weights, pool, _count(pool))
    return np.asarray(weights / np.where(sums == 0, 1, sums)[pool])


def _as_money(cents: Exact) -> npt.NDArray[np.float64]:
    return np.asarray(cents, np.float64) / CENTS


def _column(values: Sequence[object]) -> Exact:
    return np.fromiter(values, object, len(values))


def _joined(frames: Sequence[pd.DataFrame], sheet: str) -> pd.DataFrame:
    columns = [column.code for column in SHEETS[sheet]]
    return pd.concat(frames, ignore_index=True)[columns] if frames else pd.DataFrame(columns=columns)


def _totals(paid: pd.DataFrame, ids: pd.Series) -> pd.Series:
    sums = paid.groupby("employee_id")["amount"].sum(min_count=1).reindex(pd.Index(ids, name="employee_id"))
    return pd.Series(round_half_up(sums.to_numpy(np.float64)), sums.index, name="pay")


def _money(cents: Exact) -> list[str]:
    return [f"{Decimal(int(each)).scaleb(-2):,.2f}" for each in cents]


def _products_shown(rows: pd.DataFrame, factors: Sequence[str]) -> list[str]:
    """Write the factors of everybody as a product: 6,000.00 × 1.2."""
    columns = [_factor_shown(factor, rows[factor].to_numpy(np.float64)) for factor in factors]
    return [" × ".join(parts) for parts in zip(*columns, strict=True)]


def _factor_shown(factor: str, values: npt.NDArray[np.float64]) -> list[str]:
    match factor:
        case "base":
            return _money(_half_up(_exact(values) * CENTS))
        case "share":
            return _percents(values)
        case "service":
            return [str(each) for each in _days(values)]
        case _:
            return [f"{each:.10g}" for each in values]


def _percents(shares: npt.ArrayLike) -> list[str]:
    return [f"{each:.10g}%" for each in round_half_up(np.asarray(shares, np.float64) * 100, 4)]


def _by_weight(line: _Line, members: pd.DataFrame, pool: Integers, amounts: Exact, cents: Exact) -> list[Text]:
    factors = line.factors()
    weights = _products_shown(members, factors)
    if len(factors) > 1:
        weights = [f"({each})" for each in weights]
    sums = _sums(_product(members, factors), pool, _count(pool))
    shown = np.array([f"{each:,.4f}".rstrip("0").rstrip(".") for each in sums.astype(np.float64)], object)
    parts = [
        f"{fund} × {weight} ÷ {whole} = {amount}"
        for fund, weight, whole, amount in zip(_money(amounts[pool]), weights, shown[pool], _money(cents), strict=True)
    ]
    return [Text(f"奖金池 {each}", f"pool {each}") for each in parts]


def _by_place(
    line: _Line, members: pd.DataFrame, pool: Integers, amounts: Exact, shares: Exact, cents: Exact
) -> list[Text]:
    place, tied = _places(members["total"], pool)
    beyond = (place > len(line.item.shares)) & (line.item.remainder != "unallocated")
    size = np.bincount(pool)[pool]
    columns = (_money(amounts[pool]), _percents(shares), place, size, tied, beyond, _money(cents))
    return [_place_sentence(*row) for row in zip(*columns, strict=True)]


def _place_sentence(fund: str, share: str, place: int, size: int, tied: int, beyond: bool, amount: str) -> Text:
    zh, en = f"第 {place} 名，共 {size} 人", f"place {place} of {size}"
    if tied > 1:
        zh, en = f"{zh}，{tied} 人并列", f"{en}, shared by {tied}"
    if beyond:
        zh, en = f"{zh}，分剩余部分", f"{en}, from the rest"
    return Text(f"奖金池 {fund} × {share}（{zh}）= {amount}", f"pool {fund} × {share} ({en}) = {amount}")
