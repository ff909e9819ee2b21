"""xlperf: performance appraisal in Excel, with the same numbers headless.

workbook → tables → facts → points → totals → grades → places under the quotas → lists → workbook. ``read_book``
reads a workbook, ``appraise`` does the journey and ``write_book`` writes the results; ``xlperf.appraisal`` tells it on
one screen.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xlperf.appraisal import Appraisal, appraise
    from xlperf.books.editing import edit_book
    from xlperf.books.reading import Book, read_book
    from xlperf.books.results import write_book
    from xlperf.explain import explain
    from xlperf.problems import Problem
    from xlperf.schemes import load
    from xlperf.tables import Table, table_of

__version__ = "0.1.0"
__all__ = [
    "Appraisal",
    "Book",
    "Problem",
    "Table",
    "appraise",
    "edit_book",
    "explain",
    "load",
    "read_book",
    "table_of",
    "write_book",
]
_HOMES = {
    "Appraisal": "appraisal",
    "Book": "books.reading",
    "Problem": "problems",
    "Table": "tables",
    "appraise": "appraisal",
    "edit_book": "books.editing",
    "explain": "explain",
    "load": "schemes",
    "read_book": "books.reading",
    "table_of": "tables",
    "write_book": "books.results",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used: the package itself loads nothing heavy."""
    if name not in _HOMES:
        raise AttributeError(f"module 'xlperf' has no attribute {name!r}")
    return getattr(import_module(f"xlperf.{_HOMES[name]}"), name)
