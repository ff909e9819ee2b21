"""Reads sheets of a workbook as whole columns of raw cells, and refuses what is not safe to read.

Nouns: a ``Grid`` of raw columns, a cell tag, a shared string.

What is refused goes into ``safety``, a kind of stored value into ``decode_values``, a number format into
``decode_styles``.
"""
