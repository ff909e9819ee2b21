"""Writes small workbooks from rows of plain values, with the small scheme as their policy."""

from pathlib import Path

import openpyxl
import pandas as pd
import small

from xlperf.policy.scheme.codec import setting_text
from xlperf.schema.settings import SETTINGS
from xlperf.workbook.read.book import Book
from xlperf.workbook.write.scheme_workbook import remark_in


def policy(lang="zh", scheme=None):
    """Return the policy sheets of a scheme as rows, by title."""
    sheets = {}
    for code, table in (scheme or small.scheme()).tables.items():
        columns = [column for column in table.sheet if table.frame[column.code].notna().any()]
        rows = table.frame[[column.code for column in columns]].itertuples(index=False, name=None)
        if code == "settings":
            rows = ((SETTINGS[name].name(lang), setting_text(SETTINGS[name], value)(lang)) for name, value, *_ in rows)
        cells = [[None if pd.isna(value) else value for value in row] for row in rows]
        sheets[table.sheet.title(lang)] = [[column.name(lang) for column in columns[: len(cells[0])]], *cells]
    return sheets


def decided(scheme):
    """Return what HR decides in a scheme as plain data, in its language; period and language are a workbook's."""
    values = scheme.settings.values()
    switches = {each.code: values[each.code] for each in scheme.switches()}
    usual = {each.code: (None, "", (), each.usual) for each in scheme.switches() if not each.required}
    data = {
        code: [
            {
                name: remark_in(row[name], scheme.settings.language)
                for name in table.sheet.by_code
                if not pd.isna(row[name])
            }
            for row in table.frame.to_dict("records")
        ]
        for code, table in scheme.tables.items()
        if code != "settings" and len(table)
    }
    settings = {code: value for code, value in switches.items() if value not in usual.get(code, ())}
    return data | {"settings": {code: value for code, value in settings.items() if code not in ("period", "language")}}


def save(path, sheets):
    """Write a workbook; a row is a list of values."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def cells(path):
    """Return every value of a workbook by sheet and address."""
    book = openpyxl.load_workbook(path)
    return {
        ws.title: {cell.coordinate: cell.value for row in ws.iter_rows() for cell in row if holds_something(cell)}
        for ws in book
    }


def holds_something(cell):
    """Whether a cell has a value; to an empty one with a link openpyxl gives the place that it leads to."""
    link = getattr(cell, "hyperlink", None)
    return cell.value is not None and not (link is not None and cell.value == link.location)


def unlike(one, other):
    """Return what differs in the values of two workbooks: sheet, cell, and the value of either."""
    mine, theirs = cells(one), cells(other)
    return [
        (sheet, cell, mine.get(sheet, {}).get(cell), theirs.get(sheet, {}).get(cell))
        for sheet in dict.fromkeys((*mine, *theirs))
        for cell in dict.fromkeys((*mine.get(sheet, {}), *theirs.get(sheet, {})))
        if mine.get(sheet, {}).get(cell) != theirs.get(sheet, {}).get(cell)
    ]


def book_of(scheme=None, lang="zh", **tables):
    """Return a book in memory."""
    scheme = scheme or small.scheme()
    return Book(Path("book.xlsx"), lang, {**scheme.tables, **tables}, scheme, [], ())


def codes(problems, level=None):
    """Return the codes of problems, of one level or of all, in order."""
    return [problem.code for problem in problems if level in (None, problem.level)]


def one(problems, code):
    """Return the only problem of a code."""
    (found,) = [problem for problem in problems if problem.code == code]
    return found
