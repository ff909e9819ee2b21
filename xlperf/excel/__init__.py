"""Kept for workbooks that were made before the buttons moved to ``xlperf.addin``: their VBA calls these names.

No nouns of its own, and nothing to change here.
"""
