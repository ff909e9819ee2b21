"""The tables that people look at: output sheets, dashboards, scorecards, forms and reports; not yet files.

Nouns: an output table, a dashboard with the rows behind its figures, a scorecard for a recipient, a form, a report.

What is shown changes here; how it looks in a file changes in ``workbook.write``. A form goes into ``forms``, a report
into ``reports``, a mark that a template may use into ``placeholders``.
"""
