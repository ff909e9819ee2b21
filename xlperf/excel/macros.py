"""The old name of :mod:`xlperf.addin.macros`, which the VBA of older workbooks calls."""

from xlperf.addin.macros import *  # noqa: F403
