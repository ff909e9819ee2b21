"""A general toolkit for OOXML workbooks: reading, lossless editing, templates, saving. Knows no word of appraisal.

Nouns: a grid of raw cells (``reader``), a package of parts (``package``), a template and its copies (``template``).

What a file may hold and how it is read goes into ``reader``, how a part is changed without losing anything into
``package``, how copies are made into ``template``; saving, passwords and PDF lie beside them.
"""
