"""Spreadsheet engines that nobody here wrote compute a workbook anew, and what they find is compared cell by cell.

Before an engine sees a workbook, the stored result of every formula is replaced by -999, so that an engine which
trusts what is stored is caught. Only formula cells are compared; types count too: an empty text is not 0.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from lxml import etree
from openpyxl.styles.numbers import BUILTIN_FORMATS
from openpyxl.utils.cell import column_index_from_string, coordinate_from_string
from openpyxl.utils.datetime import to_excel

from xlperf.core.numbers import round_half_up
from xlperf.schema import SHEETS, sheets_of

ENGINES = ("formualizer", "ironcalc", "libreoffice")
SENTINEL = -999.0
CLOSE = 1e-9  # relative to the figure, absolute below 1
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse">
<value>0</value></prop></item>
<item oor:path="/org.openoffice.Office.Calc/Formula/Calculation">
<prop oor:name="UseThreadedCalculationForFormulaGroups" oor:op="fuse"><value>false</value></prop></item>
</oor:items>"""  # without threads: LibreOffice 7.4 was once seen to add up a cell that it had not computed yet

Values = dict[str, dict[str, Any]]  # by sheet title and cell reference


class CellError(str):
    """An error value such as #DIV/0!, which is not the text "#DIV/0!"."""

    __slots__ = ()


class Cell(NamedTuple):
    """A cell as the file holds it; ``formula`` is empty where there is none, and ``value`` is its stored result."""

    sheet: str
    ref: str
    formula: str
    value: Any
    format: str


# What a file holds -------------------------------------------------------------------------------------------------


def stored(path: Path) -> Values:
    """Return the values of all cells as the file holds them: of formulas their stored results."""
    return _by_sheet((each.sheet, each.ref, each.value) for each in cells(path))


def results(path: Path) -> Values:
    """Return the stored results of the formulas alone."""
    return _by_sheet((each.sheet, each.ref, each.value) for each in cells(path) if each.formula)


def decimals(path: Path) -> dict[str, dict[str, int]]:
    """Return how many decimals the cells show whose number format says so; of a percentage two more."""
    shown = ((each.sheet, each.ref, _decimals(each.format)) for each in cells(path))
    return _by_sheet(each for each in shown if each[2] is not None)


def _by_sheet(found: Iterable[tuple[str, str, Any]]) -> dict[str, dict[str, Any]]:
    sheets: dict[str, dict[str, Any]] = {}
    for title, ref, value in found:
        sheets.setdefault(title, {})[ref] = value
    return sheets


def _decimals(number_format: str) -> int | None:
    """Count the decimals that a number format shows.

    >>> [_decimals(each) for each in ("0.00", "0.0%", "#,##0", "General", "yyyy-mm-dd")]
    [2, 3, 0, None, None]
    """
    first = re.sub(r'"[^"]*"|\[[^\]]*\]|\\.', "", number_format.split(";")[0])
    found = re.search(r"[0#]+(\.([0#]+))?", first)
    if not found or re.search(r"[ymdhsEe?]", first):
        return None
    return len(found[2] or "") + (2 if "%" in first else 0)


def cells(path: Path) -> Iterator[Cell]:
    """Yield the cells of a workbook that hold something."""
    with ZipFile(path) as package:
        names = set(package.namelist())
        texts = _shared_texts(package) if "xl/sharedStrings.xml" in names else []
        formats = _formats(package) if "xl/styles.xml" in names else ["General"]
        for title, part in _sheet_parts(package).items():
            for _, cell in etree.iterparse(package.open(part), tag=f"{MAIN}c"):
                number_format = formats[int(cell.get("s", 0))]
                formula = f"={text}" if (text := cell.findtext(f"{MAIN}f")) is not None else ""
                value = _value(cell, texts)
                if formula or value is not None:
                    yield Cell(title, cell.get("r"), formula, value, number_format)
                cell.clear()


def _sheet_parts(package: ZipFile) -> dict[str, str]:
    relations = etree.fromstring(package.read("xl/_rels/workbook.xml.rels"))
    targets = {each.get("Id"): each.get("Target") for each in relations}
    sheets = etree.fromstring(package.read("xl/workbook.xml")).find(f"{MAIN}sheets")
    parts = {each.get("name"): targets[each.get(RELATION)] for each in sheets}
    return {title: part.lstrip("/") if part.startswith("/") else f"xl/{part}" for title, part in parts.items()}


def _shared_texts(package: ZipFile) -> list[str]:
    items = etree.fromstring(package.read("xl/sharedStrings.xml"))
    return [_text(item) for item in items]


def _text(item: Any) -> str:
    """Join the runs of a text; what a phonetic guide adds is no part of it."""
    return "".join(each.text or "" for each in item.iter(f"{MAIN}t") if each.getparent().tag != f"{MAIN}rPh")


def _formats(package: ZipFile) -> list[str]:
    styles = etree.fromstring(package.read("xl/styles.xml"))
    own = {int(each.get("numFmtId")): each.get("formatCode") for each in styles.iter(f"{MAIN}numFmt")}
    used = [int(each.get("numFmtId", 0)) for each in styles.find(f"{MAIN}cellXfs")]
    return [own.get(number) or BUILTIN_FORMATS.get(number, "General") for number in used]


def _value(cell: Any, texts: list[str]) -> Any:
    kind, found = cell.get("t", "n"), cell.find(f"{MAIN}v")
    if kind == "inlineStr":
        return _text(cell)
    if kind == "str":
        return (found.text or "") if found is not None else ""
    if found is None or found.text is None:
        return None
    match kind:
        case "s":
            return texts[int(found.text)]
        case "b":
            return found.text == "1"
        case "e":
            return CellError(found.text)
        case _:
            return float(found.text)


# What an engine finds ----------------------------------------------------------------------------------------------


def recalculated(path: Path, engine: str, register: Callable[[Any], None] | None = None) -> Values:
    """Return what an engine finds for every formula of a workbook, by sheet and cell reference.

    ``register`` makes worksheet functions of our own known to the engine; formualizer alone can call them. The test
    is skipped, with the reason, where the engine is not installed.
    """
    return recalculate([path], engine, register)[path]


def recalculate(
    paths: Iterable[Path], engine: str, register: Callable[[Any], None] | None = None
) -> dict[Path, Values]:
    """Return what an engine finds for every formula of several workbooks; LibreOffice is started once for all."""
    compute = {"formualizer": _formualizer, "ironcalc": _ironcalc, "libreoffice": _libreoffice}[engine]
    paths = list(paths)
    with tempfile.TemporaryDirectory() as folder:
        blind = {path: Path(folder) / f"{number}.xlsx" for number, path in enumerate(paths)}
        for path, copy in blind.items():
            forget(path, copy)
        return dict(zip(paths, compute(list(blind.values()), register), strict=True))


def forget(path: Path, copy: Path) -> None:
    """Copy a workbook with -999 as the stored result of every formula."""
    with_results(path, copy, lambda sheet, ref: SENTINEL)


def with_results(path: Path, copy: Path, result: Callable[[str, str], Any]) -> None:
    """Copy a workbook with other stored results of its formulas, told from sheet title and cell reference."""
    with ZipFile(path) as source, ZipFile(copy, "w", ZIP_DEFLATED, compresslevel=1) as target:
        titles = {part: title for title, part in _sheet_parts(source).items()}
        for name in source.namelist():
            data = source.read(name)
            if name in titles:
                data = _restored(data, titles[name], result)
            elif name.startswith("xl/worksheets/_rels/"):
                data = data.replace(b'Target="/xl/', b'Target="../')  # ironcalc does not find absolute names
            target.writestr(name, data)


def _restored(sheet: bytes, title: str, result: Callable[[str, str], Any]) -> bytes:
    root = etree.fromstring(sheet)
    for cell in root.iter(f"{MAIN}c"):
        if cell.find(f"{MAIN}f") is not None:
            for old in cell.findall(f"{MAIN}v"):
                cell.remove(old)
            value = result(title, cell.get("r"))
            cell.set("t", _kind(value))
            etree.SubElement(cell, f"{MAIN}v").text = f"{value:d}" if isinstance(value, bool) else str(value)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))


def _kind(value: Any) -> str:
    match value:
        case bool():
            return "b"
        case CellError():
            return "e"
        case str():
            return "str"
        case _:
            return "n"


def _formulas(path: Path) -> Iterator[tuple[str, str, int, int]]:
    for each in cells(path):
        if each.formula:
            letters, row = coordinate_from_string(each.ref)
            yield each.sheet, each.ref, row, column_index_from_string(letters)


def _formualizer(paths: list[Path], register: Callable[[Any], None] | None) -> Iterator[Values]:
    formualizer = pytest.importorskip("formualizer", reason="formualizer is not installed")
    for path in paths:
        workbook = formualizer.load_workbook(str(path))
        if register:
            register(workbook)
        workbook.evaluate_all()
        yield _by_sheet(
            (title, ref, _of_formualizer(workbook.get_value(title, row, column)))
            for title, ref, row, column in _formulas(path)
        )


_ERRORS = {
    "Div": "#DIV/0!", "Name": "#NAME?", "Na": "#N/A", "Num": "#NUM!", "Ref": "#REF!", "Value": "#VALUE!",
    "Null": "#NULL!", "Spill": "#SPILL!", "Calc": "#CALC!", "Circ": "#CIRC!",
}  # fmt: skip


def _of_formualizer(value: Any) -> Any:
    match value:
        case {"type": "Error", "kind": kind}:
            return CellError(_ERRORS.get(kind, f"#{kind}"))
        case datetime() | date() | time():
            return float(to_excel(value))
        case bool() | str() | None:
            return value
        case _:
            return float(value)


def _ironcalc(paths: list[Path], register: Callable[[Any], None] | None) -> Iterator[Values]:
    ironcalc = pytest.importorskip("ironcalc", reason="ironcalc is not installed")
    if register:
        pytest.skip("ironcalc cannot call worksheet functions of our own")
    for path in paths:
        _drop_empty_cells(path)
        model = ironcalc.load_from_xlsx(str(path), "en", "UTC")
        model.evaluate()
        number = {each["name"]: position for position, each in enumerate(model.get_worksheets_properties())}

        def value(title: str, row: int, column: int, model: Any = model, number: Any = number) -> Any:
            found = model.get_cell_value(number[title], row, column)
            is_error = model.get_cell_type(number[title], row, column) == ironcalc.CellType.ErrorValue
            return CellError(found) if is_error else found

        yield _by_sheet((title, ref, value(title, row, column)) for title, ref, row, column in _formulas(path))


def _drop_empty_cells(path: Path) -> None:
    """Remove cells that only have a format: ironcalc takes them for numbers, where every other program sees nothing."""
    with ZipFile(path) as source:
        parts = set(_sheet_parts(source).values())
        members = {name: source.read(name) for name in source.namelist()}
    with ZipFile(path, "w", ZIP_DEFLATED, compresslevel=1) as target:
        for name, data in members.items():
            target.writestr(name, re.sub(rb"<c [^>]*/>", b"", data) if name in parts else data)


def _libreoffice(paths: list[Path], register: Callable[[Any], None] | None) -> Iterator[Values]:
    if not shutil.which("soffice"):
        pytest.skip("LibreOffice is not installed")
    if register:
        pytest.skip("LibreOffice calls worksheet functions of our own only through its add-in")
    with tempfile.TemporaryDirectory() as folder:
        profile, done = Path(folder) / "profile", Path(folder) / "done"
        (profile / "user").mkdir(parents=True)
        (profile / "user" / "registrymodifications.xcu").write_text(RECALCULATE, "utf-8")
        convert = ["soffice", f"-env:UserInstallation={profile.as_uri()}", "--headless", "--convert-to"]
        convert += ["xlsx:Calc MS Excel 2007 XML", "--outdir", str(done), *map(str, paths)]
        alone = {**os.environ, "SC_FORCE_CALCULATION": "core"}  # with threads LibreOffice 7.4 leaves cells out
        subprocess.run(convert, check=True, capture_output=True, timeout=3600, env=alone)
        for path in paths:
            found = stored(done / path.name)
            yield _by_sheet((title, ref, found.get(title, {}).get(ref)) for title, ref, *_ in _formulas(path))


# What differs ------------------------------------------------------------------------------------------------------


class Difference(NamedTuple):
    """A cell in which two sources do not agree."""

    sheet: str
    ref: str
    expected: Any
    found: Any

    def __str__(self) -> str:
        return f"{self.sheet}!{self.ref}: expected {self.expected!r}, found {self.found!r}"


@dataclass(frozen=True)
class Comparison:
    """How many cells were compared, by sheet, and those that differ."""

    compared: Counter[str] = field(default_factory=Counter)
    differing: list[Difference] = field(default_factory=list)

    def __bool__(self) -> bool:
        """Whether something was compared and nothing differs."""
        return bool(self.compared) and not self.differing

    def __str__(self) -> str:
        lines = [str(each) for each in self.differing[:20]]
        return "\n".join([f"{len(self.differing)} differing of {self.compared.total()} cells", *lines])


def differences(expected: Values, found: Values, shown: Mapping[str, Mapping[str, int]] | None = None) -> Comparison:
    """Compare what an engine found, cell by cell, with what is expected in these cells.

    Both a value's type and the value count; numbers agree to a billionth, and exactly in the decimals that their cell
    shows (``shown``, from :func:`decimals`). A cell that is expected nowhere, or never calculated, differs.
    """
    compared: Counter[str] = Counter()
    differing = []
    for title, refs in found.items():
        wanted, digits = expected.get(title, {}), (shown or {}).get(title, {})
        compared[title] += len(refs)
        differing += [
            Difference(title, ref, wanted.get(ref), value)
            for ref, value in refs.items()
            if not agree(wanted.get(ref), value, digits.get(ref))
        ]
    return Comparison(compared, differing)


def agree(expected: Any, found: Any, shown: int | None = None) -> bool:
    """Tell whether two values are the same in type and content.

    >>> agree("", 0.0), agree(1.0, True), agree(0.1 + 0.2, 0.3), agree(2.675, 2.6749, 2)
    (False, False, True, False)
    """
    if expected is None or found is None or type(expected) is not type(found):
        return False
    if not isinstance(expected, float) or expected == found:
        return bool(expected == found)
    close = abs(expected - found) <= CLOSE * max(1.0, abs(expected))
    return close and (shown is None or round_half_up(expected, shown) == round_half_up(found, shown))


def table_of_counts(comparisons: Mapping[tuple[str, str], Comparison]) -> str:
    """Write how many cells were compared and how many differ, by workbook, sheet and engine."""
    books = list(dict.fromkeys(book for book, _ in comparisons))
    engines = list(dict.fromkeys(engine for _, engine in comparisons))
    lines = [["workbook", "sheet", *engines]]
    totals = dict.fromkeys(engines, (0, 0))
    for book in books:
        of_book = {engine: comparisons[book, engine] for engine in engines if (book, engine) in comparisons}
        for title in dict.fromkeys(title for each in of_book.values() for title in each.compared):
            counts = {engine: _counts(each, title) for engine, each in of_book.items()}
            totals |= {engine: (totals[engine][0] + n, totals[engine][1] + bad) for engine, (n, bad) in counts.items()}
            lines.append([book, title, *(_said(counts.get(engine)) for engine in engines)])
    lines.append(["all", "", *(_said(totals[engine]) for engine in engines)])
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)


def _counts(comparison: Comparison, title: str) -> tuple[int, int]:
    return comparison.compared[title], sum(each.sheet == title for each in comparison.differing)


def _said(counts: tuple[int, int] | None) -> str:
    return f"{counts[1]} differing of {counts[0]:,}" if counts else "-"


# What formulas should come to -------------------------------------------------------------------------------------

OUTPUTS = {word for sheet in sheets_of("output") for word in sheet.title}
RUN = {*SHEETS["run"].title}  # has more rows where formulas are written: how many there are


def split(ref):
    letters, row = re.fullmatch("([A-Z]+)([0-9]+)", ref).groups()
    return letters, int(row)


def headings(cells):
    """Return the headings of a sheet by the letters of their columns."""
    return {split(ref)[0]: value for ref, value in cells.items() if split(ref)[1] == 1}


def as_values(plain, book):
    """Return what a workbook with formulas should show: what one without them has under the same heading and row.

    Where that has nothing, a formula shows an empty text. Columns that only a workbook with formulas has, and sheets
    that are no results, should show what is stored in them.
    """
    plain, book, wanted = stored(plain), stored(book), {}
    for title, held in book.items():
        letters = {heading: letter for letter, heading in headings(plain.get(title, {})).items()}
        names, values = headings(held), plain.get(title, {})
        wanted[title] = {
            ref: values.get(f"{letters[names[letter]]}{row}", "") if names.get(letter) in letters else value
            for ref, value in held.items()
            for letter, row in [split(ref)]
        }
    return {title: wanted[title] if title in OUTPUTS - RUN else held for title, held in book.items()}
