"""Recognises tables that have several columns of figures: which columns they are, and what each of them says.

There are three kinds: a column for each indicator and a row for each person; a row for each indicator and a column for
each month; and the form of one person, with a row for each indicator and a column of scores for each kind of rater.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from openpyxl.utils import get_column_letter

from xlperf.core.column_store import Cells
from xlperf.core.numbers import clean_text
from xlperf.core.problems import Problem, Text
from xlperf.core.vocabulary import WORDS, fold
from xlperf.policy.scheme import Scheme
from xlperf.schema import SHEETS
from xlperf.workbook.read.figure_columns import line_of, may_be_lines, month_of, relation_of
from xlperf.workbook.read.headers import (
    BETWEEN_PARTS,
    Columns,
    Header,
    Lexicon,
    find_header,
    is_summary,
    match,
    simplified,
)
from xlperf.workbook.read.period_columns import PeriodColumns, find_period_columns
from xlperf.workbook.read.sheet_table import cells_of
from xlperf.xlsx.reader.workbook import Grid

_INDICATOR = "indicator "  # before the code of an indicator, so that it is not taken for a column


class Figure(NamedTuple):
    """A column of figures; the indicator, the period or the rater that its heading names, if it does."""

    number: int
    indicator: str = ""
    period: str = ""
    relation: str = ""


@dataclass(frozen=True)
class Wide:
    """A table with several columns of figures, and where it says whose and when they are.

    ``is_form`` tells that it is a form with scores, ``not_actual`` the numbers of rows with targets and differences,
    and ``problems`` what could not be understood of its lines and columns.
    """

    header: Header
    body: Grid
    columns: Columns
    figures: tuple[Figure, ...]
    period: PeriodColumns | None
    is_form: bool = False
    not_actual: tuple[int, ...] = ()
    problems: tuple[Problem, ...] = ()

    def not_used(self) -> list[str]:
        """Return the headings of columns that our sheets know and that give no figures here, such as a target."""
        used = {each.number for each in self.figures} | (self.period.used() if self.period else set())
        codes = self.columns.known.keys() - {"employee_id", "indicator", "period"}
        numbers = sorted({self.columns.known[code] for code in codes} - used)
        return [self.header.headings[number] for number in numbers if number in self.header.headings]

    def meanings(self, scheme: Scheme) -> dict[str, Text]:
        """Return what the headings were taken for."""
        indicators = {each.code: each.name for each in scheme.indicators}
        actuals = SHEETS["actuals"]
        places = {**self.columns.own, **self.columns.known}
        found = {places[code]: actuals[code].name for code in ("indicator", "employee_id") if code in places}
        if "name" in places:
            found[places["name"]] = SHEETS["employees"]["name"].name
        found |= dict.fromkeys(self.period.used() if self.period else (), actuals["period"].name)
        for figure in self.figures:
            period = Text(figure.period, figure.period)
            rater = WORDS["relation"].get(figure.relation, SHEETS["ratings"]["score"].name)
            found[figure.number] = period if figure.period else indicators.get(figure.indicator, rater)
        return {self.header.headings.get(number) or get_column_letter(number): name for number, name in found.items()}


def words_of_people(scheme: Scheme) -> dict[str, str]:
    """Return what the headings of such a table may say, as `fold` leaves them: whose it is, and the indicators."""
    words = {fold(word): _INDICATOR + each.code for each in scheme.indicators for word in (*each.name, each.code)}
    for code in ("name", "employee_id"):
        column = SHEETS["employees"][code]
        words |= {fold(word): code for word in (column.code, *column.name, *column.synonyms)}
    return words


def find_wide(
    grid: Grid,
    scheme: Scheme,
    said: Mapping[str, tuple[str, ...]],
    said_of_columns: Mapping[int, tuple[str, ...]],
    year: int | None,
    indicator: str | None = None,
    item: int | None = None,
) -> Wide | None:
    """Return the table of a sheet that has several columns of figures, or None where it has none.

    What somebody has said of headings and of columns goes before the words that are known; see `Lexicon`. ``indicator``
    is the one that a whole table is about, ``item`` the column of the indicators where nothing else tells it.
    """
    words = {word: (code,) for word, code in words_of_people(scheme).items()} | dict(said)
    plain = {word: codes for word, codes in words.items() if not codes[0].startswith(_INDICATOR)}
    lexicon = Lexicon(SHEETS["actuals"], plain, said_of_columns)
    header = find_header(grid, lambda text: lexicon.knows(text) or bool(month_of(text, year) or relation_of(text)))
    if header is not None:
        found = _with_indicators_in_rows(grid, header, lexicon, scheme, year, indicator, item)
        if found is not None:
            return found
    lexicon = Lexicon(SHEETS["actuals"], words, said_of_columns)
    header = find_header(grid, lexicon.knows)
    if header is None:
        return None
    header = replace(header, headings={number: _indicator_of(text) for number, text in header.headings.items()})
    body = grid.below(header.last).filled_down()
    columns = match(header, body, lexicon)
    figures = tuple(
        Figure(number, code.removeprefix(_INDICATOR))
        for code, number in columns.own.items()
        if code.startswith(_INDICATOR)
    )
    period = find_period_columns(header, columns.known.get("period"))
    return Wide(header, body, columns, figures, period) if figures else None


def _indicator_of(heading: str) -> str:
    """Return the heading of a column of actual values without the word that says so.

    >>> _indicator_of("任务及时率/实际"), _indicator_of("任务及时率/目标")
    ('任务及时率', '任务及时率/目标')
    """
    group, _, part = heading.rpartition(BETWEEN_PARTS)
    return group if group and line_of(part) == "actual" else heading


def indicators_by_word(scheme: Scheme) -> dict[str, str]:
    """Return the code of each indicator by its names and its code, as `fold` leaves them."""
    return {fold(word): each.code for each in reversed(scheme.indicators) for word in (*each.name, each.code)}


def _with_indicators_in_rows(
    grid: Grid,
    header: Header,
    lexicon: Lexicon,
    scheme: Scheme,
    year: int | None,
    indicator: str | None,
    item: int | None,
) -> Wide | None:
    """Return a table with a row for each indicator: by months, or the form of one person with its scores."""
    body = grid.below(header.last).filled_down()
    columns = match(header, body, lexicon)
    about = {columns.known.get(code) for code in ("employee_id", "indicator", "period")} | {columns.own.get("name")}
    headings = {number: header.headings.get(number, "") for number in (*columns.known.values(), *columns.own.values())}
    headings = {number: headings[number] for number in sorted(headings.keys() - about)}
    months = {number: month for number, heading in headings.items() if (month := month_of(heading, year))}
    scores = [] if months else _score_columns(header, columns)
    if not (months or scores):
        return None
    item = (
        _indicator_column(body, columns, indicators_by_word(scheme), {*months, *(each.number for each in scores)})
        or item
    )
    period = find_period_columns(header, columns.known.get("period"))
    if period and period.part in months:
        period = None
    if item is None and not (indicator and len(months) > 1):
        return None
    if item is not None:
        columns = _with_indicator(columns, item, header)
    wide = Wide(header, body, columns, tuple(scores), period, is_form=bool(scores))
    if not months:
        return wide
    figures = [
        Figure(number, "" if item else indicator or "", month.period)
        for number, month in months.items()
        if month.line != "derived"
    ]
    unclear = {number: month.unclear for number, month in months.items() if month.unclear}
    if unclear:
        problem = _unclear_lines(wide, next(iter(unclear)), list(dict.fromkeys(unclear.values())))
        return replace(wide, figures=tuple(figures), problems=(problem,))
    return _without_derived_rows(replace(wide, figures=tuple(figures)))


def _with_indicator(columns: Columns, item: int, header: Header) -> Columns:
    """Return the columns with that of the indicators, whatever its heading; the headed one becomes HR's own."""
    known = {code: number for code, number in columns.known.items() if code != "indicator" and number != item}
    own = {heading: number for heading, number in columns.own.items() if number != item}
    headed = columns.known.get("indicator", item)
    if headed != item:
        own[header.headings[headed]] = headed
    return columns._replace(known=known | {"indicator": item}, own=own)


def _indicator_column(
    body: Grid, columns: Columns, indicators: Mapping[str, str], figures: Collection[int]
) -> int | None:
    """Return the column of the indicators: by what stands in it, since headings such as No. and Item mean anything."""
    others = {columns.known.get("employee_id"), columns.own.get("name"), *figures}
    hits = {}
    for number in sorted({*columns.known.values(), *columns.own.values()} - others):
        texts = [cell for cell in Cells.of(body.columns.get(number, ())).distinct.values if isinstance(cell, str)]
        hits[number] = sum(fold(clean_text(text)) in indicators for text in texts)
    headed = columns.known.get("indicator")
    best = max(hits, key=lambda number: (hits[number], number == headed), default=None)
    return best if best is not None and hits[best] else headed


def _score_columns(header: Header, columns: Columns) -> list[Figure]:
    """Return the columns of scores of a form; those of a list, which names appraisee or rater by row, are none."""
    ratings = SHEETS["ratings"]
    meant = {
        number: found.code for number, text in header.headings.items() if (found := ratings.find(simplified(text)))
    }
    if {"rater_id", "relation"} & set(meant.values()):
        return []
    named = {number: relation for number, text in header.headings.items() if (relation := relation_of(text))}
    listed = {"employee_id", "name"} & {*columns.known, *columns.own}
    if listed and len(named) < 2:
        return []
    if named:
        return [Figure(number, relation=relation) for number, relation in named.items()]
    return [Figure(number) for number, code in meant.items() if code == "score"]


# Rows of targets ----------------------------------------------------------------------------------------------------


def _without_derived_rows(wide: Wide) -> Wide:
    """Drop the rows for targets and differences; where it is not clear which rows they are, that is a problem."""
    filled, nameless = _indicators_filled(wide)
    figures = {figure.number for figure in wide.figures}
    for number in sorted({*wide.columns.own.values(), *wide.columns.nameless} - figures):
        words = [clean_text(cell) for cell in cells_of(wide.body, number, range(len(wide.body)))]
        sums = {position for position, word in enumerate(words) if is_summary(word)}
        lines = ["" if position in sums else word for position, word in enumerate(words)]
        has_word = any(lines[position] for position in nameless)  # only by its word is a row not the one above
        if not (has_word or may_be_lines(lines)):
            continue
        kinds = {line_of(word) for word in lines if word}
        if kinds <= {"actual", "derived"} and "actual" in kinds:
            rest = [position for position, word in enumerate(lines) if line_of(word) == "derived"]
            kept = [position for position in range(len(lines)) if position not in {*rest, *sums}]
            return replace(wide, body=filled.only(kept), not_actual=tuple(wide.body.rows[each] for each in rest))
        if has_word or "derived" in kinds:
            unclear = list(dict.fromkeys(word for word in lines if word and line_of(word) != "actual"))
            return replace(wide, problems=(*wide.problems, _unclear_lines(wide, number, unclear)))
    return wide


def _indicators_filled(wide: Wide) -> tuple[Grid, list[int]]:
    """Write indicator and person, which stand in the first row of a block, into all; return the others with figures.

    A total is nobody's.
    """
    columns = dict(wide.body.columns)
    number = wide.columns.known.get("indicator", 0)
    nameless = []
    if number in columns:
        figures = [columns[each.number] for each in wide.figures if each.number in columns]
        nameless = [
            position
            for position, cell in enumerate(columns[number])
            if cell is None and any(each[position] is not None for each in figures)
        ]
        columns[number] = _filled_down(columns[number])
        sums = {position for position, cell in enumerate(columns[number]) if is_summary(clean_text(cell))}
        for person in (wide.columns.known.get("employee_id"), wide.columns.own.get("name")):
            if person in columns:
                filled = _filled_down(columns[person])
                columns[person] = [None if place in sums else cell for place, cell in enumerate(filled)]
    return replace(wide.body, columns=columns), nameless


def _filled_down(cells: Sequence[Any]) -> list[Any]:
    last = None
    return [last := cell if cell is not None else last for cell in cells]


def _unclear_lines(wide: Wide, number: int, words: Sequence[str]) -> Problem:
    row = wide.body.rows[0] if len(wide.body) else 1
    letter = get_column_letter(number)
    details = {"column": wide.header.headings.get(number) or letter, "words": list(words)}
    return Problem("lines-unclear", wide.body.title, f"{letter}{row}", details)
