"""Checks the Pay sheet: every way has what it needs, and the shares of places leave no doubt."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from xlperf.core.numbers import fraction_of
from xlperf.core.problems import Problem
from xlperf.core.spelling import similar
from xlperf.core.vocabulary import WORDS
from xlperf.policy.conditions import columns_in
from xlperf.policy.scheme import Scheme
from xlperf.policy.validation.addressing import Check, as_percent, report
from xlperf.schema import SHEETS

NEEDS = {
    "fixed": ("base",),
    "bands": ("base", "band_set"),
    "coefficient": ("base",),
    "product": ("base",),
    "total": ("base",),
    "total_coefficient": ("base",),
    "curve": ("curve",),
    "place_amounts": ("amounts",),
    "rank_pool": ("shares", "remainder"),
    "share_pool": (),
}
BY_COEFFICIENT = ("coefficient", "total_coefficient", "product", "share_pool")
POOLED = ("rank_pool", "place_amounts", "share_pool")
AFTER_PAY = ("pay", "outcome")


def check_columns_filled(scheme: Scheme) -> Iterator[Problem]:
    """A way of paying has the columns that it works with."""
    for position, item in enumerate(scheme.pay):
        for column in NEEDS.get(item.way, ()):
            if column == "remainder" and not item.remainder and item.shares:
                yield from report(scheme, "remainder-missing", "pay", column, [position], item=item.name,
                         sum=as_percent(sum(item.shares, Fraction(0))),
                         allowed=list(WORDS["pay_remainder"].values()))  # fmt: skip
            elif not getattr(item, column) and not _unreadable(scheme, column, position):
                yield from report(scheme, "pay-needs", "pay", column, [position], item=item.name,
                         way=WORDS["pay_way"][item.way], column=SHEETS["pay"][column].name)  # fmt: skip


def _unreadable(scheme: Scheme, column: str, position: int) -> bool:
    """Whether something stands in the cell after all, which was reported on reading."""
    return isinstance(scheme.table("pay")[column][position], str)


def check_units_whole(scheme: Scheme) -> Iterator[Problem]:
    """Amounts are rounded to a positive number of whole cents."""
    table = scheme.table("pay")
    for position, unit in enumerate(table["rounding_unit"]):
        if unit == unit and (unit <= 0 or fraction_of(unit) * 100 % 1):
            name = scheme.pay[position].name
            yield from report(scheme, "pay-unit", "pay", "rounding_unit", [position], item=name, cell=unit)


def check_codes_unique(scheme: Scheme) -> Iterator[Problem]:
    """Every item has a code of its own."""
    codes, table = [each.code for each in scheme.pay], scheme.table("pay")
    for code in sorted({each for each in codes if each and codes.count(each) > 1}):
        positions = [position for position, each in enumerate(codes) if each == code]
        yield from report(scheme, "key-twice", "pay", "code", positions, key=[code],
                 columns=[SHEETS["pay"]["code"].name],
                 rows=", ".join(str(table.rows[position]) for position in positions))  # fmt: skip


def check_shares_fit(scheme: Scheme) -> Iterator[Problem]:
    """The shares of the places do not exceed the pool."""
    for position, item in enumerate(scheme.pay):
        total = sum(item.shares, Fraction(0))
        if total > 1:
            yield from report(scheme, "places-over-100", "pay", "shares", [position], item=item.name,
                     sum=as_percent(total),
                     listed=" + ".join(map(as_percent, item.shares)), over=as_percent(total - 1))  # fmt: skip


def check_bands_known(scheme: Scheme) -> Iterator[Problem]:
    """The bands that an item names exist, and pay shares and not percentages.

    Their holes and overlaps are found with those of all other bands; a total beyond their ends earns nothing.
    """
    band_sets = list(scheme.table("bands")["band_set"])
    limit = scheme.settings.outlier
    for position, item in enumerate(scheme.pay):
        if item.way != "bands" or not item.band_set:
            continue
        if item.band_set not in scheme.bands:
            yield from report(scheme, "bands-missing", "pay", "band_set", [position], band_set=item.band_set,
                     near=similar(item.band_set, scheme.bands))  # fmt: skip
        rows = [row for row, name in enumerate(band_sets) if name == item.band_set]
        for row, (_, share) in zip(rows, scheme.bands.get(item.band_set, ()), strict=True):
            if share > limit:
                yield from report(scheme, "band-share-large", "bands", "points", [row], item=item.name,
                         share=share, percent=as_percent(fraction_of(share)), meant=share / 100)  # fmt: skip


def check_coefficients_given(scheme: Scheme) -> Iterator[Problem]:
    """Where the grade's coefficient counts, every grade has one."""
    items = [item for item in scheme.pay if item.way in BY_COEFFICIENT]
    for position, grade in enumerate(scheme.grades if items else ()):
        if grade.coefficient != grade.coefficient:
            yield from report(scheme, "coefficient-missing", "grades", "coefficient", [position], grade=grade.name,
                     items=[item.name for item in items])  # fmt: skip


def check_places_not_prorated(scheme: Scheme) -> Iterator[Problem]:
    """A place earns its share whatever the days of service."""
    for position, item in enumerate(scheme.pay):
        if item.way in ("rank_pool", "place_amounts") and item.prorate:
            yield from report(scheme, "prorate-unused", "pay", "prorate", [position], item=item.name)


def check_conditions_before_pay(scheme: Scheme) -> Iterator[Problem]:
    """Who takes part does not depend on what follows from the pay."""
    for position, item in enumerate(scheme.pay):
        for code in sorted({column.code for column in columns_in(item.where)} & set(AFTER_PAY)):
            yield from report(scheme, "pay-condition-later", "pay", "where", [position], item=item.name,
                     column=SHEETS["results"][code].name)  # fmt: skip


def check_curves_known(scheme: Scheme) -> Iterator[Problem]:
    """The curve that an item names is on the sheet, and so is the indicator that it asks for."""
    codes = [each.code for each in scheme.indicators]
    for position, item in enumerate(scheme.pay):
        if item.way == "curve" and item.curve and item.curve not in scheme.curves:
            yield from report(scheme, "curve-missing", "pay", "curve", [position], curve=item.curve,
                              near=similar(item.curve, scheme.curves))  # fmt: skip
        if item.figure and item.figure not in codes:
            yield from report(scheme, "code-unknown", "pay", "figure", [position], cell=item.figure,
                              near=similar(item.figure, codes), column=SHEETS["pay"]["figure"].name,
                              sheet=SHEETS["indicators"].title)  # fmt: skip


def check_limits_hold(scheme: Scheme) -> Iterator[Problem]:
    """Limits are not below zero and leave room between them; a pool has none: its parts add up to it already."""
    for position, item in enumerate(scheme.pay):
        limits = {"least": item.least, "most": item.most, "budget": item.budget}
        given = {column: limit for column, limit in limits.items() if limit is not None}
        for column, limit in given.items():
            if item.way in POOLED:
                yield from report(scheme, "pay-limit-pooled", "pay", column, [position], item=item.name,
                                  way=WORDS["pay_way"][item.way])  # fmt: skip
            elif limit < 0:
                yield from report(scheme, "pay-limit-negative", "pay", column, [position], item=item.name,
                                  cell=float(limit))  # fmt: skip
        if item.least is not None and item.most is not None and item.least > item.most:
            yield from report(scheme, "pay-limits-reversed", "pay", "least", [position], item=item.name,
                              least=float(item.least), most=float(item.most))  # fmt: skip


def check_amounts_fall(scheme: Scheme) -> Iterator[Problem]:
    """A later place is not worth more than an earlier one."""
    for position, item in enumerate(scheme.pay):
        if list(item.amounts) != sorted(item.amounts, reverse=True):
            yield from report(scheme, "amounts-rise", "pay", "amounts", [position], item=item.name,
                              listed=", ".join(f"{float(each):.10g}" for each in item.amounts))  # fmt: skip


CHECKS: tuple[Check, ...] = (
    check_columns_filled,
    check_curves_known,
    check_limits_hold,
    check_amounts_fall,
    check_codes_unique,
    check_units_whole,
    check_shares_fit,
    check_bands_known,
    check_coefficients_given,
    check_places_not_prorated,
    check_conditions_before_pay,
)
