"""xlperf inside Excel and LibreOffice Calc: one registry of worksheet functions, and what is made from it."""
