"""The formulas of Ranking: the size of each pool, what the shares foresee, and who has each grade."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from xlperf.core.problems import Text
from xlperf.policy.rules import formulas as f
from xlperf.policy.scheme import Scheme
from xlperf.policy.validation import exact_shares
from xlperf.workbook.formulas.cell_addresses import Page, Policy, can_be_criteria
from xlperf.workbook.formulas.pool_counts import Key, members
from xlperf.workbook.formulas.results import People

SHARE_DECIMALS = 6  # with so many, a head-count times a share is exact to the eighth decimal
LIMITED = Text("名额线受比例限制移动", "limits of shares move the lines")
FINE_SHARES = Text("比例的小数位太多，公式不能保证人数准确", "shares have too many decimals for exact head-counts")


def write_ranking(people: People) -> None:
    """Write the formulas of every pool and grade."""
    page, grades, ranked = people.ranking, people.grades, people.ranked
    results, quotas = people.page, ranked.lines is not None and people.scheme.settings.grading != "bands"
    names = {name for each in ranked.pools.names for name in each}
    pools, plain = results.whole("pool", away=True), can_be_criteria(names)
    totals = results.whole("total", away=True)
    codes = results.whole("grade", away=True) if "grade" in results.area.letters else ""
    plain_codes = can_be_criteria(each.code for each in people.scheme.grades)
    exact = _fine_enough(people.scheme) if quotas else False
    for pool in range(len(ranked.pools.names)):
        first = pool * len(grades)
        rows = range(first, first + len(grades))
        for row in rows:
            key = Key(pools, page.here("pool", row), plain)
            people.written.put("ranking", "pool_size", row, members([key], totals))
            if codes:
                grade = Key(codes, page.here("grade", row), plain_codes)
                people.written.put("ranking", "count", row, members([key, grade], totals))
        if quotas and exact and ranked.wanted is None:
            _quotas(people, rows)
        elif ranked.wanted is not None:
            for row in rows:
                people.written.keep("ranking", ("share", "exact", "quota", "last_place"), row, LIMITED)
                count, quota = page.here("count", row), page.here("quota", row)
                people.written.put("ranking", "difference", row, f"{count}-{quota}")
        elif quotas:
            for row in rows:
                people.written.keep("ranking", ("share", "exact", "quota", "last_place"), row, FINE_SHARES)


def _quotas(people: People, rows: Sequence[int]) -> None:
    page, written = people.ranking, people.written
    rounding = people.scheme.settings.rounding
    for number, row in enumerate(rows):
        share, size, quota, last, count = (
            page.here(code, row) for code in ("share", "pool_size", "quota", "last_place", "count")
        )
        written.put("ranking", "share", row, _share(people.policy, number))
        written.put("ranking", "exact", row, f"{share}*{size}")
        if people.calls:
            shares = page.within("share", rows)
            written.put("ranking", "quota", row, f'INDEX(PERF_QUOTAS({size},{shares},"{rounding}"),{number + 1})')
            written.put("ranking", "last_place", row, f"SUM({page.within('quota', rows[: number + 1])})")
        elif rounding == "largest_remainder":
            written.put("ranking", "quota", row, _by_remainder(page, rows, number))
            written.put("ranking", "last_place", row, f"SUM({page.within('quota', rows[: number + 1])})")
        else:
            so_far = f"ROUND({size}*SUM({page.within('share', rows[: number + 1])}),8)"
            whole = {"lines": f"ROUND({so_far},0)", "floor": f"INT({so_far})", "ceiling": f"-INT(-{so_far})"}
            written.put("ranking", "last_place", row, whole[rounding])
            before = f"-{page.here('last_place', row - 1)}" if number else ""
            written.put("ranking", "quota", row, f"{last}{before}")
        written.put("ranking", "difference", row, f"{count}-{quota}")


def _by_remainder(page: Page, rows: Sequence[int], number: int) -> str:
    """Return the whole people of a grade, and one more where its remainder is among the largest."""
    exact = [f"ROUND({page.here('exact', row)},8)" for row in rows]
    rests = [f"ROUND({each}-INT({each}),8)" for each in exact]
    before = "+".join(
        f"({other}{'>=' if at < number else '>'}{rests[number]})" for at, other in enumerate(rests) if at != number
    )
    spare = f"{page.here('pool_size', rows[number])}-({'+'.join(f'INT({each})' for each in exact)})"
    return f"INT({exact[number]})+IF({before or '0'}<{spare},1,0)"


def _share(policy: Policy, number: int) -> str:
    """Return the share of a grade; one that takes the rest has what the others leave."""
    scheme = policy.scheme
    cell = policy.number("grades", "share", number)
    share = "0" if cell == f.NOTHING else cell
    rest = scheme.settings.rest_grade
    takers = [at for at, each in enumerate(scheme.grades) if rest and rest in (each.code, *each.name)]
    if takers[:1] != [number]:
        return share
    others = [policy.number("grades", "share", at) for at in range(len(scheme.grades)) if at != number]
    return "1-" + "-".join(each for each in others if each != f.NOTHING)


def _fine_enough(scheme: Scheme) -> bool:
    unit = 10**SHARE_DECIMALS
    return all((Fraction(share) * unit).denominator == 1 for share in exact_shares(scheme))
