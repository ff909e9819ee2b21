"""What formulas refer to, and how they read when it has moved, gone, or got another name.

Formulas stand in cells, names, validations, conditional formats and columns of tables; each of them follows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from openpyxl.formula.tokenizer import Token, Tokenizer, TokenizerError
from openpyxl.workbook import Workbook
from openpyxl.worksheet.formula import ArrayFormula

from xlperf.xlwings_engine.addresses import quote_title, split_address
from xlperf.xlwings_engine.stored_values import StoredValues

LOST = "#REF!"
Change = Callable[[str, str], str]  # from a formula and the title of its sheet to the formula as it reads now

_STRUCTURED = re.compile(r"([^\[\]!]+)\[(.*)\]", re.DOTALL)
_PART = re.compile(r"\[((?:[^\[\]']|'.)*)\]")
_MARKED = re.compile(r"(['\[\]#@])")


def change_references(formula: str, change: Callable[[str], str]) -> str:
    """Return a formula in which every reference reads as a function says; one that nobody understands stays as it is.

    >>> change_references('=SUM(A1:A3)&"A1"', str.lower)
    '=SUM(a1:a3)&"A1"'
    """
    if not formula.startswith("="):
        return formula
    try:
        tokens = Tokenizer(formula).items
    except TokenizerError:
        return formula
    return "=" + "".join(change(str(each.value)) if _is_reference(each) else str(each.value) for each in tokens)


def _is_reference(token: Token) -> bool:
    return bool(token.type == Token.OPERAND and token.subtype == Token.RANGE)


def change_formulas(workbook: Workbook, stored: StoredValues, change: Change) -> None:
    """Let all formulas of a workbook read as a function says; those of cells keep the values that are stored for them.

    Parameters
    ----------
    workbook : the openpyxl workbook
    stored : the values of its formulas
    change : from a formula, with its sign of equality, and the title of its sheet, "" for a name, to the new formula
    """
    for worksheet in workbook.worksheets:
        title = worksheet.title
        _change_cells(worksheet, stored, change)
        for holder, name in _rule_formulas(worksheet):
            _change_text(holder, name, change, title)
        for rule in _rules(worksheet):
            rule.formula = [change(f"={each}", title)[1:] for each in rule.formula]
        for table in worksheet.tables.values():
            for column in table.tableColumns:
                for each in (column.calculatedColumnFormula, column.totalsRowFormula):
                    if each is not None and each.attr_text:
                        each.attr_text = change(f"={each.attr_text}", title)[1:]
    holders: list[Any] = [workbook, *workbook.worksheets]
    for name in (name for holder in holders for name in holder.defined_names.values()):
        if name.attr_text:
            name.attr_text = change(f"={name.attr_text}", "")[1:]


def _change_cells(worksheet: Any, stored: StoredValues, change: Change) -> None:
    for cell in worksheet._cells.values():
        if cell.data_type != "f":
            continue
        if isinstance(cell.value, ArrayFormula):
            cell.value.text = change(cell.value.text or "", worksheet.title)
        elif isinstance(cell.value, str):
            new = change(cell.value, worksheet.title)
            if new != cell.value:
                stored.reword(cell, new)


def _rule_formulas(worksheet: Any) -> Iterator[tuple[Any, str]]:
    """Yield where the formulas of validations stand, and the limits of colour scales, bars and icons."""
    for validation in worksheet.data_validations.dataValidation:
        yield from ((validation, name) for name in ("formula1", "formula2"))
    for rule in _rules(worksheet):
        for each in filter(None, (rule.colorScale, rule.dataBar, rule.iconSet)):
            yield from ((limit, "val") for limit in each.cfvo if limit.type == "formula")


def _rules(worksheet: Any) -> Iterator[Any]:
    for cells in worksheet.conditional_formatting:
        yield from cells.rules


def _change_text(holder: Any, name: str, change: Change, title: str) -> None:
    text = getattr(holder, name)
    if isinstance(text, str) and text:
        setattr(holder, name, change(f"={text}", title)[1:])


def _change_those_with(word: str, workbook: Workbook, stored: StoredValues, change: Callable[[str], str]) -> None:
    """Change the references of formulas in which a word stands; the others need not be taken apart."""
    folded = word.casefold()

    def changed(formula: str, _: str) -> str:
        return change_references(formula, change) if folded in formula.casefold() else formula

    change_formulas(workbook, stored, changed)


# Sheets -----------------------------------------------------------------------------------------------------------


def retitle_sheet(workbook: Workbook, stored: StoredValues, old: str, new: str | None) -> None:
    """Let formulas refer to a sheet by its new title; to one that is removed they have lost their references."""

    def change(reference: str) -> str:
        title, address = split_address(reference)
        if title.casefold() != old.casefold():
            return reference
        return LOST if new is None else f"{quote_title(new)}!{address}"

    _change_those_with(old.replace("'", "''"), workbook, stored, change)


# Tables -----------------------------------------------------------------------------------------------------------


def rename_table(workbook: Workbook, stored: StoredValues, old: str, new: str | None) -> None:
    """Let formulas refer to a table by its new name; to one that is removed they have lost their references."""

    def change(reference: str) -> str:
        name, bracket, rest = reference.partition("[")
        if name.casefold() != old.casefold():
            return reference
        return LOST if new is None else f"{new}{bracket}{rest}"

    _change_those_with(old, workbook, stored, change)


def rename_columns(
    workbook: Workbook, stored: StoredValues, table: str, columns: Sequence[str], names: Mapping[str, str | None]
) -> None:
    """Let formulas refer to the columns of a table by their new headings.

    Parameters
    ----------
    workbook : the openpyxl workbook
    stored : the values of its formulas
    table : the name of the table
    columns : the headings as they were, from left to right
    names : the new heading of each; None for a column that is removed
    """

    def change(reference: str) -> str:
        return rename_column_in(reference, table, columns, names)

    _change_those_with(table, workbook, stored, change)


def rename_column_in(reference: str, table: str, columns: Sequence[str], names: Mapping[str, str | None]) -> str:
    """Return a reference to columns of a table as it reads with other headings.

    >>> rename_column_in("T[[#This Row],[v]]", "T", ["v", "w"], {"v": "new", "w": "w"})
    'T[[#This Row],[new]]'
    >>> rename_column_in("T[[u]:[w]]", "T", ["u", "v", "w"], {"u": "u", "v": "v", "w": None})
    'T[[u]:[v]]'
    >>> rename_column_in("T[v]", "T", ["v", "w"], {"v": None, "w": "w"})
    '#REF!'
    """
    found = _STRUCTURED.fullmatch(reference)
    if found is None or found[1].casefold() != table.casefold():
        return reference
    inner = found[2]
    this_row = inner.startswith("@")
    parts = list(_PART.findall(inner)) or [inner.removeprefix("@")]
    special = [each for each in parts if each.startswith("#")]
    meant = [_plain(each) for each in parts if each and not each.startswith("#")]
    order = [each.casefold() for each in columns]
    if not meant or any(each.casefold() not in order for each in meant):
        return reference
    ends = [order.index(each.casefold()) for each in meant]
    left = [new for each in columns[min(ends) : max(ends) + 1] if (new := names.get(each, each)) is not None]
    if not left:
        return LOST
    shown = [f"[{written_heading(each)}]" for each in dict.fromkeys((left[0], left[-1]))]
    listed = ",".join([*(f"[{each}]" for each in special), ":".join(shown)])
    if special or len(shown) > 1 or (this_row and not left[0].isalnum()):
        return f"{found[1]}[{'@' * this_row}{listed}]"
    return f"{found[1]}[{'@' * this_row}{listed[1:-1]}]"


def written_heading(heading: str) -> str:
    """Return a heading as a reference writes it, with an apostrophe before what has a meaning there.

    >>> written_heading("share [%] of #1")
    "share '[%'] of '#1"
    """
    return _MARKED.sub(r"'\1", heading)


def _plain(heading: str) -> str:
    return re.sub("'(.)", r"\1", heading)
