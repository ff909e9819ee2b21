"""Checks what the total of a longer period is made of."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from xlperf.core.numbers import SHARE_TOLERANCE, fraction_of
from xlperf.core.problems import Problem
from xlperf.core.vocabulary import WORDS
from xlperf.policy.scheme import Part, Scheme
from xlperf.policy.validation.addressing import Check, listed, report
from xlperf.schema import SHEETS

INNER = {"checks": ("each", "kind"), "periods": ("each", "days", "months")}
IDLE = {
    "checks": ("part_kind",),
    "periods": ("check_kinds",),
    "appraisal": ("check_kinds", "part_kind", "inner"),
}
BY_LENGTH = ("week", "month", "quarter", "half", "year")


def check_weights_total(scheme: Scheme) -> Iterator[Problem]:
    """The weights of the parts of each kind of period total 100 %, and none is negative."""
    for kind, rows in _by_period_kind(scheme).items():
        weights = [scheme.parts[row].weight for row in rows]
        total = sum((fraction_of(weight) for weight in weights if weight == weight), Fraction(0))
        details = {"kind": WORDS["period_kind"][kind], "sum": f"{float(total):.10g}%", "listed": listed(weights, "%")}
        if any(weight < 0 for weight in weights):
            yield from report(scheme, "part-negative", "parts", "weight", rows, **details)
        elif abs(total - 100) > SHARE_TOLERANCE:
            gap = f"{float(100 - total):+.10g}%"
            yield from report(scheme, "parts-not-100", "parts", "weight", rows, gap=gap, **details)


def _by_period_kind(scheme: Scheme) -> dict[str, list[int]]:
    """Return the rows of the parts of each kind of period; one without a kind is reported by the reader."""
    rows: dict[str, list[int]] = {}
    for row, part in enumerate(scheme.parts):
        if part.period_kind:
            rows.setdefault(part.period_kind, []).append(row)
    return rows


def check_smaller_periods(scheme: Scheme) -> Iterator[Problem]:
    """A part made of periods says which ones, and they are smaller; custom periods say themselves where they belong."""
    kinds = WORDS["period_kind"]
    for row, part in enumerate(scheme.parts):
        if part.source != "periods":
            continue
        if not part.part_kind:
            yield from report(scheme, "part-kind-missing", "parts", "part_kind", [row], part=part.name)
        elif not _smaller(part.part_kind, part.period_kind):
            yield from report(scheme, "part-kind-not-smaller", "parts", "part_kind", [row], part=part.name,
                     kind=kinds[part.part_kind], period_kind=kinds[part.period_kind])  # fmt: skip


def _smaller(kind: str, than: str) -> bool:
    if kind not in BY_LENGTH or than not in BY_LENGTH:
        return True
    return BY_LENGTH.index(kind) < BY_LENGTH.index(than)


def check_cells_fit(scheme: Scheme) -> Iterator[Problem]:
    """The weights inside fit the source, and no cell is filled that the source has no use for."""
    table, words = scheme.table("parts"), WORDS["inner_weight"]
    for row, part in enumerate(scheme.parts):
        source = WORDS["part_source"].get(part.source)
        if source is None:
            continue
        allowed = INNER.get(part.source)
        if allowed and part.inner not in allowed:
            yield from report(scheme, "part-inner", "parts", "inner", [row], part=part.name, source=source,
                     cell=words[part.inner], allowed=[words[each] for each in allowed])  # fmt: skip
        for column in IDLE[part.source]:
            if isinstance(table[column].iloc[row], str):
                yield from report(scheme, "part-idle", "parts", column, [row], part=part.name, source=source,
                         column=SHEETS["parts"][column].name)  # fmt: skip


def check_counted_once(scheme: Scheme) -> Iterator[Problem]:
    """Codes differ among the parts of one kind of period, and no two parts count the same."""
    for rows in _by_period_kind(scheme).values():
        for position, row in enumerate(rows):
            part = scheme.parts[row]
            for earlier in rows[:position]:
                other = scheme.parts[earlier]
                if part.code == other.code:
                    yield from report(scheme, "part-code-twice", "parts", "code", [earlier, row], cell=part.code)
                if _overlap(part, other):
                    yield from report(scheme, "part-counted-twice", "parts", "source", [earlier, row],
                             first=other.name, second=part.name)  # fmt: skip


def _overlap(part: Part, other: Part) -> bool:
    if part.source != other.source:
        return False
    if part.source == "periods":
        return part.part_kind == other.part_kind
    if part.source == "checks" and part.check_kinds and other.check_kinds:
        return bool(set(part.check_kinds) & set(other.check_kinds))
    return True


CHECKS: tuple[Check, ...] = (check_weights_total, check_smaller_periods, check_cells_fit, check_counted_once)
