"""The formulas of Results: scores of dimensions, base, adjustments, total, place, grade and coefficient."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from xlperf.core.problems import Text
from xlperf.policy.rules import formulas as f
from xlperf.policy.scheme import Scheme
from xlperf.schema.tables import Table
from xlperf.scoring.ranking import Ranking
from xlperf.scoring.stages import Completed
from xlperf.scoring.totals import ADDING
from xlperf.workbook.formulas.cell_addresses import Page, Policy, can_be_criteria, text_in_formula
from xlperf.workbook.formulas.detail import MOVED, Subjects, gap_filling, veto_text
from xlperf.workbook.formulas.formula_cells import Written
from xlperf.workbook.formulas.pool_counts import GradeList, Key, members, such

DUST = 10  # decimals to which sums are rounded first: engines differ in the fifteenth digit of what they add up
CALIBRATED = Text("名次和等级经过校准，见校准表", "places and grades are calibrated, see the sheet Calibration")
CHAIN = Text("同分按比较顺序分先后", "equal totals are told apart by the tie-break chain")
WITHOUT_GAPS = Text("连续名次没有简短的公式", "no short formula counts places without gaps")
NO_ADJUSTMENT = Text("没有加减分", "nothing was added or taken off")


@dataclass(frozen=True)
class People:
    """The sheet of Results: ``ids`` of its rows, and what its formulas point to."""

    appraisal: Completed
    page: Page
    details: Subjects
    ranking: Page
    policy: Policy
    grades: GradeList
    written: Written
    ids: Sequence[str]
    adjusting: Table
    calls: bool

    @cached_property
    def position(self) -> list[int]:
        """The position of each row's person on the roster."""
        found: list[int] = self.appraisal.people.ids.get_indexer(pd.Index(self.ids)).tolist()
        return found

    @cached_property
    def blocks(self) -> list[list[tuple[int, int]]]:
        """The rows of everybody's details."""
        return self.details.rows()

    @cached_property
    def ranked(self) -> Ranking:
        """Where everybody stands."""
        return self.appraisal.ranking

    @cached_property
    def calibrated(self) -> frozenset[int]:
        """The people of pools in which calibration has changed grades, so that places are not those of totals."""
        found, pools = self.appraisal.calibration, self.ranked.pools.code
        changed = {int(pools[each.person]) for each in found.changes} if found is not None else set()
        return frozenset(np.flatnonzero(np.isin(pools, [*changed])).tolist())

    @property
    def scheme(self) -> Scheme:
        """The scheme in force."""
        return self.policy.scheme

    def put(self, column: str, row: int, text: str) -> None:
        """Write the formula of a cell."""
        self.written.put("results", column, row, text)

    def keep(self, columns: Iterable[str], row: int, reason: Text) -> None:
        """Say why cells are values."""
        self.written.keep("results", columns, row, reason)

    def here(self, column: str, row: int) -> str:
        """Return a cell of the same row."""
        return self.page.here(column, row)


def write_people(people: People) -> None:
    """Write the formulas of every row."""
    adjusted = _adjusting(people)
    pools, departments = _keys(people)
    for row, who in enumerate(people.position):
        _scores(people, row, who)
        _total(people, row, who, adjusted.get(who, []))
        _places(people, row, who, pools, departments)
        _grade(people, row, who, pools)


# Scores --------------------------------------------------------------------------------------------------------------


def _scores(people: People, row: int, who: int) -> None:
    """Write the scores of dimensions, the share of targets met, the base, and the share of weight measured."""
    totals, details, block = people.appraisal.totals, people.details, people.blocks[who]
    if not details.simple[who]:
        own = ("own", "base") if not people.appraisal.parts else ("own",)
        people.keep([*(each.code for each in people.scheme.dimensions), *own, "measured_weight"], row, MOVED)
        return
    for number, dimension in enumerate(people.scheme.dimensions):
        rows = [r for r, which in block if details.indicators[which].dimension == dimension.code]
        if not np.isnan(totals.dimensions[who, number]):
            people.put(dimension.code, row, _of_dimension(details.page, rows, people.scheme.settings.total_method))
    if not block:
        return
    rows = [r for r, _ in block]
    met = details.page.cells("target_met", rows)
    people.put("targets_met", row, f.unless(f"COUNT({met})=0", f"SUM({met})/COUNT({met})"))
    if people.appraisal.parts:
        people.put("own", row, own_text(details.page, rows))
    else:
        people.put("base", row, own_text(details.page, rows))
        people.put("measured_weight", row, measured_text(details, people.scheme, who, block))


def _of_dimension(page: Page, rows: Sequence[int], method: str) -> str:
    """Return the score of a dimension from its rows of details: what they contribute, by their weight if weighted."""
    weight, amount = (f"SUM({page.cells(code, rows)})" for code in ("weight", "contribution"))
    return f'IF({weight}=0,"",{amount if method == "sum" else f"{amount}/{weight}"})'


def own_text(page: Page, rows: Sequence[int]) -> str:
    """Return the sum of what the indicators contribute, nothing where none counts."""
    return f.unless(nothing_counts(page, rows), contributed(page, rows))


def nothing_counts(page: Page, rows: Sequence[int]) -> str:
    """Return whether no indicator counts."""
    return f"COUNT({page.cells('counted_points', rows)})=0"


def contributed(page: Page, rows: Sequence[int]) -> str:
    """Return the sum of what the indicators contribute."""
    return f"SUM({page.cells('contribution', rows)})"


def measured_text(details: Subjects, scheme: Scheme, who: int, block: Sequence[tuple[int, int]]) -> str:
    """Return the share of the stated weight that counts and was not put in by policy."""
    page, rows = details.page, [r for r, _ in block]
    counted, stated = (page.ranges(code, rows, away=True) for code in ("counted_points", "stated_weight"))
    have = "+".join(f"SUMIF({one},{f.NUMBERS},{other})" for one, other in zip(counted, stated, strict=True))
    put_in = [
        r
        for r, which in block
        if gap_filling(details, scheme, who, which) in ("full", "zero") and not details.zeroed[who, which]
    ]
    for r in put_in:
        have += f'-IF({page.cells("points", [r])}="",{page.cells("stated_weight", [r])},0)'
    whole = f"SUM({','.join(stated)})"
    return f.unless(f"{whole}=0", f"({have})/{whole}")


# The total -----------------------------------------------------------------------------------------------------------


def _adjusting(people: People) -> dict[int, list[int]]:
    """Return the adjustments that add or take off points, by person: positions in the table."""
    frame = people.adjusting.frame
    found: dict[int, list[int]] = {}
    whose = people.appraisal.people.ids.get_indexer(pd.Index(frame["employee_id"]))
    for position, who in enumerate(whose.tolist()):
        amount = frame["points"].iloc[position]
        if who >= 0 and frame["adjustment_kind"].iloc[position] != "zero_item" and amount == amount:
            found.setdefault(who, []).append(position)
    return found


def _total(people: People, row: int, who: int, adjusted: Sequence[int]) -> None:
    """Write the adjustment, and the total: base and adjustment, capped, rounded once, after vetoes."""
    if adjusted:
        terms = [_amount(people, each) for each in adjusted]
        people.put("adjustment", row, "+".join(terms).replace("+-", "-"))
    else:
        people.keep(["adjustment"], row, NO_ADJUSTMENT)
    if np.isnan(people.ranked.total[who]):
        return
    policy, base = people.policy, people.here("base", row)
    whole = f"{base}+{people.here('adjustment', row)}"
    if people.scheme.settings.cap_total == "yes":
        whole = f"MIN({whole},{policy.setting('full_points')})"
    text = vetoed_text(people, who, rounded_text(whole, policy, people.calls))
    if text is not None:
        people.put("total", row, f.when_known([base], text))


def rounded_text(whole: str, policy: Policy, calls: bool = False) -> str:
    """Round a total once, half up; what is below a ten-billionth is dust of the sum."""
    if calls:
        return f"PERF_ROUND({whole},{policy.setting('decimals')})"
    return f"ROUND(ROUND({whole},{DUST}),{policy.setting('decimals')})"


def _amount(people: People, position: int) -> str:
    """Return what one row of Adjustments adds."""
    table = people.adjusting
    cell = people.policy.input_number(table, "points", position)
    adding = table.frame["adjustment_kind"].iloc[position] in ADDING
    return cell if adding else f"-ABS({cell})"


def vetoed_text(people: People, who: int, total: str) -> str | None:
    """Let the vetoes that set a total to zero or limit it strike; None where one cannot be said."""
    for effect, veto, parameters in vetoes(people, who):
        if isinstance(veto, Text):
            return None
        if effect == "zero_total":
            total = f"IF({veto}=1,0,{total})"
        elif effect == "limit_total" and parameters.get("limit_points") is not None:
            limit = f.literal(parameters["limit_points"])
            total = f"IF({veto}=1,ROUND(MIN({total},{limit}),{people.policy.setting('decimals')}),{total})"
    return total


def vetoes(people: People, who: int) -> list[tuple[str, str | Text, Mapping[str, Any]]]:
    """Return the vetoes that a person's indicators hold: effect, formula and parameters."""
    details, block = people.details, people.blocks[who]
    at = {details.indicators[which].code: row for row, which in block}
    found = []
    for row, which in block:
        one = details.indicators[which]
        if one.rule and one.card.veto:
            text = veto_text(details, people.policy, row, who, which, at)
            found.append((str(one.parameters.get("effect")), text, one.parameters))
    return found


# Places and grades ---------------------------------------------------------------------------------------------------


def _keys(people: People) -> tuple[Key, Key | None]:
    """Return the columns of pool and department, their cells still open."""
    names = {name for each in people.ranked.pools.names for name in each}
    pools = Key(people.page.whole("pool"), "", can_be_criteria(names))
    if "department" not in people.page.area.letters:
        return pools, None
    departments = people.appraisal.results["department"].dropna()
    return pools, Key(people.page.whole("department"), "", can_be_criteria(departments))


def _at(key: Key, cell: str) -> Key:
    return Key(key.column, cell, key.plain)


def _places(people: People, row: int, who: int, pools: Key, departments: Key | None) -> None:
    """Write pool, its size, the place in it and the place in the department."""
    ranked, page, settings = people.ranked, people.page, people.scheme.settings
    if not ranked.ranked[who]:
        return
    pool, total, measured = (people.here(code, row) for code in ("pool", "total", "measured_weight"))
    name = ranked.pools.names[ranked.pools.code[who]](people.grades.lang)
    too_little = f'OR({total}="",{measured}<{people.policy.setting("minimum_weight")})'
    people.put("pool", row, f.unless(too_little, text_in_formula(name)))
    key, totals = _at(pools, pool), page.whole("total")
    people.put("pool_size", row, f.when_known([pool], members([key], totals)))
    if who in people.calibrated:
        people.keep(["place"], row, CALIBRATED)
    elif settings.ties == "chain":
        people.keep(["place"], row, CHAIN)
    else:
        people.put("place", row, f.when_known([pool], f"{such([key], totals, '>', total)}+1"))
    _place_figures(people, row, key, pool)
    if departments is not None and ranked.department_place[who] > 0:
        department = people.here("department", row)
        better = such([_at(departments, department)], totals, ">", total, [pools.column])
        people.put("department_place", row, f.when_known([pool], f"{better}+1"))


def _place_figures(people: People, row: int, key: Key, pool: str) -> None:
    """Write percent rank and percentile from the places and the size of the pool, where Results shows them."""
    shown = people.page.area.letters
    if "dense_place" in shown:
        people.keep(["dense_place"], row, WITHOUT_GAPS)
    if not {"place", "pool_size"} <= shown.keys():
        return
    place, size = people.here("place", row), people.here("pool_size", row)
    if "percent_rank" in shown:
        behind = such([key], people.page.whole("place"), ">", place)
        people.put("percent_rank", row, f.when_known([pool], f"IF({size}=1,1,{behind}/({size}-1))"))
    if "percentile" in shown:
        people.put("percentile", row, f.when_known([pool], f"({size}-{place}+1)/{size}"))


def _grade(people: People, row: int, who: int, pools: Key) -> None:
    """Write grade, its name and its coefficient from one position in the list of grades."""
    grades, ranked = people.grades, people.ranked
    if not ranked.ranked[who] or ranked.grade[who] < 0:
        return
    if who in people.calibrated:
        people.keep(["grade", "grade_name", "coefficient"], row, CALIBRATED)
        return
    position, may_lack = _position(people, row, who, pools)
    for effect, veto, parameters in vetoes(people, who):
        codes = [each.code for each in people.scheme.grades]
        if effect == "limit_grade" and parameters.get("limit_grade") in codes and position:
            limit = codes.index(str(parameters["limit_grade"])) + 1
            position = "" if isinstance(veto, Text) else f"IF({veto}=1,MAX({limit},{position}),{position})"
    if not position:
        people.keep(["grade", "grade_name", "coefficient"], row, CHAIN)
        return
    pool = people.here("pool", row)
    labels = {"grade": grades.code, "grade_name": grades.name, "coefficient": grades.coefficient}
    for column, label in labels.items():
        shown = label(position)
        if may_lack:
            shown = f.unless(f"{position}>{len(grades)}", shown)
        if column != "coefficient" or not np.isnan(people.scheme.grades[ranked.grade[who]].coefficient):
            people.put(column, row, f.when_known([pool], shown))
    if people.calls and people.scheme.settings.grading == "bands":
        total = people.here("total", row)
        bounds, codes_range = people.policy.column("grades", "lower"), people.policy.texts("grades", "code")
        if bounds and codes_range and position == grades.by_score(total):  # ranges only where all rows are together
            people.put("grade", row, f.when_known([pool], f"PERF_GRADE({total},{bounds},{codes_range})"))


def _position(people: People, row: int, who: int, pools: Key) -> tuple[str, bool]:
    """Return the position of a person's grade before vetoes, and whether there may be none."""
    settings, ranked, total = people.scheme.settings, people.ranked, people.here("total", row)
    pool = int(ranked.pools.code[who])
    by_score = people.grades.by_score(total)
    limited = ranked.wanted is not None
    if (settings.grading == "bands" and not limited) or (ranked.pools.small[pool] and settings.small_pool == "bands"):
        return by_score, True
    lines = _lines(people, pool)
    if settings.ties == "chain" or not lines:
        return "", False
    last = such([_at(pools, people.here("pool", row))], people.page.whole("total"), ">=", total)
    deciding = f"({last})" if settings.ties == "worse" else people.here("place", row)
    by_quota = f'COUNTIF({lines},"<"&{deciding})+1'
    if settings.grading == "quota" or limited:
        return by_quota, False
    how = "MAX" if settings.grading == "quota_not_better" else "MIN"
    return f"IF({by_score}>{len(people.grades)},{by_quota},{how}({by_quota},{by_score}))", False


def _lines(people: People, pool: int) -> str:
    """Return the last places of a pool's grades on the Ranking sheet."""
    if "last_place" not in people.ranking.area.letters:
        return ""
    first = pool * len(people.grades)
    return people.ranking.cells("last_place", range(first, first + len(people.grades)))
