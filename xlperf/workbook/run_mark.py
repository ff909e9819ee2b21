"""The mark that a run leaves in a workbook: by it the next one knows that nothing has changed, and computes nothing.

The mark is a digest of all cells on the sheets of the layout as the run left them, inputs and results alike, with the
titles of all sheets, the options of the run and the version of xlperf. A hidden name of the workbook keeps it, where it
stays when Excel saves the file. Whatever is typed, cleared or deleted afterwards makes another digest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

from xlperf.core.version import __version__
from xlperf.workbook.read.headers import sheet_titled
from xlperf.xlsx.package.copy_sheet import set_name
from xlperf.xlsx.package.opc import Workbook as Package
from xlperf.xlsx.package.zip_members import Parts
from xlperf.xlsx.reader.safety import DAMAGED, check_package
from xlperf.xlsx.reader.workbook import UNCALCULATED, Area, Grid, Workbook

NAME = "_xlperf_run"
DIGITS = 12  # of a result


def mark_of(titles: Iterable[str], grids: Iterable[Grid], run: str) -> str:
    """Return the mark of a workbook, as a name holds it.

    Parameters
    ----------
    titles : of all worksheets
    grids : the sheets of the layout, in the order of their tabs
    run : the options of the run

    Examples
    --------
    >>> results = Grid("Results", [1, 2], {1: ["Total", 80]})
    >>> mark = mark_of(["Results"], [results], "values")
    >>> mark == mark_of(["Results"], [Grid("Results", [1, 2], {1: ["Total", 81]})], "values")
    False
    """
    digest = sha256(repr((__version__, run, list(titles))).encode())
    for grid in grids:
        digest.update(repr(_contents(grid)).encode("utf-8", "surrogatepass"))
    return f'"{digest.hexdigest()}"'


def is_left_by_run(path: Path, run: str) -> bool:
    """Whether a file still is what a run with some options left; False where anything is wrong with the file."""
    if check_package(path):
        return False
    try:
        with Workbook(path) as workbook:
            mark = workbook.named(NAME)
            return mark is not None and mark == _mark(workbook, run)
    except DAMAGED:
        return False


def marked(data: bytes, run: str) -> bytes:
    """Return a workbook, given as the bytes of its file, with the mark of the run that has just written it."""
    with Workbook(BytesIO(data)) as workbook:
        mark = _mark(workbook, run)
    book = Package(Parts.read(data))
    set_name(book, NAME, mark)
    return book.parts.packed()


def _mark(workbook: Workbook, run: str) -> str:
    titles = [each.title for each in workbook.sheets]
    return mark_of(titles, (workbook.grid(each) for each in workbook.sheets if sheet_titled(each.title)), run)


def _contents(grid: Grid) -> tuple[Any, ...]:
    """Return what a run reads of a sheet; of results, which it does not read, the cells alone."""
    sheet = sheet_titled(grid.title)
    is_result = sheet is not None and sheet.role == "output"
    told = _rounded if is_result else _exact
    columns = ((number, list(map(told, values))) for number, values in sorted(grid.columns.items()))
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
