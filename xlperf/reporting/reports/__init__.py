"""The reports on clients and work, by department and by client manager: what was done, in figures that reconcile.

Every report has the same shape: a block for each group of rows of its sheet (a kind of task, a reason for loss), in
each block a line for each department or person, subtotals, a line for the rows that belong to nobody, and the total of
all rows. Counts and amounts are summed, and a rate is a sum over a sum. What counts as what is said by the indicators
of the scheme where it has them: which fields a profile needs, who is lost, which tasks are due, whose a row is.

Nouns: a report, a block, a line, a measure. A new report is a topic in ``client_reports`` or ``work`` and an entry in
``REPORTS``.
"""

from xlperf.reporting.reports.filling import REPORTS, ReportKind, fill_reports, find_report
from xlperf.reporting.reports.measures import Block, Chart, Kind, Level, Measure, Report, Topic

__all__ = [
    "REPORTS",
    "Block",
    "Chart",
    "Kind",
    "Level",
    "Measure",
    "Report",
    "ReportKind",
    "Topic",
    "fill_reports",
    "find_report",
]
