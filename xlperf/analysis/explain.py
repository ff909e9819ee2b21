"""Explains a result: from a grade through totals, points and facts down to the client and task rows, in words.

The explanation is plain data (for JSON), and ``as_lines`` turns it into the text that the terminal shows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from xlperf.analysis.rating_sentences import rating_sentences
from xlperf.analysis.row_pages import Page, calculated_from, columns_shown, page_of
from xlperf.analysis.rule_sentences import DEDUCTED, ScoredFigure, rule_sentence, with_unit
from xlperf.analysis.task_guide import columns_named, counting_rule
from xlperf.core.numbers import figure_in_words, show_number
from xlperf.core.problems import Lang, Problem, Text, full_address
from xlperf.core.spelling import similar
from xlperf.core.vocabulary import STATES, WORDS, with_singulars
from xlperf.policy.conditions import Condition, Operand, in_words, read, to_text
from xlperf.policy.conditions.tree import All, Any_, Calc, Choice, Compare, Function, Not, Ref, Value
from xlperf.policy.conditions.wording import FUNCTION_TEXT
from xlperf.policy.scheme import Indicator, Part, level_said
from xlperf.policy.scheme.formula_scope import formula_scope, part_of_fact
from xlperf.policy.validation import as_percent, exact_shares
from xlperf.policy.validation.quota_limits import limit_text
from xlperf.schema import Column
from xlperf.schema.tables import Table, empty
from xlperf.scoring.distribution import place_figures
from xlperf.scoring.matrices import Facts, Points, Totals
from xlperf.scoring.period_rows import prepared
from xlperf.scoring.prorated_targets import Proration, prorated_targets
from xlperf.scoring.quota_limits import in_people
from xlperf.scoring.ranking import comparison_groups
from xlperf.scoring.rollup import kept_totals, weight_inside
from xlperf.scoring.roster import REASONS, find_person
from xlperf.scoring.stages import Finished
from xlperf.scoring.unit_scores import UnitResults


@dataclass(frozen=True)
class SourceRow:
    """One client, task, rating or check behind a figure: where it stands, what it holds, and whether it is a hit."""

    cell: str
    values: dict[str, str]
    hit: bool


@dataclass(frozen=True)
class IndicatorStory:
    """How one indicator came to its points.

    ``full`` are the full points where points are added up, and empty where weights count; ``deducts`` tells that the
    figure is the points that were taken off. ``rows`` are a page of those behind it, from the number ``first_row`` on;
    it is 0 where the page has none. ``ratings`` work out the mean of several raters.
    """

    code: str
    name: str
    figure: str
    target: str
    counting: str
    scoring: str
    points: str
    weight: str
    contribution: str
    ratings: list[str] = field(default_factory=list)
    full: str = ""
    deducts: bool = False
    rows: list[SourceRow] = field(default_factory=list)
    first_row: int = 0
    rows_in_all: int = 0


@dataclass(frozen=True)
class Story:
    """How one person came to a grade; ``place_figures`` work out what the scheme shows beside places."""

    employee_id: str
    name: str
    period: str
    grade: str
    place: str
    total: str
    parts: list[str]
    dimensions: dict[str, str]
    indicators: list[IndicatorStory]
    place_figures: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Return the story as plain data."""
        return asdict(self)


def explain(
    appraisal: Finished,
    person: str,
    indicator: str | None = None,
    lang: Lang = "zh",
    page: int = 1,
    size: int | None = None,
) -> tuple[Story | None, list[Problem]]:
    """Explain a person's result; with an indicator, down to the rows behind it.

    Parameters
    ----------
    appraisal : one that is done
    person : an employee ID, a name that only one employee has, or the code or name of a unit
    indicator : the code or name of an indicator; all of them, without rows, where it is not given
    page : which of the pages that the rows behind the indicator fill, from 1
    size : rows of a page; as many as the settings list where it is not given
    """
    subject, problems = _subject(appraisal, person)
    which, more = _indicators(subject.indicators if subject else appraisal.indicators, indicator)
    if subject is None or more:
        return None, problems + more
    most = appraisal.scheme.settings.rows_listed if size is None else size
    pages = None if indicator is None else (page, most)
    return _Teller(appraisal, subject, lang).story(which, pages), problems


@dataclass(frozen=True)
class _Subject:
    """Who a story is about: a person, or a unit; ``i`` is the row in the figures, ``owners`` whose rows count."""

    i: int
    code: str
    name: Text
    owners: tuple[str, ...]
    indicators: tuple[Indicator, ...]
    applies: np.ndarray
    facts: Facts
    points: Points
    totals: Totals
    level: UnitResults | None = None


def _subject(appraisal: Finished, word: str) -> tuple[_Subject | None, list[Problem]]:
    unit = _unit(appraisal, word)
    return (unit, []) if unit is not None else _person(appraisal, word)


def _unit(appraisal: Finished, word: str) -> _Subject | None:
    """Return the unit that a word names; the smallest level first."""
    ids = appraisal.people.frame["employee_id"].to_numpy(object)
    for level in appraisal.of_units:
        units = level.units
        for i, (code, name) in enumerate(zip(units.frame["unit"], units.frame["unit_name"], strict=True)):
            if word in (code, *name):
                owners = (*ids[units.member[i]], *np.array(units.names, object)[units.inside[i]])
                figures = (level.facts, level.points, level.totals)
                return _Subject(i, code, name, owners, level.indicators, level.applies, *figures, level)
    return None


def _person(appraisal: Finished, word: str) -> tuple[_Subject | None, list[Problem]]:
    frame = appraisal.people.frame
    i, problems = find_person(frame, word)
    if i is None:
        return None, problems
    code, name = str(frame["employee_id"].iloc[i]), frame["name"].iloc[i]
    named = Text(name, name) if isinstance(name, str) else Text("", "")
    figures = (appraisal.facts, appraisal.points, appraisal.totals)
    return _Subject(i, code, named, (code,), appraisal.indicators, appraisal.applies, *figures), []


def _indicators(indicators: Sequence[Indicator], word: str | None) -> tuple[list[int], list[Problem]]:
    if word is None:
        return list(range(len(indicators))), []
    found = [k for k, each in enumerate(indicators) if word in (each.code, *each.name)]
    if found:
        return found, []
    names = [name for each in indicators for name in (each.code, *each.name)]
    return [], [Problem("indicator-unknown", details={"cell": word, "near": similar(word, names)})]


class _Teller:
    """Tells the story of one person or unit in one language."""

    def __init__(self, appraisal: Finished, subject: _Subject, lang: Lang) -> None:
        self.all, self.subject, self.i = appraisal, subject, subject.i
        self.lang: Lang = lang
        self.indicators = subject.indicators
        self.facts, self.points, self.totals = subject.facts, subject.points, subject.totals
        self.ranking, self.period, self.when = appraisal.ranking, appraisal.period, appraisal.when
        self.digits = appraisal.scheme.settings.decimals

    def say(self, zh: str, en: str) -> str:
        return zh if self.lang == "zh" else with_singulars(en)

    def number(self, value: float, digits: int | None = None) -> str:
        return show_number(value, self.digits if digits is None else digits)

    def story(self, which: list[int], page: tuple[int, int] | None) -> Story:
        mine = [k for k in which if self.subject.applies[self.i, k]]
        return Story(
            employee_id=self.subject.code,
            name=self.subject.name(self.lang),
            period=self.period.label(self.lang),
            grade=self.grade(),
            place=self.place(),
            total=self.total(),
            parts=self.parts(),
            dimensions=self.dimensions(),
            indicators=[self.indicator(k, page) for k in mine],
            place_figures=self.place_figures(),
        )

    # The result -------------------------------------------------------------------------------------------------

    def grade(self) -> str:
        level = self.subject.level
        if level is not None:
            grade = level.grade[self.i]
            return self.all.scheme.grades[grade].name(self.lang) if grade >= 0 else self.say("不评等", "not graded")
        grade = self.ranking.grade[self.i]
        if grade < 0:
            reason = self.ranking.reason[self.i]
            return self.say("不评等", "not graded") + (f" ({REASONS[reason](self.lang)})" if reason in REASONS else "")
        each = self.all.scheme.grades[grade]
        vetoes = "、".join(veto.name(self.lang) for veto in self.ranking.vetoes[self.i])
        limited = self.say(f"（触发{vetoes}）", f" (struck by {vetoes})") if vetoes else ""
        return f"{each.code} {each.name(self.lang)}{limited}{self.calibrated()}"

    def calibrated(self) -> str:
        """What the grade was before calibration, and who changed it, when and why."""
        found = self.all.calibration
        change = found.change_of(self.i) if found is not None else None
        if change is None:
            return ""
        before = self.all.scheme.grades[change.computed].name(self.lang)
        day = f"{change.decided_on:%Y-%m-%d}"
        return self.say(
            f"（校准前为{before}；{change.decided_by} {day} 调整：{change.reason}）",
            f" (calibrated from {before} by {change.decided_by} on {day}: {change.reason})",
        )

    def place(self) -> str:
        """The place in the pool, and the line that decides the grade; of a unit, the place in its level."""
        level = self.subject.level
        if level is not None:
            place, size, kind = int(level.place[self.i]), len(level.units), WORDS["level"][level.level](self.lang)
            return self.say(f"第 {place} 名，共 {size} 个{kind}", f"{place} of {size} ({kind})") if place else ""
        found = self.all.calibration
        ranking = found.computed if found is not None else self.ranking  # whose lines decided, before any change
        place, pool = int(ranking.place[self.i]), int(ranking.pools.code[self.i])
        if place == 0:
            return ""
        size, name = int(self.ranking.sizes[pool]), self.ranking.pools.names[pool](self.lang)
        said = self.say(f"第 {place} 名，共 {size} 人（{name}）", f"{place} of {size} ({name})")
        if (now := int(self.ranking.place[self.i])) != place:
            said += self.say(f"，校准后第 {now} 名", f", {now} after calibration")
        grade = ranking.grade[self.i]
        if ranking.lines is None or grade < 0:
            return said
        if ranking.wanted is not None:
            return said + self.line_within_limits(pool, grade)
        up_to = sum(exact_shares(self.all.scheme)[: grade + 1], Fraction(0))
        last, exact = int(ranking.lines[pool, grade]), self.number(float(up_to * size))
        each = self.all.scheme.grades[grade].name(self.lang)
        rule = WORDS["rounding"][self.all.scheme.settings.rounding](self.lang)
        return said + self.say(
            f"；“{each}”到第 {last} 名为止：{size} × {as_percent(up_to)} = {exact}（{rule}）",
            f'; "{each}" runs to place {last}: {size} × {as_percent(up_to)} = {exact} ({rule})',
        )

    def place_figures(self) -> list[str]:
        """Work out what the setting "Figures of places" shows beside the place."""
        chosen, ranking, i = self.all.scheme.settings.place_figures, self.ranking, self.i
        place = int(ranking.place[i])
        if self.subject.level is not None or place == 0:
            return []
        size, found = int(ranking.sizes[ranking.pools.code[i]]), place_figures(ranking.place, ranking.pools.code)
        rank, percentile = found.percent_rank[i], found.percentile[i]
        behind = round(rank * (size - 1))
        of_others = f"{behind} ÷ ({size} − 1) = " if size > 1 else ""
        worked_out = {
            "dense_place": self.plain(found.dense_place[i]),
            "percent_rank": f"{of_others}{self.plain(rank * 100)}%",
            "percentile": f"({size} − {place} + 1) ÷ {size} = {self.plain(percentile * 100)}%",
        }
        names = WORDS["place_figure"]
        return [f"{names[each](self.lang)}  {said}" for each, said in worked_out.items() if each in chosen]

    def line_within_limits(self, pool: int, grade: int) -> str:
        """The line of a grade where limits of shares hold: what was asked for, and the limits that moved it."""
        assert self.ranking.lines is not None
        assert self.ranking.wanted is not None
        scheme = self.all.scheme
        last, asked = int(self.ranking.lines[pool, grade]), int(self.ranking.wanted[pool, grade])
        name, way = scheme.grades[grade].name(self.lang), WORDS["grading"][scheme.settings.grading](self.lang)
        said = self.say(f"；“{name}”到第 {last} 名为止", f'; "{name}" runs to place {last}')
        if last == asked:
            return said + self.say(f"（{way}，在比例限制之内）", f" ({way}, within the limits)")
        limits = [each for each in self.ranking.limits if each.pool == pool]
        told = ("；" if self.lang == "zh" else "; ").join(
            limit_text(scheme.quota_limits[each.position], scheme)(self.lang) + in_people(each)(self.lang)
            for each in limits
        )
        return said + self.say(
            f"：{way}到第 {asked} 名，受比例限制移到第 {last} 名（{told}）",
            f": {way} it would run to place {asked}, moved to {last} by the limits ({told})",
        )

    def parts(self) -> list[str]:
        """What the parts of a longer period come to."""
        if self.subject.level is not None:
            return []
        scores, weights = self.totals.parts[self.i], self.totals.part_weights[self.i]
        return [
            f"{part.name(self.lang)} {self.number(score)}{self.smaller_periods(part)} × {self.plain(weight * 100)}%"
            for part, score, weight in zip(self.all.parts, scores, weights, strict=True)
            if score == score
        ]

    def smaller_periods(self, part: Part) -> str:
        """Name the kept totals that a part is the mean of, with their days or months where these weigh."""
        stage = self.all
        kept = kept_totals(self.subject.code, part, stage.period, stage.calendar, stage.table("history"))
        weighed = {"days": self.say(" × {} 天", " × {} days"), "months": self.say(" × {} 个月", " × {} months")}
        times = weighed.get(part.inner, "")
        told = [
            f"{each.label(self.lang)} {self.number(total)}{times.format(self.plain(weight_inside(each, part)))}"
            for each, total in kept
        ]
        return self.say(f"（{'，'.join(told)}）", f" ({', '.join(told)})") if told else ""

    def total(self) -> str:
        level = self.subject.level
        if level is not None:
            total, mean = self.number(self.totals.total[self.i]), self.number(level.mean_total[self.i])
            return self.say(f"{total}（人均总分 {mean}）", f"{total} (mean total of its people {mean})")
        base, adjustment = self.totals.base[self.i], self.totals.adjustment[self.i]
        total = self.number(self.ranking.total[self.i])
        if adjustment == 0:
            return self.say(f"{total}（基础得分，无加减分）", f"{total} (base score, no adjustments)")
        sign = "+" if adjustment > 0 else "−"
        return self.say(
            f"{total} = 基础得分 {self.number(base)} {sign} 加减分 {self.number(abs(adjustment))}",
            f"{total} = base score {self.number(base)} {sign} adjustments {self.number(abs(adjustment))}",
        )

    def dimensions(self) -> dict[str, str]:
        scores = self.totals.dimensions[self.i]
        shares = {
            d.code: sum(
                self.totals.weights[self.i, k] for k, each in enumerate(self.indicators) if each.dimension == d.code
            )
            for d in self.all.scheme.dimensions
        }
        return {
            d.name(self.lang): f"{self.number(scores[position])} × {shares[d.code]:.4g}"
            if self.all.scheme.settings.total_method == "weighted"
            else self.number(scores[position])
            for position, d in enumerate(self.all.scheme.dimensions)
            if scores[position] == scores[position]
        }

    # Indicators -------------------------------------------------------------------------------------------------

    def indicator(self, k: int, page: tuple[int, int] | None) -> IndicatorStory:
        each = self.indicators[k]
        points = self.points.points[self.i, k]
        story = IndicatorStory(
            code=each.code,
            name=each.name(self.lang),
            figure=self.figure(k, each),
            target=self.target(k, each),
            counting=counting_rule(each, columns_named(each, self.all.scheme, self.all.tables), self.lang),
            scoring=self.scoring(k, each),
            points=self.number(points),
            weight=f"{self.plain(self.totals.weights[self.i, k] * 100)}%",
            contribution=self.number(self.totals.contribution[self.i, k], 4),
            ratings=self.ratings(each),
            full=self.plain(self.points.full[k]) if self.all.scheme.settings.total_method == "sum" else "",
            deducts=each.is_deduction,
        )
        if page is None:
            return story
        rows = self.page(each, *page)
        return replace(story, rows=self.rows(each, rows), first_row=rows.first, rows_in_all=rows.count)

    def figure(self, k: int, each: Indicator) -> str:
        state = STATES[int(self.facts.state[self.i, k])]
        if state != "measured":
            return WORDS["fact_status"][state](self.lang)
        top, bottom = self.facts.numerator[self.i, k], self.facts.denominator[self.i, k]
        value = self.facts.actual[self.i, k]
        actual = self.in_levels(each, value) or self.with_unit(value, each)
        if each.measure == "formula":
            return f"{self.substituted(each.columns[0])} = {actual}"
        alone = bottom == 1 and each.measure in ("given", "mean")  # one figure, which is itself the actual
        return actual if bottom != bottom or alone else f"{self.plain(top)} ÷ {self.plain(bottom)} = {actual}"

    def ratings(self, each: Indicator) -> list[str]:
        """Work out the mean of several raters; a unit's comes from the figures of its people."""
        if self.subject.level is not None:
            return []
        return rating_sentences(self.all.ratings, self.subject.code, each, self.lang)

    def in_levels(self, each: Indicator, value: float) -> str:
        """Say a rating by the label of its level; nothing where it has none."""
        said = level_said(each, self.all.scheme.rating_levels, value)
        return said(self.lang) if said else ""

    def substituted(self, node: Operand, closed: str = "") -> str:
        """Write a formula with this person's figures in place of the indicators that it names.

        ``closed`` are the signs of arithmetic that want brackets where the node stands.
        """
        match node:
            case Calc(sign, left, right):
                before, behind = {"+": ("", ""), "-": ("", "+-"), "*": ("+-", "+-"), "/": ("+-", "+-*/")}[sign]
                shown = {"*": "×", "/": "÷", "-": "−"}.get(sign, sign)
                said = f"{self.substituted(left, before)} {shown} {self.substituted(right, behind)}"
                return f"({said})" if sign in closed else said
            case Function(name, operands, digits):
                numbers = [self.substituted(each) for each in operands] + [str(digits)] * (name == "round")
                return f"{FUNCTION_TEXT[name](self.lang)}({', '.join(numbers)})"
            case Choice(condition, then, otherwise):
                numbers = [self.compared(condition), self.substituted(then), self.substituted(otherwise)]
                return f"{FUNCTION_TEXT['if'](self.lang)}({', '.join(numbers)})"
            case Ref(column):
                code, part = part_of_fact(column, {each.code for each in self.facts.indicators})
                return self.plain(getattr(self.facts, part)[self.i, self.facts.column(code)])
            case Value(float(number)):
                return self.plain(number)
            case _:
                return to_text(node, self.lang)

    def compared(self, condition: Condition) -> str:
        """Write a condition of a formula with this person's figures in place of the indicators that it names."""
        match condition:
            case Compare(left, sign, right):
                return f"{self.substituted(left)} {sign} {self.substituted(right)}"
            case All(items) if items:
                return self.say(" 且 ", " and ").join(map(self.compared, items))
            case Any_(items):
                return f"({self.say(' 或 ', ' or ').join(map(self.compared, items))})"
            case Not(item):
                return self.say("非", "not") + f" ({self.compared(item)})"
            case _:
                return to_text(condition, self.lang)

    def target(self, k: int, each: Indicator) -> str:
        """The target; where somebody was there for part of the period, with what it was shrunk from."""
        shown = self.with_unit(self.points.targets[self.i, k], each)
        if self.subject.level is not None:
            return shown
        proration = self.prorations.get((self.i, k))
        said = proration.sentence(self.lang) if proration is not None else ""
        return shown + (self.say(f"（{said}）", f" ({said})") if said else "")

    @cached_property
    def prorations(self) -> dict[tuple[int, int], Proration]:
        """Which of this person's targets follow the days in service."""
        return prorated_targets(self.all, self.points.targets, np.array([self.i]))

    def with_unit(self, value: float, each: Indicator) -> str:
        return with_unit(value, each.unit, self.lang)

    def plain(self, value: float) -> str:
        return figure_in_words(value, self.lang)

    def scoring(self, k: int, each: Indicator) -> str:
        """Fill the sentence of the rule's card with this person's figures."""
        points = self.points.points[self.i, k]
        if each.card.veto:
            return (
                self.say("触发", "triggered") if self.points.vetoed[self.i, k] else self.say("未触发", "not triggered")
            )
        if points != points:
            return ""
        scope = formula_scope((other.code, other.name) for other in self.indicators)
        scored = ScoredFigure(
            {
                "actual": self.facts.actual[self.i, k],
                "target": self.points.targets[self.i, k],
                "numerator": self.facts.numerator[self.i, k],
                "denominator": self.facts.denominator[self.i, k],
                "full": self.points.full[k],
            },
            each.direction,
            each.parameters,
            each.unit,
            self.all.scheme.bands.get(each.parameters.get("band_set", ""), ()),
            self.all.scheme.curve(each.parameters.get("curve")),
            self.compared_with(k, each),
            {
                parameter.code: in_words(read(each.parameters[parameter.code], scope), self.lang, scope.columns)
                for parameter in each.card.parameters
                if parameter.kind == "condition" and parameter.code in each.parameters
            },
        )
        words = DEDUCTED if each.is_deduction else None
        return rule_sentence(each.card, scored, self.number(points), self.lang, words)

    def compared_with(self, k: int, each: Indicator) -> Sequence[float]:
        """Return the figures that a rule of places compares; none where somebody in the group has changed position."""
        if not each.card.ranks:
            return ()
        figures, concerned = self.facts.actual[:, k], self.subject.applies[:, k]
        if self.subject.level is None:
            groups = comparison_groups(self.all.people, self.all.scheme.settings)
            concerned = concerned & (groups == groups[self.i])
            posts = np.bincount(self.all.spells.person, minlength=len(groups))
            if (posts[concerned] > 1).any():
                return ()
        known: list[float] = figures[concerned & ~np.isnan(figures)].tolist()
        return known

    # Rows -------------------------------------------------------------------------------------------------------

    def page(self, each: Indicator, number: int, size: int) -> Page:
        """A page of the rows that the indicator counts for this person, hits first."""
        table = self.all.tables.get(each.sheet, empty(each.sheet))
        table, _ = prepared(table, self.all.scheme.indicators, self.when, self.all.calendar)
        return page_of(table, each, self.when, self.subject.owners, size, number)

    def rows(self, each: Indicator, page: Page) -> list[SourceRow]:
        table = page.table
        shown, calculated = columns_shown(table, each, self.when), calculated_from(table, each, self.when)
        return [
            SourceRow(
                cell=full_address(table.title, f"{table.letters.get(table.sheet.key[0], 'A')}{table.rows[i]}"),
                values={column.name(self.lang): self.cell(table, column, i, each) for column in shown}
                | {name(self.lang): self.plain(values[i]) for name, values in calculated if values[i] == values[i]},
                hit=hit,
            )
            for i, hit in zip(page.at.tolist(), page.hit.tolist(), strict=True)
        ]

    def cell(self, table: Table, column: Column, i: int, each: Indicator) -> str:
        value = table.frame[column.code].iloc[i]
        if value is None or value != value or value is pd.NaT:
            return ""
        if column.kind == "date":
            return f"{value:%Y-%m-%d}" if value == value.normalize() else f"{value:%Y-%m-%d %H:%M}"
        if column.kind == "choice":
            return column.vocabulary[str(value)](self.lang)
        if column.code == "score" and (said := self.in_levels(each, float(value))):
            return said
        return self.plain(float(value)) if isinstance(value, float) else str(value)


def as_lines(story: Story, lang: Lang) -> Iterator[str]:
    """Write a story as the lines that a terminal shows."""

    def say(zh: str, en: str) -> str:
        return zh if lang == "zh" else en

    yield (f"{story.name} ({story.employee_id})" if story.name else story.employee_id) + f" · {story.period}"
    yield say(f"等级  {story.grade}", f"Grade  {story.grade}")
    if story.place:
        yield say(f"名次  {story.place}", f"Place  {story.place}")
    for figure in story.place_figures:
        yield f"       {figure}"
    yield say(f"总分  {story.total}", f"Total  {story.total}")
    if story.parts:
        yield "       " + say("基础得分 = ", "base score = ") + " + ".join(story.parts)
    for name, score in story.dimensions.items():
        yield f"       {name}: {score}"
    for each in story.indicators:
        yield ""
        yield f"{each.name} ({each.code})"
        yield from _indicator_lines(each, say)


def _counted(each: IndicatorStory, say: Any) -> str:
    """Say what an indicator counts for: its points of the full points, or its points times its weight."""
    points, full, weight, added = each.points, each.full, each.weight, each.contribution
    if not full:
        return str(
            say(
                f"得分 {points} × 权重 {weight} → 计入总分 {added}",
                f"points {points} × weight {weight} → adds {added} to the total",
            )
        )
    of_full = say(f"满分 {full} 分，得 {points} 分", f"{points} of {full} points") if points else ""
    adds = say(f"计入总分 {added}", f"adds {added} to the total")
    return f"{of_full} → {adds}" if of_full else str(adds)


def _indicator_lines(each: IndicatorStory, say: Any) -> Iterator[str]:
    yield (
        "  "
        + (
            say(f"扣 {each.figure}", f"deducted {each.figure}")
            if each.deducts
            else say(f"实际 {each.figure}", f"actual {each.figure}")
        )
        + (say(f"，目标 {each.target}", f", target {each.target}") if each.target else "")
    )
    yield f"  {each.counting}"
    for sentence in each.ratings:
        yield f"    {sentence}"
    if each.scoring:
        yield f"  {each.scoring}"
    yield "  " + _counted(each, say)
    for row in each.rows:
        values = ", ".join(f"{name} {value}" for name, value in row.values.items() if value)
        yield f"    {'✓' if row.hit else '✗'} {row.cell}  {values}"
    last = each.first_row + len(each.rows) - 1
    if not each.rows and each.rows_in_all:
        yield "    " + say(
            f"共 {each.rows_in_all:,} 行，没有这一页", f"there is no such page of {each.rows_in_all:,} rows"
        )
    elif len(each.rows) < each.rows_in_all:
        yield "    " + say(
            f"第 {each.first_row:,}–{last:,} 行，共 {each.rows_in_all:,} 行；其余用 --page 查看",
            f"rows {each.first_row:,}–{last:,} of {each.rows_in_all:,}; --page shows the others",
        )
