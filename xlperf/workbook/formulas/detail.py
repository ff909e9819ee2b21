"""The formulas of Detail and Unit detail: actual, points, and what each indicator counts for after gaps.

Three columns stand beside the usual ones, so that every formula is short: the points that count (with what the policy
puts in for gaps), the weight as stated, and the weight with the gaps of its dimension shared out. A fourth says whether
the target is met.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from xlperf.core.problems import Text
from xlperf.core.vocabulary import STATES
from xlperf.policy import conditions
from xlperf.policy.conditions import Condition, Scope
from xlperf.policy.conditions.tree import All, Among, Any_, Calc, Choice, Compare, Function, Not, Operand, Ref, Value
from xlperf.policy.rules import formulas as f
from xlperf.policy.scheme import UNSCORED, Indicator, Scheme
from xlperf.policy.scheme.formula_scope import part_of_fact
from xlperf.schema import Column
from xlperf.scoring.matrices import Facts, Matrix, Points
from xlperf.scoring.points import targets_met
from xlperf.scoring.totals import counted_points, shared_equally, shares_of_total, within_dimensions
from xlperf.workbook.formulas.cell_addresses import Page, Policy
from xlperf.workbook.formulas.formula_cells import Written

COLUMNS = ("counted_points", "stated_weight", "filled_weight", "target_met")
POLICIES = {"missing": "if_missing", "not_applicable": "if_not_applicable"}
TWO_WAYS = Text("缺项的权重有两种分法", "weights of gaps are shared out in two ways")
MOVED = Text("周期内换过岗位，按在岗天数加权", "who changed position is weighed by the days in each")
RANKED_RULE = Text("按名次计分的规则", "the rule scores by place among others")
TOO_MANY = Text("涉及的人太多，一个公式写不下", "too many people for one formula")
MOST_ALIKE = 200  # figures that one formula lists four times over: longer ones Excel refuses
CONDITION = Text("条件无法用公式表达", "a condition that a formula cannot say")
ELSEWHERE = Text("公式引用的指标不在同一张明细中", "the formula asks for an indicator that has no row here")
SIGNS = {"=": "=", "<>": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


@dataclass(frozen=True)
class Subjects:
    """People, or the units of one level, as they stand on a sheet of details from ``first`` on.

    Matrices are of n subjects and k indicators; ``targets`` are texts. ``groups`` (n) tell who is compared with whom by
    rules that rank, -1 for nobody. ``simple`` (n) is false where figures are merged from several posts and cannot be
    said in one formula.
    """

    page: Page
    sheet: str
    indicators: tuple[Indicator, ...]
    applies: Matrix
    facts: Facts
    points: Points
    targets: Matrix
    zeroed: Matrix
    simple: np.ndarray
    groups: np.ndarray
    first: int

    def rows(self) -> list[list[tuple[int, int]]]:
        """The rows of each subject with the indicator of each, in the order of the sheet."""
        found: list[list[tuple[int, int]]] = [[] for _ in range(len(self.applies))]
        for row, (who, which) in enumerate(np.argwhere(self.applies).tolist(), start=self.first):
            found[who].append((row, which))
        return found


def helper_values(subjects: Subjects, scheme: Scheme) -> pd.DataFrame:
    """Return what the additional columns show, one row for each row of the subjects."""
    settings, indicators = scheme.settings, subjects.indicators
    counted, _ = counted_points(subjects.points, subjects.facts.state, subjects.applies, subjects.zeroed, settings)
    stated = shares_of_total(indicators, scheme.dimensions, settings) * subjects.applies
    measured = stated * (subjects.applies & ~np.isnan(counted))
    named = dict.fromkeys(one.dimension for one in indicators)
    member = np.array([[one.dimension == name for one in indicators] for name in named], bool)
    equally = shared_equally(subjects.facts.state, subjects.applies & ~subjects.zeroed, settings)
    shared = within_dimensions(stated, measured, member.reshape(len(named), len(indicators)), equally)
    filled = np.where(measured > 0, shared, 0.0)
    met = targets_met(subjects.points, subjects.facts.actual, subjects.applies, indicators)
    who, which = np.nonzero(subjects.applies)
    columns = (counted, stated, filled, met)
    alone = subjects.simple[who]
    return pd.DataFrame(
        {code: np.where(alone, one[who, which], np.nan) for code, one in zip(COLUMNS, columns, strict=True)}
    )


def write_details(subjects: Subjects, policy: Policy, written: Written, calls: bool) -> None:
    """Write the formulas of the subjects; with ``calls``, points come from worksheet functions."""
    writer = _Writer(subjects, policy, written, calls)
    for who, rows in enumerate(subjects.rows()):
        writer.subject(who, rows)


@dataclass(frozen=True)
class _Writer:
    subjects: Subjects
    policy: Policy
    written: Written
    calls: bool = False
    from_afar: bool = False

    def subject(self, who: int, rows: Sequence[tuple[int, int]]) -> None:
        subjects = self.subjects
        at = {subjects.indicators[which].code: row for row, which in rows}
        every = [row for row, _ in rows]
        for row, which in rows:
            self.full(row, which)
            if not subjects.simple[who]:
                self.written.keep(subjects.sheet, ("actual", "target", "points", "weight", "contribution"), row, MOVED)
                continue
            self.formula(who, row, which, at)
            self.target_and_actual(who, row, which)
            self.points(who, row, which, at)
            dimension = subjects.indicators[which].dimension
            self.weights(who, row, which, [r for r, w in rows if subjects.indicators[w].dimension == dimension], every)
            self.met(who, row, which)

    def put(self, column: str, row: int, text: str) -> None:
        self.written.put(self.subjects.sheet, column, row, text)

    def here(self, column: str, row: int) -> str:
        page = self.subjects.page
        return page.cells(column, [row]) if self.from_afar else page.here(column, row)

    def target_and_actual(self, who: int, row: int, which: int) -> None:
        subjects = self.subjects
        if not np.isnan(subjects.points.targets[who, which]):
            self.put("target", row, subjects.targets[who, which])
        numerator, denominator = self.here("numerator", row), self.here("denominator", row)
        if np.isnan(subjects.facts.actual[who, which]):
            return
        if np.isnan(subjects.facts.denominator[who, which]):
            self.put("actual", row, f.when_known([numerator], numerator))
        else:
            ratio = f'IF({denominator}=0,"",{numerator}/{denominator})'
            self.put("actual", row, f.when_known([numerator, denominator], ratio))

    def formula(self, who: int, row: int, which: int, at: Mapping[str, int]) -> None:
        """Let a formula of HR's own point to the figures of the same person that it names."""
        one = self.subjects.indicators[which]
        if one.measure != "formula" or np.isnan(self.subjects.facts.actual[who, which]):
            return
        named = {ref.code: part_of_fact(ref.code, at) for ref in conditions.columns_in(one.columns[0])}
        if not {code for code, _ in named.values()} <= at.keys():
            self.written.keep(self.subjects.sheet, ("numerator",), row, ELSEWHERE)
            return
        cells = {column: self.here(part, at[code]) for column, (code, part) in named.items()}
        said = figure_text(one.columns[0], cells)
        if said is None:
            self.written.keep(self.subjects.sheet, ("numerator",), row, CONDITION)
            return
        text, undefined = said
        text = f.unless(_any_of(undefined), text) if undefined else text
        self.put("numerator", row, f.when_known(list(cells.values()), text))

    def full(self, row: int, which: int) -> None:
        if self.policy.scheme.settings.total_method == "sum":
            self.put("full", row, self.policy.number("indicators", "weight", self.position(which)))
        else:
            self.put("full", row, self.policy.setting("full_points"))

    def position(self, which: int) -> int:
        return self.policy.scheme.indicators.index(self.subjects.indicators[which])

    def points(self, who: int, row: int, which: int, at: Mapping[str, int]) -> None:
        one = self.subjects.indicators[which]
        if one.rule == UNSCORED or one.card.veto:
            return
        text = self.rule_text(who, row, which, at)
        if isinstance(text, Text):
            self.written.keep(self.subjects.sheet, ("points",), row, text)
        else:
            self.put("points", row, text)

    def rule_text(self, who: int, row: int, which: int, at: Mapping[str, int]) -> str | Text:
        """Return the formula of a rule for one row, or why there is none."""
        one = self.subjects.indicators[which]
        if one.card.ranks and not one.card.compares_cells:
            return RANKED_RULE
        met = self.met_text(one, at)
        if met is None:
            return CONDITION
        cells: dict[str, Any] = {
            name: self.here(name, row) for name in ("actual", "target", "full", "numerator", "denominator")
        }
        cells |= {
            "direction": one.direction,
            "bands": self.policy.bands(one.parameters.get("band_set", "")),
            "anchors": self.policy.curve(one.parameters.get("curve", "")),
        } | ({"met": met} if met else {})
        if one.card.ranks:
            alike = self.alike(who, which)
            group = {"group": "", "alike": alike}
            return alike if isinstance(alike, Text) else one.card.formula(cells | group, one.parameters)
        if self.calls and not self.subjects.points.unscorable[who, which]:
            return self.call(one, cells) or one.card.formula(cells, one.parameters)
        return one.card.formula(cells, one.parameters)

    def alike(self, who: int, which: int) -> str | Text:
        """Return the figures that one is compared with, its own included, or why they are not listed."""
        subjects = self.subjects
        members = subjects.applies[:, which] & (subjects.groups == subjects.groups[who])
        if subjects.groups[who] < 0 or not subjects.simple[members].all():
            return MOVED
        if members.sum() > MOST_ALIKE:
            return TOO_MANY
        return subjects.page.within("actual", self.places[which][members[subjects.applies[:, which]]].tolist())

    @cached_property
    def places(self) -> list[np.ndarray]:
        """The rows of each indicator, one for each subject that it applies to."""
        _, which = np.nonzero(self.subjects.applies)
        return [self.subjects.first + np.flatnonzero(which == k) for k in range(len(self.subjects.indicators))]

    def call(self, one: Indicator, cells: Mapping[str, Any]) -> str:
        """Return the call of the rule's worksheet function, empty where an input is no single cell."""
        card = one.card
        if {"bands", "anchors", "met"} & set(card.inputs):
            return ""
        given = {name: cells[name] for name in card.inputs} | {
            name: one.parameters.get(name) for name in card.arguments
        }
        if "direction" in given:
            given["direction"] = f'"{one.direction}"'
        values = [f.literal(value) if isinstance(value, (int, float)) else _word(value) for value in given.values()]
        while values and not values[-1]:
            values.pop()
        values = [value or '""' for value in values]  # some engines take an argument that is left out for 0
        asked = [cells[name] for name in card.inputs if name in ("actual", "target", "numerator")]
        return f.when_known(asked, f"PERF_{card.code.upper()}({','.join(values)})")

    def met_text(self, one: Indicator, at: Mapping[str, int]) -> str | None:
        """Return whether the rule's condition on other indicators holds; empty without one, None where unsayable."""
        text = one.parameters.get("condition") or one.parameters.get("unless")
        if text is None:
            return ""
        scope = Scope(Column(each.code, each.name, "number") for each in self.subjects.indicators)
        condition = conditions.read(text, scope)
        named = dict.fromkeys(ref.code for ref in conditions.columns_in(condition))
        if not named.keys() <= at.keys():
            return f.NOTHING
        cells = {code: self.here("actual", at[code]) for code in named}
        said = condition_text(condition, cells)
        return None if said is None else f.when_known(list(cells.values()), f"IF({said},1,0)")

    def weights(self, who: int, row: int, which: int, alike: Sequence[int], every: Sequence[int]) -> None:
        """Write what counts of a row: its points, its weight as stated, with gaps shared out, and in the end."""
        page, settings = self.subjects.page, self.policy.scheme.settings
        counted, stated, filled, weight = (
            self.here(code, row) for code in ("counted_points", "stated_weight", "filled_weight", "weight")
        )
        self.put("counted_points", row, self.counted(who, row, which))
        self.put("stated_weight", row, self.stated(which))
        want = f"SUM({page.within('stated_weight', alike)})"
        have = "+".join(
            f"SUMIF({one},{f.NUMBERS},{other})"
            for one, other in zip(
                page.ranges("counted_points", alike), page.ranges("stated_weight", alike), strict=True
            )
        )
        have = f"({have})" if "+" in have else have
        gained = f"{stated}*{want}/{have}"
        if "equal" in {settings.if_missing, settings.if_not_applicable}:
            if "redistribute" in {settings.if_missing, settings.if_not_applicable}:
                self.written.keep(self.subjects.sheet, ["filled_weight", "weight", "contribution"], row, TWO_WAYS)
                return
            sharing = "+".join(
                f'COUNTIFS({one},{f.NUMBERS},{other},">0")'
                for one, other in zip(
                    page.ranges("counted_points", alike), page.ranges("stated_weight", alike), strict=True
                )
            )
            gained = f"{stated}+({want}-{have})/({sharing})"
        self.put("filled_weight", row, f'IF(OR({counted}="",{stated}=0),0,{gained})')
        whole = f"SUM({page.within('filled_weight', every)})"
        if settings.total_method == "sum":
            full = self.policy.setting("full_points")
            share = f"{filled}*SUM({page.within('stated_weight', every)})/{whole}/{full}"
            amount = f'IF(OR({counted}="",{stated}=0),0,{counted}*({weight}*{full})/{stated})'
        else:
            share, amount = f"{filled}/{whole}", f'IF({counted}="",0,{counted}*{weight})'
        self.put("weight", row, f"IF({whole}=0,0,{share})")
        self.put("contribution", row, amount)

    def counted(self, who: int, row: int, which: int) -> str:
        """Return the points that count: an item set to zero, what the policy puts in for a gap, or the points."""
        points = self.here("points", row)
        if self.subjects.zeroed[who, which]:
            return "0"
        filling = gap_filling(self.subjects, self.policy.scheme, who, which)
        put_in = {"full": self.here("full", row), "zero": "0"}.get(filling, f.NOTHING)
        return f'IF({points}="",{put_in},{points})'

    def stated(self, which: int) -> str:
        weight = self.policy.number("indicators", "weight", self.position(which))
        if weight == f.NOTHING:
            return "0"
        scheme = self.policy.scheme
        if scheme.settings.weight_basis != "dimension":
            return weight
        codes = [each.code for each in scheme.dimensions]
        dimension = self.subjects.indicators[which].dimension
        if dimension not in codes:
            return "0"
        return f"{weight}*{self.policy.number('dimensions', 'weight', codes.index(dimension))}/100"

    def met(self, who: int, row: int, which: int) -> None:
        one = self.subjects.indicators[which]
        actual, target, points, full = (self.here(code, row) for code in ("actual", "target", "points", "full"))
        if one.direction == "range" or one.rule == "pass_fail":
            text = f.when_known([points], f"IF({points}>={full},1,0)")
        elif np.isnan(self.subjects.points.targets[who, which]):
            return
        else:
            reached = f"IF({f.as_good_as(actual, target, one.direction)},1,0)"
            asked = reached if one.direction == "lower" else f.unless(f"{target}=0", reached)
            text = f.when_known([actual, target], asked)
        self.put("target_met", row, text)


def veto_text(subjects: Subjects, policy: Policy, row: int, who: int, which: int, at: Mapping[str, int]) -> str | Text:
    """Return the formula, for another sheet, that is 1 where the veto of a row of details is in force."""
    return _Writer(subjects, policy, Written(), from_afar=True).rule_text(who, row, which, at)


def gap_filling(subjects: Subjects, scheme: Scheme, who: int, which: int) -> str:
    """Return the policy for what is not measured: full, zero or redistribute."""
    state = STATES[subjects.facts.state[who, which]]
    policy = getattr(scheme.settings, POLICIES[state]) if state in POLICIES else "redistribute"
    return str(policy) if subjects.applies[who, which] else "redistribute"


Said = tuple[str, list[str]]  # the text of a formula, and those of the conditions under which it has no value


def figure_text(node: Operand, cells: Mapping[str, str]) -> Said | None:
    """Say arithmetic on figures as a formula, with what makes it undefined; None where that cannot be done.

    >>> each = Calc("/", Ref("calls", "number"), Calc("-", Ref("days", "number"), Value(1.0)))
    >>> figure_text(each, {"calls": "H5", "days": "H6"})
    ('(H5/(H6-1))', ['(H6-1)=0'])
    """
    match node:
        case Calc(sign, left, right):
            parts = _all_said(figure_text(each, cells) for each in (left, right))
            if parts is None:
                return None
            (one, other), undefined = parts
            return f"({one}{sign}{other})", [*undefined, *([f"{other}=0"] if sign == "/" else [])]
        case Function(name, operands, digits):
            parts = _all_said(figure_text(each, cells) for each in operands)
            if parts is None:
                return None
            texts, undefined = parts
            written = [*texts, str(digits)] if name == "round" else texts
            return f"{name.upper()}({','.join(written)})", undefined
        case Choice(condition, then, otherwise):
            met, first, second = _choosing(condition, cells), figure_text(then, cells), figure_text(otherwise, cells)
            if met is None or first is None or second is None:
                return None
            unanswered = [] if met.is_known else [f"NOT(OR({met.met},{met.unmet}))"]
            apart = [f"IF({met.met},{_any_of(first[1])},{_any_of(second[1])})"] if first[1] or second[1] else []
            return f"IF({met.met},{first[0]},{second[0]})", [*unanswered, *apart]
        case Ref(code) if code in cells:
            return cells[code], []
        case Value(float(number)):
            return f.literal(number), []
        case _:
            return None


@dataclass(frozen=True)
class _Answer:
    """Formulas that say where a condition is met and where it is not; neither holds where its answer is not known."""

    met: str
    unmet: str
    is_known: bool

    @classmethod
    def known(cls, met: str) -> _Answer:
        return cls(met, f"NOT({met})", is_known=True)


def _choosing(condition: Condition, cells: Mapping[str, str]) -> _Answer | None:
    """Say the condition of a choice between figures; numbers are compared to twelve significant digits.

    The formulas are never errors. Excel computes all parts of AND and OR; what cannot be computed stands behind an IF.
    """
    match condition:
        case Compare(left, sign, right):
            parts = _all_said(figure_text(each, cells) for each in (left, right))
            if parts is None:
                return None
            (one, other), undefined = parts
            compared = _Answer.known(f"{_settled(one)}{SIGNS[sign]}{_settled(other)}")
            if not undefined:
                return compared
            unknown = _any_of(undefined)
            met, unmet = (f"IF({unknown},FALSE(),{each})" for each in (compared.met, compared.unmet))
            return _Answer(met, unmet, is_known=False)
        case Among(left, values):
            return _choosing(Any_(tuple(Compare(left, "=", each) for each in values)), cells)
        case All(items) | Any_(items) if items:
            answers = [answer for each in items if (answer := _choosing(each, cells)) is not None]
            if len(answers) < len(items):
                return None
            name, opposite = ("AND", "OR") if isinstance(condition, All) else ("OR", "AND")
            met = f"{name}({','.join(each.met for each in answers)})"
            if all(each.is_known for each in answers):
                return _Answer.known(met)
            return _Answer(met, f"{opposite}({','.join(each.unmet for each in answers)})", is_known=False)
        case Not(item):
            said = _choosing(item, cells)
            return None if said is None else _Answer(said.unmet, said.met, said.is_known)
        case _:
            return None


def _settled(text: str) -> str:
    return text if f.number_in(text) is not None else f.rounded(text)


def _all_said(parts: Iterable[Said | None]) -> tuple[list[str], list[str]] | None:
    """Return the texts of all parts, and what makes any of them undefined; None where one cannot be said."""
    said = list(parts)
    known = [each for each in said if each is not None]
    if len(known) < len(said):
        return None
    return [text for text, _ in known], [each for _, undefined in known for each in undefined]


def _any_of(conditions: Sequence[str]) -> str:
    """Return whether one of some conditions holds; those behind it, which may rest on it, are not computed then."""
    if not conditions:
        return "FALSE()"
    first, *others = conditions
    return f"IF({first},TRUE(),{_any_of(others)})" if others else first


def condition_text(condition: Condition, cells: Mapping[str, str]) -> str | None:
    """Say a condition between figures as a formula, None where that cannot be done.

    >>> more = Compare(Ref("calls", "number"), ">=", Value(100.0))
    >>> condition_text(All((more, Not(more))), {"calls": "H5"})
    'AND(H5>=100,NOT(H5>=100))'
    """
    match condition:
        case Compare(Ref(code), sign, Value(float(number))) if code in cells:
            return f"{cells[code]}{SIGNS[sign]}{f.literal(number)}"
        case Compare(Ref(code), sign, Ref(other)) if code in cells and other in cells:
            return f"{cells[code]}{SIGNS[sign]}{cells[other]}"
        case All(items) | Any_(items) if items:
            parts = [condition_text(each, cells) for each in items]
            name = "AND" if isinstance(condition, All) else "OR"
            return None if None in parts else f"{name}({','.join(map(str, parts))})"
        case Not(item):
            said = condition_text(item, cells)
            return None if said is None else f"NOT({said})"
        case _:
            return None


def _word(value: object) -> str:
    text = "" if value is None else str(value)
    is_cell = text.startswith('"') or (text[:1].isalpha() and text[-1:].isdigit())
    return text if is_cell or not text else f'"{text}"'
