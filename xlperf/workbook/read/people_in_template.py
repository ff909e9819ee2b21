"""Finds people who stand in a template of one's own: every recipient would get them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from openpyxl.utils import get_column_letter

from xlperf.core.problems import Problem, some
from xlperf.schema.tables import Table, address
from xlperf.scoring.named_people import NamedPeople
from xlperf.xlsx.reader.workbook import Workbook


def people_in_template(template: Path, employees: Table) -> Iterator[Problem]:
    """Report the cells of a template, those of hidden sheets too, that name somebody on the roster."""
    people = NamedPeople(zip(employees["employee_id"], employees["name"], strict=True))
    with Workbook(template) as workbook:
        for grid in map(workbook.grid, workbook.sheets):
            for column, cells in grid.columns.items():
                texts = {row: cell for row, cell in zip(grid.rows, cells, strict=True) if isinstance(cell, str)}
                named = {row: set().union(*found) for row, text in texts.items() if (found := people.in_text(text))}
                if named:
                    details = {"people": some(sorted(set().union(*named.values())))}
                    where = address(get_column_letter(column), list(named))
                    yield Problem("template-names-people", grid.title, where, details)
