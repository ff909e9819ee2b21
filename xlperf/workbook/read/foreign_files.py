"""Opens foreign files: every sheet of a workbook, or a text file, as raw cells."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from xlperf.core.problems import Problem, has_errors
from xlperf.workbook.read.heading_groups import with_groups
from xlperf.workbook.sources.text_files import AS_FOUND, TextOptions, read_text_file
from xlperf.xlsx.reader.safety import DAMAGED, check_package
from xlperf.xlsx.reader.workbook import Grid, Workbook

TEXT_ENDINGS = (".csv", ".txt", ".tsv")


def read_source(
    path: Path, known: Collection[str] = (), options: TextOptions = AS_FOUND
) -> tuple[list[Grid], list[Problem]]:
    """Read every sheet of a foreign workbook, or a text file, as raw cells; see `read_text_file` for the rest.

    Sheets are titled as Excel refers to them from another workbook: ``[roster.xlsx]Sheet1``.
    """
    if path.suffix.lower() in TEXT_ENDINGS:
        return _text_source(path, known, options)
    problems = check_package(path)
    if has_errors(problems):
        return [], problems
    try:
        with Workbook(path) as workbook:
            grids = [workbook.grid(sheet) for sheet in workbook.sheets]
    except DAMAGED:
        return [], [*problems, Problem("book-damaged", details={"file": path.name})]
    return [replace(with_groups(grid), title=f"[{path.name}]{grid.title}") for grid in grids], problems


def _text_source(path: Path, known: Collection[str], options: TextOptions) -> tuple[list[Grid], list[Problem]]:
    if not path.is_file():
        return [], [Problem("file-missing", details={"file": path.name})]
    try:
        found = read_text_file(path, known, options)
    except PermissionError:
        return [], [Problem("file-locked", details={"file": path.name})]
    return [with_groups(found.grid)] if found.grid else [], found.problems
