"""What if the policy were otherwise: who would change grade, place, list or pay, and what it would cost.

A change is written as its cell is called: ``ties = worse`` for a setting, ``grades.A.share = 20%`` for a cell of a
policy sheet. The scheme is read again from the changed tables, so that a changed cell means what it would mean on the
sheet; then the unchanged and the changed scheme appraise the same people. Nothing is written.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from xlperf.core.numbers import fraction_of, parse_number, round_half_up, show_number
from xlperf.core.problems import LANGUAGES, Lang, Problem, Text, has_errors, in_order
from xlperf.core.spelling import similar
from xlperf.core.vocabulary import fold
from xlperf.policy.scheme import Dimension, Indicator, Scheme, scheme_of
from xlperf.policy.scheme.codec import cell_text, cell_word, setting_text
from xlperf.policy.validation.pairs import ComparisonSet, comparison_sets, set_name
from xlperf.schema import SHEETS, Column, find_sheet, sheets_of
from xlperf.schema.coercion import read_table
from xlperf.schema.settings import SETTINGS, find_setting, setting_names
from xlperf.schema.tables import Table, Tables, columns_of, empty, table_of
from xlperf.scoring.pipeline import Appraisal, appraise

Assignment = tuple[str, str]
WEIGHED = ("dimensions", "indicators")
CENTS = 2
NOT_COMPARED = "whatif-not-compared"


@dataclass(frozen=True)
class Cell:
    """One cell of a policy sheet: the position of its record, and its column."""

    sheet: str
    position: int
    column: str


@dataclass(frozen=True)
class Change:
    """A policy cell before and after."""

    place: str
    name: Text
    before: Text
    after: Text


@dataclass(frozen=True)
class WhatIf:
    """Two appraisals of the same people; ``after`` is None where the change could not be understood.

    ``changes`` are what was asked for, ``scaled`` the other weights that made room. ``problems`` are those that the
    change brings; where the unchanged scheme cannot be graded, they are all that the change does not cure.
    """

    before: Appraisal
    after: Appraisal | None
    changes: tuple[Change, ...]
    scaled: tuple[Change, ...]
    problems: list[Problem]

    @property
    def done(self) -> bool:
        """Whether the people could be graded under the changed scheme."""
        return self.after is not None and self.after.done

    @property
    def compared(self) -> bool:
        """Whether they could be graded under the unchanged scheme as well."""
        return self.done and self.before.done


def what_if(
    tables: Tables,
    scheme: Scheme,
    assignments: Sequence[Assignment],
    normalise: bool = False,
    period: str | None = None,
    found_before: Iterable[Problem] = (),
) -> WhatIf:
    """Appraise the same people under a scheme and under the changed scheme.

    Parameters
    ----------
    tables : the input sheets by code
    scheme : what HR decides
    assignments : pairs of a key and a value, as texts; see :func:`changed_scheme`
    normalise : whether the other weights make room for changed ones, so that they total 100 % again
    period : such as ``2026-10``; the one on the Home sheet where it is not given
    found_before : problems of reading the workbook
    """
    found_before = list(found_before)
    before = appraise(tables, scheme, period, found_before)
    changed, changes, scaled, problems = changed_scheme(tables, scheme, assignments, normalise)
    if has_errors(problems) and not changes:
        return WhatIf(before, None, (), (), [*problems, *(() if before.done else before.problems)])
    left = _not_cured(tables, scheme, found_before, changes)
    after = appraise({**tables, **changed.tables}, changed, period, [*left, *problems])
    return WhatIf(before, after, changes, scaled, _brought(before, after))


def _not_cured(
    tables: Tables, scheme: Scheme, found_before: Iterable[Problem], changes: Iterable[Change]
) -> list[Problem]:
    """Return what was wrong with the cells as they were typed, except the changed ones; the scheme is read again."""
    again = {_identity(each) for each in _read_again(tables, scheme)}
    places = {each.place for each in changes}
    return [each for each in found_before if _identity(each) not in again and each.place not in places]


def _read_again(tables: Tables, scheme: Scheme) -> list[Problem]:
    return scheme_of(_as_sheets(scheme), _own_columns(tables))[1]


def _brought(before: Appraisal, after: Appraisal) -> list[Problem]:
    """Return the problems to tell: the new ones, or all where the unchanged scheme could not be graded."""
    if before.done:
        known = {_identity(each) for each in before.problems}
        return [each for each in after.problems if _identity(each) not in known]
    return in_order([*after.problems, *([Problem(NOT_COMPARED)] if after.done else [])])


def _identity(problem: Problem) -> tuple[str, str, str]:
    return problem.code, problem.place, problem.found("en")


# The changed scheme ------------------------------------------------------------------------------------------------


def changed_scheme(
    tables: Tables, scheme: Scheme, assignments: Sequence[Assignment], normalise: bool = False
) -> tuple[Scheme, tuple[Change, ...], tuple[Change, ...], list[Problem]]:
    """Return a scheme with some settings and cells changed, what has changed, and what cannot be understood.

    Parameters
    ----------
    tables : the input sheets by code, whose own columns conditions may name
    scheme : what is changed; it stays as it is
    assignments : pairs of a key and a value, as texts. A key is the code or name of a setting, or
        ``SHEET.ROW.COLUMN`` in either language; a row that needs several codes to be told from others has slashes
        between them: ``targets.visits/department/N.target``.
    normalise : whether the other weights make room for changed ones, so that they total 100 % again

    Returns
    -------
    the changed scheme (the given one, where an assignment cannot be understood), the changes asked for, the other
    weights that made room, and the problems

    Examples
    --------
    >>> from xlperf.policy.schemes import load
    >>> changed, (change,), _, problems = changed_scheme({}, load("service-team"), [("并列处理", "worse")])
    >>> changed.settings.ties, change.before.en, change.after.en, problems
    ('worse', 'equal totals share the better grade', 'equal totals share the worse grade', [])
    """
    sheets, cells, problems = _with_values(_as_sheets(scheme), assignments, scheme)
    if has_errors(problems):
        return scheme, (), (), problems
    own = _own_columns(tables)
    changed, found = scheme_of(sheets, own)
    scaled: list[Cell] = []
    if normalise and not has_errors(found):
        try:
            weights = _with_room(scheme, changed, cells)
        except _Refused as refusal:
            return scheme, (), (), [*problems, refusal.problem]
        scaled = [Cell(sheet, i, "weight") for sheet, column in weights.items() for i in column]
        changed, found = scheme_of(_with_weights(sheets, weights), own)
    of = [tuple(_change(scheme, changed, cell) for cell in each) for each in (cells, scaled)]
    return changed, of[0], of[1], problems + found


class _Refused(Exception):  # noqa: N818 - a change that is not understood or not possible
    """A change that cannot be made, for the reason that its problem gives."""

    def __init__(self, code: str, table: Table | None = None, cells: str = "", **details: Any) -> None:
        super().__init__(code)
        self.problem = Problem(code, table.title if table else "", cells, details)


def _as_sheets(scheme: Scheme) -> dict[str, Table]:
    return dict(scheme.tables) | {"settings": _as_typed(scheme.table("settings"))}


def _as_typed(settings: Table) -> Table:
    """Put settings back into the form in which they are typed: a list is a text with commas."""
    values = [", ".join(value) if isinstance(value, tuple) else value for value in settings["value"]]
    return settings.with_frame(settings.frame.assign(value=pd.Series(values, dtype=object)))


def _own_columns(tables: Tables) -> dict[str, tuple[Column, ...]]:
    return {
        sheet: tuple(each for each in columns_of(tables, sheet).values() if each.code not in SHEETS[sheet].by_code)
        for sheet in tables
    }


def _with_values(
    sheets: dict[str, Table], assignments: Sequence[Assignment], scheme: Scheme
) -> tuple[dict[str, Table], list[Cell], list[Problem]]:
    cells: list[Cell] = []
    problems: list[Problem] = []
    for key, text in assignments:
        try:
            table, cell = _find(sheets, key)
            if cell in cells:
                raise _Refused("set-twice", table, table.cells(cell.column, [cell.position]), cell=key)
        except _Refused as refusal:
            problems.append(refusal.problem)
            continue
        table, found = _with_value(table, cell, text, scheme)
        sheets = {**sheets, cell.sheet: table}
        cells.append(cell)
        problems += found
    return sheets, cells, problems


def _find(sheets: Mapping[str, Table], key: str) -> tuple[Table, Cell]:
    """Find the cell that a key means, and the table that it stands in."""
    setting = find_setting(key)
    if setting is not None:
        table = _with_row(sheets["settings"], setting.code)
        return table, Cell("settings", table["setting"].to_list().index(setting.code), "value")
    title, *words = (part.strip() for part in key.split("."))
    if len(words) < 2:
        raise _Refused("set-unknown", cell=key, near=similar(key, [*setting_names(), *_titles()]))
    sheet = find_sheet(title)
    if sheet is None or sheet.code not in _codes():
        raise _Refused("set-sheet-unknown", cell=title, near=similar(title, _titles()))
    table = sheets.get(sheet.code) or empty(sheet.code)
    return table, Cell(sheet.code, _position(table, ".".join(words[:-1])), _column(table, words[-1]).code)


def _codes() -> list[str]:
    return [each.code for each in sheets_of("policy") if each.code != "settings"]


def _titles() -> list[str]:
    return [name for code in _codes() for name in (code, *SHEETS[code].title)]


def _with_row(settings: Table, code: str) -> Table:
    """Return the settings with a row for a setting that the workbook leaves at its usual value."""
    if (settings["setting"] == code).any():
        return settings
    return settings.append(table_of("settings", {"setting": [code]}))


def _column(table: Table, heading: str) -> Column:
    column = table.sheet.find(heading)
    if column is None:
        names = [name for each in table.sheet for name in (each.code, *each.name)]
        near = similar(heading, names)
        raise _Refused("set-column-unknown", table, sheet=table.sheet.title, cell=heading, near=near)
    return column


def _position(table: Table, row: str) -> int:
    """Find the record that a code, a name, or several codes between slashes mean."""
    words = [_names(table, position) for position in range(len(table))]
    folded = [set(map(fold, each)) for each in words]
    parts = {fold(part) for part in row.split("/")}
    found = [i for i, each in enumerate(folded) if fold(row) in each] or [
        i for i, each in enumerate(folded) if parts <= each
    ]
    if not found:
        near = similar(row, [word for each in words for word in each])
        raise _Refused("set-row-unknown", table, sheet=table.sheet.title, cell=row, near=near)
    if len(found) > 1:
        keys = ["/".join(_key(table, position)) for position in found[:3]]
        cells = table.cells(table.sheet.key[0], found)
        raise _Refused("set-row-several", table, cells, sheet=table.sheet.title, cell=row, count=len(found), rows=keys)
    return found[0]


def _key(table: Table, position: int) -> list[str]:
    """Return the codes that single a record out, without the empty ones."""
    values = (table[code].iloc[position] for code in table.sheet.key)
    return [cell_word(value) for value in values if value is not None and value == value]


def _names(table: Table, position: int) -> list[str]:
    """Return every word that may stand for a record: its codes, the words of those that are choices, and its names."""
    keyed = [table.sheet[code] for code in table.sheet.key]
    values = {each.code: table[each.code].iloc[position] for each in keyed}
    words = [word for each in keyed if each.kind == "choice" for word in each.vocabulary.get(values[each.code], ())]
    names = (table[code].iloc[position] for code in ("name", "name_en") if code in table.sheet.by_code)
    return [*_key(table, position), *words, *(name for name in names if isinstance(name, str))]


def _with_value(table: Table, cell: Cell, text: str, scheme: Scheme) -> tuple[Table, list[Problem]]:
    """Put a value into a table, read the way its cell would be."""
    column = table[cell.column].copy()
    found: list[Problem] = []
    value: Any = text
    if cell.sheet != "settings":
        rows = table.rows[[cell.position]]
        read, found = read_table(table.sheet, {cell.column: [text]}, rows, table.letters, table.title)
        value = read[cell.column].iloc[0]
    if _is_percentage_of_total(cell, text, scheme):
        value *= 100
    column.iloc[cell.position] = value
    others = table.unread.get(cell.column, frozenset()) - {cell.position}
    unread = others | {cell.position} if has_errors(found) else others
    table = replace(table, unread={**table.unread, cell.column: unread})
    return table.with_frame(table.frame.assign(**{cell.column: column})), [p for p in found if p.level != "note"]


def _is_percentage_of_total(cell: Cell, text: str, scheme: Scheme) -> bool:
    """Whether a weight is written with a percent sign: 25% is 25, as in a column formatted with %."""
    weighed = cell.column == "weight" and cell.sheet in WEIGHED and scheme.settings.total_method == "weighted"
    return weighed and parse_number(text).kind == "percent"


def _change(before: Scheme, after: Scheme, cell: Cell) -> Change:
    table = after.table(cell.sheet)
    place = Problem("", table.title, table.cells(cell.column, [cell.position])).place
    if cell.sheet == "settings":
        setting = SETTINGS[table["setting"].iloc[cell.position]]
        values = (setting_text(setting, each.settings.values()[setting.code]) for each in (before, after))
        return Change(place, setting.name, *values)
    column = table.sheet[cell.column]
    name = Text(*(f"{_record_name(table, cell.position, lang)} – {column.name(lang)}" for lang in LANGUAGES))
    values = (cell_text(column, each.table(cell.sheet)[cell.column].iloc[cell.position]) for each in (before, after))
    return Change(place, name, *values)


def _record_name(table: Table, position: int, lang: Lang) -> str:
    """Call a record by its name in a language, or by its codes."""
    for code in ("name_en", "name") if lang == "en" else ("name",):
        name = table[code].iloc[position] if code in table.sheet.by_code else None
        if isinstance(name, str):
            return name
    return "/".join(_key(table, position))


# Weights that total 100 % again --------------------------------------------------------------------------------------


def _with_weights(sheets: Mapping[str, Table], weights: Mapping[str, Mapping[int, Fraction]]) -> dict[str, Table]:
    result = dict(sheets)
    for sheet, column in weights.items():
        frame = sheets[sheet].frame.copy()
        frame.loc[list(column), "weight"] = [float(each) for each in column.values()]
        result[sheet] = sheets[sheet].with_frame(frame)
    return result


def _with_room(before: Scheme, after: Scheme, cells: Collection[Cell]) -> dict[str, dict[int, Fraction]]:
    """Return the weights, by sheet and position, that make room for the changed ones, so that all total 100 % again.

    The other indicators of a changed one's dimension make room, so that the dimension keeps its weight. A dimension
    whose indicators were all changed weighs what they do; the other dimensions make room for it and for a changed
    dimension, and their indicators follow. What position groups share stands where they have others of their own.
    """
    chosen, chosen_dimensions = _weights_among(cells, "indicators"), _weights_among(cells, "dimensions")
    outer, inner = (
        [_exact(each.weight) for each in after.dimensions],
        [_exact(each.weight) for each in after.indicators],
    )
    apart = after.settings.weight_basis == "dimension"
    sets = comparison_sets(after)
    inside = [(each, _dimension(after, each)) for each in sets if each.within]
    if not apart:
        for each, dimension in inside:
            if chosen.issuperset(each.positions) and dimension not in chosen_dimensions:
                outer[dimension] = sum((inner[i] for i in each.positions), Fraction(0))
                chosen_dimensions.add(dimension)
    whole = fraction_of(after.settings.full_points) if after.settings.total_method == "sum" else Fraction(100)
    outside = [each for each in sets if not each.within]
    for each in outside:
        if chosen_dimensions.intersection(each.positions):
            outer = _scaled(outer, each, _unshared(each, outside) - chosen_dimensions, whole)
    if not apart:
        inner = _following(before, after, outer, inner, chosen)
    for each, dimension in inside:
        if any(_belongs(after.indicators[i], each) for i in chosen):
            own = {i for i in each.positions if after.indicators[i].group == each.group}
            inner = _scaled(inner, each, own - chosen, Fraction(100) if apart else outer[dimension])
    moved = {"dimensions": _moved(after.dimensions, outer), "indicators": _moved(after.indicators, inner)}
    return {sheet: column for sheet, column in moved.items() if column}


def _weights_among(cells: Collection[Cell], sheet: str) -> set[int]:
    return {each.position for each in cells if (each.sheet, each.column) == (sheet, "weight")}


def _dimension(scheme: Scheme, compared: ComparisonSet) -> int:
    return [each.code for each in scheme.dimensions].index(compared.within)


def _belongs(indicator: Indicator, compared: ComparisonSet) -> bool:
    """Whether an indicator shares the weight of a set; one whose weight has become 0 does so too."""
    return indicator.dimension == compared.within and indicator.group in ("", compared.group)


def _unshared(compared: ComparisonSet, sets: Iterable[ComparisonSet]) -> set[int]:
    """Return the positions of a set's items that stand in no other set."""
    others = {i for each in sets if each is not compared for i in each.positions}
    return set(compared.positions) - others


def _following(
    before: Scheme, after: Scheme, outer: Sequence[Fraction], inner: Sequence[Fraction], chosen: Collection[int]
) -> list[Fraction]:
    """Return the weights of indicators that grow and shrink with their dimension, except the chosen ones."""
    now = {each.code: weight for each, weight in zip(after.dimensions, outer, strict=True)}
    then = {each.code: _exact(each.weight) for each in before.dimensions}
    factor = {code: now[code] / then[code] for code in now if then.get(code)}
    return [
        weight if i in chosen else weight * factor.get(each.dimension, Fraction(1))
        for i, (each, weight) in enumerate(zip(after.indicators, inner, strict=True))
    ]


def _scaled(
    weights: list[Fraction], compared: ComparisonSet, movable: Collection[int], total: Fraction
) -> list[Fraction]:
    """Return the weights, those that may move scaled so that the items of a set have a total."""
    others = sum((weights[i] for i in movable), Fraction(0))
    rest = total - sum((weights[i] for i in compared.positions if i not in movable), Fraction(0))
    if rest == others:
        return weights
    if rest < 0 or not others:
        shown = [show_number(float(each)) for each in (rest, others, total)]
        raise _Refused("weights-without-room", name=set_name(compared), rest=shown[0], others=shown[1], wanted=shown[2])
    return [weight * rest / others if i in movable else weight for i, weight in enumerate(weights)]


def _moved(items: Sequence[Dimension | Indicator], weights: Sequence[Fraction]) -> dict[int, Fraction]:
    return {
        i: weight
        for i, (each, weight) in enumerate(zip(items, weights, strict=True))
        if each.weight == each.weight and weight != fraction_of(each.weight)
    }


def _exact(weight: float) -> Fraction:
    return fraction_of(weight) if weight == weight else Fraction(0)


# What comes of it --------------------------------------------------------------------------------------------------


COMPARED = ("grade", "place", "outcome", "pay")


def who_changes(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Return the people whose grade, place, lists or pay differ between two Results frames.

    Parameters
    ----------
    before, after : one row a person, with ``employee_id``, ``name``, ``total``, ``grade_name``, and the columns of
        ``COMPARED`` that there are

    Returns
    -------
    One row a person, by ID, with every figure twice: ``grade_before``, ``grade_after`` and so on. Somebody who is in
    one of the frames only has nothing in the other.

    Examples
    --------
    >>> same = {"employee_id": ["E1", "E2"], "name": ["Ada", "Bo"], "total": [91.0, 90.0], "grade_name": "good"}
    >>> before, after = pd.DataFrame({**same, "grade": ["A", "B"]}), pd.DataFrame({**same, "grade": ["A", "A"]})
    >>> who_changes(before, after)[["employee_id", "grade_before", "grade_after"]].values.tolist()
    [['E2', 'B', 'A']]
    """
    codes = [*(code for code in COMPARED if code in before or code in after), "total", "grade_name"]
    both = _side_by_side(before, after, codes)
    names = pd.concat([after, before]).drop_duplicates("employee_id").set_index("employee_id")["name"]
    differs = np.zeros(len(both), bool)
    for code in codes[:-2]:
        old, new = both[f"{code}_before"], both[f"{code}_after"]
        differs |= ~((old == new) | (_blank(old) & _blank(new))).to_numpy(bool)
    both.insert(0, "name", names.reindex(both.index))
    return both[differs].rename_axis("employee_id").reset_index()


def _side_by_side(before: pd.DataFrame, after: pd.DataFrame, codes: Sequence[str]) -> pd.DataFrame:
    old, new = (each.set_index("employee_id").reindex(columns=list(codes)) for each in (before, after))
    both = old.merge(new, how="outer", left_index=True, right_index=True, suffixes=("_before", "_after"))
    return both.sort_index()


def _blank(values: pd.Series) -> pd.Series:
    return values.isna() | (values == "")


def grade_moves(before: pd.DataFrame, after: pd.DataFrame, grades: Sequence[str]) -> pd.DataFrame:
    """Count people by their grade before (rows) and after (columns), in the order of ``grades``; "" is no grade."""
    both = _side_by_side(before, after, ["grade"])
    names = [*grades, ""]
    counts = pd.crosstab(both["grade_before"].fillna("").astype(object), both["grade_after"].fillna("").astype(object))
    return counts.reindex(index=names, columns=names, fill_value=0).rename_axis(index=None, columns=None)


@dataclass(frozen=True)
class InAll:
    """Figures of everybody in a Results frame; NaN where the scheme has none."""

    mean_total: float
    coefficients: float
    pay: float


def in_all(results: pd.DataFrame) -> InAll:
    """Return the mean total, the sum of the coefficients, and what is paid in all.

    >>> in_all(pd.DataFrame({"total": [80.0, 91.0, None], "coefficient": [0.1, 0.2, None]}))
    InAll(mean_total=85.5, coefficients=0.3, pay=nan)
    """
    totals = results["total"].dropna()
    mean = math.fsum(totals) / len(totals) if len(totals) else float("nan")
    return InAll(mean, _sum(results, "coefficient", 10), _sum(results, "pay", CENTS))


def _sum(results: pd.DataFrame, code: str, digits: int) -> float:
    values = results[code].dropna() if code in results else pd.Series(dtype=float)
    return round_half_up(math.fsum(values), digits) if len(values) else float("nan")
