"""Workbook files as packages of parts: what xlperf does not change is carried over byte by byte."""
