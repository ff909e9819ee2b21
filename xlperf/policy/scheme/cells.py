"""The policy as single cells, each with its record and its text, and which of them differ between two policies."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from xlperf.core.problems import Lang
from xlperf.policy.scheme.codec import cell_text, cell_word, setting_text
from xlperf.policy.scheme.scheme import Scheme
from xlperf.schema import SHEETS, Column, sheets_of
from xlperf.schema.settings import SETTINGS, Settings
from xlperf.schema.tables import Table

OF_A_RUN = ("period", "period_kind", "language")  # settings that go with the period, and are no policy
BETWEEN, NO_KEY = " · ", "–"  # of the parts of a record's key, and what stands for an empty one


@dataclass(frozen=True)
class PolicyCell:
    """What a cell holds: the same in both languages, to compare, and as it reads in one of them."""

    value: str
    shown: str


RecordKey = tuple[str, str]  # the code of a sheet, and what its key says
PolicyCells = Mapping[RecordKey, Mapping[str, PolicyCell]]  # by column code; empty cells are left out


@dataclass(frozen=True)
class CellChange:
    """A cell that holds something else, or a record that is new or gone: then ``column`` is empty.

    ``before`` and ``after`` are the cells of the record in the two policies, by column; None where it is not in one.
    """

    sheet: str
    record: str
    column: str
    before: Mapping[str, PolicyCell] | None
    after: Mapping[str, PolicyCell] | None


def policy_cells(scheme: Scheme, lang: Lang, said: Callable[[str], pd.DataFrame] | None = None) -> PolicyCells:
    """Return the filled cells of the policy sheets, record by record in the order of the sheets.

    Of the settings on Home only those are there that differ from the usual choice: a switch that a later version brings
    is no change of the policy.

    Parameters
    ----------
    scheme : whose sheets they are
    lang : of the texts
    said : returns the rows of a sheet in the words of the language; without it conditions stay as the scheme holds them

    Examples
    --------
    >>> from xlperf.policy.schemes import load
    >>> policy_cells(load("service-team"), "en")["grades", "A"]["share"]
    PolicyCell(value='0.05', shown='5%')
    """
    found = dict(_of_settings(scheme.settings, lang))
    for sheet in sheets_of("policy"):
        if sheet.code != "settings":
            table = scheme.table(sheet.code)
            found |= _of_table(table, said(sheet.code) if said is not None else table.frame, lang)
    return found


def _of_settings(settings: Settings, lang: Lang) -> Iterator[tuple[RecordKey, dict[str, PolicyCell]]]:
    values = settings.values()
    for code, setting in SETTINGS.items():
        if code not in OF_A_RUN and values[code] != setting.usual:
            text = setting_text(setting, values[code])
            yield ("settings", code), {"value": PolicyCell(text.en, text(lang))}


def _of_table(table: Table, said: pd.DataFrame, lang: Lang) -> dict[RecordKey, dict[str, PolicyCell]]:
    records = _records(table)
    found: dict[RecordKey, dict[str, PolicyCell]] = {(table.sheet.code, each): {} for each in records}
    for column in table.sheet:
        for record, value, words in zip(records, table[column.code], said[column.code], strict=True):
            if value is not None and value == value:
                found[table.sheet.code, record][column.code] = PolicyCell(_exact(value), _shown(column, words, lang))
    return found


def _records(table: Table) -> list[str]:
    """Return what the key of each record says; with its number where the sheet has no key, or two share one."""
    keys = list(zip(*(table[code] for code in table.sheet.key), strict=True)) or [()] * len(table)
    found: dict[str, None] = {}
    for number, parts in enumerate(keys, start=1):
        words = [_exact(part) if part is not None and part == part else NO_KEY for part in parts]
        key = BETWEEN.join(words)
        found[key if key and key not in found else BETWEEN.join([*words, str(number)])] = None
    return list(found)


def _exact(value: Any) -> str:
    return f"{value:.15g}" if isinstance(value, float) else cell_word(value)


def _shown(column: Column, value: Any, lang: Lang) -> str:
    if column.kind == "choices":
        words = [column.vocabulary[code.strip()](lang) for code in value.split(",")]
        return ("、" if lang == "zh" else ", ").join(words)
    return _exact(value) if isinstance(value, float) and column.kind != "fraction" else cell_text(column, value)(lang)


def changed_cells(before: PolicyCells, after: PolicyCells) -> Iterator[CellChange]:
    """Yield what differs between two policies, sheet by sheet: what the later one has, then the records that are gone.

    Parameters
    ----------
    before, after : of one scheme at two times
    """
    order = list(SHEETS)
    for sheet, record in sorted(dict.fromkeys((*after, *before)), key=lambda each: order.index(each[0])):
        old, new = before.get((sheet, record)), after.get((sheet, record))
        if sheet == "settings":  # one that is not listed has its usual value
            old, new = old or {}, new or {}
        if old is None or new is None:
            yield CellChange(sheet, record, "", old, new)
            continue
        for column in SHEETS[sheet]:
            was, now = old.get(column.code), new.get(column.code)
            if (was.value if was else "") != (now.value if now else ""):
                yield CellChange(sheet, record, column.code, old, new)


def shown_cell(change: CellChange, cells: Mapping[str, PolicyCell], lang: Lang) -> str:
    """Return what the changed cell of a record shows before or after; of a setting that is not listed its usual value.

    Parameters
    ----------
    change : of one cell
    cells : those of its record, before or after
    lang : of the words
    """
    cell = cells.get(change.column)
    if cell is not None:
        return cell.shown
    if change.sheet == "settings":
        setting = SETTINGS[change.record]
        return setting_text(setting, setting.usual)(lang)
    return cell_text(SHEETS[change.sheet][change.column], None)(lang)


def shown_record(change: CellChange, lang: Lang) -> str:
    """Return how a record is called: the words of its key, or the name of a setting.

    Parameters
    ----------
    change : of the record or of one of its cells
    lang : of the words
    """
    if change.sheet == "settings":
        return SETTINGS[change.record].name(lang)
    cells = change.after or change.before or {}
    key = [cells.get(code, PolicyCell(NO_KEY, NO_KEY)) for code in SHEETS[change.sheet].key]
    number = change.record.removeprefix(BETWEEN.join(each.value for each in key))
    return BETWEEN.join(each.shown for each in key) + number


def shown_column(change: CellChange, lang: Lang) -> str:
    """Return the heading of the changed cell; nothing where a whole record is new or gone.

    Parameters
    ----------
    change : of one cell, or of a record
    lang : of the heading
    """
    return SHEETS[change.sheet][change.column].name(lang) if change.column else ""
