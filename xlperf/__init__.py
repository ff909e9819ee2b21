"""xlperf: performance appraisal in Excel, with the same numbers headless.

workbook → tables → facts → points → totals → ranks → grades → lists → workbook. ``read_book`` reads a workbook,
``appraise`` takes the steps, ``write_book`` writes the results; ``xlperf.scoring.pipeline`` has them on one screen.

Nouns: the public names below; every folder has its own. Layers and the places of changes: docs/architecture.md.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from xlperf.core.version import __version__ as __version__

if TYPE_CHECKING:
    from xlperf.analysis.explain import explain
    from xlperf.core.problems import Problem
    from xlperf.policy.schemes import load
    from xlperf.schema.tables import Table, table_of
    from xlperf.scoring.pipeline import Appraisal, appraise
    from xlperf.workbook.read.book import Book, read_book
    from xlperf.workbook.write.edit_cells import edit_book
    from xlperf.workbook.write.results import write_book

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
    "Appraisal": "scoring.pipeline",
    "Book": "workbook.read.book",
    "Problem": "core.problems",
    "Table": "schema.tables",
    "appraise": "scoring.pipeline",
    "edit_book": "workbook.write.edit_cells",
    "explain": "analysis.explain",
    "load": "policy.schemes",
    "read_book": "workbook.read.book",
    "table_of": "schema.tables",
    "write_book": "workbook.write.results",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used: the package itself loads nothing heavy."""
    if name == "engine":
        return import_module("xlperf.xlwings_engine")
    if name not in _HOMES:
        raise AttributeError(f"module 'xlperf' has no attribute {name!r}")
    return getattr(import_module(f"xlperf.{_HOMES[name]}"), name)
