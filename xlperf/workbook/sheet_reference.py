"""What each sheet and column is for, as data and as the page docs/sheets.md."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from xlperf.core.problems import LANGUAGES, Lang
from xlperf.schema import SHEETS, Column, Sheet
from xlperf.workbook.write.home import ROLE_NAMES
from xlperf.workbook.write.table_sheet import note


def sheet_data(sheet: Sheet) -> dict[str, Any]:
    """Return what there is to know of a sheet, in both languages.

    >>> sheet_data(SHEETS["grades"])["title"]
    {'zh': '等级', 'en': 'Grades'}
    """
    return {
        "sheet": sheet.code,
        "title": sheet.title._asdict(),
        "kind": sheet.role,
        "about": sheet.about._asdict(),
        "names": list(sheet.synonyms),
        "columns": [_column_data(column, sheet) for column in sheet],
    }


def _column_data(column: Column, sheet: Sheet) -> dict[str, Any]:
    return {
        "column": column.code,
        "heading": column.name._asdict(),
        "kind": column.kind,
        "required": column.required,
        "words": {code: word._asdict() for code, word in column.vocabulary.items()} if column.words else {},
        "names": list(column.synonyms),
        "about": {lang: in_one_line(column, sheet, lang) for lang in LANGUAGES},
    }


def in_one_line(column: Column, sheet: Sheet, lang: Lang) -> str:
    """Return what the note on a heading says, in one line.

    >>> in_one_line(SHEETS["ratings"]["score"], SHEETS["ratings"], "en")
    'A number.'
    """
    return ("" if lang == "zh" else " ").join(note(column, sheet, lang).split("\n"))


def markdown() -> str:
    """Return the page of the documentation that lists every sheet and column.

    >>> markdown().splitlines()[0]
    '# Sheets · 工作表'
    """
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# Sheets · 工作表"
    yield ""
    yield "Written by `python workbooks/build.py`. `xlperf sheets NAME` says the same, and `xlperf add BOOK NAME` adds"
    yield "a sheet to a workbook. A star marks what must be filled in; headings are understood in both languages."
    for role, name in ROLE_NAMES.items():
        for sheet in (each for each in SHEETS.values() if each.role == role):
            yield ""
            yield f"## {sheet.title.en} · {sheet.title.zh}"
            yield ""
            yield f"`{sheet.code}` ({name.en} · {name.zh}). {sheet.about.en} {sheet.about.zh}"
            yield ""
            yield "| column | heading | 标题 | what stands there | 说明 |"
            yield "| --- | --- | --- | --- | --- |"
            for column in sheet:
                star = " *" if column.required and role != "output" else ""
                texts = [in_one_line(column, sheet, lang) for lang in ("en", "zh")]
                cells = (f"`{column.code}`", f"{column.name.en}{star}", f"{column.name.zh}{star}", *texts)
                yield f"| {' | '.join(each.replace('|', chr(92) + '|') for each in cells)} |"
