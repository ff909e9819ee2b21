"""Finds the headings of a table wherever it stands on its sheet, what they mean, and which rows below are records.

Titles and lines such as ``部门：客服一部`` may stand above, headings may take two or three merged rows; totals, remarks
and signatures may follow. Nothing is recognised by its place: headings by their words, records by their key.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from openpyxl.utils import get_column_letter

from xlperf.core.column_store import Cells
from xlperf.core.numbers import clean_text, made_of
from xlperf.core.problems import Text
from xlperf.core.vocabulary import fold
from xlperf.schema import Column, Sheet, find_sheet, sheets_of
from xlperf.schema.keys import identity_of
from xlperf.xlsx.reader.workbook import Area, Grid

ROWS_SEARCHED = 60
LONG_TEXT = 40  # a text of this length, alone in its row, is a remark
BETWEEN_PARTS = "/"  # of a heading in several rows: 头条/头条篇数

_SIMPLIFIED = str.maketrans(
    "業產價關冊況準減別務區單歷曆參號員圍團備屬崗應開強錄態總戶報據擇數時標檢權條來機際斷檔測滿狀電碼離稱類級經結統維編職聯"
    "節範規計記設證評話語說負責資達適選錯門間隊險項領題額風績實審導層對與長後製訓個賬",
    "业产价关册况准减别务区单历历参号员围团备属岗应开强录态总户报据择数时标检权条来机际断档测满状电码离称类级经结统维编职联"
    "节范规计记设证评话语说负责资达适选错门间队险项领题额风绩实审导层对与长后制训个账",
)
_SUM = re.compile(r"(合计|总计|小计|共计|(grand |sub)?total|sum)[:：]?", re.IGNORECASE)
_SUMMARY = re.compile(
    r".{0,8}(合计|总计|小计|共计|平均)(分|值|数|阅读)?[:：]?|.{0,4}(最高|最低)分?[:：]?|.{0,4}人数[:：]?"
    r"|(grand |sub)?(total|average|mean|sum|maximum|minimum|head-?count)[:：]?",
    re.IGNORECASE,
)
_REMARK = re.compile(
    r"(备注|说明|注意?|制表|填表|审核|审批|复核|以下空白|note|remarks?|signature|signed|date)[人者]?\s*([:：].*)?"
    r"|[-–—_=*.·…:]{2,}|.{0,12}(签字|签名|签章)\s*([:：].*)?",
    re.IGNORECASE | re.DOTALL,
)
_CODE = re.compile(f"[!-9;-~]{{0,{LONG_TEXT - 2}}}[0-9]")  # what ends in a digit and has no colon is none of these
_SIGNS_OF_CODES = bytes(sign for sign in range(ord("!"), ord("~") + 1) if sign != ord(":"))
_ends_otherwise = re.compile(r"\n(?<![0-9]\n)").search
LABELLED = re.compile(r"\s*(?P<label>[^:：]{1,12}?)\s*[:：]\s*(?P<value>.*)", re.DOTALL)
_APART = re.compile(r"[ \u3000\t]{2,}")


class Remark(NamedTuple):
    """A line above the table, such as ``部门：客服一部``: its label, its value and the cell it stands in."""

    label: str
    value: str
    cell: str


@dataclass(frozen=True)
class Header:
    """The headings of a table by column number, the positions of their rows in the grid, and the lines above them.

    ``cells`` are the heading cells of each column as they are, to know them again further down.
    """

    first: int
    last: int
    headings: dict[int, str]
    remarks: tuple[Remark, ...] = ()
    cells: Mapping[int, frozenset[Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Lexicon:
    """What headings mean on one sheet: first what somebody has said, then the names and synonyms of the layout.

    ``said`` holds the codes by the heading as `fold` leaves it, ``said_of_columns`` by column number; a code that the
    sheet does not have names a column of HR's own.
    """

    sheet: Sheet
    said: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    said_of_columns: Mapping[int, tuple[str, ...]] = field(default_factory=dict)

    def knows(self, heading: str) -> bool:
        """Whether a heading means a column of the sheet."""
        return any(True for _ in self.meanings(heading))

    def meanings(self, heading: str, column: int = 0) -> Iterator[tuple[str, int]]:
        """Return the codes that a heading means, each with a figure that grows the further it is fetched."""
        if column in self.said_of_columns:
            yield from ((code, -1) for code in self.said_of_columns[column])
            return
        for part in dict.fromkeys((heading, heading.rpartition(BETWEEN_PARTS)[2])):
            if fold(part) in self.said:
                yield from ((code, -1) for code in self.said[fold(part)])
                return
            if found := self.sheet.find(simplified(part)):
                yield found.code, _distance(found, simplified(part))
                return


class Columns(NamedTuple):
    """Where columns stand: those the sheet knows by code, HR's own by heading, headings that occur twice, and none."""

    known: dict[str, int]
    own: dict[str, int]
    twice: dict[str, list[int]]
    nameless: list[int]


class Skipped(NamedTuple):
    """Rows below the headings that are no records, and why."""

    reason: Text
    positions: list[int]


SUMMARY = Text("合计、平均等汇总行", "totals, averages and the like")
REMARK = Text("说明、备注、签字等文字", "remarks and signatures")
HEADINGS_AGAIN = Text("重复的标题行", "the headings once more")
ANOTHER_TABLE = Text("下方的另一张表", "another table below")
NO_KNOWN_CELL = Text("已知的列全部空白", "nothing in any column that is known")


def simplified(heading: str) -> str:
    """Return a heading in simplified characters; only those that occur in headings are known.

    >>> simplified("員工編號")
    '员工编号'
    """
    return heading.translate(_SIMPLIFIED)


def sheet_titled(title: str) -> Sheet | None:
    """Return the sheet of the layout that a title names, in either language and kind of characters; None for another.

    >>> [sheet.code if (sheet := sheet_titled(title)) else None for title in ("員工", "Past results", "Notes")]
    ['employees', 'history', None]
    """
    return find_sheet(simplified(title))


def is_summary(text: str) -> bool:
    """Whether a label names a total, an average and the like.

    >>> is_summary("合计"), is_summary("部门平均分"), is_summary("业务能力")
    (True, True, False)
    """
    return _SUMMARY.fullmatch(text) is not None


def _distance(column: Column, heading: str) -> int:
    names = [fold(word) for word in (column.code, *column.name)]
    synonyms = [fold(word) for word in column.synonyms]
    return 0 if fold(heading) in names else 1 + synonyms.index(fold(heading))


# Headings ---------------------------------------------------------------------------------------------------------


def find_header(grid: Grid, knows: Callable[[str], bool]) -> Header | None:
    """Find the headings: the row with most words that are known, and the rows merged with it.

    A label with a colon is not a heading: it belongs to a line above the table.

    >>> grid = Grid("Sheet1", [1, 3, 4], {2: ["部门：一部", "工号", "E1"], 3: [None, "姓名", "张伟"]})
    >>> header = find_header(grid, {"工号", "姓名"}.__contains__)
    >>> header.headings, header.remarks
    ({2: '工号', 3: '姓名'}, (Remark(label='部门', value='一部', cell='B1'),))
    """
    scores = [
        len({fold(text) for text in _texts(grid, position).values() if knows(text) and not LABELLED.fullmatch(text)})
        for position in range(min(len(grid), ROWS_SEARCHED))
    ]
    if not any(scores):
        return None
    return header_at(grid, scores.index(max(scores)))


def first_full_row(grid: Grid) -> Header | None:
    """Take the first row of several cells for the headings: all that can be done where no word is known."""
    for position in range(min(len(grid), ROWS_SEARCHED)):
        texts = _texts(grid, position).values()
        if len(texts) > 1 and not all(LABELLED.fullmatch(text) for text in texts):
            return header_at(grid, position)
    return None


def header_or_data(grid: Grid, columns: Collection[int]) -> tuple[Header | None, bool]:
    """Return the headings of a table without a known word, or that it has none; and whether that is unclear.

    ``columns`` are the numbers of the columns that somebody has named by their letters. The first row is a record where
    it has a digit in one of them like all rows below, and is made up like one of them; it holds headings where some
    column has words in it and only figures below; where it is neither or both, nobody can tell. Of a single row, a
    digit must do.

    >>> header_or_data(Grid("a.csv", [1, 2], {1: ["101", "102"], 2: ["Ann", "Bob"]}), {1, 2})[0].headings
    {}
    >>> header_or_data(Grid("a.csv", [1, 2], {1: ["2025年工号", "102"], 2: ["2025年姓名", "Bob"]}), {1, 2})[1]
    True
    """
    header = first_full_row(grid)
    if header is None or not columns:
        return header, False
    first, body = header.first, grid.below(header.last)

    def below(number: int) -> list[Any]:
        return [each for each in body.columns[number] if each is not None]

    def is_like_records(number: int) -> bool:
        cell, others = grid.columns[number][first], below(number)
        if cell is None or not _is_figure(cell):
            return False
        is_alone = not len(body)
        return is_alone or (all(map(_is_figure, others)) and _made_of(cell) in map(_made_of, others))

    def is_unlike_figures(number: int) -> bool:
        cell, others = grid.columns[number][first], below(number)
        return cell is not None and not _is_figure(cell) and bool(others) and all(map(_is_figure, others))

    is_record = any(is_like_records(number) for number in columns if number in grid.columns)
    is_heading = any(is_unlike_figures(number) for number in grid.columns)
    if is_record and not is_heading:
        return Header(first, first - 1, {}, header.remarks), False
    return header, is_record == is_heading


def _is_figure(cell: Any) -> bool:
    return not isinstance(cell, str) or any(map(str.isdigit, cell))


def _made_of(cell: Any) -> tuple[bool, bool]:
    """Return whether a text has letters and whether it has characters beyond ASCII: an ID is made up like another."""
    text = clean_text(cell)
    return any(map(str.isalpha, text)), not text.isascii()


def header_at(grid: Grid, position: int) -> Header:
    """Read the headings around a row: merged cells above it, beside it and below it belong to them."""
    first, last = _rows_of_header(grid, position)
    parts: dict[int, list[str]] = defaultdict(list)
    for row in range(first, last + 1):
        for column, text in _spread(grid, row).items():
            if text not in parts[column]:
                parts[column].append(text)
    headings = {column: BETWEEN_PARTS.join(texts) for column, texts in sorted(parts.items())}
    cells = {
        column: frozenset(each for each in grid.columns[column][first : last + 1] if isinstance(each, str))
        for column in headings
    }
    return Header(first, last, headings, tuple(remarks_above(grid, first)), cells)


def _texts(grid: Grid, position: int) -> dict[int, str]:
    return {column: clean_text(value) for column, value in grid.row(position).items()}


def _spread(grid: Grid, position: int) -> dict[int, str]:
    """Return the texts of a row with those of merged cells in every column and row that they cover."""
    texts = _texts(grid, position)
    number = grid.rows[position]
    for area in grid.merged:
        if area.top <= number <= area.bottom and area.left in grid.columns:
            top = grid.between(area.top, area.top)
            text = clean_text(grid.columns[area.left][top[0]]) if top else ""
            texts.update((column, text) for column in _covered(grid, area) if text)
    return texts


def _covered(grid: Grid, area: Area) -> list[int]:
    """Return the columns that hold anything and that a merged range covers."""
    last = min(area.right, max(grid.columns))  # a range may reach to the last column of the sheet
    return [column for column in range(area.left, last + 1) if column in grid.columns]


def _rows_of_header(grid: Grid, position: int) -> tuple[int, int]:
    """Return the first and the last position of the rows that are merged into one heading with a row."""
    width = len(_spread(grid, position))
    first = last = position
    while True:
        top, bottom = grid.rows[first], grid.rows[last]
        reach = [area for area in grid.merged if area.top <= bottom and area.bottom >= top]
        upper = min([top, *(area.top for area in reach)])
        lower = max([bottom, *(area.bottom for area in reach if area.top >= top)])
        if first and _groups(grid, first - 1, width):
            upper = min(upper, grid.rows[first - 1])
        if last + 1 < len(grid) and _completes(grid, last):
            lower = max(lower, grid.rows[last + 1])
        rows = grid.between(upper, lower)
        if (rows[0], rows[-1]) == (first, last):
            return first, last
        first, last = rows[0], rows[-1]


def _groups(grid: Grid, position: int, width: int) -> bool:
    """Whether a row above the headings names groups of them; a title is merged from the first column or over all."""
    number = grid.rows[position]
    texts = {column: text for column, text in _texts(grid, position).items() if not LABELLED.match(text)}
    spans = [area for area in grid.merged if area.top == number and area.right > area.left and area.left in texts]
    is_title = len(texts) == 1 and min(texts) == min(grid.columns)
    return not is_title and any(len(_covered(grid, area)) < width for area in spans)


def _completes(grid: Grid, position: int) -> bool:
    """Whether the next row only holds headings under cells that are merged over several columns."""
    number = grid.rows[position]
    covered = {
        column
        for area in grid.merged
        if area.top == area.bottom == number and area.right > area.left
        for column in range(area.left, area.right + 1)
    }
    following = grid.row(position + 1)
    return bool(following) and all(column in covered and isinstance(text, str) for column, text in following.items())


def remarks_above(grid: Grid, position: int) -> Iterator[Remark]:
    """Return the labelled lines above a row: ``部门：客服一部``, or the label in one cell and the value in the next."""
    for above in range(position):
        cells = [
            (column, piece)
            for column, text in grid.row(above).items()
            for piece in _APART.split(str(text))
            if piece.strip()
        ]
        for place, (column, piece) in enumerate(cells):
            if found := LABELLED.fullmatch(piece):
                following = cells[place + 1][1] if place + 1 < len(cells) else ""
                value = found["value"] or ("" if LABELLED.fullmatch(following) else following)
                cell = f"{get_column_letter(column)}{grid.rows[above]}"
                yield Remark(clean_text(found["label"]), clean_text(value), cell)


def match(header: Header, body: Grid, lexicon: Lexicon) -> Columns:
    """Tell which column of the sheet stands where; of several headings for one, the nearest to its name is taken."""
    filled = {number for number, values in body.columns.items() if Cells.of(values).filled.any()}
    headings = {number: text for number, text in header.headings.items() if text}
    alike: dict[str, list[int]] = defaultdict(list)
    for number, heading in headings.items():
        alike[fold(heading)].append(number)
    groups = {same[0]: [number for number in same if number in filled] or same[:1] for same in alike.values()}
    single = [same[0] for same in groups.values()]
    candidates: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for number in sorted({*single, *lexicon.said_of_columns}):
        for code, distance in lexicon.meanings(headings.get(number, ""), number):
            candidates[code].append((distance, number))
    meant = {code: min(found)[1] for code, found in candidates.items()}
    used = set(meant.values())
    rest = {headings[number]: number for number in sorted(single) if number not in used}
    sheet = lexicon.sheet.by_code
    return Columns(
        known={code: meant[code] for code in sheet if code in meant},
        own={name: number for name, number in (*meant.items(), *rest.items()) if name not in sheet},
        twice={headings[same[0]]: same for same in groups.values() if len(same) > 1}
        | {name: [meant[name], number] for name, number in rest.items() if name in sheet},
        nameless=sorted(filled - headings.keys() - used),
    )


# Records ----------------------------------------------------------------------------------------------------------


def records(body: Grid, header: Header, columns: Columns, sheet: Sheet) -> tuple[Sequence[int], list[Skipped]]:
    """Tell the rows that are records from totals, remarks, signatures and whatever else stands below the headings."""
    judge = _Judge(body, header, columns, sheet)
    kept = np.ones(len(body), bool)
    skipped: dict[Text, list[int]] = defaultdict(list)
    for position in judge.doubtful():
        reason = judge.reason(position)
        if reason is ANOTHER_TABLE:
            skipped[reason].extend(range(position, len(body)))
            kept[position:] = False
            break
        if reason:
            skipped[reason].append(position)
            kept[position] = False
    positions = range(len(body)) if kept.all() else np.flatnonzero(kept).tolist()
    return positions, [Skipped(reason, positions) for reason, positions in skipped.items()]


class _Judge:
    """Decides about the rows that may be something else; what it needs of the whole table is prepared once."""

    def __init__(self, body: Grid, header: Header, columns: Columns, sheet: Sheet) -> None:
        self.body = body
        self.known = sorted(set(columns.known.values()))
        identity = columns.known.get(identity_of(sheet, columns.known), 0)
        self.identity = identity
        self.names = Cells.of(body.columns.get(identity, [None] * len(body)))
        self.summary = _SUMMARY if sheet.role == "input" else _SUM
        self.called = columns.known.get("name", 0) if sheet.role == "policy" else 0
        self.captions = {(area.top, area.left) for area in body.merged if area.right > area.left}
        self.repeated = self._headings_again(header)

    def _headings_again(self, header: Header) -> dict[int, Text]:
        """Return the rows that hold two headings or more once again: those of this table, or some of another."""
        again = Counter(
            position
            for column, texts in header.cells.items()
            for position in Cells.of(self.body.columns[column]).listing.among(texts).tolist()
        )
        enough = min(2, len(header.cells))
        repeated = {
            position: HEADINGS_AGAIN if count == len(self.body.row(position)) else ANOTHER_TABLE
            for position, count in again.items()
            if count >= enough
        }
        found = dict.fromkeys(self._other_headings(header), ANOTHER_TABLE) | repeated
        tables = [position for position, reason in found.items() if reason is ANOTHER_TABLE]
        return found | {each - 1: ANOTHER_TABLE for each in tables if self._is_title(each - 1)}

    def _is_title(self, position: int) -> bool:
        cells = list(self.body.row(position).values()) if position >= 0 else []
        return len(self.known) > 1 and len(cells) == 1 and isinstance(cells[0], str)

    def _other_headings(self, header: Header) -> Iterator[int]:
        """Return the rows of headings of another table: a heading where a record has its name, and only words beside.

        A policy sheet may speak of headings in its records.
        """
        if self.summary is not _SUMMARY:
            return
        own = header.cells.get(self.identity, frozenset())
        for position in self.names.listing.among(own | _input_headings()).tolist():
            cells = self.body.row(position)
            known = sum(cell in own or cell in _input_headings() for cell in cells.values())
            are_words = all(isinstance(cell, str) and not any(map(str.isdigit, cell)) for cell in cells.values())
            is_card = len(self.known) == 1  # with labels at its left side: 工号 E1, 姓名 张伟
            if are_words and len(cells) > 1 and (known > 1 or is_card or self.names[position] in own):
                yield position

    def doubtful(self) -> list[int]:
        """Return the rows that have no name, one that reads like a label or a long one, and the headings again."""
        names = self.names.listing.values
        texts = [] if _are_codes(names) else [name for name in names if isinstance(name, str)]
        unlike = [name for name in texts if not _CODE.fullmatch(name)]
        labels = {name for name in unlike if len(name) >= LONG_TEXT or self.label(clean_text(name)) is not None}
        named_so = self.names.listing.among(labels)
        return sorted({*np.flatnonzero(~self.names.filled).tolist(), *named_so.tolist(), *self.repeated})

    def reason(self, position: int) -> Text | None:
        """Return why a row is not a record, or None where it is one."""
        if position in self.repeated:
            return self.repeated[position]
        name = self.names[position]
        if name is None:
            return self.without_name(position)
        if not isinstance(name, str):
            return None
        text = clean_text(name)
        label = None if self.has_name_beside(position) else self.label(text)
        return label or (self.alone(position) if len(text) >= LONG_TEXT else None)

    def has_name_beside(self, position: int) -> bool:
        """Whether a row of a policy sheet has a name beside its code, so that "total" is the code of a record there."""
        name = self.body.row(position).get(self.called) if self.called else None
        return isinstance(name, str) and self.label(clean_text(name)) is None

    def without_name(self, position: int) -> Text | None:
        cells = self.body.row(position)
        text = next((clean_text(cell) for cell in cells.values() if isinstance(cell, str)), "")
        reason = self.label(text) or self.alone(position)
        return reason or (None if any(number in cells for number in self.known) else NO_KNOWN_CELL)

    def label(self, text: str) -> Text | None:
        if self.summary.fullmatch(text):
            return SUMMARY
        return REMARK if _REMARK.fullmatch(text) else None

    def alone(self, position: int) -> Text | None:
        """A long text that fills its row, or one that is merged over several columns, is a remark."""
        cells = self.body.row(position)
        if len(cells) == 1:
            ((column, text),) = cells.items()
            if (self.body.rows[position], column) in self.captions or len(str(text)) >= LONG_TEXT:
                return REMARK
        return None


@cache
def _input_headings() -> frozenset[str]:
    """Return what the columns of the input sheets are called."""
    return frozenset(word for sheet in sheets_of("input") for each in sheet for word in (*each.name, *each.synonyms))


def _are_codes(names: Sequence[Any]) -> bool:
    """Whether all names are codes as ``_CODE`` has them: most columns of a hundred thousand names are told at once.

    >>> _are_codes(["E1", "E2"]), _are_codes(["E1", "Total"]), _are_codes(["E1", 2]), _are_codes([])
    (True, False, False, True)
    """
    return (
        made_of(names, _SIGNS_OF_CODES)
        and not _ends_otherwise("\n".join(["", *names, ""]), 1)
        and max(map(len, names), default=0) < LONG_TEXT
    )
