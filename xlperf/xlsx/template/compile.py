"""Compiles a template once: its parts become literals with placeholders between them, ready to be rendered."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from lxml import etree  # type: ignore[import-untyped]
from openpyxl.formula.tokenizer import Token, Tokenizer
from openpyxl.formula.translate import Translator
from openpyxl.utils import column_index_from_string
from openpyxl.utils.cell import coordinate_from_string

from xlperf.core.problems import Problem
from xlperf.xlsx.package.opc import Workbook, tree
from xlperf.xlsx.package.sheet_xml import bounds
from xlperf.xlsx.package.styles import MINIMAL
from xlperf.xlsx.package.zip_members import Parts
from xlperf.xlsx.reader.relations import fold_part_name
from xlperf.xlsx.template.model import (
    END,
    OWN_ROW,
    REF,
    SLOT,
    CellTemplate,
    ChartCache,
    CompiledTemplate,
    Placeholder,
    RowReference,
    RowTemplate,
    Segments,
    SheetTemplate,
    split_segments,
)
from xlperf.xlsx.template.zip_writer import fixed

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
PLACEHOLDER = re.compile(r"\{\s*(\??)\s*([^{}\s.?]+)(?:\.([^{}\s.]+))?\s*\}")
_CORNERS = re.compile(r"(\$?[A-Z]{1,3}\$?)(\d+)(?::(\$?[A-Z]{1,3}\$?)(\d+))?")
_DECLARATIONS = re.compile(r' xmlns(:\w+)?="[^"]*"')
_WITH_REF = ("ref", "sqref")
_FORMULAS = ("formula", "formula1", "formula2", "f")
_DRAWING_ROW = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}row"
_CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
CREATOR = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<cp:coreProperties '
    b'xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
    b'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:creator>xlperf</dc:creator></cp:coreProperties>'
)  # in place of who made the template

Meaning = Callable[[str, str], Placeholder | None]
"""Returns the placeholder that a block (or "") and a name in either language mean, None for unknown ones."""


def compile_template(
    template: bytes, meaning: Meaning, natives: Mapping[str, Sequence[str]] | None = None
) -> tuple[CompiledTemplate | None, list[Problem]]:
    """Compile a template.

    Parameters
    ----------
    template : the bytes of an .xlsx or .xlsm file, which was found harmless
    meaning : returns the placeholder that a block and a name mean
    natives : formulas by the placeholder that they compute, with others in place of cells:
        ``("{item.points}*{item.weight}",)``; of several the first counts whose figures stand on the page

    Returns
    -------
    The compiled template, or None and what is wrong with the template.
    """
    compiler = _Compiler(Parts.read(template), meaning, natives or {})
    if compiler.is_unusual():
        return None, [Problem("template-unusual")]
    compiled = compiler.compile()
    return (compiled if not compiler.problems else None), compiler.problems


class _Compiler:
    """Cuts one template."""

    def __init__(self, parts: Parts, meaning: Meaning, natives: Mapping[str, Sequence[str]]) -> None:
        self.parts, self.package, self.meaning, self.natives = parts, Workbook(parts), meaning, natives
        self.problems: list[Problem] = []
        self.main, self.styles_part = self.package.main, self.package.part_of("styles")
        self.book = self.xml(self.main)
        listed = self.package.sheets
        sheets = [each for each in listed if each.kind == "worksheet"]  # charts on sheets of their own stay as they are
        self.titles = [each.title for each in sheets]
        self.members = [each.part for each in sheets]
        self.positions = {at: self.titles.index(each.title) for at, each in enumerate(listed) if each in sheets}
        self.strings = self._strings()
        self.styles = self.xml(self.styles_part) if self.styles_part else tree(MINIMAL)
        self.quoted: dict[int, int] = {}
        self.instead: dict[str, bytes] = {}
        self.own_formulas = False

    def compile(self) -> CompiledTemplate:
        """Compile every sheet, then the parts that refer to rows that move."""
        if any(fold_part_name(name).startswith("_xmlsignatures/") for name in self.parts):
            self.problems.append(Problem("template-signed"))
        pages = tuple(_SheetCompiler(self, at).page() for at in range(len(self.members)))
        moving = {at for at, page in enumerate(pages) if page.varying}
        others = tuple(self._others(moving))
        properties = self.book.find(f"{MAIN}workbookPr")
        since_1904 = properties is not None and properties.get("date1904") in ("1", "true")
        if self.quoted and self.styles_part:
            self.instead[self.styles_part] = _written(self.styles)
        self.instead |= dict.fromkeys(self.package.linked("", "core-properties"), CREATOR)
        for name, data in self.instead.items():
            self.parts[name] = data
        changing = {fold_part_name(name) for name in (*(page.member for page in pages if page.changes), *dict(others))}
        base = fixed(each for each in self.parts.members() if fold_part_name(each.name) not in changing)
        return CompiledTemplate(pages, others, base, since_1904)

    def is_unusual(self) -> bool:
        """Whether a part is written in the strict edition of the standard, or with a prefix before all its names."""
        roots = [self.book, *map(self.xml, self.members)]
        return any(not root.tag.startswith(MAIN) or root.prefix is not None for root in roots)

    # Members ---------------------------------------------------------------------------------------------------------

    def xml(self, member: str) -> Any:
        """Parse a member."""
        return tree(self.parts[member])

    def linked(self, member: str, *kinds: str) -> Iterator[tuple[str, str]]:
        """Yield the parts that one refers to by some kinds of relations, with the kind of each."""
        return ((each.name, each.target) for each in self.package.links(member) if each.name in kinds)

    def _strings(self) -> list[str]:
        part = self.package.part_of("sharedStrings")
        return [_string(each) for each in self.xml(part).iterchildren(f"{MAIN}si")] if part else []

    def quoted_style(self, style: int) -> int:
        """Return the style that looks the same and keeps Excel from taking a text for a formula."""
        if style not in self.quoted:
            styles = self.styles.find(f"{MAIN}cellXfs")
            like = etree.fromstring(etree.tostring(styles[style]))
            like.set("quotePrefix", "1")
            styles.append(like)
            styles.set("count", str(len(styles)))
            self.quoted[style] = len(styles) - 1
        return self.quoted[style]

    # Addresses -------------------------------------------------------------------------------------------------------

    def moved(self, address: str, sheet: int, own: int = 0, whole: bool = False) -> str:
        """Return an address with references in place of its rows, which move in a rendered page.

        ``own`` is the row that the address stands in. With ``whole`` a cell becomes the area of all its repetitions.
        """

        def corner(column: str, row: str, last: int) -> str:
            return f"{column}{OWN_ROW}" if int(row) == own else f"{column}{REF}{sheet},{row},{last}{END}"

        def area(found: re.Match[str]) -> str:
            begin, top, end, bottom = found.groups()
            if whole and not end:
                end, bottom = begin, top
            below = 2 if whole and top == bottom else 1  # the area of a row that is left out has still a cell
            return corner(begin, top, 0) + (f":{corner(end, bottom, below)}" if end else "")

        return _CORNERS.sub(area, address)

    def formula(self, text: str, sheet: int, own: int = 0) -> str:
        """Return a formula whose addresses have references in place of their rows, as ``moved`` gives them."""
        tokens = Tokenizer("=" + text).items
        return "".join(self._operand(token, sheet, own) for token in tokens)

    def _operand(self, token: Token, sheet: int, own: int) -> str:
        value: str = token.value
        if token.type != Token.OPERAND or token.subtype != Token.RANGE:
            return value
        title, placeholder, address = value.rpartition("!")
        if not placeholder:
            return self.moved(value, sheet, own)
        named = title.strip("'").replace("''", "'")
        return f"{title}!{self.moved(address, self.titles.index(named))}" if named in self.titles else value

    # Other parts -----------------------------------------------------------------------------------------------------

    def _others(self, moving: set[int]) -> Iterator[tuple[str, Segments]]:
        """Yield the compiled tables, drawings and charts of the sheets, and the main part with its names."""
        for at in range(len(self.members)):
            for kind, member in self.linked(self.members[at], "table", "comments", "drawing"):
                if kind == "drawing":
                    if at in moving:
                        yield member, self._drawing(member, at)
                    yield from self._charts(member)
                elif at in moving and kind == "table":
                    yield member, self._table(member, at)
                elif at in moving:
                    self.problems.append(Problem("template-comments", self.titles[at]))
        for member in self.package.linked(self.main, "pivotCacheDefinition"):
            root = self.xml(member)
            root.set("refreshOnLoad", "1")
            self.instead[member] = _written(root)
        yield self.main, self._workbook()

    def _table(self, member: str, sheet: int) -> Segments:
        root = self.xml(member)
        for element in root.iter(f"{MAIN}table", f"{MAIN}autoFilter"):
            element.set("ref", self.moved(element.get("ref"), sheet))
        return split_segments(_text(root))

    def _drawing(self, member: str, sheet: int) -> Segments:
        root = self.xml(member)
        for row in root.iter(_DRAWING_ROW):
            row.text = f"{REF}{sheet},{int(row.text)},1{END}"  # counted from 0: as far down as the row above it
        return split_segments(_text(root))

    def _charts(self, drawing: str) -> Iterator[tuple[str, Segments]]:
        for _, member in self.linked(drawing, "chart"):
            root = self.xml(member)
            slots: list[ChartCache | None] = []
            for reference in root.iter(f"{_CHART}numRef", f"{_CHART}strRef"):
                slots.append(self._series(reference, len(slots)))
            yield member, split_segments(_text(root), slots)

    def _series(self, reference: Any, number: int) -> ChartCache | None:
        """Put references into the address of a chart series; return the place of its stored figures, to be rendered."""
        address = reference.find(f"{_CHART}f")
        title, _, area = (address.text or "").rpartition("!")
        named, found = title.strip("'").replace("''", "'"), _CORNERS.fullmatch(area)
        stored = next((each for each in reference if each.tag.endswith("Cache")), None)
        if named not in self.titles or found is None:
            return None
        sheet = self.titles.index(named)
        address.text = f"{title}!{self.moved(area, sheet, whole=True)}"
        numbers = reference.tag == f"{_CHART}numRef"
        if stored is None:
            return None
        for point in list(stored):
            if point.tag in (f"{_CHART}pt", f"{_CHART}ptCount"):
                stored.remove(point)
        last = stored[-1] if len(stored) else None
        if last is None:
            stored.text = f"{SLOT}{number}{END}"
        else:
            last.tail = f"{SLOT}{number}{END}"
        begin, top, _, bottom = found.groups()
        column = column_index_from_string(begin.strip("$"))
        return ChartCache(sheet, column, int(top), int(bottom or top), numbers)

    def _workbook(self) -> Segments:
        for name in self.book.iter(f"{MAIN}definedName"):
            sheet = self.positions.get(int(name.get("localSheetId", 0)), 0)
            name.text = self.formula(name.text or "", sheet)
        calculation = self.book.find(f"{MAIN}calcPr")
        if calculation is not None and self.own_formulas:
            calculation.set("fullCalcOnLoad", "1")
        return split_segments(_text(self.book))


class _SheetCompiler:
    """Cuts one sheet of a template."""

    def __init__(self, whole: _Compiler, sheet: int) -> None:
        self.whole, self.sheet = whole, sheet
        self.root = whole.xml(whole.members[sheet])
        self.slots: list[CellTemplate] = []
        self.cells: dict[tuple[int, int], Any] = {}
        self.masters: dict[str, tuple[str, str]] = {}
        self.headings = frozenset(self._headings())

    def page(self) -> SheetTemplate:
        """Compile the sheet: what stands before the rows, the rows, and what follows them."""
        data = self.root.find(f"{MAIN}sheetData")
        for dimension in self.root.findall(f"{MAIN}dimension"):
            self.root.remove(dimension)
        self._collect(data)
        rows = tuple(self._row(each, number) for number, each in enumerate(data, start=1))
        merged = self.root.find(f"{MAIN}mergeCells")
        areas = tuple(self._merged(merged)) if merged is not None else ()
        if merged is not None:
            self.root.remove(merged)
        self._move_below(data)
        for row in list(data):
            data.remove(row)
        data.text = OWN_ROW
        before, _, rest = _text(self.root).partition(OWN_ROW)
        between, after = _at_merged(rest)
        slots = self.slots
        changes = bool(slots) or any(row.varies for row in rows) or self.whole.own_formulas
        member = self.whole.members[self.sheet]
        return SheetTemplate(
            member, before, rows, areas, split_segments(between), split_segments(after), self.cells, changes
        )

    def _headings(self) -> Iterator[str]:
        """Yield the cells that are headings of tables, which must be plain text."""
        for _, member in self.whole.linked(self.whole.members[self.sheet], "table"):
            left, top, right, _ = bounds(self.whole.xml(member).get("ref", ""))
            yield from (f"{column},{top}" for column in range(left, right + 1))

    def _collect(self, data: Any) -> None:
        """Find the cell of each placeholder, so that native formulas can name the cells."""
        self.at: dict[str, tuple[str, int]] = {}
        for cell in data.iter(f"{MAIN}c"):
            found = PLACEHOLDER.fullmatch((self._text_in(cell) or "").strip())
            if found is None or found[1]:
                continue
            placeholder = self.whole.meaning(found[2] if found[3] else "", found[3] or found[2])
            if placeholder is not None:
                letters, row = _address(cell)
                self.at.setdefault(
                    f"{placeholder.block}.{placeholder.name}" if placeholder.block else placeholder.name, (letters, row)
                )

    def _row(self, row: Any, number: int) -> RowTemplate:
        number = int(row.get("r", number))
        row.attrib.pop("spans", None)
        row.attrib.pop("r", None)
        blocks: dict[str, None] = {}
        conditions: dict[str, None] = {}
        cells = "".join(self._cell(cell, number, blocks, conditions) for cell in row.iterchildren(f"{MAIN}c"))
        if len(blocks) > 1:
            details = {"blocks": list(blocks)}
            self.whole.problems.append(Problem("mark-two-blocks", self._title, f"A{number}", details))
        attributes = "".join(f' {_plain(name)}="{value}"' for name, value in row.attrib.items() if "}" not in name)
        text = split_segments(f'<row r="{OWN_ROW}"{attributes}>{cells}</row>', self.slots)
        return RowTemplate(number, text, next(iter(blocks), ""), tuple(conditions))

    def _cell(self, cell: Any, row: int, blocks: dict[str, None], conditions: dict[str, None]) -> str:
        letters = _address(cell)[0]
        shown, style = self._text_in(cell), int(cell.get("s", 0))
        column = column_index_from_string(letters)
        if shown is not None and PLACEHOLDER.search(shown):
            parts = self._parts(shown, f"{letters}{row}", conditions)
            if f"{column},{row}" in self.headings:
                self.whole.problems.append(Problem("mark-in-heading", self._title, f"{letters}{row}", {"cell": shown}))
            blocks |= dict.fromkeys(part.block for part in parts if isinstance(part, Placeholder) and part.block)
            slot = CellTemplate(
                parts, f' s="{style}"', f' s="{self.whole.quoted_style(style)}"', self._native(parts, row)
            )
            self.slots.append(slot)
            self.cells[row, column] = slot
            return f'<c r="{letters}{OWN_ROW}"{SLOT}{len(self.slots) - 1}{END}'
        self.cells[row, column] = shown if shown is not None else _number(cell)
        self._formula(cell, letters, row)
        cell.set("r", f"{letters}{OWN_ROW}")
        return _DECLARATIONS.sub("", str(etree.tostring(cell, encoding="unicode", with_tail=False)))

    def _formula(self, cell: Any, letters: str, row: int) -> None:
        """Put references into a formula of the template; the result that it had there is left out."""
        formula = cell.find(f"{MAIN}f")
        if formula is None:
            return
        text = formula.text or ""
        number = formula.attrib.pop("si", None)
        if formula.get("t") == "shared" and number is not None:
            if text:
                self.masters[number] = (text, f"{letters}{row}")
            else:
                master, origin = self.masters[number]
                text = Translator("=" + master, origin).translate_formula(f"{letters}{row}")[1:]
            for name in ("t", "ref"):
                formula.attrib.pop(name, None)
        if "ref" in formula.attrib:
            formula.set("ref", self.whole.moved(formula.get("ref"), self.sheet, row))
        formula.text = self.whole.formula(text, self.sheet, row)
        for value in cell.findall(f"{MAIN}v"):
            cell.remove(value)
        cell.attrib.pop("t", None)
        self.whole.own_formulas = True

    def _text_in(self, cell: Any) -> str | None:
        """Return the text of a cell, None where it holds something else."""
        kind, value = cell.get("t"), cell.find(f"{MAIN}v")
        if kind == "s" and value is not None:
            return self.whole.strings[int(value.text)]
        if kind == "inlineStr":
            return _string(cell)
        return None

    def _parts(self, shown: str, place: str, conditions: dict[str, None]) -> tuple[str | Placeholder, ...]:
        parts: list[str | Placeholder] = []
        end = 0
        for found in PLACEHOLDER.finditer(shown):
            asks, first, second = found.groups()
            placeholder = self.whole.meaning(first if second else "", second or first)
            if asks:
                block = self.whole.meaning(first, "")
                placeholder = block or placeholder
            if placeholder is None:
                details = {"cell": found[0]}
                self.whole.problems.append(Problem("mark-unknown", self._title, place, details))
                continue
            parts.append(shown[end : found.start()])
            if asks:
                conditions[placeholder.block or placeholder.name] = None
            else:
                parts.append(placeholder)
            end = found.end()
        parts.append(shown[end:])
        return tuple(part for part in parts if part != "")

    def _native(self, parts: tuple[str | Placeholder, ...], row: int) -> tuple[str | RowReference, ...]:
        """Return the formula of a figure, where all the figures that it needs stand on the page."""
        if len(parts) != 1 or not isinstance(parts[0], Placeholder):
            return ()
        placeholder = parts[0]
        mark = f"{placeholder.block}.{placeholder.name}" if placeholder.block else placeholder.name
        texts = ((text, re.findall(r"\{([\w.]+)\}", text)) for text in self.whole.natives.get(mark, ()))
        text, wanted = next((each for each in texts if all(name in self.at for name in each[1])), ("", []))
        if not text:
            return ()
        for each in wanted:
            letters, there = self.at[each]
            beside = placeholder.block and there == row
            address = (
                f"{letters}{OWN_ROW}" if beside else self.whole.moved(f"{letters}{there}:{letters}{there}", self.sheet)
            )
            text = text.replace(f"{{{each}}}", address if beside or "." in each else address.partition(":")[0])
        done = split_segments(text)
        native: list[str | RowReference] = [done.literals[0]]
        for piece, literal in zip(done.pieces, done.literals[1:], strict=True):
            if isinstance(piece, RowReference):
                native += [piece, literal]
        return tuple(native)

    @property
    def _title(self) -> str:
        return str(self.whole.titles[self.sheet])

    def _merged(self, merged: Any) -> Iterator[tuple[str, int, str, int]]:
        for each in merged:
            found = _CORNERS.fullmatch(each.get("ref"))
            if found:
                begin, top, end, bottom = found.groups()
                yield begin, int(top), end or begin, int(bottom or top)

    def _move_below(self, data: Any) -> None:
        """Put references into everything that follows the rows: conditions, lists, links, breaks."""
        after = False
        for child in self.root:
            if child is data:
                after = True
                continue
            if not after:
                continue
            for element in child.iter(etree.Element):
                for name in _WITH_REF:
                    if name in element.attrib:
                        element.set(name, self.whole.moved(element.get(name), self.sheet, whole=name == "sqref"))
                kind = etree.QName(element).localname
                if kind in _FORMULAS and element.text:
                    element.text = self.whole.formula(element.text, self.sheet)
                elif kind == "sqref" and element.text:
                    element.text = self.whole.moved(element.text, self.sheet, whole=True)
                elif kind == "brk" and etree.QName(child).localname == "rowBreaks":
                    element.set("id", f"{REF}{self.sheet},{element.get('id')},1{END}")


def _at_merged(text: str) -> tuple[str, str]:
    """Divide what follows the rows where the merged cells belong: behind these elements, before all others."""
    found = re.match(
        r"</(?:\w+:)?sheetData>(?:<(?:\w+:)?(sheetCalcPr|sheetProtection|protectedRanges|scenarios|autoFilter|sortState|"
        r"dataConsolidate|customSheetViews)\b(?:[^>]*/>|.*?</(?:\w+:)?\1>))*",
        text,
        re.S,
    )
    assert found is not None
    return text[: found.end()], text[found.end() :]


def _text(root: Any) -> str:
    body: str = etree.tostring(root, encoding="unicode")
    return '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n' + body


def _written(root: Any) -> bytes:
    return _text(root).encode("utf-8")


def _string(item: Any) -> str:
    """Return the text of an item from all its runs, without phonetic text."""
    return "".join(each.text or "" for each in item.iter(f"{MAIN}t") if each.getparent().tag != f"{MAIN}rPh")


def _address(cell: Any) -> tuple[str, int]:
    letters, row = coordinate_from_string(cell.get("r"))
    return letters, row


def _number(cell: Any) -> float | None:
    value = cell.find(f"{MAIN}v")
    if value is None or cell.get("t", "n") != "n" or not value.text:
        return None
    return float(value.text)


def _plain(name: str) -> str:
    return etree.QName(name).localname  # type: ignore[no-any-return]
