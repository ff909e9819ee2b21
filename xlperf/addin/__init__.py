"""xlperf inside Excel and LibreOffice Calc: one registry of worksheet functions, and what is made from it.

Nouns: a worksheet function, a macro and its button (an action), the VBA project, the ribbon.

A function goes into ``functions``, a button into ``actions`` and ``macros``; VBA, ribbon, LibreOffice add-in and the
reference are made from these.
"""
