"""The log of changed policy cells, and the policy as the last run saw it.

A run compares the policy with its basis, the hidden sheet on which the run before has left it, and adds an entry for
each cell that differs. Entries carry a check number, so that one that was edited or deleted is found.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import pandas as pd

from xlperf.core.problems import Lang, Problem, Text
from xlperf.policy.scheme.cells import (
    CellChange,
    PolicyCell,
    PolicyCells,
    changed_cells,
    shown_cell,
    shown_column,
    shown_record,
)
from xlperf.policy.scheme.scheme import Scheme
from xlperf.policy.validation.addressing import report_setting
from xlperf.schema import SHEETS
from xlperf.schema.tables import Table

LOG, BASIS = "policy_log", "policy_basis"
CHECK_LENGTH = 8  # digits of the check number: enough to find an edit, which nobody makes on purpose to fit it
ABSENT = Text("（无）", "(none)")
LOST = Text(
    "此前的政策没有留存，从现有政策起重新记录", "the policy before is not known; the record begins anew with this one"
)


@dataclass(frozen=True)
class Edit:
    """In which run changes were found, and who had edited the workbook when; what nobody tells is an empty text."""

    period: str
    version: str
    by: str
    on: str
    lang: Lang


# The basis ---


def basis_rows(cells: PolicyCells, last: int, period: str) -> pd.DataFrame:
    """Return the rows of the sheet that keeps the policy for the next run.

    Parameters
    ----------
    cells : of the policy
    last : the number of the last entry of the log, which the sheet keeps too
    period : the code of the period of the run
    """
    rows = [
        (sheet, record, column, cell.value, cell.shown)
        for (sheet, record), of_record in cells.items()
        for column, cell in of_record.items()
    ]
    rows += [(LOG, "", column, kept, kept) for column, kept in (("entry", str(last)), ("period", period))]
    return pd.DataFrame(rows, columns=list(SHEETS[BASIS].by_code))


def cells_of_basis(basis: Table) -> PolicyCells:
    """Return the cells of the policy that the last run saw.

    Parameters
    ----------
    basis : the sheet on which it left them
    """
    found: dict[tuple[str, str], dict[str, PolicyCell]] = {}
    for row in _texts(basis):
        if row["sheet"] != LOG and row["sheet"] in SHEETS:
            cell = PolicyCell(row["value"], row["shown"])
            found.setdefault((row["sheet"], row["record"]), {})[row["column"]] = cell
    return found


def last_entry(log: Table, basis: Table) -> int:
    """Return the number of the last entry that was ever made; 0 where there is none.

    Parameters
    ----------
    log, basis : the log as it stands, and the basis, which knows the number even where entries were deleted
    """
    numbers = (_kept(basis, "entry"), *_texts_of(log, "entry"))
    return max([int(each) for each in numbers if each.isdecimal()], default=0)


def _kept(basis: Table, column: str) -> str:
    """Return what a basis keeps of the run that left it."""
    return next((row["value"] for row in _texts(basis) if (row["sheet"], row["column"]) == (LOG, column)), "")


# New entries ---


def new_entries(cells: PolicyCells, log: Table, basis: Table, edit: Edit, both_gone: bool = False) -> pd.DataFrame:
    """Return the entries that the log lacks: one for each cell that differs from the basis, none without a basis.

    Where entries tell that there was a basis and it is gone, one entry tells that.

    Parameters
    ----------
    cells : of the policy as it is now
    log, basis : as they stand in the workbook
    edit : what the entries say of the run and of who edited the workbook
    both_gone : whether it is known otherwise that there were both
    """
    where: Iterable[tuple[str, ...]]
    if len(basis):
        where = [_entry(each, edit.lang) for each in changed_cells(cells_of_basis(basis), cells)]
    else:
        where = [(SHEETS[BASIS].title(edit.lang), "", "", "", LOST(edit.lang))] if len(log) or both_gone else []
    first, rows = last_entry(log, basis) + 1, []
    for number, (sheet, record, column, before, after) in enumerate(where, start=first):
        row = {"entry": str(number), "period": edit.period, "sheet": sheet, "record": record, "column": column,
               "before": before, "after": after, "edited_by": edit.by, "edited_on": edit.on,
               "version": edit.version}  # fmt: skip
        rows.append({**row, "check": check_number(row)})
    frame = pd.DataFrame(rows, columns=list(SHEETS[LOG].by_code), dtype="object")
    return frame.where(frame != "", None)


def _entry(change: CellChange, lang: Lang) -> tuple[str, ...]:
    if change.before is None or change.after is None:
        both = [_whole(change, cells, lang) for cells in (change.before, change.after)]
    else:
        both = [shown_cell(change, cells, lang) for cells in (change.before, change.after)]
    return (*where_changed(change, lang), *both)


def _whole(change: CellChange, cells: Mapping[str, PolicyCell] | None, lang: Lang) -> str:
    """Write out a record that is new or gone."""
    if cells is None:
        return ABSENT(lang)
    headings = SHEETS[change.sheet]
    written = [f"{headings[code].name(lang)} = {cell.shown}" for code, cell in cells.items()]
    return ("；" if lang == "zh" else "; ").join(written)


def where_changed(change: CellChange, lang: Lang) -> tuple[str, str, str]:
    """Return the sheet, the record and the column of a change as the log calls them.

    Parameters
    ----------
    change : of a cell or of a record
    lang : of the words
    """
    return SHEETS[change.sheet].title(lang), shown_record(change, lang), shown_column(change, lang)


def check_number(entry: Mapping[str, str]) -> str:
    """Return the check number of an entry: part of the digest of all that it says.

    Parameters
    ----------
    entry : by column of the log; the check number itself does not count

    Examples
    --------
    >>> check_number({"entry": "1", "after": "20%"}) == check_number({"entry": "1", "after": "25%"})
    False
    """
    said = "\x1f".join(entry.get(code) or "" for code in SHEETS[LOG].by_code if code != "check")
    return sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:CHECK_LENGTH]


# What the log tells ---


def last_changes(log: Table) -> dict[tuple[str, str, str], tuple[str, str]]:
    """Return who changed each cell last, and when, by the sheet, the record and the column as the log calls them.

    Parameters
    ----------
    log : its entries, in the order in which they were made
    """
    return {(row["sheet"], row["record"], row["column"]): (row["edited_by"], row["edited_on"]) for row in _texts(log)}


def check_policy_log(log: Table, basis: Table) -> Iterator[Problem]:
    """Yield what was done to the log by hand: entries that were edited, added or deleted, and a basis that is gone.

    Parameters
    ----------
    log, basis : as they stand in the workbook
    """
    edited = [at for at, row in enumerate(_texts(log)) if row["check"] != check_number(row)]
    if edited:
        entries = [_texts_of(log, "entry")[at] for at in edited]
        details = {"count": len(edited), "entries": entries}
        yield Problem("policy-log-edited", log.title, log.cells("entry", edited), details)
    numbers = {*_texts_of(log, "entry")}
    gone = [str(each) for each in range(1, last_entry(log, basis) + 1) if str(each) not in numbers]
    if gone:
        yield Problem("policy-log-gap", log.title, "", {"count": len(gone), "entries": gone})
    if len(log) and not len(basis):
        yield Problem("policy-basis-gone", log.title, "", {"sheet": SHEETS[BASIS].title})


def check_version(cells: PolicyCells, basis: Table, scheme: Scheme, period: str) -> Iterator[Problem]:
    """Yield a note where the policy is not that of the last run, which was of another period, and its version is.

    Parameters
    ----------
    cells : of the policy as it is now
    basis : as the last run left it
    scheme : whose policy it is
    period : the code of the period now
    """
    before = _kept(basis, "period")
    if before == period or not (before and period):
        return
    changes = list(changed_cells(cells_of_basis(basis), cells))
    if changes and ("settings", "version") not in {(each.sheet, each.record) for each in changes}:
        yield from report_setting(scheme, "policy-version-same", "version", count=len(changes), before=before,
                                  version=scheme.settings.version)  # fmt: skip


def _texts(table: Table) -> list[dict[str, str]]:
    """Return the records of a sheet; what is empty is an empty text."""
    columns = {code: _texts_of(table, code) for code in table.sheet.by_code}
    return [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]


def _texts_of(table: Table, column: str) -> list[str]:
    values: list[Any] = table[column].tolist()
    return [value if isinstance(value, str) else "" for value in values]
