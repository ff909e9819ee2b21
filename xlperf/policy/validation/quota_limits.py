"""Checks the sheet Distribution: limits that can be understood, and that do not contradict each other or the shares."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from xlperf.core.problems import Problem, Text
from xlperf.core.spans import Span, contradicting
from xlperf.core.vocabulary import WORDS
from xlperf.policy.scheme import QuotaLimit, Scheme
from xlperf.policy.validation.addressing import Check, as_percent, report
from xlperf.policy.validation.basics import exact_shares

SHEET = "distribution"


def limit_text(limit: QuotaLimit, scheme: Scheme) -> Text:
    """Say a limit in words.

    >>> from dataclasses import replace
    >>> from xlperf.policy.schemes import load
    >>> scheme, unknown = load("service-team"), float("nan")
    >>> best = (scheme.grades[0].code, scheme.grades[1].code)
    >>> one = QuotaLimit("1", best, "at_most", Fraction(1, 5), Fraction(0), "", "", unknown, unknown)
    >>> limit_text(one, scheme).zh, limit_text(replace(one, kind="within", tolerance=Fraction(1, 50)), scheme).zh
    ('优秀、良好合计不超过 20%', '优秀、良好合计 20%（上下浮动 2%）')
    """
    names = [grade.name for grade in scheme.grades if grade.code in limit.grades]
    word, share = WORDS["quota_limit"].get(limit.kind, Text("", "")), as_percent(limit.share)
    zh, en = "、".join(name.zh for name in names), " + ".join(name.en for name in names)
    zh, en = (f"{zh}合计" if len(names) > 1 else f"{zh} "), f"{en} together" if len(names) > 1 else en
    if limit.kind == "within":
        allowed = as_percent(limit.tolerance)
        return Text(f"{zh.rstrip()} {share}（上下浮动 {allowed}）", f"{en} {share} (± {allowed})")
    return Text(f"{zh}{word.zh} {share}", f"{en} {word.en} {share}")


def span_of(limit: QuotaLimit, scheme: Scheme, least: int | Fraction, most: int | Fraction) -> Span:
    """Return a limit, which is ``least`` and ``most``, between the line above its best grade and that of its worst."""
    places = [position for position, grade in enumerate(scheme.grades) if grade.code in limit.grades]
    return Span(places[0], places[-1] + 1, least, most)


def is_sound(limit: QuotaLimit, scheme: Scheme) -> bool:
    """Whether a limit can be held against a pool: neighbouring grades, a share from 0 to 1, a range of scores."""
    places = [position for position, grade in enumerate(scheme.grades) if grade.code in limit.grades]
    return (
        bool(places)
        and places == list(range(places[0], places[-1] + 1))
        and limit.kind in WORDS["quota_limit"]
        and 0 <= limit.share <= 1
        and (limit.kind == "within") == (limit.tolerance > 0)
        and not limit.unit_from >= limit.unit_below
    )


def check_limits_sound(scheme: Scheme) -> Iterator[Problem]:
    """Each limit names neighbouring grades, a share from 0 % to 100 %, and a tolerance where one is meant."""
    order = [grade.code for grade in scheme.grades]
    for position, limit in enumerate(scheme.quota_limits):
        places = [order.index(code) for code in limit.grades]
        if places and places != list(range(places[0], places[-1] + 1)):
            yield from report(scheme, "limit-grades-apart", SHEET, "grades", [position], grades=list(limit.grades),
                              order=order)  # fmt: skip
        if not 0 <= limit.share <= 1:
            yield from report(scheme, "limit-share", SHEET, "share", [position], share=as_percent(limit.share))
        if (limit.kind == "within") != (limit.tolerance > 0):
            yield from report(scheme, "limit-tolerance", SHEET, "tolerance", [position],
                              limit=WORDS["quota_limit"].get(limit.kind, Text("", "")),
                              tolerance=as_percent(limit.tolerance))  # fmt: skip
        if limit.unit_from >= limit.unit_below:
            yield from report(scheme, "limit-scores", SHEET, "unit_from", [position], low=limit.unit_from,
                              high=limit.unit_below)  # fmt: skip


def check_limits_agree(scheme: Scheme) -> Iterator[Problem]:
    """The limits that hold for every pool can hold together, and each limit of some departments with them."""
    if not _readable(scheme):
        return
    limits = scheme.quota_limits
    everywhere = [i for i, each in enumerate(limits) if not each.by_unit]
    cases = [everywhere, *(sorted([*everywhere, i]) for i, each in enumerate(limits) if each.by_unit)]
    told: set[tuple[int, ...]] = set()
    for case in cases:
        spans = [span_of(limits[i], scheme, limits[i].least, limits[i].most) for i in case]
        rows = tuple(case[each] for each in contradicting(len(scheme.grades), Fraction(1), spans))
        if rows and rows not in told:
            told.add(rows)
            yield from report(scheme, "limits-contradict", SHEET, "share", rows, limits=_listed(scheme, rows))


def check_limits_fit_shares(scheme: Scheme) -> Iterator[Problem]:
    """Where grades are given by quota alone, their shares keep the limits that hold for every pool."""
    if not _readable(scheme) or scheme.settings.grading != "quota":
        return
    shares = dict(zip((grade.code for grade in scheme.grades), exact_shares(scheme), strict=True))
    for position, limit in enumerate(scheme.quota_limits):
        share = sum((shares[code] for code in limit.grades), Fraction(0))
        if not limit.by_unit and not limit.least <= share <= limit.most:
            yield from report(scheme, "limit-against-shares", SHEET, "share", [position],
                              limit=limit_text(limit, scheme), share=as_percent(share),
                              sheet=scheme.table("grades").title)  # fmt: skip


def check_units_are_scored(scheme: Scheme) -> Iterator[Problem]:
    """A limit by the department's own result needs pools by department, and departments that are scored."""
    for position, limit in enumerate(scheme.quota_limits):
        if not limit.by_unit:
            continue
        column = (
            "unit_grade" if limit.unit_grade else "unit_from" if limit.unit_from == limit.unit_from else "unit_below"
        )
        if scheme.settings.pool_by[-1:] != ("department",):
            yield from report(scheme, "limit-needs-departments", SHEET, column, [position])
        elif not scheme.of_level("department"):
            yield from report(scheme, "limit-needs-scores", SHEET, column, [position])


def _readable(scheme: Scheme) -> bool:
    """Whether every limit was understood, so that they can be compared."""
    rows = range(len(scheme.quota_limits))
    return scheme.is_read(SHEET, rows) and all(is_sound(each, scheme) for each in scheme.quota_limits)


def _listed(scheme: Scheme, rows: Sequence[int]) -> list[Text]:
    return [limit_text(scheme.quota_limits[row], scheme) for row in rows]


CHECKS: tuple[Check, ...] = (
    check_limits_sound,
    check_limits_agree,
    check_limits_fit_shares,
    check_units_are_scored,
)
