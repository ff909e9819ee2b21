"""What HR decides: scheme, rules, conditions, calendars, who may see what; and whether all of it is sound.

Nouns: a ``Scheme`` and its records (``Indicator``, ``Grade``, ``Outcome`` …), a scoring ``Rule``, a condition, a role.

A rule goes into ``rules``, a word of the condition language into ``conditions``, a record of a policy sheet into
``scheme``, a scheme that ships into ``schemes``, a check of the scheme into ``validation``, who may see what into
``access``.
"""
