"""The words of the workbook: its sheets, headings and the words that may stand in a cell, in Chinese and English.

One table serves the reader, the templates, the condition language, the messages and the documentation. Headings are
accepted in either language, under any synonym listed here, in any order.

Nouns: a ``Sheet``, a ``Column``, a ``Table`` of typed columns that remember their cells, a setting.

A column is one line in the module of its sheet's role, a switch on Home a line in ``settings``, a kind of cell goes into
``coercion``.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from xlperf.core.problems import Text
from xlperf.core.vocabulary import fold
from xlperf.schema.columns import Column, Kind, Role, Sheet
from xlperf.schema.input_sheets import INPUT, ORIGIN
from xlperf.schema.policy_sheets import POLICY
from xlperf.schema.result_sheets import OUTPUT

__all__ = [
    "ESSENTIAL",
    "HIDDEN",
    "LOGS",
    "ORIGIN",
    "OWNER_COLUMNS",
    "RULES_TITLE",
    "SHEETS",
    "SOURCE_SHEETS",
    "WEIGHT_CHECK",
    "WEIGHT_CHECK_COLUMNS",
    "ZERO_IF_BLANK",
    "Column",
    "Kind",
    "Role",
    "Sheet",
    "find_sheet",
    "sheets_of",
]

RULES_TITLE = Text("规则说明", "Rules")  # of the sheet that explains the scoring rules; it is never read
WEIGHT_CHECK = Text("权重核对", "Check of weights")  # of the cells beside the Indicators, which are never read
WEIGHT_CHECK_COLUMNS = 4
SHEETS: dict[str, Sheet] = {sheet.code: sheet for sheet in (*POLICY, *INPUT, *OUTPUT)}
LOGS = frozenset({"calibration_log", "policy_log", "policy_basis"})  # records of what was done: no figure rests on them
ESSENTIAL = {  # the columns of a sheet that stand first and are printed; the others are a group, closed at first
    "indicators": (
        *("code", "name", "name_en", "dimension", "weight", "target", "unit", "rule", "parameters", "source"),
        "scored",
    )
}
HIDDEN = frozenset(
    {"figures", "policy_basis"}
)  # sheets that a run writes for others to look up, and nobody needs to see
ZERO_IF_BLANK = frozenset({"hold_days"})  # columns whose empty cell says that there are none, not that nobody counted

SOURCE_SHEETS: dict[str, str] = {
    "clients": "clients",
    "tasks": "tasks",
    "checks": "checks",
    "absences": "absences",
    "ratings": "ratings",
    "survey": "actuals",
    "finance": "actuals",
    "actuals": "actuals",
    "indicators": "actuals",  # computed from other indicators: no row of Actuals is theirs
}
OWNER_COLUMNS: dict[str, str] = {
    "clients": "owner_id",
    "tasks": "owner_id",
    "checks": "employee_id",
    "absences": "employee_id",
    "ratings": "employee_id",
    "actuals": "employee_id",
    "adjustments": "employee_id",
    "history": "employee_id",
}


def sheets_of(role: Role) -> Iterable[Sheet]:
    """Return the sheets that HR decides (policy), fills (input) or reads (output), in workbook order."""
    return (sheet for sheet in SHEETS.values() if sheet.role == role)


def find_sheet(title: str) -> Sheet | None:
    """Return the sheet that a title means, in either language or by a synonym.

    >>> find_sheet("员工花名册").code
    'employees'
    """
    return _by_title().get(fold(title))


@cache
def _by_title() -> dict[str, Sheet]:
    sheets = reversed(SHEETS.values())  # of two with the same title the first one counts
    return {fold(word): sheet for sheet in sheets for word in (sheet.code, *sheet.title, *sheet.synonyms)}
