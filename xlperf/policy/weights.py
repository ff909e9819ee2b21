"""Weights for the sheets: what judgements come to there, and weights that do not total what they must.

Every weight is an exact decimal, and what is shared out adds up to what there was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TypeVar

from xlperf.core.numbers import SHARE_TOLERANCE, fraction_of
from xlperf.core.problems import Problem, Text
from xlperf.policy.ahp import Judged
from xlperf.policy.scheme import Indicator, Scheme
from xlperf.policy.validation.addressing import at
from xlperf.policy.validation.basics import ALL_POSITIONS, check_dimension_weights, weights_of_groups
from xlperf.policy.validation.pairs import ALL_DIMENSIONS

Key = TypeVar("Key", int, str)

# From judgements -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Proposal:
    """The weights that would stand on the sheets: ``total`` for all items of a set, and a weight for each.

    ``weights`` is None where nothing follows from the judgements. Weights are exact decimals that add up to ``total``.
    """

    judged: Judged
    total: Fraction | None
    weights: tuple[Fraction, ...] | None


def propose(scheme: Scheme, judged: Sequence[Judged]) -> list[Proposal]:
    """Turn judgements into weights that keep every total of the scheme, rounded to two decimals.

    Dimensions share 100 % (or the full points). The indicators of a dimension share what the dimension has: where only
    the dimensions were judged, its indicators keep their proportions.
    """
    settings = scheme.settings
    apart = settings.weight_basis == "dimension"
    outer = [_proposal(each, _whole(scheme), rescale=False) for each in judged if not each.compared.within]
    decided = {
        item.code: weight
        for each in outer
        for item, weight in zip(each.judged.compared.items, each.weights or (), strict=False)
    }
    of_dimension = {each.code: _exact(each.weight) for each in scheme.dimensions} | decided
    inside = [each for each in judged if each.compared.within]
    if apart:
        return outer + [_proposal(each, Fraction(100), rescale=False) for each in inside]
    codes = [each.compared.within for each in inside]
    return outer + [
        _proposal(each, of_dimension[code], rescale=code in decided) for each, code in zip(inside, codes, strict=True)
    ]


def _whole(scheme: Scheme) -> Fraction:
    """Return what the weights total: 100 %, or the full points where points are added up."""
    return fraction_of(scheme.settings.full_points) if scheme.settings.total_method == "sum" else Fraction(100)


def _proposal(judged: Judged, total: Fraction | None, rescale: bool) -> Proposal:
    """Share a total by the judgements; where there are none, in the proportions of today or not at all.

    An only item without a weight takes everything.
    """
    if total is None:
        return Proposal(judged, total, None)
    now = [_exact(each.weight) for each in judged.compared.items]
    shares: list[Fraction] = []
    if judged.found is not None:
        shares = [Fraction(f"{share:.12g}") for share in judged.found.weights]
    elif now == [None]:
        shares = [Fraction(1)]
    elif rescale:
        shares = [weight for weight in now if weight is not None]
    known = len(shares) == len(now) and any(shares)
    return Proposal(judged, total, tuple(shared_out(total, shares)) if known else None)


def _exact(weight: float) -> Fraction | None:
    return fraction_of(weight) if weight == weight else None


def shared_out(total: Fraction, shares: Sequence[Fraction], digits: int = 2) -> list[Fraction]:
    """Return the parts of a total in proportion to some shares, as decimals that add up to it exactly.

    Parameters
    ----------
    total : what is shared out, in any unit
    shares : of any sum above zero, none below zero
    digits : decimals of a part; a total with more decimals is shared out in as many as it has

    Raises
    ------
    ZeroDivisionError
        Where the shares add up to zero.

    Source
    ------
    Method of the largest remainder (Hare): Balinski & Young, Fair Representation, 2nd ed. 2001. Of equal remainders the
    earlier comes first.

    Examples
    --------
    >>> [float(each) for each in shared_out(Fraction(100), [Fraction(1)] * 3)]
    [33.34, 33.33, 33.33]
    """
    unit = Fraction(1, 10**digits)
    while total % unit:
        unit /= 10
    exact = [total / unit * share / sum(shares) for share in shares]
    whole = [int(each) for each in exact]
    left = int(total / unit) - sum(whole)
    first = sorted(range(len(shares)), key=lambda k: (whole[k] - exact[k], k))[:left]
    return [(each + (k in first)) * unit for k, each in enumerate(whole)]


def changes(scheme: Scheme, proposals: Sequence[Proposal]) -> tuple[dict[str, dict[int, Fraction]], list[Problem]]:
    """Return the weights to write, by sheet and row; what two position groups weigh differently is a problem."""
    wanted: dict[str, dict[int, Fraction]] = {"dimensions": {}, "indicators": {}}
    problems = []
    for each in proposals:
        compared = each.judged.compared
        for position, item, weight in zip(compared.positions, compared.items, each.weights or (), strict=False):
            column = wanted[compared.sheet]
            if column.setdefault(position, weight) != weight:
                problems.append(
                    at(scheme, "weight-of-several-groups", compared.sheet, "weight", [position], item=item.name,
                       weights=[f"{float(w):.10g}" for w in (column[position], weight)])
                )  # fmt: skip
    return {sheet: column for sheet, column in wanted.items() if column}, problems


def unweighted(scheme: Scheme, proposals: Sequence[Proposal]) -> list[Problem]:
    """Report dimensions whose indicators were compared and which have no weight that these could share out."""
    codes = [each.code for each in scheme.dimensions]
    return [
        at(scheme, "dimension-unweighted", "dimensions", "weight", [codes.index(each.judged.compared.within)],
           dimension=each.judged.compared.name)
        for each in proposals
        if each.judged.found is not None and each.total is None
    ]  # fmt: skip


# Weights that do not total what they must ----------------------------------------------------------------------------


@dataclass(frozen=True)
class _Row:
    """An indicator of employees; ``side`` is its dimension where that has a weight to agree with, otherwise empty."""

    position: int
    weight: Fraction
    group: str
    side: str


Groups = Mapping[str, Sequence[_Row]]  # the rows that make up one total, by position group: its own and the shared
Amounts = Mapping[str, Mapping[str, Fraction]]  # what they weigh, by position group and side


class _Impossible(Exception):  # noqa: N818 - weights that no factors can mend
    """Weights that cannot be scaled, for the reason that the problem gives."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


def normalise(scheme: Scheme, groups: Iterable[str] = ()) -> tuple[dict[str, dict[int, Fraction]], list[Problem]]:
    """Scale the weights so that every position group totals 100 % and the dimensions agree with their indicators.

    Where points are added up the groups total the full points; where weights are shares of their dimension, each
    dimension totals 100 %. All indicators of a position group are scaled by one factor. Those that groups share follow
    the group that needs the least change; the others make up the difference with their own. Weights are rounded to two
    decimals that add up exactly; what needs no change stays as it is.

    Parameters
    ----------
    scheme : what HR decides
    groups : the position groups that employees have; those of the indicators are known

    Returns
    -------
    The weights that change, by sheet and row; or why they cannot be scaled, in which case none change.

    Examples
    --------
    >>> from xlperf.policy.schemes import load
    >>> normalise(load("service-team"))
    ({}, [])
    """
    held = list(groups)
    empty = {i: each.name for i, each in enumerate(scheme.indicators) if _scored(each) and each.weight != each.weight}
    if empty:
        return {}, [at(scheme, "weights-unknown", "indicators", "weight", empty, indicators=list(empty.values()))]
    rows = _rows(scheme)
    names = sorted({each.group for each in rows if each.group} | {each for each in held if each}) or [""]
    try:
        new, sides = _scaled_within(scheme, rows, names) if _apart(scheme) else _scaled(scheme, rows, names)
    except _Impossible as reason:
        return {}, [reason.problem]
    indicators = {
        each.position: new[each.position] for each in rows if new.get(each.position, each.weight) != each.weight
    }
    dimensions = {
        i: sides[each.code]
        for i, each in enumerate(scheme.dimensions)
        if each.code in sides and abs(sides[each.code] - fraction_of(each.weight)) > SHARE_TOLERANCE
    }
    sound = _with_weights(scheme, dimensions, indicators)
    problems = [*weights_of_groups(sound, held), *check_dimension_weights(sound)]
    if problems:
        return {}, problems
    wanted = {"dimensions": dimensions, "indicators": indicators}
    return {sheet: column for sheet, column in wanted.items() if column}, []


def _apart(scheme: Scheme) -> bool:
    return scheme.settings.weight_basis == "dimension"


def _scored(indicator: Indicator) -> bool:
    return "employee" in indicator.levels


def _rows(scheme: Scheme) -> list[_Row]:
    stated = {each.code for each in scheme.dimensions if each.weight == each.weight and not _apart(scheme)}
    return [
        _Row(i, fraction_of(each.weight), each.group, each.dimension if each.dimension in stated else "")
        for i, each in enumerate(scheme.indicators)
        if _scored(each)
    ]


def _scaled_within(
    scheme: Scheme, rows: Sequence[_Row], names: Sequence[str]
) -> tuple[dict[int, Fraction], dict[str, Fraction]]:
    """Return the new weights of indicators by row, which total 100 % in each dimension, and those of dimensions."""
    new: dict[int, Fraction] = {}
    for dimension in scheme.dimensions:
        inside = [each for each in rows if scheme.indicators[each.position].dimension == dimension.code]
        new |= _scaled(scheme, inside, names, Fraction(100))[0]
    stated = {each.code: fraction_of(each.weight) for each in scheme.dimensions if each.weight == each.weight}
    total = sum(stated.values(), Fraction(0))
    if abs(total - 100) <= SHARE_TOLERANCE:
        return new, stated
    if not _can_be_scaled(stated.values()):
        positions = range(len(scheme.dimensions))
        raise _Impossible(at(scheme, "weights-not-scalable", "dimensions", "weight", positions, names=ALL_DIMENSIONS))
    return new, dict(zip(stated, shared_out(Fraction(100), list(stated.values())), strict=True))


def _scaled(
    scheme: Scheme, rows: Sequence[_Row], names: Sequence[str], total: Fraction | None = None
) -> tuple[dict[int, Fraction], dict[str, Fraction]]:
    """Return the new weights of indicators by row, and what they total on each side."""
    total = _whole(scheme) if total is None else total
    groups = {name: [each for each in rows if each.group in ("", name)] for name in names}
    groups = {name: members for name, members in groups.items() if members}
    if not groups:
        return {}, {}
    factors = _factors(scheme, groups, total)
    exact = {each.position: each.weight * factors[each.group] for each in rows}
    amounts = _amounts(groups, exact)
    _must_agree(scheme, amounts)
    kept = [name for name in groups if factors[name] == factors[""] == 1]
    sides = _rounded_sides(amounts, kept, total)
    new = {each.position: each.weight for each in rows if factors[each.group] == 1}
    for side in dict.fromkeys(each.side for each in rows):
        using = [name for name in groups if side in amounts[name]]
        room = {
            name: sides[side] if side else total - _sum(sides[each] for each in amounts[name] if each) for name in using
        }
        shared = {each.position: exact[each.position] for each in rows if (each.side, each.group) == (side, "")}
        alone = all(each.side != side or each.group == "" or not each.weight for each in rows)
        _fill(new, shared, min(room.values()) if alone else min(round(_sum(shared.values()), 2), *room.values()))
        for name in using:
            _fill(new, {each.position: exact[each.position] for each in groups[name] if each.side == side}, room[name])
    return new, sides


def _factors(scheme: Scheme, groups: Groups, total: Fraction) -> dict[str, Fraction]:
    """Return the factor of each position group's own indicators, and that of the shared ones, of group ""."""
    idle = [name for name, rows in groups.items() if not _can_be_scaled(each.weight for each in rows)]
    if idle:
        rows = [each.position for name in idle for each in groups[name]]
        raise _Impossible(
            at(scheme, "weights-not-scalable", "indicators", "weight", sorted(set(rows)), names=_named(idle))
        )
    sums = {name: _sum(each.weight for each in rows) for name, rows in groups.items()}
    needs = {name: Fraction(1) if abs(sums[name] - total) <= SHARE_TOLERANCE else total / sums[name] for name in groups}
    own = {name: _sum(each.weight for each in rows if each.group) for name, rows in groups.items()}
    bound = [name for name in groups if not own[name]]
    of_shared = min((needs[name] for name in bound or groups), key=lambda need: (max(need, 1 / need), need))
    factors = {
        name: need if need == of_shared else (total - of_shared * (sums[name] - own[name])) / own[name]
        for name, need in needs.items()
    }
    crowded = [name for name in groups if factors[name] <= 0]
    if crowded:
        rows = [each.position for each in groups[bound[0]]]
        raise _Impossible(
            at(
                scheme,
                "weights-shared-only",
                "indicators",
                "weight",
                rows,
                groups=_named(bound),
                others=_named(crowded),
            )
        )
    return {**factors, "": of_shared}


def _can_be_scaled(weights: Iterable[Fraction]) -> bool:
    amounts = list(weights)
    return any(amounts) and min(amounts) >= 0


def _named(groups: Iterable[str]) -> list[Text]:
    return [Text(name, name) if name else ALL_POSITIONS for name in groups]


def _sum(amounts: Iterable[Fraction]) -> Fraction:
    return sum(amounts, Fraction(0))


def _amounts(groups: Groups, exact: Mapping[int, Fraction]) -> dict[str, dict[str, Fraction]]:
    amounts: dict[str, dict[str, Fraction]] = {name: {} for name in groups}
    for name, rows in groups.items():
        for each in rows:
            amounts[name][each.side] = amounts[name].get(each.side, Fraction(0)) + exact[each.position]
    return amounts


def _must_agree(scheme: Scheme, amounts: Amounts) -> None:
    """A dimension has one weight; the position groups that use it must come to the same."""
    for position, dimension in enumerate(scheme.dimensions):
        found = {name: sides[dimension.code] for name, sides in amounts.items() if dimension.code in sides}
        if found and max(found.values()) - min(found.values()) > SHARE_TOLERANCE:
            shares = [Text(*(f"{name}: {float(amount):.4g}",) * 2) for name, amount in found.items()]
            raise _Impossible(
                at(scheme, "weights-of-groups-apart", "dimensions", "weight", [position], dimension=dimension.name,
                   groups=_named(found), shares=shares)
            )  # fmt: skip


def _rounded_sides(amounts: Amounts, kept: Sequence[str], total: Fraction) -> dict[str, Fraction]:
    """Round what each side has; a position group that stays as it is decides on its sides first."""
    sides: dict[str, Fraction] = {}
    for name in kept:
        sides |= {side: amount for side, amount in amounts[name].items() if side}
    for of_group in amounts.values():
        stated = {side: amount for side, amount in of_group.items() if side}
        _fill(sides, stated, round(_sum(stated.values()), 2) if "" in of_group else total)
    return sides


def _fill(found: dict[Key, Fraction], exact: Mapping[Key, Fraction], total: Fraction) -> None:
    """Share out what is left of a total among those that have nothing yet."""
    open_ = [key for key in exact if key not in found]
    left = total - _sum(found[key] for key in exact if key in found)
    if any(exact[key] for key in open_):
        found |= zip(open_, shared_out(left, [exact[key] for key in open_]), strict=True)


def _with_weights(scheme: Scheme, dimensions: Mapping[int, Fraction], indicators: Mapping[int, Fraction]) -> Scheme:
    return replace(
        scheme,
        dimensions=tuple(
            replace(each, weight=float(dimensions.get(i, each.weight))) for i, each in enumerate(scheme.dimensions)
        ),
        indicators=tuple(
            replace(each, weight=float(indicators.get(i, each.weight))) for i, each in enumerate(scheme.indicators)
        ),
    )
