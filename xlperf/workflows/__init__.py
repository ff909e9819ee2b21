"""The use cases, each once: what a command, a button and a Python program call.

A workflow is a function of a workbook and options. It gives a frozen result with its problems, or a :class:`Refusal`
with the problems that forbid going on; then nothing was written. It never prints, asks or exits, and raises nothing for
what stands in a workbook or for a file that cannot be written.

Nouns: a *result* (``result.py``), and a *store*, which is where the workbook stands: a file, or a workbook that is
open in Excel (``store.py``). Where somebody has to confirm first, a workflow has a step that plans and one that does.
A new use case is a module here, one function in it, and a line in ``xlperf/__init__.py``.
"""
