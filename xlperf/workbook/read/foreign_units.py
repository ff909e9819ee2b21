"""Finds units such as 万元 beside foreign figures, which are taken as they stand: 1.2 and not 12,000."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from openpyxl.utils import get_column_letter

from xlperf.core.numbers import clean_text
from xlperf.core.problems import Problem
from xlperf.core.vocabulary import fold
from xlperf.schema.tables import address
from xlperf.workbook.read.headers import Columns, Header
from xlperf.xlsx.reader.workbook import Grid

_HEADINGS = frozenset(map(fold, ("单位", "計量單位", "计量单位", "金额单位", "unit", "units", "unit of measure")))
_MULTIPLES = re.compile(
    r"[十百千]?[百千万萬亿億](人民币|[美港欧日]?元|元人民币|小时|件|人|户|次|吨|个|笔|股|份|平方米|公里)?"
    r"|k|mn|bn|'?000s?|(thousand|million|billion)s?( of)?( \w{1,8})?|\w{0,3} ?(thousand|million|billion)",
    re.IGNORECASE,
)


def multiples_beside(
    grid: Grid, header: Header, body: Grid, columns: Columns, own: Collection[str]
) -> Iterator[Problem]:
    """Report multiples of units in a column of units, or in a line above the table.

    ``own`` are the units of the indicators, as `fold` leaves them: figures in one of these are right as they stand.
    """
    for remark in header.remarks:
        if fold(remark.label) in _HEADINGS and _is_multiple(remark.value, own):
            yield Problem("unit-not-read", grid.title, remark.cell, {"unit": remark.value})
    for heading, number in columns.own.items():
        if fold(heading) in _HEADINGS and number in body.columns:
            words = [clean_text(cell) for cell in body.columns[number]]
            rows = [row for row, word in zip(body.rows, words, strict=True) if _is_multiple(word, own)]
            if rows:
                unit = next(word for word in words if _is_multiple(word, own))
                yield Problem("unit-not-read", grid.title, address(get_column_letter(number), rows), {"unit": unit})


def _is_multiple(word: str, own: Collection[str]) -> bool:
    """Whether a word is a unit times a power of ten.

    >>> [_is_multiple(word, {"万元"}) for word in ("万元", "万小时", "k", "元", "kg")]
    [False, True, True, False, False]
    """
    return _MULTIPLES.fullmatch(word.strip()) is not None and fold(word) not in own
