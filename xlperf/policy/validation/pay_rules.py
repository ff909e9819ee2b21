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
    "rank_pool": ("shares", "remainder"),
    "share_pool": (),
}
BY_COEFFICIENT = ("coefficient", "product", "share_pool")
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
        if item.way == "rank_pool" and item.prorate:
            yield from report(scheme, "prorate-unused", "pay", "prorate", [position], item=item.name)


def check_conditions_before_pay(scheme: Scheme) -> Iterator[Problem]:
    """Who takes part does not depend on what follows from the pay."""
    for position, item in enumerate(scheme.pay):
        for code in sorted({column.code for column in columns_in(item.where)} & set(AFTER_PAY)):
            yield from report(scheme, "pay-condition-later", "pay", "where", [position], item=item.name,
                     column=SHEETS["results"][code].name)  # fmt: skip


CHECKS: tuple[Check, ...] = (
    check_columns_filled,
    check_codes_unique,
    check_units_whole,
    check_shares_fit,
    check_bands_known,
    check_coefficients_given,
    check_places_not_prorated,
    check_conditions_before_pay,
)
