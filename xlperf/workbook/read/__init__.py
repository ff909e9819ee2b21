"""From a workbook, or from foreign files, to tables that remember their cells.

Nouns: a ``Book``, a heading and the column that it means, an import of foreign rows.

How headings are found goes into ``headers``, a shape of foreign tables into ``importing`` and its neighbours.
"""
