"""From results to sheets of a workbook; whatever else the workbook holds stays as it was.

Nouns: a table sheet, a style, a template, the results of a run.

The look of cells goes into ``style``, the layout of a page into the module that is named like it.
"""
