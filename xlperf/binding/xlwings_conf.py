"""The hidden sheet of a macro workbook: settings of the bridge, the sentences that VBA says, the wizard's texts.

VBA keeps its text in the character set of the machine on which it was typed; a sheet holds any language.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lxml import etree  # type: ignore[import-untyped]

from xlperf.binding.functions.registry import CATEGORIES, Function
from xlperf.core.problems import Lang, Text
from xlperf.xlsx.package.copy_sheet import insert_sheet
from xlperf.xlsx.package.opc import Workbook, child, tree, written

TITLE = "xlperf.conf"
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
FIRST_ROW = 2
SETTINGS, SENTENCES, FUNCTIONS = 1, 4, 7  # the columns where each list begins
BRIDGE_SETTINGS: dict[str, str] = {"ADD_WORKBOOK_TO_PYTHONPATH": "False"}  # no code beside a workbook is ever run
VBA_SENTENCES: dict[str, Text] = {
    "no-python": Text(
        "这台电脑上没有找到 xlperf 使用的 Python。所有数字保持上次的值，本次打开期间不重新计算。"
        "如需计算，请安装 xlperf，并在命令行运行：xlperf excel install",
        "The Python of xlperf was not found on this computer. Numbers stay as they are, and nothing is recalculated "
        "until the workbook is opened again. To calculate, install xlperf and run in a terminal: xlperf excel install",
    ),
}
_XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"


def add_sheet(package: Workbook) -> None:
    """Add the sheet behind all others; Excel does not offer to show it."""
    part = package.free("xl/worksheets/sheet{}.xml")
    empty = etree.Element(f"{{{package.namespace}}}worksheet", nsmap={None: package.namespace})
    etree.SubElement(empty, f"{{{package.namespace}}}sheetData")
    package.add(part, written(empty), SHEET_TYPE)
    insert_sheet(package, TITLE, part, len(package.sheets), "veryHidden")


def put_texts(package: Workbook, functions: Iterable[Function], lang: Lang) -> None:
    """Fill the hidden sheet in a language; all else that the sheet has stays as it is."""
    part = package.sheet(TITLE).part
    root = tree(package.parts[part])
    data = child(root, "sheetData")
    data.clear()
    for number, row in enumerate(rows(functions, lang), start=1):
        line = etree.SubElement(data, f"{{{package.namespace}}}row", r=str(number))
        for column, text in row:
            _put_text(line, f"{_letters(column)}{number}", text)
    dimension = child(root, "dimension")
    if dimension is not None:
        root.remove(dimension)
    package.parts[part] = written(root)


def rows(functions: Iterable[Function], lang: Lang) -> list[list[tuple[int, str]]]:
    """Return the cells of the hidden sheet, row by row: their columns and texts.

    >>> rows([], "en")[0]
    [(1, 'ADD_WORKBOOK_TO_PYTHONPATH'), (2, 'False')]
    """
    found: dict[int, list[tuple[int, str]]] = {}
    for number, (name, value) in enumerate(BRIDGE_SETTINGS.items(), start=1):
        found.setdefault(number, []).extend([(SETTINGS, name), (SETTINGS + 1, value)])
    for number, (key, text) in enumerate(VBA_SENTENCES.items(), start=FIRST_ROW):
        found.setdefault(number, []).extend([(SENTENCES, key), (SENTENCES + 1, text(lang))])
    for number, function in enumerate(functions, start=FIRST_ROW):
        texts = [function.name, function.text(lang), f"xlperf {CATEGORIES[function.category](lang)}"]
        texts += [each.text(lang) for each in function.arguments]
        found.setdefault(number, []).extend(enumerate(texts, start=FUNCTIONS))
    return [found.get(number, []) for number in range(1, max(found) + 1)]


def _put_text(row: Any, place: str, text: str) -> None:
    namespace = etree.QName(row).namespace
    cell = etree.SubElement(row, f"{{{namespace}}}c", r=place, t="inlineStr")
    words = etree.SubElement(etree.SubElement(cell, f"{{{namespace}}}is"), f"{{{namespace}}}t")
    words.text = text
    words.set(_XML_SPACE, "preserve")


def _letters(column: int) -> str:
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
