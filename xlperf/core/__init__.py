"""Numbers, money, periods, words and problems: what every layer above is made of.

Knows nothing of workbooks or schemes.

Nouns: a ``Problem`` (a finding in two languages, its text in ``messages.toml``), a ``Period`` and its calendar, an
``Interval``, a ``Text`` in Chinese and English.

A new message goes into ``messages.toml``, a word that may stand in a cell into ``vocabulary``, another way of writing a
number or a date into ``numbers``, a kind of period into ``periods``.
"""
