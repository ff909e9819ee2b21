"""What each recipient gets: the figures that somebody may see and nothing else, ready to be put into a template.

A copy is plain: figures of the recipient by name, and records in blocks. ``MARKS`` lists every name that a template may
use. Nobody is named on a copy who is outside of what its recipient may see, raters never.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from math import isfinite

import numpy as np
import pandas as pd

from xlperf.core.numbers import round_half_up
from xlperf.core.problems import Lang, Text
from xlperf.core.vocabulary import WORDS
from xlperf.policy.access import Scope, may_see, within
from xlperf.policy.scheme import Indicator
from xlperf.reporting.card_history import department_means, sentences, trend_rows
from xlperf.reporting.dashboards import task_list
from xlperf.reporting.output_tables import outputs
from xlperf.reporting.placeholders import ITEM, MARKS, OF_THE_TOTAL, PERSON, RESULT, TASK, UNIT, Audience, Marks
from xlperf.reporting.row_portions import block, portions
from xlperf.reporting.row_wording import word_rows
from xlperf.scoring.period_rows import rows_of_period
from xlperf.scoring.raters import HIDDEN, Withheld, withheld
from xlperf.scoring.stages import Completed
from xlperf.scoring.units import COMPANY, whole_targets
from xlperf.xlsx.template.context import Block, Computed, Context, Contexts, Record, Value

RATED = ["dimension", "group_name", "raters", "corrected", "remark"]  # of the Rater groups sheet
WITHHELD = Text(
    "评分人数不足，总分不显示，以免推出个人评分。",
    "Too few raters: the total is not shown, it would tell what one of them said.",
)
BETWEEN_REMARKS = Text("；", "; ")
AT_ONCE = 64  # people whose copies are made together: few enough to stay in a processor's cache
BESIDE = 1e-9  # how near a native formula must come to the figure that it stands for


def copies_of(appraisal: Completed, to: Audience, lang: Lang, natives: bool = False) -> Contexts:
    """Return what every recipient gets, in the order of their IDs; it is made when it is asked for.

    Parameters
    ----------
    appraisal : one that is done
    to : employees get their own results, departments those of their people and of the units below, the company units
    lang : the language of names and words
    natives : whether figures are marked whose native formulas give them

    Notes
    -----
    Places and pay are on a copy only where the settings say so. Figures that would tell what too few raters said, see
    ``scoring.raters.withheld``, are on none.
    """
    folder = _Folder(appraisal, outputs(appraisal, lang), lang, natives)
    builders = {"employees": folder.employees, "departments": folder.departments, "company": folder.company}
    return builders[to]()


@dataclass(frozen=True)
class _Folder:
    """An appraisal that is done, and its output frames."""

    appraisal: Completed
    frames: Mapping[str, pd.DataFrame]
    lang: Lang
    natives: bool

    def employees(self) -> Contexts:
        """One copy for everybody who is scored."""
        assert may_see("employee", "employee_indicators")
        results, marks = self._results(), [*MARKS["employees"].values]
        ids, values = pd.Index(results["employee_id"]), block(results, marks)
        items, counted = self._items(), self._counted()
        blocks = {
            "score": portions(self._scores(results), "employee_id", ["dimension", "points", "percent", "mean"], ids),
            "trend": portions(trend_rows(self.appraisal, results), "employee_id", ["period", "total", "mean"], ids),
            "item": portions(items, "employee_id", [*ITEM], ids),
            "counted": portions(items[counted], "employee_id", [*ITEM], ids),
            "further": portions(items[~counted], "employee_id", [*ITEM], ids),
            "rated": portions(self._rated(), "employee_id", RATED, ids),
            "change": portions(self._changes(), "employee_id", ["kind", "points", "clause"], ids),
            "list": portions(self._lists(), "employee_id", ["outcome", "evidence"], ids),
            "pay": portions(self._paid(), "employee_id", ["pay_item", "amount"], ids),
            "task": portions(self._tasks(), "owner_id", [*TASK], ids),
            "row": word_rows(self.appraisal, self.lang, self.names, ids),
        }

        def made() -> Iterator[Context]:
            for first in range(0, len(ids), AT_ONCE):
                some = slice(first, first + AT_ONCE)
                own = [each.of(first, first + AT_ONCE) for each in blocks.values()]
                for who, record, *given in zip(ids[some], values[some], *own, strict=True):
                    of = dict(zip(blocks, given, strict=True))
                    yield self._with_natives(Context(who, dict(zip(marks, record, strict=True)), of))

        return Contexts(ids.tolist(), made)

    def departments(self) -> Contexts:
        """One copy for every department with anybody in it who is scored, for whoever leads it."""
        people, ancestors = self.appraisal.people.frame, self.appraisal.people.ancestors
        results, items, tasks = self._results(), self._items(), self._tasks()
        scopes = {code: within([code], people, ancestors) for code in sorted(ancestors)}
        scopes = {code: scope for code, scope in scopes.items() if results["employee_id"].isin(scope.people).any()}
        return Contexts(
            [*scopes],
            lambda: (
                Context(
                    code, self._heading(code), self._of_units(scope) | self._of_people(scope, results, items, tasks)
                )
                for code, scope in scopes.items()
            ),
        )

    def company(self) -> Contexts:
        """The copy of the company: units, and nobody in person."""
        scope = Scope(True, frozenset(self.appraisal.people.ancestors), frozenset())
        pools = block(self.frames["ranking"], ["pool", "grade_name", "share", "quota", "count"])
        heading = self._heading(COMPANY.en)
        values = {name: heading.get(name) for name in MARKS["company"].values}
        return Contexts.of([Context(COMPANY.en, values, self._of_units(scope) | {"pool": pools})])

    # Units -----------------------------------------------------------------------------------------------------------

    def _heading(self, code: str) -> dict[str, Value]:
        units = self.frames.get("units", pd.DataFrame(columns=["level", "unit", "grade_name", *UNIT]))
        level = "company" if code == COMPANY.en else "department"
        found = block(_units(units[(units["unit"] == code) & (units["level"] == level)]), [*UNIT])
        name = self.appraisal.people.department_names.get(code, code)
        own = dict(zip(UNIT, found[0], strict=True)) if found else {"code": code, "unit_name": name}
        return self._when() | {each: own.get(each) for each in UNIT}

    def _of_units(self, scope: Scope) -> dict[str, Block]:
        units, figures = self.frames.get("units"), self.frames.get("unit_detail")
        if units is None or figures is None:
            return {"unit": Block(), "figure": Block()}
        levels = ["department", *([COMPANY.en] if scope.company else [])]
        inside = [*scope.departments, *([COMPANY.en] if scope.company else [])]
        whole = [each.code for each in self.appraisal.scheme.indicators if each.is_whole]
        counts = figures["indicator"].isin(whole).to_numpy(bool)
        figures = figures.assign(target=whole_targets(figures["target"].to_numpy(float), counts))
        chosen = [each[each["level"].isin(levels) & each["unit"].isin(inside)] for each in (units, figures)]
        named = self._named_items(chosen[1].rename(columns={"figure_unit": "of_measure"}), "of_measure")
        return {"unit": block(_units(chosen[0]), [*UNIT]), "figure": block(named, ["unit_name", *ITEM])}

    def _of_people(
        self, scope: Scope, results: pd.DataFrame, items: pd.DataFrame, tasks: pd.DataFrame
    ) -> dict[str, Block]:
        inside = scope.people
        return {
            "person": block(results[results["employee_id"].isin(inside)], [*PERSON, *RESULT]),
            "item": block(items[items["employee_id"].isin(inside)], ["employee_id", "name", *ITEM]),
            "task": block(tasks[tasks["owner_id"].isin(inside)], ["owner_id", "name", *TASK]),
        }

    # People ----------------------------------------------------------------------------------------------------------

    def _when(self) -> dict[str, Value]:
        return {"scheme": self.appraisal.scheme.name(self.lang), "period": self.appraisal.period.label(self.lang)}

    def _results(self) -> pd.DataFrame:
        """The Results sheet as it may be published, in the order of IDs."""
        settings, results = self.appraisal.scheme.settings, self.frames["results"]
        roster = self.appraisal.people.frame.set_index("employee_id")
        names = {each.group: each.name(self.lang) for each in self.appraisal.scheme.positions}
        position = roster["position"].astype("object").fillna(roster["group"].map(names))
        shown = results.assign(
            **self._when(),
            department=results["department_name"],
            position=results["employee_id"].map(position),
            grade=results["grade_name"],
            lists=results["outcome"],
        ).sort_values("employee_id")
        for each in self.appraisal.scheme.dimensions:
            telling = shown["employee_id"].map(lambda who, code=each.code: (who, code) in self.withheld.dimensions)
            shown[each.code] = shown[each.code].mask(telling)
        exposed = shown["employee_id"].isin(self.withheld.people)
        for column in ("total", "base"):
            shown[column] = shown[column].mask(exposed)
        reason = WITHHELD(self.lang)
        worded = (
            shown["remark"]
            .fillna("")
            .map(lambda text: f"{text}{BETWEEN_REMARKS(self.lang)}{reason}" if text else reason)
        )
        shown["remark"] = shown["remark"].mask(exposed, worded)
        if settings.publish_place != "yes":
            shown = shown.assign(place=None, pool_size=None, place_change=None)
        return shown if settings.publish_pay == "yes" else shown.assign(pay=None)

    def _scores(self, results: pd.DataFrame) -> pd.DataFrame:
        dimensions = {each.code: each.name(self.lang) for each in self.appraisal.scheme.dimensions}
        digits = self.appraisal.scheme.settings.decimals
        long = results.melt("employee_id", [*dimensions], "dimension", "points")
        names = long["dimension"].map(dimensions)
        percent = long["points"] / self._full(long["employee_id"], names)
        long = long.assign(
            dimension=names,
            points=round_half_up(long["points"], digits),
            percent=round_half_up(percent, 2),
            mean=round_half_up(department_means(percent, long["employee_id"], self.appraisal, [names]), 2),
        )
        return long.dropna(subset="points")

    def _full(self, ids: pd.Series, dimensions: pd.Series) -> np.ndarray:
        """Return the full points of each person's dimension: those of its indicators where points are added up."""
        settings = self.appraisal.scheme.settings
        if settings.total_method != "sum":
            return np.full(len(ids), float(settings.full_points))
        full = self.frames["detail"].groupby(["employee_id", "dimension"])["full"].sum()
        found = full.reindex(pd.MultiIndex.from_arrays([ids, dimensions])).to_numpy(np.float64)
        return np.where(found > 0, found, np.nan)

    def _items(self) -> pd.DataFrame:
        items = self._named_items(self.frames["detail"], "unit")
        codes = self.frames["detail"]["indicator"]
        pairs = zip(items["employee_id"], codes, strict=True)
        telling = np.fromiter((each in self.withheld.items for each in pairs), bool, len(items))
        for column in ("actual", "points", "contribution"):
            items[column] = items[column].mask(telling)
        hidden = HIDDEN(self.lang)
        return items.assign(state=items["state"].mask(telling, hidden), how=items["how"].mask(telling, hidden))

    def _counted(self) -> np.ndarray:
        """Mark the rows of the Detail sheet whose indicators can change a result."""
        counting = {each.code for each in self.appraisal.scheme.indicators if each.counts}
        return np.asarray(self.frames["detail"]["indicator"].isin(counting), bool)

    def _named_items(self, detail: pd.DataFrame, unit: str) -> pd.DataFrame:
        """Name the columns of a Detail sheet as a card does; the state is told only where there is no figure.

        Where full points are added up, no weight stands beside the points: they count as they are.
        """
        words = {code: word(self.lang) for code, word in WORDS["fact_status"].items()}
        weighs = self.appraisal.scheme.settings.total_method != "sum"
        return detail.assign(
            indicator=detail["indicator_name"],
            unit=detail[unit],
            state=detail["fact_status"].map(words).where(detail["points"].isna()),
            weight=detail["weight"] if weighs else np.nan,
            how=sentences(detail, self.indicators, self.lang, self.struck, self.appraisal.scheme.rating_levels),
        )

    @cached_property
    def indicators(self) -> dict[str, Indicator]:
        return {each.code: each for each in self.appraisal.scheme.indicators}

    @cached_property
    def struck(self) -> frozenset[tuple[str, str]]:
        """The people and indicators of vetoes that limit a result."""
        limited = zip(self.appraisal.people.frame["employee_id"], self.appraisal.ranking.vetoes, strict=True)
        return frozenset((who, each.code) for who, vetoes in limited for each in vetoes)

    @cached_property
    def withheld(self) -> Withheld:
        """The figures that would tell what too few raters said."""
        ratings = self.appraisal.ratings
        return withheld(ratings, self.appraisal.scheme) if ratings is not None else Withheld()

    def _rated(self) -> pd.DataFrame:
        empty = pd.DataFrame(columns=["employee_id", *RATED])
        return self.frames.get("rater_groups", empty)

    def _changes(self) -> pd.DataFrame:
        exactly = self.appraisal.period if any(each.source == "periods" for each in self.appraisal.parts) else None
        given = self.appraisal.table("adjustments")
        table, _ = rows_of_period(given, self.appraisal.when, self.appraisal.calendar, exactly)
        words = {code: word(self.lang) for code, word in WORDS["adjustment_kind"].items()}
        rows = table.frame.sort_values("adjustment_id")
        return rows.assign(kind=rows["adjustment_kind"].map(words), clause=self._unnamed(rows["clause"]))

    def _lists(self) -> pd.DataFrame:
        """The lists that people are on; the evidence tells places and totals, and so goes with them."""
        lists = self.frames["lists"]
        if self.appraisal.scheme.settings.publish_place != "yes":
            return lists.assign(evidence=None)
        return lists.assign(evidence=lists["evidence"].mask(lists["employee_id"].isin(self.withheld.people)))

    def _paid(self) -> pd.DataFrame:
        paid = self.frames.get("pay_results")
        if paid is None or self.appraisal.scheme.settings.publish_pay != "yes":
            return pd.DataFrame(columns=["employee_id", "pay_item", "amount"])
        return paid

    def _tasks(self) -> pd.DataFrame:
        _, tasks = task_list(self.appraisal, self.lang)
        return tasks.rename(columns={"due_date": "due", "done_date": "done"})

    def _unnamed(self, texts: pd.Series) -> pd.Series:
        """Blank texts that are nothing but the ID or the name of somebody on the roster."""
        return texts.mask(texts.astype("object").isin(self.names))

    @cached_property
    def names(self) -> frozenset[str]:
        """The IDs and the names of everybody on the roster."""
        frame = self.appraisal.people.frame
        return frozenset({*frame["employee_id"], *frame["name"].dropna()})

    def _with_natives(self, copy: Context) -> Context:
        """Mark the figures that native formulas give from the others on the page."""
        if not self.natives:
            return copy
        marks = MARKS["employees"]
        points, weight, whole = (marks.column("item", name) for name in ("points", "weight", "contribution"))
        items = {
            name: Block.of(_computed(item, points, weight, whole) for item in copy.blocks[name])
            for name in OF_THE_TOTAL
        }
        summed = sum(_figure(item[whole]) for item in items["item"]) + _figure(copy.values["adjustment"])
        rounded = float(round_half_up(summed, self.appraisal.scheme.settings.decimals))
        total = copy.values["total"]
        values = {**copy.values, "total": Computed(rounded) if _same(rounded, total) else total}
        return replace(copy, values=values, blocks={**copy.blocks, **items})


def _computed(item: Record, points: int, weight: int, whole: int) -> Record:
    if not _same(_figure(item[points]) * _figure(item[weight]), item[whole]):
        return item
    return (*item[:whole], Computed(_figure(item[whole])), *item[whole + 1 :])


def _figure(value: Value) -> float:
    return value if isinstance(value, float) and isfinite(value) else 0.0


def _same(one: float, other: Value) -> bool:
    return isinstance(other, float) and abs(one - other) <= BESIDE


def _units(units: pd.DataFrame) -> pd.DataFrame:
    return units.assign(code=units["unit"], grade=units["grade_name"])


# Pseudonyms -------------------------------------------------------------------------------------------------------


def disguised(made: Contexts, pseudonyms: Mapping[str, str], names: Mapping[str, str], marks: Marks) -> Contexts:
    """Return copies that call people by their pseudonyms, in texts too; their names are left out.

    >>> copy = Context("E1", {"employee_id": "E1", "name": "Ann", "remark": "Ann: leave"}, {})
    >>> [told] = disguised(Contexts.of([copy]), {"E1": "P7"}, {"E1": "Ann"}, MARKS["employees"])
    >>> told.values
    {'employee_id': 'P7', 'name': None, 'remark': 'P7: leave'}
    """
    called = {name: pseudonyms[who] for who, name in names.items() if who in pseudonyms} | dict(pseudonyms)
    known = sorted(filter(None, called), key=len, reverse=True)
    pattern = re.compile("|".join(rf"(?<![0-9A-Za-z]){re.escape(each)}(?![0-9A-Za-z])" for each in known) or r"(?!)")

    def text(value: Value) -> Value:
        return pattern.sub(lambda found: called[found[0]], value) if isinstance(value, str) else value

    def worded(rows: Block, names: Iterable[str]) -> Block:
        columns = zip(rows.columns, names, strict=False)
        return Block([[None] * len(rows) if name == "name" else [*map(text, values)] for values, name in columns])

    return Contexts(
        [pseudonyms.get(each, each) for each in made.recipients],
        lambda: (
            Context(
                pseudonyms.get(each.recipient, each.recipient),
                {name: None if name == "name" else text(value) for name, value in each.values.items()},
                {name: worded(rows, marks.blocks[name][1]) for name, rows in each.blocks.items()},
            )
            for each in made
        ),
    )
