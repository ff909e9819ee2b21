"""Numbers, words and dates as people type them into sheets, and rounding as Excel does it.

Excel keeps and shows fifteen significant digits, so a sheet's 0.285 * 100 *is* 28.5 although the float beside
it is 28.499999999999996. Every figure of xlperf is read that way before it is rounded, ranked or compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from typing import Any, Literal, NamedTuple, SupportsFloat, TypeGuard, overload
from unicodedata import normalize

import numpy as np
from numpy.typing import ArrayLike, NDArray

from xlperf.core.problems import Lang, Text

Floats = NDArray[np.float64]
SHARE_TOLERANCE = Fraction(1, 1_000_000)  # of weights and shares that add up, after their decimal reading

_EXACT_POWERS = np.array([float(10**k) for k in range(23)])  # all the powers of ten that a float holds exactly
_WHOLE_POWERS = np.array([10**k for k in range(17)], dtype=np.int64)
_BOUNDS = np.array([float(f"1e{k}") for k in range(-8, 38)])  # in here one exact power of ten gives fifteen digits


@overload
def round_half_up(values: float, digits: int = 2) -> float: ...
@overload
def round_half_up(values: ArrayLike, digits: int = 2) -> Floats: ...
def round_half_up(values: ArrayLike, digits: int = 2) -> float | Floats:
    """Round halves away from zero, in decimal, exactly as Excel's ROUND does.

    Parameters
    ----------
    values : number or array of any shape
        NaN (not measured) and infinities come back as they are.
    digits : int
        Decimal places; 0 for whole numbers, -2 for hundreds.

    Returns
    -------
    float, or float array of the same shape
        The floats nearest to the decimal results; zero never carries a sign.

    Notes
    -----
    A number is first read to fifteen significant digits, ``'%.15g' % x``, and that decimal is rounded. The
    reading is done on whole columns with error-free products, so no value near a half is decided by float dust.

    Examples
    --------
    >>> round_half_up(2.675), round(2.675, 2)       # Python's own round falls for the float below the half
    (2.68, 2.67)
    >>> round_half_up(0.285 * 100, 0), round_half_up(-1.005), round_half_up(1250, -2)
    (29.0, -1.01, 1300.0)
    >>> round_half_up([78.625, float("nan")]).tolist()
    [78.63, nan]
    """
    given = np.asarray(values, dtype=np.float64)
    numbers = np.atleast_1d(given)
    size = np.abs(numbers)
    usual = (size >= _BOUNDS[0]) & (size < _BOUNDS[-1]) & (digits >= -22)
    vanishing = size < float(f"1e{-digits - 1}")
    unusual = np.isfinite(size) & ~usual & ~vanishing
    rounded = numbers.copy()
    rounded[usual] = np.copysign(_round_usual(size[usual], digits), numbers[usual])
    rounded[vanishing] = 0.0
    rounded[unusual] = [_round_decimal(number, digits) for number in numbers[unusual].tolist()]
    rounded[rounded == 0.0] = 0.0  # for -0.0
    return float(rounded[0]) if given.ndim == 0 else rounded.reshape(given.shape)


def _round_usual(size: Floats, digits: int) -> Floats:
    """Round positive numbers of usual size: first to a whole number of fifteen digits, then in whole numbers."""
    exponent = np.searchsorted(_BOUNDS, size, side="right") - 9
    places = 14 - exponent
    fifteen = _scaled_to_whole(size, places)
    cut = np.clip(places - digits, 0, 16)
    unit = _WHOLE_POWERS[cut]
    kept = (fifteen + unit // 2) // unit
    up, down = _powers(cut - places)
    return kept * up / down


def _scaled_to_whole(size: Floats, places: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return ``size * 10**places`` rounded to whole numbers (exact halves to even), with no error of its own."""
    up, down = _powers(places)
    scaled = size * up / down
    product, product_error = _exact_product(size, up)
    back, back_error = _exact_product(scaled, down)
    remainder = ((product - back) + (product_error - back_error)) / down
    whole = np.floor(scaled)
    beyond_half = (scaled - whole - 0.5) + remainder
    whole += (beyond_half > 0) | ((beyond_half == 0) & (whole % 2 == 1))
    return whole.astype(np.int64)


def _powers(places: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Return the factor and the divisor that shift a decimal point ``places`` to the right; one of them is 1."""
    return _EXACT_POWERS[np.clip(places, 0, 22)], _EXACT_POWERS[np.clip(-places, 0, 22)]


def _exact_product(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """Return the float product and what it lacks of the true one (Dekker 1971)."""
    product = a * b
    (a_high, a_low), (b_high, b_low) = _halves(a), _halves(b)
    return product, a_low * b_low - (((product - a_high * b_high) - a_low * b_high) - a_high * b_low)


def _halves(a: Floats) -> tuple[Floats, Floats]:
    """Split floats of 53 bits into two of 26, whose products are exact (Veltkamp 1968)."""
    stretched = a * 134217729.0  # 2**27 + 1
    high = stretched - (stretched - a)
    return high, a - high


def _round_decimal(number: float, digits: int) -> float:
    """Round one number by the rule itself: for the very small and the very large."""
    read = Decimal(f"{number:.15g}")
    unit = Decimal((0, (1,), -digits))
    return float(read.quantize(unit, ROUND_HALF_UP, Context(prec=16)) if abs(read) < unit.scaleb(15) else read)


ALL_DIGITS = 14  # of fifteen: the last may be an idle zero
MOST_PARTS = 1000


def fraction_of(number: float) -> Fraction:
    """Return the exact number that a cell stands for: the decimal that a sheet shows, or the quotient it came from.

    A number that needs all the fifteen digits that a sheet shows, and is a quotient of whole numbers with a divisor of
    at most a thousand, is this quotient: three shares of ``=1/3`` are the whole.

    >>> fraction_of(0.1 + 0.2), fraction_of(1 / 3), fraction_of(0.3333)
    (Fraction(3, 10), Fraction(1, 3), Fraction(3333, 10000))
    """
    shown = f"{number:.15g}"
    decimal = Fraction(shown)
    digits = shown.partition("e")[0].strip("-0").replace(".", "").lstrip("0")
    if len(digits) < ALL_DIGITS or decimal.denominator == 1:  # a whole number, however large, is what it shows
        return decimal
    quotient = decimal.limit_denominator(MOST_PARTS)
    return quotient if f"{float(quotient):.15g}" == shown else decimal


def show_number(number: float, digits: int = 2) -> str:
    """Write a number for a sentence: rounded half up, without idle zeros, a dash where nothing was measured.

    ``digits`` are the decimals at the most.

    >>> show_number(99.5), show_number(1.005), show_number(float("nan"))
    ('99.5', '1.01', '—')
    """
    return show_numbers([number], digits)[0]


def show_numbers(numbers: ArrayLike, digits: int = 2) -> list[str]:
    """Write a whole column of numbers as :func:`show_number` writes each, with the same ``digits`` at the most.

    >>> show_numbers([1250, 0.5, float("nan")])
    ['1250', '0.5', '—']
    """
    written = f"%.{max(digits, 0)}f"
    shown = [written % number for number in np.atleast_1d(round_half_up(numbers, digits)).tolist()]
    if digits > 0:
        shown = [each.rstrip("0").rstrip(".") for each in shown]
    return ["—" if each == "nan" else each for each in shown] if "nan" in shown else shown


def figure_in_words(value: float, lang: Lang) -> str:
    """Return a figure as it stands in a sentence: thousands apart, at most four decimals, "none" where there is none.

    Parameters
    ----------
    value : in any unit; NaN where there is none
    lang : of the word for none

    Examples
    --------
    >>> figure_in_words(1234.5, "en"), figure_in_words(float("nan"), "zh")
    ('1,234.5', '无')
    """
    if value != value:
        return Text("无", "none")(lang)
    return f"{float(f'{value:.12g}'):,.4f}".rstrip("0").rstrip(".")


_INVISIBLE = dict.fromkeys(
    [0xAD, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A)], None
)  # soft hyphen, byte order mark, zero-width blanks and joiners, direction marks
_WIDE = {code: normalize("NFKC", chr(code)) for code in range(0xFF01, 0xFF5F)}
_NUMBER_SIGNS = {**_WIDE, ord("¥"): "￥", 0x2212: "-", 0x2013: "-"}  # a minus sign and an en dash are typed for "-"


def clean_text(value: object) -> str:
    """Return a name or label as it reads: runs of blanks, NBSP, tabs and line breaks are one blank, none at the ends.

    Characters without width are dropped, so that two spellings that look alike are alike. Nothing is "".

    >>> clean_text("　张\\u200b伟\\xa0 \\n"), clean_text("Zhang \\n Wei"), clean_text(None)
    ('张伟', 'Zhang Wei', '')
    """
    return "" if value is None else " ".join(str(value).translate(_INVISIBLE).split())


def fold_width(text: str) -> str:
    """Return full-width letters, digits and signs (Ａ１％（）) as the ordinary ones; other characters stay.

    >>> fold_width("（Ｑ４）８５％")
    '(Q4)85%'
    """
    return text.translate(_WIDE)


def made_of(texts: Sequence[Any], signs: bytes) -> bool:
    """Whether all are texts of certain ASCII signs, which is told of a whole column at once.

    >>> made_of(["E1", "E2"], b"E12"), made_of(["E1", "é"], b"E1"), made_of(["E1", 1], b"E1")
    (True, False, False)
    """
    try:
        joined = "".join(texts)
    except TypeError:
        return False
    return joined.isascii() and not joined.encode().translate(None, signs)


def clean_key(value: object) -> str:
    """Return an identifier as text: clean, of ordinary width, and without the ".0" of a number cell.

    >>> clean_key(1960.0), clean_key("０１９６０ "), clean_key("1.10"), clean_key(float("nan"))
    ('1960', '01960', '1.10', '')
    """
    if isinstance(value, (float, np.floating)):
        if np.isnan(value):
            return ""
        value = f"{Decimal(f'{value:.15g}'):f}"
    return clean_text(normalize("NFKC", clean_text(value)))


_POWER_OF_TEN_KEY = re.compile(r"[0-9](\.[0-9]+)?[Ee]\+[0-9]+|[0-9]\.[0-9]+[Ee][0-9]{2}")


def key_lost_digits(value: object) -> bool:
    """Whether an identifier was stored as a number with more digits than Excel keeps, or shown as 1.23E+17.

    >>> key_lost_digits(110101199001011000), key_lost_digits("1.10101E+17"), key_lost_digits("110101199001011234")
    (True, True, False)
    """
    if _is_number(value):
        return abs(float(value)) >= 1e15
    return _POWER_OF_TEN_KEY.fullmatch(clean_key(value)) is not None


NumberKind = Literal["number", "percent", "missing", "not_applicable", "text"]


class ParsedNumber(NamedTuple):
    """What a cell says in a column of numbers.

    ``value`` is NaN unless ``kind`` is "number" or "percent" (95% is 0.95). ``converted`` tells that the cell
    deserves a note: it was not written as a plain number. ``unit`` is the unit that was read away: "%", "￥", "万元".
    """

    value: float
    kind: NumberKind
    converted: bool = False
    unit: str = ""


class ParsedNumbers(NamedTuple):
    """The columns of many `ParsedNumber`: floats, and words as NumPy strings, so that ``kind == "text"`` is a mask."""

    value: Floats
    kind: NDArray[np.str_]
    converted: NDArray[np.bool_]
    unit: NDArray[np.str_]


_NOT_APPLICABLE = frozenset({"不适用", "不考核", "无", "not applicable", "n/a", "n.a.", "n.a", "na"})
_MISSING = frozenset({"", "-", "--", "—", "——", "/", "?", "null", "nan", "nat", "<na>"})
_MAGNITUDES = {"": 0, "%": -2, "千": 3, "万": 4, "百万": 6, "千万": 7, "亿": 8}
_LOOSE_BLANK = re.compile(r"(?<![0-9.,]) | (?![0-9.,])")  # not the blank in "1 234", which may be two numbers
_PLAIN_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_NUMBER = re.compile(
    r"""(?P<bracket>\()?
        (?P<sign>[+-]?) (?P<currency>[￥$€£]?) (?P<inner_sign>[+-]?)
        (?P<figure>[1-9][0-9]{0,2}(,[0-9]{3})+(\.[0-9]+)? | [0-9]+\.?[0-9]* | \.[0-9]+)
        ([eE](?P<exponent>[+-]?[0-9]{1,3}))?
        (?: (?P<percent>%)
          | (?P<magnitude>百万|千万|[千万亿])?
            (?P<measure>元|小时|分钟|[分秒天人名户家次个件笔单项条篇例起台套倍])? )
        (?(bracket)\))""",
    re.VERBOSE,
)


def parse_number(value: object) -> ParsedNumber:
    """Read one cell of a column of numbers, as it was meant and without guessing.

    Parameters
    ----------
    value : object
        The cell: a number, a text in any of the ways people write numbers, or empty.

    Returns
    -------
    ParsedNumber
        Kind "missing" for nothing, dashes and "?"; "not_applicable" for 不适用, N/A and their kin; "text" for
        whatever cannot be read with certainty: two numbers, dates, true/false, infinity, 1,23.

    Examples
    --------
    >>> parse_number("９５％")
    ParsedNumber(value=0.95, kind='percent', converted=True, unit='%')
    >>> parse_number("1.2万元").value, parse_number("（1,234.50）").value, parse_number("￥ 3").unit
    (12000.0, -1234.5, '￥')
    >>> parse_number("不适用").kind, parse_number("—").kind, parse_number("80/90").kind
    ('not_applicable', 'missing', 'text')
    """
    if _is_number(value):
        return _of_number(float(value))
    text = "" if value is None else str(value)
    folded = clean_text(text).translate(_NUMBER_SIGNS)
    if folded.casefold() in _MISSING:
        return ParsedNumber(np.nan, "missing", converted=folded == "?")
    if folded.casefold() in _NOT_APPLICABLE:
        return ParsedNumber(np.nan, "not_applicable")
    parts = _NUMBER.fullmatch(_LOOSE_BLANK.sub("", folded))
    if parts is None:
        return ParsedNumber(np.nan, "text")
    signs = (parts["bracket"] or "") + parts["sign"] + parts["inner_sign"]
    magnitude = parts["percent"] or parts["magnitude"] or ""
    exponent = int(parts["exponent"] or 0) + _MAGNITUDES[magnitude]
    size = float(f"{parts['figure'].replace(',', '')}e{exponent}")
    if len(signs) > 1 or np.isinf(size):
        return ParsedNumber(np.nan, "text")
    return ParsedNumber(
        value=-size if signs in ("-", "(") else size,
        kind="percent" if parts["percent"] else "number",
        converted=_PLAIN_NUMBER.fullmatch(text) is None,
        unit=magnitude + (parts["measure"] or "") or parts["currency"],
    )


def parse_numbers(values: Iterable[object]) -> ParsedNumbers:
    """Read a column of numbers; each distinct text is read once, and a column of plain numbers at one stroke.

    >>> numbers = parse_numbers([90, "85分", None, "缺考"])
    >>> numbers.value.tolist(), numbers.kind.tolist(), numbers.unit.tolist()
    ([90.0, 85.0, nan, nan], ['number', 'number', 'missing', 'text'], ['', '分', '', ''])
    """
    cells = _cells(values)
    if set(map(type, cells)) <= {int, float, type(None)}:
        numbers = np.array(cells, dtype=np.float64)
        kind = np.select([np.isfinite(numbers), np.isnan(numbers)], ["number", "missing"], "text")
        return ParsedNumbers(
            np.where(np.isfinite(numbers), numbers, np.nan),
            kind,
            np.zeros(len(cells), dtype=np.bool_),
            np.full(len(cells), ""),
        )
    texts = {text: parse_number(text) for text in {cell for cell in cells if isinstance(cell, str)}}
    parsed = [texts[cell] if isinstance(cell, str) else parse_number(cell) for cell in cells]
    return ParsedNumbers(
        np.array([number.value for number in parsed], dtype=np.float64),
        np.array([number.kind for number in parsed], dtype=np.str_),
        np.array([number.converted for number in parsed], dtype=np.bool_),
        np.array([number.unit for number in parsed], dtype=np.str_),
    )


def _is_number(value: object) -> TypeGuard[SupportsFloat]:
    return isinstance(value, (int, float, Decimal, np.integer, np.floating)) and not isinstance(value, bool)


def _of_number(number: float) -> ParsedNumber:
    if np.isnan(number):
        return ParsedNumber(np.nan, "missing")
    return ParsedNumber(number, "number") if np.isfinite(number) else ParsedNumber(np.nan, "text")


def _cells(values: Iterable[object]) -> list[Any]:
    """Return a column as a list of Python objects, so that NumPy's own number types do not slow the reading."""
    return values.tolist() if isinstance(values, np.ndarray) else list(values)


YearPlace = Literal["ymd", "dmy", "mdy"]
DateOrder = Literal["ymd", "dmy", "mdy", "ambiguous", "mixed"]
DateSystem = Literal[1900, 1904]
Readings = Mapping[YearPlace, datetime]


class ParsedDates(NamedTuple):
    """A column of dates: NaT where there is none, the positions that could not be read, and the order found."""

    dates: NDArray[np.datetime64]
    bad: list[int]
    order: DateOrder


_DAY_ZERO: dict[DateSystem, datetime] = {1900: datetime(1899, 12, 30), 1904: datetime(1904, 1, 1)}
_FIRST_SERIAL, _LAST_SERIAL = 20000, 80000  # 1954 to 2119: other numbers are not taken for dates
_DATE_WORDS = str.maketrans({"年": "-", "月": "-", "日": " ", "号": " "})
_YEAR = "(?P<year>19[0-9]{2}|[2-9][0-9]{3})"
_TIME = (
    "(?:[ T](?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:[.][0-9]+)?)?(?: ?(?P<noon>[AP]M))?)?"
)
_SEP, _SAME_SEP = " ?(?P<sep>[-/.]) ?", " ?(?P=sep) ?"
_YEAR_FIRST = re.compile(f"{_YEAR}{_SEP}(?P<month>[0-9]{{1,2}}){_SAME_SEP}(?P<day>[0-9]{{1,2}}){_TIME}")
_EIGHT_DIGITS = re.compile(f"{_YEAR}(?P<month>[0-9]{{2}})(?P<day>[0-9]{{2}}){_TIME}")
_YEAR_LAST = re.compile(f"(?P<first>[0-9]{{1,2}}){_SEP}(?P<later>[0-9]{{1,2}}){_SAME_SEP}{_YEAR}{_TIME}")
_SERIAL = re.compile(r"[0-9]{5}(\.[0-9]+)?")


def parse_date(value: object, order: YearPlace = "ymd", date_system: DateSystem = 1900) -> datetime | None:
    """Read one date, or return None where there is none or it is impossible.

    Parameters
    ----------
    value : object
        A date, an Excel serial number (20000 to 80000), a number like 20240301, or a text: 2024/3/1, 2024.3.1,
        2024年3月1日, 3/1/2017, 29-02-2016 01:16.
    order : "ymd", "dmy" or "mdy"
        How a date with the year at its end is to be read. With "ymd" it is read only if both ways agree or one
        is impossible; `parse_dates` finds the order from the whole column.
    date_system : 1900 or 1904
        Where the workbook's serial numbers begin.

    Examples
    --------
    >>> str(parse_date("2024年3月1日")), str(parse_date("29-02-2016 01:16")), str(parse_date(45352))
    ('2024-03-01 00:00:00', '2016-02-29 01:16:00', '2024-03-01 00:00:00')
    >>> print(parse_date("3/1/2017"), parse_date("3/1/2017", order="mdy"), parse_date("2023-02-29"))
    None 2017-03-01 00:00:00 None
    """
    return _choose(_readings(value, date_system), order)


def parse_dates(
    values: Iterable[object], order: YearPlace | None = None, date_system: DateSystem = 1900
) -> ParsedDates:
    """Read a column of dates, all in one order: the given one, or the one that the column itself shows.

    Parameters
    ----------
    values : n cells: dates, texts, serial numbers of Excel, in any mixture
    order : how dates with the year at the end are written; None where the column is to show it
    date_system : 1900 or 1904, what serial numbers count from

    Returns
    -------
    n days, the positions of the cells that could not be read, and the order found.

    Notes
    -----
    Empty cells and words for nothing (-, ?, 不适用) are NaT and not bad. Where the order stays unknown, only the
    dates that can be read in one way are read; the others are bad. The order is "mixed" where some dates allow only dmy
    and others only mdy, "ambiguous" where every date allows both and they differ, "ymd" where nothing depends on it.

    Examples
    --------
    >>> dates, bad, order = parse_dates(["3/1/2017", "3/25/2017", None, "31/31/2017"])
    >>> dates.astype("datetime64[D]").astype(str).tolist(), bad, order
    (['2017-03-01', '2017-03-25', 'NaT', 'NaT'], [3], 'mdy')
    """
    if getattr(getattr(values, "dtype", None), "kind", "") == "M":
        return ParsedDates(np.asarray(values, dtype="datetime64[s]"), [], order or "ymd")
    cells = _cells(values)
    if set(map(type, cells)) <= {datetime, date, type(None)}:
        return ParsedDates(np.array(cells, dtype="datetime64[s]"), [], order or "ymd")
    texts = {text: _readings(text, date_system) for text in {cell for cell in cells if isinstance(cell, str)}}
    found = order or _order_of(texts.values())
    chosen = {text: _choose(readings, found) for text, readings in texts.items()}
    dates = [chosen[cell] if isinstance(cell, str) else _choose(_readings(cell, date_system), found) for cell in cells]
    bad = [position for position, day in enumerate(dates) if day is None and not _says_nothing(cells[position])]
    return ParsedDates(np.array(dates, dtype="datetime64[s]"), bad, found)


def _choose(readings: Readings, order: DateOrder) -> datetime | None:
    """Take the reading in the wanted order; where no order is settled, the only one there is."""
    if "ymd" in readings:
        return readings["ymd"]
    if order in ("dmy", "mdy"):
        return readings.get(order)
    days = set(readings.values())
    return days.pop() if len(days) == 1 else None


def _order_of(column: Iterable[Readings]) -> DateOrder:
    certain: set[DateOrder] = set()
    undecided = False
    for readings in column:
        if "ymd" not in readings and len(readings) == 1:
            certain.update(readings)
        undecided |= len(set(readings.values())) > 1
    if len(certain) > 1:
        return "mixed"
    return certain.pop() if certain else "ambiguous" if undecided else "ymd"


def _readings(value: Any, date_system: DateSystem) -> Readings:
    """Return the possible dates of a cell by the order that gives them; a sure one is under "ymd"."""
    if isinstance(value, np.datetime64):
        value = value.astype("datetime64[s]").item()
    if isinstance(value, date):
        moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)
        return {"ymd": moment} if moment == moment else {}  # pandas' NaT is a date that does not equal itself
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = clean_text(fold_width(clean_text(value)).translate(_DATE_WORDS))
    if _SERIAL.fullmatch(text):
        return _only("ymd", _from_serial(float(text), date_system))
    if parts := _YEAR_FIRST.fullmatch(text) or _EIGHT_DIGITS.fullmatch(text):
        return _only("ymd", _moment(parts, "month", "day"))
    if parts := _YEAR_LAST.fullmatch(text):
        return {
            **_only("dmy", _moment(parts, month="later", day="first")),
            **_only("mdy", _moment(parts, month="first", day="later")),
        }
    return {}


def _only(order: YearPlace, day: datetime | None) -> Readings:
    return {} if day is None else {order: day}


def _moment(parts: re.Match[str], month: str, day: str) -> datetime | None:
    """Return the date and time of a match whose groups ``month`` and ``day`` are to be taken for these."""
    hour, minute, second = (int(parts[part] or 0) for part in ("hour", "minute", "second"))
    if parts["noon"]:
        hour = hour % 12 + (12 if parts["noon"] == "PM" else 0)
    try:
        return datetime(int(parts["year"]), int(parts[month]), int(parts[day]), hour, minute, second)
    except ValueError:
        return None


def _from_serial(serial: float, date_system: DateSystem) -> datetime | None:
    if not _FIRST_SERIAL <= serial <= _LAST_SERIAL:
        return None
    return _DAY_ZERO[date_system] + timedelta(seconds=round(serial * 86400))


def _says_nothing(value: object) -> bool:
    return parse_number(value).kind in ("missing", "not_applicable")
