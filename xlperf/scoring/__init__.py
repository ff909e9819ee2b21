"""The steps from tables to results, and the pipeline that takes them in order: no files, no Excel, no clock.

Nouns: an ``Appraisal``, the facts, points and totals of people and units (matrices of people by indicator), a pool, a
result row. Steps do not import each other; ``pipeline`` puts them together, a module for each stage. What they share
lies beside them, and so does what puts some of them together for the pipeline: ``ranking`` (pools, distribution,
grades), ``unit_scores``, ``result_rows``.

A change of one step goes into its module and into its twin in ``workbook.formulas``; a doubt about the input becomes a
problem in ``data_quality``; a new column of results is filled in ``result_rows``.
"""
