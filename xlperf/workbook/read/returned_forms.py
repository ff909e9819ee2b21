"""Reads forms that come back: whose they are is told by what is signed in them, never by the name of the file.

A form that comes back is not trusted. It is looked at before it is opened, only typed values are taken, a formula is
none, and a form whose questions are not those that were signed is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal
from zipfile import ZipFile

from lxml import etree  # type: ignore[import-untyped]
from openpyxl.utils import get_column_letter

from xlperf.core.numbers import clean_text, parse_date, parse_number
from xlperf.core.problems import Lang, Problem, Text, has_errors
from xlperf.core.vocabulary import fold
from xlperf.policy.scheme import Scheme, level_text, levels_of, scale_of
from xlperf.reporting.form_returns import (
    APPEALS,
    SHEET,
    SIGN,
    Answer,
    Asked,
    filled_in,
    late,
    once,
    questions,
    signed_text,
    unanswered,
)
from xlperf.reporting.placeholders import ANSWERS, FORMS, KEY_COLUMNS, KEY_MARKS, MARKS, FormAudience
from xlperf.schema.tables import Table
from xlperf.scoring.stages import Gathered
from xlperf.workbook.read.returned_appeals import read_appeal, with_appeals
from xlperf.xlsx.encryption import is_signed
from xlperf.xlsx.reader.last_saved import last_saved
from xlperf.xlsx.reader.safety import DAMAGED, check_package
from xlperf.xlsx.reader.workbook import UNCALCULATED, Grid, SheetPart, Workbook

LOCKS = ("~$", ".~")  # what the names of lock files begin with
SUFFIXES = (".xlsx", ".xlsm")
FIRST_ROWS = 60  # of a form in which its headings are looked for


@dataclass(frozen=True)
class Returned:
    """A form that came back: which one, for which period and scheme, by whom, what it asked, and the answers.

    ``refused`` are the questions whose answers cannot be taken. The form of an appeal has its row instead of answers.
    """

    form: FormAudience | Literal["appeals"]
    period: str
    scheme: str
    rater: str
    asked: tuple[Asked, ...]
    answers: tuple[Answer, ...]
    file: str
    refused: tuple[Asked, ...] = ()
    appeal: Table | None = None


def files_in(paths: Iterable[Path]) -> list[Path]:
    """Return the workbooks among some files and in some folders, at any depth, in the order of their names.

    >>> files_in([Path("no such folder.xlsx")])
    [PosixPath('no such folder.xlsx')]
    """
    found = []
    for path in paths:
        inside = path.rglob("*") if path.is_dir() else [path]
        found += [each for each in inside if each.suffix.lower() in SUFFIXES and not each.name.startswith(LOCKS)]
    return sorted(set(found))


def read_return(path: Path, key: bytes, scheme: Scheme) -> tuple[Returned | None, list[Problem]]:
    """Read one form.

    Parameters
    ----------
    path : a file that somebody sent back
    key : the key that forms were signed with
    scheme : whose indicators are asked about

    Returns
    -------
    The form, or None, and what is wrong with it. A file that is no form of ours is told and left alone.
    """
    problems = check_package(path)
    if has_errors(problems):
        return None, problems
    try:
        with Workbook(path) as workbook:
            grids = {part: workbook.grid(part) for part in workbook.sheets}
            saved = _saved(path)
            formulas = {part.title: _formulas(path, part) for part in grids}
    except DAMAGED:
        return None, [*problems, Problem("book-damaged", details={"file": path.name})]
    hidden = next((grid for part, grid in grids.items() if not part.visible and _is_key(grid)), None)
    if hidden is None:
        return None, [*problems, Problem("return-foreign", details={"file": path.name})]
    signed = _signed(hidden, key)
    if signed is None:
        return None, [*problems, Problem("return-tampered", details={"file": path.name})]
    form, period, of_scheme, rater, asked = signed
    visible = [(grid, formulas[part.title]) for part, grid in grids.items() if part.visible]
    if form == APPEALS:
        appeal, more = read_appeal(*visible[0], rater, period, path.name)
        return Returned(form, period, of_scheme, rater, (), (), path.name, appeal=appeal), [*problems, *more]
    sheet = next((found for grid, cells in visible if (found := _form_on(grid, form, cells))), None)
    if sheet is None:
        details = {"file": path.name, "headings": [*_headings(form).values()]}
        return None, [*problems, Problem("return-without-table", details=details)]
    answers, refused, more = sheet.answers(asked, scheme, (path.name, rater, saved))
    returned = Returned(form, period, of_scheme, rater, asked, tuple(answers), path.name, tuple(refused))
    return returned, [*problems, *more]


def _is_key(grid: Grid) -> bool:
    return bool(grid.rows) and grid.row(0).get(1) == SIGN


def _signed(
    grid: Grid, key: bytes
) -> tuple[FormAudience | Literal["appeals"], str, str, str, tuple[Asked, ...]] | None:
    """Return what the hidden sheet says, if it bears our signature."""
    first = [str(grid.row(0).get(column, "")) for column in range(1, len(KEY_MARKS) + 1)]
    _, form, period, scheme, rater, signature = first
    rows = [grid.row(place) for place in range(1, len(grid))]
    at = {name: KEY_COLUMNS.index(name) + 1 for name in ("employee_id", "indicator", "relation_code")}
    asked = tuple(Asked(*(str(row.get(column, "")) for column in at.values())) for row in rows)
    known = next((each for each in (*FORMS, APPEALS) if each == form), None)
    if known is None or not is_signed(key, signed_text(form, period, scheme, rater, asked), signature):
        return None
    return known, period, scheme, rater, asked


@dataclass(frozen=True)
class _Sheet:
    """The visible page of a form: where its questions and answers stand."""

    grid: Grid
    header: int
    columns: dict[str, int]
    formulas: frozenset[str]

    def answers(
        self, asked: tuple[Asked, ...], scheme: Scheme, origin: tuple[str, str, datetime]
    ) -> tuple[list[Answer], list[Asked], list[Problem]]:
        """Return the answers, what was answered by something that is none, and why: off the scale, or not asked."""
        file, rater, saved = origin
        answers, refused, problems = [], [], []
        waiting = dict(enumerate(asked, start=1))
        for place in range(self.header + 1, len(self.grid)):
            cells = {name: self.grid.row(place).get(column) for name, column in self.columns.items()}
            number = parse_number(cells["no"])
            if number.kind == "missing" and parse_number(cells["answer"]).kind not in ("number", "percent"):
                continue  # a line below the table; a figure in a row that asks nothing would be lost
            cell = self._address("answer", place)
            question = waiting.pop(int(number.value), None) if number.kind == "number" else None
            found = self._answer(question, cells, place, scheme)
            if isinstance(found, Problem):
                problems.append(replace(found, details={"file": file, "cell": cell, **found.details}))
                refused += [question] if question is not None else []
            elif found is not None and question is not None:
                comment = "" if self._address("comment", place) in self.formulas else clean_text(cells["comment"] or "")
                answers.append(Answer(rater, question, found, comment, file, cell, saved))
        return answers, refused, problems

    def _answer(self, asked: Asked | None, cells: dict[str, Any], place: int, scheme: Scheme) -> float | Problem | None:
        """Return the figure of a row, None where there is none yet, or why it cannot be taken."""
        if asked is None or not _is_about(asked, cells):
            return Problem("return-changed")
        if self._address("answer", place) in self.formulas or cells["answer"] is UNCALCULATED:
            return Problem("return-formula")
        item = next((each for each in scheme.indicators if each.code == asked.indicator), None)
        levels = levels_of(scheme.rating_levels, item.code) if item is not None and item.sheet == "ratings" else ()
        labelled = scheme.rating_labels.value(asked.indicator, str(cells["answer"])) if levels else None
        if labelled is not None:
            return labelled
        figure = parse_number(cells["answer"])
        if figure.kind == "missing":
            return None
        is_rating = item is not None and item.sheet == "ratings"
        if figure.kind != "number" and (is_rating or figure.kind != "percent"):
            said = {"value": str(cells["answer"])}
            if levels:
                return Problem("return-label-unknown", details=said | {"allowed": list(map(level_text, levels))})
            return Problem("return-not-number", details=said)
        if item is not None and item.sheet == "ratings":
            low, high = scale_of(item, scheme.settings.full_points)
            if not low <= figure.value <= high:
                return Problem("return-off-scale", details={"value": figure.value, "low": low, "high": high})
        return figure.value

    def _address(self, name: str, place: int) -> str:
        return f"{get_column_letter(self.columns[name])}{self.grid.rows[place]}"


def _is_about(asked: Asked, cells: dict[str, Any]) -> bool:
    """Whether the visible row still asks what was signed."""
    return (str(cells["employee_id"]), str(cells["indicator"])) == (asked.employee_id, asked.indicator)


def _form_on(grid: Grid, form: FormAudience, formulas: frozenset[str]) -> _Sheet | None:
    """Find the table of a form by its headings, in either language."""
    names = _headings(form)
    words = {fold(word): name for name, text in names.items() for word in text}
    for place in range(min(len(grid), FIRST_ROWS)):
        row = grid.row(place)
        columns = {words[fold(str(cell))]: column for column, cell in row.items() if fold(str(cell)) in words}
        if columns.keys() == names.keys():
            return _Sheet(grid, place, columns, formulas)
    return None


def _headings(form: FormAudience) -> dict[str, Text]:
    """Return the headings by which the table of a form is found."""
    asked = {name: MARKS[form].blocks["ask"][1][name] for name in ("no", "employee_id", "indicator")}
    return asked | dict(zip(("answer", "comment"), ANSWERS[form], strict=True))


def _formulas(path: Path, part: SheetPart) -> frozenset[str]:
    """Return the cells of a sheet that hold a formula."""
    with ZipFile(path) as package, package.open(part.member) as stream:
        cells = etree.iterparse(stream, tag="{*}f", resolve_entities=False, no_network=True)
        return frozenset(formula.getparent().get("r", "") for _, formula in cells)


def _saved(path: Path) -> datetime:
    """Return when a file was last saved, as it says itself, otherwise as the disk says; in universal time."""
    return last_saved(path).at or datetime.fromtimestamp(path.stat().st_mtime, UTC).replace(tzinfo=None, microsecond=0)


def of_this_period(returned: Returned, period: str, scheme: str) -> Iterator[Problem]:
    """Refuse a form of another period or scheme."""
    if returned.period != period:
        details = {"file": returned.file, "cell": returned.period, "period": period}
        yield Problem("return-other-period", details=details)
    elif returned.scheme != scheme:
        details = {"file": returned.file, "cell": returned.scheme, "scheme": scheme}
        yield Problem("return-other-scheme", details=details)


def collected(
    appraisal: Gathered, returned: Sequence[Returned], lang: Lang
) -> tuple[dict[str, Table], dict[str, int], list[Problem]]:
    """Return the sheets with the answers in them, how many there are of each form, and what stood in the way."""
    due = parse_date(appraisal.scheme.settings.return_by)
    tables: dict[str, Table] = {}
    counts: dict[str, int] = {}
    problems: list[Problem] = []
    for form in FORMS:
        answers = [answer for each in returned if each.form == form for answer in each.answers]
        if not any(each.form == form for each in returned):
            continue
        problems += late(answers, due.date() if due else None)
        kept, found = once(answers)
        refused = [(each.rater, asked) for each in returned if each.form == form for asked in each.refused]
        problems += [*found, *unanswered(questions(appraisal, form), kept, refused)]
        tables[SHEET[form]], found = filled_in(appraisal, form, kept, lang)
        problems += found
        counts[form] = len(kept)
    if any(each.form == APPEALS for each in returned):
        filed = [(each.file, each.appeal) for each in returned if each.appeal is not None]
        tables[APPEALS], counts[APPEALS], found = with_appeals(appraisal.table(APPEALS), filed, lang)
        problems += found
    return tables, counts, problems
