"""Checks the pairwise comparisons: which judgements belong together, which are missing, and which contradict."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

from xlperf.core.problems import Problem, Text
from xlperf.policy.scheme import UNSCORED, Dimension, Indicator, Scheme
from xlperf.policy.validation.addressing import Check, report

ALL_DIMENSIONS = Text("维度之间", "the dimensions")


@dataclass(frozen=True)
class ComparisonSet:
    """What is compared among itself: the dimensions, or the indicators of one dimension and position group.

    ``within`` is empty for the dimensions. ``positions`` are the rows of the items on their policy sheet; ``ratios``
    holds the judgements by the items' positions in ``items``, the smaller first, as often as they were given.
    """

    within: str
    name: Text
    group: str
    items: tuple[Dimension | Indicator, ...]
    positions: tuple[int, ...]
    ratios: Mapping[tuple[int, int], tuple[Fraction, ...]]

    @property
    def sheet(self) -> str:
        """The policy sheet that its items stand on."""
        return "indicators" if self.within else "dimensions"

    @property
    def started(self) -> bool:
        """Whether anything has been judged."""
        return bool(self.ratios)

    @property
    def missing(self) -> list[tuple[int, int]]:
        """The pairs of items that nobody has judged."""
        return [pair for pair in combinations(range(len(self.items)), 2) if pair not in self.ratios]

    @property
    def contradictions(self) -> list[tuple[int, int]]:
        """The pairs of items that were judged more than once, and differently."""
        return [pair for pair, given in self.ratios.items() if len(set(given)) > 1]

    @property
    def complete(self) -> bool:
        """Whether there is exactly one judgement of every pair, so that weights follow."""
        return self.started and not self.missing and not self.contradictions


def comparison_sets(scheme: Scheme) -> list[ComparisonSet]:
    """Return what can be compared: first the dimensions, then the indicators of each dimension.

    Position groups are compared apart, each with the indicators of everybody, unless they have the same. What carries
    no weight (vetoes, indicators of weight 0 that nobody compares) is left out.

    >>> from xlperf.policy.schemes import load
    >>> [each.name.en for each in comparison_sets(load("service-team"))][:1]
    ['the dimensions']
    """
    compared = {code for pair in scheme.pairs for code in (pair.first, pair.second)}
    weighed = [(i, each) for i, each in enumerate(scheme.indicators) if _weighs(each, compared)]
    sets = [_set(scheme, "", ALL_DIMENSIONS, *each) for each in _sets_of_dimensions(scheme, weighed)]
    for dimension in scheme.dimensions:
        inside = [(i, each) for i, each in weighed if each.dimension == dimension.code]
        for group in _groups(inside):
            members = [(i, each) for i, each in inside if each.group in ("", group)]
            if members:
                sets.append(_set(scheme, dimension.code, dimension.name, group, members))
    return sets


def _weighs(each: Indicator, compared: Collection[str]) -> bool:
    veto = each.rule != UNSCORED and each.card.veto
    return "employee" in each.levels and not veto and (each.weight != 0 or each.code in compared)


def _groups(indicators: Sequence[tuple[int, Indicator]]) -> list[str]:
    """Return the position groups that have indicators of their own; the one without a name where there are none."""
    return sorted({each.group for _, each in indicators if each.group}) or [""]


def _sets_of_dimensions(
    scheme: Scheme, weighed: Sequence[tuple[int, Indicator]]
) -> list[tuple[str, list[tuple[int, Dimension]]]]:
    """Return the dimensions that total 100 % among themselves: those of a position group, or all that there are."""
    used: dict[frozenset[str], str] = {}
    for group in _groups(weighed):
        used.setdefault(frozenset(each.dimension for _, each in weighed if each.group in ("", group)), group)
    if scheme.settings.weight_basis == "dimension" or len(used) == 1:
        used = {frozenset(each.dimension for _, each in weighed): ""}
    dimensions = list(enumerate(scheme.dimensions))
    return [(group, [(i, each) for i, each in dimensions if each.code in codes]) for codes, group in used.items()]


def _set(
    scheme: Scheme,
    within: str,
    name: Text,
    group: str,
    members: Sequence[tuple[int, Dimension | Indicator]],
) -> ComparisonSet:
    place = {each.code: k for k, (_, each) in enumerate(members)}
    ratios: dict[tuple[int, int], tuple[Fraction, ...]] = {}
    for pair in scheme.pairs:
        if pair.within == within and pair.first != pair.second and {pair.first, pair.second} <= place.keys():
            first, second = place[pair.first], place[pair.second]
            ratio = pair.ratio if first < second else 1 / pair.ratio
            key = (min(first, second), max(first, second))
            ratios[key] = (*ratios.get(key, ()), ratio)
    items = tuple(each for _, each in members)
    return ComparisonSet(within, name, group, items, tuple(i for i, _ in members), ratios)


def rows_of_pair(scheme: Scheme, within: str, codes: set[str]) -> list[int]:
    """Return the positions of the rows of the Pairwise sheet that judge two items, whichever of them is named first.

    Parameters
    ----------
    within : code of the dimension that the items belong to; empty where dimensions are compared
    codes : of the two items

    Examples
    --------
    >>> from xlperf.policy.schemes import from_toml
    >>> scheme, _ = from_toml("pairs = [{first = 'conduct', second = 'diligence', judgement = '3'}]")
    >>> rows_of_pair(scheme, "", {"diligence", "conduct"})
    [0]
    """
    table = scheme.table("pairs")
    columns = zip(table["within"].fillna(""), table["first"], table["second"], strict=True)
    return [i for i, (where, first, second) in enumerate(columns) if where == within and {first, second} == codes]


def check_items_known(scheme: Scheme) -> Iterator[Problem]:
    """A judgement names a dimension, and two different items that are compared there."""
    known: dict[str, list[str]] = {}
    for each in comparison_sets(scheme):
        known.setdefault(each.within, []).extend(item.code for item in each.items)
    table = scheme.table("pairs")
    columns = zip(table["within"].fillna(""), table["first"], table["second"], strict=True)
    for position, (within, first, second) in enumerate(columns):
        if within not in known:
            codes = [code for code in known if code]
            yield from report(scheme, "pair-unknown", "pairs", "within", [position], cell=within, known=codes)
            continue
        for column, code in (("first", first), ("second", second)):
            if isinstance(code, str) and code not in known[within]:
                codes = list(dict.fromkeys(known[within]))
                yield from report(scheme, "pair-unknown", "pairs", column, [position], cell=code, known=codes)
        if first == second:
            yield from report(scheme, "pair-itself", "pairs", "second", [position], cell=second)


def check_pairs_complete(scheme: Scheme) -> Iterator[Problem]:
    """Where some items are compared, every two of them are."""
    for each in comparison_sets(scheme):
        if each.started and each.missing:
            yield Problem("pairs-missing", scheme.table("pairs").title, details=missing_details(each))


def missing_details(each: ComparisonSet) -> dict[str, object]:
    """Say which judgements a set lacks."""
    pairs = [Text(*(f"{each.items[i].code} – {each.items[j].code}",) * 2) for i, j in each.missing]
    return {"set": set_name(each), "count": len(pairs), "pairs": pairs}


def set_name(each: ComparisonSet) -> Text:
    """Name a set for a message: its dimension, and its position group where it has one.

    >>> set_name(ComparisonSet("work", Text("工作", "Work"), "sales", (), (), {}))
    Text(zh='工作（sales）', en='Work (sales)')
    """
    return Text(f"{each.name.zh}（{each.group}）", f"{each.name.en} ({each.group})") if each.group else each.name


def check_pairs_agree(scheme: Scheme) -> Iterator[Problem]:
    """Two judgements of the same pair say the same."""
    for each in comparison_sets(scheme):
        for i, j in each.contradictions:
            first, second = each.items[i], each.items[j]
            rows = rows_of_pair(scheme, each.within, {first.code, second.code})
            shown = [ratio_text(ratio) for ratio in sorted(set(each.ratios[i, j]))]
            yield from report(scheme, "pairs-contradict", "pairs", "judgement", rows, first=first.name,
                     second=second.name,
                      ratios=shown)  # fmt: skip


def ratio_text(ratio: Fraction | float) -> str:
    """Write a judgement the way it is typed: 3, 2.5, 1/4.

    >>> ratio_text(Fraction(1, 4)), ratio_text(2.54)
    ('1/4', '2.5')
    """
    return f"{float(ratio):.2g}" if ratio >= 1 else f"1/{float(1 / ratio):.2g}"


CHECKS: tuple[Check, ...] = (check_items_known, check_pairs_complete, check_pairs_agree)
