"""What forms ask of whom, and what comes of the answers: asked before, answered once, and never guessed.

A rater is asked about people that the roster gives (oneself, one's superior's people, one's own superior) as far as the
Raters sheet weighs the relation, and about whatever stands on the Ratings sheet without a score. Who is to fill in
figures gets those of the own position that nobody has reported.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from datetime import date, datetime
from typing import Any, Literal

import numpy as np
import pandas as pd

from xlperf.core.problems import Lang, Problem, some
from xlperf.core.vocabulary import WORDS, unit_name
from xlperf.policy.scheme import Indicator, Scheme, levels_of, scale_of
from xlperf.policy.validation.raters import relations_of
from xlperf.reporting.placeholders import MARKS, FormAudience
from xlperf.schema import ORIGIN
from xlperf.schema.tables import Table, table_of, typed
from xlperf.scoring.stages import Gathered
from xlperf.xlsx.template.context import Block, Context, Value

SHEET: dict[FormAudience, str] = {"raters": "ratings", "figures": "actuals"}
COLUMN: dict[FormAudience, str] = {"raters": "score", "figures": "actual"}
SIGN = "xlperf-form"  # what the hidden sheet of a form begins with
APPEALS: Literal["appeals"] = "appeals"  # the kind of a form of an appeal, which asks no questions


@dataclass(frozen=True)
class Asked:
    """One thing that somebody is asked: about whom, on what, and as whose what."""

    employee_id: str
    indicator: str
    relation: str = ""


@dataclass(frozen=True)
class Answer:
    """One thing that somebody answered, and where the answer stands."""

    rater: str
    asked: Asked
    figure: float
    comment: str
    file: str
    cell: str
    saved: datetime


def signed_text(form: str, period: str, scheme: str, rater: str, asked: Sequence[Asked]) -> str:
    """Return what the signature of a form rests on: who is asked what, when and under which scheme."""
    rows = [[each.employee_id, each.indicator, each.relation] for each in asked]
    return json.dumps([SIGN, form, period, scheme, rater, rows], ensure_ascii=False)


# Asking -----------------------------------------------------------------------------------------------------------


def questions(appraisal: Gathered, form: FormAudience) -> dict[str, list[Asked]]:
    """Return what everybody is asked, by whom it is asked, in the order of IDs; what is answered is not asked again.

    Parameters
    ----------
    appraisal : one that knows the people of the period, whether it is done or waits for answers
    form : ratings of others, or figures of one's own
    """
    people = appraisal.people.frame[appraisal.people.frame["scored"]]
    items = [
        each
        for each in appraisal.scheme.of_level("employee")
        if each.sheet == SHEET[form] and each.is_understood and each.measure != "formula"
    ]
    if form == "figures":
        wanted = {(who, Asked(who, each.code)) for who, group in _groups(people) for each in _own(items, group)}
    else:
        wanted = set(_ratings_wanted(appraisal, people, items))
    open_questions = wanted - _answered(appraisal, form)
    codes = [each.code for each in items]
    found: dict[str, list[Asked]] = {}
    for who, asked in sorted(
        open_questions,
        key=lambda pair: (pair[0], pair[1].employee_id, codes.index(pair[1].indicator), pair[1].relation),
    ):
        found.setdefault(who, []).append(asked)
    return found


def _groups(people: pd.DataFrame) -> Iterator[tuple[str, str]]:
    yield from zip(people["employee_id"], people["group"].fillna(""), strict=True)


def _own(items: Sequence[Indicator], group: str) -> list[Indicator]:
    return [each for each in items if each.group in ("", group)]


def _ratings_wanted(
    appraisal: Gathered, people: pd.DataFrame, items: Sequence[Indicator]
) -> Iterator[tuple[str, Asked]]:
    """Yield who is asked about whom: by the roster, and by rows of the Ratings sheet that wait for a score."""
    superiors = _superiors(appraisal, people)
    below: dict[str, list[str]] = {}
    for who, superior in superiors.items():
        below.setdefault(superior, []).append(who)
    for who, group in _groups(people):
        superior = superiors.get(who, "")
        asked = {
            "self": [who],
            "manager": [superior],
            "indirect": [superiors.get(superior, "")],
            "subordinate": below.get(who, []),
        }
        for each in _own(items, group):
            for relation in _relations(appraisal, each):
                yield from ((rater, Asked(who, each.code, relation)) for rater in asked.get(relation, []) if rater)
    rows = _rows_of_period(appraisal, "raters")
    known, codes = set(people["employee_id"]), {each.code for each in items}
    for row in _tuples(rows[rows["score"].isna()]):
        if row.employee_id in known and row.indicator in codes and isinstance(row.rater_id, str):
            yield row.rater_id, Asked(row.employee_id, row.indicator, _text(row.relation))


def _relations(appraisal: Gathered, item: Indicator) -> list[str]:
    weighed = [each.relation for each in relations_of(appraisal.scheme, item.dimension) if each.weight > 0]
    return weighed or ["manager"]


def _superiors(appraisal: Gathered, people: pd.DataFrame) -> dict[str, str]:
    """Return everybody's superior, or else the head of the department; nobody is superior to oneself."""
    departments = appraisal.table("departments").frame
    heads = dict(zip(departments["department"], departments["head_id"], strict=True))
    chosen = people["manager_id"].fillna(people["department"].map(heads).astype("str"))
    return {
        who: superior
        for who, superior in zip(people["employee_id"], chosen, strict=True)
        if isinstance(superior, str) and superior != who
    }


def _answered(appraisal: Gathered, form: FormAudience) -> set[tuple[str, Asked]]:
    rows = _rows_of_period(appraisal, form)
    if form == "figures":
        reported = rows[["numerator", "actual"]].notna().any(axis=1) | (rows["not_applicable"] == "yes")
        return {(row.employee_id, Asked(row.employee_id, row.indicator)) for row in _tuples(rows[reported])}
    given = rows[rows["score"].notna()]
    return {(_text(row.rater_id), Asked(row.employee_id, row.indicator, _text(row.relation))) for row in _tuples(given)}


def _rows_of_period(appraisal: Gathered, form: FormAudience) -> pd.DataFrame:
    """Return the rows of the period itself, under the codes of their indicators."""
    frame = appraisal.table(SHEET[form]).frame
    codes = {word: each.code for each in reversed(appraisal.scheme.indicators) for word in (*each.name, each.code)}
    assert appraisal.period is not None
    meant = appraisal.calendar.resolve(frame["period"].dropna().unique(), appraisal.period)
    ours = [label for label, period in meant.items() if period == appraisal.period]
    return frame[frame["period"].isna() | frame["period"].isin(ours)].assign(indicator=frame["indicator"].map(codes))


def _tuples(frame: pd.DataFrame) -> list[Any]:
    return list(frame.itertuples())


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def forms_of(appraisal: Gathered, form: FormAudience, signatures: Mapping[str, str], lang: Lang) -> list[Context]:
    """Return a form for everybody who is asked something.

    Parameters
    ----------
    signatures : of what each of them is asked, by ``signed_text``
    """
    employees = appraisal.table("employees").frame.set_index("employee_id")["name"]
    known = appraisal.people.frame.set_index("employee_id")
    items = {each.code: each for each in appraisal.scheme.indicators}
    made = []
    for who, asked in questions(appraisal, form).items():
        name = employees.get(who)
        values: dict[str, Value] = {
            "scheme": appraisal.scheme.name(lang),
            "period": appraisal.period.label(lang),
            "rater": who,
            "rater_name": _text(name) or None,
            "due": appraisal.scheme.settings.return_by or None,
            "sign": SIGN,
            "form": form,
            "period_code": appraisal.period.code,
            "scheme_code": appraisal.scheme.settings.scheme,
            "signature": signatures[who],
        }
        rows = [
            _question(number, each, known, items[each.indicator], appraisal, lang)
            for number, each in enumerate(asked, 1)
        ]
        blocks = {"ask": rows}
        if form == "raters":
            blocks["level"] = list(_levels_asked(asked, items, appraisal.scheme, lang))
        made.append(Context(who, values, {name: _block(form, name, rows) for name, rows in blocks.items()}))
    return made


def _block(form: FormAudience, name: str, rows: Sequence[Mapping[str, Value]]) -> Block:
    return Block([[row.get(column) for row in rows] for column in MARKS[form].blocks[name][1]])


def _levels_asked(
    asked: Sequence[Asked], items: Mapping[str, Indicator], scheme: Scheme, lang: Lang
) -> Iterator[dict[str, Value]]:
    """Yield the levels of the indicators that a form asks about, those of each indicator one below the other."""
    for code in dict.fromkeys(each.indicator for each in asked):
        for level in levels_of(scheme.rating_levels, code):
            yield {
                "indicator": code,
                "indicator_name": items[code].name(lang),
                "label": level.label(lang),
                "value": level.value,
                "anchor": level.anchor(lang) or None,
            }


def _question(
    number: int, asked: Asked, people: pd.DataFrame, item: Indicator, appraisal: Gathered, lang: Lang
) -> dict[str, Value]:
    low, high = scale_of(item, appraisal.scheme.settings.full_points)
    dimensions = {each.code: each.name(lang) for each in appraisal.scheme.dimensions}
    target = float(item.target) if item.target == item.target else None
    return {
        "no": float(number),
        "employee_id": asked.employee_id,
        "name": _text(people.at[asked.employee_id, "name"]) or None,
        "department": _text(people.at[asked.employee_id, "department_name"]) or None,
        "dimension": dimensions.get(item.dimension, item.dimension),
        "indicator": item.code,
        "indicator_name": item.name(lang),
        "relation": WORDS["relation"][asked.relation](lang) if asked.relation else None,
        "relation_code": asked.relation or None,
        "low": low,
        "high": high,
        "unit": unit_name(item.unit)(lang),
        "target": target,
    }


# Collecting -------------------------------------------------------------------------------------------------------


def late(answers: Iterable[Answer], due: date | None) -> list[Problem]:
    """Report the files that were saved after the day on which they were due."""
    if due is None:
        return []
    times = {each.file: each.saved for each in answers if each.saved.date() > due}
    return [
        Problem("return-late", details={"file": file, "saved": f"{saved:%Y-%m-%d %H:%M}", "due": f"{due:%Y-%m-%d}"})
        for file, saved in sorted(times.items())
    ]


def once(answers: Sequence[Answer]) -> tuple[list[Answer], list[Problem]]:
    """Keep one of answers that say the same; where they differ nobody can tell which holds, and all are reported."""
    by_question: dict[tuple[str, Asked], list[Answer]] = {}
    for each in sorted(answers, key=lambda one: (one.rater, astuple(one.asked), one.file, one.cell)):
        by_question.setdefault((each.rater, each.asked), []).append(each)
    kept, problems = [], []
    twice: dict[tuple[str, ...], int] = {}
    for (rater, asked), several in by_question.items():
        kept.append(several[0])
        if len({(each.figure, each.comment) for each in several}) > 1:
            details = {
                "rater": rater,
                "person": asked.employee_id,
                "indicator": asked.indicator,
                "answers": [f"{each.figure:g} ({each.file}!{each.cell})" for each in several],
            }
            problems.append(Problem("return-conflict", details=details))
        elif len(several) > 1:
            files = tuple(dict.fromkeys(each.file for each in several))
            twice[files] = twice.get(files, 0) + 1
    for files, count in twice.items():
        problems.append(Problem("return-twice", details={"files": list(files), "count": count}))
    return kept, problems


def filled_in(
    appraisal: Gathered, form: FormAudience, answers: Sequence[Answer], lang: Lang
) -> tuple[Table, list[Problem]]:
    """Put answers into their sheet: into the rows that wait for them, the others below.

    A row that says something else is a problem, and stays; where each figure came from stands in columns beside it.
    """
    table, column = appraisal.table(SHEET[form]), COLUMN[form]
    known = _places(appraisal, form)
    frame = _with_origins(table.frame, lang)
    held = frame[column].to_numpy(np.float64)
    problems, new, taken = [], [], []
    for each in answers:
        row = known.get((each.rater, each.asked))
        if row is None:
            new.append(each)
        elif np.isnan(held[row]):
            taken.append((row, each))
        elif held[row] != each.figure:
            place = table.cells(column, [row])
            details = {
                "theirs": each.figure,
                "file": each.file,
                "cell": each.cell,
                "ours": float(held[row]),
            }
            problems.append(Problem("return-differs", table.title, place, details))
    for row, each in taken:
        for name, value in _cells(each, form, appraisal.period.code, lang).items():
            if value is not None and name not in ("period", "employee_id", "indicator", "rater_id", "relation"):
                frame.loc[frame.index[row], name] = value
    added = pd.DataFrame([_cells(each, form, appraisal.period.code, lang) for each in new])
    whole = table.with_frame(frame).append(table_of(table.sheet.code, added.dropna(axis=1, how="all"), lang))
    filled = {code: "" for code in map(str, whole.frame) if not whole.has(code) and whole[code].notna().any()}
    return replace(whole, letters={**whole.letters, **filled}), problems


def _places(appraisal: Gathered, form: FormAudience) -> dict[tuple[str, Asked], int]:
    """Return the position of the row that answers, or is to answer, each question."""
    rows = _rows_of_period(appraisal, form)
    places = appraisal.table(SHEET[form]).frame.index.get_indexer(rows.index)
    found = {}
    for place, row in zip(places.tolist(), _tuples(rows), strict=True):
        if form == "figures":
            found[row.employee_id, Asked(row.employee_id, row.indicator)] = place
        else:
            found[_text(row.rater_id), Asked(row.employee_id, row.indicator, _text(row.relation))] = place
    return found


def _cells(each: Answer, form: FormAudience, period: str, lang: Lang) -> dict[str, Value]:
    asked = each.asked
    cells: dict[str, Value] = {"period": period, "employee_id": asked.employee_id, "indicator": asked.indicator}
    if form == "raters":
        cells |= {"rater_id": each.rater, "relation": asked.relation or None}
    cells |= {COLUMN[form]: each.figure, "note": each.comment or None}
    origin = {"file": each.file, "cell": each.cell, "saved": f"{each.saved:%Y-%m-%d %H:%M:%S}"}
    return cells | {ORIGIN[name](lang): value for name, value in origin.items()}


def _with_origins(frame: pd.DataFrame, lang: Lang) -> pd.DataFrame:
    names = [name(lang) for name in ORIGIN.values()]
    return frame.assign(
        **{name: typed(frame[name] if name in frame else [None] * len(frame), "text") for name in names}
    )


def unanswered(
    asked: Mapping[str, Sequence[Asked]], answers: Sequence[Answer], refused: Iterable[tuple[str, Asked]] = ()
) -> list[Problem]:
    """Tell from whom answers are still missing; one that was ``refused`` has come back, and is told as such."""
    given = {(each.rater, each.asked) for each in answers} | {*refused}
    missing = {who: sum((who, each) not in given for each in several) for who, several in asked.items()}
    lacking = [who for who, count in missing.items() if count]
    if not lacking:
        return []
    return [Problem("return-missing", details={"count": sum(missing.values()), "people": some(lacking)})]
