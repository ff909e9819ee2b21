"""What HR decides, one record a row: dimensions, indicators, grades, lists, raters, parts, pay and the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Any

from xlperf.core.curves import Curve
from xlperf.core.intervals import Interval
from xlperf.core.problems import Text
from xlperf.core.vocabulary import UNITS
from xlperf.policy.conditions import Condition, Operand, Scope
from xlperf.policy.rules import RULES, Rule
from xlperf.schema import SOURCE_SHEETS, Column
from xlperf.schema.settings import Settings

UNSCORED = ""
OWNED_SHEETS = ("clients", "tasks")  # sheets whose rows may count for the owner of another day, or for several
COUNTED = ("clients", "times", "pieces", "people", "deals", "tasks", "yuan")  # units in which things are counted
LESS_ABSENCES = ("calendar_present", "workdays_present")  # prorations that the sheet of absences counts for
IN_WORKDAYS = ("workdays", "workdays_present")  # prorations that leave out days off
FUNDED = ("product", "rank_pool", "share_pool")
Band = tuple[Interval, float]


@dataclass(frozen=True)
class Dimension:
    """One side of the appraisal; ``weight`` is a percentage, or points where points are added up."""

    code: str
    name: Text
    weight: float


@dataclass(frozen=True)
class Indicator:
    """One row of the Indicators sheet, its conditions read.

    ``weight`` is a percentage, or full points where points are added up. ``columns`` are what the measure works on.
    Where a cell of the row was not understood, ``is_understood`` is False: the record holds harmless values, so that
    what is wrong with other rows is found too, and nothing may be computed from it.
    """

    code: str
    name: Text
    dimension: str
    weight: float
    group: str
    levels: tuple[str, ...]
    kind: str
    unit: str
    direction: str
    source: str
    measure: str
    columns: tuple[Operand, ...]
    where: Condition
    hit: Condition | None
    owner_at: Operand | None
    target: float
    rule: str
    parameters: Mapping[str, Any]
    note: str
    is_understood: bool = True
    sharing: str = ""  # whose its rows are: of one owner on a day, or of several by their days
    proration: str = ""  # how its target follows the days somebody is there; empty: as the setting says

    @property
    def sheet(self) -> str:
        """The sheet whose rows it counts."""
        return SOURCE_SHEETS[self.source]

    @property
    def is_shared(self) -> bool:
        """Whether its rows count for all owners, by their days."""
        return self.sharing == "days" and self.sheet in OWNED_SHEETS

    @property
    def card(self) -> Rule:
        """The card of its scoring rule."""
        return RULES[self.rule]

    @property
    def counts(self) -> bool:
        """Whether it can change a result: by its weight, or as a veto."""
        return self.weight > 0 or bool(self.rule and self.card.veto)

    @property
    def is_deduction(self) -> bool:
        """Whether its figure is itself the points that are taken off, one for one."""
        each = self.parameters.get("points_each")
        return self.rule == "deduct_per_occurrence" and each == 1 and UNITS.find(self.unit or "") == "points"

    @property
    def is_count(self) -> bool:
        """Whether its figure is a count or a sum of rows."""
        return self.measure in ("count", "sum")

    @property
    def grows_with_service(self) -> bool:
        """Whether its figure grows with the days of service, so that its target may be prorated.

        So does a typed figure in a unit in which things are counted: it is the sum that the rows would come to.
        """
        return self.is_count or (self.measure == "given" and UNITS.find(self.unit or "") in COUNTED)

    def proration_under(self, settings: Settings) -> str:
        """How its target follows the days that somebody is there: as stated, else as the setting says of counts."""
        usual = "calendar" if settings.prorate_counts == "yes" and self.grows_with_service else "none"
        return self.proration or usual

    @property
    def is_whole(self) -> bool:
        """Whether its figure is a whole number: a count of rows, or a typed count of things."""
        counted = self.measure == "given" and UNITS.find(self.unit or "") in COUNTED and self.unit != "yuan"
        return self.measure == "count" or counted

    @property
    def target_adds_up(self) -> bool:
        """Whether a unit is to reach what its people are to reach together.

        A limit for each person is none for it, and so is what strikes as a veto.
        """
        is_veto = bool(self.rule) and self.card.veto
        return self.grows_with_service and self.direction != "lower" and not is_veto


@dataclass(frozen=True)
class Grade:
    """One grade; the list runs from best to worst."""

    code: str
    name: Text
    lower: float
    upper: float
    share: float
    coefficient: float


@dataclass(frozen=True)
class CurveRows:
    """A curve with the positions of its rows on the Curves sheet, in the order in which they stand there."""

    curve: Curve
    rows: tuple[int, ...]


@dataclass(frozen=True)
class QuotaLimit:
    """One limit of the share that some neighbouring grades have together of a pool, maybe only of some departments'.

    ``unit_grade`` and the scores from ``unit_from`` (NaN: any) to below ``unit_below`` (NaN: any) are those of the
    pool's department itself.
    """

    code: str
    grades: tuple[str, ...]
    kind: str
    share: Fraction
    tolerance: Fraction
    rounding: str
    unit_grade: str
    unit_from: float
    unit_below: float

    @property
    def by_unit(self) -> bool:
        """Whether it depends on the department's own result."""
        return bool(self.unit_grade) or self.unit_from == self.unit_from or self.unit_below == self.unit_below

    @property
    def least(self) -> Fraction:
        """The least share of the pool that the grades may have."""
        return {"at_most": Fraction(0), "within": max(self.share - self.tolerance, Fraction(0))}.get(
            self.kind, self.share
        )

    @property
    def most(self) -> Fraction:
        """The greatest share of the pool that the grades may have."""
        return {"at_least": Fraction(1), "within": min(self.share + self.tolerance, Fraction(1))}.get(
            self.kind, self.share
        )

    def head_counts(self, size: int) -> tuple[int, int]:
        """Return how many of so many people the grades may have, at least and at most.

        Where no whole number lies within the shares, it is the share itself rounded half up.

        >>> some = QuotaLimit("1", ("A",), "at_most", Fraction(1, 5), Fraction(0), "", "", float("nan"), float("nan"))
        >>> some.head_counts(14)        # 14 × 20 % = 2.8
        (0, 2)
        """
        way = self.rounding or ("either" if self.kind == "exactly" else "strict")
        least_of, most_of = _WHOLE_PEOPLE[way]
        least, most = least_of(size * self.least), most_of(size * self.most)
        if least > most:
            least = most = _half_up(size * self.share)
        return least, most


def _half_up(people: Fraction) -> int:
    return floor(people + Fraction(1, 2))


_WHOLE_PEOPLE: Mapping[str, tuple[Callable[[Fraction], int], Callable[[Fraction], int]]] = {  # at least, at most
    "strict": (ceil, floor),
    "either": (floor, ceil),
    "half_up": (_half_up, _half_up),
    "up": (ceil, ceil),
    "down": (floor, floor),
}


@dataclass(frozen=True)
class BoxAxis:
    """One of the two scores of the nine-box: "total", a dimension or an indicator, and where its levels begin."""

    axis: str
    name: Text
    score: str
    middle: float
    high: float


@dataclass(frozen=True)
class Box:
    """One of the nine boxes; NaN where its share of the people is not limited."""

    across: str
    up: str
    name: Text
    advice: Text
    least: float
    most: float


@dataclass(frozen=True)
class Outcome:
    """One list that follows from the results: who is on it; shares of the ranking count among the ``eligible`` only."""

    code: str
    name: Text
    where: Condition
    eligible: Condition | None
    staff_class: tuple[str, ...]
    period_kind: str = ""


@dataclass(frozen=True)
class RaterWeight:
    """What the ratings of one relation count for, in one dimension or (empty) in all."""

    dimension: str
    relation: str
    weight: float
    minimum: float


@dataclass(frozen=True)
class RatingLevel:
    """A word that stands for a value on the scale of some indicators, or (none) of all rated ones without their own."""

    indicators: tuple[str, ...]
    label: Text
    value: float
    anchor: Text


@dataclass(frozen=True)
class Part:
    """One part of the total of a longer period: checks, totals of smaller periods, or the period's own appraisal."""

    code: str
    name: Text
    period_kind: str
    source: str
    check_kinds: tuple[str, ...]
    part_kind: str
    weight: float
    inner: str
    if_missing: str


@dataclass(frozen=True)
class PayItem:
    """One way in which results become money."""

    code: str
    name: Text
    way: str
    base: str
    band_set: str
    shares: tuple[Fraction, ...]
    remainder: str
    pool_by: str
    where: Condition
    prorate: bool
    period_kind: str = ""
    unit: int = 1  # in cents: what amounts are rounded to
    curve: str = ""
    figure: str = ""  # the indicator whose actual the curve is asked for; empty for the total
    amounts: tuple[Fraction, ...] = ()  # of the first place, the second and so on
    least: Fraction | None = None
    most: Fraction | None = None
    budget: Fraction | None = None

    @property
    def has_limits(self) -> bool:
        """Whether an amount or the sum of all has a limit."""
        return any(each is not None for each in (self.least, self.most, self.budget))


@dataclass(frozen=True)
class Position:
    """What a job description says."""

    group: str
    name: Text
    staff_class: str
    tier: str
    reports_to: str
    duties: Text
    requirements: Text


@dataclass(frozen=True)
class Pair:
    """One judgement of how much more important the first is than the second; ``ratio`` is above 1 if it is."""

    within: str
    first: str
    second: str
    ratio: Fraction


@dataclass(frozen=True)
class ClientLevel:
    """Which clients are of a level on an axis: those whose figure is at least ``lower``, or (NaN) all the rest.

    ``axis`` and ``level`` are codes of R, F and M and of their levels, or names of HR's own.
    """

    axis: str
    level: str
    column: Operand
    mode: str
    lower: float


@dataclass(frozen=True)
class ClientClass:
    """One of the classes that the levels make, and how its clients are served."""

    code: str
    levels: tuple[str, str, str]
    service_group: Text
    strategy: Text


@dataclass(frozen=True)
class TaskRule:
    """When a task is made, of what kind, for whom, and when it is done or dropped.

    ``trigger`` is a day (None for tasks of employees, which have one each working day); ``due`` may name the trigger.
    """

    code: str
    name: Text
    task_kind: str
    per: str
    where: Condition
    trigger: Operand | None
    due: Operand
    done_when: Condition | None
    cancel_when: Condition | None
    sample: Fraction
    feeds: tuple[str, ...]
    active: bool


def dimension_column(dimension: Dimension) -> Column:
    """The column of a dimension's score on the Results sheet."""
    return Column(dimension.code, dimension.name, "number")


def part_column(part: Part) -> Column:
    """The column of a part's score on the Results sheet."""
    return Column(f"part:{part.code}", part.name, "number")


def results_scope(dimensions: list[Column]) -> Scope:
    """The columns that the condition of an outcome may name: those of the Results sheet and the dimensions."""
    return Scope.of_sheet("results", dimensions)
