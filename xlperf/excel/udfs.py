"""The old name of :mod:`xlperf.addin.udfs`, which the VBA of older workbooks calls."""

from xlperf.addin.udfs import *  # noqa: F403
