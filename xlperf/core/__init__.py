"""Numbers, money, periods, words and problems: what every layer above is made of.

Knows nothing of workbooks or schemes.
"""
