"""Checks how clients become classes: the cuts of the levels, the classes they make, and whose clients count when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise, product

from xlperf.core.numbers import fraction_of
from xlperf.core.problems import Problem, Text
from xlperf.core.vocabulary import WORDS, fold
from xlperf.policy.conditions import kind, to_text
from xlperf.policy.scheme import OWNED_SHEETS, Indicator, Scheme
from xlperf.policy.scheme.records import ClientLevel
from xlperf.policy.validation.addressing import Check, report
from xlperf.schema import OWNER_COLUMNS, SHEETS

AXES: dict[str, str] = {"r": "r_level", "f": "f_level", "m": "m_level"}  # the column of Clients for each axis
LEVELS: dict[str, tuple[str, ...]] = {axis: tuple(WORDS[column]) for axis, column in AXES.items()}  # best first


def levels_of(scheme: Scheme, axis: str) -> list[ClientLevel]:
    """Return the levels that the scheme gives an axis, best first; words that the axis does not know are left out."""
    known = LEVELS[axis]
    listed = [each for each in scheme.client_levels if each.axis == axis and each.level in known]
    return sorted(listed, key=lambda each: known.index(each.level))


def own_levels_of(scheme: Scheme) -> dict[str, list[ClientLevel]]:
    """Return the levels of HR's own by their axis, best first: in the order of their rows."""
    found: dict[str, list[ClientLevel]] = {}
    for each in scheme.own_levels:
        found.setdefault(each.axis, []).append(each)
    return found


def level_name(each: ClientLevel) -> Text:
    """Name a level; one of HR's own is called the same in both languages.

    Parameters
    ----------
    each : a level of R, F, M or of an axis of HR's own
    """
    return _word(WORDS["class_level"], each.level)


def axis_name(axis: str) -> Text:
    """Name an axis; one of HR's own is called the same in both languages.

    >>> axis_name("m").en, axis_name("Activity").zh
    ('M value contribution', 'Activity')
    """
    return _word(WORDS["class_axis"], axis)


def _word(words: Mapping[str, Text], word: str) -> Text:
    return words.get(word) or Text(word, word)


def has_owner_day(each: Indicator) -> bool:
    """Whether the rows of an indicator count for their owner on a day of its own."""
    return each.owner_at is not None and each.sheet in OWNED_SHEETS and kind(each.owner_at) == "date"


def owner_column(each: Indicator) -> str:
    """Name the column of employees that the rows of an indicator count for: ``owner_id at lost_date``."""
    column = OWNER_COLUMNS[each.sheet]
    return f"{column} at {to_text(each.owner_at, 'en')}" if each.owner_at and has_owner_day(each) else column


def check_levels_known(scheme: Scheme) -> Iterator[Problem]:
    """Each axis has only the levels of its own, each of them once: R has no VIP."""
    for (axis, level), rows in _rows(scheme, "classes").items():
        if level not in LEVELS[axis]:
            allowed = list(WORDS[AXES[axis]].values())
            yield from report(scheme, "class-level-unknown", "classes", "level", rows, axis=axis_name(axis),
                     cell=WORDS["class_level"][level], allowed=allowed)  # fmt: skip
        elif len(rows) > 1:
            yield from report(scheme, "class-level-twice", "classes", "level", rows, axis=axis_name(axis),
                     cell=WORDS["class_level"][level])  # fmt: skip


def check_columns_are_figures(scheme: Scheme) -> Iterator[Problem]:
    """The expression that decides the level of a client is a number, not a day or a text."""
    for sheet, _, levels in _axes(scheme):
        for each in levels:
            if kind(each.column) != "number":
                yield from report(scheme, "class-column", sheet, "column", _at(scheme, sheet, each),
                                  axis=axis_name(each.axis))  # fmt: skip


def check_quantiles_are_shares(scheme: Scheme) -> Iterator[Problem]:
    """The lower bound of a quantile is a share between 0 and 1."""
    for sheet, _, levels in _axes(scheme):
        for each in levels:
            if each.mode == "quantile" and (each.lower <= 0 or each.lower >= 1):
                yield from report(scheme, "class-quantile", sheet, "lower", _at(scheme, sheet, each),
                                  axis=axis_name(each.axis), cell=each.lower)  # fmt: skip


def check_cuts_fall(scheme: Scheme) -> Iterator[Problem]:
    """From level to level the lower bounds fall; only the lowest level takes all the rest, and it does."""
    for sheet, axis, levels in _axes(scheme):
        for better, worse in pairwise(levels):
            if better.lower != better.lower:
                yield from report(scheme, "class-rest-not-last", sheet, "lower", _at(scheme, sheet, better),
                         axis=axis_name(axis),
                         level=level_name(better), lower=level_name(worse))  # fmt: skip
            elif _comparable(better, worse) and fraction_of(better.lower) <= fraction_of(worse.lower):
                rows = [*_at(scheme, sheet, better), *_at(scheme, sheet, worse)]
                yield from report(scheme, "class-cuts", sheet, "lower", rows,
                         axis=axis_name(axis), better=level_name(better), first=better.lower, worse=level_name(worse),
                         second=worse.lower)  # fmt: skip
        if levels and levels[-1].lower == levels[-1].lower:
            yield from report(scheme, "class-open-below", sheet, "lower", _at(scheme, sheet, levels[-1]),
                     axis=axis_name(axis), level=level_name(levels[-1]), cell=levels[-1].lower)  # fmt: skip


def _axes(scheme: Scheme) -> Iterator[tuple[str, str, list[ClientLevel]]]:
    """Yield each axis with the sheet of its levels and with these, best first."""
    yield from (("classes", axis, levels_of(scheme, axis)) for axis in AXES)
    yield from (("own_levels", axis, levels) for axis, levels in own_levels_of(scheme).items())


def check_own_axes_are_new(scheme: Scheme) -> Iterator[Problem]:
    """No axis of HR's own is called like a column of Clients, which holds something else."""
    clients = SHEETS["clients"]
    taken = {fold(word): each.name for each in clients for word in (each.code, *each.name, *each.synonyms)}
    for axis in own_levels_of(scheme):
        if fold(axis) in taken:
            rows = [row for row, word in enumerate(scheme.table("own_levels")["axis"]) if word == axis]
            yield from report(scheme, "own-axis-taken", "own_levels", "axis", rows, axis=axis, sheet=clients.title,
                              column=taken[fold(axis)])  # fmt: skip


def _comparable(one: ClientLevel, other: ClientLevel) -> bool:
    return one.mode == other.mode and one.column == other.column and other.lower == other.lower


def check_axes_have_levels(scheme: Scheme) -> Iterator[Problem]:
    """Where levels are computed, each axis and level that a class needs has a row of its own."""
    if not scheme.client_levels:
        return
    for position, (axis, column) in enumerate(AXES.items()):
        given = [each.level for each in levels_of(scheme, axis)]
        wanted = {each.levels[position] for each in scheme.client_classes} & set(LEVELS[axis])
        if wanted and not given:
            yield Problem("class-axis-missing", scheme.table("classes").title, details={"axis": axis_name(axis)})
            continue
        for level in (each for each in LEVELS[axis] if each in wanted and each not in given):
            rows = [row for row, each in enumerate(scheme.client_classes) if each.levels[position] == level]
            yield from report(scheme, "class-level-missing", "client_classes", column, rows, axis=axis_name(axis),
                     level=WORDS[column][level])  # fmt: skip


def check_classes_differ(scheme: Scheme) -> Iterator[Problem]:
    """No two classes have the same code or the same levels."""
    for column, keys in (
        ("code", [each.code for each in scheme.client_classes]),
        ("r_level", [each.levels for each in scheme.client_classes]),
    ):
        for key in dict.fromkeys(keys):
            rows = [row for row, each in enumerate(keys) if each == key]
            if len(rows) > 1:
                shown = key if isinstance(key, str) else combination(key)
                yield from report(scheme, "class-twice", "client_classes", column, rows, cell=shown)


def check_classes_complete(scheme: Scheme) -> Iterator[Problem]:
    """Every combination of levels is a class; clients of a missing one are unclassified."""
    if not scheme.client_classes:
        return
    axes = [[each.level for each in levels_of(scheme, axis)] or LEVELS[axis] for axis in AXES]
    there = {each.levels for each in scheme.client_classes}
    missing = [levels for levels in product(*axes) if levels not in there]
    if missing:
        details = {"count": len(missing), "classes": [combination(levels) for levels in missing]}
        yield Problem("class-missing", scheme.table("client_classes").title, details=details)


def check_owners_have_a_day(scheme: Scheme) -> Iterator[Problem]:
    """The day that says whose a row is, is a date, and of a sheet whose clients may change hands."""
    for row, each in enumerate(scheme.indicators):
        if each.owner_at is not None and not has_owner_day(each):
            sheets = [SHEETS[sheet].title for sheet in OWNED_SHEETS]
            yield from report(scheme, "owner-at", "indicators", "owner_at", [row], indicator=each.name, sheets=sheets)


def check_sharing_fits(scheme: Scheme) -> Iterator[Problem]:
    """Rows are shared by days where their clients may change hands, and where no one day says whose they are."""
    for row, each in enumerate(scheme.indicators):
        if each.sharing != "days":
            continue
        sheets = [SHEETS[sheet].title for sheet in OWNED_SHEETS]
        if not each.is_shared:
            yield from report(scheme, "sharing-source", "indicators", "sharing", [row], indicator=each.name,
                              sheets=sheets)  # fmt: skip
        elif each.owner_at is not None:
            yield from report(scheme, "sharing-and-day", "indicators", "sharing", [row], indicator=each.name,
                              column=SHEETS["indicators"]["owner_at"].name)  # fmt: skip


def combination(levels: Sequence[str]) -> Text:
    """Name the levels of a class.

    >>> combination(("high", "low", "vip"))
    Text(zh='R↑ F↓ VIP', en='R high, F low, VIP')
    """
    named = [WORDS[column].get(level, Text("—", "—")) for column, level in zip(AXES.values(), levels, strict=True)]
    return Text(" ".join(each.zh for each in named), ", ".join(each.en for each in named))


def _rows(scheme: Scheme, sheet: str) -> Mapping[tuple[str, str], list[int]]:
    """Return the rows of a sheet of levels by axis and level."""
    table = scheme.table(sheet)
    rows: dict[tuple[str, str], list[int]] = {}
    for row, key in enumerate(zip(table["axis"], table["level"], strict=True)):
        if all(isinstance(word, str) for word in key):
            rows.setdefault(key, []).append(row)
    return rows


def _at(scheme: Scheme, sheet: str, each: ClientLevel) -> list[int]:
    return _rows(scheme, sheet).get((each.axis, each.level), [])


CHECKS: tuple[Check, ...] = (
    check_levels_known,
    check_columns_are_figures,
    check_quantiles_are_shares,
    check_cuts_fall,
    check_own_axes_are_new,
    check_axes_have_levels,
    check_classes_differ,
    check_classes_complete,
    check_owners_have_a_day,
    check_sharing_fits,
)
