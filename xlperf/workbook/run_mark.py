"""The mark that a run leaves in a workbook: by it the next one knows that nothing has changed, and computes nothing.

The mark is a digest of all cells on the sheets of the layout as the run left them, inputs and results alike, with the
titles of all sheets, the options of the run and the version of xlperf. A hidden name of the workbook keeps it, where it
stays when Excel saves the file. Whatever is typed, cleared or deleted afterwards makes another digest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

from xlperf.core.problems import LANGUAGES, Lang
from xlperf.core.version import __version__
from xlperf.workbook.read.headers import sheet_titled
from xlperf.xlsx.package.copy_sheet import set_name
from xlperf.xlsx.package.opc import Workbook as Package
from xlperf.xlsx.package.zip_members import Parts
from xlperf.xlsx.reader.safety import DAMAGED, check_package
from xlperf.xlsx.reader.workbook import UNCALCULATED, Area, Grid, Workbook

NAME = "_xlperf_run"
DIGITS = 12  # of a result


@dataclass(frozen=True)
class RunOptions:
    """What decides about the results besides the workbook: the options of a run, as they were given."""

    formulas: str = "values"
    period: str | None = None
    lang: Lang | None = None
    facts: Mapping[str, str] | None = None


def mark_of(titles: Iterable[str], grids: Iterable[Grid], options: RunOptions, lang: Lang) -> str:
    """Return the mark of a workbook, as a name holds it: its language, and the digest.

    Parameters
    ----------
    titles : of all worksheets
    grids : the sheets of the layout, in the order of their tabs
    options : those of the run
    lang : of the workbook; results are in it unless the options say otherwise

    Examples
    --------
    >>> results = Grid("Results", [1, 2], {1: ["Total", 80]})
    >>> mark = mark_of(["Results"], [results], RunOptions(), "en")
    >>> mark == mark_of(["Results"], [results], RunOptions(lang="en"), "en")
    True
    >>> mark == mark_of(["Results"], [Grid("Results", [1, 2], {1: ["Total", 81]})], RunOptions(), "en")
    False
    """
    facts = sorted((options.facts or {}).items())
    decides = (__version__, options.formulas, options.period, options.lang or lang, facts, list(titles))
    digest = sha256(repr(decides).encode())
    for grid in grids:
        digest.update(repr(_contents(grid)).encode("utf-8", "surrogatepass"))
    return f'"{lang} {digest.hexdigest()}"'


def language_in(mark: str | None) -> Lang | None:
    """Return the language that a mark tells; None where there is no mark.

    >>> language_in('"en 0123"'), language_in(None)
    ('en', None)
    """
    return next((lang for lang in LANGUAGES if (mark or "").startswith(f'"{lang} ')), None)


def left_by_run(path: Path, options: RunOptions) -> Lang | None:
    """Return the language of a file that still is what a run left; None of another one, or where anything is wrong.

    ``options`` are those of the run.
    """
    if check_package(path):
        return None
    try:
        with Workbook(path) as workbook:
            mark = workbook.named(NAME)
            lang = language_in(mark)
            return lang if lang is not None and mark == _mark(workbook, options, lang) else None
    except DAMAGED:
        return None


def marked(data: bytes, options: RunOptions, lang: Lang) -> bytes:
    """Return a workbook, given as the bytes of its file, with the mark of the run that has just written it.

    ``options`` are those of the run, ``lang`` is the language of the workbook.
    """
    with Workbook(BytesIO(data)) as workbook:
        mark = _mark(workbook, options, lang)
    book = Package(Parts.read(data))
    set_name(book, NAME, mark)
    return book.parts.packed()


def _mark(workbook: Workbook, options: RunOptions, lang: Lang) -> str:
    titles = [each.title for each in workbook.sheets]
    grids = (workbook.grid(each) for each in workbook.sheets if sheet_titled(each.title))
    return mark_of(titles, grids, options, lang)


def _contents(grid: Grid) -> tuple[Any, ...]:
    """Return what a run reads of a sheet; of results, which it does not read, the cells alone."""
    sheet = sheet_titled(grid.title)
    is_result = sheet is not None and sheet.role == "output"
    normalised = _rounded if is_result else _exact
    columns = ((number, list(map(normalised, values))) for number, values in sorted(grid.columns.items()))
    filled = [(number, values) for number, values in columns if any(value is not None for value in values)]
    cells = (grid.title, list(grid.rows), filled)
    if is_result:
        return cells
    return (*cells, sorted(_merged(grid)), sorted(grid.hidden_rows), sorted(grid.hidden_columns), grid.visible)


def _merged(grid: Grid) -> Iterator[Area]:
    """Yield the merged ranges that begin with a filled cell: no other one says anything."""
    position = {row: at for at, row in enumerate(grid.rows)}
    for area in grid.merged:
        values = grid.columns.get(area.left)
        if values is not None and area.top in position and values[position[area.top]] is not None:
            yield area


def _exact(value: Any) -> Any:
    """Return what HR gives: 38 and 38.0 are the same, as one programme saves it or another."""
    return int(value) if type(value) is float and value.is_integer() else value


def _rounded(value: Any) -> Any:
    """Return a result without its last digits, in which programmes differ that compute a formula anew."""
    if value is UNCALCULATED:
        return None
    return float(f"{value:.{DIGITS}g}") if type(value) in (int, float) else value
