"""Between the appraisal and the workbook: reading, writing, native formulas, facts from outside.

Nouns: a ``Book`` (a workbook as read), an area of cells on a sheet, a fact source, the writer of formulas.

A heading that is not recognised goes into ``read``, the look of a sheet into ``write``, a computed cell as an Excel
formula into ``formulas``, a database or file type into ``sources``. What knows no word of appraisal goes into ``xlsx``.
"""
