"""Lists that a cell can be filled from. Other rules of validation are kept as the file has them, and told apart."""

from __future__ import annotations

from typing import Any

from openpyxl.worksheet.datavalidation import DataValidation as Rule
from xlwings import base_classes

from xlperf.xlwings_engine.addresses import quote_title, read_places, subtract_place
from xlperf.xlwings_engine.block import Block
from xlperf.xlwings_engine.limits import check_list

_TYPES = {"whole": "whole_number", "textLength": "text_length"}


class DataValidation(base_classes.DataValidation):
    """What may be typed into the cells of a range."""

    def __init__(self, block: Block) -> None:
        self._block = block

    @property
    def api(self) -> Any:
        """The rule of the first cell as openpyxl keeps it, if it has one."""
        place = self._block.place
        return next((each for each in self._rules if _covers(each, place.top, place.left)), None)

    @property
    def _rules(self) -> list[Any]:
        return list(self._block.worksheet.data_validations.dataValidation)

    @property
    def type(self) -> str:
        """What kind of rule it is."""
        rule = self.api
        return "none" if rule is None else _TYPES.get(rule.type, rule.type)

    @property
    def source(self) -> str | None:
        """Where the list stands, or its words."""
        return str(self.api.formula1) if self.type == "list" else None

    @property
    def in_cell_dropdown(self) -> bool | None:
        """Whether the list can be opened in the cell; the file says the opposite."""
        return not self.api.showDropDown if self.type == "list" else None

    def set_list(self, source: Any, in_cell_dropdown: bool) -> None:
        """Offer the cells of a range, of a name, or some words."""
        if hasattr(source, "place"):
            formula = f"{quote_title(source.sheet.name)}!{source.place.address()}"
        elif hasattr(source, "refers_to"):
            formula = source.name
        else:
            formula = '"' + check_list(source).replace('"', '""') + '"'
        self.delete()
        rule = Rule("list", formula1=formula, sqref=self._block.place.address(False, False), allow_blank=True)
        rule.showErrorMessage, rule.showDropDown = True, not in_cell_dropdown
        self._block.worksheet.add_data_validation(rule)

    def delete(self) -> None:
        """Let anything be typed."""
        place, listed = self._block.place, self._block.worksheet.data_validations
        kept = []
        for rule in self._rules:
            left = [piece for each in read_places(rule.sqref) for piece in subtract_place(each, place)]
            if left:
                rule.sqref = " ".join(piece.address(False, False) for piece in left)
                kept.append(rule)
        listed.dataValidation = kept


def _covers(rule: Any, row: int, column: int) -> bool:
    return any(place.holds(row, column) for place in read_places(rule.sqref))
