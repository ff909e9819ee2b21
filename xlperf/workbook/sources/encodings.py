"""Finds the encoding of a text file, with the evidence for it; where two readings are likely, none is taken.

What decides, in this order: what the caller says, a byte order mark, UTF-8 and UTF-16 or UTF-32 without a mark (which a
text of another encoding does not pass), and then the contents: words that are known, such as headings and the names
in the workbook, letters that make words, Chinese and Japanese characters that are common, characters that are known.

General detectors rate the statistics of running text. They were tried and left out, because a roster is too short for
them: charset-normalizer 3.5 takes "Łukasz Żółć" in Windows-1250 for Big5, and 山田太郎 in Shift-JIS for Korean.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple
from unicodedata import category

from xlperf.core.problems import Problem, Text
from xlperf.core.spelling import similar
from xlperf.core.vocabulary import fold

MARKS = (  # UTF-32 first: its little-endian mark begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
WIDE = ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")
SINGLE_BYTE = ("cp1252", "cp1250", "cp1251", "mac_roman", "cp850", "koi8_r")  # of equal readings the first is named
EAST_ASIAN: Mapping[str, tuple[str, tuple[tuple[int, int], ...]]] = {
    # The codes of common characters: the first level of each national standard, with kana and hangul.
    "gb18030": ("gb2312", ((0xB0A1, 0xD7FE),)),
    "big5": ("big5", ((0xA440, 0xC67E),)),
    "cp932": ("cp932", ((0x829F, 0x8396), (0x889F, 0x9872))),
    "euc_jp": ("euc_jp", ((0xA4A1, 0xA5F6), (0xB0A1, 0xCFFE))),
    "cp949": ("euc_kr", ((0xB0A1, 0xC8FE),)),
}
COMMON_ENOUGH = 0.7  # the share of common characters in a text that was meant so; misread ones have 0 to 0.6
POSSIBLE = 0.5  # from this share on a reading cannot be excluded
ALPHABETS = tuple(  # the letters beyond ASCII: of Western Europe together, since names mix there, and of others
    map(
        frozenset,
        (
            "àáâãäåæçèéêëìíîïñòóôõöøùúûüýÿœßšž",
            "ąćęłńóśźż",
            "áäčďéěíĺľňóôŕřšťúůýž",
            "áéíóöőúüű",
            "ăâîșțşţ",
            "čćđšž",
            "абвгдеёжзийклмнопрстуфхцчшщъыьэюяіїєґў",
        ),
    )
)
LINES_WEIGHED = 2000
READINGS_SHOWN = 3
_CELLS = re.compile(r'[,;\t|"\r\n]+')
_WORD = re.compile(r"[^\W\d_]+")
_TYPOGRAPHIC = frozenset("‘’“”„–—…•€£§°«»®™·×，。、；：？！（）《》【】“”￥\xa0　")


class Decoded(NamedTuple):
    """The text of a file, None where it could not be decoded, its encoding, and what is to be reported about it."""

    text: str | None
    encoding: str
    problems: list[Problem]


def decode(raw: bytes, name: str, known: Collection[str] = (), encoding: str | None = None) -> Decoded:
    """Return the text of a file.

    Parameters
    ----------
    raw : bytes
        The contents of the file.
    name : str
        The name of the file, for the problems.
    known : collection of str
        Words that may stand in the file, as `fold` leaves them: headings, names of people and departments.
    encoding : str or None
        The encoding, where somebody has named it; any name that Python knows.

    Returns
    -------
    Decoded
        With a note or a warning where the contents had to decide, and an error where they could not.

    Examples
    --------
    >>> decode("工号,姓名".encode("gb18030"), "a.csv", {"工号"}).text
    '工号,姓名'
    >>> found = decode("ID,Name\\n1,李娜".encode("gb18030"), "a.csv")
    >>> found.text, [problem.code for problem in found.problems]
    (None, ['encoding-unclear'])
    """
    if encoding is not None:
        return _as_said(raw, name, encoding)
    for mark, marked in MARKS:
        if raw.startswith(mark):
            return _as_said(raw, name, marked)
    if b"\0" in raw and (wide := _wide(raw)):
        return wide
    try:
        return Decoded(raw.decode("utf-8"), "utf-8", [])
    except UnicodeDecodeError as wrong:
        row = raw.count(b"\n", 0, wrong.start) + 1
    if _is_partly_utf8(raw):
        return Decoded(None, "", [Problem("encoding-mixed", name, f"A{row}", {"file": name, "row": row})])
    return _by_contents(raw, name, known)


def _as_said(raw: bytes, name: str, encoding: str) -> Decoded:
    try:
        codec = codecs.lookup(encoding)
        text = codec.decode(raw, "strict")[0]
        if isinstance(text, str):
            return Decoded(text.removeprefix("\ufeff"), codec.name, [])
        raise LookupError(encoding)
    except LookupError:
        names = [*EAST_ASIAN, *SINGLE_BYTE, *WIDE, "utf-8", "utf-16", "gbk", "shift_jis", "latin-1"]
        details = {"cell": encoding, "near": similar(encoding, names)}
        return Decoded(None, "", [Problem("encoding-unknown", name, details=details)])
    except UnicodeError as wrong:
        start = wrong.start if isinstance(wrong, UnicodeDecodeError) else 0
        row = raw.count(b"\n", 0, start) + 1
        where = {"file": name, "encoding": encoding, "row": row}
        return Decoded(None, "", [Problem("encoding-wrong", name, f"A{row}", where)])


def _wide(raw: bytes) -> Decoded | None:
    """Return the text of UTF-16 or UTF-32 without a mark: read in the wrong order it has no separators."""
    for encoding in WIDE:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text and _CELLS.search(text) and not any(category(sign) in ("Cn", "Co") for sign in set(text)):
            return Decoded(text, encoding, [])
    return None


def _is_partly_utf8(raw: bytes) -> bool:
    """Whether some lines are UTF-8 beyond doubt although the whole is not: such a file was pasted together."""
    for line in _foreign_lines(raw):
        try:
            signs = [sign for sign in line.decode("utf-8") if sign > "\x7f"]
        except UnicodeDecodeError:
            continue
        if sum(len(sign.encode()) for sign in signs) >= 6:
            return True
    return False


def _foreign_lines(raw: bytes) -> list[bytes]:
    """Return the first lines that hold more than ASCII: the others say nothing about the encoding."""
    return [line for line in raw.splitlines() if not line.isascii()][:LINES_WEIGHED]


# By the contents ----------------------------------------------------------------------------------------------------


class _Reading(NamedTuple):
    """What the foreign lines of a file say in one encoding."""

    encoding: str
    text: str
    words: int
    likely: float  # 1 and 0 for an alphabet; the share of common characters for a script of thousands
    familiar: float  # the share of characters that occur in the words that are known


def _by_contents(raw: bytes, name: str, known: Collection[str]) -> Decoded:
    readings = list(_readings(raw, known))
    best = _best(readings)
    if best is None:
        shown = sorted(readings, key=lambda each: (-each.words, -each.likely, -each.familiar))[:READINGS_SHOWN]
        quoted = [Text(f"{each.encoding}：“{_sample(each)}”", f'{each.encoding}: "{_sample(each)}"') for each in shown]
        example = shown[0].encoding if shown else "gb18030"
        likely = {"file": name, "readings": quoted or Text("无", "none"), "example": example}
        return Decoded(None, "", [Problem("encoding-unclear", name, details=likely)])
    details = {"file": name, "encoding": best.encoding, "cell": _sample(best), "count": best.words}
    code = "encoding-by-words" if best.words else "encoding-likely"
    return Decoded(raw.decode(best.encoding), best.encoding, [Problem(code, name, details=details)])


def _readings(raw: bytes, known: Collection[str]) -> Iterator[_Reading]:
    """Return the different texts that the file may be; of encodings that agree the first stands for all."""
    lines = b"\n".join(_foreign_lines(raw))
    signs = {sign for word in known for sign in word if sign > "\x7f"}
    seen = set()
    for encoding in (*EAST_ASIAN, *SINGLE_BYTE):
        try:
            raw.decode(encoding)
            text = lines.decode(encoding)
        except UnicodeDecodeError:
            continue
        if text in seen:
            continue
        seen.add(text)
        foreign = [sign for sign in text if sign > "\x7f" and sign not in _TYPOGRAPHIC]
        cells = {cell for cell in map(fold, _CELLS.split(text)) if not cell.isascii()}
        yield _Reading(
            encoding,
            text,
            sum(cell in known for cell in cells),
            _share_of_common(foreign, encoding) if encoding in EAST_ASIAN else float(_makes_words(text)),
            sum(sign in signs for sign in foreign) / max(len(foreign), 1),
        )


def _best(readings: list[_Reading]) -> _Reading | None:
    """Return the reading that the evidence singles out, or None."""
    most = max((each.words for each in readings), default=0)
    if most:
        found = [each for each in readings if each.words == most]
        return found[0] if len(found) == 1 else None
    possible = sorted((each for each in readings if each.likely >= POSSIBLE), key=lambda each: -each.familiar)
    if len(possible) > 1 and possible[0].familiar >= max(0.3, 2 * possible[1].familiar):
        return possible[0]
    return possible[0] if len(possible) == 1 and possible[0].likely >= COMMON_ENOUGH else None


def _share_of_common(foreign: list[str], encoding: str) -> float:
    """Return the share of common characters of the country: an encoding that is not meant gives rare ones."""
    standard, ranges = EAST_ASIAN[encoding]

    def common(sign: str) -> bool:
        try:
            code = int.from_bytes(sign.encode(standard), "big")
        except UnicodeEncodeError:
            return False
        return any(first <= code <= last for first, last in ranges)

    return sum(map(common, foreign)) / max(len(foreign), 1)


def _makes_words(text: str) -> bool:
    """Whether the foreign signs are letters of one alphabet, in words with a capital at their beginning only.

    >>> _makes_words("Jörg Noël"), _makes_words("Jцrg"), _makes_words("M¸ller"), _makes_words("ŐĹČý")
    (True, False, False, False)
    """
    words = {word for word in _WORD.findall(text) if not word.isascii()}
    letters = {letter for word in words for letter in word.lower() if letter > "\x7f"}
    rest = {sign for sign in _WORD.sub("", text) if sign > "\x7f"} - _TYPOGRAPHIC
    return not rest and any(letters <= alphabet for alphabet in ALPHABETS) and all(map(_is_word, words))


def _is_word(word: str) -> bool:
    cyrillic = {"Ѐ" <= letter <= "ӿ" for letter in word}
    return len(cyrillic) == 1 and (word.islower() or word.isupper() or (word[0].isupper() and word[1:].islower()))


def _sample(reading: _Reading, most: int = 24) -> str:
    """Return the first cell that depends on the encoding."""
    cells = (cell.strip() for cell in _CELLS.split(reading.text))
    return next((cell[:most] for cell in cells if not cell.isascii()), "")
