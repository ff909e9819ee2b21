"""What each recipient gets: the figures that somebody may see and nothing else, ready to be put into a template.

A copy is plain: figures of the recipient by name, and records in blocks. ``MARKS`` lists every name that a template may
use. Nobody is named on a copy who is outside of what its recipient may see, raters never.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import repeat
from math import isfinite

import numpy as np
import pandas as pd

from xlperf.appraised import Appraisal
from xlperf.copies import Computed, Copy, Record, Value
from xlperf.layout.columns import Column
from xlperf.marks import ITEM, MARKS, PERSON, RESULT, TASK, UNIT, Audience, Marks
from xlperf.numbers import round_half_up, show_numbers
from xlperf.outputs import outputs
from xlperf.problems import Lang, Text
from xlperf.roles import Scope, may_see, within
from xlperf.rows import rows_of_period
from xlperf.tables import Table
from xlperf.units import COMPANY
from xlperf.views import YES, rows_behind, task_list
from xlperf.vocabulary import WORDS

RATED = ["dimension", "group_name", "raters", "corrected", "remark"]  # of the Rater groups sheet
BETWEEN = Text("；", "; ")
_CUT = Text("第 1–{last} 行，共 {n} 行", "rows 1–{last} of {n}")
BESIDE = 1e-9  # how near a native formula must come to the figure that it stands for


def copies_of(appraisal: Appraisal, to: Audience, lang: Lang, natives: bool = False) -> list[Copy]:
    """Return what every recipient gets, in the order of their IDs.

    Parameters
    ----------
    appraisal : one that is done
    to : employees get their own results, departments those of their people and of the units below, the company units
    lang : the language of names and words
    natives : whether figures are marked whose native formulas give them

    Notes
    -----
    Places and pay are on a copy only where the settings say so.
    """
    folder = _Folder(appraisal, outputs(appraisal, lang), lang, natives)
    builders = {"employees": folder.employees, "departments": folder.departments, "company": folder.company}
    with _uncollected():
        return builders[to]()


@contextmanager
def _uncollected() -> Iterator[None]:
    """Spare the collector of cycles from going through a million records, which have none, again and again."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


@dataclass(frozen=True)
class _Folder:
    """An appraisal that is done, and its output frames."""

    appraisal: Appraisal
    frames: Mapping[str, pd.DataFrame]
    lang: Lang
    natives: bool

    def employees(self) -> list[Copy]:
        """One copy for everybody who is scored."""
        assert may_see("employee", "employee_indicators")
        results = self._results()
        values = [*MARKS["employees"].values]
        blocks: dict[str, Mapping[str, list[Record]]] = {
            "score": _grouped(self._scores(results), "employee_id", ["dimension", "points"]),
            "item": _grouped(self._items(), "employee_id", [*ITEM]),
            "rated": _grouped(
                self._rated(), "employee_id", ["dimension", "group_name", "raters", "corrected", "remark"]
            ),
            "change": _grouped(self._changes(), "employee_id", ["kind", "points", "clause"]),
            "list": _grouped(self._lists(), "employee_id", ["outcome", "evidence"]),
            "pay": _grouped(self._paid(), "employee_id", ["pay_item", "amount"]),
            "task": _grouped(self._tasks(), "owner_id", [*TASK]),
            "row": self._rows_behind(),
        }
        made = []
        for record in _records(results, values):
            who = str(record[values.index("employee_id")])
            own = {name: of.get(who, []) for name, of in blocks.items()}
            made.append(self._with_natives(Copy(who, dict(zip(values, record, strict=True)), own)))
        return made

    def departments(self) -> list[Copy]:
        """One copy for every department with anybody in it who is scored, for whoever leads it."""
        assert self.appraisal.people is not None
        people, ancestors = self.appraisal.people.frame, self.appraisal.people.ancestors
        results, items, tasks = self._results(), self._items(), self._tasks()
        scopes = {code: within([code], people, ancestors) for code in sorted(ancestors)}
        return [
            Copy(code, self._heading(code), self._of_units(scope) | self._of_people(scope, results, items, tasks))
            for code, scope in scopes.items()
            if results["employee_id"].isin(scope.people).any()
        ]

    def company(self) -> list[Copy]:
        """The copy of the company: units, and nobody in person."""
        assert self.appraisal.people is not None
        scope = Scope(True, frozenset(self.appraisal.people.ancestors), frozenset())
        pools = _records(self.frames["ranking"], ["pool", "grade_name", "share", "quota", "count"])
        heading = self._heading(COMPANY.en)
        values = {name: heading.get(name) for name in MARKS["company"].values}
        return [Copy(COMPANY.en, values, self._of_units(scope) | {"pool": pools})]

    # Units -----------------------------------------------------------------------------------------------------------

    def _heading(self, code: str) -> dict[str, Value]:
        units = self.frames.get("units", pd.DataFrame(columns=["level", "unit", "grade_name", *UNIT]))
        level = "company" if code == COMPANY.en else "department"
        found = _records(_units(units[(units["unit"] == code) & (units["level"] == level)]), [*UNIT])
        assert self.appraisal.people is not None
        name = self.appraisal.people.department_names.get(code, code)
        own = dict(zip(UNIT, found[0], strict=True)) if found else {"code": code, "unit_name": name}
        return self._when() | {each: own.get(each) for each in UNIT}

    def _of_units(self, scope: Scope) -> dict[str, Sequence[Record]]:
        units, figures = self.frames.get("units"), self.frames.get("unit_detail")
        if units is None or figures is None:
            return {"unit": [], "figure": []}
        levels = ["department", *([COMPANY.en] if scope.company else [])]
        inside = [*scope.departments, *([COMPANY.en] if scope.company else [])]
        chosen = [each[each["level"].isin(levels) & each["unit"].isin(inside)] for each in (units, figures)]
        named = _renamed_items(chosen[1].rename(columns={"figure_unit": "of_measure"}), "of_measure", self.lang)
        return {"unit": _records(_units(chosen[0]), [*UNIT]), "figure": _records(named, ["unit_name", *ITEM])}

    def _of_people(
        self, scope: Scope, results: pd.DataFrame, items: pd.DataFrame, tasks: pd.DataFrame
    ) -> dict[str, Sequence[Record]]:
        inside = scope.people
        return {
            "person": _records(results[results["employee_id"].isin(inside)], [*PERSON, *RESULT]),
            "item": _records(items[items["employee_id"].isin(inside)], ["employee_id", "name", *ITEM]),
            "task": _records(tasks[tasks["owner_id"].isin(inside)], ["owner_id", "name", *TASK]),
        }

    # People ----------------------------------------------------------------------------------------------------------

    def _when(self) -> dict[str, Value]:
        assert self.appraisal.period is not None
        return {"scheme": self.appraisal.scheme.name(self.lang), "period": self.appraisal.period.label(self.lang)}

    def _results(self) -> pd.DataFrame:
        """The Results sheet as it may be published, in the order of IDs."""
        assert self.appraisal.people is not None
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
        if settings.publish_place != "yes":
            shown = shown.assign(place=None, pool_size=None)
        return shown if settings.publish_pay == "yes" else shown.assign(pay=None)

    def _scores(self, results: pd.DataFrame) -> pd.DataFrame:
        dimensions = {each.code: each.name(self.lang) for each in self.appraisal.scheme.dimensions}
        long = results.melt("employee_id", [*dimensions], "dimension", "points").dropna(subset="points")
        digits = self.appraisal.scheme.settings.decimals
        return long.assign(dimension=long["dimension"].map(dimensions), points=round_half_up(long["points"], digits))

    def _items(self) -> pd.DataFrame:
        return _renamed_items(self.frames["detail"], "unit", self.lang)

    def _rated(self) -> pd.DataFrame:
        empty = pd.DataFrame(columns=["employee_id", *RATED])
        return self.frames.get("rater_groups", empty)

    def _changes(self) -> pd.DataFrame:
        assert self.appraisal.when is not None
        exactly = self.appraisal.period if any(each.source == "periods" for each in self.appraisal.parts) else None
        given = self.appraisal.table("adjustments")
        table, _ = rows_of_period(given, self.appraisal.when, self.appraisal.calendar, exactly)
        words = {code: word(self.lang) for code, word in WORDS["adjustment_kind"].items()}
        rows = table.frame.sort_values("adjustment_id")
        return rows.assign(kind=rows["adjustment_kind"].map(words), clause=self._unnamed(rows["clause"]))

    def _lists(self) -> pd.DataFrame:
        """The lists that people are on; the evidence tells places, and so goes with them."""
        lists = self.frames["lists"]
        return lists if self.appraisal.scheme.settings.publish_place == "yes" else lists.assign(evidence=None)

    def _paid(self) -> pd.DataFrame:
        paid = self.frames.get("pay_results")
        if paid is None or self.appraisal.scheme.settings.publish_pay != "yes":
            return pd.DataFrame(columns=["employee_id", "pay_item", "amount"])
        return paid

    def _tasks(self) -> pd.DataFrame:
        tasks, _ = task_list(self.appraisal, self.lang)
        return tasks.rename(columns={"due_date": "due", "done_date": "done"})

    def _rows_behind(self) -> dict[str, list[Record]]:
        """The client and task rows behind every indicator, by whom they count for; no other person is named in them."""
        assert self.appraisal.people is not None
        ids, said, found = {*self.appraisal.people.ids}, _Said(self), dict[str, list[Record]]()
        for each in rows_behind(self.appraisal):
            places, owners = pd.factorize(each.rows["owner"])
            rows = each.rows[np.array([owner in ids for owner in owners], bool)[places]]
            at = rows["at"].to_numpy()
            key, *others = each.columns
            told = [said.of(each.table, column.code)[at] for column in others]
            records = zip(
                repeat(each.indicator.name(self.lang), len(rows)),
                np.where(rows["hit"], YES, "").tolist(),
                _plain(each.table[key.code].iloc[at]),
                _joined(told, self.lang) if told else repeat(None),
                strict=False,
            )
            _share_out(rows["owner"], list(records), found)
            more = {
                who: _CUT(self.lang).format(last=f"{last:,}", n=f"{n:,}") for who, last, n in each.cut() if who in ids
            }
            name = each.indicator.name(self.lang)
            _share_out(pd.Series([*more], dtype=object), [(name, "", "…", told) for told in more.values()], found)
        return found

    def _unnamed(self, texts: pd.Series) -> pd.Series:
        """Blank texts that are nothing but the ID or the name of somebody on the roster."""
        return texts.mask(texts.astype("object").isin(self.names))

    @cached_property
    def names(self) -> frozenset[str]:
        """The IDs and the names of everybody on the roster."""
        assert self.appraisal.people is not None
        frame = self.appraisal.people.frame
        return frozenset({*frame["employee_id"], *frame["name"].dropna()})

    def _with_natives(self, copy: Copy) -> Copy:
        """Mark the figures that native formulas give from the others on the page."""
        if not self.natives:
            return copy
        marks = MARKS["employees"]
        points, weight, whole = (marks.column("item", name) for name in ("points", "weight", "contribution"))
        items = [_computed(item, points, weight, whole) for item in copy.blocks["item"]]
        summed = sum(_figure(item[whole]) for item in items) + _figure(copy.values["adjustment"])
        rounded = float(round_half_up(summed, self.appraisal.scheme.settings.decimals))
        total = copy.values["total"]
        values = {**copy.values, "total": Computed(rounded) if _same(rounded, total) else total}
        return replace(copy, values=values, blocks={**copy.blocks, "item": items})


class _Said:
    """The columns of input sheets in words: every distinct value is worded once, however many rows hold it."""

    def __init__(self, folder: _Folder) -> None:
        self.lang, self.names = folder.lang, folder.names
        self.columns: dict[tuple[str, str], np.ndarray] = {}

    def of(self, table: Table, code: str) -> np.ndarray:
        """Return a column with what stands between texts, and its heading, before every value that there is."""
        key = (table.title, code)
        if key not in self.columns:
            column = table.column(code)
            places, distinct = pd.factorize(table[code])
            heading = BETWEEN(self.lang) + column.name(self.lang) + ("：" if self.lang == "zh" else ": ")
            words = [heading + word if word else "" for word in self._words(column, distinct.to_numpy())]
            self.columns[key] = np.array([*words, ""], object)[places]
        return self.columns[key]

    def _words(self, column: Column, values: np.ndarray) -> list[str]:
        if column.kind == "choice":
            words = {word: text(self.lang) for word, text in column.vocabulary.items()}
            return [words.get(value, value) for value in values.tolist()]
        if column.kind == "date":
            return np.datetime_as_string(values, unit="D").tolist()  # type: ignore[no-any-return]
        if column.kind in ("number", "money"):
            return show_numbers(values)
        if column.kind == "fraction":
            return [f"{each}%" for each in show_numbers(values * 100)]
        return ["" if value in self.names else str(value) for value in values.tolist()]


def _computed(item: Record, points: int, weight: int, whole: int) -> Record:
    if not _same(_figure(item[points]) * _figure(item[weight]), item[whole]):
        return item
    return (*item[:whole], Computed(_figure(item[whole])), *item[whole + 1 :])


def _figure(value: Value) -> float:
    return value if isinstance(value, float) and isfinite(value) else 0.0


def _same(one: float, other: Value) -> bool:
    return isinstance(other, float) and abs(one - other) <= BESIDE


def _renamed_items(detail: pd.DataFrame, unit: str, lang: Lang) -> pd.DataFrame:
    """Name the columns of a Detail sheet as a card does; the state is told only where there is no figure."""
    words = {code: word(lang) for code, word in WORDS["fact_status"].items()}
    return detail.assign(
        indicator=detail["indicator_name"],
        unit=detail[unit],
        state=detail["fact_status"].map(words).where(detail["points"].isna()),
    )


def _units(units: pd.DataFrame) -> pd.DataFrame:
    return units.assign(code=units["unit"], grade=units["grade_name"])


def _joined(parts: Sequence[np.ndarray], lang: Lang) -> list[str]:
    """Put texts together that begin with what stands between them, but for the first."""
    begin = len(BETWEEN(lang))
    return [text[begin:] for text in map("".join, zip(*(part.tolist() for part in parts), strict=True))]


def _records(frame: pd.DataFrame, columns: Sequence[str]) -> list[Record]:
    """Return rows as plain values; what is missing is None."""
    return list(zip(*(_plain(frame[column]) for column in columns), strict=True)) if len(frame) else []


def _plain(values: pd.Series) -> list[Value]:
    dated = pd.api.types.is_datetime64_any_dtype(values.dtype)
    plain = (values.dt.to_pydatetime() if dated else values.to_numpy(object)).tolist()
    known = values.notna().to_numpy()
    return plain if known.all() else [value if there else None for value, there in zip(plain, known, strict=True)]


def _grouped(frame: pd.DataFrame, key: str, columns: Sequence[str]) -> dict[str, list[Record]]:
    """Return the records of each owner, in the order in which they stand."""
    found: dict[str, list[Record]] = {}
    _share_out(frame[key], _records(frame, columns), found)
    return found


def _share_out(owners: pd.Series, records: Sequence[Record], found: dict[str, list[Record]]) -> None:
    """Give the records to their owners, behind those that they have."""
    places, names = pd.factorize(owners, use_na_sentinel=False)
    order = np.argsort(places, kind="stable")
    ordered = records if (order[:-1] < order[1:]).all() else [records[at] for at in order.tolist()]
    ends = np.cumsum(np.bincount(places, minlength=len(names))).tolist()
    for name, start, end in zip(names.tolist(), [0, *ends], ends, strict=False):
        found.setdefault(name, []).extend(ordered[start:end])


# Pseudonyms -------------------------------------------------------------------------------------------------------


def disguised(
    made: Sequence[Copy], pseudonyms: Mapping[str, str], names: Mapping[str, str], marks: Marks
) -> list[Copy]:
    """Return copies that call people by their pseudonyms, in texts too; their names are left out.

    >>> copy = Copy("E1", {"employee_id": "E1", "name": "Ann", "remark": "Ann: leave"}, {})
    >>> disguised([copy], {"E1": "P7"}, {"E1": "Ann"}, MARKS["employees"])[0].values
    {'employee_id': 'P7', 'name': None, 'remark': 'P7: leave'}
    """
    called = {name: pseudonyms[who] for who, name in names.items() if who in pseudonyms} | dict(pseudonyms)
    known = sorted(filter(None, called), key=len, reverse=True)
    pattern = re.compile("|".join(rf"(?<![0-9A-Za-z]){re.escape(each)}(?![0-9A-Za-z])" for each in known) or r"(?!)")

    def text(value: Value) -> Value:
        return pattern.sub(lambda found: called[found[0]], value) if isinstance(value, str) else value

    def record(values: Record, unnamed: Collection[int]) -> Record:
        return tuple(None if at in unnamed else text(value) for at, value in enumerate(values))

    unnamed = {
        block: {at for at, name in enumerate(columns) if name == "name"} for block, (_, columns) in marks.blocks.items()
    }
    return [
        Copy(
            pseudonyms.get(each.recipient, each.recipient),
            {name: None if name == "name" else text(value) for name, value in each.values.items()},
            {block: [record(row, unnamed[block]) for row in rows] for block, rows in each.blocks.items()},
        )
        for each in made
    ]
