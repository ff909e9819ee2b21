"""xlperf inside Excel and LibreOffice Calc: the macros behind the buttons, and how each of them calls the functions.

Nouns: a macro, a desk (the open workbook and who sits before it), an installation.

A macro calls one workflow on the workbook that is open, and shows what it gives; it has no logic of its own.
"""
