"""What makes Excel repair or refuse a workbook: the schema by openxml-audit, and rules of Excel that no schema tells.

The limits are those of "Excel specifications and limits" at support.microsoft.com and of ECMA-376 part 1, chapter 18.
"""

import re
from collections import Counter
from itertools import combinations

from lxml import etree
from openpyxl.utils import FORMULAE, coordinate_to_tuple, range_boundaries

from xlperf.xlsx.package.opc import Workbook, child, children, local
from xlperf.xlsx.package.zip_members import Parts

LONGEST_TEXT, LONGEST_FORMULA, LONGEST_LITERAL, DEEPEST = 32_767, 8_192, 255, 64
LONGEST_LINK, WIDEST, HIGHEST = 2_084, 255, 409.5
OF_VALIDATIONS = {"promptTitle": 32, "errorTitle": 32, "prompt": 255, "error": 225}
NOT_OF_EXCEL = {"Excel_InlineStrCells"}  # says only that Excel stores texts in another place
_LITERAL = re.compile(r'"((?:[^"]|"")*)"')
_FUNCTION = re.compile(r"(?<![\w.])((?:_xl\w+\.)*)([A-Z][A-Z0-9.]*)\(")
_LIKE_CELL = re.compile(r"[A-Za-z]{1,3}[0-9]+|[RrCc]|[Rr][0-9]*[Cc][0-9]*")
_NAME = re.compile(r"(?:_xlnm\.)?[^\W\d][\w.\\?]*")


def schema_faults(path):
    """What openxml-audit says against a file."""
    from openxml_audit import FileFormat, OpenXmlValidator

    found = OpenXmlValidator(file_format=FileFormat.MICROSOFT_365, max_errors=100).validate(str(path))
    return [str(each) for each in found.errors if each.id not in NOT_OF_EXCEL]


def excel_faults(path):
    """What Excel is known to stumble over in a file, each with the place."""
    return list(_Audit(path).faults())


def length(text):
    """As Excel counts: a sign beyond the first plane of Unicode is two."""
    return len(text.encode("utf-16-le")) // 2


def box(area):
    left, top, right, bottom = range_boundaries(area)
    return left or 1, top or 1, right or 16_384, bottom or 1_048_576


def meet(one, other):
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]


def twice(words):
    return [word for word, count in Counter(words).items() if count > 1]


class _Audit:
    def __init__(self, path):
        self.parts = Parts.read(path.read_bytes())
        self.book = Workbook(self.parts)
        self.titles = [sheet.title for sheet in self.book.sheets]
        self.styles = etree.fromstring(self.parts[self.book.part_of("styles")])
        strings = self.book.part_of("sharedStrings")
        self.strings = [
            "".join(each.itertext())
            for each in (etree.fromstring(self.parts[strings]) if strings in self.parts else ())
        ]
        self.tables, self.code_names = [], []

    def faults(self):
        yield from self.of_package()
        yield from self.of_titles_and_names()
        for sheet in self.book.sheets:
            root = etree.fromstring(self.parts[sheet.part])
            cells = {}
            for fault in (
                *self.of_frame(root),
                *self.of_cells(root, cells),
                *self.of_rules(root),
                *self.of_areas(sheet.part, root, cells),
            ):
                yield f"{sheet.title}: {fault}"
        for what, words in (("table", self.tables), ("code name", self.code_names)):
            yield from (f"two of {what} {word}" for word in twice(words))

    def of_package(self):
        yield from (f"two parts {name}" for name in twice(name.casefold() for name in self.parts))
        for name in self.parts:
            if name.endswith((".xml", ".rels", ".vml")):
                etree.fromstring(self.parts[name])
            if name.endswith(".rels"):
                folder, _, file = name.rpartition("_rels/")
                for link in self.book.links(folder + file.removesuffix(".rels")):
                    if not link.external and link.target not in self.parts:
                        yield f"{name} leads to {link.target}, which is not there"
                    if link.external and length(link.target) > LONGEST_LINK:
                        yield f"{name}: a link is too long"

    def of_titles_and_names(self):
        yield from (f"two sheets {title}" for title in twice(title.casefold() for title in self.titles))
        for title in self.titles:
            if not 0 < length(title) <= 31 or re.search(r"[\\/?*\[\]:]|^'|'$", title) or title.casefold() == "history":
                yield f"Excel takes no sheet {title}"
        properties = child(self.book.root, "workbookPr")
        self.code_names.append(properties.get("codeName") if properties is not None else None)
        listed = child(self.book.root, "definedNames")
        names = children(listed, "definedName") if listed is not None else []
        yield from (
            f"two names {each}" for each in twice((n.get("name").casefold(), n.get("localSheetId")) for n in names)
        )
        for each in names:
            name, formula = each.get("name"), each.text or ""
            if not _NAME.fullmatch(name) or _LIKE_CELL.fullmatch(name) or length(name) > 255:
                yield f"Excel takes no name {name}"
            if "#REF!" in formula or length(formula) > LONGEST_FORMULA:
                yield f"the name {name} stands for {formula[:60]}"

    def of_frame(self, root):
        properties = child(root, "sheetPr")
        if properties is not None and properties.get("codeName"):
            self.code_names.append(properties.get("codeName"))
        for name in ("cols", "mergeCells", "dataValidations", "hyperlinks", "tableParts"):
            yield from (f"{name} is empty" for each in children(root, name) if not len(each))
        last = 0
        for column in root.iter("{*}col"):
            first, end = int(column.get("min")), int(column.get("max"))
            if first <= last or end < first or end > 16_384 or float(column.get("width", 0)) > WIDEST:
                yield f"columns {first} to {end}"
            last = end
        for row in root.iter("{*}row"):
            if float(row.get("ht", 0)) > HIGHEST:
                yield f"row {row.get('r')} is too high"
        header = child(root, "headerFooter")
        if header is not None and any(length(each.text or "") > 255 for each in header):
            yield "a header is too long"

    def of_cells(self, root, cells):
        formats, before = len(child(self.styles, "cellXfs")), (0, 0)
        for cell in root.iter("{*}c"):
            ref = cell.get("r")
            place = coordinate_to_tuple(ref)
            if place <= before or str(place[0]) != cell.getparent().get("r"):
                yield f"{ref} is out of its order"
            before = place
            if int(cell.get("s", 0)) >= formats:
                yield f"{ref} has no format"
            value, kind = child(cell, "v"), cell.get("t", "n")
            text = value.text or "" if value is not None else ""
            if kind == "s":
                text = self.strings[int(text)]
            elif kind == "inlineStr":
                text = "".join(cell.itertext())
            elif kind == "b" and text not in ("0", "1"):
                yield f"{ref} is neither true nor false: {text}"
            elif kind == "n" and value is not None and not text and child(cell, "f") is not None:
                pass  # a formula that nobody has computed yet, as openpyxl writes it
            elif kind == "n" and value is not None and not re.fullmatch(r"-?[0-9.]+(?:[eE][-+]?[0-9]+)?", text):
                yield f"{ref} is no number: {text}"
            if length(text) > LONGEST_TEXT:
                yield f"{ref} holds too long a text"
            cells[place] = text if kind in ("s", "inlineStr", "str") else None
            formula = child(cell, "f")
            if formula is not None and formula.text:
                yield from (f"{ref}: {fault}" for fault in formula_faults(formula.text))

    def of_rules(self, root):
        looks = child(self.styles, "dxfs")
        rules = list(root.iter("{*}cfRule"))
        yield from (f"two formats of priority {each}" for each in twice(rule.get("priority") for rule in rules))
        for rule in rules:
            if rule.get("dxfId") and int(rule.get("dxfId")) >= (len(looks) if looks is not None else 0):
                yield "a conditional format has no look"
            for formula in children(rule, "formula"):
                yield from formula_faults(formula.text or "=")
        areas = []
        for rule in root.iter("{*}dataValidation"):
            ranges = rule.get("sqref") or child(rule, "sqref").text
            areas += [box(each) for each in ranges.split()]
            for name, most in OF_VALIDATIONS.items():
                if length(rule.get(name, "")) > most:
                    yield f"the {name} at {ranges} is too long"
            for formula in (each for each in rule if local(each).startswith("formula")):
                words = "".join(formula.itertext())
                if not words or length(words.strip('"')) > LONGEST_LITERAL:
                    yield f"the validation of {ranges} is empty or too long"
        for one, other in combinations(areas, 2):
            if meet(one, other):
                yield f"two validations on {one} and {other}"

    def of_areas(self, part, root, cells):
        merged = [box(each.get("ref")) for each in root.iter("{*}mergeCell")]
        yield from (
            f"merged cells {one} and {other} meet" for one, other in combinations(merged, 2) if meet(one, other)
        )
        links = list(root.iter("{*}hyperlink"))
        yield from (f"two links on {ref}" for ref in twice(each.get("ref") for each in links))
        known = {title.casefold() for title in self.titles}
        for link in links:
            title = link.get("location", "").rpartition("!")[0].strip("'").replace("''", "'")
            if title and title.casefold() not in known:
                yield f"{link.get('ref')} leads to a sheet {title}, which is not there"
            if max(length(link.get("location", "")), length(link.get("display", ""))) > LONGEST_LINK:
                yield f"the link of {link.get('ref')} is too long"
        for source in self.book.linked(part, "table"):
            table = etree.fromstring(self.parts[source])
            self.tables += [table.get("displayName").casefold(), table.get("id")]
            left, top, right, bottom = area = box(table.get("ref"))
            headings = [each.get("name") for each in child(table, "tableColumns")]
            shown = [cells.get((top, column)) for column in range(left, right + 1)]
            if table.get("headerRowCount", "1") != "0" and headings != shown:
                yield f"the columns of {table.get('displayName')} are not its headings"
            yield from (f"two columns {each} of a table" for each in twice(name.casefold() for name in headings))
            if bottom == top:
                yield f"{table.get('displayName')} has no row"
            if any(meet(area, each) for each in merged):
                yield f"cells of {table.get('displayName')} are merged"
            filtered = child(root, "autoFilter")
            if filtered is not None and meet(area, box(filtered.get("ref"))):
                yield f"{table.get('displayName')} has the filter of the sheet"


def formula_faults(formula):
    """What is wrong with a formula: too long, too deep, unbalanced, or a newer function without its prefix."""
    if formula.startswith("=") or length(formula) > LONGEST_FORMULA:
        yield f"not written as a formula: {formula[:40]}"
    if any(length(each.replace('""', '"')) > LONGEST_LITERAL for each in _LITERAL.findall(formula)):
        yield "a text in a formula is too long"
    bare = re.sub(r"'[^']*'", "", _LITERAL.sub("", formula))
    depth = deepest = 0
    for sign in bare:
        depth += (sign == "(") - (sign == ")")
        deepest = max(deepest, depth)
    if depth or deepest > DEEPEST:
        yield f"brackets of {formula[:40]}"
    for prefix, name in _FUNCTION.findall(bare):
        if not prefix and name not in FORMULAE and not name.startswith("PERF_"):
            yield f"{name} without its prefix"
