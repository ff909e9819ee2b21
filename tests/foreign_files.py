"""Foreign files for the tests of importing, and a workbook of four people that they go into."""

from dataclasses import replace

import openpyxl
import small
from small_book import book_of, save

from xlperf.schema.tables import table_of
from xlperf.workbook.read.importing import import_files

ROSTER = [
    {"employee_id": "001", "name": "张伟"},
    {"employee_id": "002", "name": "李娜"},
    {"employee_id": "003", "name": "陈伟"},
    {"employee_id": "004", "name": "陈伟"},
]


def book(scheme=None, headings=(), **tables):
    """Return a book with four people, two of one name, and some rows of the Headings sheet."""
    scheme = scheme or small.scheme()
    given = {"employees": table_of("employees", ROSTER, "zh"), **tables}
    if headings:
        rows = [dict(zip(("sheet", "heading", "column"), row, strict=True)) for row in headings]
        scheme = replace(scheme, tables={**scheme.tables, "headings": table_of("headings", rows)})
    return book_of(scheme, **given)


def taken(tmp_path, rows, into=None, title="Sheet1", merged=(), **how):
    """Import one sheet of a workbook."""
    path = save(tmp_path / "theirs.xlsx", {title: rows})
    if merged:
        theirs = openpyxl.load_workbook(path)
        for cells in merged:
            theirs.active.merge_cells(cells)
        theirs.save(path)
    return import_files(into or book(), [path], **how)


def csv(tmp_path, text, name="theirs.csv"):
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return path


def rows_of(imported, sheet, *columns):
    return imported.tables[sheet].frame[list(columns)].to_numpy().tolist()
