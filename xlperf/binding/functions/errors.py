"""Errors of worksheet functions as values: the code that the cell shows, and the reason in words."""

from __future__ import annotations

import re
from typing import Any

from xlperf.core.problems import LANGUAGES, Problem, Text

NOT_AVAILABLE, WRONG_VALUE = "#N/A", "#VALUE!"
ERROR_CELL = re.compile(r"#(N/A|[A-Z0-9_/]+[!?])")


class ExcelError(Exception):
    """An error value: ``code`` is what the cell shows, ``problem`` why; each binding maps it to its own error type."""

    def __init__(self, code: str, problem: Problem) -> None:
        super().__init__(code, problem)
        self.code = code
        self.problem = problem

    def __str__(self) -> str:
        return f"{self.code} {self.reason.en}"

    @property
    def reason(self) -> Text:
        """What is wrong, what was expected and what to do."""
        parts = (self.problem.found, self.problem.expected, self.problem.remedy)
        return Text(*(" ".join(part(lang) for part in parts) for lang in LANGUAGES))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ExcelError) and (self.code, self.problem) == (other.code, other.problem)

    def __hash__(self) -> int:
        return hash((self.code, self.problem.code))


def wrong(code: str, /, **details: object) -> ExcelError:
    """Return the error of an argument that cannot be used: #VALUE! with a message of the catalogue."""
    return ExcelError(WRONG_VALUE, Problem(code, details=details))


_last: list[ExcelError] = []


def remember(error: ExcelError) -> None:
    """Keep the error for whoever asks for the last one."""
    _last[:] = [error]


def last_error() -> ExcelError | None:
    """Return the error of the latest call that had one."""
    return _last[-1] if _last else None


def with_codes(result: Any) -> Any:
    """Return the cells of a result with the codes of its errors: what is handed to a program that shows cells.

    >>> with_codes([[90.0], [wrong("function-lacks", argument="full")]])
    [[90.0], ['#VALUE!']]
    """
    if isinstance(result, list):
        return [[with_codes(cell) for cell in row] for row in result]
    return result.code if isinstance(result, ExcelError) else result
