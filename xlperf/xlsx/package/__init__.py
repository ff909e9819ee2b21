"""Workbook files as packages of parts: what xlperf does not change is carried over byte by byte.

Nouns: a part (one member of the zip file), a relation between parts, the frame of a sheet around its rows.

One module for each kind of part; a change of a kind of part goes into its module.
"""
