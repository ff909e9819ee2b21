"""The names that a workbook and its sheets define."""

from __future__ import annotations

from typing import Any

from openpyxl.workbook import Workbook
from openpyxl.workbook.defined_name import DefinedName
from xlwings import base_classes

from xlperf.xlwings_engine.addresses import split_address
from xlperf.xlwings_engine.cells import AnySheet
from xlperf.xlwings_engine.formula_syntax import to_shown_formula, to_stored_formula
from xlperf.xlwings_engine.interfaces import BookOwner
from xlperf.xlwings_engine.limits import check_name


class Names(base_classes.Names):
    """The names that a book or one of its sheets defines; those of sheets bear the title of the sheet before them."""

    def __init__(self, book: BookOwner, worksheet: AnySheet | None = None) -> None:
        self.book, self.worksheet = book, worksheet

    @property
    def api(self) -> Any:
        """The names as openpyxl keeps them."""
        return (self.worksheet or self.book.workbook).defined_names

    def known(self) -> list[Name]:
        """Return the names in the order of the alphabet."""
        owners = [self.worksheet] if self.worksheet is not None else [None, *self.book.workbook.worksheets]
        found = [
            Name(self.book, owner, name)
            for owner in owners
            for name in (self.book.workbook if owner is None else owner).defined_names
        ]
        return sorted(found, key=lambda each: each.name.lower())

    def __call__(self, name_or_index: int | str) -> Name:
        """Return a name by its place, from 1, or as it is written."""
        known = self.known()
        if isinstance(name_or_index, int):
            return known[name_or_index - 1]
        for each in known:
            if name_or_index.lower() in (each.name.lower(), each.key.lower()):
                return each
        raise KeyError(name_or_index)

    def visible_from(self, worksheet: AnySheet, word: str) -> Name | None:
        """Return the name that a word means on a sheet: its own, else that of the book; others bear their title."""
        known = [each for each in self.known() if word.lower() in (each.name.lower(), each.key.lower())]
        known = [each for each in known if each.worksheet in (None, worksheet) or each.name.lower() == word.lower()]
        return next((each for each in known if each.worksheet is not None), next(iter(known), None))

    def contains(self, name_or_index: int | str) -> bool:
        """Whether there is such a name."""
        try:
            self(name_or_index)
        except (KeyError, IndexError):
            return False
        return True

    def __len__(self) -> int:
        return len(self.known())

    def add(self, name: str, refers_to: str) -> Name:
        """Define a name, of the whole book or, as ``Sheet1!name``, of one sheet."""
        title, key = split_address(name)
        check_name(key)
        owner = self.book.workbook[title] if title else self.worksheet
        if owner is None and key.casefold() in names_of_tables(self.book.workbook):
            raise ValueError(f"'{key}' is already the name of a table")
        holder = self.book.workbook if owner is None else owner
        holder.defined_names[key] = DefinedName(key, attr_text=_definition(refers_to))
        return Name(self.book, owner, key)


def _definition(refers_to: str) -> str:
    """Return what a name stands for as a file stores it, without the sign of equality."""
    return to_stored_formula("=" + str(refers_to).removeprefix("="))[1:]


def names_of_tables(workbook: Workbook) -> set[str]:
    """Return the names of all tables of a workbook in lower case, as Excel compares them."""
    return {str(each.displayName).casefold() for worksheet in workbook.worksheets for each in worksheet.tables.values()}


class Name(base_classes.Name):
    """A defined name."""

    def __init__(self, book: BookOwner, worksheet: AnySheet | None, key: str) -> None:
        self.book, self.worksheet, self.key = book, worksheet, key

    @property
    def api(self) -> Any:
        """The name as openpyxl keeps it."""
        return self._names[self.key]

    @property
    def _names(self) -> Any:
        return (self.worksheet or self.book.workbook).defined_names

    @property
    def name(self) -> str:
        """The name, with the title of its sheet where it belongs to one."""
        return self.key if self.worksheet is None else f"{self.worksheet.title}!{self.key}"

    @name.setter
    def name(self, value: str) -> None:
        refers_to, key = self.refers_to, check_name(split_address(value)[1])
        self.delete()
        self.key = key
        self._names[self.key] = DefinedName(self.key, attr_text=_definition(refers_to))

    @property
    def refers_to(self) -> str:
        """What it stands for, as a formula."""
        return to_shown_formula(f"={self.api.attr_text}")

    @refers_to.setter
    def refers_to(self, value: str) -> None:
        self.api.attr_text = _definition(value)

    @property
    def refers_to_range(self) -> Any:
        """The cells it stands for."""
        title, address = split_address(str(self.api.attr_text))
        return self.book.sheets(title).range(address)

    def delete(self) -> None:
        """Remove the name."""
        del self._names[self.key]
