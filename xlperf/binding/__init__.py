"""What ties a workbook to xlperf: one registry of worksheet functions, and the macro workbook that is made from it.

Nouns: a worksheet function, an action and its button, the VBA project, the ribbon.

A function goes into ``functions``, a button into ``actions`` (and its macro into ``xlperf.addin.macros``); VBA, ribbon,
the reference and the LibreOffice add-in are made from these.
"""
