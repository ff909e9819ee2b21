"""Kept for workbooks that were made before the buttons moved to ``xlperf.addin``: their VBA calls these names."""
