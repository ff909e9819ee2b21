"""Native formulas: what a run computes, said in Excel's own functions that point to the cells where HR decides.

A change of a weight, a target, a bound, a share or a score on the sheet is followed at once. Only functions are used
that every spreadsheet application knows since 2010, no table names, no names of our own. Each formula cell carries the
run's own figure as its stored result. What a formula cannot say exactly stays a value, and the run record says why.

Nouns: a writer (one for a file), formula cells, the way (native or worksheet functions). A step of scoring that
changes has its twin here, mostly under its name; points and weights are in ``detail``, dimensions, totals, places and
grades of people in ``results``, quotas in ``ranking``, the formulas of single rules in ``policy.rules.formulas``.
"""

from xlperf.workbook.formulas.formula_cells import Formulas, Summary
from xlperf.workbook.formulas.formula_writer import FormulaWriter, Way

__all__ = ["FormulaWriter", "Formulas", "Summary", "Way"]
