"""Tells what each sheet and column is for, and adds sheets to a workbook."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from xlperf.core.problems import Lang, Problem
from xlperf.workflows.result import Refused, Result, refuse_errors, workflow
from xlperf.workflows.store import BookOrPath, read_from, store_of

if TYPE_CHECKING:
    from xlperf.schema import Sheet


@dataclass(frozen=True)
class CatalogueResult(Result):
    """The sheets that were asked for, in the order of work."""

    sheets: tuple[Sheet, ...]


@dataclass(frozen=True)
class AddedSheets(Result):
    """The titles of the sheets that were added, and of those that were there already."""

    added: tuple[str, ...]
    there: tuple[str, ...]


@workflow
def sheets(name: str | None = None) -> CatalogueResult:
    """Return the sheets that a workbook may have, with their columns.

    Parameters
    ----------
    name : one sheet, by its code, a title or another name of it; all, if none is given

    Returns
    -------
    CatalogueResult; Refusal where there is no such sheet.

    Examples
    --------
    >>> [sheet.code for sheet in sheets("花名册").sheets]
    ['employees']
    """
    from xlperf.schema import SHEETS

    found = tuple(SHEETS.values()) if name is None else (sheet_named(name, None, of_results=True),)
    return CatalogueResult((), None, (), found)


@workflow
def add(book: BookOrPath, names: str | Iterable[str], output: str | Path | None = None) -> AddedSheets:
    """Add empty sheets to a workbook, each where it belongs in the order of work; all else stays as it is.

    Ratings offers the labels of added Rating levels as a list. Settings that mean something only with one of the sheets
    are added to Home with their usual values.

    Parameters
    ----------
    book : the file, or a workbook that is open in Excel
    names : of sheets of policy or to fill in, by code, title or another name
    output : another file to write; the workbook itself, if none is given

    Returns
    -------
    AddedSheets, with a note for each that was there already; nothing is written where all were.
    Refusal where there is no such sheet, it is computed by a run, or the file cannot be written.
    """
    from xlperf.reporting.home_page import page_to_fill
    from xlperf.schema import SHEETS
    from xlperf.workbook.write.scheme_workbook import add_input_sheets, sheets_beside
    from xlperf.workbook.write.update import looked_at_in_full

    store = store_of(book)
    ours = read_from(store)
    wanted: set[str] = set()
    problems: list[Problem] = []
    for name in [names] if isinstance(names, str) else names:
        try:
            wanted.add(sheet_named(name, ours.lang).code)
        except Refused as refused:
            problems += refused.problems
    refuse_errors(problems, ours.lang)
    there = [code for code in SHEETS if code in wanted & ours.tables.keys()]
    new = [code for code in SHEETS if code in wanted - ours.tables.keys()]
    problems = [
        Problem("sheet-there", ours.tables[code].title, details={"sheet": SHEETS[code].title}) for code in there
    ]
    counts = page_to_fill(ours.scheme, ours.tables).counts
    written = (
        store.change(
            looked_at_in_full("settings", beside=sheets_beside(new)),
            lambda workbook: add_input_sheets(workbook, ours.scheme, new, counts, ours.lang),
            Path(output) if output is not None else None,
        )
        if new
        else ()
    )
    titles = [tuple(SHEETS[code].title(ours.lang) for code in codes) for codes in (new, there)]
    return AddedSheets(tuple(problems), ours.lang, written, *titles)


def sheet_named(word: str, lang: Lang | None, *, of_results: bool = False) -> Sheet:
    """Return the sheet that a word means.

    Parameters
    ----------
    word : its code, a title in either language, or another name
    lang : of the workbook, for the refusal
    of_results : whether a sheet that a run writes is meant too

    Raises
    ------
    Refused
        Where the word means none, or one that a run writes.

    Examples
    --------
    >>> sheet_named("raters", "en").title.zh
    '评价关系'
    """
    from xlperf.core.spelling import similar
    from xlperf.schema import LOGS, SHEETS, find_sheet

    found = find_sheet(word)
    if found is not None and not of_results and (found.role == "output" or found.code in LOGS):
        raise Refused([Problem("sheet-computed", details={"sheet": found.title})], lang)
    if found is None:
        known = [each for each in SHEETS.values() if of_results or each.role != "output"]
        near = similar(word, [name for each in known for name in (each.code, *each.title, *each.synonyms)])
        raise Refused([Problem("no-such-sheet", details={"cell": word, "near": near})], lang)
    return found
