"""Reads sheets of a workbook as whole columns of raw cells, and refuses what is not safe to read."""
