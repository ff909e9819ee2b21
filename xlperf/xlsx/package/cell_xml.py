"""How a value stands in the XML of a cell."""

from __future__ import annotations

import math
import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

from xlperf.xlsx.formula import LONGEST_TEXT, Formula

ERRORS = frozenset(
    (
        "#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#SPILL!", "#CALC!", "#FIELD!",
        "#BLOCKED!", "#CONNECT!", "#UNKNOWN!", "#BUSY!", "#GETTING_DATA", "#EXTERNAL!", "#PYTHON!",
    )
)  # fmt: skip
_DAY = timedelta(days=1)
_EPOCH_1900, _EPOCH_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)
_FIRST_OF_MARCH = datetime(1900, 3, 1)  # before it the calendar of 1900 counts a day that never was
_NOT_IN_XML = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff]")
_LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


class Content(NamedTuple):
    """What a cell element holds: its type, "" for a number, and the XML inside it."""

    kind: str
    inner: str


def content(value: object, p: str = "", mac_dates: bool = False) -> Content:
    """Return a plain value or a formula as the contents of a cell; ``p`` is the prefix of the element names.

    A text is a text whatever it begins with, so that it never becomes a formula.

    >>> content("=1+1"), content(True)
    (Content(kind='inlineStr', inner='<is><t>=1+1</t></is>'), Content(kind='b', inner='<v>1</v>'))
    >>> content(Formula("A1&B1", "x"))
    Content(kind='str', inner='<f>A1&amp;B1</f><v>x</v>')
    """
    if isinstance(value, Formula):
        kind, inner = result(value.value, p, mac_dates)
        return Content(kind, f"<{p}f>{text_xml(value.text)}</{p}f>{inner}")
    value = plain(value, mac_dates)
    if value in (None, ""):
        return Content("", "")
    if isinstance(value, str):
        return Content("inlineStr", f"<{p}is><{p}t{_kept_blanks(value)}>{text_xml(value)}</{p}t></{p}is>")
    return result(value, p, mac_dates)


def result(value: object, p: str = "", mac_dates: bool = False) -> Content:
    """Return what follows a formula: the result that its cell shows until somebody calculates it again.

    >>> result(2.5).inner, result("#N/A").kind, result(None), result(float("nan")).inner
    ('<v>2.5</v>', 'e', Content(kind='str', inner='<v></v>'), '<v></v>')
    """
    value = plain(value, mac_dates)
    if value is None:
        return Content("str", f"<{p}v></{p}v>")
    if isinstance(value, bool):
        return Content("b", f"<{p}v>{value:d}</{p}v>")
    if isinstance(value, int | float):
        return Content("", f"<{p}v>{value!r}</{p}v>")
    kind = "e" if value in ERRORS else "str"
    return Content(kind, f"<{p}v{_kept_blanks(str(value))}>{text_xml(str(value))}</{p}v>")


def plain(value: Any, mac_dates: bool = False) -> bool | int | float | str | None:
    """Return a value as one of the kinds that a cell can hold; dates are numbers, and what is not measured is nothing.

    >>> plain(date(2026, 10, 31)), plain(Decimal("1.50")), plain(float("nan"))
    (46326, 1.5, None)
    """
    if hasattr(value, "item") and not isinstance(value, str):
        value = value.item()
    if value is None or value != value:
        return None
    if isinstance(value, bool | int | str):
        return value
    if isinstance(value, float | Decimal):
        return float(value) if math.isfinite(value) else "#NUM!"
    if isinstance(value, datetime | date | time | timedelta):
        return serial(value, mac_dates)
    return str(value)


def serial(value: datetime | date | time | timedelta, mac_dates: bool = False) -> int | float:
    """Return a date as the number that Excel keeps, in the calendar of the workbook.

    >>> serial(datetime(2026, 10, 31, 12)), serial(date(2026, 10, 31), mac_dates=True), serial(date(1900, 1, 1))
    (46326.5, 44864, 1)
    """
    if isinstance(value, date):
        moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)
        moment = moment.replace(tzinfo=None) if moment.tzinfo else moment
        since = moment - (_EPOCH_1904 if mac_dates else _EPOCH_1900)
        if moment < _FIRST_OF_MARCH and not mac_dates:
            since -= _DAY
    else:
        since = value if isinstance(value, timedelta) else datetime.combine(date.min, value) - datetime.min
    return since / _DAY if since.seconds or since.microseconds else since.days


def text_xml(text: str) -> str:
    r"""Return a text as the file format writes it; what XML cannot hold becomes ``_xHHHH_``.

    >>> text_xml("a<b\x07 _x0041_")
    'a&lt;b_x0007_ _x005F_x0041_'
    """
    return escape(spelt_text(text))


def spelt_text(text: str) -> str:
    r"""Return a text with ``_xHHHH_`` for what XML cannot hold, and for what reads like such a sign.

    >>> spelt_text("a\rb _x0041_")
    'a_x000D_b _x005F_x0041_'
    """
    text = _LOOKS_ESCAPED.sub("_x005F_", text[:LONGEST_TEXT])
    return _NOT_IN_XML.sub(lambda found: f"_x{ord(found[0]):04X}_", text)


def _kept_blanks(text: str) -> str:
    return ' xml:space="preserve"' if text != text.strip() or "\n" in text else ""
