"""xlperf: performance appraisal in Excel, with the same numbers headless.

What a command or a button does, a function of the same name does: ``xlperf.run("team.xlsx")`` appraises a workbook and
gives a result with its problems; what cannot be done is a result too, whose ``refused`` is true. Beneath them,
``read_book`` reads a workbook, ``appraise`` scores and ranks, and ``write_book`` writes the results;
``xlperf.scoring.pipeline`` shows that on one screen.

Nouns: the public names below; every folder has its own. Layers and the places of changes: docs/architecture.md.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from xlperf.core.version import __version__ as __version__

if TYPE_CHECKING:
    from xlperf.core.problems import Problem
    from xlperf.policy.schemes import load
    from xlperf.schema.tables import Table, table_of
    from xlperf.scoring.pipeline import Appraisal, appraise
    from xlperf.workbook.read.book import Book, read_book
    from xlperf.workbook.write.edit_cells import edit_book
    from xlperf.workbook.write.results import write_book
    from xlperf.workflows.appraise_book import check, explain, run, run_if_changed, verify
    from xlperf.workflows.begin_book import begin, write_questionnaire
    from xlperf.workflows.begin_period import begin_period, plan_period, roll
    from xlperf.workflows.book_status import status
    from xlperf.workflows.calibrate_grades import calibrate
    from xlperf.workflows.collect_forms import collect
    from xlperf.workflows.compare_books import diff
    from xlperf.workflows.create_book import demo, new
    from xlperf.workflows.decide_appeals import appeal_forms, appeals
    from xlperf.workflows.evaluate_scheme import evaluate
    from xlperf.workflows.export_tables import export
    from xlperf.workflows.fill_forms import forms
    from xlperf.workflows.fill_reports import reports
    from xlperf.workflows.freeze_values import freeze
    from xlperf.workflows.generate_tasks import tasks
    from xlperf.workflows.import_tables import import_files
    from xlperf.workflows.month_end import month_end
    from xlperf.workflows.publish_files import publish
    from xlperf.workflows.result import Refusal, Result
    from xlperf.workflows.sheet_catalogue import add, sheets
    from xlperf.workflows.start_from_table import new_from_table
    from xlperf.workflows.study_policy import normalise_weights, weights, whatif
    from xlperf.workflows.write_reminders import reminders

__all__ = [
    "Appraisal",
    "Book",
    "Problem",
    "Refusal",
    "Result",
    "Table",
    "add",
    "appeal_forms",
    "appeals",
    "appraise",
    "begin",
    "begin_period",
    "calibrate",
    "check",
    "collect",
    "demo",
    "diff",
    "edit_book",
    "evaluate",
    "explain",
    "export",
    "forms",
    "freeze",
    "import_files",
    "load",
    "month_end",
    "new",
    "new_from_table",
    "normalise_weights",
    "plan_period",
    "publish",
    "read_book",
    "reminders",
    "reports",
    "roll",
    "run",
    "run_if_changed",
    "sheets",
    "status",
    "table_of",
    "tasks",
    "verify",
    "weights",
    "whatif",
    "write_book",
    "write_questionnaire",
]
_HOMES = {
    "Appraisal": "scoring.pipeline",
    "Book": "workbook.read.book",
    "Problem": "core.problems",
    "Refusal": "workflows.result",
    "Result": "workflows.result",
    "Table": "schema.tables",
    "add": "workflows.sheet_catalogue",
    "appeal_forms": "workflows.decide_appeals",
    "appeals": "workflows.decide_appeals",
    "appraise": "scoring.pipeline",
    "begin": "workflows.begin_book",
    "begin_period": "workflows.begin_period",
    "calibrate": "workflows.calibrate_grades",
    "check": "workflows.appraise_book",
    "collect": "workflows.collect_forms",
    "demo": "workflows.create_book",
    "diff": "workflows.compare_books",
    "edit_book": "workbook.write.edit_cells",
    "evaluate": "workflows.evaluate_scheme",
    "explain": "workflows.appraise_book",
    "export": "workflows.export_tables",
    "forms": "workflows.fill_forms",
    "freeze": "workflows.freeze_values",
    "import_files": "workflows.import_tables",
    "load": "policy.schemes",
    "month_end": "workflows.month_end",
    "new": "workflows.create_book",
    "new_from_table": "workflows.start_from_table",
    "normalise_weights": "workflows.study_policy",
    "plan_period": "workflows.begin_period",
    "publish": "workflows.publish_files",
    "read_book": "workbook.read.book",
    "reminders": "workflows.write_reminders",
    "reports": "workflows.fill_reports",
    "roll": "workflows.begin_period",
    "run": "workflows.appraise_book",
    "run_if_changed": "workflows.appraise_book",
    "sheets": "workflows.sheet_catalogue",
    "status": "workflows.book_status",
    "table_of": "schema.tables",
    "tasks": "workflows.generate_tasks",
    "verify": "workflows.appraise_book",
    "weights": "workflows.study_policy",
    "whatif": "workflows.study_policy",
    "write_book": "workbook.write.results",
    "write_questionnaire": "workflows.begin_book",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used: the package itself loads nothing heavy."""
    if name == "engine":
        return import_module("xlperf.xlwings_engine")
    if name not in _HOMES:
        raise AttributeError(f"module 'xlperf' has no attribute {name!r}")
    return getattr(import_module(f"xlperf.{_HOMES[name]}"), name)
