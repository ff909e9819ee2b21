"""What is asked of results: explanation, evaluation of a scheme, what-if, differences between periods.

Nouns: a derivation (``explain``), a ``Finding`` of an evaluation with its advice, a change between two appraisals.

A new question about the scheme goes into ``evaluation``, its words into ``findings.toml``, its figures into
``statistics``; a cause of a changed result into ``diff``; what can be varied into ``whatif``.
"""
