"""Workbooks made from a template: compiled once, rendered for each recipient.

Nouns: a template with placeholders, its model, a context (what goes into one copy), a copy.

What a placeholder may be goes into ``compile``, how it is filled into ``render``.
"""
